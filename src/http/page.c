/* Files of the page, the API reference at /docs and /redoc, and the pages about findings. */
#include "http/internal.h"

#include <stdlib.h>
#include <string.h>

#include "http/markdown.h"

/* Where an unknown path is an error, never the page. */
static const char *const no_page[] = { "/api", "/assets", "/docs", "/redoc", "/openapi.json", "/metrics", "/health",
	"/mcp", NULL };

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool wants_html(struct exchange *ex)
{
	const char *accept = request_header(ex, "Accept");

	return accept && so_guard_accept(accept, "text/html") > so_guard_accept(accept, "application/json");
}

static bool path_is(const char *path, const char *wanted)
{
	size_t len = strlen(wanted);

	return strncmp(path, wanted, len) == 0 && (path[len] == '\0' || strcmp(path + len, "/") == 0);
}

static bool is_asset(struct exchange *ex, const char *path)
{
	struct so_asset_body body;
	const struct so_asset_set *set = &ex->http->options.assets;

	/* Asked with gzip: looking costs nothing, a file of the development folder is read twice. */
	if (strcmp(path, "/") == 0 || !so_asset_get(ex, set, path, true, &body))
		return false;
	if (body.owned)
		free((void *)body.data);
	return true;
}

bool page_wanted(struct exchange *ex)
{
	if (strcmp(ex->method, "GET") != 0 && strcmp(ex->method, "HEAD") != 0)
		return false;
	const char *path = ex->url;

	if (path_is(path, "/docs") || path_is(path, "/redoc") || below(path, "/docs") || below(path, "/assets"))
		return true;
	if (strcmp(path, "/") == 0)
		return wants_html(ex);
	if (is_asset(ex, path))
		return true;
	for (const char *const *row = no_page; *row; row++)
		if (below(path, *row))
			return false;
	return wants_html(ex);
}

/* Which embedded file a path means. */
static const char *file_of(struct exchange *ex)
{
	const char *path = ex->url;

	if (path_is(path, "/docs"))
		return "/docs.html";
	if (path_is(path, "/redoc"))
		return "/redoc.html";
	if (strcmp(path, "/") == 0)
		return "/index.html";
	if (below(path, "/docs/findings")) {
		size_t len = strlen(path);

		return so_printf(ex, "%.*s.md", (int)(path[len - 1] == '/' ? len - 1 : len), path);
	}
	return path;
}

static enum MHD_Result send_file(struct exchange *ex, const struct so_asset_body *body)
{
	const char *known = request_header(ex, "If-None-Match");
	bool same = known && body->etag && (strstr(known, body->etag) || strcmp(known, "*") == 0);
	struct MHD_Response *response;

	if (same) {
		response = MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
		if (body->owned)
			free((void *)body->data);
	} else {
		response = MHD_create_response_from_buffer(
			body->len, (void *)body->data, body->owned ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	}
	if (!response)
		return MHD_NO;
	if (!same)
		answer_header(response, "Content-Type", body->type);
	if (!same && body->gzip)
		answer_header(response, "Content-Encoding", "gzip");
	answer_header(response, "Vary", "Accept-Encoding, Accept");
	if (body->etag)
		answer_header(response, "ETag", body->etag);
	answer_header(response, "Cache-Control", body->hashed ? "public, max-age=31536000, immutable" : "no-cache");
	return answer_queue(ex, same ? 304 : 200, response);
}

static enum MHD_Result send_markdown(struct exchange *ex, const struct so_asset_body *body)
{
	char *html = so_markdown_page(ex, body->data, body->len);
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(html), html, MHD_RESPMEM_MUST_COPY);

	if (body->owned)
		free((void *)body->data);
	if (!response)
		return MHD_NO;
	answer_header(response, "Content-Type", "text/html; charset=utf-8");
	answer_header(response, "Cache-Control", "no-cache");
	return answer_queue(ex, 200, response);
}

/* A build without the page still answers with something a person can read. */
static enum MHD_Result send_no_page(struct exchange *ex)
{
	static const char text[] =
		"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>sqlopt</title></head><body>"
		"<h1>sqlopt is running</h1><p>This binary was built without its page: run <code>make build</code> with "
		"Node.js at hand, or start it with <code>--ui-dir web/dist</code>. The API is complete: see "
		"<a href=\"/openapi.json\">/openapi.json</a> and <a href=\"/health\">/health</a>.</p></body></html>\n";
	struct MHD_Response *response =
		MHD_create_response_from_buffer(sizeof(text) - 1, (void *)text, MHD_RESPMEM_PERSISTENT);

	if (!response)
		return MHD_NO;
	answer_header(response, "Content-Type", "text/html; charset=utf-8");
	answer_header(response, "Cache-Control", "no-store");
	return answer_queue(ex, 200, response);
}

static enum MHD_Result not_found(struct exchange *ex)
{
	exchange_refuse(ex, 404, "not_found", so_printf(ex, "there is nothing at '%s'", ex->url));
	return answer_json(ex);
}

enum MHD_Result page_answer(struct exchange *ex)
{
	struct so_asset_body body;
	const struct so_asset_set *set = &ex->http->options.assets;
	const char *file = file_of(ex);
	bool gzip = so_guard_accepts_gzip(request_header(ex, "Accept-Encoding"));
	bool markdown = strlen(file) > 3 && strcmp(file + strlen(file) - 3, ".md") == 0;

	if (so_asset_get(ex, set, file, gzip && !markdown, &body))
		return markdown ? send_markdown(ex, &body) : send_file(ex, &body);
	if (below(ex->url, "/assets") || below(ex->url, "/docs-assets") || below(ex->url, "/docs/findings"))
		return not_found(ex);
	if (below(ex->url, "/docs") && !path_is(ex->url, "/docs"))
		return not_found(ex);
	if (!below(ex->url, "/docs") && !below(ex->url, "/redoc") && so_asset_get(ex, set, "/index.html", gzip, &body))
		return send_file(ex, &body);
	return send_no_page(ex);
}
