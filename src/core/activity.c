#include "core/activity.h"

const char *const so_session_states[SO_SESSION_STATE_MAX + 1] = {
	[SO_SESSION_RUNNING] = "running",
	[SO_SESSION_WAITING] = "waiting",
	[SO_SESSION_IN_TRANSACTION] = "in_transaction",
};
