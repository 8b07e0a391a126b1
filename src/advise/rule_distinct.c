/* Rule 21: DISTINCT over rows that cannot be equal. */
#include "advise/rules.h"

#include <string.h>
#include <strings.h>

#include "sql/facts.h"

#define MAX_RELS  16
#define MAX_EQUAL 64

/* `left` has the value of `right`, or of a constant (right.rel NULL). */
struct equality {
	struct so_table_col left, right;
};

struct distinct {
	const struct so_rewriter *rw;
	int32_t block;
	const struct so_n_select *select;
	size_t n_rels, n_equal;
	const struct so_rel *rels[MAX_RELS];
	bool determined[MAX_RELS];
	struct equality equal[MAX_EQUAL];
	so_ref nullable; /* collecting from the ON of a LEFT JOIN: its right side */
	bool unknown; /* a join that is not followed: RIGHT, FULL, USING, NATURAL */
};

static bool in_rels(const struct distinct *d, const struct so_rel *rel)
{
	for (size_t i = 0; i < d->n_rels; i++)
		if (d->rels[i] == rel)
			return true;
	return false;
}

static bool is_below(const struct distinct *d, so_ref ref, so_ref top)
{
	while (ref && ref != top)
		ref = so_tree_parent(d->rw->tree, ref);
	return ref != SO_REF_NONE;
}

/* Whether `=` between the two columns means one value: of one family of exact types and one collation. (A large float8
 * equals several int8.) */
static bool one_value(const struct so_table_col *a, const struct so_table_col *b)
{
	const struct so_column *x = &a->rel->table->columns[a->column], *y = &b->rel->table->columns[b->column];
	const char *c = x->collation ? x->collation : "", *d = y->collation ? y->collation : "";

	switch (x->type_class) {
	case SO_TYPE_INT:
	case SO_TYPE_NUMERIC:
	case SO_TYPE_DATE:
	case SO_TYPE_TIMESTAMP:
	case SO_TYPE_TIMESTAMPTZ:
	case SO_TYPE_UUID:
	case SO_TYPE_TEXT:
	case SO_TYPE_BYTES:
	case SO_TYPE_BOOL:
		return x->type_class == y->type_class && strcmp(c, d) == 0;
	default: /* floats, char(n), types with equalities of their own */
		return false;
	}
}

/* The ON of a LEFT JOIN holds for the rows that its right side contributes, and says nothing about the left side. */
static void add_equality(struct distinct *d, struct so_table_col left, struct so_table_col right)
{
	if (d->nullable && !is_below(d, left.rel->node, d->nullable))
		return;
	if (right.rel && !one_value(&left, &right))
		return;
	if (d->n_equal < MAX_EQUAL && in_rels(d, left.rel))
		d->equal[d->n_equal++] = (struct equality){ left, right };
}

/* Whether the constant says which value the column has. A cast could give it a type in which several values of the
 * column are equal to it; elsewhere than in PostgreSQL its own type could, too ('1' and '01' equal 1). */
static bool fixes(const struct so_ast *ast, const struct so_table_col *column, so_ref ref)
{
	int64_t value;

	if (ast->dialect == SO_POSTGRESQL)
		return so_ast_kind(ast, ref) == SO_N_CONST || so_ast_kind(ast, ref) == SO_N_PARAM;
	return column->rel->table->columns[column->column].type_class == SO_TYPE_INT && so_ast_int(ast, ref, &value);
}

static enum so_walk collect_equal(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct distinct *d = arg;
	const struct so_n_op *op;
	struct so_table_col left = { 0 }, right = { 0 };
	bool has_left, has_right;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_OP)
		return SO_WALK_ON;
	op = so_as_op(ast, ref);
	if (op->op != SO_OP_EQ || op->schema || !op->left)
		return SO_WALK_ON;
	has_left = so_rewrite_column(d->rw, op->left, &left);
	has_right = so_rewrite_column(d->rw, op->right, &right);
	if (has_left && has_right && !one_value(&left, &right))
		return SO_WALK_ON;
	/* An outer query's column is a constant for one run of this block. */
	if (has_left && (has_right || fixes(ast, &left, op->right)))
		add_equality(d, left, has_right && in_rels(d, right.rel) ? right : (struct so_table_col){ 0 });
	if (has_right && (has_left || fixes(ast, &right, op->left)))
		add_equality(d, right, has_left && in_rels(d, left.rel) ? left : (struct so_table_col){ 0 });
	return SO_WALK_ON;
}

