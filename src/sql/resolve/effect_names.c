#include "sql/resolve/effect_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct names {
	struct so_text *relations; /* what may qualify a column: names and aliases, pattern variables */
	struct so_text *labels; /* of outputs */
	size_t n_relations, room_relations, n_labels, room_labels;
	bool tables; /* reads more than DUAL */
	bool found;
};

static void add(struct so_text **list, size_t *n, size_t *room, struct so_text text)
{
	if (!text.len)
		return;
	if (*n == *room) {
		*room = *room ? *room * 2 : 16;
		*list = so_renew_array(NULL, *list, struct so_text, *room);
	}
	(*list)[(*n)++] = text;
}

static void add_relation(struct names *names, struct so_text text)
{
	add(&names->relations, &names->n_relations, &names->room_relations, text);
}

/* Names in a clause after a FROM item: the variables of PATTERN, and what they are called in SUBSET. */
static enum so_walk collect_words(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_NAME)
		add_relation(arg, so_ast_name(ast, so_as_name(ast, ref)->name));
	if (so_ast_kind(ast, ref) == SO_N_COLUMN && !so_as_column(ast, ref)->qualifier)
		add_relation(arg, so_ast_name(ast, so_as_column(ast, ref)->name));
	return SO_WALK_ON;
}

static enum so_walk collect(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct names *names = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	switch (kind) {
	case SO_N_TABLE:
		add_relation(names, so_ast_name(ast, so_as_table(ast, ref)->name));
		names->tables = names->tables || !so_ast_name_is(ast, so_as_table(ast, ref)->name, "DUAL");
		break;
	case SO_N_ALIAS:
		add_relation(names, so_ast_name(ast, so_as_alias(ast, ref)->name));
		break;
	case SO_N_CTE:
		add_relation(names, so_ast_name(ast, so_as_cte(ast, ref)->name));
		break;
	case SO_N_FROM_CLAUSE:
		so_ast_walk(ast, so_as_from_clause(ast, ref)->clause, collect_words, names);
		names->tables = true;
		break;
	case SO_N_FROM_QUERY:
	case SO_N_FROM_FUNC:
	case SO_N_FROM_XML:
	case SO_N_PIVOT:
		names->tables = true;
		break;
	case SO_N_TARGET:
		add(&names->labels, &names->n_labels, &names->room_labels,
			so_ast_name(ast, so_as_target(ast, ref)->label));
		break;
	default:
		names->tables = names->tables || so_kind_is_dml(kind);
	}
	return SO_WALK_ON;
}

static int compare(const void *a, const void *b)
{
	const struct so_text *x = a, *y = b;
	int order = strncasecmp(x->s, y->s, x->len < y->len ? x->len : y->len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool has(struct so_text *list, size_t n, struct so_text text)
{
	return n && bsearch(&text, list, n, sizeof *list, compare);
}

static bool is_pseudo_column(struct so_text name)
{
	static const char *const names[] = { "DUMMY", "ROWID", "ROWNUM", "LEVEL", "ORA_ROWSCN", "CONNECT_BY_ISLEAF",
		"CONNECT_BY_ISCYCLE", "SYSDATE", "SYSTIMESTAMP", "USER", "UID", "OBJECT_VALUE", "OBJECT_ID",
		"COLUMN_VALUE", "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "SESSIONTIMEZONE", "DBTIMEZONE",
		"ORA_INVOKING_USER", "ORA_INVOKING_USERID", "ITERATION_NUMBER", "TRUE", "FALSE" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i]) == name.len && strncasecmp(names[i], name.s, name.len) == 0)
			return true;
	return false;
}

static bool is_relation(const struct so_ast *ast, const struct names *names, so_ref qualifier)
{
	for (; qualifier; qualifier = so_as_name(ast, qualifier)->qualifier)
		if (has(names->relations, names->n_relations, so_ast_name(ast, so_as_name(ast, qualifier)->name)))
			return true;
	return false;
}

static enum so_walk judge(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct names *names = arg;
	const struct so_n_column *column;
	struct so_text name;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	column = so_as_column(ast, ref);
	name = so_ast_name(ast, column->name);
	if (so_text_is(name, "CURRVAL") || so_text_is(name, "NEXTVAL")) /* of a sequence */
		return SO_WALK_ON;
	if (column->qualifier)
		names->found = names->found || !is_relation(ast, names, column->qualifier);
	else if (!names->tables)
		names->found = names->found || (!is_pseudo_column(name) && !has(names->labels, names->n_labels, name));
	return names->found ? SO_WALK_STOP : SO_WALK_ON;
}

bool so_calls_without_parentheses(const struct so_ast *ast, so_ref statement)
{
	struct names names = { 0 };

	if (ast->dialect != SO_ORACLE)
		return false;
	so_ast_walk(ast, statement, collect, &names);
	if (names.n_relations)
		qsort(names.relations, names.n_relations, sizeof *names.relations, compare);
	if (names.n_labels)
		qsort(names.labels, names.n_labels, sizeof *names.labels, compare);
	so_ast_walk(ast, statement, judge, &names);
	talloc_free(names.relations);
	talloc_free(names.labels);
	return names.found;
}
