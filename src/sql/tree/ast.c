#include "sql/ast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sql/tree/shape.h"

bool so_text_is(struct so_text text, const char *word)
{
	return strlen(word) == text.len && memcmp(text.s, word, text.len) == 0;
}

bool so_text_equal(struct so_text a, struct so_text b)
{
	return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

bool so_ast_name_is(const struct so_ast *ast, struct so_name name, const char *text)
{
	return so_text_is(so_ast_name(ast, name), text);
}

bool so_ast_name_equal(const struct so_ast *a, struct so_name x, const struct so_ast *b, struct so_name y)
{
	return so_text_equal(so_ast_name(a, x), so_ast_name(b, y));
}

char *so_ast_name_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_name name)
{
	struct so_text text = so_ast_name(ast, name);

	return so_strndup(ctx, text.s, text.len);
}

char *so_ast_str_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_str str)
{
	struct so_text text = so_ast_str(ast, str);

	return so_strndup(ctx, text.s, text.len);
}

char *so_ast_qname_dup(TALLOC_CTX *ctx, const struct so_ast *ast, struct so_name name, so_ref qualifier)
{
	char *result = so_ast_name_dup(ctx, ast, name);

	while (qualifier) {
		const struct so_n_name *part = so_as_name(ast, qualifier);
		struct so_text text = so_ast_name(ast, part->name);
		char *longer = so_printf(ctx, "%.*s.%s", (int)text.len, text.s, result);

		talloc_free(result);
		result = longer;
		qualifier = part->qualifier;
	}
	return result;
}

struct so_text so_ast_source_text(const struct so_ast *ast, uint32_t i)
{
	so_assert(i < ast->source_count);
	return so_ast_str(ast, (struct so_str){ ast->sources[i].text, ast->sources[i].len });
}

/* The source that token `index` belongs to. */
static const struct so_source *source_of_token(const struct so_ast *ast, uint32_t index)
{
	uint32_t low = 0, high = ast->source_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (ast->sources[middle].first_token <= index)
			low = middle;
		else
			high = middle;
	}
	return &ast->sources[low];
}

static void token_span(const struct so_ast *ast, uint32_t first, uint32_t last, size_t *offset, size_t *len)
{
	const struct so_source *source = source_of_token(ast, first);
	const struct so_token *tokens = so_ast_tokens(ast);

	*offset = tokens[first].off - source->text;
	*len = tokens[last].off + tokens[last].len - tokens[first].off;
}

static bool has_tokens(const struct so_ast *ast, so_ref ref)
{
	return ref && so_node_first(ast, so_ast_node(ast, ref)) < ast->token_count;
}

bool so_ast_span(const struct so_ast *ast, so_ref ref, size_t *offset, size_t *len)
{
	const struct so_node *node;

	if (!has_tokens(ast, ref))
		return false;
	node = so_ast_node(ast, ref);
	token_span(ast, so_node_first(ast, node), so_node_last(ast, node), offset, len);
	return true;
}

bool so_ast_span_paren(const struct so_ast *ast, so_ref ref, size_t *offset, size_t *len)
{
	const struct so_node *node;

	if (!has_tokens(ast, ref))
		return false;
	node = so_ast_node(ast, ref);
	token_span(ast, so_node_first(ast, node) - node->parens, so_node_last(ast, node) + node->parens, offset, len);
	return true;
}

struct so_text so_ast_source_of(const struct so_ast *ast, so_ref ref)
{
	if (!has_tokens(ast, ref))
		return (struct so_text){ "", 0 };
	const struct so_node *node = so_ast_node(ast, ref);
	const struct so_token *tokens = so_ast_tokens(ast);
	const struct so_token *first = &tokens[so_node_first(ast, node)], *last = &tokens[so_node_last(ast, node)];

	return (struct so_text){ so_ast_at(ast, first->off), last->off + last->len - first->off };
}

const char *so_node_kind_name(enum so_node_kind kind)
{
	return kind > SO_N_NONE && kind < SO_N_MAX ? so_shapes[kind].name : "none";
}

