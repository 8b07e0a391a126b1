/* libFuzzer target: any bytes as a statement, as an expression of a plan, and as a text to redact, in the dialect that
 * the first byte names ('0' is PostgreSQL). What parses must print, parse again to an equal tree, copy, and be hashed
 * alike. Build with clang -fsanitize=fuzzer,address,undefined. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sql/build.h"
#include "sql/fingerprint.h"
#include "sql/names.h"
#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_statement(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast, *again, *copy;
	struct so_sql_class cls;
	char *printed;

	if (!so_sql_parse(NULL, parser, dialect, text, size, NULL, &ast, &err)) {
		so_assert(err.kind == SO_INPUT || err.kind == SO_LIMIT);
		so_assert(err.position >= -1 && err.position <= (int32_t)size);
		return;
	}
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	talloc_free(so_sql_names(NULL, ast, so_ast_statement(ast)));
	if (so_ast_kind(ast, so_ast_statement(ast)) != SO_N_OPAQUE) {
		copy = so_ast_new(ast, dialect);
		so_assert(
			so_ast_equal(copy, so_ast_copy(copy, ast, so_ast_statement(ast)), ast, so_ast_statement(ast)));
		printed = so_sql_print(ast, ast, so_ast_statement(ast));
		/* parentheses may be added where the levels are at the limit */
		if (so_sql_parse(ast, parser, dialect, printed, strlen(printed),
			    &(struct so_sql_options){ .max_bytes = SO_PRINT_MAX, .max_depth = 2 * SO_SQL_MAX_DEPTH },
			    &again, &err)) {
			so_assert(so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)));
			so_assert(so_sql_fingerprint(ast, so_ast_statement(ast)) ==
				  so_sql_fingerprint(again, so_ast_statement(again)));
		} else {
			abort();
		}
	}
	talloc_free(ast);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct so_parser *parser = so_parser_new(NULL);
	struct so_sql_options lenient = { .lenient = true };
	struct so_err err = SO_ERR_INIT;
	enum so_dialect dialect = size ? (enum so_dialect)(data[0] % SO_DIALECT_MAX) : SO_POSTGRESQL;
	struct so_ast *ast = so_ast_new(NULL, dialect);
	char *text = so_mem_need(malloc(size ? size : 1));
	so_ref root;

	if (size)
		memcpy(text, data + 1, --size);
	check_statement(parser, dialect, text, size);
	if (so_sql_parse_expr(ast, parser, text, size, NULL, &root, &err))
		talloc_free(so_sql_print(NULL, ast, root));
	talloc_free(ast);
	if (so_sql_parse(NULL, parser, dialect, text, size, &lenient, &ast, &err)) {
		talloc_free(so_sql_print(NULL, ast, so_ast_statement(ast)));
		talloc_free(ast);
	}
	talloc_free(so_sql_redact(NULL, parser, dialect, text, size));
	talloc_free(parser);
	free(text);
	return 0;
}
