/* Uniqueness, functional dependencies, constants and equal columns of a block, from its keys and conditions.
 *
 * "Known" columns are those on which two rows of the block must agree (as DISTINCT sees it: NULLs agree) once they
 * agree on the columns that the question began with. A relation is done when the two rows must hold the same one of its
 * rows, or both none (outer joins). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/facts.h"
#include "sql/resolve/facts_function.h"
#include "sql/resolve/memo.h"

/* One equality between columns, or of a column and a fixed expression. */
struct equality {
	struct so_rel_col left, right; /* rel -1: no column of the block */
	so_ref left_expr, right_expr; /* 0 for the pairs of USING */
	int32_t from, to; /* relations that it tells something about */
	int32_t need_from, need_to; /* a fixed value holds once all of these are done; empty: at once */
	bool never_fixed; /* below a FULL JOIN: tells nothing about fixed values */
	bool holds; /* TRUE in every row of the block */
};

struct closure {
	const struct so_resolved *resolved;
	int32_t block;
	so_ref where;
	int32_t from, to; /* all relations of the block, with those of nested blocks between them */
	bool **known; /* [rel - from][column]; NULL for relations of other blocks: see known_of */
	bool *done; /* [rel - from] */
	struct equality *equalities;
	size_t n, room;
	struct so_rel_col *nulls;
	size_t n_nulls;
	bool changed;
	bool kept; /* equalities and nulls belong to the memo */
};

static bool *known_of(const struct closure *c, int32_t rel)
{
	return rel >= c->from && rel < c->to ? c->known[rel - c->from] : NULL;
}

/* Where a join stands: the outer join around it that may replace its rows by NULLs. */
struct place {
	int32_t need_from, need_to;
	bool full;
	bool nullable;
};

struct range {
	int32_t from, to;
};

/* ---- Collecting ------------------------------------------------------------------------------------------------- */

struct range_arg {
	const struct so_resolved *resolved;
	struct range range;
};

static enum so_walk widen(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct range_arg *job = arg;
	int32_t rel = so_resolved_rel(job->resolved, ref);

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (rel >= 0) {
		job->range.from = rel < job->range.from ? rel : job->range.from;
		job->range.to = rel + 1 > job->range.to ? rel + 1 : job->range.to;
	}
	return SO_WALK_ON;
}

/* First and last relation below a FROM item, by the order in which they were made. */
static struct range range_of(const struct so_resolved *resolved, so_ref item)
{
	struct range_arg job = { resolved, { INT32_MAX, 0 } };

	so_ast_walk(resolved->ast, item, widen, &job);
	return job.range;
}

/* A relation of the block's own, not the alias of a join. */
static bool is_own_rel(const struct so_resolved *resolved, int32_t block, size_t rel)
{
	return resolved->rels[rel].block == block && so_ast_kind(resolved->ast, resolved->rels[rel].node) != SO_N_JOIN;
}

static struct so_rel_col column_of(const struct closure *c, so_ref expr)
{
	const struct so_use *use = so_resolved_use(c->resolved, expr);

	if (!use || use->kind != SO_USE_OF_COLUMN || use->outer || use->coalesced ||
		!is_own_rel(c->resolved, c->block, (size_t)use->rel))
		return (struct so_rel_col){ -1, -1 };
	return (struct so_rel_col){ use->rel, use->column };
}

struct fixed_arg {
	const struct closure *c;
	bool fixed;
};

static enum so_walk look_fixed(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct fixed_arg *job = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);
	const struct so_use *use;

	(void)parent;
	if (kind == SO_N_COLUMN) {
		use = so_resolved_use(job->c->resolved, ref);
		job->fixed = job->fixed && use && use->outer;
	}
	if (kind == SO_N_STAR || kind == SO_N_MISSING || so_kind_is_query(kind))
		job->fixed = false;
	return job->fixed ? SO_WALK_ON : SO_WALK_STOP;
}

/* One value while the block runs once: columns of outer blocks are fixed, too. */
static bool is_fixed(const struct closure *c, so_ref expr)
{
	struct fixed_arg job = { c, true };

	so_ast_walk(c->resolved->ast, expr, look_fixed, &job);
	return expr && job.fixed && so_expr_volatility(c->resolved, expr) != 'v';
}

