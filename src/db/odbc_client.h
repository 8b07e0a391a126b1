/* SQL Server through unixODBC and FreeTDS; see blocking_client.h for what a connection can do. No message ever holds
 * the password. */
#ifndef SO_DB_ODBC_CLIENT_H
#define SO_DB_ODBC_CLIENT_H

#include "db/blocking_client.h"

enum so_odbc_tls { SO_ODBC_TLS_DISABLE, SO_ODBC_TLS_PREFER, SO_ODBC_TLS_REQUIRE };

struct so_odbc_params {
	const char *driver; /* shared object of the driver; NULL: FreeTDS where the system keeps it */
	const char *host, *instance, *database, *username, *password; /* with an instance the port is asked of it */
	int64_t port; /* 0: 1433 */
	enum so_odbc_tls tls;
	bool read_only_intent; /* asks an availability group for a readable secondary */
	int64_t connect_timeout_ms; /* name resolution, TLS and login together; 0: 10,000 */
};

/* Blocks at most connect_timeout_ms. `cancel` may be NULL; it is used for this call only. */
struct so_blocking *so_odbc_open(TALLOC_CTX *ctx, const struct so_odbc_params *params, struct so_cancel *cancel,
	struct so_err *err) SO_MUST_CHECK;
/* The kind of a failure: the server's number first (0: none), then the SQLSTATE. */
enum so_kind so_odbc_error_kind(int number, const char *sqlstate);

#endif
