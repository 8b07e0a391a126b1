#include "service/service.h"

#include "base/config.h"
#include "base/fernet.h"
#include "job/job.h"
#include "llm/llm.h"
#include "service/discover.h"
#include "service/model_watch.h"
#include "service/optimize_job.h"
#include "service/query_load.h"
#include "service/targets.h"
#include "store/lease.h"

/* Over this a job is stuck: what executes on a target and what waits for a model have shorter limits of their own. */
#define OPTIMIZE_LIMIT_MS (20 * 60 * 1000)
#define DISCOVER_LIMIT_MS (2 * 60 * 1000)

static const struct so_job_handler handlers[] = {
	{ .kind = "optimize", .run = so_optimize_job, .drop = so_optimize_drop, .time_limit_ms = OPTIMIZE_LIMIT_MS },
	{ .kind = "discover", .run = so_discover_job, .time_limit_ms = DISCOVER_LIMIT_MS },
	{ .kind = NULL },
};

const struct so_job_handler *so_service_job_handlers(void)
{
	return handlers;
}

struct so_service *so_service_new(TALLOC_CTX *ctx, const struct so_config *config, struct so_store *store,
	struct so_jobs *jobs, struct so_err *err)
{
	struct so_service *service = so_new(ctx, struct so_service);
	struct so_llm_config llm = {
		.base_url = config->ollama_base_url,
		.model = config->ollama_model,
		.timeout_ms = config->ollama_timeout_s * 1000,
	};
	char node[SO_NODE_MAX];

	service->config = config;
	service->store = store;
	service->jobs = jobs;
	so_node_name(node);
	service->node = so_strdup(service, node);
	service->fernet = so_fernet_new(service, config->encryption_key, err);
	if (!service->fernet) {
		so_fail_in(err, "ENCRYPTION_KEY");
		talloc_free(service);
		return NULL;
	}
	service->targets = so_targets_new(service);
	service->llm = so_llm_new(service, &llm);
	service->model_watch = so_model_watch_new(service, service->llm);
	service->loads = so_load_cache_new(service, store);
	return service;
}
