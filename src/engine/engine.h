/* The driver table: what the product needs from a database server, one row an engine. Nothing outside a driver's folder
 * branches on the engine; callers ask the capability bits of an open connection.
 *
 * Every function blocks for at most its timeout (and a grace of a few seconds for the server to obey a cancel request)
 * and may be called from one thread at a time per connection; only `cancel` may be called from another thread. Results
 * are children of `ctx`. On a false return *err says why, with the engine's SQLSTATE where there is one; kinds follow
 * the driver's state table. All statements that a driver sends are tagged `/ * sqlopt * /` so that they never show up
 * as findings. */
#ifndef SO_ENGINE_ENGINE_H
#define SO_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "core/activity.h"
#include "core/catalog.h"
#include "core/inventory.h"
#include "core/query.h"
#include "core/reading.h"

enum so_cap {
	SO_CAP_STATEMENTS = 1u << 0, /* a statistics view of statements is readable */
	SO_CAP_WHAT_IF = 1u << 1, /* hypothetical indexes work now (HypoPG installed) */
	SO_CAP_WHAT_IF_AVAILABLE = 1u << 2, /* could be installed: CREATE EXTENSION hypopg would do */
	SO_CAP_GENERIC_PLAN = 1u << 3, /* EXPLAIN of a text with $n */
	SO_CAP_ANALYZE = 1u << 4, /* EXPLAIN ANALYZE of a read-only statement */
	SO_CAP_SESSION_STATE = 1u << 5, /* session state survives between statements (no transaction pooler) */
	SO_CAP_WRITABLE = 1u << 6, /* not a standby, not forced read-only */
	SO_CAP_STATS = 1u << 7, /* column statistics are readable */
};

enum so_tls_mode { SO_TLS_DISABLE, SO_TLS_PREFER, SO_TLS_REQUIRE, SO_TLS_VERIFY_FULL, SO_TLS_MODE_MAX };

/* Where and how to connect. Either `dsn` (URI or key=value, may name a service) or the members; `password` is wiped by
 * its owner. Unix socket: host is a directory that starts with '/'. */
struct so_conn_params {
	const char *engine; /* a name of so_engines */
	const char *dsn; /* NULL: use the members */
	const char *host, *database, *username, *password;
	int64_t port; /* 0: the engine's default */
	enum so_tls_mode tls;
	const char *tls_ca; /* file, or NULL */
	const char *search_path; /* "app, public", or NULL: the role's own */
	int64_t connect_timeout_ms; /* includes name resolution; 0: 10,000 */
	int64_t statement_timeout_ms; /* 0: 30,000 */
	int64_t lock_timeout_ms; /* 0: 2,000 */
};

/* One line of the check list: what was looked at, whether it holds, and exactly what to run when it does not. */
struct so_check {
	const char *id; /* "reach", "tls", "login", "version", "statistics", "privileges", "read", "what_if",
			   "read_only", "pooler", ... */
	char *title;
	bool ok, required; /* a failed check that is not required is a notice */
	char *detail; /* what was found */
	char *remedy; /* GRANT / CREATE EXTENSION / ALTER SYSTEM lines for this server, or NULL */
};

struct so_engine_info {
	char *version; /* "15.20 (Debian ...)" */
	int32_t version_num;
	char *flavor; /* "postgresql", "mysql", "mariadb", "aurora", "rds", "cloudsql", "azure", "timescale" ... */
	char *system_id; /* identifies the server, or NULL */
	char *database, *user, *host_text; /* host_text: "127.0.0.1:5432" or the socket */
	unsigned caps;
	bool in_recovery, superuser, pooled;
	char *tls; /* "TLSv1.3", or NULL when the connection is plain */
	char *what_if_schema; /* schema of hypopg, or NULL */
	char *statements_schema;
	size_t n_checks;
	struct so_check *checks;
};

enum so_explain_mode {
	SO_EXPLAIN_PLAN, /* planned only; texts with $n get a generic plan where the engine can */
	SO_EXPLAIN_ANALYZE, /* executes: only accepted for a pure read, inside a read-only transaction with a timeout */
};

struct so_explain_options {
	enum so_explain_mode mode;
	bool buffers, verbose, settings;
	int64_t timeout_ms; /* 0: the connection's statement timeout */
	const char *set_local; /* one setting for this plan only, "work_mem=64MB"; NULL none */
};

