/* Query parameters of GET /api/events and /api/ws; the HTTP edge serves both. */
#ifndef SO_API_EVENTS_H
#define SO_API_EVENTS_H

#include <stdint.h>

struct so_events_query {
	int64_t job_id; /* SO_INT_NONE: all jobs */
	int64_t last_id; /* SO_INT_NONE: from now on; streams take it from Last-Event-ID */
};

#endif
