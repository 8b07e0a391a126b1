#include "advise/atoms.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "advise/estimate.h"

#define ENUM_LIKE     50.0 /* distinct values up to which a constant is worth a partial index */
#define RARE          0.2 /* share of rows up to which a partial index is worth it */
#define UNCOMMON      0.5 /* of the share that each value would have if all were equally frequent */
#define MIN_TRIGRAM   3
#define PREFIX_SHARE  0.005
#define CONTAIN_SHARE 0.002

struct so_usage *so_atoms_use(const struct so_collector *c, const struct so_rel *rel)
{
	for (size_t i = 0; i < c->list->count; i++)
		if (c->list->items[i].rel == rel)
			return &c->list->items[i];
	return NULL;
}

static bool skipped(const struct so_collector *c, so_ref ref)
{
	for (size_t i = 0; i < c->n_skip; i++)
		if (c->skip[i] == ref)
			return true;
	return false;
}

static const struct so_column *plain_column(const struct so_usage *use, const struct so_cand_key *key)
{
	return key->column >= 0 && !key->expr ? &use->rel->table->columns[key->column] : NULL;
}

/* The text of a literal, NULL for a parameter or anything computed. */
static const char *literal_text(const struct so_collector *c, so_ref ref)
{
	const struct so_n_const *value;

	ref = so_ast_strip_casts(c->rw->ast, ref);
	if (so_ast_kind(c->rw->ast, ref) != SO_N_CONST)
		return NULL;
	value = so_as_const(c->rw->ast, ref);
	switch ((enum so_const_type)value->type) {
	case SO_C_INT:
	case SO_C_FLOAT:
	case SO_C_STRING:
	case SO_C_NSTRING:
		return so_ast_str_dup(c->ctx, c->rw->ast, value->value);
	case SO_C_TRUE:
		return "t";
	case SO_C_FALSE:
		return "f";
	case SO_C_NULL:
	case SO_C_BITS:
	case SO_C_HEX:
		return NULL;
	}
	return NULL;
}

struct so_atom *so_atoms_add(
	struct so_collector *c, const struct so_operand *operand, enum so_atom_kind kind, so_ref node)
{
	struct so_usage *use = so_atoms_use(c, operand->rel);
	struct so_atom *atom;

	if (!use || use->rel->block != c->number || use->n_atoms == SO_USE_ATOMS ||
		(operand->key.expr && skipped(c, node)))
		return NULL;
	atom = &use->atoms[use->n_atoms++];
	*atom = (struct so_atom){ .kind = kind, .key = operand->key, .node = node, .arm = c->arm, .share = 0.1 };
	atom->text = so_rewrite_text(c->ctx, c->rw, node);
	return atom;
}

/* A word of the value for names: "pending". */
static const char *value_label(TALLOC_CTX *ctx, const char *value)
{
	char *label = so_strdup(ctx, value), *to = label;

	for (const char *p = value; *p && to - label < 20; p++)
		if (isalnum((unsigned char)*p))
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	return *label ? label : "partial";
}

static bool is_common(const struct so_column *column, const char *value)
{
	for (size_t i = 0; i < column->n_common; i++)
		if (strcmp(column->common_vals[i], value) == 0)
			return true;
	return false;
}

/* A constant of a column with few values, one that few rows have. */
static void offer_predicate(struct so_collector *c, struct so_atom *atom, const struct so_usage *use, so_ref value_ref)
{
	const struct so_column *column = plain_column(use, &atom->key);
	const char *value = literal_text(c, value_ref);
	double distinct;

	if (!column || !column->has_stats || !value || atom->share >= RARE || c->arm)
		return;
	distinct = so_column_distinct(use->rel->table, column);
	/* A value that is as frequent as the others is one that the application varies; one that the statistics do not
	 * know has no share that a decision could rest on. */
	if (distinct <= 0 || distinct > ENUM_LIKE || atom->share > UNCOMMON / distinct || !is_common(column, value))
		return;
	atom->predicate = so_printf(
		c->ctx, "%s = %s", so_cand_quote(c->ctx, column->name), so_rewrite_text(c->ctx, c->rw, value_ref));
	atom->pred_label = value_label(c->ctx, value);
}

