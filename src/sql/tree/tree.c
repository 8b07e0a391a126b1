#include "sql/tree.h"

#include <string.h>

#include "sql/tree/shape.h"

/* ---- Words of enumerations; NULL: the value says nothing ----------------------------------------------------------
 */

static const char *const const_types[] = {
	[SO_C_NULL] = "null",
	[SO_C_TRUE] = "true",
	[SO_C_FALSE] = "false",
	[SO_C_INT] = "integer",
	[SO_C_FLOAT] = "decimal",
	[SO_C_STRING] = "string",
	[SO_C_BITS] = "bits",
	[SO_C_HEX] = "hex",
	[SO_C_NSTRING] = "national_string",
};
static const char *const bool_ops[] = { [SO_AND] = "and", [SO_OR] = "or" };
static const char *const is_tests[] = {
	[SO_IS_NULL] = "null",
	[SO_IS_TRUE] = "true",
	[SO_IS_FALSE] = "false",
	[SO_IS_UNKNOWN] = "unknown",
	[SO_IS_DISTINCT] = "distinct",
	[SO_IS_DOCUMENT] = "document",
	[SO_IS_NORMALIZED] = "normalized",
	[SO_IS_JSON] = "json",
};
static const char *const like_ops[] = { [SO_LIKE] = "like",
	[SO_ILIKE] = "ilike",
	[SO_SIMILAR] = "similar",
	[SO_REGEXP] = "regexp",
	[SO_GLOB] = "glob",
	[SO_MATCH] = "match" };
