/* What the server tells of itself and of what it watches, for Prometheus and the like. */
#ifndef SO_SERVICE_METRICS_H
#define SO_SERVICE_METRICS_H

#include "alert/alerts.h"
#include "job/job.h"
#include "monitor/monitor.h"
#include "service/service.h"
#include "store/figures.h"

#define SO_METRICS_SEVERITIES 4

struct so_metrics {
	/* of the process, by /proc; 0 where that says nothing */
	int64_t start_us, cpu_us, resident_bytes, open_files, max_files, threads;
	struct so_jobs_stats jobs;
	struct so_store_stats store;
	int64_t store_used_bytes;
	struct so_monitor_status monitor;
	struct so_alerts_stats alerts;
	int64_t findings[SO_METRICS_SEVERITIES]; /* open ones, by enum so_severity */
	struct so_store_figures *targets; /* at most METRICS_MAX_CONNECTIONS */
};

bool so_service_metrics(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_metrics *out,
	struct so_err *err) SO_MUST_CHECK;

#endif