static struct equality *add(struct closure *c)
{
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 16;
		c->equalities = so_mem_need(realloc(c->equalities, c->room * sizeof *c->equalities));
	}
	c->equalities[c->n] = (struct equality){ .left = { -1, -1 }, .right = { -1, -1 } };
	return &c->equalities[c->n++];
}

struct collect {
	struct closure *c;
	struct range range;
	struct place place;
	bool holds;
};

/* To SQLite, IS NOT DISTINCT FROM false is IS FALSE, and so is any text that is no number. */
static bool asks_for_truth(const struct so_ast *ast, so_ref right)
{
	uint32_t type = so_ast_kind(ast, right) == SO_N_CONST ? so_as_const(ast, right)->type : SO_C_NULL;

	return ast->dialect == SO_SQLITE && (type == SO_C_TRUE || type == SO_C_FALSE);
}

/* The two sides that a conjunct makes equal; false when it does no such thing. */
static bool equal_sides(const struct so_ast *ast, so_ref ref, so_ref *left, so_ref *right, bool *nulls)
{
	const struct so_n_op *op;
	const struct so_n_is *is;
	const struct so_n_in *in;

	*nulls = false;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_OP:
		op = so_as_op(ast, ref);
		*left = op->left;
		*right = op->right;
		*nulls = op->op == SO_OP_NULL_EQ;
		return (op->op == SO_OP_EQ || *nulls) && !op->schema && op->left;
	case SO_N_IS:
		is = so_as_is(ast, ref);
		*left = is->arg;
		*right = is->right;
		*nulls = true;
		return is->test == SO_IS_DISTINCT && (is->hdr.flags & SO_NF_NOT) && is->right &&
		       !asks_for_truth(ast, is->right);
	case SO_N_IN:
		in = so_as_in(ast, ref);
		if (in->items.count != 1 || (in->hdr.flags & SO_NF_NOT))
			return false;
		*left = in->arg;
		*right = so_list_get(ast, in->items, 0);
		return true;
	default:
		return false;
	}
}

static enum so_walk collect_conjunct(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct collect *job = arg;
	struct equality *e;
	so_ref left = 0, right = 0;
	bool nulls;

	(void)parent;
	if (!equal_sides(ast, ref, &left, &right, &nulls) || so_fact_has_outer_plus(ast, left) ||
		so_fact_has_outer_plus(ast, right))
		return SO_WALK_ON;
	/* null-safe equality inside an outer join also holds for what it does not join: only taken in WHERE */
	if (nulls && (!job->holds || job->place.nullable))
		return SO_WALK_ON;
	e = add(job->c);
	e->left = column_of(job->c, left);
	e->right = column_of(job->c, right);
	e->left_expr = left;
	e->right_expr = right;
	e->from = job->range.from;
	e->to = job->range.to;
	e->need_from = job->place.need_from;
	e->need_to = job->place.need_to;
	e->never_fixed = job->place.full;
	e->holds = job->holds && !nulls;
	return SO_WALK_ON;
}

static void collect_using(struct collect *job, so_ref join)
{
	const struct so_resolved *resolved = job->c->resolved;

	for (size_t i = 0; i < resolved->n_pairs; i++) {
		const struct so_pair *pair = &resolved->pairs[i];
		struct equality *e;

		if (pair->join != join)
			continue;
		e = add(job->c);
		e->left = (struct so_rel_col){ pair->left, pair->left_column };
		e->right = (struct so_rel_col){ pair->right, pair->right_column };
		e->from = job->range.from;
		e->to = job->range.to;
		e->need_from = job->place.need_from;
		e->need_to = job->place.need_to;
		e->never_fixed = job->place.full;
		e->holds = job->holds;
	}
}

/* A join of a chain, and which relations are below it. */
struct link {
	so_ref join;
	struct range left, right, all;
};

static struct range both(struct range a, struct range b)
{
	return (struct range){ a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to };
}

/* The joins on the left side of each other, the outermost first, which is `ref`. Their number; `links` is a child of
 * `tmp`. */
