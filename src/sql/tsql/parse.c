/* T-SQL: which statement it is, where it ends without a semicolon, and all statements that are only recognised. */
#include "sql/tsql/parse.h"

#include <stdio.h>

/* ---- Where statements begin -------------------------------------------------------------------------------------- */

uint32_t so_tsql_parameters(const struct so_token *tokens, uint32_t count)
{
	int parens = 0;

	if (count < 4 || tokens[0].kind != SO_TOK_LPAREN || tokens[1].kind != SO_TOK_VARIABLE ||
		(tokens[2].kind != SO_TOK_WORD && tokens[2].kind != SO_TOK_QUOTED))
		return 0;
	for (uint32_t i = 0; i + 1 < count; i++) {
		parens += tokens[i].kind == SO_TOK_LPAREN;
		parens -= tokens[i].kind == SO_TOK_RPAREN;
		if (!parens)
			return i + 1;
	}
	return count - 1;
}

/* GO, maybe with a number; in front of all, the parameters of a cached text. */
static so_ref separator(struct parse *p)
{
	uint32_t first = p->pos;

	if (p->lenient && !p->pos)
		so_parse_go_to(p, so_tsql_parameters(p->tok, p->end + 1));
	if (p->pos == first && !accept_kw(p, SO_KW_go))
		return 0;
	accept(p, SO_TOK_INT);
	return so_tsql_opaque(p, first, "go", SO_CLASS_READ, so_parse_mark(p));
}

static bool ends_line(const struct parse *p, const struct so_token *token)
{
	const char *text = so_parse_token_text(p, token) - 1;

	if (token == p->tok)
		return true;
	for (const struct so_token *before = token - 1; text >= so_parse_token_text(p, before) + before->len; text--)
		if (*text == '\n')
			return true;
	return false;
}

bool so_tsql_at_go(const struct parse *p)
{
	return at_kw(p, SO_KW_go);
}

/* Words that begin nothing but statements: they are reserved. */
static bool is_verb(enum so_kw word)
{
	switch (word) {
	case SO_KW_select:
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
	case SO_KW_declare:
	case SO_KW_exec:
	case SO_KW_execute:
	case SO_KW_create:
	case SO_KW_alter:
	case SO_KW_drop:
	case SO_KW_print:
	case SO_KW_truncate:
	case SO_KW_use:
	case SO_KW_dbcc:
	case SO_KW_if:
	case SO_KW_while:
	case SO_KW_begin:
	case SO_KW_end:
	case SO_KW_else:
	case SO_KW_return:
	case SO_KW_raiserror:
	case SO_KW_go:
	case SO_KW_grant:
	case SO_KW_deny:
	case SO_KW_revoke:
	case SO_KW_backup:
	case SO_KW_restore:
	case SO_KW_kill:
	case SO_KW_commit:
	case SO_KW_rollback:
	case SO_KW_save:
	case SO_KW_open:
	case SO_KW_close:
	case SO_KW_fetch:
	case SO_KW_deallocate:
	case SO_KW_waitfor:
	case SO_KW_goto:
	case SO_KW_break:
	case SO_KW_continue:
	case SO_KW_checkpoint:
	case SO_KW_reconfigure:
	case SO_KW_shutdown:
	case SO_KW_revert:
	case SO_KW_setuser:
	case SO_KW_bulk:
	case SO_KW_readtext:
	case SO_KW_writetext:
	case SO_KW_updatetext:
	case SO_KW_set:
		return true;
	default:
		return false;
	}
}

bool so_tsql_at_statement(const struct parse *p)
{
	if (at(p, SO_TOK_WORD) && peek_at(p, 1)->kind == SO_TOK_COLON && ends_line(p, peek(p)))
		return true;
	if (at_kw(p, SO_KW_throw))
		return ends_line(p, peek(p));
	return is_verb(kw(p));
}

bool so_tsql_at_statement_end(const struct parse *p)
{
	return at_end(p) || at(p, SO_TOK_SEMICOLON) || at(p, SO_TOK_RPAREN) || so_tsql_at_statement(p);
}

/* ---- Statements that are not looked into --------------------------------------------------------------------------
 */

so_ref so_tsql_opaque(struct parse *p, uint32_t first, const char *verb, enum so_statement_class cls, size_t mark)
{
	struct so_list parts = so_parse_take(p, mark);
	so_ref ref = so_parse_node(p, SO_N_OPAQUE, first);

	NEW(p, opaque, ref)->cls = cls;
	AS(p, opaque, ref)->verb = so_parse_made_name(p, verb);
	AS(p, opaque, ref)->parts = parts;
	return ref;
}

