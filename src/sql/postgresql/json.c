/* Calls of SQL/JSON of PostgreSQL 17, whose forms are in json.form. */
#include "sql/parse/form.h"
#include "sql/pg_forms.h"

/* A call of SQL/JSON with words between its arguments, at its '('; 0 when `name` begins none. */
so_ref so_parse_json_words(struct parse *p, uint32_t first, struct so_name name)
{
	static const struct {
		const char *name;
		enum so_pg_form form;
	} calls[] = {
		{ "json_exists", SO_PG_json_exists },
		{ "json_query", SO_PG_json_query },
		{ "json_serialize", SO_PG_json_serialize },
		{ "json_table", SO_PG_json_table },
		{ "json_value", SO_PG_json_value },
	};
	size_t i = 0, mark;
	so_ref ref;

	/* asked for every call, of which nearly none is one of these */
	if (p->own || name.quoted || !name.len || *(const char *)so_ast_at(p->ast, name.off) != 'j')
		return 0;
	while (i < sizeof calls / sizeof calls[0] && !so_ast_name_is(p->ast, name, calls[i].name))
		i++;
	if (i == sizeof calls / sizeof calls[0])
		return 0;
	advance(p);
	mark = so_parse_mark(p);
	if (so_parse_enter(p))
		so_parse_push(p, so_parse_form(p, calls[i].form));
	so_parse_leave(p);
	if (so_parse_mark(p) == mark)
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	struct so_list args = so_parse_take(p, mark);

	ref = so_parse_node(p, SO_N_FUNC, first);
	AS(p, func, ref)->name = so_parse_made_name(p, calls[i].name);
	AS(p, func, ref)->syntax = SO_FS_WORDS;
	AS(p, func, ref)->args = args;
	return ref;
}
