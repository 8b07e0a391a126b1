#include "service/health.h"

#include "base/config.h"
#include "llm/http_client.h"
#include "service/model_watch.h"
#include "service/monitoring.h"

void so_service_health(TALLOC_CTX *ctx, struct so_service *service, struct so_health *out)
{
	struct so_llm_status model;

	so_model_watch_get(ctx, service->model_watch, &model);
	*out = (struct so_health){
		.status = "healthy",
		.model_status = !model.configured                          ? "disabled"
				: model.reachable && model.model_available ? "healthy"
									   : "unhealthy",
		.model_url = model.url ? model.url : so_http_safe_url(ctx, service->config->ollama_base_url),
		.model_checked = so_strdup(ctx, so_llm_model(service->llm)),
		.model_error = model.error,
		.model_available = model.model_available,
		.n_models = model.n_models,
		.models = model.models,
		.monitoring_agent = so_service_monitoring_runs(service),
		.remote_without_login = !so_config_is_loopback(service->config->backend_host),
	};
}
