/* The snapshot's indexes, keys, foreign keys and statistics. */
#include "engine/mssql/internal.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define HISTOGRAM_VERSION 14 /* sys.dm_db_stats_histogram: SQL Server 2017; of 2016 only some builds have it */
#define MIN_COMMON        1.5 /* a value is common when it has this many times its fair share */

/* Name of the table for CREATE INDEX. */
static char *bracketed(TALLOC_CTX *ctx, const char *name)
{
	char *out = so_strdup(ctx, "[");

	for (; *name; name++)
		out = so_printf(ctx, "%s%c%s", out, *name, *name == ']' ? "]" : "");
	return so_printf(ctx, "%s]", out);
}

static char *definition(TALLOC_CTX *ctx, const struct so_table *t, const struct so_index *x)
{
	SO_TMP(tmp, NULL);
	struct so_buf buf;

	so_buf_init(&buf, tmp, 64 * 1024);
	so_buf_addf(&buf, "CREATE %s%sINDEX %s ON %s.%s (", x->unique ? "UNIQUE " : "",
		strcmp(x->method, "clustered") == 0     ? "CLUSTERED "
		: strcmp(x->method, "columnstore") == 0 ? "COLUMNSTORE "
							: "",
		bracketed(tmp, x->name), bracketed(tmp, t->schema), bracketed(tmp, t->name));
	for (size_t i = 0; i < x->n_keys; i++)
		so_buf_addf(&buf, "%s%s%s", i ? ", " : "", bracketed(tmp, t->columns[x->keys[i].column].name),
			x->keys[i].desc ? " DESC" : "");
	for (size_t i = 0; i < x->n_include; i++)
		so_buf_addf(&buf, "%s%s", i ? ", " : ") INCLUDE (", bracketed(tmp, t->columns[x->include[i]].name));
	so_buf_addf(&buf, ")%s%s", x->predicate ? " WHERE " : "", x->predicate ? x->predicate : "");
	return so_strdup(ctx, so_buf_text(&buf));
}

/* Index types: 1 clustered, 2 nonclustered, 5 clustered columnstore, 6 nonclustered columnstore. */
static const char *method_of(int64_t type)
{
	return type == 1 ? "clustered" : type == 2 ? "btree" : "columnstore";
}

static void add_key(TALLOC_CTX *ctx, struct so_table *t, const struct so_index *x, bool primary)
{
	struct so_key *key = &t->keys[t->n_keys++];

	*key = (struct so_key){ .name = so_strdup(ctx, x->name),
		.kind = primary ? SO_KEY_PRIMARY : SO_KEY_UNIQUE,
		.validated = x->valid,
		.nulls_not_distinct = true, /* a unique index takes one NULL only */
		.n_columns = x->n_keys };
	key->columns = so_new_array(ctx, int32_t, x->n_keys + 1);
	for (size_t i = 0; i < x->n_keys; i++)
		key->columns[i] = x->keys[i].column;
}

/* The rows [begin, end) are one index. */
static void take_index(struct ms_snapshot *s, size_t at, const struct so_text_result *r, size_t begin, size_t end)
{
	struct so_table *t = &s->catalog->tables[at];
	TALLOC_CTX *ctx = s->catalog->tables;
	struct so_index *x = &t->indexes[t->n_indexes++];

	*x = (struct so_index){ .schema = so_strdup(ctx, t->schema),
		.name = so_strdup(ctx, so_text_cell(r, begin, 2) ? so_text_cell(r, begin, 2) : "?"),
		.method = so_strdup(ctx, method_of(so_text_int(r, begin, 3, 2))),
		.predicate = so_strdup_or_null(ctx, so_text_cell(r, begin, 8)),
		.unique = so_text_true(r, begin, 4),
		.primary = so_text_true(r, begin, 5),
		.constraint = so_text_true(r, begin, 5) || so_text_true(r, begin, 6),
		.valid = !so_text_true(r, begin, 7),
		.size_bytes = so_text_int(r, begin, 13, 0) * 8192,
		.scans = -1,
		.tree_height = -1 };
	x->keys = so_new_array(ctx, struct so_index_key, end - begin + 1);
	x->include = so_new_array(ctx, int32_t, end - begin + 1);
	for (size_t i = begin; i < end; i++) {
		int32_t column = ms_snapshot_column(s, at, so_text_int(r, i, 9, 0));

		if (column < 0)
			continue;
		if (so_text_int(r, i, 10, 0) > 0)
			x->keys[x->n_keys++] = (struct so_index_key){
				.column = column, .desc = so_text_true(r, i, 11), .nulls_first = true
			};
		else
			x->include[x->n_include++] = column;
	}
	/* the clustered index is the table: it holds every column, and dropping it is no option */
	if (strcmp(x->method, "clustered") == 0)
		x->constraint = true;
	x->definition = definition(ctx, t, x);
	if (x->unique && !x->predicate && x->n_keys)
		add_key(ctx, t, x, x->primary);
}

