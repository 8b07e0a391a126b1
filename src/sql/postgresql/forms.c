/* SQL/JSON of PostgreSQL 17 as forms (see struct so_form), in alphabetical order. */
#include "sql/parse/parser.h"

/* clang-format off */
const struct so_form so_pg_forms[] = {
	{ "json_behavior", "{ null | error | true | false | unknown | empty [ array | object ] | default $e } on { empty | error }" },
	{ "json_column", "nested [ path ] $x [ as $n ] columns ( { <json_column> }, ) | $n for ordinality | "
		"$n $t [ <json_format> ] [ exists ] [ path $x ] [ <json_wrapper> ] [ <json_quotes> ] [ <json_behavior> ] [ <json_behavior> ]" },
	{ "json_exists", "<json_input> [ <json_behavior> ]" },
	{ "json_format", "format json [ encoding $n ]" },
	{ "json_input", "$e [ <json_format> ] , $e [ <json_passing> ]" },
	{ "json_passing", "passing { $e [ <json_format> ] as $L }," },
	{ "json_query", "<json_input> [ <json_returning> ] [ <json_wrapper> ] [ <json_quotes> ] [ <json_behavior> ] [ <json_behavior> ]" },
	{ "json_quotes", "{ keep | omit } quotes [ on scalar string ]" },
	{ "json_returning", "returning $t [ <json_format> ]" },
	{ "json_serialize", "$e [ <json_format> ] [ <json_returning> ]" },
	{ "json_table", "$e [ <json_format> ] , $e [ as $n ] [ <json_passing> ] columns ( { <json_column> }, ) "
		"[ <json_behavior> ]" },
	{ "json_value", "<json_input> [ <json_returning> ] [ <json_behavior> ] [ <json_behavior> ]" },
	{ "json_wrapper", "{ without | with [ conditional | unconditional ] } [ array ] wrapper" },
};
/* clang-format on */

const size_t so_pg_form_count = sizeof so_pg_forms / sizeof so_pg_forms[0];

/* A call of SQL/JSON with words between its arguments, at its '('; 0 when `name` begins none. */
so_ref so_parse_json_words(struct parse *p, uint32_t first, struct so_name name)
{
	static const char *const names[] = { "json_exists", "json_query", "json_serialize", "json_table",
		"json_value" };
	size_t i = 0, mark;
	so_ref ref;

	while (i < sizeof names / sizeof names[0] && !so_ast_name_is(p->ast, name, names[i]))
		i++;
	if (p->own || name.quoted || i == sizeof names / sizeof names[0])
		return 0;
	advance(p);
	mark = so_parse_mark(p);
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_named_form(p, names[i]));
	so_parse_leave(p);
	if (so_parse_mark(p) == mark)
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	struct so_list args = so_parse_take(p, mark);

	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, names[i]);
	AS(p, func, ref)->syntax = SO_FS_WORDS;
	AS(p, func, ref)->args = args;
	return ref;
}
