/* What the server is, what it can do for us, and the check list with the exact remedy for what is missing. */
#include "engine/mysql/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define SAMPLE_TABLES 40 /* looked at for SELECT privileges */

/* Everything that was asked. */
struct facts {
	struct my_conn *conn;
	struct so_engine_info *info;
	struct so_my_result *variables;
	const char *who; /* 'user'@'host' as GRANT takes it */
	const char *product; /* "MySQL" or "MariaDB" */
	bool read_only, managed;
	TALLOC_CTX *tmp;
};

static const char *variable(const struct facts *f, const char *name)
{
	for (size_t i = 0; i < so_my_rows(f->variables); i++)
		if (strcmp(so_my_cell(f->variables, i, 0), name) == 0)
			return so_my_cell(f->variables, i, 1);
	return NULL;
}

static bool is_on(const struct facts *f, const char *name)
{
	const char *value = variable(f, name);

	return value && (strcasecmp(value, "ON") == 0 || strcmp(value, "1") == 0);
}

/* Products and services that speak the protocol, by what only they have. MariaDB is MariaDB wherever it runs. */
static const char *flavor(struct facts *f)
{
	const char *version = so_my_version_text(f->conn->my), *comment = variable(f, "version_comment");
	const char *basedir = variable(f, "basedir");

	f->managed = variable(f, "aurora_version") || variable(f, "azure_kernel_version") ||
		     (basedir && strncmp(basedir, "/rdsdbbin", 9) == 0) || strstr(version, "-google");
	if (f->conn->mariadb)
		return "mariadb";
	if (variable(f, "aurora_version"))
		return "aurora";
	if (basedir && strncmp(basedir, "/rdsdbbin", 9) == 0)
		return "rds";
	if (variable(f, "azure_kernel_version"))
		return "azure";
	if (strstr(version, "-google"))
		return "cloudsql";
	if (strstr(version, "TiDB"))
		return "tidb";
	if (strstr(version, "Vitess") || (comment && strstr(comment, "PlanetScale")))
		return "vitess";
	return comment && strstr(comment, "Percona") ? "percona" : "mysql";
}

/* "monitor@%" -> 'monitor'@'%': the account is split at its last @. */
static char *account(const struct facts *f, const char *current_user)
{
	const char *sign = strrchr(current_user, '@');
	char *user = so_strndup(f->tmp, current_user, sign ? (size_t)(sign - current_user) : strlen(current_user));

	return so_printf(f->tmp, "%s@%s", so_my_quote(f->tmp, f->conn->my, user),
		so_my_quote(f->tmp, f->conn->my, sign ? sign + 1 : "%"));
}

static bool ask_identity(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_my_result *r = my_ask(f->tmp, f->conn, MY_SQL_SESSION, err);
	const char *user;

	if (!r)
		return false;
	f->variables = my_ask(f->tmp, f->conn, MY_SQL_VARIABLES, err);
	if (!f->variables)
		return false;
	user = so_my_cell(r, 0, 3) ? so_my_cell(r, 0, 3) : "";
	info->version = so_strdup(info, so_my_version_text(f->conn->my));
	info->version_num = f->conn->version;
	info->database = so_strdup(info, so_my_cell(r, 0, 2) ? so_my_cell(r, 0, 2) : "");
	info->user = so_strndup(info, user, strrchr(user, '@') ? (size_t)(strrchr(user, '@') - user) : strlen(user));
	info->flavor = so_strdup(info, flavor(f));
	info->system_id = so_strdup_or_null(
		info, variable(f, "server_uuid") ? variable(f, "server_uuid") : variable(f, "server_uid"));
	f->who = account(f, user);
	f->product = f->conn->mariadb ? "MariaDB" : "MySQL";
	f->read_only = so_my_int(r, 0, 4, 0) != 0 || (so_my_cell(r, 0, 4) && strcmp(so_my_cell(r, 0, 4), "ON") == 0) ||
		       is_on(f, "super_read_only");
	info->in_recovery = f->read_only;
	return true;
}

static void check_connection(const struct facts *f)
{
	const struct my_conn *conn = f->conn;
	struct so_engine_info *info = f->info;
	bool local = so_my_is_local(conn->my);

	so_info_check(info, "reach", "the server answers", true, true, info->host_text, NULL);
	so_info_check(info, "tls", "the connection is encrypted", info->tls || local, false,
		info->tls ? info->tls
		: local   ? "unix socket"
			  : "plain text",
		"connect with TLS: require, or verify-full with the server's CA");
	so_info_check(info, "login", "the login works", true, true,
		so_printf(f->tmp, "account %s, %s%s", f->who, *info->database ? "database " : "no default database",
			info->database),
		NULL);
	so_info_check(info, "version", conn->mariadb ? "MariaDB 10.2 or later" : "MySQL 5.7 or later", true, true,
		info->version, NULL);
	so_info_check(info, "pooler", "session state survives between statements", conn->session, false,
		conn->session ? "direct connection"
			      : "a proxy is in between that gives sessions numbers of its own: statements may not be "
				"stoppable",
		"register the server's own host and port instead of the proxy's");
	so_info_check(info, "read_only", "statements that change something could be run", !f->read_only, false,
		f->read_only ? "read_only is on: a replica, or a server that takes no changes"
			     : "our own transactions are read-only",
		f->read_only ? "connect to the primary to apply proposals" : NULL);
	so_info_check(info, "what_if", "indexes can be tried without building them", false, false,
		so_printf(f->tmp,
			"%s has no indexes that only one session sees: costs of proposed indexes are estimated",
			f->product),
		NULL);
}

