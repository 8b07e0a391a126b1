/* Shared by the files of the Oracle client only. */
#ifndef SO_DB_OCI_INTERNAL_H
#define SO_DB_OCI_INTERNAL_H

#ifdef SO_HAVE_ODPI
#include <dpi.h>
#endif

#include "db/blocking_internal.h"
#include "db/oci_client.h"

#define OCI_DPI_ERROR 1000000 /* numbers of ODPI-C stand behind this one */
#define OCI_NOT_BUILT 2000000 /* this build is without ODPI-C */

struct oci_handles {
	struct db_handles base; /* first */
#ifdef SO_HAVE_ODPI
	dpiContext *context;
	dpiConn *conn;
	dpiStmt *stmt; /* while a statement is at work */
#endif
	char *descriptor, *username, *password; /* wiped after the login */
};

void oci_act(struct db_call *call);
void oci_interrupt(struct db_handles *handles);
void oci_close(struct db_handles *handles);
bool oci_fail(const struct so_blocking *conn, const struct db_failure *failure, struct so_err *err);
/* Forgets the login. */
void oci_wipe(struct oci_handles *handles);

#endif
