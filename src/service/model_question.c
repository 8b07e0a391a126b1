#include "service/model_question.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "sql/print.h"

#define MAX_PLAN_BYTES ((size_t)64 * 1024)

/* Collects the edits that hide (or show again) what must not leave. */
struct masking {
	TALLOC_CTX *ctx;
	struct so_edit *edits;
	size_t n_edits;
	struct so_masked *masked; /* NULL: literals become ? */
	uint32_t max_param;
	struct so_err *err; /* set when a parameter has no literal */
};

static void add_edit(struct masking *m, const struct so_ast *ast, so_ref ref, const char *text)
{
	if (!so_sql_edit_node(m->ctx, &m->edits, &m->n_edits, ast, ref, text))
		so_assert(!"a parsed literal has no span");
}

static bool is_value(const struct so_ast *ast, so_ref ref)
{
	struct so_text source;
	uint32_t type;

	if (so_ast_kind(ast, ref) != SO_N_CONST)
		return false;
	type = so_as_const(ast, ref)->type;
	if (type == SO_C_NULL || type == SO_C_TRUE || type == SO_C_FALSE)
		return false;
	source = so_ast_source_of(ast, ref);
	/* the year of extract(year from x) is a word of the language */
	return !(source.len && isalpha((unsigned char)source.s[0]) && !memchr(source.s, '\'', source.len));
}

static enum so_walk find_max_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct masking *m = arg;

	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_PARAM && so_as_param(ast, ref)->number > m->max_param)
		m->max_param = so_as_param(ast, ref)->number;
	return SO_WALK_ON;
}

static enum so_walk hide_literal(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct masking *m = arg;
	struct so_text source;

	(void)parent;
	if (!is_value(ast, ref))
		return SO_WALK_ON;
	if (!m->masked) {
		add_edit(m, ast, ref, "?");
		return SO_WALK_ON;
	}
	source = so_ast_source_of(ast, ref);
	m->masked->literals = so_renew_array(m->ctx, m->masked->literals, char *, m->masked->n_literals + 1);
	m->masked->literals[m->masked->n_literals] = so_strndup(m->ctx, source.s, source.len);
	add_edit(m, ast, ref, so_printf(m->ctx, "$%u", m->masked->first + (uint32_t)m->masked->n_literals));
	m->masked->n_literals++;
	return SO_WALK_ON;
}

bool so_mask_statement(TALLOC_CTX *ctx, const struct so_statement *statement, struct so_masked *out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct masking m = { .ctx = ctx, .masked = out };
	struct so_sql_options options = { .lenient = true };
	struct so_ast *ast;
	char *text;

	*out = (struct so_masked){ 0 };
	(void)so_ast_walk(statement->ast, statement->root, find_max_param, &m);
	out->first = m.max_param + 1;
	(void)so_ast_walk(statement->ast, statement->root, hide_literal, &m);
	text = so_sql_splice(tmp, statement->sql, strlen(statement->sql), m.edits, m.n_edits);
	so_assert(text);
	/* printing what was parsed again drops comments, which may hold anything */
	if (!so_sql_parse(tmp, NULL, statement->ast->dialect, text, strlen(text), &options, &ast, err))
		return so_fail_in(err, "the statement cannot be shown to a model without its literals");
	out->sql = so_sql_print(ctx, ast, so_ast_statement(ast));
	return true;
}

static enum so_walk show_literal(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct masking *m = arg;
	uint32_t number;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_PARAM)
		return SO_WALK_ON;
	number = so_as_param(ast, ref)->number;
	if (number && number < m->masked->first)
		return SO_WALK_ON; /* a parameter of the statement itself */
	if (number < m->masked->first || number >= m->masked->first + m->masked->n_literals) {
		so_fail(m->err, SO_MODEL, "it uses $%u, which the statement does not have", number);
		return SO_WALK_STOP;
	}
	add_edit(m, ast, ref, m->masked->literals[number - m->masked->first]);
	return SO_WALK_ON;
}

char *so_unmask(
	TALLOC_CTX *ctx, const char *dialect, const struct so_masked *masked, const char *sql, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct masking m = { .ctx = tmp, .masked = (struct so_masked *)masked, .err = err };
	struct so_statement statement;

	if (!so_statement_parse(tmp, dialect, sql, &statement, err) ||
		!so_ast_walk(statement.ast, statement.root, show_literal, &m))
		return NULL;
	return so_sql_splice(ctx, sql, strlen(sql), m.edits, m.n_edits);
}

/* A condition belongs to the source that it was parsed from; its spans count from there. */
static char *mask_condition(TALLOC_CTX *ctx, const struct so_plan *plan, const struct so_condition *condition)
{
	struct masking m = { .ctx = ctx };

	if (!condition->expr || !plan->ast)
		return NULL;
	(void)so_ast_walk(plan->ast, condition->expr, hide_literal, &m);
	return so_sql_splice(ctx, condition->text, strlen(condition->text), m.edits, m.n_edits);
}

char *so_mask_plan(TALLOC_CTX *ctx, const struct so_plan *plan)
{
	SO_TMP(tmp, ctx);
	struct so_buf buf;

	so_buf_init(&buf, ctx, MAX_PLAN_BYTES);
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		const struct so_plan_node *node = &plan->nodes[i];

		so_buf_addf(&buf, "%*s%s%s%s%s%s (cost %.0f, rows %.0f)", 2 * node->depth, "", node->label,
			node->relation ? " on " : "", node->relation ? node->relation : "",
			node->index ? " using " : "", node->index ? node->index : "", node->total_cost, node->rows_est);
		for (size_t c = 0; c < node->n_conditions; c++) {
			const char *text = mask_condition(tmp, plan, &node->conditions[c]);

			if (text)
				so_buf_addf(&buf, " %s %s", so_condition_kind_name(node->conditions[c].kind), text);
		}
		so_buf_addc(&buf, '\n');
	}
	return so_strdup(ctx, so_buf_text(&buf));
}
