/* Several nodes over one store: who polls what, what becomes of the work of a node that died or slept, and that
 * everything is counted once. The nodes are monitors of this process, each with threads of its own; they know nothing
 * of each other but what stands in the store. */
#include "store_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fake_target.h"
#include "store/judge.h"
#include "store/lease.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define START  (490000 * SO_HOUR_US)

enum { HOSTS = 6, STATEMENTS = 20, NODES = 2, POLLS_MAX = 4000 };

/* ---- clocks and servers ---- */

struct polled {
	int64_t at_us;
	int host, node;
};

static struct {
	pthread_mutex_t lock;
	_Atomic int64_t calls[HOSTS][STATEMENTS];
	atomic_int at_once[HOSTS], hangs_for; /* hangs_for: the node whose polls hang, -1: nobody's */
	atomic_bool hanging, overlapped;
	size_t n;
	struct polled polls[POLLS_MAX];
} servers;

struct fake_conn {
	struct so_conn base;
	int host, node;
};

static const struct so_engine fake;

/* The user is the node, the host's name ends in its number. */
static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct fake_conn *c = so_new(ctx, struct fake_conn);

	(void)cancel;
	(void)err;
	c->base.engine = &fake;
	c->host = params->host[1] - '0';
	c->node = params->username[0] - '0';
	return &c->base;
}

static char *host_ids[HOSTS] = { "s0", "s1", "s2", "s3", "s4", "s5" };

static const struct so_engine_info *host_info(struct so_conn *conn, struct so_err *err)
{
	static struct so_engine_info infos[HOSTS];
	struct fake_conn *c = (struct fake_conn *)conn;

	(void)err;
	pthread_mutex_lock(&servers.lock);
	infos[c->host] = (struct so_engine_info){ .version = (char *)"1", .system_id = host_ids[c->host] };
	pthread_mutex_unlock(&servers.lock);
	return &infos[c->host];
}

static void note_poll(const struct fake_conn *c)
{
	pthread_mutex_lock(&servers.lock);
	assert_true(servers.n < POLLS_MAX);
	servers.polls[servers.n++] = (struct polled){ fake_hands.wall, c->host, c->node };
	pthread_mutex_unlock(&servers.lock);
}

static struct so_reading *fake_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err)
{
	struct fake_conn *c = (struct fake_conn *)conn;
	struct so_reading *reading = fake_reading(ctx, host_ids[c->host], STATEMENTS);

	(void)databases;
	(void)n;
	(void)limit;
	note_poll(c);
	if (atomic_fetch_add(&servers.at_once[c->host], 1) > 0 && atomic_load(&servers.hangs_for) < 0)
		atomic_store(&servers.overlapped, true);
	for (size_t i = 0; i < STATEMENTS; i++)
		fake_row(reading, i, so_printf(reading->rows, "SELECT a%zu FROM t", i), servers.calls[c->host][i],
			servers.calls[c->host][i] * 7);
	while (atomic_load(&servers.hangs_for) == c->node) {
		atomic_store(&servers.hanging, true);
		if (conn->cancel && !so_cancel_check(conn->cancel, err)) {
			atomic_fetch_sub(&servers.at_once[c->host], 1);
			return NULL;
		}
		usleep(1000);
	}
	atomic_fetch_sub(&servers.at_once[c->host], 1);
	return reading;
}

static const struct so_engine fake = { .name = "postgresql",
	.dialect = "postgresql",
	.open = fake_open,
	.info = host_info,
	.counters = fake_counters,
	.texts = so_reading_no_texts };

static const struct so_engine *find(const char *name)
{
	(void)name;
	return &fake;
}

static int begin(void **state)
{
	const struct so_store_options options = { .clock_us = fake_wall_us };
	struct fixture *fix;

	memset(&servers, 0, sizeof servers);
	pthread_mutex_init(&servers.lock, NULL);
	servers.hangs_for = -1;
	fake_hands = (struct fake_hands){ START, 1000 * SECOND };
	for (int h = 0; h < HOSTS; h++)
		for (int i = 0; i < STATEMENTS; i++)
			servers.calls[h][i] = 1000 + i;
	setup_folder(state);
	fix = *state;
	fix->store = open_store(fix, &options);
	return 0;
}

