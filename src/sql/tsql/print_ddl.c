/* Tables, indexes, views and sequences as T-SQL writes them. */
#include "sql/tsql/print.h"

static const char *const key_actions[] = { "", " NO ACTION", " RESTRICT", " CASCADE", " SET NULL", " SET DEFAULT" };

static void put_named(struct printer *pr, const char *word, struct so_name name)
{
	if (!name.len)
		return;
	so_put(pr, word);
	so_put_name(pr, name, SO_PLACE_COLUMN);
}

static void put_index_elem(struct printer *pr, so_ref ref)
{
	static const char *const dirs[] = { "", " ASC", " DESC", "" };
	const struct so_n_index_elem *node;

	if (so_ast_kind(pr->ast, ref) != SO_N_INDEX_ELEM) {
		so_put_tsql_item(pr, ref);
		return;
	}
	node = GET(pr, index_elem, ref);
	so_put_expr(pr, node->expr, SO_LV_ANY);
	so_put(pr, dirs[node->dir]);
}

static void put_clustering(struct printer *pr, uint32_t bits)
{
	so_put(pr, bits & SO_DDL_CLUSTERED ? " CLUSTERED" : bits & SO_DDL_NONCLUSTERED ? " NONCLUSTERED" : "");
}

static void put_word(struct printer *pr, struct so_name name)
{
	if (!name.len)
		return;
	so_put(pr, " ");
	so_put_upper(pr, so_ast_name(pr->ast, name));
}

static void put_elems(
	struct printer *pr, const char *before, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	if (!list.count)
		return;
	so_put(pr, before);
	so_put_paren_list(pr, list, item);
}

/* ---- Constraints ------------------------------------------------------------------------------------------------ */

