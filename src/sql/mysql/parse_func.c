/* Function calls of MySQL and MariaDB, above all those with words between their arguments. */
#include "sql/mysql/parse.h"

#include <strings.h>

static so_ref made_func(struct parse *p, uint32_t first, const char *name, enum so_func_syntax syntax, size_t mark)
{
	struct so_list args = so_parse_take(p, mark);
	so_ref ref = so_parse_node(p, SO_N_FUNC, first);

	AS(p, func, ref)->name = so_parse_made_name(p, name);
	AS(p, func, ref)->syntax = syntax;
	AS(p, func, ref)->args = args;
	return ref;
}

/* RESPECT NULLS and OVER behind a call. */
static so_ref behind_call(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);

	if (kw(p) && !is_maria(p) && !so_ast_has_flag(p->ast, ref, SO_NF_ALL)) {
		so_parse_push(p, so_parse_form(p, SO_MY_from_end));
		so_parse_push(p, so_parse_form(p, SO_MY_nulls_words));
		AS(p, func, ref)->tail = so_parse_take(p, mark);
	}
	return so_parse_filter_over(p, ref);
}

/* What only some aggregates have: ORDER BY, SEPARATOR, LIMIT. */
static void aggregate_tail(struct parse *p, so_ref ref)
{
	size_t mark = so_parse_mark(p);

	if (at_kw(p, SO_KW_order))
		AS(p, func, ref)->order_by = so_parse_order_by(p);
	so_parse_push(p, so_parse_form(p, SO_MY_group_separator));
	if (is_maria(p))
		so_parse_push(p, so_parse_form(p, SO_MY_group_limit));
	AS(p, func, ref)->tail = so_parse_take(p, mark);
	if (AS(p, func, ref)->tail.count)
		set_flag(p, ref, SO_NF_ALL);
}

static bool name_is(const struct parse *p, struct so_name name, const char *word)
{
	struct so_text text = so_ast_name(p->ast, name);

	return text.len == strlen(word) && strncasecmp(text.s, word, text.len) == 0;
}

static bool is_ordered_aggregate(const struct parse *p, struct so_name name)
{
	return name_is(p, name, "group_concat") || name_is(p, name, "json_arrayagg");
}

static bool needs_argument(const struct parse *p, struct so_name name)
{
	return name_is(p, name, "count") || name_is(p, name, "sum") || name_is(p, name, "min") ||
	       name_is(p, name, "max") || name_is(p, name, "avg");
}

/* COLUMN_GET(x, 'name' AS type) and its kind; NULL for other names. */
static const char *dynamic_column(const struct parse *p, struct so_name name)
{
	static const char *const names[] = { "column_get", "column_create", "column_add" };

	for (size_t i = 0; i < 3 && is_maria(p); i++)
		if (name_is(p, name, names[i]))
			return names[i];
	return NULL;
}

static void push_comma(struct parse *p)
{
	so_ref comma = so_parse_node(p, SO_N_WORD, p->pos);

	AS(p, word, comma)->text = so_parse_made_name(p, ",");
	so_parse_push(p, comma);
}

/* Loadable functions are told names for their arguments, f(a AS x, b): all of them are one PHRASE then. Nothing is read
 * twice: what was read without a name goes into the phrase, too. */
static void named_arguments(struct parse *p, so_ref ref)
{
	struct so_n_func *func = AS(p, func, ref);
	struct so_list items = func->args;
	size_t mark = so_parse_mark(p);
	so_ref phrase;

	if (p->failed || !so_parse_at_form(p, 0, SO_MY_named_arg))
		return;
	for (uint32_t i = 0; i < items.count; i++) {
		if (i)
			push_comma(p);
		so_parse_push(p, so_list_get(p->ast, items, i));
	}
	for (;;) {
		so_parse_push(p, so_parse_form(p, SO_MY_named_arg));
		if (!at(p, SO_TOK_COMMA))
			break;
		so_parse_push(p, so_parse_word(p));
		so_parse_push(p, so_parse_expr(p));
	}
	items = so_parse_take(p, mark);
	phrase = so_parse_node(p, SO_N_PHRASE, so_node_first(p->ast, (const struct so_node *)func));
	AS(p, phrase, phrase)->items = items;
	so_parse_push(p, phrase);
	AS(p, func, ref)->args = so_parse_take(p, mark);
}

