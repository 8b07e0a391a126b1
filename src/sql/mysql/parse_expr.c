/* Expressions of MySQL and MariaDB: names, variables, literals with a word in front, operators that are words. */
#include "sql/mysql/parse.h"

#include <strings.h>

/* ---- Variables -------------------------------------------------------------------------------------------------- */

so_ref so_my_variable(struct parse *p)
{
	uint32_t first = p->pos;
	const struct so_token *from = peek(p), *to = from;
	bool system = from->len > 1 && so_parse_token_text(p, from)[1] == '@';
	so_ref ref;

	advance(p);
	while (system && at(p, SO_TOK_DOT) && peek(p)->off == to->off + to->len) {
		advance(p);
		to = peek(p);
		(void)so_parse_name(p, SO_USE_FIELD);
	}
	ref = so_parse_node(p, SO_N_PARAM, first);
	AS(p, param, ref)->name =
		(struct so_name){ .off = from->off, .len = (to->off + to->len - from->off) & 0x7FFFFFFFu };
	return ref;
}

/* @v, @v := x */
static so_ref variable(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref left = so_my_variable(p), ref, right = 0;

	if (!accept(p, SO_TOK_ASSIGN))
		return left;
	if (so_parse_enter(p))
		right = so_parse_expr(p);
	so_parse_leave(p);
	ref = so_parse_node(p, SO_N_OP, first);
	NEW(p, op, ref)->op = SO_OP_ASSIGN;
	AS(p, op, ref)->name = so_parse_made_name(p, ":=");
	AS(p, op, ref)->left = left;
	AS(p, op, ref)->right = right;
	return ref;
}

/* ---- Literals --------------------------------------------------------------------------------------------------- */

static bool at_literal(const struct parse *p, uint32_t n)
{
	const struct so_token *token = peek_at(p, n);

	return token->kind == SO_TOK_STRING || token->kind == SO_TOK_BITS || token->kind == SO_TOK_HEX;
}

/* 0x41 and 0b1 are numbers to the lexer. */
static bool at_radix_number(const struct parse *p, uint32_t n)
{
	const struct so_token *token = peek_at(p, n);
	const char *text = so_parse_token_text(p, token);

	return token->kind == SO_TOK_INT && token->len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'b');
}

static bool is_charset(const char *name, size_t len)
{
	static const char *const charsets[] = { "utf8mb4", "utf8mb3", "utf8", "latin1", "latin2", "latin5", "latin7",
		"binary", "ascii", "ucs2", "utf16", "utf16le", "utf32", "cp1250", "cp1251", "cp1256", "cp1257", "cp850",
		"cp852", "cp866", "cp932", "big5", "gbk", "gb2312", "gb18030", "sjis", "ujis", "eucjpms", "euckr",
		"greek", "hebrew", "hp8", "koi8r", "koi8u", "keybcs2", "macce", "macroman", "swe7", "tis620", "dec8",
		"armscii8", "geostd8", "filename" };

	for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
		if (strlen(charsets[i]) == len && strncasecmp(charsets[i], name, len) == 0)
			return true;
	return false;
}

/* _utf8mb4'text' */
static so_ref introducer(struct parse *p)
{
	const struct so_token *token = peek(p);
	const char *text = so_parse_token_text(p, token);
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref;

	if (token->kind != SO_TOK_WORD || text[0] != '_' || !(at_literal(p, 1) || at_radix_number(p, 1)) ||
		!is_charset(text + 1, token->len - 1))
		return 0;
	advance(p);
	so_parse_push(p, so_parse_const(p));
	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	AS(p, func, ref)->syntax = SO_FS_INTRODUCER;
	AS(p, func, ref)->args = so_parse_take(p, mark);
	return ref;
}

static so_ref literal_of(struct parse *p, uint32_t first, const char *type)
{
	so_ref arg = so_parse_string_const(p), ref = so_parse_node(p, SO_N_CAST, first), made;

	made = so_parse_node(p, SO_N_TYPE, first);
	AS(p, type, made)->name = so_parse_made_name(p, type);
	AS(p, type, made)->builtin = 1;
	AS(p, cast, ref)->style = SO_CAST_LITERAL;
	AS(p, cast, ref)->arg = arg;
	AS(p, cast, ref)->type = made;
	return ref;
}

/* DATE '2024-01-01', TIME '..', TIMESTAMP '..' */
static so_ref typed_literal(struct parse *p)
{
	uint32_t first = p->pos;
	const char *type = NULL;

	if (peek_at(p, 1)->kind != SO_TOK_STRING)
		return 0;
	if (so_parse_at_word(p, 0, "date"))
		type = "date";
	else if (so_parse_at_word(p, 0, "time"))
		type = "time";
	else if (so_parse_at_word(p, 0, "timestamp"))
		type = "timestamp";
	if (!type)
		return 0;
	advance(p);
	return literal_of(p, first, type);
}

