#include "monitor/happened.h"

#include <string.h>
#include <strings.h>

#include "monitor/statement.h"
#include "store/annotation.h"
#include "store/plan.h"

enum { CHANGES_MAX = 500, DEPLOYS_MAX = 50 };
#define LOOK_BACK_US (8 * SO_DAY_US) /* onsets are searched for in seven days */

struct so_happened {
	const struct so_past *past;
	const char *dialect;
	struct so_store_changes *changes;
	struct so_store_annotations *notes;
};

struct so_happened *so_happened_read(TALLOC_CTX *ctx, const struct so_past *past, int64_t connection_id,
	const char *dialect, int64_t end_us, struct so_err *err)
{
	struct so_happened *h = so_new(ctx, struct so_happened);
	const struct so_store_annotation_filter filter = { .connection_id = connection_id,
		.from_us = end_us > LOOK_BACK_US ? end_us - LOOK_BACK_US : 0,
		.to_us = end_us,
		.limit = DEPLOYS_MAX };

	h->past = past;
	h->dialect = dialect;
	h->changes = so_store_change_list(
		h, past->store, past->scope, connection_id, end_us - LOOK_BACK_US, CHANGES_MAX, err);
	h->notes = h->changes ? so_store_annotation_list(h, past->store, past->scope, &filter, err) : NULL;
	return h->notes ? h : (talloc_free(h), NULL);
}

/* "shop.orders" is what the statement calls orders, or shop.orders. */
static bool names(const struct so_statement_tables *tables, const char *relation)
{
	const char *dot = strrchr(relation, '.'), *name = dot ? dot + 1 : relation;

	for (size_t i = 0; i < tables->count; i++) {
		const struct so_statement_table *t = &tables->items[i];

		if (strcasecmp(t->name, name) == 0 &&
			(!t->schema || !dot ||
				(strlen(t->schema) == (size_t)(dot - relation) &&
					strncasecmp(t->schema, relation, (size_t)(dot - relation)) == 0)))
			return true;
	}
	return false;
}

bool so_happened_to(struct so_event **events, size_t *n, bool *writes, TALLOC_CTX *ctx,
	const struct so_happened *happened, int64_t query_id, struct so_err *err)
{
	const struct so_store_changes *changes = happened->changes;
	struct so_statement_tables tables = { 0 };

	*n = 0;
	*writes = false;
	*events = so_new_array(ctx, struct so_event, changes->count + happened->notes->count + 1);
	if (changes->count) {
		struct so_store_query *query =
			so_store_query_get(ctx, happened->past->store, happened->past->scope, query_id, err);

		if (!query)
			return false;
		so_statement_tables(ctx, happened->dialect, query->sql_text, &tables);
		*writes = tables.writes;
	}
	for (size_t i = 0; i < changes->count; i++) {
		const struct so_store_change *c = changes->items[i];

		if (c->kind < 0 || c->kind >= SO_EVENT_KIND_MAX || (c->relation && !names(&tables, c->relation)))
			continue;
		(*events)[(*n)++] = (struct so_event){ .kind = (enum so_event_kind)c->kind,
			.from_us = c->from_us,
			.to_us = c->to_us,
			.object = c->object,
			.before = c->before,
			.after = c->after,
			.rows_before = c->rows_before,
			.rows_after = c->rows_after };
	}
	for (size_t i = 0; i < happened->notes->count; i++)
		(*events)[(*n)++] = (struct so_event){ .kind = SO_EVENT_DEPLOY,
			.from_us = happened->notes->items[i]->at_us,
			.to_us = happened->notes->items[i]->at_us,
			.object = happened->notes->items[i]->text };
	return true;
}

bool so_happened_plans(struct so_bucket *items, const struct so_series *series, TALLOC_CTX *ctx,
	const struct so_past *past, int64_t query_id, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_plan_runs *runs = so_store_plan_run_list(tmp, past->store, past->scope, query_id, err);
	size_t at = 0;

	if (!runs)
		return false;
	for (size_t i = 0; i < series->count; i++) {
		while (at < runs->count && runs->items[at]->from_us < items[i].start_us + series->bucket_us)
			at++;
		items[i].plan = at ? (uint64_t)runs->items[at - 1]->shape : 0;
	}
	return true;
}
