/* Query blocks: their scopes and what they return. */
#include <string.h>
#include <strings.h>

#include "sql/facts.h"
#include "sql/resolve/facts_function.h"
#include "sql/resolve/resolver.h"

static struct so_block *block_at(const struct resolver *r, int32_t block)
{
	return &r->out->blocks[block];
}

/* ---- Outputs ---------------------------------------------------------------------------------------------------- */

/* The text of an expression as it was written; Oracle's without blanks, in capitals. */
static const char *text_name(struct resolver *r, so_ref expr)
{
	struct so_text text = so_ast_source_of(r->ast, expr);
	char *name = so_strndup(r->out, text.s, text.len), *to = name;

	if (r->ast->dialect != SO_ORACLE)
		return name;
	for (const char *from = name; *from; from++)
		if (*from != ' ' && *from != '\t' && *from != '\n' && *from != '\r')
			*to++ = *from >= 'a' && *from <= 'z' ? (char)(*from - 32) : *from;
	*to = '\0';
	return name;
}

static const char *natural_name(struct resolver *r, so_ref expr);

/* What the engine calls an output that has no label. */
static const char *output_name(struct resolver *r, so_ref expr)
{
	const char *name;

	if (so_ast_kind(r->ast, expr) == SO_N_COLUMN)
		return so_res_name(r, so_as_column(r->ast, expr)->name);
	switch (r->ast->dialect) {
	case SO_POSTGRESQL:
		name = natural_name(r, expr);
		return name ? name : "?column?";
	case SO_TSQL: /* SELECT label = 1 has one */
		return "";
	default:
		return text_name(r, expr);
	}
}

/* The name that PostgreSQL gives a column without a label; NULL when it has none of its own. */
static const char *natural_name(struct resolver *r, so_ref expr)
{
	const struct so_n_func *func;
	const char *name;

	switch (so_ast_kind(r->ast, expr)) {
	case SO_N_COLUMN:
		return so_res_name(r, so_as_column(r->ast, expr)->name);
	case SO_N_FIELD:
		return so_as_field(r->ast, expr)->name.len ? so_res_name(r, so_as_field(r->ast, expr)->name) : NULL;
	case SO_N_SUBSCRIPT:
		return natural_name(r, so_as_subscript(r->ast, expr)->arg);
	case SO_N_COLLATE:
		return natural_name(r, so_as_collate(r->ast, expr)->arg);
	case SO_N_FUNC:
		func = so_as_func(r->ast, expr);
		return so_res_name(r, func->name);
	case SO_N_CAST:
		name = natural_name(r, so_as_cast(r->ast, expr)->arg);
		return name ? name : so_res_name(r, so_as_type(r->ast, so_as_cast(r->ast, expr)->type)->name);
	case SO_N_CASE:
		name = natural_name(r, so_as_case(r->ast, expr)->otherwise);
		return name ? name : "case";
	case SO_N_EXISTS:
		return "exists";
	case SO_N_ARRAY:
		return "array";
	case SO_N_ROW:
		return so_ast_has_flag(r->ast, expr, SO_NF_ALL) ? "row" : NULL;
	case SO_N_SUBQUERY: {
		const struct so_n_subquery *sub = so_as_subquery(r->ast, expr);
		int32_t block = so_resolved_block(r->out, sub->query);

		if (sub->type == SO_SUBQUERY_ARRAY)
			return "array";
		return block >= 0 && block_at(r, block)->n_outputs ? block_at(r, block)->outputs[0].name : NULL;
	}
	default:
		return NULL;
	}
}

struct outputs {
	struct so_col *cols;
	size_t n, room;
};

static void push_output(struct resolver *r, struct outputs *out, struct so_col col)
{
	if (out->n == out->room) {
		out->room = out->room ? out->room * 2 : 8;
		out->cols = so_renew_array(r->out, out->cols, struct so_col, out->room);
	}
	out->cols[out->n++] = col;
}

static void push_rel_column(struct resolver *r, struct outputs *out, int32_t rel, int32_t column)
{
	struct so_col col = r->out->rels[rel].cols[column];

	col.not_null = col.not_null && !r->out->rels[rel].nullable;
	col.expr = 0;
	col.rel = rel;
	col.column = column;
	push_output(r, out, col);
}

void so_res_coalesced_output(struct so_col *col, bool not_null)
{
	/* no column of one relation, but whichever side of the FULL JOIN has a row */
	col->rel = col->column = -1;
	col->not_null = not_null;
}

