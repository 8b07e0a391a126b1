#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_out.h"

static const char *const level_names[] = { "debug", "info", "warn", "error" };
static const char *const format_names[] = { "text", "json" };
_Static_assert(sizeof level_names / sizeof level_names[0] == SO_LOG_LEVEL_MAX, "a name for every level");
_Static_assert(sizeof format_names / sizeof format_names[0] == SO_LOG_FORMAT_MAX, "a name for every format");

/* The one exception to "no state in files": a log that had to be passed everywhere would not be used. */
static struct {
	atomic_int level, format, fd;
} log_state = { SO_LOG_INFO, SO_LOG_TEXT, STDERR_FILENO };

void so_log_init(enum so_log_level level, enum so_log_format format, int fd)
{
	atomic_store(&log_state.level, level);
	atomic_store(&log_state.format, format);
	atomic_store(&log_state.fd, fd);
}

bool so_log_on(enum so_log_level level)
{
	return (int)level >= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

const char *so_log_level_name(enum so_log_level level)
{
	so_assert((int)level >= 0 && level < SO_LOG_LEVEL_MAX);
	return level_names[level];
}

const char *so_log_format_name(enum so_log_format format)
{
	so_assert((int)format >= 0 && format < SO_LOG_FORMAT_MAX);
	return format_names[format];
}

/* One write for one line: pipes and files opened for appending keep it whole. */
static void put_line(const char *line, size_t len)
{
	int fd = atomic_load(&log_state.fd);

	while (len > 0) {
		ssize_t put = write(fd, line, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return; /* nowhere left to say that the log is gone */
		line += put;
		len -= (size_t)put;
	}
}

/* A JSON string needs its closing quote and brace also when the message is long, so the message is cut, not the line.
 */
static void put_json(enum so_log_level level, const struct so_log_at *at, const struct so_err *err, const char *message)
{
	TALLOC_CTX *tmp = talloc_new(NULL);
	struct so_buf buf;
	struct so_json_out out;

	so_mem_need(tmp);
	so_buf_init(&buf, tmp, (size_t)SO_LOG_LINE_MAX * 8);
	so_json_out_init(&out, &buf);
	so_json_out_open(&out, '{');
	so_json_out_key(&out, "time");
	so_json_out_time(&out, so_time_now_us());
	so_json_out_key(&out, "level");
	so_json_out_text(&out, level_names[level]);
	if (at && at->module) {
		so_json_out_key(&out, "module");
		so_json_out_text(&out, at->module);
	}
	if (at && at->request_id) {
		so_json_out_key(&out, "request_id");
		so_json_out_textn(&out, at->request_id, strnlen(at->request_id, 64));
	}
	if (at && at->job_id) {
		so_json_out_key(&out, "job_id");
		so_json_out_int(&out, at->job_id);
	}
	if (at && at->connection_id) {
		so_json_out_key(&out, "connection_id");
		so_json_out_int(&out, at->connection_id);
	}
	if (err) {
		so_json_out_key(&out, "kind");
		so_json_out_text(&out, so_kind_name(err->kind));
	}
	if (err && err->sqlstate[0]) {
		so_json_out_key(&out, "sqlstate");
		so_json_out_text(&out, err->sqlstate);
	}
	so_json_out_key(&out, "message");
	so_json_out_text(&out, message);
	so_json_out_close(&out, '}');
	so_buf_addc(&buf, '\n');
	put_line(so_buf_text(&buf), buf.len);
	talloc_free(tmp);
}

static void put_text(enum so_log_level level, const struct so_log_at *at, const struct so_err *err, const char *message)
{
	char line[SO_LOG_LINE_MAX + 256], when[SO_TIME_TEXT];
	size_t len, max = sizeof line - 1;

	len = (size_t)snprintf(line, max, "%s %-5s", so_time_format(so_time_now_us(), when), level_names[level]);
	if (at && at->module)
		len += (size_t)snprintf(line + len, max - len, " %.32s", at->module);
	if (at && at->request_id)
		len += (size_t)snprintf(line + len, max - len, " request=%.64s", at->request_id);
	if (at && at->job_id)
		len += (size_t)snprintf(line + len, max - len, " job=%" PRId64, at->job_id);
	if (at && at->connection_id)
		len += (size_t)snprintf(line + len, max - len, " connection=%" PRId64, at->connection_id);
	if (err)
		len += (size_t)snprintf(line + len, max - len, " [%s%s%s]", so_kind_name(err->kind),
			err->sqlstate[0] ? " " : "", err->sqlstate);
	len += (size_t)snprintf(line + len, max - len, " %s", message);
	if (len >= max)
		len = max - 1;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
			line[i] = '?';
	line[len++] = '\n';
	put_line(line, len);
}

static void put(enum so_log_level level, const struct so_log_at *at, const struct so_err *err, const char *message)
{
	if (atomic_load_explicit(&log_state.format, memory_order_relaxed) == SO_LOG_JSON)
		put_json(level, at, err, message);
	else
		put_text(level, at, err, message);
}

void so_log(enum so_log_level level, const struct so_log_at *at, const char *fmt, ...)
{
	char message[SO_LOG_LINE_MAX / 2];
	va_list args;

	if (!so_log_on(level))
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	put(level, at, NULL, message);
}

void so_log_err(enum so_log_level level, const struct so_log_at *at, const struct so_err *err, const char *fmt, ...)
{
	char message[SO_LOG_LINE_MAX / 2];
	va_list args;
	int len;

	if (!so_log_on(level))
		return;
	va_start(args, fmt);
	len = vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof message)
		snprintf(message + len, sizeof message - (size_t)len, ": %s", err->message);
	put(level, at, err, message);
}

void so_log_limited(struct so_log_limit *limit, int64_t period_s, enum so_log_level level, const struct so_log_at *at,
	const char *fmt, ...)
{
	int64_t now = so_time_monotonic_us(), next = atomic_load(&limit->next_us), skipped;
	char message[SO_LOG_LINE_MAX / 2];
	va_list args;
	int len;

	if (!so_log_on(level))
		return;
	if (now < next || !atomic_compare_exchange_strong(&limit->next_us, &next, now + period_s * 1000000)) {
		atomic_fetch_add(&limit->skipped, 1);
		return;
	}
	skipped = atomic_exchange(&limit->skipped, 0);
	va_start(args, fmt);
	len = vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	if (skipped && len >= 0 && (size_t)len < sizeof message)
		snprintf(message + len, sizeof message - (size_t)len, " (and %" PRId64 " more like this)", skipped);
	put(level, at, NULL, message);
}
