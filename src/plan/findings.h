/* Findings of a plan: one static table of rules, each with its thresholds, texts and documentation page. A rule speaks
 * only from numbers in the plan (and the catalog, where given): a nested loop or a full scan alone is no finding. */
#ifndef SO_PLAN_FINDINGS_H
#define SO_PLAN_FINDINGS_H

#include "core/catalog.h"
#include "core/finding.h"
#include "plan/plan.h"

#define SO_PLAN_RULE_THRESHOLDS 4

/* A number that decides whether a rule fires, with its default. */
struct so_plan_threshold {
	const char *name, *unit;
	double value;
};

struct so_plan_rule {
	const char *id; /* "seq-scan-filter" */
	const char *issue_type; /* the older API's word */
	const char *engines; /* "postgresql mysql": engines whose plans carry what the rule needs */
	const char *what; /* one sentence for lists */
	const char *remedy; /* advice where so_plan_rule_remedy has none for the engine */
	struct so_plan_threshold thresholds[SO_PLAN_RULE_THRESHOLDS]; /* unused rows have a NULL name */
};

/* One default overridden by configuration. */
struct so_plan_override {
	const char *rule, *name;
	double value;
};

struct so_plan_overrides {
	size_t n;
	const struct so_plan_override *items;
};

/* Appends what the rules find to `list` and sorts it. `catalog` (may be NULL) adds row counts, statistics ages, indexes
 * and types; without it rules that need them stay silent. `overrides` may be NULL. Figures that were not measured
 * are called estimated in the texts. At most one finding per rule and node, SO_PLAN_FINDINGS_PER_RULE per rule. */
#define SO_PLAN_FINDINGS_PER_RULE 20
void so_plan_findings(const struct so_plan *plan, const struct so_catalog *catalog,
	const struct so_plan_overrides *overrides, struct so_finding_list *list);

/* The rules, for documentation, configuration and tests. */
size_t so_plan_rule_count(void);
const struct so_plan_rule *so_plan_rule_at(size_t i);
const struct so_plan_rule *so_plan_rule_find(const char *id);
/* What to do on this engine. */
const char *so_plan_rule_remedy(const struct so_plan_rule *rule, const char *engine);

#endif
