/* From what a statement does with a relation to the indexes that could serve it. The order of the columns: equality,
 * then one of {order, range, IN}, then what is only read (INCLUDE). */
#include "advise/uses.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define MIN_ROWS     1000
#define MIN_PAGES    10
#define UNSELECTIVE  0.3
#define NARROW_BYTES 64 /* of all included columns together */

struct shape {
	struct so_cand cand;
	const char *parts[8]; /* what it serves, for `reason` */
	size_t n_parts;
};

static void add_part(struct shape *shape, const char *text)
{
	for (size_t i = 0; i < shape->n_parts; i++)
		if (strcmp(shape->parts[i], text) == 0)
			return;
	if (shape->n_parts < sizeof shape->parts / sizeof shape->parts[0])
		shape->parts[shape->n_parts++] = text;
}

static bool has_key(const struct so_cand *cand, const struct so_cand_key *key)
{
	for (size_t i = 0; i < cand->n_keys; i++)
		if (key->expr ? cand->keys[i].expr && strcmp(cand->keys[i].expr, key->expr) == 0
			      : !cand->keys[i].expr && cand->keys[i].column == key->column)
			return true;
	return false;
}

static bool add_key(struct shape *shape, const struct so_cand_key *key)
{
	if (has_key(&shape->cand, key))
		return true;
	if (shape->cand.n_keys == SO_CAND_KEYS)
		return false;
	shape->cand.keys[shape->cand.n_keys++] = *key;
	return true;
}

static void add_atom(struct shape *shape, const struct so_atom *atom)
{
	if (has_key(&shape->cand, &atom->key) || !add_key(shape, &atom->key))
		return;
	shape->cand.selectivity *= atom->share;
	shape->cand.join = shape->cand.join || atom->kind == SO_ATOM_JOIN;
	add_part(shape, atom->text);
}

/* Order of equality columns: most distinct first, then as in the statement; a tie-break only, since all are bound. */
static void add_equalities(
	struct shape *shape, const struct so_usage *use, const struct so_atom *const *atoms, size_t n)
{
	bool taken[SO_USE_ATOMS] = { false };

	for (size_t round = 0; round < n; round++) {
		size_t best = n;

		for (size_t i = 0; i < n; i++)
			if (!taken[i] && (best == n || atoms[i]->share < atoms[best]->share))
				best = i;
		taken[best] = true;
		add_atom(shape, atoms[best]);
	}
	(void)use;
}

static struct shape start(const struct so_usage *use)
{
	return (struct shape){
		.cand = { .table = use->rel->table, .method = "btree", .pred_share = 1, .selectivity = 1 }
	};
}

static void emit(struct so_cand_set *set, struct shape *shape)
{
	SO_TMP(tmp, set);
	struct so_buf buf;

	if (!shape->cand.n_keys)
		return;
	so_buf_init(&buf, tmp, 4096);
	for (size_t i = 0; i < shape->n_parts; i++)
		so_buf_addf(&buf, "%s%s", i ? "; " : "", shape->parts[i]);
	shape->cand.reason = so_buf_text(&buf);
	so_cand_add(set, &shape->cand);
}

/* The same index with what the block reads besides, so that the table need not be visited. */
static void emit_covering(struct so_cand_set *set, const struct so_usage *use, const struct shape *shape)
{
	struct shape wide = *shape;
	int32_t width = 0;

	if (use->needs_all || !shape->cand.n_keys || shape->cand.predicate)
		return;
	for (size_t i = 0; i < shape->cand.n_keys; i++)
		if (shape->cand.keys[i].expr)
			return; /* the planner wants the columns of the expression too, and then seldom uses it */
	for (size_t i = 0; i < use->rel->table->n_columns; i++) {
		struct so_cand_key key = { .column = (int32_t)i };
		const struct so_column *column = &use->rel->table->columns[i];

		if (!use->needed[i] || has_key(&shape->cand, &key))
			continue;
		if (wide.cand.n_include == SO_CAND_INCLUDE)
			return;
		wide.cand.include[wide.cand.n_include++] = (int32_t)i;
		width += column->avg_width > 0 ? column->avg_width : 32;
	}
	if (!wide.cand.n_include || width > NARROW_BYTES)
		return;
	add_part(&wide, "all columns that are read");
	emit(set, &wide);
}

