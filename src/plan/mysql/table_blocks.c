/* Which rows of EXPLAIN's table form are joined, and how their query blocks stand in each other: the table tells it by
 * numbers only. Rows are found by number, never by going through the table. */
#include "plan/mysql/table_blocks.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#define MAX_NESTING    60 /* of blocks in blocks */
#define NAME_MAX_BYTES 4096 /* "<union1,2,...>": the server itself shortens longer ones */
#define REF_MAX_BYTES  4096 /* 16 columns with all their names */

/* Rows by a number that they have, in their order. */
struct places {
	struct place {
		int key;
		uint32_t row;
	} * items;
	size_t n;
	size_t last; /* where a search ended: the next one mostly ends behind it */
};

/* Tables by their names, in the order of rows. */
struct named {
	const struct so_my_row *row;
	int least_id; /* of all rows of the name up to this one */
};

struct form {
	struct so_plan_chunks *chunks;
	struct so_my_cells *table;
	int depth;
	struct places by_id; /* all rows, by their block */
	struct places members; /* of unions, by the block that these begin with */
	struct places results; /* "UNION RESULT <union1,2>", by the first number */
	struct places subqueries; /* by the block under which they stand */
	bool *taken; /* by place of a block's first row: all its rows are in blocks */
	struct named *named; /* NULL: not looked for yet */
	size_t n_named;
};

/* ---- Rows by number --------------------------------------------------------------------------------------------- */

static int compare_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void add_place(const struct form *form, struct places *places, int key, size_t row)
{
	so_assert(places->n < form->table->n);
	if (!places->items)
		places->items = so_new_array(form->table->tmp, struct place, (unsigned)form->table->n);
	places->items[places->n++] = (struct place){ key, (uint32_t)row };
}

static void sort_places(struct places *places)
{
	size_t i = 1;

	while (i < places->n && compare_place(&places->items[i - 1], &places->items[i]) <= 0)
		i++;
	if (i < places->n)
		qsort(places->items, places->n, sizeof *places->items, compare_place);
}

