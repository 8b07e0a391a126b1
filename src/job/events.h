/* A bounded ring of events, read by any number of followers (server-sent events). Ids grow for ever, also over a
 * restart (they start at the wall clock), so a follower can come back with the last id it saw. The ring holds a fixed
 * number of events and bytes: who reads too slowly is told how many it missed, and nobody waits for it. */
#ifndef SO_JOB_EVENTS_H
#define SO_JOB_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

#define SO_EVENT_TYPE_MAX 32 /* bytes of a type, NUL included */
#define SO_EVENT_DATA_MAX 16384 /* bytes of an event's JSON */

struct so_events;
struct so_events_reader; /* a talloc object; freeing it unsubscribes */

struct so_event {
	int64_t id, at_us, job_id, organisation_id; /* job_id 0: belongs to no job */
	char type[SO_EVENT_TYPE_MAX]; /* "job", "step", "gap" ... */
	char *data; /* one JSON document without line feeds */
};

/* `capacity` events, `max_bytes` of their data, `max_readers` followers at a time. */
struct so_events *so_events_new(TALLOC_CTX *ctx, size_t capacity, size_t max_bytes, size_t max_readers);

/* Appends and wakes the followers concerned; returns the id. Thread-safe, never waits for a reader. Data longer than
 * the limit is replaced by {"truncated":true}. */
int64_t so_events_publish(
	struct so_events *events, int64_t organisation_id, int64_t job_id, const char *type, const char *data);

/* A follower of the events of one organisation, of one job or (job_id 0) of all. It starts after `last_id`; -1: only
 * what comes from now on; an id that the ring no longer holds yields one "gap" event first. `wake` (may be NULL) is
 * called on the publisher's thread when there is something new: it should only resume or signal, may take a lock under
 * which so_events_next is called, and must not call so_events_* itself. SO_BUSY when there are too many followers. */
struct so_events_reader *so_events_subscribe(TALLOC_CTX *ctx, struct so_events *events, int64_t organisation_id,
	int64_t job_id, int64_t last_id, void (*wake)(void *arg), void *arg, struct so_err *err) SO_MUST_CHECK;

/* The next event, child of `ctx`, or NULL when there is none yet. A follower that fell behind the ring gets an event of
 * type "gap" with data {"missed":n} (at most n: not all need have been its own) and the id of the last event it missed,
 * then goes on with the oldest that is left. After a restart, an id of the time before shows as a gap too. */
struct so_event *so_events_next(TALLOC_CTX *ctx, struct so_events_reader *reader);

/* talloc_free(reader) returns only when `wake` is not running and will not run again; do not call it while holding a
 * lock that `wake` takes. Free readers before the ring. */

/* Id of the newest event. */
int64_t so_events_last_id(struct so_events *events);
size_t so_events_readers(struct so_events *events);
/* Wakes all followers without an event: the server stops. */
void so_events_wake_all(struct so_events *events);

#endif
