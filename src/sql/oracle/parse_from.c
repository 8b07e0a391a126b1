/* FROM of Oracle: tables with partitions, links and time travel, PIVOT and relatives, joins and APPLY. */
#include "sql/oracle/oracle.h"

/* NESTED x COLUMNS (..), a short form of JSON_TABLE */
static bool at_nested(const struct parse *p)
{
	if (!so_parse_at_word(p, 0, "nested"))
		return false;
	for (uint32_t n = 1; n < 32 && peek_at(p, n)->kind != SO_TOK_END; n++) {
		enum so_tok kind = (enum so_tok)peek_at(p, n)->kind;

		if (so_parse_at_word(p, n, "columns"))
			return n > 1;
		if (kind == SO_TOK_COMMA || kind == SO_TOK_RPAREN || kind == SO_TOK_SEMICOLON)
			return false;
	}
	return false;
}

/* Words that go on after a table, although they are no reserved ones. */
static bool at_follower(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_versions:
	case SO_KW_model:
	case SO_KW_sample:
	case SO_KW_partition:
	case SO_KW_subpartition:
		return true;
	case SO_KW_log:
		return so_parse_at_word(p, 1, "errors");
	default:
		return so_parse_at_word(p, 0, "error_logging") || at_nested(p) ||
		       (so_parse_at_word(p, 0, "external") && so_parse_at_word(p, 1, "modify"));
	}
}

static so_ref alias_clause(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	/* no AS in front of it, unlike everywhere else */
	if (!so_parse_is_name(p, peek(p), SO_USE_BARE_LABEL) || at_follower(p))
		return 0;
	ref = so_parse_node(p, SO_N_ALIAS, first);
	AS(p, alias, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	if (at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind != SO_TOK_OP)
		AS(p, alias, ref)->columns = so_parse_name_list(p);
	return so_parse_done(p, ref);
}

static so_ref table_extra(struct parse *p)
{
	if (at(p, SO_TOK_AT))
		return so_parse_form(p, SO_ORA_database_link);
	switch (kw(p)) {
	case SO_KW_partition:
	case SO_KW_subpartition:
		return so_parse_form(p, SO_ORA_partition_extension);
	case SO_KW_as:
	case SO_KW_versions:
		return so_parse_form(p, SO_ORA_flashback);
	case SO_KW_sample:
		return so_parse_form(p, SO_ORA_sample);
	default:
		return so_parse_at_word(p, 0, "external") && so_parse_at_word(p, 1, "modify")
			       ? so_parse_form(p, SO_ORA_external_modify)
			       : 0;
	}
}

static struct so_list table_extras(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		so_ref extra = table_extra(p);

		if (!extra || p->failed)
			break;
		so_parse_push(p, extra);
	}
	return so_parse_take(p, mark);
}

so_ref so_oracle_table_name(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE, p->pos);

	AS(p, table, ref)->qualifier = so_parse_qualified(p, &AS(p, table, ref)->name);
	if (at(p, SO_TOK_AT) || at_kw(p, SO_KW_partition) || at_kw(p, SO_KW_subpartition))
		so_set_rare(p->ast, table, AS(p, table, ref), extra, table_extras(p));
	return so_parse_done(p, ref);
}

static so_ref table_item(struct parse *p)
{
	so_ref ref;

	if (so_parse_at_word(p, 0, "only") && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		uint32_t first = p->pos;

		so_parse_move(p, 2);
		if (so_parse_starts_query(p, 0)) {
			ref = so_parse_node(p, SO_N_FROM_QUERY, first);
			AS(p, from_query, ref)->query = so_parse_query(p);
		} else {
			ref = so_oracle_table_name(p);
		}
		so_parse_begin_at(p, ref, first);
		set_flag(p, ref, SO_NF_ONLY);
		so_parse_expect(p, SO_TOK_RPAREN);
		return so_parse_done(p, ref);
	}
	ref = so_parse_node(p, SO_N_TABLE, p->pos);
	AS(p, table, ref)->qualifier = so_parse_qualified(p, &AS(p, table, ref)->name);
	if (at(p, SO_TOK_AT) || at(p, SO_TOK_WORD))
		so_set_rare(p->ast, table, AS(p, table, ref), extra, table_extras(p));
	return so_parse_done(p, ref);
}

