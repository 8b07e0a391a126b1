/* The blocking calls themselves. Everything here runs on a helper thread and touches nothing but its call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/odbc_internal.h"

#define MAX_CELL  ((size_t)64 << 20) /* larger values are cut: nothing that we show or compare is that long */
#define CELL_STEP 4096

static struct odbc_handles *handles_of(const struct db_call *call)
{
	return (struct odbc_handles *)call->handles;
}

void odbc_close(struct db_handles *base)
{
	struct odbc_handles *h = (struct odbc_handles *)base;

	if (h->stmt)
		SQLFreeHandle(SQL_HANDLE_STMT, h->stmt);
	if (h->connected)
		SQLDisconnect(h->dbc);
	if (h->dbc)
		SQLFreeHandle(SQL_HANDLE_DBC, h->dbc);
	if (h->env)
		SQLFreeHandle(SQL_HANDLE_ENV, h->env);
	if (h->connect) {
		explicit_bzero(h->connect, strlen(h->connect));
		free(h->connect);
	}
	free(h);
}

/* SQLCancel is the one function that may be called while another thread works on the statement (ODBC reference,
 * "Canceling Functions Running on Another Thread"). It sends an attention packet and does not wait for the answer. */
void odbc_interrupt(struct db_handles *base)
{
	SQLCancel(((struct odbc_handles *)base)->stmt);
}

/* Drivers put their names in brackets before the text: "[FreeTDS][SQL Server]Login failed ...". */
static const char *without_brackets(const char *text)
{
	while (*text == '[' && strchr(text, ']'))
		text = strchr(text, ']') + 1;
	return text;
}

/* The record that says most: an error of the server before one of the driver, the first before the others. */
static void take_failure(struct db_call *call, SQLSMALLINT type, SQLHANDLE handle)
{
	call->failed = true;
	snprintf(call->failure.text, sizeof call->failure.text, "the driver gave no reason");
	for (SQLSMALLINT i = 1; i <= 8; i++) {
		SQLCHAR state[6] = "", text[sizeof call->failure.text];
		SQLINTEGER number = 0;
		SQLSMALLINT len;
		SQLRETURN rc = SQLGetDiagRec(type, handle, i, state, &number, text, sizeof text, &len);

		if (!SQL_SUCCEEDED(rc))
			return;
		if (i > 1 && (call->failure.number || !number))
			continue;
		if (strcmp((const char *)state, "01000") == 0 && i > 1)
			continue;
		call->failure.number = number;
		memcpy(call->failure.state, state, sizeof call->failure.state);
		snprintf(call->failure.text, sizeof call->failure.text, "%s", without_brackets((const char *)text));
	}
}

static void do_connect(struct db_call *call)
{
	struct odbc_handles *h = handles_of(call);
	SQLCHAR out[1024];
	SQLSMALLINT len;
	SQLULEN seconds = (SQLULEN)((call->timeout_ms + 999) / 1000);

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &h->env)) ||
		!SQL_SUCCEEDED(SQLSetEnvAttr(h->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) ||
		!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, h->env, &h->dbc))) {
		call->failed = true;
		snprintf(call->failure.text, sizeof call->failure.text, "unixODBC could not be initialised");
		return;
	}
	SQLSetConnectAttr(h->dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)seconds, 0); // NOLINT(performance-no-int-to-ptr)
	if (!SQL_SUCCEEDED(SQLDriverConnect(
		    h->dbc, NULL, (SQLCHAR *)h->connect, SQL_NTS, out, sizeof out, &len, SQL_DRIVER_NOPROMPT)))
		take_failure(call, SQL_HANDLE_DBC, h->dbc);
	else if ((h->connected = true) && !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, h->dbc, &h->stmt)))
		take_failure(call, SQL_HANDLE_DBC, h->dbc);
	explicit_bzero(out, sizeof out); /* the driver repeats the string, password and all */
	explicit_bzero(h->connect, strlen(h->connect));
}

/* The server's name of a type, with its length or precision. */
static char *type_text(TALLOC_CTX *ctx, SQLHSTMT stmt, SQLUSMALLINT column, SQLULEN size, SQLSMALLINT digits)
{
	char name[128] = "";
	SQLSMALLINT len = 0;

	SQLColAttribute(stmt, column, SQL_DESC_TYPE_NAME, name, sizeof name, &len, NULL);
	if (!*name)
		return so_strdup(ctx, "unknown");
	if (strstr(name, "char") || strstr(name, "binary"))
		return size ? so_printf(ctx, "%s(%llu)", name, (unsigned long long)size)
			    : so_printf(ctx, "%s(max)", name);
	if (strcmp(name, "decimal") == 0 || strcmp(name, "numeric") == 0)
		return so_printf(ctx, "%s(%llu,%d)", name, (unsigned long long)size, digits);
	return so_strdup(ctx, name);
}

