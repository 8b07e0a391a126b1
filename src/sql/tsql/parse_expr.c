/* Expressions of T-SQL: names with empty parts, calls of reserved words, methods, conversions, ODBC escapes. */
#include "sql/tsql/parse.h"

/* ---- Names ------------------------------------------------------------------------------------------------------ */

static so_ref name_part(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	so_ref ref = so_parse_node(p, SO_N_NAME, first);

	NEW(p, name, ref)->name = name;
	NEW(p, name, ref)->qualifier = qualifier;
	return ref;
}

/* After a name: every further point adds a part; two points in a row have an empty name between them. Stops in front of
 * a star. */
static struct so_name more_parts(struct parse *p, uint32_t first, struct so_name name, so_ref *qualifier)
{
	static const struct so_name empty;
	unsigned parts = 1;

	while ((at(p, SO_TOK_DOT) || at(p, SO_TOK_DOTS)) && so_parse_more_parts(p, &parts)) {
		bool two = at(p, SO_TOK_DOTS);

		*qualifier = name_part(p, first, name, *qualifier);
		advance(p);
		if (two)
			*qualifier = name_part(p, first, empty, *qualifier);
		if (at_op(p, SO_OP_MUL) || at(p, SO_TOK_DOT) || at(p, SO_TOK_DOTS))
			name = empty;
		else
			name = so_parse_name(p, SO_USE_FIELD);
	}
	return name;
}

so_ref so_tsql_table_name(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos), qualifier = 0;
	uint32_t first = p->pos;
	struct so_name name = { 0 };

	if (!at(p, SO_TOK_DOT) && !at(p, SO_TOK_DOTS))
		name = so_parse_name(p, SO_USE_COLUMN);
	name = more_parts(p, first, name, &qualifier);
	if (!name.len && !name.quoted)
		so_parse_unexpected(p);
	AS(p, table, ref)->name = name;
	AS(p, table, ref)->qualifier = qualifier;
	return so_parse_done(p, ref);
}

/* @t where a table may stand. */
so_ref so_tsql_variable_table(struct parse *p)
{
	const struct so_token *token = peek(p);
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);

	so_parse_expect(p, SO_TOK_VARIABLE);
	AS(p, table, ref)->name = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	return so_parse_done(p, ref);
}

/* ---- Types ------------------------------------------------------------------------------------------------------ */

static so_ref type_node(struct parse *p, uint32_t first, const char *name)
{
	so_ref ref = so_parse_node(p, SO_N_TYPE, first);

	AS(p, type, ref)->name = so_parse_made_name(p, name);
	AS(p, type, ref)->builtin = 1;
	return ref;
}

/* Types of more than one word, and those whose meaning all dialects share; 0 for other names. */
static so_ref known_type(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_kw word = kw(p);
	bool national = word == SO_KW_national;
	const char *name = NULL;

	/* [int] is int */
	if (at(p, SO_TOK_QUOTED) && peek(p)->len > 2 && peek_at(p, 1)->kind != SO_TOK_DOT) {
		word = so_keyword_find(so_parse_token_text(p, peek(p)) + 1, peek(p)->len - 2);
		if (word == SO_KW_national || word == SO_KW_double || word == SO_KW_char || word == SO_KW_character ||
			word == SO_KW_binary)
			return 0;
	}
	switch (word) {
	case SO_KW_int:
	case SO_KW_integer:
		name = "int4";
		break;
	case SO_KW_smallint:
		name = "int2";
		break;
	case SO_KW_bigint:
		name = "int8";
		break;
	case SO_KW_decimal:
	case SO_KW_dec: /* the server keeps them apart from numeric, although they do the same */
		name = "decimal";
		break;
	case SO_KW_numeric:
		name = "numeric";
		break;
	case SO_KW_double:
		advance(p);
		name = "float8";
		if (!at_kw(p, SO_KW_precision))
			so_parse_unexpected(p);
		break;
	case SO_KW_national:
	case SO_KW_char:
	case SO_KW_character:
	case SO_KW_binary:
		if (!national && kw_at(p, 1) != SO_KW_varying)
			return 0;
		so_parse_move(p, national);
		if (!at_kw(p, SO_KW_char) && !at_kw(p, SO_KW_character) && !at_kw(p, SO_KW_binary)) {
			advance(p); /* NATIONAL TEXT */
			so_parse_move(p, -1);
			name = "ntext";
		} else if (kw_at(p, 1) == SO_KW_varying) {
			name = national ? "nvarchar" : at_kw(p, SO_KW_binary) ? "varbinary" : "varchar";
			advance(p);
		} else {
			name = "nchar";
		}
		break;
	default:
		return 0;
	}
	advance(p);
	return type_node(p, first, name);
}

