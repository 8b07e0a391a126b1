/* Where all connections stand, in one reading of the store: what /metrics shows. The rules of store.h hold. */
#ifndef SO_STORE_FIGURES_H
#define SO_STORE_FIGURES_H

#include "store/store.h"

struct so_store_figure {
	int64_t connection_id;
	char *name, *engine, *environment, *database;
	char *error; /* of the last poll, or NULL */
	bool monitoring_enabled;
	int64_t instance_id; /* 0: not known yet */
	int64_t failures; /* since the last good poll */
	int64_t success_us; /* the last good poll; 0: none */
	int64_t statements; /* in the last good poll */
	/* Sums since the connection was made; they never go down. */
	int64_t polls, failed, duration_us, wait_us, cpu_us;
	int64_t calls, exec_us; /* of its statements, between its polls */
	int64_t last_us, last_duration_us; /* the last poll, good or not; 0: none */
};
struct so_store_figures {
	size_t count;
	struct so_store_figure **items; /* by connection id */
	int64_t total; /* connections there are, whatever the limit */
};
struct so_store_figures *so_store_figure_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit, struct so_err *err);

#endif
