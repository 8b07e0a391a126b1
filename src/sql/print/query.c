/* Queries, FROM, and statements that change data. */
#include "sql/tsql/print.h"

void so_put_target(struct printer *pr, so_ref ref)
{
	const struct so_n_target *node = GET(pr, target, ref);

	so_put_expr(pr, node->expr, SO_LV_ANY);
	if (node->label.len) {
		so_put(pr, " AS ");
		so_put_name(pr, node->label, SO_PLACE_LABEL);
	}
}

/* Nodes that the dialect writes in its own way. */
static bool put_own(struct printer *pr, so_ref ref)
{
	return so_features_have(&pr->features, SO_FEAT_BATCH) && so_put_tsql(pr, ref);
}

static void put_clause(struct printer *pr, const char *words)
{
	so_put_break(pr);
	so_put(pr, words);
}

static void put_clause_expr(struct printer *pr, const char *words, so_ref ref)
{
	if (!ref)
		return;
	put_clause(pr, words);
	so_put_expr(pr, ref, SO_LV_ANY);
}

static void put_clause_list(
	struct printer *pr, const char *words, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	if (!list.count)
		return;
	put_clause(pr, words);
	so_put_list(pr, list, item);
}

/* ( query ), whose lines are `deeper` than what stands around it, and the closing parenthesis one less. */
static void put_paren_query(struct printer *pr, so_ref query, unsigned deeper)
{
	bool restricted = pr->restricted;

	pr->restricted = false;
	so_put(pr, "(");
	pr->indent += deeper;
	if (pr->pretty)
		so_put_break(pr);
	so_put_statement(pr, query);
	pr->indent--;
	if (pr->pretty)
		so_put_break(pr);
	pr->indent -= deeper - 1;
	so_put(pr, ")");
	pr->restricted = restricted;
}

void so_put_paren_query(struct printer *pr, so_ref query)
{
	put_paren_query(pr, query, 2);
}

static void put_namespace(struct printer *pr, so_ref ref);

/* ---- WITH ------------------------------------------------------------------------------------------------------- */

static void put_columns(struct printer *pr, struct so_list columns, void (*item)(struct printer *pr, so_ref ref));

static void put_cycle(struct printer *pr, const struct so_n_cycle *node)
{
	so_put(pr, " CYCLE ");
	so_put_list(pr, node->columns, so_put_name_node);
	if (!node->mark.len) {
		so_put(pr, " RESTRICT");
		return;
	}
	so_put(pr, " SET ");
	so_put_name(pr, node->mark, SO_PLACE_COLUMN);
	if (node->value) {
		so_put(pr, " TO ");
		so_put_expr(pr, node->value, SO_LV_PRIMARY);
		so_put(pr, " DEFAULT ");
		so_put_expr(pr, node->otherwise, SO_LV_PRIMARY);
	}
	if (!node->path.len)
		return;
	so_put(pr, " USING ");
	so_put_name(pr, node->path, SO_PLACE_COLUMN);
}

static void put_columns(struct printer *pr, struct so_list columns, void (*item)(struct printer *pr, so_ref ref))
{
	if (!columns.count)
		return;
	so_put(pr, "(");
	so_put_list(pr, columns, item);
	so_put(pr, ")");
}

