#include "judge.h"

#include <string.h>
#include <strings.h>

#ifdef SO_PG_QUERY
#include <pg_query.h>
#endif

#include "sql/comments.h"
#include "sql/fingerprint.h"
#include "sql/print.h"
#include "../lib/pg_locations.h"
#include "../lib/sql_words.h"

const char *const corpus_class_names[CORPUS_CLASSES] = { "query", "dml", "ddl", "other" };
/* ---- The reference ---------------------------------------------------------------------------------------------- */

#ifdef SO_PG_QUERY

bool corpus_has_reference(void)
{
	return true;
}

bool corpus_reference_fingerprint(const char *sql, uint64_t *value)
{
	PgQueryFingerprintResult result = pg_query_fingerprint(sql);
	bool known = !result.error;

	*value = result.fingerprint;
	pg_query_free_fingerprint_result(result);
	return known;
}

static json_t *reference_tree(const char *sql)
{
	PgQueryParseResult result = pg_query_parse(sql);
	json_t *tree = result.error ? NULL : json_loads(result.parse_tree, 0, NULL);

	so_test_drop_locations(tree);
	pg_query_free_parse_result(result);
	return tree;
}

/* A statement that the reference does not know (it may be older than the judge) is no mismatch. */
static void compare_with_reference(struct corpus_tally *tally, const char *sql, const char *print, const char *pretty)
{
	uint64_t wanted, found;
	json_t *wanted_tree, *print_tree, *pretty_tree;

	if (!corpus_reference_fingerprint(sql, &wanted))
		return;
	if (!corpus_reference_fingerprint(print, &found) || found != wanted)
		tally->fingerprint_mismatch++;
	wanted_tree = reference_tree(sql);
	print_tree = reference_tree(print);
	pretty_tree = reference_tree(pretty);
	if (!json_equal(wanted_tree, print_tree) || !json_equal(wanted_tree, pretty_tree))
		tally->tree_mismatch++;
	json_decref(wanted_tree);
	json_decref(print_tree);
	json_decref(pretty_tree);
}

#else

bool corpus_has_reference(void)
{
	return false;
}

bool corpus_reference_fingerprint(const char *sql, uint64_t *value)
{
	(void)sql, (void)value;
	return false;
}

static void compare_with_reference(struct corpus_tally *tally, const char *sql, const char *print, const char *pretty)
{
	(void)tally, (void)sql, (void)print, (void)pretty;
}

#endif

/* ---- The verdict ------------------------------------------------------------------------------------------------ */

/* The engine itself before other judges, the newer version before the older. */
static bool is_better_judge(const char *name, const char *than, enum so_dialect dialect)
{
	static const char *const engines[SO_DIALECT_MAX] = { [SO_POSTGRESQL] = "pg",
		[SO_MYSQL] = "mysql",
		[SO_MARIADB] = "mariadb",
		[SO_TSQL] = "mssql",
		[SO_ORACLE] = "oracle",
		[SO_SQLITE] = "sqlite" };
	bool own = strncmp(name, engines[dialect], strlen(engines[dialect])) == 0;
	bool own_than = than && strncmp(than, engines[dialect], strlen(engines[dialect])) == 0;

	if (!than || own != own_than)
		return !than || own;
	return strverscmp(name, than) > 0;
}

/* "pg16" and "sqlite3_40" say which version judged; other names none. */
static uint32_t version_of(const char *judge)
{
	static const char *const engines[] = { "pg", "mysql", "mariadb", "mssql", "oracle", "sqlite" };
	unsigned major = 0, minor = 0;

	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
		if (strncmp(judge, engines[i], strlen(engines[i])) == 0 &&
			sscanf(judge + strlen(engines[i]), "%u_%u", &major, &minor) >= 1)
			return major * 10000 + minor * 100;
	return 0;
}

static bool find_verdict(json_t *verdicts, enum so_dialect dialect, bool *valid, uint32_t *version)
{
	const char *name, *best = NULL;
	json_t *verdict;

	json_object_foreach(verdicts, name, verdict)
	{
		if (!json_is_boolean(verdict) || !is_better_judge(name, best, dialect))
			continue;
		best = name;
		*valid = json_is_true(verdict);
	}
	*version = best ? version_of(best) : 0;
	return best != NULL;
}

static int class_number(const char *name)
{
	for (int i = 0; name && i < CORPUS_CLASSES; i++)
		if (strcmp(corpus_class_names[i], name) == 0)
			return i;
	return CORPUS_OTHER;
}

/* ---- Where an opaque tree is not good enough -------------------------------------------------------------------- */

static const char *skip_comments(const char *p)
{
	const char *end;

	for (;;) {
		p += strspn(p, " \t\r\n\f\v;(");
		if ((p[0] == '-' && p[1] == '-') || p[0] == '#') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			end = strstr(p + 2, "*/");
			p = end ? end + 2 : p + strlen(p);
		} else {
			return p;
		}
	}
}

