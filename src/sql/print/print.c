#include "sql/print.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/parse/parser.h"
#include "sql/print/printer.h"

void so_put_push(struct printer *pr, so_ref ref)
{
	if (pr->count == pr->room) {
		pr->room = pr->room ? pr->room * 2 : 64;
		pr->stack = so_mem_need(realloc(pr->stack, pr->room * sizeof *pr->stack));
	}
	pr->stack[pr->count++] = ref;
}

void so_put_break(struct printer *pr)
{
	if (!pr->pretty) {
		if (pr->buf->len && pr->buf->data[pr->buf->len - 1] != '(')
			so_buf_addc(pr->buf, ' ');
		return;
	}
	if (pr->buf->len == 0)
		return;
	so_buf_addc(pr->buf, '\n');
	for (size_t i = 0; i < pr->margin_len; i++)
		so_buf_addc(pr->buf, pr->buf->data[pr->margin + i]);
	for (unsigned i = 0; i < pr->indent; i++)
		so_put(pr, "  ");
}

/* ---- Names and strings ------------------------------------------------------------------------------------------ */

/* The word means this name without quotes, keywords apart. */
static bool word_is_plain(const struct so_dialect_traits *traits, struct so_text text)
{
	char upper = traits->name_case == SO_CASE_LOWER ? 'A' : 1, lower = traits->name_case == SO_CASE_UPPER ? 'a' : 1;

	if (!text.len || (text.s[0] >= '0' && text.s[0] <= '9') || text.s[0] == '$' ||
		!(traits->classes[(unsigned char)text.s[0]] & SO_C_IN_WORD))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.s[i];

		if (!(traits->classes[(unsigned char)c] & SO_C_IN_WORD) || (c >= upper && c <= upper + 25) ||
			(c >= lower && c <= lower + 25))
			return false;
	}
	return true;
}

#define SHORT_NAME 64u /* longer ones are no keywords */

/* `word` has zeros behind its end. */
static bool keyword_needs_quotes(enum so_dialect dialect, const char *word, size_t len, enum so_name_place place)
{
	switch (so_kw_class_of(so_keyword_find(word, len), dialect)) {
	case SO_KWC_NO:
	case SO_KWC_U:
		return false;
	case SO_KWC_U_AS:
		return dialect != SO_POSTGRESQL && place != SO_PLACE_FUNC;
	case SO_KWC_T:
	case SO_KWC_T_AS:
		return place == SO_PLACE_COLUMN || (dialect != SO_POSTGRESQL && place == SO_PLACE_LABEL);
	default:
		return true;
	}
}

/* The text, with each quote twice. */
static void put_doubling(struct so_buf *buf, struct so_text text, char quote)
{
	const char *found;

	while ((found = text.len ? memchr(text.s, quote, text.len) : NULL) != NULL) {
		size_t len = (size_t)(found - text.s) + 1;

		so_buf_add(buf, text.s, len);
		so_buf_addc(buf, quote);
		text.s += len;
		text.len -= len;
	}
	so_buf_add(buf, text.s, text.len);
}

/* `open` is the quote, or [. */
static void put_quoted(struct so_buf *buf, struct so_text text, char open)
{
	char quote = open == '[' ? ']' : open;

	so_buf_addc(buf, open);
	put_doubling(buf, text, quote);
	so_buf_addc(buf, quote);
}

void so_put_double_quoted(struct printer *pr, struct so_name name)
{
	put_quoted(pr->buf, so_ast_name(pr->ast, name), '"');
}

/* Most names are of letters in the dialect's own case, digits and _. Sixteen bytes behind the end of `word` can be
 * read; false tells nothing. */
static bool is_simple_word(const struct so_dialect_traits *traits, const char *word, size_t len)
{
#if defined(__SSE2__)
	char folded = traits->name_case == SO_CASE_LOWER ? 'A' : traits->name_case == SO_CASE_UPPER ? 'a' : '\1';

	if (!len || (word[0] >= '0' && word[0] <= '9') || so_scan_has_letter(word, len, folded))
		return false;
	for (; len > SO_SCAN_SLACK; word += SO_SCAN_SLACK, len -= SO_SCAN_SLACK)
		if (so_scan_word_mask(word) != 0xFFFF)
			return false;
	return !(~so_scan_word_mask(word) & ((1u << len) - 1));
#else
	(void)traits, (void)word, (void)len;
	return false;
#endif
}

static void put_name(struct so_buf *buf, enum so_dialect dialect, struct so_text text, enum so_name_place place)
{
	const struct so_dialect_traits *traits = &so_dialects[dialect];
	char word[SHORT_NAME + SO_SCAN_SLACK];
	bool plain;

	if (text.len <= SHORT_NAME) {
		memcpy(word, text.s, text.len);
		memset(word + text.len, 0, SO_SCAN_SLACK);
		plain = (is_simple_word(traits, word, text.len) || word_is_plain(traits, text)) &&
			!keyword_needs_quotes(dialect, word, text.len, place);
	} else {
		plain = word_is_plain(traits, text);
	}
	if (plain)
		so_buf_add(buf, text.s, text.len);
	else
		put_quoted(buf, text, traits->quote);
}

static void put_string(struct so_buf *buf, bool backslash, struct so_text text)
{
	if (!backslash || (!memchr(text.s, '\\', text.len) && !memchr(text.s, '\0', text.len))) {
		put_quoted(buf, text, '\'');
		return;
	}
	so_buf_addc(buf, '\'');
	for (size_t i = 0; i < text.len; i++) {
		/* \% and \_ are the same with one backslash and with two, except to LIKE */
		bool like = i + 1 < text.len && (text.s[i + 1] == '%' || text.s[i + 1] == '_');

		if (text.s[i] == '\0') {
			so_buf_add(buf, "\\0", 2);
			continue;
		}
		if (text.s[i] == '\'' || (text.s[i] == '\\' && !like))
			so_buf_addc(buf, text.s[i]);
		so_buf_addc(buf, text.s[i]);
	}
	so_buf_addc(buf, '\'');
}

