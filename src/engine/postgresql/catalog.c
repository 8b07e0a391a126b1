/* The snapshot of the relations that a statement names. Every lookup goes by name or oid through an index of the
 * system catalogs, whatever their size: sequential scans and hash joins are switched off for this transaction. */
#include "engine/postgresql/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define MAX_NAMES     1000
#define MAX_FUNCTIONS 2000 /* overloads */

struct so_pg_result *snapshot_ask(struct snapshot *s, const char *sql, struct so_err *err)
{
	const char *params[1] = { s->oids };
	struct so_pg_query query = { .sql = sql, .n_params = 1, .params = params };

	return pg_run(s->tmp, s->conn, &query, err);
}

int64_t snapshot_table_of(const struct snapshot *s, const struct so_pg_result *r, size_t row)
{
	uint32_t oid = (uint32_t)so_pg_int(r, row, 0, 0);

	for (size_t i = 0; i < s->catalog->n_tables; i++)
		if (s->tables[i].oid == oid)
			return (int64_t)i;
	return -1;
}

int32_t snapshot_column(const struct snapshot *s, size_t table, int64_t attnum)
{
	return attnum > 0 && attnum < s->tables[table].n_attnums ? s->tables[table].column_of[attnum] : -1;
}

int64_t *snapshot_numbers(TALLOC_CTX *ctx, const char *text, size_t *n)
{
	size_t room = text ? strlen(text) / 2 + 2 : 1;
	int64_t *numbers = so_new_array(ctx, int64_t, room);

	*n = 0;
	while (text && *text) {
		char *end;
		int64_t value = strtoll(text, &end, 10);

		if (end != text)
			numbers[(*n)++] = value;
		text = end + (*end != '\0');
	}
	return numbers;
}

/* Settings as the session has them, hence before ours are switched for the lookups. */
static bool read_session(struct snapshot *s, char **path, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	struct so_pg_query query = { .sql = PG_SQL_SESSION };
	struct so_pg_result *r = pg_run(s->tmp, s->conn, &query, err);
	const char *json;
	char **schemas;
	size_t n;

	if (!r)
		return false;
	*path = so_strdup(s->tmp, so_pg_cell(r, 0, 0));
	schemas = so_pg_array_parse(c, so_pg_cell(r, 0, 1), &n);
	c->search_path = so_new_array(c, char *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (strcmp(schemas[i], "pg_catalog") != 0 && strncmp(schemas[i], "pg_temp", 7) != 0)
			c->search_path[c->n_search_path++] = schemas[i];
	c->server_version = so_strdup(c, so_pg_cell(r, 0, 2));
	c->version_num = so_pg_server_version(s->conn->pg);
	c->database = so_strdup(c, so_pg_cell(r, 0, 3));
	c->collation = so_strdup(c, so_pg_cell(r, 0, 4));
	c->time_zone = so_strdup(c, so_pg_cell(r, 0, 6));
	/* Provider b (17+) sorts by bytes; with provider i (15+) the name of the C locale means nothing. */
	json = so_pg_cell(r, 0, 5);
	s->default_collation_is_c = strstr(json, "\"datlocprovider\": \"b\"") ||
				    (!strstr(json, "\"datlocprovider\": \"i\"") &&
					    (strcmp(c->collation, "C") == 0 || strcmp(c->collation, "POSIX") == 0));
	query.sql = PG_SQL_SETTINGS;
	r = pg_run(s->tmp, s->conn, &query, err);
	if (!r)
		return false;
	c->settings = so_new_array(c, struct so_setting, so_pg_rows(r) + 1);
	for (c->n_settings = 0; c->n_settings < so_pg_rows(r); c->n_settings++)
		c->settings[c->n_settings] = (struct so_setting){
			.name = so_strdup(c, so_pg_cell(r, c->n_settings, 0)),
			.value = so_strdup(c, so_pg_cell(r, c->n_settings, 1) ? so_pg_cell(r, c->n_settings, 1) : ""),
			.unit = so_strdup_or_null(c, so_pg_cell(r, c->n_settings, 2)),
		};
	return true;
}

static bool by_index_only(struct snapshot *s, struct so_err *err)
{
	return pg_command(s->conn, PG_SQL_BY_INDEX, err);
}

/* The named relations, what lies below the views among them, and what their foreign keys point at. */
static bool resolve(struct snapshot *s, const char *path, const char *const *names, size_t n, struct so_err *err)
{
	const char **schemas = so_new_array(s->tmp, const char *, n + 1),
		   **plain = so_new_array(s->tmp, const char *, n + 1);
	const char *params[3];
	struct so_pg_query query = { .sql = PG_SQL_RESOLVE, .n_params = 3, .params = params };
	struct so_pg_result *r;
	struct so_buf oids;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		char *schema, *name;

		if (!pg_text_name(s->tmp, names[i], &schema, &name))
			continue; /* names that cannot exist are absent like those that do not */
		schemas[known] = schema;
		plain[known++] = name;
	}
	params[0] = so_pg_array_text(s->tmp, schemas, known);
	params[1] = so_pg_array_text(s->tmp, plain, known);
	params[2] = path;
	r = pg_run(s->tmp, s->conn, &query, err);
	if (!r)
		return false;
	if (so_pg_rows(r) > MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations, those below views and foreign keys included",
			MAX_RELATIONS);
	so_buf_init(&oids, s->tmp, 64 * 1024);
	so_buf_addc(&oids, '{');
	for (size_t i = 0; i < so_pg_rows(r); i++)
		so_buf_addf(&oids, "%s%s", i ? "," : "", so_pg_cell(r, i, 0));
	so_buf_addc(&oids, '}');
	s->oids = oids.data;
	return true;
}

