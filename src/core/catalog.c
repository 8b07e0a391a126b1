#include "core/catalog.h"

#include <string.h>

/* Longest spelling first where one is a prefix of another; matched against the start of the type name. */
static const struct {
	const char *prefix;
	enum so_type_class type_class;
	int32_t width_bits;
} type_prefixes[] = {
	{ "boolean", SO_TYPE_BOOL, 0 },
	{ "bool", SO_TYPE_BOOL, 0 },
	{ "smallint", SO_TYPE_INT, 16 },
	{ "int2", SO_TYPE_INT, 16 },
	{ "bigint", SO_TYPE_INT, 64 },
	{ "int8", SO_TYPE_INT, 64 },
	{ "integer", SO_TYPE_INT, 32 },
	{ "int4", SO_TYPE_INT, 32 },
	{ "int", SO_TYPE_INT, 32 },
	{ "numeric", SO_TYPE_NUMERIC, 0 },
	{ "decimal", SO_TYPE_NUMERIC, 0 },
	{ "real", SO_TYPE_FLOAT, 32 },
	{ "float4", SO_TYPE_FLOAT, 32 },
	{ "float8", SO_TYPE_FLOAT, 64 },
	{ "double precision", SO_TYPE_FLOAT, 64 },
	{ "float", SO_TYPE_FLOAT, 64 },
	{ "text", SO_TYPE_TEXT, 0 },
	{ "character varying", SO_TYPE_TEXT, 0 },
	{ "varchar", SO_TYPE_TEXT, 0 },
	{ "name", SO_TYPE_TEXT, 0 },
	{ "character", SO_TYPE_BPCHAR, 0 },
	{ "bpchar", SO_TYPE_BPCHAR, 0 },
	{ "char", SO_TYPE_BPCHAR, 0 },
	{ "date", SO_TYPE_DATE, 0 },
	{ "interval", SO_TYPE_INTERVAL, 0 },
	{ "uuid", SO_TYPE_UUID, 0 },
	{ "bytea", SO_TYPE_BYTES, 0 },
	{ "jsonb", SO_TYPE_JSONB, 0 },
	{ "json", SO_TYPE_JSON, 0 },
};

static bool ends_with(const char *text, const char *tail)
{
	size_t len = strlen(text), tail_len = strlen(tail);

	return len >= tail_len && strcmp(text + len - tail_len, tail) == 0;
}

/* "timestamp(3) with time zone", "timestamptz", "time without time zone" ... */
static enum so_type_class classify_time(const char *type)
{
	bool zoned = ends_with(type, "with time zone") || strncmp(type, "timestamptz", 11) == 0;

	if (strncmp(type, "timestamp", 9) == 0)
		return zoned ? SO_TYPE_TIMESTAMPTZ : SO_TYPE_TIMESTAMP;
	return zoned || strncmp(type, "timetz", 6) == 0 ? SO_TYPE_OTHER : SO_TYPE_TIME;
}

enum so_type_class so_type_classify(const char *type, int32_t *width_bits)
{
	int32_t width = 0;
	enum so_type_class found = SO_TYPE_OTHER;

	if (width_bits)
		*width_bits = 0;
	if (!type || !*type)
		return SO_TYPE_UNKNOWN;
	if (strncmp(type, "pg_catalog.", 11) == 0)
		type += 11;
	if (ends_with(type, "[]"))
		return SO_TYPE_ARRAY;
	if (type[0] == '"')
		return SO_TYPE_OTHER; /* a quoted name is a user's own type, or "char" */
	if (strncmp(type, "time", 4) == 0)
		return classify_time(type);
	for (size_t i = 0; i < sizeof type_prefixes / sizeof type_prefixes[0]; i++) {
		size_t len = strlen(type_prefixes[i].prefix);
		char next;

		if (strncmp(type, type_prefixes[i].prefix, len) != 0)
			continue;
		next = type[len];
		if (next != '\0' && next != '(' && next != ' ')
			continue; /* "daterange", "integer_list": another type */
		found = type_prefixes[i].type_class;
		width = type_prefixes[i].width_bits;
		break;
	}
	if (width_bits)
		*width_bits = width;
	return found;
}

static const struct so_table *table_in(const struct so_catalog *catalog, const char *schema, const char *name)
{
	for (size_t i = 0; i < catalog->n_tables; i++) {
		const struct so_table *table = &catalog->tables[i];

		if (strcmp(table->name, name) == 0 && strcmp(table->schema, schema) == 0)
			return table;
	}
	return NULL;
}

const struct so_table *so_catalog_table(const struct so_catalog *catalog, const char *schema, const char *name)
{
	const struct so_table *table = NULL;

	if (schema)
		return table_in(catalog, schema, name);
	for (size_t i = 0; !table && i < catalog->n_search_path; i++)
		table = table_in(catalog, catalog->search_path[i], name);
	/* system relations are found without being named in the path */
	return table ? table : table_in(catalog, "pg_catalog", name);
}

int32_t so_table_column(const struct so_table *table, const char *name)
{
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

static bool contains(const int32_t *columns, size_t n, int32_t column)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i] == column)
			return true;
	return false;
}

bool so_table_unique_within(const struct so_table *table, const int32_t *columns, size_t n)
{
	for (size_t k = 0; k < table->n_keys; k++) {
		const struct so_key *key = &table->keys[k];
		bool within = key->n_columns > 0;

		if (!key->validated || key->deferrable)
			continue;
		for (size_t i = 0; within && i < key->n_columns; i++)
			within = contains(columns, n, key->columns[i]);
		if (within)
			return true;
	}
	return false;
}

double so_column_distinct(const struct so_table *table, const struct so_column *column)
{
	double distinct = column->n_distinct;

	if (!column->has_stats || distinct == 0)
		return 0;
	if (distinct < 0)
		distinct = table->rows >= 0 ? -distinct * table->rows : 0;
	if (distinct == 0)
		return 0;
	return distinct < 1 ? 1 : distinct;
}

const char *so_catalog_setting(const struct so_catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->n_settings; i++)
		if (strcmp(catalog->settings[i].name, name) == 0)
			return catalog->settings[i].value;
	return NULL;
}
