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

/* Both groups of an incremental sort, and both kinds of space in them, have the same element. */
static const char *sort_key(const json_t *object, const struct so_plan_xml *element)
{
	const json_t *methods = json_object_get(object, "Sort Methods Used");
	bool only = !element->next || strcmp(element->next->name, element->name) != 0;

	if (strcmp(element->name, "Incremental-Sort-Groups") == 0)
		return json_object_get(object, "Full-sort Groups") ? "Pre-sorted Groups" : "Full-sort Groups";
	if (strcmp(element->name, "Sort-Space") != 0)
		return NULL;
	if (json_object_get(object, "Sort Space Memory"))
		return "Sort Space Disk";
	for (size_t i = 0; only && i < json_array_size(methods); i++) {
		const char *method = json_string_value(json_array_get(methods, i));

		if (method && strncmp(method, "external", 8) == 0)
			return "Sort Space Disk";
	}
	return "Sort Space Memory";
}

static void set_key(json_t *object, const struct so_plan_xml *element, json_t *value)
{
	const char *odd = sort_key(object, element);
	char key[128];
	size_t len = strlen(element->name);

	for (size_t i = 0; i < sizeof odd_keys / sizeof odd_keys[0] && !odd; i++)
		if (strcmp(element->name, odd_keys[i].element) == 0)
			odd = odd_keys[i].key;
	if (odd) {
		json_object_set_new(object, odd, value);
		return;
	}
	if (len >= sizeof key) /* no key of a plan */
		len = sizeof key - 1;
	for (size_t i = 0; i < len; i++)
		key[i] = element->name[i] == '-' ? ' ' : element->name[i];
	json_object_setn_new_nocheck(object, key, len, value);
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

json_t *so_plan_postgresql_from_xml(const struct so_plan_xml *root)
{
	/* the innermost open element and its value, on the way through the tree without recursion */
	const struct so_plan_xml *at = root;
	json_t **open = NULL, *value = NULL;
	SO_TMP(tmp, NULL);
	size_t depth = 0, size = 0;

	for (;;) {
		if (depth == size) {
			size = size ? size * 2 : 64;
			open = so_renew_array(tmp, open, json_t *, (unsigned)size);
		}
		if (at->first) {
			open[depth++] = so_mem_need(is_list(at) ? json_array() : json_object());
			at = at->first;
			continue;
		}
		value = so_mem_need(json_string(at->text));
		for (;;) {
			if (!depth)
				return value;
			if (json_is_array(open[depth - 1]))
				json_array_append_new(open[depth - 1], value);
			else
				set_key(open[depth - 1], at, value);
			if (at->next) {
				at = at->next;
				break;
			}
			at = at->parent;
			value = open[--depth];
		}
	}
}