/* Whether the column is hidden behind a merged one of the same name (which stands first). */
static bool is_merged(const struct resolver *r, const struct scope *scope, int32_t rel, int32_t column)
{
	for (size_t i = 0; i < r->n_merged; i++) {
		const struct merged *m = &r->merged[i];

		if (m->block == scope->block && rel >= m->from && rel < m->to &&
			so_res_same(r, r->out->rels[m->rel].cols[m->column].name, r->out->rels[rel].cols[column].name))
			return true;
	}
	return false;
}

static bool expand(struct resolver *r, struct outputs *out, const char *table, const struct scope *scope)
{
	bool found = false;

	for (size_t i = 0; !table && i < r->n_merged; i++) {
		const struct merged *m = &r->merged[i];
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || (r->merged[k].block == m->block && r->merged[k].rel == m->rel &&
						 r->merged[k].column == m->column);
		if (m->block == scope->block && !again) {
			push_rel_column(r, out, m->rel, m->column);
			if (m->coalesced)
				so_res_coalesced_output(
					&out->cols[out->n - 1], m->not_null && !r->out->rels[m->rel].nullable_below);
		}
	}
	for (const struct scope *at = scope; at && !found; at = table ? at->outer : NULL) {
		for (int32_t i = at->from; i < at->to; i++) {
			const struct so_rel *rel = &r->out->rels[i];

			if (rel->block != at->block ||
				(table ? !so_res_same_table(r, rel->name, table) : rel->qualified_only))
				continue;
			if (!table && so_ast_kind(r->ast, rel->node) == SO_N_JOIN)
				continue; /* the alias of a join: its tables are there already */
			found = true;
			for (size_t c = 0; c < r->out->rels[i].n_cols; c++)
				if (table || !is_merged(r, scope, i, (int32_t)c))
					push_rel_column(r, out, i, (int32_t)c);
		}
	}
	return found || !table;
}

static void expand_star(struct resolver *r, struct outputs *out, so_ref star, const struct scope *scope)
{
	so_ref qualifier = so_as_star(r->ast, star)->qualifier;
	const char *table = qualifier ? so_res_name(r, so_as_name(r->ast, qualifier)->name) : NULL;

	if (!expand(r, out, table, scope))
		so_res_fail(r, star, "missing FROM-clause entry for table \"%s\"", table);
}

size_t so_res_star(struct resolver *r, const struct scope *scope, struct so_col **cols, bool *open)
{
	struct outputs out = { 0 };

	expand(r, &out, NULL, scope);
	for (int32_t i = scope->from; i < scope->to; i++)
		*open = *open || (r->out->rels[i].block == scope->block && r->out->rels[i].open);
	*cols = out.cols;
	return out.n;
}

/* Above grouping sets anything else, even a constant, may be what is grouped by. */
static bool is_count(const struct so_ast *ast, so_ref expr)
{
	struct so_text name = { "", 0 };

	if (so_ast_kind(ast, expr) == SO_N_FUNC)
		name = so_ast_name(ast, so_as_func(ast, expr)->name);
	return name.len == 5 && strncasecmp(name.s, "count", 5) == 0;
}

void so_res_outputs(struct resolver *r, int32_t block, struct so_list targets, const struct scope *scope)
{
	struct outputs out = { 0 };

	for (uint32_t i = 0; i < targets.count && !r->failed; i++) {
		const struct so_n_target *target = so_as_target(r->ast, so_list_get(r->ast, targets, i));
		struct so_col col = { .type = "", .expr = target->expr, .rel = -1, .column = -1 };

		if (so_ast_kind(r->ast, target->expr) == SO_N_STAR) {
			expand_star(r, &out, target->expr, scope);
			continue;
		}
		col.name = target->label.len ? so_res_name(r, target->label) : output_name(r, target->expr);
		so_facts_output(r->out, target->expr, &col);
		push_output(r, &out, col);
	}
	for (size_t i = 0; i < out.n && (block_at(r, block)->grouping_sets || scope->grouped); i++)
		out.cols[i].not_null = out.cols[i].not_null && is_count(r->ast, out.cols[i].expr);
	block_at(r, block)->outputs = out.cols;
	block_at(r, block)->n_outputs = out.n;
}

/* ---- WITH ------------------------------------------------------------------------------------------------------- */