static void put_cte(struct printer *pr, so_ref ref)
{
	static const char *const words[] = { " AS ", " AS MATERIALIZED ", " AS NOT MATERIALIZED " };
	const struct so_n_cte *node = GET(pr, cte, ref);

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	put_columns(pr, node->columns, so_put_name_node);
	/* ANALYTIC VIEW AS (..) of Oracle is written out */
	if (so_ast_kind(pr->ast, node->query) == SO_N_PHRASE) {
		so_put(pr, " ");
		so_put_phrase(pr, node->query);
	} else {
		so_put(pr, words[node->materialized]);
		put_paren_query(pr, node->query, 1);
	}
	if (node->search) {
		const struct so_n_search *search = GET(pr, search, node->search);

		so_put(pr, search->breadth_first ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ");
		so_put_list(pr, search->columns, so_put_sort);
		so_put(pr, " SET ");
		so_put_name(pr, search->sequence, SO_PLACE_COLUMN);
	}
	if (node->cycle)
		put_cycle(pr, GET(pr, cycle, node->cycle));
}

void so_put_with(struct printer *pr, so_ref ref)
{
	const struct so_n_with *node = GET(pr, with, ref);

	so_put(pr, node->hdr.flags & SO_NF_RECURSIVE ? "WITH RECURSIVE " : "WITH ");
	if (node->namespaces.count) {
		so_put(pr, "XMLNAMESPACES(");
		so_put_list(pr, node->namespaces, put_namespace);
		so_put(pr, node->ctes.count ? "), " : ")");
	}
	for (uint32_t i = 0; i < node->ctes.count; i++) {
		so_ref cte = so_list_get(pr->ast, node->ctes, i);
		bool unit = so_ast_kind(pr->ast, cte) == SO_N_OPAQUE;

		if (unit)
			so_put_node(pr, cte);
		else
			put_cte(pr, cte);
		/* a function ends with a semicolon of its own */
		if (i + 1 < node->ctes.count) {
			so_put(pr, unit ? "" : ",");
			so_put_break(pr);
		}
	}
}

/* ---- FROM ------------------------------------------------------------------------------------------------------- */

void so_put_alias(struct printer *pr, so_ref ref)
{
	const struct so_n_alias *node;

	if (!ref)
		return;
	node = GET(pr, alias, ref);
	so_put(pr, so_features_have(&pr->features, SO_FEAT_NO_ALIAS_AS) ? " " : " AS ");
	if (node->name.len)
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
	put_columns(pr, node->columns, so_put_name_node);
	put_columns(pr, node->coldefs, so_put_coldef);
}

static void put_table(struct printer *pr, const struct so_n_table *node)
{
	const struct so_rare_table *rare = so_rare_table(pr->ast, node);
	bool paren = (node->hdr.flags & SO_NF_ONLY) && so_features_have(&pr->features, SO_FEAT_NO_ALIAS_AS);

	if (node->hdr.flags & SO_NF_ONLY)
		so_put(pr, paren ? "ONLY (" : "ONLY ");
	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
	so_put_phrases(pr, rare->extra);
	so_put(pr, paren ? ")" : "");
	so_put_alias(pr, node->alias);
	if (is_lite(pr))
		so_put_lite_indexed(pr, rare->hints);
	so_put_phrases(pr, rare->index_hints);
	if (rare->sample) {
		const struct so_n_sample *sample = GET(pr, sample, rare->sample);

		so_put(pr, " TABLESAMPLE ");
		/* two words of MySQL's grammar, names elsewhere */
		if (so_features_have(&pr->features, SO_FEAT_MYSQL))
			so_put_text(pr, so_ast_name(pr->ast, sample->method));
		else
			so_put_qualified(pr, sample->qualifier, sample->method, SO_PLACE_FUNC);
		so_put(pr, "(");
		so_put_list(pr, sample->args, so_put_expr_item);
		so_put(pr, ")");
		if (sample->repeatable) {
			so_put(pr, " REPEATABLE (");
			so_put_expr(pr, sample->repeatable, SO_LV_ANY);
			so_put(pr, ")");
		}
	}
}

static void put_rows_from(struct printer *pr, so_ref ref)
{
	const struct so_n_from_func *node = GET(pr, from_func, ref);

	so_put_list(pr, node->funcs, so_put_expr_item);
	if (node->alias) {
		so_put(pr, " AS ");
		put_columns(pr, GET(pr, alias, node->alias)->coldefs, so_put_coldef);
	}
}

static void put_from_func(struct printer *pr, const struct so_n_from_func *node)
{
	if (node->hdr.flags & SO_NF_ROWS_FROM) {
		so_put(pr, "ROWS FROM (");
		so_put_list(pr, node->funcs, put_rows_from);
		so_put(pr, ")");
	} else {
		so_put_list(pr, node->funcs, so_put_expr_item);
	}
	if (node->hdr.flags & SO_NF_ORDINALITY)
		so_put(pr, " WITH ORDINALITY");
	if ((node->hdr.flags & SO_NF_OUTER) && so_features_have(&pr->features, SO_FEAT_OUTER_PLUS))
		so_put(pr, " (+)");
	so_put_alias(pr, node->alias);
}

/* A column of a function's or XMLTABLE's column list. */
void so_put_coldef(struct printer *pr, so_ref ref)
{
	const struct so_n_coldef *node = GET(pr, coldef, ref);

	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->hdr.flags & SO_NF_ORDINALITY)
		so_put(pr, " FOR ORDINALITY");
	if (node->type) {
		so_put(pr, " ");
		so_put_type(pr, node->type);
	}
	if (node->collation) {
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, node->collation);
	}
	if (node->value) {
		so_put(pr, " PATH ");
		so_put_expr(pr, node->value, SO_LV_PRIMARY);
	}
	if (node->otherwise) {
		so_put(pr, " DEFAULT ");
		so_put_expr(pr, node->otherwise, SO_LV_PRIMARY);
	}
	if (node->hdr.flags & SO_NF_NOT)
		so_put(pr, " NOT NULL");
	else if (node->hdr.flags & SO_NF_ALL)
		so_put(pr, " NULL");
}

