#include "advise/upkeep.h"

#include <math.h>
#include <string.h>

#include "advise/candidate.h"
#include "advise/describe.h"
#include "advise/index_style.h"
#include "base/buf.h"
#include "sql/ast.h"

#define STALE_SHARE 0.2 /* of the rows modified since the last ANALYZE */
#define STALE_ROWS  1000
#define MISESTIMATE 5.0 /* factor from which extended statistics are worth their upkeep */
#define MIN_ROWS    1000 /* smaller tables do not matter */
#define FETCH_SHARE 0.4 /* heap fetches of an index-only scan */
#define MAX_COLUMNS 4

static const struct so_table *node_table(const struct so_catalog *catalog, const struct so_plan_node *node)
{
	return node->relation ? so_catalog_table(catalog, node->schema, node->relation) : NULL;
}

static bool in_plan(const struct so_catalog *catalog, const struct so_plan *plan, const struct so_table *table)
{
	for (int32_t i = 0; plan && i < plan->n_nodes; i++)
		if (node_table(catalog, &plan->nodes[i]) == table)
			return true;
	return false;
}

static const char *table_sql(TALLOC_CTX *ctx, const struct so_table *table)
{
	return so_index_table(ctx, table);
}

static struct so_proposal *add(struct so_proposal_list *out, enum so_proposal_kind kind, const char *origin,
	const struct so_table *table, const struct so_finding_list *findings, const char *const *rules)
{
	struct so_proposal *p = so_proposal_add(out, kind, origin);
	char *object = so_printf(p, "%s.%s", table->schema, table->name);

	p->verdict = SO_VERDICT_OFFERED;
	p->finding_rule = so_strdup_or_null(p, so_describe_finding(findings, object, rules));
	so_proposal_add_object(p, object);
	so_describe_text_rungs(p, "its effect shows only once it has run");
	return p;
}

static void advise_analyze(
	const struct so_table *table, const struct so_finding_list *findings, struct so_proposal_list *out)
{
	static const char *const rules[] = { "stale-statistics", "row-misestimate", NULL };
	struct so_proposal *p;
	SO_TMP(tmp, out);
	bool stale = table->mods_since_analyze >= STALE_ROWS && table->rows >= 0 &&
		     (double)table->mods_since_analyze >= STALE_SHARE * fmax(table->rows, 1);

	if (table->kind != SO_TABLE && table->kind != SO_TABLE_MATVIEW)
		return;
	if (table->has_stats && !stale)
		return;
	if (!table->has_stats && table->pages < 10)
		return;
	p = add(out, SO_PROPOSAL_MAINTENANCE, "advisor", table, findings, rules);
	p->title = so_printf(p, "Analyse %s.%s", table->schema, table->name);
	p->sql = so_index_analyze(p, table);
	p->lock = so_strdup(p, so_index_style(table)->analyze_lock);
	if (!table->has_stats)
		p->explanation = so_strdup(
			p, "The table was never analysed: the planner guesses its row counts and value distributions.");
	else
		p->explanation = so_printf(p,
			"%s rows were written since the last ANALYZE, against %s that the statistics know of: "
			"estimates describe an older "
			"table.",
			so_describe_count(tmp, (double)table->mods_since_analyze), so_describe_count(tmp, table->rows));
	so_proposal_add_caveat(p, "better estimates do not always change the plan; plan the statement again after it");
}

struct columns {
	const struct so_table *table;
	size_t n;
	int32_t items[MAX_COLUMNS];
};

/* Collects the plain column of `column = constant` and `column IN (...)`. */
static enum so_walk collect_equal(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct columns *columns = arg;
	so_ref side = SO_REF_NONE;
	int32_t index;
	SO_TMP(tmp, NULL);

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_OP && so_as_op(ast, ref)->op == SO_OP_EQ &&
		so_ast_is_constant(ast, so_as_op(ast, ref)->right))
		side = so_ast_strip_casts(ast, so_as_op(ast, ref)->left);
	else if (so_ast_kind(ast, ref) == SO_N_QUANT && so_as_quant(ast, ref)->op == SO_OP_EQ)
		side = so_ast_strip_casts(ast, so_as_quant(ast, ref)->left);
	if (so_ast_kind(ast, side) != SO_N_COLUMN)
		return SO_WALK_ON;
	index = so_table_column(columns->table, so_ast_name_dup(tmp, ast, so_as_column(ast, side)->name));
	for (size_t i = 0; i < columns->n; i++)
		if (columns->items[i] == index)
			return SO_WALK_ON;
	if (index >= 0 && columns->n < MAX_COLUMNS)
		columns->items[columns->n++] = index;
	return SO_WALK_ON;
}

static bool has_ext_stats(const struct so_table *table, const struct columns *columns)
{
	for (size_t i = 0; i < table->n_ext_stats; i++) {
		const struct so_ext_stats *stats = &table->ext_stats[i];
		size_t found = 0;

		for (size_t j = 0; j < stats->n_columns; j++)
			for (size_t k = 0; k < columns->n; k++)
				found += stats->columns[j] == columns->items[k];
		if (found == columns->n)
			return true;
	}
	return false;
}