/* The next word in `word`, "" at anything else. */
static const char *next_word(const char *p, char word[32])
{
	size_t len;

	p = skip_comments(p);
	len = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	snprintf(word, 32, "%.*s", (int)len, p);
	return p + (len ? len : *p != '\0');
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcasecmp(word, *words) == 0)
			return true;
	return false;
}

/* CREATE, ALTER or DROP of what must have a tree: words of other kinds of object end the search. */
static bool is_structured_ddl(const char *sql)
{
	static const char *const verbs[] = { "create", "alter", "drop", NULL };
	static const char *const objects[] = { "table", "index", "view", "sequence", NULL };
	static const char *const modifiers[] = { "or", "replace", "global", "local", "temp", "temporary", "unlogged",
		"unique", "recursive", "materialized", "foreign", "force", "noforce", "no", "editionable",
		"noneditionable", "editioning", "private", "immutable", "blockchain", "bitmap", "multivalue",
		"clustered", "nonclustered", "columnstore", "fulltext", "spatial", "online", "offline", "ignore",
		"virtual", "primary", "xml", NULL };
	static const char *const settings[] = { "algorithm", "definer", "sql", NULL };
	static const char *const routines[] = { "procedure", "function", "trigger", "event", "package", NULL };
	char word[32];

	sql = next_word(sql, word);
	if (!is_one_of(word, verbs))
		return false;
	do {
		sql = next_word(sql, word);
	} while (is_one_of(word, modifiers));
	/* MySQL: ALGORITHM = .., DEFINER = .., SQL SECURITY .. before VIEW and before routines */
	if (is_one_of(word, settings)) {
		for (int i = 0; i < 24 && !is_one_of(word, objects) && !is_one_of(word, routines); i++)
			sql = next_word(sql, word);
	}
	return is_one_of(word, objects);
}

/* ---- One statement ---------------------------------------------------------------------------------------------- */

struct statement {
	const char *id, *sql;
	size_t len;
	enum so_dialect dialect;
	enum corpus_class cls;
	struct so_sql_options options; /* the judge's version */
};

static void report(const struct statement *st, const char *what, const struct so_err *err)
{
	printf("%s %s %s %s", what, corpus_dialect_names[st->dialect], corpus_class_names[st->cls], st->id);
	if (err)
		printf(": %s (at %d)", err->message, err->position);
	printf("\n  %s\n", st->sql);
}

/* Both prints; the flat one has been parsed before. */
static void check_words(
	struct corpus *corpus, const struct statement *st, const struct so_ast *ast, const struct so_ast *printed)
{
	SO_TMP(tmp, NULL);
	const char *lost = so_test_lost_words(tmp, ast, printed);
	char *pretty = so_sql_pretty(tmp, ast, so_ast_statement(ast));
	struct so_err err = SO_ERR_INIT;
	struct so_ast *second;

	if (!*lost)
		lost = so_sql_parse(
			       tmp, corpus->parser, st->dialect, pretty, strlen(pretty), &st->options, &second, &err)
			       ? so_test_lost_words(tmp, ast, second)
			       : err.message;
	if (!*lost)
		return;
	corpus->tally[st->dialect][st->cls].lost_words++;
	printf("LOST WORDS %s %s %s: %s\n", corpus_dialect_names[st->dialect], corpus_class_names[st->cls], st->id,
		lost);
	if (corpus->options->verbose)
		printf("  %s\n  %s\n", st->sql, so_sql_print(tmp, ast, so_ast_statement(ast)));
}

/* The formatter, which keeps comments, gives a text that it leaves alone. */
static void check_format(struct corpus *corpus, const struct statement *st)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	char *once = so_sql_format(tmp, corpus->parser, st->dialect, st->sql, st->len, NULL, &err), *twice = NULL;

	if (once)
		twice = so_sql_format(tmp, corpus->parser, st->dialect, once, strlen(once), NULL, &err);
	if (twice && strcmp(once, twice) == 0)
		return;
	corpus->tally[st->dialect][st->cls].format_failed++;
	if (corpus->options->verbose) {
		report(st, once && twice ? "FORMATS TO ANOTHER TEXT" : "NOT FORMATTED", once && twice ? NULL : &err);
		printf("  %s\n", once ? once : "");
	}
}

