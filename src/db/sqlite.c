#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"

enum { STATEMENTS_MAX = 512 };

struct so_sqlite {
	sqlite3 *raw;
	char *path;
	int sync; /* an enum so_sqlite_sync, or -1: as SQLite was built */
	struct so_map *statements;
};

struct so_sqlite_stmt {
	sqlite3_stmt *raw;
	struct so_sqlite *db;
	const char *name;
};

static int db_dtor(struct so_sqlite *db)
{
	/* statements are children and finalized after this: _v2 waits for them */
	sqlite3_close_v2(db->raw);
	return 0;
}

static int stmt_dtor(struct so_sqlite_stmt *stmt)
{
	sqlite3_finalize(stmt->raw);
	return 0;
}

/* What to tell the user, by primary result code. "%s" is the file. */
static const struct {
	int code;
	enum so_kind kind;
	const char *text;
} error_map[] = {
	{ SQLITE_FULL, SO_STORE,
		"disk full while writing '%s'; free some space, nothing that was acknowledged is lost" },
	{ SQLITE_BUSY, SO_STORE, "'%s' is locked by another process; end that process or try again" },
	{ SQLITE_LOCKED, SO_STORE, "'%s' is locked by another connection; try again" },
	{ SQLITE_CORRUPT, SO_STORE,
		"'%s' is corrupt; restore it from a backup, or save what is readable with: sqlite3 FILE .recover" },
	{ SQLITE_NOTADB, SO_STORE, "'%s' is not an SQLite database; move it away or name another file" },
	{ SQLITE_READONLY, SO_STORE, "'%s' cannot be written; check the permissions of the file and of its folder" },
	{ SQLITE_PERM, SO_STORE, "no permission for '%s'; check the permissions of the file and of its folder" },
	{ SQLITE_CANTOPEN, SO_STORE, "'%s' cannot be opened; check that its folder exists and can be written" },
	{ SQLITE_IOERR, SO_STORE,
		"reading or writing '%s' failed in the operating system; check the disk and the system log" },
	{ SQLITE_NOMEM, SO_LIMIT, "not enough memory to work on '%s'" },
	{ SQLITE_TOOBIG, SO_LIMIT, "a value is too large for '%s'" },
	{ SQLITE_INTERRUPT, SO_CANCELLED, "the statement on '%s' was cancelled" },
	{ SQLITE_CONSTRAINT, SO_CONFLICT, "a value conflicts with what '%s' already holds" },
};

static bool no_space(int os_error)
{
	return os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG;
}

static bool fail(const struct so_sqlite *db, int rc, struct so_err *err)
{
	int os = errno;

	/* SQLite only calls ENOSPC of a plain write "full"; a quota, a file size limit and the shared-memory file
	 * arrive as I/O errors, and sqlite3_system_errno is often 0 by now: errno is the best hint there is */
	if ((rc & 0xff) == SQLITE_IOERR && (no_space(os) || (db->raw && no_space(sqlite3_system_errno(db->raw)))))
		rc = SQLITE_FULL;
	for (size_t i = 0; i < sizeof error_map / sizeof error_map[0]; i++)
		if (error_map[i].code == (rc & 0xff)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			so_fail(err, error_map[i].kind, error_map[i].text, db->path);
#pragma GCC diagnostic pop
			return false;
		}
	return so_fail(err, SO_INTERNAL, "'%s': %s", db->path, db->raw ? sqlite3_errmsg(db->raw) : sqlite3_errstr(rc));
}

/* The file is made by us, so that it is never readable by others, not even for a moment; WAL files take its mode. */
static bool create_file(const char *path, struct so_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return so_fail(err, SO_STORE, "cannot create '%s': %s", path, strerrordesc_np(errno));
	if (fd >= 0)
		close(fd);
	return true;
}

