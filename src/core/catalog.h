/* A snapshot of the part of a database that a statement touches: the source of every precondition and of our own
 * estimates. Filled by a driver in a few bounded queries, never modified afterwards; plain data, one talloc tree. */
#ifndef SO_CORE_CATALOG_H
#define SO_CORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* Families of types whose comparison rules matter to a rewrite. `type` of a column keeps the engine's own spelling. */
enum so_type_class {
	SO_TYPE_UNKNOWN,
	SO_TYPE_BOOL,
	SO_TYPE_INT, /* exact, whole: int2 int4 int8 */
	SO_TYPE_NUMERIC,
	SO_TYPE_FLOAT,
	SO_TYPE_TEXT, /* text, varchar, citext is OTHER */
	SO_TYPE_BPCHAR, /* char(n): trailing blanks do not count */
	SO_TYPE_DATE,
	SO_TYPE_TIME,
	SO_TYPE_TIMESTAMP,
	SO_TYPE_TIMESTAMPTZ,
	SO_TYPE_INTERVAL,
	SO_TYPE_UUID,
	SO_TYPE_BYTES,
	SO_TYPE_JSON,
	SO_TYPE_JSONB,
	SO_TYPE_ARRAY,
	SO_TYPE_OTHER,
	SO_TYPE_CLASS_MAX
};

struct so_column {
	char *name;
	char *type; /* as the engine prints it: "character varying(20)" */
	char *default_text; /* expression, or NULL */
	char *collation; /* NULL: not collatable; "default" resolved to the database's collation name */
	enum so_type_class type_class;
	int32_t width_bits; /* SO_TYPE_INT and FLOAT: 16, 32, 64; else 0 */
	bool not_null; /* declared, or part of a primary key */
	bool collation_is_c; /* byte order: LIKE 'x%' can use a plain b-tree */
	bool generated; /* GENERATED ALWAYS AS (...) STORED */
	bool has_stats; /* the statistics members below are filled (readable and analysed) */
	double null_frac; /* 0..1 */
	double n_distinct; /* >0: values; <0: minus the share of rows (PostgreSQL's convention); 0: unknown */
	double correlation; /* -1..1, physical against logical order; NAN when unknown */
	int32_t avg_width; /* bytes */
	size_t n_common; /* most common values */
	char **common_vals; /* text form */
	double *common_freqs; /* share of rows each */
	size_t n_bounds; /* histogram bounds, ascending */
	char **bounds;
};

enum so_key_kind { SO_KEY_PRIMARY, SO_KEY_UNIQUE };

struct so_key { /* a declared unique set: constraint, or unique index without predicate or expression */
	char *name;
	enum so_key_kind kind;
	bool validated; /* false for an INVALID index */
	bool deferrable; /* may be violated inside a transaction */
	bool nulls_not_distinct; /* PostgreSQL 15+ */
	size_t n_columns;
	int32_t *columns; /* indexes into so_table.columns */
};

struct so_fkey {
	char *name;
	size_t n_columns;
	int32_t *columns; /* indexes into so_table.columns */
	char *ref_schema, *ref_table;
	char **ref_columns; /* n_columns names */
	bool validated, deferrable;
	char on_delete; /* PostgreSQL's letter: a no action, r restrict, c cascade, n set null, d set default */
};

struct so_index_key {
	int32_t column; /* index into so_table.columns, or -1 for an expression */
	char *expr; /* expression text as the engine prints it, or NULL */
	char *opclass; /* only when not the default one */
	char *collation;
	bool desc, nulls_first;
};

struct so_index {
	char *schema, *name;
	char *method; /* "btree", "gin" ... */
	char *definition; /* CREATE INDEX ... */
	char *predicate; /* WHERE clause text of a partial index, or NULL */
	size_t n_keys, n_include;
	struct so_index_key *keys;
	int32_t *include; /* column indexes */
	bool unique, primary, constraint, valid, replica_identity;
	int64_t size_bytes;
	int64_t scans; /* since the statistics were reset; -1 unknown */
	double tree_height; /* levels above the leaves; -1 unknown */
};

