/* Rule 10: date_trunc(unit, col), col::date, date(col), extract(year from col) compared with a constant. */
#include "advise/rules.h"

#include <string.h>
#include <strings.h>

#include "advise/dates.h"

#define PLAIN_DAYS_FROM_YEAR 1985

/* A function of a date column, and the column. */
struct date_call {
	enum so_date_unit unit;
	bool is_year; /* extract(year): the constant is a number */
	bool to_date; /* the value is a date: the constant has no time of day */
	so_ref column;
};

static bool const_text(const struct so_rewriter *rw, so_ref ref, struct so_text *text)
{
	const struct so_n_const *value;

	if (so_ast_kind(rw->ast, ref) != SO_N_CONST)
		return false;
	value = so_as_const(rw->ast, ref);
	if (value->type != SO_C_STRING)
		return false;
	*text = so_ast_str(rw->ast, value->value);
	return true;
}

static bool type_is(const struct so_rewriter *rw, so_ref type_ref, const char *const *names)
{
	const struct so_n_type *type = so_as_type(rw->ast, type_ref);

	if (type->mods.count || type->bounds.count)
		return false;
	if (type->qualifier && !so_ast_name_is(rw->ast, so_as_name(rw->ast, type->qualifier)->name, "pg_catalog"))
		return false;
	for (; *names; names++)
		if (so_ast_name_is(rw->ast, type->name, *names))
			return true;
	return false;
}

static bool read_call(const struct so_rewriter *rw, so_ref ref, struct date_call *call)
{
	static const char *const date[] = { "date", NULL };
	const struct so_ast *ast = rw->ast;
	struct so_text unit;

	*call = (struct date_call){ .unit = SO_UNIT_DAY };
	if (so_ast_kind(ast, ref) == SO_N_CAST && type_is(rw, so_as_cast(ast, ref)->type, date)) {
		call->to_date = true;
		call->column = so_as_cast(ast, ref)->arg;
	} else if (so_rewrite_is_call(rw, ref, "date", 1)) {
		call->to_date = true;
		call->column = so_list_get(ast, so_as_func(ast, ref)->args, 0);
	} else if (so_rewrite_is_call(rw, ref, "date_trunc", 2) || so_rewrite_is_call(rw, ref, "date_part", 2) ||
		   so_rewrite_is_call(rw, ref, "extract", 2)) {
		struct so_list args = so_as_func(ast, ref)->args;

		if (!const_text(rw, so_ast_strip_casts(ast, so_list_get(ast, args, 0)), &unit) ||
			!so_date_unit_parse(unit.s, unit.len, &call->unit))
			return false;
		call->is_year = !so_ast_name_is(ast, so_as_func(ast, ref)->name, "date_trunc");
		call->column = so_list_get(ast, args, 1);
	} else if (rw->ast->dialect != SO_POSTGRESQL && so_rewrite_is_call(rw, ref, "year", 1)) {
		call->unit = SO_UNIT_YEAR;
		call->is_year = true;
		call->column = so_list_get(ast, so_as_func(ast, ref)->args, 0);
	} else {
		return false;
	}
	return so_ast_kind(ast, call->column) == SO_N_COLUMN && (!call->is_year || call->unit == SO_UNIT_YEAR);
}

/* The constant as a moment of local time. `typed` tells whether it was given a type that it must keep. */
static bool read_constant(const struct so_rewriter *rw, const struct date_call *call, enum so_type_class column_class,
	so_ref ref, int64_t *us)
{
	static const char *const date[] = { "date", NULL };
	static const char *const stamp[] = { "timestamp", "date", NULL };
	static const char *const zoned[] = { "timestamptz", "date", NULL };
	struct so_text text;
	bool has_time;
	int64_t year;

	if (call->is_year) {
		if (!so_ast_int(rw->ast, ref, &year) || year < 1 || year > 9899)
			return false;
		*us = so_date_from_year(year);
		return true;
	}
	if (so_ast_kind(rw->ast, ref) == SO_N_CAST) {
		/* A type of its own that differs from the function's would make another comparison. */
		const char *const *types = call->to_date ? date : column_class == SO_TYPE_TIMESTAMP ? stamp : zoned;

		if (!type_is(rw, so_as_cast(rw->ast, ref)->type, types))
			return false;
		ref = so_as_cast(rw->ast, ref)->arg;
	}
	return const_text(rw, ref, &text) && so_date_parse(text.s, text.len, us, &has_time) &&
	       !(call->to_date && has_time);
}

/* Bounds of the column: from *low (inclusive) to *high (exclusive), either absent. False when no row can match, which
 * is the user's mistake to see, not ours to hide. */
static bool bounds(
	enum so_op op, enum so_date_unit unit, int64_t us, const int64_t **low, const int64_t **high, int64_t store[2])
{
	bool aligned = so_date_trunc(unit, us) == us;

