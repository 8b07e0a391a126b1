#include "sql/tree/shape.h"

#define FIELD(type, kind, member)                                                                                      \
	{                                                                                                              \
		SO_FT_##type, offsetof(struct so_n_##kind, member), (uint16_t)SO_TAG(#member), #member                 \
	}
#define RARE(type, kind, member)                                                                                       \
	{                                                                                                              \
		SO_FT_##type, SO_RARE_FIELD_OF(kind, member), (uint16_t)SO_TAG(#member), #member                       \
	}
#define END                                                                                                            \
	{                                                                                                              \
		SO_FT_END, 0, 0, NULL                                                                                  \
	}

#define EXTERN(upper, lower) extern const struct so_field_shape so_##lower##_fields[];
SO_NODE_KINDS_DDL(EXTERN) /* shape_ddl.c */

static const struct so_field_shape name_fields[] = {
	FIELD(REF, name, qualifier),
	FIELD(NAME, name, name),
	END,
};

static const struct so_field_shape column_fields[] = {
	FIELD(REF, column, qualifier),
	FIELD(NAME, column, name),
	END,
};

static const struct so_field_shape star_fields[] = {
	FIELD(REF, star, qualifier),
	END,
};

static const struct so_field_shape const_fields[] = {
	FIELD(U32, const, type),
	FIELD(STR, const, value),
	END,
};

static const struct so_field_shape param_fields[] = {
	FIELD(U32, param, number),
	FIELD(NAME, param, name),
	END,
};

static const struct so_field_shape op_fields[] = {
	FIELD(U32, op, op),
	FIELD(REF, op, left),
	FIELD(REF, op, schema),
	FIELD(NAME, op, name),
	FIELD(REF, op, right),
	END,
};

static const struct so_field_shape bool_fields[] = {
	FIELD(U32, bool, op),
	FIELD(LIST, bool, args),
	END,
};

static const struct so_field_shape not_fields[] = {
	FIELD(REF, not, arg),
	END,
};

static const struct so_field_shape is_fields[] = {
	FIELD(U32, is, test),
	FIELD(REF, is, arg),
	FIELD(REF, is, right),
	FIELD(NAME, is, form),
	END,
};

static const struct so_field_shape between_fields[] = {
	FIELD(REF, between, arg),
	FIELD(REF, between, low),
	FIELD(REF, between, high),
	END,
};

static const struct so_field_shape in_fields[] = {
	FIELD(REF, in, arg),
	FIELD(LIST, in, items),
	FIELD(REF, in, query),
	END,
};

static const struct so_field_shape like_fields[] = {
	FIELD(U32, like, op),
	FIELD(REF, like, arg),
	FIELD(REF, like, pattern),
	FIELD(REF, like, escape),
	END,
};

static const struct so_field_shape quant_fields[] = {
	FIELD(U32, quant, op),
	FIELD(REF, quant, left),
	FIELD(REF, quant, schema),
	FIELD(NAME, quant, name),
	FIELD(U32, quant, quantifier),
	FIELD(REF, quant, array),
	FIELD(REF, quant, query),
	END,
};

static const struct so_field_shape exists_fields[] = {
	FIELD(REF, exists, query),
	END,
};

static const struct so_field_shape subquery_fields[] = {
	FIELD(U32, subquery, type),
	FIELD(REF, subquery, query),
	END,
};

static const struct so_field_shape case_fields[] = {
	FIELD(REF, case, arg),
	FIELD(LIST, case, whens),
	FIELD(REF, case, otherwise),
	END,
};

static const struct so_field_shape when_fields[] = {
	FIELD(REF, when, cond),
	FIELD(REF, when, result),
	END,
};

static const struct so_field_shape cast_fields[] = {
	FIELD(STYLE, cast, style),
	FIELD(REF, cast, arg),
	FIELD(REF, cast, type),
	FIELD(REF, cast, format),
	END,
};

