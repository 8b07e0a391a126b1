/* The snapshot's indexes, keys and foreign keys. */
#include "engine/oracle/internal.h"

#include <string.h>

#include "base/buf.h"

/* Columns of the rows of ORA_SQL_INDEXES. */
enum {
	I_OWNER = 2,
	I_NAME,
	I_TYPE,
	I_UNIQUE,
	I_STATUS,
	I_VISIBLE,
	I_LEVEL,
	I_LEAVES,
	I_COLUMN,
	I_DESC,
	I_PRIMARY,
	I_KEY
};

static bool is(const struct so_text_result *r, size_t row, size_t column, const char *word)
{
	const char *text = so_text_cell(r, row, column);

	return text && strcmp(text, word) == 0;
}

static char *definition(TALLOC_CTX *ctx, const struct so_table *t, const struct so_index *x)
{
	SO_TMP(tmp, NULL);
	struct so_buf buf;

	so_buf_init(&buf, tmp, 64 * 1024);
	so_buf_addf(&buf, "CREATE %s%sINDEX %s ON %s (", x->unique ? "UNIQUE " : "",
		strcmp(x->method, "bitmap") == 0 ? "BITMAP " : "", so_engine_name(tmp, x->schema, x->name),
		so_engine_name(tmp, t->schema, t->name));
	for (size_t i = 0; i < x->n_keys; i++)
		so_buf_addf(&buf, "%s%s%s", i ? ", " : "",
			x->keys[i].expr ? x->keys[i].expr
					: so_engine_name(tmp, NULL, t->columns[x->keys[i].column].name),
			x->keys[i].desc ? " DESC" : "");
	so_buf_addc(&buf, ')');
	return so_strdup(ctx, so_buf_text(&buf));
}

/* The text of a key that is none of a column, in the rows of ORA_SQL_INDEX_EXPRESSIONS (may be NULL: not readable). */
static const char *expression_of(
	const struct so_text_result *expressions, const struct so_text_result *r, size_t row, int64_t position)
{
	for (size_t i = 0; expressions && i < so_text_rows(expressions); i++) {
		bool same = so_text_int(expressions, i, 4, 0) == position;

		for (size_t k = 0; same && k < 4; k++)
			same = so_text_cell(r, row, k) && is(expressions, i, k, so_text_cell(r, row, k));
		if (same)
			return so_text_cell(expressions, i, 5);
	}
	return NULL;
}

/* The column of a descending key, which the dictionary keeps as the expression "NAME"; -1 for other expressions. */
static int32_t column_of_expression(const struct so_table *t, const char *text)
{
	SO_TMP(tmp, NULL);
	size_t len = strlen(text);

	if (len < 3 || text[0] != '"' || strchr(text + 1, '"') != text + len - 1)
		return -1;
	return so_table_column(t, so_strndup(tmp, text + 1, len - 2));
}

static struct so_index_key key_of(TALLOC_CTX *ctx, const struct so_table *t, const struct so_text_result *r, size_t row,
	const struct so_text_result *expressions, int64_t position)
{
	int32_t column = so_text_cell(r, row, I_COLUMN) ? so_table_column(t, so_text_cell(r, row, I_COLUMN)) : -1;
	const char *text = column < 0 ? expression_of(expressions, r, row, position) : NULL;

	if (text)
		column = column_of_expression(t, text);
	return (struct so_index_key){ .column = column,
		.expr = column < 0 ? so_strdup(ctx, text ? text : "(expression)") : NULL,
		.desc = is(r, row, I_DESC, "DESC"),
		.nulls_first = is(r, row, I_DESC, "DESC") };
}

/* The rows [begin, end) are one index. */
static void take_index(struct ora_snapshot *s, struct so_table *t, const struct so_text_result *r, size_t begin,
	size_t end, const struct so_text_result *expressions)
{
	TALLOC_CTX *ctx = s->catalog->tables;
	struct so_index *x = &t->indexes[t->n_indexes++];
	const char *type = so_text_cell(r, begin, I_TYPE);

	*x = (struct so_index){ .schema = so_strdup(ctx, so_text_cell(r, begin, I_OWNER)),
		.name = so_strdup(ctx, so_text_cell(r, begin, I_NAME)),
		.method = so_strdup(ctx, type && strstr(type, "BITMAP")                            ? "bitmap"
					 : type && (strstr(type, "NORMAL") || strstr(type, "IOT")) ? "btree"
												   : "domain"),
		.unique = is(r, begin, I_UNIQUE, "UNIQUE"),
		.primary = so_text_int(r, begin, I_PRIMARY, 0) > 0,
		.constraint = so_text_int(r, begin, I_PRIMARY, 0) > 0 || so_text_int(r, begin, I_KEY, 0) > 0,
		.valid = !is(r, begin, I_STATUS, "UNUSABLE") && !is(r, begin, I_VISIBLE, "INVISIBLE"),
		.size_bytes = so_text_int(r, begin, I_LEAVES, 0) * 8192,
		.scans = -1,
		.tree_height = so_text_real(r, begin, I_LEVEL, -1) };
	x->keys = so_new_array(ctx, struct so_index_key, end - begin + 1);
	x->include = so_new_array(ctx, int32_t, 1);
	for (size_t i = begin; i < end; i++)
		x->keys[x->n_keys++] = key_of(ctx, t, r, i, expressions, (int64_t)(i - begin) + 1);
	x->definition = definition(ctx, t, x);
}

