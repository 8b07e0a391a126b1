/* What the sessions of a registered database are doing now. Their texts are shown without values. */
#ifndef SO_SERVICE_ACTIVITY_H
#define SO_SERVICE_ACTIVITY_H

#include "core/activity.h"
#include "service/service.h"
#include "store/store.h"

#define SO_ACTIVITY_MAX 500 /* sessions, longest statement first */

/* What the statement of a session is called. */
struct so_session_name {
	char *fingerprint; /* hexadecimal; NULL where the text is hidden, cut, or cannot be read */
	int64_t query_id; /* of the watched statement; 0: none */
};

/* At most `limit` sessions of the connection's database, or of all when it names none. Each `text` is redacted; its
 * name is in `names`. SO_UNSUPPORTED where the engine has no sessions. Blocks on the target. */
bool so_service_activity(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t limit, struct so_activity **out, struct so_session_name **names, struct so_err *err) SO_MUST_CHECK;

#define SO_ACTIVITY_WAITS 6 /* waits with figures of their own */

/* Mean numbers of sessions, from the looks of the collector. */
struct so_activity_point {
	int64_t at_us, looks; /* looks 0: nobody looked then, and the rest is NAN */
	double sessions[SO_SESSION_STATE_MAX];
	double waits[SO_ACTIVITY_WAITS]; /* of those that wait: for each of so_activity_past's waits */
};
struct so_activity_share {
	int64_t query_id; /* 0: not a watched query */
	const char *sql_text; /* the begin of the watched query's; NULL */
	const char *state, *wait; /* wait "": none */
	double sessions;
};
struct so_activity_past {
	int64_t from_us, to_us, step_us;
	size_t n_points, n_shares, n_waits;
	const char *waits[SO_ACTIVITY_WAITS]; /* what most waited for, most first */
	struct so_activity_point *points;
	struct so_activity_share *shares; /* most first, at most 100 */
};

/* At most 300 points between the two times (0: the last hour, now). SO_INPUT for a time that ends before it begins or
 * is longer than a year. */
bool so_service_activity_past(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t from_us, int64_t to_us, struct so_activity_past *out, struct so_err *err) SO_MUST_CHECK;

#endif
