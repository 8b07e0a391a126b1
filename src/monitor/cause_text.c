#include "monitor/cause_text.h"

#include "base/buf.h"

#define TEXT_MAX 2000

/* "3.2", "1,250" would need a locale: three significant digits, no exponent below a billion. */
static const char *figure(TALLOC_CTX *ctx, double v)
{
	return so_printf(ctx, v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : "%.2f", v);
}

static void add_event(struct so_buf *buf, TALLOC_CTX *tmp, const struct so_event *e)
{
	switch (e->kind) {
	case SO_EVENT_INDEX_DROPPED:
		so_buf_addf(buf, "index \"%s\" was dropped", e->object);
		return;
	case SO_EVENT_INDEX_CREATED:
		so_buf_addf(buf, "index \"%s\" was created", e->object);
		return;
	case SO_EVENT_STATISTICS:
		so_buf_addf(buf, "the statistics of \"%s\" changed", e->object);
		return;
	case SO_EVENT_SETTING:
		so_buf_addf(buf, "setting \"%s\" was changed", e->object);
		break;
	case SO_EVENT_VERSION:
		so_buf_adds(buf, "the server's version changed");
		break;
	case SO_EVENT_TABLE_ROWS:
		so_buf_addf(buf, "table \"%s\" went from %s to %s rows", e->object, figure(tmp, e->rows_before),
			figure(tmp, e->rows_after));
		return;
	case SO_EVENT_DEPLOY:
		so_buf_addf(buf, "\"%s\" was marked", e->object);
		return;
	case SO_EVENT_KIND_MAX:
		return;
	}
	if (e->before && e->after)
		so_buf_addf(buf, " from %s to %s", e->before, e->after);
}

static void add_none(
	struct so_buf *buf, TALLOC_CTX *tmp, const struct so_cause *cause, const struct so_cause_notes *notes)
{
	so_buf_adds(buf, "No cause found: ");
	so_buf_adds(buf, notes->plan_known ? "the plan is the same" : "the plan was not recorded");
	so_buf_adds(buf, ", no known change at the time explains it");
	if (cause->n_peers)
		so_buf_addf(buf, ", and %zu of %zu other queries slowed alike", cause->n_peers_slow, cause->n_peers);
	so_buf_adds(buf, ".");
	if (notes->pages_factor >= 1.3)
		so_buf_addf(buf, " A call reads %s times as many pages as before.", figure(tmp, notes->pages_factor));
}

char *so_cause_text(TALLOC_CTX *ctx, const struct so_cause *cause, const struct so_regression *found,
	const struct so_cause_notes *notes)
{
	SO_TMP(tmp, ctx);
	struct so_buf buf;

	so_buf_init(&buf, tmp, TEXT_MAX);
	switch (cause->kind) {
	case SO_CAUSE_NONE:
		if (found->kind == SO_REGRESSION_NEW)
			so_buf_adds(&buf, "The query was not seen before.");
		else
			add_none(&buf, tmp, cause, notes);
		break;
	case SO_CAUSE_PLAN:
		so_buf_addf(&buf, "The plan changed (%016llx to %016llx)", (unsigned long long)cause->plan_before,
			(unsigned long long)cause->plan_after);
		if (cause->event) {
			so_buf_adds(&buf, " when ");
			add_event(&buf, tmp, cause->event);
		}
		so_buf_addf(&buf, "; calls with the new plan take %s times as long.",
			figure(tmp, pow(found->factor, cause->explained)));
		break;
	case SO_CAUSE_ROWS:
		if (cause->event)
			so_buf_addf(&buf, "Table \"%s\" grew from %s to %s rows, %s times as many.",
				cause->event->object, figure(tmp, cause->before), figure(tmp, cause->after),
				figure(tmp, cause->after / cause->before));
		else
			so_buf_addf(&buf, "A call returns or changes %s rows, before it was %s: %s times as many.",
				figure(tmp, cause->after), figure(tmp, cause->before),
				figure(tmp, cause->after / cause->before));
		break;
	case SO_CAUSE_CACHE:
		so_buf_addf(&buf,
			"The data no longer stays in the cache: %s %% of the pages had to be read, before it was %s "
			"%%, "
			"while a call touches as many pages as before.",
			figure(tmp, 100 * cause->after), figure(tmp, 100 * cause->before));
		break;
	case SO_CAUSE_STATISTICS:
	case SO_CAUSE_SETTING:
	case SO_CAUSE_INDEX:
	case SO_CAUSE_VERSION:
		so_buf_adds(&buf, "It began when ");
		add_event(&buf, tmp, cause->event);
		so_buf_adds(&buf, "; nothing else that was looked at changed then.");
		break;
	case SO_CAUSE_LOAD:
		so_buf_addf(&buf,
			"The whole server slowed down: %zu of %zu other queries slowed alike, typically %s times. This "
			"query is the same: look for load, locks or storage.",
			cause->n_peers_slow, cause->n_peers, figure(tmp, cause->after));
		break;
	case SO_CAUSE_KIND_MAX:
		break;
	}
	if (notes->deploy && cause->event != notes->deploy)
		so_buf_addf(&buf, " \"%s\" was marked at that time.", notes->deploy->object);
	return so_strdup(ctx, so_buf_text(&buf));
}
