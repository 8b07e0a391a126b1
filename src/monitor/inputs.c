#include "monitor/inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "monitor/changes.h"
#include "monitor/statement.h"
#include "plan/plan.h"

enum { TABLES_MAX = 60 };

#define SECOND         INT64_C(1000000)
#define PLAN_US        (24 * SO_HOUR_US) /* between two looks at a plan, when nothing jumps */
#define FAILED_US      SO_HOUR_US /* after one that failed */
#define SNAPSHOT_US    (600 * SECOND)
#define SNAPSHOT_LEAST (5 * SECOND) /* between two, when something jumps */
#define BUDGET_US      (2 * SECOND)
#define EXPLAIN_MS     1000
#define JUMP           2.0 /* times slower, or faster, than at the last look */

struct inputs {
	const struct so_poll_rules *rules;
	const struct so_inputs_of *of;
	struct so_conn *conn; /* NULL: not opened yet */
	struct so_err refused; /* why it could not be */
	int64_t at_us, until_us; /* until: monotonic */
	size_t n_looks, n_plans;
	struct so_store_look looks[SO_INPUT_PLANS];
	struct so_store_plan plans[SO_INPUT_PLANS];
	struct so_store_snapshot *last, snapshot; /* last: NULL none */
	bool has_snapshot;
	struct so_store_changes *changes; /* or NULL */
};

static const struct so_store_look *look_of(const struct so_store_looks *looks, int64_t query_id)
{
	for (size_t i = 0; i < looks->count; i++)
		if (looks->items[i]->query_id == query_id)
			return looks->items[i];
	return NULL;
}

static double mean_of(const struct so_poll_heavy *heavy)
{
	return (double)heavy->exec_us / (double)heavy->calls;
}

static bool jumped(const struct so_poll_heavy *heavy, const struct so_store_look *look)
{
	double now = fmax(mean_of(heavy), 1), then = look ? fmax(look->mean_us, 1) : now;

	return now >= JUMP * then || now <= then / JUMP;
}

static bool is_due(const struct inputs *in, const struct so_poll_heavy *heavy, const struct so_store_look *look)
{
	if (!look)
		return true;
	if (look->error)
		return in->at_us - look->at_us >= FAILED_US;
	return in->at_us - look->at_us >= PLAN_US || jumped(heavy, look);
}

/* One attempt a poll. */
static bool open_conn(struct inputs *in, struct so_err *err)
{
	if (!in->conn && in->refused.kind == SO_NONE)
		in->conn = in->of->open(in->of->arg, in->of->connection_id, &in->refused);
	if (!in->conn)
		*err = in->refused;
	return in->conn != NULL;
}

/* The plan of a statement as it stands in the view: generic where the engine can. */
static bool read_plan(struct inputs *in, TALLOC_CTX *ctx, const struct so_store_query *query, struct so_store_plan *out,
	struct so_err *err)
{
	const struct so_explain_options options = { .mode = SO_EXPLAIN_PLAN, .timeout_ms = EXPLAIN_MS };
	struct so_explain explain = { 0 };
	struct so_plan *plan;

	if (!open_conn(in, err) || !in->of->engine->explain(ctx, in->conn, query->sql_text, &options, &explain, err) ||
		!so_plan_read(ctx, explain.text, strlen(explain.text), &plan, err))
		return false;
	*out = (struct so_store_plan){ .query_id = query->id,
		.shape = (int64_t)so_plan_shape_hash(plan),
		.format = so_strdup(ctx, explain.format),
		.doc = explain.text,
		.cost = plan->n_nodes ? plan->nodes[0].total_cost : NAN,
		.last_us = in->at_us };
	return true;
}

static bool look_at(struct inputs *in, TALLOC_CTX *ctx, const struct so_poll_heavy *heavy, struct so_err *err)
{
	struct so_err why = SO_ERR_INIT;
	struct so_store_look *look = &in->looks[in->n_looks];
	struct so_store_query *query =
		so_store_query_get(ctx, in->rules->store, in->rules->scope, heavy->query_id, err);

	if (!query)
		return false;
	*look = (struct so_store_look){ .query_id = query->id, .at_us = in->at_us, .mean_us = mean_of(heavy) };
	if (read_plan(in, ctx, query, &in->plans[in->n_plans], &why)) {
		in->n_plans++;
	} else if (why.kind == SO_CANCELLED || (in->conn && !so_conn_usable(in->conn))) {
		*err = why;
		return false;
	} else {
		look->error = so_strdup(ctx, why.message);
	}
	in->n_looks++;
	return true;
}

/* ---- the snapshot ---- */

static void add_name(const char **names, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(names[i], name) == 0)
			return;
	if (*n < TABLES_MAX)
		names[(*n)++] = name;
}

