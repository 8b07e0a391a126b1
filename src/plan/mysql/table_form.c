/* The rows become the JSON that MariaDB would print, as far as the table tells it, and that is read. */
#include "plan/mysql/table_form.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/mysql/block.h"
#include "plan/mysql/cells.h"

#define MAX_NESTING    60 /* of blocks in blocks */
#define NAME_MAX_BYTES 4096 /* "<union1,2,...>" */

/* Rows by a number that they have, in their order: a table of thousands of rows is not searched for each block. */
struct places {
	struct place {
		int key;
		size_t row;
	} * items;
	size_t n;
};

struct form {
	struct so_my_cells table;
	bool analyzed;
	int depth;
	struct places by_id; /* all rows, by their block */
	struct places members; /* of unions, by the block that these begin with */
	struct places results; /* "UNION RESULT <union1,2>", by the first number */
	struct places subqueries; /* by the block under which they stand */
};

static int compare_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void add_place(const struct form *form, struct places *places, int key, size_t row)
{
	so_assert(places->n < form->table.n);
	if (!places->items)
		places->items = so_new_array(form->table.tmp, struct place, (unsigned)form->table.n);
	places->items[places->n++] = (struct place){ key, row };
}

static void sort_places(struct places *places)
{
	if (places->n)
		qsort(places->items, places->n, sizeof *places->items, compare_place);
}

