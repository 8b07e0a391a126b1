#include "sql/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sql/parser.h"
#include "sql/shape.h"

#define MAX_DEPTH 3000 /* trees made by hand may be deeper than the parser's: what is below does not count */

struct hasher {
	const struct so_ast *ast;
	unsigned depth;
};

static inline uint64_t mix(uint64_t hash, uint64_t value)
{
	return XXH3_64bits_withSeed(&value, sizeof value, hash);
}

static inline uint64_t mix_text(uint64_t hash, struct so_text text)
{
	return XXH3_64bits_withSeed(text.s, text.len, hash);
}

static uint64_t hash_node(struct hasher *h, so_ref ref);

static int compare_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Lists whose order and repetitions do not count. */
static bool is_set(enum so_node_kind kind, uint8_t offset)
{
	switch (kind) {
	case SO_N_SELECT:
		return offset == offsetof(struct so_n_select, targets) || offset == offsetof(struct so_n_select, from);
	case SO_N_INSERT:
		return offset == offsetof(struct so_n_insert, columns);
	case SO_N_UPDATE:
		return offset == offsetof(struct so_n_update, sets) || offset == offsetof(struct so_n_update, from);
	case SO_N_FUNC:
		return offset == offsetof(struct so_n_func, args);
	case SO_N_CASE:
		return offset == offsetof(struct so_n_case, whens);
	case SO_N_ROW:
	case SO_N_ARRAY:
		return true;
	case SO_N_BOOL:
	case SO_N_IN:
	case SO_N_VALUES:
		return offset != offsetof(struct so_n_query, order_by) || kind != SO_N_VALUES;
	default:
		return false;
	}
}

#define SMALL_LIST 32

static uint64_t hash_list(struct hasher *h, uint64_t hash, struct so_list list, bool set)
{
	uint64_t small[SMALL_LIST];
	uint64_t *items = small, last = 0;

	if (!set) {
		for (uint32_t i = 0; i < list.count; i++)
			hash = mix(hash, hash_node(h, so_list_get(h->ast, list, i)));
		return hash;
	}
	if (list.count > SMALL_LIST)
		items = so_mem_need(malloc(list.count * sizeof *items));
	for (uint32_t i = 0; i < list.count; i++)
		items[i] = hash_node(h, so_list_get(h->ast, list, i));
	if (list.count > 1)
		qsort(items, list.count, sizeof *items, compare_hash);
	for (uint32_t i = 0; i < list.count; i++) {
		if (i && items[i] == last)
			continue;
		last = items[i];
		hash = mix(hash, last);
	}
	if (items != small)
		free(items);
	return hash;
}

/* Fields that only name things inside the statement, or say how they were written. */
static bool is_left_out(enum so_node_kind kind, struct so_field_shape field)
{
	if (field.type == SO_FT_STYLE)
		return true;
	switch (kind) {
	case SO_N_TARGET:
		return field.offset == offsetof(struct so_n_target, label);
	case SO_N_TABLE:
		return field.offset == offsetof(struct so_n_table, alias);
	case SO_N_FROM_QUERY:
		return field.offset == offsetof(struct so_n_from_query, alias);
	case SO_N_JOIN:
		return field.offset == offsetof(struct so_n_join, alias) ||
		       field.offset == offsetof(struct so_n_join, using_alias);
	default:
		return false;
	}
}

static uint64_t hash_field(struct hasher *h, uint64_t hash, so_ref ref, struct so_field_shape field, so_ref spine)
{
	enum so_node_kind kind = so_ast_kind(h->ast, ref);
	const void *at = so_field_at(h->ast, ref, field);
	struct so_list list;
	so_ref child;

	switch ((enum so_field_type)field.type) {
	case SO_FT_REF:
		child = *(const so_ref *)at;
		/* the left side of a long chain was hashed already */
		if (!child || child == spine)
			return hash;
		return mix(hash, hash_node(h, child) + field.offset);
	case SO_FT_LIST:
		list = *(const struct so_list *)at;
		return list.count ? hash_list(h, mix(hash, field.offset), list, is_set(kind, field.offset)) : hash;
	case SO_FT_NAME:
		return ((const struct so_name *)at)->len
			       ? mix_text(hash, so_ast_name(h->ast, *(const struct so_name *)at))
			       : hash;
	case SO_FT_STR:
		return mix_text(hash, so_ast_str(h->ast, *(const struct so_str *)at));
	case SO_FT_U32:
		return *(const uint32_t *)at ? mix(hash, ((uint64_t)field.offset << 32) + *(const uint32_t *)at) : hash;
	default:
		return hash;
	}
}

