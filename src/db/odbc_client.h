/* A thin ODBC client for SQL Server through unixODBC and FreeTDS: every wait has a deadline and can be cancelled
 * although ODBC calls block, since each runs on a thread of its own; no message ever holds the password.
 *
 * One thread at a time per connection; only so_odbc_cancel may be called from another thread. A connection whose answer
 * never came is `broken` (so_odbc_usable): it refuses further statements and is to be closed. */
#ifndef SO_DB_ODBC_CLIENT_H
#define SO_DB_ODBC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_odbc; /* one connection: a talloc object whose destructor closes it */
struct so_odbc_result; /* one result set, a talloc object; may outlive the connection */

enum so_odbc_tls { SO_ODBC_TLS_DISABLE, SO_ODBC_TLS_PREFER, SO_ODBC_TLS_REQUIRE };

struct so_odbc_params {
	const char *driver; /* shared object of the driver; NULL: FreeTDS where the system keeps it */
	const char *host, *instance, *database, *username, *password; /* with an instance the port is asked of it */
	int64_t port; /* 0: 1433 */
	enum so_odbc_tls tls;
	bool read_only_intent; /* asks an availability group for a readable secondary */
	int64_t connect_timeout_ms; /* name resolution, TLS and login together; 0: 10,000 */
};

struct so_odbc_query {
	const char *sql; /* sent as a batch: no parameters */
	int64_t timeout_ms; /* longest wait for the whole answer, 0: 60,000; then the statement is cancelled */
	bool outcome; /* a cancel that came too late is ignored; else the call then fails although the statement was run
		       */
};

struct so_odbc_row { /* valid during the callback */
	size_t n_columns;
	const char *const *values; /* NULL is SQL NULL; binary values are hexadecimal digits */
	const size_t *lengths;
};

/* Blocks at most connect_timeout_ms. `cancel` may be NULL; it is used for this call only. */
struct so_odbc *so_odbc_open(TALLOC_CTX *ctx, const struct so_odbc_params *params, struct so_cancel *cancel,
	struct so_err *err) SO_MUST_CHECK;
/* Token that the following calls honour, NULL for none; it must stay valid until replaced. */
void so_odbc_set_cancel(struct so_odbc *odbc, struct so_cancel *cancel);
/* From any thread, until the connection is freed: makes the statement that runs now fail with SO_CANCELLED. Does
 * nothing when no statement runs. */
void so_odbc_cancel(struct so_odbc *odbc);

bool so_odbc_usable(const struct so_odbc *odbc);
const char *so_odbc_host_text(const struct so_odbc *odbc); /* "127.0.0.1:1433", "db\\SQLEXPRESS" */
int64_t so_odbc_wait_us(const struct so_odbc *odbc); /* spent waiting for the server since the connection was opened */
int so_odbc_last_error(const struct so_odbc *odbc); /* the server's number of the last failure, 0: none */

/* Runs one batch and collects the rows of its first result set that has columns (`last`: of its last one). NULL with
 * *err on failure; a batch without rows gives a result without columns. For our own statements, whose size is bounded
 * by their text, and plans. */
struct so_odbc_result *so_odbc_query(TALLOC_CTX *ctx, struct so_odbc *odbc, const struct so_odbc_query *query,
	bool last, struct so_err *err) SO_MUST_CHECK;
/* Runs one batch and hands over the rows of its first result set one by one without keeping any. When `row` returns
 * false the statement is cancelled, *stopped is set and the call succeeds. `shape` (may be NULL) receives the columns,
 * a child of ctx, also when there were no rows. */
bool so_odbc_stream(TALLOC_CTX *ctx, struct so_odbc *odbc, const struct so_odbc_query *query,
	bool (*row)(void *arg, const struct so_odbc_row *row), void *arg, bool *stopped, struct so_odbc_result **shape,
	struct so_err *err) SO_MUST_CHECK;

size_t so_odbc_rows(const struct so_odbc_result *result);
size_t so_odbc_columns(const struct so_odbc_result *result);
const char *so_odbc_column(const struct so_odbc_result *result, size_t column);
const char *so_odbc_column_type(const struct so_odbc_result *result, size_t column); /* "nvarchar(20)" */
/* Text of a cell, NULL for SQL NULL; valid as long as the result. */
const char *so_odbc_cell(const struct so_odbc_result *result, size_t row, size_t column);
/* Number or truth of a cell; `absent` for NULL and for what is no number. */
int64_t so_odbc_int(const struct so_odbc_result *result, size_t row, size_t column, int64_t absent);
double so_odbc_real(const struct so_odbc_result *result, size_t row, size_t column, double absent);
bool so_odbc_true(const struct so_odbc_result *result, size_t row, size_t column);

/* The kind of a failure: the server's number first (0: none), then the SQLSTATE. */
enum so_kind so_odbc_error_kind(int number, const char *sqlstate);

#endif
