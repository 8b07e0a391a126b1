#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "plan/plan.h"
#include "plan/render.h"

/* A fence longer than any run of back-ticks inside, so that no statement can end its own block. */
static void fenced(const char *language, const char *text)
{
	int longest = 2, run = 0;

	for (const char *p = text; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (int i = 0; i <= longest; i++)
		putchar('`');
	printf("%s\n%s%s", language, text, text[0] && text[strlen(text) - 1] == '\n' ? "" : "\n");
	for (int i = 0; i <= longest; i++)
		putchar('`');
	puts("");
}

static void print_proposal(const struct so_proposal *p)
{
	SO_TMP(tmp, NULL);

	printf("\n### %s\n\n%s, from %s. %s\n\n", p->title, so_verdict_name(p->verdict), p->origin,
		so_gain_text(tmp, p));
	if (p->explanation)
		printf("%s\n\n", p->explanation);
	if (p->verdict_reason)
		printf("%s\n\n", p->verdict_reason);
	if (p->sql)
		fenced("sql", p->sql);
	if (p->undo_sql)
		printf("\nUndo: `%s`\n", p->undo_sql);
	if (p->lock)
		printf("\nLock: %s\n", p->lock);
	for (size_t i = 0; i < p->n_caveats; i++)
		printf("\n- %s", p->caveats[i]);
	puts("\n| proof | status | reason |\n|---|---|---|");
	for (int i = 0; i < SO_RUNG_MAX; i++)
		printf("| %s | %s | %s |\n", so_rung_name((enum so_rung)i), so_rung_status_name(p->rungs[i].status),
			p->rungs[i].reason ? p->rungs[i].reason : "");
}

void so_report_markdown(const struct so_optimize_result *result)
{
	SO_TMP(tmp, NULL);

	printf("# %s\n\n%s\n\n", result->fine ? "This query is fine" : "Query review", result->summary);
	fenced("sql", result->sql);
	if (result->findings->count)
		puts("\n## Findings\n");
	for (size_t i = 0; i < result->findings->count; i++) {
		const struct so_finding *f = &result->findings->items[i];

		printf("- **%s** (%s, `%s`): %s %s\n", f->title ? f->title : f->rule, so_severity_name(f->severity),
			f->rule, f->explanation ? f->explanation : "", f->remedy ? f->remedy : "");
	}
	if (result->proposals->count)
		puts("\n## Proposals");
	for (size_t i = 0; i < result->proposals->count; i++)
		print_proposal(result->proposals->items[i]);
	puts("\n## Plan\n");
	fenced("text", so_plan_render(tmp, result->plan, result->findings, 0, false));
}
