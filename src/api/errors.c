#include "api/errors.h"

static const struct so_error_row rows[] = {
	[SO_NONE] = { 200, 0, false, "OK" },
	[SO_USAGE] = { 400, 2, false, "Wrong usage" },
	[SO_INPUT] = { 400, 3, false, "Input refused" },
	[SO_LIMIT] = { 413, 3, false, "Limit exceeded" },
	[SO_NOT_FOUND] = { 404, 3, false, "Not found" },
	[SO_CONFLICT] = { 409, 3, false, "Conflict" },
	[SO_FORBIDDEN] = { 403, 3, false, "Not allowed by the configuration" },
	[SO_DENIED] = { 502, 4, false, "The database refused access" },
	[SO_UNREACHABLE] = { 502, 4, true, "Not reachable" },
	[SO_TIMEOUT] = { 504, 4, true, "Too slow" },
	[SO_CANCELLED] = { 409, 130, false, "Cancelled" },
	[SO_UNSUPPORTED] = { 501, 5, false, "Not available here" },
	[SO_TARGET] = { 400, 3, false, "The database refused the statement" },
	[SO_MODEL] = { 503, 4, true, "The model failed" },
	[SO_BUSY] = { 503, 4, true, "Busy" },
	[SO_STORE] = { 503, 70, true, "The store failed" },
	[SO_INTERNAL] = { 500, 70, false, "Internal error" },
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == SO_KIND_MAX, "every error kind needs a row");

const struct so_error_row *so_error_row(enum so_kind kind)
{
	return kind >= 0 && kind < SO_KIND_MAX ? &rows[kind] : &rows[SO_INTERNAL];
}

const char *so_http_reason(int http_status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 421, "Misdirected Request" },
		{ 422, "Unprocessable Content" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == http_status)
			return reasons[i].reason;
	return "Error";
}

static json_t *problem(
	const char *title, int status, json_t *detail, const char *code, const char *request_id, bool retry)
{
	return json_pack("{s:s, s:s, s:i, s:o, s:s, s:s, s:b}", "type", "about:blank", "title", title, "status", status,
		"detail", detail, "code", code, "request_id", request_id, "retry", retry);
}

/* Messages quote names from foreign servers: never lose the problem over a byte that is not UTF-8. */
static json_t *text_or_note(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_string("(the message is not valid UTF-8)");
}

json_t *so_problem(const struct so_err *err, int http_status, const char *request_id)
{
	const struct so_error_row *row = so_error_row(err->kind);
	json_t *json = problem(row->title, http_status ? http_status : row->http_status, text_or_note(err->message),
		so_kind_name(err->kind), request_id, row->retry);

	if (err->sqlstate[0])
		json_object_set_new(json, "sqlstate", json_string(err->sqlstate));
	if (err->position >= 0)
		json_object_set_new(json, "position", json_integer(err->position));
	return json;
}

json_t *so_problem_http(int http_status, const char *code, const char *detail, const char *request_id)
{
	return problem(
		so_http_reason(http_status), http_status, text_or_note(detail), code, request_id, http_status == 503);
}

json_t *so_problem_fields(json_t *errors, const char *request_id)
{
	return problem("Validation failed", 422, json_incref(errors), "validation", request_id, false);
}