static const char *const op_names[SO_OP_MAX] = {
	[SO_OP_OTHER] = "",
	[SO_OP_EQ] = "=",
	[SO_OP_NE] = "<>",
	[SO_OP_LT] = "<",
	[SO_OP_LE] = "<=",
	[SO_OP_GT] = ">",
	[SO_OP_GE] = ">=",
	[SO_OP_ADD] = "+",
	[SO_OP_SUB] = "-",
	[SO_OP_MUL] = "*",
	[SO_OP_DIV] = "/",
	[SO_OP_MOD] = "%",
	[SO_OP_POW] = "^",
	[SO_OP_CONCAT] = "||",
	[SO_OP_ARROW] = "->",
	[SO_OP_ARROW_TEXT] = "->>",
	[SO_OP_PATH] = "#>",
	[SO_OP_PATH_TEXT] = "#>>",
	[SO_OP_CONTAINS] = "@>",
	[SO_OP_CONTAINED] = "<@",
	[SO_OP_OVERLAP] = "&&",
	[SO_OP_EXISTS_KEY] = "?",
	[SO_OP_EXISTS_ANY] = "?|",
	[SO_OP_EXISTS_ALL] = "?&",
	[SO_OP_TS_MATCH] = "@@",
	[SO_OP_DISTANCE] = "<->",
	[SO_OP_LIKE] = "~~",
	[SO_OP_NOT_LIKE] = "!~~",
	[SO_OP_ILIKE] = "~~*",
	[SO_OP_NOT_ILIKE] = "!~~*",
	[SO_OP_REGEX] = "~",
	[SO_OP_NOT_REGEX] = "!~",
	[SO_OP_REGEX_CI] = "~*",
	[SO_OP_NOT_REGEX_CI] = "!~*",
	[SO_OP_NULL_EQ] = "<=>",
	[SO_OP_BIT_AND] = "&",
	[SO_OP_BIT_OR] = "|",
	[SO_OP_BIT_XOR] = "^",
	[SO_OP_BIT_NOT] = "~",
	[SO_OP_LSHIFT] = "<<",
	[SO_OP_RSHIFT] = ">>",
	[SO_OP_INT_DIV] = "DIV",
	[SO_OP_AND] = "AND",
	[SO_OP_XOR] = "XOR",
	[SO_OP_BANG] = "!",
};

const char *so_op_name(enum so_op op)
{
	so_assert(op < SO_OP_MAX);
	return op_names[op];
}

enum so_op so_op_commute(enum so_op op)
{
	static const uint8_t table[SO_OP_MAX] = {
		[SO_OP_EQ] = SO_OP_EQ,
		[SO_OP_NE] = SO_OP_NE,
		[SO_OP_LT] = SO_OP_GT,
		[SO_OP_LE] = SO_OP_GE,
		[SO_OP_GT] = SO_OP_LT,
		[SO_OP_GE] = SO_OP_LE,
		[SO_OP_ADD] = SO_OP_ADD,
		[SO_OP_MUL] = SO_OP_MUL,
		[SO_OP_CONTAINS] = SO_OP_CONTAINED,
		[SO_OP_CONTAINED] = SO_OP_CONTAINS,
		[SO_OP_OVERLAP] = SO_OP_OVERLAP,
		[SO_OP_TS_MATCH] = SO_OP_TS_MATCH,
		[SO_OP_DISTANCE] = SO_OP_DISTANCE,
	};

	so_assert(op < SO_OP_MAX);
	return table[op];
}

