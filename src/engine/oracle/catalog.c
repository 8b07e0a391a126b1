/* The snapshot of the relations that a statement names: tables, views and columns. catalog_parts.c reads what hangs on
 * them. */
#include "engine/oracle/internal.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define VIEW_DEPTH 8 /* views on views that are followed */

struct so_text_result *ora_snapshot_ask(struct ora_snapshot *s, const char *sql, struct so_err *err)
{
	return bl_ask(s->tmp, &s->conn->bl, so_printf(s->tmp, sql, s->pairs), OWN_TIMEOUT_MS, false, err); // NOLINT
}

int64_t ora_snapshot_table(const struct ora_snapshot *s, const struct so_text_result *r, size_t row)
{
	const char *owner = so_text_cell(r, row, 0), *name = so_text_cell(r, row, 1);

	for (size_t i = 0; owner && name && i < s->catalog->n_tables; i++)
		if (strcmp(s->catalog->tables[i].name, name) == 0 && strcmp(s->catalog->tables[i].schema, owner) == 0)
			return (int64_t)i;
	return -1;
}

bool ora_same(const struct so_text_result *r, size_t a, size_t b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *x = so_text_cell(r, a, i), *y = so_text_cell(r, b, i);

		if (!x || !y || strcmp(x, y) != 0)
			return false;
	}
	return true;
}

/* ---- which relations --------------------------------------------------------------------------------------------- */

/* A growing list of pairs without duplicates. */
struct pairs {
	struct so_buf text; /* ('OWNER', 'NAME'), ... */
	size_t n;
};

static void add_pair(TALLOC_CTX *tmp, struct pairs *p, const char *owner, const char *name)
{
	char *pair = so_printf(tmp, "(%s, %s)", ora_text_literal(tmp, owner), ora_text_literal(tmp, name));

	if (p->text.len && strstr(p->text.data, pair))
		return;
	so_buf_addf(&p->text, "%s%s", p->n++ ? ", " : "", pair);
}

static void add_to_path(struct so_catalog *c, const char *owner)
{
	for (size_t i = 0; i < c->n_search_path; i++)
		if (strcmp(c->search_path[i], owner) == 0)
			return;
	c->search_path = so_renew_array(c, c->search_path, char *, c->n_search_path + 1);
	c->search_path[c->n_search_path++] = so_strdup(c, owner);
}

/* The relations that bear the names, in the schema or behind a synonym of the same name, whose owner then joins the
 * search path. Synonyms that rename are not followed: the name would mean something else in the snapshot. */
static bool find_named(
	struct ora_snapshot *s, const char *const *names, size_t n, struct pairs *found, struct so_err *err)
{
	struct pairs asked = { .n = 0 }, synonyms = { .n = 0 };
	struct so_text_result *r;

	so_buf_init(&asked.text, s->tmp, MAX_STATEMENT);
	so_buf_init(&synonyms.text, s->tmp, MAX_STATEMENT);
	for (size_t i = 0; i < n; i++) {
		char *schema, *name;

		if (!ora_text_name(s->tmp, names[i], &schema, &name))
			continue; /* names that cannot exist are absent like those that do not */
		add_pair(s->tmp, &asked, schema ? schema : s->conn->schema, name);
		add_pair(s->tmp, &synonyms, schema ? schema : s->conn->schema, name);
		if (!schema)
			add_pair(s->tmp, &synonyms, "PUBLIC", name);
	}
	if (!asked.n || asked.text.overflow || synonyms.text.overflow)
		return true;
	r = bl_ask(s->tmp, &s->conn->bl, so_printf(s->tmp, ORA_SQL_RESOLVE, asked.text.data, synonyms.text.data),
		OWN_TIMEOUT_MS, false, err);
	for (size_t i = 0; r && i < so_text_rows(r); i++) {
		add_pair(s->tmp, found, so_text_cell(r, i, 0), so_text_cell(r, i, 1));
		if (so_text_true(r, i, 2))
			add_to_path(s->catalog, so_text_cell(r, i, 0));
	}
	return r != NULL;
}

static bool resolve(struct ora_snapshot *s, const char *const *names, size_t n, struct so_err *err)
{
	struct pairs found = { .n = 0 };
	size_t before = 0;

	so_buf_init(&found.text, s->tmp, MAX_STATEMENT);
	if (!find_named(s, names, n, &found, err))
		return false;
	for (int depth = 0; found.n > before && depth < VIEW_DEPTH; depth++) {
		struct so_text_result *r;

		before = found.n;
		r = bl_ask(s->tmp, &s->conn->bl, so_printf(s->tmp, ORA_SQL_BELOW, found.text.data, found.text.data),
			OWN_TIMEOUT_MS, false, err);
		if (!r)
			return false;
		for (size_t i = 0; i < so_text_rows(r); i++)
			add_pair(s->tmp, &found, so_text_cell(r, i, 0), so_text_cell(r, i, 1));
		if (found.n > MAX_RELATIONS || found.text.overflow)
			return so_fail(err, SO_LIMIT,
				"more than %d relations, those below views and foreign keys included", MAX_RELATIONS);
	}
	s->pairs = found.n ? found.text.data : NULL;
	return true;
}

