/* CREATE TABLE of Oracle: columns, constraints and their states, partitions, physical attributes. */
#include "sql/oracle/oracle.h"

struct so_list so_oracle_options(struct parse *p, enum so_ora_form form)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		so_ref ref = so_parse_form(p, form);

		if (!ref || p->failed)
			break;
		so_parse_push(p, ref);
	}
	return so_parse_take(p, mark);
}

/* ---- Constraints ------------------------------------------------------------------------------------------------ */

static void references(struct parse *p, struct so_n_constraint *node)
{
	so_parse_accept_word(p, "references");
	node->type = SO_CON_FOREIGN_KEY;
	node->ref_table = so_oracle_table_name(p);
	if (at(p, SO_TOK_LPAREN))
		node->ref_columns = so_parse_name_list(p);
	if (so_parse_words(p, "on delete cascade"))
		so_set_rare(p->ast, constraint, node, on_delete, SO_KEY_CASCADE);
	else if (so_parse_words(p, "on delete set null"))
		so_set_rare(p->ast, constraint, node, on_delete, SO_KEY_SET_NULL);
	else if (so_parse_words(p, "on delete no action"))
		so_set_rare(p->ast, constraint, node, on_delete, SO_KEY_NO_ACTION);
}

/* .. ON NULL FOR INSERT [AND UPDATE | ONLY] */
static void for_insert(struct parse *p, struct so_n_constraint *node)
{
	if (!so_parse_words(p, "for insert"))
		return;
	if (so_parse_words(p, "and update"))
		node->bits |= SO_DDL_ENFORCED;
	else if (so_parse_accept_word(p, "only"))
		node->bits |= SO_DDL_NOT_ENFORCED;
}

/* GENERATED .. AS, AS (expr) */
static bool generated(struct parse *p, struct so_n_constraint *node)
{
	bool words = so_parse_accept_word(p, "generated");

	if (words && so_parse_accept_word(p, "always")) {
		node->bits |= SO_DDL_ALWAYS;
	} else if (words) {
		if (!so_parse_words(p, "by default"))
			so_parse_unexpected(p);
		node->bits |= SO_DDL_BY_DEFAULT;
		if (so_parse_words(p, "on null")) {
			node->bits |= SO_DDL_NULLS_NOT_DISTINCT;
			for_insert(p, node);
		}
	}
	so_parse_expect_kw(p, SO_KW_as);
	if (so_parse_accept_word(p, "identity")) {
		bool paren = accept(p, SO_TOK_LPAREN);

		node->type = SO_CON_IDENTITY;
		so_set_rare(p->ast, constraint, node, options, so_oracle_options(p, SO_ORA_sequence_option));
		if (paren)
			so_parse_expect(p, SO_TOK_RPAREN);
		return true;
	}
	node->type = SO_CON_GENERATED;
	if (!so_parse_at_word(p, 0, "(") && !at(p, SO_TOK_LPAREN)) {
		so_parse_unexpected(p);
		return true;
	}
	advance(p);
	node->expr = so_parse_expr(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	if (so_parse_accept_word(p, "virtual"))
		node->bits |= SO_DDL_VIRTUAL;
	else if (so_parse_accept_word(p, "materialized"))
		node->bits |= SO_DDL_STORED;
	return true;
}

static struct so_list key_columns(struct parse *p)
{
	return so_parse_paren_list(p, so_oracle_index_elem);
}

/* The kind of constraint and what belongs to it; false when none begins here. */
static bool constraint_body(struct parse *p, struct so_n_constraint *node, bool of_column)
{
	if (so_parse_words(p, "not null")) {
		node->type = SO_CON_NOT_NULL;
	} else if (accept_kw(p, SO_KW_null)) {
		node->type = SO_CON_NULL;
	} else if (so_parse_words(p, "primary key")) {
		node->type = SO_CON_PRIMARY_KEY;
		if (at(p, SO_TOK_LPAREN) && !of_column)
			node->columns = key_columns(p);
	} else if (at_kw(p, SO_KW_unique)) {
		advance(p);
		node->type = SO_CON_UNIQUE;
		if (at(p, SO_TOK_LPAREN) && !of_column)
			node->columns = key_columns(p);
	} else if (at_kw(p, SO_KW_check) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		so_parse_move(p, 2);
		node->type = SO_CON_CHECK;
		node->expr = so_parse_expr(p);
		so_parse_expect(p, SO_TOK_RPAREN);
	} else if (so_parse_at_word(p, 0, "foreign") && so_parse_at_word(p, 1, "key")) {
		so_parse_move(p, 2);
		node->columns = so_parse_name_list(p);
		if (!so_parse_at_word(p, 0, "references"))
			so_parse_unexpected(p);
		references(p, node);
	} else if (so_parse_at_word(p, 0, "references")) {
		references(p, node);
	} else if (of_column && at_kw(p, SO_KW_default) && !so_parse_at_word(p, 1, "collation")) {
		advance(p);
		node->type = SO_CON_DEFAULT;
		if (so_parse_words(p, "on null")) {
			node->bits |= SO_DDL_NULLS_NOT_DISTINCT;
			for_insert(p, node);
		}
		node->expr = so_parse_expr(p);
	} else if (of_column && (so_parse_at_word(p, 0, "generated") || at_kw(p, SO_KW_as))) {
		return generated(p, node);
	} else {
		return false;
	}
	return true;
}

static bool at_constraint(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_constraint:
	case SO_KW_constraints:
	case SO_KW_not:
	case SO_KW_null:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_foreign:
	case SO_KW_references:
	case SO_KW_default:
	case SO_KW_generated:
	case SO_KW_as:
		return true;
	default:
		return false;
	}
}

