/* Internal to plan/: zeroed memory from few large pieces, for texts and small structs that live and die together. */
#ifndef SO_PLAN_CHUNK_H
#define SO_PLAN_CHUNK_H

#include <stddef.h>

#include "base/mem.h"

struct so_plan_chunks {
	TALLOC_CTX *ctx; /* owner of the pieces */
	size_t size; /* of the next piece: doubles up to 32 MiB */
	char *at;
	size_t left;
};

/* Aligned for pointers and doubles. */
void *so_plan_chunk(struct so_plan_chunks *chunks, size_t bytes);
/* A copy, ended by a NUL. */
char *so_plan_chunk_text(struct so_plan_chunks *chunks, const char *text, size_t len);

#endif
