/* What the database holds, and how the server fares: for the schema audit. Each vital is a statement of its own, so
 * that a missing privilege costs one line of the audit and not all of it. */
#include "engine/mysql/internal.h"

#include <math.h>
#include <string.h>

#define MAX_LISTED 100000

static enum so_table_kind kind_of(const char *type, const char *options)
{
	if (type && strcmp(type, "VIEW") == 0)
		return SO_TABLE_VIEW;
	return options && strstr(options, "partitioned") ? SO_TABLE_PARTITIONED : SO_TABLE;
}

static bool read_relations(
	struct so_inventory *out, struct my_conn *conn, const char *schemas, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_my_result *r =
		my_ask(tmp, conn, so_printf(tmp, MY_SQL_RELATIONS, schemas, (long long)limit + 1), err);
	size_t n;

	if (!r)
		return so_fail_in(err, "list of relations");
	n = so_my_rows(r);
	out->truncated = (int64_t)n > limit;
	out->n_relations = out->truncated ? (size_t)limit : n;
	out->relations = so_new_array(out, struct so_relation, out->n_relations + 1);
	for (size_t i = 0; i < out->n_relations; i++)
		out->relations[i] = (struct so_relation){
			.schema = so_strdup(out->relations, so_my_cell(r, i, 0)),
			.name = so_strdup(out->relations, so_my_cell(r, i, 1)),
			.kind = kind_of(so_my_cell(r, i, 2), so_my_cell(r, i, 5)),
			.rows = so_my_real(r, i, 3, -1),
			.size_bytes = so_my_int(r, i, 4, -1),
		};
	return true;
}

/* NULL: *lost tells whether the connection or the call is over; else a note says why. */
static struct so_my_result *ask_vital(TALLOC_CTX *tmp, struct so_inventory *out, struct my_conn *conn, const char *what,
	const char *sql, bool *lost, struct so_err *err)
{
	struct so_my_result *r = my_ask(tmp, conn, sql, err);

	*lost = !r && (err->kind == SO_CANCELLED || conn->base.broken);
	if (r || *lost)
		return r;
	out->notes = so_renew_array(out, out->notes, char *, out->n_notes + 1);
	out->notes[out->n_notes++] = so_printf(out, "%s: not read: %s", what, err->message);
	*err = (struct so_err)SO_ERR_INIT;
	return NULL;
}

static void add_vital(struct so_inventory *out, struct so_vital vital)
{
	out->vitals = so_renew_array(out, out->vitals, struct so_vital, out->n_vitals + 1);
	out->vitals[out->n_vitals++] = vital;
}

/* Rows of object, value, limit and detail. False only when the connection is lost or the call was stopped. */
static bool read_vitals(struct so_inventory *out, struct my_conn *conn, enum so_vital_kind kind, const char *what,
	const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool lost;
	struct so_my_result *r = ask_vital(tmp, out, conn, what, sql, &lost, err);

	for (size_t i = 0; r && i < so_my_rows(r); i++)
		add_vital(out, (struct so_vital){
				       .kind = kind,
				       .object = so_strdup(out, so_my_cell(r, i, 0)),
				       .value = so_my_real(r, i, 1, NAN),
				       .limit = so_my_real(r, i, 2, NAN),
				       .detail = so_strdup_or_null(out, so_my_cell(r, i, 3)),
			       });
	return !lost;
}

/* A counter of SHOW GLOBAL STATUS, NAN where this server has none of the name. */
static double status(const struct so_my_result *r, const char *name)
{
	for (size_t i = 0; i < so_my_rows(r); i++)
		if (strcmp(so_my_cell(r, i, 0), name) == 0)
			return so_my_real(r, i, 1, NAN);
	return NAN;
}

/* The tables of the counters have another name in each product; SHOW works in both and needs no privilege. */
static bool read_server(struct so_inventory *out, struct my_conn *conn, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool lost;
	struct so_my_result *counters = ask_vital(tmp, out, conn, "server counters", MY_SQL_VITAL_STATUS, &lost, err);
	struct so_my_result *limits =
		counters ? ask_vital(tmp, out, conn, "server limits", MY_SQL_VITAL_LIMITS, &lost, err) : NULL;
	double asked, up;

	if (!limits || so_my_rows(limits) != 1)
		return !lost;
	asked = status(counters, "Innodb_buffer_pool_read_requests");
	up = status(counters, "Uptime");
	add_vital(out, (struct so_vital){ .kind = SO_VITAL_SESSIONS,
			       .object = so_strdup(out, "server"),
			       .value = status(counters, "Threads_connected"),
			       .limit = so_my_real(limits, 0, 0, NAN) });
	if (!isnan(asked))
		add_vital(out, (struct so_vital){ .kind = SO_VITAL_CACHE,
				       .object = so_strdup(out, "InnoDB"),
				       .value = fmax(asked - status(counters, "Innodb_buffer_pool_reads"), 0),
				       .limit = asked });
	if (!isnan(up))
		add_vital(out, (struct so_vital){ .kind = SO_VITAL_COUNTERS_SINCE,
				       .object = so_strdup(out, "server"),
				       .value = (so_my_real(limits, 0, 1, NAN) - up) * 1e6,
				       .limit = NAN });
	return true;
}

struct so_inventory *my_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	const struct so_engine_info *info = my_info(base, err);
	const char *schemas = info && *info->database ? MY_SQL_THIS_SCHEMA : MY_SQL_ALL_SCHEMAS;
	struct so_inventory *out;

	if (!info || !my_set_timeout(conn, OWN_TIMEOUT_MS, err))
		return NULL;
	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	out = so_new(ctx, struct so_inventory);
	out->dialect = base->dialect;
	if (read_relations(out, conn, schemas, limit, err) &&
		read_vitals(out, conn, SO_VITAL_SEQUENCE, "AUTO_INCREMENT columns",
			so_printf(tmp, MY_SQL_VITAL_SEQUENCES, schemas), err) &&
		read_server(out, conn, err) &&
		read_vitals(
			out, conn, SO_VITAL_OPEN_TRANSACTION, "open transactions", MY_SQL_VITAL_TRANSACTIONS, err) &&
		my_set_timeout(conn, 0, err))
		return out;
	talloc_free(out);
	return NULL;
}
