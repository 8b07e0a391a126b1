#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "cli/report.h"
#include "plan/plan.h"
#include "plan/render.h"

/* printf() of foreign text, which may also end up on a terminal. */
static void say(const char *fmt, ...) SO_PRINTF(1, 2);
static void say(const char *fmt, ...)
{
	SO_TMP(tmp, NULL);
	va_list args;
	char *text;

	va_start(args, fmt);
	text = so_vprintf(tmp, fmt, args);
	va_end(args);
	fputs(so_printable(tmp, text), stdout);
}

/* A fence longer than any run of back-ticks inside, so that no statement can end its own block. */
static void fenced(const char *language, const char *raw)
{
	SO_TMP(tmp, NULL);
	const char *text = so_printable(tmp, raw);
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

/* Text in a cell of a table: on one line, and no bar ends it. */
static const char *cell(TALLOC_CTX *ctx, const char *text)
{
	char *out = so_strdup(ctx, "");

	for (; text && *text; text++)
		out = so_mem_need(*text == '|' ? talloc_strdup_append_buffer(out, "\\|")
					       : talloc_strndup_append_buffer(out, *text == '\n' ? " " : text, 1));
	return out;
}

static void print_proposal(const struct so_proposal *p)
{
	SO_TMP(tmp, NULL);

	say("\n### %s\n\n%s, from %s. %s\n\n", p->title, so_verdict_name(p->verdict), p->origin, so_gain_text(tmp, p));
	if (p->explanation)
		say("%s\n\n", p->explanation);
	if (p->verdict_reason)
		say("%s\n\n", p->verdict_reason);
	if (p->sql)
		fenced("sql", p->sql);
	if (p->undo_sql) {
		puts("\nUndo:\n");
		fenced("sql", p->undo_sql);
	}
	if (p->lock)
		say("\nLock: %s\n", p->lock);
	if (p->n_caveats)
		puts("");
	for (size_t i = 0; i < p->n_caveats; i++)
		say("- %s\n", p->caveats[i]);
	puts("\n| proof | status | reason |\n|---|---|---|");
	for (int i = 0; i < SO_RUNG_MAX; i++)
		say("| %s | %s | %s |\n", so_rung_name((enum so_rung)i), so_rung_status_name(p->rungs[i].status),
			cell(tmp, p->rungs[i].reason));
}

void so_report_markdown(const struct so_optimize_result *result)
{
	SO_TMP(tmp, NULL);

	say("# %s\n\n%s\n\n", result->fine ? "This query is fine" : "Query review", result->summary);
	fenced("sql", result->sql);
	if (result->findings->count)
		puts("\n## Findings\n");
	for (size_t i = 0; i < result->findings->count; i++) {
		const struct so_finding *f = &result->findings->items[i];

		say("- **%s** (%s, `%s`): %s %s\n", f->title ? f->title : f->rule, so_severity_name(f->severity),
			f->rule, f->explanation ? f->explanation : "", f->remedy ? f->remedy : "");
	}
	if (result->proposals->count)
		puts("\n## Proposals");
	for (size_t i = 0; i < result->proposals->count; i++)
		print_proposal(result->proposals->items[i]);
	puts("\n## Plan\n");
	fenced("text", so_plan_render(tmp, result->plan, result->findings, 0, false));
}
