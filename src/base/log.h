/* The log: one line an event on standard error, as text or as JSON. Only the edges log (http, mcp, cli, main, and the
 * threads of job and store that have no caller to tell). Lines hold no passwords, DSNs, literals of statements or row
 * values: whoever writes the message sees to that. Thread-safe; a line is one write(2), at most SO_LOG_LINE_MAX bytes.
 */
#ifndef SO_BASE_LOG_H
#define SO_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SO_LOG_LINE_MAX 4096

enum so_log_level { SO_LOG_DEBUG, SO_LOG_INFO, SO_LOG_WARN, SO_LOG_ERROR, SO_LOG_LEVEL_MAX };
enum so_log_format { SO_LOG_TEXT, SO_LOG_JSON, SO_LOG_FORMAT_MAX };

/* What a line belongs to, passed on by the caller; any member may be empty. Text is cut at 64 bytes. */
struct so_log_at {
	const char *module; /* "http", "job", "store"; static text */
	const char *request_id; /* or NULL */
	int64_t job_id; /* 0: none */
	int64_t connection_id; /* 0: none */
};

/* Once, in main, before threads; before that, INFO as text to standard error. `fd` stays the caller's. */
void so_log_init(enum so_log_level level, enum so_log_format format, int fd);
bool so_log_on(enum so_log_level level);
/* `at` may be NULL. Control characters of the message are escaped (JSON) or replaced (text): one
 * event is always one line. */
void so_log(enum so_log_level level, const struct so_log_at *at, const char *fmt, ...) SO_PRINTF(3, 4);
/* As so_log with the kind, SQLSTATE and message of an error added. */
void so_log_err(enum so_log_level level, const struct so_log_at *at, const struct so_err *err, const char *fmt, ...)
	SO_PRINTF(4, 5);

/* For a message that could repeat without end (a dead target, a full disk): at most one line a `period_s`, and the next
 * one says how many were left out. Zeroed static storage, or zeroed memory of the object concerned. */
struct so_log_limit {
	_Atomic int64_t next_us;
	_Atomic int64_t skipped;
};
void so_log_limited(struct so_log_limit *limit, int64_t period_s, enum so_log_level level, const struct so_log_at *at,
	const char *fmt, ...) SO_PRINTF(5, 6);

const char *so_log_level_name(enum so_log_level level);
const char *so_log_format_name(enum so_log_format format);

#endif