so_ref so_oracle_constraint(struct parse *p, bool of_column)
{
	uint32_t first = p->pos;

	if (!at_constraint(p))
		return 0;
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, first);
	struct so_n_constraint *node = NEW(p, constraint, ref);
	bool named = so_parse_at_word(p, 0, "constraint") || so_parse_at_word(p, 0, "constraints");

	if (named) {
		advance(p);
		if (!at_kw(p, SO_KW_check) || peek_at(p, 1)->kind != SO_TOK_LPAREN)
			node->name = so_parse_name(p, SO_USE_COLUMN);
	}
	if (!constraint_body(p, node, of_column)) {
		if (named)
			so_parse_unexpected(p);
		so_parse_go_back(p, first);
		return 0;
	}
	if (node->type != SO_CON_DEFAULT && node->type != SO_CON_IDENTITY && node->type != SO_CON_GENERATED)
		so_set_rare(p->ast, constraint, node, options, so_oracle_options(p, SO_ORA_constraint_state));
	return so_parse_done(p, ref);
}

/* ---- Columns ---------------------------------------------------------------------------------------------------- */

/* A column may have no type: it then begins with one of these words. */
static bool at_type(struct parse *p)
{
	if (!at(p, SO_TOK_WORD) && !at(p, SO_TOK_QUOTED))
		return false;
	switch (kw(p)) {
	case SO_KW_default:
	case SO_KW_as:
	case SO_KW_not:
	case SO_KW_null:
	case SO_KW_primary:
	case SO_KW_unique:
	case SO_KW_check:
	case SO_KW_is:
		return kw_at(p, 0) == SO_KW_primary && kw_at(p, 1) != SO_KW_key;
	case SO_KW_with:
		return false;
	default:
		break;
	}
	return !so_parse_at_form(p, 0, SO_ORA_column_clause);
}