static void check_print(struct corpus *corpus, const struct statement *st, const struct so_ast *ast)
{
	SO_TMP(tmp, NULL);
	struct corpus_tally *tally = &corpus->tally[st->dialect][st->cls];
	const char *print = so_sql_print(tmp, ast, so_ast_statement(ast)), *again = "";
	unsigned mismatches = tally->fingerprint_mismatch + tally->tree_mismatch;
	struct so_err err = SO_ERR_INIT;
	struct so_ast *second;
	bool parsed, same = false;

	if (st->dialect == SO_POSTGRESQL) {
		compare_with_reference(tally, st->sql, print, so_sql_pretty(tmp, ast, so_ast_statement(ast)));
		if (corpus->options->verbose && tally->fingerprint_mismatch + tally->tree_mismatch > mismatches) {
			report(st, "MEANS ANOTHER THING", NULL);
			printf("  %s\n", print);
		}
	}
	parsed = so_sql_parse(tmp, corpus->parser, st->dialect, print, strlen(print), &st->options, &second, &err);
	if (parsed) {
		again = so_sql_print(tmp, second, so_ast_statement(second));
		same = so_ast_equal(ast, so_ast_statement(ast), second, so_ast_statement(second));
		if (so_sql_fingerprint(ast, so_ast_statement(ast)) !=
			so_sql_fingerprint(second, so_ast_statement(second))) {
			tally->fingerprint_unstable++;
			if (corpus->options->verbose) {
				report(st, "PRINT HAS ANOTHER FINGERPRINT", NULL);
				printf("  %s\n", print);
			}
		}
		if (corpus->options->words) {
			check_words(corpus, st, ast, second);
			check_format(corpus, st);
		}
	}
	if (!same || strcmp(print, again) != 0) {
		tally->print_not_fixed_point++;
		if (corpus->options->verbose) {
			report(st, same || !parsed ? "PRINTS ANOTHER TEXT" : "PRINTS ANOTHER TREE",
				parsed ? NULL : &err);
			printf("  %s\n  %s\n", print, again);
		}
	}
	if (corpus->options->prints) {
		json_t *line = json_pack("{s:s, s:s, s:s, s:s}", "id", st->id, "dialect",
			corpus_dialect_names[st->dialect], "class", corpus_class_names[st->cls], "sql", print);

		if (line) {
			json_dumpf(line, corpus->options->prints, JSON_COMPACT);
			fputc('\n', corpus->options->prints);
		}
		json_decref(line);
	}
}

static bool is_opaque(const struct so_ast *ast)
{
	so_ref root = so_ast_statement(ast);

	return so_ast_kind(ast, root) == SO_N_OPAQUE && !so_as_opaque(ast, root)->inner;
}

static void compare_partition(struct corpus *corpus, const struct statement *st, const struct so_ast *ast)
{
	uint64_t reference;

	if (st->dialect == SO_POSTGRESQL && corpus_reference_fingerprint(st->sql, &reference))
		corpus_partition_add(
			corpus->partition, so_sql_fingerprint(ast, so_ast_statement(ast)), reference, st->id, st->sql);
}

static size_t behind_first_word(const struct statement *st)
{
	char word[32];

	return (size_t)(next_word(st->sql, word) - st->sql);
}

static void judge_valid(struct corpus *corpus, const struct statement *st)
{
	struct corpus_tally *tally = &corpus->tally[st->dialect][st->cls];
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;
	bool needs_tree = st->cls == CORPUS_QUERY || st->cls == CORPUS_DML || is_structured_ddl(st->sql);
	bool parsed = so_sql_parse(NULL, corpus->parser, st->dialect, st->sql, st->len, &st->options, &ast, &err);
	bool opaque = parsed && is_opaque(ast);

	tally->valid++;
	tally->opaque += opaque;
	if (parsed && !(opaque && needs_tree)) {
		tally->accepted++;
		check_print(corpus, st, ast);
		if (corpus->partition && !opaque)
			compare_partition(corpus, st, ast);
		if (corpus->options->cuts)
			corpus_cut(&corpus->cuts[st->dialect], corpus->parser, st->dialect, st->sql, st->len,
				behind_first_word(st), corpus->options->verbose);
	} else {
		json_array_append_new(tally->failing, json_string(st->id));
		if (corpus->options->verbose)
			report(st, parsed ? "OPAQUE" : "REFUSED", parsed ? NULL : &err);
	}
	talloc_free(ast);
}

static void judge_invalid(struct corpus *corpus, const struct statement *st)
{
	struct corpus_tally *tally = &corpus->tally[st->dialect][st->cls];
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	tally->invalid++;
	if (!so_sql_parse(NULL, corpus->parser, st->dialect, st->sql, st->len, &st->options, &ast, &err))
		return;
	tally->wrongly_accepted++;
	if (corpus->options->verbose)
		report(st, is_opaque(ast) ? "WRONGLY ACCEPTED (opaque)" : "WRONGLY ACCEPTED", NULL);
	talloc_free(ast);
}

void corpus_judge(enum so_dialect dialect, const json_t *line, void *arg)
{
	struct corpus *corpus = arg;
	json_t *sql = json_object_get(line, "sql");
	const char *id = json_string_value(json_object_get(line, "id"));
	struct statement st = { .id = id ? id : "-", .sql = json_string_value(sql), .len = json_string_length(sql) };
	bool valid;

	st.dialect = dialect;
	st.cls = (enum corpus_class)class_number(json_string_value(json_object_get(line, "class")));
	if (!st.sql || !find_verdict(json_object_get(line, "valid"), dialect, &valid, &st.options.server_version))
		return;
	if (corpus->options->cls >= 0 && corpus->options->cls != (int)st.cls)
		return;
	if (valid)
		judge_valid(corpus, &st);
	else
		judge_invalid(corpus, &st);
}
