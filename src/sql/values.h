/* Where the values of a statement stand, so that those of one text can be given to another. Two texts of one statement,
 * one with literals and one with placeholders, have the same places in the same order if their shapes are equal. Works
 * on tokens: neither needs to parse. */
#ifndef SO_SQL_VALUES_H
#define SO_SQL_VALUES_H

#include "sql/parse.h"

#define SO_VALUES_MAX 1000 /* values in one text */

/* A literal with its sign; `open`: a placeholder, or the "..." that a digest has for the rest of a list. */
struct so_value_item {
	uint32_t off, len; /* in the text */
	bool open, rest;
};

/* A value, or a list of them ("1, 2, 3"): lists count as one place however long they are. */
struct so_value_place {
	uint32_t first, count; /* items */
	bool list, in; /* in: of IN (..), where number and order of the values mean nothing */
};

struct so_value_places {
	uint64_t shape; /* of the tokens around the places: case, quotes, layout and comments do not count */
	size_t n_items, n_places, n_open;
	struct so_value_item *items; /* in the order of the text */
	struct so_value_place *places;
};

/* A child of `ctx`. Fails where the text cannot be lexed or is cut off, and with SO_LIMIT over SO_VALUES_MAX values. */
struct so_value_places *so_value_places(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len, struct so_err *err);

/* Whether a node is the "..." of a digest, which stands for values. */
bool so_value_is_rest(const struct so_ast *ast, so_ref ref);

/* The values of one text, as they are written there. Data of the target. */
struct so_value_set {
	uint64_t shape;
	size_t count; /* places */
	struct so_value_list {
		size_t count;
		char **texts;
	} * places;
};

#define SO_VALUE_BYTES     1024 /* of one value */
#define SO_VALUE_SET_BYTES 8192 /* of all values of a text */

/* What stands in the text. NULL when there is nothing to take: no value, a placeholder among them, or one that is
 * longer than the limits. */
struct so_value_set *so_value_set_take(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len);
/* The same of a text with placeholders and what stood for them, `n` literals in the order of the text. NULL also when
 * they are more or fewer than the placeholders, or a list is cut off. */
struct so_value_set *so_value_set_take_given(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len, char *const *values, size_t n);

/* For item `i`: its value (values, with commas between them, if `*several`); NULL when the set does not fit. */
char *so_value_set_item(
	TALLOC_CTX *ctx, const struct so_value_set *set, const struct so_value_places *places, size_t i, bool *several);
/* The text with values in place of its open items; `places` are its own. NULL when the set does not fit. */
char *so_value_set_fill(TALLOC_CTX *ctx, const struct so_value_set *set, const struct so_value_places *places,
	const char *text, size_t len);

#endif
