/* The store through its interface, as any backend must behave. */
#include "store_fixture.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/sqlite.h"
#include "store/history.h"
#include "store/statements.h"
#include "store/use.h"

static struct so_store_query *new_query(
	struct fixture *fix, int64_t connection_id, const char *fingerprint, int64_t total_us)
{
	struct so_store_query *query = so_new(fix->root, struct so_store_query);

	query->connection_id = connection_id;
	query->fingerprint = so_strdup(query, fingerprint);
	query->fingerprint_version = 1;
	query->sql_text = so_printf(query, "SELECT '%s'", fingerprint);
	query->calls = 3;
	query->total_us = total_us;
	query->buffer_hits = query->buffer_reads = -1;
	OK(so_store_query_put(fix->store, SCOPE, query, &err));
	return query;
}

static struct so_store_finding *new_finding(TALLOC_CTX *ctx, const char *rule, int64_t severity)
{
	struct so_store_finding *finding = so_new(ctx, struct so_store_finding);

	finding->rule = so_strdup(finding, rule);
	finding->issue_type = so_strdup(finding, "missing_index");
	finding->title = so_strdup(finding, "title");
	finding->description = so_strdup(finding, "description");
	finding->severity = severity;
	finding->doc = so_strdup(finding, "{}");
	return finding;
}

static struct so_store_proposal *new_proposal(TALLOC_CTX *ctx, const char *title)
{
	struct so_store_proposal *proposal = so_new(ctx, struct so_store_proposal);

	proposal->kind = so_strdup(proposal, "index");
	proposal->verdict = so_strdup(proposal, "offered");
	proposal->title = so_strdup(proposal, title);
	proposal->origin = so_strdup(proposal, "advisor");
	proposal->doc = so_strdup(proposal, "{}");
	proposal->cost_before = 100;
	proposal->cost_after = NAN;
	return proposal;
}

static struct so_store_run *new_run(TALLOC_CTX *ctx, int64_t connection_id)
{
	struct so_store_run *run = so_new(ctx, struct so_store_run);

	run->connection_id = connection_id;
	run->original_sql = so_strdup(run, "SELECT 1");
	run->optimized_sql = so_strdup(run, "SELECT 1");
	run->improvement_pct = 40;
	return run;
}

/* ---- entities ---- */

static void test_connections(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop"), *back;
	struct so_store_conns *list;

	assert_int_equal(conn->id, 1);
	assert_true(conn->created_us > 0);
	OK(back = so_store_conn_get(fix->root, fix->store, SCOPE, conn->id, &err));
	assert_string_equal(back->name, "shop");
	assert_string_equal(back->password_token, "gAAAAA-token");
	assert_null(back->dsn_token);
	assert_int_equal(back->port, 5432);
	assert_true(back->scratch);
	assert_false(back->ssl_enabled);
	back->name = so_strdup(back, "renamed");
	back->server_flavor = so_strdup(back, "aurora");
	OK(so_store_conn_update(fix->store, SCOPE, back, &err));
	new_conn(fix, "shop");
	FAILS(SO_CONFLICT, so_store_conn_create(fix->store, SCOPE, conn, &err));
	back->name = so_strdup(back, "shop");
	FAILS(SO_CONFLICT, so_store_conn_update(fix->store, SCOPE, back, &err));
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 1, 1, &err));
	assert_int_equal(list->count, 1);
	assert_int_equal(list->total, 2);
	assert_string_equal(list->items[0]->name, "shop");
	FAILS(SO_NOT_FOUND, so_store_conn_get(fix->root, fix->store, SCOPE, 99, &err));
	FAILS(SO_NOT_FOUND, so_store_conn_delete(fix->store, SCOPE, 99, &err));
	back->id = 99;
	back->name = so_strdup(back, "nobody");
	FAILS(SO_NOT_FOUND, so_store_conn_update(fix->store, SCOPE, back, &err));
}

static void test_ids_are_not_used_twice(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *first = new_conn(fix, "a"), *second;

	OK(so_store_conn_delete(fix->store, SCOPE, first->id, &err));
	second = new_conn(fix, "a");
	assert_true(second->id > first->id);
}

