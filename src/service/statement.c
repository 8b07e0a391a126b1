#include "service/statement.h"

#include <string.h>

#include "engine/engine.h"
#include "service/service.h"
#include "service/sql_text.h"
#include "sql/names.h"
#include "sql/values.h"

static const struct {
	const char *name;
	enum so_dialect dialect;
} dialects[] = {
	{ "postgresql", SO_POSTGRESQL },
	{ "mysql", SO_MYSQL },
	{ "mariadb", SO_MARIADB },
	{ "tsql", SO_TSQL },
	{ "oracle", SO_ORACLE },
	{ "sqlite", SO_SQLITE },
};

enum so_dialect so_statement_dialect(const char *name)
{
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
		if (strcmp(dialects[i].name, name) == 0)
			return dialects[i].dialect;
	so_assert(!"an engine names a dialect that sql/ does not have");
	return SO_POSTGRESQL;
}

static enum so_walk find_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_PARAM && !so_value_is_rest(ast, ref))
		return SO_WALK_ON;
	*(bool *)arg = true;
	return SO_WALK_STOP;
}

/* Text of a statistics view ends in "..." where it was cut off. A person's text that ends too early has a mistake,
 * which a strict reading finds and names. */
static bool fail_cut(TALLOC_CTX *ctx, enum so_dialect dialect, const char *sql, struct so_err *err)
{
	struct so_sql_options strict = { .max_bytes = SO_MAX_SQL_BYTES };
	size_t len = strlen(sql);
	struct so_ast *ast;

	while (len && strchr(" \t\r\n;", sql[len - 1]))
		len--;
	if ((len < 3 || strncmp(sql + len - 3, "...", 3) != 0) &&
		!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), &strict, &ast, err))
		return false;
	*err = (struct so_err)SO_ERR_INIT;
	return so_fail_at(
		err, SO_INPUT, (int32_t)strlen(sql), "the statement is cut off at its end; give the whole text");
}

bool so_statement_parse(
	TALLOC_CTX *ctx, const char *dialect, const char *sql, struct so_statement *out, struct so_err *err)
{
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = true };
	enum so_node_kind kind;

	*out = (struct so_statement){ .sql = sql };
	if (!so_sql_check_bytes(sql, strlen(sql), err))
		return false;
	if (!so_sql_parse(ctx, NULL, so_statement_dialect(dialect), sql, strlen(sql), &options, &out->ast, err))
		return false;
	if (out->ast->sources[0].truncated)
		return fail_cut(ctx, so_statement_dialect(dialect), sql, err);
	out->root = so_ast_statement(out->ast);
	so_sql_classify(out->ast, out->root, &out->cls);
	kind = so_ast_kind(out->ast, out->root);
	if (!so_kind_is_query(kind) && !so_kind_is_dml(kind))
		return so_fail_at(err, SO_INPUT, 0,
			"'%s' is not optimised; give one SELECT, INSERT, UPDATE, DELETE or MERGE statement",
			out->cls.verb);
	(void)so_ast_walk(out->ast, out->root, find_param, &out->has_params);
	out->limited = so_kind_is_query(kind) && so_as_query(out->ast, out->root)->limit;
	return true;
}

bool so_statement_read(
	TALLOC_CTX *ctx, const char *dialect, const char *sql, struct so_statement *out, struct so_err *err)
{
	struct so_sql_text_request request = { .sql = (char *)sql, .dialect = (char *)dialect, .lenient = true };

	if (so_statement_parse(ctx, dialect, sql, out, err))
		return true;
	/* what was classified is no mistake of syntax, but of another kind than is optimised */
	if (err->kind == SO_INPUT && !out->cls.verb[0])
		so_sql_text_refuse(&request, err);
	return false;
}

