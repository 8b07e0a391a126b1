#include "service/sql_text.h"

#include <string.h>

#include "service/service.h"
#include "service/statement.h"
#include "sql/comments.h"
#include "sql/fingerprint.h"
#include "sql/names.h"
#include "sql/tree.h"

#define MAX_STATEMENTS 1000
#define MAX_NODES      5000 /* of the trees of one answer */
#define MAX_LEVELS     150
#define MAX_EXPLAINED  10 /* errors of one text that say what was expected */

const char *const so_dialect_names[] = { "postgresql", "mysql", "mariadb", "tsql", "oracle", "sqlite", NULL };

struct work {
	const struct so_sql_text_request *request;
	const char *sql;
	size_t len;
	enum so_dialect dialect;
	struct so_parser *parser;
	struct so_sql_options options;
	struct so_sql_piece *pieces;
	size_t count;
	unsigned nodes_left;
	unsigned errors;
};

static bool start(TALLOC_CTX *tmp, const struct so_sql_text_request *request, struct work *w, struct so_err *err)
{
	*w = (struct work){
		.request = request,
		.sql = request->sql,
		.len = strlen(request->sql),
		.dialect = so_statement_dialect(request->dialect),
		.parser = so_parser_new(tmp),
		.options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = request->lenient },
		.nodes_left = MAX_NODES,
	};
	if (w->len <= SO_MAX_SQL_BYTES && !so_sql_check_bytes(w->sql, w->len, err))
		return false;
	if (!so_sql_split(tmp, w->parser, w->dialect, w->sql, w->len, &w->options, &w->pieces, &w->count, err))
		return false;
	if (!w->count)
		return so_fail_at(err, SO_INPUT, 0, "the text holds no statement");
	if (w->count > MAX_STATEMENTS)
		return so_fail_at(err, SO_LIMIT, (int32_t)w->pieces[MAX_STATEMENTS].offset,
			"the text holds %zu statements, the limit is %d", w->count, MAX_STATEMENTS);
	return true;
}

static bool parse_piece(struct work *w, TALLOC_CTX *tmp, size_t i, struct so_ast **ast, struct so_err *err)
{
	const struct so_sql_piece *piece = &w->pieces[i];

	if (so_sql_parse(tmp, w->parser, w->dialect, w->sql + piece->offset, piece->len, &w->options, ast, err))
		return true;
	if (err->position >= 0)
		err->position += (int32_t)piece->offset;
	return false;
}

/* ---- The tree as JSON ------------------------------------------------------------------------------------------- */

struct tree {
	struct work *work;
	size_t base; /* of the statement in the text */
	unsigned level;
	bool cut;
	json_t *object; /* being filled */
};

static json_t *node_json(struct tree *t, const struct so_ast *ast, so_ref ref);

/* Decoded strings may hold any bytes: E'\xff'. */
static json_t *text_json(struct so_text text)
{
	json_t *json = json_stringn(text.s, text.len);

	return json ? json : json_null();
}

static json_t *list_json(struct tree *t, const struct so_ast *ast, struct so_list list)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < list.count && t->work->nodes_left; i++)
		json_array_append_new(array, node_json(t, ast, so_list_get(ast, list, i)));
	t->cut = t->cut || json_array_size(array) < list.count;
	return array;
}

static void add_field(const struct so_ast *ast, const struct so_tree_field *field, void *arg)
{
	struct tree *t = arg;
	json_t *object = t->object, *value = NULL;

	switch (field->type) {
	case SO_TREE_NODE:
		value = node_json(t, ast, field->node);
		break;
	case SO_TREE_LIST:
		value = list_json(t, ast, field->list);
		break;
	case SO_TREE_TEXT:
		value = text_json(field->text);
		break;
	case SO_TREE_NUMBER:
		value = json_integer(field->number);
		break;
	case SO_TREE_FLAG:
		value = json_true();
		break;
	}
	t->object = object;
	json_object_set_new(object, field->name, value);
}

static json_t *node_json(struct tree *t, const struct so_ast *ast, so_ref ref)
{
	json_t *object;
	size_t offset, len;

	if (!ref)
		return json_null();
	if (!t->work->nodes_left || t->level >= MAX_LEVELS) {
		t->cut = true;
		return json_null();
	}
	t->work->nodes_left--;
	t->level++;
	object = json_pack("{s:s}", "kind", so_node_kind_name(so_ast_kind(ast, ref)));
	if (so_ast_span(ast, ref, &offset, &len)) {
		json_object_set_new(object, "offset", json_integer((json_int_t)(t->base + offset)));
		json_object_set_new(object, "length", json_integer((json_int_t)len));
	}
	t->object = object;
	so_tree_fields(ast, ref, add_field, t);
	t->level--;
	return object;
}

/* ---- Facts ------------------------------------------------------------------------------------------------------ */

static void add_str(struct so_strs *strs, const char *text, size_t len)
{
	for (size_t i = 0; i < strs->count; i++)
		if (strncmp(strs->items[i], text, len) == 0 && strs->items[i][len] == '\0')
			return;
	strs->items = so_renew_array(strs, strs->items, char *, strs->count + 1);
	strs->items[strs->count++] = so_strndup(strs, text, len);
}

static enum so_walk find_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_text text;

	(void)parent;
	if (so_ast_kind(ast, ref) != SO_N_PARAM)
		return SO_WALK_ON;
	text = so_ast_source_of(ast, ref);
	add_str(arg, text.s, text.len);
	return SO_WALK_ON;
}

