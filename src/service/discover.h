/* Reads a target's statistics view once, so that a new connection has something to show. */
#ifndef SO_SERVICE_DISCOVER_H
#define SO_SERVICE_DISCOVER_H

#include "job/job.h"
#include "service/service.h"

/* Queues a job that stores the costliest statements of the connection (MAX_QUERIES_PER_POLL of them) with their
 * counters since the last reset. */
bool so_service_discover(struct so_service *service, struct so_scope scope, int64_t connection_id, int64_t *job_id,
	struct so_err *err) SO_MUST_CHECK;

/* Handler of jobs of kind "discover". */
bool so_discover_job(struct so_job *job, void *arg, struct so_err *err);

#endif
