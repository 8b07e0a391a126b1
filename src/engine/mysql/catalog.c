/* The snapshot of the relations that a statement names: tables, what lies below views, and what foreign keys point at.
 */
#include "engine/mysql/snapshot.h"

#include <string.h>

#include "base/clock.h"

#define MAX_NAMES  1000
#define MAX_LEVELS 8 /* of views on views */

char *my_snapshot_sql(const struct snapshot *s, size_t first, const char *part, const char *extra)
{
	struct so_buf sql;

	so_buf_init(&sql, s->tmp, 4 * 1024 * 1024);
	so_buf_adds(&sql, TAG);
	for (size_t i = first; i < s->n_names; i++) {
		so_buf_adds(&sql, i > first ? " UNION ALL " : "");
		for (const char *at = part; *at; at++) {
			const char *value = NULL;

			if (at[0] == '%' && at[1] >= '1' && at[1] <= '3' && at[2] == '$' && at[3] == 's')
				value = at[1] == '1'   ? s->names[i].schema_literal
					: at[1] == '2' ? s->names[i].name_literal
						       : extra;
			if (!value) {
				so_buf_addc(&sql, *at);
				continue;
			}
			so_buf_adds(&sql, value);
			at += 3;
		}
	}
	return sql.data;
}

struct so_table *my_snapshot_table(const struct snapshot *s, const char *schema, const char *name)
{
	for (size_t i = 0; schema && name && i < s->catalog->n_tables; i++) {
		struct so_table *t = &s->catalog->tables[i];

		if (my_snapshot_same(s, t->name, name) && my_snapshot_same(s, t->schema, schema))
			return t;
	}
	return NULL;
}

bool my_snapshot_same(const struct snapshot *s, const char *a, const char *b)
{
	return s->fold_names ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}

/* False: the limit is hit. */
static bool add_name(struct snapshot *s, const char *schema, const char *name, struct so_err *err)
{
	struct snapshot_name *item;

	if (!schema)
		return true; /* no default database: a plain name means nothing */
	for (size_t i = 0; i < s->n_names; i++)
		if (my_snapshot_same(s, s->names[i].name, name) && my_snapshot_same(s, s->names[i].schema, schema))
			return true;
	if (s->n_names == MAX_RELATIONS)
		return so_fail(err, SO_LIMIT, "more than %d relations, those below views and foreign keys included",
			MAX_RELATIONS);
	s->names = so_renew_array(s->tmp, s->names, struct snapshot_name, s->n_names + 1);
	item = &s->names[s->n_names++];
	item->schema = so_strdup(s->tmp, schema);
	item->name = so_strdup(s->tmp, name);
	item->schema_literal = so_my_quote(s->tmp, s->conn->my, schema);
	item->name_literal = so_my_quote(s->tmp, s->conn->my, name);
	return true;
}

static bool read_session(struct snapshot *s, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	struct so_my_result *r = my_ask(s->tmp, s->conn, MY_SQL_SESSION, err), *v;
	const char *database;

	if (!r)
		return false;
	v = my_ask(s->tmp, s->conn, MY_SQL_VARIABLES, err);
	if (!v)
		return false;
	database = so_my_cell(r, 0, 2);
	c->database = so_strdup(c, database ? database : "");
	c->server_version = so_strdup(c, so_my_version_text(s->conn->my));
	c->version_num = s->conn->version;
	c->search_path = so_new_array(c, char *, 2);
	if (database)
		c->search_path[c->n_search_path++] = so_strdup(c, database);
	s->database = c->n_search_path ? c->database : NULL;
	c->settings = so_new_array(c, struct so_setting, so_my_rows(v) + 1);
	for (size_t i = 0; i < so_my_rows(v); i++) {
		const char *name = so_my_cell(v, i, 0), *value = so_my_cell(v, i, 1) ? so_my_cell(v, i, 1) : "";

		c->settings[c->n_settings++] =
			(struct so_setting){ .name = so_strdup(c, name), .value = so_strdup(c, value) };
		if (strcmp(name, "time_zone") == 0)
			c->time_zone = so_strdup(c, value);
		else if (strcmp(name, "collation_database") == 0)
			c->collation = so_strdup(c, value);
		else if (strcmp(name, "lower_case_table_names") == 0)
			s->fold_names = strcmp(value, "0") != 0;
		else if (strcmp(name, "innodb_page_size") == 0)
			s->page_size = so_my_int(v, i, 1, 0);
	}
	if (s->page_size <= 0)
		s->page_size = 16384;
	return true;
}

