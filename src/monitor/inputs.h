/* What causes are found from: plans of the heaviest statements, and what their tables, the settings and the version
 * look like. Read through the connection of a poll, rarely: a plan once a day and when the time of a call jumped, at
 * most SO_INPUT_PLANS a poll; a snapshot every ten minutes and at a jump. At most about two seconds. */
#ifndef SO_MONITOR_INPUTS_H
#define SO_MONITOR_INPUTS_H

#include "monitor/poll.h"

#define SO_INPUT_PLANS 5

/* After a good poll through `conn`, which is open for the connection rules->heavy_of. What cannot be read (a statement
 * that the engine does not plan without values) is noted with the query; false: the store, or the connection is lost.
 */
bool so_inputs_read(const struct so_poll_rules *rules, struct so_conn *conn, const struct so_poll_result *poll,
	int64_t at_us, struct so_err *err) SO_MUST_CHECK;

#endif
