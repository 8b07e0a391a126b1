/* The blocking calls of ODPI-C, and what a build without it answers. Runs on helper threads. */
#include "db/oci_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SO_HAVE_ODPI

#define MAX_CELL 4000 /* bytes of a value other than LONG and LOBs */
#define SESSION_SQL                                                                                                    \
	"/* sqlopt */ ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'"       \
	" NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6'"                                                          \
	" NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM'"

static struct oci_handles *handles_of(const struct db_call *call)
{
	return (struct oci_handles *)call->handles;
}

void oci_close(struct db_handles *base)
{
	struct oci_handles *h = (struct oci_handles *)base;

	if (h->stmt)
		dpiStmt_release(h->stmt);
	if (h->conn)
		dpiConn_release(h->conn);
	if (h->context)
		dpiContext_destroy(h->context);
	oci_wipe(h);
	free(h);
}

/* OCIBreak: sent out of band; the statement ends with ORA-01013. */
void oci_interrupt(struct db_handles *base)
{
	struct oci_handles *h = (struct oci_handles *)base;

	dpiConn_breakExecution(h->conn);
}

static bool take_error(struct db_call *call, const dpiErrorInfo *info)
{
	const char *message = info->message ? info->message : "the client gave no reason";
	int number = info->code;

	if (!number && info->messageLength > 8 && strncmp(message, "DPI-", 4) == 0)
		number = OCI_DPI_ERROR + (int)strtol(message + 4, NULL, 10);
	call->failed = true;
	call->failure.number = number;
	snprintf(call->failure.state, sizeof call->failure.state, "%.5s", info->sqlState ? info->sqlState : "");
	snprintf(call->failure.text, sizeof call->failure.text, "%.*s", (int)info->messageLength, message);
	return false;
}

static bool failed(struct db_call *call)
{
	dpiErrorInfo info;

	dpiContext_getError(handles_of(call)->context, &info);
	return take_error(call, &info);
}

static bool run_session_sql(struct db_call *call)
{
	struct oci_handles *h = handles_of(call);
	dpiStmt *stmt = NULL;
	uint32_t columns;
	bool fine =
		dpiConn_prepareStmt(h->conn, 0, SESSION_SQL, sizeof SESSION_SQL - 1, NULL, 0, &stmt) == DPI_SUCCESS &&
		dpiStmt_execute(stmt, DPI_MODE_EXEC_DEFAULT, &columns) == DPI_SUCCESS;

	if (!fine)
		failed(call);
	if (stmt)
		dpiStmt_release(stmt);
	return fine;
}

static void do_connect(struct db_call *call)
{
	struct oci_handles *h = handles_of(call);
	dpiContextCreateParams context = { .defaultDriverName = "sqlopt", .defaultEncoding = "UTF-8" };
	dpiCommonCreateParams common;
	dpiErrorInfo info = { .code = 0 };

	if (dpiContext_createWithParams(DPI_MAJOR_VERSION, DPI_MINOR_VERSION, &context, &h->context, &info) !=
		DPI_SUCCESS) {
		h->context = NULL;
		take_error(call, &info);
		return;
	}
	dpiContext_initCommonCreateParams(h->context, &common);
	common.createMode = DPI_MODE_CREATE_THREADED;
	common.encoding = common.nencoding = "UTF-8";
	if (dpiConn_create(h->context, h->username, (uint32_t)strlen(h->username), h->password,
		    (uint32_t)strlen(h->password), h->descriptor, (uint32_t)strlen(h->descriptor), &common, NULL,
		    &h->conn) != DPI_SUCCESS) {
		h->conn = NULL;
		failed(call);
	} else {
		run_session_sql(call);
	}
	oci_wipe(h);
}

