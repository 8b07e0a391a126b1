/* Internal to plan/: a YAML document as a tree of values. Aliases and tags are refused: plans have none. */
#ifndef SO_PLAN_YAML_H
#define SO_PLAN_YAML_H

#include "base/err.h"
#include "plan/value.h"

#define SO_PLAN_YAML_MAX_DEPTH 2048 /* lists and maps in each other, as in JSON */

/* The first document in the text, which must outlive the values; they are owned by `ctx`. NULL: err is SO_LIMIT, or
 * SO_INPUT with the line. Plain scalars that are numbers, true, false, null or ~ become such; quoted ones are strings.
 */
struct so_plan_value *so_plan_yaml_parse(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err);

/* The same for what PostgreSQL writes: a key or an item a line, nested by indentation, strings as in JSON. NULL for
 * anything else, right or wrong: so_plan_yaml_parse asks libyaml then, which takes many times as long. */
struct so_plan_value *so_plan_yaml_lines(TALLOC_CTX *ctx, const char *text, size_t len);
/* With libyaml alone. */
struct so_plan_value *so_plan_yaml_by_libyaml(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err);

#endif
