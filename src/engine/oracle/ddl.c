/* CREATE TABLE as Oracle would take it, from the snapshot. DBMS_METADATA says more, and needs a role for other users'
 * tables. */
#include <string.h>

#include "base/buf.h"
#include "engine/oracle/internal.h"

#define MAX_DDL (4 * 1024 * 1024)

static void add_keys(struct so_buf *out, TALLOC_CTX *tmp, const struct so_table *t)
{
	for (size_t i = 0; i < t->n_keys; i++) {
		const struct so_key *key = &t->keys[i];

		so_buf_addf(out, ",\n    CONSTRAINT %s %s", so_engine_name(tmp, NULL, key->name),
			key->kind == SO_KEY_PRIMARY ? "PRIMARY KEY" : "UNIQUE");
		for (size_t k = 0; k < key->n_columns; k++)
			so_buf_addf(out, "%s%s", k ? ", " : " (",
				so_engine_name(tmp, NULL, t->columns[key->columns[k]].name));
		so_buf_addc(out, ')');
	}
	for (size_t i = 0; i < t->n_fkeys; i++) {
		const struct so_fkey *f = &t->fkeys[i];

		so_buf_addf(out, ",\n    CONSTRAINT %s FOREIGN KEY", so_engine_name(tmp, NULL, f->name));
		for (size_t k = 0; k < f->n_columns; k++)
			so_buf_addf(out, "%s%s", k ? ", " : " (",
				so_engine_name(tmp, NULL, t->columns[f->columns[k]].name));
		so_buf_addf(out, ") REFERENCES %s", so_engine_name(tmp, f->ref_schema, f->ref_table));
		for (size_t k = 0; k < f->n_columns; k++)
			so_buf_addf(out, "%s%s", k ? ", " : " (", so_engine_name(tmp, NULL, f->ref_columns[k]));
		so_buf_adds(out, f->on_delete == 'c'   ? ") ON DELETE CASCADE"
				 : f->on_delete == 'n' ? ") ON DELETE SET NULL"
						       : ")");
	}
}

char *ora_ddl(TALLOC_CTX *ctx, struct so_conn *base, const struct so_table *t, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *name = so_engine_name(tmp, t->schema, t->name);
	struct so_buf out;

	(void)base;
	so_buf_init(&out, tmp, MAX_DDL);
	if (t->kind == SO_TABLE_VIEW) {
		so_buf_addf(&out, "CREATE VIEW %s AS\n%s\n", name,
			t->view_definition ? t->view_definition : "-- the definition is not visible");
		return so_strdup(ctx, so_buf_text(&out));
	}
	so_buf_addf(&out, "CREATE TABLE %s (\n", name);
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct so_column *c = &t->columns[i];

		so_buf_addf(&out, "%s    %s %s%s%s%s", i ? ",\n" : "", so_engine_name(tmp, NULL, c->name), c->type,
			c->default_text ? " " : "", c->default_text ? c->default_text : "",
			c->not_null ? " NOT NULL" : "");
	}
	add_keys(&out, tmp, t);
	so_buf_adds(&out, "\n);\n");
	for (size_t i = 0; i < t->n_indexes; i++)
		if (!t->indexes[i].constraint)
			so_buf_addf(&out, "%s;%s\n", t->indexes[i].definition,
				t->indexes[i].valid ? "" : " -- unusable or invisible");
	if (out.overflow)
		return so_fail(err, SO_LIMIT, "the definition of %s is longer than %d bytes", name, MAX_DDL), NULL;
	return so_strdup(ctx, so_buf_text(&out));
}
