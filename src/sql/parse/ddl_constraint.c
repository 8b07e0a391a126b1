/* Constraints of columns, tables and domains. */
#include "sql/parse/ddl.h"

/* ---- Shared pieces ---------------------------------------------------------------------------------------------- */

static uint32_t key_match(struct parse *p)
{
	if (!accept_kw(p, SO_KW_match))
		return SO_MATCH_DEFAULT;
	if (accept_kw(p, SO_KW_full))
		return SO_MATCH_FULL;
	so_parse_expect_kw(p, SO_KW_simple); /* PARTIAL is refused by PostgreSQL */
	return SO_MATCH_SIMPLE;
}

static uint32_t key_action(struct parse *p, struct so_list *columns)
{
	uint32_t action = SO_KEY_SET_NULL;

	if (accept_kw2(p, SO_KW_no, SO_KW_action))
		return SO_KEY_NO_ACTION;
	if (accept_kw(p, SO_KW_restrict))
		return SO_KEY_RESTRICT;
	if (accept_kw(p, SO_KW_cascade))
		return SO_KEY_CASCADE;
	so_parse_expect_kw(p, SO_KW_set);
	if (accept_kw(p, SO_KW_default))
		action = SO_KEY_SET_DEFAULT;
	else
		so_parse_expect_kw(p, SO_KW_null);
	if (columns && at(p, SO_TOK_LPAREN))
		*columns = so_parse_name_list(p);
	return action;
}

/* ON DELETE and ON UPDATE, each at most once. */
static void key_actions(struct parse *p, struct so_n_constraint *node)
{
	struct so_rare_constraint *rare;

	while (at_kw(p, SO_KW_on)) {
		if (kw_at(p, 1) == SO_KW_delete && !so_rare_constraint(p->ast, node)->on_delete) {
			so_parse_move(p, 2);
			rare = so_need_constraint(p->ast, node);
			rare->on_delete = key_action(p, &rare->on_delete_columns);
		} else if (kw_at(p, 1) == SO_KW_update && !so_rare_constraint(p->ast, node)->on_update) {
			so_parse_move(p, 2);
			so_set_rare(p->ast, constraint, node, on_update, key_action(p, NULL));
		} else {
			advance(p);
			so_parse_unexpected(p);
		}
	}
}

/* REFERENCES table (columns) MATCH .. ON .. */
/* (a, b [, PERIOD c]) */
static struct so_list foreign_columns(struct parse *p, bool *period)
{
	size_t mark = so_parse_mark(p);

	*period = false;
	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		enum so_tok after = (enum so_tok)peek_at(p, 1)->kind;

		if (so_parse_at_word(p, 0, "period") && after != SO_TOK_COMMA && after != SO_TOK_RPAREN) {
			advance(p);
			*period = true;
		}
		so_parse_push(p, so_parse_name_node(p));
	} while (!*period && accept(p, SO_TOK_COMMA));
	so_parse_expect(p, SO_TOK_RPAREN);
	return so_parse_take(p, mark);
}

static void references(struct parse *p, struct so_n_constraint *node)
{
	bool period;

	so_parse_expect_kw(p, SO_KW_references);
	node->ref_table = so_parse_ddl_table(p);
	if (at(p, SO_TOK_LPAREN)) {
		node->ref_columns = foreign_columns(p, &period);
		/* both sides have it */
		if (period != !!(node->bits & SO_DDL_WITHOUT_OVERLAPS))
			so_parse_unexpected(p);
	}
	so_set_rare(p->ast, constraint, node, match, key_match(p));
	key_actions(p, node);
}

static void nulls_distinct(struct parse *p, struct so_n_constraint *node)
{
	if (!at_kw(p, SO_KW_nulls))
		return;
	advance(p);
	if (accept_kw(p, SO_KW_not))
		node->bits |= SO_DDL_NULLS_NOT_DISTINCT;
	so_parse_expect_kw(p, SO_KW_distinct);
}

