/* Queries, data changes and expressions as only T-SQL writes them. */
#include "sql/tsql/print.h"

/* ---- Options ---------------------------------------------------------------------------------------------------- */

void so_put_tsql_item(struct printer *pr, so_ref ref)
{
	const struct so_n_option *node;
	bool equals;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OPTION:
		break;
	case SO_N_INDEX_ELEM:
		so_put_node(pr, ref);
		return;
	case SO_N_TYPE:
		so_put_type(pr, ref);
		return;
	default:
		so_put_expr(pr, ref, SO_LV_ANY);
		return;
	}
	node = GET(pr, option, ref);
	equals = node->style == SO_OPTION_EQUALS;
	so_put_text(pr, so_ast_name(pr->ast, node->name));
	if (node->hdr.flags & SO_NF_ALL) {
		so_put(pr, node->name.len ? " (" : "(");
		so_put_list(pr, node->values, so_put_tsql_item);
		so_put(pr, ")");
	} else if (node->values.count) {
		so_put(pr, " ");
		so_put_list(pr, node->values, so_put_tsql_item);
	}
	if (node->value) {
		so_put(pr, equals ? " = " : " ");
		so_put_tsql_item(pr, node->value);
	}
}

void so_put_tsql_clauses(struct printer *pr, struct so_list clauses)
{
	for (uint32_t i = 0; i < clauses.count; i++) {
		so_put(pr, " ");
		so_put_tsql_item(pr, so_list_get(pr->ast, clauses, i));
	}
}

/* ---- Functions and casts ------------------------------------------------------------------------------------------
 */

static void put_tail_args(struct printer *pr, struct so_list args, uint32_t from)
{
	so_put(pr, "(");
	for (uint32_t i = from; i < args.count; i++) {
		if (i > from)
			so_put(pr, ", ");
		so_put_expr(pr, so_list_get(pr->ast, args, i), SO_LV_ANY);
	}
	so_put(pr, ")");
}

static void put_method(struct printer *pr, const struct so_n_func *node)
{
	so_ref object = node->args.count ? so_list_get(pr->ast, node->args, 0) : 0;
	enum so_node_kind kind = so_ast_kind(pr->ast, object);
	bool bare = kind == SO_N_PARAM || kind == SO_N_FUNC || kind == SO_N_FIELD || kind == SO_N_COLUMN ||
		    kind == SO_N_CAST || kind == SO_N_SUBQUERY;

	so_put(pr, bare ? "" : "(");
	so_put_expr(pr, object, SO_LV_ANY);
	so_put(pr, bare ? "" : ")");
	so_put(pr, ".");
	so_put_name(pr, node->name, SO_PLACE_LABEL);
	put_tail_args(pr, node->args, 1);
}

static bool put_func(struct printer *pr, const struct so_n_func *node)
{
	switch ((enum so_func_syntax)node->syntax) {
	case SO_FS_METHOD:
		put_method(pr, node);
		return true;
	case SO_FS_STATIC:
		so_put_name_node(pr, node->qualifier);
		so_put(pr, "::");
		so_put_name(pr, node->name, SO_PLACE_LABEL);
		if (!node->option)
			put_tail_args(pr, node->args, 0);
		return true;
	case SO_FS_NEXT_VALUE:
		so_put(pr, "NEXT VALUE FOR ");
		so_put_name_node(pr, so_list_get(pr->ast, node->args, 0));
		return true;
	case SO_FS_PATTERN:
		so_put(pr, "MATCH(");
		so_put_text(pr, so_ast_str(pr->ast, GET(pr, const, so_list_get(pr->ast, node->args, 0))->value));
		so_put(pr, ")");
		return true;
	default:
		return false;
	}
}