/* The tables of the statements that are heavy now, then those that were looked at before. */
static size_t tables(struct inputs *in, TALLOC_CTX *ctx, const json_t *old, const char **names, struct so_err *err)
{
	const char *key;
	json_t *table;
	size_t n = 0;

	for (size_t i = 0; i < in->of->heavies->count; i++) {
		struct so_store_query *query = so_store_query_get(
			ctx, in->rules->store, in->rules->scope, in->of->heavies->items[i].query_id, err);
		struct so_statement_tables of;

		if (!query)
			return 0;
		so_statement_tables(ctx, so_conn_dialect(in->conn), query->sql_text, &of);
		for (size_t k = 0; k < of.count; k++)
			add_name(names, &n, so_engine_name(ctx, of.items[k].schema, of.items[k].name));
	}
	json_object_foreach(json_object_get(old, "tables"), key, table)
	{
		const char *schema = json_string_value(json_object_get(table, "schema"));
		const char *name = json_string_value(json_object_get(table, "name"));

		if (name)
			add_name(names, &n, so_engine_name(ctx, schema, name));
	}
	return n;
}

static bool read_snapshot(struct inputs *in, TALLOC_CTX *ctx, struct so_err *err)
{
	const char **names = so_new_array(ctx, const char *, TABLES_MAX);
	json_t *old = in->last ? json_loads(in->last->doc, 0, NULL) : NULL, *now;
	size_t n = tables(in, ctx, old, names, err);
	struct so_catalog *catalog =
		err->kind == SO_NONE ? in->of->engine->catalog(ctx, in->conn, names, n, NULL, 0, err) : NULL;
	char *text;

	if (!catalog) {
		json_decref(old);
		return false;
	}
	now = so_snapshot_of(catalog);
	text = json_dumps(now, JSON_COMPACT | JSON_SORT_KEYS);
	in->snapshot = (struct so_store_snapshot){ .connection_id = in->of->connection_id,
		.from_us = old && json_equal(old, now) ? in->last->from_us : in->at_us,
		.until_us = in->at_us,
		.doc = so_strdup(ctx, text) };
	in->has_snapshot = true;
	if (old)
		in->changes = so_snapshot_changes(ctx, old, now, in->of->connection_id, in->last->until_us, in->at_us);
	free(text);
	json_decref(now);
	json_decref(old);
	return true;
}

/* ---- the whole ---- */

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	const struct inputs *in = arg;

	/* the poll has ended the lease; a node that was slow here must not write behind the next one's back */
	if (in->rules->lease && !so_store_lease_check(tx, in->rules->lease, err))
		return false;
	for (size_t i = 0; i < in->n_looks; i++)
		if (!so_store_look_put(tx, &in->looks[i], err))
			return false;
	for (size_t i = 0; i < in->n_plans; i++)
		if (!so_store_plan_seen(tx, &in->plans[i], err))
			return false;
	for (size_t i = 0; in->changes && i < in->changes->count; i++)
		if (!so_store_change_add(tx, in->changes->items[i], err))
			return false;
	return !in->has_snapshot || so_store_snapshot_put(tx, &in->snapshot, err);
}

static bool read_all(struct inputs *in, TALLOC_CTX *ctx, struct so_err *err)
{
	const struct so_poll_heavies *heavies = in->of->heavies;
	struct so_store_looks *looks =
		so_store_look_list(ctx, in->rules->store, in->rules->scope, in->of->connection_id, err);
	bool jump = false, refused = false;
	int64_t age_us;

	if (!looks)
		return false;
	in->last = so_store_snapshot_get(ctx, in->rules->store, in->rules->scope, in->of->connection_id, err);
	if (err->kind != SO_NONE)
		return false;
	for (size_t i = 0; i < heavies->count; i++) {
		const struct so_store_look *look = look_of(looks, heavies->items[i].query_id);

		jump = jump || jumped(&heavies->items[i], look);
		if (in->n_looks < SO_INPUT_PLANS && so_time_monotonic_us() < in->until_us &&
			is_due(in, &heavies->items[i], look)) {
			if (!look_at(in, ctx, &heavies->items[i], err))
				return false;
		} else {
			refused = refused || (look && look->error);
		}
	}
	/* a database that does not let us in is not asked at every poll */
	if (in->refused.kind != SO_NONE || (!in->conn && refused && !in->n_looks))
		return true;
	age_us = in->last ? in->at_us - in->last->until_us : SNAPSHOT_US;
	if (age_us < (jump ? SNAPSHOT_LEAST : SNAPSHOT_US) || !heavies->count)
		return true;
	return open_conn(in, err) && read_snapshot(in, ctx, err);
}

bool so_inputs_read(const struct so_poll_rules *rules, const struct so_inputs_of *of, int64_t at_us, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct inputs in = { .rules = rules,
		.of = of,
		.conn = of->conn,
		.refused = SO_ERR_INIT,
		.at_us = at_us,
		.until_us = so_time_monotonic_us() + BUDGET_US };
	struct so_err ignored = SO_ERR_INIT;
	bool read, saved;

	if (!of->engine->explain || !of->engine->catalog)
		return true;
	read = read_all(&in, tmp, err);
	/* what was looked at is noted though the rest failed: else it would be asked again at every poll */
	saved = (!in.n_looks && !in.has_snapshot) ||
		so_store_tx_lazy(rules->store, save_tx, &in, read ? err : &ignored);
	return read && saved;
}
