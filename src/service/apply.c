#include "service/apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "service/statement.h"
#include "service/targets.h"
#include "sql/parse.h"

#define LOCK_TIMEOUT_MS 3000

/* A stored proposal with its row. */
struct chosen {
	struct so_store_run *run;
	struct so_store_proposal *row;
	struct so_proposal *proposal;
};

static bool applicable(const struct so_proposal *p)
{
	return p->verdict == SO_VERDICT_OFFERED && p->sql && p->kind != SO_PROPOSAL_REWRITE;
}

/* Applying it twice would fail on the name, or worse build it again under another one. */
static bool applied_already(const struct so_proposal *p)
{
	return p->rungs[SO_RUNG_APPLIED].status == SO_RUNG_PASSED;
}

static bool matches(
	const struct so_apply_request *request, const struct so_store_proposal *row, const struct so_proposal *p)
{
	if (request->proposal_id)
		return row->id == request->proposal_id;
	if (request->sql_to_execute && *request->sql_to_execute)
		return p->sql && strcmp(p->sql, request->sql_to_execute) == 0;
	/* not the next one when somebody asks twice, and nothing is dropped unless it is named */
	return applicable(p) && p->kind != SO_PROPOSAL_DROP_INDEX;
}

static bool choose(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_apply_request *request, struct chosen *out, struct so_err *err)
{
	struct so_store_proposals *rows;
	struct so_proposal_list *list = so_proposal_list_new(ctx);

	out->run = so_store_run_get(ctx, service->store, scope, request->optimization_id, err);
	if (!out->run)
		return false;
	rows = so_store_proposal_list(ctx, service->store, scope, out->run->id, err);
	if (!rows)
		return false;
	for (size_t i = 0; i < rows->count; i++) {
		struct so_proposal *p = so_proposal_from_text(list, rows->items[i]->doc, err);

		if (!p)
			return false;
		if (!matches(request, rows->items[i], p))
			continue;
		if (!applicable(p))
			return so_fail(err, SO_CONFLICT, "proposal %lld cannot be applied: %s",
				(long long)rows->items[i]->id,
				p->kind == SO_PROPOSAL_REWRITE
					? "a rewrite is applied in the program that sends the statement"
					: "it is not offered, see its proof record");
		if (applied_already(p))
			return so_fail(
				err, SO_CONFLICT, "proposal %lld was applied already", (long long)rows->items[i]->id);
		out->row = rows->items[i];
		out->proposal = p;
		return true;
	}
	if (request->sql_to_execute && *request->sql_to_execute)
		return so_fail(err, SO_CONFLICT,
			"sql_to_execute is not the SQL of an offered proposal of this optimization; other SQL is never "
			"run");
	return so_fail(err, SO_CONFLICT, "optimization %lld has no offered proposal that can be applied",
		(long long)request->optimization_id);
}

static void add_check(struct so_apply_result *out, TALLOC_CTX *ctx, bool ok, const char *title, const char *detail)
{
	out->checks = so_renew_array(ctx, out->checks, struct so_apply_check, out->n_checks + 1);
	out->checks[out->n_checks++] =
		(struct so_apply_check){ .title = so_strdup(ctx, title), .ok = ok, .detail = so_strdup(ctx, detail) };
}

static bool run_checks(TALLOC_CTX *ctx, struct so_service *service, struct so_conn *conn, struct so_apply_result *out,
	struct so_err *err)
{
	const struct so_engine_info *info = so_conn_engine(conn)->info(conn, err);
	bool ok = true;

	if (!info)
		return false;
	add_check(out, ctx, true, "The target can be reached", info->version);
	add_check(out, ctx, info->caps & SO_CAP_WRITABLE, "The target accepts changes",
		info->in_recovery ? "it is a standby: apply on the primary" : "it is writable");
	add_check(out, ctx, out->undo_sql != NULL, "The change can be undone",
		out->undo_sql ? out->undo_sql : "no undo is known");
	add_check(out, ctx, service->config->enable_ddl_execution, "Changes are allowed by the configuration",
		service->config->enable_ddl_execution ? "ENABLE_DDL_EXECUTION=true"
						      : "ENABLE_DDL_EXECUTION is false; set it to true to allow it");
	for (size_t i = 0; i < out->n_checks; i++)
		ok = ok && out->checks[i].ok;
	out->success = ok;
	return true;
}

struct outcome {
	struct so_scope scope;
	const struct chosen *chosen;
	const struct so_err *failure; /* NULL: it worked */
	int64_t now_us;
};

/* The rung in the stored proposal as it is now: others may have applied or validated it meanwhile, and one who came
 * too late does not write over that. */
static bool record_rung(TALLOC_CTX *tmp, struct so_store *tx, const struct outcome *outcome, struct so_err *err)
{
	struct so_store_proposal *row = so_store_proposal_get(tmp, tx, outcome->scope, outcome->chosen->row->id, err);
	struct so_proposal *p = row ? so_proposal_from_text(so_proposal_list_new(tmp), row->doc, err) : NULL;
	json_t *doc;
	bool done;

	if (!p)
		return false;
	if (outcome->failure && applied_already(p))
		return true;
	p->id = row->id;
	if (outcome->failure)
		so_proposal_rung(p, SO_RUNG_APPLIED, SO_RUNG_FAILED, "%s", outcome->failure->message);
	else
		so_proposal_rung(p, SO_RUNG_APPLIED, SO_RUNG_PASSED, "applied on request");
	doc = so_proposal_to_json(p);
	row->doc = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	done = so_store_proposal_update(tx, outcome->scope, row, err);
	free(row->doc);
	return done;
}

