/* Type names. */
#include "sql/parse/parser.h"

/* Inline, so that the length of the name is known. */
static inline __attribute__((always_inline)) so_ref type_node(struct parse *p, uint32_t first, const char *name)
{
	so_ref ref = so_parse_node(p, SO_N_TYPE, first);

	AS(p, type, ref)->name = so_parse_made_name(p, name);
	AS(p, type, ref)->builtin = 1;
	return ref;
}

/* (10, 2) */
static void modifiers(struct parse *p, so_ref type)
{
	if (!at(p, SO_TOK_LPAREN))
		return;
	AS(p, type, type)->mods = so_parse_paren_list(p, so_parse_expr);
	so_parse_done(p, type);
}

static inline __attribute__((always_inline)) so_ref simple_type(struct parse *p, const char *name)
{
	uint32_t first = p->pos;

	advance(p);
	return type_node(p, first, name);
}

/* float(24) and less is float4. */
static so_ref float_type(struct parse *p)
{
	so_ref ref = simple_type(p, "float8");
	int64_t bits;

	modifiers(p, ref);
	struct so_list mods = AS(p, type, ref)->mods;

	if (mods.count && so_ast_int(p->ast, so_list_get(p->ast, mods, 0), &bits) && bits <= 24)
		AS(p, type, ref)->name = so_parse_made_name(p, "float4");
	AS(p, type, ref)->mods = (struct so_list){ 0, 0 };
	return ref;
}

static so_ref bit_type(struct parse *p)
{
	bool varying = kw_at(p, 1) == SO_KW_varying;
	so_ref ref = simple_type(p, varying ? "varbit" : "bit");

	if (varying) {
		advance(p);
		so_parse_done(p, ref);
	}
	modifiers(p, ref);
	return ref;
}

/* CHAR, CHARACTER, VARCHAR, NATIONAL CHARACTER, NCHAR [VARYING] [(n)] */
static so_ref character_type(struct parse *p)
{
	uint32_t first = p->pos;
	bool varying = at_kw(p, SO_KW_varchar);
	so_ref ref;

	if (accept_kw(p, SO_KW_national) && !at_kw(p, SO_KW_character) && !at_kw(p, SO_KW_char))
		so_parse_unexpected(p);
	advance(p);
	varying = accept_kw(p, SO_KW_varying) || varying;
	ref = type_node(p, first, varying ? "varchar" : "bpchar");
	modifiers(p, ref);
	return ref;
}

/* TIME and TIMESTAMP, (p), WITH or WITHOUT TIME ZONE. */
static so_ref time_type(struct parse *p)
{
	uint32_t first = p->pos;
	bool stamp = at_kw(p, SO_KW_timestamp), zone = false;
	struct so_list mods = { 0, 0 };
	so_ref ref;

	advance(p);
	if (at(p, SO_TOK_LPAREN))
		mods = so_parse_paren_list(p, so_parse_expr);
	if (at_kw(p, SO_KW_with) && kw_at(p, 1) == SO_KW_time) {
		advance(p);
		zone = true;
		advance(p);
		so_parse_expect_kw(p, SO_KW_zone);
	} else if (at_kw(p, SO_KW_without) && kw_at(p, 1) == SO_KW_time) {
		advance(p);
		advance(p);
		so_parse_expect_kw(p, SO_KW_zone);
	}
	if (stamp)
		ref = type_node(p, first, zone ? "timestamptz" : "timestamp");
	else
		ref = type_node(p, first, zone ? "timetz" : "time");
	AS(p, type, ref)->mods = mods;
	return ref;
}

static unsigned interval_bit(enum so_kw word)
{
	switch (word) {
	case SO_KW_year:
		return SO_INTERVAL_YEAR;
	case SO_KW_month:
		return SO_INTERVAL_MONTH;
	case SO_KW_day:
		return SO_INTERVAL_DAY;
	case SO_KW_hour:
		return SO_INTERVAL_HOUR;
	case SO_KW_minute:
		return SO_INTERVAL_MINUTE;
	case SO_KW_second:
		return SO_INTERVAL_SECOND;
	default:
		return 0;
	}
}