static void put_namespace(struct printer *pr, so_ref ref)
{
	const struct so_n_target *node = GET(pr, target, ref);

	if (!node->label.len)
		so_put(pr, "DEFAULT ");
	so_put_expr(pr, node->expr, SO_LV_PRIMARY);
	if (!node->label.len)
		return;
	so_put(pr, " AS ");
	so_put_name(pr, node->label, SO_PLACE_LABEL);
}

static void put_from_xml(struct printer *pr, const struct so_n_from_xml *node)
{
	so_put(pr, "XMLTABLE(");
	if (node->namespaces.count) {
		so_put(pr, "XMLNAMESPACES(");
		so_put_list(pr, node->namespaces, put_namespace);
		so_put(pr, "), ");
	}
	so_put_expr(pr, node->path, SO_LV_PRIMARY);
	so_put(pr, node->option & 1 ? " PASSING BY REF " : node->option & 4 ? " PASSING BY VALUE " : " PASSING ");
	so_put_expr(pr, node->document, SO_LV_PRIMARY);
	so_put(pr, node->option & 2 ? " BY REF COLUMNS " : node->option & 8 ? " BY VALUE COLUMNS " : " COLUMNS ");
	so_put_list(pr, node->columns, so_put_coldef);
	so_put(pr, ")");
	so_put_alias(pr, node->alias);
}

/* Of a partitioned outer join. */
static void put_join_partition(struct printer *pr, struct so_list list)
{
	if (!list.count)
		return;
	so_put(pr, " PARTITION BY ");
	put_columns(pr, list, so_put_expr_item);
}

static void put_join_right(struct printer *pr, const struct so_n_join *node)
{
	bool paren = so_ast_kind(pr->ast, node->right) == SO_N_JOIN && !GET(pr, join, node->right)->alias;

	if (paren)
		so_put(pr, "(");
	so_put_from_item(pr, node->right);
	put_join_partition(pr, node->right_partition);
	if (paren)
		so_put(pr, ")");
	if (node->hdr.flags & SO_NF_LATERAL)
		return;
	if (node->on) {
		so_put(pr, " ON ");
		pr->indent++;
		so_put_expr(pr, node->on, SO_LV_ANY);
		pr->indent--;
	}
	if (node->columns.count) {
		so_put(pr, " USING ");
		put_columns(pr, node->columns, so_put_name_node);
	}
	if (node->using_alias.len) {
		so_put(pr, " AS ");
		so_put_name(pr, node->using_alias, SO_PLACE_COLUMN);
	}
}

/* INNER HASH JOIN */
static void put_hinted_join(struct printer *pr, const struct so_n_join *node)
{
	static const char *const words[] = { "INNER ", "LEFT ", "RIGHT ", "FULL ", "CROSS " };

	so_put(pr, words[node->type]);
	so_put_upper(pr, so_ast_name(pr->ast, node->hint));
	so_put(pr, " JOIN ");
}