/* {d '2024-01-01'}, {fn f(x)} */
static so_ref escape(struct parse *p)
{
	uint32_t first = p->pos;
	const char *type = NULL;
	so_ref ref = 0;

	advance(p);
	if (so_parse_at_word(p, 0, "d"))
		type = "date";
	else if (so_parse_at_word(p, 0, "t"))
		type = "time";
	else if (so_parse_at_word(p, 0, "ts"))
		type = "timestamp";
	(void)so_parse_name(p, SO_USE_FIELD);
	if (type && at(p, SO_TOK_STRING))
		ref = literal_of(p, first, type);
	else if (so_parse_enter(p))
		ref = so_parse_expr(p);
	if (p->depth && !(type && ref && so_ast_kind(p->ast, ref) == SO_N_CAST))
		so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RBRACE);
	return ref;
}

/* ---- INTERVAL --------------------------------------------------------------------------------------------------- */

bool so_my_at_unit(const struct parse *p)
{
	static const char *const units[] = { "day", "hour", "minute", "month", "second", "year", "week", "quarter",
		"microsecond", "day_hour", "day_microsecond", "day_minute", "day_second", "hour_microsecond",
		"hour_minute", "hour_second", "minute_microsecond", "minute_second", "second_microsecond", "year_month",
		"sql_tsi_second", "sql_tsi_minute", "sql_tsi_hour", "sql_tsi_day", "sql_tsi_week", "sql_tsi_month",
		"sql_tsi_quarter", "sql_tsi_year" };

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (so_parse_at_word(p, 0, units[i]))
			return true;
	return false;
}

so_ref so_my_unit(struct parse *p)
{
	struct so_name name = AS(p, word, so_parse_word(p))->text;
	so_ref ref = so_parse_node(p, SO_N_CONST, p->pos - 1);

	NEW(p, const, ref)->type = SO_C_STRING;
	AS(p, const, ref)->value = (struct so_str){ name.off, name.len };
	return ref;
}

/* An interval stands beside + or -, as an argument, and in window frames. */
static bool interval_fits(const struct parse *p, uint32_t first)
{
	const struct so_token *before = first ? &p->tok[first - 1] : NULL;

	if (at_op(p, SO_OP_ADD))
		return true;
	if (!before)
		return false;
	if (before->kind == SO_TOK_OP)
		return before->kw == SO_OP_ADD || before->kw == SO_OP_SUB;
	if (before->kind == SO_TOK_COMMA)
		return true;
	switch (kw_of(before)) {
	case SO_KW_range:
	case SO_KW_between:
	case SO_KW_and:
	case SO_KW_every:
	case SO_KW_zone:
	case SO_KW_interval:
		return true;
	default:
		return false;
	}
}

static so_ref interval(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref, value = 0;

	advance(p);
	if (at(p, SO_TOK_LPAREN)) {
		value = so_parse_paren(p);
		if (so_ast_kind(p->ast, value) == SO_N_ROW && !so_my_at_unit(p)) {
			struct so_list items = AS(p, row, value)->items;

			ref = so_parse_node(p, SO_N_FUNC, first);
			AS(p, func, ref)->name = so_parse_made_name(p, "interval");
			AS(p, func, ref)->syntax = SO_FS_COALESCE;
			AS(p, func, ref)->args = items;
			return ref;
		}
		value = so_parse_expr_from(p, value);
	} else if (so_parse_enter(p)) {
		value = so_parse_expr(p);
	}
	if (p->depth && p->tok[first + 1].kind != SO_TOK_LPAREN)
		so_parse_leave(p);
	if (!so_my_at_unit(p)) {
		so_parse_unexpected(p);
		return 0;
	}
	so_parse_push(p, value);
	so_parse_push(p, so_my_unit(p));
	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, "interval");
	AS(p, func, ref)->syntax = SO_FS_INTERVAL;
	AS(p, func, ref)->args = so_parse_take(p, mark);
	if (!p->failed && !interval_fits(p, first))
		so_parse_unexpected(p);
	return ref;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

/* Reserved words that are functions in front of a parenthesis. */
static bool is_function_word(enum so_kw word)
{
	switch (word) {
	case SO_KW_left:
	case SO_KW_right:
	case SO_KW_if:
	case SO_KW_replace:
	case SO_KW_insert:
	case SO_KW_mod:
	case SO_KW_repeat:
	case SO_KW_database:
	case SO_KW_schema:
	case SO_KW_char:
	case SO_KW_values:
	case SO_KW_default:
	case SO_KW_grouping:
		return true;
	default:
		return false;
	}
}

static bool is_reserved(const struct parse *p, const struct so_token *token)
{
	return token->kind == SO_TOK_WORD && !so_parse_is_name(p, token, SO_USE_COLUMN);
}