static void fill_table(struct so_catalog *c, struct so_table *t, const struct so_pg_result *r, size_t i)
{
	char kind = *so_pg_cell(r, i, 3);
	bool counted = kind == 'r' || kind == 'm';
	int64_t *counters[] = { &t->mods_since_analyze, &t->live_rows, &t->dead_rows, &t->seq_scans, &t->index_scans,
		&t->inserts, &t->updates, &t->hot_updates, &t->deletes };

	t->schema = so_strdup(c->tables, so_pg_cell(r, i, 1));
	t->name = so_strdup(c->tables, so_pg_cell(r, i, 2));
	t->oid = (uint32_t)so_pg_int(r, i, 0, 0);
	t->kind = kind == 'p'   ? SO_TABLE_PARTITIONED
		  : kind == 'v' ? SO_TABLE_VIEW
		  : kind == 'm' ? SO_TABLE_MATVIEW
		  : kind == 'f' ? SO_TABLE_FOREIGN
				: SO_TABLE;
	t->view_definition = so_strdup_or_null(c->tables, so_pg_cell(r, i, 4));
	t->partition_key = so_strdup_or_null(c->tables, so_pg_cell(r, i, 5));
	t->rows = kind == 'v' ? -1 : so_pg_real(r, i, 6, -1);
	t->pages = so_pg_int(r, i, 7, 0);
	if (t->rows == 0 && t->pages == 0 && c->version_num < 140000)
		t->rows = -1; /* 13 has no other sign of "never analysed" */
	t->size_bytes = so_pg_int(r, i, 8, 0);
	t->all_visible = t->pages > 0 ? (double)so_pg_int(r, i, 9, 0) / (double)t->pages : 0;
	t->row_security = so_pg_true(r, i, 10);
	t->last_analyze_us = so_pg_int(r, i, 11, 0);
	t->last_vacuum_us = so_pg_int(r, i, 12, 0);
	t->has_stats = t->rows >= 0;
	for (size_t k = 0; k < sizeof counters / sizeof counters[0]; k++)
		*counters[k] = counted ? so_pg_int(r, i, 13 + k, k == 4 ? 0 : -1) : -1;
}