so_ref so_oracle_column_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_COLUMN_DEF, p->pos);
	struct so_n_column_def *node = NEW(p, column_def, ref);
	size_t mark = so_parse_mark(p);

	node->name = so_parse_name(p, SO_USE_COLUMN);
	if (at_type(p))
		node->type = so_parse_type(p);
	/* constraints and other clauses stand in any order; the stack holds one list at a time */
	while (!p->failed) {
		so_ref part = so_oracle_constraint(p, true);

		if (!part && !p->failed)
			part = so_parse_form(p, SO_ORA_column_option);
		if (!part)
			break;
		so_parse_push(p, part);
	}
	struct so_list parts = so_parse_take(p, mark);

	for (uint32_t i = 0; i < parts.count; i++)
		if (so_ast_kind(p->ast, so_list_get(p->ast, parts, i)) == SO_N_CONSTRAINT)
			so_parse_push(p, so_list_get(p->ast, parts, i));
	node->constraints = so_parse_take(p, mark);
	for (uint32_t i = 0; i < parts.count; i++)
		if (so_ast_kind(p->ast, so_list_get(p->ast, parts, i)) != SO_N_CONSTRAINT)
			so_parse_push(p, so_list_get(p->ast, parts, i));
	so_set_rare(p->ast, column_def, node, options, so_parse_take(p, mark));
	return so_parse_done(p, ref);
}

static so_ref table_elem(struct parse *p)
{
	so_ref ref = 0;

	if (so_parse_at_word(p, 0, "supplemental") || so_parse_at_word(p, 0, "scope") ||
		so_parse_at_word(p, 0, "ref") || so_parse_at_word(p, 0, "period"))
		ref = so_parse_form(p, SO_ORA_table_extra_elem);
	if (!ref && !p->failed && peek_at(p, 1)->kind != SO_TOK_COMMA && peek_at(p, 1)->kind != SO_TOK_RPAREN)
		ref = so_oracle_constraint(p, false);
	if (!ref && !p->failed)
		ref = so_oracle_column_def(p);
	return ref;
}

/* ---- Partitions ------------------------------------------------------------------------------------------------- */

static so_ref partition_bound(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BOUND, p->pos);
	struct so_n_partition_bound *node = NEW(p, partition_bound, ref);

	advance(p);
	node->type = SO_BOUND_TYPE_IN;
	if (so_parse_words(p, "less than")) {
		node->type = SO_BOUND_TYPE_LESS_THAN;
		node->upper = so_parse_paren_list(p, so_parse_expr);
	} else {
		node->values = so_parse_paren_list(p, so_parse_expr);
	}
	return so_parse_done(p, ref);
}

static so_ref partition_def(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_PARTITION_DEF, p->pos);
	struct so_n_partition_def *node = NEW(p, partition_def, ref);
	size_t mark = so_parse_mark(p);

	if (so_parse_at_word(p, 0, "subpartition"))
		set_flag(p, ref, SO_NF_STAR);
	else if (!so_parse_at_word(p, 0, "partition"))
		so_parse_unexpected(p);
	advance(p);
	if (so_parse_is_name(p, peek(p), SO_USE_COLUMN) && !at_kw(p, SO_KW_values) &&
		!so_parse_at_word(p, 0, "tablespace") && !so_parse_at_word(p, 0, "lob"))
		node->name = so_parse_name(p, SO_USE_COLUMN);
	if (at_kw(p, SO_KW_values))
		node->bound = partition_bound(p);
	node->options = so_oracle_options(p, SO_ORA_partition_option);
	for (uint32_t i = 0; i < node->options.count; i++)
		so_parse_push(p, so_list_get(p->ast, node->options, i));
	if (so_parse_at_word(p, 0, "subpartitions"))
		so_parse_push(p, so_parse_form(p, SO_ORA_subpartition_clause));
	node->options = so_parse_take(p, mark);
	if (at(p, SO_TOK_LPAREN) && so_parse_at_word(p, 1, "subpartition"))
		node->subs = so_parse_paren_list(p, partition_def);
	return so_parse_done(p, ref);
}

static so_ref subpartition_by(struct parse *p);

/* RANGE (a, b) and so on, behind PARTITION BY or SUBPARTITION BY. */
static so_ref partition_method(struct parse *p, uint32_t first)
{
	static const char *const methods[] = { "consistent hash", "range", "list", "hash", "reference", "system",
		"rangeset", "directory" };
	so_ref ref = so_parse_node(p, SO_N_PARTITION_BY, first);
	struct so_n_partition_by *node = NEW(p, partition_by, ref);
	size_t i = 0, n = sizeof methods / sizeof methods[0];

	while (i < n && (*methods[i] != so_parse_letter(p) || !so_parse_words(p, methods[i])))
		i++;
	if (i == n) {
		so_parse_unexpected(p);
		return 0;
	}
	node->method = so_parse_made_name(p, methods[i]);
	if (at(p, SO_TOK_LPAREN) && !so_parse_at_word(p, 1, "partition"))
		node->keys = key_columns(p);
	return ref;
}

