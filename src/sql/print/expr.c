/* Expressions. */
#include <string.h>

#include "sql/print/ddl.h"

static enum so_level op_node_level(const struct printer *pr, const struct so_n_op *op)
{
	if (op->schema)
		return SO_LV_OPERATOR;
	return (enum so_level)(op->left ? pr->traits->levels[op->op] : pr->traits->prefix[op->op]);
}

static bool is_like_operator(uint32_t op)
{
	return op == SO_OP_LIKE || op == SO_OP_NOT_LIKE || op == SO_OP_ILIKE || op == SO_OP_NOT_ILIKE;
}

static enum so_level quant_level(const struct printer *pr, const struct so_n_quant *node)
{
	if (node->schema)
		return SO_LV_OPERATOR;
	return is_like_operator(node->op) ? SO_LV_LIKE : (enum so_level)pr->traits->levels[node->op];
}

/* type 'text' is possible: a string, and a type that may stand in front of one. */
static bool is_literal_cast(const struct printer *pr, const struct so_n_cast *cast)
{
	if (cast->style != SO_CAST_LITERAL || so_ast_kind(pr->ast, cast->type) != SO_N_TYPE)
		return false;
	if (so_ast_kind(pr->ast, cast->arg) == SO_N_CONST)
		return GET(pr, const, cast->arg)->type == SO_C_STRING && !GET(pr, type, cast->type)->bounds.count;
	return so_ast_kind(pr->ast, cast->arg) == SO_N_PARAM;
}

static bool is_negative(const struct printer *pr, so_ref ref)
{
	const struct so_n_const *node = GET(pr, const, ref);
	struct so_text value = so_ast_str(pr->ast, node->value);

	return (node->type == SO_C_INT || node->type == SO_C_FLOAT) && value.len && value.s[0] == '-';
}

static enum so_level level_of(const struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_BOOL:
		return GET(pr, bool, ref)->op == SO_OR ? SO_LV_OR : SO_LV_AND;
	case SO_N_NOT:
		return SO_LV_NOT;
	case SO_N_IS:
		return (enum so_level)pr->traits->is_level;
	case SO_N_BETWEEN:
	case SO_N_IN:
	case SO_N_LIKE:
		return pr->restricted ? SO_LV_ANY : (enum so_level)pr->traits->like_level;
	case SO_N_QUANT:
		return pr->restricted ? SO_LV_ANY : quant_level(pr, GET(pr, quant, ref));
	case SO_N_OP:
		return op_node_level(pr, GET(pr, op, ref));
	case SO_N_FUNC:
		if (GET(pr, func, ref)->syntax == SO_FS_MEMBER_OF)
			return (enum so_level)pr->traits->like_level;
		if (GET(pr, func, ref)->syntax == SO_FS_AT_TIME_ZONE || GET(pr, func, ref)->syntax == SO_FS_AT_LOCAL)
			return pr->restricted ? SO_LV_ANY : SO_LV_AT;
		if (GET(pr, func, ref)->syntax == SO_FS_OVERLAPS)
			return pr->restricted ? SO_LV_ANY : (enum so_level)pr->traits->like_level;
		return SO_LV_PRIMARY;
	case SO_N_COLLATE:
		return pr->restricted ? SO_LV_ANY : SO_LV_COLLATE;
	case SO_N_CAST:
		return GET(pr, cast, ref)->style == SO_CAST_FUNC || is_literal_cast(pr, GET(pr, cast, ref))
			       ? SO_LV_PRIMARY
			       : SO_LV_CAST;
	case SO_N_CONST:
		return is_negative(pr, ref) ? SO_LV_UNARY : SO_LV_PRIMARY;
	default:
		return SO_LV_PRIMARY;
	}
}

void so_put_list(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	for (uint32_t i = 0; i < list.count; i++) {
		if (i)
			so_put(pr, ", ");
		item(pr, so_list_get(pr->ast, list, i));
	}
}

void so_put_expr_item(struct printer *pr, so_ref ref)
{
	so_put_expr(pr, ref, SO_LV_ANY);
}

