/* Tables, columns and constraints of T-SQL. */
#include "sql/tsql/parse.h"

static const struct so_list no_list;

/* ---- Clauses after tables, keys and indexes -----------------------------------------------------------------------
 */

static bool at_storage_end(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_on:
	case SO_KW_with:
	case SO_KW_as:
	case SO_KW_not:
	case SO_KW_null:
	case SO_KW_constraint:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_references:
	case SO_KW_foreign:
	case SO_KW_default:
	case SO_KW_identity:
	case SO_KW_for:
		return true;
	default:
		return so_parse_at_word(p, 0, "textimage_on") || so_parse_at_word(p, 0, "filestream_on") ||
		       so_tsql_at_statement_end(p);
	}
}

/* ON name, ON scheme (column): a filegroup, which may be a string or DEFAULT, too */
static so_ref place(struct parse *p, const char *word)
{
	uint32_t first = p->pos;

	advance(p);
	return so_parse_done(p, so_parse_made_option(p, first, word, so_tsql_item(p, at_storage_end), SO_OPTION_PLAIN));
}

static so_ref with_options(struct parse *p)
{
	uint32_t first = p->pos;

	advance(p);
	if (at(p, SO_TOK_LPAREN))
		return so_parse_done(p, so_tsql_clause(p, first, "WITH"));
	return so_parse_done(p, so_tsql_open_clause(p, first, "WITH", at_storage_end));
}

struct so_list so_tsql_storage(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		if (at_kw(p, SO_KW_with) && kw_at(p, 1) != SO_KW_values && kw_at(p, 1) != SO_KW_check)
			so_parse_push(p, with_options(p));
		else if (at_kw(p, SO_KW_on) && kw_at(p, 1) != SO_KW_delete && kw_at(p, 1) != SO_KW_update)
			so_parse_push(p, place(p, "ON"));
		else if (so_parse_at_word(p, 0, "textimage_on"))
			so_parse_push(p, place(p, "TEXTIMAGE_ON"));
		else if (so_parse_at_word(p, 0, "filestream_on"))
			so_parse_push(p, place(p, "FILESTREAM_ON"));
		else
			break;
	}
	return so_parse_take(p, mark);
}

/* ---- Constraints ------------------------------------------------------------------------------------------------ */

so_ref so_tsql_key(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);
	struct so_n_index_elem *node = NEW(p, index_elem, ref);
	uint32_t first = p->pos;
	struct so_name name = so_parse_name(p, SO_USE_COLUMN);

	node->expr = so_parse_node(p, SO_N_COLUMN, first);
	AS(p, column, node->expr)->name = name;
	if (accept_kw(p, SO_KW_asc))
		node->dir = SO_SORT_ASC;
	else if (accept_kw(p, SO_KW_desc))
		node->dir = SO_SORT_DESC;
	return so_parse_done(p, ref);
}

static uint32_t clustering(struct parse *p)
{
	if (accept_kw(p, SO_KW_clustered))
		return SO_DDL_CLUSTERED;
	return accept_kw(p, SO_KW_nonclustered) ? SO_DDL_NONCLUSTERED : 0;
}

static void not_for_replication(struct parse *p, struct so_n_constraint *node)
{
	if (!at_kw(p, SO_KW_not) || kw_at(p, 1) != SO_KW_for)
		return;
	so_parse_move(p, 3);
	node->bits |= SO_DDL_NOT_VALID;
}

static uint32_t key_action(struct parse *p)
{
	if (accept_kw(p, SO_KW_cascade))
		return SO_KEY_CASCADE;
	if (accept_kw2(p, SO_KW_set, SO_KW_null))
		return SO_KEY_SET_NULL;
	if (accept_kw2(p, SO_KW_set, SO_KW_default))
		return SO_KEY_SET_DEFAULT;
	so_parse_expect_kw(p, SO_KW_no);
	so_parse_expect_kw(p, SO_KW_action);
	return SO_KEY_NO_ACTION;
}

