#include "sql/functions.h"

#include <string.h>

struct builtin {
	const char *name, *properties, *result;
};

#include "sql/resolve/function_table.h"

static int compare(struct so_text name, const char *other)
{
	size_t len = strlen(other);
	int order = memcmp(name.s, other, name.len < len ? name.len : len);

	return order ? order : (name.len > len) - (name.len < len);
}

bool so_builtin_find(struct so_text name, struct so_builtin *out)
{
	size_t low = 0, high = sizeof builtins / sizeof builtins[0];

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(name, builtins[middle].name);

		if (order == 0) {
			const char *p = builtins[middle].properties;

			*out = (struct so_builtin){ p[0], p[1], p[2] == 't', p[3] == 't', p[4] == '!',
				builtins[middle].result };
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
