/* Internal to plan/mysql: one vocabulary for the four ways in which MySQL and MariaDB print a plan. Labels are the
 * words of EXPLAIN FORMAT=TREE. */
#ifndef SO_PLAN_MYSQL_NAMES_H
#define SO_PLAN_MYSQL_NAMES_H

#include "plan/plan.h"

#define SO_MY_CONSTANT  "Constant row" /* read while the plan is made */
#define SO_MY_RECHECKED "Range checked for each record"

struct so_my_access {
	enum so_plan_op op;
	const char *label; /* NULL: none known for this type */
};

/* Of an access type of EXPLAIN: "ALL", "eq_ref" ... */
struct so_my_access so_my_access(const char *type, bool covering);

#endif
