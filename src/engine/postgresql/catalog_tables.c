/* Columns, their statistics, and foreign keys of a snapshot. */
#include "engine/postgresql/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill_collation(
	const struct snapshot *s, struct so_table *t, struct so_column *column, const struct so_pg_result *r, size_t i)
{
	const char *name = so_pg_cell(r, i, 8), *provider = so_pg_cell(r, i, 9);

	if (!name)
		return;
	if (so_pg_true(r, i, 11)) {
		column->collation = so_strdup(t->columns, s->catalog->collation);
		column->collation_is_c = s->default_collation_is_c;
		return;
	}
	column->collation = so_strdup(t->columns, name);
	column->collation_is_c = (provider && *provider == 'b') || strcmp(name, "C") == 0 ||
				 strcmp(name, "POSIX") == 0 || strcmp(name, "ucs_basic") == 0;
	/* Equal under such a collation does not mean the same text: no rule for texts may be applied. */
	if (!so_pg_true(r, i, 10))
		column->type_class = SO_TYPE_OTHER;
}

static void fill_column(const struct snapshot *s, struct so_table *t, bool has_children, struct so_column *column,
	const struct so_pg_result *r, size_t i)
{
	const char *base = so_pg_cell(r, i, 4), *generated = so_pg_cell(r, i, 7);
	bool has_default = !generated || !*generated;

	column->name = so_strdup(t->columns, so_pg_cell(r, i, 2));
	column->type = so_strdup(t->columns, so_pg_cell(r, i, 3));
	column->type_class = so_type_classify(base ? base : column->type, &column->width_bits);
	if (base && strcmp(base, "array") == 0)
		column->type_class = SO_TYPE_ARRAY;
	else if (base && strcmp(base, "enum") == 0)
		column->type_class = SO_TYPE_OTHER;
	/* A child by inheritance may have lost it, and a foreign server need not keep it. */
	column->not_null = so_pg_true(r, i, 5) && t->kind != SO_TABLE_FOREIGN && !has_children;
	column->default_text = has_default ? so_strdup_or_null(t->columns, so_pg_cell(r, i, 6)) : NULL;
	column->generated = !has_default;
	column->correlation = NAN;
	fill_collation(s, t, column, r, i);
}

bool snapshot_columns(struct snapshot *s, struct so_err *err)
{
	struct so_pg_result *r = snapshot_ask(s, PG_SQL_COLUMNS, err);
	size_t n = r ? so_pg_rows(r) : 0;

	for (size_t i = 0; i < n;) {
		int64_t table = snapshot_table_of(s, r, i);
		size_t end = i;
		struct so_table *t;
		struct snapshot_table *st;

		so_assert(table >= 0);
		t = &s->catalog->tables[table];
		st = &s->tables[table];
		while (end < n && snapshot_table_of(s, r, end) == table)
			end++;
		t->columns = so_new_array(s->catalog->tables, struct so_column, end - i + 1);
		st->n_attnums = (int32_t)so_pg_int(r, end - 1, 1, 0) + 1;
		st->column_of = so_new_array(s->tmp, int32_t, (size_t)st->n_attnums);
		for (int32_t k = 0; k < st->n_attnums; k++)
			st->column_of[k] = -1;
		for (; i < end; i++) {
			st->column_of[so_pg_int(r, i, 1, 0)] = (int32_t)t->n_columns;
			fill_column(s, t, st->has_children, &t->columns[t->n_columns++], r, i);
		}
	}
	return r != NULL;
}

/* The view's conditions are pushed down as constants only, hence two arrays and the match below. The values stay out
 * where they are large: a plan does not need 10,000 long texts. */
static void fill_stats(struct so_table *t, struct so_column *c, const struct so_pg_result *r, size_t i)
{
	size_t n_freqs;
	char **freqs;

	c->has_stats = true;
	c->null_frac = so_pg_real(r, i, 4, 0);
	c->avg_width = (int32_t)so_pg_int(r, i, 5, 0);
	c->n_distinct = so_pg_real(r, i, 6, 0);
	c->correlation = so_pg_real(r, i, 7, NAN);
	c->common_vals = so_pg_array_parse(t->columns, so_pg_cell(r, i, 8), &c->n_common);
	freqs = so_pg_array_parse(t->columns, so_pg_cell(r, i, 9), &n_freqs);
	if (n_freqs != c->n_common)
		c->n_common = 0;
	c->common_freqs = so_new_array(t->columns, double, c->n_common + 1);
	for (size_t k = 0; k < c->n_common; k++)
		c->common_freqs[k] = freqs[k] ? strtod(freqs[k], NULL) : 0;
	talloc_free(freqs);
	c->bounds = so_pg_array_parse(t->columns, so_pg_cell(r, i, 10), &c->n_bounds);
}

