/* Looking at a statement token by token. The server's parser is the judge of every text, and sql/ of what may be
 * executed; these functions decide what is sent to be planned, and mend what pg_stat_statements' normalisation broke in
 * texts that no parser takes. They err on the side of refusing. */
#include "engine/postgresql/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/parse.h"

enum kind { T_END, T_WORD, T_QUOTED, T_PARAM, T_STRING, T_NUMBER, T_PUNCT };

struct tok {
	enum kind kind;
	const char *at;
	size_t len;
};

static const char *skip_blank(const char *at)
{
	for (;;) {
		if (isspace((unsigned char)*at)) {
			at++;
		} else if (at[0] == '-' && at[1] == '-') {
			at += strcspn(at, "\r\n");
		} else if (at[0] == '/' && at[1] == '*') {
			int depth = 1; /* they nest */

			for (at += 2; *at && depth; at++) {
				if (at[0] == '/' && at[1] == '*') {
					depth++;
					at++;
				} else if (at[0] == '*' && at[1] == '/') {
					depth--;
					at++;
				}
			}
		} else {
			return at;
		}
	}
}

static bool word_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool word_char(char c)
{
	return word_start(c) || isdigit((unsigned char)c) || c == '$';
}

/* Behind a quoted thing that begins at `at`; doubled quotes belong to it, backslashes only in E'' strings. */
static const char *skip_quoted(const char *at, bool backslash)
{
	char quote = *at++;

	for (; *at; at++) {
		if (backslash && *at == '\\' && at[1])
			at++;
		else if (*at == quote && at[1] == quote)
			at++;
		else if (*at == quote)
			return at + 1;
	}
	return at;
}

/* Behind $tag$...$tag$, or NULL when this is none. */
static const char *skip_dollar(const char *at)
{
	const char *end = at + 1, *close;
	size_t len;

	while (word_char(*end) && *end != '$')
		end++;
	if (*end != '$' || isdigit((unsigned char)at[1]))
		return NULL;
	len = (size_t)(end + 1 - at);
	for (close = end + 1; *close; close++)
		if (strncmp(close, at, len) == 0)
			return close + len;
	return close;
}

static struct tok next(const char *at)
{
	struct tok tok = { .at = skip_blank(at) };
	const char *end;

	at = tok.at;
	if (!*at) {
		tok.kind = T_END;
		return tok;
	}
	end = at + 1;
	if (*at == '\'') {
		tok.kind = T_STRING;
		end = skip_quoted(at, false);
	} else if (*at && strchr("eEbBxXnN", *at) && at[1] == '\'') {
		tok.kind = T_STRING;
		end = skip_quoted(at + 1, *at == 'e' || *at == 'E');
	} else if (*at == '"') {
		tok.kind = T_QUOTED;
		end = skip_quoted(at, false);
	} else if (*at == '$' && isdigit((unsigned char)at[1])) {
		tok.kind = T_PARAM;
		while (isdigit((unsigned char)*end))
			end++;
	} else if (*at == '$' && skip_dollar(at)) {
		tok.kind = T_STRING;
		end = skip_dollar(at);
	} else if (word_start(*at)) {
		tok.kind = T_WORD;
		while (word_char(*end))
			end++;
	} else if (isdigit((unsigned char)*at)) {
		tok.kind = T_NUMBER;
		while (isdigit((unsigned char)*end) || *end == '.')
			end++;
	} else {
		tok.kind = T_PUNCT;
	}
	tok.len = (size_t)(end - at);
	return tok;
}

static bool is(const struct tok *tok, const char *word)
{
	return tok->kind == T_WORD && tok->len == strlen(word) && strncasecmp(tok->at, word, tok->len) == 0;
}

static bool is_char(const struct tok *tok, char c)
{
	return tok->kind == T_PUNCT && *tok->at == c;
}

static bool one_of(const struct tok *tok, const char *const *words)
{
	for (; *words; words++)
		if (is(tok, *words))
			return true;
	return false;
}

/* Functions of extensions whose effect a read-only transaction does not hold back, and those that read the server's
 * files; so_sql_classify knows the server's own effects. A name that ends in '*' is a prefix. */
static const char *const effects[] = { "dblink*", "hypopg*", "http*", "pg_prewarm", "pg_file_*",
	"pg_stat_statements_reset", "pg_qualstats_reset", "pg_stat_kcache_reset", "pg_background_*", "plsh*", "net_*",
	"lo_*", "pg_logdir_ls", "pg_read_*", "pg_ls_*", "pg_stat_file", NULL };

