/* Values that queries were called with. They arrive as Fernet tokens: the store cannot read them. The rules of store.h
 * hold. Bounded: SO_VALUE_SETS sets a query, SO_VALUES_BYTES of tokens in all; the ones seen longest ago go. */
#ifndef SO_STORE_VALUES_H
#define SO_STORE_VALUES_H

#include "store/store.h"

enum { SO_VALUE_SETS = 8, SO_VALUES_BYTES = 64 * 1024 * 1024 };

struct so_store_values {
	int64_t id, query_id;
	char *source; /* "session" */
	int64_t seen_us; /* when last */
	char *token;
};
struct so_store_values_list {
	size_t count;
	struct so_store_values **items;
	int64_t total;
};

/* Of one query, the last seen first. */
struct so_store_values_list *so_store_values_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t query_id, struct so_err *err);

/* A new set (id 0), in place of set `instead` if it is not 0; or, with its id, one that was seen again. Nothing is
 * written when the query is gone. */
bool so_store_values_put(struct so_store *store, const struct so_store_values *values, int64_t instead,
	struct so_err *err) SO_MUST_CHECK;
/* Drops what was last seen before that; INT64_MAX: everything. */
bool so_store_values_forget(struct so_store *store, int64_t before_us, struct so_err *err) SO_MUST_CHECK;

#endif
