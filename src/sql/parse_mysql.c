/* What only MySQL and MariaDB has. */
#include "sql/parser.h"

const struct so_rules so_rules_mysql = {
	.verbs = so_verbs_mysql,
};
