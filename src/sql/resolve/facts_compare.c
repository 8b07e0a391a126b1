/* What an equality between two values says about them. */
#include <string.h>
#include <strings.h>

#include "sql/facts.h"

bool so_type_is_plain(enum so_type_class type_class)
{
	switch (type_class) {
	case SO_TYPE_BOOL:
	case SO_TYPE_INT:
	case SO_TYPE_NUMERIC:
	case SO_TYPE_FLOAT:
	case SO_TYPE_TEXT:
	case SO_TYPE_BPCHAR:
	case SO_TYPE_DATE:
	case SO_TYPE_TIME:
	case SO_TYPE_TIMESTAMP:
	case SO_TYPE_TIMESTAMPTZ:
	case SO_TYPE_INTERVAL:
	case SO_TYPE_UUID:
	case SO_TYPE_BYTES:
		return true;
	default:
		return false;
	}
}

/* Types without a family of their own whose `=` is the equality of their keys. Of box and circle it compares areas. */
static bool is_safe_name(const char *type)
{
	static const char *const names[] = { "inet", "cidr", "macaddr", "macaddr8", "oid", "money", "bit varying",
		"time with time zone", "pg_lsn" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(type, names[i]) == 0)
			return true;
	return false;
}

/* A side of a comparison. */
struct operand {
	struct so_expr_type type;
	const char *collation;
	bool param; /* a placeholder: whatever the client sends */
	bool fixed; /* a bare literal or a parameter takes the type of the other side */
};

static bool is_exact_number(enum so_type_class type_class)
{
	return type_class == SO_TYPE_INT || type_class == SO_TYPE_NUMERIC;
}

/* 1 and 1.0, 'a' and 'a ' of char(n), -0 and 0, '1 day' and '24:00' are equal, but not the same. */
static bool is_identical(enum so_type_class type_class)
{
	return type_class != SO_TYPE_NUMERIC && type_class != SO_TYPE_FLOAT && type_class != SO_TYPE_BPCHAR &&
	       type_class != SO_TYPE_INTERVAL;
}

/* 'a' and 'A', 'a' and 'a ', are equal under most collations but PostgreSQL's. */
static bool folds_texts(enum so_dialect dialect, const char *collation)
{
	switch (dialect) {
	case SO_POSTGRESQL:
		return false;
	case SO_SQLITE:
		return collation && strcasecmp(collation, "binary") != 0;
	case SO_ORACLE:
		return collation && strcasecmp(collation, "binary") != 0 &&
		       strcasecmp(collation, "using_nls_comp") != 0;
	default:
		return true;
	}
}

static void compare_same(enum so_dialect dialect, const struct operand *a, const struct operand *b, bool one_collation,
	struct so_comparison *out)
{
	enum so_type_class cls = a->type.type_class;
	bool texts = cls == SO_TYPE_TEXT || cls == SO_TYPE_BPCHAR;

	if (!so_type_is_plain(cls) && !(strcmp(a->type.name, b->type.name) == 0 && is_safe_name(a->type.name)))
		return;
	if (texts && !one_collation && (a->collation == NULL) != (b->collation == NULL))
		return;
	/* elsewhere each column may have a rule of its own */
	if (texts && !one_collation && !a->collation && dialect != SO_POSTGRESQL)
		return;
	if (texts && a->collation && b->collation && strcmp(a->collation, b->collation) != 0)
		return;
	out->type_class = cls;
	out->collation = texts ? (a->collation ? a->collation : b->collation) : NULL;
	out->left_gives_right = out->right_gives_left = true;
	out->identical = is_identical(cls) && !(texts && folds_texts(dialect, out->collation));
	out->cast_left = a->type.width_bits < b->type.width_bits;
	out->cast_right = b->type.width_bits < a->type.width_bits;
}

/* A number that is sent for a text turns the comparison into one of numbers, of which '1' and '01' are one. */
static bool param_may_convert(enum so_dialect dialect, const struct operand *param, const struct operand *other)
{
	return param->param && dialect != SO_POSTGRESQL && dialect != SO_SQLITE &&
	       (other->type.type_class == SO_TYPE_TEXT || other->type.type_class == SO_TYPE_BPCHAR);
}

static void compare(
	enum so_dialect dialect, const struct operand *a, const struct operand *b, struct so_comparison *out)
{
	enum so_type_class x = a->type.type_class, y = b->type.type_class;

