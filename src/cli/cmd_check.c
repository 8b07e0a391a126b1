#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "engine/engine.h"
#include "service/optimize.h"

/* Statements read from the statistics view, of which the costliest are looked into. */
#define VIEW_LIMIT 200

struct options {
	const char *dsn, *search_path;
	int64_t top;
	bool json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--dsn", SO_FLAG_TEXT, FLAG(dsn), 0, 0, "DSN", "Where to connect: a URI, key=value pairs, or service=name." },
	{ "--search-path", SO_FLAG_TEXT, FLAG(search_path), 0, 0, "LIST", "Schemas for names without one." },
	{ "--top", SO_FLAG_INT, FLAG(top), 1, 50, "N",
		"How many of the costliest statements to look into. Default 5." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

struct check {
	const struct options *options;
	struct so_term term;
	struct so_conn *conn;
	struct so_cancel *cancel;
	struct so_query_list *queries;
	double total_us;
	json_t *json; /* array, with --json */
};

static int print_help(void)
{
	printf("Usage: sqlopt check %s\n\n%s.\nStarts no server, stores nothing, executes none of your statements: "
	       "they are planned only.\n",
		so_cmd_check.synopsis, so_cmd_check.summary);
	so_args_help(stdout, flags);
	puts("\nExample:\n  sqlopt check --dsn postgresql://monitor@db.example.com/shop");
	return 0;
}

/* Only what can be planned: transaction control and DDL stand in the view as well. */
static bool is_plannable(const struct so_query *query)
{
	static const char *const verbs[] = { "select", "with", "insert", "update", "delete", "merge", "values", "table",
		"(" };
	const char *text = query->text;

	if (!text || query->truncated)
		return false;
	while (*text == ' ' || *text == '\n' || *text == '\t')
		text++;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strncasecmp(text, verbs[i], strlen(verbs[i])) == 0)
			return true;
	return false;
}

static const struct so_proposal *best(const struct so_optimize_result *result)
{
	return result->proposals->count && result->proposals->items[0]->verdict == SO_VERDICT_OFFERED
		       ? result->proposals->items[0]
		       : NULL;
}

static void print_query(const struct check *check, size_t rank, const struct so_query *q)
{
	SO_TMP(tmp, NULL);
	double share = check->total_us > 0 ? 100 * (double)q->counters.exec_us / check->total_us : 0;

	printf("\n%s%zu. %4.1f %% of the time%s  %s calls, mean %s, total %s\n",
		so_style_on(&check->term, SO_STYLE_BOLD), rank, share, so_style_off(&check->term),
		so_human_count(tmp, (double)q->counters.calls),
		so_human_ms(
			tmp, (double)q->counters.exec_us / 1000 / (double)(q->counters.calls ? q->counters.calls : 1)),
		so_human_ms(tmp, (double)q->counters.exec_us / 1000));
	printf("   %s\n", so_one_line(tmp, q->text, check->term.width - 4));
}

static void print_advice(const struct check *check, const struct so_optimize_result *result)
{
	SO_TMP(tmp, NULL);
	const struct so_proposal *p = best(result);

	if (result->fine)
		printf("   %s✓%s %s\n", so_style_on(&check->term, SO_STYLE_GREEN), so_style_off(&check->term),
			so_one_line(tmp, result->summary, check->term.width - 6));
	for (size_t i = 0; i < result->findings->count && i < 2; i++)
		printf("   %s●%s %s\n", so_style_on(&check->term, SO_STYLE_RED), so_style_off(&check->term),
			so_one_line(tmp, result->findings->items[i].title, check->term.width - 6));
	if (!p)
		return;
	printf("   → %s: %s\n%s", so_printable(tmp, p->title), so_gain_text(tmp, p),
		so_style_on(&check->term, SO_STYLE_GREEN));
	so_print_wrapped(&check->term, 5, p->sql);
	printf("%s", so_style_off(&check->term));
}

static json_t *query_json(const struct so_query *q)
{
	return json_pack("{s:s, s:s?, s:I, s:f, s:f}", "id", q->engine_id, "text", q->text, "calls",
		(json_int_t)q->counters.calls, "total_ms", (double)q->counters.exec_us / 1000, "mean_ms",
		(double)q->counters.exec_us / 1000 / (double)(q->counters.calls ? q->counters.calls : 1));
}

/* One statement: planned, looked into, printed. False only when there is no point in going on. */
static bool look_into(struct check *check, size_t rank, const struct so_query *q, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_optimize_options options = { .sql = q->text, .cancel = check->cancel };
	struct so_optimize_result *result = NULL;
	struct so_err why = SO_ERR_INIT;
	bool done;

	so_term_progress(&check->term, so_printf(tmp, "sqlopt: statement %zu ...", rank));
	done = so_optimize(tmp, check->conn, &options, &result, &why);
	so_term_progress(&check->term, NULL);
	if (!done && (why.kind == SO_CANCELLED || why.kind == SO_UNREACHABLE)) {
		*err = why;
		return false;
	}
	if (check->json) {
		json_t *row = json_pack("{s:o, s:o, s:s?}", "query", query_json(q), "result",
			done ? so_report_json(result) : json_null(), "error", done ? NULL : why.message);

		json_array_append_new(check->json, row);
		return true;
	}
	print_query(check, rank, q);
	if (done)
		print_advice(check, result);
	else
		so_print_wrapped(&check->term, 3, so_printf(tmp, "not looked into: %s", why.message));
	return true;
}

static void print_header(struct check *check, const struct so_engine_info *info)
{
	SO_TMP(tmp, NULL);

	so_print_wrapped(&check->term, 0,
		so_printf(tmp, "%s %s, database '%s' as '%s'", info->flavor ? info->flavor : "server", info->version,
			info->database, info->user));
	for (size_t i = 0; i < info->n_checks; i++) {
		const struct so_check *c = &info->checks[i];

		if (c->ok)
			continue;
		printf("  %s!%s not so: %s\n", so_style_on(&check->term, SO_STYLE_YELLOW), so_style_off(&check->term),
			c->title);
		if (c->detail)
			so_print_wrapped(&check->term, 4, c->detail);
		if (c->remedy)
			so_print_wrapped(&check->term, 4, c->remedy);
	}
	if (check->queries->hidden > 0)
		printf("  %lld statements of other users are hidden from this login\n",
			(long long)check->queries->hidden);
}

static bool run_all(TALLOC_CTX *ctx, struct check *check, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(check->conn);
	const struct so_engine_info *info = engine->info(check->conn, err);
	size_t rank = 0, top = check->options->top ? (size_t)check->options->top : 5;

	if (!info)
		return false;
	check->queries = engine->statements(ctx, check->conn, VIEW_LIMIT, err);
	if (!check->queries)
		return so_fail_in(err, "statistics of statements (sqlopt doctor tells what to do)");
	for (size_t i = 0; i < check->queries->count; i++)
		check->total_us += (double)check->queries->items[i].counters.exec_us;
	if (!check->json)
		print_header(check, info);
	for (size_t i = 0; i < check->queries->count && rank < top; i++)
		if (is_plannable(&check->queries->items[i]) &&
			!look_into(check, ++rank, &check->queries->items[i], err))
			return false;
	if (rank == 0 && !check->json)
		puts(check->queries->hidden > 0
				? "\nThis login may see no statement that could be looked into; the others are hidden."
				: "\nThe statistics view holds no statement of this database yet. Run your workload "
				  "and "
				  "try again.");
	return true;
}

static int run_check(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	struct check check = { .options = &o };
	struct so_args args;
	bool done;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (args.argc) {
		so_fail(err, SO_USAGE, "'%.60s' is not a flag; sqlopt optimize takes a statement", args.argv[0]);
		return -1;
	}
	check.term = so_term_detect(o.no_color);
	check.json = o.json ? json_array() : NULL;
	check.conn = so_cli_open(ctx, o.dsn, o.search_path, &check.cancel, err);
	if (!check.conn)
		return -1;
	done = run_all(ctx, &check, err);
	talloc_free(check.conn);
	if (done && o.json)
		so_print_json(check.json);
	return done ? 0 : -1;
}

const struct so_cli_command so_cmd_check = {
	.name = "check",
	.synopsis = "--dsn DSN [--top N] [--json]",
	.summary = "the costliest statements of a database, with findings and the best proposals, on one screen",
	.run = run_check,
};
