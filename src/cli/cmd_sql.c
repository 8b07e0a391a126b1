/* sqlopt parse, format, fingerprint, normalize, redact: statements as texts. Connect to nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/sql.h"
#include "base/printable.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "service/service.h"
#include "service/sql_text.h"
#include "service/statement.h"
#include "sql/fingerprint.h"

struct options {
	const char *dialect;
	bool lenient, json, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--dialect", SO_FLAG_TEXT, FLAG(dialect), 0, 0, "NAME",
		"postgresql (the default), mysql, mariadb, tsql, oracle or sqlite." },
	{ "--lenient", SO_FLAG_BOOL, FLAG(lenient), 0, 0, NULL,
		"Take text of statistics views: placeholders anywhere, cut off at its end." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(const struct so_cli_command *command)
{
	printf("Usage: sqlopt %s %s\n\n%s. Connects to nothing.\n\nThe text is the argument itself, a file's name, or "
	       "- for standard input; one statement or several.\n",
		command->name, command->synopsis, command->summary);
	so_args_help(stdout, flags);
	return 0;
}

/* Text that goes on to other programs stays as it is; on a terminal it must not steer it. */
static void put_text(TALLOC_CTX *ctx, const char *text)
{
	puts(isatty(STDOUT_FILENO) ? so_printable(ctx, text) : text);
}

static bool is_dialect(const char *name)
{
	for (size_t i = 0; so_dialect_names[i]; i++)
		if (strcmp(so_dialect_names[i], name) == 0)
			return true;
	return false;
}

/* ---- parse ------------------------------------------------------------------------------------------------------ */

static void put_value(TALLOC_CTX *ctx, const char *name, json_t *value, int indent);

/* A node: its kind, where it is, its short fields on one line; then each child under the name of its field. */
static void put_node(TALLOC_CTX *ctx, const char *name, json_t *node, int indent)
{
	const char *key;
	json_t *value;

	printf("%*s%s%s%s", indent, "", name, *name ? ": " : "", json_string_value(json_object_get(node, "kind")));
	json_object_foreach(node, key, value)
	{
		if (json_is_string(value) && strcmp(key, "kind") != 0)
			printf(" %s=%s", key, so_printable(ctx, json_string_value(value)));
		else if (json_is_true(value))
			printf(" %s", key);
		else if (json_is_integer(value) && strcmp(key, "offset") != 0 && strcmp(key, "length") != 0)
			printf(" %s=%lld", key, (long long)json_integer_value(value));
	}
	puts("");
	json_object_foreach(node, key, value) put_value(ctx, key, value, indent + 2);
}

static void put_value(TALLOC_CTX *ctx, const char *name, json_t *value, int indent)
{
	size_t i;
	json_t *item;

	if (json_is_object(value))
		put_node(ctx, name, value, indent);
	json_array_foreach(value, i, item) put_node(ctx, name, item, indent);
}

static void put_words(const char *title, const struct so_strs *words)
{
	for (size_t i = 0; i < words->count; i++)
		printf("%s%s", i ? ", " : title, words->items[i]);
	if (words->count)
		puts("");
}

static void put_statement(TALLOC_CTX *ctx, const struct so_sql_text_statement *s)
{
	printf("%s (%s%s%s), bytes %lld to %lld\n", s->verb, s->cls, s->pure_read ? ", pure" : "",
		s->truncated ? ", cut off" : "", (long long)s->offset, (long long)(s->offset + s->length));
	put_words("  no pure read: ", s->not_pure);
	for (size_t i = 0; i < s->n_tables; i++)
		printf("  table %s%s%s%s\n", s->tables[i].schema ? so_printable(ctx, s->tables[i].schema) : "",
			s->tables[i].schema ? "." : "", so_printable(ctx, s->tables[i].name),
			s->tables[i].written ? ", written" : "");
	for (size_t i = 0; i < s->n_functions; i++)
		printf("  function %s%s%s\n", s->functions[i].schema ? so_printable(ctx, s->functions[i].schema) : "",
			s->functions[i].schema ? "." : "", so_printable(ctx, s->functions[i].name));
	put_words("  parameters ", s->parameters);
	printf("  fingerprint %s\n", s->fingerprint);
	put_node(ctx, "tree", s->tree, 2);
	if (s->tree_cut)
		puts("  (the tree is larger than what is shown)");
}