/* YEAR TO MONTH, DAY TO SECOND(3) ...; the fields between are set too. */
unsigned so_parse_interval_fields(struct parse *p, so_ref *precision)
{
	unsigned first = interval_bit(kw(p)), last = first, fields = 0;

	if (!first)
		return 0;
	advance(p);
	if (at_kw(p, SO_KW_to) && interval_bit(kw_at(p, 1)) > first) {
		advance(p);
		last = interval_bit(kw(p));
		advance(p);
	}
	for (unsigned bit = first; bit <= last; bit <<= 1)
		fields |= bit;
	if (last == SO_INTERVAL_SECOND && accept(p, SO_TOK_LPAREN)) {
		*precision = so_parse_const(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return fields;
}

static so_ref interval_type(struct parse *p, bool for_literal)
{
	so_ref ref = simple_type(p, "interval"), precision = 0;

	if (at(p, SO_TOK_LPAREN)) {
		modifiers(p, ref);
	} else if (!for_literal) {
		AS(p, type, ref)->interval = so_parse_interval_fields(p, &precision);
		if (precision) {
			size_t mark = so_parse_mark(p);

			so_parse_push(p, precision);
			AS(p, type, ref)->mods = so_parse_take(p, mark);
		}
	}
	return so_parse_done(p, ref);
}

static so_ref numeric_type(struct parse *p)
{
	so_ref ref = simple_type(p, "numeric");

	modifiers(p, ref);
	return ref;
}

so_ref so_parse_builtin_type(struct parse *p, bool for_literal)
{
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_int:
	case SO_KW_integer:
		return simple_type(p, "int4");
	case SO_KW_smallint:
		return simple_type(p, "int2");
	case SO_KW_bigint:
		return simple_type(p, "int8");
	case SO_KW_real:
		return simple_type(p, "float4");
	case SO_KW_boolean:
		return simple_type(p, "bool");
	case SO_KW_double:
		if (kw_at(p, 1) != SO_KW_precision)
			return 0;
		advance(p);
		ref = simple_type(p, "float8");
		so_parse_begin_at(p, ref, first_of(p, ref) - 1);
		return ref;
	case SO_KW_float:
		return float_type(p);
	case SO_KW_decimal:
	case SO_KW_dec:
	case SO_KW_numeric:
		return numeric_type(p);
	case SO_KW_bit:
		return bit_type(p);
	case SO_KW_char:
	case SO_KW_character:
	case SO_KW_varchar:
	case SO_KW_national:
	case SO_KW_nchar:
		return character_type(p);
	case SO_KW_time:
	case SO_KW_timestamp:
		return time_type(p);
	case SO_KW_interval:
		return interval_type(p, for_literal);
	default:
		return 0;
	}
}

/* schema.type(mods), or table.column%TYPE */
static so_ref generic_type(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name;
	so_ref qualifier = 0, ref;

	if (peek_at(p, 1)->kind == SO_TOK_DOT)
		qualifier = so_parse_qualified(p, &name);
	else
		name = so_parse_name(p, SO_USE_FUNC);
	ref = so_parse_node(p, SO_N_TYPE, first);
	NEW(p, type, ref)->name = name;
	NEW(p, type, ref)->qualifier = qualifier;
	if (qualifier && at_op(p, SO_OP_MOD) && kw_at(p, 1) == SO_KW_type) {
		advance(p);
		advance(p);
		AS(p, type, ref)->builtin = 2;
		return so_parse_done(p, ref);
	}
	modifiers(p, ref);
	return ref;
}

/* [] [3] or ARRAY, ARRAY[3] */
static void array_bounds(struct parse *p, so_ref type)
{
	size_t mark = so_parse_mark(p);
	bool word = accept_kw(p, SO_KW_array);

	if (word && !at(p, SO_TOK_LBRACKET))
		so_parse_push(p, so_parse_node(p, SO_N_MISSING, p->pos - 1));
	while (accept(p, SO_TOK_LBRACKET)) {
		if (at(p, SO_TOK_INT) || so_parse_at_placeholder(p))
			so_parse_push(p, so_parse_c_expr(p));
		else
			so_parse_push(p, so_parse_node(p, SO_N_MISSING, p->pos - 1));
		so_parse_expect(p, SO_TOK_RBRACKET);
		if (word)
			break;
	}
	AS(p, type, type)->bounds = so_parse_take(p, mark);
}

so_ref so_parse_type(struct parse *p)
{
	uint32_t first = p->pos;
	bool setof;
	so_ref ref;

	if (p->own && p->rules->type)
		return p->rules->type(p);
	setof = accept_kw(p, SO_KW_setof);
	ref = at(p, SO_TOK_WORD) && peek(p)->kw ? so_parse_builtin_type(p, false) : 0;

	if (!ref)
		ref = generic_type(p);
	if (at(p, SO_TOK_LBRACKET) || at_kw(p, SO_KW_array))
		array_bounds(p, ref);
	if (setof) {
		set_flag(p, ref, SO_NF_SETOF);
		so_parse_begin_at(p, ref, first);
	}
	return so_parse_done(p, ref);
}
