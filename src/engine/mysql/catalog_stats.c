/* Statistics of columns, where an administrator had them gathered and the login may read them: mysql.column_stats of
 * MariaDB, histograms of MySQL 8. What cannot be read is absent, never an error. */
#include "engine/mysql/snapshot.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define MAX_HISTOGRAM      262144
#define MAX_VALUES         1024
#define MAX_HISTOGRAM_TEXT 42 /* characters that MySQL keeps of a value */
#define SAMPLE_ROWS        10000
#define SAMPLE_COLUMNS     100
#define SAMPLE_MIN         1000 /* rows: smaller tables do not matter */
#define SAMPLE_MS          500

static struct so_column *column_of(struct snapshot *s, const struct so_my_result *r, size_t i, struct so_table **table)
{
	int32_t at;

	*table = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));
	at = *table ? my_snapshot_column(*table, so_my_cell(r, i, 2)) : -1;
	return at >= 0 ? &(*table)->columns[at] : NULL;
}

/* MySQL writes texts of histograms as "base64:type254:...", in the column's character set, and cuts them at 42
 * characters. NULL for what may be cut, and for bytes whose meaning is not known. */
static char *encoded_text(TALLOC_CTX *ctx, const struct so_column *column, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	bool utf8 = column->collation && strncmp(column->collation, "utf8", 4) == 0;
	unsigned char *out = so_new_array(ctx, unsigned char, strlen(text) + 1);
	size_t len = 0, characters = 0, bits = 0;
	unsigned held = 0;
	const char *digit;

	for (; *text && *text != '=' && (digit = strchr(digits, *text)); text++) {
		held = held << 6 | (unsigned)(digit - digits);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		out[len] = held >> bits & 0xff;
		if (out[len] < ' ' || (out[len] >= 0x80 && !utf8))
			return NULL;
		characters += (out[len++] & 0xc0) != 0x80;
	}
	return characters < MAX_HISTOGRAM_TEXT ? so_utf8_copy(ctx, (char *)out, len) : NULL;
}

/* Text of a JSON value, NULL for what has none. */
static char *value_text(TALLOC_CTX *ctx, const struct so_column *column, const json_t *value)
{
	const char *text = json_string_value(value), *colon;

	if (json_is_integer(value))
		return so_printf(ctx, "%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return so_printf(ctx, "%.17g", json_real_value(value));
	if (!text)
		return NULL;
	if (strncmp(text, "base64:", 7) != 0)
		return so_strdup(ctx, text);
	colon = strchr(text + 7, ':');
	return colon ? encoded_text(ctx, column, colon + 1) : NULL;
}

static void add_common(struct so_column *column, char *text, double share)
{
	if (!text || column->n_common == MAX_VALUES)
		return;
	column->common_vals[column->n_common] = text;
	column->common_freqs[column->n_common++] = share;
}

static void add_bound(struct so_column *column, char *text)
{
	if (text && column->n_bounds < MAX_VALUES)
		column->bounds[column->n_bounds++] = text;
}

static void make_room(struct snapshot *s, struct so_column *column)
{
	column->common_vals = so_new_array(s->catalog, char *, MAX_VALUES);
	column->common_freqs = so_new_array(s->catalog, double, MAX_VALUES);
	column->bounds = so_new_array(s->catalog, char *, MAX_VALUES);
	column->n_common = column->n_bounds = 0;
}

/* Buckets of a real histogram are equally high only roughly: a bound is kept where a bucket begins, as its reader takes
 * them for equally high, and buckets of one value become common values. */
static void read_json_hb(struct snapshot *s, struct so_column *column, const char *text)
{
	json_t *doc = json_loads(text, 0, NULL), *buckets = json_object_get(doc, "histogram_hb"), *bucket;
	size_t i;

	if (json_is_array(buckets)) {
		make_room(s, column);
		json_array_foreach(buckets, i, bucket)
		{
			char *start = value_text(s->catalog, column, json_object_get(bucket, "start"));
			double size = json_number_value(json_object_get(bucket, "size"));

			if (json_integer_value(json_object_get(bucket, "ndv")) == 1)
				add_common(column, start, size);
			else
				add_bound(column, start);
			if (i + 1 == json_array_size(buckets) && column->n_bounds)
				add_bound(column, value_text(s->catalog, column, json_object_get(bucket, "end")));
		}
	}
	json_decref(doc);
}

static void read_eits(struct snapshot *s)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r = my_ask(
		s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_EITS, so_printf(tmp, "%d", MAX_HISTOGRAM)), &ignored);

	for (size_t i = 0; r && i < so_my_rows(r); i++) {
		struct so_table *t;
		struct so_column *column = column_of(s, r, i, &t);
		double frequency = so_my_real(r, i, 5, 0);

		if (!column)
			continue;
		column->has_stats = true;
		column->null_frac = so_my_real(r, i, 3, 0);
		column->avg_width = (int32_t)so_my_real(r, i, 4, column->avg_width);
		/* average number of rows with the same value; a unique column is left with what its index says */
		if (frequency > 0 && t->rows > 0 && column->n_distinct >= 0)
			column->n_distinct = fmax(1, round(t->rows * (1 - column->null_frac) / frequency));
		if (so_my_cell(r, i, 6) && strcmp(so_my_cell(r, i, 6), "JSON_HB") == 0 && so_my_cell(r, i, 7))
			read_json_hb(s, column, so_my_cell(r, i, 7));
	}
}

