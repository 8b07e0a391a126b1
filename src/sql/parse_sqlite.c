/* What only SQLite has. */
#include "sql/parser.h"

const struct so_rules so_rules_sqlite = {
	.verbs = so_verbs_sqlite,
};
