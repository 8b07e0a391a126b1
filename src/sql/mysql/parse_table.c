/* CREATE TABLE of MySQL and MariaDB: columns, keys, options. */
#include "sql/mysql/parse.h"

#include <strings.h>

/* ---- Attributes of columns --------------------------------------------------------------------------------------- */

static so_ref constraint(struct parse *p, uint32_t first, enum so_constraint_type type)
{
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, first);

	NEW(p, constraint, ref)->type = type;
	return ref;
}

static so_ref paren_expr(struct parse *p)
{
	so_ref ref = 0;

	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		ref = so_parse_expr(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return ref;
}

static bool is_now(struct so_text name)
{
	return name.len == 3 && strncasecmp(name.s, "now", 3) == 0;
}

/* What may be a default without parentheses: literals and the current time; in MariaDB any function, too. */
static bool is_bare_default(const struct parse *p, so_ref ref)
{
	const struct so_n_func *func;

	switch (so_ast_kind(p->ast, ref)) {
	case SO_N_CONST:
	case SO_N_CAST:
		return true;
	case SO_N_FUNC:
		func = so_as_func(p->ast, ref);
		return is_maria(p) || func->syntax == SO_FS_VALUE || func->syntax == SO_FS_INTRODUCER ||
		       is_now(so_ast_name(p->ast, func->name));
	default:
		return is_maria(p);
	}
}

static so_ref default_value(struct parse *p, uint32_t first)
{
	so_ref ref = constraint(p, first, SO_CON_DEFAULT), value;

	if (at(p, SO_TOK_LPAREN)) {
		value = paren_expr(p);
		AS(p, constraint, ref)->bits = SO_DDL_BY_DEFAULT;
	} else {
		value = so_parse_level(p, SO_LV_UNARY);
		if (!p->failed && !is_bare_default(p, value))
			so_parse_fail(
				p, &p->tok[first], "syntax error: a default that is an expression needs parentheses");
	}
	AS(p, constraint, ref)->expr = value;
	return so_parse_done(p, ref);
}

/* [GENERATED ALWAYS] AS (expr) [VIRTUAL | STORED]; AS ROW START | END */
static so_ref generated(struct parse *p, uint32_t first)
{
	so_ref ref = constraint(p, first, SO_CON_GENERATED);
	struct so_n_constraint *node = AS(p, constraint, ref);

	if (so_parse_words(p, "generated always"))
		node->bits = SO_DDL_ALWAYS;
	so_parse_expect_kw(p, SO_KW_as);
	if (is_maria(p) && (so_parse_words(p, "row start") || so_parse_words(p, "row end"))) {
		bool start = p->tok[p->pos - 1].len == strlen("start");

		so_set_rare(p->ast, constraint, node, method, so_parse_made_name(p, start ? "start" : "end"));
		return so_parse_done(p, ref);
	}
	node->expr = paren_expr(p);
	if (so_parse_accept_word(p, "virtual"))
		node->bits |= SO_DDL_VIRTUAL;
	else if (so_parse_accept_word(p, "stored") || (is_maria(p) && so_parse_accept_word(p, "persistent")))
		node->bits |= SO_DDL_STORED;
	return so_parse_done(p, ref);
}

static uint32_t key_action(struct parse *p)
{
	if (accept_kw(p, SO_KW_restrict))
		return SO_KEY_RESTRICT;
	if (accept_kw(p, SO_KW_cascade))
		return SO_KEY_CASCADE;
	if (so_parse_words(p, "set null"))
		return SO_KEY_SET_NULL;
	if (so_parse_words(p, "set default"))
		return SO_KEY_SET_DEFAULT;
	if (!so_parse_words(p, "no action"))
		so_parse_unexpected(p);
	return SO_KEY_NO_ACTION;
}

/* REFERENCES t (a) [MATCH ..] [ON DELETE ..] [ON UPDATE ..] */
static void references(struct parse *p, so_ref ref)
{
	struct so_n_constraint *node = AS(p, constraint, ref);

	so_parse_expect_kw(p, SO_KW_references);
	node->ref_table = so_my_table(p, false);
	if (at(p, SO_TOK_LPAREN))
		node->ref_columns = so_parse_name_list(p);
	if (accept_kw(p, SO_KW_match)) {
		if (so_parse_accept_word(p, "full"))
			so_set_rare(p->ast, constraint, node, match, SO_MATCH_FULL);
		else if (so_parse_accept_word(p, "partial"))
			so_set_rare(p->ast, constraint, node, match, SO_MATCH_PARTIAL);
		else if (so_parse_accept_word(p, "simple"))
			so_set_rare(p->ast, constraint, node, match, SO_MATCH_SIMPLE);
		else
			so_parse_unexpected(p);
	}
	while (at_kw(p, SO_KW_on) && (kw_at(p, 1) == SO_KW_delete || kw_at(p, 1) == SO_KW_update)) {
		bool delete = kw_at(p, 1) == SO_KW_delete;

		so_parse_move(p, 2);
		if (delete)
			so_set_rare(p->ast, constraint, node, on_delete, key_action(p));
		else
			so_set_rare(p->ast, constraint, node, on_update, key_action(p));
	}
	so_parse_done(p, ref);
}

static so_ref check(struct parse *p, so_ref ref)
{
	struct so_n_constraint *node = AS(p, constraint, ref);

	so_parse_expect_kw(p, SO_KW_check);
	node->type = SO_CON_CHECK;
	node->expr = paren_expr(p);
	if (!is_maria(p) && so_parse_words(p, "not enforced"))
		node->bits |= SO_DDL_NOT_ENFORCED;
	else if (!is_maria(p) && so_parse_accept_word(p, "enforced"))
		node->bits |= SO_DDL_ENFORCED;
	return so_parse_done(p, ref);
}

static so_ref named_check(struct parse *p)
{
	so_ref ref = constraint(p, p->pos, SO_CON_CHECK);

	if (accept_kw(p, SO_KW_constraint) && !at_kw(p, SO_KW_check))
		AS(p, constraint, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	return check(p, ref);
}

/* One attribute that is a constraint; 0 at anything else. */
static so_ref column_constraint(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_not:
		return so_parse_words(p, "not null") ? constraint(p, first, SO_CON_NOT_NULL) : 0;
	case SO_KW_null:
		advance(p);
		return constraint(p, first, SO_CON_NULL);
	case SO_KW_default:
		advance(p);
		return default_value(p, first);
	case SO_KW_on:
		if (!so_parse_words(p, "on update"))
			return 0;
		ref = constraint(p, first, SO_CON_ON_UPDATE);
		AS(p, constraint, ref)->expr = so_parse_level(p, SO_LV_UNARY);
		return so_parse_done(p, ref);
	case SO_KW_auto_increment:
		advance(p);
		return constraint(p, first, SO_CON_IDENTITY);
	case SO_KW_primary:
	case SO_KW_key:
		accept_kw(p, SO_KW_primary);
		accept_kw(p, SO_KW_key);
		return constraint(p, first, SO_CON_PRIMARY_KEY);
	case SO_KW_unique:
		advance(p);
		accept_kw(p, SO_KW_key);
		return constraint(p, first, SO_CON_UNIQUE);
	case SO_KW_generated:
	case SO_KW_as:
		return generated(p, first);
	case SO_KW_check:
	case SO_KW_constraint:
		return named_check(p);
	case SO_KW_references:
		ref = constraint(p, first, SO_CON_FOREIGN_KEY);
		references(p, ref);
		return ref;
	default:
		return 0;
	}
}

static void collation(struct parse *p, struct so_n_column_def *node)
{
	advance(p);
	if (at_kw(p, SO_KW_binary) || at(p, SO_TOK_STRING)) {
		struct so_str text;

		so_set_rare(p->ast, column_def, node, collation, so_parse_node(p, SO_N_NAME, p->pos));
		text = at(p, SO_TOK_STRING) ? so_parse_decode_string(p, peek(p))
					    : (struct so_str){ peek(p)->off, peek(p)->len };
		AS(p, name, so_rare_column_def(p->ast, node)->collation)->name =
			(struct so_name){ .off = text.off, .len = text.len & 0x7FFFFFFFu };
		advance(p);
		return;
	}
	so_set_rare(p->ast, column_def, node, collation, so_parse_name_node(p));
}

so_ref so_my_column_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos), item;
	struct so_n_column_def *node = NEW(p, column_def, ref);
	size_t mark = so_parse_mark(p), words = 0;
	so_ref phrases[32];

	(void)so_parse_qualified(p, &node->name);
	node->type = so_my_type(p);
	for (;;) {
		item = 0;
		if (at_kw(p, SO_KW_collate))
			collation(p, node);
		else if ((item = column_constraint(p)) != 0)
			so_parse_push(p, item);
		else if (words < 32 &&
			 (item = so_parse_form(p, is_maria(p) ? SO_MY_column_words_maria : SO_MY_column_words)) != 0)
			phrases[words++] = item;
		else
			break;
		if (p->failed)
			break;
	}
	node->constraints = so_parse_take(p, mark);
	for (size_t i = 0; i < words; i++)
		so_parse_push(p, phrases[i]);
	so_set_rare(p->ast, column_def, node, options, so_parse_take(p, mark));
	return so_parse_done(p, ref);
}

