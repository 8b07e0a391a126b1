/* Clauses of words with values between them, and what Oracle writes in another way than the rest. */
#include <string.h>

#include "sql/parse/ddl.h"
#include "sql/print/ddl.h"

/* ---- Phrases ---------------------------------------------------------------------------------------------------- */

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c) != NULL;
}

/* A blank in front of what begins with `next`, unless signs keep close. */
static void put_gap(struct printer *pr, char next)
{
	char last = pr->buf->len ? pr->buf->data[pr->buf->len - 1] : ' ';

	if (!is_one_of(last, "( .@[") && !is_one_of(next, "),.@"))
		so_put(pr, " ");
}

static bool is_operation(const struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OP:
	case SO_N_BOOL:
	case SO_N_NOT:
	case SO_N_IS:
	case SO_N_IN:
	case SO_N_BETWEEN:
	case SO_N_LIKE:
		return true;
	default:
		return false;
	}
}

static void put_item(struct printer *pr, so_ref ref, bool first, bool tight)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_WORD:
		put_gap(pr, *so_ast_name(pr->ast, GET(pr, word, ref)->text).s);
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, ref)->text));
		return;
	case SO_N_PHRASE:
		if (!first)
			put_gap(pr, 0);
		so_put_phrase(pr, ref);
		return;
	case SO_N_SELECT:
	case SO_N_SETOP:
	case SO_N_VALUES:
		put_gap(pr, 0);
		so_put_statement(pr, ref);
		return;
	default:
		if (!first)
			put_gap(pr, 0);
		/* the operand of a suffix, and what was in parentheses */
		if (is_operation(pr, ref) && ((first && tight) || so_put_flag(pr, ref, SO_NF_PAREN)))
			so_put_expr(pr, ref, SO_LV_PRIMARY);
		else
			so_put_node(pr, ref);
	}
}

void so_put_phrase(struct printer *pr, so_ref ref)
{
	const struct so_n_phrase *node = GET(pr, phrase, ref);
	bool restricted = pr->restricted;

	pr->restricted = false;
	if (node->hdr.flags & SO_NF_STAR) {
		/* a hint: its text stands as it was */
		so_put(pr, "/*+");
		so_put_text(pr, so_ast_name(pr->ast, GET(pr, word, so_list_get(pr->ast, node->items, 0))->text));
		so_put(pr, "*/");
		pr->restricted = restricted;
		return;
	}
	for (uint32_t i = 0; i < node->items.count; i++)
		put_item(pr, so_list_get(pr->ast, node->items, i), i == 0, (node->hdr.flags & SO_NF_WITHIN) != 0);
	pr->restricted = restricted;
}

/* Text of the first word of a phrase. */
static const char *first_text(const struct printer *pr, so_ref ref)
{
	struct so_list items = GET(pr, phrase, ref)->items;
	so_ref first = items.count ? so_list_get(pr->ast, items, 0) : 0;

	return so_ast_kind(pr->ast, first) == SO_N_WORD ? so_ast_name(pr->ast, GET(pr, word, first)->text).s : "";
}

void so_put_phrases(struct printer *pr, struct so_list list)
{
	for (uint32_t i = 0; i < list.count; i++) {
		so_ref ref = so_list_get(pr->ast, list, i);

		put_gap(pr, so_ast_kind(pr->ast, ref) == SO_N_PHRASE ? *first_text(pr, ref) : 0);
		so_put_node(pr, ref);
	}
}

void so_put_hints(struct printer *pr, struct so_list hints)
{
	for (uint32_t i = 0; i < hints.count; i++) {
		so_ref ref = so_list_get(pr->ast, hints, i);

		if (so_ast_kind(pr->ast, ref) != SO_N_PHRASE)
			continue;
		so_put(pr, " ");
		so_put_phrase(pr, ref);
	}
}

void so_put_hierarchy(struct printer *pr, so_ref ref)
{
	const struct so_n_hierarchy *node = GET(pr, hierarchy, ref);

	if (node->start) {
		so_put_break(pr);
		so_put(pr, "START WITH ");
		so_put_expr(pr, node->start, SO_LV_ANY);
	}
	so_put_break(pr);
	so_put(pr, node->hdr.flags & SO_NF_DISTINCT ? "CONNECT BY NOCYCLE " : "CONNECT BY ");
	so_put_expr(pr, node->connect, SO_LV_ANY);
}

/* ---- INSERT ALL ------------------------------------------------------------------------------------------------- */

