/* Shared by the files of the PostgreSQL driver only. */
#ifndef SO_ENGINE_POSTGRESQL_INTERNAL_H
#define SO_ENGINE_POSTGRESQL_INTERNAL_H

#include "db/pg_client.h"
#include "engine/conn.h"
#include "engine/postgresql/postgresql.h"
#include "engine/postgresql/sql.h"

#define MIN_VERSION    130000
#define MAX_STATEMENT  (1024 * 1024) /* bytes of a statement that we pass on */
#define MAX_RELATIONS  1000 /* of one catalog snapshot, the tables below views included */
#define OWN_TIMEOUT_MS 20000 /* for our own catalog statements, at most the connection's own */

struct pg_conn {
	struct so_conn base; /* first */
	struct so_pg *pg;
	bool session; /* session state survives between transactions: no pooler in between */
	bool what_if; /* between what_if_begin and what_if_end */
	bool in_block; /* what-if behind a pooler: one transaction holds it all */
	char *search_path; /* asked for, or NULL: the role's own */
	uint32_t *hypo; /* ids of the hypothetical indexes that we made and still want */
	size_t n_hypo;
	uint64_t prepared; /* serial of prepared statement names */
	struct so_engine_info *info;
	char *statements_version; /* of the extension, or NULL */
	char *what_if_version;
};

extern const struct so_engine_sql pg_sql[]; /* ended by a NULL text */

#define PG_NO_SAMPLES "no view of PostgreSQL keeps values: pg_stat_statements puts $1, $2 in their place"

/* --- session.c: connection, transactions --- */

struct pg_setting {
	const char *name, *value;
};

struct pg_work {
	const char *begin; /* NULL: "BEGIN READ ONLY" */
	int64_t timeout_ms; /* 0: the connection's */
	bool own_path; /* our own catalog statements: search_path is pg_catalog alone, nothing can shadow it */
	size_t n_settings; /* at most PG_WORK_SETTINGS */
	const struct pg_setting *settings;
};
#define PG_WORK_SETTINGS 8

struct so_conn *pg_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
bool pg_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
void pg_cancel(struct so_conn *conn);
struct pg_conn *pg_conn_of(struct so_conn *conn);
/* The text as it is sent, so that statistics of statements show whose it is. */
const char *pg_tagged(TALLOC_CTX *ctx, const struct pg_conn *conn, const char *sql);
/* Runs one statement of ours (begins with TAG) on the connection, with its token; keeps wait time and state. */
struct so_pg_result *pg_run(TALLOC_CTX *ctx, struct pg_conn *conn, const struct so_pg_query *query, struct so_err *err);
/* The same for a statement without a result of interest. */
bool pg_command(struct pg_conn *conn, const char *sql, struct so_err *err);
/* After any call on conn->pg. */
void pg_note(struct pg_conn *conn);
/* A transaction of its own with the settings that this work needs, or a savepoint inside the what-if block. Every
 * begin that succeeded needs its end, which undoes everything. */
bool pg_work_begin(struct pg_conn *conn, const struct pg_work *work, struct so_err *err);
void pg_work_end(struct pg_conn *conn);

/* --- text.c: looking at a statement without parsing it --- */

enum pg_verb { PG_VERB_READ, PG_VERB_INSERT, PG_VERB_UPDATE, PG_VERB_DELETE, PG_VERB_MERGE, PG_VERB_OTHER };

struct pg_text {
	enum pg_verb verb;
	char word[32]; /* first word, upper case, for messages */
	unsigned n_params; /* highest $n */
	char effect[64]; /* an extension's function known to act outside the transaction, or "" */
	bool empty;
	bool concurrently; /* the word stands in it */
	bool many; /* something follows a semicolon */
};

void pg_text_look(const char *sql, struct pg_text *out);
/* `interval $1` -> `$1::interval`, `extract($1 from x)` -> a call: what normalisation made unparsable. NULL when there
 * is nothing of the kind; *note says what was done. */
char *pg_text_fix_params(TALLOC_CTX *ctx, const char *sql, int version, char **note);
/* Casts parameter $n to text everywhere. */
char *pg_text_cast_param(TALLOC_CTX *ctx, const char *sql, unsigned n);
/* The rows that an UPDATE or DELETE would touch, as SELECT; NULL when the shape is not plain enough. */
char *pg_text_select_form(TALLOC_CTX *ctx, const char *sql);
/* Splits an SQL name ("a.b", quoted or folded) into stored names; false when it is none. *schema may become NULL. */
bool pg_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name);
/* The name of the index that CREATE INDEX CONCURRENTLY [IF NOT EXISTS] makes, as written, or NULL. */
char *pg_text_concurrent_index(TALLOC_CTX *ctx, const char *sql);
/* Refuses (SO_INPUT, SO_LIMIT) what cannot be planned: empty, too long, a utility statement. */
bool pg_check_plannable(const char *sql, struct pg_text *look, struct so_err *err);
/* The same for what will be executed: a pure read without parameters. */
bool pg_check_read(const char *sql, struct so_err *err);

/* --- the rest of the vtable --- */
const struct so_engine_info *pg_info(struct so_conn *conn, struct so_err *err);
struct so_query_list *pg_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
struct so_reading *pg_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
struct so_activity *pg_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
bool pg_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err);
/* Says what a failed read of the view's texts means: one that has no conversion makes all of them unreadable. */
void pg_explain_text_error(struct pg_conn *conn, struct so_err *err);
/* Whether the extension has this version ("1.9") or a later one. */
bool pg_statements_at_least(const char *version, int major, int minor);
/* Cut at a character boundary after 16 KiB. */
char *pg_capped_text(TALLOC_CTX *ctx, const char *text, bool *truncated);
struct so_catalog *pg_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
struct so_inventory *pg_inventory(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
char *pg_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
bool pg_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err);
bool pg_what_if_begin(struct so_conn *conn, struct so_err *err);
bool pg_what_if_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n, struct so_hypo_index *out,
	struct so_err *err);
bool pg_what_if_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err);
void pg_what_if_end(struct so_conn *conn);
bool pg_read_query(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err);
bool pg_read_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err);
bool pg_execute(struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);

#endif