static void add_class(TALLOC_CTX *ctx, const struct so_sql_class *cls, struct so_sql_text_statement *out)
{
	static const char *const classes[] = { "read", "write", "ddl", "utility" };

	out->cls = classes[cls->cls];
	out->verb = so_strdup(ctx, cls->verb);
	out->pure_read = cls->pure_read;
	if (cls->selects_into)
		add_str(out->not_pure, "selects_into", 12);
	if (cls->locks_rows)
		add_str(out->not_pure, "locks_rows", 10);
	if (cls->modifying_cte)
		add_str(out->not_pure, "modifying_cte", 13);
	if (cls->volatile_call)
		add_str(out->not_pure, "volatile_call", 13);
	if (cls->sets_variable)
		add_str(out->not_pure, "sets_variable", 13);
	if (cls->unknown_call)
		add_str(out->not_pure, "unknown_call", 12);
	if (cls->unclear)
		add_str(out->not_pure, "unclear", 7);
	if (!cls->pure_read && !out->not_pure->count)
		add_str(out->not_pure, "no_query", 8);
}

static void add_names(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root, struct so_sql_text_statement *out)
{
	const struct so_sql_names *names = so_sql_names(ctx, ast, root);

	out->tables = so_new_array(ctx, struct so_sql_text_table, names->table_count);
	for (size_t i = 0; i < names->table_count; i++)
		out->tables[out->n_tables++] = (struct so_sql_text_table){ names->tables[i].schema,
			names->tables[i].name, names->tables[i].written };
	out->functions = so_new_array(ctx, struct so_sql_text_function, names->function_count);
	for (size_t i = 0; i < names->function_count; i++)
		out->functions[out->n_functions++] = (struct so_sql_text_function){ names->functions[i].schema,
			names->functions[i].name, names->functions[i].builtin };
}

static void add_fingerprint(
	TALLOC_CTX *ctx, const struct work *w, size_t i, const struct so_ast *ast, struct so_sql_text_statement *out)
{
	struct so_err ignored = SO_ERR_INIT;
	char text[SO_FINGERPRINT_TEXT];

	out->fingerprint = so_strdup(ctx, so_fingerprint_text(so_sql_fingerprint(ast, so_ast_statement(ast)), text));
	out->normalized = so_sql_normalize(
		ctx, w->parser, w->dialect, w->sql + w->pieces[i].offset, w->pieces[i].len, &w->options, &ignored);
}

static void read_statement(TALLOC_CTX *ctx, struct work *w, size_t i, struct so_sql_text_statement *out)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_sql_class cls;
	struct so_ast *ast;
	so_ref root;

	if (!parse_piece(w, tmp, i, &ast, &err)) {
		out->error = so_sql_text_explain(ctx, w->request, &err, w->errors++ < MAX_EXPLAINED);
		return;
	}
	root = so_ast_statement(ast);
	so_sql_classify(ast, root, &cls);
	add_class(ctx, &cls, out);
	out->truncated = ast->sources[0].truncated;
	add_names(ctx, ast, root, out);
	so_ast_walk(ast, root, find_param, out->parameters);
	add_fingerprint(ctx, w, i, ast, out);
	if (w->request->tree) {
		struct tree t = { .work = w, .base = w->pieces[i].offset };

		out->tree = so_json_own(ctx, node_json(&t, ast, root));
		out->tree_cut = t.cut;
	}
}

/* ---- Entry points ----------------------------------------------------------------------------------------------- */

static struct so_sql_text *new_result(TALLOC_CTX *ctx, const struct work *w)
{
	struct so_sql_text *text = so_new(ctx, struct so_sql_text);

	text->dialect = so_dialect_names[w->dialect];
	text->fingerprint_version = SO_FINGERPRINT_VERSION;
	text->count = w->count;
	text->statements = so_new_array(text, struct so_sql_text_statement, w->count);
	for (size_t i = 0; i < w->count; i++) {
		text->statements[i].offset = (int64_t)w->pieces[i].offset;
		text->statements[i].length = (int64_t)w->pieces[i].len;
		text->statements[i].not_pure = so_new(text, struct so_strs);
		text->statements[i].parameters = so_new(text, struct so_strs);
	}
	return text;
}

struct so_sql_text *so_sql_text_parse(TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_text *text;
	struct work w;

	if (!start(tmp, request, &w, err)) {
		so_sql_text_refuse(request, err);
		return NULL;
	}
	text = new_result(ctx, &w);
	for (size_t i = 0; i < w.count; i++)
		read_statement(text, &w, i, &text->statements[i]);
	return text;
}

struct so_sql_text *so_sql_text_fingerprint(
	TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_text *text;
	struct so_ast *ast;
	struct work w;

	if (!start(tmp, request, &w, err)) {
		so_sql_text_refuse(request, err);
		return NULL;
	}
	text = new_result(ctx, &w);
	for (size_t i = 0; i < w.count; i++) {
		if (!parse_piece(&w, tmp, i, &ast, err)) {
			so_sql_text_refuse(request, err);
			talloc_free(text);
			return NULL;
		}
		text->statements[i].truncated = ast->sources[0].truncated;
		add_fingerprint(text, &w, i, ast, &text->statements[i]);
		talloc_free(ast);
	}
	return text;
}

char *so_sql_text_format(TALLOC_CTX *ctx, const struct so_sql_text_request *request, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .max_bytes = SO_MAX_SQL_BYTES, .lenient = request->lenient };
	size_t len = strlen(request->sql);
	char *text = NULL;

	if (len > SO_MAX_SQL_BYTES || so_sql_check_bytes(request->sql, len, err))
		text = so_sql_format(ctx, so_parser_new(tmp), so_statement_dialect(request->dialect), request->sql, len,
			&options, err);
	if (!text)
		so_sql_text_refuse(request, err);
	return text;
}
