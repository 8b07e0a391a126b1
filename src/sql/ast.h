/* The syntax tree of SQL statements and of single expressions (conditions of plans), for every dialect.
 *
 * One struct so_ast is one talloc object: it owns a bump arena that its destructor gives back. Everything inside is a
 * 32-bit offset (`so_ref`, 0 = absent), so an AST costs no allocation per node and holds any number of roots: one
 * statement, or all conditions of a plan. Every node starts with struct so_node; what follows is the struct of its
 * kind below. A child is a `so_ref`, a list a `struct so_list`, an identifier a `struct so_name`, literal text a
 * `struct so_str`; sql/tree/ast.c has a shape table of all kinds, so walking, copying and comparing are written once.
 *
 * Pointers to nodes stay valid as long as the AST, also while nodes are added. One thread at a time. Nodes may be
 * edited in place by whoever owns the AST (see sql/build.h); nodes made by hand have no tokens and hence no span. */
#ifndef SO_SQL_AST_H
#define SO_SQL_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "sql/node.h"

/* ---- The AST ---------------------------------------------------------------------------------------------------- */

#define SO_AST_PAGE_BITS 20 /* an arena offset is a page number and a byte inside the page */
#define SO_AST_PAGE      (1u << SO_AST_PAGE_BITS)

/* One text that was parsed into the AST. */
struct so_source {
	so_ref text; /* padded copy, NUL-terminated */
	uint32_t len;
	uint32_t first_token;
	uint32_t token_count; /* the end token included */
	so_ref root; /* what it became */
	uint32_t version; /* of the server, as the text was read */
	unsigned modes;
	bool lenient;
	bool truncated; /* lenient parse: the tail was missing */
	bool left_out; /* it has a comment that a newer server reads as SQL */
};

/* Read freely; only sql/ writes these fields. */
struct so_ast {
	uint8_t **pages; /* address of each page of the arena */
	uint32_t page_count;
	uint32_t page_room;
	so_ref next; /* next free byte, and the end of the piece that it lies in */
	so_ref end;
	uintptr_t base; /* what must be added to an offset in that piece to have its address */
	enum so_dialect dialect;
	unsigned modes; /* SO_MODE_* that the text was parsed with; the printer writes for the same */
	uint32_t token_count; /* of all sources */
	struct so_token *lexed; /* those of so_ast_tokens, in the arena */
	uint32_t lexed_sources; /* whose tokens they are */
	uint32_t lexed_room;
	struct so_source *sources;
	uint32_t source_count;
	uint32_t source_room;
	struct so_source first_source;
	uint8_t *first_pages[8];
	struct so_chunks *pool; /* where chunks come from and go back to; NULL: malloc and free */
	struct so_chunk *chunks;
	size_t arena_bytes; /* memory that the arena holds */
};

/* An empty AST, for nodes made by hand or for so_sql_parse_expr_into(). */
struct so_ast *so_ast_new(TALLOC_CTX *ctx, enum so_dialect dialect);

/* Forgets all that the AST holds; its memory stays, for what comes next. */
void so_ast_clear(struct so_ast *ast);
/* Bytes of the arena that are in use: texts and nodes, and tokens once somebody asked for them. */
size_t so_ast_arena_used(const struct so_ast *ast);

/* The tokens of all sources, as sources and nodes number them. A tree does not hold them: the first call after a parse
 * reads its text once more and keeps what it finds. */
const struct so_token *so_ast_tokens(const struct so_ast *ast);

/* Address of an arena offset; `ref` must not be 0. */
static inline void *so_ast_at(const struct so_ast *ast, so_ref ref)
{
	return ast->pages[ref >> SO_AST_PAGE_BITS] + (ref & (SO_AST_PAGE - 1));
}

static inline struct so_node *so_ast_node(const struct so_ast *ast, so_ref ref)
{
	return so_ast_at(ast, ref);
}

/* Spans. A node runs from the first byte of one token to the last byte of another, without parentheses around it. The
 * header holds the number of the first one and how many follow, in bits; where these do not suffice it says where a
 * struct so_wide_span lies. */
#define SO_SPAN_REST_BITS  12
#define SO_SPAN_FIRST_BITS 19
#define SO_SPAN_REST       ((1u << SO_SPAN_REST_BITS) - 1)
#define SO_SPAN_WIDE       0x80000000u
#define SO_SPAN_NONE       UINT32_MAX /* a node made by hand */

struct so_wide_span {
	uint32_t first, last;
};

static inline struct so_wide_span *so_node_wide_span(const struct so_ast *ast, const struct so_node *node)
{
	return so_ast_at(ast, (node->span & ~SO_SPAN_WIDE) << 2);
}

