/* Shared by the files of the libpq client only. */
#ifndef SO_DB_PG_INTERNAL_H
#define SO_DB_PG_INTERNAL_H

#include <libpq-fe.h>

#include "db/helper.h"
#include "db/pg_client.h"
#include "db/stop.h"

struct so_pg {
	PGconn *raw;
	struct so_cancel *token; /* of the calls now made, or NULL */
	struct db_stop stop;
	bool broken; /* an answer never came: nothing may be sent any more */
	bool clean_text; /* the server stores bytes of unknown encoding (SQL_ASCII) */
	int64_t wait_us;
	char *host_text, *tls;
};

struct so_pg_result {
	PGresult *raw;
	bool clean_text;
};

/* Fills *err from a failed result. `sql` and `prefix_len` place the position. */
bool pg_fail_result(const PGresult *raw, const char *sql, size_t prefix_len, struct so_err *err);
/* Fills *err from libpq's own message about a connection that failed or went away. */
bool pg_fail_connection(PGconn *raw, const char *where, struct so_err *err);

#endif
