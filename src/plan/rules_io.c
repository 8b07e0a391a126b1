/* Findings on time, I/O and parallelism. */
#include <math.h>
#include <string.h>

#include "plan/rules.h"

/* Where a long time goes, if no other rule has said it of this node. limit: share %, ms. Runs last. */
void so_rule_expensive_node(struct so_rule_check *c, const struct so_plan_node *node)
{
	struct so_finding *f;

	if (!c->plan->has_timing || !(node->share * 100 >= c->limit[0] && node->time_exclusive_ms >= c->limit[1]))
		return;
	for (size_t i = 0; i < c->list->count; i++)
		if (c->list->items[i].node == node->id)
			return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "%s%s%s takes %.0f %% of the time", node->label,
		node->relation ? " on " : "", node->relation ? so_check_object_name(c, node) : "", node->share * 100);
	so_check_explain(c, f,
		"This node itself, without its children, took %s of %s ms (measured). No rule has a reason for it.",
		so_check_number(c, node->time_exclusive_ms), so_check_number(c, c->plan->nodes[0].time_ms));
	so_check_evidence(c, f, "time_exclusive", node->time_exclusive_ms, "ms");
	so_check_evidence(c, f, "share", node->share * 100, "%");
}

/* limit: pages read, hit % below which, medium below. */
void so_rule_cache_miss(struct so_rule_check *c, const struct so_plan_node *node)
{
	double read = (double)node->buffers_exclusive.shared_read, hit = (double)node->buffers_exclusive.shared_hit;
	double ratio = hit / fmax(1, hit + read) * 100;
	struct so_finding *f;

	if (!c->plan->has_buffers || !(read >= c->limit[0] && ratio < c->limit[1]))
		return;
	f = so_check_found(c, node,
		ratio < c->limit[2] && read >= 10 * c->limit[0] ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"%s%s%s reads %s pages from outside the buffer cache", node->label, node->relation ? " on " : "",
		node->relation ? so_check_object_name(c, node) : "", so_check_number(c, read));
	so_check_explain(c, f, "%s of %s pages (%.0f %%) were not in %s (measured). Another run may find them there.",
		so_check_number(c, read), so_check_number(c, hit + read), 100 - ratio, so_check_cache_name(c));
	so_check_evidence(c, f, "pages_read", read, "pages");
	so_check_evidence(c, f, "pages_hit", hit, "pages");
	so_check_evidence(c, f, "hit_ratio", ratio, "%");
}

/* limit: ms, share %. */
void so_rule_io_time(struct so_rule_check *c, const struct so_plan_node *node)
{
	double ms = node->io_read_exclusive_ms / fmax(1, node->processes),
	       pages = (double)node->buffers_exclusive.shared_read;
	double share = ms / node->time_exclusive_ms * 100, speed = pages / 128 / (node->io_read_exclusive_ms / 1000);
	struct so_finding *f;

	if (!c->plan->has_io_timing || !c->plan->has_timing || !(ms >= c->limit[0] && share >= c->limit[1]))
		return;
	f = so_check_found(c, node, SO_SEVERITY_MEDIUM, "%s%s%s waits %s ms for reads", node->label,
		node->relation ? " on " : "", node->relation ? so_check_object_name(c, node) : "",
		so_check_number(c, ms));
	so_check_explain(c, f,
		"%.0f %% of this node's time is waiting for %s pages to be read, %s MB a second (measured).",
		fmin(100, share), so_check_number(c, pages), so_check_number(c, speed));
	so_check_evidence(c, f, "read_time", ms, "ms");
	so_check_evidence(c, f, "pages_read", pages, "pages");
	so_check_evidence(c, f, "read_speed", speed, "MB/s");
}

/* No limits: the numbers are the planner's own. */
void so_rule_workers_short(struct so_rule_check *c, const struct so_plan_node *node)
{
	struct so_finding *f;

	if (node->op != SO_PLAN_GATHER || node->workers_launched < 0 ||
		node->workers_launched >= node->workers_planned || !(c->plan->nodes[0].time_ms >= c->limit[0]))
		return;
	f = so_check_found(c, node, node->workers_launched == 0 ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
		"%d of %d planned workers were started", (int)node->workers_launched, (int)node->workers_planned);
	so_check_explain(c, f,
		"The plan was chosen for %d parallel workers, but only %d could be started (measured): the server had "
		"none left.",
		(int)node->workers_planned, (int)node->workers_launched);
	so_check_evidence(c, f, "workers_planned", node->workers_planned, "workers");
	so_check_evidence(c, f, "workers_launched", node->workers_launched, "workers");
}

/* Up to PostgreSQL 17 a disabled node shows by its cost; only the lowest one is the cause. */
#define DISABLE_COST 1e10

static bool is_disabled(const struct so_plan *plan, const struct so_plan_node *node)
{
	if (node->disabled)
		return true;
	if (!(node->total_cost >= DISABLE_COST))
		return false;
	for (int32_t i = node->first_child; i >= 0; i = plan->nodes[i].next_sibling)
		if (plan->nodes[i].total_cost >= DISABLE_COST)
			return false;
	return true;
}

void so_rule_disabled_node(struct so_rule_check *c, const struct so_plan_node *node)
{
	struct so_finding *f;

	if (!is_disabled(c->plan, node))
		return;
	f = so_check_found(c, node, SO_SEVERITY_LOW, "%s is used although it is switched off", node->label);
	so_check_explain(c, f,
		"An enable_... setting speaks against this kind of node, but the planner found no other way. Costs "
		"that include it "
		"cannot be compared with those of other plans.");
	for (size_t i = 0; f && i < c->plan->n_settings; i++)
		if (strncmp(c->plan->settings[i].name, "enable_", 7) == 0)
			so_check_object(c, f, c->plan->settings[i].name);
	so_check_evidence(c, f, "cost", node->total_cost, "cost");
}