static void references(struct parse *p, struct so_n_constraint *node)
{
	so_parse_expect_kw(p, SO_KW_references);
	node->ref_table = so_tsql_table_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->ref_columns = so_parse_name_list(p);
	while (at_kw(p, SO_KW_on) && (kw_at(p, 1) == SO_KW_delete || kw_at(p, 1) == SO_KW_update)) {
		advance(p);
		if (accept_kw(p, SO_KW_delete)) {
			so_set_rare(p->ast, constraint, node, on_delete, key_action(p));
		} else {
			advance(p);
			so_set_rare(p->ast, constraint, node, on_update, key_action(p));
		}
	}
	not_for_replication(p, node);
}

static void key(struct parse *p, struct so_n_constraint *node, bool of_table)
{
	node->bits |= clustering(p);
	if (accept_kw(p, SO_KW_hash))
		so_set_rare(p->ast, constraint, node, method, so_parse_made_name(p, "hash"));
	if (at(p, SO_TOK_LPAREN) && (of_table || so_parse_is_name(p, peek_at(p, 1), SO_USE_COLUMN)))
		node->columns = so_parse_paren_list(p, so_tsql_key);
	else if (of_table)
		so_parse_unexpected(p);
	if (at_kw(p, SO_KW_not) && so_parse_at_word(p, 1, "enforced")) {
		so_parse_move(p, 2);
		node->bits |= SO_DDL_NOT_ENFORCED;
	}
	so_set_rare(p->ast, constraint, node, options, so_tsql_storage(p));
}

/* Inline index of a table: INDEX i [UNIQUE] [CLUSTERED] [COLUMNSTORE] (keys) INCLUDE (..) WHERE .. */
static void index_of_table(struct parse *p, struct so_n_constraint *node)
{
	struct so_list storage;
	size_t mark;

	node->type = SO_CON_KEY;
	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (accept_kw(p, SO_KW_unique))
		node->bits |= SO_DDL_UNIQUE;
	node->bits |= clustering(p);
	if (accept_kw(p, SO_KW_hash))
		so_set_rare(p->ast, constraint, node, method, so_parse_made_name(p, "hash"));
	else if (accept_kw(p, SO_KW_columnstore))
		so_set_rare(p->ast, constraint, node, method, so_parse_made_name(p, "columnstore"));
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_paren_list(p, so_tsql_key);
	if (at_kw(p, SO_KW_include) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		so_set_rare(p->ast, constraint, node, include, so_parse_name_list(p));
	}
	if (accept_kw(p, SO_KW_where))
		so_set_rare(p->ast, constraint, node, where, so_parse_expr(p));
	mark = so_parse_mark(p);
	if (at_kw(p, SO_KW_order)) {
		advance(p);
		so_parse_push(p, so_parse_done(p, so_tsql_clause(p, p->pos - 1, "ORDER")));
	}
	storage = so_tsql_storage(p);
	for (uint32_t i = 0; i < storage.count; i++)
		so_parse_push(p, so_list_get(p->ast, storage, i));
	so_set_rare(p->ast, constraint, node, options, so_parse_take(p, mark));
}

