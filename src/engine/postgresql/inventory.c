/* What the database holds, and how the server fares: for the schema audit. Each vital is read in a transaction of its
 * own, so that a missing privilege costs one line of the audit and not all of it. */
#include "engine/postgresql/internal.h"

#include <math.h>
#include <string.h>

#define MAX_LISTED 100000

static const struct {
	enum so_vital_kind kind;
	const char *what; /* for notes */
	const char *sql; /* object, value, limit, detail */
} vitals[] = {
	{ SO_VITAL_SEQUENCE, "sequences", PG_SQL_VITAL_SEQUENCES },
	{ SO_VITAL_XID_AGE, "transaction ids", PG_SQL_VITAL_XIDS },
	{ SO_VITAL_MXID_AGE, "multixact ids", PG_SQL_VITAL_MXIDS },
	{ SO_VITAL_INVALID_CONSTRAINT, "constraints", PG_SQL_VITAL_CONSTRAINTS },
	{ SO_VITAL_SESSIONS, "sessions", PG_SQL_VITAL_SESSIONS },
	{ SO_VITAL_OPEN_TRANSACTION, "open transactions", PG_SQL_VITAL_TRANSACTIONS },
	{ SO_VITAL_PREPARED_TRANSACTION, "prepared transactions", PG_SQL_VITAL_PREPARED },
	{ SO_VITAL_REPLICATION_SLOT, "replication slots", PG_SQL_VITAL_SLOTS },
	{ SO_VITAL_CACHE, "cache", PG_SQL_VITAL_CACHE },
	{ SO_VITAL_MAINTENANCE_OFF, "storage parameters", PG_SQL_VITAL_MAINTENANCE },
	{ SO_VITAL_COUNTERS_SINCE, "age of the counters", PG_SQL_VITAL_COUNTERS },
};
#define N_VITALS (sizeof vitals / sizeof vitals[0])

static enum so_table_kind kind_of(char relkind)
{
	switch (relkind) {
	case 'p':
		return SO_TABLE_PARTITIONED;
	case 'v':
		return SO_TABLE_VIEW;
	case 'm':
		return SO_TABLE_MATVIEW;
	case 'f':
		return SO_TABLE_FOREIGN;
	default:
		return SO_TABLE;
	}
}

static bool read_relations(struct so_inventory *out, struct pg_conn *conn, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *params[1] = { so_printf(tmp, "%lld", (long long)limit + 1) };
	struct so_pg_query query = { .sql = PG_SQL_RELATIONS, .n_params = 1, .params = params };
	struct pg_work work = { .own_path = true };
	struct so_pg_result *r;
	size_t n;

	if (!pg_work_begin(conn, &work, err))
		return false;
	r = pg_run(tmp, conn, &query, err);
	pg_work_end(conn);
	if (!r)
		return so_fail_in(err, "list of relations"), false;
	n = so_pg_rows(r);
	out->truncated = (int64_t)n > limit;
	out->n_relations = out->truncated ? (size_t)limit : n;
	out->relations = so_new_array(out, struct so_relation, out->n_relations + 1);
	for (size_t i = 0; i < out->n_relations; i++)
		out->relations[i] = (struct so_relation){
			.schema = so_strdup(out->relations, so_pg_cell(r, i, 0)),
			.name = so_strdup(out->relations, so_pg_cell(r, i, 1)),
			.kind = kind_of(*so_pg_cell(r, i, 2)),
			.rows = so_pg_real(r, i, 3, -1),
			.size_bytes = so_pg_int(r, i, 4, -1),
		};
	return true;
}

static void add_note(struct so_inventory *out, const char *what, const struct so_err *why)
{
	out->notes = so_renew_array(out, out->notes, char *, out->n_notes + 1);
	out->notes[out->n_notes++] = so_printf(out, "%s: not read: %s", what, why->message);
}

/* False only when the connection is lost or the call was stopped. */
static bool read_vitals(struct so_inventory *out, struct pg_conn *conn, size_t which, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_pg_query query = { .sql = vitals[which].sql };
	struct pg_work work = { .own_path = true };
	struct so_pg_result *r;

	if (!pg_work_begin(conn, &work, err))
		return false;
	r = pg_run(tmp, conn, &query, err);
	pg_work_end(conn);
	if (!r) {
		if (err->kind == SO_CANCELLED || !so_conn_usable(&conn->base))
			return false;
		add_note(out, vitals[which].what, err);
		*err = (struct so_err)SO_ERR_INIT;
		return true;
	}
	out->vitals = so_renew_array(out, out->vitals, struct so_vital, out->n_vitals + so_pg_rows(r) + 1);
	for (size_t i = 0; i < so_pg_rows(r); i++)
		out->vitals[out->n_vitals++] = (struct so_vital){
			.kind = vitals[which].kind,
			.object = so_strdup(out, so_pg_cell(r, i, 0)),
			.value = so_pg_real(r, i, 1, NAN),
			.limit = so_pg_real(r, i, 2, NAN),
			.detail = so_strdup_or_null(out, so_pg_cell(r, i, 3)),
		};
	return true;
}

struct so_inventory *pg_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct pg_conn *conn = pg_conn_of(base);
	struct so_inventory *out;

	if (conn->in_block)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection"), NULL;
	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	out = so_new(ctx, struct so_inventory);
	if (!read_relations(out, conn, limit, err))
		return talloc_free(out), NULL;
	for (size_t i = 0; i < N_VITALS; i++)
		if (!read_vitals(out, conn, i, err))
			return talloc_free(out), NULL;
	return out;
}
