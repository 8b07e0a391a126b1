/* How SQLite writes what it has a form of its own for. */
#include "sql/print/ddl.h"

static const char *const actions[] = {
	[SO_OR_NONE] = "",
	[SO_OR_ROLLBACK] = " OR ROLLBACK",
	[SO_OR_ABORT] = " OR ABORT",
	[SO_OR_FAIL] = " OR FAIL",
	[SO_OR_IGNORE] = " OR IGNORE",
	[SO_OR_REPLACE] = " OR REPLACE",
};

/* ---- Types, tables ---------------------------------------------------------------------------------------------- */

/* The words of a type are kept as they were written. */
void so_put_lite_type(struct printer *pr, so_ref ref)
{
	const struct so_n_type *node = GET(pr, type, ref);

	so_put_text(pr, so_ast_name(pr->ast, node->name));
	if (node->mods.count)
		so_put_paren_list(pr, node->mods, so_put_expr_item);
}

void so_put_lite_indexed(struct printer *pr, struct so_list hints)
{
	for (uint32_t i = 0; i < hints.count; i++) {
		const struct so_n_option *node = GET(pr, option, so_list_get(pr->ast, hints, i));

		so_put(pr, " ");
		so_put_upper(pr, so_ast_name(pr->ast, node->name));
		if (!node->value)
			continue;
		so_put(pr, " ");
		so_put_name_node(pr, node->value);
	}
}

/* ---- Data changes ----------------------------------------------------------------------------------------------- */

const char *so_lite_action(uint32_t action)
{
	return action < sizeof actions / sizeof actions[0] ? actions[action] : "";
}

static void put_tail(struct printer *pr, struct so_list order_by, so_ref limit, so_ref offset)
{
	if (order_by.count) {
		so_put_break(pr);
		so_put(pr, "ORDER BY ");
		so_put_list(pr, order_by, so_put_sort);
	}
	if (limit) {
		so_put_break(pr);
		so_put(pr, "LIMIT ");
		so_put_expr(pr, limit, SO_LV_ANY);
	}
	if (offset) {
		so_put(pr, " OFFSET ");
		so_put_expr(pr, offset, SO_LV_ANY);
	}
}

void so_put_lite_dml_tail(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_UPDATE)
		put_tail(pr, GET(pr, update, ref)->order_by, GET(pr, update, ref)->limit, GET(pr, update, ref)->offset);
	else if (so_ast_kind(pr->ast, ref) == SO_N_DELETE)
		put_tail(pr, GET(pr, delete, ref)->order_by, GET(pr, delete, ref)->limit, GET(pr, delete, ref)->offset);
}

/* ---- Constraints ------------------------------------------------------------------------------------------------ */

static void put_words(struct printer *pr, struct so_list options)
{
	for (uint32_t i = 0; i < options.count; i++) {
		const struct so_n_option *option = GET(pr, option, so_list_get(pr->ast, options, i));

		so_put(pr, " ");
		so_put_upper(pr, so_ast_name(pr->ast, option->name));
		if (option->value) {
			so_put(pr, " ");
			so_put_node(pr, option->value);
		}
	}
}

static void put_references(struct printer *pr, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);
	static const char *const matches[] = { "", " MATCH FULL", " MATCH PARTIAL", " MATCH SIMPLE" };
	static const char *const on_actions[] = { "", "NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT" };
	static const char *const deferrables[] = { "", " DEFERRABLE", " NOT DEFERRABLE" };
	static const char *const initially[] = { "", " INITIALLY DEFERRED", " INITIALLY IMMEDIATE" };

	if (node->ref_table) {
		so_put(pr, "REFERENCES ");
		so_put_from_item(pr, node->ref_table);
		if (node->ref_columns.count)
			so_put_paren_list(pr, node->ref_columns, so_put_name_node);
	}
	so_put(pr, matches[rare->match]);
	if (rare->on_delete) {
		so_put(pr, " ON DELETE ");
		so_put(pr, on_actions[rare->on_delete]);
	}
	if (rare->on_update) {
		so_put(pr, " ON UPDATE ");
		so_put(pr, on_actions[rare->on_update]);
	}
	put_words(pr, rare->options);
	so_put(pr, deferrables[rare->deferrable]);
	so_put(pr, initially[rare->initially]);
}

