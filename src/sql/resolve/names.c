#include "sql/names.h"

#include <string.h>

#include "sql/functions.h"
#include "sql/resolve/index.h"

/* CTE names that are visible at a place: a linked list on the C stack of the recursion. */
struct visible {
	const struct visible *outer;
	struct so_list ctes;
	uint32_t count; /* the first `count` of ctes */
	const struct so_name_index *names; /* of all of them; NULL: they are few */
};

struct collect {
	struct so_sql_names *names;
	const struct visible *visible;
	TALLOC_CTX *tmp; /* what follows */
	struct so_name_index *tables, *functions;
	size_t table_room, function_room;
};

/* Functions of Oracle stand in WITH, too: their names are none of relations. */
static bool is_named(const struct so_ast *ast, const struct visible *visible, uint32_t i, struct so_name name)
{
	so_ref item = so_list_get(ast, visible->ctes, i);

	return so_ast_kind(ast, item) == SO_N_CTE && so_ast_name_equal(ast, so_as_cte(ast, item)->name, ast, name);
}

static bool is_cte(const struct collect *job, const struct so_ast *ast, struct so_name name)
{
	for (const struct visible *visible = job->visible; visible; visible = visible->outer) {
		if (visible->names) {
			char *text = so_ast_name_dup(job->tmp, ast, name);

			for (int32_t i = so_index_first(visible->names, text); i >= 0 && (uint32_t)i < visible->count;
				i = so_index_next(visible->names, i))
				if (is_named(ast, visible, (uint32_t)i, name))
					return true;
			continue;
		}
		for (uint32_t i = 0; i < visible->count; i++)
			if (is_named(ast, visible, i, name))
				return true;
	}
	return false;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static char *schema_of(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref qualifier)
{
	return qualifier ? so_ast_name_dup(ctx, ast, so_as_name(ast, qualifier)->name) : NULL;
}

/* Room for one item more; doubles. */
#define GROW(owner, array, type, count, room)                                                                          \
	do {                                                                                                           \
		if ((count) == (room)) {                                                                               \
			(room) = (room) ? (room)*2 : 4;                                                                \
			(array) = so_renew_array((owner), (array), type, (room));                                      \
		}                                                                                                      \
	} while (0)

static struct so_sql_table_name *add_table(
	struct collect *job, const struct so_ast *ast, so_ref node, struct so_name name, so_ref qualifier)
{
	struct so_sql_names *names = job->names;
	struct so_sql_table_name item = {
		.schema = schema_of(names, ast, qualifier),
		.name = so_ast_name_dup(names, ast, name),
		.node = node,
	};

	for (int32_t i = so_index_first(job->tables, item.name); i >= 0; i = so_index_next(job->tables, i))
		if (same(names->tables[i].schema, item.schema) && same(names->tables[i].name, item.name))
			return &names->tables[i];
	so_index_add(job->tables, item.name);
	GROW(names, names->tables, struct so_sql_table_name, names->table_count, job->table_room);
	names->tables[names->table_count] = item;
	return &names->tables[names->table_count++];
}

static void add_function(struct collect *job, const struct so_ast *ast, so_ref node)
{
	struct so_sql_names *names = job->names;
	const struct so_n_func *func = so_as_func(ast, node);
	struct so_sql_function_name item = { .node = node };
	struct so_builtin builtin;

	if (func->syntax != SO_FS_CALL)
		return;
	item.schema = schema_of(names, ast, func->qualifier);
	item.name = so_ast_name_dup(names, ast, func->name);
	for (int32_t i = so_index_first(job->functions, item.name); i >= 0; i = so_index_next(job->functions, i))
		if (same(names->functions[i].schema, item.schema) && same(names->functions[i].name, item.name))
			return;
	item.builtin = (!item.schema || strcmp(item.schema, "pg_catalog") == 0) &&
		       so_builtin_find(so_ast_name(ast, func->name), &builtin);
	so_index_add(job->functions, item.name);
	GROW(names, names->functions, struct so_sql_function_name, names->function_count, job->function_room);
	names->functions[names->function_count++] = item;
}

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg);

static so_ref with_of(const struct so_ast *ast, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(ast, ref);

	if (so_kind_is_query(kind))
		return so_as_query(ast, ref)->with;
	return so_kind_is_dml(kind) ? so_as_dml(ast, ref)->with : 0;
}

static enum so_walk visit_child(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	if (so_ast_kind(ast, ref) != SO_N_WITH)
		so_ast_walk(ast, ref, visit, arg);
	(void)parent;
	return SO_WALK_ON;
}

