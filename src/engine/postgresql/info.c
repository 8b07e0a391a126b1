/* What the server is, what it can do for us, and the check list with the exact remedy for what is missing. */
#include "engine/postgresql/internal.h"

#include <string.h>

#include "base/buf.h"

#define SAMPLE_TABLES 500 /* looked at for SELECT privileges */

enum managed { SELF_MANAGED, RDS, AURORA, CLOUD_SQL, ALLOYDB, AZURE, NEON, SUPABASE };

/* Services without a superuser, told by a role that only they have. The first match wins. */
static const struct service {
	enum managed managed;
	const char *role, *flavor;
	const char *preload; /* how a library gets into shared_preload_libraries there */
	const char *extension; /* what CREATE EXTENSION needs first there, or NULL */
} services[] = {
	{ SELF_MANAGED, NULL, "postgresql", NULL, NULL },
	{ AURORA, "rds_superuser", "aurora",
		"in the DB cluster parameter group add %s to shared_preload_libraries and reboot the instances", NULL },
	{ RDS, "rds_superuser", "rds",
		"in the DB parameter group of the instance add %s to shared_preload_libraries and reboot it", NULL },
	{ CLOUD_SQL, "cloudsqlsuperuser", "cloudsql",
		"%s is preloaded on Cloud SQL: restart the instance if it is older", NULL },
	{ ALLOYDB, "alloydbsuperuser", "alloydb", "set the database flag for %s on the instance and restart it", NULL },
	{ AZURE, "azure_pg_admin", "azure",
		"in the server parameters add %s to shared_preload_libraries, save, and restart the server",
		"add it to the server parameter azure.extensions first" },
	{ NEON, "neon_superuser", "neon", "%s is preloaded on Neon: restart the compute", NULL },
	{ SUPABASE, "supabase_admin", "supabase", "%s is preloaded on Supabase",
		"or switch it on under Database > Extensions" },
};

struct extension {
	bool installed, available, usable;
	char *schema, *version;
};

/* Everything that the first round trip tells. */
struct facts {
	struct pg_conn *conn;
	struct so_engine_info *info;
	const struct service *service;
	struct extension statements, what_if;
	bool reads_stats, reads_data, has_read_data_role, writable;
	char *preload; /* shared_preload_libraries, or NULL when hidden */
	bool counts_statements; /* the library of pg_stat_statements is loaded: its settings exist, which everybody sees
				 */
	char *user; /* quoted */
	TALLOC_CTX *tmp;
};

static struct so_pg_result *ask(const struct facts *f, const char *sql, struct so_err *err)
{
	struct so_pg_query query = { .sql = sql };

	return pg_run(f->tmp, f->conn, &query, err);
}

static bool ask_identity(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_pg_result *r = ask(f, PG_SQL_IDENTITY, err);
	const char *role;

	if (!r)
		return false;
	info->version = so_strdup(info, so_pg_cell(r, 0, 0));
	info->version_num = so_pg_server_version(f->conn->pg);
	info->database = so_strdup(info, so_pg_cell(r, 0, 1));
	info->user = so_strdup(info, so_pg_cell(r, 0, 2));
	info->in_recovery = so_pg_true(r, 0, 3);
	info->superuser = so_pg_true(r, 0, 4);
	f->reads_stats = so_pg_true(r, 0, 5) || info->superuser;
	f->has_read_data_role = so_pg_cell(r, 0, 6) != NULL;
	f->reads_data = so_pg_true(r, 0, 6) || info->superuser;
	f->writable = !info->in_recovery && so_pg_cell(r, 0, 7) && strcmp(so_pg_cell(r, 0, 7), "off") == 0;
	f->preload = so_strdup_or_null(f->tmp, so_pg_cell(r, 0, 8));
	info->system_id = so_strdup_or_null(info, so_pg_cell(r, 0, 9));
	role = so_pg_cell(r, 0, 11);
	f->counts_statements = so_pg_true(r, 0, 12);
	f->service = &services[0];
	for (size_t i = 1; role && i < sizeof services / sizeof services[0]; i++)
		if (strcmp(services[i].role, role) == 0 && (services[i].managed != AURORA || so_pg_true(r, 0, 10))) {
			f->service = &services[i];
			break;
		}
	f->user = so_pg_quote_ident(f->tmp, info->user);
	return true;
}

