#include "service/harvest.h"

#include "base/config.h"
#include "engine/engine.h"
#include "service/plan_values.h"

#define EVERY_US (60 * INT64_C(1000000)) /* between two sets of one query out of one source */

bool so_service_harvest_begin(struct so_service *service, struct so_scope scope, struct so_err *err)
{
	const struct so_harvest_options options = {
		.store = service->store, .scope = scope, .fernet = service->fernet, .every_us = EVERY_US
	};

	if (!service->config->monitoring_parameters)
		return so_store_values_forget(service->store, INT64_MAX, err);
	service->harvest = so_harvest_new(service, &options);
	return true;
}

void so_service_harvest(struct so_service *service, const struct so_store_conn *target, const char *sql)
{
	so_harvest_text(service->harvest, target->id, so_engine_dialect(target->engine, target->server_flavor), sql,
		SO_HARVEST_STATEMENT);
}

int64_t so_service_harvest_plan(
	struct so_service *service, const struct so_store_conn *target, const struct so_plan *plan, const char *sql)
{
	SO_TMP(tmp, NULL);
	const char *dialect = so_engine_dialect(target->engine, target->server_flavor);
	char *text = service->harvest ? so_plan_values_text(tmp, so_dialect_named(dialect), plan, sql) : NULL;

	return text ? so_harvest_text(service->harvest, target->id, dialect, text, SO_HARVEST_PLAN) : 0;
}

struct so_harvested_list *so_service_harvested(
	TALLOC_CTX *ctx, struct so_service *service, const struct so_store_conn *target, const char *sql)
{
	return so_harvest_read(
		ctx, service->harvest, target->id, so_engine_dialect(target->engine, target->server_flavor), sql);
}
