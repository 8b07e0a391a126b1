/* A thin client for SQLite, shared by the store and the sqlite driver: open with sane pragmas, statements prepared once
 * by name, typed binds and columns, and an error map that says what to do. A connection belongs to one thread at a
 * time; only so_sqlite_interrupt may be called from another. */
#ifndef SO_DB_SQLITE_H
#define SO_DB_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct so_sqlite; /* a connection: a talloc object whose destructor closes it */
struct so_sqlite_stmt; /* a prepared statement: child of its connection, cached by name */

enum so_sqlite_sync { SO_SQLITE_SYNC_OFF, SO_SQLITE_SYNC_NORMAL, SO_SQLITE_SYNC_FULL };

struct so_sqlite_options {
	bool read_only; /* opens the file read-only (the store's readers use query_only on a shared WAL instead) */
	bool create; /* creates the file, mode 0600, when it is missing */
	bool incremental; /* a file that is new can be made smaller step by step: PRAGMA incremental_vacuum */
	bool wal; /* journal_mode=WAL; an error when the file system cannot do it */
	bool query_only; /* PRAGMA query_only */
	enum so_sqlite_sync sync;
	int64_t busy_timeout_ms; /* 0: 5,000 */
	int64_t cache_kib; /* 0: SQLite's default */
	int64_t max_pages; /* 0: no limit; tests use it to fill the disk */
};

/* Opens and applies the pragmas (foreign_keys on, trusted_schema off). Errors: SO_STORE for locked, corrupt, not a
 * database, read-only, disk full, each with its remedy; SO_NOT_FOUND when the file is missing and `create` is off. */
struct so_sqlite *so_sqlite_open(
	TALLOC_CTX *ctx, const char *path, const struct so_sqlite_options *options, struct so_err *err) SO_MUST_CHECK;

/* Runs a script of statements, ignores rows. */
bool so_sqlite_exec(struct so_sqlite *db, const char *sql, struct so_err *err) SO_MUST_CHECK;
/* First column of the first row of a statement as an integer: for pragmas. */
bool so_sqlite_int(struct so_sqlite *db, const char *sql, int64_t *value, struct so_err *err) SO_MUST_CHECK;
/* Durability of the commits that follow; not inside a transaction. */
bool so_sqlite_set_sync(struct so_sqlite *db, enum so_sqlite_sync sync, struct so_err *err) SO_MUST_CHECK;

/* The statement of that name, prepared on first use, reset, its bindings cleared. One user at a time. */
struct so_sqlite_stmt *so_sqlite_stmt(
	struct so_sqlite *db, const char *name, const char *sql, struct so_err *err) SO_MUST_CHECK;
/* Parameters count from 1. Text and bytes are not copied: they must stay until the statement is reset. */
void so_sqlite_bind_int(struct so_sqlite_stmt *stmt, int at, int64_t value);
void so_sqlite_bind_real(struct so_sqlite_stmt *stmt, int at, double value); /* NAN: NULL */
void so_sqlite_bind_text(struct so_sqlite_stmt *stmt, int at, const char *text); /* NULL: NULL */
void so_sqlite_bind_blob(struct so_sqlite_stmt *stmt, int at, const void *bytes, size_t len);
void so_sqlite_bind_null(struct so_sqlite_stmt *stmt, int at);
int so_sqlite_params(const struct so_sqlite_stmt *stmt);
/* One step: *row tells a row from the end. On false the statement is reset already. */
bool so_sqlite_step(struct so_sqlite_stmt *stmt, bool *row, struct so_err *err) SO_MUST_CHECK;
/* Columns of the current row, counted from 0. Text is valid until the next step or reset; NULL for NULL. */
int so_sqlite_columns(const struct so_sqlite_stmt *stmt);
int64_t so_sqlite_col_int(struct so_sqlite_stmt *stmt, int at);
double so_sqlite_col_real(struct so_sqlite_stmt *stmt, int at); /* NULL: NAN */
const char *so_sqlite_col_text(struct so_sqlite_stmt *stmt, int at);
/* Bytes of the same life; NULL for NULL and for none. */
const void *so_sqlite_col_blob(struct so_sqlite_stmt *stmt, int at, size_t *len);
bool so_sqlite_col_null(struct so_sqlite_stmt *stmt, int at);
void so_sqlite_reset(struct so_sqlite_stmt *stmt);

/* Rows that the last INSERT, UPDATE or DELETE changed. */
int64_t so_sqlite_changes(struct so_sqlite *db);
/* Whether a transaction is open: some errors (disk full) roll the whole transaction back by themselves. */
bool so_sqlite_in_tx(struct so_sqlite *db);
/* From any thread while the connection is open: the running statement fails with SO_CANCELLED. */
void so_sqlite_interrupt(struct so_sqlite *db);
/* The file's name as given to open. */
const char *so_sqlite_path(const struct so_sqlite *db);

#endif