/* Number of a node's first token among so_ast_tokens(); SO_TOK_NONE for a node made by hand. */
static inline uint32_t so_node_first(const struct so_ast *ast, const struct so_node *node)
{
	if (__builtin_expect(node->span < SO_SPAN_WIDE, 1))
		return node->span >> SO_SPAN_REST_BITS;
	return node->span == SO_SPAN_NONE ? SO_TOK_NONE : so_node_wide_span(ast, node)->first;
}

/* And of its last one. */
static inline uint32_t so_node_last(const struct so_ast *ast, const struct so_node *node)
{
	if (__builtin_expect(node->span < SO_SPAN_WIDE, 1))
		return (node->span >> SO_SPAN_REST_BITS) + (node->span & SO_SPAN_REST);
	return node->span == SO_SPAN_NONE ? SO_TOK_NONE : so_node_wide_span(ast, node)->last;
}

/* Kind of a node; SO_N_NONE for ref 0, so that it can be asked without a test. */
static inline enum so_node_kind so_ast_kind(const struct so_ast *ast, so_ref ref)
{
	return ref ? (enum so_node_kind)so_ast_node(ast, ref)->kind : SO_N_NONE;
}

static inline bool so_ast_has_flag(const struct so_ast *ast, so_ref ref, unsigned flag)
{
	return ref && (so_ast_node(ast, ref)->flags & flag) != 0;
}