/* a JOIN b JOIN c ...: down the left side first, without recursion. */
static void put_join(struct printer *pr, so_ref ref)
{
	static const char *const words[] = { "JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ", "CROSS JOIN ",
		"CROSS APPLY ", "OUTER APPLY ", "STRAIGHT_JOIN " };
	size_t mark = pr->count;
	so_ref top = ref, alias = GET(pr, join, ref)->alias;

	if (alias)
		so_put(pr, "(");
	for (;;) {
		const struct so_n_join *node = GET(pr, join, ref);

		so_put_push(pr, ref);
		if (so_ast_kind(pr->ast, node->left) != SO_N_JOIN || GET(pr, join, node->left)->alias)
			break;
		ref = node->left;
	}
	so_put_from_item(pr, GET(pr, join, ref)->left);
	while (pr->count > mark) {
		const struct so_n_join *node = GET(pr, join, pr->stack[--pr->count]);

		put_join_partition(pr, node->partition);
		so_put_break(pr);
		if (node->hdr.flags & SO_NF_NATURAL)
			so_put(pr, "NATURAL ");
		if (node->hdr.flags & SO_NF_LATERAL)
			so_put(pr, node->type == SO_JOIN_CROSS ? "CROSS APPLY " : "OUTER APPLY ");
		else if (node->hint.len)
			put_hinted_join(pr, node);
		else
			so_put(pr, words[node->type]);
		put_join_right(pr, node);
	}
	if (alias) {
		so_put(pr, ")");
		so_put_alias(pr, GET(pr, join, top)->alias);
	}
}

void so_put_from_item(struct printer *pr, so_ref ref)
{
	bool paren;

	if (put_own(pr, ref))
		return;
	if (so_ast_kind(pr->ast, ref) == SO_N_JOIN) {
		put_join(pr, ref);
		return;
	}
	if (so_put_flag(pr, ref, SO_NF_LATERAL) && so_ast_kind(pr->ast, ref) != SO_N_JOIN &&
		!(so_ast_kind(pr->ast, ref) == SO_N_FROM_FUNC && so_features_have(&pr->features, SO_FEAT_OUTER_PLUS)))
		so_put(pr, "LATERAL ");
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_TABLE:
		put_table(pr, GET(pr, table, ref));
		return;
	case SO_N_FROM_QUERY:
		so_put_paren_query(pr, GET(pr, from_query, ref)->query);
		so_put_alias(pr, GET(pr, from_query, ref)->alias);
		return;
	case SO_N_FROM_FUNC:
		put_from_func(pr, GET(pr, from_func, ref));
		return;
	case SO_N_FROM_XML:
		put_from_xml(pr, GET(pr, from_xml, ref));
		return;
	case SO_N_FROM_CLAUSE:
		paren = so_ast_kind(pr->ast, GET(pr, from_clause, ref)->item) == SO_N_JOIN;
		so_put(pr, paren ? "(" : "");
		so_put_from_item(pr, GET(pr, from_clause, ref)->item);
		so_put(pr, paren ? ")" : "");
		so_put_break(pr);
		so_put_phrase(pr, GET(pr, from_clause, ref)->clause);
		so_put_alias(pr, GET(pr, from_clause, ref)->alias);
		return;
	case SO_N_JOIN:
		put_join(pr, ref);
		return;
	default:
		so_put_expr(pr, ref, SO_LV_ANY);
	}
}

/* ---- Queries ---------------------------------------------------------------------------------------------------- */

void so_put_top(struct printer *pr, so_ref limit, uint32_t style, uint16_t flags)
{
	so_put(pr, " TOP (");
	so_put_expr(pr, limit, SO_LV_ANY);
	so_put(pr, style & SO_LIMIT_PERCENT ? ") PERCENT" : ")");
	so_put(pr, flags & SO_NF_WITH_TIES ? " WITH TIES" : "");
}

static void put_select_list(struct printer *pr, const struct so_n_select *node)
{
	const struct so_rare_select *rare = so_rare_select(pr->ast, node);

	so_put(pr, "SELECT");
	so_put_hints(pr, rare->hints);
	if (node->hdr.flags & SO_NF_DISTINCT)
		so_put(pr, " DISTINCT");
	if (node->limit && (rare->limit_style & SO_LIMIT_TOP))
		so_put_top(pr, node->limit, rare->limit_style, node->hdr.flags);
	if (rare->distinct_on.count) {
		so_put(pr, " ON ");
		put_columns(pr, rare->distinct_on, so_put_expr_item);
	}
	so_put_lines(pr, node->targets, so_put_target);
}

static void put_into(struct printer *pr, so_ref ref)
{
	static const char *const words[] = { "INTO ", "INTO TEMPORARY ", "INTO UNLOGGED " };
	const struct so_n_into *node = GET(pr, into, ref);

	if (node->targets.count) {
		put_clause(pr, node->hdr.flags & SO_NF_ALL ? "BULK COLLECT INTO " : "INTO ");
		so_put_list(pr, node->targets, so_put_expr_item);
		return;
	}

	put_clause(pr, words[node->persistence]);
	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
	if (node->file) {
		so_put(pr, " ON ");
		so_put_name_node(pr, node->file);
	}
}

