/* ALTER of tables, views, indexes, sequences, types, domains, schemas, statistics: the forms are in ddl_form.c. */
#include <string.h>

#include "sql/tree/ddl_form.h"
#include "sql/parse/ddl.h"

/* ---- Recognising a form ----------------------------------------------------------------------------------------- */

/* The form's word at `text` against token n; moves `text` behind it. */
static bool same_word(const struct parse *p, uint32_t n, const char **text)
{
	const struct so_token *token = peek_at(p, n);
	const char *word = *text, *end = word;
	const char *read = so_parse_token_text(p, token);
	bool same = token->kind == SO_TOK_WORD;

	/* capital letters and _, which differ from what they are compared with in more than the case */
	for (; *end && *end != ' ' && *end != ']' && *end != '}'; end++)
		same = same && (*end | 0x20) == (*read++ | 0x20);
	*text = end;
	return same && token->len == (size_t)(end - word);
}

/* Whether the first word of a form, if it is one that must be there, has the letter of the current token. */
static bool may_begin(const struct parse *p, const char *text)
{
	return *text < 'A' || *text > 'Z' || (*so_parse_token_text(p, peek(p)) | 0x20) == (*text | 0x20);
}

/* The words up to `close` at token n; the number of words when all are there, else 0. Moves `text` behind `close`. */
static uint32_t group_words(const struct parse *p, uint32_t n, const char **text, char close)
{
	uint32_t count = 0;
	bool all = true;

	while (**text != close) {
		if (**text == ' ')
			++*text;
		all = same_word(p, n + count, text) && all;
		count++;
	}
	++*text;
	return all ? count : 0;
}

/* Whether the operand can start at token n; *fixed: it is one token, what follows may be compared, too. */
static bool operand_starts(const struct parse *p, uint32_t n, char operand, bool *fixed)
{
	const struct so_token *token = peek_at(p, n);
	bool placeholder = p->lenient && token->kind == SO_TOK_PARAM;
	struct parse here;

	*fixed = false;
	switch (operand) {
	case 'n':
	case 'N':
		*fixed = true;
		return so_parse_is_name(p, token, SO_USE_COLUMN);
	case '#':
		*fixed = true;
		return token->kind == SO_TOK_INT || placeholder;
	case 's':
		*fixed = true;
		return so_tok_is_string(token) || placeholder;
	case 'v':
		return kw_of(token) != SO_KW_default;
	case 'c':
		here = *p;
		here.pos = p->pos + n < p->end ? p->pos + n : p->end;
		return so_parse_at_table_constraint(&here);
	case 'i':
		return kw_of(token) == SO_KW_set || kw_of(token) == SO_KW_restart;
	case 'S':
	case 'D':
		return token->kind == SO_TOK_LPAREN;
	case 'B':
		return kw_of(token) == SO_KW_for || kw_of(token) == SO_KW_default;
	default:
		return true;
	}
}

/* Whether the tokens can be this form, as far as words and operands of one token go. */
static bool form_fits(const struct parse *p, const char *text)
{
	uint32_t n = 0;
	bool fixed = true;

	while (*text && fixed) {
		if (*text == ' ') {
			text++;
		} else if (*text == '[') {
			text++;
			n += group_words(p, n, &text, ']');
		} else if (*text == '{') {
			text += 2;
			n += group_words(p, n, &text, '}');
		} else if (*text == '%') {
			if (!operand_starts(p, n, text[1], &fixed))
				return false;
			n++;
			text += 2;
		} else if (!same_word(p, n++, &text)) {
			return false;
		}
	}
	return true;
}

/* ---- Operands --------------------------------------------------------------------------------------------------- */

static struct so_list one_item(struct parse *p, so_ref item)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, item);
	return so_parse_take(p, mark);
}

static so_ref attribute(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = AS(p, column_def, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->type = so_parse_type(p);
	if (accept_kw(p, SO_KW_collate))
		node->collation = so_parse_any_name(p);
	return so_parse_done(p, ref);
}

static so_ref attributes_only(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, p->pos);

	AS(p, constraint, ref)->type = SO_CON_ATTRIBUTES;
	so_parse_constraint_attributes(p, ref);
	return ref;
}

static so_ref identity(struct parse *p)
{
	so_ref ignored = 0;
	struct so_list list = { 0, 0 };

	if (!at_kw(p, SO_KW_generated))
		so_parse_unexpected(p);
	else
		list = so_parse_column_constraints(p, &ignored);
	if (list.count != 1 || AS(p, constraint, so_list_get(p->ast, list, 0))->type != SO_CON_IDENTITY || ignored) {
		so_parse_unexpected(p);
		return 0;
	}
	return so_list_get(p->ast, list, 0);
}

