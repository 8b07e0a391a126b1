/* ALTER TABLE of MySQL and MariaDB. */
#include "sql/mysql/parse.h"

static so_ref action(struct parse *p, uint32_t first, enum so_alter_type type)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER_ACTION, first);

	NEW(p, alter_action, ref)->type = type;
	return ref;
}

/* [FIRST | AFTER column] */
static void position(struct parse *p, struct so_n_alter_action *node)
{
	if (so_parse_accept_word(p, "first"))
		node->bits |= SO_DDL_FIRST;
	else if (so_parse_accept_word(p, "after"))
		node->new_name = so_parse_name(p, SO_USE_COLUMN);
}

static so_ref element(struct parse *p)
{
	return so_my_at_key(p) ? so_my_key(p) : so_my_column_def(p);
}

static so_ref phrase_action(struct parse *p, enum so_my_form form)
{
	uint32_t first = p->pos;
	so_ref phrase = so_parse_form(p, form), ref;
	size_t mark = so_parse_mark(p);

	if (!phrase)
		return 0;
	ref = action(p, first, SO_ALTER_OTHER);
	so_parse_push(p, phrase);
	AS(p, alter_action, ref)->items = so_parse_take(p, mark);
	return ref;
}

static so_ref add(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;
	struct so_n_alter_action *node;
	bool column;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (at_kw(p, SO_KW_partition)) {
		ref = action(p, first, SO_ALTER_ADD_PARTITION);
		node = AS(p, alter_action, ref);
		advance(p);
		if (is_maria(p) && so_parse_words(p, "if not exists"))
			node->bits |= SO_DDL_IF_NOT_EXISTS;
		if (accept_kw(p, SO_KW_no_write_to_binlog) || accept_kw(p, SO_KW_local))
			node->bits |= SO_DDL_ONLY;
		if (so_parse_accept_word(p, "partitions"))
			node->expr = so_parse_const(p);
		else
			node->items = so_my_partition_defs(p);
		return so_parse_done(p, ref);
	}
	if (so_my_at_key(p)) {
		ref = action(p, first, SO_ALTER_ADD_CONSTRAINT);
		AS(p, alter_action, ref)->def = so_my_key(p);
		return so_parse_done(p, ref);
	}
	if (is_maria(p) && (so_parse_at_word(p, 0, "period") || so_parse_at_word(p, 0, "system"))) {
		so_parse_go_to(p, first);
		ref = phrase_action(p, SO_MY_alter_add_maria);
		if (ref || p->failed)
			return ref;
		advance(p);
	}
	column = accept_kw(p, SO_KW_column);
	ref = action(p, first, SO_ALTER_ADD_COLUMN);
	node = AS(p, alter_action, ref);
	if (is_maria(p) && so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	(void)column;
	if (at(p, SO_TOK_LPAREN)) {
		node->items = so_parse_paren_list(p, element);
		node->hdr.flags |= SO_NF_ALL;
	} else {
		so_parse_push(p, so_my_column_def(p));
		node->items = so_parse_take(p, mark);
		position(p, node);
	}
	return so_parse_done(p, ref);
}

/* CHANGE old new type .., MODIFY column type .. */
static so_ref change(struct parse *p, bool rename)
{
	so_ref ref = action(p, p->pos, SO_ALTER_MODIFY_COLUMN);
	struct so_n_alter_action *node = AS(p, alter_action, ref);

	advance(p);
	accept_kw(p, SO_KW_column);
	if (is_maria(p) && so_parse_words(p, "if exists"))
		node->bits |= SO_DDL_IF_EXISTS;
	if (rename)
		node->name = so_parse_name(p, SO_USE_COLUMN);
	node->def = so_my_column_def(p);
	position(p, node);
	return so_parse_done(p, ref);
}

static so_ref drop(struct parse *p)
{
	so_ref ref;
	struct so_n_alter_action *node;
	uint32_t first = p->pos;

	ref = phrase_action(p, is_maria(p) ? SO_MY_alter_drop_maria : SO_MY_alter_drop);
	if (ref || p->failed)
		return ref;
	advance(p);
	ref = action(p, first, SO_ALTER_DROP_COLUMN);
	node = AS(p, alter_action, ref);
	accept_kw(p, SO_KW_column);
	if (is_maria(p) && so_parse_words(p, "if exists"))
		node->bits |= SO_DDL_IF_EXISTS;
	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->behavior = so_parse_behavior(p);
	return so_parse_done(p, ref);
}

static so_ref set_default(struct parse *p)
{
	so_ref ref = action(p, p->pos, SO_ALTER_SET_DEFAULT);
	struct so_n_alter_action *node = AS(p, alter_action, ref);

	advance(p);
	accept_kw(p, SO_KW_column);
	node->name = so_parse_name(p, SO_USE_COLUMN);
	so_parse_move(p, 2);
	if (at(p, SO_TOK_LPAREN)) {
		node->expr = so_parse_paren(p);
		node->bits |= SO_DDL_BY_DEFAULT;
	} else {
		node->expr = so_parse_level(p, SO_LV_UNARY);
		if (!p->failed && !is_maria(p) && so_ast_kind(p->ast, node->expr) != SO_N_CONST &&
			so_ast_kind(p->ast, node->expr) != SO_N_CAST)
			so_parse_fail(p, &p->tok[p->pos - 1], "syntax error: an expression needs parentheses");
	}
	return so_parse_done(p, ref);
}

static bool at_set_default(const struct parse *p)
{
	uint32_t n = kw_at(p, 1) == SO_KW_column ? 3 : 2;

	return kw_at(p, n) == SO_KW_set && kw_at(p, n + 1) == SO_KW_default;
}

static so_ref rename_table(struct parse *p)
{
	so_ref ref = phrase_action(p, SO_MY_alter_rename);
	uint32_t first = p->pos;

	if (ref || p->failed)
		return ref;
	advance(p);
	ref = action(p, first, SO_ALTER_RENAME);
	if (!accept_kw(p, SO_KW_to) && !accept_kw(p, SO_KW_as) && at_op(p, SO_OP_EQ))
		advance(p);
	AS(p, alter_action, ref)->def = so_my_table(p, false);
	return so_parse_done(p, ref);
}

static so_ref partition_by(struct parse *p)
{
	so_ref ref = action(p, p->pos, SO_ALTER_OTHER);
	size_t mark = so_parse_mark(p);

	so_parse_push(p, so_my_partition_by(p));
	AS(p, alter_action, ref)->items = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* REORGANIZE PARTITION a, b INTO (..) */
static so_ref reorganize(struct parse *p)
{
	so_ref ref = action(p, p->pos, SO_ALTER_OTHER);
	size_t mark = so_parse_mark(p);

	so_parse_push(p, so_parse_form(p, SO_MY_reorganize));
	if (so_parse_mark(p) == mark)
		so_parse_unexpected(p);
	if (!p->failed && p->tok[p->pos - 1].kw == SO_KW_into) {
		so_parse_push(p, so_parse_word(p)); /* ( */
		so_parse_move(p, -1);
		p->warm->stack_count--;
		struct so_list parts = so_my_partition_defs(p);

		AS(p, alter_action, ref)->bits |= SO_DDL_OF;
		for (uint32_t i = 0; i < parts.count; i++)
			so_parse_push(p, so_list_get(p->ast, parts, i));
	}
	AS(p, alter_action, ref)->items = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static so_ref one_action(struct parse *p)
{
	so_ref ref = 0;

	switch (kw(p)) {
	case SO_KW_add:
		return add(p);
	case SO_KW_change:
		return change(p, true);
	case SO_KW_modify:
		return change(p, false);
	case SO_KW_drop:
		return drop(p);
	case SO_KW_rename:
		return rename_table(p);
	case SO_KW_alter:
		if (at_set_default(p))
			return set_default(p);
		break;
	case SO_KW_partition:
		if (kw_at(p, 1) == SO_KW_by)
			return partition_by(p);
		break;
	case SO_KW_reorganize:
		return reorganize(p);
	default:
		break;
	}
	ref = phrase_action(p, is_maria(p) ? SO_MY_alter_other_maria : SO_MY_alter_other);
	if (!ref && !p->failed)
		ref = phrase_action(p, is_maria(p) ? SO_MY_table_option_maria : SO_MY_table_option);
	if (!ref && !p->failed)
		so_parse_unexpected(p);
	return ref;
}

/* Options need no comma between them. */
static bool at_more(struct parse *p, so_ref last)
{
	if (!p->failed && accept(p, SO_TOK_COMMA))
		return true;
	if (p->failed || at_end(p) || at(p, SO_TOK_SEMICOLON) || !last)
		return false;
	if (at_kw(p, SO_KW_partition) || at_kw(p, SO_KW_remove))
		return true;
	return AS(p, alter_action, last)->type == SO_ALTER_OTHER && !at_kw(p, SO_KW_add) && !at_kw(p, SO_KW_drop) &&
	       !at_kw(p, SO_KW_modify) && !at_kw(p, SO_KW_change) && !at_kw(p, SO_KW_rename) && !at_kw(p, SO_KW_alter);
}

/* MariaDB: how long to wait for the lock, as an action in front of the others, without a comma behind it. */
static void push_lock_wait(struct parse *p)
{
	so_ref words = is_maria(p) ? so_parse_form(p, SO_MY_lock_wait) : 0, ref;
	size_t mark = so_parse_mark(p);

	if (!words)
		return;
	ref = so_parse_node(p, SO_N_ALTER_ACTION, first_of(p, words));
	NEW(p, alter_action, ref)->bits = SO_DDL_ONLY;
	so_parse_push(p, words);
	AS(p, alter_action, ref)->items = so_parse_take(p, mark);
	so_parse_push(p, so_parse_done(p, ref));
}

so_ref so_my_alter_table(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER, first), last = 0;
	struct so_n_alter *node = NEW(p, alter, ref);
	size_t mark;

	advance(p);
	node->object = SO_OBJ_TABLE;
	if (is_maria(p) && so_parse_accept_word(p, "online"))
		node->bits |= SO_DDL_CONCURRENTLY;
	if (is_maria(p) && accept_kw(p, SO_KW_ignore))
		node->bits |= SO_DDL_NULLS_NOT_DISTINCT;
	so_parse_expect_kw(p, SO_KW_table);
	if (is_maria(p) && so_parse_words(p, "if exists"))
		node->bits |= SO_DDL_IF_EXISTS;
	node->target = so_my_table(p, false);
	mark = so_parse_mark(p);
	push_lock_wait(p);
	if (!at_end(p) && !at(p, SO_TOK_SEMICOLON)) {
		do {
			last = one_action(p);
			so_parse_push(p, last);
		} while (at_more(p, last));
	}
	node->actions = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
