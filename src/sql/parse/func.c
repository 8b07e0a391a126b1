/* Function calls, windows, ORDER BY items, and the functions with a syntax of their own. */
#include "sql/parse/parser.h"

static so_ref make_func(struct parse *p, uint32_t first, const char *name, enum so_func_syntax syntax)
{
	so_ref ref = so_parse_node(p, SO_N_FUNC, first);

	AS(p, func, ref)->name = so_parse_made_name(p, name);
	AS(p, func, ref)->syntax = syntax;
	return ref;
}

/* ---- ORDER BY --------------------------------------------------------------------------------------------------- */

so_ref so_parse_sort_item(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg = so_parse_expr(p), ref = so_parse_node(p, SO_N_SORT, first);
	struct so_n_sort *node = NEW(p, sort, ref);
	enum so_op op;

	node->arg = arg;
	if (accept_kw(p, SO_KW_asc)) {
		node->dir = SO_SORT_ASC;
	} else if (accept_kw(p, SO_KW_desc)) {
		node->dir = SO_SORT_DESC;
	} else if (!p->own && accept_kw(p, SO_KW_using)) {
		node->dir = SO_SORT_USING;
		node->using_op = so_parse_operator(p, &op, &node->using_schema);
	}
	if (accept_kw2(p, SO_KW_nulls, SO_KW_first))
		node->nulls = SO_NULLS_FIRST;
	else if (accept_kw2(p, SO_KW_nulls, SO_KW_last))
		node->nulls = SO_NULLS_LAST;
	return so_parse_done(p, ref);
}

struct so_list so_parse_order_by(struct parse *p)
{
	so_parse_expect_kw(p, SO_KW_order);
	so_parse_expect_kw(p, SO_KW_by);
	return so_parse_list(p, so_parse_sort_item);
}

/* ---- Windows ---------------------------------------------------------------------------------------------------- */

static enum so_frame_bound frame_bound(struct parse *p, so_ref *value)
{
	if (at_kw(p, SO_KW_unbounded) && kw_at(p, 1) == SO_KW_preceding) {
		so_parse_move(p, 2);
		return SO_BOUND_UNBOUNDED_PRECEDING;
	}
	if (accept_kw2(p, SO_KW_unbounded, SO_KW_following))
		return SO_BOUND_UNBOUNDED_FOLLOWING;
	if (accept_kw2(p, SO_KW_current, SO_KW_row))
		return SO_BOUND_CURRENT_ROW;
	*value = so_parse_expr(p);
	if (accept_kw(p, SO_KW_preceding))
		return SO_BOUND_PRECEDING;
	so_parse_expect_kw(p, SO_KW_following);
	return SO_BOUND_FOLLOWING;
}

static void frame(struct parse *p, struct so_n_window *window)
{
	const struct so_token *start = peek(p);

	if (accept_kw(p, SO_KW_rows))
		window->mode = SO_FRAME_ROWS;
	else if (accept_kw(p, SO_KW_range))
		window->mode = SO_FRAME_RANGE;
	else if (accept_kw(p, SO_KW_groups))
		window->mode = SO_FRAME_GROUPS;
	else
		return;
	/* SQL Server and Oracle order the rows before they count them; the window that it refines may do so */
	if ((has(p, SO_FEAT_BATCH) || has(p, SO_FEAT_CONNECT_BY)) && !window->order_by.count && !window->base.len)
		so_parse_fail(p, start, "a window frame needs ORDER BY");
	if (accept_kw(p, SO_KW_between)) {
		window->start = frame_bound(p, &window->start_value);
		so_parse_expect_kw(p, SO_KW_and);
		window->end = frame_bound(p, &window->end_value);
	} else {
		window->start = frame_bound(p, &window->start_value);
	}
	if (window->start == SO_BOUND_UNBOUNDED_FOLLOWING)
		so_parse_fail(p, start, "frame start cannot be UNBOUNDED FOLLOWING");
	else if (window->end == SO_BOUND_UNBOUNDED_PRECEDING)
		so_parse_fail(p, start, "frame end cannot be UNBOUNDED PRECEDING");
	else if (window->end && window->start > window->end)
		so_parse_fail(p, start, "frame cannot end before it starts");
	else if (!window->end && window->start == SO_BOUND_FOLLOWING)
		so_parse_fail(p, start, "frame starting from following row cannot end with current row");
	if (!accept_kw(p, SO_KW_exclude))
		return;
	if (accept_kw2(p, SO_KW_current, SO_KW_row)) {
		window->exclude = SO_EXCLUDE_CURRENT_ROW;
	} else if (accept_kw(p, SO_KW_group)) {
		window->exclude = SO_EXCLUDE_GROUP;
	} else if (accept_kw(p, SO_KW_ties)) {
		window->exclude = SO_EXCLUDE_TIES;
	} else {
		so_parse_expect_kw(p, SO_KW_no);
		so_parse_expect_kw(p, SO_KW_others);
		window->exclude = SO_EXCLUDE_NO_OTHERS;
	}
}

