#include "engine/mysql/internal.h"
#include "engine/mysql/sql.h"

static const char no_what_if[] = "MySQL and MariaDB have no indexes that only one session sees: an index has to be "
				 "built to be tried, so its cost is estimated from the statistics";

#define MY_FUNCTIONS                                                                                                   \
	.default_port = 3306, .optional = SO_WHERE_DATABASE, .sql = my_sql, .databases = MY_SQL_DATABASES,             \
	.ping = my_ping, .cancel = my_cancel, .info = my_info, .statements = my_statements, .counters = my_counters,   \
	.texts = my_texts, .activity = my_activity, .samples = my_samples, .catalog = my_catalog,                      \
	.inventory = my_inventory, .ddl = my_ddl, .explain = my_explain, .no_what_if = no_what_if, SO_NO_WHAT_IF,      \
	.query = my_read_query, .digest = my_read_digest, .execute = my_execute

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
