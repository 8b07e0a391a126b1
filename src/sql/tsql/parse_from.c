/* FROM of T-SQL: hints, table variables, rowset functions, versions of rows, PIVOT. */
#include "sql/tsql/parse.h"

static const struct so_list no_list;

/* ---- Hints ------------------------------------------------------------------------------------------------------ */

static bool is_hint(const struct parse *p, uint32_t n)
{
	static const char *const hints[] = { "nolock", "readuncommitted", "readcommitted", "readcommittedlock",
		"repeatableread", "serializable", "holdlock", "updlock", "tablock", "tablockx", "paglock", "rowlock",
		"nowait", "readpast", "xlock", "snapshot", "noexpand", "forceseek", "forcescan", "keepidentity",
		"keepdefaults", "ignore_constraints", "ignore_triggers", "nowaitt", "index", "fastfirstrow" };

	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (so_parse_at_word(p, n, hints[i]))
			return true;
	return false;
}

/* (nolock) without WITH: hint words only, so that calls of functions are something else. */
static bool at_bare_hints(const struct parse *p)
{
	uint32_t n = 1;

	if (!at(p, SO_TOK_LPAREN))
		return false;
	if (kw_at(p, 1) == SO_KW_index)
		return true;
	for (; is_hint(p, n); n += 2)
		if (peek_at(p, n + 1)->kind != SO_TOK_COMMA)
			return peek_at(p, n + 1)->kind == SO_TOK_RPAREN;
	return false;
}

/* Hints may be parted by blanks alone. */
static struct so_list hint_list(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		while (at(p, SO_TOK_WORD) && kw_at(p, 0) != SO_KW_index && peek_at(p, 1)->kind == SO_TOK_WORD) {
			uint32_t first = p->pos;
			so_ref ref;

			advance(p);
			ref = so_parse_node(p, SO_N_OPTION, first);
			AS(p, option, ref)->name = so_parse_decode_name(p, &p->tok[first]);
			so_parse_push(p, ref);
		}
		so_parse_push(p, so_tsql_item(p, NULL));
	} while (accept(p, SO_TOK_COMMA) && !p->failed);
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_take(p, mark);
}

struct so_list so_tsql_table_hints(struct parse *p)
{
	if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		return hint_list(p);
	}
	return at_bare_hints(p) ? hint_list(p) : no_list;
}

/* ---- Aliases ---------------------------------------------------------------------------------------------------- */

static bool at_alias(const struct parse *p)
{
	if (!so_parse_is_name(p, peek(p), SO_USE_COLUMN) || so_tsql_at_statement(p))
		return false;
	switch (kw(p)) {
	case SO_KW_output:
	case SO_KW_using:
	case SO_KW_offset:
	case SO_KW_apply:
		return false;
	case SO_KW_window:
		return kw_at(p, 2) != SO_KW_as;
	default:
		return true;
	}
}