/* INCLUDE (..) WITH (..) USING INDEX TABLESPACE t */
static void index_clauses(struct parse *p, struct so_n_constraint *node, bool include)
{
	if (include && accept_kw(p, SO_KW_include))
		so_set_rare(p->ast, constraint, node, include, so_parse_name_list(p));
	if (at_kw(p, SO_KW_with) && peek_at(p, 1)->kind == SO_TOK_LPAREN) {
		advance(p);
		so_set_rare(p->ast, constraint, node, options, so_parse_definition(p));
	}
	if (at_kw(p, SO_KW_using) && kw_at(p, 1) == SO_KW_index && kw_at(p, 2) == SO_KW_tablespace) {
		so_parse_move(p, 3);
		so_set_rare(p->ast, constraint, node, tablespace, so_parse_name(p, SO_USE_COLUMN));
	}
}

static so_ref paren_expr(struct parse *p)
{
	so_ref ref;

	so_parse_expect(p, SO_TOK_LPAREN);
	ref = so_parse_expr(p);
	so_parse_expect(p, SO_TOK_RPAREN);
	return ref;
}

/* ---- Attributes ------------------------------------------------------------------------------------------------- */

static bool may_defer(const struct so_n_constraint *node)
{
	switch ((enum so_constraint_type)node->type) {
	case SO_CON_PRIMARY_KEY:
	case SO_CON_UNIQUE:
	case SO_CON_EXCLUDE:
	case SO_CON_FOREIGN_KEY:
	case SO_CON_ATTRIBUTES:
		return true;
	default:
		return false;
	}
}

/* [NOT] DEFERRABLE and INITIALLY ..; an attribute that contradicts one before it is not taken. False: none here. */
static bool timing(struct parse *p, struct so_n_constraint *node)
{
	if (at_kw(p, SO_KW_deferrable) && !so_rare_constraint(p->ast, node)->deferrable) {
		advance(p);
		so_set_rare(p->ast, constraint, node, deferrable, SO_DEFERRABLE);
	} else if (at_kw(p, SO_KW_not) && kw_at(p, 1) == SO_KW_deferrable &&
		   !so_rare_constraint(p->ast, node)->deferrable &&
		   so_rare_constraint(p->ast, node)->initially != SO_INITIALLY_DEFERRED) {
		so_parse_move(p, 2);
		so_set_rare(p->ast, constraint, node, deferrable, SO_NOT_DEFERRABLE);
	} else if (at_kw(p, SO_KW_initially) && !so_rare_constraint(p->ast, node)->initially &&
		   kw_at(p, 1) == SO_KW_immediate) {
		so_parse_move(p, 2);
		so_set_rare(p->ast, constraint, node, initially, SO_INITIALLY_IMMEDIATE);
	} else if (at_kw(p, SO_KW_initially) && !so_rare_constraint(p->ast, node)->initially &&
		   kw_at(p, 1) == SO_KW_deferred && so_rare_constraint(p->ast, node)->deferrable != SO_NOT_DEFERRABLE) {
		so_parse_move(p, 2);
		so_set_rare(p->ast, constraint, node, initially, SO_INITIALLY_DEFERRED);
	} else {
		return false;
	}
	return true;
}

static bool enforcement(struct parse *p, struct so_n_constraint *node)
{
	if (node->bits & (SO_DDL_ENFORCED | SO_DDL_NOT_ENFORCED))
		return false;
	if (so_parse_accept_word(p, "enforced")) {
		node->bits |= SO_DDL_ENFORCED;
	} else if (at_kw(p, SO_KW_not) && so_parse_at_word(p, 1, "enforced")) {
		so_parse_move(p, 2);
		node->bits |= SO_DDL_NOT_ENFORCED;
	} else {
		return false;
	}
	return true;
}