struct so_ext_stats {
	char *schema, *name;
	char *kinds; /* "d" ndistinct, "f" dependencies, "m" mcv, as letters */
	size_t n_columns;
	int32_t *columns;
};

enum so_table_kind {
	SO_TABLE,
	SO_TABLE_PARTITIONED,
	SO_TABLE_VIEW,
	SO_TABLE_MATVIEW,
	SO_TABLE_FOREIGN,
	SO_TABLE_KIND_MAX
};

#define SO_MAX_UNINDEXED_REFS 50

struct so_table {
	char *schema, *name;
	const char *dialect; /* the grammar of its server, a static text; NULL: postgresql */
	uint32_t oid; /* the engine's own id, 0 if it has none */
	enum so_table_kind kind;
	char *view_definition; /* views only */
	char *partition_key; /* partitioned tables only */
	double rows; /* estimate; -1 never analysed */
	int64_t pages, size_bytes;
	double all_visible; /* share of pages, 0..1; index-only scans need it */
	bool row_security; /* policies filter rows by user */
	bool has_stats; /* analysed at least once */
	int64_t last_analyze_us, last_vacuum_us; /* 0 never or unknown; the later of manual and auto */
	int64_t mods_since_analyze, live_rows, dead_rows; /* -1 unknown */
	int64_t seq_scans, index_scans; /* -1 unknown */
	int64_t inserts, updates, hot_updates, deletes; /* since reset; -1 unknown */
	size_t n_columns, n_keys, n_fkeys, n_indexes, n_ext_stats;
	struct so_column *columns;
	struct so_key *keys;
	struct so_fkey *fkeys;
	struct so_index *indexes;
	struct so_ext_stats *ext_stats;
	/* Tables with a foreign key to this one whose columns no index serves, as the engine's catalog takes names
	 * (they need not be in the snapshot); at most SO_MAX_UNINDEXED_REFS in a snapshot. */
	size_t n_unindexed_refs;
	char **unindexed_refs;
};

struct so_function { /* one overload of a function whose name the statement uses */
	char *schema, *name;
	char *result_type;
	int32_t n_args; /* -1 variadic */
	char volatility; /* 'i' immutable, 's' stable, 'v' volatile */
	bool aggregate, window, strict, returns_set, parallel_safe;
};

struct so_setting {
	char *name, *value, *unit; /* unit may be NULL */
};

struct so_catalog {
	int64_t taken_at_us;
	char *engine; /* "postgresql" */
	char *server_version; /* "15.20" */
	int32_t version_num; /* 150020 */
	char *database, *time_zone;
	char *collation; /* the database's default collation name */
	size_t n_search_path;
	char **search_path; /* schemas in order; pg_catalog and temporary schemas left out */
	size_t n_tables, n_functions, n_settings;
	struct so_table *tables;
	struct so_function *functions;
	struct so_setting *settings;
};

/* The table that `schema`.`name` means, or, with schema NULL, the first one along the search path. Names as stored
 * (already folded). NULL when there is none. */
const struct so_table *so_catalog_table(const struct so_catalog *catalog, const char *schema, const char *name);
/* Index of the column in table->columns, or -1. */
int32_t so_table_column(const struct so_table *table, const char *name);
/* Whether some validated, non-deferrable key consists of exactly a subset of the given columns. */
bool so_table_unique_within(const struct so_table *table, const int32_t *columns, size_t n);
/* The estimated number of distinct values, at least 1; 0 when unknown. */
double so_column_distinct(const struct so_table *table, const struct so_column *column);
/* Value of a setting, or NULL. */
const char *so_catalog_setting(const struct so_catalog *catalog, const char *name);
/* Family of an engine's type name as printed ("timestamp without time zone"), sets *width_bits (may be NULL). */
enum so_type_class so_type_classify(const char *type, int32_t *width_bits);

#endif
