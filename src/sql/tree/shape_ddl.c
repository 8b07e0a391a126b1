/* Fields of the nodes of sql/node_ddl.h. */
#include "sql/tree/shape.h"

#define FIELDS(kind)                                                                                                   \
	extern const struct so_field_shape so_##kind##_fields[];                                                       \
	const struct so_field_shape so_##kind##_fields[]
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

FIELDS(option) = {
	FIELD(NAME, option, space),
	FIELD(NAME, option, name),
	FIELD(REF, option, value),
	FIELD(LIST, option, values),
	FIELD(U32, option, style),
	FIELD(U32, option, change),
	END,
};

FIELDS(column_def) = {
	FIELD(NAME, column_def, name),
	FIELD(REF, column_def, type),
	RARE(NAME, column_def, storage),
	RARE(NAME, column_def, compression),
	RARE(LIST, column_def, fdw_options),
	RARE(REF, column_def, collation),
	FIELD(LIST, column_def, constraints),
	RARE(LIST, column_def, options),
	RARE(U32, column_def, bits),
	END,
};

FIELDS(constraint) = {
	FIELD(U32, constraint, type),
	FIELD(U32, constraint, bits),
	FIELD(NAME, constraint, name),
	FIELD(REF, constraint, expr),
	RARE(NAME, constraint, method),
	FIELD(LIST, constraint, columns),
	RARE(LIST, constraint, include),
	FIELD(REF, constraint, ref_table),
	FIELD(LIST, constraint, ref_columns),
	RARE(U32, constraint, match),
	RARE(U32, constraint, on_delete),
	RARE(U32, constraint, on_update),
	RARE(LIST, constraint, on_delete_columns),
	RARE(LIST, constraint, on_update_columns),
	RARE(U32, constraint, deferrable),
	RARE(U32, constraint, initially),
	RARE(LIST, constraint, options),
	RARE(NAME, constraint, tablespace),
	RARE(NAME, constraint, index),
	RARE(REF, constraint, where),
	END,
};

FIELDS(table_like) = {
	FIELD(REF, table_like, table),
	FIELD(U32, table_like, include),
	END,
};

FIELDS(partition_by) = {
	FIELD(NAME, partition_by, method),
	FIELD(LIST, partition_by, keys),
	FIELD(REF, partition_by, count),
	FIELD(REF, partition_by, sub),
	FIELD(LIST, partition_by, parts),
	FIELD(LIST, partition_by, options),
	END,
};

FIELDS(partition_bound) = {
	FIELD(U32, partition_bound, type),
	FIELD(LIST, partition_bound, values),
	FIELD(LIST, partition_bound, upper),
	END,
};

FIELDS(partition_def) = {
	FIELD(NAME, partition_def, name),
	FIELD(REF, partition_def, bound),
	FIELD(LIST, partition_def, options),
	FIELD(LIST, partition_def, subs),
	END,
};

FIELDS(create_table) = {
	FIELD(U32, create_table, bits),
	RARE(U32, create_table, persistence),
	FIELD(REF, create_table, table),
	RARE(REF, create_table, of_type),
	RARE(REF, create_table, partition_of),
	FIELD(LIST, create_table, elems),
	RARE(REF, create_table, bound),
	RARE(LIST, create_table, inherits),
	FIELD(REF, create_table, partition_by),
	RARE(NAME, create_table, method),
	FIELD(LIST, create_table, options),
	RARE(U32, create_table, on_commit),
	RARE(NAME, create_table, tablespace),
	RARE(NAME, create_table, server),
	RARE(LIST, create_table, fdw_options),
	RARE(REF, create_table, query),
	RARE(REF, create_table, like),
	RARE(LIST, create_table, modifiers),
	END,
};

FIELDS(create_index) = {
	FIELD(U32, create_index, bits),
	FIELD(NAME, create_index, name),
	FIELD(REF, create_index, qualifier),
	FIELD(REF, create_index, table),
	FIELD(NAME, create_index, method),
	FIELD(LIST, create_index, keys),
	FIELD(LIST, create_index, include),
	FIELD(LIST, create_index, options),
	FIELD(NAME, create_index, tablespace),
	FIELD(REF, create_index, where),
	FIELD(LIST, create_index, modifiers),
	FIELD(LIST, create_index, from),
	END,
};

FIELDS(create_view) = {
	FIELD(U32, create_view, bits),
	FIELD(U32, create_view, persistence),
	FIELD(LIST, create_view, modifiers),
	FIELD(REF, create_view, view),
	FIELD(LIST, create_view, columns),
	FIELD(NAME, create_view, method),
	FIELD(LIST, create_view, options),
	FIELD(NAME, create_view, tablespace),
	FIELD(REF, create_view, query),
	FIELD(U32, create_view, check),
	FIELD(LIST, create_view, object),
	FIELD(LIST, create_view, tail),
	END,
};

FIELDS(create_sequence) = {
	FIELD(U32, create_sequence, bits),
	FIELD(U32, create_sequence, persistence),
	FIELD(REF, create_sequence, sequence),
	FIELD(LIST, create_sequence, options),
	END,
};

FIELDS(create_type) = {
	FIELD(U32, create_type, form),
	FIELD(REF, create_type, name),
	FIELD(LIST, create_type, elems),
	FIELD(REF, create_type, type),
	END,
};

FIELDS(create_domain) = {
	FIELD(REF, create_domain, name),
	FIELD(REF, create_domain, type),
	FIELD(REF, create_domain, collation),
	FIELD(LIST, create_domain, constraints),
	END,
};

FIELDS(create_schema) = {
	FIELD(U32, create_schema, bits),
	FIELD(NAME, create_schema, name),
	FIELD(REF, create_schema, owner),
	FIELD(LIST, create_schema, statements),
	END,
};

FIELDS(create_statistics) = {
	FIELD(U32, create_statistics, bits),
	FIELD(REF, create_statistics, name),
	FIELD(LIST, create_statistics, kinds),
	FIELD(LIST, create_statistics, exprs),
	FIELD(LIST, create_statistics, from),
	END,
};

FIELDS(alter) = {
	FIELD(U32, alter, object),
	FIELD(U32, alter, bits),
	FIELD(REF, alter, target),
	FIELD(LIST, alter, actions),
	END,
};

FIELDS(alter_action) = {
	FIELD(U32, alter_action, type),
	FIELD(U32, alter_action, form),
	FIELD(U32, alter_action, bits),
	FIELD(NAME, alter_action, name),
	FIELD(NAME, alter_action, new_name),
	FIELD(REF, alter_action, def),
	FIELD(REF, alter_action, collation),
	FIELD(REF, alter_action, expr),
	FIELD(LIST, alter_action, items),
	FIELD(U32, alter_action, behavior),
	END,
};

FIELDS(drop) = {
	FIELD(U32, drop, object),
	FIELD(U32, drop, bits),
	FIELD(LIST, drop, names),
	FIELD(REF, drop, table),
	FIELD(U32, drop, behavior),
	FIELD(LIST, drop, options),
	END,
};

FIELDS(truncate) = {
	FIELD(LIST, truncate, tables),
	FIELD(U32, truncate, restart),
	FIELD(U32, truncate, behavior),
	FIELD(LIST, truncate, options),
	END,
};

FIELDS(comment) = {
	FIELD(U32, comment, object),
	FIELD(REF, comment, name),
	FIELD(REF, comment, table),
	FIELD(REF, comment, text),
	END,
};
