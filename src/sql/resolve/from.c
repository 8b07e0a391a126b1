/* FROM: which relations a block reads, and what columns they offer. */
#include <stdlib.h>
#include <string.h>

#include "sql/resolve/resolver.h"

static struct so_rel *rel_at(const struct resolver *r, int32_t rel)
{
	return &r->out->rels[rel];
}

/* Names of an alias's column list replace those of the relation. */
static void rename_cols(struct resolver *r, so_ref node, struct so_rel *rel, struct so_list names)
{
	if (names.count > rel->n_cols && !rel->open) {
		so_res_fail(r, node, "table \"%s\" has %zu columns available but %u columns specified", rel->name,
			rel->n_cols, names.count);
		return;
	}
	if (names.count > rel->n_cols) {
		rel->cols = so_renew_array(r->out, rel->cols, struct so_col, names.count);
		for (size_t i = rel->n_cols; i < names.count; i++)
			rel->cols[i] = (struct so_col){ .type = "", .rel = -1, .column = -1 };
		rel->n_cols = names.count;
	}
	for (uint32_t i = 0; i < names.count; i++)
		rel->cols[i].name = so_res_name(r, so_as_name(r->ast, so_list_get(r->ast, names, i))->name);
	rel->names = NULL;
}

void so_res_apply_alias(struct resolver *r, so_ref node, so_ref alias, int32_t number)
{
	struct so_rel *rel = rel_at(r, number);

	if (!alias)
		return;
	if (so_as_alias(r->ast, alias)->name.len) {
		rel->name = so_res_name(r, so_as_alias(r->ast, alias)->name);
		if (r->rel_names && (uint32_t)number < r->rel_names->count)
			r->rel_names = NULL;
	}
	if (so_as_alias(r->ast, alias)->columns.count)
		rename_cols(r, node, rel, so_as_alias(r->ast, alias)->columns);
}

/* ---- Tables and CTEs -------------------------------------------------------------------------------------------- */

/* Of a long WITH clause, among those up to `last`; the nearest. */
static const struct cte_scope *find_in_level(const struct resolver *r, const struct cte_scope *last, const char *name)
{
	const struct cte_level *level = last->level;
	const struct cte_scope *found = NULL;

	for (int32_t i = so_index_first(level->names, name); i >= 0 && i <= last->number;
		i = so_index_next(level->names, i))
		if (so_res_same_table(r, level->first[i].name, name))
			found = &level->first[i];
	return found;
}

static const struct cte_scope *find_cte(struct resolver *r, const struct cte_scope *ctes, struct so_name name)
{
	const char *text = ctes ? so_res_name(r, name) : NULL;

	while (ctes) {
		if (ctes->level) {
			const struct cte_scope *found = find_in_level(r, ctes, text);

			if (found)
				return found;
			ctes = ctes->level->first->outer;
		} else if (so_res_same_table(r, ctes->name, text)) {
			return ctes;
		} else {
			ctes = ctes->outer;
		}
	}
	return NULL;
}

static void copy_cols(struct resolver *r, int32_t number, const struct so_col *cols, size_t n)
{
	struct so_rel *rel = rel_at(r, number);

	rel->cols = so_new_array(r->out, struct so_col, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		rel->cols[i] = cols[i];
		rel->cols[i].expr = 0;
		rel->cols[i].rel = rel->cols[i].column = -1;
	}
	rel->n_cols = n;
}

static void table_cols(struct resolver *r, int32_t number, const struct so_table *table)
{
	struct so_rel *rel = rel_at(r, number);

	rel->table = table;
	rel->cols = so_new_array(r->out, struct so_col, table->n_columns ? table->n_columns : 1);
	rel->n_cols = table->n_columns;
	for (size_t i = 0; i < table->n_columns; i++)
		rel->cols[i] = (struct so_col){
			.name = table->columns[i].name,
			.type = table->columns[i].type ? table->columns[i].type : "",
			.type_class = table->columns[i].type_class,
			.collation = table->columns[i].collation,
			/* the server does not enforce what a foreign table declares */
			.not_null = table->columns[i].not_null && table->kind != SO_TABLE_FOREIGN,
			.rel = -1,
			.column = -1,
		};
}

