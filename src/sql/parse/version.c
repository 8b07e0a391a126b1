/* What came with which version, for statements that are meant for an older server. What takes part in how a text is
 * read is a gate in dialect.c; all else is looked for in the finished tree, which costs nothing for the newest. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sql/parse/parser.h"

struct check {
	const struct so_ast *ast;
	const struct so_token *tokens; /* of the source, whose first one has this number: */
	uint32_t first_token;
	uint32_t version;
	so_ref at; /* the first thing that is too new, 0: none */
	uint32_t since;
	const char *what;
};

static void need(struct check *c, bool used, so_ref ref, uint32_t since, const char *what)
{
	if (!used || c->at || c->version >= since)
		return;
	c->at = ref;
	c->since = since;
	c->what = what;
}

/* ---- PostgreSQL ------------------------------------------------------------------------------------------------- */

/* Whether a text begins with these words, with blanks between them. */
static bool begins(struct so_text text, const char *words)
{
	size_t i = 0;

	for (; *words; words++) {
		if (*words != ' ') {
			if (i >= text.len || strncasecmp(text.s + i, words, 1) != 0)
				return false;
			i++;
			continue;
		}
		if (i >= text.len || !strchr(" \t\r\n", text.s[i]))
			return false;
		while (i < text.len && strchr(" \t\r\n", text.s[i]))
			i++;
	}
	return true;
}

/* What stands between two nodes. */
static struct so_text between(const struct so_ast *ast, so_ref left, so_ref right)
{
	struct so_text a = so_ast_source_of(ast, left), b = so_ast_source_of(ast, right);
	const char *from = a.s + a.len;

	while (from < b.s && strchr(" \t\r\n)", *from))
		from++;
	return from < b.s ? (struct so_text){ from, (size_t)(b.s - from) } : (struct so_text){ "", 0 };
}

/* A call with words between its arguments; without them it is one of any function of that name. */
static bool has_words(const struct so_ast *ast, const struct so_n_func *func)
{
	so_ref phrase = func->args.count ? so_list_get(ast, func->args, 0) : 0;
	struct so_list items = { 0, 0 };

	if (func->syntax != SO_FS_WORDS || so_ast_kind(ast, phrase) != SO_N_PHRASE)
		return false;
	items = so_as_phrase(ast, phrase)->items;
	for (uint32_t i = 0; i < items.count; i++) {
		so_ref item = so_list_get(ast, items, i);

		if (so_ast_kind(ast, item) == SO_N_WORD && !so_ast_name_is(ast, so_as_word(ast, item)->text, ","))
			return true;
	}
	return false;
}

/* 0x1F, 1_000 */
static bool is_new_number(const struct check *c, const struct so_n_const *number)
{
	const struct so_token *token;
	const char *text;

	if (number->type != SO_C_INT && number->type != SO_C_FLOAT)
		return false;
	token = &c->tokens[so_node_last(c->ast, &number->hdr) - c->first_token]; /* a minus is in front of it */
	if (token->kind != SO_TOK_INT && token->kind != SO_TOK_FLOAT)
		return false; /* FETCH FIRST ROW is that of one row */
	text = so_ast_at(c->ast, token->off);
	return (token->len > 1 && text[0] == '0' && strchr("xXoObB", text[1])) || memchr(text, '_', token->len);
}

static void pg_function(struct check *c, so_ref ref)
{
	const struct so_n_func *func = so_as_func(c->ast, ref);

	need(c, has_words(c->ast, func), ref, 170000, "SQL/JSON query functions");
	need(c, func->syntax == SO_FS_JSON, ref, 160000, "SQL/JSON constructors");
	need(c, func->syntax == SO_FS_AT_LOCAL, ref, 170000, "AT LOCAL");
	need(c, func->syntax == SO_FS_XMLSERIALIZE && (func->option & 48), ref, 160000, "INDENT of XMLSERIALIZE");
}

