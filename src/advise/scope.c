#include "advise/scope.h"

#include <string.h>

struct so_scope {
	const struct so_ast *ast;
	const struct so_tree *tree;
	const struct so_catalog *catalog;
	struct so_scope_rel *rels;
	size_t n, size;
};

static struct so_scope_rel *add_rel(struct so_scope *scope, so_ref node, so_ref block, bool null_extended)
{
	struct so_scope_rel *rel;

	if (scope->n == scope->size) {
		scope->size = scope->size ? scope->size * 2 : 8;
		scope->rels = so_renew_array(scope, scope->rels, struct so_scope_rel, scope->size);
	}
	rel = &scope->rels[scope->n++];
	*rel = (struct so_scope_rel){ .node = node, .block = block, .null_extended = null_extended };
	return rel;
}

static void set_alias(struct so_scope *scope, struct so_scope_rel *rel, so_ref alias_ref)
{
	if (alias_ref) {
		const struct so_n_alias *alias = so_as_alias(scope->ast, alias_ref);

		if (alias->name.len)
			rel->name = so_ast_name_dup(scope, scope->ast, alias->name);
		rel->renamed = alias->columns.count || alias->coldefs.count;
	}
	if (!rel->name)
		rel->name = "";
}

/* The CTE of that name that is visible at `node`, innermost WITH first. Inside a WITH list only the ones before are
 * visible, unless it is RECURSIVE. */
static so_ref visible_cte(const struct so_scope *scope, so_ref node, struct so_name name)
{
	const struct so_ast *ast = scope->ast;
	so_ref inside = SO_REF_NONE; /* the CTE through which the climb came */

	for (so_ref at = node; at; at = so_tree_parent(scope->tree, at)) {
		enum so_node_kind kind = so_ast_kind(ast, at);
		so_ref with = so_kind_is_query(kind) ? so_as_query(ast, at)->with
			      : so_kind_is_dml(kind) ? so_as_dml(ast, at)->with
						     : SO_REF_NONE;

		if (kind == SO_N_CTE)
			inside = at;
		if (!with)
			continue;
		for (uint32_t i = 0; i < so_as_with(ast, with)->ctes.count; i++) {
			so_ref cte = so_list_get(ast, so_as_with(ast, with)->ctes, i);

			if (cte == inside && !so_ast_has_flag(ast, with, SO_NF_RECURSIVE))
				break;
			if (so_ast_name_equal(ast, so_as_cte(ast, cte)->name, ast, name))
				return cte;
		}
	}
	return SO_REF_NONE;
}

so_ref so_scope_cte(const struct so_scope *scope, so_ref table_node)
{
	const struct so_n_table *table = so_as_table(scope->ast, table_node);

	return table->qualifier ? SO_REF_NONE : visible_cte(scope, table_node, table->name);
}

static void add_table(struct so_scope *scope, so_ref node, so_ref block, bool null_extended)
{
	SO_TMP(tmp, scope);
	const struct so_n_table *table = so_as_table(scope->ast, node);
	struct so_scope_rel *rel = add_rel(scope, node, block, null_extended);
	so_ref cte = so_scope_cte(scope, node);
	const char *schema = table->qualifier
				     ? so_ast_name_dup(tmp, scope->ast, so_as_name(scope->ast, table->qualifier)->name)
				     : NULL;

	rel->name = so_ast_name_dup(scope, scope->ast, table->name);
	if (cte)
		rel->query = so_as_cte(scope->ast, cte)->query;
	else
		rel->table = so_catalog_table(scope->catalog, schema, rel->name);
	set_alias(scope, rel, table->alias);
}

/* Joins nest to the left as deep as the list of tables is long; the parser's limit of nesting bounds the recursion. */
static void add_from(struct so_scope *scope, so_ref item, so_ref block, bool null_extended)
{
	const struct so_ast *ast = scope->ast;

	switch (so_ast_kind(ast, item)) {
	case SO_N_TABLE:
		add_table(scope, item, block, null_extended);
		break;
	case SO_N_JOIN: {
		const struct so_n_join *join = so_as_join(ast, item);
		bool left = join->type == SO_JOIN_RIGHT || join->type == SO_JOIN_FULL;
		bool right = join->type == SO_JOIN_LEFT || join->type == SO_JOIN_FULL;

		add_from(scope, join->left, block, null_extended || left);
		add_from(scope, join->right, block, null_extended || right);
		break;
	}
	case SO_N_FROM_QUERY: {
		struct so_scope_rel *rel = add_rel(scope, item, block, null_extended);

		rel->query = so_as_from_query(ast, item)->query;
		set_alias(scope, rel, so_as_from_query(ast, item)->alias);
		break;
	}
	case SO_N_FROM_FUNC:
		set_alias(scope, add_rel(scope, item, block, null_extended), so_as_from_func(ast, item)->alias);
		break;
	case SO_N_FROM_XML:
		set_alias(scope, add_rel(scope, item, block, null_extended), so_as_from_xml(ast, item)->alias);
		break;
	default: /* a kind that FROM cannot hold: not a relation that we know */
		break;
	}
}