/* t@link is a table of another database. */
static bool is_remote(const struct resolver *r, const struct so_n_table *table)
{
	const struct so_rare_table *rare = so_rare_table(r->ast, table);

	for (uint32_t i = 0; i < rare->extra.count; i++) {
		so_ref phrase = so_list_get(r->ast, rare->extra, i), word = 0;

		if (so_ast_kind(r->ast, phrase) == SO_N_PHRASE && so_as_phrase(r->ast, phrase)->items.count)
			word = so_list_get(r->ast, so_as_phrase(r->ast, phrase)->items, 0);
		if (so_ast_kind(r->ast, word) == SO_N_WORD &&
			so_ast_name_is(r->ast, so_as_word(r->ast, word)->text, "@"))
			return true;
	}
	return false;
}

int32_t so_res_table(struct resolver *r, so_ref node, int32_t block, const struct cte_scope *ctes)
{
	const struct so_n_table *table = so_as_table(r->ast, node);
	const struct so_rare_table *rare = so_rare_table(r->ast, table);
	const struct cte_scope *cte = table->qualifier ? NULL : find_cte(r, ctes, table->name);
	const char *schema = table->qualifier ? so_res_name(r, so_as_name(r->ast, table->qualifier)->name) : NULL;
	int32_t number = so_res_add_rel(r, block, node, cte ? SO_REL_CTE : SO_REL_TABLE);
	const struct so_table *found;

	rel_at(r, number)->name = so_res_name(r, table->name);
	if (cte) {
		rel_at(r, number)->source = cte->block;
		rel_at(r, number)->open = cte->open;
		copy_cols(r, number, cte->cols, cte->n_cols);
	} else {
		found = so_res_catalog_table(r, schema, rel_at(r, number)->name);
		if (is_remote(r, table))
			rel_at(r, number)->open = true;
		else if (found)
			table_cols(r, number, found);
		else if (so_res_is_system_name(r, schema, rel_at(r, number)->name))
			rel_at(r, number)->open = true;
		else
			so_res_fail(r, node, "relation \"%s%s%s\" does not exist", schema ? schema : "",
				schema ? "." : "", rel_at(r, number)->name);
	}
	so_res_apply_alias(r, node, table->alias, number);
	if (rare->sample)
		so_res_exprs(r, so_as_sample(r->ast, rare->sample)->args, &(struct scope){ .block = block }, ctes);
	return number;
}

/* ---- Subqueries and functions ----------------------------------------------------------------------------------- */

static void from_query(struct resolver *r, so_ref node, const struct scope *scope, const struct cte_scope *ctes)
{
	so_ref query = so_as_from_query(r->ast, node)->query;
	bool lateral = so_ast_has_flag(r->ast, node, SO_NF_LATERAL) || scope->apply;
	bool dml = so_kind_is_dml(so_ast_kind(r->ast, query));
	int32_t source = dml ? so_res_dml(r, query, scope->outer, ctes, scope->block)
			     : so_res_query(r, query, lateral ? scope : scope->outer, ctes, scope->block);
	int32_t number;

	if (r->failed)
		return;
	number = so_res_add_rel(r, scope->block, node, SO_REL_QUERY);
	rel_at(r, number)->source = source;
	rel_at(r, number)->lateral = lateral;
	copy_cols(r, number, r->out->blocks[source].outputs, r->out->blocks[source].n_outputs);
	so_res_apply_alias(r, node, so_as_from_query(r->ast, node)->alias, number);
}

static void coldef_cols(struct resolver *r, int32_t number, struct so_list coldefs)
{
	struct so_rel *rel = rel_at(r, number);

	rel->cols = so_new_array(r->out, struct so_col, coldefs.count + 1);
	rel->n_cols = coldefs.count;
	for (uint32_t i = 0; i < coldefs.count; i++) {
		so_ref node = so_list_get(r->ast, coldefs, i);
		const struct so_n_coldef *coldef = so_as_coldef(r->ast, node);

		rel->cols[i] =
			(struct so_col){ .name = so_res_name(r, coldef->name), .type = "", .rel = -1, .column = -1 };
		/* FOR ORDINALITY has no type */
		so_res_coldef_type(r, coldef->type, &rel->cols[i]);
		rel->cols[i].not_null =
			so_ast_has_flag(r->ast, node, SO_NF_NOT) || so_ast_has_flag(r->ast, node, SO_NF_ORDINALITY);
	}
}