static struct so_monitor *node(struct fixture *fix, int number)
{
	static const char *const names[NODES] = { "0", "1" };
	struct so_monitor_options options = fake_options(fix->store, MINUTE, find);
	struct so_monitor *m;

	options.node = number ? "node one" : "node zero";
	options.arg = (char *)names[number];
	options.threads = 3;
	options.top = 30;
	OK(m = so_monitor_new(fix->root, &options, &err));
	return m;
}

static int64_t add_host(struct fixture *fix, int number)
{
	struct so_store_conn *conn = new_conn(fix, so_printf(fix->root, "c%d", number));

	conn->host = so_printf(conn, "h%d", number);
	OK(so_store_conn_update(fix->store, SCOPE, conn, &err));
	return conn->id;
}

static void go(int64_t us)
{
	fake_turn(us);
	for (int h = 0; h < HOSTS; h++)
		for (int i = 0; i < STATEMENTS; i++)
			servers.calls[h][i] += (i + h) % 4;
}

static void step(struct so_monitor *m)
{
	so_monitor_tick(m);
	so_monitor_wait(m);
}

static int64_t stored_calls(struct fixture *fix)
{
	struct so_store_loads *loads;
	int64_t calls = 0;

	OK(loads = so_store_load_list(
		   fix->root, fix->store, SCOPE, 0, START / SO_HOUR_US - 1, START / SO_HOUR_US + 100, &err));
	for (size_t i = 0; i < loads->count; i++)
		calls += loads->items[i].calls;
	return calls;
}

static int64_t made_calls(int hosts)
{
	int64_t sum = 0;

	for (int h = 0; h < hosts; h++)
		for (int i = 0; i < STATEMENTS; i++)
			sum += servers.calls[h][i];
	return sum;
}

/* ---- leases themselves ---- */

static struct so_store_lease lease_of(const char *who)
{
	return (struct so_store_lease){ .work = "instance", .subject = 5, .node = who };
}

struct ending {
	const struct so_store_lease *lease;
	int64_t delay_us; /* below 0: only a check */
};

static bool end_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct ending *ending = arg;

	return ending->delay_us < 0 ? so_store_lease_check(tx, ending->lease, err)
				    : so_store_lease_end(tx, ending->lease, ending->delay_us, err);
}

static bool may_write(struct fixture *fix, const struct so_store_lease *lease, int64_t delay_us)
{
	struct ending ending = { lease, delay_us };
	struct so_err err = SO_ERR_INIT;
	bool good = so_store_tx(fix->store, end_tx, &ending, &err);

	if (!good) {
		assert_int_equal(err.kind, SO_CONFLICT);
		assert_non_null(strstr(err.message, "taken over by node"));
	}
	return good;
}

static void test_a_lease(void **state)
{
	struct fixture *fix = *state;
	struct so_store_lease a = lease_of("a"), b = lease_of("b"), old;

	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, MINUTE, &err));
	assert_true(a.fence > 0);
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, MINUTE, &err));
	assert_int_equal(b.fence, 0);
	assert_int_equal(b.until_us, fake_hands.wall + 15 * SECOND);
	/* renewed, it lasts longer */
	go(10 * SECOND);
	OK(so_store_leases_renew(fix->store, &a, 1, 15 * SECOND, &err));
	go(10 * SECOND);
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, MINUTE, &err));
	assert_int_equal(b.fence, 0);
	assert_true(may_write(fix, &a, -1));
	/* run out and not taken by anybody: what was done may be written */
	go(10 * SECOND);
	assert_true(may_write(fix, &a, -1));
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, MINUTE, &err));
	assert_true(b.fence > a.fence);
	old = a;
	assert_false(may_write(fix, &old, -1));
	assert_false(may_write(fix, &old, MINUTE));
	OK(so_store_leases_renew(fix->store, &a, 1, 15 * SECOND, &err));
	assert_int_equal(a.fence, 0);
	OK(so_store_leases_release(fix->store, &old, 1, &err)); /* gives back what is not its own: nothing happens */
	assert_true(may_write(fix, &b, MINUTE));
	/* ended: the others have to wait until it is due, and a little longer; who did it last has not */
	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, 2 * MINUTE, &err));
	assert_int_equal(a.fence, 0);
	assert_int_equal(a.until_us, fake_hands.wall + MINUTE + SO_LEASE_HEAD_US);
	go(MINUTE);
	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, 2 * MINUTE, &err));
	assert_int_equal(a.fence, 0);
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, 2 * MINUTE, &err));
	assert_true(b.fence > 0);
	assert_true(may_write(fix, &b, MINUTE));
	go(MINUTE + SO_LEASE_HEAD_US);
	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, 2 * MINUTE, &err));
	assert_true(a.fence > b.fence);
	assert_true(may_write(fix, &a, MINUTE));
	/* now, whenever it is due */
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, 0, &err));
	assert_true(b.fence > a.fence);
	assert_false(may_write(fix, &a, -1));
}

