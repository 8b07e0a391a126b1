#include "store/annotation.h"

#include "base/clock.h"
#include "store/entity.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_annotation, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(at_us),
	COLUMN(text),
	COLUMN(labels_json),
	COLUMN(user_id),
	COLUMN(created_us),
};
static const struct so_entity_shape shape = SO_SHAPE("annotation", struct so_store_annotation, columns);

struct create {
	struct so_scope scope;
	struct so_store_annotation *annotation;
};

static void read_count(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

static void param_range(
	struct so_params *params, struct so_scope scope, int64_t connection_id, int64_t from_us, int64_t to_us)
{
	so_param_int(params, scope.organisation_id);
	so_param_int(params, connection_id);
	so_param_int(params, from_us);
	so_param_int(params, to_us);
}

static bool create_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct create *create = arg;
	struct so_params count = { 0 }, params = { 0 };
	int64_t there = 0;

	param_range(&count, create->scope, 0, 0, INT64_MAX);
	if (!tx->ops->run(tx->session, SO_STMT_ANNOTATION_COUNT, &count, read_count, &there, NULL, err))
		return false;
	if (there >= SO_ANNOTATIONS_MAX)
		return so_fail(
			err, SO_LIMIT, "there are %d annotations already; delete some first", SO_ANNOTATIONS_MAX);
	so_param_int(&params, create->scope.organisation_id);
	so_param_entity(&params, &shape, create->annotation);
	if (!so_session_insert(tx, SO_STMT_ANNOTATION_INSERT, &params, &create->annotation->id, err))
		return false;
	return create->annotation->id || so_store_missing(err, "connection", create->annotation->connection_id);
}

bool so_store_annotation_create(
	struct so_store *store, struct so_scope scope, struct so_store_annotation *annotation, struct so_err *err)
{
	struct create create = { scope, annotation };

	annotation->user_id = scope.user_id;
	annotation->created_us = so_time_now_us();
	return so_store_tx(store, create_tx, &create, err);
}

struct so_store_annotation *so_store_annotation_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_ANNOTATION_GET, scope, id, &shape, err);
}

struct so_store_annotations *so_store_annotation_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_annotation_filter *filter, struct so_err *err)
{
	struct so_store_annotations *list = so_new(ctx, struct so_store_annotations);
	struct so_params params = { 0 }, count;
	struct so_entities rows;

	param_range(&params, scope, filter->connection_id, filter->from_us, filter->to_us);
	count = params;
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	if (!so_entity_list(list, store, SO_STMT_ANNOTATION_LIST, &params, SO_STMT_ANNOTATION_COUNT, &count, &shape,
		    &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_annotations){ rows.count, (struct so_store_annotation **)rows.items, rows.total };
	return list;
}

bool so_store_annotation_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	return so_store_write_one(store, SO_STMT_ANNOTATION_DELETE, &params, shape.noun, id, err);
}
