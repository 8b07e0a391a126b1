#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "engine/engine.h"
#include "service/schema_audit.h"

struct options {
	const char *dsn, *search_path, *fail_on;
	int64_t max_tables;
	bool json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--dsn", SO_FLAG_TEXT, FLAG(dsn), 0, 0, "DSN", "Where to connect: a URI, key=value pairs, or service=name." },
	{ "--search-path", SO_FLAG_TEXT, FLAG(search_path), 0, 0, "LIST", "Schemas for names without one." },
	{ "--max-tables", SO_FLAG_INT, FLAG(max_tables), 1, 100000, "N",
		"Look at the N largest tables only. Default 5000." },
	{ "--fail-on", SO_FLAG_TEXT, FLAG(fail_on), 0, 0, "SEVERITY",
		"Exit status 1 when a finding is at least low, medium, high or critical." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt audit %s\n\n%s. Reads catalogs and counters only; changes nothing.\n",
		so_cmd_audit.synopsis, so_cmd_audit.summary);
	so_args_help(stdout, flags);
	puts("\nExample:\n  sqlopt audit --dsn postgresql://monitor@db.example.com/shop --fail-on high");
	return 0;
}

static json_t *to_json(const struct so_schema_audit *audit)
{
	json_t *checks = json_array(), *notices = json_array();

	for (size_t i = 0; i < audit->n_lines; i++) {
		const struct so_audit_line *line = &audit->lines[i];

		json_array_append_new(
			checks, json_pack("{s:s, s:s, s:I, s:I, s:s?}", "id", line->rule->id, "title", line->rule->what,
					"checked", (json_int_t)line->n_checked, "found", (json_int_t)line->n_found,
					"severity", line->n_found ? so_severity_name(line->worst) : NULL));
	}
	for (size_t i = 0; i < audit->n_notices; i++)
		json_array_append_new(notices, json_string(audit->notices[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "tables", (json_int_t)audit->n_tables, "checks", checks,
		"findings", so_finding_list_to_json(audit->findings), "proposals",
		so_proposal_list_to_json(audit->proposals), "notices", notices);
}

static void print_statements(const struct so_term *term, const struct so_proposal_list *proposals)
{
	size_t n = 0;

	for (size_t i = 0; i < proposals->count; i++) {
		const struct so_proposal *p = proposals->items[i];

		if (p->verdict != SO_VERDICT_OFFERED || !p->sql)
			continue;
		if (!n++)
			printf("\n%sStatements that would mend it%s\n", so_style_on(term, SO_STYLE_BOLD),
				so_style_off(term));
		printf("%s", so_style_on(term, SO_STYLE_GREEN));
		so_print_wrapped(term, 2, p->sql);
		printf("%s", so_style_off(term));
	}
}

static void print_text(const struct so_term *term, const struct so_schema_audit *audit)
{
	size_t passed = 0, unknown = 0;

	for (size_t i = 0; i < audit->n_lines; i++) {
		passed += audit->lines[i].n_checked && !audit->lines[i].n_found;
		unknown += !audit->lines[i].n_checked;
	}
	printf("%s%zu tables, %zu findings%s; of %zu checks %zu found nothing and %zu had nothing to look at\n\n",
		so_style_on(term, SO_STYLE_BOLD), audit->n_tables, audit->findings->count, so_style_off(term),
		audit->n_lines, passed, unknown);
	so_report_findings(term, audit->findings);
	for (size_t i = 0; i < audit->n_lines; i++)
		if (audit->lines[i].n_found > SO_AUDIT_PER_RULE)
			printf("  %s: %zu more\n", audit->lines[i].rule->id,
				audit->lines[i].n_found - SO_AUDIT_PER_RULE);
	print_statements(term, audit->proposals);
	for (size_t i = 0; i < audit->n_notices; i++)
		so_print_wrapped(term, 2, audit->notices[i]);
}

static bool parse_severity(const char *text, enum so_severity *out, struct so_err *err)
{
	for (int i = 0; i < SO_SEVERITY_MAX; i++)
		if (strcmp(text, so_severity_name((enum so_severity)i)) == 0) {
			*out = (enum so_severity)i;
			return true;
		}
	return so_fail(err, SO_USAGE, "--fail-on takes low, medium, high or critical, not '%.40s'", text);
}

static int run_audit(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	enum so_severity fail_on = SO_SEVERITY_MAX;
	struct so_schema_audit audit;
	struct so_cancel *cancel;
	struct so_conn *conn;
	struct so_args args;
	struct so_term term;
	bool done;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (args.argc) {
		so_fail(err, SO_USAGE, "'%.60s' is not a flag", args.argv[0]);
		return -1;
	}
	if (o.fail_on && !parse_severity(o.fail_on, &fail_on, err))
		return -1;
	conn = so_cli_open(ctx, o.dsn, o.search_path, &cancel, err);
	if (!conn)
		return -1;
	done = so_schema_audit_run(ctx, conn, (size_t)o.max_tables, &audit, err);
	talloc_free(conn);
	if (!done)
		return -1;
	term = so_term_detect(o.no_color);
	if (o.json)
		so_print_json(to_json(&audit));
	else
		print_text(&term, &audit);
	return audit.findings->count && audit.findings->items[0].severity >= fail_on ? 1 : 0;
}

const struct so_cli_command so_cmd_audit = {
	.name = "audit",
	.synopsis = "--dsn DSN [--fail-on SEVERITY]",
	.summary = "what is wrong with the tables of a database and the state of its server",
	.run = run_audit,
};