static void name_cte_columns(struct resolver *r, so_ref node, struct cte_scope *cte)
{
	struct so_list names = so_as_cte(r->ast, node)->columns;

	if (names.count > cte->n_cols && !cte->open)
		so_res_fail(r, node, "WITH query has %zu columns available but %u columns specified", cte->n_cols,
			names.count);
	for (uint32_t i = 0; i < names.count && i < cte->n_cols; i++)
		cte->cols[i].name = so_res_name(r, so_as_name(r->ast, so_list_get(r->ast, names, i))->name);
}

static struct so_col *added_column(struct resolver *r, struct cte_scope *cte, struct so_name name)
{
	cte->cols = so_renew_array(r->out, cte->cols, struct so_col, cte->n_cols + 1);
	cte->cols[cte->n_cols] = (struct so_col){ .name = so_res_name(r, name), .type = "", .rel = -1, .column = -1 };
	return &cte->cols[cte->n_cols++];
}

static void take_outputs(struct resolver *r, so_ref node, struct cte_scope *cte, int32_t block)
{
	const struct so_n_cte *n = so_as_cte(r->ast, node);

	cte->block = block;
	cte->n_cols = block_at(r, block)->n_outputs;
	cte->cols = so_new_array(r->out, struct so_col, cte->n_cols + 1);
	for (size_t i = 0; i < cte->n_cols; i++)
		cte->cols[i] = block_at(r, block)->outputs[i];
	name_cte_columns(r, node, cte);
	if (n->search)
		added_column(r, cte, so_as_search(r->ast, n->search)->sequence);
	if (n->cycle) {
		added_column(r, cte, so_as_cycle(r->ast, n->cycle)->mark);
		added_column(r, cte, so_as_cycle(r->ast, n->cycle)->path);
	}
}

/* While its own body is read, a recursive CTE offers the columns of its first branch. */
static void guess_recursive(
	struct resolver *r, so_ref node, struct cte_scope *cte, const struct scope *outer, int32_t parent)
{
	so_ref query = so_as_cte(r->ast, node)->query;
	struct cte_scope hidden = *cte;
	size_t blocks = r->out->n_blocks, rels = r->out->n_rels, uses = r->out->n_uses;
	int32_t block;

	cte->open = true;
	/* the branch is read twice, so that nests of recursive queries would cost 2^n */
	if (r->guesses >= 3)
		return;
	while (so_ast_kind(r->ast, query) == SO_N_SETOP)
		query = so_as_setop(r->ast, query)->left;
	if (query == so_as_cte(r->ast, node)->query || !so_kind_is_query(so_ast_kind(r->ast, query)))
		return;
	hidden.open = true;
	hidden.level = NULL; /* it stands alone in front of the others */
	r->guesses++;
	block = so_res_query(r, query, outer, &hidden, parent);
	r->guesses--;
	if (r->failed)
		return;
	cte->n_cols = block_at(r, block)->n_outputs;
	cte->cols = block_at(r, block)->outputs;
	name_cte_columns(r, node, cte);
	/* later rounds may bring NULLs */
	for (size_t i = 0; i < cte->n_cols; i++)
		cte->cols[i].not_null = false;
	cte->open = cte->n_cols == 0;
	/* the branch is read again with the whole; merged columns keep their block numbers, which are used again alike
	 */
	r->out->n_blocks = blocks;
	r->out->n_rels = rels;
	r->rel_names = NULL;
	so_res_drop_uses(r, uses);
	while (r->out->n_pairs && r->out->pairs[r->out->n_pairs - 1].left >= (int32_t)rels)
		r->out->n_pairs--;
	while (r->n_merged && (size_t)r->merged[r->n_merged - 1].block >= blocks)
		r->n_merged--;
}

/* An index of a long WITH clause. */
static const struct cte_level *make_level(struct resolver *r, struct so_list ctes, const struct cte_scope *first)
{
	struct cte_level *level;

	if (ctes.count < SO_INDEX_FROM)
		return NULL;
	level = so_new(r->out, struct cte_level);
	level->first = first;
	level->names = so_new(level, struct so_name_index);
	for (uint32_t i = 0; i < ctes.count; i++)
		so_index_add(level->names, so_res_name(r, so_as_cte(r->ast, so_list_get(r->ast, ctes, i))->name));
	return level;
}

/* No function, and no analytic view of Oracle. */
static bool is_resolvable(const struct resolver *r, so_ref item)
{
	enum so_node_kind kind;

	if (so_ast_kind(r->ast, item) != SO_N_CTE)
		return false;
	kind = so_ast_kind(r->ast, so_as_cte(r->ast, item)->query);
	return so_kind_is_query(kind) || so_kind_is_dml(kind);
}

