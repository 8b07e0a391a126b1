#include "service/prove.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "plan/plan.h"
#include "service/harvest.h"
#include "service/statement.h"
#include "service/targets.h"
#include "service/values.h"
#include "sql/resolve.h"
#include "verify/verify.h"

#define TIMEOUT_MS 10000 /* of one statement */
#define LIMIT_MS   60000 /* of all: it holds a worker of the request pool */

struct work {
	struct so_service *service;
	struct so_scope scope;
	const struct so_prove_request *request;
	struct so_store_run *run;
	struct so_store_proposal *row;
	struct so_proposal *proposal;
	struct so_statement statement;
	struct so_store_conn *target;
	struct so_conn *conn;
	struct so_cancel *limit; /* of all that is run */
	struct so_prove_result *out;
	struct so_harvested_list *seen; /* values in use, or NULL */
};

static void note(TALLOC_CTX *ctx, struct so_prove_result *out, const char *text)
{
	out->notes = so_renew_array(ctx, out->notes, char *, out->n_notes + 1);
	out->notes[out->n_notes++] = so_strdup(ctx, text);
}

/* What rungs 5 and 6 can say something about: never what was already shown to be wrong. */
static bool provable(const struct so_proposal *p)
{
	return p->sql && (p->verdict != SO_VERDICT_REJECTED || so_proposal_rejected_by_time(p)) &&
	       (p->kind == SO_PROPOSAL_REWRITE || p->kind == SO_PROPOSAL_INDEX);
}

/* The proposal asked for, or the first (best ranked) that can be proved, those that a measurement rejected last; none
 * is no error. */
static bool choose(TALLOC_CTX *ctx, struct work *work, struct so_err *err)
{
	struct so_store_proposals *rows =
		so_store_proposal_list(ctx, work->service->store, work->scope, work->run->id, err);
	struct so_proposal_list *list = so_proposal_list_new(ctx);
	int64_t asked = work->request->proposal_id;

	if (!rows)
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		struct so_proposal *p = so_proposal_from_text(list, rows->items[i]->doc, err);

		if (!p)
			return false;
		if (asked ? rows->items[i]->id != asked
			  : !provable(p) || (work->proposal && p->verdict == SO_VERDICT_REJECTED))
			continue;
		if (!provable(p))
			return so_fail(err, SO_CONFLICT,
				"proposal %lld is a %s with verdict %s: there is nothing to run",
				(long long)rows->items[i]->id, so_proposal_kind_name(p->kind),
				so_verdict_name(p->verdict));
		work->row = rows->items[i];
		work->proposal = p;
		p->id = work->row->id;
		if (asked || p->verdict != SO_VERDICT_REJECTED)
			return true;
	}
	return !asked || so_fail(err, SO_NOT_FOUND, "optimization %lld has no proposal %lld", (long long)work->run->id,
				 (long long)asked);
}

static struct so_verify_options verify_options(const struct work *work)
{
	return (struct so_verify_options){
		.timeout_ms = TIMEOUT_MS,
		.max_rows = SO_MAX_RESULT_ROWS,
		.max_bytes = SO_MAX_RESULT_BYTES,
		.iterations = (int32_t)work->request->iterations,
		.scratch = work->target->scratch,
		.cancel = work->limit,
	};
}

/* Pages and planning time of one more run, which the timed runs do not report. */
static bool add_plan_figures(
	TALLOC_CTX *ctx, struct work *work, const char *sql, struct so_prove_metrics *m, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_explain_options options = { .mode = SO_EXPLAIN_ANALYZE, .buffers = true, .timeout_ms = TIMEOUT_MS };
	struct so_explain explain = { 0 };
	struct so_plan *plan;

	if (!so_conn_engine(work->conn)->explain(tmp, work->conn, sql, &options, &explain, err) ||
		!so_plan_read(tmp, explain.text, strlen(explain.text), &plan, err))
		return false;
	m->planning_time_ms = isnan(plan->planning_ms) ? -1 : plan->planning_ms;
	m->buffer_hits = plan->nodes[0].buffers.shared_hit;
	m->buffer_reads = plan->nodes[0].buffers.shared_read;
	return true;
}

