#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "engine/engine.h"

struct options {
	const char *dsn, *search_path, *engine;
	bool show_sql, json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--dsn", SO_FLAG_TEXT, FLAG(dsn), 0, 0, "DSN", "Where to connect: a URI, key=value pairs, or service=name." },
	{ "--search-path", SO_FLAG_TEXT, FLAG(search_path), 0, 0, "LIST", "Schemas for names without one." },
	{ "--show-sql", SO_FLAG_BOOL, FLAG(show_sql), 0, 0, NULL,
		"Print every statement that sqlopt runs on a server of its own accord; needs no connection." },
	{ "--engine", SO_FLAG_TEXT, FLAG(engine), 0, 0, "NAME",
		"With --show-sql: whose statements. Default postgresql." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt doctor %s\n\n%s. Changes nothing.\n", so_cmd_doctor.synopsis, so_cmd_doctor.summary);
	so_args_help(stdout, flags);
	puts("\nExit status 0 when every required check holds, 1 when one does not.");
	return 0;
}

static int show_sql(const struct options *o, struct so_err *err)
{
	const char *name = o->engine ? o->engine : "postgresql";
	const struct so_engine *engine = so_engine_find(name);

	if (!engine) {
		so_fail(err, SO_UNSUPPORTED, "engine '%.40s' has no driver in this build", name);
		return -1;
	}
	for (const struct so_engine_sql *sql = engine->sql; sql && sql->text; sql++)
		printf("-- %s\n%s;\n\n", sql->purpose, sql->text);
	return 0;
}

static json_t *checks_to_json(const struct so_engine_info *info)
{
	json_t *array = json_array();

	for (size_t i = 0; i < info->n_checks; i++) {
		const struct so_check *c = &info->checks[i];

		json_array_append_new(
			array, json_pack("{s:s, s:s, s:b, s:b, s:s?, s:s?}", "id", c->id, "title", c->title, "ok",
				       c->ok, "required", c->required, "detail", c->detail, "remedy", c->remedy));
	}
	return json_pack("{s:s, s:s?, s:s?, s:s?, s:o}", "version", info->version, "flavor", info->flavor, "database",
		info->database, "user", info->user, "checks", array);
}

static void print_checks(const struct so_term *term, const struct so_engine_info *info)
{
	SO_TMP(tmp, NULL);

	so_print_wrapped(term, 0,
		so_printf(tmp, "%s %s, database '%s' as '%s'", info->flavor ? info->flavor : "server", info->version,
			info->database, info->user));
	puts("");
	for (size_t i = 0; i < info->n_checks; i++) {
		const struct so_check *c = &info->checks[i];
		enum so_style style = c->ok ? SO_STYLE_GREEN : c->required ? SO_STYLE_RED : SO_STYLE_YELLOW;

		printf("  %s%s%s %s\n", so_style_on(term, style),
			c->ok         ? "✓"
			: c->required ? "✗"
				      : "!",
			so_style_off(term), c->title);
		if (c->detail)
			so_print_wrapped(term, 6, c->detail);
		if (!c->ok && c->remedy) {
			printf("%s", so_style_on(term, SO_STYLE_BLUE));
			so_print_wrapped(term, 6, c->remedy);
			printf("%s", so_style_off(term));
		}
	}
}

static int run_doctor(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	const struct so_engine_info *info;
	struct so_cancel *cancel;
	struct so_conn *conn;
	struct so_args args;
	struct so_term term;
	int status = 0;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (args.argc) {
		so_fail(err, SO_USAGE, "'%.60s' is not a flag", args.argv[0]);
		return -1;
	}
	if (o.show_sql)
		return show_sql(&o, err);
	conn = so_cli_open(ctx, o.dsn, o.search_path, &cancel, err);
	info = conn ? so_conn_engine(conn)->info(conn, err) : NULL;
	if (!info)
		return -1;
	term = so_term_detect(o.no_color);
	if (o.json)
		so_print_json(checks_to_json(info));
	else
		print_checks(&term, info);
	for (size_t i = 0; i < info->n_checks; i++)
		status = !info->checks[i].ok && info->checks[i].required ? 1 : status;
	talloc_free(conn);
	return status;
}

const struct so_cli_command so_cmd_doctor = {
	.name = "doctor",
	.synopsis = "--dsn DSN [--show-sql]",
	.summary = "what works on a server, what is missing, and the exact statements that mend it",
	.run = run_doctor,
};
