/* Polls go in, findings come out: the judgement over a real store, period by period, over restarts. */
#include "store_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "monitor/damping.h"
#include "monitor/fold.h"
#include "monitor/cause.h"
#include "monitor/changes.h"
#include "monitor/judge.h"
#include "store/alert.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define START  ((int64_t)490000 * SO_HOUR_US) /* some hour of 2025 */

enum { QUERIES = 8 };

/* What is told of findings, and the load that leads to it. Query 0 is the one that gets slower. */
struct world {
	struct fixture *fix;
	int64_t connection_id, query_ids[QUERIES], at_us, step_us, polls;
	double calls[QUERIES], mean_us[QUERIES];
	bool loop; /* query 1 is called 20 times for each call of query 2 */
	uint32_t noise;
	struct so_told told[64];
	char changes[64][12], rules[64][24];
	size_t n_told;
};

static void tell(void *arg, const struct so_told *told)
{
	struct world *w = arg;

	if (w->n_told == 64)
		return;
	snprintf(w->changes[w->n_told], sizeof w->changes[0], "%s", told->change);
	snprintf(w->rules[w->n_told], sizeof w->rules[0], "%s", told->rule);
	w->told[w->n_told++] = *told;
}

static bool query_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_query_add(tx, SCOPE, arg, err);
}

static struct world *new_world(struct fixture *fix, int64_t step_us)
{
	struct world *w = so_new(fix->root, struct world);
	struct so_store_conn *conn = new_conn(fix, "shop");

	conn->interval_s = step_us / SECOND;
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	w->fix = fix;
	w->connection_id = conn->id;
	w->at_us = START;
	w->step_us = step_us;
	w->noise = 7;
	for (int i = 0; i < QUERIES; i++) {
		struct so_store_query query = { .connection_id = conn->id,
			.fingerprint = so_printf(w, "%016x", i + 1),
			.fingerprint_version = 1,
			.sql_text = so_printf(w, "SELECT * FROM t%d WHERE id = $1", i),
			.discovered_us = START,
			.last_seen_us = START };

		OK(so_store_tx(fix->store, query_tx, &query, &err));
		w->query_ids[i] = query.id;
		w->calls[i] = 100;
		w->mean_us[i] = 2000;
	}
	return w;
}

/* Between 0.9 and 1.1. */
static double around(struct world *w)
{
	w->noise = w->noise * 1103515245 + 12345;
	return 0.9 + 0.2 * (double)(w->noise >> 16 & 0x7fff) / 0x7fff;
}

static bool poll_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct world *w = arg;
	struct so_store_sample samples[QUERIES] = { { 0 } };
	struct so_store_watch watch = { .connection_id = w->connection_id,
		.polls = w->polls,
		.attempts = w->polls,
		.first_us = START,
		.last_us = w->at_us,
		.complete = true };
	struct so_store_poll log = { .connection_id = w->connection_id, .started_us = w->at_us };
	size_t n = 0;

	for (int i = 0; i < QUERIES; i++) {
		int64_t calls = (int64_t)(w->calls[i] * around(w));

		if (w->loop && i == 2)
			calls = (int64_t)(w->calls[2] * (1 + 2 * (around(w) - 0.9) / 0.2));
		if (w->loop && i == 1)
			continue; /* after its parent, below */
		if (!calls)
			continue;
		samples[n].query_id = w->query_ids[i];
		samples[n].at_us = w->at_us;
		samples[n].delta[0] = samples[n].delta[1] = calls;
		samples[n].delta[2] = (int64_t)((double)calls * w->mean_us[i] * around(w));
		log.exec_us += samples[n++].delta[2];
		if (w->loop && i == 2) {
			samples[n] = samples[n - 1];
			samples[n].query_id = w->query_ids[1];
			samples[n].delta[0] = samples[n].delta[1] = calls * 20;
			samples[n].delta[2] = (int64_t)((double)calls * 20 * w->mean_us[1]);
			log.exec_us += samples[n++].delta[2];
		}
	}
	if (w->loop) { /* in the order of their ids, as polls write them */
		struct so_store_sample parent = samples[1];

		samples[1] = samples[2];
		samples[2] = parent;
	}
	return (!n || so_store_samples_add(tx, samples, n, err)) && so_store_watch_put(tx, SCOPE, &watch, err) &&
	       so_store_poll_put(tx, SCOPE, &log, w->polls, err);
}

