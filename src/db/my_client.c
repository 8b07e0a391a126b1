/* Running statements: send, wait with a deadline, kill when asked, collect or hand over the rows. */
#include "db/my_internal.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"

#define QUERY_TIMEOUT_MS 60000
#define KILL_LIMIT_MS    5000 /* for the second connection */
#define MAX_RESULT_CELLS 2000000

/* One statement between its sending and its last row. */
struct run {
	struct db_run wait;
	struct so_my *my;
	const struct so_my_query *query;
	MYSQL_RES *res;
};

struct kill {
	struct my_place *place;
	uint64_t connection_id;
};

/* KILL QUERY goes over a connection of its own, with the same login. One that did not get through shows up as an answer
 * that does not come: the waiter asks again, and in the end gives the connection up. */
static void kill_work(struct db_helper *helper)
{
	struct kill *kill = helper->own;
	int64_t deadline_us = so_time_monotonic_us() + (int64_t)KILL_LIMIT_MS * 1000;
	struct my_failure failure;
	MYSQL *raw = my_connect(kill->place, deadline_us, NULL, &failure);
	char sql[64];

	if (!raw)
		return;
	snprintf(sql, sizeof sql, "/* sqlopt */ KILL QUERY %llu", (unsigned long long)kill->connection_id);
	(void)my_command(raw, sql, deadline_us);
	mysql_close(raw);
}

static void kill_drop(struct db_helper *helper)
{
	struct kill *kill = helper->own;

	my_place_drop(kill->place);
	free(kill);
}

void so_my_cancel(struct so_my *my)
{
	db_stop_ask(&my->stop);
}

static struct db_helper *send_kill(struct db_run *wait)
{
	const struct run *run = wait->arg;
	struct kill *kill = so_mem_need(calloc(1, sizeof *kill));

	kill->place = my_place_share(run->my->place);
	kill->connection_id = run->my->connection_id;
	return db_helper_new(kill_work, kill_drop, kill);
}

static bool fail_stopped(const struct run *run, struct so_err *err)
{
	return db_run_fail(&run->wait, "70100", err);
}

/* Waits for the socket. False: the connection is given up. */
static bool wait_socket(struct run *run, int status, struct so_err *err)
{
	if (db_run_wait(&run->wait, mysql_get_socket(run->my->raw), my_poll_events(status)))
		return true;
	run->my->broken = true;
	fail_stopped(run, err);
	return so_fail_in(err, "the server does not answer");
}

static bool start_run(struct run *run, struct so_err *err)
{
	struct so_my *my = run->my;

	my->last_error = 0;
	if (my->broken)
		return so_fail(
			err, SO_UNREACHABLE, "%s: the connection was given up after an earlier failure", my->host_text);
	run->wait = (struct db_run){ .stop = &my->stop, .token = my->token, .ask = send_kill, .arg = run };
	return db_run_begin(&run->wait, run->query->timeout_ms > 0 ? run->query->timeout_ms : QUERY_TIMEOUT_MS, err);
}

/* After the last row. */
static void end_run(struct run *run)
{
	struct so_my *my = run->my;

	if (!db_run_end(&run->wait))
		my->broken = true;
	/* with an answer outstanding libmariadb would read on; the connection is closed hard instead */
	if (run->res && my->broken)
		shutdown(mysql_get_socket(my->raw), SHUT_RDWR);
	mysql_free_result(run->res);
	my->wait_us += so_time_monotonic_us() - run->wait.start_us;
}

/* The server's error, or our own when we asked for the end. */
static bool fail_run(struct run *run, struct so_err *err)
{
	struct so_my *my = run->my;

	my_fail_statement(my, run->query->sql, run->query->prefix_len, err);
	if (err->kind == SO_UNREACHABLE)
		my->broken = true;
	if (run->wait.ending && run->wait.why != SO_NONE && (err->kind == SO_TIMEOUT || err->kind == SO_UNREACHABLE))
		return fail_stopped(run, err);
	return false;
}

