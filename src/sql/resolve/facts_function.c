/* What the facts know of functions: PostgreSQL's from its table, those of others by a few names and by what is known to
 * be harmless. */
#include <string.h>
#include <strings.h>

#include "sql/effects.h"
#include "sql/functions.h"
#include "sql/resolve/facts_function.h"

static bool is_one_of(const char *const *names, struct so_text name)
{
	for (; *names; names++)
		if (strlen(*names) == name.len && strncasecmp(*names, name.s, name.len) == 0)
			return true;
	return false;
}

static struct so_text name_of(const struct so_ast *ast, const struct so_n_func *func)
{
	return so_ast_name(ast, func->name);
}

/* In PostgreSQL without a schema, or with pg_catalog's. */
static bool is_own(const struct so_ast *ast, const struct so_n_func *func)
{
	if (!func->qualifier)
		return true;
	return so_ast_kind(ast, func->qualifier) == SO_N_NAME &&
	       so_ast_name_is(ast, so_as_name(ast, func->qualifier)->name, "pg_catalog");
}

static bool find(const struct so_ast *ast, const struct so_n_func *func, struct so_builtin *builtin)
{
	return ast->dialect == SO_POSTGRESQL && is_own(ast, func) && so_builtin_find(name_of(ast, func), builtin);
}

static bool is_min_or_max(struct so_text name)
{
	static const char *const names[] = { "min", "max", NULL };

	return is_one_of(names, name);
}

bool so_fact_is_aggregate(const struct so_ast *ast, const struct so_n_func *func)
{
	static const char *const common[] = { "count", "sum", "avg", NULL };
	static const char *const my[] = { "group_concat", "bit_and", "bit_or", "bit_xor", "std", "stddev", "stddev_pop",
		"stddev_samp", "var_pop", "var_samp", "variance", "json_arrayagg", "json_objectagg", NULL };
	static const char *const ts[] = { "count_big", "string_agg", "stdev", "stdevp", "var", "varp", "checksum_agg",
		"approx_count_distinct", NULL };
	static const char *const ora[] = { "listagg", "median", "stddev", "stddev_pop", "stddev_samp", "variance",
		"var_pop", "var_samp", "collect", "xmlagg", "json_arrayagg", "json_objectagg", "any_value",
		"stats_mode", NULL };
	static const char *const lite[] = { "group_concat", "total", "string_agg", "json_group_array",
		"json_group_object", "jsonb_group_array", "jsonb_group_object", NULL };
	static const char *const *const own[SO_DIALECT_MAX] = {
		[SO_MYSQL] = my, [SO_MARIADB] = my, [SO_TSQL] = ts, [SO_ORACLE] = ora, [SO_SQLITE] = lite
	};
	struct so_builtin builtin;
	struct so_text name = name_of(ast, func);

	if (func->over)
		return false;
	if (ast->dialect == SO_POSTGRESQL)
		return !func->qualifier && so_builtin_find(name, &builtin) && builtin.kind == 'a';
	if (func->qualifier)
		return false;
	/* max(a, b) of SQLite is none */
	return is_one_of(common, name) || is_one_of(own[ast->dialect], name) ||
	       (is_min_or_max(name) && func->args.count == 1);
}

bool so_fact_may_be_aggregate(const struct so_ast *ast, so_ref ref)
{
	static const char *const others[] = { "median", "percentile", "percentile_cont", "percentile_disc",
		"st_collect", "any_value", NULL };
	const struct so_n_func *func = so_as_func(ast, ref);

	if (func->over)
		return false;
	return so_fact_is_aggregate(ast, func) || is_one_of(others, name_of(ast, func)) ||
	       so_call_effect(ast, ref) == SO_CALL_UNKNOWN;
}

bool so_fact_is_strict(const struct so_ast *ast, const struct so_n_func *func)
{
	static const char *const names[] = { "lower", "upper", "length", "len", "char_length", "abs", "ltrim", "rtrim",
		NULL };
	struct so_builtin builtin;

	if (func->syntax == SO_FS_COALESCE || func->over || func->qualifier)
		return false;
	if (ast->dialect == SO_POSTGRESQL)
		return so_builtin_find(name_of(ast, func), &builtin) && builtin.strict && builtin.kind == 'f';
	return func->syntax == SO_FS_CALL && func->args.count == 1 && is_one_of(names, name_of(ast, func));
}

