/* Statements that define objects: what they share, and the small ones. */
#include "sql/print/ddl.h"

#include "sql/parse/ddl.h"

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

void so_put_upper(struct printer *pr, struct so_text text)
{
	for (size_t i = 0; i < text.len; i++)
		so_buf_addc(pr->buf, (char)(text.s[i] >= 'a' && text.s[i] <= 'z' ? text.s[i] - 32 : text.s[i]));
}

void so_put_behavior(struct printer *pr, uint32_t behavior)
{
	static const char *const words[] = { "", " RESTRICT", " CASCADE" };

	so_put(pr, words[behavior]);
}

void so_put_named(struct printer *pr, const char *word, struct so_name name)
{
	if (!name.len)
		return;
	so_put(pr, " ");
	so_put(pr, word);
	so_put(pr, " ");
	so_put_name(pr, name, SO_PLACE_COLUMN);
}

void so_put_paren_list(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	so_put(pr, "(");
	so_put_list(pr, list, item);
	so_put(pr, ")");
}

void so_put_name_or_default(struct printer *pr, struct so_name name)
{
	if (!name.quoted && so_ast_name_is(pr->ast, name, "default"))
		so_put(pr, "DEFAULT");
	else
		so_put_name(pr, name, SO_PLACE_COLUMN);
}

/* ---- Options ---------------------------------------------------------------------------------------------------- */

static bool is_symbol(struct so_text text)
{
	return text.len && !((text.s[0] | 32) >= 'a' && (text.s[0] | 32) <= 'z') && text.s[0] != '_' &&
	       (unsigned char)text.s[0] < 0x80;
}

/* Words and operators stand bare. */
static void put_value(struct printer *pr, so_ref ref)
{
	struct so_text text;

	if (so_ast_kind(pr->ast, ref) != SO_N_NAME) {
		so_put_node(pr, ref);
		return;
	}
	text = so_ast_name(pr->ast, GET(pr, name, ref)->name);
	if (is_symbol(text) && GET(pr, name, ref)->qualifier)
		so_put_operator(pr, GET(pr, name, ref)->qualifier, GET(pr, name, ref)->name);
	else
		so_put_text(pr, text);
}

static void put_value_item(struct printer *pr, so_ref ref)
{
	so_put_node(pr, ref);
}

/* ADD name 'value' */
static void put_fdw_option(struct printer *pr, so_ref ref)
{
	static const char *const changes[] = { "", "ADD ", "SET ", "DROP " };
	const struct so_n_option *node = GET(pr, option, ref);

	so_put(pr, changes[node->change]);
	so_put_name(pr, node->name, SO_PLACE_LABEL);
	if (node->value) {
		so_put(pr, " ");
		so_put_node(pr, node->value);
	}
}

void so_put_option(struct printer *pr, so_ref ref)
{
	const struct so_n_option *node = GET(pr, option, ref);

	if (node->style == SO_OPTION_OWN) {
		put_fdw_option(pr, ref);
		return;
	}
	if (node->style == SO_OPTION_EQUALS) {
		if (node->space.len) {
			so_put_name(pr, node->space, SO_PLACE_LABEL);
			so_put(pr, ".");
		}
		so_put_name(pr, node->name, SO_PLACE_LABEL);
		if (node->value) {
			so_put(pr, " = ");
			put_value(pr, node->value);
		}
		return;
	}
	so_put(pr, node->change == SO_OPTION_SET ? "SET " : "");
	so_put_upper(pr, so_ast_name(pr->ast, node->name));
	if (node->value) {
		so_put(pr, " ");
		so_put_node(pr, node->value);
	}
	if (node->values.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->values, put_value_item);
	}
}

void so_put_options(struct printer *pr, const char *before, struct so_list options)
{
	if (!options.count)
		return;
	so_put(pr, before);
	so_put_paren_list(pr, options, so_put_option);
}

void so_put_fdw_options(struct printer *pr, struct so_list options)
{
	so_put_options(pr, " OPTIONS ", options);
}