/* The rung, the run's status and the audit entry, whatever the outcome was. */
static bool record_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct outcome *outcome = arg;
	struct so_store_audit entry = {
		.action = (char *)"proposal.apply",
		.object_type = (char *)"proposal",
		.object_id = outcome->chosen->row->id,
		.ok = !outcome->failure,
	};
	struct so_store_run *run;

	if (!record_rung(tmp, tx, outcome, err))
		return false;
	if (!outcome->failure) {
		run = so_store_run_get(tmp, tx, outcome->scope, outcome->chosen->run->id, err);
		if (!run)
			return false;
		run->status = SO_RUN_APPLIED;
		run->applied_us = outcome->now_us;
		if (!so_store_run_save(tx, outcome->scope, run, NULL, err))
			return false;
	}
	return so_store_audit_add(tx, outcome->scope, &entry, err);
}

static bool record(struct so_service *service, struct so_scope scope, const struct chosen *chosen,
	const struct so_err *failure, int64_t now_us, struct so_err *err)
{
	struct outcome outcome = { .scope = scope, .chosen = chosen, .failure = failure, .now_us = now_us };

	return so_store_tx(service->store, record_tx, &outcome, err);
}

/* The statements of a proposal, one by one within one limit of time; stops at the first that fails and says what had
 * been done before it. */
static bool run_script(struct so_conn *conn, const char *sql, int64_t limit_ms, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_engine *engine = so_conn_engine(conn);
	int64_t start_us = so_time_monotonic_us();
	struct so_sql_piece *pieces;
	size_t n;

	if (!so_sql_split(
		    tmp, NULL, so_statement_dialect(so_conn_dialect(conn)), sql, strlen(sql), NULL, &pieces, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		int64_t left_ms = limit_ms - (so_time_monotonic_us() - start_us) / 1000;
		const char *text = so_strndup(tmp, sql + pieces[i].offset, pieces[i].len);

		if (engine->execute(conn, text, left_ms > 0 ? left_ms : 1, LOCK_TIMEOUT_MS, err))
			continue;
		if (n == 1)
			return false;
		if (i == 0)
			return so_fail_in(err, "nothing was changed: statement 1 of %zu (%.60s) failed", n, text);
		return so_fail_in(err, "%zu of %zu statements were run and stay, up to (%.60s); then (%.60s) failed", i,
			n, so_strndup(tmp, sql + pieces[i - 1].offset, pieces[i - 1].len), text);
	}
	return true;
}

static bool execute(struct so_service *service, struct so_scope scope, struct so_conn *conn, struct chosen *chosen,
	struct so_apply_result *out, struct so_err *err)
{
	int64_t limit_ms = service->config->max_ddl_execution_time_s * 1000;
	struct so_err failure = SO_ERR_INIT;

	if (!run_script(conn, chosen->proposal->sql, limit_ms, &failure)) {
		*err = failure;
		struct so_err ignored = SO_ERR_INIT;

		return record(service, scope, chosen, &failure, 0, &ignored) && false;
	}
	out->applied_at_us = so_time_now_us();
	return record(service, scope, chosen, NULL, out->applied_at_us, err);
}

static bool apply(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_apply_request *request, struct so_apply_result *out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct chosen chosen = { 0 };
	struct so_store_conn *target;
	struct so_conn *conn;
	bool done;

	if (!choose(tmp, service, scope, request, &chosen, err))
		return false;
	if (!request->dry_run && !service->config->enable_ddl_execution)
		return so_fail(err, SO_FORBIDDEN,
			"changes are switched off: ENABLE_DDL_EXECUTION is false; send \"dry_run\": true to see what "
			"would be run");
	target = so_store_conn_get(tmp, service->store, scope, chosen.run->connection_id, err);
	conn = target ? so_targets_take(service, target, NULL, err) : NULL;
	if (!conn)
		return false;
	*out = (struct so_apply_result){
		.dry_run = request->dry_run,
		.optimization_id = request->optimization_id,
		.sql = so_strdup(ctx, chosen.proposal->sql),
		.undo_sql = so_strdup_or_null(ctx, chosen.proposal->undo_sql),
		.lock = so_strdup_or_null(ctx, chosen.proposal->lock),
	};
	done = run_checks(ctx, service, conn, out, err);
	if (done && !request->dry_run && !out->success)
		done = so_fail(err, SO_CONFLICT, "not applied: a check failed; a dry run lists them");
	else if (done && !request->dry_run)
		done = execute(service, scope, conn, &chosen, out, err);
	if (request->dry_run)
		out->success = done; /* the checks say what would stand in the way */
	out->message = so_strdup(ctx, request->dry_run ? "dry run: nothing was changed" : "applied");
	so_targets_give(service, conn);
	return done;
}

bool so_service_apply(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_apply_request *request, struct so_apply_result *out, struct so_err *err)
{
	bool done;

	if (request->dry_run || !service->config->enable_ddl_execution)
		return apply(ctx, service, scope, request, out, err);
	/* two concurrent index builds on a table wait for each other until the server calls it a deadlock */
	if (atomic_exchange(&service->applying, true))
		return so_fail(
			err, SO_BUSY, "another change is being made, and there is one at a time: try again later");
	done = apply(ctx, service, scope, request, out, err);
	atomic_store(&service->applying, false);
	return done;
}
