#include "sql/dialect.h"

#include <string.h>

#include "base/err.h"

/* ---- Characters ------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define W SO_C_IN_WORD
#define COMMON                                                                                                        \
	[0] = SO_C_END, ['\t'] = SO_C_SPACE, ['\n'] = SO_C_SPACE, ['\v'] = SO_C_SPACE, ['\f'] = SO_C_SPACE,           \
	['\r'] = SO_C_SPACE, [' '] = SO_C_SPACE, ['a' ... 'z'] = SO_C_LETTER | W, ['A' ... 'Z'] = SO_C_LETTER | W,    \
	['_'] = SO_C_LETTER | W, [0x80 ... 0xFF] = SO_C_LETTER | W, ['0' ... '9'] = SO_C_DIGIT | W,                   \
	['~'] = SO_C_OP, ['!'] = SO_C_OP, ['^'] = SO_C_OP, ['&'] = SO_C_OP, ['|'] = SO_C_OP, ['+'] = SO_C_OP,         \
	['-'] = SO_C_OP, ['*'] = SO_C_OP, ['/'] = SO_C_OP, ['%'] = SO_C_OP, ['<'] = SO_C_OP, ['>'] = SO_C_OP,         \
	['='] = SO_C_OP, ['\''] = SO_C_QUOTE, ['"'] = SO_C_DQUOTE, ['.'] = SO_C_DOT, [':'] = SO_C_COLON,              \
	['('] = SO_C_SELF, [')'] = SO_C_SELF, [','] = SO_C_SELF, [';'] = SO_C_SELF
/* clang-format on */

#define F(feature) (feature < 64 ? UINT64_C(1) << (feature & 63) : 0)
#define G(feature) (feature >= 64 ? UINT64_C(1) << (feature & 63) : 0)
#define BOTH(list)                                                                                                     \
	{                                                                                                              \
		{                                                                                                      \
			(list(F)), (list(G))                                                                           \
		}                                                                                                      \
	}
#define GATE_END                                                                                                       \
	{                                                                                                              \
		SO_FEAT_MAX, 0, 0                                                                                      \
	}
#define COMPARISONS(lv)                                                                                                \
	[SO_OP_EQ] = lv, [SO_OP_NE] = lv, [SO_OP_LT] = lv, [SO_OP_LE] = lv, [SO_OP_GT] = lv, [SO_OP_GE] = lv
#define ARITHMETIC                                                                                                     \
	[SO_OP_ADD] = SO_LV_ADD, [SO_OP_SUB] = SO_LV_ADD, [SO_OP_MUL] = SO_LV_MUL, [SO_OP_DIV] = SO_LV_MUL,            \
	[SO_OP_MOD] = SO_LV_MUL
#define SIGNS [SO_OP_ADD] = SO_LV_UNARY, [SO_OP_SUB] = SO_LV_UNARY

/* ---- PostgreSQL ------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define POSTGRESQL(X)                                                                                                 \
	X(SO_FEAT_PG_OPERATORS) | X(SO_FEAT_NESTED_COMMENTS) | X(SO_FEAT_PREFIX_E) | X(SO_FEAT_PREFIX_U) |             \
	X(SO_FEAT_PREFIX_B) | X(SO_FEAT_PREFIX_X) | X(SO_FEAT_PREFIX_N) | X(SO_FEAT_UNDERSCORE_DIGITS) |               \
	X(SO_FEAT_HEX_NUMBERS) | X(SO_FEAT_BIT_NUMBERS) | X(SO_FEAT_CAST_COLONS) | X(SO_FEAT_SUBSCRIPTS) |             \
	X(SO_FEAT_OPERATOR_CALL) | X(SO_FEAT_TYPE_LITERAL) | X(SO_FEAT_ISNULL_WORDS) | X(SO_FEAT_AT_TIME_ZONE) |       \
	X(SO_FEAT_ROW_BARE) | X(SO_FEAT_LIMIT) | X(SO_FEAT_FETCH) | X(SO_FEAT_DISTINCT_ON) | X(SO_FEAT_LATERAL) |      \
	X(SO_FEAT_SELECT_INTO) | X(SO_FEAT_LOCKING) | X(SO_FEAT_NO_FROM_ALIAS) | X(SO_FEAT_EMPTY_SELECT) |             \
	X(SO_FEAT_ON_CONFLICT) | X(SO_FEAT_RETURNING) | X(SO_FEAT_MERGE) | X(SO_FEAT_LABEL_RESERVED)

/* ---- MySQL and MariaDB ------------------------------------------------------------------------------------------ */

