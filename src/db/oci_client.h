/* Oracle through ODPI-C, which loads the Oracle client at run time; see blocking_client.h for what a connection can do.
 * No message ever holds the password. Values come as texts: dates in ISO form, numbers with a point. */
#ifndef SO_DB_OCI_CLIENT_H
#define SO_DB_OCI_CLIENT_H

#include "db/blocking_client.h"

struct so_oci_params {
	const char *descriptor; /* Easy Connect string, TNS alias or (DESCRIPTION=...) */
	const char *host_text; /* how messages call the place */
	const char *username, *password;
	int64_t connect_timeout_ms; /* name resolution, TLS and login together; 0: 10,000 */
};

/* Blocks at most connect_timeout_ms. SO_UNSUPPORTED with the remedy when no Oracle client is installed, or when this
 * build is without ODPI-C. `cancel` may be NULL; it is used for this call only. */
struct so_blocking *so_oci_open(TALLOC_CTX *ctx, const struct so_oci_params *params, struct so_cancel *cancel,
	struct so_err *err) SO_MUST_CHECK;

/* The kind of a failure: ORA number, or DPI number + 1,000,000 for ODPI-C's own. */
enum so_kind so_oci_error_kind(int number);

#endif
