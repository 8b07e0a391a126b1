/* Hypothetical indexes with HypoPG. They live in the memory of one server process, so that behind a transaction pooler
 * everything from begin to end happens in one read-only transaction. */
#include "engine/postgresql/internal.h"

#include <string.h>

#include "base/buf.h"

#define MAX_WHAT_IF 4096 /* indexes at a time */

static char *function(TALLOC_CTX *ctx, const struct pg_conn *conn, const char *name)
{
	return so_printf(ctx, "%s.%s", so_pg_quote_ident(ctx, conn->info->what_if_schema), name);
}

bool pg_what_if_begin(struct so_conn *base, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);

	if (!pg_info(base, err))
		return false;
	if (conn->what_if)
		return so_fail(err, SO_CONFLICT, "a what-if session is open on this connection already");
	if (!(conn->info->caps & SO_CAP_WHAT_IF))
		return so_fail(err, SO_UNSUPPORTED, "hypothetical indexes need the extension hypopg: %s",
			conn->info->caps & SO_CAP_WHAT_IF_AVAILABLE ? "run CREATE EXTENSION hypopg"
								    : "it is not installed on the server");
	if (!conn->session) {
		struct pg_work work = { .begin = NULL };

		if (!pg_work_begin(conn, &work, err))
			return false;
		conn->in_block = true;
	}
	conn->what_if = true;
	conn->n_hypo = 0;
	if (pg_command(conn, so_printf(tmp, PG_SQL_HYPO_RESET, function(tmp, conn, "hypopg_reset")), err))
		return true;
	pg_what_if_end(base);
	return false;
}

void pg_what_if_end(struct so_conn *base)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct so_cancel *token = base->cancel;
	struct so_err ignored = SO_ERR_INIT;

	if (!conn->what_if)
		return;
	base->cancel = NULL; /* also a cancelled job must not leave indexes behind */
	conn->what_if = false;
	conn->n_hypo = 0;
	/* A block that failed takes no reset; its process would go back to the pool with our indexes. Giving the
	 * connection up makes the pooler drop that process. */
	if (!base->broken &&
		!pg_command(conn, so_printf(tmp, PG_SQL_HYPO_RESET, function(tmp, conn, "hypopg_reset")), &ignored))
		base->broken = true;
	if (conn->in_block) {
		conn->in_block = false;
		pg_work_end(conn);
	}
	base->cancel = token;
}

static void remember(struct pg_conn *conn, uint32_t id)
{
	if (conn->n_hypo % 64 == 0)
		conn->hypo = so_renew_array(conn, conn->hypo, uint32_t, conn->n_hypo + 64);
	conn->hypo[conn->n_hypo++] = id;
}

static void forget(struct pg_conn *conn, uint32_t id)
{
	for (size_t i = 0; i < conn->n_hypo; i++)
		if (conn->hypo[i] == id) {
			memmove(&conn->hypo[i], &conn->hypo[i + 1], (conn->n_hypo - i - 1) * sizeof *conn->hypo);
			conn->n_hypo--;
			return;
		}
}

static char *id_array(TALLOC_CTX *ctx, const uint32_t *ids, size_t n)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 1024 * 1024);
	so_buf_addc(&buf, '{');
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&buf, "%s%u", i ? "," : "", ids[i]);
	so_buf_addc(&buf, '}');
	return buf.data;
}

/* Runs a statement with one parameter, inside a savepoint of the block where there is one. */
static bool run_with(TALLOC_CTX *tmp, struct pg_conn *conn, const char *sql, const char *param, struct so_err *err)
{
	struct so_pg_query query = { .sql = sql, .n_params = 1, .params = &param };
	struct pg_work work = { .begin = NULL };
	struct so_pg_result *result;

	if (conn->in_block && !pg_work_begin(conn, &work, err))
		return false;
	result = pg_run(tmp, conn, &query, err);
	if (conn->in_block)
		pg_work_end(conn);
	return result != NULL;
}

/* Drops what a failed statement made before it failed: HypoPG's memory knows no rollback. */
static bool drop_unknown(TALLOC_CTX *tmp, struct pg_conn *conn, struct so_err *err)
{
	return run_with(tmp, conn,
		so_printf(tmp, PG_SQL_HYPO_DROP_UNKNOWN, function(tmp, conn, "hypopg_drop_index"),
			function(tmp, conn, "hypopg")),
		id_array(tmp, conn->hypo, conn->n_hypo), err);
}

bool pg_what_if_drop(struct so_conn *base, const uint32_t *ids, size_t n, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);

	if (!conn->what_if)
		return so_fail(err, SO_CONFLICT, "no what-if session is open");
	if (n == 0) {
		conn->n_hypo = 0;
		return drop_unknown(tmp, conn, err);
	}
	for (size_t i = 0; i < n; i++)
		forget(conn, ids[i]);
	return run_with(tmp, conn, so_printf(tmp, PG_SQL_HYPO_DROP, function(tmp, conn, "hypopg_drop_index")),
		id_array(tmp, ids, n), err);
}

