/* What the dialects call by other rules: names, pseudo-columns, relations of the engine, labels. */
#include <string.h>
#include <strings.h>

#include "sql/dialect.h"
#include "sql/resolve/resolver.h"

/* Names that keep the case they are written in are found in any case, but for SQL Server's databases whose collation
 * tells the cases apart. */
static bool any_case(const struct resolver *r)
{
	const char *collation = r->ast->dialect == SO_TSQL ? r->catalog->collation : NULL;

	if (collation && (strstr(collation, "_CS_") || strstr(collation, "_BIN")))
		return false;
	return so_dialects[r->ast->dialect].name_case == SO_CASE_KEEP;
}

bool so_res_same(const struct resolver *r, const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (any_case(r) && strcasecmp(a, b) == 0);
}

/* Tables are files to MySQL, whose names differ by case unless a setting says otherwise. */
static bool any_table_case(const struct resolver *r)
{
	bool my = r->ast->dialect == SO_MYSQL || r->ast->dialect == SO_MARIADB;
	const char *setting = my ? so_catalog_setting(r->catalog, "lower_case_table_names") : NULL;

	return any_case(r) && !(setting && strcmp(setting, "0") == 0);
}

bool so_res_same_table(const struct resolver *r, const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (any_table_case(r) && strcasecmp(a, b) == 0);
}

static int32_t find_by_index(
	const struct resolver *r, const struct so_col *cols, const struct so_name_index *names, const char *name)
{
	for (int32_t i = so_index_first(names, name); i >= 0; i = so_index_next(names, i))
		if (strcmp(cols[i].name, name) == 0)
			return i;
	for (int32_t i = so_index_first(names, name); any_case(r) && i >= 0; i = so_index_next(names, i))
		if (strcasecmp(cols[i].name, name) == 0)
			return i;
	return -1;
}

int32_t so_res_find_named(
	const struct resolver *r, const struct so_col *cols, size_t n, struct so_name_index **names, const char *name)
{
	if (n >= SO_INDEX_FROM) {
		if (!*names || (*names)->count != n) {
			*names = so_new(r->out, struct so_name_index);
			for (size_t i = 0; i < n; i++)
				so_index_add(*names, cols[i].name);
		}
		return find_by_index(r, cols, *names, name);
	}
	for (size_t i = 0; i < n; i++)
		if (strcmp(cols[i].name, name) == 0)
			return (int32_t)i;
	for (size_t i = 0; any_case(r) && i < n; i++)
		if (strcasecmp(cols[i].name, name) == 0)
			return (int32_t)i;
	return -1;
}

