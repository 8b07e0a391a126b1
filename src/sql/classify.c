#include <stdio.h>
#include <string.h>

#include "sql/functions.h"
#include "sql/parse_ddl.h"

static enum so_walk look(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_sql_class *cls = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);
	struct so_builtin builtin;

	(void)parent;
	if (kind == SO_N_INTO)
		cls->selects_into = true;
	if (kind == SO_N_LOCKING)
		cls->locks_rows = true;
	if (kind == SO_N_CTE && so_kind_is_dml(so_ast_kind(ast, so_as_cte(ast, ref)->query)))
		cls->modifying_cte = true;
	if (kind == SO_N_FUNC && so_as_func(ast, ref)->syntax == SO_FS_CALL) {
		/* in whatever schema: a function of another schema with such a name is suspect, too */
		if (!so_builtin_find(so_ast_name(ast, so_as_func(ast, ref)->name), &builtin))
			cls->unknown_call = true;
		else if (builtin.side_effects)
			cls->volatile_call = true;
	}
	return SO_WALK_ON;
}

static void classify_opaque(const struct so_ast *ast, so_ref statement, struct so_sql_class *cls)
{
	const struct so_n_opaque *node = so_as_opaque(ast, statement);
	struct so_text verb = so_ast_name(ast, node->verb);

	cls->cls = (enum so_statement_class)node->cls;
	snprintf(cls->verb, sizeof cls->verb, "%.*s", (int)verb.len, verb.s);
	if (!node->inner)
		return;
	struct so_sql_class inner;

	so_sql_classify(ast, node->inner, &inner);
	cls->is_explain = true;
	cls->cls = node->hdr.flags & SO_NF_ALL ? inner.cls : SO_CLASS_READ;
}

/* "create table", "alter index": as the verbs of statements that are not looked into. */
static void ddl_verb(const struct so_ast *ast, so_ref statement, char *verb, size_t room)
{
	const char *first = so_node_kind_name(so_ast_kind(ast, statement)), *object = NULL;
	size_t n;

	switch (so_ast_kind(ast, statement)) {
	case SO_N_ALTER:
		object = so_object_words((enum so_object)so_as_alter(ast, statement)->object);
		break;
	case SO_N_DROP:
		object = so_object_words((enum so_object)so_as_drop(ast, statement)->object);
		break;
	case SO_N_CREATE_TABLE:
		if (so_as_create_table(ast, statement)->bits & SO_DDL_FOREIGN)
			first = "create foreign table";
		break;
	case SO_N_CREATE_VIEW:
		if (so_as_create_view(ast, statement)->bits & SO_DDL_MATERIALIZED)
			first = "create materialized view";
		break;
	default:
		break;
	}
	snprintf(verb, room, "%s%s%s", first, object ? " " : "", object ? object : "");
	for (n = 0; verb[n]; n++)
		verb[n] = (char)(verb[n] == '_' ? ' ' : verb[n] >= 'A' && verb[n] <= 'Z' ? verb[n] + 32 : verb[n]);
}

void so_sql_classify(const struct so_ast *ast, so_ref statement, struct so_sql_class *cls)
{
	enum so_node_kind kind = so_ast_kind(ast, statement);
	bool query = so_kind_is_query(kind);

	memset(cls, 0, sizeof *cls);
	if (kind == SO_N_OPAQUE) {
		classify_opaque(ast, statement, cls);
		return;
	}
	so_ast_walk(ast, statement, look, cls);
	if (so_kind_is_ddl(kind)) {
		cls->cls = SO_CLASS_DDL;
		ddl_verb(ast, statement, cls->verb, sizeof cls->verb);
		return;
	}
	cls->cls = query && !cls->selects_into && !cls->modifying_cte ? SO_CLASS_READ : SO_CLASS_WRITE;
	snprintf(cls->verb, sizeof cls->verb, "%s", query ? "select" : so_node_kind_name(kind));
	cls->pure_read = query && !cls->selects_into && !cls->locks_rows && !cls->modifying_cte && !cls->volatile_call;
}
