#include "store/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/entity.h"

void so_node_name(char name[SO_NODE_MAX])
{
	char host[49] = "";
	uint64_t random = 0;

	if (gethostname(host, sizeof host - 1) != 0 || !*host)
		snprintf(host, sizeof host, "node");
	/* never fails for so few bytes, but before the pool is filled at boot: then process and time have to do */
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		random = (uint64_t)so_time_now_us() ^ (uint64_t)so_time_monotonic_us() << 20;
	snprintf(name, SO_NODE_MAX, "%s:%ld:%016" PRIx64, host, (long)getpid(), random);
}

int64_t so_store_clock_us(struct so_store *store)
{
	return store->ops->clock_us(store->backend);
}

static struct so_params key_of(const struct so_store_lease *lease)
{
	struct so_params params = { 0 };

	so_param_text(&params, lease->work);
	so_param_int(&params, lease->subject);
	return params;
}

static struct so_params held_by(const struct so_store_lease *lease)
{
	struct so_params params = key_of(lease);

	so_param_text(&params, lease->node);
	so_param_int(&params, lease->fence);
	return params;
}

struct row {
	char node[SO_NODE_MAX];
	int64_t fence, until_us, due_us;
};

static void read_row(const struct so_row *row, void *arg)
{
	struct row *out = arg;
	const char *node = row->ops->text(row->raw, 0);

	snprintf(out->node, sizeof out->node, "%s", node ? node : "");
	out->fence = row->ops->number(row->raw, 1);
	out->until_us = row->ops->number(row->raw, 2);
	out->due_us = row->ops->number(row->raw, 3);
}

static bool get(struct so_store *store, const struct so_store_lease *lease, struct row *out, struct so_err *err)
{
	struct so_params params = key_of(lease);

	*out = (struct row){ 0 };
	return so_store_select(store, SO_STMT_LEASE_GET, &params, read_row, out, err);
}

/* ---- taking ---- */

struct taking {
	struct so_store_lease lease;
	int64_t for_us, due_most_us;
};

static bool take_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct taking *taking = arg;
	struct so_store_lease *lease = &taking->lease;
	struct so_params params = key_of(lease);
	int64_t now_us = so_store_clock_us(tx), due_us = now_us - SO_LEASE_HEAD_US;
	struct row row;

	so_param_text(&params, lease->node);
	so_param_int(&params, now_us);
	so_param_int(&params, now_us + taking->for_us);
	so_param_int(&params, now_us + taking->for_us);
	so_param_int(&params, due_us);
	so_param_int(&params, taking->due_most_us ? now_us + taking->due_most_us : -1);
	if (!so_session_insert(tx, SO_STMT_LEASE_TAKE, &params, &lease->fence, err))
		return false;
	lease->until_us = now_us + taking->for_us;
	if (lease->fence)
		return true;
	if (!get(tx, lease, &row, err))
		return false;
	/* as its holder has it, or when it is due for us */
	lease->until_us = row.until_us;
	if (lease->until_us < row.due_us + SO_LEASE_HEAD_US && taking->due_most_us)
		lease->until_us = row.due_us + SO_LEASE_HEAD_US;
	return true;
}

bool so_store_lease_take(
	struct so_store *store, struct so_store_lease *lease, int64_t for_us, int64_t due_most_us, struct so_err *err)
{
	struct taking taking = { *lease, for_us, due_most_us };

	taking.lease.fence = 0;
	lease->fence = 0;
	/* lazy: what the power takes away is a lease that nobody is left to use */
	if (!so_store_tx_lazy(store, take_tx, &taking, err))
		return false;
	*lease = taking.lease;
	return true;
}

bool so_store_lease_keep(struct so_store *store, struct so_store_lease *lease, int64_t for_us, struct so_err *err)
{
	int64_t left_us = lease->until_us - so_store_clock_us(store);

	/* a clock that was set back would leave it to us, or to somebody else, for ever */
	if (left_us > for_us)
		left_us = 0;
	if (lease->fence && left_us >= for_us / 2)
		return true;
	if (!lease->fence && left_us > 0)
		return true;
	if (lease->fence && (!so_store_leases_renew(store, lease, 1, for_us, err) || lease->fence))
		return lease->fence != 0;
	return so_store_lease_take(store, lease, for_us, 0, err);
}

