/* Running statements: send, wait with a deadline, cancel when asked, collect or hand over the rows. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/odbc_internal.h"

#define QUERY_TIMEOUT_MS 60000
#define GRACE_MS         10000 /* how long the server may take to obey a cancel request */
#define ASK_AGAIN_MS     1000 /* a request that came before the statement began has no effect: it is repeated */
#define MAX_RESULT_CELLS 2000000

/* ---- waiting for one call ------------------------------------------------------------------------------------- */

static void work(struct db_helper *helper)
{
	odbc_do(helper->own);
}

static void drop(struct db_helper *helper)
{
	if (helper->own)
		odbc_call_free(helper->own);
}

void so_odbc_cancel(struct so_odbc *odbc)
{
	uint64_t one = 1;

	pthread_mutex_lock(&odbc->lock);
	if (odbc->running) {
		odbc->cancel_asked = true;
		if (write(odbc->wake_fd, &one, sizeof one) < 0)
			so_assert(errno == EAGAIN);
	}
	pthread_mutex_unlock(&odbc->lock);
}

static bool cancel_asked(struct so_odbc *odbc)
{
	bool asked;

	pthread_mutex_lock(&odbc->lock);
	asked = odbc->cancel_asked;
	pthread_mutex_unlock(&odbc->lock);
	return asked;
}

/* SQLCancel is the one function that may be called while another thread works on the statement (ODBC reference,
 * "Canceling Functions Running on Another Thread"). It sends an attention packet and does not wait for the answer. */
static void ask_to_stop(struct odbc_wait *wait)
{
	wait->ask_again_us = so_time_monotonic_us() + (int64_t)ASK_AGAIN_MS * 1000;
	if (wait->can_cancel)
		SQLCancel(wait->odbc->handles->stmt);
}

static void stop(struct odbc_wait *wait, enum so_kind why)
{
	if (wait->ending)
		return;
	wait->ending = true;
	wait->why = why;
	/* nothing can stop a login, so it is given up at once */
	wait->deadline_us = so_time_monotonic_us() + (wait->can_cancel ? (int64_t)GRACE_MS * 1000 : 0);
	ask_to_stop(wait);
}

static bool fail_stopped(const struct odbc_wait *wait, struct so_err *err)
{
	int64_t ms = (so_time_monotonic_us() - wait->start_us) / 1000;

	*err = (struct so_err)SO_ERR_INIT;
	if (wait->why == SO_CANCELLED)
		so_fail(err, SO_CANCELLED, "cancelled while the server worked on the statement");
	else
		so_fail(err, SO_TIMEOUT, "the statement was stopped after %lld ms", (long long)ms);
	memcpy(err->sqlstate, "HY008", 6);
	return false;
}

/* One look at the helper. False: it is time to give up. */
static bool look(struct odbc_wait *wait, struct db_helper *helper)
{
	struct so_odbc *odbc = wait->odbc;
	/* Once the statement is being stopped the token has said all it can. */
	const struct so_cancel *token = wait->ending ? NULL : odbc->token;
	int64_t until_us = wait->deadline_us;

	if (wait->ending && wait->ask_again_us < until_us)
		until_us = wait->ask_again_us;
	switch (db_wait(helper->done_fd, POLLIN, odbc->wake_fd, token, until_us)) {
	case DB_READY:
		return true;
	case DB_WOKEN:
		if (cancel_asked(odbc))
			stop(wait, SO_CANCELLED);
		return true;
	case DB_TOKEN:
		stop(wait, so_cancel_requested(odbc->token) ? SO_CANCELLED : SO_TIMEOUT);
		return true;
	case DB_LATE:
		break;
	}
	if (!wait->ending)
		stop(wait, SO_TIMEOUT);
	else if (so_time_monotonic_us() >= wait->deadline_us)
		return false;
	else
		ask_to_stop(wait);
	return true;
}

bool odbc_wait_for(struct odbc_wait *wait, struct odbc_call *call, struct so_err *err)
{
	struct db_helper *helper = db_helper_new(work, drop, call);
	int64_t start_us = so_time_monotonic_us();
	bool back = true;

	if (!db_helper_start(helper)) {
		db_helper_leave(helper);
		wait->odbc->broken = true;
		return so_fail(err, SO_LIMIT, "no thread could be started for a call of the ODBC driver");
	}
	while (back && !atomic_load(&helper->done))
		back = look(wait, helper);
	wait->odbc->wait_us += so_time_monotonic_us() - start_us;
	if (back) {
		helper->own = NULL; /* the caller keeps it */
		db_helper_leave(helper);
		return true;
	}
	db_helper_leave(helper);
	wait->odbc->broken = true;
	fail_stopped(wait, err);
	return so_fail_in(err, wait->can_cancel ? "the server does not answer" : wait->odbc->host_text);
}