static const struct so_name_index *index_of(const struct so_ast *ast, struct so_list ctes, struct collect *job)
{
	struct so_name_index *names;

	if (ctes.count < SO_INDEX_FROM)
		return NULL;
	names = so_new(job->tmp, struct so_name_index);
	for (uint32_t i = 0; i < ctes.count; i++) {
		so_ref item = so_list_get(ast, ctes, i);
		bool cte = so_ast_kind(ast, item) == SO_N_CTE;

		so_index_add(names, cte ? so_ast_name_dup(names, ast, so_as_cte(ast, item)->name) : "");
	}
	return names;
}

/* A statement with a WITH clause: each CTE sees those before it (all of them when RECURSIVE), the rest sees all. */
static void visit_with(const struct so_ast *ast, so_ref ref, so_ref with, struct collect *job)
{
	struct visible visible = { .outer = job->visible, .ctes = so_as_with(ast, with)->ctes };
	bool recursive = so_ast_has_flag(ast, with, SO_NF_RECURSIVE);

	visible.names = index_of(ast, visible.ctes, job);
	for (uint32_t i = 0; i < visible.ctes.count; i++) {
		visible.count = recursive ? visible.ctes.count : i;
		job->visible = &visible;
		so_ast_walk(ast, so_list_get(ast, visible.ctes, i), visit, job);
	}
	visible.count = visible.ctes.count;
	job->visible = &visible;
	so_ast_children(ast, ref, visit_child, job);
	job->visible = visible.outer;
}

enum role { READ_TABLE, WRITTEN_TABLE, NO_TABLE };

/* What a TABLE is to the statement that it stands in directly. Indexes and sequences are named by TABLEs, too. */
static enum role role_of(const struct so_ast *ast, so_ref ref, so_ref parent)
{
	enum so_node_kind kind = so_ast_kind(ast, parent);
	uint32_t object = SO_OBJ_TABLE;

	if (so_kind_is_dml(kind))
		/* statements of several tables have none of their own: the rows of any may go */
		return so_as_dml(ast, parent)->table == ref || !so_as_dml(ast, parent)->table ? WRITTEN_TABLE
											      : READ_TABLE;
	if (!so_kind_is_ddl(kind) || (kind == SO_N_CREATE_TABLE && so_as_create_table(ast, parent)->table != ref))
		return READ_TABLE;
	if (kind == SO_N_ALTER)
		object = so_as_alter(ast, parent)->object;
	else if (kind == SO_N_DROP && so_as_drop(ast, parent)->table != ref)
		object = so_as_drop(ast, parent)->object;
	else if (kind == SO_N_COMMENT && so_as_comment(ast, parent)->name == ref)
		object = so_as_comment(ast, parent)->object;
	return object == SO_OBJ_INDEX || object == SO_OBJ_SEQUENCE || kind == SO_N_CREATE_SEQUENCE ? NO_TABLE
												   : WRITTEN_TABLE;
}

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct collect *job = arg;
	so_ref with = with_of(ast, ref);
	const struct so_n_table *table;
	enum role role;

	if (so_ast_kind(ast, ref) == SO_N_TABLE) {
		table = so_as_table(ast, ref);
		role = role_of(ast, ref, parent);
		if (role == NO_TABLE)
			return SO_WALK_SKIP;
		if (role == WRITTEN_TABLE || table->qualifier || !is_cte(job, ast, table->name)) {
			struct so_sql_table_name *item = add_table(job, ast, ref, table->name, table->qualifier);

			item->written = item->written || role == WRITTEN_TABLE;
		}
	} else if (so_ast_kind(ast, ref) == SO_N_FUNC) {
		add_function(job, ast, ref);
	}
	if (!with)
		return SO_WALK_ON;
	/* visit_child loses the parent, so the target is noted here */
	if (so_kind_is_dml(so_ast_kind(ast, ref)) && so_ast_kind(ast, so_as_dml(ast, ref)->table) == SO_N_TABLE) {
		table = so_as_table(ast, so_as_dml(ast, ref)->table);
		add_table(job, ast, so_as_dml(ast, ref)->table, table->name, table->qualifier)->written = true;
	}
	visit_with(ast, ref, with, job);
	return SO_WALK_SKIP;
}

struct so_sql_names *so_sql_names(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root)
{
	struct so_sql_names *names = so_new(ctx, struct so_sql_names);
	SO_TMP(tmp, NULL);
	struct collect job = {
		.names = names,
		.tmp = tmp,
		.tables = so_new(tmp, struct so_name_index),
		.functions = so_new(tmp, struct so_name_index),
	};

	so_ast_walk(ast, root, visit, &job);
	return names;
}
