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

/* The lines from the first one that starts with one of `first` to the last one that ends with one of `last`, without
 * bars, continuation marks and blanks at their ends: JSON and XML, whatever is around their lines. */
char *so_plan_unframe_lines(
	TALLOC_CTX *ctx, const char *text, size_t len, const char *first, const char *last, size_t *out_len);

#endif
