/* Trees of libpg_query without places in the text, so that those of two texts compare. */
#ifndef SO_TEST_PG_LOCATIONS_H
#define SO_TEST_PG_LOCATIONS_H

#include <jansson.h>

static inline void so_test_drop_locations(json_t *tree)
{
	static const char *const names[] = { "location", "stmt_location", "stmt_len", "list_start", "list_end" };
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_object(tree))
		for (i = 0; i < sizeof names / sizeof names[0]; i++)
			json_object_del(tree, names[i]);
	json_object_foreach(tree, key, value) so_test_drop_locations(value);
	json_array_foreach(tree, i, value) so_test_drop_locations(value);
}

#endif
