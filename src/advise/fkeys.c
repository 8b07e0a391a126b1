#include "advise/fkeys.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advise/candidate.h"
#include "advise/describe.h"

#define MIN_ROWS       1000
#define ESTIMATED_GAIN 2.0 /* an estimate of ours has to promise this much */

static const char *const fkey_findings[] = { "fk-without-index", NULL };

/* Target of a DELETE or UPDATE; NULL for any other node. */
static const struct so_table *target_of(const struct so_resolved *resolved, so_ref node)
{
	enum so_node_kind kind = so_ast_kind(resolved->ast, node);
	int32_t rel;

	if (kind != SO_N_DELETE && kind != SO_N_UPDATE)
		return NULL;
	rel = so_resolved_rel(resolved, so_as_dml(resolved->ast, node)->table);
	return rel >= 0 ? resolved->rels[rel].table : NULL;
}

/* Whether an UPDATE sets the column; a DELETE touches all. */
static bool touches(const struct so_resolved *resolved, so_ref node, int32_t column)
{
	const struct so_ast *ast = resolved->ast;
	struct so_list sets;

	if (so_ast_kind(ast, node) == SO_N_DELETE)
		return true;
	sets = so_as_update(ast, node)->sets;
	for (uint32_t i = 0; i < sets.count; i++) {
		struct so_list columns = so_as_assign(ast, so_list_get(ast, sets, i))->columns;

		for (uint32_t k = 0; k < columns.count; k++) {
			const struct so_use *use = so_resolved_use(resolved, so_list_get(ast, columns, k));

			if (use && use->kind == SO_USE_OF_COLUMN && use->column == column)
				return true;
		}
	}
	return false;
}

static bool touches_key(const struct so_resolved *resolved, so_ref node, const struct so_table *table)
{
	for (size_t k = 0; k < table->n_keys; k++)
		for (size_t i = 0; i < table->keys[k].n_columns; i++)
			if (touches(resolved, node, table->keys[k].columns[i]))
				return true;
	return false;
}

size_t so_fkey_needed(const struct so_resolved *resolved, const char **names, size_t max)
{
	size_t n = 0;

	for (size_t b = 0; b < resolved->n_blocks; b++) {
		const struct so_table *table = target_of(resolved, resolved->blocks[b].node);

		if (!table || !touches_key(resolved, resolved->blocks[b].node, table))
			continue;
		for (size_t i = 0; i < table->n_unindexed_refs && n < max; i++)
			names[n++] = table->unindexed_refs[i];
	}
	return n;
}

static bool refers_to(
	const struct so_resolved *resolved, so_ref node, const struct so_fkey *fkey, const struct so_table *parent)
{
	bool touched = false;

	/* One that is not validated may have its triggers off. */
	if (!fkey->validated || strcmp(fkey->ref_table, parent->name) != 0 ||
		strcmp(fkey->ref_schema, parent->schema) != 0)
		return false;
	for (size_t i = 0; i < fkey->n_columns; i++)
		touched = touched || touches(resolved, node, so_table_column(parent, fkey->ref_columns[i]));
	return touched;
}

bool so_fkey_is_served(const struct so_table *child, const struct so_fkey *fkey)
{
	for (size_t i = 0; i < child->n_indexes; i++) {
		const struct so_index *index = &child->indexes[i];

		if (!index->valid || index->predicate || !index->n_keys ||
			(strcmp(index->method, "btree") != 0 && strcmp(index->method, "hash") != 0))
			continue;
		for (size_t k = 0; k < fkey->n_columns; k++)
			if (index->keys[0].column == fkey->columns[k])
				return true;
	}
	return false;
}

static size_t scans_of(
	const struct so_resolved *resolved, so_ref node, struct so_fkey_scan out[SO_FKEY_SCANS], size_t n)
{
	const struct so_table *parent = target_of(resolved, node);

	for (size_t t = 0; parent && t < resolved->catalog->n_tables; t++) {
		const struct so_table *child = &resolved->catalog->tables[t];

		for (size_t f = 0; child->rows >= MIN_ROWS && f < child->n_fkeys && n < SO_FKEY_SCANS; f++)
			if (refers_to(resolved, node, &child->fkeys[f], parent) &&
				!so_fkey_is_served(child, &child->fkeys[f]))
				out[n++] = (struct so_fkey_scan){ node, parent, child, &child->fkeys[f] };
	}
	return n;
}

size_t so_fkey_scans(const struct so_resolved *resolved, struct so_fkey_scan out[SO_FKEY_SCANS])
{
	size_t n = 0;

	for (size_t b = 0; b < resolved->n_blocks; b++)
		n = scans_of(resolved, resolved->blocks[b].node, out, n);
	return n;
}