so_ref so_tsql_type(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = known_type(p), qualifier = 0;
	struct so_name name;

	if (!ref) {
		name = so_parse_name(p, SO_USE_COLUMN);
		name = more_parts(p, first, name, &qualifier);
		ref = so_parse_node(p, SO_N_TYPE, first);
		NEW(p, type, ref)->name = name;
		NEW(p, type, ref)->qualifier = qualifier;
	}
	/* xml(CONTENT schema.collection), vector(3, float32) */
	if (at(p, SO_TOK_LPAREN)) {
		struct so_list mods = so_tsql_items(p);

		if (!mods.count)
			so_parse_unexpected(p);
		AS(p, type, ref)->mods = mods;
	}
	return so_parse_done(p, ref);
}

/* ---- Functions -------------------------------------------------------------------------------------------------- */

so_ref so_tsql_func(struct parse *p, uint32_t first, const char *name, enum so_func_syntax syntax, struct so_list args)
{
	so_ref ref = so_parse_node(p, SO_N_FUNC, first);

	AS(p, func, ref)->name = so_parse_made_name(p, name);
	AS(p, func, ref)->syntax = syntax;
	AS(p, func, ref)->args = args;
	return ref;
}

/* CAST(x AS t), CONVERT(t, x, style), PARSE(x AS t USING culture), and the TRY_ forms. */
static so_ref conversion(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_kw word = kw(p);
	bool convert = word == SO_KW_convert || word == SO_KW_try_convert;
	bool parse = word == SO_KW_parse || word == SO_KW_try_parse;
	so_ref arg, type, format = 0, ref;

	so_parse_move(p, 2);
	if (convert) {
		type = so_tsql_type(p);
		so_parse_expect(p, SO_TOK_COMMA);
		arg = so_parse_expr(p);
		if (accept(p, SO_TOK_COMMA))
			format = so_parse_expr(p);
	} else {
		arg = so_parse_expr(p);
		so_parse_expect_kw(p, SO_KW_as);
		type = so_tsql_type(p);
		if (parse && accept_kw(p, SO_KW_using))
			format = so_parse_expr(p);
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->style = convert ? SO_CAST_CONVERT : parse ? SO_CAST_PARSE : SO_CAST_FUNC;
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	NEW(p, cast, ref)->format = format;
	if (word == SO_KW_try_cast || word == SO_KW_try_convert || word == SO_KW_try_parse)
		set_flag(p, ref, SO_NF_ALL);
	return ref;
}

static so_ref value_function(struct parse *p)
{
	uint32_t first = p->pos;
	const char *name = so_keywords[kw(p)].name;

	advance(p);
	return so_tsql_func(p, first, name, SO_FS_VALUE, (struct so_list){ 0, 0 });
}

static so_ref next_value(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list args;
	so_ref ref;

	so_parse_move(p, 3);
	so_parse_push(p, so_parse_any_name(p));
	args = so_parse_take(p, mark);
	ref = so_tsql_func(p, first, "nextval", SO_FS_NEXT_VALUE, args);
	return so_parse_filter_over(p, ref);
}

/* The tokens up to the parenthesis that closes as the text of a literal. */
static so_ref pattern(struct parse *p)
{
	uint32_t first = p->pos, start;
	size_t mark = so_parse_mark(p);
	unsigned parens = 1;
	so_ref text;

	so_parse_move(p, 2);
	start = p->pos;
	for (; !at_end(p); advance(p)) {
		parens += at(p, SO_TOK_LPAREN);
		parens -= at(p, SO_TOK_RPAREN);
		if (!parens)
			break;
	}
	if (p->pos == start || parens) {
		so_parse_unexpected(p);
		return 0;
	}
	const struct so_token *from = &p->tok[start], *to = &p->tok[p->pos - 1];

	text = so_parse_node(p, SO_N_CONST, start);
	NEW(p, const, text)->type = SO_C_STRING;
	AS(p, const, text)->value = (struct so_str){ from->off, to->off + to->len - from->off };
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_push(p, text);
	return so_tsql_func(p, first, "match", SO_FS_PATTERN, so_parse_take(p, mark));
}

/* An argument of CONTAINS and its like: (a, b), t.*, *, LANGUAGE 1033. */
static so_ref search_arg(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (at_op(p, SO_OP_MUL)) {
		advance(p);
		return so_parse_node(p, SO_N_STAR, first);
	}
	if (at_kw(p, SO_KW_language) && peek_at(p, 1)->kind != SO_TOK_COMMA && peek_at(p, 1)->kind != SO_TOK_RPAREN) {
		advance(p);
		ref = so_parse_made_option(p, first, "LANGUAGE", so_parse_expr(p), SO_OPTION_PLAIN);
		return so_parse_done(p, ref);
	}
	return so_parse_expr(p);
}

static so_ref search_call(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_decode_name(p, peek(p));
	struct so_list args;
	so_ref ref;

	advance(p);
	args = so_parse_paren_list(p, search_arg);
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->args = args;
	return ref;
}

/* RETURNING type, WITH ARRAY WRAPPER, USE MODEL m PARAMETERS x: behind the arguments of some calls, in their
 * parentheses. Empty when there is none. */
static struct so_list argument_words(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p), outer;
	struct so_list items;
	so_ref ref;

	if (so_parse_at_word(p, 0, "returning")) {
		so_parse_push(p, so_parse_word(p));
		so_parse_push(p, so_tsql_type(p));
	} else if (at_kw(p, SO_KW_with) && so_parse_at_word(p, 1, "array")) {
		for (int i = 0; i < 3; i++)
			so_parse_push(p, so_parse_word(p));
	} else if (at_kw(p, SO_KW_use) && so_parse_at_word(p, 1, "model")) {
		so_parse_push(p, so_parse_word(p));
		so_parse_push(p, so_parse_word(p));
		so_parse_push(p, so_parse_any_name(p));
		if (so_parse_at_word(p, 0, "parameters")) {
			so_parse_push(p, so_parse_word(p));
			so_parse_push(p, so_parse_expr(p));
		}
	} else {
		return (struct so_list){ 0, 0 };
	}
	items = so_parse_take(p, mark);
	outer = so_parse_mark(p);
	ref = so_parse_node(p, SO_N_PHRASE, first);
	NEW(p, phrase, ref)->items = items;
	so_parse_push(p, so_parse_done(p, ref));
	return so_parse_take(p, outer);
}

