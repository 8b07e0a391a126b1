/* Statements without their literals: one number to group by, a text to show, a text that tells no data. */
#ifndef SO_SQL_FINGERPRINT_H
#define SO_SQL_FINGERPRINT_H

#include "sql/parse.h"

/* Changes whenever equal statements get another number; stored with fingerprints. */
#define SO_FINGERPRINT_VERSION 3

/* XXH3-64 over a canonical walk. Literals, parameters and casts of them are all one token; lists in IN and VALUES that
 * consist of them collapse; IN (..) and = ANY (..) are =; aliases of columns and tables, style, formatting and comments
 * do not count; the order of select lists, FROM lists, AND / OR arguments and call arguments does not count either, nor
 * do literals in calls and lengths of types (the grouping of libpg_query). Names count, with their digits, but not
 * those that programs make up: of temporary tables that are created, prepared statements, cursors, savepoints. */
uint64_t so_sql_fingerprint(const struct so_ast *ast, so_ref root);

/* Parse and fingerprint. Opaque statements get the hash of their token stream. */
bool so_sql_fingerprint_text(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, uint64_t *fingerprint, struct so_err *err) SO_MUST_CHECK;

#define SO_FINGERPRINT_TEXT 17
/* 16 hexadecimal digits. Returns `text`. */
char *so_fingerprint_text(uint64_t fingerprint, char text[SO_FINGERPRINT_TEXT]);

/* The statement with each literal replaced by $n (numbers go on after those already there), comments left out, each
 * gap one blank. Works on tokens: the statement need not parse, but must consist of tokens. NULL and *err if not. */
char *so_sql_normalize(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err);

/* For texts that leave the house (models, logs, reports): literals become ?, comments are left out. Never fails: from
 * where the text is not understood it is cut off with "...". */
char *so_sql_redact(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len);

#endif
