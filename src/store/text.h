/* Texts of statements: which of them hold what somebody looks for, and the index that tells (gram.h). The rules of
 * store.h hold. */
#ifndef SO_STORE_TEXT_H
#define SO_STORE_TEXT_H

#include "store/store.h"

enum { SO_TEXT_SEARCH_MAX = 1024 }; /* bytes of what is looked for */

struct so_store_text_move {
	int64_t query_id, text_id;
};
/* A set of texts, of all organisations: which statements have them, and whose these are, the caller knows. */
struct so_store_texts {
	int64_t max; /* the highest id that can be in it */
	uint64_t *bits;
	size_t n_moves;
	struct so_store_text_move *moves; /* statements that got another text since the store was opened, by query */
};
/* Texts that hold `text`, whatever the case of ASCII letters: what LIKE '%text%' finds, without reading them. Not
 * longer than SO_TEXT_SEARCH_MAX, not empty. What is not in a block yet, 1,024 texts or 256 KiB as a rule, is read. */
struct so_store_texts *so_store_text_search(
	TALLOC_CTX *ctx, struct so_store *store, const char *text, struct so_err *err);
/* Whether the text of the statement is in the set. text_id: the one that it had when the caller read it. */
bool so_store_texts_hold(const struct so_store_texts *texts, int64_t query_id, int64_t text_id);

/* Makes the next block of the index, or makes one anew of which half the texts are gone: one transaction, of some
 * milliseconds. *more: there may be another one to do. Not two at a time. */
bool so_store_text_index(struct so_store *store, bool *more, struct so_err *err) SO_MUST_CHECK;

#endif