static bool read_tables(struct snapshot *s, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	struct so_pg_result *r = snapshot_ask(s, PG_SQL_TABLES, err);

	if (!r)
		return false;
	c->n_tables = so_pg_rows(r);
	c->tables = so_new_array(c, struct so_table, c->n_tables + 1);
	s->tables = so_new_array(s->tmp, struct snapshot_table, c->n_tables + 1);
	for (size_t i = 0; i < c->n_tables; i++) {
		fill_table(c, &c->tables[i], r, i);
		s->tables[i].oid = c->tables[i].oid;
		s->tables[i].has_children = c->tables[i].kind == SO_TABLE && so_pg_true(r, i, 22);
	}
	return true;
}

static bool read_functions(struct snapshot *s, const char *path, const char *const *names, size_t n, struct so_err *err)
{
	const char **schemas = so_new_array(s->tmp, const char *, n + 1),
		   **plain = so_new_array(s->tmp, const char *, n + 1);
	const char *params[4];
	struct so_pg_query query = { .sql = PG_SQL_FUNCTIONS, .n_params = 4, .params = params };
	struct so_catalog *c = s->catalog;
	struct so_pg_result *r;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		char *schema, *name;

		if (!pg_text_name(s->tmp, names[i], &schema, &name))
			continue;
		schemas[known] = schema;
		plain[known++] = name;
	}
	if (!known)
		return true;
	params[0] = so_pg_array_text(s->tmp, schemas, known);
	params[1] = so_pg_array_text(s->tmp, plain, known);
	params[2] = path;
	params[3] = so_printf(s->tmp, "%d", MAX_FUNCTIONS);
	r = pg_run(s->tmp, s->conn, &query, err);
	if (!r)
		return false;
	c->functions = so_new_array(c, struct so_function, so_pg_rows(r) + 1);
	for (size_t i = 0; i < so_pg_rows(r); i++) {
		struct so_function *f = &c->functions[c->n_functions++];

		f->schema = so_strdup(c->functions, so_pg_cell(r, i, 0));
		f->name = so_strdup(c->functions, so_pg_cell(r, i, 1));
		f->result_type = so_strdup(c->functions, so_pg_cell(r, i, 2));
		f->n_args = (int32_t)so_pg_int(r, i, 3, 0);
		f->volatility = *so_pg_cell(r, i, 4);
		f->aggregate = *so_pg_cell(r, i, 5) == 'a';
		f->window = *so_pg_cell(r, i, 5) == 'w';
		f->strict = so_pg_true(r, i, 6);
		f->returns_set = so_pg_true(r, i, 7);
		f->parallel_safe = *so_pg_cell(r, i, 8) == 's';
	}
	return true;
}

static bool fill(struct snapshot *s, const char *const *tables, size_t n_tables, const char *const *functions,
	size_t n_functions, struct so_err *err)
{
	char *path;

	return read_session(s, &path, err) && by_index_only(s, err) && resolve(s, path, tables, n_tables, err) &&
	       read_tables(s, err) && snapshot_columns(s, err) && snapshot_column_stats(s, err) &&
	       snapshot_indexes(s, err) && snapshot_fkeys(s, err) && snapshot_unindexed_refs(s, err) &&
	       snapshot_ext_stats(s, err) && read_functions(s, path, functions, n_functions, err);
}

struct so_catalog *pg_catalog(TALLOC_CTX *ctx, struct so_conn *base, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct pg_work work = { .begin = TAG "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
	struct snapshot s = { .conn = conn, .tmp = tmp };
	bool fine;

	if (n_tables > MAX_NAMES || n_functions > MAX_NAMES)
		return so_fail(err, SO_LIMIT, "more than %d names", MAX_NAMES), NULL;
	if (!pg_work_begin(conn, &work, err))
		return NULL;
	s.catalog = so_new(ctx, struct so_catalog);
	s.catalog->taken_at_us = so_time_now_us();
	s.catalog->engine = so_strdup(s.catalog, so_engine_postgresql.name);
	fine = fill(&s, tables, n_tables, functions, n_functions, err);
	pg_work_end(conn);
	if (fine)
		return s.catalog;
	talloc_free(s.catalog);
	so_fail_in(err, "catalog");
	return NULL;
}
