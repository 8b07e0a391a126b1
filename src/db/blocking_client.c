/* Running statements: send, wait with a deadline, cancel when asked, collect or hand over the rows. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/blocking_internal.h"

#define QUERY_TIMEOUT_MS 60000
#define MAX_RESULT_CELLS 2000000

/* ---- waiting for one call ------------------------------------------------------------------------------------- */

/* Where a call stands: one wait of it, and of the statement that it belongs to. */
struct run {
	struct db_run wait;
	struct so_blocking *conn;
};

static void handles_leave(struct db_handles *handles)
{
	if (atomic_fetch_sub(&handles->refs, 1) == 1)
		handles->library->close(handles);
}

static struct db_call *call_new(struct db_handles *handles, enum db_step step)
{
	struct db_call *call = so_mem_need(calloc(1, sizeof *call));

	atomic_fetch_add(&handles->refs, 1);
	call->handles = handles;
	call->step = step;
	call->out = talloc_new(NULL);
	return call;
}

static void call_free(struct db_call *call)
{
	handles_leave(call->handles);
	talloc_free(call->out);
	free(call->sql);
	free(call);
}

static void work(struct db_helper *helper)
{
	struct db_call *call = helper->own;

	call->handles->library->act(call);
}

static void drop(struct db_helper *helper)
{
	if (helper->own)
		call_free(helper->own);
}

void so_blocking_cancel(struct so_blocking *conn)
{
	db_stop_ask(&conn->stop);
}

static struct db_helper *interrupt(struct db_run *wait)
{
	struct db_handles *handles = wait->arg;

	handles->library->interrupt(handles);
	return NULL;
}

/* Nothing can stop a login. */
static struct db_helper *no_interrupt(struct db_run *wait)
{
	(void)wait;
	return NULL;
}

static bool fail_stopped(const struct run *run, struct so_err *err)
{
	return db_run_fail(&run->wait, "HY008", err);
}

static bool wait_for(struct run *run, struct db_call *call, struct so_err *err)
{
	struct db_helper *helper = db_helper_new(work, drop, call);
	int64_t start_us = so_time_monotonic_us();
	bool back = true;

	if (!db_helper_start(helper)) {
		db_helper_leave(helper);
		run->conn->broken = true;
		return so_fail(err, SO_LIMIT, "no thread could be started to talk to the database");
	}
	while (back && !atomic_load(&helper->done))
		back = db_run_wait(&run->wait, helper->done_fd, POLLIN);
	run->conn->wait_us += so_time_monotonic_us() - start_us;
	if (back) {
		helper->own = NULL; /* the caller keeps it */
		db_helper_leave(helper);
		return true;
	}
	db_helper_leave(helper);
	run->conn->broken = true;
	fail_stopped(run, err);
	return so_fail_in(err, "%s", run->wait.ask == interrupt ? "the server does not answer" : run->conn->host_text);
}

/* ---- one batch ------------------------------------------------------------------------------------------------- */

static bool start_run(struct run *run, const struct so_blocking_query *query, struct so_err *err)
{
	struct so_blocking *conn = run->conn;

	conn->last_error = 0;
	if (conn->broken)
		return so_fail(err, SO_UNREACHABLE, "%s: the connection was given up after an earlier failure",
			conn->host_text);
	run->wait =
		(struct db_run){ .stop = &conn->stop, .token = conn->token, .ask = interrupt, .arg = conn->handles };
	return db_run_begin(&run->wait, query->timeout_ms > 0 ? query->timeout_ms : QUERY_TIMEOUT_MS, err);
}

/* What the call said, after it came back. Keeps the call on success, frees it otherwise. */
static bool check_call(struct run *run, struct db_call *call, struct so_err *err)
{
	struct so_blocking *conn = run->conn;

	if (!call->failed)
		return true;
	conn->last_error = call->failure.number;
	conn->handles->library->fail(conn, &call->failure, err);
	if (err->kind == SO_UNREACHABLE)
		conn->broken = true;
	call_free(call);
	if (run->wait.ending && run->wait.why != SO_NONE)
		return fail_stopped(run, err);
	return false;
}

/* One step of the run; NULL, with *err, when it failed. */
static struct db_call *step(struct run *run, enum db_step what, const char *sql, size_t n_columns, struct so_err *err)
{
	struct db_call *call = call_new(run->conn->handles, what);

	call->sql = sql ? so_mem_need(strdup(sql)) : NULL;
	call->n_columns = n_columns;
	if (!wait_for(run, call, err) || !check_call(run, call, err))
		return NULL;
	return call;
}

/* Forgets what the server still has to say. */
static void finish(struct run *run)
{
	struct so_err ignored = SO_ERR_INIT;
	struct db_call *call;

	if (run->conn->broken)
		return;
	if (!run->wait.ending)
		run->wait.deadline_us = so_time_monotonic_us() + (int64_t)DB_STOP_GRACE_MS * 1000;
	call = step(run, DB_END, NULL, 0, &ignored);
	if (call)
		call_free(call);
}

