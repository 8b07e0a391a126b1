/* INSERT, REPLACE, UPDATE, DELETE of MySQL and MariaDB. */
#include "sql/mysql/parse.h"

/* LOW_PRIORITY, IGNORE ... behind the verb. */
static void modifiers(struct parse *p, so_ref ref, enum so_my_form form)
{
	size_t mark = so_parse_mark(p);

	so_as_dml(p->ast, ref)->hints = so_my_hints(p);
	so_parse_push(p, so_parse_form(p, form));
	so_as_dml(p->ast, ref)->extra = so_parse_take(p, mark);
}

static void returning(struct parse *p, so_ref ref)
{
	if (has(p, SO_FEAT_RETURNING) && accept_kw(p, SO_KW_returning))
		so_as_dml(p->ast, ref)->returning = so_parse_list(p, so_parse_target);
	so_parse_done(p, ref);
}

/* a, t.a, s.t.a */
static so_ref column(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name;
	so_ref qualifier, ref;

	accept(p, SO_TOK_DOT);
	qualifier = so_parse_qualified(p, &name);
	ref = so_parse_node(p, SO_N_COLUMN, first);
	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	return ref;
}

/* column = value; := is the same */
static so_ref assignment(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ASSIGN, p->pos);
	size_t mark = so_parse_mark(p);

	so_parse_push(p, column(p));
	AS(p, assign, ref)->columns = so_parse_take(p, mark);
	if (at_op(p, SO_OP_EQ))
		advance(p);
	else
		so_parse_expect(p, SO_TOK_ASSIGN);
	AS(p, assign, ref)->value = so_parse_expr(p);
	return so_parse_done(p, ref);
}

static so_ref limit(struct parse *p)
{
	if (!accept_kw(p, SO_KW_limit))
		return 0;
	if (at(p, SO_TOK_INT) || at(p, SO_TOK_PARAM) || at(p, SO_TOK_WORD))
		return so_parse_c_expr(p);
	so_parse_unexpected(p);
	return 0;
}

/* ---- INSERT, REPLACE -------------------------------------------------------------------------------------------- */

/* (1, 2), also () */
static so_ref values_row(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items = { 0, 0 };
	so_ref ref;

	/* digests show further rows as ", ..." */
	if (p->lenient && first && p->tok[first - 1].kind == SO_TOK_COMMA && accept(p, SO_TOK_ELLIPSIS))
		return 0;
	so_parse_expect(p, SO_TOK_LPAREN);
	if (!at(p, SO_TOK_RPAREN))
		items = so_parse_expr_list(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	return ref;
}

/* SET a = 1, b = 2: columns, and VALUES with one row */
static void set_form(struct parse *p, so_ref ref)
{
	struct so_n_insert *node = AS(p, insert, ref);
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list sets, items;
	so_ref row;

	advance(p);
	set_flag(p, ref, SO_NF_STAR);
	sets = so_parse_list(p, assignment);
	for (uint32_t i = 0; i < sets.count; i++)
		so_parse_push(p, so_list_get(p->ast, AS(p, assign, so_list_get(p->ast, sets, i))->columns, 0));
	node->columns = so_parse_take(p, mark);
	for (uint32_t i = 0; i < sets.count; i++)
		so_parse_push(p, AS(p, assign, so_list_get(p->ast, sets, i))->value);
	items = so_parse_take(p, mark);
	row = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, row)->items = items;
	node->query = so_parse_node(p, SO_N_VALUES, first);
	so_parse_push(p, row);
	AS(p, values, node->query)->rows = so_parse_take(p, mark);
}

static so_ref on_duplicate(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ON_CONFLICT, p->pos);

	advance(p);
	if (!so_parse_words(p, "duplicate key update"))
		so_parse_unexpected(p);
	set_flag(p, ref, SO_NF_ALL);
	AS(p, on_conflict, ref)->update = 1;
	AS(p, on_conflict, ref)->sets = so_parse_list(p, assignment);
	return so_parse_done(p, ref);
}

