/* Running statements: send, wait with a deadline, cancel when asked, collect or hand over the rows. */
#include "db/pg_internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define QUERY_TIMEOUT_MS 60000

/* One statement between its sending and its last result. */
struct run {
	struct db_run wait;
	struct so_pg *pg;
	const struct so_pg_query *query;
};

static void cancel_work(struct db_helper *helper)
{
	char problem[256];

	/* Blocks until the server closed its side. A request that did not get through shows up as an answer that does
	 * not come: the waiter asks again, and in the end gives the connection up. */
	(void)PQcancel(helper->own, problem, sizeof problem);
}

static void cancel_drop(struct db_helper *helper)
{
	PQfreeCancel(helper->own);
}

void so_pg_cancel(struct so_pg *pg)
{
	db_stop_ask(&pg->stop);
}

static struct db_helper *send_cancel(struct db_run *wait)
{
	struct run *run = wait->arg;
	PGcancel *request = PQgetCancel(run->pg->raw);

	return request ? db_helper_new(cancel_work, cancel_drop, request) : NULL;
}

/* Waits for the socket. False: the connection is given up. */
static bool wait_socket(struct run *run, short events, struct so_err *err)
{
	if (db_run_wait(&run->wait, PQsocket(run->pg->raw), events))
		return true;
	run->pg->broken = true;
	db_run_fail(&run->wait, err->sqlstate, err);
	return so_fail_in(err, "the server does not answer");
}

static bool lost(struct run *run, struct so_err *err)
{
	run->pg->broken = true;
	if (run->wait.ending && run->wait.why != SO_NONE)
		return db_run_fail(&run->wait, err->sqlstate, err);
	return pg_fail_connection(run->pg->raw, run->pg->host_text, err);
}

static bool start_run(struct run *run, struct so_err *err)
{
	struct so_pg *pg = run->pg;

	if (pg->broken)
		return so_fail(
			err, SO_UNREACHABLE, "%s: the connection was given up after an earlier failure", pg->host_text);
	run->wait = (struct db_run){ .stop = &pg->stop, .token = pg->token, .ask = send_cancel, .arg = run };
	return db_run_begin(&run->wait, run->query->timeout_ms > 0 ? run->query->timeout_ms : QUERY_TIMEOUT_MS, err);
}

/* After the last result. */
static void end_run(struct run *run)
{
	struct so_pg *pg = run->pg;

	if (!db_run_end(&run->wait))
		pg->broken = true;
	if (PQstatus(pg->raw) == CONNECTION_BAD)
		pg->broken = true;
	pg->wait_us += so_time_monotonic_us() - run->wait.start_us;
}

static bool flush(struct run *run, struct so_err *err)
{
	int left;

	while ((left = PQflush(run->pg->raw)) > 0) {
		if (!wait_socket(run, POLLIN | POLLOUT, err))
			return false;
		if (PQconsumeInput(run->pg->raw) == 0)
			return lost(run, err);
	}
	return left == 0 || lost(run, err);
}

static bool send_statement(struct run *run, bool by_row, struct so_err *err)
{
	const struct so_pg_query *q = run->query;
	PGconn *raw = run->pg->raw;

	if (q->unbound ? !PQsendQuery(raw, q->sql)
		       : !PQsendQueryParams(raw, q->sql, (int)q->n_params, NULL, q->params, NULL, NULL, 0))
		return lost(run, err);
	if (by_row && PQsetSingleRowMode(raw) != 1)
		return so_fail(err, SO_INTERNAL, "single-row mode refused");
	return flush(run, err);
}

/* The next result, NULL after the last; false when the connection is given up. */
static bool next_result(struct run *run, PGresult **raw, struct so_err *err)
{
	while (PQisBusy(run->pg->raw)) {
		if (!wait_socket(run, POLLIN, err))
			return false;
		if (PQconsumeInput(run->pg->raw) == 0)
			return lost(run, err);
	}
	*raw = PQgetResult(run->pg->raw);
	return true;
}

static int result_dtor(struct so_pg_result *result)
{
	PQclear(result->raw);
	return 0;
}

static struct so_pg_result *wrap(TALLOC_CTX *ctx, const struct so_pg *pg, PGresult *raw)
{
	struct so_pg_result *result = so_new(ctx, struct so_pg_result);

	result->raw = raw;
	result->clean_text = pg->clean_text;
	talloc_set_destructor(result, result_dtor);
	return result;
}

static bool fail_run(struct run *run, const PGresult *raw, struct so_err *err)
{
	pg_fail_result(raw, run->query->sql, run->query->prefix_len, err);
	if (run->wait.ending && strcmp(err->sqlstate, "57014") == 0)
		return db_run_fail(&run->wait, err->sqlstate, err);
	if (err->kind == SO_TARGET && PQstatus(run->pg->raw) == CONNECTION_BAD)
		err->kind = SO_UNREACHABLE;
	return false;
}

/* COPY would wait for us, or send what no row callback sees. */
static bool refuse_copy(struct run *run, struct so_err *err)
{
	run->pg->broken = true;
	return so_fail(err, SO_INPUT, "COPY from or to the client is not possible here");
}

