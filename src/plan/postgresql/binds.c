/* "Query Parameters: $1 = '42', $2 = NULL", as auto_explain of PostgreSQL 16 and later has it. */
#include <ctype.h>
#include <string.h>

#include "plan/postgresql/tree.h"

/* Behind the quoted text at `at`; NULL: it does not end. */
static const char *behind_quoted(const char *at, const char *stop)
{
	for (at++; at < stop; at++) {
		if (*at != '\'')
			continue;
		if (at + 1 < stop && at[1] == '\'')
			at++;
		else
			return at + 1;
	}
	return NULL;
}

/* auto_explain.log_parameter_max_length cuts values off, inside of the quotes. */
static bool is_cut(const char *value, size_t len)
{
	return len >= 5 && memcmp(value + len - 4, "...'", 4) == 0;
}

void so_plan_pg_binds(struct so_plan_builder *builder, const char *text, size_t len)
{
	const char *at = text, *stop = text + len;

	while (at < stop && *at == '$') {
		const char *name = at, *value, *end;
		size_t name_len;

		for (at++; at < stop && isdigit((unsigned char)*at); at++)
			;
		name_len = (size_t)(at - name);
		if (stop - at < 4 || memcmp(at, " = ", 3) != 0)
			return;
		value = at + 3;
		if (*value == '\'')
			end = behind_quoted(value, stop);
		else
			end = stop - value >= 4 && memcmp(value, "NULL", 4) == 0 ? value + 4 : NULL;
		if (!end)
			return;
		if (!is_cut(value, (size_t)(end - value)))
			so_plan_add_bind(builder, name, name_len, value, (size_t)(end - value));
		for (at = end; at < stop && (*at == ',' || isspace((unsigned char)*at)); at++)
			;
	}
}
