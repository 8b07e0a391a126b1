/* SELECT of MySQL and MariaDB. */
#include "sql/mysql/parse.h"

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

/* A list with one phrase, or none. */
static struct so_list phrase_list(struct parse *p, so_ref phrase)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, phrase);
	return so_parse_take(p, mark);
}

/* The optimizer hint in front of the current token as an OPTION; none when there is none. */
static void push_hint(struct parse *p)
{
	struct so_text hint = so_parse_hint(p);
	so_ref ref;

	if (!hint.len)
		return;
	ref = so_parse_node(p, SO_N_OPTION, p->pos);
	AS(p, option, ref)->name = (struct so_name){ .off = so_arena_bytes(p->ast, hint.s, hint.len),
		.len = (uint32_t)hint.len & 0x7FFFFFFFu };
	AS(p, option, ref)->style = SO_OPTION_WORD;
	so_parse_push(p, ref);
}

struct so_list so_my_hints(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	push_hint(p);
	return so_parse_take(p, mark);
}

/* ---- INTO ------------------------------------------------------------------------------------------------------- */

static so_ref into_target(struct parse *p)
{
	return at(p, SO_TOK_VARIABLE) ? so_my_variable(p) : so_parse_any_name(p);
}

static so_ref into_clause(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INTO, p->pos);

	advance(p);
	if (at_kw(p, SO_KW_outfile) || at_kw(p, SO_KW_dumpfile))
		AS(p, into, ref)->file = so_parse_form(p, SO_MY_outfile);
	else
		AS(p, into, ref)->targets = so_parse_list(p, into_target);
	return so_parse_done(p, ref);
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

static bool at_modifier(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_all:
	case SO_KW_distinct:
	case SO_KW_distinctrow:
	case SO_KW_high_priority:
	case SO_KW_straight_join:
	case SO_KW_sql_small_result:
	case SO_KW_sql_big_result:
	case SO_KW_sql_calc_found_rows:
	case SO_KW_sql_cache:
	case SO_KW_sql_no_cache:
	case SO_KW_sql_buffer_result:
		return true;
	case SO_KW_unique:
		return is_maria(p);
	default:
		return false;
	}
}

/* sql_cache is a name in MySQL, and both are names of columns where no item follows */
static bool is_name_here(const struct parse *p)
{
	const struct so_token *next = peek_at(p, 1);

	if (!at_kw(p, SO_KW_sql_cache) && !at_kw(p, SO_KW_sql_no_cache) && !at_kw(p, SO_KW_sql_buffer_result))
		return false;
	if (at_kw(p, SO_KW_sql_cache) && !is_maria(p))
		return true;
	return next->kind == SO_TOK_COMMA || next->kind == SO_TOK_DOT || next->kind == SO_TOK_END ||
	       next->kind == SO_TOK_RPAREN || kw_of(next) == SO_KW_from || kw_of(next) == SO_KW_as;
}

static void modifiers(struct parse *p, so_ref ref)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list words;
	so_ref phrase;

	while (at_modifier(p) && !is_name_here(p)) {
		if (at_kw(p, SO_KW_distinct) || at_kw(p, SO_KW_distinctrow) || at_kw(p, SO_KW_unique)) {
			set_flag(p, ref, SO_NF_DISTINCT);
			advance(p);
		} else if (!accept_kw(p, SO_KW_all)) {
			so_parse_push(p, so_parse_word(p));
		}
	}
	words = so_parse_take(p, mark);
	if (!words.count)
		return;
	phrase = so_parse_node(p, SO_N_PHRASE, first);
	NEW(p, phrase, phrase)->items = words;
	so_set_rare(p->ast, select, AS(p, select, ref), extra, phrase_list(p, phrase));
}

static so_ref group_item(struct parse *p)
{
	so_ref ref = so_parse_sort_item(p);

	if (AS(p, sort, ref)->dir != SO_SORT_DEFAULT && !has(p, SO_FEAT_GROUP_ORDER) && !p->lenient) {
		so_parse_move(p, -1);
		so_parse_unexpected(p);
	}
	/* an order is only kept where one is written */
	return AS(p, sort, ref)->dir == SO_SORT_DEFAULT ? AS(p, sort, ref)->arg : ref;
}