static void collect_joins(struct distinct *d, so_ref item)
{
	const struct so_ast *ast = d->rw->ast;
	const struct so_n_join *join;

	if (so_ast_kind(ast, item) != SO_N_JOIN)
		return;
	join = so_as_join(ast, item);
	collect_joins(d, join->left);
	collect_joins(d, join->right);
	if (join->type == SO_JOIN_RIGHT || join->type == SO_JOIN_FULL || join->columns.count ||
		(join->hdr.flags & SO_NF_NATURAL) || join->alias)
		d->unknown = true;
	d->nullable = join->type == SO_JOIN_LEFT ? join->right : SO_REF_NONE;
	so_ast_conjuncts(ast, join->on, collect_equal, d);
	d->nullable = SO_REF_NONE;
}

/* Whether the star of that qualifier stands for the relation, too: two schemas may have a table of one name. */
static bool star_has(const struct so_ast *ast, so_ref qualifier, const struct so_rel *rel)
{
	const struct so_n_name *name;

	if (!qualifier)
		return true;
	name = so_as_name(ast, qualifier);
	if (!so_ast_name_is(ast, name->name, rel->name))
		return false;
	return !name->qualifier || so_ast_name_is(ast, so_as_name(ast, name->qualifier)->name, rel->table->schema);
}

/* Whether the output of the select has the column as it is. */
static bool is_output(const struct distinct *d, const struct so_rel *rel, int32_t column)
{
	const struct so_ast *ast = d->rw->ast;

	for (uint32_t i = 0; i < d->select->targets.count; i++) {
		so_ref expr = so_as_target(ast, so_list_get(ast, d->select->targets, i))->expr;
		struct so_table_col found;

		if (so_ast_kind(ast, expr) == SO_N_STAR) {
			if (star_has(ast, so_as_star(ast, expr)->qualifier, rel))
				return true;
		} else if (so_rewrite_column(d->rw, expr, &found) && found.rel == rel && found.column == column) {
			return true;
		}
	}
	return false;
}

static size_t rel_number(const struct distinct *d, const struct so_rel *rel)
{
	for (size_t i = 0; i < d->n_rels; i++)
		if (d->rels[i] == rel)
			return i;
	return MAX_RELS;
}

/* The column has one value for given output and given rows of the determined relations. */
static bool is_fixed(const struct distinct *d, const struct so_rel *rel, int32_t column)
{
	if (is_output(d, rel, column))
		return true;
	for (size_t i = 0; i < d->n_equal; i++) {
		const struct equality *e = &d->equal[i];

		if (e->left.rel != rel || e->left.column != column)
			continue;
		if (!e->right.rel || d->determined[rel_number(d, e->right.rel)])
			return true;
	}
	return false;
}

/* A key of the relation whose columns are all fixed; the first thing that spoils such a key goes to the obstacle. */
static const struct so_key *fixed_key(const struct distinct *d, const struct so_rel *rel, struct so_rewrite *out)
{
	for (size_t k = 0; k < rel->table->n_keys; k++) {
		const struct so_key *key = &rel->table->keys[k];
		const struct so_column *nullable = NULL;
		bool all = key->n_columns > 0;

		for (size_t i = 0; all && i < key->n_columns; i++) {
			const struct so_column *column = &rel->table->columns[key->columns[i]];

			all = is_fixed(d, rel, key->columns[i]);
			if (!column->not_null)
				nullable = column;
		}
		if (!all)
			continue;
		if (key->validated && !key->deferrable && !nullable)
			return key;
		if (!key->validated)
			so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "the unique index %s is not valid", key->name);
		else if (key->deferrable)
			so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
				"the key %s is deferrable: inside a transaction it may not hold", key->name);
		else
			so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
				"%s.%s of the key %s may be NULL, and NULLs do not conflict: DISTINCT may have rows to "
				"remove",
				rel->table->name, nullable->name, key->name);
	}
	return NULL;
}

/* Aggregates and functions that return sets change what a row of the output is. */
static enum so_walk find_function(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct distinct *d = arg;
	SO_TMP(tmp, NULL);
	const char *name;
	bool known = false;

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_SUBQUERY)
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) != SO_N_FUNC)
		return SO_WALK_ON;
	if (so_as_func(ast, ref)->syntax == SO_FS_COALESCE || so_as_func(ast, ref)->syntax == SO_FS_VALUE)
		return SO_WALK_ON;
	name = so_ast_name_dup(tmp, ast, so_as_func(ast, ref)->name);
	for (size_t i = 0; i < d->rw->catalog->n_functions; i++) {
		const struct so_function *f = &d->rw->catalog->functions[i];

		if (strcmp(f->name, name) == 0) {
			known = true;
			d->unknown = d->unknown || f->aggregate || f->returns_set;
		}
	}
	d->unknown = d->unknown || !known;
	return d->unknown ? SO_WALK_STOP : SO_WALK_ON;
}

