/* Rules 1, 4 and 33: subqueries whose form keeps the engine from choosing its plan. */
#include "advise/rules.h"

#include <string.h>
#include <strings.h>

#include "advise/index_style.h"

static const struct so_column *column_of(const struct so_table_col *column)
{
	return &column->rel->table->columns[column->column];
}

/* SELECT without anything that changes which rows come, or how often. */
static bool is_plain_select(const struct so_ast *ast, so_ref query)
{
	const struct so_n_select *select;
	const struct so_rare_select *rare;

	if (so_ast_kind(ast, query) != SO_N_SELECT)
		return false;
	select = so_as_select(ast, query);
	rare = so_rare_select(ast, select);
	return !select->with && !select->limit && !rare->offset && !rare->locking.count && !rare->distinct_on.count &&
	       !rare->into && !select->group_by.count && !select->having && !rare->windows.count &&
	       select->targets.count == 1 && select->from.count > 0 && !rare->hierarchy && !rare->extra.count;
}

static enum so_walk find_pseudo_column(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	const struct so_resolved **resolved = arg;
	const struct so_use *use;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	use = so_resolved_use(*resolved, ref);
	return use && use->kind == SO_USE_OF_COLUMN ? SO_WALK_ON : SO_WALK_STOP;
}

static bool span_of(const struct so_rewriter *rw, so_ref ref, bool paren, size_t *begin, size_t *end)
{
	size_t len;

	if (!(paren ? so_ast_span_paren(rw->ast, ref, begin, &len) : so_ast_span(rw->ast, ref, begin, &len)))
		return false;
	*end = *begin + len;
	return true;
}

/* Elsewhere a condition is a value like others: 0 = x NOT IN (...) < y. There only a place where its truth is all that
 * is asked is looked at. */
static bool is_in_expression(const struct so_rewriter *rw, so_ref ref)
{
	return rw->ast->dialect != SO_POSTGRESQL && so_tree_place(rw->tree, ref) == SO_PLACE_OTHER;
}

/* Adds a conjunct to the WHERE of a select. */
static bool edit_where(const struct so_rewriter *rw, struct so_rewrite *out, so_ref query, const char *condition)
{
	const struct so_n_select *select = so_as_select(rw->ast, query);
	size_t begin, end;

	if (!select->where) {
		if (!span_of(rw, so_list_get(rw->ast, select->from, select->from.count - 1), true, &begin, &end))
			return false;
		so_rewrite_edit(out, end, end, " WHERE %s", condition);
		return true;
	}
	if (!span_of(rw, select->where, true, &begin, &end))
		return false;
	/* OR binds less than AND; elsewhere so do XOR, := and more */
	if (!so_ast_has_flag(rw->ast, select->where, SO_NF_PAREN) &&
		(rw->ast->dialect != SO_POSTGRESQL || (so_ast_kind(rw->ast, select->where) == SO_N_BOOL &&
							      so_as_bool(rw->ast, select->where)->op == SO_OR))) {
		so_rewrite_edit(out, begin, begin, "(");
		so_rewrite_edit(out, end, end, ") AND %s", condition);
		return true;
	}
	so_rewrite_edit(out, end, end, " AND %s", condition);
	return true;
}

/* ---- 1 ---- */

/* x NOT IN (query), NOT x IN (query), x <> ALL (query) */
static bool read_not_in(const struct so_ast *ast, so_ref ref, so_ref *arg, so_ref *query)
{
	*arg = *query = SO_REF_NONE;
	if (so_ast_kind(ast, ref) == SO_N_NOT) {
		so_ref inner = so_as_not(ast, ref)->arg;

		if (so_ast_kind(ast, inner) != SO_N_IN || so_ast_has_flag(ast, inner, SO_NF_NOT))
			return false;
		ref = inner;
	} else if (so_ast_kind(ast, ref) == SO_N_IN) {
		if (!so_ast_has_flag(ast, ref, SO_NF_NOT))
			return false;
	} else if (so_ast_kind(ast, ref) == SO_N_QUANT) {
		const struct so_n_quant *quant = so_as_quant(ast, ref);

		if (quant->op != SO_OP_NE || quant->quantifier != SO_ALL || quant->schema)
			return false;
		*arg = quant->left;
		*query = quant->query;
		return *query != SO_REF_NONE;
	} else {
		return false;
	}
	*arg = so_as_in(ast, ref)->arg;
	*query = so_as_in(ast, ref)->query;
	return *query != SO_REF_NONE;
}

