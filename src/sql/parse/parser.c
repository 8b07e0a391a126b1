/* Entry points of the parser, and what its rules share. */
#include "sql/parse/parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "sql/lex/scan.h"

#define MAX_PARTS     100u /* of a dotted name */
#define KEEP_BYTES    (4u * 1024 * 1024) /* most warm memory of a parser */
#define SCRATCH_BYTES (64u * 1024)

static int parser_destroy(struct so_parser *parser)
{
	so_chunks_release(parser->chunks);
	free(parser->tokens);
	free(parser->stack);
	free(parser->text);
	return 0;
}

struct so_parser *so_parser_new(TALLOC_CTX *ctx)
{
	struct so_parser *parser = so_new(ctx, struct so_parser);

	parser->chunks = so_chunks_new(KEEP_BYTES);
	talloc_set_destructor(parser, parser_destroy);
	return parser;
}

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

const struct so_rules *const so_rules[SO_DIALECT_MAX] = {
	[SO_MYSQL] = &so_rules_mysql,
	[SO_MARIADB] = &so_rules_mysql,
	[SO_SQLITE] = &so_rules_sqlite,
	[SO_TSQL] = &so_rules_tsql,
	[SO_ORACLE] = &so_rules_oracle,
};

struct so_text so_parse_hint(const struct parse *p)
{
	const struct so_token *token = peek(p), *before = p->pos ? token - 1 : token;

	if (token->off - before->off - before->len < 5 || token == before)
		return (struct so_text){ "", 0 };
	return so_lex_hint(so_parse_token_text(p, before) + before->len, so_parse_token_text(p, token));
}

static void stop(struct parse *p)
{
	p->failed = true;
	p->furthest = p->pos > p->furthest ? p->pos : p->furthest;
	so_parse_go_to(p, p->end);
}

void so_parse_fail(struct parse *p, const struct so_token *token, const char *message)
{
	if (!p->failed)
		so_fail_at(p->err, SO_INPUT, (int32_t)(token->off - p->text), "%s", message);
	stop(p);
}

