/* Rules 11, 12 and 14: what stands around a column in a comparison with a constant. */
#include "advise/rules.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct so_column *column_of(const struct so_table_col *column)
{
	return &column->rel->table->columns[column->column];
}

static const char *const int_types[] = { "int2", "int4", "int8", NULL };
static const char *const text_types[] = { "text", "varchar", NULL };

/* CAST(arg AS one of the types), without a length. */
static bool is_cast_to(const struct so_rewriter *rw, so_ref ref, const char *const *names, so_ref *arg)
{
	const struct so_n_type *type;

	if (so_ast_kind(rw->ast, ref) != SO_N_CAST)
		return false;
	type = so_as_type(rw->ast, so_as_cast(rw->ast, ref)->type);
	*arg = so_as_cast(rw->ast, ref)->arg;
	if (type->mods.count || type->bounds.count)
		return false;
	if (type->qualifier && !so_ast_name_is(rw->ast, so_as_name(rw->ast, type->qualifier)->name, "pg_catalog"))
		return false;
	for (; *names; names++)
		if (so_ast_name_is(rw->ast, type->name, *names))
			return true;
	return false;
}

/* A literal of the given kind as text; casts are not looked through, a cast constant may have another type. */
static const char *literal(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref, enum so_const_type type)
{
	if (so_ast_kind(rw->ast, ref) != SO_N_CONST || so_as_const(rw->ast, ref)->type != type)
		return NULL;
	return so_ast_str_dup(ctx, rw->ast, so_as_const(rw->ast, ref)->value);
}

static bool in_range(int64_t value, int32_t width_bits)
{
	switch (width_bits) {
	case 16:
		return value >= INT16_MIN && value <= INT16_MAX;
	case 32:
		return value >= INT32_MIN && value <= INT32_MAX;
	default: /* 64: every value */
		return true;
	}
}

/* ---- 11 ---- */

/* column + c or column - c or c - column or c + column; *minus: the column is subtracted, *c has its sign. */
static bool read_sum(
	const struct so_rewriter *rw, so_ref ref, so_ref *column, so_ref *constant, enum so_op *op, bool *flipped)
{
	const struct so_n_op *node;

	if (so_ast_kind(rw->ast, ref) != SO_N_OP)
		return false;
	node = so_as_op(rw->ast, ref);
	if ((node->op != SO_OP_ADD && node->op != SO_OP_SUB) || node->schema || !node->left)
		return false;
	*op = (enum so_op)node->op;
	*flipped = so_ast_kind(rw->ast, node->left) == SO_N_CONST;
	*column = *flipped ? node->right : node->left;
	*constant = *flipped ? node->left : node->right;
	return so_ast_kind(rw->ast, *column) == SO_N_COLUMN && so_ast_kind(rw->ast, *constant) == SO_N_CONST;
}

/* The constant that the column is compared with afterwards; false when it leaves the type of 64 bits. */
static bool solve(enum so_op sum, bool flipped, int64_t c, int64_t d, int64_t *result)
{
	if (sum == SO_OP_ADD)
		return !__builtin_sub_overflow(d, c, result); /* col + c = d */
	if (flipped)
		return !__builtin_sub_overflow(c, d, result); /* c - col = d */
	return !__builtin_add_overflow(d, c, result); /* col - c = d */
}

