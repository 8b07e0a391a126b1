/* What causes are found from: plans of the heaviest statements, and what their tables, the settings and the version
 * look like. Read after a poll, rarely: a plan once a day and when the time of a call jumped, at most SO_INPUT_PLANS a
 * poll; a snapshot every ten minutes and at a jump. At most about two seconds a database. */
#ifndef SO_MONITOR_INPUTS_H
#define SO_MONITOR_INPUTS_H

#include "monitor/poll.h"

#define SO_INPUT_PLANS 5

/* Of one database of the server. */
struct so_inputs_of {
	int64_t connection_id;
	const struct so_engine *engine;
	const struct so_poll_heavies *heavies; /* of the poll */
	struct so_conn *conn; /* open for it; NULL: see `open` */
	/* Opens one, the caller's to close; asked when there is something to read, once. */
	struct so_conn *(*open)(void *arg, int64_t connection_id, struct so_err *err);
	void *arg;
};

/* After a good poll. What cannot be read (a statement that the engine does not plan without values, a database that
 * does not let us in) is noted with the query, and tried again after an hour; false: the store, or the connection is
 * lost. */
bool so_inputs_read(const struct so_poll_rules *rules, const struct so_inputs_of *of, int64_t at_us,
	struct so_err *err) SO_MUST_CHECK;

#endif
