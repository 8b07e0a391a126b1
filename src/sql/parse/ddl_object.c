/* Sequences, types, domains, schemas; DROP, TRUNCATE, COMMENT. */
#include "sql/parse/ddl.h"

so_ref so_parse_create_sequence(struct parse *p, uint32_t first, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_SEQUENCE, first);
	struct so_n_create_sequence *node = NEW(p, create_sequence, ref);

	node->persistence = persistence;
	if (so_parse_if_not_exists(p))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	node->sequence = so_parse_ddl_table(p);
	node->options = so_parse_sequence_options(p);
	return so_parse_done(p, ref);
}

/* ---- Types ------------------------------------------------------------------------------------------------------ */

/* name type [COLLATE c] */
so_ref so_parse_attribute(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = NEW(p, column_def, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->type = so_parse_type(p);
	if (accept_kw(p, SO_KW_collate))
		so_set_rare(p->ast, column_def, node, collation, so_parse_any_name(p));
	return so_parse_done(p, ref);
}

/* ( item, .. ) or () */
static struct so_list maybe_empty(struct parse *p, so_ref (*item)(struct parse *p))
{
	if (at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		so_parse_move(p, 2);
		return (struct so_list){ 0, 0 };
	}
	return so_parse_paren_list(p, item);
}

so_ref so_parse_create_type(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TYPE, first);
	struct so_n_create_type *node = NEW(p, create_type, ref);

	node->name = so_parse_any_name(p);
	if (at(p, SO_TOK_LPAREN)) {
		node->form = SO_TYPE_BASE;
		node->elems = so_parse_definition(p);
	} else if (accept_kw(p, SO_KW_as)) {
		if (accept_kw(p, SO_KW_enum)) {
			node->form = SO_TYPE_ENUM;
			node->elems = maybe_empty(p, so_parse_string_const);
		} else if (so_parse_accept_word(p, "range")) {
			node->form = SO_TYPE_RANGE;
			node->elems = so_parse_definition(p);
		} else {
			node->form = SO_TYPE_COMPOSITE;
			node->elems = maybe_empty(p, so_parse_attribute);
		}
	}
	return so_parse_done(p, ref);
}

so_ref so_parse_create_domain(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_DOMAIN, first);
	struct so_n_create_domain *node = NEW(p, create_domain, ref);

	node->name = so_parse_any_name(p);
	accept_kw(p, SO_KW_as);
	node->type = so_parse_type(p);
	node->constraints = so_parse_column_constraints(p, &node->collation);
	return so_parse_done(p, ref);
}

/* ---- Schemas ---------------------------------------------------------------------------------------------------- */

so_ref so_parse_create_schema(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_SCHEMA, first);
	struct so_n_create_schema *node = NEW(p, create_schema, ref);
	size_t mark;

	if (so_parse_if_not_exists(p))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	if (!at_kw(p, SO_KW_authorization))
		node->name = so_parse_name(p, SO_USE_COLUMN);
	if (accept_kw(p, SO_KW_authorization))
		node->owner = so_parse_role(p);
	mark = so_parse_mark(p);
	while (at_kw(p, SO_KW_create) || at_kw(p, SO_KW_grant)) {
		if (node->bits & SO_DDL_IF_NOT_EXISTS)
			so_parse_unexpected(p);
		else if (so_parse_enter(p))
			so_parse_push(p, so_parse_statement(p));
		so_parse_leave(p);
	}
	node->statements = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* ---- DROP ------------------------------------------------------------------------------------------------------- */

/* Objects that DROP and COMMENT name with one word; the rest has a schema, is ON a table, or is not looked into. */
static bool has_plain_name(enum so_object object)
{
	switch (object) {
	case SO_OBJ_SCHEMA:
	case SO_OBJ_EXTENSION:
	case SO_OBJ_SERVER:
	case SO_OBJ_FDW:
	case SO_OBJ_ACCESS_METHOD:
	case SO_OBJ_EVENT_TRIGGER:
	case SO_OBJ_LANGUAGE:
	case SO_OBJ_PUBLICATION:
		return true;
	default:
		return false;
	}
}

static bool has_any_name(enum so_object object)
{
	switch (object) {
	case SO_OBJ_STATISTICS:
	case SO_OBJ_COLLATION:
	case SO_OBJ_CONVERSION:
	case SO_OBJ_TS_PARSER:
	case SO_OBJ_TS_DICTIONARY:
	case SO_OBJ_TS_TEMPLATE:
	case SO_OBJ_TS_CONFIGURATION:
		return true;
	default:
		return so_object_is_relation(object);
	}
}

static bool is_on_table(enum so_object object)
{
	return object == SO_OBJ_TRIGGER || object == SO_OBJ_RULE || object == SO_OBJ_POLICY;
}