/* CHECK (..), PRIMARY KEY .. behind an optional CONSTRAINT name; false when there is none. */
static bool constraint_body(struct parse *p, struct so_n_constraint *node, bool of_table)
{
	if (accept_kw2(p, SO_KW_primary, SO_KW_key)) {
		node->type = SO_CON_PRIMARY_KEY;
		key(p, node, of_table);
	} else if (accept_kw(p, SO_KW_unique)) {
		node->type = SO_CON_UNIQUE;
		key(p, node, of_table);
	} else if (accept_kw(p, SO_KW_check)) {
		node->type = SO_CON_CHECK;
		not_for_replication(p, node);
		so_parse_expect(p, SO_TOK_LPAREN);
		node->expr = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	} else if (at_kw(p, SO_KW_references) || at_kw(p, SO_KW_foreign)) {
		node->type = SO_CON_FOREIGN_KEY;
		if (accept_kw2(p, SO_KW_foreign, SO_KW_key) && at(p, SO_TOK_LPAREN))
			node->columns = so_parse_name_list(p);
		references(p, node);
	} else if (accept_kw(p, SO_KW_default)) {
		node->type = SO_CON_DEFAULT;
		node->expr = so_parse_b_expr(p);
		if (of_table && accept_kw(p, SO_KW_for))
			so_set_rare(p->ast, constraint, node, index, so_parse_name(p, SO_USE_COLUMN));
		if (accept_kw2(p, SO_KW_with, SO_KW_values))
			node->bits |= SO_DDL_ALWAYS;
	} else if (so_parse_at_word(p, 0, "connection") && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		size_t mark = so_parse_mark(p);

		node->type = SO_CON_ATTRIBUTES;
		advance(p);
		so_parse_push(p, so_tsql_clause(p, p->pos - 1, "CONNECTION"));
		while (accept_kw2(p, SO_KW_on, SO_KW_delete))
			so_set_rare(p->ast, constraint, node, on_delete, key_action(p));
		so_set_rare(p->ast, constraint, node, options, so_parse_take(p, mark));
	} else {
		return false;
	}
	return true;
}

static so_ref constraint(struct parse *p, bool of_table)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, first);
	struct so_n_constraint *node = NEW(p, constraint, ref);

	if (accept_kw(p, SO_KW_constraint)) {
		node->name = so_parse_name(p, SO_USE_COLUMN);
		if (!of_table && (at_kw(p, SO_KW_null) || at_kw(p, SO_KW_not))) {
			node->type = accept_kw(p, SO_KW_not) ? SO_CON_NOT_NULL : SO_CON_NULL;
			so_parse_expect_kw(p, SO_KW_null);
			return so_parse_done(p, ref);
		}
	}
	if (!constraint_body(p, node, of_table))
		so_parse_unexpected(p);
	return so_parse_done(p, ref);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

static so_ref made_constraint(struct parse *p, uint32_t first, enum so_constraint_type type)
{
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, first);

	NEW(p, constraint, ref)->type = type;
	return ref;
}

/* IDENTITY [(seed, step)] [NOT FOR REPLICATION] */
static so_ref identity(struct parse *p)
{
	so_ref ref = made_constraint(p, p->pos, SO_CON_IDENTITY);

	advance(p);
	if (at(p, SO_TOK_LPAREN))
		so_set_rare(p->ast, constraint, AS(p, constraint, ref), options, so_parse_paren_list(p, so_parse_expr));
	not_for_replication(p, AS(p, constraint, ref));
	return so_parse_done(p, ref);
}

static so_ref words_option(struct parse *p, const char *text, uint32_t count)
{
	uint32_t first = p->pos;

	so_parse_move(p, count);
	return so_parse_done(p, so_parse_made_option(p, first, text, 0, SO_OPTION_WORD));
}

/* GENERATED ALWAYS AS ROW START and its like */
static so_ref generated(struct parse *p)
{
	uint32_t first = p->pos;
	static const char *const forms[][2] = { { "row", "start" }, { "row", "end" }, { "transaction_id", "start" },
		{ "transaction_id", "end" }, { "sequence_number", "start" }, { "sequence_number", "end" } };
	static const char *const texts[] = { "GENERATED ALWAYS AS ROW START", "GENERATED ALWAYS AS ROW END",
		"GENERATED ALWAYS AS TRANSACTION_ID START", "GENERATED ALWAYS AS TRANSACTION_ID END",
		"GENERATED ALWAYS AS SEQUENCE_NUMBER START", "GENERATED ALWAYS AS SEQUENCE_NUMBER END" };

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (so_parse_at_word(p, 3, forms[i][0]) && so_parse_at_word(p, 4, forms[i][1]))
			return words_option(p, texts[i], 5);
	so_parse_go_to(p, first);
	so_parse_unexpected(p);
	return 0;
}

