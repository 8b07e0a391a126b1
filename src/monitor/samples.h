/* Values of the costliest statements out of texts that the server kept: asked for after a poll, for the statements that
 * harvest.h knows too little of, in one question a database. */
#ifndef SO_MONITOR_SAMPLES_H
#define SO_MONITOR_SAMPLES_H

#include "monitor/harvest.h"
#include "monitor/inputs.h"

#define SO_SAMPLES_POLL 5 /* statements a poll, of each database */

/* `harvest` NULL, or an engine that keeps no texts: does nothing. False: the store, or the server did not answer; the
 * message holds no value. */
bool so_samples_take(const struct so_poll_rules *rules, struct so_harvest *harvest, const struct so_inputs_of *of,
	struct so_err *err) SO_MUST_CHECK;

#endif