static bool has_effect(const struct tok *tok)
{
	for (size_t i = 0; effects[i]; i++) {
		size_t len = strlen(effects[i]);
		bool prefix = effects[i][len - 1] == '*';

		len -= prefix;
		if ((prefix ? tok->len >= len : tok->len == len) && strncasecmp(tok->at, effects[i], len) == 0)
			return true;
	}
	return false;
}

static void upper_word(const struct tok *tok, char *out, size_t size)
{
	size_t len = tok->len < size - 1 ? tok->len : size - 1;

	for (size_t i = 0; i < len; i++)
		out[i] = (char)toupper((unsigned char)tok->at[i]);
	out[len] = '\0';
}

static enum pg_verb verb_of(const struct tok *tok)
{
	static const char *const reads[] = { "select", "with", "values", "table", NULL };

	if (one_of(tok, reads) || is_char(tok, '('))
		return PG_VERB_READ;
	if (is(tok, "insert"))
		return PG_VERB_INSERT;
	if (is(tok, "update"))
		return PG_VERB_UPDATE;
	if (is(tok, "delete"))
		return PG_VERB_DELETE;
	if (is(tok, "merge"))
		return PG_VERB_MERGE;
	return PG_VERB_OTHER;
}

void pg_text_look(const char *sql, struct pg_text *out)
{
	struct tok tok = next(sql), after;
	int depth = 0;
	bool with = is(&tok, "with");

	*out = (struct pg_text){ .verb = verb_of(&tok), .empty = tok.kind == T_END };
	upper_word(&tok, out->word, sizeof out->word);
	for (; tok.kind != T_END; tok = after) {
		after = next(tok.at + tok.len);
		if (is_char(&tok, '('))
			depth++;
		else if (is_char(&tok, ')'))
			depth--;
		else if (is_char(&tok, ';') && after.kind != T_END)
			out->many = true;
		if (tok.kind == T_PARAM) {
			unsigned long n = strtoul(tok.at + 1, NULL, 10);

			if (n > out->n_params)
				out->n_params = n > 65535 ? 65535 : (unsigned)n;
		}
		if (is(&tok, "concurrently"))
			out->concurrently = true;
		if (with && depth == 0 && verb_of(&tok) > PG_VERB_READ && verb_of(&tok) < PG_VERB_OTHER) {
			out->verb = verb_of(&tok); /* WITH x AS (...) UPDATE ... */
			with = false;
		}
		if (tok.kind == T_WORD && is_char(&after, '(') && has_effect(&tok) && !*out->effect)
			snprintf(out->effect, sizeof out->effect, "%.*s", (int)tok.len, tok.at);
		if (tok.kind == T_QUOTED && is_char(&after, '(')) {
			struct tok inner = { T_WORD, tok.at + 1, tok.len - 2 };

			if (tok.len > 2 && has_effect(&inner) && !*out->effect)
				snprintf(out->effect, sizeof out->effect, "%.*s", (int)inner.len, inner.at);
		}
	}
}

/* Types whose constants are written `type 'text'`, which normalisation turns into `type $1`: no valid syntax. */
static const char *const constant_types[] = { "interval", "date", "time", "timestamp", "timestamptz", "timetz",
	"numeric", "decimal", "integer", "int", "int4", "int8", "bigint", "float8", "text", "boolean", "bool", "json",
	"jsonb", "uuid", "inet", "cidr", "bytea", "point", "box", "tsquery", "tsvector", "regclass", "oid", "money",
	"xml", NULL };

/* The type that stands before a parameter at `toks[n - 1]`..., as a text span; false when there is none. */
static bool type_before(const struct tok *toks, size_t n, size_t *first)
{
	if (n >= 4 && is(&toks[n - 1], "zone") && is(&toks[n - 2], "time") &&
		(is(&toks[n - 3], "with") || is(&toks[n - 3], "without")) &&
		(is(&toks[n - 4], "timestamp") || is(&toks[n - 4], "time"))) {
		*first = n - 4;
		return true;
	}
	if (n < 1 || !one_of(&toks[n - 1], constant_types))
		return false;
	/* `at time $1` does not exist, but `x.date $1` and `x::date` do not call for a mend either. */
	if (n >= 2 && (is_char(&toks[n - 2], '.') || is_char(&toks[n - 2], ':')))
		return false;
	*first = n - 1;
	return true;
}

static struct tok *tokens(TALLOC_CTX *ctx, const char *sql, size_t *n)
{
	size_t room = 64;
	struct tok *toks = so_new_array(ctx, struct tok, room), tok = next(sql);

