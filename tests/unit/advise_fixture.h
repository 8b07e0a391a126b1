/* What the advisor's tests share: a catalog read from JSON, as a driver would have taken it from the demo shop, ways to
 * spoil it, and a planner that replays what PostgreSQL 15 with HypoPG answered (tests/data/advise/README.md). */
#ifndef ADVISE_FIXTURE_H
#define ADVISE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/planner.h"
#include "advise/rewrite.h"
#include "core/catalog.h"
#include "sql/parse.h"

#define FIXTURE static __attribute__((unused))

FIXTURE char *fx_text(TALLOC_CTX *ctx, const json_t *json, const char *name)
{
	return so_strdup_or_null(ctx, json_string_value(json_object_get(json, name)));
}

FIXTURE double fx_number(const json_t *json, const char *name, double otherwise)
{
	const json_t *value = json_object_get(json, name);

	return json_is_number(value) ? json_number_value(value) : otherwise;
}

FIXTURE int64_t fx_int(const json_t *json, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(json, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

FIXTURE bool fx_flag(const json_t *json, const char *name)
{
	return json_is_true(json_object_get(json, name));
}

FIXTURE char **fx_texts(TALLOC_CTX *ctx, const json_t *array, size_t *n)
{
	char **texts;

	*n = json_array_size(array);
	texts = so_new_array(ctx, char *, *n + 1);
	for (size_t i = 0; i < *n; i++)
		texts[i] = so_strdup(ctx, json_string_value(json_array_get(array, i)));
	return texts;
}

FIXTURE int32_t *fx_ints(TALLOC_CTX *ctx, const json_t *array, size_t *n)
{
	int32_t *values;

	*n = json_array_size(array);
	values = so_new_array(ctx, int32_t, *n + 1);
	for (size_t i = 0; i < *n; i++)
		values[i] = (int32_t)json_integer_value(json_array_get(array, i));
	return values;
}

FIXTURE void fx_column(TALLOC_CTX *ctx, struct so_column *c, const json_t *json)
{
	const json_t *freqs = json_object_get(json, "freqs");
	size_t n;

	c->name = fx_text(ctx, json, "name");
	c->type = fx_text(ctx, json, "type");
	c->collation = fx_text(ctx, json, "collation");
	c->type_class = so_type_classify(c->type, &c->width_bits);
	c->not_null = fx_flag(json, "not_null");
	c->collation_is_c = fx_flag(json, "collation_is_c");
	c->has_stats = json_object_get(json, "avg_width") != NULL;
	c->null_frac = fx_number(json, "null_frac", 0);
	c->n_distinct = fx_number(json, "n_distinct", 0);
	c->correlation = fx_number(json, "correlation", NAN);
	c->avg_width = (int32_t)fx_int(json, "avg_width", 0);
	c->common_vals = fx_texts(ctx, json_object_get(json, "common"), &c->n_common);
	c->common_freqs = so_new_array(ctx, double, c->n_common + 1);
	for (n = 0; n < c->n_common; n++)
		c->common_freqs[n] = json_number_value(json_array_get(freqs, n));
	c->bounds = fx_texts(ctx, json_object_get(json, "bounds"), &c->n_bounds);
}

FIXTURE void fx_index(TALLOC_CTX *ctx, struct so_index *x, const json_t *json)
{
	const json_t *keys = json_object_get(json, "keys");

	x->schema = fx_text(ctx, json, "schema");
	x->name = fx_text(ctx, json, "name");
	x->method = fx_text(ctx, json, "method");
	x->definition = fx_text(ctx, json, "definition");
	x->predicate = fx_text(ctx, json, "predicate");
	x->include = fx_ints(ctx, json_object_get(json, "include"), &x->n_include);
	x->n_keys = json_array_size(keys);
	x->keys = so_new_array(ctx, struct so_index_key, x->n_keys + 1);
	for (size_t i = 0; i < x->n_keys; i++) {
		const json_t *key = json_array_get(keys, i);

		x->keys[i].column = (int32_t)fx_int(key, "column", -1);
		x->keys[i].expr = fx_text(ctx, key, "expr");
		x->keys[i].opclass = fx_text(ctx, key, "opclass");
		x->keys[i].desc = fx_flag(key, "desc");
		x->keys[i].nulls_first = fx_flag(key, "nulls_first");
	}
	x->unique = fx_flag(json, "unique");
	x->primary = fx_flag(json, "primary");
	x->constraint = fx_flag(json, "constraint");
	x->valid = fx_flag(json, "valid");
	x->size_bytes = fx_int(json, "size_bytes", -1);
	x->scans = fx_int(json, "scans", -1);
	x->tree_height = fx_number(json, "tree_height", -1);
}

FIXTURE void fx_table_figures(struct so_table *t, const json_t *json)
{
	t->rows = fx_number(json, "rows", -1);
	t->pages = fx_int(json, "pages", 0);
	t->size_bytes = t->pages * 8192;
	t->all_visible = fx_number(json, "all_visible", 0);
	t->has_stats = fx_flag(json, "has_stats");
	t->mods_since_analyze = fx_int(json, "mods_since_analyze", -1);
	t->inserts = fx_int(json, "inserts", -1);
	t->updates = fx_int(json, "updates", -1);
	t->hot_updates = fx_int(json, "hot_updates", -1);
	t->deletes = fx_int(json, "deletes", -1);
	t->live_rows = t->dead_rows = t->seq_scans = t->index_scans = -1;
}

FIXTURE void fx_table(TALLOC_CTX *ctx, struct so_table *t, const json_t *json)
{
	const json_t *columns = json_object_get(json, "columns"), *keys = json_object_get(json, "keys");
	const json_t *fkeys = json_object_get(json, "fkeys"), *indexes = json_object_get(json, "indexes");

	t->schema = fx_text(ctx, json, "schema");
	t->name = fx_text(ctx, json, "name");
	t->kind = (enum so_table_kind)fx_int(json, "kind", SO_TABLE);
	fx_table_figures(t, json);
	t->n_columns = json_array_size(columns);
	t->columns = so_new_array(ctx, struct so_column, t->n_columns + 1);
	for (size_t i = 0; i < t->n_columns; i++)
		fx_column(ctx, &t->columns[i], json_array_get(columns, i));
	t->n_keys = json_array_size(keys);
	t->keys = so_new_array(ctx, struct so_key, t->n_keys + 1);
	for (size_t i = 0; i < t->n_keys; i++) {
		const json_t *key = json_array_get(keys, i);

		t->keys[i].name = fx_text(ctx, key, "name");
		t->keys[i].kind = fx_flag(key, "primary") ? SO_KEY_PRIMARY : SO_KEY_UNIQUE;
		t->keys[i].validated = true;
		t->keys[i].columns = fx_ints(ctx, json_object_get(key, "columns"), &t->keys[i].n_columns);
	}
	t->n_fkeys = json_array_size(fkeys);
	t->fkeys = so_new_array(ctx, struct so_fkey, t->n_fkeys + 1);
	for (size_t i = 0; i < t->n_fkeys; i++) {
		const json_t *fkey = json_array_get(fkeys, i);

		t->fkeys[i].name = fx_text(ctx, fkey, "name");
		t->fkeys[i].columns = fx_ints(ctx, json_object_get(fkey, "columns"), &t->fkeys[i].n_columns);
		t->fkeys[i].ref_table = fx_text(ctx, fkey, "ref_table");
		t->fkeys[i].ref_schema = so_strdup(ctx, t->schema);
		t->fkeys[i].ref_columns = so_new_array(ctx, char *, 2);
		t->fkeys[i].ref_columns[0] = so_strdup(ctx, "id"); /* all keys of the shop that are referred to */
		t->fkeys[i].validated = true;
	}
	t->n_indexes = json_array_size(indexes);
	t->indexes = so_new_array(ctx, struct so_index, t->n_indexes + 1);
	for (size_t i = 0; i < t->n_indexes; i++)
		fx_index(ctx, &t->indexes[i], json_array_get(indexes, i));
}

FIXTURE struct so_catalog *fx_catalog_from(TALLOC_CTX *ctx, const json_t *json)
{
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);
	const json_t *tables = json_object_get(json, "tables"), *functions = json_object_get(json, "functions");

	catalog->engine = so_strdup(catalog, "postgresql");
	catalog->version_num = 150020;
	catalog->time_zone = fx_text(catalog, json, "time_zone");
	catalog->collation = fx_text(catalog, json, "collation");
	catalog->search_path = fx_texts(catalog, json_object_get(json, "search_path"), &catalog->n_search_path);
	catalog->n_tables = json_array_size(tables);
	catalog->tables = so_new_array(catalog, struct so_table, catalog->n_tables + 1);
	for (size_t i = 0; i < catalog->n_tables; i++)
		fx_table(catalog, &catalog->tables[i], json_array_get(tables, i));
	catalog->n_functions = json_array_size(functions);
	catalog->functions = so_new_array(catalog, struct so_function, catalog->n_functions + 1);
	for (size_t i = 0; i < catalog->n_functions; i++) {
		const json_t *f = json_array_get(functions, i);

		catalog->functions[i].schema = fx_text(catalog, f, "schema");
		catalog->functions[i].name = fx_text(catalog, f, "name");
		catalog->functions[i].volatility = *json_string_value(json_object_get(f, "volatility"));
		catalog->functions[i].aggregate = fx_flag(f, "aggregate");
		catalog->functions[i].returns_set = fx_flag(f, "returns_set");
	}
	return catalog;
}

FIXTURE struct so_catalog *fx_catalog(TALLOC_CTX *ctx)
{
	json_error_t why;
	json_t *json = json_load_file(SO_TEST_DATA "/advise/catalog.json", 0, &why);
	struct so_catalog *catalog;

	if (!json)
		fail_msg("catalog.json: %s", why.text);
	catalog = fx_catalog_from(ctx, json);
	json_decref(json);
	return catalog;
}

FIXTURE struct so_table *fx_table_named(struct so_catalog *catalog, const char *name)
{
	return (struct so_table *)so_catalog_table(catalog, NULL, name);
}

FIXTURE struct so_column *fx_column_named(struct so_catalog *catalog, const char *table, const char *column)
{
	struct so_table *t = fx_table_named(catalog, table);

	return &t->columns[so_table_column(t, column)];
}

/* Gives a column another type. */
FIXTURE void fx_retype(struct so_catalog *catalog, const char *table, const char *column, const char *type)
{
	struct so_column *c = fx_column_named(catalog, table, column);

	c->type = so_strdup(catalog, type);
	c->type_class = so_type_classify(type, &c->width_bits);
}

FIXTURE void fx_volatile(struct so_catalog *catalog, const char *function)
{
	for (size_t i = 0; i < catalog->n_functions; i++)
		if (strcmp(catalog->functions[i].name, function) == 0)
			catalog->functions[i].volatility = 'v';
}

/* A statement taken apart. */
FIXTURE struct so_rewriter fx_rewriter_of(
	TALLOC_CTX *ctx, const struct so_catalog *catalog, enum so_dialect dialect, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_rewriter rw = { .catalog = catalog };
	struct so_resolved *resolved;
	struct so_ast *ast;

	if (!so_sql_parse(ctx, NULL, dialect, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	rw.ast = ast;
	rw.sql = so_ast_source_text(ast, 0).s;
	rw.len = so_ast_source_text(ast, 0).len;
	rw.tree = so_tree_new(ctx, ast, so_ast_statement(ast));
	if (!so_sql_resolve(ctx, ast, so_ast_statement(ast), catalog, &resolved, &err))
		fail_msg("%s: %s", sql, err.message);
	rw.resolved = resolved;
	return rw;
}

FIXTURE struct so_rewriter fx_rewriter(TALLOC_CTX *ctx, const struct so_catalog *catalog, const char *sql)
{
	return fx_rewriter_of(ctx, catalog, SO_POSTGRESQL, sql);
}

/* ---- The recorded planner ---- */

struct fx_planner {
	struct so_planner pub;
	json_t *answers; /* {"sql","ddl":[],"cost","used":[],"refused":{ddl: reason},"plan"} */
	int64_t fail_after; /* plans until it answers SO_LIMIT; -1 never */
};

FIXTURE bool fx_same_ddl(const json_t *recorded, const char *const *ddl, size_t n)
{
	if (json_array_size(recorded) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < n; k++)
			found = found || strcmp(json_string_value(json_array_get(recorded, k)), ddl[i]) == 0;
		if (!found)
			return false;
	}
	return true;
}

FIXTURE const json_t *fx_find_answer(
	const struct fx_planner *planner, const char *sql, const char *const *ddl, size_t n)
{
	size_t i;
	json_t *answer;

	json_array_foreach(planner->answers, i, answer)
	{
		if (strcmp(json_string_value(json_object_get(answer, "sql")), sql) == 0 &&
			fx_same_ddl(json_object_get(answer, "ddl"), ddl, n))
			return answer;
	}
	return NULL;
}

FIXTURE bool fx_plan(TALLOC_CTX *ctx, struct so_planner *pub, const char *sql, const char *const *ddl, size_t n,
	struct so_costed *out, char **refusals, struct so_err *err)
{
	struct fx_planner *planner = pub->arg;
	const json_t *answer = fx_find_answer(planner, sql, ddl, n), *used;
	char *text;
	bool ok;

	if (planner->fail_after >= 0 && pub->plans_made >= planner->fail_after)
		return so_fail(err, SO_LIMIT, "the budget of %d plans is used up", (int)planner->fail_after);
	if (!answer) {
		for (size_t i = 0; i < n; i++)
			print_error("  with %s\n", ddl[i]);
		return so_fail(err, SO_INTERNAL, "not recorded: %s", sql);
	}
	pub->plans_made++;
	out->cost = json_number_value(json_object_get(answer, "cost"));
	used = json_object_get(answer, "used");
	out->used = so_new_array(ctx, size_t, n + 1);
	out->n_used = 0;
	for (size_t i = 0; i < n; i++) {
		const char *why = json_string_value(json_object_get(json_object_get(answer, "refused"), ddl[i]));

		for (size_t k = 0; k < json_array_size(used); k++)
			if (strcmp(json_string_value(json_array_get(used, k)), ddl[i]) == 0)
				out->used[out->n_used++] = i;
		if (refusals)
			refusals[i] = so_strdup_or_null(ctx, why);
	}
	text = json_dumps(json_object_get(answer, "plan"), JSON_COMPACT);
	ok = so_plan_read(ctx, text, strlen(text), &out->plan, err);
	free(text);
	return ok;
}

FIXTURE int fx_planner_dtor(struct fx_planner *planner)
{
	json_decref(planner->answers);
	return 0;
}

FIXTURE struct fx_planner *fx_planner_new(TALLOC_CTX *ctx)
{
	struct fx_planner *planner = so_new(ctx, struct fx_planner);
	json_error_t why;

	planner->answers = json_load_file(SO_TEST_DATA "/advise/plans.json", 0, &why);
	if (!planner->answers)
		fail_msg("plans.json: %s", why.text);
	talloc_set_destructor(planner, fx_planner_dtor);
	planner->pub = (struct so_planner){ .arg = planner, .can_what_if = true, .plan = fx_plan, .plans_max = 1000 };
	planner->fail_after = -1;
	return planner;
}

#endif
