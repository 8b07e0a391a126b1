/* What only Oracle has: which statement begins, and the rules that the shared ones ask. */
#include "sql/oracle/oracle.h"

/* A line with nothing but a slash, behind a unit of PL/SQL. */
static bool accept_slash(struct parse *p)
{
	if (!at_op(p, SO_OP_DIV))
		return false;
	advance(p);
	return true;
}

static so_ref with_statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with = so_oracle_with(p);

	if (at_kw(p, SO_KW_insert) || at_kw(p, SO_KW_update) || at_kw(p, SO_KW_delete) || at_kw(p, SO_KW_merge))
		return so_oracle_dml(p, with, first);
	return so_parse_query_rest(p, 0, with, first);
}

/* EXPLAIN PLAN [SET STATEMENT_ID = '..'] [INTO t] FOR statement */
static so_ref explain(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, p->pos);

	if (!so_parse_form(p, SO_ORA_explain_plan)) {
		so_parse_unexpected(p);
		return 0;
	}
	AS(p, opaque, ref)->cls = SO_CLASS_UTILITY;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, "explain");
	if (so_parse_enter(p))
		AS(p, opaque, ref)->inner = so_parse_statement(p);
	so_parse_leave(p);
	return so_parse_done(p, ref);
}

static bool at_call(const struct parse *p)
{
	uint32_t n = 0;

	if (!so_parse_is_name(p, peek(p), SO_USE_FUNC))
		return false;
	while (peek_at(p, n + 1)->kind == SO_TOK_DOT)
		n += 2;
	return peek_at(p, n + 1)->kind == SO_TOK_LPAREN ||
	       (n && (peek_at(p, n + 1)->kind == SO_TOK_END || peek_at(p, n + 1)->kind == SO_TOK_SEMICOLON));
}

/* ADMINISTER KEY MANAGEMENT .. */
static so_ref administer(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	if (!so_parse_form(p, SO_ORA_administer))
		return 0;
	ref = so_parse_node(p, SO_N_OPAQUE, first);
	NEW(p, opaque, ref)->cls = SO_CLASS_DDL;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, "administer");
	return ref;
}

static so_ref one_statement(struct parse *p)
{
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_values:
		return so_parse_query(p);
	case SO_KW_with:
		return with_statement(p);
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
		return so_oracle_dml(p, 0, p->pos);
	case SO_KW_explain:
		return explain(p);
	default:
		break;
	}
	if (at(p, SO_TOK_LPAREN))
		return so_parse_query(p);
	if (so_plsql_at_block(p))
		return so_plsql_block(p);
	ref = so_parse_at_word(p, 0, "administer") ? administer(p) : so_oracle_ddl(p);
	if (!ref && !p->failed && at_call(p))
		ref = so_plsql_call(p);
	return ref;
}

/* Units of PL/SQL may follow each other, with slashes between them. */
static so_ref statement(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref = one_statement(p), blockref;
	bool unit = so_ast_kind(p->ast, ref) == SO_N_OPAQUE, slash;

	if (p->depth || !ref || p->failed)
		return ref;
	so_parse_push(p, ref);
	for (;;) {
		uint32_t before = p->pos;

		while (accept(p, SO_TOK_SEMICOLON))
			;
		slash = accept_slash(p);
		if (at_end(p) || p->failed || !(slash || unit)) {
			if (!slash && !p->failed && !at_end(p))
				so_parse_go_to(p, before);
			break;
		}
		if (at(p, SO_TOK_SEMICOLON) || at_op(p, SO_OP_DIV))
			continue;
		ref = one_statement(p);
		if (!ref && !p->failed)
			ref = so_parse_opaque(p);
		unit = so_ast_kind(p->ast, ref) == SO_N_OPAQUE;
		so_parse_push(p, ref);
	}
	struct so_list statements = so_parse_take(p, mark);

	if (statements.count == 1)
		return so_list_get(p->ast, statements, 0);
	blockref = so_parse_node(p, SO_N_BLOCK, first);
	NEW(p, block, blockref)->statements = statements;
	return blockref;
}

const struct so_rules so_rules_oracle = {
	.statement = statement,
	.primary = so_oracle_primary,
	.suffix = so_oracle_suffix,
	.from = so_oracle_from,
	.select = so_oracle_select,
	.with = so_oracle_with,
	.query_tail = so_oracle_query_tail,
	.type = so_oracle_type,
	.is_test = so_oracle_is_test,
	.word_level = so_oracle_word_level,
	.word_operator = so_oracle_word_operator,
	.form_value = so_oracle_form_value,
	.forms = &so_ora_forms,
	.verbs = so_verbs_oracle,
};
