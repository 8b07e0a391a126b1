/* One table from error kinds to what each edge shows: HTTP status, title, process exit status, worth a retry. */
#ifndef SO_API_ERRORS_H
#define SO_API_ERRORS_H

#include <jansson.h>

#include "base/err.h"

struct so_error_row {
	int http_status;
	int exit_status; /* 0 done, 2 usage, 3 input refused, 4 target or model, 5 not available, 70 our fault, 130
			    interrupted */
	bool retry; /* the same request may succeed later */
	const char *title; /* RFC 9457 title: the same for every error of the kind */
};

const struct so_error_row *so_error_row(enum so_kind kind);

/* New reference: problem document {"type","title","status","detail","code","request_id","retry"} plus "sqlstate" and
 * "position" (bytes into the statement) where there are any. `http_status` 0: the one of the kind. */
json_t *so_problem(const struct so_err *err, int http_status, const char *request_id);
/* New reference: a problem of HTTP itself, without a kind; `code` as "method_not_allowed". */
json_t *so_problem_http(int http_status, const char *code, const char *detail, const char *request_id);
/* New reference: 422 whose "detail" is the list of field errors; takes over no reference. */
json_t *so_problem_fields(json_t *errors, const char *request_id);
/* "Not Found" for 404; "Error" for a status we never send. */
const char *so_http_reason(int http_status);

#endif
