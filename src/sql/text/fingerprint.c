#include "sql/fingerprint.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sql/print.h"
#include "sql/parse/parser.h"
#include "sql/text/digest_words.h"
#include "sql/text/hash.h"
#include "sql/tree/ddl_form.h"
#include "sql/tree/shape.h"

#define MAX_DEPTH 1000 /* trees made by hand may be deeper than the parser's: what is below does not count */

#define FIRST_ITEMS 256

struct hasher {
	const struct so_ast *ast;
	unsigned depth;
	/* what lists and chains are made of while they are hashed; not in the frames, which nest */
	uint64_t *items;
	uint32_t count, room;
	uint64_t first_items[FIRST_ITEMS];
	char word[SO_DIGEST_WORD];
};

static inline struct so_text name_text(struct hasher *h, struct so_name name)
{
	struct so_text text = so_ast_name(h->ast, name);

	/* of PostgreSQL's names only few that are quoted */
	return text.len && *text.s >= 'A' && *text.s <= 'Z' ? so_digest_name(h->ast->dialect, text, h->word) : text;
}

static inline uint64_t hash_node(struct hasher *h, so_ref ref);
static uint64_t hash_tree(struct hasher *h, so_ref ref);

/* How nodes are hashed; all other kinds: field by field. */
enum how {
	PLAIN,
	VALUE,
	VALUE_OR_PLAIN,
	ALIKE,
	CHAIN,
	NAMED,
	TARGET,
	TABLE,
	SELECT,
	FUNC,
	TYPE,
	COLUMN_DEF,
	SORT,
	ROW,
	BOOL,
	NOTHING
};

static const uint8_t how_to_hash[SO_N_MAX] = {
	[SO_N_NONE] = NOTHING,
	[SO_N_CONST] = VALUE,
	[SO_N_PARAM] = VALUE,
	[SO_N_MISSING] = VALUE,
	[SO_N_DEFAULT] = VALUE,
	[SO_N_CAST] = VALUE_OR_PLAIN,
	[SO_N_IN] = ALIKE,
	[SO_N_QUANT] = ALIKE,
	[SO_N_OPAQUE] = ALIKE,
	[SO_N_OP] = CHAIN,
	[SO_N_SETOP] = CHAIN,
	[SO_N_JOIN] = CHAIN,
	[SO_N_COLUMN] = NAMED,
	[SO_N_NAME] = NAMED,
	[SO_N_TARGET] = TARGET,
	[SO_N_TABLE] = TABLE,
	[SO_N_SELECT] = SELECT,
	[SO_N_FUNC] = FUNC,
	[SO_N_TYPE] = TYPE,
	[SO_N_COLUMN_DEF] = COLUMN_DEF,
	[SO_N_SORT] = SORT,
	[SO_N_ROW] = ROW,
	[SO_N_BOOL] = BOOL,
};

/* Literals, parameters, and casts of them; a cast of a cast is an expression. */
static bool is_value(const struct so_ast *ast, so_ref ref)
{
	if (so_ast_kind(ast, ref) == SO_N_CAST)
		ref = so_as_cast(ast, ref)->arg;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_CONST:
	case SO_N_PARAM:
	case SO_N_MISSING:
	case SO_N_DEFAULT:
		return true;
	default:
		return false;
	}
}

static int compare_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

enum list_use {
	IN_ORDER,
	AS_SET, /* order and repetitions do not count */
	AS_SET_OF_EXPRESSIONS /* nor do literals: f(x, 1) and f(x), varchar(10) and varchar */
};

static enum list_use use_of(enum so_node_kind kind, uint8_t offset)
{
	bool set = false;

	switch (kind) {
	case SO_N_SELECT:
		set = offset == offsetof(struct so_n_select, targets) || offset == offsetof(struct so_n_select, from);
		break;
	case SO_N_INSERT:
		set = offset == offsetof(struct so_n_insert, columns);
		break;
	case SO_N_UPDATE:
		set = offset == offsetof(struct so_n_update, sets) || offset == offsetof(struct so_n_update, from);
		break;
	case SO_N_CASE:
		set = offset == offsetof(struct so_n_case, whens);
		break;
	case SO_N_VALUES:
		set = offset == offsetof(struct so_n_values, rows);
		break;
	case SO_N_ROW:
	case SO_N_ARRAY:
	case SO_N_BOOL:
	case SO_N_PARTITION_BOUND:
		set = true;
		break;
	case SO_N_FUNC:
		return offset == offsetof(struct so_n_func, args) ? AS_SET_OF_EXPRESSIONS : IN_ORDER;
	case SO_N_TYPE:
		return offset == offsetof(struct so_n_type, mods) ? AS_SET_OF_EXPRESSIONS : IN_ORDER;
	default:
		break;
	}
	return set ? AS_SET : IN_ORDER;
}

