/* The PostgreSQL driver, 13 and later, and what speaks its protocol and has its catalogs. */
#ifndef SO_ENGINE_POSTGRESQL_POSTGRESQL_H
#define SO_ENGINE_POSTGRESQL_POSTGRESQL_H

#include "engine/engine.h"

extern const struct so_engine so_engine_postgresql;

#endif
