#include "advise/operand.h"

#include <ctype.h>
#include <string.h>

#include "advise/index_style.h"
#include "base/buf.h"

struct refs_walk {
	const struct so_rewriter *rw;
	const struct so_rel *rel;
	struct so_refs *out;
};

static enum so_walk visit_refs(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct refs_walk *walk = arg;
	struct so_table_col column;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		walk->out->has_query = true;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	if (!so_rewrite_column(walk->rw, ref, &column))
		walk->out->to_unknown = true;
	else if (column.rel == walk->rel)
		walk->out->to_rel = true;
	else if (column.rel->block != walk->rel->block)
		walk->out->to_outer = true;
	else if (!walk->out->other)
		walk->out->other = column.rel;
	return SO_WALK_ON;
}

void so_operand_refs(const struct so_rewriter *rw, so_ref ref, const struct so_rel *rel, struct so_refs *out)
{
	struct refs_walk walk = { rw, rel, out };

	*out = (struct so_refs){ 0 };
	so_ast_walk(rw->ast, ref, visit_refs, &walk);
}

/* A cast that changes nothing of what an index orders: text to varchar without a length, and back. */
static bool is_relabel(const struct so_rewriter *rw, so_ref cast, const struct so_column *column)
{
	const struct so_n_type *type = so_as_type(rw->ast, so_as_cast(rw->ast, cast)->type);

	return column->type_class == SO_TYPE_TEXT && !type->mods.count && !type->bounds.count &&
	       (so_ast_name_is(rw->ast, type->name, "text") || so_ast_name_is(rw->ast, type->name, "varchar"));
}

static bool btree_able(const struct so_table *table, const struct so_column *column)
{
	switch (column->type_class) {
	case SO_TYPE_UNKNOWN:
	case SO_TYPE_JSON:
	case SO_TYPE_JSONB:
	case SO_TYPE_ARRAY:
	case SO_TYPE_CLASS_MAX:
		return false;
	case SO_TYPE_OTHER:
		return so_index_style(table)->any_type;
	default: /* all scalar types have a default b-tree operator class */
		return true;
	}
}

struct immutable_walk {
	const struct so_rewriter *rw;
	struct so_operand *out;
	size_t n_columns;
	bool ok;
};

static bool function_is_immutable(const struct so_rewriter *rw, const struct so_n_func *func)
{
	SO_TMP(tmp, NULL);
	const char *name = so_ast_name_dup(tmp, rw->ast, func->name);
	bool known = false;

	if (func->syntax == SO_FS_COALESCE)
		return true;
	if (func->over || func->filter || func->order_by.count || (func->hdr.flags & (SO_NF_DISTINCT | SO_NF_STAR)))
		return false;
	for (size_t i = 0; i < rw->catalog->n_functions; i++) {
		const struct so_function *entry = &rw->catalog->functions[i];

		if (strcmp(entry->name, name) != 0)
			continue;
		known = true;
		/* Which overload is meant is not worked out: all have to be harmless. */
		if (entry->volatility != 'i' || entry->aggregate || entry->window || entry->returns_set)
			return false;
	}
	return known;
}

static bool operator_is_immutable(const struct so_n_op *op)
{
	switch ((enum so_op)op->op) {
	case SO_OP_ARROW:
	case SO_OP_ARROW_TEXT:
	case SO_OP_PATH:
	case SO_OP_PATH_TEXT:
	case SO_OP_CONCAT:
		return !op->schema;
	default: /* arithmetic: may overflow or divide by zero, which would make inserts fail */
		return false;
	}
}

