#include "job/events.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Lock order: wake_lock, then whatever a follower's `wake` takes, then lock. `wake` runs under wake_lock only, so that
 * a follower may hold its own lock both in `wake` and around so_events_next. */
struct so_events {
	pthread_mutex_t lock; /* guards the ring */
	struct so_event *ring;
	size_t capacity, first, count, bytes, max_bytes;
	int64_t last_id;
	pthread_mutex_t wake_lock; /* guards the list of followers; held while they are woken */
	struct so_events_reader *readers;
	size_t n_readers, max_readers;
};

struct so_events_reader {
	struct so_events *events;
	struct so_events_reader *next, *previous;
	int64_t organisation_id, job_id;
	int64_t seen_id; /* guarded by events->lock: what was returned or skipped so far */
	void (*wake)(void *arg);
	void *arg;
};

static int events_dtor(struct so_events *events)
{
	so_assert(!events->readers);
	for (size_t i = 0; i < events->capacity; i++)
		talloc_free(events->ring[i].data);
	pthread_mutex_destroy(&events->lock);
	pthread_mutex_destroy(&events->wake_lock);
	return 0;
}

struct so_events *so_events_new(TALLOC_CTX *ctx, size_t capacity, size_t max_bytes, size_t max_readers)
{
	struct so_events *events = so_new(ctx, struct so_events);

	so_assert(capacity > 0);
	events->ring = so_new_array(events, struct so_event, capacity);
	events->capacity = capacity;
	events->max_bytes = max_bytes;
	events->max_readers = max_readers;
	events->last_id = so_time_now_us();
	so_assert(pthread_mutex_init(&events->lock, NULL) == 0 && pthread_mutex_init(&events->wake_lock, NULL) == 0);
	talloc_set_destructor(events, events_dtor);
	return events;
}

static void drop_oldest(struct so_events *events)
{
	struct so_event *oldest = &events->ring[events->first];

	events->bytes -= strlen(oldest->data);
	talloc_free(oldest->data);
	oldest->data = NULL;
	events->first = (events->first + 1) % events->capacity;
	events->count--;
}

int64_t so_events_publish(
	struct so_events *events, int64_t organisation_id, int64_t job_id, const char *type, const char *data)
{
	size_t len = strnlen(data, SO_EVENT_DATA_MAX + 1);
	struct so_event event = { .at_us = so_time_now_us(), .job_id = job_id, .organisation_id = organisation_id };

	if (len > SO_EVENT_DATA_MAX) {
		data = "{\"truncated\":true}";
		len = strlen(data);
	}
	snprintf(event.type, sizeof event.type, "%s", type);
	/* roots of their own: threads take turns at the ring */
	event.data = so_strndup(NULL, data, len);
	pthread_mutex_lock(&events->lock);
	while (events->count == events->capacity || (events->count && events->bytes + len > events->max_bytes))
		drop_oldest(events);
	event.id = ++events->last_id;
	events->ring[(events->first + events->count++) % events->capacity] = event;
	events->bytes += len;
	pthread_mutex_unlock(&events->lock);

	pthread_mutex_lock(&events->wake_lock);
	for (struct so_events_reader *reader = events->readers; reader; reader = reader->next)
		if (reader->wake && reader->organisation_id == organisation_id &&
			(!reader->job_id || reader->job_id == job_id))
			reader->wake(reader->arg);
	pthread_mutex_unlock(&events->wake_lock);
	return event.id;
}

static int reader_dtor(struct so_events_reader *reader)
{
	struct so_events *events = reader->events;

	pthread_mutex_lock(&events->wake_lock);
	*(reader->previous ? &reader->previous->next : &events->readers) = reader->next;
	if (reader->next)
		reader->next->previous = reader->previous;
	events->n_readers--;
	pthread_mutex_unlock(&events->wake_lock);
	return 0;
}

struct so_events_reader *so_events_subscribe(TALLOC_CTX *ctx, struct so_events *events, int64_t organisation_id,
	int64_t job_id, int64_t last_id, void (*wake)(void *arg), void *arg, struct so_err *err)
{
	struct so_events_reader *reader = so_new(ctx, struct so_events_reader);
	bool full;

	*reader = (struct so_events_reader){
		.events = events, .organisation_id = organisation_id, .job_id = job_id, .wake = wake, .arg = arg
	};
	pthread_mutex_lock(&events->lock);
	/* an id from the future is of a server whose clock was ahead: start with what comes */
	reader->seen_id = last_id < 0 || last_id > events->last_id ? events->last_id : last_id;
	pthread_mutex_unlock(&events->lock);
	pthread_mutex_lock(&events->wake_lock);
	full = events->n_readers >= events->max_readers;
	if (!full) {
		reader->next = events->readers;
		if (reader->next)
			reader->next->previous = reader;
		events->readers = reader;
		events->n_readers++;
	}
	pthread_mutex_unlock(&events->wake_lock);
	if (full) {
		talloc_free(reader);
		so_fail(err, SO_BUSY, "%zu clients follow the events already; try again later", events->max_readers);
		return NULL;
	}
	talloc_set_destructor(reader, reader_dtor);
	return reader;
}

static struct so_event *copy_event(TALLOC_CTX *ctx, const struct so_event *event)
{
	struct so_event *copy = so_new(ctx, struct so_event);

	*copy = *event;
	copy->data = so_strdup(copy, event->data);
	return copy;
}

/* How many events of the past the ring has no more can only be bounded: ids are dense, but not all were the follower's.
 */
static struct so_event *gap_event(TALLOC_CTX *ctx, struct so_events_reader *reader, int64_t oldest_id)
{
	struct so_event *gap = so_new(ctx, struct so_event);

	gap->id = oldest_id - 1;
	gap->at_us = so_time_now_us();
	gap->job_id = reader->job_id;
	gap->organisation_id = reader->organisation_id;
	snprintf(gap->type, sizeof gap->type, "gap");
	gap->data = so_printf(gap, "{\"missed\":%lld}", (long long)(gap->id - reader->seen_id));
	reader->seen_id = gap->id;
	return gap;
}

struct so_event *so_events_next(TALLOC_CTX *ctx, struct so_events_reader *reader)
{
	struct so_events *events = reader->events;
	struct so_event *found = NULL;
	int64_t oldest;

	pthread_mutex_lock(&events->lock);
	oldest = events->last_id - (int64_t)events->count + 1;
	if (reader->seen_id + 1 < oldest)
		found = gap_event(ctx, reader, oldest);
	while (!found && reader->seen_id < events->last_id) {
		size_t ahead = (size_t)(++reader->seen_id - oldest);
		const struct so_event *event = &events->ring[(events->first + ahead) % events->capacity];

		if (event->organisation_id == reader->organisation_id &&
			(!reader->job_id || event->job_id == reader->job_id))
			found = copy_event(ctx, event);
	}
	pthread_mutex_unlock(&events->lock);
	return found;
}

int64_t so_events_last_id(struct so_events *events)
{
	int64_t id;

	pthread_mutex_lock(&events->lock);
	id = events->last_id;
	pthread_mutex_unlock(&events->lock);
	return id;
}

size_t so_events_readers(struct so_events *events)
{
	size_t count;

	pthread_mutex_lock(&events->wake_lock);
	count = events->n_readers;
	pthread_mutex_unlock(&events->wake_lock);
	return count;
}

void so_events_wake_all(struct so_events *events)
{
	pthread_mutex_lock(&events->wake_lock);
	for (struct so_events_reader *reader = events->readers; reader; reader = reader->next)
		if (reader->wake)
			reader->wake(reader->arg);
	pthread_mutex_unlock(&events->wake_lock);
}