static void put_key(struct printer *pr, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	so_put(pr, node->type == SO_CON_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE");
	put_clustering(pr, node->bits);
	put_word(pr, rare->method);
	put_elems(pr, " ", node->columns, put_index_elem);
	so_put(pr, node->bits & SO_DDL_NOT_ENFORCED ? " NOT ENFORCED" : "");
	so_put_tsql_clauses(pr, rare->options);
}

static void put_table_index(struct printer *pr, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	so_put(pr, "INDEX ");
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	so_put(pr, node->bits & SO_DDL_UNIQUE ? " UNIQUE" : "");
	put_clustering(pr, node->bits);
	put_word(pr, rare->method);
	put_elems(pr, " ", node->columns, put_index_elem);
	put_elems(pr, " INCLUDE ", rare->include, so_put_name_node);
	if (rare->where) {
		so_put(pr, " WHERE ");
		so_put_expr(pr, rare->where, SO_LV_ANY);
	}
	so_put_tsql_clauses(pr, rare->options);
}

static void put_foreign_key(struct printer *pr, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	if (node->columns.count) {
		so_put(pr, "FOREIGN KEY ");
		so_put_paren_list(pr, node->columns, so_put_name_node);
		so_put(pr, " ");
	}
	so_put(pr, "REFERENCES ");
	so_put_from_item(pr, node->ref_table);
	put_elems(pr, " ", node->ref_columns, so_put_name_node);
	if (rare->on_delete) {
		so_put(pr, " ON DELETE");
		so_put(pr, key_actions[rare->on_delete]);
	}
	if (rare->on_update) {
		so_put(pr, " ON UPDATE");
		so_put(pr, key_actions[rare->on_update]);
	}
	so_put(pr, node->bits & SO_DDL_NOT_VALID ? " NOT FOR REPLICATION" : "");
}

static void put_check(struct printer *pr, const struct so_n_constraint *node)
{
	so_put(pr, node->bits & SO_DDL_NOT_VALID ? "CHECK NOT FOR REPLICATION (" : "CHECK (");
	so_put_expr(pr, node->expr, SO_LV_ANY);
	so_put(pr, ")");
}

static void put_default(struct printer *pr, const struct so_n_constraint *node)
{
	so_put(pr, "DEFAULT ");
	so_put_expr(pr, node->expr, SO_LV_ADD);
	put_named(pr, " FOR ", so_rare_constraint(pr->ast, node)->index);
	so_put(pr, node->bits & SO_DDL_ALWAYS ? " WITH VALUES" : "");
}

static void put_identity(struct printer *pr, const struct so_n_constraint *node)
{
	so_put(pr, "IDENTITY");
	put_elems(pr, "", so_rare_constraint(pr->ast, node)->options, so_put_tsql_item);
	so_put(pr, node->bits & SO_DDL_NOT_VALID ? " NOT FOR REPLICATION" : "");
}

static void put_constraint(struct printer *pr, so_ref ref)
{
	const struct so_n_constraint *node = GET(pr, constraint, ref);
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	if (node->name.len && node->type != SO_CON_KEY) {
		put_named(pr, "CONSTRAINT ", node->name);
		so_put(pr, " ");
	}
	switch ((enum so_constraint_type)node->type) {
	case SO_CON_NULL:
		so_put(pr, "NULL");
		break;
	case SO_CON_NOT_NULL:
		so_put(pr, "NOT NULL");
		break;
	case SO_CON_DEFAULT:
		put_default(pr, node);
		break;
	case SO_CON_CHECK:
		put_check(pr, node);
		break;
	case SO_CON_PRIMARY_KEY:
	case SO_CON_UNIQUE:
		put_key(pr, node);
		break;
	case SO_CON_FOREIGN_KEY:
		put_foreign_key(pr, node);
		break;
	case SO_CON_IDENTITY:
		put_identity(pr, node);
		break;
	case SO_CON_GENERATED:
		so_put(pr, "AS ");
		so_put_expr(pr, node->expr, SO_LV_ANY);
		so_put(pr, node->bits & SO_DDL_STORED ? " PERSISTED" : "");
		break;
	case SO_CON_KEY:
		put_table_index(pr, node);
		break;
	default: /* CONNECTION of an edge table */
		so_put_list(pr, rare->options, so_put_tsql_item);
		if (rare->on_delete) {
			so_put(pr, " ON DELETE");
			so_put(pr, key_actions[rare->on_delete]);
		}
	}
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

static void put_column(struct printer *pr, so_ref ref)
{
	const struct so_n_column_def *node = GET(pr, column_def, ref);
	const struct so_rare_column_def *rare = so_rare_column_def(pr->ast, node);
	uint32_t i = 0;

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->type) {
		so_put(pr, " ");
		so_put_type(pr, node->type);
	} else if (node->constraints.count) {
		/* the expression of a computed column */
		so_put(pr, " ");
		put_constraint(pr, so_list_get(pr->ast, node->constraints, i++));
	}
	if (rare->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, rare->collation);
	}
	so_put_tsql_clauses(pr, rare->options);
	for (; i < node->constraints.count; i++) {
		so_put(pr, " ");
		put_constraint(pr, so_list_get(pr->ast, node->constraints, i));
	}
}

static void put_elem(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_OPTION)
		so_put_tsql_item(pr, ref);
	else
		so_put_node(pr, ref);
}

static void put_table(struct printer *pr, const struct so_n_create_table *node)
{
	const struct so_rare_create_table *rare = so_rare_create_table(pr->ast, node);

	so_put(pr, node->bits & SO_DDL_FOREIGN ? "CREATE EXTERNAL TABLE " : "CREATE TABLE ");
	so_put_from_item(pr, node->table);
	if (node->elems.count) {
		so_put(pr, " ");
		so_put_elements(pr, node->elems, put_elem);
	}
	so_put_tsql_clauses(pr, node->options);
	if (rare->query) {
		so_put(pr, " AS ");
		so_put_statement(pr, rare->query);
	}
}

