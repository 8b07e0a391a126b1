/* Closes connections that take too long to send a request or to take an answer: libmicrohttpd's own timeout only knows
 * inactivity, so one byte every two seconds would hold a connection for ever. */
#ifndef SO_HTTP_REAPER_H
#define SO_HTTP_REAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

struct so_reaper;
struct so_reaper_conn;

enum so_reaper_phase {
	SO_REAPER_NEW, /* connected, no request line yet */
	SO_REAPER_READING, /* headers and body are coming */
	SO_REAPER_BUSY, /* ours to work on, or a stream: no limit here */
	SO_REAPER_SENDING, /* the answer is on its way */
	SO_REAPER_IDLE, /* kept alive between requests */
};

struct so_reaper_limits {
	int64_t read_ms; /* for a request, plus what a body needs at SO_REAPER_MIN_RATE */
	int64_t send_ms, idle_ms;
};

#define SO_REAPER_MIN_RATE 16384 /* bytes a second that a body must reach on average */

struct so_reaper *so_reaper_new(TALLOC_CTX *ctx, const struct so_reaper_limits *limits);
/* All thread-safe. A connection is added when it is accepted and removed before its descriptor is closed. */
struct so_reaper_conn *so_reaper_add(struct so_reaper *reaper, int fd);
void so_reaper_remove(struct so_reaper *reaper, struct so_reaper_conn *conn);
void so_reaper_phase(struct so_reaper *reaper, struct so_reaper_conn *conn, enum so_reaper_phase phase);
/* A piece of a body came: extends the deadline by what the piece is worth. */
void so_reaper_received(struct so_reaper *reaper, struct so_reaper_conn *conn, size_t bytes);
/* Shuts down what is overdue at `now_us`; returns how many. To be called about once a second. */
size_t so_reaper_tick(struct so_reaper *reaper, int64_t now_us);
size_t so_reaper_count(struct so_reaper *reaper);

#endif