static void advise_extended(const struct so_plan *plan, const struct so_plan_node *node, const struct so_table *table,
	const struct so_finding_list *findings, struct so_proposal_list *out)
{
	static const char *const rules[] = { "correlated-columns", "row-misestimate", NULL };
	struct columns columns = { .table = table };
	double actual = node->rows_actual, factor = fmax(actual, 1) / fmax(node->rows_est, 1);
	struct so_proposal *p;
	struct so_buf list, name;

	if (isnan(actual) || node->never_executed || factor < MISESTIMATE || actual < MIN_ROWS || !plan->ast)
		return;
	for (size_t i = 0; i < node->n_conditions; i++)
		if (node->conditions[i].kind == SO_COND_FILTER || node->conditions[i].kind == SO_COND_ACCESS ||
			node->conditions[i].kind == SO_COND_RECHECK)
			so_ast_conjuncts(plan->ast, node->conditions[i].expr, collect_equal, &columns);
	if (columns.n < 2 || has_ext_stats(table, &columns))
		return;
	p = add(out, SO_PROPOSAL_STATISTICS, "advisor", table, findings, rules);
	so_buf_init(&list, p, 4096);
	so_buf_init(&name, p, 4096);
	so_buf_adds(&name, table->name);
	for (size_t i = 0; i < columns.n; i++) {
		so_buf_addf(&list, "%s%s", i ? ", " : "", so_cand_quote(p, table->columns[columns.items[i]].name));
		so_buf_addf(&name, "_%s", table->columns[columns.items[i]].name);
	}
	p->title = so_printf(p, "Extended statistics on %s.%s (%s)", table->schema, table->name, so_buf_text(&list));
	p->sql = so_printf(p, "CREATE STATISTICS %s.%s (dependencies, mcv) ON %s FROM %s; ANALYZE %s",
		so_cand_quote(p, table->schema), so_cand_quote(p, so_printf(p, "%.57s_stats", so_buf_text(&name))),
		so_buf_text(&list), table_sql(p, table), table_sql(p, table));
	p->undo_sql = so_printf(p, "DROP STATISTICS %s.%s", so_cand_quote(p, table->schema),
		so_cand_quote(p, so_printf(p, "%.57s_stats", so_buf_text(&name))));
	p->lock = so_strdup(p, "SHARE UPDATE EXCLUSIVE: reads and writes go on; ANALYZE reads a sample of the table");
	p->explanation = so_printf(p,
		"%s rows were estimated and %s came: the planner multiplies the shares of columns that depend on each "
		"other.",
		so_describe_count(p, node->rows_est), so_describe_count(p, actual));
	so_proposal_add_caveat(p, "better estimates do not always change the plan; plan the statement again after it");
}

static void advise_vacuum(const struct so_plan_node *node, const struct so_table *table,
	const struct so_finding_list *findings, struct so_proposal_list *out)
{
	static const char *const rules[] = { "heap-fetches", NULL };
	double rows = so_plan_rows_total(node);
	struct so_proposal *p;

	if (node->op != SO_PLAN_INDEX_ONLY_SCAN || isnan(node->heap_fetches) || rows < MIN_ROWS ||
		node->heap_fetches < FETCH_SHARE * rows)
		return;
	p = add(out, SO_PROPOSAL_MAINTENANCE, "advisor", table, findings, rules);
	p->title = so_printf(p, "Vacuum %s.%s", table->schema, table->name);
	p->sql = so_printf(p, "VACUUM (ANALYZE) %s", table_sql(p, table));
	p->lock = so_strdup(
		p, "SHARE UPDATE EXCLUSIVE: reads and writes go on; reads the pages changed since the last one");
	p->explanation = so_printf(p,
		"The index-only scan had to visit the table for %s of %s rows: %.0f %% of the pages are known to be "
		"visible to all.",
		so_describe_count(p, node->heap_fetches), so_describe_count(p, rows), table->all_visible * 100);
}

static bool proposed_already(const struct so_proposal_list *out, size_t from, const struct so_proposal *p)
{
	for (size_t i = from; i < out->count; i++)
		if (out->items[i] != p && out->items[i]->sql && strcmp(out->items[i]->sql, p->sql) == 0)
			return true;
	return false;
}

void so_upkeep_advise(const struct so_catalog *catalog, const struct so_plan *plan,
	const struct so_finding_list *findings, struct so_proposal_list *out)
{
	size_t from = out->count;

	for (size_t i = 0; i < catalog->n_tables; i++)
		if (in_plan(catalog, plan, &catalog->tables[i]))
			advise_analyze(&catalog->tables[i], findings, out);
	for (int32_t i = 0; plan && plan->has_analyze && i < plan->n_nodes; i++) {
		const struct so_table *table = node_table(catalog, &plan->nodes[i]);

		if (!table || so_index_style(table)->number != SO_POSTGRESQL)
			continue; /* VACUUM and CREATE STATISTICS are PostgreSQL's */
		advise_extended(plan, &plan->nodes[i], table, findings, out);
		advise_vacuum(&plan->nodes[i], table, findings, out);
		if (out->count > from && proposed_already(out, from, out->items[out->count - 1])) {
			talloc_free(out->items[out->count - 1]);
			out->count--;
		}
	}
}
