#include "advise/parameters.h"

#include <math.h>
#include <string.h>

#include "advise/column_value.h"
#include "sql/print.h"

#define MAX_LEVELS     32 /* of queries between a column and its table */
#define MAX_PARAMETERS 200

/* What a place in the statement says of the parameter that stands there, from the weakest. */
enum role {
	ROLE_NONE,
	ROLE_OUTPUT, /* part of what the statement returns or stores: it does not change which rows are read */
	ROLE_GROUP, /* compared with an aggregate: likewise */
	ROLE_OFFSET,
	ROLE_LIMIT,
	ROLE_COLUMN
};

struct place {
	so_ref node;
	enum role role;
	bool in_cast; /* its type stands beside it */
	const struct so_table *table;
	const struct so_column *column;
	int32_t rel; /* where the column was named: bounds of one range have the same */
	enum so_value_use use;
	uint32_t nth; /* in a list */
};

struct scan {
	TALLOC_CTX *ctx;
	const struct so_resolved *resolved;
	struct place *places;
	size_t count;
	bool has_rest; /* "..." stands for values */
	enum role below; /* the role of parameters below the node that is walked */
};

const char *so_value_choice_name(enum so_value_choice choice)
{
	static const char *const names[SO_VALUE_SLOTS] = { "common", "rare", "absent", "seen", "seen (2)", "seen (3)" };

	return names[choice];
}

/* ---- places ---- */

static struct place *find_place(struct scan *scan, so_ref node)
{
	for (size_t i = 0; i < scan->count; i++)
		if (scan->places[i].node == node)
			return &scan->places[i];
	return NULL;
}

static enum so_walk note_param(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct scan *scan = arg;

	scan->has_rest = scan->has_rest || so_value_is_rest(ast, ref);
	if (so_ast_kind(ast, ref) != SO_N_PARAM)
		return SO_WALK_ON;
	if (scan->count == MAX_PARAMETERS)
		return SO_WALK_STOP;
	scan->places[scan->count++] = (struct place){ .node = ref, .in_cast = so_ast_kind(ast, parent) == SO_N_CAST };
	return SO_WALK_ON;
}

/* The column of a table that an expression is, also through queries in FROM. */
static bool table_column(const struct so_resolved *resolved, so_ref ref, struct place *out)
{
	const struct so_use *use = so_resolved_use(resolved, so_ast_strip_casts(resolved->ast, ref));
	int32_t rel, column;

	if (!use || use->kind != SO_USE_OF_COLUMN)
		return false;
	rel = use->rel;
	column = use->column;
	for (int level = 0; level < MAX_LEVELS && rel >= 0 && column >= 0; level++) {
		const struct so_rel *r = &resolved->rels[rel];
		const struct so_block *source;

		if (r->table && (size_t)column < r->table->n_columns) {
			out->table = r->table;
			out->column = &r->table->columns[column];
			out->rel = use->rel;
			return true;
		}
		if (r->source < 0)
			return false;
		source = &resolved->blocks[r->source];
		if (source->n_outputs != r->n_cols || (size_t)column >= source->n_outputs)
			return false;
		rel = source->outputs[column].rel;
		column = source->outputs[column].column;
	}
	return false;
}

static bool is_aggregate(const struct so_ast *ast, so_ref ref)
{
	static const char *const names[] = { "count", "sum", "avg", "min", "max" };

	if (so_ast_kind(ast, ref) != SO_N_FUNC)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (so_ast_name_is(ast, so_as_func(ast, ref)->name, names[i]))
			return true;
	return false;
}

/* `value` is compared with `other`, so: the parameter that it is, if it is one, gets its meaning. The first comparison
 * of a place counts. */
static void compare(struct scan *scan, so_ref value, so_ref other, enum so_value_use use, uint32_t nth)
{
	const struct so_ast *ast = scan->resolved->ast;
	so_ref param = so_ast_strip_casts(ast, value);
	struct place *place = so_ast_kind(ast, param) == SO_N_PARAM ? find_place(scan, param) : NULL;

	if (!place || place->role == ROLE_COLUMN)
		return;
	if (table_column(scan->resolved, other, place)) {
		place->role = ROLE_COLUMN;
		place->use = use;
		place->nth = nth;
	} else if (is_aggregate(ast, so_ast_strip_casts(ast, other))) {
		place->role = ROLE_GROUP;
	}
}

