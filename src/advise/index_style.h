/* How indexes are written in each dialect: what CREATE INDEX can hold there, how names are quoted, what is locked.
 * Data, so that the advisor writes statements for every engine without knowing any. */
#ifndef SO_ADVISE_INDEX_STYLE_H
#define SO_ADVISE_INDEX_STYLE_H

#include <stdbool.h>

#include "core/catalog.h"
#include "sql/dialect.h"

struct so_index_style {
	const char *dialect; /* as so_table.dialect */
	enum so_dialect number;
	bool concurrently; /* CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY */
	bool method; /* USING btree in front of the columns */
	bool gin, include, partial, expressions, opclasses;
	bool nulls_order; /* NULLS FIRST, NULLS LAST */
	bool nulls_first; /* where an ascending key has NULLs when nothing is said */
	bool any_type; /* columns of a type of which nothing else is known can be keys */
	bool long_keys; /* texts of any length may be keys; else TEXT and BLOB need a prefix */
	bool drop_names_table; /* DROP INDEX x ON t, and names of indexes are each table's own */
	bool schema_of_name; /* CREATE INDEX schema.name ON table */
	const char *suffix; /* behind all of CREATE INDEX: " ONLINE"; NULL: nothing */
	const char *lock; /* what building one locks; NULL: said elsewhere */
	const char *drop_lock;
	bool page_costs; /* costs of its plans count pages as ours do; else plans are costed by our formula where one of
			  * ours stands beside them */
	const char *analyze; /* "ANALYZE": what gathers statistics of the table behind it; NULL: a call of DBMS_STATS */
	const char *analyze_lock;
};

/* Of a table's server. */
const struct so_index_style *so_index_style(const struct so_table *table);
/* An identifier as SQL text, quoted when it has to be. */
const char *so_index_quote(TALLOC_CTX *ctx, const struct so_index_style *style, const char *name);
/* schema.table */
char *so_index_table(TALLOC_CTX *ctx, const struct so_table *table);
/* CREATE INDEX `name` on the table; `columns` is text: "(a, b DESC)". */
char *so_index_create(
	TALLOC_CTX *ctx, const struct so_table *table, const char *name, const char *method, const char *columns);
/* What gathers statistics of the table. */
char *so_index_analyze(TALLOC_CTX *ctx, const struct so_table *table);
char *so_index_drop(TALLOC_CTX *ctx, const struct so_table *table, const char *name);

#endif
