/* Shared by the files of the libmariadb client only. */
#ifndef SO_DB_MY_INTERNAL_H
#define SO_DB_MY_INTERNAL_H

#include <mysql.h>
#include <stdatomic.h>

#include "db/helper.h"
#include "db/my_client.h"
#include "db/stop.h"

/* Where the server is and how to get in: shared by the connection and by the threads that connect for it, so malloc
 * and a count. The last one wipes the password. */
struct my_place {
	atomic_int refs;
	char *host; /* NULL: socket */
	char *socket;
	char *user, *password, *database; /* database may be NULL */
	char *ca; /* NULL: no verification */
	unsigned port;
	enum so_my_tls tls;
};

struct so_my {
	MYSQL *raw;
	struct my_place *place;
	struct so_cancel *token; /* of the calls now made, or NULL */
	struct db_stop stop;
	bool broken; /* an answer never came: nothing may be sent any more */
	bool mariadb;
	unsigned last_error;
	uint64_t connection_id;
	int64_t wait_us;
	char *host_text, *tls;
};

struct my_column {
	char *name;
	const char *type;
};

struct so_my_result {
	size_t n_columns, n_rows, room;
	struct my_column *columns;
	char **cells; /* row-major */
};

/* Connects and, with `kill` not 0, sends KILL QUERY to that connection and closes again: what a helper does. Blocks up
 * to `deadline_us`. NULL on failure, with the client's or server's number, state and text in *failure. */
struct my_failure {
	unsigned number;
	char state[6];
	char text[512];
};
MYSQL *my_connect(
	const struct my_place *place, int64_t deadline_us, const atomic_bool *abandoned, struct my_failure *failure);
/* One statement without rows on a connection of my_connect. */
bool my_command(MYSQL *raw, const char *sql, int64_t deadline_us);
struct my_place *my_place_share(struct my_place *place);
void my_place_drop(struct my_place *place);

/* poll events for what a libmariadb call said it waits for, and back. */
short my_poll_events(int status);
int my_ready_status(int status);

/* Fills *err from the error that the connection holds. `sql` and `prefix_len` place the position. */
bool my_fail_statement(struct so_my *my, const char *sql, size_t prefix_len, struct so_err *err);
/* Fills *err from a connection that could not be made. */
bool my_fail_login(
	const struct my_place *place, const char *where, const struct my_failure *failure, struct so_err *err);

#endif
