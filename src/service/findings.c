#include "service/findings.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "job/job.h"

struct so_store_findings *so_service_finding_search(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_store_finding_search *search, struct so_err *err)
{
	if (search->connection_id && !so_store_conn_get(ctx, service->store, scope, search->connection_id, err))
		return NULL;
	if (search->query_id && !so_store_query_get(ctx, service->store, scope, search->query_id, err))
		return NULL;
	return so_store_finding_search(ctx, service->store, scope, search, so_time_now_us(), err);
}

struct so_store_finding *so_service_finding_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t id, struct so_store_comments **comments, struct so_err *err)
{
	struct so_store_finding *finding = so_store_finding_get(ctx, service->store, scope, id, err);

	if (!finding || !comments)
		return finding;
	*comments = so_store_comment_list(ctx, service->store, scope, id, err);
	return *comments ? finding : NULL;
}

/* What was done is done: an audit entry or an event that cannot be written does not undo it. */
static void note(struct so_service *service, struct so_scope scope, int64_t id, const char *what)
{
	SO_TMP(tmp, NULL);
	struct so_err why = SO_ERR_INIT;
	struct so_store_audit entry = { .action = so_printf(tmp, "finding.%s", what),
		.object_type = (char *)"finding",
		.object_id = id,
		.ok = true };

	if (!so_store_audit_add(service->store, scope, &entry, &why))
		so_log_err(SO_LOG_ERROR, &(struct so_log_at){ .module = "findings" }, &why, "an audit entry is lost");
	so_events_publish(so_jobs_events(service->jobs), scope.organisation_id, 0, "finding",
		so_printf(tmp, "{\"finding_id\":%" PRId64 ",\"change\":\"%s\"}", id, what));
}

struct so_store_finding *so_service_finding_act(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	int64_t id, enum so_finding_act act, int64_t until_us, struct so_err *err)
{
	static const char *const words[] = { "acknowledged", "unacknowledged", "muted", "unmuted" };
	bool acknowledging = act == SO_FINDING_ACKNOWLEDGE || act == SO_FINDING_UNACKNOWLEDGE;

	if (acknowledging
			? !so_store_finding_acknowledge(service->store, scope, id, act == SO_FINDING_ACKNOWLEDGE, err)
			: !so_store_finding_mute(service->store, scope, id, act == SO_FINDING_MUTE ? until_us : 0, err))
		return NULL;
	note(service, scope, id, words[act]);
	return so_store_finding_get(ctx, service->store, scope, id, err);
}

bool so_service_finding_comment(
	struct so_service *service, struct so_scope scope, struct so_store_comment *comment, struct so_err *err)
{
	if (!so_store_comment_add(service->store, scope, comment, err))
		return false;
	note(service, scope, comment->finding_id, "commented");
	return true;
}
