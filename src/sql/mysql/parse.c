/* Which statement of MySQL and MariaDB goes to which rule. */
#include "sql/mysql/parse.h"

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

so_ref so_my_opaque(struct parse *p, enum so_statement_class cls, const char *verb, enum so_my_form form)
{
	uint32_t first = p->pos;
	so_ref phrase = so_parse_form(p, form), ref;
	size_t mark = so_parse_mark(p);

	if (!phrase) {
		so_parse_unexpected(p);
		return 0;
	}
	ref = so_parse_node(p, SO_N_OPAQUE, first);
	NEW(p, opaque, ref)->cls = cls;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, verb);
	push_values(p, phrase);
	AS(p, opaque, ref)->parts = so_parse_take(p, mark);
	return ref;
}

/* By the first word. */
static const struct {
	uint8_t cls; /* enum so_statement_class */
	uint16_t form, maria; /* the form, and that of MariaDB */
} utilities[SO_KW_MAX] = {
	[SO_KW_do] = { SO_CLASS_WRITE, SO_MY_do, SO_MY_do },
	[SO_KW_call] = { SO_CLASS_WRITE, SO_MY_call, SO_MY_call },
	[SO_KW_handler] = { SO_CLASS_UTILITY, SO_MY_handler, SO_MY_handler },
	[SO_KW_load] = { SO_CLASS_WRITE, SO_MY_load, SO_MY_load },
	[SO_KW_analyze] = { SO_CLASS_UTILITY, SO_MY_analyze, SO_MY_analyze_maria },
	[SO_KW_optimize] = { SO_CLASS_UTILITY, SO_MY_optimize, SO_MY_optimize },
	[SO_KW_repair] = { SO_CLASS_UTILITY, SO_MY_repair, SO_MY_repair },
	[SO_KW_check] = { SO_CLASS_UTILITY, SO_MY_check, SO_MY_check },
	[SO_KW_checksum] = { SO_CLASS_UTILITY, SO_MY_checksum, SO_MY_checksum },
	[SO_KW_cache] = { SO_CLASS_UTILITY, SO_MY_cache, SO_MY_cache },
	[SO_KW_rename] = { SO_CLASS_DDL, SO_MY_rename, SO_MY_rename },
	[SO_KW_use] = { SO_CLASS_UTILITY, SO_MY_use, SO_MY_use },
	[SO_KW_start] = { SO_CLASS_UTILITY, SO_MY_start, SO_MY_start },
	[SO_KW_stop] = { SO_CLASS_UTILITY, SO_MY_stop, SO_MY_stop },
	[SO_KW_commit] = { SO_CLASS_UTILITY, SO_MY_commit, SO_MY_commit },
	[SO_KW_rollback] = { SO_CLASS_UTILITY, SO_MY_rollback, SO_MY_rollback },
	[SO_KW_savepoint] = { SO_CLASS_UTILITY, SO_MY_savepoint, SO_MY_savepoint },
	[SO_KW_release] = { SO_CLASS_UTILITY, SO_MY_release, SO_MY_release },
	[SO_KW_lock] = { SO_CLASS_UTILITY, SO_MY_lock, SO_MY_lock },
	[SO_KW_unlock] = { SO_CLASS_UTILITY, SO_MY_unlock, SO_MY_unlock },
	[SO_KW_prepare] = { SO_CLASS_UTILITY, SO_MY_prepare, SO_MY_prepare },
	[SO_KW_execute] = { SO_CLASS_UTILITY, SO_MY_execute, SO_MY_execute },
	[SO_KW_deallocate] = { SO_CLASS_UTILITY, SO_MY_deallocate, SO_MY_deallocate },
	[SO_KW_kill] = { SO_CLASS_UTILITY, SO_MY_kill, SO_MY_kill },
	[SO_KW_help] = { SO_CLASS_UTILITY, SO_MY_help, SO_MY_help },
	[SO_KW_install] = { SO_CLASS_UTILITY, SO_MY_install, SO_MY_install },
	[SO_KW_uninstall] = { SO_CLASS_UTILITY, SO_MY_uninstall, SO_MY_uninstall },
	[SO_KW_binlog] = { SO_CLASS_UTILITY, SO_MY_binlog, SO_MY_binlog },
	[SO_KW_purge] = { SO_CLASS_UTILITY, SO_MY_purge, SO_MY_purge },
	[SO_KW_change] = { SO_CLASS_UTILITY, SO_MY_change, SO_MY_change },
	[SO_KW_xa] = { SO_CLASS_UTILITY, SO_MY_xa, SO_MY_xa },
	[SO_KW_shutdown] = { SO_CLASS_UTILITY, SO_MY_shutdown, SO_MY_shutdown },
	[SO_KW_restart] = { SO_CLASS_UTILITY, SO_MY_restart, SO_MY_restart },
	[SO_KW_clone] = { SO_CLASS_UTILITY, SO_MY_clone, SO_MY_clone },
	[SO_KW_signal] = { SO_CLASS_UTILITY, SO_MY_signal, SO_MY_signal },
	[SO_KW_resignal] = { SO_CLASS_UTILITY, SO_MY_resignal, SO_MY_resignal },
	[SO_KW_get] = { SO_CLASS_UTILITY, SO_MY_get, SO_MY_get },
	[SO_KW_flush] = { SO_CLASS_UTILITY, SO_MY_flush, SO_MY_flush },
	[SO_KW_reset] = { SO_CLASS_UTILITY, SO_MY_reset, SO_MY_reset },
	[SO_KW_import] = { SO_CLASS_WRITE, SO_MY_import, SO_MY_import },
	[SO_KW_backup] = { SO_CLASS_UTILITY, SO_MY_backup, SO_MY_backup },
	[SO_KW_set] = { SO_CLASS_UTILITY, SO_MY_set, SO_MY_set_maria },
	[SO_KW_show] = { SO_CLASS_READ, SO_MY_show, SO_MY_show },
	[SO_KW_grant] = { SO_CLASS_DDL, SO_MY_grant_any, SO_MY_grant },
	[SO_KW_revoke] = { SO_CLASS_DDL, SO_MY_revoke_any, SO_MY_revoke },
};