static void arguments(struct parse *p, so_ref ref)
{
	struct so_name name = AS(p, func, ref)->name;
	const char *dynamic;

	if (at(p, SO_TOK_RPAREN)) {
		if (needs_argument(p, name))
			so_parse_unexpected(p);
		return;
	}
	dynamic = dynamic_column(p, name);
	if (dynamic) {
		size_t mark = so_parse_mark(p);

		so_parse_push(p, so_parse_form(p, SO_MY_unnamed_args));
		AS(p, func, ref)->args = so_parse_take(p, mark);
		AS(p, func, ref)->syntax = SO_FS_WORDS;
		AS(p, func, ref)->name = so_parse_made_name(p, dynamic);
		return;
	}
	if (at_op(p, SO_OP_MUL) && peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		advance(p);
		set_flag(p, ref, SO_NF_STAR);
		return;
	}
	if (accept_kw(p, SO_KW_distinct))
		set_flag(p, ref, SO_NF_DISTINCT);
	else
		accept_kw(p, SO_KW_all);
	AS(p, func, ref)->args = so_parse_expr_list(p);
	if (!at(p, SO_TOK_RPAREN) && !AS(p, func, ref)->qualifier)
		named_arguments(p, ref);
	if (is_ordered_aggregate(p, AS(p, func, ref)->name))
		aggregate_tail(p, ref);
}

so_ref so_my_call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = so_parse_node(p, SO_N_FUNC, first);
	const struct so_token *token = &p->tok[first];
	bool native = !qualifier && token->kind == SO_TOK_WORD && token->kw;

	if (native && !so_parse_is_name(p, token, SO_USE_COLUMN))
		name = so_parse_made_name(p, so_keywords[token->kw].name);
	AS(p, func, ref)->name = name;
	AS(p, func, ref)->qualifier = qualifier;
	/* the quoted name of a native function means one that is stored */
	AS(p, func, ref)->syntax = native && !so_parse_is_name(p, token, SO_USE_COLUMN) ? SO_FS_COALESCE : SO_FS_CALL;
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		arguments(p, ref);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return behind_call(p, ref);
}

/* ---- Functions with words inside --------------------------------------------------------------------------------- */

/* NAME(phrase): what stands between the parentheses is a form. */
static so_ref worded(struct parse *p, const char *name, enum so_my_form form)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	so_parse_push(p, so_parse_form(p, form));
	so_parse_expect(p, SO_TOK_RPAREN);
	return behind_call(p, made_func(p, first, name, SO_FS_WORDS, mark));
}

static so_ref cast_to(struct parse *p, uint32_t first, so_ref arg)
{
	so_ref type = so_my_cast_type(p), ref;

	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

static so_ref charset_name(struct parse *p)
{
	if (at_kw(p, SO_KW_binary)) {
		so_ref ref = so_parse_node(p, SO_N_NAME, p->pos);

		AS(p, name, ref)->name = so_parse_made_name(p, "binary");
		advance(p);
		return ref;
	}
	return so_parse_name_node(p);
}

/* CONVERT(x, type) is a cast; CONVERT(x USING charset) */
static so_ref convert(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref arg;

	so_parse_move(p, 2);
	arg = so_parse_expr(p);
	if (accept(p, SO_TOK_COMMA))
		return cast_to(p, first, arg);
	so_parse_push(p, arg);
	so_parse_expect_kw(p, SO_KW_using);
	so_parse_push(p, charset_name(p));
	so_parse_expect(p, SO_TOK_RPAREN);
	return made_func(p, first, "convert", SO_FS_CONVERT_USING, mark);
}

static so_ref cast(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg;

	so_parse_move(p, 2);
	arg = so_parse_expr(p);
	if (!is_maria(p) && so_parse_words(p, "at time zone")) {
		size_t mark = so_parse_mark(p);
		so_ref zone;

		accept_kw(p, SO_KW_interval);
		so_parse_push(p, so_parse_string_const(p));
		so_parse_push(p, arg);
		struct so_list args = so_parse_take(p, mark);

		zone = so_parse_node(p, SO_N_FUNC, open_of(p, arg));
		AS(p, func, zone)->name = so_parse_made_name(p, "timezone");
		AS(p, func, zone)->syntax = SO_FS_AT_TIME_ZONE;
		AS(p, func, zone)->args = args;
		arg = zone;
	}
	so_parse_expect_kw(p, SO_KW_as);
	return cast_to(p, first, arg);
}

/* MATCH a, b AGAINST (x IN BOOLEAN MODE) */
static so_ref match(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	unsigned mode = SO_MATCH_NATURAL;
	bool paren;
	so_ref ref;

	advance(p);
	paren = accept(p, SO_TOK_LPAREN);
	do {
		so_parse_push(p, so_my_primary(p));
	} while (accept(p, SO_TOK_COMMA));
	if (paren)
		so_parse_expect(p, SO_TOK_RPAREN);
	if (!so_parse_accept_word(p, "against"))
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_level(p, (enum so_level)(SO_LV_LIKE + 1)));
	so_parse_leave(p);
	if (so_parse_words(p, "in natural language mode"))
		mode = SO_MATCH_NATURAL_WRITTEN;
	else if (so_parse_words(p, "in boolean mode"))
		mode = SO_MATCH_BOOLEAN;
	if (mode != SO_MATCH_BOOLEAN && so_parse_words(p, "with query expansion"))
		mode = mode == SO_MATCH_NATURAL ? SO_MATCH_EXPANSION : SO_MATCH_BOTH;
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = made_func(p, first, "match", SO_FS_MATCH, mark);
	AS(p, func, ref)->option = mode;
	return ref;
}