static void put_cast(struct printer *pr, const struct so_n_cast *node)
{
	bool try = (node->hdr.flags & SO_NF_ALL) != 0;

	switch ((enum so_cast_style)node->style) {
	case SO_CAST_CONVERT:
		so_put(pr, try ? "TRY_CONVERT(" : "CONVERT(");
		so_put_type(pr, node->type);
		so_put(pr, ", ");
		so_put_expr(pr, node->arg, SO_LV_ANY);
		break;
	case SO_CAST_ESCAPE:
		so_put(pr, "{");
		so_put_type(pr, node->type);
		so_put(pr, " ");
		so_put_expr(pr, node->arg, SO_LV_ANY);
		so_put(pr, "}");
		return;
	default:
		so_put(pr, try ? "TRY_" : "");
		so_put(pr, node->style == SO_CAST_PARSE ? "PARSE(" : "CAST(");
		so_put_expr(pr, node->arg, SO_LV_ANY);
		so_put(pr, " AS ");
		so_put_type(pr, node->type);
	}
	if (node->format) {
		so_put(pr, node->style == SO_CAST_PARSE ? " USING " : ", ");
		so_put_expr(pr, node->format, SO_LV_ANY);
	}
	so_put(pr, ")");
}

bool so_put_tsql_func(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_CAST) {
		so_put(pr, so_put_flag(pr, ref, SO_NF_ESCAPE) ? "{fn " : "");
		put_cast(pr, GET(pr, cast, ref));
		so_put(pr, so_put_flag(pr, ref, SO_NF_ESCAPE) ? "}" : "");
		return true;
	}
	return put_func(pr, GET(pr, func, ref));
}

/* ---- FROM ------------------------------------------------------------------------------------------------------- */

static void put_pivot(struct printer *pr, const struct so_n_pivot *node)
{
	bool join = so_ast_kind(pr->ast, node->source) == SO_N_JOIN && so_put_flag(pr, node->source, SO_NF_PAREN);

	so_put(pr, join ? "(" : "");
	so_put_from_item(pr, node->source);
	so_put(pr, join ? ")" : "");
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " UNPIVOT (" : " PIVOT (");
	so_put_list(pr, node->aggregates, so_put_target);
	so_put(pr, " FOR ");
	so_put_list(pr, node->columns, so_put_expr_item);
	so_put(pr, " IN (");
	so_put_list(pr, node->items, so_put_target);
	so_put(pr, "))");
	so_put_alias(pr, node->alias);
}

static void put_temporal(struct printer *pr, const struct so_n_temporal *node)
{
	static const char *const words[] = { "AS OF ", "FROM ", "BETWEEN ", "CONTAINED IN (", "ALL" };
	static const char *const middle[] = { "", " TO ", " AND ", ", ", "" };

	so_put(pr, " FOR SYSTEM_TIME ");
	so_put(pr, words[node->type]);
	if (node->low)
		so_put_expr(pr, node->low, SO_LV_ADD);
	so_put(pr, middle[node->type]);
	if (node->high)
		so_put_expr(pr, node->high, SO_LV_ADD);
	if (node->type == SO_TEMPORAL_CONTAINED)
		so_put(pr, ")");
}

static void put_sample(struct printer *pr, const struct so_n_sample *node)
{
	so_put(pr, " TABLESAMPLE (");
	so_put_list(pr, node->args, so_put_expr_item);
	so_put(pr, node->hdr.flags & SO_NF_ALL ? " ROWS)" : " PERCENT)");
	if (node->repeatable) {
		so_put(pr, " REPEATABLE (");
		so_put_expr(pr, node->repeatable, SO_LV_ANY);
		so_put(pr, ")");
	}
}

static void put_table_name(struct printer *pr, const struct so_n_table *node)
{
	struct so_text name = so_ast_name(pr->ast, node->name);

	/* a variable, a placeholder */
	if (!node->name.quoted && name.len && (name.s[0] == '@' || name.s[0] == '?'))
		so_put_text(pr, name);
	else
		so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
}

static void put_table_hints(struct printer *pr, struct so_list hints)
{
	if (!hints.count)
		return;
	so_put(pr, " WITH (");
	so_put_list(pr, hints, so_put_tsql_item);
	so_put(pr, ")");
}

static void put_table(struct printer *pr, const struct so_n_table *node)
{
	const struct so_rare_table *rare = so_rare_table(pr->ast, node);

	put_table_name(pr, node);
	so_put_phrases(pr, rare->extra);
	if (rare->temporal)
		put_temporal(pr, GET(pr, temporal, rare->temporal));
	so_put_alias(pr, node->alias);
	if (rare->sample)
		put_sample(pr, GET(pr, sample, rare->sample));
	put_table_hints(pr, rare->hints);
}

