/* A query of a target's statistics view: normalised text and cumulative counters. Times in microseconds. */
#ifndef SO_CORE_QUERY_H
#define SO_CORE_QUERY_H

#include <stdint.h>

#include "base/mem.h"

struct so_query_counters {
	int64_t calls, rows;
	int64_t exec_us, plan_us, min_us, max_us;
	double stddev_us;
	int64_t shared_hit, shared_read, shared_dirtied, temp_read, temp_written; /* pages; -1 not available */
	int64_t wal_bytes;
};

struct so_query {
	char *engine_id; /* the engine's own id as text: pg queryid is a signed 64-bit number */
	char *database, *user;
	char *text; /* normalised, at most 16 KiB; NULL when not read */
	bool truncated;
	struct so_query_counters counters;
};

struct so_query_list {
	size_t count;
	struct so_query *items;
	int64_t stats_reset_us; /* 0 unknown */
	int64_t deallocated; /* statements evicted since reset; -1 unknown */
	int64_t hidden; /* rows of other users whose text and id the privileges hide */
};

#endif
