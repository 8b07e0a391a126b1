/* Internal to plan/: a YAML document as JSON. Aliases and tags are refused: plans have none. */
#ifndef SO_PLAN_YAML_H
#define SO_PLAN_YAML_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

#define SO_PLAN_YAML_MAX_DEPTH 2048 /* lists and maps in each other, as in JSON */

/* New reference, of the first document in the text; NULL: err is SO_LIMIT, or SO_INPUT with the line. Plain scalars
 * that are numbers, true, false, null or ~ become such; quoted ones are strings. */
json_t *so_plan_yaml_parse(const char *text, size_t len, struct so_err *err);

#endif