bool so_rule_arithmetic(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	struct so_table_col column;
	const struct so_column *c;
	so_ref left, right, column_ref, constant;
	enum so_op op, sum;
	bool flipped;
	int64_t add, limit, value;
	const char *name;

	if (!so_rewrite_comparison(rw, ref, &op, &left, &right) ||
		!read_sum(rw, left, &column_ref, &constant, &sum, &flipped) ||
		!so_rewrite_column(rw, column_ref, &column) || !so_ast_int(rw->ast, constant, &add) ||
		!so_ast_int(rw->ast, right, &limit))
		return false;
	c = column_of(&column);
	if (c->type_class != SO_TYPE_INT && c->type_class != SO_TYPE_NUMERIC && c->type_class != SO_TYPE_FLOAT)
		return false; /* a date plus a number of days and the like: not this rule's */
	/* elsewhere an unsigned difference below zero fails, and decimals have other limits */
	if (rw->ast->dialect != SO_POSTGRESQL && (c->type_class != SO_TYPE_INT || strstr(c->type, "unsigned")))
		return false;
	name = so_rewrite_column_name(out, &column);
	out->what = so_printf(out, "%s with the column alone", so_rewrite_text(out, rw, ref));
	if (!solve(sum, flipped, add, limit, &value)) {
		so_rewrite_obstacle(
			out, SO_REWRITE_UNPROVED, "the constant of the new comparison leaves the range of 64 bits");
		return true;
	}
	if (sum == SO_OP_SUB && flipped)
		op = so_op_commute(op); /* c - col < d is col > c - d */
	so_rewrite_replace(rw, out, ref,
		so_printf(out, "%s %s %lld", so_rewrite_text(out, rw, column_ref), so_op_name(op), (long long)value));
	if (c->type_class == SO_TYPE_FLOAT) {
		so_rewrite_obstacle(out, SO_REWRITE_WRONG,
			"%s is %s: floating-point sums are rounded, so that other rows may match", name, c->type);
		return true;
	}
	if (c->type_class == SO_TYPE_NUMERIC && flipped && sum == SO_OP_SUB && op != SO_OP_EQ && op != SO_OP_NE) {
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s may hold NaN, which is greater than every number and stays NaN when it is subtracted",
			name);
		return true;
	}
	so_rewrite_evidence(out, "type of %s: %s, exact", name, c->type);
	if (c->type_class != SO_TYPE_INT)
		return true;
	if (!in_range(value, c->width_bits)) {
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED, "%lld is out of the range of %s, which is %s",
			(long long)value, name, c->type);
		return true;
	}
	so_rewrite_evidence(out, "%lld is in the range of %s", (long long)value, c->type);
	so_rewrite_caveat(out,
		"a row whose sum exceeds the range of %s made the original statement fail; the new one does not "
		"compute it",
		c->type);
	return true;
}

/* ---- 12 ---- */

/* The whole number nearest to a numeric literal on the side that keeps the comparison true for the same integers. */
static bool whole_bound(const char *text, enum so_op *op, int64_t *value)
{
	const char *point = strchr(text, '.');
	bool fraction = false, negative = text[0] == '-';
	char *end;
	long long whole;

	if (strpbrk(text, "eExXoObB_"))
		return false; /* 1e3: rare, and not worth a second reader of numbers */
	for (const char *p = point ? point + 1 : ""; *p; p++)
		fraction = fraction || *p != '0';
	if (!point || (point - text) > 18)
		return false;
	whole = strtoll(text, &end, 10); /* towards zero; ".5" gives 0 */
	if (end != point && point != text)
		return false;
	*value = whole;
	if (!fraction)
		return true;
	/* floor(text) is whole, or whole - 1 below zero: x > t is x > floor, x >= t too; x < t is x <= floor, x <= t
	 * too */
	if (negative)
		(*value)--;
	switch (*op) {
	case SO_OP_GT:
	case SO_OP_GE:
		*op = SO_OP_GT;
		return true;
	case SO_OP_LT:
	case SO_OP_LE:
		*op = SO_OP_LE;
		return true;
	default: /* an integer never equals it: the user's mistake to see */
		return false;
	}
}

static bool numeric_constant(const struct so_rewriter *rw, so_ref ref, const struct so_table_col *column,
	so_ref column_ref, enum so_op op, so_ref right, struct so_rewrite *out)
{
	const struct so_column *c = column_of(column);
	const char *text = literal(out, rw, right, SO_C_FLOAT);
	int64_t value;

	if (!text || c->type_class != SO_TYPE_INT || !whole_bound(text, &op, &value))
		return false;
	so_rewrite_evidence(out, "type of %s: %s; of %s: numeric, so that the engine converts the column of every row",
		so_rewrite_column_name(out, column), c->type, text);
	so_rewrite_evidence(out, "every %s has the same value as numeric, and the order is the same", c->type);
	so_rewrite_replace(rw, out, ref,
		so_printf(out, "%s %s %lld", so_rewrite_text(out, rw, column_ref), so_op_name(op), (long long)value));
	out->what = so_printf(out, "%s as a comparison of integers", so_rewrite_text(out, rw, ref));
	return true;
}

