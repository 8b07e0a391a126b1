#include "service/optimize_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "plan/plan.h"
#include "service/harvest.h"
#include "service/model_part.h"
#include "service/optimize.h"
#include "service/statement.h"
#include "service/targets.h"

#define MAX_RECOMMENDATIONS_BYTES ((size_t)16 * 1024)

/* What a job carries: a talloc object of its own. */
struct task {
	struct so_service *service;
	struct so_optimize_request request; /* texts are children of the task */
	int64_t run_id;
};

struct progress {
	struct so_job *job;
	struct task *task;
	struct so_scope scope;
	struct so_store_run *run;
	struct so_optimize_options options;
	struct so_optimize_result *result;
	const char *model_status, *model_note;
};

bool so_service_optimize(struct so_service *service, struct so_scope scope, const struct so_optimize_request *request,
	int64_t *optimization_id, int64_t *job_id, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_conn *target = so_store_conn_get(tmp, service->store, scope, request->connection_id, err);
	const char *dialect = target ? so_engine_dialect(target->engine, target->server_flavor) : NULL;
	struct so_statement statement;
	struct so_store_run run = {
		.connection_id = request->connection_id, .query_id = request->query_id, .improvement_pct = NAN
	};
	struct so_job_request job = { .kind = "optimize", .connection_id = request->connection_id, .scope = scope };
	struct task *task;

	if (!target || !so_statement_read(tmp, dialect, request->sql_query, &statement, err))
		return false;
	so_service_harvest(service, target, request->sql_query);
	job.title = so_printf(tmp, "Optimize a %s on %s", statement.cls.verb, target->name);
	run.original_sql = run.optimized_sql = request->sql_query;
	run.explanation = (char *)"The analysis has not finished yet.";
	if (!so_store_run_save(service->store, scope, &run, NULL, err))
		return false;
	task = so_new(NULL, struct task);
	task->service = service;
	task->request = *request;
	task->request.sql_query = so_strdup(task, request->sql_query);
	task->run_id = run.id;
	*optimization_id = job.result_id = run.id;
	if (!so_job_submit(service->jobs, &job, task, job_id, err)) {
		struct so_err second = SO_ERR_INIT;

		if (!so_store_run_delete(service->store, scope, run.id, &second))
			so_fail_in(err, "optimization %lld stays unfinished", (long long)run.id);
		return false;
	}
	return true;
}

static void on_step(void *arg, const char *name)
{
	so_job_step(arg, name);
}

static const struct so_proposal *best_offered(const struct so_proposal_list *list, enum so_proposal_kind kind)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->verdict == SO_VERDICT_OFFERED &&
			(kind == SO_PROPOSAL_KIND_MAX || list->items[i]->kind == kind))
			return list->items[i];
	return NULL;
}

/* All offered proposals as text, for clients that know only `recommendations`. */
static char *recommendations(TALLOC_CTX *ctx, const struct so_proposal_list *list)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, MAX_RECOMMENDATIONS_BYTES);
	for (size_t i = 0; i < list->count; i++) {
		const struct so_proposal *p = list->items[i];

		if (p->verdict == SO_VERDICT_OFFERED)
			so_buf_addf(&buf, "%s%s\n%s\n", buf.len ? "\n" : "", p->title, p->sql ? p->sql : "");
	}
	return buf.len ? buf.data : NULL;
}

static char *dump(TALLOC_CTX *ctx, json_t *doc, struct so_err *err)
{
	char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL, *copy;

	json_decref(doc);
	if (!text) {
		so_fail(err, SO_INTERNAL, "a result could not be written as JSON (a text is not valid UTF-8?)");
		return NULL;
	}
	copy = so_strdup(ctx, text);
	free(text);
	return copy;
}

/* The engine's own document as an object, as the older API shows it: EXPLAIN prints an array of one. */
static json_t *raw_plan(const struct so_optimize_result *result)
{
	json_t *doc = json_loads(result->explain.text, 0, NULL), *first;

	if (json_is_array(doc) && json_array_size(doc) == 1) {
		first = json_incref(json_array_get(doc, 0));
		json_decref(doc);
		return first;
	}
	return doc ? doc : json_null();
}

static char *extra_json(TALLOC_CTX *ctx, const struct progress *p, struct so_err *err)
{
	const struct so_optimize_result *r = p->result;
	json_t *model = json_pack("{s:s, s:s, s:s?}", "status", p->model_status, "name",
		so_llm_model(p->task->service->llm), "note", p->model_note);

	return dump(ctx,
		json_pack("{s:b, s:s, s:s?, s:o, s:o, s:f, s:f}", "fine", r->fine, "reason", r->summary,
			"parameter_note", r->parameter_note, "execution_plan",
			p->task->request.include_execution_plan ? raw_plan(r) : json_null(), "model", model,
			"own_cpu_ms", (double)r->own_cpu_us / 1000, "wait_ms", (double)r->wait_us / 1000),
		err);
}