static enum so_walk visit_immutable(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct immutable_walk *walk = arg;
	struct so_table_col column;

	(void)parent;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_CONST:
	case SO_N_NAME:
		return SO_WALK_ON;
	case SO_N_COLUMN:
		walk->ok =
			so_rewrite_column(walk->rw, ref, &column) && (!walk->out->rel || walk->out->rel == column.rel);
		if (!walk->ok)
			return SO_WALK_STOP;
		walk->out->rel = column.rel;
		walk->out->key.column = walk->n_columns++ ? -1 : column.column;
		return SO_WALK_ON;
	case SO_N_FUNC:
		walk->ok = function_is_immutable(walk->rw, so_as_func(ast, ref));
		break;
	case SO_N_OP:
		walk->ok = operator_is_immutable(so_as_op(ast, ref));
		break;
	case SO_N_CAST: {
		so_ref inner = so_as_cast(ast, ref)->arg;

		/* Other casts may fail for a value that a later insert brings, or depend on a setting. */
		walk->ok = so_ast_kind(ast, inner) == SO_N_CONST ||
			   (so_rewrite_column(walk->rw, inner, &column) &&
				   is_relabel(walk->rw, ref, &column.rel->table->columns[column.column]));
		break;
	}
	case SO_N_TYPE:
		return SO_WALK_SKIP;
	default: /* subqueries, parameters, CASE ...: no index for them */
		walk->ok = false;
		break;
	}
	return walk->ok ? SO_WALK_ON : SO_WALK_STOP;
}

struct strip_walk {
	const struct so_rewriter *rw;
	struct so_buf *buf;
	size_t at;
};

/* Copies the text up to a column's qualifier and goes on after it. */
static enum so_walk strip_qualifier(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct strip_walk *walk = arg;
	size_t begin, len, name;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN || !so_as_column(ast, ref)->qualifier ||
		!so_ast_span(ast, ref, &begin, &len))
		return SO_WALK_ON;
	name = begin + len - so_ast_tokens(ast)[so_node_last(ast, so_ast_node(ast, ref))].len;
	so_buf_add(walk->buf, walk->rw->sql + walk->at, begin - walk->at);
	walk->at = name;
	return SO_WALK_SKIP;
}

static char *unqualified_text(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref)
{
	SO_TMP(tmp, ctx);
	struct so_buf buf;
	struct strip_walk walk = { .rw = rw, .buf = &buf };
	size_t begin, len;

	so_buf_init(&buf, tmp, 8192);
	if (!so_ast_span(rw->ast, ref, &begin, &len))
		return NULL;
	walk.at = begin;
	so_ast_walk(rw->ast, ref, strip_qualifier, &walk);
	so_buf_add(&buf, rw->sql + walk.at, begin + len - walk.at);
	return buf.overflow ? NULL : so_strdup(ctx, so_buf_text(&buf));
}

/* Letters and digits of the text, the rest as single underscores: "lower_email". */
static char *label_of(TALLOC_CTX *ctx, const char *text)
{
	char *label = so_strdup(ctx, text), *to = label;

	for (const char *p = text; *p && to - label < 40; p++)
		if (isalnum((unsigned char)*p))
			*to++ = (char)tolower((unsigned char)*p);
		else if (to > label && to[-1] != '_')
			*to++ = '_';
	while (to > label && to[-1] == '_')
		to--;
	*to = '\0';
	return label;
}

bool so_operand_read(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref, struct so_operand *out)
{
	struct so_table_col column;
	struct immutable_walk walk = { .rw = rw, .out = out, .ok = true };
	so_ref bare = ref;
	char *text;

	*out = (struct so_operand){ .key.column = -1 };
	if (so_ast_kind(rw->ast, ref) == SO_N_CAST)
		bare = so_as_cast(rw->ast, ref)->arg;
	if (so_rewrite_column(rw, bare, &column)) {
		const struct so_column *c = &column.rel->table->columns[column.column];

		if (!btree_able(column.rel->table, c) || (bare != ref && !is_relabel(rw, ref, c)))
			return false;
		out->rel = column.rel;
		out->key.column = column.column;
		return true;
	}
	if (so_ast_is_constant(rw->ast, ref))
		return false;
	so_ast_walk(rw->ast, ref, visit_immutable, &walk);
	if (!walk.ok || !walk.n_columns)
		return false;
	text = unqualified_text(ctx, rw, ref);
	if (!text)
		return false;
	out->key.label = label_of(ctx, text);
	out->key.expr = so_ast_kind(rw->ast, ref) == SO_N_FUNC && so_as_func(rw->ast, ref)->syntax == SO_FS_CALL
				? text
				: so_printf(ctx, "(%s)", text);
	return true;
}
