/* Findings on what a statement waits for or is denied: memory, locks, parallel processes, log; and on plans that
 * somebody else has decided. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* limit: seconds. */
void so_rule_grant_wait(struct so_rule_check *c)
{
	const struct so_plan_note *wait = so_check_note(c, "grant_wait_s", -1),
				  *granted = so_check_note(c, "granted_kb", -1);
	struct so_finding *f;

	if (!wait || !(wait->value >= c->limit[0]))
		return;
	f = so_check_found(c, NULL, so_severity_of(wait->value, 5, 60, INFINITY),
		"The statement waited %s s for memory", so_check_number(c, wait->value));
	so_check_explain(c, f,
		"Before it began, the statement waited %s s until its memory could be reserved (measured): others held "
		"theirs.",
		so_check_number(c, wait->value));
	so_check_evidence(c, f, "wait", wait->value, "s");
	so_check_evidence(c, f, "granted", granted ? granted->value * 1024 : NAN, "bytes");
}

/* limit: cost, ms. */
void so_rule_parallelism_inhibited(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "not_parallel", -1);
	double ms = c->plan->has_timing ? c->plan->nodes[0].time_ms : NAN;
	struct so_finding *f;

	if (!note || !(c->plan->total_cost >= c->limit[0]) || ms < c->limit[1])
		return;
	f = so_check_found(c, NULL, SO_SEVERITY_LOW, "No parallel plan could be made: %s", note->text);
	so_check_explain(c, f,
		"The statement costs %s, enough for a parallel plan, and runs on one thread because of %s%s.",
		so_check_number(c, c->plan->total_cost), note->text,
		isnan(ms) ? "" : so_printf(c->tmp, ": %s ms (measured)", so_check_number(c, ms)));
	so_check_evidence(c, f, "cost", c->plan->total_cost, "cost");
	so_check_evidence(c, f, "time", ms, "ms");
}

/* Starting the processes and passing rows on takes longer than their work. limit: ms, ratio. */
void so_rule_parallel_overhead(struct so_rule_check *c, const struct so_plan_node *node)
{
	const struct so_plan_node *work = so_node_child(c->plan, node, SO_PLAN_REL_OUTER);
	double own = node->time_exclusive_ms;
	struct so_finding *f;

	if (node->op != SO_PLAN_GATHER || !c->plan->has_timing || !work || node->workers_launched <= 0 ||
		!(own >= c->limit[0] && own >= c->limit[1] * work->time_ms))
		return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "%s takes %s ms, the parallel work below it %s ms", node->label,
		so_check_number(c, own), so_check_number(c, work->time_ms));
	so_check_explain(c, f,
		"Starting %d workers and passing %s rows on took %s ms, the work that they share %s ms (measured): the "
		"statement is too small for parallel processes.",
		(int)node->workers_launched, so_check_number(c, node->rows_actual), so_check_number(c, own),
		so_check_number(c, work->time_ms));
	so_check_evidence(c, f, "gather_time", own, "ms");
	so_check_evidence(c, f, "work_time", work->time_ms, "ms");
	so_check_evidence(c, f, "workers_launched", node->workers_launched, "workers");
}

/* Waits that the engine counts. limit: ms, share %. */
static void check_noted_waits(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "lock_wait_ms", -1);
	double total = c->plan->execution_ms, share = note ? note->value / total * 100 : NAN;
	struct so_finding *f;

	if (!note || !(note->value >= c->limit[0] && share >= c->limit[1]))
		return;
	f = so_check_found(c, NULL, so_severity_of(note->value, 1000, 10000, INFINITY),
		"The statement waited %s ms for locks", so_check_number(c, note->value));
	so_check_explain(c, f,
		"Of %s ms, %s ms (%.0f %%) were spent waiting for locks of other sessions (%s; measured).",
		so_check_number(c, total), so_check_number(c, note->value), fmin(100, share), note->text);
	so_check_evidence(c, f, "wait", note->value, "ms");
	so_check_evidence(c, f, "share", share, "%");
}