static bool time_one(
	TALLOC_CTX *ctx, struct work *work, const char *sql, struct so_prove_metrics *m, struct so_err *err)
{
	struct so_verify_options options = verify_options(work);
	struct so_timing timing = { 0 };

	if (!so_verify_time(work->conn, sql, &options, &timing, err))
		return false;
	*m = (struct so_prove_metrics){
		.execution_time_ms = timing.median_ms,
		.rows_returned = timing.rows,
		.planning_time_ms = -1,
		.buffer_hits = -1,
		.buffer_reads = -1,
	};
	return add_plan_figures(ctx, work, sql, m, err);
}

/* Running takes seconds, in which somebody may have applied it: that rung and the run's state are taken as they are
 * now. */
static bool refresh(TALLOC_CTX *tmp, struct so_store *tx, struct work *work, struct so_err *err)
{
	struct so_store_proposal *row = so_store_proposal_get(tmp, tx, work->scope, work->row->id, err);
	struct so_store_run *run = so_store_run_get(work->row, tx, work->scope, work->run->id, err);
	struct so_proposal *now = row && run ? so_proposal_from_text(so_proposal_list_new(tmp), row->doc, err) : NULL;

	if (!now)
		return false;
	if (now->rungs[SO_RUNG_APPLIED].status != SO_RUNG_NOT_RUN)
		so_proposal_rung(work->proposal, SO_RUNG_APPLIED, now->rungs[SO_RUNG_APPLIED].status, "%s",
			now->rungs[SO_RUNG_APPLIED].reason);
	work->run = run;
	return true;
}

/* In one transaction, so that nobody can apply it between the look and the writing. */
static bool save(struct so_store *tx, void *arg, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct work *work = arg;
	json_t *doc;
	char *text;
	bool done;

	if (!refresh(tmp, tx, work, err))
		return false;
	doc = so_proposal_to_json(work->proposal);
	text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	json_decref(doc);
	if (!text)
		return so_fail(err, SO_INTERNAL, "a proposal could not be written as JSON");
	work->row->doc = text;
	work->row->verdict = (char *)so_verdict_name(work->proposal->verdict);
	done = so_store_proposal_update(tx, work->scope, work->row, err);
	free(text);
	if (done && work->proposal->rungs[SO_RUNG_MEASURED].status == SO_RUNG_PASSED &&
		work->run->status == SO_RUN_PENDING) {
		work->run->status = SO_RUN_VALIDATED;
		work->run->validated_us = work->out->validated_at_us;
		done = so_store_run_save(tx, work->scope, work->run, NULL, err);
	}
	return done;
}

/* From the figures of the rung to the shape that the older API has. */
static void fill_from_proposal(struct work *work)
{
	const struct so_proposal *p = work->proposal;
	struct so_prove_result *out = work->out;

	if (isnan(p->measured_before_ms))
		return;
	out->has_original = out->has_optimized = true;
	out->original.execution_time_ms = p->measured_before_ms;
	out->optimized.execution_time_ms = p->measured_after_ms;
	out->improvement_ms = p->measured_before_ms - p->measured_after_ms;
	out->improvement_pct = p->measured_before_ms > 0 ? 100 * out->improvement_ms / p->measured_before_ms : 0;
	out->is_faster = p->rungs[SO_RUNG_MEASURED].status == SO_RUNG_PASSED;
}

/* What the statement names, to know which of its functions are safe to call. */
static struct so_catalog *load_catalog(TALLOC_CTX *ctx, struct work *work, struct so_err *err)
{
	struct so_statement_names names;

	so_statement_names(ctx, &work->statement, &names);
	return so_conn_engine(work->conn)
		->catalog(ctx, work->conn, names.tables, names.n_tables, names.functions, names.n_functions, err);
}

/* Values for a statement whose own are gone; its text becomes the one with the first of them. */
static void give_values(TALLOC_CTX *ctx, struct work *work, const struct so_catalog *catalog,
	struct so_verify_statement *original, struct so_prove_result *out)
{
	struct so_resolved *resolved = NULL;
	struct so_err ignored = SO_ERR_INIT;
	struct so_values *values;

	if (!original->has_params || !original->pure_read)
		return;
	if (!so_sql_resolve(ctx, work->statement.ast, work->statement.root, catalog, &resolved, &ignored))
		resolved = NULL;
	values = so_values_read(ctx, &work->statement, resolved, work->seen);
	so_values_pairs(ctx, values, work->proposal, original);
	if (original->n_pairs > 0)
		original->sql = original->pairs[0].before;
	else if (values->why_not)
		note(ctx, out, values->why_not);
}

