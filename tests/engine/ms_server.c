#include "ms_server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "double_log.h"

void ms_server_start(struct ms_server *server)
{
	int in[2], out[2];
	FILE *line;

	snprintf(server->log, sizeof server->log, "/tmp/sqlopt-tds-XXXXXX");
	double_log_make(server->log);
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		abort();
	server->pid = fork();
	if (server->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execlp("python3", "python3", SO_TEST_TOOLS "/../doubles/tds.py", SO_TEST_TOOLS "/mssql_cases.json",
			server->log, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server->stdin_fd = in[1];
	line = fdopen(out[0], "r");
	if (!line || fscanf(line, "%d", &server->port) != 1) {
		fprintf(stderr, "the double of SQL Server does not start\n");
		exit(1);
	}
	fclose(line);
}

void ms_server_stop(struct ms_server *server)
{
	close(server->stdin_fd);
	waitpid(server->pid, NULL, 0);
	unlink(server->log);
}

bool ms_server_saw(const struct ms_server *server, const char *text)
{
	return double_log_saw(server->log, text);
}

void ms_server_forget(const struct ms_server *server)
{
	double_log_forget(server->log);
}
