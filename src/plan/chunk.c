#include "plan/chunk.h"

#include <string.h>

#define PIECE_MAX_BYTES ((size_t)32 << 20)

void *so_plan_chunk(struct so_plan_chunks *chunks, size_t bytes)
{
	void *out;

	bytes = bytes ? (bytes + 7) & ~(size_t)7 : 8;
	if (bytes > chunks->left) {
		size_t size = bytes > chunks->size ? bytes : chunks->size;

		if (size < SO_MEM_LARGE) {
			chunks->at = so_mem_need(talloc_size(chunks->ctx, size));
			memset(chunks->at, 0, size);
		} else { /* comes zeroed, and what is never reached costs nothing */
			chunks->at = so_mem_pages_new(chunks->ctx, size)->at;
		}
		chunks->left = size;
		if (chunks->size < PIECE_MAX_BYTES)
			chunks->size *= 2;
	}
	out = chunks->at;
	chunks->at += bytes;
	chunks->left -= bytes;
	return out;
}

char *so_plan_chunk_text(struct so_plan_chunks *chunks, const char *text, size_t len)
{
	char *copy = so_plan_chunk(chunks, len + 1);

	memcpy(copy, text, len);
	return copy;
}
