/* SQLite: CREATE, ALTER, DROP. Triggers are OPAQUE nodes whose parts are the statements of their bodies. */
#include "sql/sqlite/parse.h"

/* ---- Types ------------------------------------------------------------------------------------------------------ */

/* A word of a type: no JOIN words, and not what begins GENERATED ALWAYS. */
static bool at_type_word(const struct parse *p)
{
	if (at_kw(p, SO_KW_generated) && kw_at(p, 1) == SO_KW_always)
		return false;
	return so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL) || at(p, SO_TOK_STRING);
}

/* The words as they are written, one blank between them. */
static struct so_name type_words(struct parse *p)
{
	uint32_t first = p->pos;
	size_t len = 0;
	struct so_name name = { 0 };
	char *out;

	while (at_type_word(p)) {
		len += peek(p)->len + 1;
		advance(p);
	}
	if (!len)
		return name;
	name.off = so_arena_raw(p->ast, len);
	name.len = (uint32_t)(len - 1) & 0x7FFFFFFFu;
	out = so_ast_at(p->ast, name.off);
	for (uint32_t i = first; i < p->pos; i++) {
		memcpy(out, so_parse_token_text(p, &p->tok[i]), p->tok[i].len);
		out += p->tok[i].len;
		*out++ = ' ';
	}
	return name;
}

