/* The snapshot of the relations that a statement names: tables and their columns. catalog_parts.c reads what hangs on
 * them. Everything is looked up by object id. */
#include "engine/mssql/internal.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"

struct so_text_result *ms_snapshot_ask(struct ms_snapshot *s, const char *sql, struct so_err *err)
{
	return bl_ask(s->tmp, &s->conn->bl, so_printf(s->tmp, sql, s->ids), OWN_TIMEOUT_MS, false, err); // NOLINT
}

int64_t ms_snapshot_table(const struct ms_snapshot *s, int64_t object_id)
{
	for (size_t i = 0; i < s->catalog->n_tables; i++)
		if (s->object_ids[i] == object_id)
			return (int64_t)i;
	return -1;
}

int32_t ms_snapshot_column(const struct ms_snapshot *s, size_t table, int64_t column_id)
{
	for (size_t i = 0; i < s->catalog->tables[table].n_columns; i++)
		if (s->column_ids[table][i] == column_id)
			return (int32_t)i;
	return -1;
}

/* The names as a list of rows for VALUES; NULL when none of them can be a name. */
static char *name_rows(TALLOC_CTX *ctx, const char *const *names, size_t n)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, MAX_STATEMENT);
	for (size_t i = 0; i < n; i++) {
		char *schema, *name;

		if (!ms_text_name(ctx, names[i], &schema, &name))
			continue; /* names that cannot exist are absent like those that do not */
		so_buf_addf(&buf, "%s(%s, %s)", buf.len ? ", " : "", schema ? ms_text_literal(ctx, schema) : "NULL",
			ms_text_literal(ctx, name));
	}
	return buf.len && !buf.overflow ? buf.data : NULL;
}

static bool resolve(struct ms_snapshot *s, const char *const *names, size_t n, struct so_err *err)
{
	char *rows = name_rows(s->tmp, names, n);
	struct so_text_result *r;
	struct so_buf ids;

	if (!rows)
		return true;
	r = bl_ask(s->tmp, &s->conn->bl, so_printf(s->tmp, MS_SQL_RESOLVE, rows), OWN_TIMEOUT_MS, false, err);
	if (!r)
		return false;
	if (so_text_rows(r) > MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations, those below views and foreign keys included",
			MAX_RELATIONS);
	so_buf_init(&ids, s->tmp, 64 * 1024);
	for (size_t i = 0; i < so_text_rows(r); i++)
		so_buf_addf(&ids, "%s%lld", i ? "," : "", (long long)so_text_int(r, i, 0, 0));
	s->ids = ids.len ? ids.data : NULL;
	return true;
}

static bool read_tables(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_TABLES, err);
	struct so_catalog *c = s->catalog;

	if (!r)
		return false;
	c->tables = so_new_array(c, struct so_table, so_text_rows(r) + 1);
	s->object_ids = so_new_array(s->tmp, int64_t, so_text_rows(r) + 1);
	s->column_ids = so_new_array(s->tmp, int32_t *, so_text_rows(r) + 1);
	for (size_t i = 0; i < so_text_rows(r); i++) {
		const char *type = so_text_cell(r, i, 3);
		bool view = type && *type == 'V';
		int64_t pages = so_text_int(r, i, 6, 0);

		s->object_ids[i] = so_text_int(r, i, 0, 0);
		c->tables[i] = (struct so_table){
			.schema = so_strdup(c->tables, so_text_cell(r, i, 1)),
			.name = so_strdup(c->tables, so_text_cell(r, i, 2)),
			.dialect = "tsql",
			.oid = (uint32_t)s->object_ids[i],
			.kind = view                    ? SO_TABLE_VIEW
				: so_text_cell(r, i, 7) ? SO_TABLE_PARTITIONED
							: SO_TABLE,
			.view_definition = view ? so_strdup_or_null(c->tables, so_text_cell(r, i, 4)) : NULL,
			.partition_key = so_strdup_or_null(c->tables, so_text_cell(r, i, 7)),
			.rows = view ? -1 : so_text_real(r, i, 5, -1),
			.pages = pages,
			.size_bytes = pages * 8192,
			.mods_since_analyze = -1,
			.live_rows = -1,
			.dead_rows = -1,
			.seq_scans = -1,
			.index_scans = -1,
			.inserts = -1,
			.updates = -1,
			.hot_updates = -1,
			.deletes = -1,
		};
	}
	c->n_tables = so_text_rows(r);
	return true;
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum so_type_class cls;
	int32_t bits;
	char form; /* what follows the name: l length, u length of UTF-16, p precision and scale, s scale */
} types[] = {
	{ "bit", SO_TYPE_BOOL, 0, 0 },
	{ "tinyint", SO_TYPE_INT, 16, 0 },
	{ "smallint", SO_TYPE_INT, 16, 0 },
	{ "int", SO_TYPE_INT, 32, 0 },
	{ "bigint", SO_TYPE_INT, 64, 0 },
	{ "decimal", SO_TYPE_NUMERIC, 0, 'p' },
	{ "numeric", SO_TYPE_NUMERIC, 0, 'p' },
	{ "money", SO_TYPE_NUMERIC, 0, 0 },
	{ "smallmoney", SO_TYPE_NUMERIC, 0, 0 },
	{ "real", SO_TYPE_FLOAT, 32, 0 },
	{ "float", SO_TYPE_FLOAT, 64, 0 },
	{ "date", SO_TYPE_DATE, 0, 0 },
	{ "time", SO_TYPE_TIME, 0, 's' },
	{ "datetime", SO_TYPE_TIMESTAMP, 0, 0 },
	{ "smalldatetime", SO_TYPE_TIMESTAMP, 0, 0 },
	{ "datetime2", SO_TYPE_TIMESTAMP, 0, 's' },
	{ "datetimeoffset", SO_TYPE_TIMESTAMPTZ, 0, 's' },
	/* comparisons pad with blanks, varchar as well: neither may count as plain text */
	{ "char", SO_TYPE_BPCHAR, 0, 'l' },
	{ "nchar", SO_TYPE_BPCHAR, 0, 'u' },
	{ "varchar", SO_TYPE_BPCHAR, 0, 'l' },
	{ "nvarchar", SO_TYPE_BPCHAR, 0, 'u' },
	{ "binary", SO_TYPE_BYTES, 0, 'l' },
	{ "varbinary", SO_TYPE_BYTES, 0, 'l' },
	{ "uniqueidentifier", SO_TYPE_UUID, 0, 0 },
};