static void put_select(struct printer *pr, so_ref ref)
{
	const struct so_n_select *node = GET(pr, select, ref);
	const struct so_rare_select *rare = so_rare_select(pr->ast, node);

	if ((node->hdr.flags & SO_NF_TABLE_CMD) && node->from.count == 1 && node->targets.count == 1 && !node->where) {
		so_put(pr, "TABLE ");
		so_put_from_item(pr, so_list_get(pr->ast, node->from, 0));
		return;
	}
	if (is_my(pr)) {
		so_put_my_select(pr, ref);
		return;
	}
	put_select_list(pr, node);
	if (rare->into)
		put_into(pr, rare->into);
	put_clause_list(pr, "FROM ", node->from, so_put_from_item);
	put_clause_expr(pr, "WHERE ", node->where);
	if (rare->hierarchy)
		so_put_hierarchy(pr, rare->hierarchy);
	put_clause_list(pr, node->hdr.flags & SO_NF_GROUP_DIST ? "GROUP BY DISTINCT " : "GROUP BY ", node->group_by,
		so_put_expr_item);
	put_clause_expr(pr, "HAVING ", node->having);
	put_clause_list(pr, "WINDOW ", rare->windows, so_put_window);
	so_put_phrases(pr, rare->extra);
}

static void put_locking(struct printer *pr, so_ref ref)
{
	static const char *const strengths[] = { "FOR KEY SHARE", "FOR SHARE", "FOR NO KEY UPDATE", "FOR UPDATE" };
	static const char *const waits[] = { "", " SKIP LOCKED", " NOWAIT" };
	const struct so_n_locking *node = GET(pr, locking, ref);

	put_clause(pr, strengths[node->strength]);
	if (node->relations.count) {
		so_put(pr, " OF ");
		so_put_list(pr, node->relations, so_put_name_node);
	}
	so_put(pr, waits[node->wait]);
	if (node->seconds) {
		so_put(pr, " WAIT ");
		so_put_expr(pr, node->seconds, SO_LV_PRIMARY);
	}
}

/* OFFSET n ROWS FETCH FIRST m ROWS ONLY, where there is no LIMIT. */
static void put_fetch(struct printer *pr, const struct so_n_query *query)
{
	const struct so_rare_query *rare = so_rare_query(pr->ast, query);

	if (rare->offset) {
		put_clause_expr(pr, "OFFSET ", rare->offset);
		so_put(pr, " ROWS");
	}
	if (!query->limit)
		return;
	put_clause(pr, rare->limit_style & SO_LIMIT_APPROX  ? "FETCH APPROX FIRST "
		       : rare->limit_style & SO_LIMIT_EXACT ? "FETCH EXACT FIRST "
							    : "FETCH FIRST ");
	so_put_expr(pr, query->limit, SO_LV_ADD);
	so_put(pr, rare->limit_style & SO_LIMIT_PERCENT ? " PERCENT" : "");
	so_put(pr, query->hdr.flags & SO_NF_WITH_TIES ? " ROWS WITH TIES" : " ROWS ONLY");
}

/* OFFSET n ROWS FETCH NEXT m ROWS ONLY */
static void put_offset_rows(struct printer *pr, const struct so_n_query *query)
{
	put_clause_expr(pr, "OFFSET ", so_rare_query(pr->ast, query)->offset);
	so_put(pr, " ROWS");
	if (query->limit) {
		put_clause(pr, "FETCH NEXT ");
		so_put_expr(pr, query->limit, SO_LV_ANY);
		so_put(pr, " ROWS ONLY");
	}
}

void so_put_query_hints(struct printer *pr, struct so_list hints)
{
	if (!hints.count)
		return;
	put_clause(pr, "OPTION (");
	so_put_list(pr, hints, so_put_tsql_item);
	so_put(pr, ")");
}

