/* CREATE TABLE as SQL Server would take it, from the snapshot: there is no SHOW CREATE. */
#include <string.h>

#include "base/buf.h"
#include "engine/mssql/internal.h"

#define MAX_DDL (4 * 1024 * 1024)

static void add_name(struct so_buf *out, const char *name)
{
	so_buf_addc(out, '[');
	for (; *name; name++) {
		so_buf_addc(out, *name);
		if (*name == ']')
			so_buf_addc(out, ']');
	}
	so_buf_addc(out, ']');
}

static void add_columns(struct so_buf *out, const struct so_table *t, const int32_t *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		so_buf_adds(out, i ? ", " : "(");
		add_name(out, t->columns[columns[i]].name);
	}
	so_buf_addc(out, ')');
}

static void add_column(struct so_buf *out, const struct so_column *c)
{
	so_buf_adds(out, "    ");
	add_name(out, c->name);
	so_buf_addf(out, " %s", c->type);
	if (c->collation)
		so_buf_addf(out, " COLLATE %s", c->collation);
	if (c->default_text && strcmp(c->default_text, "IDENTITY") == 0)
		so_buf_adds(out, " IDENTITY");
	else if (c->default_text)
		so_buf_addf(out, " DEFAULT %s", c->default_text);
	so_buf_addf(out, "%s%s", c->not_null ? " NOT NULL" : " NULL", c->generated ? " /* computed */" : "");
}

static void add_keys(struct so_buf *out, const struct so_table *t)
{
	for (size_t i = 0; i < t->n_indexes; i++) {
		const struct so_index *x = &t->indexes[i];

		if (!x->primary && !(x->constraint && x->unique))
			continue;
		so_buf_adds(out, ",\n    CONSTRAINT ");
		add_name(out, x->name);
		so_buf_addf(out, " %s%s ", x->primary ? "PRIMARY KEY" : "UNIQUE",
			strcmp(x->method, "clustered") == 0 ? " CLUSTERED" : " NONCLUSTERED");
		for (size_t k = 0; k < x->n_keys; k++) {
			so_buf_adds(out, k ? ", " : "(");
			add_name(out, t->columns[x->keys[k].column].name);
			so_buf_adds(out, x->keys[k].desc ? " DESC" : "");
		}
		so_buf_addc(out, ')');
	}
}

static void add_fkeys(struct so_buf *out, const struct so_table *t)
{
	static const struct {
		char letter;
		const char *text;
	} actions[] = { { 'c', " ON DELETE CASCADE" }, { 'n', " ON DELETE SET NULL" },
		{ 'd', " ON DELETE SET DEFAULT" } };

	for (size_t i = 0; i < t->n_fkeys; i++) {
		const struct so_fkey *f = &t->fkeys[i];

		so_buf_adds(out, ",\n    CONSTRAINT ");
		add_name(out, f->name);
		so_buf_adds(out, " FOREIGN KEY ");
		add_columns(out, t, f->columns, f->n_columns);
		so_buf_adds(out, " REFERENCES ");
		add_name(out, f->ref_schema);
		so_buf_addc(out, '.');
		add_name(out, f->ref_table);
		for (size_t k = 0; k < f->n_columns; k++) {
			so_buf_adds(out, k ? ", " : " (");
			add_name(out, f->ref_columns[k]);
		}
		so_buf_addc(out, ')');
		for (size_t k = 0; k < sizeof actions / sizeof actions[0]; k++)
			if (actions[k].letter == f->on_delete)
				so_buf_adds(out, actions[k].text);
	}
}

char *ms_ddl(TALLOC_CTX *ctx, struct so_conn *base, const struct so_table *t, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_buf out;

	(void)base;
	so_buf_init(&out, tmp, MAX_DDL);
	if (t->kind == SO_TABLE_VIEW) {
		so_buf_addf(&out, "%s\n", t->view_definition ? t->view_definition : "-- the definition is not visible");
		return so_strdup(ctx, so_buf_text(&out));
	}
	so_buf_adds(&out, "CREATE TABLE ");
	add_name(&out, t->schema);
	so_buf_addc(&out, '.');
	add_name(&out, t->name);
	so_buf_adds(&out, " (\n");
	for (size_t i = 0; i < t->n_columns; i++) {
		so_buf_adds(&out, i ? ",\n" : "");
		add_column(&out, &t->columns[i]);
	}
	add_keys(&out, t);
	add_fkeys(&out, t);
	so_buf_adds(&out, "\n);\n");
	for (size_t i = 0; i < t->n_indexes; i++)
		if (!t->indexes[i].constraint ||
			(!t->indexes[i].unique && strcmp(t->indexes[i].method, "clustered") == 0))
			so_buf_addf(
				&out, "%s;%s\n", t->indexes[i].definition, t->indexes[i].valid ? "" : " -- disabled");
	if (out.overflow)
		return so_fail(err, SO_LIMIT, "the definition of %s.%s is longer than %d bytes", t->schema, t->name,
			       MAX_DDL),
		       NULL;
	return so_strdup(ctx, so_buf_text(&out));
}