/* What is an option of the column: MASKED WITH (..), SPARSE ...; 0 when none stands here. */
static so_ref column_option(struct parse *p)
{
	static const char *const words[] = { "ROWGUIDCOL", "SPARSE", "FILESTREAM", "HIDDEN", "PERSISTED" };
	uint32_t first = p->pos;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (so_parse_at_word(p, 0, words[i]))
			return words_option(p, words[i], 1);
	if (so_parse_at_word(p, 0, "generated"))
		return generated(p);
	if ((so_parse_at_word(p, 0, "masked") || so_parse_at_word(p, 0, "encrypted")) && kw_at(p, 1) == SO_KW_with) {
		bool masked = so_parse_at_word(p, 0, "masked");

		so_parse_move(p, 2);
		return so_parse_done(p, so_tsql_clause(p, first, masked ? "MASKED WITH" : "ENCRYPTED WITH"));
	}
	if (so_parse_at_word(p, 0, "column_set"))
		return words_option(p, "COLUMN_SET FOR ALL_SPARSE_COLUMNS", 3);
	return 0;
}

/* One attribute of a column into its node; false when none stands here. */
static bool attribute(struct parse *p, struct so_n_column_def *node, so_ref *option)
{
	uint32_t first = p->pos;

	*option = 0;
	switch (kw(p)) {
	case SO_KW_collate:
		advance(p);
		so_set_rare(p->ast, column_def, node, collation, so_parse_any_name(p));
		return true;
	case SO_KW_null:
		advance(p);
		so_parse_push(p, made_constraint(p, first, SO_CON_NULL));
		return true;
	case SO_KW_not:
		if (kw_at(p, 1) != SO_KW_null)
			return false;
		so_parse_move(p, 2);
		so_parse_push(p, made_constraint(p, first, SO_CON_NOT_NULL));
		return true;
	case SO_KW_identity:
		so_parse_push(p, identity(p));
		return true;
	case SO_KW_constraint:
	case SO_KW_default:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_references:
	case SO_KW_foreign:
		so_parse_push(p, constraint(p, false));
		return true;
	case SO_KW_index: {
		so_ref ref = made_constraint(p, first, SO_CON_KEY);

		advance(p);
		index_of_table(p, AS(p, constraint, ref));
		so_parse_push(p, so_parse_done(p, ref));
		return true;
	}
	default:
		*option = column_option(p);
		return *option != 0;
	}
}

static void attributes(struct parse *p, struct so_n_column_def *node)
{
	size_t mark = so_parse_mark(p);
	so_ref options[12], option;
	size_t count = 0;

	while (attribute(p, node, &option))
		if (option && count < 12)
			options[count++] = option;
	node->constraints = so_parse_take(p, mark);
	for (size_t i = 0; i < count; i++)
		so_parse_push(p, options[i]);
	so_set_rare(p->ast, column_def, node, options, so_parse_take(p, mark));
}

/* AS expression [PERSISTED] */
static void computed(struct parse *p, struct so_n_column_def *node)
{
	so_ref ref = made_constraint(p, p->pos, SO_CON_GENERATED);
	size_t mark = so_parse_mark(p);
	struct so_list first, rest;

	advance(p);
	AS(p, constraint, ref)->expr = so_parse_expr(p);
	if (so_parse_accept_word(p, "persisted"))
		AS(p, constraint, ref)->bits |= SO_DDL_STORED;
	so_parse_push(p, so_parse_done(p, ref));
	first = so_parse_take(p, mark);
	attributes(p, node);
	rest = node->constraints;
	so_parse_push(p, so_list_get(p->ast, first, 0));
	for (uint32_t i = 0; i < rest.count; i++)
		so_parse_push(p, so_list_get(p->ast, rest, i));
	node->constraints = so_parse_take(p, mark);
}