static void put_paren_expr(struct printer *pr, so_ref expr)
{
	so_put(pr, "(");
	so_put_expr(pr, expr, SO_LV_ANY);
	so_put(pr, ")");
}

static void put_default(struct printer *pr, so_ref expr)
{
	enum so_node_kind kind = so_ast_kind(pr->ast, expr);

	so_put(pr, "DEFAULT ");
	/* a name is one that DEFAULT had without parentheses: in them it is an error */
	if (kind == SO_N_CONST || kind == SO_N_COLUMN)
		so_put_expr(pr, expr, SO_LV_ANY);
	else
		put_paren_expr(pr, expr);
}

static void put_key(struct printer *pr, const char *words, const struct so_n_constraint *node)
{
	const struct so_rare_constraint *rare = so_rare_constraint(pr->ast, node);

	so_put(pr, words);
	if (node->columns.count) {
		so_put(pr, " (");
		so_put_list(pr, node->columns, so_put_index_elem);
		so_put(pr, node->bits & SO_DDL_AUTO_INCREMENT ? " AUTOINCREMENT)" : ")");
		put_words(pr, rare->options);
	} else {
		put_words(pr, rare->options);
		if (node->bits & SO_DDL_AUTO_INCREMENT)
			so_put(pr, " AUTOINCREMENT");
	}
}

static void put_constraint(struct printer *pr, so_ref ref)
{
	const struct so_n_constraint *node = GET(pr, constraint, ref);

	if (node->name.len) {
		so_put(pr, "CONSTRAINT ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, node->type == SO_CON_ATTRIBUTES ? "" : " ");
	}
	switch ((enum so_constraint_type)node->type) {
	case SO_CON_NULL:
		put_key(pr, "NULL", node);
		return;
	case SO_CON_NOT_NULL:
		put_key(pr, "NOT NULL", node);
		return;
	case SO_CON_PRIMARY_KEY:
		put_key(pr, "PRIMARY KEY", node);
		return;
	case SO_CON_UNIQUE:
		put_key(pr, "UNIQUE", node);
		return;
	case SO_CON_DEFAULT:
		put_default(pr, node->expr);
		return;
	case SO_CON_CHECK:
		so_put(pr, "CHECK ");
		put_paren_expr(pr, node->expr);
		put_words(pr, so_rare_constraint(pr->ast, node)->options);
		return;
	case SO_CON_GENERATED:
		so_put(pr, node->bits & SO_DDL_ALWAYS ? "GENERATED ALWAYS AS " : "AS ");
		put_paren_expr(pr, node->expr);
		so_put(pr, node->bits & SO_DDL_STORED ? " STORED" : node->bits & SO_DDL_VIRTUAL ? " VIRTUAL" : "");
		return;
	default:
		break;
	}
	if (node->columns.count) {
		so_put(pr, "FOREIGN KEY ");
		so_put_paren_list(pr, node->columns, so_put_name_node);
		so_put(pr, " ");
	}
	put_references(pr, node);
}

static void put_column_def(struct printer *pr, so_ref ref)
{
	const struct so_n_column_def *node = GET(pr, column_def, ref);
	const struct so_rare_column_def *rare = so_rare_column_def(pr->ast, node);

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->type) {
		so_put(pr, " ");
		so_put_lite_type(pr, node->type);
	}
	if (rare->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, rare->collation);
	}
	for (uint32_t i = 0; i < node->constraints.count; i++) {
		so_put(pr, " ");
		put_constraint(pr, so_list_get(pr->ast, node->constraints, i));
	}
}

/* ---- CREATE ----------------------------------------------------------------------------------------------------- */

static void put_create(struct printer *pr, uint32_t persistence, uint32_t bits, const char *object)
{
	so_put(pr, persistence == SO_TEMPORARY ? "CREATE TEMPORARY " : "CREATE ");
	so_put(pr, object);
	so_put(pr, bits & SO_DDL_IF_NOT_EXISTS ? " IF NOT EXISTS " : " ");
}