/* The keys hold all that the block reads of the relation. */
static bool keys_cover(const struct so_usage *use, const struct so_cand *cand)
{
	for (size_t i = 0; i < use->rel->table->n_columns; i++) {
		struct so_cand_key key = { .column = (int32_t)i };

		if (use->needed[i] && !has_key(cand, &key))
			return false;
	}
	return !use->needs_all;
}

/* Walking much of a table in the order of an index is a random read for each row, which planners cost too low: then
 * only an index that spares the table is worth it. */
static void emit_ordered(struct so_cand_set *set, const struct so_usage *use, struct shape *shape)
{
	if (shape->cand.limit > 0 || shape->cand.selectivity <= UNSELECTIVE || shape->cand.join ||
		keys_cover(use, &shape->cand))
		emit(set, shape);
	emit_covering(set, use, shape);
}

/* ORDER BY after the equality columns: those bound by them drop out; an order that is descending throughout is read
 * backwards, mixed directions need the index to have them. */
static bool add_sort(struct shape *shape, const struct so_usage *use)
{
	bool flip = false, first = true;

	if (!use->n_sort)
		return false;
	for (size_t i = 0; i < use->n_sort; i++) {
		struct so_cand_key key = use->sort[i], plain = { .column = key.column };

		if (has_key(&shape->cand, &plain))
			continue;
		if (first)
			flip = key.desc;
		first = false;
		key.desc = key.desc != flip;
		key.nulls_first = key.nulls_first != flip;
		if (!add_key(shape, &key))
			return false;
	}
	shape->cand.ordered = true;
	shape->cand.limit = use->limit;
	if (use->sort_text)
		add_part(shape, use->sort_text);
	return !first;
}

static bool add_group(struct shape *shape, const struct so_usage *use)
{
	size_t before = shape->cand.n_keys;

	for (size_t i = 0; i < use->n_group; i++)
		if (!add_key(shape, &(struct so_cand_key){ .column = use->group[i] }))
			return false;
	if (shape->cand.n_keys == before)
		return false;
	shape->cand.ordered = true;
	add_part(shape, use->group_text);
	return true;
}

/* Text comparison by bytes, where the collation is another. */
static struct so_cand_key pattern_key(const struct so_usage *use, const struct so_atom *atom)
{
	struct so_cand_key key = atom->key;

	if (key.expr || !use->rel->table->columns[key.column].collation_is_c)
		key.opclass = "text_pattern_ops";
	return key;
}

/* All that can follow a set of equality columns. */
static void emit_endings(struct so_cand_set *set, const struct so_usage *use, const struct shape *equal, int arm)
{
	struct shape shape = *equal;

	if (equal->cand.n_keys && (equal->cand.selectivity <= UNSELECTIVE || equal->cand.join)) {
		emit(set, &shape);
		emit_covering(set, use, &shape);
	}
	if (!arm && add_sort(&shape, use))
		emit_ordered(set, use, &shape);
	shape = *equal;
	if (!arm && use->n_group && add_group(&shape, use))
		emit_ordered(set, use, &shape);
	shape = *equal;
	if (!arm && use->extreme >= 0 && add_key(&shape, &(struct so_cand_key){ .column = use->extreme })) {
		shape.cand.ordered = true;
		shape.cand.limit = 1;
		add_part(&shape, "min or max");
		emit(set, &shape);
	}
	for (size_t i = 0; i < use->n_atoms; i++) {
		const struct so_atom *atom = &use->atoms[i];

		if (atom->arm != arm)
			continue;
		shape = *equal;
		if (atom->kind == SO_ATOM_RANGE || atom->kind == SO_ATOM_IN) {
			add_atom(&shape, atom);
			if (shape.cand.selectivity > UNSELECTIVE && use->needs_all)
				continue;
			if (shape.cand.selectivity <= UNSELECTIVE)
				emit(set, &shape);
			emit_covering(set, use, &shape);
		} else if (atom->kind == SO_ATOM_PREFIX) {
			struct so_cand_key key = pattern_key(use, atom);

			add_atom(&shape, atom);
			emit(set, &shape); /* the plain one too: what-if tells whether the collation lets it serve */
			shape.cand.keys[shape.cand.n_keys - 1] = key;
			if (key.opclass)
				emit(set, &shape);
		}
	}
}

static void emit_contains(struct so_cand_set *set, const struct so_usage *use)
{
	for (size_t i = 0; i < use->n_atoms; i++) {
		struct shape shape = start(use);

		if (use->atoms[i].kind != SO_ATOM_CONTAINS)
			continue;
		add_atom(&shape, &use->atoms[i]);
		shape.cand.method = "gin";
		emit(set, &shape);
	}
}