so_ref so_tsql_column_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = NEW(p, column_def, ref);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (at_kw(p, SO_KW_as)) {
		computed(p, node);
		return so_parse_done(p, ref);
	}
	/* a timestamp column may be nothing but the type */
	if (!at(p, SO_TOK_COMMA) && !at(p, SO_TOK_RPAREN) && !at_kw(p, SO_KW_not) && !at_kw(p, SO_KW_null))
		node->type = so_tsql_type(p);
	attributes(p, node);
	return so_parse_done(p, ref);
}

/* ---- Tables ----------------------------------------------------------------------------------------------------- */

so_ref so_tsql_table_elem(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	switch (kw(p)) {
	case SO_KW_constraint:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_foreign:
	case SO_KW_default:
		return constraint(p, true);
	case SO_KW_index:
		ref = made_constraint(p, first, SO_CON_KEY);
		advance(p);
		index_of_table(p, AS(p, constraint, ref));
		return so_parse_done(p, ref);
	default:
		break;
	}
	if (so_parse_at_word(p, 0, "period") && kw_at(p, 1) == SO_KW_for) {
		so_parse_move(p, 3);
		return so_parse_done(p, so_tsql_clause(p, first, "PERIOD FOR SYSTEM_TIME"));
	}
	if (so_parse_at_word(p, 0, "connection") && peek_at(p, 1)->kind == SO_TOK_LPAREN)
		return constraint(p, true);
	return so_tsql_column_def(p);
}

struct so_list so_tsql_table_elems(struct parse *p)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		if (at(p, SO_TOK_RPAREN))
			break; /* a comma behind the last one */
		so_parse_push(p, so_tsql_table_elem(p));
		/* constraints need no comma in front of them */
		while (at_kw(p, SO_KW_constraint) || at_kw(p, SO_KW_primary) || at_kw(p, SO_KW_unique) ||
			at_kw(p, SO_KW_check) || at_kw(p, SO_KW_foreign))
			so_parse_push(p, constraint(p, true));
	} while (accept(p, SO_TOK_COMMA));
	so_parse_expect(p, SO_TOK_RPAREN);
	return p->failed ? no_list : so_parse_take(p, mark);
}

/* AS NODE, AS EDGE, AS FILETABLE */
static so_ref as_kind(struct parse *p)
{
	static const char *const kinds[] = { "NODE", "EDGE", "FILETABLE", "CLONE" };
	uint32_t first = p->pos;

	for (size_t i = 0; at_kw(p, SO_KW_as) && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (so_parse_at_word(p, 1, kinds[i])) {
			so_parse_move(p, 2);
			if (i == 3)
				return so_parse_made_option(p, first, "AS CLONE",
					so_tsql_item(p, so_tsql_at_statement_end), SO_OPTION_PLAIN);
			return so_parse_made_option(p, first,
				i == 0   ? "AS NODE"
				: i == 1 ? "AS EDGE"
					 : "AS FILETABLE",
				0, SO_OPTION_PLAIN);
		}
	}
	return 0;
}

static so_ref create_table(struct parse *p, uint32_t first, bool external)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first);
	struct so_n_create_table *node = NEW(p, create_table, ref);
	size_t mark = so_parse_mark(p);
	struct so_list storage;
	so_ref kind;

	if (external)
		node->bits |= SO_DDL_FOREIGN;
	node->table = so_tsql_table_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->elems = so_tsql_table_elems(p);
	kind = as_kind(p);
	storage = so_tsql_storage(p);
	so_parse_push(p, kind);
	if (!kind)
		so_parse_push(p, as_kind(p));
	for (uint32_t i = 0; i < storage.count; i++)
		so_parse_push(p, so_list_get(p->ast, storage, i));
	node->options = so_parse_take(p, mark);
	if (accept_kw(p, SO_KW_as))
		so_set_rare(p->ast, create_table, node, query, so_parse_query(p));
	else if (!node->elems.count && !node->options.count)
		so_parse_unexpected(p);
	return so_parse_done(p, ref);
}

