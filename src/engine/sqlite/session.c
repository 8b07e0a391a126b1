/* The file and how it is opened; time limits and cancelling; errors. */
#include "engine/sqlite/internal.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define PROGRESS_STEPS       2000 /* of SQLite's machine between two looks at the clock: some tens of microseconds */
#define MAX_VALUE            (64 * 1024 * 1024)
#define STORE_APPLICATION_ID 0x53514f50 /* as store/sqlite writes it */

struct lite_conn *lite_conn_of(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct lite_conn);
}

static int on_progress(void *arg)
{
	struct lite_conn *conn = arg;
	struct so_err ignored = SO_ERR_INIT;
	bool asked;

	pthread_mutex_lock(&conn->lock);
	asked = conn->cancel_asked;
	pthread_mutex_unlock(&conn->lock);
	return asked || so_time_monotonic_us() >= conn->deadline_us || !so_cancel_check(conn->base.cancel, &ignored);
}

/* Waits for another process's lock, in small steps, so that tokens and deadlines hold. */
static int on_busy(void *arg, int tries)
{
	struct lite_conn *conn = arg;

	if (tries * 10 > conn->base.lock_timeout_ms || on_progress(conn))
		return 0;
	sqlite3_sleep(10);
	return 1;
}

void lite_harden(struct lite_conn *conn, sqlite3 *db)
{
	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, MAX_STATEMENT + 64);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_busy_handler(db, on_busy, conn);
	sqlite3_progress_handler(db, PROGRESS_STEPS, on_progress, conn);
}

bool lite_begin(struct lite_conn *conn, int64_t timeout_ms, int64_t *start_us, struct so_err *err)
{
	if (!so_cancel_check(conn->base.cancel, err))
		return false;
	*start_us = so_time_monotonic_us();
	conn->deadline_us = *start_us + (timeout_ms > 0 ? timeout_ms : conn->base.statement_timeout_ms) * 1000;
	pthread_mutex_lock(&conn->lock);
	conn->running = true;
	conn->cancel_asked = false;
	pthread_mutex_unlock(&conn->lock);
	return true;
}

void lite_end(struct lite_conn *conn, int64_t start_us)
{
	pthread_mutex_lock(&conn->lock);
	conn->running = false;
	pthread_mutex_unlock(&conn->lock);
	conn->base.wait_us += so_time_monotonic_us() - start_us + 1;
}

void lite_cancel(struct so_conn *base)
{
	struct lite_conn *conn = lite_conn_of(base);

	pthread_mutex_lock(&conn->lock);
	if (conn->running)
		conn->cancel_asked = true;
	pthread_mutex_unlock(&conn->lock);
}

static const struct {
	int code;
	enum so_kind kind;
	const char *text; /* NULL: SQLite's own */
} codes[] = {
	{ SQLITE_BUSY, SO_TIMEOUT, "the file is locked by another process" },
	{ SQLITE_LOCKED, SO_TIMEOUT, "a table is locked by another connection" },
	{ SQLITE_CORRUPT, SO_TARGET,
		"the file is corrupt: restore it from a backup, or save what is readable with: sqlite3 FILE .recover" },
	{ SQLITE_NOTADB, SO_INPUT, "the file is not an SQLite database, or it is encrypted" },
	{ SQLITE_READONLY, SO_INPUT, "the connection only reads" },
	{ SQLITE_AUTH, SO_INPUT, NULL },
	{ SQLITE_PERM, SO_DENIED, "no permission for the file" },
	{ SQLITE_CANTOPEN, SO_UNREACHABLE,
		"the file cannot be opened: check its permissions and those of its folder (a database in WAL mode "
		"needs its -shm file)" },
	{ SQLITE_IOERR, SO_UNREACHABLE, "reading the file failed in the operating system" },
	{ SQLITE_NOMEM, SO_LIMIT, "not enough memory" },
	{ SQLITE_TOOBIG, SO_LIMIT, "a value or the statement is too large" },
};

