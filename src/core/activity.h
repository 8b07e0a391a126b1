/* What the sessions of a server are doing at one moment. */
#ifndef SO_CORE_ACTIVITY_H
#define SO_CORE_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum so_session_state {
	SO_SESSION_RUNNING, /* a statement, on the processor as far as the server tells */
	SO_SESSION_WAITING, /* a statement, for `wait` */
	SO_SESSION_IN_TRANSACTION, /* for its client, with a transaction open; the text is that of the last statement */
	SO_SESSION_STATE_MAX
};

/* "running", "waiting", "in_transaction", by state; NULL at the end. */
extern const char *const so_session_states[SO_SESSION_STATE_MAX + 1];

struct so_session {
	int64_t id; /* the engine's own number */
	char *database, *user, *application; /* NULL: none, or hidden */
	enum so_session_state state;
	char *wait; /* the engine's own words, "Lock: transactionid"; NULL unless waiting */
	char *query_id; /* as in struct so_reading_row, where the engine tells it; else NULL */
	char *text; /* as it was sent, with its values: for the target's owner only; NULL when hidden */
	bool truncated;
	int64_t query_us, transaction_us; /* for how long; -1 not known */
	int64_t blocked_by; /* a session that holds the lock it waits for; 0: none, or not known */
};

struct so_activity {
	size_t count;
	struct so_session *items; /* longest first; at most the limit */
	size_t hidden; /* sessions of others whose state the privileges hide */
	bool truncated; /* there were more than the limit */
};

#endif
