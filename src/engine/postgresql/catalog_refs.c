/* Foreign keys that point at the relations of a snapshot. */
#include "engine/postgresql/snapshot.h"

bool snapshot_unindexed_refs(struct snapshot *s, struct so_err *err)
{
	struct so_pg_result *r = snapshot_ask(s, PG_SQL_UNINDEXED_REFS, err);

	for (size_t i = 0; r && i < so_pg_rows(r) && i < SO_MAX_UNINDEXED_REFS; i++) {
		struct so_table *t = &s->catalog->tables[snapshot_table_of(s, r, i)];

		t->unindexed_refs =
			so_renew_array(s->catalog->tables, t->unindexed_refs, char *, t->n_unindexed_refs + 1);
		t->unindexed_refs[t->n_unindexed_refs++] =
			so_engine_name(s->catalog->tables, so_pg_cell(r, i, 1), so_pg_cell(r, i, 2));
	}
	return r != NULL;
}