void so_parse_unexpected(struct parse *p)
{
	const struct so_token *token = peek(p);
	const char *text = so_parse_token_text(p, token);
	int len = token->len > 60 ? 60 : (int)token->len;

	while (token->len > 60 && len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--; /* not into a character */
	if (p->failed)
		return;
	if (p->lenient && (at_end(p) || token->kind == SO_TOK_CUT || token->kind == SO_TOK_ELLIPSIS)) {
		p->truncated = true;
		so_parse_go_to(p, p->end);
		return;
	}
	if (at_end(p))
		so_fail_at(p->err, SO_INPUT, (int32_t)(token->off - p->text), "syntax error at end of input");
	else
		so_fail_at(p->err, SO_INPUT, (int32_t)(token->off - p->text), "syntax error at or near \"%.*s\"", len,
			text);
	stop(p);
}

bool so_parse_too_deep(struct parse *p)
{
	if (!p->failed)
		so_fail_at(p->err, SO_LIMIT, (int32_t)(peek(p)->off - p->text),
			"the statement is nested deeper than %u levels", p->max_depth);
	stop(p);
	return false;
}

void so_parse_too_often(struct parse *p)
{
	uint32_t pos = p->pos;

	if (!p->failed)
		so_fail_at(p->err, SO_LIMIT, (int32_t)(peek(p)->off - p->text),
			"the statement begins alike in too many ways: more than %llu tokens were read again (%u times "
			"each, and 1000); is the end of a block missing?",
			(unsigned long long)so_parse_again_most(p), SO_PARSE_AGAIN);
	stop(p);
	p->furthest = pos > p->furthest ? pos : p->furthest;
}

bool so_parse_more_parts(struct parse *p, unsigned *parts)
{
	if (p->failed)
		return false;
	if (++*parts < MAX_PARTS)
		return true;
	so_fail_at(p->err, SO_LIMIT, (int32_t)(peek(p)->off - p->text), "a name has more than %u parts", MAX_PARTS);
	stop(p);
	return false;
}

so_ref so_parse_node_of_long_text(struct parse *p, enum so_node_kind kind, uint32_t first)
{
	uint32_t from = first + p->first_token;
	struct so_node *node;
	so_ref ref;

	/* a span outside of the header must not begin another chunk: NEW relies on that */
	so_arena_make_room(p->ast, so_node_bytes[kind] + sizeof(struct so_wide_span));
	ref = so_arena_alloc(p->ast, so_node_bytes[kind]);
	node = so_arena_last(p->ast, ref);
	node->kind = (uint8_t)kind;
	so_node_set_span(p->ast, node, from, from + (p->pos > first ? p->pos - 1 - first : 0));
	return ref;
}

/* ---- Lists ------------------------------------------------------------------------------------------------------ */

void so_parse_push_grow(struct so_parser *warm)
{
	warm->stack_room = warm->stack_room ? warm->stack_room * 2 : 256;
	warm->stack = so_mem_need(realloc(warm->stack, warm->stack_room * sizeof *warm->stack));
}

struct so_list so_parse_take_some(struct parse *p, size_t mark)
{
	const so_ref *pushed = p->warm->stack + mark;
	uint32_t count = (uint32_t)(p->warm->stack_count - mark);
	struct so_list list = { so_arena_raw(p->ast, count * sizeof(so_ref)), count };
	so_ref *items = so_arena_last(p->ast, list.items);

	p->warm->stack_count = mark;
	items[0] = pushed[0];
	for (uint32_t i = 1; i < count; i++) {
		items[i] = pushed[i];
		/* no loop of vectors, which would take longer to begin than these short lists take to copy */
		__asm__ volatile("");
	}
	return list;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

bool so_parse_same_word(const struct parse *p, const struct so_token *token, const char *word, size_t len)
{
	const char *text = so_parse_token_text(p, token);

	/* not by strncasecmp: words are short, and most differ in their first character */
	for (size_t i = 0; i < len; i++)
		if ((text[i] ^ word[i]) & ~0x20)
			return false;
	return true;
}

bool so_parse_more_words(struct parse *p, const char *rest)
{
	uint32_t first = p->pos;

	advance(p);
	while (*rest) {
		const char *word = rest + 1;
		size_t len = strcspn(word, " ");

		if (!is_this_word(p, peek(p), word, len)) {
			so_parse_go_to(p, first);
			return false;
		}
		advance(p);
		rest = word + len;
	}
	return true;
}

#define BIT(cls) (1u << SO_KWC_##cls)
#define U_BITS   (BIT(U) | BIT(U_AS))
#define C_BITS   (BIT(C) | BIT(C_AS))
#define T_BITS   (BIT(T) | BIT(T_AS))

bool so_parse_is_name(const struct parse *p, const struct so_token *token, enum so_name_use use)
{
	static const uint16_t allowed[2][SO_USE_NON_RESERVED + 1] = {
		/* where labels may be reserved words, too */
		{
			[SO_USE_COLUMN] = U_BITS | C_BITS,
			[SO_USE_FUNC] = U_BITS | T_BITS,
			[SO_USE_LABEL] = 0xFFFF,
			[SO_USE_FIELD] = 0xFFFF,
			[SO_USE_BARE_LABEL] = BIT(U) | BIT(C) | BIT(T) | BIT(R),
			[SO_USE_NON_RESERVED] = U_BITS | C_BITS | T_BITS,
		},
		{
			[SO_USE_COLUMN] = U_BITS | C_BITS,
			[SO_USE_FUNC] = U_BITS | T_BITS,
			[SO_USE_LABEL] = U_BITS | C_BITS,
			[SO_USE_FIELD] = 0xFFFF,
			[SO_USE_BARE_LABEL] = BIT(U) | BIT(C),
			[SO_USE_NON_RESERVED] = U_BITS | C_BITS | T_BITS,
		},
	};

	if (token->kind == SO_TOK_WORD)
		return !token->kw || (allowed[p->own][use] >> so_kw_class_of(token->kw, p->ast->dialect) & 1) != 0;
	if (token->kind == SO_TOK_QUOTED || token->kind == SO_TOK_UQUOTED)
		return true;
	return token->kind == SO_TOK_STRING && (use == SO_USE_LABEL || use == SO_USE_BARE_LABEL) &&
	       has(p, SO_FEAT_STRING_ALIAS);
}

/* Cuts a name to the limit of the dialect, at a character boundary. */
static uint32_t cut_name(const struct parse *p, const char *name, uint32_t len)
{
	uint32_t limit = p->traits->name_cut;

	if (len <= limit || !limit)
		return len;
	/* a character has at most three bytes after its first; more are no UTF-8 */
	for (len = limit; len > limit - 4; len--)
		if (((unsigned char)name[len] & 0xC0) != 0x80)
			return len;
	return limit;
}

static __attribute__((noinline)) struct so_name decode_long_name(struct parse *p, const struct so_token *token)
{
	const char *text = so_parse_token_text(p, token);
	struct so_name name = { .off = token->off, .len = token->len & 0x7FFFFFFFu };
	int64_t len;

	if (token->kind == SO_TOK_WORD) {
		if (so_scan_has_letter(text, token->len, *p->folds)) {
			name.off = so_arena_raw(p->ast, token->len);
			so_scan_flip(so_ast_at(p->ast, name.off), text, token->len, *p->folds);
		}
	} else {
		name.quoted = 1;
		if (token->kind == SO_TOK_QUOTED &&
			!so_scan_find(text + 1, text + token->len - 1, text[token->len - 1])) {
			name.off++;
			name.len -= 2;
		} else {
			struct so_token escaped = *token;
			const struct so_token *escape = peek_at(p, 1);

			/* U&"d!0061t" UESCAPE '!' */
			if (token->kind == SO_TOK_UQUOTED && peek(p) == token + 1 && at_kw(p, SO_KW_uescape) &&
				escape->kind == SO_TOK_STRING && escape->len == 3) {
				escaped.kw = (unsigned char)so_parse_token_text(p, escape)[1];
				so_parse_move(p, 2);
			}
			name.off = so_arena_raw(p->ast, token->len);
			len = so_lex_decode(&escaped, text, so_ast_at(p->ast, name.off));
			if (len < 0)
				so_parse_fail(p, token, "invalid Unicode escape in a quoted identifier");
			name.len = len < 0 ? 0 : (uint32_t)len & 0x7FFFFFFFu;
		}
	}
	if (name.len > p->traits->name_cut)
		name.len = cut_name(p, so_ast_at(p->ast, name.off), name.len) & 0x7FFFFFFFu;
	return name;
}

struct so_name so_parse_decode_any_name(struct parse *p, const struct so_token *token)
{
#ifndef SO_ASAN
	struct so_ast *ast = p->ast;
	so_ref ref = ast->next;

	/* A short word is folded straight into the arena, in one move: memory that was not used yet is zero, and so is
	 * what is written behind the name. */
	if (token->kind == SO_TOK_WORD && token->len <= SO_SCAN_SLACK && ast->end - ref >= SO_SCAN_SLACK) {
		ast->next = ref + ((token->len + 3) & ~3u);
		so_scan_flip_short(so_arena_last(ast, ref), so_parse_token_text(p, token), token->len, p->folds);
		return (struct so_name){ .off = ref, .len = token->len & 0x7FFFFFFFu };
	}
#endif
	return decode_long_name(p, token);
}

struct so_str so_parse_decode_string(struct parse *p, const struct so_token *token)
{
	const char *text = so_parse_token_text(p, token);
	struct so_str value;
	int64_t len;

	if (token->kind == SO_TOK_STRING && token->kw == SO_STR_BARE)
		return (struct so_str){ token->off + 1, token->len - 2 };
	value.off = so_arena_raw(p->ast, token->len);
	len = so_lex_decode(token, text, so_ast_at(p->ast, value.off));
	/* Bytes that are no UTF-8 are let through: E'\xe9' is a text in a database of LATIN1 or SQL_ASCII. */
	if (len < 0)
		so_parse_fail(p, token, "invalid escape in a string");
	value.len = len < 0 ? 0 : (uint32_t)len;
	return value;
}

struct so_name so_parse_name(struct parse *p, enum so_name_use use)
{
	const struct so_token *token = peek(p);

	/* most are words that no grammar knows */
	if (!token_is(token, SO_TOK_WORD, 0) && !so_parse_is_name(p, token, use)) {
		so_parse_unexpected(p);
		return (struct so_name){ 0 };
	}
	so_parse_move(p, 1); /* the end is no name */
	return so_parse_decode_name(p, token);
}

static so_ref name_node(struct parse *p, enum so_name_use use)
{
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, use);
	so_ref ref = so_parse_node(p, SO_N_NAME, first);

	NEW(p, name, ref)->name = name;
	return ref;
}

so_ref so_parse_name_node(struct parse *p)
{
	return name_node(p, SO_USE_COLUMN);
}

so_ref so_parse_any_name(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = name_node(p, SO_USE_COLUMN);
	unsigned parts = 1;

	while ((at(p, SO_TOK_DOT) || (at(p, SO_TOK_DOTS) && has(p, SO_FEAT_BATCH))) && so_parse_more_parts(p, &parts)) {
		if (at(p, SO_TOK_DOTS)) {
			/* database..table: the schema is left out */
			so_ref empty = so_parse_node(p, SO_N_NAME, first);

			NEW(p, name, empty)->qualifier = ref;
			ref = empty;
		}
		advance(p);
		so_ref next = name_node(p, SO_USE_FIELD);

		so_parse_begin_at(p, next, first);
		AS(p, name, next)->qualifier = ref;
		ref = next;
	}
	return ref;
}

so_ref so_parse_qualified(struct parse *p, struct so_name *name)
{
	so_ref ref;

	if (peek_at(p, 1)->kind != SO_TOK_DOT && peek_at(p, 1)->kind != SO_TOK_DOTS) {
		*name = so_parse_name(p, SO_USE_COLUMN);
		return 0;
	}
	ref = so_parse_any_name(p);
	*name = AS(p, name, ref)->name;
	return AS(p, name, ref)->qualifier;
}

struct so_list so_parse_name_list(struct parse *p)
{
	return so_parse_paren_list(p, so_parse_name_node);
}

/* ---- Entry points ----------------------------------------------------------------------------------------------- */

static bool check_size(size_t len, const struct so_sql_options *options, struct so_err *err)
{
	size_t limit = options && options->max_bytes ? options->max_bytes : SO_SQL_MAX_BYTES;

	if (len > limit)
		return so_fail(err, SO_LIMIT, "the statement has %zu bytes, the limit is %zu", len, limit);
	return true;
}

/* Makes room for the tokens of `len` bytes: at most one a byte, and the end token. */
static void reserve_tokens(struct so_parser *warm, size_t len)
{
	if (warm->token_room >= len + 2)
		return;
	free(warm->tokens);
	warm->token_room = len + 2 > 4096 ? len + 2 : 4096;
	warm->tokens = so_mem_need(malloc(warm->token_room * sizeof *warm->tokens));
}

void so_parser_lend(struct so_parser *parser, const char *text, size_t len, struct so_lexer *lexer)
{
	if (parser->text_room < len + SO_LEX_PADDING) {
		parser->text_room = (len + SO_LEX_PADDING) * 2;
		free(parser->text);
		parser->text = so_mem_need(malloc(parser->text_room));
	}
	lexer->plain = so_lex_copy(parser->text, text, len);
	if (lexer->lenient)
		so_lex_mend_end(parser->text, len);
	reserve_tokens(parser, len);
	lexer->text = parser->text;
	lexer->tokens = parser->tokens;
}

void so_lexer_set(struct so_lexer *lexer, enum so_dialect dialect, const struct so_sql_options *options)
{
	lexer->dialect = dialect;
	lexer->lenient = options && options->lenient;
	lexer->version = options ? options->server_version : 0;
	lexer->features = so_dialect_features(dialect, lexer->version, options ? options->modes : 0);
}

/* The same, without asking twice for the features of one dialect. */
static void set_again(
	struct so_lexer *lexer, struct so_parser *warm, enum so_dialect dialect, const struct so_sql_options *options)
{
	uint32_t version = options ? options->server_version : 0;
	unsigned modes = options ? options->modes : 0;

	if (!warm->has_features || warm->dialect != dialect || warm->version != version || warm->modes != modes) {
		warm->features = so_dialect_features(dialect, version, modes);
		warm->has_features = true;
		warm->dialect = dialect;
		warm->version = version;
		warm->modes = modes;
	}
	lexer->dialect = dialect;
	lexer->lenient = options && options->lenient;
	lexer->version = version;
	lexer->features = warm->features;
}

/* What struct parse has by this name, for each enum so_name_case. */
static const char folds[3][SO_SCAN_SLACK] = {
	[SO_CASE_KEEP] = { [0 ... SO_SCAN_SLACK - 1] = '\1' },
	[SO_CASE_LOWER] = { [0 ... SO_SCAN_SLACK - 1] = 'A' },
	[SO_CASE_UPPER] = { [0 ... SO_SCAN_SLACK - 1] = 'a' },
};

/* Copies the text into the arena with its padding and lexes it; sets up `p` for the rules, field by field: zeros for
 * all of it at once are an instruction that takes longer than many a word of the lexer. */
static bool begin(struct parse *p, const char *text, size_t len, const struct so_sql_options *options)
{
	struct so_ast *ast = p->ast;
	so_ref at = so_arena_raw(ast, len + SO_LEX_PADDING);
	char *copy = so_ast_at(ast, at);
	struct so_lexer lexer = { .text = copy, .len = (uint32_t)len, .base = at };

	set_again(&lexer, p->warm, ast->dialect, options);
	lexer.plain = so_lex_copy(copy, text, len);
	if (lexer.lenient)
		so_lex_mend_end(copy, len);
	reserve_tokens(p->warm, len);
	lexer.tokens = p->warm->tokens;
	if (!so_parse_lex(&lexer, p->err))
		return false;
	/* of the padding only the NUL stays; what comes next follows the text */
	ast->next = at + (((so_ref)len + 4) & ~(so_ref)3);
	p->text = at;
	p->chars = (uintptr_t)copy - at;
	p->first_token = ast->token_count;
	p->depth = p->levels = 0;
	p->furthest = 0;
	p->given_back = 0;
	p->failed = p->truncated = p->several = p->shortened = p->only_class = false;
	p->max_depth = options && options->max_depth ? options->max_depth : SO_SQL_MAX_DEPTH;
	p->lenient = lexer.lenient;
	p->version = lexer.version;
	p->left_out = lexer.left_out;
	p->traits = &so_dialects[ast->dialect];
	p->folds = folds[p->traits->name_case];
	p->own = ast->dialect != SO_POSTGRESQL;
	p->rules = so_rules[ast->dialect];
	p->forms = p->own ? p->rules->forms : &so_pg_forms;
	p->features = lexer.features;
	ast->modes = options ? options->modes : 0;
	p->warm->stack_count = 0;
	ast->token_count += lexer.count;
	p->narrow = ast->token_count < 1u << SO_SPAN_FIRST_BITS && lexer.count <= SO_SPAN_REST;
	p->tok = lexer.tokens;
	so_parse_go_to(p, 0);
	p->end = lexer.count - 1;
	return true;
}

static void finish(struct parse *p, size_t len, so_ref root)
{
	uint32_t i;

	if (p->truncated)
		root = so_parse_repair(p, root);
	i = so_ast_add_source(p->ast, p->text, (uint32_t)len);
	p->ast->sources[i].first_token = p->first_token;
	p->ast->sources[i].token_count = p->end + 1;
	p->ast->sources[i].root = root;
	p->ast->sources[i].version = p->version;
	p->ast->sources[i].modes = p->ast->modes;
	p->ast->sources[i].lenient = p->lenient;
	p->ast->sources[i].truncated = p->truncated;
	p->ast->sources[i].left_out = p->left_out;
}

/* Counts the statements from the current token on, for the message. */
static unsigned count_more(const struct parse *p)
{
	unsigned count = 1;
	bool inside = false;

	for (uint32_t i = p->pos; i < p->end; i++) {
		bool semicolon = p->tok[i].kind == SO_TOK_SEMICOLON;

		if (!semicolon && !inside)
			count++;
		inside = !semicolon;
	}
	return count;
}

/* Statements that need no semicolon between them: each rule ends where no token of it can follow. One is itself, more
 * are a BLOCK. */
static so_ref parse_batch(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list statements;
	so_ref ref;

	do {
		uint32_t before = p->pos;
		so_ref go = 0;

		so_parse_push(p, so_parse_statement(p));
		for (;;) {
			so_ref separator = p->rules->separator(p);

			if (!separator && !accept(p, SO_TOK_SEMICOLON))
				break;
			go = separator ? separator : go;
		}
		if (!at_end(p))
			so_parse_push(p, go);
		if (p->pos == before)
			so_parse_unexpected(p);
	} while (!at_end(p));
	statements = so_parse_take(p, mark);
	if (p->failed || !statements.count)
		return 0;
	if (statements.count == 1)
		return so_list_get(p->ast, statements, 0);
	ref = so_parse_node(p, SO_N_BLOCK, first);
	NEW(p, block, ref)->statements = statements;
	return ref;
}

static so_ref parse_one(struct parse *p)
{
	so_ref root;

	while (accept(p, SO_TOK_SEMICOLON) || (has(p, SO_FEAT_BATCH) && p->rules->separator(p)))
		;
	if (at_end(p)) {
		so_parse_fail(
			p, peek(p), p->truncated ? "the statement is cut off at its start" : "the statement is empty");
		return 0;
	}
	root = has(p, SO_FEAT_BATCH) ? parse_batch(p) : so_parse_statement(p);
	if (!at_end(p) && !at(p, SO_TOK_SEMICOLON))
		so_parse_unexpected(p);
	while (accept(p, SO_TOK_SEMICOLON))
		;
	if (!p->failed && !at_end(p)) {
		p->several = true;
		so_fail_at(p->err, SO_INPUT, (int32_t)(peek(p)->off - p->text), "%u statements, expected one",
			count_more(p));
		stop(p);
	}
	return root;
}

/* A statement that may be cut off. Where the end makes no sense to the rules, it is taken to be further in front, until
 * the rest is the beginning of a statement. The error is that of the whole text. */
static so_ref parse_lenient(struct parse *p)
{
	struct so_err *err = p->err, whole = SO_ERR_INIT, shorter;
	so_ref root;

	p->err = &whole;
	so_parse_drop_cut_tail(p);
	root = parse_one(p);
	while (p->failed && so_parse_shorten(p, p->err)) {
		shorter = (struct so_err)SO_ERR_INIT;
		p->err = &shorter;
		root = parse_one(p);
	}
	p->err = err;
	if (p->failed)
		*err = whole;
	return root;
}

/* The only statement of p->ast, which is empty. */
static bool parse_text(struct parse *p, const char *text, size_t len, const struct so_sql_options *options)
{
	so_ref root;

	if (!begin(p, text, len, options))
		return false;
	root = p->lenient ? parse_lenient(p) : parse_one(p);
	if (p->failed)
		return false;
	finish(p, len, root);
	/* texts of statistics views come from the server itself */
	return !options || p->lenient || so_parse_check_version(p, root, options->server_version);
}

bool so_sql_parse(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_ast **ast, struct so_err *err)
{
	struct so_parser *own = NULL;
	struct parse p;
	bool done;

	if (!check_size(len, options, err))
		return false;
	if (!parser)
		parser = own = so_parser_new(NULL);
	p.plan = false;
	p.err = err;
	p.warm = parser;
	/* text and nodes (about five bytes a byte of text), and some for small statements */
	p.ast = so_ast_create(ctx, dialect, parser->chunks, len * 6 + 256);
	done = parse_text(&p, text, len, options);
	if (done)
		*ast = p.ast;
	else
		talloc_free(p.ast);
	talloc_free(own);
	return done;
}

bool so_sql_parse_again(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, struct so_err *err)
{
	struct parse p;
	bool done;

	p.plan = false;
	p.err = err;
	p.ast = ast;
	p.warm = parser;
	so_ast_clear(ast);
	if (!check_size(len, options, err))
		return false;
	done = parse_text(&p, text, len, options);
	if (!done)
		so_ast_clear(ast);
	return done;
}

struct so_ast *so_parser_scratch(struct so_parser *parser, enum so_dialect dialect)
{
	if (!parser->scratch)
		parser->scratch = so_ast_create(parser, dialect, parser->chunks, SCRATCH_BYTES);
	parser->scratch->dialect = dialect;
	return parser->scratch;
}

/* Runs `rule` on a text as a further root of `ast`. */
static bool parse_into(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, so_ref (*rule)(struct parse *p), so_ref *root, struct so_err *err)
{
	struct so_parser *own = NULL;
	struct parse p;
	uint32_t tokens = ast->token_count;
	bool done;

	if (!check_size(len, options, err))
		return false;
	if (!parser)
		parser = own = so_parser_new(NULL);
	p.plan = true;
	p.err = err;
	p.ast = ast;
	p.warm = parser;
	done = begin(&p, text, len, options);
	if (done) {
		so_parse_drop_cut_tail(&p);
		if (at_end(&p))
			so_parse_fail(&p, peek(&p), "the expression is empty");
		so_ref made = rule(&p);

		if (!at_end(&p))
			so_parse_unexpected(&p);
		done = !p.failed;
		if (done) {
			finish(&p, len, made);
			*root = so_ast_root(ast, ast->source_count - 1);
		}
	}
	if (!done)
		ast->token_count = tokens;
	talloc_free(own);
	return done;
}

bool so_sql_parse_expr(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, so_ref *root, struct so_err *err)
{
	return parse_into(ast, parser, text, len, options, so_parse_expr, root, err);
}

/* A sort or group key: a SORT node only when it says more than the expression. */
static so_ref key_item(struct parse *p)
{
	so_ref ref = so_parse_sort_item(p);

	if (so_ast_kind(p->ast, ref) == SO_N_SORT && !AS(p, sort, ref)->dir && !AS(p, sort, ref)->nulls)
		return AS(p, sort, ref)->arg;
	return ref;
}

static so_ref key_row(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_list items = so_parse_list(p, key_item);
	so_ref ref = so_parse_node(p, SO_N_ROW, first);

	NEW(p, row, ref)->items = items;
	return ref;
}

bool so_sql_parse_expr_list(struct so_ast *ast, struct so_parser *parser, const char *text, size_t len,
	const struct so_sql_options *options, so_ref *root, struct so_err *err)
{
	return parse_into(ast, parser, text, len, options, key_row, root, err);
}

/* ---- Splitting -------------------------------------------------------------------------------------------------- */

struct splitter {
	const char *text;
	const struct so_token *tokens;
	uint32_t count;
	bool trigger_bodies;
	bool units; /* of PL/SQL, which hold semicolons */
	bool routines; /* of MySQL, likewise */
};

/* Index of the semicolon or end token behind the body of the trigger that token i creates; 0 when it creates none, or
 * the body does not end. */
static uint32_t trigger_end(const struct splitter *s, uint32_t i)
{
	if (!s->trigger_bodies || kw_of(&s->tokens[i]) != SO_KW_create)
		return 0;
	i++;
	if (kw_of(&s->tokens[i]) == SO_KW_temp || kw_of(&s->tokens[i]) == SO_KW_temporary)
		i++;
	if (kw_of(&s->tokens[i]) != SO_KW_trigger)
		return 0;
	for (; i + 2 < s->count; i++)
		if (s->tokens[i].kind == SO_TOK_SEMICOLON && kw_of(&s->tokens[i + 1]) == SO_KW_end &&
			(s->tokens[i + 2].kind == SO_TOK_SEMICOLON || s->tokens[i + 2].kind == SO_TOK_END))
			return i + 2;
	return 0;
}

/* Index of the semicolon (or end token) that closes the statement at token i. */
static uint32_t statement_end(const struct splitter *s, uint32_t i)
{
	int parens = 0, blocks = 0;

	if (trigger_end(s, i))
		return trigger_end(s, i);
	for (; i < s->count - 1; i++) {
		const struct so_token *token = &s->tokens[i];

		if (token->kind == SO_TOK_LPAREN)
			parens++;
		else if (token->kind == SO_TOK_RPAREN && parens > 0)
			parens--;
		else if (kw_of(token) == SO_KW_atomic && i > 0 && kw_of(token - 1) == SO_KW_begin)
			blocks = 1;
		else if (blocks && kw_of(token) == SO_KW_case)
			blocks++;
		else if (blocks && kw_of(token) == SO_KW_end)
			blocks--;
		else if (token->kind == SO_TOK_SEMICOLON && !parens && !blocks)
			break;
	}
	return i;
}

static void add_piece(TALLOC_CTX *ctx, struct so_sql_piece piece, struct so_sql_piece **list, size_t *count)
{
	*list = so_renew_array(ctx, *list, struct so_sql_piece, *count + 1);
	(*list)[(*count)++] = piece;
}

/* The pieces between the semicolons from token i on. */
static void split_pieces(
	TALLOC_CTX *ctx, const struct splitter *splitter, uint32_t i, struct so_sql_piece **list, size_t *count)
{
	struct so_text delimiter = { "", 0 };

	while (i < splitter->count - 1) {
		struct so_sql_piece piece;
		uint32_t next, end;

		if (splitter->routines) {
			if (so_mysql_split(
				    splitter->text, splitter->tokens, splitter->count, i, &delimiter, &next, &piece))
				add_piece(ctx, piece, list, count);
			i = next;
			continue;
		}
		if (splitter->units) {
			end = so_plsql_split(splitter->text, splitter->tokens, splitter->count, i, &next);
		} else {
			end = statement_end(splitter, i);
			next = end + 1;
		}
		if (end > i) {
			const struct so_token *first = &splitter->tokens[i], *last = &splitter->tokens[end - 1];

			piece = (struct so_sql_piece){ first->off, last->off + last->len - first->off };
			add_piece(ctx, piece, list, count);
		}
		i = next;
	}
}

/* Adds the statements of one batch as the grammar sees them; false when it does not parse. */
static bool split_batch(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text,
	struct so_sql_piece batch, const struct so_sql_options *options, struct so_sql_piece **list, size_t *count)
{
	SO_TMP(tmp, ctx);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;
	so_ref root;
	struct so_list statements = { 0, 1 };

	if (!so_sql_parse(tmp, parser, dialect, text + batch.offset, batch.len, options, &ast, &err))
		return false;
	root = so_ast_statement(ast);
	if (so_ast_kind(ast, root) == SO_N_BLOCK)
		statements = so_as_block(ast, root)->statements;
	for (uint32_t i = 0; i < statements.count; i++) {
		so_ref statement = statements.items ? so_list_get(ast, statements, i) : root;
		struct so_sql_piece piece;

		if (!so_ast_span_paren(ast, statement, &piece.offset, &piece.len))
			continue;
		piece.offset += batch.offset;
		add_piece(ctx, piece, list, count);
	}
	return true;
}

/* Index of the GO, or of the end token, that closes the batch at token i. */
static uint32_t batch_end(const struct splitter *s, uint32_t i)
{
	while (i < s->count - 1 && kw_of(&s->tokens[i]) != SO_KW_go)
		i++;
	return i;
}

/* A batch that does not parse: the statements of each piece between semicolons, and of one that does not parse either,
 * the piece. */
static void split_wrong_batch(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect,
	const struct splitter *splitter, uint32_t from, uint32_t end, const struct so_sql_options *options,
	struct so_sql_piece **list, size_t *n)
{
	struct splitter inner = { .text = splitter->text, .tokens = splitter->tokens, .count = end + 1 };
	struct so_sql_piece *pieces = NULL;
	size_t count = 0;

	split_pieces(ctx, &inner, from, &pieces, &count);
	for (size_t i = 0; i < count; i++) {
		if (split_batch(ctx, parser, dialect, splitter->text, pieces[i], options, list, n))
			continue;
		add_piece(ctx, pieces[i], list, n);
	}
	talloc_free(pieces);
}

/* Batches end at GO; their statements are those that the parser finds, or the pieces between semicolons. */
static void split_batches(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect,
	const struct splitter *splitter, const struct so_sql_options *options, struct so_sql_piece **list, size_t *n)
{
	for (uint32_t i = 0; i < splitter->count - 1;) {
		uint32_t end = batch_end(splitter, i);
		const struct so_token *first = &splitter->tokens[i];

		if (end > i) {
			const struct so_token *last = &splitter->tokens[end - 1];
			struct so_sql_piece batch = { first->off, last->off + last->len - first->off };

			if (!split_batch(ctx, parser, dialect, splitter->text, batch, options, list, n))
				split_wrong_batch(ctx, parser, dialect, splitter, i, end, options, list, n);
		}
		i = end + 1;
		/* GO 5 */
		if (i < splitter->count - 1 && splitter->tokens[i].kind == SO_TOK_INT)
			i++;
	}
}

bool so_sql_split(TALLOC_CTX *ctx, struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, struct so_sql_piece **pieces, size_t *count, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	char *padded = so_new_array(tmp, char, len + SO_LEX_PADDING);
	struct so_lexer lexer = { .text = padded, .len = (uint32_t)len, .base = 0 };
	struct so_sql_piece *list = NULL;
	size_t n = 0;

	if (!check_size(len, options, err))
		return false;
	if (!parser)
		parser = so_parser_new(tmp);
	memcpy(padded, text, len);
	reserve_tokens(parser, len);
	so_lexer_set(&lexer, dialect, options);
	if (lexer.lenient)
		so_lex_mend_end(padded, len);
	lexer.tokens = parser->tokens;
	if (!so_lex(&lexer, err))
		return false;
	struct splitter splitter = { .text = padded,
		.tokens = lexer.tokens,
		.count = lexer.count,
		.trigger_bodies = so_features_have(&lexer.features, SO_FEAT_TRIGGER_BODIES),
		.units = so_features_have(&lexer.features, SO_FEAT_UNITS),
		.routines = so_features_have(&lexer.features, SO_FEAT_ROUTINES) };

	if (so_features_have(&lexer.features, SO_FEAT_BATCH)) {
		/* parsing needs the parser's room for tokens */
		splitter.tokens = so_memdup(tmp, lexer.tokens, lexer.count * sizeof *lexer.tokens);
		split_batches(ctx, parser, dialect, &splitter, options, &list, &n);
	} else {
		split_pieces(ctx, &splitter, 0, &list, &n);
	}
	*pieces = list;
	*count = n;
	return true;
}
