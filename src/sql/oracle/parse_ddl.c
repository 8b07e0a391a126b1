/* Indexes, views, sequences, ALTER, DROP, TRUNCATE and COMMENT of Oracle. */
#include "sql/oracle/oracle.h"

static so_ref pushed_prefix(struct parse *p, enum so_ora_form form)
{
	so_ref ref = so_parse_form(p, form);

	so_parse_push(p, ref);
	return ref;
}

/* ---- Indexes ---------------------------------------------------------------------------------------------------- */

so_ref so_oracle_index_elem(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);
	struct so_n_index_elem *node = NEW(p, index_elem, ref);

	node->expr = so_parse_expr(p);
	if (accept_kw(p, SO_KW_asc))
		node->dir = SO_SORT_ASC;
	else if (accept_kw(p, SO_KW_desc))
		node->dir = SO_SORT_DESC;
	if (so_parse_words(p, "nulls first"))
		node->nulls = SO_NULLS_FIRST;
	else if (so_parse_words(p, "nulls last"))
		node->nulls = SO_NULLS_LAST;
	return so_parse_done(p, ref);
}

static so_ref create_index(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_INDEX, p->pos), clause;
	struct so_n_create_index *node = NEW(p, create_index, ref);
	size_t mark = so_parse_mark(p);

	if (kw_at(p, 1) == SO_KW_unique)
		node->bits |= SO_DDL_UNIQUE;
	pushed_prefix(p, SO_ORA_create_index);
	node->modifiers = so_parse_take(p, mark);
	if (so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	node->qualifier = so_parse_qualified(p, &node->name);
	so_parse_expect_kw(p, SO_KW_on);
	if (so_parse_accept_word(p, "cluster"))
		set_flag(p, ref, SO_NF_STAR);
	node->table = so_oracle_table_name(p);
	if (peek_at(p, 1)->kind == SO_TOK_LPAREN && so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL)) {
		so_ref alias = so_parse_node(p, SO_N_ALIAS, p->pos);

		AS(p, alias, alias)->name = so_parse_name(p, SO_USE_COLUMN);
		AS(p, table, node->table)->alias = so_parse_done(p, alias);
		so_parse_done(p, node->table);
	}
	if (at(p, SO_TOK_LPAREN))
		node->keys = so_parse_paren_list(p, so_oracle_index_elem);
	/* a bitmap join index */
	if (accept_kw(p, SO_KW_from)) {
		node->from = so_parse_from_list(p);
		if (accept_kw(p, SO_KW_where))
			node->where = so_parse_expr(p);
	}
	while ((clause = so_parse_form(p, SO_ORA_index_option)) != 0)
		so_parse_push(p, clause);
	node->options = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

/* ---- Views ------------------------------------------------------------------------------------------------------ */

/* Alias with its constraints, or a constraint of the view. */
static so_ref view_column(struct parse *p)
{
	so_ref ref = 0;

	if (peek_at(p, 1)->kind != SO_TOK_COMMA && peek_at(p, 1)->kind != SO_TOK_RPAREN)
		ref = so_oracle_constraint(p, false);
	return ref || p->failed ? ref : so_oracle_column_def(p);
}

static so_ref create_view(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_VIEW, p->pos), clause;
	struct so_n_create_view *node = NEW(p, create_view, ref);
	size_t mark = so_parse_mark(p);
	enum so_ora_form options = SO_ORA_view_option;
	bool duality = false;

	for (uint32_t n = 1; !duality && n < 8 && kw_at(p, n) != SO_KW_view; n++)
		duality = so_parse_at_word(p, n, "duality");

	if (so_parse_words(p, "create or replace")) {
		node->bits |= SO_DDL_OR_REPLACE;
		so_parse_move(p, -3);
	}
	if (!pushed_prefix(p, SO_ORA_create_view)) {
		so_parse_unexpected(p);
		return so_parse_done(p, ref);
	}
	node->modifiers = so_parse_take(p, mark);
	if (p->tok[p->pos - 1].kw == SO_KW_on) {
		node->bits |= SO_DDL_MATERIALIZED;
		options = SO_ORA_mv_log_option;
	} else if (kw_of(&p->tok[p->pos - 2]) == SO_KW_materialized) {
		node->bits |= SO_DDL_MATERIALIZED;
		options = SO_ORA_mv_option;
	}
	if (so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	node->view = so_oracle_table_name(p);
	so_parse_push(p, so_parse_form(p, SO_ORA_sharing));
	if (so_parse_at_word(p, 0, "of"))
		so_parse_push(p, so_parse_form(p, SO_ORA_object_view));
	node->object = so_parse_take(p, mark);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_paren_list(p, view_column);
	for (;;) {
		if (at_kw(p, SO_KW_partition) && kw_at(p, 1) == SO_KW_by)
			clause = so_oracle_partition_by(p);
		else if (so_parse_at_word(p, 0, "of"))
			clause = so_parse_form(p, SO_ORA_object_view);
		else
			clause = so_parse_form(p, options);
		if (!clause || p->failed)
			break;
		so_parse_push(p, clause);
	}
	/* tags of what may be changed stand among the tables, or it is GraphQL */
	if (duality && at_kw(p, SO_KW_as))
		so_parse_push(p, so_parse_form(p, SO_ORA_json_duality));
	node->options = so_parse_take(p, mark);
	if (accept_kw(p, SO_KW_as)) {
		node->query = so_parse_query(p);
		while ((clause = so_parse_form(p, SO_ORA_view_tail)) != 0)
			so_parse_push(p, clause);
		node->tail = so_parse_take(p, mark);
	}
	return so_parse_done(p, ref);
}