static void test_another_organisation_sees_nothing(void **state)
{
	struct fixture *fix = *state;
	struct so_scope other = { .organisation_id = 2 };
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_query *query = new_query(fix, conn->id, "q", 1);
	struct so_store_run *run = new_run(fix->root, conn->id);
	struct so_store_conns *list;
	struct so_store_dashboard *board;

	OK(so_store_run_save(fix->store, SCOPE, run, NULL, &err));
	FAILS(SO_NOT_FOUND, so_store_conn_get(fix->root, fix->store, other, conn->id, &err));
	FAILS(SO_NOT_FOUND, so_store_conn_update(fix->store, other, conn, &err));
	FAILS(SO_NOT_FOUND, so_store_conn_delete(fix->store, other, conn->id, &err));
	FAILS(SO_NOT_FOUND, so_store_query_get(fix->root, fix->store, other, query->id, &err));
	FAILS(SO_NOT_FOUND, so_store_query_put(fix->store, other, query, &err));
	FAILS(SO_NOT_FOUND, so_store_run_get(fix->root, fix->store, other, run->id, &err));
	FAILS(SO_NOT_FOUND, so_store_run_delete(fix->store, other, run->id, &err));
	FAILS(SO_NOT_FOUND, so_store_run_save(fix->store, other, run, NULL, &err));
	run->id = 0;
	FAILS(SO_NOT_FOUND, so_store_run_save(fix->store, other, run, NULL, &err));
	OK(list = so_store_conn_list(fix->root, fix->store, other, 0, 0, &err));
	assert_int_equal(list->total, 0);
	OK(board = so_store_dashboard(fix->root, fix->store, other, 0, &err));
	assert_int_equal(board->connections + board->queries + board->runs, 0);
}

static void test_queries(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop"), *second = new_conn(fix, "other");
	struct so_store_query *slow = new_query(fix, conn->id, "slow", 900),
			      *fast = new_query(fix, conn->id, "fast", 5), *again;
	struct so_store_query_filter filter = { .optimized = -1 };
	struct so_store_queries *list;

	new_query(fix, second->id, "slow", 50);
	again = new_query(fix, conn->id, "fast", 7);
	assert_int_equal(again->id, fast->id);
	assert_int_equal(again->discovered_us, fast->discovered_us);
	OK(again = so_store_query_get(fix->root, fix->store, SCOPE, fast->id, &err));
	assert_int_equal(again->total_us, 7);
	assert_int_equal(again->buffer_hits, -1);
	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->count, 3);
	assert_int_equal(list->items[0]->id, slow->id);
	filter.connection_id = conn->id;
	filter.limit = 1;
	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->count, 1);
	assert_int_equal(list->total, 2);
	slow->optimized = true;
	OK(so_store_query_put(fix->store, SCOPE, slow, &err));
	filter.optimized = 1;
	OK(list = so_store_query_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 1);
	assert_int_equal(list->items[0]->id, slow->id);
	slow->connection_id = 99;
	FAILS(SO_NOT_FOUND, so_store_query_put(fix->store, SCOPE, slow, &err));
}

