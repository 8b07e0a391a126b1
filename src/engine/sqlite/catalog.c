/* The snapshot of the relations that a statement names, from the pragmas and sqlite_stat1. */
#include "engine/sqlite/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sql/names.h"

#define MAX_NAMES      1000
#define MAX_LEVELS     8
#define MAX_RELATIONS  1000
#define SAMPLE_ROWS    10000
#define SAMPLE_COLUMNS 100
#define SAMPLE_MS      200

struct snapshot {
	struct lite_conn *conn;
	struct so_catalog *catalog;
	char **names; /* plain; only the main schema exists */
	size_t n_names;
	int64_t page_size;
	TALLOC_CTX *tmp;
};

static sqlite3_stmt *ask(struct snapshot *s, struct so_err *err, const char *fmt, const char *name)
{
	struct so_buf sql;

	so_buf_init(&sql, s->tmp, 65536);
	for (; *fmt; fmt++)
		if (*fmt == '?')
			so_buf_adds(&sql, lite_literal(s->tmp, name));
		else
			so_buf_addc(&sql, *fmt);
	return lite_prepare(s->conn, s->conn->raw, so_buf_text(&sql), err);
}

/* Steps; false at the end and on failure, which *fine then tells. */
static bool next(struct snapshot *s, sqlite3_stmt *stmt, bool *fine, struct so_err *err)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return true;
	*fine = rc == SQLITE_DONE || lite_fail(s->conn, s->conn->raw, rc, err);
	sqlite3_finalize(stmt);
	return false;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

static struct so_table *find_table(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; name && i < s->catalog->n_tables; i++)
		if (strcasecmp(s->catalog->tables[i].name, name) == 0)
			return &s->catalog->tables[i];
	return NULL;
}

