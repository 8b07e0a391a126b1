/* JSON of statements as texts; the command line prints the same. */
#ifndef SO_API_SQL_H
#define SO_API_SQL_H

#include <jansson.h>

struct so_sql_text;

/* New references. */
json_t *so_sql_parsed_json(const struct so_sql_text *text);
json_t *so_sql_fingerprints_json(const struct so_sql_text *text);

#endif