#define MY(X)                                                                                                         \
	X(SO_FEAT_DASH_SPACE) | X(SO_FEAT_CONDITIONAL_COMMENTS) | X(SO_FEAT_BACKSLASH) | X(SO_FEAT_DQUOTE_STRING) |    \
	X(SO_FEAT_ADJACENT_STRINGS) | X(SO_FEAT_DIGIT_NAMES) | X(SO_FEAT_HEX_NUMBERS) | X(SO_FEAT_BIT_NUMBERS) |       \
	X(SO_FEAT_VARIABLES) | X(SO_FEAT_PREFIX_B) | X(SO_FEAT_PREFIX_X) | X(SO_FEAT_PREFIX_N) |                       \
	X(SO_FEAT_NAMED_PARAMS) | X(SO_FEAT_COMPARE_CHAIN) | X(SO_FEAT_PIPES_OR) | X(SO_FEAT_AMP_AND) |                \
	X(SO_FEAT_XOR) | X(SO_FEAT_REGEXP_WORDS) | X(SO_FEAT_DIV_WORDS) | X(SO_FEAT_BANG) |                            \
	X(SO_FEAT_BINARY_PREFIX) | X(SO_FEAT_ASSIGN_EXPR) | X(SO_FEAT_ROW_BARE) | X(SO_FEAT_LIMIT) |                   \
	X(SO_FEAT_LIMIT_COMMA) | X(SO_FEAT_WITH_ROLLUP) | X(SO_FEAT_INDEX_HINTS) | X(SO_FEAT_HINT_COMMENTS) |          \
	X(SO_FEAT_STRAIGHT_JOIN) | X(SO_FEAT_PARTITION_NAMES) | X(SO_FEAT_STRING_ALIAS) | X(SO_FEAT_SELECT_INTO) |     \
	X(SO_FEAT_LOCKING) | X(SO_FEAT_ON_DUPLICATE_KEY) | X(SO_FEAT_REPLACE) | X(SO_FEAT_INSERT_SET) |                \
	X(SO_FEAT_MULTI_TABLE_DML) | X(SO_FEAT_DML_LIMIT) | X(SO_FEAT_INTO_BEHIND) | X(SO_FEAT_DELETE_ALIAS) | X(SO_FEAT_ROUTINES)
#define MYSQL(X)                                                                                                      \
	MY(X) | X(SO_FEAT_LATERAL) | X(SO_FEAT_MYSQL) | X(SO_FEAT_MYSQL_5) | X(SO_FEAT_OLD_REPLICATION) |              \
	X(SO_FEAT_GROUP_ORDER)
#define MARIADB(X)                                                                                                    \
	MY(X) | X(SO_FEAT_MARIADB_COMMENTS) | X(SO_FEAT_BACKSLASH_NULL) | X(SO_FEAT_RETURNING) | X(SO_FEAT_SYSTEM_TIME) | X(SO_FEAT_FETCH) |       \
	X(SO_FEAT_PROCEDURE_ANALYSE) | X(SO_FEAT_MARIADB) | X(SO_FEAT_MYSQL_5) | X(SO_FEAT_OLD_REPLICATION) |          \
	X(SO_FEAT_GROUP_ORDER)

static const struct so_feature_gate mysql_gates[] = {
	{ SO_FEAT_LATERAL, 80014, 0 },
	{ SO_FEAT_DELETE_ALIAS, 80016, 0 },
	{ SO_FEAT_MYSQL_5, 0, 80000 },
	{ SO_FEAT_GROUP_ORDER, 0, 80013 },
	{ SO_FEAT_OLD_REPLICATION, 0, 80400 },
	GATE_END,
};

static const struct so_feature_gate mariadb_gates[] = {
	{ SO_FEAT_RETURNING, 100005, 0 },
	{ SO_FEAT_SYSTEM_TIME, 100304, 0 },
	{ SO_FEAT_FETCH, 100600, 0 },
	{ SO_FEAT_DELETE_ALIAS, 110600, 0 },
	GATE_END,
};

