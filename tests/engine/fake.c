#include "fake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/reading.h"
#include "engine/conn.h"

struct fake_conn {
	struct so_conn base;
	struct so_engine_info info;
	struct so_check check;
	long calls, fail_at, delay_ms;
	atomic_bool running, stop;
	bool what_if;
	uint32_t n_hypo;
};

static struct fake_conn *fake(struct so_conn *conn)
{
	return talloc_get_type_abort(conn, struct fake_conn);
}

static long number_of(const char *text, const char *name)
{
	const char *at = text ? strstr(text, name) : NULL;

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

/* Waits in slices, so that cancel, token and timeout are honoured as by a real driver. */
static bool wait_ms(struct fake_conn *c, int64_t ms, int64_t timeout_ms, struct so_err *err)
{
	int64_t start = so_time_monotonic_us(), spent = 0;
	bool fine = true;

	atomic_store(&c->stop, false);
	atomic_store(&c->running, true);
	while (fine && spent < ms) {
		if (atomic_load(&c->stop))
			fine = so_fail(err, SO_CANCELLED, "cancelled");
		else if (!so_cancel_check(c->base.cancel, err))
			fine = false;
		else if (spent >= timeout_ms)
			fine = so_fail(err, SO_TIMEOUT, "stopped after %lld ms", (long long)spent);
		else
			usleep(5000);
		spent = (so_time_monotonic_us() - start) / 1000;
	}
	atomic_store(&c->running, false);
	c->base.wait_us += so_time_monotonic_us() - start + 1;
	return fine;
}

static bool enter(struct fake_conn *c, int64_t timeout_ms, struct so_err *err)
{
	c->calls++;
	if (c->base.broken || (c->fail_at && c->calls >= c->fail_at)) {
		c->base.broken = true;
		return so_fail(err, SO_UNREACHABLE, "injected failure of call %ld", c->calls);
	}
	return so_cancel_check(c->base.cancel, err) &&
	       wait_ms(c, c->delay_ms, timeout_ms > 0 ? timeout_ms : 30000, err);
}

static struct so_conn *fake_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err)
{
	struct fake_conn *c = so_new(ctx, struct fake_conn);
	bool fine;

	c->base.engine = &so_engine_fake;
	c->base.cancel = cancel;
	c->fail_at = number_of(params->dsn, "fail=");
	c->delay_ms = number_of(params->dsn, "delay=");
	if (params->dsn && strstr(params->dsn, "login=refused"))
		fine = so_fail(err, SO_DENIED, "wrong password");
	else
		fine = enter(c, params->connect_timeout_ms, err);
	c->base.cancel = NULL;
	if (fine)
		return &c->base;
	talloc_free(c);
	return NULL;
}

static bool fake_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err)
{
	*latency_us = 1;
	return enter(fake(conn), 0, err);
}

static void fake_cancel(struct so_conn *conn)
{
	if (atomic_load(&fake(conn)->running))
		atomic_store(&fake(conn)->stop, true);
}

static const struct so_engine_info *fake_info(struct so_conn *conn, struct so_err *err)
{
	struct fake_conn *c = fake(conn);

	if (!enter(c, 0, err))
		return NULL;
	c->check = (struct so_check){
		.id = "reach", .title = so_strdup(c, "the server answers"), .ok = true, .required = true
	};
	c->check.detail = so_strdup(c, "nowhere");
	c->info = (struct so_engine_info){ .version = so_strdup(c, "1.0"),
		.version_num = 10000,
		.flavor = so_strdup(c, "fake"),
		.database = so_strdup(c, "shop"),
		.user = so_strdup(c, "nobody"),
		.host_text = so_strdup(c, "nowhere"),
		.caps = SO_CAP_STATEMENTS | SO_CAP_WHAT_IF | SO_CAP_GENERIC_PLAN | SO_CAP_ANALYZE |
			SO_CAP_SESSION_STATE | SO_CAP_WRITABLE | SO_CAP_STATS,
		.n_checks = 1,
		.checks = &c->check };
	return &c->info;
}