static void may_be_null(struct so_rewrite *out, const struct so_table_col *column, const char *then)
{
	const struct so_column *c = column_of(column);
	const char *name = so_rewrite_column_name(out, column);

	if (column->rel->nullable && c->not_null)
		so_rewrite_obstacle(
			out, SO_REWRITE_WRONG, "%s is NULL where the outer join finds no row: %s", name, then);
	else if (c->has_stats && c->null_frac > 0)
		so_rewrite_obstacle(out, SO_REWRITE_WRONG, "%s may be NULL (%.1f %% of the rows are): %s", name,
			c->null_frac * 100, then);
	else
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "%s may be NULL: %s", name, then);
}

/* The outer column as it can be written inside the subquery; NULL when a name of the subquery hides it. */
static const char *outer_text(
	const struct so_rewriter *rw, const struct so_table_col *column, so_ref query, struct so_rewrite *out)
{
	const struct so_index_style *style;

	for (size_t i = 0; i < rw->resolved->n_rels; i++) {
		const struct so_rel *rel = &rw->resolved->rels[i];

		if (so_rewrite_block(rw, rel) == query &&
			(rw->ast->dialect == SO_POSTGRESQL ? strcmp : strcasecmp)(rel->name, column->rel->name) == 0)
			return NULL;
	}
	style = so_index_style(column->rel->table);
	return so_printf(out, "%s.%s", so_index_quote(out, style, column->rel->name),
		so_index_quote(out, style, column_of(column)->name));
}

/* Whether IN compares the two columns as `=` does. SQLite says so of all: x IN (SELECT y) is x = y, in this order. The
 * others may convert, or choose a collation, by other rules, unless there is nothing to convert and to choose. */
static bool compares_as_equal(
	const struct so_rewriter *rw, const struct so_table_col *outer, const struct so_table_col *inner)
{
	const struct so_column *x = column_of(outer), *y = column_of(inner);

	if (rw->ast->dialect == SO_POSTGRESQL || rw->ast->dialect == SO_SQLITE)
		return true;
	if (x->type_class == SO_TYPE_INT && y->type_class == SO_TYPE_INT)
		return true;
	if (strcasecmp(x->type, y->type) != 0 || x->type_class == SO_TYPE_JSON)
		return false;
	return strcmp(x->collation ? x->collation : "", y->collation ? y->collation : "") == 0;
}

bool so_rule_not_in(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	const struct so_resolved *resolved = rw->resolved;
	struct so_table_col outer, inner;
	so_ref arg, query, target;
	size_t begin, end, query_begin, query_end;
	const char *volatile_call, *left, *right;

	if (is_in_expression(rw, ref) || !read_not_in(rw->ast, ref, &arg, &query) || !is_plain_select(rw->ast, query) ||
		!so_rewrite_column(rw, arg, &outer) || so_rewrite_block(rw, outer.rel) == query)
		return false;
	target = so_as_target(rw->ast, so_list_get(rw->ast, so_as_select(rw->ast, query)->targets, 0))->expr;
	if (!so_rewrite_column(rw, target, &inner) || so_rewrite_block(rw, inner.rel) != query ||
		!span_of(rw, ref, false, &begin, &end) || !span_of(rw, query, false, &query_begin, &query_end))
		return false;
	out->what = so_printf(out, "%s NOT IN (SELECT %s ...) as NOT EXISTS", so_rewrite_text(out, rw, arg),
		so_rewrite_text(out, rw, target));
	if (!so_rewrite_never_null(rw, arg, so_tree_where(rw->tree, ref), so_rewrite_column_name(out, &outer), out))
		may_be_null(out, &outer, "NOT IN drops such a row, NOT EXISTS keeps it");
	if (!so_rewrite_never_null(
		    rw, target, so_as_select(rw->ast, query)->where, so_rewrite_column_name(out, &inner), out))
		may_be_null(out, &inner, "NOT IN then returns no rows, NOT EXISTS does");
	volatile_call = so_rewrite_volatile(out, rw, query);
	if (volatile_call)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "%s: how often it runs would change", volatile_call);
	left = outer_text(rw, &outer, query, out);
	if (!left) {
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"inside the subquery the name %s means another relation: give one of them an alias",
			outer.rel->name);
		return true;
	}
	if (!compares_as_equal(rw, &outer, &inner))
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s (%s) and %s (%s) differ in type or collation: IN may compare them in another way than =",
			so_rewrite_column_name(out, &outer), column_of(&outer)->type,
			so_rewrite_column_name(out, &inner), column_of(&inner)->type);
	/* ROWNUM counts the rows that are left by the other conditions */
	if (!so_ast_walk(rw->ast, query, find_pseudo_column, &resolved))
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"a name of the subquery is none of a column: a condition more could change what it means");
	right = so_rewrite_text(out, rw, target);
	so_rewrite_edit(out, begin, query_begin, "NOT EXISTS (");
	if (!edit_where(rw, out, query,
		    rw->ast->dialect == SO_SQLITE ? so_printf(out, "%s = %s", left, right)
						  : so_printf(out, "%s = %s", right, left))) {
		out->n_edits = 0;
		return false;
	}
	so_rewrite_edit(out, query_end, end, ")");
	return true;
}

