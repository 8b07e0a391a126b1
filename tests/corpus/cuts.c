#include "cuts.h"

#include <stdio.h>
#include <string.h>

#include "../lib/sql_readers.h"

enum outcome { REFUSED, WHOLE, CUT };

static enum outcome outcome_of(
	struct so_parser *parser, enum so_dialect dialect, const char *sql, size_t len, struct so_err *err)
{
	static const struct so_sql_options lenient = { .lenient = true };
	struct so_ast *ast;
	enum outcome outcome;

	*err = (struct so_err)SO_ERR_INIT;
	sql_read_text(parser, dialect, sql, len, &lenient);
	if (!so_sql_parse(NULL, parser, dialect, sql, len, &lenient, &ast, err))
		return REFUSED;
	sql_read_tree(ast);
	outcome = ast->sources[0].truncated ? CUT : WHOLE;
	talloc_free(ast);
	return outcome;
}

static void report(const char *what, enum so_dialect dialect, const char *sql, size_t len, const struct so_err *err)
{
	printf("%s %s: %s (at %d)\n  %.*s\n", what, so_dialects[dialect].name, err->message, err->position, (int)len,
		sql);
}

void corpus_cut(struct corpus_cuts *cuts, struct so_parser *parser, enum so_dialect dialect, const char *sql,
	size_t len, size_t first, bool verbose)
{
	SO_TMP(tmp, NULL);
	char *text = so_new_array(tmp, char, len + 4);
	struct so_err err;
	enum outcome whole = outcome_of(parser, dialect, sql, len, &err);

	cuts->whole_refused += whole == REFUSED;
	cuts->whole_marked += whole == CUT;
	if (verbose && whole != WHOLE)
		report(whole == CUT ? "MARKED" : "REFUSED WHOLE", dialect, sql, len, &err);
	for (size_t at = first; at < len; at++) {
		memcpy(text, sql, at);
		memcpy(text + at, "...", 3);
		for (unsigned dots = 0; dots <= 3; dots += 3) {
			enum outcome outcome = outcome_of(parser, dialect, text, at + dots, &err);

			cuts->texts++;
			cuts->refused += outcome == REFUSED;
			cuts->unmarked += dots && outcome == WHOLE;
			if (verbose && outcome == REFUSED)
				report("REFUSED", dialect, text, at + dots, &err);
			else if (verbose && dots && outcome == WHOLE)
				report("UNMARKED", dialect, text, at + dots, &err);
		}
	}
}

void corpus_cuts_print(const struct corpus_cuts *cuts)
{
	printf("  cuts      texts %u, refused %u (%.2f %%), ending in ... and not marked %u; whole statements: refused "
	       "%u, marked %u\n",
		cuts->texts, cuts->refused, cuts->texts ? 100.0 * cuts->refused / cuts->texts : 0, cuts->unmarked,
		cuts->whole_refused, cuts->whole_marked);
}
