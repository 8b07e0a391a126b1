/* The store: connections, queries, runs with their findings and proposals, jobs, audit, samples. so_store_tx and every
 * function built on it return when the data is durable. Any thread may call any function; each call blocks for disk
 * time only. Results are children of `ctx`, one talloc block a row plus
 * its texts. Errors are SO_STORE (disk full, locked, corrupt: the message has the remedy), SO_BUSY (queue full),
 * SO_NOT_FOUND, SO_CONFLICT (name taken).
 *
 * Every function takes the scope it acts in: rows of another organisation do not exist for it. Secrets come and go as
 * Fernet tokens only; the store never sees a key. Times are microseconds UTC, 0 for "never"; ids start at 1, 0 is
 * "none"; texts may be NULL where it says so; figures that are unknown are NAN. */
#ifndef SO_STORE_STORE_H
#define SO_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct so_store;

struct so_scope {
	int64_t organisation_id; /* 1: the default organisation, made with the store */
	int64_t user_id; /* 0: nobody is logged in */
};
#define SO_SCOPE_DEFAULT ((struct so_scope){ .organisation_id = 1 })

/* Page caches. That of a reader is dropped by SQLite whenever the writer has written, and filled again by whichever
 * thread reads next, whose arena of the C library keeps the memory: it costs its size once for each thread. */
#define SO_STORE_CACHE_KIB        16384 /* of the writer */
#define SO_STORE_READER_CACHE_KIB 1024

struct so_store_options {
	size_t readers; /* read connections kept open; 0: 4. A fifth reader waits for one of them. */
	size_t queue_max; /* transactions that may wait; 0: 1,024 */
	int64_t busy_timeout_ms; /* 0: 5,000 */
	int64_t max_pages; /* 0: no limit; tests use it to fill the disk */
	int64_t (*clock_us)(void); /* for tests; NULL: the system's wall clock */
};

/* `url`: "sqlite:///relative/path" or "sqlite:////absolute/path". Makes or migrates the schema, takes the lock file
 * ("<path>.lock": one server a store, the message names the other process), and marks jobs that a dead server left
 * queued or running as interrupted. Refused: a newer schema, another program's database, a file that others can read or
 * write (with the chmod). `options` may be NULL. The result is a talloc object; freeing it writes what is queued. */
struct so_store *so_store_open(
	TALLOC_CTX *ctx, const char *url, const struct so_store_options *options, struct so_err *err) SO_MUST_CHECK;

/* Runs `fn` in one transaction and returns when it is durable; what concurrent callers ask for meanwhile shares one
 * commit. `tx` is a view of the store bound to the transaction: give it to any function of store/ in place of the
 * store. `fn` runs on another thread while the caller waits, so it may use the caller's memory; it must not keep `tx`,
 * wait for anything, or call the outer store. When `fn` returns false nothing of it is kept and *err is what it said.
 */
bool so_store_tx(struct so_store *store, bool (*fn)(struct so_store *tx, void *arg, struct so_err *err), void *arg,
	struct so_err *err) SO_MUST_CHECK;

/* The same for what may go with the last seconds before the power fails, as long as it goes whole and in order: polls
 * and roll-ups. Returns when it is written; kill -9 takes nothing away. Spares the disk a flush for each poll. */
bool so_store_tx_lazy(struct so_store *store, bool (*fn)(struct so_store *tx, void *arg, struct so_err *err), void *arg,
	struct so_err *err) SO_MUST_CHECK;

struct so_store_stats {
	int64_t commits, transactions; /* transactions / commits: how many shared one */
	int64_t size_bytes, schema_version;
};
bool so_store_stats(struct so_store *store, struct so_store_stats *out, struct so_err *err) SO_MUST_CHECK;
/* A trivial read: is the store answering? For /health. */
bool so_store_ping(struct so_store *store, struct so_err *err) SO_MUST_CHECK;