static void fill_table(struct snapshot *s, const struct so_my_result *r, size_t i)
{
	struct so_catalog *c = s->catalog;
	struct so_table *t;
	const char *type = so_my_cell(r, i, 2), *options = so_my_cell(r, i, 7);
	bool view = type && strstr(type, "VIEW");

	c->tables = so_renew_array(c, c->tables, struct so_table, c->n_tables + 1);
	t = &c->tables[c->n_tables++];
	*t = (struct so_table){ .schema = so_strdup(c, so_my_cell(r, i, 0)),
		.name = so_strdup(c, so_my_cell(r, i, 1)) };
	t->dialect = s->conn->base.dialect;
	t->kind = view ? SO_TABLE_VIEW : options && strstr(options, "partitioned") ? SO_TABLE_PARTITIONED : SO_TABLE;
	t->rows = view ? -1 : so_my_real(r, i, 4, -1);
	t->size_bytes = so_my_int(r, i, 5, 0);
	t->pages = (t->size_bytes + s->page_size - 1) / s->page_size;
	t->has_stats = t->rows >= 0;
	t->mods_since_analyze = t->live_rows = t->dead_rows = t->seq_scans = t->index_scans = -1;
	t->inserts = t->updates = t->hot_updates = t->deletes = -1;
}

static bool read_tables(struct snapshot *s, size_t first, struct so_err *err)
{
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, first, MY_SQL_TABLES, NULL), err);

	for (size_t i = 0; r && i < so_my_rows(r); i++)
		fill_table(s, r, i);
	return r != NULL;
}

/* What a view reads, by its own text: the server prints it with qualified names. */
static bool read_views(struct snapshot *s, size_t first, struct so_err *err)
{
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, first, MY_SQL_VIEWS, NULL), err);
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT, .modes = s->conn->modes };

	for (size_t i = 0; r && i < so_my_rows(r); i++) {
		struct so_table *t = my_snapshot_table(s, so_my_cell(r, i, 0), so_my_cell(r, i, 1));
		const char *text = so_my_cell(r, i, 2);
		struct so_err ignored = SO_ERR_INIT;
		struct so_sql_names *names;
		struct so_ast *ast;

		if (!t || !text || !*text)
			continue; /* without SHOW VIEW the text is empty */
		t->view_definition = so_strdup(s->catalog, text);
		if (!so_sql_parse(s->tmp, NULL, my_dialect(s->conn), text, strlen(text), &options, &ast, &ignored))
			continue;
		names = so_sql_names(s->tmp, ast, so_ast_statement(ast));
		for (size_t k = 0; k < names->table_count; k++)
			if (!add_name(s, names->tables[k].schema ? names->tables[k].schema : t->schema,
				    names->tables[k].name, err))
				return false;
	}
	return r != NULL;
}

/* Tables that foreign keys of the ones known so far point at; the keys themselves are filled later. */
static bool add_referenced(struct snapshot *s, struct so_err *err)
{
	struct so_my_result *r = my_ask(s->tmp, s->conn, my_snapshot_sql(s, 0, MY_SQL_FKEY_COLUMNS, NULL), err);

	for (size_t i = 0; r && i < so_my_rows(r); i++)
		if (!add_name(s, so_my_cell(r, i, 5), so_my_cell(r, i, 6), err))
			return false;
	return r != NULL;
}