void so_put_insert_all(struct printer *pr, so_ref ref)
{
	const struct so_n_insert_all *node = GET(pr, insert_all, ref);

	so_put(pr, "INSERT");
	so_put_hints(pr, node->extra);
	so_put(pr, node->hdr.flags & SO_NF_DISTINCT ? " FIRST" : " ALL");
	for (uint32_t i = 0; i < node->whens.count; i++) {
		const struct so_n_when *when = GET(pr, when, so_list_get(pr->ast, node->whens, i));
		struct so_list inserts = GET(pr, block, when->result)->statements;

		if (when->cond) {
			so_put_break(pr);
			so_put(pr, "WHEN ");
			so_put_expr(pr, when->cond, SO_LV_ANY);
			so_put(pr, " THEN");
		} else if (i) {
			so_put_break(pr);
			so_put(pr, "ELSE");
		}
		for (uint32_t k = 0; k < inserts.count; k++) {
			so_put_break(pr);
			so_put_insert_branch(pr, so_list_get(pr->ast, inserts, k));
		}
	}
	so_put_break(pr);
	so_put_statement(pr, node->query);
}

/* ---- Statements that define objects ------------------------------------------------------------------------------ */

static void put_key(struct printer *pr, so_ref ref)
{
	static const char *const dirs[] = { "", " ASC", " DESC", "" };
	static const char *const nulls[] = { "", " NULLS FIRST", " NULLS LAST" };
	const struct so_n_index_elem *node = GET(pr, index_elem, ref);

	so_put_expr(pr, node->expr, SO_LV_ANY);
	so_put(pr, dirs[node->dir]);
	so_put(pr, nulls[node->nulls]);
}

static void put_keys(struct printer *pr, struct so_list keys)
{
	if (!keys.count)
		return;
	so_put(pr, " ");
	so_put_paren_list(pr, keys, put_key);
}

static void put_constraint_body(struct printer *pr, const struct so_n_constraint *node)
{
	static const char *const deletes[] = { "", " ON DELETE NO ACTION", "", " ON DELETE CASCADE",
		" ON DELETE SET NULL", "" };
	const char *on_null = !(node->bits & SO_DDL_NULLS_NOT_DISTINCT) ? ""
			      : node->bits & SO_DDL_ENFORCED            ? "ON NULL FOR INSERT AND UPDATE "
									: "ON NULL ";

	switch ((enum so_constraint_type)node->type) {
	case SO_CON_NULL:
		so_put(pr, "NULL");
		return;
	case SO_CON_NOT_NULL:
		so_put(pr, "NOT NULL");
		return;
	case SO_CON_DEFAULT:
		so_put(pr, "DEFAULT ");
		so_put(pr, on_null);
		so_put_expr(pr, node->expr, SO_LV_ANY);
		return;
	case SO_CON_CHECK:
		so_put(pr, "CHECK (");
		so_put_expr(pr, node->expr, SO_LV_ANY);
		so_put(pr, ")");
		return;
	case SO_CON_PRIMARY_KEY:
		so_put(pr, "PRIMARY KEY");
		put_keys(pr, node->columns);
		return;
	case SO_CON_UNIQUE:
		so_put(pr, "UNIQUE");
		put_keys(pr, node->columns);
		return;
	case SO_CON_FOREIGN_KEY:
		if (node->columns.count) {
			so_put(pr, "FOREIGN KEY ");
			so_put_paren_list(pr, node->columns, so_put_name_node);
			so_put(pr, " ");
		}
		so_put(pr, "REFERENCES ");
		so_put_node(pr, node->ref_table);
		if (node->ref_columns.count) {
			so_put(pr, " ");
			so_put_paren_list(pr, node->ref_columns, so_put_name_node);
		}
		so_put(pr, deletes[node->on_delete]);
		return;
	case SO_CON_IDENTITY:
		so_put(pr, node->bits & SO_DDL_ALWAYS       ? "GENERATED ALWAYS "
			   : node->bits & SO_DDL_BY_DEFAULT ? "GENERATED BY DEFAULT "
							    : "");
		so_put(pr, on_null);
		so_put(pr, "AS IDENTITY");
		if (node->options.count) {
			so_put(pr, " (");
			so_put_phrases(pr, node->options);
			so_put(pr, ")");
		}
		return;
	default:
		so_put(pr, node->bits & SO_DDL_ALWAYS ? "GENERATED ALWAYS AS (" : "AS (");
		so_put_expr(pr, node->expr, SO_LV_ANY);
		so_put(pr, node->bits & SO_DDL_VIRTUAL  ? ") VIRTUAL"
			   : node->bits & SO_DDL_STORED ? ") MATERIALIZED"
							: ")");
	}
}

