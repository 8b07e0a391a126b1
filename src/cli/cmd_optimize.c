#include <stdio.h>
#include <string.h>

#include "base/cancel.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "service/optimize.h"

struct options {
	const char *dsn, *search_path, *fail_on;
	bool json, markdown, analyze, verify, measure, scratch, no_color, help;
	int64_t timeout_ms, iterations;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--dsn", SO_FLAG_TEXT, FLAG(dsn), 0, 0, "DSN",
		"Where to connect: postgresql://user@host:port/database, key=value pairs, or service=name. A password "
		"is better kept in "
		"PGPASSWORD or ~/.pgpass than on the command line." },
	{ "--search-path", SO_FLAG_TEXT, FLAG(search_path), 0, 0, "LIST",
		"Schemas for names without one: \"app, public\"." },
	{ "--analyze", SO_FLAG_BOOL, FLAG(analyze), 0, 0, NULL,
		"Use actual times: runs the statement once, in a read-only transaction with a time limit. Only for "
		"pure reads." },
	{ "--verify", SO_FLAG_BOOL, FLAG(verify), 0, 0, NULL,
		"Run offered rewrites and the original, read-only, and compare their rows." },
	{ "--measure", SO_FLAG_BOOL, FLAG(measure), 0, 0, NULL, "Time the original and the proposals, read-only." },
	{ "--scratch", SO_FLAG_BOOL, FLAG(scratch), 0, 0, NULL,
		"With --measure: may build an index to time it, and drops it afterwards. Never on a database that must "
		"not change." },
	{ "--iterations", SO_FLAG_INT, FLAG(iterations), 1, 10, "N", "Timed runs of each statement. Default 3." },
	{ "--timeout-ms", SO_FLAG_INT, FLAG(timeout_ms), 1, 3600000, "MS",
		"Limit of each executed statement. Default 10000." },
	{ "--fail-on", SO_FLAG_TEXT, FLAG(fail_on), 0, 0, "SEVERITY",
		"Exit with status 1 when a finding is at least this severe: low, medium, high, critical." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--markdown", SO_FLAG_BOOL, FLAG(markdown), 0, 0, NULL, "Print Markdown, for a ticket." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt optimize %s\n\n%s.\n\nThe statement is the argument itself, a file's name, or - for "
	       "standard input. Nothing is executed unless "
	       "--analyze,\n--verify or --measure asks for it; planning uses hypothetical indexes where the server has "
	       "HypoPG.\n",
		so_cmd_optimize.synopsis, so_cmd_optimize.summary);
	so_args_help(stdout, flags);
	puts("\nExamples:\n  sqlopt optimize --dsn postgresql://localhost/shop \"SELECT * FROM users WHERE email = "
	     "'a@b.c'\"\n"
	     "  sqlopt optimize --dsn service=shop --markdown report.sql > review.md\n"
	     "  echo 'SELECT ...' | sqlopt optimize --dsn service=shop --json --fail-on high -");
	return 0;
}

/* -1 when there is no such severity. */
static int find_severity(const char *name)
{
	for (int i = 0; i < SO_SEVERITY_MAX; i++)
		if (strcmp(so_severity_name((enum so_severity)i), name) == 0)
			return i;
	return -1;
}

static void on_step(void *arg, const char *name)
{
	SO_TMP(tmp, NULL);

	so_term_progress(arg, so_printf(tmp, "sqlopt: %s ...", name));
}

static bool reaches(const struct so_optimize_result *result, int severity)
{
	for (size_t i = 0; i < result->findings->count; i++)
		if ((int)result->findings->items[i].severity >= severity)
			return true;
	return false;
}

static int print_result(const struct options *o, const struct so_term *term, const struct so_optimize_result *result)
{
	if (o->json)
		so_print_json(so_report_json(result));
	else if (o->markdown)
		so_report_markdown(result);
	else
		so_report_text(term, result);
	return o->fail_on && reaches(result, find_severity(o->fail_on)) ? 1 : 0;
}

static bool check_usage(const struct options *o, const struct so_args *args, struct so_err *err)
{
	if (args->argc != 1)
		return so_fail(
			err, SO_USAGE, args->argc ? "one statement at a time; quote it" : "no statement was given");
	if (o->json && o->markdown)
		return so_fail(err, SO_USAGE, "--json and --markdown exclude each other");
	if (o->fail_on && find_severity(o->fail_on) < 0)
		return so_fail(err, SO_USAGE, "--fail-on '%.40s' is none of low, medium, high, critical", o->fail_on);
	return true;
}

static int run_optimize(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	struct so_optimize_options options;
	struct so_optimize_result *result;
	struct so_cancel *cancel;
	struct so_args args;
	struct so_term term;
	struct so_conn *conn;
	const char *sql;
	bool done;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (!check_usage(&o, &args, err) || !(sql = so_cli_statement_text(ctx, args.argv[0], err)))
		return -1;
	term = so_term_detect(o.no_color);
	so_term_progress(&term, "sqlopt: connecting ...");
	conn = so_cli_open(ctx, o.dsn, o.search_path, &cancel, err);
	if (!conn) {
		so_term_progress(&term, NULL);
		return -1;
	}
	options = (struct so_optimize_options){ .sql = sql,
		.analyze = o.analyze,
		.verify = o.verify,
		.measure = o.measure,
		.scratch = o.scratch,
		.iterations = (int32_t)o.iterations,
		.statement_timeout_ms = o.timeout_ms,
		.cancel = cancel,
		.step = on_step,
		.step_arg = &term };
	done = so_optimize(ctx, conn, &options, &result, err);
	so_term_progress(&term, NULL);
	talloc_free(conn);
	if (!done && err->kind == SO_TIMEOUT) {
		struct so_err why = *err;

		so_fail(err, SO_TIMEOUT, "%s; --timeout-ms raises the limit", why.message);
	}
	return done ? print_result(&o, &term, result) : -1;
}

const struct so_cli_command so_cmd_optimize = {
	.name = "optimize",
	.synopsis = "--dsn DSN [--analyze] [--verify] [--measure] [--json | --markdown] 'SQL' | FILE | -",
	.summary = "findings and proposals for one statement, with their proof",
	.run = run_optimize,
};
