/* What the server is, what it can do for us, and the check list with the exact remedy for what is missing. */
#include "engine/mssql/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITION_AZURE_DB      5
#define EDITION_AZURE_MANAGED 8

/* Everything that the first round trip tells. */
struct facts {
	struct ms_conn *conn;
	struct so_engine_info *info;
	bool reads_views, showplan, definitions, reads_data, writable;
	char *user; /* as SQL spells it */
	TALLOC_CTX *tmp;
};

/* "16.0.4145.4" -> 160000 + ..., as parsers take it: major * 10000 + minor * 100. */
static void take_version(struct facts *f, const char *version)
{
	int major = 0, minor = 0;

	if (sscanf(version, "%d.%d", &major, &minor) < 1)
		major = 0;
	f->conn->major = major;
	f->info->version_num = major * 10000 + minor * 100;
}

static bool ask_identity(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_text_result *r = bl_ask(f->tmp, &f->conn->bl, MS_SQL_IDENTITY, OWN_TIMEOUT_MS, false, err);
	const char *banner, *update;
	int64_t edition;

	if (!r)
		return false;
	if (!so_text_cell(r, 0, 0))
		return so_fail(err, SO_UNSUPPORTED, "the server does not tell its version: it is no SQL Server");
	info->version = so_printf(info, "%s (%s)", so_text_cell(r, 0, 0),
		so_text_cell(r, 0, 1) ? so_text_cell(r, 0, 1) : "unknown edition");
	take_version(f, so_text_cell(r, 0, 0));
	edition = so_text_int(r, 0, 2, 0);
	banner = so_text_cell(r, 0, 3);
	f->conn->azure = edition == EDITION_AZURE_DB;
	info->flavor = so_strdup(info, banner && strncmp(banner, "Babelfish", 9) == 0 ? "babelfish"
				       : edition == EDITION_AZURE_DB                  ? "azure-sql"
				       : edition == EDITION_AZURE_MANAGED             ? "azure-sql-managed"
										      : "sqlserver");
	info->database = so_strdup(info, so_text_cell(r, 0, 4) ? so_text_cell(r, 0, 4) : "master");
	info->user = so_strdup(info, so_text_cell(r, 0, 5) ? so_text_cell(r, 0, 5) : "?");
	info->system_id = so_strdup_or_null(info, so_text_cell(r, 0, 6));
	info->superuser = so_text_true(r, 0, 7);
	f->reads_views = so_text_true(r, 0, 8) || so_text_true(r, 0, 9) || (f->conn->azure && so_text_true(r, 0, 10));
	f->showplan = so_text_true(r, 0, 11);
	f->definitions = so_text_true(r, 0, 12);
	f->reads_data = so_text_true(r, 0, 13);
	update = so_text_cell(r, 0, 14);
	f->writable = !update || strcmp(update, "READ_WRITE") == 0;
	info->in_recovery = !f->writable;
	f->conn->collation = so_strdup_or_null(f->conn, so_text_cell(r, 0, 15));
	f->conn->default_schema = so_strdup(f->conn, so_text_cell(r, 0, 16) ? so_text_cell(r, 0, 16) : "dbo");
	info->host_text = so_strdup(info, so_blocking_host_text(f->conn->bl.client));
	f->user = ms_text_quoted(f->tmp, info->user);
	return true;
}

/* What may fail for want of a privilege and is then simply not known. */
static struct so_text_result *ask_maybe(struct facts *f, const char *sql)
{
	struct so_err ignored = SO_ERR_INIT;

	return f->conn->bl.base.broken ? NULL : bl_ask(f->tmp, &f->conn->bl, sql, OWN_TIMEOUT_MS, false, &ignored);
}

static void check_version(struct facts *f)
{
	bool ok = f->conn->azure || strcmp(f->info->flavor, "sqlserver") != 0 || f->conn->major >= MIN_VERSION;

	so_info_check(f->info, "version", "The server's version is supported", ok, true, f->info->version,
		"SQL Server 2016 or later is needed");
}

static void check_tls(struct facts *f)
{
	struct so_text_result *r = ask_maybe(f, MS_SQL_ENCRYPTED);
	bool on = r && so_text_cell(r, 0, 0) && strcmp(so_text_cell(r, 0, 0), "TRUE") == 0;

	if (on)
		f->info->tls = so_strdup(f->info, "TLS");
	so_info_check(f->info, "tls", "The connection is encrypted", on, false,
		on ? "encrypted"
		: r && so_text_rows(r) && so_text_cell(r, 0, 0)
			? "the connection is not encrypted: the login is, what follows is not"
			: "the server does not tell whether it is",
		"set ssl_enabled for this connection; a server without a certificate makes one itself");
}

