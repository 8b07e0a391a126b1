#include "engine/engine.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/conn.h"
#include "engine/mssql/mssql.h"
#include "engine/mysql/mysql.h"
#include "engine/oracle/oracle.h"
#include "engine/postgresql/postgresql.h"
#include "engine/sqlite/sqlite.h"
#include "sql/parse.h"

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

bool so_engine_databases(TALLOC_CTX *ctx, struct so_conn *conn, char ***names, size_t *n, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	const struct so_engine *engine = conn->engine;
	struct so_rows rows;
	char **list;

	if (!engine->databases)
		return so_fail(err, SO_UNSUPPORTED, "a connection of engine '%s' has one database only", engine->name);
	if (!engine->query(
		    tmp, conn, engine->databases, SO_DATABASES_MAX, (int64_t)SO_DATABASES_MAX * 1024, 0, &rows, err))
		return so_fail_in(err, "databases of the server");
	if (rows.truncated)
		return so_fail(err, SO_LIMIT, "the server has over %d databases, the limit", SO_DATABASES_MAX);
	list = so_new_array(ctx, char *, rows.n_rows + 1);
	*n = 0;
	for (size_t i = 0; i < rows.n_rows; i++)
		if (rows.cells[i * rows.n_columns])
			list[(*n)++] = so_strdup(list, rows.cells[i * rows.n_columns]);
	*names = list;
	return true;
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

static char *name_part(TALLOC_CTX *ctx, const char **at, const char *quotes, bool fold)
{
	char *part = so_strdup(ctx, *at), *to = part;
	const char *from = *at;
	char close = '\0';

	for (; *quotes && !close; quotes += 2)
		if (*from == quotes[0])
			close = quotes[1];
	if (close)
		from++;
	for (; *from && (close || !strchr(". `\"[]", *from)); from++) {
		if (close && *from == close && *++from != close) {
			*at = from;
			*to = '\0';
			return to > part ? part : NULL;
		}
		*to++ = fold && !close ? (char)toupper((unsigned char)*from) : *from;
	}
	*at = from;
	*to = '\0';
	return close || to == part ? NULL : part;
}

bool so_engine_split_name(TALLOC_CTX *ctx, const char *text, const char *quotes, bool fold, char **schema, char **name)
{
	*schema = NULL;
	*name = name_part(ctx, &text, quotes, fold);
	if (*name && *text == '.') {
		text++;
		*schema = *name;
		*name = name_part(ctx, &text, quotes, fold);
	}
	return *name && !*text;
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

void so_info_check(struct so_engine_info *info, const char *id, const char *title, bool ok, bool required,
	const char *detail, const char *remedy)
{
	struct so_check *item;

	info->checks = so_renew_array(info, info->checks, struct so_check, info->n_checks + 1);
	item = &info->checks[info->n_checks++];
	*item = (struct so_check){ .id = id, .title = so_strdup(info, title), .ok = ok, .required = required };
	item->detail = so_strdup_or_null(info, detail);
	item->remedy = ok ? NULL : so_strdup_or_null(info, remedy);
}

bool so_info_unreadable(const struct so_engine_info *info, enum so_kind kind, const char *what, struct so_err *err)
{
	for (size_t i = 0; i < info->n_checks; i++) {
		const struct so_check *check = &info->checks[i];

		/* remedies are SQL or prose: only the one begins in capitals */
		if (strcmp(check->id, "statistics") == 0 && check->remedy)
			return so_fail(err, kind, "%s; %s%s", check->detail, isupper(*check->remedy) ? "run: " : "",
				check->remedy);
	}
	return so_fail(err, kind, "%s is not readable here", what);
}

bool so_executable_check(enum so_dialect dialect, unsigned modes, const char *const *words, size_t max_bytes,
	const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = max_bytes, .modes = modes };
	struct so_sql_piece *pieces;
	size_t n = 0, count;
	char word[16] = "";
	const char *at;

	if (strlen(sql) > max_bytes)
		return so_fail(err, SO_LIMIT, "the statement is longer than %zu bytes", max_bytes);
	if (!so_sql_split(tmp, NULL, dialect, sql, strlen(sql), &options, &pieces, &count, err))
		return false;
	if (count != 1)
		return so_fail(err, SO_INPUT, count ? "more than one statement" : "the statement is empty");
	at = sql + pieces[0].offset;
	for (; isalpha((unsigned char)at[n]) && n + 1 < sizeof word; n++)
		word[n] = (char)toupper((unsigned char)at[n]);
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return so_fail(err, SO_INPUT, "%s is not executed here", *word ? word : "this statement");
}

static const char *impurity(const struct so_sql_class *cls, bool calls_checked)
{
	if (cls->selects_into)
		return "SELECT INTO writes what it selects";
	if (cls->locks_rows)
		return "it locks rows";
	if (cls->modifying_cte || cls->cls != SO_CLASS_READ)
		return "it writes";
	if (cls->sets_variable)
		return "it sets variables";
	if (cls->volatile_call)
		return "it calls a function with side effects";
	if (cls->unclear || (cls->unknown_call && !calls_checked))
		return "it uses names that may be functions of somebody's own, which may do anything";
	return cls->pure_but_calls && !cls->is_explain ? NULL : "it does not only read";
}

bool so_pure_read_check(const struct so_sql_class *cls, bool calls_checked, struct so_err *err)
{
	const char *why = impurity(cls, calls_checked);

	return !why || so_fail(err, SO_INPUT, "only a statement that purely reads is executed: %s", why);
}
