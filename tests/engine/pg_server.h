/* The PostgreSQL 15 server of a test binary: see pg_server.sh. */
#ifndef TESTS_ENGINE_PG_SERVER_H
#define TESTS_ENGINE_PG_SERVER_H

#include <stdbool.h>

struct pg_server {
	char dir[128]; /* also the socket folder; holds ca.crt and other.crt */
	int port, pooler_port, replica_port;
};

/* Starts the server and its pooler; they end with this process. False: `reason` says why it cannot be had here. */
bool pg_server_start(struct pg_server *server, char reason[256]);
bool pg_server_replica(struct pg_server *server);
void pg_server_cert(const struct pg_server *server, const char *which);
/* Runs a script as the superuser; aborts the test binary when it fails. */
void pg_server_sql(const struct pg_server *server, const char *database, const char *script);
/* First cell of the answer, or "" for NULL and no rows. Valid until the next call. */
const char *pg_server_ask(const struct pg_server *server, const char *database, const char *sql);
int pg_server_free_port(void);

#endif
