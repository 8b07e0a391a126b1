/* Internal to plan/: parts of a text, for readers that take lines apart without copying them. */
#ifndef SO_PLAN_SPAN_H
#define SO_PLAN_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Not ended by a NUL. */
struct so_span {
	const char *at;
	size_t len;
};

static inline bool so_span_starts(struct so_span text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && memcmp(text.at, word, len) == 0;
}

static inline bool so_span_is(struct so_span text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

/* Without its first `n` bytes, of which it has at least that many. */
static inline struct so_span so_span_without(struct so_span text, size_t n)
{
	return (struct so_span){ text.at + n, text.len - n };
}

/* Takes a decimal number without a sign off the front: the nearest double; NAN, and nothing taken, when there is none.
 * A number too large for a double is NAN. */
double so_span_take_number(struct so_span *text);

/* A figure as a count of pages, KB or the like; -1, which stands for none, when it is NAN, negative, or more than
 * SO_PLAN_MAX_COUNT. */
int64_t so_plan_count(double figure);

#endif