static size_t read_chain(TALLOC_CTX *tmp, const struct so_resolved *resolved, so_ref ref, struct link **links)
{
	const struct so_ast *ast = resolved->ast;
	struct range below;
	size_t n = 0;
	int32_t rel;

	for (so_ref at = ref; so_ast_kind(ast, at) == SO_N_JOIN; at = so_as_join(ast, at)->left)
		n++;
	*links = so_new_array(tmp, struct link, n + 1);
	n = 0;
	for (; so_ast_kind(ast, ref) == SO_N_JOIN; ref = so_as_join(ast, ref)->left)
		(*links)[n++].join = ref;
	below = range_of(resolved, ref);
	for (size_t i = n; i--;) {
		struct link *link = &(*links)[i];

		link->left = below;
		link->right = range_of(resolved, so_as_join(ast, link->join)->right);
		rel = so_resolved_rel(resolved, link->join);
		below = both(below, link->right);
		if (rel >= 0)
			below = both(below, (struct range){ rel, rel + 1 });
		link->all = below;
	}
	return n;
}

/* The conditions of a join and of all below it. Outer joins: the condition tells something about the nullable side
 * only, and only for one row of the other side. */
static void collect_join(struct closure *c, so_ref ref, struct place place)
{
	SO_TMP(tmp, NULL);
	const struct so_ast *ast = c->resolved->ast;
	struct place left = place, right = place;
	struct collect job = { .c = c, .place = place };
	struct link *links;
	size_t n = so_ast_kind(ast, ref) == SO_N_JOIN ? read_chain(tmp, c->resolved, ref, &links) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct so_n_join *join = so_as_join(ast, links[i].join);
		struct range l = links[i].left, r = links[i].right;

		left = right = job.place = place;
		job.range = links[i].all;
		job.holds = !place.nullable;
		if (join->type == SO_JOIN_LEFT)
			right = (struct place){ l.from, l.to, place.full, true };
		if (join->type == SO_JOIN_RIGHT)
			left = (struct place){ r.from, r.to, place.full, true };
		if (join->type == SO_JOIN_FULL)
			left = right = (struct place){ 0, 0, true, true };
		if (join->type == SO_JOIN_LEFT || join->type == SO_JOIN_RIGHT) {
			job.range = join->type == SO_JOIN_LEFT ? r : l;
			job.place = join->type == SO_JOIN_LEFT ? right : left;
			job.holds = false;
		}
		if (join->type != SO_JOIN_FULL) {
			so_ast_conjuncts(ast, join->on, collect_conjunct, &job);
			collect_using(&job, links[i].join);
		}
		collect_join(c, join->right, right);
		place = left;
	}
}

/* ---- The closure ------------------------------------------------------------------------------------------------ */

static void know(struct closure *c, int32_t rel, int32_t column)
{
	if (rel < 0 || column < 0 || !known_of(c, rel) || known_of(c, rel)[column])
		return;
	known_of(c, rel)[column] = true;
	c->changed = true;
}

static bool all_done(const struct closure *c, int32_t from, int32_t to)
{
	for (int32_t i = from > c->from ? from : c->from; i < to && i < c->to; i++)
		if (known_of(c, i) && !c->done[i - c->from])
			return false;
	return true;
}

static bool has_fixed(const struct equality *e, bool right, const struct closure *c)
{
	so_ref expr = right ? e->right_expr : e->left_expr;

	return expr && is_fixed(c, expr);
}

