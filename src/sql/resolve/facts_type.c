/* Types and volatility of expressions. */
#include <string.h>
#include <strings.h>

#include "sql/facts.h"
#include "sql/effects.h"
#include "sql/functions.h"
#include "sql/resolve/facts_function.h"
#include "sql/resolve/resolver.h"

static const struct so_expr_type unknown_type = { "", SO_TYPE_UNKNOWN, 0 };

/* How PostgreSQL prints its types. */
static const char *spelling(struct so_text name)
{
	static const char *const table[][2] = { { "int2", "smallint" }, { "int4", "integer" }, { "int8", "bigint" },
		{ "float4", "real" }, { "float8", "double precision" }, { "bool", "boolean" },
		{ "varchar", "character varying" }, { "bpchar", "character" },
		{ "timestamp", "timestamp without time zone" }, { "timestamptz", "timestamp with time zone" },
		{ "time", "time without time zone" }, { "timetz", "time with time zone" }, { "varbit", "bit varying" },
		{ "numeric", "numeric" }, { "decimal", "numeric" }, { "text", "text" }, { "date", "date" },
		{ "interval", "interval" }, { "uuid", "uuid" }, { "bytea", "bytea" }, { "json", "json" },
		{ "jsonb", "jsonb" }, { "name", "name" }, { "bit", "bit" }, { "oid", "oid" }, { "xml", "xml" },
		{ "inet", "inet" }, { "tsvector", "tsvector" }, { "tsquery", "tsquery" }, { "money", "money" } };

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (so_text_is(name, table[i][0]))
			return table[i][1];
	return NULL;
}

static struct so_expr_type type_named(const char *name)
{
	struct so_expr_type type = { .name = name };

	type.type_class = so_type_classify(name, &type.width_bits);
	return type;
}

static struct so_expr_type catalog_type(struct so_text name)
{
	const char *spelled = spelling(name);

	return spelled ? type_named(spelled) : unknown_type;
}

void so_res_coldef_type(struct resolver *r, so_ref type, struct so_col *col)
{
	static const char *const counters[SO_DIALECT_MAX] = { [SO_POSTGRESQL] = "integer",
		[SO_MYSQL] = "int",
		[SO_MARIADB] = "int",
		[SO_TSQL] = "int",
		[SO_ORACLE] = "NUMBER",
		[SO_SQLITE] = "INTEGER" };
	static const char *const words[][2] = { { "int4", "int" }, { "int8", "bigint" }, { "int2", "smallint" },
		{ "float8", "float" }, { "float4", "real" }, { "bpchar", "char" }, { "bool", "bit" } };
	struct so_text name;

	col->type = counters[r->ast->dialect];
	if (type) {
		name = so_ast_name(r->ast, so_as_type(r->ast, type)->name);
		col->type = r->ast->dialect == SO_POSTGRESQL ? spelling(name) : NULL;
		for (size_t i = 0; !col->type && r->ast->dialect == SO_TSQL && i < sizeof words / sizeof words[0]; i++)
			if (so_text_is(name, words[i][0]))
				col->type = words[i][1];
		if (!col->type)
			col->type = so_res_name(r, so_as_type(r->ast, type)->name);
		if (so_as_type(r->ast, type)->bounds.count)
			col->type = so_printf(r->out, "%s[]", col->type);
	}
	col->type_class = so_type_classify(col->type, NULL);
}

static struct so_expr_type const_type(const struct so_ast *ast, so_ref expr)
{
	int64_t value;

	switch ((enum so_const_type)so_as_const(ast, expr)->type) {
	case SO_C_NULL:
	case SO_C_STRING:
		return (struct so_expr_type){ "unknown", SO_TYPE_UNKNOWN, 0 };
	case SO_C_TRUE:
	case SO_C_FALSE:
		return type_named("boolean");
	case SO_C_INT:
		if (!so_ast_int(ast, expr, &value))
			return type_named("numeric");
		return type_named(value >= INT32_MIN && value <= INT32_MAX ? "integer" : "bigint");
	case SO_C_FLOAT:
		return type_named("numeric");
	default:
		return type_named("bit");
	}
}

static bool is_number(enum so_type_class cls)
{
	return cls == SO_TYPE_INT || cls == SO_TYPE_NUMERIC || cls == SO_TYPE_FLOAT;
}

static bool is_moment(enum so_type_class cls)
{
	return cls == SO_TYPE_TIMESTAMP || cls == SO_TYPE_TIMESTAMPTZ;
}

