#include "my_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pg_server.h"

static bool flavor_is(const struct my_server *server, const char *wanted)
{
	char path[160], flavor[16] = "";
	FILE *file;

	snprintf(path, sizeof path, "%s/flavor", server->dir);
	file = fopen(path, "r");
	if (!file || !fgets(flavor, sizeof flavor, file))
		abort();
	fclose(file);
	flavor[strcspn(flavor, "\n")] = '\0';
	return strcmp(flavor, wanted) == 0;
}

bool my_server_start(struct my_server *server, const char *kind, char reason[256])
{
	char command[512], line[256] = "";
	FILE *out;

	server->port = pg_server_free_port();
	snprintf(command, sizeof command, "%s/my_server.sh start %d %d %s", SO_TEST_TOOLS, (int)getpid(), server->port,
		kind);
	out = popen(command, "r");
	if (!out || !fgets(line, sizeof line, out) || pclose(out) != 0) {
		fprintf(stderr, "the MariaDB or MySQL test server does not start\n");
		exit(1);
	}
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "skip: ", 6) == 0) {
		snprintf(reason, 256, "%s", line + 6);
		return false;
	}
	snprintf(server->dir, sizeof server->dir, "%.120s", line);
	server->is_mysql = flavor_is(server, "mysql");
	snprintf(server->socket, sizeof server->socket, "%s/s.sock", server->dir);
	return true;
}

static FILE *client(const struct my_server *server, const char *database, const char *more, const char *mode)
{
	char command[3072];
	FILE *pipe;

	snprintf(command, sizeof command, "%s/client %s %s", server->dir, more, database ? database : "");
	fflush(NULL);
	pipe = popen(command, mode);
	if (!pipe)
		abort();
	return pipe;
}

void my_server_sql(const struct my_server *server, const char *database, const char *script)
{
	FILE *pipe = client(server, database, ">/dev/null", "w");

	fputs(script, pipe);
	if (pclose(pipe) != 0) {
		fprintf(stderr, "%s\n", script);
		abort();
	}
}

void my_server_file(const struct my_server *server, const char *path)
{
	char more[300];
	FILE *pipe;

	snprintf(more, sizeof more, "<%s >/dev/null", path);
	pipe = client(server, NULL, more, "r");
	if (pclose(pipe) != 0)
		abort();
}

const char *my_server_ask(const struct my_server *server, const char *sql)
{
	static char answer[4096];
	char more[2400];
	FILE *pipe;

	snprintf(more, sizeof more, "-N -e \"%s\"", sql);
	pipe = client(server, NULL, more, "r");
	if (!fgets(answer, sizeof answer, pipe))
		answer[0] = '\0';
	if (pclose(pipe) != 0)
		abort();
	answer[strcspn(answer, "\n")] = '\0';
	return answer;
}