/* The first row with a number; the others follow it in `items`. */
static size_t find_place(struct places *places, int key)
{
	size_t low = 0, high = places->n;

	for (size_t i = places->last; i < places->n && i < places->last + 2; i++)
		if (places->items[i].key == key && (!i || places->items[i - 1].key != key))
			return places->last = i;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places->items[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return places->last = low;
}

#define EACH_PLACE(at, places, number)                                                                                 \
	for (size_t at = find_place(&(places), number); at < (places).n && (places).items[at].key == (number); at++)

static struct so_my_row *row_at(const struct form *form, const struct places *places, size_t at)
{
	return &form->table->rows[places->items[at].row];
}

static bool is_member(const struct so_my_row *row)
{
	return !(row->type & SO_MY_TYPE_RESULT) &&
	       row->type & (SO_MY_TYPE_UNION | SO_MY_TYPE_INTERSECT | SO_MY_TYPE_EXCEPT);
}

/* "<union1,4>": better than the order of rows. `units`: by place of a block's first row, the block that its union
 * begins with; INT_MAX where no result names it. */
static void read_results(struct form *form, int *units)
{
	for (size_t i = 0; i < form->table->n; i++) {
		const struct so_my_row *result = &form->table->rows[i];
		struct so_span name = result->name;
		bool named = false;
		int first = 0;

		if (!(result->type & SO_MY_TYPE_RESULT) || name.len >= NAME_MAX_BYTES)
			continue;
		while (name.len) {
			size_t place;
			int id;

			if (!isdigit((unsigned char)*name.at)) {
				name = so_span_without(name, 1);
				continue;
			}
			id = so_my_take_id(&name);
			if (!named) { /* once a row: there is room for no more */
				add_place(form, &form->results, id, i);
				first = id;
				named = true;
			}
			place = find_place(&form->by_id, id);
			if (place < form->by_id.n)
				units[place] = form->by_id.items[place].key == id ? first : units[place];
		}
	}
}

/* Members of a union belong to the block that the union begins with. */
static void set_units(struct form *form)
{
	size_t n = form->table->n;
	int *units = so_new_array(form->table->tmp, int, (unsigned)n);
	int unit = 0, named = INT_MAX;

	for (size_t i = 0; i < n; i++) {
		struct so_my_row *row = &form->table->rows[i];

		if (!is_member(row) && !(row->type & SO_MY_TYPE_RESULT))
			unit = row->id;
		row->unit = unit;
		units[i] = INT_MAX;
		add_place(form, &form->by_id, row->id, i);
	}
	sort_places(&form->by_id);
	read_results(form, units);
	for (size_t at = 0; at < n; at++) {
		const struct so_my_row *row = row_at(form, &form->by_id, at);

		if (!at || row->id != form->by_id.items[at - 1].key)
			named = units[at];
		if (is_member(row))
			add_place(
				form, &form->members, named != INT_MAX ? named : row->unit, form->by_id.items[at].row);
	}
	sort_places(&form->members);
	sort_places(&form->results);
}

/* ---- Subqueries ------------------------------------------------------------------------------------------------- */

static int compare_names(struct so_span a, struct so_span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int compare_named(const void *a, const void *b)
{
	const struct so_my_row *x = ((const struct named *)a)->row, *y = ((const struct named *)b)->row;
	int order = compare_names(x->name, y->name);

	return order ? order : x < y ? -1 : x > y;
}

static void sort_names(struct form *form)
{
	struct named *named = so_new_array(form->table->tmp, struct named, (unsigned)form->table->n);
	size_t n = 0;

	for (size_t i = 0; i < form->table->n; i++)
		if (form->table->rows[i].name.len && !(form->table->rows[i].type & SO_MY_TYPE_RESULT))
			named[n++].row = &form->table->rows[i];
	qsort(named, n, sizeof *named, compare_named);
	for (size_t i = 0; i < n; i++) {
		bool same = i && compare_names(named[i - 1].row->name, named[i].row->name) == 0;

		named[i].least_id =
			same && named[i - 1].least_id < named[i].row->id ? named[i - 1].least_id : named[i].row->id;
	}
	form->named = named;
	form->n_named = n;
}

/* The first row of a table in a block before `id`, or NULL. */
static const struct so_my_row *find_table(const struct form *form, struct so_span name, int id)
{
	size_t low = 0, high = form->n_named;

	while (low < high) { /* ids fall along the rows of a name */
		size_t middle = low + (high - low) / 2;
		int order = compare_names(form->named[middle].row->name, name);

		if (order < 0 || (order == 0 && form->named[middle].least_id >= id))
			low = middle + 1;
		else
			high = middle;
	}
	return low < form->n_named && compare_names(form->named[low].row->name, name) == 0 ? form->named[low].row
											   : NULL;
}

/* The first row whose table is named in "shop.o.id,const", or `best` when that comes before. */
static const struct so_my_row *find_referred(
	const struct form *form, struct so_span ref, int id, const struct so_my_row *best)
{
	for (size_t i = 0; i < ref.len && ref.len < REF_MAX_BYTES; i++) {
		if (i && ref.at[i - 1] != '.' && ref.at[i - 1] != ',')
			continue;
		/* an alias may have a '.' or two */
		for (size_t end = i + 1, parts = 0; end < ref.len && parts < 3; end++) {
			const struct so_my_row *row = NULL;

			parts += ref.at[end] == '.' || ref.at[end] == ',';
			if (ref.at[end] == '.')
				row = find_table(form, (struct so_span){ ref.at + i, end - i }, id);
			best = row && (!best || row < best) ? row : best;
		}
	}
	return best;
}

/* The block under which a subquery stands: the one whose tables it looks up by, else the first. */
static int outer_block(struct form *form, int id)
{
	EACH_PLACE(at, form->by_id, id)
	{
		struct so_span ref = row_at(form, &form->by_id, at)->ref;
		const struct so_my_row *row;

		if (!memchr(ref.at ? ref.at : "", '.', ref.len))
			continue;
		if (!form->named)
			sort_names(form);
		row = find_referred(form, ref, id, NULL);
		if (row)
			return row->id;
	}
	return form->table->rows[0].id;
}

/* Subqueries that no row names by <subquery2>. The rows of one have the same place. */
static void place_subqueries(struct form *form)
{
	int last = 0, outer = 0;
	bool any = false;

	for (size_t i = 0; i < form->by_id.n; i++) {
		const struct so_my_row *row = row_at(form, &form->by_id, i);

		if (!(row->type & (SO_MY_TYPE_SUBQUERY | SO_MY_TYPE_DEPENDENT)))
			continue;
		if (!any || row->id != last)
			outer = outer_block(form, row->id);
		any = true;
		last = row->id;
		add_place(form, &form->subqueries, outer, form->by_id.items[i].row);
	}
	sort_places(&form->subqueries);
}

/* ---- Blocks ----------------------------------------------------------------------------------------------------- */

static struct so_my_block *block_of(struct form *form, int id);
static struct so_my_block *unit_of(struct form *form, int id);

static void add_inner(
	struct form *form, struct so_my_inners *inners, struct so_my_block *block, bool dependent, bool kept)
{
	struct so_my_inner *inner = so_plan_chunk(form->chunks, sizeof *inner);

	*inner = (struct so_my_inner){ .block = block, .dependent = dependent, .kept = kept };
	if (inners->last)
		inners->last->next = inner;
	else
		inners->first = inner;
	inners->last = inner;
}

static void add_subqueries(struct form *form, struct so_my_block *block)
{
	size_t at = find_place(&form->subqueries, block->id);

	for (; at < form->subqueries.n && form->subqueries.items[at].key == block->id; at++) {
		const struct so_my_row *row = row_at(form, &form->subqueries, at);
		struct so_my_block *inner = row->used || row->id == block->id ? NULL : unit_of(form, row->id);

		if (inner)
			add_inner(form, &block->inners, inner, row->type & SO_MY_TYPE_DEPENDENT, false);
	}
}

/* What fills a table like "<derived2>" or "<subquery3>"; NULL for others. */
static struct so_my_block *derived_of(struct form *form, const struct so_my_row *row)
{
	struct so_span name = row->name;

	if (!name.len || *name.at != '<')
		return NULL;
	if (so_span_starts(name, "<derived"))
		name = so_span_without(name, 8);
	else if (so_span_starts(name, "<subquery"))
		name = so_span_without(name, 9);
	else
		return NULL;
	return name.len && isdigit((unsigned char)*name.at) ? unit_of(form, so_my_take_id(&name)) : NULL;
}

static void add_table(struct form *form, struct so_my_block *block, struct so_my_row *row)
{
	bool sorts = row->extras & SO_MY_EXTRA_USING_FILESORT;

	/* a sort of the first table alone comes before the joins; one of a temporary table comes after */
	row->alone = sorts && !(row->extras & SO_MY_EXTRA_TEMPORARY) && !block->first && !block->temporary;
	block->temporary = block->temporary || row->extras & SO_MY_EXTRA_TEMPORARY;
	block->sort = block->sort || sorts;
	if (row->access.at)
		row->derived = derived_of(form, row);
	row->before = block->last;
	if (block->last)
		block->last->after = row;
	else
		block->first = row;
	block->last = row;
	block->n++;
}

/* The tables of one id. NULL when there are none left. */
static struct so_my_block *block_of(struct form *form, int id)
{
	struct so_my_block *block;
	size_t from = find_place(&form->by_id, id);

	if (from >= form->by_id.n || form->by_id.items[from].key != id || form->taken[from])
		return NULL;
	block = so_plan_chunk(form->chunks, sizeof *block);
	block->id = id;
	for (size_t at = from; at < form->by_id.n && form->by_id.items[at].key == id; at++) {
		struct so_my_row *row = row_at(form, &form->by_id, at);

		if (row->used || row->type & SO_MY_TYPE_RESULT)
			continue;
		row->used = true;
		if (row->type & (SO_MY_TYPE_INSERT | SO_MY_TYPE_REPLACE))
			block->insert = row;
		else
			add_table(form, block, row);
	}
	form->taken[from] = true;
	if (!block->first && !block->insert)
		return NULL;
	add_subqueries(form, block);
	return block;
}

/* The row "UNION RESULT <union1,2>" whose first member is `id`. */
static const struct so_my_row *result_of(struct form *form, int id)
{
	size_t at = find_place(&form->results, id);

	return at < form->results.n && form->results.items[at].key == id ? row_at(form, &form->results, at) : NULL;
}

static void add_members(struct form *form, struct so_my_block *first)
{
	struct so_my_block *block = first;
	int last = first->id;

	for (size_t at = find_place(&form->members, first->id);
		at < form->members.n && form->members.items[at].key == first->id; at++) {
		const struct so_my_row *row = row_at(form, &form->members, at);
		struct so_my_block *member;

		if (row->used || row->id == last)
			continue;
		last = row->id;
		member = block_of(form, row->id);
		if (member)
			block = block->member = member;
	}
	if (first->member)
		first->result = result_of(form, first->id);
}

/* A block, or the union that begins with it. */
static struct so_my_block *unit_of(struct form *form, int id)
{
	struct so_my_block *block;

	if (form->depth >= MAX_NESTING)
		return NULL;
	form->depth++;
	block = block_of(form, id);
	if (block)
		add_members(form, block);
	form->depth--;
	return block;
}

/* Blocks that no table names: the result of an IN that is looked up by the condition itself (MATERIALIZED in MariaDB).
 */
static void add_leftovers(struct form *form, struct so_my_block *top)
{
	for (size_t i = 0; i < form->table->n; i++) {
		const struct so_my_row *row = &form->table->rows[i];
		bool kept = row->type & SO_MY_TYPE_MATERIALIZED;
		struct so_my_block *inner = row->used || row->type & SO_MY_TYPE_RESULT ? NULL : unit_of(form, row->id);

		if (inner)
			add_inner(form, top->member ? &top->union_inners : &top->inners, inner, false, kept);
	}
}

struct so_my_block *so_my_table_blocks(struct so_plan_chunks *chunks, struct so_my_cells *table)
{
	struct form form = { .chunks = chunks, .table = table };
	struct so_my_block *top;

	form.taken = so_new_array(table->tmp, bool, (unsigned)table->n);
	set_units(&form);
	place_subqueries(&form);
	top = unit_of(&form, table->rows[0].id);
	if (top)
		add_leftovers(&form, top);
	return top;
}
