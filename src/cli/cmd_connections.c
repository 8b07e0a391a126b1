/* sqlopt connections apply | list | test | discover: many databases from a terminal or a script, by a running server.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/errors.h"
#include "base/map.h"
#include "base/printable.h"
#include "base/secret.h"
#include "base/vec.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/report.h"
#include "cli/targets_file.h"

enum { BATCH_MAX = 400, CONNECTIONS_MAX = 5000 };
#define BATCH_BYTES (700 * 1024)

struct options {
	const char *url, *file, *environment, *label;
	bool dry_run, prune, yes, json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--url", SO_FLAG_TEXT, FLAG(url), 0, 0, "URL", SO_CLI_URL_DOC },
	{ "-f", SO_FLAG_TEXT, FLAG(file), 0, 0, "FILE", "apply: the file; - is standard input." },
	{ "--dry-run", SO_FLAG_BOOL, FLAG(dry_run), 0, 0, NULL, "apply: only say what would be done." },
	{ "--prune", SO_FLAG_BOOL, FLAG(prune), 0, 0, NULL,
		"apply: also delete the connections that the file does not name, with their history; asks first." },
	{ "--yes", SO_FLAG_BOOL, FLAG(yes), 0, 0, NULL, "apply: do not ask." },
	{ "--environment", SO_FLAG_TEXT, FLAG(environment), 0, 0, "NAME", "list, test: only of this environment." },
	{ "--label", SO_FLAG_TEXT, FLAG(label), 0, 0, "NAME[:VALUE]", "list, test: only with this label." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt connections %s\n\n%s.\n", so_cmd_connections.synopsis, so_cmd_connections.summary);
	so_args_help(stdout, flags);
	puts("\nA file for apply; a section is a server or one database, its name is the connection's:\n\n"
	     "  [defaults]\n  engine = postgresql\n  username = sqlopt\n  password = env:SQLOPT_PG_PASSWORD\n"
	     "  environment = production\n\n"
	     "  [eu-1]                      # connections eu-1/app, eu-1/billing ...\n  host = db1.example.com\n"
	     "  databases = *               # all that the login may enter; or names with commas\n"
	     "  except = postgres, *_tmp\n  labels = team:payments, tier:1\n\n"
	     "  [reports]                   # one connection\n  host = db9.example.com\n  database = reports\n"
	     "  password = file:/run/secrets/reports\n\n"
	     "Secrets stand as env:NAME, file:PATH or pgpass, never themselves. Exit status 3: something was refused "
	     "and\n"
	     "nothing was written; 4: a server could not be asked for its databases, the rest was done.");
	return 0;
}

/* ---- apply: from the file to a list ---- */

struct plan {
	struct options *o;
	const char *url;
	json_t *wanted; /* array of bodies */
	struct so_map *names;
	SO_VEC(const char *) lost; /* sections whose databases are not known: "name/" */
};

/* One connection of the section; its secrets are looked up last, when all that pgpass asks for is there. */
static bool add_one(struct plan *plan, const struct so_target_section *section, const char *name, const char *database,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_t *body = json_copy(section->body);
	char *password = NULL, *dsn = NULL;

	json_object_set_new(body, "name", json_string(name));
	if (database)
		json_object_set_new(body, "database", json_string(database));
	if (section->password && !(password = so_targets_secret(tmp, section->password, body, err)))
		return json_decref(body), so_fail_in(err, "section '%s': password", section->name);
	if (section->dsn && !(dsn = so_targets_secret(tmp, section->dsn, body, err)))
		return json_decref(body), so_fail_in(err, "section '%s': dsn", section->name);
	if (password)
		json_object_set_new(body, "password", json_string(password));
	if (dsn)
		json_object_set_new(body, "dsn", json_string(dsn));
	json_array_append_new(plan->wanted, body);
	if (so_map_get(plan->names, name))
		return so_fail(err, SO_INPUT, "section '%s': connection '%s' comes twice", section->name, name);
	if (!so_map_put(plan->names, name, plan))
		return so_fail(err, SO_LIMIT, "the file makes over %d connections, the limit", CONNECTIONS_MAX);
	return true;
}

