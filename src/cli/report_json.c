#include <stdio.h>
#include <stdlib.h>

#include "base/printable.h"
#include "cli/report.h"
#include "plan/plan.h"

json_t *so_report_json(const struct so_optimize_result *result)
{
	return json_pack("{s:s, s:{s:b, s:s}, s:o, s:o, s:o, s:s?, s:{s:f, s:f, s:f}}", "sql", result->sql, "verdict",
		"fine", result->fine, "reason", result->summary, "findings", so_finding_list_to_json(result->findings),
		"proposals", so_proposal_list_to_json(result->proposals), "plan", so_plan_to_json(result->plan),
		"parameter_note", result->parameter_note, "timing", "wall_ms", (double)result->wall_us / 1000,
		"own_cpu_ms", (double)result->own_cpu_us / 1000, "wait_ms", (double)result->wait_us / 1000);
}

/* JSON leaves DEL, C1 and direction marks as they are; inside its strings, where alone they can stand, they may be
 * written as escapes. */
static void put_escaped(const char *text)
{
	const char *from = text;
	unsigned code;

	for (; *text; text++) {
		size_t bad = ((unsigned char)*text & 0xC0) == 0x80 ? 0 : so_unprintable(text, &code);

		if (!bad)
			continue;
		printf("%.*s\\u%04x", (int)(text - from), from, code);
		text += bad - 1;
		from = text + 1;
	}
	puts(from);
}

void so_print_json(json_t *doc)
{
	char *text = doc ? json_dumps(doc, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(doc);
	so_assert(text);
	put_escaped(text);
	free(text);
}
