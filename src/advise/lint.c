#include "advise/lint.h"

#include <string.h>

#include "advise/describe.h"
#include "advise/fkeys.h"
#include "sql/facts.h"

#define MANY_ROWS 100000 /* of a table that is scanned for each row written */

/* One walk over one statement. */
struct lint {
	const struct so_ast *ast;
	const struct so_resolved *resolved; /* or NULL */
	struct so_finding_list *list;
	so_ref root;
	const struct so_lint_rule *rule; /* whose check is running */
	void (*check)(struct lint *lint, so_ref ref);
	size_t found; /* by this rule */
};

struct lint_row {
	struct so_lint_rule rule;
	void (*check)(struct lint *lint, so_ref ref);
};

/* ---- writing a finding ---- */

static struct so_finding *found(struct lint *lint, so_ref ref, const char *fmt, ...) SO_PRINTF(3, 4);
static struct so_finding *found(struct lint *lint, so_ref ref, const char *fmt, ...)
{
	struct so_finding *finding;
	size_t offset, len;
	va_list args;

	if (lint->found++ >= SO_LINT_MAX)
		return NULL;
	finding = so_finding_add(lint->list, lint->rule->id, lint->rule->severity);
	finding->issue_type = lint->rule->issue_type;
	finding->remedy = so_strdup(lint->list, lint->rule->remedy);
	finding->explanation = so_strdup(lint->list, lint->rule->what);
	finding->docs = so_printf(lint->list, "/docs/findings/%s", lint->rule->id);
	va_start(args, fmt);
	finding->title = so_vprintf(lint->list, fmt, args);
	va_end(args);
	if (so_ast_span(lint->ast, ref, &offset, &len)) {
		finding->span_begin = (int32_t)offset;
		finding->span_end = (int32_t)(offset + len);
	}
	return finding;
}

/* Source text of a node for a title, at most 60 bytes. */
static char *shown(struct lint *lint, so_ref ref)
{
	struct so_text text = so_ast_source_of(lint->ast, ref);
	size_t len = text.len < 60 ? text.len : 60;

	while (len < text.len && len > 0 && ((unsigned char)text.s[len] & 0xC0) == 0x80)
		len--;
	return so_printf(lint->list, "%.*s%s", (int)len, text.s, len < text.len ? " ..." : "");
}

/* ---- the checks ---- */

/* The first output of a query, as an expression; 0 when there is none. */
static so_ref first_target(const struct so_ast *ast, so_ref query)
{
	struct so_list targets;

	if (so_ast_kind(ast, query) != SO_N_SELECT)
		return SO_REF_NONE;
	targets = so_as_select(ast, query)->targets;
	return targets.count ? so_as_target(ast, so_list_get(ast, targets, 0))->expr : SO_REF_NONE;
}

static void check_not_in(struct lint *lint, so_ref ref)
{
	const struct so_n_in *in;
	struct so_finding *finding;
	so_ref inner;

	if (so_ast_kind(lint->ast, ref) != SO_N_IN || !so_ast_has_flag(lint->ast, ref, SO_NF_NOT))
		return;
	in = so_as_in(lint->ast, ref);
	inner = in->query ? first_target(lint->ast, in->query) : SO_REF_NONE;
	if (!inner)
		return;
	finding = found(lint, ref, "%s NOT IN (SELECT ...)", shown(lint, in->arg));
	if (!finding || !lint->resolved)
		return;
	if (!so_expr_not_null(lint->resolved, inner, so_as_select(lint->ast, in->query)->where)) {
		finding->severity = SO_SEVERITY_HIGH;
		finding->explanation = so_printf(lint->list,
			"%s may be NULL. One NULL in the list makes NOT IN true for no row at all, so the statement "
			"then returns "
			"nothing; and the planner can use no anti join for it.",
			shown(lint, inner));
	}
}

static bool is_count(const struct so_ast *ast, so_ref ref)
{
	return so_ast_kind(ast, ref) == SO_N_FUNC && so_ast_name_is(ast, so_as_func(ast, ref)->name, "count") &&
	       !so_as_func(ast, ref)->over;
}

/* (SELECT count(...) ...) compared with 0 or 1 asks only whether there is a row. */
static void check_count(struct lint *lint, so_ref ref)
{
	const struct so_n_op *op;
	so_ref query, number;
	int64_t value;

	if (so_ast_kind(lint->ast, ref) != SO_N_OP)
		return;
	op = so_as_op(lint->ast, ref);
	if (op->op < SO_OP_EQ || op->op > SO_OP_GE || !op->left)
		return;
	query = so_ast_kind(lint->ast, op->left) == SO_N_SUBQUERY ? op->left : op->right;
	number = query == op->left ? op->right : op->left;
	if (so_ast_kind(lint->ast, query) != SO_N_SUBQUERY || !so_ast_int(lint->ast, number, &value) || value < 0 ||
		value > 1)
		return;
	query = so_as_subquery(lint->ast, query)->query;
	if (so_ast_kind(lint->ast, query) != SO_N_SELECT || so_as_select(lint->ast, query)->group_by.count ||
		!is_count(lint->ast, first_target(lint->ast, query)))
		return;
	found(lint, ref, "Rows are counted to learn whether there is one");
}

