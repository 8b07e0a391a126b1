#include "db/pg_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void so_pg_set_cancel(struct so_pg *pg, struct so_cancel *cancel)
{
	pg->token = cancel;
}

bool so_pg_usable(const struct so_pg *pg)
{
	return !pg->broken && PQstatus(pg->raw) == CONNECTION_OK;
}

int so_pg_server_version(const struct so_pg *pg)
{
	return PQserverVersion(pg->raw);
}

int so_pg_backend_pid(const struct so_pg *pg)
{
	return PQbackendPID(pg->raw);
}

const char *so_pg_parameter(const struct so_pg *pg, const char *name)
{
	return PQparameterStatus(pg->raw, name);
}

const char *so_pg_tls(const struct so_pg *pg)
{
	return pg->tls;
}

const char *so_pg_host_text(const struct so_pg *pg)
{
	return pg->host_text;
}

const char *so_pg_user(const struct so_pg *pg)
{
	return PQuser(pg->raw);
}

const char *so_pg_database(const struct so_pg *pg)
{
	return PQdb(pg->raw);
}

bool so_pg_in_transaction(const struct so_pg *pg)
{
	PGTransactionStatusType status = PQtransactionStatus(pg->raw);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool so_pg_transaction_failed(const struct so_pg *pg)
{
	return PQtransactionStatus(pg->raw) == PQTRANS_INERROR;
}

int64_t so_pg_wait_us(const struct so_pg *pg)
{
	return pg->wait_us;
}

size_t so_pg_rows(const struct so_pg_result *result)
{
	return (size_t)PQntuples(result->raw);
}

size_t so_pg_columns(const struct so_pg_result *result)
{
	return (size_t)PQnfields(result->raw);
}

const char *so_pg_column(const struct so_pg_result *result, size_t column)
{
	return PQfname(result->raw, (int)column);
}

uint32_t so_pg_column_type(const struct so_pg_result *result, size_t column)
{
	return PQftype(result->raw, (int)column);
}

int32_t so_pg_column_typmod(const struct so_pg_result *result, size_t column)
{
	return PQfmod(result->raw, (int)column);
}

const char *so_pg_cell(const struct so_pg_result *result, size_t row, size_t column)
{
	so_assert(row < so_pg_rows(result) && column < so_pg_columns(result));
	if (PQgetisnull(result->raw, (int)row, (int)column))
		return NULL;
	if (result->clean_text) /* kept as long as the result */
		return so_utf8_copy((TALLOC_CTX *)(uintptr_t)result, PQgetvalue(result->raw, (int)row, (int)column),
			(size_t)PQgetlength(result->raw, (int)row, (int)column));
	return PQgetvalue(result->raw, (int)row, (int)column);
}

int64_t so_pg_int(const struct so_pg_result *result, size_t row, size_t column, int64_t absent)
{
	const char *text = so_pg_cell(result, row, column);
	long long value;
	char *end;

	if (!text || !*text)
		return absent;
	errno = 0;
	value = strtoll(text, &end, 10);
	return errno || *end ? absent : value;
}

double so_pg_real(const struct so_pg_result *result, size_t row, size_t column, double absent)
{
	const char *text = so_pg_cell(result, row, column);
	double value;
	char *end;

	if (!text || !*text)
		return absent;
	value = strtod(text, &end);
	return *end ? absent : value;
}

bool so_pg_true(const struct so_pg_result *result, size_t row, size_t column)
{
	const char *text = so_pg_cell(result, row, column);

	return text && *text == 't';
}

/* One element behind `at`; returns where it ends, NULL for rubbish. */
static const char *array_item(TALLOC_CTX *ctx, const char *at, char **item)
{
	const char *end;
	char *out;

	if (*at != '"') {
		end = at + strcspn(at, ",{}\"");
		if (*end == '{' || *end == '"')
			return NULL;
		/* Only an element that needed no quotes can be the word NULL; a backslash never stands outside them. */
		*item = end - at == 4 && memcmp(at, "NULL", 4) == 0 ? NULL : so_strndup(ctx, at, (size_t)(end - at));
		return end;
	}
	for (end = at + 1; *end && *end != '"'; end++)
		if (*end == '\\' && end[1])
			end++;
	if (*end != '"')
		return NULL;
	out = *item = so_strndup(ctx, at, (size_t)(end - at));
	for (at++; at < end; at++) {
		if (*at == '\\')
			at++;
		*out++ = *at;
	}
	*out = '\0';
	return end + 1;
}

char **so_pg_array_parse(TALLOC_CTX *ctx, const char *text, size_t *n)
{
	size_t room = 16;
	char **items;

	*n = 0;
	if (text && *text == '[' && strchr(text, '='))
		text = strchr(text, '=') + 1;
	if (!text || *text != '{')
		return NULL;
	items = so_new_array(ctx, char *, room);
	if (strcmp(text, "{}") == 0)
		return items;
	for (text++;; text++) {
		if (*n == room) {
			room *= 2;
			items = so_renew_array(ctx, items, char *, room);
		}
		text = array_item(items, text, &items[*n]);
		if (!text || (*text != ',' && strcmp(text, "}") != 0)) {
			talloc_free(items);
			*n = 0;
			return NULL;
		}
		++*n;
		if (*text == '}')
			return items;
	}
}

char *so_pg_array_text(TALLOC_CTX *ctx, const char *const *items, size_t n)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024 * 1024);
	so_buf_addc(&buf, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			so_buf_addc(&buf, ',');
		if (!items[i]) {
			so_buf_adds(&buf, "NULL");
			continue;
		}
		so_buf_addc(&buf, '"');
		for (const char *at = items[i]; *at; at++) {
			if (*at == '"' || *at == '\\')
				so_buf_addc(&buf, '\\');
			so_buf_addc(&buf, *at);
		}
		so_buf_addc(&buf, '"');
	}
	so_buf_addc(&buf, '}');
	return buf.data;
}

char *so_pg_quote_ident(TALLOC_CTX *ctx, const char *name)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024);
	so_buf_addc(&buf, '"');
	for (; *name; name++) {
		if (*name == '"')
			so_buf_addc(&buf, '"');
		so_buf_addc(&buf, *name);
	}
	so_buf_addc(&buf, '"');
	return buf.data;
}