static int run_parse(TALLOC_CTX *ctx, struct so_sql_text_request *request, bool json, struct so_err *err)
{
	struct so_sql_text *text;
	struct so_sql_text_error *first = NULL;

	request->tree = true;
	text = so_sql_text_parse(ctx, request, err);
	if (!text)
		return -1;
	for (size_t i = 0; i < text->count; i++) {
		const struct so_sql_text_statement *s = &text->statements[i];

		if (s->error && !first)
			first = s->error;
		if (!json && !s->error)
			put_statement(ctx, s);
		if (s->error)
			fprintf(stderr, "sqlopt parse: %s\n", so_printable(ctx, so_sql_text_error_line(ctx, s->error)));
	}
	if (json)
		so_print_json(so_sql_parsed_json(text));
	return first ? 3 : 0;
}

/* ---- the others ------------------------------------------------------------------------------------------------- */

static int run_format(TALLOC_CTX *ctx, struct so_sql_text_request *request, bool json, struct so_err *err)
{
	char *text = so_sql_text_format(ctx, request, err);

	if (!text)
		return -1;
	if (json)
		so_print_json(json_pack("{s:s, s:s}", "dialect", request->dialect, "formatted", text));
	else
		put_text(ctx, text);
	return 0;
}

static int run_fingerprint(TALLOC_CTX *ctx, struct so_sql_text_request *request, bool json, struct so_err *err)
{
	struct so_sql_text *text = so_sql_text_fingerprint(ctx, request, err);

	if (!text)
		return -1;
	if (json)
		so_print_json(so_sql_fingerprints_json(text));
	for (size_t i = 0; i < text->count && !json; i++)
		puts(text->statements[i].fingerprint);
	return 0;
}

static int run_normalize(TALLOC_CTX *ctx, struct so_sql_text_request *request, bool json, struct so_err *err)
{
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = request->lenient };
	char *text = so_sql_normalize(
		ctx, NULL, so_statement_dialect(request->dialect), request->sql, strlen(request->sql), &options, err);

	if (!text) {
		so_sql_text_refuse(request, err);
		return -1;
	}
	if (json)
		so_print_json(json_pack("{s:s, s:s}", "dialect", request->dialect, "normalized", text));
	else
		put_text(ctx, text);
	return 0;
}

static int run_redact(TALLOC_CTX *ctx, struct so_sql_text_request *request, bool json, struct so_err *err)
{
	char *text =
		so_sql_redact(ctx, NULL, so_statement_dialect(request->dialect), request->sql, strlen(request->sql));

	(void)err;
	if (json)
		so_print_json(json_pack("{s:s, s:s}", "dialect", request->dialect, "redacted", text));
	else
		put_text(ctx, text);
	return 0;
}

static int run(const struct so_cli_command *command, TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err,
	int (*work)(TALLOC_CTX *, struct so_sql_text_request *, bool, struct so_err *))
{
	struct options o = { 0 };
	struct so_sql_text_request request = { 0 };
	struct so_args args;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help(command);
	request.dialect = so_strdup(ctx, o.dialect ? o.dialect : "postgresql");
	request.lenient = o.lenient;
	if (args.argc != 1) {
		so_fail(err, SO_USAGE, "give one text, file, or - for standard input; a text with blanks in quotes");
		return -1;
	}
	if (!is_dialect(request.dialect)) {
		so_fail(err, SO_USAGE, "there is no dialect '%.40s'", request.dialect);
		return -1;
	}
	request.sql = so_cli_statement_text(ctx, args.argv[0], err);
	return request.sql ? work(ctx, &request, o.json, err) : -1;
}

#define COMMAND(word, what)                                                                                            \
	static int word##_command(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)                          \
	{                                                                                                              \
		return run(&so_cmd_##word, ctx, argc, argv, err, run_##word);                                          \
	}                                                                                                              \
	const struct so_cli_command so_cmd_##word = {                                                                  \
		.name = #word,                                                                                         \
		.synopsis = "[--dialect NAME] [--lenient] [--json] TEXT|FILE|-",                                       \
		.summary = what,                                                                                       \
		.run = word##_command,                                                                                 \
	}

COMMAND(parse, "what statements do and name, and their syntax trees");
COMMAND(format, "the text formatted, comments kept");
COMMAND(fingerprint, "a number for each statement, equal for those that differ in literals only");
COMMAND(normalize, "the text with its literals replaced by placeholders");
COMMAND(redact, "the text without literals and comments, also where it is no valid SQL");