static void put_tail(struct printer *pr, const struct so_n_query *query)
{
	const struct so_rare_query *rare = so_rare_query(pr->ast, query);
	bool fetch =
		!so_features_have(&pr->features, SO_FEAT_LIMIT) && so_features_have(&pr->features, SO_FEAT_NO_ALIAS_AS);
	bool siblings = (query->hdr.flags & SO_NF_SIBLINGS) && so_features_have(&pr->features, SO_FEAT_CONNECT_BY);

	put_clause_list(pr, siblings ? "ORDER SIBLINGS BY " : "ORDER BY ", query->order_by, so_put_sort);
	if (fetch) {
		put_fetch(pr, query);
		for (uint32_t i = 0; i < rare->locking.count; i++)
			put_locking(pr, so_list_get(pr->ast, rare->locking, i));
		if (rare->format) {
			put_clause(pr, "");
			so_put_node(pr, rare->format);
		}
		return;
	}
	if (rare->limit_style & (SO_LIMIT_TOP | SO_LIMIT_OFFSET_ROWS) || rare->format) {
		if (rare->limit_style & SO_LIMIT_OFFSET_ROWS)
			put_offset_rows(pr, query);
		if (rare->format) {
			put_clause(pr, "");
			so_put_tsql_item(pr, rare->format);
		}
		so_put_query_hints(pr, rare->hints);
		return;
	}
	put_clause_expr(pr, "OFFSET ", rare->offset && (query->hdr.flags & SO_NF_WITH_TIES) ? rare->offset : 0);
	if (query->limit && (query->hdr.flags & SO_NF_WITH_TIES)) {
		put_clause(pr, "FETCH FIRST ");
		so_put_expr(pr, query->limit, SO_LV_PRIMARY);
		so_put(pr, " ROWS WITH TIES");
	} else {
		put_clause_expr(pr, "LIMIT ", query->limit);
		put_clause_expr(pr, "OFFSET ", rare->offset);
	}
	for (uint32_t i = 0; i < rare->locking.count; i++)
		put_locking(pr, so_list_get(pr->ast, rare->locking, i));
	so_put_query_hints(pr, rare->hints);
}

static bool has_tail(const struct so_ast *ast, const struct so_n_query *query)
{
	const struct so_rare_query *rare = so_rare_query(ast, query);

	return query->with || query->order_by.count || (query->limit && !(rare->limit_style & SO_LIMIT_TOP)) ||
	       rare->offset || rare->locking.count || rare->format || rare->hints.count;
}

static bool operand_needs_parens(const struct printer *pr, so_ref ref, uint32_t op, bool right)
{
	uint32_t inner;

	if (so_features_have(&pr->features, SO_FEAT_FLAT_SETS))
		return false;
	if (has_tail(pr->ast, so_as_query(pr->ast, ref)))
		return true;
	if (so_ast_kind(pr->ast, ref) != SO_N_SETOP)
		return false;
	inner = GET(pr, setop, ref)->op;
	/* one level for all of them */
	if (so_features_have(&pr->features, SO_FEAT_MINUS))
		return right;
	if (op == SO_INTERSECT)
		return right || inner != SO_INTERSECT;
	return right && inner != SO_INTERSECT;
}

static void put_query_core(struct printer *pr, so_ref ref);

static void put_operand(struct printer *pr, so_ref ref, uint32_t op, bool right)
{
	/* what cannot be an operand there is one as a table */
	if (so_features_have(&pr->features, SO_FEAT_FLAT_SETS) &&
		(has_tail(pr->ast, so_as_query(pr->ast, ref)) || (right && so_ast_kind(pr->ast, ref) == SO_N_SETOP))) {
		so_put(pr, "SELECT * FROM ");
		so_put_paren_query(pr, ref);
		return;
	}
	if (operand_needs_parens(pr, ref, op, right))
		so_put_paren_query(pr, ref);
	else
		put_query_core(pr, ref);
}

/* a UNION b UNION c ...: down the left side first, without recursion. */
static void put_setop(struct printer *pr, so_ref ref)
{
	static const char *const words[] = { "UNION", "INTERSECT", "EXCEPT" };
	size_t mark = pr->count;

	for (;;) {
		const struct so_n_setop *node = GET(pr, setop, ref);

		so_put_push(pr, ref);
		if (so_ast_kind(pr->ast, node->left) != SO_N_SETOP ||
			operand_needs_parens(pr, node->left, node->op, false))
			break;
		ref = node->left;
	}
	put_operand(pr, GET(pr, setop, ref)->left, GET(pr, setop, ref)->op, false);
	while (pr->count > mark) {
		const struct so_n_setop *node = GET(pr, setop, pr->stack[--pr->count]);

		put_clause(pr, node->op == SO_EXCEPT && so_features_have(&pr->features, SO_FEAT_MINUS)
				       ? "MINUS"
				       : words[node->op]);
		if (node->hdr.flags & SO_NF_ALL)
			so_put(pr, " ALL");
		so_put_break(pr);
		put_operand(pr, node->right, node->op, true);
	}
}

