#include "store/store.h"

#include <string.h>

#include "store/entity.h"

static const struct so_backend_ops *const backends[] = { &so_store_sqlite, NULL };

struct so_store *so_store_open(
	TALLOC_CTX *ctx, const char *url, const struct so_store_options *options, struct so_err *err)
{
	struct so_store_options filled = options ? *options : (struct so_store_options){ 0 };
	struct so_store *store = so_new(ctx, struct so_store);

	if (!filled.readers)
		filled.readers = 4;
	if (!filled.queue_max)
		filled.queue_max = 1024;
	if (!filled.busy_timeout_ms)
		filled.busy_timeout_ms = 5000;
	for (size_t i = 0; backends[i]; i++)
		if (strncmp(url, backends[i]->scheme, strlen(backends[i]->scheme)) == 0)
			store->ops = backends[i];
	if (!store->ops)
		so_fail(err, SO_UNSUPPORTED, "the store's URL must start with %s (DATABASE_URL)", backends[0]->scheme);
	else
		store->backend = store->ops->open(store, url, &filled, err);
	if (!store->backend) {
		talloc_free(store);
		return NULL;
	}
	return store;
}

struct tx_call {
	struct so_store *store;
	bool (*fn)(struct so_store *tx, void *arg, struct so_err *err);
	void *arg;
};

static bool run_tx(struct so_session *session, void *arg, struct so_err *err)
{
	struct tx_call *call = arg;
	struct so_store view = { .ops = call->store->ops, .backend = call->store->backend, .session = session };

	return call->fn(&view, call->arg, err);
}

static bool start_tx(struct so_store *store, struct tx_call *call, bool lazy, struct so_err *err)
{
	/* a view is inside a transaction already: its functions join it */
	if (store->session)
		return call->fn(store, call->arg, err);
	return store->ops->tx(store->backend, run_tx, call, lazy, err);
}

bool so_store_tx(struct so_store *store, bool (*fn)(struct so_store *tx, void *arg, struct so_err *err), void *arg,
	struct so_err *err)
{
	return start_tx(store, &(struct tx_call){ store, fn, arg }, false, err);
}

bool so_store_tx_lazy(struct so_store *store, bool (*fn)(struct so_store *tx, void *arg, struct so_err *err), void *arg,
	struct so_err *err)
{
	return start_tx(store, &(struct tx_call){ store, fn, arg }, true, err);
}

bool so_store_stats(struct so_store *store, struct so_store_stats *out, struct so_err *err)
{
	*out = (struct so_store_stats){ 0 };
	return store->ops->stats(store->backend, out, err);
}

bool so_store_ping(struct so_store *store, struct so_err *err)
{
	struct so_params none = { 0 };

	return so_store_select(store, SO_STMT_PING, &none, NULL, NULL, err);
}