/* All databases of the server that are wanted. A server that cannot be asked is told and left alone. */
static bool add_discovered(struct plan *plan, const struct so_target_section *section, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_t *body = json_deep_copy(section->body), *found = NULL;
	static const char *const not_asked[] = { "monitoring_enabled", "scratch", NULL };
	struct so_err why = SO_ERR_INIT;
	char *password = NULL;
	bool fine = true;

	for (size_t i = 0; not_asked[i]; i++)
		json_object_del(body, not_asked[i]);
	if (section->password && !(password = so_targets_secret(tmp, section->password, body, err)))
		return json_decref(body), so_fail_in(err, "section '%s': password", section->name);
	if (password)
		json_object_set_new(body, "password", json_string(password));
	fine = so_cli_call(plan->url, "POST", "/api/connections/discover", body, &found, &why);
	json_decref(body);
	if (!fine && (why.kind == SO_UNREACHABLE || why.kind == SO_TIMEOUT || why.kind == SO_DENIED)) {
		const char **lost = so_vec_add(&plan->lost);

		fprintf(stderr, "sqlopt: section '%s': its databases are not known: %s\n",
			so_printable(tmp, section->name), so_printable(tmp, why.message));
		so_assert(lost);
		*lost = so_printf(plan->names, "%s/", section->name);
		return true;
	}
	if (!fine) {
		*err = why;
		return so_fail_in(err, "section '%s'", section->name);
	}
	for (size_t i = 0; fine && i < json_array_size(found); i++) {
		const char *database = json_string_value(json_object_get(json_array_get(found, i), "name"));

		if (database && so_targets_wants(section, database))
			fine = add_one(plan, section, so_printf(tmp, "%s/%s", section->name, database), database, err);
	}
	json_decref(found);
	return fine;
}

static bool add_section(struct plan *plan, const struct so_target_section *section, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *list = section->databases;
	char *word;

	if (!section->databases)
		return add_one(plan, section, section->name, NULL, err);
	if (strpbrk(section->databases, "*?["))
		return add_discovered(plan, section, err);
	while ((word = so_targets_word(tmp, &list)))
		if (so_targets_wants(section, word) &&
			!add_one(plan, section, so_printf(tmp, "%s/%s", section->name, word), word, err))
			return false;
	return true;
}

/* ---- apply: from the list to the server ---- */

struct tally {
	size_t created, changed, unchanged, refused, removed;
};

static void tell_one(const struct options *o, const json_t *outcome, struct tally *tally)
{
	SO_TMP(tmp, NULL);
	const char *action = json_string_value(json_object_get(outcome, "action"));
	const char *name = json_string_value(json_object_get(outcome, "name"));
	const char *changes = json_string_value(json_object_get(outcome, "changes"));
	const char *error = json_string_value(json_object_get(outcome, "error"));

	if (!action)
		return;
	if (strcmp(action, "unchanged") == 0) {
		tally->unchanged++;
		return;
	}
	if (strcmp(action, "created") == 0)
		tally->created++;
	else if (strcmp(action, "changed") == 0)
		tally->changed++;
	else
		tally->refused++;
	if (!o->json)
		printf("%-10s %s%s%s%s\n", action, name ? so_printable(tmp, name) : "?", changes || error ? " (" : "",
			changes ? changes
			: error ? so_printable(tmp, error)
				: "",
			changes || error ? ")" : "");
}

