#include "cli/report.h"

#include <math.h>
#include <stdio.h>

#include "base/printable.h"
#include "plan/plan.h"
#include "plan/render.h"

static const struct {
	const char *mark;
	enum so_style style;
} severity_marks[] = {
	[SO_SEVERITY_LOW] = { "○ low     ", SO_STYLE_DIM },
	[SO_SEVERITY_MEDIUM] = { "▲ medium  ", SO_STYLE_YELLOW },
	[SO_SEVERITY_HIGH] = { "● high    ", SO_STYLE_RED },
	[SO_SEVERITY_CRITICAL] = { "◆ critical", SO_STYLE_RED },
};

static const char *const status_marks[] = {
	[SO_RUNG_NOT_RUN] = "·",
	[SO_RUNG_PASSED] = "✓",
	[SO_RUNG_FAILED] = "✗",
	[SO_RUNG_NOT_POSSIBLE] = "–",
};

static const char *const source_words[] = {
	[SO_FIGURE_NONE] = "",
	[SO_FIGURE_ESTIMATED] = "our estimate",
	[SO_FIGURE_WHAT_IF] = "what-if",
	[SO_FIGURE_PLANNED] = "planned",
	[SO_FIGURE_MEASURED] = "measured",
};

static void heading(const struct so_term *term, const char *text)
{
	printf("\n%s%s%s\n", so_style_on(term, SO_STYLE_BOLD), text, so_style_off(term));
}

char *so_gain_text(TALLOC_CTX *ctx, const struct so_proposal *p)
{
	SO_TMP(tmp, ctx);

	if (!isnan(p->measured_before_ms))
		return so_printf(ctx, "measured %s → %s (%sx, median of %d)", so_human_ms(tmp, p->measured_before_ms),
			so_human_ms(tmp, p->measured_after_ms),
			so_human_count(tmp, p->measured_before_ms / fmax(p->measured_after_ms, 0.001)),
			p->measured_runs);
	if (isnan(so_proposal_gain(p)))
		return so_strdup(ctx, "gain unknown");
	return so_printf(ctx, "cost %s → %s (%sx, %s; planner cost, not time)", so_human_count(tmp, p->cost_before),
		so_human_count(tmp, p->cost_after), so_human_count(tmp, so_proposal_gain(p)),
		source_words[p->cost_source]);
}

void so_report_findings(const struct so_term *term, const struct so_finding_list *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct so_finding *f = &findings->items[i];
		SO_TMP(tmp, NULL);

		printf("  %s%s%s  %s  %s%s%s\n", so_style_on(term, severity_marks[f->severity].style),
			severity_marks[f->severity].mark, so_style_off(term),
			so_printable(tmp, f->title ? f->title : f->rule), so_style_on(term, SO_STYLE_DIM), f->rule,
			so_style_off(term));
		if (f->explanation)
			so_print_wrapped(term, 14, f->explanation);
		if (f->remedy)
			so_print_wrapped(term, 14, f->remedy);
	}
}

static void print_proof(const struct so_term *term, const struct so_proposal *p)
{
	printf("     proof:");
	for (int i = 0; i < SO_RUNG_MAX; i++)
		printf(" %s %s", status_marks[p->rungs[i].status], so_rung_name((enum so_rung)i));
	puts("");
	for (int i = 0; i < SO_RUNG_MAX; i++) {
		SO_TMP(tmp, NULL);

		if (p->rungs[i].reason)
			so_print_wrapped(
				term, 12, so_printf(tmp, "%s: %s", so_rung_name((enum so_rung)i), p->rungs[i].reason));
	}
}

static void print_proposal(const struct so_term *term, size_t number, const struct so_proposal *p)
{
	SO_TMP(tmp, NULL);

	printf("\n  %zu. %s%s%s  %s[%s]%s\n     %s\n", number, so_style_on(term, SO_STYLE_BOLD),
		so_printable(tmp, p->title), so_style_off(term), so_style_on(term, SO_STYLE_DIM),
		so_printable(tmp, p->origin), so_style_off(term), so_gain_text(tmp, p));
	if (p->sql) {
		printf("%s", so_style_on(term, p->verdict == SO_VERDICT_OFFERED ? SO_STYLE_GREEN : SO_STYLE_DIM));
		so_print_wrapped(term, 5, p->sql);
		printf("%s", so_style_off(term));
	}
	if (p->verdict_reason)
		so_print_wrapped(term, 5, p->verdict_reason);
	if (p->size_bytes >= 0)
		printf("     size: about %s\n", so_human_bytes(tmp, p->size_bytes));
	if (p->write_cost)
		so_print_wrapped(term, 5, so_printf(tmp, "writes: %s", p->write_cost));
	if (p->lock)
		so_print_wrapped(term, 5, so_printf(tmp, "lock: %s", p->lock));
	if (p->undo_sql)
		so_print_wrapped(term, 5, so_printf(tmp, "undo: %s", p->undo_sql));
	for (size_t i = 0; i < p->n_caveats; i++)
		so_print_wrapped(term, 5, so_printf(tmp, "note: %s", p->caveats[i]));
	print_proof(term, p);
}

/* What did not help is told in two lines: what it was, and why not. */
static void print_rejected(const struct so_term *term, size_t number, const struct so_proposal *p)
{
	SO_TMP(tmp, NULL);

	printf("  %zu. %s  %s[%s]%s\n", number, so_printable(tmp, p->title), so_style_on(term, SO_STYLE_DIM),
		so_printable(tmp, p->origin), so_style_off(term));
	so_print_wrapped(term, 5, p->verdict_reason ? p->verdict_reason : so_gain_text(tmp, p));
}

static void print_section(
	const struct so_term *term, const char *title, const struct so_proposal_list *list, enum so_verdict verdict)
{
	size_t number = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->verdict != verdict)
			continue;
		if (number++ == 0)
			heading(term, title);
		if (verdict == SO_VERDICT_REJECTED)
			print_rejected(term, number, list->items[i]);
		else
			print_proposal(term, number, list->items[i]);
	}
}

void so_report_text(const struct so_term *term, const struct so_optimize_result *result)
{
	SO_TMP(tmp, NULL);

	printf("%s%s%s\n", so_style_on(term, result->fine ? SO_STYLE_GREEN : SO_STYLE_BOLD),
		result->fine ? "✓ This query is fine." : "This query can be improved, or has something to look at.",
		so_style_off(term));
	so_print_wrapped(term, 2, result->summary);
	if (result->parameter_note)
		so_print_wrapped(term, 2, result->parameter_note);
	if (result->findings->count) {
		heading(term, "Findings");
		so_report_findings(term, result->findings);
	}
	print_section(term, "Proposals", result->proposals, SO_VERDICT_OFFERED);
	print_section(term, "Unproved: shown, not offered", result->proposals, SO_VERDICT_UNPROVED);
	print_section(term, "Tried and rejected", result->proposals, SO_VERDICT_REJECTED);
	heading(term, "Plan");
	fputs(so_plan_render(tmp, result->plan, result->findings, term->width, term->color), stdout);
	printf("\n%s%.1f ms, of which %.1f ms waiting for the server%s\n", so_style_on(term, SO_STYLE_DIM),
		(double)result->wall_us / 1000, (double)result->wait_us / 1000, so_style_off(term));
}
