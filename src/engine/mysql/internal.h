/* Shared by the files of the MySQL driver only. */
#ifndef SO_ENGINE_MYSQL_INTERNAL_H
#define SO_ENGINE_MYSQL_INTERNAL_H

#include "db/my_client.h"
#include "engine/conn.h"
#include "engine/mysql/mysql.h"
#include "engine/mysql/sql.h"
#include "sql/parse.h"

#define MIN_MYSQL      50700
#define MIN_MARIADB    100200
#define MAX_STATEMENT  (1024 * 1024) /* bytes of a statement that we pass on */
#define MAX_RELATIONS  1000 /* of one catalog snapshot, the tables below views included */
#define OWN_TIMEOUT_MS 20000 /* for our own catalog statements, at most the connection's own */

/* Where the statements of the server are counted. */
enum my_source {
	MY_NO_STATEMENTS,
	MY_DIGESTS, /* performance_schema.events_statements_summary_by_digest */
	MY_SLOW_LOG /* mysql.slow_log */
};

struct my_conn {
	struct so_conn base; /* first */
	struct so_my *my;
	bool mariadb;
	int version; /* 90704, 101119 */
	unsigned modes; /* SO_MODE_* of the session's sql_mode */
	bool session; /* session state survives between statements: no multiplexing proxy in between */
	int64_t set_timeout_ms; /* what the server was told last */
	int json_version; /* of MySQL's EXPLAIN FORMAT=JSON as the session is set, 0: the server has no choice */
	enum my_source source;
	enum so_kind unreadable; /* why, when there is none */
	char *grant; /* what the login needs to read `source` */
	bool has_samples; /* the digest table has QUERY_SAMPLE_TEXT */
	bool has_history; /* events_statements_history_long is readable */
	int64_t sample_bytes; /* longest text that the server keeps whole */
	struct so_engine_info *info;
};

extern const struct so_engine_sql my_sql[]; /* ended by a NULL text */

/* --- session.c --- */
struct my_conn *my_conn_of(struct so_conn *conn);
struct so_conn *my_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
struct so_conn *my_open_mariadb(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
bool my_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
void my_cancel(struct so_conn *conn);
/* Runs one statement of ours (begins with TAG) on the connection, with its token; keeps wait time and state. */
struct so_my_result *my_run(TALLOC_CTX *ctx, struct my_conn *conn, const struct so_my_query *query, struct so_err *err);
/* The same for a text alone. */
struct so_my_result *my_ask(TALLOC_CTX *ctx, struct my_conn *conn, const char *sql, struct so_err *err);
/* "column IN ('a', 'b')", or `all` when there are no names. */
char *my_among(
	TALLOC_CTX *ctx, struct my_conn *conn, const char *column, const char *const *names, size_t n, const char *all);
/* The same for a statement without a result of interest. */
bool my_run_command(struct my_conn *conn, const char *sql, struct so_err *err);
/* Never honours the token; a connection that cannot be put back in order is given up. */
void my_undo(struct my_conn *conn, const char *sql);
/* After any call on conn->my. */
void my_note(struct my_conn *conn);
/* The server's own time limit for the statements that follow; 0: the connection's. */
bool my_set_timeout(struct my_conn *conn, int64_t timeout_ms, struct so_err *err);
/* A read-only transaction, in round trips of its own; every begin that succeeded needs its end. */
bool my_read_begin(struct my_conn *conn, int64_t timeout_ms, struct so_err *err);
void my_read_end(struct my_conn *conn);
enum so_dialect my_dialect(const struct my_conn *conn);

/* --- text.c --- */
struct my_text { /* what a statement is, by our own parser */
	struct so_ast *ast; /* NULL: it does not parse, and `verb` is all that is known */
	struct so_sql_class cls;
	char verb[32]; /* first word, lower case */
	bool writes; /* INSERT, UPDATE, DELETE, REPLACE */
	unsigned n_params; /* number of ? */
	bool cut; /* ends in the mark of a text that was cut off */
	char *collapsed; /* what the normalisation of the server left that no statement has ("(...)"), or NULL */
};
/* Refuses (SO_INPUT, SO_LIMIT) what has no plan: empty, too long, several statements, a utility statement. */
bool my_check_plannable(
	TALLOC_CTX *ctx, const struct my_conn *conn, const char *sql, struct my_text *look, struct so_err *err);
/* The same for what will be executed: a pure read without parameters. */
bool my_check_read(const struct my_conn *conn, const char *sql, struct so_err *err);
/* The rows that an UPDATE or DELETE of one table would touch, as SELECT; NULL when the shape is not that plain. */
char *my_select_form(TALLOC_CTX *ctx, const struct my_text *look);
/* Splits "a.b" (names plain, in double quotes or in backticks) into stored names; false when it is none. */
bool my_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name);

/* --- the rest of the vtable --- */
const struct so_engine_info *my_info(struct so_conn *conn, struct so_err *err);
struct so_query_list *my_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
/* The text of a digest as one would write it: without MariaDB's last blank and the EXECUTE of a prepared one. */
char *my_digest_text(TALLOC_CTX *ctx, const char *text, bool *truncated);
struct so_reading *my_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
struct so_activity *my_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
/* Out of the digests (MySQL 8), the histories, or the slow log: its table has no index, so that reads all of it once
 * more, as a poll does; who asks does so once in ten minutes for a statement. */
bool my_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err);
bool my_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err);
/* Statements out of mysql.slow_log. */
struct so_query_list *my_slow_statements(TALLOC_CTX *ctx, struct my_conn *conn, int64_t limit, struct so_err *err);
/* The newest text of each that was not cut off: my_samples. */
bool my_slow_samples(TALLOC_CTX *ctx, struct my_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err);
struct so_catalog *my_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
struct so_inventory *my_inventory(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
char *my_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
bool my_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err);
bool my_read_query(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_rows *out, struct so_err *err);
bool my_read_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err);
bool my_execute(struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);

#endif
