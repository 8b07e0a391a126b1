#include "monitor/changes.h"

#include <math.h>
#include <string.h>

#include "monitor/cause.h"

enum { CHANGES_MAX = 500 };
#define GROWTH_MIN 1.2 /* see cause.c */

json_t *so_snapshot_of(const struct so_catalog *catalog)
{
	json_t *settings = json_object(), *tables = json_object();

	for (size_t i = 0; i < catalog->n_settings; i++)
		json_object_set_new(settings, catalog->settings[i].name,
			json_sprintf("%s%s", catalog->settings[i].value ? catalog->settings[i].value : "",
				catalog->settings[i].unit ? catalog->settings[i].unit : ""));
	for (size_t i = 0; i < catalog->n_tables; i++) {
		SO_TMP(tmp, NULL);
		const struct so_table *t = &catalog->tables[i];
		json_t *indexes = json_object();

		for (size_t k = 0; k < t->n_indexes; k++)
			json_object_set_new(indexes, t->indexes[k].name,
				json_string(t->indexes[k].definition ? t->indexes[k].definition : ""));
		json_object_set_new(tables,
			so_printf(tmp, "%s%s%s", t->schema ? t->schema : "", t->schema ? "." : "", t->name),
			json_pack("{s:s?, s:s, s:f, s:I, s:o}", "schema", t->schema, "name", t->name, "rows", t->rows,
				"analyzed_us", (json_int_t)t->last_analyze_us, "indexes", indexes));
	}
	return json_pack("{s:s, s:o, s:o}", "version", catalog->server_version ? catalog->server_version : "",
		"settings", settings, "tables", tables);
}

struct differ {
	struct so_store_changes *out;
	struct so_store_change common; /* connection and times */
};

static struct so_store_change *add(struct differ *d, enum so_event_kind kind, const char *relation, const char *object)
{
	struct so_store_change *change;

	if (d->out->count == CHANGES_MAX)
		return NULL;
	change = so_memdup(d->out, &d->common, sizeof d->common);
	change->kind = kind;
	change->relation = so_strdup_or_null(change, relation);
	change->object = so_strdup(change, object);
	change->rows_before = change->rows_after = NAN;
	d->out->items[d->out->count++] = change;
	return change;
}

static void compare_words(
	struct differ *d, enum so_event_kind kind, const char *object, const json_t *old, const json_t *now)
{
	struct so_store_change *change;

	if (!json_is_string(old) || !json_is_string(now) || json_equal(old, now))
		return;
	change = add(d, kind, NULL, object);
	if (change) {
		change->before = so_strdup(change, json_string_value(old));
		change->after = so_strdup(change, json_string_value(now));
	}
}

/* Indexes of `here` that `there` has not; one that was built anew with another definition is both. */
static void compare_indexes(
	struct differ *d, enum so_event_kind kind, const char *table, const json_t *here, const json_t *there)
{
	SO_TMP(tmp, NULL);
	const char *name;
	json_t *definition;
	const char *dot = strrchr(table, '.');

	json_object_foreach((json_t *)here, name, definition)
	{
		if (json_equal(definition, json_object_get(there, name)))
			continue;
		add(d, kind, table,
			dot ? so_printf(tmp, "%.*s.%s", (int)(dot - table), table, name) : so_strdup(tmp, name));
	}
}

static void compare_tables(struct differ *d, const char *name, const json_t *old, const json_t *now)
{
	const json_t *before = json_object_get(old, "indexes"), *after = json_object_get(now, "indexes");
	double rows_before = json_number_value(json_object_get(old, "rows"));
	double rows_after = json_number_value(json_object_get(now, "rows"));

	compare_indexes(d, SO_EVENT_INDEX_DROPPED, name, before, after);
	compare_indexes(d, SO_EVENT_INDEX_CREATED, name, after, before);
	if (!json_equal(json_object_get(old, "analyzed_us"), json_object_get(now, "analyzed_us")))
		add(d, SO_EVENT_STATISTICS, name, name);
	if (rows_before > 0 && rows_after > 0 &&
		fmax(rows_after / rows_before, rows_before / rows_after) >= GROWTH_MIN) {
		struct so_store_change *change = add(d, SO_EVENT_TABLE_ROWS, name, name);

		if (change) {
			change->rows_before = rows_before;
			change->rows_after = rows_after;
		}
	}
}

struct so_store_changes *so_snapshot_changes(
	TALLOC_CTX *ctx, const json_t *old, const json_t *now, int64_t connection_id, int64_t from_us, int64_t to_us)
{
	struct differ d = { .out = so_new(ctx, struct so_store_changes),
		.common = { .connection_id = connection_id, .from_us = from_us, .to_us = to_us } };
	const json_t *old_settings = json_object_get(old, "settings"), *old_tables = json_object_get(old, "tables");
	const char *name;
	json_t *value;

	d.out->items = so_new_array(d.out, struct so_store_change *, CHANGES_MAX);
	compare_words(
		&d, SO_EVENT_VERSION, "version", json_object_get(old, "version"), json_object_get(now, "version"));
	json_object_foreach(json_object_get(now, "settings"), name, value)
		compare_words(&d, SO_EVENT_SETTING, name, json_object_get(old_settings, name), value);
	json_object_foreach(json_object_get(now, "tables"), name, value) if (json_object_get(old_tables, name))
		compare_tables(&d, name, json_object_get(old_tables, name), value);
	return d.out;
}