enum so_op so_op_negate(enum so_op op)
{
	static const uint8_t table[SO_OP_MAX] = {
		[SO_OP_EQ] = SO_OP_NE,
		[SO_OP_NE] = SO_OP_EQ,
		[SO_OP_LT] = SO_OP_GE,
		[SO_OP_LE] = SO_OP_GT,
		[SO_OP_GT] = SO_OP_LE,
		[SO_OP_GE] = SO_OP_LT,
		[SO_OP_LIKE] = SO_OP_NOT_LIKE,
		[SO_OP_NOT_LIKE] = SO_OP_LIKE,
		[SO_OP_ILIKE] = SO_OP_NOT_ILIKE,
		[SO_OP_NOT_ILIKE] = SO_OP_ILIKE,
		[SO_OP_REGEX] = SO_OP_NOT_REGEX,
		[SO_OP_NOT_REGEX] = SO_OP_REGEX,
		[SO_OP_REGEX_CI] = SO_OP_NOT_REGEX_CI,
		[SO_OP_NOT_REGEX_CI] = SO_OP_REGEX_CI,
	};

	so_assert(op < SO_OP_MAX);
	return table[op];
}

so_ref so_ast_strip_casts(const struct so_ast *ast, so_ref ref)
{
	for (;;) {
		if (so_ast_kind(ast, ref) == SO_N_CAST)
			ref = so_as_cast(ast, ref)->arg;
		else if (so_ast_kind(ast, ref) == SO_N_COLLATE)
			ref = so_as_collate(ast, ref)->arg;
		else
			return ref;
	}
}

bool so_ast_is_constant(const struct so_ast *ast, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(ast, so_ast_strip_casts(ast, ref));

	return kind == SO_N_CONST || kind == SO_N_PARAM;
}

static bool like_operator(const struct so_n_op *op, struct so_like_view *view)
{
	if (!op->left)
		return false;
	switch ((enum so_op)op->op) {
	case SO_OP_LIKE:
	case SO_OP_NOT_LIKE:
	case SO_OP_ILIKE:
	case SO_OP_NOT_ILIKE:
		break;
	default:
		return false;
	}
	*view = (struct so_like_view){
		.arg = op->left,
		.pattern = op->right,
		.negated = op->op == SO_OP_NOT_LIKE || op->op == SO_OP_NOT_ILIKE,
		.ignore_case = op->op == SO_OP_ILIKE || op->op == SO_OP_NOT_ILIKE,
	};
	return true;
}

bool so_ast_like(const struct so_ast *ast, so_ref ref, struct so_like_view *view)
{
	const struct so_n_like *like;

	if (so_ast_kind(ast, ref) == SO_N_OP)
		return like_operator(so_as_op(ast, ref), view);
	if (so_ast_kind(ast, ref) != SO_N_LIKE)
		return false;
	like = so_as_like(ast, ref);
	if (like->op != SO_LIKE && like->op != SO_ILIKE)
		return false;
	*view = (struct so_like_view){
		.arg = like->arg,
		.pattern = like->pattern,
		.escape = like->escape,
		.negated = (like->hdr.flags & SO_NF_NOT) != 0,
		.ignore_case = like->op == SO_ILIKE,
	};
	return true;
}

bool so_ast_int(const struct so_ast *ast, so_ref ref, int64_t *value)
{
	char digits[72];
	struct so_text text;
	const char *at;
	char *end;
	bool negative;
	int base = 10;

	if (so_ast_kind(ast, ref) != SO_N_CONST || so_as_const(ast, ref)->type != SO_C_INT)
		return false;
	text = so_ast_str(ast, so_as_const(ast, ref)->value);
	if (text.len >= sizeof digits - 1)
		return false;
	memcpy(digits, text.s, text.len);
	digits[text.len] = '\0';
	negative = digits[0] == '-';
	at = digits + negative;
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		base = 16;
	else if (at[0] == '0' && (at[1] == 'o' || at[1] == 'O'))
		base = 8;
	else if (at[0] == '0' && (at[1] == 'b' || at[1] == 'B'))
		base = 2;
	at += base == 10 ? 0 : 2;
	errno = 0;
	unsigned long long magnitude = strtoull(at, &end, base);

	if (errno || end == at || *end || magnitude > (unsigned long long)INT64_MAX + (negative ? 1 : 0))
		return false;
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}