static const char *const quantifiers[] = { [SO_ANY] = "any", [SO_ALL] = "all" };
static const char *const subquery_types[] = { [SO_SUBQUERY_SCALAR] = "scalar", [SO_SUBQUERY_ARRAY] = "array" };
static const char *const cast_styles[] = {
	[SO_CAST_FUNC] = "cast",
	[SO_CAST_COLON] = "colons",
	[SO_CAST_LITERAL] = "literal",
};
static const char *const func_syntaxes[] = {
	[SO_FS_CALL] = NULL,
	[SO_FS_COALESCE] = "coalesce",
	[SO_FS_VALUE] = "value",
	[SO_FS_EXTRACT] = "extract",
	[SO_FS_SUBSTRING] = "substring",
	[SO_FS_SUBSTRING_SIMILAR] = "substring_similar",
	[SO_FS_OVERLAY] = "overlay",
	[SO_FS_POSITION] = "position",
	[SO_FS_TRIM] = "trim",
	[SO_FS_NORMALIZE] = "normalize",
	[SO_FS_AT_TIME_ZONE] = "at_time_zone",
	[SO_FS_AT_LOCAL] = "at_local",
	[SO_FS_OVERLAPS] = "overlaps",
	[SO_FS_COLLATION_FOR] = "collation_for",
	[SO_FS_TREAT] = "treat",
	[SO_FS_XMLELEMENT] = "xmlelement",
	[SO_FS_XMLCONCAT] = "xmlconcat",
	[SO_FS_XMLFOREST] = "xmlforest",
	[SO_FS_XMLPARSE] = "xmlparse",
	[SO_FS_XMLPI] = "xmlpi",
	[SO_FS_XMLROOT] = "xmlroot",
	[SO_FS_XMLSERIALIZE] = "xmlserialize",
	[SO_FS_XMLEXISTS] = "xmlexists",
	[SO_FS_JSON] = "json",
	[SO_FS_MERGE_ACTION] = "merge_action",
};
static const char *const frame_modes[] = {
	[SO_FRAME_NONE] = NULL,
	[SO_FRAME_ROWS] = "rows",
	[SO_FRAME_RANGE] = "range",
	[SO_FRAME_GROUPS] = "groups",
};
static const char *const frame_bounds[] = {
	[SO_BOUND_NONE] = NULL,
	[SO_BOUND_UNBOUNDED_PRECEDING] = "unbounded_preceding",
	[SO_BOUND_PRECEDING] = "preceding",
	[SO_BOUND_CURRENT_ROW] = "current_row",
	[SO_BOUND_FOLLOWING] = "following",
	[SO_BOUND_UNBOUNDED_FOLLOWING] = "unbounded_following",
};
static const char *const frame_excludes[] = {
	[SO_EXCLUDE_NONE] = NULL,
	[SO_EXCLUDE_CURRENT_ROW] = "current_row",
	[SO_EXCLUDE_GROUP] = "group",
	[SO_EXCLUDE_TIES] = "ties",
	[SO_EXCLUDE_NO_OTHERS] = "no_others",
};
static const char *const sort_dirs[] = {
	[SO_SORT_DEFAULT] = NULL,
	[SO_SORT_ASC] = "asc",
	[SO_SORT_DESC] = "desc",
	[SO_SORT_USING] = "using",
};
static const char *const nulls[] = {
	[SO_NULLS_DEFAULT] = NULL,
	[SO_NULLS_FIRST] = "first",
	[SO_NULLS_LAST] = "last",
};
static const char *const groupings[] = {
	[SO_GROUPING_EMPTY] = "empty",
	[SO_GROUPING_ROLLUP] = "rollup",
	[SO_GROUPING_CUBE] = "cube",
	[SO_GROUPING_SETS] = "sets",
	[SO_GROUPING_WITH_ROLLUP] = "with_rollup",
	[SO_GROUPING_ALL] = "all",
};
static const char *const set_ops[] = {
	[SO_UNION] = "union",
	[SO_INTERSECT] = "intersect",
	[SO_EXCEPT] = "except",
};
static const char *const materialized[] = {
	[SO_MATERIALIZED_DEFAULT] = NULL,
	[SO_MATERIALIZED_ALWAYS] = "always",
	[SO_MATERIALIZED_NEVER] = "never",
};
static const char *const persistences[] = {
	[SO_PERMANENT] = NULL,
	[SO_TEMPORARY] = "temporary",
	[SO_UNLOGGED] = "unlogged",
};
static const char *const lock_strengths[] = {
	[SO_LOCK_KEY_SHARE] = "key_share",
	[SO_LOCK_SHARE] = "share",
	[SO_LOCK_NO_KEY_UPDATE] = "no_key_update",
	[SO_LOCK_UPDATE] = "update",
};
static const char *const lock_waits[] = {
	[SO_LOCK_WAIT] = NULL,
	[SO_LOCK_SKIP] = "skip_locked",
	[SO_LOCK_NOWAIT] = "nowait",
};
static const char *const join_types[] = {
	[SO_JOIN_INNER] = "inner",
	[SO_JOIN_LEFT] = "left",
	[SO_JOIN_RIGHT] = "right",
	[SO_JOIN_FULL] = "full",
	[SO_JOIN_CROSS] = "cross",
};
static const char *const overridings[] = {
	[SO_OVERRIDING_NONE] = NULL,
	[SO_OVERRIDING_USER] = "user",
	[SO_OVERRIDING_SYSTEM] = "system",
	[SO_OVERRIDING_BY_NAME] = "by_name",
	[SO_OVERRIDING_BY_POSITION] = "by_position",
};
static const char *const or_actions[] = {
	[SO_OR_NONE] = NULL,
	[SO_OR_ROLLBACK] = "rollback",
	[SO_OR_ABORT] = "abort",
	[SO_OR_FAIL] = "fail",
	[SO_OR_IGNORE] = "ignore",
	[SO_OR_REPLACE] = "replace",
};
static const char *const merge_matches[] = {
	[SO_MATCHED] = "matched",
	[SO_NOT_MATCHED] = "not_matched",
	[SO_NOT_MATCHED_BY_SOURCE] = "not_matched_by_source",
};
static const char *const merge_actions[] = {
	[SO_MERGE_NOTHING] = "nothing",
	[SO_MERGE_UPDATE] = "update",
	[SO_MERGE_DELETE] = "delete",
	[SO_MERGE_INSERT] = "insert",
};
static const char *const classes[] = {
	[SO_CLASS_READ] = "read",
	[SO_CLASS_WRITE] = "write",
	[SO_CLASS_DDL] = "ddl",
	[SO_CLASS_UTILITY] = "utility",
};
static const char *const constraint_types[] = {
	[SO_CON_NULL] = "null",
	[SO_CON_NOT_NULL] = "not_null",
	[SO_CON_DEFAULT] = "default",
	[SO_CON_CHECK] = "check",
	[SO_CON_PRIMARY_KEY] = "primary_key",
	[SO_CON_UNIQUE] = "unique",
	[SO_CON_FOREIGN_KEY] = "foreign_key",
	[SO_CON_EXCLUDE] = "exclude",
	[SO_CON_IDENTITY] = "identity",
	[SO_CON_GENERATED] = "generated",
	[SO_CON_KEY] = "key",
	[SO_CON_ON_UPDATE] = "on_update",
	[SO_CON_ATTRIBUTES] = "attributes",
};
static const char *const matches[] = {
	[SO_MATCH_DEFAULT] = NULL,
	[SO_MATCH_FULL] = "full",
	[SO_MATCH_PARTIAL] = "partial",
	[SO_MATCH_SIMPLE] = "simple",
};
static const char *const key_actions[] = {
	[SO_KEY_ACTION_DEFAULT] = NULL,
	[SO_KEY_NO_ACTION] = "no_action",
	[SO_KEY_RESTRICT] = "restrict",
	[SO_KEY_CASCADE] = "cascade",
	[SO_KEY_SET_NULL] = "set_null",
	[SO_KEY_SET_DEFAULT] = "set_default",
};
static const char *const deferrables[] = {
	[SO_DEFERRABLE_DEFAULT] = NULL,
	[SO_DEFERRABLE] = "deferrable",
	[SO_NOT_DEFERRABLE] = "not_deferrable",
};
static const char *const initially[] = {
	[SO_INITIALLY_DEFAULT] = NULL,
	[SO_INITIALLY_DEFERRED] = "deferred",
	[SO_INITIALLY_IMMEDIATE] = "immediate",
};
static const char *const bound_types[] = {
	[SO_BOUND_TYPE_DEFAULT] = "default",
	[SO_BOUND_TYPE_IN] = "in",
	[SO_BOUND_TYPE_RANGE] = "range",
	[SO_BOUND_TYPE_HASH] = "hash",
	[SO_BOUND_TYPE_LESS_THAN] = "less_than",
};
static const char *const on_commits[] = {
	[SO_ON_COMMIT_DEFAULT] = NULL,
	[SO_ON_COMMIT_PRESERVE] = "preserve_rows",
	[SO_ON_COMMIT_DELETE] = "delete_rows",
	[SO_ON_COMMIT_DROP] = "drop",
};
static const char *const check_options[] = {
	[SO_CHECK_NONE] = NULL,
	[SO_CHECK_LOCAL] = "local",
	[SO_CHECK_CASCADED] = "cascaded",
	[SO_CHECK_DEFAULT] = "check",
	[SO_READ_ONLY] = "read_only",
};
static const char *const type_forms[] = {
	[SO_TYPE_SHELL] = "shell",
	[SO_TYPE_COMPOSITE] = "composite",
	[SO_TYPE_ENUM] = "enum",
	[SO_TYPE_RANGE] = "range",
	[SO_TYPE_BASE] = "base",
	[SO_TYPE_ALIAS] = "alias",
};
static const char *const behaviors[] = {
	[SO_BEHAVIOR_DEFAULT] = NULL,
	[SO_RESTRICT] = "restrict",
	[SO_CASCADE] = "cascade",
};
static const char *const restarts[] = {
	[SO_RESTART_DEFAULT] = NULL,
	[SO_RESTART_IDENTITY] = "restart",
	[SO_CONTINUE_IDENTITY] = "continue",
};
static const char *const objects[] = {
	[SO_OBJ_TABLE] = "table",
	[SO_OBJ_FOREIGN_TABLE] = "foreign_table",
	[SO_OBJ_VIEW] = "view",
	[SO_OBJ_MATVIEW] = "materialized_view",
	[SO_OBJ_INDEX] = "index",
	[SO_OBJ_SEQUENCE] = "sequence",
	[SO_OBJ_TYPE] = "type",
	[SO_OBJ_DOMAIN] = "domain",
	[SO_OBJ_SCHEMA] = "schema",
	[SO_OBJ_STATISTICS] = "statistics",
	[SO_OBJ_COLUMN] = "column",
	[SO_OBJ_CONSTRAINT] = "constraint",
	[SO_OBJ_COLLATION] = "collation",
	[SO_OBJ_CONVERSION] = "conversion",
	[SO_OBJ_EXTENSION] = "extension",
	[SO_OBJ_DATABASE] = "database",
	[SO_OBJ_ROLE] = "role",
	[SO_OBJ_USER] = "user",
	[SO_OBJ_GROUP] = "group",
	[SO_OBJ_TABLESPACE] = "tablespace",
	[SO_OBJ_SERVER] = "server",
	[SO_OBJ_FDW] = "foreign_data_wrapper",
	[SO_OBJ_ACCESS_METHOD] = "access_method",
	[SO_OBJ_EVENT_TRIGGER] = "event_trigger",
	[SO_OBJ_LANGUAGE] = "language",
	[SO_OBJ_PUBLICATION] = "publication",
	[SO_OBJ_SUBSCRIPTION] = "subscription",
	[SO_OBJ_TS_PARSER] = "text_search_parser",
	[SO_OBJ_TS_DICTIONARY] = "text_search_dictionary",
	[SO_OBJ_TS_TEMPLATE] = "text_search_template",
	[SO_OBJ_TS_CONFIGURATION] = "text_search_configuration",
	[SO_OBJ_TRIGGER] = "trigger",
	[SO_OBJ_RULE] = "rule",
	[SO_OBJ_POLICY] = "policy",
	[SO_OBJ_FUNCTION] = "function",
	[SO_OBJ_PROCEDURE] = "procedure",
	[SO_OBJ_PACKAGE] = "package",
	[SO_OBJ_SYNONYM] = "synonym",
};