static bool ask_extensions(struct facts *f, struct so_err *err)
{
	struct so_pg_result *r = ask(f, PG_SQL_EXTENSIONS, err);

	if (!r)
		return false;
	f->info->flavor = so_strdup(f->info, f->service->flavor);
	for (size_t i = 0; i < so_pg_rows(r); i++) {
		const char *name = so_pg_cell(r, i, 0);
		struct extension *e = strcmp(name, "hypopg") == 0 ? &f->what_if : &f->statements;

		if (strcmp(name, "timescaledb") == 0 || strcmp(name, "citus") == 0) {
			if (f->service->managed == SELF_MANAGED)
				f->info->flavor =
					so_strdup(f->info, strcmp(name, "citus") == 0 ? "citus" : "timescale");
			continue;
		}
		e->available = true;
		e->installed = so_pg_cell(r, i, 1) != NULL;
		e->schema = so_strdup_or_null(f->info, so_pg_cell(r, i, 1));
		e->version = so_strdup_or_null(f->conn, so_pg_cell(r, i, 2));
		e->usable = so_pg_true(r, i, 3);
	}
	return true;
}

/* How CREATE EXTENSION is to be run here. */
static char *create_extension(const struct facts *f, const char *name)
{
	const char *who = f->service->managed == SELF_MANAGED ? "as a superuser" : "as the service's administrator";
	const char *first = f->service->extension;

	return so_printf(f->tmp, "CREATE EXTENSION %s;  -- %s, in database %s%s%s%s", name, who, f->info->database,
		f->info->in_recovery ? ", on the primary" : "", first ? "; " : "", first ? first : "");
}

/* The library is not loaded, or cannot be seen to be. */
static char *preload_remedy(const struct facts *f, const char *library)
{
	struct so_buf text;

	if (f->service->preload) {
		so_buf_init(&text, f->tmp, 4096);
		for (const char *at = f->service->preload; *at; at++)
			if (at[0] == '%' && at[1] == 's') {
				so_buf_adds(&text, library);
				at++;
			} else {
				so_buf_addc(&text, *at);
			}
		return text.data;
	}
	if (!f->preload)
		return so_printf(f->tmp,
			"add %s to shared_preload_libraries (ALTER SYSTEM, as a superuser), then restart the server",
			library);
	return so_printf(f->tmp,
		"ALTER SYSTEM SET shared_preload_libraries = %s%s%s;  -- as a superuser, then restart the server",
		f->preload, *f->preload ? ", " : "", library);
}

static void check_connection(const struct facts *f)
{
	const struct pg_conn *conn = f->conn;
	struct so_engine_info *info = f->info;
	bool local = *info->host_text == '/';

	so_info_check(info, "reach", "the server answers", true, true, info->host_text, NULL);
	so_info_check(info, "tls", "the connection is encrypted", info->tls || local, false,
		info->tls ? info->tls
		: local   ? "unix socket"
			  : "plain text",
		"connect with TLS: require, or verify-full with the server's CA");
	so_info_check(info, "login", "the login works", true, true,
		so_printf(f->tmp, "user %s, database %s", info->user, info->database), NULL);
	so_info_check(info, "version", "PostgreSQL 13 or later", info->version_num >= MIN_VERSION, true, info->version,
		"upgrade the server");
	so_info_check(info, "pooler", "session state survives between transactions", conn->session, false,
		conn->session ? "direct connection"
			      : "a transaction pooler is in between: each task runs in one transaction, "
				"CREATE INDEX CONCURRENTLY is not possible",
		"register the server's own host and port instead of the pooler's");
	so_info_check(info, "read_only", "statements that change something could be run", f->writable, false,
		info->in_recovery ? "hot standby: plans and statistics only"
		: f->writable     ? "primary; our own transactions are read-only"
				  : "default_transaction_read_only is on for this login",
		info->in_recovery ? "connect to the primary to apply proposals" : NULL);
}

