/* The main job: a statement in, findings and proposals with their proof out. so_optimize() is the pipeline itself and
 * needs neither store nor jobs (the command line calls it); so_service_optimize() runs it as a stored job. */
#ifndef SO_SERVICE_OPTIMIZE_H
#define SO_SERVICE_OPTIMIZE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "core/finding.h"
#include "core/proposal.h"
#include "engine/engine.h"
#include "service/service.h"
#include "store/store.h"

struct so_plan;
struct so_harvested_list;

struct so_optimize_options {
	const char *sql;
	bool analyze; /* EXPLAIN ANALYZE of the original: executes it, read-only, with a timeout */
	bool verify; /* rung same_result for offered rewrites: executes both, read-only */
	bool measure; /* rung measured: times both; builds and drops an index only with `scratch` */
	bool scratch; /* the connection's permission */
	bool findings_only; /* stop before proposals are looked for */
	int32_t iterations; /* of measure; 0: 3 */
	int64_t statement_timeout_ms; /* for what executes; 0: 10,000 */
	int64_t max_plans; /* budget of what-if plans; 0: 400 */
	const struct so_harvested_list *seen; /* values in use, for a statement with parameters; or NULL */
	struct so_cancel *cancel;
	/* Called at the start of each step ("parse", "resolve", "plan", "findings", "advise", "prove"); may be NULL. */
	void (*step)(void *arg, const char *name);
	void *step_arg;
};

struct so_optimize_result {
	const char *sql;
	struct so_catalog *catalog;
	struct so_explain explain; /* the engine's own plan document */
	struct so_plan *plan;
	struct so_finding_list *findings;
	struct so_proposal_list *proposals;
	bool fine; /* nothing to do */
	char *summary; /* one or two sentences: why it is fine, or what was found and what would help most */
	char *parameter_note; /* "planned without parameter values", or NULL */
	char *leftover_note; /* an index of an interrupted measurement was found, or NULL; also part of parameter_note
			      */
	int64_t wall_us, own_cpu_us, wait_us; /* wait: time the driver waited for the server */
};

/* Runs every step. Fails when the statement cannot be parsed, resolved or planned, each with its own clear message and
 * position; proposals that turn out wrong are results, not failures. Blocks on the target. */
bool so_optimize(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_optimize_options *options,
	struct so_optimize_result **out, struct so_err *err) SO_MUST_CHECK;

/* What POST /api/optimizer/optimize and /analyze accept. */
struct so_optimize_request {
	int64_t connection_id;
	int64_t query_id; /* 0: none */
	char *sql_query;
	bool include_execution_plan, analyze, verify, measure;
};

/* Checks the request (connection exists, statement is one statement that parses), stores a pending optimization and
 * queues the job that fills it. The optimization row is updated when the rules' part is done and once more when the
 * model's part is; its `complete` member says which. */
bool so_service_optimize(struct so_service *service, struct so_scope scope, const struct so_optimize_request *request,
	int64_t *optimization_id, int64_t *job_id, struct so_err *err) SO_MUST_CHECK;

/* Findings only, nothing stored: POST /api/optimizer/analyze. */
bool so_service_analyze(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_optimize_request *request, struct so_optimize_result **out, struct so_err *err) SO_MUST_CHECK;

/* DetectionResult of the compatible API from findings. New reference. */
json_t *so_detection_result(const struct so_finding_list *findings, int64_t detected_at_us);

#endif
