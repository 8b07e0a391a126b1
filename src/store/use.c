#include "store/use.h"

#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "store/entity.h"

enum { CONNECTIONS_MAX = 100000, IDS_MAX = 10000000 };

struct each {
	so_store_use_fn *use;
	so_store_query_note_fn *note;
	void *arg;
};

static void read_use(const struct so_row *row, void *arg)
{
	const struct each *each = arg;
	const struct so_store_use use = { .query_id = row->ops->number(row->raw, 0),
		.calls = row->ops->number(row->raw, 1),
		.rows = row->ops->number(row->raw, 2),
		.exec_us = row->ops->number(row->raw, 3),
		.hits = row->ops->number(row->raw, 4),
		.reads = row->ops->number(row->raw, 5) };

	each->use(each->arg, &use);
}

static bool read_range(struct so_store *store, enum so_store_statement statement, int64_t from, int64_t to,
	struct each *each, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, from);
	so_param_int(&params, to);
	return so_store_select(store, statement, &params, read_use, each, err);
}

bool so_store_use_hours(
	struct so_store *store, int64_t from, int64_t to, so_store_use_fn *each, void *arg, struct so_err *err)
{
	return read_range(store, SO_STMT_USE_HOURS, from, to, &(struct each){ .use = each, .arg = arg }, err);
}

bool so_store_use_days(
	struct so_store *store, int64_t from, int64_t to, so_store_use_fn *each, void *arg, struct so_err *err)
{
	return read_range(store, SO_STMT_USE_DAYS, from, to, &(struct each){ .use = each, .arg = arg }, err);
}

bool so_store_use_lifetimes(
	struct so_store *store, struct so_scope scope, so_store_use_fn *each, void *arg, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	return so_store_select(
		store, SO_STMT_USE_LIFETIMES, &params, read_use, &(struct each){ .use = each, .arg = arg }, err);
}

static void read_number(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

bool so_store_use_version(struct so_store *store, int64_t from, int64_t to, int64_t *version, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, from);
	so_param_int(&params, to);
	return so_store_select(store, SO_STMT_USE_VERSION, &params, read_number, version, err);
}

static void read_note(const struct so_row *row, void *arg)
{
	const struct each *each = arg;
	const struct so_store_query_note note = { .id = row->ops->number(row->raw, 0),
		.connection_id = row->ops->number(row->raw, 1),
		.fingerprint_version = row->ops->number(row->raw, 2),
		.fingerprint = row->ops->text(row->raw, 3),
		.kind = row->ops->text(row->raw, 4),
		.discovered_us = row->ops->number(row->raw, 5),
		.text_id = row->ops->number(row->raw, 6) };

	each->note(each->arg, &note);
}

bool so_store_query_directory(struct so_store *store, struct so_scope scope, int64_t from_id,
	so_store_query_note_fn *each, void *arg, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, from_id);
	return so_store_select(
		store, SO_STMT_QUERY_DIRECTORY, &params, read_note, &(struct each){ .note = each, .arg = arg }, err);
}

struct brief {
	TALLOC_CTX *ctx;
	struct so_store_query_brief *found;
};

static void read_brief(const struct so_row *row, void *arg)
{
	struct brief *brief = arg;
	struct so_store_query_brief *found = so_new(brief->ctx, struct so_store_query_brief);

	found->sql_text = so_strdup(found, row->ops->text(row->raw, 0));
	found->cut = row->ops->number(row->raw, 1) != 0;
	found->fingerprint = so_strdup(found, row->ops->text(row->raw, 2));
	found->last_seen_us = row->ops->number(row->raw, 3);
	found->has_hits = row->ops->number(row->raw, 4) != 0;
	found->has_reads = row->ops->number(row->raw, 5) != 0;
	brief->found = found;
}

struct so_store_query_brief *so_store_query_brief_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, int64_t chars, struct so_err *err)
{
	struct brief brief = { .ctx = ctx };
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	so_param_int(&params, chars);
	if (!so_store_select(store, SO_STMT_QUERY_BRIEF, &params, read_brief, &brief, err))
		return NULL;
	if (!brief.found)
		(void)!so_store_missing(err, "query", id);
	return brief.found;
}

static void read_found(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

bool so_store_query_find(struct so_store *store, struct so_scope scope, int64_t connection_id, const char *fingerprint,
	int64_t fingerprint_version, int64_t *id, struct so_err *err)
{
	struct so_params params = { 0 };

	*id = 0;
	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, connection_id);
	so_param_text(&params, fingerprint);
	so_param_int(&params, fingerprint_version);
	return so_store_select(store, SO_STMT_QUERY_FIND, &params, read_found, id, err);
}

#define WATCHED(member) SO_COLUMN(struct so_store_watched, member)
static const struct so_entity_column watched_columns[] = { WATCHED(id), WATCHED(name), WATCHED(engine),
	WATCHED(database), WATCHED(first_us) };
static const struct so_entity_shape watched_shape = SO_SHAPE("connection", struct so_store_watched, watched_columns);

struct watcheds {
	TALLOC_CTX *ctx;
	SO_VEC(struct so_store_watched *) found;
};

static void read_watched(const struct so_row *row, void *arg)
{
	struct watcheds *watcheds = arg;
	struct so_store_watched **watched = so_vec_add(&watcheds->found);

	if (watched)
		*watched = so_row_read(watcheds->ctx, row, &watched_shape);
}

struct so_store_watcheds *so_store_watched_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, struct so_err *err)
{
	struct so_store_watcheds *list = so_new(ctx, struct so_store_watcheds);
	struct watcheds watcheds = { .ctx = list };
	struct so_params params = { 0 };

	so_vec_init(&watcheds.found, list, CONNECTIONS_MAX);
	so_param_int(&params, scope.organisation_id);
	if (!so_store_select(store, SO_STMT_CONNECTION_DIRECTORY, &params, read_watched, &watcheds, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_watcheds){ watcheds.found.count, watcheds.found.items };
	return list;
}

struct findings {
	SO_VEC(struct so_store_query_findings) found;
};

static void read_findings(const struct so_row *row, void *arg)
{
	struct findings *findings = arg;
	struct so_store_query_findings *one = so_vec_add(&findings->found);

	if (one)
		*one = (struct so_store_query_findings){ row->ops->number(row->raw, 0), row->ops->number(row->raw, 1),
			row->ops->number(row->raw, 2), row->ops->number(row->raw, 3) };
}

struct so_store_query_finding_list *so_store_query_finding_list(TALLOC_CTX *ctx, struct so_store *store,
	struct so_scope scope, const char *first_rule, const char *second_rule, struct so_err *err)
{
	struct so_store_query_finding_list *list = so_new(ctx, struct so_store_query_finding_list);
	struct so_params params = { 0 };
	struct findings findings;

	so_vec_init(&findings.found, list, IDS_MAX);
	so_param_int(&params, scope.organisation_id);
	so_param_text(&params, first_rule);
	so_param_text(&params, second_rule);
	so_param_int(&params, so_time_now_us());
	if (!so_store_select(store, SO_STMT_FINDING_OPEN_BY_QUERY, &params, read_findings, &findings, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_query_finding_list){ findings.found.count, findings.found.items };
	return list;
}