static const struct so_operator my_operators[] = {
	{ "<=>", SO_OP_NULL_EQ }, { "->>", SO_OP_ARROW_TEXT },
	{ "<=", SO_OP_LE }, { ">=", SO_OP_GE }, { "<>", SO_OP_NE }, { "!=", SO_OP_NE }, { "<<", SO_OP_LSHIFT },
	{ ">>", SO_OP_RSHIFT }, { "||", SO_OP_CONCAT }, { "&&", SO_OP_AND }, { "->", SO_OP_ARROW },
	{ "/", SO_OP_DIV }, { "%", SO_OP_MOD }, { "&", SO_OP_BIT_AND }, { "|", SO_OP_BIT_OR }, { "^", SO_OP_BIT_XOR },
	{ "~", SO_OP_BIT_NOT }, { "!", SO_OP_BANG }, { "", 0 },
};

#define MY_TRAITS                                                                                                     \
	.name_case = SO_CASE_KEEP, .quote = '`', .operators = my_operators,                                           \
	.levels = { COMPARISONS(SO_LV_COMPARE), ARITHMETIC, [SO_OP_NULL_EQ] = SO_LV_COMPARE,                          \
		[SO_OP_CONCAT] = SO_LV_CONCAT, [SO_OP_BIT_OR] = SO_LV_BIT_OR, [SO_OP_BIT_AND] = SO_LV_BIT_AND,         \
		[SO_OP_LSHIFT] = SO_LV_SHIFT, [SO_OP_RSHIFT] = SO_LV_SHIFT, [SO_OP_BIT_XOR] = SO_LV_POW,               \
		[SO_OP_INT_DIV] = SO_LV_MUL, [SO_OP_ARROW] = SO_LV_CAST, [SO_OP_ARROW_TEXT] = SO_LV_CAST,              \
		[SO_OP_XOR] = SO_LV_XOR, [SO_OP_ASSIGN] = SO_LV_ASSIGN },                                                 \
	.prefix = { SIGNS, [SO_OP_BIT_NOT] = SO_LV_UNARY, [SO_OP_BANG] = SO_LV_UNARY },                                \
	.is_level = SO_LV_COMPARE, .like_level = SO_LV_LIKE,                                                           \
	.classes = { COMMON, ['`'] = SO_C_NAME_QUOTE, ['\\'] = SO_C_PLACEHOLDER, ['#'] = SO_C_LINE, ['@'] = SO_C_AT, ['$'] = SO_C_LETTER | W,    \
		['?'] = SO_C_PLACEHOLDER, ['{'] = SO_C_SELF, ['}'] = SO_C_SELF }

/* ---- SQLite ----------------------------------------------------------------------------------------------------- */

#define SQLITE(X)                                                                                                     \
	X(SO_FEAT_DQUOTE_EITHER) | X(SO_FEAT_FLAT_SETS) | X(SO_FEAT_IN_TABLE) | X(SO_FEAT_NO_QUANTIFIERS) | X(SO_FEAT_NO_TYPE_LITERAL) | X(SO_FEAT_TRIGGER_BODIES) |          \
	X(SO_FEAT_OPEN_COMMENTS) | X(SO_FEAT_EMPTY_NAMES) | X(SO_FEAT_HEX_NUMBERS) | X(SO_FEAT_UNDERSCORE_DIGITS) |    \
	X(SO_FEAT_NAMED_PARAMS) | X(SO_FEAT_AT_PARAMS) | X(SO_FEAT_PREFIX_X) | X(SO_FEAT_COMPARE_CHAIN) |              \
	X(SO_FEAT_GLOB) | X(SO_FEAT_IS_ANY) | X(SO_FEAT_ISNULL_WORDS) | X(SO_FEAT_ROW_BARE) | X(SO_FEAT_LIMIT) |       \
	X(SO_FEAT_LIMIT_COMMA) | X(SO_FEAT_INDEX_HINTS) | X(SO_FEAT_STRING_ALIAS) | X(SO_FEAT_NO_FROM_ALIAS) |         \
	X(SO_FEAT_ON_CONFLICT) | X(SO_FEAT_REPLACE) | X(SO_FEAT_RETURNING) | X(SO_FEAT_DML_LIMIT)

static const struct so_feature_gate sqlite_gates[] = {
	{ SO_FEAT_RETURNING, 33500, 0 },
	{ SO_FEAT_UNDERSCORE_DIGITS, 34600, 0 },
	GATE_END,
};