/* One pass over the list in pieces that the server takes; outcomes are appended to `all`. */
static bool send_all(const struct plan *plan, bool dry_run, json_t *all, struct so_err *err)
{
	size_t n = json_array_size(plan->wanted);

	for (size_t at = 0; at < n;) {
		json_t *piece = json_array(), *body, *answer = NULL;
		size_t bytes = 0;
		bool fine;

		for (; at < n && json_array_size(piece) < BATCH_MAX && bytes < BATCH_BYTES; at++) {
			json_t *one = json_array_get(plan->wanted, at);
			size_t size = json_dumpb(one, NULL, 0, JSON_COMPACT);

			if (json_array_size(piece) && bytes + size > BATCH_BYTES)
				break;
			bytes += size;
			json_array_append(piece, one);
		}
		body = json_pack("{s:o, s:b}", "connections", piece, "dry_run", dry_run);
		fine = so_cli_call(plan->url, "POST", "/api/connections/apply", body, &answer, err);
		json_decref(body);
		if (!fine)
			return false;
		json_array_extend(all, answer);
		json_decref(answer);
	}
	return true;
}

static bool confirm(size_t n)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "Delete these %zu connections with all their history? Type yes: ", n);
	return fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0;
}

/* Not named by the file, and not of a server whose databases are not known today. */
static bool is_surplus(const struct plan *plan, const char *name)
{
	if (so_map_get(plan->names, name))
		return false;
	for (size_t i = 0; i < plan->lost.count; i++)
		if (strncmp(name, plan->lost.items[i], strlen(plan->lost.items[i])) == 0)
			return false;
	return true;
}

static bool remove_all(
	const struct plan *plan, const json_t *surplus, json_t *all, struct tally *tally, struct so_err *err)
{
	for (size_t i = 0; i < json_array_size(surplus); i++) {
		SO_TMP(tmp, NULL);
		const json_t *one = json_array_get(surplus, i);
		const char *name = json_string_value(json_object_get(one, "name"));
		json_int_t id = json_integer_value(json_object_get(one, "id"));
		json_t *none = NULL;

		if (!plan->o->dry_run &&
			!so_cli_call(plan->url, "DELETE", so_printf(tmp, "/api/connections/%lld", (long long)id), NULL,
				&none, err))
			return so_fail_in(err, "connection '%s'", name);
		json_array_append_new(all, json_pack("{s:s, s:s, s:I}", "name", name, "action", "removed", "id", id));
		tally->removed++;
		if (!plan->o->json)
			printf("%-10s %s\n", "removed", so_printable(tmp, name));
	}
	return true;
}

static bool prune(const struct plan *plan, json_t *all, struct tally *tally, struct so_err *err)
{
	json_t *listed = NULL, *surplus = json_array();
	bool done = true;

	if (!so_cli_call(plan->url, "GET", "/api/connections", NULL, &listed, err)) {
		json_decref(surplus);
		return false;
	}
	for (size_t i = 0; i < json_array_size(listed); i++)
		if (is_surplus(plan, json_string_value(json_object_get(json_array_get(listed, i), "name"))))
			json_array_append(surplus, json_array_get(listed, i));
	if (json_array_size(surplus) && !plan->o->yes && !plan->o->dry_run) {
		for (size_t i = 0; i < json_array_size(surplus); i++) {
			SO_TMP(tmp, NULL);

			fprintf(stderr, "  %s\n",
				so_printable(
					tmp, json_string_value(json_object_get(json_array_get(surplus, i), "name"))));
		}
		if (!confirm(json_array_size(surplus)))
			done = so_fail(err, SO_USAGE,
				"--prune would delete %zu connections; nothing was deleted. Give --yes to do it",
				json_array_size(surplus));
	}
	done = done && remove_all(plan, surplus, all, tally, err);
	json_decref(surplus);
	json_decref(listed);
	return done;
}

static bool count_refused(const json_t *all)
{
	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *action = json_string_value(json_object_get(json_array_get(all, i), "action"));

		if (action && strcmp(action, "refused") == 0)
			return true;
	}
	return false;
}

static bool apply_plan(struct plan *plan, json_t **all, struct tally *tally, struct so_err *err)
{
	/* first all of it dry: what is refused in the last piece must not find the first one written */
	*all = json_array();
	if (!send_all(plan, true, *all, err))
		return false;
	if (!plan->o->dry_run && !count_refused(*all)) {
		json_array_clear(*all);
		if (!send_all(plan, false, *all, err))
			return false;
	}
	for (size_t i = 0; i < json_array_size(*all); i++)
		tell_one(plan->o, json_array_get(*all, i), tally);
	return !plan->o->prune || tally->refused || prune(plan, *all, tally, err);
}

