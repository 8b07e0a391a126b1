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

static const char session_sql[] =
	TAG "SELECT pg_catalog.current_schemas(true)::text[], pg_catalog.current_schemas(false)::text[],"
	    " pg_catalog.current_setting('server_version'), d.datname, d.datcollate, pg_catalog.to_jsonb(d)::text,"
	    " pg_catalog.current_setting('TimeZone') FROM pg_catalog.pg_database d"
	    " WHERE d.datname = pg_catalog.current_database()";

static const char settings_sql[] =
	TAG "SELECT name, setting, unit FROM pg_catalog.pg_settings WHERE name IN ('work_mem', 'hash_mem_multiplier',"
	    " 'maintenance_work_mem', 'shared_buffers', 'effective_cache_size', 'effective_io_concurrency', 'random_page_cost',"
	    " 'seq_page_cost', 'cpu_tuple_cost', 'cpu_index_tuple_cost', 'cpu_operator_cost', 'parallel_setup_cost',"
	    " 'parallel_tuple_cost', 'max_parallel_workers_per_gather', 'max_parallel_workers', 'max_worker_processes',"
	    " 'min_parallel_table_scan_size', 'min_parallel_index_scan_size', 'jit', 'jit_above_cost',"
	    " 'jit_inline_above_cost', 'jit_optimize_above_cost', 'plan_cache_mode', 'from_collapse_limit',"
	    " 'join_collapse_limit', 'geqo', 'geqo_threshold', 'constraint_exclusion', 'default_statistics_target',"
	    " 'temp_buffers', 'temp_file_limit', 'track_io_timing', 'autovacuum', 'block_size', 'TimeZone', 'DateStyle',"
	    " 'IntervalStyle', 'lc_collate', 'lc_ctype', 'server_encoding', 'standard_conforming_strings',"
	    " 'transform_null_equals', 'row_security', 'cursor_tuple_fraction', 'autovacuum_vacuum_scale_factor',"
	    " 'autovacuum_analyze_scale_factor', 'idle_in_transaction_session_timeout', 'fsync', 'max_connections',"
	    " 'checkpoint_timeout', 'max_wal_size', 'wal_buffers', 'synchronous_commit', 'log_min_duration_statement')"
	    " OR name LIKE 'enable\\_%' ORDER BY name";

/* Settings as the session has them, hence before ours are switched for the lookups. */
static bool read_session(struct snapshot *s, char **path, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	struct so_pg_query query = { .sql = session_sql };
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
	query.sql = settings_sql;
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
	return pg_command(s->conn,
		TAG "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true),"
		    " pg_catalog.set_config('enable_seqscan', 'off', true), pg_catalog.set_config('enable_hashjoin', 'off', true),"
		    " pg_catalog.set_config('enable_mergejoin', 'off', true), pg_catalog.set_config('jit', 'off', true),"
		    " pg_catalog.set_config('max_parallel_workers_per_gather', '0', true)",
		err);
}

/* The named relations, what lies below the views among them, and what their foreign keys point at. */
static const char resolve_sql[] =
	TAG "WITH RECURSIVE asked AS (SELECT f.oid FROM unnest($1::text[], $2::text[]) AS i(s, n), LATERAL"
	    " (SELECT c.oid FROM unnest(CASE WHEN i.s IS NULL THEN $3::text[] ELSE ARRAY[i.s] END)"
	    "   WITH ORDINALITY AS p(nsp, pos)"
	    "   JOIN pg_namespace ns ON ns.nspname = p.nsp::name"
	    "   JOIN pg_class c ON c.relnamespace = ns.oid AND c.relname = i.n::name"
	    "   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY p.pos LIMIT 1) AS f),"
	    " below AS (SELECT oid FROM asked UNION SELECT d.refobjid FROM below b JOIN pg_rewrite w ON w.ev_class = b.oid"
	    "   JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid"
	    "     AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> b.oid"
	    "   JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p', 'v', 'm', 'f'))"
	    " SELECT oid FROM below UNION SELECT k.confrelid FROM below b"
	    "   JOIN pg_constraint k ON k.conrelid = b.oid AND k.contype = 'f' LIMIT 1001";