	for (*n = 0; tok.kind != T_END; tok = next(tok.at + tok.len)) {
		if (*n + 1 == room) {
			room *= 2;
			toks = so_renew_array(ctx, toks, struct tok, room);
		}
		toks[(*n)++] = tok;
	}
	toks[*n] = tok;
	return toks;
}

char *pg_text_fix_params(TALLOC_CTX *ctx, const char *sql, int version, char **note)
{
	SO_TMP(tmp, NULL);
	size_t n, first;
	struct tok *toks = tokens(tmp, sql, &n);
	const char *from = sql;
	struct so_buf out;
	bool types = false, extracts = false;

	so_buf_init(&out, ctx, 2 * MAX_STATEMENT);
	for (size_t i = 0; i < n; i++) {
		if (toks[i].kind == T_PARAM && type_before(toks, i, &first)) {
			const char *end = toks[i - 1].at + toks[i - 1].len;

			so_buf_add(&out, from, (size_t)(toks[first].at - from));
			so_buf_addf(&out, "%.*s::%.*s", (int)toks[i].len, toks[i].at, (int)(end - toks[first].at),
				toks[first].at);
			from = toks[i].at + toks[i].len;
			types = true;
		} else if (i + 3 < n && is(&toks[i], "extract") && is_char(&toks[i + 1], '(') &&
			   toks[i + 2].kind == T_PARAM && is(&toks[i + 3], "from")) {
			so_buf_add(&out, from, (size_t)(toks[i].at - from));
			so_buf_addf(&out, "pg_catalog.%s(%.*s::text,", version >= 140000 ? "extract" : "date_part",
				(int)toks[i + 2].len, toks[i + 2].at);
			from = toks[i + 3].at + toks[i + 3].len;
			extracts = true;
		}
	}
	if (!types && !extracts) {
		talloc_free(out.data);
		return NULL;
	}
	so_buf_adds(&out, from);
	*note = so_printf(ctx, "%s%s%s", types ? "a type name before $n was written as a cast" : "",
		types && extracts ? "; " : "", extracts ? "extract($n from ..) was written as a call" : "");
	return out.overflow ? NULL : out.data;
}

char *pg_text_cast_param(TALLOC_CTX *ctx, const char *sql, unsigned n)
{
	const char *from = sql;
	struct so_buf out;

	so_buf_init(&out, ctx, 2 * MAX_STATEMENT);
	for (struct tok tok = next(sql); tok.kind != T_END; tok = next(tok.at + tok.len)) {
		const char *end = tok.at + tok.len;

		if (tok.kind != T_PARAM || strtoul(tok.at + 1, NULL, 10) != n)
			continue;
		so_buf_add(&out, from, (size_t)(end - from));
		so_buf_adds(&out, "::text");
		from = end;
	}
	so_buf_adds(&out, from);
	return out.overflow ? NULL : out.data;
}

/* First token at depth 0 from `i` on that is one of `words`, or n. */
static size_t find_top(const struct tok *toks, size_t i, size_t n, const char *const *words)
{
	int depth = 0;

	for (; i < n; i++) {
		if (is_char(&toks[i], '('))
			depth++;
		else if (is_char(&toks[i], ')'))
			depth--;
		else if (depth == 0 && one_of(&toks[i], words))
			return i;
	}
	return n;
}

static void add_span(struct so_buf *out, const char *lead, const struct tok *toks, size_t from, size_t to)
{
	if (from >= to)
		return;
	so_buf_adds(out, lead);
	so_buf_add(out, toks[from].at, (size_t)(toks[to - 1].at + toks[to - 1].len - toks[from].at));
}

char *pg_text_select_form(TALLOC_CTX *ctx, const char *sql)
{
	static const char *const verbs[] = { "update", "delete", "insert", "merge", "select", NULL };
	static const char *const set[] = { "set", NULL }, *const where[] = { "where", NULL };
	static const char *const sources[] = { "from", "using", "where", "returning", NULL };
	static const char *const ends[] = { "where", "returning", NULL }, *const returning[] = { "returning", NULL };
	SO_TMP(tmp, NULL);
	size_t n, verb, table, table_end, source, filter, end;
	struct tok *toks = tokens(tmp, sql, &n);
	struct so_buf out;
	bool update;

	while (n && is_char(&toks[n - 1], ';'))
		n--;
	verb = find_top(toks, 0, n, verbs);
	if (verb + 2 >= n)
		return NULL;
	update = is(&toks[verb], "update");
	if (!update && !(is(&toks[verb], "delete") && is(&toks[verb + 1], "from")))
		return NULL;
	table = verb + (update ? 1 : 2);
	table_end = find_top(toks, table, n, update ? set : sources);
	if (update && table_end == n)
		return NULL;
	source = find_top(toks, table_end, n, sources);
	filter = find_top(toks, source, n, where);
	end = find_top(toks, source < n ? source : n, n, returning);
	if (filter > end)
		filter = end;
	if (filter + 1 < n && is(&toks[filter + 1], "current"))
		return NULL; /* WHERE CURRENT OF cursor */
	so_buf_init(&out, ctx, 2 * MAX_STATEMENT);
	add_span(&out, "", toks, 0, verb);
	so_buf_adds(&out, verb ? " SELECT * FROM " : "SELECT * FROM ");
	add_span(&out, "", toks, table, table_end);
	if (source < n && !one_of(&toks[source], ends))
		add_span(&out, ", ", toks, source + 1, filter);
	add_span(&out, " ", toks, filter, end);
	return out.overflow ? NULL : out.data;
}

