/* What the conditions of a block say about its columns: equalities, fixed values, columns that are NULL. */
#include <stdlib.h>

#include "sql/resolve/facts_closure.h"
#include "sql/resolve/facts_function.h"

/* Where a join stands: the outer join around it that may replace its rows by NULLs. */
struct place {
	int32_t need_from, need_to;
	bool full;
	bool nullable;
};

struct range {
	int32_t from, to;
};

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
bool so_closure_is_own_rel(const struct so_resolved *resolved, int32_t block, size_t rel)
{
	return resolved->rels[rel].block == block && so_ast_kind(resolved->ast, resolved->rels[rel].node) != SO_N_JOIN;
}

struct so_rel_col so_closure_column(const struct closure *c, so_ref expr)
{
	const struct so_use *use = so_resolved_use(c->resolved, expr);

	if (!use || use->kind != SO_USE_OF_COLUMN || use->outer || use->coalesced ||
		!so_closure_is_own_rel(c->resolved, c->block, (size_t)use->rel))
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
bool so_closure_is_fixed(const struct closure *c, so_ref expr)
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
	e->left = so_closure_column(job->c, left);
	e->right = so_closure_column(job->c, right);
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
	col = so_closure_column(c, so_as_is(ast, ref)->arg);
	/* a row may be NULL in several ways */
	if (col.rel >= 0 && so_type_is_plain(c->resolved->rels[col.rel].cols[col.column].type_class)) {
		c->nulls = so_mem_need(realloc(c->nulls, (c->n_nulls + 1) * sizeof *c->nulls));
		c->nulls[c->n_nulls++] = col;
	}
	return SO_WALK_ON;
}

void so_closure_collect(struct closure *c, const struct so_n_select *select)
{
	const struct so_ast *ast = c->resolved->ast;
	struct collect job = { .c = c, .range = { 0, INT32_MAX }, .holds = true };

	so_ast_conjuncts(ast, select->where, collect_conjunct, &job);
	so_ast_conjuncts(ast, select->where, collect_null, c);
	for (uint32_t i = 0; i < select->from.count; i++)
		collect_join(c, so_list_get(ast, select->from, i), (struct place){ 0 });
}
