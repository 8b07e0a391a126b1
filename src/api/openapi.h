/* The OpenAPI 3.1 document, generated from the route and field tables. */
#ifndef SO_API_OPENAPI_H
#define SO_API_OPENAPI_H

#include "api/route.h"

/* New reference. Every route of the tables, every resource they use, every error they can give. */
json_t *so_openapi(const struct so_route_table *const *tables);
const char *so_permission_name(enum so_permission permission);

#endif
