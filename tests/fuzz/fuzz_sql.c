/* libFuzzer target: any bytes as a statement and as an expression of a plan, in the dialect that the first byte names:
 * '0' to '5', or 'p' to 'u' for a text of a statistics view ('0' and 'p' are PostgreSQL). Every reader must take what
 * parses: printer, splices, fingerprint, classes, resolver, facts. What parses as a whole statement must print, parse
 * again to an equal tree, copy, and be hashed alike. Build with clang -fsanitize=fuzzer,address,undefined. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/sql_readers.h"
#include "sql/build.h"
#include "sql/fingerprint.h"
#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_statement(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast, *again, *copy;
	char *printed;

	if (!so_sql_parse(NULL, parser, dialect, text, size, NULL, &ast, &err)) {
		so_assert(err.kind == SO_INPUT || err.kind == SO_LIMIT);
		so_assert(err.position >= -1 && err.position <= (int32_t)size);
		return;
	}
	sql_read_tree(ast);
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

/* Partial trees need not print as what parses, but every reader takes them. */
static void check_lenient(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	static const struct so_sql_options lenient = { .lenient = true };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	sql_read_text(parser, dialect, text, size, &lenient);
	if (so_sql_parse(NULL, parser, dialect, text, size, &lenient, &ast, &err)) {
		sql_read_tree(ast);
		talloc_free(ast);
		return;
	}
	so_assert(err.kind == SO_INPUT || err.kind == SO_LIMIT);
	so_assert(err.position >= -1 && err.position <= (int32_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct so_parser *parser = so_parser_new(NULL);
	struct so_err err = SO_ERR_INIT;
	enum so_dialect dialect = size ? (enum so_dialect)((data[0] & 0x3F) % SO_DIALECT_MAX) : SO_POSTGRESQL;
	bool lenient = size && (data[0] & 0x40);
	struct so_ast *ast = so_ast_new(NULL, dialect);
	char *text = so_mem_need(malloc(size ? size : 1));
	so_ref root;

	if (size)
		memcpy(text, data + 1, --size);
	if (lenient)
		check_lenient(parser, dialect, text, size);
	else
		check_statement(parser, dialect, text, size);
	if (so_sql_parse_expr(ast, parser, text, size, &(struct so_sql_options){ .lenient = lenient }, &root, &err))
		talloc_free(so_sql_print(NULL, ast, root));
	talloc_free(ast);
	talloc_free(parser);
	free(text);
	return 0;
}
