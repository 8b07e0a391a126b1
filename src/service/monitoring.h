/* Monitoring as the API shows it: start, stop, trigger, where it stands. The work is monitor/'s. */
#ifndef SO_SERVICE_MONITORING_H
#define SO_SERVICE_MONITORING_H

#include "monitor/monitor.h"
#include "service/service.h"

/* Makes service->monitor, paused unless MONITORING_ENABLED. `_end` stops it; false: a poll still runs at the deadline.
 */
bool so_service_monitoring_begin(struct so_service *service, struct so_scope scope, struct so_err *err) SO_MUST_CHECK;
bool so_service_monitoring_end(struct so_service *service, int64_t deadline_us) SO_MUST_CHECK;

/* Never blocks. */
bool so_service_monitoring_runs(struct so_service *service);
/* SO_UNSUPPORTED where there is no monitor, as all that follow. */
bool so_service_monitoring_set(struct so_service *service, bool run, struct so_err *err) SO_MUST_CHECK;
/* SO_CONFLICT when it is stopped. */
bool so_service_monitoring_trigger(struct so_service *service, struct so_err *err) SO_MUST_CHECK;

struct so_monitoring_status {
	bool is_running;
	int64_t last_us, next_us; /* 0: none */
	int64_t interval_minutes, queries_discovered, active_connections;
};
bool so_service_monitoring_status(struct so_service *service, struct so_scope scope, struct so_monitoring_status *out,
	struct so_err *err) SO_MUST_CHECK;

/* One connection: where its polling stands and what the last poll cost. */
struct so_monitoring_target {
	const struct so_store_conn *conn;
	const char *state; /* "unwatched", "paused", "waiting", "running" */
	const struct so_store_watch *watch;
	const struct so_store_poll *last; /* the last poll, good or not; NULL: none */
	int64_t next_us, interval_s;
};
/* All connections, by id; *out has *n elements. */
bool so_service_monitoring_targets(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t limit,
	int64_t offset, struct so_monitoring_target **out, size_t *n, int64_t *total, struct so_err *err) SO_MUST_CHECK;

#endif
