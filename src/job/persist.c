#include "job/job.h"
#include "store/store.h"

static bool create(void *arg, struct so_scope scope, struct so_store_job *job, struct so_err *err)
{
	return so_store_job_create(arg, scope, job, err);
}

static bool update(void *arg, struct so_scope scope, const struct so_store_job *job, struct so_err *err)
{
	return so_store_job_update(arg, scope, job, err);
}

static bool trim(void *arg, struct so_scope scope, int64_t keep, struct so_err *err)
{
	return so_store_job_trim(arg, scope, keep, err);
}

struct so_job_keep so_job_store(struct so_store *store)
{
	return (struct so_job_keep){ .arg = store, .create = create, .update = update, .trim = trim };
}