/* ---- one batch ------------------------------------------------------------------------------------------------- */

static bool start_run(struct odbc_wait *wait, const struct so_odbc_query *query, struct so_err *err)
{
	struct so_odbc *odbc = wait->odbc;
	int64_t timeout_ms = query->timeout_ms > 0 ? query->timeout_ms : QUERY_TIMEOUT_MS;
	uint64_t count;

	odbc->last_error = 0;
	if (odbc->broken)
		return so_fail(err, SO_UNREACHABLE, "%s: the connection was given up after an earlier failure",
			odbc->host_text);
	if (!so_cancel_check(odbc->token, err))
		return false;
	wait->can_cancel = true;
	wait->start_us = so_time_monotonic_us();
	wait->deadline_us = wait->start_us + timeout_ms * 1000;
	pthread_mutex_lock(&odbc->lock);
	/* under the lock, or the wake of a cancel that comes right now would be taken for an old one */
	if (read(odbc->wake_fd, &count, sizeof count) < 0)
		so_assert(errno == EAGAIN || errno == EINTR);
	odbc->cancel_asked = false;
	odbc->running = true;
	pthread_mutex_unlock(&odbc->lock);
	return true;
}

static void end_run(struct so_odbc *odbc)
{
	pthread_mutex_lock(&odbc->lock);
	odbc->running = false;
	pthread_mutex_unlock(&odbc->lock);
}

/* What the call said, after it came back. Keeps the call on success, frees it otherwise. */
static bool check_call(struct odbc_wait *wait, struct odbc_call *call, struct so_err *err)
{
	struct so_odbc *odbc = wait->odbc;

	if (!call->failed)
		return true;
	odbc->last_error = call->failure.number;
	odbc_fail(odbc, &call->failure, err);
	if (err->kind == SO_UNREACHABLE)
		odbc->broken = true;
	odbc_call_free(call);
	if (wait->ending && wait->why != SO_NONE)
		return fail_stopped(wait, err);
	return false;
}

/* One step of the run; NULL, with *err, when it failed. */
static struct odbc_call *step(
	struct odbc_wait *wait, enum odbc_step what, const char *sql, size_t n_columns, struct so_err *err)
{
	struct odbc_call *call = odbc_call_new(wait->odbc->handles, what);

	call->sql = sql ? so_mem_need(strdup(sql)) : NULL;
	call->n_columns = n_columns;
	if (!odbc_wait_for(wait, call, err) || !check_call(wait, call, err))
		return NULL;
	return call;
}

/* Forgets what the server still has to say. */
static void finish(struct odbc_wait *wait)
{
	struct so_err ignored = SO_ERR_INIT;
	struct odbc_call *call;

	if (wait->odbc->broken)
		return;
	if (!wait->ending)
		wait->deadline_us = so_time_monotonic_us() + (int64_t)GRACE_MS * 1000;
	call = step(wait, ODBC_END, NULL, 0, &ignored);
	if (call)
		odbc_call_free(call);
}

static struct so_odbc_result *take_shape(TALLOC_CTX *ctx, const struct odbc_call *call)
{
	struct so_odbc_result *shape = so_new(ctx, struct so_odbc_result);

	shape->n_columns = call->n_columns;
	shape->columns = so_new_array(shape, struct odbc_column, shape->n_columns + 1);
	for (size_t i = 0; i < shape->n_columns; i++)
		shape->columns[i] = (struct odbc_column){ so_strdup(shape->columns, call->columns[i].name),
			so_strdup(shape->columns, call->columns[i].type) };
	return shape;
}

struct streaming {
	struct odbc_wait wait;
	bool (*row)(void *arg, const struct so_odbc_row *row);
	void *arg;
	bool stopped;
};

static bool hand_over(struct streaming *s, const struct odbc_call *call)
{
	struct so_odbc_row row = { .n_columns = call->n_columns };

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
		struct odbc_call *call = step(&s->wait, ODBC_FETCH, NULL, n_columns, err);
		bool done;

		if (!call)
			return false;
		done = call->done;
		if (!hand_over(s, call)) {
			s->stopped = true;
			done = true;
			stop(&s->wait, SO_NONE);
		}
		odbc_call_free(call);
		if (done)
			return true;
	}
}