/* Why a statement was stopped. */
static bool fail_stopped(struct lite_conn *conn, struct so_err *err)
{
	bool asked;

	pthread_mutex_lock(&conn->lock);
	asked = conn->cancel_asked;
	pthread_mutex_unlock(&conn->lock);
	if (asked)
		return so_fail(err, SO_CANCELLED, "cancelled while the statement ran");
	if (!so_cancel_check(conn->base.cancel, err))
		return false;
	return so_fail(err, SO_TIMEOUT, "the statement was stopped after its time limit");
}

bool lite_fail(struct lite_conn *conn, sqlite3 *db, int rc, struct so_err *err)
{
	int offset;

	if ((rc & 0xff) == SQLITE_INTERRUPT)
		return fail_stopped(conn, err);
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == (rc & 0xff))
			return so_fail(err, codes[i].kind, "%s", codes[i].text ? codes[i].text : sqlite3_errmsg(db));
	offset = sqlite3_error_offset(db);
	return so_fail_at(err, SO_TARGET, offset, "%.400s", sqlite3_errmsg(db));
}

sqlite3_stmt *lite_prepare(struct lite_conn *conn, sqlite3 *db, const char *sql, struct so_err *err)
{
	sqlite3_stmt *stmt = NULL, *second = NULL;
	const char *tail = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &tail);

	if (rc != SQLITE_OK)
		return lite_fail(conn, db, rc, err), NULL;
	if (!stmt)
		return so_fail(err, SO_INPUT, "the statement is empty"), NULL;
	/* what follows may be blanks and comments only */
	if (*tail && (sqlite3_prepare_v2(db, tail, -1, &second, NULL) != SQLITE_OK || second)) {
		sqlite3_finalize(second);
		sqlite3_finalize(stmt);
		return so_fail_at(err, SO_INPUT, (int32_t)(tail - sql), "more than one statement"), NULL;
	}
	return stmt;
}

bool lite_run(struct lite_conn *conn, sqlite3 *db, const char *sql, struct so_err *err)
{
	sqlite3_stmt *stmt = lite_prepare(conn, db, sql, err);
	int rc;

	if (!stmt)
		return false;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		continue;
	if (rc != SQLITE_DONE)
		lite_fail(conn, db, rc, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE;
}

static char *quoted(TALLOC_CTX *ctx, const char *text, char quote)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, MAX_STATEMENT);
	so_buf_addc(&buf, quote);
	for (; *text; text++) {
		if (*text == quote)
			so_buf_addc(&buf, quote);
		so_buf_addc(&buf, *text);
	}
	so_buf_addc(&buf, quote);
	return buf.data;
}

char *lite_quote(TALLOC_CTX *ctx, const char *name)
{
	return quoted(ctx, name, '"');
}

char *lite_literal(TALLOC_CTX *ctx, const char *text)
{
	return quoted(ctx, text, '\'');
}

static int conn_dtor(struct lite_conn *conn)
{
	/* a lite_cancel that is just running holds the lock: wait for it */
	pthread_mutex_lock(&conn->lock);
	conn->running = false;
	pthread_mutex_unlock(&conn->lock);
	sqlite3_close_v2(conn->scratch);
	sqlite3_close_v2(conn->raw);
	pthread_mutex_destroy(&conn->lock);
	return 0;
}

static bool is_there(const char *text)
{
	SO_TMP(tmp, NULL);
	const char *option = strstr(text, "?workload=");

	return access(option ? so_strndup(tmp, text, (size_t)(option - text)) : text, F_OK) == 0;
}

/* As the store's own URL: sqlite:///x is relative and sqlite:////x absolute; since many write three for an absolute
 * path, that is taken when there is no relative one. */
static const char *url_path(const char *text)
{
	if (strncmp(text, "//", 2) != 0)
		return text; /* sqlite:path */
	text += 2;
	if (*text == '/' && text[1] && (text[1] == ':' || is_there(text + 1) || !is_there(text)))
		text++;
	return text;
}

