#include "sql/resolve/mentions.h"

#include <stdlib.h>
#include <string.h>

#include "sql/resolve/facts_function.h"

struct mention {
	struct so_rel_col col;
	uint32_t arg;
};

struct answer {
	struct so_rel_col col;
	bool known, rejects;
};

struct so_mentions {
	struct so_mentions *next; /* of another chain */
	so_ref chain;
	bool outer_plus;
	struct mention *items; /* by column, then by argument */
	size_t n;
	struct answer *answers;
	size_t n_answers, room; /* of answers; a power of two */
};

/* ---- Making them ------------------------------------------------------------------------------------------------ */

struct collect {
	const struct so_resolved *resolved;
	struct so_mentions *made;
	size_t room;
	uint32_t arg;
};

static enum so_walk collect(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct collect *job = arg;
	struct so_mentions *made = job->made;
	const struct so_use *use;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	use = so_ast_kind(ast, ref) == SO_N_COLUMN ? so_resolved_use(job->resolved, ref) : NULL;
	if (!use || use->kind != SO_USE_OF_COLUMN)
		return SO_WALK_ON;
	if (made->n == job->room) {
		job->room = job->room ? 2 * job->room : 64;
		made->items = so_renew_array(made, made->items, struct mention, job->room);
	}
	made->items[made->n++] = (struct mention){ { use->rel, use->column }, job->arg };
	return SO_WALK_ON;
}

static int by_column(const struct so_rel_col *a, const struct so_rel_col *b)
{
	if (a->rel != b->rel)
		return a->rel < b->rel ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

static int by_place(const void *left, const void *right)
{
	const struct mention *a = left, *b = right;
	int order = by_column(&a->col, &b->col);

	return order ? order : (a->arg > b->arg) - (a->arg < b->arg);
}

struct so_mentions *so_mentions_make(
	TALLOC_CTX *ctx, const struct so_resolved *resolved, so_ref chain, struct so_mentions *next)
{
	struct so_mentions *made = so_new(ctx, struct so_mentions);
	struct collect job = { .resolved = resolved, .made = made };
	struct so_list args = so_as_bool(resolved->ast, chain)->args;
	size_t n = 0;

	made->next = next;
	made->chain = chain;
	made->outer_plus = so_fact_has_outer_plus(resolved->ast, chain);
	for (job.arg = 0; job.arg < args.count; job.arg++)
		so_ast_walk(resolved->ast, so_list_get(resolved->ast, args, job.arg), collect, &job);
	if (made->n)
		qsort(made->items, made->n, sizeof *made->items, by_place);
	for (size_t i = 0; i < made->n; i++) /* a = a mentions it once */
		if (!i || by_place(&made->items[n - 1], &made->items[i]) != 0)
			made->items[n++] = made->items[i];
	made->n = n;
	return made;
}

struct so_mentions *so_mentions_find(struct so_mentions *first, so_ref chain)
{
	while (first && first->chain != chain)
		first = first->next;
	return first;
}

/* ---- Asking them ------------------------------------------------------------------------------------------------ */

bool so_mentions_outer_plus(const struct so_mentions *mentions)
{
	return mentions->outer_plus;
}

size_t so_mentions_of(const struct so_mentions *mentions, struct so_rel_col col, size_t *first)
{
	size_t low = 0, high = mentions->n, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_column(&mentions->items[middle].col, &col) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (low + n < mentions->n && by_column(&mentions->items[low + n].col, &col) == 0)
		n++;
	return n;
}

uint32_t so_mentions_arg(const struct so_mentions *mentions, size_t at)
{
	return mentions->items[at].arg;
}

/* ---- Answers ---------------------------------------------------------------------------------------------------- */

static struct answer *slot_of(const struct so_mentions *mentions, struct so_rel_col col)
{
	uint64_t hash = ((uint64_t)(uint32_t)col.rel << 32 | (uint32_t)col.column) * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(hash >> 32) & (mentions->room - 1);

	while (mentions->answers[at].known && by_column(&mentions->answers[at].col, &col) != 0)
		at = (at + 1) & (mentions->room - 1);
	return &mentions->answers[at];
}

bool so_mentions_answer(const struct so_mentions *mentions, struct so_rel_col col, bool *rejects)
{
	const struct answer *answer = mentions->room ? slot_of(mentions, col) : NULL;

	if (!answer || !answer->known)
		return false;
	*rejects = answer->rejects;
	return true;
}

void so_mentions_keep(struct so_mentions *mentions, struct so_rel_col col, bool rejects)
{
	struct answer *old = mentions->answers;
	size_t room = mentions->room;

	if (2 * mentions->n_answers >= room) {
		mentions->room = room ? 2 * room : 32;
		mentions->answers = so_new_array(mentions, struct answer, mentions->room);
		for (size_t i = 0; i < room; i++)
			if (old[i].known)
				*slot_of(mentions, old[i].col) = old[i];
		talloc_free(old);
	}
	*slot_of(mentions, col) = (struct answer){ col, true, rejects };
	mentions->n_answers++;
}
