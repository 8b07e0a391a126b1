#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ora_tests.h"

#ifdef SO_HAVE_ODPI
const bool no_oracle = false;
#else
const bool no_oracle = true;
#endif

static const char *log_path(void)
{
	return getenv("SO_OCI_LOG");
}

void ora_client_start(void)
{
	char path[] = "/tmp/sqlopt-oci-XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	setenv("ORACLE_HOME", SO_TEST_ORACLE_HOME, 1);
	setenv("SO_OCI_CASES", SO_TEST_TOOLS "/oracle_cases.txt", 1);
	setenv("SO_OCI_LOG", path, 1);
}

void ora_client_stop(void)
{
	unlink(log_path());
}

bool ora_client_saw(const char *text)
{
	FILE *log = fopen(log_path(), "r");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (log && !found && getline(&line, &room, log) >= 0)
		found = strstr(line, text) != NULL;
	free(line);
	if (log)
		fclose(log);
	return found;
}

void ora_client_forget(void)
{
	if (truncate(log_path(), 0) != 0)
		abort();
}
