/* Notes on the time line: deployments, changes, incidents. The rules of store.h hold. */
#ifndef SO_STORE_ANNOTATION_H
#define SO_STORE_ANNOTATION_H

#include "store/store.h"

#define SO_ANNOTATIONS_MAX 100000 /* of an organisation */

struct so_store_annotation {
	int64_t id, connection_id; /* 0: of all connections */
	int64_t at_us;
	char *text, *labels_json; /* labels: an object of strings */
	int64_t user_id, created_us;
};
struct so_store_annotations {
	size_t count;
	struct so_store_annotation **items;
	int64_t total;
};

/* Fills id, user and created_us. SO_NOT_FOUND without its connection, SO_LIMIT over SO_ANNOTATIONS_MAX. */
bool so_store_annotation_create(struct so_store *store, struct so_scope scope, struct so_store_annotation *annotation,
	struct so_err *err) SO_MUST_CHECK;
struct so_store_annotation *so_store_annotation_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err);

struct so_store_annotation_filter {
	int64_t connection_id; /* 0: any; else those of this one and those of all connections */
	int64_t from_us, to_us; /* to excluded */
	int64_t limit, offset; /* limit 0: 100 */
};
/* Newest first. */
struct so_store_annotations *so_store_annotation_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_annotation_filter *filter, struct so_err *err);
bool so_store_annotation_delete(
	struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

#endif