/* Every value is fetched as text; the client converts by the session's formats. */
static bool define_column(struct db_call *call, uint32_t at, const dpiDataTypeInfo *type)
{
	dpiOracleTypeNum as = DPI_ORACLE_TYPE_VARCHAR;
	uint32_t size = MAX_CELL;

	switch (type->oracleTypeNum) {
	case DPI_ORACLE_TYPE_CLOB:
	case DPI_ORACLE_TYPE_NCLOB:
	case DPI_ORACLE_TYPE_LONG_VARCHAR:
	case DPI_ORACLE_TYPE_LONG_NVARCHAR:
		as = DPI_ORACLE_TYPE_LONG_VARCHAR;
		size = 0;
		break;
	case DPI_ORACLE_TYPE_BLOB:
	case DPI_ORACLE_TYPE_LONG_RAW:
		as = DPI_ORACLE_TYPE_LONG_RAW;
		size = 0;
		break;
	case DPI_ORACLE_TYPE_OBJECT:
	case DPI_ORACLE_TYPE_STMT:
	case DPI_ORACLE_TYPE_BFILE:
		call->failed = true;
		snprintf(call->failure.text, sizeof call->failure.text,
			"column %u is of a type that cannot be shown as text", at);
		return false;
	case DPI_ORACLE_TYPE_VARCHAR:
	case DPI_ORACLE_TYPE_CHAR:
	case DPI_ORACLE_TYPE_NVARCHAR:
	case DPI_ORACLE_TYPE_NCHAR: /* 32,767 where extended types are on; a character takes up to four bytes */
		size = type->clientSizeInBytes ? type->clientSizeInBytes : MAX_CELL;
		break;
	case DPI_ORACLE_TYPE_RAW:
		size = type->dbSizeInBytes ? 2 * type->dbSizeInBytes : MAX_CELL;
		break;
	default:
		size = 128; /* numbers, dates, intervals, row ids */
		break;
	}
	return dpiStmt_defineValue(handles_of(call)->stmt, at, as, DPI_NATIVE_TYPE_BYTES, size, 1, NULL) ==
		       DPI_SUCCESS ||
	       failed(call);
}

static char *type_text(TALLOC_CTX *ctx, const dpiDataTypeInfo *type)
{
	static const struct {
		dpiOracleTypeNum number;
		const char *name;
	} names[] = { { DPI_ORACLE_TYPE_DATE, "DATE" }, { DPI_ORACLE_TYPE_TIMESTAMP, "TIMESTAMP" },
		{ DPI_ORACLE_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE" },
		{ DPI_ORACLE_TYPE_TIMESTAMP_LTZ, "TIMESTAMP WITH LOCAL TIME ZONE" }, { DPI_ORACLE_TYPE_CLOB, "CLOB" },
		{ DPI_ORACLE_TYPE_BLOB, "BLOB" }, { DPI_ORACLE_TYPE_ROWID, "ROWID" },
		{ DPI_ORACLE_TYPE_NATIVE_FLOAT, "BINARY_FLOAT" }, { DPI_ORACLE_TYPE_NATIVE_DOUBLE, "BINARY_DOUBLE" },
		{ DPI_ORACLE_TYPE_INTERVAL_DS, "INTERVAL DAY TO SECOND" },
		{ DPI_ORACLE_TYPE_INTERVAL_YM, "INTERVAL YEAR TO MONTH" }, { DPI_ORACLE_TYPE_JSON, "JSON" } };

	if (type->oracleTypeNum == DPI_ORACLE_TYPE_NUMBER)
		return type->precision > 0 && type->scale >= 0
			       ? so_printf(ctx, "NUMBER(%d,%d)", type->precision, type->scale)
			       : so_strdup(ctx, "NUMBER");
	if (type->oracleTypeNum == DPI_ORACLE_TYPE_VARCHAR)
		return so_printf(ctx, "VARCHAR2(%u)", type->dbSizeInBytes);
	if (type->oracleTypeNum == DPI_ORACLE_TYPE_CHAR)
		return so_printf(ctx, "CHAR(%u)", type->dbSizeInBytes);
	if (type->oracleTypeNum == DPI_ORACLE_TYPE_NVARCHAR)
		return so_printf(ctx, "NVARCHAR2(%u)", type->sizeInChars);
	if (type->oracleTypeNum == DPI_ORACLE_TYPE_RAW)
		return so_printf(ctx, "RAW(%u)", type->dbSizeInBytes);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == type->oracleTypeNum)
			return so_strdup(ctx, names[i].name);
	return so_strdup(ctx, "unknown");
}