static enum so_value_use use_of(enum so_op op)
{
	switch (op) {
	case SO_OP_GT:
	case SO_OP_GE:
		return SO_VALUE_LOWER;
	case SO_OP_LT:
	case SO_OP_LE:
		return SO_VALUE_UPPER;
	default:
		return SO_VALUE_EQUAL;
	}
}

static void compare_op(struct scan *scan, const struct so_n_op *op)
{
	if (op->op < SO_OP_EQ || op->op > SO_OP_GE || !op->left)
		return;
	compare(scan, op->right, op->left, use_of((enum so_op)op->op), 0);
	compare(scan, op->left, op->right, use_of(so_op_commute((enum so_op)op->op)), 0);
}

static enum so_walk mark_below(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct scan *scan = arg;
	struct place *place;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		return SO_WALK_SKIP;
	place = so_ast_kind(ast, ref) == SO_N_PARAM ? find_place(scan, ref) : NULL;
	if (place && place->role < scan->below)
		place->role = scan->below;
	return SO_WALK_ON;
}

static void mark(struct scan *scan, so_ref ref, enum role role)
{
	scan->below = role;
	(void)so_ast_walk(scan->resolved->ast, ref, mark_below, scan);
}

static void mark_list(struct scan *scan, struct so_list list, enum role role)
{
	for (uint32_t i = 0; i < list.count; i++)
		mark(scan, so_list_get(scan->resolved->ast, list, i), role);
}

/* Only a limit that is the parameter itself: an expression of it may be anything. */
static void mark_alone(struct scan *scan, so_ref ref, enum role role)
{
	ref = so_ast_strip_casts(scan->resolved->ast, ref);
	if (so_ast_kind(scan->resolved->ast, ref) == SO_N_PARAM)
		mark(scan, ref, role);
}

static void read_query(struct scan *scan, so_ref ref)
{
	const struct so_ast *ast = scan->resolved->ast;
	const struct so_n_query *query = so_as_query(ast, ref);

	mark_alone(scan, query->limit, ROLE_LIMIT);
	mark_alone(scan, so_rare_query(ast, query)->offset, ROLE_OFFSET);
	if (so_ast_kind(ast, ref) == SO_N_SELECT)
		mark_list(scan, so_as_select(ast, ref)->targets, ROLE_OUTPUT);
}

static void read_in(struct scan *scan, const struct so_n_in *in)
{
	for (uint32_t i = 0; i < in->items.count; i++)
		compare(scan, so_list_get(scan->resolved->ast, in->items, i), in->arg, SO_VALUE_EQUAL, i);
}

static enum so_walk read_place(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct scan *scan = arg;
	struct so_like_view like;

	(void)parent;
	if (so_kind_is_query(so_ast_kind(ast, ref)))
		read_query(scan, ref);
	if (so_ast_like(ast, ref, &like))
		compare(scan, like.pattern, like.arg, SO_VALUE_PATTERN, 0);
	switch (so_ast_kind(ast, ref)) {
	case SO_N_OP:
		compare_op(scan, so_as_op(ast, ref));
		break;
	case SO_N_BETWEEN:
		compare(scan, so_as_between(ast, ref)->low, so_as_between(ast, ref)->arg, SO_VALUE_LOWER, 0);
		compare(scan, so_as_between(ast, ref)->high, so_as_between(ast, ref)->arg, SO_VALUE_UPPER, 0);
		break;
	case SO_N_IN:
		read_in(scan, so_as_in(ast, ref));
		break;
	case SO_N_QUANT:
		if (so_as_quant(ast, ref)->array && so_as_quant(ast, ref)->op == SO_OP_EQ)
			compare(scan, so_as_quant(ast, ref)->array, so_as_quant(ast, ref)->left, SO_VALUE_LIST, 0);
		break;
	case SO_N_ASSIGN:
		mark(scan, so_as_assign(ast, ref)->value, ROLE_OUTPUT);
		break;
	case SO_N_VALUES:
		mark_list(scan, so_as_values(ast, ref)->rows, ROLE_OUTPUT);
		break;
	default:
		break;
	}
	return SO_WALK_ON;
}

