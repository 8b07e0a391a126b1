#include "sql/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/tree/arena.h"
#include "sql/tree/shape.h"

so_ref so_ast_make(struct so_ast *ast, enum so_node_kind kind)
{
	so_ref ref = so_arena_alloc(ast, so_shapes[kind].size);
	struct so_node *node = so_ast_node(ast, ref);

	node->kind = (uint8_t)kind;
	node->span = SO_SPAN_NONE;
	return ref;
}

void *so_ast_need_rare(struct so_ast *ast, struct so_node_with_rare *node)
{
	so_assert(so_rare_sizes[node->hdr.kind]);
	if (!node->rare)
		node->rare = so_arena_alloc(ast, so_rare_sizes[node->hdr.kind]);
	return so_ast_at(ast, node->rare);
}

struct so_name so_make_ident(struct so_ast *ast, const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (!len)
		return (struct so_name){ 0 };
	return (struct so_name){ .off = so_arena_bytes(ast, name, len), .len = (uint32_t)len & 0x7FFFFFFFu };
}

struct so_str so_make_str(struct so_ast *ast, const char *text, size_t len)
{
	return (struct so_str){ so_arena_bytes(ast, text, len), (uint32_t)len };
}

struct so_list so_make_list(struct so_ast *ast, const so_ref *items, uint32_t count)
{
	struct so_list list = { 0, count };

	if (!count)
		return list;
	list.items = so_arena_raw(ast, count * sizeof *items);
	memcpy(so_ast_at(ast, list.items), items, count * sizeof *items);
	return list;
}

struct so_list so_list_append(struct so_ast *ast, struct so_list list, so_ref item)
{
	struct so_list more = { so_arena_raw(ast, (list.count + 1) * sizeof item), list.count + 1 };
	so_ref *items = so_ast_at(ast, more.items);

	if (list.count)
		memcpy(items, so_ast_at(ast, list.items), list.count * sizeof item);
	items[list.count] = item;
	return more;
}

struct so_list so_list_remove(struct so_ast *ast, struct so_list list, uint32_t i)
{
	struct so_list less = { 0, 0 };
	so_ref *items;

	so_assert(i < list.count);
	if (list.count == 1)
		return less;
	less = (struct so_list){ so_arena_raw(ast, (list.count - 1) * sizeof *items), list.count - 1 };
	items = so_ast_at(ast, less.items);
	for (uint32_t from = 0, to = 0; from < list.count; from++)
		if (from != i)
			items[to++] = so_list_get(ast, list, from);
	return less;
}

/* ---- Copying ---------------------------------------------------------------------------------------------------- */

/* Where a copied child has to be written: an arena offset in `to` that holds the source's ref until then. */
struct copy {
	struct so_ast *to;
	const struct so_ast *from;
	so_ref *slots;
	size_t count, room;
};

static void copy_later(struct copy *copy, so_ref slot)
{
	if (!*(so_ref *)so_ast_at(copy->to, slot))
		return;
	if (copy->count == copy->room) {
		copy->room = copy->room ? copy->room * 2 : 64;
		copy->slots = so_mem_need(realloc(copy->slots, copy->room * sizeof *copy->slots));
	}
	copy->slots[copy->count++] = slot;
}

static so_ref copy_bytes(struct copy *copy, so_ref off, uint32_t len)
{
	if (!off || copy->to == copy->from)
		return off;
	return so_arena_bytes(copy->to, so_ast_at(copy->from, off), len);
}

/* A copy of the block of rare fields, when there is one. */
static so_ref copy_rare(struct copy *copy, so_ref ref)
{
	size_t size = so_rare_sizes[so_ast_kind(copy->from, ref)];
	so_ref rare = size ? ((const struct so_node_with_rare *)so_ast_at(copy->from, ref))->rare : 0, made;

	if (!rare)
		return 0;
	made = so_arena_raw(copy->to, size);
	memcpy(so_ast_at(copy->to, made), so_ast_at(copy->from, rare), size);
	return made;
}