static const struct so_field_shape type_fields[] = {
	FIELD(NAME, type, name),
	FIELD(REF, type, qualifier),
	FIELD(LIST, type, mods),
	FIELD(U32, type, builtin),
	FIELD(U32, type, interval),
	FIELD(LIST, type, bounds),
	FIELD(LIST, type, extra),
	END,
};

static const struct so_field_shape func_fields[] = {
	FIELD(NAME, func, name),
	FIELD(REF, func, qualifier),
	FIELD(U32, func, syntax),
	FIELD(U32, func, option),
	FIELD(LIST, func, args),
	FIELD(LIST, func, order_by),
	FIELD(LIST, func, tail),
	FIELD(REF, func, filter),
	FIELD(REF, func, over),
	FIELD(REF, func, returning),
	END,
};

static const struct so_field_shape named_arg_fields[] = {
	FIELD(NAME, named_arg, name),
	FIELD(REF, named_arg, key),
	FIELD(REF, named_arg, value),
	END,
};

static const struct so_field_shape window_fields[] = {
	FIELD(NAME, window, name),
	FIELD(NAME, window, base),
	FIELD(LIST, window, partition),
	FIELD(LIST, window, order_by),
	FIELD(U32, window, mode),
	FIELD(U32, window, start),
	FIELD(U32, window, end),
	FIELD(U32, window, exclude),
	FIELD(REF, window, start_value),
	FIELD(REF, window, end_value),
	END,
};

static const struct so_field_shape sort_fields[] = {
	FIELD(REF, sort, arg),
	FIELD(U32, sort, dir),
	FIELD(U32, sort, nulls),
	FIELD(NAME, sort, using_op),
	FIELD(REF, sort, using_schema),
	END,
};

static const struct so_field_shape row_fields[] = {
	FIELD(LIST, row, items),
	END,
};

static const struct so_field_shape array_fields[] = {
	FIELD(LIST, array, items),
	END,
};

static const struct so_field_shape subscript_fields[] = {
	FIELD(REF, subscript, arg),
	FIELD(REF, subscript, lower),
	FIELD(REF, subscript, upper),
	END,
};

static const struct so_field_shape field_fields[] = {
	FIELD(REF, field, arg),
	FIELD(NAME, field, name),
	END,
};

static const struct so_field_shape collate_fields[] = {
	FIELD(REF, collate, arg),
	FIELD(REF, collate, collation),
	END,
};

static const struct so_field_shape default_fields[] = {
	END,
};

static const struct so_field_shape current_of_fields[] = {
	FIELD(NAME, current_of, cursor),
	END,
};

static const struct so_field_shape grouping_fields[] = {
	FIELD(U32, grouping, type),
	FIELD(LIST, grouping, items),
	END,
};

static const struct so_field_shape planref_fields[] = {
	FIELD(STR, planref, text),
	FIELD(NAME, planref, column),
	FIELD(REF, planref, test),
	END,
};

static const struct so_field_shape word_fields[] = {
	FIELD(NAME, word, text),
	END,
};

static const struct so_field_shape phrase_fields[] = {
	FIELD(LIST, phrase, items),
	END,
};

static const struct so_field_shape missing_fields[] = {
	END,
};

static const struct so_field_shape select_fields[] = {
	FIELD(REF, select, with),
	RARE(LIST, select, distinct_on),
	FIELD(LIST, select, targets),
	RARE(REF, select, into),
	FIELD(LIST, select, from),
	FIELD(REF, select, where),
	RARE(REF, select, hierarchy),
	FIELD(LIST, select, group_by),
	FIELD(REF, select, having),
	RARE(LIST, select, windows),
	RARE(LIST, select, extra),
	FIELD(LIST, select, order_by),
	FIELD(REF, select, limit),
	RARE(REF, select, offset),
	RARE(LIST, select, locking),
	RARE(REF, select, format),
	RARE(U32, select, limit_style),
	RARE(LIST, select, hints),
	END,
};