/* A row that nobody holds is locked in microseconds. limit: ms, share %, ms a row. */
void so_rule_lock_wait(struct so_rule_check *c)
{
	check_noted_waits(c);
	for (int32_t i = 0; c->plan->has_timing && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		double ms = node->time_exclusive_ms, rows = fmax(1, node->rows_actual * node->loops);
		struct so_finding *f;

		if (!so_node_is(node, "LockRows") || node->never_executed ||
			!(ms >= c->limit[0] && node->share * 100 >= c->limit[1] && ms / rows >= c->limit[2]))
			continue;
		f = so_check_found(c, node, so_severity_of(ms, 1000, 10000, INFINITY), "Locking %s rows took %s ms",
			so_check_number(c, rows), so_check_number(c, ms));
		so_check_explain(c, f,
			"%s rows were locked in %s ms, %s ms a row (measured): another session held them. A free row "
			"is locked "
			"in microseconds.",
			so_check_number(c, rows), so_check_number(c, ms), so_check_number(c, ms / rows));
		so_check_evidence(c, f, "wait", ms, "ms");
		so_check_evidence(c, f, "rows", rows, "rows");
		so_check_evidence(c, f, "share", node->share * 100, "%");
	}
}

#define LOG_PAGE 8192.0

/* limit: bytes, share of page images %. */
void so_rule_wal_heavy(struct so_rule_check *c)
{
	const struct so_plan_node *top = &c->plan->nodes[0];
	double bytes = (double)top->wal_bytes, images = (double)top->wal_fpi * LOG_PAGE;
	double share = fmin(100, images / fmax(1, bytes) * 100);
	struct so_finding *f;

	if (!c->plan->has_wal || !(bytes >= c->limit[0] && share >= c->limit[1]))
		return;
	f = so_check_found(c, top, SO_SEVERITY_LOW, "%s MB of write-ahead log, most of it whole pages",
		so_check_number(c, round(bytes / 1048576)));
	so_check_explain(c, f,
		"The statement wrote %s bytes of log with %s whole pages (measured), up to %.0f %% of it: each page "
		"that is changed for the first time after a checkpoint is logged whole.",
		so_check_number(c, bytes), so_check_number(c, (double)top->wal_fpi), share);
	so_check_evidence(c, f, "wal", bytes, "bytes");
	so_check_evidence(c, f, "page_images", (double)top->wal_fpi, "pages");
	so_check_evidence(c, f, "wal_records", (double)top->wal_records, "rows");
}

static size_t count_notes(const struct so_plan *plan, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_notes; i++)
		n += strcmp(plan->notes[i].kind, kind) == 0;
	return n;
}

/* No limits: each of them is somebody's mistake. */
void so_rule_hint_unused(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "hint_unused", -1);
	size_t n = count_notes(c->plan, "hint_unused");
	struct so_finding *f;

	if (!note || (double)n < c->limit[0])
		return;
	f = so_check_found(c, NULL, SO_SEVERITY_LOW, "%zu hint%s of the statement ha%s no effect", n, n > 1 ? "s" : "",
		n > 1 ? "ve" : "s");
	so_check_explain(c, f,
		"The optimiser reports hints that it did not use, could not resolve or found wrong, the first one: %s. "
		"The plan is not the one that the author had in mind.",
		note->text);
	so_check_evidence(c, f, "hints", (double)n, "hints");
}

/* A plan that is given, not chosen, and bad: only then is it worth saying. limit: factor, rows. */
void so_rule_plan_forced(struct so_rule_check *c)
{
	const struct so_plan_note *note = so_check_note(c, "forced", -1);
	const struct so_plan_node *worst = NULL;
	double most = 0;
	struct so_finding *f;

	for (int32_t i = 0; note && c->plan->has_analyze && i < c->plan->n_nodes; i++) {
		const struct so_plan_node *node = &c->plan->nodes[i];
		double factor = fmax(node->rows_actual, 1) / fmax(node->rows_est, 1);

		if (node->loops > 0 && !isnan(node->rows_est) && factor >= c->limit[0] && factor > most &&
			so_node_rows(c, node) >= c->limit[1]) {
			most = factor;
			worst = node;
		}
	}
	if (!worst)
		return;
	f = so_check_found(c, worst, SO_SEVERITY_MEDIUM,
		"The plan is forced, and %s times as many rows come as it expects", so_check_number(c, most));
	so_check_explain(c, f,
		"The plan was not chosen but given: %s. It expects %s rows here, %s came (measured): what was good "
		"when it was "
		"fixed need not be so any more.",
		note->text, so_check_number(c, worst->rows_est), so_check_number(c, worst->rows_actual));
	so_check_evidence(c, f, "rows_estimated", worst->rows_est, "rows");
	so_check_evidence(c, f, "rows_actual", worst->rows_actual, "rows");
	so_check_evidence(c, f, "factor", most, "x");
}