/* The path of a DSN, or a bare one; NULL for a database in memory. */
static bool find_path(struct lite_conn *conn, const struct so_conn_params *params, struct so_err *err)
{
	const char *text = params->dsn ? params->dsn : params->database;
	char *option;

	if (!text || !*text)
		text = params->host && *params->host == '/' ? params->host : NULL;
	if (!text)
		return so_fail(err, SO_INPUT, "a file is needed: sqlite:///path/to/file, or the path as the database");
	if (params->dsn) {
		if (strncmp(text, "sqlite:", 7) != 0)
			return so_fail(
				err, SO_INPUT, "the connection string cannot be read: expected sqlite:///path/to/file");
		text = url_path(text + 7);
	}
	conn->path = so_strdup(conn, text);
	option = strstr(conn->path, "?workload=");
	if (option) {
		conn->workload = so_strdup(conn, option + strlen("?workload="));
		*option = '\0';
		if (!so_engine_unescape(conn->workload) || *conn->workload != '/')
			return so_fail(err, SO_INPUT, "the workload file is named by its whole path, from / on");
	}
	if (!*conn->path)
		return so_fail(err, SO_INPUT, "the connection string names no file");
	if (strcmp(conn->path, ":memory:") == 0)
		conn->path = NULL;
	return true;
}

/* A URI, so that nothing is ever created and nothing of the path is taken for a parameter. */
static char *file_uri(TALLOC_CTX *ctx, const char *path, const char *mode)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 16384);
	so_buf_adds(&buf, "file:");
	for (; *path; path++)
		if (isalnum((unsigned char)*path) || strchr("/._-~", *path))
			so_buf_addc(&buf, *path);
		else
			so_buf_addf(&buf, "%%%02x", (unsigned char)*path);
	so_buf_addf(&buf, "?mode=%s", mode);
	return buf.data;
}

/* The store of this program holds what its users may not all see. */
static bool not_our_store(struct lite_conn *conn, struct so_err *err)
{
	sqlite3_stmt *stmt = lite_prepare(conn, conn->raw, "PRAGMA application_id", err);
	bool ours = stmt && sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_int(stmt, 0) == STORE_APPLICATION_ID;

	sqlite3_finalize(stmt);
	if (ours)
		return so_fail(err, SO_FORBIDDEN,
			"\"%.300s\" is a store of sqlopt itself, which is not looked at as a target", conn->path);
	return stmt != NULL;
}

static bool open_file(struct lite_conn *conn, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct stat info;
	int rc;

	if (conn->path && (stat(conn->path, &info) != 0 || !S_ISREG(info.st_mode)))
		return so_fail(err, SO_UNREACHABLE, "there is no file \"%.300s\"", conn->path);
	if (conn->path && access(conn->path, R_OK) != 0)
		return so_fail(err, SO_DENIED, "no permission to read the file \"%.300s\"", conn->path);
	rc = sqlite3_open_v2(conn->path ? file_uri(tmp, conn->path, "ro") : ":memory:", &conn->raw,
		SQLITE_OPEN_NOMUTEX | (conn->path ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
						  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY),
		NULL);
	if (rc != SQLITE_OK)
		return lite_fail(conn, conn->raw, rc, err);
	lite_harden(conn, conn->raw);
	/* the first read of the file tells "not a database" */
	return lite_run(conn, conn->raw, "PRAGMA query_only = ON", err) &&
	       lite_run(conn, conn->raw, "PRAGMA schema_version", err) && not_our_store(conn, err);
}

struct so_conn *lite_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct lite_conn *conn;
	int64_t start_us;
	bool fine;

	if (params->search_path)
		return so_fail(err, SO_INPUT, "SQLite has no search path"), NULL;
	conn = so_new(ctx, struct lite_conn);
	so_assert(pthread_mutex_init(&conn->lock, NULL) == 0);
	so_conn_init(&conn->base, &so_engine_sqlite, params, cancel);
	talloc_set_destructor(conn, conn_dtor);
	fine = find_path(conn, params, err) && lite_begin(conn, params->connect_timeout_ms, &start_us, err);
	if (fine) {
		fine = open_file(conn, err);
		lite_end(conn, start_us);
	}
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	so_conn_opened(&conn->base);
	return &conn->base;
}

bool lite_ping(struct so_conn *base, int64_t *latency_us, struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	int64_t start_us;
	bool fine;

	if (!lite_begin(conn, 0, &start_us, err))
		return false;
	fine = lite_run(conn, conn->raw, "PRAGMA schema_version", err);
	*latency_us = so_time_monotonic_us() - start_us + 1;
	lite_end(conn, start_us);
	return fine;
}
