/* Shared by the files of the SQL Server driver only. */
#ifndef SO_ENGINE_MSSQL_INTERNAL_H
#define SO_ENGINE_MSSQL_INTERNAL_H

#include "db/odbc_client.h"
#include "engine/blocking.h"
#include "engine/mssql/mssql.h"
#include "engine/mssql/sql.h"
#include "sql/parse.h"

#define MIN_VERSION       13 /* SQL Server 2016; Azure says 12 and is later than all */
#define LAST_PLAN_VERSION 15 /* SQL Server 2019 keeps the last plan that ran */
#define MAX_STATEMENT     (1024 * 1024) /* bytes of a statement that we pass on */
#define MAX_RELATIONS     1000 /* of one catalog snapshot, the tables below views included */
#define OWN_TIMEOUT_MS    20000 /* for our own catalog statements, at most the connection's own */

struct ms_conn {
	struct bl_conn bl; /* first */
	int major; /* of the product's version: 16 for SQL Server 2022 */
	bool azure; /* Azure SQL Database: no server-wide views */
	bool has_store; /* of this database, at login */
	char *default_schema, *collation;
	struct so_engine_info *info;
};

extern const struct so_engine_sql ms_sql[]; /* ended by a NULL text */

/* --- session.c --- */
struct so_conn *ms_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
bool ms_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
void ms_cancel(struct so_conn *conn);
struct ms_conn *ms_conn_of(struct so_conn *conn);

/* --- text.c --- */
struct ms_text { /* what a statement is, by our own parser */
	struct so_ast *ast;
	struct so_sql_class cls;
	char *declared; /* "@p1 int, @p2 nvarchar(20)" that stood in front of the statement, or NULL */
	const char *sql; /* the statement behind that */
	bool has_params; /* @names that the statement itself does not declare */
};
/* Refuses (SO_INPUT, SO_LIMIT) what has no plan: empty, too long, several statements, a utility statement. */
bool ms_check_plannable(TALLOC_CTX *ctx, const char *sql, struct ms_text *look, struct so_err *err);
/* The same for what will be executed: a pure read without parameters. */
bool ms_check_read(const char *sql, struct so_err *err);
/* Splits an SQL name ("a.b", in double quotes or brackets or plain) into stored names; false when it is none. */
bool ms_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name);
/* N'text' with quotes doubled. */
char *ms_text_literal(TALLOC_CTX *ctx, const char *text);
/* [name], with its brackets doubled. */
char *ms_text_quoted(TALLOC_CTX *ctx, const char *name);

/* --- statements.c --- */
/* The most of it that is kept, cut at a character. */
char *ms_text_capped(TALLOC_CTX *ctx, const char *text, bool *truncated);
/* SO_UNSUPPORTED, with where to read why, when the login sees no statistics. */
bool ms_statistics_readable(struct so_conn *conn, struct so_err *err);

/* --- the rest of the vtable --- */
const struct so_engine_info *ms_info(struct so_conn *conn, struct so_err *err);
struct so_activity *ms_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
struct so_reading *ms_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
bool ms_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err);
bool ms_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err);
struct so_query_list *ms_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
struct so_catalog *ms_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
struct ms_snapshot { /* while a snapshot is read: catalog*.c */
	struct ms_conn *conn;
	struct so_catalog *catalog;
	char *ids; /* "1,2,3" of the objects, as the statements take them */
	int64_t *object_ids; /* of catalog->tables */
	int32_t **column_ids; /* of the columns of each table */
	TALLOC_CTX *tmp;
};
struct so_text_result *ms_snapshot_ask(struct ms_snapshot *s, const char *sql, struct so_err *err);
/* Index of the table with this object id, or -1. */
int64_t ms_snapshot_table(const struct ms_snapshot *s, int64_t object_id);
/* Index of the column with this id in the table, or -1. */
int32_t ms_snapshot_column(const struct ms_snapshot *s, size_t table, int64_t column_id);
bool ms_read_indexes(struct ms_snapshot *s, struct so_err *err);
bool ms_read_fkeys(struct ms_snapshot *s, struct so_err *err);
bool ms_read_stats(struct ms_snapshot *s, struct so_err *err);
char *ms_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
struct so_inventory *ms_inventory(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
bool ms_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err);
extern const struct bl_reader ms_reader;
bool ms_execute(struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);

#endif