static struct so_text_result *take_shape(TALLOC_CTX *ctx, const struct db_call *call)
{
	struct so_text_result *shape = so_new(ctx, struct so_text_result);

	shape->n_columns = call->n_columns;
	shape->columns = so_new_array(shape, struct db_column, shape->n_columns + 1);
	for (size_t i = 0; i < shape->n_columns; i++)
		shape->columns[i] = (struct db_column){ so_strdup(shape->columns, call->columns[i].name),
			so_strdup(shape->columns, call->columns[i].type) };
	return shape;
}

struct streaming {
	struct run run;
	bool (*row)(void *arg, const struct so_blocking_row *row);
	void *arg;
	bool stopped;
};

static bool hand_over(struct streaming *s, const struct db_call *call)
{
	struct so_blocking_row row = { .n_columns = call->n_columns };

	for (size_t i = 0; i < call->n_rows; i++) {
		row.values = (const char *const *)(call->cells + i * call->n_columns);
		row.lengths = call->lengths + i * call->n_columns;
		if (!s->row(s->arg, &row))
			return false;
	}
	return true;
}

/* All rows of the current result set. */
static bool read_rows(struct streaming *s, size_t n_columns, struct so_err *err)
{
	for (;;) {
		struct db_call *call = step(&s->run, DB_FETCH, NULL, n_columns, err);
		bool done;

		if (!call)
			return false;
		done = call->done;
		if (!hand_over(s, call)) {
			s->stopped = true;
			done = true;
			db_run_stop(&s->run.wait, SO_NONE);
		}
		call_free(call);
		if (done)
			return true;
	}
}

/* Whoever stops means the whole task, of which this statement may be just a step. */
static bool check_stopped(const struct run *run, const struct so_blocking_query *query, struct so_err *err)
{
	return !run->wait.ending || run->wait.why == SO_NONE || query->outcome || fail_stopped(run, err);
}

bool so_blocking_stream(TALLOC_CTX *ctx, struct so_blocking *conn, const struct so_blocking_query *query,
	bool (*row)(void *arg, const struct so_blocking_row *row), void *arg, bool *stopped,
	struct so_text_result **shape, struct so_err *err)
{
	struct streaming s = { .run = { .conn = conn }, .row = row, .arg = arg };
	struct so_text_result *result = NULL;
	struct db_call *call;
	bool fine;

	if (!start_run(&s.run, query, err))
		return false;
	call = step(&s.run, DB_EXECUTE, query->sql, 0, err);
	fine = call != NULL;
	if (call) {
		size_t n = call->n_columns;

		result = take_shape(ctx, call);
		call_free(call);
		fine = (!n || read_rows(&s, n, err)) && check_stopped(&s.run, query, err);
	}
	finish(&s.run);
	db_run_end(&s.run.wait);
	if (stopped)
		*stopped = s.stopped;
	if (shape && fine)
		*shape = result;
	else
		talloc_free(result);
	return fine;
}

struct collecting {
	struct so_text_result *result;
	size_t max_rows; /* more are counted as read and forgotten; 0: all are wanted */
	bool too_many;
};

/* Where the last of several results is wanted (a plan behind the rows of its statement), those before it are of no
 * interest, however long they are. */
#define LAST_MAX_ROWS 64

static bool collect(void *arg, const struct so_blocking_row *row)
{
	struct collecting *c = arg;
	struct so_text_result *r = c->result;

	if (c->max_rows && r->n_rows == c->max_rows)
		return true;
	if ((r->n_rows + 1) * row->n_columns > MAX_RESULT_CELLS) {
		c->too_many = true;
		return false;
	}
	if (r->n_rows == r->room) {
		r->room = r->room ? r->room * 2 : 16;
		r->cells = so_renew_array(r, r->cells, char *, r->room *(row->n_columns + 1));
	}
	for (size_t i = 0; i < row->n_columns; i++)
		r->cells[r->n_rows * row->n_columns + i] =
			row->values[i] ? so_strndup(r->cells, row->values[i], row->lengths[i]) : NULL;
	r->n_rows++;
	return true;
}

/* Reads the current result set into a result of its own. */
static struct so_text_result *collect_set(
	TALLOC_CTX *ctx, struct streaming *s, const struct db_call *call, bool last, struct so_err *err)
{
	struct collecting c = { .result = take_shape(ctx, call), .max_rows = last ? LAST_MAX_ROWS : 0 };

	s->row = collect;
	s->arg = &c;
	if (!call->n_columns || read_rows(s, call->n_columns, err)) {
		if (!c.too_many)
			return c.result;
		so_fail(err, SO_LIMIT, "the result has more than %d values", MAX_RESULT_CELLS);
	}
	talloc_free(c.result);
	return NULL;
}

