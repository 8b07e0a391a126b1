/* Looking at a statement before it is sent. Our parser says what it is; a text that it does not take is still planned,
 * by its first word, since the server's parser is the judge of that, but never executed. */
#include "engine/mysql/internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* Behind blanks, comments (not those that the server reads) and opening parentheses. */
static const char *first_word(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n(");
		if (at[0] == '#' || (at[0] == '-' && at[1] == '-' && (!at[2] || isspace((unsigned char)at[2])))) {
			at += strcspn(at, "\r\n");
		} else if (at[0] == '/' && at[1] == '*' && at[2] != '!' && !(at[2] == 'M' && at[3] == '!')) {
			const char *end = strstr(at + 2, "*/");

			at = end ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

/* Variables (@v, @@v) are of the same kind, and have values. */
static enum so_walk count_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_PARAM) {
		struct so_text text = so_ast_source_of(ast, ref);

		*(unsigned *)arg += text.len && text.s[0] == '?';
	}
	return SO_WALK_ON;
}

static bool ends_cut(const char *sql)
{
	size_t len = strlen(sql);

	while (len && isspace((unsigned char)sql[len - 1]))
		len--;
	return len >= 3 && strncmp(sql + len - 3, "...", 3) == 0;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

bool my_check_plannable(
	TALLOC_CTX *ctx, const struct my_conn *conn, const char *sql, struct my_text *look, struct so_err *err)
{
	static const char *const reads[] = { "select", "with", "table", "values", NULL };
	static const char *const writes[] = { "insert", "replace", "update", "delete", NULL };
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT,
		.lenient = true,
		.server_version = (uint32_t)conn->version,
		.modes = conn->modes };
	struct so_err why = SO_ERR_INIT;
	const char *word = first_word(sql);
	size_t n = 0, count = 0;
	struct so_sql_piece *pieces;

	*look = (struct my_text){ .cut = ends_cut(sql) };
	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	if (!*word)
		return so_fail(err, SO_INPUT, "the statement is empty");
	for (; (isalpha((unsigned char)word[n]) || word[n] == '_') && n + 1 < sizeof look->verb; n++)
		look->verb[n] = (char)tolower((unsigned char)word[n]);
	look->writes = is_one_of(look->verb, writes);
	if (!look->writes && !is_one_of(look->verb, reads))
		return so_fail_at(err, SO_INPUT, 0,
			"only SELECT, INSERT, REPLACE, UPDATE and DELETE have a plan, this begins with \"%s\"",
			look->verb);
	if (so_sql_split(ctx, NULL, my_dialect(conn), sql, strlen(sql), &options, &pieces, &count, &why) && count > 1)
		return so_fail_at(err, SO_INPUT, (int32_t)pieces[1].offset, "more than one statement");
	if (strstr(sql, "(...)"))
		look->collapsed = so_strdup(ctx, "(...)");
	if (!so_sql_parse(ctx, NULL, my_dialect(conn), sql, strlen(sql), &options, &look->ast, &why)) {
		look->ast = NULL;
		return true;
	}
	so_sql_classify(look->ast, so_ast_statement(look->ast), &look->cls);
	(void)so_ast_walk(look->ast, so_ast_statement(look->ast), count_param, &look->n_params);
	return true;
}

bool my_check_read(const struct my_conn *conn, const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_options options = { .server_version = (uint32_t)conn->version, .modes = conn->modes };
	struct my_text look;
	struct so_ast *ast;

	if (!my_check_plannable(tmp, conn, sql, &look, err))
		return false;
	if (look.writes)
		return so_fail(err, SO_INPUT, "only a statement that purely reads is executed: it writes");
	/* What our parser does not understand is not executed, even if the server would. */
	if (!so_sql_parse(tmp, NULL, my_dialect(conn), sql, strlen(sql), &options, &ast, err))
		return so_fail_in(err, "not executed");
	so_sql_classify(ast, so_ast_statement(ast), &look.cls);
	if (!so_pure_read_check(&look.cls, true, err))
		return false;
	if (look.n_params)
		return so_fail(err, SO_INPUT, "not executed: the statement has parameters (?) and no values for them");
	return true;
}

static void add_span(struct so_buf *out, const struct so_ast *ast, so_ref ref)
{
	size_t offset, len;

	if (so_ast_span_paren(ast, ref, &offset, &len))
		so_buf_add(out, so_ast_source_text(ast, 0).s + offset, len);
}

static void add_order(struct so_buf *out, const struct so_ast *ast, struct so_list order_by)
{
	for (uint32_t i = 0; i < order_by.count; i++) {
		so_buf_adds(out, i ? ", " : " ORDER BY ");
		add_span(out, ast, so_list_get(ast, order_by, i));
	}
}

char *my_select_form(TALLOC_CTX *ctx, const struct my_text *look)
{
	const struct so_ast *ast = look->ast;
	so_ref root = ast ? so_ast_statement(ast) : 0, where;
	struct so_list order_by;
	const struct so_n_dml *dml;
	struct so_buf out;

	if (so_ast_kind(ast, root) != SO_N_UPDATE && so_ast_kind(ast, root) != SO_N_DELETE)
		return NULL;
	dml = so_as_dml(ast, root);
	if (!dml->table || dml->with || dml->limit)
		return NULL;
	if (so_ast_kind(ast, root) == SO_N_UPDATE) {
		const struct so_n_update *update = so_as_update(ast, root);

		if (update->from.count)
			return NULL;
		where = update->where;
		order_by = update->order_by;
	} else {
		const struct so_n_delete *deletion = so_as_delete(ast, root);

		if (deletion->targets.count || deletion->using.count)
			return NULL;
		where = deletion->where;
		order_by = deletion->order_by;
	}
	so_buf_init(&out, ctx, MAX_STATEMENT + 64);
	so_buf_adds(&out, "SELECT * FROM ");
	add_span(&out, ast, dml->table);
	if (where) {
		so_buf_adds(&out, " WHERE ");
		add_span(&out, ast, where);
	}
	add_order(&out, ast, order_by);
	return out.overflow ? NULL : out.data;
}

bool my_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name)
{
	return so_engine_split_name(ctx, text, "``\"\"", false, schema, name);
}