static so_ref func_item(struct parse *p, unsigned form)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_FUNC, p->pos);
	size_t mark = so_parse_mark(p);

	so_parse_push(p, form ? so_parse_form(p, form) : so_parse_c_expr(p));
	AS(p, from_func, ref)->funcs = so_parse_take(p, mark);
	if (!AS(p, from_func, ref)->funcs.count)
		so_parse_unexpected(p);
	if (at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind == SO_TOK_OP && peek_at(p, 2)->kind == SO_TOK_RPAREN) {
		so_parse_move(p, 3);
		set_flag(p, ref, SO_NF_OUTER);
	}
	return so_parse_done(p, ref);
}

static bool at_function(const struct parse *p)
{
	uint32_t n = 0;

	while (peek_at(p, n + 1)->kind == SO_TOK_DOT)
		n += 2;
	return peek_at(p, n + 1)->kind == SO_TOK_LPAREN &&
	       (peek_at(p, n)->kind == SO_TOK_QUOTED || peek_at(p, n)->kind == SO_TOK_WORD) &&
	       (n || so_parse_is_name(p, peek(p), SO_USE_FUNC) || at_kw(p, SO_KW_table));
}

static so_ref joins(struct parse *p, so_ref left);
static so_ref clauses(struct parse *p, so_ref ref, uint32_t first);

static so_ref query_item(struct parse *p, so_ref query, uint32_t first)
{
	so_ref ref = so_parse_node(p, SO_N_FROM_QUERY, first);

	NEW(p, from_query, ref)->query = query;
	return ref;
}

/* Subquery or joins in parentheses: a query (its parenthesis closed), or an item. */
static so_ref paren(struct parse *p)
{
	so_ref inner;

	if (!so_parse_enter(p)) {
		so_parse_leave(p);
		return 0;
	}
	advance(p);
	if (so_parse_starts_query(p, 0) && at(p, SO_TOK_LPAREN)) {
		uint32_t start = p->pos;

		inner = paren(p);
		if (!so_kind_is_query(so_ast_kind(p->ast, inner)))
			inner = joins(p, clauses(p, inner, start));
		else if (so_parse_continues_query(p))
			inner = so_parse_query_rest(p, inner, 0, start);
		else if (!at(p, SO_TOK_RPAREN))
			inner = joins(p, clauses(p, query_item(p, inner, start), start));
	} else if (so_parse_starts_query(p, 0)) {
		inner = so_parse_query(p);
		if (at_kw(p, SO_KW_with) && inner)
			so_set_rare(p->ast, query, so_as_query(p->ast, inner), format,
				so_parse_form(p, SO_ORA_query_restriction));
	} else {
		inner = so_oracle_from(p);
	}
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_leave(p);
	add_parens(p, inner);
	return inner;
}

static so_ref base_item(struct parse *p)
{
	uint32_t first = p->pos;
	bool lateral = at_kw(p, SO_KW_lateral) && peek_at(p, 1)->kind == SO_TOK_LPAREN;
	so_ref ref;

	if (lateral)
		advance(p);
	if (at(p, SO_TOK_LPAREN)) {
		ref = paren(p);
		if (so_kind_is_query(so_ast_kind(p->ast, ref)))
			ref = query_item(p, ref, first);
		if (lateral)
			set_flag(p, ref, SO_NF_LATERAL);
		return ref;
	}
	if (so_parse_at_word(p, 0, "external") && peek_at(p, 1)->kind == SO_TOK_LPAREN)
		return func_item(p, SO_ORA_inline_external);
	if (so_parse_at_word(p, 0, "graph_table") && peek_at(p, 1)->kind == SO_TOK_LPAREN)
		return func_item(p, SO_ORA_graph_table);
	if (so_parse_at_word(p, 0, "analytic") && so_parse_at_word(p, 1, "view") &&
		peek_at(p, 2)->kind == SO_TOK_LPAREN)
		return func_item(p, SO_ORA_inline_analytic_view);
	if (so_parse_at_word(p, 0, "only") && peek_at(p, 1)->kind == SO_TOK_LPAREN)
		return table_item(p);
	return at_function(p) ? func_item(p, 0) : table_item(p);
}