/* What may follow a table constraint. Each kind takes its own attributes only. */
void so_parse_constraint_attributes(struct parse *p, so_ref ref)
{
	struct so_n_constraint *node = AS(p, constraint, ref);
	bool check = node->type == SO_CON_CHECK, foreign = node->type == SO_CON_FOREIGN_KEY;
	bool altered = node->type == SO_CON_ATTRIBUTES;

	for (;;) {
		if (may_defer(node) && timing(p, node))
			continue;
		if ((check || foreign || altered) && enforcement(p, node))
			continue;
		if ((check || foreign || node->type == SO_CON_NOT_NULL) && accept_kw2(p, SO_KW_not, SO_KW_valid))
			node->bits |= SO_DDL_NOT_VALID;
		else if ((check || altered || node->type == SO_CON_NOT_NULL) && accept_kw2(p, SO_KW_no, SO_KW_inherit))
			node->bits |= SO_DDL_NO_INHERIT;
		else
			break;
	}
	so_parse_done(p, ref);
}

/* ---- Of a column ------------------------------------------------------------------------------------------------ */

/* GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(..)], GENERATED ALWAYS AS (expr) [STORED | VIRTUAL] */
static void generated(struct parse *p, struct so_n_constraint *node)
{
	if (accept_kw(p, SO_KW_always)) {
		node->bits |= SO_DDL_ALWAYS;
	} else {
		so_parse_expect_kw(p, SO_KW_by);
		so_parse_expect_kw(p, SO_KW_default);
		node->bits |= SO_DDL_BY_DEFAULT;
	}
	so_parse_expect_kw(p, SO_KW_as);
	if (accept_kw(p, SO_KW_identity)) {
		node->type = SO_CON_IDENTITY;
		if (accept(p, SO_TOK_LPAREN)) {
			so_set_rare(p->ast, constraint, node, options, so_parse_sequence_options(p));
			if (!so_rare_constraint(p->ast, node)->options.count)
				so_parse_unexpected(p);
			so_parse_expect(p, SO_TOK_RPAREN);
		}
		return;
	}
	if (node->bits & SO_DDL_BY_DEFAULT)
		so_parse_unexpected(p);
	node->type = SO_CON_GENERATED;
	node->expr = paren_expr(p);
	if (accept_kw(p, SO_KW_stored))
		node->bits |= SO_DDL_STORED;
	else if (so_parse_accept_word(p, "virtual"))
		node->bits |= SO_DDL_VIRTUAL;
}

/* The constraint after its optional name; false when none starts here. */
static bool column_constraint_body(struct parse *p, struct so_n_constraint *node)
{
	switch (kw(p)) {
	case SO_KW_not:
		if (kw_at(p, 1) != SO_KW_null)
			return false;
		so_parse_move(p, 2);
		node->type = SO_CON_NOT_NULL;
		if (accept_kw2(p, SO_KW_no, SO_KW_inherit))
			node->bits |= SO_DDL_NO_INHERIT;
		return true;
	case SO_KW_null:
		advance(p);
		node->type = SO_CON_NULL;
		return true;
	case SO_KW_unique:
		advance(p);
		node->type = SO_CON_UNIQUE;
		nulls_distinct(p, node);
		index_clauses(p, node, false);
		return true;
	case SO_KW_primary:
		advance(p);
		so_parse_expect_kw(p, SO_KW_key);
		node->type = SO_CON_PRIMARY_KEY;
		index_clauses(p, node, false);
		return true;
	case SO_KW_check:
		advance(p);
		node->type = SO_CON_CHECK;
		node->expr = paren_expr(p);
		if (accept_kw2(p, SO_KW_no, SO_KW_inherit))
			node->bits |= SO_DDL_NO_INHERIT;
		return true;
	case SO_KW_default:
		advance(p);
		node->type = SO_CON_DEFAULT;
		node->expr = so_parse_b_expr(p);
		return true;
	case SO_KW_generated:
		advance(p);
		generated(p, node);
		return true;
	case SO_KW_references:
		node->type = SO_CON_FOREIGN_KEY;
		references(p, node);
		return true;
	default:
		return false;
	}
}

