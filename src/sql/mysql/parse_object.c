/* CREATE, ALTER, DROP of what is no table: indexes, views, sequences as trees, the rest checked by forms. */
#include "sql/mysql/parse.h"

/* ---- Indexes ---------------------------------------------------------------------------------------------------- */

/* MariaDB: how long to wait for the lock. */
static void push_lock_wait(struct parse *p)
{
	if (is_maria(p))
		so_parse_push(p, so_parse_form(p, SO_MY_lock_wait));
}

static struct so_list index_options(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	push_lock_wait(p);
	do {
		option = so_parse_form(p, is_maria(p) ? SO_MY_index_option_maria : SO_MY_index_option);
		if (!option && !p->failed)
			option = so_parse_form(p, is_maria(p) ? SO_MY_alter_algorithm_maria : SO_MY_alter_algorithm);
		so_parse_push(p, option);
	} while (option && !p->failed);
	return so_parse_take(p, mark);
}

static so_ref create_index(struct parse *p, uint32_t first, unsigned bits)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_INDEX, first);
	struct so_n_create_index *node = NEW(p, create_index, ref);

	so_parse_expect_kw(p, SO_KW_index);
	if (is_maria(p) && so_parse_words(p, "if not exists"))
		bits |= SO_DDL_IF_NOT_EXISTS;
	node->bits = bits;
	node->name = so_parse_name(p, SO_USE_COLUMN);
	so_my_index_type(p, &node->method);
	so_parse_expect_kw(p, SO_KW_on);
	node->table = so_my_table(p, false);
	node->keys = so_parse_paren_list(p, so_my_key_part);
	node->options = index_options(p);
	return so_parse_done(p, ref);
}

/* ---- Views ------------------------------------------------------------------------------------------------------ */

/* ALGORITHM = .. DEFINER = .. SQL SECURITY .. */
static struct so_list view_modifiers(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, so_parse_form(p, SO_MY_view_algorithm));
	so_parse_push(p, so_parse_form(p, SO_MY_view_definer));
	so_parse_push(p, so_parse_form(p, SO_MY_sql_security));
	return so_parse_take(p, mark);
}

static so_ref view(struct parse *p, uint32_t first, unsigned bits, struct so_list modifiers, bool alter)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_VIEW, first);
	struct so_n_create_view *node = NEW(p, create_view, ref);

	so_parse_expect_kw(p, SO_KW_view);
	if (!alter && so_parse_words(p, "if not exists"))
		bits |= SO_DDL_IF_NOT_EXISTS;
	node->bits = bits;
	node->modifiers = modifiers;
	if (alter)
		set_flag(p, ref, SO_NF_ALL);
	node->view = so_my_table(p, false);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_name_list(p);
	so_parse_expect_kw(p, SO_KW_as);
	node->query = so_parse_query(p);
	if (so_parse_words(p, "with cascaded check option"))
		node->check = SO_CHECK_CASCADED;
	else if (so_parse_words(p, "with local check option"))
		node->check = SO_CHECK_LOCAL;
	else if (so_parse_words(p, "with check option"))
		node->check = SO_CHECK_DEFAULT;
	return so_parse_done(p, ref);
}

/* ---- Sequences -------------------------------------------------------------------------------------------------- */

static struct so_list sequence_options(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	do {
		option = so_parse_form(p, SO_MY_sequence_option);
		so_parse_push(p, option);
	} while (option && !p->failed);
	return so_parse_take(p, mark);
}

static so_ref create_sequence(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_SEQUENCE, first);
	struct so_n_create_sequence *node = NEW(p, create_sequence, ref);

	advance(p);
	if (so_parse_words(p, "if not exists"))
		bits |= SO_DDL_IF_NOT_EXISTS;
	node->bits = bits;
	node->persistence = persistence;
	node->sequence = so_my_table(p, false);
	node->options = sequence_options(p);
	return so_parse_done(p, ref);
}

static so_ref alter_sequence(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER, first), action;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	AS(p, alter, ref)->object = SO_OBJ_SEQUENCE;
	if (so_parse_words(p, "if exists"))
		AS(p, alter, ref)->bits |= SO_DDL_IF_EXISTS;
	AS(p, alter, ref)->target = so_my_table(p, false);
	action = so_parse_node(p, SO_N_ALTER_ACTION, p->pos);
	NEW(p, alter_action, action)->type = SO_ALTER_SEQUENCE;
	AS(p, alter_action, action)->items = sequence_options(p);
	if (!AS(p, alter_action, action)->items.count)
		so_parse_unexpected(p);
	so_parse_push(p, action);
	AS(p, alter, ref)->actions = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* ---- CREATE ----------------------------------------------------------------------------------------------------- */

/* The verb of what has no tree: "create user". */
static so_ref opaque(struct parse *p, enum so_my_form form, const char *verb)
{
	return so_my_opaque(p, SO_CLASS_DDL, verb, form);
}

static so_ref create_other(struct parse *p)
{
	return opaque(p, is_maria(p) ? SO_MY_create_maria : SO_MY_create, "create");
}