static void add_equal(struct so_collector *c, const struct so_operand *operand, so_ref other, so_ref node)
{
	struct so_refs refs;
	struct so_atom *atom;
	const struct so_usage *use = so_atoms_use(c, operand->rel);
	const struct so_column *column;
	TALLOC_CTX *ctx = c->ctx;

	so_operand_refs(c->rw, other, operand->rel, &refs);
	if (!use || refs.to_rel || so_rewrite_volatile(ctx, c->rw, other))
		return;
	atom = so_atoms_add(
		c, operand, refs.other || refs.to_outer || refs.to_unknown ? SO_ATOM_JOIN : SO_ATOM_EQUAL, node);
	if (!atom)
		return;
	column = plain_column(use, &operand->key);
	atom->other = refs.other;
	atom->share = column ? so_share_equal(use->rel->table, column, literal_text(c, other)) : 0.005;
	if (atom->kind == SO_ATOM_EQUAL)
		offer_predicate(c, atom, use, other);
}

static void add_range(
	struct so_collector *c, const struct so_operand *operand, enum so_op op, so_ref other, so_ref node)
{
	struct so_refs refs;
	struct so_atom *atom;
	const struct so_usage *use = so_atoms_use(c, operand->rel);
	const struct so_column *column;
	double below;

	so_operand_refs(c->rw, other, operand->rel, &refs);
	if (!use || refs.to_rel || refs.other || so_rewrite_volatile(c->ctx, c->rw, other))
		return;
	column = plain_column(use, &operand->key);
	below = column ? so_share_below(column, literal_text(c, other)) : 0.3333;
	/* Two bounds of one column are one range. */
	for (size_t i = 0; i < use->n_atoms; i++) {
		const struct so_atom *have = &use->atoms[i];

		if (have->kind == SO_ATOM_RANGE && have->arm == c->arm && have->key.column == operand->key.column &&
			!have->key.expr && !operand->key.expr) {
			struct so_usage *mine = so_atoms_use(c, operand->rel);

			mine->atoms[i].share =
				fmax(have->share + (op == SO_OP_GT || op == SO_OP_GE ? 1 - below : below) - 1, 0.0001);
			return;
		}
	}
	atom = so_atoms_add(c, operand, SO_ATOM_RANGE, node);
	if (atom)
		atom->share = op == SO_OP_GT || op == SO_OP_GE ? 1 - below : below;
}

static void add_comparison(struct so_collector *c, so_ref node)
{
	const struct so_n_op *op = so_as_op(c->rw->ast, node);
	struct so_operand left, right;
	enum so_op swapped = so_op_commute((enum so_op)op->op);

	if (!op->left || op->schema || op->op == SO_OP_NE)
		return;
	for (int side = 0; side < 2; side++) {
		struct so_operand *operand = side ? &right : &left;
		so_ref mine = side ? op->right : op->left, other = side ? op->left : op->right;
		enum so_op as = side ? swapped : (enum so_op)op->op;
		so_ref constant = so_ast_strip_casts(c->rw->ast, other);

		if (!so_operand_read(c->ctx, c->rw, mine, operand))
			continue;
		/* A numeric constant makes the engine convert an integer column: no index on the column serves that. */
		if (!operand->key.expr && operand->rel->table->columns[operand->key.column].type_class == SO_TYPE_INT &&
			so_ast_kind(c->rw->ast, constant) == SO_N_CONST &&
			so_as_const(c->rw->ast, constant)->type == SO_C_FLOAT)
			continue;
		if (as == SO_OP_EQ)
			add_equal(c, operand, other, node);
		else
			add_range(c, operand, as, other, node);
	}
}

static void add_in(struct so_collector *c, so_ref node)
{
	const struct so_n_in *in = so_as_in(c->rw->ast, node);
	struct so_operand operand;
	struct so_atom *atom;
	const struct so_usage *use;
	const struct so_column *column;

	if ((in->hdr.flags & SO_NF_NOT) || !so_operand_read(c->ctx, c->rw, in->arg, &operand))
		return;
	use = so_atoms_use(c, operand.rel);
	if (!use)
		return;
	column = plain_column(use, &operand.key);
	atom = so_atoms_add(c, &operand, in->query ? SO_ATOM_JOIN : SO_ATOM_IN, node);
	if (!atom)
		return;
	atom->share = column ? so_share_equal(use->rel->table, column, NULL) : 0.005;
	if (!in->query)
		atom->share = fmin(atom->share * in->items.count, 1);
}

