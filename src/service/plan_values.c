#include "service/plan_values.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sql/values.h"

struct search {
	TALLOC_CTX *ctx;
	const struct so_plan *plan;
	const struct so_ast *ast; /* of the statement */
	const struct so_value_places *places;
	char **values; /* for each item; NULL: not known yet */
	bool *unclear; /* the plan tells two values for it */
};

/* ---- what a parameter is compared with ---- */

/* `column` `op` value, as one side has it. */
struct comparison {
	so_ref column, value;
	enum so_op op;
	bool like, negated, ignore_case;
};

static bool is_value(const struct so_ast *ast, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(ast, so_ast_strip_casts(ast, ref));

	return kind == SO_N_CONST || kind == SO_N_PARAM;
}

static bool is_column(const struct so_ast *ast, so_ref ref)
{
	return so_ast_kind(ast, so_ast_strip_casts(ast, ref)) == SO_N_COLUMN;
}

static bool is_order(enum so_op op)
{
	return op == SO_OP_EQ || op == SO_OP_NE || op == SO_OP_LT || op == SO_OP_LE || op == SO_OP_GT || op == SO_OP_GE;
}

static bool take(const struct so_ast *ast, so_ref column, enum so_op op, so_ref value, struct comparison *out)
{
	if (!is_column(ast, column) || !is_value(ast, value))
		return false;
	*out = (struct comparison){
		.column = so_ast_strip_casts(ast, column), .value = so_ast_strip_casts(ast, value), .op = op
	};
	return true;
}

/* Up to two: BETWEEN is two comparisons, as plans write it. */
static int comparisons(const struct so_ast *ast, so_ref ref, struct comparison out[2])
{
	struct so_like_view like;
	int n = 0;

	if (so_ast_like(ast, ref, &like)) {
		n = take(ast, like.arg, SO_OP_OTHER, like.pattern, &out[0]);
		out[0].like = true;
		out[0].negated = like.negated;
		out[0].ignore_case = like.ignore_case;
		return n;
	}
	if (so_ast_kind(ast, ref) == SO_N_OP) {
		const struct so_n_op *op = so_as_op(ast, ref);

		if (!is_order((enum so_op)op->op) || !op->left || !op->right)
			return 0;
		if (take(ast, op->left, (enum so_op)op->op, op->right, &out[0]))
			return 1;
		return take(ast, op->right, so_op_commute((enum so_op)op->op), op->left, &out[0]);
	}
	if (so_ast_kind(ast, ref) == SO_N_BETWEEN && !so_ast_has_flag(ast, ref, SO_NF_NOT)) {
		const struct so_n_between *between = so_as_between(ast, ref);

		n += take(ast, between->arg, SO_OP_GE, between->low, &out[n]);
		n += take(ast, between->arg, SO_OP_LE, between->high, &out[n]);
	}
	return n;
}

/* The same column, as far as the two texts say: a plan of one table names no table. */
static bool same_column(
	const struct so_ast *a, const struct so_n_column *x, const struct so_ast *b, const struct so_n_column *y)
{
	SO_TMP(tmp, NULL);
	const char *x_name = so_ast_name_dup(tmp, a, x->name), *y_name = so_ast_name_dup(tmp, b, y->name);

	if (strcasecmp(x_name, y_name) != 0)
		return false;
	if (so_ast_kind(a, x->qualifier) != SO_N_NAME || so_ast_kind(b, y->qualifier) != SO_N_NAME)
		return true;
	return strcasecmp(so_ast_name_dup(tmp, a, so_as_name(a, x->qualifier)->name),
		       so_ast_name_dup(tmp, b, so_as_name(b, y->qualifier)->name)) == 0;
}

static bool same_comparison(
	const struct so_ast *a, const struct comparison *x, const struct so_ast *b, const struct comparison *y)
{
	return x->op == y->op && x->like == y->like && x->negated == y->negated && x->ignore_case == y->ignore_case &&
	       same_column(a, so_as_column(a, x->column), b, so_as_column(b, y->column));
}

/* ---- looking for it in the plan ---- */

struct lookup {
	struct search *s;
	const struct comparison *wanted;
	size_t item;
};

/* As it is written there, without the type that EXPLAIN puts behind it. */
static void note_value(struct search *s, size_t item, struct so_text literal)
{
	if (s->values[item] &&
		(strlen(s->values[item]) != literal.len || strncmp(s->values[item], literal.s, literal.len) != 0))
		s->unclear[item] = true;
	if (!s->values[item])
		s->values[item] = so_strndup(s->ctx, literal.s, literal.len);
}

