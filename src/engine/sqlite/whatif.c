/* Hypothetical indexes: a database in memory with the schema and the statistics of the file, and no rows. SQLite plans
 * by those alone, so that its plans there are those that it would make in the file. */
#include "engine/sqlite/internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define MAX_OBJECTS  5000
#define SAMPLE_ROWS  10000 /* looked at for the statistics of a tried index */
#define SAMPLE_MS    200
#define MAX_STAT_LEN 4096

/* Rows of a statement of ours, handed over as texts. */
static bool each(struct lite_conn *conn, sqlite3 *db, const char *sql,
	bool (*row)(void *arg, sqlite3_stmt *stmt, struct so_err *err), void *arg, struct so_err *err)
{
	sqlite3_stmt *stmt = lite_prepare(conn, db, sql, err);
	bool fine = stmt != NULL;
	int rc = SQLITE_DONE;

	while (fine && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		fine = row(arg, stmt, err);
	if (fine && rc != SQLITE_DONE)
		fine = lite_fail(conn, db, rc, err);
	sqlite3_finalize(stmt);
	return fine;
}

struct copying {
	struct lite_conn *conn;
	size_t n;
};

/* What cannot be made again (virtual tables of modules that are not here) is left out: statements on it do not plan. */
static bool copy_object(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct copying *c = arg;
	struct so_err ignored = SO_ERR_INIT;
	const char *sql = (const char *)sqlite3_column_text(stmt, 0);

	if (++c->n > MAX_OBJECTS)
		return so_fail(err, SO_LIMIT, "more than %d tables, indexes and views", MAX_OBJECTS);
	if (sql && !lite_run(c->conn, c->conn->scratch, sql, &ignored) && ignored.kind == SO_CANCELLED)
		return so_cancel_check(c->conn->base.cancel, err) || so_fail(err, SO_CANCELLED, "cancelled");
	return true;
}

static bool copy_stat(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct copying *c = arg;
	SO_TMP(tmp, NULL);
	const char *table = (const char *)sqlite3_column_text(stmt, 0),
		   *index = (const char *)sqlite3_column_text(stmt, 1);
	const char *stat = (const char *)sqlite3_column_text(stmt, 2);

	if (!table || !stat)
		return true;
	return lite_run(c->conn, c->conn->scratch,
		so_printf(tmp, "INSERT INTO sqlite_stat1 VALUES (%s, %s, %s)", lite_literal(tmp, table),
			index ? lite_literal(tmp, index) : "NULL", lite_literal(tmp, stat)),
		err);
}

static bool has_statistics(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	bool found = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_stat1 LIMIT 1", -1, &stmt, NULL) == SQLITE_OK &&
		     sqlite3_step(stmt) == SQLITE_ROW;

	sqlite3_finalize(stmt);
	return found;
}

static bool fill_scratch(struct lite_conn *conn, struct so_err *err)
{
	struct copying copying = { .conn = conn };

	/* ANALYZE makes the table of statistics, which cannot be made by its name */
	return each(conn, conn->raw,
		       "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index', 'view')"
		       " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY CASE type WHEN 'table' THEN 0 WHEN "
		       "'index' THEN 1"
		       " ELSE 2 END, rowid",
		       copy_object, &copying, err) &&
	       lite_run(conn, conn->scratch, "CREATE TABLE sqlopt_seed (x)", err) &&
	       lite_run(conn, conn->scratch, "INSERT INTO sqlopt_seed VALUES (1)", err) &&
	       lite_run(conn, conn->scratch, "ANALYZE sqlopt_seed", err) &&
	       lite_run(conn, conn->scratch, "DELETE FROM sqlite_stat1", err) &&
	       (!has_statistics(conn->raw) ||
		       each(conn, conn->raw, "SELECT tbl, idx, stat FROM sqlite_stat1", copy_stat, &copying, err)) &&
	       lite_run(conn, conn->scratch, "ANALYZE sqlite_schema", err);
}

bool lite_what_if_begin(struct so_conn *base, struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	int64_t start_us;
	bool fine;
	int rc;

	if (conn->scratch)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection");
	if (!lite_begin(conn, 0, &start_us, err))
		return false;
	rc = sqlite3_open_v2(
		":memory:", &conn->scratch, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);
	if (rc == SQLITE_OK) {
		lite_harden(conn, conn->scratch);
		sqlite3_db_config(conn->scratch, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL); /* its statistics are written */
	}
	fine = rc == SQLITE_OK ? fill_scratch(conn, err) : lite_fail(conn, conn->scratch, rc, err);
	lite_end(conn, start_us);
	if (!fine)
		lite_what_if_end(base);
	return fine;
}

void lite_what_if_end(struct so_conn *base)
{
	struct lite_conn *conn = lite_conn_of(base);

	sqlite3_close_v2(conn->scratch);
	conn->scratch = NULL;
}

/* ---- One index ---- */

struct made {
	char *name, *table;
};

static bool take_made(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct made *made = arg;

	(void)err;
	made->name = so_strdup(talloc_parent(made), (const char *)sqlite3_column_text(stmt, 0));
	made->table = so_strdup(talloc_parent(made), (const char *)sqlite3_column_text(stmt, 1));
	return true;
}

struct keys {
	struct so_buf counts; /* ", count(DISTINCT ...)" for each leading set of keys */
	struct so_buf columns, joined;
	size_t n;
	TALLOC_CTX *tmp;
	bool plain; /* no expressions: those are not in the sample */
};

/* Values that are equal as an index sees them are equal as quoted texts. */
static bool add_key(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct keys *k = arg;
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	char *quoted;

	(void)err;
	if (!name) {
		k->plain = false;
		return true;
	}
	quoted = lite_quote(k->tmp, name);
	so_buf_addf(&k->columns, "%s%s", k->n ? ", " : "", quoted);
	so_buf_addf(&k->joined, "%squote(%s)", k->n ? " || ',' || " : "", quoted);
	so_buf_addf(&k->counts, ", count(DISTINCT %s)", so_buf_text(&k->joined));
	k->n++;
	return true;
}

/* What ANALYZE would write of the index: rows, and rows for each value of its leading keys, from a bounded sample. A
 * sample that does not reach the end knows only how often values repeat within it: those counts are scaled, as if
 * further rows repeated them. */
static bool sample_stat(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct so_buf *out = arg;
	int64_t rows = sqlite3_column_int64(stmt, 0), all = sqlite3_column_int64(stmt, 1);
	double scale = rows > 0 && all > rows ? (double)all / (double)rows : 1;

	(void)err;
	so_buf_addf(out, "%lld", (long long)(all > rows ? all : rows));
	for (int i = 2; i < sqlite3_column_count(stmt); i++) {
		int64_t distinct = sqlite3_column_int64(stmt, i);
		/* a key that is nearly unique in the sample is taken to stay so */
		bool unique = distinct * 10 >= rows * 9;
		double each_value = distinct > 0 ? (double)rows / (double)distinct * (unique ? 1 : scale) : 1;

		so_buf_addf(out, " %lld", (long long)(each_value < 1 ? 1 : each_value + 0.5));
	}
	return true;
}

static void add_stat(struct lite_conn *conn, const struct made *made, TALLOC_CTX *tmp)
{
	struct so_err ignored = SO_ERR_INIT;
	struct keys keys = { .tmp = tmp, .plain = true };
	int64_t deadline_us = conn->deadline_us, sample_us = so_time_monotonic_us() + SAMPLE_MS * 1000;
	struct so_buf stat;
	bool sampled;
	char *table = lite_quote(tmp, made->table);

	so_buf_init(&keys.counts, tmp, 65536);
	so_buf_init(&keys.columns, tmp, 65536);
	so_buf_init(&keys.joined, tmp, 65536);
	so_buf_init(&stat, tmp, MAX_STAT_LEN);
	if (!each(conn, conn->scratch,
		    so_printf(tmp, "SELECT name FROM pragma_index_xinfo(%s) WHERE key ORDER BY seqno",
			    lite_literal(tmp, made->name)),
		    add_key, &keys, &ignored) ||
		!keys.plain || !keys.n)
		return;
	conn->deadline_us = sample_us < deadline_us ? sample_us : deadline_us;
	/* without statistics of the table those of one index would mislead: then there is none, too */
	sampled = has_statistics(conn->raw) &&
		  each(conn, conn->raw,
			  so_printf(tmp,
				  "SELECT count(*), (SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = %s "
				  "ORDER BY idx IS NULL LIMIT 1)%s"
				  " FROM (SELECT %s FROM %s LIMIT %d)",
				  lite_literal(tmp, made->table), so_buf_text(&keys.counts), so_buf_text(&keys.columns),
				  table, SAMPLE_ROWS),
			  sample_stat, &stat, &ignored);
	conn->deadline_us = deadline_us;
	if (!sampled || !stat.len)
		return;
	if (lite_run(conn, conn->scratch,
		    so_printf(tmp, "INSERT INTO sqlite_stat1 VALUES (%s, %s, %s)", lite_literal(tmp, made->table),
			    lite_literal(tmp, made->name), lite_literal(tmp, so_buf_text(&stat))),
		    &ignored))
		(void)lite_run(conn, conn->scratch, "ANALYZE sqlite_schema", &ignored);
}

static bool add_one(
	TALLOC_CTX *ctx, struct lite_conn *conn, const char *ddl, struct so_hypo_index *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_err why = SO_ERR_INIT;
	struct made *made = so_new(tmp, struct made);
	bool stopped;

	*out = (struct so_hypo_index){ .size_bytes = -1 };
	if (sqlite3_strnicmp(ddl + strspn(ddl, " \t\r\n"), "create", 6) != 0 ||
		!lite_run(conn, conn->scratch, ddl, &why)) {
		stopped = why.kind == SO_CANCELLED || why.kind == SO_TIMEOUT;
		if (stopped) {
			*err = why;
			return false;
		}
		out->refusal = so_strdup(ctx, why.kind == SO_NONE ? "it is no CREATE INDEX statement" : why.message);
		return true;
	}
	if (!each(conn, conn->scratch,
		    "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' ORDER BY rowid DESC LIMIT 1",
		    take_made, made, err))
		return false;
	if (!made->name)
		return so_fail(err, SO_INTERNAL, "the tried index is not in the schema");
	out->id = ++conn->last_hypo;
	out->name = so_strdup(ctx, made->name);
	add_stat(conn, made, tmp);
	return lite_run(conn, conn->scratch,
		so_printf(tmp, "INSERT INTO sqlopt_seed VALUES (%s)",
			lite_literal(tmp, so_printf(tmp, "%u %s", out->id, made->name))),
		err);
}

bool lite_what_if_add(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ddl, size_t n,
	struct so_hypo_index *out, struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	int64_t start_us;
	bool fine = true;

	if (!conn->scratch)
		return so_fail(err, SO_CONFLICT, "no what-if session is open on this connection");
	if (!lite_begin(conn, 0, &start_us, err))
		return false;
	for (size_t i = 0; fine && i < n; i++)
		fine = add_one(ctx, conn, ddl[i], &out[i], err);
	lite_end(conn, start_us);
	return fine;
}

struct dropping {
	const uint32_t *ids;
	size_t n;
	char **names;
	size_t n_names;
	TALLOC_CTX *tmp;
};

/* sqlopt_seed keeps "id name" of what was made. */
static bool choose(void *arg, sqlite3_stmt *stmt, struct so_err *err)
{
	struct dropping *d = arg;
	uint32_t id = (uint32_t)sqlite3_column_int64(stmt, 0);
	const char *text = (const char *)sqlite3_column_text(stmt, 1), *blank = text ? strchr(text, ' ') : NULL;
	bool wanted = d->n == 0;

	(void)err;
	for (size_t i = 0; i < d->n; i++)
		wanted = wanted || d->ids[i] == id;
	if (!wanted || !blank)
		return true;
	d->names = so_renew_array(d->tmp, d->names, char *, d->n_names + 1);
	d->names[d->n_names++] = so_strdup(d->tmp, blank + 1);
	return true;
}

bool lite_what_if_drop(struct so_conn *base, const uint32_t *ids, size_t n, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct lite_conn *conn = lite_conn_of(base);
	struct dropping dropping = { .ids = ids, .n = n, .names = so_new_array(tmp, char *, 1), .tmp = tmp };
	int64_t start_us;
	bool fine;

	if (!conn->scratch)
		return so_fail(err, SO_CONFLICT, "no what-if session is open on this connection");
	if (!lite_begin(conn, 0, &start_us, err))
		return false;
	fine = each(conn, conn->scratch, "SELECT CAST(x AS INTEGER), x FROM sqlopt_seed WHERE typeof(x) = 'text'",
		choose, &dropping, err);
	for (size_t i = 0; fine && i < dropping.n_names; i++)
		fine = lite_run(conn, conn->scratch,
			so_printf(tmp, "DROP INDEX IF EXISTS %s", lite_quote(tmp, dropping.names[i])), err);
	lite_end(conn, start_us);
	return fine;
}