/* SET GENERATED .., SET INCREMENT .., RESTART ..: options with the word SET in their names */
static struct so_list identity_changes(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		uint32_t first = p->pos;

		if (at_kw(p, SO_KW_set) && kw_at(p, 1) == SO_KW_generated) {
			p->pos += 2;
			bool always = accept_kw(p, SO_KW_always);

			if (!always) {
				so_parse_expect_kw(p, SO_KW_by);
				so_parse_expect_kw(p, SO_KW_default);
			}
			so_parse_push(p, so_parse_made_option(p, first,
						 always ? "set generated always" : "set generated by default", 0,
						 SO_OPTION_WORD));
		} else if (at_kw(p, SO_KW_restart)) {
			so_parse_push(p, so_parse_sequence_option(p));
		} else if (at_kw(p, SO_KW_set)) {
			advance(p);
			if (at_kw(p, SO_KW_restart) || at_kw(p, SO_KW_owned) || at_kw(p, SO_KW_as))
				so_parse_unexpected(p);
			so_ref option = so_parse_sequence_option(p);

			if (!option) {
				so_parse_unexpected(p);
				break;
			}
			AS(p, option, option)->change = SO_OPTION_SET;
			so_ast_node(p->ast, option)->first = first + p->first_token;
			so_parse_push(p, option);
		} else {
			break;
		}
	}
	return so_parse_take(p, mark);
}

static void operand(struct parse *p, struct so_n_alter_action *node, char which)
{
	switch (which) {
	case 'n':
		node->name = so_parse_name(p, SO_USE_COLUMN);
		return;
	case 'N':
		node->new_name = so_parse_name(p, SO_USE_COLUMN);
		return;
	case 'l':
		node->new_name = so_parse_name(p, at_kw(p, SO_KW_default) ? SO_USE_LABEL : SO_USE_COLUMN);
		return;
	case '#':
		node->def = so_parse_number(p);
		return;
	case 'v':
		node->expr = so_parse_number(p);
		return;
	case 'e':
		node->expr = so_parse_expr(p);
		return;
	case 'p':
		so_parse_expect(p, SO_TOK_LPAREN);
		node->expr = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
		return;
	case 's':
		node->expr = so_parse_string_const(p);
		return;
	case 'w':
		node->def = so_parse_string_const(p);
		return;
	case 't':
		node->def = so_parse_type(p);
		return;
	case 'K':
		if (accept_kw(p, SO_KW_collate))
			node->collation = so_parse_any_name(p);
		return;
	case 'U':
		if (accept_kw(p, SO_KW_using))
			node->expr = so_parse_expr(p);
		return;
	case 'b':
		node->behavior = so_parse_behavior(p);
		return;
	case 'C':
		node->items = one_item(p, so_parse_column_def(p));
		return;
	case 'A':
		node->items = one_item(p, attribute(p));
		return;
	case 'c':
		node->def = so_parse_table_constraint(p);
		return;
	case 'a':
		node->def = attributes_only(p);
		return;
	case 'g':
		node->def = identity(p);
		return;
	case 'i':
		node->items = identity_changes(p);
		return;
	case 'o':
		node->items = so_parse_sequence_options(p);
		if (!node->items.count)
			so_parse_unexpected(p);
		return;
	case 'S':
		node->items = so_parse_storage_options(p);
		return;
	case 'D':
		node->items = so_parse_definition(p);
		return;
	case 'f':
		node->items = so_parse_fdw_options(p, true);
		return;
	case 'T':
		node->def = so_parse_ddl_table(p);
		return;
	case 'q':
		node->def = so_parse_any_name(p);
		return;
	case 'r':
		node->def = so_parse_role(p);
		return;
	case 'B':
		node->expr = so_parse_partition_bound(p);
		return;
	default:
		return;
	}
}

/* Reads the tokens as the form says. */
static void read_form(struct parse *p, struct so_n_alter_action *node, const char *text)
{
	while (*text) {
		if (*text == ' ') {
			text++;
		} else if (*text == '[') {
			text++;
			p->pos += group_words(p, 0, &text, ']');
		} else if (*text == '{') {
			unsigned bit = so_ddl_form_bit(text[1]);

			text += 2;
			uint32_t count = group_words(p, 0, &text, '}');

			p->pos += count;
			node->bits |= count ? bit : 0;
		} else if (*text == '%') {
			operand(p, node, text[1]);
			text += 2;
		} else if (same_word(p, 0, &text)) {
			advance(p);
		} else {
			so_parse_unexpected(p);
			return;
		}
	}
}