static bool failed_status(ExecStatusType status)
{
	return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

/* Parameters without values go through the simple protocol only, which would take several statements: the server parses
 * the very text as one statement first. */
static bool parse_one(struct run *run, struct so_err *err)
{
	bool failed = false;
	PGresult *raw = NULL;

	if (!PQsendPrepare(run->pg->raw, "", run->query->sql, 0, NULL))
		return lost(run, err);
	if (!flush(run, err))
		return false;
	for (;;) {
		if (!next_result(run, &raw, err))
			return false;
		if (!raw)
			return !failed;
		if (failed_status(PQresultStatus(raw)) && !failed)
			failed = !fail_run(run, raw, err);
		PQclear(raw);
	}
}

static bool collect(struct run *run, TALLOC_CTX *ctx, struct so_pg_result **result, struct so_err *err)
{
	bool failed = false;
	PGresult *raw = NULL;

	if (!send_statement(run, false, err))
		return false;
	for (;;) {
		ExecStatusType status;

		if (!next_result(run, &raw, err))
			return false;
		if (!raw) {
			/* Whoever cancels means the whole task, of which this statement may be just a step. */
			if (!failed && run->wait.ending && run->wait.why == SO_CANCELLED && !run->query->outcome)
				return db_run_fail(&run->wait, err->sqlstate, err);
			return !failed && (*result || so_fail(err, SO_INTERNAL, "no result"));
		}
		status = PQresultStatus(raw);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
			PQclear(raw);
			return refuse_copy(run, err);
		}
		if (failed_status(status) && !failed) {
			fail_run(run, raw, err);
			failed = true;
		}
		talloc_free(*result);
		*result = wrap(ctx, run->pg, raw);
	}
}

struct so_pg_result *so_pg_query(TALLOC_CTX *ctx, struct so_pg *pg, const struct so_pg_query *query, struct so_err *err)
{
	struct run run = { .pg = pg, .query = query };
	struct so_pg_result *result = NULL;
	bool fine;

	if (!start_run(&run, err))
		return NULL;
	fine = (!query->unbound || parse_one(&run, err)) && collect(&run, ctx, &result, err);
	end_run(&run);
	if (fine)
		return result;
	talloc_free(result);
	return NULL;
}

bool so_pg_exec(struct so_pg *pg, const char *sql, int64_t timeout_ms, struct so_err *err)
{
	struct so_pg_query query = { .sql = sql, .timeout_ms = timeout_ms };
	struct so_pg_result *result = so_pg_query(NULL, pg, &query, err);

	talloc_free(result);
	return result != NULL;
}

struct streaming {
	struct run run;
	bool (*row)(void *arg, const struct so_pg_row *row);
	void *arg;
	bool stopped;
	const char **values;
	size_t *lengths;
	TALLOC_CTX *tmp;
};

/* Hands over the row of a single-row result. */
static void hand_over(struct streaming *s, PGresult *raw)
{
	struct so_pg_result shape = { .raw = raw, .clean_text = s->run.pg->clean_text };
	struct so_pg_row row = { .n_columns = (size_t)PQnfields(raw), .shape = &shape };

	if (!s->values) {
		s->values = so_new_array(s->tmp, const char *, row.n_columns + 1);
		s->lengths = so_new_array(s->tmp, size_t, row.n_columns + 1);
	}
	for (int i = 0; i < (int)row.n_columns; i++) {
		s->values[i] = PQgetisnull(raw, 0, i) ? NULL : PQgetvalue(raw, 0, i);
		s->lengths[i] = (size_t)PQgetlength(raw, 0, i);
	}
	row.values = s->values;
	row.lengths = s->lengths;
	if (!s->row(s->arg, &row)) {
		s->stopped = true;
		db_run_stop(&s->run.wait, SO_NONE);
	}
}

static bool stream(struct streaming *s, TALLOC_CTX *ctx, struct so_pg_result **shape, struct so_err *err)
{
	bool failed = false;
	PGresult *raw = NULL;

	if (!send_statement(&s->run, true, err))
		return false;
	for (;;) {
		ExecStatusType status;

		if (!next_result(&s->run, &raw, err)) {
			if (!s->stopped)
				return false;
			*err = (struct so_err)
				SO_ERR_INIT; /* we had enough: the connection is broken, the rows are fine */
			return true;
		}
		if (!raw)
			return !failed;
		status = PQresultStatus(raw);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
			PQclear(raw);
			return refuse_copy(&s->run, err);
		}
		if (status == PGRES_SINGLE_TUPLE && !s->stopped && !failed)
			hand_over(s, raw);
		if (failed_status(status) && !failed && !s->stopped) {
			fail_run(&s->run, raw, err);
			failed = true;
		}
		if (shape && !*shape && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK))
			*shape = wrap(ctx, s->run.pg, raw);
		else
			PQclear(raw);
	}
}

bool so_pg_stream(TALLOC_CTX *ctx, struct so_pg *pg, const struct so_pg_query *query,
	bool (*row)(void *arg, const struct so_pg_row *row), void *arg, bool *stopped, struct so_pg_result **shape,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct streaming s = {
		.run = { .pg = pg, .query = query },
		.row = row,
		.arg = arg,
		.tmp = tmp,
	};
	bool fine;

	if (shape)
		*shape = NULL;
	if (!start_run(&s.run, err))
		return false;
	fine = stream(&s, ctx, shape, err);
	end_run(&s.run);
	if (stopped)
		*stopped = s.stopped;
	if (!fine && shape) {
		talloc_free(*shape);
		*shape = NULL;
	}
	return fine;
}