struct words {
	uint8_t kind;
	uint8_t offset;
	uint8_t count;
	const char *const *words;
};

#define WORDS(upper, lower, member, table)                                                                             \
	{                                                                                                              \
		SO_N_##upper, offsetof(struct so_n_##lower, member), sizeof(table) / sizeof((table)[0]), table         \
	}

#define RARE_WORDS(upper, lower, member, table)                                                                        \
	{                                                                                                              \
		SO_N_##upper, SO_RARE_FIELD_OF(lower, member), sizeof(table) / sizeof((table)[0]), table               \
	}

static const struct words all_words[] = {
	WORDS(CONST, const, type, const_types),
	WORDS(BOOL, bool, op, bool_ops),
	WORDS(IS, is, test, is_tests),
	WORDS(LIKE, like, op, like_ops),
	WORDS(QUANT, quant, quantifier, quantifiers),
	WORDS(SUBQUERY, subquery, type, subquery_types),
	WORDS(CAST, cast, style, cast_styles),
	WORDS(FUNC, func, syntax, func_syntaxes),
	WORDS(WINDOW, window, mode, frame_modes),
	WORDS(WINDOW, window, start, frame_bounds),
	WORDS(WINDOW, window, end, frame_bounds),
	WORDS(WINDOW, window, exclude, frame_excludes),
	WORDS(SORT, sort, dir, sort_dirs),
	WORDS(SORT, sort, nulls, nulls),
	WORDS(GROUPING, grouping, type, groupings),
	WORDS(SETOP, setop, op, set_ops),
	WORDS(CTE, cte, materialized, materialized),
	WORDS(INTO, into, persistence, persistences),
	WORDS(LOCKING, locking, strength, lock_strengths),
	WORDS(LOCKING, locking, wait, lock_waits),
	WORDS(JOIN, join, type, join_types),
	WORDS(INSERT, insert, overriding, overridings),
	WORDS(INDEX_ELEM, index_elem, dir, sort_dirs),
	WORDS(INDEX_ELEM, index_elem, nulls, nulls),
	WORDS(INSERT, insert, or_action, or_actions),
	WORDS(UPDATE, update, or_action, or_actions),
	WORDS(MERGE_WHEN, merge_when, match, merge_matches),
	WORDS(MERGE_WHEN, merge_when, action, merge_actions),
	WORDS(MERGE_WHEN, merge_when, overriding, overridings),
	WORDS(OPAQUE, opaque, cls, classes),
	WORDS(CONSTRAINT, constraint, type, constraint_types),
	RARE_WORDS(CONSTRAINT, constraint, match, matches),
	RARE_WORDS(CONSTRAINT, constraint, on_delete, key_actions),
	RARE_WORDS(CONSTRAINT, constraint, on_update, key_actions),
	RARE_WORDS(CONSTRAINT, constraint, deferrable, deferrables),
	RARE_WORDS(CONSTRAINT, constraint, initially, initially),
	WORDS(PARTITION_BOUND, partition_bound, type, bound_types),
	RARE_WORDS(CREATE_TABLE, create_table, persistence, persistences),
	RARE_WORDS(CREATE_TABLE, create_table, on_commit, on_commits),
	WORDS(CREATE_VIEW, create_view, persistence, persistences),
	WORDS(CREATE_VIEW, create_view, check, check_options),
	WORDS(CREATE_SEQUENCE, create_sequence, persistence, persistences),
	WORDS(CREATE_TYPE, create_type, form, type_forms),
	WORDS(ALTER, alter, object, objects),
	WORDS(ALTER_ACTION, alter_action, behavior, behaviors),
	WORDS(DROP, drop, object, objects),
	WORDS(DROP, drop, behavior, behaviors),
	WORDS(TRUNCATE, truncate, restart, restarts),
	WORDS(TRUNCATE, truncate, behavior, behaviors),
	WORDS(COMMENT, comment, object, objects),
};