/* ---- tables and views ---------------------------------------------------------------------------------------------
 */

static struct so_table *add_table(struct so_catalog *c, const struct so_text_result *r, size_t row)
{
	struct so_table *t = &c->tables[c->n_tables++];

	*t = (struct so_table){ .schema = so_strdup(c->tables, so_text_cell(r, row, 0)),
		.name = so_strdup(c->tables, so_text_cell(r, row, 1)),
		.dialect = "oracle",
		.rows = -1,
		.mods_since_analyze = -1,
		.live_rows = -1,
		.dead_rows = -1,
		.seq_scans = -1,
		.index_scans = -1,
		.inserts = -1,
		.updates = -1,
		.hot_updates = -1,
		.deletes = -1 };
	return t;
}

static bool read_tables(struct ora_snapshot *s, struct so_err *err)
{
	struct so_text_result *tables = ora_snapshot_ask(s, ORA_SQL_TABLES, err);
	struct so_text_result *views = tables ? ora_snapshot_ask(s, ORA_SQL_VIEWS, err) : NULL;
	struct so_catalog *c = s->catalog;

	if (!views)
		return false;
	c->tables = so_new_array(c, struct so_table, so_text_rows(tables) + so_text_rows(views) + 1);
	for (size_t i = 0; i < so_text_rows(tables); i++) {
		struct so_table *t = add_table(c, tables, i);
		const char *partitioned = so_text_cell(tables, i, 5);

		t->kind = partitioned && strcmp(partitioned, "YES") == 0 ? SO_TABLE_PARTITIONED : SO_TABLE;
		t->rows = so_text_real(tables, i, 2, -1);
		t->pages = so_text_int(tables, i, 3, 0);
		t->size_bytes = t->pages * 8192;
		t->last_analyze_us = so_text_int(tables, i, 4, 0);
		t->has_stats = t->rows >= 0;
		t->mods_since_analyze = so_text_int(tables, i, 6, t->has_stats ? 0 : -1);
		t->live_rows = t->has_stats ? (int64_t)t->rows : -1;
		t->partition_key = so_strdup_or_null(c->tables, so_text_cell(tables, i, 7));
	}
	for (size_t i = 0; i < so_text_rows(views); i++) {
		struct so_table *t;

		if (ora_snapshot_table(s, views, i) >= 0) /* a materialized view is a table as well */
			continue;
		t = add_table(c, views, i);
		t->kind = SO_TABLE_VIEW;
		t->view_definition = so_strdup_or_null(c->tables, so_text_cell(views, i, 2));
	}
	return true;
}

/* ---- columns ------------------------------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	enum so_type_class cls;
	int32_t bits;
} types[] = {
	/* '' is NULL, and CHAR compares with padded blanks; VARCHAR2 does not */
	{ "VARCHAR2", SO_TYPE_TEXT, 0 },
	{ "NVARCHAR2", SO_TYPE_TEXT, 0 },
	{ "CHAR", SO_TYPE_BPCHAR, 0 },
	{ "NCHAR", SO_TYPE_BPCHAR, 0 },
	{ "BINARY_FLOAT", SO_TYPE_FLOAT, 32 },
	{ "BINARY_DOUBLE", SO_TYPE_FLOAT, 64 },
	{ "FLOAT", SO_TYPE_NUMERIC, 0 },
	{ "DATE", SO_TYPE_TIMESTAMP, 0 }, /* has a time of day */
	{ "RAW", SO_TYPE_BYTES, 0 },
	{ "JSON", SO_TYPE_JSON, 0 },
	{ "BOOLEAN", SO_TYPE_BOOL, 0 },
};

static void take_type(TALLOC_CTX *ctx, struct so_column *c, const struct so_text_result *r, size_t row)
{
	const char *type = so_text_cell(r, row, 3) ? so_text_cell(r, row, 3) : "?";
	int64_t precision = so_text_int(r, row, 5, -1), scale = so_text_int(r, row, 6, -1);

	c->type_class = SO_TYPE_OTHER;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, type) == 0) {
			c->type_class = types[i].cls;
			c->width_bits = types[i].bits;
		}
	if (strncmp(type, "TIMESTAMP", 9) == 0)
		c->type_class = strstr(type, "TIME ZONE") ? SO_TYPE_TIMESTAMPTZ : SO_TYPE_TIMESTAMP;
	else if (strncmp(type, "INTERVAL", 8) == 0)
		c->type_class = SO_TYPE_INTERVAL;
	if (strcmp(type, "NUMBER") == 0) {
		bool whole = precision > 0 && precision <= 18 && scale == 0;

		c->type_class = whole ? SO_TYPE_INT : SO_TYPE_NUMERIC;
		c->width_bits = whole ? 64 : 0;
		c->type = precision < 0 ? so_strdup(ctx, scale == 0 ? "NUMBER(*,0)" : "NUMBER")
					: so_printf(ctx, "NUMBER(%lld,%lld)", (long long)precision, (long long)scale);
	} else if (strstr(type, "CHAR")) {
		bool chars = so_text_cell(r, row, 8) && strcmp(so_text_cell(r, row, 8), "C") == 0;

		c->type = so_printf(ctx, "%s(%lld%s)", type, (long long)so_text_int(r, row, chars ? 9 : 4, 0),
			chars && *type != 'N' ? " CHAR" : "");
	} else if (strcmp(type, "RAW") == 0) {
		c->type = so_printf(ctx, "RAW(%s)", so_text_cell(r, row, 4));
	} else {
		c->type = so_strdup(ctx, type);
	}
}