int32_t so_res_with(struct resolver *r, so_ref node, so_ref with, const struct scope *outer,
	const struct cte_scope *ctes, int32_t parent,
	int32_t (*body)(struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes,
		int32_t parent))
{
	struct so_list list = so_as_with(r->ast, with)->ctes;
	bool recursive = so_ast_has_flag(r->ast, with, SO_NF_RECURSIVE);
	struct cte_scope *made = so_new_array(r->out, struct cte_scope, list.count + 1);
	const struct cte_level *level;

	for (uint32_t i = 0; i < list.count; i++)
		if (!is_resolvable(r, so_list_get(r->ast, list, i))) {
			so_res_fail(r, so_list_get(r->ast, list, i), "only queries in WITH are resolved");
			return -1;
		}
	level = make_level(r, list, made);
	for (uint32_t i = 0; i < list.count && !r->failed; i++) {
		so_ref cte = so_list_get(r->ast, list, i), query = so_as_cte(r->ast, cte)->query;
		int32_t block;

		made[i] = (struct cte_scope){ .outer = i ? &made[i - 1] : ctes,
			.node = cte,
			.name = so_res_name(r, so_as_cte(r->ast, cte)->name),
			.block = -1,
			.level = level,
			.number = (int32_t)i };
		if (recursive)
			guess_recursive(r, cte, &made[i], outer, parent);
		if (r->failed)
			break;
		if (so_kind_is_query(so_ast_kind(r->ast, query)))
			block = so_res_query(r, query, outer, recursive ? &made[i] : made[i].outer, parent);
		else
			block = so_res_dml(r, query, outer, recursive ? &made[i] : made[i].outer, parent);
		if (r->failed)
			break;
		made[i].open = false;
		take_outputs(r, cte, &made[i], block);
	}
	if (r->failed)
		return -1;
	return body(r, node, outer, list.count ? &made[list.count - 1] : ctes, parent);
}

/* ---- Blocks ----------------------------------------------------------------------------------------------------- */

/* ORDER BY and GROUP BY: a bare name may be an output; an integer is a position. */
static void sort_items(struct resolver *r, struct so_list list, const struct scope *scope, const struct cte_scope *ctes,
	bool order, bool in_sets)
{
	unsigned inside = order ? SO_RES_LABELS_ORDER : SO_RES_LABELS_GROUP;

	for (uint32_t i = 0; i < list.count; i++) {
		so_ref item = so_list_get(r->ast, list, i);
		so_ref arg = so_ast_kind(r->ast, item) == SO_N_SORT ? so_as_sort(r->ast, item)->arg : item;
		struct scope inner = *scope;
		enum so_node_kind kind = so_ast_kind(r->ast, arg);
		bool bare = kind == SO_N_COLUMN;

		/* ROLLUP ((a, b), c): each of them may be an output */
		if (!order && (kind == SO_N_GROUPING || (kind == SO_N_ROW && in_sets))) {
			sort_items(r,
				kind == SO_N_ROW ? so_as_row(r->ast, arg)->items : so_as_grouping(r->ast, arg)->items,
				scope, ctes, false, true);
			continue;
		}
		inner.outputs_first = order && bare;
		inner.outputs_last = (!order && bare && (so_res_labels(r) & SO_RES_LABELS_BARE)) ||
				     (!bare && (so_res_labels(r) & inside));
		so_res_expr(r, arg, &inner, ctes);
	}
}

static bool is_model(const struct so_ast *ast, so_ref phrase)
{
	struct so_list items = so_as_phrase(ast, phrase)->items;
	so_ref word = items.count ? so_list_get(ast, items, 0) : 0;

	return so_ast_kind(ast, word) == SO_N_WORD && so_ast_name_is(ast, so_as_word(ast, word)->text, "MODEL");
}

/* MODEL makes cells with names of its own, which select list and ORDER BY mean, too. */
static void read_model(
	struct resolver *r, const struct so_n_select *select, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_rare_select *rare = so_rare_select(r->ast, select);

	for (uint32_t i = 0; i < rare->extra.count; i++) {
		so_ref phrase = so_list_get(r->ast, rare->extra, i);

		if (so_ast_kind(r->ast, phrase) != SO_N_PHRASE || !is_model(r->ast, phrase))
			continue;
		scope->any_name = true;
		so_res_expr(r, phrase, scope, ctes);
	}
}

