#include "sql_readers.h"

#include <stdlib.h>
#include <string.h>

#include "core/catalog.h"
#include "sql/build.h"
#include "sql/comments.h"
#include "sql/embedded.h"
#include "sql/facts.h"
#include "sql/fingerprint.h"
#include "sql/names.h"
#include "sql/print.h"
#include "sql/tree.h"

#define MAX_COLUMNS 24u /* of each made table */
#define MAX_ASKED   40u /* nodes of which facts are asked, and that are edited */
#define MAX_FACTS   64u * 1024 /* longer texts are resolved, but not asked about: facts cost time by the relation */

/* ---- A catalog that has what the statement mentions -------------------------------------------------------------- */

struct guess {
	TALLOC_CTX *ctx;
	char *columns[MAX_COLUMNS];
	size_t n_columns;
};

static enum so_walk collect_column(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct guess *guess = arg;
	struct so_text name;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_COLUMN)
		return SO_WALK_ON;
	name = so_ast_name(ast, so_as_column(ast, ref)->name);
	for (size_t i = 0; i < guess->n_columns; i++)
		if (strlen(guess->columns[i]) == name.len && memcmp(guess->columns[i], name.s, name.len) == 0)
			return SO_WALK_ON;
	if (!name.len)
		return SO_WALK_ON;
	guess->columns[guess->n_columns++] = talloc_strndup(guess->ctx, name.s, name.len);
	return guess->n_columns < MAX_COLUMNS ? SO_WALK_ON : SO_WALK_STOP;
}

static void fill_table(TALLOC_CTX *ctx, struct so_table *table, const struct guess *guess, size_t number, size_t count)
{
	static const struct {
		const char *type;
		enum so_type_class type_class;
		int32_t width_bits;
	} types[] = { { "bigint", SO_TYPE_INT, 64 }, { "text", SO_TYPE_TEXT, 0 }, { "integer", SO_TYPE_INT, 32 },
		{ "timestamp with time zone", SO_TYPE_TIMESTAMPTZ, 0 }, { "numeric(10,2)", SO_TYPE_NUMERIC, 0 } };
	struct so_key *key = so_new(ctx, struct so_key);

	table->columns = so_new_array(ctx, struct so_column, guess->n_columns + 1);
	for (size_t i = 0; i < guess->n_columns; i++) {
		struct so_column *column = &table->columns[table->n_columns];
		size_t type = i % (sizeof types / sizeof types[0]);

		/* a column in every table would be ambiguous */
		if (count > 1 && i % count != number)
			continue;
		*column = (struct so_column){ .name = guess->columns[i],
			.type = (char *)(uintptr_t)types[type].type,
			.type_class = types[type].type_class,
			.width_bits = types[type].width_bits,
			.not_null = i % 3 == 0 };
		table->n_columns++;
	}
	if (!table->n_columns)
		return;
	*key = (struct so_key){ .name = talloc_strdup(ctx, "k"),
		.kind = SO_KEY_PRIMARY,
		.validated = true,
		.n_columns = 1,
		.columns = so_new_array(ctx, int32_t, 1) };
	key->columns[0] = 0;
	table->columns[0].not_null = true;
	table->n_keys = 1;
	table->keys = key;
}

static struct so_catalog *guessed_catalog(TALLOC_CTX *ctx, const struct so_ast *ast)
{
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);
	struct so_sql_names *names = so_sql_names(ctx, ast, so_ast_statement(ast));
	struct guess guess = { .ctx = ctx };

	so_ast_walk(ast, so_ast_statement(ast), collect_column, &guess);
	*catalog = (struct so_catalog){ .engine = (char *)(uintptr_t)so_dialects[ast->dialect].name,
		.n_search_path = 1,
		.search_path = so_new_array(ctx, char *, 1),
		.tables = so_new_array(ctx, struct so_table, names->table_count + 1) };
	catalog->search_path[0] = talloc_strdup(ctx, "public");
	for (size_t i = 0; i < names->table_count; i++) {
		struct so_table *table = &catalog->tables[catalog->n_tables++];

		*table = (struct so_table){ .schema = names->tables[i].schema ? names->tables[i].schema
									      : talloc_strdup(ctx, "public"),
			.name = names->tables[i].name };
		fill_table(ctx, table, &guess, i, names->table_count);
	}
	return catalog;
}