/* ---- Keys ------------------------------------------------------------------------------------------------------- */

so_ref so_my_key_part(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);
	struct so_n_index_elem *node = NEW(p, index_elem, ref);

	if (at(p, SO_TOK_LPAREN)) {
		if (is_maria(p))
			so_parse_unexpected(p);
		node->expr = paren_expr(p);
		set_flag(p, ref, SO_NF_ALL);
	} else {
		uint32_t first = p->pos;
		struct so_name name = so_parse_name(p, SO_USE_COLUMN);

		node->expr = so_parse_node(p, SO_N_COLUMN, first);
		AS(p, column, node->expr)->name = name;
		if (accept(p, SO_TOK_LPAREN)) {
			if (at(p, SO_TOK_INT) || at(p, SO_TOK_PARAM))
				node->length = so_parse_c_expr(p);
			else
				so_parse_unexpected(p);
			so_parse_expect(p, SO_TOK_RPAREN);
		}
	}
	if (accept_kw(p, SO_KW_asc))
		node->dir = SO_SORT_ASC;
	else if (accept_kw(p, SO_KW_desc))
		node->dir = SO_SORT_DESC;
	if (is_maria(p) && so_parse_words(p, "without overlaps"))
		set_flag(p, ref, SO_NF_NOT);
	return so_parse_done(p, ref);
}

