/* Internal to plan/mysql: one vocabulary for the four ways in which MySQL and MariaDB print a plan. Labels are the
 * words of EXPLAIN FORMAT=TREE. */
#ifndef SO_PLAN_MYSQL_NAMES_H
#define SO_PLAN_MYSQL_NAMES_H

#include "plan/plan.h"
#include "plan/span.h"

#define SO_MY_CONSTANT       "Constant row" /* read while the plan is made */
#define SO_MY_RECHECKED      "Range checked for each record"
#define SO_MY_SOME_CONDITION "the WHERE condition" /* which one, the table form does not say */

struct so_my_access {
	enum so_plan_op op;
	const char *label; /* NULL: none known for this type */
};

/* Of an access type of EXPLAIN: "ALL", "eq_ref" ... */
struct so_my_access so_my_access(struct so_span type, bool covering);

enum { /* what follows the beginning of a step */
	SO_MY_TABLE = 1, /* the table, then "using" and its index */
	SO_MY_KEYS = 2, /* sort keys */
	SO_MY_FILTER = 4, /* a condition */
	SO_MY_WHOLE = 8, /* the label is the whole text */
	SO_MY_JOIN = 16,
	SO_MY_BUFFER = 32,
	SO_MY_MEMBERS = 64, /* children are equals, not inputs of each other */
	SO_MY_TEMPORARY = 128, /* fills a temporary table */
};

struct so_my_word {
	const char *beginning, *label; /* of the step, of the node; NULL: the same */
	enum so_plan_op op;
	unsigned flags;
};

/* NULL: none known. */
const struct so_my_word *so_my_find_word(const char *text);

#endif