/* One poll, and what follows it. */
static void poll_once(struct world *w)
{
	SO_TMP(tmp, w);
	const struct so_fold_rules fold = { w->fix->store, SCOPE, 24 * 365, 24 * 365, 3650, 0 };
	const struct so_judge_rules rules = {
		.past = { w->fix->store, SCOPE }, .interval_us = SO_HOUR_US, .tell = tell, .arg = w
	};
	struct so_judge *judge;
	bool more = true;

	w->at_us += w->step_us;
	w->polls++;
	OK(so_store_tx(w->fix->store, poll_tx, w, &err));
	OK(judge = so_judge_new(tmp, &rules, &err));
	OK(so_fold_run(&fold, w->at_us, NULL, &err));
	while (more)
		OK(so_judge_run(judge, NULL, &more, &err));
}

static void judge_again(struct world *w)
{
	SO_TMP(tmp, w);
	const struct so_judge_rules rules = {
		.past = { w->fix->store, SCOPE }, .interval_us = SO_HOUR_US, .tell = tell, .arg = w
	};
	struct so_judge *judge;
	bool more;

	OK(judge = so_judge_new(tmp, &rules, &err));
	OK(so_judge_run(judge, NULL, &more, &err));
	assert_false(more);
}

static void poll_for(struct world *w, int64_t us)
{
	for (int64_t until_us = w->at_us + us; w->at_us < until_us;)
		poll_once(w);
}

static struct so_store_finding *the_finding(struct world *w, const char *state)
{
	const struct so_store_finding_search search = { .severity = -1, .state = state };
	struct so_store_findings *found;

	OK(found = so_store_finding_search(w, w->fix->store, SCOPE, &search, w->at_us, &err));
	assert_int_equal(found->count, 1);
	assert_int_equal(found->total, 1);
	return found->items[0];
}

static void reopen(struct world *w)
{
	talloc_free(w->fix->store);
	w->fix->store = open_store(w->fix, NULL);
}

static void test_the_short_period(void **state)
{
	(void)state;
	assert_int_equal(so_judge_bucket(10 * SECOND), 20 * SECOND);
	assert_int_equal(so_judge_bucket(15 * SECOND), 30 * SECOND);
	assert_int_equal(so_judge_bucket(60 * SECOND), 120 * SECOND);
	assert_int_equal(so_judge_bucket(61 * SECOND), SO_HOUR_US);
	assert_int_equal(so_judge_bucket(SO_HOUR_US), SO_HOUR_US);
}