/* HypoPG makes an index of every statement in a text; ours has to be exactly one. */
static const char *refuse_text(const char *ddl)
{
	struct pg_text look;

	pg_text_look(ddl, &look);
	if (strcmp(look.word, "CREATE") != 0)
		return "not a CREATE INDEX statement";
	if (look.many)
		return "more than one statement";
	return strlen(ddl) > 65536 ? "longer than 65536 bytes" : NULL;
}

/* The indexes of `which` in one statement, each made in its own call of the function. */
static bool create(TALLOC_CTX *tmp, struct pg_conn *conn, const char *const *ddl, const size_t *which, size_t n,
	struct so_hypo_index *out, TALLOC_CTX *ctx, struct so_err *err)
{
	struct so_pg_query query = { .n_params = 1 };
	struct so_pg_result *result;
	const char **texts = so_new_array(tmp, const char *, n + 1);
	const char *params[1];

	for (size_t i = 0; i < n; i++)
		texts[i] = ddl[which[i]];
	params[0] = so_pg_array_text(tmp, texts, n);
	query.params = params;
	/* OFFSET 0 keeps the size from being asked before the index exists. */
	query.sql = so_printf(tmp, PG_SQL_HYPO_CREATE, function(tmp, conn, "hypopg_relation_size"),
		function(tmp, conn, "hypopg_create_index"));
	result = pg_run(tmp, conn, &query, err);
	for (size_t r = 0; result && r < so_pg_rows(result); r++) {
		int64_t ord = so_pg_int(result, r, 0, 0);
		struct so_hypo_index *index;

		if (ord < 1 || (uint64_t)ord > n)
			continue;
		index = &out[which[ord - 1]];
		index->id = (uint32_t)so_pg_int(result, r, 1, 0);
		remember(conn, index->id);
		index->name = so_strdup_or_null(ctx, so_pg_cell(result, r, 2));
		index->size_bytes = so_pg_int(result, r, 3, -1);
	}
	return result != NULL;
}

/* In a savepoint where there is a block, so that a refusal does not end it. */
static bool create_guarded(TALLOC_CTX *tmp, struct pg_conn *conn, const char *const *ddl, const size_t *which, size_t n,
	struct so_hypo_index *out, TALLOC_CTX *ctx, struct so_err *err)
{
	struct pg_work work = { .begin = NULL };
	bool fine;

	if (conn->in_block && !pg_work_begin(conn, &work, err))
		return false;
	fine = create(tmp, conn, ddl, which, n, out, ctx, err);
	if (conn->in_block)
		pg_work_end(conn);
	return fine;
}

static bool fatal(const struct pg_conn *conn, const struct so_err *err)
{
	return conn->base.broken || err->kind == SO_CANCELLED || err->kind == SO_TIMEOUT || err->kind == SO_UNREACHABLE;
}

/* A text that the server refuses fails the whole statement; then each is tried by itself. */
static bool create_each(TALLOC_CTX *tmp, struct pg_conn *conn, const char *const *ddl, const size_t *which, size_t n,
	struct so_hypo_index *out, TALLOC_CTX *ctx, struct so_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (create_guarded(tmp, conn, ddl, &which[i], 1, out, ctx, err))
			continue;
		if (fatal(conn, err))
			return false;
		out[which[i]].refusal = so_strdup(ctx, err->message);
		*err = (struct so_err)SO_ERR_INIT;
	}
	return true;
}

bool pg_what_if_add(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ddl, size_t n, struct so_hypo_index *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	size_t *which, wanted = 0;

	if (!conn->what_if)
		return so_fail(err, SO_CONFLICT, "no what-if session is open");
	if (n > MAX_WHAT_IF || conn->n_hypo + n > MAX_WHAT_IF)
		return so_fail(err, SO_LIMIT, "more than %d hypothetical indexes", MAX_WHAT_IF);
	which = so_new_array(tmp, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *refusal = refuse_text(ddl[i]);

		out[i] = (struct so_hypo_index){ .size_bytes = -1, .refusal = so_strdup_or_null(ctx, refusal) };
		if (!refusal)
			which[wanted++] = i;
	}
	if (wanted && !create_guarded(tmp, conn, ddl, which, wanted, out, ctx, err)) {
		if (fatal(conn, err))
			return false;
		*err = (struct so_err)SO_ERR_INIT;
		if (!drop_unknown(tmp, conn, err) || !create_each(tmp, conn, ddl, which, wanted, out, ctx, err))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!out[i].id && !out[i].refusal)
			out[i].refusal = so_strdup(ctx, "hypopg made no index of this text");
	return true;
}