static enum so_walk find_aggregate(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) == SO_N_FUNC && so_fact_may_be_aggregate(ast, ref))
		*(bool *)arg = true;
	return *(bool *)arg ? SO_WALK_STOP : SO_WALK_ON;
}

/* SELECT id, count(*) FROM t: allowed by some, who make a row with NULL when there are none. */
static bool is_one_group(const struct resolver *r, const struct so_n_select *select)
{
	bool found = false;

	if (r->ast->dialect != SO_MYSQL && r->ast->dialect != SO_MARIADB && r->ast->dialect != SO_SQLITE)
		return false;
	for (uint32_t i = 0; i < select->targets.count && !select->group_by.count; i++)
		so_ast_walk(r->ast, so_list_get(r->ast, select->targets, i), find_aggregate, &found);
	if (select->having && !select->group_by.count)
		found = true;
	return found;
}

static void select_block(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_select *select = so_as_select(r->ast, node);
	const struct so_rare_select *rare = so_rare_select(r->ast, select);

	unsigned labels = so_res_labels(r);
	struct scope with_labels;

	so_res_from(r, select->from, scope, ctes);
	if (!(labels & SO_RES_LABELS_WHERE))
		so_res_expr(r, select->where, scope, ctes);
	so_res_outer_plus(r, select->where);
	if (rare->hierarchy) {
		so_res_expr(r, so_as_hierarchy(r->ast, rare->hierarchy)->start, scope, ctes);
		so_res_expr(r, so_as_hierarchy(r->ast, rare->hierarchy)->connect, scope, ctes);
	}
	read_model(r, select, scope, ctes);
	scope->grouped = is_one_group(r, select) || scope->any_name;
	for (uint32_t i = 0; i < select->group_by.count; i++)
		if (so_ast_kind(r->ast, so_list_get(r->ast, select->group_by, i)) == SO_N_GROUPING)
			scope->grouped = block_at(r, scope->block)->grouping_sets = true;
	for (uint32_t i = 0; i < select->targets.count; i++)
		so_res_expr(r, so_list_get(r->ast, select->targets, i), scope, ctes);
	so_res_outputs(r, scope->block, select->targets, scope);
	with_labels = *scope;
	with_labels.outputs_last = true;
	if (labels & SO_RES_LABELS_WHERE)
		so_res_expr(r, select->where, &with_labels, ctes);
	sort_items(r, select->group_by, scope, ctes, false, false);
	so_res_expr(r, select->having, labels & SO_RES_LABELS_HAVING ? &with_labels : scope, ctes);
	so_res_exprs(r, rare->windows, scope, ctes);
	sort_items(r, rare->distinct_on, scope, ctes, true, false);
}

/* The type that two rows or queries give a column together. */
static void combine(struct so_col *col, const struct so_col *other)
{
	struct so_expr_type a = { .name = col->type, .type_class = col->type_class };
	struct so_expr_type b = { .name = other->type, .type_class = other->type_class };

	so_type_classify(a.name, &a.width_bits);
	so_type_classify(b.name, &b.width_bits);
	a = so_expr_type_common(a, b);
	col->type = a.name;
	col->type_class = a.type_class;
	if (!col->collation || !other->collation || strcmp(col->collation, other->collation) != 0)
		col->collation = NULL;
}

static void values_block(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	struct so_list rows = so_as_values(r->ast, node)->rows;
	struct so_list first = so_as_row(r->ast, so_list_get(r->ast, rows, 0))->items;
	struct so_block *block;

	so_res_exprs(r, rows, scope, ctes);
	if (r->failed)
		return;
	block = block_at(r, scope->block);
	block->outputs = so_new_array(r->out, struct so_col, first.count + 1);
	block->n_outputs = first.count;
	for (uint32_t i = 0; i < first.count; i++) {
		block->outputs[i] = (struct so_col){ .name = so_printf(r->out, "column%u", i + 1),
			.type = "",
			.rel = -1,
			.column = -1,
			.expr = so_list_get(r->ast, first, i) };
		so_facts_output(r->out, block->outputs[i].expr, &block->outputs[i]);
		block->outputs[i].rel = block->outputs[i].column = -1;
	}
	for (uint32_t i = 1; i < rows.count && !r->failed; i++)
		if (so_as_row(r->ast, so_list_get(r->ast, rows, i))->items.count != first.count)
			so_res_fail(r, so_list_get(r->ast, rows, i), "VALUES lists must all be the same length");
	for (uint32_t i = 1; i < rows.count && !r->failed; i++) {
		struct so_list items = so_as_row(r->ast, so_list_get(r->ast, rows, i))->items;

		for (uint32_t k = 0; k < items.count; k++) {
			struct so_col col = { .type = "", .rel = -1, .column = -1 };

			so_facts_output(r->out, so_list_get(r->ast, items, k), &col);
			combine(&block->outputs[k], &col);
			block->outputs[k].not_null = block->outputs[k].not_null && col.not_null;
			block->outputs[k].expr = 0;
		}
	}
}