static void side(struct closure *c, const struct equality *e, bool right)
{
	struct so_rel_col to = right ? e->right : e->left, from = right ? e->left : e->right;
	struct so_comparison cmp;
	bool outer_join = e->need_to > e->need_from && !e->holds;

	if (to.rel < e->from || to.rel >= e->to || to.rel < 0 || known_of(c, to.rel)[to.column])
		return;
	if (from.rel >= 0) {
		if (!known_of(c, from.rel)[from.column])
			return;
		/* from the other side of an outer join: whether the row was joined must be determined, too */
		if ((from.rel < e->from || from.rel >= e->to) && !all_done(c, e->need_from, e->need_to))
			return;
		so_column_comparison(c->resolved, from, to, &cmp);
	} else {
		if (e->never_fixed || (outer_join && !all_done(c, e->need_from, e->need_to)) ||
			!has_fixed(e, !right, c))
			return;
		so_exprs_comparison(
			c->resolved, right ? e->left_expr : e->right_expr, right ? e->right_expr : e->left_expr, &cmp);
	}
	/* an explicit COLLATE or cast on the column's side leaves no column there: see column_of */
	if (cmp.left_gives_right)
		know(c, to.rel, to.column);
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

static bool begins_with(const struct so_ast *ast, so_ref phrase, const char *word)
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
		if (begins_with(ast, so_list_get(ast, table->extra, i), "VERSIONS") ||
			begins_with(ast, so_list_get(ast, table->extra, i), "FOR"))
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

		if (column < 0 || (size_t)column >= r->n_cols || !known_of(c, rel)[column])
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
	if (source->correlated && r->lateral && !all_done(c, 0, rel))
		return false;
	outputs = so_mem_need(calloc(r->n_cols + 1, sizeof *outputs));
	for (size_t i = 0; i < r->n_cols; i++) {
		if (!known_of(c, rel)[i])
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
	return so_ast_kind(ast, call) == SO_N_FUNC && !so_func_returns_set(c->resolved, call) && all_done(c, 0, rel);
}

static void determine_rel(struct closure *c, size_t i)
{
	const struct so_rel *rel = &c->resolved->rels[i];
	bool known = false;

	if (!known_of(c, (int32_t)i) || c->done[(int32_t)i - c->from])
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
		know(c, (int32_t)i, (int32_t)column);
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

/* x IS NULL: NULL in every row. */
static enum so_walk collect_null(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct closure *c = arg;
	struct so_rel_col col;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_IS || so_as_is(ast, ref)->test != SO_IS_NULL ||
		so_ast_has_flag(ast, ref, SO_NF_NOT))
		return SO_WALK_ON;
	if (so_fact_has_outer_plus(ast, so_as_is(ast, ref)->arg))
		return SO_WALK_ON;
	col = column_of(c, so_as_is(ast, ref)->arg);
	/* a row may be NULL in several ways */
	if (col.rel >= 0 && so_type_is_plain(c->resolved->rels[col.rel].cols[col.column].type_class)) {
		c->nulls = so_mem_need(realloc(c->nulls, (c->n_nulls + 1) * sizeof *c->nulls));
		c->nulls[c->n_nulls++] = col;
	}
	return SO_WALK_ON;
}

static void collect_block(struct closure *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->resolved->ast;
	struct collect job = { .c = c, .range = { 0, INT32_MAX }, .holds = true };

	so_ast_conjuncts(ast, select->where, collect_conjunct, &job);
	so_ast_conjuncts(ast, select->where, collect_null, c);
	for (uint32_t i = 0; i < select->from.count; i++)
		collect_join(c, so_list_get(ast, select->from, i), (struct place){ 0 });
}

/* What the conditions of the block say is found out once. */
static void use_memo(struct closure *c, const struct so_n_select *select)
{
	struct so_facts_memo *memo = c->resolved->memo;
	struct so_block_memo *of_block = memo ? so_memo_of_block(memo, c->block) : NULL;

	if (!of_block || !of_block->ready)
		collect_block(c, select);
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
static bool closure_begin(TALLOC_CTX *tmp, const struct so_resolved *resolved, int32_t block, struct closure *c)
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
		if (is_own_rel(resolved, block, (size_t)i))
			c->known[i - c->from] = so_new_array(tmp, bool, resolved->rels[i].n_cols + 1);
	use_memo(c, select);
	for (size_t i = 0; i < c->n_nulls; i++)
		know(c, c->nulls[i].rel, c->nulls[i].column);
	return true;
}

/* The innermost conditions stand last. */
static void closure_run(struct closure *c)
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

static void closure_end(struct closure *c)
{
	if (c->kept)
		return;
	free(c->equalities);
	free(c->nulls);
}

static enum so_walk find_partitioned(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	(void)arg;
	if (so_ast_kind(ast, ref) == SO_N_JOIN &&
		(so_as_join(ast, ref)->partition.count || so_as_join(ast, ref)->right_partition.count))
		return SO_WALK_STOP;
	return so_kind_is_query(so_ast_kind(ast, ref)) ? SO_WALK_SKIP : SO_WALK_ON;
}

/* CONNECT BY, MODEL and partitioned outer joins make rows that are in no table, or a row several times. */
static bool makes_rows(const struct so_resolved *resolved, int32_t block)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_select *select = so_as_select(ast, resolved->blocks[block].node);
	const struct so_rare_select *rare = so_rare_select(ast, select);

	if (ast->dialect != SO_ORACLE)
		return false;
	for (uint32_t i = 0; i < rare->extra.count; i++)
		if (begins_with(ast, so_list_get(ast, rare->extra, i), "MODEL"))
			return true;
	for (uint32_t i = 0; i < select->from.count; i++)
		if (!so_ast_walk(ast, so_list_get(ast, select->from, i), find_partitioned, NULL))
			return true;
	return rare->hierarchy != 0;
}

