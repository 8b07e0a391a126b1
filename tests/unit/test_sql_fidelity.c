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
#include "sql/shape.h"
#include "sql_corpus.h"

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

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(talloc_total_blocks(*state), 1);
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_file_has_every_kind_and_field, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