so_ref so_sqlite_type(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = type_words(p);
	size_t mark = so_parse_mark(p);
	so_ref ref;

	if (!name.len)
		return 0;
	ref = so_parse_node(p, SO_N_TYPE, first);
	NEW(p, type, ref)->name = name;
	if (accept(p, SO_TOK_LPAREN)) {
		so_parse_push(p, so_parse_number(p));
		if (accept(p, SO_TOK_COMMA))
			so_parse_push(p, so_parse_number(p));
		AS(p, type, ref)->mods = so_parse_take(p, mark);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

/* ---- Constraints ------------------------------------------------------------------------------------------------ */

static void push_word(struct parse *p, uint32_t first, const char *word)
{
	so_parse_push(p, so_parse_done(p, so_parse_made_option(p, first, word, 0, SO_OPTION_WORD)));
}

/* ON CONFLICT action */
static void push_on_conflict(struct parse *p)
{
	static const char *const words[] = { [SO_OR_ROLLBACK] = "on conflict rollback",
		[SO_OR_ABORT] = "on conflict abort",
		[SO_OR_FAIL] = "on conflict fail",
		[SO_OR_IGNORE] = "on conflict ignore",
		[SO_OR_REPLACE] = "on conflict replace" };
	uint32_t first = p->pos, action;

	if (!at_kw(p, SO_KW_on) || kw_at(p, 1) != SO_KW_conflict)
		return;
	so_parse_move(p, 2);
	action = so_sqlite_action(p);
	if (action)
		push_word(p, first, words[action]);
}

static uint32_t key_action(struct parse *p)
{
	if (accept_kw2(p, SO_KW_no, SO_KW_action))
		return SO_KEY_NO_ACTION;
	if (accept_kw(p, SO_KW_restrict))
		return SO_KEY_RESTRICT;
	if (accept_kw(p, SO_KW_cascade))
		return SO_KEY_CASCADE;
	so_parse_expect_kw(p, SO_KW_set);
	if (accept_kw(p, SO_KW_default))
		return SO_KEY_SET_DEFAULT;
	so_parse_expect_kw(p, SO_KW_null);
	return SO_KEY_SET_NULL;
}

/* MATCH has no effect, whatever its name: one that is not known is an option. */
static void key_match(struct parse *p, struct so_n_constraint *node)
{
	uint32_t first = p->pos;
	bool full = so_parse_at_word(p, 0, "full"), partial = so_parse_at_word(p, 0, "partial");
	bool simple = so_parse_at_word(p, 0, "simple");
	struct so_name name = so_sqlite_name(p);
	so_ref value;

	so_set_rare(p->ast, constraint, node, match,
		full      ? SO_MATCH_FULL
		: partial ? SO_MATCH_PARTIAL
		: simple  ? SO_MATCH_SIMPLE
			  : SO_MATCH_DEFAULT);
	if (so_rare_constraint(p->ast, node)->match)
		return;
	value = so_parse_node(p, SO_N_NAME, first);
	NEW(p, name, value)->name = name;
	so_parse_push(p, so_parse_done(p, so_parse_made_option(p, first, "match", value, SO_OPTION_PLAIN)));
}

/* [NOT] DEFERRABLE [INITIALLY ..] */
static void deferral(struct parse *p, struct so_n_constraint *node)
{
	if (accept_kw2(p, SO_KW_not, SO_KW_deferrable))
		so_set_rare(p->ast, constraint, node, deferrable, SO_NOT_DEFERRABLE);
	else if (accept_kw(p, SO_KW_deferrable))
		so_set_rare(p->ast, constraint, node, deferrable, SO_DEFERRABLE);
	else
		return;
	if (!accept_kw(p, SO_KW_initially))
		return;
	if (accept_kw(p, SO_KW_immediate)) {
		so_set_rare(p->ast, constraint, node, initially, SO_INITIALLY_IMMEDIATE);
	} else {
		so_parse_expect_kw(p, SO_KW_deferred);
		so_set_rare(p->ast, constraint, node, initially, SO_INITIALLY_DEFERRED);
	}
}

/* ON INSERT has no effect. */
static void push_on_insert(struct parse *p, uint32_t first)
{
	static const char *const words[] = { "", "on insert no action", "on insert restrict", "on insert cascade",
		"on insert set null", "on insert set default" };
	uint32_t action = key_action(p);

	push_word(p, first, words[action]);
}

/* What it pushes are options of the constraint. */
static void references(struct parse *p, struct so_n_constraint *node)
{
	so_parse_expect_kw(p, SO_KW_references);
	node->ref_table = so_parse_node(p, SO_N_TABLE, p->pos);
	AS(p, table, node->ref_table)->name = so_sqlite_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->ref_columns = so_sqlite_name_list(p);
	for (;;) {
		if (accept_kw(p, SO_KW_match))
			key_match(p, node);
		else if (accept_kw2(p, SO_KW_on, SO_KW_delete))
			so_set_rare(p->ast, constraint, node, on_delete, key_action(p));
		else if (accept_kw2(p, SO_KW_on, SO_KW_update))
			so_set_rare(p->ast, constraint, node, on_update, key_action(p));
		else if (accept_kw2(p, SO_KW_on, SO_KW_insert))
			push_on_insert(p, p->pos - 2);
		else
			break;
	}
	deferral(p, node);
}

static so_ref paren_expr(struct parse *p)
{
	so_ref ref;

	so_parse_expect(p, SO_TOK_LPAREN);
	ref = so_parse_expr(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return ref;
}

/* DEFAULT literal | (expr) | name */
static so_ref default_value(struct parse *p)
{
	if (at(p, SO_TOK_LPAREN))
		return paren_expr(p);
	if (at_op(p, SO_OP_ADD) || at_op(p, SO_OP_SUB))
		return so_parse_number(p);
	if (so_sqlite_at_name(p) && !at(p, SO_TOK_STRING) && !at_kw(p, SO_KW_current_date) &&
		!at_kw(p, SO_KW_current_time) && !at_kw(p, SO_KW_current_timestamp) && !at_kw(p, SO_KW_true) &&
		!at_kw(p, SO_KW_false)) {
		uint32_t first = p->pos;
		struct so_name name = so_sqlite_name(p);
		so_ref ref = so_parse_node(p, SO_N_COLUMN, first);

		NEW(p, column, ref)->name = name;
		return ref;
	}
	return so_parse_c_expr(p);
}

/* AS (expr) [STORED | VIRTUAL] */
static void generated(struct parse *p, struct so_n_constraint *node)
{
	node->type = SO_CON_GENERATED;
	so_parse_expect_kw(p, SO_KW_as);
	node->expr = paren_expr(p);
	if (so_parse_accept_word(p, "stored"))
		node->bits |= SO_DDL_STORED;
	else if (so_parse_accept_word(p, "virtual"))
		node->bits |= SO_DDL_VIRTUAL;
}

static void primary_key(struct parse *p, struct so_n_constraint *node)
{
	so_parse_expect_kw(p, SO_KW_key);
	node->type = SO_CON_PRIMARY_KEY;
	if (accept_kw(p, SO_KW_asc))
		push_word(p, p->pos - 1, "asc");
	else if (accept_kw(p, SO_KW_desc))
		push_word(p, p->pos - 1, "desc");
	push_on_conflict(p);
	if (accept_kw(p, SO_KW_autoincrement))
		node->bits |= SO_DDL_AUTO_INCREMENT;
}

/* False when no constraint starts here. */
static bool column_constraint_body(struct parse *p, struct so_n_constraint *node)
{
	if (accept_kw(p, SO_KW_default)) {
		node->type = SO_CON_DEFAULT;
		node->expr = default_value(p);
	} else if (accept_kw(p, SO_KW_null)) {
		node->type = SO_CON_NULL;
		push_on_conflict(p);
	} else if (accept_kw2(p, SO_KW_not, SO_KW_null)) {
		node->type = SO_CON_NOT_NULL;
		push_on_conflict(p);
	} else if (accept_kw(p, SO_KW_primary)) {
		primary_key(p, node);
	} else if (accept_kw(p, SO_KW_unique)) {
		node->type = SO_CON_UNIQUE;
		push_on_conflict(p);
	} else if (accept_kw(p, SO_KW_check)) {
		node->type = SO_CON_CHECK;
		node->expr = paren_expr(p);
	} else if (at_kw(p, SO_KW_references)) {
		node->type = SO_CON_FOREIGN_KEY;
		references(p, node);
	} else if (accept_kw2(p, SO_KW_generated, SO_KW_always)) {
		node->bits |= SO_DDL_ALWAYS;
		generated(p, node);
	} else if (at_kw(p, SO_KW_as)) {
		generated(p, node);
	} else {
		return false;
	}
	return true;
}

static so_ref column_constraint(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, first);
	struct so_n_constraint *node = NEW(p, constraint, ref);
	size_t mark = so_parse_mark(p);

	if (accept_kw(p, SO_KW_constraint))
		node->name = so_sqlite_name(p);
	if (!column_constraint_body(p, node)) {
		deferral(p, node);
		if (p->pos == first)
			return 0;
		node->type = SO_CON_ATTRIBUTES; /* a name or a deferral alone */
	}
	so_set_rare(p->ast, constraint, node, options, so_parse_take(p, mark));
	return so_parse_done(p, ref);
}

static so_ref column_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos), constraint;
	struct so_n_column_def *node = NEW(p, column_def, ref);
	size_t mark;

	node->name = so_sqlite_name(p);
	node->type = so_sqlite_type(p);
	mark = so_parse_mark(p);
	for (;;) {
		if (accept_kw(p, SO_KW_collate)) {
			so_set_rare(p->ast, column_def, node, collation, so_sqlite_name_node(p));
			continue;
		}
		constraint = column_constraint(p);
		if (!constraint)
			break;
		so_parse_push(p, constraint);
	}
	node->constraints = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

static bool at_table_constraint(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_constraint:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_foreign:
		return true;
	default:
		return false;
	}
}

