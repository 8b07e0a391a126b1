/* Which statements of a poll get a row of their own. Pure. */
#ifndef SO_MONITOR_RANK_H
#define SO_MONITOR_RANK_H

#include "monitor/delta.h"

/* Sets single[i] for every delta that is among the first `top` by time, by calls, by mean time or by pages read; a
 * ranking holds only what is above zero in it. */
void so_rank(const struct so_deltas *deltas, size_t top, bool *single);

#endif