/* DISTINCT over rows that cannot repeat. */
static void check_distinct(struct lint *lint, so_ref ref)
{
	const struct so_block *block;
	struct so_rel_col cols[64];
	int32_t number;
	size_t n = 0;

	if (!lint->resolved || so_ast_kind(lint->ast, ref) != SO_N_SELECT ||
		!so_ast_has_flag(lint->ast, ref, SO_NF_DISTINCT) ||
		so_rare_select(lint->ast, so_as_select(lint->ast, ref))->distinct_on.count ||
		so_as_select(lint->ast, ref)->group_by.count)
		return;
	number = so_resolved_block(lint->resolved, ref);
	if (number < 0)
		return;
	block = &lint->resolved->blocks[number];
	for (size_t i = 0; i < block->n_outputs && n < 64; i++)
		if (block->outputs[i].rel >= 0)
			cols[n++] = (struct so_rel_col){ block->outputs[i].rel, block->outputs[i].column };
	if (n && so_block_rows_unique(lint->resolved, number, cols, n))
		found(lint, ref, "DISTINCT over rows that are different already");
}

static void check_wildcard(struct lint *lint, so_ref ref)
{
	struct so_like_view like;
	struct so_text pattern;
	so_ref constant;

	if (!so_ast_like(lint->ast, ref, &like))
		return;
	constant = so_ast_strip_casts(lint->ast, like.pattern);
	if (so_ast_kind(lint->ast, constant) != SO_N_CONST || so_as_const(lint->ast, constant)->type != SO_C_STRING)
		return;
	pattern = so_ast_str(lint->ast, so_as_const(lint->ast, constant)->value);
	if (pattern.len > 1 && (pattern.s[0] == '%' || pattern.s[0] == '_') &&
		so_ast_kind(lint->ast, like.arg) == SO_N_COLUMN)
		found(lint, ref, "The pattern of %s begins with a wildcard", shown(lint, like.arg));
}

static bool is_null(const struct so_ast *ast, so_ref ref)
{
	so_ref bare = ref ? so_ast_strip_casts(ast, ref) : SO_REF_NONE;

	return so_ast_kind(ast, bare) == SO_N_CONST && so_as_const(ast, bare)->type == SO_C_NULL;
}

static void check_equals_null(struct lint *lint, so_ref ref)
{
	const struct so_n_op *op;

	if (so_ast_kind(lint->ast, ref) != SO_N_OP)
		return;
	op = so_as_op(lint->ast, ref);
	if (op->op >= SO_OP_EQ && op->op <= SO_OP_GE && op->left &&
		(is_null(lint->ast, op->left) || is_null(lint->ast, op->right)))
		found(lint, ref, "A comparison with NULL is never true");
}

static void check_in_null(struct lint *lint, so_ref ref)
{
	const struct so_n_in *in;

	if (so_ast_kind(lint->ast, ref) != SO_N_IN || !so_ast_has_flag(lint->ast, ref, SO_NF_NOT))
		return;
	in = so_as_in(lint->ast, ref);
	for (uint32_t i = 0; i < in->items.count; i++) {
		if (!is_null(lint->ast, so_list_get(lint->ast, in->items, i)))
			continue;
		found(lint, ref, "NOT IN a list with NULL is never true");
		return;
	}
}

static void check_random_order(struct lint *lint, so_ref ref)
{
	so_ref key;

	if (so_ast_kind(lint->ast, ref) != SO_N_SORT)
		return;
	key = so_as_sort(lint->ast, ref)->arg;
	if (so_ast_kind(lint->ast, key) == SO_N_FUNC &&
		so_ast_name_is(lint->ast, so_as_func(lint->ast, key)->name, "random"))
		found(lint, ref, "All rows are sorted to pick some at random");
}

static void check_no_where(struct lint *lint, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(lint->ast, ref);

	if (kind == SO_N_UPDATE && !so_as_update(lint->ast, ref)->where && !so_as_update(lint->ast, ref)->from.count)
		found(lint, ref, "UPDATE without WHERE changes every row");
	if (kind == SO_N_DELETE && !so_as_delete(lint->ast, ref)->where && !so_as_delete(lint->ast, ref)->using.count)
		found(lint, ref, "DELETE without WHERE removes every row");
}