/* How the statistics of statements are switched on here, when they are off. */
static char *switch_on(const struct facts *f)
{
	const char *slow = so_printf(f->tmp,
		"SET GLOBAL log_output = 'TABLE'; SET GLOBAL slow_query_log = 1; SET GLOBAL long_query_time = 1;  -- "
		"as an "
		"administrator\nGRANT SELECT ON mysql.slow_log TO %s;",
		f->who);

	if (f->managed)
		return so_printf(f->tmp,
			"set performance_schema = 1 in the parameters of the service and restart the instance; or, "
			"without a restart, the slow log: log_output = TABLE, slow_query_log = 1, and\n"
			"GRANT SELECT ON mysql.slow_log TO %s;",
			f->who);
	return so_printf(f->tmp,
		"write performance_schema = ON%s under [mysqld] of the server's configuration and restart it; or, "
		"without a "
		"restart, the slow log:\n%s",
		f->conn->mariadb ? ", performance-schema-consumer-events-statements-current = ON, "
				   "performance-schema-consumer-events-statements-history-long = ON"
				 : "",
		slow);
}

/* Where statements that really ran can be found. */
static void look_for_samples(struct facts *f)
{
	const char *longest = variable(f, "performance_schema_max_sql_text_length");
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r;

	f->conn->sample_bytes = longest ? strtoll(longest, NULL, 10) : 1024; /* fixed before MariaDB 10.5 */
	r = f->conn->mariadb ? NULL : my_ask(f->tmp, f->conn, MY_SQL_DIGEST_COLUMNS, &ignored);
	for (size_t i = 0; r && i < so_my_rows(r); i++)
		if (so_my_cell(r, i, 0) && strcasecmp(so_my_cell(r, i, 0), "QUERY_SAMPLE_TEXT") == 0)
			f->conn->has_samples = true;
	if (!f->conn->has_samples)
		f->conn->has_history = my_ask(f->tmp, f->conn, MY_SQL_HISTORY, &ignored) != NULL;
}

/* Consumers that are off: NULL when all that is needed is on, or when the login may not look. */
static char *consumers_off(struct facts *f)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r = my_ask(f->tmp, f->conn, MY_SQL_CONSUMERS, &ignored);
	struct so_buf names;

	so_buf_init(&names, f->tmp, 1024);
	for (size_t i = 0; r && i < so_my_rows(r); i++) {
		const char *name = so_my_cell(r, i, 0), *on = so_my_cell(r, i, 1);

		if (!on || strcmp(on, "YES") == 0 || (f->conn->has_samples && strcmp(name, "statements_digest") != 0))
			continue;
		so_buf_addf(&names, "%s'%s'", names.len ? ", " : "", name);
	}
	return names.len ? names.data : NULL;
}

static char *slow_log_grant(const struct facts *f)
{
	return so_printf(f->info, "GRANT SELECT ON mysql.slow_log TO %s;", f->who);
}

static bool use_slow_log(struct facts *f, const char *why, const char *remedy)
{
	struct so_err err = SO_ERR_INIT;
	const char *output = variable(f, "log_output");

	if (!is_on(f, "slow_query_log") || !output || !strstr(output, "TABLE") ||
		!my_ask(f->tmp, f->conn, MY_SQL_SLOW_LOG, &err))
		return false;
	f->conn->source = MY_SLOW_LOG;
	f->conn->grant = slow_log_grant(f);
	f->info->caps |= SO_CAP_STATEMENTS;
	so_info_check(f->info, "statistics", "statement statistics are readable", true, false,
		so_printf(f->tmp, "table mysql.slow_log: statements of more than %s s (%s)",
			variable(f, "long_query_time") ? variable(f, "long_query_time") : "?", why),
		remedy);
	return true;
}