static void describe(struct db_call *call)
{
	SQLHSTMT stmt = handles_of(call)->stmt;
	SQLSMALLINT n = 0;

	if (!SQL_SUCCEEDED(SQLNumResultCols(stmt, &n))) {
		take_failure(call, SQL_HANDLE_STMT, stmt);
		return;
	}
	call->n_columns = (size_t)n;
	call->columns = so_new_array(call->out, struct db_column, call->n_columns + 1);
	for (SQLUSMALLINT i = 0; i < n; i++) {
		SQLCHAR name[512] = "";
		SQLSMALLINT len, type, digits, nullable;
		SQLULEN size = 0;

		if (!SQL_SUCCEEDED(
			    SQLDescribeCol(stmt, i + 1, name, sizeof name, &len, &type, &size, &digits, &nullable))) {
			take_failure(call, SQL_HANDLE_STMT, stmt);
			return;
		}
		call->columns[i].name = so_strdup(call->columns, (const char *)name);
		call->columns[i].type = type_text(call->columns, stmt, i + 1, size, digits);
	}
}

/* SQL Server counts a SELECT into a variable, SET and PRINT as results without columns: they are passed over. */
static void to_result_set(struct db_call *call)
{
	SQLHSTMT stmt = handles_of(call)->stmt;

	for (;;) {
		SQLRETURN rc;

		describe(call);
		if (call->failed || call->n_columns)
			return;
		rc = SQLMoreResults(stmt);
		if (rc == SQL_NO_DATA) {
			call->done = true;
			return;
		}
		if (!SQL_SUCCEEDED(rc)) {
			take_failure(call, SQL_HANDLE_STMT, stmt);
			return;
		}
	}
}

static void do_execute(struct db_call *call)
{
	SQLHSTMT stmt = handles_of(call)->stmt;
	SQLRETURN rc = SQLExecDirect(stmt, (SQLCHAR *)call->sql, SQL_NTS);

	if (SQL_SUCCEEDED(rc) || rc == SQL_NO_DATA) /* NO_DATA: an UPDATE or DELETE that changed nothing */
		to_result_set(call);
	else
		take_failure(call, SQL_HANDLE_STMT, stmt);
}

static void do_next(struct db_call *call)
{
	SQLHSTMT stmt = handles_of(call)->stmt;
	SQLRETURN rc = SQLMoreResults(stmt);

	if (rc == SQL_NO_DATA)
		call->done = true;
	else if (SQL_SUCCEEDED(rc))
		to_result_set(call);
	else
		take_failure(call, SQL_HANDLE_STMT, stmt);
}

/* One value of any length, in pieces. NULL for SQL NULL and after a failure. */
static char *cell(struct db_call *call, SQLUSMALLINT column, size_t *len)
{
	SQLHSTMT stmt = handles_of(call)->stmt;
	size_t room = 256;
	char *text = so_mem_need(talloc_size(call->out, room));

	*len = 0;
	for (;;) {
		SQLLEN indicator = 0;
		SQLRETURN rc = SQLGetData(stmt, column, SQL_C_CHAR, text + *len, (SQLLEN)(room - *len), &indicator);

		if (rc == SQL_NO_DATA)
			return text;
		if (!SQL_SUCCEEDED(rc)) {
			take_failure(call, SQL_HANDLE_STMT, stmt);
			return NULL;
		}
		if (indicator == SQL_NULL_DATA) {
			talloc_free(text);
			return NULL;
		}
		if (rc == SQL_SUCCESS) {
			*len += (size_t)indicator;
			return text;
		}
		*len += strlen(text + *len); /* cut: the buffer is full up to its NUL */
		if (*len >= MAX_CELL)
			return text;
		room = room < CELL_STEP ? CELL_STEP : room * 2;
		text = so_mem_need(talloc_realloc_size(call->out, text, room));
	}
}

static void do_fetch(struct db_call *call)
{
	SQLHSTMT stmt = handles_of(call)->stmt;
	size_t bytes = 0;

	call->cells = so_new_array(call->out, char *, DB_FETCH_ROWS * call->n_columns + 1);
	call->lengths = so_new_array(call->out, size_t, DB_FETCH_ROWS * call->n_columns + 1);
	while (call->n_rows < DB_FETCH_ROWS && bytes < DB_FETCH_BYTES) {
		SQLRETURN rc = SQLFetch(stmt);

		if (rc == SQL_NO_DATA) {
			call->done = true;
			return;
		}
		if (!SQL_SUCCEEDED(rc)) {
			take_failure(call, SQL_HANDLE_STMT, stmt);
			return;
		}
		for (size_t i = 0; i < call->n_columns; i++) {
			size_t at = call->n_rows * call->n_columns + i;

			call->cells[at] = cell(call, (SQLUSMALLINT)(i + 1), &call->lengths[at]);
			bytes += call->lengths[at];
			if (call->failed)
				return;
		}
		call->n_rows++;
	}
}

void odbc_act(struct db_call *call)
{
	switch (call->step) {
	case DB_CONNECT:
		do_connect(call);
		break;
	case DB_EXECUTE:
		do_execute(call);
		break;
	case DB_FETCH:
		do_fetch(call);
		break;
	case DB_NEXT:
		do_next(call);
		break;
	case DB_END:
		SQLFreeStmt(handles_of(call)->stmt, SQL_CLOSE);
		break;
	}
}