static void put_values_row(struct printer *pr, so_ref ref)
{
	if (so_put_flag(pr, ref, SO_NF_STAR)) {
		so_put_list(pr, GET(pr, row, ref)->items, so_put_expr_item);
		return;
	}
	so_put(pr, so_put_flag(pr, ref, SO_NF_ALL) && is_my(pr) ? "ROW(" : "(");
	so_put_list(pr, GET(pr, row, ref)->items, so_put_expr_item);
	so_put(pr, ")");
}

static void put_query_core(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_SELECT:
		put_select(pr, ref);
		return;
	case SO_N_SETOP:
		put_setop(pr, ref);
		return;
	default:
		so_put_rows(pr, GET(pr, values, ref)->rows, put_values_row);
	}
}

static void put_query(struct printer *pr, so_ref ref)
{
	const struct so_n_query *query = so_as_query(pr->ast, ref);

	if (query->with) {
		so_put_with(pr, query->with);
		so_put_break(pr);
	}
	put_query_core(pr, ref);
	if (is_my(pr))
		so_put_my_tail(pr, ref);
	else
		put_tail(pr, query);
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

/* A statement, or a query of any kind. */
void so_put_statement(struct printer *pr, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(pr->ast, ref);

	if (so_kind_is_query(kind))
		put_query(pr, ref);
	else if (so_kind_is_dml(kind) && !put_own(pr, ref))
		so_put_dml(pr, ref);
	else if (so_kind_is_dml(kind))
		return;
	else
		so_put_node(pr, ref);
}

/* A part of a text, indented as the line is that it begins in. */
static void put_embedded(struct printer *pr, so_ref part)
{
	size_t margin = pr->margin, len = pr->margin_len, at = pr->buf->len;
	unsigned indent = pr->indent;

	if (pr->pretty) {
		while (at && pr->buf->data[at - 1] != '\n')
			at--;
		pr->margin = at;
		while (at < pr->buf->len && (pr->buf->data[at] == ' ' || pr->buf->data[at] == '\t'))
			at++;
		pr->margin_len = at - pr->margin;
		pr->indent = 0;
	}
	so_put_node(pr, part);
	pr->margin = margin;
	pr->margin_len = len;
	pr->indent = indent;
}

/* Its statements and expressions from the tree, what lies between them as it was written. */
static void put_parts(struct printer *pr, so_ref ref)
{
	const struct so_n_opaque *node = GET(pr, opaque, ref);
	struct so_text text = so_ast_source_of(pr->ast, ref);
	const char *from = text.s, *end = text.s + text.len;

	for (uint32_t i = 0; i < node->parts.count; i++) {
		so_ref part = so_list_get(pr->ast, node->parts, i);
		struct so_text own = so_ast_source_of(pr->ast, part);

		if (own.s < from || own.s + own.len > end || !own.len)
			continue;
		so_put_text(pr, (struct so_text){ from, (size_t)(own.s - from) });
		put_embedded(pr, part);
		from = own.s + own.len;
	}
	so_put_text(pr, (struct so_text){ from, (size_t)(end - from) });
}

static void put_opaque(struct printer *pr, so_ref ref)
{
	const struct so_n_opaque *node = GET(pr, opaque, ref);
	struct so_text tail = so_ast_str(pr->ast, node->tail);

	if (!node->text.len) {
		put_parts(pr, ref);
		return;
	}
	so_put_text(pr, so_ast_str(pr->ast, node->text));
	if (node->inner) {
		if (pr->buf->data[pr->buf->len - 1] == '(')
			so_put(pr, " ");
		else
			so_put_break(pr);
		so_put_statement(pr, node->inner);
	}
	if (tail.len)
		so_put(pr, " ");
	so_put_text(pr, tail);
}

/* GO between batches: on a line of its own, without semicolons around it. */
static bool is_batch_end(const struct printer *pr, so_ref ref)
{
	return so_ast_kind(pr->ast, ref) == SO_N_OPAQUE && so_ast_name_is(pr->ast, GET(pr, opaque, ref)->verb, "go");
}

static void put_block(struct printer *pr, const struct so_n_block *node)
{
	bool after_go = false;
	/* a script, with an empty line between its statements; not the body of something */
	bool script = pr->pretty && !pr->buf->len;

	for (uint32_t i = 0; i < node->statements.count; i++) {
		so_ref statement = so_list_get(pr->ast, node->statements, i);

		if (is_batch_end(pr, statement)) {
			so_put(pr, script ? "\nGO\n\n" : "\nGO\n");
			after_go = true;
			continue;
		}
		if (i && !after_go) {
			so_put(pr, script ? ";\n" : ";");
			so_put_break(pr);
		}
		after_go = false;
		/* a body may be one query in parentheses */
		if (so_kind_is_query(so_ast_kind(pr->ast, statement)) && so_put_flag(pr, statement, SO_NF_PAREN))
			so_put_paren_query(pr, statement);
		else
			so_put_statement(pr, statement);
	}
}

/* Parts of statements; some have no text outside their parents. False for other kinds. */
static bool put_part(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_NONE:
	case SO_N_WHEN:
	case SO_N_SEARCH:
	case SO_N_CYCLE:
	case SO_N_SAMPLE:
		return true;
	case SO_N_NAME:
		so_put_name_node(pr, ref);
		return true;
	case SO_N_PHRASE:
		so_put_phrase(pr, ref);
		return true;
	case SO_N_WORD:
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, ref)->text));
		return true;
	case SO_N_TYPE:
		so_put_type(pr, ref);
		return true;
	case SO_N_WINDOW:
		so_put_window(pr, ref);
		return true;
	case SO_N_SORT:
		so_put_sort(pr, ref);
		return true;
	case SO_N_CTE:
		put_cte(pr, ref);
		return true;
	case SO_N_TARGET:
		so_put_target(pr, ref);
		return true;
	case SO_N_INTO:
		put_into(pr, ref);
		return true;
	case SO_N_LOCKING:
		put_locking(pr, ref);
		return true;
	case SO_N_ALIAS:
		so_put_alias(pr, ref);
		return true;
	case SO_N_COLDEF:
		so_put_coldef(pr, ref);
		return true;
	default:
		return false;
	}
}

