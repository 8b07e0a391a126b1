/* All of it for one query when a bucket is complete: judge, damp, look for the cause. Pure. To be called for each
 * complete bucket, also one without calls (calls 0), or a finding of a query that is gone never ends. Takes about half
 * a microsecond of each bucket of history: hours for all queries, minutes for the heaviest. */
#ifndef SO_MONITOR_WATCH_H
#define SO_MONITOR_WATCH_H

#include "monitor/cause.h"
#include "monitor/damping.h"

struct so_watch_config {
	struct so_regression_config regression;
	struct so_damp_config damp;
};
#define SO_WATCH_DEFAULTS                                                                                              \
	{                                                                                                              \
		.regression = SO_REGRESSION_DEFAULTS, .damp = SO_DAMP_DEFAULTS                                         \
	}

/* Kept with the query; zeroed to begin with. */
struct so_watch {
	struct so_damp damp;
	enum so_regression_kind kind; /* of the finding that is or was open */
	enum so_cause_kind cause;
	int64_t baseline_until_us; /* while it is open */
};

struct so_watch_input {
	struct so_cause_input known; /* the series with the bucket at its end, events, peers */
	const struct so_load *load; /* of the instance, sorted by start */
	size_t n_load;
	int64_t first_seen_us, watched_since_us; /* as in struct so_regression_input */
	/* A call at this hour of earlier days, where the series does not go back so far; NAN or 0: not known. What is
	 * not slower than that opens nothing. */
	double usual_us;
	/* The series may leave out what lies between the onset of an open finding and now: then it does not tell anew
	 * since when and how the query got slow. */
	bool cut;
};

struct so_watch_result {
	enum so_damp_event event;
	bool notify;
	struct so_regression found; /* with an event but closing: what to write into the finding */
	struct so_cause cause; /* likewise */
};

/* Strings of the result are children of `ctx`. */
void so_watch_step(struct so_watch_result *result, TALLOC_CTX *ctx, struct so_watch *watch,
	const struct so_watch_input *input, const struct so_watch_config *config);

#endif