/* Columns of T-SQL that are words of the grammar: $action, ROWGUIDCOL. */
static bool is_pseudo_column(struct so_text text)
{
	return (text.len > 1 && text.s[0] == '$') || (text.len == 10 && strncasecmp(text.s, "rowguidcol", 10) == 0) ||
	       (text.len == 11 && strncasecmp(text.s, "identitycol", 11) == 0);
}

void so_put_name(struct printer *pr, struct so_name name, enum so_name_place place)
{
	struct so_text text = so_ast_name(pr->ast, name);

	if (!name.len && !name.quoted)
		return; /* the schema of database..table */
	if (!name.quoted && so_features_have(&pr->features, SO_FEAT_BATCH) && is_pseudo_column(text)) {
		so_put_text(pr, text);
		return;
	}
	put_name(pr->buf, pr->dialect, so_ast_name(pr->ast, name), place);
}

void so_put_name_node(struct printer *pr, so_ref ref)
{
	const struct so_n_name *node = GET(pr, name, ref);

	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
}

void so_put_qualified(struct printer *pr, so_ref qualifier, struct so_name name, enum so_name_place place)
{
	if (qualifier) {
		so_put_name_node(pr, qualifier);
		so_put(pr, ".");
		place = SO_PLACE_LABEL;
	}
	so_put_name(pr, name, place);
}

void so_put_string(struct printer *pr, struct so_text text)
{
	put_string(pr->buf, so_features_have(&pr->features, SO_FEAT_BACKSLASH), text);
}

char *so_sql_quote_name(TALLOC_CTX *ctx, enum so_dialect dialect, const char *name)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, SO_PRINT_MAX);
	put_name(&buf, dialect, (struct so_text){ name, strlen(name) }, SO_PLACE_COLUMN);
	return buf.data;
}

char *so_sql_quote_string(TALLOC_CTX *ctx, enum so_dialect dialect, const char *text, size_t len)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, SO_PRINT_MAX);
	put_string(&buf, so_features_have(&so_dialects[dialect].features, SO_FEAT_BACKSLASH),
		(struct so_text){ text, len });
	return buf.data;
}

/* ---- Entry points ----------------------------------------------------------------------------------------------- */

static void print(struct so_buf *buf, const struct so_ast *ast, so_ref ref, bool pretty)
{
	struct printer pr = { .buf = buf,
		.ast = ast,
		.pretty = pretty,
		.dialect = ast->dialect,
		.traits = &so_dialects[ast->dialect],
		.features = so_dialect_features(ast->dialect, 0, ast->modes) };

	so_arena_prefetch(ast);
	if (ref)
		so_put_node(&pr, ref);
	free(pr.stack);
}

void so_sql_print_buf(struct so_buf *buf, const struct so_ast *ast, so_ref ref)
{
	print(buf, ast, ref, false);
}

static char *print_new(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref ref, bool pretty)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, SO_PRINT_MAX);
	print(&buf, ast, ref, pretty);
	so_assert(!buf.overflow);
	return buf.data ? buf.data : so_strdup(ctx, "");
}

char *so_sql_print(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref ref)
{
	return print_new(ctx, ast, ref, false);
}

char *so_sql_pretty(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref ref)
{
	return print_new(ctx, ast, ref, true);
}

/* ---- Edits ------------------------------------------------------------------------------------------------------ */

/* Stable insertion sort: edits are few. */
static void sort_edits(struct so_edit *edits, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct so_edit edit = edits[i];
		size_t k = i;

		for (; k > 0 && edits[k - 1].offset > edit.offset; k--)
			edits[k] = edits[k - 1];
		edits[k] = edit;
	}
}

char *so_sql_splice(TALLOC_CTX *ctx, const char *text, size_t len, const struct so_edit *edits, size_t count)
{
	SO_TMP(tmp, ctx);
	struct so_edit *sorted = count ? so_memdup(tmp, edits, count * sizeof *edits) : NULL;
	size_t total = len + 1, from = 0, at = 0;
	char *out;

	sort_edits(sorted, count);
	for (size_t i = 0; i < count; i++) {
		if (sorted[i].offset < from || sorted[i].offset > len || sorted[i].len > len - sorted[i].offset)
			return NULL;
		from = sorted[i].offset + sorted[i].len;
		total += strlen(sorted[i].text);
	}
	out = so_new_array(ctx, char, total);
	from = 0;
	for (size_t i = 0; i < count; i++) {
		size_t add = strlen(sorted[i].text);

		memcpy(out + at, text + from, sorted[i].offset - from);
		at += sorted[i].offset - from;
		memcpy(out + at, sorted[i].text, add);
		at += add;
		from = sorted[i].offset + sorted[i].len;
	}
	memcpy(out + at, text + from, len - from);
	out[at + len - from] = '\0';
	return out;
}

bool so_sql_edit_node(
	TALLOC_CTX *ctx, struct so_edit **edits, size_t *count, const struct so_ast *ast, so_ref old, const char *text)
{
	struct so_edit edit;

	if (!so_ast_span(ast, old, &edit.offset, &edit.len))
		return false;
	edit.text = so_strdup(ctx, text);
	*edits = so_renew_array(ctx, *edits, struct so_edit, *count + 1);
	(*edits)[(*count)++] = edit;
	return true;
}