so_ref so_my_create(struct parse *p)
{
	uint32_t first = p->pos;
	unsigned bits = 0;
	uint32_t persistence = SO_PERMANENT;
	struct so_list modifiers;

	advance(p);
	if (so_parse_words(p, "or replace"))
		bits |= SO_DDL_OR_REPLACE;
	if (so_parse_accept_word(p, "temporary"))
		persistence = SO_TEMPORARY;
	if (at_kw(p, SO_KW_table) && (!(bits & SO_DDL_OR_REPLACE) || is_maria(p))) {
		advance(p);
		return so_my_create_table(p, first, bits, persistence);
	}
	if (is_maria(p) && at_kw(p, SO_KW_sequence))
		return create_sequence(p, first, bits, persistence);
	if (is_maria(p) && (so_parse_accept_word(p, "online") || so_parse_accept_word(p, "offline")))
		bits |= SO_DDL_CONCURRENTLY;
	if (so_parse_accept_word(p, "unique"))
		bits |= SO_DDL_UNIQUE;
	else if (so_parse_accept_word(p, "fulltext"))
		bits |= SO_DDL_FULLTEXT;
	else if (so_parse_accept_word(p, "spatial"))
		bits |= SO_DDL_SPATIAL;
	else if (so_parse_at_word(p, 0, "vector") && kw_at(p, 1) == SO_KW_index && so_parse_accept_word(p, "vector"))
		bits |= SO_DDL_OF;
	if (at_kw(p, SO_KW_index) && persistence == SO_PERMANENT && (!(bits & SO_DDL_OR_REPLACE) || is_maria(p)))
		return create_index(p, first, bits);
	modifiers = view_modifiers(p);
	if (at_kw(p, SO_KW_view) && persistence == SO_PERMANENT)
		return view(p, first, bits, modifiers, false);
	if (p->failed)
		return 0;
	so_parse_go_to(p, first);
	return create_other(p);
}

/* ---- ALTER, DROP ------------------------------------------------------------------------------------------------- */

so_ref so_my_alter(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list modifiers;

	if (kw_at(p, 1) == SO_KW_table ||
		(is_maria(p) && (so_parse_at_word(p, 1, "online") || kw_at(p, 1) == SO_KW_ignore)))
		return so_my_alter_table(p, first);
	if (is_maria(p) && kw_at(p, 1) == SO_KW_sequence)
		return alter_sequence(p, first);
	advance(p);
	modifiers = view_modifiers(p);
	if (at_kw(p, SO_KW_view))
		return view(p, first, 0, modifiers, true);
	if (p->failed)
		return 0;
	so_parse_go_to(p, first);
	return opaque(p, is_maria(p) ? SO_MY_alter_maria : SO_MY_alter, "alter");
}

static so_ref drop_target(struct parse *p)
{
	return so_my_table(p, false);
}

static so_ref drop_index(struct parse *p, so_ref ref)
{
	struct so_n_drop *node = AS(p, drop, ref);
	size_t mark = so_parse_mark(p);

	node->object = SO_OBJ_INDEX;
	if (is_maria(p) && so_parse_words(p, "if exists"))
		node->bits |= SO_DDL_IF_EXISTS;
	so_parse_push(p, drop_target(p));
	node->names = so_parse_take(p, mark);
	so_parse_expect_kw(p, SO_KW_on);
	node->table = so_my_table(p, false);
	if (is_maria(p)) {
		push_lock_wait(p);
		node->options = so_parse_take(p, mark);
	} else {
		node->options = index_options(p);
	}
	return so_parse_done(p, ref);
}

so_ref so_my_drop(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_DROP, first);
	struct so_n_drop *node = NEW(p, drop, ref);
	size_t mark;
	bool temporary;

	advance(p);
	if (at_kw(p, SO_KW_index)) {
		advance(p);
		return drop_index(p, ref);
	}
	temporary = so_parse_accept_word(p, "temporary");
	if (at_kw(p, SO_KW_table) || so_parse_at_word(p, 0, "tables")) {
		node->object = SO_OBJ_TABLE;
	} else if (at_kw(p, SO_KW_view) && !temporary) {
		node->object = SO_OBJ_VIEW;
	} else if (at_kw(p, SO_KW_sequence) && is_maria(p)) {
		node->object = SO_OBJ_SEQUENCE;
	} else {
		so_parse_go_to(p, first);
		return opaque(p, is_maria(p) ? SO_MY_drop_maria : SO_MY_drop, "drop");
	}
	advance(p);
	if (temporary)
		node->bits |= SO_DDL_OF;
	if (so_parse_words(p, "if exists"))
		node->bits |= SO_DDL_IF_EXISTS;
	node->names = so_parse_list(p, drop_target);
	mark = so_parse_mark(p);
	push_lock_wait(p);
	node->options = so_parse_take(p, mark);
	node->behavior = so_parse_behavior(p);
	return so_parse_done(p, ref);
}

so_ref so_my_truncate(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TRUNCATE, p->pos);
	size_t mark = so_parse_mark(p);

	advance(p);
	accept_kw(p, SO_KW_table);
	so_parse_push(p, so_my_table(p, false));
	AS(p, truncate, ref)->tables = so_parse_take(p, mark);
	push_lock_wait(p);
	AS(p, truncate, ref)->options = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
