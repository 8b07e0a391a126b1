/* What the database holds, and how the server fares: for the schema audit. */
#include <math.h>

#include "engine/mssql/internal.h"

#define MAX_LISTED 100000

static const struct {
	enum so_vital_kind kind;
	const char *what; /* for notes */
	const char *sql; /* object, value, limit, detail */
} vitals[] = {
	{ SO_VITAL_SEQUENCE, "identity columns", MS_SQL_VITAL_IDENTITIES },
	{ SO_VITAL_SEQUENCE, "sequences", MS_SQL_VITAL_SEQUENCES },
	{ SO_VITAL_INVALID_CONSTRAINT, "constraints", MS_SQL_VITAL_CONSTRAINTS },
	{ SO_VITAL_OPEN_TRANSACTION, "open transactions", MS_SQL_VITAL_TRANSACTIONS },
	{ SO_VITAL_COUNTERS_SINCE, "age of the counters", MS_SQL_VITAL_COUNTERS },
};

static bool read_relations(struct so_inventory *out, struct ms_conn *conn, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r =
		ms_ask(tmp, conn, so_printf(tmp, MS_SQL_RELATIONS, (long long)limit + 1), OWN_TIMEOUT_MS, false, err);
	size_t n;

	if (!r)
		return so_fail_in(err, "list of relations");
	n = so_text_rows(r);
	out->truncated = (int64_t)n > limit;
	out->n_relations = out->truncated ? (size_t)limit : n;
	out->relations = so_new_array(out, struct so_relation, out->n_relations + 1);
	for (size_t i = 0; i < out->n_relations; i++) {
		const char *type = so_text_cell(r, i, 2);
		bool view = type && *type == 'V';

		out->relations[i] = (struct so_relation){
			.schema = so_strdup(out->relations, so_text_cell(r, i, 0)),
			.name = so_strdup(out->relations, so_text_cell(r, i, 1)),
			.kind = view ? SO_TABLE_VIEW : SO_TABLE,
			.rows = view ? -1 : so_text_real(r, i, 3, -1),
			.size_bytes = view ? -1 : so_text_int(r, i, 4, -1),
		};
	}
	return true;
}

/* False only when the connection is lost or the call was stopped. */
static bool read_vitals(struct so_inventory *out, struct ms_conn *conn, size_t which, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = ms_ask(tmp, conn, vitals[which].sql, OWN_TIMEOUT_MS, false, err);

	if (!r) {
		if (err->kind == SO_CANCELLED || conn->base.broken)
			return false;
		out->notes = so_renew_array(out, out->notes, char *, out->n_notes + 1);
		out->notes[out->n_notes++] = so_printf(out, "%s: not read: %s", vitals[which].what, err->message);
		*err = (struct so_err)SO_ERR_INIT;
		return true;
	}
	out->vitals = so_renew_array(out, out->vitals, struct so_vital, out->n_vitals + so_text_rows(r) + 1);
	for (size_t i = 0; i < so_text_rows(r); i++)
		if (so_text_cell(r, i, 0))
			out->vitals[out->n_vitals++] = (struct so_vital){
				.kind = vitals[which].kind,
				.object = so_strdup(out, so_text_cell(r, i, 0)),
				.value = so_text_real(r, i, 1, NAN),
				.limit = so_text_real(r, i, 2, NAN),
				.detail = so_strdup_or_null(out, so_text_cell(r, i, 3)),
			};
	return true;
}

struct so_inventory *ms_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct ms_conn *conn = ms_conn_of(base);
	struct so_inventory *out = so_new(ctx, struct so_inventory);

	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	if (!read_relations(out, conn, limit, err))
		return talloc_free(out), NULL;
	for (size_t i = 0; i < sizeof vitals / sizeof vitals[0]; i++)
		if (!read_vitals(out, conn, i, err))
			return talloc_free(out), NULL;
	return out;
}
