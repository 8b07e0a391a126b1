#include "store/text.h"

#include <string.h>

#include "base/vec.h"
#include "store/entity.h"
#include "store/gram.h"

enum {
	STRIDE = 512, /* ids of lists between two blocks */
	BLOCKS_MAX = 10000000,
	MOVES_MAX = 10000000,
};
_Static_assert((int)SO_GRAM_LISTS <= (int)STRIDE, "a block's lists come before those of the next one");
_Static_assert((int)SO_TEXT_SEARCH_MAX <= (int)SO_GRAM_NEEDLE_MAX, "every search is a needle");

static bool run(struct so_store *store, enum so_store_statement statement, const int64_t *numbers, int count,
	so_row_fn each, void *arg, struct so_err *err)
{
	struct so_params params = { 0 };

	for (int i = 0; i < count; i++)
		so_param_int(&params, numbers[i]);
	return so_store_select(store, statement, &params, each, arg, err);
}

static void read_number(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

static bool damaged(int64_t block_id, struct so_err *err)
{
	return so_fail(err, SO_STORE, "the index of texts is damaged (block %lld): restore a copy of the store",
		(long long)block_id);
}

/* ---- searching ---- */

struct span {
	int64_t id, last_id;
};

struct search {
	struct so_store_texts *found;
	struct so_gram_needle *needle;
	struct so_gram_match match;
	SO_VEC(struct span) blocks;
	SO_VEC(struct so_store_text_move) moves;
	size_t step;
	bool ok;
};

static void add_found(void *arg, int64_t id)
{
	struct so_store_texts *found = arg;

	if (id > 0 && id <= found->max)
		found->bits[id / 64] |= UINT64_C(1) << id % 64;
}

static void read_span(const struct so_row *row, void *arg)
{
	struct search *s = arg;
	struct span *span = so_vec_add(&s->blocks);

	if (span)
		*span = (struct span){ row->ops->number(row->raw, 0), row->ops->number(row->raw, 1) };
}

static void read_list(const struct so_row *row, void *arg)
{
	struct search *s = arg;
	size_t len;
	const void *bytes = row->ops->blob(row->raw, 0, &len);

	s->ok = so_gram_step(&s->match, s->needle, s->step, bytes, len);
}

static void read_texts(const struct so_row *row, void *arg)
{
	struct search *s = arg;
	size_t len;
	const void *bytes = row->ops->blob(row->raw, 0, &len);

	s->ok = so_gram_texts(&s->match, bytes, len, add_found, s->found);
}

static bool search_block(struct so_store *view, struct search *s, const struct span *span, struct so_err *err)
{
	int64_t key;

	for (s->step = 0; s->step < s->needle->steps; s->step++) {
		key = span->id * STRIDE + so_gram_step_list(s->needle, s->step);
		s->ok = false;
		if (!run(view, SO_STMT_TEXT_LIST, &key, 1, read_list, s, err))
			return false;
		if (!s->ok)
			return damaged(span->id, err);
		if (!s->match.count)
			return true;
	}
	so_gram_reorder(s->needle);
	key = span->id * STRIDE + SO_GRAM_TEXTS;
	s->ok = false;
	return run(view, SO_STMT_TEXT_LIST, &key, 1, read_texts, s, err) && (s->ok || damaged(span->id, err));
}

/* "%text%" with what LIKE takes for itself escaped. */
static char *pattern_of(TALLOC_CTX *ctx, const char *text)
{
	size_t len = strlen(text), n = 0;
	char *pattern = so_new_array(ctx, char, 2 * len + 3);

	pattern[n++] = '%';
	for (size_t i = 0; i < len; i++) {
		if (strchr("%_\\", text[i]))
			pattern[n++] = '\\';
		pattern[n++] = text[i];
	}
	pattern[n] = '%';
	return pattern;
}

static void read_found(const struct so_row *row, void *arg)
{
	add_found(arg, row->ops->number(row->raw, 0));
}

static void read_move(const struct so_row *row, void *arg)
{
	struct search *s = arg;
	struct so_store_text_move *move = so_vec_add(&s->moves);

	if (move)
		*move = (struct so_store_text_move){ row->ops->number(row->raw, 0), row->ops->number(row->raw, 1) };
}

static bool search(struct so_store *view, struct search *s, const char *text, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_params tail = { 0 };
	int64_t indexed = 0;

	if (!run(view, SO_STMT_TEXT_MAX, NULL, 0, read_number, &s->found->max, err) ||
		!run(view, SO_STMT_TEXT_BLOCKS, NULL, 0, read_span, s, err) ||
		!run(view, SO_STMT_TEXT_MOVES, NULL, 0, read_move, s, err))
		return false;
	s->found->bits = so_new_array(s->found, uint64_t, (size_t)s->found->max / 64 + 1);
	SO_VEC_EACH (span, &s->blocks) {
		if (!search_block(view, s, span, err))
			return false;
		indexed = span->last_id;
	}
	so_param_int(&tail, indexed);
	so_param_text(&tail, pattern_of(tmp, text));
	return so_store_select(view, SO_STMT_TEXT_TAIL, &tail, read_found, s->found, err);
}

struct so_store_texts *so_store_text_search(
	TALLOC_CTX *ctx, struct so_store *store, const char *text, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct search s = { .found = so_new(ctx, struct so_store_texts) };
	struct so_store view = *store;
	bool ok;

	so_assert(*text && strlen(text) <= SO_TEXT_SEARCH_MAX);
	s.needle = so_gram_needle_new(tmp, text);
	so_gram_match_init(&s.match, tmp);
	so_vec_init(&s.blocks, tmp, BLOCKS_MAX);
	so_vec_init(&s.moves, s.found, MOVES_MAX);
	/* one state of the store: blocks come and go */
	view.session = store->session ? store->session : store->ops->read_begin(store->backend, err);
	ok = view.session && search(&view, &s, text, err);
	if (view.session && !store->session)
		store->ops->read_end(store->backend, view.session);
	s.found->n_moves = s.moves.count;
	s.found->moves = s.moves.items;
	if (ok)
		return s.found;
	talloc_free(s.found);
	return NULL;
}

bool so_store_texts_hold(const struct so_store_texts *texts, int64_t query_id, int64_t text_id)
{
	size_t low = 0, high = texts->n_moves;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (texts->moves[mid].query_id == query_id) {
			text_id = texts->moves[mid].text_id;
			break;
		}
		if (texts->moves[mid].query_id < query_id)
			low = mid + 1;
		else
			high = mid;
	}
	return text_id > 0 && text_id <= texts->max && texts->bits[text_id / 64] >> text_id % 64 & 1;
}