	*out = (struct so_comparison){ 0 };
	if (x == y && x != SO_TYPE_UNKNOWN) {
		compare_same(dialect, a, b, a->fixed || b->fixed, out);
	} else if (a->fixed || b->fixed) {
		const struct operand *other = a->fixed ? b : a;

		if (!so_type_is_plain(other->type.type_class) && !is_safe_name(other->type.name))
			return;
		if (param_may_convert(dialect, a->fixed ? a : b, other))
			return;
		out->type_class = other->type.type_class;
		out->collation = other->collation;
		out->left_gives_right = out->right_gives_left = true;
	} else if (is_exact_number(x) && is_exact_number(y)) {
		out->type_class = SO_TYPE_NUMERIC;
		out->left_gives_right = out->right_gives_left = true;
		out->cast_left = x == SO_TYPE_INT;
		out->cast_right = y == SO_TYPE_INT;
	} else if (is_exact_number(x) && y == SO_TYPE_FLOAT) {
		out->type_class = SO_TYPE_FLOAT;
		out->cast_left = true;
		out->left_gives_right = true;
		/* a double holds 53 bits */
		out->right_gives_left = x == SO_TYPE_INT && a->type.width_bits && a->type.width_bits <= 32;
	} else if (x == SO_TYPE_FLOAT && is_exact_number(y)) {
		out->type_class = SO_TYPE_FLOAT;
		out->cast_right = true;
		out->right_gives_left = true;
		out->left_gives_right = y == SO_TYPE_INT && b->type.width_bits && b->type.width_bits <= 32;
	}
}

static bool has_collate(const struct so_ast *ast, so_ref expr)
{
	while (so_ast_kind(ast, expr) == SO_N_CAST)
		expr = so_as_cast(ast, expr)->arg;
	return so_ast_kind(ast, expr) == SO_N_COLLATE;
}

/* A literal without a type of its own, for which the engine takes the type of the other side. */
static bool takes_type(const struct so_ast *ast, so_ref expr)
{
	if (so_ast_kind(ast, expr) == SO_N_PARAM)
		return true;
	if (so_ast_kind(ast, expr) != SO_N_CONST)
		return false;
	if (so_as_const(ast, expr)->type == SO_C_NULL)
		return true;
	/* elsewhere a string is a string: '1' and '01' are one number, so the column is converted or the literal */
	return so_as_const(ast, expr)->type == SO_C_STRING && ast->dialect == SO_POSTGRESQL;
}

static struct operand operand_of(const struct so_resolved *resolved, so_ref expr)
{
	const struct so_use *use = so_resolved_use(resolved, expr);
	struct operand operand = { .type = so_expr_type(resolved, expr),
		.fixed = takes_type(resolved->ast, expr),
		.param = so_ast_kind(resolved->ast, expr) == SO_N_PARAM };

	if (use && use->kind == SO_USE_OF_COLUMN)
		operand.collation = resolved->rels[use->rel].cols[use->column].collation;
	else if (so_ast_kind(resolved->ast, expr) == SO_N_CONST &&
		 so_as_const(resolved->ast, expr)->type >= SO_C_STRING && !operand.fixed)
		operand.type = (struct so_expr_type){ "text", SO_TYPE_TEXT, 0 };
	return operand;
}

void so_exprs_comparison(
	const struct so_resolved *resolved, so_ref left, so_ref right, struct so_comparison *comparison)
{
	struct operand a = operand_of(resolved, left), b = operand_of(resolved, right);
	bool literal = so_ast_is_constant(resolved->ast, left) || so_ast_is_constant(resolved->ast, right);

	*comparison = (struct so_comparison){ 0 };
	if (has_collate(resolved->ast, left) || has_collate(resolved->ast, right))
		return; /* another equality than that of the column's keys */
	/* what is computed from texts takes part under the collation of the column */
	if (literal || !so_resolved_use(resolved, left))
		a.collation = a.collation ? a.collation : b.collation;
	if (literal || !so_resolved_use(resolved, right))
		b.collation = b.collation ? b.collation : a.collation;
	a.fixed = a.fixed || (literal && a.type.type_class == SO_TYPE_TEXT && b.type.type_class == SO_TYPE_TEXT);
	compare((enum so_dialect)resolved->ast->dialect, &a, &b, comparison);
}

void so_column_comparison(const struct so_resolved *resolved, struct so_rel_col left, struct so_rel_col right,
	struct so_comparison *comparison)
{
	const struct so_col *a = &resolved->rels[left.rel].cols[left.column];
	const struct so_col *b = &resolved->rels[right.rel].cols[right.column];
	struct operand x = { .type = { a->type, a->type_class, 0 }, .collation = a->collation };
	struct operand y = { .type = { b->type, b->type_class, 0 }, .collation = b->collation };

	so_type_classify(a->type, &x.type.width_bits);
	so_type_classify(b->type, &y.type.width_bits);
	compare((enum so_dialect)resolved->ast->dialect, &x, &y, comparison);
}