static enum so_walk look_at(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct lookup *l = arg;
	struct comparison found[2];
	int n = comparisons(ast, ref, found);

	(void)parent;
	for (int i = 0; i < n; i++)
		if (so_ast_kind(ast, found[i].value) == SO_N_CONST &&
			same_comparison(l->s->ast, l->wanted, ast, &found[i]))
			note_value(l->s, l->item, so_ast_source_of(ast, found[i].value));
	return SO_WALK_ON;
}

static void look_in_plan(struct search *s, const struct comparison *wanted, size_t item)
{
	struct lookup l = { s, wanted, item };

	for (int32_t i = 0; i < s->plan->n_nodes; i++)
		for (size_t c = 0; c < s->plan->nodes[i].n_conditions; c++)
			(void)so_ast_walk(s->plan->ast, s->plan->nodes[i].conditions[c].expr, look_at, &l);
}

/* The place of a parameter among those of the text. */
static bool item_at(const struct search *s, so_ref param, size_t *item)
{
	size_t off, len;

	if (!so_ast_span(s->ast, param, &off, &len))
		return false;
	for (*item = 0; *item < s->places->n_items; ++*item)
		if (s->places->items[*item].off == off)
			return true;
	return false;
}

static enum so_walk look_up(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct search *s = arg;
	struct comparison wanted[2];
	int n = comparisons(ast, ref, wanted);
	size_t item;

	(void)parent;
	for (int i = 0; i < n; i++)
		if (so_ast_kind(ast, wanted[i].value) == SO_N_PARAM && item_at(s, wanted[i].value, &item))
			look_in_plan(s, &wanted[i], item);
	return SO_WALK_ON;
}

static void look_for_conditions(struct search *s, enum so_dialect dialect, const char *text)
{
	struct so_sql_options options = { .max_bytes = SO_SQL_MAX_BYTES, .lenient = true };
	struct so_err ignored = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!s->plan->ast || !so_sql_parse(s->ctx, NULL, dialect, text, strlen(text), &options, &ast, &ignored))
		return;
	s->ast = ast;
	(void)so_ast_walk(ast, so_ast_statement(ast), look_up, s);
}

/* ---- parameters that the plan names ---- */

static void look_for_binds(struct search *s, const char *text)
{
	for (size_t i = 0; i < s->places->n_items; i++) {
		const struct so_value_item *item = &s->places->items[i];

		for (size_t b = 0; item->open && b < s->plan->n_binds; b++) {
			const struct so_plan_bind *bind = &s->plan->binds[b];

			if (strlen(bind->name) == item->len &&
				strncasecmp(bind->name, text + item->off, item->len) == 0) {
				s->values[i] = so_strdup(s->ctx, bind->value);
				s->unclear[i] = false;
			}
		}
	}
}

/* ---- the text ---- */

static char *filled(TALLOC_CTX *ctx, const struct search *s, const char *text)
{
	struct so_buf out;
	size_t at = 0;

	so_buf_init(&out, ctx, 2 * (size_t)SO_SQL_MAX_BYTES);
	for (size_t i = 0; i < s->places->n_items; i++) {
		const struct so_value_item *item = &s->places->items[i];

		if (!item->open)
			continue;
		if (!s->values[i] || s->unclear[i])
			return NULL;
		so_buf_add(&out, text + at, item->off - at);
		so_buf_adds(&out, s->values[i]);
		at = item->off + item->len;
	}
	so_buf_adds(&out, text + at);
	return out.overflow ? NULL : out.data;
}

char *so_plan_values_text(TALLOC_CTX *ctx, enum so_dialect dialect, const struct so_plan *plan, const char *sql)
{
	SO_TMP(tmp, NULL);
	const char *text = sql ? sql : plan->query_text;
	struct search s = { .ctx = tmp, .plan = plan };
	struct so_err ignored = SO_ERR_INIT;

	if (!text)
		return NULL;
	s.places = so_value_places(tmp, dialect, text, strlen(text), &ignored);
	if (!s.places)
		return NULL;
	s.values = so_new_array(tmp, char *, s.places->n_items + 1);
	s.unclear = so_new_array(tmp, bool, s.places->n_items + 1);
	if (s.places->n_open) {
		look_for_conditions(&s, dialect, text);
		look_for_binds(&s, text); /* what was given is better than what the conditions have */
	}
	return filled(ctx, &s, text);
}
