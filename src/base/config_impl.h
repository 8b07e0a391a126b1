/* Shared by the files of the configuration; nobody else includes it. */
#ifndef SO_BASE_CONFIG_IMPL_H
#define SO_BASE_CONFIG_IMPL_H

#include "base/config.h"

/* One assignment of a file. */
struct so_config_pair {
	char *name, *value; /* value is a so_secret: it may be a key */
	int line;
};

struct so_config_file {
	size_t count;
	struct so_config_pair *pairs;
};

/* Reads a file of KEY=value lines as systemd reads an EnvironmentFile. SO_NOT_FOUND, SO_LIMIT, or SO_INPUT with the
 * line. */
struct so_config_file *so_config_file_read(TALLOC_CTX *ctx, const char *path, struct so_err *err) SO_MUST_CHECK;

/* The row, or NULL; *at is its number. */
const struct so_config_var *so_config_find(const char *name, size_t *at);
/* Parses `value` into the member of the row. `from`: where it came from, for the message. */
bool so_config_set(struct so_config *config, const struct so_config_var *var, const char *value, const char *from,
	struct so_err *err) SO_MUST_CHECK;
/* Of `n` names that `name_at` gives, the one most like `name`, or NULL when none is close. */
const char *so_config_nearest(const char *name, const char *(*name_at)(size_t at));
void so_config_note(struct so_config *config, const char *fmt, ...) SO_PRINTF(2, 3);

static inline void *so_config_member(const struct so_config *config, const struct so_config_var *var)
{
	return (char *)config + var->offset;
}

#endif