static void add_list(struct so_scope *scope, struct so_list list, so_ref block)
{
	for (uint32_t i = 0; i < list.count; i++)
		add_from(scope, so_list_get(scope->ast, list, i), block, false);
}

static void add_block(struct so_scope *scope, so_ref block)
{
	const struct so_ast *ast = scope->ast;

	switch (so_ast_kind(ast, block)) {
	case SO_N_SELECT:
		add_list(scope, so_as_select(ast, block)->from, block);
		break;
	case SO_N_UPDATE:
		add_table(scope, so_as_update(ast, block)->table, block, false);
		add_list(scope, so_as_update(ast, block)->from, block);
		break;
	case SO_N_DELETE:
		add_table(scope, so_as_delete(ast, block)->table, block, false);
		add_list(scope, so_as_delete(ast, block)->using, block);
		break;
	default: /* no block of relations */
		break;
	}
}

struct so_scope *so_scope_new(
	TALLOC_CTX *ctx, const struct so_ast *ast, const struct so_tree *tree, const struct so_catalog *catalog)
{
	struct so_scope *scope = so_new(ctx, struct so_scope);

	scope->ast = ast;
	scope->tree = tree;
	scope->catalog = catalog;
	for (size_t i = 0; i < so_tree_count(tree); i++)
		add_block(scope, so_tree_at(tree, i));
	return scope;
}

/* Whether a query without a known shape might put out a column of that name. */
static bool may_output(const struct so_ast *ast, so_ref query, struct so_name name)
{
	const struct so_n_select *select;

	while (so_ast_kind(ast, query) == SO_N_SETOP)
		query = so_as_setop(ast, query)->left;
	if (so_ast_kind(ast, query) != SO_N_SELECT)
		return true;
	select = so_as_select(ast, query);
	for (uint32_t i = 0; i < select->targets.count; i++) {
		const struct so_n_target *target = so_as_target(ast, so_list_get(ast, select->targets, i));
		so_ref expr = so_ast_strip_casts(ast, target->expr);

		if (target->label.len ? so_ast_name_equal(ast, target->label, ast, name)
				      : so_ast_kind(ast, expr) != SO_N_COLUMN)
			return true; /* star, function: its name is not worked out here */
		if (!target->label.len && so_ast_name_equal(ast, so_as_column(ast, expr)->name, ast, name))
			return true;
	}
	return false;
}

static bool rel_called(const struct so_scope *scope, const struct so_scope_rel *rel, so_ref qualifier)
{
	const struct so_n_name *name = so_as_name(scope->ast, qualifier);

	if (!so_ast_name_is(scope->ast, name->name, rel->name))
		return false;
	return !name->qualifier ||
	       (rel->table &&
		       so_ast_name_is(scope->ast, so_as_name(scope->ast, name->qualifier)->name, rel->table->schema));
}

enum look { LOOK_NONE, LOOK_COLUMN, LOOK_UNKNOWN };

static enum look look_in_block(const struct so_scope *scope, so_ref block, const struct so_n_column *column,
	const char *text, struct so_scope_column *out)
{
	enum look answer = LOOK_NONE;

	for (size_t i = 0; i < scope->n; i++) {
		const struct so_scope_rel *rel = &scope->rels[i];
		int32_t index;

		if (rel->block != block || (column->qualifier && !rel_called(scope, rel, column->qualifier)))
			continue;
		if (!rel->table || rel->renamed) {
			if (column->qualifier || !rel->query || rel->renamed ||
				may_output(scope->ast, rel->query, column->name))
				return LOOK_UNKNOWN;
			continue;
		}
		index = so_table_column(rel->table, text);
		/* Merged columns of USING are found twice: the side that is not null-extended supplies the value. */
		if (index < 0 || (answer == LOOK_COLUMN && (rel->null_extended || !out->rel->null_extended)))
			continue;
		*out = (struct so_scope_column){ rel, index,
			rel->table->columns[index].not_null && !rel->null_extended };
		answer = LOOK_COLUMN;
	}
	return answer;
}

bool so_scope_column(const struct so_scope *scope, so_ref ref, struct so_scope_column *out)
{
	SO_TMP(tmp, NULL);
	const struct so_n_column *column;
	const char *text;

	if (so_ast_kind(scope->ast, ref) != SO_N_COLUMN)
		return false;
	column = so_as_column(scope->ast, ref);
	text = so_ast_name_dup(tmp, scope->ast, column->name);
	for (so_ref block = so_tree_block(scope->tree, ref); block;
		block = so_tree_block(scope->tree, so_tree_parent(scope->tree, block))) {
		enum look answer = look_in_block(scope, block, column, text, out);

		if (answer != LOOK_NONE)
			return answer == LOOK_COLUMN;
	}
	return false;
}

size_t so_scope_rel_count(const struct so_scope *scope)
{
	return scope->n;
}

const struct so_scope_rel *so_scope_rel_at(const struct so_scope *scope, size_t i)
{
	so_assert(i < scope->n);
	return &scope->rels[i];
}

const struct so_scope_rel *so_scope_rel_of(const struct so_scope *scope, so_ref node)
{
	for (size_t i = 0; i < scope->n; i++)
		if (scope->rels[i].node == node)
			return &scope->rels[i];
	return NULL;
}