/* [AS] name [(columns)]; 0 when there is none. A string can be the name, too. */
so_ref so_tsql_alias(struct parse *p)
{
	uint32_t first = p->pos;
	bool as = accept_kw(p, SO_KW_as), string = at(p, SO_TOK_STRING);
	so_ref ref;

	if (!as && !string && !at_alias(p))
		return 0;
	ref = so_parse_node(p, SO_N_ALIAS, first);
	AS(p, alias, ref)->name = so_parse_name(p, string ? SO_USE_LABEL : SO_USE_COLUMN);
	if (at(p, SO_TOK_LPAREN) && !at_bare_hints(p) && so_parse_is_name(p, peek_at(p, 1), SO_USE_COLUMN))
		AS(p, alias, ref)->columns = so_parse_name_list(p);
	return so_parse_done(p, ref);
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

static so_ref temporal(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TEMPORAL, p->pos);
	struct so_n_temporal *node = NEW(p, temporal, ref);

	so_parse_move(p, 2);
	if (accept_kw(p, SO_KW_all)) {
		node->type = SO_TEMPORAL_ALL;
	} else if (accept_kw(p, SO_KW_as)) {
		so_parse_expect_kw(p, SO_KW_of);
		node->low = so_parse_expr(p);
	} else if (accept_kw(p, SO_KW_from)) {
		node->type = SO_TEMPORAL_FROM_TO;
		node->low = so_parse_expr(p);
		so_parse_expect_kw(p, SO_KW_to);
		node->high = so_parse_expr(p);
	} else if (accept_kw(p, SO_KW_between)) {
		node->type = SO_TEMPORAL_BETWEEN;
		node->low = so_parse_b_expr(p);
		so_parse_expect_kw(p, SO_KW_and);
		node->high = so_parse_b_expr(p);
	} else {
		so_parse_expect_kw(p, SO_KW_contained);
		so_parse_expect_kw(p, SO_KW_in);
		so_parse_expect(p, SO_TOK_LPAREN);
		node->type = SO_TEMPORAL_CONTAINED;
		node->low = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_COMMA);
		node->high = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

/* TABLESAMPLE [SYSTEM] (n [PERCENT | ROWS]) [REPEATABLE (n)] */
static so_ref sample(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_SAMPLE, p->pos);
	struct so_n_sample *node = NEW(p, sample, ref);
	size_t mark = so_parse_mark(p);

	advance(p);
	if (!accept_kw(p, SO_KW_system) && !at(p, SO_TOK_LPAREN))
		so_parse_unexpected(p);
	node->method = so_parse_made_name(p, "system");
	so_parse_expect(p, SO_TOK_LPAREN);
	so_parse_push(p, so_parse_expr(p));
	if (accept_kw(p, SO_KW_rows))
		set_flag(p, ref, SO_NF_ALL);
	else
		accept_kw(p, SO_KW_percent);
	so_parse_expect(p, SO_TOK_RPAREN);
	node->args = so_parse_take(p, mark);
	if (accept_kw(p, SO_KW_repeatable)) {
		so_parse_expect(p, SO_TOK_LPAREN);
		node->repeatable = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	}
	return so_parse_done(p, ref);
}

/* t FOR PATH: a node or edge that a shortest path goes through more than once. */
static struct so_list for_path(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list words;
	so_ref ref;

	so_parse_push(p, so_parse_word(p));
	so_parse_push(p, so_parse_word(p));
	words = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_PHRASE, first);
	NEW(p, phrase, ref)->items = words;
	so_parse_push(p, so_parse_done(p, ref));
	return so_parse_take(p, mark);
}

/* What follows the name of a table: the parts come in more than one order. */
static so_ref table_rest(struct parse *p, so_ref ref)
{
	struct so_n_table *node = AS(p, table, ref);

	if (at_kw(p, SO_KW_for) && so_parse_at_word(p, 1, "path"))
		so_set_rare(p->ast, table, node, extra, for_path(p));
	if (at_kw(p, SO_KW_for) && kw_at(p, 1) == SO_KW_system_time)
		so_set_rare(p->ast, table, node, temporal, temporal(p));
	if (at_bare_hints(p))
		so_set_rare(p->ast, table, node, hints, so_tsql_table_hints(p));
	node->alias = so_tsql_alias(p);
	if (!so_rare_table(p->ast, node)->temporal && at_kw(p, SO_KW_for) && kw_at(p, 1) == SO_KW_system_time)
		so_set_rare(p->ast, table, node, temporal, temporal(p));
	if (at_kw(p, SO_KW_tablesample))
		so_set_rare(p->ast, table, node, sample, sample(p));
	if (!so_rare_table(p->ast, node)->hints.count)
		so_set_rare(p->ast, table, node, hints, so_tsql_table_hints(p));
	if (!node->alias)
		node->alias = so_tsql_alias(p);
	if (!so_rare_table(p->ast, node)->sample && at_kw(p, SO_KW_tablesample))
		so_set_rare(p->ast, table, node, sample, sample(p));
	return so_parse_done(p, ref);
}

/* ---- Functions -------------------------------------------------------------------------------------------------- */

/* A column of OPENJSON and OPENXML: name type ['path'] [AS JSON] */
static so_ref rowset_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLDEF, p->pos);
	struct so_n_coldef *node = NEW(p, coldef, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->type = so_tsql_type(p);
	if (accept_kw(p, SO_KW_collate))
		node->collation = so_parse_any_name(p);
	if (so_tok_is_string(peek(p)) || at(p, SO_TOK_NSTRING) || at(p, SO_TOK_INT))
		node->value = so_parse_const(p);
	if (accept_kw2(p, SO_KW_as, SO_KW_json))
		node->hdr.flags |= SO_NF_STAR;
	accept_kw(p, SO_KW_null);
	return so_parse_done(p, ref);
}

