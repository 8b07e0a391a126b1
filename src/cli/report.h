/* The result of the main job for people (terminal, Markdown) and programs (JSON). */
#ifndef SO_CLI_REPORT_H
#define SO_CLI_REPORT_H

#include <jansson.h>

#include "cli/term.h"
#include "service/optimize.h"

void so_report_text(const struct so_term *term, const struct so_optimize_result *result);
void so_report_markdown(const struct so_optimize_result *result);
/* New reference: {"sql","verdict":{"fine","reason"},"findings","proposals","plan","parameter_note","timing":{...}} */
json_t *so_report_json(const struct so_optimize_result *result);
/* Prints a document and a newline; takes over the reference. */
void so_print_json(json_t *doc);

/* Findings alone, as text. */
void so_report_findings(const struct so_term *term, const struct so_finding_list *findings);
/* One line: "cost 21,345 -> 8.44 (2,529x, what-if)", "measured 21 ms -> 0.05 ms (420x)". */
char *so_gain_text(TALLOC_CTX *ctx, const struct so_proposal *proposal);

#endif