static const struct so_field_shape setop_fields[] = {
	FIELD(REF, setop, with),
	FIELD(U32, setop, op),
	FIELD(REF, setop, left),
	FIELD(REF, setop, right),
	FIELD(LIST, setop, order_by),
	FIELD(REF, setop, limit),
	RARE(REF, setop, offset),
	RARE(LIST, setop, locking),
	RARE(REF, setop, format),
	RARE(REF, setop, into),
	RARE(U32, setop, limit_style),
	RARE(LIST, setop, hints),
	END,
};

static const struct so_field_shape values_fields[] = {
	FIELD(REF, values, with),
	FIELD(LIST, values, rows),
	FIELD(LIST, values, order_by),
	FIELD(REF, values, limit),
	RARE(REF, values, offset),
	RARE(LIST, values, locking),
	RARE(REF, values, format),
	RARE(U32, values, limit_style),
	RARE(LIST, values, hints),
	END,
};

static const struct so_field_shape with_fields[] = {
	FIELD(LIST, with, namespaces),
	FIELD(LIST, with, ctes),
	END,
};

static const struct so_field_shape cte_fields[] = {
	FIELD(NAME, cte, name),
	FIELD(LIST, cte, columns),
	FIELD(U32, cte, materialized),
	FIELD(REF, cte, query),
	FIELD(REF, cte, search),
	FIELD(REF, cte, cycle),
	END,
};

static const struct so_field_shape search_fields[] = {
	FIELD(U32, search, breadth_first),
	FIELD(LIST, search, columns),
	FIELD(NAME, search, sequence),
	END,
};

static const struct so_field_shape cycle_fields[] = {
	FIELD(LIST, cycle, columns),
	FIELD(NAME, cycle, mark),
	FIELD(REF, cycle, value),
	FIELD(REF, cycle, otherwise),
	FIELD(NAME, cycle, path),
	END,
};

static const struct so_field_shape target_fields[] = {
	FIELD(REF, target, expr),
	FIELD(NAME, target, label),
	END,
};

static const struct so_field_shape hierarchy_fields[] = {
	FIELD(REF, hierarchy, start),
	FIELD(REF, hierarchy, connect),
	END,
};

static const struct so_field_shape into_fields[] = {
	FIELD(U32, into, persistence),
	FIELD(NAME, into, name),
	FIELD(REF, into, qualifier),
	FIELD(LIST, into, targets),
	FIELD(REF, into, file),
	END,
};

static const struct so_field_shape locking_fields[] = {
	FIELD(U32, locking, strength),
	FIELD(U32, locking, wait),
	FIELD(LIST, locking, relations),
	FIELD(REF, locking, seconds),
	END,
};

static const struct so_field_shape table_fields[] = {
	FIELD(REF, table, qualifier),
	FIELD(NAME, table, name),
	RARE(LIST, table, extra),
	FIELD(REF, table, alias),
	RARE(LIST, table, index_hints),
	RARE(REF, table, temporal),
	RARE(REF, table, sample),
	RARE(LIST, table, hints),
	END,
};

static const struct so_field_shape from_query_fields[] = {
	FIELD(REF, from_query, query),
	FIELD(REF, from_query, alias),
	END,
};

static const struct so_field_shape from_func_fields[] = {
	FIELD(LIST, from_func, funcs),
	FIELD(REF, from_func, alias),
	FIELD(LIST, from_func, hints),
	END,
};

static const struct so_field_shape from_xml_fields[] = {
	FIELD(LIST, from_xml, namespaces),
	FIELD(REF, from_xml, path),
	FIELD(REF, from_xml, document),
	FIELD(U32, from_xml, option),
	FIELD(LIST, from_xml, columns),
	FIELD(REF, from_xml, alias),
	END,
};

static const struct so_field_shape from_clause_fields[] = {
	FIELD(REF, from_clause, item),
	FIELD(REF, from_clause, clause),
	FIELD(REF, from_clause, alias),
	END,
};