/* ---- building ---- */

struct build {
	TALLOC_CTX *ctx;
	int64_t from, gone; /* texts above this id; how many had gone when they were read */
	struct so_gram_text texts[SO_GRAM_TEXTS_MAX];
	size_t count, bytes;
	bool again; /* no new block: all of them must find room */
	bool full;
	int64_t old_first, old_last; /* the blocks that this one takes the place of; 0: none */
	struct so_gram_block *block;
	bool done;
};

/* Until the block has enough of them: what follows is for the next one. */
static void take_text(const struct so_row *row, void *arg)
{
	struct build *b = arg;

	b->full = b->full || b->count == SO_GRAM_TEXTS_MAX || (!b->again && b->bytes >= SO_GRAM_BLOCK_BYTES);
	if (b->full)
		return;
	b->texts[b->count] =
		(struct so_gram_text){ row->ops->number(row->raw, 0), so_strdup(b->ctx, row->ops->text(row->raw, 1)) };
	b->bytes += strlen(b->texts[b->count++].text);
}

struct worn {
	int64_t id, last_id, left;
};

static void read_worn(const struct so_row *row, void *arg)
{
	*(struct worn *)arg = (struct worn){ row->ops->number(row->raw, 0), row->ops->number(row->raw, 1),
		row->ops->number(row->raw, 2) };
}

