/* Costs for plans of engines that tell none (SQLite, MariaDB before 11): one formula of rows and pages over the
 * catalog's statistics, in PostgreSQL's units, so that the same figure before and after an index can be compared. It
 * follows the plan that the engine chose; it never chooses one. See docs/internals/advise.md. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "advise/estimate.h"

#define SEQ_PAGE    1.0
#define RANDOM_PAGE 4.0
#define ROW         0.01
#define ENTRY       0.005
#define STEP        0.0025 /* a comparison while sorting, hashing, grouping */
#define RANGE_SHARE 0.25
#define EQUAL_SHARE 0.1 /* without statistics of the column */

struct rows {
	double given; /* rows that one execution hands on */
	double read; /* rows that it looks at */
};

static const struct so_table *table_of(const struct so_catalog *catalog, const struct so_plan_node *node)
{
	return node->relation ? so_catalog_table(catalog, node->schema, node->relation) : NULL;
}

static const struct so_index *index_of(const struct so_table *table, const char *name)
{
	for (size_t i = 0; name && i < table->n_indexes; i++)
		if (strcasecmp(table->indexes[i].name, name) == 0)
			return &table->indexes[i];
	return NULL;
}

static bool is_access(const struct so_condition *condition)
{
	return condition->kind == SO_COND_ACCESS;
}

/* Share of the rows that "a=? AND b>?" leaves, which is all that SQLite says of an access. */
static double access_share(const struct so_table *table, const char *text, bool *one_row)
{
	double share = 1;

	*one_row = false;
	while (*text) {
		size_t len = strcspn(text, "=<> ");
		char name[128];
		int32_t column;
		char op;

		if (len == 0 || len >= sizeof name) {
			text += len ? len : 1;
			continue;
		}
		memcpy(name, text, len);
		name[len] = '\0';
		op = text[len];
		text += len;
		if (op != '=' && op != '<' && op != '>')
			continue; /* AND, ANY(..) */
		if (op == '=' && strcasecmp(name, "rowid") == 0) {
			*one_row = true;
			return 0;
		}
		column = so_table_column(table, name);
		if (op != '=')
			share *= RANGE_SHARE;
		else if (column >= 0 && so_column_distinct(table, &table->columns[column]) > 0)
			share /= so_column_distinct(table, &table->columns[column]);
		else
			share *= EQUAL_SHARE;
		text += strcspn(text, " ");
	}
	return share;
}

static struct rows scan_rows(const struct so_table *table, const struct so_plan_node *node)
{
	double all = fmax(table->rows, 1);
	struct rows rows = { all, all };
	bool one = false;

	if (node->op != SO_PLAN_SEQ_SCAN) {
		const struct so_index *index = index_of(table, node->index);
		double share = 1;

		for (size_t i = 0; i < node->n_conditions; i++)
			if (is_access(&node->conditions[i]) && node->conditions[i].text)
				share *= access_share(table, node->conditions[i].text, &one);
		rows.read = one || (index && index->unique && node->n_conditions && share * all < 2)
				    ? 1
				    : fmax(all * share, 1);
		rows.given = rows.read;
	}
	if (!isnan(node->rows_est)) {
		rows.given = fmax(node->rows_est, 0);
		if (node->op != SO_PLAN_SEQ_SCAN)
			rows.read = fmax(rows.given, 1);
	}
	if (!isnan(node->tested_est) && node->op != SO_PLAN_SEQ_SCAN)
		rows.read = fmax(node->tested_est, 1);
	return rows;
}

/* Rows that lie in the order of the index that reads them share pages: those of a primary key in InnoDB and of row
 * numbers in SQLite. Scattered ones cost a page each, the less the more of the table is read. */
