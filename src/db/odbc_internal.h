/* Shared by the files of the ODBC client only. */
#ifndef SO_DB_ODBC_INTERNAL_H
#define SO_DB_ODBC_INTERNAL_H

#include <sql.h>
#include <sqlext.h>

#include "db/blocking_internal.h"
#include "db/odbc_client.h"

struct odbc_handles {
	struct db_handles base; /* first */
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt;
	bool connected;
	char *connect; /* the connection string, with the password: wiped after the login */
};

void odbc_act(struct db_call *call);
void odbc_interrupt(struct db_handles *handles);
void odbc_close(struct db_handles *handles);
bool odbc_fail(const struct so_blocking *conn, const struct db_failure *failure, struct so_err *err);

#endif