static void put_coldef(struct printer *pr, so_ref ref)
{
	const struct so_n_coldef *node = GET(pr, coldef, ref);

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	so_put(pr, " ");
	so_put_type(pr, node->type);
	if (node->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, node->collation);
	}
	if (node->value) {
		so_put(pr, " ");
		so_put_expr(pr, node->value, SO_LV_PRIMARY);
	}
	if (node->hdr.flags & SO_NF_STAR)
		so_put(pr, " AS JSON");
}

static bool put_from_func(struct printer *pr, const struct so_n_from_func *node)
{
	const struct so_n_alias *alias;

	if (!(node->hdr.flags & SO_NF_WITHIN) || !node->alias) {
		if (!node->hints.count)
			return false;
		so_put_list(pr, node->funcs, so_put_expr_item);
		so_put_alias(pr, node->alias);
		put_table_hints(pr, node->hints);
		return true;
	}
	alias = GET(pr, alias, node->alias);
	so_put_list(pr, node->funcs, so_put_expr_item);
	so_put(pr, " WITH (");
	so_put_list(pr, alias->coldefs, put_coldef);
	so_put(pr, ")");
	if (alias->name.len) {
		so_put(pr, " AS ");
		so_put_name(pr, alias->name, SO_PLACE_COLUMN);
	}
	if (alias->columns.count) {
		so_put(pr, " (");
		so_put_list(pr, alias->columns, so_put_name_node);
		so_put(pr, ")");
	}
	put_table_hints(pr, node->hints);
	return true;
}

/* ---- Data changes ------------------------------------------------------------------------------------------------ */

static void put_set_target(struct printer *pr, so_ref ref)
{
	so_put_expr(pr, ref, SO_LV_ANY);
}

static void put_assign(struct printer *pr, so_ref ref)
{
	const struct so_n_assign *node = GET(pr, assign, ref);

	for (uint32_t i = 0; i < node->columns.count; i++) {
		so_put(pr, i ? " = " : "");
		put_set_target(pr, so_list_get(pr->ast, node->columns, i));
	}
	if (node->columns.count) {
		so_put(pr, " ");
		if (node->op.len)
			so_put_text(pr, so_ast_name(pr->ast, node->op));
		else
			so_put(pr, "=");
		so_put(pr, " ");
	}
	so_put_expr(pr, node->value, SO_LV_ANY);
}

static void put_top(struct printer *pr, const struct so_n_dml *node)
{
	if (node->limit)
		so_put_top(pr, node->limit, node->limit_style, node->hdr.flags);
}

static void put_output(struct printer *pr, const struct so_n_dml *node)
{
	if (node->output) {
		const struct so_n_output *output = GET(pr, output, node->output);

		so_put_break(pr);
		so_put(pr, "OUTPUT ");
		so_put_list(pr, output->targets, so_put_target);
		so_put(pr, " INTO ");
		so_put_from_item(pr, output->table);
		if (output->columns.count)
			so_put_paren_list(pr, output->columns, put_set_target);
	}
	if (node->returning.count) {
		so_put_break(pr);
		so_put(pr, "OUTPUT ");
		so_put_list(pr, node->returning, so_put_target);
	}
}

static void put_clause(struct printer *pr, const char *word, struct so_list from)
{
	if (!from.count)
		return;
	so_put_break(pr);
	so_put(pr, word);
	so_put_list(pr, from, so_put_from_item);
}

static void put_where(struct printer *pr, so_ref where)
{
	if (!where)
		return;
	so_put_break(pr);
	so_put(pr, "WHERE ");
	so_put_expr(pr, where, SO_LV_ANY);
}

static void put_insert(struct printer *pr, so_ref ref)
{
	const struct so_n_insert *node = GET(pr, insert, ref);

	so_put(pr, "INSERT");
	put_top(pr, so_as_dml(pr->ast, ref));
	so_put(pr, " INTO ");
	so_put_from_item(pr, node->table);
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, put_set_target);
	}
	put_output(pr, so_as_dml(pr->ast, ref));
	so_put_break(pr);
	if (node->query)
		so_put_statement(pr, node->query);
	else
		so_put(pr, "DEFAULT VALUES");
}