static const struct words *find_words(enum so_node_kind kind, uint8_t offset)
{
	for (size_t i = 0; i < sizeof all_words / sizeof all_words[0]; i++)
		if (all_words[i].kind == kind && all_words[i].offset == offset)
			return &all_words[i];
	return NULL;
}

/* ---- Flags ------------------------------------------------------------------------------------------------------ */

struct flag {
	uint16_t flag;
	uint8_t kind; /* SO_N_NONE: any that has no row of its own before this one */
	const char *name;
};

static const struct flag flags[] = {
	{ SO_NF_NOT, SO_N_COLDEF, "not_null" },
	{ SO_NF_NOT, SO_N_NONE, "negated" },
	{ SO_NF_DISTINCT, SO_N_SUBSCRIPT, "own_value" },
	{ SO_NF_DISTINCT, SO_N_FIELD, "own_value" },
	{ SO_NF_DISTINCT, SO_N_IS, "unique_keys" },
	{ SO_NF_DISTINCT, SO_N_NONE, "distinct" },
	{ SO_NF_ALL, SO_N_OPAQUE, "analyze" },
	{ SO_NF_ALL, SO_N_ROW, "row_word" },
	{ SO_NF_ALL, SO_N_SUBSCRIPT, "slice" },
	{ SO_NF_ALL, SO_N_COLDEF, "null" },
	{ SO_NF_ALL, SO_N_ASSIGN, "as_row" },
	{ SO_NF_ALL, SO_N_NONE, "all" },
	{ SO_NF_STAR, SO_N_NONE, "star" },
	{ SO_NF_VARIADIC, SO_N_NONE, "variadic" },
	{ SO_NF_LATERAL, SO_N_NONE, "lateral" },
	{ SO_NF_DQUOTED, SO_N_COLUMN, "double_quoted" },
	{ SO_NF_ESCAPE, SO_N_FUNC, "odbc_escape" },
	{ SO_NF_ESCAPE, SO_N_CAST, "odbc_escape" },
	{ SO_NF_ONLY, SO_N_NONE, "only" },
	{ SO_NF_NATURAL, SO_N_NONE, "natural" },
	{ SO_NF_SYMMETRIC, SO_N_NONE, "symmetric" },
	{ SO_NF_RECURSIVE, SO_N_NONE, "recursive" },
	{ SO_NF_WITHIN, SO_N_NONE, "within_group" },
	{ SO_NF_WITH_TIES, SO_N_SELECT, "with_ties" },
	{ SO_NF_WITH_TIES, SO_N_SETOP, "with_ties" },
	{ SO_NF_WITH_TIES, SO_N_VALUES, "with_ties" },
	{ SO_NF_ORDINALITY, SO_N_NONE, "ordinality" },
	{ SO_NF_TABLE_CMD, SO_N_SELECT, "table_command" },
	{ SO_NF_ROWS_FROM, SO_N_NONE, "rows_from" },
	{ SO_NF_GROUP_DIST, SO_N_SELECT, "group_distinct" },
	{ SO_NF_SETOF, SO_N_NONE, "setof" },
	{ SO_NF_TRUNCATED, SO_N_NONE, "truncated" },
};

