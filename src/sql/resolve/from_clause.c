/* What makes other columns of an item of FROM: PIVOT, UNPIVOT, MATCH_RECOGNIZE, the COLUMNS of table functions. */
#include <string.h>

#include "sql/facts.h"
#include "sql/resolve/resolver.h"

/* Columns being put together. */
struct made {
	struct so_col *cols;
	size_t n, room;
};

static void push(struct resolver *r, struct made *made, struct so_col col)
{
	if (made->n == made->room) {
		made->room = made->room ? made->room * 2 : 8;
		made->cols = so_renew_array(r->out, made->cols, struct so_col, made->room);
	}
	col.expr = 0;
	col.rel = col.column = -1;
	made->cols[made->n++] = col;
}

static struct so_col unknown_col(const char *name)
{
	return (struct so_col){ .name = name, .type = "", .rel = -1, .column = -1 };
}

/* ---- The item below ---------------------------------------------------------------------------------------------- */

struct source {
	struct scope scope;
	struct so_col *cols;
	size_t n;
	bool open;
	bool *used; /* columns that do not come out again */
};

static bool read_source(struct resolver *r, so_ref node, so_ref item, const struct scope *scope,
	const struct cte_scope *ctes, struct source *source)
{
	int32_t rels = (int32_t)r->out->n_rels;

	*source = (struct source){ .scope = { .outer = scope->outer, .from = rels, .to = rels } };
	source->scope.block = so_res_add_block(r, node, scope->block);
	so_res_from_item(r, item, &source->scope, ctes);
	if (r->failed)
		return false;
	source->n = so_res_star(r, &source->scope, &source->cols, &source->open);
	source->used = so_new_array(r->out, bool, source->n + 1);
	return true;
}

static void use_column(const struct resolver *r, struct source *source, const char *name)
{
	for (size_t i = 0; i < source->n; i++)
		if (so_res_same(r, source->cols[i].name, name))
			source->used[i] = true;
}

struct mark_arg {
	struct resolver *r;
	struct source *source;
};

static enum so_walk mark(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct mark_arg *job = arg;

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_COLUMN)
		use_column(job->r, job->source, so_res_name(job->r, so_as_column(ast, ref)->name));
	return SO_WALK_ON;
}

/* Resolves an expression over the source; its columns are used up. */
static void consume(struct resolver *r, struct source *source, so_ref expr, const struct cte_scope *ctes)
{
	struct mark_arg arg = { r, source };

	so_res_expr(r, expr, &source->scope, ctes);
	if (!r->failed)
		so_ast_walk(r->ast, expr, mark, &arg);
}

static void push_rest(struct resolver *r, const struct source *source, struct made *made)
{
	for (size_t i = 0; i < source->n; i++)
		if (!source->used[i])
			push(r, made, source->cols[i]);
}

/* The relation that the clause makes of its source. */
static void finish(struct resolver *r, so_ref node, so_ref alias, struct scope *scope, const struct source *source,
	const struct made *made, bool open)
{
	int32_t number;

	if (r->failed)
		return;
	r->out->blocks[source->scope.block].outputs = made->cols;
	r->out->blocks[source->scope.block].n_outputs = made->n;
	number = so_res_add_rel(r, scope->block, node, SO_REL_QUERY);
	r->out->rels[number].source = source->scope.block;
	r->out->rels[number].open = open || source->open;
	r->out->rels[number].cols = made->cols;
	r->out->rels[number].n_cols = made->n;
	so_res_apply_alias(r, node, alias, number);
}

static struct so_col col_of_expr(struct resolver *r, so_ref expr, const char *name)
{
	struct so_col col = unknown_col(name);

	if (!r->failed)
		so_facts_output(r->out, expr, &col);
	return col;
}

/* ---- T-SQL: PIVOT nodes -------------------------------------------------------------------------------------------
 */

static const char *target_name(struct resolver *r, so_ref target)
{
	return so_res_name(r, so_as_column(r->ast, so_as_target(r->ast, target)->expr)->name);
}

static void unpivot(struct resolver *r, const struct so_n_pivot *pivot, struct source *source, struct made *made,
	const struct cte_scope *ctes)
{
	struct so_col value = unknown_col(""), name = unknown_col("");

	for (uint32_t i = 0; i < pivot->items.count && !r->failed; i++) {
		so_ref expr = so_as_target(r->ast, so_list_get(r->ast, pivot->items, i))->expr;

		consume(r, source, expr, ctes);
		if (!i)
			value = col_of_expr(r, expr, "");
	}
	push_rest(r, source, made);
	/* rows without a value are left out */
	value.not_null = true;
	for (uint32_t i = 0; i < pivot->aggregates.count; i++) {
		value.name = target_name(r, so_list_get(r->ast, pivot->aggregates, i));
		push(r, made, value);
	}
	name.type = "nvarchar(128)";
	name.type_class = SO_TYPE_TEXT;
	name.not_null = true;
	for (uint32_t i = 0; i < pivot->columns.count; i++) {
		name.name = so_res_name(r, so_as_column(r->ast, so_list_get(r->ast, pivot->columns, i))->name);
		push(r, made, name);
	}
}

