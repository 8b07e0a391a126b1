/* The terminal: width, colour only where a person looks, a progress line on standard error. */
#ifndef SO_CLI_TERM_H
#define SO_CLI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct so_term {
	bool color; /* standard output is a terminal and NO_COLOR is not set */
	int width; /* columns; 100 when standard output is no terminal */
	bool progress; /* standard error is a terminal */
};

struct so_term so_term_detect(bool no_color);

enum so_style {
	SO_STYLE_BOLD,
	SO_STYLE_DIM,
	SO_STYLE_RED,
	SO_STYLE_YELLOW,
	SO_STYLE_GREEN,
	SO_STYLE_BLUE,
	SO_STYLE_MAX
};
/* Escape sequences, or "" without colour. */
const char *so_style_on(const struct so_term *term, enum so_style style);
const char *so_style_off(const struct so_term *term);

/* Replaces the progress line; NULL clears it. Does nothing without a terminal. */
void so_term_progress(const struct so_term *term, const char *text);

/* "1,234,567", "12.3 MB", "1.2k": for people. Children of `ctx`. */
char *so_human_count(TALLOC_CTX *ctx, double value);
char *so_human_bytes(TALLOC_CTX *ctx, int64_t bytes);
char *so_human_ms(TALLOC_CTX *ctx, double ms);
/* Text on one line, cut to `columns` with an ellipsis; runs of blanks become one. */
char *so_one_line(TALLOC_CTX *ctx, const char *text, int columns);
/* Prints text wrapped to the width, each line indented. */
void so_print_wrapped(const struct so_term *term, int indent, const char *text);

#endif
