#include <string.h>

#include "job/job.h"

static const char *const state_names[] = { "queued", "running", "done", "failed", "cancelled", "interrupted" };
_Static_assert(sizeof state_names / sizeof state_names[0] == SO_JOB_STATE_MAX, "a name for every state");

static const unsigned next_states[SO_JOB_STATE_MAX] = {
	[SO_JOB_QUEUED] = 1u << SO_JOB_RUNNING | 1u << SO_JOB_CANCELLED | 1u << SO_JOB_INTERRUPTED,
	[SO_JOB_RUNNING] = 1u << SO_JOB_DONE | 1u << SO_JOB_FAILED | 1u << SO_JOB_CANCELLED | 1u << SO_JOB_INTERRUPTED,
};

static const char *const step_names[] = { "running", "done", "failed", "skipped" };

const char *so_job_state_name(enum so_job_state state)
{
	so_assert(state < SO_JOB_STATE_MAX);
	return state_names[state];
}

enum so_job_state so_job_state_find(const char *name)
{
	enum so_job_state state = 0;

	while (state < SO_JOB_STATE_MAX && strcmp(state_names[state], name) != 0)
		state++;
	return state;
}

bool so_job_state_final(enum so_job_state state)
{
	return next_states[state] == 0;
}

bool so_job_may(enum so_job_state from, enum so_job_state to)
{
	return next_states[from] >> to & 1;
}

const char *so_job_step_state_name(int state)
{
	so_assert(state >= 0 && state < (int)(sizeof step_names / sizeof step_names[0]));
	return step_names[state];
}
