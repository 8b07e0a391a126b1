/* The statements of tests/data/sql/postgresql.sql. */
#ifndef TEST_SQL_CORPUS_H
#define TEST_SQL_CORPUS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Calls fn(statement, arg) for each statement; returns their number. */
static inline unsigned each_statement(void (*fn)(const char *sql, void *arg), void *arg)
{
	FILE *file = fopen(SO_TEST_DATA "/sql/postgresql.sql", "r");
	char *line = NULL, sql[4096] = "";
	size_t room = 0;
	unsigned count = 0;

	while (file && getline(&line, &room, file) > 0) {
		size_t len = strlen(line), have = strlen(sql);

		if (!have && strncmp(line, "--", 2) == 0)
			continue;
		if (have + len >= sizeof sql)
			abort();
		memcpy(sql + have, line, len + 1);
		if (len < 2 || strcmp(line + len - 2, ";\n") != 0)
			continue;
		sql[have + len - 2] = '\0';
		fn(sql, arg);
		sql[0] = '\0';
		count++;
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

#endif
