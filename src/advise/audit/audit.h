/* The schema audit: what is wrong with the tables of a database and the state of its server, whatever its statements.
 * One static table of rules, each with its thresholds and documentation page. Pure logic over what a driver read. */
#ifndef SO_ADVISE_AUDIT_AUDIT_H
#define SO_ADVISE_AUDIT_AUDIT_H

#include "core/catalog.h"
#include "core/finding.h"
#include "core/inventory.h"
#include "core/proposal.h"
#include "plan/findings.h"

#define SO_AUDIT_THRESHOLDS 4
#define SO_AUDIT_PER_RULE   50 /* findings of one rule; more are counted only */

struct so_audit_rule {
	const char *id; /* "no-primary-key" */
	const char *issue_type; /* the older API's word */
	const char *what; /* one sentence for lists */
	const char *remedy; /* general advice; findings may add to it */
	struct so_plan_threshold thresholds[SO_AUDIT_THRESHOLDS]; /* unused rows have a NULL name */
};

/* One audit, fed with any number of snapshots of disjoint sets of tables, and one inventory. */
struct so_audit;

/* `overrides` may be NULL and is copied; `now_us`: microseconds since 1970. Findings and proposals go to the lists,
 * which outlive the audit. */
struct so_audit *so_audit_new(TALLOC_CTX *ctx, const struct so_plan_overrides *overrides, int64_t now_us,
	struct so_finding_list *findings, struct so_proposal_list *proposals);
/* The tables of `catalog` that `relations[0..n)` names (a snapshot also holds tables that others refer to). */
void so_audit_tables(
	struct so_audit *audit, const struct so_catalog *catalog, const struct so_relation *relations, size_t n);
void so_audit_vitals(struct so_audit *audit, const struct so_inventory *inventory);

/* What each rule looked at: for a check list that also shows what is in order. */
struct so_audit_line {
	const struct so_audit_rule *rule;
	size_t n_checked; /* tables, indexes, sequences ... that were looked at; 0: the engine does not tell */
	size_t n_found; /* findings, also those above SO_AUDIT_PER_RULE */
	enum so_severity worst; /* of those; meaningless when n_found is 0 */
};
/* Of each rule, in the order of the table; valid as long as the audit. */
const struct so_audit_line *so_audit_lines(const struct so_audit *audit, size_t *n);

/* The rules, for documentation and tests. */
size_t so_audit_rule_count(void);
const struct so_audit_rule *so_audit_rule_at(size_t i);

#endif