static struct so_query_list *fake_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err)
{
	struct so_query_list *list;

	if (!enter(fake(conn), 0, err))
		return NULL;
	list = so_new(ctx, struct so_query_list);
	list->items = so_new_array(list, struct so_query, 3);
	for (; list->count < 3 && (int64_t)list->count < limit; list->count++) {
		struct so_query *q = &list->items[list->count];

		q->engine_id = so_printf(list->items, "%zu", list->count + 1);
		q->text = so_printf(list->items, "SELECT %zu", list->count);
		q->counters.calls = 1;
		q->counters.exec_us = 3000 - (int64_t)list->count;
	}
	return list;
}

static struct so_catalog *fake_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables,
	size_t n_tables, const char *const *functions, size_t n_functions, struct so_err *err)
{
	struct so_catalog *c;

	(void)functions;
	(void)n_functions;
	if (!enter(fake(conn), 0, err))
		return NULL;
	c = so_new(ctx, struct so_catalog);
	c->taken_at_us = so_time_now_us();
	c->engine = so_strdup(c, "fake");
	c->tables = so_new_array(c, struct so_table, n_tables + 1);
	for (size_t i = 0; i < n_tables; i++)
		if (strcmp(tables[i], "app.orders") == 0) {
			struct so_table *t = &c->tables[c->n_tables++];

			t->schema = so_strdup(c->tables, "app");
			t->name = so_strdup(c->tables, "orders");
			t->columns = so_new_array(c->tables, struct so_column, 1);
			t->columns[t->n_columns++].name = so_strdup(c->tables, "id");
		}
	return c;
}

static char *fake_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err)
{
	return enter(fake(conn), 0, err) ? so_printf(ctx, "CREATE TABLE %s.%s (id int);", table->schema, table->name)
					 : NULL;
}

static bool is_read(const char *sql)
{
	return strncmp(sql, "SELECT", 6) == 0 && !strchr(sql, ';');
}

static bool fake_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql,
	const struct so_explain_options *options, struct so_explain *out, struct so_err *err)
{
	struct fake_conn *c = fake(conn);

	if (!is_read(sql) && (strncmp(sql, "UPDATE", 6) != 0 || options->mode == SO_EXPLAIN_ANALYZE))
		return so_fail(err, SO_INPUT, "refused");
	if (!enter(c, options->timeout_ms, err))
		return false;
	*out = (struct so_explain){ .format = "postgresql-json", .wait_us = 1, .generic = strchr(sql, '$') != NULL };
	out->text = so_printf(
		ctx, "[{\"Plan\": {\"Node Type\": \"%s\"}}]", c->n_hypo ? "Index Scan using <1>fake" : "Seq Scan");
	return true;
}

static bool fake_what_if_begin(struct so_conn *conn, struct so_err *err)
{
	struct fake_conn *c = fake(conn);

	if (c->what_if)
		return so_fail(err, SO_CONFLICT, "open already");
	if (!enter(c, 0, err))
		return false;
	c->what_if = true;
	c->n_hypo = 0;
	return true;
}

static bool fake_what_if_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n,
	struct so_hypo_index *out, struct so_err *err)
{
	struct fake_conn *c = fake(conn);

	if (!c->what_if)
		return so_fail(err, SO_CONFLICT, "not open");
	if (!enter(c, 0, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct so_hypo_index){ .size_bytes = -1 };
		if (strncmp(ddl[i], "CREATE INDEX", 12) != 0) {
			out[i].refusal = so_strdup(ctx, "not a CREATE INDEX statement");
			continue;
		}
		out[i].id = ++c->n_hypo;
		out[i].name = so_printf(ctx, "<%u>fake", out[i].id);
		out[i].size_bytes = 16384;
	}
	return true;
}

static bool fake_what_if_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err)
{
	(void)ids;
	if (!fake(conn)->what_if)
		return so_fail(err, SO_CONFLICT, "not open");
	fake(conn)->n_hypo -= n ? (uint32_t)n : fake(conn)->n_hypo;
	return enter(fake(conn), 0, err);
}

