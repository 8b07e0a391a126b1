/* Showplan as text: SET SHOWPLAN_TEXT, SHOWPLAN_ALL and STATISTICS PROFILE, as lines, in columns of fixed width
 * (sqlcmd) or between tabs (grids of tools). */
#include "plan/mssql/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/mssql/operators.h"

enum column { ROWS, EXECUTES, ESTIMATE_ROWS, AVG_ROW_SIZE, SUBTREE_COST, PARALLEL, N_COLUMNS };

static const char *const names[N_COLUMNS] = { "Rows", "Executes", "EstimateRows", "AvgRowSize", "TotalSubtreeCost",
	"Parallel" };

/* Where the figures stand: by tabs, or by places in the line; -1: not there. */
struct layout {
	bool tabs;
	int at[N_COLUMNS]; /* number of the cell */
	int text_cell; /* of StmtText */
	size_t begin[64], end[64]; /* of each cell in a line, without tabs */
	int n;
};

/* ---- The operator's words --------------------------------------------------------------------------------------- */

/* The end of the group that opens at `at`; brackets of names and strings are skipped. */
static const char *closing(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (*at == '\'' || *at == '[') {
			const char *end = strchr(at + 1, *at == '[' ? ']' : '\'');

			if (!end)
				break;
			at = end;
		} else if (*at == '(') {
			depth++;
		} else if (*at == ')' && --depth == 0) {
			return at;
		}
	}
	return at + strlen(at);
}

/* What stands in the parentheses behind `key`; NULL when the key does not occur. */
static const char *argument(const char *text, const char *key, size_t *len)
{
	const char *at = strstr(text, key), *end;

	if (!at)
		return NULL;
	at += strlen(key);
	if (*at != '(')
		return NULL;
	end = closing(at);
	*len = (size_t)(end - at - 1);
	return at + 1;
}

static void add_argument(struct so_plan_builder *builder, struct so_plan_node *node, const char *text, const char *key,
	enum so_condition_kind kind)
{
	size_t len;
	const char *value = argument(text, key, &len);

	if (value)
		so_plan_add_condition(builder, node, kind, so_ms_expression(builder, value, len));
}

static void read_keys(struct so_plan_builder *builder, const char *text, const char *key, const char ***list, size_t *n)
{
	size_t len, count = 1;
	const char *value = argument(text, key, &len), *begin = value;
	int depth = 0;

	if (!value)
		return;
	for (size_t i = 0; i < len; i++)
		count += value[i] == ',';
	*list = so_plan_alloc(builder, count * sizeof **list);
	for (size_t i = 0; i <= len; i++) {
		if (i < len) {
			depth += (value[i] == '(') - (value[i] == ')');
			if (value[i] != ',' || depth)
				continue;
		}
		while (begin < value + i && *begin == ' ')
			begin++;
		(*list)[(*n)++] = so_ms_expression(builder, begin, (size_t)(value + i - begin));
		begin = value + i + 1;
	}
}

/* "[shop].[dbo].[orders].[ix_orders] AS [o]": database, schema, table, index; the index may be missing. */
static void read_object(struct so_plan_builder *builder, struct so_plan_node *node, const char *text)
{
	size_t len, n = 0;
	const char *at = argument(text, "OBJECT:", &len), *stop = at ? at + len : NULL, *parts[5];

	while (at && at < stop && *at == '[' && n < 5) {
		const char *end = memchr(at, ']', (size_t)(stop - at));

		if (!end)
			return;
		parts[n++] = so_plan_copy(builder, at + 1, (size_t)(end - at - 1));
		at = end + 1;
		if (at < stop && *at == '.') {
			at++;
		} else {
			break;
		}
	}
	if (n >= 3) {
		node->schema = parts[1];
		node->relation = parts[2];
		node->index = n > 3 ? parts[3] : NULL;
	} else if (n) {
		node->relation = parts[n - 1];
	}
	node->alias = node->relation;
	if (at && stop - at > 5 && strncasecmp(at, " AS [", 5) == 0) {
		const char *end = memchr(at + 5, ']', (size_t)(stop - at - 5));

		if (end)
			node->alias = so_plan_copy(builder, at + 5, (size_t)(end - at - 5));
	}
}

/* "HASH:([a].[x], [a].[y])=([b].[x], [b].[y])": the two lists side by side. */
static void read_equalities(struct so_plan_builder *builder, struct so_plan_node *node, const char *text)
{
	size_t left_len, right_len;
	const char *left = argument(text, "HASH:", &left_len), *right;

	if (!left || strncmp(left + left_len, ")=(", 3) != 0)
		return;
	right = left + left_len + 3;
	right_len = (size_t)(closing(left + left_len + 2) - right);
	while (left_len && right_len) {
		const char *a = memchr(left, ',', left_len), *b = memchr(right, ',', right_len);
		size_t a_len = a ? (size_t)(a - left) : left_len, b_len = b ? (size_t)(b - right) : right_len;
		char *pair = so_printf(builder->plan, "%.*s = %.*s", (int)a_len, left, (int)b_len, right);

		so_plan_add_condition(builder, node, SO_COND_HASH, so_ms_expression(builder, pair, strlen(pair)));
		talloc_free(pair);
		if (!a || !b)
			break;
		left_len -= a_len + 1;
		right_len -= b_len + 1;
		left = a + 1 + strspn(a + 1, " ");
		left_len -= (size_t)(left - a - 1);
		right = b + 1 + strspn(b + 1, " ");
		right_len -= (size_t)(right - b - 1);
	}
}

