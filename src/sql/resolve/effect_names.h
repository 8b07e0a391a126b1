/* Oracle calls functions without parentheses (internal to sql/). */
#ifndef SO_SQL_EFFECT_NAMES_H
#define SO_SQL_EFFECT_NAMES_H

#include "sql/ast.h"

/* Whether a name that looks like a column can only be a call: its qualifier is no relation of the statement (pkg.f),
 * or the statement reads nothing but DUAL, which has no such column. False in all dialects but Oracle. What stands
 * between columns of tables cannot be told without a catalog. */
bool so_calls_without_parentheses(const struct so_ast *ast, so_ref statement);

#endif
