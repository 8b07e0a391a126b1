/* A proposal: something to do, with its proof record, one entry a rung of the ladder (docs/internals/verify.md). */
#ifndef SO_CORE_PROPOSAL_H
#define SO_CORE_PROPOSAL_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

enum so_proposal_kind {
	SO_PROPOSAL_INDEX,
	SO_PROPOSAL_DROP_INDEX,
	SO_PROPOSAL_REWRITE,
	SO_PROPOSAL_STATISTICS,
	SO_PROPOSAL_SETTING,
	SO_PROPOSAL_MAINTENANCE,
	SO_PROPOSAL_SCHEMA,
	SO_PROPOSAL_KIND_MAX
};

enum so_rung {
	SO_RUNG_PARSED,
	SO_RUNG_RESOLVED,
	SO_RUNG_PLANNED,
	SO_RUNG_EQUIVALENT,
	SO_RUNG_SAME_RESULT,
	SO_RUNG_MEASURED,
	SO_RUNG_APPLIED,
	SO_RUNG_CONFIRMED,
	SO_RUNG_MAX
};

enum so_rung_status {
	SO_RUNG_NOT_RUN, /* the default: nobody asked, or not reached */
	SO_RUNG_PASSED,
	SO_RUNG_FAILED,
	SO_RUNG_NOT_POSSIBLE, /* with the reason: this engine, version, privilege ... */
	SO_RUNG_STATUS_MAX
};

/* How a figure was got. Planner cost is never time. */
enum so_figure_source {
	SO_FIGURE_NONE,
	SO_FIGURE_ESTIMATED,
	SO_FIGURE_WHAT_IF,
	SO_FIGURE_PLANNED,
	SO_FIGURE_MEASURED,
	SO_FIGURE_SOURCE_MAX
};

struct so_rung_entry {
	enum so_rung_status status;
	char *reason; /* why it failed or was not possible, or what passed means; may be NULL */
};

/* What the advisor decided. Only `offered` proposals carry SQL that a user may copy or apply. */
enum so_verdict {
	SO_VERDICT_OFFERED, /* helps, and nothing speaks against it */
	SO_VERDICT_UNPROVED, /* may help, equivalence is not shown: no copy, no apply */
	SO_VERDICT_REJECTED, /* tried and wrong, or tried and of no use: shown with its figures */
	SO_VERDICT_MAX
};

struct so_proposal {
	int64_t id; /* store id, 0 before it is stored */
	enum so_proposal_kind kind;
	enum so_verdict verdict;
	char *title; /* "Index on shop.orders (user_id, created_at)" */
	char *explanation; /* why it helps, plain words */
	/* To apply: the rewritten statement, or DDL. DDL may be several statements with semicolons between them, to be
	 * run one by one in this order, outside a transaction, each only after the one before it succeeded. */
	char *sql;
	char *undo_sql; /* NULL for a rewrite */
	char *origin; /* "advisor", "rule 10", "model NAME" */
	char *verdict_reason; /* why unproved or rejected; NULL when offered */
	char *lock; /* lock level and duration in words, for DDL; or NULL */
	char *finding_rule; /* the finding that it answers, or NULL */
	size_t n_objects, n_caveats, n_combined;
	char **objects;
	char **caveats; /* "state the time zone", "replica usage unknown" ... */
	char **combined; /* titles of other proposals assumed in cost_after, when planned together */
	double cost_before, cost_after; /* planner cost; NAN when unknown. Cost, not time. */
	enum so_figure_source cost_source;
	double measured_before_ms, measured_after_ms; /* medians; NAN when not measured */
	double measured_spread; /* larger of the two relative inter-quartile ranges; NAN */
	int32_t measured_runs;
	int64_t size_bytes; /* index: expected size, -1 unknown */
	int64_t build_bytes; /* scratch space while it is built, -1 unknown */
	char *write_cost; /* in words with the numbers: "maintained by 1,200 inserts a day ..."; or NULL */
	struct so_rung_entry rungs[SO_RUNG_MAX];
};

struct so_proposal_list {
	size_t count, size;
	struct so_proposal **items; /* pointers: a proposal keeps its address while the list grows */
};

struct so_proposal_list *so_proposal_list_new(TALLOC_CTX *ctx);
/* A new proposal, child of the list, with NAN figures, sizes -1 and all rungs not_run. */
struct so_proposal *so_proposal_add(struct so_proposal_list *list, enum so_proposal_kind kind, const char *origin);
/* Moves a proposal of another list to the end of this one; the other list still holds it and should be forgotten. */
void so_proposal_take(struct so_proposal_list *list, struct so_proposal *proposal);
/* Sets one rung; the reason is copied, NULL allowed. Printf form. */
void so_proposal_rung(struct so_proposal *proposal, enum so_rung rung, enum so_rung_status status, const char *fmt, ...)
	SO_PRINTF(4, 5);
void so_proposal_add_object(struct so_proposal *proposal, const char *object);
void so_proposal_add_caveat(struct so_proposal *proposal, const char *fmt, ...) SO_PRINTF(2, 3);
/* cost_before / cost_after, or NAN. */
double so_proposal_gain(const struct so_proposal *proposal);
/* Whether nothing but a measurement speaks against it, which another one may see otherwise: times vary. */
bool so_proposal_rejected_by_time(const struct so_proposal *proposal);
/* Offered first, then unproved, then rejected; by measured gain where there is one, else by planned gain. Stable. */
void so_proposal_list_sort(struct so_proposal_list *list);

const char *so_proposal_kind_name(enum so_proposal_kind kind);
const char *so_rung_name(enum so_rung rung);
const char *so_rung_status_name(enum so_rung_status status);
const char *so_verdict_name(enum so_verdict verdict);
const char *so_figure_source_name(enum so_figure_source source);

/* New reference:
 * {"id","kind","verdict","title","explanation","sql"|null,"undo_sql"|null,"origin","verdict_reason"|null,"lock"|null,
 *  "finding_rule"|null,"objects":[],"caveats":[],"combined":[],
 *  "cost":{"before","after","source","note":"planner cost, not time"}|null,
 *  "measured":{"before_ms","after_ms","spread","runs"}|null,"size_bytes"|null,"build_bytes"|null,"write_cost"|null,
 *  "proof":[{"rung","status","reason"|null} x 8]}
 * `sql` is null unless the verdict is offered; the rewritten or DDL text of others is under "shown_sql" so that a
 * page can display it without a copy or apply button. */
json_t *so_proposal_to_json(const struct so_proposal *proposal);
json_t *so_proposal_list_to_json(const struct so_proposal_list *list);
/* The inverse, for what the store kept. Fails with SO_INTERNAL on a document that so_proposal_to_json did not write. */
struct so_proposal *so_proposal_from_json(
	struct so_proposal_list *list, const json_t *json, struct so_err *err) SO_MUST_CHECK;
/* The same of the document's text. */
struct so_proposal *so_proposal_from_text(
	struct so_proposal_list *list, const char *text, struct so_err *err) SO_MUST_CHECK;

#endif
