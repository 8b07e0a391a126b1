/* CREATE TABLE: columns, LIKE, partitions, options. */
#include "sql/parse/ddl.h"

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

so_ref so_parse_column_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = NEW(p, column_def, ref);
	so_ref collation = 0;

	node->name = so_parse_name(p, SO_USE_COLUMN);
	node->type = so_parse_type(p);
	if (accept_kw(p, SO_KW_storage))
		so_set_rare(p->ast, column_def, node, storage,
			so_parse_name(p, at_kw(p, SO_KW_default) ? SO_USE_LABEL : SO_USE_COLUMN));
	if (accept_kw(p, SO_KW_compression))
		so_set_rare(p->ast, column_def, node, compression,
			so_parse_name(p, at_kw(p, SO_KW_default) ? SO_USE_LABEL : SO_USE_COLUMN));
	if (at_kw(p, SO_KW_options)) {
		advance(p);
		so_set_rare(p->ast, column_def, node, fdw_options, so_parse_fdw_options(p, false));
	}
	node->constraints = so_parse_column_constraints(p, &collation);
	so_set_rare(p->ast, column_def, node, collation, collation);
	return so_parse_done(p, ref);
}

/* A column of a typed table or a partition: name [WITH OPTIONS] constraints. */
static so_ref typed_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = NEW(p, column_def, ref);
	so_ref collation = 0;

	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (accept_kw(p, SO_KW_with)) {
		so_parse_expect_kw(p, SO_KW_options);
		so_need_column_def(p->ast, node)->bits |= SO_DDL_OF;
	}
	node->constraints = so_parse_column_constraints(p, &collation);
	so_set_rare(p->ast, column_def, node, collation, collation);
	return so_parse_done(p, ref);
}

static so_ref bare_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);

	AS(p, column_def, ref)->name = so_parse_name(p, SO_USE_COLUMN);
	return so_parse_done(p, ref);
}

static uint32_t like_option(struct parse *p)
{
	static const struct {
		enum so_kw word;
		uint32_t bit;
	} options[] = {
		{ SO_KW_comments, SO_LIKE_COMMENTS },
		{ SO_KW_compression, SO_LIKE_COMPRESSION },
		{ SO_KW_constraints, SO_LIKE_CONSTRAINTS },
		{ SO_KW_defaults, SO_LIKE_DEFAULTS },
		{ SO_KW_generated, SO_LIKE_GENERATED },
		{ SO_KW_identity, SO_LIKE_IDENTITY },
		{ SO_KW_indexes, SO_LIKE_INDEXES },
		{ SO_KW_statistics, SO_LIKE_STATISTICS },
		{ SO_KW_storage, SO_LIKE_STORAGE },
		{ SO_KW_all, SO_LIKE_ALL },
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (accept_kw(p, options[i].word))
			return options[i].bit;
	so_parse_unexpected(p);
	return 0;
}

static so_ref table_like(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_TABLE_LIKE, p->pos);
	struct so_n_table_like *node = NEW(p, table_like, ref);

	advance(p);
	node->table = so_parse_ddl_table(p);
	for (;;) {
		if (accept_kw(p, SO_KW_including))
			node->include |= like_option(p);
		else if (accept_kw(p, SO_KW_excluding))
			node->include &= ~like_option(p);
		else
			break;
	}
	return so_parse_done(p, ref);
}

static so_ref table_elem(struct parse *p)
{
	if (at_kw(p, SO_KW_like))
		return table_like(p);
	return so_parse_at_table_constraint(p) ? so_parse_table_constraint(p) : so_parse_column_def(p);
}

static so_ref typed_elem(struct parse *p)
{
	return so_parse_at_table_constraint(p) ? so_parse_table_constraint(p) : typed_column(p);
}

/* ( name, .. ) or ( name ): the columns of CREATE TABLE .. AS */
static bool at_bare_columns(const struct parse *p)
{
	return at(p, SO_TOK_LPAREN) && peek_at(p, 1)->kind != SO_TOK_RPAREN && !at_kw(p, SO_KW_like) &&
	       (peek_at(p, 2)->kind == SO_TOK_COMMA || peek_at(p, 2)->kind == SO_TOK_RPAREN);
}