/* Its plan does not show it, so that the statement and the catalog are all there is to go by. */
static void check_fkeys(struct lint *lint, so_ref ref)
{
	SO_TMP(tmp, lint->list);
	struct so_fkey_scan scans[SO_FKEY_SCANS];
	size_t n = lint->resolved && ref == lint->root ? so_fkey_scans(lint->resolved, scans) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct so_table *child = scans[i].child;
		struct so_finding *f =
			found(lint, scans[i].node, "Every row looks through %s.%s (%s rows) for the foreign key %s",
				child->schema, child->name, so_describe_count(tmp, child->rows), scans[i].fkey->name);

		if (!f)
			return;
		f->severity = child->rows >= MANY_ROWS ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM;
		so_finding_add_object(lint->list, f, so_printf(tmp, "%s.%s", child->schema, child->name));
		so_finding_add_evidence(lint->list, f, "rows_scanned", child->rows, "rows");
		so_finding_add_evidence(
			lint->list, f, "scan_cost", so_fkey_scan_cost(lint->resolved->catalog, child), "cost");
	}
}

static const struct lint_row rows[] = {
	{ { "not-in-subquery", "suboptimal_pattern", SO_SEVERITY_MEDIUM,
		  "NOT IN over a subquery follows NULL rules that forbid an anti join, so the list is searched for "
		  "every row.",
		  "Write NOT EXISTS with the comparison inside, where neither side can be NULL or a NULL should not "
		  "empty the result." },
		check_not_in },
	{ { "count-for-existence", "suboptimal_pattern", SO_SEVERITY_MEDIUM,
		  "Counting reads every matching row; EXISTS stops at the first one.",
		  "Write EXISTS (or NOT EXISTS for = 0)." },
		check_count },
	{ { "distinct-unneeded", "suboptimal_pattern", SO_SEVERITY_MEDIUM,
		  "A unique key among the columns makes every row different, so removing duplicates sorts or hashes "
		  "all rows for nothing.",
		  "Drop DISTINCT." },
		check_distinct },
	{ { "leading-wildcard-like", "suboptimal_pattern", SO_SEVERITY_MEDIUM,
		  "A b-tree index is ordered by the first characters, so it cannot help a pattern that begins with a "
		  "wildcard.",
		  "Use a trigram index (pg_trgm), a full text index, or a pattern that begins with text." },
		check_wildcard },
	{ { "equals-null", "suboptimal_pattern", SO_SEVERITY_HIGH,
		  "A comparison with NULL is neither true nor false, so the condition keeps no row.",
		  "Write IS NULL or IS NOT NULL." },
		check_equals_null },
	{ { "not-in-null", "suboptimal_pattern", SO_SEVERITY_HIGH,
		  "NOT IN compares with every item; the comparison with NULL is unknown, so the condition is never "
		  "true.",
		  "Take NULL out of the list." },
		check_in_null },
	{ { "order-by-random", "suboptimal_pattern", SO_SEVERITY_MEDIUM,
		  "Every row gets a random number and all of them are sorted, whatever LIMIT says.",
		  "Use TABLESAMPLE, or pick random keys and look them up; both change which rows are likely." },
		check_random_order },
	{ { "no-where-write", "suboptimal_pattern", SO_SEVERITY_HIGH,
		  "The statement touches the whole table in one transaction: every row is rewritten or removed, and "
		  "stays locked until it ends.",
		  "Check that this is meant; for a whole table TRUNCATE, or batches by key, are kinder." },
		check_no_where },
	{ { "fk-without-index", "missing_index", SO_SEVERITY_MEDIUM,
		  "A foreign key refers to the table, and no index serves its columns: for each row that is removed, "
		  "or whose "
		  "key changes, its trigger reads the whole referring table. The plan does not show that.",
		  "Make an index on the columns of the foreign key." },
		check_fkeys },
};

size_t so_lint_rule_count(void)
{
	return sizeof rows / sizeof rows[0];
}

const struct so_lint_rule *so_lint_rule_at(size_t i)
{
	so_assert(i < so_lint_rule_count());
	return &rows[i].rule;
}

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct lint *lint = arg;

	(void)ast;
	(void)parent;
	lint->check(lint, ref);
	return SO_WALK_ON;
}

void so_lint(const struct so_ast *ast, so_ref root, const struct so_resolved *resolved, struct so_finding_list *list)
{
	for (size_t i = 0; i < so_lint_rule_count(); i++) {
		struct lint lint = { .ast = ast,
			.resolved = resolved,
			.list = list,
			.root = root,
			.rule = &rows[i].rule,
			.check = rows[i].check };

		(void)so_ast_walk(ast, root, visit, &lint);
	}
}