static void put_const(struct printer *pr, so_ref ref)
{
	const struct so_n_const *node = GET(pr, const, ref);

	switch ((enum so_const_type)node->type) {
	case SO_C_NULL:
		so_put(pr, node->hdr.flags & SO_NF_ALL ? "ALL" : "NULL");
		return;
	case SO_C_TRUE:
		so_put(pr, "TRUE");
		return;
	case SO_C_FALSE:
		so_put(pr, "FALSE");
		return;
	case SO_C_INT:
	case SO_C_FLOAT:
		so_put_text(pr, so_ast_str(pr->ast, node->value));
		return;
	case SO_C_BITS:
		so_put(pr, "B");
		break;
	case SO_C_HEX:
		so_put(pr, "X");
		break;
	case SO_C_NSTRING:
		so_put(pr, "N");
		break;
	case SO_C_STRING:
		break;
	}
	so_put_string(pr, so_ast_str(pr->ast, node->value));
}

void so_put_operator(struct printer *pr, so_ref schema, struct so_name name)
{
	if (schema) {
		so_put(pr, "OPERATOR(");
		so_put_name_node(pr, schema);
		so_put(pr, ".");
	}
	so_put_text(pr, so_ast_name(pr->ast, name));
	if (schema)
		so_put(pr, ")");
}

static void put_prefix(struct printer *pr, const struct so_n_op *op)
{
	enum so_level level = op_node_level(pr, op);
	struct so_text name = so_ast_name(pr->ast, op->name);
	bool tight = level == SO_LV_UNARY && name.len == 1 && so_ast_kind(pr->ast, op->right) != SO_N_OP &&
		     so_ast_kind(pr->ast, op->right) != SO_N_CONST;

	so_put_operator(pr, op->schema, op->name);
	if (!tight)
		so_put(pr, " ");
	/* a number after a minus would become part of the literal */
	if (level == SO_LV_UNARY && op->op == SO_OP_SUB && so_ast_kind(pr->ast, op->right) == SO_N_CONST)
		so_put_expr(pr, op->right, SO_LV_CAST);
	else
		so_put_expr(pr, op->right, level == SO_LV_UNARY ? SO_LV_UNARY : (enum so_level)(level + 1));
}

static bool is_binary(const struct printer *pr, so_ref ref)
{
	return so_ast_kind(pr->ast, ref) == SO_N_OP && GET(pr, op, ref)->left;
}

/* a + b + c ... : down the left side first, without recursion. */
static void put_binary(struct printer *pr, so_ref ref)
{
	size_t mark = pr->count;
	enum so_level level;

	for (;;) {
		const struct so_n_op *op = GET(pr, op, ref);

		so_put_push(pr, ref);
		level = op_node_level(pr, op);
		level = level == SO_LV_COMPARE ? level + 1 : level;
		if (!is_binary(pr, op->left) || level_of(pr, op->left) < level)
			break;
		ref = op->left;
	}
	so_put_expr(pr, GET(pr, op, ref)->left, level);
	while (pr->count > mark) {
		const struct so_n_op *op = GET(pr, op, pr->stack[--pr->count]);

		so_put(pr, " ");
		so_put_operator(pr, op->schema, op->name);
		so_put(pr, " ");
		so_put_expr(pr, op->right, op_node_level(pr, op) + 1);
	}
}

static void put_bool(struct printer *pr, const struct so_n_bool *node)
{
	enum so_level level = node->op == SO_OR ? SO_LV_OR : SO_LV_AND;

	for (uint32_t i = 0; i < node->args.count; i++) {
		if (i) {
			pr->indent++;
			so_put_break(pr);
			pr->indent--;
			so_put(pr, node->op == SO_OR ? "OR " : "AND ");
		}
		so_put_expr(pr, so_list_get(pr->ast, node->args, i), i ? level + 1 : level);
	}
}