/* ---- Views, sequences, types ------------------------------------------------------------------------------------- */

static bool at_view_body(const struct parse *p)
{
	return at_kw(p, SO_KW_as);
}

static so_ref view(struct parse *p, uint32_t first, unsigned bits)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_VIEW, first);
	struct so_n_create_view *node = NEW(p, create_view, ref);
	size_t mark = so_parse_mark(p);

	node->bits = bits;
	node->view = so_tsql_table_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->columns = so_parse_name_list(p);
	if (accept_kw(p, SO_KW_with)) {
		if (at(p, SO_TOK_LPAREN)) {
			node->options = so_tsql_items(p); /* a materialized view */
		} else {
			do {
				so_parse_push(p, so_tsql_item(p, at_view_body));
			} while (accept(p, SO_TOK_COMMA));
			node->options = so_parse_take(p, mark);
		}
	}
	so_parse_expect_kw(p, SO_KW_as);
	node->query = so_parse_query(p);
	if (at_kw(p, SO_KW_with) && kw_at(p, 1) == SO_KW_check) {
		so_parse_move(p, 3);
		node->check = SO_CHECK_DEFAULT;
	}
	return so_parse_done(p, ref);
}

static so_ref sequence_option(struct parse *p)
{
	uint32_t first = p->pos;
	static const char *const no[] = { "NO MINVALUE", "NO MAXVALUE", "NO CYCLE", "NO CACHE" };

	if (at_kw(p, SO_KW_as)) {
		advance(p);
		return so_parse_made_option(p, first, "AS", so_tsql_type(p), SO_OPTION_PLAIN);
	}
	for (size_t i = 0; at_kw(p, SO_KW_no) && i < 4; i++)
		if (so_parse_at_word(p, 1, no[i] + 3))
			return words_option(p, no[i], 2);
	if (so_parse_at_word(p, 0, "start") || so_parse_at_word(p, 0, "restart")) {
		bool start = so_parse_at_word(p, 0, "start");

		advance(p);
		if (!accept_kw(p, SO_KW_with))
			return so_parse_made_option(p, first, "RESTART", 0, SO_OPTION_PLAIN);
		return so_parse_made_option(
			p, first, start ? "START WITH" : "RESTART WITH", so_parse_number(p), SO_OPTION_PLAIN);
	}
	if (so_parse_accept_word(p, "increment")) {
		so_parse_expect_kw(p, SO_KW_by);
		return so_parse_made_option(p, first, "INCREMENT BY", so_parse_number(p), SO_OPTION_PLAIN);
	}
	if (so_parse_accept_word(p, "minvalue"))
		return so_parse_made_option(p, first, "MINVALUE", so_parse_number(p), SO_OPTION_PLAIN);
	if (so_parse_accept_word(p, "maxvalue"))
		return so_parse_made_option(p, first, "MAXVALUE", so_parse_number(p), SO_OPTION_PLAIN);
	if (so_parse_accept_word(p, "cycle"))
		return so_parse_made_option(p, first, "CYCLE", 0, SO_OPTION_PLAIN);
	if (so_parse_accept_word(p, "cache"))
		return so_parse_made_option(
			p, first, "CACHE", at(p, SO_TOK_INT) ? so_parse_number(p) : 0, SO_OPTION_PLAIN);
	return 0;
}

static struct so_list sequence_options(struct parse *p)
{
	size_t mark = so_parse_mark(p);
	so_ref option;

	while ((option = sequence_option(p)) != 0)
		so_parse_push(p, option);
	return so_parse_take(p, mark);
}

static so_ref table_ref(struct parse *p)
{
	return so_tsql_table_name(p);
}

