/* Internal to plan/: what tools put around a plan when it is shown, logged or copied. Each function takes one frame off
 * and returns what was in it (child of `ctx`, ended by a NUL), or NULL when the text has no such frame. */
#ifndef SO_PLAN_FRAME_H
#define SO_PLAN_FRAME_H

#include <stddef.h>

#include "base/mem.h"

/* A text in double quotes, as spreadsheets and GUIs quote a cell: "[{""Plan"": ...}]". What follows the closing quote
 * is dropped. */
char *so_plan_unquote(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len);

/* The one column of a table whose header is QUERY PLAN: psql in all border and line styles, expanded or not. The
 * indentation of the lines stays. */
char *so_plan_unframe_table(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len);

/* A result in CSV or unaligned: the rows of its one column QUERY PLAN, each in quotes if need be. Also lines that are
 * all in quotes, without a header. */
char *so_plan_unframe_csv(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len);

/* Lines that all start with '>', as mail quotes them. */
char *so_plan_unframe_mail(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len);

/* The first plan that auto_explain wrote into a log of PostgreSQL: plain, syslog, csvlog or jsonlog. *n is how many
 * the text has. */
char *so_plan_unframe_log(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len, size_t *n);

/* The lines from the first one that starts with one of `first` to the last one that ends with one of `last`, without
 * bars, continuation marks and blanks at their ends: JSON and XML, whatever is around their lines. */
char *so_plan_unframe_lines(
	TALLOC_CTX *ctx, const char *text, size_t len, const char *first, const char *last, size_t *out_len);

/* The JSON of MySQL's and MariaDB's \G: "*** 1. row ***", "EXPLAIN: {", and what may follow (the next row, the number
 * of rows, SHOW WARNINGS). */
char *so_plan_unframe_vertical(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len);

#endif