/* ---- 4 ---- */

static bool is_small_int(const struct so_ast *ast, so_ref ref, int64_t *value)
{
	return so_ast_kind(ast, ref) == SO_N_CONST && so_ast_int(ast, ref, value) && *value >= 0 && *value <= 1;
}

/* Whether `count op value` asks for a row (*exists) or for none. */
static bool asks_existence(enum so_op op, int64_t value, bool *exists)
{
	*exists = (value == 0 && (op == SO_OP_GT || op == SO_OP_NE)) || (value == 1 && op == SO_OP_GE);
	return *exists || (value == 0 && (op == SO_OP_EQ || op == SO_OP_LE)) || (value == 1 && op == SO_OP_LT);
}

/* The only target is count(*), or count of a column. */
static bool read_count(const struct so_rewriter *rw, so_ref query, so_ref *counted)
{
	so_ref expr = so_as_target(rw->ast, so_list_get(rw->ast, so_as_select(rw->ast, query)->targets, 0))->expr;
	const struct so_n_func *func;

	if (so_ast_kind(rw->ast, expr) != SO_N_FUNC)
		return false;
	func = so_as_func(rw->ast, expr);
	if (!so_rewrite_is_named(rw, func, "count") || func->filter || func->over || func->order_by.count ||
		func->qualifier)
		return false;
	*counted = SO_REF_NONE;
	if (func->hdr.flags & SO_NF_STAR)
		return true;
	if (func->args.count != 1)
		return false;
	*counted = so_list_get(rw->ast, func->args, 0); /* DISTINCT or not: above zero all the same */
	return true;
}

static bool check_counted(const struct so_rewriter *rw, so_ref query, so_ref counted, struct so_rewrite *out)
{
	struct so_table_col column;
	const char *name;

	if (!counted) {
		so_rewrite_evidence(out, "count(*) counts rows");
		return true;
	}
	if (so_ast_kind(rw->ast, counted) == SO_N_CONST && so_as_const(rw->ast, counted)->type != SO_C_NULL) {
		so_rewrite_evidence(out, "a constant is counted for every row");
		return true;
	}
	/* The aggregate of an outer column is computed by the outer query. */
	if (!so_rewrite_column(rw, counted, &column) || so_rewrite_block(rw, column.rel) != query)
		return false;
	name = so_rewrite_column_name(out, &column);
	if (!so_rewrite_never_null(rw, counted, so_as_select(rw->ast, query)->where, name, out))
		so_rewrite_obstacle(
			out, SO_REWRITE_UNPROVED, "%s may be NULL: count leaves such rows out, EXISTS does not", name);
	return true;
}

