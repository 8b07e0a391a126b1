#include "api/exposition.h"

#include <inttypes.h>

void so_exposition_init(struct so_exposition *out, TALLOC_CTX *ctx, bool openmetrics, size_t max_bytes)
{
	*out = (struct so_exposition){ .openmetrics = openmetrics };
	so_buf_init(&out->buf, ctx, max_bytes);
}

void so_exposition_family(struct so_exposition *out, const char *name, enum so_metric_type type, const char *help)
{
	static const char *const suffixes[] = { "", "_total", "_info" };
	static const char *const types[] = { "gauge", "counter", "info" };
	/* the older format calls a family as its samples are called, and has no type for facts */
	const char *family = out->openmetrics ? "" : suffixes[type];
	const char *word = type == SO_METRIC_INFO && !out->openmetrics ? "gauge" : types[type];

	out->name = name;
	out->suffix = suffixes[type];
	so_buf_addf(&out->buf, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, family, help, name, family, word);
}

static void add_name(struct so_exposition *out, const char *labels)
{
	so_buf_adds(&out->buf, out->name);
	so_buf_adds(&out->buf, out->suffix);
	if (labels && *labels) {
		so_buf_addc(&out->buf, '{');
		so_buf_adds(&out->buf, labels);
		so_buf_addc(&out->buf, '}');
	}
	so_buf_addc(&out->buf, ' ');
}

void so_exposition_number(struct so_exposition *out, const char *labels, int64_t value)
{
	add_name(out, labels);
	so_buf_addf(&out->buf, "%" PRId64 "\n", value);
}

void so_exposition_seconds(struct so_exposition *out, const char *labels, int64_t value_us)
{
	uint64_t size = value_us < 0 ? -(uint64_t)value_us : (uint64_t)value_us;

	add_name(out, labels);
	so_buf_addf(
		&out->buf, "%s%" PRIu64 ".%06" PRIu64 "\n", value_us < 0 ? "-" : "", size / 1000000, size % 1000000);
}

char *so_exposition_labels(TALLOC_CTX *ctx, const char *const *pairs)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 16384);
	for (; pairs[0]; pairs += 2) {
		so_buf_addf(&buf, "%s%s=\"", buf.len ? "," : "", pairs[0]);
		for (const char *p = pairs[1]; *p; p++) {
			if (*p == '\n')
				so_buf_adds(&buf, "\\n");
			else if (*p == '"' || *p == '\\')
				so_buf_add(&buf, (char[]){ '\\', *p }, 2);
			else
				so_buf_addc(&buf, *p);
		}
		so_buf_addc(&buf, '"');
	}
	return buf.data ? buf.data : so_strdup(ctx, "");
}

const char *so_exposition_end(struct so_exposition *out)
{
	if (out->openmetrics)
		so_buf_adds(&out->buf, "# EOF\n");
	return out->buf.overflow ? NULL : so_buf_text(&out->buf);
}