const char *so_fact_result(const struct so_ast *ast, const struct so_n_func *func, struct so_expr_type arg)
{
	static const char *const texts[] = { "lower", "upper", "trim", "ltrim", "rtrim", "btrim", "concat", "substr",
		"substring", "replace", NULL };
	static const char *const lengths[] = { "length", "len", "char_length", "character_length", NULL };
	static const char *const same[] = { "abs", "coalesce", "ifnull", "nvl", "isnull", "nullif", "greatest", "least",
		NULL };
	static const char *const counts[SO_DIALECT_MAX] = { [SO_MYSQL] = "bigint",
		[SO_MARIADB] = "bigint",
		[SO_TSQL] = "int",
		[SO_ORACLE] = "numeric",
		[SO_SQLITE] = "bigint" };
	static const char *const count[] = { "count", NULL }, *const sum[] = { "sum", NULL },
				 *const avg[] = { "avg", NULL };
	struct so_text name = name_of(ast, func);
	enum so_dialect dialect = (enum so_dialect)ast->dialect;
	bool number = arg.type_class == SO_TYPE_INT || arg.type_class == SO_TYPE_NUMERIC;

	if (func->qualifier)
		return NULL;
	if (is_one_of(count, name))
		return counts[dialect];
	if (is_min_or_max(name) || is_one_of(same, name))
		return arg.name;
	if (is_one_of(texts, name))
		return "text";
	if (is_one_of(lengths, name))
		return counts[dialect];
	if (!is_one_of(sum, name) && !is_one_of(avg, name))
		return NULL;
	if (arg.type_class == SO_TYPE_FLOAT)
		return dialect == SO_TSQL || dialect == SO_ORACLE ? arg.name : "double precision";
	if (!number)
		return NULL;
	/* whole numbers stay whole: SQL Server's avg, too */
	if (dialect == SO_TSQL)
		return arg.name;
	if (dialect == SO_SQLITE)
		return is_one_of(avg, name) ? "real" : arg.type_class == SO_TYPE_INT ? "bigint" : NULL;
	return "numeric";
}

static char catalog_volatility(const struct so_catalog *catalog, const struct so_ast *ast, const struct so_n_func *func)
{
	struct so_text name = name_of(ast, func);
	bool folds = ast->dialect == SO_POSTGRESQL || ast->dialect == SO_ORACLE;
	char worst = 0;

	for (size_t i = 0; i < catalog->n_functions; i++) {
		const struct so_function *f = &catalog->functions[i];
		bool same = strlen(f->name) == name.len && (folds ? memcmp(f->name, name.s, name.len) == 0
								  : strncasecmp(f->name, name.s, name.len) == 0);

		if (same && f->volatility > worst)
			worst = f->volatility;
	}
	return worst;
}

static char other_volatility(const struct so_resolved *resolved, so_ref ref)
{
	/* harmless, but another value each time */
	static const char *const names[] = { "rand", "random", "randomblob", "random_bytes", "uuid", "uuid_short",
		"uuid_v4", "uuid_v7", "newid", "sys_guid", "last_insert_id", "row_count", "found_rows", "changes",
		"total_changes", "last_insert_rowid", "crypt_gen_random", "lastval", "scope_identity", "normal",
		"string", "sql_hash", "encryptbykey", "encryptbypassphrase", "encryptbycert", "encryptbyasymkey",
		"newsequentialid", "kdf", NULL };
	static const char *const sysdate[] = { "sysdate", NULL };
	const struct so_ast *ast = resolved->ast;
	const struct so_n_func *func = so_as_func(ast, ref);
	char known = catalog_volatility(resolved->catalog, ast, func);
	bool my = ast->dialect == SO_MYSQL || ast->dialect == SO_MARIADB;

	if (so_call_effect(ast, ref) == SO_CALL_EFFECT)
		return 'v';
	if (so_call_effect(ast, ref) == SO_CALL_UNKNOWN)
		return known ? known : 'v';
	/* MySQL's sysdate() is the time of the call */
	if (is_one_of(names, name_of(ast, func)) || (my && is_one_of(sysdate, name_of(ast, func))) ||
		(ast->dialect == SO_ORACLE && func->qualifier &&
			is_one_of((const char *const[]){ "value", NULL }, name_of(ast, func))))
		return 'v';
	return 's';
}

char so_fact_volatility(const struct so_resolved *resolved, so_ref ref)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_func *func = so_as_func(ast, ref);
	struct so_builtin builtin;
	char worst;

	if (func->syntax == SO_FS_VALUE || func->syntax == SO_FS_AT_LOCAL)
		return 's';
	if (func->syntax == SO_FS_NEXT_VALUE || func->syntax == SO_FS_METHOD || func->syntax == SO_FS_STATIC)
		return 'v';
	if (ast->dialect != SO_POSTGRESQL)
		return other_volatility(resolved, ref);
	if (func->syntax != SO_FS_CALL && !find(ast, func, &builtin))
		return 'i'; /* COALESCE and other forms of the grammar */
	worst = catalog_volatility(resolved->catalog, ast, func);
	if (find(ast, func, &builtin) && builtin.volatility > worst)
		worst = builtin.volatility;
	return worst ? worst : 'v';
}

static enum so_walk find_outer_plus(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	(void)arg;
	if (so_ast_kind(ast, ref) == SO_N_COLUMN && so_ast_has_flag(ast, ref, SO_NF_OUTER))
		return SO_WALK_STOP;
	return so_kind_is_query(so_ast_kind(ast, ref)) ? SO_WALK_SKIP : SO_WALK_ON;
}

bool so_fact_has_outer_plus(const struct so_ast *ast, so_ref expr)
{
	return ast->dialect == SO_ORACLE && expr && !so_ast_walk(ast, expr, find_outer_plus, NULL);
}