/* ---- Resolver and facts ------------------------------------------------------------------------------------------ */

struct asked {
	const struct so_resolved *resolved;
	so_ref cond;
	unsigned count;
};

static enum so_walk ask_expr(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct asked *asked = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	if (kind < SO_N_COLUMN || kind > SO_N_MISSING || kind == SO_N_TYPE || kind == SO_N_WINDOW ||
		kind == SO_N_SORT || kind == SO_N_WHEN || kind == SO_N_NAMED_ARG)
		return SO_WALK_ON;
	(void)so_expr_type(asked->resolved, ref);
	(void)so_expr_not_null(asked->resolved, ref, asked->cond);
	(void)so_expr_volatility(asked->resolved, ref);
	(void)so_expr_is_fixed(asked->resolved, ref);
	if (kind == SO_N_FUNC)
		(void)so_func_returns_set(asked->resolved, ref);
	if (kind == SO_N_OP && so_as_op(ast, ref)->left) {
		struct so_comparison comparison;

		so_exprs_comparison(asked->resolved, so_as_op(ast, ref)->left, so_as_op(ast, ref)->right, &comparison);
	}
	if (kind == SO_N_COLUMN)
		(void)so_resolved_column(asked->resolved, ref, NULL);
	return ++asked->count < MAX_ASKED ? SO_WALK_ON : SO_WALK_STOP;
}

static void ask_block(const struct so_resolved *resolved, int32_t block)
{
	const struct so_block *b = &resolved->blocks[block];
	int32_t first_output = 0;

	(void)so_block_max_one_row(resolved, block);
	(void)so_block_rows_unique(resolved, block, NULL, 0);
	if (b->n_outputs)
		(void)so_block_outputs_unique(resolved, block, &first_output, 1);
	for (size_t i = 0; i < resolved->n_rels && i < MAX_ASKED; i++) {
		struct so_rel_col col = { (int32_t)i, 0 };

		if (resolved->rels[i].block != block || !resolved->rels[i].n_cols)
			continue;
		(void)so_block_rows_unique(resolved, block, &col, 1);
		(void)so_block_determines(resolved, block, NULL, 0, col);
		(void)so_block_constant(resolved, block, col);
	}
}

static void ask_facts(const struct so_resolved *resolved)
{
	struct asked asked = { .resolved = resolved };

	for (size_t i = 0; i < resolved->n_blocks && i < MAX_ASKED; i++) {
		so_ref node = resolved->blocks[i].node;

		ask_block(resolved, (int32_t)i);
		if (so_ast_kind(resolved->ast, node) == SO_N_SELECT)
			asked.cond = so_as_select(resolved->ast, node)->where;
		asked.count = 0;
		so_ast_walk(resolved->ast, node, ask_expr, &asked);
	}
}

static void read_names(const struct so_ast *ast)
{
	SO_TMP(tmp, NULL);
	const struct so_catalog *catalog = guessed_catalog(tmp, ast);
	struct so_err err = SO_ERR_INIT;
	struct so_resolved *resolved;

	if (so_sql_resolve(tmp, ast, so_ast_statement(ast), catalog, &resolved, &err)) {
		if (ast->sources[0].len <= MAX_FACTS)
			ask_facts(resolved);
		return;
	}
	so_assert(err.kind != SO_NONE && err.message[0]);
	so_assert(err.position >= -1 && err.position <= (int32_t)ast->sources[0].len);
}

/* ---- Trees ------------------------------------------------------------------------------------------------------- */

static void count_field(const struct so_ast *ast, const struct so_tree_field *field, void *arg)
{
	size_t *bytes = arg;

	(void)ast;
	so_assert(field->name);
	*bytes += field->text.len;
}

struct edits {
	TALLOC_CTX *ctx;
	struct so_edit *list;
	size_t count, bytes, end;
	unsigned nodes;
};

