#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const corpus_dialect_names[SO_DIALECT_MAX] = { [SO_POSTGRESQL] = "postgresql",
	[SO_MYSQL] = "mysql",
	[SO_MARIADB] = "mariadb",
	[SO_TSQL] = "tsql",
	[SO_ORACLE] = "oracle",
	[SO_SQLITE] = "sqlite" };

static bool read_lines(FILE *file, const char *what, enum so_dialect dialect, corpus_line_fn fn, void *arg)
{
	char *text = NULL;
	size_t room = 0, number = 0;
	ssize_t len;
	bool good = true;

	while ((len = getline(&text, &room, file)) > 0) {
		json_error_t where;
		json_t *line = json_loadb(text, (size_t)len, JSON_ALLOW_NUL, &where);

		number++;
		if (line) {
			fn(dialect, line, arg);
		} else {
			fprintf(stderr, "%s:%zu: %s\n", what, number, where.text);
			good = false;
		}
		json_decref(line);
	}
	good = good && !ferror(file);
	free(text);
	return good;
}

bool corpus_read_command(char *const argv[], enum so_dialect dialect, corpus_line_fn fn, void *arg)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error, status = 1;
	pid_t child;
	FILE *file;
	bool good;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	error = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error) {
		fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(error));
		close(ends[0]);
		return false;
	}
	file = fdopen(ends[0], "r");
	good = file && read_lines(file, argv[0], dialect, fn, arg);
	if (file)
		fclose(file);
	if (waitpid(child, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "%s failed\n", argv[0]);
		return false;
	}
	return good;
}

bool corpus_read_folder(const char *folder, enum so_dialect dialect, corpus_line_fn fn, void *arg, bool *found)
{
	SO_TMP(tmp, NULL);
	char *path = so_printf(tmp, "%s/%s.jsonl", folder, corpus_dialect_names[dialect]);
	char *packed = so_printf(tmp, "%s.xz", path);
	char *unpack[] = { "xz", "-dc", "--", packed, NULL };
	FILE *file = fopen(path, "re");
	bool good;

	*found = true;
	if (file) {
		good = read_lines(file, path, dialect, fn, arg);
		fclose(file);
		return good;
	}
	if (access(packed, R_OK) == 0)
		return corpus_read_command(unpack, dialect, fn, arg);
	*found = false;
	if (errno != ENOENT)
		fprintf(stderr, "cannot read %s: %s\n", packed, strerror(errno));
	return errno == ENOENT;
}
