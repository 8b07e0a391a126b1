/* Why a query got slower: known changes and the query's own figures, checked in turn against stated rules. Pure. */
#ifndef SO_MONITOR_CAUSE_H
#define SO_MONITOR_CAUSE_H

#include "monitor/regression.h"

/* Something that happened on the instance and can concern this query: the caller leaves out what cannot (an index of a
 * table that it does not read). */
enum so_event_kind {
	SO_EVENT_INDEX_DROPPED,
	SO_EVENT_INDEX_CREATED,
	SO_EVENT_STATISTICS, /* collected anew, or lost */
	SO_EVENT_SETTING,
	SO_EVENT_VERSION, /* of the server */
	SO_EVENT_TABLE_ROWS, /* a table of the query grew or shrank */
	SO_EVENT_DEPLOY, /* an annotation of a user */
	SO_EVENT_KIND_MAX
};

struct so_event {
	enum so_event_kind kind;
	int64_t from_us, to_us; /* it happened between two looks at the catalog; equal when the moment is known */
	const char *object; /* "shop.orders_user", "work_mem", "shop.orders" */
	const char *before, *after; /* setting, version: as text; else NULL */
	double rows_before, rows_after; /* table rows */
};

enum so_cause_kind {
	SO_CAUSE_NONE,
	SO_CAUSE_PLAN,
	SO_CAUSE_ROWS,
	SO_CAUSE_CACHE,
	SO_CAUSE_STATISTICS,
	SO_CAUSE_SETTING,
	SO_CAUSE_INDEX,
	SO_CAUSE_VERSION,
	SO_CAUSE_LOAD,
	SO_CAUSE_KIND_MAX
};

struct so_cause_input {
	const struct so_series *series;
	const struct so_event *events;
	size_t n_events;
	const struct so_series *const *peers; /* other queries of the instance, the heaviest; 30 are plenty */
	size_t n_peers;
	bool writes; /* INSERT, UPDATE ...: new indexes cost it time */
};

struct so_cause {
	enum so_cause_kind kind;
	const struct so_event *event; /* the cause itself, or what made the plan change; NULL */
	uint64_t plan_before, plan_after; /* cause plan */
	double before, after; /* the figure behind it: rows a call, part of pages not in the cache, other queries'
				 factor; NAN */
	double explained; /* part of the slowdown that the figure accounts for, 1 all of it; NAN for coincidence in time
			   */
	size_t n_peers, n_peers_slow; /* that could be compared, that slowed alike */
	char *text; /* one or two sentences with the figures; child of the context given */
};

/* Never fails; kind none says "no cause found" with what was ruled out. */
void so_cause_find(struct so_cause *cause, TALLOC_CTX *ctx, const struct so_regression *found,
	const struct so_cause_input *input, const struct so_regression_config *config);

const char *so_cause_name(enum so_cause_kind kind); /* "plan_change" */

#endif