static so_ref name_expr(struct parse *p)
{
	uint32_t first = p->pos;
	const struct so_token *token = peek(p);
	so_ref qualifier = 0, ref;
	struct so_name name;
	bool dotted = accept(p, SO_TOK_DOT);
	unsigned parts = 1;

	token = peek(p);
	if (peek_at(p, 1)->kind == SO_TOK_LPAREN && !dotted &&
		(!is_reserved(p, token) || is_function_word(kw_of(token)) ||
			so_kw_class_of(token->kw, p->ast->dialect) == SO_KWC_T)) {
		advance(p);
		return so_my_call(p, first, so_parse_decode_name(p, token), 0);
	}
	name = so_parse_name(p, dotted ? SO_USE_FIELD : SO_USE_COLUMN);
	while (so_parse_more_parts(p, &parts) && accept(p, SO_TOK_DOT)) {
		so_ref part = so_parse_node(p, SO_N_NAME, first);

		NEW(p, name, part)->name = name;
		NEW(p, name, part)->qualifier = qualifier;
		qualifier = part;
		if (at_op(p, SO_OP_MUL)) {
			advance(p);
			ref = so_parse_node(p, SO_N_STAR, first);
			NEW(p, star, ref)->qualifier = qualifier;
			return ref;
		}
		/* directly behind the point any word is a name */
		name = so_parse_name(p, peek(p)->off == p->tok[p->pos - 1].off + 1 ? SO_USE_FIELD : SO_USE_COLUMN);
	}
	if (at(p, SO_TOK_LPAREN) && qualifier)
		return so_my_call(p, first, name, qualifier);
	ref = so_parse_node(p, SO_N_COLUMN, first);
	NEW(p, column, ref)->name = name;
	NEW(p, column, ref)->qualifier = qualifier;
	return ref;
}

/* BINARY x */
static so_ref binary_prefix(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref arg = 0, type, ref;

	advance(p);
	if (so_parse_enter(p))
		arg = so_parse_level(p, SO_LV_UNARY);
	so_parse_leave(p);
	type = so_parse_node(p, SO_N_TYPE, first);
	AS(p, type, type)->name = so_parse_made_name(p, "binary");
	AS(p, type, type)->builtin = 1;
	ref = so_parse_node(p, SO_N_CAST, first);
	NEW(p, cast, ref)->arg = arg;
	NEW(p, cast, ref)->type = type;
	return ref;
}

static so_ref word(struct parse *p)
{
	so_ref ref = introducer(p);

	if (!ref)
		ref = typed_literal(p);
	if (!ref && peek(p)->kw)
		ref = so_my_special(p);
	return ref || p->failed ? ref : name_expr(p);
}

so_ref so_my_primary(struct parse *p)
{
	switch ((enum so_tok)peek(p)->kind) {
	case SO_TOK_VARIABLE:
		return variable(p);
	case SO_TOK_LBRACE:
		return escape(p);
	case SO_TOK_QUOTED:
	case SO_TOK_DOT:
		return name_expr(p);
	case SO_TOK_WORD:
		break;
	default:
		return 0;
	}
	switch (kw(p)) {
	case SO_KW_null:
	case SO_KW_true:
	case SO_KW_false:
	case SO_KW_case:
	case SO_KW_exists:
		return 0;
	case SO_KW_default:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? name_expr(p) : 0;
	case SO_KW_row:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN ? 0 : name_expr(p);
	case SO_KW_interval:
		return interval(p);
	case SO_KW_binary:
		return binary_prefix(p);
	default:
		return word(p);
	}
}

/* column -> path */
so_ref so_my_suffix(struct parse *p, so_ref arg)
{
	bool arrow = at_op(p, SO_OP_ARROW) || at_op(p, SO_OP_ARROW_TEXT);

	if (arrow && (is_maria(p) || so_ast_kind(p->ast, arg) != SO_N_COLUMN || peek_at(p, 1)->kind != SO_TOK_STRING))
		so_parse_unexpected(p);
	return arg;
}

/* ---- Operators -------------------------------------------------------------------------------------------------- */

enum so_level so_my_word_level(const struct parse *p)
{
	if (so_parse_at_word(p, 0, "member") && !is_maria(p) &&
		(so_parse_at_word(p, 1, "of") || peek_at(p, 1)->kind == SO_TOK_LPAREN))
		return SO_LV_LIKE;
	return so_parse_at_word(p, 0, "sounds") && kw_at(p, 1) == SO_KW_like ? SO_LV_LIKE : SO_LV_ANY;
}

so_ref so_my_word_operator(struct parse *p, so_ref left)
{
	uint32_t first = open_of(p, left);
	size_t mark = so_parse_mark(p);
	so_ref ref, right;

	if (so_parse_accept_word(p, "sounds")) {
		advance(p);
		right = so_parse_level(p, SO_LV_LIKE_RIGHT);
		ref = so_parse_node(p, SO_N_LIKE, first);
		NEW(p, like, ref)->op = SO_SOUNDS;
		NEW(p, like, ref)->arg = left;
		NEW(p, like, ref)->pattern = right;
		return ref;
	}
	advance(p);
	(void)so_parse_accept_word(p, "of");
	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, left);
	so_parse_push(p, so_parse_level(p, SO_LV_UNARY));
	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, "member of");
	AS(p, func, ref)->syntax = SO_FS_MEMBER_OF;
	AS(p, func, ref)->args = so_parse_take(p, mark);
	return ref;
}
