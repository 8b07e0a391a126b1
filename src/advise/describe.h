/* Words and rungs that several kinds of proposals share. */
#ifndef SO_ADVISE_DESCRIBE_H
#define SO_ADVISE_DESCRIBE_H

#include "core/finding.h"
#include "core/proposal.h"

/* Rungs of a proposal whose SQL this advisor wrote from catalog names: parsed and resolved passed, planned not
 * possible for the reason given, equivalent not applicable (results do not depend on it). */
void so_describe_text_rungs(struct so_proposal *proposal, const char *why_not_planned);
/* The first of the rules (NULL-terminated) that some finding about the object ("shop.orders"; NULL: any) has, or NULL.
 */
const char *so_describe_finding(const struct so_finding_list *findings, const char *object, const char *const *rules);
/* A count with thousands separators: "600,000". */
const char *so_describe_count(TALLOC_CTX *ctx, double value);

#endif