static void put_is(struct printer *pr, const struct so_n_is *node)
{
	static const char *const tests[] = {
		[SO_IS_NULL] = "NULL",
		[SO_IS_TRUE] = "TRUE",
		[SO_IS_FALSE] = "FALSE",
		[SO_IS_UNKNOWN] = "UNKNOWN",
		[SO_IS_DISTINCT] = "DISTINCT FROM ",
		[SO_IS_DOCUMENT] = "DOCUMENT",
		[SO_IS_NORMALIZED] = "NORMALIZED",
		[SO_IS_JSON] = "JSON",
	};
	struct so_text form = so_ast_name(pr->ast, node->form);

	so_put_expr(pr, node->arg, (enum so_level)(pr->traits->is_level + 1));
	if (node->test == SO_IS_DISTINCT && so_features_have(&pr->features, SO_FEAT_IS_ANY)) {
		so_put(pr, node->hdr.flags & SO_NF_NOT ? " IS " : " IS NOT ");
		so_put_expr(pr, node->right, (enum so_level)(pr->traits->is_level + 1));
		return;
	}
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " IS NOT " : " IS ");
	if (node->test == SO_IS_NORMALIZED && form.len) {
		so_put_text(pr, form);
		so_put(pr, " ");
	}
	if (node->test == SO_IS_WORDS) {
		so_put_text(pr, form);
		so_put(pr, node->right ? " " : "");
		so_put_expr(pr, node->right, SO_LV_ANY);
		return;
	}
	so_put(pr, tests[node->test]);
	if (node->test == SO_IS_DISTINCT)
		so_put_expr(pr, node->right, (enum so_level)(pr->traits->is_level + 1));
	if (node->test == SO_IS_JSON && form.len && !so_text_is(form, "value")) {
		so_put(pr, " ");
		so_put_upper(pr, form);
	}
	if (node->test == SO_IS_JSON && (node->hdr.flags & SO_NF_DISTINCT))
		so_put(pr, " WITH UNIQUE KEYS");
}

static void put_between(struct printer *pr, const struct so_n_between *node)
{
	bool outer = pr->restricted;

	so_put_expr(pr, node->arg, (enum so_level)(pr->traits->like_level + 1));
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " NOT BETWEEN " : " BETWEEN ");
	if (node->hdr.flags & SO_NF_SYMMETRIC)
		so_put(pr, "SYMMETRIC ");
	if (pr->dialect == SO_POSTGRESQL) {
		pr->restricted = true;
		so_put_expr(pr, node->low, SO_LV_OPERATOR);
		pr->restricted = outer;
	} else {
		so_put_expr(pr, node->low, (enum so_level)(pr->traits->like_level + 1));
	}
	so_put(pr, " AND ");
	so_put_expr(pr, node->high, (enum so_level)(pr->traits->like_level + 1));
}

static void put_in(struct printer *pr, const struct so_n_in *node)
{
	so_put_expr(pr, node->arg, (enum so_level)(pr->traits->like_level + 1));
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " NOT IN " : " IN ");
	if (node->query && so_put_flag(pr, node->query, SO_NF_TABLE_CMD) &&
		so_features_have(&pr->features, SO_FEAT_IN_TABLE)) {
		so_put_list(pr, GET(pr, select, node->query)->from, so_put_from_item);
		return;
	}
	if (node->query) {
		so_put_paren_query(pr, node->query);
		return;
	}
	so_put(pr, "(");
	so_put_list(pr, node->items, so_put_expr_item);
	so_put(pr, ")");
}

static void put_like(struct printer *pr, const struct so_n_like *node)
{
	static const char *const words[] = { [SO_LIKE] = "LIKE ",
		[SO_ILIKE] = "ILIKE ",
		[SO_SIMILAR] = "SIMILAR TO ",
		[SO_REGEXP] = "REGEXP ",
		[SO_GLOB] = "GLOB ",
		[SO_MATCH] = "MATCH ",
		[SO_LIKEC] = "LIKEC ",
		[SO_LIKE2] = "LIKE2 ",
		[SO_LIKE4] = "LIKE4 ",
		[SO_SOUNDS] = "SOUNDS LIKE " };

	so_put_expr(pr, node->arg, (enum so_level)(pr->traits->like_level + 1));
	so_put(pr, node->hdr.flags & SO_NF_NOT ? " NOT " : " ");
	so_put(pr, words[node->op]);
	so_put_expr(pr, node->pattern, (enum so_level)(pr->traits->like_level + 1));
	if (node->escape) {
		so_put(pr, " ESCAPE ");
		so_put_expr(pr, node->escape, (enum so_level)(pr->traits->like_level + 1));
	}
}