static so_ref sequence(struct parse *p, uint32_t first, bool alter)
{
	so_ref ref, action, target = so_tsql_table_name(p);
	struct so_list options = sequence_options(p);
	size_t mark = so_parse_mark(p);

	if (!alter) {
		ref = so_parse_node(p, SO_N_CREATE_SEQUENCE, first);
		NEW(p, create_sequence, ref)->sequence = target;
		NEW(p, create_sequence, ref)->options = options;
		return ref;
	}
	action = so_parse_node(p, SO_N_ALTER_ACTION, first);
	NEW(p, alter_action, action)->type = SO_ALTER_SEQUENCE;
	NEW(p, alter_action, action)->items = options;
	so_parse_push(p, action);
	ref = so_parse_node(p, SO_N_ALTER, first);
	NEW(p, alter, ref)->object = SO_OBJ_SEQUENCE;
	NEW(p, alter, ref)->target = target;
	AS(p, alter, ref)->actions = so_parse_take(p, mark);
	return ref;
}

/* ---- DROP, TRUNCATE ---------------------------------------------------------------------------------------------- */

/* i ON t [WITH (..)]; the old form is t.i, so the table is the qualifier in both. SO_NF_WITHIN: the new form. */
static so_ref dropped_index(struct parse *p)
{
	so_ref ref = so_tsql_table_name(p);

	if (accept_kw(p, SO_KW_on)) {
		so_ref table = so_tsql_table_name(p), name = so_parse_node(p, SO_N_NAME, first_of(p, table));

		AS(p, name, name)->name = AS(p, table, table)->name;
		AS(p, name, name)->qualifier = AS(p, table, table)->qualifier;
		AS(p, table, ref)->qualifier = name;
		so_set_rare(p->ast, table, AS(p, table, ref), hints, so_tsql_storage(p));
		set_flag(p, ref, SO_NF_WITHIN);
	}
	return so_parse_done(p, ref);
}

static bool drop_object(enum so_kw word, enum so_object *object)
{
	switch (word) {
	case SO_KW_table:
		*object = SO_OBJ_TABLE;
		return true;
	case SO_KW_view:
		*object = SO_OBJ_VIEW;
		return true;
	case SO_KW_index:
		*object = SO_OBJ_INDEX;
		return true;
	case SO_KW_sequence:
		*object = SO_OBJ_SEQUENCE;
		return true;
	case SO_KW_proc:
	case SO_KW_procedure:
		*object = SO_OBJ_PROCEDURE;
		return true;
	case SO_KW_function:
		*object = SO_OBJ_FUNCTION;
		return true;
	case SO_KW_statistics:
		*object = SO_OBJ_STATISTICS;
		return true;
	case SO_KW_synonym:
		*object = SO_OBJ_SYNONYM;
		return true;
	case SO_KW_schema:
		*object = SO_OBJ_SCHEMA;
		return true;
	case SO_KW_type:
		*object = SO_OBJ_TYPE;
		return true;
	default:
		return false;
	}
}

static so_ref drop(struct parse *p)
{
	uint32_t first = p->pos;
	enum so_object object;
	so_ref ref;

	bool fulltext = so_parse_at_word(p, 1, "fulltext") && kw_at(p, 2) == SO_KW_index && kw_at(p, 3) == SO_KW_on;
	bool external = so_parse_at_word(p, 1, "external") && kw_at(p, 2) == SO_KW_table;

	if (fulltext || external) {
		object = fulltext ? SO_OBJ_INDEX : SO_OBJ_FOREIGN_TABLE;
		so_parse_move(p, fulltext ? 4 : 3);
	} else if (drop_object(kw_at(p, 1), &object)) {
		so_parse_move(p, 2);
	} else {
		return 0;
	}
	ref = so_parse_node(p, SO_N_DROP, first);
	NEW(p, drop, ref)->bits = fulltext ? SO_DDL_FULLTEXT : 0;
	NEW(p, drop, ref)->object = object;
	if (accept_kw2(p, SO_KW_if, SO_KW_exists))
		AS(p, drop, ref)->bits |= SO_DDL_IF_EXISTS;
	AS(p, drop, ref)->names = so_parse_list(p, object == SO_OBJ_INDEX && !fulltext ? dropped_index : table_ref);
	return so_parse_done(p, ref);
}

