/* What two rows of a block must agree on: fixed values and equalities make columns known, a known key makes a relation
 * done, a done relation makes its columns known. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/resolve/facts_closure.h"
#include "sql/resolve/facts_function.h"
#include "sql/resolve/memo.h"

void so_closure_know(struct closure *c, int32_t rel, int32_t column)
{
	if (rel < 0 || column < 0 || !so_closure_known(c, rel) || so_closure_known(c, rel)[column])
		return;
	so_closure_known(c, rel)[column] = true;
	c->changed = true;
}

bool so_closure_all_done(const struct closure *c, int32_t from, int32_t to)
{
	for (int32_t i = from > c->from ? from : c->from; i < to && i < c->to; i++)
		if (so_closure_known(c, i) && !c->done[i - c->from])
			return false;
	return true;
}

static bool has_fixed(const struct equality *e, bool right, const struct closure *c)
{
	so_ref expr = right ? e->right_expr : e->left_expr;

	return expr && so_closure_is_fixed(c, expr);
}

static void side(struct closure *c, const struct equality *e, bool right)
{
	struct so_rel_col to = right ? e->right : e->left, from = right ? e->left : e->right;
	struct so_comparison cmp;
	bool outer_join = e->need_to > e->need_from && !e->holds;

	if (to.rel < e->from || to.rel >= e->to || to.rel < 0 || so_closure_known(c, to.rel)[to.column])
		return;
	if (from.rel >= 0) {
		if (!so_closure_known(c, from.rel)[from.column])
			return;
		/* from the other side of an outer join: whether the row was joined must be determined, too */
		if ((from.rel < e->from || from.rel >= e->to) && !so_closure_all_done(c, e->need_from, e->need_to))
			return;
		so_column_comparison(c->resolved, from, to, &cmp);
	} else {
		if (e->never_fixed || (outer_join && !so_closure_all_done(c, e->need_from, e->need_to)) ||
			!has_fixed(e, !right, c))
			return;
		so_exprs_comparison(
			c->resolved, right ? e->left_expr : e->right_expr, right ? e->right_expr : e->left_expr, &cmp);
	}
	/* an explicit COLLATE or cast on the column's side leaves no column there: see column_of */
	if (cmp.left_gives_right)
		so_closure_know(c, to.rel, to.column);
}

/* An equality that holds in every row keeps NULLs out. */
static bool never_null(const struct closure *c, int32_t rel, int32_t column)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct equality *e = &c->equalities[i];

		if (e->holds && ((e->left.rel == rel && e->left.column == column) ||
					(e->right.rel == rel && e->right.column == column)))
			return true;
	}
	return so_cond_rejects_null(c->resolved, c->where, rel, column);
}

bool so_closure_phrase_begins(const struct so_ast *ast, so_ref phrase, const char *word)
{
	struct so_list items =
		so_ast_kind(ast, phrase) == SO_N_PHRASE ? so_as_phrase(ast, phrase)->items : (struct so_list){ 0, 0 };
	so_ref first = items.count ? so_list_get(ast, items, 0) : 0;

	return so_ast_kind(ast, first) == SO_N_WORD && so_ast_name_is(ast, so_as_word(ast, first)->text, word);
}

/* Former versions of a row have its key, too: FOR SYSTEM_TIME ALL, VERSIONS BETWEEN. */
static bool has_versions(const struct so_ast *ast, so_ref node)
{
	const struct so_rare_table *table;

	if (so_ast_kind(ast, node) != SO_N_TABLE)
		return false;
	table = so_rare_table(ast, so_as_table(ast, node));
	for (uint32_t i = 0; i < table->extra.count; i++)
		if (so_closure_phrase_begins(ast, so_list_get(ast, table->extra, i), "VERSIONS") ||
			so_closure_phrase_begins(ast, so_list_get(ast, table->extra, i), "FOR"))
			return true;
	return table->temporal && so_as_temporal(ast, table->temporal)->type != SO_TEMPORAL_AS_OF;
}

