/* When verdicts about single buckets become a finding, and when it ends: a state machine without a clock, so that a
 * query that is slow now and then opens one finding and not one an hour. */
#ifndef SO_MONITOR_DAMPING_H
#define SO_MONITOR_DAMPING_H

#include <stdbool.h>
#include <stdint.h>

enum so_damp_state {
	SO_DAMP_QUIET, /* nothing, or not confirmed yet */
	SO_DAMP_OPEN,
	SO_DAMP_CLOSED, /* over; opens again within the window */
	SO_DAMP_STATE_MAX
};

enum so_damp_end { SO_END_NONE, SO_END_RECOVERED, SO_END_GONE, SO_END_SETTLED, SO_END_MAX };

enum so_damp_event {
	SO_DAMP_NOTHING,
	SO_DAMP_OPENED,
	SO_DAMP_UPDATED,
	SO_DAMP_CLOSES,
	SO_DAMP_REOPENED,
	SO_DAMP_EVENT_MAX
};

enum so_heat {
	SO_HEAT_NONE, /* the bucket tells nothing: no calls, a reset */
	SO_HEAT_COOL, /* as before the onset */
	SO_HEAT_WARM, /* in between: neither opens nor closes */
	SO_HEAT_HOT,
	SO_HEAT_MAX
};

struct so_damp_config {
	uint32_t open_after; /* hot buckets in a row: 2 */
	uint32_t close_after; /* cool ones: 3; doubled with each time it came back, at most eight times as many */
	int64_t reopen_us; /* a regression within it continues the closed finding: 3 days */
	int64_t gone_us; /* no calls for so long end it: 2 days */
	int64_t settle_us; /* slow for so long is the new normal: 14 days */
	double update_ratio; /* the factor changed by that much since it was last told: 1.25 */
	int64_t update_us; /* not more often: 1 hour */
	double worse_ratio; /* an acknowledged one is told again when it got that much worse: 1.5 */
};
#define SO_DAMP_DAY_US (INT64_C(24) * 3600 * 1000000)
#define SO_DAMP_DEFAULTS                                                                                               \
	{                                                                                                              \
		.open_after = 2, .close_after = 3, .reopen_us = 3 * SO_DAMP_DAY_US, .gone_us = 2 * SO_DAMP_DAY_US,     \
		.settle_us = 14 * SO_DAMP_DAY_US, .update_ratio = 1.25, .update_us = SO_DAMP_DAY_US / 24,              \
		.worse_ratio = 1.5                                                                                     \
	}

/* Kept with the finding; zeroed to begin with. */
struct so_damp {
	enum so_damp_state state;
	enum so_damp_end end; /* why it is closed */
	uint32_t hot, cool; /* in a row */
	uint32_t returns; /* how often it came back */
	int64_t onset_us, opened_us, closed_us, told_us, last_data_us;
	double factor, told_factor;
	int64_t normal_since_us; /* after it settled: what is older is no longer compared with; 0 */
	bool acknowledged;
	double acknowledged_factor;
	int64_t muted_until_us; /* 0 not muted; INT64_MAX for ever */
};

struct so_damp_input {
	int64_t at_us; /* end of the bucket */
	enum so_heat heat;
	bool overwhelming;
	bool changed; /* kind or cause is another than before */
	int64_t onset_us; /* used when it opens */
	double factor;
};

/* One more bucket. What happened, and in *notify whether somebody should be told: not while muted, not what was
 * acknowledged unless it got clearly worse, and not each return of a flapping one (the 1st, 2nd, 4th, 8th ... is). */
enum so_damp_event so_damp_step(
	struct so_damp *damp, const struct so_damp_input *input, const struct so_damp_config *config, bool *notify);
void so_damp_acknowledge(struct so_damp *damp);
/* Until that time; 0 ends it. */
void so_damp_mute(struct so_damp *damp, int64_t until_us);

const char *so_damp_state_name(enum so_damp_state state);
const char *so_damp_end_name(enum so_damp_end end);

#endif
