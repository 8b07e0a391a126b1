/* The store's part of monitoring: servers, where the polling of a connection stands, the cost of polls, notices, and
 * the history that is made of samples. The rules of store.h hold. Functions that take `tx` belong inside so_store_tx: a
 * poll is one transaction of several of them. */
#ifndef SO_STORE_HISTORY_H
#define SO_STORE_HISTORY_H

#include "store/store.h"

#define SO_HOUR_US  INT64_C(3600000000)
#define SO_POLL_LOG 256 /* polls of a connection that are remembered */

struct so_store_instance {
	int64_t id;
	char *engine, *host;
	int64_t port;
	char *system_id; /* what the server calls itself, or "" */
	char *version; /* or NULL */
};
/* Finds or makes the instance, fills its id, and notes that the connection lives there. */
bool so_store_instance_put(struct so_store *tx, struct so_scope scope, int64_t connection_id,
	struct so_store_instance *instance, struct so_err *err) SO_MUST_CHECK;

/* *name: of another watched connection of the same instance and database whose polls have a server_uid; NULL: there is
 * none. */
bool so_store_conn_twin(TALLOC_CTX *ctx, struct so_store *tx, struct so_scope scope, int64_t connection_id, char **name,
	struct so_err *err) SO_MUST_CHECK;

struct so_store_instances {
	size_t count;
	struct so_store_instance **items;
};
/* Those that a connection lives on, by id. */
struct so_store_instances *so_store_instance_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit, struct so_err *err);

struct so_store_watch {
	int64_t connection_id;
	int64_t polls, attempts, failures; /* good ones; all; failed ones since the last good one */
	int64_t first_us, last_us; /* good polls, by our clock; 0: none */
	int64_t reading_us; /* the last reading, by the server's clock */
	char *server_uid; /* which server answered; NULL: nothing is counted here, so there is no baseline */
	int64_t epoch_us, evicted;
	bool complete; /* the last reading had all statements */
	int64_t statements;
	char *error_kind, *error; /* of the last poll, or NULL */
};
/* All zero, with its connection_id, for a connection that was never polled. */
struct so_store_watch *so_store_watch_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err);
/* Writes it, and the connection's last_monitored_us. SO_NOT_FOUND when the connection is gone, SO_CONFLICT when there
 * is one of as many attempts: another node has polled since this one was read. */
bool so_store_watch_put(struct so_store *tx, struct so_scope scope, const struct so_store_watch *watch,
	struct so_err *err) SO_MUST_CHECK;

/* ---- baselines: opaque chunks; monitor/ has the encoding ---- */
struct so_store_chunk {
	int64_t number;
	const void *bytes;
	size_t len;
};
struct so_store_chunks {
	size_t count;
	struct so_store_chunk *items; /* by number */
};
struct so_store_chunks *so_store_baseline_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t connection_id, struct so_err *err);
bool so_store_baseline_put(struct so_store *tx, int64_t connection_id, const struct so_store_chunk *chunk,
	struct so_err *err) SO_MUST_CHECK;
/* Forgets the chunks from number `first` on. */
bool so_store_baseline_cut(struct so_store *tx, int64_t connection_id, int64_t first, struct so_err *err) SO_MUST_CHECK;

/* ---- polls ---- */
struct so_store_poll {
	int64_t connection_id, started_us;
	int64_t duration_us, wait_us, cpu_us; /* all of it; waiting for the server; our own processor time */
	int64_t statements, bytes, moved, stored, texts; /* read; their size; with deltas; as rows of their own; read */
	int64_t restarted; /* statements whose counters began anew */
	int64_t calls, exec_us; /* deltas of all statements */
	char *error_kind, *error; /* or NULL */
};
struct so_store_polls {
	size_t count;
	struct so_store_poll **items;
};
/* Number `attempt` of the connection: what is SO_POLL_LOG older is overwritten. Adds to its sums (figures.h), too. */
bool so_store_poll_put(struct so_store *tx, struct so_scope scope, const struct so_store_poll *poll, int64_t attempt,
	struct so_err *err) SO_MUST_CHECK;
/* Newest first. */
struct so_store_polls *so_store_poll_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t limit, struct so_err *err);

/* ---- notices: one for each connection and kind ---- */
#define SO_NOTICE_OVER_US (26 * INT64_C(3600000000)) /* unseen for so long (a day, and late polls), it is over */

struct so_store_notice {
	int64_t connection_id; /* 0: the store itself */
	char *kind, *message;
	int64_t seen, first_us, last_us;
	int64_t dismissed_us; /* 0: it is shown */
};
struct so_store_notices {
	size_t count;
	struct so_store_notice **items;
};
/* What happens again after SO_NOTICE_OVER_US without it begins anew: seen once, and not dismissed. */
bool so_store_notice_put(struct so_store *tx, int64_t connection_id, const char *kind, const char *message,
	int64_t at_us, struct so_err *err) SO_MUST_CHECK;
