/* Indexes, ALTER TABLE and ALTER INDEX of T-SQL. */
#include "sql/tsql/parse.h"

/* ---- Indexes ---------------------------------------------------------------------------------------------------- */

/* The words between UNIQUE, CLUSTERED .. and INDEX that name another kind of index. */
static struct so_name index_kind(struct parse *p)
{
	static const char *const kinds[] = { "columnstore", "primary xml", "xml", "spatial", "fulltext",
		"selective xml", "vector", "json" };
	bool primary = false, selective = false;
	const char *kind = NULL;

	for (; !at_kw(p, SO_KW_index) && !at_end(p); advance(p)) {
		primary = primary || at_kw(p, SO_KW_primary);
		selective = selective || so_parse_at_word(p, 0, "selective");
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
			if (so_parse_at_word(p, 0, kinds[i]))
				kind = kinds[i];
	}
	if (primary)
		kind = kinds[1];
	if (selective)
		kind = kinds[5];
	return kind ? so_parse_made_name(p, kind) : (struct so_name){ 0 };
}

static bool at_clause(const struct parse *p)
{
	return at_kw(p, SO_KW_with) || at_kw(p, SO_KW_on) || at_kw(p, SO_KW_using) || at_kw(p, SO_KW_key) ||
	       so_tsql_at_statement_end(p);
}

/* USING XML INDEX x FOR PATH, KEY INDEX k, FOR (..), ORDER (..): before and between the clauses of storage. */
static void other_clauses(struct parse *p, struct so_n_create_index *node)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		struct so_list storage = so_tsql_storage(p);

		for (uint32_t i = 0; i < storage.count; i++)
			so_parse_push(p, so_list_get(p->ast, storage, i));
		if (!at_kw(p, SO_KW_using) && !at_kw(p, SO_KW_key) && !at_kw(p, SO_KW_for) && !at_kw(p, SO_KW_order))
			break;
		so_parse_push(p, so_tsql_item(p, at_clause));
	}
	node->options = so_parse_take(p, mark);
}

so_ref so_tsql_index(struct parse *p, uint32_t first, unsigned bits)
{
	so_ref ref;
	struct so_n_create_index *node;
	bool fulltext;

	advance(p);
	ref = so_parse_node(p, SO_N_CREATE_INDEX, first);
	node = AS(p, create_index, ref);
	node->bits = bits;
	for (; at_kw(p, SO_KW_unique) || at_kw(p, SO_KW_clustered) || at_kw(p, SO_KW_nonclustered);)
		advance(p);
	node->method = index_kind(p);
	fulltext = (bits & SO_DDL_FULLTEXT) != 0;
	so_parse_expect_kw(p, SO_KW_index);
	if (!fulltext)
		node->name = so_parse_name(p, SO_USE_COLUMN);
	so_parse_expect_kw(p, SO_KW_on);
	node->table = so_tsql_table_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->keys = fulltext ? so_tsql_items(p) : so_parse_paren_list(p, so_tsql_key);
	if (at_kw(p, SO_KW_include) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		node->include = so_parse_name_list(p);
	}
	if (accept_kw(p, SO_KW_where))
		node->where = so_parse_expr(p);
	other_clauses(p, node);
	return so_parse_done(p, ref);
}

/* ---- ALTER TABLE ------------------------------------------------------------------------------------------------- */

static so_ref action(struct parse *p, uint32_t first, enum so_alter_type type)
{
	so_ref ref = so_parse_node(p, SO_N_ALTER_ACTION, first);

	NEW(p, alter_action, ref)->type = type;
	return ref;
}

static void add(struct parse *p, uint32_t first, unsigned bits)
{
	so_ref ref;
	struct so_list items;
	bool paren;

	advance(p);
	accept_kw(p, SO_KW_column);
	paren = at(p, SO_TOK_LPAREN);
	items = paren ? so_tsql_table_elems(p) : so_parse_list(p, so_tsql_table_elem);
	ref = action(p, first, SO_ALTER_ADD_COLUMN);
	AS(p, alter_action, ref)->items = items;
	AS(p, alter_action, ref)->bits = bits;
	so_parse_push(p, ref);
}

/* DROP [[CONSTRAINT] [IF EXISTS] a, b, COLUMN [IF EXISTS] c, d]: the word holds for the names behind it. */
static void drop(struct parse *p)
{
	enum so_alter_type type = SO_ALTER_DROP_CONSTRAINT;

	advance(p);
	do {
		uint32_t first = p->pos;
		so_ref ref;
		unsigned bits = 0;

		if (accept_kw(p, SO_KW_constraint))
			type = SO_ALTER_DROP_CONSTRAINT;
		else if (accept_kw(p, SO_KW_column))
			type = SO_ALTER_DROP_COLUMN;
		else if (accept_kw(p, SO_KW_index))
			type = SO_ALTER_DROP_INDEX;
		if (accept_kw2(p, SO_KW_if, SO_KW_exists))
			bits = SO_DDL_IF_EXISTS;
		ref = action(p, first, type);
		AS(p, alter_action, ref)->bits = bits;
		AS(p, alter_action, ref)->name = so_parse_name(p, SO_USE_COLUMN);
		AS(p, alter_action, ref)->items = so_tsql_storage(p);
		so_parse_push(p, so_parse_done(p, ref));
	} while (accept(p, SO_TOK_COMMA));
}

