#include "llm/llm.h"

#include <curl/curl.h>
#include <string.h>

#include "llm/http_client.h"
#include "llm/provider.h"

struct so_llm {
	const struct so_llm_provider *provider;
	char *base_url, *model;
	int64_t timeout_ms;
};

void so_llm_global_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct so_llm *so_llm_new(TALLOC_CTX *ctx, const struct so_llm_config *config)
{
	struct so_llm *llm = so_new(ctx, struct so_llm);

	llm->provider = &so_llm_ollama;
	llm->base_url = config->base_url && *config->base_url ? so_strdup(llm, config->base_url) : NULL;
	llm->model = so_strdup(llm, config->model ? config->model : "");
	llm->timeout_ms = config->timeout_ms;
	return llm;
}

bool so_llm_configured(const struct so_llm *llm)
{
	return llm->base_url && *llm->model;
}

const char *so_llm_model(const struct so_llm *llm)
{
	return llm->model;
}

/* "llama3" means "llama3:latest", as the server itself reads it. */
static bool same_model(const char *wanted, const char *have)
{
	size_t len = strlen(wanted);

	return strncmp(wanted, have, len) == 0 &&
	       (have[len] == '\0' || (!strchr(wanted, ':') && strcmp(have + len, ":latest") == 0));
}

void so_llm_probe(TALLOC_CTX *ctx, const struct so_llm *llm, int64_t timeout_ms, struct so_llm_status *out)
{
	struct so_err err = SO_ERR_INIT;

	*out = (struct so_llm_status){ .configured = so_llm_configured(llm), .model = so_strdup(ctx, llm->model) };
	if (!llm->base_url) {
		out->error = so_strdup(
			ctx, "no model server is configured; set OLLAMA_BASE_URL and OLLAMA_MODEL to use one");
		return;
	}
	out->url = so_http_safe_url(ctx, llm->base_url);
	if (!llm->provider->models(ctx, llm->base_url, timeout_ms, &out->models, &out->n_models, &err)) {
		out->error = so_strdup(ctx, err.message);
		return;
	}
	out->reachable = true;
	for (size_t i = 0; i < out->n_models; i++)
		out->model_available = out->model_available || same_model(llm->model, out->models[i]);
	if (!out->model_available)
		out->error =
			so_printf(ctx, "the server has no model '%s'; run: ollama pull %s", llm->model, llm->model);
}

static bool ask_once(struct so_llm *llm, const struct so_llm_call *call, json_t **answer, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_error_t where;
	char *content;

	if (!llm->provider->chat(tmp, call, &content, err))
		return false;
	*answer = json_loads(content, JSON_REJECT_DUPLICATES, &where);
	if (!*answer)
		return so_fail(err, SO_MODEL, "model answer: not the JSON that was asked for (%s at byte %d)",
			where.text, where.position);
	if (!json_is_object(*answer)) {
		json_decref(*answer);
		return so_fail(err, SO_MODEL, "model answer: a JSON object was asked for");
	}
	return true;
}

bool so_llm_ask(struct so_llm *llm, const char *system, const char *user, const json_t *schema,
	struct so_cancel *cancel, json_t **answer, struct so_err *err)
{
	struct so_llm_call call = {
		.base_url = llm->base_url,
		.model = llm->model,
		.system = system,
		.user = user,
		.schema = schema,
		.cancel = cancel,
	};
	struct so_err first = SO_ERR_INIT;

	if (!so_llm_configured(llm))
		return so_fail(
			err, SO_UNSUPPORTED, "no model server is configured; set OLLAMA_BASE_URL and OLLAMA_MODEL");
	call.timeout_ms = so_cancel_left_ms(cancel, llm->timeout_ms);
	if (ask_once(llm, &call, answer, &first))
		return true;
	/* rubbish is worth one more try: sampling and cut-off answers vary; an unreachable or slow server is not */
	if (first.kind == SO_MODEL) {
		call.timeout_ms = so_cancel_left_ms(cancel, llm->timeout_ms);
		return ask_once(llm, &call, answer, err);
	}
	*err = first;
	return false;
}