/* Columns in WITH (..) belong to the alias, as those of all functions. */
static void function_columns(struct parse *p, so_ref ref)
{
	so_ref alias;

	if (!at_kw(p, SO_KW_with) || peek_at(p, 1)->kind != SO_TOK_LPAREN || is_hint(p, 2))
		return;
	set_flag(p, ref, SO_NF_WITHIN);
	alias = so_parse_node(p, SO_N_ALIAS, p->pos);
	advance(p);
	if (peek_at(p, 2)->kind == SO_TOK_RPAREN || peek_at(p, 2)->kind == SO_TOK_DOT) {
		/* OPENXML(..) WITH table */
		so_parse_unexpected(p);
		return;
	}
	AS(p, alias, alias)->coldefs = so_parse_paren_list(p, rowset_column);
	AS(p, from_func, ref)->alias = so_parse_done(p, alias);
}

static so_ref from_func(struct parse *p, so_ref func, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_FUNC, first), alias, columns;
	size_t mark = so_parse_mark(p);

	so_parse_push(p, func);
	AS(p, from_func, ref)->funcs = so_parse_take(p, mark);
	function_columns(p, ref);
	columns = AS(p, from_func, ref)->alias;
	AS(p, from_func, ref)->hints = so_tsql_table_hints(p);
	alias = so_tsql_alias(p);
	if (columns && alias) {
		AS(p, alias, columns)->name = AS(p, alias, alias)->name;
		AS(p, alias, columns)->columns = AS(p, alias, alias)->columns;
		so_parse_done(p, columns);
	} else if (alias) {
		AS(p, from_func, ref)->alias = alias;
	}
	if (!AS(p, from_func, ref)->hints.count)
		AS(p, from_func, ref)->hints = so_tsql_table_hints(p);
	return so_parse_done(p, ref);
}

/* OPENROWSET(BULK 'file', ..), OPENROWSET('provider', 'a'; 'b'; 'c', query), CHANGETABLE(CHANGES t, 0), PREDICT(..):
 * arguments that are no expressions. */
static so_ref rowset_call(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_decode_name(p, peek(p));
	size_t mark = so_parse_mark(p);
	struct so_list args;
	so_ref ref;

	advance(p);
	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		so_parse_push(p, so_tsql_item(p, NULL));
	} while (accept(p, SO_TOK_COMMA) || accept(p, SO_TOK_SEMICOLON));
	so_parse_expect(p, SO_TOK_RPAREN);
	args = so_parse_take(p, mark);
	ref = so_parse_node(p, SO_N_FUNC, first);
	NEW(p, func, ref)->name = name;
	NEW(p, func, ref)->args = args;
	return ref;
}

static bool at_rowset(const struct parse *p)
{
	static const char *const names[] = { "openrowset", "changetable", "predict", "openquery", "opendatasource",
		"containstable", "freetexttable", "semantickeyphrasetable", "semanticsimilaritytable",
		"semanticsimilaritydetailstable", "ai_generate_chunks", "vector_search" };

	if (peek_at(p, 1)->kind != SO_TOK_LPAREN)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (so_parse_at_word(p, 0, names[i]))
			return true;
	return false;
}

/* A call, not a table with hints, at a name. */
static bool at_call(const struct parse *p)
{
	uint32_t n = 0;

	if (at(p, SO_TOK_VARIABLE))
		return peek_at(p, 1)->kind == SO_TOK_DOT;
	while (peek_at(p, n + 1)->kind == SO_TOK_DOT || peek_at(p, n + 1)->kind == SO_TOK_DOTS)
		n += 2;
	if (peek_at(p, n + 1)->kind == SO_TOK_CAST)
		return true;
	if (peek_at(p, n + 1)->kind != SO_TOK_LPAREN)
		return false;
	for (uint32_t k = n + 2; is_hint(p, k); k += 2)
		if (peek_at(p, k + 1)->kind != SO_TOK_COMMA)
			return peek_at(p, k + 1)->kind != SO_TOK_RPAREN && kw_at(p, n + 2) != SO_KW_index;
	return true;
}

