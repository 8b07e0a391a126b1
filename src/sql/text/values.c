#include "sql/values.h"

#include <ctype.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "sql/text/secrets.h"
#include "sql/text/tokens.h"

/* In the text that is hashed, in place of values. */
#define MARK_ONE  '\1'
#define MARK_LIST '\2'

struct reading {
	const struct so_lexer *lexer;
	struct so_value_places *out;
	struct so_buf shape;
	uint32_t at; /* token */
};

static const struct so_token *token_at(const struct reading *r, uint32_t i)
{
	return i < r->lexer->count ? &r->lexer->tokens[i] : NULL;
}

static bool is_kind(const struct reading *r, uint32_t i, enum so_tok kind)
{
	const struct so_token *token = token_at(r, i);

	return token && token->kind == kind;
}

/* NULL, TRUE and FALSE, where they are values: not behind IS or NOT. */
static bool is_word_value(const struct reading *r, uint32_t i)
{
	const struct so_token *token = token_at(r, i), *before = i ? token_at(r, i - 1) : NULL;

	if (!token || !before || token->kind != SO_TOK_WORD ||
		(token->kw != SO_KW_null && token->kw != SO_KW_true && token->kw != SO_KW_false))
		return false;
	switch (before->kind) {
	case SO_TOK_OP:
	case SO_TOK_LPAREN:
	case SO_TOK_COMMA:
		return true;
	case SO_TOK_WORD:
		return before->kw == SO_KW_then || before->kw == SO_KW_else || before->kw == SO_KW_select ||
		       before->kw == SO_KW_and || before->kw == SO_KW_or || before->kw == SO_KW_where;
	default:
		return false;
	}
}

/* A parameter of T-SQL, which is spelled as a local variable is: where a literal could stand. Not what is assigned to,
 * a table, the server's own (@@rowcount), or an object whose method is called. */
static bool is_variable_value(const struct reading *r, uint32_t i)
{
	const struct so_token *token = token_at(r, i), *before = i ? token_at(r, i - 1) : NULL,
			      *after = token_at(r, i + 1);

	if (r->lexer->dialect != SO_TSQL || !token || token->kind != SO_TOK_VARIABLE || !before || token->len < 2 ||
		r->lexer->text[token->off + 1] == '@' || (after && after->kind == SO_TOK_DOT))
		return false;
	if (before->kind == SO_TOK_OP || before->kind == SO_TOK_LPAREN)
		return true;
	if (after && after->kind == SO_TOK_OP && after->kw == SO_OP_EQ &&
		(before->kind == SO_TOK_COMMA || before->kw == SO_KW_select || before->kw == SO_KW_set))
		return false;
	if (before->kind == SO_TOK_COMMA)
		return true;
	switch (before->kind == SO_TOK_WORD ? before->kw : SO_KW_from) {
	case SO_KW_from:
	case SO_KW_join:
	case SO_KW_into:
	case SO_KW_using:
	case SO_KW_apply:
	case SO_KW_insert:
	case SO_KW_update:
	case SO_KW_delete:
	case SO_KW_merge:
	case SO_KW_declare:
	case SO_KW_exec:
	case SO_KW_execute:
	case SO_KW_set:
		return false;
	default:
		return true;
	}
}

/* How many tokens the value at `i` has; 0: there is none. */
static uint32_t value_tokens(const struct reading *r, uint32_t i, bool *open)
{
	const struct so_token *token = token_at(r, i);

	*open = token && (token->kind == SO_TOK_PARAM || token->kind == SO_TOK_ELLIPSIS || is_variable_value(r, i));
	if (!token)
		return 0;
	if (*open || so_text_is_literal(token) || is_word_value(r, i))
		return 1;
	return so_text_is_sign(r->lexer, i) ? 2 : 0;
}

static bool add_item(struct reading *r, struct so_err *err)
{
	bool open;
	uint32_t n = value_tokens(r, r->at, &open);
	const struct so_token *first = token_at(r, r->at), *last = token_at(r, r->at + n - 1);

	if (r->out->n_items == SO_VALUES_MAX)
		return so_fail(err, SO_LIMIT, "the statement has more than %d values", SO_VALUES_MAX);
	r->out->items[r->out->n_items++] = (struct so_value_item){ first->off, last->off + last->len - first->off, open,
		first->kind == SO_TOK_ELLIPSIS };
	r->out->n_open += open;
	r->at += n;
	return true;
}