so_ref so_sqlite_index_elem(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref expr = so_parse_expr(p), ref = so_parse_node(p, SO_N_INDEX_ELEM, first);
	struct so_n_index_elem *node = NEW(p, index_elem, ref);

	if (so_ast_kind(p->ast, expr) == SO_N_COLLATE && !so_ast_has_flag(p->ast, expr, SO_NF_PAREN)) {
		node->collation = AS(p, collate, expr)->collation;
		expr = AS(p, collate, expr)->arg;
	}
	node->expr = expr;
	node->dir = accept_kw(p, SO_KW_asc) ? SO_SORT_ASC : accept_kw(p, SO_KW_desc) ? SO_SORT_DESC : SO_SORT_DEFAULT;
	if (accept_kw2(p, SO_KW_nulls, SO_KW_first))
		node->nulls = SO_NULLS_FIRST;
	else if (accept_kw2(p, SO_KW_nulls, SO_KW_last))
		node->nulls = SO_NULLS_LAST;
	return so_parse_done(p, ref);
}

static so_ref table_constraint(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, p->pos);
	struct so_n_constraint *node = NEW(p, constraint, ref);
	size_t mark = so_parse_mark(p);

	if (accept_kw(p, SO_KW_constraint))
		node->name = so_sqlite_name(p);
	if (accept_kw(p, SO_KW_primary)) {
		so_parse_expect_kw(p, SO_KW_key);
		node->type = SO_CON_PRIMARY_KEY;
		so_parse_expect(p, SO_TOK_LPAREN);
		node->columns = so_parse_list(p, so_sqlite_index_elem);
		if (accept_kw(p, SO_KW_autoincrement))
			node->bits |= SO_DDL_AUTO_INCREMENT;
		so_parse_expect(p, SO_TOK_RPAREN);
	} else if (accept_kw(p, SO_KW_unique)) {
		node->type = SO_CON_UNIQUE;
		node->columns = so_parse_paren_list(p, so_sqlite_index_elem);
	} else if (accept_kw(p, SO_KW_check)) {
		node->type = SO_CON_CHECK;
		node->expr = paren_expr(p);
	} else if (accept_kw(p, SO_KW_foreign)) {
		so_parse_expect_kw(p, SO_KW_key);
		node->type = SO_CON_FOREIGN_KEY;
		node->columns = so_sqlite_name_list(p);
		references(p, node);
	} else {
		so_parse_unexpected(p);
	}
	if (node->type != SO_CON_FOREIGN_KEY)
		push_on_conflict(p);
	so_set_rare(p->ast, constraint, node, options, so_parse_take(p, mark));
	return so_parse_done(p, ref);
}