static void put_index(struct printer *pr, const struct so_n_create_index *node)
{
	so_put(pr, node->bits & SO_DDL_UNIQUE ? "CREATE UNIQUE" : "CREATE");
	put_clustering(pr, node->bits);
	put_word(pr, node->method);
	so_put(pr, " INDEX");
	put_named(pr, " ", node->name);
	so_put(pr, " ON ");
	so_put_from_item(pr, node->table);
	put_elems(pr, " ", node->keys, put_index_elem);
	put_elems(pr, " INCLUDE ", node->include, so_put_name_node);
	if (node->where) {
		so_put(pr, " WHERE ");
		so_put_expr(pr, node->where, SO_LV_ANY);
	}
	so_put_tsql_clauses(pr, node->options);
}

/* ---- Views, sequences ---------------------------------------------------------------------------------------------
 */

static void put_view(struct printer *pr, const struct so_n_create_view *node)
{
	so_put(pr, node->bits & SO_DDL_OR_REPLACE     ? "CREATE OR ALTER VIEW "
		   : node->bits & SO_DDL_ENFORCED     ? "ALTER VIEW "
		   : node->bits & SO_DDL_MATERIALIZED ? "CREATE MATERIALIZED VIEW "
						      : "CREATE VIEW ");
	so_put_from_item(pr, node->view);
	put_elems(pr, " ", node->columns, so_put_name_node);
	if (node->options.count) {
		so_put(pr, " WITH ");
		if (node->bits & SO_DDL_MATERIALIZED)
			so_put_paren_list(pr, node->options, so_put_tsql_item);
		else
			so_put_list(pr, node->options, so_put_tsql_item);
	}
	so_put(pr, " AS");
	so_put_break(pr);
	so_put_statement(pr, node->query);
	if (node->check)
		so_put(pr, " WITH CHECK OPTION");
}

/* ---- ALTER, DROP ------------------------------------------------------------------------------------------------- */

static void put_add(struct printer *pr, const struct so_n_alter_action *node)
{
	so_put(pr, node->bits & SO_DDL_ENFORCED    ? "WITH CHECK ADD "
		   : node->bits & SO_DDL_NOT_VALID ? "WITH NOCHECK ADD "
						   : "ADD ");
	so_put_list(pr, node->items, put_elem);
}

static void put_dropped(struct printer *pr, const struct so_n_alter_action *node)
{
	so_put(pr, node->type == SO_ALTER_DROP_COLUMN  ? "COLUMN "
		   : node->type == SO_ALTER_DROP_INDEX ? "INDEX "
						       : "CONSTRAINT ");
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	so_put_tsql_clauses(pr, node->items);
}

static bool is_drop(const struct so_n_alter_action *node)
{
	return node->type == SO_ALTER_DROP_COLUMN || node->type == SO_ALTER_DROP_CONSTRAINT ||
	       node->type == SO_ALTER_DROP_INDEX;
}

static void put_action(struct printer *pr, so_ref ref)
{
	const struct so_n_alter_action *node = GET(pr, alter_action, ref);

	if (is_drop(node)) {
		put_dropped(pr, node);
	} else if (node->type == SO_ALTER_ADD_COLUMN) {
		put_add(pr, node);
	} else if (node->type == SO_ALTER_MODIFY_COLUMN) {
		so_put(pr, "ALTER COLUMN ");
		put_column(pr, node->def);
		so_put_tsql_clauses(pr, node->items);
	} else if (node->type == SO_ALTER_SEQUENCE) {
		for (uint32_t i = 0; i < node->items.count; i++) {
			so_put(pr, i ? " " : "");
			so_put_tsql_item(pr, so_list_get(pr->ast, node->items, i));
		}
	} else {
		so_put_list(pr, node->items, so_put_tsql_item);
	}
}

