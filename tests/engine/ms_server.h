/* The double of SQL Server for the tests: tests/doubles/tds.py with the cases of mssql_cases.json. */
#ifndef TESTS_ENGINE_MS_SERVER_H
#define TESTS_ENGINE_MS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct ms_server {
	int port;
	pid_t pid;
	int stdin_fd; /* the double ends when it is closed */
	char log[64]; /* every login and batch, a line each */
};

/* Exits the process when the double does not start. */
void ms_server_start(struct ms_server *server);
void ms_server_stop(struct ms_server *server);
/* Whether a line of the log contains the text. */
bool ms_server_saw(const struct ms_server *server, const char *text);
/* Forgets what was logged. */
void ms_server_forget(const struct ms_server *server);

#endif