/* A lower and an upper bound of one column are a range: chosen apart they could exclude each other. */
static void pair_bounds(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		struct place *low = &scan->places[i];

		if (low->role != ROLE_COLUMN || low->use != SO_VALUE_LOWER)
			continue;
		for (size_t k = 0; k < scan->count; k++) {
			struct place *high = &scan->places[k];

			if (high->role != ROLE_COLUMN || high->column != low->column || high->rel != low->rel ||
				(high->use != SO_VALUE_UPPER && high->use != SO_VALUE_TO))
				continue;
			low->use = SO_VALUE_FROM;
			high->use = SO_VALUE_TO;
		}
	}
}

/* ---- values ---- */

static const char *assumed_value(enum role role)
{
	switch (role) {
	case ROLE_LIMIT:
		return "20";
	case ROLE_OFFSET:
		return "0";
	case ROLE_GROUP:
		return "1";
	case ROLE_OUTPUT:
		return "NULL";
	default:
		return NULL;
	}
}

static char *value_of(TALLOC_CTX *ctx, const struct so_resolved *resolved, const struct place *place,
	enum so_value_choice choice, double *share)
{
	const char *assumed = assumed_value(place->role);
	char *text;

	*share = NAN;
	if (place->role != ROLE_COLUMN)
		return so_strdup_or_null(ctx, assumed);
	text = so_column_value(ctx, place->column, place->table, place->use, choice, place->nth, share);
	if (!text)
		return NULL;
	return so_column_literal(ctx, (enum so_dialect)resolved->ast->dialect, place->column, text,
		place->in_cast || place->use == SO_VALUE_LIST);
}

static char *name_of(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref node)
{
	struct so_text text = so_ast_source_of(ast, node);

	return so_strndup(ctx, text.s ? text.s : "?", text.s ? text.len : 1);
}

static char *why_not(TALLOC_CTX *ctx, const struct so_ast *ast, const struct place *place)
{
	char *name = name_of(ctx, ast, place->node);

	if (place->role != ROLE_COLUMN)
		return so_printf(ctx, "%s is not compared with a column", name);
	if (!place->column->has_stats)
		return so_printf(ctx, "%s.%s, which %s is compared with, has no statistics", place->table->name,
			place->column->name, name);
	return so_printf(
		ctx, "the statistics of %s.%s hold no values for %s", place->table->name, place->column->name, name);
}

/* Each ? is another one. */
static bool is_anonymous(const struct so_ast *ast, const struct so_n_param *param)
{
	return !param->number && so_ast_name(ast, param->name).len < 2;
}

static bool same_param(const struct so_ast *ast, so_ref a, const struct so_ast *of, so_ref b)
{
	const struct so_n_param *x = so_as_param(ast, a), *y = so_as_param(of, b);

	if (x->number || y->number)
		return x->number == y->number;
	return !is_anonymous(ast, x) && so_ast_name_equal(ast, x->name, of, y->name);
}

/* One parameter in two places has one value: that of the place that knows most. */
static void unite(const struct so_ast *ast, struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		for (size_t k = 0; k < scan->count; k++) {
			struct place *to = &scan->places[i];
			const struct place *from = &scan->places[k];
			bool in_cast = to->in_cast;
			so_ref node = to->node;

			if (from->role <= to->role || !same_param(ast, node, ast, from->node))
				continue;
			*to = *from;
			to->node = node;
			to->in_cast = in_cast;
		}
}

static bool choices_differ(const struct so_parameters *parameters, enum so_value_choice a, enum so_value_choice b)
{
	for (size_t i = 0; i < parameters->count; i++)
		if (strcmp(parameters->items[i].sql[a], parameters->items[i].sql[b]) != 0)
			return true;
	return false;
}

