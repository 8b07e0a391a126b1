#include "advise/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_RANGE 0.3333
#define DEFAULT_EQUAL 0.005

double so_share_null(const struct so_column *column)
{
	return column->has_stats ? column->null_frac : column->not_null ? 0 : 0.01;
}

double so_share_equal(const struct so_table *table, const struct so_column *column, const char *value)
{
	double common = 0, distinct, rest;

	if (!column->has_stats)
		return DEFAULT_EQUAL;
	for (size_t i = 0; i < column->n_common; i++) {
		if (value && strcmp(column->common_vals[i], value) == 0)
			return column->common_freqs[i];
		common += column->common_freqs[i];
	}
	distinct = so_column_distinct(table, column);
	if (distinct <= 0)
		return DEFAULT_EQUAL;
	if (!value)
		return fmax(1 - column->null_frac, 0) / distinct;
	rest = fmax(distinct - (double)column->n_common, 1);
	return fmax(1 - column->null_frac - common, 0) / rest;
}

/* Order of two values in text form: numbers as numbers, all else as bytes (right for ISO dates). */
static int compare_values(const struct so_column *column, const char *a, const char *b)
{
	if (column->type_class == SO_TYPE_INT || column->type_class == SO_TYPE_NUMERIC ||
		column->type_class == SO_TYPE_FLOAT) {
		double x = strtod(a, NULL), y = strtod(b, NULL);

		return (x > y) - (x < y);
	}
	return strcmp(a, b);
}

double so_share_below(const struct so_column *column, const char *value)
{
	double common = 0, below = 0, rest;
	size_t i = 0;

	if (!value || !column->has_stats || (column->n_bounds < 2 && column->n_common == 0))
		return DEFAULT_RANGE;
	for (size_t k = 0; k < column->n_common; k++) {
		common += column->common_freqs[k];
		if (compare_values(column, column->common_vals[k], value) < 0)
			below += column->common_freqs[k];
	}
	rest = fmax(1 - column->null_frac - common, 0);
	if (column->n_bounds >= 2) {
		while (i < column->n_bounds && compare_values(column, column->bounds[i], value) < 0)
			i++;
		below += rest * (i == 0 ? 0
					: fmin((double)i - 0.5, (double)column->n_bounds - 1) /
							((double)column->n_bounds - 1));
	}
	return fmin(fmax(below, 0), 1);
}

static double setting(const struct so_catalog *catalog, const char *name, double fallback)
{
	const char *text = so_catalog_setting(catalog, name);
	double value = text ? strtod(text, NULL) : 0;

	return value > 0 ? value : fallback;
}

/* The dearest node that reads the table itself. */
static const struct so_plan_node *scan_of(const struct so_plan *plan, const struct so_table *table)
{
	const struct so_plan_node *found = NULL;

	for (int32_t i = 0; plan && i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		if (!node->relation || strcmp(node->relation, table->name) != 0 ||
			(node->schema && strcmp(node->schema, table->schema) != 0))
			continue;
		if (node->op != SO_PLAN_SEQ_SCAN && node->op != SO_PLAN_INDEX_SCAN &&
			node->op != SO_PLAN_INDEX_ONLY_SCAN && node->op != SO_PLAN_BITMAP_SCAN)
			continue;
		if (!found || node->cost_inclusive > found->cost_inclusive)
			found = node;
	}
	return found;
}

/* Executions of the new scan: as often as the old one, or once for each outer row when it would serve a join. */
static double executions(const struct so_plan *plan, const struct so_plan_node *scan, const struct so_cand *cand)
{
	const struct so_plan_node *below = scan, *join;

	if (!cand->join || scan->parent < 0)
		return fmax(scan->loops_est, 1);
	join = &plan->nodes[scan->parent];
	while (join->parent >= 0 && join->n_children == 1) {
		below = join;
		join = &plan->nodes[join->parent];
	}
	for (int32_t child = join->first_child; child >= 0; child = plan->nodes[child].next_sibling)
		if (&plan->nodes[child] != below && plan->nodes[child].relationship != SO_PLAN_REL_INIT_PLAN &&
			plan->nodes[child].relationship != SO_PLAN_REL_SUB_PLAN)
			return fmax(so_plan_rows_total(&plan->nodes[child]), 1);
	return fmax(scan->loops_est, 1);
}

/* Where the costs are our own, what stands above the scan costs by its rows, too: fewer rows are handed up, and those
 * that come in order need no sort. */
static double spared_above(
	const struct so_plan *plan, const struct so_plan_node *scan, const struct so_cand *cand, double rows)
{
	double before = isnan(scan->rows_est) ? cand->table->rows : scan->rows_est, spared = 0;
	double left = before > 0 ? fmin(rows / before, 1) : 1;

	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];
		bool above = (node->id < scan->id && node->end > scan->id) || (!node->n_children && !node->relation);

		if (above)
			spared += node->cost_exclusive * (node->op == SO_PLAN_SORT && cand->ordered ? 1 : 1 - left);
	}
	return spared;
}

double so_estimate_cost(const struct so_catalog *catalog, const struct so_plan *plan, const struct so_cand *cand)
{
	const struct so_plan_node *scan = scan_of(plan, cand->table);
	double random = setting(catalog, "random_page_cost", 4), seq = setting(catalog, "seq_page_cost", 1);
	double tuple = setting(catalog, "cpu_tuple_cost", 0.01),
	       entry = setting(catalog, "cpu_index_tuple_cost", 0.005);
	double rows, share = cand->selectivity, correlation = 0, heap, index, cost, pages, scattered, rest;

	if (!scan || cand->table->rows < 0)
		return NAN;
	rows = fmax(cand->table->rows * share, 1);
	if (cand->ordered && cand->limit > 0 && rows > cand->limit) {
		share *= cand->limit / rows;
		rows = cand->limit;
	}
	if (cand->keys[0].column >= 0 && !cand->keys[0].expr && cand->table->columns[cand->keys[0].column].has_stats)
		correlation = cand->table->columns[cand->keys[0].column].correlation;
	correlation = isnan(correlation) || cand->n_keys > 1 ? 0 : correlation * correlation;
	/* Rows in the order of the index share pages; scattered ones cost a page each, the less the more of the table
	 * is read, since pages are then fetched in their order. */
	pages = fmax((double)cand->table->pages, 1);
	scattered = fmin(rows, pages);
	scattered *= random - (random - seq) * sqrt(scattered / pages);
	heap = correlation * fmax(pages * share, 1) * seq + (1 - correlation) * scattered;
	if (cand->n_include)
		heap *= 1 - fmin(fmax(cand->table->all_visible, 0), 1);
	index = fmax((double)cand->size_bytes / 8192 * share, 1) * random +
		(so_cand_height(cand->size_bytes) + 1) * 0.125;
	cost = heap + index + rows * (tuple + entry);
	cost *= executions(plan, scan, cand);
	/* A scan by index needs no workers to share it: their start is saved too. */
	rest = plan->total_cost - scan->cost_inclusive;
	for (int32_t above = scan->parent; above >= 0; above = plan->nodes[above].parent)
		if (plan->nodes[above].op == SO_PLAN_GATHER)
			rest -= plan->nodes[above].cost_exclusive;
	if (plan->cost_estimated)
		rest -= spared_above(plan, scan, cand, rows);
	return fmax(rest, 0) + cost;
}