struct so_text_result *so_blocking_query(
	TALLOC_CTX *ctx, struct so_blocking *conn, const struct so_blocking_query *query, bool last, struct so_err *err)
{
	struct streaming s = { .run = { .conn = conn } };
	struct so_text_result *result = NULL, *next;
	struct db_call *call;

	if (!start_run(&s.run, query, err))
		return NULL;
	call = step(&s.run, DB_EXECUTE, query->sql, 0, err);
	while (call) {
		bool done = call->done;

		next = call->n_columns || !result ? collect_set(ctx, &s, call, last, err) : result;
		call_free(call);
		if (next != result)
			talloc_free(result);
		result = next;
		if (!result || done || (result->n_columns && !last))
			break;
		call = step(&s.run, DB_NEXT, NULL, 0, err);
		if (!call) {
			talloc_free(result);
			result = NULL;
		}
	}
	if (result && !check_stopped(&s.run, query, err)) {
		talloc_free(result);
		result = NULL;
	}
	finish(&s.run);
	db_run_end(&s.run.wait);
	return result;
}

/* ---- what came back ---------------------------------------------------------------------------------------------- */

size_t so_text_rows(const struct so_text_result *result)
{
	return result->n_rows;
}

size_t so_text_columns(const struct so_text_result *result)
{
	return result->n_columns;
}

const char *so_text_column(const struct so_text_result *result, size_t column)
{
	return column < result->n_columns ? result->columns[column].name : NULL;
}

const char *so_text_column_type(const struct so_text_result *result, size_t column)
{
	return column < result->n_columns ? result->columns[column].type : NULL;
}

const char *so_text_cell(const struct so_text_result *result, size_t row, size_t column)
{
	return row < result->n_rows && column < result->n_columns ? result->cells[row * result->n_columns + column]
								  : NULL;
}

int64_t so_text_int(const struct so_text_result *result, size_t row, size_t column, int64_t absent)
{
	const char *text = so_text_cell(result, row, column);
	char *end;
	long long value;

	if (!text)
		return absent;
	errno = 0;
	value = strtoll(text, &end, 10);
	return end == text || errno ? absent : value;
}

double so_text_real(const struct so_text_result *result, size_t row, size_t column, double absent)
{
	const char *text = so_text_cell(result, row, column);
	char *end;
	double value;

	if (!text)
		return absent;
	value = strtod(text, &end);
	return end == text || !isfinite(value) ? absent : value;
}

bool so_text_true(const struct so_text_result *result, size_t row, size_t column)
{
	const char *text = so_text_cell(result, row, column);

	return text && strcmp(text, "1") == 0;
}

/* ---- opening and closing ------------------------------------------------------------------------------------------
 */

static int close_conn(struct so_blocking *conn)
{
	handles_leave(conn->handles);
	db_stop_done(&conn->stop);
	return 0;
}

static bool log_in(struct so_blocking *conn, int64_t timeout_ms, struct so_err *err)
{
	struct run run = { .wait = { .stop = &conn->stop, .token = conn->token, .ask = no_interrupt }, .conn = conn };
	struct db_call *call;
	bool fine;

	if (!db_run_begin(&run.wait, timeout_ms, err))
		return false;
	run.wait.grace_ms = 0;
	call = call_new(conn->handles, DB_CONNECT);
	call->timeout_ms = timeout_ms;
	fine = wait_for(&run, call, err);
	db_run_end(&run.wait);
	if (!fine) {
		if (err->kind == SO_TIMEOUT) {
			*err = (struct so_err)SO_ERR_INIT;
			so_fail(err, SO_UNREACHABLE, "%s did not answer within %lld ms", conn->host_text,
				(long long)timeout_ms);
		}
		return false;
	}
	fine = !call->failed || conn->handles->library->fail(conn, &call->failure, err);
	call_free(call);
	return fine;
}

struct so_blocking *db_blocking_open(TALLOC_CTX *ctx, struct db_handles *handles, const char *host_text,
	int64_t timeout_ms, struct so_cancel *cancel, struct so_err *err)
{
	struct so_blocking *conn = so_new(ctx, struct so_blocking);
	bool fine;

	fine = db_stop_init(&conn->stop);
	conn->handles = handles;
	conn->host_text = so_strdup(conn, host_text);
	talloc_set_destructor(conn, close_conn);
	conn->token = cancel;
	if (!fine)
		so_fail(err, SO_LIMIT, "no file descriptor is free");
	fine = fine && log_in(conn, timeout_ms, err);
	conn->token = NULL;
	if (!fine) {
		talloc_free(conn);
		return NULL;
	}
	return conn;
}

void so_blocking_set_cancel(struct so_blocking *conn, struct so_cancel *cancel)
{
	conn->token = cancel;
}

bool so_blocking_usable(const struct so_blocking *conn)
{
	return !conn->broken;
}

const char *so_blocking_host_text(const struct so_blocking *conn)
{
	return conn->host_text;
}

int64_t so_blocking_wait_us(const struct so_blocking *conn)
{
	return conn->wait_us;
}

int so_blocking_last_error(const struct so_blocking *conn)
{
	return conn->last_error;
}
