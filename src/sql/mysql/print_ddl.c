/* Tables, indexes, views and sequences of MySQL and MariaDB. */
#include "sql/print/ddl.h"

static void put_paren_expr(struct printer *pr, so_ref ref)
{
	so_put(pr, "(");
	so_put_expr(pr, ref, SO_LV_ANY);
	so_put(pr, ")");
}

/* ---- Columns and constraints ------------------------------------------------------------------------------------- */

static void put_references(struct printer *pr, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);
	static const char *const matches[] = { "", " MATCH FULL", " MATCH PARTIAL", " MATCH SIMPLE" };
	static const char *const actions[] = { "", " NO ACTION", " RESTRICT", " CASCADE", " SET NULL", " SET DEFAULT" };

	so_put(pr, "REFERENCES ");
	so_put_from_item(pr, node->ref_table);
	if (node->ref_columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->ref_columns, so_put_name_node);
	}
	so_put(pr, matches[rare->match]);
	if (rare->on_delete) {
		so_put(pr, " ON DELETE");
		so_put(pr, actions[rare->on_delete]);
	}
	if (rare->on_update) {
		so_put(pr, " ON UPDATE");
		so_put(pr, actions[rare->on_update]);
	}
}

static void put_generated(struct printer *pr, const struct so_n_constraint *node)
{
	so_put(pr, node->bits & SO_DDL_ALWAYS ? "GENERATED ALWAYS AS " : "AS ");
	if (!node->expr) {
		so_put(pr, "ROW ");
		so_put_upper(pr, so_ast_name(pr->ast, so_rare_constraint(pr->ast, node)->method));
		return;
	}
	put_paren_expr(pr, node->expr);
	so_put(pr, node->bits & SO_DDL_VIRTUAL ? " VIRTUAL" : node->bits & SO_DDL_STORED ? " STORED" : "");
}

static void put_check(struct printer *pr, const struct so_n_constraint *node)
{
	if (node->name.len) {
		so_put(pr, "CONSTRAINT ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, " ");
	}
	so_put(pr, "CHECK ");
	put_paren_expr(pr, node->expr);
	so_put(pr, node->bits & SO_DDL_NOT_ENFORCED ? " NOT ENFORCED"
		   : node->bits & SO_DDL_ENFORCED   ? " ENFORCED"
						    : "");
}

static void put_default(struct printer *pr, const struct so_n_constraint *node)
{
	so_put(pr, "DEFAULT ");
	if (node->bits & SO_DDL_BY_DEFAULT)
		put_paren_expr(pr, node->expr);
	else
		so_put_expr(pr, node->expr, SO_LV_UNARY);
}

static void put_column_constraint(struct printer *pr, so_ref ref)
{
	const struct so_n_constraint *node = GET(pr, constraint, ref);

	so_put(pr, " ");
	switch ((enum so_constraint_type)node->type) {
	case SO_CON_NULL:
		so_put(pr, "NULL");
		return;
	case SO_CON_NOT_NULL:
		so_put(pr, "NOT NULL");
		return;
	case SO_CON_DEFAULT:
		put_default(pr, node);
		return;
	case SO_CON_ON_UPDATE:
		so_put(pr, "ON UPDATE ");
		so_put_expr(pr, node->expr, SO_LV_UNARY);
		return;
	case SO_CON_IDENTITY:
		so_put(pr, "AUTO_INCREMENT");
		return;
	case SO_CON_PRIMARY_KEY:
		so_put(pr, "PRIMARY KEY");
		return;
	case SO_CON_UNIQUE:
		so_put(pr, "UNIQUE");
		return;
	case SO_CON_GENERATED:
		put_generated(pr, node);
		return;
	case SO_CON_CHECK:
		put_check(pr, node);
		return;
	default:
		put_references(pr, node);
	}
}

static void put_column_def(struct printer *pr, so_ref ref)
{
	const struct so_n_column_def *node = GET(pr, column_def, ref);
	const struct so_rare_column_def *rare = so_rare_column_def(pr->ast, node);

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	so_put(pr, " ");
	so_put_type(pr, node->type);
	if (rare->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, rare->collation);
	}
	for (uint32_t i = 0; i < node->constraints.count; i++)
		put_column_constraint(pr, so_list_get(pr->ast, node->constraints, i));
	so_put_phrases(pr, rare->options);
}

static void put_key_part(struct printer *pr, so_ref ref)
{
	static const char *const dirs[] = { "", " ASC", " DESC", "" };
	const struct so_n_index_elem *node;

	if (so_ast_kind(pr->ast, ref) != SO_N_INDEX_ELEM) {
		so_put_node(pr, ref);
		return;
	}
	node = GET(pr, index_elem, ref);
	if (node->hdr.flags & SO_NF_ALL)
		put_paren_expr(pr, node->expr);
	else
		so_put_expr(pr, node->expr, SO_LV_ANY);
	if (node->length)
		put_paren_expr(pr, node->length);
	so_put(pr, dirs[node->dir]);
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " WITHOUT OVERLAPS" : "");
}