static bool fill_parts(TALLOC_CTX *ctx, const struct progress *p, struct so_store_run_parts *parts, struct so_err *err)
{
	const struct so_finding_list *findings = p->result->findings;
	const struct so_proposal_list *proposals = p->result->proposals;

	parts->findings = so_new_array(ctx, struct so_store_finding *, findings->count + 1);
	for (size_t i = 0; i < findings->count; i++) {
		const struct so_finding *f = &findings->items[i];
		struct so_store_finding *row = so_new(ctx, struct so_store_finding);

		*row = (struct so_store_finding){ .query_id = p->run->query_id,
			.rule = (char *)f->rule,
			.issue_type = (char *)(f->issue_type ? f->issue_type : "suboptimal_pattern"),
			.title = f->title,
			.description = f->explanation,
			.severity = f->severity,
			.doc = dump(ctx, so_finding_to_json(f), err) };
		if (!row->doc)
			return false;
		parts->findings[parts->n_findings++] = row;
	}
	parts->proposals = so_new_array(ctx, struct so_store_proposal *, proposals->count + 1);
	for (size_t i = 0; i < proposals->count; i++) {
		struct so_proposal *from = proposals->items[i];
		struct so_store_proposal *row = so_new(ctx, struct so_store_proposal);

		*row = (struct so_store_proposal){ .id = from->id,
			.kind = (char *)so_proposal_kind_name(from->kind),
			.verdict = (char *)so_verdict_name(from->verdict),
			.title = from->title,
			.origin = from->origin,
			.cost_before = from->cost_before,
			.cost_after = from->cost_after,
			.doc = dump(ctx, so_proposal_to_json(from), err) };
		if (!row->doc)
			return false;
		parts->proposals[parts->n_proposals++] = row;
	}
	return true;
}

/* Everything that is known now, in one transaction. */
static bool save_result(struct progress *p, struct so_store *store, bool complete, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_run *run = p->run;
	const struct so_proposal *rewrite = best_offered(p->result->proposals, SO_PROPOSAL_REWRITE);
	const struct so_proposal *best = best_offered(p->result->proposals, SO_PROPOSAL_KIND_MAX);
	struct so_store_run_parts parts = { 0 };
	bool saved;

	run->optimized_sql = rewrite ? rewrite->sql : run->original_sql;
	run->explanation = p->result->summary;
	run->recommendations = recommendations(tmp, p->result->proposals);
	run->improvement_pct =
		best && best->cost_before > 0 ? 100 * (best->cost_before - best->cost_after) / best->cost_before : NAN;
	run->complete = complete;
	run->duration_us = p->result->wall_us;
	run->job_id = so_job_id(p->job);
	run->plan_json = dump(tmp, so_plan_to_json(p->result->plan), err);
	run->detected_json = dump(tmp, so_detection_result(p->result->findings, so_time_now_us()), err);
	run->extra_json = extra_json(tmp, p, err);
	saved = run->plan_json && run->detected_json && run->extra_json && fill_parts(tmp, p, &parts, err) &&
		so_store_run_save(store, p->scope, run, &parts, err);
	for (size_t i = 0; saved && i < parts.n_proposals; i++)
		p->result->proposals->items[i]->id = parts.proposals[i]->id;
	return saved;
}

static bool save_failure(struct so_store *store, struct so_scope scope, struct so_store_run *run, int64_t job_id,
	const struct so_err *why, struct so_err *err)
{
	run->status = SO_RUN_FAILED;
	run->complete = true;
	run->error = (char *)why->message;
	run->explanation = (char *)why->message;
	run->job_id = job_id;
	run->extra_json = dump(run,
		json_pack("{s:s, s:i}", "error_kind", so_kind_name(why->kind), "error_position", (int)why->position),
		err);
	return run->extra_json && so_store_run_save(store, scope, run, NULL, err);
}

void so_optimize_drop(struct so_scope scope, int64_t id, void *arg, const struct so_err *why)
{
	const struct task *task = talloc_get_type_abort(arg, struct task);
	struct so_store *store = task->service->store;
	struct so_err err = SO_ERR_INIT;
	SO_TMP(tmp, NULL);
	struct so_store_run *run = so_store_run_get(tmp, store, scope, task->run_id, &err);

	/* not found: its connection was deleted meanwhile */
	if ((!run && err.kind != SO_NOT_FOUND) || (run && !save_failure(store, scope, run, id, why, &err)))
		so_log_err(SO_LOG_ERROR, &(struct so_log_at){ .module = "service", .job_id = id }, &err,
			"cannot store that the analysis was given up");
}