/* ---- CREATE TABLE ----------------------------------------------------------------------------------------------- */

static uint32_t table_options(struct parse *p)
{
	uint32_t bits = 0;

	while (!at_end(p) && !at(p, SO_TOK_SEMICOLON)) {
		if (at_kw(p, SO_KW_without) && so_parse_at_word(p, 1, "rowid")) {
			so_parse_move(p, 2);
			bits |= SO_DDL_WITHOUT_ROWID;
		} else if (so_parse_accept_word(p, "strict")) {
			bits |= SO_DDL_STRICT;
		} else {
			so_parse_unexpected(p);
		}
		if (!accept(p, SO_TOK_COMMA))
			break;
	}
	return bits;
}

static struct so_list elements(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, column_def(p));
	while (accept(p, SO_TOK_COMMA) && !at_table_constraint(p))
		so_parse_push(p, column_def(p));
	/* the commas between constraints may be left out */
	while (at_table_constraint(p)) {
		so_parse_push(p, table_constraint(p));
		if (accept(p, SO_TOK_COMMA) && !at_table_constraint(p))
			so_parse_unexpected(p);
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_take(p, mark);
}

static so_ref create_table(struct parse *p, uint32_t first, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first);
	struct so_n_create_table *node = NEW(p, create_table, ref);

	so_set_rare(p->ast, create_table, node, persistence, persistence);
	node->bits = so_parse_if_not_exists(p) ? SO_DDL_IF_NOT_EXISTS : 0;
	node->table = so_sqlite_table(p);
	if (accept_kw(p, SO_KW_as)) {
		so_set_rare(p->ast, create_table, node, query, so_sqlite_query(p));
	} else {
		node->elems = elements(p);
		node->bits |= table_options(p);
	}
	return so_parse_done(p, ref);
}

