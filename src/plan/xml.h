/* Internal to plan/: an XML document as a tree of elements. Document types, and with them entities, are refused. */
#ifndef SO_PLAN_XML_H
#define SO_PLAN_XML_H

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define SO_PLAN_XML_MAX_DEPTH    4096 /* elements in each other */
#define SO_PLAN_XML_MAX_ELEMENTS 4000000

struct so_plan_xml {
	const char *name; /* without the prefix of its namespace; the same pointer for the same name, nearly always */
	const char *text; /* the characters of an element without elements, as they stand; else "" */
	const char **attributes; /* name, value, name, value ...; prefixes kept */
	size_t n_attributes; /* pairs */
	struct so_plan_xml *parent, *first, *last, *next;
};

/* The root element; everything is owned by `ctx`. NULL: err is SO_LIMIT, or SO_INPUT with the line. `text` is UTF-8,
 * whatever its XML declaration says. */
struct so_plan_xml *so_plan_xml_parse(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err);
/* The same for XML as the engines write it, in a fraction of the time. NULL for anything else, right or wrong, and for
 * whatever is above a limit: so_plan_xml_parse asks expat then. */
struct so_plan_xml *so_plan_xml_plain(TALLOC_CTX *ctx, const char *text, size_t len);
/* With expat alone. */
struct so_plan_xml *so_plan_xml_by_expat(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err);
/* NULL: no such attribute, no such child. A NULL element has none. */
const char *so_plan_xml_attribute(const struct so_plan_xml *element, const char *name);
const struct so_plan_xml *so_plan_xml_child(const struct so_plan_xml *element, const char *name);

#endif