static bool everything_done(const struct closure *c)
{
	return !makes_rows(c->resolved, c->block) && all_done(c, c->from, c->to);
}

static bool valid_col(const struct closure *c, struct so_rel_col col)
{
	return col.rel >= 0 && (size_t)col.rel < c->resolved->n_rels && known_of(c, col.rel) && col.column >= 0 &&
	       (size_t)col.column < c->resolved->rels[col.rel].n_cols;
}

bool so_block_rows_unique(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	bool unique;

	if (!closure_begin(tmp, resolved, block, &c))
		return false;
	for (size_t i = 0; i < n; i++)
		know(&c, cols[i].rel, cols[i].column);
	closure_run(&c);
	unique = everything_done(&c);
	closure_end(&c);
	return unique;
}

bool so_block_determines(const struct so_resolved *resolved, int32_t block, const struct so_rel_col *cols, size_t n,
	struct so_rel_col col)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	bool determined;

	if (!closure_begin(tmp, resolved, block, &c))
		return false;
	for (size_t i = 0; i < n; i++)
		know(&c, cols[i].rel, cols[i].column);
	closure_run(&c);
	determined = valid_col(&c, col) && known_of(&c, col.rel)[col.column];
	closure_end(&c);
	return determined;
}

/* ---- Equal columns and constants -------------------------------------------------------------------------------- */

static bool same_col(struct so_rel_col a, struct so_rel_col b)
{
	return a.rel == b.rel && a.column == b.column;
}

/* The columns that equal `col` in every row: found[0] is itself. All steps compare in one way, so it is transitive. */
static size_t equal_columns(const struct closure *c, struct so_rel_col col, struct so_rel_col *found)
{
	struct so_comparison cmp;
	size_t n = 0;

	found[n++] = col;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < c->n; k++) {
			const struct equality *e = &c->equalities[k];
			struct so_rel_col other;
			bool again = false;

			if (!e->holds || e->left.rel < 0 || e->right.rel < 0 ||
				(!same_col(e->left, found[i]) && !same_col(e->right, found[i])))
				continue;
			other = same_col(e->left, found[i]) ? e->right : e->left;
			so_column_comparison(c->resolved, found[i], other, &cmp);
			for (size_t m = 0; m < n; m++)
				again = again || same_col(found[m], other);
			if (!again && cmp.left_gives_right && cmp.right_gives_left)
				found[n++] = other;
		}
	return n;
}

bool so_block_columns_equal(const struct so_resolved *resolved, int32_t block, struct so_rel_col a, struct so_rel_col b)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	struct so_rel_col *found;
	bool equal = false;

	if (!closure_begin(tmp, resolved, block, &c))
		return false;
	if (valid_col(&c, a) && valid_col(&c, b)) {
		found = so_new_array(tmp, struct so_rel_col, 2 * c.n + 2);
		for (size_t i = equal_columns(&c, a, found); i--;)
			equal = equal || same_col(found[i], b);
	}
	closure_end(&c);
	return equal;
}