/* Copies one node with its texts; children still are the source's refs, noted for later. */
static so_ref copy_node(struct copy *copy, so_ref ref)
{
	const struct so_shape *shape = &so_shapes[so_ast_kind(copy->from, ref)];
	so_ref made = so_arena_raw(copy->to, shape->size), rare = copy_rare(copy, ref);

	memcpy(so_ast_at(copy->to, made), so_ast_at(copy->from, ref), shape->size);
	if (rare)
		((struct so_node_with_rare *)so_ast_at(copy->to, made))->rare = rare;
	if (copy->to != copy->from)
		so_ast_node(copy->to, made)->span = SO_SPAN_NONE;
	for (const struct so_field_shape *field = shape->fields; field->type != SO_FT_END; field++) {
		void *at = so_field_at(copy->to, made, *field);

		if (field->offset & SO_FIELD_RARE && !rare)
			continue;
		if (field->type == SO_FT_REF) {
			copy_later(copy, field->offset & SO_FIELD_RARE ? rare + (field->offset & ~SO_FIELD_RARE)
								       : made + field->offset);
		} else if (field->type == SO_FT_STR) {
			struct so_str *str = at;

			str->off = copy_bytes(copy, str->off, str->len);
		} else if (field->type == SO_FT_NAME) {
			struct so_name *name = at;

			name->off = copy_bytes(copy, name->off, name->len);
		} else if (field->type == SO_FT_LIST) {
			struct so_list *list = at;
			size_t bytes = list->count * sizeof(so_ref);

			if (!list->count)
				continue;
			so_ref items = so_arena_raw(copy->to, bytes);

			memcpy(so_ast_at(copy->to, items), so_ast_at(copy->from, list->items), bytes);
			list->items = items;
			for (uint32_t i = 0; i < list->count; i++)
				copy_later(copy, items + i * (so_ref)sizeof(so_ref));
		}
	}
	return made;
}

so_ref so_ast_copy(struct so_ast *to, const struct so_ast *from, so_ref ref)
{
	struct copy copy = { .to = to, .from = from };
	so_ref made;

	if (!ref)
		return 0;
	made = copy_node(&copy, ref);
	while (copy.count) {
		so_ref slot = copy.slots[--copy.count];
		so_ref child = copy_node(&copy, *(so_ref *)so_ast_at(to, slot));

		*(so_ref *)so_ast_at(to, slot) = child;
	}
	free(copy.slots);
	return made;
}

struct replace {
	so_ref old, with;
	bool found;
};

static enum so_walk replace_in(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct replace *job = arg;
	const struct so_field_shape *field;

	(void)parent;
	if (ref == job->old)
		return SO_WALK_SKIP;
	for (field = so_shapes[so_ast_kind(ast, ref)].fields; field->type != SO_FT_END; field++) {
		void *at = so_field_at(ast, ref, *field);

		if (field->type == SO_FT_REF && *(so_ref *)at == job->old) {
			*(so_ref *)at = job->with;
			job->found = true;
		} else if (field->type == SO_FT_LIST) {
			struct so_list list = *(struct so_list *)at;

			for (uint32_t i = 0; i < list.count; i++) {
				if (so_list_get(ast, list, i) == job->old) {
					so_list_set(ast, list, i, job->with);
					job->found = true;
				}
			}
		}
	}
	/* the new subtree may hold the old node (x -> NOT x): what is below it stays as it is */
	return ref == job->with ? SO_WALK_SKIP : SO_WALK_ON;
}

bool so_ast_replace(struct so_ast *ast, so_ref root, so_ref old, so_ref with)
{
	struct replace job = { old, with, false };

	if (root == old)
		return false;
	so_ast_walk(ast, root, replace_in, &job);
	return job.found;
}

/* ---- Making nodes ----------------------------------------------------------------------------------------------- */

so_ref so_make_name(struct so_ast *ast, const char *qualifier, const char *name)
{
	so_ref ref = so_ast_make(ast, SO_N_NAME);

	so_as_name(ast, ref)->name = so_make_ident(ast, name);
	if (qualifier && *qualifier)
		so_as_name(ast, ref)->qualifier = so_make_name(ast, NULL, qualifier);
	return ref;
}