static so_ref row_alias(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ALIAS, p->pos);

	advance(p);
	AS(p, alias, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	if (at(p, SO_TOK_LPAREN))
		AS(p, alias, ref)->columns = so_parse_name_list(p);
	return so_parse_done(p, ref);
}

static void insert_source(struct parse *p, so_ref ref)
{
	struct so_n_insert *node = AS(p, insert, ref);

	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0)) {
		advance(p);
		if (!at(p, SO_TOK_RPAREN))
			node->columns = so_parse_list(p, column);
		so_parse_expect(p, SO_TOK_RPAREN);
		set_flag(p, ref, SO_NF_ONLY);
	} else if (at_kw(p, SO_KW_set)) {
		set_form(p, ref);
		return;
	}
	if ((at_kw(p, SO_KW_values) || at_kw(p, SO_KW_value)) && kw_at(p, 1) != SO_KW_row)
		node->query = so_parse_values(p, values_row);
	else
		node->query = so_parse_query(p);
}

static so_ref insert(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_INSERT, first);
	struct so_n_insert *node = NEW(p, insert, ref);
	bool replace = at_kw(p, SO_KW_replace);

	advance(p);
	if (replace)
		set_flag(p, ref, SO_NF_ALL);
	modifiers(p, ref, replace ? SO_MY_replace_words : SO_MY_insert_words);
	accept_kw(p, SO_KW_into);
	node->table = so_my_table(p, false);
	insert_source(p, ref);
	if (!replace && at_kw(p, SO_KW_as) && !is_maria(p) && (so_ast_kind(p->ast, node->query) == SO_N_VALUES))
		node->alias = row_alias(p);
	if (!replace && at_kw(p, SO_KW_on))
		node->on_conflict = on_duplicate(p);
	returning(p, ref);
	return ref;
}

/* ---- UPDATE, DELETE --------------------------------------------------------------------------------------------- */

/* FOR PORTION OF p FROM x TO y [AS alias] */
static void portion(struct parse *p, so_ref table)
{
	size_t mark = so_parse_mark(p);
	so_ref phrase;

	if (!is_maria(p) || !table || so_ast_kind(p->ast, table) != SO_N_TABLE || !at_kw(p, SO_KW_for))
		return;
	phrase = so_parse_form(p, SO_MY_portion);
	if (!phrase)
		return;
	for (uint32_t i = 0; i < so_rare_table(p->ast, AS(p, table, table))->extra.count; i++)
		so_parse_push(p, so_list_get(p->ast, so_rare_table(p->ast, AS(p, table, table))->extra, i));
	so_parse_push(p, phrase);
	so_set_rare(p->ast, table, AS(p, table, table), extra, so_parse_take(p, mark));
	if (at_kw(p, SO_KW_as) || so_parse_is_name(p, peek(p), SO_USE_COLUMN)) {
		so_ref alias = so_parse_node(p, SO_N_ALIAS, p->pos);

		accept_kw(p, SO_KW_as);
		AS(p, alias, alias)->name = so_parse_name(p, SO_USE_COLUMN);
		AS(p, table, table)->alias = so_parse_done(p, alias);
	}
	so_parse_done(p, table);
}

static so_ref update(struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_UPDATE, first), only;
	struct so_n_update *node = NEW(p, update, ref);

	advance(p);
	node->with = with;
	modifiers(p, ref, SO_MY_update_words);
	node->from = so_parse_from_list(p);
	only = node->from.count == 1 ? so_list_get(p->ast, node->from, 0) : 0;
	if (only && so_ast_kind(p->ast, only) == SO_N_TABLE) {
		node->table = only;
		node->from = (struct so_list){ 0, 0 };
		portion(p, only);
	}
	so_parse_expect_kw(p, SO_KW_set);
	node->sets = so_parse_list(p, assignment);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if (node->table || is_maria(p)) {
		node->order_by = so_my_order_by(p);
		node->limit = limit(p);
	}
	return so_parse_done(p, ref);
}

