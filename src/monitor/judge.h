/* When what is judged: each complete hour of each connection; short periods of those that are polled often; loops.
 * Blocks for disk time; one thread. */
#ifndef SO_MONITOR_JUDGE_H
#define SO_MONITOR_JUDGE_H

#include <stdatomic.h>

#include "monitor/period.h"

struct so_judge_rules {
	struct so_past past;
	int64_t interval_us; /* of polls, where a connection does not say */
	void (*tell)(void *arg, const struct so_told *told); /* or NULL */
	void *arg;
};

/* Up to when each connection's samples are known. To be asked before the fold, so that what is judged has been folded.
 */
struct so_judge;
struct so_judge *so_judge_new(TALLOC_CTX *ctx, const struct so_judge_rules *rules, struct so_err *err) SO_MUST_CHECK;

/* Judges what is complete, at most for a second; *more: there is more to do. Stops between two periods when *stop is
 * set (may be NULL). */
bool so_judge_run(struct so_judge *judge, const atomic_bool *stop, bool *more, struct so_err *err) SO_MUST_CHECK;

/* The short period of a connection that is polled that often: twice the interval; an hour where hours will do. */
int64_t so_judge_bucket(int64_t interval_us);

#endif