void so_statement_names(TALLOC_CTX *ctx, const struct so_statement *statement, struct so_statement_names *out)
{
	const struct so_sql_names *names = so_sql_names(ctx, statement->ast, statement->root);

	*out = (struct so_statement_names){
		.tables = so_new_array(ctx, const char *, names->table_count + 1),
		.functions = so_new_array(ctx, const char *, names->function_count + 1),
	};
	for (size_t i = 0; i < names->table_count; i++)
		out->tables[out->n_tables++] = so_engine_name(ctx, names->tables[i].schema, names->tables[i].name);
	for (size_t i = 0; i < names->function_count; i++)
		out->functions[out->n_functions++] = names->functions[i].name;
}

/* All overloads of that name: which one is called depends on types that only the server knows for sure. An aggregate is
 * called immutable whatever its own functions do. */
static bool is_harmless(const struct so_catalog *catalog, const struct so_sql_function_name *function)
{
	bool found = function->builtin;

	for (size_t i = 0; catalog && i < catalog->n_functions; i++) {
		const struct so_function *known = &catalog->functions[i];
		bool builtin = strcmp(known->schema, "pg_catalog") == 0;

		if (strcmp(known->name, function->name) != 0 ||
			(function->schema && strcmp(known->schema, function->schema) != 0) ||
			(builtin && function->builtin))
			continue;
		if (known->volatility == 'v' || (known->aggregate && !builtin))
			return false;
		found = true;
	}
	return found;
}

/* Operators that we do not know are functions that we do not know. */
static enum so_walk find_foreign_operator(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	const struct so_n_op *op;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_OP)
		return SO_WALK_ON;
	op = so_as_op(ast, ref);
	if (op->op != SO_OP_OTHER &&
		(!op->schema || so_ast_name_is(ast, so_as_name(ast, op->schema)->name, "pg_catalog")))
		return SO_WALK_ON;
	*(bool *)arg = true;
	return SO_WALK_STOP;
}

static bool has_foreign_operator(const struct so_ast *ast, so_ref root)
{
	bool found = false;

	(void)so_ast_walk(ast, root, find_foreign_operator, &found);
	return found;
}

/* What a view does is part of the statement that reads it, and its functions are in no snapshot. */
static bool view_is_harmless(const struct so_table *view, enum so_dialect dialect)
{
	SO_TMP(tmp, NULL);
	struct so_sql_class cls;
	struct so_err ignored = SO_ERR_INIT;
	struct so_ast *ast;

	if (!view->view_definition || !so_sql_parse(tmp, NULL, dialect, view->view_definition,
					      strlen(view->view_definition), NULL, &ast, &ignored))
		return false;
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	return cls.pure_read && !has_foreign_operator(ast, so_ast_statement(ast));
}

bool so_statement_is_pure(const struct so_statement *statement, const struct so_catalog *catalog)
{
	SO_TMP(tmp, NULL);
	const struct so_sql_names *names;

	if (!statement->cls.pure_but_calls || has_foreign_operator(statement->ast, statement->root))
		return false;
	for (size_t i = 0; catalog && i < catalog->n_tables; i++)
		if (catalog->tables[i].kind == SO_TABLE_VIEW &&
			!view_is_harmless(&catalog->tables[i], (enum so_dialect)statement->ast->dialect))
			return false;
	names = so_sql_names(tmp, statement->ast, statement->root);
	for (size_t i = 0; i < names->function_count; i++)
		if (!is_harmless(catalog, &names->functions[i]))
			return false;
	return true;
}

struct so_verify_statement so_statement_for_verify(
	const struct so_statement *statement, const struct so_catalog *catalog)
{
	struct so_verify_statement out = {
		.sql = statement->sql,
		.pure_read = so_statement_is_pure(statement, catalog),
		.has_params = statement->has_params,
		.limited = statement->limited,
		.volatile_calls = statement->cls.volatile_call,
	};

	for (size_t i = 0; catalog && i < catalog->n_functions; i++)
		out.volatile_calls = out.volatile_calls || catalog->functions[i].volatility == 'v';
	return out;
}
