/* What the monitor says of its findings, and what people do with any of them. */
#include "base/clock.h"
#include "store/judge.h"
#include "store/parts.h"

enum { FORGET = 1000 };

#define COMMENT(member, ...) SO_COLUMN(struct so_store_comment, member, ##__VA_ARGS__)
static const struct so_entity_column comment_columns[] = {
	COMMENT(id, .read_only = true),
	COMMENT(finding_id),
	COMMENT(user_id),
	COMMENT(at_us),
	COMMENT(text),
};
static const struct so_entity_shape comment_shape = SO_SHAPE("comment", struct so_store_comment, comment_columns);

bool so_store_finding_tell(
	struct so_store *tx, struct so_scope scope, struct so_store_finding *finding, struct so_err *err)
{
	struct so_params params = { 0 };
	int64_t changed;

	so_assert(!finding->run_id);
	if (!finding->id && !so_finding_save_tx(tx, scope, finding, err))
		return false;
	finding->updated_us = so_time_now_us();
	so_param_int(&params, scope.organisation_id);
	so_param_text(&params, finding->issue_type);
	so_param_text(&params, finding->title);
	so_param_text(&params, finding->description);
	so_param_int(&params, finding->severity);
	so_param_text(&params, finding->doc);
	so_param_int(&params, finding->resolved);
	so_param_int(&params, finding->resolved_us);
	so_param_int(&params, finding->updated_us);
	so_param_text(&params, finding->cause);
	so_param_text(&params, finding->ended);
	so_param_int(&params, finding->returns);
	so_param_real(&params, finding->factor);
	so_param_int(&params, finding->id);
	if (!so_session_run(tx, SO_STMT_FINDING_TELL, &params, &changed, err))
		return false;
	return changed > 0 || so_store_missing(err, so_finding_shape.noun, finding->id);
}

struct forgetting {
	struct so_scope scope;
	int64_t before_us;
};

static bool forget_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct forgetting *f = arg;
	struct so_params params = { 0 };

	so_param_int(&params, f->scope.organisation_id);
	so_param_int(&params, f->before_us);
	so_param_int(&params, FORGET);
	return so_session_run(tx, SO_STMT_FINDING_FORGET, &params, NULL, err);
}

bool so_store_finding_forget(struct so_store *store, struct so_scope scope, int64_t before_us, struct so_err *err)
{
	struct forgetting f = { scope, before_us };

	return so_store_tx_lazy(store, forget_tx, &f, err);
}

struct so_store_finding *so_store_finding_get(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t id, struct so_err *err)
{
	return so_entity_get(ctx, store, SO_STMT_FINDING_GET, scope, id, &so_finding_shape, err);
}

const char *so_store_finding_state(const struct so_store_finding *finding, int64_t now_us)
{
	return finding->resolved                  ? "closed"
	       : finding->muted_until_us > now_us ? "muted"
	       : finding->acknowledged_us         ? "acknowledged"
						  : "open";
}

struct so_store_findings *so_store_finding_search(TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope,
	const struct so_store_finding_search *search, int64_t now_us, struct so_err *err)
{
	struct so_store_findings *list = so_new(ctx, struct so_store_findings);
	bool of = search->query_id != 0;
	struct so_params count = { 0 }, params;
	struct so_entities rows;

	so_param_int(&count, scope.organisation_id);
	so_param_int(&count, search->severity);
	so_param_text(&count, search->rule);
	so_param_text(&count, search->issue_type);
	so_param_text(&count, search->state);
	so_param_int(&count, now_us);
	params = count;
	so_param_int(&params, so_store_limit(search->limit));
	so_param_int(&params, search->offset);
	so_param_int(&params, of ? search->query_id : search->connection_id);
	so_param_int(&count, of ? search->query_id : search->connection_id);
	if (!so_entity_list(list, store, of ? SO_STMT_FINDING_SEARCH_OF : SO_STMT_FINDING_SEARCH, &params,
		    of ? SO_STMT_FINDING_SEARCH_COUNT_OF : SO_STMT_FINDING_SEARCH_COUNT, &count, &so_finding_shape,
		    &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_findings){ rows.count, (struct so_store_finding **)rows.items, rows.total };
	return list;
}

bool so_store_finding_acknowledge(
	struct so_store *store, struct so_scope scope, int64_t id, bool acknowledged, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	so_param_int(&params, acknowledged ? so_time_now_us() : 0);
	so_param_int(&params, acknowledged ? scope.user_id : 0);
	return so_store_write_one(store, SO_STMT_FINDING_ACKNOWLEDGE, &params, so_finding_shape.noun, id, err);
}

bool so_store_finding_mute(
	struct so_store *store, struct so_scope scope, int64_t id, int64_t until_us, struct so_err *err)
{
	struct so_params params = { 0 };

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, id);
	so_param_int(&params, until_us);
	return so_store_write_one(store, SO_STMT_FINDING_MUTE, &params, so_finding_shape.noun, id, err);
}

struct adding {
	struct so_scope scope;
	struct so_store_comment *comment;
};

static void read_count(const struct so_row *row, void *arg)
{
	*(int64_t *)arg = row->ops->number(row->raw, 0);
}

static bool comment_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct adding *adding = arg;
	struct so_store_comment *comment = adding->comment;
	struct so_params params = { 0 }, of = { 0 };
	int64_t count = 0;

	so_param_int(&of, adding->scope.organisation_id);
	so_param_int(&of, comment->finding_id);
	if (!so_store_select(tx, SO_STMT_COMMENT_COUNT, &of, read_count, &count, err))
		return false;
	if (count >= SO_COMMENTS_PER_FINDING)
		return so_fail(err, SO_LIMIT, "finding %lld has %d comments already, which is the limit",
			(long long)comment->finding_id, SO_COMMENTS_PER_FINDING);
	so_param_int(&params, adding->scope.organisation_id);
	so_param_entity(&params, &comment_shape, comment);
	if (!so_session_insert(tx, SO_STMT_COMMENT_INSERT, &params, &comment->id, err))
		return false;
	return comment->id || so_store_missing(err, so_finding_shape.noun, comment->finding_id);
}

bool so_store_comment_add(
	struct so_store *store, struct so_scope scope, struct so_store_comment *comment, struct so_err *err)
{
	struct adding adding = { scope, comment };

	comment->user_id = scope.user_id;
	comment->at_us = so_time_now_us();
	return so_store_tx(store, comment_tx, &adding, err);
}

struct so_store_comments *so_store_comment_list(
	TALLOC_CTX *ctx, struct so_store *store, struct so_scope scope, int64_t finding_id, struct so_err *err)
{
	struct so_store_comments *list = so_new(ctx, struct so_store_comments);
	struct so_params params = { 0 };
	struct so_entities rows;

	so_param_int(&params, scope.organisation_id);
	so_param_int(&params, finding_id);
	if (!so_entity_list(
		    list, store, SO_STMT_COMMENT_LIST, &params, SO_STMT_MAX, NULL, &comment_shape, &rows, err)) {
		talloc_free(list);
		return NULL;
	}
	*list = (struct so_store_comments){ rows.count, (struct so_store_comment **)rows.items };
	return list;
}