static const struct so_field_shape join_fields[] = {
	FIELD(U32, join, type),
	FIELD(REF, join, left),
	FIELD(LIST, join, partition),
	FIELD(REF, join, right),
	FIELD(LIST, join, right_partition),
	FIELD(REF, join, on),
	FIELD(LIST, join, columns),
	FIELD(NAME, join, using_alias),
	FIELD(REF, join, alias),
	FIELD(NAME, join, hint),
	END,
};

static const struct so_field_shape alias_fields[] = {
	FIELD(NAME, alias, name),
	FIELD(LIST, alias, columns),
	FIELD(LIST, alias, coldefs),
	END,
};

static const struct so_field_shape coldef_fields[] = {
	FIELD(NAME, coldef, name),
	FIELD(REF, coldef, type),
	FIELD(REF, coldef, collation),
	FIELD(REF, coldef, value),
	FIELD(REF, coldef, otherwise),
	END,
};

static const struct so_field_shape sample_fields[] = {
	FIELD(NAME, sample, method),
	FIELD(REF, sample, qualifier),
	FIELD(LIST, sample, args),
	FIELD(REF, sample, repeatable),
	END,
};

static const struct so_field_shape insert_fields[] = {
	FIELD(REF, insert, with),
	FIELD(REF, insert, table),
	FIELD(LIST, insert, columns),
	FIELD(U32, insert, overriding),
	FIELD(REF, insert, query),
	FIELD(REF, insert, alias),
	FIELD(REF, insert, on_conflict),
	FIELD(U32, insert, or_action),
	FIELD(NAME, insert, old_alias),
	FIELD(NAME, insert, new_alias),
	FIELD(LIST, insert, returning),
	FIELD(REF, insert, output),
	FIELD(REF, insert, limit),
	FIELD(U32, insert, limit_style),
	FIELD(LIST, insert, hints),
	FIELD(LIST, insert, into),
	FIELD(LIST, insert, extra),
	END,
};

static const struct so_field_shape insert_all_fields[] = {
	FIELD(LIST, insert_all, extra),
	FIELD(LIST, insert_all, whens),
	FIELD(REF, insert_all, query),
	END,
};

static const struct so_field_shape on_conflict_fields[] = {
	FIELD(LIST, on_conflict, elems),
	FIELD(REF, on_conflict, elems_where),
	FIELD(NAME, on_conflict, constraint),
	FIELD(U32, on_conflict, update),
	FIELD(LIST, on_conflict, sets),
	FIELD(REF, on_conflict, where),
	FIELD(REF, on_conflict, next),
	END,
};

static const struct so_field_shape index_elem_fields[] = {
	FIELD(REF, index_elem, expr),
	FIELD(REF, index_elem, collation),
	FIELD(REF, index_elem, opclass),
	FIELD(LIST, index_elem, options),
	FIELD(REF, index_elem, length),
	FIELD(U32, index_elem, dir),
	FIELD(U32, index_elem, nulls),
	FIELD(NAME, index_elem, with_op),
	FIELD(REF, index_elem, with_schema),
	END,
};

static const struct so_field_shape update_fields[] = {
	FIELD(REF, update, with),
	FIELD(REF, update, table),
	FIELD(LIST, update, sets),
	FIELD(LIST, update, from),
	FIELD(REF, update, where),
	FIELD(LIST, update, order_by),
	FIELD(REF, update, offset),
	FIELD(U32, update, or_action),
	FIELD(NAME, update, old_alias),
	FIELD(NAME, update, new_alias),
	FIELD(LIST, update, returning),
	FIELD(REF, update, output),
	FIELD(REF, update, limit),
	FIELD(U32, update, limit_style),
	FIELD(LIST, update, hints),
	FIELD(LIST, update, into),
	FIELD(LIST, update, extra),
	END,
};

static const struct so_field_shape assign_fields[] = {
	FIELD(LIST, assign, columns),
	FIELD(NAME, assign, op),
	FIELD(REF, assign, value),
	END,
};

