/* Query parameters of GET /api/events; the HTTP edge serves the stream. */
#ifndef SO_API_EVENTS_H
#define SO_API_EVENTS_H

#include <stdint.h>

struct so_events_query {
	int64_t job_id; /* SO_INT_NONE: all jobs */
};

#endif
