/* Internal to plan/: a document as a tree of keys and values, whatever its syntax; the model is JSON's. Unlike
 * jansson's values these come from chunks and members of objects are a list, so that a tree costs little more than its
 * text. Members are found by going through them: take a large object's members in turn instead. */
#ifndef SO_PLAN_VALUE_H
#define SO_PLAN_VALUE_H

#include <jansson.h>

#include "plan/chunk.h"
#include "plan/span.h"

enum so_plan_value_type {
	SO_VALUE_NULL,
	SO_VALUE_FALSE,
	SO_VALUE_TRUE,
	SO_VALUE_INTEGER,
	SO_VALUE_REAL,
	SO_VALUE_STRING,
	SO_VALUE_ARRAY,
	SO_VALUE_OBJECT
};

struct so_plan_value {
	struct so_span key; /* of a member; not always ended by a NUL; a list's items have none */
	union {
		struct so_span text; /* string; not always ended by a NUL */
		double real;
		int64_t whole;
		struct {
			struct so_plan_value *first, *last; /* array, object */
			size_t count;
		};
	};
	struct so_plan_value *next;
	enum so_plan_value_type type;
};

/* A value of no type yet, the last one in `parent`; without one (NULL) a root. `key` is borrowed. */
struct so_plan_value *so_plan_value_add(
	struct so_plan_chunks *chunks, struct so_plan_value *parent, struct so_span key);
/* The tree of a parsed JSON document. Texts are borrowed from it. */
struct so_plan_value *so_plan_value_of_json(struct so_plan_chunks *chunks, const json_t *json);

static inline bool so_plan_value_is(const struct so_plan_value *value, enum so_plan_value_type type)
{
	return value && value->type == type;
}

/* The first value of a list or object; NULL for anything else. */
static inline const struct so_plan_value *so_plan_value_first(const struct so_plan_value *value)
{
	return value && value->type >= SO_VALUE_ARRAY ? value->first : NULL;
}

static inline size_t so_plan_value_count(const struct so_plan_value *value)
{
	return value && value->type >= SO_VALUE_ARRAY ? value->count : 0;
}

/* The first member of that name; NULL: there is none, or this is no object. */
const struct so_plan_value *so_plan_value_get(const struct so_plan_value *object, const char *key);
/* A string's text; .at is NULL for anything else. */
struct so_span so_plan_value_text(const struct so_plan_value *value);
/* A number, also when it comes as a string, as in XML; NAN for anything else. */
double so_plan_value_number(const struct so_plan_value *value);
/* The same for counts, see so_plan_count; -1 for anything else. */
int64_t so_plan_value_integer(const struct so_plan_value *value);

#endif