static void first_branch(struct resolver *r, int32_t number, int32_t first)
{
	struct so_block *block = block_at(r, number);

	block->n_outputs = block_at(r, first)->n_outputs;
	block->outputs = so_new_array(r->out, struct so_col, block->n_outputs + 1);
	for (size_t i = 0; i < block->n_outputs; i++) {
		block->outputs[i] = block_at(r, first)->outputs[i];
		block->outputs[i].expr = 0;
		block->outputs[i].rel = block->outputs[i].column = -1;
	}
}

static void add_branch(struct resolver *r, int32_t number, int32_t branch, uint32_t op)
{
	struct so_block *block = block_at(r, number);

	for (size_t i = 0; i < block->n_outputs; i++) {
		const struct so_col *other = &block_at(r, branch)->outputs[i];

		combine(&block->outputs[i], other);
		/* of EXCEPT the rows are those of the left side; of INTERSECT they are in both */
		if (op == SO_UNION)
			block->outputs[i].not_null = block->outputs[i].not_null && other->not_null;
		else if (op == SO_INTERSECT)
			block->outputs[i].not_null = block->outputs[i].not_null || other->not_null;
	}
}

/* UNION chains nest to the left: unrolled. The outputs are those of the first branch. */
static void setop_block(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	int32_t first = -1, branch;
	size_t n = 0;
	so_ref *chain;

	for (so_ref at = node; so_ast_kind(r->ast, at) == SO_N_SETOP && (at == node || !so_as_query(r->ast, at)->with);
		at = so_as_setop(r->ast, at)->left)
		n++;
	chain = so_new_array(r->out, so_ref, n);
	n = 0;
	for (so_ref at = node; so_ast_kind(r->ast, at) == SO_N_SETOP && (at == node || !so_as_query(r->ast, at)->with);
		at = so_as_setop(r->ast, at)->left)
		chain[n++] = at;
	first = so_res_query(r, so_as_setop(r->ast, chain[n - 1])->left, scope->outer, ctes, scope->block);
	if (!r->failed)
		first_branch(r, scope->block, first);
	while (n-- && !r->failed) {
		branch = so_res_query(r, so_as_setop(r->ast, chain[n])->right, scope->outer, ctes, scope->block);
		if (!r->failed && block_at(r, branch)->n_outputs == block_at(r, first)->n_outputs)
			add_branch(r, scope->block, branch, so_as_setop(r->ast, chain[n])->op);
		else if (!r->failed)
			so_res_fail(r, so_as_setop(r->ast, chain[n])->right,
				"each query of a set operation must have the same number of columns");
	}
}

static int32_t query_body(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	int32_t block = so_res_add_block(r, node, parent);
	struct scope scope = {
		.outer = outer, .block = block, .from = (int32_t)r->out->n_rels, .to = (int32_t)r->out->n_rels
	};
	const struct so_n_query *query = so_as_query(r->ast, node);

	switch (so_ast_kind(r->ast, node)) {
	case SO_N_SELECT:
		select_block(r, node, &scope, ctes);
		break;
	case SO_N_VALUES:
		values_block(r, node, &scope, ctes);
		break;
	default:
		setop_block(r, node, &scope, ctes);
	}
	if (r->failed)
		return block;
	sort_items(r, query->order_by, &scope, ctes, true, false);
	so_res_expr(r, query->limit, &scope, ctes);
	so_res_expr(r, so_rare_query(r->ast, query)->offset, &scope, ctes);
	return block;
}

int32_t so_res_query(
	struct resolver *r, so_ref node, const struct scope *outer, const struct cte_scope *ctes, int32_t parent)
{
	so_ref with = so_as_query(r->ast, node)->with;

	if (r->failed)
		return -1;
	if (with)
		return so_res_with(r, node, with, outer, ctes, parent, query_body);
	return query_body(r, node, outer, ctes, parent);
}