static so_ref (*name_rule(enum so_object object))(struct parse *p)
{
	if (so_object_is_relation(object))
		return so_parse_ddl_table;
	if (object == SO_OBJ_TYPE || object == SO_OBJ_DOMAIN)
		return so_parse_type;
	return has_any_name(object) ? so_parse_any_name : so_parse_name_node;
}

so_ref so_parse_drop(struct parse *p)
{
	uint32_t first = p->pos, words;
	enum so_object object = so_parse_object_at(p, 1, &words);
	struct so_n_drop *node;
	so_ref ref;

	if (!words || !(has_plain_name(object) || has_any_name(object) || is_on_table(object) ||
			      object == SO_OBJ_TYPE || object == SO_OBJ_DOMAIN))
		return 0;
	so_parse_move(p, words + 1);
	ref = so_parse_node(p, SO_N_DROP, first);
	node = AS(p, drop, ref);
	node->object = object;
	if (object == SO_OBJ_INDEX && accept_kw(p, SO_KW_concurrently))
		node->bits |= SO_DDL_CONCURRENTLY;
	if (so_parse_if_exists(p))
		node->bits |= SO_DDL_IF_EXISTS;
	if (is_on_table(object)) {
		size_t mark = so_parse_mark(p);

		so_parse_push(p, so_parse_name_node(p));
		node->names = so_parse_take(p, mark);
		so_parse_expect_kw(p, SO_KW_on);
		node->table = so_parse_ddl_table(p);
	} else {
		node->names = so_parse_list(p, name_rule(object));
	}
	node->behavior = so_parse_behavior(p);
	return so_parse_done(p, ref);
}

/* ---- TRUNCATE --------------------------------------------------------------------------------------------------- */

static so_ref truncated_table(struct parse *p)
{
	return so_parse_relation(p, false);
}

so_ref so_parse_truncate(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TRUNCATE, p->pos);
	struct so_n_truncate *node = NEW(p, truncate, ref);

	advance(p);
	accept_kw(p, SO_KW_table);
	node->tables = so_parse_list(p, truncated_table);
	if (accept_kw2(p, SO_KW_restart, SO_KW_identity))
		node->restart = SO_RESTART_IDENTITY;
	else if (accept_kw2(p, SO_KW_continue, SO_KW_identity))
		node->restart = SO_CONTINUE_IDENTITY;
	node->behavior = so_parse_behavior(p);
	return so_parse_done(p, ref);
}

/* ---- COMMENT ---------------------------------------------------------------------------------------------------- */

static so_ref column_name(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref name = so_parse_any_name(p), ref;

	if (p->failed || !name)
		return 0;
	ref = so_parse_node(p, SO_N_COLUMN, first);
	AS(p, column, ref)->name = AS(p, name, name)->name;
	AS(p, column, ref)->qualifier = AS(p, name, name)->qualifier;
	return ref;
}

static so_ref comment_text(struct parse *p)
{
	so_parse_expect_kw(p, SO_KW_is);
	if (at_kw(p, SO_KW_null))
		return so_parse_c_expr(p);
	return so_parse_string_const(p);
}

static bool is_commented(enum so_object object)
{
	switch (object) {
	case SO_OBJ_COLUMN:
	case SO_OBJ_CONSTRAINT:
	case SO_OBJ_TYPE:
	case SO_OBJ_DOMAIN:
	case SO_OBJ_DATABASE:
	case SO_OBJ_ROLE:
	case SO_OBJ_TABLESPACE:
	case SO_OBJ_SUBSCRIPTION:
		return true;
	default:
		return has_plain_name(object) || has_any_name(object) || is_on_table(object);
	}
}

so_ref so_parse_comment(struct parse *p)
{
	uint32_t first = p->pos, words;
	enum so_object object = so_parse_object_at(p, 2, &words);
	struct so_n_comment *node;
	so_ref ref;

	if (kw_at(p, 1) != SO_KW_on || !words || !is_commented(object))
		return 0;
	so_parse_move(p, words + 2);
	ref = so_parse_node(p, SO_N_COMMENT, first);
	node = AS(p, comment, ref);
	node->object = object;
	if (object == SO_OBJ_COLUMN)
		node->name = column_name(p);
	else
		node->name = name_rule(object)(p);
	if (is_on_table(object) || object == SO_OBJ_CONSTRAINT) {
		so_parse_expect_kw(p, SO_KW_on);
		if (object == SO_OBJ_CONSTRAINT && accept_kw(p, SO_KW_domain))
			node->table = so_parse_type(p);
		else
			node->table = so_parse_ddl_table(p);
	}
	node->text = comment_text(p);
	return so_parse_done(p, ref);
}
