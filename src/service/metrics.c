#include "service/metrics.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "store/history.h"

/* Fields of /proc/self/stat after the name in parentheses, which may hold anything: 3 state ... 20 threads,
 * 22 start, 24 resident pages. */
static void read_stat(struct so_metrics *out)
{
	FILE *file = fopen("/proc/self/stat", "re");
	char text[1024];
	size_t len = file ? fread(text, 1, sizeof text - 1, file) : 0;
	char *fields;
	long long threads = 0, start = 0, pages = 0;

	if (file)
		fclose(file);
	text[len] = '\0';
	fields = strrchr(text, ')');
	if (!fields || sscanf(fields + 1,
			       " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %lld %*d %lld %*u "
			       "%lld",
			       &threads, &start, &pages) != 3)
		return;
	out->threads = threads;
	out->resident_bytes = pages * sysconf(_SC_PAGESIZE);
	/* ticks since the machine started */
	out->start_us = start * (1000000 / sysconf(_SC_CLK_TCK));
}

static int64_t count_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int64_t n = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		n++;
	closedir(folder);
	return n - 3; /* ".", "..", and the folder itself */
}

static void read_process(struct so_metrics *out)
{
	struct rusage usage;
	struct rlimit files;
	FILE *file;
	double uptime;

	read_stat(out);
	file = fopen("/proc/uptime", "re");
	if (file && out->start_us && fscanf(file, "%lf", &uptime) == 1)
		out->start_us += so_time_now_us() - (int64_t)(uptime * 1e6);
	else
		out->start_us = 0;
	if (file)
		fclose(file);
	getrusage(RUSAGE_SELF, &usage);
	out->cpu_us = (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
		      usage.ru_stime.tv_usec;
	out->open_files = count_files();
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		out->max_files = (int64_t)files.rlim_cur;
}

bool so_service_metrics(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, struct so_metrics *out, struct so_err *err)
{
	struct so_store_finding_counts *counts = so_store_finding_counts(ctx, service->store, scope, 0, err);

	*out = (struct so_metrics){ .monitor = { .paused = true } };
	if (!counts || !so_store_stats(service->store, &out->store, err) ||
		!so_store_used(service->store, &out->store_used_bytes, err))
		return false;
	for (size_t i = 0; i < counts->count; i++)
		if (counts->items[i]->severity >= 0 && counts->items[i]->severity < SO_METRICS_SEVERITIES)
			out->findings[counts->items[i]->severity] += counts->items[i]->count;
	out->targets = so_store_figure_list(ctx, service->store, scope, service->config->metrics_max_connections, err);
	if (!out->targets)
		return false;
	read_process(out);
	out->jobs = so_jobs_stats(service->jobs);
	if (service->alerts)
		out->alerts = so_alerts_stats(service->alerts);
	if (service->monitor)
		so_monitor_status(service->monitor, &out->monitor);
	return true;
}
