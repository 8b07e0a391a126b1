/* Columns, indexes and foreign keys of a snapshot. */
#include "engine/mysql/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t my_snapshot_column(const struct so_table *table, const char *name)
{
	for (size_t i = 0; name && i < table->n_columns; i++)
		if (strcasecmp(table->columns[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

static const struct {
	const char *type; /* DATA_TYPE */
	enum so_type_class type_class;
	int32_t width_bits;
} types[] = {
	{ "tinyint", SO_TYPE_INT, 16 },
	{ "smallint", SO_TYPE_INT, 16 },
	{ "mediumint", SO_TYPE_INT, 32 },
	{ "int", SO_TYPE_INT, 32 },
	{ "bigint", SO_TYPE_INT, 64 },
	{ "year", SO_TYPE_INT, 16 },
	{ "decimal", SO_TYPE_NUMERIC, 0 },
	{ "float", SO_TYPE_FLOAT, 32 },
	{ "double", SO_TYPE_FLOAT, 64 },
	{ "varchar", SO_TYPE_TEXT, 0 },
	{ "tinytext", SO_TYPE_TEXT, 0 },
	{ "text", SO_TYPE_TEXT, 0 },
	{ "mediumtext", SO_TYPE_TEXT, 0 },
	{ "longtext", SO_TYPE_TEXT, 0 },
	{ "char", SO_TYPE_BPCHAR, 0 },
	{ "date", SO_TYPE_DATE, 0 },
	{ "time", SO_TYPE_TIME, 0 },
	{ "datetime", SO_TYPE_TIMESTAMP, 0 },
	{ "timestamp", SO_TYPE_TIMESTAMPTZ, 0 },
	{ "uuid", SO_TYPE_UUID, 0 },
	{ "binary", SO_TYPE_BYTES, 0 },
	{ "varbinary", SO_TYPE_BYTES, 0 },
	{ "tinyblob", SO_TYPE_BYTES, 0 },
	{ "blob", SO_TYPE_BYTES, 0 },
	{ "mediumblob", SO_TYPE_BYTES, 0 },
	{ "longblob", SO_TYPE_BYTES, 0 },
	{ "json", SO_TYPE_JSON, 0 },
};

static void classify(struct so_column *column, const char *data_type)
{
	column->type_class = SO_TYPE_OTHER;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(types[i].type, data_type) == 0) {
			column->type_class = types[i].type_class;
			column->width_bits = types[i].width_bits;
		}
	if (!column->collation)
		return;
	/* Under most collations texts are equal that are not the same (case, accents, trailing blanks): no rule for
	 * texts may be applied to them. An index serves LIKE 'x%' under every collation. */
	column->collation_is_c = true;
	if (strcmp(column->collation, "binary") != 0 &&
		(strlen(column->collation) < 4 ||
			strcmp(column->collation + strlen(column->collation) - 4, "_bin") != 0))
		column->type_class = SO_TYPE_OTHER;
}

static int32_t width_of(enum so_type_class type_class, const char *data_type)
{
	switch (type_class) {
	case SO_TYPE_INT:
		return strcasecmp(data_type, "bigint") == 0 ? 8 : strcasecmp(data_type, "tinyint") == 0 ? 1 : 4;
	case SO_TYPE_FLOAT:
	case SO_TYPE_TIMESTAMP:
		return 8;
	case SO_TYPE_DATE:
	case SO_TYPE_TIME:
		return 3;
	case SO_TYPE_TIMESTAMPTZ:
		return 4;
	case SO_TYPE_UUID:
		return 16;
	default:
		return 0;
	}
}

static void fill_column(struct snapshot *s, struct so_table *t, const struct so_my_result *r, size_t i)
{
	struct so_column *column;
	const char *data_type = so_my_cell(r, i, 5) ? so_my_cell(r, i, 5) : "", *extra = so_my_cell(r, i, 9);
	const char *generation = so_my_cell(r, i, 10);

	t->columns = t->columns ? so_renew_array(s->catalog, t->columns, struct so_column, t->n_columns + 1)
				: so_new_array(s->catalog, struct so_column, 1);
	column = &t->columns[t->n_columns++];
	*column = (struct so_column){ .name = so_strdup(s->catalog, so_my_cell(r, i, 3)),
		.type = so_strdup(s->catalog, so_my_cell(r, i, 4) ? so_my_cell(r, i, 4) : data_type),
		.default_text = so_strdup_or_null(s->catalog, so_my_cell(r, i, 7)),
		.collation = so_strdup_or_null(s->catalog, so_my_cell(r, i, 8)),
		.not_null = so_my_cell(r, i, 6) && strcmp(so_my_cell(r, i, 6), "NO") == 0,
		.generated = (generation && *generation) ||
			     (extra && strstr(extra, "GENERATED") && !strstr(extra, "DEFAULT_GENERATED")),
		.correlation = NAN };
	classify(column, data_type);
	column->avg_width = width_of(column->type_class, data_type);
}

static int by_position(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool my_snapshot_columns(struct snapshot *s, struct so_err *err)
{
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_COLUMNS, NULL), err);
	size_t n = r ? so_my_rows(r) : 0;
	size_t *order = so_new_array(s->tmp, size_t, n + 1);

	/* The order of a union is not defined: by position, then row. */
	for (size_t i = 0; i < n; i++)
		order[i] = (size_t)so_my_int(r, i, 2, 0) << 20 | i;
	qsort(order, n, sizeof order[0], by_position);
	for (size_t k = 0; k < n; k++) {
		size_t i = order[k] & ((1u << 20) - 1);
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));

		if (t)
			fill_column(s, t, r, i);
	}
	return r != NULL;
}