static bool resolve(struct snapshot *s, const char *path, const char *const *names, size_t n, struct so_err *err)
{
	const char **schemas = so_new_array(s->tmp, const char *, n + 1), **plain = so_new_array(s->tmp, const char *, n + 1);
	const char *params[3];
	struct so_pg_query query = { .sql = resolve_sql, .n_params = 3, .params = params };
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
		return so_fail(err, SO_LIMIT, "more than %d relations, those below views and foreign keys included", MAX_RELATIONS);
	so_buf_init(&oids, s->tmp, 64 * 1024);
	so_buf_addc(&oids, '{');
	for (size_t i = 0; i < so_pg_rows(r); i++)
		so_buf_addf(&oids, "%s%s", i ? "," : "", so_pg_cell(r, i, 0));
	so_buf_addc(&oids, '}');
	s->oids = oids.data;
	return true;
}

static const char tables_sql[] =
	TAG "SELECT c.oid, n.nspname, c.relname, c.relkind,"
	    " CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,"
	    " CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,"
	    " coalesce(p.tuples, c.reltuples), coalesce(p.pages, c.relpages),"
	    " CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE coalesce(p.pages, 0) *"
	    "   current_setting('block_size')::int8 END,"
	    " coalesce(p.visible, c.relallvisible), c.relrowsecurity,"
	    " (extract(epoch FROM greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)))"
	    "   * 1000000)::int8,"
	    " (extract(epoch FROM greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)))"
	    "   * 1000000)::int8,"
	    " pg_stat_get_mod_since_analyze(c.oid), pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid),"
	    " pg_stat_get_numscans(c.oid),"
	    " (SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid)::int8,"
	    " pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_hot_updated(c.oid),"
	    " pg_stat_get_tuples_deleted(c.oid), c.relhassubclass"
	    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN LATERAL"
	    " (SELECT CASE WHEN bool_or(l.reltuples < 0) THEN -1 ELSE sum(l.reltuples) END AS tuples,"
	    "   sum(l.relpages)::int8 AS pages, sum(l.relallvisible)::int8 AS visible"
	    "   FROM pg_partition_tree(c.oid) AS t JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf) AS p ON c.relkind = 'p'"
	    " WHERE c.oid = ANY ($1::oid[]) ORDER BY n.nspname, c.relname";

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
	struct so_pg_result *r = snapshot_ask(s, tables_sql, err);

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

static const char functions_sql[] =
	TAG "SELECT n.nspname, p.proname, format_type(p.prorettype, NULL), CASE WHEN p.provariadic <> 0 THEN -1 ELSE p.pronargs"
	    " END, p.provolatile, p.prokind, p.proisstrict, p.proretset, p.proparallel"
	    " FROM unnest($1::text[], $2::text[]) AS i(s, n) JOIN pg_proc p ON p.proname = i.n::name"
	    " JOIN pg_namespace n ON n.oid = p.pronamespace"
	    " WHERE CASE WHEN i.s IS NULL THEN n.nspname = ANY ($3::name[]) ELSE n.nspname = i.s END AND p.prokind <> 'p'"
	    " ORDER BY 1, 2, p.pronargs LIMIT $4::int4";

static bool read_functions(struct snapshot *s, const char *path, const char *const *names, size_t n, struct so_err *err)
{
	const char **schemas = so_new_array(s->tmp, const char *, n + 1), **plain = so_new_array(s->tmp, const char *, n + 1);
	const char *params[4];
	struct so_pg_query query = { .sql = functions_sql, .n_params = 4, .params = params };
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
	       snapshot_indexes(s, err) && snapshot_fkeys(s, err) && snapshot_ext_stats(s, err) &&
	       read_functions(s, path, functions, n_functions, err);
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
