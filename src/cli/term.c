#include "cli/term.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/printable.h"

static const char *const styles[] = { "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m", "\033[34m" };
_Static_assert(sizeof styles / sizeof styles[0] == SO_STYLE_MAX, "an escape for every style");

struct so_term so_term_detect(bool no_color)
{
	struct so_term term = { .width = 100, .progress = isatty(STDERR_FILENO) };
	const char *dumb = getenv("TERM"), *no = getenv("NO_COLOR");
	struct winsize size;

	if (isatty(STDOUT_FILENO)) {
		term.color = !no_color && !(no && *no) && !(dumb && strcmp(dumb, "dumb") == 0);
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
			term.width = size.ws_col;
	}
	return term;
}

const char *so_style_on(const struct so_term *term, enum so_style style)
{
	return term->color ? styles[style] : "";
}

const char *so_style_off(const struct so_term *term)
{
	return term->color ? "\033[0m" : "";
}

void so_term_progress(const struct so_term *term, const char *text)
{
	if (!term->progress)
		return;
	fprintf(stderr, "\r\033[K%s", text ? text : "");
	fflush(stderr);
}

char *so_human_count(TALLOC_CTX *ctx, double value)
{
	char digits[64];
	size_t len, lead;
	char *out;

	if (!isfinite(value))
		return so_strdup(ctx, "-");
	if (fabs(value) < 100)
		return so_printf(ctx, "%.3g", value);
	snprintf(digits, sizeof digits, "%.0f", value);
	len = strlen(digits);
	lead = digits[0] == '-' ? 1 : 0;
	out = so_strndup(ctx, digits, lead);
	for (size_t i = lead; i < len; i++)
		out = so_mem_need(talloc_asprintf_append_buffer(
			out, "%s%c", i > lead && (len - i) % 3 == 0 ? "," : "", digits[i]));
	return out;
}

char *so_human_bytes(TALLOC_CTX *ctx, int64_t bytes)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	return so_printf(ctx, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

char *so_human_ms(TALLOC_CTX *ctx, double ms)
{
	if (!isfinite(ms))
		return so_strdup(ctx, "-");
	if (ms < 1)
		return so_printf(ctx, "%.0f us", ms * 1000);
	if (ms < 1000)
		return so_printf(ctx, "%.3g ms", ms);
	return so_printf(ctx, "%.3g s", ms / 1000);
}

/* Bytes of the UTF-8 character at `p`; 1 for anything odd. */
static size_t char_bytes(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xC0) == 0x80 && n < 4)
		n++;
	return n;
}

char *so_one_line(TALLOC_CTX *ctx, const char *text, int columns)
{
	char *out = so_strdup(ctx, "");
	int used = 0;

	text = so_printable(ctx, text);
	while (*text == ' ' || *text == '\n' || *text == '\t')
		text++;
	while (*text) {
		size_t n = char_bytes(text);

		if (used == columns - 1 && text[n])
			return so_mem_need(talloc_asprintf_append_buffer(out, "…"));
		if (*text == ' ' || *text == '\n' || *text == '\t' || *text == '\r') {
			while (*text == ' ' || *text == '\n' || *text == '\t' || *text == '\r')
				text++;
			if (!*text)
				return out;
			out = so_mem_need(talloc_strdup_append_buffer(out, " "));
		} else {
			out = so_mem_need(talloc_strndup_append_buffer(out, text, n));
			text += n;
		}
		used++;
	}
	return out;
}

void so_print_wrapped(const struct so_term *term, int indent, const char *raw)
{
	SO_TMP(tmp, NULL);
	const char *text = so_printable(tmp, raw);
	int width = term->width - indent;

	while (*text) {
		int used = 0;
		const char *p = text, *last_space = NULL;

		while (*p && *p != '\n' && used < width) {
			if (*p == ' ')
				last_space = p;
			p += char_bytes(p);
			used++;
		}
		if (*p && *p != '\n' && *p != ' ' && last_space)
			p = last_space;
		printf("%*s%.*s\n", indent, "", (int)(p - text), text);
		text = p;
		while (*text == ' ' || *text == '\n')
			text++;
	}
}
