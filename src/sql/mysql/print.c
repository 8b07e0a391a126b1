/* What MySQL and MariaDB write in their own way. */
#include "sql/print/printer.h"

/* ---- Types and functions ----------------------------------------------------------------------------------------- */

static void put_upper(struct printer *pr, struct so_text text)
{
	for (size_t i = 0; i < text.len; i++)
		so_buf_addc(pr->buf, (char)(text.s[i] >= 'a' && text.s[i] <= 'z' ? text.s[i] - 32 : text.s[i]));
}

void so_put_my_type(struct printer *pr, so_ref ref)
{
	const struct so_n_type *node;

	if (so_ast_kind(pr->ast, ref) != SO_N_TYPE)
		return; /* cut off */
	node = GET(pr, type, ref);
	if (node->builtin)
		put_upper(pr, so_ast_name(pr->ast, node->name));
	else
		so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
	if (node->mods.count) {
		so_put(pr, "(");
		so_put_list(pr, node->mods, so_put_expr_item);
		so_put(pr, ")");
	}
	so_put_phrases(pr, node->extra);
}

static so_ref arg(const struct printer *pr, const struct so_n_func *node, uint32_t i)
{
	return so_list_get(pr->ast, node->args, i);
}

static void put_match(struct printer *pr, const struct so_n_func *node)
{
	static const char *const modes[] = { ")", " IN NATURAL LANGUAGE MODE)", " IN BOOLEAN MODE)",
		" WITH QUERY EXPANSION)", " IN NATURAL LANGUAGE MODE WITH QUERY EXPANSION)" };
	uint32_t last = node->args.count - 1;

	so_put(pr, "MATCH (");
	for (uint32_t i = 0; i < last; i++) {
		so_put(pr, i ? ", " : "");
		so_put_expr(pr, arg(pr, node, i), SO_LV_ANY);
	}
	so_put(pr, ") AGAINST (");
	so_put_expr(pr, arg(pr, node, last), (enum so_level)(SO_LV_LIKE + 1));
	so_put(pr, modes[node->option]);
}

/* Functions with words between their arguments; false for others. */
bool so_put_my_func(struct printer *pr, const struct so_n_func *node)
{
	switch ((enum so_func_syntax)node->syntax) {
	case SO_FS_WORDS:
		put_upper(pr, so_ast_name(pr->ast, node->name));
		so_put(pr, "(");
		so_put_list(pr, node->args, so_put_node);
		so_put(pr, ")");
		return true;
	case SO_FS_INTERVAL:
		so_put(pr, "INTERVAL ");
		so_put_expr(pr, arg(pr, node, 0), SO_LV_ANY);
		so_put(pr, " ");
		put_upper(pr, so_ast_str(pr->ast, GET(pr, const, arg(pr, node, 1))->value));
		return true;
	case SO_FS_EXTRACT:
		so_put(pr, "EXTRACT(");
		put_upper(pr, so_ast_str(pr->ast, GET(pr, const, arg(pr, node, 0))->value));
		so_put(pr, " FROM ");
		so_put_expr(pr, arg(pr, node, 1), SO_LV_ANY);
		so_put(pr, ")");
		return true;
	case SO_FS_MATCH:
		put_match(pr, node);
		return true;
	case SO_FS_INTRODUCER:
		so_put_text(pr, so_ast_name(pr->ast, node->name));
		so_put(pr, " ");
		so_put_expr(pr, arg(pr, node, 0), SO_LV_PRIMARY);
		return true;
	case SO_FS_CONVERT_USING:
		so_put(pr, "CONVERT(");
		so_put_expr(pr, arg(pr, node, 0), SO_LV_ANY);
		so_put(pr, " USING ");
		so_put_node(pr, arg(pr, node, 1));
		so_put(pr, ")");
		return true;
	case SO_FS_MEMBER_OF:
		so_put_expr(pr, arg(pr, node, 0), (enum so_level)(pr->traits->like_level + 1));
		so_put(pr, " MEMBER OF (");
		so_put_expr(pr, arg(pr, node, 1), SO_LV_UNARY);
		so_put(pr, ")");
		return true;
	case SO_FS_NEXT_VALUE:
		so_put(pr, so_ast_name_is(pr->ast, node->name, "lastval") ? "PREVIOUS VALUE FOR " : "NEXT VALUE FOR ");
		so_put_node(pr, arg(pr, node, 0));
		return true;
	default:
		return false;
	}
}

/* ---- Queries ---------------------------------------------------------------------------------------------------- */

static void put_words(struct printer *pr, const char *words)
{
	so_put_break(pr);
	so_put(pr, words);
}

static void put_expr_clause(struct printer *pr, const char *words, so_ref ref)
{
	if (!ref)
		return;
	put_words(pr, words);
	so_put_expr(pr, ref, SO_LV_ANY);
}

static void put_list_clause(
	struct printer *pr, const char *words, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	if (!list.count)
		return;
	put_words(pr, words);
	so_put_list(pr, list, item);
}

