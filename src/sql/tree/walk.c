/* Walking and comparing: one loop over the shape table, with a stack of our own so that trees may be deep. */
#include <stdlib.h>
#include <string.h>

#include "sql/tree/shape.h"

/* A stack of refs that starts on the C stack. */
struct ref_stack {
	so_ref *items;
	size_t count, room;
	so_ref first[64];
};

static void stack_init(struct ref_stack *stack)
{
	stack->items = stack->first;
	stack->count = 0;
	stack->room = sizeof stack->first / sizeof stack->first[0];
}

static void stack_done(struct ref_stack *stack)
{
	if (stack->items != stack->first)
		free(stack->items);
}

static void stack_push(struct ref_stack *stack, so_ref a, so_ref b)
{
	if (stack->count + 2 > stack->room) {
		size_t room = stack->room * 2;
		so_ref *items = so_mem_need(malloc(room * sizeof *items));

		memcpy(items, stack->items, stack->count * sizeof *items);
		stack_done(stack);
		stack->items = items;
		stack->room = room;
	}
	stack->items[stack->count++] = a;
	stack->items[stack->count++] = b;
}

/* Pushes the children of `ref` (each with its parent) so that the first one is on top. */
static void push_children(struct ref_stack *stack, const struct so_ast *ast, so_ref ref)
{
	const struct so_field_shape *fields = so_shapes[so_ast_kind(ast, ref)].fields;
	size_t n = 0;

	while (fields[n].type != SO_FT_END)
		n++;
	while (n--) {
		if (fields[n].type == SO_FT_REF) {
			so_ref child = *(so_ref *)so_field_at(ast, ref, fields[n]);

			if (child)
				stack_push(stack, child, ref);
		} else if (fields[n].type == SO_FT_LIST) {
			struct so_list list = *(struct so_list *)so_field_at(ast, ref, fields[n]);

			for (uint32_t i = list.count; i--;)
				if (so_list_get(ast, list, i))
					stack_push(stack, so_list_get(ast, list, i), ref);
		}
	}
}

bool so_ast_walk(const struct so_ast *ast, so_ref ref, so_walk_fn fn, void *arg)
{
	struct ref_stack stack;
	bool finished = true;

	if (!ref)
		return true;
	stack_init(&stack);
	stack_push(&stack, ref, 0);
	while (stack.count) {
		so_ref parent = stack.items[--stack.count];
		so_ref node = stack.items[--stack.count];
		enum so_walk answer = fn(ast, node, parent, arg);

		if (answer == SO_WALK_STOP) {
			finished = false;
			break;
		}
		if (answer == SO_WALK_ON)
			push_children(&stack, ast, node);
	}
	stack_done(&stack);
	return finished;
}

bool so_ast_children(const struct so_ast *ast, so_ref ref, so_walk_fn fn, void *arg)
{
	const struct so_field_shape *field;

	if (!ref)
		return true;
	for (field = so_shapes[so_ast_kind(ast, ref)].fields; field->type != SO_FT_END; field++) {
		if (field->type == SO_FT_REF) {
			so_ref child = *(so_ref *)so_field_at(ast, ref, *field);

			if (child && fn(ast, child, ref, arg) == SO_WALK_STOP)
				return false;
		} else if (field->type == SO_FT_LIST) {
			struct so_list list = *(struct so_list *)so_field_at(ast, ref, *field);

			for (uint32_t i = 0; i < list.count; i++)
				if (so_list_get(ast, list, i) &&
					fn(ast, so_list_get(ast, list, i), ref, arg) == SO_WALK_STOP)
					return false;
		}
	}
	return true;
}

/* Flags that say how something was written, not what it means. */
#define STYLE_FLAGS SO_NF_PAREN

static bool str_equal(const struct so_ast *a, struct so_str x, const struct so_ast *b, struct so_str y)
{
	return so_text_equal(so_ast_str(a, x), so_ast_str(b, y));
}

/* Compares the own fields of two nodes of one kind and pushes pairs of children; false when they differ. */
static bool same_node(struct ref_stack *stack, const struct so_ast *a, so_ref x, const struct so_ast *b, so_ref y)
{
	const struct so_field_shape *field = so_shapes[so_ast_kind(a, x)].fields;

	unsigned style = so_ast_kind(a, x) == SO_N_COLUMN ? STYLE_FLAGS | SO_NF_DQUOTED : STYLE_FLAGS;

	if (((so_ast_node(a, x)->flags ^ so_ast_node(b, y)->flags) & ~style & 0xFFFFu) != 0)
		return false;
	for (; field->type != SO_FT_END; field++) {
		const void *p = so_field_at(a, x, *field), *q = so_field_at(b, y, *field);

		if (field->type == SO_FT_U32 && *(const uint32_t *)p != *(const uint32_t *)q)
			return false;
		if (field->type == SO_FT_NAME &&
			!so_ast_name_equal(a, *(const struct so_name *)p, b, *(const struct so_name *)q))
			return false;
		if (field->type == SO_FT_STR && !str_equal(a, *(const struct so_str *)p, b, *(const struct so_str *)q))
			return false;
		if (field->type == SO_FT_REF)
			stack_push(stack, *(const so_ref *)p, *(const so_ref *)q);
		if (field->type == SO_FT_LIST) {
			struct so_list m = *(const struct so_list *)p, n = *(const struct so_list *)q;

			if (m.count != n.count)
				return false;
			for (uint32_t i = 0; i < m.count; i++)
				stack_push(stack, so_list_get(a, m, i), so_list_get(b, n, i));
		}
	}
	return true;
}

bool so_ast_equal(const struct so_ast *a, so_ref ref_a, const struct so_ast *b, so_ref ref_b)
{
	struct ref_stack stack;
	bool same = true;

	stack_init(&stack);
	stack_push(&stack, ref_a, ref_b);
	while (same && stack.count) {
		so_ref y = stack.items[--stack.count];
		so_ref x = stack.items[--stack.count];

		if (a == b && x == y)
			continue;
		same = so_ast_kind(a, x) == so_ast_kind(b, y) && (!x || same_node(&stack, a, x, b, y));
	}
	stack_done(&stack);
	return same;
}

struct conjuncts {
	so_walk_fn fn;
	void *arg;
};

static enum so_walk each_conjunct(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct conjuncts *job = arg;

	if (so_ast_kind(ast, ref) == SO_N_BOOL && so_as_bool(ast, ref)->op == SO_AND)
		return SO_WALK_ON;
	return job->fn(ast, ref, parent, job->arg) == SO_WALK_STOP ? SO_WALK_STOP : SO_WALK_SKIP;
}

bool so_ast_conjuncts(const struct so_ast *ast, so_ref cond, so_walk_fn fn, void *arg)
{
	struct conjuncts job = { fn, arg };

	return so_ast_walk(ast, cond, each_conjunct, &job);
}