/* SUBSTR(x FROM 2 FOR 3) has plain arguments, too. */
static so_ref substr(struct parse *p)
{
	uint32_t first = p->pos;
	const struct so_token *token = peek(p);
	size_t mark = so_parse_mark(p);
	so_ref ref;

	so_parse_move(p, 2);
	so_parse_push(p, so_parse_expr(p));
	if (accept_kw(p, SO_KW_from)) {
		so_parse_push(p, so_parse_expr(p));
		if (accept_kw(p, SO_KW_for))
			so_parse_push(p, so_parse_expr(p));
	} else {
		while (accept(p, SO_TOK_COMMA))
			so_parse_push(p, so_parse_expr(p));
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = made_func(p, first, "substr", SO_FS_CALL, mark);
	AS(p, func, ref)->name = so_parse_decode_name(p, token);
	return ref;
}

/* CURRENT_TIMESTAMP, also with () or (6) behind it */
static so_ref value_function(struct parse *p, const char *name)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	advance(p);
	if (accept(p, SO_TOK_LPAREN)) {
		if (at(p, SO_TOK_INT) || at(p, SO_TOK_PARAM))
			so_parse_push(p, so_parse_c_expr(p));
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return made_func(p, first, name, SO_FS_VALUE, mark);
}

static so_ref next_value(struct parse *p, const char *name)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 3);
	so_parse_push(p, so_parse_any_name(p));
	return so_parse_filter_over(p, made_func(p, first, name, SO_FS_NEXT_VALUE, mark));
}

static so_ref extract(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	so_parse_move(p, 2);
	if (!so_my_at_unit(p)) {
		so_parse_unexpected(p);
		return 0;
	}
	so_parse_push(p, so_my_unit(p));
	so_parse_expect_kw(p, SO_KW_from);
	so_parse_push(p, so_parse_expr(p));
	so_parse_expect(p, SO_TOK_RPAREN);
	return made_func(p, first, "extract", SO_FS_EXTRACT, mark);
}

/* Words that are functions also without parentheses. */
static so_ref word_value(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_current_date:
	case SO_KW_current_time:
	case SO_KW_current_timestamp:
	case SO_KW_localtime:
	case SO_KW_localtimestamp:
	case SO_KW_current_user:
	case SO_KW_utc_date:
	case SO_KW_utc_time:
	case SO_KW_utc_timestamp:
		return value_function(p, so_keywords[kw(p)].name);
	case SO_KW_current_role:
		return is_maria(p) ? value_function(p, "current_role") : 0;
	case SO_KW_next:
		return is_maria(p) && kw_at(p, 1) == SO_KW_value && kw_at(p, 2) == SO_KW_for ? next_value(p, "nextval")
											     : 0;
	case SO_KW_previous:
		return is_maria(p) && kw_at(p, 1) == SO_KW_value && kw_at(p, 2) == SO_KW_for ? next_value(p, "lastval")
											     : 0;
	case SO_KW_match:
		return match(p);
	default:
		return 0;
	}
}

so_ref so_my_special(struct parse *p)
{
	so_ref ref = word_value(p);

	if (ref || p->failed || peek_at(p, 1)->kind != SO_TOK_LPAREN)
		return ref;
	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	switch (kw(p)) {
	case SO_KW_cast:
		ref = cast(p);
		break;
	case SO_KW_convert:
		ref = convert(p);
		break;
	case SO_KW_char:
		ref = worded(p, "char", SO_MY_char);
		break;
	case SO_KW_json_value:
		ref = is_maria(p) ? 0 : worded(p, "json_value", SO_MY_json_value);
		break;
	case SO_KW_weight_string:
		ref = worded(p, "weight_string", SO_MY_weight_string);
		break;
	case SO_KW_substr:
		ref = substr(p);
		break;
	case SO_KW_extract:
		ref = extract(p);
		break;
	case SO_KW_position:
	case SO_KW_substring:
	case SO_KW_trim:
		ref = so_parse_special(p);
		break;
	default:
		break;
	}
	so_parse_leave(p);
	return ref;
}