static void group_by(struct parse *p, so_ref ref)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	bool call = kw_at(p, 0) == SO_KW_rollup && peek_at(p, 1)->kind == SO_TOK_LPAREN && !is_maria(p);
	struct so_list items;
	so_ref grouping;

	if (call)
		advance(p);
	items = call ? so_parse_paren_list(p, so_parse_expr) : so_parse_list(p, group_item);
	AS(p, select, ref)->group_by = items;
	if (!call && !so_parse_words(p, "with rollup"))
		return;
	grouping = so_parse_node(p, SO_N_GROUPING, first);
	NEW(p, grouping, grouping)->type = call ? SO_GROUPING_ROLLUP : SO_GROUPING_WITH_ROLLUP;
	NEW(p, grouping, grouping)->items = items;
	so_parse_push(p, grouping);
	AS(p, select, ref)->group_by = so_parse_take(p, mark);
}

so_ref so_my_select(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SELECT, p->pos);
	struct so_n_select *node = NEW(p, select, ref);

	advance(p);
	so_set_rare(p->ast, select, node, hints, so_my_hints(p));
	modifiers(p, ref);
	node->targets = so_parse_list(p, so_parse_target);
	if (at_kw(p, SO_KW_into))
		so_set_rare(p->ast, select, node, into, into_clause(p));
	if (accept_kw(p, SO_KW_from)) {
		if (!accept_kw(p, SO_KW_dual))
			node->from = so_parse_from_list(p);
	}
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	if (accept_kw2(p, SO_KW_group, SO_KW_by))
		group_by(p, ref);
	if (accept_kw(p, SO_KW_having))
		node->having = so_parse_expr(p);
	if (accept_kw(p, SO_KW_window))
		so_set_rare(p->ast, select, node, windows, so_parse_window_list(p));
	if (so_parse_at_word(p, 0, "qualify") && !is_maria(p)) {
		size_t mark = so_parse_mark(p);

		for (uint32_t i = 0; i < so_rare_select(p->ast, node)->extra.count; i++)
			so_parse_push(p, so_list_get(p->ast, so_rare_select(p->ast, node)->extra, i));
		so_parse_push(p, so_parse_form(p, SO_MY_qualify));
		so_set_rare(p->ast, select, node, extra, so_parse_take(p, mark));
	}
	return so_parse_done(p, ref);
}

so_ref so_my_values_row(struct parse *p)
{
	uint32_t first = p->pos;
	bool word = !is_maria(p);
	struct so_list items;
	so_ref ref;

	if (word)
		so_parse_expect_kw(p, SO_KW_row);
	items = so_parse_paren_list(p, so_parse_expr);
	ref = so_parse_node(p, SO_N_ROW, first);
	NEW(p, row, ref)->items = items;
	if (word)
		set_flag(p, ref, SO_NF_ALL);
	return ref;
}

/* ---- What follows ----------------------------------------------------------------------------------------------- */

struct so_list so_my_order_by(struct parse *p)
{
	return at_kw(p, SO_KW_order) ? so_parse_order_by(p) : (struct so_list){ 0, 0 };
}

/* Numbers, placeholders, and in stored programs variables. */
static so_ref limit_value(struct parse *p)
{
	if (at(p, SO_TOK_INT) || at(p, SO_TOK_PARAM) || at(p, SO_TOK_WORD) || at(p, SO_TOK_QUOTED))
		return so_parse_c_expr(p);
	so_parse_unexpected(p);
	return 0;
}

static void rows_examined(struct parse *p, struct so_n_query *query)
{
	if (is_maria(p) && at_kw(p, SO_KW_rows))
		so_set_rare(p->ast, query, query, format, so_parse_form(p, SO_MY_rows_examined));
}

static void limit_clause(struct parse *p, struct so_n_query *query)
{
	so_ref value;

	advance(p);
	rows_examined(p, query);
	if (so_rare_query(p->ast, query)->format)
		return;
	value = limit_value(p);
	if (accept(p, SO_TOK_COMMA)) {
		so_set_rare(p->ast, query, query, offset, value);
		value = limit_value(p);
	} else if (accept_kw(p, SO_KW_offset)) {
		so_set_rare(p->ast, query, query, offset, limit_value(p));
	}
	query->limit = value;
	rows_examined(p, query);
}