static void test_a_clock_that_was_set_back(void **state)
{
	struct fixture *fix = *state;
	struct so_store_lease a = lease_of("a"), b = lease_of("b"), kept = { .work = "history", .node = "a" }, other;

	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, MINUTE, &err));
	OK(so_store_lease_keep(fix->store, &kept, 30 * SECOND, &err));
	fake_hands.wall -= SO_HOUR_US;
	/* longer than any lease lasts: it cannot be meant */
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, MINUTE, &err));
	assert_true(b.fence > 0);
	assert_true(may_write(fix, &b, MINUTE));
	fake_hands.wall -= SO_HOUR_US;
	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, 2 * MINUTE, &err));
	assert_true(a.fence > 0);
	OK(so_store_lease_keep(fix->store, &kept, 30 * SECOND, &err));
	assert_true(kept.fence > 0);
	assert_int_equal(kept.until_us, fake_hands.wall + 30 * SECOND);
	other = kept;
	other.node = "b";
	other.fence = other.until_us = 0;
	OK(so_store_lease_keep(fix->store, &other, 30 * SECOND, &err));
	assert_int_equal(other.fence, 0);
	fake_hands.wall -= SO_HOUR_US;
	OK(so_store_lease_keep(fix->store, &other, 30 * SECOND, &err));
	assert_true(other.fence > 0);
}

static void test_work_that_goes_on(void **state)
{
	struct fixture *fix = *state;
	struct so_store_lease a = { .work = "history", .node = "a" }, b = { .work = "history", .node = "b" };
	struct so_store_stats before, after;
	int64_t fence;

	OK(so_store_lease_keep(fix->store, &a, 30 * SECOND, &err));
	fence = a.fence;
	assert_true(fence > 0);
	OK(so_store_lease_keep(fix->store, &b, 30 * SECOND, &err));
	assert_int_equal(b.fence, 0);
	/* a minute of looks every second: two writes, whoever asks */
	OK(so_store_stats(fix->store, &before, &err));
	for (int i = 0; i < 60; i++) {
		go(SECOND);
		OK(so_store_lease_keep(fix->store, &a, 30 * SECOND, &err));
		assert_int_equal(a.fence, fence);
		OK(so_store_lease_keep(fix->store, &b, 30 * SECOND, &err));
		assert_int_equal(b.fence, 0);
	}
	OK(so_store_stats(fix->store, &after, &err));
	assert_in_range(after.transactions - before.transactions, 2, 8);
	/* a is gone: b has it half a minute later; a comes back and learns so */
	go(31 * SECOND);
	OK(so_store_lease_keep(fix->store, &b, 30 * SECOND, &err));
	assert_true(b.fence > fence);
	OK(so_store_lease_keep(fix->store, &a, 30 * SECOND, &err));
	assert_int_equal(a.fence, 0);
	/* given back it is free as soon as anybody asks */
	OK(so_store_leases_release(fix->store, &b, 1, &err));
	go(31 * SECOND);
	OK(so_store_lease_keep(fix->store, &a, 30 * SECOND, &err));
	assert_true(a.fence > 0);
}

static void test_a_store_that_is_opened_again(void **state)
{
	const struct so_store_options options = { .clock_us = fake_wall_us };
	struct fixture *fix = *state;
	struct so_store_lease a = lease_of("a"), b = lease_of("b");
	char one[SO_NODE_MAX], two[SO_NODE_MAX];

	OK(so_store_lease_take(fix->store, &a, 15 * SECOND, MINUTE, &err));
	talloc_free(fix->store);
	fix->store = open_store(fix, &options);
	/* who opens the file is alone: nobody can have a lease */
	OK(so_store_lease_take(fix->store, &b, 15 * SECOND, MINUTE, &err));
	assert_true(b.fence > 0);
	assert_false(may_write(fix, &a, -1));
	so_node_name(one);
	so_node_name(two);
	assert_string_not_equal(one, two);
	assert_non_null(strchr(one, ':'));
}

