/* What only Oracle has. */
#include "sql/parser.h"

const struct so_rules so_rules_oracle = {
	.verbs = so_verbs_oracle,
};