/* A function in FROM: its columns are those of its column list; otherwise unknown, but a scalar function offers one
 * column named like the function or its alias. */
static void from_func(struct resolver *r, so_ref node, const struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_from_func *func = so_as_from_func(r->ast, node);
	so_ref first = func->funcs.count ? so_list_get(r->ast, func->funcs, 0) : 0;
	so_ref alias = func->alias;
	int32_t number;

	so_res_exprs(r, func->funcs, scope, ctes);
	if (r->failed)
		return;
	number = so_res_add_rel(r, scope->block, node, SO_REL_FUNCTION);
	rel_at(r, number)->lateral = true;
	rel_at(r, number)->open = true;
	/* TABLE(x)(+) */
	rel_at(r, number)->nullable = r->ast->dialect == SO_ORACLE && so_ast_has_flag(r->ast, node, SO_NF_OUTER);
	if (so_ast_kind(r->ast, first) == SO_N_FUNC) {
		const struct so_n_func *call = so_as_func(r->ast, first);
		so_ref arg = call->args.count ? so_list_get(r->ast, call->args, 0) : 0;

		rel_at(r, number)->name = so_res_name(r, call->name);
		if (call->syntax == SO_FS_WORDS && so_ast_kind(r->ast, arg) == SO_N_PHRASE)
			rel_at(r, number)->open = !so_res_phrase_columns(r, arg, number);
	}
	if (!alias)
		return;
	if (so_as_alias(r->ast, alias)->coldefs.count) {
		coldef_cols(r, number, so_as_alias(r->ast, alias)->coldefs);
		rel_at(r, number)->open = false;
	}
	so_res_apply_alias(r, node, alias, number);
}

static void from_xml(struct resolver *r, so_ref node, const struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_from_xml *xml = so_as_from_xml(r->ast, node);
	int32_t number;

	so_res_expr(r, xml->path, scope, ctes);
	so_res_expr(r, xml->document, scope, ctes);
	number = so_res_add_rel(r, scope->block, node, SO_REL_FUNCTION);
	rel_at(r, number)->name = "xmltable";
	coldef_cols(r, number, xml->columns);
	so_res_apply_alias(r, node, xml->alias, number);
}

/* ---- Joins ------------------------------------------------------------------------------------------------------ */

static void set_nullable(struct resolver *r, int32_t block, int32_t from, int32_t to)
{
	for (int32_t i = from; i < to; i++)
		if (rel_at(r, i)->block == block) {
			rel_at(r, i)->nullable_below = rel_at(r, i)->nullable;
			rel_at(r, i)->nullable = true;
		}
}

/* The only relation in a range with a column of this name; -1 none, -2 several. */
static int32_t find_in_range(
	const struct resolver *r, int32_t block, int32_t from, int32_t to, const char *name, int32_t *column)
{
	int32_t found = -1;

	for (size_t i = r->n_merged; i--;) {
		const struct merged *m = &r->merged[i];

		if (m->block == block && m->from >= from && m->to <= to &&
			so_res_same(r, rel_at(r, m->rel)->cols[m->column].name, name)) {
			*column = m->column;
			return m->rel;
		}
	}
	for (int32_t i = from; i < to; i++) {
		int32_t at = rel_at(r, i)->block == block ? so_res_find_col(r, rel_at(r, i), name) : -1;

		if (at < 0)
			continue;
		/* SQLite takes the leftmost */
		if (found >= 0 && r->ast->dialect == SO_SQLITE)
			break;
		if (found >= 0)
			return -2;
		found = i;
		*column = at;
	}
	return found;
}

static bool range_is_open(const struct resolver *r, int32_t block, int32_t from, int32_t to)
{
	for (int32_t i = from; i < to; i++)
		if (rel_at(r, i)->block == block && rel_at(r, i)->open)
			return true;
	return false;
}

struct join_range {
	int32_t from, middle, to; /* left relations [from, middle), right ones [middle, to) */
};