void so_my_index_type(struct parse *p, struct so_name *method)
{
	if (!so_parse_accept_word(p, "using") && !(so_parse_at_word(p, 0, "type") && so_parse_accept_word(p, "type")))
		return;
	if (!so_parse_at_word(p, 0, "btree") && !so_parse_at_word(p, 0, "hash") && !so_parse_at_word(p, 0, "rtree"))
		so_parse_unexpected(p);
	*method = so_parse_made_name(p, so_parse_at_word(p, 0, "btree")  ? "btree"
					: so_parse_at_word(p, 0, "hash") ? "hash"
									 : "rtree");
	advance(p);
}

static void index_parts(struct parse *p, struct so_n_constraint *node)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		so_ref part = so_my_key_part(p);

		so_parse_push(p, part);
		if (so_ast_has_flag(p->ast, part, SO_NF_NOT))
			node->bits |= SO_DDL_WITHOUT_OVERLAPS;
	} while (accept(p, SO_TOK_COMMA));
	node->columns = so_parse_take(p, mark);
	so_parse_expect(p, SO_TOK_RPAREN);
	while (!p->failed &&
		(option = so_parse_form(p, is_maria(p) ? SO_MY_index_option_maria : SO_MY_index_option)) != 0)
		so_parse_push(p, option);
	so_set_rare(p->ast, constraint, node, options, so_parse_take(p, mark));
}

bool so_my_at_key(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_constraint:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_foreign:
	case SO_KW_check:
	case SO_KW_index:
	case SO_KW_key:
	case SO_KW_fulltext:
	case SO_KW_spatial:
		return true;
	default:
		return so_parse_at_word(p, 0, "vector") && (kw_at(p, 1) == SO_KW_index || kw_at(p, 1) == SO_KW_key);
	}
}