static so_ref optional_name(struct so_ast *ast, const char *name)
{
	return name && *name ? so_make_name(ast, NULL, name) : 0;
}

so_ref so_make_column(struct so_ast *ast, const char *table, const char *column)
{
	so_ref ref = so_ast_make(ast, SO_N_COLUMN);

	so_as_column(ast, ref)->name = so_make_ident(ast, column);
	so_as_column(ast, ref)->qualifier = optional_name(ast, table);
	return ref;
}

so_ref so_make_table(struct so_ast *ast, const char *schema, const char *table, const char *alias)
{
	so_ref ref = so_ast_make(ast, SO_N_TABLE);

	so_as_table(ast, ref)->name = so_make_ident(ast, table);
	so_as_table(ast, ref)->qualifier = optional_name(ast, schema);
	if (alias && *alias) {
		so_ref name = so_ast_make(ast, SO_N_ALIAS);

		so_as_alias(ast, name)->name = so_make_ident(ast, alias);
		so_as_table(ast, ref)->alias = name;
	}
	return ref;
}

static so_ref make_const(struct so_ast *ast, enum so_const_type type, const char *value, size_t len)
{
	so_ref ref = so_ast_make(ast, SO_N_CONST);

	so_as_const(ast, ref)->type = type;
	if (value)
		so_as_const(ast, ref)->value = so_make_str(ast, value, len);
	return ref;
}

so_ref so_make_int(struct so_ast *ast, int64_t value)
{
	char text[24];
	int len = snprintf(text, sizeof text, "%" PRId64, value);

	return make_const(ast, SO_C_INT, text, (size_t)len);
}

so_ref so_make_number(struct so_ast *ast, const char *text)
{
	bool whole = strpbrk(text, ".eE") == NULL;

	return make_const(ast, whole ? SO_C_INT : SO_C_FLOAT, text, strlen(text));
}

so_ref so_make_string(struct so_ast *ast, const char *value, size_t len)
{
	return make_const(ast, SO_C_STRING, value, len);
}

so_ref so_make_null(struct so_ast *ast)
{
	return make_const(ast, SO_C_NULL, NULL, 0);
}

so_ref so_make_true(struct so_ast *ast, bool value)
{
	return make_const(ast, value ? SO_C_TRUE : SO_C_FALSE, NULL, 0);
}

/* Types that the printer spells with keywords of the grammar; bpchar and bit would get the length 1 that way. */
static bool type_is_builtin(const char *type)
{
	static const char *const names[] = { "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "varchar",
		"bpchar", "timestamp", "timestamptz", "time", "timetz", "interval", "varbit" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], type) == 0)
			return true;
	return false;
}

so_ref so_make_cast(struct so_ast *ast, so_ref arg, const char *type)
{
	so_ref ref = so_ast_make(ast, SO_N_CAST), made = so_ast_make(ast, SO_N_TYPE);

	so_as_type(ast, made)->name = so_make_ident(ast, type);
	so_as_type(ast, made)->builtin = type_is_builtin(type);
	so_as_cast(ast, ref)->style = SO_CAST_COLON;
	so_as_cast(ast, ref)->arg = arg;
	so_as_cast(ast, ref)->type = made;
	return ref;
}

so_ref so_make_op(struct so_ast *ast, enum so_op op, so_ref left, so_ref right)
{
	so_ref ref = so_ast_make(ast, SO_N_OP);
	struct so_n_op *node = so_as_op(ast, ref);

	node->op = op;
	node->name = so_make_ident(ast, so_op_name(op));
	node->left = left;
	node->right = right;
	return ref;
}

so_ref so_make_func(struct so_ast *ast, const char *name, const so_ref *args, uint32_t count)
{
	so_ref ref = so_ast_make(ast, SO_N_FUNC);

	so_as_func(ast, ref)->name = so_make_ident(ast, name);
	so_as_func(ast, ref)->args = so_make_list(ast, args, count);
	return ref;
}