static void put_hints(struct printer *pr, struct so_list hints)
{
	for (uint32_t i = 0; i < hints.count; i++) {
		so_ref ref = so_list_get(pr->ast, hints, i);

		if (so_ast_kind(pr->ast, ref) != SO_N_OPTION)
			continue;
		so_put(pr, " /*+");
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, option, ref)->name));
		so_put(pr, "*/");
	}
}

/* 0: none */
static void put_into(struct printer *pr, so_ref ref)
{
	const struct so_n_into *node;

	if (!ref)
		return;
	node = GET(pr, into, ref);
	put_words(pr, "INTO ");
	if (node->file)
		so_put_phrase(pr, node->file);
	else
		so_put_list(pr, node->targets, so_put_node);
}

static void put_group(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) != SO_N_GROUPING || GET(pr, grouping, ref)->type != SO_GROUPING_WITH_ROLLUP) {
		so_put_sort(pr, ref);
		return;
	}
	so_put_list(pr, GET(pr, grouping, ref)->items, so_put_sort);
	so_put(pr, " WITH ROLLUP");
}

/* SELECT up to what is shared with set operations. `extra` begins with the modifiers; QUALIFY is the last. */
/* The clause behind all others, among the words that stand in front of the select list. */
static bool is_qualify(const struct printer *pr, so_ref ref)
{
	struct so_list items =
		so_ast_kind(pr->ast, ref) == SO_N_PHRASE ? GET(pr, phrase, ref)->items : (struct so_list){ 0 };
	so_ref first = items.count ? so_list_get(pr->ast, items, 0) : 0;

	return so_ast_kind(pr->ast, first) == SO_N_WORD &&
	       so_ast_name_is(pr->ast, GET(pr, word, first)->text, "QUALIFY");
}

void so_put_my_select(struct printer *pr, so_ref ref)
{
	const struct so_n_select *node = GET(pr, select, ref);
	const struct so_rare_select *rare = so_rare_select(pr->ast, node);
	so_ref last = rare->extra.count ? so_list_get(pr->ast, rare->extra, rare->extra.count - 1) : 0;
	bool qualify = is_qualify(pr, last);

	so_put(pr, "SELECT");
	put_hints(pr, rare->hints);
	if (node->hdr.flags & SO_NF_DISTINCT)
		so_put(pr, " DISTINCT");
	so_put_phrases(pr, (struct so_list){ rare->extra.items, rare->extra.count - (qualify ? 1 : 0) });
	so_put_lines(pr, node->targets, so_put_target);
	put_list_clause(pr, "FROM ", node->from, so_put_from_item);
	if (!node->from.count && (node->where || node->group_by.count || node->having))
		put_words(pr, "FROM DUAL");
	put_expr_clause(pr, "WHERE ", node->where);
	put_list_clause(pr, "GROUP BY ", node->group_by, put_group);
	put_expr_clause(pr, "HAVING ", node->having);
	put_list_clause(pr, "WINDOW ", rare->windows, so_put_window);
	if (qualify) {
		so_put(pr, " ");
		so_put_phrase(pr, last);
	}
}