static struct so_table *table_named(struct so_catalog *c, const char *schema, const char *name)
{
	for (size_t i = 0; i < c->n_tables; i++)
		if (strcmp(c->tables[i].name, name) == 0 && strcmp(c->tables[i].schema, schema) == 0)
			return &c->tables[i];
	return NULL;
}

bool snapshot_column_stats(struct snapshot *s, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	const char **names = so_new_array(s->tmp, const char *, c->n_tables + 1);
	const char **schemas = so_new_array(s->tmp, const char *, c->n_tables + 1);
	const char *params[2];
	struct so_pg_query query = { .sql = PG_SQL_COLUMN_STATS, .n_params = 2, .params = params };
	struct so_pg_result *r;

	for (size_t i = 0; i < c->n_tables; i++) {
		names[i] = c->tables[i].name;
		schemas[i] = c->tables[i].schema;
	}
	params[0] = so_pg_array_text(s->tmp, names, c->n_tables);
	params[1] = so_pg_array_text(s->tmp, schemas, c->n_tables);
	r = pg_run(s->tmp, s->conn, &query, err);
	for (size_t i = 0; r && i < so_pg_rows(r); i++) {
		struct so_table *t = table_named(c, so_pg_cell(r, i, 0), so_pg_cell(r, i, 1));
		int32_t column = t ? so_table_column(t, so_pg_cell(r, i, 2)) : -1;

		/* Figures that include children describe a partitioned table, and not the parent of plain inheritance.
		 */
		if (column >= 0 && so_pg_true(r, i, 3) == (t->kind == SO_TABLE_PARTITIONED))
			fill_stats(t, &t->columns[column], r, i);
	}
	return r != NULL;
}

/* Without its triggers a foreign key is a remark. */
static char *fkeys_sql(const struct snapshot *s)
{
	return so_printf(s->tmp, PG_SQL_FKEYS, s->catalog->version_num >= 180000 ? "k.conenforced" : "true");
}

bool snapshot_fkeys(struct snapshot *s, struct so_err *err)
{
	struct so_pg_result *r = snapshot_ask(s, fkeys_sql(s), err);

	for (size_t i = 0; r && i < so_pg_rows(r); i++) {
		int64_t table = snapshot_table_of(s, r, i);
		struct so_table *t = &s->catalog->tables[table];
		struct so_fkey *f;
		int64_t *numbers;
		size_t n_names;

		t->fkeys = so_renew_array(s->catalog->tables, t->fkeys, struct so_fkey, t->n_fkeys + 1);
		f = &t->fkeys[t->n_fkeys++];
		*f = (struct so_fkey){ .name = so_strdup(s->catalog->tables, so_pg_cell(r, i, 1)) };
		numbers = snapshot_numbers(s->tmp, so_pg_cell(r, i, 2), &f->n_columns);
		f->columns = so_new_array(s->catalog->tables, int32_t, f->n_columns + 1);
		for (size_t k = 0; k < f->n_columns; k++)
			f->columns[k] = snapshot_column(s, (size_t)table, numbers[k]);
		f->ref_schema = so_strdup(s->catalog->tables, so_pg_cell(r, i, 3));
		f->ref_table = so_strdup(s->catalog->tables, so_pg_cell(r, i, 4));
		f->ref_columns = so_pg_array_parse(s->catalog->tables, so_pg_cell(r, i, 5), &n_names);
		so_assert(n_names == f->n_columns);
		f->validated = so_pg_true(r, i, 6) && !s->tables[table].has_children;
		f->deferrable = so_pg_true(r, i, 7);
		f->on_delete = *so_pg_cell(r, i, 8);
	}
	return r != NULL;
}