static void test_a_query_gets_slow(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	struct so_store_finding *finding;
	int64_t began_us;

	poll_for(w, 10 * MINUTE);
	assert_int_equal(w->n_told, 0);
	w->mean_us[0] = 40000;
	began_us = w->at_us;
	while (!w->n_told && w->at_us < began_us + 5 * MINUTE)
		poll_once(w);
	assert_int_equal(w->n_told, 1);
	/* without a plan or an event it takes as many short periods as make a majority */
	assert_in_range(w->at_us - began_us, 0, 160 * SECOND);
	assert_string_equal(w->rules[0], "query-regression");
	assert_string_equal(w->changes[0], "opened");
	assert_true(w->told[0].notify);
	assert_int_equal(w->told[0].query_id, w->query_ids[0]);
	finding = the_finding(w, "open");
	assert_int_equal(finding->id, w->told[0].finding_id);
	assert_int_equal(finding->query_id, w->query_ids[0]);
	assert_int_equal(finding->connection_id, w->connection_id);
	assert_int_equal(finding->severity, 3); /* most of the server's time is lost */
	assert_in_range((int64_t)finding->factor, 15, 25);
	assert_non_null(strstr(finding->doc, "\"share\""));
	assert_string_equal(finding->cause, "none");
	assert_non_null(strstr(finding->description, "No cause found"));
	/* a restart goes on where it was: no second finding, and its end is noticed */
	reopen(w);
	poll_for(w, 5 * MINUTE);
	reopen(w);
	assert_int_equal(w->n_told, 1);
	w->mean_us[0] = 2000;
	poll_for(w, 6 * MINUTE);
	assert_int_equal(w->n_told, 2);
	assert_string_equal(w->changes[1], "closed");
	finding = the_finding(w, "closed");
	assert_string_equal(finding->ended, "recovered");
	assert_true(finding->resolved_us > began_us);
	/* and again: the same finding, opened once more */
	w->mean_us[0] = 40000;
	poll_for(w, 3 * MINUTE);
	assert_int_equal(w->n_told, 3);
	assert_string_equal(w->changes[2], "reopened");
	assert_int_equal(w->told[2].finding_id, finding->id);
	finding = the_finding(w, "active");
	assert_int_equal(finding->returns, 1);
	assert_null(finding->ended);
	assert_int_equal(finding->resolved_us, 0);
}

/* What is open is compared with what was before it, also when that is long ago. */
static void test_slow_for_hours(void **state)
{
	struct world *w = new_world(*state, 30 * SECOND);

	poll_for(w, 30 * MINUTE);
	w->mean_us[0] = 40000;
	poll_for(w, 30 * MINUTE);
	assert_int_equal(w->n_told, 1);
	/* far more than a series holds, faster: by hand, not poll by poll */
	w->step_us = 10 * MINUTE;
	poll_for(w, 20 * SO_HOUR_US);
	assert_int_equal(w->n_told, 1);
	w->step_us = 30 * SECOND;
	w->mean_us[0] = 2000;
	poll_for(w, 30 * MINUTE);
	/* on the way back it may be told once that it is less slow */
	assert_string_equal(w->changes[w->n_told - 1], "closed");
	for (size_t i = 1; i + 1 < w->n_told; i++)
		assert_string_equal(w->changes[i], "updated");
}

static void test_by_hours(void **state)
{
	struct world *w = new_world(*state, SO_HOUR_US);
	struct so_store_finding *finding;

	for (int i = 0; i < QUERIES; i++)
		w->calls[i] = 5000;
	poll_for(w, 120 * SO_HOUR_US);
	assert_int_equal(w->n_told, 0);
	w->mean_us[0] = 12000;
	poll_for(w, 6 * SO_HOUR_US);
	assert_int_equal(w->n_told, 1);
	finding = the_finding(w, "open");
	assert_in_range((int64_t)(10 * finding->factor), 50, 70);
	assert_string_equal(w->rules[0], "query-regression");
}

static void test_a_new_query(void **state)
{
	struct world *w = new_world(*state, SO_HOUR_US);
	struct so_store_query query = { .connection_id = w->connection_id,
		.fingerprint = (char *)"00000000000000ff",
		.fingerprint_version = 1,
		.sql_text = (char *)"SELECT pg_sleep(1)" };
	int64_t put_aside = w->query_ids[7];

	w->calls[7] = 0;
	poll_for(w, 48 * SO_HOUR_US);
	query.discovered_us = query.last_seen_us = w->at_us;
	OK(so_store_tx(w->fix->store, query_tx, &query, &err));
	assert_true(query.id > put_aside);
	w->query_ids[7] = query.id;
	w->calls[7] = 100;
	w->mean_us[7] = 500000;
	poll_for(w, 8 * SO_HOUR_US);
	assert_int_equal(w->n_told, 1);
	assert_string_equal(w->rules[0], "new-slow-query");
	assert_int_equal(the_finding(w, "open")->query_id, query.id);
}

