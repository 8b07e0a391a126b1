/* PostgreSQL has no SHOW CREATE: the text is put together from what the catalogs print. */
#include "engine/postgresql/internal.h"

#include <string.h>

#include "base/buf.h"

#define MAX_DDL (1024 * 1024)

struct parts {
	const struct so_table *table;
	struct so_pg_result *columns, *constraints, *indexes, *comments;
	char *name;
};

static void add_literal(struct so_buf *out, const char *text)
{
	so_buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			so_buf_addc(out, '\'');
		so_buf_addc(out, *text);
	}
	so_buf_addc(out, '\'');
}

static void add_comments(struct so_buf *out, const struct parts *p)
{
	const char *kind = p->table->kind == SO_TABLE_VIEW      ? "VIEW"
			   : p->table->kind == SO_TABLE_MATVIEW ? "MATERIALIZED VIEW"
								: "TABLE";

	for (size_t i = 0; i < so_pg_rows(p->comments); i++) {
		const char *column = so_pg_cell(p->comments, i, 0);

		if (column)
			so_buf_addf(out, "COMMENT ON COLUMN %s.%s IS ", p->name, so_pg_quote_ident(out->ctx, column));
		else
			so_buf_addf(out, "COMMENT ON %s %s IS ", kind, p->name);
		add_literal(out, so_pg_cell(p->comments, i, 1));
		so_buf_adds(out, ";\n");
	}
}

static void assemble(struct so_buf *out, const struct parts *p)
{
	const struct so_table *t = p->table;
	size_t n = so_pg_rows(p->columns), m = so_pg_rows(p->constraints);

	if (t->kind == SO_TABLE_VIEW || t->kind == SO_TABLE_MATVIEW) {
		so_buf_addf(out, "CREATE %sVIEW %s AS\n%s\n", t->kind == SO_TABLE_MATVIEW ? "MATERIALIZED " : "",
			p->name, t->view_definition ? t->view_definition : "");
	} else {
		so_buf_addf(out, "CREATE %sTABLE %s (\n", t->kind == SO_TABLE_FOREIGN ? "FOREIGN " : "", p->name);
		for (size_t i = 0; i < n; i++)
			so_buf_addf(out, "    %s%s\n", so_pg_cell(p->columns, i, 0), i + 1 < n + m ? "," : "");
		for (size_t i = 0; i < m; i++)
			so_buf_addf(out, "    %s%s\n", so_pg_cell(p->constraints, i, 0), i + 1 < m ? "," : "");
		so_buf_addc(out, ')');
		if (t->partition_key)
			so_buf_addf(out, " PARTITION BY %s", t->partition_key);
		so_buf_adds(out, ";\n");
	}
	for (size_t i = 0; i < so_pg_rows(p->indexes); i++)
		so_buf_addf(out, "%s\n", so_pg_cell(p->indexes, i, 0));
	add_comments(out, p);
}

char *pg_ddl(TALLOC_CTX *ctx, struct so_conn *base, const struct so_table *table, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct pg_conn *conn = pg_conn_of(base);
	struct pg_work work = { .own_path = true };
	struct parts parts = { .table = table, .name = so_engine_name(tmp, table->schema, table->name) };
	const char *params[1] = { so_printf(tmp, "%u", table->oid) };
	struct so_pg_query query = { .n_params = 1, .params = params };
	const char *const texts[] = { PG_SQL_DDL_COLUMNS, PG_SQL_DDL_CONSTRAINTS, PG_SQL_DDL_INDEXES,
		PG_SQL_DDL_COMMENTS };
	struct so_pg_result **results[] = { &parts.columns, &parts.constraints, &parts.indexes, &parts.comments };
	struct so_buf out;
	bool fine;

	fine = pg_work_begin(conn, &work, err);
	if (!fine)
		return NULL;
	for (size_t i = 0; fine && i < 4; i++) {
		query.sql = texts[i];
		*results[i] = pg_run(tmp, conn, &query, err);
		fine = *results[i] != NULL;
	}
	pg_work_end(conn);
	if (!fine)
		return NULL;
	if (so_pg_rows(parts.columns) == 0)
		return so_fail(err, SO_NOT_FOUND, "table %s no longer exists", parts.name), NULL;
	so_buf_init(&out, tmp, MAX_DDL);
	assemble(&out, &parts);
	if (out.overflow)
		return so_fail(err, SO_LIMIT, "the definition of %s is longer than %d bytes", parts.name, MAX_DDL),
		       NULL;
	return so_strdup(ctx, so_buf_text(&out));
}