static bool prove(TALLOC_CTX *ctx, struct work *work, struct so_err *err)
{
	struct so_catalog *catalog = load_catalog(ctx, work, err);
	struct so_verify_statement original = so_statement_for_verify(&work->statement, catalog);
	struct so_verify_options options = verify_options(work);
	struct so_prove_result *out = work->out;
	struct so_proposal *p = work->proposal;

	if (!catalog)
		return false;
	give_values(ctx, work, catalog, &original, out);
	if (!original.pure_read || (original.has_params && original.n_pairs == 0)) {
		note(ctx, out,
			original.pure_read
				? "the statement has parameters and no values for them are known; nothing was run"
				: "only pure reads are executed; nothing was run");
		return true;
	}
	if (work->request->run_original && !time_one(ctx, work, original.sql, &out->original, err)) {
		so_verify_hide_values(&original, err);
		return false;
	}
	out->has_original = work->request->run_original;
	if (!p) {
		note(ctx, out, "there is no proposal to compare with");
		return true;
	}
	if (!work->request->run_optimized)
		return true;
	if (so_proposal_rejected_by_time(p)) { /* as it was before it was measured */
		p->verdict = SO_VERDICT_OFFERED;
		talloc_free(p->verdict_reason);
		p->verdict_reason = NULL;
	}
	if (!so_verify_same_result(work->conn, &original, p, &options, err))
		return false;
	out->same_result = p->rungs[SO_RUNG_SAME_RESULT].status == SO_RUNG_PASSED;
	if (p->verdict != SO_VERDICT_REJECTED && !so_verify_measure(work->conn, &original, p, &options, err))
		return false;
	fill_from_proposal(work);
	for (int rung = SO_RUNG_SAME_RESULT; rung <= SO_RUNG_MEASURED; rung++)
		if (p->rungs[rung].reason)
			note(ctx, out, p->rungs[rung].reason);
	if (out->has_optimized && p->kind == SO_PROPOSAL_REWRITE &&
		!add_plan_figures(ctx, work, p->sql, &out->optimized, err))
		return false;
	return so_store_tx(work->service->store, save, work, err);
}

static bool prove_stored(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_prove_request *request, struct so_prove_result *out, struct so_err *err)
{
	struct work work = { .service = service, .scope = scope, .request = request, .out = out };
	const char *dialect;
	bool done;

	*out = (struct so_prove_result){
		.improvement_pct = NAN, .improvement_ms = NAN, .validated_at_us = so_time_now_us()
	};
	out->original.planning_time_ms = out->optimized.planning_time_ms = -1;
	out->original.buffer_hits = out->original.buffer_reads = out->optimized.buffer_hits =
		out->optimized.buffer_reads = -1;
	out->original.rows_returned = out->optimized.rows_returned = -1;
	work.run = so_store_run_get(ctx, service->store, scope, request->optimization_id, err);
	if (!work.run || !choose(ctx, &work, err))
		return false;
	work.target = so_store_conn_get(ctx, service->store, scope, work.run->connection_id, err);
	dialect = work.target ? so_engine_dialect(work.target->engine, work.target->server_flavor) : NULL;
	if (!work.target || !so_statement_parse(ctx, dialect, work.run->original_sql, &work.statement, err))
		return false;
	work.seen = work.statement.has_params ? so_service_harvested(ctx, service, work.target, work.run->original_sql)
					      : NULL;
	work.limit = so_cancel_new(ctx, so_time_monotonic_us() + (int64_t)LIMIT_MS * 1000);
	work.conn = so_targets_take(service, work.target, work.limit, err);
	if (!work.conn)
		return false;
	done = prove(ctx, &work, err);
	if (!done && so_cancel_left_ms(work.limit, 1) == 0)
		so_fail_in(err, "a validation may take %d s in all", LIMIT_MS / 1000);
	so_targets_give(service, work.conn);
	out->success = done && (out->has_original || out->has_optimized);
	out->proposal = work.proposal;
	return done;
}

bool so_service_prove(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_prove_request *request, struct so_prove_result *out, struct so_err *err)
{
	int64_t most = service->config->request_threads > 1 ? service->config->request_threads / 2 : 1;
	bool done;

	if (atomic_fetch_add(&service->proving, 1) < most)
		done = prove_stored(ctx, service, scope, request, out, err);
	else
		done = so_fail(err, SO_BUSY,
			"%lld validations are running, which is all that may at a time: try again later",
			(long long)most);
	atomic_fetch_sub(&service->proving, 1);
	return done;
}