static void test_a_loop(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	struct so_store_finding *finding;

	w->loop = true;
	w->mean_us[1] = 500;
	poll_for(w, 70 * MINUTE);
	assert_int_equal(w->n_told, 1);
	assert_string_equal(w->rules[0], "n-plus-one");
	finding = the_finding(w, "open");
	assert_int_equal(finding->query_id, w->query_ids[1]);
	assert_non_null(strstr(finding->description, "FROM t2"));
	assert_in_range((int64_t)(finding->factor + 0.5), 19, 21);
	w->loop = false;
	poll_for(w, 5 * SO_HOUR_US);
	assert_string_equal(w->changes[w->n_told - 1], "closed");
	assert_string_equal(the_finding(w, "closed")->ended, "recovered");
}

static size_t notified(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_told; i++)
		n += w->told[i].notify;
	return n;
}

static void test_acknowledged_and_muted(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	struct so_store_news_list *news;
	int64_t id;

	poll_for(w, 10 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	id = the_finding(w, "open")->id;
	assert_int_equal(notified(w), 1);
	OK(so_store_finding_acknowledge(w->fix->store, SCOPE, id, true, &err));
	the_finding(w, "acknowledged");
	/* over and back: somebody knows, so nobody is told */
	w->mean_us[0] = 2000;
	poll_for(w, 6 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	assert_int_equal(w->n_told, 3);
	assert_int_equal(notified(w), 1);
	the_finding(w, "acknowledged");
	OK(so_store_finding_acknowledge(w->fix->store, SCOPE, id, false, &err));
	OK(so_store_finding_mute(w->fix->store, SCOPE, id, INT64_MAX, &err));
	the_finding(w, "muted");
	w->mean_us[0] = 2000;
	poll_for(w, 15 * MINUTE);
	assert_string_equal(w->changes[w->n_told - 1], "closed");
	/* days later it is another finding, of the same query: still muted */
	w->at_us += 2 * SO_DAMP_DAY_US;
	poll_for(w, 10 * MINUTE);
	w->at_us += 2 * SO_DAMP_DAY_US - SO_HOUR_US;
	poll_for(w, 10 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	assert_string_equal(w->changes[w->n_told - 1], "opened");
	assert_true(w->told[w->n_told - 1].finding_id != id);
	assert_int_equal(notified(w), 1);
	the_finding(w, "muted");
	the_finding(w, "closed");
	/* nor do alerts hear of it */
	OK(news = so_store_alert_news(w, w->fix->store, SCOPE, id, 10, &err));
	assert_int_equal(news->count, 0);
	OK(news = so_store_alert_news(w, w->fix->store, SCOPE, id - 1, 10, &err));
	assert_int_equal(news->count, 0);
	OK(so_store_finding_mute(w->fix->store, SCOPE, id, 0, &err));
	OK(news = so_store_alert_news(w, w->fix->store, SCOPE, id - 1, 10, &err));
	assert_int_equal(news->count, 1);
}

static void test_comments_and_search(void **state)
{
	struct fixture *fix = *state;
	struct world *w = new_world(fix, 10 * SECOND);
	const struct so_scope other = { .organisation_id = 2 };
	struct so_store_finding_search search = { .severity = -1 };
	struct so_store_findings *found;
	struct so_store_comments *comments;
	int64_t id;

	poll_for(w, 10 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	id = the_finding(w, NULL)->id;
	for (int i = 0; i < SO_COMMENTS_PER_FINDING; i++) {
		struct so_store_comment comment = { .finding_id = id, .text = so_printf(w, "note %d", i) };

		OK(so_store_comment_add(fix->store, SCOPE, &comment, &err));
		assert_true(comment.id > 0);
	}
	struct so_store_comment late = { .finding_id = id, .text = (char *)"one too many" };
	struct so_store_comment lost = { .finding_id = id + 1, .text = (char *)"of nothing" };

	FAILS(SO_LIMIT, so_store_comment_add(fix->store, SCOPE, &late, &err));
	FAILS(SO_NOT_FOUND, so_store_comment_add(fix->store, SCOPE, &lost, &err));
	FAILS(SO_NOT_FOUND, so_store_finding_acknowledge(fix->store, SCOPE, id + 1, true, &err));
	FAILS(SO_NOT_FOUND, so_store_finding_mute(fix->store, other, id, INT64_MAX, &err));
	OK(comments = so_store_comment_list(w, fix->store, SCOPE, id, &err));
	assert_int_equal(comments->count, SO_COMMENTS_PER_FINDING);
	assert_string_equal(comments->items[3]->text, "note 3");
	assert_int_equal(the_finding(w, "open")->comments, SO_COMMENTS_PER_FINDING);
	static const struct {
		const char *rule, *type, *state;
		int severity;
		bool query, found;
	} cases[] = {
		{ "query-regression", NULL, NULL, -1, false, true },
		{ "query-regression", "suboptimal_pattern", "active", 3, true, true },
		{ "n-plus-one", NULL, NULL, -1, false, false },
		{ NULL, NULL, "closed", -1, true, false },
		{ NULL, NULL, NULL, 0, true, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		search = (struct so_store_finding_search){ .severity = cases[i].severity,
			.rule = cases[i].rule,
			.issue_type = cases[i].type,
			.state = cases[i].state,
			.query_id = cases[i].query ? w->query_ids[0] : 0,
			.connection_id = cases[i].query ? 0 : w->connection_id };
		OK(found = so_store_finding_search(w, fix->store, SCOPE, &search, w->at_us, &err));
		assert_int_equal(found->count, cases[i].found);
		assert_int_equal(found->total, cases[i].found);
	}
	search = (struct so_store_finding_search){ .severity = -1, .query_id = w->query_ids[1] };
	OK(found = so_store_finding_search(w, fix->store, SCOPE, &search, w->at_us, &err));
	assert_int_equal(found->count, 0);
	/* the closed ones are forgotten in time, the open ones never */
	OK(so_store_finding_forget(fix->store, SCOPE, INT64_MAX, &err));
	the_finding(w, "open");
	OK(so_store_finding_resolve(fix->store, SCOPE, id, true, &err));
	OK(so_store_finding_forget(fix->store, other, INT64_MAX, &err));
	the_finding(w, "closed");
	OK(so_store_finding_forget(fix->store, SCOPE, INT64_MAX, &err));
	FAILS(SO_NOT_FOUND, so_store_finding_get(w, fix->store, SCOPE, id, &err));
	/* a finding that is gone while its query is slow: judging goes on */
	w->mean_us[0] = 2000;
	poll_for(w, 6 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	assert_true(the_finding(w, "active")->id != id);
}

struct looks {
	const struct so_store_plan *plan;
	const struct so_store_changes *changes;
};

static bool looks_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct looks *looks = arg;

	for (size_t i = 0; looks->changes && i < looks->changes->count; i++)
		if (!so_store_change_add(tx, looks->changes->items[i], err))
			return false;
	return !looks->plan || so_store_plan_seen(tx, looks->plan, err);
}

static json_t *snapshot(const char *version, const char *work_mem, double rows, int64_t analyzed_us, bool with_index)
{
	json_t *indexes =
		with_index ? json_pack("{s:s, s:s}", "t0_pkey", "k", "t0_id", "i") : json_pack("{s:s}", "t0_pkey", "k");

	return json_pack("{s:s, s:{s:s}, s:{s:{s:s, s:s, s:f, s:I, s:o}}}", "version", version, "settings", "work_mem",
		work_mem, "tables", "public.t0", "schema", "public", "name", "t0", "rows", rows, "analyzed_us",
		(json_int_t)analyzed_us, "indexes", indexes);
}

static void test_changes_between_snapshots(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	json_t *old = snapshot("15.1", "4MB", 1000, 5, true), *same = snapshot("15.1", "4MB", 1150, 5, true);
	json_t *now = snapshot("15.2", "8MB", 2000, 6, false),
	       *other = json_pack("{s:s, s:{}, s:{}}", "version", "15.2", "settings", "tables");
	struct so_store_changes *changes = so_snapshot_changes(root, old, same, 7, 1, 2);
	static const struct {
		enum so_event_kind kind;
		const char *relation, *object, *before, *after;
	} expected[] = {
		{ SO_EVENT_VERSION, NULL, "version", "15.1", "15.2" },
		{ SO_EVENT_SETTING, NULL, "work_mem", "4MB", "8MB" },
		{ SO_EVENT_INDEX_DROPPED, "public.t0", "public.t0_id", NULL, NULL },
		{ SO_EVENT_STATISTICS, "public.t0", "public.t0", NULL, NULL },
		{ SO_EVENT_TABLE_ROWS, "public.t0", "public.t0", NULL, NULL },
	};

	(void)state;
	assert_int_equal(changes->count, 0);
	changes = so_snapshot_changes(root, old, now, 7, 1, 2);
	assert_int_equal(changes->count, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < changes->count; i++) {
		const struct so_store_change *c = changes->items[i];

		assert_int_equal(c->kind, expected[i].kind);
		assert_string_equal(c->object, expected[i].object);
		assert_int_equal(c->relation == NULL, expected[i].relation == NULL);
		assert_int_equal(c->before == NULL, expected[i].before == NULL);
		if (c->before) {
			assert_string_equal(c->before, expected[i].before);
			assert_string_equal(c->after, expected[i].after);
		}
		assert_int_equal(c->connection_id, 7);
		assert_int_equal(c->from_us, 1);
		assert_int_equal(c->to_us, 2);
	}
	assert_true(changes->items[4]->rows_before == 1000 && changes->items[4]->rows_after == 2000);
	/* built again */
	changes = so_snapshot_changes(root, now, old, 7, 1, 2);
	assert_int_equal(changes->items[2]->kind, SO_EVENT_INDEX_CREATED);
	/* a table that only one of them looked at */
	changes = so_snapshot_changes(root, old, other, 7, 1, 2);
	assert_int_equal(changes->count, 1);
	json_decref(old);
	json_decref(same);
	json_decref(now);
	json_decref(other);
	talloc_free(root);
}

static void see_plan(struct world *w, int64_t shape, const struct so_store_changes *changes)
{
	const struct so_store_plan plan = { .query_id = w->query_ids[0],
		.shape = shape,
		.format = (char *)"postgresql-json",
		.doc = (char *)"[]",
		.cost = 12.5,
		.last_us = w->at_us };
	struct looks looks = { &plan, changes };

	OK(so_store_tx(w->fix->store, looks_tx, &looks, &err));
}

static void test_an_index_is_dropped(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	json_t *old = snapshot("15.1", "4MB", 1000, 5, true), *now = snapshot("15.1", "4MB", 1000, 5, false);
	struct so_store_plan_runs *runs;
	struct so_store_plans *plans;
	int64_t began_us, seen_us;

	poll_for(w, MINUTE);
	see_plan(w, 11, NULL);
	poll_for(w, 3 * MINUTE);
	see_plan(w, 11, NULL);
	seen_us = w->at_us;
	w->mean_us[0] = 80000;
	began_us = w->at_us;
	poll_once(w);
	see_plan(w, -12, so_snapshot_changes(w, old, now, w->connection_id, seen_us, w->at_us));
	while (!w->n_told && w->at_us < began_us + MINUTE)
		poll_once(w);
	/* one short period is enough */
	assert_int_equal(w->n_told, 1);
	assert_in_range(w->at_us - began_us, 0, 40 * SECOND);
	assert_string_equal(the_finding(w, "open")->cause, "plan_change");
	assert_non_null(strstr(the_finding(w, "open")->description, "index \"public.t0_id\" was dropped"));
	assert_non_null(strstr(the_finding(w, "open")->doc, "\"public.t0_id\""));
	OK(runs = so_store_plan_run_list(w, w->fix->store, SCOPE, w->query_ids[0], &err));
	assert_int_equal(runs->count, 2);
	/* judging the same once more changes nothing */
	judge_again(w);
	assert_int_equal(w->n_told, 1);
	assert_int_equal(runs->items[0]->until_us, seen_us);
	assert_int_equal(runs->items[1]->shape, -12);
	OK(plans = so_store_plan_list(w, w->fix->store, SCOPE, w->query_ids[0], &err));
	assert_int_equal(plans->count, 2);
	assert_int_equal(plans->items[0]->shape, -12);
	assert_int_equal(plans->items[1]->seen, 2);
	assert_string_equal(plans->items[1]->format, "postgresql-json");
	/* the index is back, and so is the plan: the cause that was told stays */
	w->mean_us[0] = 2000;
	poll_once(w);
	see_plan(w, 11, so_snapshot_changes(w, now, old, w->connection_id, w->at_us - w->step_us, w->at_us));
	poll_for(w, 6 * MINUTE);
	assert_int_equal(w->n_told, 2);
	assert_string_equal(the_finding(w, "closed")->cause, "plan_change");
	json_decref(old);
	json_decref(now);
}

static void test_plans_are_bounded(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	struct so_store_plan_runs *runs;
	struct so_store_plans *plans;
	const struct so_scope other = { .organisation_id = 2 };

	for (int64_t i = 0; i < SO_PLAN_RUNS_MAX + 20; i++) {
		w->at_us += SECOND;
		see_plan(w, i % (SO_PLANS_MAX + 5) + 1, NULL);
	}
	OK(plans = so_store_plan_list(w, w->fix->store, SCOPE, w->query_ids[0], &err));
	assert_int_equal(plans->count, SO_PLANS_MAX);
	assert_int_equal(plans->items[0]->last_us, w->at_us);
	OK(runs = so_store_plan_run_list(w, w->fix->store, SCOPE, w->query_ids[0], &err));
	assert_int_equal(runs->count, SO_PLAN_RUNS_MAX);
	assert_int_equal(runs->items[SO_PLAN_RUNS_MAX - 1]->from_us, w->at_us);
	OK(plans = so_store_plan_list(w, w->fix->store, other, w->query_ids[0], &err));
	assert_int_equal(plans->count, 0);
}

/* A query that nobody knows anything bad of leaves nothing behind, and one whose connection is gone neither. */
static void test_nothing_is_left(void **state)
{
	struct world *w = new_world(*state, 10 * SECOND);
	struct so_store_verdicts *verdicts;

	poll_for(w, 10 * MINUTE);
	w->mean_us[0] = 20000;
	poll_for(w, 3 * MINUTE);
	w->mean_us[0] = 2000;
	poll_for(w, 6 * MINUTE);
	OK(verdicts = so_store_verdict_list(w, w->fix->store, SCOPE, w->connection_id, &err));
	assert_int_equal(verdicts->count, 1);
	w->at_us += 4 * SO_DAMP_DAY_US;
	poll_for(w, 2 * MINUTE);
	OK(verdicts = so_store_verdict_list(w, w->fix->store, SCOPE, w->connection_id, &err));
	assert_int_equal(verdicts->count, 0);
	OK(so_store_conn_delete(w->fix->store, SCOPE, w->connection_id, &err));
	OK(verdicts = so_store_verdict_list(w, w->fix->store, SCOPE, w->connection_id, &err));
	assert_int_equal(verdicts->count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_short_period),
		WITH(test_a_query_gets_slow),
		WITH(test_slow_for_hours),
		WITH(test_by_hours),
		WITH(test_a_new_query),
		WITH(test_a_loop),
		WITH(test_acknowledged_and_muted),
		WITH(test_comments_and_search),
		cmocka_unit_test(test_changes_between_snapshots),
		WITH(test_an_index_is_dropped),
		WITH(test_plans_are_bounded),
		WITH(test_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
