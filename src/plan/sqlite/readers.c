/* SQLite's EXPLAIN QUERY PLAN, versions 3.8 to 3.51. It has no figures, except rows in versions before 3.8, and no
 * joins: tables at one level are nested loops in their order. Its tree becomes ours below a root of its own. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/sqlite/rows.h"

#define RECOGNISE_BYTES 65536 /* of a text, by which it is told */

/* Steps that read no table: the beginning of the detail, and what it is. */
static const struct {
	const char *words;
	enum so_plan_op op;
	enum so_plan_relationship relationship;
} steps[] = {
	{ "USE TEMP B-TREE FOR DISTINCT", SO_PLAN_AGGREGATE, SO_PLAN_REL_OTHER },
	{ "USE TEMP B-TREE FOR count(DISTINCT", SO_PLAN_AGGREGATE, SO_PLAN_REL_OTHER },
	{ "USE TEMP B-TREE FOR sum(DISTINCT", SO_PLAN_AGGREGATE, SO_PLAN_REL_OTHER },
	{ "USE TEMP B-TREE FOR ", SO_PLAN_SORT, SO_PLAN_REL_OTHER },
	{ "CO-ROUTINE ", SO_PLAN_SUBQUERY, SO_PLAN_REL_SUBQUERY },
	{ "MATERIALIZE ", SO_PLAN_MATERIALIZE, SO_PLAN_REL_SUBQUERY },
	{ "COMPOUND ", SO_PLAN_SET_OP, SO_PLAN_REL_OTHER },
	{ "MERGE (", SO_PLAN_SET_OP, SO_PLAN_REL_OTHER },
	{ "UNION ALL", SO_PLAN_SET_OP, SO_PLAN_REL_MEMBER },
	{ "UNION USING TEMP B-TREE", SO_PLAN_SET_OP, SO_PLAN_REL_MEMBER },
	{ "EXCEPT USING TEMP B-TREE", SO_PLAN_SET_OP, SO_PLAN_REL_MEMBER },
	{ "INTERSECT USING TEMP B-TREE", SO_PLAN_SET_OP, SO_PLAN_REL_MEMBER },
	{ "LEFT-MOST SUBQUERY", SO_PLAN_SUBQUERY, SO_PLAN_REL_MEMBER },
	{ "RECURSIVE STEP", SO_PLAN_SUBQUERY, SO_PLAN_REL_MEMBER },
	{ "SETUP", SO_PLAN_SUBQUERY, SO_PLAN_REL_MEMBER },
	{ "MULTI-INDEX OR", SO_PLAN_SET_OP, SO_PLAN_REL_OTHER },
	{ "CORRELATED ", SO_PLAN_SUBQUERY, SO_PLAN_REL_SUB_PLAN },
	{ "EXECUTE CORRELATED ", SO_PLAN_SUBQUERY, SO_PLAN_REL_SUB_PLAN },
	{ "EXECUTE ", SO_PLAN_SUBQUERY, SO_PLAN_REL_INIT_PLAN },
	{ "SCALAR SUBQUERY ", SO_PLAN_SUBQUERY, SO_PLAN_REL_INIT_PLAN },
	{ "LIST SUBQUERY ", SO_PLAN_SUBQUERY, SO_PLAN_REL_INIT_PLAN },
	{ "REUSE ", SO_PLAN_SUBQUERY, SO_PLAN_REL_INIT_PLAN },
	{ "RIGHT-JOIN ", SO_PLAN_OTHER, SO_PLAN_REL_OTHER }, /* reads the rows that found no partner */
	{ "LEFT", SO_PLAN_SUBQUERY, SO_PLAN_REL_MEMBER },
	{ "RIGHT", SO_PLAN_SUBQUERY, SO_PLAN_REL_MEMBER },
};

static const char *find(struct so_span text, const char *words)
{
	return memmem(text.at, text.len, words, strlen(words));
}

/* Cuts `words` off the end. */
static bool take_end(struct so_span *text, const char *words)
{
	size_t len = strlen(words);

	if (text->len < len || memcmp(text->at + text->len - len, words, len) != 0)
		return false;
	text->len -= len;
	return true;
}

/* "(~1000 rows)" at the end: versions before 3.8. */
static void take_rows(struct so_span *text, struct so_plan_node *node)
{
	const char *rows = find(*text, " (~");
	double number = 0;
	const char *at;

	if (!rows || text->at[text->len - 1] != ')')
		return;
	for (at = rows + 3; at < text->at + text->len && isdigit((unsigned char)*at); at++)
		number = number * 10 + (*at - '0');
	if (at > rows + 3 && text->at + text->len - at == 6 && memcmp(at, " rows)", 6) == 0) {
		node->rows_est = number;
		text->len = (size_t)(rows - text->at);
	}
}