static bool at_window_base(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_partition:
	case SO_KW_range:
	case SO_KW_rows:
	case SO_KW_groups:
		return false;
	default:
		return so_parse_is_name(p, peek(p), SO_USE_COLUMN);
	}
}

/* ( [base] [PARTITION BY ..] [ORDER BY ..] [frame] ) */
so_ref so_parse_window_spec(struct parse *p, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_WINDOW, first);
	struct so_n_window *window = NEW(p, window, ref);

	so_parse_expect(p, SO_TOK_LPAREN);
	if (p->plan && at_op(p, SO_OP_EXISTS_KEY))
		advance(p); /* EXPLAIN before version 18 prints OVER (?) */
	if (at_window_base(p))
		window->base = so_parse_name(p, SO_USE_COLUMN);
	if (so_parse_enter(p)) {
		if (accept_kw2(p, SO_KW_partition, SO_KW_by))
			window->partition = so_parse_expr_list(p);
		if (at_kw(p, SO_KW_order))
			window->order_by = so_parse_order_by(p);
		frame(p, window);
	}
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_done(p, ref);
}

static so_ref over(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (at(p, SO_TOK_LPAREN))
		return so_parse_window_spec(p, first);
	struct so_name name = so_parse_name(p, SO_USE_COLUMN);

	ref = so_parse_node(p, SO_N_WINDOW, first);
	NEW(p, window, ref)->name = name;
	return ref;
}

/* ---- Calls ------------------------------------------------------------------------------------------------------ */