/* Edits every literal and column that does not overlap the one before. */
static enum so_walk edit_node(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	enum so_node_kind kind = so_ast_kind(ast, ref);
	struct edits *edits = arg;
	size_t offset, len;

	(void)parent;
	so_tree_fields(ast, ref, count_field, &edits->bytes);
	if (!so_ast_span(ast, ref, &offset, &len))
		return SO_WALK_ON;
	so_assert(offset <= ast->sources[0].len && len <= ast->sources[0].len - offset);
	if ((kind != SO_N_CONST && kind != SO_N_COLUMN) || offset < edits->end || edits->nodes >= MAX_ASKED)
		return SO_WALK_ON;
	so_assert(so_sql_edit_node(edits->ctx, &edits->list, &edits->count, ast, ref, "x"));
	edits->end = offset + len;
	edits->nodes++;
	return SO_WALK_ON;
}

static void check_splice(const struct so_ast *ast)
{
	SO_TMP(tmp, NULL);
	struct edits edits = { .ctx = tmp };
	size_t len = ast->sources[0].len;
	const char *text = so_ast_at(ast, ast->sources[0].text);

	so_ast_walk(ast, so_ast_statement(ast), edit_node, &edits);
	so_assert(so_sql_splice(tmp, text, len, edits.list, edits.count));
}

static enum so_walk stop_at_opaque(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	(void)arg;
	return so_ast_kind(ast, ref) == SO_N_OPAQUE ? SO_WALK_STOP : SO_WALK_ON;
}

/* Copies print the same; what lies between the parts of an OPAQUE stays in the source. */
static void check_copy(const struct so_ast *ast, const char *printed)
{
	SO_TMP(tmp, NULL);
	struct so_ast *copy = so_ast_new(tmp, ast->dialect);
	so_ref root = so_ast_copy(copy, ast, so_ast_statement(ast));

	copy->modes = ast->modes;
	so_assert(so_ast_equal(copy, root, ast, so_ast_statement(ast)));
	if (so_ast_walk(copy, root, stop_at_opaque, NULL))
		so_assert(strcmp(so_sql_print(tmp, copy, root), printed) == 0);
}

void sql_read_tree(const struct so_ast *ast)
{
	SO_TMP(tmp, NULL);
	so_ref root = so_ast_statement(ast);
	struct so_sql_embedded *embedded;
	struct so_sql_class cls;
	char *printed = so_sql_print(tmp, ast, root);

	so_assert(printed && so_sql_pretty(tmp, ast, root));
	check_copy(ast, printed);
	(void)so_sql_fingerprint(ast, so_ast_statement(ast));
	so_sql_classify(ast, so_ast_statement(ast), &cls);
	so_assert(cls.verb[0]);
	check_splice(ast);
	(void)so_sql_embedded(tmp, ast, so_ast_statement(ast), &embedded);
	read_names(ast);
}

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

static void check_error(const struct so_err *err, size_t len)
{
	so_assert(err->kind == SO_INPUT || err->kind == SO_LIMIT);
	so_assert(err->position >= -1 && err->position <= (int32_t)len);
	so_assert(err->message[0]);
}

void sql_read_text(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_sql_piece *pieces;
	size_t count, end = 0;

	if (so_sql_split(tmp, parser, dialect, text, len, options, &pieces, &count, &err)) {
		for (size_t i = 0; i < count; i++) {
			so_assert(pieces[i].offset >= end && pieces[i].len > 0 &&
				  pieces[i].len <= len - pieces[i].offset);
			end = pieces[i].offset + pieces[i].len;
		}
	} else {
		check_error(&err, len);
	}
	err = (struct so_err)SO_ERR_INIT;
	if (!so_sql_normalize(tmp, parser, dialect, text, len, options, &err))
		check_error(&err, len);
	so_assert(so_sql_redact(tmp, parser, dialect, text, len));
	err = (struct so_err)SO_ERR_INIT;
	/* SO_INTERNAL: rather no text than one of another meaning */
	if (!so_sql_format(tmp, parser, dialect, text, len, options, &err) && err.kind != SO_INTERNAL)
		check_error(&err, len);
}
