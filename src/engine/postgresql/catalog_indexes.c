/* Indexes, the keys that they guarantee, and extended statistics of a snapshot. */
#include "engine/postgresql/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_DESC        1 /* INDOPTION_DESC, INDOPTION_NULLS_FIRST */
#define OPTION_NULLS_FIRST 2

enum column {
	I_TABLE,
	I_SCHEMA,
	I_NAME,
	I_METHOD,
	I_DEFINITION,
	I_PREDICATE,
	I_KEYS,
	I_N_KEYS,
	I_OPTIONS,
	I_EXPRS,
	I_OPCLASSES,
	I_COLLATIONS,
	I_UNIQUE,
	I_PRIMARY,
	I_CONSTRAINT,
	I_VALID,
	I_IDENTITY,
	I_SIZE,
	I_SCANS,
	I_IMMEDIATE,
	I_NULLS_EQUAL
};

static char *indexes_sql(const struct snapshot *s)
{
	return so_printf(s->tmp, PG_SQL_INDEXES, s->catalog->version_num >= 150000 ? "i.indnullsnotdistinct" : "false");
}

/* Levels above the leaves, from the number of pages: inner pages are filled to 70 %, an entry is a tuple header, the
 * key aligned to eight bytes, and a line pointer. */
static double tree_height(const struct so_table *t, const struct so_index *index)
{
	double pages = (double)index->size_bytes / 8192.0, width = 0, fanout;

	if (strcmp(index->method, "btree") != 0 || index->size_bytes <= 0)
		return -1;
	for (size_t i = 0; i < index->n_keys; i++) {
		int32_t column = index->keys[i].column;

		width += column >= 0 && t->columns[column].avg_width > 0 ? t->columns[column].avg_width : 8;
	}
	fanout = 8152.0 * 0.7 / (ceil((8 + width) / 8) * 8 + 4);
	pages -= 1; /* the meta page */
	return pages <= 1 ? 0 : fmax(1, ceil(log(pages) / log(fmax(fanout, 2)) - 0.001));
}

static void fill_keys(
	const struct snapshot *s, size_t table, struct so_index *index, const struct so_pg_result *r, size_t row)
{
	TALLOC_CTX *owner = s->catalog->tables;
	size_t n, n_options, n_exprs, n_opclasses, n_collations;
	int64_t *numbers = snapshot_numbers(s->tmp, so_pg_cell(r, row, I_KEYS), &n);
	int64_t *options = snapshot_numbers(s->tmp, so_pg_cell(r, row, I_OPTIONS), &n_options);
	char **exprs = so_pg_array_parse(owner, so_pg_cell(r, row, I_EXPRS), &n_exprs);
	char **opclasses = so_pg_array_parse(owner, so_pg_cell(r, row, I_OPCLASSES), &n_opclasses);
	char **collations = so_pg_array_parse(owner, so_pg_cell(r, row, I_COLLATIONS), &n_collations);

	index->n_keys = (size_t)so_pg_int(r, row, I_N_KEYS, 0);
	if (index->n_keys > n)
		index->n_keys = n;
	index->keys = so_new_array(owner, struct so_index_key, index->n_keys + 1);
	for (size_t i = 0; i < index->n_keys; i++) {
		struct so_index_key *key = &index->keys[i];
		int64_t option = i < n_options ? options[i] : 0;

		key->column = snapshot_column(s, table, numbers[i]);
		key->expr = i < n_exprs ? exprs[i] : NULL;
		key->opclass = i < n_opclasses ? opclasses[i] : NULL;
		key->collation = i < n_collations ? collations[i] : NULL;
		key->desc = option & OPTION_DESC;
		key->nulls_first = option & OPTION_NULLS_FIRST;
	}
	index->n_include = n - index->n_keys;
	index->include = so_new_array(owner, int32_t, index->n_include + 1);
	for (size_t i = 0; i < index->n_include; i++)
		index->include[i] = snapshot_column(s, table, numbers[index->n_keys + i]);
}

/* A unique index over plain columns and all rows is a declared unique set. */
static void add_key(
	struct snapshot *s, size_t table, const struct so_index *index, const struct so_pg_result *r, size_t row)
{
	struct so_table *t = &s->catalog->tables[table];
	struct so_key *key;

