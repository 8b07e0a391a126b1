#include "service/schema_audit.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "service/targets.h"

#define BATCH      100 /* tables of one snapshot */
#define BUDGET_US  (15 * (int64_t)1000000) /* for all snapshots of one audit; a client waits at most 30 s */
#define LIST_LIMIT 100000 /* relations that a search looks through */

static void notice(TALLOC_CTX *ctx, struct so_schema_audit *out, char *text)
{
	out->notices = so_renew_array(ctx, out->notices, char *, out->n_notices + 1);
	out->notices[out->n_notices++] = text;
}

static struct so_inventory *inventory_of(TALLOC_CTX *ctx, struct so_conn *conn, size_t limit, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(conn);

	if (!engine->inventory)
		return so_fail(err, SO_UNSUPPORTED, "the driver of %s lists no tables", engine->name), NULL;
	return engine->inventory(ctx, conn, (int64_t)limit, err);
}

/* Snapshots of the relations [first, first + n), audited and forgotten. */
static bool audit_batch(
	struct so_audit *audit, struct so_conn *conn, const struct so_relation *relations, size_t n, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char **names = so_new_array(tmp, const char *, n);
	struct so_catalog *catalog;

	for (size_t i = 0; i < n; i++)
		names[i] = so_engine_name(tmp, relations[i].schema, relations[i].name);
	catalog = so_conn_engine(conn)->catalog(tmp, conn, names, n, NULL, 0, err);
	if (!catalog)
		return false;
	so_audit_tables(audit, catalog, relations, n);
	return true;
}

static bool is_stored(const struct so_relation *relation)
{
	return relation->kind == SO_TABLE || relation->kind == SO_TABLE_PARTITIONED ||
	       relation->kind == SO_TABLE_MATVIEW;
}

/* Views have nothing to audit. The relations that do, in the order of the inventory. */
static struct so_relation *tables_of(TALLOC_CTX *ctx, const struct so_inventory *inventory, size_t *n)
{
	struct so_relation *tables = so_new_array(ctx, struct so_relation, inventory->n_relations + 1);

	*n = 0;
	for (size_t i = 0; i < inventory->n_relations; i++)
		if (is_stored(&inventory->relations[i]))
			tables[(*n)++] = inventory->relations[i];
	return tables;
}

bool so_schema_audit_run(
	TALLOC_CTX *ctx, struct so_conn *conn, size_t max_tables, struct so_schema_audit *out, struct so_err *err)
{
	size_t limit = max_tables ? max_tables : SO_AUDIT_MAX_TABLES, n;
	int64_t deadline_us = so_time_monotonic_us() + BUDGET_US;
	struct so_inventory *inventory = inventory_of(ctx, conn, limit, err);
	struct so_audit *audit;
	struct so_relation *tables;

	*out = (struct so_schema_audit){ .inventory = inventory };
	if (!inventory)
		return false;
	out->findings = so_finding_list_new(ctx);
	out->proposals = so_proposal_list_new(ctx);
	audit = so_audit_new(ctx, NULL, so_time_now_us(), out->findings, out->proposals);
	so_audit_vitals(audit, inventory);
	for (size_t i = 0; i < inventory->n_notes; i++)
		notice(ctx, out, inventory->notes[i]);
	if (inventory->truncated)
		notice(ctx, out, so_printf(ctx, "only the %zu largest relations were looked at", limit));
	tables = tables_of(ctx, inventory, &n);
	while (out->n_tables < n) {
		size_t count = n - out->n_tables < BATCH ? n - out->n_tables : BATCH;

		if (so_time_monotonic_us() > deadline_us) {
			notice(ctx, out,
				so_printf(ctx, "time was up: %zu of %zu tables were looked at, the largest first",
					out->n_tables, n));
			break;
		}
		if (!audit_batch(audit, conn, tables + out->n_tables, count, err))
			return false;
		out->n_tables += count;
	}
	out->lines = so_audit_lines(audit, &out->n_lines);
	so_finding_list_sort(out->findings);
	so_proposal_list_sort(out->proposals);
	return true;
}

/* An open connection to a registered database, to be given back; NULL with the reason. */
static struct so_conn *take(
	TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id, struct so_err *err)
{
	struct so_store_conn *target = so_store_conn_get(ctx, service->store, scope, connection_id, err);

	return target ? so_targets_take(service, target, NULL, err) : NULL;
}

bool so_service_schema_audit(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	size_t max_tables, struct so_schema_audit *out, struct so_err *err)
{
	struct so_conn *conn = take(ctx, service, scope, connection_id, err);
	bool done;

	if (!conn)
		return false;
	done = so_schema_audit_run(ctx, conn, max_tables, out, err);
	so_targets_give(service, conn);
	return done;
}

static bool matches(TALLOC_CTX *tmp, const struct so_relation *relation, const char *search)
{
	return !search || !*search ||
	       strcasestr(so_printf(tmp, "%s.%s", relation->schema, relation->name), search) != NULL;
}

bool so_service_schema_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *search, const struct so_inventory **out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_conn *conn = take(ctx, service, scope, connection_id, err);
	struct so_inventory *inventory = conn ? inventory_of(ctx, conn, LIST_LIMIT, err) : NULL;
	size_t kept = 0;

	if (conn)
		so_targets_give(service, conn);
	if (!inventory)
		return false;
	for (size_t i = 0; i < inventory->n_relations; i++)
		if (matches(tmp, &inventory->relations[i], search))
			inventory->relations[kept++] = inventory->relations[i];
	inventory->n_relations = kept;
	*out = inventory;
	return true;
}

static bool read_table(TALLOC_CTX *ctx, struct so_conn *conn, const char *schema, const char *name,
	struct so_schema_table *out, struct so_err *err)
{
	const char *asked[1] = { so_engine_name(ctx, schema, name) };
	const struct so_engine *engine = so_conn_engine(conn);
	struct so_catalog *catalog = engine->catalog(ctx, conn, asked, 1, NULL, 0, err);

	out->table = catalog ? so_catalog_table(catalog, schema, name) : NULL;
	if (catalog && !out->table)
		return so_fail(err, SO_NOT_FOUND, "the database has no table %s", asked[0]);
	if (!catalog)
		return false;
	out->ddl = engine->ddl(ctx, conn, out->table, err);
	return out->ddl != NULL;
}

bool so_service_schema_table(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t connection_id,
	const char *schema, const char *name, struct so_schema_table *out, struct so_err *err)
{
	struct so_conn *conn = take(ctx, service, scope, connection_id, err);
	bool done;

	if (!conn)
		return false;
	done = read_table(ctx, conn, schema, name, out, err);
	so_targets_give(service, conn);
	return done;
}