static bool collect(struct distinct *d)
{
	for (size_t i = 0; i < d->rw->resolved->n_rels; i++) {
		const struct so_rel *rel = &d->rw->resolved->rels[i];
		const struct so_table *table = so_rewrite_rel_table(d->rw, rel);

		if (rel->block != d->block)
			continue;
		if (!table || d->n_rels == MAX_RELS ||
			(table->kind != SO_TABLE && table->kind != SO_TABLE_PARTITIONED &&
				table->kind != SO_TABLE_MATVIEW))
			return false;
		d->rels[d->n_rels++] = rel;
	}
	for (uint32_t i = 0; i < d->select->targets.count; i++)
		so_ast_walk(d->rw->ast, so_list_get(d->rw->ast, d->select->targets, i), find_function, d);
	for (uint32_t i = 0; i < d->select->from.count; i++)
		collect_joins(d, so_list_get(d->rw->ast, d->select->from, i));
	so_ast_conjuncts(d->rw->ast, d->select->where, collect_equal, d);
	return d->n_rels > 0 && !d->unknown;
}

/* All relations whose row follows from the output. */
static bool determine_all(struct distinct *d, struct so_rewrite *out)
{
	bool moved = true, all = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < d->n_rels; i++) {
			const struct so_key *key;

			if (d->determined[i])
				continue;
			key = fixed_key(d, d->rels[i], out);
			if (!key)
				continue;
			d->determined[i] = moved = true;
			so_rewrite_evidence(out,
				"%s: key %s (%s, validated, not deferrable, NOT NULL) is in the output or fixed by a "
				"join",
				d->rels[i]->name, key->name, key->kind == SO_KEY_PRIMARY ? "primary" : "unique");
		}
	}
	for (size_t i = 0; i < d->n_rels; i++)
		all = all && d->determined[i];
	return all;
}

/* Most uses of DISTINCT are right: it is worth a word only where every relation has a key that fails by one property.
 */
static bool almost_determined(const struct distinct *d, struct so_rewrite *out)
{
	for (size_t i = 0; i < d->n_rels; i++) {
		if (d->determined[i])
			continue;
		out->proof = SO_REWRITE_PROVED;
		fixed_key(d, d->rels[i], out);
		if (out->proof == SO_REWRITE_PROVED)
			return false;
	}
	return true;
}

static bool edit_distinct(const struct so_rewriter *rw, const struct so_n_select *select, struct so_rewrite *out)
{
	const char *text = so_ast_source_text(rw->ast, 0).s;
	uint32_t end = so_node_first(rw->ast, so_ast_node(rw->ast, so_list_get(rw->ast, select->targets, 0)));

	for (uint32_t i = end; i-- > so_node_first(rw->ast, &select->hdr);) {
		const struct so_token *token = &so_ast_tokens(rw->ast)[i];
		const char *at = so_ast_at(rw->ast, token->off);
		size_t begin = (size_t)(at - text), after = begin + token->len;

		if (token->len != 8 || strncasecmp(at, "distinct", 8) != 0)
			continue;
		while (after < rw->len && strchr(" \t\r\n", rw->sql[after]))
			after++;
		so_rewrite_edit(out, begin, after, "%s", "");
		return true;
	}
	return false;
}

/* The resolver's own closure over keys and equalities comes to the same answer. It knows less of exactness than the
 * walk above, which in turn knows less of joins: both have to agree. */
static void check_unique(const struct distinct *d, struct so_rewrite *out)
{
	SO_TMP(tmp, out);
	const struct so_block *block = &d->rw->resolved->blocks[d->block];
	struct so_rel_col *cols = so_new_array(tmp, struct so_rel_col, block->n_outputs + 1);
	size_t n = 0;

	for (size_t i = 0; i < block->n_outputs; i++)
		if (block->outputs[i].rel >= 0)
			cols[n++] = (struct so_rel_col){ block->outputs[i].rel, block->outputs[i].column };
	if (!so_block_rows_unique(d->rw->resolved, d->block, cols, n))
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"the keys in the output are not shown to tell all rows of the join apart");
}

bool so_rule_distinct(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	struct distinct d = { .rw = rw };
	const struct so_rare_select *rare;

	if (!rw->resolved || so_ast_kind(rw->ast, ref) != SO_N_SELECT || !so_ast_has_flag(rw->ast, ref, SO_NF_DISTINCT))
		return false;
	d.block = so_resolved_block(rw->resolved, ref);
	if (d.block < 0)
		return false;
	d.select = so_as_select(rw->ast, ref);
	rare = so_rare_select(rw->ast, d.select);
	if (rare->distinct_on.count || rare->hierarchy || rare->extra.count || d.select->group_by.count ||
		d.select->having || !d.select->targets.count || !collect(&d))
		return false;
	out->what = so_strdup(out, "SELECT DISTINCT without DISTINCT");
	if (!determine_all(&d, out))
		return almost_determined(&d, out) && edit_distinct(rw, d.select, out);
	out->proof = SO_REWRITE_PROVED; /* another key may have been the one that holds */
	out->why_not = NULL;
	check_unique(&d, out);
	return edit_distinct(rw, d.select, out);
}