static struct so_expr_type wider(struct so_expr_type a, struct so_expr_type b)
{
	static const uint8_t rank[SO_TYPE_CLASS_MAX] = {
		[SO_TYPE_INT] = 1, [SO_TYPE_NUMERIC] = 2, [SO_TYPE_FLOAT] = 3
	};

	if (rank[a.type_class] != rank[b.type_class])
		return rank[a.type_class] > rank[b.type_class] ? a : b;
	return a.width_bits >= b.width_bits ? a : b;
}

/* "numeric(10,2)" and "numeric(4,1)" have "numeric" in common. */
static struct so_expr_type without_bounds(struct so_expr_type type)
{
	static const char *const names[] = { "character varying", "character", "numeric", "bit varying", "bit",
		"interval" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(type.name, names[i], strlen(names[i])) == 0 && type.name[strlen(names[i])] == '(')
			return type_named(names[i]);
	return type;
}

struct so_expr_type so_expr_type_common(struct so_expr_type a, struct so_expr_type b)
{
	if (strcmp(a.name, b.name) == 0)
		return a;
	if (strcmp(a.name, "unknown") == 0)
		return b;
	if (strcmp(b.name, "unknown") == 0)
		return a;
	if (is_number(a.type_class) && is_number(b.type_class))
		a = without_bounds(wider(a, b));
	else if (a.type_class == SO_TYPE_TEXT && b.type_class == SO_TYPE_TEXT)
		a = type_named("text");
	else if (a.type_class != b.type_class || strcmp(without_bounds(a).name, without_bounds(b).name) != 0)
		a = unknown_type;
	else
		a = without_bounds(a);
	return a;
}

static struct so_expr_type arithmetic_type(enum so_op op, struct so_expr_type a, struct so_expr_type b)
{
	if (is_number(a.type_class) && is_number(b.type_class))
		return wider(a, b);
	if (op == SO_OP_SUB && a.type_class == SO_TYPE_DATE && b.type_class == SO_TYPE_DATE)
		return type_named("integer");
	if (a.type_class == SO_TYPE_DATE && b.type_class == SO_TYPE_INT)
		return a;
	if (op == SO_OP_ADD && a.type_class == SO_TYPE_INT && b.type_class == SO_TYPE_DATE)
		return b;
	if (a.type_class == SO_TYPE_DATE && b.type_class == SO_TYPE_INTERVAL)
		return type_named("timestamp without time zone");
	if (is_moment(a.type_class) && b.type_class == SO_TYPE_INTERVAL)
		return a;
	if (op == SO_OP_SUB && is_moment(a.type_class) && a.type_class == b.type_class)
		return type_named("interval");
	if (a.type_class == SO_TYPE_INTERVAL && b.type_class == SO_TYPE_INTERVAL)
		return a;
	return unknown_type;
}

/* Operators between two values that yield a boolean. */
static bool is_comparison(enum so_op op)
{
	return (op >= SO_OP_EQ && op <= SO_OP_GE) || (op >= SO_OP_CONTAINS && op <= SO_OP_TS_MATCH) ||
	       (op >= SO_OP_LIKE && op <= SO_OP_NOT_REGEX_CI);
}

static struct so_expr_type op_type(const struct so_resolved *resolved, const struct so_n_op *op)
{
	enum so_op kind = (enum so_op)op->op;
	struct so_expr_type right;

	if (is_comparison(kind))
		return op->left ? type_named("boolean") : unknown_type;
	switch (kind) {
	case SO_OP_ADD:
	case SO_OP_SUB:
	case SO_OP_MUL:
	case SO_OP_DIV:
	case SO_OP_MOD:
		right = so_expr_type(resolved, op->right);
		return op->left ? arithmetic_type(kind, so_expr_type(resolved, op->left), right) : right;
	case SO_OP_ARROW_TEXT:
	case SO_OP_PATH_TEXT:
		return type_named("text");
	case SO_OP_ARROW:
	case SO_OP_PATH:
		return so_expr_type(resolved, op->left);
	case SO_OP_CONCAT:
		right = so_expr_type(resolved, op->left);
		return right.type_class == SO_TYPE_TEXT || right.type_class == SO_TYPE_BPCHAR ? type_named("text")
											      : unknown_type;
	default:
		return unknown_type;
	}
}