/* WITHIN GROUP, FILTER and OVER after a call. */
so_ref so_parse_filter_over(struct parse *p, so_ref ref)
{
	/* T-SQL has WITHIN GROUP (GRAPH PATH), too */
	if (at_kw(p, SO_KW_within) && kw_at(p, 1) == SO_KW_group && !so_parse_at_word(p, 3, "graph")) {
		if (AS(p, func, ref)->order_by.count || so_ast_has_flag(p->ast, ref, SO_NF_DISTINCT | SO_NF_VARIADIC))
			so_parse_unexpected(p);
		so_parse_move(p, p->failed ? 0 : 2);
		so_parse_expect(p, SO_TOK_LPAREN);
		AS(p, func, ref)->order_by = so_parse_order_by(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		set_flag(p, ref, SO_NF_WITHIN);
	}
	if (at_kw(p, SO_KW_filter) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		so_parse_move(p, 2);
		so_parse_expect_kw(p, SO_KW_where);
		if (so_parse_enter(p))
			AS(p, func, ref)->filter = so_parse_expr(p);
		so_parse_leave(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	if (accept_kw(p, SO_KW_over))
		AS(p, func, ref)->over = over(p);
	return so_parse_done(p, ref);
}

/* value, or name => value, name := value */
static so_ref call_arg(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_tok after = (enum so_tok)peek_at(p, 1)->kind;
	struct so_name name;
	so_ref value, ref;

	if ((after != SO_TOK_ARROW && after != SO_TOK_ASSIGN) || !so_parse_is_name(p, peek(p), SO_USE_FUNC))
		return so_parse_expr(p);
	name = so_parse_name(p, SO_USE_FUNC);
	advance(p);
	value = so_parse_expr(p);
	ref = so_parse_node(p, SO_N_NAMED_ARG, first);
	NEW(p, named_arg, ref)->name = name;
	NEW(p, named_arg, ref)->value = value;
	return ref;
}

static void call_args(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);
	bool variadic;

	if (at_op(p, SO_OP_MUL) && peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		advance(p);
		set_flag(p, ref, SO_NF_STAR);
		return;
	}
	if (at(p, SO_TOK_RPAREN))
		return;
	if (accept_kw(p, SO_KW_distinct))
		set_flag(p, ref, SO_NF_DISTINCT);
	else
		accept_kw(p, SO_KW_all);
	do {
		variadic = accept_kw(p, SO_KW_variadic);
		so_parse_push(p, call_arg(p));
	} while (!variadic && accept(p, SO_TOK_COMMA));
	AS(p, func, ref)->args = so_parse_take(p, mark);
	if (variadic)
		set_flag(p, ref, SO_NF_VARIADIC);
	if (at_kw(p, SO_KW_order))
		AS(p, func, ref)->order_by = so_parse_order_by(p);
}

so_ref so_parse_call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = qualifier ? 0 : so_parse_json_words(p, first, name);

	if (ref)
		return ref;
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->qualifier = qualifier;
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		call_args(p, ref);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_filter_over(p, ref);
}

/* ---- Special forms ---------------------------------------------------------------------------------------------- */

static so_ref simple_form(struct parse *p, const char *name, uint32_t least, uint32_t most)
{
	uint32_t first = p->pos;
	struct so_list args;
	so_ref ref;

	advance(p);
	args = so_parse_paren_list(p, so_parse_expr);
	if (!p->failed && (args.count < least || args.count > most)) {
		so_parse_move(p, -1);
		so_parse_unexpected(p);
	}
	ref = make_func(p, first, name, SO_FS_COALESCE);
	AS(p, func, ref)->args = args;
	return ref;
}

static so_ref cast_form(struct parse *p)
{
	uint32_t first = p->pos;
	bool treat = at_kw(p, SO_KW_treat);
	so_ref arg, type, ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	arg = so_parse_enter(p) ? so_parse_expr(p) : 0;
	so_parse_leave(p);
	so_parse_expect_kw(p, SO_KW_as);
	type = so_parse_type(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	if (treat) {
		size_t mark = so_parse_mark(p);
		so_ref func = make_func(p, first, "treat", SO_FS_TREAT);

		so_parse_push(p, ref);
		AS(p, func, func)->args = so_parse_take(p, mark);
		return func;
	}
	return ref;
}

static so_ref word_as_string(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name word = so_parse_name(p, SO_USE_LABEL);
	so_ref ref = so_parse_node(p, SO_N_CONST, first);

	NEW(p, const, ref)->type = SO_C_STRING;
	AS(p, const, ref)->value = (struct so_str){ word.off, word.len };
	return ref;
}

static so_ref finish_args(struct parse *p, uint32_t first, const char *name, enum so_func_syntax syntax, size_t mark)
{
	struct so_list args = so_parse_take(p, mark);
	so_ref ref;

	so_parse_expect(p, SO_TOK_RPAREN);
	ref = make_func(p, first, name, syntax);
	AS(p, func, ref)->args = args;
	return ref;
}

static so_ref extract(struct parse *p, uint32_t first, size_t mark)
{
	if (so_tok_is_string(peek(p)) || (p->lenient && !at(p, SO_TOK_WORD) && !at(p, SO_TOK_QUOTED)))
		so_parse_push(p, so_parse_string_const(p));
	else
		so_parse_push(p, word_as_string(p));
	so_parse_expect_kw(p, SO_KW_from);
	so_parse_push(p, so_parse_expr(p));
	return finish_args(p, first, "extract", SO_FS_EXTRACT, mark);
}

static so_ref position(struct parse *p, uint32_t first, size_t mark)
{
	so_ref needle = so_parse_b_expr(p);

	so_parse_expect_kw(p, SO_KW_in);
	so_parse_push(p, so_parse_b_expr(p));
	so_parse_push(p, needle);
	return finish_args(p, first, "position", SO_FS_POSITION, mark);
}

/* The rest of a call whose first argument was read: f(a, b, c). */
static so_ref plain_rest(struct parse *p, uint32_t first, const char *name, size_t mark)
{
	while (accept(p, SO_TOK_COMMA))
		so_parse_push(p, call_arg(p));
	return finish_args(p, first, name, SO_FS_CALL, mark);
}

static so_ref substring(struct parse *p, uint32_t first, size_t mark)
{
	so_ref from = 0, length = 0, ref;
	bool written, only_length;

	if (at(p, SO_TOK_RPAREN))
		return finish_args(p, first, "substring", SO_FS_CALL, mark);
	so_parse_push(p, call_arg(p));
	if (accept_kw(p, SO_KW_similar)) {
		so_parse_push(p, so_parse_expr(p));
		so_parse_expect_kw(p, SO_KW_escape);
		so_parse_push(p, so_parse_expr(p));
		return finish_args(p, first, "substring", SO_FS_SUBSTRING_SIMILAR, mark);
	}
	written = at_kw(p, SO_KW_from) || at_kw(p, SO_KW_for);
	for (int i = 0; i < 2; i++) {
		if (!from && accept_kw(p, SO_KW_from))
			from = so_parse_expr(p);
		else if (!length && accept_kw(p, SO_KW_for))
			length = so_parse_expr(p);
	}
	if (!written)
		return plain_rest(p, first, "substring", mark);
	only_length = length && !from;
	if (only_length) {
		/* PostgreSQL adds the start itself */
		from = so_parse_node(p, SO_N_CONST, first);
		NEW(p, const, from)->type = SO_C_INT;
		struct so_name one = so_parse_made_name(p, "1");

		AS(p, const, from)->value = (struct so_str){ one.off, one.len };
	}
	so_parse_push(p, from);
	so_parse_push(p, length);
	ref = finish_args(p, first, "substring", SO_FS_SUBSTRING, mark);
	AS(p, func, ref)->option = only_length;
	return ref;
}

static so_ref overlay(struct parse *p, uint32_t first, size_t mark)
{
	if (at(p, SO_TOK_RPAREN))
		return finish_args(p, first, "overlay", SO_FS_CALL, mark);
	so_parse_push(p, call_arg(p));
	if (!accept_kw(p, SO_KW_placing))
		return plain_rest(p, first, "overlay", mark);
	so_parse_push(p, so_parse_expr(p));
	so_parse_expect_kw(p, SO_KW_from);
	so_parse_push(p, so_parse_expr(p));
	if (accept_kw(p, SO_KW_for))
		so_parse_push(p, so_parse_expr(p));
	return finish_args(p, first, "overlay", SO_FS_OVERLAY, mark);
}

/* trim([BOTH|LEADING|TRAILING] [characters] FROM text) or trim(text, characters) */
static so_ref trim(struct parse *p, uint32_t first, size_t mark)
{
	const char *name = "btrim";
	so_ref characters = 0;

	if (accept_kw(p, SO_KW_leading))
		name = "ltrim";
	else if (accept_kw(p, SO_KW_trailing))
		name = "rtrim";
	else
		accept_kw(p, SO_KW_both);
	if (!at_kw(p, SO_KW_from)) {
		characters = so_parse_expr(p);
		if (!at_kw(p, SO_KW_from)) {
			so_parse_push(p, characters);
			characters = 0;
		}
	}
	if (accept_kw(p, SO_KW_from))
		so_parse_push(p, so_parse_expr(p));
	while (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_expr(p));
	so_parse_push(p, characters);
	return finish_args(p, first, name, SO_FS_TRIM, mark);
}

static so_ref normalize(struct parse *p, uint32_t first, size_t mark)
{
	so_parse_push(p, so_parse_expr(p));
	if (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_at_placeholder(p) ? so_parse_c_expr(p) : word_as_string(p));
	return finish_args(p, first, "normalize", SO_FS_NORMALIZE, mark);
}

static so_ref special_args(struct parse *p, enum so_kw word)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	switch (word) {
	case SO_KW_extract:
		return extract(p, first, mark);
	case SO_KW_position:
		return position(p, first, mark);
	case SO_KW_substring:
		return substring(p, first, mark);
	case SO_KW_overlay:
		return overlay(p, first, mark);
	case SO_KW_normalize:
		return normalize(p, first, mark);
	default:
		return trim(p, first, mark);
	}
}

/* CURRENT_DATE, CURRENT_TIMESTAMP(3), SESSION_USER ...: `precision` tells whether a number may follow. */
static so_ref value_function(struct parse *p, bool precision)
{
	uint32_t first = p->pos;
	const char *name = so_keywords[kw(p)].name;
	size_t mark = so_parse_mark(p);
	so_ref ref;

	advance(p);
	ref = make_func(p, first, name, SO_FS_VALUE);
	if (precision && accept(p, SO_TOK_LPAREN)) {
		if (at(p, SO_TOK_INT) || so_parse_at_placeholder(p))
			so_parse_push(p, so_parse_c_expr(p));
		else
			so_parse_unexpected(p);
		AS(p, func, ref)->args = so_parse_take(p, mark);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

static so_ref collation_for(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, so_parse_expr(p));
	return finish_args(p, first, "pg_collation_for", SO_FS_COLLATION_FOR, mark);
}

static so_ref grouping(struct parse *p)
{
	return simple_form(p, "grouping", 1, UINT32_MAX);
}

/* Words that are special only in front of '('. */
static so_ref special_call(struct parse *p, enum so_kw word)
{
	switch (word) {
	case SO_KW_coalesce:
		return simple_form(p, "coalesce", 1, UINT32_MAX);
	case SO_KW_greatest:
		return simple_form(p, "greatest", 1, UINT32_MAX);
	case SO_KW_least:
		return simple_form(p, "least", 1, UINT32_MAX);
	case SO_KW_nullif:
		return simple_form(p, "nullif", 2, 2);
	case SO_KW_grouping:
		return grouping(p);
	case SO_KW_cast:
	case SO_KW_treat:
		return cast_form(p);
	case SO_KW_extract:
	case SO_KW_position:
	case SO_KW_substring:
	case SO_KW_overlay:
	case SO_KW_trim:
	case SO_KW_normalize:
		return special_args(p, word);
	default:
		return so_parse_xml_json(p);
	}
}

so_ref so_parse_special(struct parse *p)
{
	enum so_kw word = kw(p);
	so_ref ref;

	switch (word) {
	case SO_KW_current_date:
	case SO_KW_current_role:
	case SO_KW_current_user:
	case SO_KW_session_user:
	case SO_KW_user:
	case SO_KW_current_catalog:
		return so_parse_filter_over(p, value_function(p, false));
	case SO_KW_current_schema:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? 0 : so_parse_filter_over(p, value_function(p, false));
	case SO_KW_current_time:
	case SO_KW_current_timestamp:
	case SO_KW_localtime:
	case SO_KW_localtimestamp:
		return so_parse_filter_over(p, value_function(p, true));
	case SO_KW_collation:
		return kw_at(p, 1) == SO_KW_for ? so_parse_filter_over(p, collation_for(p)) : 0;
	default:
		break;
	}
	if (peek_at(p, 1)->kind != SO_TOK_LPAREN)
		return 0;
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	ref = special_call(p, word);
	so_parse_leave(p);
	return so_ast_kind(p->ast, ref) == SO_N_FUNC ? so_parse_filter_over(p, ref) : ref;
}
