#include "api/shapes.h"

/* The structs below exist for their members' names and types. */

const char *const so_severity_words[] = { "low", "medium", "high", "critical", NULL };
const char *const so_issue_type_words[] = { "missing_index", "inefficient_index", "poor_join_strategy",
	"full_table_scan", "suboptimal_pattern", "stale_statistics", "wrong_cardinality", "orm_generated",
	"high_io_workload", "inefficient_reporting", "config_tuning", NULL };

/* ---- findings ------------------------------------------------------------------------------------------------ */

struct evidence_shape {
	char *name, *unit;
	double value;
};
#define S struct evidence_shape
static const struct so_field evidence_fields[] = {
	SO_FIELD(S, name),
	SO_FIELD(S, value, .flags = SO_F_NULLABLE),
	SO_FIELD(S, unit),
};
#undef S
static const struct so_resource evidence_shape =
	SO_RESOURCE(struct evidence_shape, evidence_fields, .name = "Evidence", .doc = "A number behind a claim.");

struct finding_shape {
	char *rule, *issue_type, *severity, *title, *explanation, *remedy, *docs;
	int64_t id, node;
	bool resolved;
	json_t *span, *evidence;
	struct so_strs *objects;
};
#define S struct finding_shape
static const struct so_field finding_fields[] = {
	SO_FIELD(S, id, .flags = SO_F_MAYBE),
	SO_FIELD(S, resolved, .flags = SO_F_MAYBE),
	SO_FIELD(S, rule, .doc = "Its page is at docs."),
	SO_FIELD(S, issue_type, .flags = SO_F_NULLABLE, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title, .flags = SO_F_NULLABLE),
	SO_FIELD(S, explanation, .flags = SO_F_NULLABLE),
	SO_FIELD(S, remedy, .flags = SO_F_NULLABLE),
	SO_FIELD(S, docs, .flags = SO_F_NULLABLE),
	SO_FIELD(S, node, .flags = SO_F_NULLABLE, .doc = "Node of the plan."),
	SO_FIELD(S, span, .flags = SO_F_LIST | SO_F_NULLABLE, .doc = "Begin and end in the statement, bytes."),
	SO_FIELD(S, objects),
	SO_FIELD(S, evidence, .flags = SO_F_LIST, .of = &evidence_shape),
};
#undef S
const struct so_resource so_shape_finding = SO_RESOURCE(struct finding_shape, finding_fields, .name = "Finding");

/* ---- proposals ----------------------------------------------------------------------------------------------- */

static const char *const kinds[] = { "index", "drop_index", "rewrite", "statistics", "setting", "maintenance", "schema",
	NULL };
static const char *const verdicts[] = { "offered", "unproved", "rejected", NULL };
static const char *const rungs[] = { "parsed", "resolved", "planned", "equivalent", "same_result", "measured",
	"applied", "confirmed", NULL };
static const char *const rung_states[] = { "not_run", "passed", "failed", "not_possible", NULL };
static const char *const sources[] = { "none", "estimated", "what_if", "planned", "measured", NULL };

struct rung_shape {
	char *rung, *status, *reason;
};
#define S struct rung_shape
static const struct so_field rung_fields[] = {
	SO_FIELD(S, rung, .one_of = rungs),
	SO_FIELD(S, status, .one_of = rung_states),
	SO_FIELD(S, reason, .flags = SO_F_NULLABLE),
};
#undef S
static const struct so_resource rung_shape =
	SO_RESOURCE(struct rung_shape, rung_fields, .name = "ProofRung", .doc = "One rung of the proof ladder.");

struct cost_shape {
	double before, after;
	char *source, *note;
};
#define S struct cost_shape
static const struct so_field cost_fields[] = {
	SO_FIELD(S, before, .flags = SO_F_NULLABLE),
	SO_FIELD(S, after, .flags = SO_F_NULLABLE),
	SO_FIELD(S, source, .one_of = sources),
	SO_FIELD(S, note),
};
#undef S
static const struct so_resource cost_shape =
	SO_RESOURCE(struct cost_shape, cost_fields, .name = "Cost", .doc = "Planner cost, not time.");