/* Whoever stops means the whole task, of which this statement may be just a step. */
static bool check_stopped(const struct odbc_wait *wait, const struct so_odbc_query *query, struct so_err *err)
{
	return !wait->ending || wait->why == SO_NONE || query->outcome || fail_stopped(wait, err);
}

bool so_odbc_stream(TALLOC_CTX *ctx, struct so_odbc *odbc, const struct so_odbc_query *query,
	bool (*row)(void *arg, const struct so_odbc_row *row), void *arg, bool *stopped, struct so_odbc_result **shape,
	struct so_err *err)
{
	struct streaming s = { .wait = { .odbc = odbc, .why = SO_NONE }, .row = row, .arg = arg };
	struct so_odbc_result *result = NULL;
	struct odbc_call *call;
	bool fine;

	if (!start_run(&s.wait, query, err))
		return false;
	call = step(&s.wait, ODBC_EXECUTE, query->sql, 0, err);
	fine = call != NULL;
	if (call) {
		size_t n = call->n_columns;

		result = take_shape(ctx, call);
		odbc_call_free(call);
		fine = (!n || read_rows(&s, n, err)) && check_stopped(&s.wait, query, err);
	}
	finish(&s.wait);
	end_run(odbc);
	if (stopped)
		*stopped = s.stopped;
	if (shape && fine)
		*shape = result;
	else
		talloc_free(result);
	return fine;
}

struct collecting {
	struct so_odbc_result *result;
	bool too_many;
};

static bool collect(void *arg, const struct so_odbc_row *row)
{
	struct collecting *c = arg;
	struct so_odbc_result *r = c->result;

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
static struct so_odbc_result *collect_set(
	TALLOC_CTX *ctx, struct streaming *s, const struct odbc_call *call, struct so_err *err)
{
	struct collecting c = { .result = take_shape(ctx, call) };

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

struct so_odbc_result *so_odbc_query(
	TALLOC_CTX *ctx, struct so_odbc *odbc, const struct so_odbc_query *query, bool last, struct so_err *err)
{
	struct streaming s = { .wait = { .odbc = odbc, .why = SO_NONE } };
	struct so_odbc_result *result = NULL, *next;
	struct odbc_call *call;

	if (!start_run(&s.wait, query, err))
		return NULL;
	call = step(&s.wait, ODBC_EXECUTE, query->sql, 0, err);
	while (call) {
		bool done = call->done;

		next = call->n_columns || !result ? collect_set(ctx, &s, call, err) : result;
		odbc_call_free(call);
		if (next != result)
			talloc_free(result);
		result = next;
		if (!result || done || (result->n_columns && !last))
			break;
		call = step(&s.wait, ODBC_NEXT, NULL, 0, err);
		if (!call) {
			talloc_free(result);
			result = NULL;
		}
	}
	if (result && !check_stopped(&s.wait, query, err)) {
		talloc_free(result);
		result = NULL;
	}
	finish(&s.wait);
	end_run(odbc);
	return result;
}

/* ---- what came back ---------------------------------------------------------------------------------------------- */

size_t so_odbc_rows(const struct so_odbc_result *result)
{
	return result->n_rows;
}

size_t so_odbc_columns(const struct so_odbc_result *result)
{
	return result->n_columns;
}

const char *so_odbc_column(const struct so_odbc_result *result, size_t column)
{
	return column < result->n_columns ? result->columns[column].name : NULL;
}

const char *so_odbc_column_type(const struct so_odbc_result *result, size_t column)
{
	return column < result->n_columns ? result->columns[column].type : NULL;
}

const char *so_odbc_cell(const struct so_odbc_result *result, size_t row, size_t column)
{
	return row < result->n_rows && column < result->n_columns ? result->cells[row * result->n_columns + column]
								  : NULL;
}

int64_t so_odbc_int(const struct so_odbc_result *result, size_t row, size_t column, int64_t absent)
{
	const char *text = so_odbc_cell(result, row, column);
	char *end;
	long long value;

	if (!text)
		return absent;
	errno = 0;
	value = strtoll(text, &end, 10);
	return end == text || errno ? absent : value;
}

double so_odbc_real(const struct so_odbc_result *result, size_t row, size_t column, double absent)
{
	const char *text = so_odbc_cell(result, row, column);
	char *end;
	double value;

	if (!text)
		return absent;
	value = strtod(text, &end);
	return end == text || !isfinite(value) ? absent : value;
}

bool so_odbc_true(const struct so_odbc_result *result, size_t row, size_t column)
{
	const char *text = so_odbc_cell(result, row, column);

	return text && strcmp(text, "1") == 0;
}