static const char *key_words(const struct so_n_constraint *node)
{
	switch ((enum so_constraint_type)node->type) {
	case SO_CON_PRIMARY_KEY:
		return "PRIMARY KEY";
	case SO_CON_UNIQUE:
		return "UNIQUE KEY";
	case SO_CON_FOREIGN_KEY:
		return "FOREIGN KEY";
	default:
		return node->bits & SO_DDL_FULLTEXT  ? "FULLTEXT KEY"
		       : node->bits & SO_DDL_SPATIAL ? "SPATIAL KEY"
		       : node->bits & SO_DDL_OF      ? "VECTOR KEY"
						     : "KEY";
	}
}

static void put_key(struct printer *pr, so_ref ref)
{
	const struct so_n_constraint *node = GET(pr, constraint, ref);
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	if (node->type == SO_CON_CHECK) {
		put_check(pr, node);
		return;
	}
	if (node->name.len) {
		so_put(pr, "CONSTRAINT ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, " ");
	}
	so_put(pr, key_words(node));
	if (node->bits & SO_DDL_IF_NOT_EXISTS)
		so_put(pr, " IF NOT EXISTS");
	if (rare->index.len) {
		so_put(pr, " ");
		so_put_name(pr, rare->index, SO_PLACE_COLUMN);
	}
	if (rare->method.len) {
		so_put(pr, " USING ");
		so_put_upper(pr, so_ast_name(pr->ast, rare->method));
	}
	so_put(pr, " (");
	so_put_list(pr, node->columns, put_key_part);
	so_put(pr, ")");
	if (node->type == SO_CON_FOREIGN_KEY) {
		so_put(pr, " ");
		put_references(pr, node);
	}
	so_put_phrases(pr, rare->options);
}

static void put_element(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_COLUMN_DEF)
		put_column_def(pr, ref);
	else if (so_ast_kind(pr->ast, ref) == SO_N_CONSTRAINT)
		put_key(pr, ref);
	else
		so_put_node(pr, ref);
}

/* ---- Partitions -------------------------------------------------------------------------------------------------- */

static void put_partition_bound(struct printer *pr, so_ref ref)
{
	const struct so_n_partition_bound *node = GET(pr, partition_bound, ref);

	if (node->type == SO_BOUND_TYPE_DEFAULT) {
		so_put(pr, " DEFAULT");
	} else if (node->type == SO_BOUND_TYPE_IN) {
		so_put(pr, " VALUES IN ");
		so_put_paren_list(pr, node->values, so_put_expr_item);
	} else {
		so_put(pr, " VALUES LESS THAN ");
		so_put_paren_list(pr, node->upper, so_put_expr_item);
	}
}

static void put_partition_def(struct printer *pr, so_ref ref);

static void put_subpartition(struct printer *pr, so_ref ref)
{
	so_put(pr, "SUB");
	put_partition_def(pr, ref);
}

static void put_partition_def(struct printer *pr, so_ref ref)
{
	const struct so_n_partition_def *node = GET(pr, partition_def, ref);

	so_put(pr, "PARTITION ");
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->bound)
		put_partition_bound(pr, node->bound);
	so_put_phrases(pr, node->options);
	if (node->subs.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->subs, put_subpartition);
	}
}

static void put_partition_by(struct printer *pr, so_ref ref, const char *words)
{
	const struct so_n_partition_by *node = GET(pr, partition_by, ref);

	so_put(pr, words);
	so_put_upper(pr, so_ast_name(pr->ast, node->method));
	so_put_phrases(pr, node->options);
	if (!so_ast_name_is(pr->ast, node->method, "system_time")) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->keys, so_put_expr_item);
	}
	if (node->count) {
		so_put(pr, words[1] == 'S' ? " SUBPARTITIONS " : " PARTITIONS ");
		so_put_node(pr, node->count);
	}
	if (node->sub)
		put_partition_by(pr, node->sub, " SUBPARTITION BY ");
	if (node->parts.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->parts, put_partition_def);
	}
}

/* ---- Tables, indexes, views -------------------------------------------------------------------------------------- */

static void put_create(struct printer *pr, uint32_t bits, uint32_t persistence)
{
	so_put(pr, bits & SO_DDL_OR_REPLACE ? "CREATE OR REPLACE " : "CREATE ");
	so_put(pr, persistence == SO_TEMPORARY ? "TEMPORARY " : "");
}

