/* A language model server as a source of proposals. It is never believed: what it says climbs the same ladder as our
 * own proposals. Off cleanly when it is not configured or not reachable. */
#ifndef SO_LLM_LLM_H
#define SO_LLM_LLM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"

struct so_llm;

struct so_llm_config {
	const char *base_url; /* "http://localhost:11434"; NULL or "": off */
	const char *model;
	int64_t timeout_ms; /* of one answer, connect to last byte */
};

/* What a probe found. */
struct so_llm_status {
	bool configured, reachable, model_available;
	char *url; /* without credentials */
	char *model;
	char *error; /* why it cannot be used, with the remedy; NULL when it can */
	size_t n_models;
	char **models;
};

/* Once per process, before threads start. */
void so_llm_global_init(void);

/* Copies the configuration; connects to nothing. */
struct so_llm *so_llm_new(TALLOC_CTX *ctx, const struct so_llm_config *config);
bool so_llm_configured(const struct so_llm *llm);
const char *so_llm_model(const struct so_llm *llm);

/* Asks the server which models it has. Blocks for at most `timeout_ms`. Any thread. */
void so_llm_probe(TALLOC_CTX *ctx, const struct so_llm *llm, int64_t timeout_ms, struct so_llm_status *out);

/* One question, one JSON answer that should match `schema` (borrowed). *answer is a new reference. The caller owns
 * every time limit: connect 5 s, the whole answer the configured timeout or what `cancel` leaves, answers over 1 MiB
 * are cut off with an error. SO_UNREACHABLE, SO_TIMEOUT, SO_CANCELLED, or SO_MODEL when the server or the model answers
 * with rubbish. */
bool so_llm_ask(struct so_llm *llm, const char *system, const char *user, const json_t *schema,
	struct so_cancel *cancel, json_t **answer, struct so_err *err) SO_MUST_CHECK;

#endif
