/* The file of `sqlopt connections apply`: sections of "key = value" lines, one for each server or database. Pure but
 * for the secrets that it refers to. */
#ifndef SO_CLI_TARGETS_FILE_H
#define SO_CLI_TARGETS_FILE_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

#define SO_TARGETS_SECTIONS_MAX 5000
#define SO_TARGETS_FILE_MAX     ((size_t)16 * 1024 * 1024)

struct so_target_section {
	char *name;
	int line;
	json_t *body; /* members of a connection, without name and password; owned by the list */
	char *password; /* the reference as written, or NULL */
	char *dsn; /* the same */
	char *databases; /* "*", or names with commas; NULL: the section is one connection */
	char *except; /* patterns with commas, or NULL */
};

struct so_targets_file {
	size_t count;
	struct so_target_section *items;
};

/* [defaults] holds for the sections behind it. Errors name file and line, the key, and what may stand there. */
struct so_targets_file *so_targets_parse(
	TALLOC_CTX *ctx, const char *file, const char *text, struct so_err *err) SO_MUST_CHECK;
/* The next of "a, b ,c"; NULL at the end. */
char *so_targets_word(TALLOC_CTX *ctx, const char **list);
/* Whether a database is meant: named by `databases` or "*", and not by `except` (patterns of the shell). */
bool so_targets_wants(const struct so_target_section *section, const char *database);

/* The secret that "env:NAME", "file:PATH" or "pgpass" refers to (an so_secret). A secret itself is refused: it has no
 * business in a file that people share. */
char *so_targets_secret(TALLOC_CTX *ctx, const char *reference, const json_t *body, struct so_err *err) SO_MUST_CHECK;

#endif