static bool send_statement(struct run *run, struct so_err *err)
{
	MYSQL *raw = run->my->raw;
	const char *sql = run->query->sql;
	int failed = 0, status = mysql_real_query_start(&failed, raw, sql, strlen(sql));

	while (status) {
		if (!wait_socket(run, status, err))
			return false;
		status = mysql_real_query_cont(&failed, raw, my_ready_status(status));
	}
	return !failed || fail_run(run, err);
}

/* The next row, NULL after the last. */
static bool next_row(struct run *run, MYSQL_ROW *row, struct so_err *err)
{
	int status = mysql_fetch_row_start(row, run->res);

	while (status) {
		if (!wait_socket(run, status, err))
			return false;
		status = mysql_fetch_row_cont(row, run->res, my_ready_status(status));
	}
	return *row || !mysql_errno(run->my->raw) || fail_run(run, err);
}

static const char *type_name(const MYSQL_FIELD *field)
{
	bool is_unsigned = field->flags & UNSIGNED_FLAG, binary = field->charsetnr == 63;

	switch (field->type) {
	case MYSQL_TYPE_TINY:
		return is_unsigned ? "tinyint unsigned" : "tinyint";
	case MYSQL_TYPE_SHORT:
		return is_unsigned ? "smallint unsigned" : "smallint";
	case MYSQL_TYPE_INT24:
		return is_unsigned ? "mediumint unsigned" : "mediumint";
	case MYSQL_TYPE_LONG:
		return is_unsigned ? "int unsigned" : "int";
	case MYSQL_TYPE_LONGLONG:
		return is_unsigned ? "bigint unsigned" : "bigint";
	case MYSQL_TYPE_FLOAT:
		return "float";
	case MYSQL_TYPE_DOUBLE:
		return "double";
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return "decimal";
	case MYSQL_TYPE_YEAR:
		return "year";
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_NEWDATE:
		return "date";
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_TIME2:
		return "time";
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_DATETIME2:
		return "datetime";
	case MYSQL_TYPE_TIMESTAMP:
	case MYSQL_TYPE_TIMESTAMP2:
		return "timestamp";
	case MYSQL_TYPE_BIT:
		return "bit";
	case MYSQL_TYPE_JSON:
		return "json";
	case MYSQL_TYPE_GEOMETRY:
		return "geometry";
	case MYSQL_TYPE_NULL:
		return "null";
	case MYSQL_TYPE_STRING:
		if (field->flags & ENUM_FLAG)
			return "enum";
		return field->flags & SET_FLAG ? "set" : binary ? "binary" : "char";
	case MYSQL_TYPE_ENUM:
		return "enum";
	case MYSQL_TYPE_SET:
		return "set";
	case MYSQL_TYPE_TINY_BLOB:
	case MYSQL_TYPE_MEDIUM_BLOB:
	case MYSQL_TYPE_LONG_BLOB:
	case MYSQL_TYPE_BLOB:
		return binary ? "blob" : "text";
	case MYSQL_TYPE_VARCHAR:
	case MYSQL_TYPE_VAR_STRING:
		return binary ? "varbinary" : "varchar";
	default:
		return "unknown";
	}
}

static struct so_my_result *make_shape(TALLOC_CTX *ctx, MYSQL_RES *res)
{
	struct so_my_result *shape = so_new(ctx, struct so_my_result);
	const MYSQL_FIELD *fields = res ? mysql_fetch_fields(res) : NULL;

	shape->n_columns = res ? mysql_num_fields(res) : 0;
	shape->columns = so_new_array(shape, struct my_column, shape->n_columns + 1);
	for (size_t i = 0; i < shape->n_columns; i++)
		shape->columns[i] =
			(struct my_column){ so_strdup(shape->columns, fields[i].name), type_name(&fields[i]) };
	return shape;
}

/* Whoever stops means the whole task, of which this statement may be just a step; and a stopped SLEEP() answers as if
 * nothing had happened. */
static bool check_stopped(const struct run *run, struct so_err *err)
{
	return !run->wait.ending || run->wait.why == SO_NONE || run->query->outcome || fail_stopped(run, err);
}