/* Equality atoms of one arm: constants always, and those of joins with `other` (all for `any`). */
static size_t equal_atoms(const struct so_usage *use, int arm, const struct so_atom *join,
	const struct so_atom *without, const struct so_atom **out)
{
	size_t n = 0;

	for (size_t i = 0; i < use->n_atoms; i++) {
		const struct so_atom *atom = &use->atoms[i];
		bool wanted = atom->kind == SO_ATOM_EQUAL ||
			      (atom->kind == SO_ATOM_NULL && atom->share <= UNSELECTIVE) ||
			      (atom->kind == SO_ATOM_JOIN && join &&
				      (atom == join || (atom->other && atom->other == join->other)));

		if (wanted && atom->arm == arm && atom != without)
			out[n++] = atom;
	}
	return n;
}

/* The equalities find at most one row already. */
static bool completes_key(const struct so_usage *use, const struct so_atom *const *atoms, size_t n)
{
	const struct so_table *table = use->rel->table;

	for (size_t k = 0; k < table->n_keys; k++) {
		const struct so_key *key = &table->keys[k];
		bool all = key->validated && key->n_columns > 0;

		for (size_t i = 0; all && i < key->n_columns; i++) {
			bool bound = false;

			for (size_t a = 0; a < n; a++)
				bound = bound || (!atoms[a]->key.expr && atoms[a]->key.column == key->columns[i]);
			all = bound;
		}
		if (all)
			return true;
	}
	return false;
}

static void emit_set(struct so_cand_set *set, const struct so_usage *use, int arm, const struct so_atom *join)
{
	const struct so_atom *atoms[SO_USE_ATOMS] = { 0 };
	size_t n = equal_atoms(use, arm, join, NULL, atoms);
	struct shape shape = start(use);

	if (completes_key(use, atoms, n))
		return;
	add_equalities(&shape, use, atoms, n);
	emit_endings(set, use, &shape, arm);
	if (n < 2)
		return;
	for (size_t i = 0; i < n; i++) { /* a single column may do, and is smaller */
		shape = start(use);
		add_atom(&shape, atoms[i]);
		if (atoms[i]->share <= UNSELECTIVE)
			emit(set, &shape);
	}
}

/* Indexes over the few rows that one condition keeps, ordered by what the others need. */
static void emit_partial(struct so_cand_set *set, const struct so_usage *use, const struct so_atom *on)
{
	const struct so_atom *atoms[SO_USE_ATOMS];
	size_t n = equal_atoms(use, 0, NULL, on, atoms);
	struct shape shape = start(use);

	shape.cand.predicate = on->predicate;
	shape.cand.pred_label = on->pred_label;
	shape.cand.pred_share = on->share;
	shape.cand.selectivity = on->share;
	add_part(&shape, on->text);
	add_equalities(&shape, use, atoms, n);
	emit_endings(set, use, &shape, 0);
	if (!shape.cand.n_keys && !use->n_sort && !use->n_group) {
		add_key(&shape, &on->key);
		emit(set, &shape);
	}
}

static int arms_of(const struct so_usage *use)
{
	int arms = 0;

	for (size_t i = 0; i < use->n_atoms; i++)
		arms = use->atoms[i].arm > arms ? use->atoms[i].arm : arms;
	return arms;
}

static void emit_use(struct so_cand_set *set, const struct so_usage *use, bool no_partial)
{
	emit_set(set, use, 0, NULL);
	for (size_t i = 0; i < use->n_atoms; i++)
		if (use->atoms[i].kind == SO_ATOM_JOIN && !use->atoms[i].arm)
			emit_set(set, use, 0, &use->atoms[i]);
	for (size_t i = 0; !no_partial && i < use->n_atoms; i++)
		if (use->atoms[i].predicate)
			emit_partial(set, use, &use->atoms[i]);
	for (int arm = 1; arm <= arms_of(use); arm++)
		emit_set(set, use, arm, NULL);
	emit_contains(set, use);
}

void so_candidates_of(struct so_cand_set *set, const struct so_usage_list *uses, bool no_partial)
{
	for (size_t i = 0; i < uses->count; i++) {
		const struct so_usage *use = &uses->items[i];

		if (use->single_row || (use->rel->table->rows >= 0 && use->rel->table->rows < MIN_ROWS) ||
			use->rel->table->pages < MIN_PAGES)
			continue;
		emit_use(set, use, no_partial);
	}
}