void so_res_from_pivot(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_pivot *pivot = so_as_pivot(r->ast, node);
	struct so_col value = unknown_col("");
	struct source source;
	struct made made = { 0 };

	if (!read_source(r, node, pivot->source, scope, ctes, &source))
		return;
	if (so_ast_has_flag(r->ast, node, SO_NF_NOT)) {
		unpivot(r, pivot, &source, &made, ctes);
	} else {
		for (uint32_t i = 0; i < pivot->aggregates.count; i++) {
			so_ref expr = so_as_target(r->ast, so_list_get(r->ast, pivot->aggregates, i))->expr;

			consume(r, &source, expr, ctes);
			value = col_of_expr(r, expr, "");
		}
		for (uint32_t i = 0; i < pivot->columns.count; i++)
			consume(r, &source, so_list_get(r->ast, pivot->columns, i), ctes);
		push_rest(r, &source, &made);
		value.not_null = false;
		for (uint32_t i = 0; i < pivot->items.count; i++) {
			value.name = target_name(r, so_list_get(r->ast, pivot->items, i));
			push(r, &made, value);
		}
	}
	finish(r, node, pivot->alias, scope, &source, &made, false);
}

/* ---- Phrases --------------------------------------------------------------------------------------------------------
 */

struct phrase {
	struct resolver *r;
	struct so_list items;
	uint32_t at;
};

static so_ref item(const struct phrase *p, uint32_t i)
{
	return i < p->items.count ? so_list_get(p->r->ast, p->items, i) : 0;
}

static bool is_word(const struct phrase *p, uint32_t i, const char *word)
{
	so_ref ref = item(p, i);

	return so_ast_kind(p->r->ast, ref) == SO_N_WORD &&
	       so_ast_name_is(p->r->ast, so_as_word(p->r->ast, ref)->text, word);
}

static bool is_name(const struct phrase *p, uint32_t i)
{
	return so_ast_kind(p->r->ast, item(p, i)) == SO_N_NAME;
}

static const char *name_at(const struct phrase *p, uint32_t i)
{
	return so_res_name(p->r, so_as_name(p->r->ast, item(p, i))->name);
}

/* Neither a word nor a name: something with a value. */
static bool is_expr(const struct phrase *p, uint32_t i)
{
	enum so_node_kind kind = so_ast_kind(p->r->ast, item(p, i));

	return kind != SO_N_NONE && kind != SO_N_WORD && kind != SO_N_NAME;
}

/* The label behind an expression, [AS] name. */
static const char *label_behind(const struct phrase *p, uint32_t i)
{
	i += is_word(p, i + 1, "AS") ? 2 : 1;
	return is_name(p, i) ? name_at(p, i) : NULL;
}

bool so_res_phrase_columns(struct resolver *r, so_ref phrase, int32_t rel)
{
	struct phrase p = { r, so_as_phrase(r->ast, phrase)->items, 0 };
	struct made made = { 0 };
	bool columns = false;
	int depth = 0;

	for (uint32_t i = 0; i < p.items.count; i++) {
		struct so_col col;

		depth += is_word(&p, i, "(") - is_word(&p, i, ")");
		columns = columns || is_word(&p, i, "COLUMNS");
		if (!columns || !is_name(&p, i) ||
			!(is_word(&p, i - 1, "COLUMNS") || is_word(&p, i - 1, "(") || is_word(&p, i - 1, ",")))
			continue;
		col = unknown_col(name_at(&p, i));
		if (so_ast_kind(r->ast, item(&p, i + 1)) == SO_N_TYPE) {
			so_res_coldef_type(r, item(&p, i + 1), &col);
		} else if (is_word(&p, i + 1, "FOR") && is_word(&p, i + 2, "ORDINALITY")) {
			so_res_coldef_type(r, 0, &col);
			/* a nested path may have no rows */
			col.not_null = depth <= 1;
		}
		push(r, &made, col);
	}
	r->out->rels[rel].cols = made.cols;
	r->out->rels[rel].n_cols = made.n;
	return made.n > 0;
}

/* ---- Oracle: PIVOT and UNPIVOT ------------------------------------------------------------------------------------
 */

