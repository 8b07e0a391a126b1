#include "plan/encoding.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static uint32_t utf16_unit(const unsigned char *at, bool little)
{
	return little ? at[0] | (uint32_t)at[1] << 8 : at[1] | (uint32_t)at[0] << 8;
}

static size_t put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

static char *from_utf16(
	TALLOC_CTX *ctx, const unsigned char *bytes, size_t len, bool little, size_t *out_len, struct so_err *err)
{
	char *out = so_mem_need(talloc_size(ctx, len / 2 * 3 + 1)); /* 3 bytes a unit at most */
	size_t used = 0;

	if (len % 2) {
		so_fail(err, SO_INPUT, "the plan is cut off: it is UTF-16 and ends inside a character");
		return NULL;
	}
	for (size_t i = 0; i < len; i += 2) {
		uint32_t code = utf16_unit(bytes + i, little);

		if (code >= 0xD800 && code < 0xDC00 && i + 2 < len) {
			uint32_t low = utf16_unit(bytes + i + 2, little);

			if (low >= 0xDC00 && low < 0xE000) {
				code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		if (!code || (code >= 0xD800 && code < 0xE000)) {
			so_fail(err, SO_INPUT, "the plan is not valid UTF-16: %s at byte %zu",
				code ? "half a surrogate pair" : "a NUL character", i);
			return NULL;
		}
		used += put_utf8(out + used, code);
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

static bool check_utf8(const char *text, size_t len, struct so_err *err)
{
	size_t line = 1;

	for (size_t i = 0; i < len;) {
		uint64_t eight;
		int n;

		/* eight bytes at once where all are ASCII and none is 0 */
		while (i + 8 <= len) {
			memcpy(&eight, text + i, 8);
			if ((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u)
				break;
			i += 8;
		}
		if (i >= len)
			break;
		n = so_utf8_length(text + i, len - i);
		if (n > 0 && text[i]) {
			i += (size_t)n;
			continue;
		}
		for (size_t k = 0; k < i; k++)
			line += text[k] == '\n';
		if (!text[i])
			return so_fail(err, SO_INPUT, "the plan has a NUL byte, at line %zu", line);
		return so_fail(
			err, SO_INPUT, "the plan is not valid UTF-8, at line %zu: save it as UTF-8 or UTF-16", line);
	}
	return true;
}

/* The program that packed a file; NULL: none that is known. */
static const char *packed_by(const char *bytes, size_t len)
{
	static const struct {
		const char *mark, *program;
	} marks[] = { { "\x1f\x8b", "gzip" }, { "PK\x03\x04", "zip" }, { "BZh", "bzip2" },
		{ "\xfd"
		  "7zXZ",
			"xz" },
		{ "\x28\xb5\x2f\xfd", "zstd" } };

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (len > 8 && memcmp(bytes, marks[i].mark, strlen(marks[i].mark)) == 0)
			return marks[i].program;
	return NULL;
}

char *so_plan_decode(TALLOC_CTX *ctx, const char *bytes, size_t len, size_t *out_len, struct so_err *err)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const char *packed = packed_by(bytes, len);

	if (packed) {
		so_fail(err, SO_INPUT, "the plan is packed by %s: send what is in it", packed);
		return NULL;
	}
	if (len >= 2 && ((at[0] == 0xFF && at[1] == 0xFE) || (at[0] == 0xFE && at[1] == 0xFF)))
		return from_utf16(ctx, at + 2, len - 2, at[0] == 0xFF, out_len, err);
	/* without a mark, a text whose first character is plain ASCII shows its order by the zero byte */
	if (len >= 4 && !at[0] != !at[1] && !at[2] != !at[3])
		return from_utf16(ctx, at, len, !at[1], out_len, err);
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (!check_utf8(bytes, len, err))
		return NULL;
	*out_len = len;
	return so_strndup(ctx, bytes, len);
}
