/* Changing trees: copies, replacement, and nodes made by hand for rewrites. All functions add to `ast` and return the
 * new node; existing nodes stay where they are. A child ref given to two parents is shared: copy it first when either
 * will be edited. */
#ifndef SO_SQL_BUILD_H
#define SO_SQL_BUILD_H

#include <string.h>

#include "sql/ast.h"

/* Deep copy of a subtree, also from another AST. Copies have no tokens unless both ASTs are the same one. */
so_ref so_ast_copy(struct so_ast *to, const struct so_ast *from, so_ref ref);

/* A node of a kind, all fields absent. */
so_ref so_ast_make(struct so_ast *ast, enum so_node_kind kind);

/* The block of the node's rare fields (sql/node.h), made if there is none yet. */
void *so_ast_need_rare(struct so_ast *ast, struct so_node_with_rare *node);

/* so_need_table(ast, table) and so on: the same with its type, to be written. */
#define SO_RARE_MAKER(upper, lower)                                                                                    \
	static inline struct so_rare_##lower *so_need_##lower(struct so_ast *ast, struct so_n_##lower *node)           \
	{                                                                                                              \
		return so_ast_need_rare(ast, (struct so_node_with_rare *)(void *)node);                                \
	}
SO_RARE_KINDS(SO_RARE_MAKER)
SO_RARE_MAKER(QUERY, query)
#undef SO_RARE_MAKER

/* Sets a rare field; what is absent already needs no block for that. The value is asked for first. */
#define so_set_rare(ast, lower, node, field, ...)                                                                      \
	do {                                                                                                           \
		struct so_n_##lower *set_node_ = (node);                                                               \
		__typeof__(((struct so_rare_##lower *)0)->field) set_value_ = (__VA_ARGS__);                           \
                                                                                                                       \
		if (set_node_->rare || memcmp(&set_value_, so_no_rare_fields, sizeof set_value_) != 0)                 \
			so_need_##lower(ast, set_node_)->field = set_value_;                                           \
	} while (0)

/* Replaces every reference to `old` below `root` (also in lists) by `with`; false when there is none. When `root`
 * itself is `old`, the caller holds the reference and nothing is done. */
bool so_ast_replace(struct so_ast *ast, so_ref root, so_ref old, so_ref with);

struct so_name so_make_ident(struct so_ast *ast, const char *name);
struct so_str so_make_str(struct so_ast *ast, const char *text, size_t len);
struct so_list so_make_list(struct so_ast *ast, const so_ref *items, uint32_t count);
/* The list with one item more; the old list stays valid. */
struct so_list so_list_append(struct so_ast *ast, struct so_list list, so_ref item);
/* The list without item i. */
struct so_list so_list_remove(struct so_ast *ast, struct so_list list, uint32_t i);

/* Names are decoded (what the catalog holds); quoting is the printer's business. NULL or "": absent. */
so_ref so_make_name(struct so_ast *ast, const char *qualifier, const char *name);
so_ref so_make_column(struct so_ast *ast, const char *table, const char *column);
so_ref so_make_table(struct so_ast *ast, const char *schema, const char *table, const char *alias);
so_ref so_make_int(struct so_ast *ast, int64_t value);
/* `text` is the number as SQL writes it: "12.50". */
so_ref so_make_number(struct so_ast *ast, const char *text);
so_ref so_make_string(struct so_ast *ast, const char *value, size_t len);
so_ref so_make_null(struct so_ast *ast);
so_ref so_make_true(struct so_ast *ast, bool value);
/* `type` is a catalog name: "int8", "timestamptz". */
so_ref so_make_cast(struct so_ast *ast, so_ref arg, const char *type);
/* Binary operator; left 0 for a prefix operator. */
so_ref so_make_op(struct so_ast *ast, enum so_op op, so_ref left, so_ref right);
so_ref so_make_func(struct so_ast *ast, const char *name, const so_ref *args, uint32_t count);
/* One condition stays itself; conditions that are the same kind of BOOL are merged. count 0: none. */
so_ref so_make_bool(struct so_ast *ast, enum so_bool_op op, const so_ref *args, uint32_t count);
/* a AND b, where either may be absent. */
so_ref so_make_and(struct so_ast *ast, so_ref a, so_ref b);
so_ref so_make_not(struct so_ast *ast, so_ref arg);
so_ref so_make_is(struct so_ast *ast, so_ref arg, enum so_is_test test, bool negated);
so_ref so_make_exists(struct so_ast *ast, so_ref query);
so_ref so_make_in(struct so_ast *ast, so_ref arg, const so_ref *items, uint32_t count);
so_ref so_make_row(struct so_ast *ast, const so_ref *items, uint32_t count);
so_ref so_make_target(struct so_ast *ast, so_ref expr, const char *label);
/* SELECT targets FROM from WHERE where; fill in the rest through so_as_select(). `from` 0, `where` 0: absent. */
so_ref so_make_select(struct so_ast *ast, const so_ref *targets, uint32_t count, so_ref from, so_ref where);

/* Makes `ref` a root of its own (source with an empty text); returns its number. */
uint32_t so_ast_add_root(struct so_ast *ast, so_ref ref);

#endif