void so_put_plain_options(struct printer *pr, struct so_list options)
{
	for (uint32_t i = 0; i < options.count; i++) {
		so_put(pr, " ");
		so_put_option(pr, so_list_get(pr->ast, options, i));
	}
}

/* ---- Sequences, types, domains, schemas ------------------------------------------------------------------------- */

static void put_create(struct printer *pr, uint32_t persistence, const char *word, uint32_t bits)
{
	static const char *const words[] = { "", "TEMPORARY ", "UNLOGGED " };

	so_put(pr, "CREATE ");
	so_put(pr, bits & SO_DDL_OR_REPLACE ? "OR REPLACE " : "");
	so_put(pr, words[persistence]);
	so_put(pr, word);
	so_put(pr, bits & SO_DDL_IF_NOT_EXISTS ? "IF NOT EXISTS " : "");
}

static void put_create_type(struct printer *pr, const struct so_n_create_type *node)
{
	static const char *const forms[] = { "", " AS ", " AS ENUM ", " AS RANGE ", " ", " FROM " };

	put_create(pr, SO_PERMANENT, "TYPE ", 0);
	so_put_name_node(pr, node->name);
	so_put(pr, forms[node->form]);
	switch ((enum so_type_form)node->form) {
	case SO_TYPE_SHELL:
		return;
	case SO_TYPE_COMPOSITE:
		so_put_paren_list(pr, node->elems, so_put_column_def);
		return;
	case SO_TYPE_ENUM:
		so_put_paren_list(pr, node->elems, so_put_node);
		return;
	case SO_TYPE_RANGE:
	case SO_TYPE_BASE:
		so_put_paren_list(pr, node->elems, so_put_option);
		return;
	case SO_TYPE_ALIAS:
		so_put_type(pr, node->type);
		return;
	}
}

static void put_create_domain(struct printer *pr, const struct so_n_create_domain *node)
{
	put_create(pr, SO_PERMANENT, "DOMAIN ", 0);
	so_put_name_node(pr, node->name);
	so_put(pr, " AS ");
	so_put_type(pr, node->type);
	if (node->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, node->collation);
	}
	for (uint32_t i = 0; i < node->constraints.count; i++) {
		so_put(pr, " ");
		so_put_constraint(pr, so_list_get(pr->ast, node->constraints, i));
	}
}

static void put_role(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_NAME)
		so_put_name(pr, GET(pr, name, ref)->name, SO_PLACE_FUNC);
	else
		so_put_node(pr, ref);
}

static void put_create_schema(struct printer *pr, const struct so_n_create_schema *node)
{
	put_create(pr, SO_PERMANENT, "SCHEMA", 0);
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? " IF NOT EXISTS" : "");
	if (node->name.len) {
		so_put(pr, " ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
	}
	if (node->owner) {
		so_put(pr, " AUTHORIZATION ");
		put_role(pr, node->owner);
	}
	for (uint32_t i = 0; i < node->statements.count; i++) {
		so_put_break(pr);
		so_put_node(pr, so_list_get(pr->ast, node->statements, i));
	}
}

static void put_create_statistics(struct printer *pr, const struct so_n_create_statistics *node)
{
	put_create(pr, SO_PERMANENT, "STATISTICS ", node->bits);
	if (node->name)
		so_put_name_node(pr, node->name);
	if (node->kinds.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->kinds, so_put_name_node);
	}
	so_put(pr, " ON ");
	so_put_list(pr, node->exprs, so_put_index_elem);
	so_put(pr, " FROM ");
	so_put_list(pr, node->from, so_put_from_item);
}

void so_put_create_object(struct printer *pr, so_ref ref)
{
	const struct so_n_create_sequence *sequence;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_CREATE_SEQUENCE:
		sequence = GET(pr, create_sequence, ref);
		put_create(pr, sequence->persistence, "SEQUENCE ", sequence->bits);
		so_put_from_item(pr, sequence->sequence);
		so_put_plain_options(pr, sequence->options);
		return;
	case SO_N_CREATE_TYPE:
		put_create_type(pr, GET(pr, create_type, ref));
		return;
	case SO_N_CREATE_DOMAIN:
		put_create_domain(pr, GET(pr, create_domain, ref));
		return;
	case SO_N_CREATE_SCHEMA:
		put_create_schema(pr, GET(pr, create_schema, ref));
		return;
	default:
		put_create_statistics(pr, GET(pr, create_statistics, ref));
	}
}