/* ---- connections: databases we look at ---- */
struct so_store_conn {
	int64_t id;
	char *name; /* unique in the organisation */
	char *engine; /* as the user gave it */
	char *server_flavor; /* as detected, or NULL */
	char *host, *database, *username;
	int64_t port;
	char *dsn_token; /* Fernet token of a URI or service form, or NULL: then host ... apply */
	char *password_token; /* Fernet token, or NULL */
	bool ssl_enabled;
	char *tls_ca; /* file name, or NULL */
	char *search_path; /* or NULL */
	bool scratch; /* permission to build and drop temporary objects there */
	bool monitoring_enabled;
	int64_t interval_s; /* seconds between polls; 0: as configured */
	char *environment; /* "production" ..., or "" */
	char *labels; /* a JSON object of texts */
	int64_t created_us, updated_us, last_monitored_us;
	int64_t instance_id; /* the server it was found on, 0: not looked yet; so_store_instance_put writes it */
};

struct so_store_conns {
	size_t count;
	struct so_store_conn **items;
	int64_t total; /* rows that match, whatever the limit */
};

/* Fills conn->id and the times. SO_CONFLICT when the name is taken. */
bool so_store_conn_create(
	struct so_store *store, struct so_scope scope, struct so_store_conn *conn, struct so_err *err) SO_MUST_CHECK;
struct so_store_conn *so_store_conn_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* By id, ascending. */
struct so_store_conns *so_store_conn_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t limit,
	int64_t offset, struct so_err *err) SO_MUST_CHECK;
/* Writes every member; stamps updated_us. Take what so_store_conn_get gave and change it. */
bool so_store_conn_update(
	struct so_store *store, struct so_scope scope, struct so_store_conn *conn, struct so_err *err) SO_MUST_CHECK;
/* With its queries, runs, findings, proposals and jobs; audit entries stay. Its samples cannot be read any more. */
bool so_store_conn_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

/* ---- queries: normalised statements of a connection ---- */
struct so_store_query {
	int64_t id, connection_id;
	char *fingerprint; /* unique in the connection together with its version */
	int64_t fingerprint_version;
	char *hash; /* sha256 of the text, hex (the older API's query_hash); or NULL */
	char *engine_id; /* the engine's own id, or NULL */
	char *sql_text;
	int64_t calls, rows_returned, total_us; /* latest cumulative counters */
	int64_t buffer_hits, buffer_reads; /* -1: not known */
	bool optimized;
	int64_t discovered_us, last_seen_us;
	char *kind; /* "select", "insert", "update", "delete", "merge"; NULL: not known */
};

struct so_store_queries {
	size_t count;
	struct so_store_query **items;
	int64_t total;
};

struct so_store_query_filter {
	int64_t connection_id; /* 0: all */
	int optimized; /* -1: any, 0, 1 */
	int64_t limit, offset; /* limit 0: 100 */
};

/* Inserts, or updates text and counters of the one with the same fingerprint; fills id and times. */
bool so_store_query_put(
	struct so_store *store, struct so_scope scope, struct so_store_query *query, struct so_err *err) SO_MUST_CHECK;
struct so_store_query *so_store_query_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* By total time, largest first. */
struct so_store_queries *so_store_query_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_query_filter *filter, struct so_err *err) SO_MUST_CHECK;

/* ---- runs: one optimisation of one statement, the older API's "optimization" ---- */
enum so_run_status { SO_RUN_PENDING, SO_RUN_APPLIED, SO_RUN_VALIDATED, SO_RUN_FAILED, SO_RUN_STATUS_MAX };
const char *so_run_status_name(enum so_run_status status);
/* SO_RUN_STATUS_MAX when there is no such status. */
enum so_run_status so_run_status_find(const char *name);

struct so_store_run {
	int64_t id, connection_id;
	int64_t query_id, job_id; /* 0: none */
	char *original_sql, *optimized_sql, *explanation;
	char *recommendations; /* text, or NULL */
	char *plan_json; /* the normalised plan, or NULL */
	char *detected_json; /* the older API's DetectionResult, or NULL */
	char *extra_json; /* whatever else the service wants back with the run (notes, healthy reason ...), or NULL */
	double improvement_pct; /* from planned cost; NAN: unknown */
	enum so_run_status status;
	bool complete; /* false: the model's part is still to come */
	char *model; /* name of the model that took part, or NULL */
	char *error; /* why it failed, or NULL */
	int64_t duration_us;
	int64_t n_issues; /* rows of findings; filled on reading */
	int64_t created_us, updated_us, applied_us, validated_us;
};

