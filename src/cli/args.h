/* Command line flags as data: one row a flag drives parsing, the error for an unknown one, and --help. */
#ifndef SO_CLI_ARGS_H
#define SO_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"

enum so_flag_type { SO_FLAG_BOOL, SO_FLAG_TEXT, SO_FLAG_INT };

struct so_flag {
	const char *name; /* "--dsn" */
	enum so_flag_type type;
	size_t offset; /* bool, const char * or int64_t member of the command's struct */
	int64_t min, max;
	const char *value; /* what stands for the value in the help: "URI" */
	const char *doc;
};

struct so_args {
	int argc; /* what is no flag, in order */
	char **argv;
};

/* Fills the members of `out` that are given; "--flag value" and "--flag=value" are both understood, "--" ends the
 * flags, a lone "-" is an argument. `flags` ends with a NULL name. SO_USAGE on anything else. */
bool so_args_parse(TALLOC_CTX *ctx, const struct so_flag *flags, int argc, char **argv, void *out, struct so_args *rest,
	struct so_err *err) SO_MUST_CHECK;
void so_args_help(FILE *to, const struct so_flag *flags);

#endif