/* sum, avg, min, max and the like follow their argument. */
static struct so_expr_type argument_type(
	const struct so_resolved *resolved, struct so_text name, struct so_expr_type arg)
{
	(void)resolved;
	if (so_text_is(name, "min") || so_text_is(name, "max") || so_text_is(name, "abs") ||
		so_text_is(name, "coalesce") || so_text_is(name, "greatest") || so_text_is(name, "least") ||
		so_text_is(name, "nullif"))
		return arg;
	if (so_text_is(name, "sum")) {
		if (arg.type_class == SO_TYPE_INT)
			return type_named(arg.width_bits <= 32 ? "bigint" : "numeric");
		return arg;
	}
	if (so_text_is(name, "avg") && (arg.type_class == SO_TYPE_INT || arg.type_class == SO_TYPE_NUMERIC))
		return type_named("numeric");
	if (so_text_is(name, "avg") && arg.type_class == SO_TYPE_FLOAT)
		return type_named("double precision");
	if (so_text_is(name, "timezone"))
		return arg.type_class == SO_TYPE_TIMESTAMPTZ ? type_named("timestamp without time zone")
		       : arg.type_class == SO_TYPE_TIMESTAMP ? type_named("timestamp with time zone")
							     : unknown_type;
	if (so_text_is(name, "date_trunc") && arg.type_class != SO_TYPE_DATE)
		return arg;
	if (so_text_is(name, "date_trunc"))
		return type_named("timestamp with time zone");
	return unknown_type;
}

static const struct so_function *catalog_function(const struct so_resolved *resolved, const struct so_n_func *func)
{
	const struct so_catalog *catalog = resolved->catalog;
	const struct so_function *found = NULL;

	for (size_t i = 0; i < catalog->n_functions; i++) {
		const struct so_function *f = &catalog->functions[i];

		if (!so_ast_name_is(resolved->ast, func->name, f->name))
			continue;
		if (found && (strcmp(found->result_type ? found->result_type : "",
				      f->result_type ? f->result_type : "") != 0))
			return NULL; /* overloads differ */
		found = f;
	}
	return found;
}

bool so_func_returns_set(const struct so_resolved *resolved, so_ref ref)
{
	const struct so_n_func *func = so_as_func(resolved->ast, ref);
	struct so_builtin builtin;
	bool known = so_builtin_find(so_ast_name(resolved->ast, func->name), &builtin);

	if (resolved->ast->dialect != SO_POSTGRESQL)
		return !func->over && so_call_effect(resolved->ast, ref) == SO_CALL_UNKNOWN;
	if (func->over || (func->syntax != SO_FS_CALL && !known))
		return false;
	if (known && builtin.returns_set)
		return true;
	for (size_t i = 0; i < resolved->catalog->n_functions; i++)
		if (so_ast_name_is(resolved->ast, func->name, resolved->catalog->functions[i].name)) {
			known = true;
			if (resolved->catalog->functions[i].returns_set)
				return true;
		}
	return !known;
}

static struct so_expr_type func_type(const struct so_resolved *resolved, const struct so_n_func *func)
{
	const struct so_ast *ast = resolved->ast;
	struct so_text name = so_ast_name(ast, func->name);
	const struct so_function *known;
	struct so_builtin builtin;
	struct so_expr_type type = unknown_type;

	if (func->syntax == SO_FS_VALUE) {
		if (so_text_is(name, "current_date"))
			return type_named("date");
		if (so_text_is(name, "current_timestamp"))
			return type_named("timestamp with time zone");
		if (so_text_is(name, "localtimestamp"))
			return type_named("timestamp without time zone");
		return so_text_is(name, "current_time") || so_text_is(name, "localtime") ? unknown_type
											 : type_named("name");
	}
	if (so_text_is(name, "extract") && func->syntax == SO_FS_EXTRACT)
		return type_named("numeric");
	/* the argument that decides: the first one whose type is known */
	for (uint32_t i = 0; i < func->args.count && type.type_class == SO_TYPE_UNKNOWN; i++)
		type = so_expr_type(resolved, so_list_get(ast, func->args, i));
	if (ast->dialect != SO_POSTGRESQL) {
		const char *result = so_fact_result(ast, func, type);

		known = result ? NULL : catalog_function(resolved, func);
		return result && *result             ? type_named(result)
		       : known && known->result_type ? type_named(known->result_type)
						     : unknown_type;
	}
	type = argument_type(resolved, name, type);
	if (type.name[0])
		return type;
	if (!func->qualifier && so_builtin_find(name, &builtin) && builtin.result[0])
		return catalog_type((struct so_text){ builtin.result, strlen(builtin.result) });
	known = catalog_function(resolved, func);
	return known && known->result_type ? type_named(known->result_type) : unknown_type;
}

