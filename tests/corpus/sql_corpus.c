/* Acceptance of the PostgreSQL grammar over a file of statements with the verdict of a real parser, one JSON object a
 * line ({class, valid: {judge: bool}, sql}) on standard input:
 *
 *     xz -dc FOLDER/postgresql.jsonl.xz | sql_corpus pg16 [-v]
 *
 * -v lists what differs from the verdict. Exit status 1 when fewer than 99 % of the valid queries and DML pass. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "sql/parse.h"

enum { QUERY, DML, DDL, OTHER, CLASSES };
static const char *const class_names[CLASSES] = { "query", "dml", "ddl", "other" };

struct tally {
	unsigned valid[CLASSES], accepted[CLASSES], opaque[CLASSES];
	unsigned invalid[CLASSES], false_accepts[CLASSES];
};

static int class_number(const char *name)
{
	for (int i = 0; i < CLASSES; i++)
		if (strcmp(class_names[i], name) == 0)
			return i;
	return OTHER;
}

static void judge_line(json_t *line, const char *judge, bool verbose, struct so_parser *parser, struct tally *tally)
{
	const char *sql = json_string_value(json_object_get(line, "sql"));
	int cls = class_number(json_string_value(json_object_get(line, "class")));
	json_t *verdict = json_object_get(json_object_get(line, "valid"), judge);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	bool valid = json_is_true(verdict), accepted;

	if (!json_is_boolean(verdict))
		return;
	accepted = so_sql_parse(NULL, parser, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err);
	if (accepted && so_ast_kind(ast, so_ast_statement(ast)) == SO_N_OPAQUE)
		tally->opaque[cls]++;
	if (valid) {
		tally->valid[cls]++;
		tally->accepted[cls] += accepted;
	} else {
		tally->invalid[cls]++;
		tally->false_accepts[cls] += accepted;
	}
	if (verbose && accepted != valid)
		printf("%s %s: %s at %d\n  %.300s\n", accepted ? "ACCEPTED" : "REFUSED", class_names[cls], err.message,
			err.position, sql);
	talloc_free(ast);
}

int main(int argc, char **argv)
{
	struct so_parser *parser = so_parser_new(NULL);
	struct tally tally = { 0 };
	char *text = NULL;
	size_t room = 0;
	double share;

	if (argc < 2)
		return 2;
	while (getline(&text, &room, stdin) > 0) {
		json_t *line = json_loads(text, 0, NULL);

		if (line)
			judge_line(line, argv[1], argc > 2, parser, &tally);
		json_decref(line);
	}
	free(text);
	for (int i = 0; i < CLASSES; i++)
		printf("%-6s valid %5u accepted %5u (%.2f %%), opaque %u; invalid %u, accepted %u\n", class_names[i],
			tally.valid[i], tally.accepted[i],
			100.0 * tally.accepted[i] / (tally.valid[i] ? tally.valid[i] : 1), tally.opaque[i],
			tally.invalid[i], tally.false_accepts[i]);
	share = 100.0 * (tally.accepted[QUERY] + tally.accepted[DML]) / (tally.valid[QUERY] + tally.valid[DML] + 1e-9);
	printf("query + dml: %.3f %%\n", share);
	talloc_free(parser);
	return share >= 99.0 ? 0 : 1;
}