struct streaming {
	struct run run;
	bool (*row)(void *arg, const struct so_my_row *row);
	void *arg;
	bool stopped;
};

static bool read_rows(struct streaming *s, struct so_err *err)
{
	struct so_my_row row = { .n_columns = mysql_num_fields(s->run.res) };
	size_t *lengths;
	MYSQL_ROW values;
	SO_TMP(tmp, NULL);

	lengths = so_new_array(tmp, size_t, row.n_columns + 1);
	for (;;) {
		const unsigned long *given;

		if (!next_row(&s->run, &values, err)) {
			if (!s->stopped)
				return false;
			*err = (struct so_err)SO_ERR_INIT; /* we had enough, and it was killed: the rows are fine */
			return true;
		}
		if (!values)
			return true;
		if (s->stopped)
			continue;
		given = mysql_fetch_lengths(s->run.res);
		for (size_t i = 0; i < row.n_columns; i++)
			lengths[i] = given[i];
		row.values = (const char *const *)values;
		row.lengths = lengths;
		if (!s->row(s->arg, &row)) {
			s->stopped = true;
			db_run_stop(&s->run.wait, SO_NONE);
		}
	}
}

static bool stream(struct streaming *s, TALLOC_CTX *ctx, struct so_my_result **shape, struct so_err *err)
{
	MYSQL *raw = s->run.my->raw;

	if (!send_statement(&s->run, err))
		return false;
	s->run.res = mysql_use_result(raw);
	if (!s->run.res && mysql_field_count(raw))
		return fail_run(&s->run, err);
	if (shape)
		*shape = make_shape(ctx, s->run.res);
	if (s->run.res && !read_rows(s, err))
		return false;
	if (!mysql_more_results(raw))
		return check_stopped(&s->run, err);
	s->run.my->broken = true; /* only CALL has several, which nothing here sends */
	return so_fail(err, SO_INPUT, "the statement answers with more than one result");
}

bool so_my_stream(TALLOC_CTX *ctx, struct so_my *my, const struct so_my_query *query,
	bool (*row)(void *arg, const struct so_my_row *row), void *arg, bool *stopped, struct so_my_result **shape,
	struct so_err *err)
{
	struct streaming s = { .run = { .my = my, .query = query }, .row = row, .arg = arg };
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

struct collecting {
	struct so_my_result *result;
	TALLOC_CTX *ctx;
	bool full;
};

static bool collect_row(void *arg, const struct so_my_row *row)
{
	struct collecting *c = arg;
	struct so_my_result *r = c->result;
	size_t bytes = 0;
	char *text;

	if ((r->n_rows + 1) * row->n_columns > MAX_RESULT_CELLS) {
		c->full = true;
		return false;
	}
	if (r->n_rows == r->room) {
		r->room = r->room ? r->room * 2 : 16;
		r->cells = r->cells ? so_renew_array(r, r->cells, char *, r->room *(row->n_columns + 1))
				    : so_new_array(r, char *, r->room *(row->n_columns + 1));
	}
	for (size_t i = 0; i < row->n_columns; i++)
		bytes += row->lengths[i] + 1;
	text = so_mem_need(talloc_size(r->cells, bytes + 1)); /* one chunk a row */
	for (size_t i = 0; i < row->n_columns; i++) {
		char **cell = &r->cells[r->n_rows * row->n_columns + i];

		*cell = NULL;
		if (!row->values[i])
			continue;
		memcpy(text, row->values[i], row->lengths[i]);
		text[row->lengths[i]] = '\0';
		*cell = text;
		text += row->lengths[i] + 1;
	}
	r->n_rows++;
	return true;
}

struct so_my_result *so_my_query(TALLOC_CTX *ctx, struct so_my *my, const struct so_my_query *query, struct so_err *err)
{
	struct collecting c = { .result = so_new(ctx, struct so_my_result), .ctx = ctx };
	struct so_my_result *shape = NULL;

