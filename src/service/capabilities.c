#include "service/capabilities.h"

#include "base/config.h"
#include "engine/engine.h"
#include "engine/reading.h"

static struct so_engine_abilities abilities_of(const struct so_engine *engine)
{
	return (struct so_engine_abilities){ .name = engine->name,
		.dialect = engine->dialect,
		.default_port = engine->default_port,
		.needs_host = !(engine->optional & SO_WHERE_HOST),
		.needs_database = !(engine->optional & SO_WHERE_DATABASE),
		.needs_user = !(engine->optional & SO_WHERE_USER),
		.monitoring = engine->counters != NULL,
		.activity = engine->activity != so_no_activity,
		.catalog = engine->catalog != NULL,
		.health_checks = engine->inventory != NULL,
		.explain = engine->explain != NULL,
		.what_if = engine->what_if_begin != NULL && !engine->no_what_if,
		.compare_results = engine->digest != NULL,
		.apply = engine->execute != NULL,
		.no_what_if = engine->no_what_if };
}

struct so_abilities *so_service_abilities(TALLOC_CTX *ctx, struct so_service *service)
{
	struct so_abilities *out = so_new(ctx, struct so_abilities);

	while (so_engines[out->n_engines])
		out->n_engines++;
	out->engines = so_new_array(out, struct so_engine_abilities, out->n_engines + 1);
	for (size_t i = 0; i < out->n_engines; i++)
		out->engines[i] = abilities_of(so_engines[i]);
	out->monitoring = service->monitor != NULL;
	out->model = service->config->ollama_base_url && *service->config->ollama_base_url;
	out->activity_s = service->config->monitoring_activity_s;
	out->ddl_execution = service->config->enable_ddl_execution;
	return out;
}
