/* Prints mean what the trees mean: without the source text, after edits, and byte for byte where nothing was edited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sql/build.h"
#include "sql/parse.h"
#include "sql/print.h"
#include "sql/tree/shape.h"
#include "sql_corpus.h"
#include "sql_fixture.h"

static struct so_ast *parse(void *ctx, const char *sql)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast = NULL;

	if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, sql, strlen(sql), NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	return ast;
}

/* ---- The statements of the file --------------------------------------------------------------------------------- */

#define MAX_FIELDS 32

struct coverage {
	unsigned kinds[SO_N_MAX];
	unsigned flags[SO_N_MAX]; /* all flags seen */
	bool fields[SO_N_MAX][MAX_FIELDS]; /* was there, or was another number than 0 */
};

static bool is_there(const struct so_ast *ast, so_ref ref, struct so_field_shape field)
{
	const void *at = so_field_at(ast, ref, field);

	switch ((enum so_field_type)field.type) {
	case SO_FT_REF:
		return *(const so_ref *)at != 0;
	case SO_FT_LIST:
		return ((const struct so_list *)at)->count != 0;
	case SO_FT_NAME:
		return ((const struct so_name *)at)->len != 0;
	case SO_FT_STR:
		return ((const struct so_str *)at)->len != 0;
	default:
		return *(const uint32_t *)at != 0;
	}
}

static enum so_walk see(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct coverage *seen = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);
	const struct so_field_shape *fields = so_shapes[kind].fields;

	(void)parent;
	seen->kinds[kind]++;
	seen->flags[kind] |= so_ast_node(ast, ref)->flags;
	for (unsigned i = 0; fields[i].type != SO_FT_END; i++)
		if (is_there(ast, ref, fields[i]))
			seen->fields[kind][i] = true;
	return SO_WALK_ON;
}

static void see_statement(const char *sql, void *arg)
{
	struct so_ast *ast = parse(NULL, sql);

	so_ast_walk(ast, so_ast_statement(ast), see, arg);
	talloc_free(ast);
}

/* Falls when statements are taken out of the file. New kinds and fields of PostgreSQL need new statements and a
 * higher number: print what is missing by asking for more than there is. */
#define KINDS_AND_FIELDS 420

static void test_the_file_has_every_kind_and_field(void **state)
{
	struct coverage *seen = so_new(*state, struct coverage);
	unsigned count = 0;

	assert_true(each_statement(see_statement, seen) >= 800);
	for (int pass = 0; pass < 2 && count < KINDS_AND_FIELDS; pass++) {
		count = 0;
		for (int kind = 1; kind < SO_N_MAX; kind++) {
			const struct so_field_shape *fields = so_shapes[kind].fields;

			for (unsigned i = 0; fields[i].type != SO_FT_END; i++) {
				count += seen->fields[kind][i];
				if (pass && !seen->fields[kind][i])
					print_message("no statement has %s.%s\n", so_shapes[kind].name, fields[i].name);
			}
			count += seen->kinds[kind] > 0;
		}
	}
	if (count < KINDS_AND_FIELDS)
		fail_msg("%u kinds and fields", count);
	talloc_free(seen);
}

/* ---- Without the source ----------------------------------------------------------------------------------------- */

static void print_from_the_tree_alone(const char *sql, void *arg)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast, *copy = so_ast_new(arg, SO_POSTGRESQL);
	size_t len = strlen(sql);
	char *text = so_strdup(arg, sql), *print, *pretty, *pretty_again;
	so_ref copied;

	if (!so_sql_parse(arg, NULL, SO_POSTGRESQL, text, len, NULL, &ast, &err))
		fail_msg("%s: %s", sql, err.message);
	memset(text, 'x', len);
	talloc_free(text);
	print = so_sql_print(arg, ast, so_ast_statement(ast));
	pretty = so_sql_pretty(arg, ast, so_ast_statement(ast));
	copied = so_ast_copy(copy, ast, so_ast_statement(ast));
	/* the AST's own copy of the text, too */
	memset(so_ast_at(ast, ast->sources[0].text), 'x', len);
	talloc_free(ast);
	text = so_sql_print(arg, copy, copied);
	pretty_again = so_sql_pretty(arg, copy, copied);
	if (strcmp(text, print) != 0)
		fail_msg("%s\n%s", print, text);
	/* comments come from the source */
	if (!strstr(sql, "--") && strcmp(pretty, pretty_again) != 0)
		fail_msg("%s\n%s", pretty, pretty_again);
	ast = parse(arg, text);
	if (!so_ast_equal(copy, copied, ast, so_ast_statement(ast)))
		fail_msg("%s", text);
	talloc_free_children(arg);
}

static void test_prints_need_no_source_text(void **state)
{
	assert_true(each_statement(print_from_the_tree_alone, *state) >= 800);
}

/* ---- Edited trees ----------------------------------------------------------------------------------------------- */

