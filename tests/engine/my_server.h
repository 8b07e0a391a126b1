/* A MariaDB or MySQL server of a test binary: see my_server.sh. */
#ifndef TESTS_ENGINE_MY_SERVER_H
#define TESTS_ENGINE_MY_SERVER_H

#include <stdbool.h>

struct my_server {
	char dir[128]; /* holds s.sock, client, ca.crt and other.crt */
	char socket[160];
	int port;
	bool is_mysql; /* SO_MY_BIN names MySQL; else it is MariaDB */
};

/* Starts one whose statements are counted in performance_schema ("digests"), or only in the slow query log
 * ("slow-log"); it ends with this process. False: `reason` says why it cannot be had here. */
bool my_server_start(struct my_server *server, const char *kind, char reason[256]);
/* Runs a script as root in a database (NULL: none); aborts the test binary when it fails. */
void my_server_sql(const struct my_server *server, const char *database, const char *script);
void my_server_file(const struct my_server *server, const char *path);
/* First line of the answer, without its newline. Valid until the next call. */
const char *my_server_ask(const struct my_server *server, const char *sql);

#endif