/* The values of the statistics for one place; false: there are none. */
static bool choose_for(struct so_parameters *out, struct so_parameter *item, const struct so_resolved *resolved,
	const struct place *place)
{
	item->table = place->table;
	item->column = place->column;
	for (int c = 0; c < SO_VALUE_CHOICES; c++) {
		item->sql[c] = value_of(out, resolved, place, (enum so_value_choice)c, &item->share[c]);
		if (!item->sql[c])
			return false;
	}
	return true;
}

static bool find_places(struct so_parameters *out, struct scan *scan, const struct so_ast *ast, so_ref root)
{
	scan->places = so_new_array(scan->ctx, struct place, MAX_PARAMETERS);
	if (!so_ast_walk(ast, root, note_param, scan)) {
		out->why_not = so_printf(out, "more than %d parameters", MAX_PARAMETERS);
		return false;
	}
	out->items = so_new_array(out, struct so_parameter, scan->count + 1);
	for (size_t i = 0; i < scan->count; i++)
		out->items[out->count++].node = scan->places[i].node;
	return true;
}

struct so_parameters *so_parameters_choose(TALLOC_CTX *ctx, const struct so_resolved *resolved)
{
	SO_TMP(tmp, ctx);
	struct so_parameters *out = so_new(ctx, struct so_parameters);
	struct scan scan = { .ctx = tmp, .resolved = resolved };

	if (!find_places(out, &scan, resolved->ast, resolved->root))
		return out;
	if (scan.has_rest) {
		out->why_not = so_strdup(out, "a list of values is left out of the text");
		return out;
	}
	(void)so_ast_walk(resolved->ast, resolved->root, read_place, &scan);
	pair_bounds(&scan);
	unite(resolved->ast, &scan);
	for (size_t i = 0; i < scan.count; i++)
		if (!choose_for(out, &out->items[i], resolved, &scan.places[i])) {
			out->why_not = why_not(out, resolved->ast, &scan.places[i]);
			return out;
		}
	out->differ[SO_VALUE_COMMON] = true;
	out->differ[SO_VALUE_RARE] = choices_differ(out, SO_VALUE_COMMON, SO_VALUE_RARE);
	out->differ[SO_VALUE_ABSENT] = choices_differ(out, SO_VALUE_COMMON, SO_VALUE_ABSENT) &&
				       choices_differ(out, SO_VALUE_RARE, SO_VALUE_ABSENT);
	return out;
}

struct so_parameters *so_parameters_unknown(TALLOC_CTX *ctx, const struct so_ast *ast, const char *why)
{
	SO_TMP(tmp, ctx);
	struct so_parameters *out = so_new(ctx, struct so_parameters);
	struct scan scan = { .ctx = tmp };

	if (find_places(out, &scan, ast, so_ast_statement(ast)))
		out->why_not = so_strdup(out, why);
	return out;
}

/* ---- values that were seen ---- */

/* Gives each parameter its value out of the set; false when one has none, or one parameter has two. */
static bool see_items(struct so_parameters *p, const struct so_ast *ast, const struct so_value_places *places,
	const struct so_value_set *set, enum so_value_choice slot)
{
	for (size_t i = 0; i < p->count; i++) {
		struct so_parameter *item = &p->items[i];
		size_t at = 0, offset, len;

		if (!so_ast_span(ast, item->node, &offset, &len))
			return false;
		while (at < places->n_items && places->items[at].off != offset)
			at++;
		if (at == places->n_items || !places->items[at].open)
			return false;
		item->sql[slot] = so_value_set_item(p, set, places, at, &item->several[slot]);
		if (!item->sql[slot])
			return false;
		for (size_t k = 0; k < i; k++)
			if (same_param(ast, item->node, ast, p->items[k].node) &&
				strcmp(item->sql[slot], p->items[k].sql[slot]) != 0)
				return false;
	}
	return true;
}

static bool see_one(struct so_parameters *p, const struct so_ast *ast, struct so_text text,
	const struct so_value_places *places, const struct so_value_set *set)
{
	enum so_value_choice slot = SO_VALUE_SEEN + (enum so_value_choice)p->n_seen;
	char *sql = set->shape == places->shape ? so_value_set_fill(p, set, places, text.s, text.len) : NULL;

	if (!sql || !see_items(p, ast, places, set, slot))
		return false;
	for (size_t i = 0; i < p->n_seen; i++)
		if (strcmp(p->seen[i].sql, sql) == 0)
			return false;
	p->seen[p->n_seen].sql = sql;
	return true;
}