/* The print must parse to the tree that was printed. */
static void assert_reads_back(void *ctx, const struct so_ast *ast, so_ref root, const char *what)
{
	char *print = so_sql_print(ctx, ast, root), *pretty = so_sql_pretty(ctx, ast, root);
	struct so_err err = SO_ERR_INIT;
	struct so_ast *again;

	for (int i = 0; i < 2; i++) {
		const char *text = i ? pretty : print;

		if (!so_sql_parse(ctx, NULL, SO_POSTGRESQL, text, strlen(text), NULL, &again, &err))
			fail_msg("%s: %s: %s", what, text, err.message);
		if (!so_ast_equal(ast, root, again, so_ast_statement(again)))
			fail_msg("%s: another tree: %s", what, text);
		if (!i)
			assert_string_equal(so_sql_print(ctx, again, so_ast_statement(again)), print);
		talloc_free(again);
	}
	talloc_free(print);
	talloc_free(pretty);
}

/* What may stand in each other's place: operands whose grammar is that of expressions. */
static bool is_expression(const struct so_ast *ast, so_ref ref)
{
	switch (so_ast_kind(ast, ref)) {
	case SO_N_COLUMN:
	case SO_N_CONST:
	case SO_N_PARAM:
	case SO_N_OP:
	case SO_N_BOOL:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_BETWEEN:
	case SO_N_IN:
	case SO_N_LIKE:
	case SO_N_QUANT:
	case SO_N_EXISTS:
	case SO_N_SUBQUERY:
	case SO_N_CASE:
	case SO_N_CAST:
	case SO_N_FUNC:
	case SO_N_ARRAY:
	case SO_N_COLLATE:
		return true;
	default:
		return false;
	}
}

/* Operands of these are expressions of any kind; elsewhere the grammar has its own limits (names, constants). */
static bool takes_expressions(const struct so_ast *ast, so_ref parent, so_ref child)
{
	switch (so_ast_kind(ast, parent)) {
	case SO_N_BOOL:
		/* a chain that begins with a chain is one chain */
		return child != so_list_get(ast, so_as_bool(ast, parent)->args, 0);
	case SO_N_OP:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_BETWEEN:
	case SO_N_LIKE:
	case SO_N_CASE:
	case SO_N_WHEN:
	case SO_N_COLLATE:
		return true;
	case SO_N_IN:
		/* one subquery alone in parentheses is a query */
		return child == so_as_in(ast, parent)->arg;
	case SO_N_QUANT:
		return child == so_as_quant(ast, parent)->left;
	case SO_N_CAST:
		return child == so_as_cast(ast, parent)->arg && so_as_cast(ast, parent)->style == SO_CAST_COLON;
	case SO_N_FUNC:
		return so_as_func(ast, parent)->syntax == SO_FS_CALL ||
		       so_as_func(ast, parent)->syntax == SO_FS_COALESCE;
	case SO_N_TARGET:
		return true;
	default:
		return false;
	}
}

struct places {
	so_ref refs[512], parents[512];
	unsigned count;
};

static enum so_walk find_place(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct places *places = arg;

	if (parent && is_expression(ast, ref) && takes_expressions(ast, parent, ref) && places->count < 512) {
		places->refs[places->count] = ref;
		places->parents[places->count++] = parent;
	}
	return SO_WALK_ON;
}

static const char *const others[] = { "a OR b", "NOT a", "a = b", "a IS NULL", "x BETWEEN 1 AND 2", "a IN (1, 2)",
	"a LIKE 'b'", "a + b", "a * b", "- a", "a ^ b", "@ a", "a || b", "-1", "(SELECT 1)", "EXISTS (SELECT 1)",
	"a::int", "CASE WHEN a THEN b END", "f(a)", "a COLLATE \"C\"", "ARRAY[1]", "a AT TIME ZONE 'UTC'", "$1", "'x'",
	"a AND b", "a = ANY (b)", "a IS DISTINCT FROM b", "extract(year FROM a)", "ROW(1, 2)", "\"A b\".\"c\"", "a[1]",
	"(a).b", "current_date", "interval '1 day'", "a <-> b", "a ~~ ALL (b)" };

/* COLLATE with a minus in front and the like: a literal with a sign is no operand of some. */
static void replace_each(const char *sql, void *arg)
{
	struct so_ast *first = parse(arg, sql);
	struct places *places = so_new(arg, struct places);
	static unsigned turn;

	so_ast_walk(first, so_ast_statement(first), find_place, places);
	for (unsigned i = 0; i < places->count; i++) {
		for (unsigned k = 0; k < 3; k++) {
			const char *other = others[turn++ % (sizeof others / sizeof others[0])];
			struct so_ast *ast = so_ast_new(arg, SO_POSTGRESQL), *source = parse(arg, sql);
			struct places *mine = so_new(ast, struct places);
			struct so_err err = SO_ERR_INIT;
			so_ref root, with;

			root = so_ast_copy(ast, source, so_ast_statement(source));
			talloc_free(source);
			so_ast_walk(ast, root, find_place, mine);
			assert_int_equal(mine->count, places->count);
			assert_true(so_sql_parse_expr(ast, NULL, other, strlen(other), NULL, &with, &err));
			assert_true(so_ast_replace(ast, root, mine->refs[i], with));
			assert_reads_back(arg, ast, root, other);
			talloc_free(ast);
		}
	}
	talloc_free_children(arg);
}

