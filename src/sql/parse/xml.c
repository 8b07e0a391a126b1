/* SQL/XML and SQL/JSON functions. */
#include "sql/parse/parser.h"

static so_ref make_func(struct parse *p, uint32_t first, enum so_func_syntax syntax, unsigned option, size_t mark)
{
	const struct so_token *word = &p->tok[first];
	struct so_list args = so_parse_take(p, mark);
	so_ref ref;

	so_parse_expect(p, SO_TOK_RPAREN);
	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, so_keywords[kw_of(word)].name);
	AS(p, func, ref)->syntax = syntax;
	AS(p, func, ref)->option = option;
	AS(p, func, ref)->args = args;
	return ref;
}

/* expr [AS label] */
static so_ref xml_item(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref expr = so_parse_expr(p), ref = so_parse_node(p, SO_N_TARGET, first);

	NEW(p, target, ref)->expr = expr;
	if (accept_kw(p, SO_KW_as))
		AS(p, target, ref)->label = so_parse_name(p, SO_USE_LABEL);
	return so_parse_done(p, ref);
}

static so_ref label_node(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name;
	so_ref ref;

	so_parse_expect_kw(p, SO_KW_name);
	name = so_parse_name(p, SO_USE_LABEL);
	ref = so_parse_node(p, SO_N_NAME, first);
	NEW(p, name, ref)->name = name;
	return ref;
}

static so_ref xml_element(struct parse *p, uint32_t first, size_t mark)
{
	so_parse_push(p, label_node(p));
	if (accept(p, SO_TOK_COMMA)) {
		if (at_kw(p, SO_KW_xmlattributes) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
			uint32_t start = p->pos;
			so_ref row;

			advance(p);
			struct so_list items = so_parse_paren_list(p, xml_item);

			row = so_parse_node(p, SO_N_ROW, start);
			NEW(p, row, row)->items = items;
			so_parse_push(p, row);
			if (accept(p, SO_TOK_COMMA))
				so_parse_push(p, so_parse_expr(p));
		} else {
			so_parse_push(p, so_parse_expr(p));
		}
		while (accept(p, SO_TOK_COMMA))
			so_parse_push(p, so_parse_expr(p));
	}
	return make_func(p, first, SO_FS_XMLELEMENT, 0, mark);
}

static unsigned document_or_content(struct parse *p)
{
	if (accept_kw(p, SO_KW_document))
		return 1;
	so_parse_expect_kw(p, SO_KW_content);
	return 2;
}

static so_ref xml_parse(struct parse *p, uint32_t first, size_t mark)
{
	unsigned option = document_or_content(p);

	so_parse_push(p, so_parse_expr(p));
	if (accept_kw2(p, SO_KW_preserve, SO_KW_whitespace))
		option |= 4;
	else if (accept_kw2(p, SO_KW_strip, SO_KW_whitespace))
		option |= 8;
	return make_func(p, first, SO_FS_XMLPARSE, option, mark);
}

static so_ref xml_root(struct parse *p, uint32_t first, size_t mark)
{
	unsigned option = 0;

	so_parse_push(p, so_parse_expr(p));
	so_parse_expect(p, SO_TOK_COMMA);
	so_parse_expect_kw(p, SO_KW_version);
	if (accept_kw2(p, SO_KW_no, SO_KW_value))
		so_parse_push(p, so_parse_node(p, SO_N_DEFAULT, p->pos - 2));
	else
		so_parse_push(p, so_parse_expr(p));
	if (accept(p, SO_TOK_COMMA)) {
		so_parse_expect_kw(p, SO_KW_standalone);
		if (accept_kw2(p, SO_KW_no, SO_KW_value)) {
			option = 3;
		} else if (accept_kw(p, SO_KW_no)) {
			option = 2;
		} else {
			so_parse_expect_kw(p, SO_KW_yes);
			option = 1;
		}
	}
	return make_func(p, first, SO_FS_XMLROOT, option, mark);
}

static so_ref xml_serialize(struct parse *p, uint32_t first, size_t mark)
{
	unsigned option = document_or_content(p);
	uint32_t start = p->pos;
	so_ref expr = so_parse_expr(p), type, cast;

	so_parse_expect_kw(p, SO_KW_as);
	type = so_parse_type(p);
	cast = so_parse_node(p, SO_N_CAST, start);
	NEW(p, cast, cast)->arg = expr;
	NEW(p, cast, cast)->type = type;
	if (accept_kw2(p, SO_KW_no, SO_KW_indent))
		option |= 32;
	else if (accept_kw(p, SO_KW_indent))
		option |= 16;
	so_parse_push(p, cast);
	return make_func(p, first, SO_FS_XMLSERIALIZE, option, mark);
}

