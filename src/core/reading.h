/* One reading of a server's statistics of statements: what each row counts, without texts. */
#ifndef SO_CORE_READING_H
#define SO_CORE_READING_H

#include <stdint.h>

#include "base/mem.h"

/* In the order of a stored sample. Times in microseconds, pages, bytes; 0 where the engine does not count. */
enum so_counter {
	SO_COUNT_CALLS,
	SO_COUNT_ROWS,
	SO_COUNT_EXEC_US,
	SO_COUNT_PLAN_US,
	SO_COUNT_SHARED_HIT,
	SO_COUNT_SHARED_READ,
	SO_COUNT_SHARED_DIRTIED,
	SO_COUNT_TEMP_READ,
	SO_COUNT_TEMP_WRITTEN,
	SO_COUNT_WAL_BYTES,
	SO_COUNTERS
};

struct so_reading_row {
	uint64_t key[2]; /* of all that makes it a row of its own to the engine: user, database, id ... */
	const char *id; /* the engine's own id of the statement, for `texts` */
	const char *text; /* normalised, when it came along; else NULL: ask for it */
	bool truncated; /* the text is not whole */
	bool own_login; /* counted for the login that reads: may be a statement of ours */
	uint32_t database; /* which of those asked for */
	int64_t since_us; /* when this row began to count, by the server's clock; 0: not known */
	int64_t counters[SO_COUNTERS];
};

struct so_reading {
	size_t count;
	struct so_reading_row *rows;
	int64_t at_us; /* by the server's clock, before the first row was read */
	char *server_uid; /* another text: another server answered, with counters of its own */
	int64_t epoch_us; /* when all counters began, by the server's clock; 0: not known */
	int64_t evicted; /* rows that the server gave up since then; -1: not known */
	bool complete; /* false: there were more than the limit */
	char *hidden; /* which rows the login is not shown, with the remedy; NULL: it is shown all */
	bool summed; /* rows are sums over things that come and go one by one: a fall says nothing */
	int64_t exec_wrap_us; /* where the time of a row begins at 0 again; 0: nowhere */
	int64_t bytes; /* size of what was read */
};

struct so_statement_text {
	char *text; /* normalised, at most 16 KiB; NULL: no longer there */
	bool truncated;
};

#endif