	if (!index->unique || index->predicate)
		return;
	for (size_t i = 0; i < index->n_keys; i++) {
		const struct so_index_key *part = &index->keys[i];

		/* Under the column's own equality (a collation that ignores case, citext) values may be equal that an
		 * index with another collation or operator class tells apart. */
		if (part->column < 0 ||
			(t->columns[part->column].type_class == SO_TYPE_OTHER && (part->collation || part->opclass)))
			return;
	}
	t->keys = so_renew_array(s->catalog->tables, t->keys, struct so_key, t->n_keys + 1);
	key = &t->keys[t->n_keys++];
	*key = (struct so_key){ .name = index->name, .kind = index->primary ? SO_KEY_PRIMARY : SO_KEY_UNIQUE };
	key->validated = index->valid && !s->tables[table].has_children;
	key->deferrable = !so_pg_true(r, row, I_IMMEDIATE);
	key->nulls_not_distinct = so_pg_true(r, row, I_NULLS_EQUAL);
	key->n_columns = index->n_keys;
	key->columns = so_new_array(s->catalog->tables, int32_t, key->n_columns + 1);
	for (size_t i = 0; i < key->n_columns; i++)
		key->columns[i] = index->keys[i].column;
}

bool snapshot_indexes(struct snapshot *s, struct so_err *err)
{
	struct so_pg_result *r = snapshot_ask(s, indexes_sql(s), err);
	TALLOC_CTX *owner = s->catalog->tables;

	for (size_t i = 0; r && i < so_pg_rows(r); i++) {
		int64_t table = snapshot_table_of(s, r, i);
		struct so_table *t = &s->catalog->tables[table];
		struct so_index *index;

		t->indexes = so_renew_array(owner, t->indexes, struct so_index, t->n_indexes + 1);
		index = &t->indexes[t->n_indexes++];
		*index = (struct so_index){
			.schema = so_strdup(owner, so_pg_cell(r, i, I_SCHEMA)),
			.name = so_strdup(owner, so_pg_cell(r, i, I_NAME)),
			.method = so_strdup(owner, so_pg_cell(r, i, I_METHOD)),
			.definition = so_strdup(owner, so_pg_cell(r, i, I_DEFINITION)),
			.predicate = so_strdup_or_null(owner, so_pg_cell(r, i, I_PREDICATE)),
			.unique = so_pg_true(r, i, I_UNIQUE),
			.primary = so_pg_true(r, i, I_PRIMARY),
			.constraint = so_pg_true(r, i, I_CONSTRAINT),
			.valid = so_pg_true(r, i, I_VALID),
			.replica_identity = so_pg_true(r, i, I_IDENTITY),
			.size_bytes = so_pg_int(r, i, I_SIZE, 0),
			.scans = so_pg_int(r, i, I_SCANS, -1),
		};
		fill_keys(s, (size_t)table, index, r, i);
		index->tree_height = tree_height(t, index);
		add_key(s, (size_t)table, index, r, i);
	}
	return r != NULL;
}

bool snapshot_ext_stats(struct snapshot *s, struct so_err *err)
{
	struct so_pg_result *r = snapshot_ask(s, PG_SQL_EXT_STATS, err);
	TALLOC_CTX *owner = s->catalog->tables;

	for (size_t i = 0; r && i < so_pg_rows(r); i++) {
		int64_t table = snapshot_table_of(s, r, i);
		struct so_table *t = &s->catalog->tables[table];
		struct so_ext_stats *stats;
		int64_t *numbers;

		t->ext_stats = so_renew_array(owner, t->ext_stats, struct so_ext_stats, t->n_ext_stats + 1);
		stats = &t->ext_stats[t->n_ext_stats++];
		*stats = (struct so_ext_stats){
			.schema = so_strdup(owner, so_pg_cell(r, i, 1)),
			.name = so_strdup(owner, so_pg_cell(r, i, 2)),
			.kinds = so_strdup(owner, so_pg_cell(r, i, 3)),
		};
		numbers = snapshot_numbers(s->tmp, so_pg_cell(r, i, 4), &stats->n_columns);
		stats->columns = so_new_array(owner, int32_t, stats->n_columns + 1);
		for (size_t k = 0; k < stats->n_columns; k++)
			stats->columns[k] = snapshot_column(s, (size_t)table, numbers[k]);
	}
	return r != NULL;
}
