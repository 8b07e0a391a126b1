#include "service/model_watch.h"

#include <pthread.h>
#include <signal.h>

#include "base/clock.h"

#define MAX_AGE_US       (30 * 1000000LL)
#define PROBE_TIMEOUT_MS 2000

struct so_model_watch {
	const struct so_llm *llm;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool stop, wanted;
	int64_t probed_us;
	struct so_llm_status *status; /* replaced as a whole */
};

static void *watch_main(void *arg)
{
	struct so_model_watch *watch = arg;

	pthread_mutex_lock(&watch->lock);
	while (!watch->stop) {
		struct so_llm_status *fresh;

		if (!watch->wanted) {
			pthread_cond_wait(&watch->wake, &watch->lock);
			continue;
		}
		watch->wanted = false;
		pthread_mutex_unlock(&watch->lock);
		fresh = so_new(NULL, struct so_llm_status);
		so_llm_probe(fresh, watch->llm, PROBE_TIMEOUT_MS, fresh);
		pthread_mutex_lock(&watch->lock);
		talloc_free(watch->status);
		watch->status = fresh;
		watch->probed_us = so_time_monotonic_us();
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

static int watch_dtor(struct so_model_watch *watch)
{
	if (watch->running) {
		pthread_mutex_lock(&watch->lock);
		watch->stop = true;
		pthread_cond_signal(&watch->wake);
		pthread_mutex_unlock(&watch->lock);
		pthread_join(watch->thread, NULL);
	}
	talloc_free(watch->status);
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->lock);
	return 0;
}

struct so_model_watch *so_model_watch_new(TALLOC_CTX *ctx, const struct so_llm *llm)
{
	struct so_model_watch *watch = so_new(ctx, struct so_model_watch);
	sigset_t all, old;

	watch->llm = llm;
	watch->wanted = true;
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->wake, NULL);
	talloc_set_destructor(watch, watch_dtor);
	if (!so_llm_configured(llm)) {
		watch->status = so_new(NULL, struct so_llm_status);
		so_llm_probe(watch->status, llm, 0, watch->status); /* asks nobody: there is no URL or no model name */
		return watch;
	}
	sigfillset(&all); /* signals belong to the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	watch->running = pthread_create(&watch->thread, NULL, watch_main, watch) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return watch;
}

static void copy_status(TALLOC_CTX *ctx, const struct so_llm_status *from, struct so_llm_status *to)
{
	*to = *from;
	to->url = so_strdup_or_null(ctx, from->url);
	to->model = so_strdup_or_null(ctx, from->model);
	to->error = so_strdup_or_null(ctx, from->error);
	to->models = so_new_array(ctx, char *, from->n_models + 1);
	for (size_t i = 0; i < from->n_models; i++)
		to->models[i] = so_strdup(ctx, from->models[i]);
}

void so_model_watch_get(TALLOC_CTX *ctx, struct so_model_watch *watch, struct so_llm_status *out)
{
	pthread_mutex_lock(&watch->lock);
	if (watch->running && so_time_monotonic_us() - watch->probed_us > MAX_AGE_US) {
		watch->wanted = true;
		pthread_cond_signal(&watch->wake);
	}
	if (watch->status)
		copy_status(ctx, watch->status, out);
	else
		*out = (struct so_llm_status){ .configured = true, .error = so_strdup(ctx, "not probed yet") };
	pthread_mutex_unlock(&watch->lock);
}
