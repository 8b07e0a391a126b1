#include "base/cancel.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"

struct so_cancel {
	atomic_bool requested;
	int64_t deadline_us;
	pthread_mutex_t lock; /* guards hook and arg; held while the hook runs */
	void (*hook)(void *arg);
	void *arg;
};

static int cancel_dtor(struct so_cancel *cancel)
{
	so_assert(!cancel->hook);
	pthread_mutex_destroy(&cancel->lock);
	return 0;
}

struct so_cancel *so_cancel_new(TALLOC_CTX *ctx, int64_t deadline_us)
{
	struct so_cancel *cancel = so_new(ctx, struct so_cancel);

	atomic_init(&cancel->requested, false);
	cancel->deadline_us = deadline_us;
	so_assert(pthread_mutex_init(&cancel->lock, NULL) == 0);
	talloc_set_destructor(cancel, cancel_dtor);
	return cancel;
}

void so_cancel_request(struct so_cancel *cancel)
{
	pthread_mutex_lock(&cancel->lock);
	if (!atomic_exchange(&cancel->requested, true) && cancel->hook)
		cancel->hook(cancel->arg);
	pthread_mutex_unlock(&cancel->lock);
}

bool so_cancel_requested(const struct so_cancel *cancel)
{
	return cancel && atomic_load(&cancel->requested);
}

bool so_cancel_check(const struct so_cancel *cancel, struct so_err *err)
{
	if (!cancel)
		return true;
	if (atomic_load(&cancel->requested))
		return so_fail(err, SO_CANCELLED, "cancelled");
	if (cancel->deadline_us && so_time_monotonic_us() >= cancel->deadline_us)
		return so_fail(err, SO_TIMEOUT, "the time limit of this job is used up");
	return true;
}

int64_t so_cancel_left_ms(const struct so_cancel *cancel, int64_t max_ms)
{
	int64_t left;

	if (!cancel || !cancel->deadline_us)
		return max_ms;
	left = (cancel->deadline_us - so_time_monotonic_us()) / 1000;
	if (left < 0)
		return 0;
	return left < max_ms ? left : max_ms;
}

void so_cancel_hook(struct so_cancel *cancel, void (*hook)(void *arg), void *arg)
{
	if (!cancel)
		return;
	pthread_mutex_lock(&cancel->lock);
	so_assert(!cancel->hook);
	cancel->hook = hook;
	cancel->arg = arg;
	if (atomic_load(&cancel->requested))
		hook(arg);
	pthread_mutex_unlock(&cancel->lock);
}

void so_cancel_unhook(struct so_cancel *cancel)
{
	if (!cancel)
		return;
	pthread_mutex_lock(&cancel->lock);
	cancel->hook = NULL;
	pthread_mutex_unlock(&cancel->lock);
}