static void put_quant(struct printer *pr, const struct so_n_quant *node)
{
	static const char *const likes[] = {
		[SO_OP_LIKE] = "LIKE",
		[SO_OP_NOT_LIKE] = "NOT LIKE",
		[SO_OP_ILIKE] = "ILIKE",
		[SO_OP_NOT_ILIKE] = "NOT ILIKE",
	};
	enum so_level level = quant_level(pr, node);

	so_put_expr(pr, node->left, level == SO_LV_COMPARE || level == SO_LV_LIKE ? level + 1 : level);
	so_put(pr, " ");
	if (is_like_operator(node->op) && !node->schema)
		so_put(pr, likes[node->op]);
	else
		so_put_operator(pr, node->schema, node->name);
	so_put(pr, node->quantifier == SO_ALL ? " ALL " : " ANY ");
	if (node->query) {
		so_put_paren_query(pr, node->query);
		return;
	}
	so_put(pr, "(");
	if (so_ast_kind(pr->ast, node->array) == SO_N_ROW && so_put_flag(pr, node->array, SO_NF_WITHIN))
		so_put_list(pr, GET(pr, row, node->array)->items, so_put_expr_item);
	else
		so_put_expr(pr, node->array, SO_LV_ANY);
	so_put(pr, ")");
}

static void put_case(struct printer *pr, const struct so_n_case *node)
{
	bool lines = pr->pretty && (node->whens.count > 2 || so_put_breaks(pr, node->whens));

	so_put(pr, "CASE");
	if (node->arg) {
		so_put(pr, " ");
		so_put_expr(pr, node->arg, SO_LV_ANY);
	}
	pr->indent++;
	for (uint32_t i = 0; i < node->whens.count; i++) {
		const struct so_n_when *when = GET(pr, when, so_list_get(pr->ast, node->whens, i));

		so_put_line(pr, lines);
		so_put(pr, "WHEN ");
		so_put_expr(pr, when->cond, SO_LV_ANY);
		so_put(pr, " THEN ");
		so_put_expr(pr, when->result, SO_LV_ANY);
	}
	if (node->otherwise) {
		so_put_line(pr, lines);
		so_put(pr, "ELSE ");
		so_put_expr(pr, node->otherwise, SO_LV_ANY);
	}
	pr->indent--;
	so_put_line(pr, lines);
	so_put(pr, "END");
}

static void put_row(struct printer *pr, const struct so_n_row *node)
{
	so_put(pr, (node->hdr.flags & SO_NF_ALL) || node->items.count < 2 ? "ROW(" : "(");
	so_put_list(pr, node->items, so_put_expr_item);
	so_put(pr, ")");
}

/* What subscripts and fields may follow without parentheses. A field after a plain name would be read as table.column.
 */
static void put_base(struct printer *pr, so_ref arg, bool before_field, bool own_value)
{
	switch (so_ast_kind(pr->ast, arg)) {
	case SO_N_COLUMN:
		if (before_field)
			break;
		so_put_node(pr, arg);
		return;
	case SO_N_FUNC:
	case SO_N_PHRASE:
		if (!so_features_have(&pr->features, SO_FEAT_NO_ALIAS_AS) &&
			!so_features_have(&pr->features, SO_FEAT_BATCH))
			break;
		so_put_node(pr, arg);
		return;
	case SO_N_PARAM:
	case SO_N_PLANREF:
		so_put_node(pr, arg);
		return;
	case SO_N_SUBSCRIPT:
	case SO_N_FIELD:
		if (own_value)
			break;
		so_put_node(pr, arg);
		return;
	case SO_N_SUBQUERY:
		if (GET(pr, subquery, arg)->type != SO_SUBQUERY_SCALAR)
			break;
		so_put_node(pr, arg);
		return;
	default:
		break;
	}
	so_put(pr, "(");
	so_put_expr(pr, arg, SO_LV_ANY);
	so_put(pr, ")");
}

void so_put_brackets(struct printer *pr, const struct so_n_subscript *node)
{
	so_put(pr, "[");
	if (node->lower)
		so_put_expr(pr, node->lower, SO_LV_ANY);
	if (node->hdr.flags & SO_NF_ALL)
		so_put(pr, ":");
	if (node->upper)
		so_put_expr(pr, node->upper, SO_LV_ANY);
	so_put(pr, "]");
}