/* Needs SELECT on DBA_INDEX_USAGE; without it the use stays unknown. */
static void read_use(struct ora_snapshot *s)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_text_result *r = s->conn->major > 12 ? ora_snapshot_ask(s, ORA_SQL_INDEX_USE, &ignored) : NULL;

	for (size_t t = 0; r && t < s->catalog->n_tables; t++)
		for (size_t k = 0; k < s->catalog->tables[t].n_indexes; k++) {
			struct so_index *x = &s->catalog->tables[t].indexes[k];

			x->scans = 0; /* an index without a row was not used since 12.2 began to count */
			for (size_t i = 0; i < so_text_rows(r); i++)
				if (is(r, i, 0, x->schema) && is(r, i, 1, x->name))
					x->scans = so_text_int(r, i, 2, 0);
		}
}

bool ora_read_indexes(struct ora_snapshot *s, struct so_err *err)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_text_result *r = ora_snapshot_ask(s, ORA_SQL_INDEXES, err), *expressions = NULL;
	size_t rows = r ? so_text_rows(r) : 0;
	bool wanted = false;

	for (size_t i = 0; i < rows; i++)
		wanted = wanted || (so_text_cell(r, i, I_TYPE) && strstr(so_text_cell(r, i, I_TYPE), "FUNCTION-BASED"));
	if (wanted) /* without it the keys are just called expressions */
		expressions = ora_snapshot_ask(s, ORA_SQL_INDEX_EXPRESSIONS, &ignored);

	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ora_snapshot_table(s, r, i);
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		for (end = i; end < rows && ora_same(r, i, end, 4); end++)
			;
		if (!t)
			continue;
		if (!t->indexes)
			t->indexes = so_new_array(s->catalog->tables, struct so_index, rows);
		take_index(s, t, r, i, end, expressions);
	}
	if (r)
		read_use(s);
	return r != NULL;
}

/* Columns of the rows of ORA_SQL_KEYS. */
enum { K_NAME = 2, K_TYPE, K_STATUS, K_VALIDATED, K_DEFERRABLE, K_RULE, K_COLUMN, K_R_OWNER, K_R_TABLE, K_R_COLUMN };

static void take_key(
	struct ora_snapshot *s, struct so_table *t, const struct so_text_result *r, size_t begin, size_t end)
{
	struct so_key *key = &t->keys[t->n_keys];

	*key = (struct so_key){ .name = so_strdup(s->catalog->tables, so_text_cell(r, begin, K_NAME)),
		.kind = is(r, begin, K_TYPE, "P") ? SO_KEY_PRIMARY : SO_KEY_UNIQUE,
		.validated = is(r, begin, K_STATUS, "ENABLED") && is(r, begin, K_VALIDATED, "VALIDATED"),
		.deferrable = is(r, begin, K_DEFERRABLE, "DEFERRABLE") };
	key->columns = so_new_array(s->catalog->tables, int32_t, end - begin);
	for (size_t i = begin; i < end; i++) {
		int32_t column = so_text_cell(r, i, K_COLUMN) ? so_table_column(t, so_text_cell(r, i, K_COLUMN)) : -1;

		if (column < 0) /* hidden: the key proves nothing about what can be seen */
			return;
		key->columns[key->n_columns++] = column;
	}
	t->n_keys++;
}

static void take_fkey(
	struct ora_snapshot *s, struct so_table *t, const struct so_text_result *r, size_t begin, size_t end)
{
	TALLOC_CTX *ctx = s->catalog->tables;
	struct so_fkey *f = &t->fkeys[t->n_fkeys];

	if (!so_text_cell(r, begin, K_R_OWNER)) /* the table that it refers to is not visible */
		return;
	*f = (struct so_fkey){ .name = so_strdup(ctx, so_text_cell(r, begin, K_NAME)),
		.ref_schema = so_strdup(ctx, so_text_cell(r, begin, K_R_OWNER)),
		.ref_table = so_strdup(ctx, so_text_cell(r, begin, K_R_TABLE)),
		.validated = is(r, begin, K_STATUS, "ENABLED") && is(r, begin, K_VALIDATED, "VALIDATED"),
		.deferrable = is(r, begin, K_DEFERRABLE, "DEFERRABLE"),
		.on_delete = is(r, begin, K_RULE, "CASCADE")    ? 'c'
			     : is(r, begin, K_RULE, "SET NULL") ? 'n'
								: 'a' };
	f->columns = so_new_array(ctx, int32_t, end - begin);
	f->ref_columns = so_new_array(ctx, char *, end - begin);
	for (size_t i = begin; i < end; i++) {
		int32_t column = so_text_cell(r, i, K_COLUMN) ? so_table_column(t, so_text_cell(r, i, K_COLUMN)) : -1;

		if (column < 0 || !so_text_cell(r, i, K_R_COLUMN))
			return;
		f->columns[f->n_columns] = column;
		f->ref_columns[f->n_columns++] = so_strdup(ctx, so_text_cell(r, i, K_R_COLUMN));
	}
	t->n_fkeys++;
}

bool ora_read_keys(struct ora_snapshot *s, struct so_err *err)
{
	struct so_text_result *r = ora_snapshot_ask(s, ORA_SQL_KEYS, err);
	size_t rows = r ? so_text_rows(r) : 0;

	for (size_t i = 0, end; i < rows; i = end) {
		int64_t at = ora_snapshot_table(s, r, i);
		struct so_table *t = at >= 0 ? &s->catalog->tables[at] : NULL;

		for (end = i; end < rows && ora_same(r, i, end, 3); end++)
			;
		if (!t)
			continue;
		if (!t->keys) {
			t->keys = so_new_array(s->catalog->tables, struct so_key, rows);
			t->fkeys = so_new_array(s->catalog->tables, struct so_fkey, rows);
		}
		if (is(r, i, K_TYPE, "R"))
			take_fkey(s, t, r, i, end);
		else
			take_key(s, t, r, i, end);
	}
	return r != NULL;
}