/* ---- Indexes ---- */

static const char *visibility_columns(const struct my_conn *conn)
{
	if (conn->mariadb)
		return conn->version >= 100600 ? "IF(IGNORED = 'YES', 'NO', 'YES'), NULL" : "'YES', NULL";
	return conn->version >= 80013   ? "IS_VISIBLE, EXPRESSION"
	       : conn->version >= 80000 ? "IS_VISIBLE, NULL"
					: "'YES', NULL";
}

static struct so_index *find_index(struct snapshot *s, struct so_table *t, const struct so_my_result *r, size_t i)
{
	const char *name = so_my_cell(r, i, 2), *method = so_my_cell(r, i, 9) ? so_my_cell(r, i, 9) : "BTREE";
	const char *visible = so_my_cell(r, i, 10);
	struct so_index *index;

	for (size_t k = 0; k < t->n_indexes; k++)
		if (strcmp(t->indexes[k].name, name) == 0)
			return &t->indexes[k];
	t->indexes = t->indexes ? so_renew_array(s->catalog, t->indexes, struct so_index, t->n_indexes + 1)
				: so_new_array(s->catalog, struct so_index, 1);
	index = &t->indexes[t->n_indexes++];
	*index = (struct so_index){ .schema = so_strdup(s->catalog, t->schema),
		.name = so_strdup(s->catalog, name),
		.method = so_strdup(s->catalog, method),
		.unique = so_my_int(r, i, 4, 1) == 0,
		.primary = strcmp(name, "PRIMARY") == 0,
		.valid = !visible || strcmp(visible, "NO") != 0,
		.scans = -1,
		.tree_height = -1 };
	index->constraint = index->primary || index->unique;
	for (char *at = index->method; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
	return index;
}

/* A part of an index; SUB_PART is a prefix: kept as an expression, since such a part neither sorts nor covers. */
static void add_part(
	struct snapshot *s, struct so_table *t, struct so_index *index, const struct so_my_result *r, size_t i)
{
	const char *column = so_my_cell(r, i, 5), *expr = so_my_cell(r, i, 11), *prefix = so_my_cell(r, i, 8);
	const char *direction = so_my_cell(r, i, 6);
	int64_t cardinality = so_my_int(r, i, 7, -1);
	struct so_index_key *key;
	int32_t at = my_snapshot_column(t, column);