static void describe(struct db_call *call, uint32_t n)
{
	struct oci_handles *h = handles_of(call);

	call->n_columns = n;
	call->columns = so_new_array(call->out, struct db_column, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		dpiQueryInfo info;

		if (dpiStmt_getQueryInfo(h->stmt, i + 1, &info) != DPI_SUCCESS) {
			failed(call);
			return;
		}
		call->columns[i].name = so_strndup(call->columns, info.name, info.nameLength);
		call->columns[i].type = type_text(call->columns, &info.typeInfo);
		if (!define_column(call, i + 1, &info.typeInfo))
			return;
	}
}

static void do_execute(struct db_call *call)
{
	struct oci_handles *h = handles_of(call);
	uint32_t columns = 0;

	if (dpiConn_prepareStmt(h->conn, 0, call->sql, (uint32_t)strlen(call->sql), NULL, 0, &h->stmt) != DPI_SUCCESS) {
		h->stmt = NULL;
		failed(call);
	} else if (dpiStmt_setFetchArraySize(h->stmt, DB_FETCH_ROWS) != DPI_SUCCESS ||
		   dpiStmt_execute(h->stmt, DPI_MODE_EXEC_DEFAULT, &columns) != DPI_SUCCESS) {
		failed(call);
	} else {
		describe(call, columns);
		call->done = !columns;
	}
}

static bool take_row(struct db_call *call, size_t *bytes)
{
	for (uint32_t i = 0; i < call->n_columns; i++) {
		size_t at = call->n_rows * call->n_columns + i;
		dpiNativeTypeNum native;
		dpiData *data;

		if (dpiStmt_getQueryValue(handles_of(call)->stmt, i + 1, &native, &data) != DPI_SUCCESS)
			return failed(call);
		if (data->isNull)
			continue;
		call->lengths[at] = data->value.asBytes.length;
		call->cells[at] = so_strndup(call->out, data->value.asBytes.ptr, data->value.asBytes.length);
		*bytes += call->lengths[at];
	}
	call->n_rows++;
	return true;
}

static void do_fetch(struct db_call *call)
{
	size_t bytes = 0;

	call->cells = so_new_array(call->out, char *, DB_FETCH_ROWS * call->n_columns + 1);
	call->lengths = so_new_array(call->out, size_t, DB_FETCH_ROWS * call->n_columns + 1);
	while (call->n_rows < DB_FETCH_ROWS && bytes < DB_FETCH_BYTES) {
		uint32_t row;
		int found = 0;

		if (dpiStmt_fetch(handles_of(call)->stmt, &found, &row) != DPI_SUCCESS) {
			failed(call);
			return;
		}
		if (!found) {
			call->done = true;
			return;
		}
		if (!take_row(call, &bytes))
			return;
	}
}

void oci_act(struct db_call *call)
{
	struct oci_handles *h = handles_of(call);

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
	case DB_NEXT: /* implicit results of PL/SQL are not read */
		call->done = true;
		break;
	case DB_END:
		if (h->stmt)
			dpiStmt_release(h->stmt);
		h->stmt = NULL;
		break;
	}
}

#else

void oci_close(struct db_handles *base)
{
	oci_wipe((struct oci_handles *)base);
	free(base);
}

void oci_interrupt(struct db_handles *base)
{
	(void)base;
}

void oci_act(struct db_call *call)
{
	call->failed = true;
	call->failure.number = OCI_NOT_BUILT;
}

#endif