/* 'B' is the name of a column, quotes and all. */
static const char *literal_name(struct resolver *r, so_ref expr)
{
	struct so_text text;

	if (so_ast_kind(r->ast, expr) != SO_N_CONST)
		return NULL;
	text = so_ast_source_of(r->ast, expr);
	return so_strndup(r->out, text.s, text.len);
}

struct aggregate {
	const char *label;
	struct so_col col;
};

/* Returns false when the names of the columns are in no text: PIVOT XML, IN (query). */
static bool phrase_pivot(
	struct resolver *r, so_ref phrase, struct source *source, struct made *made, const struct cte_scope *ctes)
{
	struct phrase p = { r, so_as_phrase(r->ast, phrase)->items, 0 };
	struct aggregate *aggregates = so_new_array(r->out, struct aggregate, p.items.count + 1);
	size_t n = 0;

	for (p.at = 1; p.at < p.items.count && !is_word(&p, p.at, "FOR"); p.at++) {
		if (!is_expr(&p, p.at))
			continue;
		consume(r, source, item(&p, p.at), ctes);
		aggregates[n].label = label_behind(&p, p.at);
		aggregates[n++].col = col_of_expr(r, item(&p, p.at), "");
	}
	for (; p.at < p.items.count && !is_word(&p, p.at, "IN"); p.at++)
		if (is_expr(&p, p.at))
			consume(r, source, item(&p, p.at), ctes);
	push_rest(r, source, made);
	for (; p.at < p.items.count && !r->failed; p.at++) {
		const char *label;

		if (is_word(&p, p.at, "ANY") || so_kind_is_query(so_ast_kind(r->ast, item(&p, p.at))))
			return false;
		if (!is_expr(&p, p.at))
			continue;
		label = label_behind(&p, p.at);
		label = label ? label : literal_name(r, item(&p, p.at));
		if (!label)
			return false;
		for (size_t i = 0; i < n; i++) {
			struct so_col col = aggregates[i].col;

			col.name = aggregates[i].label ? so_printf(r->out, "%s_%s", label, aggregates[i].label) : label;
			col.not_null = false;
			push(r, made, col);
		}
	}
	return !is_word(&p, 1, "XML");
}

static void phrase_unpivot(
	struct resolver *r, so_ref phrase, struct source *source, struct made *made, const struct cte_scope *ctes)
{
	struct phrase p = { r, so_as_phrase(r->ast, phrase)->items, 0 };
	uint32_t word_for = 0, word_in = 0;
	struct so_col value = unknown_col(""), first = unknown_col("");
	size_t n_values = 0;

	for (uint32_t i = 0; i < p.items.count; i++) {
		word_for = !word_for && is_word(&p, i, "FOR") ? i : word_for;
		word_in = !word_in && is_word(&p, i, "IN") ? i : word_in;
	}
	for (uint32_t i = word_in; i < p.items.count; i++) {
		if (so_ast_kind(r->ast, item(&p, i)) != SO_N_COLUMN)
			continue;
		consume(r, source, item(&p, i), ctes);
		if (!first.type[0])
			first = col_of_expr(r, item(&p, i), "");
	}
	push_rest(r, source, made);
	for (uint32_t i = word_for; i < word_in; i++)
		if (so_ast_kind(r->ast, item(&p, i)) == SO_N_COLUMN) {
			struct so_col name = unknown_col(so_res_name(r, so_as_column(r->ast, item(&p, i))->name));

			name.not_null = true;
			push(r, made, name);
		}
	for (uint32_t i = 0; i < word_for; i++)
		n_values += so_ast_kind(r->ast, item(&p, i)) == SO_N_COLUMN;
	for (uint32_t i = 0; i < word_for; i++) {
		if (so_ast_kind(r->ast, item(&p, i)) != SO_N_COLUMN)
			continue;
		value = first;
		value.name = so_res_name(r, so_as_column(r->ast, item(&p, i))->name);
		/* rows without any value are left out */
		value.not_null = n_values == 1 && !is_word(&p, 1, "INCLUDE");
		if (n_values > 1)
			value = unknown_col(value.name);
		push(r, made, value);
	}
}

/* ---- MATCH_RECOGNIZE ------------------------------------------------------------------------------------------------
 */

/* A variable of the pattern qualifies the columns of the rows that it matched. */
static void add_variable(struct resolver *r, so_ref node, struct source *source, const char *name)
{
	int32_t number;

	for (int32_t i = source->scope.from; i < source->scope.to; i++)
		if (r->out->rels[i].block == source->scope.block && so_res_same(r, r->out->rels[i].name, name))
			return;
	number = so_res_add_rel(r, source->scope.block, node, SO_REL_QUERY);
	r->out->rels[number].name = name;
	r->out->rels[number].cols = source->cols;
	r->out->rels[number].n_cols = source->n;
	r->out->rels[number].open = source->open;
	r->out->rels[number].nullable = true;
	r->out->rels[number].qualified_only = true;
	source->scope.to = number + 1;
}