static void read_buckets(struct snapshot *s, struct so_column *column, const json_t *doc)
{
	const json_t *buckets = json_object_get(doc, "buckets");
	const char *type = json_string_value(json_object_get(doc, "histogram-type"));
	bool singleton = type && strcmp(type, "singleton") == 0;
	double before = 0, distinct = 0;
	size_t i;
	json_t *bucket;

	make_room(s, column);
	json_array_foreach(buckets, i, bucket)
	{
		size_t n = json_array_size(bucket);
		double until = json_number_value(json_array_get(bucket, singleton ? 1 : 2));

		if (singleton)
			add_common(column, value_text(s->catalog, column, json_array_get(bucket, 0)), until - before);
		else
			add_bound(column, value_text(s->catalog, column, json_array_get(bucket, 0)));
		if (!singleton && i + 1 == json_array_size(buckets))
			add_bound(column, value_text(s->catalog, column, json_array_get(bucket, 1)));
		distinct += singleton ? 1 : n > 3 ? json_number_value(json_array_get(bucket, 3)) : 0;
		before = until;
	}
	if (distinct > 0 && column->n_distinct >= 0)
		column->n_distinct = distinct;
}

static void read_histograms(struct snapshot *s)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_HISTOGRAMS, NULL), &ignored);

	for (size_t i = 0; r && i < so_my_rows(r); i++) {
		struct so_table *t;
		struct so_column *column = column_of(s, r, i, &t);
		const char *text = so_my_cell(r, i, 3);
		json_t *doc = text && strlen(text) <= MAX_HISTOGRAM ? json_loads(text, 0, NULL) : NULL;

		if (column && json_is_object(doc)) {
			column->has_stats = true;
			column->null_frac = json_number_value(json_object_get(doc, "null-values"));
			read_buckets(s, column, doc);
		}
		json_decref(doc);
	}
}

static bool can_be_counted(const struct so_column *column)
{
	return !column->has_stats && column->type_class != SO_TYPE_JSON && !strstr(column->type, "text") &&
	       !strstr(column->type, "blob") && !strstr(column->type, "geometry");
}

/* Distinct values of columns that no index and no statistics tell of, from the first rows of the table: a column that
 * is nearly unique there is taken for unique, another for having no further values. */
static void sample_table(struct snapshot *s, struct so_table *t)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r;
	struct so_buf counts, columns;
	double rows;
	int n = 0;

	so_buf_init(&counts, s->tmp, 256 * 1024);
	so_buf_init(&columns, s->tmp, 256 * 1024);
	for (size_t i = 0; i < t->n_columns && n < SAMPLE_COLUMNS; i++) {
		const char *name = so_my_quote_ident(s->tmp, t->columns[i].name);

		if (!can_be_counted(&t->columns[i]))
			continue;
		so_buf_addf(&counts, ", COUNT(DISTINCT %s)", name);
		so_buf_addf(&columns, "%s%s", n++ ? ", " : "", name);
	}
	if (!n)
		return;
	r = my_ask(s->tmp, s->conn,
		so_printf(s->tmp, MY_SQL_SAMPLE_COLUMNS, so_buf_text(&counts), so_buf_text(&columns),
			so_my_quote_ident(s->tmp, t->schema), so_my_quote_ident(s->tmp, t->name), SAMPLE_ROWS),
		&ignored);
	rows = r ? so_my_real(r, 0, 0, 0) : 0;
	n = 0;
	for (size_t i = 0; rows > 0 && i < t->n_columns && n < SAMPLE_COLUMNS; i++) {
		struct so_column *column = &t->columns[i];
		double distinct;

		if (!can_be_counted(column))
			continue;
		distinct = so_my_real(r, 0, (size_t)++n, 0);
		column->has_stats = true;
		column->n_distinct = distinct >= rows * 0.9 && rows > 100 ? -distinct / rows : fmax(distinct, 1);
	}
}

static void sample_columns(struct snapshot *s)
{
	struct so_err ignored = SO_ERR_INIT;

	if (!my_set_timeout(s->conn, SAMPLE_MS, &ignored))
		return;
	for (size_t i = 0; i < s->catalog->n_tables && !s->conn->base.broken; i++)
		if (s->catalog->tables[i].kind != SO_TABLE_VIEW && s->catalog->tables[i].rows >= SAMPLE_MIN)
			sample_table(s, &s->catalog->tables[i]);
}

bool my_snapshot_statistics(struct snapshot *s, struct so_err *err)
{
	if (s->conn->mariadb)
		read_eits(s);
	else if (s->conn->version >= 80000)
		read_histograms(s);
	sample_columns(s);
	if (s->conn->base.broken)
		return so_fail(err, SO_UNREACHABLE, "the connection was lost while statistics were read");
	return so_cancel_check(s->conn->base.cancel, err);
}