bool so_rule_count(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	const struct so_ast *ast = rw->ast;
	so_ref left, right, query, counted, parent;
	size_t begin, end, query_begin, query_end, target_begin, target_end;
	enum so_op op;
	int64_t value;
	bool exists;
	const char *volatile_call;

	if (is_in_expression(rw, ref) || !so_rewrite_comparison(rw, ref, &op, &left, &right) ||
		so_ast_kind(ast, left) != SO_N_SUBQUERY || so_as_subquery(ast, left)->type != SO_SUBQUERY_SCALAR ||
		!is_small_int(ast, right, &value) || !asks_existence(op, value, &exists))
		return false;
	query = so_as_subquery(ast, left)->query;
	if (!is_plain_select(ast, query) || so_as_select(ast, query)->order_by.count ||
		!read_count(rw, query, &counted) || !check_counted(rw, query, counted, out) ||
		!span_of(rw, ref, false, &begin, &end) || !span_of(rw, query, false, &query_begin, &query_end) ||
		!span_of(rw, so_list_get(ast, so_as_select(ast, query)->targets, 0), false, &target_begin, &target_end))
		return false;
	so_rewrite_evidence(out, "the subquery has no GROUP BY, HAVING, LIMIT or OFFSET");
	volatile_call = so_rewrite_volatile(out, rw, query);
	if (volatile_call)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "%s: EXISTS would run it for fewer rows", volatile_call);
	out->what = so_printf(
		out, "count(*) %s %lld as %s", so_op_name(op), (long long)value, exists ? "EXISTS" : "NOT EXISTS");
	so_rewrite_edit(out, begin, query_begin, exists ? "EXISTS (" : "NOT EXISTS (");
	so_rewrite_edit(out, target_begin, target_end, "1");
	/* An unnamed column of the result is called ?column? now and would be called exists. */
	parent = so_tree_parent(rw->tree, ref);
	if (exists && so_ast_kind(ast, parent) == SO_N_TARGET && !so_as_target(ast, parent)->label.len) {
		so_rewrite_edit(out, query_end, end, ")");
		if (!span_of(rw, ref, true, &begin, &end))
			return false;
		so_rewrite_edit(out, end, end, " AS \"?column?\"");
	} else {
		so_rewrite_edit(out, query_end, end, ")");
	}
	return true;
}

/* ---- 33 ---- */

/* The last token of that spelling from token `first` on, before token `end`: names may be spelled so, too. */
static bool find_word(
	const struct so_rewriter *rw, uint32_t first, uint32_t end, const char *word, size_t *begin, size_t *after)
{
	const char *text = so_ast_source_text(rw->ast, 0).s;
	bool found = false;

	for (uint32_t i = first; i < end && i < rw->ast->token_count; i++) {
		const struct so_token *token = &so_ast_tokens(rw->ast)[i];
		const char *at;

		if (token->len != strlen(word))
			continue;
		at = so_ast_at(rw->ast, token->off);
		if (strncasecmp(at, word, token->len) != 0)
			continue;
		*begin = (size_t)(at - text);
		*after = *begin + token->len;
		while (*after < rw->len && strchr(" \t\r\n", rw->sql[*after]))
			(*after)++;
		found = true;
	}
	return found;
}

static size_t count_references(const struct so_rewriter *rw, so_ref query)
{
	int32_t block = so_resolved_block(rw->resolved, query);
	size_t n = 0;

	for (size_t i = 0; i < rw->resolved->n_rels; i++)
		n += rw->resolved->rels[i].kind == SO_REL_CTE && rw->resolved->rels[i].source == block;
	return n;
}

static enum so_walk find_locking(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	bool *found = arg;

	(void)parent;
	*found = so_ast_kind(ast, ref) == SO_N_LOCKING || so_kind_is_dml(so_ast_kind(ast, ref));
	return *found ? SO_WALK_STOP : SO_WALK_ON;
}

bool so_rule_inline_cte(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	const struct so_n_cte *cte;
	const char *volatile_call;
	char *name;
	size_t begin, after;
	bool locks = false;

	if (!rw->resolved || so_ast_kind(rw->ast, ref) != SO_N_CTE)
		return false;
	cte = so_as_cte(rw->ast, ref);
	if (cte->materialized != SO_MATERIALIZED_ALWAYS ||
		(rw->ast->dialect == SO_POSTGRESQL && rw->catalog->version_num < 120000) ||
		so_ast_has_flag(rw->ast, so_tree_parent(rw->tree, ref), SO_NF_RECURSIVE) ||
		!so_kind_is_query(so_ast_kind(rw->ast, cte->query)) || count_references(rw, cte->query) != 1 ||
		!find_word(rw, so_node_first(rw->ast, &cte->hdr),
			so_node_first(rw->ast, so_ast_node(rw->ast, cte->query)), "materialized", &begin, &after))
		return false;
	so_ast_walk(rw->ast, cte->query, find_locking, &locks);
	if (locks)
		return false;
	name = so_ast_name_dup(out, rw->ast, cte->name);
	out->what = so_printf(out, "%s without MATERIALIZED", name);
	so_rewrite_evidence(out, "%s is referenced once", name);
	volatile_call = so_rewrite_volatile(out, rw, cte->query);
	if (volatile_call)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "%s: how often it runs would change", volatile_call);
	else
		so_rewrite_evidence(
			out, "every function in it is immutable or stable, and it locks and changes no rows");
	so_rewrite_edit(out, begin, after, "%s", "");
	return true;
}
