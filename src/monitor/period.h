/* The judgement of one complete period of one connection: who is looked at, what has become of them, and the findings
 * that follow, written in one transaction. */
#ifndef SO_MONITOR_PERIOD_H
#define SO_MONITOR_PERIOD_H

#include "core/finding.h"
#include "monitor/past.h"
#include "store/judge.h"

/* A finding that was opened, updated or closed. */
struct so_told {
	int64_t connection_id, query_id, finding_id;
	const char *rule, *title;
	const char *change; /* "opened", "updated", "closed", "reopened" */
	enum so_severity severity;
	bool notify; /* somebody should be told: see so_damp_step */
};

struct so_period {
	const struct so_past *past;
	int64_t connection_id, watched_since_us;
	const char *dialect; /* of its statements */
	const int64_t *connections; /* of the same server, this one included */
	size_t n_connections;
	enum so_store_level level;
	int64_t bucket_us, end_us;
	bool fresh; /* also queries that nothing is known of yet; else only those with a verdict */
	void (*tell)(void *arg, const struct so_told *told); /* after the transaction; or NULL */
	void *arg;
};

/* SO_LEVEL_HOURS and SO_LEVEL_FINE. SO_NOT_FOUND when the connection is gone. */
bool so_period_judge(const struct so_period *period, struct so_err *err) SO_MUST_CHECK;
/* SO_LEVEL_LOOP: which statements are called in a loop. */
bool so_period_loops(const struct so_period *period, struct so_err *err) SO_MUST_CHECK;

/* ---- what both write ---- */

/* A verdict that changed, and the finding that follows from it. */
struct so_ruling {
	struct so_store_verdict verdict;
	bool drop; /* nothing is known of the query any more */
	struct so_store_finding *finding; /* or NULL; its id goes into the verdict */
	const char *change;
	bool notify;
};
/* All of them and how far judging came, in one transaction; then tells. */
bool so_period_save(
	const struct so_period *period, struct so_ruling *rulings, size_t n, struct so_err *err) SO_MUST_CHECK;
/* A row of the finding, `last_id` (0: none) written over if it is still there. Child of `ctx`. */
struct so_store_finding *so_period_finding(TALLOC_CTX *ctx, const struct so_period *period, int64_t query_id,
	int64_t last_id, const struct so_finding *finding, struct so_err *err);

#endif
