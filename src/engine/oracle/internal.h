/* Shared by the files of the Oracle driver only. */
#ifndef SO_ENGINE_ORACLE_INTERNAL_H
#define SO_ENGINE_ORACLE_INTERNAL_H

#include "db/oci_client.h"
#include "engine/blocking.h"
#include "engine/oracle/oracle.h"
#include "engine/oracle/sql.h"
#include "sql/parse.h"

#define MIN_VERSION    12
#define MAX_STATEMENT  (1024 * 1024) /* bytes of a statement that we pass on */
#define MAX_RELATIONS  1000 /* of one catalog snapshot; an IN list takes no more */
#define OWN_TIMEOUT_MS 20000 /* for our own catalog statements, at most the connection's own */

struct ora_conn {
	struct bl_conn bl; /* first */
	int major;
	char *schema; /* the current one, as stored */
	bool has_binds; /* V$SQL_BIND_CAPTURE is readable */
	uint64_t plans; /* serial of statement ids in the plan table */
	struct so_engine_info *info;
};

extern const struct so_engine_sql ora_sql[]; /* ended by a NULL text */

/* --- session.c --- */
struct so_conn *ora_open(
	TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_cancel *cancel, struct so_err *err);
bool ora_ping(struct so_conn *conn, int64_t *latency_us, struct so_err *err);
void ora_cancel(struct so_conn *conn);
struct ora_conn *ora_conn_of(struct so_conn *conn);

/* --- text.c --- */
/* Refuses (SO_INPUT, SO_LIMIT) what has no plan: empty, too long, several statements, a utility statement. */
bool ora_check_plannable(TALLOC_CTX *ctx, const char *sql, struct so_sql_class *cls, bool *binds, struct so_err *err);
/* The same for what will be executed: a pure read without bind variables. */
bool ora_check_read(const char *sql, struct so_err *err);
/* Splits an SQL name ("A"."b", or plain and then folded to upper case) into stored names; false when it is none. */
bool ora_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name);
/* 'text' with quotes doubled. */
char *ora_text_literal(TALLOC_CTX *ctx, const char *text);

/* --- catalog*.c: while a snapshot is read --- */
struct ora_snapshot {
	struct ora_conn *conn;
	struct so_catalog *catalog;
	char *pairs; /* ('OWNER', 'NAME'), ... of the relations */
	TALLOC_CTX *tmp;
};
struct so_text_result *ora_snapshot_ask(struct ora_snapshot *s, const char *sql, struct so_err *err);
/* Index of the table that columns 0 and 1 of the row name, or -1. */
int64_t ora_snapshot_table(const struct ora_snapshot *s, const struct so_text_result *r, size_t row);
/* Whether two rows agree in their first n columns. */
bool ora_same(const struct so_text_result *r, size_t a, size_t b, size_t n);
bool ora_read_indexes(struct ora_snapshot *s, struct so_err *err);
bool ora_read_keys(struct ora_snapshot *s, struct so_err *err);

/* --- the rest of the vtable --- */
const struct so_engine_info *ora_info(struct so_conn *conn, struct so_err *err);
struct so_activity *ora_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
struct so_reading *ora_counters(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
bool ora_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err);
bool ora_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err);
struct so_query_list *ora_statements(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
struct so_catalog *ora_catalog(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err);
struct so_inventory *ora_inventory(TALLOC_CTX *ctx, struct so_conn *conn, int64_t limit, struct so_err *err);
char *ora_ddl(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_table *table, struct so_err *err);
bool ora_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_explain_options *options,
	struct so_explain *out, struct so_err *err);
extern const struct bl_reader ora_reader;
bool ora_execute(
	struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err);

#endif