/* t, t.* */
static so_ref delete_target(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);
	struct so_n_table *node = NEW(p, table, ref);
	unsigned parts = 1;

	node->name = so_parse_name(p, SO_USE_COLUMN);
	while (so_parse_more_parts(p, &parts) && accept(p, SO_TOK_DOT)) {
		so_ref part;

		if (at_op(p, SO_OP_MUL)) {
			advance(p);
			break;
		}
		part = so_parse_node(p, SO_N_NAME, first_of(p, ref));
		NEW(p, name, part)->name = node->name;
		NEW(p, name, part)->qualifier = node->qualifier;
		node->qualifier = part;
		node->name = so_parse_name(p, SO_USE_FIELD);
	}
	return so_parse_done(p, ref);
}

/* Whether FROM names one table whose rows go: no USING behind a list of names. */
static bool at_using_list(const struct parse *p)
{
	uint32_t n = 0;

	for (;; n++) {
		const struct so_token *token = peek_at(p, n);

		if (kw_of(token) == SO_KW_using)
			return true;
		if (token->kind != SO_TOK_WORD && token->kind != SO_TOK_QUOTED && token->kind != SO_TOK_DOT &&
			token->kind != SO_TOK_COMMA && !(token->kind == SO_TOK_OP && token->kw == SO_OP_MUL))
			return false;
		if (kw_of(token) == SO_KW_where || kw_of(token) == SO_KW_order || kw_of(token) == SO_KW_limit)
			return false;
	}
}

static void delete_one(struct parse *p, so_ref ref)
{
	struct so_n_delete *node = AS(p, delete, ref);
	so_ref alias;

	node->table = so_my_table(p, false);
	if (at_kw(p, SO_KW_for)) {
		portion(p, node->table);
	} else if (has(p, SO_FEAT_DELETE_ALIAS) &&
		   (at_kw(p, SO_KW_as) || so_parse_is_name(p, peek(p), SO_USE_COLUMN))) {
		alias = so_parse_node(p, SO_N_ALIAS, p->pos);
		accept_kw(p, SO_KW_as);
		AS(p, alias, alias)->name = so_parse_name(p, SO_USE_COLUMN);
		AS(p, table, node->table)->alias = so_parse_done(p, alias);
		so_parse_done(p, node->table);
	}
}

static so_ref delete_history(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);

	advance(p);
	AS(p, delete, ref)->table = so_my_table(p, false);
	so_parse_push(p, so_parse_form(p, SO_MY_before_system_time));
	AS(p, delete, ref)->extra = so_parse_take(p, mark);
	set_flag(p, ref, SO_NF_STAR);
	return so_parse_done(p, ref);
}

static so_ref delete (struct parse *p, so_ref with, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_DELETE, first);
	struct so_n_delete *node = NEW(p, delete, ref);

	advance(p);
	node->with = with;
	if (is_maria(p) && so_parse_at_word(p, 0, "history") && kw_at(p, 1) == SO_KW_from) {
		advance(p);
		return delete_history(p, ref);
	}
	modifiers(p, ref, SO_MY_delete_words);
	if (accept_kw(p, SO_KW_from)) {
		if (at_using_list(p)) {
			node->targets = so_parse_list(p, delete_target);
			set_flag(p, ref, SO_NF_ALL);
			so_parse_expect_kw(p, SO_KW_using);
			node->using = so_parse_from_list(p);
		} else {
			delete_one(p, ref);
		}
	} else {
		node->targets = so_parse_list(p, delete_target);
		so_parse_expect_kw(p, SO_KW_from);
		node->using = so_parse_from_list(p);
	}
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if (node->table || is_maria(p)) {
		node->order_by = so_my_order_by(p);
		node->limit = limit(p);
	}
	if (node->table)
		returning(p, ref);
	return so_parse_done(p, ref);
}

so_ref so_my_dml(struct parse *p, so_ref with, uint32_t first)
{
	switch (kw(p)) {
	case SO_KW_insert:
	case SO_KW_replace:
		if (with)
			so_parse_unexpected(p);
		return insert(p, first);
	case SO_KW_update:
		return update(p, with, first);
	default:
		return delete (p, with, first);
	}
}