/* text_column::bigint = 77: other texts ('077', ' 77') are the same number. */
static bool text_as_number(
	const struct so_rewriter *rw, so_ref ref, enum so_op op, so_ref left, so_ref right, struct so_rewrite *out)
{
	struct so_table_col column;
	so_ref arg;
	int64_t value;

	if (op != SO_OP_EQ || !is_cast_to(rw, left, int_types, &arg) || !so_rewrite_column(rw, arg, &column) ||
		column_of(&column)->type_class != SO_TYPE_TEXT || !so_ast_int(rw->ast, right, &value))
		return false;
	out->what = so_printf(out, "%s as a comparison of texts", so_rewrite_text(out, rw, ref));
	so_rewrite_replace(
		rw, out, ref, so_printf(out, "%s = '%lld'", so_rewrite_text(out, rw, arg), (long long)value));
	so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
		"%s is text: '0%lld' and ' %lld' are the number %lld too, and nothing in the catalog excludes them; "
		"store the column as a "
		"number, or compare texts where leading zeros matter",
		so_rewrite_column_name(out, &column), (long long)llabs(value), (long long)value, (long long)value);
	return true;
}

/* The text that the engine prints for an integer: no zeros before, no plus, no blanks. */
static bool canonical_int(const char *text, int32_t width_bits, int64_t *value)
{
	char *end;
	char again[32];

	*value = strtoll(text, &end, 10);
	snprintf(again, sizeof again, "%lld", (long long)*value);
	return *text && !*end && strcmp(again, text) == 0 && in_range(*value, width_bits);
}

static bool canonical_uuid(const char *text)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != sizeof shape - 1)
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '-' ? text[i] != '-'
				    : !isdigit((unsigned char)text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
			return false;
	return true;
}

/* int_column::text = '77', uuid_column::text = '...': exact when the text is the one that the engine prints. */
static bool number_as_text(
	const struct so_rewriter *rw, so_ref ref, enum so_op op, so_ref left, so_ref right, struct so_rewrite *out)
{
	struct so_table_col column;
	const struct so_column *c;
	const char *text;
	so_ref arg;
	int64_t value;

	if (op != SO_OP_EQ || !is_cast_to(rw, left, text_types, &arg) || !so_rewrite_column(rw, arg, &column))
		return false;
	text = literal(out, rw, right, SO_C_STRING);
	c = column_of(&column);
	if (!text)
		return false;
	if (c->type_class == SO_TYPE_INT && canonical_int(text, c->width_bits, &value))
		so_rewrite_replace(rw, out, ref, so_printf(out, "%s = %s", so_rewrite_text(out, rw, arg), text));
	else if (c->type_class == SO_TYPE_UUID && canonical_uuid(text))
		so_rewrite_replace(rw, out, ref, so_printf(out, "%s = '%s'", so_rewrite_text(out, rw, arg), text));
	else
		return false;
	so_rewrite_evidence(out,
		"type of %s: %s; '%s' is the text that the engine prints for this value and for no other",
		so_rewrite_column_name(out, &column), c->type, text);
	out->what = so_printf(out, "%s in the column's own type", so_rewrite_text(out, rw, ref));
	return true;
}

bool so_rule_constant_type(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	struct so_table_col column;
	so_ref left, right;
	enum so_op op;

	if (!so_rewrite_comparison(rw, ref, &op, &left, &right))
		return false;
	if (so_rewrite_column(rw, left, &column))
		return numeric_constant(rw, ref, &column, left, op, right, out);
	return text_as_number(rw, ref, op, left, right, out) || number_as_text(rw, ref, op, left, right, out);
}

/* ---- 14 ---- */

enum compared { COMPARED_UNKNOWN, COMPARED_EQUAL, COMPARED_DIFFERENT };

