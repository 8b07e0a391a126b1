/* A thin libpq client: every wait has a deadline and can be cancelled, no message ever holds the password, and every
 * statement goes through the extended protocol, so that a text with two statements is refused by the server itself.
 *
 * One thread at a time per connection; only so_pg_cancel may be called from another thread. A connection whose answer
 * never came is `broken` (so_pg_usable): it refuses further statements and is to be closed. */
#ifndef SO_DB_PG_CLIENT_H
#define SO_DB_PG_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_pg; /* one connection: a talloc object whose destructor closes it */
struct so_pg_result; /* a whole result, a talloc object; may outlive the connection */

/* Either `dsn` (URI, key=value, may name a service) or the members; members that are set win over the dsn. What is
 * missing comes from libpq's own sources (service file, environment, pgpass). */
struct so_pg_params {
	const char *dsn;
	const char *host, *database, *username,
		*password; /* host: name, address, or a directory that starts with '/' */
	int64_t port; /* 0: not given */
	const char *sslmode; /* "disable", "prefer", "require", "verify-full"; NULL: the dsn's, else "prefer" */
	const char *tls_ca; /* file with the certificate authorities; NULL with verify-full: the system's */
	const char *application_name; /* NULL: "sqlopt" */
	int64_t connect_timeout_ms; /* name resolution, TLS and login together; 0: 10,000 */
};

/* One statement. `params` are text values, NULL is SQL NULL; their types are inferred by the server. */
struct so_pg_query {
	const char *sql;
	size_t n_params;
	const char *const *params;
	int64_t timeout_ms; /* longest wait for the whole answer, 0: 60,000; then the statement is cancelled */
	bool outcome; /* a cancel that came too late is ignored; else the call then fails although the statement was run
		       */
	bool unbound; /* its $n have no values, as EXPLAIN (GENERIC_PLAN) wants it: one more round trip */
	size_t prefix_len; /* leading bytes of `sql` that are not the user's: err->position is relative to what follows
			    */
};

struct so_pg_row { /* valid during the callback */
	size_t n_columns;
	const char *const *values; /* NULL is SQL NULL */
	const size_t *lengths;
	const struct so_pg_result *shape; /* for so_pg_column, so_pg_column_type, so_pg_column_typmod */
};

/* Blocks at most connect_timeout_ms. `cancel` may be NULL; it is used for this call only. */
struct so_pg *so_pg_open(
	TALLOC_CTX *ctx, const struct so_pg_params *params, struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;

/* Token that the following calls honour, NULL for none; it must stay valid until replaced. Any number of connections
 * may share one: waits look at it every few milliseconds instead of taking its only hook. */
void so_pg_set_cancel(struct so_pg *pg, struct so_cancel *cancel);
/* From any thread, until the connection is freed: makes the statement that runs now fail with SO_CANCELLED. Only takes
 * a lock and wakes the waiting thread, which then talks to the server; does nothing when no statement runs. */
void so_pg_cancel(struct so_pg *pg);

bool so_pg_usable(const struct so_pg *pg);
int so_pg_server_version(const struct so_pg *pg); /* 150020 */
int so_pg_backend_pid(const struct so_pg *pg); /* as the login said: a pooler's invention behind a pooler */
const char *so_pg_parameter(const struct so_pg *pg, const char *name); /* reported parameter, or NULL */
const char *so_pg_tls(const struct so_pg *pg); /* "TLSv1.3", or NULL when the connection is plain */
const char *so_pg_host_text(const struct so_pg *pg); /* "127.0.0.1:5432" or "/tmp:5432" */
const char *so_pg_user(const struct so_pg *pg);
const char *so_pg_database(const struct so_pg *pg);
/* In a transaction block (also a failed one). */
bool so_pg_in_transaction(const struct so_pg *pg);
/* The transaction block has failed and takes only ROLLBACK. */
bool so_pg_transaction_failed(const struct so_pg *pg);
/* Microseconds spent waiting for the server since the connection was opened. */
int64_t so_pg_wait_us(const struct so_pg *pg);

/* Runs one statement and collects its rows: for our own statements, whose size is bounded by their text. */
struct so_pg_result *so_pg_query(
	TALLOC_CTX *ctx, struct so_pg *pg, const struct so_pg_query *query, struct so_err *err) SO_MUST_CHECK;
/* The same without parameters and rows. */
bool so_pg_exec(struct so_pg *pg, const char *sql, int64_t timeout_ms, struct so_err *err) SO_MUST_CHECK;
/* Runs one statement and hands over row by row without keeping any. When `row` returns false the statement is
 * cancelled, *stopped is set and the call succeeds (inside a transaction block the block has then failed). `shape`
 * (may be NULL) receives the columns, a child of ctx, also when there were no rows. */
bool so_pg_stream(TALLOC_CTX *ctx, struct so_pg *pg, const struct so_pg_query *query,
	bool (*row)(void *arg, const struct so_pg_row *row), void *arg, bool *stopped, struct so_pg_result **shape,
	struct so_err *err) SO_MUST_CHECK;

size_t so_pg_rows(const struct so_pg_result *result);
size_t so_pg_columns(const struct so_pg_result *result);
const char *so_pg_column(const struct so_pg_result *result, size_t column);
uint32_t so_pg_column_type(const struct so_pg_result *result, size_t column); /* type oid */
int32_t so_pg_column_typmod(const struct so_pg_result *result, size_t column);
/* Text of a cell, NULL for SQL NULL; valid as long as the result. */
const char *so_pg_cell(const struct so_pg_result *result, size_t row, size_t column);
/* Number or truth of a cell; `absent` for NULL and for what is no number. */
int64_t so_pg_int(const struct so_pg_result *result, size_t row, size_t column, int64_t absent);
double so_pg_real(const struct so_pg_result *result, size_t row, size_t column, double absent);
bool so_pg_true(const struct so_pg_result *result, size_t row, size_t column);

/* Elements of a one-dimensional array in text form ("{a,NULL,\"x y\"}", also with a "[0:2]=" prefix); elements that
 * are SQL NULL are NULL. NULL and *n 0 for NULL, and for what is no such array. */
char **so_pg_array_parse(TALLOC_CTX *ctx, const char *text, size_t *n);
/* The text form of an array of texts; NULL elements become SQL NULL. */
char *so_pg_array_text(TALLOC_CTX *ctx, const char *const *items, size_t n);
/* "name" in double quotes, always; for texts that cannot take parameters. */
char *so_pg_quote_ident(TALLOC_CTX *ctx, const char *name);
/* The kind of an SQLSTATE: exact code first, then the class. */
enum so_kind so_pg_state_kind(const char *sqlstate);

#endif
