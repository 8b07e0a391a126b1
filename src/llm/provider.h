/* One row a kind of model server. */
#ifndef SO_LLM_PROVIDER_H
#define SO_LLM_PROVIDER_H

#include "llm/llm.h"

struct so_llm_call {
	const char *base_url, *model, *system, *user;
	const json_t *schema;
	int64_t timeout_ms;
	struct so_cancel *cancel;
};

struct so_llm_provider {
	const char *name;
	/* Names of the models that the server has. */
	bool (*models)(TALLOC_CTX *ctx, const char *base_url, int64_t timeout_ms, char ***models, size_t *count,
		struct so_err *err);
	/* The text of the model's answer. */
	bool (*chat)(TALLOC_CTX *ctx, const struct so_llm_call *call, char **content, struct so_err *err);
};

extern const struct so_llm_provider so_llm_ollama;

#endif