struct so_explain {
	char *text; /* the plan document as the engine wrote it */
	const char *format; /* "postgresql-json", "mysql-json", "mysql-tree", "mariadb-json" ... */
	bool generic; /* planned without parameter values */
	char *note; /* what had to be done to get it ("interval $1 rewritten"), or NULL */
	int64_t wait_us; /* time the driver waited for the server */
};

struct so_rows { /* text values, capped */
	size_t n_columns, n_rows;
	char **columns, **types;
	char **cells; /* row-major; NULL is SQL NULL */
	bool truncated; /* a cap was hit */
	int64_t wait_us;
};

/* A digest of a whole result that never keeps it: for same_result and measured. */
struct so_result_digest {
	int64_t n_rows, n_bytes;
	uint64_t multiset_hash; /* order-insensitive */
	uint64_t list_hash; /* order-sensitive */
	size_t n_columns;
	char **columns, **types;
	int64_t exec_us; /* wall time until the last row */
	int64_t rows_examined; /* rows that the engine looked at, index entries included; 0: it does not tell */
	bool truncated; /* a cap was hit: then the hashes say nothing */
};

struct so_hypo_index { /* result of what_if_add, in the order of the DDL given */
	uint32_t id; /* 0: refused */
	char *name; /* as it appears in plans */
	int64_t size_bytes; /* the engine's own estimate, or -1 */
	char *refusal; /* why the engine refused it, or NULL */
};

/* One statement that a driver sends of its own accord, for `sqlopt doctor --show-sql`: what an administrator reads
 * before letting us in. The driver runs these very texts. */
struct so_engine_sql {
	const char *purpose; /* "counters of all statements, every poll" */
	const char *text;
};

#define SO_SAMPLES_MAX  100 /* ids of one call of `samples` */
#define SO_SAMPLE_BYTES 16384 /* of one text */

/* A statement as it really ran: data of the target. */
struct so_sample {
	char *text; /* whole; NULL: there is none */
	char **values; /* of its placeholders, in the order of the text, as literals of the engine's grammar */
	size_t n_values; /* 0: the values stand in the text */
};

struct so_conn; /* one open connection to a target; a talloc object whose destructor closes it */

/* Where a connection goes; all are needed unless the engine says otherwise. */
enum so_where { SO_WHERE_HOST = 1u << 0, SO_WHERE_DATABASE = 1u << 1, SO_WHERE_USER = 1u << 2 };

struct so_engine {
	const char *name; /* "postgresql" */
	const char *dialect; /* of its servers, as far as one can tell before one has answered: see so_conn_dialect */
	int64_t default_port; /* 0: it has no ports */
	unsigned optional; /* SO_WHERE_*: members of so_conn_params that a connection may do without */
	const char *databases; /* a read that lists the databases a login may connect to; NULL: it has one only */
	const char *entry_database; /* one that every server has, to be asked through; NULL: none is needed */
	const char *no_what_if; /* why it has no hypothetical indexes, where it has none */
	const char *no_samples; /* why it keeps no values of statements, where it keeps none */
	const struct so_engine_sql *sql; /* all of them, ended by a NULL text */