static void set_alias(struct parse *p, so_ref ref, so_ref alias)
{
	if (!alias)
		return;
	switch (so_ast_kind(p->ast, ref)) {
	case SO_N_TABLE:
		AS(p, table, ref)->alias = alias;
		break;
	case SO_N_FROM_QUERY:
		AS(p, from_query, ref)->alias = alias;
		break;
	case SO_N_FROM_FUNC:
		AS(p, from_func, ref)->alias = alias;
		break;
	case SO_N_FROM_CLAUSE:
		AS(p, from_clause, ref)->alias = alias;
		break;
	case SO_N_JOIN:
		AS(p, join, ref)->alias = alias;
		break;
	default:
		so_parse_unexpected(p);
	}
	so_parse_done(p, ref);
}

static so_ref row_clause(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_pivot:
		return so_parse_form(p, SO_ORA_pivot);
	case SO_KW_unpivot:
		return so_parse_form(p, SO_ORA_unpivot);
	case SO_KW_match_recognize:
		return so_parse_form(p, SO_ORA_match_recognize);
	default:
		return at_nested(p) ? so_parse_form(p, SO_ORA_nested) : 0;
	}
}

/* What follows an item: its alias, PIVOT and the like. */
static so_ref clauses(struct parse *p, so_ref ref, uint32_t first)
{
	so_ref clause, outer;

	/* a subquery, too, may be seen as of a time */
	if (so_ast_kind(p->ast, ref) == SO_N_FROM_QUERY || so_ast_kind(p->ast, ref) == SO_N_FROM_FUNC) {
		clause = (at_kw(p, SO_KW_as) && kw_at(p, 1) == SO_KW_of) || at_kw(p, SO_KW_versions) ||
					 at_kw(p, SO_KW_sample)
				 ? table_extra(p)
				 : 0;
		if (clause) {
			outer = so_parse_node(p, SO_N_FROM_CLAUSE, first);
			NEW(p, from_clause, outer)->item = ref;
			NEW(p, from_clause, outer)->clause = clause;
			ref = outer;
		}
	}
	for (;;) {
		unsigned depth = p->depth;

		set_alias(p, ref, alias_clause(p));
		clause = row_clause(p);
		if (!clause || !so_parse_enter(p)) {
			p->depth = depth;
			return ref;
		}
		outer = so_parse_node(p, SO_N_FROM_CLAUSE, first);
		NEW(p, from_clause, outer)->item = ref;
		NEW(p, from_clause, outer)->clause = clause;
		ref = outer;
		p->depth = depth;
	}
}

static so_ref from_item(struct parse *p)
{
	uint32_t first = p->pos;

	return clauses(p, base_item(p), first);
}

/* ---- Joins ------------------------------------------------------------------------------------------------------ */

static struct so_list join_partition(struct parse *p)
{
	struct so_list none = { 0, 0 };

	if (!at_kw(p, SO_KW_partition) || kw_at(p, 1) != SO_KW_by)
		return none;
	so_parse_move(p, 2);
	if (at(p, SO_TOK_LPAREN))
		return so_parse_paren_list(p, so_parse_expr);
	return so_parse_list(p, so_parse_expr);
}

struct join_words {
	enum so_join_type type;
	bool natural, conditional, apply;
};