struct so_store_runs {
	size_t count;
	struct so_store_run **items;
	int64_t total;
};

/* A row behind the older API's QueryIssue. `doc` is the finding as core/finding.h writes it. */
struct so_store_finding {
	int64_t id, connection_id, query_id, run_id;
	char *rule, *issue_type, *title, *description;
	int64_t severity; /* enum so_severity: 0 low ... 3 critical */
	char *doc;
	bool resolved;
	int64_t detected_us, resolved_us;
	/* Of its life, see judge.h; read only here. */
	int64_t updated_us; /* when the monitor last wrote it; 0: a run did */
	char *cause, *ended; /* "plan_change"; why it is closed, "recovered"; or NULL */
	int64_t returns; /* how often it came back */
	double factor; /* times slower; NAN */
	int64_t acknowledged_us, acknowledged_by; /* 0: not */
	double acknowledged_factor;
	int64_t muted_until_us; /* 0: not, INT64_MAX: for ever */
	int64_t comments;
};

struct so_store_findings {
	size_t count;
	struct so_store_finding **items;
	int64_t total;
};

/* `doc` is the proposal with its proof record as core/proposal.h writes it; the other members repeat what lists need.
 */
struct so_store_proposal {
	int64_t id, connection_id, run_id;
	char *kind, *verdict, *title, *origin;
	double cost_before, cost_after; /* NAN: unknown */
	char *doc;
	int64_t created_us, updated_us;
};

struct so_store_proposals {
	size_t count;
	struct so_store_proposal **items;
	int64_t total;
};

/* What belongs to a run, for saving: arrays of pointers, so that ids can be filled in. */
struct so_store_run_parts {
	size_t n_findings, n_proposals;
	struct so_store_finding **findings;
	struct so_store_proposal **proposals;
};

/* Run, findings and proposals in one transaction. run->id 0 makes a new one, else it is written over. Parts with id 0
 * are new, others are written over, and what the run had and `parts` has not is deleted; `parts` NULL leaves them all
 * as they are. Ids, connection and run ids and times of the parts are filled in. */
bool so_store_run_save(struct so_store *store, struct so_scope scope, struct so_store_run *run,
	const struct so_store_run_parts *parts, struct so_err *err) SO_MUST_CHECK;
struct so_store_run *so_store_run_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

struct so_store_run_filter {
	int64_t connection_id; /* 0: all */
	int status; /* -1: any, else enum so_run_status */
	bool with_issues; /* only those that found something */
	int64_t limit, offset; /* limit 0: 100 */
};
/* Newest first. `with_issues` takes any status. */
struct so_store_runs *so_store_run_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_run_filter *filter, struct so_err *err) SO_MUST_CHECK;
/* With its findings and proposals. */
bool so_store_run_delete(struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

struct so_store_finding_filter {
	int64_t connection_id, run_id; /* 0: all */
	int severity; /* -1: any */
	const char *issue_type; /* NULL: any */
	int resolved; /* -1: any, 0, 1 */
	int64_t limit, offset; /* limit 0: 100 */
};
/* Newest first; of one run in the order saved. */
struct so_store_findings *so_store_finding_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_finding_filter *filter, struct so_err *err) SO_MUST_CHECK;
struct so_store_finding_count {
	char *issue_type;
	int64_t severity, count;
};
struct so_store_finding_counts {
	size_t count;
	struct so_store_finding_count **items;
};
/* Open ones of a connection, or of all (0), by type and severity. */
struct so_store_finding_counts *so_store_finding_counts(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, struct so_err *err) SO_MUST_CHECK;
bool so_store_finding_resolve(
	struct so_store *store, struct so_scope scope, int64_t id, bool resolved, struct so_err *err) SO_MUST_CHECK;
