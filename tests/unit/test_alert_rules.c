/* What the rules make of findings: what opens, ends and comes back, and who of several nodes says so. */
#include "store_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "alert/rules.h"
#include "store/judge.h"

#define SECOND ((int64_t)1000000)
#define HOUR   (3600 * SECOND)
#define START  (490000 * HOUR)

static int64_t wall;
static void (*meanwhile)(void); /* runs once, when the store's clock is read next */

static int64_t clock_us(void)
{
	int64_t now = wall;
	void (*run)(void) = meanwhile;

	meanwhile = NULL;
	if (run)
		run();
	return now;
}

static struct fixture *fix;
static int64_t connection_id;
static struct so_store_lease leases[2];

static int begin(void **state)
{
	const struct so_store_options options = { .clock_us = clock_us };

	wall = START;
	meanwhile = NULL;
	setup_folder(state);
	fix = *state;
	fix->store = open_store(fix, &options);
	connection_id = new_conn(fix, "shop")->id;
	leases[0] = (struct so_store_lease){ .work = "alerts", .subject = 1, .node = "zero" };
	leases[1] = (struct so_store_lease){ .work = "alerts", .subject = 1, .node = "one" };
	return 0;
}

static void add_rule(int64_t min_severity, int64_t quiet_s)
{
	struct so_store_channel channel = { .name = (char *)"ops",
		.kind = (char *)"webhook",
		.enabled = true,
		.settings = (char *)"{}",
		.max_per_hour = 1000 };
	struct so_store_rule rule = { .name = (char *)"all",
		.enabled = true,
		.events = (1 << SO_ALERT_EVENT_MAX) - 1,
		.min_severity = min_severity,
		.failures = 3,
		.quiet_s = quiet_s };

	OK(so_store_channel_save(fix->store, SCOPE, &channel, &err));
	rule.channel_id = channel.id;
	OK(so_store_rule_save(fix->store, SCOPE, &rule, &err));
}

static bool tell_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_finding_tell(tx, SCOPE, arg, err);
}

static struct so_store_finding *find_it(const char *title, int64_t severity)
{
	struct so_store_finding *finding = so_new(fix->root, struct so_store_finding);

	*finding = (struct so_store_finding){ .connection_id = connection_id,
		.rule = (char *)"query-regression",
		.issue_type = (char *)"suboptimal_pattern",
		.title = so_strdup(finding, title),
		.description = (char *)"Since then.",
		.severity = (unsigned)severity,
		.doc = (char *)"{}",
		.detected_us = wall };
	OK(so_store_tx(fix->store, tell_tx, finding, &err));
	return finding;
}

/* As the monitor does it; false: it is open again. */
static void close_it(struct so_store_finding *finding, bool resolved)
{
	finding->resolved = resolved;
	finding->resolved_us = resolved ? wall : 0;
	OK(so_store_tx(fix->store, tell_tx, finding, &err));
}

static void look(int node)
{
	bool more = true;

	wall += SECOND;
	while (more)
		OK(so_rules_run(fix->store, SCOPE, wall, node < 0 ? NULL : &leases[node], &more, &err));
}

/* What was told so far, the oldest first: "regression 1, resolved 1". */
static const char *told(void)
{
	const struct so_store_delivery_filter filter = { .limit = 100 };
	struct so_store_deliveries *list;
	char *text = so_strdup(fix->root, "");

	OK(list = so_store_delivery_list(fix->root, fix->store, SCOPE, &filter, &err));
	for (size_t i = list->count; i-- > 0;) {
		const char *id = strstr(list->items[i]->doc, "\"finding\":{\"id\":");

		text = so_printf(fix->root, "%s%s%s %d", text, *text ? ", " : "", list->items[i]->event,
			id ? atoi(id + strlen("\"finding\":{\"id\":")) : 0);
	}
	return text;
}

static void test_what_comes_back_is_told(void **state)
{
	struct so_store_finding *finding;

	(void)state;
	add_rule(0, 3600);
	look(-1);
	finding = find_it("3 times slower", 3);
	look(-1);
	assert_string_equal(told(), "regression 1");
	wall += HOUR;
	close_it(finding, true);
	look(-1);
	assert_string_equal(told(), "regression 1, resolved 1");
	/* back after the quiet time: at once */
	wall += 2 * HOUR;
	close_it(finding, false);
	look(-1);
	look(-1);
	assert_string_equal(told(), "regression 1, resolved 1, regression 1");
	/* back too soon: only if it lasts; closed and opened between two looks, it never was away */
	close_it(finding, true);
	look(-1);
	close_it(finding, false);
	look(-1);
	close_it(finding, true);
	close_it(finding, false);
	look(-1);
	assert_string_equal(told(), "regression 1, resolved 1, regression 1, resolved 1");
	wall += 2 * HOUR;
	look(-1);
	look(-1);
	assert_string_equal(told(), "regression 1, resolved 1, regression 1, resolved 1, regression 1");
}

