/* What the server is, what it can do for us, and the check list with the exact remedy for what is missing. */
#include "engine/oracle/internal.h"

#include <stdio.h>
#include <string.h>

/* Everything that the first round trip tells. */
struct facts {
	struct ora_conn *conn;
	struct so_engine_info *info;
	const char *protocol;
	bool writable;
	char *user; /* as SQL spells it */
	TALLOC_CTX *tmp;
};

static bool ask_identity(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_text_result *r = bl_ask(f->tmp, &f->conn->bl, ORA_SQL_IDENTITY, OWN_TIMEOUT_MS, false, err);
	const char *role;

	if (!r)
		return false;
	if (!so_text_cell(r, 0, 0))
		return so_fail(err, SO_UNSUPPORTED, "the server does not tell its version");
	info->version = so_strdup(info, so_text_cell(r, 0, 0));
	if (sscanf(info->version, "%d", &f->conn->major) != 1) // NOLINT(cert-err34-c)
		f->conn->major = 0;
	info->version_num = f->conn->major * 10000;
	info->flavor = so_strdup(info, "oracle");
	info->database = so_strdup(info, so_text_cell(r, 0, 1) ? so_text_cell(r, 0, 1) : "?");
	info->user = so_strdup(info, so_text_cell(r, 0, 2) ? so_text_cell(r, 0, 2) : "?");
	f->conn->schema = so_strdup(f->conn, so_text_cell(r, 0, 3) ? so_text_cell(r, 0, 3) : info->user);
	role = so_text_cell(r, 0, 5);
	info->in_recovery = role && strcmp(role, "PRIMARY") != 0;
	f->writable = !info->in_recovery;
	info->superuser = so_text_cell(r, 0, 6) && strcmp(so_text_cell(r, 0, 6), "TRUE") == 0;
	f->protocol = so_text_cell(r, 0, 7) ? so_text_cell(r, 0, 7) : "";
	info->system_id = so_strdup_or_null(info, so_text_cell(r, 0, 9));
	info->host_text = so_strdup(info, so_blocking_host_text(f->conn->bl.client));
	f->user = so_engine_name(f->tmp, NULL, info->user);
	return true;
}

/* What may fail for want of a privilege and is then simply not known. */
static struct so_text_result *ask_maybe(struct facts *f, const char *sql)
{
	struct so_err ignored = SO_ERR_INIT;

	return f->conn->bl.base.broken ? NULL : bl_ask(f->tmp, &f->conn->bl, sql, OWN_TIMEOUT_MS, false, &ignored);
}

static void check_connection(struct facts *f)
{
	SO_TMP(tmp, NULL);
	bool tls = strcmp(f->protocol, "tcps") == 0, local = strcmp(f->protocol, "beq") == 0;

	so_info_check(f->info, "reach", "The server can be reached", true, true, f->info->host_text, NULL);
	so_info_check(f->info, "login", "The login is accepted", true, true,
		so_printf(tmp, "as %s in database %s", f->info->user, f->info->database), NULL);
	so_info_check(f->info, "version", "The server's version is supported", f->conn->major >= MIN_VERSION, true,
		f->info->version, "Oracle 12.2 or later is needed");
	if (tls)
		f->info->tls = so_strdup(f->info, "TLS");
	so_info_check(f->info, "tls", "The connection is encrypted", tls || local, false,
		tls     ? "TCPS"
		: local ? "local: nothing travels over a network"
			: "protocol TCP; native network encryption, if the server asks for it, does not show here",
		"set ssl_enabled for this connection, with the port of the TCPS listener (often 2484)");
}

static void check_statements(struct facts *f)
{
	SO_TMP(tmp, NULL);
	bool ok = ask_maybe(f, ORA_SQL_COUNT_STATEMENTS) != NULL;

	if (ok)
		f->info->caps |= SO_CAP_STATEMENTS;
	so_info_check(f->info, "statistics", "Statistics of statements are readable", ok, false,
		ok ? "V$SQLSTATS is readable" : "V$SQLSTATS is not readable: slow statements cannot be found",
		so_printf(tmp,
			"GRANT SELECT ON V_$SQLSTATS TO %s; GRANT SELECT ON V_$SQL_PLAN_STATISTICS_ALL TO %s; "
			"GRANT SELECT ON V_$SESSION TO %s;",
			f->user, f->user, f->user));
	f->conn->has_binds = ask_maybe(f, ORA_SQL_COUNT_BINDS) != NULL;
	so_info_check(f->info, "samples", "Values that statements are called with are readable", f->conn->has_binds,
		false,
		f->conn->has_binds ? "V$SQL_BIND_CAPTURE: one set for each cursor, taken at most every 15 minutes"
				   : "V$SQL_BIND_CAPTURE is not readable",
		so_printf(tmp, "GRANT SELECT ON V_$SQL_BIND_CAPTURE TO %s;", f->user));
}

static void check_privileges(struct facts *f)
{
	SO_TMP(tmp, NULL);
	bool plans = ask_maybe(f, ORA_SQL_PLAN_TABLE) != NULL;
	struct so_text_result *privileges = ask_maybe(f, ORA_SQL_PRIVILEGES);
	bool reads = privileges && so_text_int(privileges, 0, 0, 0) > 0;

	if (plans)
		f->info->caps |= SO_CAP_GENERIC_PLAN;
	so_info_check(f->info, "privileges", "Plans may be asked for", plans, true,
		plans ? "PLAN_TABLE is there" : "there is no PLAN_TABLE that this user can write",
		"as SYS: @?/rdbms/admin/catplan.sql");
	so_info_check(f->info, "read", "Tables may be read, to plan, verify and measure", reads, false,
		reads ? "SELECT ANY TABLE or READ ANY TABLE is granted"
		      : "only tables granted one by one, or the user's own, can be planned: EXPLAIN PLAN needs the "
			"right to "
			"run the statement",
		so_printf(tmp, "GRANT READ ANY TABLE TO %s;", f->user));
	f->info->caps |= SO_CAP_ANALYZE;
}

const struct so_engine_info *ora_info(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	struct facts f = { .conn = conn, .tmp = tmp };

	if (conn->info)
		return conn->info;
	f.info = so_new(conn, struct so_engine_info);
	if (!ask_identity(&f, err)) {
		talloc_free(f.info);
		return NULL;
	}
	check_connection(&f);
	check_statements(&f);
	check_privileges(&f);
	f.info->caps |= SO_CAP_SESSION_STATE | SO_CAP_STATS | (f.writable ? SO_CAP_WRITABLE : 0);
	so_info_check(f.info, "read_only", "Proposals could be applied", f.writable, false,
		f.writable ? "the database is the primary" : "the database is a standby", "connect to the primary");
	so_info_check(f.info, "what_if", "Indexes can be tried without building them", false, false,
		"not without changing the schema: costs of indexes are our own estimate, and say so", NULL);
	so_info_check(f.info, "licence", "No view of the Diagnostics or Tuning Pack is read", true, false,
		"V$SQLSTATS, V$SQL_BIND_CAPTURE, V$SQL_PLAN_STATISTICS_ALL, V$SESSION and the dictionary only", NULL);
	if (conn->bl.base.broken) {
		talloc_free(f.info);
		return so_fail(err, SO_UNREACHABLE, "%s: the connection was lost",
			       so_blocking_host_text(conn->bl.client)),
		       NULL;
	}
	conn->info = f.info;
	return conn->info;
}