static void put_update(struct printer *pr, so_ref ref)
{
	const struct so_n_update *node = GET(pr, update, ref);

	so_put(pr, "UPDATE");
	put_top(pr, so_as_dml(pr->ast, ref));
	so_put(pr, " ");
	so_put_from_item(pr, node->table);
	so_put_break(pr);
	so_put(pr, "SET");
	so_put_lines(pr, node->sets, put_assign);
	put_output(pr, so_as_dml(pr->ast, ref));
	put_clause(pr, "FROM ", node->from);
	put_where(pr, node->where);
}

static void put_delete(struct printer *pr, so_ref ref)
{
	const struct so_n_delete *node = GET(pr, delete, ref);

	so_put(pr, "DELETE");
	put_top(pr, so_as_dml(pr->ast, ref));
	so_put(pr, " FROM ");
	so_put_from_item(pr, node->table);
	put_output(pr, so_as_dml(pr->ast, ref));
	put_clause(pr, "FROM ", node->using);
	put_where(pr, node->where);
}

static void put_merge_when(struct printer *pr, so_ref ref)
{
	const struct so_n_merge_when *node = GET(pr, merge_when, ref);

	so_put_merge_match(pr, node);
	switch ((enum so_merge_action)node->action) {
	case SO_MERGE_UPDATE:
		so_put(pr, "UPDATE SET");
		pr->indent++;
		so_put_lines(pr, node->sets, put_assign);
		pr->indent--;
		return;
	case SO_MERGE_INSERT:
		break;
	case SO_MERGE_NOTHING:
	case SO_MERGE_DELETE:
		so_put(pr, "DELETE");
		return;
	}
	so_put(pr, "INSERT");
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, put_set_target);
	}
	so_put(pr, node->values ? " VALUES " : " DEFAULT VALUES");
	if (node->values)
		so_put_paren_list(pr, GET(pr, row, node->values)->items, so_put_expr_item);
}

static void put_merge(struct printer *pr, so_ref ref)
{
	const struct so_n_merge *node = GET(pr, merge, ref);

	so_put(pr, "MERGE");
	put_top(pr, so_as_dml(pr->ast, ref));
	so_put_merge_head(pr, node);
	for (uint32_t i = 0; i < node->whens.count; i++)
		put_merge_when(pr, so_list_get(pr->ast, node->whens, i));
	put_output(pr, so_as_dml(pr->ast, ref));
	/* the hints follow the semicolon that this statement must end with otherwise */
}

static void put_dml(struct printer *pr, so_ref ref)
{
	const struct so_n_dml *node = so_as_dml(pr->ast, ref);

	if (node->with) {
		so_put_with(pr, node->with);
		so_put_break(pr);
	}
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_INSERT:
		put_insert(pr, ref);
		break;
	case SO_N_UPDATE:
		put_update(pr, ref);
		break;
	case SO_N_DELETE:
		put_delete(pr, ref);
		break;
	default:
		put_merge(pr, ref);
	}
	so_put_query_hints(pr, node->hints);
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

bool so_put_tsql(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OPTION:
		so_put_tsql_item(pr, ref);
		return true;
	case SO_N_INSERT:
	case SO_N_UPDATE:
	case SO_N_DELETE:
	case SO_N_MERGE:
		put_dml(pr, ref);
		return true;
	case SO_N_ASSIGN:
		put_assign(pr, ref);
		return true;
	case SO_N_MERGE_WHEN:
		put_merge_when(pr, ref);
		return true;
	case SO_N_TABLE:
		put_table(pr, GET(pr, table, ref));
		return true;
	case SO_N_FROM_FUNC:
		return put_from_func(pr, GET(pr, from_func, ref));
	case SO_N_PIVOT:
		put_pivot(pr, GET(pr, pivot, ref));
		return true;
	case SO_N_TEMPORAL:
		put_temporal(pr, GET(pr, temporal, ref));
		return true;
	case SO_N_OUTPUT:
		so_put_list(pr, GET(pr, output, ref)->targets, so_put_target);
		return true;
	default:
		return so_put_tsql_ddl(pr, ref);
	}
}