static void check_statistics(struct facts *f)
{
	struct so_engine_info *info = f->info;
	struct so_err err = SO_ERR_INIT;
	struct so_my_result *r = NULL;
	char *off, *grant;

	if (!is_on(f, "performance_schema")) {
		bool logged = is_on(f, "slow_query_log") && strstr(variable(f, "log_output"), "TABLE");

		if (use_slow_log(f, "performance_schema is off", NULL))
			return;
		f->conn->unreadable = logged ? SO_DENIED : SO_UNSUPPORTED;
		so_info_check(info, "statistics", "statement statistics are readable", false, false,
			logged ? "performance_schema is off, and the login may not read mysql.slow_log"
			       : "performance_schema is off, and the slow query log does not go to a table",
			logged ? slow_log_grant(f) : switch_on(f));
		return;
	}
	grant = so_printf(info, "GRANT SELECT ON performance_schema.* TO %s;", f->who);
	r = my_ask(f->tmp, f->conn, MY_SQL_COUNT_DIGESTS, &err);
	if (!r) {
		if (use_slow_log(f, err.message, NULL))
			return;
		f->conn->unreadable = err.kind;
		so_info_check(info, "statistics", "statement statistics are readable", false, false, err.message,
			err.kind == SO_DENIED ? grant : NULL);
		return;
	}
	f->conn->source = MY_DIGESTS;
	f->conn->grant = grant;
	info->caps |= SO_CAP_STATEMENTS;
	info->statements_schema = so_strdup(info, "performance_schema");
	look_for_samples(f);
	off = consumers_off(f);
	so_info_check(info, "statistics", "statement statistics are readable", true, false,
		so_printf(f->tmp, "performance_schema, %s statements%s", so_my_cell(r, 0, 0),
			so_my_int(r, 0, 1, 0) ? "; the table of digests is full, further statements share one row"
					      : ""),
		NULL);
	so_info_check(info, "samples", "statements that ran are kept with their values",
		!off && (f->conn->has_samples || f->conn->has_history), false,
		off                    ? so_printf(f->tmp, "consumers that are off: %s", off)
		: f->conn->has_samples ? "one for each digest"
		: f->conn->has_history ? "the history of statements"
				       : "the history of statements is not readable",
		off ? so_printf(f->tmp,
			      "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME IN (%s);  -- "
			      "as an administrator, and in the server's configuration to outlive a restart",
			      off)
		    : grant);
}

static void check_process(struct facts *f)
{
	struct so_err err = SO_ERR_INIT;
	bool fine = my_ask(f->tmp, f->conn, MY_SQL_PROCESS, &err) != NULL;

	so_info_check(f->info, "privileges", "sessions and InnoDB's state are visible", fine, false,
		fine ? "PROCESS" : err.message, so_printf(f->tmp, "GRANT PROCESS ON *.* TO %s;", f->who));
}

/* A bounded sample: tables without any privilege are not even listed, those with some may still not be readable. */
static bool check_read(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_err denied = SO_ERR_INIT;
	const char *database = *info->database ? so_my_quote_ident(f->tmp, info->database) : "*";
	struct so_my_result *r;
	struct so_buf sql;
	bool fine = true;
	char *detail;

	r = my_ask(f->tmp, f->conn,
		so_printf(f->tmp, MY_SQL_SOME_TABLES,
			*info->database ? "= DATABASE()"
					: "NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')",
			SAMPLE_TABLES),
		err);
	if (!r)
		return false;
	so_buf_init(&sql, f->tmp, 256 * 1024);
	so_buf_adds(&sql, TAG);
	for (size_t i = 0; i < so_my_rows(r); i++)
		so_buf_addf(&sql, "%s" MY_SQL_TABLE_READABLE, i ? " UNION ALL " : "",
			so_my_quote_ident(f->tmp, so_my_cell(r, i, 0)), so_my_quote_ident(f->tmp, so_my_cell(r, i, 1)));
	if (so_my_rows(r))
		fine = my_ask(f->tmp, f->conn, so_buf_text(&sql), &denied) != NULL;
	if (!so_my_rows(r)) {
		detail = so_printf(f->tmp, "the login sees no table%s%s: there is none, or it may read none",
			*info->database ? " of database " : "", info->database);
		fine = false;
	} else {
		detail = fine ? so_printf(f->tmp, "%zu tables looked at are readable", so_my_rows(r))
			      : so_strdup(f->tmp, denied.message);
	}
	if (fine)
		info->caps |= SO_CAP_STATS;
	so_info_check(info, "read", "tables and their statistics are readable", fine, false, detail,
		so_printf(f->tmp, "GRANT SELECT, SHOW VIEW ON %s.* TO %s;", database, f->who));
	return !f->conn->base.broken;
}

const struct so_engine_info *my_info(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct facts f = { .conn = conn, .tmp = tmp };
	bool fine;

	if (conn->info)
		return conn->info;
	f.info = so_new(conn, struct so_engine_info);
	f.info->host_text = so_strdup(f.info, so_my_host_text(conn->my));
	f.info->tls = so_strdup_or_null(f.info, so_my_tls_text(conn->my));
	f.info->pooled = !conn->session;
	f.info->caps = (conn->mariadb || conn->version >= 80018 ? SO_CAP_ANALYZE : 0) |
		       (conn->session ? SO_CAP_SESSION_STATE : 0);
	fine = ask_identity(&f, err);
	if (fine) {
		f.info->caps |= f.read_only ? 0 : SO_CAP_WRITABLE;
		check_connection(&f);
		check_statistics(&f);
		check_process(&f);
		fine = check_read(&f, err);
	}
	if (!fine || base->broken) {
		talloc_free(f.info);
		if (fine || err->kind == SO_NONE)
			so_fail(err, SO_UNREACHABLE, "the connection was lost while the server was looked at");
		return NULL;
	}
	conn->info = f.info;
	return conn->info;
}