/* After these words a verb is a permission, an event or an option. */
static bool takes_verb(const struct so_token *token)
{
	switch (kw_of(token)) {
	case SO_KW_for:
	case SO_KW_after:
	case SO_KW_as:
	case SO_KW_on:
	case SO_KW_add:
	case SO_KW_with:
	case SO_KW_of:
	case SO_KW_to:
	case SO_KW_grant:
	case SO_KW_deny:
	case SO_KW_revoke:
	case SO_KW_option:
	case SO_KW_database:
	case SO_KW_before:
	case SO_KW_bulk:
	case SO_KW_insert:
		return true;
	default:
		return token->kind == SO_TOK_COMMA || (token->kind == SO_TOK_OP && token->kw == SO_OP_EQ);
	}
}

/* Whether the next statement begins here, in one whose own words may be verbs: they do not begin a line, except in the
 * statements that are told by their second word. */
static bool at_next(const struct parse *p, uint32_t first)
{
	const struct so_token *token = peek(p);

	if (p->pos <= first || !is_verb(kw(p)) || takes_verb(token - 1))
		return false;
	if (at_kw(p, SO_KW_go))
		return true;
	switch (kw_of(&p->tok[first])) {
	case SO_KW_alter:
	case SO_KW_create:
		return ends_line(p, token) && !at_kw(p, SO_KW_set) && !at_kw(p, SO_KW_begin) && !at_kw(p, SO_KW_end) &&
		       p->pos > first + 2;
	case SO_KW_drop:
		return !at_kw(p, SO_KW_if) || ends_line(p, token);
	default:
		return true;
	}
}

/* The tokens up to the next statement, with balanced parentheses. */
static void skip(struct parse *p)
{
	uint32_t first = p->pos;
	unsigned parens = 0;

	for (; !at_end(p); advance(p)) {
		if (at(p, SO_TOK_LPAREN)) {
			parens++;
		} else if (at(p, SO_TOK_RPAREN)) {
			if (!parens)
				return;
			parens--;
		} else if (!parens && (at(p, SO_TOK_SEMICOLON) || at_next(p, first))) {
			return;
		}
	}
	if (parens)
		so_parse_unexpected(p);
}

/* GRANT permissions ON object TO principals WITH GRANT OPTION: the verbs among the permissions end nothing. */
static void skip_permission(struct parse *p)
{
	unsigned parens = 0;

	advance(p);
	if (at_kw(p, SO_KW_grant) && kw_at(p, 1) == SO_KW_option)
		so_parse_move(p, 2);
	for (; !at_end(p) && !at(p, SO_TOK_SEMICOLON) && !at_kw(p, SO_KW_go); advance(p)) {
		parens += at(p, SO_TOK_LPAREN);
		parens -= at(p, SO_TOK_RPAREN) && parens;
		if (!parens && (at_kw(p, SO_KW_to) || at_kw(p, SO_KW_from)))
			break;
	}
	if (!at_kw(p, SO_KW_to) && !at_kw(p, SO_KW_from))
		so_parse_unexpected(p);
	while (!at_end(p)) {
		advance(p);
		if (at_kw(p, SO_KW_grant) && kw_at(p, 1) == SO_KW_option)
			so_parse_move(p, 2);
		if (so_tsql_at_statement_end(p))
			break;
	}
}

static so_ref skipped(struct parse *p, const char *verb, enum so_statement_class cls)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);

	if (at_kw(p, SO_KW_grant) || at_kw(p, SO_KW_revoke) || at_kw(p, SO_KW_deny))
		skip_permission(p);
	else
		skip(p);
	return so_tsql_opaque(p, first, verb, cls, mark);
}