static bool same_index(const struct so_text_result *r, size_t a, size_t b)
{
	return so_text_int(r, a, 0, 0) == so_text_int(r, b, 0, 0) && so_text_int(r, a, 1, 0) == so_text_int(r, b, 1, 0);
}

/* Seeks, scans and lookups of each index; needs a privilege, without it they stay unknown. */
static void read_use(struct ms_snapshot *s, const int64_t *index_ids[])
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_INDEX_USE, &ignored);

	for (size_t i = 0; r && i < s->catalog->n_tables; i++) /* an index without a row was never used */
		for (size_t k = 0; k < s->catalog->tables[i].n_indexes; k++)
			s->catalog->tables[i].indexes[k].scans = 0;
	for (size_t i = 0; r && i < so_text_rows(r); i++) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		for (size_t k = 0; t && k < t->n_indexes; k++)
			if (index_ids[at][k] == so_text_int(r, i, 1, 0))
				t->indexes[k].scans =
					so_text_int(r, i, 2, 0) + so_text_int(r, i, 3, 0) + so_text_int(r, i, 4, 0);
	}
}

bool ms_read_indexes(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_INDEXES, err);
	int64_t **index_ids = so_new_array(s->tmp, int64_t *, s->catalog->n_tables + 1);
	size_t rows = r ? so_text_rows(r) : 0;

	if (!r)
		return false;
	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		for (end = i; end < rows && same_index(r, i, end); end++)
			;
		if (!t)
			continue;
		if (!t->indexes) {
			t->indexes = so_new_array(s->catalog->tables, struct so_index, rows + 1);
			t->keys = so_new_array(s->catalog->tables, struct so_key, rows + 1);
			index_ids[at] = so_new_array(s->tmp, int64_t, rows + 1);
		}
		index_ids[at][t->n_indexes] = so_text_int(r, i, 1, 0);
		take_index(s, (size_t)at, r, i, end);
	}
	read_use(s, (const int64_t **)index_ids);
	return true;
}

static char action_letter(int64_t action)
{
	return action == 1 ? 'c' : action == 2 ? 'n' : action == 3 ? 'd' : 'a';
}

static void take_fkey(struct ms_snapshot *s, size_t at, const struct so_text_result *r, size_t begin, size_t end)
{
	struct so_table *t = &s->catalog->tables[at];
	TALLOC_CTX *ctx = s->catalog->tables;
	struct so_fkey *f = &t->fkeys[t->n_fkeys++];

	*f = (struct so_fkey){ .name = so_strdup(ctx, so_text_cell(r, begin, 1)),
		.ref_schema = so_strdup(ctx, so_text_cell(r, begin, 2)),
		.ref_table = so_strdup(ctx, so_text_cell(r, begin, 3)),
		.validated = !so_text_true(r, begin, 4) && !so_text_true(r, begin, 5),
		.on_delete = action_letter(so_text_int(r, begin, 6, 0)) };
	f->columns = so_new_array(ctx, int32_t, end - begin);
	f->ref_columns = so_new_array(ctx, char *, end - begin);
	for (size_t i = begin; i < end; i++) {
		int32_t column = ms_snapshot_column(s, at, so_text_int(r, i, 7, 0));

		if (column < 0 || !so_text_cell(r, i, 8))
			continue;
		f->columns[f->n_columns] = column;
		f->ref_columns[f->n_columns++] = so_strdup(ctx, so_text_cell(r, i, 8));
	}
}

static bool same_fkey(const struct so_text_result *r, size_t a, size_t b)
{
	return so_text_int(r, a, 0, 0) == so_text_int(r, b, 0, 0) &&
	       strcmp(so_text_cell(r, a, 1), so_text_cell(r, b, 1)) == 0;
}

static bool read_unindexed(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_UNINDEXED_REFS, err);

	for (size_t i = 0; r && i < so_text_rows(r); i++) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		if (!t)
			continue;
		t->unindexed_refs =
			so_renew_array(s->catalog->tables, t->unindexed_refs, char *, t->n_unindexed_refs + 1);
		t->unindexed_refs[t->n_unindexed_refs++] =
			so_engine_name(s->catalog->tables, so_text_cell(r, i, 1), so_text_cell(r, i, 2));
	}
	return r != NULL;
}

