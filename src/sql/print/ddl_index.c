/* CREATE INDEX, CREATE VIEW, keys; the forms of ALTER. */
#include "sql/print/ddl.h"

#include <string.h>

#include "sql/tree/ddl_form.h"
#include "sql/parse/ddl.h"

/* A key that needs no parentheses: a name, or a call in its plain form. */
static bool is_bare_key(const struct printer *pr, so_ref ref)
{
	const struct so_n_func *func;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_COLUMN:
		return !GET(pr, column, ref)->qualifier && !so_put_flag(pr, ref, SO_NF_PAREN);
	case SO_N_FUNC:
		func = GET(pr, func, ref);
		return !func->over && !func->filter && func->syntax != SO_FS_AT_TIME_ZONE &&
		       func->syntax != SO_FS_AT_LOCAL && func->syntax != SO_FS_OVERLAPS;
	default:
		return false;
	}
}

void so_put_index_elem(struct printer *pr, so_ref ref)
{
	static const char *const dirs[] = { "", " ASC", " DESC", "" };
	static const char *const nulls[] = { "", " NULLS FIRST", " NULLS LAST" };
	const struct so_n_index_elem *node = GET(pr, index_elem, ref);
	bool bare = is_bare_key(pr, node->expr);

	so_put(pr, bare ? "" : "(");
	if (bare && so_ast_kind(pr->ast, node->expr) == SO_N_COLUMN)
		so_put_name(pr, GET(pr, column, node->expr)->name, SO_PLACE_COLUMN);
	else
		so_put_expr(pr, node->expr, SO_LV_ANY);
	so_put(pr, bare ? "" : ")");
	if (node->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, node->collation);
	}
	if (node->opclass) {
		so_put(pr, " ");
		so_put_name_node(pr, node->opclass);
		so_put_options(pr, " ", node->options);
	}
	so_put(pr, dirs[node->dir]);
	so_put(pr, nulls[node->nulls]);
	if (node->with_op.len) {
		so_put(pr, " WITH ");
		so_put_operator(pr, node->with_schema, node->with_op);
	}
}

void so_put_create_index(struct printer *pr, so_ref ref)
{
	const struct so_n_create_index *node = GET(pr, create_index, ref);

	so_put(pr, node->bits & SO_DDL_UNIQUE ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	so_put(pr, node->bits & SO_DDL_CONCURRENTLY ? "CONCURRENTLY " : "");
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "IF NOT EXISTS " : "");
	if (node->name.len) {
		so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
		so_put(pr, " ");
	}
	so_put(pr, "ON ");
	so_put_from_item(pr, node->table);
	so_put_named(pr, "USING", node->method);
	so_put(pr, " ");
	so_put_paren_list(pr, node->keys, so_put_index_elem);
	if (node->include.count) {
		so_put(pr, " INCLUDE ");
		so_put_paren_list(pr, node->include, so_put_index_elem);
	}
	so_put(pr, node->bits & SO_DDL_NULLS_NOT_DISTINCT ? " NULLS NOT DISTINCT" : "");
	so_put_options(pr, " WITH ", node->options);
	so_put_named(pr, "TABLESPACE", node->tablespace);
	if (node->where) {
		so_put_break(pr);
		so_put(pr, "WHERE ");
		so_put_expr(pr, node->where, SO_LV_ANY);
	}
}

void so_put_create_view(struct printer *pr, so_ref ref)
{
	static const char *const persistence[] = { "", "TEMPORARY ", "UNLOGGED " };
	static const char *const checks[] = { "", "WITH LOCAL CHECK OPTION", "WITH CASCADED CHECK OPTION",
		"WITH CHECK OPTION", "WITH READ ONLY" };
	const struct so_n_create_view *node = GET(pr, create_view, ref);

	so_put(pr, "CREATE ");
	so_put(pr, node->bits & SO_DDL_OR_REPLACE ? "OR REPLACE " : "");
	so_put(pr, persistence[node->persistence]);
	so_put(pr, node->bits & SO_DDL_RECURSIVE ? "RECURSIVE " : "");
	so_put(pr, node->bits & SO_DDL_MATERIALIZED ? "MATERIALIZED " : "");
	so_put(pr, "VIEW ");
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? "IF NOT EXISTS " : "");
	so_put_node(pr, node->view);
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, so_put_name_node);
	}
	so_put_named(pr, "USING", node->method);
	so_put_options(pr, " WITH ", node->options);
	so_put_named(pr, "TABLESPACE", node->tablespace);
	so_put(pr, " AS");
	so_put_break(pr);
	so_put_node(pr, node->query);
	if (node->check) {
		so_put_break(pr);
		so_put(pr, checks[node->check]);
	}
	so_put(pr, node->bits & SO_DDL_NO_DATA ? " WITH NO DATA" : "");
}