/* "Nested Loops(Inner Join, OUTER REFERENCES:([o].[id]))" */
static void read_operator(struct so_plan_builder *builder, struct so_plan_node *node, const char *text)
{
	size_t name_len = strcspn(text, "(");
	const char *inside = text + name_len + (text[name_len] == '('), *logical = NULL;
	size_t word = strcspn(inside, ",:()");

	while (name_len && text[name_len - 1] == ' ')
		name_len--;
	if (inside[word] != ':' && word) /* else it is a key, as in "Top(TOP EXPRESSION:(...))" */
		logical = so_plan_copy(builder, inside, word);
	so_ms_set_operator(node, so_plan_copy(builder, text, name_len), logical);
	if (strstr(inside, " LOOKUP ") && node->op != SO_PLAN_KEY_LOOKUP) {
		node->op = SO_PLAN_KEY_LOOKUP;
		node->label = "Key Lookup";
	}
	read_object(builder, node, inside);
	add_argument(builder, node, inside, "SEEK:", SO_COND_ACCESS);
	if (node->op == SO_PLAN_HASH_JOIN)
		read_equalities(builder, node, inside);
	add_argument(builder, node, inside, "MERGE:", SO_COND_MERGE);
	add_argument(builder, node, inside, "RESIDUAL:", node->op == SO_PLAN_AGGREGATE ? SO_COND_FILTER : SO_COND_JOIN);
	add_argument(builder, node, inside, "WHERE:", node->op == SO_PLAN_NESTED_LOOP ? SO_COND_JOIN : SO_COND_FILTER);
	add_argument(builder, node, inside, "STARTUP EXPR:", SO_COND_ONE_TIME);
	read_keys(builder, inside, "ORDER BY:", &node->sort_keys, &node->n_sort_keys);
	read_keys(builder, inside, "GROUP BY:", &node->group_keys, &node->n_group_keys);
	if (node->op == SO_PLAN_AGGREGATE && !node->n_group_keys)
		read_keys(builder, inside, "HASH:", &node->group_keys, &node->n_group_keys);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

/* The cell of a line; empty when the line is too short. */
static const char *cell_of(const struct layout *layout, const char *line, int cell, size_t *len)
{
	size_t total = strlen(line);

	*len = 0;
	if (cell < 0)
		return "";
	if (layout->tabs) {
		for (; cell; cell--) {
			line = strchr(line, '\t');
			if (!line)
				return "";
			line++;
		}
		*len = strcspn(line, "\t");
		return line;
	}
	if (layout->begin[cell] >= total)
		return "";
	*len = (layout->end[cell] < total ? layout->end[cell] : total) - layout->begin[cell];
	return line + layout->begin[cell];
}

static double figure(const struct layout *layout, const char *line, enum column column)
{
	size_t len;
	const char *cell = cell_of(layout, line, layout->at[column], &len);
	struct so_span number;

	while (len && isspace((unsigned char)*cell)) {
		cell++;
		len--;
	}
	number = (struct so_span){ cell, len };
	return so_span_take_number(&number);
}

/* The header, and in fixed columns the dashes below it, tell where the cells are. */
static void read_layout(struct layout *layout, const char *header, const char *rule)
{
	layout->n = 0;
	layout->tabs = strchr(header, '\t') != NULL;
	for (int i = 0; i < N_COLUMNS; i++)
		layout->at[i] = -1;
	layout->text_cell = 0;
	if (!layout->tabs && rule)
		for (size_t at = strspn(rule, " "); rule[at] == '-' && layout->n < 64; at += strspn(rule + at, " ")) {
			layout->begin[layout->n] = at;
			at += strspn(rule + at, "-");
			layout->end[layout->n++] = at;
		}
	if (layout->n) /* the last one has what is left */
		layout->end[layout->n - 1] = SIZE_MAX;
	for (int cell = 0; cell < (layout->tabs ? 64 : layout->n); cell++) {
		size_t len;
		const char *name = cell_of(layout, header, cell, &len);

		while (len && isspace((unsigned char)*name)) {
			name++;
			len--;
		}
		while (len && isspace((unsigned char)name[len - 1]))
			len--;
		for (int i = 0; i < N_COLUMNS; i++)
			if (len == strlen(names[i]) && strncasecmp(name, names[i], len) == 0)
				layout->at[i] = cell;
		if (len == 8 && strncasecmp(name, "StmtText", 8) == 0)
			layout->text_cell = cell;
	}
}

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

struct open_node {
	size_t column; /* where its "|--" stands */
	int32_t id, n;
};

static void set_figures(struct so_plan_node *node, const struct layout *layout, const char *line)
{
	double rows = figure(layout, line, ROWS), runs = figure(layout, line, EXECUTES);

	node->rows_est = figure(layout, line, ESTIMATE_ROWS);
	node->width_est = figure(layout, line, AVG_ROW_SIZE);
	node->total_cost = figure(layout, line, SUBTREE_COST);
	node->parallel_aware = figure(layout, line, PARALLEL) > 0;
	if (layout->at[EXECUTES] >= 0 && !isnan(runs) && !isnan(rows)) {
		node->loops = runs;
		node->rows_actual = runs > 0 ? rows / runs : 0;
	}
}

static bool add_line(struct so_plan_builder *builder, struct open_node *open, int32_t *depth, const char *mark,
	size_t column, struct so_err *err)
{
	struct open_node *above;
	struct so_plan_node *node;
	int32_t id;

	while (*depth && open[*depth - 1].column >= column)
		(*depth)--;
	if (*depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(err);
	above = *depth ? &open[*depth - 1] : NULL;
	id = so_plan_add_node(builder, above ? above->id : -1, *depth);
	node = &builder->plan->nodes[id];
	node->relationship =
		above ? so_ms_relationship(&builder->plan->nodes[above->id], above->n++) : SO_PLAN_REL_ROOT;
	open[(*depth)++] = (struct open_node){ .column = column, .id = id };
	read_operator(builder, node, mark + 3);
	return true;
}

static bool read_lines(struct so_plan_builder *builder, char *rest, struct so_err *err)
{
	struct open_node *open = so_new_array(builder->plan, struct open_node, SO_PLAN_MAX_DEPTH + 1);
	struct layout layout;
	char *line, *header = NULL;
	int32_t depth = 0;
	bool ok = true;

	read_layout(&layout, "", NULL);
	while (ok && (line = strsep(&rest, "\n"))) {
		size_t len = strlen(line), cell_len, column;
		const char *cell;
		char *mark, *copy;

		if (len && line[len - 1] == '\r')
			line[--len] = '\0';
		if (strstr(line, "StmtText")) {
			header = line;
			read_layout(&layout, header, NULL);
			continue;
		}
		if (header && strncmp(line, "---", 3) == 0 && !builder->plan->n_nodes) {
			read_layout(&layout, header, line);
			continue;
		}
		mark = strstr(line, "|--");
		if (!mark) {
			if (builder->plan->n_nodes && len && !isspace((unsigned char)*line))
				break; /* the next statement, or a row count */
			continue;
		}
		cell = cell_of(&layout, line, layout.text_cell, &cell_len);
		if (!cell_len || mark < cell || mark + 3 > cell + cell_len) {
			cell = line;
			cell_len = len;
		}
		column = (size_t)(mark - cell);
		if (builder->plan->n_nodes && column <= open[0].column)
			break; /* the first operator of another statement */
		copy = so_strndup(open, mark, cell_len - column);
		ok = add_line(builder, open, &depth, copy, column, err);
		if (ok)
			set_figures(&builder->plan->nodes[builder->plan->n_nodes - 1], &layout, line);
	}
	talloc_free(open);
	return ok;
}

/* SQLite draws the same marks below "QUERY PLAN". */
bool so_ms_is_text(const struct so_plan_document *doc)
{
	const char *mark = doc->syntax == SO_PLAN_TEXT ? strstr(doc->text, "|--") : NULL;

	return mark && !so_plan_head_has(doc, "QUERY PLAN") && isupper((unsigned char)mark[3]) &&
	       (so_plan_head_has(doc, "StmtText") || so_plan_head_has(doc, "OBJECT:(") ||
		       so_plan_head_has(doc, "DEFINE:(") || so_plan_head_has(doc, "Constant Scan") ||
		       so_plan_head_has(doc, "(Inner Join"));
}

bool so_ms_read_text(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct so_plan *plan = builder->plan;

	if (!read_lines(builder, so_strndup(doc->tmp, doc->text, doc->len), err))
		return so_fail_in(err, "SQL Server plan");
	if (!plan->n_nodes)
		return so_fail(err, SO_INPUT, "SQL Server plan: no line of it starts an operator with |--");
	so_plan_close_nodes(plan);
	plan->n_statements = 1;
	plan->total_cost = plan->nodes[0].total_cost;
	for (int32_t i = 0; i < plan->n_nodes; i++)
		plan->has_analyze = plan->has_analyze || !isnan(plan->nodes[i].loops);
	if (plan->has_analyze)
		so_ms_fill_measured(plan);
	so_ms_costs_per_execution(plan);
	return true;
}