/* [OFFSET n ROWS] FETCH FIRST n ROWS ONLY */
static void fetch_clause(struct parse *p, struct so_n_query *query)
{
	if (accept_kw(p, SO_KW_offset)) {
		so_set_rare(p->ast, query, query, offset, limit_value(p));
		if (!accept_kw(p, SO_KW_rows))
			so_parse_expect_kw(p, SO_KW_row);
	}
	if (!accept_kw(p, SO_KW_fetch)) {
		so_need_query(p->ast, query)->limit_style |= SO_LIMIT_OFFSET_ROWS;
		return;
	}
	so_need_query(p->ast, query)->limit_style |= SO_LIMIT_FETCH;
	if (!accept_kw(p, SO_KW_first))
		so_parse_expect_kw(p, SO_KW_next);
	if (!at_kw(p, SO_KW_row) && !at_kw(p, SO_KW_rows)) {
		query->limit = limit_value(p);
	} else {
		struct so_name one = so_parse_made_name(p, "1");

		query->limit = so_parse_node(p, SO_N_CONST, p->pos);
		AS(p, const, query->limit)->type = SO_C_INT;
		AS(p, const, query->limit)->value = (struct so_str){ one.off, one.len };
	}
	if (!accept_kw(p, SO_KW_rows))
		so_parse_expect_kw(p, SO_KW_row);
	if (accept_kw2(p, SO_KW_with, SO_KW_ties))
		query->hdr.flags |= SO_NF_WITH_TIES;
	else
		so_parse_expect_kw(p, SO_KW_only);
}

static void lock_wait(struct parse *p, struct so_n_locking *node)
{
	if (accept_kw(p, SO_KW_nowait))
		node->wait = SO_LOCK_NOWAIT;
	else if (so_parse_words(p, "skip locked"))
		node->wait = SO_LOCK_SKIP;
	else if (is_maria(p) && so_parse_accept_word(p, "wait"))
		node->seconds = limit_value(p);
}

/* FOR UPDATE, FOR SHARE (MySQL), LOCK IN SHARE MODE */
static so_ref locking(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_LOCKING, p->pos);
	struct so_n_locking *node = NEW(p, locking, ref);

	node->strength = SO_LOCK_SHARE;
	if (accept_kw(p, SO_KW_lock)) {
		node->hdr.flags |= SO_NF_ALL;
		if (!so_parse_words(p, "in share mode"))
			so_parse_unexpected(p);
		if (is_maria(p))
			lock_wait(p, node);
		return so_parse_done(p, ref);
	}
	advance(p);
	if (is_maria(p) || !so_parse_accept_word(p, "share")) {
		node->strength = SO_LOCK_UPDATE;
		so_parse_expect_kw(p, SO_KW_update);
	}
	if (!is_maria(p) && accept_kw(p, SO_KW_of))
		node->relations = so_parse_list(p, so_parse_any_name);
	lock_wait(p, node);
	return so_parse_done(p, ref);
}

static bool at_limit(const struct parse *p)
{
	return at_kw(p, SO_KW_limit) || (has(p, SO_FEAT_FETCH) && (at_kw(p, SO_KW_fetch) || at_kw(p, SO_KW_offset)));
}

bool so_my_query_tail(struct parse *p, so_ref ref)
{
	struct so_n_query *query = so_as_query(p->ast, ref);
	size_t mark = so_parse_mark(p);

	if (at_kw(p, SO_KW_order))
		query->order_by = so_parse_order_by(p);
	if (at_kw(p, SO_KW_limit))
		limit_clause(p, query);
	else if (at_limit(p))
		fetch_clause(p, query);
	if (at_kw(p, SO_KW_procedure) && has(p, SO_FEAT_PROCEDURE_ANALYSE))
		so_set_rare(p->ast, query, query, hints, phrase_list(p, so_parse_form(p, SO_MY_procedure)));
	for (;;) {
		if (at_kw(p, SO_KW_into) && so_ast_kind(p->ast, ref) == SO_N_SELECT &&
			!so_rare_select(p->ast, AS(p, select, ref))->into)
			so_set_rare(p->ast, select, AS(p, select, ref), into, into_clause(p));
		else if (at_kw(p, SO_KW_into) && so_ast_kind(p->ast, ref) == SO_N_SETOP &&
			 !so_rare_setop(p->ast, AS(p, setop, ref))->into)
			so_set_rare(p->ast, setop, AS(p, setop, ref), into, into_clause(p));
		else if ((at_kw(p, SO_KW_for) && (kw_at(p, 1) == SO_KW_update || so_parse_at_word(p, 1, "share"))) ||
			 at_kw(p, SO_KW_lock))
			so_parse_push(p, locking(p));
		else
			break;
	}
	so_set_rare(p->ast, query, query, locking, so_parse_take(p, mark));
	return true;
}
