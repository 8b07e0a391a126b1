/* Writes figures as Prometheus (text format 0.0.4) and OpenMetrics (1.0.0) read them. The two differ in how a family of
 * counters is called, in the info type and in the end mark; callers need not know. */
#ifndef SO_API_EXPOSITION_H
#define SO_API_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum so_metric_type { SO_METRIC_GAUGE, SO_METRIC_COUNTER, SO_METRIC_INFO };

struct so_exposition {
	struct so_buf buf;
	bool openmetrics;
	const char *suffix; /* of the samples of the current family */
	const char *name;
};

void so_exposition_init(struct so_exposition *out, TALLOC_CTX *ctx, bool openmetrics, size_t max_bytes);
/* Begins a family. `name` is without "_total" and "_info", which the type adds; static text, as `help`, which holds no
 * backslash and no line feed. Its samples follow at once, and no family comes twice. */
void so_exposition_family(struct so_exposition *out, const char *name, enum so_metric_type type, const char *help);
/* One sample. `labels` is what so_exposition_labels made, or NULL. */
void so_exposition_number(struct so_exposition *out, const char *labels, int64_t value);
/* Microseconds as seconds, exactly. */
void so_exposition_seconds(struct so_exposition *out, const char *labels, int64_t value_us);
/* name="value",... of NULL-terminated pairs, escaped. */
char *so_exposition_labels(TALLOC_CTX *ctx, const char *const *pairs);
/* The whole text; NULL when it outgrew its maximum. */
const char *so_exposition_end(struct so_exposition *out);

#endif
