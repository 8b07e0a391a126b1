#include "plan/mysql/names.h"

#include <string.h>
#include <strings.h>

struct so_my_access so_my_access(struct so_span type, bool covering)
{
	static const struct {
		const char *type;
		enum so_plan_op op, covering_op;
		const char *label, *covering_label;
	} types[] = {
		{ "ALL", SO_PLAN_SEQ_SCAN, SO_PLAN_SEQ_SCAN, "Table scan", "Table scan" },
		{ "index", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index scan", "Covering index scan" },
		{ "range", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index range scan",
			"Covering index range scan" },
		{ "ref", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index lookup", "Covering index lookup" },
		{ "ref_or_null", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index lookup or NULL",
			"Covering index lookup or NULL" },
		{ "eq_ref", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Single-row index lookup",
			"Single-row covering index lookup" },
		{ "const", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, SO_MY_CONSTANT, SO_MY_CONSTANT },
		{ "system", SO_PLAN_VALUES, SO_PLAN_VALUES, SO_MY_CONSTANT, SO_MY_CONSTANT },
		{ "fulltext", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_SCAN, "Full-text index search",
			"Full-text index search" },
		{ "index_merge", SO_PLAN_BITMAP_SCAN, SO_PLAN_BITMAP_SCAN, "Index merge", "Index merge" },
		{ "unique_subquery", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Single-row index lookup",
			"Single-row covering index lookup" },
		{ "index_subquery", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index lookup",
			"Covering index lookup" },
		/* MariaDB: with a rowid filter, or a hash join by an index */
		{ "ref|filter", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index lookup", "Covering index lookup" },
		{ "eq_ref|filter", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Single-row index lookup",
			"Single-row covering index lookup" },
		{ "range|filter", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index range scan",
			"Covering index range scan" },
		{ "hash_ALL", SO_PLAN_SEQ_SCAN, SO_PLAN_SEQ_SCAN, "Table scan", "Table scan" },
		{ "hash_index", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index scan", "Covering index scan" },
		{ "hash_range", SO_PLAN_INDEX_SCAN, SO_PLAN_INDEX_ONLY_SCAN, "Index range scan",
			"Covering index range scan" },
	};

	for (size_t i = 0; type.len && i < sizeof types / sizeof types[0]; i++)
		if (((*type.at ^ *types[i].type) & 31) == 0 && strlen(types[i].type) == type.len &&
			strncasecmp(type.at, types[i].type, type.len) == 0)
			return covering ? (struct so_my_access){ types[i].covering_op, types[i].covering_label }
					: (struct so_my_access){ types[i].op, types[i].label };
	return (struct so_my_access){ SO_PLAN_OTHER, NULL };
}