static const struct so_operator sqlite_operators[] = {
	{ "->>", SO_OP_ARROW_TEXT },
	{ "<=", SO_OP_LE }, { ">=", SO_OP_GE }, { "<>", SO_OP_NE }, { "!=", SO_OP_NE }, { "==", SO_OP_EQ },
	{ "<<", SO_OP_LSHIFT }, { ">>", SO_OP_RSHIFT }, { "||", SO_OP_CONCAT }, { "->", SO_OP_ARROW },
	{ "/", SO_OP_DIV }, { "%", SO_OP_MOD }, { "&", SO_OP_BIT_AND }, { "|", SO_OP_BIT_OR }, { "~", SO_OP_BIT_NOT },
	{ "", 0 },
};

/* ---- T-SQL ------------------------------------------------------------------------------------------------------ */

#define TSQL(X)                                                                                                       \
	X(SO_FEAT_DQUOTE_EITHER) | X(SO_FEAT_NESTED_COMMENTS) | X(SO_FEAT_EMPTY_NAMES) | X(SO_FEAT_SPLIT_OPERATORS) | X(SO_FEAT_NUMBER_THEN_NAME) | X(SO_FEAT_BRACKET_DOUBLING) |                       \
	X(SO_FEAT_HEX_NUMBERS) | X(SO_FEAT_MONEY) | X(SO_FEAT_VARIABLES) | X(SO_FEAT_PREFIX_N) |                       \
	X(SO_FEAT_AT_TIME_ZONE) | X(SO_FEAT_TOP) | X(SO_FEAT_FETCH) | X(SO_FEAT_APPLY) | X(SO_FEAT_PIVOT) |            \
	X(SO_FEAT_SYSTEM_TIME) | X(SO_FEAT_WITH_ROLLUP) | X(SO_FEAT_TABLE_HINTS) | X(SO_FEAT_QUERY_HINTS) |            \
	X(SO_FEAT_STRING_ALIAS) | X(SO_FEAT_ALIAS_EQUALS) | X(SO_FEAT_SELECT_VARIABLES) | X(SO_FEAT_SELECT_INTO) |     \
	X(SO_FEAT_FOR_XML) | X(SO_FEAT_OUTPUT) | X(SO_FEAT_MERGE) | X(SO_FEAT_BATCH)

static const struct so_feature_gate tsql_gates[] = { GATE_END };

static const struct so_operator tsql_operators[] = {
	{ "||=", SO_OP_OTHER },
	{ "<=", SO_OP_LE }, { ">=", SO_OP_GE }, { "<>", SO_OP_NE }, { "!=", SO_OP_NE }, { "!<", SO_OP_GE },
	{ "!>", SO_OP_LE }, { "<<", SO_OP_LSHIFT }, { ">>", SO_OP_RSHIFT }, { "||", SO_OP_CONCAT },
	{ "+=", SO_OP_OTHER }, { "-=", SO_OP_OTHER }, { "*=", SO_OP_OTHER }, { "/=", SO_OP_OTHER },
	{ "%=", SO_OP_OTHER }, { "&=", SO_OP_OTHER }, { "|=", SO_OP_OTHER }, { "^=", SO_OP_OTHER },
	{ "/", SO_OP_DIV }, { "%", SO_OP_MOD }, { "&", SO_OP_BIT_AND }, { "|", SO_OP_BIT_OR }, { "^", SO_OP_BIT_XOR },
	{ "~", SO_OP_BIT_NOT }, { "", 0 },
};

/* ---- Oracle ----------------------------------------------------------------------------------------------------- */

#define ORACLE(X)                                                                                                     \
	X(SO_FEAT_Q_STRING) | X(SO_FEAT_SPLIT_OPERATORS) | X(SO_FEAT_NUMBER_THEN_NAME) | X(SO_FEAT_NUMBER_SUFFIX) | X(SO_FEAT_NAMED_PARAMS) |       \
	X(SO_FEAT_PREFIX_N) | X(SO_FEAT_PRIOR) | X(SO_FEAT_OUTER_PLUS) | X(SO_FEAT_AT_TIME_ZONE) |                     \
	X(SO_FEAT_ROW_BARE) | X(SO_FEAT_FETCH) | X(SO_FEAT_LATERAL) | X(SO_FEAT_APPLY) | X(SO_FEAT_PIVOT) |            \
	X(SO_FEAT_CONNECT_BY) | X(SO_FEAT_MODEL) | X(SO_FEAT_MATCH_RECOGNIZE) | X(SO_FEAT_FLASHBACK) |                 \
	X(SO_FEAT_MINUS) | X(SO_FEAT_HINT_COMMENTS) | X(SO_FEAT_PARTITION_NAMES) | X(SO_FEAT_SELECT_INTO) |            \
	X(SO_FEAT_LOCKING) | X(SO_FEAT_NO_FROM_ALIAS) | X(SO_FEAT_INSERT_ALL) | X(SO_FEAT_RETURNING) | X(SO_FEAT_MERGE) |     \
	X(SO_FEAT_NO_ALIAS_AS) | X(SO_FEAT_ORACLE_DDL) | X(SO_FEAT_UNITS) | X(SO_FEAT_DELETE_FROM) |               \
	X(SO_FEAT_MERGE_PAREN) | X(SO_FEAT_RETURNING_INTO)