/* The first row with a number; the others follow it in `items`. */
static size_t find_place(const struct places *places, int key)
{
	size_t low = 0, high = places->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (places->items[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#define EACH_PLACE(at, places, number)                                                                                 \
	for (size_t at = find_place(&(places), number); at < (places).n && (places).items[at].key == (number); at++)

static bool type_is(const struct so_my_row *row, const char *type)
{
	return row->cells[SO_MY_SELECT_TYPE] && strcasecmp(row->cells[SO_MY_SELECT_TYPE], type) == 0;
}

static bool type_has(const struct so_my_row *row, const char *word)
{
	return row->cells[SO_MY_SELECT_TYPE] && strcasestr(row->cells[SO_MY_SELECT_TYPE], word);
}

static bool extra_has(const struct so_my_row *row, const char *word)
{
	return row->cells[SO_MY_EXTRA] && strcasestr(row->cells[SO_MY_EXTRA], word);
}

static void set_number(json_t *object, const char *key, const char *cell)
{
	if (cell && isdigit((unsigned char)*cell))
		json_object_set_new(object, key, json_real(strtod(cell, NULL)));
}

static json_t *block_of(struct form *form, int id);
static json_t *unit_of(struct form *form, int id);

/* The words of Extra that say why there is nothing to read. */
static json_t *message_table(const struct so_my_row *row)
{
	json_t *table = json_object();

	json_object_set_new(
		table, "message", json_string(row->cells[SO_MY_EXTRA] ? row->cells[SO_MY_EXTRA] : "No tables used"));
	return table;
}

static json_t *table_of(struct form *form, struct so_my_row *row)
{
	const char *name = row->cells[SO_MY_NAME];
	json_t *table;
	int inner;

	if (!row->cells[SO_MY_TYPE] && !type_is(row, "INSERT") && !type_is(row, "REPLACE"))
		return message_table(row);
	table = json_object();
	json_object_set_new(table, "table_name", json_string(name ? name : ""));
	if (row->cells[SO_MY_TYPE])
		json_object_set_new(table, "access_type", json_string(row->cells[SO_MY_TYPE]));
	if (row->cells[SO_MY_KEY])
		json_object_set_new(table, "key", json_string(row->cells[SO_MY_KEY]));
	set_number(table, "rows", row->cells[SO_MY_ROWS]);
	set_number(table, "filtered", row->cells[SO_MY_FILTERED]);
	if (form->analyzed) {
		set_number(table, "r_rows", row->cells[SO_MY_R_ROWS]);
		set_number(table, "r_filtered", row->cells[SO_MY_R_FILTERED]);
	}
	if (extra_has(row, "Using index") && !extra_has(row, "Using index condition"))
		json_object_set_new(table, "using_index", json_true());
	if (extra_has(row, "Using where")) /* which one, the table does not say */
		json_object_set_new(table, "attached_condition", json_string("the WHERE condition"));
	if (extra_has(row, "Not exists"))
		json_object_set_new(table, "not_exists", json_true());
	if (extra_has(row, "FirstMatch"))
		json_object_set_new(table, "first_match", json_true());
	for (const char *const *word = (const char *const[]){ "UPDATE", "DELETE", "INSERT", "REPLACE", NULL }; *word;
		word++)
		if (type_is(row, *word)) {
			char key[8] = "";

			for (size_t i = 0; (*word)[i]; i++)
				key[i] = (char)tolower((unsigned char)(*word)[i]);
			json_object_set_new(table, key, json_true());
		}
	if (name && (sscanf(name, "<derived%d>", &inner) == 1 || sscanf(name, "<subquery%d>", &inner) == 1)) {
		json_t *block = unit_of(form, inner);

		if (block)
			json_object_set_new(table, "materialized", json_pack("{s:o}", "query_block", block));
	}
	return table;
}

static void move_key(json_t *from, json_t *to, const char *key)
{
	json_t *value = json_object_get(from, key);

	if (value)
		json_object_set(to, key, value);
	json_object_del(from, key);
}

/* A table with what Extra says is around it. */
static json_t *item_of(struct form *form, struct so_my_row *row, bool sorted)
{
	json_t *item = json_pack("{s:o}", "table", table_of(form, row));
	const char *buffer = row->cells[SO_MY_EXTRA] ? strcasestr(row->cells[SO_MY_EXTRA], "Using join buffer") : NULL;

	if (extra_has(row, "Range checked for each record"))
		item = json_pack("{s:o}", "range-checked-for-each-record", item);
	if (buffer) {
		const char *kind = strcasestr(buffer, "hash")      ? "BNLH"
				   : strcasestr(buffer, "BNLH")    ? "BNLH"
				   : strcasestr(buffer, "BKA")     ? "BKA"
				   : strcasestr(buffer, "Batched") ? "BKA"
								   : "BNL";

		json_object_set_new(item, "join_type", json_string(kind));
		/* what passes is said of the pairs, not of the table */
		move_key(json_object_get(item, "table"), item, "attached_condition");
		move_key(json_object_get(item, "table"), item, "filtered");
		move_key(json_object_get(item, "table"), item, "r_filtered");
		item = json_pack("{s:o}", "block-nl-join", item);
	}
	if (sorted)
		item = json_pack("{s:{s:o}}", "read_sorted_file", "filesort", item);
	return item;
}

/* Loops are not in the table: what came out of the tables before. */
static void set_loops(json_t *item, double *loops)
{
	json_t *table = json_object_get(item, "table");
	const char *key;
	json_t *inner;
	double rows, filtered;

	json_object_foreach(item, key, inner) if (!table && json_is_object(inner))
	{
		bool buffered = strcmp(key, "block-nl-join") == 0;
		double before = *loops, once = 1;

		if (!buffered) {
			set_loops(inner, loops);
			return;
		}
		set_loops(inner, &once); /* read once for each filling of the buffer */
		filtered = so_plan_number(json_object_get(inner, "r_filtered"));
		json_object_set_new(inner, "r_loops", json_real(before));
		json_object_set_new(inner, "r_effective_rows", json_real(once));
		*loops = before * once * (isnan(filtered) ? 1 : filtered / 100);
		return;
	}
	if (!json_object_get(table, "access_type"))
		return;
	rows = so_plan_number(json_object_get(table, "r_rows"));
	filtered = so_plan_number(json_object_get(table, "r_filtered"));
	json_object_set_new(table, "r_loops", json_real(isnan(rows) ? 0 : *loops));
	*loops *= isnan(rows) ? 0 : rows * (isnan(filtered) ? 1 : filtered / 100);
}

static json_t *wrap(json_t *block, const char *key)
{
	json_t *inner = json_object();
	json_t *list = json_object_get(block, "nested_loop");

	json_object_set(inner, "nested_loop", list);
	json_object_del(block, "nested_loop");
	json_object_set_new(block, key, inner);
	return inner;
}

/* A sort of the first table alone comes before the joins; one of a temporary table comes after. */
static void wrap_sorts(json_t *block, bool temporary, bool sort)
{
	if (temporary && sort) {
		json_t *filesort = wrap(block, "filesort");

		wrap(filesort, "temporary_table");
	} else if (temporary) {
		wrap(block, "temporary_table");
	}
}

#define REF_MAX 4096 /* bytes: 16 columns with all their names */

/* Whether a row's lookups name a table of a block: then the row's block depends on that one. */
static bool refers_to(const char *ref, const char *alias)
{
	size_t len = alias ? strlen(alias) : 0;

	for (const char *at = ref; len && (at = strstr(at, alias)); at += len)
		if ((at == ref || at[-1] == '.' || at[-1] == ',') && at[len] == '.')
			return true;
	return false;
}

/* The block under which a subquery stands: the one whose tables it looks up by, else the first. */
static int outer_block(const struct form *form, int id)
{
	EACH_PLACE(at, form->by_id, id)
	{
		const char *ref = form->table.rows[form->by_id.items[at].row].cells[SO_MY_REF];

		for (size_t k = 0; ref && strnlen(ref, REF_MAX) < REF_MAX && k < form->table.n; k++)
			if (form->table.rows[k].id < id && !form->table.rows[k].is_result &&
				refers_to(ref, form->table.rows[k].cells[SO_MY_NAME]))
				return form->table.rows[k].id;
	}
	return form->table.rows[0].id;
}

static bool is_dependent(const struct so_my_row *row)
{
	return type_is(row, "DEPENDENT SUBQUERY") || type_is(row, "UNCACHEABLE SUBQUERY");
}

static void add_subqueries(struct form *form, json_t *block, int id)
{
	json_t *list = json_array();

	EACH_PLACE(at, form->subqueries, id)
	{
		struct so_my_row *row = &form->table.rows[form->subqueries.items[at].row];
		json_t *inner = row->used || row->id == id ? NULL : unit_of(form, row->id);

		if (inner)
			json_array_append_new(
				list, json_pack("{s:b,s:o}", "dependent", is_dependent(row), "query_block", inner));
	}
	if (json_array_size(list))
		json_object_set_new(block, "subqueries", list);
	else
		json_decref(list);
}

/* The tables of one id, in the order of the joins. NULL when there are none left. */
static json_t *block_of(struct form *form, int id)
{
	json_t *block = json_object(), *list = json_array();
	struct so_my_row *insert = NULL;
	bool temporary = false, sort = false;
	double loops = 1;

	EACH_PLACE(at, form->by_id, id)
	{
		struct so_my_row *row = &form->table.rows[form->by_id.items[at].row];
		bool first = json_array_size(list) == 0, alone;
		json_t *item;

		if (row->used || row->is_result)
			continue;
		row->used = true;
		if (type_is(row, "INSERT") || type_is(row, "REPLACE")) {
			insert = row;
			continue;
		}
		alone = extra_has(row, "Using filesort") && !extra_has(row, "Using temporary") && first && !temporary;
		temporary = temporary || extra_has(row, "Using temporary");
		sort = sort || extra_has(row, "Using filesort");
		item = item_of(form, row, alone);
		if (form->analyzed)
			set_loops(item, &loops);
		json_array_append_new(list, item);
	}
	json_object_set_new(block, "select_id", json_integer(id));
	if (form->analyzed)
		json_object_set_new(block, "r_loops", json_integer(1));
	if (json_array_size(list)) {
		json_object_set_new(block, "nested_loop", list);
		wrap_sorts(block, temporary, sort);
	} else {
		json_decref(list);
		if (!insert) {
			json_decref(block);
			return NULL;
		}
	}
	if (insert) {
		json_t *from = block;

		block = json_pack("{s:o}", "table", table_of(form, insert));
		json_object_set_new(block, "insert_from", from);
	}
	add_subqueries(form, block, id);
	return block;
}

/* The row "UNION RESULT <union1,2>" whose first member is `id`. */
static struct so_my_row *result_of(const struct form *form, int id)
{
	size_t at = find_place(&form->results, id);

	return at < form->results.n && form->results.items[at].key == id
		       ? &form->table.rows[form->results.items[at].row]
		       : NULL;
}

/* A block, or the union that begins with it. */
static json_t *unit_of(struct form *form, int id)
{
	struct so_my_row *result = result_of(form, id);
	json_t *block, *members, *member, *unit;
	const char *key = "union_result";
	int last = id;

	if (form->depth >= MAX_NESTING || !(block = (form->depth++, block_of(form, id))))
		return NULL;
	members = json_array();
	EACH_PLACE(at, form->members, id)
	{
		const struct so_my_row *row = &form->table.rows[form->members.items[at].row];

		if (row->used || row->id == last)
			continue;
		last = row->id;
		member = block_of(form, row->id);
		if (member)
			json_array_append_new(members, json_pack("{s:o}", "query_block", member));
	}
	form->depth--;
	if (!json_array_size(members)) {
		json_decref(members);
		return block;
	}
	json_array_insert_new(members, 0, json_pack("{s:o}", "query_block", block));
	if (result)
		key = type_has(result, "INTERSECT") ? "intersect_result"
		      : type_has(result, "EXCEPT")  ? "except_result"
						    : key;
	unit = json_pack("{s:o}", "query_specifications", members);
	if (result && extra_has(result, "filesort"))
		json_object_set_new(unit, "using_filesort", json_true());
	if (result && form->analyzed) {
		json_object_set_new(unit, "r_loops", json_integer(1));
		set_number(unit, "r_rows", result->cells[SO_MY_R_ROWS]);
	}
	return json_pack("{s:i,s:o}", "select_id", id, key, unit);
}

/* Members of a union belong to the block that the union begins with. */
static void set_units(struct form *form)
{
	int unit = 0;

	for (size_t i = 0; i < form->table.n; i++) {
		struct so_my_row *row = &form->table.rows[i];

		row->id = row->cells[SO_MY_ID] ? (int)strtol(row->cells[SO_MY_ID], NULL, 10) : 0;
		row->is_result = type_has(row, " RESULT");
		row->is_member = !row->is_result &&
				 (type_has(row, "UNION") || type_has(row, "INTERSECT") || type_has(row, "EXCEPT"));
		if (!row->is_member && !row->is_result)
			unit = row->id;
		row->unit = unit;
		add_place(form, &form->by_id, row->id, i);
	}
	sort_places(&form->by_id);
	for (size_t i = 0; i < form->table.n; i++) { /* "<union1,4>": better than the order of rows */
		const struct so_my_row *result = &form->table.rows[i];
		const char *at = result->is_result ? result->cells[SO_MY_NAME] : NULL;
		bool named = false;
		int first = 0;

		if (at && strnlen(at, NAME_MAX_BYTES) == NAME_MAX_BYTES)
			continue; /* the server itself shortens such lists */
		while (at && (at = strpbrk(at, "0123456789"))) {
			int id = (int)strtol(at, (char **)&at, 10);

			if (!named) { /* once a row: there is room for no more */
				add_place(form, &form->results, id, i);
				first = id;
				named = true;
			}
			EACH_PLACE(k, form->by_id, id)
			form->table.rows[form->by_id.items[k].row].unit = first;
		}
	}
	for (size_t i = 0; i < form->table.n; i++) {
		const struct so_my_row *row = &form->table.rows[i];

		if (row->is_member)
			add_place(form, &form->members, row->unit, i);
	}
	sort_places(&form->members);
	sort_places(&form->results);
}

/* Subqueries that no row names by <subquery2>. The rows of one have the same place. */
static void place_subqueries(struct form *form)
{
	for (size_t i = 0; i < form->by_id.n; i++) {
		const struct so_my_row *row = &form->table.rows[form->by_id.items[i].row];
		bool subquery = is_dependent(row) || type_is(row, "SUBQUERY");
		bool again = form->subqueries.n && i &&
			     form->table.rows[form->subqueries.items[form->subqueries.n - 1].row].id == row->id;

		if (subquery)
			add_place(form, &form->subqueries,
				again ? form->subqueries.items[form->subqueries.n - 1].key : outer_block(form, row->id),
				form->by_id.items[i].row);
	}
	sort_places(&form->subqueries);
}

/* Blocks that no table names: the result of an IN that is looked up by the condition itself (MATERIALIZED in MariaDB).
 */
static void add_leftovers(struct form *form, json_t *block)
{
	json_t *list = json_object_get(block, "subqueries");

	if (!list) {
		list = json_array();
		json_object_set_new(block, "subqueries", list);
	}
	for (size_t i = 0; i < form->table.n; i++) {
		const struct so_my_row *row = &form->table.rows[i];
		bool kept = type_is(row, "MATERIALIZED");
		json_t *inner = row->used || row->is_result ? NULL : unit_of(form, row->id);

		if (inner)
			inner = json_pack("{s:o}", "query_block", inner);
		if (inner && kept)
			inner = json_pack("{s:o}", "materialization", inner);
		if (inner)
			json_array_append_new(list, inner);
	}
}

bool so_my_is_table_form(const struct so_plan_document *doc, bool *analyzed)
{
	if (doc->syntax != SO_PLAN_TEXT || !so_plan_head_has(doc, "select_type") ||
		!so_plan_head_has(doc, "possible_keys"))
		return false;
	if (analyzed)
		*analyzed = so_plan_head_has(doc, "r_filtered") || so_plan_head_has(doc, "r_rows");
	return true;
}

bool so_my_read_table_form(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	struct form form = { .depth = 0 };
	json_t *block, *root;
	bool ok;

	so_my_is_table_form(doc, &form.analyzed);
	if (!so_my_read_cells(tmp, doc->raw, doc->raw_len, &form.table))
		return so_fail(
			err, SO_INPUT, "the table of EXPLAIN has no rows: send it with its header and unbroken lines");
	if (form.table.n > 4000) /* 61 tables a join, one row each */
		return so_fail(err, SO_LIMIT, "the table of EXPLAIN has %zu rows, the limit is 4000", form.table.n);
	set_units(&form);
	place_subqueries(&form);
	block = unit_of(&form, form.table.rows[0].id);
	if (!block)
		return so_fail(err, SO_INPUT, "the table of EXPLAIN has no row of a first SELECT");
	add_leftovers(&form, block);
	root = json_pack("{s:o}", "query_block", block);
	ok = so_my_read_blocks(builder, root, true, form.analyzed, err);
	json_decref(root);
	if (ok) { /* rows only */
		builder->plan->has_timing = false;
		for (int32_t i = 0; i < builder->plan->n_nodes; i++)
			builder->plan->nodes[i].time_ms = builder->plan->nodes[i].total_ms = NAN;
	}
	return ok;
}