	index->keys = index->keys ? so_renew_array(s->catalog, index->keys, struct so_index_key, index->n_keys + 1)
				  : so_new_array(s->catalog, struct so_index_key, 1);
	key = &index->keys[index->n_keys++];
	*key = (struct so_index_key){ .column = prefix || expr ? -1 : at,
		.desc = direction && *direction == 'D',
		.nulls_first = !(direction && *direction == 'D') };
	if (prefix)
		key->expr = so_printf(s->catalog, "%s(%s)", so_my_quote_ident(s->tmp, column), prefix);
	else if (expr)
		key->expr = so_printf(s->catalog, "(%s)", expr);
	/* The first column of an index is the only one whose own distinct values the cardinality tells. */
	if (index->n_keys == 1 && at >= 0 && cardinality >= 0 && !t->columns[at].has_stats && t->rows > 0) {
		t->columns[at].has_stats = true;
		t->columns[at].n_distinct = cardinality > 0 ? (double)cardinality : 1;
		if (index->unique && t->rows > 0)
			t->columns[at].n_distinct = -1;
	}
}

static void define(struct snapshot *s, const struct so_table *t, struct so_index *index)
{
	struct so_buf text;

	so_buf_init(&text, s->catalog, 64 * 1024);
	if (index->primary)
		so_buf_addf(&text, "ALTER TABLE %s.%s ADD PRIMARY KEY (", so_my_quote_ident(s->tmp, t->schema),
			so_my_quote_ident(s->tmp, t->name));
	else
		so_buf_addf(&text, "CREATE %sINDEX %s ON %s.%s (",
			strcmp(index->method, "fulltext") == 0  ? "FULLTEXT "
			: strcmp(index->method, "spatial") == 0 ? "SPATIAL "
			: index->unique                         ? "UNIQUE "
								: "",
			so_my_quote_ident(s->tmp, index->name), so_my_quote_ident(s->tmp, t->schema),
			so_my_quote_ident(s->tmp, t->name));
	for (size_t i = 0; i < index->n_keys; i++)
		so_buf_addf(&text, "%s%s%s", i ? ", " : "",
			index->keys[i].expr ? index->keys[i].expr
					    : so_my_quote_ident(s->tmp, t->columns[index->keys[i].column].name),
			index->keys[i].desc ? " DESC" : "");
	so_buf_addc(&text, ')');
	index->definition = text.data;
}

static void add_key(struct snapshot *s, struct so_table *t, const struct so_index *index)
{
	struct so_key *key;

	if (!index->unique)
		return;
	for (size_t i = 0; i < index->n_keys; i++)
		if (index->keys[i].column < 0)
			return;
	t->keys = t->keys ? so_renew_array(s->catalog, t->keys, struct so_key, t->n_keys + 1)
			  : so_new_array(s->catalog, struct so_key, 1);
	key = &t->keys[t->n_keys++];
	*key = (struct so_key){ .name = index->name,
		.kind = index->primary ? SO_KEY_PRIMARY : SO_KEY_UNIQUE,
		.validated = true, /* an invisible index still keeps its rows unique */
		.n_columns = index->n_keys };
	key->columns = so_new_array(s->catalog, int32_t, key->n_columns + 1);
	for (size_t i = 0; i < key->n_columns; i++)
		key->columns[i] = index->keys[i].column;
}

static void read_sizes(struct snapshot *s)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_INDEX_SIZES, NULL), &ignored);

	for (size_t i = 0; r && i < so_my_rows(r); i++) {
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));

		for (size_t k = 0; t && k < t->n_indexes; k++)
			if (strcmp(t->indexes[k].name, so_my_cell(r, i, 2)) == 0)
				t->indexes[k].size_bytes = so_my_int(r, i, 3, 0) * s->page_size;
	}
}