static void put_constraint(struct printer *pr, so_ref ref)
{
	const struct so_n_constraint *node = GET(pr, constraint, ref);

	if (node->name.len) {
		so_put(pr, "CONSTRAINT ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
		so_put(pr, " ");
	}
	put_constraint_body(pr, node);
	if (node->type != SO_CON_IDENTITY)
		so_put_phrases(pr, node->options);
}

static void put_column_def(struct printer *pr, const struct so_n_column_def *node)
{
	so_put_name(pr, node->name, SO_PLACE_COLUMN);
	if (node->type) {
		so_put(pr, " ");
		so_put_type(pr, node->type);
	}
	so_put_phrases(pr, node->options);
	so_put_phrases(pr, node->constraints);
}

static void put_partition_def(struct printer *pr, so_ref ref)
{
	const struct so_n_partition_def *node = GET(pr, partition_def, ref);

	so_put(pr, node->hdr.flags & SO_NF_STAR ? "SUBPARTITION" : "PARTITION");
	if (node->name.len) {
		so_put(pr, " ");
		so_put_name(pr, node->name, SO_PLACE_COLUMN);
	}
	if (node->bound) {
		so_put(pr, " ");
		so_put_node(pr, node->bound);
	}
	so_put_phrases(pr, node->options);
	if (node->subs.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->subs, put_partition_def);
	}
}

static void put_partition_by(struct printer *pr, so_ref ref, const char *words)
{
	const struct so_n_partition_by *node = GET(pr, partition_by, ref);

	so_put(pr, words);
	so_put_upper(pr, so_ast_name(pr->ast, node->method));
	put_keys(pr, node->keys);
	if (node->sub) {
		so_put(pr, " ");
		put_partition_by(pr, node->sub, "SUBPARTITION BY ");
	}
	so_put_phrases(pr, node->options);
	if (node->parts.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->parts, put_partition_def);
	}
}

static void put_bound(struct printer *pr, const struct so_n_partition_bound *node)
{
	bool less = node->type == SO_BOUND_TYPE_LESS_THAN;

	so_put(pr, less ? "VALUES LESS THAN " : "VALUES ");
	so_put_paren_list(pr, less ? node->upper : node->values, so_put_expr_item);
}

static void put_create_table(struct printer *pr, const struct so_n_create_table *node)
{
	for (uint32_t i = 0; i < node->modifiers.count; i++) {
		if (i)
			so_put(pr, " ");
		so_put_node(pr, so_list_get(pr->ast, node->modifiers, i));
		if (i == 0) {
			so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? " IF NOT EXISTS " : " ");
			so_put_node(pr, node->table);
		}
	}
	if (node->elems.count) {
		so_put(pr, " (");
		pr->indent++;
		for (uint32_t i = 0; i < node->elems.count; i++) {
			so_put(pr, i ? "," : "");
			if (i || pr->pretty)
				so_put_break(pr);
			so_put_node(pr, so_list_get(pr->ast, node->elems, i));
		}
		pr->indent--;
		if (pr->pretty)
			so_put_break(pr);
		so_put(pr, ")");
	}
	so_put_phrases(pr, node->options);
	if (node->partition_by) {
		so_put_break(pr);
		put_partition_by(pr, node->partition_by, "PARTITION BY ");
	}
	if (node->query) {
		so_put(pr, " AS");
		so_put_break(pr);
		so_put_statement(pr, node->query);
	}
}

static void put_create_index(struct printer *pr, const struct so_n_create_index *node)
{
	so_put_node(pr, so_list_get(pr->ast, node->modifiers, 0));
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? " IF NOT EXISTS " : " ");
	so_put_qualified(pr, node->qualifier, node->name, SO_PLACE_COLUMN);
	so_put(pr, node->hdr.flags & SO_NF_STAR ? " ON CLUSTER " : " ON ");
	so_put_node(pr, node->table);
	put_keys(pr, node->keys);
	if (node->from.count) {
		so_put(pr, " FROM ");
		so_put_list(pr, node->from, so_put_from_item);
	}
	if (node->where) {
		so_put(pr, " WHERE ");
		so_put_expr(pr, node->where, SO_LV_ANY);
	}
	so_put_phrases(pr, node->options);
}

static void put_create_view(struct printer *pr, const struct so_n_create_view *node)
{
	so_put_node(pr, so_list_get(pr->ast, node->modifiers, 0));
	so_put(pr, node->bits & SO_DDL_IF_NOT_EXISTS ? " IF NOT EXISTS " : " ");
	so_put_node(pr, node->view);
	so_put_phrases(pr, node->object);
	if (node->columns.count) {
		so_put(pr, " ");
		so_put_paren_list(pr, node->columns, so_put_node);
	}
	so_put_phrases(pr, node->options);
	if (!node->query)
		return;
	so_put(pr, " AS");
	so_put_break(pr);
	so_put_statement(pr, node->query);
	so_put_phrases(pr, node->tail);
}

