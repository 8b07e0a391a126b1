/* A statement with parameters, tried with values: with those that were seen in use, and with a common, a rare and an
 * absent one from the statistics of the columns that the parameters are compared with. What its plan is with each,
 * whether that differs, and the texts that the rungs of the proof execute. */
#ifndef SO_SERVICE_VALUES_H
#define SO_SERVICE_VALUES_H

#include "advise/parameters.h"
#include "core/finding.h"
#include "core/proposal.h"
#include "engine/engine.h"
#include "monitor/harvest.h"
#include "service/statement.h"

struct so_value_case {
	enum so_value_choice choice;
	char *sql; /* the statement with these values; holds data of the target: for it alone */
	char *what; /* "common values of orders.status (97 % of the rows)", "values seen in a running session" */
	bool planned;
	double cost;
	uint64_t shape; /* so_plan_shape_hash */
	char *heaviest; /* "Seq Scan on orders" */
};

struct so_values {
	const struct so_statement *statement;
	struct so_parameters *parameters;
	size_t n_cases; /* 0: no values, see why_not */
	struct so_value_case cases[SO_VALUE_SLOTS]; /* those that differ from each other; first what was seen */
	const char *why_not; /* why the statistics gave none: "$1 is not compared with a column", or NULL */
};

/* `resolved` and `seen` may be NULL. A child of `ctx`; borrows the statement. */
struct so_values *so_values_read(TALLOC_CTX *ctx, const struct so_statement *statement,
	const struct so_resolved *resolved, const struct so_harvested_list *seen);

/* The plan of each case; one that the server refuses stays unplanned, and the note says so. Fails when the connection
 * is lost or the job is cancelled. Blocks on the target. */
bool so_values_plan(struct so_values *values, struct so_conn *conn, const struct so_catalog *catalog,
	struct so_cancel *cancel, struct so_err *err) SO_MUST_CHECK;

/* Sentences that name each planned case with its cost, or why there is none; NULL when there is nothing to say. */
char *so_values_note(TALLOC_CTX *ctx, const struct so_values *values);

/* "parameter-sensitive-plan", where the engine keeps plans for other values than they were made for. */
#define SO_SENSITIVE_RULE   "parameter-sensitive-plan"
#define SO_SENSITIVE_FACTOR 10 /* between the costs of two values */
#define SO_SENSITIVE_COST   1000 /* of the dearer one */
void so_values_finding(const struct so_values *values, const char *dialect, struct so_finding_list *list);

/* What verify/ executes for a proposal in place of the parameters; `out` borrows from a child of `ctx`. None when a
 * rewrite has parameters that the statement has not. */
void so_values_pairs(TALLOC_CTX *ctx, const struct so_values *values, const struct so_proposal *proposal,
	struct so_verify_statement *out);

#endif