bool my_snapshot_indexes(struct snapshot *s, struct so_err *err)
{
	struct so_my_result *r =
		my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_INDEXES, visibility_columns(s->conn)), err);
	size_t n = r ? so_my_rows(r) : 0;
	size_t *order = so_new_array(s->tmp, size_t, n + 1);

	for (size_t i = 0; i < n; i++)
		order[i] = (size_t)so_my_int(r, i, 3, 0) << 20 | i;
	qsort(order, n, sizeof order[0], by_position);
	for (size_t k = 0; k < n; k++) {
		size_t i = order[k] & ((1u << 20) - 1);
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));

		if (t)
			add_part(s, t, find_index(s, t, r, i), r, i);
	}
	for (size_t i = 0; i < s->catalog->n_tables; i++)
		for (size_t k = 0; k < s->catalog->tables[i].n_indexes; k++) {
			define(s, &s->catalog->tables[i], &s->catalog->tables[i].indexes[k]);
			add_key(s, &s->catalog->tables[i], &s->catalog->tables[i].indexes[k]);
		}
	if (r)
		read_sizes(s);
	return r != NULL;
}

/* ---- Foreign keys ---- */

static struct so_fkey *find_fkey(struct snapshot *s, struct so_table *t, const struct so_my_result *r, size_t i)
{
	const char *name = so_my_cell(r, i, 2);
	struct so_fkey *fkey;

	for (size_t k = 0; k < t->n_fkeys; k++)
		if (strcmp(t->fkeys[k].name, name) == 0)
			return &t->fkeys[k];
	t->fkeys = t->fkeys ? so_renew_array(s->catalog, t->fkeys, struct so_fkey, t->n_fkeys + 1)
			    : so_new_array(s->catalog, struct so_fkey, 1);
	fkey = &t->fkeys[t->n_fkeys++];
	/* A session can switch the checks off (foreign_key_checks), and what it loads then is never looked at again:
	 * the key is no proof. */
	*fkey = (struct so_fkey){ .name = so_strdup(s->catalog, name),
		.ref_schema = so_strdup(s->catalog, so_my_cell(r, i, 5)),
		.ref_table = so_strdup(s->catalog, so_my_cell(r, i, 6)),
		.validated = false,
		.on_delete = 'a' };
	return fkey;
}

static void read_rules(struct snapshot *s, const struct so_my_result *r)
{
	static const struct {
		const char *rule;
		char letter;
	} rules[] = { { "CASCADE", 'c' }, { "SET NULL", 'n' }, { "SET DEFAULT", 'd' }, { "RESTRICT", 'r' } };

	for (size_t i = 0; i < so_my_rows(r); i++) {
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));
		const char *rule = so_my_cell(r, i, 3);

		for (size_t k = 0; t && rule && k < t->n_fkeys; k++)
			for (size_t n = 0; strcmp(t->fkeys[k].name, so_my_cell(r, i, 2)) == 0 && n < 4; n++)
				if (strcmp(rules[n].rule, rule) == 0)
					t->fkeys[k].on_delete = rules[n].letter;
	}
}

bool my_snapshot_fkeys(struct snapshot *s, struct so_err *err)
{
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_FKEY_COLUMNS, NULL), err);
	struct so_my_result *rules =
		r ? my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_FKEY_RULES, NULL), err) : NULL;
	size_t n = r ? so_my_rows(r) : 0;
	size_t *order = so_new_array(s->tmp, size_t, n + 1);

	if (!rules)
		return false;
	for (size_t i = 0; i < n; i++)
		order[i] = (size_t)so_my_int(r, i, 3, 0) << 20 | i;
	qsort(order, n, sizeof order[0], by_position);
	for (size_t k = 0; k < n; k++) {
		size_t i = order[k] & ((1u << 20) - 1);
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));
		struct so_fkey *fkey;
		int32_t column = t ? my_snapshot_column(t, so_my_cell(r, i, 4)) : -1;

		if (column < 0)
			continue;
		fkey = find_fkey(s, t, r, i);
		fkey->columns = fkey->columns ? so_renew_array(s->catalog, fkey->columns, int32_t, fkey->n_columns + 1)
					      : so_new_array(s->catalog, int32_t, 1);
		fkey->ref_columns = fkey->ref_columns
					    ? so_renew_array(s->catalog, fkey->ref_columns, char *, fkey->n_columns + 1)
					    : so_new_array(s->catalog, char *, 1);
		fkey->columns[fkey->n_columns] = column;
		fkey->ref_columns[fkey->n_columns++] = so_strdup(s->catalog, so_my_cell(r, i, 7));
	}
	read_rules(s, rules);
	return true;
}