static void test_runs_and_their_parts(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_run *run = new_run(fix->root, conn->id), *back;
	struct so_store_finding *findings[3];
	struct so_store_proposal *proposals[2];
	struct so_store_run_parts parts = { 2, 1, findings, proposals };
	struct so_store_finding_filter filter = { .severity = -1, .resolved = -1 };
	struct so_store_findings *found;
	struct so_store_proposals *offered;
	int64_t kept;

	for (int i = 0; i < 3; i++)
		findings[i] = new_finding(run, "rule", i);
	proposals[0] = new_proposal(run, "first");
	proposals[1] = new_proposal(run, "second");
	OK(so_store_run_save(fix->store, SCOPE, run, &parts, &err));
	assert_int_equal(findings[0]->run_id, run->id);
	kept = findings[0]->id;
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, run->id, &err));
	assert_int_equal(back->n_issues, 2);
	assert_false(back->complete);
	assert_int_equal(back->query_id, 0);
	assert_true(back->improvement_pct == 40);

	/* the model's part joins: one finding goes, one comes, a proposal is added */
	findings[1] = findings[2];
	parts.n_proposals = 2;
	back->complete = true;
	back->improvement_pct = NAN;
	back->status = SO_RUN_APPLIED;
	OK(so_store_run_save(fix->store, SCOPE, back, &parts, &err));
	filter.run_id = run->id;
	OK(found = so_store_finding_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(found->count, 2);
	assert_int_equal(found->items[0]->id, kept);
	assert_int_equal(found->items[1]->severity, 2);
	OK(offered = so_store_proposal_list(fix->root, fix->store, SCOPE, run->id, &err));
	assert_int_equal(offered->count, 2);
	assert_string_equal(offered->items[1]->title, "second");
	assert_true(offered->items[1]->cost_before == 100);
	assert_true(isnan(offered->items[1]->cost_after));
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, run->id, &err));
	assert_true(back->complete && back->status == SO_RUN_APPLIED && isnan(back->improvement_pct));

	/* saving the run alone leaves its parts */
	OK(so_store_run_save(fix->store, SCOPE, back, NULL, &err));
	OK(back = so_store_run_get(fix->root, fix->store, SCOPE, run->id, &err));
	assert_int_equal(back->n_issues, 2);
	proposals[0]->verdict = so_strdup(run, "rejected");
	OK(so_store_proposal_update(fix->store, SCOPE, proposals[0], &err));
	OK(proposals[1] = so_store_proposal_get(fix->root, fix->store, SCOPE, proposals[0]->id, &err));
	assert_string_equal(proposals[1]->verdict, "rejected");

	OK(so_store_finding_resolve(fix->store, SCOPE, kept, true, &err));
	filter.resolved = 0;
	filter.run_id = 0;
	OK(found = so_store_finding_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(found->total, 1);
	filter.connection_id = conn->id;
	filter.resolved = 1;
	OK(found = so_store_finding_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(found->total, 1);
	assert_true(found->items[0]->resolved_us > 0);
	filter.issue_type = "stale_statistics";
	OK(found = so_store_finding_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(found->total, 0);
	OK(so_store_run_delete(fix->store, SCOPE, run->id, &err));
	FAILS(SO_NOT_FOUND, so_store_proposal_get(fix->root, fix->store, SCOPE, proposals[0]->id, &err));
}

static void test_run_list(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "a"), *other = new_conn(fix, "b");
	struct so_store_run_filter filter = { .status = -1 };
	struct so_store_run *last = NULL;
	struct so_store_runs *list;

	for (int i = 0; i < 5; i++) {
		last = new_run(fix->root, i < 3 ? conn->id : other->id);
		last->status = i == 1 ? SO_RUN_FAILED : SO_RUN_PENDING;
		OK(so_store_run_save(fix->store, SCOPE, last, NULL, &err));
	}
	OK(list = so_store_run_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 5);
	assert_int_equal(list->items[0]->id, last->id);
	filter.connection_id = conn->id;
	filter.status = SO_RUN_PENDING;
	OK(list = so_store_run_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 2);
	assert_int_equal(so_run_status_find("validated"), SO_RUN_VALIDATED);
	assert_int_equal(so_run_status_find("x"), SO_RUN_STATUS_MAX);
}

static void test_a_failed_save_can_be_repeated(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_run *run = new_run(fix->root, conn->id);
	struct so_store_finding *findings[2] = { new_finding(run, "good", 1), new_finding(run, "bad", 9) };
	struct so_store_run_parts parts = { .n_findings = 2, .findings = findings };
	struct so_store_run_filter filter = { .status = -1 };
	struct so_store_runs *list;

	FAILS(SO_CONFLICT, so_store_run_save(fix->store, SCOPE, run, &parts, &err));
	assert_int_equal(run->id, 0);
	assert_int_equal(findings[0]->id, 0);
	OK(list = so_store_run_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 0);
	findings[1]->severity = 2;
	OK(so_store_run_save(fix->store, SCOPE, run, &parts, &err));
	assert_true(run->id > 0 && findings[1]->id > 0);
}

static void test_jobs_and_audit(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_job *back;
	struct so_store_job_filter filter = { 0 };
	struct so_store_jobs *list;
	struct so_store_audit entry = { .action = (char *)"connection.create", .object_id = 1, .ok = true };
	struct so_store_audits *log;

	for (int i = 0; i < 4; i++) {
		struct so_store_job job = { .kind = (char *)"optimize",
			.state = (char *)(i == 3 ? "running" : "done"),
			.connection_id = i % 2 ? conn->id : 0 };

		OK(so_store_job_create(fix->store, SCOPE, &job, &err));
		job.result_id = 7;
		job.steps_json = (char *)"[]";
		OK(so_store_job_update(fix->store, SCOPE, &job, &err));
		OK(back = so_store_job_get(fix->root, fix->store, SCOPE, job.id, &err));
		assert_int_equal(back->result_id, 7);
		assert_string_equal(back->steps_json, "[]");
	}
	FAILS(SO_NOT_FOUND,
		so_store_job_create(fix->store, SCOPE,
			(&(struct so_store_job){ .kind = (char *)"x", .state = (char *)"queued", .connection_id = 99 }),
			&err));
	filter.state = "done";
	OK(list = so_store_job_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 3);
	filter.connection_id = conn->id;
	OK(list = so_store_job_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(list->total, 1);
	OK(so_store_job_trim(fix->store, SCOPE, 1, &err));
	OK(list = so_store_job_list(fix->root, fix->store, SCOPE, &(struct so_store_job_filter){ 0 }, &err));
	assert_int_equal(list->total, 1);
	assert_string_equal(list->items[0]->state, "running");
	OK(so_store_audit_add(fix->store, (struct so_scope){ 1, 42 }, &entry, &err));
	OK(log = so_store_audit_list(fix->root, fix->store, SCOPE, 0, 0, &err));
	assert_int_equal(log->total, 1);
	assert_int_equal(log->items[0]->user_id, 42);
	assert_true(log->items[0]->at_us > 0);
}

static bool add_one(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_samples_add(tx, arg, 1, err);
}

static void test_deleting_a_connection_takes_its_data(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "shop");
	struct so_store_query *query = new_query(fix, conn->id, "q", 1);
	struct so_store_run *run = new_run(fix->root, conn->id);
	struct so_store_proposal *proposal = new_proposal(run, "p");
	struct so_store_finding *finding = new_finding(run, "r", 1);
	struct so_store_run_parts parts = { 1, 1, &finding, &proposal };
	struct so_store_job job = { .kind = (char *)"optimize", .state = (char *)"done", .connection_id = conn->id };
	struct so_store_sample sample = { .query_id = query->id, .at_us = 1700000000000000, .delta = { 1 } };
	struct so_store_finding_filter filter = { .severity = -1, .resolved = -1 };
	struct so_store_findings *found;
	struct so_store_samples *samples;

	run->query_id = query->id;
	OK(so_store_run_save(fix->store, SCOPE, run, &parts, &err));
	OK(so_store_job_create(fix->store, SCOPE, &job, &err));
	OK(so_store_tx_lazy(fix->store, add_one, &sample, &err));
	OK(so_store_conn_delete(fix->store, SCOPE, conn->id, &err));
	FAILS(SO_NOT_FOUND, so_store_query_get(fix->root, fix->store, SCOPE, query->id, &err));
	FAILS(SO_NOT_FOUND, so_store_run_get(fix->root, fix->store, SCOPE, run->id, &err));
	FAILS(SO_NOT_FOUND, so_store_proposal_get(fix->root, fix->store, SCOPE, proposal->id, &err));
	FAILS(SO_NOT_FOUND, so_store_job_get(fix->root, fix->store, SCOPE, job.id, &err));
	OK(found = so_store_finding_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_int_equal(found->total, 0);
	OK(samples = so_store_sample_list(
		   fix->root, fix->store, SCOPE, query->id, sample.at_us, sample.at_us + 1, &err));
	assert_int_equal(samples->count, 0);
}

static int64_t texts_in(struct fixture *fix)
{
	struct so_sqlite_options options = { 0 };
	struct so_sqlite *raw;
	int64_t count;

	OK(raw = so_sqlite_open(fix->root, fix->path, &options, &err));
	OK(so_sqlite_int(raw, "SELECT count(*) FROM query_text", &count, &err));
	talloc_free(raw);
	return count;
}

/* Twenty databases run the same statements: each text is there once, and goes with the last that has it. */
static void test_a_text_is_kept_once(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conns[20];
	struct so_store_query *back;
	int64_t ids[20][3];

	for (int c = 0; c < 20; c++) {
		conns[c] = new_conn(fix, so_printf(fix->root, "db%d", c));
		for (int q = 0; q < 3; q++) {
			struct so_store_query query = { .connection_id = conns[c]->id,
				.fingerprint = so_printf(fix->root, "f%d", q),
				.fingerprint_version = 1,
				.hash = q == 2 ? NULL : so_printf(fix->root, "%064d", q),
				.sql_text = so_printf(fix->root, "SELECT %d", q) };

			OK(so_store_query_put(fix->store, SCOPE, &query, &err));
			ids[c][q] = query.id;
		}
	}
	assert_int_equal(texts_in(fix), 3);
	for (int q = 0; q < 3; q++) {
		OK(back = so_store_query_get(fix->root, fix->store, SCOPE, ids[7][q], &err));
		assert_string_equal(back->sql_text, so_printf(fix->root, "SELECT %d", q));
		if (q == 2)
			assert_null(back->hash);
		else
			assert_string_equal(back->hash, so_printf(fix->root, "%064d", q));
	}
	/* another text of the same statement: the others keep theirs */
	for (int round = 0; round < 3; round++) {
		struct so_store_query query = { .connection_id = conns[0]->id,
			.fingerprint = (char *)"f0",
			.fingerprint_version = 1,
			.sql_text = so_printf(fix->root, "SELECT 0 /* trace %d */", round) };

		OK(so_store_query_put(fix->store, SCOPE, &query, &err));
		assert_int_equal(query.id, ids[0][0]);
		assert_int_equal(texts_in(fix), 4);
		OK(back = so_store_query_get(fix->root, fix->store, SCOPE, ids[0][0], &err));
		assert_string_equal(back->sql_text, query.sql_text);
	}
	OK(so_store_conn_delete(fix->store, SCOPE, conns[0]->id, &err));
	assert_int_equal(texts_in(fix), 3);
	for (int c = 1; c < 19; c++)
		OK(so_store_conn_delete(fix->store, SCOPE, conns[c]->id, &err));
	OK(back = so_store_query_get(fix->root, fix->store, SCOPE, ids[19][0], &err));
	assert_string_equal(back->sql_text, "SELECT 0");
	OK(so_store_conn_delete(fix->store, SCOPE, conns[19]->id, &err));
	assert_int_equal(texts_in(fix), 0);
}

static void test_dashboard(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "a"), *other = new_conn(fix, "b");
	struct so_store_run *run = new_run(fix->root, conn->id), *unknown = new_run(fix->root, conn->id);
	struct so_store_finding *findings[2] = { new_finding(run, "x", 3), new_finding(run, "y", 1) };
	struct so_store_run_parts parts = { .n_findings = 2, .findings = findings };
	struct so_store_dashboard *board;

	OK(board = so_store_dashboard(fix->root, fix->store, SCOPE, 0, &err));
	assert_true(isnan(board->avg_improvement_pct));
	other->monitoring_enabled = false;
	OK(so_store_conn_update(fix->store, SCOPE, other, &err));
	for (int i = 0; i < 12; i++)
		new_query(fix, conn->id, so_printf(fix->root, "q%d", i), i);
	run->status = SO_RUN_APPLIED;
	run->applied_us = 5;
	unknown->improvement_pct = NAN;
	unknown->status = SO_RUN_VALIDATED; /* measured: nothing was changed */
	OK(so_store_run_save(fix->store, SCOPE, run, &parts, &err));
	OK(so_store_run_save(fix->store, SCOPE, unknown, NULL, &err));
	OK(board = so_store_dashboard(fix->root, fix->store, SCOPE, 0, &err));
	assert_int_equal(board->connections, 2);
	assert_int_equal(board->active_connections, 1);
	assert_int_equal(board->queries, 12);
	assert_int_equal(board->top->count, 10);
	assert_int_equal(board->top->items[0]->total_us, 11);
	assert_int_equal(board->runs, 2);
	assert_int_equal(board->runs_applied, 1);
	assert_true(board->avg_improvement_pct == 40);
	assert_int_equal(board->runs_with_issues, 1);
	assert_int_equal(board->issues, 2);
	OK(board = so_store_dashboard(fix->root, fix->store, SCOPE, other->id, &err));
	assert_int_equal(board->connections, 1);
	assert_int_equal(board->queries + board->runs + board->issues, 0);
}

static void test_samples(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conn *conn = new_conn(fix, "a");
	struct so_store_query *query = new_query(fix, conn->id, "q", 1);
	struct so_store_sample samples[300];
	struct so_store_samples *list;
	int64_t start = 1700000000000000;

	for (int i = 0; i < 300; i++)
		samples[i] = (struct so_store_sample){ .query_id = i == 299 ? 12345 : query->id,
			.at_us = start + (int64_t)i * 60 * 1000000,
			.delta = { i + 1, 0, 2 } };
	for (int i = 0; i < 300; i++)
		OK(so_store_tx_lazy(fix->store, add_one, &samples[i], &err));
	OK(list = so_store_sample_list(
		   fix->root, fix->store, SCOPE, query->id, start, start + (int64_t)86400 * 1000000, &err));
	assert_int_equal(list->count, 299);
	for (int i = 0; i < 299; i++) {
		assert_int_equal(list->items[i].at_us, samples[i].at_us);
		assert_int_equal(list->items[i].delta[0], i + 1);
		assert_int_equal(list->items[i].delta[1], 0);
	}
	OK(list = so_store_sample_list(fix->root, fix->store, SCOPE, query->id, start, start + 61000000, &err));
	assert_int_equal(list->count, 2);
	FAILS(SO_LIMIT, so_store_sample_list(fix->root, fix->store, SCOPE, query->id, 0, start, &err));
	OK(list = so_store_sample_list(
		   fix->root, fix->store, (struct so_scope){ 2, 0 }, query->id, start, start + 61000000, &err));
	assert_int_equal(list->count, 0);
}

/* ---- transactions ---- */

static bool two_then_fail(struct so_store *tx, void *arg, struct so_err *err)
{
	struct fixture *fix = arg;
	struct so_store_conn conn = { .name = (char *)"inside", .engine = (char *)"postgresql" };

	if (!so_store_conn_create(tx, SCOPE, &conn, err) || !so_store_conn_get(fix->root, tx, SCOPE, conn.id, err))
		return false;
	return so_fail(err, SO_INPUT, "changed my mind");
}

static bool two_connections(struct so_store *tx, void *arg, struct so_err *err)
{
	struct so_store_conn first = { .name = (char *)"one", .engine = (char *)"postgresql" };
	struct so_store_conn second = { .name = (char *)"two", .engine = (char *)"postgresql" };

	(void)arg;
	return so_store_conn_create(tx, SCOPE, &first, err) && so_store_conn_create(tx, SCOPE, &second, err);
}

static void test_transactions_are_whole(void **state)
{
	struct fixture *fix = *state;
	struct so_store_conns *list;

	FAILS(SO_INPUT, so_store_tx(fix->store, two_then_fail, fix, &err));
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 0, 0, &err));
	assert_int_equal(list->total, 0);
	OK(so_store_tx(fix->store, two_connections, NULL, &err));
	FAILS(SO_CONFLICT, so_store_tx(fix->store, two_connections, NULL, &err));
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 0, 0, &err));
	assert_int_equal(list->total, 2);
}