struct measured_shape {
	double before_ms, after_ms, spread;
	int64_t runs;
};
#define S struct measured_shape
static const struct so_field measured_fields[] = {
	SO_FIELD(S, before_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, after_ms, .flags = SO_F_NULLABLE),
	SO_FIELD(S, spread, .flags = SO_F_NULLABLE),
	SO_FIELD(S, runs),
};
#undef S
static const struct so_resource measured_shape =
	SO_RESOURCE(struct measured_shape, measured_fields, .name = "Measured", .doc = "Medians of real runs.");

struct proposal_shape {
	int64_t id, size_bytes, build_bytes;
	char *kind, *verdict, *title, *explanation, *sql, *shown_sql, *undo_sql, *origin, *verdict_reason, *lock;
	char *finding_rule, *write_cost;
	struct so_strs *objects, *caveats, *combined;
	json_t *cost, *measured, *proof;
};
#define S struct proposal_shape
static const struct so_field proposal_fields[] = {
	SO_FIELD(S, id),
	SO_FIELD(S, kind, .one_of = kinds),
	SO_FIELD(S, verdict, .one_of = verdicts),
	SO_FIELD(S, title, .flags = SO_F_NULLABLE),
	SO_FIELD(S, explanation, .flags = SO_F_NULLABLE),
	SO_FIELD(S, sql, .flags = SO_F_NULLABLE, .doc = "To run; only when the verdict is offered."),
	SO_FIELD(S, shown_sql, .flags = SO_F_NULLABLE, .doc = "To look at, never to run."),
	SO_FIELD(S, undo_sql, .flags = SO_F_NULLABLE),
	SO_FIELD(S, origin, .doc = "advisor, rule N, or model NAME"),
	SO_FIELD(S, verdict_reason, .flags = SO_F_NULLABLE),
	SO_FIELD(S, lock, .flags = SO_F_NULLABLE),
	SO_FIELD(S, finding_rule, .flags = SO_F_NULLABLE),
	SO_FIELD(S, objects),
	SO_FIELD(S, caveats),
	SO_FIELD(S, combined),
	SO_FIELD(S, cost, .flags = SO_F_NULLABLE, .of = &cost_shape),
	SO_FIELD(S, measured, .flags = SO_F_NULLABLE, .of = &measured_shape),
	SO_FIELD(S, size_bytes, .flags = SO_F_NULLABLE),
	SO_FIELD(S, build_bytes, .flags = SO_F_NULLABLE),
	SO_FIELD(S, write_cost, .flags = SO_F_NULLABLE),
	SO_FIELD(S, proof, .flags = SO_F_LIST, .of = &rung_shape),
};
#undef S
const struct so_resource so_shape_proposal = SO_RESOURCE(
	struct proposal_shape, proposal_fields, .name = "Proposal", .doc = "Something to do, with its proof record.");

/* ---- the older API's words ----------------------------------------------------------------------------------- */

struct issue_shape {
	char *issue_type, *severity, *title, *description;
	int64_t detected_at;
	struct so_strs *affected_objects, *recommendations;
	json_t *metrics;
};
#define S struct issue_shape
static const struct so_field issue_fields[] = {
	SO_FIELD(S, issue_type, .one_of = so_issue_type_words),
	SO_FIELD(S, severity, .one_of = so_severity_words),
	SO_FIELD(S, title),
	SO_FIELD(S, description),
	SO_FIELD(S, affected_objects),
	SO_FIELD(S, recommendations),
	SO_FIELD(S, metrics, .flags = SO_F_MAP),
	SO_FIELD(S, detected_at, .flags = SO_F_TIME),
};
#undef S
const struct so_resource so_shape_issue = SO_RESOURCE(struct issue_shape, issue_fields, .name = "DetectedIssue");

struct detection_shape {
	json_t *issues;
	struct so_strs *recommendations;
	char *summary;
	int64_t total_issues, critical_issues, high_issues, medium_issues, low_issues;
};
#define S struct detection_shape
static const struct so_field detection_fields[] = {
	SO_FIELD(S, issues, .flags = SO_F_LIST, .of = &so_shape_issue),
	SO_FIELD(S, recommendations),
	SO_FIELD(S, summary),
	SO_FIELD(S, total_issues),
	SO_FIELD(S, critical_issues),
	SO_FIELD(S, high_issues),
	SO_FIELD(S, medium_issues),
	SO_FIELD(S, low_issues),
};
#undef S
const struct so_resource so_shape_detection =
	SO_RESOURCE(struct detection_shape, detection_fields, .name = "DetectionResult");