/* Of columns that are in no list: LEVEL, ctid, rowid. */
static struct so_expr_type pseudo_type(const struct so_resolved *resolved, so_ref expr)
{
	static const struct {
		uint8_t dialect;
		const char *name;
		struct so_expr_type type;
	} table[] = {
		{ SO_POSTGRESQL, "ctid", { "tid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "tableoid", { "oid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "oid", { "oid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "xmin", { "xid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "xmax", { "xid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "cmin", { "cid", SO_TYPE_OTHER, 0 } },
		{ SO_POSTGRESQL, "cmax", { "cid", SO_TYPE_OTHER, 0 } },
		{ SO_SQLITE, "rowid", { "INTEGER", SO_TYPE_INT, 64 } },
		{ SO_SQLITE, "_rowid_", { "INTEGER", SO_TYPE_INT, 64 } },
		{ SO_SQLITE, "oid", { "INTEGER", SO_TYPE_INT, 64 } },
		{ SO_ORACLE, "ROWID", { "ROWID", SO_TYPE_OTHER, 0 } },
		{ SO_ORACLE, "ROWNUM", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
		{ SO_ORACLE, "LEVEL", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
		{ SO_ORACLE, "CONNECT_BY_ISLEAF", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
		{ SO_ORACLE, "CONNECT_BY_ISCYCLE", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
		{ SO_ORACLE, "SYSDATE", { "DATE", SO_TYPE_TIMESTAMP, 0 } },
		{ SO_ORACLE, "NEXTVAL", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
		{ SO_ORACLE, "CURRVAL", { "NUMBER", SO_TYPE_NUMERIC, 0 } },
	};
	struct so_text name = so_ast_name(resolved->ast, so_as_column(resolved->ast, expr)->name);

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (table[i].dialect == resolved->ast->dialect && strlen(table[i].name) == name.len &&
			strncasecmp(table[i].name, name.s, name.len) == 0)
			return table[i].type;
	return unknown_type;
}

static struct so_expr_type column_type(const struct so_resolved *resolved, so_ref expr)
{
	const struct so_use *use = so_resolved_use(resolved, expr);
	struct so_expr_type type = unknown_type;
	const struct so_col *col;

	if (use && use->kind == SO_USE_OF_OTHER)
		return pseudo_type(resolved, expr);
	if (!use || use->kind != SO_USE_OF_COLUMN)
		return type;
	col = &resolved->rels[use->rel].cols[use->column];
	type.name = col->type;
	so_type_classify(col->type, &type.width_bits);
	type.type_class = col->type_class;
	return type;
}

static struct so_expr_type subquery_type(const struct so_resolved *resolved, so_ref query)
{
	int32_t block = so_resolved_block(resolved, query);
	struct so_expr_type type = unknown_type;

	if (block < 0 || !resolved->blocks[block].n_outputs)
		return type;
	type.name = resolved->blocks[block].outputs[0].type;
	type.type_class = resolved->blocks[block].outputs[0].type_class;
	so_type_classify(type.name, &type.width_bits);
	return type;
}

static struct so_expr_type case_type(const struct so_resolved *resolved, const struct so_n_case *node)
{
	struct so_expr_type type = node->otherwise ? so_expr_type(resolved, node->otherwise) : unknown_type;

	for (uint32_t i = 0; i < node->whens.count && type.type_class == SO_TYPE_UNKNOWN; i++)
		type = so_expr_type(
			resolved, so_as_when(resolved->ast, so_list_get(resolved->ast, node->whens, i))->result);
	return type;
}

/* How deep chains of operators are followed. */
static bool too_deep(const struct so_ast *ast, so_ref expr)
{
	unsigned depth = 0;

	while (so_ast_kind(ast, expr) == SO_N_OP && ++depth < 200)
		expr = so_as_op(ast, expr)->left;
	return depth >= 200;
}

struct so_expr_type so_expr_type(const struct so_resolved *resolved, so_ref expr)
{
	const struct so_ast *ast = resolved->ast;

	switch (so_ast_kind(ast, expr)) {
	case SO_N_COLUMN:
		return column_type(resolved, expr);
	case SO_N_CONST:
		return const_type(ast, expr);
	case SO_N_CAST: {
		const struct so_n_type *type = so_as_type(ast, so_as_cast(ast, expr)->type);

		return type->bounds.count ? unknown_type : catalog_type(so_ast_name(ast, type->name));
	}
	case SO_N_OP:
		/* PRIOR x, CONNECT_BY_ROOT x, FINAL x */
		if (so_as_op(ast, expr)->op == SO_OP_PRIOR)
			return so_expr_type(resolved, so_as_op(ast, expr)->right);
		return too_deep(ast, expr) ? unknown_type : op_type(resolved, so_as_op(ast, expr));
	case SO_N_BOOL:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_BETWEEN:
	case SO_N_IN:
	case SO_N_LIKE:
	case SO_N_QUANT:
	case SO_N_EXISTS:
		return type_named("boolean");
	case SO_N_FUNC:
		return func_type(resolved, so_as_func(ast, expr));
	case SO_N_CASE:
		return case_type(resolved, so_as_case(ast, expr));
	case SO_N_COLLATE:
		return so_expr_type(resolved, so_as_collate(ast, expr)->arg);
	case SO_N_SUBQUERY:
		if (so_as_subquery(ast, expr)->type == SO_SUBQUERY_SCALAR)
			return subquery_type(resolved, so_as_subquery(ast, expr)->query);
		return unknown_type;
	default:
		return unknown_type;
	}
}

void so_facts_output(const struct so_resolved *resolved, so_ref expr, struct so_col *col)
{
	const struct so_use *use = so_resolved_use(resolved, expr);
	struct so_expr_type type;

	if (use && use->kind == SO_USE_OF_COLUMN) {
		const struct so_rel *rel = &resolved->rels[use->rel];

		col->rel = use->rel;
		col->column = use->column;
		col->type = rel->cols[use->column].type;
		col->type_class = rel->cols[use->column].type_class;
		col->collation = rel->cols[use->column].collation;
		col->not_null = so_expr_not_null(resolved, expr, 0);
		if (use->coalesced)
			so_res_coalesced_output(col, col->not_null);
		return;
	}
	type = so_expr_type(resolved, expr);
	col->type = type.name;
	col->type_class = type.type_class;
	col->not_null = so_expr_not_null(resolved, expr, 0);
}

/* ---- Volatility ------------------------------------------------------------------------------------------------- */

struct volatility {
	const struct so_resolved *resolved;
	char worst;
	bool columns;
};

/* MySQL's @a may be assigned while the statement runs, and := does so. */
static bool is_variable(const struct so_ast *ast, so_ref ref)
{
	struct so_text name;

	if (ast->dialect != SO_MYSQL && ast->dialect != SO_MARIADB)
		return false;
	if (so_ast_kind(ast, ref) == SO_N_OP)
		return so_as_op(ast, ref)->op == SO_OP_ASSIGN;
	if (so_ast_kind(ast, ref) != SO_N_PARAM)
		return false;
	name = so_ast_name(ast, so_as_param(ast, ref)->name);
	return name.len > 1 && name.s[0] == '@' && name.s[1] != '@';
}

static bool is_next_value(const struct so_ast *ast, so_ref ref)
{
	struct so_text name;

	if (so_ast_kind(ast, ref) != SO_N_COLUMN || !so_as_column(ast, ref)->qualifier ||
		(ast->dialect != SO_ORACLE && ast->dialect != SO_MARIADB))
		return false;
	name = so_ast_name(ast, so_as_column(ast, ref)->name);
	return name.len == 7 && strncasecmp(name.s, "nextval", 7) == 0;
}

static enum so_walk look(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct volatility *job = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);
	char found = 'i';

	(void)parent;
	if (kind == SO_N_COLUMN || kind == SO_N_STAR)
		job->columns = true;
	if (so_kind_is_query(kind)) {
		job->columns = true;
		found = 's';
	}
	/* text forms of dates and times depend on settings, and now() hides in 'now'::timestamp */
	if (kind == SO_N_CAST)
		found = 's';
	if (kind == SO_N_FUNC)
		found = so_fact_volatility(job->resolved, ref);
	if (is_variable(ast, ref) || is_next_value(ast, ref))
		found = 'v';
	if (found > job->worst)
		job->worst = found;
	return SO_WALK_ON;
}

char so_expr_volatility(const struct so_resolved *resolved, so_ref expr)
{
	struct volatility job = { resolved, 'i', false };

	so_ast_walk(resolved->ast, expr, look, &job);
	return job.worst;
}

bool so_expr_is_fixed(const struct so_resolved *resolved, so_ref expr)
{
	struct volatility job = { resolved, 'i', false };

	so_ast_walk(resolved->ast, expr, look, &job);
	return expr && !job.columns && job.worst != 'v';
}