static const struct so_feature_gate oracle_gates[] = {
	{ SO_FEAT_APPLY, 120000, 0 },
	{ SO_FEAT_LATERAL, 120000, 0 },
	{ SO_FEAT_FETCH, 120000, 0 },
	{ SO_FEAT_MATCH_RECOGNIZE, 120000, 0 },
	GATE_END,
};

static const struct so_operator oracle_operators[] = {
	{ "<->", SO_OP_MULTISET }, { "<=>", SO_OP_MULTISET }, { "<#>", SO_OP_MULTISET }, { "<=", SO_OP_LE }, { ">=", SO_OP_GE }, { "<>", SO_OP_NE }, { "!=", SO_OP_NE }, { "^=", SO_OP_NE },
	{ "~=", SO_OP_NE }, { "||", SO_OP_CONCAT }, { "**", SO_OP_POW }, { "<<", SO_OP_OTHER }, { ">>", SO_OP_OTHER },
	{ "=>", SO_OP_MAX }, { "/", SO_OP_DIV }, { "%", SO_OP_MOD }, { "|", SO_OP_OTHER }, { "^", SO_OP_OTHER }, { "", 0 },
};
/* clang-format on */

static const struct so_feature_gate postgresql_gates[] = { GATE_END };

/* ---- The table -------------------------------------------------------------------------------------------------- */