static void fake_what_if_end(struct so_conn *conn)
{
	fake(conn)->what_if = false;
	fake(conn)->n_hypo = 0;
}

/* Row count of a "SELECT rows N" text, after what every executed statement goes through. */
static bool start_read(struct fake_conn *c, const char *sql, int64_t timeout_ms, int64_t *n, struct so_err *err)
{
	if (!is_read(sql) || strchr(sql, '$'))
		return so_fail(err, SO_INPUT, "only a statement that purely reads is executed");
	if (!enter(c, timeout_ms, err))
		return false;
	if (strcmp(sql, FAKE_SLOW) == 0 && !wait_ms(c, 3600 * 1000, timeout_ms > 0 ? timeout_ms : 30000, err))
		return false;
	*n = number_of(sql, FAKE_ROWS);
	return true;
}

static bool fake_query(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err)
{
	int64_t n, bytes = 0;

	if (!start_read(fake(conn), sql, timeout_ms, &n, err))
		return false;
	*out = (struct so_rows){ .n_columns = 1, .wait_us = 1 };
	out->columns = so_new_array(ctx, char *, 1);
	out->types = so_new_array(ctx, char *, 1);
	out->cells = so_new_array(ctx, char *, (size_t)n + 1);
	out->columns[0] = so_strdup(out->columns, "n");
	out->types[0] = so_strdup(out->types, "integer");
	for (int64_t i = 1; i <= n; i++) {
		char *text = so_printf(out->cells, "%lld", (long long)i);

		bytes += (int64_t)strlen(text) + 1;
		if (i > max_rows || bytes > max_bytes) {
			out->truncated = true;
			break;
		}
		out->cells[out->n_rows++] = text;
	}
	return true;
}

static bool fake_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	bool desc = strstr(sql, "desc") != NULL;
	int64_t n;

	if (!start_read(fake(conn), sql, timeout_ms, &n, err))
		return false;
	*out = (struct so_result_digest){ .n_columns = 1, .exec_us = 1, .truncated = n > max_rows || n > max_bytes };
	out->columns = so_new_array(ctx, char *, 1);
	out->types = so_new_array(ctx, char *, 1);
	out->columns[0] = so_strdup(out->columns, "n");
	out->types[0] = so_strdup(out->types, "integer");
	for (int64_t i = 1; i <= n && !out->truncated; i++) {
		uint64_t hash = (uint64_t)(desc ? n + 1 - i : i) * UINT64_C(0x9E3779B97F4A7C15);

		out->n_rows++;
		out->n_bytes++;
		out->multiset_hash += hash;
		out->list_hash = (out->list_hash ^ hash) * UINT64_C(0x100000001B3);
	}
	return true;
}

static bool fake_execute(
	struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	(void)lock_timeout_ms;
	if (!*sql || strchr(sql, ';') || strcmp(sql, "COMMIT") == 0)
		return so_fail(err, SO_INPUT, "refused");
	return enter(fake(conn), timeout_ms, err);
}

static const struct so_engine_sql fake_sql[] = { { "everything", "SELECT 1" }, { NULL, NULL } };

const struct so_engine so_engine_fake = {
	.name = "fake",
	.dialect = "postgresql",
	.default_port = 1,
	.sql = fake_sql,
	.open = fake_open,
	.ping = fake_ping,
	.cancel = fake_cancel,
	.info = fake_info,
	.statements = fake_statements,
	.counters = so_reading_of_statements,
	.texts = so_reading_no_texts,
	.activity = so_no_activity,
	.samples = so_no_samples,
	.no_samples = "it is none",
	.catalog = fake_catalog,
	.ddl = fake_ddl,
	.explain = fake_explain,
	.what_if_begin = fake_what_if_begin,
	.what_if_add = fake_what_if_add,
	.what_if_drop = fake_what_if_drop,
	.what_if_end = fake_what_if_end,
	.query = fake_query,
	.digest = fake_digest,
	.execute = fake_execute,
};