void so_put_node(struct printer *pr, so_ref ref)
{
	if (so_features_have(&pr->features, SO_FEAT_ORACLE_DDL) && so_put_oracle_ddl(pr, ref))
		return;
	if (put_own(pr, ref) || put_part(pr, ref) || (is_my(pr) && so_put_my_ddl(pr, ref)) || so_put_ddl(pr, ref))
		return;
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_SELECT:
	case SO_N_SETOP:
	case SO_N_VALUES:
		put_query(pr, ref);
		return;
	case SO_N_INSERT:
	case SO_N_UPDATE:
	case SO_N_DELETE:
	case SO_N_MERGE:
	case SO_N_ON_CONFLICT:
	case SO_N_INDEX_ELEM:
	case SO_N_ASSIGN:
	case SO_N_MERGE_WHEN:
		so_put_dml(pr, ref);
		return;
	case SO_N_WITH:
		so_put_with(pr, ref);
		return;
	case SO_N_TABLE:
	case SO_N_FROM_QUERY:
	case SO_N_FROM_FUNC:
	case SO_N_FROM_XML:
	case SO_N_FROM_CLAUSE:
	case SO_N_JOIN:
		so_put_from_item(pr, ref);
		return;
	case SO_N_WORD:
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, ref)->text));
		return;
	case SO_N_PHRASE:
		so_put_phrase(pr, ref);
		return;
	case SO_N_HIERARCHY:
		so_put_hierarchy(pr, ref);
		return;
	case SO_N_INSERT_ALL:
		so_put_insert_all(pr, ref);
		return;
	case SO_N_OPAQUE:
		put_opaque(pr, ref);
		return;
	case SO_N_BLOCK:
		put_block(pr, GET(pr, block, ref));
		return;
	default:
		so_put_expr(pr, ref, SO_LV_ANY);
	}
}