void so_parameters_see(
	struct so_parameters *parameters, const struct so_ast *ast, const struct so_value_set *const *sets, size_t n)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_text text = so_ast_source_text(ast, 0);
	struct so_value_places *places =
		so_value_places(tmp, (enum so_dialect)ast->dialect, text.s, text.len, &ignored);

	for (size_t i = 0; places && i < n && parameters->n_seen < SO_VALUE_SEEN_MAX; i++)
		if (see_one(parameters, ast, text, places, sets[i]))
			parameters->seen[parameters->n_seen++].set = i;
}

/* ---- filling in ---- */

struct fill {
	TALLOC_CTX *ctx;
	const struct so_parameters *parameters;
	const struct so_ast *of;
	enum so_value_choice choice;
	struct so_edit *edits;
	size_t n_edits;
	bool failed;
};

/* A lone ? is the same in a rewrite; of several nobody can say which is which. */
static bool is_same(const struct fill *fill, const struct so_ast *ast, so_ref ref, so_ref node)
{
	if (is_anonymous(ast, so_as_param(ast, ref)))
		return fill->parameters->count == 1 && is_anonymous(fill->of, so_as_param(fill->of, node));
	return same_param(ast, ref, fill->of, node);
}

static enum so_walk fill_place(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct fill *fill = arg;
	const char *value = NULL;
	bool several = false;

	if (so_ast_kind(ast, ref) != SO_N_PARAM)
		return SO_WALK_ON;
	for (size_t i = 0; i < fill->parameters->count && !value; i++) {
		const struct so_parameter *item = &fill->parameters->items[i];

		if (ast == fill->of ? item->node == ref : is_same(fill, ast, ref, item->node))
			value = item->sql[fill->choice], several = item->several[fill->choice];
	}
	if (several && so_ast_kind(ast, parent) != SO_N_IN)
		value = NULL;
	if (value && so_sql_edit_node(fill->ctx, &fill->edits, &fill->n_edits, ast, ref, value))
		return SO_WALK_ON;
	fill->failed = true;
	return SO_WALK_STOP;
}

char *so_parameters_fill(TALLOC_CTX *ctx, const struct so_ast *ast, const struct so_parameters *parameters,
	const struct so_ast *of, enum so_value_choice choice)
{
	SO_TMP(tmp, ctx);
	struct fill fill = { .ctx = tmp, .parameters = parameters, .of = of, .choice = choice };
	so_ref root = so_ast_statement(ast);
	struct so_text text = so_ast_source_text(ast, 0);

	if (choice >= SO_VALUE_SEEN ? choice >= SO_VALUE_SEEN + parameters->n_seen : parameters->why_not != NULL)
		return NULL;
	if (choice >= SO_VALUE_SEEN && ast == of)
		return so_strdup(ctx, parameters->seen[choice - SO_VALUE_SEEN].sql);
	fill.edits = so_new_array(tmp, struct so_edit, 1);
	(void)so_ast_walk(ast, root, fill_place, &fill);
	if (fill.failed)
		return NULL;
	return so_sql_splice(ctx, text.s, text.len, fill.edits, fill.n_edits);
}

char *so_parameters_describe(TALLOC_CTX *ctx, const struct so_parameters *parameters, enum so_value_choice choice)
{
	char *out = so_strdup(ctx, "");
	const struct so_column *last = NULL;

	for (size_t i = 0; i < parameters->count; i++) {
		const struct so_parameter *item = &parameters->items[i];

		if (!item->column || item->column == last)
			continue;
		last = item->column;
		out = talloc_asprintf_append(out, "%s%s.%s", *out ? ", " : "", item->table->name, item->column->name);
		if (!isnan(item->share[choice]))
			out = talloc_asprintf_append(out, " (%.3g %% of the rows)", item->share[choice] * 100);
	}
	return out;
}
