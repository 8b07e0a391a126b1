/* Nullability. */
#include "sql/facts.h"

#include <string.h>
#include <strings.h>

#include "sql/resolve/facts_function.h"
#include "sql/resolve/memo.h"

/* ---- Nullability ------------------------------------------------------------------------------------------------ */

static bool is_column(const struct so_resolved *resolved, so_ref expr, int32_t rel, int32_t column)
{
	const struct so_use *use = so_resolved_use(resolved, expr);

	/* a column that a FULL JOIN merged may have its value from the other side */
	return use && use->kind == SO_USE_OF_COLUMN && !use->coalesced && use->rel == rel && use->column == column;
}

static bool is_strict_operator(const struct so_n_op *op)
{
	switch ((enum so_op)op->op) {
	case SO_OP_OTHER:
	case SO_OP_CONCAT:
	case SO_OP_NULL_EQ: /* NULL <=> NULL is TRUE */
	case SO_OP_ASSIGN:
	case SO_OP_MULTISET:
	case SO_OP_MEMBER:
	case SO_OP_PRIOR: /* of another row */
		return false;
	default:
		return !op->schema;
	}
}

/* Whether the expression is NULL when the column is: strict all the way down. */
static bool strict_in(const struct so_resolved *resolved, so_ref expr, int32_t rel, int32_t column, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;

	if (depth > 100)
		return false;
	switch (so_ast_kind(ast, expr)) {
	case SO_N_COLUMN:
		return is_column(resolved, expr, rel, column);
	case SO_N_CAST:
		return strict_in(resolved, so_as_cast(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_COLLATE:
		return strict_in(resolved, so_as_collate(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_OP:
		/* operators of other types may not be strict: only those known to be; of arrays NULL || a is a */
		if (!is_strict_operator(so_as_op(ast, expr)))
			return false;
		return (so_as_op(ast, expr)->left &&
			       strict_in(resolved, so_as_op(ast, expr)->left, rel, column, depth + 1)) ||
		       strict_in(resolved, so_as_op(ast, expr)->right, rel, column, depth + 1);
	case SO_N_LIKE:
		return strict_in(resolved, so_as_like(ast, expr)->arg, rel, column, depth + 1) ||
		       strict_in(resolved, so_as_like(ast, expr)->pattern, rel, column, depth + 1);
	case SO_N_NOT:
		return strict_in(resolved, so_as_not(ast, expr)->arg, rel, column, depth + 1);
	case SO_N_FUNC: {
		const struct so_n_func *func = so_as_func(ast, expr);

		if (!so_fact_is_strict(ast, func))
			return false;
		for (uint32_t i = 0; i < func->args.count; i++)
			if (strict_in(resolved, so_list_get(ast, func->args, i), rel, column, depth + 1))
				return true;
		return false;
	}
	default:
		return false;
	}
}

static bool is_chain(const struct so_ast *ast, so_ref cond)
{
	return so_ast_kind(ast, cond) == SO_N_BOOL && so_as_bool(ast, cond)->op == SO_AND;
}

static bool rejects(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column, unsigned depth);

/* A chain of which only the arguments that mention the column are looked at. */
static bool long_chain_rejects(
	const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column, unsigned depth)
{
	const struct so_n_bool *chain = so_as_bool(resolved->ast, cond);
	struct so_mentions *mentions = so_memo_mentions(resolved->memo, cond);
	struct so_rel_col col = { rel, column };
	size_t first, count;
	bool answer;

	if (!depth && so_mentions_answer(mentions, col, &answer))
		return answer;
	count = so_mentions_of(mentions, col, &first);
	answer = chain->op == SO_OR;
	if (answer && (count < chain->args.count || so_mentions_outer_plus(mentions)))
		answer = false;
	else
		for (size_t i = first; i < first + count && answer == (chain->op == SO_OR); i++)
			answer =
				rejects(resolved, so_list_get(resolved->ast, chain->args, so_mentions_arg(mentions, i)),
					rel, column, depth + 1);
	if (!depth)
		so_mentions_keep(mentions, col, answer);
	return answer;
}

static bool is_long_chain(const struct so_resolved *resolved, so_ref cond)
{
	return resolved->memo && so_ast_kind(resolved->ast, cond) == SO_N_BOOL &&
	       so_as_bool(resolved->ast, cond)->args.count >= SO_LONG_CHAIN;
}

static bool rejects(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_bool *chain;
	const struct so_n_is *is;
	bool negated = so_ast_has_flag(ast, cond, SO_NF_NOT);

	if (depth <= 100 && is_long_chain(resolved, cond))
		return long_chain_rejects(resolved, cond, rel, column, depth);
	if (depth > 100 || (!is_chain(ast, cond) && so_fact_has_outer_plus(ast, cond)))
		return false;
	switch (so_ast_kind(ast, cond)) {
	case SO_N_BOOL:
		chain = so_as_bool(ast, cond);
		for (uint32_t i = 0; i < chain->args.count; i++)
			if (rejects(resolved, so_list_get(ast, chain->args, i), rel, column, depth + 1) ==
				(chain->op == SO_AND))
				return chain->op == SO_AND;
		return chain->op == SO_OR;
	case SO_N_IS:
		is = so_as_is(ast, cond);
		if (is->test == SO_IS_NULL)
			return negated && strict_in(resolved, is->arg, rel, column, 0);
		if (is->test == SO_IS_TRUE || is->test == SO_IS_FALSE)
			return !negated && strict_in(resolved, is->arg, rel, column, 0);
		return false;
	case SO_N_BETWEEN:
		/* NOT BETWEEN may be TRUE by one bound alone, but never for a NULL argument */
		return strict_in(resolved, so_as_between(ast, cond)->arg, rel, column, 0);
	case SO_N_IN:
		/* NULL IN (empty query) is FALSE, NOT IN then TRUE */
		return strict_in(resolved, so_as_in(ast, cond)->arg, rel, column, 0) &&
		       !(negated && (so_as_in(ast, cond)->query || !so_as_in(ast, cond)->items.count));
	case SO_N_QUANT:
		return so_as_quant(ast, cond)->quantifier == SO_ANY && so_as_quant(ast, cond)->op != SO_OP_OTHER &&
		       strict_in(resolved, so_as_quant(ast, cond)->left, rel, column, 0);
	default:
		return strict_in(resolved, cond, rel, column, 0);
	}
}

bool so_cond_rejects_null(const struct so_resolved *resolved, so_ref cond, int32_t rel, int32_t column)
{
	return cond && rejects(resolved, cond, rel, column, 0);
}

static bool not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond, unsigned depth);

static bool all_not_null(const struct so_resolved *resolved, struct so_list list, so_ref cond, unsigned depth, bool any)
{
	for (uint32_t i = 0; i < list.count; i++)
		if (not_null(resolved, so_list_get(resolved->ast, list, i), cond, depth) == any)
			return any;
	return !any;
}

/* What yields NULL without a NULL going in. */
static const struct {
	bool arithmetic; /* overflow, division by zero, dates out of range */
	bool casts; /* values that do not convert */
	bool empty_string; /* '' is NULL */
} yields_null[SO_DIALECT_MAX] = {
	[SO_MYSQL] = { true, true, false },
	[SO_MARIADB] = { true, true, false },
	[SO_TSQL] = { true, false, false }, /* ARITHABORT OFF */
	[SO_ORACLE] = { false, true, true },
	[SO_SQLITE] = { true, false, false },
};

static bool is_called(struct so_text name, const char *word)
{
	return name.len == strlen(word) && strncasecmp(name.s, word, name.len) == 0;
}

/* Dialects whose names of functions keep their case, or are in capitals. */
static bool other_func_not_null(
	const struct so_resolved *resolved, const struct so_n_func *func, so_ref cond, unsigned depth)
{
	static const char *const never_null[] = { "count", "count_big", "row_number", "rank", "dense_rank", "ntile" };
	struct so_text name = so_ast_name(resolved->ast, func->name);

	if (func->qualifier)
		return false;
	if (is_called(name, "coalesce") || is_called(name, "ifnull") || is_called(name, "nvl"))
		return all_not_null(resolved, func->args, cond, depth, true);
	if (is_called(name, "isnull") && resolved->ast->dialect == SO_TSQL)
		return all_not_null(resolved, func->args, cond, depth, true);
	for (size_t i = 0; i < sizeof never_null / sizeof never_null[0]; i++)
		if (is_called(name, never_null[i]))
			return true;
	return false;
}

static bool func_not_null(const struct so_resolved *resolved, const struct so_n_func *func, so_ref cond, unsigned depth)
{
	struct so_text name = so_ast_name(resolved->ast, func->name);

	if (resolved->ast->dialect != SO_POSTGRESQL)
		return other_func_not_null(resolved, func, cond, depth);
	if (func->syntax == SO_FS_COALESCE)
		return so_text_is(name, "grouping") ||
		       (so_text_is(name, "coalesce") && all_not_null(resolved, func->args, cond, depth, true));
	if (func->syntax == SO_FS_VALUE)
		return !so_text_is(name, "current_schema") && !so_text_is(name, "system_user");
	return func->syntax == SO_FS_CALL && !func->qualifier &&
	       (so_text_is(name, "count") || so_text_is(name, "now") || so_text_is(name, "row_number") ||
		       so_text_is(name, "rank") || so_text_is(name, "dense_rank"));
}

static bool column_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond)
{
	const struct so_use *use = so_resolved_use(resolved, expr);
	const struct so_rel *rel;

	if (!use || use->kind != SO_USE_OF_COLUMN || use->grouped)
		return false;
	rel = &resolved->rels[use->rel];
	if (use->coalesced)
		return use->not_null && !rel->nullable_below;
	if (rel->cols[use->column].not_null && !rel->nullable)
		return true;
	return so_cond_rejects_null(resolved, cond, use->rel, use->column);
}

static bool case_not_null(const struct so_resolved *resolved, const struct so_n_case *node, so_ref cond, unsigned depth)
{
	if (!node->otherwise || !not_null(resolved, node->otherwise, cond, depth))
		return false;
	for (uint32_t i = 0; i < node->whens.count; i++)
		if (!not_null(resolved, so_as_when(resolved->ast, so_list_get(resolved->ast, node->whens, i))->result,
			    cond, depth))
			return false;
	return true;
}

/* Comparisons, and arithmetic of types that are known not to make NULL of values; -> and the like do. */
static bool op_yields_value(const struct so_resolved *resolved, const struct so_n_op *op)
{
	enum so_type_class left, right;

	if (op->schema || op->op < SO_OP_EQ || op->op > SO_OP_CONCAT)
		return false;
	if (op->op <= SO_OP_GE)
		return true;
	if (yields_null[resolved->ast->dialect].arithmetic && op->op != SO_OP_CONCAT)
		return false;
	left = op->left ? so_expr_type(resolved, op->left).type_class : SO_TYPE_UNKNOWN;
	right = so_expr_type(resolved, op->right).type_class;
	return left != SO_TYPE_OTHER && right != SO_TYPE_OTHER && (left != SO_TYPE_UNKNOWN || right != SO_TYPE_UNKNOWN);
}

/* (1, NULL) = (1, 2) is NULL, though a row is none. */
static bool operand_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond, unsigned depth)
{
	if (so_ast_kind(resolved->ast, expr) == SO_N_ROW) {
		struct so_list items = so_as_row(resolved->ast, expr)->items;

		if (depth > 100)
			return false;
		for (uint32_t i = 0; i < items.count; i++)
			if (!operand_not_null(resolved, so_list_get(resolved->ast, items, i), cond, depth + 1))
				return false;
		return true;
	}
	return not_null(resolved, expr, cond, depth);
}

/* Casts from types of other kinds may make NULL of a value: a JSON null, a user's own function. */
static bool cast_not_null(const struct so_resolved *resolved, const struct so_n_cast *cast, so_ref cond, unsigned depth)
{
	struct so_expr_type from = so_expr_type(resolved, cast->arg);
	bool literal = so_ast_kind(resolved->ast, cast->arg) == SO_N_CONST;

	if (yields_null[resolved->ast->dialect].casts || (cast->hdr.flags & SO_NF_ALL))
		return false;
	return (literal || so_type_is_plain(from.type_class)) && not_null(resolved, cast->arg, cond, depth);
}

static bool not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond, unsigned depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_op *op;

	if (++depth > 100)
		return false;
	switch (so_ast_kind(ast, expr)) {
	case SO_N_CONST:
		return so_as_const(ast, expr)->type != SO_C_NULL &&
		       (so_as_const(ast, expr)->value.len || !yields_null[ast->dialect].empty_string);
	case SO_N_COLUMN:
		return column_not_null(resolved, expr, cond);
	case SO_N_EXISTS:
	case SO_N_ROW:
	case SO_N_ARRAY:
		return true;
	case SO_N_IS:
		return so_as_is(ast, expr)->test != SO_IS_DOCUMENT && so_as_is(ast, expr)->test != SO_IS_NORMALIZED &&
		       so_as_is(ast, expr)->test != SO_IS_JSON;
	case SO_N_CAST:
		return cast_not_null(resolved, so_as_cast(ast, expr), cond, depth);
	case SO_N_COLLATE:
		return not_null(resolved, so_as_collate(ast, expr)->arg, cond, depth);
	case SO_N_NOT:
		return not_null(resolved, so_as_not(ast, expr)->arg, cond, depth);
	case SO_N_BOOL:
		return all_not_null(resolved, so_as_bool(ast, expr)->args, cond, depth, false);
	case SO_N_OP:
		op = so_as_op(ast, expr);
		return op_yields_value(resolved, op) &&
		       (!op->left || operand_not_null(resolved, op->left, cond, depth)) &&
		       operand_not_null(resolved, op->right, cond, depth);
	case SO_N_BETWEEN:
		return operand_not_null(resolved, so_as_between(ast, expr)->arg, cond, depth) &&
		       operand_not_null(resolved, so_as_between(ast, expr)->low, cond, depth) &&
		       operand_not_null(resolved, so_as_between(ast, expr)->high, cond, depth);
	case SO_N_FUNC:
		return func_not_null(resolved, so_as_func(ast, expr), cond, depth);
	case SO_N_CASE:
		return case_not_null(resolved, so_as_case(ast, expr), cond, depth);
	default:
		return false;
	}
}

static enum so_walk find_grouped(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	const struct so_use *use = so_ast_kind(ast, ref) == SO_N_COLUMN ? so_resolved_use(arg, ref) : NULL;

	(void)parent;
	return use && use->grouped ? SO_WALK_STOP : SO_WALK_ON;
}

bool so_expr_not_null(const struct so_resolved *resolved, so_ref expr, so_ref cond)
{
	/* above grouping sets a whole expression may be grouped by, and hence NULL */
	if (!so_ast_walk(resolved->ast, expr, find_grouped, (void *)(uintptr_t)resolved) &&
		!(so_ast_kind(resolved->ast, expr) == SO_N_FUNC &&
			is_called(so_ast_name(resolved->ast, so_as_func(resolved->ast, expr)->name), "count")))
		return false;
	return not_null(resolved, expr, cond, 0);
}