/* A value, and those that follow behind commas. */
static bool add_place(struct reading *r, struct so_err *err)
{
	struct so_value_place place = { .first = (uint32_t)r->out->n_items };
	uint32_t begin = r->at;
	bool open, rest;

	if (!add_item(r, err))
		return false;
	while (is_kind(r, r->at, SO_TOK_COMMA) && value_tokens(r, r->at + 1, &open)) {
		r->at++;
		if (!add_item(r, err))
			return false;
	}
	place.count = (uint32_t)r->out->n_items - place.first;
	place.in = begin > 1 && is_kind(r, begin - 1, SO_TOK_LPAREN) && is_kind(r, begin - 2, SO_TOK_WORD) &&
		   r->lexer->tokens[begin - 2].kw == SO_KW_in && is_kind(r, r->at, SO_TOK_RPAREN);
	rest = r->out->items[r->out->n_items - 1].rest;
	place.list = place.in || rest || place.count > 1;
	r->out->places[r->out->n_places++] = place;
	so_buf_addc(&r->shape, place.list ? MARK_LIST : MARK_ONE);
	return true;
}

static void add_name(struct reading *r, const char *text, size_t len)
{
	so_buf_addc(&r->shape, 'n');
	for (size_t i = 0; i < len; i++)
		so_buf_addc(&r->shape, (char)tolower((unsigned char)text[i]));
	so_buf_addc(&r->shape, '\0');
}

static void add_token(struct reading *r, char *room)
{
	const struct so_token *token = &r->lexer->tokens[r->at];
	const char *text = r->lexer->text + token->off;
	int64_t len = token->kind == SO_TOK_QUOTED ? so_lex_decode(token, text, room) : -1;

	if (token->kind == SO_TOK_OP && token->kw != SO_OP_OTHER) { /* <> and != are one */
		so_buf_addc(&r->shape, 'o');
		so_buf_addc(&r->shape, (char)token->kw);
	} else if (len >= 0) {
		add_name(r, room, (size_t)len);
	} else {
		add_name(r, text, token->len);
	}
	r->at++;
}

static bool read_tokens(struct reading *r, char *room, struct so_err *err)
{
	while (r->at < r->lexer->count) {
		const struct so_token *token = &r->lexer->tokens[r->at];
		bool open;

		if (token->kind == SO_TOK_END)
			break;
		if (token->kind == SO_TOK_CUT)
			return so_fail(err, SO_INPUT, "the statement is cut off");
		if (token->kind == SO_TOK_SEMICOLON && is_kind(r, r->at + 1, SO_TOK_END))
			break;
		if (!value_tokens(r, r->at, &open))
			add_token(r, room);
		else if (!add_place(r, err))
			return false;
	}
	return true;
}

struct so_value_places *so_value_places(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .lenient = true };
	struct so_parser *parser = so_parser_new(tmp);
	struct so_value_places *out = so_new(tmp, struct so_value_places);
	struct so_lexer lexer;
	struct reading r = { .lexer = &lexer, .out = out };

	if (len > SO_SQL_MAX_BYTES)
		return so_fail(err, SO_LIMIT, "the statement has %zu bytes, the limit is %u", len, SO_SQL_MAX_BYTES),
		       NULL;
	if (!so_text_lex(parser, text, len, dialect, &options, &lexer, err))
		return NULL;
	so_text_hide_values(&lexer);
	so_text_drop_parameters(&lexer);
	out->items = so_new_array(out, struct so_value_item, SO_VALUES_MAX);
	out->places = so_new_array(out, struct so_value_place, SO_VALUES_MAX);
	so_buf_init(&r.shape, tmp, 4 * (size_t)SO_SQL_MAX_BYTES);
	if (!read_tokens(&r, so_new_array(tmp, char, len + 1), err))
		return NULL;
	out->shape = XXH3_64bits(so_buf_text(&r.shape), r.shape.len);
	return talloc_steal(ctx, out);
}

bool so_value_is_rest(const struct so_ast *ast, so_ref ref)
{
	struct so_text text;

	if (so_ast_kind(ast, ref) != SO_N_MISSING)
		return false;
	text = so_ast_source_of(ast, ref);
	return text.len >= 3 && strncmp(text.s, "...", 3) == 0;
}

/* ---- sets ---- */

/* A value of a text: a literal of its own, or the next of those that were given. */
static struct so_text value_of(const char *text, const struct so_value_item *item, char *const **given)
{
	if (item->open) {
		const char *value = *(*given)++;

		return (struct so_text){ value, (uint32_t)strlen(value) };
	}
	return (struct so_text){ text + item->off, item->len };
}