static double setting(const struct so_catalog *catalog, const char *name, double fallback)
{
	const char *text = so_catalog_setting(catalog, name);
	double value = text ? strtod(text, NULL) : 0;

	return value > 0 ? value : fallback;
}

double so_fkey_scan_cost(const struct so_catalog *catalog, const struct so_table *child)
{
	return (double)child->pages * setting(catalog, "seq_page_cost", 1) +
	       child->rows * (setting(catalog, "cpu_tuple_cost", 0.01) + setting(catalog, "cpu_operator_cost", 0.0025));
}

/* A descent, a leaf, and the rows of the table that one key has. */
static double lookup_cost(const struct so_catalog *catalog, const struct so_cand *cand)
{
	const struct so_column *column = &cand->table->columns[cand->keys[0].column];
	double distinct = so_column_distinct(cand->table, column), random = setting(catalog, "random_page_cost", 4);
	double rows = fmax(distinct > 0 ? cand->table->rows / distinct : 1, 1);

	return random + (so_cand_height(cand->size_bytes) + 1) * 0.125 +
	       fmin(rows, (double)cand->table->pages) * random + rows * setting(catalog, "cpu_tuple_cost", 0.01);
}

/* Rows that the plan expects to write: its outermost modification is fed by one child. */
static double written_rows(const struct so_plan *plan)
{
	for (int32_t i = 0; plan && i < plan->n_nodes; i++)
		if (plan->nodes[i].op == SO_PLAN_MODIFY && plan->nodes[i].first_child >= 0)
			return fmax(plan->nodes[plan->nodes[i].first_child].rows_est, 1);
	return 1;
}

static void propose(const struct so_advise_input *input, const struct so_fkey_scan *scan, const struct so_cand *cand,
	struct so_proposal_list *out)
{
	SO_TMP(tmp, out);
	double rows = written_rows(input->plan), scanned = so_fkey_scan_cost(input->catalog, scan->child);
	double rest = input->plan ? input->plan->total_cost : 0;
	double before = rest + rows * scanned, after = rest + rows * lookup_cost(input->catalog, cand);
	struct so_proposal *p;

	if (after * ESTIMATED_GAIN > before)
		return;
	p = so_proposal_add(out, SO_PROPOSAL_INDEX, "advisor");
	so_cand_describe(p, input->catalog, cand, -1);
	p->finding_rule = so_strdup_or_null(p, so_describe_finding(input->findings, NULL, fkey_findings));
	p->verdict = SO_VERDICT_OFFERED;
	p->cost_before = before;
	p->cost_after = after;
	p->cost_source = SO_FIGURE_ESTIMATED;
	p->explanation = so_printf(p,
		"The foreign key %s of %s.%s refers to %s.%s: for each row that is removed, or whose key changes, its "
		"trigger looks for rows "
		"that refer to it, and without an index reads all %s rows (cost %.0f a row, not time). Expected size "
		"%s.",
		scan->fkey->name, scan->child->schema, scan->child->name, scan->parent->schema, scan->parent->name,
		so_describe_count(tmp, scan->child->rows), scanned, so_cand_size_text(tmp, cand->size_bytes));
	so_describe_text_rungs(p, "the work of foreign keys is not part of a plan");
	so_proposal_add_caveat(p,
		"both costs are our own estimate, for %s row%s: EXPLAIN does not show what triggers do, EXPLAIN "
		"ANALYZE shows "
		"their time",
		so_describe_count(tmp, rows), rows > 1 ? "s" : "");
}

struct so_cand so_fkey_candidate(const struct so_table *child, const struct so_fkey *fkey)
{
	struct so_cand cand = { .table = child,
		.method = "btree",
		.pred_share = 1,
		.selectivity = 1,
		.reason = "the check of a foreign key" };

	for (size_t k = 0; k < fkey->n_columns && k < SO_CAND_KEYS; k++)
		cand.keys[cand.n_keys++] = (struct so_cand_key){ .column = fkey->columns[k] };
	return cand;
}

void so_fkey_advise(const struct so_advise_input *input, struct so_proposal_list *out)
{
	SO_TMP(tmp, out);
	struct so_cand_set *set = so_cand_set_new(tmp);
	struct so_fkey_scan scans[SO_FKEY_SCANS];
	size_t n = input->resolved ? so_fkey_scans(input->resolved, scans) : 0;

	for (size_t i = 0; i < n; i++) {
		size_t known = set->count;
		struct so_cand cand = so_fkey_candidate(scans[i].child, scans[i].fkey);

		if (so_cand_add(set, &cand) && set->count > known)
			propose(input, &scans[i], set->items[known], out);
	}
}