/* At the name of a call whose last argument may have words behind it. */
static so_ref worded_call(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_decode_name(p, peek(p));
	size_t mark = so_parse_mark(p);
	struct so_list args, tail;
	so_ref ref;

	so_parse_move(p, 2);
	do {
		so_parse_push(p, so_parse_expr(p));
	} while (accept(p, SO_TOK_COMMA));
	args = so_parse_take(p, mark);
	tail = argument_words(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->args = args;
	NEW(p, func, ref)->tail = tail;
	if (tail.count)
		set_flag(p, ref, SO_NF_ALL);
	return so_parse_done(p, ref);
}

static bool at_worded_call(const struct parse *p)
{
	return so_parse_at_word(p, 0, "json_value") || so_parse_at_word(p, 0, "json_query") ||
	       so_parse_at_word(p, 0, "ai_generate_embeddings");
}

/* WITHIN GROUP (GRAPH PATH); IGNORE NULLS, RESPECT NULLS in front of OVER. */
static so_ref after_call(struct parse *p, so_ref func)
{
	if (so_parse_words(p, "within group")) {
		so_parse_expect(p, SO_TOK_LPAREN);
		if (!so_parse_words(p, "graph path"))
			so_parse_unexpected(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		AS(p, func, func)->option = 3;
		return so_parse_done(p, func);
	}
	unsigned option = accept_kw2(p, SO_KW_ignore, SO_KW_nulls)    ? 1
			  : accept_kw2(p, SO_KW_respect, SO_KW_nulls) ? 2
								      : 0;

	if (!option)
		return func;
	AS(p, func, func)->option = option;
	return so_parse_filter_over(p, func);
}

static so_ref call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier)
{
	return after_call(p, so_parse_call(p, first, name, qualifier));
}

/* A name, a call, or t.*. */
static so_ref name_or_call(struct parse *p, bool any_word)
{
	uint32_t first = p->pos;
	so_ref qualifier = 0, ref;
	struct so_name name = so_parse_name(p, any_word ? SO_USE_FIELD : SO_USE_COLUMN);

	name = more_parts(p, first, name, &qualifier);
	if (at_op(p, SO_OP_MUL) && !name.len && qualifier) {
		advance(p);
		ref = so_parse_node(p, SO_N_STAR, first);
		NEW(p, star, ref)->qualifier = qualifier;
		return ref;
	}
	if (at(p, SO_TOK_LPAREN))
		return call(p, first, name, qualifier);
	ref = so_parse_node(p, SO_N_COLUMN, first);
	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	so_parse_mark_quotes(p, ref);
	return ref;
}

/* ---- ODBC escapes ------------------------------------------------------------------------------------------------ */

/* {fn f(x)}, {ts '2024-01-01 00:00:00'}, {guid '..'} */
static so_ref escape(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref, type, arg;

	advance(p);
	if (so_parse_accept_word(p, "fn")) {
		ref = so_parse_enter(p) ? so_parse_expr(p) : 0;
		so_parse_leave(p);
		if (so_ast_kind(p->ast, ref) != SO_N_FUNC && so_ast_kind(p->ast, ref) != SO_N_CAST)
			so_parse_unexpected(p);
		else
			set_flag(p, ref, SO_NF_ESCAPE);
	} else {
		type = so_parse_node(p, SO_N_TYPE, p->pos);
		AS(p, type, type)->name = so_parse_name(p, SO_USE_FIELD);
		arg = so_parse_string_const(p);
		ref = so_parse_node(p, SO_N_CAST, first);
		NEW(p, cast, ref)->style = SO_CAST_ESCAPE;
		NEW(p, cast, ref)->arg = arg;
		NEW(p, cast, ref)->type = type;
	}
	if (at(p, SO_TOK_RBRACE))
		advance(p);
	else
		so_parse_unexpected(p);
	return ref;
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

static so_ref special_call(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_cast:
	case SO_KW_try_cast:
	case SO_KW_convert:
	case SO_KW_try_convert:
	case SO_KW_parse:
	case SO_KW_try_parse:
		return conversion(p);
	case SO_KW_contains:
	case SO_KW_freetext:
	case SO_KW_containstable:
	case SO_KW_freetexttable:
		return search_call(p);
	case SO_KW_match:
		return pattern(p);
	case SO_KW_update:
	case SO_KW_left:
	case SO_KW_right:
	case SO_KW_user:
	case SO_KW_identity:
	case SO_KW_open:
	case SO_KW_read:
	case SO_KW_openrowset:
	case SO_KW_openxml:
		return name_or_call(p, true);
	default:
		return at_worded_call(p) ? worded_call(p) : 0;
	}
}

static so_ref word(struct parse *p)
{
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_null:
	case SO_KW_case:
	case SO_KW_exists:
	case SO_KW_default:
	case SO_KW_not:
		return 0; /* the shared rules */
	case SO_KW_current_timestamp:
	case SO_KW_current_user:
	case SO_KW_session_user:
	case SO_KW_system_user:
	case SO_KW_current_date:
		return value_function(p);
	case SO_KW_user:
		if (peek_at(p, 1)->kind != SO_TOK_LPAREN)
			return value_function(p);
		break;
	case SO_KW_rowguidcol:
	case SO_KW_identitycol:
		return name_or_call(p, true);
	case SO_KW_next:
		if (kw_at(p, 1) == SO_KW_value && kw_at(p, 2) == SO_KW_for)
			return next_value(p);
		break;
	case SO_KW_json_object:
	case SO_KW_json_array:
	case SO_KW_coalesce:
	case SO_KW_nullif:
	case SO_KW_trim:
	case SO_KW_json_objectagg:
	case SO_KW_json_arrayagg:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? 0 : name_or_call(p, false);
	default:
		break;
	}
	if (peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		if (!so_parse_enter(p)) {
			so_parse_leave(p);
			return 0;
		}
		ref = special_call(p);
		so_parse_leave(p);
		if (ref || p->failed)
			return ref;
	}
	return name_or_call(p, false);
}