/* ---- while it is held ---- */

struct several {
	struct so_store_lease *leases;
	size_t n;
	int64_t for_us;
	bool *lost;
};

static bool is_ours(const struct so_store_lease *lease, const struct row *row)
{
	return row->fence == lease->fence && strcmp(row->node, lease->node) == 0;
}

static bool renew_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct several *several = arg;
	int64_t until_us = so_store_clock_us(tx) + several->for_us;

	for (size_t i = 0; i < several->n; i++) {
		struct so_params params = held_by(&several->leases[i]);
		int64_t changed;
		struct row row;

		so_param_int(&params, until_us);
		if (!so_session_run(tx, SO_STMT_LEASE_RENEW, &params, &changed, err))
			return false;
		several->lost[i] = false;
		several->leases[i].until_us = until_us;
		if (changed)
			continue;
		/* ended by ourselves a moment ago, or taken by another node */
		if (!get(tx, &several->leases[i], &row, err))
			return false;
		several->lost[i] = !is_ours(&several->leases[i], &row);
	}
	return true;
}

bool so_store_leases_renew(
	struct so_store *store, struct so_store_lease *leases, size_t n, int64_t for_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct several several = { leases, n, for_us, so_new_array(tmp, bool, n + 1) };

	if (!so_store_tx_lazy(store, renew_tx, &several, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (several.lost[i])
			leases[i].fence = leases[i].until_us = 0;
	return true;
}

static bool taken_over(const struct so_store_lease *lease, const struct row *row, struct so_err *err)
{
	return so_fail(err, SO_CONFLICT, "%s %" PRId64 " was taken over by node '%s' meanwhile: nothing is written",
		lease->work, lease->subject, *row->node ? row->node : "unknown");
}

bool so_store_lease_check(struct so_store *tx, const struct so_store_lease *lease, struct so_err *err)
{
	struct row row;

	return get(tx, lease, &row, err) && (is_ours(lease, &row) || taken_over(lease, &row, err));
}

bool so_store_lease_end(struct so_store *tx, const struct so_store_lease *lease, int64_t delay_us, struct so_err *err)
{
	struct so_params params = held_by(lease);
	int64_t changed;
	struct row row;

	so_param_int(&params, so_store_clock_us(tx) + delay_us);
	if (!so_session_run(tx, SO_STMT_LEASE_END, &params, &changed, err))
		return false;
	return changed || (get(tx, lease, &row, err) && taken_over(lease, &row, err));
}

/* ---- giving it back ---- */

static bool release_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct several *several = arg;

	for (size_t i = 0; i < several->n; i++) {
		struct so_params params = held_by(&several->leases[i]);

		if (several->leases[i].fence && !so_session_run(tx, SO_STMT_LEASE_RELEASE, &params, NULL, err))
			return false;
	}
	return true;
}

bool so_store_leases_release(struct so_store *store, struct so_store_lease *leases, size_t n, struct so_err *err)
{
	struct several several = { .leases = leases, .n = n };
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = any || leases[i].fence;
	if (!any)
		return true;
	if (!so_store_tx_lazy(store, release_tx, &several, err))
		return false;
	for (size_t i = 0; i < n; i++)
		leases[i].fence = leases[i].until_us = 0;
	return true;
}

struct dropping {
	const struct so_store_lease *leases;
	size_t n;
};

static bool drop_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct dropping *dropping = arg;

	for (size_t i = 0; i < dropping->n; i++) {
		struct so_params params = key_of(&dropping->leases[i]);

		so_param_text(&params, dropping->leases[i].node);
		if (!so_session_run(tx, SO_STMT_LEASE_DROP, &params, NULL, err))
			return false;
	}
	return true;
}

bool so_store_leases_drop(struct so_store *store, const struct so_store_lease *leases, size_t n, struct so_err *err)
{
	struct dropping dropping = { leases, n };

	return n == 0 || so_store_tx_lazy(store, drop_tx, &dropping, err);
}