/* Reads the view once: only that tells whether it is loaded and whose rows are hidden. */
static void check_statements(struct facts *f)
{
	struct so_engine_info *info = f->info;
	struct extension *e = &f->statements;
	struct so_err err = SO_ERR_INIT;
	struct pg_work work = { .own_path = true };
	struct so_pg_result *r = NULL;
	char *remedy, *detail;

	if (!e->installed) {
		remedy = !e->available
				 ? so_strdup(f->tmp,
					   "install the package postgresql-contrib of this server's version, then: ")
				 : so_strdup(f->tmp, "");
		if (!f->counts_statements)
			remedy = so_printf(f->tmp, "%s%s\n", remedy, preload_remedy(f, "pg_stat_statements"));
		remedy = so_printf(f->tmp, "%s%s", remedy, create_extension(f, "pg_stat_statements"));
		so_info_check(info, "statistics", "statement statistics are readable", false, false,
			"extension pg_stat_statements is not installed in this database", remedy);
		return;
	}
	if (!e->usable) {
		so_info_check(info, "statistics", "statement statistics are readable", false, false,
			so_printf(f->tmp, "no USAGE on schema %s of pg_stat_statements", e->schema),
			so_printf(f->tmp, "GRANT USAGE ON SCHEMA %s TO %s;", so_pg_quote_ident(f->tmp, e->schema),
				f->user));
		return;
	}
	if (pg_work_begin(f->conn, &work, &err)) {
		r = ask(f, so_printf(f->tmp, PG_SQL_COUNT_STATEMENTS, so_pg_quote_ident(f->tmp, e->schema)), &err);
		pg_work_end(f->conn);
	}
	if (!r) {
		bool denied = strcmp(err.sqlstate, "42501") == 0;

		so_info_check(info, "statistics", "statement statistics are readable", false, false, err.message,
			denied ? so_printf(f->tmp, "GRANT SELECT ON %s.pg_stat_statements TO %s;",
					 so_pg_quote_ident(f->tmp, e->schema), f->user)
			       : preload_remedy(f, "pg_stat_statements"));
		return;
	}
	info->caps |= SO_CAP_STATEMENTS;
	info->statements_schema = e->schema;
	f->conn->statements_version = e->version;
	detail = so_printf(f->tmp, "pg_stat_statements %s in schema %s, %s statements", e->version, e->schema,
		so_pg_cell(r, 0, 0));
	so_info_check(info, "statistics", "statement statistics are readable", true, false, detail, NULL);
	so_info_check(info, "privileges", "statements of all users are visible",
		f->reads_stats && so_pg_int(r, 0, 1, 0) == 0, false,
		f->reads_stats ? so_printf(f->tmp, "member of pg_read_all_stats")
			       : so_printf(f->tmp, "%s statements of other users are hidden", so_pg_cell(r, 0, 1)),
		so_printf(f->tmp, "GRANT pg_monitor TO %s;", f->user));
}

/* Texts of sessions are all there is, and those of other users take the privilege. */
static void check_samples(struct facts *f)
{
	so_info_check(f->info, "samples", "values that statements are called with are readable", f->reads_stats, false,
		f->reads_stats ? "of running sessions, where a client writes them into the text; " PG_NO_SAMPLES
			       : "the texts of other users' sessions are hidden; " PG_NO_SAMPLES,
		so_printf(f->tmp, "GRANT pg_monitor TO %s;", f->user));
}

