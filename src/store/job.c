#include "base/clock.h"
#include "store/entity.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_job, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(kind),
	COLUMN(state),
	COLUMN(title),
	COLUMN(result_id),
	COLUMN(steps_json),
	COLUMN(progress),
	COLUMN(error_kind),
	COLUMN(error),
	COLUMN(user_id),
	COLUMN(created_us),
	COLUMN(started_us),
	COLUMN(finished_us),
};
static const struct so_entity_shape shape = SO_SHAPE("job", struct so_store_job, columns);

struct create {
	struct so_scope scope;
	struct so_store_job *job;
};

static bool create_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct create *create = arg;
	struct so_params params = { 0 };

	so_param_int(&params, create->scope.organisation_id);
	so_param_entity(&params, &shape, create->job);
	if (so_session_insert(tx, SO_STMT_JOB_INSERT, &params, &create->job->id, err))
		return true;
	/* the only thing a job refers to */
	return err->kind == SO_CONFLICT ? so_store_missing(err, "connection", create->job->connection_id) : false;
}

bool so_store_job_create(struct so_store *store, struct so_scope scope, struct so_store_job *job, struct so_err *err)
{
	struct create create = { scope, job };

	job->user_id = scope.user_id;
	if (!job->created_us)
		job->created_us = so_time_now_us();
	return so_store_tx(store, create_tx, &create, err);
}

bool so_store_job_update(
	struct so_store *store, struct so_scope scope, const struct so_store_job *job, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &shape, job);
	so_param_int(&params, job->id);
	return so_store_write_one(store, SO_STMT_JOB_UPDATE, &params, shape.noun, job->id, err);
}

struct so_store_job *so_store_job_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_JOB_GET, scope, id, &shape, err);
}

struct so_store_jobs *so_store_job_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_job_filter *filter, struct so_err *err)
{
	struct so_store_jobs *list = so_new(ctx, struct so_store_jobs);
	bool of = filter->connection_id != 0;
	struct so_params count = { 0 }, params;
	struct so_entities rows;

	so_param_int(&count, scope.organisation_id);
	so_param_text(&count, filter->kind);
	so_param_text(&count, filter->state);
	params = count;
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	if (of) {
		so_param_int(&params, filter->connection_id);
		so_param_int(&count, filter->connection_id);
	}
	if (!so_entity_list(list, store, of ? SO_STMT_JOB_LIST_OF : SO_STMT_JOB_LIST, &params,
		    of ? SO_STMT_JOB_COUNT_OF : SO_STMT_JOB_COUNT, &count, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_jobs){ rows.count, (struct so_store_job **)rows.items, rows.total };
	return list;
}

struct trim {
	struct so_params params;
};

static bool trim_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct trim *trim = arg;

	return so_session_run(tx, SO_STMT_JOB_TRIM, &trim->params, NULL, err);
}

bool so_store_job_trim(struct so_store *store, struct so_scope scope, int64_t keep, struct so_err *err)
{
	struct trim trim = { { 0 } };

	so_param_int(&trim.params, scope.organisation_id);
	so_param_int(&trim.params, keep);
	return so_store_tx(store, trim_tx, &trim, err);
}