int32_t so_res_find_col(const struct resolver *r, const struct so_rel *rel, const char *name)
{
	struct so_rel *own = &r->out->rels[rel - r->out->rels];

	return so_res_find_named(r, rel->cols, rel->n_cols, &own->names, name);
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

#define LOOKUPS 16u /* of one statement that are worth no index of the catalog */

/* Number of the next table that may have this name; -1: there is none. */
static int32_t table_named(const struct resolver *r, const char *name, int32_t from)
{
	if (!r->table_names)
		return (size_t)(from + 1) < r->catalog->n_tables ? from + 1 : -1;
	return from < 0 ? so_index_first(r->table_names, name) : so_index_next(r->table_names, from);
}

static const struct so_table *table_in(const struct resolver *r, const char *schema, const char *name)
{
	for (int32_t i = table_named(r, name, -1); i >= 0; i = table_named(r, name, i))
		if (strcmp(r->catalog->tables[i].name, name) == 0 && strcmp(r->catalog->tables[i].schema, schema) == 0)
			return &r->catalog->tables[i];
	return NULL;
}

/* As so_catalog_table. */
static const struct so_table *exact_table(const struct resolver *r, const char *schema, const char *name)
{
	const struct so_table *table = NULL;

	if (!r->table_names)
		return so_catalog_table(r->catalog, schema, name);
	if (schema)
		return table_in(r, schema, name);
	for (size_t i = 0; !table && i < r->catalog->n_search_path; i++)
		table = table_in(r, r->catalog->search_path[i], name);
	return table ? table : table_in(r, "pg_catalog", name);
}

const struct so_table *so_res_catalog_table(struct resolver *r, const char *schema, const char *name)
{
	const struct so_catalog *catalog = r->catalog;
	const struct so_table *found;
	bool any = any_table_case(r);

	if (schema && !*schema)
		schema = NULL; /* database..table */
	if (++r->n_table_lookups > LOOKUPS && !r->table_names) {
		r->table_names = so_new(r->out, struct so_name_index);
		for (size_t i = 0; i < catalog->n_tables; i++)
			so_index_add(r->table_names, catalog->tables[i].name);
	}
	found = exact_table(r, schema, name);
	for (int32_t i = table_named(r, name, -1); !found && any && i >= 0; i = table_named(r, name, i))
		if (strcasecmp(catalog->tables[i].name, name) == 0 &&
			(!schema || strcasecmp(catalog->tables[i].schema, schema) == 0))
			found = &catalog->tables[i];
	return found;
}

struct system_names {
	const char *const *schemas, *const *prefixes, *const *columns, *const *alone;
	unsigned labels;
};

static const struct system_names *system_names(const struct resolver *r)
{
	static const char *const none[] = { NULL };
	static const char *const pg_schemas[] = { "pg_catalog", "information_schema", NULL };
	static const char *const pg_prefixes[] = { "pg_", NULL };
	static const char *const pg_columns[] = { "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid", NULL };
	static const char *const my_schemas[] = { "information_schema", "performance_schema", "mysql", "sys", NULL };
	static const char *const my_columns[] = { "_rowid", NULL };
	static const char *const my_prefixes[] = { "dual", NULL };
	static const char *const ts_schemas[] = { "sys", "information_schema", NULL };
	static const char *const ts_prefixes[] = { "#", "@", "?", NULL };
	static const char *const ts_columns[] = { "$rowguid", "$identity", "$partition", NULL };
	static const char *const ts_alone[] = { "$action", NULL };
	static const char *const ora_schemas[] = { "SYS", "SYSTEM", NULL };
	static const char *const ora_prefixes[] = { "DUAL", "V$", "GV$", "ALL_", "DBA_", "USER_", NULL };
	static const char *const ora_columns[] = { "ROWID", "ORA_ROWSCN", "OBJECT_ID", "OBJECT_VALUE", "COLUMN_VALUE",
		"VERSIONS_STARTSCN", "VERSIONS_ENDSCN", "VERSIONS_STARTTIME", "VERSIONS_ENDTIME", "VERSIONS_XID",
		"VERSIONS_OPERATION", NULL };
	static const char *const ora_alone[] = { "ROWNUM", "LEVEL", "CONNECT_BY_ISLEAF", "CONNECT_BY_ISCYCLE",
		"SYSDATE", "SYSTIMESTAMP", "USER", "UID", NULL };
	static const char *const lite_prefixes[] = { "sqlite_", "pragma_", NULL };
	static const char *const lite_columns[] = { "rowid", "_rowid_", "oid", NULL };
	static const struct system_names table[SO_DIALECT_MAX] = {
		[SO_POSTGRESQL] = { pg_schemas, pg_prefixes, pg_columns, none, SO_RES_LABELS_BARE },
		[SO_MYSQL] = { my_schemas, my_prefixes, my_columns, none,
			SO_RES_LABELS_BARE | SO_RES_LABELS_GROUP | SO_RES_LABELS_HAVING | SO_RES_LABELS_ORDER },
		[SO_MARIADB] = { my_schemas, my_prefixes, my_columns, none,
			SO_RES_LABELS_BARE | SO_RES_LABELS_GROUP | SO_RES_LABELS_HAVING | SO_RES_LABELS_ORDER },
		[SO_TSQL] = { ts_schemas, ts_prefixes, ts_columns, ts_alone, 0 },
		[SO_ORACLE] = { ora_schemas, ora_prefixes, ora_columns, ora_alone,
			SO_RES_LABELS_BARE | SO_RES_LABELS_ORDER },
		[SO_SQLITE] = { none, lite_prefixes, lite_columns, none,
			SO_RES_LABELS_BARE | SO_RES_LABELS_WHERE | SO_RES_LABELS_GROUP | SO_RES_LABELS_HAVING |
				SO_RES_LABELS_ORDER },
	};

	return &table[r->ast->dialect];
}

static bool among(const struct resolver *r, const char *const *names, const char *name)
{
	for (; *names; names++)
		if (so_res_same(r, *names, name))
			return true;
	return false;
}

bool so_res_is_system_name(const struct resolver *r, const char *schema, const char *name)
{
	const struct system_names *names = system_names(r);

	if (schema && *schema)
		return among(r, names->schemas, schema);
	for (const char *const *prefix = names->prefixes; *prefix; prefix++) {
		size_t len = strlen(*prefix);

		if (any_case(r) ? strncasecmp(name, *prefix, len) == 0 : strncmp(name, *prefix, len) == 0)
			return true;
	}
	return false;
}

bool so_res_is_system_column(const struct resolver *r, const char *name, bool *alone)
{
	const struct system_names *names = system_names(r);

	*alone = among(r, names->alone, name);
	return *alone || among(r, names->columns, name);
}

unsigned so_res_labels(const struct resolver *r)
{
	return system_names(r)->labels;
}
