#include "api/periods.h"

#include <string.h>

const char *const so_chart_periods[] = { "hour", "day", "week", "month", NULL };

void so_period_check(const char *word, int64_t from_us, int64_t to_us, struct so_field_errors *errors)
{
	if (word && (from_us != SO_INT_NONE || to_us != SO_INT_NONE))
		so_field_error(errors, "query", "period", "value_error", "give either period or from and to");
	if (from_us == SO_INT_NONE && to_us != SO_INT_NONE)
		so_field_error(errors, "query", "from", "missing", "to needs from");
	if (from_us != SO_INT_NONE && to_us != SO_INT_NONE && to_us <= from_us)
		so_field_error(errors, "query", "to", "value_error", "must be after from");
}

struct so_period_request so_period_request_of(const char *word, int64_t from_us, int64_t to_us)
{
	if (from_us == SO_INT_NONE)
		return (struct so_period_request){ .word = word ? word : "day" };
	return (struct so_period_request){ .from_us = from_us, .to_us = to_us == SO_INT_NONE ? 0 : to_us };
}

int so_word_index(const char *const *words, const char *word)
{
	int at = 0;

	while (strcmp(words[at], word) != 0)
		at++;
	return at;
}