static void pg_constraint(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_n_constraint *con = so_as_constraint(c->ast, ref);
	bool of_table = so_ast_kind(c->ast, parent) == SO_N_CREATE_TABLE;

	need(c, con->bits & SO_DDL_NULLS_NOT_DISTINCT, ref, 150000, "NULLS NOT DISTINCT");
	need(c, con->bits & (SO_DDL_NOT_ENFORCED | SO_DDL_ENFORCED), ref, 180000, "ENFORCED");
	need(c, con->bits & (SO_DDL_WITHOUT_OVERLAPS | SO_DDL_PERIOD), ref, 180000, "temporal keys");
	need(c, con->type == SO_CON_GENERATED && !(con->bits & SO_DDL_STORED), ref, 180000,
		"generated columns that are not STORED");
	need(c, con->type == SO_CON_NOT_NULL && of_table, ref, 180000, "NOT NULL as a constraint of a table");
	need(c, so_rare_constraint(c->ast, con)->on_delete_columns.count, ref, 150000, "columns of ON DELETE SET NULL");
}

static void pg_query(struct check *c, so_ref ref, enum so_node_kind kind)
{
	const struct so_ast *ast = c->ast;

	if (kind == SO_N_CTE) {
		need(c, so_as_cte(ast, ref)->search || so_as_cte(ast, ref)->cycle, ref, 140000, "SEARCH and CYCLE");
		need(c, so_ast_kind(ast, so_as_cte(ast, ref)->query) == SO_N_MERGE, ref, 170000, "MERGE in WITH");
	} else if (kind == SO_N_SELECT) {
		need(c, so_ast_has_flag(ast, ref, SO_NF_GROUP_DIST), ref, 140000, "GROUP BY DISTINCT");
	} else if (kind == SO_N_JOIN) {
		need(c, so_as_join(ast, ref)->using_alias.len, ref, 140000, "an alias of USING");
	} else if (kind == SO_N_FROM_QUERY) {
		need(c, !so_as_from_query(ast, ref)->alias, ref, 160000, "subqueries in FROM without an alias");
	} else if (kind == SO_N_IS) {
		need(c, so_as_is(ast, ref)->test == SO_IS_JSON, ref, 160000, "IS JSON");
	} else if (kind == SO_N_CONST) {
		need(c, is_new_number(c, so_as_const(ast, ref)), ref, 160000,
			"numbers with a base or with underscores");
	}
}

static void postgresql(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	if (so_kind_is_dml(kind))
		need(c, so_as_dml(ast, ref)->old_alias.len || so_as_dml(ast, ref)->new_alias.len, ref, 180000,
			"RETURNING WITH");
	switch (kind) {
	case SO_N_MERGE:
		need(c, true, ref, 150000, "MERGE");
		need(c, so_as_merge(ast, ref)->returning.count, ref, 170000, "RETURNING of MERGE");
		break;
	case SO_N_MERGE_WHEN:
		need(c,
			so_as_merge_when(ast, ref)->match != SO_MATCHED &&
				begins(so_ast_source_of(ast, ref), "when not matched by "),
			ref, 170000, "NOT MATCHED BY");
		break;
	case SO_N_FUNC:
		pg_function(c, ref);
		break;
	case SO_N_CONSTRAINT:
		pg_constraint(c, ref, parent);
		break;
	case SO_N_COLUMN_DEF:
		need(c, so_rare_column_def(ast, so_as_column_def(ast, ref))->compression.len, ref, 140000,
			"COMPRESSION of a column");
		need(c, so_rare_column_def(ast, so_as_column_def(ast, ref))->storage.len, ref, 160000,
			"STORAGE in a table's definition");
		break;
	case SO_N_CREATE_INDEX:
		need(c, so_as_create_index(ast, ref)->bits & SO_DDL_NULLS_NOT_DISTINCT, ref, 150000,
			"NULLS NOT DISTINCT");
		break;
	default:
		pg_query(c, ref, kind);
	}
}

