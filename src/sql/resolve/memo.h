/* What is asked of a resolved statement again and again: numbers of nodes, and answers of the facts (internal to sql/).
 * Made when all names are known, so that no answer is older than them. One thread at a time, as all of a job. */
#ifndef SO_SQL_RESOLVE_MEMO_H
#define SO_SQL_RESOLVE_MEMO_H

#include "sql/resolve/mentions.h"

struct so_facts_memo;

/* What the conditions of a block say, whatever is asked: see facts_equality.c. */
struct so_block_memo {
	int32_t from, to; /* its relations: those between them are of nested blocks */
	bool ready;
	void *equalities;
	size_t n;
	struct so_rel_col *nulls; /* columns that are NULL in every row */
	size_t n_nulls;
};

/* Of an AND or OR with many arguments; made when first asked for. */
struct so_mentions *so_memo_mentions(struct so_facts_memo *memo, so_ref chain);
/* A child of `resolved`, which knows it from then on. */
void so_memo_make(struct so_resolved *resolved);
/* The first relation or block made for a node, or -1. */
int32_t so_memo_rel(const struct so_facts_memo *memo, so_ref node);
int32_t so_memo_block(const struct so_facts_memo *memo, so_ref node);
/* Of a block; what it points to is allocated under the memo. */
struct so_block_memo *so_memo_of_block(struct so_facts_memo *memo, int32_t block);

/* Whether these outputs of a block are unique, when that was found out before. */
bool so_memo_unique(const struct so_facts_memo *memo, int32_t block, const int32_t *outputs, size_t n, bool *unique);
void so_memo_keep_unique(struct so_facts_memo *memo, int32_t block, const int32_t *outputs, size_t n, bool unique);

#endif
