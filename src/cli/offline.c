#include "cli/offline.h"

#include <string.h>
#include <unistd.h>

#include "api/tables.h"
#include "base/config.h"
#include "base/log.h"
#include "service/service.h"
#include "store/store.h"

extern char **environ;

struct so_offline {
	struct so_config *config;
	struct so_store *store;
	struct so_service *service;
	struct so_scope scope;
	struct so_api api;
};

static int offline_dtor(struct so_offline *offline)
{
	talloc_free(offline->service);
	talloc_free(offline->store);
	so_api_done(&offline->api);
	return 0;
}

struct so_offline *so_offline_open(TALLOC_CTX *ctx, struct so_err *err)
{
	struct so_offline *offline = so_new(ctx, struct so_offline);
	char no_model[] = "--ollama-base-url=", *argv[] = { no_model, NULL };
	struct so_config_input input = { .argc = 1, .argv = argv, .environ = environ };

	offline->config = so_config_load(offline, &input, err);
	if (!offline->config)
		return talloc_free(offline), NULL;
	if (access(offline->config->store_path, F_OK) != 0) {
		so_fail(err, SO_UNREACHABLE, "there is no store at '%s' either", offline->config->store_path);
		return talloc_free(offline), NULL;
	}
	so_log_init(SO_LOG_ERROR, (enum so_log_format)offline->config->log_format, STDERR_FILENO);
	offline->scope = SO_SCOPE_DEFAULT;
	talloc_set_destructor(offline, offline_dtor);
	if (!so_config_keys(offline->config, err))
		return talloc_free(offline), NULL;
	offline->store = so_store_open(offline, offline->config->database_url, NULL, err);
	offline->service = offline->store ? so_service_new(offline, offline->config, offline->store, NULL, err) : NULL;
	if (!offline->service)
		return talloc_free(offline), NULL;
	so_api_init(&offline->api, offline->service, &offline->scope);
	return offline;
}

const char *so_offline_path(const struct so_offline *offline)
{
	return offline->config->store_path;
}

static const char *look_up(void *arg, const char *name)
{
	for (const char *const *pair = arg; pair[0]; pair += 2)
		if (strcmp(pair[0], name) == 0)
			return pair[1];
	return NULL;
}

bool so_offline_get(
	struct so_offline *offline, const char *path, const char *const *pairs, json_t **out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_request *req = so_new(tmp, struct so_request);
	struct so_request_text text = { .lookup = look_up, .lookup_arg = (void *)(uintptr_t)pairs };
	struct so_response res = { .total = -1 };
	const char *detail;
	char allow[64];

	req->api = &offline->api;
	req->request_id = "offline";
	so_assert(so_route_find(&offline->api, "GET", path, &req->route, &text.id_text, allow) == SO_MATCH);
	if (so_api_prepare(req, &text, &res))
		so_api_run(req, req->route->handler, &res);
	if (!res.problem) {
		*out = res.json;
		return true;
	}
	detail = json_string_value(json_object_get(res.json, "detail"));
	so_fail(err, SO_INPUT, "%s", detail ? detail : "the store refuses the question");
	json_decref(res.json);
	return false;
}