/* The verb with the words behind it that tell the object: "create login". */
static so_ref other_object(struct parse *p)
{
	uint32_t n = 1;
	const char *verb = so_keywords[kw(p)].name;
	struct so_text object;
	char text[64];

	if (kw_at(p, 1) == SO_KW_or && kw_at(p, 2) == SO_KW_alter)
		n = 3;
	if (peek_at(p, n)->kind != SO_TOK_WORD) {
		advance(p);
		so_parse_unexpected(p);
		return 0;
	}
	object = (struct so_text){ so_parse_token_text(p, peek_at(p, n)), peek_at(p, n)->len };
	snprintf(text, sizeof text, "%.20s %.*s", verb, object.len > 40 ? 40 : (int)object.len, object.s);
	for (char *c = text; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	return skipped(p, text, SO_CLASS_DDL);
}

/* END CONVERSATION, GET CONVERSATION GROUP, MOVE CONVERSATION, ADD SIGNATURE ...: words that begin a statement only
 * with the one behind them. */
static so_ref two_words(struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_end:
		return kw_at(p, 1) == SO_KW_conversation ? skipped(p, "end conversation", SO_CLASS_WRITE) : 0;
	case SO_KW_get:
		return kw_at(p, 1) == SO_KW_conversation ? skipped(p, "get conversation", SO_CLASS_WRITE) : 0;
	case SO_KW_move:
		return kw_at(p, 1) == SO_KW_conversation ? skipped(p, "move conversation", SO_CLASS_WRITE) : 0;
	case SO_KW_send:
		return kw_at(p, 1) == SO_KW_on ? skipped(p, "send", SO_CLASS_WRITE) : 0;
	case SO_KW_receive:
		return skipped(p, "receive", SO_CLASS_WRITE);
	case SO_KW_add:
		return skipped(p, "add signature", SO_CLASS_DDL);
	case SO_KW_enable:
		return kw_at(p, 1) == SO_KW_trigger ? skipped(p, "enable trigger", SO_CLASS_DDL) : 0;
	case SO_KW_disable:
		return kw_at(p, 1) == SO_KW_trigger ? skipped(p, "disable trigger", SO_CLASS_DDL) : 0;
	default:
		return 0;
	}
}

static so_ref recognised(struct parse *p)
{
	enum so_kw word = kw(p);

	if (!so_verbs_tsql[word].known)
		return 0;
	if (word == SO_KW_create || word == SO_KW_alter || word == SO_KW_drop)
		return other_object(p);
	return skipped(p, so_keywords[word].name, so_verbs_tsql[word].cls);
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

/* The first statement of a batch may call a procedure by its name alone. */
static bool at_bare_call(const struct parse *p)
{
	const struct so_token *before = p->pos ? peek(p) - 1 : NULL;

	if (before && !(kw_of(before) == SO_KW_go || (before->kind == SO_TOK_INT && kw_of(before - 1) == SO_KW_go)))
		return false;
	return so_parse_is_name(p, peek(p), SO_USE_COLUMN) || at(p, SO_TOK_DOT) || at(p, SO_TOK_DOTS);
}

so_ref so_tsql_statement(struct parse *p)
{
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_insert: /* INSERT BULK is what clients of bulk copies send */
		return kw_at(p, 1) == SO_KW_bulk ? skipped(p, "insert bulk", SO_CLASS_WRITE) : 0;
	case SO_KW_select:
	case SO_KW_with:
	case SO_KW_delete:
	case SO_KW_merge:
		return 0; /* the shared rules */
	case SO_KW_update:
		return kw_at(p, 1) == SO_KW_statistics ? so_tsql_ddl(p) : 0;
	case SO_KW_create:
	case SO_KW_alter:
	case SO_KW_drop:
	case SO_KW_truncate:
		ref = so_tsql_routine(p);
		if (!ref && !p->failed)
			ref = so_tsql_ddl(p);
		return ref || p->failed ? ref : recognised(p);
	default:
		break;
	}
	if (at(p, SO_TOK_LPAREN))
		return 0;
	ref = two_words(p);
	if (!ref && !p->failed)
		ref = so_tsql_flow(p);
	if (ref || p->failed)
		return ref;
	if (at_bare_call(p))
		return so_tsql_execute(p);
	ref = recognised(p);
	if (!ref)
		so_parse_unexpected(p);
	return ref;
}

const struct so_rules so_rules_tsql = {
	.verbs = so_verbs_tsql,
	.at_statement = so_tsql_at_statement,
	.statement = so_tsql_statement,
	.primary = so_tsql_primary,
	.suffix = so_tsql_suffix,
	.from_item = so_tsql_from_item,
	.from_suffix = so_tsql_from_suffix,
	.alias = so_tsql_alias,
	.type = so_tsql_type,
	.select = so_tsql_select,
	.target = so_tsql_target,
	.condition = so_tsql_condition,
	.tail = so_tsql_tail,
	.dml = so_tsql_dml,
	.separator = separator,
};