static int run_apply(TALLOC_CTX *ctx, struct options *o, struct so_err *err)
{
	struct plan plan = { .o = o, .url = so_cli_url(ctx, o->url) };
	struct so_targets_file *file;
	struct tally tally = { 0 };
	json_t *all = NULL;
	char *text;
	bool done = true;

	if (!o->file)
		return so_fail(err, SO_USAGE, "apply needs -f FILE"), -1;
	text = so_cli_read_file(ctx, o->file, SO_TARGETS_FILE_MAX, err);
	file = text ? so_targets_parse(ctx, strcmp(o->file, "-") == 0 ? "standard input" : o->file, text, err) : NULL;
	if (!file)
		return -1;
	plan.wanted = json_array();
	plan.names = so_map_new(ctx, CONNECTIONS_MAX);
	so_vec_init(&plan.lost, ctx, SO_TARGETS_SECTIONS_MAX);
	for (size_t i = 0; done && i < file->count; i++)
		done = add_section(&plan, &file->items[i], err);
	done = done && apply_plan(&plan, &all, &tally, err);
	if (o->json && all)
		so_print_json(json_incref(all));
	else if (all)
		printf("%s%zu created, %zu changed, %zu unchanged, %zu removed, %zu refused%s\n",
			o->dry_run ? "would be: " : "", tally.created, tally.changed, tally.unchanged, tally.removed,
			tally.refused, tally.refused ? "; nothing was written" : "");
	json_decref(all);
	json_decref(plan.wanted);
	return !done ? -1 : tally.refused ? 3 : plan.lost.count ? 4 : 0;
}

/* ---- list, test, discover ---- */

static bool get_list(TALLOC_CTX *ctx, const struct options *o, const char *url, json_t **list, struct so_err *err)
{
	const char *path = so_printf(ctx, "/api/connections?%s%s%s%s", o->environment ? "environment=" : "",
		o->environment ? so_cli_escape(ctx, o->environment) : "", o->label ? "&label=" : "",
		o->label ? so_cli_escape(ctx, o->label) : "");

	return so_cli_call(url, "GET", path, NULL, list, err);
}

static const char *member(TALLOC_CTX *ctx, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return so_printable(ctx, text ? text : "");
}

static int run_list(TALLOC_CTX *ctx, const struct options *o, const char *url, struct so_err *err)
{
	json_t *list;

	if (!get_list(ctx, o, url, &list, err))
		return -1;
	if (o->json) {
		so_print_json(list);
		return 0;
	}
	printf("%6s  %-32s %-10s %-40s %s\n", "id", "name", "engine", "where", "environment");
	for (size_t i = 0; i < json_array_size(list); i++) {
		SO_TMP(tmp, NULL);
		const json_t *c = json_array_get(list, i);
		json_int_t port = json_integer_value(json_object_get(c, "port"));

		printf("%6lld  %-32s %-10s %-40s %s\n", (long long)json_integer_value(json_object_get(c, "id")),
			member(tmp, c, "name"), member(tmp, c, "engine"),
			so_printf(tmp, "%s%s%s/%s", member(tmp, c, "host"), port ? ":" : "",
				port ? so_printf(tmp, "%lld", (long long)port) : "", member(tmp, c, "database")),
			member(tmp, c, "environment"));
	}
	json_decref(list);
	return 0;
}

/* Whether the connection is named by the arguments; all are when there are none. */
static bool is_named(const struct so_args *args, const json_t *c)
{
	const char *name = json_string_value(json_object_get(c, "name"));

	for (int i = 1; name && i < args->argc; i++)
		if (strcmp(args->argv[i], name) == 0)
			return true;
	return args->argc <= 1;
}