static void put_create_table(struct printer *pr, so_ref ref)
{
	const struct so_n_create_table *node = GET(pr, create_table, ref);
	const struct so_rare_create_table *rare = so_rare_create_table(pr->ast, node);

	put_create(pr, node->bits, rare->persistence);
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "TABLE IF NOT EXISTS " : "TABLE ");
	so_put_from_item(pr, node->table);
	if (rare->like) {
		so_put(pr, " LIKE ");
		so_put_from_item(pr, rare->like);
		return;
	}
	if (node->elems.count) {
		so_put(pr, " ");
		so_put_elements(pr, node->elems, put_element);
	}
	so_put_phrases(pr, node->options);
	if (node->partition_by) {
		so_put_break(pr);
		put_partition_by(pr, node->partition_by, "PARTITION BY ");
	}
	if (!rare->query)
		return;
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " IGNORE" : node->hdr.flags & SO_NF_ALL ? " REPLACE" : "");
	so_put(pr, " AS ");
	so_put_statement(pr, rare->query);
}

static void put_create_index(struct printer *pr, so_ref ref)
{
	const struct so_n_create_index *node = GET(pr, create_index, ref);

	put_create(pr, node->bits, SO_PERMANENT);
	so_put(pr, node->bits & SO_DDL_CONCURRENTLY ? "ONLINE " : "");
	so_put(pr, node->bits & SO_DDL_UNIQUE     ? "UNIQUE "
		   : node->bits & SO_DDL_FULLTEXT ? "FULLTEXT "
		   : node->bits & SO_DDL_SPATIAL  ? "SPATIAL "
		   : node->bits & SO_DDL_OF       ? "VECTOR "
						  : "");
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "INDEX IF NOT EXISTS " : "INDEX ");
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->method.len) {
		so_put(pr, " USING ");
		so_put_upper(pr, so_ast_name(pr->ast, node->method));
	}
	so_put(pr, " ON ");
	so_put_from_item(pr, node->table);
	so_put(pr, " ");
	so_put_paren_list(pr, node->keys, put_key_part);
	so_put_phrases(pr, node->options);
}

static void put_create_view(struct printer *pr, so_ref ref)
{
	static const char *const checks[] = { "", " WITH LOCAL CHECK OPTION", " WITH CASCADED CHECK OPTION",
		" WITH CHECK OPTION", "" };
	const struct so_n_create_view *node = GET(pr, create_view, ref);

	if (node->hdr.flags & SO_NF_ALL)
		so_put(pr, "ALTER");
	else
		so_put(pr, node->bits & SO_DDL_OR_REPLACE ? "CREATE OR REPLACE" : "CREATE");
	so_put_phrases(pr, node->modifiers);
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? " VIEW IF NOT EXISTS " : " VIEW ");
	so_put_from_item(pr, node->view);
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, so_put_name_node);
	}
	so_put(pr, " AS ");
	so_put_statement(pr, node->query);
	so_put(pr, checks[node->check]);
}

static void put_create_sequence(struct printer *pr, so_ref ref)
{
	const struct so_n_create_sequence *node = GET(pr, create_sequence, ref);

	put_create(pr, node->bits, node->persistence);
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "SEQUENCE IF NOT EXISTS " : "SEQUENCE ");
	so_put_from_item(pr, node->sequence);
	so_put_phrases(pr, node->options);
}

/* ---- ALTER, DROP ------------------------------------------------------------------------------------------------- */

static void put_position(struct printer *pr, const struct so_n_alter_action *node)
{
	if (node->bits & SO_DDL_FIRST)
		so_put(pr, " FIRST");
	so_put_named(pr, "AFTER", node->new_name);
}

static void put_add_partition(struct printer *pr, const struct so_n_alter_action *node)
{
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "ADD PARTITION IF NOT EXISTS " : "ADD PARTITION ");
	so_put(pr, node->bits & SO_DDL_ONLY ? "NO_WRITE_TO_BINLOG " : "");
	if (node->expr) {
		so_put(pr, "PARTITIONS ");
		so_put_node(pr, node->expr);
	} else {
		so_put_paren_list(pr, node->items, put_partition_def);
	}
}

/* Words of an action; partitions behind INTO stand in parentheses. */
static void put_words(struct printer *pr, const struct so_n_alter_action *node)
{
	for (uint32_t i = 0; i < node->items.count; i++) {
		so_ref item = so_list_get(pr->ast, node->items, i);

		if (so_ast_kind(pr->ast, item) == SO_N_PARTITION_BY) {
			put_partition_by(pr, item, "PARTITION BY ");
		} else if (so_ast_kind(pr->ast, item) == SO_N_PARTITION_DEF) {
			so_put(pr, i == 1 ? " (" : ", ");
			put_partition_def(pr, item);
			so_put(pr, i + 1 == node->items.count ? ")" : "");
		} else {
			so_put(pr, i ? " " : "");
			so_put_node(pr, item);
		}
	}
}