static bool is_small(const struct so_value_places *places, const char *text, char *const *given)
{
	size_t bytes = 0;

	for (size_t i = 0; i < places->n_items; i++) {
		struct so_text value = value_of(text, &places->items[i], &given);

		if (value.len == 0 || value.len > SO_VALUE_BYTES || places->items[i].rest)
			return false;
		bytes += value.len;
	}
	return bytes <= SO_VALUE_SET_BYTES;
}

struct so_value_set *so_value_set_take_given(
	TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len, char *const *values, size_t n)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_value_places *places = so_value_places(tmp, dialect, text, len, &ignored);
	struct so_value_set *set;

	if (!places || !places->n_items || places->n_open != n || !is_small(places, text, values))
		return NULL;
	set = so_new(ctx, struct so_value_set);
	set->shape = places->shape;
	set->places = so_new_array(set, struct so_value_list, places->n_places);
	for (size_t i = 0; i < places->n_places; i++) {
		const struct so_value_place *place = &places->places[i];
		struct so_value_list *list = &set->places[set->count++];

		list->texts = so_new_array(set, char *, place->count);
		for (uint32_t k = 0; k < place->count; k++) {
			struct so_text value = value_of(text, &places->items[place->first + k], &values);

			list->texts[list->count++] = so_strndup(set, value.s, value.len);
		}
	}
	return set;
}

struct so_value_set *so_value_set_take(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len)
{
	return so_value_set_take_given(ctx, dialect, text, len, NULL, 0);
}

static char *joined(TALLOC_CTX *ctx, const struct so_value_list *list, size_t from)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 2 * SO_VALUE_SET_BYTES);
	for (size_t i = from; i < list->count; i++)
		so_buf_addf(&buf, "%s%s", i > from ? ", " : "", list->texts[i]);
	return buf.data;
}

/* Behind an operator, and in front of a cast, a sign would be something else. */
static char *alone(TALLOC_CTX *ctx, const char *text)
{
	return so_printf(ctx, *text == '-' ? "(%s)" : "%s", text);
}

static char *value_in(TALLOC_CTX *ctx, const struct so_value_list *list, const struct so_value_places *places,
	const struct so_value_place *place, size_t k, bool *several)
{
	const struct so_value_item *item = &places->items[place->first + k];

	*several = false;
	if (!place->list)
		return list->count == 1 ? alone(ctx, list->texts[0]) : NULL;
	if (item->rest || (place->in && place->count == 1 && list->count > 1)) {
		*several = true;
		return k < list->count ? joined(ctx, list, k) : NULL;
	}
	/* a digest's rest takes what the items before it leave */
	if (list->count == place->count || places->items[place->first + place->count - 1].rest)
		return k < list->count ? alone(ctx, list->texts[k]) : NULL;
	return place->in ? alone(ctx, list->texts[k % list->count]) : NULL;
}

char *so_value_set_item(
	TALLOC_CTX *ctx, const struct so_value_set *set, const struct so_value_places *places, size_t i, bool *several)
{
	if (set->shape != places->shape || set->count != places->n_places)
		return NULL;
	for (size_t p = 0; p < places->n_places; p++) {
		const struct so_value_place *place = &places->places[p];

		if (i >= place->first && i < place->first + place->count)
			return set->places[p].count
				       ? value_in(ctx, &set->places[p], places, place, i - place->first, several)
				       : NULL;
	}
	return NULL;
}

char *so_value_set_fill(TALLOC_CTX *ctx, const struct so_value_set *set, const struct so_value_places *places,
	const char *text, size_t len)
{
	SO_TMP(tmp, NULL);
	struct so_buf buf;
	size_t done = 0;

	so_buf_init(&buf, tmp, len + (size_t)SO_VALUES_MAX * SO_VALUE_BYTES);
	for (size_t i = 0; i < places->n_items; i++) {
		const struct so_value_item *item = &places->items[i];
		bool several;
		char *value = item->open ? so_value_set_item(tmp, set, places, i, &several) : NULL;

		if (!item->open)
			continue;
		if (!value)
			return NULL;
		so_buf_add(&buf, text + done, item->off - done);
		so_buf_adds(&buf, value);
		done = (size_t)item->off + item->len;
	}
	so_buf_add(&buf, text + done, len - done);
	return buf.overflow ? NULL : so_strdup(ctx, so_buf_text(&buf));
}
