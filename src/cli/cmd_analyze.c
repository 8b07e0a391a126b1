#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "plan/findings.h"
#include "plan/plan.h"
#include "plan/render.h"

struct options {
	const char *plan;
	bool json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--plan", SO_FLAG_TEXT, FLAG(plan), 0, 0, "FILE",
		"The plan: what EXPLAIN printed, in any format; - for standard input." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt analyze %s\n\n%s. Connects to nothing.\n", so_cmd_analyze.synopsis,
		so_cmd_analyze.summary);
	so_args_help(stdout, flags);
	puts("\nExample:\n  psql -XqAt -c 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ...' | sqlopt analyze --plan "
	     "-");
	return 0;
}

static int run_analyze(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	struct so_finding_list *findings = so_finding_list_new(ctx);
	struct so_args args;
	struct so_term term;
	struct so_plan *plan;
	const char *path, *text;
	size_t len;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	path = o.plan ? o.plan : args.argc == 1 ? args.argv[0] : NULL;
	if (!path || (o.plan && args.argc)) {
		so_fail(err, SO_USAGE, "give one plan file with --plan");
		return -1;
	}
	text = so_cli_read_bytes(ctx, path, SO_PLAN_MAX_BYTES, &len, err);
	if (!text || !so_plan_read(ctx, text, len, &plan, err))
		return -1;
	so_plan_findings(plan, NULL, NULL, findings);
	if (o.json) {
		so_print_json(json_pack(
			"{s:o, s:o}", "plan", so_plan_to_json(plan), "findings", so_finding_list_to_json(findings)));
		return 0;
	}
	term = so_term_detect(o.no_color);
	fputs(so_plan_render(ctx, plan, findings, term.width, term.color), stdout);
	puts(findings->count ? "" : "\nNo findings.");
	so_report_findings(&term, findings);
	return 0;
}

const struct so_cli_command so_cmd_analyze = {
	.name = "analyze",
	.synopsis = "--plan FILE [--json]",
	.summary = "findings in an execution plan that you have as a file",
	.run = run_analyze,
};
