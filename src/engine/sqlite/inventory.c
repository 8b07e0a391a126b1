/* What the file holds: for the schema audit. There is no server, so the numbers of AUTOINCREMENT are all that can run
 * out. */
#include "engine/sqlite/internal.h"

#include <math.h>
#include <string.h>

#define MAX_LISTED 100000

/* Whether a table of the name is there, or the library was built with a module. */
static bool has(struct lite_conn *conn, const char *sql)
{
	struct so_err ignored = SO_ERR_INIT;
	sqlite3_stmt *stmt = lite_prepare(conn, conn->raw, sql, &ignored);
	bool found = stmt && sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_int64(stmt, 0) > 0;

	sqlite3_finalize(stmt);
	return found;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

static bool read_relations(struct so_inventory *out, struct lite_conn *conn, int64_t limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	bool counted = has(conn, LITE_SQL_HAS_STATS), sized = has(conn, LITE_SQL_HAS_SIZES);
	sqlite3_stmt *stmt = lite_prepare(conn, conn->raw,
		so_printf(tmp, LITE_SQL_RELATIONS, counted ? LITE_SQL_ROWS : "NULL", sized ? LITE_SQL_SIZES : "NULL",
			(long long)limit + 1),
		err);
	int rc;

	if (!stmt)
		return false;
	out->relations = so_new_array(out, struct so_relation, 1);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *type = text_at(stmt, 1);

		if ((int64_t)out->n_relations == limit) {
			out->truncated = true;
			rc = SQLITE_DONE;
			break;
		}
		out->relations = so_renew_array(out, out->relations, struct so_relation, out->n_relations + 1);
		out->relations[out->n_relations++] = (struct so_relation){
			.schema = so_strdup(out, "main"),
			.name = so_strdup(out, text_at(stmt, 0)),
			.kind = strcmp(type, "view") == 0      ? SO_TABLE_VIEW
				: strcmp(type, "virtual") == 0 ? SO_TABLE_FOREIGN
							       : SO_TABLE,
			.rows = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? -1 : sqlite3_column_double(stmt, 2),
			.size_bytes = sqlite3_column_type(stmt, 3) == SQLITE_NULL ? -1 : sqlite3_column_int64(stmt, 3),
		};
	}
	if (rc != SQLITE_DONE)
		lite_fail(conn, conn->raw, rc, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE;
}

static bool read_sequences(struct so_inventory *out, struct lite_conn *conn, struct so_err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	if (!has(conn, LITE_SQL_HAS_SEQUENCES))
		return true;
	stmt = lite_prepare(conn, conn->raw, LITE_SQL_SEQUENCES, err);
	if (!stmt)
		return false;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		out->vitals = so_renew_array(out, out->vitals, struct so_vital, out->n_vitals + 1);
		out->vitals[out->n_vitals++] = (struct so_vital){
			.kind = SO_VITAL_SEQUENCE,
			.object = so_strdup(out, text_at(stmt, 0)),
			.value = sqlite3_column_double(stmt, 1),
			.limit = (double)INT64_MAX,
			.detail = so_strdup_or_null(out, text_at(stmt, 2)),
		};
	}
	if (rc != SQLITE_DONE)
		lite_fail(conn, conn->raw, rc, err);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE;
}

struct so_inventory *lite_inventory(TALLOC_CTX *ctx, struct so_conn *base, int64_t limit, struct so_err *err)
{
	struct lite_conn *conn = lite_conn_of(base);
	struct so_inventory *out;
	int64_t start_us;
	bool fine;

	if (limit < 1 || limit > MAX_LISTED)
		limit = MAX_LISTED;
	if (!lite_begin(conn, 0, &start_us, err))
		return NULL;
	out = so_new(ctx, struct so_inventory);
	out->dialect = base->engine->dialect;
	fine = read_relations(out, conn, limit, err) && read_sequences(out, conn, err);
	lite_end(conn, start_us);
	if (fine)
		return out;
	talloc_free(out);
	so_fail_in(err, "list of relations");
	return NULL;
}