so_ref so_tsql_primary(struct parse *p)
{
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_WORD:
		return word(p);
	case SO_TOK_QUOTED:
		return name_or_call(p, false);
	case SO_TOK_LBRACE:
		return escape(p);
	default:
		return 0;
	}
}

/* ---- Methods ---------------------------------------------------------------------------------------------------- */

/* arg.name or arg.name(..): properties and methods of CLR and XML values. */
static so_ref member(struct parse *p, so_ref arg)
{
	uint32_t first = open_of(p, arg);
	size_t mark = so_parse_mark(p);
	struct so_name name;
	struct so_list args;
	so_ref ref;

	advance(p);
	name = so_parse_name(p, SO_USE_FIELD);
	if (!at(p, SO_TOK_LPAREN)) {
		ref = so_parse_node(p, SO_N_FIELD, first);
		NEW(p, field, ref)->arg = arg;
		NEW(p, field, ref)->name = name;
		return ref;
	}
	advance(p);
	so_parse_push(p, arg);
	if (so_parse_enter(p) && !at(p, SO_TOK_RPAREN)) {
		do {
			so_parse_push(p, so_parse_expr(p));
		} while (accept(p, SO_TOK_COMMA));
	}
	so_parse_leave(p);
	args = so_parse_take(p, mark);
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->syntax = SO_FS_METHOD;
	NEW(p, func, ref)->args = args;
	return ref;
}

