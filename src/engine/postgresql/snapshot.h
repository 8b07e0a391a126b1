/* The work of one catalog snapshot, shared by the files that fill its parts. */
#ifndef SO_ENGINE_POSTGRESQL_SNAPSHOT_H
#define SO_ENGINE_POSTGRESQL_SNAPSHOT_H

#include "engine/postgresql/internal.h"

struct snapshot_table {
	uint32_t oid;
	bool has_children; /* plain inheritance: keys and foreign keys do not hold for SELECT FROM the parent */
	bool fixed_keys;
	int32_t n_attnums;
	int32_t *column_of; /* attribute number -> index into columns, -1 for a dropped one */
};

struct snapshot {
	struct pg_conn *conn;
	struct so_catalog *catalog;
	struct snapshot_table *tables; /* beside catalog->tables */
	char *oids; /* "{1,2}" of the relations */
	bool default_collation_is_c;
	TALLOC_CTX *tmp;
};

/* Runs one of the snapshot's statements, with the relations' oids as $1. */
struct so_pg_result *snapshot_ask(struct snapshot *s, const char *sql, struct so_err *err);
/* Index of the relation with the oid in column 0 of the row, or -1. */
int64_t snapshot_table_of(const struct snapshot *s, const struct so_pg_result *r, size_t row);
/* Column index of an attribute number, or -1. */
int32_t snapshot_column(const struct snapshot *s, size_t table, int64_t attnum);
/* Numbers of an int2vector ("1 0 3") or array ("{1,0,3}") as text. */
int64_t *snapshot_numbers(TALLOC_CTX *ctx, const char *text, size_t *n);

bool snapshot_columns(struct snapshot *s, struct so_err *err);
bool snapshot_column_stats(struct snapshot *s, struct so_err *err);
bool snapshot_fkeys(struct snapshot *s, struct so_err *err);
bool snapshot_unindexed_refs(struct snapshot *s, struct so_err *err);
bool snapshot_indexes(struct snapshot *s, struct so_err *err);
bool snapshot_ext_stats(struct snapshot *s, struct so_err *err);

#endif