/* What is judged and what is polled is compared with where it stood when it was read, leases or not. */
static bool judged_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_judged_put(tx, SCOPE, 1, SO_LEVEL_HOURS, *(int64_t *)arg, err);
}

static bool watch_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	return so_store_watch_put(tx, SCOPE, arg, err);
}

static void test_nothing_is_written_twice(void **state)
{
	struct fixture *fix = *state;
	struct so_store_watch watch = { .connection_id = add_host(fix, 0), .polls = 3, .attempts = 4 };
	int64_t until_us = START, later_us = START + SO_HOUR_US;

	assert_int_equal(watch.connection_id, 1);
	OK(so_store_tx(fix->store, judged_tx, &until_us, &err));
	FAILS(SO_CONFLICT, so_store_tx(fix->store, judged_tx, &until_us, &err));
	OK(so_store_tx(fix->store, judged_tx, &later_us, &err));
	FAILS(SO_CONFLICT, so_store_tx(fix->store, judged_tx, &until_us, &err));
	OK(so_store_tx(fix->store, watch_tx, &watch, &err));
	FAILS(SO_CONFLICT, so_store_tx(fix->store, watch_tx, &watch, &err));
	watch.attempts++;
	OK(so_store_tx(fix->store, watch_tx, &watch, &err));
	OK(so_store_conn_delete(fix->store, SCOPE, 1, &err));
	FAILS(SO_NOT_FOUND, so_store_tx(fix->store, judged_tx, &later_us, &err));
	FAILS(SO_NOT_FOUND, so_store_tx(fix->store, watch_tx, &watch, &err));
}

/* ---- two schedulers ---- */

struct pair {
	struct so_monitor *nodes[NODES];
	pthread_barrier_t turn;
	atomic_bool stop;
};

struct side {
	struct pair *pair;
	int number;
};

static void *run_side(void *arg)
{
	struct side *side = arg;

	for (;;) {
		pthread_barrier_wait(&side->pair->turn);
		if (atomic_load(&side->pair->stop))
			return NULL;
		step(side->pair->nodes[side->number]);
		pthread_barrier_wait(&side->pair->turn);
	}
}

/* Both nodes at the same moment, second by second. */
static void pass(struct pair *pair, int64_t us)
{
	for (int64_t until_us = fake_hands.monotonic + us; fake_hands.monotonic < until_us;) {
		go(SECOND);
		pthread_barrier_wait(&pair->turn);
		pthread_barrier_wait(&pair->turn);
	}
}

static size_t polls_since(size_t first, int by)
{
	size_t n = 0;

	for (size_t i = first; i < servers.n; i++)
		n += servers.polls[i].node == by;
	return n;
}

/* Between two polls of a host lies the interval: not less, and not much more whichever node is away. */
static void check_gaps(size_t first, int hosts, int64_t least_us, int64_t most_us)
{
	int64_t last[HOSTS] = { 0 };

	for (size_t i = first; i < servers.n; i++) {
		const struct polled *p = &servers.polls[i];

		if (last[p->host] && (p->at_us - last[p->host] < least_us || p->at_us - last[p->host] > most_us))
			fail_msg("host %d was polled %d s after the last time, by node %d", p->host,
				(int)((p->at_us - last[p->host]) / SECOND), p->node);
		last[p->host] = p->at_us;
	}
	for (int h = 0; h < hosts; h++)
		assert_true(last[h] > 0 && fake_hands.wall - last[h] <= most_us);
}

static void check_totals(struct fixture *fix, struct pair *pair, int hosts, int64_t base)
{
	/* every host a last time, then the fold */
	so_monitor_trigger(pair->nodes[0]);
	step(pair->nodes[0]);
	for (int i = 0; i < 40; i++) {
		fake_turn(SECOND);
		step(pair->nodes[0]);
		step(pair->nodes[1]);
	}
	assert_int_equal(stored_calls(fix), made_calls(hosts) - base);
}