static void put_alter(struct printer *pr, const struct so_n_alter *node)
{
	const struct so_n_alter_action *first =
		node->actions.count ? GET(pr, alter_action, so_list_get(pr->ast, node->actions, 0)) : NULL;

	switch ((enum so_object)node->object) {
	case SO_OBJ_INDEX:
		so_put(pr, node->bits & SO_DDL_FULLTEXT ? "ALTER FULLTEXT INDEX" : "ALTER INDEX");
		if (first && first->name.len) {
			so_put(pr, " ");
			if (!first->name.quoted && so_ast_name_is(pr->ast, first->name, "ALL"))
				so_put(pr, "ALL");
			else
				so_put_name(pr, first->name, SO_PLACE_COLUMN);
		}
		so_put(pr, " ON ");
		break;
	case SO_OBJ_STATISTICS:
		so_put(pr, "UPDATE STATISTICS ");
		break;
	case SO_OBJ_SEQUENCE:
		so_put(pr, "ALTER SEQUENCE ");
		break;
	default:
		so_put(pr, "ALTER TABLE ");
	}
	so_put_from_item(pr, node->target);
	if (!first)
		return;
	so_put(pr, is_drop(first) ? " DROP " : " ");
	so_put_list(pr, node->actions, put_action);
}

static void put_dropped_name(struct printer *pr, so_ref ref)
{
	const struct so_n_table *node = GET(pr, table, ref);

	if (!(node->hdr.flags & SO_NF_WITHIN)) {
		so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
		return;
	}
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	so_put(pr, " ON ");
	so_put_name_node(pr, node->qualifier);
	so_put_tsql_clauses(pr, so_rare_table(pr->ast, node)->hints);
}

static void put_drop(struct printer *pr, const struct so_n_drop *node)
{
	static const char *const words[SO_OBJ_MAX] = { [SO_OBJ_TABLE] = "TABLE ",
		[SO_OBJ_FOREIGN_TABLE] = "EXTERNAL TABLE ",
		[SO_OBJ_VIEW] = "VIEW ",
		[SO_OBJ_INDEX] = "INDEX ",
		[SO_OBJ_SEQUENCE] = "SEQUENCE ",
		[SO_OBJ_PROCEDURE] = "PROCEDURE ",
		[SO_OBJ_FUNCTION] = "FUNCTION ",
		[SO_OBJ_STATISTICS] = "STATISTICS ",
		[SO_OBJ_SYNONYM] = "SYNONYM ",
		[SO_OBJ_SCHEMA] = "SCHEMA ",
		[SO_OBJ_TYPE] = "TYPE " };

	so_put(pr, "DROP ");
	if (node->bits & SO_DDL_FULLTEXT)
		so_put(pr, "FULLTEXT INDEX ON ");
	else
		so_put(pr, words[node->object] ? words[node->object] : "");
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
	so_put_list(pr, node->names, put_dropped_name);
}

static void put_truncate(struct printer *pr, const struct so_n_truncate *node)
{
	so_put(pr, "TRUNCATE TABLE ");
	so_put_list(pr, node->tables, so_put_from_item);
}

bool so_put_tsql_ddl(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_COLUMN_DEF:
		put_column(pr, ref);
		return true;
	case SO_N_CONSTRAINT:
		put_constraint(pr, ref);
		return true;
	case SO_N_INDEX_ELEM:
		put_index_elem(pr, ref);
		return true;
	case SO_N_CREATE_TABLE:
		put_table(pr, GET(pr, create_table, ref));
		return true;
	case SO_N_CREATE_INDEX:
		put_index(pr, GET(pr, create_index, ref));
		return true;
	case SO_N_CREATE_VIEW:
		put_view(pr, GET(pr, create_view, ref));
		return true;
	case SO_N_CREATE_SEQUENCE:
		so_put(pr, "CREATE SEQUENCE ");
		so_put_from_item(pr, GET(pr, create_sequence, ref)->sequence);
		so_put_tsql_clauses(pr, GET(pr, create_sequence, ref)->options);
		return true;
	case SO_N_ALTER:
		put_alter(pr, GET(pr, alter, ref));
		return true;
	case SO_N_ALTER_ACTION:
		put_action(pr, ref);
		return true;
	case SO_N_DROP:
		put_drop(pr, GET(pr, drop, ref));
		return true;
	case SO_N_TRUNCATE:
		put_truncate(pr, GET(pr, truncate, ref));
		return true;
	default:
		return false;
	}
}