static bool check_names(const struct so_args *args, const json_t *list, struct so_err *err)
{
	for (int i = 1; i < args->argc; i++) {
		bool found = false;

		for (size_t k = 0; k < json_array_size(list); k++) {
			const char *name = json_string_value(json_object_get(json_array_get(list, k), "name"));

			found = found || (name && strcmp(name, args->argv[i]) == 0);
		}
		if (!found)
			return so_fail(err, SO_NOT_FOUND, "there is no connection '%.100s'", args->argv[i]);
	}
	return true;
}

/* Runs the POST of each connection named; `tell` prints what came. False: stop. */
static int for_each(TALLOC_CTX *ctx, const struct options *o, const char *url, const struct so_args *args,
	const char *action, bool (*tell)(const json_t *connection, const json_t *answer, const struct so_err *why),
	struct so_err *err)
{
	json_t *list = NULL, *answers = json_array();
	bool all_well = true;

	if (!get_list(ctx, o, url, &list, err) || !check_names(args, list, err)) {
		json_decref(answers);
		json_decref(list);
		return -1;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		SO_TMP(tmp, NULL);
		const json_t *c = json_array_get(list, i);
		struct so_err why = SO_ERR_INIT;
		json_t *answer = NULL;
		const char *path = so_printf(tmp, "/api/connections/%lld/%s",
			(long long)json_integer_value(json_object_get(c, "id")), action);

		if (!is_named(args, c))
			continue;
		if (!so_cli_call(url, "POST", path, NULL, &answer, &why))
			answer = NULL;
		if (o->json)
			json_array_append_new(
				answers, json_pack("{s:O, s:o?, s:s?}", "name", json_object_get(c, "name"), "answer",
						 json_incref(answer), "error", answer ? NULL : why.message));
		all_well = (o->json ? answer != NULL : tell(c, answer, &why)) && all_well;
		json_decref(answer);
	}
	if (o->json)
		so_print_json(json_incref(answers));
	json_decref(answers);
	json_decref(list);
	return all_well ? 0 : 4;
}

static bool tell_test(const json_t *connection, const json_t *answer, const struct so_err *why)
{
	SO_TMP(tmp, NULL);
	bool well = json_is_true(json_object_get(answer, "success"));

	printf("%-6s %-32s %s\n", well ? "ok" : "FAILED", member(tmp, connection, "name"),
		answer ? member(tmp, answer, "message") : so_printable(tmp, why->message));
	return well;
}

static bool tell_databases(const json_t *connection, const json_t *answer, const struct so_err *why)
{
	SO_TMP(tmp, NULL);

	printf("%s\n", member(tmp, connection, "name"));
	if (!answer)
		printf("  %s\n", so_printable(tmp, why->message));
	for (size_t i = 0; i < json_array_size(answer); i++) {
		const json_t *found = json_array_get(answer, i);
		json_int_t id = json_integer_value(json_object_get(found, "connection_id"));

		printf("  %-40s %s\n", member(tmp, found, "name"),
			id ? so_printf(tmp, "connection %lld", (long long)id) : "not registered");
	}
	return answer != NULL;
}

static int run_connections(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	struct so_args args;
	const char *url, *action;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	action = args.argc ? args.argv[0] : "";
	url = so_cli_url(ctx, o.url);
	if (strcmp(action, "apply") == 0)
		return run_apply(ctx, &o, err);
	if (strcmp(action, "list") == 0)
		return run_list(ctx, &o, url, err);
	if (strcmp(action, "test") == 0)
		return for_each(ctx, &o, url, &args, "test", tell_test, err);
	if (strcmp(action, "discover") == 0)
		return for_each(ctx, &o, url, &args, "discover", tell_databases, err);
	so_fail(err, SO_USAGE, "'%.40s' is not one of apply, list, test, discover", action);
	return -1;
}

const struct so_cli_command so_cmd_connections = {
	.name = "connections",
	.synopsis = "apply -f FILE [--dry-run] [--prune] | list | test [NAME ...] | discover [NAME ...]",
	.summary = "the databases that a running server watches, many at once",
	.run = run_connections,
};