/* A clause that may stand among the columns of a table. */
static bool is_element(const struct printer *pr, so_ref ref)
{
	static const char *const words[] = { "SUPPLEMENTAL", "SCOPE", "REF", "PERIOD" };
	struct so_list items = GET(pr, phrase, ref)->items;
	so_ref first = items.count ? so_list_get(pr->ast, items, 0) : 0;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (so_ast_kind(pr->ast, first) == SO_N_WORD &&
			so_ast_name_is(pr->ast, GET(pr, word, first)->text, words[i]))
			return true;
	return false;
}

static void put_action(struct printer *pr, const struct so_n_alter_action *node)
{
	bool paren = (node->hdr.flags & SO_NF_PAREN) != 0, inside = paren;

	if (node->type != SO_ALTER_ADD_COLUMN && node->type != SO_ALTER_MODIFY_COLUMN) {
		so_put_node(pr, node->def);
		return;
	}
	so_put(pr, node->type == SO_ALTER_ADD_COLUMN ? "ADD" : "MODIFY");
	so_put(pr, paren ? " (" : " ");
	for (uint32_t i = 0; i < node->items.count; i++) {
		so_ref item = so_list_get(pr->ast, node->items, i);
		enum so_node_kind kind = so_ast_kind(pr->ast, item);

		if (inside && i && kind == SO_N_PHRASE && !is_element(pr, item)) {
			so_put(pr, ")");
			inside = false;
		}
		so_put(pr, i && inside ? ", " : i ? " " : "");
		so_put_node(pr, item);
	}
	so_put(pr, inside ? ")" : "");
}

static void put_alter(struct printer *pr, const struct so_n_alter *node)
{
	so_put(pr, "ALTER ");
	so_put(pr, so_object_words((enum so_object)node->object));
	so_put(pr, node->bits & SO_DDL_IF_EXISTS ? " IF EXISTS " : " ");
	so_put_node(pr, node->target);
	for (uint32_t i = 0; i < node->actions.count; i++) {
		so_put(pr, " ");
		put_action(pr, GET(pr, alter_action, so_list_get(pr->ast, node->actions, i)));
	}
}

static void put_small(struct printer *pr, so_ref ref)
{
	const struct so_n_create_sequence *sequence;
	const struct so_n_drop *drop;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_CREATE_SEQUENCE:
		sequence = GET(pr, create_sequence, ref);
		so_put(pr, sequence->bits & SO_DDL_OR_REPLACE ? "CREATE OR REPLACE SEQUENCE " : "CREATE SEQUENCE ");
		so_put(pr, sequence->bits & SO_DDL_IF_NOT_EXISTS ? "IF NOT EXISTS " : "");
		so_put_node(pr, sequence->sequence);
		so_put_phrases(pr, sequence->options);
		return;
	case SO_N_DROP:
		drop = GET(pr, drop, ref);
		so_put(pr, "DROP ");
		so_put(pr, so_object_words((enum so_object)drop->object));
		so_put(pr, drop->bits & SO_DDL_IF_EXISTS ? " IF EXISTS " : " ");
		so_put_list(pr, drop->names, so_put_node);
		so_put_phrases(pr, drop->options);
		return;
	default:
		so_put(pr, "TRUNCATE TABLE ");
		so_put_list(pr, GET(pr, truncate, ref)->tables, so_put_node);
		so_put_phrases(pr, GET(pr, truncate, ref)->options);
	}
}

bool so_put_oracle_ddl(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_CREATE_TABLE:
		put_create_table(pr, GET(pr, create_table, ref));
		return true;
	case SO_N_CREATE_INDEX:
		put_create_index(pr, GET(pr, create_index, ref));
		return true;
	case SO_N_CREATE_VIEW:
		put_create_view(pr, GET(pr, create_view, ref));
		return true;
	case SO_N_CREATE_SEQUENCE:
	case SO_N_DROP:
	case SO_N_TRUNCATE:
		put_small(pr, ref);
		return true;
	case SO_N_ALTER:
		put_alter(pr, GET(pr, alter, ref));
		return true;
	case SO_N_ALTER_ACTION:
		put_action(pr, GET(pr, alter_action, ref));
		return true;
	case SO_N_CONSTRAINT:
		put_constraint(pr, ref);
		return true;
	case SO_N_COLUMN_DEF:
		put_column_def(pr, GET(pr, column_def, ref));
		return true;
	case SO_N_INDEX_ELEM:
		put_key(pr, ref);
		return true;
	case SO_N_PARTITION_BY:
		put_partition_by(pr, ref, "PARTITION BY ");
		return true;
	case SO_N_PARTITION_DEF:
		put_partition_def(pr, ref);
		return true;
	case SO_N_PARTITION_BOUND:
		put_bound(pr, GET(pr, partition_bound, ref));
		return true;
	default:
		return false;
	}
}