	if (!so_my_stream(c.result, my, query, collect_row, &c, NULL, &shape, err) ||
		(c.full && !so_fail(err, SO_LIMIT, "the answer has more than %d cells", MAX_RESULT_CELLS))) {
		talloc_free(c.result);
		return NULL;
	}
	c.result->n_columns = shape->n_columns;
	c.result->columns = shape->columns;
	return c.result;
}

/* ---- Looking at things ---- */

void so_my_set_cancel(struct so_my *my, struct so_cancel *cancel)
{
	my->token = cancel;
}

bool so_my_usable(const struct so_my *my)
{
	return !my->broken;
}

const char *so_my_version_text(const struct so_my *my)
{
	return mysql_get_server_info(my->raw);
}

int so_my_version(const struct so_my *my)
{
	return (int)mysql_get_server_version(my->raw);
}

bool so_my_is_mariadb(const struct so_my *my)
{
	return my->mariadb;
}

uint64_t so_my_connection_id(const struct so_my *my)
{
	return my->connection_id;
}

const char *so_my_tls_text(const struct so_my *my)
{
	return my->tls;
}

bool so_my_is_local(const struct so_my *my)
{
	return my->place->socket != NULL;
}

const char *so_my_host_text(const struct so_my *my)
{
	return my->host_text;
}

bool so_my_in_transaction(const struct so_my *my)
{
	unsigned status = 0;

	mariadb_get_infov(my->raw, MARIADB_CONNECTION_SERVER_STATUS, &status);
	return status & SERVER_STATUS_IN_TRANS;
}

int64_t so_my_wait_us(const struct so_my *my)
{
	return my->wait_us;
}

unsigned so_my_last_error(const struct so_my *my)
{
	return my->last_error;
}

size_t so_my_rows(const struct so_my_result *result)
{
	return result->n_rows;
}

size_t so_my_columns(const struct so_my_result *result)
{
	return result->n_columns;
}

const char *so_my_column(const struct so_my_result *result, size_t column)
{
	return result->columns[column].name;
}

const char *so_my_column_type(const struct so_my_result *result, size_t column)
{
	return result->columns[column].type;
}

const char *so_my_cell(const struct so_my_result *result, size_t row, size_t column)
{
	if (row >= result->n_rows || column >= result->n_columns)
		return NULL;
	return result->cells[row * result->n_columns + column];
}

double so_my_real(const struct so_my_result *result, size_t row, size_t column, double absent)
{
	const char *text = so_my_cell(result, row, column);
	char *end = NULL;
	double value = text ? strtod(text, &end) : 0;

	return text && end != text && isfinite(value) ? value : absent;
}

int64_t so_my_int(const struct so_my_result *result, size_t row, size_t column, int64_t absent)
{
	const char *text = so_my_cell(result, row, column);
	char *end = NULL;
	long long value;

	if (!text)
		return absent;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text)
		return absent;
	if (*end == 'e' || *end == 'E') { /* MySQL writes doubles from 1e15 on so */
		double real = strtod(text, NULL);

		return real >= 0x1p63 ? INT64_MAX : real < -0x1p63 ? INT64_MIN : (int64_t)real;
	}
	return errno == ERANGE ? INT64_MAX : value; /* unsigned counters go beyond */
}

char *so_my_quote(TALLOC_CTX *ctx, struct so_my *my, const char *text)
{
	size_t len = strlen(text);
	char *out = so_mem_need(talloc_size(ctx, 2 * len + 3));
	unsigned long escaped = mysql_real_escape_string(my->raw, out + 1, text, len);

	out[0] = out[escaped + 1] = '\'';
	out[escaped + 2] = '\0';
	return out;
}

char *so_my_quote_ident(TALLOC_CTX *ctx, const char *name)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024);
	so_buf_addc(&buf, '`');
	for (; *name; name++) {
		if (*name == '`')
			so_buf_addc(&buf, '`');
		so_buf_addc(&buf, *name);
	}
	so_buf_addc(&buf, '`');
	return buf.data;
}
