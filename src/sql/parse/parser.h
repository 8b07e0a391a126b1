/* What the files of the parser share (internal to sql/).
 *
 * Errors are sticky: the first one moves the parser to the end token, on which no rule matches, so everything unwinds
 * by itself without a test after each call. Rules therefore return a node even then (maybe 0): never look into a child.
 */
#ifndef SO_SQL_PARSER_H
#define SO_SQL_PARSER_H

#include <string.h>

#include "sql/lex/scan.h"
#include "sql/build.h"
#include "sql/tree/arena.h"
#include "sql/lex.h"
#include "sql/parse.h"
#include "sql/tree/shape.h"

#define SO_PARSE_AGAIN 16u /* times that a token is read again, on average over the text */

struct so_parser {
	struct so_chunks *chunks;
	struct so_token *tokens;
	size_t token_room;
	so_ref *stack; /* items of the lists being read */
	size_t stack_count, stack_room;
	struct so_ast *scratch; /* of so_parser_scratch */
	char *text; /* of so_parser_lend */
	size_t text_room;
	bool has_features;
	enum so_dialect dialect; /* of the text before, and its features */
	uint32_t version;
	unsigned modes;
	struct so_features features;
};

/* Gives a lexer a padded copy of the text and room for its tokens, until the parser is used again. */
void so_parser_lend(struct so_parser *parser, const char *text, size_t len, struct so_lexer *lexer);

/* Writes the tokens of a text, as rules and readers see them. */
bool so_parse_lex(struct so_lexer *lexer, struct so_err *err) SO_MUST_CHECK;

/* An AST for so_sql_parse_again, until the next call. */
struct so_ast *so_parser_scratch(struct so_parser *parser, enum so_dialect dialect);

struct parse {
	struct so_ast *ast;
	const struct so_token *tok; /* of this source */
	const struct so_token *current; /* &tok[pos]; both change by so_parse_move and so_parse_go_to only */
	union {
		const uint32_t pos;
		uint32_t place; /* the same, for those two */
	};
	uint32_t end; /* index of the end token */
	uint32_t first_token; /* added to positions in node headers */
	uint32_t version; /* of the server */
	unsigned depth, max_depth;
	unsigned levels; /* of expressions inside expressions: what keeps a rule without so_parse_enter from the stack's
			    end */
	uint32_t furthest; /* token at which an attempt ended that was given up */
	uint64_t given_back; /* tokens of attempts that were given up: each may be read once more */
	bool lenient, plan, failed, truncated;
	bool left_out; /* a comment that a newer server reads */
	bool several; /* failed because more than one statement is there */
	bool shortened; /* by so_parse_shorten */
	bool only_class; /* of what is left only the first word makes sense */
	bool narrow; /* so few tokens that all spans fit into the headers of nodes */
	bool own; /* any dialect but PostgreSQL: the rules of so_rules are asked */
	const struct so_dialect_traits *traits;
	const struct so_rules *rules; /* of the dialect; NULL: PostgreSQL */
	const struct so_forms *forms; /* of the dialect; NULL: it has none */
	const char *folds; /* sixteen times the first of the 26 letters that names are folded from; none in words where
			      they are kept */
	struct so_features features;
	so_ref text;
	uintptr_t chars; /* what is added to the offset of a token gives the address of its text */
	struct so_parser *warm;
	struct so_err *err;
};

static inline bool has(const struct parse *p, enum so_feature feature)
{
	return so_features_have(&p->features, feature);
}

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

static inline const struct so_token *peek(const struct parse *p)
{
	return p->current;
}

/* Token n places ahead; the end token when there are fewer. */
static inline const struct so_token *peek_at(const struct parse *p, uint32_t n)
{
	return p->pos + n < p->end ? p->current + n : &p->tok[p->end];
}

/* So many tokens were read, or are given back. */
static inline void so_parse_move(struct parse *p, int n)
{
	p->place += (uint32_t)n;
	p->current += n;
}

static inline void so_parse_go_to(struct parse *p, uint32_t pos)
{
	p->place = pos;
	p->current = p->tok + pos;
}

