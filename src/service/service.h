/* The use cases, without HTTP: what the API, MCP and the command line call. One file each:
 * connections.h, optimize.h (the main job), analyze.h, runs.h (stored optimizations, dashboard), prove.h (rungs 5-6 on
 * request), apply.h, health.h.
 *
 * Every function may block on the store, a target or the model, so it is called from a worker thread, never from an
 * HTTP thread; so_service_health is the exception and says so. Any number of threads may call at once. Results are
 * children of `ctx`. */
#ifndef SO_SERVICE_SERVICE_H
#define SO_SERVICE_SERVICE_H

#include <stdatomic.h>

#include "base/err.h"
#include "base/mem.h"

struct so_config;
struct so_store;
struct so_jobs;
struct so_llm;
struct so_targets;
struct so_fernet;
struct so_model_watch;
struct so_monitor;
struct so_sampler;
struct so_load_cache;
struct so_harvest;
struct so_alerts;
struct so_job_handler;

/* What the use cases stand on; built by main before any thread starts, read-only afterwards. */
struct so_service {
	const struct so_config *config;
	struct so_store *store;
	struct so_jobs *jobs;
	struct so_targets *targets; /* open connections to watched databases, checked out by one job at a time */
	struct so_llm *llm; /* never NULL; may be configured off or unreachable */
	const char *node; /* this process among those that share the store, see store/lease.h */
	struct so_fernet *fernet; /* encrypts the passwords of connections at rest */
	struct so_model_watch *model_watch;
	struct so_load_cache *loads; /* sums of statements by period, see query_load.h */
	atomic_int proving; /* validations that hold a worker, see prove.c */
	struct so_monitor *monitor; /* NULL where nobody asked for it: see monitoring.h */
	struct so_sampler *sampler; /* likewise */
	struct so_harvest *harvest; /* values of queries; NULL where nothing serves, or switched off: see harvest.h */
	struct so_alerts *alerts; /* NULL where nothing serves: see alerts.h */
	atomic_int alert_tests; /* test messages that are being sent */
	atomic_bool applying; /* a change is being made to a target: one at a time, see apply.c */
};

/* The handlers of the jobs that the use cases submit, ended by a NULL kind: for so_jobs_new. */
const struct so_job_handler *so_service_job_handlers(void);

/* `config` (with its keys), `store` and `jobs` outlive the service. Fails when ENCRYPTION_KEY holds no usable key. */
struct so_service *so_service_new(TALLOC_CTX *ctx, const struct so_config *config, struct so_store *store,
	struct so_jobs *jobs, struct so_err *err) SO_MUST_CHECK;

/* Bounds that users meet; each is named in the error it causes. */
#define SO_MAX_CONNECTIONS  5000
#define SO_MAX_SQL_BYTES    (256 * 1024)
#define SO_MAX_RESULT_ROWS  1000000
#define SO_MAX_RESULT_BYTES ((int64_t)256 * 1024 * 1024)
#define SO_OPTIMIZE_WAIT_MS 25000

#endif
