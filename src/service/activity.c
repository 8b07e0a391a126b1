#include "service/activity.h"

#include <string.h>

#include "service/statement.h"
#include "service/targets.h"
#include "sql/fingerprint.h"

const char *so_session_state_name(enum so_session_state state)
{
	static const char *const names[] = { "running", "waiting", "in_transaction" };

	return names[state];
}

/* The text without its values, and what it is called among the watched queries. */
static void conceal(struct so_activity *activity, struct so_session *session, enum so_dialect dialect, char **print)
{
	char *text = session->text, hex[SO_FINGERPRINT_TEXT];
	struct so_sql_options options = { .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	uint64_t fingerprint;

	if (!text)
		return;
	if (!session->truncated &&
		so_sql_fingerprint_text(NULL, dialect, text, strlen(text), &options, &fingerprint, &ignored))
		*print = so_strdup(activity, so_fingerprint_text(fingerprint, hex));
	session->text = so_sql_redact(activity, NULL, dialect, text, strlen(text));
	talloc_free(text);
}

static struct so_activity *ask(
	TALLOC_CTX *ctx, struct so_conn *conn, const char *database, int64_t limit, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(conn);
	const char *databases[] = { database };

	return engine->activity(ctx, conn, databases, database && *database ? 1 : 0, limit, err);
}

bool so_service_activity(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	int64_t limit, struct so_activity **out, char ***fingerprints, struct so_err *err)
{
	struct so_store_conn *target = so_store_conn_get(ctx, service->store, scope, connection_id, err);
	struct so_conn *conn = target ? so_targets_take(service, target, NULL, err) : NULL;
	enum so_dialect dialect;

	if (!conn)
		return false;
	dialect = so_statement_dialect(so_conn_dialect(conn));
	*out = ask(ctx, conn, target->database, limit < SO_ACTIVITY_MAX ? limit : SO_ACTIVITY_MAX, err);
	so_targets_give(service, conn);
	if (!*out)
		return false;
	*fingerprints = so_new_array(*out, char *, (*out)->count + 1);
	for (size_t i = 0; i < (*out)->count; i++)
		conceal(*out, &(*out)->items[i], dialect, &(*fingerprints)[i]);
	return true;
}