/* "USING COVERING INDEX i (a=? AND b>?)", without "USING" */
static void read_access(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span text)
{
	const char *open = text.len && text.at[text.len - 1] == ')' ? find(text, " (") : NULL;
	struct so_span name = text;
	const char *index;
	bool covering;

	if (open) {
		struct so_span condition = { open + 2, text.len - (size_t)(open + 2 - text.at) - 1 };

		so_plan_add_condition(
			builder, node, SO_COND_ACCESS, so_plan_copy(builder, condition.at, condition.len));
		text.len = name.len = (size_t)(open - text.at);
	}
	covering = find(text, "COVERING INDEX");
	index = find(text, "INDEX ");
	node->op = covering ? SO_PLAN_INDEX_ONLY_SCAN : SO_PLAN_INDEX_SCAN;
	if (so_span_starts(text, "AUTOMATIC ")) { /* built when the statement runs, without a name */
		node->strategy = so_plan_copy(builder, text.at, text.len);
	} else if (so_span_starts(text, "INTEGER PRIMARY KEY")) {
		node->strategy = "INTEGER PRIMARY KEY";
		if (node->n_conditions && strcmp(node->conditions[0].text, "rowid=?") == 0)
			node->op = SO_PLAN_KEY_LOOKUP;
	} else if (index) {
		name = so_span_without(name, (size_t)(index + 6 - name.at));
		take_end(&name, " FOR IN-OPERATOR");
		node->index = so_plan_copy(builder, name.at, name.len);
	} else {
		node->strategy = so_plan_copy(builder, text.at, text.len);
	}
}

/* What a step reads; false where it is a subquery, which has no name but an alias: "SUBQUERY 1", "(subquery-2)". */
static bool read_name(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span name)
{
	const char *text = so_plan_copy(builder, name.at, name.len);

	if (!node->alias)
		node->alias = text;
	if (so_span_starts(name, "SUBQUERY ") || so_span_starts(name, "("))
		return false;
	node->relation = text; /* from 3.36 on this is the alias where there is one: the plan does not tell */
	return true;
}

/* "SCAN t", "SEARCH TABLE t AS a USING INDEX i (a=?) LEFT-JOIN" */
static void read_table(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span text)
{
	const char *at;
	struct so_span name;
	bool search = so_span_starts(text, "SEARCH ");

	node->label = search ? "SEARCH" : "SCAN";
	node->op = SO_PLAN_SEQ_SCAN;
	text = so_span_without(text, search ? 7 : 5);
	take_rows(&text, node);
	if (take_end(&text, " LEFT-JOIN"))
		node->join_type = "Left";
	else if (take_end(&text, " EXISTS"))
		node->join_type = "Semi";
	if (take_end(&text, "CONSTANT ROW") || take_end(&text, "CONSTANT ROWS")) {
		node->op = SO_PLAN_VALUES;
		node->label = "SCAN CONSTANT ROWS";
		return;
	}
	if (so_span_starts(text, "TABLE "))
		text = so_span_without(text, 6);
	name = text;
	at = find(text, " USING ");
	if (!at)
		at = find(text, " VIRTUAL TABLE INDEX ");
	if (at) {
		struct so_span access = so_span_without(text, (size_t)(at + 1 - text.at));

		name.len = (size_t)(at - text.at);
		if (so_span_starts(access, "USING ")) {
			read_access(builder, node, so_span_without(access, 6));
		} else {
			node->op = SO_PLAN_FUNCTION;
			node->strategy = so_plan_copy(builder, access.at, access.len);
		}
	}
	at = find(name, " AS ");
	if (at) {
		struct so_span alias = so_span_without(name, (size_t)(at + 4 - name.at));

		node->alias = so_plan_copy(builder, alias.at, alias.len);
		name.len = (size_t)(at - name.at);
	}
	if (!read_name(builder, node, name) && node->op == SO_PLAN_SEQ_SCAN)
		node->op = SO_PLAN_SUBQUERY;
}

/* "t (a=?)", "(subquery-2) (a=?)": what stands behind BLOOM FILTER ON */
static void read_bloom_filter(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span text)
{
	const char *open = find(text, " (");

	node->label = "BLOOM FILTER";
	if (open && text.at[text.len - 1] == ')') {
		so_plan_add_condition(builder, node, SO_COND_HASH,
			so_plan_copy(builder, open + 2, text.len - (size_t)(open + 2 - text.at) - 1));
		text.len = (size_t)(open - text.at);
	}
	read_name(builder, node, text);
}