/* ---- Sequences -------------------------------------------------------------------------------------------------- */

static so_ref create_sequence(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_SEQUENCE, p->pos);
	struct so_n_create_sequence *node = NEW(p, create_sequence, ref);

	so_parse_move(p, so_parse_at_word(p, 1, "or") ? 4 : 2);
	if (p->tok[p->pos - 2].kw == SO_KW_replace)
		node->bits |= SO_DDL_OR_REPLACE;
	if (so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	node->sequence = so_oracle_table_name(p);
	node->options = so_oracle_options(p, SO_ORA_sequence_option);
	return so_parse_done(p, ref);
}

/* ---- ALTER ------------------------------------------------------------------------------------------------------ */

static so_ref action_node(struct parse *p, uint32_t first, enum so_alter_type type, so_ref phrase)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER_ACTION, first);

	NEW(p, alter_action, ref)->type = type;
	NEW(p, alter_action, ref)->def = phrase;
	return ref;
}

/* What a clause of words does, by its first ones. */
static enum so_alter_type type_of_words(const struct parse *p)
{
	static const struct {
		const char *first, *second;
		enum so_alter_type type;
	} types[] = {
		{ "rename", "to", SO_ALTER_RENAME },
		{ "rename", "column", SO_ALTER_RENAME_COLUMN },
		{ "rename", "constraint", SO_ALTER_RENAME_CONSTRAINT },
		{ "drop", "column", SO_ALTER_DROP_COLUMN },
		{ "drop", "constraint", SO_ALTER_DROP_CONSTRAINT },
		{ "drop", "primary", SO_ALTER_DROP_CONSTRAINT },
		{ "drop", "unique", SO_ALTER_DROP_CONSTRAINT },
		{ "drop", "partition", SO_ALTER_DROP_PARTITION },
		{ "add", "partition", SO_ALTER_ADD_PARTITION },
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (*types[i].first == so_parse_letter(p) && so_parse_at_word(p, 0, types[i].first) &&
			so_parse_at_word(p, 1, types[i].second))
			return types[i].type;
	return SO_ALTER_OTHER;
}

/* ADD or MODIFY with columns and constraints, in parentheses or not. */
static so_ref column_action(struct parse *p)
{
	uint32_t first = p->pos;
	bool modify = so_parse_at_word(p, 0, "modify");
	size_t mark = so_parse_mark(p);
	so_ref ref, tail, item;
	struct so_list items;
	bool paren;

	advance(p);
	paren = at(p, SO_TOK_LPAREN);
	if (paren)
		advance(p);
	else
		so_parse_accept_word(p, "column");
	do {
		item = 0;
		if (peek_at(p, 1)->kind != SO_TOK_RPAREN && !modify)
			item = so_parse_form(p, SO_ORA_table_extra_elem);
		if (!item && !p->failed)
			item = so_oracle_constraint(p, false);
		if (!item && !p->failed)
			item = so_oracle_column_def(p);
		so_parse_push(p, item);
	} while (
		(paren && accept(p, SO_TOK_COMMA)) || (!paren && !p->failed && (so_parse_at_word(p, 0, "constraint"))));
	if (paren)
		so_parse_expect(p, SO_TOK_RPAREN);
	while (!p->failed && (tail = so_parse_form(p, SO_ORA_add_tail)) != 0)
		so_parse_push(p, tail);
	items = so_parse_take(p, mark);
	ref = action_node(p, first, modify ? SO_ALTER_MODIFY_COLUMN : SO_ALTER_ADD_COLUMN, 0);
	AS(p, alter_action, ref)->items = items;
	/* printed with parentheses: then tails stand behind them */
	if (paren)
		set_flag(p, ref, SO_NF_PAREN);
	return ref;
}

static so_ref table_action(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_alter_type type = type_of_words(p);
	bool columns = so_parse_at_word(p, 0, "add") || so_parse_at_word(p, 0, "modify");
	so_ref phrase;

	phrase = so_parse_form(p, SO_ORA_table_action);
	if (!phrase && columns && !p->failed)
		return column_action(p);
	return phrase ? action_node(p, first, type, phrase) : 0;
}

static so_ref form_action(struct parse *p, enum so_ora_form form)
{
	uint32_t first = p->pos;
	so_ref phrase = so_parse_form(p, form);

	return phrase ? action_node(p, first, SO_ALTER_OTHER, phrase) : 0;
}

static so_ref alter_object(struct parse *p, uint32_t words, enum so_object object, enum so_ora_form form)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER, p->pos), action;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, words);
	AS(p, alter, ref)->object = object;
	if (so_parse_words(p, "if exists"))
		AS(p, alter, ref)->bits |= SO_DDL_IF_EXISTS;
	AS(p, alter, ref)->target = so_oracle_table_name(p);
	for (;;) {
		accept(p, SO_TOK_COMMA);
		action = object == SO_OBJ_TABLE ? table_action(p) : form_action(p, form);
		if (!action || p->failed)
			break;
		so_parse_push(p, action);
	}
	AS(p, alter, ref)->actions = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static so_ref alter(struct parse *p)
{
	if (so_parse_at_word(p, 1, "table"))
		return alter_object(p, 2, SO_OBJ_TABLE, SO_ORA_table_action);
	if (so_parse_at_word(p, 1, "index"))
		return alter_object(p, 2, SO_OBJ_INDEX, SO_ORA_alter_index);
	if (so_parse_at_word(p, 1, "view"))
		return alter_object(p, 2, SO_OBJ_VIEW, SO_ORA_alter_view);
	if (so_parse_at_word(p, 1, "sequence"))
		return alter_object(p, 2, SO_OBJ_SEQUENCE, SO_ORA_sequence_option);
	if (so_parse_at_word(p, 1, "materialized") && so_parse_at_word(p, 2, "view")) {
		if (so_parse_at_word(p, 3, "log")) {
			uint32_t on = so_parse_at_word(p, 4, "force") ? 6 : 5;

			return alter_object(p, on, SO_OBJ_MATVIEW_LOG, SO_ORA_alter_mview_log);
		}
		return alter_object(p, 3, SO_OBJ_MATVIEW, SO_ORA_alter_mview);
	}
	return 0;
}