static void add_quant(struct so_collector *c, so_ref node)
{
	const struct so_n_quant *quant = so_as_quant(c->rw->ast, node);
	struct so_operand operand;
	struct so_atom *atom;

	if (quant->op != SO_OP_EQ || quant->quantifier != SO_ANY || quant->schema ||
		!so_operand_read(c->ctx, c->rw, quant->left, &operand))
		return;
	atom = so_atoms_add(c, &operand, quant->query ? SO_ATOM_JOIN : SO_ATOM_IN, node);
	if (atom && plain_column(so_atoms_use(c, operand.rel), &operand.key))
		atom->share = fmin(
			10 * so_share_equal(operand.rel->table, &operand.rel->table->columns[operand.key.column], NULL),
			1);
}

static void add_between(struct so_collector *c, so_ref node)
{
	const struct so_n_between *between = so_as_between(c->rw->ast, node);
	struct so_operand operand;

	if ((between->hdr.flags & (SO_NF_NOT | SO_NF_SYMMETRIC)) ||
		!so_operand_read(c->ctx, c->rw, between->arg, &operand))
		return;
	add_range(c, &operand, SO_OP_GE, between->low, node);
	add_range(c, &operand, SO_OP_LE, between->high, node);
}

static void add_is_null(struct so_collector *c, so_ref node)
{
	const struct so_n_is *is = so_as_is(c->rw->ast, node);
	struct so_operand operand;
	struct so_atom *atom;

	if (is->test != SO_IS_NULL || (is->hdr.flags & SO_NF_NOT) ||
		!so_operand_read(c->ctx, c->rw, is->arg, &operand) || operand.key.expr)
		return;
	atom = so_atoms_add(c, &operand, SO_ATOM_NULL, node);
	if (!atom)
		return;
	atom->share = so_share_null(&operand.rel->table->columns[operand.key.column]);
	if (atom->share < RARE && !c->arm) {
		const char *name = operand.rel->table->columns[operand.key.column].name;

		atom->predicate = so_printf(c->ctx, "%s IS NULL", so_cand_quote(c->ctx, name));
		atom->pred_label = so_printf(c->ctx, "%s_null", name);
	}
}