bool so_sqlite_int(struct so_sqlite *db, const char *sql, int64_t *value, struct so_err *err)
{
	sqlite3_stmt *raw = NULL;
	int rc = sqlite3_prepare_v2(db->raw, sql, -1, &raw, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(raw);
	*value = rc == SQLITE_ROW ? sqlite3_column_int64(raw, 0) : 0;
	sqlite3_finalize(raw);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? true : fail(db, rc, err);
}

static bool set_wal(struct so_sqlite *db, struct so_err *err)
{
	sqlite3_stmt *raw = NULL;
	int rc = sqlite3_prepare_v2(db->raw, "PRAGMA journal_mode=WAL", -1, &raw, NULL);
	bool wal;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(raw);
	wal = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(raw, 0), "wal") == 0;
	sqlite3_finalize(raw);
	if (wal)
		return true;
	if (rc != SQLITE_ROW)
		return fail(db, rc, err);
	return so_fail(err, SO_STORE,
		"the file system of '%s' cannot share memory between processes (a network drive?); put it on a local "
		"disk",
		db->path);
}

bool so_sqlite_set_sync(struct so_sqlite *db, enum so_sqlite_sync sync, struct so_err *err)
{
	static const char *const sql[] = { "PRAGMA synchronous=OFF", "PRAGMA synchronous=NORMAL",
		"PRAGMA synchronous=FULL" };

	if (db->sync == (int)sync)
		return true;
	if (!so_sqlite_exec(db, sql[sync], err))
		return false;
	db->sync = (int)sync;
	return true;
}

static bool set_number(struct so_sqlite *db, const char *pragma, int64_t value, struct so_err *err)
{
	SO_TMP(tmp, db);

	return value == 0 || so_sqlite_exec(db, so_printf(tmp, "PRAGMA %s=%lld", pragma, (long long)value), err);
}

static bool apply_options(struct so_sqlite *db, const struct so_sqlite_options *options, struct so_err *err)
{
	int64_t version;

	sqlite3_extended_result_codes(db->raw, 1);
	sqlite3_busy_timeout(db->raw, options->busy_timeout_ms ? (int)options->busy_timeout_ms : 5000);
	sqlite3_db_config(db->raw, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* the first read of the file: tells "not a database" and "locked" before anything is written */
	if (!so_sqlite_int(db, "PRAGMA schema_version", &version, err))
		return false;
	/* before the first page is written; what has pages stays as it was made */
	if (options->incremental && !so_sqlite_exec(db, "PRAGMA auto_vacuum=INCREMENTAL", err))
		return false;
	if (options->wal && !options->read_only && !set_wal(db, err))
		return false;
	return so_sqlite_exec(db, "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF", err) &&
	       so_sqlite_set_sync(db, options->sync, err) && set_number(db, "cache_size", -options->cache_kib, err) &&
	       set_number(db, "max_page_count", options->max_pages, err) &&
	       (!options->query_only || so_sqlite_exec(db, "PRAGMA query_only=ON", err));
}

struct so_sqlite *so_sqlite_open(
	TALLOC_CTX *ctx, const char *path, const struct so_sqlite_options *options, struct so_err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | (options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	struct so_sqlite *db;
	int rc;

	if (options->create && !create_file(path, err))
		return NULL;
	if (access(path, F_OK) != 0) {
		so_fail(err, SO_NOT_FOUND, "there is no file '%s'", path);
		return NULL;
	}
	db = so_new(ctx, struct so_sqlite);
	db->path = so_strdup(db, path);
	db->statements = so_map_new(db, STATEMENTS_MAX);
	db->sync = -1;
	rc = sqlite3_open_v2(path, &db->raw, flags, NULL);
	talloc_set_destructor(db, db_dtor);
	if (rc != SQLITE_OK)
		fail(db, rc, err);
	else if (apply_options(db, options, err))
		return db;
	talloc_free(db);
	return NULL;
}

bool so_sqlite_exec(struct so_sqlite *db, const char *sql, struct so_err *err)
{
	int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? true : fail(db, rc, err);
}

struct so_sqlite_stmt *so_sqlite_stmt(struct so_sqlite *db, const char *name, const char *sql, struct so_err *err)
{
	struct so_sqlite_stmt *stmt = so_map_get(db->statements, name);
	int rc;

	if (stmt) {
		so_sqlite_reset(stmt);
		return stmt;
	}
	stmt = so_new(db, struct so_sqlite_stmt);
	stmt->db = db;
	talloc_set_destructor(stmt, stmt_dtor);
	rc = sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->raw, NULL);
	if (rc != SQLITE_OK) {
		fail(db, rc, err);
		so_fail_in(err, "statement %s", name);
	} else if (!so_map_put(db->statements, name, stmt)) {
		so_fail(err, SO_LIMIT, "more than %d statements on one connection", STATEMENTS_MAX);
	} else {
		return stmt;
	}
	talloc_free(stmt);
	return NULL;
}

/* A bind fails only for a parameter that the statement has not, or out of memory: our bug, or an abort like talloc's.
 */
void so_sqlite_bind_int(struct so_sqlite_stmt *stmt, int at, int64_t value)
{
	so_assert(sqlite3_bind_int64(stmt->raw, at, value) == SQLITE_OK);
}

void so_sqlite_bind_real(struct so_sqlite_stmt *stmt, int at, double value)
{
	so_assert((isnan(value) ? sqlite3_bind_null(stmt->raw, at) : sqlite3_bind_double(stmt->raw, at, value)) ==
		  SQLITE_OK);
}

void so_sqlite_bind_text(struct so_sqlite_stmt *stmt, int at, const char *text)
{
	so_assert(sqlite3_bind_text(stmt->raw, at, text, -1, SQLITE_STATIC) == SQLITE_OK);
}

void so_sqlite_bind_blob(struct so_sqlite_stmt *stmt, int at, const void *bytes, size_t len)
{
	so_assert(sqlite3_bind_blob64(stmt->raw, at, len ? bytes : "", len, SQLITE_STATIC) == SQLITE_OK);
}

void so_sqlite_bind_null(struct so_sqlite_stmt *stmt, int at)
{
	so_assert(sqlite3_bind_null(stmt->raw, at) == SQLITE_OK);
}

int so_sqlite_params(const struct so_sqlite_stmt *stmt)
{
	return sqlite3_bind_parameter_count(stmt->raw);
}

bool so_sqlite_step(struct so_sqlite_stmt *stmt, bool *row, struct so_err *err)
{
	int rc = sqlite3_step(stmt->raw);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		fail(stmt->db, rc, err);
		so_sqlite_reset(stmt);
		return false;
	}
	*row = rc == SQLITE_ROW;
	return true;
}

