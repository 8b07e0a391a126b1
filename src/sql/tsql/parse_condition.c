/* T-SQL has no truth values: a condition stands only where one is asked for, and nothing else stands there. */
#include <string.h>
#include <strings.h>

#include "sql/tsql/parse.h"

/* Functions that are conditions. */
static bool is_test(const struct so_ast *ast, const struct so_n_func *func)
{
	static const char *const names[] = { "contains", "freetext", "update", "regexp_like", "columns_updated" };
	struct so_text name = so_ast_name(ast, func->name);

	if (func->syntax == SO_FS_PATTERN)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == name.len && strncasecmp(names[i], name.s, name.len) == 0)
			return !func->qualifier;
	return false;
}

bool so_tsql_is_condition(const struct so_ast *ast, so_ref ref)
{
	const struct so_n_op *op;

	switch (so_ast_kind(ast, ref)) {
	case SO_N_BOOL:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_BETWEEN:
	case SO_N_IN:
	case SO_N_LIKE:
	case SO_N_QUANT:
	case SO_N_EXISTS:
		return true;
	case SO_N_OP:
		op = so_as_op(ast, ref);
		return op->left && op->op >= SO_OP_EQ && op->op <= SO_OP_GE;
	case SO_N_FUNC:
		return is_test(ast, so_as_func(ast, ref));
	default:
		return false;
	}
}

/* What a template or a cut-off text leaves open. */
static bool is_open(const struct parse *p, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(p->ast, ref);

	return p->lenient || p->failed || kind == SO_N_PARAM || kind == SO_N_MISSING || kind == SO_N_CURRENT_OF;
}

so_ref so_tsql_condition(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_expr(p);

	if (!is_open(p, ref) && !so_tsql_is_condition(p->ast, ref))
		so_parse_fail(p, &p->tok[first], "a condition is expected here, not a value");
	/* WHERE a: the rest of it was cut off */
	if (p->lenient && ref && at_end(p) && !so_tsql_is_condition(p->ast, ref) &&
		so_ast_kind(p->ast, ref) != SO_N_PARAM)
		p->truncated = true;
	return ref;
}

so_ref so_tsql_value(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_expr(p);

	if (!is_open(p, ref) && so_tsql_is_condition(p->ast, ref) && so_ast_kind(p->ast, ref) != SO_N_FUNC)
		so_parse_fail(p, &p->tok[first], "a condition is no value: write CASE WHEN .. THEN 1 ELSE 0 END");
	return ref;
}
