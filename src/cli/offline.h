/* The API without a server: the same routes over the store itself, for reading while no server runs. */
#ifndef SO_CLI_OFFLINE_H
#define SO_CLI_OFFLINE_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

struct so_offline;

/* The store of the configuration (environment and defaults). It is not made when there is none, and a server that runs
 * on it keeps everybody else out. Whatever is asked, nothing of its content is changed; as any start does, opening may
 * migrate its schema and marks jobs that a dead server left as interrupted. */
struct so_offline *so_offline_open(TALLOC_CTX *ctx, struct so_err *err) SO_MUST_CHECK;
const char *so_offline_path(const struct so_offline *offline);

/* GET of a path; `pairs` are names and values of the query, ended by NULL. *out is a new reference. */
bool so_offline_get(struct so_offline *offline, const char *path, const char *const *pairs, json_t **out,
	struct so_err *err) SO_MUST_CHECK;

#endif