/* An operand of many tokens may be followed by words that tell forms apart: %T FINALIZE, %s BEFORE. The later row is
 * tried where the earlier one's words are not there. */
static bool tail_fits(const struct parse *p, const char *text)
{
	const char *last = strrchr(text, ' ');
	uint32_t n = 0;

	if (!last || last[1] == '%' || last[1] == '{' || strncmp(text, "DETACH", 6) != 0)
		return true;
	last++;
	while (p->pos + n + 1 < p->end && peek_at(p, n + 1)->kind != SO_TOK_SEMICOLON)
		n++;
	return same_word(p, n, &last);
}

static so_ref alter_action(struct parse *p, unsigned mask, bool *alone)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER_ACTION, p->pos);
	struct so_n_alter_action *node = AS(p, alter_action, ref);

	for (uint32_t i = 1; i < so_ddl_form_count; i++) {
		const struct so_ddl_form *form = &so_ddl_forms[i];

		if (!(form->mask & mask) || !may_begin(p, form->text) || !form_fits(p, form->text) ||
			!tail_fits(p, form->text))
			continue;
		*alone = (form->mask & SO_FORM_ALONE) != 0;
		node->type = form->type;
		node->form = i;
		read_form(p, node, form->text);
		return so_parse_done(p, ref);
	}
	/* past the words that are common to many forms, so that the message names the one that is wrong */
	so_parse_unexpected(p);
	return ref;
}

/* ---- ALTER ------------------------------------------------------------------------------------------------------ */

static unsigned mask_of(enum so_object object)
{
	switch (object) {
	case SO_OBJ_TABLE:
	case SO_OBJ_FOREIGN_TABLE:
		return SO_FORM_RELATION | SO_FORM_TABLE;
	case SO_OBJ_VIEW:
		return SO_FORM_RELATION | SO_FORM_VIEW;
	case SO_OBJ_MATVIEW:
		return SO_FORM_RELATION | SO_FORM_VIEW | SO_FORM_MATVIEW;
	case SO_OBJ_INDEX:
		return SO_FORM_RELATION | SO_FORM_INDEX;
	case SO_OBJ_SEQUENCE:
		return SO_FORM_RELATION | SO_FORM_SEQUENCE;
	case SO_OBJ_TYPE:
		return SO_FORM_TYPE;
	case SO_OBJ_DOMAIN:
		return SO_FORM_DOMAIN;
	case SO_OBJ_SCHEMA:
		return SO_FORM_SCHEMA;
	case SO_OBJ_STATISTICS:
		return SO_FORM_STATS;
	default:
		return 0;
	}
}

static so_ref target(struct parse *p, enum so_object object)
{
	if (object == SO_OBJ_TABLE || object == SO_OBJ_FOREIGN_TABLE)
		return so_parse_relation(p, false);
	if (so_object_is_relation(object))
		return so_parse_ddl_table(p);
	return object == SO_OBJ_SCHEMA ? so_parse_name_node(p) : so_parse_any_name(p);
}

so_ref so_parse_alter(struct parse *p)
{
	uint32_t first = p->pos, words;
	enum so_object object = so_parse_object_at(p, 1, &words);
	unsigned mask = words ? mask_of(object) : 0;
	bool alone = false;
	struct so_n_alter *node;
	size_t mark;
	so_ref ref;

	/* ALTER TABLE ALL IN TABLESPACE moves many tables */
	if (!mask || (so_object_is_relation(object) && kw_at(p, words + 1) == SO_KW_all))
		return 0;
	p->pos += words + 1;
	ref = so_parse_node(p, SO_N_ALTER, first);
	node = AS(p, alter, ref);
	node->object = object;
	if ((mask & SO_FORM_RELATION || object == SO_OBJ_STATISTICS) && so_parse_if_exists(p))
		node->bits |= SO_DDL_IF_EXISTS;
	node->target = target(p, object);
	mark = so_parse_mark(p);
	so_parse_push(p, alter_action(p, mask, &alone));
	while (!alone && accept(p, SO_TOK_COMMA)) {
		so_parse_push(p, alter_action(p, mask, &alone));
		if (alone)
			so_parse_unexpected(p);
	}
	node->actions = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
