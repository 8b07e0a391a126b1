/* The store's part of judging: where the verdict on a query stands, how far judging has come, and the life of findings
 * (acknowledged, muted, commented). The rules of store.h hold. Functions that take `tx` belong inside so_store_tx: a
 * verdict is written with the findings that it made and with how far it got, so that a server that dies repeats or
 * loses nothing. */
#ifndef SO_STORE_JUDGE_H
#define SO_STORE_JUDGE_H

#include "store/store.h"

enum so_store_level {
	SO_LEVEL_HOURS, /* by hours, all queries */
	SO_LEVEL_FINE, /* by short periods, the heaviest */
	SO_LEVEL_LOOP, /* as the child of a loop */
	SO_LEVEL_MAX
};

/* Numbers of enums (state, ended, kind, cause) are the monitor's. */
struct so_store_verdict {
	int64_t query_id, level, connection_id;
	int64_t finding_id; /* the last one made of it, 0: none, or it is gone */
	int64_t state, ended, hot, cool, returns;
	int64_t onset_us, opened_us, closed_us, told_us, last_data_us, normal_since_us;
	double factor, told_factor;
	int64_t kind, cause; /* of a loop, cause is the query that calls */
	int64_t baseline_until_us;
	/* Of the query and of its finding; not written. */
	int64_t discovered_us;
	int64_t acknowledged_us;
	double acknowledged_factor;
	int64_t muted_until_us;
};
struct so_store_verdicts {
	size_t count;
	struct so_store_verdict **items;
};
/* All of a connection; quiet queries have none. */
struct so_store_verdicts *so_store_verdict_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err);
/* Nothing is written when the query is gone. */
bool so_store_verdict_put(
	struct so_store *tx, const struct so_store_verdict *verdict, struct so_err *err) SO_MUST_CHECK;
bool so_store_verdict_drop(
	struct so_store *tx, int64_t query_id, enum so_store_level level, struct so_err *err) SO_MUST_CHECK;

/* End of the last period judged of a connection at each level, 0: none. */
bool so_store_judged(struct so_store *store, struct so_scope scope, int64_t connection_id,
	int64_t until_us[SO_LEVEL_MAX], struct so_err *err) SO_MUST_CHECK;
/* SO_NOT_FOUND when the connection is gone, SO_CONFLICT when another node has judged up to there meanwhile. */
bool so_store_judged_put(struct so_store *tx, struct so_scope scope, int64_t connection_id, enum so_store_level level,
	int64_t until_us, struct so_err *err) SO_MUST_CHECK;

struct so_store_heavy {
	int64_t query_id, calls, exec_us, rows, discovered_us;
};
struct so_store_heavies {
	size_t count;
	struct so_store_heavy *items;
};
/* The queries of a connection that did most in an hour: by time, or by calls. */
struct so_store_heavies *so_store_heavy_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t hour, bool by_calls, int64_t limit, struct so_err *err);

/* ---- the monitor's findings ---- */

/* id 0: makes it (without a run); else writes what the monitor says of it: not what people did with it. Stamps
 * updated_us and, where they are 0, detected_us. SO_NOT_FOUND when it is gone. */
bool so_store_finding_tell(
	struct so_store *tx, struct so_scope scope, struct so_store_finding *finding, struct so_err *err) SO_MUST_CHECK;
/* Forgets findings of the monitor that were closed before; at most 1,000 a call. */
bool so_store_finding_forget(
	struct so_store *store, struct so_scope scope, int64_t before_us, struct so_err *err) SO_MUST_CHECK;

/* ---- the life of a finding, of a run's as well ---- */
struct so_store_finding *so_store_finding_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* "closed", "muted", "acknowledged" or "open": the first that holds. */
const char *so_store_finding_state(const struct so_store_finding *finding, int64_t now_us);

struct so_store_finding_search {
	int64_t connection_id, query_id; /* 0: all; a query_id goes before a connection_id */
	int severity; /* -1: any */
	const char *rule, *issue_type; /* NULL: any */
	const char *state; /* as so_store_finding_state says it, "active" (not closed), or NULL: any */
	int64_t limit, offset; /* limit 0: 100 */
};
/* Newest first. */
struct so_store_findings *so_store_finding_search(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_finding_search *search, int64_t now_us, struct so_err *err);

/* Also by whom and how slow it was then: what gets clearly worse is told again. */
bool so_store_finding_acknowledge(
	struct so_store *store, struct so_scope scope, int64_t id, bool acknowledged, struct so_err *err) SO_MUST_CHECK;
/* Until that time; INT64_MAX: for ever, 0: no longer. */
bool so_store_finding_mute(
	struct so_store *store, struct so_scope scope, int64_t id, int64_t until_us, struct so_err *err) SO_MUST_CHECK;

#define SO_COMMENT_MAX          4000 /* bytes of one */
#define SO_COMMENTS_PER_FINDING 200
struct so_store_comment {
	int64_t id, finding_id, user_id, at_us;
	char *text;
};
struct so_store_comments {
	size_t count;
	struct so_store_comment **items;
};
/* Fills id, user and time. SO_LIMIT when the finding has SO_COMMENTS_PER_FINDING of them. */
bool so_store_comment_add(struct so_store *store, struct so_scope scope, struct so_store_comment *comment,
	struct so_err *err) SO_MUST_CHECK;
/* Oldest first. */
struct so_store_comments *so_store_comment_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t finding_id, struct so_err *err);

#endif
