#include "http/reaper.h"

#include <pthread.h>
#include <sys/socket.h>

#include "base/clock.h"

struct so_reaper_conn {
	struct so_reaper_conn *next, *prev;
	int fd;
	int64_t deadline_us; /* 0: none */
};

struct so_reaper {
	struct so_reaper_limits limits;
	pthread_mutex_t
		lock; /* guards the list and its members, so that no descriptor is closed while a tick uses it */
	struct so_reaper_conn head;
	size_t count;
};

static int reaper_dtor(struct so_reaper *reaper)
{
	pthread_mutex_destroy(&reaper->lock);
	return 0;
}

struct so_reaper *so_reaper_new(TALLOC_CTX *ctx, const struct so_reaper_limits *limits)
{
	struct so_reaper *reaper = so_new(ctx, struct so_reaper);

	reaper->limits = *limits;
	reaper->head.next = reaper->head.prev = &reaper->head;
	pthread_mutex_init(&reaper->lock, NULL);
	talloc_set_destructor(reaper, reaper_dtor);
	return reaper;
}

struct so_reaper_conn *so_reaper_add(struct so_reaper *reaper, int fd)
{
	struct so_reaper_conn *conn = so_new(NULL, struct so_reaper_conn);

	conn->fd = fd;
	conn->deadline_us = so_time_monotonic_us() + reaper->limits.read_ms * 1000;
	pthread_mutex_lock(&reaper->lock);
	conn->next = &reaper->head;
	conn->prev = reaper->head.prev;
	conn->prev->next = conn->next->prev = conn;
	reaper->count++;
	pthread_mutex_unlock(&reaper->lock);
	return conn;
}

void so_reaper_remove(struct so_reaper *reaper, struct so_reaper_conn *conn)
{
	pthread_mutex_lock(&reaper->lock);
	conn->prev->next = conn->next;
	conn->next->prev = conn->prev;
	reaper->count--;
	pthread_mutex_unlock(&reaper->lock);
	talloc_free(conn);
}

static int64_t phase_ms(const struct so_reaper *reaper, enum so_reaper_phase phase)
{
	switch (phase) {
	case SO_REAPER_NEW:
	case SO_REAPER_READING:
		return reaper->limits.read_ms;
	case SO_REAPER_BUSY:
		return 0;
	case SO_REAPER_SENDING:
		return reaper->limits.send_ms;
	case SO_REAPER_IDLE:
		return reaper->limits.idle_ms;
	}
	return 0;
}

void so_reaper_phase(struct so_reaper *reaper, struct so_reaper_conn *conn, enum so_reaper_phase phase)
{
	int64_t limit_ms = phase_ms(reaper, phase);
	int64_t deadline_us = limit_ms ? so_time_monotonic_us() + limit_ms * 1000 : 0;

	pthread_mutex_lock(&reaper->lock);
	conn->deadline_us = deadline_us;
	pthread_mutex_unlock(&reaper->lock);
}

void so_reaper_received(struct so_reaper *reaper, struct so_reaper_conn *conn, size_t bytes)
{
	pthread_mutex_lock(&reaper->lock);
	if (conn->deadline_us)
		conn->deadline_us += (int64_t)bytes * 1000000 / SO_REAPER_MIN_RATE;
	pthread_mutex_unlock(&reaper->lock);
}

size_t so_reaper_tick(struct so_reaper *reaper, int64_t now_us)
{
	size_t closed = 0;

	pthread_mutex_lock(&reaper->lock);
	for (struct so_reaper_conn *conn = reaper->head.next; conn != &reaper->head; conn = conn->next)
		if (conn->deadline_us && conn->deadline_us < now_us) {
			shutdown(conn->fd, SHUT_RDWR);
			conn->deadline_us = 0;
			closed++;
		}
	pthread_mutex_unlock(&reaper->lock);
	return closed;
}

size_t so_reaper_count(struct so_reaper *reaper)
{
	pthread_mutex_lock(&reaper->lock);
	size_t count = reaper->count;

	pthread_mutex_unlock(&reaper->lock);
	return count;
}