/* PASSING [BY REF | BY VALUE] x [BY REF | BY VALUE] */
static unsigned passing_mechanism(struct parse *p)
{
	if (accept_kw2(p, SO_KW_by, SO_KW_ref))
		return 1;
	return accept_kw2(p, SO_KW_by, SO_KW_value) ? 4 : 0;
}

static so_ref xml_exists(struct parse *p, uint32_t first, size_t mark)
{
	unsigned option;

	so_parse_push(p, so_parse_c_expr(p));
	so_parse_expect_kw(p, SO_KW_passing);
	option = passing_mechanism(p);
	so_parse_push(p, so_parse_c_expr(p));
	option |= passing_mechanism(p) << 1;
	return make_func(p, first, SO_FS_XMLEXISTS, option, mark);
}

static so_ref xml_pi(struct parse *p, uint32_t first, size_t mark)
{
	so_parse_push(p, label_node(p));
	if (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_expr(p));
	return make_func(p, first, SO_FS_XMLPI, 0, mark);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

/* FORMAT JSON [ENCODING name]: the name, or none. */
static bool accept_format_json(struct parse *p, struct so_name *encoding)
{
	if (!accept_kw2(p, SO_KW_format, SO_KW_json))
		return false;
	if (accept_kw(p, SO_KW_encoding))
		*encoding = so_parse_name(p, SO_USE_COLUMN);
	return true;
}

/* key: value or key VALUE value, after the key. */
static so_ref json_pair_from(struct parse *p, uint32_t first, so_ref key)
{
	so_ref value, ref;
	struct so_name encoding = { 0 };

	if (!accept(p, SO_TOK_COLON))
		so_parse_expect_kw(p, SO_KW_value);
	value = so_parse_expr(p);
	ref = so_parse_node(p, SO_N_NAMED_ARG, first);
	NEW(p, named_arg, ref)->key = key;
	NEW(p, named_arg, ref)->value = value;
	if (accept_format_json(p, &encoding)) {
		set_flag(p, ref, SO_NF_ALL);
		AS(p, named_arg, ref)->name = encoding;
	}
	return so_parse_done(p, ref);
}

static so_ref json_pair(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref key = so_parse_expr(p);

	return json_pair_from(p, first, key);
}

static so_ref json_value(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref value = so_parse_expr(p), ref;
	struct so_name encoding = { 0 };

	if (!accept_format_json(p, &encoding))
		return value;
	ref = so_parse_node(p, SO_N_NAMED_ARG, first);
	NEW(p, named_arg, ref)->name = encoding;
	NEW(p, named_arg, ref)->value = value;
	set_flag(p, ref, SO_NF_ALL);
	return ref;
}

static unsigned json_options(struct parse *p)
{
	unsigned option = 0;

	if (at_kw(p, SO_KW_null) && kw_at(p, 1) == SO_KW_on) {
		so_parse_move(p, 2);
		so_parse_expect_kw(p, SO_KW_null);
		option |= SO_JSON_NULL_ON_NULL;
	} else if (at_kw(p, SO_KW_absent) && kw_at(p, 1) == SO_KW_on) {
		so_parse_move(p, 2);
		so_parse_expect_kw(p, SO_KW_null);
		option |= SO_JSON_ABSENT_ON_NULL;
	}
	if (accept_kw2(p, SO_KW_with, SO_KW_unique))
		option |= SO_JSON_UNIQUE_KEYS;
	else if (accept_kw2(p, SO_KW_without, SO_KW_unique))
		option |= SO_JSON_NO_UNIQUE_KEYS;
	accept_kw(p, SO_KW_keys);
	return option;
}

static unsigned json_encoding(struct parse *p, struct so_name name)
{
	static const char *const names[] = { "utf8", "utf16", "utf32" };

	if (!name.len)
		return 0;
	for (unsigned i = 0; i < 3; i++)
		if (so_ast_name_is(p->ast, name, names[i]))
			return SO_JSON_UTF8 << i;
	so_parse_fail(p, peek(p) - 1, "unknown encoding of JSON");
	return 0;
}

static so_ref json_tail(struct parse *p, uint32_t first, size_t mark)
{
	unsigned option;
	struct so_list order_by = { 0, 0 };
	so_ref returning = 0, ref;
	struct so_name encoding = { 0 };

	if (at_kw(p, SO_KW_order))
		order_by = so_parse_order_by(p);
	option = json_options(p);
	/* no keyword of T-SQL */
	if (so_parse_accept_word(p, "returning")) {
		returning = so_parse_type(p);
		if (accept_format_json(p, &encoding))
			option |= SO_JSON_FORMAT | json_encoding(p, encoding);
	}
	ref = make_func(p, first, SO_FS_JSON, option, mark);
	AS(p, func, ref)->order_by = order_by;
	AS(p, func, ref)->returning = returning;
	return ref;
}

static bool at_json_tail(const struct parse *p)
{
	return at(p, SO_TOK_RPAREN) || at_kw(p, SO_KW_returning) || (at_kw(p, SO_KW_null) && kw_at(p, 1) == SO_KW_on) ||
	       (at_kw(p, SO_KW_absent) && kw_at(p, 1) == SO_KW_on);
}

/* json_object also is an old-style function: json_object(a, b) has no keys. */
static so_ref json_object(struct parse *p, uint32_t first, size_t mark)
{
	so_ref item;

	if (at_json_tail(p))
		return json_tail(p, first, mark);
	item = so_parse_expr(p);
	if (at(p, SO_TOK_COLON) || at_kw(p, SO_KW_value)) {
		so_parse_push(p, json_pair_from(p, first + 2, item));
		while (accept(p, SO_TOK_COMMA))
			so_parse_push(p, json_pair(p));
		return json_tail(p, first, mark);
	}
	so_parse_push(p, item);
	while (accept(p, SO_TOK_COMMA))
		so_parse_push(p, so_parse_expr(p));
	return make_func(p, first, SO_FS_CALL, 0, mark);
}

#define CONSTRUCTOR_TOKENS 1000 /* looked at for the words behind the argument of JSON(..) */

/* JSON(x [FORMAT JSON] [WITH UNIQUE KEYS]) with one of these; without them it is a call as any other. */
static bool at_json_constructor(const struct parse *p)
{
	unsigned parens = 0;

	for (uint32_t n = 1; n < CONSTRUCTOR_TOKENS && peek_at(p, n)->kind != SO_TOK_END; n++) {
		parens += peek_at(p, n)->kind == SO_TOK_LPAREN;
		parens -= peek_at(p, n)->kind == SO_TOK_RPAREN;
		if (parens)
			continue;
		return kw_at(p, n - 1) == SO_KW_keys || kw_at(p, n - 1) == SO_KW_unique ||
		       kw_at(p, n - 2) == SO_KW_encoding ||
		       (kw_at(p, n - 1) == SO_KW_json && kw_at(p, n - 2) == SO_KW_format);
	}
	return false;
}

static so_ref json_array(struct parse *p, uint32_t first, size_t mark)
{
	if (at_json_tail(p))
		return json_tail(p, first, mark);
	if (so_parse_starts_query(p, 0) && !at(p, SO_TOK_LPAREN)) {
		uint32_t start = p->pos;
		so_ref query = so_parse_query(p);

		so_parse_push(p, so_parse_subquery_node(p, query, start));
		return json_tail(p, first, mark);
	}
	do {
		so_parse_push(p, json_value(p));
	} while (accept(p, SO_TOK_COMMA));
	return json_tail(p, first, mark);
}

/* At the word; the next token is '('. */
so_ref so_parse_xml_json(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	enum so_kw word = kw(p);

	switch (word) {
	case SO_KW_xmlelement:
	case SO_KW_xmlconcat:
	case SO_KW_xmlforest:
	case SO_KW_xmlparse:
	case SO_KW_xmlpi:
	case SO_KW_xmlroot:
	case SO_KW_xmlserialize:
	case SO_KW_xmlexists:
	case SO_KW_json_object:
	case SO_KW_json_array:
	case SO_KW_json_objectagg:
	case SO_KW_json_arrayagg:
		break;
	case SO_KW_json:
		if (!p->own && at_json_constructor(p))
			break;
		return 0;
	default:
		return 0;
	}
	so_parse_move(p, 2);
	switch (word) {
	case SO_KW_xmlelement:
		return xml_element(p, first, mark);
	case SO_KW_xmlparse:
		return xml_parse(p, first, mark);
	case SO_KW_xmlpi:
		return xml_pi(p, first, mark);
	case SO_KW_xmlroot:
		return xml_root(p, first, mark);
	case SO_KW_xmlserialize:
		return xml_serialize(p, first, mark);
	case SO_KW_xmlexists:
		return xml_exists(p, first, mark);
	case SO_KW_json_object:
		return json_object(p, first, mark);
	case SO_KW_json_array:
		return json_array(p, first, mark);
	case SO_KW_json_objectagg:
		so_parse_push(p, json_pair(p));
		return json_tail(p, first, mark);
	case SO_KW_json_arrayagg:
		so_parse_push(p, json_value(p));
		return json_tail(p, first, mark);
	case SO_KW_json:
		so_parse_push(p, json_value(p));
		return make_func(p, first, SO_FS_JSON, json_options(p), mark);
	default:
		break;
	}
	do {
		so_parse_push(p, word == SO_KW_xmlforest ? xml_item(p) : so_parse_expr(p));
	} while (accept(p, SO_TOK_COMMA));
	return make_func(p, first, word == SO_KW_xmlforest ? SO_FS_XMLFOREST : SO_FS_XMLCONCAT, 0, mark);
}