static so_ref utility(struct parse *p)
{
	enum so_kw word = kw(p);
	unsigned form = is_maria(p) ? utilities[word].maria : utilities[word].form;

	return form ? so_my_opaque(p, (enum so_statement_class)utilities[word].cls, so_keywords[word].name,
			      (enum so_my_form)form)
		    : 0;
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

	NEW(p, opaque, ref)->cls = SO_CLASS_UTILITY;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, at_kw(p, SO_KW_analyze) ? "analyze" : "explain");
	if (at_kw(p, SO_KW_analyze))
		set_flag(p, ref, SO_NF_ALL);
	advance(p);
	if (accept_kw(p, SO_KW_analyze)) /* MySQL */
		set_flag(p, ref, SO_NF_ALL);
	(void)so_parse_form(p, SO_MY_explain_kind);
	(void)so_parse_form(p, SO_MY_explain_format);
	(void)so_parse_form(p, SO_MY_explain_into);
	(void)so_parse_form(p, SO_MY_explain_schema);
	if (at_explained(p)) {
		if (so_parse_enter(p))
			AS(p, opaque, ref)->inner = so_parse_statement(p);
		so_parse_leave(p);
	} else if (!so_parse_form(p, SO_MY_explain_connection)) {
		/* DESCRIBE table [column] */
		if (!so_parse_form(p, SO_MY_describe))
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
		return is_maria(p) && (kw_at(p, 1) != SO_KW_table && !so_parse_at_word(p, 1, "tables") &&
					      kw_at(p, 1) != SO_KW_local && kw_at(p, 1) != SO_KW_no_write_to_binlog)
			       ? explain(p)
			       : utility(p);
	case SO_KW_create:
		return so_my_create(p);
	case SO_KW_alter:
		return so_my_alter(p);
	case SO_KW_drop:
		return so_my_drop(p);
	case SO_KW_truncate:
		return so_my_truncate(p);
	case SO_KW_if:
	case SO_KW_while:
	case SO_KW_loop:
	case SO_KW_repeat:
	case SO_KW_case:
	case SO_KW_for:
		return is_maria(p) ? so_my_opaque(p, SO_CLASS_WRITE, so_keywords[kw(p)].name, SO_MY_body) : 0;
	case SO_KW_begin:
		/* BEGIN NOT ATOMIC .. END runs what is inside */
		return so_my_opaque(p, kw_at(p, 1) == SO_KW_not ? SO_CLASS_WRITE : SO_CLASS_UTILITY, "begin",
			is_maria(p) ? SO_MY_begin_maria : SO_MY_begin);
	default:
		return utility(p);
	}
}

/* $C: a type that CAST takes */
static so_ref form_value(struct parse *p, char kind)
{
	return kind == 'C' ? so_my_cast_type(p) : 0;
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
	.form_value = form_value,
	.word_level = so_my_word_level,
	.word_operator = so_my_word_operator,
	.forms = &so_my_forms,
};