/* so_as_select(ast, ref) and so on: the node as its own struct; aborts when it is of another kind. */
#define SO_NODE_GETTER(upper, lower)                                                                                   \
	static inline struct so_n_##lower *so_as_##lower(const struct so_ast *ast, so_ref ref)                         \
	{                                                                                                              \
		so_assert(so_ast_kind(ast, ref) == SO_N_##upper);                                                      \
		return so_ast_at(ast, ref);                                                                            \
	}
SO_NODE_KINDS(SO_NODE_GETTER)
#undef SO_NODE_GETTER

static inline bool so_kind_is_query(enum so_node_kind kind)
{
	return kind == SO_N_SELECT || kind == SO_N_SETOP || kind == SO_N_VALUES;
}

static inline bool so_kind_is_dml(enum so_node_kind kind)
{
	return kind == SO_N_INSERT || kind == SO_N_UPDATE || kind == SO_N_DELETE || kind == SO_N_MERGE;
}

/* A statement of sql/node_ddl.h. */
static inline bool so_kind_is_ddl(enum so_node_kind kind)
{
	return kind >= SO_N_CREATE_TABLE && kind <= SO_N_COMMENT && kind != SO_N_ALTER_ACTION;
}

static inline struct so_n_query *so_as_query(const struct so_ast *ast, so_ref ref)
{
	so_assert(so_kind_is_query(so_ast_kind(ast, ref)));
	return so_ast_at(ast, ref);
}

#define SO_RARE_MAX 128 /* bytes of the largest block of rare fields */

/* Zeros: the block of those that have none. */
extern const uint32_t so_no_rare_fields[SO_RARE_MAX / 4];

/* so_rare_table(ast, table) and so on: the fields that a node rarely has, to be read. */
#define SO_RARE_GETTER(upper, lower)                                                                                   \
	static inline const struct so_rare_##lower *so_rare_##lower(                                                   \
		const struct so_ast *ast, const struct so_n_##lower *node)                                             \
	{                                                                                                              \
		const void *block = so_no_rare_fields;                                                                 \
                                                                                                                       \
		_Static_assert(sizeof(struct so_rare_##lower) <= SO_RARE_MAX, "zeros for all of it");                  \
		_Static_assert(offsetof(struct so_n_##lower, rare) == offsetof(struct so_node_with_rare, rare),        \
			"where all nodes have it");                                                                    \
		return node->rare ? so_ast_at(ast, node->rare) : block;                                                \
	}
SO_RARE_KINDS(SO_RARE_GETTER)
SO_RARE_GETTER(QUERY, query)
#undef SO_RARE_GETTER

static inline struct so_n_dml *so_as_dml(const struct so_ast *ast, so_ref ref)
{
	so_assert(so_kind_is_dml(so_ast_kind(ast, ref)));
	return so_ast_at(ast, ref);
}

/* i-th item of a list; aborts past the end. Usual loop: for (uint32_t i = 0; i < list.count; i++). */
static inline so_ref so_list_get(const struct so_ast *ast, struct so_list list, uint32_t i)
{
	so_assert(i < list.count);
	return ((const so_ref *)so_ast_at(ast, list.items))[i];
}

static inline void so_list_set(const struct so_ast *ast, struct so_list list, uint32_t i, so_ref item)
{
	so_assert(i < list.count);
	((so_ref *)so_ast_at(ast, list.items))[i] = item;
}

/* Texts. Absent: an empty text, never NULL. */
static inline struct so_text so_ast_str(const struct so_ast *ast, struct so_str str)
{
	return str.off ? (struct so_text){ so_ast_at(ast, str.off), str.len } : (struct so_text){ "", 0 };
}

static inline struct so_text so_ast_name(const struct so_ast *ast, struct so_name name)
{
	return name.off ? (struct so_text){ so_ast_at(ast, name.off), name.len } : (struct so_text){ "", 0 };
}

bool so_text_is(struct so_text text, const char *word);
bool so_text_equal(struct so_text a, struct so_text b);
/* Exact comparison with a decoded name: so_ast_name_is(ast, col->name, "created_at"). */
bool so_ast_name_is(const struct so_ast *ast, struct so_name name, const char *text);
bool so_ast_name_equal(const struct so_ast *a, struct so_name x, const struct so_ast *b, struct so_name y);
char *so_ast_name_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_name name);
char *so_ast_str_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_str str);
/* The dotted spelling of a name and its qualifier, decoded, without quotes: "public.users". For messages and keys. */
char *so_ast_qname_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_name name, so_ref qualifier);

/* Roots: one for each text parsed into the AST, in order; also those added by so_ast_add_root. */
static inline uint32_t so_ast_root_count(const struct so_ast *ast)
{
	return ast->source_count;
}

static inline so_ref so_ast_root(const struct so_ast *ast, uint32_t i)
{
	so_assert(i < ast->source_count);
	return ast->sources[i].root;
}

/* The only statement of an AST made by so_sql_parse. */
static inline so_ref so_ast_statement(const struct so_ast *ast)
{
	return so_ast_root(ast, 0);
}

/* Text of source i as it was given, NUL-terminated. */
struct so_text so_ast_source_text(const struct so_ast *ast, uint32_t i);

/* Byte offset and length of a node inside the text that it was parsed from; false for a node made by hand.
 * so_ast_span_paren includes the parentheses written directly around the node. */
bool so_ast_span(const struct so_ast *ast, so_ref ref, size_t *offset, size_t *len);
bool so_ast_span_paren(const struct so_ast *ast, so_ref ref, size_t *offset, size_t *len);
/* The exact source text of a node; empty for a node made by hand. */
struct so_text so_ast_source_of(const struct so_ast *ast, so_ref ref);

/* "select", "column": for messages and tests. */
const char *so_node_kind_name(enum so_node_kind kind);
/* "=", "~~": the symbol of a known operator, "" for SO_OP_OTHER. */
const char *so_op_name(enum so_op op);
/* = for <, and so on: the operator with its sides swapped; SO_OP_OTHER when there is none. */
enum so_op so_op_commute(enum so_op op);
/* < for >=, = for <>: the operator that is true where this one is false; SO_OP_OTHER when there is none. */
enum so_op so_op_negate(enum so_op op);

/* ---- Walking ---------------------------------------------------------------------------------------------------- */

enum so_walk { SO_WALK_ON, SO_WALK_SKIP /* not into the children */, SO_WALK_STOP };

/* Called for each node before its children, in the order of the text as far as the structs have it. `parent` is 0 for
 * the first node. */
typedef enum so_walk (*so_walk_fn)(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg);

/* Visits `ref` and everything below, without recursion (chains of 20,000 operators are fine). Ref 0: nothing.
 * Returns false when the function stopped it. */
bool so_ast_walk(const struct so_ast *ast, so_ref ref, so_walk_fn fn, void *arg);

/* The children of one node, in field order, absent ones left out. Calls fn(ast, child, ref, arg) until it answers
 * SO_WALK_STOP. */
bool so_ast_children(const struct so_ast *ast, so_ref ref, so_walk_fn fn, void *arg);

/* Same structure, names and values; spans, parentheses and the style of casts do not count. */
bool so_ast_equal(const struct so_ast *a, so_ref ref_a, const struct so_ast *b, so_ref ref_b);

/* The AND-ed parts of a condition: calls fn on each conjunct (the condition itself when it is no AND; nested ANDs are
 * opened). Ref 0: nothing. */
bool so_ast_conjuncts(const struct so_ast *ast, so_ref cond, so_walk_fn fn, void *arg);

/* ---- Reading common shapes -------------------------------------------------------------------------------------- */

/* Casts and COLLATE around an expression taken off. */
so_ref so_ast_strip_casts(const struct so_ast *ast, so_ref ref);
/* A literal, a parameter, or casts around one. */
bool so_ast_is_constant(const struct so_ast *ast, so_ref ref);

struct so_like_view {
	so_ref arg;
	so_ref pattern;
	so_ref escape;
	bool negated;
	bool ignore_case;
};

/* LIKE and ILIKE as written by people and (~~, ~~*) by EXPLAIN. */
bool so_ast_like(const struct so_ast *ast, so_ref ref, struct so_like_view *view);

/* Value of an integer literal; false when it is none or does not fit. */
bool so_ast_int(const struct so_ast *ast, so_ref ref, int64_t *value);

#endif