static void put_field(struct printer *pr, const struct so_n_field *node)
{
	put_base(pr, node->arg, true, (node->hdr.flags & SO_NF_DISTINCT) != 0);
	so_put(pr, ".");
	if (node->hdr.flags & SO_NF_STAR)
		so_put(pr, "*");
	else
		so_put_name(pr, node->name, SO_PLACE_LABEL);
}

static void put_param(struct printer *pr, so_ref ref)
{
	const struct so_n_param *node = GET(pr, param, ref);

	if (node->name.len) {
		so_put_text(pr, so_ast_name(pr->ast, node->name));
	} else if (node->number) {
		so_buf_addf(pr->buf, "$%u", node->number);
	} else {
		so_put(pr, "?");
	}
}

static void put_named_arg(struct printer *pr, const struct so_n_named_arg *node)
{
	bool json = (node->hdr.flags & SO_NF_ALL) != 0;

	if (node->key) {
		so_put_expr(pr, node->key, SO_LV_ANY);
		so_put(pr, ": ");
	} else if (node->name.len && !json) {
		so_put_name(pr, node->name, SO_PLACE_FUNC);
		so_put(pr, " => ");
	}
	so_put_expr(pr, node->value, SO_LV_ANY);
	if (!json)
		return;
	so_put(pr, " FORMAT JSON");
	if (node->name.len) {
		so_put(pr, " ENCODING ");
		so_put_upper(pr, so_ast_name(pr->ast, node->name));
	}
}

static void put_planref(struct printer *pr, const struct so_n_planref *node)
{
	if (node->test) {
		so_put_text(pr, so_ast_str(pr->ast, node->text));
		so_put(pr, " (");
		so_put_expr(pr, node->test, SO_LV_ANY);
		so_put(pr, ")");
		return;
	}
	so_put(pr, "(");
	so_put_text(pr, so_ast_str(pr->ast, node->text));
	so_put(pr, ")");
	if (node->column.len) {
		so_put(pr, ".");
		so_put_name(pr, node->column, SO_PLACE_LABEL);
	}
}

static void put_grouping(struct printer *pr, const struct so_n_grouping *node)
{
	static const char *const words[] = {
		[SO_GROUPING_EMPTY] = "",
		[SO_GROUPING_ROLLUP] = "ROLLUP ",
		[SO_GROUPING_CUBE] = "CUBE ",
		[SO_GROUPING_SETS] = "GROUPING SETS ",
	};

	if (node->type == SO_GROUPING_ALL) {
		so_put(pr, "ALL ");
		so_put_list(pr, node->items, so_put_expr_item);
		return;
	}
	so_put(pr, words[node->type]);
	so_put(pr, "(");
	so_put_list(pr, node->items, so_put_expr_item);
	so_put(pr, ")");
}

static void put_exists(struct printer *pr, const struct so_n_exists *node)
{
	so_put(pr, "EXISTS ");
	if (so_ast_kind(pr->ast, node->query) == SO_N_PLANREF)
		so_put_node(pr, node->query);
	else
		so_put_paren_query(pr, node->query);
}

static void put_subquery(struct printer *pr, const struct so_n_subquery *node)
{
	if (node->type == SO_SUBQUERY_ARRAY)
		so_put(pr, "ARRAY");
	so_put_paren_query(pr, node->query);
}

static void put_column(struct printer *pr, so_ref ref)
{
	if (so_ast_kind(pr->ast, ref) == SO_N_COLUMN && so_put_flag(pr, ref, SO_NF_DQUOTED)) {
		so_put_double_quoted(pr, GET(pr, column, ref)->name);
		return;
	}
	if (so_ast_kind(pr->ast, ref) == SO_N_COLUMN) {
		so_put_qualified(pr, GET(pr, column, ref)->qualifier, GET(pr, column, ref)->name, SO_PLACE_COLUMN);
		so_put(pr, so_put_flag(pr, ref, SO_NF_OUTER) ? "(+)" : "");
		return;
	}
	if (GET(pr, star, ref)->qualifier) {
		so_put_name_node(pr, GET(pr, star, ref)->qualifier);
		so_put(pr, ".");
	}
	so_put(pr, "*");
}