/* ---- DROP, TRUNCATE ---------------------------------------------------------------------------------------------- */

static so_ref drop(struct parse *p)
{
	static const struct {
		const char *words;
		enum so_object object;
		bool if_exists;
	} objects[] = {
		{ "table", SO_OBJ_TABLE },
		{ "index", SO_OBJ_INDEX },
		{ "view", SO_OBJ_VIEW },
		{ "sequence", SO_OBJ_SEQUENCE },
		{ "materialized view log if exists on", SO_OBJ_MATVIEW_LOG, true },
		{ "materialized view log on", SO_OBJ_MATVIEW_LOG },
		{ "materialized view", SO_OBJ_MATVIEW },
	};
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref;

	advance(p);
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		if (*objects[i].words != so_parse_letter(p) || !so_parse_words(p, objects[i].words))
			continue;
		ref = so_parse_node(p, SO_N_DROP, first);
		NEW(p, drop, ref)->object = objects[i].object;
		if (objects[i].if_exists || so_parse_words(p, "if exists"))
			AS(p, drop, ref)->bits |= SO_DDL_IF_EXISTS;
		so_parse_push(p, so_oracle_table_name(p));
		AS(p, drop, ref)->names = so_parse_take(p, mark);
		AS(p, drop, ref)->options = so_oracle_options(p, SO_ORA_drop_tail);
		return so_parse_done(p, ref);
	}
	so_parse_go_to(p, first);
	return 0;
}

static so_ref truncate(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TRUNCATE, p->pos);
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	so_parse_push(p, so_oracle_table_name(p));
	AS(p, truncate, ref)->tables = so_parse_take(p, mark);
	AS(p, truncate, ref)->options = so_oracle_options(p, SO_ORA_truncate_tail);
	return so_parse_done(p, ref);
}

/* Words between CREATE and the kind of object. */
static uint32_t skip_modifiers(struct parse *p)
{
	uint32_t n = 1;

	while (so_parse_at_form(p, n, SO_ORA_create_modifier))
		n++;
	return n;
}

static so_ref create(struct parse *p)
{
	uint32_t n = skip_modifiers(p);

	if (so_parse_at_word(p, n, "table"))
		return so_oracle_create_table(p);
	if (so_parse_at_word(p, n, "index"))
		return create_index(p);
	if (so_parse_at_word(p, n, "view"))
		return create_view(p);
	if (so_parse_at_word(p, n, "materialized") && so_parse_at_word(p, n + 1, "view"))
		return create_view(p);
	if (so_parse_at_word(p, n, "sequence"))
		return create_sequence(p);
	return so_plsql_create(p, n);
}

so_ref so_oracle_ddl(struct parse *p)
{
	if (at_kw(p, SO_KW_create))
		return create(p);
	if (at_kw(p, SO_KW_alter))
		return alter(p);
	if (at_kw(p, SO_KW_drop))
		return drop(p);
	if (so_parse_at_word(p, 0, "truncate") && so_parse_at_word(p, 1, "table"))
		return truncate(p);
	return 0;
}