static inline bool at(const struct parse *p, enum so_tok kind)
{
	return peek(p)->kind == kind;
}

/* kw of other tokens is an operator number, so the kind must be asked too. */
static inline enum so_kw kw_of(const struct so_token *token)
{
	return token->kind == SO_TOK_WORD ? (enum so_kw)token->kw : SO_KW_NONE;
}

static inline enum so_kw kw(const struct parse *p)
{
	return kw_of(peek(p));
}

static inline enum so_kw kw_at(const struct parse *p, uint32_t n)
{
	return kw_of(peek_at(p, n));
}

/* Kind and kw of a token in one comparison. */
static inline bool token_is(const struct so_token *token, enum so_tok kind, unsigned number)
{
	const uint16_t wanted[2] = { (uint16_t)kind, (uint16_t)number };

	_Static_assert(
		offsetof(struct so_token, kw) == offsetof(struct so_token, kind) + sizeof wanted[0], "neighbours");
	return memcmp(&token->kind, wanted, sizeof wanted) == 0;
}

static inline bool at_kw(const struct parse *p, enum so_kw word)
{
	return token_is(peek(p), SO_TOK_WORD, word);
}

static inline bool at_op(const struct parse *p, enum so_op op)
{
	return token_is(peek(p), SO_TOK_OP, op);
}

static inline bool at_end(const struct parse *p)
{
	return at(p, SO_TOK_END);
}

static inline void advance(struct parse *p)
{
	if (p->current->kind != SO_TOK_END)
		so_parse_move(p, 1);
}

static inline bool accept(struct parse *p, enum so_tok kind)
{
	if (!at(p, kind) || kind == SO_TOK_END)
		return false;
	so_parse_move(p, 1);
	return true;
}

static inline bool accept_kw(struct parse *p, enum so_kw word)
{
	if (!at_kw(p, word))
		return false;
	so_parse_move(p, 1);
	return true;
}

/* Two words in a row, or none. */
static inline bool accept_kw2(struct parse *p, enum so_kw first, enum so_kw second)
{
	/* behind a word there is a token */
	if (!at_kw(p, first) || !token_is(peek(p) + 1, SO_TOK_WORD, second))
		return false;
	so_parse_move(p, 2);
	return true;
}

/* Dialect, version and modes of a lexer. */
void so_lexer_set(struct so_lexer *lexer, enum so_dialect dialect, const struct so_sql_options *options);

static inline const char *so_parse_token_text(const struct parse *p, const struct so_token *token)
{
	return (const char *)(p->chars + token->off);
}

/* Whether a word, unquoted and in any case, is this one (in lower case), keyword or not. */
bool so_parse_same_word(const struct parse *p, const struct so_token *token, const char *word, size_t len);

static inline bool is_this_word(const struct parse *p, const struct so_token *token, const char *word, size_t len)
{
	/* the length is known when the code is compiled, and most words have another one */
	return token->kind == SO_TOK_WORD && token->len == len && so_parse_same_word(p, token, word, len);
}

/* A word that need not be a keyword: at_word(p, 0, "virtual"). */
static inline bool so_parse_at_word(const struct parse *p, uint32_t n, const char *word)
{
	return is_this_word(p, peek_at(p, n), word, strlen(word));
}

static inline bool so_parse_accept_word(struct parse *p, const char *word)
{
	if (!so_parse_at_word(p, 0, word))
		return false;
	advance(p);
	return true;
}

/* The rest of so_parse_words, whose first word stands here. */
bool so_parse_more_words(struct parse *p, const char *rest);

/* First letter of the current token in lower case; to look into a table of words. */
static inline char so_parse_letter(const struct parse *p)
{
	return (char)(*so_parse_token_text(p, peek(p)) | 0x20);
}

/* Several words in a row, with one blank between them, or none of them: words(p, "if not exists"). */
static inline bool so_parse_words(struct parse *p, const char *words)
{
	const char *blank = strchr(words, ' ');
	size_t len = blank ? (size_t)(blank - words) : strlen(words);

	if (!is_this_word(p, peek(p), words, len))
		return false;
	return so_parse_more_words(p, words + len);
}