static void check_what_if(struct facts *f)
{
	struct so_engine_info *info = f->info;
	struct extension *e = &f->what_if;
	int major = info->version_num / 10000;
	char *detail, *remedy = create_extension(f, "hypopg");

	if (e->installed && e->usable) {
		info->caps |= SO_CAP_WHAT_IF;
		info->what_if_schema = e->schema;
		f->conn->what_if_version = e->version;
		detail = so_printf(f->tmp, "hypopg %s in schema %s", e->version, e->schema);
	} else if (e->installed) {
		detail = so_printf(f->tmp, "no USAGE on schema %s of hypopg", e->schema);
		remedy = so_printf(
			f->tmp, "GRANT USAGE ON SCHEMA %s TO %s;", so_pg_quote_ident(f->tmp, e->schema), f->user);
	} else if (e->available) {
		info->caps |= SO_CAP_WHAT_IF_AVAILABLE;
		detail = so_strdup(f->tmp, "extension hypopg is available and not installed in this database");
	} else {
		detail = so_strdup(f->tmp, "extension hypopg is not available on the server");
		remedy = f->service->managed == SELF_MANAGED
				 ? so_printf(f->tmp,
					   "install the package postgresql-%d-hypopg (Debian, Ubuntu) or hypopg_%d "
					   "(RPM), then: %s",
					   major, major, remedy)
				 : so_printf(f->tmp, "this version of the service has no hypopg; after an upgrade: %s",
					   remedy);
	}
	so_info_check(info, "what_if", "indexes can be tried without building them", e->installed && e->usable, false,
		detail, remedy);
}

/* A bounded sample: asking for every table of a large database would cost too much. */
static bool check_read(struct facts *f, struct so_err *err)
{
	struct so_engine_info *info = f->info;
	struct so_pg_result *r = ask(f, so_printf(f->tmp, PG_SQL_READABLE, SAMPLE_TABLES), err);
	int64_t seen = 0, denied = 0, filtered = 0;
	struct so_buf remedy;
	char *detail;

	if (!r)
		return false;
	so_buf_init(&remedy, f->tmp, 8192);
	if (f->has_read_data_role)
		so_buf_addf(&remedy, "GRANT pg_read_all_data TO %s;  -- or, narrower:\n", f->user);
	for (size_t i = 0; i < so_pg_rows(r); i++) {
		const char *schema = so_pg_quote_ident(f->tmp, so_pg_cell(r, i, 0));

		seen += so_pg_int(r, i, 1, 0);
		denied += so_pg_int(r, i, 2, 0);
		filtered += so_pg_int(r, i, 3, 0);
		if (so_pg_int(r, i, 2, 0) > 0 && i < 20)
			so_buf_addf(&remedy,
				"GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA %s TO %s;\n",
				schema, f->user, schema, f->user);
	}
	if (f->reads_data || seen > denied || seen == 0)
		info->caps |= SO_CAP_STATS;
	detail = so_printf(f->tmp, "%lld of %lld tables looked at are readable%s", (long long)(seen - denied),
		(long long)seen,
		filtered ? "; row security filters some for this login, so that their counts and results are partial"
			 : "");
	so_info_check(
		info, "read", "tables and their statistics are readable", denied == 0, false, detail, remedy.data);
	return true;
}

const struct so_engine_info *pg_info(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct pg_work work = { .own_path = true };
	struct facts f = { .conn = conn, .tmp = tmp };
	bool fine;

	if (conn->info)
		return conn->info;
	if (!pg_work_begin(conn, &work, err))
		return NULL;
	f.info = so_new(conn, struct so_engine_info);
	f.info->host_text = so_strdup(f.info, so_pg_host_text(conn->pg));
	f.info->tls = so_strdup_or_null(f.info, so_pg_tls(conn->pg));
	f.info->pooled = !conn->session;
	f.info->caps = SO_CAP_GENERIC_PLAN | SO_CAP_ANALYZE | (conn->session ? SO_CAP_SESSION_STATE : 0);
	fine = ask_identity(&f, err) && ask_extensions(&f, err);
	if (fine) {
		f.info->caps |= f.writable ? SO_CAP_WRITABLE : 0;
		check_connection(&f);
		check_what_if(&f);
		check_samples(&f);
		fine = check_read(&f, err);
	}
	pg_work_end(conn);
	if (fine)
		check_statements(&f);
	if (!fine || base->broken) {
		talloc_free(f.info);
		if (fine)
			so_fail(err, SO_UNREACHABLE, "the connection was lost while the server was looked at");
		return NULL;
	}
	conn->info = f.info;
	return conn->info;
}
