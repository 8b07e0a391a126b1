#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "store/entity.h"
#include "store/parts.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_run, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(query_id),
	COLUMN(job_id),
	COLUMN(original_sql),
	COLUMN(optimized_sql),
	COLUMN(explanation),
	COLUMN(recommendations),
	COLUMN(plan_json),
	COLUMN(detected_json),
	COLUMN(extra_json),
	COLUMN(improvement_pct),
	COLUMN(status),
	COLUMN(complete),
	COLUMN(model),
	COLUMN(error),
	COLUMN(duration_us),
	COLUMN(created_us),
	COLUMN(updated_us),
	COLUMN(applied_us),
	COLUMN(validated_us),
	COLUMN(n_issues, .read_only = true),
};
static const struct so_entity_shape shape = SO_SHAPE("optimization", struct so_store_run, columns);

static const char *const status_names[] = { "pending", "applied", "validated", "failed" };
_Static_assert(sizeof status_names / sizeof status_names[0] == SO_RUN_STATUS_MAX, "a name for every status");

const char *so_run_status_name(enum so_run_status status)
{
	so_assert(status < SO_RUN_STATUS_MAX);
	return status_names[status];
}

enum so_run_status so_run_status_find(const char *name)
{
	enum so_run_status status = 0;

	while (status < SO_RUN_STATUS_MAX && strcmp(status_names[status], name) != 0)
		status++;
	return status;
}

struct save {
	struct so_scope scope;
	struct so_store_run *run;
	const struct so_store_run_parts *parts;
};

enum { PARTS_MAX = 10000 };

struct ids {
	SO_VEC(int64_t) found;
};

static void read_id(const struct so_row *row, void *arg)
{
	struct ids *ids = arg;
	int64_t *id = so_vec_add(&ids->found);

	if (id)
		*id = row->ops->number(row->raw, 0);
}

/* Deletes those parts of the run that the stored ids name and `keep` does not. */
static bool drop_others(struct so_store *tx, const struct save *save, enum so_store_statement list,
	enum so_store_statement drop, bool (*keep)(const struct so_store_run_parts *parts, int64_t id),
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_params params = { 0 };
	struct ids ids;

	so_vec_init(&ids.found, tmp, PARTS_MAX);
	so_param_int(&params, save->scope.organisation_id);
	so_param_int(&params, save->run->id);
	if (!tx->ops->run(tx->session, list, &params, read_id, &ids, NULL, err))
		return false;
	SO_VEC_EACH (id, &ids.found) {
		struct so_params one = { 0 };

		if (keep(save->parts, *id))
			continue;
		so_param_int(&one, save->scope.organisation_id);
		so_param_int(&one, *id);
		if (!so_session_run(tx, drop, &one, NULL, err))
			return false;
	}
	return true;
}

static bool keep_finding(const struct so_store_run_parts *parts, int64_t id)
{
	for (size_t i = 0; i < parts->n_findings; i++)
		if (parts->findings[i]->id == id)
			return true;
	return false;
}

static bool keep_proposal(const struct so_store_run_parts *parts, int64_t id)
{
	for (size_t i = 0; i < parts->n_proposals; i++)
		if (parts->proposals[i]->id == id)
			return true;
	return false;
}

static bool save_parts(struct so_store *tx, const struct save *save, struct so_err *err)
{
	const struct so_store_run_parts *parts = save->parts;

	if (!drop_others(tx, save, SO_STMT_FINDING_IDS, SO_STMT_FINDING_DELETE, keep_finding, err) ||
		!drop_others(tx, save, SO_STMT_PROPOSAL_IDS, SO_STMT_PROPOSAL_DELETE, keep_proposal, err))
		return false;
	for (size_t i = 0; i < parts->n_findings; i++) {
		parts->findings[i]->run_id = save->run->id;
		parts->findings[i]->connection_id = save->run->connection_id;
		parts->findings[i]->query_id = save->run->query_id;
		if (!so_finding_save_tx(tx, save->scope, parts->findings[i], err))
			return false;
	}
	for (size_t i = 0; i < parts->n_proposals; i++) {
		parts->proposals[i]->run_id = save->run->id;
		parts->proposals[i]->connection_id = save->run->connection_id;
		if (!so_proposal_save_tx(tx, save->scope, parts->proposals[i], err))
			return false;
	}
	return true;
}

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct save *save = arg;
	struct so_params params = { 0 };
	int64_t changed;

	so_param_int(&params, save->scope.organisation_id);
	so_param_entity(&params, &shape, save->run);
	if (save->run->id) {
		so_param_int(&params, save->run->id);
		if (!so_session_run(tx, SO_STMT_RUN_UPDATE, &params, &changed, err))
			return false;
		if (changed == 0)
			return so_store_missing(err, shape.noun, save->run->id);
	} else {
		if (!so_session_insert(tx, SO_STMT_RUN_INSERT, &params, &save->run->id, err))
			return false;
		if (!save->run->id)
			return so_store_missing(err, "connection", save->run->connection_id);
	}
	return !save->parts || save_parts(tx, save, err);
}