static void sub_clauses(struct parse *p, struct so_n_partition_by *node)
{
	size_t mark = so_parse_mark(p);

	for (;;) {
		so_ref option = so_parse_form(p, SO_ORA_partition_clause);

		if (!option && !p->failed)
			option = so_parse_form(p, SO_ORA_subpartition_clause);
		if (!option && !p->failed && !node->sub && so_parse_at_word(p, 0, "subpartition") &&
			kw_at(p, 1) == SO_KW_by) {
			node->sub = subpartition_by(p);
			continue;
		}
		if (!option || p->failed)
			break;
		so_parse_push(p, option);
	}
	node->options = so_parse_take(p, mark);
}

static so_ref subpartition_by(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	so_parse_move(p, 2);
	ref = partition_method(p, first);
	if (ref)
		AS(p, partition_by, ref)->options = so_oracle_options(p, SO_ORA_subpartition_clause);
	return ref ? so_parse_done(p, ref) : 0;
}

so_ref so_oracle_partition_by(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref;

	so_parse_move(p, 2);
	ref = partition_method(p, first);
	if (!ref)
		return 0;
	sub_clauses(p, AS(p, partition_by, ref));
	if (at(p, SO_TOK_LPAREN))
		AS(p, partition_by, ref)->parts = so_parse_paren_list(p, partition_def);
	return so_parse_done(p, ref);
}

so_ref so_oracle_form_value(struct parse *p, char kind)
{
	switch (kind) {
	case 'p':
		return so_parse_at_word(p, 0, "partition") || so_parse_at_word(p, 0, "subpartition") ? partition_def(p)
												     : 0;
	default:
		return so_oracle_constraint(p, false);
	}
}

/* ---- The statement ---------------------------------------------------------------------------------------------- */

static bool table_clause(struct parse *p, struct so_n_create_table *node)
{
	so_ref option;

	if ((at_kw(p, SO_KW_as) && !so_rare_create_table(p->ast, node)->query) ||
		(so_parse_starts_query(p, 0) && kw(p) == SO_KW_select)) {
		accept_kw(p, SO_KW_as);
		so_set_rare(p->ast, create_table, node, query, so_parse_query(p));
		return true;
	}
	if (at_kw(p, SO_KW_partition) && kw_at(p, 1) == SO_KW_by && !node->partition_by) {
		node->partition_by = so_oracle_partition_by(p);
		return true;
	}
	option = so_parse_form(p, SO_ORA_table_option);
	if (!option && !p->failed)
		option = so_parse_form(p, SO_ORA_on_commit);
	if (!option && !p->failed)
		option = so_parse_form(p, SO_ORA_immutable_option);
	so_parse_push(p, option);
	return option != 0;
}

so_ref so_oracle_create_table(struct parse *p)
{
	uint32_t first = p->pos;
	so_ref ref = so_parse_node(p, SO_N_CREATE_TABLE, first), prefix;
	struct so_n_create_table *node = NEW(p, create_table, ref);
	size_t mark = so_parse_mark(p);

	prefix = so_parse_form(p, SO_ORA_create_table);
	so_parse_push(p, prefix);
	if (so_parse_words(p, "if not exists"))
		node->bits |= SO_DDL_IF_NOT_EXISTS;
	node->table = so_oracle_table_name(p);
	so_parse_push(p, so_parse_form(p, SO_ORA_sharing));
	so_parse_push(p, so_parse_form(p, SO_ORA_table_prefix));
	so_set_rare(p->ast, create_table, node, modifiers, so_parse_take(p, mark));
	if (at(p, SO_TOK_LPAREN))
		node->elems = so_parse_paren_list(p, table_elem);
	while (!p->failed && table_clause(p, node))
		;
	node->options = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
