/* The main job as a stored job. */
#ifndef SO_SERVICE_OPTIMIZE_JOB_H
#define SO_SERVICE_OPTIMIZE_JOB_H

#include "job/job.h"

/* Handler of jobs of kind "optimize"; `arg` is what so_service_optimize submitted. */
bool so_optimize_job(struct so_job *job, void *arg, struct so_err *err);
/* For one that ended in the queue: its run is stored as failed. */
void so_optimize_drop(struct so_scope scope, int64_t id, void *arg, const struct so_err *why);

#endif