/* Of one run, in the order saved. */
struct so_store_proposals *so_store_proposal_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t run_id, struct so_err *err) SO_MUST_CHECK;
struct so_store_proposal *so_store_proposal_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* Writes verdict, title, costs and doc (a proof record grew: measured, applied ...). */
bool so_store_proposal_update(struct so_store *store, struct so_scope scope, struct so_store_proposal *proposal,
	struct so_err *err) SO_MUST_CHECK;

/* ---- jobs: written by job/, read by anyone ---- */
struct so_store_job {
	int64_t id, connection_id, result_id; /* 0: none; result_id: the run it made */
	char *kind, *state, *title; /* state as so_job_state_name writes it */
	char *steps_json; /* [{"name","state","started_at","finished_at","note"}], or NULL */
	double progress; /* 0 to 1 */
	char *error_kind, *error; /* or NULL */
	int64_t user_id, created_us, started_us, finished_us;
};

struct so_store_jobs {
	size_t count;
	struct so_store_job **items;
	int64_t total;
};

struct so_store_job_filter {
	int64_t connection_id;
	const char *kind, *state; /* NULL: any */
	int64_t limit, offset; /* limit 0: 100 */
};

bool so_store_job_create(
	struct so_store *store, struct so_scope scope, struct so_store_job *job, struct so_err *err) SO_MUST_CHECK;
bool so_store_job_update(struct so_store *store, struct so_scope scope, const struct so_store_job *job,
	struct so_err *err) SO_MUST_CHECK;
struct so_store_job *so_store_job_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* Newest first. */
struct so_store_jobs *so_store_job_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_job_filter *filter, struct so_err *err) SO_MUST_CHECK;
/* Forgets finished jobs but the newest `keep`. */
bool so_store_job_trim(struct so_store *store, struct so_scope scope, int64_t keep, struct so_err *err) SO_MUST_CHECK;

/* ---- audit: who did what; append-only ---- */
struct so_store_audit {
	int64_t id, at_us, user_id;
	char *action; /* "connection.create", "proposal.apply" */
	char *object_type; /* "connection" ... or NULL */
	int64_t object_id;
	bool ok;
	char *request_id; /* or NULL */
	char *detail; /* JSON without secrets, or NULL */
};

struct so_store_audits {
	size_t count;
	struct so_store_audit **items;
	int64_t total;
};

/* Stamps at_us when it is 0; user from the scope. */
bool so_store_audit_add(
	struct so_store *store, struct so_scope scope, struct so_store_audit *entry, struct so_err *err) SO_MUST_CHECK;
/* Newest first. */
struct so_store_audits *so_store_audit_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t limit, int64_t offset, struct so_err *err) SO_MUST_CHECK;

/* ---- dashboard ---- */
struct so_store_dashboard {
	int64_t connections, active_connections, queries, runs, runs_applied;
	double avg_improvement_pct; /* NAN: no run has a figure */
	int64_t runs_with_issues, issues;
	struct so_store_queries *top; /* the ten with the largest total time */
};
/* `connection_id` 0: all. */
struct so_store_dashboard *so_store_dashboard(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t connection_id, struct so_err *err) SO_MUST_CHECK;

/* ---- samples: what the counters of a query did over one interval ---- */
#define SO_SAMPLE_COUNTERS 10
struct so_store_sample {
	int64_t query_id, at_us; /* kept to the second */
	/* deltas: calls, rows, exec_us, plan_us, shared_hit, shared_read, shared_dirtied, temp_read, temp_written,
	 * wal_bytes */
	int64_t delta[SO_SAMPLE_COUNTERS];
};

struct so_store_samples {
	size_t count;
	struct so_store_sample *items;
};
/* One query's history of [from_us, to_us), ascending; a range of at most 31 days. */
struct so_store_samples *so_store_sample_list(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	int64_t query_id, int64_t from_us, int64_t to_us, struct so_err *err) SO_MUST_CHECK;

#endif
