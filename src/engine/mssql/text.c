/* Looking at a statement before it is sent. Our parser says what it is; what it does not take is not executed. */
#include "engine/mssql/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

/* "(@p1 int,@p2 nvarchar(4000))SELECT ...": how the plan cache keeps the text of a prepared statement. Returns the
 * statement behind, and the declarations without their parentheses. */
static const char *skip_declarations(TALLOC_CTX *ctx, const char *sql, char **declared)
{
	const char *at = sql + strspn(sql, " \t\r\n");
	size_t depth = 0;

	*declared = NULL;
	if (at[0] != '(' || at[1] != '@')
		return sql;
	for (const char *end = at; *end; end++) {
		depth += *end == '(';
		if (*end == ')' && --depth == 0) {
			*declared = so_strndup(ctx, at + 1, (size_t)(end - at - 1));
			return end + 1;
		}
	}
	return sql;
}

static enum so_walk find_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_PARAM) {
		struct so_text text = so_ast_source_of(ast, ref);

		if (text.len > 1 && text.s[0] == '@' && text.s[1] != '@')
			*(bool *)arg = true;
	}
	return SO_WALK_ON;
}

static bool parse(TALLOC_CTX *ctx, const char *sql, struct ms_text *look, struct so_err *err)
{
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };

	*look = (struct ms_text){ .sql = NULL };
	look->sql = skip_declarations(ctx, sql, &look->declared);
	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	if (!so_sql_parse(ctx, NULL, SO_TSQL, look->sql, strlen(look->sql), &options, &look->ast, err))
		return false;
	so_sql_classify(look->ast, so_ast_statement(look->ast), &look->cls);
	(void)so_ast_walk(look->ast, so_ast_statement(look->ast), find_param, &look->has_params);
	return true;
}

bool ms_check_plannable(TALLOC_CTX *ctx, const char *sql, struct ms_text *look, struct so_err *err)
{
	enum so_node_kind kind;

	if (!parse(ctx, sql, look, err))
		return false;
	kind = so_ast_kind(look->ast, so_ast_statement(look->ast));
	if (so_kind_is_query(kind) || so_kind_is_dml(kind))
		return true;
	return so_fail_at(err, SO_INPUT, 0, "only SELECT, INSERT, UPDATE, DELETE and MERGE have a plan, this is \"%s\"",
		look->cls.verb);
}

bool ms_check_read(const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ms_text look;

	if (!ms_check_plannable(tmp, sql, &look, err))
		return so_fail_in(err, "not executed");
	if (!so_pure_read_check(&look.cls, false, err))
		return false;
	if (look.has_params || look.declared)
		return so_fail(
			err, SO_INPUT, "not executed: the statement has parameters (@name) and no values for them");
	return true;
}

bool ms_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name)
{
	return so_engine_split_name(ctx, text, "[]\"\"", false, schema, name);
}

char *ms_text_literal(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 4 * (size_t)MAX_STATEMENT);
	so_buf_adds(&buf, "N'");
	for (; *text; text++) {
		if (*text == '\'')
			so_buf_addc(&buf, '\'');
		so_buf_addc(&buf, *text);
	}
	so_buf_addc(&buf, '\'');
	return buf.data;
}

char *ms_text_quoted(TALLOC_CTX *ctx, const char *name)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 4 * (size_t)MAX_STATEMENT);
	so_buf_addc(&buf, '[');
	for (; *name; name++) {
		if (*name == ']')
			so_buf_addc(&buf, ']');
		so_buf_addc(&buf, *name);
	}
	so_buf_addc(&buf, ']');
	return buf.data;
}