static bool at_action_end(const struct parse *p)
{
	return so_tsql_at_statement_end(p);
}

/* ALTER COLUMN c DROP MASKED */
static bool at_property_end(const struct parse *p)
{
	return so_tsql_at_statement_end(p) && !at_kw(p, SO_KW_drop);
}

/* Any other change as its words. */
static void other(struct parse *p, so_tsql_stop stop)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	struct so_list items;
	so_ref ref;

	do {
		so_parse_push(p, so_tsql_item(p, stop));
	} while (accept(p, SO_TOK_COMMA));
	items = so_parse_take(p, mark);
	ref = action(p, first, SO_ALTER_OTHER);
	AS(p, alter_action, ref)->items = items;
	so_parse_push(p, ref);
}

/* ALTER COLUMN c type .., or ALTER COLUMN c ADD | DROP property */
static void alter_column(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref, def;

	if (kw_at(p, 3) == SO_KW_add || kw_at(p, 3) == SO_KW_drop) {
		other(p, at_property_end);
		return;
	}
	so_parse_move(p, 2);
	def = so_tsql_column_def(p);
	ref = action(p, first, SO_ALTER_MODIFY_COLUMN);
	AS(p, alter_action, ref)->def = def;
	AS(p, alter_action, ref)->items = so_tsql_storage(p);
	so_parse_push(p, so_parse_done(p, ref));
}

static void table_actions(struct parse *p)
{
	uint32_t first = p->pos;

	if (at_kw(p, SO_KW_with) && kw_at(p, 2) == SO_KW_add) {
		bool check = kw_at(p, 1) == SO_KW_check;

		so_parse_move(p, 2);
		add(p, first, check ? SO_DDL_ENFORCED : SO_DDL_NOT_VALID);
	} else if (at_kw(p, SO_KW_add) && !so_parse_at_word(p, 1, "sensitivity")) {
		add(p, first, 0);
	} else if (at_kw(p, SO_KW_drop) && !so_parse_at_word(p, 1, "period")) {
		drop(p);
	} else if (at_kw(p, SO_KW_alter) && kw_at(p, 1) == SO_KW_column) {
		alter_column(p);
	} else {
		other(p, at_action_end);
	}
}

static so_ref finish(struct parse *p, uint32_t first, enum so_object object, so_ref target, size_t mark)
{
	struct so_list actions = so_parse_take(p, mark);
	so_ref ref = so_parse_node(p, SO_N_ALTER, first);

	NEW(p, alter, ref)->object = object;
	NEW(p, alter, ref)->target = target;
	NEW(p, alter, ref)->actions = actions;
	return ref;
}

/* ---- ALTER INDEX, UPDATE STATISTICS -------------------------------------------------------------------------------
 */

static so_ref alter_index(struct parse *p, uint32_t first, bool fulltext)
{
	size_t mark = so_parse_mark(p);
	struct so_name name = { 0 };
	so_ref table, ref;

	so_parse_move(p, fulltext ? 3 : 2);
	if (!fulltext)
		name = so_parse_name(p, at_kw(p, SO_KW_all) ? SO_USE_FIELD : SO_USE_COLUMN);
	so_parse_expect_kw(p, SO_KW_on);
	table = so_tsql_table_name(p);
	if (at_action_end(p) && !at_kw(p, SO_KW_set))
		so_parse_unexpected(p);
	other(p, at_action_end);
	ref = finish(p, first, SO_OBJ_INDEX, table, mark);
	if (p->failed)
		return ref;
	AS(p, alter, ref)->bits = fulltext ? SO_DDL_FULLTEXT : 0;
	AS(p, alter_action, so_list_get(p->ast, AS(p, alter, ref)->actions, 0))->name = name;
	return ref;
}

static so_ref update_statistics(struct parse *p, uint32_t first)
{
	size_t mark = so_parse_mark(p);
	so_ref table;

	so_parse_move(p, 2);
	table = so_tsql_table_name(p);
	if (!at_action_end(p))
		other(p, at_action_end);
	return finish(p, first, SO_OBJ_STATISTICS, table, mark);
}

so_ref so_tsql_alter_table(struct parse *p, uint32_t first)
{
	size_t mark = so_parse_mark(p);
	so_ref table;

	if (at_kw(p, SO_KW_update))
		return update_statistics(p, first);
	if (kw_at(p, 1) == SO_KW_index)
		return alter_index(p, first, false);
	if (so_parse_at_word(p, 1, "fulltext") && kw_at(p, 2) == SO_KW_index)
		return alter_index(p, first, true);
	if (kw_at(p, 1) != SO_KW_table)
		return 0;
	so_parse_move(p, 2);
	table = so_tsql_table_name(p);
	table_actions(p);
	return finish(p, first, SO_OBJ_TABLE, table, mark);
}