int so_sqlite_columns(const struct so_sqlite_stmt *stmt)
{
	return sqlite3_column_count(stmt->raw);
}

int64_t so_sqlite_col_int(struct so_sqlite_stmt *stmt, int at)
{
	return sqlite3_column_int64(stmt->raw, at);
}

double so_sqlite_col_real(struct so_sqlite_stmt *stmt, int at)
{
	return so_sqlite_col_null(stmt, at) ? NAN : sqlite3_column_double(stmt->raw, at);
}

const char *so_sqlite_col_text(struct so_sqlite_stmt *stmt, int at)
{
	return (const char *)sqlite3_column_text(stmt->raw, at);
}

const void *so_sqlite_col_blob(struct so_sqlite_stmt *stmt, int at, size_t *len)
{
	const void *bytes = sqlite3_column_blob(stmt->raw, at);

	*len = (size_t)sqlite3_column_bytes(stmt->raw, at);
	return bytes;
}

bool so_sqlite_col_null(struct so_sqlite_stmt *stmt, int at)
{
	return sqlite3_column_type(stmt->raw, at) == SQLITE_NULL;
}

void so_sqlite_reset(struct so_sqlite_stmt *stmt)
{
	sqlite3_reset(stmt->raw);
	sqlite3_clear_bindings(stmt->raw);
}

int64_t so_sqlite_changes(struct so_sqlite *db)
{
	return sqlite3_changes64(db->raw);
}

bool so_sqlite_in_tx(struct so_sqlite *db)
{
	return !sqlite3_get_autocommit(db->raw);
}

void so_sqlite_interrupt(struct so_sqlite *db)
{
	sqlite3_interrupt(db->raw);
}

const char *so_sqlite_path(const struct so_sqlite *db)
{
	return db->path;
}