/* A key may compare by another rule than its column does: 'a' and 'A' are two to it and one to DISTINCT. */
static bool has_other_collation(const struct so_table *table, const struct so_key *key)
{
	for (size_t i = 0; i < table->n_indexes; i++) {
		const struct so_index *index = &table->indexes[i];

		if (!index->name || !key->name || strcmp(index->name, key->name) != 0)
			continue;
		for (size_t k = 0; k < index->n_keys; k++) {
			int32_t column = index->keys[k].column;
			const char *own = column >= 0 && (size_t)column < table->n_columns
						  ? table->columns[column].collation
						  : NULL;

			if (index->keys[k].collation && own && strcasecmp(index->keys[k].collation, own) != 0)
				return true;
		}
	}
	return false;
}

static bool key_known(const struct closure *c, int32_t rel, const struct so_key *key)
{
	const struct so_rel *r = &c->resolved->rels[rel];

	/* SQL Server's keys take one NULL */
	bool one_null = key->nulls_not_distinct || c->resolved->ast->dialect == SO_TSQL;

	if (has_versions(c->resolved->ast, r->node) || has_other_collation(r->table, key))
		return false;
	if (!key->validated || key->deferrable || !key->n_columns)
		return false;
	for (size_t i = 0; i < key->n_columns; i++) {
		int32_t column = key->columns[i];

		if (column < 0 || (size_t)column >= r->n_cols || !so_closure_known(c, rel)[column])
			return false;
		/* two rows may both hold NULL; with NULLS NOT DISTINCT they may not, but an outer join's may */
		if ((!one_null || r->nullable) && !r->cols[column].not_null && !never_null(c, rel, column))
			return false;
	}
	return true;
}

static bool source_known(const struct closure *c, int32_t rel)
{
	const struct so_rel *r = &c->resolved->rels[rel];
	const struct so_block *source;
	int32_t *outputs;
	size_t n = 0;
	bool unique, certain = !r->nullable;

	if (r->source < 0 || r->kind == SO_REL_FUNCTION)
		return false;
	source = &c->resolved->blocks[r->source];
	/* SEARCH and CYCLE add columns that tell rows apart */
	if (r->n_cols != source->n_outputs)
		return false;
	/* a lateral query yields rows for each row of those before it */
	if (source->correlated && r->lateral && !so_closure_all_done(c, 0, rel))
		return false;
	outputs = so_mem_need(calloc(r->n_cols + 1, sizeof *outputs));
	for (size_t i = 0; i < r->n_cols; i++) {
		if (!so_closure_known(c, rel)[i])
			continue;
		outputs[n++] = (int32_t)i;
		/* which rows an outer join filled up with NULLs must show */
		certain = certain || r->cols[i].not_null;
	}
	unique = certain && so_block_outputs_unique(c->resolved, r->source, outputs, n);
	free(outputs);
	return unique;
}

/* A function that returns one value, not a set: one row for each row of the relations before it. */
static bool function_known(const struct closure *c, int32_t rel)
{
	const struct so_ast *ast = c->resolved->ast;
	const struct so_rel *r = &c->resolved->rels[rel];
	const struct so_n_from_func *from;
	so_ref call;

	if (ast->dialect != SO_POSTGRESQL || r->kind != SO_REL_FUNCTION || r->nullable ||
		so_ast_kind(ast, r->node) != SO_N_FROM_FUNC)
		return false;
	from = so_as_from_func(ast, r->node);
	if (from->funcs.count != 1 || (from->hdr.flags & SO_NF_ROWS_FROM))
		return false;
	call = so_list_get(ast, from->funcs, 0);
	return so_ast_kind(ast, call) == SO_N_FUNC && !so_func_returns_set(c->resolved, call) &&
	       so_closure_all_done(c, 0, rel);
}