so_ref so_block_constant(const struct so_resolved *resolved, int32_t block, struct so_rel_col col)
{
	SO_TMP(tmp, NULL);
	struct closure c;
	struct so_comparison cmp;
	struct so_rel_col *found;
	so_ref constant = 0;

	if (!closure_begin(tmp, resolved, block, &c))
		return 0;
	found = so_new_array(tmp, struct so_rel_col, 2 * c.n + 2);
	for (size_t i = valid_col(&c, col) ? equal_columns(&c, col, found) : 0; i-- && !constant;)
		for (size_t k = 0; k < c.n && !constant; k++) {
			const struct equality *e = &c.equalities[k];
			bool left = same_col(e->left, found[i]);
			so_ref value = left ? e->right_expr : e->left_expr;

			if (!e->holds || !value || (!left && !same_col(e->right, found[i])) ||
				(left ? e->right.rel : e->left.rel) >= 0 || !so_ast_is_constant(resolved->ast, value))
				continue;
			so_exprs_comparison(resolved, value, left ? e->left_expr : e->right_expr, &cmp);
			if (cmp.left_gives_right)
				constant = value;
		}
	closure_end(&c);
	return constant;
}

/* ---- Outputs ---------------------------------------------------------------------------------------------------- */

static bool has_output(const int32_t *outputs, size_t n, size_t wanted)
{
	for (size_t i = 0; i < n; i++)
		if ((size_t)outputs[i] == wanted)
			return true;
	return false;
}

/* The value of the expression is determined by what the closure began with. */
static bool expr_known(const struct closure *c, so_ref expr)
{
	struct so_rel_col col = column_of(c, expr);

	return col.rel >= 0 ? known_of(c, col.rel)[col.column] : is_fixed(c, expr);
}

static bool output_known(const struct closure *c, const struct so_col *col)
{
	if (col->rel >= 0)
		return known_of(c, col->rel) && known_of(c, col->rel)[col->column];
	return col->expr && is_fixed(c, col->expr);
}

/* Rows of two groups that agree on the outputs agree on every GROUP BY expression. */
static bool groups_known(const struct closure *c, const struct so_block *block, const int32_t *outputs, size_t n)
{
	const struct so_ast *ast = c->resolved->ast;
	struct so_list groups = so_as_select(ast, block->node)->group_by;

	for (uint32_t i = 0; i < groups.count; i++) {
		so_ref group = so_list_get(ast, groups, i);
		const struct so_use *use = so_resolved_use(c->resolved, group);
		int64_t position = 0;
		int32_t output = -1;
		bool found;

		if (so_ast_kind(ast, group) == SO_N_GROUPING)
			return false;
		if (use && use->kind == SO_USE_OF_OUTPUT)
			output = use->column;
		else if (so_ast_int(ast, group, &position))
			output = position >= 1 && (size_t)position <= block->n_outputs ? (int32_t)position - 1 : -1;
		if (output >= 0)
			found = has_output(outputs, n, (size_t)output) || output_known(c, &block->outputs[output]);
		else
			found = !position && expr_known(c, group);
		for (size_t k = 0; k < n && !found; k++)
			found = block->outputs[outputs[k]].expr &&
				so_ast_equal(ast, block->outputs[outputs[k]].expr, ast, group);
		if (!found)
			return false;
	}
	return groups.count > 0;
}

struct calls {
	const struct so_resolved *resolved;
	bool aggregates, sets;
};

static enum so_walk find_column_of_own(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct fixed_arg *job = arg;
	const struct so_use *use;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref))) {
		job->fixed = true; /* what it refers to may decide */
		return SO_WALK_SKIP;
	}
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	use = so_resolved_use(job->c->resolved, ref);
	job->fixed = !use || use->outer;
	return job->fixed ? SO_WALK_ON : SO_WALK_STOP;
}

/* An aggregate over nothing but columns of an outer block belongs to that block. */
static bool is_own(const struct so_resolved *resolved, so_ref func)
{
	struct closure c = { .resolved = resolved };
	struct fixed_arg job = { &c, false };

	so_ast_walk(resolved->ast, func, find_column_of_own, &job);
	return !job.fixed;
}

static enum so_walk find_call(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct calls *job = arg;
	const struct so_n_func *func;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) != SO_N_FUNC)
		return SO_WALK_ON;
	func = so_as_func(ast, ref);
	/* only PostgreSQL's select list makes several rows of one */
	if (ast->dialect == SO_POSTGRESQL && so_func_returns_set(job->resolved, ref))
		job->sets = true;
	if (so_fact_is_aggregate(ast, func) && is_own(job->resolved, ref))
		job->aggregates = true;
	return SO_WALK_ON;
}