/* (INSERT .. OUTPUT ..) AS x */
static so_ref from_dml(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_QUERY, p->pos);

	advance(p);
	if (so_parse_enter(p))
		AS(p, from_query, ref)->query = so_parse_dml(p, 0, p->pos);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	AS(p, from_query, ref)->alias = so_tsql_alias(p);
	return so_parse_done(p, ref);
}

/* {oj a LEFT OUTER JOIN b ON ..} */
static so_ref outer_join_escape(struct parse *p)
{
	so_ref ref = 0;

	so_parse_move(p, 2);
	if (so_parse_enter(p))
		ref = so_parse_from_item(p);
	so_parse_leave(p);
	so_parse_expect(p, SO_TOK_RBRACE);
	return ref;
}

so_ref so_tsql_from_item(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (at(p, SO_TOK_LPAREN)) {
		enum so_kw word = kw_at(p, 1);

		return word == SO_KW_insert || word == SO_KW_update || word == SO_KW_delete || word == SO_KW_merge
			       ? from_dml(p)
			       : 0;
	}
	if (at_rowset(p)) {
		/* OPENDATASOURCE(..).db.schema.table */
		ref = rowset_call(p);
		unsigned parts = 1;

		while (at(p, SO_TOK_DOT) && so_parse_more_parts(p, &parts)) {
			so_ref field = so_parse_node(p, SO_N_FIELD, first);

			advance(p);
			AS(p, field, field)->arg = ref;
			AS(p, field, field)->name = so_parse_name(p, SO_USE_FIELD);
			ref = so_parse_done(p, field);
		}
		return from_func(p, ref, first);
	}
	if (at(p, SO_TOK_LBRACE) && so_parse_at_word(p, 1, "oj"))
		return outer_join_escape(p);
	accept(p, SO_TOK_CAST); /* ::fn_x(), as old versions wrote functions of the system */
	if (at_call(p))
		return from_func(p, so_parse_c_expr(p), first);
	if (at(p, SO_TOK_VARIABLE))
		return table_rest(p, so_tsql_variable_table(p));
	if (at(p, SO_TOK_PARAM)) {
		ref = so_parse_node(p, SO_N_TABLE, first);
		AS(p, table, ref)->name = (struct so_name){ .off = peek(p)->off, .len = peek(p)->len & 0x7FFFFFFFu };
		advance(p);
		return table_rest(p, ref);
	}
	return table_rest(p, so_tsql_table_name(p));
}

/* ---- PIVOT ------------------------------------------------------------------------------------------------------ */

static so_ref column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN, p->pos), name = so_parse_any_name(p);

	AS(p, column, ref)->name = AS(p, name, name)->name;
	AS(p, column, ref)->qualifier = AS(p, name, name)->qualifier;
	return so_parse_done(p, ref);
}

static so_ref pivot_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TARGET, p->pos);

	AS(p, target, ref)->expr = column(p);
	return so_parse_done(p, ref);
}

/* source PIVOT (SUM(x) FOR c IN ([a], [b])) AS p, source UNPIVOT (x FOR c IN (a, b)) AS p */
so_ref so_tsql_from_suffix(struct parse *p, so_ref source)
{
	bool unpivot = at_kw(p, SO_KW_unpivot);
	so_ref ref;
	struct so_n_pivot *node;
	size_t mark = so_parse_mark(p);

	if (!unpivot && !at_kw(p, SO_KW_pivot))
		return 0;
	ref = so_parse_node(p, SO_N_PIVOT, open_of(p, source));
	node = AS(p, pivot, ref);
	advance(p);
	node->source = source;
	so_parse_expect(p, SO_TOK_LPAREN);
	node->aggregates = so_parse_list(p, unpivot ? pivot_column : so_parse_target);
	so_parse_expect_kw(p, SO_KW_for);
	so_parse_push(p, column(p));
	node->columns = so_parse_take(p, mark);
	so_parse_expect_kw(p, SO_KW_in);
	node->items = so_parse_paren_list(p, pivot_column);
	so_parse_expect(p, SO_TOK_RPAREN);
	node->alias = so_tsql_alias(p);
	if (unpivot)
		set_flag(p, ref, SO_NF_NOT);
	return so_parse_done(p, ref);
}
