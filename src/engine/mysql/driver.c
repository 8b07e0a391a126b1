#include "engine/mysql/internal.h"

#define MY_FUNCTIONS                                                                                                   \
	.default_port = 3306, .optional = SO_WHERE_DATABASE, .sql = my_sql, .ping = my_ping, .cancel = my_cancel,      \
	.info = my_info, .statements = my_statements, .catalog = my_catalog, .inventory = my_inventory, .ddl = my_ddl, \
	.explain = my_explain, .what_if_begin = my_what_if_begin, .what_if_add = my_what_if_add,                       \
	.what_if_drop = my_what_if_drop, .what_if_end = my_what_if_end, .query = my_read_query,                        \
	.digest = my_read_digest, .execute = my_execute

const struct so_engine so_engine_mysql = {
	.name = "mysql",
	.dialect = "mysql",
	.open = my_open,
	MY_FUNCTIONS,
};

const struct so_engine so_engine_mariadb = {
	.name = "mariadb",
	.dialect = "mariadb",
	.open = my_open_mariadb,
	MY_FUNCTIONS,
};