/* What is left of a block half of which is gone, with the next ones as far as they fit in. */
static bool read_block_again(struct so_store *view, struct build *b, const struct worn *worn, struct so_err *err)
{
	struct worn next = *worn;

	b->old_first = worn->id;
	b->again = true;
	do {
		int64_t range[] = { next.id, next.last_id, SO_GRAM_TEXTS_MAX + 1 };
		int64_t after = next.last_id;

		if (!run(view, SO_STMT_TEXT_READ, range, 3, take_text, b, err))
			return false;
		if (b->full)
			return damaged(next.id, err);
		b->old_last = after;
		next = (struct worn){ 0 };
		if (!run(view, SO_STMT_TEXT_BLOCK_NEXT, &after, 1, read_worn, &next, err))
			return false;
	} while (next.id && b->bytes < SO_GRAM_BLOCK_BYTES / 2 && b->count + (size_t)next.left <= SO_GRAM_TEXTS_MAX);
	return true;
}

/* What the next step works on; nothing when there is not enough for a block. */
static bool read_build(struct so_store *view, struct build *b, struct so_err *err)
{
	struct worn worn = { 0 };
	int64_t last = 0;

	if (!run(view, SO_STMT_TEXT_GONE, NULL, 0, read_number, &b->gone, err) ||
		!run(view, SO_STMT_TEXT_BLOCK_WORN, NULL, 0, read_worn, &worn, err))
		return false;
	if (worn.id)
		return read_block_again(view, b, &worn, err);
	if (!run(view, SO_STMT_TEXT_INDEXED, NULL, 0, read_number, &last, err))
		return false;
	/* one more than a block holds tells that it is full */
	int64_t range[] = { last + 1, INT64_MAX, SO_GRAM_TEXTS_MAX + 1 };

	return run(view, SO_STMT_TEXT_READ, range, 3, take_text, b, err);
}

static bool write_block(struct so_store *tx, void *arg, struct so_err *err)
{
	struct build *b = arg;
	int64_t gone, range[] = { b->old_first, b->old_last },
		      lists[] = { b->old_first * STRIDE, b->old_last * STRIDE + STRIDE - 1 };
	struct so_params block = { 0 };

	if (!run(tx, SO_STMT_TEXT_GONE, NULL, 0, read_number, &gone, err))
		return false;
	if (gone != b->gone) /* what was read may be another one's by now */
		return true;
	if (b->old_first && (!run(tx, SO_STMT_TEXT_BLOCK_DROP, range, 2, NULL, NULL, err) ||
				    !run(tx, SO_STMT_TEXT_LIST_DROP, lists, 2, NULL, NULL, err)))
		return false;
	b->done = true;
	if (!b->count)
		return true;
	so_param_int(&block, b->texts[0].id);
	so_param_int(&block, b->old_first ? b->old_last : b->texts[b->count - 1].id);
	so_param_int(&block, (int64_t)b->count);
	if (!so_session_run(tx, SO_STMT_TEXT_BLOCK_PUT, &block, NULL, err))
		return false;
	for (int i = 0; i < SO_GRAM_LISTS; i++) {
		const struct so_gram_list *list = &b->block->lists[i];
		struct so_params params = { 0 };

		so_param_int(&params, b->texts[0].id * STRIDE + i);
		so_param_blob(&params, list->len ? list->bytes : (const unsigned char *)"", list->len);
		if (!so_session_run(tx, SO_STMT_TEXT_LIST_PUT, &params, NULL, err))
			return false;
	}
	return true;
}

bool so_store_text_index(struct so_store *store, bool *more, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct build *b = so_new(tmp, struct build);
	struct so_store view = *store;
	bool ok;

	*more = false;
	b->ctx = b;
	so_assert(!store->session); /* what takes longest is done outside of the transaction */
	view.session = store->ops->read_begin(store->backend, err);
	if (!view.session)
		return false;
	ok = read_build(&view, b, err);
	store->ops->read_end(store->backend, view.session);
	if (!ok || (!b->old_first && !b->full))
		return ok;
	if (b->count)
		b->block = so_gram_block_make(b, b->texts, b->count);
	if (!so_store_tx_lazy(store, write_block, b, err))
		return false;
	*more = b->done;
	return true;
}
