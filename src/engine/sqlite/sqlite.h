/* The driver for SQLite files, read-only. */
#ifndef SO_ENGINE_SQLITE_SQLITE_H
#define SO_ENGINE_SQLITE_SQLITE_H

#include "engine/engine.h"

extern const struct so_engine so_engine_sqlite;

#endif
