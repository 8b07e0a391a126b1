#include "advise/fine.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"

#define SMALL_PAGES 10
#define SMALL_ROWS  1000
#define TOLD        3

static const struct so_index *find_index(const struct so_catalog *catalog, const char *name)
{
	for (size_t i = 0; i < catalog->n_tables; i++)
		for (size_t j = 0; j < catalog->tables[i].n_indexes; j++)
			if (strcmp(catalog->tables[i].indexes[j].name, name) == 0)
				return &catalog->tables[i].indexes[j];
	return NULL;
}

/* How often the plan reads a table in which way. */
struct reads {
	size_t one_row, by_index, small, whole, other;
	const char *index, *table; /* the first of each */
	bool primary;
};

static bool has_condition(const struct so_plan_node *node, enum so_condition_kind kind)
{
	for (size_t i = 0; i < node->n_conditions; i++)
		if (node->conditions[i].kind == kind)
			return true;
	return false;
}

static bool reads_table(const struct so_plan_node *node)
{
	switch (node->op) {
	case SO_PLAN_SEQ_SCAN:
	case SO_PLAN_INDEX_SCAN:
	case SO_PLAN_INDEX_ONLY_SCAN:
	case SO_PLAN_KEY_LOOKUP:
	case SO_PLAN_REMOTE:
		return true;
	case SO_PLAN_BITMAP_SCAN:
		return node->index != NULL; /* the bitmap index scan, not the heap scan above it */
	default: /* joins, sorts ... */
		return false;
	}
}

static void count_read(const struct so_catalog *catalog, const struct so_plan_node *node, struct reads *reads)
{
	const struct so_index *index = node->index ? find_index(catalog, node->index) : NULL;
	const struct so_table *table = node->relation ? so_catalog_table(catalog, node->schema, node->relation) : NULL;
	bool bounded = index && has_condition(node, SO_COND_ACCESS);

	if (node->relation && !reads->table)
		reads->table = node->relation;
	if (index && !reads->index) {
		reads->index = index->name;
		reads->primary = index->primary;
	}
	if (bounded && (index->unique || index->primary) && node->rows_est <= 1)
		reads->one_row++;
	else if (bounded && !has_condition(node, SO_COND_FILTER))
		reads->by_index++;
	else if (table && (table->pages < SMALL_PAGES || (table->rows >= 0 && table->rows < SMALL_ROWS)))
		reads->small++;
	else if (!bounded && !has_condition(node, SO_COND_FILTER))
		reads->whole++;
	else
		reads->other++;
}

/* How the plan reads its tables, where that explains that nothing needs doing. */
static char *by_plan(TALLOC_CTX *ctx, const struct so_catalog *catalog, const struct so_plan *plan)
{
	struct reads r = { 0 };

	for (int32_t i = 0; plan && i < plan->n_nodes; i++)
		if (reads_table(&plan->nodes[i]))
			count_read(catalog, &plan->nodes[i], &r);
	if (plan && !r.one_row && !r.by_index && !r.small && !r.whole && !r.other)
		return so_strdup(ctx, "it reads no table");
	if (r.other)
		return NULL;
	if (r.one_row && !r.by_index && !r.small && !r.whole)
		return so_printf(ctx, "it fetches one row through the %s %s",
			r.primary ? "primary key" : "unique index", r.index);
	if (r.whole && !r.by_index && !r.small && !r.one_row)
		return so_printf(
			ctx, "it reads the whole of %s by design, and returns or aggregates all of it", r.table);
	if (r.small && !r.by_index && !r.whole && !r.one_row)
		return so_printf(ctx, "%s is so small that reading all of it is cheaper than any index", r.table);
	if (r.by_index + r.one_row && !r.whole)
		return so_printf(ctx, "existing indexes serve its conditions (%s)", r.index);
	return NULL;
}

static char *tried(TALLOC_CTX *ctx, const struct so_search *search, double min_gain)
{
	SO_TMP(tmp, ctx);
	struct so_buf buf;
	size_t told = 0;

	so_buf_init(&buf, tmp, 8192);
	so_buf_addf(&buf, "no candidate lowered the planner cost by %.0f %% or more", (min_gain - 1) * 100);
	for (size_t i = 0; i < search->n && told < TOLD; i++)
		if (!isnan(search->alone[i]))
			so_buf_addf(&buf, "%s%s %s (%.0f -> %.0f)", told++ ? ", " : ": tried ",
				search->cands[i]->table->name, search->cands[i]->columns_text, search->base,
				search->alone[i]);
	return told ? so_strdup(ctx, so_buf_text(&buf)) : NULL;
}

char *so_fine_reason(TALLOC_CTX *ctx, const struct so_variant *variant, const struct so_advise_input *input)
{
	const struct so_search *search = &variant->search;
	const struct so_plan *plan = search->base_plan ? search->base_plan : input->plan;
	char *reason = by_plan(ctx, input->catalog, plan);

	if (reason)
		return reason;
	if (search->base < SO_TRIVIAL_COST)
		return so_printf(ctx, "it costs %.1f planner units (cost, not time): a handful of pages", search->base);
	return tried(ctx, search, input->options.min_gain);
}