static void index_name(struct parse *p, struct so_n_constraint *node)
{
	if (is_maria(p) && so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	if (!at(p, SO_TOK_LPAREN) && !at_kw(p, SO_KW_using) &&
		!(so_parse_at_word(p, 0, "type") && peek_at(p, 1)->kind == SO_TOK_WORD))
		so_set_rare(p->ast, constraint, node, index, so_parse_name(p, SO_USE_COLUMN));
}

static so_ref foreign_key(struct parse *p, so_ref ref)
{
	struct so_n_constraint *node = AS(p, constraint, ref);

	so_parse_expect_kw(p, SO_KW_key);
	node->type = SO_CON_FOREIGN_KEY;
	index_name(p, node);
	node->columns = so_parse_name_list(p);
	references(p, ref);
	return ref;
}

/* [CONSTRAINT [name]] PRIMARY KEY .., UNIQUE .., FOREIGN KEY .., CHECK ..; INDEX .. */
so_ref so_my_key(struct parse *p)
{
	so_ref ref = constraint(p, p->pos, SO_CON_KEY);
	struct so_n_constraint *node = AS(p, constraint, ref);
	bool named = accept_kw(p, SO_KW_constraint);
	struct so_name method = { 0 };

	if (named && is_maria(p) && so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	if (named && !at_kw(p, SO_KW_primary) && !at_kw(p, SO_KW_unique) && !at_kw(p, SO_KW_foreign) &&
		!at_kw(p, SO_KW_check))
		node->name = so_parse_name(p, SO_USE_COLUMN);
	if (at_kw(p, SO_KW_check))
		return check(p, ref);
	if (accept_kw(p, SO_KW_foreign))
		return foreign_key(p, ref);
	if (accept_kw(p, SO_KW_primary)) {
		so_parse_expect_kw(p, SO_KW_key);
		node->type = SO_CON_PRIMARY_KEY;
	} else if (accept_kw(p, SO_KW_unique)) {
		if (!accept_kw(p, SO_KW_index))
			accept_kw(p, SO_KW_key);
		node->type = SO_CON_UNIQUE;
	} else if (named) {
		so_parse_unexpected(p);
	} else if (accept_kw(p, SO_KW_fulltext) || accept_kw(p, SO_KW_spatial)) {
		node->bits |= p->tok[p->pos - 1].kw == SO_KW_fulltext ? SO_DDL_FULLTEXT : SO_DDL_SPATIAL;
		if (!accept_kw(p, SO_KW_index))
			accept_kw(p, SO_KW_key);
	} else {
		if (so_parse_accept_word(p, "vector"))
			node->bits |= SO_DDL_OF;
		advance(p);
	}
	index_name(p, node);
	so_my_index_type(p, &method);
	so_set_rare(p->ast, constraint, node, method, method);
	index_parts(p, node);
	return so_parse_done(p, ref);
}

/* ---- The table -------------------------------------------------------------------------------------------------- */

static so_ref element(struct parse *p)
{
	so_ref period;

	if (so_my_at_key(p))
		return so_my_key(p);
	period = is_maria(p) ? so_parse_form(p, SO_MY_period) : 0;
	return period || p->failed ? period : so_my_column_def(p);
}

static void table_options(struct parse *p, struct so_n_create_table *node)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	do {
		option = so_parse_form(p, is_maria(p) ? SO_MY_table_option_maria : SO_MY_table_option);
		so_parse_push(p, option);
	} while (option && !p->failed && (accept(p, SO_TOK_COMMA), true));
	node->options = so_parse_take(p, mark);
}

/* [IGNORE | REPLACE] [AS] query */
static void as_query(struct parse *p, so_ref ref)
{
	struct so_n_create_table *node = AS(p, create_table, ref);

	if (accept_kw(p, SO_KW_ignore))
		set_flag(p, ref, SO_NF_NOT);
	else if (accept_kw(p, SO_KW_replace))
		set_flag(p, ref, SO_NF_ALL);
	accept_kw(p, SO_KW_as);
	if (so_parse_starts_query(p, 0))
		so_set_rare(p->ast, create_table, node, query, so_parse_query(p));
	else if (ref && !at_end(p) && !at(p, SO_TOK_SEMICOLON))
		so_parse_unexpected(p);
}

so_ref so_my_create_table(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first);
	struct so_n_create_table *node = NEW(p, create_table, ref);

	if (so_parse_words(p, "if not exists"))
		bits |= SO_DDL_IF_NOT_EXISTS;
	node->bits = bits;
	so_set_rare(p->ast, create_table, node, persistence, persistence);
	node->table = so_my_table(p, false);
	if (accept_kw(p, SO_KW_like)) {
		so_set_rare(p->ast, create_table, node, like, so_my_table(p, false));
		return so_parse_done(p, ref);
	}
	if (at(p, SO_TOK_LPAREN) && kw_at(p, 1) == SO_KW_like) {
		so_parse_move(p, 2);
		so_set_rare(p->ast, create_table, node, like, so_my_table(p, false));
		so_parse_expect(p, SO_TOK_RPAREN);
		return so_parse_done(p, ref);
	}
	if (at(p, SO_TOK_LPAREN) && !so_parse_starts_query(p, 0))
		node->elems = so_parse_paren_list(p, element);
	table_options(p, node);
	if (at_kw(p, SO_KW_partition))
		node->partition_by = so_my_partition_by(p);
	as_query(p, ref);
	if (!p->failed && !node->elems.count && !so_rare_create_table(p->ast, node)->query && !is_maria(p))
		so_parse_unexpected(p);
	return so_parse_done(p, ref);
}
