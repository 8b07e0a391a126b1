/* Connections through client libraries whose calls block and cannot be interrupted (ODBC, Oracle's). Every wait has a
 * deadline and can be cancelled all the same, since each call runs on a thread of its own; a call that never comes back
 * costs its connection and nothing else.
 *
 * One thread at a time per connection; only so_blocking_cancel may be called from another thread. A connection whose
 * answer never came is `broken` (so_blocking_usable): it refuses further statements and is to be closed. */
#ifndef SO_DB_BLOCKING_CLIENT_H
#define SO_DB_BLOCKING_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_blocking; /* one connection: a talloc object whose destructor closes it */
struct so_text_result; /* one result set as texts, a talloc object; may outlive the connection */

struct so_blocking_query {
	const char *sql; /* sent as a batch: no parameters */
	int64_t timeout_ms; /* longest wait for the whole answer, 0: 60,000; then the statement is cancelled */
	bool outcome; /* a cancel that came too late is ignored; else the call then fails although the statement was run
		       */
};

struct so_blocking_row { /* valid during the callback */
	size_t n_columns;
	const char *const *values; /* NULL is SQL NULL; binary values are hexadecimal digits */
	const size_t *lengths;
};

/* Token that the following calls honour, NULL for none; it must stay valid until replaced. */
void so_blocking_set_cancel(struct so_blocking *conn, struct so_cancel *cancel);
/* From any thread, until the connection is freed: makes the statement that runs now fail with SO_CANCELLED. Does
 * nothing when no statement runs. */
void so_blocking_cancel(struct so_blocking *conn);

bool so_blocking_usable(const struct so_blocking *conn);
const char *so_blocking_host_text(const struct so_blocking *conn); /* "127.0.0.1:1433", "db\\SQLEXPRESS" */
int64_t so_blocking_wait_us(
	const struct so_blocking *conn); /* spent waiting for the server since the connection was opened */
int so_blocking_last_error(const struct so_blocking *conn); /* the server's number of the last failure, 0: none */

/* Runs one batch and collects the rows of its first result set that has columns (`last`: of its last one). NULL with
 * *err on failure; a batch without rows gives a result without columns. For our own statements, whose size is bounded
 * by their text, and plans. */
struct so_text_result *so_blocking_query(TALLOC_CTX *ctx, struct so_blocking *conn,
	const struct so_blocking_query *query, bool last, struct so_err *err) SO_MUST_CHECK;
/* Runs one batch and hands over the rows of its first result set one by one without keeping any. When `row` returns
 * false the statement is cancelled, *stopped is set and the call succeeds. `shape` (may be NULL) receives the columns,
 * a child of ctx, also when there were no rows. */
bool so_blocking_stream(TALLOC_CTX *ctx, struct so_blocking *conn, const struct so_blocking_query *query,
	bool (*row)(void *arg, const struct so_blocking_row *row), void *arg, bool *stopped,
	struct so_text_result **shape, struct so_err *err) SO_MUST_CHECK;

size_t so_text_rows(const struct so_text_result *result);
size_t so_text_columns(const struct so_text_result *result);
const char *so_text_column(const struct so_text_result *result, size_t column);
const char *so_text_column_type(const struct so_text_result *result, size_t column); /* "nvarchar(20)" */
/* Text of a cell, NULL for SQL NULL; valid as long as the result. */
const char *so_text_cell(const struct so_text_result *result, size_t row, size_t column);
/* Number or truth of a cell; `absent` for NULL and for what is no number. */
int64_t so_text_int(const struct so_text_result *result, size_t row, size_t column, int64_t absent);
double so_text_real(const struct so_text_result *result, size_t row, size_t column, double absent);
bool so_text_true(const struct so_text_result *result, size_t row, size_t column);

#endif