/* ---- MySQL and MariaDB ------------------------------------------------------------------------------------------ */

static void mysql(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	switch (kind) {
	case SO_N_WITH:
		need(c, true, ref, 80001, "WITH");
		break;
	case SO_N_FUNC:
		need(c, so_as_func(ast, ref)->over, ref, 80002, "window functions");
		need(c, so_as_func(ast, ref)->syntax == SO_FS_MEMBER_OF, ref, 80017, "MEMBER OF");
		need(c,
			so_as_func(ast, ref)->syntax == SO_FS_WORDS &&
				so_ast_name_is(ast, so_as_func(ast, ref)->name, "json_table"),
			ref, 80004, "JSON_TABLE");
		break;
	case SO_N_SETOP:
		need(c, so_as_setop(ast, ref)->op != SO_UNION, ref, 80031, "INTERSECT and EXCEPT");
		break;
	case SO_N_VALUES:
		need(c, so_ast_kind(ast, parent) != SO_N_INSERT || begins(so_ast_source_of(ast, ref), "values row"),
			ref, 80019, "VALUES as a query");
		break;
	case SO_N_SELECT:
		need(c, so_ast_has_flag(ast, ref, SO_NF_TABLE_CMD), ref, 80019, "TABLE as a query");
		break;
	case SO_N_SAMPLE:
		need(c, true, ref, 90700, "TABLESAMPLE");
		break;
	case SO_N_INSERT:
		need(c, so_as_insert(ast, ref)->alias, ref, 80019, "an alias of the new row");
		break;
	case SO_N_LOCKING:
		need(c, so_as_locking(ast, ref)->wait != SO_LOCK_WAIT || so_as_locking(ast, ref)->relations.count, ref,
			80001, "OF, NOWAIT and SKIP LOCKED");
		break;
	case SO_N_OPAQUE:
		need(c, so_as_opaque(ast, ref)->inner && so_ast_has_flag(ast, ref, SO_NF_ALL), ref, 80018,
			"EXPLAIN ANALYZE");
		break;
	default:
		break;
	}
}

static void mariadb(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;

	(void)parent;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_WITH:
		need(c, true, ref, 100201, "WITH");
		break;
	case SO_N_SETOP:
		need(c, so_as_setop(ast, ref)->op != SO_UNION, ref, 100300, "INTERSECT and EXCEPT");
		need(c, so_as_setop(ast, ref)->op != SO_UNION && so_ast_has_flag(ast, ref, SO_NF_ALL), ref, 100500,
			"INTERSECT ALL and EXCEPT ALL");
		break;
	case SO_N_FUNC:
		need(c, so_as_func(ast, ref)->over, ref, 100200, "window functions");
		need(c,
			so_as_func(ast, ref)->syntax == SO_FS_WORDS &&
				so_ast_name_is(ast, so_as_func(ast, ref)->name, "json_table"),
			ref, 100600, "JSON_TABLE");
		break;
	case SO_N_LOCKING:
		need(c, so_as_locking(ast, ref)->wait == SO_LOCK_SKIP, ref, 100600, "SKIP LOCKED");
		break;
	case SO_N_ALIAS:
		need(c, so_as_alias(ast, ref)->columns.count, ref, 110700, "names of the columns of a derived table");
		break;
	case SO_N_DELETE:
		need(c,
			so_as_delete(ast, ref)->targets.count &&
				(so_as_delete(ast, ref)->order_by.count || so_as_delete(ast, ref)->limit),
			ref, 110800, "ORDER BY and LIMIT in DELETE of several tables");
		break;
	case SO_N_INSERT:
		need(c, so_as_insert(ast, ref)->returning.count, ref, 100500, "RETURNING of INSERT");
		break;
	default:
		break;
	}
}

/* ---- SQLite ----------------------------------------------------------------------------------------------------- */

