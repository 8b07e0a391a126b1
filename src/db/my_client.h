/* A thin client for MySQL and MariaDB over libmariadb: every wait has a deadline and can be cancelled, no message ever
 * holds the password, and a text with two statements is refused by the server itself, since that is never switched on.
 *
 * One thread at a time per connection; only so_my_cancel may be called from another thread. A connection whose answer
 * never came is `broken` (so_my_usable): it refuses further statements and is to be closed. */
#ifndef SO_DB_MY_CLIENT_H
#define SO_DB_MY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_my; /* one connection: a talloc object whose destructor closes it */
struct so_my_result; /* a whole result, or the columns of one; a talloc object; may outlive the connection */

/* How much TLS: never, where the server offers it, always, always and with the server's certificate and name checked.
 */
enum so_my_tls { SO_MY_TLS_DISABLE, SO_MY_TLS_PREFER, SO_MY_TLS_REQUIRE, SO_MY_TLS_VERIFY };

/* Either `dsn` (mysql:// or mariadb://) or the members; members that are set win over the dsn. The client reads no
 * configuration files and no environment. */
struct so_my_params {
	const char *dsn;
	const char *host, *database, *username, *password; /* host: name, address, or the path of a socket */
	int64_t port; /* 0: 3306 */
	enum so_my_tls tls; /* at least this much; a dsn may ask for more */
	const char *tls_ca; /* file with the certificate authorities; NULL: the system's */
	int64_t connect_timeout_ms; /* name resolution, TLS and login together; 0: 10,000 */
};

struct so_my_query {
	const char *sql;
	int64_t timeout_ms; /* longest wait for the whole answer, 0: 60,000; then the statement is killed */
	bool outcome; /* a kill that came too late is ignored; else the call then fails although the statement was run
		       */
	size_t prefix_len; /* leading bytes of `sql` that are not the user's: err->position is relative to what follows
			    */
};

struct so_my_row { /* valid during the callback */
	size_t n_columns;
	const char *const *values; /* NULL is SQL NULL */
	const size_t *lengths;
};

/* Once, before the first thread: libmariadb's own start is not safe among threads. */
void so_my_global_init(void);

/* Blocks at most connect_timeout_ms. `cancel` may be NULL; it is used for this call only. */
struct so_my *so_my_open(
	TALLOC_CTX *ctx, const struct so_my_params *params, struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;

/* Token that the following calls honour, NULL for none; it must stay valid until replaced. */
void so_my_set_cancel(struct so_my *my, struct so_cancel *cancel);
/* From any thread, until the connection is freed: makes the statement that runs now fail with SO_CANCELLED. Only takes
 * a lock and wakes the waiting thread, which then sends KILL QUERY; does nothing when no statement runs. */
void so_my_cancel(struct so_my *my);

bool so_my_usable(const struct so_my *my);
const char *so_my_version_text(const struct so_my *my); /* "10.11.6-MariaDB-0+deb12u1" */
int so_my_version(const struct so_my *my); /* 101106, 90704 */
bool so_my_is_mariadb(const struct so_my *my);
uint64_t so_my_connection_id(const struct so_my *my); /* as the login said: a proxy's invention behind a proxy */
const char *so_my_tls_text(const struct so_my *my); /* "TLSv1.3", or NULL when the connection is plain */
bool so_my_is_local(const struct so_my *my); /* through a socket of this machine */
const char *so_my_host_text(const struct so_my *my); /* "127.0.0.1:3306" or the socket's path */
bool so_my_in_transaction(const struct so_my *my);
int64_t so_my_wait_us(const struct so_my *my); /* spent waiting for the server since the connection was opened */

/* Runs one statement and collects its rows: for our own statements, whose size is bounded by their text. */
struct so_my_result *so_my_query(
	TALLOC_CTX *ctx, struct so_my *my, const struct so_my_query *query, struct so_err *err) SO_MUST_CHECK;
/* Runs one statement and hands over row by row without keeping any. When `row` returns false the statement is killed,
 * *stopped is set and the call succeeds. `shape` (may be NULL) receives the columns, a child of ctx, also when there
 * were no rows. */
bool so_my_stream(TALLOC_CTX *ctx, struct so_my *my, const struct so_my_query *query,
	bool (*row)(void *arg, const struct so_my_row *row), void *arg, bool *stopped, struct so_my_result **shape,
	struct so_err *err) SO_MUST_CHECK;

size_t so_my_rows(const struct so_my_result *result);
size_t so_my_columns(const struct so_my_result *result);
const char *so_my_column(const struct so_my_result *result, size_t column);
const char *so_my_column_type(const struct so_my_result *result, size_t column); /* "bigint unsigned", "varchar" */
/* Text of a cell, NULL for SQL NULL; valid as long as the result. */
const char *so_my_cell(const struct so_my_result *result, size_t row, size_t column);
/* Number of a cell; `absent` for NULL and for what is no number. */
int64_t so_my_int(const struct so_my_result *result, size_t row, size_t column, int64_t absent);
double so_my_real(const struct so_my_result *result, size_t row, size_t column, double absent);

/* 'text' as a literal of this session, whatever its sql_mode. */
char *so_my_quote(TALLOC_CTX *ctx, struct so_my *my, const char *text);
/* `name` in backticks, always. */
char *so_my_quote_ident(TALLOC_CTX *ctx, const char *name);

/* The kind of a server's or the client's error number. */
enum so_kind so_my_error_kind(unsigned number);
/* The server's or client's number of an error that a call of this connection returned last. */
unsigned so_my_last_error(const struct so_my *my);

#endif