/* A node whose `spine` child has the hash `inner`. */
static uint64_t hash_with(struct hasher *h, so_ref ref, so_ref spine, uint64_t inner)
{
	enum so_node_kind kind = so_ast_kind(h->ast, ref);
	uint64_t hash = mix(inner, kind);
	unsigned flags = so_ast_node(h->ast, ref)->flags & ~(SO_NF_PAREN | SO_NF_TRUNCATED);
	const struct so_field_shape *field;

	if (kind == SO_N_SELECT)
		flags &= ~SO_NF_TABLE_CMD;
	if (flags)
		hash = mix(hash, flags + 0x10000u);
	for (field = so_shapes[kind].fields; field->type != SO_FT_END; field++)
		if (!is_left_out(kind, *field))
			hash = hash_field(h, hash, ref, *field, spine);
	return hash;
}

/* The child that chains grow along, or 0. */
static so_ref left_of(const struct so_ast *ast, so_ref ref)
{
	switch (so_ast_kind(ast, ref)) {
	case SO_N_OP:
		return so_as_op(ast, ref)->left;
	case SO_N_SETOP:
		return so_as_setop(ast, ref)->left;
	case SO_N_JOIN:
		return so_as_join(ast, ref)->left;
	default:
		return 0;
	}
}

static uint64_t hash_chain(struct hasher *h, so_ref ref)
{
	size_t n = 0;
	so_ref small[64], *chain = small, at = ref;
	uint64_t hash;

	while (left_of(h->ast, at)) {
		n++;
		at = left_of(h->ast, at);
	}
	if (n > 64)
		chain = so_mem_need(malloc(n * sizeof *chain));
	n = 0;
	for (so_ref node = ref; node != at; node = left_of(h->ast, node))
		chain[n++] = node;
	hash = hash_node(h, at);
	while (n--)
		hash = hash_with(h, chain[n], left_of(h->ast, chain[n]), hash);
	if (chain != small)
		free(chain);
	return hash;
}

/* Literals, parameters, and casts of them. */
static bool is_value(const struct so_ast *ast, so_ref ref)
{
	while (so_ast_kind(ast, ref) == SO_N_CAST)
		ref = so_as_cast(ast, ref)->arg;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_CONST:
	case SO_N_PARAM:
	case SO_N_MISSING:
	case SO_N_DEFAULT:
		return true;
	default:
		return false;
	}
}

static uint64_t hash_node(struct hasher *h, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(h->ast, ref);
	uint64_t hash;

	if (is_value(h->ast, ref))
		return SO_N_CONST;
	if (kind == SO_N_NONE || h->depth >= MAX_DEPTH)
		return 0;
	h->depth++;
	hash = left_of(h->ast, ref) ? hash_chain(h, ref) : hash_with(h, ref, 0, 0);
	h->depth--;
	return hash;
}

/* Token by token, literals as one: for statements that are not looked into. */
static uint64_t hash_tokens(const struct so_ast *ast, so_ref ref)
{
	const struct so_node *node = so_ast_node(ast, ref);
	uint64_t hash = SO_N_OPAQUE;

	if (node->first == SO_TOK_NONE)
		return hash;
	for (uint32_t i = node->first; i <= node->last && i < ast->token_count; i++) {
		const struct so_token *token = &ast->tokens[i];

		if (token->kind >= SO_TOK_INT && token->kind <= SO_TOK_PARAM)
			hash = mix(hash, SO_TOK_INT);
		else if (kw_of(token))
			hash = mix(hash, token->kw);
		else
			hash = mix_text(hash, (struct so_text){ so_ast_at(ast, token->off), token->len });
	}
	return hash;
}

uint64_t so_sql_fingerprint(const struct so_ast *ast, so_ref root)
{
	struct hasher h = { .ast = ast };
	uint64_t hash;

	if (so_ast_kind(ast, root) == SO_N_OPAQUE)
		hash = hash_tokens(ast, root);
	else
		hash = hash_node(&h, root);
	return mix(hash, SO_FINGERPRINT_VERSION);
}

bool so_sql_fingerprint_text(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, uint64_t *fingerprint, struct so_err *err)
{
	struct so_parser *own = NULL;
	struct so_ast *ast;
	bool done;

	if (!parser)
		parser = own = so_parser_new(NULL);
	ast = so_parser_scratch(parser, dialect);
	done = so_sql_parse_again(ast, parser, text, len, options, err);
	if (done)
		*fingerprint = so_sql_fingerprint(ast, so_ast_statement(ast));
	talloc_free(own);
	return done;
}

char *so_fingerprint_text(uint64_t fingerprint, char text[SO_FINGERPRINT_TEXT])
{
	snprintf(text, SO_FINGERPRINT_TEXT, "%016llx", (unsigned long long)fingerprint);
	return text;
}
