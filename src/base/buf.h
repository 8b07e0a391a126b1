/* A growing text buffer with a hard maximum: writing past it sets `overflow` and drops the rest, so that callers
 * check once at the end. */
#ifndef SO_BASE_BUF_H
#define SO_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

struct so_buf {
	char *data; /* NUL-terminated once anything was added; talloc child of the context given to so_buf_init */
	size_t len; /* bytes, without the NUL */
	size_t size; /* bytes allocated */
	size_t max; /* most bytes ever held */
	bool overflow;
	TALLOC_CTX *ctx;
};

void so_buf_init(struct so_buf *buf, TALLOC_CTX *ctx, size_t max);
/* Forgets the content, keeps the memory. */
void so_buf_reset(struct so_buf *buf);
/* Slow path of so_buf_add: the memory or the maximum does not suffice. */
void so_buf_add_growing(struct so_buf *buf, const void *bytes, size_t len);

static inline void so_buf_add(struct so_buf *buf, const void *bytes, size_t len)
{
	if (len < buf->size - buf->len && len <= buf->max - buf->len) {
		if (len)
			memcpy(buf->data + buf->len, bytes, len);
		buf->len += len;
		buf->data[buf->len] = '\0';
	} else {
		so_buf_add_growing(buf, bytes, len);
	}
}

static inline void so_buf_adds(struct so_buf *buf, const char *text)
{
	so_buf_add(buf, text, strlen(text));
}

static inline void so_buf_addc(struct so_buf *buf, char c)
{
	so_buf_add(buf, &c, 1);
}

void so_buf_addf(struct so_buf *buf, const char *fmt, ...) SO_PRINTF(2, 3);
/* The text so far, never NULL. Valid until the next write. */
const char *so_buf_text(const struct so_buf *buf);

#endif