static void put_elements(struct printer *pr, struct so_list elems)
{
	so_put(pr, " ");
	so_put_elements(pr, elems, so_put_node);
}

static void put_create_table(struct printer *pr, const struct so_n_create_table *node)
{
	const struct so_rare_create_table *rare = so_rare_create_table(pr->ast, node);

	put_create(pr, rare->persistence, node->bits, node->bits & SO_DDL_VIRTUAL ? "VIRTUAL TABLE" : "TABLE");
	so_put_from_item(pr, node->table);
	if (node->bits & SO_DDL_VIRTUAL) {
		so_put(pr, " USING ");
		so_put_name(pr, rare->method, SO_PLACE_COLUMN);
		if (node->options.count)
			so_put_paren_list(pr, node->options, so_put_node);
		return;
	}
	if (rare->query) {
		so_put(pr, " AS");
		so_put_break(pr);
		so_put_statement(pr, rare->query);
		return;
	}
	put_elements(pr, node->elems);
	if (node->bits & SO_DDL_WITHOUT_ROWID)
		so_put(pr, " WITHOUT ROWID");
	if (node->bits & SO_DDL_STRICT)
		so_put(pr, node->bits & SO_DDL_WITHOUT_ROWID ? ", STRICT" : " STRICT");
}

static void put_create_index(struct printer *pr, const struct so_n_create_index *node)
{
	put_create(pr, SO_PERMANENT, node->bits, node->bits & SO_DDL_UNIQUE ? "UNIQUE INDEX" : "INDEX");
	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
	so_put(pr, " ON ");
	so_put_from_item(pr, node->table);
	so_put(pr, " ");
	so_put_paren_list(pr, node->keys, so_put_index_elem);
	if (node->where) {
		so_put_break(pr);
		so_put(pr, "WHERE ");
		so_put_expr(pr, node->where, SO_LV_ANY);
	}
}

static void put_create_view(struct printer *pr, const struct so_n_create_view *node)
{
	put_create(pr, node->persistence, node->bits, "VIEW");
	so_put_from_item(pr, node->view);
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, so_put_name_node);
	}
	so_put(pr, " AS");
	so_put_break(pr);
	so_put_statement(pr, node->query);
}

static void put_alter_action(struct printer *pr, const struct so_n_alter_action *node)
{
	switch ((enum so_alter_type)node->type) {
	case SO_ALTER_ADD_COLUMN:
		so_put(pr, "ADD COLUMN ");
		so_put_list(pr, node->items, so_put_node);
		return;
	case SO_ALTER_DROP_COLUMN:
		so_put(pr, "DROP COLUMN ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		return;
	case SO_ALTER_RENAME:
		so_put(pr, "RENAME TO ");
		so_put_name(pr, node->new_name, SO_PLACE_COLUMN);
		return;
	default:
		so_put(pr, "RENAME COLUMN ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, " TO ");
		so_put_name(pr, node->new_name, SO_PLACE_COLUMN);
	}
}

bool so_put_lite_ddl(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OPTION:
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, option, ref)->name));
		return true;
	case SO_N_COLUMN_DEF:
		put_column_def(pr, ref);
		return true;
	case SO_N_CONSTRAINT:
		put_constraint(pr, ref);
		return true;
	case SO_N_CREATE_TABLE:
		put_create_table(pr, GET(pr, create_table, ref));
		return true;
	case SO_N_CREATE_INDEX:
		put_create_index(pr, GET(pr, create_index, ref));
		return true;
	case SO_N_CREATE_VIEW:
		put_create_view(pr, GET(pr, create_view, ref));
		return true;
	case SO_N_ALTER:
		so_put(pr, "ALTER TABLE ");
		so_put_from_item(pr, GET(pr, alter, ref)->target);
		so_put(pr, " ");
		so_put_list(pr, GET(pr, alter, ref)->actions, so_put_node);
		return true;
	case SO_N_ALTER_ACTION:
		put_alter_action(pr, GET(pr, alter_action, ref));
		return true;
	default:
		return false;
	}
}
