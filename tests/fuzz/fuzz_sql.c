/* SQL from clients and from statistics views: any bytes give a tree or an error with a reason. What was read can be
 * walked, has spans inside its text, equals itself, and can be classified. */
#include <stddef.h>
#include <stdint.h>

#include <talloc.h>

#include "base/err.h"
#include "base/mem.h"
#include "sql/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	size_t len = *(const size_t *)arg, offset = 0, length = 0;

	(void)parent;
	if (so_ast_span(ast, ref, &offset, &length))
		check(offset <= len && length <= len - offset);
	check(so_node_kind_name(so_ast_kind(ast, ref)) != NULL);
	return SO_WALK_ON;
}

static void parse(TALLOC_CTX *root, const char *text, size_t len, bool lenient)
{
	struct so_sql_options options = { .lenient = lenient };
	struct so_ast *ast = NULL;
	struct so_sql_class cls;
	struct so_err err = { 0 };

	if (!so_sql_parse(root, NULL, SO_POSTGRESQL, text, len, &options, &ast, &err)) {
		check(err.kind != SO_NONE && err.message[0]);
		return;
	}
	so_ast_walk(ast, so_ast_statement(ast), visit, &len);
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	check(so_ast_equal(ast, so_ast_statement(ast), ast, so_ast_statement(ast)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	const char *text = (const char *)data;
	struct so_sql_piece *pieces = NULL;
	size_t count = 0;
	so_ref expr = 0;
	struct so_err err = { 0 };
	struct so_ast *ast = so_ast_new(root, SO_POSTGRESQL);

	parse(root, text, size, false);
	parse(root, text, size, true);
	if (!so_sql_parse_expr(ast, NULL, text, size, NULL, &expr, &err))
		check(err.kind != SO_NONE && err.message[0]);
	err = (struct so_err){ 0 };
	if (!so_sql_parse_expr_list(ast, NULL, text, size, NULL, &expr, &err))
		check(err.kind != SO_NONE && err.message[0]);
	err = (struct so_err){ 0 };
	if (so_sql_split(root, NULL, SO_POSTGRESQL, text, size, NULL, &pieces, &count, &err)) {
		for (size_t i = 0; i < count; i++)
			check(pieces[i].offset <= size && pieces[i].len <= size - pieces[i].offset);
	}
	talloc_free(root);
	return 0;
}
