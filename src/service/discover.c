#include "service/discover.h"

#include <string.h>

#include "base/config.h"
#include "monitor/baseline.h"
#include "monitor/statement.h"
#include "service/query_load.h"
#include "service/targets.h"
#include "store/history.h"

struct discovery {
	struct so_service *service;
	int64_t connection_id;
};

bool so_service_discover(
	struct so_service *service, struct so_scope scope, int64_t connection_id, int64_t *job_id, struct so_err *err)
{
	struct so_job_request request = {
		.kind = "discover",
		.title = "Read the statistics of statements",
		.connection_id = connection_id,
		.scope = scope,
	};
	struct discovery *discovery = so_new(NULL, struct discovery);

	discovery->service = service;
	discovery->connection_id = connection_id;
	return so_job_submit(service->jobs, &request, discovery, job_id, err);
}

struct batch {
	struct so_scope scope;
	int64_t connection_id;
	struct so_store_query *rows;
	size_t count;
};

/* What was counted before a first poll counts too; once there was one, the polls alone count, or the calls between it
 * and this reading would be counted twice. */
static bool put_batch(struct so_store *tx, void *arg, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct batch *batch = arg;
	struct so_store_watch *watch = so_store_watch_get(tmp, tx, batch->scope, batch->connection_id, err);

	if (!watch)
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		struct so_store_query *row = &batch->rows[i];

		if (watch->polls == 0) {
			if (!so_store_query_put(tx, batch->scope, row, err))
				return false;
			continue;
		}
		row->calls = row->rows_returned = row->total_us = row->buffer_hits = row->buffer_reads = 0;
		if (!so_store_query_add(tx, batch->scope, row, err))
			return false;
	}
	return true;
}

/* One row for a statement; false for what has no text or is not a query or DML. */
static bool fill_row(TALLOC_CTX *ctx, const char *dialect, const struct so_query *query, struct so_store_query *row)
{
	if (!query->text || so_statement_row(ctx, dialect, query->text, row) != SO_QUERY_APPLICATION)
		return false;
	row->engine_id = query->engine_id;
	row->calls = query->counters.calls;
	row->rows_returned = query->counters.rows;
	row->total_us = query->counters.exec_us;
	row->buffer_hits = query->counters.shared_hit;
	row->buffer_reads = query->counters.shared_read;
	return true;
}

/* Adds to the row of the same fingerprint, if there is one: the view has a row a user and database. */
static bool merge(struct batch *batch, const struct so_store_query *row)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct so_store_query *old = &batch->rows[i];

		if (strcmp(old->fingerprint, row->fingerprint) != 0)
			continue;
		old->calls += row->calls;
		old->rows_returned += row->rows_returned;
		old->total_us += row->total_us;
		old->buffer_hits += row->buffer_hits > 0 ? row->buffer_hits : 0;
		old->buffer_reads += row->buffer_reads > 0 ? row->buffer_reads : 0;
		return true;
	}
	return false;
}

static bool store_queries(struct so_job *job, struct discovery *discovery, const struct so_query_list *queries,
	const char *dialect, struct so_err *err)
{
	TALLOC_CTX *ctx = so_job_ctx(job);
	struct batch batch = {
		.scope = so_job_scope(job),
		.connection_id = discovery->connection_id,
		.rows = so_new_array(ctx, struct so_store_query, queries->count + 1),
	};

	for (size_t i = 0; i < queries->count; i++) {
		struct so_store_query row;

		if (!fill_row(ctx, dialect, &queries->items[i], &row) || merge(&batch, &row))
			continue;
		row.connection_id = discovery->connection_id;
		batch.rows[batch.count++] = row;
	}
	return so_store_tx(discovery->service->store, put_batch, &batch, err);
}

bool so_discover_job(struct so_job *job, void *arg, struct so_err *err)
{
	struct discovery *discovery = talloc_get_type_abort(arg, struct discovery);
	struct so_service *service = discovery->service;
	TALLOC_CTX *ctx = so_job_ctx(job);
	struct so_store_conn *target =
		so_store_conn_get(ctx, service->store, so_job_scope(job), discovery->connection_id, err);
	struct so_query_list *queries;
	const char *dialect;
	struct so_conn *conn;

	so_job_step(job, "connect");
	conn = target ? so_targets_take(service, target, so_job_token(job), err) : NULL;
	if (!conn)
		return false;
	so_job_step(job, "read");
	dialect = so_conn_dialect(conn);
	queries = so_conn_engine(conn)->statements(ctx, conn, service->config->max_queries_per_poll, err);
	so_targets_give(service, conn);
	if (!queries)
		return false;
	so_job_step(job, "store");
	if (!store_queries(job, discovery, queries, dialect, err))
		return false;
	so_load_cache_lifetimes_changed(service->loads);
	return true;
}