enum section { SECTION_NONE, SECTION_PARTITION, SECTION_ORDER, SECTION_MEASURES, SECTION_PATTERN, SECTION_DEFINE };

static enum section section_at(const struct phrase *p, uint32_t i, enum section now)
{
	static const struct {
		const char *word;
		enum section section;
	} words[] = { { "PARTITION", SECTION_PARTITION }, { "ORDER", SECTION_ORDER }, { "MEASURES", SECTION_MEASURES },
		{ "ONE", SECTION_NONE }, { "ALL", SECTION_NONE }, { "AFTER", SECTION_NONE },
		{ "PATTERN", SECTION_PATTERN }, { "SUBSET", SECTION_PATTERN }, { "DEFINE", SECTION_DEFINE } };

	for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
		if (is_word(p, i, words[w].word))
			return words[w].section;
	return now;
}

static void match_recognize(struct resolver *r, so_ref node, so_ref phrase, struct source *source, struct made *made,
	const struct cte_scope *ctes)
{
	struct phrase p = { r, so_as_phrase(r->ast, phrase)->items, 0 };
	enum section section = SECTION_NONE;
	bool all_rows = false;

	for (uint32_t i = 0; i < p.items.count; i++) {
		section = section_at(&p, i, section);
		all_rows = all_rows || (is_word(&p, i, "ALL") && is_word(&p, i + 1, "ROWS"));
		if (section == SECTION_PATTERN && is_name(&p, i))
			add_variable(r, node, source, name_at(&p, i));
	}
	section = SECTION_NONE;
	for (uint32_t i = 0; i < p.items.count && !r->failed; i++) {
		section = section_at(&p, i, section);
		if (!is_expr(&p, i) || section == SECTION_PATTERN || section == SECTION_NONE)
			continue;
		so_res_expr(r, item(&p, i), &source->scope, ctes);
		if (r->failed)
			return;
		if (section == SECTION_PARTITION && so_ast_kind(r->ast, item(&p, i)) == SO_N_COLUMN) {
			const char *name = so_res_name(r, so_as_column(r->ast, item(&p, i))->name);

			push(r, made, col_of_expr(r, item(&p, i), name));
			use_column(r, source, name);
		}
		if (section == SECTION_MEASURES) {
			struct so_col col = col_of_expr(r, item(&p, i), "");
			const char *label = label_behind(&p, i);

			col.name = label ? label : "";
			col.not_null = false;
			push(r, made, col);
		}
	}
	if (all_rows)
		push_rest(r, source, made);
}

void so_res_from_clause(struct resolver *r, so_ref node, struct scope *scope, const struct cte_scope *ctes)
{
	const struct so_n_from_clause *clause = so_as_from_clause(r->ast, node);
	struct phrase p = { r, so_as_phrase(r->ast, clause->clause)->items, 0 };
	struct source source;
	struct made made = { 0 };
	bool open = false;

	if (!read_source(r, node, clause->item, scope, ctes, &source))
		return;
	if (is_word(&p, 0, "PIVOT"))
		open = !phrase_pivot(r, clause->clause, &source, &made, ctes);
	else if (is_word(&p, 0, "UNPIVOT"))
		phrase_unpivot(r, clause->clause, &source, &made, ctes);
	else if (is_word(&p, 0, "MATCH_RECOGNIZE"))
		match_recognize(r, node, clause->clause, &source, &made, ctes);
	else if (is_word(&p, 0, "NESTED")) /* other columns, and a row for each element */
		so_res_fail(r, node, "columns of NESTED are not resolved");
	else /* AS OF, SAMPLE: the same columns */
		push_rest(r, &source, &made);
	finish(r, node, clause->alias, scope, &source, &made, open);
}

/* ---- Oracle's outer joins -------------------------------------------------------------------------------------------
 */

static enum so_walk find_outer_plus(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct resolver *r = arg;
	const struct so_use *use;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN || !so_ast_has_flag(ast, ref, SO_NF_OUTER))
		return SO_WALK_ON;
	use = so_resolved_use(r->out, ref);
	if (use && use->rel >= 0 && !use->outer)
		r->out->rels[use->rel].nullable = true;
	return SO_WALK_ON;
}

void so_res_outer_plus(struct resolver *r, so_ref cond)
{
	if (r->ast->dialect == SO_ORACLE && !r->failed && cond)
		so_ast_walk(r->ast, cond, find_outer_plus, r);
}
