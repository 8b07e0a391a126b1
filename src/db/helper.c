#include "db/helper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

/* A token has one hook and many waiters, so waiters look at it this often. */
#define TOKEN_SLICE_MS 20

struct db_helper *db_helper_new(void (*work)(struct db_helper *), void (*drop)(struct db_helper *), void *own)
{
	struct db_helper *helper = so_mem_need(calloc(1, sizeof *helper));

	atomic_init(&helper->refs, 2);
	atomic_init(&helper->done, false);
	helper->work = work;
	helper->drop = drop;
	helper->own = own;
	helper->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return helper;
}

static void give_up_share(struct db_helper *helper)
{
	if (atomic_fetch_sub(&helper->refs, 1) != 1)
		return;
	helper->drop(helper);
	if (helper->done_fd >= 0)
		close(helper->done_fd);
	free(helper);
}

void db_helper_leave(struct db_helper *helper)
{
	/* A thread that has done its work is waited for until it is gone: what the C library and the client libraries
	 * keep for a thread is then given back before the caller goes on, and perhaps ends the process. */
	if (helper->started && atomic_load(&helper->done))
		pthread_join(helper->thread, NULL);
	else if (helper->started)
		pthread_detach(helper->thread);
	give_up_share(helper);
}

static void *helper_main(void *arg)
{
	struct db_helper *helper = arg;
	uint64_t one = 1;

	helper->work(helper);
	atomic_store(&helper->done, true);
	if (write(helper->done_fd, &one, sizeof one) < 0)
		so_assert(errno == EAGAIN);
	give_up_share(helper);
	return NULL;
}

bool db_helper_start(struct db_helper *helper)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int failed = 1;

	if (helper->done_fd < 0) {
		give_up_share(helper); /* the thread's */
		return false;
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* the helper must not take the process's signals */
	if (pthread_attr_init(&attr) == 0) {
		pthread_attr_setstacksize(&attr, 512 * 1024);
		failed = pthread_create(&helper->thread, &attr, helper_main, helper);
		pthread_attr_destroy(&attr);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	helper->started = !failed;
	if (failed)
		give_up_share(helper);
	return !failed;
}

static int slice_ms(const struct so_cancel *token, int64_t deadline_us)
{
	int64_t left_ms = (deadline_us - so_time_monotonic_us() + 999) / 1000;

	if (left_ms < 0)
		left_ms = 0;
	if (token && left_ms > TOKEN_SLICE_MS)
		left_ms = TOKEN_SLICE_MS;
	return left_ms > 60000 ? 60000 : (int)left_ms;
}

enum db_wait db_wait(int fd, short events, int wake_fd, const struct so_cancel *token, int64_t deadline_us)
{
	for (;;) {
		struct pollfd fds[2] = { { .fd = fd, .events = events }, { .fd = wake_fd, .events = POLLIN } };
		struct so_err ignored = SO_ERR_INIT;
		uint64_t count;
		int ready;

		if (!so_cancel_check(token, &ignored))
			return DB_TOKEN;
		ready = poll(fds, 2, slice_ms(token, deadline_us));
		if (ready > 0 && fds[1].revents) {
			if (read(wake_fd, &count, sizeof count) < 0)
				so_assert(errno == EAGAIN || errno == EINTR);
			return DB_WOKEN;
		}
		if (ready > 0 && fds[0].revents)
			return DB_READY;
		if (so_time_monotonic_us() >= deadline_us)
			return DB_LATE;
	}
}