static so_ref truncate(struct parse *p)
{
	uint32_t first = p->pos;
	size_t mark = so_parse_mark(p);
	so_ref ref, table;

	so_parse_move(p, 1);
	so_parse_expect_kw(p, SO_KW_table);
	table = so_tsql_table_name(p);
	if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		so_set_rare(p->ast, table, AS(p, table, table), hints, so_tsql_items(p));
		so_parse_done(p, table);
	}
	so_parse_push(p, table);
	ref = so_parse_node(p, SO_N_TRUNCATE, first);
	AS(p, truncate, ref)->tables = so_parse_take(p, mark);
	return ref;
}

/* ---- Dispatch --------------------------------------------------------------------------------------------------- */

/* Words between CREATE and INDEX; *n is the place of INDEX. False when it is no index. */
static bool at_index(const struct parse *p, uint32_t *n, unsigned *bits)
{
	for (*n = 1, *bits = 0;; ++*n) {
		switch (kw_at(p, *n)) {
		case SO_KW_unique:
			*bits |= SO_DDL_UNIQUE;
			break;
		case SO_KW_clustered:
			*bits |= SO_DDL_CLUSTERED;
			break;
		case SO_KW_nonclustered:
			*bits |= SO_DDL_NONCLUSTERED;
			break;
		case SO_KW_columnstore:
		case SO_KW_primary:
		case SO_KW_xml:
			break;
		case SO_KW_index:
			return true;
		default:
			if (so_parse_at_word(p, *n, "spatial"))
				*bits |= SO_DDL_SPATIAL;
			else if (so_parse_at_word(p, *n, "fulltext"))
				*bits |= SO_DDL_FULLTEXT;
			else if (!so_parse_at_word(p, *n, "selective") && !so_parse_at_word(p, *n, "vector") &&
				 !so_parse_at_word(p, *n, "json"))
				return false;
		}
	}
}

static so_ref create(struct parse *p)
{
	uint32_t first = p->pos, n;
	unsigned bits;

	if (accept_kw2(p, SO_KW_create, SO_KW_table))
		return create_table(p, first, false);
	if (so_parse_at_word(p, 1, "external") && kw_at(p, 2) == SO_KW_table) {
		so_parse_move(p, 3);
		return create_table(p, first, true);
	}
	if (accept_kw2(p, SO_KW_create, SO_KW_view))
		return view(p, first, 0);
	if (kw_at(p, 1) == SO_KW_or && kw_at(p, 2) == SO_KW_alter && kw_at(p, 3) == SO_KW_view) {
		so_parse_move(p, 4);
		return view(p, first, SO_DDL_OR_REPLACE);
	}
	if (so_parse_at_word(p, 1, "materialized") && kw_at(p, 2) == SO_KW_view) {
		so_parse_move(p, 3);
		return view(p, first, SO_DDL_MATERIALIZED);
	}
	if (accept_kw2(p, SO_KW_create, SO_KW_sequence))
		return sequence(p, first, false);
	if (at_index(p, &n, &bits))
		return so_tsql_index(p, first, bits);
	return 0;
}

so_ref so_tsql_ddl(struct parse *p)
{
	uint32_t first = p->pos;

	switch (kw(p)) {
	case SO_KW_create:
		return create(p);
	case SO_KW_drop:
		return drop(p);
	case SO_KW_truncate:
		return truncate(p);
	case SO_KW_alter:
		if (kw_at(p, 1) == SO_KW_sequence) {
			so_parse_move(p, 2);
			return sequence(p, first, true);
		}
		if (kw_at(p, 1) == SO_KW_view) {
			so_parse_move(p, 2);
			return view(p, first, SO_DDL_ENFORCED);
		}
		return so_tsql_alter_table(p, first);
	default:
		return so_tsql_alter_table(p, first);
	}
}
