/* The list of watched statements: sorted by what they did in a period, filtered, a page at a time; and their load as
 * small charts. Every figure is a sum of roll-ups. */
#ifndef SO_SERVICE_QUERY_LIST_H
#define SO_SERVICE_QUERY_LIST_H

#include "service/query_load.h"
#include "service/service.h"

enum so_query_sort {
	SO_SORT_TOTAL_TIME,
	SO_SORT_LOAD, /* the same order as by total time */
	SO_SORT_CALLS,
	SO_SORT_MEAN_TIME,
	SO_SORT_ROWS,
	SO_SORT_READS,
	SO_SORT_HITS,
	SO_SORT_CHANGE, /* time gained over the period before */
	SO_SORT_FIRST_SEEN,
	SO_SORT_MAX
};
/* "total_time" ... by enum so_query_sort, ended by NULL. */
extern const char *const so_query_sort_names[];

enum so_query_only { SO_ONLY_ALL, SO_ONLY_FINDINGS, SO_ONLY_REGRESSED, SO_ONLY_NEW, SO_ONLY_MAX };
/* "all", "findings", "regressed", "new", ended by NULL. */
extern const char *const so_query_only_names[];

/* Rules of findings that the list knows by name. */
extern const char so_regression_rule[], so_new_query_rule[];

/* Which hours or days a request means. */
struct so_period_request {
	const char *word; /* "hour", "day", "week", "month", "all"; NULL: from and to */
	int64_t from_us, to_us; /* to_us 0: now */
};
extern const char *const so_period_names[]; /* ended by NULL */

#define SO_PERIOD_DAYS_MAX 400

/* Whole hours up to 72 hours, else whole days (UTC); the current one counts as far as it has come. SO_LIMIT when it is
 * longer than SO_PERIOD_DAYS_MAX. */
bool so_period_of(const struct so_period_request *request, int64_t now_us, struct so_period *out,
	struct so_err *err) SO_MUST_CHECK;
/* Begin and end, and the begin of what it is compared with; end not after now. */
void so_period_times(
	const struct so_period *period, int64_t now_us, int64_t *from_us, int64_t *to_us, int64_t *before_us);

struct so_query_request {
	int64_t connection_id; /* 0: all */
	const char *database, *search; /* NULL: any */
	bool by_fingerprint;
	uint64_t fingerprint; /* if by_fingerprint */
	enum so_query_kind kind;
	bool any_kind;
	enum so_query_only only;
	enum so_query_sort sort;
	bool ascending;
	struct so_period_request period;
	int64_t limit, offset;
};

/* How a statement compares with the period before; NAN where nothing is known of that one. */
struct so_query_change {
	double before_calls, before_ms; /* what the period before would have had, had it been watched as long */
	double gained_ms; /* time more than that */
	double load, mean; /* factors: 2 is twice */
};

struct so_query_item {
	const struct so_store_watched *conn;
	const struct so_query_load *load;
	struct so_store_query_brief *brief;
	double share; /* of all time on the connections asked for, 0 to 1 */
	struct so_query_change change;
	int64_t findings; /* open ones */
	bool regressed, is_new;
};

struct so_query_page {
	struct so_period period;
	int64_t from_us, to_us, before_us; /* before_us 0: nothing to compare with */
	int64_t total; /* statements that match */
	int64_t calls, exec_us; /* of all statements of the connections asked for */
	size_t count;
	struct so_query_item *items;
};

/* SO_NOT_FOUND when there is no such connection. */
struct so_query_page *so_service_query_page(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_query_request *request, struct so_err *err);

/* Sums up the periods that have a name, so that nobody waits for it who asks for a list: after each fold, and when an
 * hour has ended. */
bool so_service_follow_loads(struct so_service *service, struct so_scope scope, struct so_err *err) SO_MUST_CHECK;

#endif