static bool is_bool(const struct so_ast *ast, so_ref ref, enum so_bool_op op)
{
	return so_ast_kind(ast, ref) == SO_N_BOOL && so_as_bool(ast, ref)->op == op;
}

so_ref so_make_bool(struct so_ast *ast, enum so_bool_op op, const so_ref *args, uint32_t count)
{
	uint32_t total = 0, n = 0;
	so_ref items, ref;

	if (count <= 1)
		return count ? args[0] : 0;
	for (uint32_t i = 0; i < count; i++)
		total += is_bool(ast, args[i], op) ? so_as_bool(ast, args[i])->args.count : 1;
	items = so_arena_raw(ast, total * sizeof(so_ref));
	for (uint32_t i = 0; i < count; i++) {
		if (!is_bool(ast, args[i], op)) {
			((so_ref *)so_ast_at(ast, items))[n++] = args[i];
			continue;
		}
		struct so_list inner = so_as_bool(ast, args[i])->args;

		for (uint32_t k = 0; k < inner.count; k++)
			((so_ref *)so_ast_at(ast, items))[n++] = so_list_get(ast, inner, k);
	}
	ref = so_ast_make(ast, SO_N_BOOL);
	so_as_bool(ast, ref)->op = op;
	so_as_bool(ast, ref)->args = (struct so_list){ items, total };
	return ref;
}

so_ref so_make_and(struct so_ast *ast, so_ref a, so_ref b)
{
	so_ref both[2] = { a, b };

	if (!a || !b)
		return a ? a : b;
	return so_make_bool(ast, SO_AND, both, 2);
}

so_ref so_make_not(struct so_ast *ast, so_ref arg)
{
	so_ref ref = so_ast_make(ast, SO_N_NOT);

	so_as_not(ast, ref)->arg = arg;
	return ref;
}

so_ref so_make_is(struct so_ast *ast, so_ref arg, enum so_is_test test, bool negated)
{
	so_ref ref = so_ast_make(ast, SO_N_IS);

	so_as_is(ast, ref)->test = test;
	so_as_is(ast, ref)->arg = arg;
	so_ast_node(ast, ref)->flags = negated ? SO_NF_NOT : 0;
	return ref;
}

so_ref so_make_exists(struct so_ast *ast, so_ref query)
{
	so_ref ref = so_ast_make(ast, SO_N_EXISTS);

	so_as_exists(ast, ref)->query = query;
	return ref;
}

so_ref so_make_in(struct so_ast *ast, so_ref arg, const so_ref *items, uint32_t count)
{
	so_ref ref = so_ast_make(ast, SO_N_IN);

	so_as_in(ast, ref)->arg = arg;
	so_as_in(ast, ref)->items = so_make_list(ast, items, count);
	return ref;
}

so_ref so_make_row(struct so_ast *ast, const so_ref *items, uint32_t count)
{
	so_ref ref = so_ast_make(ast, SO_N_ROW);

	so_as_row(ast, ref)->items = so_make_list(ast, items, count);
	/* (a) is not a row: with fewer than two items the word ROW is needed */
	so_ast_node(ast, ref)->flags = count < 2 ? SO_NF_ALL : 0;
	return ref;
}

so_ref so_make_target(struct so_ast *ast, so_ref expr, const char *label)
{
	so_ref ref = so_ast_make(ast, SO_N_TARGET);

	so_as_target(ast, ref)->expr = expr;
	so_as_target(ast, ref)->label = so_make_ident(ast, label);
	return ref;
}

so_ref so_make_select(struct so_ast *ast, const so_ref *targets, uint32_t count, so_ref from, so_ref where)
{
	so_ref ref = so_ast_make(ast, SO_N_SELECT);

	so_as_select(ast, ref)->targets = so_make_list(ast, targets, count);
	so_as_select(ast, ref)->from = so_make_list(ast, &from, from ? 1 : 0);
	so_as_select(ast, ref)->where = where;
	return ref;
}

uint32_t so_ast_add_root(struct so_ast *ast, so_ref ref)
{
	uint32_t i = so_ast_add_source(ast, so_arena_bytes(ast, "", 0), 0);

	ast->sources[i].root = ref;
	return i;
}
