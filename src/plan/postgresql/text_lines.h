/* Internal to plan/: the lines of a PostgreSQL text plan, with what was wrapped joined again. */
#ifndef SO_PLAN_POSTGRESQL_TEXT_LINES_H
#define SO_PLAN_POSTGRESQL_TEXT_LINES_H

#include "base/mem.h"
#include "plan/span.h"

/* What a line is, seen alone. */
enum so_pg_line_kind {
	LINE_OTHER, /* a rest of the line before it, or nothing of ours */
	LINE_NODE, /* a node's label with figures, without an arrow: a root */
	LINE_LABEL, /* the same without figures: a root with COSTS OFF */
	LINE_ARROW, /* "->  ...": a child */
	LINE_HEADING, /* "SubPlan 1": names the node that follows */
	LINE_TARGET, /* "Update on part_1" below a node that changes several tables */
	LINE_WORKER, /* "Worker 0:  ..." */
	LINE_ITEM, /* "Filter: (a = 1)" */
	LINE_FOOTER, /* belongs to the plan as a whole */
	LINE_END /* "(12 rows)" */
};

struct so_pg_line {
	struct so_span text; /* without blanks at its ends, and without the arrow */
	struct so_span whole; /* with the arrow */
	const char *begin; /* of the physical line */
	size_t column; /* of the arrow, else of the text */
	enum so_pg_line_kind kind;
};

struct so_pg_lines {
	TALLOC_CTX *tmp; /* owns the joined lines */
	const char *at, *stop; /* what is not read yet */
	struct so_pg_line ahead; /* read, but not used yet */
	bool has_ahead;
};

/* The next line that has something. What was wrapped by whoever showed it, or stands behind a newline in a literal, is
 * joined to it. False at the end. */
bool so_pg_next_line(struct so_pg_lines *lines, struct so_pg_line *line);

/* Where the figures of a node's line start; NULL: it has none. */
const char *so_pg_figures_of(struct so_span text);

/* Cuts blanks off the start and says how many; the no-break spaces of web pages count as one. */
size_t so_pg_skip_blanks(struct so_span *text);

#endif