static void test_any_expression_may_stand_in_place_of_another(void **state)
{
	assert_true(each_statement(replace_each, *state) >= 800);
}

/* Negates, swaps, wraps and shortens at every place in turn. */
static bool edit(struct so_ast *ast, so_ref root, so_ref ref, unsigned how)
{
	enum so_node_kind kind = so_ast_kind(ast, ref);
	so_ref copy, target;
	struct so_n_op *op;

	switch (how) {
	case 0:
		return so_ast_replace(ast, root, ref, so_make_not(ast, so_ast_copy(ast, ast, ref)));
	case 1:
		if (kind != SO_N_OP || !so_as_op(ast, ref)->left ||
			so_op_commute((enum so_op)so_as_op(ast, ref)->op) == SO_OP_OTHER || so_as_op(ast, ref)->schema)
			return false;
		op = so_as_op(ast, ref);
		return so_ast_replace(ast, root, ref,
			so_make_op(ast, so_op_commute((enum so_op)op->op), so_ast_copy(ast, ast, op->right),
				so_ast_copy(ast, ast, op->left)));
	case 2:
		target = so_make_target(ast, so_ast_copy(ast, ast, ref), NULL);
		copy = so_ast_make(ast, SO_N_SUBQUERY);
		so_as_subquery(ast, copy)->query = so_make_select(ast, &target, 1, 0, 0);
		return so_ast_replace(ast, root, ref, copy);
	case 3:
		if (kind == SO_N_BOOL && so_as_bool(ast, ref)->args.count > 2)
			so_as_bool(ast, ref)->args = so_list_remove(ast, so_as_bool(ast, ref)->args, 1);
		else if (kind == SO_N_IN && so_as_in(ast, ref)->items.count > 1)
			so_as_in(ast, ref)->items = so_list_remove(ast, so_as_in(ast, ref)->items, 0);
		else if (kind == SO_N_ARRAY && so_as_array(ast, ref)->items.count)
			so_as_array(ast, ref)->items =
				so_list_append(ast, so_as_array(ast, ref)->items, so_make_null(ast));
		else
			return false;
		return true;
	case 4:
		return so_ast_replace(ast, root, ref, so_make_cast(ast, so_ast_copy(ast, ast, ref), "int8"));
	default:
		copy = so_ast_copy(ast, ast, ref);
		return so_ast_replace(ast, root, ref, so_make_op(ast, SO_OP_SUB, so_make_int(ast, -1), copy));
	}
}

static void edit_each(const char *sql, void *arg)
{
	struct so_ast *first = parse(arg, sql);
	struct places *places = so_new(arg, struct places);

	so_ast_walk(first, so_ast_statement(first), find_place, places);
	for (unsigned i = 0; i < places->count; i++) {
		for (unsigned how = 0; how < 6; how++) {
			struct so_ast *ast = parse(arg, sql);
			struct places *mine = so_new(ast, struct places);

			so_ast_walk(ast, so_ast_statement(ast), find_place, mine);
			if (edit(ast, so_ast_statement(ast), mine->refs[i], how))
				assert_reads_back(arg, ast, so_ast_statement(ast), sql);
			talloc_free(ast);
		}
	}
	talloc_free_children(arg);
}

static void test_edited_trees_print(void **state)
{
	assert_true(each_statement(edit_each, *state) >= 800);
}

/* ---- Splices ---------------------------------------------------------------------------------------------------- */

static void splice_each(const char *sql, void *arg)
{
	struct so_ast *ast = parse(arg, sql);
	struct places *places = so_new(arg, struct places);
	size_t len = strlen(sql), offset, span;

	so_ast_walk(ast, so_ast_statement(ast), find_place, places);
	for (unsigned i = 0; i < places->count; i++) {
		struct so_edit *edits = NULL;
		size_t count = 0;
		char *out, *same;

		if (!so_ast_span(ast, places->refs[i], &offset, &span))
			continue;
		assert_true(offset + span <= len && span > 0);
		assert_true(so_sql_edit_node(arg, &edits, &count, ast, places->refs[i], "<edited>"));
		out = so_sql_splice(arg, sql, len, edits, count);
		assert_int_equal(strlen(out), len - span + 8);
		assert_memory_equal(out, sql, offset);
		assert_memory_equal(out + offset, "<edited>", 8);
		assert_string_equal(out + offset + 8, sql + offset + span);
		/* the node's own text changes nothing */
		edits[0].text = so_strndup(arg, sql + offset, span);
		same = so_sql_splice(arg, sql, len, edits, count);
		assert_string_equal(same, sql);
		talloc_free(edits);
	}
	talloc_free_children(arg);
}

static void test_splices_change_only_the_span(void **state)
{
	assert_true(each_statement(splice_each, *state) >= 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_file_has_every_kind_and_field, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prints_need_no_source_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_expression_may_stand_in_place_of_another, setup, teardown),
		cmocka_unit_test_setup_teardown(test_edited_trees_print, setup, teardown),
		cmocka_unit_test_setup_teardown(test_splices_change_only_the_span, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