static void put_wrapped(struct printer *pr, so_ref ref)
{
	const struct so_n_collate *collate;

	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_NOT:
		so_put(pr, "NOT ");
		so_put_expr(pr, GET(pr, not, ref)->arg, SO_LV_NOT);
		return;
	case SO_N_COLLATE:
		collate = GET(pr, collate, ref);
		so_put_expr(pr, collate->arg, SO_LV_COLLATE);
		so_put(pr, " COLLATE ");
		so_put_name_node(pr, collate->collation);
		return;
	case SO_N_ARRAY:
		so_put(pr, "ARRAY[");
		so_put_list(pr, GET(pr, array, ref)->items, so_put_expr_item);
		so_put(pr, "]");
		return;
	default:
		return;
	}
}

/* Leaves and the rarer kinds. */
static void put_leaf(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_COLUMN:
	case SO_N_STAR:
		put_column(pr, ref);
		return;
	case SO_N_CONST:
		put_const(pr, ref);
		return;
	case SO_N_PARAM:
		put_param(pr, ref);
		return;
	case SO_N_DEFAULT:
		so_put(pr, "DEFAULT");
		return;
	case SO_N_CURRENT_OF:
		so_put(pr, so_put_flag(pr, ref, SO_NF_ALL) ? "CURRENT OF GLOBAL " : "CURRENT OF ");
		so_put_name(pr, GET(pr, current_of, ref)->cursor, SO_PLACE_COLUMN);
		return;
	case SO_N_GROUPING:
		put_grouping(pr, GET(pr, grouping, ref));
		return;
	case SO_N_PLANREF:
		put_planref(pr, GET(pr, planref, ref));
		return;
	case SO_N_MISSING:
		so_put(pr, "...");
		return;
	case SO_N_NOT:
	case SO_N_COLLATE:
	case SO_N_ARRAY:
		put_wrapped(pr, ref);
		return;
	default:
		so_put_node(pr, ref);
	}
}

static void put_bare(struct printer *pr, so_ref ref)
{
	switch (so_ast_kind(pr->ast, ref)) {
	case SO_N_OP:
		if (is_binary(pr, ref))
			put_binary(pr, ref);
		else
			put_prefix(pr, GET(pr, op, ref));
		return;
	case SO_N_BOOL:
		put_bool(pr, GET(pr, bool, ref));
		return;
	case SO_N_IS:
		put_is(pr, GET(pr, is, ref));
		return;
	case SO_N_BETWEEN:
		put_between(pr, GET(pr, between, ref));
		return;
	case SO_N_IN:
		put_in(pr, GET(pr, in, ref));
		return;
	case SO_N_LIKE:
		put_like(pr, GET(pr, like, ref));
		return;
	case SO_N_QUANT:
		put_quant(pr, GET(pr, quant, ref));
		return;
	case SO_N_EXISTS:
		put_exists(pr, GET(pr, exists, ref));
		return;
	case SO_N_SUBQUERY:
		put_subquery(pr, GET(pr, subquery, ref));
		return;
	case SO_N_CASE:
		put_case(pr, GET(pr, case, ref));
		return;
	case SO_N_FUNC:
	case SO_N_CAST:
		so_put_func(pr, ref);
		return;
	case SO_N_ROW:
		put_row(pr, GET(pr, row, ref));
		return;
	case SO_N_SUBSCRIPT:
		put_base(pr, GET(pr, subscript, ref)->arg, false, so_put_flag(pr, ref, SO_NF_DISTINCT));
		so_put_brackets(pr, GET(pr, subscript, ref));
		return;
	case SO_N_FIELD:
		put_field(pr, GET(pr, field, ref));
		return;
	case SO_N_NAMED_ARG:
		put_named_arg(pr, GET(pr, named_arg, ref));
		return;
	default:
		put_leaf(pr, ref);
	}
}

void so_put_expr(struct printer *pr, so_ref ref, enum so_level min)
{
	bool restricted = pr->restricted;

	if (level_of(pr, ref) >= min && !(restricted && level_of(pr, ref) == SO_LV_ANY)) {
		put_bare(pr, ref);
		return;
	}
	pr->restricted = false;
	so_put(pr, "(");
	pr->indent++;
	put_bare(pr, ref);
	pr->indent--;
	so_put(pr, ")");
	pr->restricted = restricted;
}