static void visit_flags(const struct so_ast *ast, so_ref ref, so_tree_fn fn, void *arg)
{
	const struct so_node *node = so_ast_node(ast, ref);
	unsigned left = node->flags & ~SO_NF_PAREN;

	for (size_t i = 0; i < sizeof flags / sizeof flags[0] && left; i++) {
		struct so_tree_field field = { .name = flags[i].name, .type = SO_TREE_FLAG, .number = 1 };

		if (!(left & flags[i].flag) || (flags[i].kind && flags[i].kind != node->kind))
			continue;
		left &= ~(unsigned)flags[i].flag;
		fn(ast, &field, arg);
	}
	if (node->parens)
		fn(ast, &(struct so_tree_field){ .name = "parens", .type = SO_TREE_NUMBER, .number = node->parens },
			arg);
}

struct bit {
	uint32_t bit;
	const char *name;
};

static const struct bit bits[] = {
	{ SO_DDL_IF_NOT_EXISTS, "if_not_exists" },
	{ SO_DDL_IF_EXISTS, "if_exists" },
	{ SO_DDL_OR_REPLACE, "or_replace" },
	{ SO_DDL_UNIQUE, "unique" },
	{ SO_DDL_CONCURRENTLY, "concurrently" },
	{ SO_DDL_RECURSIVE, "recursive" },
	{ SO_DDL_MATERIALIZED, "materialized" },
	{ SO_DDL_NO_DATA, "no_data" },
	{ SO_DDL_NULLS_NOT_DISTINCT, "nulls_not_distinct" },
	{ SO_DDL_NO_INHERIT, "no_inherit" },
	{ SO_DDL_NOT_VALID, "not_valid" },
	{ SO_DDL_NOT_ENFORCED, "not_enforced" },
	{ SO_DDL_ENFORCED, "enforced" },
	{ SO_DDL_ALWAYS, "always" },
	{ SO_DDL_BY_DEFAULT, "by_default" },
	{ SO_DDL_STORED, "stored" },
	{ SO_DDL_VIRTUAL, "virtual" },
	{ SO_DDL_WITHOUT_OVERLAPS, "without_overlaps" },
	{ SO_DDL_ONLY, "only" },
	{ SO_DDL_CLUSTERED, "clustered" },
	{ SO_DDL_NONCLUSTERED, "nonclustered" },
	{ SO_DDL_FULLTEXT, "fulltext" },
	{ SO_DDL_SPATIAL, "spatial" },
	{ SO_DDL_WITHOUT_ROWID, "without_rowid" },
	{ SO_DDL_STRICT, "strict" },
	{ SO_DDL_FOREIGN, "foreign" },
	{ SO_DDL_OF, "of" },
	{ SO_DDL_AUTO_INCREMENT, "auto_increment" },
	{ SO_DDL_PERIOD, "period" },
	{ SO_DDL_EXECUTE, "execute" },
};

