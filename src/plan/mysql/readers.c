/* The formats of MySQL's and MariaDB's EXPLAIN. */
#include <string.h>

#include "plan/mysql/block.h"
#include "plan/mysql/steps.h"
#include "plan/mysql/table_form.h"
#include "plan/mysql/warnings.h"

static bool is_blocks(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_JSON && json_is_object(json_object_get(doc->json, "query_block"));
}

/* MySQL writes costs as texts below "cost_info", and never a bare "rows"; MariaDB the other way round. What has
 * neither (a message alone) may be of both. */
static bool is_mysql(const struct so_plan_document *doc)
{
	return is_blocks(doc) && !json_object_get(doc->json, "query_optimization") &&
	       (memmem(doc->text, doc->len, "\"cost_info\"", 11) ||
		       memmem(doc->text, doc->len, "\"rows_examined_per_scan\"", 24) ||
		       json_object_get(json_object_get(doc->json, "query_block"), "message"));
}

static bool read_mysql(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	if (!so_my_read_blocks(builder, doc->json, false, false, err))
		return false;
	so_my_read_warnings(builder, doc);
	return true;
}

static bool read_mariadb(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	bool timed = memmem(doc->text, doc->len, "\"r_loops\"", 9);

	if (!so_my_read_blocks(builder, doc->json, true, timed, err))
		return false;
	so_my_read_warnings(builder, doc);
	return true;
}

static bool read_steps(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	if (!so_my_read_steps(builder, doc, err))
		return false;
	so_my_read_warnings(builder, doc);
	return true;
}

static bool read_tree(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	if (!so_my_read_tree(builder, doc, err))
		return false;
	so_my_read_warnings(builder, doc);
	return true;
}

static bool read_table(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	if (!so_my_read_table_form(builder, doc, err))
		return false;
	so_my_read_warnings(builder, doc);
	return true;
}

/* Both print the same table; only MariaDB's ANALYZE adds columns, and only MySQL shows partitions unasked. */
static bool is_table(const struct so_plan_document *doc)
{
	return so_my_is_table_form(doc, NULL);
}

static bool is_table_of_mysql(const struct so_plan_document *doc)
{
	bool analyzed;

	return so_my_is_table_form(doc, &analyzed) && !analyzed && so_plan_head_has(doc, "partitions");
}

const struct so_plan_reader so_plan_readers_mysql[] = {
	{ "mysql-json", "mysql", is_mysql, read_mysql },
	{ "mysql-json-v2", "mysql", so_my_is_steps, read_steps },
	{ "mysql-tree", "mysql", so_my_is_tree, read_tree },
	{ "mysql-table", "mysql", is_table_of_mysql, read_table },
	{ NULL },
};

const struct so_plan_reader so_plan_readers_mariadb[] = {
	{ "mariadb-json", "mariadb", is_blocks, read_mariadb },
	{ "mariadb-table", "mariadb", is_table, read_table },
	{ NULL },
};
