/* The work of one catalog snapshot, shared by the files that fill its parts. */
#ifndef SO_ENGINE_MYSQL_SNAPSHOT_H
#define SO_ENGINE_MYSQL_SNAPSHOT_H

#include <strings.h>

#include "base/buf.h"
#include "engine/mysql/internal.h"
#include "sql/names.h"

struct snapshot_name {
	char *schema, *name;
	char *schema_literal, *name_literal;
};

struct snapshot {
	struct my_conn *conn;
	struct so_catalog *catalog;
	struct snapshot_name *names; /* all that are looked for; those that do not exist have no table */
	size_t n_names;
	const char *database; /* the default one, or NULL */
	bool fold_names; /* lower_case_table_names: names of tables and databases in any case */
	int64_t page_size;
	TALLOC_CTX *tmp;
};

/* One of the MY_SQL_ parts for every name from `first` on; `extra` stands for %3$s. */
char *my_snapshot_sql(const struct snapshot *s, size_t first, const char *part, const char *extra);
/* NULL when there is none (or a part of it is not told). */
struct so_table *my_snapshot_table(const struct snapshot *s, const char *schema, const char *name);
bool my_snapshot_same(const struct snapshot *s, const char *a, const char *b);
/* Names of columns are found in any case. */
int32_t my_snapshot_column(const struct so_table *table, const char *name);

bool my_snapshot_columns(struct snapshot *s, struct so_err *err);
bool my_snapshot_indexes(struct snapshot *s, struct so_err *err);
bool my_snapshot_fkeys(struct snapshot *s, struct so_err *err);
bool my_snapshot_statistics(struct snapshot *s, struct so_err *err);

#endif
