/* Statements and their counters from a file, since SQLite itself keeps none: what an application, a proxy or a log
 * reader wrote down. Its name is part of the connection string; docs/engines.md tells what it holds. */
#include "engine/sqlite/internal.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "sql/fingerprint.h"

#define MAX_FILE       (32 * 1024 * 1024)
#define MAX_STATEMENTS 10000
#define MAX_TEXT       16384 /* bytes of a text that are kept */
#define MAX_FIELDS     32 /* of a line of CSV */
#define MAX_COUNT      1e15

enum field { F_SQL, F_COUNT, F_TOTAL_MS, F_ROWS, F_MIN_MS, F_MAX_MS, F_N };
static const char *const field_names[F_N] = { "sql", "count", "total_ms", "rows", "min_ms", "max_ms" };

/* One statement as the file has it. */
struct entry {
	const char *sql;
	double numbers[F_N]; /* NAN: not given */
};

struct loading {
	struct lite_conn *conn;
	struct so_query_list *list;
	int64_t room;
	size_t line; /* for messages, from 1 */
	/* instead of a list: the last text of each of these */
	TALLOC_CTX *ctx;
	const char *const *ids;
	size_t n_ids;
	struct so_sample *samples; /* NULL: a list */
};

static bool fail(const struct loading *l, struct so_err *err, const char *what)
{
	/* what stands there is never quoted: the name may have been that of another file */
	return so_fail(err, SO_INPUT, "line %zu of the workload file \"%.200s\": %s", l->line, l->conn->workload, what);
}

/* ---- What is made of an entry ---- */

static struct so_query *query_of(struct loading *l, const struct entry *entry)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = false }; /* a statement that was cut off could not be planned */
	struct so_err ignored = SO_ERR_INIT;
	char id[SO_FINGERPRINT_TEXT], *text;
	struct so_query *query;
	uint64_t fingerprint;

	if (!so_sql_fingerprint_text(NULL, SO_SQLITE, entry->sql, strlen(entry->sql), &options, &fingerprint, &ignored))
		return NULL;
	so_fingerprint_text(fingerprint, id);
	for (size_t i = 0; i < l->list->count; i++)
		if (strcmp(l->list->items[i].engine_id, id) == 0)
			return &l->list->items[i];
	text = so_sql_normalize(tmp, NULL, SO_SQLITE, entry->sql, strlen(entry->sql), &options, &ignored);
	if (!text)
		return NULL;
	if ((int64_t)l->list->count == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->list->items = l->list->items ? so_renew_array(l->list, l->list->items, struct so_query, l->room)
						: so_new_array(l->list, struct so_query, l->room);
	}
	query = &l->list->items[l->list->count++];
	*query = (struct so_query){ .engine_id = so_strdup(l->list, id), .truncated = strlen(text) > MAX_TEXT };
	query->text = so_strndup(l->list, text, MAX_TEXT);
	so_utf8_mend(query->text, strlen(query->text));
	query->counters = (struct so_query_counters){
		.min_us = INT64_MAX,
		.shared_hit = -1,
		.shared_read = -1,
		.shared_dirtied = -1,
		.temp_read = -1,
		.temp_written = -1,
	};
	return query;
}

static void keep_sample(struct loading *l, const struct entry *entry)
{
	struct so_sql_options options = { .lenient = false };
	struct so_err ignored = SO_ERR_INIT;
	char id[SO_FINGERPRINT_TEXT];
	uint64_t fingerprint;

	if (strlen(entry->sql) > SO_SAMPLE_BYTES || !so_sql_fingerprint_text(NULL, SO_SQLITE, entry->sql,
							    strlen(entry->sql), &options, &fingerprint, &ignored))
		return;
	so_fingerprint_text(fingerprint, id);
	for (size_t i = 0; i < l->n_ids; i++) {
		if (strcmp(l->ids[i], id) != 0)
			continue;
		talloc_free(l->samples[i].text);
		l->samples[i].text = so_strdup(l->ctx, entry->sql);
	}
}