#define SMALL_LIST 32

static void sort(uint64_t *items, uint32_t count)
{
	if (count > SMALL_LIST) {
		qsort(items, count, sizeof *items, compare_hash);
		return;
	}
	for (uint32_t i = 1; i < count; i++) {
		uint64_t item = items[i];
		uint32_t at = i;

		for (; at && items[at - 1] > item; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

static void push_item(struct hasher *h, uint64_t item)
{
	if (h->count == h->room) {
		uint64_t *more = so_mem_need(malloc(h->room * 2 * sizeof *more));

		memcpy(more, h->items, h->room * sizeof *more);
		if (h->items != h->first_items)
			free(h->items);
		h->items = more;
		h->room *= 2;
	}
	h->items[h->count++] = item;
}

/* The hashes of a list's items, sorted, each once: from h->items[h->count] on, which the next push overwrites; returns
 * their number. */
static uint32_t distinct(struct hasher *h, struct so_list list)
{
	uint32_t first = h->count, n = 0;
	uint64_t *items;

	for (uint32_t i = 0; i < list.count; i++)
		push_item(h, hash_node(h, so_list_get(h->ast, list, i)));
	items = &h->items[first];
	h->count = first;
	sort(items, list.count);
	for (uint32_t i = 0; i < list.count; i++)
		if (!i || items[i] != items[n - 1])
			items[n++] = items[i];
	return n;
}

static uint64_t hash_list(struct hasher *h, uint64_t hash, struct so_list list, enum list_use how)
{
	const uint64_t *items;
	uint32_t n;

	if (how == IN_ORDER) {
		for (uint32_t i = 0; i < list.count; i++)
			hash = so_mix(hash, hash_node(h, so_list_get(h->ast, list, i)));
		return hash;
	}
	n = distinct(h, list);
	items = &h->items[h->count];
	for (uint32_t i = 0; i < n; i++)
		if (how == AS_SET || items[i] != VALUE_HASH)
			hash = so_mix(hash, items[i]);
	return hash;
}

/* Functions that few nodes need are no part of hash_with and hash_tree, whose frames lie on the stack at each level. */
#define APART static __attribute__((noinline))

/* Fields that only name things inside the statement, or say how they were written. */
static bool is_left_out(enum so_node_kind kind, struct so_field_shape field)
{
	if (field.type == SO_FT_STYLE)
		return true;
	switch (kind) {
	case SO_N_TARGET:
		return field.offset == offsetof(struct so_n_target, label);
	case SO_N_TABLE:
		return field.offset == offsetof(struct so_n_table, alias);
	case SO_N_FROM_QUERY:
		return field.offset == offsetof(struct so_n_from_query, alias);
	case SO_N_FROM_XML:
		return field.offset == offsetof(struct so_n_from_xml, alias);
	case SO_N_ALIAS: /* of a function: the columns that it is told to have count */
		return field.offset != offsetof(struct so_n_alias, coldefs);
	case SO_N_JOIN:
		return field.offset == offsetof(struct so_n_join, alias) ||
		       field.offset == offsetof(struct so_n_join, using_alias);
	case SO_N_TYPE: /* the precision of an interval is a literal like that of other types */
		return field.offset == offsetof(struct so_n_type, interval);
	default:
		return false;
	}
}

/* The name of what is temporary does not count: programs make them up. */
APART bool is_temporary(const struct so_ast *ast, so_ref ref)
{
	return so_ast_kind(ast, ref) == SO_N_CREATE_TABLE
		       ? so_rare_create_table(ast, so_as_create_table(ast, ref))->persistence == SO_TEMPORARY
		       : so_as_into(ast, ref)->persistence == SO_TEMPORARY;
}

/* Labels of an enum are names that are written as literals. */
APART bool has_labels(const struct so_ast *ast, so_ref ref)
{
	if (so_ast_kind(ast, ref) == SO_N_CREATE_TYPE)
		return so_as_create_type(ast, ref)->form == SO_TYPE_ENUM;
	return so_ast_kind(ast, ref) == SO_N_ALTER_ACTION &&
	       (so_as_alter_action(ast, ref)->type == SO_ALTER_ADD_VALUE ||
		       so_as_alter_action(ast, ref)->type == SO_ALTER_RENAME_VALUE);
}

static uint64_t hash_label(const struct so_ast *ast, so_ref ref, uint64_t hash)
{
	return so_ast_kind(ast, ref) == SO_N_CONST ? so_mix_text(hash, so_ast_str(ast, so_as_const(ast, ref)->value))
						   : hash;
}

APART uint64_t hash_labels(const struct so_ast *ast, so_ref ref, uint64_t hash)
{
	const struct so_n_alter_action *action;
	struct so_list labels;

	if (so_ast_kind(ast, ref) == SO_N_ALTER_ACTION) {
		action = so_as_alter_action(ast, ref);
		return hash_label(ast, action->def, hash_label(ast, action->expr, hash));
	}
	labels = so_as_create_type(ast, ref)->elems;
	for (uint32_t i = 0; i < labels.count; i++)
		hash = hash_label(ast, so_list_get(ast, labels, i), hash);
	return hash;
}

APART bool only_values(const struct so_ast *ast, struct so_list list)
{
	for (uint32_t i = 0; i < list.count; i++)
		if (!is_value(ast, so_list_get(ast, list, i)))
			return false;
	return true;
}

/* Numbers that are not what they stand for, and numbers for the same thing; of the kinds that is_special_number names.
 */
APART uint64_t number_of(enum so_node_kind kind, uint8_t offset, uint32_t value)
{
	const char *form;

	switch (kind) {
	case SO_N_ALTER_ACTION:
		if (offset == offsetof(struct so_n_alter_action, form)) {
			/* rows of the table move when others are added */
			form = so_ddl_forms[value < so_ddl_form_count ? value : 0].text;
			return XXH3_64bits(form, strlen(form));
		}
		return offset == offsetof(struct so_n_alter_action, behavior) && value == SO_RESTRICT ? 0 : value;
	case SO_N_DROP:
		return offset == offsetof(struct so_n_drop, behavior) && value == SO_RESTRICT ? 0 : value;
	case SO_N_TRUNCATE:
		if (offset == offsetof(struct so_n_truncate, behavior))
			return value == SO_RESTRICT ? 0 : value;
		return value == SO_CONTINUE_IDENTITY ? 0 : value;
	case SO_N_FUNC:
		/* substring(x FOR 1), (x FROM 1 FOR 1), (x SIMILAR 'y' ESCAPE 'z') call one function */
		if (offset == offsetof(struct so_n_func, syntax) && value == SO_FS_SUBSTRING_SIMILAR)
			return SO_FS_SUBSTRING;
		return value;
	default:
		return value;
	}
}

APART bool is_substring_option(const struct so_ast *ast, so_ref ref, uint8_t offset)
{
	return so_ast_kind(ast, ref) == SO_N_FUNC && offset == offsetof(struct so_n_func, option) &&
	       so_as_func(ast, ref)->syntax == SO_FS_SUBSTRING;
}

/* ---- The steps of a node ---------------------------------------------------------------------------------------- */

#define STEPS_MAX 32
#define WORDS_MAX 64
#define RARE_WORD 32 /* those of the block of rare fields come behind those of the node */

/* A field that counts. */
struct step {
	uint8_t type; /* enum so_field_type */
	uint8_t offset; /* as in shapes */
	uint8_t use; /* enum list_use; of numbers: whether number_of has to be asked */
	uint16_t tag;
};

/* What hash_with does with a node of a kind, from its shape: made once, since most fields of most nodes are absent and
 * asking anew about each would cost more than the hash. */
struct plan {
	uint32_t tag;
	uint32_t always; /* bit i: step i is done even if the field is absent; an empty text counts */
	uint32_t temporary; /* bit i: step i is the name of what may be temporary */
	uint64_t fields; /* bit i: the i-th four bytes, if they are not 0, are a field that counts */
	uint8_t step_of[WORDS_MAX]; /* and it is this one */
	uint8_t words; /* in the node */
	uint8_t rare_words; /* in its block of rare fields, where the kind has one */
	uint8_t count;
	bool labels; /* has_labels has to be asked */
	struct step steps[STEPS_MAX];
};

static struct plan plans[SO_N_MAX];
static pthread_once_t plans_made = PTHREAD_ONCE_INIT;

static bool is_special_number(enum so_node_kind kind)
{
	return kind == SO_N_ALTER_ACTION || kind == SO_N_DROP || kind == SO_N_TRUNCATE || kind == SO_N_FUNC;
}

static void add_step(struct plan *plan, enum so_node_kind kind, struct so_field_shape field)
{
	struct step *step = &plan->steps[plan->count];
	unsigned word =
		field.offset & SO_FIELD_RARE ? RARE_WORD + (field.offset & ~SO_FIELD_RARE) / 4u : field.offset / 4u;

	*step = (struct step){ .type = field.type, .offset = field.offset, .tag = field.tag };
	/* lists and names are absent when they are empty */
	if (field.type == SO_FT_LIST || field.type == SO_FT_NAME)
		word += offsetof(struct so_list, count) / 4;
	if (field.type == SO_FT_STR)
		plan->always |= 1u << plan->count;
	so_assert(word < WORDS_MAX);
	plan->step_of[word] = plan->count;
	plan->fields |= UINT64_C(1) << word;
	step->use = field.type == SO_FT_LIST ? (uint8_t)use_of(kind, field.offset)
					     : field.type == SO_FT_U32 && is_special_number(kind);
	if ((kind == SO_N_CREATE_TABLE && field.offset == offsetof(struct so_n_create_table, table)) ||
		(kind == SO_N_INTO && field.offset == offsetof(struct so_n_into, name)))
		plan->temporary |= 1u << plan->count;
	so_assert(++plan->count <= STEPS_MAX);
}

static void make_plans(void)
{
	for (int kind = 1; kind < SO_N_MAX; kind++) {
		struct plan *plan = &plans[kind];

		plan->tag = so_shapes[kind].tag;
		plan->words = (uint8_t)(so_shapes[kind].size / 4);
		plan->rare_words = so_rare_sizes[kind] / 4;
		plan->labels = kind == SO_N_CREATE_TYPE || kind == SO_N_ALTER_ACTION;
		for (const struct so_field_shape *field = so_shapes[kind].fields; field->type != SO_FT_END; field++)
			if (!is_left_out((enum so_node_kind)kind, *field))
				add_step(plan, (enum so_node_kind)kind, *field);
	}
}

/* Bit i: the i-th four bytes are not 0. */
static inline uint64_t words_in_use(const uint32_t *words, unsigned count)
{
	uint64_t used = 0;
	unsigned i = 0;

#if defined(__SSE2__)
	for (; i + 4 <= count; i += 4) {
		__m128i zero = _mm_cmpeq_epi32(
			_mm_loadu_si128((const __m128i *)(const void *)(words + i)), _mm_setzero_si128());

		used |= (uint64_t)(~(unsigned)_mm_movemask_ps(_mm_castsi128_ps(zero)) & 15) << i;
	}
#endif
	for (; i < count; i++)
		used |= (uint64_t)(words[i] != 0) << i;
	return used;
}

APART uint64_t rare_words_in_use(const struct so_ast *ast, const struct plan *plan, so_ref rare)
{
	return words_in_use(so_ast_at(ast, rare), plan->rare_words) << RARE_WORD;
}

APART const void *rare_field(const struct so_ast *ast, so_ref ref, const struct step *step)
{
	const struct so_node_with_rare *node = so_ast_at(ast, ref);

	return (const char *)so_ast_at(ast, node->rare) + (step->offset & ~SO_FIELD_RARE);
}

/* Bit i: step i has something to do. */
static inline uint32_t present_steps(const struct so_ast *ast, const struct plan *plan, const struct so_node *node)
{
	const struct so_node_with_rare *with_rare = (const void *)node;
	uint32_t present = plan->always;
	uint64_t used = words_in_use((const void *)node, plan->words);

	if (plan->rare_words && with_rare->rare)
		used |= rare_words_in_use(ast, plan, with_rare->rare);
	for (used &= plan->fields; used; used &= used - 1)
		present |= 1u << plan->step_of[__builtin_ctzll(used)];
	return present;
}

/* The `spine` child was hashed already. */
static inline uint64_t do_step(
	struct hasher *h, uint64_t hash, so_ref ref, const struct so_node *node, const struct step *step, so_ref spine)
{
	const void *at = step->offset & SO_FIELD_RARE ? rare_field(h->ast, ref, step)
						      : (const char *)(const void *)node + step->offset;
	uint64_t number;
	so_ref child;

	if (step->type == SO_FT_REF) {
		child = *(const so_ref *)at;
		return child == spine ? hash : so_mix(hash, hash_node(h, child) + step->tag);
	}
	if (step->type == SO_FT_NAME) {
		struct so_text name = name_text(h, *(const struct so_name *)at);

		return name.len ? so_mix_text(hash + step->tag, name) : hash; /* "" */
	}
	if (step->type == SO_FT_LIST) {
		struct so_list list = *(const struct so_list *)at;

		if (step->use == AS_SET_OF_EXPRESSIONS && only_values(h->ast, list))
			return hash;
		return hash_list(h, so_mix(hash, step->tag), list, (enum list_use)step->use);
	}
	if (step->type == SO_FT_STR)
		return so_mix_text(hash + step->tag, so_ast_str(h->ast, *(const struct so_str *)at));
	number = *(const uint32_t *)at;
	if (step->use) {
		number = number_of(so_ast_kind(h->ast, ref), step->offset, (uint32_t)number);
		if (!number || is_substring_option(h->ast, ref, step->offset))
			return hash;
	}
	return so_mix(hash, ((uint64_t)step->tag << 32) + number);
}

/* -(1) counts as 1 - 1: operators between literals are one, literals do not count. */
APART uint64_t seed_of(const struct so_ast *ast, so_ref ref)
{
	return so_ast_kind(ast, ref) == SO_N_OP && is_value(ast, so_as_op(ast, ref)->right) ? VALUE_HASH : 0;
}

/* What the flags of a node give to its hash. */
static inline uint64_t mix_flags(uint64_t hash, const struct so_node *node)
{
	unsigned flags = node->flags & ~(SO_NF_PAREN | SO_NF_TRUNCATED);

	if (node->kind == SO_N_SELECT)
		flags &= ~SO_NF_TABLE_CMD;
	else if (node->kind == SO_N_COLUMN)
		flags &= ~SO_NF_DQUOTED;
	return flags ? so_mix(hash, flags + 0x10000u) : hash;
}

/* A node whose `spine` child has the hash `inner`. */
static uint64_t hash_with(struct hasher *h, so_ref ref, so_ref spine, uint64_t inner)
{
	const struct so_node *node = so_ast_node(h->ast, ref);
	enum so_node_kind kind = (enum so_node_kind)node->kind;
	const struct plan *plan = &plans[kind];
	uint64_t hash = so_mix(inner || kind != SO_N_OP ? inner : seed_of(h->ast, ref), plan->tag);
	uint32_t present = present_steps(h->ast, plan, node);

	hash = mix_flags(hash, node);
	if (plan->temporary && is_temporary(h->ast, ref))
		present &= ~plan->temporary;
	for (; present; present &= present - 1)
		hash = do_step(h, hash, ref, node, &plan->steps[__builtin_ctz(present)], spine);
	if (plan->labels && has_labels(h->ast, ref))
		hash = hash_labels(h->ast, ref, hash);
	return hash;
}

/* ---- The commonest kinds ---------------------------------------------------------------------------------------- */

_Static_assert(offsetof(struct so_n_name, name) == offsetof(struct so_n_column, name) &&
		       offsetof(struct so_n_name, qualifier) == offsetof(struct so_n_column, qualifier),
	"hash_tree takes columns for names");

/* The same as hash_with for nodes whose first two steps are a qualifier and a name, and that have no others. */
static inline uint64_t hash_named(
	struct hasher *h, const struct so_node *node, const struct so_name *name, so_ref qualifier)
{
	const struct plan *plan = &plans[node->kind];
	uint64_t hash = mix_flags(so_mix(0, plan->tag), node);

	if (qualifier)
		hash = so_mix(hash, hash_node(h, qualifier) + plan->steps[0].tag);
	return name->len ? so_mix_text(hash + plan->steps[1].tag, name_text(h, *name)) : hash;
}

static inline uint64_t hash_target(struct hasher *h, const struct so_n_target *node)
{
	const struct plan *plan = &plans[SO_N_TARGET];
	uint64_t hash = mix_flags(so_mix(0, plan->tag), &node->hdr);

	return node->expr ? so_mix(hash, hash_node(h, node->expr) + plan->steps[0].tag) : hash;
}

/* An operator whose left operand has the hash `left`; 0: it has none. */
static uint64_t hash_op(struct hasher *h, so_ref ref, uint64_t left)
{
	const struct so_n_op *node = so_as_op(h->ast, ref);
	const struct plan *plan = &plans[SO_N_OP];
	const struct step *steps = plan->steps; /* op, left, schema, name, right */
	uint64_t hash = mix_flags(so_mix(left ? left : seed_of(h->ast, ref), plan->tag), &node->hdr);

	if (node->op)
		hash = so_mix(hash, ((uint64_t)steps[0].tag << 32) + node->op);
	if (node->schema)
		hash = so_mix(hash, hash_node(h, node->schema) + steps[2].tag);
	if (node->name.len)
		hash = so_mix_text(hash + steps[3].tag, so_ast_name(h->ast, node->name));
	return node->right ? so_mix(hash, hash_node(h, node->right) + steps[4].tag) : hash;
}

/* What one field gives to the hash of its node, as do_step has it; nothing when it is absent. */
#define TAG(member) ((uint64_t)(uint16_t)SO_TAG(#member))

static inline uint64_t add_node(struct hasher *h, uint64_t hash, so_ref ref, uint64_t tag)
{
	return ref ? so_mix(hash, hash_node(h, ref) + tag) : hash;
}

static inline uint64_t add_name(struct hasher *h, uint64_t hash, struct so_name name, uint64_t tag)
{
	return name.len ? so_mix_text(hash + tag, name_text(h, name)) : hash;
}

static inline uint64_t add_number(uint64_t hash, uint32_t number, uint64_t tag)
{
	return number ? so_mix(hash, (tag << 32) + number) : hash;
}

static inline uint64_t add_list(struct hasher *h, uint64_t hash, struct so_list list, uint64_t tag, enum list_use use)
{
	if (!list.count || (use == AS_SET_OF_EXPRESSIONS && only_values(h->ast, list)))
		return hash;
	return hash_list(h, so_mix(hash, tag), list, use);
}

static inline uint64_t begin_node(const struct so_node *node)
{
	return mix_flags(so_mix(0, plans[node->kind].tag), node);
}

/* The same as hash_with, each for one kind, in the order of its shape; 0 when a node has what is left to hash_with. */
static uint64_t hash_select(struct hasher *h, const struct so_n_select *node)
{
	uint64_t hash = begin_node(&node->hdr);

	if (node->rare)
		return 0;
	hash = add_node(h, hash, node->with, TAG(with));
	hash = add_list(h, hash, node->targets, TAG(targets), AS_SET);
	hash = add_list(h, hash, node->from, TAG(from), AS_SET);
	hash = add_node(h, hash, node->where, TAG(where));
	hash = add_list(h, hash, node->group_by, TAG(group_by), IN_ORDER);
	hash = add_node(h, hash, node->having, TAG(having));
	hash = add_list(h, hash, node->order_by, TAG(order_by), IN_ORDER);
	return add_node(h, hash, node->limit, TAG(limit));
}

static uint64_t hash_func(struct hasher *h, const struct so_n_func *node)
{
	uint64_t hash = begin_node(&node->hdr);

	if (node->option || node->returning || node->tail.count || node->syntax == SO_FS_SUBSTRING ||
		node->syntax == SO_FS_SUBSTRING_SIMILAR)
		return 0;
	hash = add_name(h, hash, node->name, TAG(name));
	hash = add_node(h, hash, node->qualifier, TAG(qualifier));
	hash = add_number(hash, node->syntax, TAG(syntax));
	hash = add_list(h, hash, node->args, TAG(args), AS_SET_OF_EXPRESSIONS);
	hash = add_list(h, hash, node->order_by, TAG(order_by), IN_ORDER);
	hash = add_node(h, hash, node->filter, TAG(filter));
	return add_node(h, hash, node->over, TAG(over));
}

static uint64_t hash_type(struct hasher *h, const struct so_n_type *node)
{
	uint64_t hash = begin_node(&node->hdr);

	if (node->extra.count)
		return 0;
	hash = add_name(h, hash, node->name, TAG(name));
	hash = add_node(h, hash, node->qualifier, TAG(qualifier));
	hash = add_list(h, hash, node->mods, TAG(mods), AS_SET_OF_EXPRESSIONS);
	hash = add_number(hash, node->builtin, TAG(builtin));
	return add_list(h, hash, node->bounds, TAG(bounds), IN_ORDER);
}

static uint64_t hash_column_def(struct hasher *h, const struct so_n_column_def *node)
{
	uint64_t hash = begin_node(&node->hdr);

	if (node->rare)
		return 0;
	hash = add_name(h, hash, node->name, TAG(name));
	hash = add_node(h, hash, node->type, TAG(type));
	return add_list(h, hash, node->constraints, TAG(constraints), IN_ORDER);
}

static uint64_t hash_sort(struct hasher *h, const struct so_n_sort *node)
{
	uint64_t hash = begin_node(&node->hdr);

	if (node->using_op.len || node->using_schema)
		return 0;
	hash = add_node(h, hash, node->arg, TAG(arg));
	hash = add_number(hash, node->dir, TAG(dir));
	return add_number(hash, node->nulls, TAG(nulls));
}

static uint64_t hash_bool(struct hasher *h, const struct so_n_bool *node)
{
	return add_list(h, add_number(begin_node(&node->hdr), node->op, TAG(op)), node->args, TAG(args), AS_SET);
}

/* ---- Chains ----------------------------------------------------------------------------------------------------- */

/* The child that chains grow along, or 0. */
static so_ref left_of(const struct so_ast *ast, so_ref ref)
{
	switch (so_ast_kind(ast, ref)) {
	case SO_N_OP:
		return so_as_op(ast, ref)->left;
	case SO_N_SETOP:
		return so_as_setop(ast, ref)->left;
	case SO_N_JOIN:
		return so_as_join(ast, ref)->left;
	default:
		return 0;
	}
}

APART uint64_t hash_chain(struct hasher *h, so_ref ref)
{
	uint32_t first = h->count;
	so_ref at = ref;
	uint64_t hash;

	for (; left_of(h->ast, at); at = left_of(h->ast, at))
		push_item(h, at);
	hash = hash_node(h, at);
	while (h->count > first) {
		at = (so_ref)h->items[--h->count];
		hash = so_ast_kind(h->ast, at) == SO_N_OP ? hash_op(h, at, hash)
							  : hash_with(h, at, left_of(h->ast, at), hash);
	}
	return hash;
}

/* As the operator `op` between `left` and something with the hash `right`. */
static uint64_t hash_as_op(struct hasher *h, so_ref left, uint32_t op, struct so_text name, uint64_t right)
{
	uint64_t hash = so_mix(hash_node(h, left), so_shapes[SO_N_OP].tag);
	const struct so_field_shape *field;

	for (field = so_shapes[SO_N_OP].fields; field->type != SO_FT_END; field++) {
		if (field->type == SO_FT_U32 && op)
			hash = so_mix(hash, ((uint64_t)field->tag << 32) + op);
		else if (field->type == SO_FT_NAME)
			hash = so_mix_text(hash + field->tag, name);
		else if (field->offset == offsetof(struct so_n_op, right))
			hash = so_mix(hash, right + field->tag);
	}
	return hash;
}

/* The statement of EXPLAIN counts as itself. */
static uint64_t hash_opaque(struct hasher *h, so_ref ref)
{
	uint64_t hash = so_hash_opaque(h->ast, ref);
	so_ref inner = so_as_opaque(h->ast, ref)->inner;

	return inner ? so_mix(hash, hash_node(h, inner)) : hash;
}

/* x IN (1, 2) is hashed as x = 1. */
static uint64_t hash_in(struct hasher *h, so_ref ref)
{
	const struct so_n_in *node = so_as_in(h->ast, ref);
	bool negated = so_ast_has_flag(h->ast, ref, SO_NF_NOT);
	uint32_t n = distinct(h, node->items);
	const uint64_t *items = &h->items[h->count];
	uint64_t right;
	const char *name = negated ? "<>" : "=";

	right = n ? items[0] : 0;
	for (uint32_t i = 1; i < n; i++)
		right = so_mix(right, items[i]);
	return hash_as_op(h, node->arg, negated ? SO_OP_NE : SO_OP_EQ, (struct so_text){ name, strlen(name) }, right);
}

/* The hash of a node that is hashed like another one, or 0. */
APART uint64_t hash_alike(struct hasher *h, so_ref ref)
{
	const struct so_n_quant *quant;

	switch (so_ast_kind(h->ast, ref)) {
	case SO_N_IN:
		return so_as_in(h->ast, ref)->query ? 0 : hash_in(h, ref);
	case SO_N_QUANT:
		/* x = ANY ($1), which is what IN ($1, $2) becomes */
		quant = so_as_quant(h->ast, ref);
		if (!quant->array || quant->quantifier != SO_ANY || quant->schema)
			return 0;
		return hash_as_op(
			h, quant->left, quant->op, so_ast_name(h->ast, quant->name), hash_node(h, quant->array));
	case SO_N_OPAQUE:
		return hash_opaque(h, ref);
	default:
		return 0;
	}
}

static uint64_t hash_tree(struct hasher *h, so_ref ref)
{
	const struct so_node *node = so_ast_node(h->ast, ref);
	const struct so_n_name *named = (const void *)node; /* as NAME and COLUMN are */
	const struct so_n_table *table = (const void *)node;
	enum how how = (enum how)how_to_hash[node->kind];
	uint64_t hash = 0;

	if (how == VALUE_OR_PLAIN && is_value(h->ast, ref))
		return VALUE_HASH;
	if (h->depth >= MAX_DEPTH)
		return 0;
	h->depth++;
	switch (how) {
	case NAMED:
		hash = hash_named(h, node, &named->name, named->qualifier);
		break;
	case TARGET:
		hash = hash_target(h, (const void *)node);
		break;
	case TABLE:
		if (!table->rare)
			hash = hash_named(h, node, &table->name, table->qualifier);
		break;
	case SELECT:
		hash = hash_select(h, (const void *)node);
		break;
	case FUNC:
		hash = hash_func(h, (const void *)node);
		break;
	case TYPE:
		hash = hash_type(h, (const void *)node);
		break;
	case COLUMN_DEF:
		hash = hash_column_def(h, (const void *)node);
		break;
	case SORT:
		hash = hash_sort(h, (const void *)node);
		break;
	case BOOL:
		hash = hash_bool(h, (const void *)node);
		break;
	case ROW:
		hash = add_list(
			h, begin_node(node), ((const struct so_n_row *)(const void *)node)->items, TAG(items), AS_SET);
		break;
	case ALIKE:
		hash = hash_alike(h, ref);
		break;
	case CHAIN:
		if (left_of(h->ast, ref))
			hash = hash_chain(h, ref);
		break;
	default:
		break;
	}
	if (!hash)
		hash = hash_with(h, ref, 0, 0);
	h->depth--;
	return hash;
}

static inline uint64_t hash_node(struct hasher *h, so_ref ref)
{
	if (!ref)
		return 0;
	return how_to_hash[so_ast_node(h->ast, ref)->kind] == VALUE ? VALUE_HASH : hash_tree(h, ref);
}

uint64_t so_sql_fingerprint(const struct so_ast *ast, so_ref root)
{
	struct hasher h; /* first_items need no zeros */
	uint64_t hash;

	h.ast = ast;
	h.depth = 0;
	h.items = h.first_items;
	h.count = 0;
	h.room = FIRST_ITEMS;
	pthread_once(&plans_made, make_plans);
	hash = so_mix(hash_node(&h, root), SO_FINGERPRINT_VERSION);
	if (h.items != h.first_items)
		free(h.items);
	return hash;
}

bool so_sql_fingerprint_text(struct so_parser *parser, enum so_dialect dialect, const char *text, size_t len,
	const struct so_sql_options *options, uint64_t *fingerprint, struct so_err *err)
{
	struct so_parser *own = NULL;
	struct so_ast *ast;
	bool done;

	if (!parser)
		parser = own = so_parser_new(NULL);
	ast = so_parser_scratch(parser, dialect);
	done = so_sql_parse_again(ast, parser, text, len, options, err);
	if (done) {
		/* the parser still has the tokens */
		ast->lexed = parser->tokens;
		ast->lexed_sources = ast->source_count;
		*fingerprint = so_sql_fingerprint(ast, so_ast_statement(ast));
		so_ast_forget_tokens(ast);
	}
	talloc_free(own);
	return done;
}

char *so_fingerprint_text(uint64_t fingerprint, char text[SO_FINGERPRINT_TEXT])
{
	snprintf(text, SO_FINGERPRINT_TEXT, "%016llx", (unsigned long long)fingerprint);
	return text;
}
