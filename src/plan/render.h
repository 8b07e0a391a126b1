/* The plan as text for a terminal: one line a node, with share, rows and the findings that point at it. */
#ifndef SO_PLAN_RENDER_H
#define SO_PLAN_RENDER_H

#include "core/finding.h"
#include "plan/plan.h"

/* `findings` may be NULL. `width`: columns of the terminal, lines are cut to it (0: not cut). `color`: ANSI escapes.
 * UTF-8, ends in a newline. Child of `ctx`. */
char *so_plan_render(
	TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_finding_list *findings, int width, bool color);

#endif