/* An argument of a virtual table's module: any tokens up to the comma, parentheses balanced. */
static so_ref module_argument(struct parse *p)
{
	uint32_t first = p->pos;
	unsigned parens = 0;
	so_ref ref = so_parse_node(p, SO_N_OPTION, first);

	while (!at_end(p) && (parens || !(at(p, SO_TOK_COMMA) || at(p, SO_TOK_RPAREN)))) {
		if (at(p, SO_TOK_LPAREN))
			parens++;
		else if (at(p, SO_TOK_RPAREN))
			parens--;
		advance(p);
	}
	AS(p, option, ref)->style = SO_OPTION_OWN;
	if (p->pos > first) {
		const struct so_token *from = &p->tok[first], *to = &p->tok[p->pos - 1];

		AS(p, option, ref)->name =
			(struct so_name){ .off = from->off, .len = (to->off + to->len - from->off) & 0x7FFFFFFFu };
	}
	return so_parse_done(p, ref);
}

static so_ref create_virtual_table(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first);
	struct so_n_create_table *node = NEW(p, create_table, ref);

	node->bits = SO_DDL_VIRTUAL | (so_parse_if_not_exists(p) ? SO_DDL_IF_NOT_EXISTS : 0);
	node->table = so_sqlite_table(p);
	so_parse_expect_kw(p, SO_KW_using);
	so_set_rare(p->ast, create_table, node, method, so_sqlite_name(p));
	if (at(p, SO_TOK_LPAREN))
		node->options = so_parse_paren_list(p, module_argument);
	return so_parse_done(p, ref);
}

/* ---- Indexes, views, triggers ------------------------------------------------------------------------------------ */

static so_ref create_index(struct parse *p, uint32_t first, uint32_t bits)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_INDEX, first), name;
	struct so_n_create_index *node = NEW(p, create_index, ref);

	node->bits = bits | (so_parse_if_not_exists(p) ? SO_DDL_IF_NOT_EXISTS : 0);
	name = so_sqlite_table(p);
	node->name = AS(p, table, name)->name;
	node->qualifier = AS(p, table, name)->qualifier;
	so_parse_expect_kw(p, SO_KW_on);
	node->table = so_parse_node(p, SO_N_TABLE, p->pos);
	AS(p, table, node->table)->name = so_sqlite_name(p);
	node->keys = so_parse_paren_list(p, so_sqlite_index_elem);
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	return so_parse_done(p, ref);
}

static so_ref create_view(struct parse *p, uint32_t first, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_VIEW, first);
	struct so_n_create_view *node = NEW(p, create_view, ref);

	node->persistence = persistence;
	node->bits = so_parse_if_not_exists(p) ? SO_DDL_IF_NOT_EXISTS : 0;
	node->view = so_sqlite_table(p);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_sqlite_name_list(p);
	so_parse_expect_kw(p, SO_KW_as);
	node->query = so_sqlite_query(p);
	return so_parse_done(p, ref);
}

static void trigger_event(struct parse *p)
{
	if (!accept_kw(p, SO_KW_before) && !accept_kw(p, SO_KW_after))
		accept_kw2(p, SO_KW_instead, SO_KW_of);
	if (accept_kw(p, SO_KW_delete) || accept_kw(p, SO_KW_insert))
		return;
	so_parse_expect_kw(p, SO_KW_update);
	if (accept_kw(p, SO_KW_of))
		(void)so_parse_list(p, so_sqlite_name_node);
}

static so_ref trigger_statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with;

	if (so_sqlite_at_dml(p))
		return so_sqlite_dml(p, 0, first);
	if (!at_kw(p, SO_KW_with))
		return so_sqlite_query(p);
	with = so_sqlite_with(p);
	if (so_sqlite_at_dml(p))
		return so_sqlite_dml(p, with, first);
	return so_sqlite_query_rest(p, with, first);
}

static so_ref create_trigger(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, first);
	size_t mark = so_parse_mark(p);

	AS(p, opaque, ref)->cls = SO_CLASS_DDL;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, "create trigger");
	so_parse_if_not_exists(p);
	(void)so_sqlite_table(p);
	trigger_event(p);
	so_parse_expect_kw(p, SO_KW_on);
	so_parse_push(p, so_sqlite_table(p));
	if (accept_kw(p, SO_KW_for)) {
		so_parse_expect_kw(p, SO_KW_each);
		so_parse_expect_kw(p, SO_KW_row);
	}
	if (accept_kw(p, SO_KW_when))
		so_parse_push(p, so_parse_expr(p));
	so_parse_expect_kw(p, SO_KW_begin);
	do {
		so_parse_push(p, trigger_statement(p));
		so_parse_expect(p, SO_TOK_SEMICOLON);
	} while (!at_kw(p, SO_KW_end) && !at_end(p));
	so_parse_expect_kw(p, SO_KW_end);
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