/* ---- Partitions ------------------------------------------------------------------------------------------------- */

so_ref so_parse_partition_by(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BY, p->pos);
	struct so_n_partition_by *node = NEW(p, partition_by, ref);

	advance(p);
	so_parse_expect_kw(p, SO_KW_by);
	if (!so_parse_at_word(p, 0, "range") && !so_parse_at_word(p, 0, "list") && !so_parse_at_word(p, 0, "hash") &&
		!at(p, SO_TOK_QUOTED))
		so_parse_unexpected(p);
	node->method = so_parse_name(p, SO_USE_COLUMN);
	node->keys = so_parse_paren_list(p, so_parse_index_elem);
	return so_parse_done(p, ref);
}

/* MODULUS n, REMAINDER m in either order */
static struct so_list hash_bound(struct parse *p)
{
	so_ref values[2] = { 0, 0 };
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		int i = so_parse_at_word(p, 0, "remainder");

		if (values[i] || (!i && !so_parse_at_word(p, 0, "modulus")))
			so_parse_unexpected(p);
		advance(p);
		if (at(p, SO_TOK_OP) || at(p, SO_TOK_FLOAT))
			so_parse_unexpected(p);
		values[i] = so_parse_number(p);
	} while (accept(p, SO_TOK_COMMA));
	if (!values[0] || !values[1])
		so_parse_unexpected(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	so_parse_push(p, values[0]);
	so_parse_push(p, values[1]);
	return so_parse_take(p, mark);
}

so_ref so_parse_partition_bound(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BOUND, p->pos);
	struct so_n_partition_bound *node = NEW(p, partition_bound, ref);

	if (accept_kw(p, SO_KW_default))
		return so_parse_done(p, ref);
	so_parse_expect_kw(p, SO_KW_for);
	so_parse_expect_kw(p, SO_KW_values);
	if (accept_kw(p, SO_KW_in)) {
		node->type = SO_BOUND_TYPE_IN;
		node->values = so_parse_paren_list(p, so_parse_expr);
	} else if (accept_kw(p, SO_KW_from)) {
		node->type = SO_BOUND_TYPE_RANGE;
		node->values = so_parse_paren_list(p, so_parse_expr);
		so_parse_expect_kw(p, SO_KW_to);
		node->upper = so_parse_paren_list(p, so_parse_expr);
	} else {
		so_parse_expect_kw(p, SO_KW_with);
		node->type = SO_BOUND_TYPE_HASH;
		node->values = hash_bound(p);
	}
	return so_parse_done(p, ref);
}

/* ---- CREATE TABLE ----------------------------------------------------------------------------------------------- */

static void elements(struct parse *p, struct so_n_create_table *node, bool *bare)
{
	const struct so_rare_create_table *rare = so_rare_create_table(p->ast, node);
	bool typed = rare->of_type || rare->partition_of;

	if (!at(p, SO_TOK_LPAREN))
		return;
	if (typed) {
		node->elems = so_parse_paren_list(p, typed_elem);
	} else if (peek_at(p, 1)->kind == SO_TOK_RPAREN) {
		so_parse_move(p, 2);
	} else if (at_bare_columns(p)) {
		*bare = true;
		node->elems = so_parse_paren_list(p, bare_column);
	} else {
		node->elems = so_parse_paren_list(p, table_elem);
	}
}

static uint32_t on_commit(struct parse *p)
{
	if (!accept_kw(p, SO_KW_on))
		return SO_ON_COMMIT_DEFAULT;
	so_parse_expect_kw(p, SO_KW_commit);
	if (accept_kw(p, SO_KW_drop))
		return SO_ON_COMMIT_DROP;
	if (accept_kw2(p, SO_KW_delete, SO_KW_rows))
		return SO_ON_COMMIT_DELETE;
	so_parse_expect_kw(p, SO_KW_preserve);
	so_parse_expect_kw(p, SO_KW_rows);
	return SO_ON_COMMIT_PRESERVE;
}