/* The ids that a transaction filled in, so that a failed commit can take them back: the caller may save again. */
static void forget_ids(const struct so_store_run_parts *parts, const int64_t *old)
{
	for (size_t i = 0; i < parts->n_findings; i++)
		parts->findings[i]->id = *old++;
	for (size_t i = 0; i < parts->n_proposals; i++)
		parts->proposals[i]->id = *old++;
}

static int64_t *remember_ids(TALLOC_CTX *tmp, const struct so_store_run_parts *parts)
{
	int64_t *ids = so_new_array(tmp, int64_t, parts->n_findings + parts->n_proposals + 1), *at = ids;

	for (size_t i = 0; i < parts->n_findings; i++)
		*at++ = parts->findings[i]->id;
	for (size_t i = 0; i < parts->n_proposals; i++)
		*at++ = parts->proposals[i]->id;
	return ids;
}

bool so_store_run_save(struct so_store *store, struct so_scope scope, struct so_store_run *run,
	const struct so_store_run_parts *parts, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct save save = { scope, run, parts };
	int64_t run_id = run->id, *ids = parts ? remember_ids(tmp, parts) : NULL;

	if (parts && parts->n_findings + parts->n_proposals > PARTS_MAX)
		return so_fail(err, SO_LIMIT, "more than %d findings and proposals in one run", PARTS_MAX);
	run->updated_us = so_time_now_us();
	if (!run->created_us)
		run->created_us = run->updated_us;
	if (so_store_tx(store, save_tx, &save, err))
		return true;
	run->id = run_id;
	if (parts)
		forget_ids(parts, ids);
	return false;
}

struct so_store_run *so_store_run_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_RUN_GET, scope, id, &shape, err);
}

static struct so_store_runs *list_with_issues(struct so_store_runs *list, struct so_store *store, struct so_scope scope,
	const struct so_store_run_filter *filter, struct so_err *err)
{
	struct so_params params = { 0 }, count = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	so_param_int(&params, filter->connection_id);
	so_param_int(&count, scope.organisation_id);
	so_param_int(&count, filter->connection_id);
	if (!so_entity_list(list, store, SO_STMT_RUN_LIST_ISSUES, &params, SO_STMT_RUN_COUNT_ISSUES, &count, &shape,
		    &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_runs){ rows.count, (struct so_store_run **)rows.items, rows.total };
	return list;
}

struct so_store_runs *so_store_run_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_run_filter *filter, struct so_err *err)
{
	struct so_store_runs *list = so_new(ctx, struct so_store_runs);
	bool of = filter->connection_id != 0;
	struct so_params params = { 0 }, count = { 0 };
	enum so_store_statement lists = of ? SO_STMT_RUN_LIST_OF : SO_STMT_RUN_LIST,
				counts = of ? SO_STMT_RUN_COUNT_OF : SO_STMT_RUN_COUNT;
	struct so_entities rows;

	if (filter->with_issues)
		return list_with_issues(list, store, scope, filter, err);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, filter->status);
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	so_param_int(&count, scope.organisation_id);
	so_param_int(&count, filter->status);
	if (of) {
		so_param_int(&params, filter->connection_id);
		so_param_int(&count, filter->connection_id);
	}
	if (!so_entity_list(list, store, lists, &params, counts, &count, &shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_runs){ rows.count, (struct so_store_run **)rows.items, rows.total };
	return list;
}

bool so_store_run_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	return so_store_write_one(store, SO_STMT_RUN_DELETE, &params, shape.noun, id, err);
}