static void sqlite_function(struct check *c, so_ref ref)
{
	const struct so_n_func *func = so_as_func(c->ast, ref);

	need(c, func->over, ref, 32500, "window functions");
	need(c, func->filter && !func->over, ref, 33000, "FILTER of aggregates");
	need(c, func->order_by.count, ref, 34400, "ORDER BY in aggregates");
}

/* a IS b is the same test */
static bool has_distinct(const struct so_ast *ast, const struct so_n_is *is)
{
	struct so_text words = between(ast, is->arg, is->right);

	return begins(words, "is distinct from ") || begins(words, "is not distinct from ");
}

static void sqlite(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;

	(void)parent;
	if (so_kind_is_dml(so_ast_kind(ast, ref)))
		need(c, so_as_dml(ast, ref)->returning.count, ref, 33500, "RETURNING");
	switch (so_ast_kind(ast, ref)) {
	case SO_N_FUNC:
		sqlite_function(c, ref);
		break;
	case SO_N_CTE:
		need(c, so_as_cte(ast, ref)->materialized != SO_MATERIALIZED_DEFAULT, ref, 33500, "MATERIALIZED");
		break;
	case SO_N_ON_CONFLICT:
		need(c, true, ref, 32400, "ON CONFLICT of INSERT");
		need(c, so_as_on_conflict(ast, ref)->next, ref, 33500, "several ON CONFLICT");
		break;
	case SO_N_UPDATE:
		need(c, so_as_update(ast, ref)->from.count, ref, 33300, "FROM of UPDATE");
		break;
	case SO_N_JOIN:
		need(c, so_as_join(ast, ref)->type == SO_JOIN_RIGHT || so_as_join(ast, ref)->type == SO_JOIN_FULL, ref,
			33900, "RIGHT and FULL JOIN");
		break;
	case SO_N_IS:
		need(c, so_as_is(ast, ref)->test == SO_IS_DISTINCT && has_distinct(ast, so_as_is(ast, ref)), ref, 33900,
			"IS DISTINCT FROM");
		break;
	case SO_N_OP:
		need(c, so_as_op(ast, ref)->op == SO_OP_ARROW || so_as_op(ast, ref)->op == SO_OP_ARROW_TEXT, ref, 33800,
			"-> and ->>");
		break;
	case SO_N_SORT:
		need(c, so_as_sort(ast, ref)->nulls != SO_NULLS_DEFAULT, ref, 33000, "NULLS FIRST and LAST");
		break;
	case SO_N_WINDOW:
		need(c, so_as_window(ast, ref)->mode == SO_FRAME_GROUPS || so_as_window(ast, ref)->exclude, ref, 32800,
			"GROUPS and EXCLUDE of frames");
		break;
	case SO_N_CONSTRAINT:
		need(c, so_as_constraint(ast, ref)->type == SO_CON_GENERATED, ref, 33100, "generated columns");
		break;
	case SO_N_CREATE_TABLE:
		need(c, so_as_create_table(ast, ref)->bits & SO_DDL_STRICT, ref, 33700, "STRICT tables");
		break;
	default:
		break;
	}
}

/* ---- T-SQL and Oracle ------------------------------------------------------------------------------------------- */

static void tsql(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;

	(void)parent;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_IS:
		need(c, so_as_is(ast, ref)->test == SO_IS_DISTINCT, ref, 160000, "IS DISTINCT FROM");
		break;
	case SO_N_SELECT:
		need(c, so_rare_select(ast, so_as_select(ast, ref))->windows.count, ref, 160000, "WINDOW");
		break;
	case SO_N_FUNC:
		need(c, so_as_func(ast, ref)->syntax == SO_FS_PATTERN, ref, 140000, "MATCH of graphs");
		need(c, so_as_func(ast, ref)->syntax == SO_FS_JSON, ref, 160000, "JSON_OBJECT and JSON_ARRAY");
		break;
	case SO_N_OP:
		need(c, so_as_op(ast, ref)->op == SO_OP_CONCAT, ref, 170000, "||");
		need(c, so_as_op(ast, ref)->op == SO_OP_LSHIFT || so_as_op(ast, ref)->op == SO_OP_RSHIFT, ref, 160000,
			"<< and >>");
		break;
	default:
		break;
	}
}

