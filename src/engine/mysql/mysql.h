/* The driver for MySQL and MariaDB: one code, two rows of the engine table. Which of the two a server is decides its
 * answer, not the row that it was registered under. */
#ifndef SO_ENGINE_MYSQL_MYSQL_H
#define SO_ENGINE_MYSQL_MYSQL_H

#include "engine/engine.h"

extern const struct so_engine so_engine_mysql, so_engine_mariadb;

#endif