static void put_action(struct printer *pr, so_ref ref)
{
	const struct so_n_alter_action *node = GET(pr, alter_action, ref);

	switch ((enum so_alter_type)node->type) {
	case SO_ALTER_ADD_COLUMN:
		so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ");
		if (node->hdr.flags & SO_NF_ALL)
			so_put_paren_list(pr, node->items, put_element);
		else
			so_put_list(pr, node->items, put_element);
		put_position(pr, node);
		return;
	case SO_ALTER_ADD_CONSTRAINT:
		so_put(pr, "ADD ");
		put_key(pr, node->def);
		return;
	case SO_ALTER_ADD_PARTITION:
		put_add_partition(pr, node);
		return;
	case SO_ALTER_MODIFY_COLUMN:
		so_put(pr, node->name.len ? "CHANGE COLUMN " : "MODIFY COLUMN ");
		so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
		if (node->name.len) {
			so_put_name(pr, node->name, SO_PLACE_COLUMN);
			so_put(pr, " ");
		}
		put_column_def(pr, node->def);
		put_position(pr, node);
		return;
	case SO_ALTER_DROP_COLUMN:
		so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "DROP COLUMN IF EXISTS " : "DROP COLUMN ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put_behavior(pr, node->behavior);
		return;
	case SO_ALTER_SET_DEFAULT:
		so_put(pr, "ALTER COLUMN ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, " SET DEFAULT ");
		if (node->bits & SO_DDL_BY_DEFAULT)
			put_paren_expr(pr, node->expr);
		else
			so_put_expr(pr, node->expr, SO_LV_UNARY);
		return;
	case SO_ALTER_RENAME:
		so_put(pr, "RENAME TO ");
		so_put_from_item(pr, node->def);
		return;
	default:
		put_words(pr, node);
	}
}

static void put_alter(struct printer *pr, so_ref ref)
{
	const struct so_n_alter *node = GET(pr, alter, ref);
	bool sequence = node->object == SO_OBJ_SEQUENCE, waits = false, lines; /* no comma behind WAIT n */

	so_put(pr, "ALTER ");
	so_put(pr, node->bits & SO_DDL_CONCURRENTLY ? "ONLINE " : "");
	so_put(pr, node->bits & SO_DDL_NULLS_NOT_DISTINCT ? "IGNORE " : "");
	so_put(pr, sequence ? "SEQUENCE " : "TABLE ");
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
	so_put_from_item(pr, node->target);
	lines = pr->pretty && node->actions.count > 1;
	for (uint32_t i = 0; i < node->actions.count; i++) {
		so_ref action = so_list_get(pr->ast, node->actions, i);

		so_put(pr, i && !waits ? "," : "");
		so_put_line(pr, lines);
		put_action(pr, action);
		waits = GET(pr, alter_action, action)->type == SO_ALTER_OTHER &&
			GET(pr, alter_action, action)->bits == SO_DDL_ONLY;
	}
}

static void put_drop(struct printer *pr, so_ref ref)
{
	const struct so_n_drop *node = GET(pr, drop, ref);

	so_put(pr, node->bits & SO_DDL_OF ? "DROP TEMPORARY " : "DROP ");
	so_put(pr, node->object == SO_OBJ_INDEX      ? "INDEX "
		   : node->object == SO_OBJ_VIEW     ? "VIEW "
		   : node->object == SO_OBJ_SEQUENCE ? "SEQUENCE "
						     : "TABLE ");
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
	so_put_list(pr, node->names, so_put_from_item);
	if (node->table) {
		so_put(pr, " ON ");
		so_put_from_item(pr, node->table);
	}
	so_put_phrases(pr, node->options);
	so_put_behavior(pr, node->behavior);
}

bool so_put_my_ddl(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_CREATE_TABLE:
		put_create_table(pr, ref);
		return true;
	case SO_N_CREATE_INDEX:
		put_create_index(pr, ref);
		return true;
	case SO_N_CREATE_VIEW:
		put_create_view(pr, ref);
		return true;
	case SO_N_CREATE_SEQUENCE:
		put_create_sequence(pr, ref);
		return true;
	case SO_N_ALTER:
		put_alter(pr, ref);
		return true;
	case SO_N_ALTER_ACTION:
		put_action(pr, ref);
		return true;
	case SO_N_DROP:
		put_drop(pr, ref);
		return true;
	case SO_N_COLUMN_DEF:
	case SO_N_CONSTRAINT:
		put_element(pr, ref);
		return true;
	case SO_N_INDEX_ELEM:
		put_key_part(pr, ref);
		return true;
	case SO_N_PARTITION_DEF:
		put_partition_def(pr, ref);
		return true;
	case SO_N_PARTITION_BY:
		put_partition_by(pr, ref, "PARTITION BY ");
		return true;
	default:
		return false;
	}
}