static void put_locking(struct printer *pr, so_ref ref)
{
	static const char *const waits[] = { "", " SKIP LOCKED", " NOWAIT" };
	const struct so_n_locking *node = GET(pr, locking, ref);

	if (node->hdr.flags & SO_NF_ALL)
		put_words(pr, "LOCK IN SHARE MODE");
	else
		put_words(pr, node->strength == SO_LOCK_UPDATE ? "FOR UPDATE" : "FOR SHARE");
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

static void put_limit(struct printer *pr, const struct so_n_query *query)
{
	const struct so_rare_query *rare = so_rare_query(pr->ast, query);

	if (rare->limit_style & (SO_LIMIT_FETCH | SO_LIMIT_OFFSET_ROWS)) {
		put_expr_clause(pr, "OFFSET ", rare->offset);
		so_put(pr, rare->offset ? " ROWS" : "");
		put_expr_clause(pr, "FETCH FIRST ", query->limit);
		if (query->limit)
			so_put(pr, query->hdr.flags & SO_NF_WITH_TIES ? " ROWS WITH TIES" : " ROWS ONLY");
	} else {
		put_expr_clause(pr, "LIMIT ", query->limit);
		if (rare->format && !query->limit)
			put_words(pr, "LIMIT");
		if (rare->offset) {
			so_put(pr, " OFFSET ");
			so_put_expr(pr, rare->offset, SO_LV_PRIMARY);
		}
	}
	if (rare->format) {
		so_put(pr, " ");
		so_put_phrase(pr, rare->format);
	}
}

void so_put_my_tail(struct printer *pr, so_ref ref)
{
	const struct so_n_query *query = so_as_query(pr->ast, ref);
	const struct so_rare_query *rare = so_rare_query(pr->ast, query);

	put_list_clause(pr, "ORDER BY ", query->order_by, so_put_sort);
	put_limit(pr, query);
	for (uint32_t i = 0; i < rare->hints.count; i++) {
		so_ref hint = so_list_get(pr->ast, rare->hints, i);

		if (so_ast_kind(pr->ast, hint) == SO_N_PHRASE) {
			so_put(pr, " ");
			so_put_phrase(pr, hint);
		}
	}
	if (so_ast_kind(pr->ast, ref) == SO_N_SELECT)
		put_into(pr, so_rare_select(pr->ast, GET(pr, select, ref))->into);
	else if (so_ast_kind(pr->ast, ref) == SO_N_SETOP)
		put_into(pr, so_rare_setop(pr->ast, GET(pr, setop, ref))->into);
	for (uint32_t i = 0; i < rare->locking.count; i++)
		put_locking(pr, so_list_get(pr->ast, rare->locking, i));
}

/* ---- Statements that change data -------------------------------------------------------------------------------- */

static void put_column_list(struct printer *pr, struct so_list columns)
{
	so_put(pr, " (");
	so_put_list(pr, columns, so_put_expr_item);
	so_put(pr, ")");
}

static void put_row(struct printer *pr, so_ref ref)
{
	so_put(pr, "(");
	so_put_list(pr, GET(pr, row, ref)->items, so_put_expr_item);
	so_put(pr, ")");
}

/* SET a = 1, b = 2 */
static void put_set_form(struct printer *pr, const struct so_n_insert *node)
{
	so_ref row = so_list_get(pr->ast, GET(pr, values, node->query)->rows, 0);
	struct so_list items = GET(pr, row, row)->items;

	put_words(pr, "SET ");
	for (uint32_t i = 0; i < node->columns.count && i < items.count; i++) {
		so_put(pr, i ? ", " : "");
		so_put_expr(pr, so_list_get(pr->ast, node->columns, i), SO_LV_ANY);
		so_put(pr, " = ");
		so_put_expr(pr, so_list_get(pr->ast, items, i), SO_LV_ANY);
	}
}

static void put_source(struct printer *pr, const struct so_n_insert *node)
{
	const struct so_n_values *values;

	if (node->hdr.flags & SO_NF_STAR) {
		put_set_form(pr, node);
		return;
	}
	if (node->columns.count || (node->hdr.flags & SO_NF_ONLY))
		put_column_list(pr, node->columns);
	so_put_break(pr);
	if (so_ast_kind(pr->ast, node->query) != SO_N_VALUES) {
		so_put_statement(pr, node->query);
		return;
	}
	values = GET(pr, values, node->query);
	if (so_put_flag(pr, so_list_get(pr->ast, values->rows, 0), SO_NF_ALL)) {
		so_put_statement(pr, node->query);
		return;
	}
	so_put_rows(pr, values->rows, put_row);
}

static void put_insert(struct printer *pr, const struct so_n_insert *node)
{
	so_put(pr, node->hdr.flags & SO_NF_ALL ? "REPLACE" : "INSERT");
	put_hints(pr, node->hints);
	so_put_phrases(pr, node->extra);
	so_put(pr, " INTO ");
	so_put_from_item(pr, node->table);
	put_source(pr, node);
	if (node->alias)
		so_put_node(pr, node->alias);
	if (node->on_conflict)
		put_list_clause(
			pr, "ON DUPLICATE KEY UPDATE ", GET(pr, on_conflict, node->on_conflict)->sets, so_put_node);
}

static void put_order_limit(struct printer *pr, struct so_list order_by, so_ref limit)
{
	put_list_clause(pr, "ORDER BY ", order_by, so_put_sort);
	put_expr_clause(pr, "LIMIT ", limit);
}

static void put_update(struct printer *pr, const struct so_n_update *node)
{
	so_put(pr, "UPDATE");
	put_hints(pr, node->hints);
	so_put_phrases(pr, node->extra);
	so_put(pr, " ");
	if (node->table)
		so_put_from_item(pr, node->table);
	so_put_list(pr, node->from, so_put_from_item);
	put_words(pr, "SET");
	so_put_lines(pr, node->sets, so_put_node);
	put_expr_clause(pr, "WHERE ", node->where);
	put_order_limit(pr, node->order_by, node->limit);
}

static void put_delete(struct printer *pr, const struct so_n_delete *node)
{
	bool using = (node->hdr.flags & SO_NF_ALL) != 0, history = (node->hdr.flags & SO_NF_STAR) != 0;

	so_put(pr, history ? "DELETE HISTORY FROM " : "DELETE");
	put_hints(pr, node->hints);
	if (!history)
		so_put_phrases(pr, node->extra);
	if (node->table) {
		so_put(pr, history ? "" : " FROM ");
		so_put_from_item(pr, node->table);
	} else {
		so_put(pr, using ? " FROM " : " ");
		so_put_list(pr, node->targets, so_put_from_item);
		put_list_clause(pr, using ? "USING " : "FROM ", node->using, so_put_from_item);
	}
	if (history)
		so_put_phrases(pr, node->extra);
	put_expr_clause(pr, "WHERE ", node->where);
	put_order_limit(pr, node->order_by, node->limit);
}

bool so_put_my_dml(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_INSERT:
		put_insert(pr, GET(pr, insert, ref));
		return true;
	case SO_N_UPDATE:
		put_update(pr, GET(pr, update, ref));
		return true;
	case SO_N_DELETE:
		put_delete(pr, GET(pr, delete, ref));
		return true;
	default:
		return false;
	}
}