static const struct so_field_shape delete_fields[] = {
	FIELD(REF, delete, with),
	FIELD(REF, delete, table),
	FIELD(LIST, delete, targets),
	FIELD(LIST, delete, using),
	FIELD(REF, delete, where),
	FIELD(LIST, delete, order_by),
	FIELD(REF, delete, offset),
	FIELD(NAME, delete, old_alias),
	FIELD(NAME, delete, new_alias),
	FIELD(LIST, delete, returning),
	FIELD(REF, delete, output),
	FIELD(REF, delete, limit),
	FIELD(U32, delete, limit_style),
	FIELD(LIST, delete, hints),
	FIELD(LIST, delete, into),
	FIELD(LIST, delete, extra),
	END,
};

static const struct so_field_shape merge_fields[] = {
	FIELD(REF, merge, with),
	FIELD(REF, merge, table),
	FIELD(REF, merge, source),
	FIELD(REF, merge, on),
	FIELD(LIST, merge, whens),
	FIELD(NAME, merge, old_alias),
	FIELD(NAME, merge, new_alias),
	FIELD(LIST, merge, returning),
	FIELD(REF, merge, output),
	FIELD(REF, merge, limit),
	FIELD(U32, merge, limit_style),
	FIELD(LIST, merge, hints),
	FIELD(LIST, merge, into),
	FIELD(LIST, merge, extra),
	END,
};

static const struct so_field_shape merge_when_fields[] = {
	FIELD(U32, merge_when, match),
	FIELD(U32, merge_when, action),
	FIELD(REF, merge_when, cond),
	FIELD(LIST, merge_when, columns),
	FIELD(U32, merge_when, overriding),
	FIELD(REF, merge_when, values),
	FIELD(LIST, merge_when, sets),
	FIELD(REF, merge_when, where),
	FIELD(REF, merge_when, delete_where),
	END,
};

static const struct so_field_shape temporal_fields[] = {
	FIELD(U32, temporal, type),
	FIELD(REF, temporal, low),
	FIELD(REF, temporal, high),
	END,
};

static const struct so_field_shape pivot_fields[] = {
	FIELD(REF, pivot, source),
	FIELD(LIST, pivot, aggregates),
	FIELD(LIST, pivot, columns),
	FIELD(LIST, pivot, items),
	FIELD(REF, pivot, alias),
	END,
};

static const struct so_field_shape output_fields[] = {
	FIELD(LIST, output, targets),
	FIELD(REF, output, table),
	FIELD(LIST, output, columns),
	END,
};

static const struct so_field_shape opaque_fields[] = {
	FIELD(U32, opaque, cls),
	FIELD(NAME, opaque, verb),
	FIELD(STR, opaque, text),
	FIELD(REF, opaque, inner),
	FIELD(STR, opaque, tail),
	FIELD(LIST, opaque, parts),
	END,
};

static const struct so_field_shape block_fields[] = {
	FIELD(LIST, block, statements),
	END,
};

const uint32_t so_no_rare_fields[SO_RARE_MAX / 4] = { 0 };

/* SO_FIELD_RARE is no offset in a node. */
#define SMALL(upper, lower) _Static_assert(sizeof(struct so_n_##lower) <= SO_FIELD_RARE, "offsets have 7 bits");
SO_NODE_KINDS(SMALL)

#define RARE_SIZE(upper, lower) [SO_N_##upper] = sizeof(struct so_rare_##lower),
const uint8_t so_rare_sizes[SO_N_MAX] = { SO_RARE_KINDS(RARE_SIZE) };

#define SHAPE(upper, lower)                                                                                            \
	[SO_N_##upper] = { #lower, (uint32_t)SO_TAG(#lower), sizeof(struct so_n_##lower), lower##_fields },
#define SHAPE_DDL(upper, lower)                                                                                        \
	[SO_N_##upper] = { #lower, (uint32_t)SO_TAG(#lower), sizeof(struct so_n_##lower), so_##lower##_fields },
const struct so_shape so_shapes[SO_N_MAX] = { SO_NODE_KINDS_BASE(SHAPE) SO_NODE_KINDS_DDL(SHAPE_DDL) };