/* "syntax error at or near" the current token. In lenient mode, at the end, the text counts as cut off instead. */
__attribute__((cold)) void so_parse_unexpected(struct parse *p);
void so_parse_fail(struct parse *p, const struct so_token *token, const char *message);
static inline void so_parse_expect(struct parse *p, enum so_tok kind)
{
	if (__builtin_expect(at(p, kind) && kind != SO_TOK_END, 1))
		so_parse_move(p, 1);
	else
		so_parse_unexpected(p);
}

static inline void so_parse_expect_kw(struct parse *p, enum so_kw word)
{
	if (__builtin_expect(at_kw(p, word), 1))
		so_parse_move(p, 1);
	else
		so_parse_unexpected(p);
}

bool so_parse_too_deep(struct parse *p);

/* Around each rule that can contain itself. */
static inline bool so_parse_enter(struct parse *p)
{
	return __builtin_expect(++p->depth <= p->max_depth, 1) || so_parse_too_deep(p);
}

/* At a point in a dotted name that has *parts parts so far: readers recurse into qualifiers, so there is an end. */
bool so_parse_more_parts(struct parse *p, unsigned *parts);

static inline void so_parse_leave(struct parse *p)
{
	p->depth--;
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static inline void so_parse_set_span(struct parse *p, struct so_node *node, uint32_t first, uint32_t rest)
{
	if (__builtin_expect(p->narrow, 1))
		node->span = first << SO_SPAN_REST_BITS | rest;
	else
		so_node_set_span(p->ast, node, first, first + rest);
}

/* Where spans may be too long for the header of the node. */
so_ref so_parse_node_of_long_text(struct parse *p, enum so_node_kind kind, uint32_t first);

/* A zeroed node that starts at token `first` (an index into p->tok) and ends with the last token read. */
static inline so_ref so_parse_node(struct parse *p, enum so_node_kind kind, uint32_t first)
{
	struct so_node *node;
	so_ref ref;

	if (__builtin_expect(!p->narrow, 0))
		return so_parse_node_of_long_text(p, kind, first);
	ref = so_arena_alloc(p->ast, so_node_bytes[kind]);
	node = so_arena_last(p->ast, ref);
	node->kind = (uint8_t)kind;
	node->span = (first + p->first_token) << SO_SPAN_REST_BITS | (p->pos > first ? p->pos - 1 - first : 0);
	return ref;
}

/* The node as its struct. */
#define AS(p, lower, ref) ((struct so_n_##lower *)so_ast_at((p)->ast, ref))

/* The same of the node that was made last: nothing else was allocated since, so its page needs no look. */
#define NEW(p, lower, ref) ((struct so_n_##lower *)so_arena_last((p)->ast, ref))

/* The node ends with the last token read. */
static inline so_ref so_parse_done(struct parse *p, so_ref ref)
{
	struct so_node *node = so_ast_node(p->ast, ref);
	uint32_t last = p->first_token + (p->pos ? p->pos - 1 : 0);
	uint32_t first = p->narrow ? node->span >> SO_SPAN_REST_BITS : so_node_first(p->ast, node);

	so_parse_set_span(p, node, first, last > first ? last - first : 0);
	return ref;
}

/* The node begins at token `first`, an index into p->tok in front of where it began. */
static inline void so_parse_begin_at(struct parse *p, so_ref ref, uint32_t first)
{
	struct so_node *node = so_ast_node(p->ast, ref);

	so_node_set_span(p->ast, node, first + p->first_token, so_node_last(p->ast, node));
}

static inline void set_flag(struct parse *p, so_ref ref, unsigned flag)
{
	if (ref)
		so_ast_node(p->ast, ref)->flags |= (uint16_t)flag;
}

/* One more pair of parentheses was read around a node. */
static inline void add_parens(struct parse *p, so_ref ref)
{
	struct so_node *node;

	if (!ref)
		return;
	node = so_ast_node(p->ast, ref);
	node->flags |= SO_NF_PAREN;
	if (node->parens < UINT8_MAX)
		node->parens++;
}

/* First token of a node, as an index into p->tok. */
static inline uint32_t first_of(const struct parse *p, so_ref ref)
{
	const struct so_node *node;

	if (!ref)
		return p->pos;
	node = so_ast_node(p->ast, ref);
	return (__builtin_expect(p->narrow, 1) ? node->span >> SO_SPAN_REST_BITS : so_node_first(p->ast, node)) -
	       p->first_token;
}

/* As first_of, with the parentheses around the node. */
static inline uint32_t open_of(const struct parse *p, so_ref ref)
{
	return ref ? first_of(p, ref) - so_ast_node(p->ast, ref)->parens : p->pos;
}

/* Lists are collected on a stack: mark, push..., take. */
static inline size_t so_parse_mark(const struct parse *p)
{
	return p->warm->stack_count;
}

/* Too many tokens were given back. */
void so_parse_too_often(struct parse *p);

/* What may be given back: SO_PARSE_AGAIN for each token, and some for short texts. */
static inline uint64_t so_parse_again_most(const struct parse *p)
{
	return (uint64_t)SO_PARSE_AGAIN * p->end + 1000;
}

/* Goes back to a token that was read, unless the parser failed. Alternatives that contain each other and begin alike
 * take twice the time with each level, so what is read again is counted, and fails beyond a limit. */
static inline void so_parse_go_back(struct parse *p, uint32_t pos)
{
	if (p->failed)
		return;
	p->given_back += p->pos - pos;
	so_parse_go_to(p, pos);
	if (__builtin_expect(p->given_back > so_parse_again_most(p), 0))
		so_parse_too_often(p);
}

void so_parse_push_grow(struct so_parser *warm);

static inline void so_parse_push(struct parse *p, so_ref ref)
{
	struct so_parser *warm = p->warm;

	if (!ref)
		return;
	if (__builtin_expect(warm->stack_count == warm->stack_room, 0))
		so_parse_push_grow(warm);
	warm->stack[warm->stack_count++] = ref;
}

struct so_list so_parse_take_some(struct parse *p, size_t mark);

/* What was pushed since the mark, as a list. */
static inline struct so_list so_parse_take(struct parse *p, size_t mark)
{
	return p->warm->stack_count == mark ? (struct so_list){ 0, 0 } : so_parse_take_some(p, mark);
}

/* item {, item}; inline, so that the calls of `item` are direct ones */
static inline struct so_list so_parse_list(struct parse *p, so_ref (*item)(struct parse *p))
{
	size_t mark = so_parse_mark(p);

	do {
		so_parse_push(p, item(p));
	} while (accept(p, SO_TOK_COMMA));
	return so_parse_take(p, mark);
}

/* ( item {, item} ) */
static inline struct so_list so_parse_paren_list(struct parse *p, so_ref (*item)(struct parse *p))
{
	struct so_list list;

	so_parse_expect(p, SO_TOK_LPAREN);
	list = so_parse_list(p, item);
	so_parse_expect(p, SO_TOK_RPAREN);
	return list;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

enum so_name_use {
	SO_USE_COLUMN, /* ColId: columns, tables, aliases */
	SO_USE_FUNC, /* type_function_name */
	SO_USE_LABEL, /* after AS */
	SO_USE_FIELD, /* after a point: any word */
	SO_USE_BARE_LABEL, /* a label without AS */
	SO_USE_NON_RESERVED /* C, T or U */
};

bool so_parse_is_name(const struct parse *p, const struct so_token *token, enum so_name_use use);
/* The current token as a name, or a syntax error. */
struct so_name so_parse_name(struct parse *p, enum so_name_use use);
struct so_name so_parse_decode_any_name(struct parse *p, const struct so_token *token);

static inline struct so_name so_parse_decode_name(struct parse *p, const struct so_token *token)
{
	/* most are short words in the case of the dialect already */
	if (token->kind == SO_TOK_WORD && token->len <= SO_SCAN_SLACK &&
		!so_scan_short_has(so_parse_token_text(p, token), token->len, p->folds))
		return (struct so_name){ .off = token->off, .len = token->len & 0x7FFFFFFFu };
	return so_parse_decode_any_name(p, token);
}

struct so_str so_parse_decode_string(struct parse *p, const struct so_token *token);
/* A name of our own, such as that of the function behind EXTRACT. */
static inline struct so_name so_parse_made_name(struct parse *p, const char *text)
{
	size_t len = strlen(text);

	return (struct so_name){ .off = so_arena_bytes(p->ast, text, len), .len = (uint32_t)len & 0x7FFFFFFFu };
}

/* Marks a column without qualifier that stands in double quotes, where these may be a string's. */
static inline void so_parse_mark_quotes(struct parse *p, so_ref column)
{
	const struct so_n_column *node = AS(p, column, column);

	if (__builtin_expect(node->name.quoted && !node->qualifier && has(p, SO_FEAT_DQUOTE_EITHER), 0) &&
		so_parse_token_text(p, &p->tok[first_of(p, column)])[0] == '"')
		set_flag(p, column, SO_NF_DQUOTED);
}

/* NAME with one part. */
so_ref so_parse_name_node(struct parse *p);
/* a.b.c: fills name and returns the qualifier. */
so_ref so_parse_qualified(struct parse *p, struct so_name *name);
/* a.b.c as a NAME. */
so_ref so_parse_any_name(struct parse *p);
/* (a, b) */
struct so_list so_parse_name_list(struct parse *p);

/* ---- Rules ------------------------------------------------------------------------------------------------------ */

static inline bool so_tok_is_string(const struct so_token *token)
{
	return (token->kind >= SO_TOK_STRING && token->kind <= SO_TOK_USTRING) || token->kind == SO_TOK_DOLLAR ||
	       token->kind == SO_TOK_CUT;
}

so_ref so_parse_expr(struct parse *p);
/* Operators that bind at least so. */
so_ref so_parse_level(struct parse *p, enum so_level min);
/* The restricted expressions of DEFAULT, BETWEEN, POSITION: no AND, OR, NOT, IN, LIKE, IS NULL. */
so_ref so_parse_b_expr(struct parse *p);
/* Goes on after `left` was read. */
so_ref so_parse_expr_from(struct parse *p, so_ref left);
/* A primary: what can stand before a subscript or after a cast. */
so_ref so_parse_c_expr(struct parse *p);
struct so_list so_parse_expr_list(struct parse *p);
so_ref so_parse_const(struct parse *p);
so_ref so_parse_string_const(struct parse *p);
/* In lenient mode, where a literal may stand: $n, ?. */
bool so_parse_at_placeholder(const struct parse *p);
/* After '(': a query, or an expression (a query used inside an expression comes as SUBQUERY). */
so_ref so_parse_query_or_expr(struct parse *p);
so_ref so_parse_subquery_node(struct parse *p, so_ref query, uint32_t first);
/* At '(' of a row or parenthesised expression or subquery in expression context. */
so_ref so_parse_paren(struct parse *p);
/* [..], .name after an expression that allows it. */
so_ref so_parse_indirection(struct parse *p, so_ref arg);
bool so_parse_starts_query(const struct parse *p, uint32_t n);
/* EXPLAIN's (SubPlan 1) and relatives, at '('; 0 when it is none. */
so_ref so_parse_planref(struct parse *p);
so_ref so_parse_in_rest(struct parse *p, so_ref left, bool negated);
so_ref so_parse_quantified(struct parse *p, so_ref left, struct so_name op_name, enum so_op op, so_ref schema);
bool so_parse_at_quantifier(const struct parse *p);
/* OPERATOR(a.+) or an operator token: name, number and schema. */
struct so_name so_parse_operator(struct parse *p, enum so_op *op, so_ref *schema);
/* s.+ */
struct so_name so_parse_any_operator(struct parse *p, enum so_op *op, so_ref *schema);

/* A call whose name was read, at its '('. */
so_ref so_parse_call(struct parse *p, uint32_t first, struct so_name name, so_ref qualifier);
/* Special forms by keyword (COALESCE, EXTRACT ..., CURRENT_DATE ...); 0 when the current word begins none. */
so_ref so_parse_special(struct parse *p);
so_ref so_parse_xml_json(struct parse *p);
so_ref so_parse_filter_over(struct parse *p, so_ref func);
so_ref so_parse_window_spec(struct parse *p, uint32_t first);
so_ref so_parse_sort_item(struct parse *p);
struct so_list so_parse_order_by(struct parse *p);

so_ref so_parse_type(struct parse *p);
/* Types that the grammar knows by keyword: INT, TIMESTAMP WITH TIME ZONE ...; 0 at any other word. */
so_ref so_parse_builtin_type(struct parse *p, bool for_literal);
unsigned so_parse_interval_fields(struct parse *p, so_ref *precision);

so_ref so_parse_query(struct parse *p);
/* Set operations, ORDER BY and the rest after a query that was read. */
so_ref so_parse_query_rest(struct parse *p, so_ref query, so_ref with, uint32_t first);
/* ( query ) */
so_ref so_parse_paren_query(struct parse *p);
so_ref so_parse_with(struct parse *p);
so_ref so_parse_target(struct parse *p);
bool so_parse_continues_query(const struct parse *p);

/* At VALUES or the word for it: rows with commas between them. */
so_ref so_parse_values(struct parse *p, so_ref (*row)(struct parse *p));
/* What stands behind GROUP BY, and behind WINDOW. */
struct so_list so_parse_group_by(struct parse *p);
struct so_list so_parse_window_list(struct parse *p);
/* 'uri' AS prefix, DEFAULT 'uri' */
so_ref so_parse_xml_namespace(struct parse *p);

struct so_list so_parse_from_list(struct parse *p);
so_ref so_parse_relation(struct parse *p, bool with_alias);
so_ref so_parse_from_item(struct parse *p);

/* ---- Forms ------------------------------------------------------------------------------------------------------ */

/* Pieces of grammar that are written as text: see sql/parse/form.h. */
struct so_forms;
extern const struct so_forms so_pg_forms; /* those of SQL/JSON: PostgreSQL has no rules of its own */

/* Reads a form of the dialect as a PHRASE; 0 when the text does not begin with it. */
so_ref so_parse_form(struct parse *p, unsigned form);
/* Whether token n ahead begins with a form; nothing is read. */
bool so_parse_at_form(struct parse *p, uint32_t n, unsigned form);
/* The form of what stands between the parentheses of a call; 0: there is none. Only for dialects with such forms. */
unsigned so_form_of_function(const struct parse *p, const char *name, size_t len);
/* Calls of SQL/JSON with words between their arguments, in PostgreSQL. */
so_ref so_parse_json_words(struct parse *p, uint32_t first, struct so_name name);
/* The current token as a WORD. */
so_ref so_parse_word(struct parse *p);

/* What a dialect adds to the shared rules; each may be NULL. All of them look at the current token and answer 0, with
 * nothing read, when it is not theirs: the shared rule goes on then. */
struct so_rules {
	void (*settle)(struct so_token *tokens, uint32_t count); /* tokens that depend on their neighbours */
	so_ref (*statement)(struct parse *p); /* whole statements */
	so_ref (*primary)(struct parse *p); /* in front of all other primaries */
	so_ref (*suffix)(struct parse *p, so_ref arg); /* directly behind a primary: x(+), x.method() */
	so_ref (*from_item)(struct parse *p); /* tables and functions of FROM */
	so_ref (*from)(struct parse *p); /* an item of FROM with its joins */
	so_ref (*select)(struct parse *p); /* SELECT up to HAVING and what follows it */
	so_ref (*with)(struct parse *p);
	so_ref (*query)(struct parse *p); /* whole queries */
	so_ref (*in_table)(struct parse *p); /* what stands behind IN without parentheses: as a query */
	bool (*query_tail)(struct parse *p, so_ref query); /* ORDER BY and what follows it */
	so_ref (*values_row)(struct parse *p); /* ROW (..) */
	so_ref (*type)(struct parse *p);
	bool (*is_test)(struct parse *p, so_ref is); /* behind IS [NOT] */
	enum so_level (*word_level)(const struct parse *p); /* operators that are words */
	so_ref (*word_operator)(struct parse *p, so_ref left);
	so_ref (*from_suffix)(struct parse *p, so_ref item); /* directly behind an item of FROM: PIVOT */
	so_ref (*alias)(struct parse *p); /* [AS] name of an item of FROM: the rule for all of them */
	so_ref (*target)(struct parse *p); /* an item of a select list, always */
	so_ref (*condition)(struct parse *p); /* of joins, always */
	/* Clauses behind ORDER BY, instead of LIMIT and its like; false when none stands here. */
	bool (*tail)(struct parse *p, so_ref query);
	so_ref (*dml)(struct parse *p, so_ref with, uint32_t first); /* INSERT, UPDATE, DELETE, MERGE, always */
	so_ref (*separator)(struct parse *p); /* between statements, besides the semicolon; an OPAQUE */
	so_ref (*form_value)(struct parse *p, char kind); /* $p, $K, $C; 0 when none begins here */
	const struct so_forms *forms;
	/* A token that can only begin a statement, or a word that does so here: where the statement before ends. */
	bool (*at_statement)(const struct parse *p);
	const struct so_verb *verbs; /* what so_parse_opaque knows, by keyword */
};

extern const struct so_rules so_rules_mysql, so_rules_sqlite, so_rules_tsql, so_rules_oracle;
/* NULL for PostgreSQL, whose rules the shared ones are. */
extern const struct so_rules *const so_rules[SO_DIALECT_MAX];

/* What a word is as the first one of a statement. */
struct so_verb {
	uint8_t known : 1;
	uint8_t two_words : 1; /* the second word belongs to the verb: CREATE TABLE */
	uint8_t cls : 6; /* enum so_statement_class */
};

extern const struct so_verb so_verbs_postgresql[SO_KW_MAX], so_verbs_mysql[SO_KW_MAX], so_verbs_sqlite[SO_KW_MAX],
	so_verbs_tsql[SO_KW_MAX], so_verbs_oracle[SO_KW_MAX];

/* Of tokens whose offsets are those of `text`: the index behind the last token of the statement or unit of PL/SQL at
 * token i, and in *next where the following one may begin. */
uint32_t so_plsql_split(const char *text, const struct so_token *tokens, uint32_t count, uint32_t i, uint32_t *next);
/* The same for scripts of MySQL and MariaDB: false when no statement begins at token i but a command of the client, or
 * nothing. `delimiter` is kept from call to call; empty at first. */
bool so_mysql_split(const char *text, const struct so_token *tokens, uint32_t count, uint32_t i,
	struct so_text *delimiter, uint32_t *next, struct so_sql_piece *piece);

/* The optimizer hint directly in front of the current token; empty when there is none. */
struct so_text so_parse_hint(const struct parse *p);
/* The token as a parameter whose name is its spelling: placeholders and variables of other dialects. */
so_ref so_parse_own_param(struct parse *p);
/* Operators that are words, in other dialects: the level of the current token, SO_LV_ANY when it is none. */
enum so_level so_parse_word_operator(const struct parse *p, enum so_op *op);

so_ref so_parse_dml(struct parse *p, so_ref with, uint32_t first);
so_ref so_parse_statement(struct parse *p);
so_ref so_parse_opaque(struct parse *p);
/* Lenient: takes from the end what tells that the text was cut off there. */
void so_parse_drop_cut_tail(struct parse *p);
/* After a failure: when the cut may be the reason, lets the text end in front of what was not understood and goes back
 * to its start. False when it stays an error. */
bool so_parse_shorten(struct parse *p, const struct so_err *err);
/* After a truncated text: fills what readers of the tree rely on. */
so_ref so_parse_repair(struct parse *p, so_ref root);

/* Whether T-SQL takes an expression for a condition; all else is a value. */
bool so_tsql_is_condition(const struct so_ast *ast, so_ref ref);
/* Fails when the finished tree has something that came after this version of the server; 0: the newest. */
bool so_parse_check_version(struct parse *p, so_ref root, uint32_t version) SO_MUST_CHECK;

/* SQL Server caches parameterised statements with their parameters in front: "(@p1 int,@p2 nvarchar(4000))select ..".
 * Number of those tokens, 0 when the text begins otherwise; all when it ends inside of them. Lenient texts only. */
uint32_t so_tsql_parameters(const struct so_token *tokens, uint32_t count);

#endif