static void end_with_all(struct fixture *fix, struct pair *pair, int hosts, int64_t base)
{
	check_totals(fix, pair, hosts, base);
	fake_end(pair->nodes[0]);
	fake_end(pair->nodes[1]);
}

static void test_two_schedulers_take_turns(void **state)
{
	struct fixture *fix = *state;
	struct pair pair = { .nodes = { node(fix, 0), node(fix, 1) } };
	struct side sides[NODES] = { { &pair, 0 }, { &pair, 1 } };
	pthread_t threads[NODES];
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)getpid();
	size_t first, by[NODES] = { 0 };
	int64_t base;

	print_message("SEED=%u\n", seed);
	for (int h = 0; h < HOSTS; h++)
		add_host(fix, h);
	pthread_barrier_init(&pair.turn, NULL, NODES + 1);
	base = made_calls(HOSTS);
	for (int i = 0; i < NODES; i++)
		pthread_create(&threads[i], NULL, run_side, &sides[i]);
	/* the first sight: its counters are the baseline */
	for (int i = 0; i < 10; i++) {
		fake_turn(SECOND);
		pthread_barrier_wait(&pair.turn);
		pthread_barrier_wait(&pair.turn);
	}
	assert_in_range(servers.n, HOSTS, 2 * HOSTS); /* who lives where is found out by the first */
	pass(&pair, 2 * MINUTE);
	first = servers.n;
	for (int round = 0; round < 20; round++) {
		size_t from = servers.n;
		int away = rand_r(&seed) % 3;

		/* one of them is away for a while, or none */
		for (int i = 0; i < NODES; i++)
			so_monitor_pause(pair.nodes[i], i == away);
		pass(&pair, (30 + rand_r(&seed) % 120) * SECOND);
		for (int i = 0; i < NODES; i++)
			by[i] += polls_since(from, i);
	}
	for (int i = 0; i < NODES; i++)
		so_monitor_pause(pair.nodes[i], false);
	check_gaps(first, HOSTS, 59 * SECOND, 64 * SECOND);
	assert_true(by[0] > HOSTS && by[1] > HOSTS); /* both worked */
	/* both are asked at the same moment, again and again */
	for (int round = 0; round < 30; round++) {
		for (int i = 0; i < NODES; i++)
			assert_true(so_monitor_trigger(pair.nodes[i]));
		pass(&pair, SECOND);
	}
	assert_false(atomic_load(&servers.overlapped));
	atomic_store(&pair.stop, true);
	pthread_barrier_wait(&pair.turn);
	for (int i = 0; i < NODES; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&pair.turn);
	end_with_all(fix, &pair, HOSTS, base);
}

/* First sight by node 0 alone, and a minute's work. */
static int64_t watched_by_the_first(struct fixture *fix, struct pair *pair)
{
	int64_t base = made_calls(1);

	add_host(fix, 0);
	pair->nodes[0] = node(fix, 0);
	pair->nodes[1] = node(fix, 1);
	for (int i = 0; i < 5; i++) {
		fake_turn(SECOND);
		step(pair->nodes[0]);
	}
	for (int i = 0; i < 70; i++) {
		go(SECOND);
		step(pair->nodes[0]);
		step(pair->nodes[1]);
	}
	assert_true(polls_since(0, 0) >= 2);
	assert_int_equal(polls_since(0, 1), 0);
	return base;
}

/* The same, and then the first hangs in a poll: it has read the counters. Returns how many polls there were by then. */
static size_t hangs_in_a_poll(struct fixture *fix, struct pair *pair, int64_t *base)
{
	*base = watched_by_the_first(fix, pair);
	atomic_store(&servers.hanging, false);
	atomic_store(&servers.hangs_for, 0);
	for (int i = 0; i < 70 && !atomic_load(&servers.hanging); i++) {
		go(SECOND);
		so_monitor_tick(pair->nodes[0]);
		usleep(2000);
	}
	while (!atomic_load(&servers.hanging))
		usleep(1000);
	return servers.n;
}