/* An attribute that stands alone, as PostgreSQL's own grammar has it; where a constraint precedes, it takes what it can
 * (see so_parse_column_constraints). 0: none here. */
static so_ref lone_attribute(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_n_constraint probe = { .hdr.kind = SO_N_CONSTRAINT };
	so_ref ref;

	if (!timing(p, &probe) && !enforcement(p, &probe))
		return 0;
	ref = so_parse_node(p, SO_N_CONSTRAINT, first);
	NEW(p, constraint, ref)->type = SO_CON_ATTRIBUTES;
	NEW(p, constraint, ref)->bits = probe.bits;
	NEW(p, constraint, ref)->rare = probe.rare;
	return ref;
}

/* Attributes after a column's constraint, in the order that they are printed in. */
static void column_attributes(struct parse *p, so_ref ref)
{
	struct so_n_constraint *node = AS(p, constraint, ref);

	while (may_defer(node) && (!so_rare_constraint(p->ast, node)->initially || at_kw(p, SO_KW_initially)) &&
		timing(p, node))
		;
	if (node->type == SO_CON_CHECK || node->type == SO_CON_FOREIGN_KEY)
		enforcement(p, node);
	so_parse_done(p, ref);
}

static so_ref column_constraint(struct parse *p)
{
	uint32_t first = p->pos;
	struct so_n_constraint *node;
	so_ref ref;

	if (!at_kw(p, SO_KW_constraint) && !at_kw(p, SO_KW_not) && !at_kw(p, SO_KW_null) && !at_kw(p, SO_KW_unique) &&
		!at_kw(p, SO_KW_primary) && !at_kw(p, SO_KW_check) && !at_kw(p, SO_KW_default) &&
		!at_kw(p, SO_KW_generated) && !at_kw(p, SO_KW_references))
		return lone_attribute(p);
	if (at_kw(p, SO_KW_not) && kw_at(p, 1) != SO_KW_null)
		return lone_attribute(p);
	ref = so_parse_node(p, SO_N_CONSTRAINT, first);
	node = AS(p, constraint, ref);
	node->name = so_parse_accept_name_after(p, SO_KW_constraint);
	if (!column_constraint_body(p, node))
		so_parse_unexpected(p);
	column_attributes(p, ref);
	return ref;
}

struct so_list so_parse_column_constraints(struct parse *p, so_ref *collation)
{
	size_t mark = so_parse_mark(p);
	so_ref ref;

	for (;;) {
		if (at_kw(p, SO_KW_collate) && !*collation) {
			advance(p);
			*collation = so_parse_any_name(p);
			continue;
		}
		ref = column_constraint(p);
		if (!ref)
			break;
		so_parse_push(p, ref);
	}
	return so_parse_take(p, mark);
}

/* ---- Of a table ------------------------------------------------------------------------------------------------- */

/* a column as a key of a constraint */
static so_ref key_column(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_INDEX_ELEM, p->pos);
	so_ref column = so_parse_node(p, SO_N_COLUMN, p->pos);

	AS(p, column, column)->name = so_parse_name(p, SO_USE_COLUMN);
	AS(p, index_elem, ref)->expr = column;
	return so_parse_done(p, ref);
}

static bool existing_index(struct parse *p, struct so_n_constraint *node)
{
	if (!accept_kw2(p, SO_KW_using, SO_KW_index))
		return false;
	so_set_rare(p->ast, constraint, node, index, so_parse_name(p, SO_USE_COLUMN));
	return true;
}

/* (a, b [WITHOUT OVERLAPS]) */
static void key_columns(struct parse *p, struct so_n_constraint *node)
{
	size_t mark = so_parse_mark(p);

	so_parse_expect(p, SO_TOK_LPAREN);
	do {
		so_parse_push(p, key_column(p));
	} while (accept(p, SO_TOK_COMMA));
	node->columns = so_parse_take(p, mark);
	if (at_kw(p, SO_KW_without) && kw_at(p, 1) == SO_KW_overlaps) {
		so_parse_move(p, 2);
		node->bits |= SO_DDL_WITHOUT_OVERLAPS;
	}
	so_parse_expect(p, SO_TOK_RPAREN);
}

