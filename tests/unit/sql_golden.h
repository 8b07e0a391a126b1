/* The statements of tests/data/sql/fingerprints.tsv: a line with the version, then dialect, fingerprint, statement. */
#ifndef TEST_SQL_GOLDEN_H
#define TEST_SQL_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/fingerprint.h"

struct golden {
	enum so_dialect dialect;
	uint64_t fingerprint;
	const char *sql;
};

static inline enum so_dialect golden_dialect(const char *name)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		if (strcmp(so_dialects[d].name, name) == 0)
			return (enum so_dialect)d;
	abort();
}

/* Calls fn(line, arg) for each statement; returns the version of the file. */
static inline unsigned each_golden(void (*fn)(const struct golden *line, void *arg), void *arg)
{
	FILE *file = fopen(SO_TEST_DATA "/sql/fingerprints.tsv", "r");
	char *line = NULL, *number, *sql;
	unsigned version = 0;
	size_t room = 0;

	if (!file || getline(&line, &room, file) < 0 || sscanf(line, "version\t%u", &version) != 1)
		abort();
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		number = strchr(line, '\t');
		sql = number ? strchr(number + 1, '\t') : NULL;
		if (!sql)
			abort();
		*number = *sql = '\0';
		fn(&(struct golden){ golden_dialect(line), strtoull(number + 1, NULL, 16), sql + 1 }, arg);
	}
	free(line);
	fclose(file);
	return version;
}

#endif