bool ms_read_fkeys(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_FKEYS, err);
	size_t rows = r ? so_text_rows(r) : 0;

	if (!r)
		return false;
	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		for (end = i; end < rows && same_fkey(r, i, end); end++)
			;
		if (!t)
			continue;
		if (!t->fkeys)
			t->fkeys = so_new_array(s->catalog->tables, struct so_fkey, rows);
		take_fkey(s, (size_t)at, r, i, end);
	}
	return read_unindexed(s, err);
}

/* ---- statistics ------------------------------------------------------------------------------------------------- */

/* Which column a statistic is about, and of how many rows. */
struct stat {
	int64_t object_id, stats_id;
	size_t table;
	int32_t column;
	double rows;
};

/* Frequent values first, at most these. */
#define MAX_COMMON 20

static void add_common(TALLOC_CTX *ctx, struct so_column *c, const char *value, double share)
{
	size_t at = c->n_common;

	if (at == MAX_COMMON && share <= c->common_freqs[at - 1])
		return;
	if (!c->common_vals) {
		c->common_vals = so_new_array(ctx, char *, MAX_COMMON + 1);
		c->common_freqs = so_new_array(ctx, double, MAX_COMMON + 1);
	}
	if (at < MAX_COMMON)
		c->n_common++;
	else
		at--;
	for (; at && c->common_freqs[at - 1] < share; at--) {
		c->common_vals[at] = c->common_vals[at - 1];
		c->common_freqs[at] = c->common_freqs[at - 1];
	}
	c->common_vals[at] = so_strdup(ctx, value);
	c->common_freqs[at] = share;
}

/* Steps [begin, end) of one histogram: each has the rows equal to its upper bound and the rows and values below it down
 * to the step before. The first step holds NULL when there is one. */
static void take_histogram(
	struct ms_snapshot *s, const struct stat *stat, const struct so_text_result *r, size_t begin, size_t end)
{
	struct so_column *c = &s->catalog->tables[stat->table].columns[stat->column];
	TALLOC_CTX *ctx = s->catalog->tables;
	double values = 0, steps = (double)(end - begin);

	if (c->has_stats || stat->rows <= 0)
		return;
	c->bounds = so_new_array(ctx, char *, end - begin + 1);
	for (size_t i = begin; i < end; i++) {
		const char *key = so_text_cell(r, i, 3);
		double equal = so_text_real(r, i, 5, 0);

		if (!key) {
			c->null_frac = fmin(equal / stat->rows, 1);
			continue;
		}
		values += 1 + so_text_real(r, i, 6, 0);
		c->bounds[c->n_bounds++] = so_strdup(ctx, key);
		if (equal > 1 && equal * steps > MIN_COMMON * stat->rows)
			add_common(ctx, c, key, equal / stat->rows);
	}
	c->n_distinct = values > 0.9 * stat->rows ? -values / stat->rows : values;
	c->has_stats = true;
}

static bool read_histograms(struct ms_snapshot *s, const struct stat *stats, size_t n, struct so_err *err)
{
	struct so_text_result *r;

	if (!n || (s->conn->major < HISTOGRAM_VERSION && !s->conn->azure))
		return true;
	r = ms_snapshot_ask(s, MS_SQL_HISTOGRAMS, err);
	if (!r)
		return false;
	for (size_t i = 0, end; i < so_text_rows(r); i = end) {
		for (end = i; end < so_text_rows(r) && same_index(r, i, end); end++)
			;
		for (size_t k = 0; k < n; k++)
			if (stats[k].object_id == so_text_int(r, i, 0, 0) &&
				stats[k].stats_id == so_text_int(r, i, 1, 0))
				take_histogram(s, &stats[k], r, i, end);
	}
	return true;
}

bool ms_read_stats(struct ms_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ms_snapshot_ask(s, MS_SQL_STATS, err);
	struct stat *stats;
	size_t n = 0;

	if (!r)
		return false;
	stats = so_new_array(s->tmp, struct stat, so_text_rows(r) + 1);
	for (size_t i = 0; i < so_text_rows(r); i++) {
		int64_t at = ms_snapshot_table(s, so_text_int(r, i, 0, 0));
		int32_t column = at >= 0 ? ms_snapshot_column(s, (size_t)at, so_text_int(r, i, 2, 0)) : -1;
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;
		int64_t changed = so_text_int(r, i, 4, 0), when_us = so_text_int(r, i, 5, 0);

		if (column < 0)
			continue;
		t->has_stats = true;
		t->live_rows = (int64_t)t->rows;
		if (changed > t->mods_since_analyze)
			t->mods_since_analyze = changed;
		if (when_us > t->last_analyze_us)
			t->last_analyze_us = when_us;
		stats[n++] = (struct stat){ so_text_int(r, i, 0, 0), so_text_int(r, i, 1, 0), (size_t)at, column,
			so_text_real(r, i, 3, 0) };
	}
	return read_histograms(s, stats, n, err);
}
