/* libFuzzer target: any bytes as a script to split, normalise, redact and format, in the dialect that the first byte
 * names: '0' to '5', or 'p' to 'u' for a text of a statistics view ('0' and 'p' are PostgreSQL). What is formatted must
 * stay as it is when formatted again, and the pretty print of what parses must parse to an equal tree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/sql_readers.h"
#include "sql/comments.h"
#include "sql/fingerprint.h"
#include "sql/parse.h"
#include "sql/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Our own texts are longer and may be nested deeper than what they were made from. */
static const struct so_sql_options ours = { .max_bytes = SO_PRINT_MAX, .max_depth = 2 * SO_SQL_MAX_DEPTH };

static void check_error(const struct so_err *err, size_t size)
{
	so_assert(err->kind == SO_INPUT || err->kind == SO_LIMIT);
	so_assert(err->position >= -1 && err->position <= (int32_t)size);
	so_assert(err->message[0]);
}

static void check_round_trip(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast, *again;
	char *pretty;

	if (!so_sql_parse(NULL, parser, dialect, text, size, NULL, &ast, &err)) {
		check_error(&err, size);
		return;
	}
	pretty = so_sql_pretty(ast, ast, so_ast_statement(ast));
	so_assert(so_sql_parse(ast, parser, dialect, pretty, strlen(pretty), &ours, &again, &err));
	so_assert(so_ast_equal(ast, so_ast_statement(ast), again, so_ast_statement(again)));
	talloc_free(ast);
}

static void check_split(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	struct so_err err = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count, end = 0;

	if (!so_sql_split(NULL, parser, dialect, text, size, NULL, &pieces, &count, &err)) {
		check_error(&err, size);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		so_assert(pieces[i].offset >= end && pieces[i].len > 0 && pieces[i].len <= size - pieces[i].offset);
		end = pieces[i].offset + pieces[i].len;
		check_round_trip(parser, dialect, text + pieces[i].offset, pieces[i].len);
	}
	talloc_free(pieces);
}

static void check_format(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t size)
{
	struct so_err err = SO_ERR_INIT;
	char *once = so_sql_format(NULL, parser, dialect, text, size, NULL, &err), *twice;

	if (!once) {
		/* SO_INTERNAL: rather no text than one of another meaning */
		if (err.kind != SO_INTERNAL)
			check_error(&err, size);
		return;
	}
	twice = so_sql_format(once, parser, dialect, once, strlen(once), &ours, &err);
	so_assert(twice);
	so_assert(strcmp(once, twice) == 0);
	talloc_free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct so_parser *parser = so_parser_new(NULL);
	struct so_err err = SO_ERR_INIT;
	enum so_dialect dialect = size ? (enum so_dialect)((data[0] & 0x3F) % SO_DIALECT_MAX) : SO_POSTGRESQL;
	struct so_sql_options lenient = { .lenient = true };
	uint8_t first = size ? data[0] : 0;
	char *text = so_mem_need(malloc(size ? size : 1)), *normal;

	if (size)
		memcpy(text, data + 1, --size);
	if (first & 0x40) {
		sql_read_text(parser, dialect, text, size, &lenient);
		talloc_free(parser);
		free(text);
		return 0;
	}
	check_split(parser, dialect, text, size);
	normal = so_sql_normalize(NULL, parser, dialect, text, size, NULL, &err);
	if (!normal)
		check_error(&err, size);
	talloc_free(normal);
	talloc_free(so_sql_redact(NULL, parser, dialect, text, size));
	check_format(parser, dialect, text, size);
	talloc_free(parser);
	free(text);
	return 0;
}