/* ---- ALTER ------------------------------------------------------------------------------------------------------ */

static void put_changes(struct printer *pr, struct so_list items)
{
	for (uint32_t i = 0; i < items.count; i++) {
		so_put(pr, i ? " " : "");
		so_put_option(pr, so_list_get(pr->ast, items, i));
	}
}

static void put_owner(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_NAME)
		so_put_name(pr, GET(pr, name, ref)->name, SO_PLACE_FUNC);
	else
		so_put_node(pr, ref);
}

static void put_operand(struct printer *pr, const struct so_n_alter_action *node, char which)
{
	switch (which) {
	case 'n':
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		return;
	case 'N':
		so_put_name(pr, node->new_name, SO_PLACE_COLUMN);
		return;
	case 'l':
		so_put_name_or_default(pr, node->new_name);
		return;
	case 'v':
	case 's':
	case 'e':
	case 'B':
		so_put_node(pr, node->expr);
		return;
	case 'p':
		so_put(pr, "(");
		so_put_expr(pr, node->expr, SO_LV_ANY);
		so_put(pr, ")");
		return;
	case 'K':
		if (node->collation) {
			so_put(pr, " COLLATE ");
			so_put_name_node(pr, node->collation);
		}
		return;
	case 'U':
		if (node->expr) {
			so_put(pr, " USING ");
			so_put_expr(pr, node->expr, SO_LV_ANY);
		}
		return;
	case 'b':
		so_put_behavior(pr, node->behavior);
		return;
	case 'S':
	case 'D':
	case 'f':
		so_put_paren_list(pr, node->items, so_put_option);
		return;
	case 'i':
	case 'o':
		put_changes(pr, node->items);
		return;
	case 'C':
	case 'A':
		so_put_list(pr, node->items, so_put_node);
		return;
	case 'r':
		put_owner(pr, node->def);
		return;
	default:
		so_put_node(pr, node->def);
	}
}

/* Operands that print their own blank, as they may be absent. */
static bool is_optional(char operand)
{
	return operand == 'K' || operand == 'U' || operand == 'b';
}

static void put_form(struct printer *pr, const struct so_n_alter_action *node, const char *text)
{
	bool blank = false;

	for (size_t len; *text; text += len) {
		len = 1;
		if (*text == ' ')
			continue;
		if (*text == '[') {
			len = strcspn(text, "]") + 1;
			continue;
		}
		if (*text == '{') {
			len = strcspn(text, "}") + 1;
			if (!(node->bits & so_ddl_form_bit(text[1])))
				continue;
			so_put(pr, blank ? " " : "");
			so_put_text(pr, (struct so_text){ text + 2, len - 3 });
		} else if (*text == '%') {
			len = 2;
			so_put(pr, blank && !is_optional(text[1]) ? " " : "");
			put_operand(pr, node, text[1]);
		} else {
			len = strcspn(text, " ");
			so_put(pr, blank ? " " : "");
			so_put_text(pr, (struct so_text){ text, len });
		}
		blank = true;
	}
}

void so_put_alter_action(struct printer *pr, so_ref ref)
{
	const struct so_n_alter_action *node = GET(pr, alter_action, ref);
	uint32_t form = node->form;

	for (uint32_t i = 1; !form && i < so_ddl_form_count; i++)
		if (so_ddl_forms[i].type == node->type)
			form = i;
	if (form && form < so_ddl_form_count)
		put_form(pr, node, so_ddl_forms[form].text);
}

void so_put_alter(struct printer *pr, so_ref ref)
{
	const struct so_n_alter *node = GET(pr, alter, ref);

	so_put(pr, "ALTER ");
	so_put(pr, so_object_words((enum so_object)node->object));
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? " IF EXISTS " : " ");
	so_put_node(pr, node->target);
	pr->indent++;
	for (uint32_t i = 0; i < node->actions.count; i++) {
		so_put(pr, i ? "," : "");
		so_put_break(pr);
		so_put_alter_action(pr, so_list_get(pr->ast, node->actions, i));
	}
	pr->indent--;
}