	/* Connects within the deadline. Wrong password, unknown database, TLS refused ... each has its own clear
	 * message. `cancel` (may be NULL) is used for this call only: so_conn_set_cancel names the token of the later
	 * ones. */
	struct so_conn *(*open)(
		TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
	bool (*ping)(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
	/* From any thread, until close has returned: asks the server to stop the running statement. Never blocks long.
	 */
	void (*cancel)(struct so_conn *conn);
	/* Version, capabilities and the privilege check list; asked once, kept with the connection. */
	const struct so_engine_info *(*info)(struct so_conn *conn, struct so_err *err);
	/* Cumulative counters of at most `limit` statements by total time, own ones excluded. */
	struct so_query_list *(*statements)(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
	/* The counters of all statements without their texts, of the databases named (none: of the connection's own, or
	 * of all when it has none): every row that the server counts separately. At most `limit` rows (0: 100,000),
	 * then those with the largest total time. All rows belong to the epoch that the reading names. */
	struct so_reading *(*counters)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
		int64_t limit, struct so_err *err);
	/* Texts of statements by the ids of a reading (at most 1,000), into `out` in the same order; NULL where they
	 * came with the reading. Texts of our own begin with the tag. */
	bool (*texts)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n,
		struct so_statement_text *out, struct so_err *err);
	/* What the sessions of the databases named (none: of all) are doing, at most `limit` of them, longest first;
	 * idle ones and our own left out. SO_UNSUPPORTED where the engine has no sessions. */
	struct so_activity *(*activity)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
		int64_t limit, struct so_err *err);
	/* Of statements, by the ids of a reading (at most SO_SAMPLES_MAX), the newest whole text that ran in the
	 * connection's database (in any when it has none) with the values that it ran with, into `out` in the same
	 * order, children of `ctx`. No text where the server kept none or not all values, cut it off, it is ours, or
	 * longer than SO_SAMPLE_BYTES. so_no_samples where an engine keeps none: `no_samples` says why. */
	bool (*samples)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
		struct so_err *err);
	/* Snapshot of exactly the named relations ("schema.table" or "table", as the search path resolves them; spelled
	 * as in SQL: folded unless quoted, see so_engine_name), the tables their foreign keys point at, and the named
	 * functions. Cost does not grow with the size of the database. Names that do not exist are simply absent. Views
	 * bring the tables below them. */
	struct so_catalog *(*catalog)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
		const char *const *functions, size_t n_functions, struct so_err *err);
	/* The `limit` largest relations outside the engine's own schemas, and the state of what no snapshot of tables
	 * shows (see enum so_vital_kind), as far as the privileges and the engine go: what could not be read is a note
	 * in the result, not an error. */
	struct so_inventory *(*inventory)(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
	/* CREATE TABLE text with keys, indexes and comments of one table of the snapshot, assembled from the catalog.
	 */
	char *(*ddl)(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
	bool (*explain)(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql,
		const struct so_explain_options *options, struct so_explain *out, struct so_err *err);

	/* What-if session: begin, any number of add / explain / drop, end. Behind a transaction pooler everything
	 * happens in one read-only transaction or `begin` fails with SO_UNSUPPORTED. */
	bool (*what_if_begin)(struct so_conn *conn, struct so_err *err);
	/* n CREATE INDEX texts in one round trip. A refused one is no error: its entry says why. */
	bool (*what_if_add)(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n,
		struct so_hypo_index *out, struct so_err *err);
	bool (*what_if_drop)(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err); /* n 0: all */
	void (*what_if_end)(struct so_conn *conn);

	/* A pure read, in its own read-only transaction (separate round trips), capped in rows and bytes. */
	bool (*query)(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
		int64_t timeout_ms, struct so_rows *out, struct so_err *err);
	/* The same, streamed into a digest. */
	bool (*digest)(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
		int64_t timeout_ms, struct so_result_digest *out, struct so_err *err);
	/* Runs one DDL statement outside a transaction block where the statement needs it (CREATE INDEX CONCURRENTLY).
	 * Only called by service/apply.c after every permission check, and by verify/ on connections with permission
	 * `scratch`. */
	bool (*execute)(
		struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);
};

/* The drivers of this build, NULL-terminated. */
extern const struct so_engine *const so_engines[];
/* By name, or NULL. */
const struct so_engine *so_engine_find(const char *name);
/* "postgresql, mysql, mariadb": for messages. */
char *so_engine_list(TALLOC_CTX *ctx);
#define SO_DATABASES_MAX 10000
/* The databases of the server that this login may connect to, by name; templates and the engine's own are left out.
 * SO_UNSUPPORTED where a connection has one only. */
bool so_engine_databases(
	TALLOC_CTX *ctx, struct so_conn *conn, char ***names, size_t *n, struct so_err *err) SO_MUST_CHECK;
/* Engine of an open connection. */
const struct so_engine *so_conn_engine(const struct so_conn *conn);
/* The grammar of the server that answered: "mariadb" for a MariaDB that was registered as mysql. Never NULL. */
const char *so_conn_dialect(const struct so_conn *conn);
/* The same of a server that was seen before: `flavor` is what info said of it then, or NULL. */
const char *so_engine_dialect(const char *engine, const char *flavor);
/* Time that calls on this connection waited for the server so far. */
int64_t so_conn_wait_us(const struct so_conn *conn);
/* Token that the following calls honour besides their timeouts, NULL for none; it must stay valid until it is replaced.
 * Several connections may share one. */
void so_conn_set_cancel(struct so_conn *conn, struct so_cancel *cancel);
/* False once the connection is lost or was given up: close it and open another. */
bool so_conn_usable(const struct so_conn *conn);
/* A relation's name as `catalog` takes it, from stored names (already folded); schema NULL: by the search path. */
char *so_engine_name(TALLOC_CTX *ctx, const char *schema, const char *name);

/* %41 -> A in one part of a URI, in place. False for what is no such escape, and for %00. */
bool so_engine_unescape(char *text);

#endif
