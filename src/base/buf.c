#include "base/buf.h"

#include <stdio.h>
#include <string.h>

void so_buf_init(struct so_buf *buf, TALLOC_CTX *ctx, size_t max)
{
	*buf = (struct so_buf){ .ctx = ctx, .max = max };
}

void so_buf_reset(struct so_buf *buf)
{
	buf->len = 0;
	buf->overflow = false;
	if (buf->data)
		buf->data[0] = '\0';
}

/* Makes room for `more` bytes and the NUL, or as many as the maximum allows; returns how many fit. */
static size_t reserve(struct so_buf *buf, size_t more)
{
	size_t need, size;

	if (more > buf->max - buf->len) {
		buf->overflow = true;
		more = buf->max - buf->len;
	}
	need = buf->len + more + 1;
	if (need <= buf->size)
		return more;
	size = buf->size ? buf->size : 64;
	while (size < need)
		size *= 2;
	buf->data = so_renew_array(buf->ctx, buf->data, char, size);
	buf->size = size;
	return more;
}

void so_buf_add_growing(struct so_buf *buf, const void *bytes, size_t len)
{
	size_t fits = reserve(buf, len);

	if (fits)
		memcpy(buf->data + buf->len, bytes, fits);
	buf->len += fits;
	buf->data[buf->len] = '\0';
}

void so_buf_addf(struct so_buf *buf, const char *fmt, ...)
{
	char small[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(small, sizeof small, fmt, args);
	va_end(args);
	so_assert(len >= 0);
	if ((size_t)len < sizeof small) {
		so_buf_add(buf, small, (size_t)len);
		return;
	}
	va_start(args, fmt);
	char *text = so_vprintf(buf->ctx, fmt, args);
	va_end(args);
	so_buf_add(buf, text, (size_t)len);
	talloc_free(text);
}

const char *so_buf_text(const struct so_buf *buf)
{
	return buf->data ? buf->data : "";
}