static void test_a_node_dies_in_a_poll(void **state)
{
	struct fixture *fix = *state;
	struct pair pair;
	struct so_store_watch *before, *after;
	int64_t base, lost_us;
	size_t first = hangs_in_a_poll(fix, &pair, &base);

	lost_us = fake_hands.wall;
	/* its lease is never renewed again */
	while (polls_since(first, 1) == 0 && fake_hands.wall < lost_us + MINUTE) {
		go(SECOND);
		step(pair.nodes[1]);
	}
	assert_in_range(fake_hands.wall - lost_us, 10 * SECOND, 20 * SECOND);
	for (int i = 0; i < 90; i++) {
		go(SECOND);
		step(pair.nodes[1]);
	}
	check_gaps(first, 0, 59 * SECOND, 64 * SECOND);
	OK(before = so_store_watch_get(fix->root, fix->store, SCOPE, 1, &err));
	/* it only slept: what it read must not be written */
	atomic_store(&servers.hangs_for, -1);
	so_monitor_wait(pair.nodes[0]);
	OK(after = so_store_watch_get(fix->root, fix->store, SCOPE, 1, &err));
	assert_int_equal(after->attempts, before->attempts);
	assert_int_equal(after->failures, 0);
	assert_null(after->error);
	/* and it goes on as the second */
	first = servers.n;
	for (int i = 0; i < 180; i++) {
		go(SECOND);
		step(pair.nodes[0]);
		step(pair.nodes[1]);
	}
	check_gaps(first, 1, 59 * SECOND, 64 * SECOND);
	assert_int_equal(polls_since(first, 0), 0);
	end_with_all(fix, &pair, 1, base);
}

/* The same, with a server that is slow: while the node lives the lease is renewed. */
static void test_a_slow_poll_keeps_its_lease(void **state)
{
	struct fixture *fix = *state;
	struct pair pair;
	int64_t base;
	size_t first = hangs_in_a_poll(fix, &pair, &base);

	for (int i = 0; i < 25; i++) {
		go(SECOND);
		so_monitor_tick(pair.nodes[0]);
		step(pair.nodes[1]);
	}
	assert_int_equal(servers.n, first);
	atomic_store(&servers.hangs_for, -1);
	so_monitor_wait(pair.nodes[0]);
	end_with_all(fix, &pair, 1, base);
}

/* A node that learns that its lease is gone stops asking the server. */
static void test_a_lost_lease_ends_the_poll(void **state)
{
	struct fixture *fix = *state;
	struct pair pair;
	int64_t base;
	size_t first = hangs_in_a_poll(fix, &pair, &base);

	for (int i = 0; i < 20; i++) {
		go(SECOND);
		step(pair.nodes[1]);
	}
	assert_int_equal(polls_since(first, 1), 1);
	step(pair.nodes[0]); /* its poll hangs until it is cancelled: this would not return */
	atomic_store(&servers.hangs_for, -1);
	end_with_all(fix, &pair, 1, base);
}

/* One that is stopped in order leaves nothing for the others to wait for. */
static void test_a_node_that_leaves(void **state)
{
	struct fixture *fix = *state;
	struct pair pair;
	int64_t base;
	size_t first;

	hangs_in_a_poll(fix, &pair, &base);
	fake_end(pair.nodes[0]); /* cancels the poll */
	atomic_store(&servers.hangs_for, -1);
	first = servers.n;
	for (int i = 0; i < 3; i++) {
		go(SECOND);
		so_monitor_trigger(pair.nodes[1]);
		step(pair.nodes[1]);
	}
	assert_true(polls_since(first, 1) >= 1);
	/* the history is the other one's now */
	for (int i = 0; i < 40; i++) {
		go(SECOND);
		step(pair.nodes[1]);
	}
	assert_true(stored_calls(fix) > 0);
	fake_end(pair.nodes[1]);
}

#define NODES_TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NODES_TEST(test_a_lease),
		NODES_TEST(test_a_clock_that_was_set_back),
		NODES_TEST(test_work_that_goes_on),
		NODES_TEST(test_a_store_that_is_opened_again),
		NODES_TEST(test_nothing_is_written_twice),
		NODES_TEST(test_two_schedulers_take_turns),
		NODES_TEST(test_a_node_dies_in_a_poll),
		NODES_TEST(test_a_slow_poll_keeps_its_lease),
		NODES_TEST(test_a_lost_lease_ends_the_poll),
		NODES_TEST(test_a_node_that_leaves),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