static int32_t find_column(const struct so_table *t, const char *name)
{
	for (size_t i = 0; name && i < t->n_columns; i++)
		if (strcasecmp(t->columns[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

static bool add_name(struct snapshot *s, const char *name, struct so_err *err)
{
	for (size_t i = 0; i < s->n_names; i++)
		if (strcasecmp(s->names[i], name) == 0)
			return true;
	if (s->n_names == MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations, those below views and foreign keys included",
			MAX_RELATIONS);
	s->names = so_renew_array(s->tmp, s->names, char *, s->n_names + 1);
	s->names[s->n_names++] = so_strdup(s->tmp, name);
	return true;
}

/* The last part of "main"."name" or main.name; NULL for another schema. */
static char *plain_name(TALLOC_CTX *ctx, const char *text)
{
	char *parts[2] = { NULL, NULL };
	size_t n = 0;

	while (*text && n < 2) {
		char quote = *text == '"' || *text == '`' ? *text : 0, *to;

		parts[n] = to = so_strdup(ctx, text);
		for (text += quote != 0; *text; text++) {
			if (quote ? *text == quote : *text == '.') {
				if (!quote || text[1] != quote)
					break;
				text++;
			}
			*to++ = *text;
		}
		*to = '\0';
		text += quote && *text == quote;
		n++;
		if (*text != '.')
			break;
		text++;
	}
	if (n == 2 && strcasecmp(parts[0], "main") != 0)
		return NULL;
	return n ? parts[n - 1] : NULL;
}

/* ---- Columns ---- */

/* A column takes values of any type; its declared type only tells which are converted. So nothing but INTEGER PRIMARY
 * KEY is certain to hold numbers, and no rule of types may be applied to the rest. */
static void classify(struct so_column *column, bool rowid)
{
	column->type_class = rowid ? SO_TYPE_INT : SO_TYPE_OTHER;
	column->width_bits = rowid ? 64 : 0;
	column->collation_is_c = true;
	column->correlation = NAN;
	column->avg_width = rowid || strcasestr(column->type, "int")                               ? 4
			    : strcasestr(column->type, "char") || strcasestr(column->type, "text") ? 20
												   : 8;
}

static bool read_columns(struct snapshot *s, struct so_table *t, struct so_err *err)
{
	bool fine = true;
	sqlite3_stmt *stmt = ask(s, err,
		"SELECT x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden, (SELECT count(*) FROM"
		" pragma_table_xinfo(?) AS y WHERE y.pk > 0), l.wr FROM pragma_table_xinfo(?) AS x JOIN "
		"pragma_table_list(?)"
		" AS l WHERE l.schema = 'main' AND x.hidden <> 1 ORDER BY x.cid",
		t->name);
	int32_t width = 0;

	if (!stmt)
		return false;
	while (next(s, stmt, &fine, err)) {
		bool rowid = sqlite3_column_int(stmt, 4) == 1 && sqlite3_column_int(stmt, 6) == 1 && text_at(stmt, 1) &&
			     strcasecmp(text_at(stmt, 1), "INTEGER") == 0 && !sqlite3_column_int(stmt, 7);
		struct so_column *column;
		const char *collation = NULL;

		t->columns = t->columns ? so_renew_array(s->catalog, t->columns, struct so_column, t->n_columns + 1)
					: so_new_array(s->catalog, struct so_column, 1);
		column = &t->columns[t->n_columns++];
		/* a primary key other than the row number may hold NULL, unless the table has no row numbers */
		*column = (struct so_column){ .name = so_strdup(s->catalog, text_at(stmt, 0)),
			.type = so_strdup(s->catalog, text_at(stmt, 1) ? text_at(stmt, 1) : ""),
			.default_text = so_strdup_or_null(s->catalog, text_at(stmt, 3)),
			.not_null = sqlite3_column_int(stmt, 2) || rowid ||
				    (sqlite3_column_int(stmt, 4) && sqlite3_column_int(stmt, 7)),
			.generated = sqlite3_column_int(stmt, 5) > 1 };
		classify(column, rowid);
		if (sqlite3_table_column_metadata(s->conn->raw, "main", t->name, column->name, NULL, &collation, NULL,
			    NULL, NULL) == SQLITE_OK &&
			collation && strcasecmp(collation, "BINARY") != 0)
			column->collation = so_strdup(s->catalog, collation);
		width += column->avg_width;
		if (!rowid)
			continue;
		t->keys = so_new_array(s->catalog, struct so_key, 1);
		t->keys[0] = (struct so_key){ .name = so_strdup(s->catalog, "rowid"),
			.kind = SO_KEY_PRIMARY,
			.validated = true,
			.n_columns = 1,
			.columns = so_new_array(s->catalog, int32_t, 1) };
		t->keys[0].columns[0] = (int32_t)t->n_columns - 1;
		t->n_keys = 1;
		column->has_stats = true;
		column->n_distinct = -1;
	}
	t->pages = t->rows > 0 ? (int64_t)(t->rows * (width + 8) / (double)(s->page_size * 0.8)) + 1 : 1;
	t->size_bytes = t->pages * s->page_size;
	return fine;
}

/* ---- Indexes ---- */

/* "10000 100 1": rows, then rows for each value of the leading keys. */
static void apply_stat(struct so_table *t, struct so_index *index, const char *stat)
{
	char *rest;
	double rows = strtod(stat, &rest), each = strtod(rest, NULL);
	int32_t column = index->n_keys ? index->keys[0].column : -1;

	if (column < 0 || each < 1 || rows < 1)
		return;
	t->columns[column].has_stats = true;
	t->columns[column].n_distinct = index->unique && index->n_keys == 1 ? -1 : fmax(rows / each, 1);
}

/* What the texts of a column are compared with, unless somebody says otherwise. */
static const char *collation_of(const struct so_table *t, int32_t column)
{
	return column >= 0 && t->columns[column].collation ? t->columns[column].collation : "BINARY";
}

static bool read_keys(struct snapshot *s, struct so_table *t, struct so_index *index, struct so_err *err)
{
	bool fine = true;
	sqlite3_stmt *stmt = ask(s, err,
		"SELECT name, desc, coll, cid FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno", index->name);
	int32_t width = 0;

	if (!stmt)
		return false;
	while (next(s, stmt, &fine, err)) {
		struct so_index_key *key;

		index->keys = index->keys
				      ? so_renew_array(s->catalog, index->keys, struct so_index_key, index->n_keys + 1)
				      : so_new_array(s->catalog, struct so_index_key, 1);
		key = &index->keys[index->n_keys++];
		*key = (struct so_index_key){ .column = find_column(t, text_at(stmt, 0)),
			.desc = sqlite3_column_int(stmt, 1),
			.nulls_first = !sqlite3_column_int(stmt, 1) };
		if (text_at(stmt, 2) && strcasecmp(text_at(stmt, 2), collation_of(t, key->column)) != 0)
			key->collation = so_strdup(s->catalog, text_at(stmt, 2));
		if (key->column < 0) /* the text of an expression is in the definition only */
			key->expr = so_strdup(s->catalog, sqlite3_column_int(stmt, 3) == -1 ? "rowid" : "(expression)");
		width += key->column >= 0 ? t->columns[key->column].avg_width : 16;
	}
	index->size_bytes = t->rows > 0 ? (int64_t)(t->rows * (width + 6)) : 0;
	return fine;
}

static void add_key(struct snapshot *s, struct so_table *t, const struct so_index *index)
{
	struct so_key *key;

	if (!index->unique || index->predicate || !index->n_keys)
		return;
	for (size_t i = 0; i < index->n_keys; i++)
		if (index->keys[i].column < 0 || index->keys[i].collation)
			return;
	t->keys = t->keys ? so_renew_array(s->catalog, t->keys, struct so_key, t->n_keys + 1)
			  : so_new_array(s->catalog, struct so_key, 1);
	key = &t->keys[t->n_keys++];
	*key = (struct so_key){ .name = index->name,
		.kind = index->primary ? SO_KEY_PRIMARY : SO_KEY_UNIQUE,
		.validated = true,
		.n_columns = index->n_keys,
		.columns = so_new_array(s->catalog, int32_t, index->n_keys) };
	for (size_t i = 0; i < index->n_keys; i++)
		key->columns[i] = index->keys[i].column;
}

/* The WHERE of a partial index, from its text: what stands behind the list of keys. */
static char *predicate_of(TALLOC_CTX *ctx, const char *sql)
{
	int depth = 0;
	bool seen = false;

	for (; sql && *sql; sql++) {
		if (*sql == '\'' || *sql == '"') {
			const char *end = strchr(sql + 1, *sql);

			if (!end)
				return NULL;
			sql = end;
		} else if (*sql == '(') {
			depth++;
			seen = true;
		} else if (*sql == ')') {
			depth--;
		} else if (seen && depth == 0 && strncasecmp(sql, "where", 5) == 0) {
			return so_strdup(ctx, sql + 5 + strspn(sql + 5, " \t\r\n"));
		}
	}
	return NULL;
}

static bool read_indexes(struct snapshot *s, struct so_table *t, struct so_err *err)
{
	bool fine = true;
	sqlite3_stmt *stmt = ask(s, err,
		"SELECT l.name, l.\"unique\", l.origin, l.partial, m.sql FROM pragma_index_list(?) AS l LEFT JOIN "
		"sqlite_schema"
		" AS m ON m.type = 'index' AND m.name = l.name ORDER BY l.seq DESC",
		t->name);

	if (!stmt)
		return false;
	while (next(s, stmt, &fine, err)) {
		struct so_index *index;

		t->indexes = t->indexes ? so_renew_array(s->catalog, t->indexes, struct so_index, t->n_indexes + 1)
					: so_new_array(s->catalog, struct so_index, 1);
		index = &t->indexes[t->n_indexes++];
		*index = (struct so_index){ .schema = so_strdup(s->catalog, "main"),
			.name = so_strdup(s->catalog, text_at(stmt, 0)),
			.method = so_strdup(s->catalog, "btree"),
			.definition = so_strdup(s->catalog, text_at(stmt, 4) ? text_at(stmt, 4) : ""),
			.unique = sqlite3_column_int(stmt, 1),
			.primary = text_at(stmt, 2) && *text_at(stmt, 2) == 'p',
			.constraint = text_at(stmt, 2) && *text_at(stmt, 2) != 'c',
			.valid = true,
			.scans = -1,
			.tree_height = -1 };
		if (sqlite3_column_int(stmt, 3))
			index->predicate = predicate_of(s->catalog, text_at(stmt, 4));
	}
	for (size_t i = 0; fine && i < t->n_indexes; i++) {
		fine = read_keys(s, t, &t->indexes[i], err);
		if (fine)
			add_key(s, t, &t->indexes[i]);
	}
	return fine;
}

/* ---- The rest ---- */

static bool read_stats(struct snapshot *s, struct so_table *t, struct so_err *err)
{
	struct so_err ignored = SO_ERR_INIT;
	bool fine = true;
	sqlite3_stmt *stmt = ask(s, &ignored, "SELECT idx, stat FROM sqlite_stat1 WHERE tbl = ?", t->name);

	while (stmt && next(s, stmt, &fine, err)) {
		const char *index = text_at(stmt, 0), *stat = text_at(stmt, 1);

		for (size_t i = 0; stat && index && i < t->n_indexes; i++)
			if (strcasecmp(t->indexes[i].name, index) == 0)
				apply_stat(t, &t->indexes[i], stat);
	}
	return fine;
}

/* Distinct values of columns that no index tells of, from a bounded sample: a column that is nearly unique there is
 * taken for unique, another for having no further values. */
static void sample_columns(struct snapshot *s, struct so_table *t)
{
	struct so_err ignored = SO_ERR_INIT;
	int64_t limit_us = so_time_monotonic_us() + SAMPLE_MS * 1000, deadline_us = s->conn->deadline_us;
	struct so_buf sql;
	sqlite3_stmt *stmt;

	so_buf_init(&sql, s->tmp, MAX_STATEMENT);
	so_buf_adds(&sql, "SELECT count(*)");
	for (size_t i = 0; i < t->n_columns; i++)
		so_buf_addf(&sql, ", count(DISTINCT %s)", lite_quote(s->tmp, t->columns[i].name));
	so_buf_addf(&sql, " FROM (SELECT * FROM %s LIMIT %d)", lite_quote(s->tmp, t->name), SAMPLE_ROWS);
	if (t->rows <= 0 || t->n_columns > SAMPLE_COLUMNS || sql.overflow)
		return;
	s->conn->deadline_us = limit_us < deadline_us ? limit_us : deadline_us;
	stmt = lite_prepare(s->conn, s->conn->raw, so_buf_text(&sql), &ignored);
	if (stmt && sqlite3_step(stmt) == SQLITE_ROW) {
		double rows = sqlite3_column_double(stmt, 0);

		for (size_t i = 0; rows > 0 && i < t->n_columns; i++) {
			double distinct = sqlite3_column_double(stmt, (int)i + 1);

			if (t->columns[i].has_stats)
				continue;
			t->columns[i].has_stats = true;
			t->columns[i].n_distinct =
				distinct >= rows * 0.9 && rows > 100 ? -distinct / rows : fmax(distinct, 1);
		}
	}
	sqlite3_finalize(stmt);
	s->conn->deadline_us = deadline_us;
}

static bool read_fkeys(struct snapshot *s, struct so_table *t, struct so_err *err)
{
	bool fine = true;
	sqlite3_stmt *stmt = ask(s, err,
		"SELECT id, \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq",
		t->name);
	int last = -1;

	if (!stmt)
		return false;
	while (next(s, stmt, &fine, err)) {
		int32_t column = find_column(t, text_at(stmt, 1));
		const char *rule = text_at(stmt, 4);
		struct so_fkey *fkey;

		if (column < 0)
			continue;
		if (sqlite3_column_int(stmt, 0) != last || !t->n_fkeys) {
			last = sqlite3_column_int(stmt, 0);
			t->fkeys = t->fkeys ? so_renew_array(s->catalog, t->fkeys, struct so_fkey, t->n_fkeys + 1)
					    : so_new_array(s->catalog, struct so_fkey, 1);
			/* they hold only where a connection switched them on: no proof */
			t->fkeys[t->n_fkeys++] =
				(struct so_fkey){ .name = so_printf(s->catalog, "%s_%d", t->name, last),
					.ref_schema = so_strdup(s->catalog, "main"),
					.ref_table = so_strdup(s->catalog, text_at(stmt, 2)),
					.columns = so_new_array(s->catalog, int32_t, 1),
					.ref_columns = so_new_array(s->catalog, char *, 1),
					.on_delete = !rule                           ? 'a'
						     : strcmp(rule, "CASCADE") == 0  ? 'c'
						     : strcmp(rule, "SET NULL") == 0 ? 'n'
										     : 'a' };
		}
		fkey = &t->fkeys[t->n_fkeys - 1];
		fkey->columns = so_renew_array(s->catalog, fkey->columns, int32_t, fkey->n_columns + 1);
		fkey->ref_columns = so_renew_array(s->catalog, fkey->ref_columns, char *, fkey->n_columns + 1);
		fkey->columns[fkey->n_columns] = column;
		/* without columns it means the primary key */
		fkey->ref_columns[fkey->n_columns++] =
			so_strdup(s->catalog, text_at(stmt, 3) ? text_at(stmt, 3) : "rowid");
	}
	return fine;
}

/* Rows by the statistics; without them the highest row number, which is cheap and seldom far off. */
static double count_rows(struct snapshot *s, struct so_table *t)
{
	struct so_err ignored = SO_ERR_INIT;
	sqlite3_stmt *stmt = ask(s, &ignored,
		"SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = ? ORDER BY idx IS NULL LIMIT 1", t->name);
	double rows = -1;

	if (stmt && sqlite3_step(stmt) == SQLITE_ROW) {
		rows = sqlite3_column_double(stmt, 0);
		t->has_stats = true;
	}
	sqlite3_finalize(stmt);
	if (rows >= 0)
		return rows;
	stmt = lite_prepare(s->conn, s->conn->raw,
		so_printf(s->tmp, "SELECT max(rowid) FROM %s", lite_quote(s->tmp, t->name)), &ignored);
	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		rows = sqlite3_column_double(stmt, 0);
	sqlite3_finalize(stmt);
	return rows;
}

static bool read_table(struct snapshot *s, const char *name, struct so_err *err)
{
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };
	struct so_err ignored = SO_ERR_INIT;
	struct so_catalog *c = s->catalog;
	struct so_sql_names *names;
	struct so_table *t;
	sqlite3_stmt *stmt;
	struct so_ast *ast;
	bool fine = true, view;

	stmt = ask(s, err,
		"SELECT name, type, sql FROM sqlite_schema WHERE lower(name) = lower(?) AND type IN ('table', 'view')",
		name);
	if (!stmt)
		return false;
	if (!next(s, stmt, &fine, err))
		return fine;
	c->tables = so_renew_array(c, c->tables, struct so_table, c->n_tables + 1);
	t = &c->tables[c->n_tables++];
	view = strcmp(text_at(stmt, 1), "view") == 0;
	*t = (struct so_table){ .schema = so_strdup(c, "main"),
		.name = so_strdup(c, text_at(stmt, 0)),
		.dialect = "sqlite",
		.kind = view ? SO_TABLE_VIEW : SO_TABLE,
		.rows = -1 };
	t->mods_since_analyze = t->live_rows = t->dead_rows = t->seq_scans = t->index_scans = -1;
	t->inserts = t->updates = t->hot_updates = t->deletes = -1;
	if (view && text_at(stmt, 2)) {
		const char *body = strcasestr(text_at(stmt, 2), " as ");

		t->view_definition = so_strdup_or_null(c, body ? body + 4 : NULL);
	}
	sqlite3_finalize(stmt);
	if (!view)
		t->rows = count_rows(s, t);
	if (!read_columns(s, t, err))
		return false;
	if (view) {
		if (!t->view_definition || !so_sql_parse(s->tmp, NULL, SO_SQLITE, t->view_definition,
						   strlen(t->view_definition), &options, &ast, &ignored))
			return true;
		names = so_sql_names(s->tmp, ast, so_ast_statement(ast));
		for (size_t i = 0; fine && i < names->table_count; i++)
			fine = add_name(s, names->tables[i].name, err);
		return fine;
	}
	if (!read_indexes(s, t, err) || !read_stats(s, t, err) || !read_fkeys(s, t, err))
		return false;
	sample_columns(s, t);
	return true;
}

static bool fill(struct snapshot *s, const char *const *tables, size_t n_tables, struct so_err *err)
{
	size_t first = 0;

	for (size_t i = 0; i < n_tables; i++) {
		char *name = plain_name(s->tmp, tables[i]);

		if (name && *name && !add_name(s, name, err))
			return false;
	}
	for (int level = 0; level < MAX_LEVELS && first < s->n_names; level++) {
		size_t end = s->n_names;

		for (; first < end; first++)
			if (!find_table(s, s->names[first]) && !read_table(s, s->names[first], err))
				return false;
		for (size_t t = 0; level == 0 && t < s->catalog->n_tables; t++)
			for (size_t k = 0; k < s->catalog->tables[t].n_fkeys; k++)
				if (!add_name(s, s->catalog->tables[t].fkeys[k].ref_table, err))
					return false;
	}
	return true;
}

struct so_catalog *lite_catalog(TALLOC_CTX *ctx, struct so_conn *base, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct lite_conn *conn = lite_conn_of(base);
	struct snapshot s = { .conn = conn, .tmp = tmp, .names = so_new_array(tmp, char *, 1), .page_size = 4096 };
	struct so_catalog *c;
	int64_t start_us;
	bool fine;

	(void)functions; /* a program's own functions live in the program */
	if (n_tables > MAX_NAMES || n_functions > MAX_NAMES)
		return so_fail(err, SO_LIMIT, "more than %d names", MAX_NAMES), NULL;
	if (!lite_begin(conn, 0, &start_us, err))
		return NULL;
	s.catalog = c = so_new(ctx, struct so_catalog);
	c->taken_at_us = so_time_now_us();
	c->engine = so_strdup(c, base->engine->name);
	c->server_version = so_strdup(c, sqlite3_libversion());
	c->version_num = sqlite3_libversion_number();
	c->database = so_strdup(c, "main");
	c->collation = so_strdup(c, "BINARY");
	c->search_path = so_new_array(c, char *, 2);
	c->search_path[c->n_search_path++] = so_strdup(c, "main");
	c->tables = so_new_array(c, struct so_table, 1);
	fine = fill(&s, tables, n_tables, err);
	lite_end(conn, start_us);
	if (fine)
		return c;
	talloc_free(c);
	so_fail_in(err, "catalog");
	return NULL;
}

char *lite_ddl(TALLOC_CTX *ctx, struct so_conn *base, const struct so_table *table, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct lite_conn *conn = lite_conn_of(base);
	struct snapshot s = { .conn = conn, .tmp = tmp };
	int64_t start_us;
	struct so_buf out;
	sqlite3_stmt *stmt;
	bool fine = true;

	if (!lite_begin(conn, 0, &start_us, err))
		return NULL;
	so_buf_init(&out, ctx, MAX_STATEMENT);
	stmt = ask(&s, err,
		"SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL AND type IN ('table', 'view', "
		"'index')"
		" ORDER BY type <> 'index' DESC, rowid",
		table->name);
	while (stmt && next(&s, stmt, &fine, err))
		so_buf_addf(&out, "%s;\n", text_at(stmt, 0));
	lite_end(conn, start_us);
	if (stmt && fine && !out.len)
		so_fail(err, SO_TARGET, "there is no \"%s\"", table->name);
	return stmt && fine && out.len ? out.data : NULL;
}
