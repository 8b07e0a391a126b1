#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[SO_NONE] = "none",
	[SO_USAGE] = "usage",
	[SO_INPUT] = "invalid_input",
	[SO_LIMIT] = "limit_exceeded",
	[SO_NOT_FOUND] = "not_found",
	[SO_CONFLICT] = "conflict",
	[SO_FORBIDDEN] = "forbidden",
	[SO_DENIED] = "denied_by_target",
	[SO_UNREACHABLE] = "unreachable",
	[SO_TIMEOUT] = "timeout",
	[SO_CANCELLED] = "cancelled",
	[SO_UNSUPPORTED] = "unsupported",
	[SO_TARGET] = "target_error",
	[SO_MODEL] = "model_error",
	[SO_BUSY] = "busy",
	[SO_STORE] = "store_error",
	[SO_INTERNAL] = "internal",
};
_Static_assert(sizeof kind_names / sizeof kind_names[0] == SO_KIND_MAX, "a name for every kind");

/* Cuts at a UTF-8 character boundary when the text did not fit, so that the message stays valid JSON text. */
static void trim_partial_utf8(char *text, size_t size, int wanted)
{
	size_t end = size - 1;

	if (wanted < 0 || (size_t)wanted < size)
		return;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xC0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xC0)
		end--;
	text[end] = '\0';
}

static void fill(struct so_err *err, enum so_kind kind, int32_t position, const char *fmt, va_list args)
{
	int wanted;

	so_assert(kind > SO_NONE && kind < SO_KIND_MAX);
	err->kind = kind;
	err->sqlstate[0] = '\0';
	err->position = position;
	wanted = vsnprintf(err->message, sizeof err->message, fmt, args);
	trim_partial_utf8(err->message, sizeof err->message, wanted);
}

bool so_fail(struct so_err *err, enum so_kind kind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(err, kind, -1, fmt, args);
	va_end(args);
	return false;
}

bool so_fail_at(struct so_err *err, enum so_kind kind, int32_t position, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(err, kind, position, fmt, args);
	va_end(args);
	return false;
}

bool so_fail_in(struct so_err *err, const char *fmt, ...)
{
	char prefix[sizeof err->message];
	char old[sizeof err->message];
	va_list args;
	int wanted;

	va_start(args, fmt);
	wanted = vsnprintf(prefix, sizeof prefix, fmt, args);
	va_end(args);
	trim_partial_utf8(prefix, sizeof prefix, wanted);
	memcpy(old, err->message, sizeof old);
	wanted = snprintf(err->message, sizeof err->message, "%s: %s", prefix, old);
	trim_partial_utf8(err->message, sizeof err->message, wanted);
	return false;
}

const char *so_kind_name(enum so_kind kind)
{
	so_assert(kind >= SO_NONE && kind < SO_KIND_MAX);
	return kind_names[kind];
}

void so_assert_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "sqlopt: internal error: %s (%s:%d)\n", cond, file, line);
	abort();
}