/* Last seen first; `dismissed`: also those that nobody wants to see. */
struct so_store_notices *so_store_notice_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	bool dismissed, int64_t limit, struct so_err *err);
/* Hides it for as long as it goes on, or (at_us 0) shows it again. SO_NOT_FOUND when there is none. */
bool so_store_notice_dismiss(struct so_store *store, struct so_scope scope, int64_t connection_id, const char *kind,
	int64_t at_us, struct so_err *err) SO_MUST_CHECK;

/* ---- samples of a poll ---- */
#define SO_OTHER_VERSION 0 /* fingerprint_version of the row that holds what is not stored singly */

/* Finds or makes the statement's row and fills its id; its counters are written only when it is new. */
bool so_store_query_add(
	struct so_store *tx, struct so_scope scope, struct so_store_query *query, struct so_err *err) SO_MUST_CHECK;
/* Adds samples of one time (what is there of the same query and second is added to), and marks their hour for the fold.
 * SO_CONFLICT when that hour was dropped already. */
bool so_store_samples_add(
	struct so_store *tx, const struct so_store_sample *samples, size_t n, struct so_err *err) SO_MUST_CHECK;

/* ---- roll-ups ---- */

/* Brings the roll-ups of a slice of one hour up to date: of the queries from `*after` + 1 on, at most 1,024 ids. *after
 * becomes the last id done; *more is false when the hour had none left. Safe to repeat: sums are replaced, days and
 * lifetimes get the difference. */
bool so_store_fold_slice(
	struct so_store *store, int64_t hour, int64_t *after, bool *more, struct so_err *err) SO_MUST_CHECK;
/* The oldest hour, from `from` on, that has polls which the fold has not seen; *hour -1: none. */
bool so_store_fold_next(
	struct so_store *store, int64_t from, int64_t *hour, int64_t *polls, struct so_err *err) SO_MUST_CHECK;
/* The fold of the hour has seen `polls` polls. */
bool so_store_fold_done(struct so_store *store, int64_t hour, int64_t polls, struct so_err *err) SO_MUST_CHECK;

/* The last hour that has ever been written, -1: none. */
bool so_store_hour_newest(struct so_store *store, int64_t *hour, struct so_err *err) SO_MUST_CHECK;
/* The oldest hour that has samples; *hour -1: none. */
bool so_store_hour_oldest(struct so_store *store, int64_t *hour, struct so_err *err) SO_MUST_CHECK;
/* Deletes the samples of an hour, in slices of transactions; its roll-ups stay. The fold must have seen them. */
bool so_store_hour_drop(struct so_store *store, int64_t hour, struct so_err *err) SO_MUST_CHECK;
/* Deletes roll-ups before these hours and days, the oldest hour and day at a time; *more: there may be others. */
bool so_store_rollups_drop(struct so_store *store, struct so_scope scope, int64_t before_hour, int64_t before_day,
	bool *more, struct so_err *err) SO_MUST_CHECK;
/* Bytes in use, without what is free in the file. */
bool so_store_used(struct so_store *store, int64_t *bytes, struct so_err *err) SO_MUST_CHECK;
/* Gives half a megabyte of what is free in the file back to the disk, in a short transaction of its own, when the file
 * is larger than `most_bytes`; *more: it did, there may be more to give. Files that were made before there was this
 * stay as they are. */
bool so_store_shrink(struct so_store *store, int64_t most_bytes, bool *more, struct so_err *err) SO_MUST_CHECK;

/* ---- reading roll-ups ---- */
struct so_store_load {
	int64_t hour; /* since the epoch */
	int64_t queries, slow, calls, exec_us, shared_read;
};
struct so_store_loads {
	size_t count;
	struct so_store_load *items; /* hours without a poll are absent */
};
/* Sums over a connection, or over all (0), of at most 744 hours. */
struct so_store_loads *so_store_load_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, int64_t from_hour, int64_t to_hour, struct so_err *err);

struct so_store_hour {
	int64_t hour, polls, peak_us;
	int64_t sum[SO_SAMPLE_COUNTERS];
};
struct so_store_hours {
	size_t count;
	struct so_store_hour *items;
};
/* One query's hours, ascending; at most 744. */
struct so_store_hours *so_store_hour_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_hour, int64_t to_hour, struct so_err *err);
/* The same by day (`hour` is a day since the epoch then). */
struct so_store_hours *so_store_day_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_day, int64_t to_day, struct so_err *err);

#endif
