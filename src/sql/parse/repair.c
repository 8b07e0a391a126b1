/* Makes the tree of a text that was cut off whole: what readers may rely on is filled with placeholders. */
#include "sql/parse/parser.h"

struct required {
	uint8_t kind;
	uint8_t offset;
	uint8_t filler; /* kind of the placeholder */
};

#define NEED(upper, lower, field, filler)                                                                              \
	{                                                                                                              \
		SO_N_##upper, offsetof(struct so_n_##lower, field), SO_N_##filler                                      \
	}

static const struct required required[] = {
	NEED(OP, op, right, MISSING),
	NEED(NOT, not, arg, MISSING),
	NEED(IS, is, arg, MISSING),
	NEED(BETWEEN, between, arg, MISSING),
	NEED(BETWEEN, between, low, MISSING),
	NEED(BETWEEN, between, high, MISSING),
	NEED(IN, in, arg, MISSING),
	NEED(LIKE, like, arg, MISSING),
	NEED(LIKE, like, pattern, MISSING),
	NEED(QUANT, quant, left, MISSING),
	NEED(EXISTS, exists, query, SELECT),
	NEED(SUBQUERY, subquery, query, SELECT),
	NEED(WHEN, when, cond, MISSING),
	NEED(WHEN, when, result, MISSING),
	NEED(CAST, cast, arg, MISSING),
	NEED(CAST, cast, type, TYPE),
	NEED(NAMED_ARG, named_arg, value, MISSING),
	NEED(SORT, sort, arg, MISSING),
	NEED(SUBSCRIPT, subscript, arg, MISSING),
	NEED(FIELD, field, arg, MISSING),
	NEED(COLLATE, collate, arg, MISSING),
	NEED(COLLATE, collate, collation, NAME),
	NEED(SETOP, setop, left, SELECT),
	NEED(SETOP, setop, right, SELECT),
	NEED(CTE, cte, query, SELECT),
	NEED(TARGET, target, expr, MISSING),
	NEED(FROM_QUERY, from_query, query, SELECT),
	NEED(FROM_XML, from_xml, path, MISSING),
	NEED(FROM_XML, from_xml, document, MISSING),
	NEED(JOIN, join, left, TABLE),
	NEED(JOIN, join, right, TABLE),
	NEED(INSERT_ALL, insert_all, query, SELECT),
	NEED(INSERT, insert, table, TABLE),
	NEED(UPDATE, update, table, TABLE),
	NEED(DELETE, delete, table, TABLE),
	NEED(MERGE, merge, table, TABLE),
	NEED(MERGE, merge, source, TABLE),
	NEED(MERGE, merge, on, MISSING),
	NEED(INDEX_ELEM, index_elem, expr, MISSING),
	NEED(ASSIGN, assign, value, MISSING),
	NEED(COLUMN_DEF, column_def, type, TYPE),
	NEED(TABLE_LIKE, table_like, table, TABLE),
	NEED(CREATE_TABLE, create_table, table, TABLE),
	NEED(CREATE_INDEX, create_index, table, TABLE),
	NEED(CREATE_VIEW, create_view, view, TABLE),
	NEED(CREATE_VIEW, create_view, query, SELECT),
	NEED(CREATE_SEQUENCE, create_sequence, sequence, TABLE),
	NEED(CREATE_TYPE, create_type, name, NAME),
	NEED(CREATE_DOMAIN, create_domain, name, NAME),
	NEED(CREATE_DOMAIN, create_domain, type, TYPE),
	NEED(ALTER, alter, target, TABLE),
	NEED(COMMENT, comment, name, NAME),
	NEED(COMMENT, comment, text, MISSING),
};

static so_ref placeholder(struct parse *p, enum so_node_kind kind)
{
	so_ref ref = so_parse_node(p, kind, p->end ? p->end - 1 : 0);

	set_flag(p, ref, SO_NF_TRUNCATED);
	return ref;
}

static void fill(struct parse *p, so_ref ref)
{
	enum so_node_kind kind = so_ast_kind(p->ast, ref);

	for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
		so_ref *field = (so_ref *)((char *)so_ast_at(p->ast, ref) + required[i].offset);

		if (required[i].kind != kind || *field)
			continue;
		*field = placeholder(p, (enum so_node_kind)required[i].filler);
		set_flag(p, ref, SO_NF_TRUNCATED);
	}
}

static struct so_list list_of(struct parse *p, so_ref item)
{
	size_t mark = so_parse_mark(p);

	so_parse_push(p, item);
	return so_parse_take(p, mark);
}

/* What is not a single field. */
static void fill_rest(struct parse *p, so_ref ref)
{
	struct so_n_func *func;
	so_ref first;

	switch (so_ast_kind(p->ast, ref)) {
	case SO_N_QUANT:
		if (!AS(p, quant, ref)->query && !AS(p, quant, ref)->array)
			AS(p, quant, ref)->array = placeholder(p, SO_N_MISSING);
		return;
	case SO_N_VALUES:
		if (!AS(p, values, ref)->rows.count)
			AS(p, values, ref)->rows = list_of(p, placeholder(p, SO_N_ROW));
		return;
	case SO_N_FROM_FUNC:
		if (!AS(p, from_func, ref)->funcs.count)
			AS(p, from_func, ref)->funcs = list_of(p, placeholder(p, SO_N_MISSING));
		return;
	case SO_N_FUNC:
		func = AS(p, func, ref);
		first = func->args.count ? so_list_get(p->ast, func->args, 0) : 0;
		/* forms of the grammar that lack arguments are shown as plain calls */
		if (func->args.count < 2 && func->syntax > SO_FS_VALUE && so_ast_kind(p->ast, first) != SO_N_CAST)
			func->syntax = SO_FS_CALL;
		return;
	default:
		return;
	}
}

static enum so_walk repair(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	(void)ast;
	(void)parent;
	fill(arg, ref);
	fill_rest(arg, ref);
	return SO_WALK_ON;
}

so_ref so_parse_repair(struct parse *p, so_ref root)
{
	if (!root)
		root = placeholder(p, SO_N_MISSING);
	so_ast_walk(p->ast, root, repair, p);
	return root;
}