/* The merged column that find_in_range found, if it was one. */
static const struct merged *merged_at(
	const struct resolver *r, int32_t block, int32_t from, int32_t to, int32_t rel, int32_t column)
{
	for (size_t i = r->n_merged; i--;) {
		const struct merged *m = &r->merged[i];

		if (m->block == block && m->from >= from && m->to <= to && m->rel == rel && m->column == column)
			return m;
	}
	return NULL;
}

static void add_merged(struct resolver *r, so_ref join_node, const struct so_n_join *join, struct merged merged,
	struct join_range range, struct so_rel_col left, struct so_rel_col right)
{
	const struct merged *l = merged_at(r, merged.block, range.from, range.middle, left.rel, left.column);
	const struct merged *m = merged_at(r, merged.block, range.middle, range.to, right.rel, right.column);
	bool left_coalesced = l && l->coalesced, right_coalesced = m && m->coalesced;
	bool full = join->type == SO_JOIN_FULL;
	/* set_nullable has marked both sides of a FULL JOIN already, so ask for the column's own promise only when no
	 * other outer join lies below */
	bool left_value = left_coalesced ? l->not_null
					 : rel_at(r, left.rel)->cols[left.column].not_null &&
						   !rel_at(r, left.rel)->nullable_below;
	bool right_value = right_coalesced ? m->not_null
					   : rel_at(r, right.rel)->cols[right.column].not_null &&
						     !rel_at(r, right.rel)->nullable_below;
	struct so_pair *pair;

	merged.coalesced =
		full || (merged.rel == left.rel && merged.column == left.column ? left_coalesced : right_coalesced);
	merged.not_null = full                                                     ? left_value && right_value
			  : merged.rel == left.rel && merged.column == left.column ? left_value
										   : right_value;
	r->merged = so_renew_array(r->out, r->merged, struct merged, r->n_merged + 1);
	r->merged[r->n_merged++] = merged;
	if (full || left_coalesced || right_coalesced)
		return;
	r->out->pairs = so_renew_array(r->out, r->out->pairs, struct so_pair, r->out->n_pairs + 1);
	pair = &r->out->pairs[r->out->n_pairs++];
	*pair = (struct so_pair){ join_node, left.rel, left.column, right.rel, right.column };
}

static void merge_column(
	struct resolver *r, so_ref node, so_ref join_node, int32_t block, struct join_range range, const char *name)
{
	const struct so_n_join *join = so_as_join(r->ast, join_node);
	int32_t left_column = -1, right_column = -1, left, right;
	bool use_right = join->type == SO_JOIN_RIGHT;

	if (!so_res_probe(r, node, name, 2 * r->n_merged + (size_t)(range.to - range.from)))
		return;
	left = find_in_range(r, block, range.from, range.middle, name, &left_column);
	right = find_in_range(r, block, range.middle, range.to, name, &right_column);
	if (left == -2 || right == -2) {
		so_res_fail(r, node, "common column name \"%s\" appears more than once in a table of the join", name);
		return;
	}
	if (left < 0 || right < 0) {
		if (!range_is_open(r, block, range.from, range.to))
			so_res_fail(r, node, "column \"%s\" specified in USING clause does not exist in the %s table",
				name, left < 0 ? "left" : "right");
		return;
	}
	add_merged(r, join_node, join,
		(struct merged){ .block = block,
			.rel = use_right ? right : left,
			.column = use_right ? right_column : left_column,
			.from = range.from,
			.to = range.to },
		range, (struct so_rel_col){ left, left_column }, (struct so_rel_col){ right, right_column });
}

static void natural_columns(struct resolver *r, so_ref node, int32_t block, struct join_range range)
{
	for (int32_t i = range.from; i < range.middle && !r->failed; i++) {
		if (rel_at(r, i)->block != block)
			continue;
		for (size_t c = 0; c < rel_at(r, i)->n_cols && !r->failed; c++) {
			const char *name = rel_at(r, i)->cols[c].name;
			int32_t column;

			if (!so_res_probe(r, node, name, r->n_merged + (size_t)(range.to - range.middle)))
				return;
			if (find_in_range(r, block, range.middle, range.to, name, &column) >= 0)
				merge_column(r, node, node, block, range, name);
		}
	}
}