/* Whether two literals are equal as values of the column's type. */
static enum compared compare_literals(
	TALLOC_CTX *ctx, const struct so_rewriter *rw, const struct so_column *c, so_ref a, so_ref b)
{
	int64_t x, y;
	const char *s, *t;

	switch (c->type_class) {
	case SO_TYPE_INT:
	case SO_TYPE_NUMERIC:
		if (!so_ast_int(rw->ast, a, &x) || !so_ast_int(rw->ast, b, &y))
			return COMPARED_UNKNOWN;
		return x == y ? COMPARED_EQUAL : COMPARED_DIFFERENT;
	case SO_TYPE_TEXT:
		/* "name" cuts off what is longer than 63 bytes; elsewhere blanks at the end may not count */
		if (rw->ast->dialect != SO_POSTGRESQL || strcmp(c->type, "name") == 0)
			return COMPARED_UNKNOWN;
		s = literal(ctx, rw, a, SO_C_STRING);
		t = literal(ctx, rw, b, SO_C_STRING);
		if (!s || !t)
			return COMPARED_UNKNOWN;
		return strcmp(s, t) == 0 ? COMPARED_EQUAL : COMPARED_DIFFERENT;
	default: /* char(n) ignores blanks, floats round, other types have equalities of their own */
		return COMPARED_UNKNOWN;
	}
}

/* Collations that users create may call different texts equal; those that come with the database do not. */
static bool collation_is_exact(const struct so_rewriter *rw, const struct so_column *c)
{
	return !c->collation || c->collation_is_c ||
	       (rw->catalog->collation && strcmp(c->collation, rw->catalog->collation) == 0);
}

/* The column of COALESCE(column, literal). */
static bool read_coalesce(const struct so_rewriter *rw, so_ref ref, so_ref *column, so_ref *otherwise)
{
	const struct so_n_func *func;

	if (so_ast_kind(rw->ast, ref) != SO_N_FUNC)
		return false;
	func = so_as_func(rw->ast, ref);
	/* elsewhere it is a function of the engine's own like others */
	if (rw->ast->dialect == SO_POSTGRESQL
			? func->syntax != SO_FS_COALESCE || !so_ast_name_is(rw->ast, func->name, "coalesce") ||
				  func->args.count != 2
			: !so_rewrite_is_call(rw, ref, "coalesce", 2) && !so_rewrite_is_call(rw, ref, "ifnull", 2))
		return false;
	*column = so_list_get(rw->ast, func->args, 0);
	*otherwise = so_list_get(rw->ast, func->args, 1);
	return so_ast_kind(rw->ast, *column) == SO_N_COLUMN && so_ast_kind(rw->ast, *otherwise) == SO_N_CONST;
}

bool so_rule_coalesce(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	struct so_table_col column;
	const struct so_column *c;
	so_ref left, right, column_ref, otherwise;
	enum so_op op;
	enum compared same;
	const char *name, *bare;

	if (!so_rewrite_comparison(rw, ref, &op, &left, &right) || !read_coalesce(rw, left, &column_ref, &otherwise) ||
		!so_rewrite_column(rw, column_ref, &column))
		return false;
	c = column_of(&column);
	name = so_rewrite_column_name(out, &column);
	bare = so_printf(
		out, "%s %s %s", so_rewrite_text(out, rw, column_ref), so_op_name(op), so_rewrite_text(out, rw, right));
	out->what = so_printf(out, "%s without COALESCE", so_rewrite_text(out, rw, ref));
	same = compare_literals(out, rw, c, otherwise, right);
	if (same == COMPARED_UNKNOWN)
		return false; /* of other types or unknown values: nothing can be said */
	if (so_rewrite_never_null(rw, column_ref, so_tree_where(rw->tree, ref), name, out)) {
		so_rewrite_evidence(out, "so that the second argument is never used");
		so_rewrite_replace(rw, out, ref, bare);
		return true;
	}
	if (op != SO_OP_EQ)
		return false;
	if (!collation_is_exact(rw, c))
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s has collation %s, which may call two different texts equal", name, c->collation);
	if (so_tree_place(rw->tree, ref) == SO_PLACE_OTHER)
		so_rewrite_obstacle(out, SO_REWRITE_WRONG,
			"%s may be NULL: the comparison is then false with COALESCE and NULL without it, and here the "
			"difference shows",
			name);
	so_rewrite_evidence(out, "%s and %s are %s values", so_rewrite_text(out, rw, otherwise),
		so_rewrite_text(out, rw, right), same == COMPARED_EQUAL ? "equal" : "different");
	so_rewrite_evidence(out, "a condition that is NULL drops the row as one that is false does");
	if (same == COMPARED_EQUAL)
		bare = so_printf(out, "(%s OR %s IS NULL)", bare, so_rewrite_text(out, rw, column_ref));
	so_rewrite_replace(rw, out, ref, bare);
	return true;
}
