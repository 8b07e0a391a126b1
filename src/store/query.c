#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "store/entity.h"

#define COLUMN(member, ...) SO_COLUMN(struct so_store_query, member, ##__VA_ARGS__)

static const struct so_entity_column columns[] = {
	COLUMN(id, .read_only = true),
	COLUMN(connection_id),
	COLUMN(fingerprint),
	COLUMN(fingerprint_version),
	COLUMN(hash),
	COLUMN(engine_id),
	COLUMN(sql_text),
	COLUMN(calls),
	COLUMN(rows_returned),
	COLUMN(total_us),
	COLUMN(buffer_hits),
	COLUMN(buffer_reads),
	COLUMN(optimized),
	COLUMN(discovered_us),
	COLUMN(last_seen_us),
	COLUMN(kind),
};
const struct so_entity_shape so_query_shape = SO_SHAPE("query", struct so_store_query, columns);

struct put {
	struct so_scope scope;
	struct so_store_query *query;
};

static void read_put(const struct so_row *row, void *arg)
{
	struct so_store_query *query = arg;

	query->id = row->ops->number(row->raw, 0);
	query->discovered_us = row->ops->number(row->raw, 1);
}

/* SHA-256 of the text where it came along; else a hash of our own, which is shorter. */
static char *text_key(TALLOC_CTX *ctx, const struct so_store_query *query)
{
	XXH128_hash_t hash;

	if (query->hash && *query->hash)
		return so_strdup(ctx, query->hash);
	hash = XXH3_128bits(query->sql_text, strlen(query->sql_text));
	return so_printf(ctx, "x%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64, (uint64_t)hash.low64);
}

bool so_query_text_put(struct so_store *tx, const struct so_store_query *query, int64_t *text_id, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_params params = { 0 };

	so_param_text(&params, text_key(tmp, query));
	so_param_text(&params, query->sql_text);
	return so_session_insert(tx, SO_STMT_TEXT_PUT, &params, text_id, err);
}

static void read_text_id(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

/* The text that a statement had before, when nobody has it any more. */
static bool drop_text(struct so_store *tx, int64_t text_id, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, text_id);
	return so_session_run(tx, SO_STMT_TEXT_DROP, &params, NULL, err);
}

static bool put_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct put *put = arg;
	struct so_store_query *query = put->query;
	struct so_params old = { 0 }, params = { 0 };
	int64_t old_text = 0, text_id;

	so_param_int(&old, query->connection_id);
	so_param_text(&old, query->fingerprint);
	so_param_int(&old, query->fingerprint_version);
	if (!tx->ops->run(tx->session, SO_STMT_QUERY_TEXT_OF, &old, read_text_id, &old_text, NULL, err) ||
		!so_query_text_put(tx, query, &text_id, err))
		return false;
	query->id = 0;
	so_param_int(&params, put->scope.organisation_id);
	so_param_entity(&params, &so_query_shape, query);
	so_param_int(&params, text_id);
	if (!tx->ops->run(tx->session, SO_STMT_QUERY_PUT, &params, read_put, query, NULL, err))
		return false;
	if (!query->id)
		return so_store_missing(err, "connection", query->connection_id);
	return !old_text || old_text == text_id || drop_text(tx, old_text, err);
}

bool so_store_query_put(struct so_store *store, struct so_scope scope, struct so_store_query *query, struct so_err *err)
{
	struct put put = { scope, query };

	query->discovered_us = query->last_seen_us = so_time_now_us();
	return so_store_tx(store, put_tx, &put, err);
}

struct so_store_query *so_store_query_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_QUERY_GET, scope, id, &so_query_shape, err);
}

struct so_store_queries *so_store_query_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_query_filter *filter, struct so_err *err)
{
	struct so_store_queries *list = so_new(ctx, struct so_store_queries);
	bool of = filter->connection_id != 0;
	struct so_params params = { 0 }, count = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, filter->optimized);
	so_param_int(&params, so_store_limit(filter->limit));
	so_param_int(&params, filter->offset);
	so_param_int(&count, scope.organisation_id);
	so_param_int(&count, filter->optimized);
	if (of) {
		so_param_int(&params, filter->connection_id);
		so_param_int(&count, filter->connection_id);
	}
	if (!so_entity_list(list, store, of ? SO_STMT_QUERY_LIST_OF : SO_STMT_QUERY_LIST, &params,
		    of ? SO_STMT_QUERY_COUNT_OF : SO_STMT_QUERY_COUNT, &count, &so_query_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_queries){ rows.count, (struct so_store_query **)rows.items, rows.total };
	return list;
}