static bool read_functions(struct snapshot *s, const char *const *names, size_t n, struct so_err *err)
{
	struct so_catalog *c = s->catalog;
	struct so_my_result *r;
	struct so_buf list;

	if (!n || !s->database)
		return true;
	so_buf_init(&list, s->tmp, 256 * 1024);
	for (size_t i = 0; i < n; i++)
		so_buf_addf(&list, "%s%s", i ? ", " : "", so_my_quote(s->tmp, s->conn->my, names[i]));
	r = my_ask(s->tmp, s->conn, so_printf(s->tmp, MY_SQL_ROUTINES, so_buf_text(&list)), err);
	if (!r)
		return false;
	c->functions = so_new_array(c, struct so_function, so_my_rows(r) + 1);
	for (size_t i = 0; i < so_my_rows(r); i++) {
		struct so_function *f = &c->functions[c->n_functions++];
		const char *deterministic = so_my_cell(r, i, 3), *access = so_my_cell(r, i, 4);

		f->schema = so_strdup(c, so_my_cell(r, i, 0));
		f->name = so_strdup(c, so_my_cell(r, i, 1));
		f->result_type = so_strdup(c, so_my_cell(r, i, 2) ? so_my_cell(r, i, 2) : "");
		f->n_args = -1;
		/* DETERMINISTIC is a promise of its author; whether it reads or writes is one, too */
		f->volatility = access && strcmp(access, "MODIFIES SQL DATA") == 0   ? 'v'
				: deterministic && strcmp(deterministic, "YES") == 0 ? 's'
										     : 'v';
	}
	return true;
}

static bool fill(struct snapshot *s, const char *const *tables, size_t n_tables, const char *const *functions,
	size_t n_functions, struct so_err *err)
{
	size_t first = 0;

	if (!read_session(s, err))
		return false;
	for (size_t i = 0; i < n_tables; i++) {
		char *schema, *name;

		if (my_text_name(s->tmp, tables[i], &schema, &name) &&
			!add_name(s, schema ? schema : s->database, name, err))
			return false; /* names that cannot exist are absent like those that do not */
	}
	for (int level = 0; level < MAX_LEVELS && first < s->n_names; level++) {
		size_t end = s->n_names;

		if (!read_tables(s, first, err) || !read_views(s, first, err))
			return false;
		first = end;
	}
	if (s->n_names) {
		size_t end = s->n_names;

		if (!add_referenced(s, err) || (s->n_names > end && !read_tables(s, end, err)))
			return false;
		if (!my_snapshot_columns(s, err) || !my_snapshot_indexes(s, err) || !my_snapshot_fkeys(s, err) ||
			!my_snapshot_statistics(s, err))
			return false;
	}
	return read_functions(s, functions, n_functions, err);
}

struct so_catalog *my_catalog(TALLOC_CTX *ctx, struct so_conn *base, const char *const *tables, size_t n_tables,
	const char *const *functions, size_t n_functions, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	struct snapshot s = { .conn = conn, .tmp = tmp };

	if (n_tables > MAX_NAMES || n_functions > MAX_NAMES)
		return so_fail(err, SO_LIMIT, "more than %d names", MAX_NAMES), NULL;
	if (!my_set_timeout(conn, OWN_TIMEOUT_MS, err))
		return NULL;
	s.catalog = so_new(ctx, struct so_catalog);
	s.catalog->taken_at_us = so_time_now_us();
	s.catalog->engine = so_strdup(s.catalog, base->engine->name);
	s.names = so_new_array(tmp, struct snapshot_name, 1);
	s.catalog->tables = so_new_array(s.catalog, struct so_table, 1);
	if (fill(&s, tables, n_tables, functions, n_functions, err) && my_set_timeout(conn, 0, err))
		return s.catalog;
	talloc_free(s.catalog);
	so_fail_in(err, "catalog");
	return NULL;
}

char *my_ddl(TALLOC_CTX *ctx, struct so_conn *base, const struct so_table *table, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct my_conn *conn = my_conn_of(base);
	bool view = table->kind == SO_TABLE_VIEW;
	const char *schema = so_my_quote_ident(tmp, table->schema), *name = so_my_quote_ident(tmp, table->name);
	struct so_my_result *r;

	r = my_ask(tmp, conn,
		view ? so_printf(tmp, MY_SQL_SHOW_VIEW, schema, name) : so_printf(tmp, MY_SQL_SHOW_TABLE, schema, name),
		err);
	if (!r || !so_my_cell(r, 0, 1))
		return r ? (so_fail(err, SO_TARGET, "the server shows no definition of \"%s\"", table->name), NULL)
			 : NULL;
	return so_printf(ctx, "%s;\n", so_my_cell(r, 0, 1));
}