/* Longest run of letters and digits in a pattern: what trigrams can be taken from. */
static size_t longest_word(const char *pattern)
{
	size_t longest = 0, run = 0;

	for (const char *p = pattern; *p; p++) {
		run = isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80 ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void add_like(struct so_collector *c, const struct so_like_view *like, so_ref node)
{
	struct so_operand operand;
	struct so_atom *atom;
	const char *pattern = literal_text(c, like->pattern);
	const struct so_column *column;

	if (like->negated || like->escape || !pattern || !so_operand_read(c->ctx, c->rw, like->arg, &operand))
		return;
	column = operand.key.column >= 0 ? &operand.rel->table->columns[operand.key.column] : NULL;
	if (!column || (column->type_class != SO_TYPE_TEXT && !operand.key.expr))
		return;
	if (!like->ignore_case && *pattern && !strchr("%_\\", *pattern)) {
		atom = so_atoms_add(c, &operand, SO_ATOM_PREFIX, node);
		if (atom)
			atom->share = PREFIX_SHARE;
	} else if (longest_word(pattern) >= MIN_TRIGRAM && !operand.key.expr) {
		operand.key.opclass = "gin_trgm_ops";
		atom = so_atoms_add(c, &operand, SO_ATOM_CONTAINS, node);
		if (atom)
			atom->share = CONTAIN_SHARE;
	}
}

/* json @> const, json ? const, array @> const, array && const: what GIN serves. */
static void add_containment(struct so_collector *c, so_ref node)
{
	const struct so_n_op *op = so_as_op(c->rw->ast, node);
	struct so_operand operand = { .key.column = -1 };
	struct so_table_col column;
	struct so_refs refs;
	struct so_atom *atom;
	enum so_type_class type;

	if (!op->left || op->schema || !so_rewrite_column(c->rw, op->left, &column))
		return;
	type = column.rel->table->columns[column.column].type_class;
	if (type != SO_TYPE_JSONB && (type != SO_TYPE_ARRAY || op->op == SO_OP_EXISTS_KEY))
		return;
	so_operand_refs(c->rw, op->right, column.rel, &refs);
	if (refs.to_rel || refs.other || refs.has_query || so_rewrite_volatile(c->ctx, c->rw, op->right))
		return;
	operand.rel = column.rel;
	operand.key.column = column.column;
	if (type == SO_TYPE_JSONB && op->op == SO_OP_CONTAINS)
		operand.key.opclass = "jsonb_path_ops"; /* smaller, and this operator is all that it serves */
	atom = so_atoms_add(c, &operand, SO_ATOM_CONTAINS, node);
	if (atom)
		atom->share = CONTAIN_SHARE;
}

/* All arms are comparisons of one column with constants: an IN list. */
static bool or_is_in(struct so_collector *c, so_ref node)
{
	struct so_list args = so_as_bool(c->rw->ast, node)->args;
	struct so_operand operand, first = { 0 };
	struct so_atom *atom;

	for (uint32_t i = 0; i < args.count; i++) {
		enum so_op op;
		so_ref left, right;

		if (!so_rewrite_comparison(c->rw, so_list_get(c->rw->ast, args, i), &op, &left, &right) ||
			op != SO_OP_EQ || !so_operand_read(c->ctx, c->rw, left, &operand) || operand.key.expr)
			return false;
		if (i && (operand.rel != first.rel || operand.key.column != first.key.column))
			return false;
		first = operand;
	}
	atom = so_atoms_add(c, &first, SO_ATOM_IN, node);
	if (atom)
		atom->share = fmin(args.count * so_share_equal(first.rel->table,
							&first.rel->table->columns[first.key.column], NULL),
			1);
	return true;
}

static bool arm_has_atom(const struct so_collector *c, int arm)
{
	for (size_t i = 0; i < c->list->count; i++)
		for (size_t a = 0; a < c->list->items[i].n_atoms; a++)
			if (c->list->items[i].rel->block == c->number && c->list->items[i].atoms[a].arm == arm)
				return true;
	return false;
}

/* Atoms of arms are added last and so can be cut off again. */
static void forget_arms(struct so_collector *c)
{
	for (size_t i = 0; i < c->list->count; i++) {
		struct so_usage *use = &c->list->items[i];

		while (use->rel->block == c->number && use->n_atoms && use->atoms[use->n_atoms - 1].arm)
			use->n_atoms--;
	}
}

/* An OR is served by indexes only when every arm is. One OR of a block is looked at; its arms come after all other
 * atoms. */
void so_atoms_or(struct so_collector *c, so_ref node)
{
	struct so_list args = so_as_bool(c->rw->ast, node)->args;
	bool all = true;

	for (uint32_t i = 0; i < args.count; i++) {
		c->arm = (int)i + 1;
		so_ast_conjuncts(c->rw->ast, so_list_get(c->rw->ast, args, i), so_atoms_visit, c);
		all = all && arm_has_atom(c, c->arm);
	}
	c->arm = 0;
	if (!all)
		forget_arms(c);
}

enum so_walk so_atoms_visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct so_collector *c = arg;
	struct so_like_view like;

	(void)parent;
	if (so_ast_like(ast, ref, &like)) {
		add_like(c, &like, ref);
		return SO_WALK_ON;
	}
	switch (so_ast_kind(ast, ref)) {
	case SO_N_OP:
		if (so_as_op(ast, ref)->op >= SO_OP_EQ && so_as_op(ast, ref)->op <= SO_OP_GE)
			add_comparison(c, ref);
		else if (so_as_op(ast, ref)->op == SO_OP_CONTAINS || so_as_op(ast, ref)->op == SO_OP_OVERLAP ||
			 so_as_op(ast, ref)->op == SO_OP_EXISTS_KEY)
			add_containment(c, ref);
		break;
	case SO_N_IN:
		add_in(c, ref);
		break;
	case SO_N_QUANT:
		add_quant(c, ref);
		break;
	case SO_N_BETWEEN:
		add_between(c, ref);
		break;
	case SO_N_IS:
		add_is_null(c, ref);
		break;
	case SO_N_BOOL:
		if (so_as_bool(ast, ref)->op == SO_OR && !or_is_in(c, ref) && !c->arm && !c->pending_or)
			c->pending_or = ref;
		break;
	default: /* EXISTS and others: blocks of their own, or nothing for an index */
		break;
	}
	return SO_WALK_ON;
}