so_ref so_sqlite_create(struct parse *p)
{
	uint32_t first = p->pos;
	bool temporary;

	advance(p);
	if (accept_kw2(p, SO_KW_virtual, SO_KW_table))
		return create_virtual_table(p, first);
	if (accept_kw2(p, SO_KW_unique, SO_KW_index))
		return create_index(p, first, SO_DDL_UNIQUE);
	if (accept_kw(p, SO_KW_index))
		return create_index(p, first, 0);
	temporary = accept_kw(p, SO_KW_temp) || accept_kw(p, SO_KW_temporary);
	if (accept_kw(p, SO_KW_table))
		return create_table(p, first, temporary ? SO_TEMPORARY : SO_PERMANENT);
	if (accept_kw(p, SO_KW_view))
		return create_view(p, first, temporary ? SO_TEMPORARY : SO_PERMANENT);
	so_parse_expect_kw(p, SO_KW_trigger);
	return create_trigger(p, first);
}

/* ---- ALTER, DROP ------------------------------------------------------------------------------------------------ */

static so_ref alter_action(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER_ACTION, p->pos);
	struct so_n_alter_action *node = NEW(p, alter_action, ref);
	size_t mark = so_parse_mark(p);

	if (accept_kw(p, SO_KW_add)) {
		node->type = SO_ALTER_ADD_COLUMN;
		accept_kw(p, SO_KW_column);
		so_parse_push(p, column_def(p));
		node->items = so_parse_take(p, mark);
	} else if (accept_kw(p, SO_KW_drop)) {
		node->type = SO_ALTER_DROP_COLUMN;
		accept_kw(p, SO_KW_column);
		node->name = so_sqlite_name(p);
	} else if (accept_kw2(p, SO_KW_rename, SO_KW_to)) {
		node->type = SO_ALTER_RENAME;
		node->new_name = so_sqlite_name(p);
	} else {
		node->type = SO_ALTER_RENAME_COLUMN;
		so_parse_expect_kw(p, SO_KW_rename);
		if (at_kw(p, SO_KW_column) && kw_at(p, 1) != SO_KW_to)
			advance(p);
		node->name = so_sqlite_name(p);
		so_parse_expect_kw(p, SO_KW_to);
		node->new_name = so_sqlite_name(p);
	}
	return so_parse_done(p, ref);
}

so_ref so_sqlite_alter(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER, p->pos);
	size_t mark = so_parse_mark(p);

	advance(p);
	so_parse_expect_kw(p, SO_KW_table);
	AS(p, alter, ref)->object = SO_OBJ_TABLE;
	AS(p, alter, ref)->target = so_sqlite_table(p);
	so_parse_push(p, alter_action(p));
	AS(p, alter, ref)->actions = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

so_ref so_sqlite_drop(struct parse *p)
{
	static const struct {
		enum so_kw word;
		enum so_object object;
	} objects[] = {
		{ SO_KW_table, SO_OBJ_TABLE },
		{ SO_KW_view, SO_OBJ_VIEW },
		{ SO_KW_index, SO_OBJ_INDEX },
		{ SO_KW_trigger, SO_OBJ_TRIGGER },
	};
	so_ref ref = so_parse_node(p, SO_N_DROP, p->pos);
	struct so_n_drop *node = NEW(p, drop, ref);
	size_t mark = so_parse_mark(p), i = 0;

	advance(p);
	while (i < 4 && !at_kw(p, objects[i].word))
		i++;
	if (i == 4) {
		so_parse_unexpected(p);
		return ref;
	}
	advance(p);
	node->object = objects[i].object;
	node->bits = so_parse_if_exists(p) ? SO_DDL_IF_EXISTS : 0;
	so_parse_push(p, so_sqlite_table(p));
	node->names = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
