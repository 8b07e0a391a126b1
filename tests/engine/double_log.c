#include "double_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void double_log_make(char *path)
{
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
}

bool double_log_saw(const char *path, const char *text)
{
	FILE *log = fopen(path, "r");
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

void double_log_forget(const char *path)
{
	if (truncate(path, 0) != 0)
		abort();
}
