/* Findings that the statement itself gives away, before any plan: one static table of rules. A rule speaks only of what
 * is wrong or costly for a reason that its page states; style is no finding. */
#ifndef SO_ADVISE_LINT_H
#define SO_ADVISE_LINT_H

#include "core/finding.h"
#include "sql/resolve.h"

struct so_lint_rule {
	const char *id; /* "not-in-subquery" */
	const char *issue_type; /* the older API's word */
	enum so_severity severity;
	const char *what; /* one sentence for lists */
	const char *remedy; /* general advice */
};

/* Appends what the rules find in the statement to `list`. `resolved` (may be NULL) gives types, keys and nullability;
 * rules that need them stay silent without. At most SO_LINT_MAX findings a rule. */
#define SO_LINT_MAX 10
void so_lint(const struct so_ast *ast, so_ref root, const struct so_resolved *resolved, struct so_finding_list *list);

/* The rules, for documentation and tests. */
size_t so_lint_rule_count(void);
const struct so_lint_rule *so_lint_rule_at(size_t i);

#endif