static bool select_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	SO_TMP(tmp, NULL);
	const struct so_ast *ast = resolved->ast;
	const struct so_block *block = &resolved->blocks[number];
	const struct so_n_select *select = so_as_select(ast, block->node);
	struct calls calls = { .resolved = resolved };
	struct closure c;
	bool all = true, unique;

	for (uint32_t i = 0; i < select->targets.count; i++)
		so_ast_walk(ast, so_list_get(ast, select->targets, i), find_call, &calls);
	if (!calls.sets && !select->group_by.count && calls.aggregates && !block->grouping_sets)
		return true;
	closure_begin(tmp, resolved, number, &c);
	/* columns above grouping sets may be NULL where the rows below are not */
	for (size_t i = 0; i < n && !block->grouping_sets; i++)
		know(&c, block->outputs[outputs[i]].rel, block->outputs[outputs[i]].column);
	closure_run(&c);
	for (size_t i = 0; i < block->n_outputs; i++)
		all = all &&
		      (has_output(outputs, n, i) || (!block->grouping_sets && output_known(&c, &block->outputs[i])));
	if ((select->hdr.flags & SO_NF_DISTINCT) && !so_rare_select(ast, select)->distinct_on.count && all)
		unique = true;
	else if (calls.sets || block->grouping_sets)
		unique = false;
	else if (select->group_by.count)
		unique = groups_known(&c, block, outputs, n);
	else
		unique = everything_done(&c);
	closure_end(&c);
	return unique;
}

/* The same is asked in each round of the closure around it, and so in each round of all closures around those. */
static bool known_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	bool unique;

	if (resolved->memo && so_memo_unique(resolved->memo, number, outputs, n, &unique))
		return unique;
	unique = select_outputs_unique(resolved, number, outputs, n);
	if (resolved->memo)
		so_memo_keep_unique(resolved->memo, number, outputs, n, unique);
	return unique;
}

static bool node_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth);

static bool setop_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth)
{
	const struct so_n_setop *setop = so_as_setop(resolved->ast, node);
	size_t all = 0;

	for (size_t i = 0; i < n_outputs; i++)
		all += has_output(outputs, n, i);
	if (all == n_outputs && !(setop->hdr.flags & SO_NF_ALL))
		return true;
	/* what is left of one side is unique when that side is */
	if (setop->op == SO_UNION)
		return false;
	return node_outputs_unique(resolved, setop->left, outputs, n, n_outputs, depth) ||
	       (setop->op == SO_INTERSECT && node_outputs_unique(resolved, setop->right, outputs, n, n_outputs, depth));
}

static bool node_outputs_unique(
	const struct so_resolved *resolved, so_ref node, const int32_t *outputs, size_t n, size_t n_outputs, int depth)
{
	const struct so_ast *ast = resolved->ast;
	const struct so_n_query *query;
	int64_t limit;
	int32_t block;

	if (!so_kind_is_query(so_ast_kind(ast, node)) || depth > 50)
		return false;
	query = so_as_query(ast, node);
	if (so_ast_int(ast, query->limit, &limit) && limit >= 0 && limit <= 1 &&
		!(query->hdr.flags & (SO_NF_WITH_TIES | SO_NF_PERCENT)) &&
		!(so_rare_query(ast, query)->limit_style & SO_LIMIT_PERCENT))
		return true;
	if (so_ast_kind(ast, node) == SO_N_SETOP)
		return setop_outputs_unique(resolved, node, outputs, n, n_outputs, depth + 1);
	if (so_ast_kind(ast, node) == SO_N_VALUES)
		return so_as_values(ast, node)->rows.count == 1;
	block = so_resolved_block(resolved, node);
	return block >= 0 && known_outputs_unique(resolved, block, outputs, n);
}

bool so_block_outputs_unique(const struct so_resolved *resolved, int32_t number, const int32_t *outputs, size_t n)
{
	return node_outputs_unique(
		resolved, resolved->blocks[number].node, outputs, n, resolved->blocks[number].n_outputs, 0);
}

bool so_block_max_one_row(const struct so_resolved *resolved, int32_t block)
{
	return so_block_outputs_unique(resolved, block, NULL, 0);
}