enum { WRITERS = 8, WRITES = 40 };

struct crowd {
	struct so_store *store;
	int number, failures;
	pthread_barrier_t *start;
};

/* Every fourth write of a thread fails by itself: the others of its group must not notice. */
static void *crowd_thread(void *arg)
{
	struct crowd *crowd = arg;
	TALLOC_CTX *tmp = talloc_new(NULL);

	pthread_barrier_wait(crowd->start);
	for (int i = 0; i < WRITES; i++) {
		struct so_err err = SO_ERR_INIT;
		struct so_store_conn conn = { .engine = (char *)"postgresql" };
		bool twice = i % 4 == 3;

		conn.name = so_printf(tmp, "c%d-%d", crowd->number, twice ? i - 1 : i);
		if (so_store_conn_create(crowd->store, SCOPE, &conn, &err) == twice)
			crowd->failures++;
		if (!twice && !so_store_conn_get(tmp, crowd->store, SCOPE, conn.id, &err))
			crowd->failures++;
	}
	talloc_free(tmp);
	return NULL;
}

static void test_concurrent_writers_share_commits(void **state)
{
	struct fixture *fix = *state;
	pthread_barrier_t start;
	pthread_t threads[WRITERS];
	struct crowd crowds[WRITERS];
	struct so_store_conns *list;
	struct so_store_stats before, after;

	OK(so_store_stats(fix->store, &before, &err));
	pthread_barrier_init(&start, NULL, WRITERS);
	for (int i = 0; i < WRITERS; i++) {
		crowds[i] = (struct crowd){ fix->store, i, 0, &start };
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_thread, &crowds[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(crowds[i].failures, 0);
	}
	pthread_barrier_destroy(&start);
	OK(list = so_store_conn_list(fix->root, fix->store, SCOPE, 10000, 0, &err));
	assert_int_equal(list->total, WRITERS * WRITES * 3 / 4);
	OK(so_store_stats(fix->store, &after, &err));
	assert_int_equal(after.transactions - before.transactions, WRITERS * WRITES);
	assert_true(after.commits - before.commits < WRITERS * WRITES);
}

static void test_reading_leaves_no_memory_behind(void **state)
{
	struct fixture *fix = *state;
	struct so_store_dashboard *board;
	size_t before;

	new_conn(fix, "a");
	OK(board = so_store_dashboard(fix->root, fix->store, SCOPE, 0, &err));
	talloc_free(board);
	before = talloc_total_blocks(fix->root);
	for (int i = 0; i < 10; i++) {
		OK(board = so_store_dashboard(fix->root, fix->store, SCOPE, 0, &err));
		talloc_free(board);
		FAILS(SO_NOT_FOUND, so_store_conn_get(fix->root, fix->store, SCOPE, 99, &err));
	}
	assert_int_equal(talloc_total_blocks(fix->root), before);
}

/* ---- the statements themselves ---- */

/* Whole-table reads that are meant: with the reason. */
static const char *const scans_allowed[] = {
	"heavy_list", /* reads 5,000 rows of an index at most */
};

static bool scan_allowed(const char *name)
{
	for (size_t i = 0; i < sizeof scans_allowed / sizeof scans_allowed[0]; i++)
		if (strcmp(scans_allowed[i], name) == 0)
			return true;
	return false;
}

/* "SCAN x" without an index is a whole table; rows of a recursive list and constants are not tables. */
static bool is_full_scan(const char *detail)
{
	return strncmp(detail, "SCAN ", 5) == 0 && strcmp(detail, "SCAN CONSTANT ROW") != 0 &&
	       strcmp(detail, "SCAN hours") != 0;
}

static void test_no_statement_scans_a_table(void **state)
{
	struct fixture *fix = *state;
	struct so_sqlite_options options = { 0 };
	struct so_sqlite *raw;
	int scans = 0;

	OK(raw = so_sqlite_open(fix->root, fix->path, &options, &err));
	for (int i = 0; i < SO_STMT_MAX; i++) {
		const struct so_store_sql *sql = &so_store_statements[i];
		char *text = so_printf(fix->root, "EXPLAIN QUERY PLAN %s", sql->text);
		struct so_sqlite_stmt *stmt;
		bool row;

		OK(stmt = so_sqlite_stmt(raw, sql->name, text, &err));
		for (;;) {
			OK(so_sqlite_step(stmt, &row, &err));
			if (!row)
				break;
			if (!is_full_scan(so_sqlite_col_text(stmt, 3)) || scan_allowed(sql->name))
				continue;
			print_error("%s: %s\n", sql->name, so_sqlite_col_text(stmt, 3));
			scans++;
		}
		so_sqlite_reset(stmt);
	}
	assert_int_equal(scans, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_connections),
		WITH(test_ids_are_not_used_twice),
		WITH(test_another_organisation_sees_nothing),
		WITH(test_queries),
		WITH(test_runs_and_their_parts),
		WITH(test_run_list),
		WITH(test_a_failed_save_can_be_repeated),
		WITH(test_jobs_and_audit),
		WITH(test_deleting_a_connection_takes_its_data),
		WITH(test_a_text_is_kept_once),
		WITH(test_dashboard),
		WITH(test_samples),
		WITH(test_transactions_are_whole),
		WITH(test_concurrent_writers_share_commits),
		WITH(test_reading_leaves_no_memory_behind),
		WITH(test_no_statement_scans_a_table),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
