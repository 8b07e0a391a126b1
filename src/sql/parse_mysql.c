/* Which statement of MySQL and MariaDB goes to which rule. */
#include "sql/parse_mysql.h"

#include <stdio.h>

/* ---- Statements that are checked but not kept -------------------------------------------------------------------- */

/* What a form found: values, without the words around them. */
static void push_values(struct parse *p, so_ref phrase)
{
	struct so_list items = AS(p, phrase, phrase)->items;

	for (uint32_t i = 0; i < items.count; i++) {
		so_ref item = so_list_get(p->ast, items, i);

		if (so_ast_kind(p->ast, item) != SO_N_WORD)
			so_parse_push(p, item);
	}
}

so_ref so_my_opaque(struct parse *p, enum so_statement_class cls, const char *verb, const char *form)
{
	uint32_t first = p->pos;
	so_ref phrase = so_parse_named_form(p, form), ref;
	size_t mark = so_parse_mark(p);

	if (!phrase) {
		so_parse_unexpected(p);
		return 0;
	}
	ref = so_parse_node(p, SO_N_OPAQUE, first);
	AS(p, opaque, ref)->cls = cls;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, verb);
	push_values(p, phrase);
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return ref;
}

static const struct {
	enum so_kw word;
	enum so_statement_class cls;
	const char *verb; /* also the name of the form */
} utilities[] = {
	{ SO_KW_NONE, SO_CLASS_UTILITY, NULL },
};

static so_ref utility(struct parse *p)
{
	for (size_t i = 0; i < sizeof utilities / sizeof utilities[0]; i++)
		if (utilities[i].word && at_kw(p, utilities[i].word))
			return so_my_opaque(p, utilities[i].cls, utilities[i].verb, utilities[i].verb);
	return 0;
}

/* ---- EXPLAIN ---------------------------------------------------------------------------------------------------- */

static bool at_explained(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_insert:
	case SO_KW_replace:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_with:
	case SO_KW_table:
	case SO_KW_values:
		return true;
	default:
		return at(p, SO_TOK_LPAREN);
	}
}

static so_ref explain(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, first);

	AS(p, opaque, ref)->cls = SO_CLASS_UTILITY;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, at_kw(p, SO_KW_analyze) ? "analyze" : "explain");
	if (at_kw(p, SO_KW_analyze))
		set_flag(p, ref, SO_NF_ALL);
	advance(p);
	if (accept_kw(p, SO_KW_analyze)) /* MySQL */
		set_flag(p, ref, SO_NF_ALL);
	(void)so_parse_form(p, "extended | partitions | into $a");
	(void)so_parse_form(p, "format = { $n | $s }");
	(void)so_parse_form(p, "into $a");
	(void)so_parse_form(p, "for { schema | database } $n");
	if (at_explained(p)) {
		if (so_parse_enter(p))
			AS(p, opaque, ref)->inner = so_parse_statement(p);
		so_parse_leave(p);
	} else if (!so_parse_form(p, "for connection { $i | $v } | for { $i | $e }")) {
		/* DESCRIBE table [column] */
		if (!so_parse_form(p, "$q [ $n | $s ]"))
			so_parse_unexpected(p);
	}
	return so_parse_done(p, ref);
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

static so_ref with_statement(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref with = so_parse_with(p);

	if (!is_maria(p) && (at_kw(p, SO_KW_update) || at_kw(p, SO_KW_delete)))
		return so_my_dml(p, with, first);
	return so_parse_query_rest(p, 0, with, first);
}

static so_ref statement(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_select:
	case SO_KW_values:
		return 0;
	case SO_KW_table:
		if (is_maria(p))
			so_parse_unexpected(p);
		return 0;
	case SO_KW_with:
		return with_statement(p);
	case SO_KW_insert:
	case SO_KW_replace:
	case SO_KW_update:
	case SO_KW_delete:
		return so_my_dml(p, 0, p->pos);
	case SO_KW_merge:
		so_parse_unexpected(p);
		return 0;
	case SO_KW_explain:
	case SO_KW_describe:
	case SO_KW_desc:
		return explain(p);
	case SO_KW_analyze:
		return is_maria(p) && (kw_at(p, 1) != SO_KW_table && kw_at(p, 1) != SO_KW_local &&
					      kw_at(p, 1) != SO_KW_no_write_to_binlog)
			       ? explain(p)
			       : utility(p);
	default:
		return utility(p);
	}
}

const struct so_rules so_rules_mysql = {
	.verbs = so_verbs_mysql,
	.statement = statement,
	.primary = so_my_primary,
	.suffix = so_my_suffix,
	.from = so_my_from,
	.select = so_my_select,
	.query_tail = so_my_query_tail,
	.values_row = so_my_values_row,
	.type = so_my_type,
	.word_level = so_my_word_level,
	.word_operator = so_my_word_operator,
	.forms = so_my_forms,
	.n_forms = 9,
};