/* `bits` of DDL nodes, each as a flag; those of actions have meanings of their own. */
static bool has_ddl_bits(enum so_node_kind kind, struct so_field_shape shape)
{
	return shape.type == SO_FT_U32 && kind != SO_N_ALTER_ACTION && strcmp(shape.name, "bits") == 0;
}

static void visit_bits(const struct so_ast *ast, uint32_t value, so_tree_fn fn, void *arg)
{
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
		if (value & bits[i].bit)
			fn(ast, &(struct so_tree_field){ .name = bits[i].name, .type = SO_TREE_FLAG, .number = 1 },
				arg);
}

/* ---- Fields ----------------------------------------------------------------------------------------------------- */

static struct so_text word(const char *text)
{
	return (struct so_text){ text, text ? strlen(text) : 0 };
}

/* The symbol of an operator stands in `name` as well, but not of those that the grammar made. */
static bool is_operator(enum so_node_kind kind, uint8_t offset)
{
	return (kind == SO_N_OP && offset == offsetof(struct so_n_op, op)) ||
	       (kind == SO_N_QUANT && offset == offsetof(struct so_n_quant, op));
}

static bool read_number(enum so_node_kind kind, uint8_t offset, uint32_t value, struct so_tree_field *out)
{
	const struct words *words = find_words(kind, offset);

	out->number = value;
	if (is_operator(kind, offset)) {
		out->type = SO_TREE_TEXT;
		out->text = word(value < SO_OP_MAX ? so_op_name((enum so_op)value) : NULL);
		return out->text.len > 0;
	}
	if (words && value < words->count) {
		out->type = SO_TREE_TEXT;
		out->text = word(words->words[value]);
		return out->text.len > 0;
	}
	out->type = SO_TREE_NUMBER;
	return value > 0;
}

