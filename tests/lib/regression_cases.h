/* Made-up histories of queries with a known answer, for the tests and the benchmark of regressions. The same seed gives
 * the same histories. What is drawn from which range stands in regression_cases.c. */
#ifndef SO_TESTS_REGRESSION_CASES_H
#define SO_TESTS_REGRESSION_CASES_H

#include "monitor/watch.h"

#define CASE_PEERS      8
#define CASE_EVENTS_MAX 64

struct regression_case {
	const char *name;
	enum so_regression_kind expected; /* none: a control */
	enum so_cause_kind cause;
	enum so_event_kind event; /* the cause's event; SO_EVENT_KIND_MAX not judged */
	bool recovers; /* and must be closed again */
	struct so_series series;
	size_t watch_from; /* first bucket after which it is judged */
	size_t onset, recovery; /* buckets */
	int64_t onset_us;
	double factor;
	struct so_load *load;
	struct so_event events[CASE_EVENTS_MAX];
	size_t n_events;
	struct so_series peers[CASE_PEERS];
	const struct so_series *peer_list[CASE_PEERS];
	int64_t first_seen_us, watched_since_us;
};

/* How many sorts of histories there are. */
size_t regression_case_sorts(void);
/* One of sort `sort`; `nth` makes another one. Child of `ctx`. */
struct regression_case *regression_case_new(TALLOC_CTX *ctx, uint64_t seed, size_t sort, uint64_t nth);

struct regression_outcome {
	bool early; /* opened although nothing had happened */
	bool detected; /* opened after the onset */
	bool kind_right, cause_right; /* at the last report */
	bool closed; /* after the recovery */
	size_t delay; /* buckets from the onset to the opening */
	int64_t opened_us;
	struct so_regression found; /* as last reported */
	enum so_cause_kind cause;
	char text[400]; /* of the cause */
};

/* Feeds the history bucket by bucket, as the monitor does. */
void regression_case_run(struct regression_outcome *outcome, TALLOC_CTX *ctx, const struct regression_case *c);

#endif
