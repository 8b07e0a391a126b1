/* Many databases at once: a whole list made so, the databases of a server, and the servers there are. */
#ifndef SO_SERVICE_FLEET_H
#define SO_SERVICE_FLEET_H

#include "service/connections.h"
#include "store/figures.h"
#include "store/history.h"

#define SO_APPLY_MAX 500 /* connections in one call */

enum so_apply_action { SO_APPLY_CREATED, SO_APPLY_CHANGED, SO_APPLY_UNCHANGED, SO_APPLY_REFUSED, SO_APPLY_ACTION_MAX };
extern const char *const so_apply_actions[]; /* "created" ..., ended by NULL */

struct so_apply_outcome {
	const char *name;
	enum so_apply_action action;
	int64_t id; /* 0: none yet */
	char *changes; /* "host, password", or NULL */
	char *error; /* of a refused one, or NULL */
};
/* Makes the connections named be as given: by name, made or changed where they differ. Nobody is logged in: what cannot
 * be reached says so at its first poll. One transaction: when one of them is refused, nothing is written at all. A NULL
 * password or dsn keeps what is stored. `out` has n elements. */
bool so_service_connections_apply(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *inputs, size_t n, bool dry_run, struct so_apply_outcome *out,
	struct so_err *err) SO_MUST_CHECK;

struct so_found_database {
	char *name;
	int64_t connection_id; /* that is registered for it already, 0: none */
};
/* The databases of the server that the input leads to; its name is not used, and its database only to get in. */
bool so_service_databases_of(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *input, struct so_found_database **out, size_t *n,
	struct so_err *err) SO_MUST_CHECK;
/* The same through a stored connection. */
bool so_service_databases(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_found_database **out, size_t *n, struct so_err *err) SO_MUST_CHECK;

struct so_instance_view {
	const struct so_store_instance *instance;
	const char *state; /* of its polls: "unwatched", "paused", "waiting", "running" */
	int64_t success_us, next_us; /* 0: none */
	int64_t failures; /* the most of its connections */
	const char *error; /* or NULL */
	size_t n;
	const struct so_store_figure **connections;
};
/* All servers that a connection lives on, by id. */
bool so_service_instances(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	struct so_instance_view **out, size_t *n, struct so_err *err) SO_MUST_CHECK;

#endif
