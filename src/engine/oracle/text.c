/* Looking at a statement before it is sent. Our parser says what it is; what it does not take is not executed. */
#include "engine/oracle/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

static enum so_walk find_bind(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)parent;
	if (so_ast_kind(ast, ref) == SO_N_PARAM)
		*(bool *)arg = true;
	return SO_WALK_ON;
}

bool ora_check_plannable(TALLOC_CTX *ctx, const char *sql, struct so_sql_class *cls, bool *binds, struct so_err *err)
{
	struct so_sql_options options = { .max_bytes = MAX_STATEMENT };
	enum so_node_kind kind;
	struct so_ast *ast;

	*binds = false;
	if (strlen(sql) > MAX_STATEMENT)
		return so_fail(err, SO_LIMIT, "the statement is longer than %d bytes", MAX_STATEMENT);
	if (!so_sql_parse(ctx, NULL, SO_ORACLE, sql, strlen(sql), &options, &ast, err))
		return false;
	so_sql_classify(ast, so_ast_statement(ast), cls);
	(void)so_ast_walk(ast, so_ast_statement(ast), find_bind, binds);
	kind = so_ast_kind(ast, so_ast_statement(ast));
	if (so_kind_is_query(kind) || so_kind_is_dml(kind))
		return true;
	return so_fail_at(err, SO_INPUT, 0, "only SELECT, INSERT, UPDATE, DELETE and MERGE have a plan, this is \"%s\"",
		cls->verb);
}

bool ora_check_read(const char *sql, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_sql_class cls;
	bool binds;

	if (!ora_check_plannable(tmp, sql, &cls, &binds, err))
		return so_fail_in(err, "not executed");
	if (!so_pure_read_check(&cls, false, err))
		return false;
	if (binds)
		return so_fail(
			err, SO_INPUT, "not executed: the statement has bind variables (:name) and no values for them");
	return true;
}

bool ora_text_name(TALLOC_CTX *ctx, const char *text, char **schema, char **name)
{
	return so_engine_split_name(ctx, text, "\"\"", true, schema, name);
}

char *ora_text_literal(TALLOC_CTX *ctx, const char *text)
{
	struct so_buf buf;

	so_buf_init(&buf, ctx, 64 * 1024);
	so_buf_addc(&buf, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			so_buf_addc(&buf, '\'');
		so_buf_addc(&buf, *text);
	}
	so_buf_addc(&buf, '\'');
	return buf.data;
}