/* While the model was asked, somebody may have validated or applied what the rules proposed: that is kept. */
static bool refresh(struct progress *p, struct so_store *store, struct so_err *err)
{
	TALLOC_CTX *ctx = so_job_ctx(p->job);
	struct so_proposal_list *old = p->result->proposals, *fresh = so_proposal_list_new(p->result);
	struct so_store_run *run = so_store_run_get(ctx, store, p->scope, p->run->id, err);
	struct so_store_proposals *rows = run ? so_store_proposal_list(ctx, store, p->scope, run->id, err) : NULL;

	if (!rows)
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		struct so_proposal *proposal = so_proposal_from_text(fresh, rows->items[i]->doc, err);

		if (!proposal)
			return false;
		proposal->id = rows->items[i]->id;
	}
	for (size_t i = 0; i < old->count; i++)
		if (!old->items[i]->id) /* the model's */
			so_proposal_take(fresh, old->items[i]);
	so_proposal_list_sort(fresh);
	p->result->proposals = fresh;
	p->run = run;
	return true;
}

/* In one transaction, so that nobody can apply anything between the look and the writing. */
static bool save_again(struct so_store *tx, void *arg, struct so_err *err)
{
	struct progress *p = arg;

	return refresh(p, tx, err) && save_result(p, tx, true, err);
}

/* Cancelled while the model was asked: nothing more will come, and what the rules found is the result. */
static void close_run(struct progress *p)
{
	struct so_err ignored = SO_ERR_INIT;

	p->model_status = "failed";
	p->model_note = "cancelled before the model had answered";
	if (!so_store_tx(p->task->service->store, save_again, p, &ignored))
		p->run->complete = false;
}

/* The rules' result stands whatever happens here. */
static bool ask_model(struct progress *p, struct so_conn *conn, struct so_err *err)
{
	struct so_model_report report = { 0 };
	struct so_err why = SO_ERR_INIT;

	so_job_step(p->job, "model");
	if (so_optimize_with_model(
		    so_job_ctx(p->job), conn, p->task->service->llm, &p->options, p->result, &report, &why)) {
		p->model_status = "done";
		p->model_note = report.note;
	} else if (so_cancel_requested(so_job_token(p->job))) {
		*err = why;
		close_run(p);
		return false;
	} else {
		p->model_status = "failed";
		p->model_note = so_strdup(so_job_ctx(p->job), why.message);
		so_job_step_end(p->job, true, why.message);
	}
	return true;
}

static bool run_pipeline(struct progress *p, struct so_conn *conn, struct so_err *err)
{
	struct so_llm *llm = p->task->service->llm;
	bool with_model = so_llm_configured(llm);

	p->model_status = with_model ? "pending" : "off";
	if (!so_optimize(so_job_ctx(p->job), conn, &p->options, &p->result, err) ||
		!save_result(p, p->task->service->store, !with_model, err))
		return false;
	if (!with_model)
		return true;
	return ask_model(p, conn, err) && so_store_tx(p->task->service->store, save_again, p, err);
}

bool so_optimize_job(struct so_job *job, void *arg, struct so_err *err)
{
	struct task *task = talloc_get_type_abort(arg, struct task);
	struct so_service *service = task->service;
	struct progress p = { .job = job, .task = task, .scope = so_job_scope(job) };
	struct so_store_conn *target;
	struct so_conn *conn;
	struct so_err ignored = SO_ERR_INIT;
	bool done;

	so_job_step(job, "connect");
	p.run = so_store_run_get(so_job_ctx(job), service->store, p.scope, task->run_id, err);
	target = p.run ? so_store_conn_get(so_job_ctx(job), service->store, p.scope, p.run->connection_id, err) : NULL;
	if (!target)
		return false; /* deleted meanwhile */
	p.options = (struct so_optimize_options){
		.sql = task->request.sql_query,
		.analyze = task->request.analyze,
		.verify = task->request.verify,
		.measure = task->request.measure,
		.scratch = target->scratch,
		.seen = so_service_harvested(so_job_ctx(job), service, target, task->request.sql_query),
		.cancel = so_job_token(job),
		.step = on_step,
		.step_arg = job,
	};
	conn = so_targets_take(service, target, so_job_token(job), err);
	done = conn && run_pipeline(&p, conn, err);
	if (conn)
		so_targets_give(service, conn);
	if (!done && !p.result && !save_failure(service->store, p.scope, p.run, so_job_id(job), err, &ignored))
		so_log_err(SO_LOG_ERROR, &(struct so_log_at){ .module = "service", .job_id = so_job_id(job) }, &ignored,
			"cannot store the failure");
	return done;
}
