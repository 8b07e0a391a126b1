#include "store/entity.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/vec.h"

enum { LIST_MAX = 10000 };

static struct so_value *add_value(struct so_params *params)
{
	so_assert(params->count < SO_PARAMS_MAX);
	return &params->values[params->count++];
}

void so_param_int(struct so_params *params, int64_t value)
{
	*add_value(params) = (struct so_value){ .type = SO_VALUE_INT, .number = value };
}

void so_param_text(struct so_params *params, const char *text)
{
	*add_value(params) = (struct so_value){ .type = text ? SO_VALUE_TEXT : SO_VALUE_NULL, .text = text };
}

void so_param_null(struct so_params *params)
{
	*add_value(params) = (struct so_value){ .type = SO_VALUE_NULL };
}

void so_param_blob(struct so_params *params, const void *bytes, size_t len)
{
	*add_value(params) = (struct so_value){ .type = SO_VALUE_BLOB, .bytes = bytes, .len = len };
}

void so_param_real(struct so_params *params, double value)
{
	if (isnan(value))
		so_param_null(params);
	else
		*add_value(params) = (struct so_value){ .type = SO_VALUE_REAL, .real = value };
}

void so_param_entity(struct so_params *params, const struct so_entity_shape *shape, const void *entity)
{
	for (int i = 0; i < shape->n_columns; i++) {
		const struct so_entity_column *column = &shape->columns[i];
		const char *member = (const char *)entity + column->offset;

		if (column->read_only)
			continue;
		switch (column->type) {
		case SO_COLUMN_INT:
			so_param_int(params, *(const int64_t *)member);
			break;
		case SO_COLUMN_ENUM:
			so_param_int(params, *(const unsigned *)member);
			break;
		case SO_COLUMN_BOOL:
			so_param_int(params, *(const bool *)member);
			break;
		case SO_COLUMN_REAL:
			so_param_real(params, *(const double *)member);
			break;
		case SO_COLUMN_TEXT:
			so_param_text(params, *(char *const *)member);
			break;
		}
	}
}

void *so_row_read(TALLOC_CTX *ctx, const struct so_row *row, const struct so_entity_shape *shape)
{
	char *entity = so_mem_need(talloc_zero_size(ctx, shape->size));

	talloc_set_name_const(entity, shape->type);
	so_assert(row->ops->columns(row->raw) == shape->n_columns);
	for (int i = 0; i < shape->n_columns; i++) {
		char *member = entity + shape->columns[i].offset;

		switch (shape->columns[i].type) {
		case SO_COLUMN_INT:
			*(int64_t *)member = row->ops->number(row->raw, i);
			break;
		case SO_COLUMN_ENUM:
			*(unsigned *)member = (unsigned)row->ops->number(row->raw, i);
			break;
		case SO_COLUMN_BOOL:
			*(bool *)member = row->ops->number(row->raw, i) != 0;
			break;
		case SO_COLUMN_REAL:
			*(double *)member = row->ops->real(row->raw, i);
			break;
		case SO_COLUMN_TEXT:
			*(char **)member = so_strdup_or_null(entity, row->ops->text(row->raw, i));
			break;
		}
	}
	return entity;
}

bool so_store_select(struct so_store *store, enum so_store_statement statement, const struct so_params *params,
	so_row_fn each, void *arg, struct so_err *err)
{
	struct so_session *session = store->session;
	bool ok;

	if (session)
		return store->ops->run(session, statement, params, each, arg, NULL, err);
	session = store->ops->read_begin(store->backend, err);
	if (!session)
		return false;
	ok = store->ops->run(session, statement, params, each, arg, NULL, err);
	store->ops->read_end(store->backend, session);
	return ok;
}

struct collect {
	TALLOC_CTX *ctx;
	const struct so_entity_shape *shape;
	SO_VEC(void *) rows;
};

static void collect_row(const struct so_row *row, void *arg)
{
	struct collect *collect = arg;
	void **slot = so_vec_add(&collect->rows);

	so_assert(slot);
	*slot = so_row_read(collect->ctx, row, collect->shape);
}

static void read_number(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

bool so_store_missing(struct so_err *err, const char *noun, int64_t id)
{
	return so_fail(err, SO_NOT_FOUND, "there is no %s %" PRId64, noun, id);
}

bool so_store_overtaken(
	struct so_store *tx, struct so_scope scope, int64_t connection_id, const char *what, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	return so_store_conn_get(tmp, tx, scope, connection_id, err) &&
	       so_fail(err, SO_CONFLICT, "connection %" PRId64 " was %s by another node meanwhile: nothing is written",
		       connection_id, what);
}

void *so_entity_get(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement statement, struct so_scope scope,
	int64_t id, const struct so_entity_shape *shape, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_params params = { 0 };
	struct collect collect = { .ctx = tmp, .shape = shape };

	so_vec_init(&collect.rows, tmp, 1);
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	if (!so_store_select(store, statement, &params, collect_row, &collect, err))
		return NULL;
	if (collect.rows.count == 0) {
		so_store_missing(err, shape->noun, id);
		return NULL;
	}
	return talloc_steal(ctx, collect.rows.items[0]);
}

bool so_entity_list(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement list,
	const struct so_params *list_params, enum so_store_statement count, const struct so_params *count_params,
	const struct so_entity_shape *shape, struct so_entities *out, struct so_err *err)
{
	struct collect collect = { .ctx = ctx, .shape = shape };
	struct so_session *session = store->session;
	bool ok;

	so_vec_init(&collect.rows, ctx, LIST_MAX);
	if (!session)
		session = store->ops->read_begin(store->backend, err);
	if (!session)
		return false;
	ok = store->ops->run(session, list, list_params, collect_row, &collect, NULL, err);
	*out = (struct so_entities){ collect.rows.count, collect.rows.items, (int64_t)collect.rows.count };
	if (ok && count != SO_STMT_MAX)
		ok = store->ops->run(session, count, count_params, read_number, &out->total, NULL, err);
	if (!store->session)
		store->ops->read_end(store->backend, session);
	return ok;
}

bool so_session_run(struct so_store *tx, enum so_store_statement statement, const struct so_params *params,
	int64_t *changed, struct so_err *err)
{
	so_assert(tx->session);
	return tx->ops->run(tx->session, statement, params, NULL, NULL, changed, err);
}

bool so_session_insert(struct so_store *tx, enum so_store_statement statement, const struct so_params *params,
	int64_t *id, struct so_err *err)
{
	so_assert(tx->session);
	*id = 0;
	return tx->ops->run(tx->session, statement, params, read_number, id, NULL, err);
}

struct one {
	enum so_store_statement statement;
	const struct so_params *params;
	const char *noun;
	int64_t id;
};

static bool write_one_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct one *one = arg;
	int64_t changed;

	if (!so_session_run(tx, one->statement, one->params, &changed, err))
		return false;
	return changed > 0 || so_store_missing(err, one->noun, one->id);
}

bool so_store_write_one(struct so_store *store, enum so_store_statement statement, const struct so_params *params,
	const char *noun, int64_t id, struct so_err *err)
{
	struct one one = { statement, params, noun, id };

	return so_store_tx(store, write_one_tx, &one, err);
}

int64_t so_store_limit(int64_t limit)
{
	if (limit <= 0)
		return 100;
	return limit < LIST_MAX ? limit : LIST_MAX;
}