static void take_column(struct so_table *t, const struct so_text_result *r, size_t row)
{
	struct so_column *c = &t->columns[t->n_columns++];
	const char *nullable = so_text_cell(r, row, 7), *virtual_column = so_text_cell(r, row, 13);
	const char *identity = so_text_cell(r, row, 14);

	c->name = so_strdup(t->columns, so_text_cell(r, row, 2));
	take_type(t->columns, c, r, row);
	c->not_null = nullable && *nullable == 'N';
	c->collation_is_c = true; /* binary unless NLS_COMP says otherwise, which no server does by default */
	c->generated = virtual_column && *virtual_column == 'Y';
	c->default_text = identity && *identity == 'Y' ? so_strdup(t->columns, "GENERATED AS IDENTITY") : NULL;
	c->correlation = (double)NAN;
	c->avg_width = (int32_t)so_text_int(r, row, 12, 16);
	c->has_stats = so_text_cell(r, row, 15) != NULL && t->rows > 0;
	if (c->has_stats) {
		double distinct = so_text_real(r, row, 10, 0);

		c->null_frac = fmin(so_text_real(r, row, 11, 0) / t->rows, 1);
		c->n_distinct = distinct > 0.9 * t->rows ? -distinct / t->rows : distinct;
	}
}

static bool read_columns(struct ora_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ora_snapshot_ask(s, ORA_SQL_COLUMNS, err);
	size_t rows = r ? so_text_rows(r) : 0;

	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ora_snapshot_table(s, r, i);

		for (end = i; end < rows && ora_same(r, i, end, 2); end++)
			;
		if (at < 0)
			continue;
		s->catalog->tables[at].columns = so_new_array(s->catalog->tables, struct so_column, end - i);
		for (size_t row = i; row < end; row++)
			take_column(&s->catalog->tables[at], r, row);
	}
	return r != NULL;
}

/* Rows come by table and column, frequent values first. */
static bool read_frequencies(struct ora_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ora_snapshot_ask(s, ORA_SQL_FREQUENCIES, err);
	size_t rows = r ? so_text_rows(r) : 0;

	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ora_snapshot_table(s, r, i);
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;
		int32_t column = t ? so_table_column(t, so_text_cell(r, i, 2)) : -1;
		struct so_column *c = column >= 0 ? &t->columns[column] : NULL;

		for (end = i; end < rows && ora_same(r, i, end, 3); end++)
			;
		if (!c)
			continue;
		c->common_vals = so_new_array(s->catalog->tables, char *, end - i);
		c->common_freqs = so_new_array(s->catalog->tables, double, end - i);
		for (size_t row = i; row < end; row++) {
			double all = so_text_real(r, row, 5, 0), share = all > 0 ? so_text_real(r, row, 4, 0) / all : 0;

			if (!so_text_cell(r, row, 3) || share <= 0)
				continue;
			c->common_vals[c->n_common] = so_strdup(s->catalog->tables, so_text_cell(r, row, 3));
			c->common_freqs[c->n_common++] = share * (1 - c->null_frac);
		}
	}
	return r != NULL;
}

static void describe(struct ora_snapshot *s)
{
	struct so_catalog *c = s->catalog;
	const struct so_engine_info *info = s->conn->info;

	c->taken_at_us = so_time_now_us();
	c->engine = so_strdup(c, "oracle");
	c->server_version = so_strdup(c, info->version);
	c->version_num = info->version_num;
	c->database = so_strdup(c, info->database);
	c->collation = so_strdup(c, "BINARY");
	c->search_path = so_new_array(c, char *, 1);
	c->search_path[c->n_search_path++] = so_strdup(c, s->conn->schema);
}

struct so_catalog *ora_catalog(TALLOC_CTX *ctx, struct so_conn *base, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_snapshot s = { .conn = ora_conn_of(base), .tmp = tmp };
	bool fine;

	(void)functions; /* functions of users stay unknown, hence never pure */
	(void)n_functions;
	if (!ora_info(base, err))
		return NULL;
	if (n_tables > MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations", MAX_RELATIONS), NULL;
	s.catalog = so_new(ctx, struct so_catalog);
	describe(&s);
	fine = resolve(&s, tables, n_tables, err);
	if (fine && s.pairs)
		fine = read_tables(&s, err) && read_columns(&s, err) && read_frequencies(&s, err) &&
		       ora_read_indexes(&s, err) && ora_read_keys(&s, err);
	if (!fine) {
		talloc_free(s.catalog);
		return so_fail_in(err, "catalog"), NULL;
	}
	return s.catalog;
}
