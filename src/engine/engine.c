#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/conn.h"
#include "engine/mssql/mssql.h"
#include "engine/mysql/mysql.h"
#include "engine/oracle/oracle.h"
#include "engine/postgresql/postgresql.h"
#include "engine/sqlite/sqlite.h"

const struct so_engine *const so_engines[] = { &so_engine_postgresql, &so_engine_mysql, &so_engine_mariadb,
	&so_engine_mssql, &so_engine_oracle, &so_engine_sqlite, NULL };

const struct so_engine *so_engine_find(const char *name)
{
	for (size_t i = 0; so_engines[i]; i++)
		if (name && strcmp(so_engines[i]->name, name) == 0)
			return so_engines[i];
	return NULL;
}

char *so_engine_list(TALLOC_CTX *ctx)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 1024);
	for (size_t i = 0; so_engines[i]; i++)
		so_buf_addf(&buf, "%s%s", i ? ", " : "", so_engines[i]->name);
	return buf.data;
}

const struct so_engine *so_conn_engine(const struct so_conn *conn)
{
	return conn->engine;
}

const char *so_engine_dialect(const char *engine, const char *flavor)
{
	const struct so_engine *found = so_engine_find(flavor);

	if (!found)
		found = so_engine_find(engine);
	return found ? found->dialect : "postgresql"; /* without its driver nothing comes of it */
}

const char *so_conn_dialect(const struct so_conn *conn)
{
	return conn->dialect ? conn->dialect : conn->engine->dialect;
}

int64_t so_conn_wait_us(const struct so_conn *conn)
{
	return conn->wait_us;
}

void so_conn_set_cancel(struct so_conn *conn, struct so_cancel *cancel)
{
	conn->cancel = cancel;
}

bool so_conn_usable(const struct so_conn *conn)
{
	return !conn->broken;
}

static void add_quoted(struct so_buf *buf, const char *name)
{
	so_buf_addc(buf, '"');
	for (; *name; name++) {
		if (*name == '"')
			so_buf_addc(buf, '"');
		so_buf_addc(buf, *name);
	}
	so_buf_addc(buf, '"');
}

char *so_engine_name(TALLOC_CTX *ctx, const char *schema, const char *name)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024);
	if (schema) {
		add_quoted(&buf, schema);
		so_buf_addc(&buf, '.');
	}
	add_quoted(&buf, name);
	return buf.data;
}

bool so_engine_unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (*at == '%') {
			char digits[3] = { at[1], at[1] ? at[2] : '\0', '\0' }, *end;

			*to = (char)strtol(digits, &end, 16);
			if (*end || end != digits + 2 || !*to)
				return false;
			to++;
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return true;
}

/* oracle://user:password@host:port/service, ...?sid=ORCL, or oracle://user:password@alias of tnsnames.ora */