	store[0] = so_date_trunc(unit, us);
	store[1] = so_date_next(unit, us);
	*low = *high = NULL;
	switch (op) {
	case SO_OP_EQ:
		*low = &store[0];
		*high = &store[1];
		return aligned;
	case SO_OP_GE:
		*low = aligned ? &store[0] : &store[1];
		return true;
	case SO_OP_GT:
		*low = &store[1];
		return true;
	case SO_OP_LT:
		*high = aligned ? &store[0] : &store[1];
		return true;
	case SO_OP_LE:
		*high = &store[1];
		return true;
	default: /* <> has two ranges, and the others no order */
		return false;
	}
}

/* Local time and instants must correspond one to one at the bounds. */
static void check_zone(const struct so_rewriter *rw, const struct date_call *call, int64_t us, struct so_rewrite *out)
{
	const char *zone = rw->catalog->time_zone ? rw->catalog->time_zone : "unknown";

	so_rewrite_caveat(out,
		"the column has a time zone: the bounds, like the function, are read in the session's zone (here %s); "
		"write an offset "
		"into them if sessions differ",
		zone);
	if (so_zone_is_fixed(zone)) {
		so_rewrite_evidence(out, "time zone of the session: %s, one offset for ever", zone);
		return;
	}
	if (call->unit >= SO_UNIT_DAY && so_zone_has_plain_days(zone) &&
		us >= so_date_from_year(PLAIN_DAYS_FROM_YEAR)) {
		so_rewrite_evidence(out,
			"time zone of the session: %s, whose clock is never changed at midnight since %d", zone,
			PLAIN_DAYS_FROM_YEAR);
		return;
	}
	so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
		"in time zone %s the clock may be changed at a bound of the range, so that some local times mean two "
		"instants",
		zone);
}

static bool check_column(const struct so_rewriter *rw, const struct date_call *call, int64_t us,
	const struct so_table_col *column, struct so_rewrite *out)
{
	const struct so_column *c = &column->rel->table->columns[column->column];

	switch (c->type_class) {
	case SO_TYPE_DATE:
		/* date_trunc of a date works on timestamptz: as the constant has to be read in that type, days only. */
		if (!call->to_date && !call->is_year)
			return false;
		break;
	case SO_TYPE_TIMESTAMP:
		break;
	case SO_TYPE_TIMESTAMPTZ:
		check_zone(rw, call, us, out);
		break;
	default: /* the functions take no other type without a cast of its own */
		return false;
	}
	so_rewrite_evidence(out, "type of %s: %s", so_rewrite_column_name(out, column), c->type);
	return true;
}

/* MySQL and MariaDB store dates that are none (0000-00-00, 2024-00-00), round fractions in some conversions, and read a
 * TIMESTAMP in the session's zone without a form that names an offset. */
static bool is_safe_in_mysql(const struct so_rewriter *rw, enum so_op op, const struct date_call *call, so_ref ref,
	so_ref left, const struct so_table_col *column, struct so_rewrite *out)
{
	const struct so_column *c = &column->rel->table->columns[column->column];

	if (strcasecmp(c->type, "date") != 0 && strcasecmp(c->type, "datetime") != 0)
		return false;
	if (so_ast_kind(rw->ast, left) == SO_N_CAST || (!call->to_date && !call->is_year))
		return false;
	if (call->is_year)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s may hold dates like 2024-00-00, whose year is 2024 and which no range of dates holds",
			so_rewrite_column_name(out, column));
	else if (op == SO_OP_GT)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s may hold dates like 2024-00-00, which lie between two days",
			so_rewrite_column_name(out, column));
	else if (op != SO_OP_EQ && op != SO_OP_GE)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s may hold 0000-00-00, of which DATE() may be NULL and which is below every date",
			so_rewrite_column_name(out, column));
	else if (so_tree_place(rw->tree, ref) == SO_PLACE_OTHER)
		so_rewrite_obstacle(out, SO_REWRITE_UNPROVED,
			"%s may hold 0000-00-00, of which DATE() may be NULL, and here NULL and false differ",
			so_rewrite_column_name(out, column));
	return true;
}

bool so_rule_date_range(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out)
{
	struct so_table_col column;
	struct date_call call;
	enum so_op op;
	so_ref left, right;
	int64_t us, store[2];
	const int64_t *low, *high;
	const char *name, *text = "";

	if (!so_rewrite_comparison(rw, ref, &op, &left, &right) || !read_call(rw, left, &call) ||
		!so_rewrite_column(rw, call.column, &column))
		return false;
	if (rw->ast->dialect != SO_POSTGRESQL && !is_safe_in_mysql(rw, op, &call, ref, left, &column, out))
		return false;
	if (!read_constant(rw, &call, column.rel->table->columns[column.column].type_class, right, &us) ||
		!bounds(op, call.unit, us, &low, &high, store) || !check_column(rw, &call, store[0], &column, out))
		return false;
	name = so_rewrite_text(out, rw, call.column);
	if (low)
		text = so_printf(out, "%s >= '%s'", name, so_date_text(out, *low));
	if (high)
		text = so_printf(out, "%s%s%s < '%s'", text, low ? " AND " : "", name, so_date_text(out, *high));
	so_rewrite_replace(rw, out, ref, text);
	out->what = so_printf(out, "%s as a range of %s", so_rewrite_text(out, rw, ref), name);
	return true;
}