/* Several lines may be about one statement. A text that is none is no reason to leave the others out. */
static bool add(struct loading *l, const struct entry *entry, struct so_err *err)
{
	double count = isnan(entry->numbers[F_COUNT]) ? 1 : entry->numbers[F_COUNT], each;
	struct so_query_counters *c;
	struct so_query *query;

	if (!entry->sql || !*entry->sql)
		return fail(l, err, "\"sql\" is missing");
	if (isnan(entry->numbers[F_TOTAL_MS]))
		return fail(l, err, "\"total_ms\" is missing");
	if (count < 1)
		return true;
	if (l->samples)
		return keep_sample(l, entry), true;
	query = query_of(l, entry);
	if (!query)
		return true;
	if (l->list->count > MAX_STATEMENTS)
		return so_fail(err, SO_LIMIT, "the workload file \"%.200s\" has more than %d different statements",
			l->conn->workload, MAX_STATEMENTS);
	c = &query->counters;
	each = entry->numbers[F_TOTAL_MS] / count;
	c->calls += (int64_t)count;
	c->exec_us += (int64_t)(entry->numbers[F_TOTAL_MS] * 1000);
	c->rows += isnan(entry->numbers[F_ROWS]) ? 0 : (int64_t)entry->numbers[F_ROWS];
	c->min_us = (int64_t)fmin(
		(double)c->min_us, 1000 * (isnan(entry->numbers[F_MIN_MS]) ? each : entry->numbers[F_MIN_MS]));
	c->max_us = (int64_t)fmax(
		(double)c->max_us, 1000 * (isnan(entry->numbers[F_MAX_MS]) ? each : entry->numbers[F_MAX_MS]));
	return true;
}

static bool set_number(const struct loading *l, struct entry *entry, int field, double value, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	if (!(value >= 0 && value <= MAX_COUNT))
		return fail(l, err, so_printf(tmp, "\"%s\" is not a number from 0 to 1e15", field_names[field]));
	entry->numbers[field] = value;
	return true;
}

static void no_numbers(struct entry *entry)
{
	*entry = (struct entry){ .sql = NULL };
	for (int i = 0; i < F_N; i++)
		entry->numbers[i] = NAN;
}

/* ---- JSON, an object a line ---- */

static bool read_object(struct loading *l, const json_t *object, struct so_err *err)
{
	struct entry entry;

	no_numbers(&entry);
	for (int i = 0; i < F_N; i++) {
		const json_t *value = json_object_get(object, field_names[i]);

		if (!value || json_is_null(value))
			continue;
		if (i == F_SQL) {
			if (!json_is_string(value))
				return fail(l, err, "\"sql\" is not a string");
			entry.sql = json_string_value(value);
		} else if (!set_number(l, &entry, i, json_is_number(value) ? json_number_value(value) : -1, err)) {
			return false;
		}
	}
	return add(l, &entry, err);
}

