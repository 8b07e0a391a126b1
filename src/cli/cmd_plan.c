#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "plan/diff.h"
#include "plan/plan.h"

struct options {
	bool json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt plan %s\n\n%s. Connects to nothing.\nA and B are files, - is standard input; the format "
	       "of each is "
	       "recognised by itself.\n\n",
		so_cmd_plan.synopsis, so_cmd_plan.summary);
	so_args_help(stdout, flags);
	return 0;
}

static struct so_plan *read_plan(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	struct so_plan *plan = NULL;
	size_t len;
	char *text = so_cli_read_bytes(ctx, path, SO_PLAN_MAX_BYTES, &len, err);

	if (text && !so_plan_read(ctx, text, len, &plan, err))
		so_fail_in(err, "%s", strcmp(path, "-") == 0 ? "standard input" : path);
	return plan;
}

static int run_plan(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	const struct so_plan *before, *after;
	struct so_plan_diff *diff;
	struct so_args args;
	struct so_term term;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (args.argc < 1 || strcmp(args.argv[0], "diff") != 0) {
		so_fail(err, SO_USAGE, "say what to do with plans: sqlopt plan diff A B");
		return -1;
	}
	if (args.argc != 3) {
		so_fail(err, SO_USAGE, "give two plans: sqlopt plan diff A B");
		return -1;
	}
	if (strcmp(args.argv[1], "-") == 0 && strcmp(args.argv[2], "-") == 0) {
		so_fail(err, SO_USAGE, "only one of the plans can come from standard input");
		return -1;
	}
	before = read_plan(ctx, args.argv[1], err);
	after = before ? read_plan(ctx, args.argv[2], err) : NULL;
	if (!after)
		return -1;
	diff = so_plan_compare(ctx, before, after);
	if (o.json) {
		so_print_json(so_plan_diff_to_json(diff));
		return 0;
	}
	term = so_term_detect(o.no_color);
	fputs(so_plan_diff_render(ctx, diff, term.width, term.color), stdout);
	return 0;
}

const struct so_cli_command so_cmd_plan = {
	.name = "plan",
	.synopsis = "diff A B [--json]",
	.summary = "what changed between two execution plans of one statement",
	.run = run_plan,
};