/* ---- DROP, TRUNCATE, COMMENT ------------------------------------------------------------------------------------ */

static void put_drop(struct printer *pr, const struct so_n_drop *node)
{
	so_put(pr, "DROP ");
	so_put(pr, so_object_words((enum so_object)node->object));
	so_put(pr, node->bits & SO_DDL_CONCURRENTLY ? " CONCURRENTLY " : " ");
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? "IF EXISTS " : "");
	so_put_list(pr, node->names, so_put_node);
	if (node->table) {
		so_put(pr, " ON ");
		so_put_node(pr, node->table);
	}
	so_put_behavior(pr, node->behavior);
	so_put_plain_options(pr, node->options);
}

static void put_truncate(struct printer *pr, const struct so_n_truncate *node)
{
	static const char *const restarts[] = { "", " RESTART IDENTITY", " CONTINUE IDENTITY" };

	so_put(pr, "TRUNCATE TABLE ");
	so_put_list(pr, node->tables, so_put_from_item);
	so_put(pr, restarts[node->restart]);
	so_put_behavior(pr, node->behavior);
	so_put_phrases(pr, node->options);
}

static void put_comment(struct printer *pr, const struct so_n_comment *node)
{
	bool domain = node->object == SO_OBJ_CONSTRAINT && so_ast_kind(pr->ast, node->table) == SO_N_TYPE;

	so_put(pr, "COMMENT ON ");
	so_put(pr, so_object_words((enum so_object)node->object));
	so_put(pr, " ");
	so_put_node(pr, node->name);
	if (node->table) {
		so_put(pr, domain ? " ON DOMAIN " : " ON ");
		so_put_node(pr, node->table);
	}
	so_put(pr, " IS ");
	so_put_node(pr, node->text);
}

bool so_put_ddl(struct printer *pr, so_ref ref)
{
	if (is_lite(pr) && so_put_lite_ddl(pr, ref))
		return true;
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OPTION:
		so_put_option(pr, ref);
		return true;
	case SO_N_COLUMN_DEF:
		so_put_column_def(pr, ref);
		return true;
	case SO_N_CONSTRAINT:
		so_put_constraint(pr, ref);
		return true;
	case SO_N_TABLE_LIKE:
	case SO_N_PARTITION_DEF:
	case SO_N_CREATE_TABLE:
		so_put_create_table(pr, ref);
		return true;
	case SO_N_PARTITION_BY:
		so_put_partition_by(pr, ref);
		return true;
	case SO_N_PARTITION_BOUND:
		so_put_partition_bound(pr, ref);
		return true;
	case SO_N_CREATE_INDEX:
		so_put_create_index(pr, ref);
		return true;
	case SO_N_CREATE_VIEW:
		so_put_create_view(pr, ref);
		return true;
	case SO_N_CREATE_SEQUENCE:
	case SO_N_CREATE_TYPE:
	case SO_N_CREATE_DOMAIN:
	case SO_N_CREATE_SCHEMA:
	case SO_N_CREATE_STATISTICS:
		so_put_create_object(pr, ref);
		return true;
	case SO_N_ALTER:
		so_put_alter(pr, ref);
		return true;
	case SO_N_ALTER_ACTION:
		so_put_alter_action(pr, ref);
		return true;
	case SO_N_DROP:
		put_drop(pr, GET(pr, drop, ref));
		return true;
	case SO_N_TRUNCATE:
		put_truncate(pr, GET(pr, truncate, ref));
		return true;
	case SO_N_COMMENT:
		put_comment(pr, GET(pr, comment, ref));
		return true;
	default:
		return false;
	}
}