/* clang-format off */
const struct so_dialect_traits so_dialects[SO_DIALECT_MAX] = {
	[SO_POSTGRESQL] = {
		.name = "postgresql", .name_case = SO_CASE_LOWER, .name_cut = 63, .quote = '"', .newest = 180000,
		.levels = { COMPARISONS(SO_LV_COMPARE), ARITHMETIC, [SO_OP_POW] = SO_LV_POW,
			[SO_OP_OTHER] = SO_LV_OPERATOR, [SO_OP_CONCAT ... SO_OP_NOT_REGEX_CI] = SO_LV_OPERATOR },
		.prefix = { SIGNS, [SO_OP_OTHER] = SO_LV_OPERATOR,
			[SO_OP_CONCAT ... SO_OP_NOT_REGEX_CI] = SO_LV_OPERATOR },
		.is_level = SO_LV_IS, .like_level = SO_LV_LIKE,
		.features = BOTH(POSTGRESQL), .gates = postgresql_gates,
		.classes = { COMMON, ['@'] = SO_C_OP, ['#'] = SO_C_OP, ['`'] = SO_C_OP, ['?'] = SO_C_OP,
			['$'] = SO_C_DOLLAR | W, ['['] = SO_C_SELF, [']'] = SO_C_SELF },
	},
	[SO_MYSQL] = { .name = "mysql", .newest = 90700, .features = BOTH(MYSQL), .gates = mysql_gates, MY_TRAITS },
	[SO_MARIADB] = { .name = "mariadb", .newest = 110800, .features = BOTH(MARIADB), .gates = mariadb_gates,
		MY_TRAITS },
	[SO_SQLITE] = {
		.name = "sqlite", .name_case = SO_CASE_KEEP, .quote = '"', .newest = 35000,
		.operators = sqlite_operators,
		.levels = { [SO_OP_EQ] = SO_LV_IS, [SO_OP_NE] = SO_LV_IS, [SO_OP_LT] = SO_LV_COMPARE,
			[SO_OP_LE] = SO_LV_COMPARE, [SO_OP_GT] = SO_LV_COMPARE, [SO_OP_GE] = SO_LV_COMPARE, ARITHMETIC,
			[SO_OP_BIT_AND] = SO_LV_BIT_AND, [SO_OP_BIT_OR] = SO_LV_BIT_AND, [SO_OP_LSHIFT] = SO_LV_BIT_AND,
			[SO_OP_RSHIFT] = SO_LV_BIT_AND, [SO_OP_CONCAT] = SO_LV_CONCAT, [SO_OP_ARROW] = SO_LV_CONCAT,
			[SO_OP_ARROW_TEXT] = SO_LV_CONCAT },
		.prefix = { SIGNS, [SO_OP_BIT_NOT] = SO_LV_UNARY },
		.is_level = SO_LV_IS, .like_level = SO_LV_IS,
		.features = BOTH(SQLITE), .gates = sqlite_gates,
		.classes = { COMMON, ['`'] = SO_C_NAME_QUOTE, ['['] = SO_C_NAME_QUOTE, ['@'] = SO_C_AT,
			['#'] = SO_C_AT, ['$'] = SO_C_DOLLAR | W, ['?'] = SO_C_PLACEHOLDER },
	},
	[SO_TSQL] = {
		.name = "tsql", .name_case = SO_CASE_KEEP, .quote = '[', .newest = 170000,
		.operators = tsql_operators,
		.levels = { COMPARISONS(SO_LV_COMPARE), ARITHMETIC, [SO_OP_BIT_AND] = SO_LV_ADD,
			[SO_OP_BIT_OR] = SO_LV_ADD, [SO_OP_BIT_XOR] = SO_LV_ADD, [SO_OP_CONCAT] = SO_LV_ADD,
			[SO_OP_LSHIFT] = SO_LV_ADD, [SO_OP_RSHIFT] = SO_LV_ADD },
		.prefix = { SIGNS, [SO_OP_BIT_NOT] = SO_LV_UNARY },
		.is_level = SO_LV_IS, .like_level = SO_LV_LIKE,
		.features = BOTH(TSQL), .gates = tsql_gates,
		.classes = { COMMON, ['['] = SO_C_NAME_QUOTE, ['#'] = SO_C_LETTER | W, ['@'] = SO_C_AT | W,
			['$'] = SO_C_DOLLAR | W, ['?'] = SO_C_PLACEHOLDER, ['{'] = SO_C_SELF, ['}'] = SO_C_SELF },
	},
	[SO_ORACLE] = {
		.name = "oracle", .name_case = SO_CASE_UPPER, .quote = '"', .newest = 230000,
		.operators = oracle_operators,
		.levels = { COMPARISONS(SO_LV_COMPARE), ARITHMETIC, [SO_OP_CONCAT] = SO_LV_ADD, [SO_OP_POW] = SO_LV_POW,
			[SO_OP_MULTISET] = SO_LV_ADD, [SO_OP_MEMBER] = SO_LV_LIKE },
		.prefix = { SIGNS, [SO_OP_PRIOR] = SO_LV_UNARY },
		.is_level = SO_LV_IS, .like_level = SO_LV_LIKE,
		.features = BOTH(ORACLE), .gates = oracle_gates,
		.classes = { COMMON, ['@'] = SO_C_AT, ['$'] = SO_C_DOLLAR | W, ['#'] = SO_C_OP | W,
			['?'] = SO_C_PLACEHOLDER, ['['] = SO_C_SELF, [']'] = SO_C_SELF, ['{'] = SO_C_SELF,
			['}'] = SO_C_SELF },
	},
};
/* clang-format on */

enum so_dialect so_dialect_named(const char *name)
{
	for (int i = 0; i < SO_DIALECT_MAX; i++)
		if (strcmp(so_dialects[i].name, name) == 0)
			return (enum so_dialect)i;
	so_assert(!"an engine names a dialect that sql/ does not have");
	return SO_POSTGRESQL;
}

static void clear(struct so_features *features, enum so_feature feature)
{
	features->bits[feature >> 6] &= ~(UINT64_C(1) << (feature & 63));
}

struct so_features so_dialect_features(enum so_dialect dialect, uint32_t version, unsigned modes)
{
	const struct so_dialect_traits *traits = &so_dialects[dialect];
	struct so_features features = traits->features;

	if (modes & SO_MODE_ANSI_QUOTES)
		clear(&features, SO_FEAT_DQUOTE_STRING);
	if (modes & SO_MODE_PIPES_AS_CONCAT)
		clear(&features, SO_FEAT_PIPES_OR);
	if (modes & SO_MODE_NO_BACKSLASH_ESCAPES)
		clear(&features, SO_FEAT_BACKSLASH);
	if (!version)
		version = traits->newest;
	for (const struct so_feature_gate *gate = traits->gates; gate->feature != SO_FEAT_MAX; gate++)
		if (version < gate->since || (gate->until && version >= gate->until))
			clear(&features, (enum so_feature)gate->feature);
	return features;
}