static void take_type(TALLOC_CTX *ctx, struct so_column *column, const struct so_text_result *r, size_t row)
{
	const char *name = so_text_cell(r, row, 3), *base = so_text_cell(r, row, 12);
	int64_t length = so_text_int(r, row, 4, 0);
	char form = 0;

	column->type_class = SO_TYPE_OTHER;
	for (size_t i = 0; base && i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, base) == 0) {
			column->type_class = types[i].cls;
			column->width_bits = types[i].bits;
			form = name && strcmp(name, base) == 0 ? types[i].form : 0;
		}
	if ((form == 'l' || form == 'u') && length < 0)
		column->type = so_printf(ctx, "%s(max)", name);
	else if (form == 'l' || form == 'u')
		column->type = so_printf(ctx, "%s(%lld)", name, (long long)(form == 'u' ? length / 2 : length));
	else if (form == 'p')
		column->type = so_printf(ctx, "%s(%s,%s)", name, so_text_cell(r, row, 5), so_text_cell(r, row, 6));
	else if (form == 's')
		column->type = so_printf(ctx, "%s(%s)", name, so_text_cell(r, row, 6));
	else
		column->type = so_strdup(ctx, name ? name : "unknown");
	column->avg_width = length > 0 && length < 8000 ? (int32_t)(length > 64 ? length / 2 : length) : 16;
}

/* Rows come in the order of tables and columns. */
static bool read_columns(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_COLUMNS, err);

	if (!r)
		return false;
	for (size_t i = 0, end; i < so_text_rows(r); i = end) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		struct so_table *t;

		for (end = i; end < so_text_rows(r) && so_text_int(r, end, 0, 0) == so_text_int(r, i, 0, 0); end++)
			;
		if (at < 0)
			continue;
		t = &s->catalog->tables[at];
		t->columns = so_new_array(s->catalog->tables, struct so_column, end - i);
		s->column_ids[at] = so_new_array(s->tmp, int32_t, end - i);
		for (size_t row = i; row < end; row++) {
			struct so_column *c = &t->columns[t->n_columns];

			s->column_ids[at][t->n_columns++] = (int32_t)so_text_int(r, row, 1, 0);
			c->name = so_strdup(t->columns, so_text_cell(r, row, 2));
			take_type(t->columns, c, r, row);
			c->not_null = !so_text_true(r, row, 7);
			c->collation = so_strdup_or_null(t->columns, so_text_cell(r, row, 8));
			c->collation_is_c = c->collation && strstr(c->collation, "_BIN") != NULL;
			c->generated = so_text_true(r, row, 9);
			c->default_text = so_text_true(r, row, 10)
						  ? so_strdup(t->columns, "IDENTITY")
						  : so_strdup_or_null(t->columns, so_text_cell(r, row, 11));
			c->correlation = (double)NAN;
		}
	}
	return true;
}

static void describe(struct ms_snapshot *s)
{
	struct so_catalog *c = s->catalog;
	const struct so_engine_info *info = s->conn->info;

	c->taken_at_us = so_time_now_us();
	c->engine = so_strdup(c, "mssql");
	c->server_version = so_strdup(c, info->version);
	c->version_num = info->version_num;
	c->database = so_strdup(c, info->database);
	c->collation = so_strdup_or_null(c, s->conn->collation);
	c->n_search_path = 1;
	c->search_path = so_new_array(c, char *, 1);
	c->search_path[0] = so_strdup(c, s->conn->default_schema);
}

struct so_catalog *ms_catalog(TALLOC_CTX *ctx, struct so_conn *base, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_snapshot s = { .conn = ms_conn_of(base), .tmp = tmp };
	bool fine;

	(void)functions; /* user-defined functions stay unknown, hence never pure: see the contract of so_sql_classify
			  */
	(void)n_functions;
	if (!ms_info(base, err))
		return NULL;
	if (n_tables > MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations", MAX_RELATIONS), NULL;
	s.catalog = so_new(ctx, struct so_catalog);
	describe(&s);
	fine = resolve(&s, tables, n_tables, err);
	if (fine && s.ids)
		fine = read_tables(&s, err) && read_columns(&s, err) && ms_read_indexes(&s, err) &&
		       ms_read_fkeys(&s, err) && ms_read_stats(&s, err);
	if (!fine) {
		talloc_free(s.catalog);
		return so_fail_in(err, "catalog"), NULL;
	}
	return s.catalog;
}