/* The words of a join up to JOIN or APPLY; false, with nothing read, when none follows. */
static bool join_words(struct parse *p, struct join_words *join)
{
	*join = (struct join_words){ SO_JOIN_INNER, false, true, false };
	if (at_kw(p, SO_KW_cross) || at_kw(p, SO_KW_outer)) {
		bool cross = at_kw(p, SO_KW_cross);

		join->type = cross ? SO_JOIN_CROSS : SO_JOIN_LEFT;
		join->conditional = false;
		advance(p);
		join->apply = accept_kw(p, SO_KW_apply);
		if (!join->apply && cross)
			so_parse_expect_kw(p, SO_KW_join);
		else if (!join->apply)
			so_parse_unexpected(p);
		return true;
	}
	if (accept_kw(p, SO_KW_natural)) {
		join->natural = true;
		join->conditional = false;
	}
	if (!accept_kw(p, SO_KW_inner)) {
		join->type = accept_kw(p, SO_KW_left)    ? SO_JOIN_LEFT
			     : accept_kw(p, SO_KW_right) ? SO_JOIN_RIGHT
			     : accept_kw(p, SO_KW_full)  ? SO_JOIN_FULL
							 : SO_JOIN_INNER;
		if (join->type != SO_JOIN_INNER)
			accept_kw(p, SO_KW_outer);
	} else {
		so_parse_expect_kw(p, SO_KW_join);
		return true;
	}
	if (accept_kw(p, SO_KW_join))
		return true;
	if (join->natural || join->type != SO_JOIN_INNER)
		so_parse_unexpected(p);
	return false;
}

static so_ref join_one(struct parse *p, so_ref left, struct join_words words, struct so_list partition)
{
	so_ref right = from_item(p), ref;
	struct so_list behind = join_partition(p);
	struct join_words inner;

	if (words.conditional && so_parse_enter(p))
		while (!at_kw(p, SO_KW_on) && !at_kw(p, SO_KW_using) && join_words(p, &inner))
			right = join_one(p, right, inner, (struct so_list){ 0, 0 });
	if (words.conditional)
		so_parse_leave(p);
	ref = so_parse_node(p, SO_N_JOIN, open_of(p, left));
	NEW(p, join, ref)->type = words.type;
	NEW(p, join, ref)->left = left;
	NEW(p, join, ref)->right = right;
	NEW(p, join, ref)->partition = partition;
	NEW(p, join, ref)->right_partition = behind;
	if (words.apply)
		set_flag(p, ref, SO_NF_LATERAL);
	if (words.natural)
		set_flag(p, ref, SO_NF_NATURAL);
	if (words.conditional && accept_kw(p, SO_KW_on))
		AS(p, join, ref)->on = so_parse_expr(p);
	else if (words.conditional && accept_kw(p, SO_KW_using))
		AS(p, join, ref)->columns = so_parse_name_list(p);
	return so_parse_done(p, ref);
}

static so_ref joins(struct parse *p, so_ref left)
{
	struct join_words words;

	while (left && !p->failed) {
		struct so_list partition = join_partition(p);

		if (!join_words(p, &words)) {
			if (partition.count)
				so_parse_unexpected(p);
			break;
		}
		left = join_one(p, left, words, partition);
		/* PIVOT behind the condition is one of all that was joined */
		if (at_kw(p, SO_KW_pivot) || at_kw(p, SO_KW_unpivot))
			left = clauses(p, left, open_of(p, left));
	}
	return left;
}

so_ref so_oracle_from(struct parse *p)
{
	return joins(p, from_item(p));
}

so_ref so_oracle_target(struct parse *p)
{
	bool table = !at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind != SO_TOK_LPAREN;
	so_ref ref;

	/* the parenthesis behind a table is a list of columns, but TABLE (..) and THE (..) are collections */
	if (!at(p, SO_TOK_LPAREN) && !table && !at_kw(p, SO_KW_table) && !at_kw(p, SO_KW_the) &&
		!so_parse_at_word(p, 0, "only"))
		table = true;
	ref = table ? so_oracle_table_name(p) : base_item(p);
	if (!at_kw(p, SO_KW_set) && !at_kw(p, SO_KW_using) && !at_kw(p, SO_KW_values) && kw(p) != SO_KW_return &&
		!at_kw(p, SO_KW_returning))
		set_alias(p, ref, alias_clause(p));
	return ref;
}
