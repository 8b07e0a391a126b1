#include "sql/resolve/memo.h"

#include <string.h>

#define MAX_ANSWERS 20000u /* more are found out again */

struct numbers {
	uint32_t *slots; /* number + 1; 0 is free */
	uint32_t mask;
};

struct answer {
	struct answer *next; /* of the same block */
	const int32_t *outputs;
	size_t n;
	bool unique;
};

struct so_facts_memo {
	const struct so_resolved *resolved;
	struct numbers rels, blocks;
	struct so_block_memo *of_blocks;
	struct answer **answers; /* by block */
	size_t n_answers;
	struct so_mentions *mentions;
};

static uint32_t first_slot(const struct numbers *numbers, so_ref node)
{
	return (uint32_t)((node * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & numbers->mask;
}

static void make_slots(TALLOC_CTX *ctx, struct numbers *numbers, size_t count)
{
	uint32_t room = 16;

	while (room < 2 * count)
		room *= 2;
	numbers->slots = so_new_array(ctx, uint32_t, room);
	numbers->mask = room - 1;
}

void so_memo_make(struct so_resolved *resolved)
{
	struct so_facts_memo *memo = so_new(resolved, struct so_facts_memo);

	memo->resolved = resolved;
	make_slots(memo, &memo->rels, resolved->n_rels);
	make_slots(memo, &memo->blocks, resolved->n_blocks);
	for (size_t i = 0; i < resolved->n_rels; i++) {
		uint32_t at = first_slot(&memo->rels, resolved->rels[i].node);

		while (memo->rels.slots[at] && resolved->rels[memo->rels.slots[at] - 1].node != resolved->rels[i].node)
			at = (at + 1) & memo->rels.mask;
		if (!memo->rels.slots[at])
			memo->rels.slots[at] = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < resolved->n_blocks; i++) {
		uint32_t at = first_slot(&memo->blocks, resolved->blocks[i].node);

		while (memo->blocks.slots[at] &&
			resolved->blocks[memo->blocks.slots[at] - 1].node != resolved->blocks[i].node)
			at = (at + 1) & memo->blocks.mask;
		if (!memo->blocks.slots[at])
			memo->blocks.slots[at] = (uint32_t)i + 1;
	}
	memo->of_blocks = so_new_array(memo, struct so_block_memo, resolved->n_blocks + 1);
	memo->answers = so_new_array(memo, struct answer *, resolved->n_blocks + 1);
	for (size_t i = 0; i < resolved->n_rels; i++) {
		struct so_block_memo *of_block = &memo->of_blocks[resolved->rels[i].block];

		if (of_block->to == 0)
			of_block->from = (int32_t)i;
		of_block->to = (int32_t)i + 1;
	}
	resolved->memo = memo;
}

int32_t so_memo_rel(const struct so_facts_memo *memo, so_ref node)
{
	uint32_t at = first_slot(&memo->rels, node);

	for (; memo->rels.slots[at]; at = (at + 1) & memo->rels.mask)
		if (memo->resolved->rels[memo->rels.slots[at] - 1].node == node)
			return (int32_t)memo->rels.slots[at] - 1;
	return -1;
}

int32_t so_memo_block(const struct so_facts_memo *memo, so_ref node)
{
	uint32_t at = first_slot(&memo->blocks, node);

	for (; memo->blocks.slots[at]; at = (at + 1) & memo->blocks.mask)
		if (memo->resolved->blocks[memo->blocks.slots[at] - 1].node == node)
			return (int32_t)memo->blocks.slots[at] - 1;
	return -1;
}

struct so_block_memo *so_memo_of_block(struct so_facts_memo *memo, int32_t block)
{
	return &memo->of_blocks[block];
}

struct so_mentions *so_memo_mentions(struct so_facts_memo *memo, so_ref chain)
{
	struct so_mentions *found = so_mentions_find(memo->mentions, chain);

	if (!found)
		found = memo->mentions = so_mentions_make(memo, memo->resolved, chain, memo->mentions);
	return found;
}

bool so_memo_unique(const struct so_facts_memo *memo, int32_t block, const int32_t *outputs, size_t n, bool *unique)
{
	for (const struct answer *a = memo->answers[block]; a; a = a->next) {
		if (a->n != n || (n && memcmp(a->outputs, outputs, n * sizeof *outputs) != 0))
			continue;
		*unique = a->unique;
		return true;
	}
	return false;
}

void so_memo_keep_unique(struct so_facts_memo *memo, int32_t block, const int32_t *outputs, size_t n, bool unique)
{
	struct answer *a;

	if (memo->n_answers >= MAX_ANSWERS)
		return;
	memo->n_answers++;
	a = so_new(memo, struct answer);
	a->next = memo->answers[block];
	a->outputs = n ? so_memdup(a, outputs, n * sizeof *outputs) : NULL;
	a->n = n;
	a->unique = unique;
	memo->answers[block] = a;
}