/* USING method, WITH (..), ON COMMIT, TABLESPACE: in this order */
static void storage(struct parse *p, struct so_n_create_table *node)
{
	so_set_rare(p->ast, create_table, node, method, so_parse_accept_name_after(p, SO_KW_using));
	if (accept_kw(p, SO_KW_with))
		node->options = so_parse_storage_options(p);
	else if (at_kw(p, SO_KW_without) && kw_at(p, 1) == SO_KW_oids)
		so_parse_move(p, 2);
	so_set_rare(p->ast, create_table, node, on_commit, on_commit(p));
	so_set_rare(p->ast, create_table, node, tablespace, so_parse_accept_name_after(p, SO_KW_tablespace));
}

/* AS query or AS EXECUTE name(..), WITH [NO] DATA */
static void table_query(struct parse *p, struct so_n_create_table *node)
{
	if (at_kw(p, SO_KW_execute)) {
		uint32_t first;
		struct so_name name;

		advance(p);
		first = p->pos;
		name = so_parse_name(p, SO_USE_COLUMN);
		node->bits |= SO_DDL_EXECUTE;
		so_set_rare(p->ast, create_table, node, query, so_parse_node(p, SO_N_FUNC, first));
		AS(p, func, so_rare_create_table(p->ast, node)->query)->name = name;
		if (at(p, SO_TOK_LPAREN))
			AS(p, func, so_rare_create_table(p->ast, node)->query)->args =
				so_parse_paren_list(p, so_parse_expr);
		so_parse_done(p, so_rare_create_table(p->ast, node)->query);
	} else {
		so_set_rare(p->ast, create_table, node, query, so_parse_query(p));
	}
	if (accept_kw(p, SO_KW_with)) {
		if (accept_kw(p, SO_KW_no))
			node->bits |= SO_DDL_NO_DATA;
		so_parse_expect_kw(p, SO_KW_data);
	}
}

static void foreign_part(struct parse *p, struct so_n_create_table *node)
{
	so_parse_expect_kw(p, SO_KW_server);
	so_set_rare(p->ast, create_table, node, server, so_parse_name(p, SO_USE_COLUMN));
	if (accept_kw(p, SO_KW_options))
		so_set_rare(p->ast, create_table, node, fdw_options, so_parse_fdw_options(p, false));
}

/* At what follows the word TABLE. */
so_ref so_parse_create_table(struct parse *p, uint32_t first, unsigned bits, uint32_t persistence)
{
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first);
	struct so_n_create_table *node = NEW(p, create_table, ref);
	bool bare = false, foreign = (bits & SO_DDL_FOREIGN) != 0, as;

	node->bits = bits | (so_parse_if_not_exists(p) ? SO_DDL_IF_NOT_EXISTS : 0);
	so_set_rare(p->ast, create_table, node, persistence, persistence);
	if (foreign && persistence)
		so_parse_unexpected(p);
	node->table = so_parse_ddl_table(p);
	if (!foreign && accept_kw(p, SO_KW_of))
		so_set_rare(p->ast, create_table, node, of_type, so_parse_any_name(p));
	else if (accept_kw2(p, SO_KW_partition, SO_KW_of))
		so_set_rare(p->ast, create_table, node, partition_of, so_parse_ddl_table(p));
	as = !so_rare_create_table(p->ast, node)->of_type && !so_rare_create_table(p->ast, node)->partition_of &&
	     !at(p, SO_TOK_LPAREN);
	elements(p, node, &bare);
	if (so_rare_create_table(p->ast, node)->partition_of)
		so_set_rare(p->ast, create_table, node, bound, so_parse_partition_bound(p));
	else if (!so_rare_create_table(p->ast, node)->of_type && !as && !bare && accept_kw(p, SO_KW_inherits))
		so_set_rare(p->ast, create_table, node, inherits, so_parse_paren_list(p, so_parse_ddl_table));
	if (foreign) {
		if (as || bare)
			so_parse_unexpected(p);
		foreign_part(p, node);
		return so_parse_done(p, ref);
	}
	if (!as && !bare && at_kw(p, SO_KW_partition))
		node->partition_by = so_parse_partition_by(p);
	storage(p, node);
	if (as || bare) {
		so_parse_expect_kw(p, SO_KW_as);
		table_query(p, node);
	}
	return so_parse_done(p, ref);
}