static void oracle(struct check *c, so_ref ref, so_ref parent)
{
	const struct so_ast *ast = c->ast;

	switch (so_ast_kind(ast, ref)) {
	case SO_N_SETOP:
		need(c, so_as_setop(ast, ref)->op != SO_UNION && so_ast_has_flag(ast, ref, SO_NF_ALL), ref, 210000,
			"ALL of INTERSECT and MINUS");
		break;
	case SO_N_SELECT:
		need(c, so_rare_select(ast, so_as_select(ast, ref))->windows.count, ref, 210000, "WINDOW");
		need(c, !so_as_select(ast, ref)->from.count, ref, 230000, "SELECT without FROM");
		break;
	case SO_N_VALUES:
		need(c, so_ast_kind(ast, parent) != SO_N_INSERT || so_as_values(ast, ref)->rows.count > 1, ref, 230000,
			"VALUES of several rows");
		break;
	case SO_N_UPDATE:
		need(c, so_as_update(ast, ref)->from.count, ref, 230000, "FROM of UPDATE");
		break;
	case SO_N_DELETE:
		need(c, so_as_delete(ast, ref)->using.count, ref, 230000, "tables to join in DELETE");
		break;
	case SO_N_CREATE_TABLE:
		need(c, so_as_create_table(ast, ref)->bits & SO_DDL_IF_NOT_EXISTS, ref, 230000, "IF NOT EXISTS");
		break;
	case SO_N_DROP:
		need(c, so_as_drop(ast, ref)->bits & SO_DDL_IF_EXISTS, ref, 230000, "IF EXISTS");
		break;
	default:
		break;
	}
}

/* ---- All of a tree ---------------------------------------------------------------------------------------------- */

static enum so_walk look(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	static void (*const checks[SO_DIALECT_MAX])(struct check * c, so_ref ref, so_ref parent) = {
		[SO_POSTGRESQL] = postgresql,
		[SO_MYSQL] = mysql,
		[SO_MARIADB] = mariadb,
		[SO_SQLITE] = sqlite,
		[SO_TSQL] = tsql,
		[SO_ORACLE] = oracle,
	};
	struct check *c = arg;

	checks[ast->dialect](c, ref, parent);
	return c->at ? SO_WALK_STOP : SO_WALK_ON;
}

/* 3.40, 8.0.31, 16 */
static void write_version(char *out, size_t room, enum so_dialect dialect, uint32_t version)
{
	unsigned major = version / 10000, minor = version / 100 % 100, patch = version % 100;

	if (dialect == SO_POSTGRESQL || dialect == SO_ORACLE || dialect == SO_TSQL)
		snprintf(out, room, "%u", major);
	else if (patch)
		snprintf(out, room, "%u.%u.%u", major, minor, patch);
	else
		snprintf(out, room, "%u.%u", major, minor);
}

bool so_parse_check_version(struct parse *p, so_ref root, uint32_t version)
{
	struct check check = { .ast = p->ast, .tokens = p->tok, .first_token = p->first_token, .version = version };
	char since[32], server[32];
	size_t offset = 0, len;

	if (!version || version >= p->traits->newest || !root)
		return true;
	so_ast_walk(p->ast, root, look, &check);
	if (!check.at)
		return true;
	write_version(since, sizeof since, (enum so_dialect)p->ast->dialect, check.since);
	write_version(server, sizeof server, (enum so_dialect)p->ast->dialect, version);
	(void)so_ast_span(p->ast, check.at, &offset, &len);
	return so_fail_at(p->err, SO_INPUT, (int32_t)offset, "%s came with version %s, the server has %s", check.what,
		since, server);
}
