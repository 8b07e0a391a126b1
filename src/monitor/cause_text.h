/* Causes in words. */
#ifndef SO_MONITOR_CAUSE_TEXT_H
#define SO_MONITOR_CAUSE_TEXT_H

#include "monitor/cause.h"

/* What was seen beside the cause, for "no cause found" and for a second sentence. */
struct so_cause_notes {
	double pages_factor; /* pages a call, after / before; NAN */
	double peers_factor; /* of the median other query; NAN */
	bool plan_known;
	const struct so_event *deploy; /* at the onset; NULL */
};

char *so_cause_text(TALLOC_CTX *ctx, const struct so_cause *cause, const struct so_regression *found,
	const struct so_cause_notes *notes);

#endif
