#include "base/clock.h"
#include "store/entity.h"
#include "store/parts.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_finding, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(query_id),
	COLUMN(run_id),
	COLUMN(rule),
	COLUMN(issue_type),
	COLUMN(title),
	COLUMN(description),
	COLUMN(severity),
	COLUMN(doc),
	COLUMN(resolved),
	COLUMN(detected_us),
	COLUMN(resolved_us),
	COLUMN(updated_us, .read_only = true),
	COLUMN(cause, .read_only = true),
	COLUMN(ended, .read_only = true),
	COLUMN(returns, .read_only = true),
	COLUMN(factor, .read_only = true),
	COLUMN(acknowledged_us, .read_only = true),
	COLUMN(acknowledged_by, .read_only = true),
	COLUMN(acknowledged_factor, .read_only = true),
	COLUMN(muted_until_us, .read_only = true),
	COLUMN(comments, .read_only = true),
};
const struct so_entity_shape so_finding_shape = SO_SHAPE("finding", struct so_store_finding, columns);

bool so_finding_save_tx(
	struct so_store *tx, struct so_scope scope, struct so_store_finding *finding, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t changed;

	if (!finding->detected_us)
		finding->detected_us = so_time_now_us();
	so_param_int(&params, scope.organisation_id);
	so_param_entity(&params, &so_finding_shape, finding);
	if (!finding->id)
		return so_session_insert(tx, SO_STMT_FINDING_INSERT, &params, &finding->id, err);
	so_param_int(&params, finding->id);
	if (!so_session_run(tx, SO_STMT_FINDING_UPDATE, &params, &changed, err))
		return false;
	return changed > 0 || so_store_missing(err, so_finding_shape.noun, finding->id);
}

/* The three statements differ in the index they walk, and take the same parameters. */
static void choose(const struct so_store_finding_filter *filter, enum so_store_statement *list,
	enum so_store_statement *count, int64_t *of)
{
	*list = SO_STMT_FINDING_LIST;
	*count = SO_STMT_FINDING_COUNT;
	*of = 0;
	if (filter->run_id) {
		*list = SO_STMT_FINDING_LIST_OF_RUN;
		*count = SO_STMT_FINDING_COUNT_OF_RUN;
		*of = filter->run_id;
	} else if (filter->connection_id) {
		*list = SO_STMT_FINDING_LIST_OF;
		*count = SO_STMT_FINDING_COUNT_OF;
		*of = filter->connection_id;
	}
}

struct so_store_findings *so_store_finding_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_finding_filter *filter, struct so_err *err)
{
	struct so_store_findings *list = so_new(ctx, struct so_store_findings);
	struct so_params count = { 0 }, params;
	enum so_store_statement list_statement, count_statement;
	struct so_entities rows;
	int64_t of;

	choose(filter, &list_statement, &count_statement, &of);
	so_param_int(&count, scope.organisation_id);
	so_param_int(&count, filter->severity);
	so_param_text(&count, filter->issue_type);
	so_param_int(&count, filter->resolved);
	params = count;
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	if (of) {
		so_param_int(&params, of);
		so_param_int(&count, of);
	}
	if (!so_entity_list(
		    list, store, list_statement, &params, count_statement, &count, &so_finding_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_findings){ rows.count, (struct so_store_finding **)rows.items, rows.total };
	return list;
}

bool so_store_finding_resolve(
	struct so_store *store, struct so_scope scope, int64_t id, bool resolved, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	so_param_int(&params, resolved);
	so_param_int(&params, resolved ? so_time_now_us() : 0);
	return so_store_write_one(store, SO_STMT_FINDING_RESOLVE, &params, so_finding_shape.noun, id, err);
}

#define COUNT(member) SO_COLUMN(struct so_store_finding_count, member)
static const struct so_entity_column count_columns[] = { COUNT(issue_type), COUNT(severity), COUNT(count) };
static const struct so_entity_shape count_shape =
	SO_SHAPE("finding count", struct so_store_finding_count, count_columns);

struct so_store_finding_counts *so_store_finding_counts(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_finding_counts *list = so_new(ctx, struct so_store_finding_counts);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	if (!so_entity_list(
		    list, store, SO_STMT_FINDING_COUNTS, &params, SO_STMT_MAX, NULL, &count_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_finding_counts){ rows.count, (struct so_store_finding_count **)rows.items };
	return list;
}