static void check_statements(struct facts *f)
{
	SO_TMP(tmp, NULL);
	struct so_text_result *r = ask_maybe(f, MS_SQL_COUNT_STATEMENTS);
	struct so_text_result *store = ask_maybe(f, MS_SQL_QUERY_STORE);
	const char *state = store ? so_text_cell(store, 0, 0) : NULL;
	const char *grant = f->conn->azure         ? "GRANT VIEW DATABASE STATE TO %s;"
			    : f->conn->major >= 16 ? "USE master; GRANT VIEW SERVER PERFORMANCE STATE TO %s;"
						   : "USE master; GRANT VIEW SERVER STATE TO %s;";
	bool ok = r && so_text_rows(r) > 0;

	if (ok)
		f->info->caps |= SO_CAP_STATEMENTS;
	so_info_check(f->info, "statistics", "Statistics of statements are readable", ok, false,
		ok ? so_printf(tmp, "sys.dm_exec_query_stats: %lld plans in the cache",
			     (long long)so_text_int(r, 0, 0, 0))
		   : "sys.dm_exec_query_stats is not readable: slow statements cannot be found",
		so_printf(tmp, grant, f->user)); // NOLINT(format-nonliteral)
	f->conn->has_store = state && strncmp(state, "READ_", 5) == 0;
	so_info_check(f->info, "samples", "Values that statements are called with are readable", ok, false,
		!ok ? "values of parameters stand in the plans of the cache, which is not readable"
		: f->conn->azure || f->conn->major >= LAST_PLAN_VERSION
			? "those that a plan was compiled with, and those of its last run where LAST_QUERY_PLAN_STATS "
			  "is ON"
			: "those that a plan was compiled with",
		so_printf(tmp, grant, f->user)); // NOLINT(format-nonliteral)
	so_info_check(f->info, "query_store", "Query Store keeps the history of plans",
		state && strcmp(state, "READ_WRITE") == 0, false,
		state ? so_printf(tmp, "its state is %s", state) : "Query Store is off or not readable",
		so_printf(tmp, "ALTER DATABASE %s SET QUERY_STORE = ON;", ms_text_quoted(tmp, f->info->database)));
}

static void check_privileges(struct facts *f)
{
	SO_TMP(tmp, NULL);

	if (f->showplan)
		f->info->caps |= SO_CAP_GENERIC_PLAN;
	so_info_check(f->info, "privileges", "Plans may be asked for", f->showplan, true,
		f->showplan ? "SHOWPLAN is granted in this database" : "SHOWPLAN is not granted in this database",
		so_printf(tmp, "GRANT SHOWPLAN TO %s;", f->user));
	so_info_check(f->info, "definitions", "Definitions of tables and indexes are visible", f->definitions, false,
		f->definitions ? "VIEW DEFINITION is granted"
			       : "VIEW DEFINITION is not granted: tables without any other "
				 "privilege stay invisible",
		so_printf(tmp, "GRANT VIEW DEFINITION TO %s;", f->user));
	so_info_check(f->info, "read", "Tables may be read, to verify and measure", f->reads_data, false,
		f->reads_data ? "SELECT is granted in this database" : "SELECT is not granted in the whole database",
		so_printf(tmp, "ALTER ROLE db_datareader ADD MEMBER %s;", f->user));
	if (f->reads_data)
		f->info->caps |= SO_CAP_ANALYZE;
}

const struct so_engine_info *ms_info(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_conn *conn = ms_conn_of(base);
	struct facts f = { .conn = conn, .tmp = tmp };

	if (conn->info)
		return conn->info;
	f.info = so_new(conn, struct so_engine_info);
	if (!ask_identity(&f, err)) {
		talloc_free(f.info);
		return NULL;
	}
	so_info_check(f.info, "reach", "The server can be reached", true, true, f.info->host_text, NULL);
	so_info_check(f.info, "login", "The login is accepted", true, true,
		so_printf(tmp, "as %s in database %s", f.info->user, f.info->database), NULL);
	check_version(&f);
	check_tls(&f);
	check_statements(&f);
	check_privileges(&f);
	f.info->caps |= SO_CAP_SESSION_STATE | SO_CAP_STATS | (f.writable ? SO_CAP_WRITABLE : 0);
	so_info_check(f.info, "read_only", "Proposals could be applied", f.writable, false,
		f.writable ? "the database takes changes" : "the database is read-only",
		"connect to the primary replica");
	so_info_check(f.info, "what_if", "Indexes can be tried without building them", false, false,
		"SQL Server has no documented way: costs of indexes are our own estimate, and say so", NULL);
	if (conn->bl.base.broken) {
		talloc_free(f.info);
		return so_fail(err, SO_UNREACHABLE, "%s: the connection was lost",
			       so_blocking_host_text(conn->bl.client)),
		       NULL;
	}
	conn->info = f.info;
	return conn->info;
}