/* The stored form of a name token: folded (ASCII, as the server does for UTF-8) or unquoted, cut to 63 bytes. */
static char *stored_name(TALLOC_CTX *ctx, const struct tok *tok)
{
	char *name = so_strndup(ctx, tok->at, tok->len), *to = name;

	if (tok->kind == T_WORD) {
		for (; *to; to++)
			*to = (char)tolower((unsigned char)*to);
	} else {
		for (const char *at = tok->at + 1; at < tok->at + tok->len - 1; at++) {
			at += *at == '"';
			*to++ = *at;
		}
		*to = '\0';
	}
	if (strlen(name) > 63) {
		size_t len = 63;

		while (len && ((unsigned char)name[len] & 0xC0) == 0x80)
			len--;
		name[len] = '\0';
	}
	return name;
}

static bool is_name(const struct tok *tok)
{
	return tok->kind == T_WORD || (tok->kind == T_QUOTED && tok->len > 2 && tok->at[tok->len - 1] == '"');
}

bool pg_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name)
{
	struct tok first = next(text), dot, second, end;

	*schema = NULL;
	if (!is_name(&first))
		return false;
	dot = next(first.at + first.len);
	if (dot.kind == T_END) {
		*name = stored_name(ctx, &first);
		return true;
	}
	second = next(dot.at + dot.len);
	if (!is_char(&dot, '.') || !is_name(&second))
		return false;
	end = next(second.at + second.len);
	if (end.kind != T_END)
		return false;
	*schema = stored_name(ctx, &first);
	*name = stored_name(ctx, &second);
	return true;
}

char *pg_text_concurrent_index(TALLOC_CTX *ctx, const char *sql)
{
	SO_TMP(tmp, NULL);
	size_t n, i = 1;
	struct tok *toks = tokens(tmp, sql, &n);

	if (n < 5 || !is(&toks[0], "create"))
		return NULL;
	i += is(&toks[i], "unique");
	if (!is(&toks[i], "index") || !is(&toks[i + 1], "concurrently"))
		return NULL;
	i += 2;
	if (i + 3 < n && is(&toks[i], "if"))
		i += 3;
	if (i >= n || !is_name(&toks[i]) || is(&toks[i], "on"))
		return NULL;
	return so_strndup(ctx, toks[i].at, toks[i].len);
}

bool pg_check_plannable(const char *sql, struct pg_text *look, struct so_err *err)
{
	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	pg_text_look(sql, look);
	if (look->empty)
		return so_fail(err, SO_INPUT, "the statement is empty");
	if (look->verb == PG_VERB_OTHER)
		return so_fail_at(err, SO_INPUT, 0,
			"only SELECT, INSERT, UPDATE, DELETE and MERGE have a plan, this begins with \"%s\"",
			look->word);
	return true;
}

bool pg_check_read(const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_class cls;
	struct pg_text look;
	struct so_ast *ast;

	if (!pg_check_plannable(sql, &look, err))
		return false;
	/* What our parser does not understand is not executed, even if the server would. */
	if (!so_sql_parse(tmp, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, err))
		return so_fail_in(err, "not executed");
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	if (!so_pure_read_check(&cls, true, err))
		return false;
	if (look.verb != PG_VERB_READ)
		return so_fail(err, SO_INPUT, "only a statement that purely reads is executed: it writes");
	if (*look.effect)
		return so_fail(
			err, SO_INPUT, "not executed: function \"%s\" acts outside the transaction", look.effect);
	if (look.n_params)
		return so_fail(
			err, SO_INPUT, "not executed: the statement has parameters ($1 ...) and no values for them");
	return true;
}