static void join_alias(struct resolver *r, so_ref node, int32_t block, int32_t from, int32_t to)
{
	int32_t number;
	size_t n = 0;
	struct so_col *cols;

	for (int32_t i = from; i < to; i++)
		n += rel_at(r, i)->block == block ? rel_at(r, i)->n_cols : 0;
	cols = so_new_array(r->out, struct so_col, n + 1);
	n = 0;
	for (int32_t i = from; i < to; i++)
		for (size_t c = 0; rel_at(r, i)->block == block && c < rel_at(r, i)->n_cols; c++) {
			cols[n] = rel_at(r, i)->cols[c];
			cols[n].not_null = cols[n].not_null && !rel_at(r, i)->nullable;
			n++;
		}
	number = so_res_add_rel(r, block, node, SO_REL_QUERY);
	copy_cols(r, number, cols, n);
	so_res_apply_alias(r, node, so_as_join(r->ast, node)->alias, number);
}

static void join_condition(
	struct resolver *r, so_ref node, struct scope *scope, struct join_range range, const struct cte_scope *ctes)
{
	const struct so_n_join *join = so_as_join(r->ast, node);
	struct scope inner = *scope;

	if (join->type == SO_JOIN_LEFT || join->type == SO_JOIN_FULL)
		set_nullable(r, scope->block, range.middle, range.to);
	if (join->type == SO_JOIN_RIGHT || join->type == SO_JOIN_FULL)
		set_nullable(r, scope->block, range.from, range.middle);
	inner.from = range.from;
	inner.to = range.to;
	so_res_expr(r, join->on, &inner, ctes);
	for (uint32_t i = 0; i < join->columns.count; i++) {
		so_ref name = so_list_get(r->ast, join->columns, i);

		merge_column(r, name, node, scope->block, range, so_res_name(r, so_as_name(r->ast, name)->name));
	}
	if (join->hdr.flags & SO_NF_NATURAL)
		natural_columns(r, node, scope->block, range);
	if (join->alias)
		join_alias(r, node, scope->block, range.from, range.to);
}

/* Joins nest to the left: the chain is unrolled, so that its length is no depth of recursion. */
static void from_join(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	int32_t from = (int32_t)r->out->n_rels;
	size_t n = 0;
	so_ref *chain;

	for (so_ref at = node; so_ast_kind(r->ast, at) == SO_N_JOIN; at = so_as_join(r->ast, at)->left)
		n++;
	chain = so_new_array(r->out, so_ref, n);
	n = 0;
	for (so_ref at = node; so_ast_kind(r->ast, at) == SO_N_JOIN; at = so_as_join(r->ast, at)->left)
		chain[n++] = at;
	so_res_from_item(r, so_as_join(r->ast, chain[n - 1])->left, scope, ctes);
	while (n-- && !r->failed) {
		struct join_range range = { .from = from, .middle = (int32_t)r->out->n_rels };
		bool apply = scope->apply;

		scope->apply = apply || so_ast_has_flag(r->ast, chain[n], SO_NF_LATERAL);
		so_res_from_item(r, so_as_join(r->ast, chain[n])->right, scope, ctes);
		scope->apply = apply;
		range.to = (int32_t)r->out->n_rels;
		if (!r->failed)
			join_condition(r, chain[n], scope, range, ctes);
	}
}

void so_res_from_item(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	if (r->failed)
		return;
	switch (so_ast_kind(r->ast, node)) {
	case SO_N_TABLE:
		so_res_table(r, node, scope->block, ctes);
		break;
	case SO_N_FROM_QUERY:
		from_query(r, node, scope, ctes);
		break;
	case SO_N_FROM_FUNC:
		from_func(r, node, scope, ctes);
		break;
	case SO_N_FROM_XML:
		from_xml(r, node, scope, ctes);
		break;
	case SO_N_JOIN:
		from_join(r, node, scope, ctes);
		break;
	case SO_N_PIVOT:
		so_res_from_pivot(r, node, scope, ctes);
		break;
	case SO_N_FROM_CLAUSE:
		so_res_from_clause(r, node, scope, ctes);
		break;
	default:
		break;
	}
	scope->to = (int32_t)r->out->n_rels;
}

void so_res_from(struct resolver *r, struct so_list from, struct scope *scope, const struct cte_scope *ctes)
{
	for (uint32_t i = 0; i < from.count; i++)
		so_res_from_item(r, so_list_get(r->ast, from, i), scope, ctes);
}