static void read_step(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span text)
{
	node->relationship = SO_PLAN_REL_OTHER;
	if (so_span_starts(text, "SCAN ") || so_span_starts(text, "SEARCH ")) {
		read_table(builder, node, text);
		return;
	}
	if (so_span_starts(text, "BLOOM FILTER ON ")) {
		read_bloom_filter(builder, node, so_span_without(text, strlen("BLOOM FILTER ON ")));
		return;
	}
	node->label = so_plan_copy(builder, text.at, text.len);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (so_span_starts(text, steps[i].words)) {
			node->op = steps[i].op;
			node->relationship = steps[i].relationship;
			break;
		}
	if (node->op == SO_PLAN_SORT) {
		struct so_span what = so_span_without(text, strlen("USE TEMP B-TREE FOR "));

		node->strategy = so_plan_copy(builder, what.at, what.len);
		node->label = "USE TEMP B-TREE";
	}
	if (so_span_starts(text, "MATERIALIZE ") || so_span_starts(text, "CO-ROUTINE ")) {
		node->subplan_name = node->label;
		node->label = so_span_starts(text, "M") ? "MATERIALIZE" : "CO-ROUTINE";
	}
}

static bool reads_rows(const struct so_plan_node *node)
{
	return strcmp(node->label, "SCAN") == 0 || strcmp(node->label, "SEARCH") == 0 ||
	       strcmp(node->label, "SCAN CONSTANT ROWS") == 0 || strcmp(node->label, "MULTI-INDEX OR") == 0;
}

/* Tables at one level are joined by nested loops in their order. A node above two of them is such a join, unless it has
 * a name of its own. */
static void set_joins(struct so_plan *plan, int32_t *n_tables)
{
	for (int32_t i = 1; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i], *up = &plan->nodes[node->parent];

		if (!reads_rows(node))
			continue;
		if (up->op == SO_PLAN_SET_OP)
			node->relationship = SO_PLAN_REL_MEMBER;
		else
			node->relationship = n_tables[up->id]++ ? SO_PLAN_REL_INNER : SO_PLAN_REL_OUTER;
		if (n_tables[up->id] > 1 && up->op == SO_PLAN_OTHER)
			up->op = SO_PLAN_NESTED_LOOP;
	}
}

static bool recognise(const struct so_plan_document *doc)
{
	struct so_sqlite_rows rows = { .tmp = doc->tmp };
	struct so_plan_document head = *doc;
	const char *end;

	if (doc->syntax == SO_PLAN_JSON)
		return json_object_get(json_array_get(doc->json, 0), "detail") && so_sqlite_read_rows(&rows, doc);
	if (head.raw_len > RECOGNISE_BYTES) { /* whole lines of it */
		end = memrchr(head.raw, '\n', RECOGNISE_BYTES);
		head.raw_len = end ? (size_t)(end - head.raw) : 0;
	}
	return so_sqlite_read_rows(&rows, &head);
}

static bool read_plan(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct so_sqlite_rows rows = { .tmp = doc->tmp };
	int32_t open[SO_PLAN_MAX_DEPTH], depth = 1;
	struct so_plan *plan = builder->plan;

	if (!so_sqlite_read_rows(&rows, doc))
		return so_fail(err, SO_INPUT, "SQLite plan: not every line of it is a step, as in EXPLAIN QUERY PLAN");
	plan->n_statements = 1 + rows.n_more;
	plan->total_cost = plan->planning_ms = plan->execution_ms = plan->jit_ms = plan->jit_functions = NAN;
	open[0] = so_plan_add_node(builder, -1, 0);
	plan->nodes[0].label = "QUERY PLAN";
	for (size_t i = 0; i < rows.n; i++) {
		int32_t level = rows.items[i].level + 1, id;

		if (level >= SO_PLAN_MAX_DEPTH)
			return so_plan_fail_depth(err);
		depth = level < depth ? level : depth; /* a level that was left out does not count */
		id = so_plan_add_node(builder, open[depth - 1], depth);
		read_step(builder, &plan->nodes[id], rows.items[i].detail);
		open[depth++] = id;
	}
	so_plan_close_nodes(plan);
	set_joins(plan, so_new_array(doc->tmp, int32_t, (unsigned)plan->n_nodes));
	return true;
}

const struct so_plan_reader so_plan_readers_sqlite[] = {
	{ "sqlite", "sqlite", recognise, read_plan },
	{ NULL },
};
