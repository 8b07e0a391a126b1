/* Periods as parameters of a query: by a word or by their ends, given once. */
#ifndef SO_API_PERIODS_H
#define SO_API_PERIODS_H

#include "base/field.h"
#include "service/query_list.h"

/* Words that end now, without "all": a chart needs a begin. */
extern const char *const so_chart_periods[];

/* SO_INT_NONE: an end that was not given. `errors` gets what is wrong. */
void so_period_check(const char *word, int64_t from_us, int64_t to_us, struct so_field_errors *errors);
/* The last day when nothing was given. */
struct so_period_request so_period_request_of(const char *word, int64_t from_us, int64_t to_us);
/* Place of a word that is in the list. */
int so_word_index(const char *const *words, const char *word);

#endif
