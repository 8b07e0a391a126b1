#include "base/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

void so_json_out_init(struct so_json_out *out, struct so_buf *buf)
{
	*out = (struct so_json_out){ .buf = buf };
}

static void before_value(struct so_json_out *out)
{
	uint32_t bit = (uint32_t)1 << (out->depth & 31);

	if (out->after_key) {
		out->after_key = false;
		return;
	}
	if (out->depth == 0)
		return;
	if (out->comma & bit)
		so_buf_addc(out->buf, ',');
	out->comma |= bit;
}

void so_json_out_open(struct so_json_out *out, char bracket)
{
	before_value(out);
	so_buf_addc(out->buf, bracket);
	out->depth++;
	so_assert(out->depth < SO_JSON_DEPTH);
	out->comma &= ~((uint32_t)1 << out->depth);
}

void so_json_out_close(struct so_json_out *out, char bracket)
{
	so_assert(out->depth > 0);
	out->depth--;
	so_buf_addc(out->buf, bracket);
}

static void add_escape(struct so_buf *buf, unsigned char c)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	const char *at = c ? strchr(from, c) : NULL;
	char text[8];

	if (at) {
		so_buf_addc(buf, '\\');
		so_buf_addc(buf, to[at - from]);
		return;
	}
	snprintf(text, sizeof text, "\\u%04x", c);
	so_buf_adds(buf, text);
}

static void add_quoted(struct so_buf *buf, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len, *run = p;

	so_buf_addc(buf, '"');
	while (p < end) {
		int whole;

		if (*p >= 0x20 && *p < 0x7F && *p != '"' && *p != '\\') {
			p++;
			continue;
		}
		whole = *p >= 0x80 ? so_utf8_length((const char *)p, (size_t)(end - p)) : 0;
		if (whole > 0) {
			p += whole;
			continue;
		}
		so_buf_add(buf, run, (size_t)(p - run));
		if (*p < 0x80)
			add_escape(buf, *p);
		else
			so_buf_adds(buf, "\xEF\xBF\xBD");
		run = ++p;
	}
	so_buf_add(buf, run, (size_t)(p - run));
	so_buf_addc(buf, '"');
}

void so_json_out_key(struct so_json_out *out, const char *key)
{
	so_assert(out->depth > 0 && !out->after_key);
	before_value(out);
	add_quoted(out->buf, key, strlen(key));
	so_buf_addc(out->buf, ':');
	out->after_key = true;
}

void so_json_out_textn(struct so_json_out *out, const char *text, size_t len)
{
	before_value(out);
	add_quoted(out->buf, text, len);
}

void so_json_out_text(struct so_json_out *out, const char *text)
{
	if (text)
		so_json_out_textn(out, text, strlen(text));
	else
		so_json_out_null(out);
}

void so_json_out_int(struct so_json_out *out, int64_t value)
{
	before_value(out);
	so_buf_addf(out->buf, "%" PRId64, value);
}

void so_json_out_real(struct so_json_out *out, double value)
{
	if (!isfinite(value)) {
		so_json_out_null(out);
		return;
	}
	before_value(out);
	so_buf_addf(out->buf, "%.17g", value);
}

void so_json_out_bool(struct so_json_out *out, bool value)
{
	so_json_out_raw(out, value ? "true" : "false");
}

void so_json_out_null(struct so_json_out *out)
{
	so_json_out_raw(out, "null");
}

void so_json_out_raw(struct so_json_out *out, const char *json)
{
	before_value(out);
	so_buf_adds(out->buf, json ? json : "null");
}

void so_json_out_time(struct so_json_out *out, int64_t time_us)
{
	char text[SO_TIME_TEXT];

	so_json_out_text(out, time_us ? so_time_format(time_us, text) : NULL);
}