/* False when the field is absent. */
static bool read_field(const struct so_ast *ast, so_ref ref, struct so_field_shape shape, struct so_tree_field *out)
{
	const void *at = so_field_at(ast, ref, shape);

	*out = (struct so_tree_field){ .name = shape.name, .type = SO_TREE_TEXT };
	switch ((enum so_field_type)shape.type) {
	case SO_FT_REF:
		out->type = SO_TREE_NODE;
		out->node = *(const so_ref *)at;
		return out->node != 0;
	case SO_FT_LIST:
		out->type = SO_TREE_LIST;
		out->list = *(const struct so_list *)at;
		return out->list.count > 0;
	case SO_FT_NAME:
		out->text = so_ast_name(ast, *(const struct so_name *)at);
		return out->text.len > 0;
	case SO_FT_STR:
		out->text = so_ast_str(ast, *(const struct so_str *)at);
		return ((const struct so_str *)at)->off != 0;
	case SO_FT_U32:
	case SO_FT_STYLE:
		return read_number(so_ast_kind(ast, ref), shape.offset, *(const uint32_t *)at, out);
	case SO_FT_END:
		break;
	}
	return false;
}

void so_tree_fields(const struct so_ast *ast, so_ref ref, so_tree_fn fn, void *arg)
{
	const struct so_field_shape *shape;
	struct so_tree_field field;

	if (!ref)
		return;
	visit_flags(ast, ref, fn, arg);
	for (shape = so_shapes[so_ast_kind(ast, ref)].fields; shape->type != SO_FT_END; shape++)
		if (has_ddl_bits(so_ast_kind(ast, ref), *shape))
			visit_bits(ast, *(const uint32_t *)so_field_at(ast, ref, *shape), fn, arg);
		else if (read_field(ast, ref, *shape, &field))
			fn(ast, &field, arg);
}
