/* Ollama's native API: GET /api/tags, POST /api/chat with a JSON schema in `format`
 * (https://github.com/ollama/ollama/blob/main/docs/api.md). Errors are {"error":"text"}. */
#include <stdlib.h>
#include <string.h>

#include "llm/http_client.h"
#include "llm/provider.h"

#define MAX_ANSWER_BYTES ((size_t)1024 * 1024)
#define MAX_MODELS       200
/* A token is at least one byte of JSON that we are willing to read; weak models never close a free string. */
#define MAX_ANSWER_TOKENS 4096
#define CONTEXT_TOKENS    16384

static char *endpoint(TALLOC_CTX *ctx, const char *base_url, const char *path)
{
	size_t len = strlen(base_url);

	while (len > 0 && base_url[len - 1] == '/')
		len--;
	return so_printf(ctx, "%.*s%s", (int)len, base_url, path);
}

/* Turns a status and an error document into our error; true when the call went well. */
static bool check_status(long status, const json_t *doc, const char *what, struct so_err *err)
{
	const char *text = json_string_value(json_object_get(doc, "error"));

	if (status == 200 && !text)
		return true;
	if (status == 404 && text && strstr(text, "model"))
		return so_fail(err, SO_MODEL, "%s: %s", what, text);
	if (status == 503)
		return so_fail(err, SO_BUSY, "%s: the model server is busy: %s", what, text ? text : "no reason given");
	return so_fail(
		err, SO_MODEL, "%s: the model server answered %ld: %s", what, status, text ? text : "no reason given");
}

static bool fetch_json(struct so_http_request *request, const char *what, json_t **doc, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_error_t where;
	long status = 0;
	char *body;

	request->max_bytes = MAX_ANSWER_BYTES;
	if (!so_http_fetch(tmp, request, &status, &body, err))
		return false;
	*doc = json_loads(body, JSON_REJECT_DUPLICATES, &where);
	if (!*doc && status == 200)
		return so_fail(err, SO_MODEL, "%s: the answer is not JSON (%s)", what, where.text);
	if (!check_status(status, *doc, what, err)) {
		json_decref(*doc);
		return false;
	}
	return true;
}

static bool ollama_models(
	TALLOC_CTX *ctx, const char *base_url, int64_t timeout_ms, char ***models, size_t *count, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_http_request request = { .url = endpoint(tmp, base_url, "/api/tags"), .timeout_ms = timeout_ms };
	json_t *doc, *list;

	if (!fetch_json(&request, "model list", &doc, err))
		return false;
	list = json_object_get(doc, "models");
	if (!json_is_array(list)) {
		json_decref(doc);
		return so_fail(err, SO_MODEL, "model list: no 'models' in the answer; is this an Ollama server?");
	}
	*count = 0;
	*models = so_new_array(ctx, char *, MAX_MODELS);
	for (size_t i = 0; i < json_array_size(list) && *count < MAX_MODELS; i++) {
		const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));

		if (name)
			(*models)[(*count)++] = so_strdup(*models, name);
	}
	json_decref(doc);
	return true;
}

static char *chat_body(TALLOC_CTX *ctx, const struct so_llm_call *call)
{
	json_t *doc = json_pack("{s:s, s:b, s:O, s:[{s:s, s:s}, {s:s, s:s}], s:{s:f, s:i, s:i, s:i}}", "model",
		call->model, "stream", 0, "format", (json_t *)call->schema, "messages", "role", "system", "content",
		call->system, "role", "user", "content", call->user, "options", "temperature", 0.0, "seed", 1,
		"num_ctx", CONTEXT_TOKENS, "num_predict", MAX_ANSWER_TOKENS);
	char *text = doc ? json_dumps(doc, JSON_COMPACT) : NULL, *body;

	json_decref(doc);
	if (!text)
		return NULL;
	body = so_strdup(ctx, text);
	free(text);
	return body;
}

static bool ollama_chat(TALLOC_CTX *ctx, const struct so_llm_call *call, char **content, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_http_request request = {
		.url = endpoint(tmp, call->base_url, "/api/chat"),
		.body = chat_body(tmp, call),
		.timeout_ms = call->timeout_ms,
		.cancel = call->cancel,
	};
	const char *text, *reason;
	json_t *doc;

	if (!request.body)
		return so_fail(err, SO_INPUT, "the question is not valid UTF-8");
	if (!fetch_json(&request, "model answer", &doc, err))
		return false;
	text = json_string_value(json_object_get(json_object_get(doc, "message"), "content"));
	reason = json_string_value(json_object_get(doc, "done_reason"));
	if (!text)
		so_fail(err, SO_MODEL, "model answer: no message in it; is this an Ollama server?");
	else if (!json_is_true(json_object_get(doc, "done")))
		so_fail(err, SO_MODEL, "model answer: it ended before it was done");
	else if (reason && strcmp(reason, "length") == 0)
		so_fail(err, SO_MODEL, "model answer: cut off after %d tokens", MAX_ANSWER_TOKENS);
	else
		*content = so_strdup(ctx, text);
	json_decref(doc);
	return err->kind == SO_NONE;
}

const struct so_llm_provider so_llm_ollama = { .name = "ollama", .models = ollama_models, .chat = ollama_chat };
