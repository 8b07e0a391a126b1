#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "plan/postgresql/tree.h"

/* An element's name has '-' where a key has a blank, a slash or a dash of its own. These have something else than
 * blanks. */
static const struct {
	const char *element, *key;
} odd_keys[] = {
	{ "One-Time-Filter", "One-Time Filter" },
	{ "I-O-Read-Time", "I/O Read Time" },
	{ "I-O-Write-Time", "I/O Write Time" },
	{ "Shared-I-O-Read-Time", "Shared I/O Read Time" },
	{ "Shared-I-O-Write-Time", "Shared I/O Write Time" },
	{ "Local-I-O-Read-Time", "Local I/O Read Time" },
	{ "Local-I-O-Write-Time", "Local I/O Write Time" },
	{ "Temp-I-O-Read-Time", "Temp I/O Read Time" },
	{ "Temp-I-O-Write-Time", "Temp I/O Write Time" },
};

#define N_NAMES 64 /* power of two */

/* Elements of one name share its text (see xml.c): the keys made from names, by that. */
struct names {
	struct so_plan_chunks *chunks;
	struct {
		const char *element;
		struct so_span key;
	} slots[N_NAMES];
};

/* Both groups of an incremental sort, and both kinds of space in them, have the same element. */
static const char *sort_key(const struct so_plan_value *object, const struct so_plan_xml *element)
{
	const struct so_plan_value *methods;
	bool only;

	if (strcmp(element->name, "Incremental-Sort-Groups") == 0)
		return so_plan_value_get(object, "Full-sort Groups") ? "Pre-sorted Groups" : "Full-sort Groups";
	if (strcmp(element->name, "Sort-Space") != 0)
		return NULL;
	if (so_plan_value_get(object, "Sort Space Memory"))
		return "Sort Space Disk";
	methods = so_plan_value_get(object, "Sort Methods Used");
	only = !element->next || strcmp(element->next->name, element->name) != 0;
	for (const struct so_plan_value *m = only ? so_plan_value_first(methods) : NULL; m; m = m->next)
		if (m->type == SO_VALUE_STRING && so_span_starts(m->text, "external"))
			return "Sort Space Disk";
	return "Sort Space Memory";
}

static struct so_span span_of(const char *text)
{
	return (struct so_span){ text, strlen(text) };
}

static struct so_span key_of(struct names *names, const struct so_plan_value *object, const struct so_plan_xml *element)
{
	size_t slot = ((uintptr_t)element->name >> 3) % N_NAMES;
	const char *odd;
	char *key;

	if (names->slots[slot].element == element->name)
		return names->slots[slot].key;
	odd = sort_key(object, element);
	if (odd) /* depends on what stands beside it */
		return span_of(odd);
	for (size_t i = 0; i < sizeof odd_keys / sizeof odd_keys[0] && !odd; i++)
		if (strcmp(element->name, odd_keys[i].element) == 0)
			odd = odd_keys[i].key;
	if (!odd) {
		odd = key = so_plan_chunk_text(names->chunks, element->name, strlen(element->name));
		for (; *key; key++)
			*key = *key == '-' ? ' ' : *key;
	}
	names->slots[slot].element = element->name;
	names->slots[slot].key = span_of(odd);
	return names->slots[slot].key;
}

/* Lists are elements of <Item>, or of the singular of their own name: <Plans> of <Plan>. */
static bool is_list(const struct so_plan_xml *element)
{
	const char *first = element->first->name;
	size_t len = strlen(first);

	return strcmp(first, "Item") == 0 ||
	       (strncmp(element->name, first, len) == 0 && strcmp(element->name + len, "s") == 0) ||
	       /* grouping sets: <Group-Keys> of <Group-Keys> */
	       (strcmp(element->name, first) == 0 && strcmp(first, "Plan") != 0);
}

struct so_plan_value *so_plan_postgresql_from_xml(struct so_plan_chunks *chunks, const struct so_plan_xml *root)
{
	/* the innermost open values, on the way through the tree without recursion */
	struct so_plan_value **open = so_new_array(chunks->ctx, struct so_plan_value *, SO_PLAN_XML_MAX_DEPTH + 1);
	struct so_plan_value *value = so_plan_value_add(chunks, NULL, (struct so_span){ NULL, 0 });
	struct names *names = so_new(chunks->ctx, struct names);
	const struct so_plan_xml *at = root;
	size_t depth = 0;

	names->chunks = chunks;
	for (;;) {
		struct so_plan_value *into;

		if (at->first) {
			value->type = is_list(at) ? SO_VALUE_ARRAY : SO_VALUE_OBJECT;
			open[depth++] = value;
			at = at->first;
		} else {
			value->type = SO_VALUE_STRING;
			value->text = span_of(at->text);
			while (depth && !at->next) {
				at = at->parent;
				depth--;
			}
			if (!depth)
				return open[0] ? open[0] : value;
			at = at->next;
		}
		into = open[depth - 1];
		value = so_plan_value_add(chunks, into,
			into->type == SO_VALUE_OBJECT ? key_of(names, into, at) : (struct so_span){ NULL, 0 });
	}
}
