#include "pg_server.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* Below the ports that the system gives to clients: tests that run beside this one cannot get it by chance. */
int pg_server_free_port(void)
{
	for (;;) {
		struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		uint16_t random;
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int bound;

		if (fd < 0 || getrandom(&random, sizeof random, 0) != sizeof random)
			abort();
		address.sin_port = htons((uint16_t)(12000 + random % 20000));
		bound = bind(fd, (struct sockaddr *)&address, sizeof address);
		close(fd);
		if (bound == 0)
			return ntohs(address.sin_port);
	}
}

static bool run(char *line, size_t size, const char *command)
{
	FILE *out = popen(command, "r");
	bool read;

	if (!out)
		return false;
	read = fgets(line, (int)size, out) != NULL;
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return pclose(out) == 0 && read;
}

bool pg_server_start(struct pg_server *server, char reason[256])
{
	char command[512], line[256] = "";

	server->port = pg_server_free_port();
	server->pooler_port = pg_server_free_port();
	snprintf(command, sizeof command, "%s/pg_server.sh start %d %d %d", SO_TEST_TOOLS, (int)getpid(), server->port,
		server->pooler_port);
	if (!run(line, sizeof line, command)) {
		fprintf(stderr, "the test server does not start\n");
		exit(1);
	}
	if (strncmp(line, "skip: ", 6) == 0) {
		snprintf(reason, 256, "%s", line + 6);
		return false;
	}
	snprintf(server->dir, sizeof server->dir, "%.120s", line);
	return true;
}

bool pg_server_replica(struct pg_server *server)
{
	char command[512];

	server->replica_port = pg_server_free_port();
	snprintf(command, sizeof command, "%s/pg_server.sh replica %s %d", SO_TEST_TOOLS, server->dir,
		server->replica_port);
	return system(command) == 0;
}

void pg_server_cert(const struct pg_server *server, const char *which)
{
	char command[512];

	snprintf(command, sizeof command, "%s/pg_server.sh cert %s %s", SO_TEST_TOOLS, server->dir, which);
	if (system(command) != 0)
		abort();
	usleep(300 * 1000); /* the postmaster reloads in its own time; the caller retries if that was too short */
}

static PGconn *superuser(const struct pg_server *server, const char *database)
{
	char dsn[512];
	PGconn *conn;

	snprintf(dsn, sizeof dsn, "host=%s port=%d user=postgres dbname=%s", server->dir, server->port, database);
	conn = PQconnectdb(dsn);
	if (PQstatus(conn) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(conn));
		abort();
	}
	return conn;
}

static void silent(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

void pg_server_sql(const struct pg_server *server, const char *database, const char *script)
{
	PGconn *conn = superuser(server, database);
	PGresult *result;

	PQsetNoticeProcessor(conn, silent, NULL);
	result = PQexec(conn, script);
	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK) {
		fprintf(stderr, "%s\n%s", script, PQerrorMessage(conn));
		abort();
	}
	PQclear(result);
	PQfinish(conn);
}

const char *pg_server_ask(const struct pg_server *server, const char *database, const char *sql)
{
	static char answer[4096];
	PGconn *conn = superuser(server, database);
	PGresult *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK) {
		fprintf(stderr, "%s\n%s", sql, PQerrorMessage(conn));
		abort();
	}
	snprintf(answer, sizeof answer, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(conn);
	return answer;
}