static bool read_json_lines(struct loading *l, const char *text, struct so_err *err)
{
	for (; *text; l->line++) {
		size_t len = strcspn(text, "\n"), blank = strspn(text, " \t\r");
		json_t *object = blank < len ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
		bool fine = blank >= len;

		if (!fine && !json_is_object(object))
			fail(l, err, "it is not one JSON object");
		else if (!fine)
			fine = read_object(l, object, err);
		json_decref(object);
		if (!fine)
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

/* ---- CSV with a line of names ---- */

/* The next field into `out`; leaves *at behind its comma, or on the end of the line. False: a quote has no end. */
static bool csv_field(struct loading *l, const char **at, struct so_buf *out)
{
	const char *p = *at;

	so_buf_reset(out);
	if (*p == '"') {
		for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
			l->line += *p == '\n';
			p += *p == '"';
			so_buf_addc(out, *p);
		}
		if (!*p)
			return false;
		p++;
	} else {
		for (; *p && !strchr(",\r\n", *p); p++)
			so_buf_addc(out, *p);
	}
	while (*p == '\r')
		p++;
	*at = p;
	return true;
}

static int field_number(const char *name)
{
	for (int i = 0; i < F_N; i++)
		if (strcmp(field_names[i], name) == 0)
			return i;
	return -1;
}

static bool take_field(struct loading *l, struct entry *entry, int field, const struct so_buf *buf, struct so_buf *sql,
	struct so_err *err)
{
	char *end;
	double value;

	if (field == F_SQL) {
		so_buf_reset(sql);
		so_buf_add(sql, buf->data, buf->len);
		entry->sql = so_buf_text(sql);
		return true;
	}
	if (field < 0 || !buf->len)
		return true;
	errno = 0;
	value = strtod(buf->data, &end);
	return set_number(l, entry, field, *end || errno ? -1 : value, err);
}

static bool read_csv(struct loading *l, const char *text, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	int columns[MAX_FIELDS];
	struct so_buf buf, sql;
	size_t n_columns = 0;
	bool head = true;

	so_buf_init(&buf, tmp, MAX_FILE);
	so_buf_init(&sql, tmp, MAX_FILE);
	while (*text) {
		size_t n = 0;
		struct entry entry;

		no_numbers(&entry);
		for (;; text++, n++) {
			if (!csv_field(l, &text, &buf))
				return fail(l, err, "a quoted field has no end");
			if (n >= (head ? MAX_FIELDS : n_columns) && (n > 0 || buf.len))
				return fail(l, err, "there are more fields than names in the first line");
			if (head)
				columns[n_columns++] = field_number(so_buf_text(&buf));
			else if (n < n_columns && !take_field(l, &entry, columns[n], &buf, &sql, err))
				return false;
			if (*text != ',')
				break;
		}
		if (*text && *text != '\n')
			return fail(l, err, "something stands behind a quoted field");
		if (!head && (n > 0 || buf.len) && !add(l, &entry, err))
			return false;
		head = false;
		text += *text == '\n';
		l->line++;
	}
	return true;
}

/* ---- The file ---- */

static char *read_file(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	FILE *file = fopen(path, "re");
	struct stat info;
	char *text = NULL;
	size_t len;

	if (!file)
		return so_fail(err, errno == EACCES ? SO_DENIED : SO_UNREACHABLE,
			       "the workload file \"%.200s\" cannot be read: %s", path, strerror(errno)),
		       NULL;
	if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode))
		so_fail(err, SO_INPUT, "the workload file \"%.200s\" is not a regular file", path);
	else if (info.st_size > MAX_FILE)
		so_fail(err, SO_LIMIT, "the workload file \"%.200s\" is larger than %d MiB", path,
			MAX_FILE / 1024 / 1024);
	else {
		text = so_mem_need(talloc_size(ctx, (size_t)info.st_size + 1));
		len = fread(text, 1, (size_t)info.st_size, file);
		text[len] = '\0';
		if (strlen(text) != len) {
			so_fail(err, SO_INPUT, "the workload file \"%.200s\" has a NUL byte: it is no text", path);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

static int by_time(const void *a, const void *b)
{
	const struct so_query *x = a, *y = b;

	return (x->counters.exec_us < y->counters.exec_us) - (x->counters.exec_us > y->counters.exec_us);
}

static bool load(struct loading *l, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *text = read_file(tmp, l->conn->workload, err), *at;

	if (!text)
		return false;
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	at = text + strspn(text, " \t\r\n");
	return *at == '{' ? read_json_lines(l, text, err) : read_csv(l, text, err);
}

struct so_query_list *lite_statements(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	struct loading l = { .conn = conn, .line = 1 };

	if (!conn->workload) {
		so_fail(err, SO_UNSUPPORTED,
			"SQLite keeps no statistics of statements: name a file with those of the application in the "
			"connection string, sqlite:///file?workload=/path/to/statements.csv");
		return NULL;
	}
	l.list = so_new(ctx, struct so_query_list);
	l.list->deallocated = -1;
	if (!load(&l, err))
		return talloc_free(l.list), NULL;
	if (l.list->count)
		qsort(l.list->items, l.list->count, sizeof l.list->items[0], by_time);
	if (limit > 0 && (int64_t)l.list->count > limit)
		l.list->count = (size_t)limit;
	return l.list;
}

bool lite_samples(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	struct loading l = { .conn = conn, .line = 1, .ctx = ctx, .ids = ids, .n_ids = n, .samples = out };

	so_assert(n <= SO_SAMPLES_MAX);
	memset(out, 0, n * sizeof *out);
	return n == 0 || !conn->workload || load(&l, err);
}