/* The rules know nothing of these findings: they are told as if they were new. */
static void test_what_was_never_told_and_comes_back(void **state)
{
	struct so_store_finding *before, *mild, *by_hand;

	(void)state;
	before = find_it("before there was a rule", 3);
	by_hand = find_it("closed by hand", 3);
	OK(so_store_finding_resolve(fix->store, SCOPE, by_hand->id, true, &err));
	look(-1);
	add_rule(2, 3600);
	mild = find_it("not severe enough", 1);
	look(-1);
	assert_string_equal(told(), "");
	close_it(before, true);
	close_it(mild, true);
	look(-1);
	wall += HOUR;
	close_it(before, false);
	look(-1);
	look(-1);
	assert_string_equal(told(), "regression 1");
	mild->severity = 3;
	close_it(mild, false);
	look(-1);
	assert_string_equal(told(), "regression 1, regression 3");
	OK(so_store_finding_resolve(fix->store, SCOPE, by_hand->id, false, &err));
	look(-1);
	look(-1);
	assert_string_equal(told(), "regression 1, regression 3, regression 2");
	/* from now on they are like any other */
	close_it(before, true);
	look(-1);
	assert_string_equal(told(), "regression 1, regression 3, regression 2, resolved 1");
}

static void test_nobody_wants_to_hear_of_it(void **state)
{
	struct so_store_finding *muted, *known, *gone;
	const char *before;

	(void)state;
	add_rule(0, 1);
	look(-1);
	muted = find_it("muted", 3);
	known = find_it("acknowledged", 3);
	gone = find_it("deleted with its connection", 3);
	look(-1);
	assert_string_equal(told(), "regression 1, regression 2, regression 3");
	close_it(muted, true);
	close_it(known, true);
	close_it(gone, true);
	look(-1);
	assert_string_equal(told(), "regression 1, regression 2, regression 3, resolved 2, resolved 3, resolved 1");
	wall += HOUR;
	OK(so_store_finding_mute(fix->store, SCOPE, muted->id, INT64_MAX, &err));
	OK(so_store_finding_acknowledge(fix->store, SCOPE, known->id, true, &err));
	close_it(muted, false);
	close_it(known, false);
	look(-1);
	wall += HOUR;
	look(-1);
	assert_string_equal(told(), "regression 1, regression 2, regression 3, resolved 2, resolved 3, resolved 1");
	/* no longer: it lasts, so it is told after all */
	OK(so_store_finding_acknowledge(fix->store, SCOPE, known->id, false, &err));
	look(-1);
	assert_non_null(strstr(told(), "resolved 1, regression 2"));
	before = told();
	close_it(gone, false);
	OK(so_store_conn_delete(fix->store, SCOPE, connection_id, &err));
	look(-1);
	assert_string_equal(told(), before);
}

/* ---- several nodes ---- */

static void test_one_of_two_nodes_tells(void **state)
{
	struct so_store_finding *finding;

	(void)state;
	add_rule(0, 1);
	look(0);
	look(1);
	assert_true(leases[0].fence > 0);
	finding = find_it("3 times slower", 3);
	look(1); /* sees it first, and leaves it to the other */
	assert_string_equal(told(), "");
	assert_int_equal(leases[1].fence, 0);
	look(0);
	look(1);
	assert_string_equal(told(), "regression 1");
	/* the first one is gone: half a minute later the second tells */
	close_it(finding, true);
	look(1);
	assert_string_equal(told(), "regression 1");
	wall += 40 * SECOND;
	look(1);
	assert_string_equal(told(), "regression 1, resolved 1");
	assert_true(leases[1].fence > 0);
	/* and is not disturbed when that one comes back */
	finding = find_it("another", 3);
	look(0);
	assert_string_equal(told(), "regression 1, resolved 1");
	look(1);
	assert_string_equal(told(), "regression 1, resolved 1, regression 2");
}

static void the_other_takes_over(void)
{
	wall += HOUR;
	look(1);
}

/* It has looked, and sleeps before it writes: meanwhile the other one has told the same. */
static void test_a_node_that_sleeps_in_a_look(void **state)
{
	struct so_err err = SO_ERR_INIT;
	bool more;

	(void)state;
	add_rule(0, 1);
	find_it("to have something to write", 3);
	look(0);
	assert_true(leases[0].fence > 0);
	find_it("3 times slower", 3);
	meanwhile = the_other_takes_over;
	assert_false(so_rules_run(fix->store, SCOPE, wall, &leases[0], &more, &err));
	assert_int_equal(err.kind, SO_CONFLICT);
	assert_string_equal(told(), "regression 2");
	leases[0].fence = 0;
	look(0);
	look(1);
	assert_string_equal(told(), "regression 2");
}

/* What a slow attempt of one node came to does not undo what another one has noted since. */
static void test_a_late_note_of_an_attempt(void **state)
{
	const struct so_store_delivery_filter filter = { .limit = 10 };
	struct so_store_deliveries *list;
	struct so_store_delivery late;

	(void)state;
	add_rule(0, 1);
	look(-1);
	find_it("3 times slower", 3);
	look(-1);
	OK(list = so_store_delivery_due(fix->root, fix->store, SCOPE, wall, &err));
	assert_int_equal(list->count, 1);
	late = *list->items[0];
	list->items[0]->state = (char *)"sent";
	list->items[0]->attempts = 1;
	OK(so_store_delivery_update(fix->store, SCOPE, list->items[0], &err));
	late.attempts = 1;
	late.next_us = wall + SECOND;
	OK(so_store_delivery_update(fix->store, SCOPE, &late, &err));
	OK(list = so_store_delivery_list(fix->root, fix->store, SCOPE, &filter, &err));
	assert_string_equal(list->items[0]->state, "sent");
}

#define RULES(fn) cmocka_unit_test_setup_teardown(fn, begin, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULES(test_what_comes_back_is_told),
		RULES(test_what_was_never_told_and_comes_back),
		RULES(test_nobody_wants_to_hear_of_it),
		RULES(test_one_of_two_nodes_tells),
		RULES(test_a_node_that_sleeps_in_a_look),
		RULES(test_a_late_note_of_an_attempt),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