static double scan_cost(const struct so_table *table, const struct so_plan_node *node, struct rows rows)
{
	const struct so_index *index = index_of(table, node->index);
	double pages = fmax((double)table->pages, 1), share = fmin(rows.read / fmax(table->rows, 1), 1), scattered;
	bool clustered = node->op == SO_PLAN_KEY_LOOKUP || (index && index->primary);

	if (node->op == SO_PLAN_SEQ_SCAN)
		return pages * SEQ_PAGE + fmax(table->rows, 1) * ROW;
	if (clustered)
		return RANDOM_PAGE + pages * share * SEQ_PAGE + rows.read * ROW;
	/* an index holds a fifth of the table where its size is not known, as one that is only tried */
	scattered =
		RANDOM_PAGE +
		(index && index->size_bytes > 0 ? (double)index->size_bytes / 8192 : pages / 5) * share * RANDOM_PAGE +
		rows.read * ENTRY;
	if (node->op == SO_PLAN_INDEX_ONLY_SCAN)
		return scattered + rows.read * ENTRY;
	rows.read = fmin(rows.read, fmax(table->rows, 1));
	pages = fmin(rows.read, pages);
	return scattered +
	       pages * (RANDOM_PAGE - (RANDOM_PAGE - SEQ_PAGE) * sqrt(pages / fmax((double)table->pages, 1))) +
	       rows.read * ROW;
}

/* Rows of one execution of every node, from the leaves up. */
static void fill_rows(const struct so_catalog *catalog, const struct so_plan *plan, struct rows *rows)
{
	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		const struct so_plan_node *node = &plan->nodes[i];
		const struct so_table *table = table_of(catalog, node);
		double product = 1, most = 0;

		if (table && table->rows >= 0) {
			rows[i] = scan_rows(table, node);
			continue;
		}
		for (int32_t child = node->first_child; child >= 0; child = plan->nodes[child].next_sibling) {
			product *= fmax(rows[child].given, 1);
			most = fmax(most, rows[child].given);
		}
		rows[i].read = node->op == SO_PLAN_NESTED_LOOP ? product : most;
		rows[i].given = isnan(node->rows_est) ? rows[i].read : node->rows_est;
	}
}

static double own_cost(const struct so_catalog *catalog, const struct so_plan_node *node, struct rows rows)
{
	const struct so_table *table = table_of(catalog, node);

	if (table && table->rows >= 0)
		return scan_cost(table, node, rows);
	if (node->op == SO_PLAN_SORT || node->op == SO_PLAN_AGGREGATE)
		return fmax(rows.read, 1) * log2(fmax(rows.read, 2)) * STEP;
	return fmax(rows.read, 0) * STEP;
}

bool so_estimate_plan(const struct so_catalog *catalog, struct so_plan *plan, bool anew)
{
	SO_TMP(tmp, NULL);
	struct rows *rows;
	double total = 0;

	if (!catalog || (!anew && !isnan(plan->total_cost)))
		return false;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_table *table = table_of(catalog, &plan->nodes[i]);

		if (plan->nodes[i].relation && (!table || table->rows < 0))
			return false; /* a part that nothing is known of */
	}
	rows = so_new_array(tmp, struct rows, (size_t)plan->n_nodes);
	fill_rows(catalog, plan, rows);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		struct so_plan_node *node = &plan->nodes[i];
		double loops = i == 0 ? 1 : plan->nodes[node->parent].loops_est;

		/* the inner sides of nested loops run for each row of those before them */
		if (i > 0 && plan->nodes[node->parent].op == SO_PLAN_NESTED_LOOP && table_of(catalog, node))
			for (int32_t before = plan->nodes[node->parent].first_child; before >= 0 && before != i;
				before = plan->nodes[before].next_sibling)
				loops *= fmax(rows[before].given, 1);
		node->loops_est = loops;
		node->cost_exclusive = node->cost_inclusive = own_cost(catalog, node, rows[i]) * loops;
	}
	/* a sort of SQLite stands beside what it sorts */
	for (int32_t i = 1; i < plan->n_nodes; i++)
		if (plan->nodes[i].op == SO_PLAN_SORT && !plan->nodes[i].n_children)
			plan->nodes[i].cost_exclusive = plan->nodes[i].cost_inclusive =
				own_cost(catalog, &plan->nodes[i], rows[plan->nodes[i].parent]) *
				plan->nodes[plan->nodes[i].parent].loops_est;
	for (int32_t i = plan->n_nodes - 1; i > 0; i--)
		plan->nodes[plan->nodes[i].parent].cost_inclusive += plan->nodes[i].cost_inclusive;
	for (int32_t i = 0; i < plan->n_nodes; i++)
		total += plan->nodes[i].cost_exclusive;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		plan->nodes[i].total_cost = plan->nodes[i].cost_inclusive / fmax(plan->nodes[i].loops_est, 1);
		plan->nodes[i].share = total > 0 ? plan->nodes[i].cost_exclusive / total : 0;
	}
	plan->total_cost = total;
	plan->cost_estimated = true;
	return true;
}