static void unique_key(struct parse *p, struct so_n_constraint *node)
{
	if (node->type == SO_CON_UNIQUE)
		nulls_distinct(p, node);
	if (!(node->bits & SO_DDL_NULLS_NOT_DISTINCT) && existing_index(p, node))
		return;
	key_columns(p, node);
	index_clauses(p, node, true);
}

static so_ref exclusion(struct parse *p)
{
	so_ref ref = so_parse_index_elem(p), schema;
	struct so_name name;
	enum so_op op;

	so_parse_expect_kw(p, SO_KW_with);
	/* OPERATOR (s.=), and without the word, too */
	if (peek_at(p, 1)->kind == SO_TOK_DOT)
		name = so_parse_any_operator(p, &op, &schema);
	else
		name = so_parse_operator(p, &op, &schema);
	AS(p, index_elem, ref)->with_op = name;
	AS(p, index_elem, ref)->with_schema = schema;
	return so_parse_done(p, ref);
}

static void exclude(struct parse *p, struct so_n_constraint *node)
{
	so_set_rare(p->ast, constraint, node, method, so_parse_accept_name_after(p, SO_KW_using));
	node->columns = so_parse_paren_list(p, exclusion);
	index_clauses(p, node, true);
	if (accept_kw(p, SO_KW_where))
		so_set_rare(p->ast, constraint, node, where, paren_expr(p));
}

static void foreign_key(struct parse *p, struct so_n_constraint *node)
{
	bool period;

	so_parse_expect_kw(p, SO_KW_key);
	node->columns = foreign_columns(p, &period);
	if (period)
		node->bits |= SO_DDL_WITHOUT_OVERLAPS;
	references(p, node);
}

bool so_parse_at_table_constraint(const struct parse *p)
{
	switch (kw(p)) {
	case SO_KW_constraint:
	case SO_KW_check:
	case SO_KW_unique:
	case SO_KW_primary:
	case SO_KW_foreign:
		return true;
	case SO_KW_not: /* since version 18 */
		return kw_at(p, 1) == SO_KW_null;
	case SO_KW_exclude:
		return peek_at(p, 1)->kind == SO_TOK_LPAREN || kw_at(p, 1) == SO_KW_using;
	default:
		return false;
	}
}

so_ref so_parse_table_constraint(struct parse *p)
{
	so_ref ref = so_parse_node(p, SO_N_CONSTRAINT, p->pos);
	struct so_n_constraint *node = NEW(p, constraint, ref);

	node->name = so_parse_accept_name_after(p, SO_KW_constraint);
	if (accept_kw(p, SO_KW_check)) {
		node->type = SO_CON_CHECK;
		node->expr = paren_expr(p);
	} else if (accept_kw(p, SO_KW_unique)) {
		node->type = SO_CON_UNIQUE;
		unique_key(p, node);
	} else if (accept_kw2(p, SO_KW_primary, SO_KW_key)) {
		node->type = SO_CON_PRIMARY_KEY;
		unique_key(p, node);
	} else if (accept_kw(p, SO_KW_foreign)) {
		node->type = SO_CON_FOREIGN_KEY;
		foreign_key(p, node);
	} else if (accept_kw(p, SO_KW_exclude)) {
		node->type = SO_CON_EXCLUDE;
		exclude(p, node);
	} else if (accept_kw2(p, SO_KW_not, SO_KW_null)) {
		size_t mark = so_parse_mark(p);

		node->type = SO_CON_NOT_NULL;
		so_parse_push(p, key_column(p));
		node->columns = so_parse_take(p, mark);
	} else {
		so_parse_unexpected(p);
	}
	so_parse_constraint_attributes(p, ref);
	return ref;
}