static void determine_rel(struct closure *c, size_t i)
{
	const struct so_rel *rel = &c->resolved->rels[i];
	bool known = false;

	if (!so_closure_known(c, (int32_t)i) || c->done[(int32_t)i - c->from])
		return;
	for (size_t k = 0; rel->kind == SO_REL_TABLE && rel->table && k < rel->table->n_keys && !known; k++)
		known = key_known(c, (int32_t)i, &rel->table->keys[k]);
	if (!known && rel->kind == SO_REL_FUNCTION)
		known = function_known(c, (int32_t)i);
	else if (!known && rel->kind != SO_REL_TABLE)
		known = source_known(c, (int32_t)i);
	if (!known)
		return;
	c->done[(int32_t)i - c->from] = true;
	for (size_t column = 0; column < rel->n_cols && rel->kind != SO_REL_FUNCTION; column++)
		so_closure_know(c, (int32_t)i, (int32_t)column);
	c->changed = true;
}

/* A table whose key is known gives its columns at once: a chain of outer joins, each of which waits for those inside
 * it, would take as many rounds as it has joins. Queries are asked at the end of a round, with all that is known then.
 */
static void know_by(struct closure *c, const struct equality *e, bool right)
{
	int32_t rel = right ? e->right.rel : e->left.rel;
	bool changed = c->changed;

	c->changed = false;
	side(c, e, right);
	if (c->changed && c->resolved->rels[rel].kind == SO_REL_TABLE)
		determine_rel(c, (size_t)rel);
	c->changed = c->changed || changed;
}

/* What the conditions of the block say is found out once. */
static void use_memo(struct closure *c, const struct so_n_select *select)
{
	struct so_facts_memo *memo = c->resolved->memo;
	struct so_block_memo *of_block = memo ? so_memo_of_block(memo, c->block) : NULL;

	if (!of_block || !of_block->ready)
		so_closure_collect(c, select);
	if (!of_block)
		return;
	if (!of_block->ready) {
		of_block->equalities = c->n ? so_memdup(memo, c->equalities, c->n * sizeof *c->equalities) : NULL;
		of_block->n = c->n;
		of_block->nulls = c->n_nulls ? so_memdup(memo, c->nulls, c->n_nulls * sizeof *c->nulls) : NULL;
		of_block->n_nulls = c->n_nulls;
		of_block->ready = true;
		free(c->equalities);
		free(c->nulls);
	}
	c->kept = true;
	c->equalities = of_block->equalities;
	c->n = of_block->n;
	c->nulls = of_block->nulls;
	c->n_nulls = of_block->n_nulls;
}

/* False: no SELECT block, so nothing is known. */
bool so_closure_begin(TALLOC_CTX *tmp, const struct so_resolved *resolved, int32_t block, struct closure *c)
{
	const struct so_block_memo *memo;
	const struct so_n_select *select;

	*c = (struct closure){ .resolved = resolved, .block = block };
	if (so_ast_kind(resolved->ast, resolved->blocks[block].node) != SO_N_SELECT)
		return false;
	select = so_as_select(resolved->ast, resolved->blocks[block].node);
	c->where = select->where;
	memo = resolved->memo ? so_memo_of_block(resolved->memo, block) : NULL;
	c->from = memo ? memo->from : 0;
	c->to = memo ? memo->to : (int32_t)resolved->n_rels;
	c->known = so_new_array(tmp, bool *, (size_t)(c->to - c->from) + 1);
	c->done = so_new_array(tmp, bool, (size_t)(c->to - c->from) + 1);
	for (int32_t i = c->from; i < c->to; i++)
		if (so_closure_is_own_rel(resolved, block, (size_t)i))
			c->known[i - c->from] = so_new_array(tmp, bool, resolved->rels[i].n_cols + 1);
	use_memo(c, select);
	for (size_t i = 0; i < c->n_nulls; i++)
		so_closure_know(c, c->nulls[i].rel, c->nulls[i].column);
	return true;
}

/* The innermost conditions stand last. */
void so_closure_run(struct closure *c)
{
	do {
		c->changed = false;
		for (size_t i = c->n; i--;) {
			know_by(c, &c->equalities[i], false);
			know_by(c, &c->equalities[i], true);
		}
		for (int32_t i = c->from; i < c->to; i++)
			determine_rel(c, (size_t)i);
	} while (c->changed);
}

void so_closure_end(struct closure *c)
{
	if (c->kept)
		return;
	free(c->equalities);
	free(c->nulls);
}
