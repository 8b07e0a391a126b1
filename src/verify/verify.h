/* The upper rungs of the proof ladder, which execute statements on the target, and the planner that advise/ asks.
 * Rungs parsed, resolved, planned and the precondition part of equivalent are filled by advise/. */
#ifndef SO_VERIFY_VERIFY_H
#define SO_VERIFY_VERIFY_H

#include "advise/planner.h"
#include "base/cancel.h"
#include "core/proposal.h"
#include "engine/engine.h"

/* A planner over a real target: hypothetical indexes are kept between calls and only the difference is sent; answers
 * are cached by statement and index set. One thread. talloc_free() of it ends the what-if session; the connection must
 * outlive it. Without what-if on this connection `can_what_if` is false and `why_not` tells "available, run CREATE
 * EXTENSION" from "not installed". */
struct so_planner *so_verify_planner(TALLOC_CTX *ctx, struct so_conn *conn, int64_t max_plans, struct so_cancel *cancel,
	struct so_err *err) SO_MUST_CHECK;

struct so_verify_options {
	int64_t timeout_ms; /* of one execution */
	int64_t max_rows, max_bytes;
	int32_t iterations;
	bool scratch; /* may build and drop an index of our own */
	struct so_cancel *cancel;
};

/* The texts to execute for a statement with parameters: one choice of values, in the statement and in its rewrite. */
struct so_verify_pair {
	const char *what; /* "common": which values these are */
	const char *before;
	const char *after; /* of a rewrite, NULL for other proposals */
};

/* What the caller knows of the statement, from its tree. */
struct so_verify_statement {
	const char *sql;
	bool pure_read; /* classified: nothing else is ever executed */
	bool has_params; /* $n: only `pairs` can be executed */
	size_t n_pairs; /* 0: no values are known */
	const struct so_verify_pair *pairs;
	bool limited; /* LIMIT or FETCH at the top, so that which rows come back may not be determined */
	bool volatile_calls; /* random(), now() ...: two runs differ by right */
};

/* Rung same_result of a rewrite: runs both statements read-only, with each choice of values if they have parameters,
 * and compares column names, types, row count and an order-insensitive hash. Fills the rung; fails only when the
 * connection is lost or the job is cancelled. */
bool so_verify_same_result(struct so_conn *conn, const struct so_verify_statement *original,
	struct so_proposal *proposal, const struct so_verify_options *options, struct so_err *err) SO_MUST_CHECK;

/* Rung measured, with parameters the sum over all choices of values: a rewrite by running both in turn after a warm-up;
 * an index by timing, building it, timing again and dropping it, only with `scratch`. Fills the rung and the measured
 * figures of the proposal. Below 1.2x the rung says that it is no improvement, and the rung fails. Errors as above; a
 * built index is dropped on every way out. */
bool so_verify_measure(struct so_conn *conn, const struct so_verify_statement *original, struct so_proposal *proposal,
	const struct so_verify_options *options, struct so_err *err) SO_MUST_CHECK;

/* The words of a server about a statement with values in place of its parameters may hold these values: they are
 * replaced by the SQLSTATE. */
void so_verify_hide_values(const struct so_verify_statement *original, struct so_err *err);

/* Median wall time of `iterations` read-only executions after a warm-up, for one statement alone. */
struct so_timing {
	double median_ms, spread; /* spread: inter-quartile range over median */
	int64_t rows;
	int64_t rows_examined; /* of the last run; 0: the engine does not tell */
	int32_t runs;
};
bool so_verify_time(struct so_conn *conn, const char *sql, const struct so_verify_options *options,
	struct so_timing *out, struct so_err *err) SO_MUST_CHECK;

#define SO_VERIFY_MIN_GAIN 1.2

/* Name of an index that a measurement builds: this, and the time in hexadecimal microseconds. */
#define SO_MEASURE_PREFIX "sqlopt_measure_"

/* Looks among the indexes of the snapshot for ones that an interrupted measurement (the process was killed) left behind
 * more than an hour ago. With `scratch` they are dropped; *note says what was found or done, NULL when there was
 * nothing. The snapshot is out of date after a drop. Fails when the drop fails. */
bool so_verify_leftovers(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_catalog *catalog, bool scratch,
	char **note, struct so_err *err) SO_MUST_CHECK;

#endif
