#include <math.h>

#include "store/entity.h"

static void read_connections(const struct so_row *row, void *arg)
{
	struct so_store_dashboard *board = arg;

	board->connections = row->ops->number(row->raw, 0);
	board->active_connections = row->ops->number(row->raw, 1);
}

static void read_runs(const struct so_row *row, void *arg)
{
	struct so_store_dashboard *board = arg;

	board->runs = row->ops->number(row->raw, 0);
	board->runs_applied = row->ops->number(row->raw, 1);
	board->avg_improvement_pct = row->ops->real(row->raw, 2);
}

static void read_issues(const struct so_row *row, void *arg)
{
	struct so_store_dashboard *board = arg;

	board->runs_with_issues = row->ops->number(row->raw, 0);
	board->issues = row->ops->number(row->raw, 1);
}

struct so_store_dashboard *so_store_dashboard(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_dashboard *board = so_new(ctx, struct so_store_dashboard);
	const struct so_store_query_filter top = { .connection_id = connection_id, .optimized = -1, .limit = 10 };
	bool of = connection_id != 0;
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	if (of)
		so_param_int(&params, connection_id);
	board->avg_improvement_pct = NAN;
	board->top = so_store_query_list(board, store, scope, &top, err);
	if (board->top &&
		so_store_select(store, of ? SO_STMT_DASHBOARD_CONNECTIONS_OF : SO_STMT_DASHBOARD_CONNECTIONS, &params,
			read_connections, board, err) &&
		so_store_select(store, of ? SO_STMT_DASHBOARD_RUNS_OF : SO_STMT_DASHBOARD_RUNS, &params, read_runs,
			board, err) &&
		so_store_select(store, of ? SO_STMT_DASHBOARD_ISSUES_OF : SO_STMT_DASHBOARD_ISSUES, &params,
			read_issues, board, err)) {
		board->queries = board->top->total;
		return board;
	}
	talloc_free(board);
	return NULL;
}
