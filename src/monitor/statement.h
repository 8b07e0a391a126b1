/* The text of a statement out of a statistics view as a row of the store. */
#ifndef SO_MONITOR_STATEMENT_H
#define SO_MONITOR_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* SO_QUERY_OURS for what we sent ourselves, SO_QUERY_NEVER for what is neither a query nor a change of rows (BEGIN,
 * VACUUM ...), else SO_QUERY_APPLICATION: then fingerprint, hash, kind and text of *row are filled, children of `ctx`,
 * all else is zero. `dialect` is a name of sql/dialect.h. A text that does not parse (cut off, of a newer server) is
 * told by its words. */
int64_t so_statement_row(TALLOC_CTX *ctx, const char *dialect, const char *text, struct so_store_query *row);

struct so_statement_table {
	char *schema; /* NULL when not written */
	char *name; /* as a catalog stores it */
};
struct so_statement_tables {
	size_t count;
	struct so_statement_table *items; /* none of a text that does not parse */
	bool writes; /* INSERT, UPDATE, DELETE or MERGE */
};
/* The tables that a statement names; children of `ctx`. */
void so_statement_tables(TALLOC_CTX *ctx, const char *dialect, const char *text, struct so_statement_tables *out);

#endif
