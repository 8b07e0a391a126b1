#include "lib/fake_target.h"

struct fake_hands fake_hands;

static int64_t wall(void *arg)
{
	(void)arg;
	return fake_hands.wall;
}

static int64_t monotonic(void *arg)
{
	(void)arg;
	return fake_hands.monotonic;
}

const struct so_clocks fake_clocks = { wall, monotonic, NULL };

void fake_turn(int64_t us)
{
	fake_hands.wall += us;
	fake_hands.monotonic += us;
}

int64_t fake_wall_us(void)
{
	return fake_hands.wall;
}

const struct so_engine_info *fake_info(struct so_conn *conn, struct so_err *err)
{
	static struct so_engine_info info = { .version = (char *)"1", .system_id = (char *)"one" };

	(void)conn;
	(void)err;
	return &info;
}

bool fake_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err)
{
	(void)conn;
	(void)err;
	for (size_t i = 0; i < n; i++)
		out[i] = (struct so_statement_text){ .text = so_printf(ctx, "SELECT a%s FROM t", ids[i]) };
	return true;
}

struct so_reading *fake_reading(TALLOC_CTX *ctx, const char *server_uid, size_t room)
{
	struct so_reading *reading = so_new(ctx, struct so_reading);

	reading->at_us = fake_hands.wall;
	reading->server_uid = so_strdup(reading, server_uid);
	reading->complete = true;
	reading->rows = so_new_array(reading, struct so_reading_row, room);
	return reading;
}

struct so_reading_row *fake_row(
	struct so_reading *reading, size_t number, const char *text, int64_t calls, int64_t exec_us)
{
	struct so_reading_row *row = &reading->rows[reading->count++];

	row->id = so_printf(reading->rows, "%zu", number);
	row->text = text;
	so_reading_key(row, row->id);
	row->counters[SO_COUNT_CALLS] = calls;
	row->counters[SO_COUNT_EXEC_US] = exec_us;
	return row;
}

bool fake_params(
	void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out, struct so_err *err)
{
	(void)err;
	*out = (struct so_conn_params){ .engine = conn->engine,
		.host = conn->host,
		.database = conn->database,
		.username = so_strdup_or_null(ctx, arg) };
	return true;
}

struct so_monitor_options fake_options(
	struct so_store *store, int64_t interval_us, const struct so_engine *(*engine)(const char *name))
{
	return (struct so_monitor_options){ .store = store,
		.scope = SO_SCOPE_DEFAULT,
		.interval_us = interval_us,
		.threads = 2,
		.top = 10,
		.sample_hours = 48,
		.rollup_hours = 1000,
		.rollup_days = 1000,
		.params = fake_params,
		.engine = engine,
		.clocks = &fake_clocks,
		.manual = true };
}

void fake_end(struct so_monitor *monitor)
{
	so_assert(so_monitor_stop(monitor, so_time_monotonic_us() + 10 * INT64_C(1000000)));
	talloc_free(monitor);
}
