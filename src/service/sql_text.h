/* Statements as texts: parsed, formatted, fingerprinted. Touches no store, target or model, and never blocks; callable
 * from any thread. Texts are untrusted; they and scripts of them are limited to SO_MAX_SQL_BYTES. */
#ifndef SO_SERVICE_SQL_TEXT_H
#define SO_SERVICE_SQL_TEXT_H

#include <jansson.h>

#include "base/err.h"
#include "base/field.h"
#include "base/mem.h"

struct so_sql_text_request {
	char *sql;
	char *dialect; /* a name of so_dialect_names; NULL: postgresql */
	bool lenient; /* text of a statistics view: placeholders anywhere, cut off at its end */
	bool tree; /* parse: the syntax tree as well */
};

/* "postgresql", "mysql" ..., by enum so_dialect, ended by NULL. */
extern const char *const so_dialect_names[];

/* Where and why a text was refused. */
struct so_sql_text_error {
	char *message, *kind;
	int64_t position, line, column; /* position in bytes from 0, line and column (in characters) from 1 */
	char *token; /* what stands there; NULL at the end of the text */
	struct so_strs *expected; /* what could stand there instead, the likeliest first; may be empty */
	char *hint; /* whose syntax it looks like, and what to write here (sql/foreign.h); NULL: nobody's */
};

struct so_sql_text_table {
	char *schema, *name;
	bool written;
};

struct so_sql_text_function {
	char *schema, *name;
	bool builtin;
};

struct so_sql_text_statement {
	int64_t offset, length; /* in the text, in bytes */
	const char *cls; /* "read", "write", "ddl", "utility"; NULL when it was refused */
	char *verb;
	bool pure_read;
	struct so_strs *not_pure; /* selects_into, locks_rows ...: why it is none, although a query */
	bool truncated;
	size_t n_tables, n_functions;
	struct so_sql_text_table *tables;
	struct so_sql_text_function *functions;
	struct so_strs *parameters; /* each once, as written */
	char *fingerprint; /* 16 hexadecimal digits */
	char *normalized;
	json_t *tree; /* owned by the result; NULL when not asked for */
	bool tree_cut; /* the tree has more nodes or levels than are shown */
	struct so_sql_text_error *error; /* NULL: none */
};

struct so_sql_text {
	const char *dialect;
	int fingerprint_version;
	size_t count;
	struct so_sql_text_statement *statements;
};

/* All fail with line, column, offending token and what was expected in the message. */

/* Each statement of the text by itself: one that is refused does not keep the others from being read. Fails where the
 * text cannot be split (unterminated string), with the position. */
struct so_sql_text *so_sql_text_parse(
	TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err) SO_MUST_CHECK;
/* Fingerprints and normalised texts only; fails on the first statement that is refused. */
struct so_sql_text *so_sql_text_fingerprint(
	TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err) SO_MUST_CHECK;
/* The text formatted, comments kept. Fails on the first statement that is refused. */
char *so_sql_text_format(TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err) SO_MUST_CHECK;

/* The error of a parse of request->sql with line, column and token, and (costs some hundred parses of the statement)
 * what was expected and whose syntax it looks like. Returns a child of `ctx`. */
struct so_sql_text_error *so_sql_text_explain(
	TALLOC_CTX *ctx, const struct so_sql_text_request *request, const struct so_err *err, bool with_reasons);
/* All of it in a sentence. */
char *so_sql_text_error_line(TALLOC_CTX *ctx, const struct so_sql_text_error *error);
/* The same as the message of *err: "line 2, column 8: syntax error at or near "x"; expected a name or "("; .. is
 * MySQL's; write ..". */
void so_sql_text_refuse(const struct so_sql_text_request *request, struct so_err *err);

#endif
