/* A user's statement: parsed, classified, refused when the product does not optimise its kind. */
#ifndef SO_SERVICE_STATEMENT_H
#define SO_SERVICE_STATEMENT_H

#include "base/err.h"
#include "base/mem.h"
#include "core/catalog.h"
#include "sql/parse.h"
#include "verify/verify.h"

struct so_statement {
	const char *sql; /* borrowed */
	struct so_ast *ast;
	so_ref root;
	struct so_sql_class cls;
	bool has_params; /* $n, or ? */
	bool limited; /* LIMIT or FETCH at the top */
};

/* The grammar of that name; aborts on one that sql/ does not have. */
enum so_dialect so_statement_dialect(const char *name);

/* Fails with SO_INPUT on an empty text, several statements, a syntax error (with its position), DDL and utility
 * statements; with SO_LIMIT over SO_MAX_SQL_BYTES or nested too deep. *out is filled, its tree a child of `ctx`. */
bool so_statement_parse(TALLOC_CTX *ctx, const char *dialect, const char *sql, struct so_statement *out,
	struct so_err *err) SO_MUST_CHECK;

/* The same for a statement that a person gave: the message of a syntax error has line and column, says what was
 * expected there, and whose syntax it looks like. */
bool so_statement_read(TALLOC_CTX *ctx, const char *dialect, const char *sql, struct so_statement *out,
	struct so_err *err) SO_MUST_CHECK;

/* What the statement names, as the driver's catalog takes it. */
struct so_statement_names {
	size_t n_tables, n_functions;
	const char **tables, **functions;
};
void so_statement_names(TALLOC_CTX *ctx, const struct so_statement *statement, struct so_statement_names *out);

/* Whether the statement may be executed at all: a pure read by its text, and every function that it calls is one of the
 * engine's own or known to the catalog as free of side effects (a volatile function of a user's own may do anything).
 * Views count with what they do; aggregates of a user's own and operators that we do not know count as volatile. */
bool so_statement_is_pure(const struct so_statement *statement, const struct so_catalog *catalog);

/* The same as verify/ wants it. `catalog` (may be NULL) tells which functions are volatile. */
struct so_verify_statement so_statement_for_verify(
	const struct so_statement *statement, const struct so_catalog *catalog);

#endif