/* type::method(..), type::property */
static so_ref static_member(struct parse *p, so_ref column)
{
	uint32_t first = first_of(p, column);
	so_ref qualifier = so_parse_node(p, SO_N_NAME, first), ref;

	AS(p, name, qualifier)->name = AS(p, column, column)->name;
	AS(p, name, qualifier)->qualifier = AS(p, column, column)->qualifier;
	advance(p);
	struct so_name name = so_parse_name(p, SO_USE_FIELD);

	if (at(p, SO_TOK_LPAREN)) {
		ref = so_parse_call(p, first, name, qualifier);
	} else {
		ref = so_parse_node(p, SO_N_FUNC, first);
		NEW(p, func, ref)->name = name;
		NEW(p, func, ref)->qualifier = qualifier;
		NEW(p, func, ref)->option = 1;
	}
	AS(p, func, ref)->syntax = SO_FS_STATIC;
	return ref;
}

so_ref so_tsql_suffix(struct parse *p, so_ref arg)
{
	unsigned depth = p->depth;

	if (at(p, SO_TOK_CAST) && so_ast_kind(p->ast, arg) == SO_N_COLUMN)
		arg = static_member(p, arg);
	while (at(p, SO_TOK_DOT) && so_ast_kind(p->ast, arg) != SO_N_STAR && so_parse_enter(p))
		arg = member(p, arg);
	p->depth = depth;
	return arg;
}
