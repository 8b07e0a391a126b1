/* What differs between the dialects, as data: the lexer and the shared rules of the parser and printer ask here, never
 * for a dialect's name. Rules that only one dialect has live in parse_<dialect>.c (internal to sql/). */
#ifndef SO_SQL_DIALECT_H
#define SO_SQL_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "sql/node.h"

/* ---- Characters ------------------------------------------------------------------------------------------------- */

enum so_char_class {
	SO_C_BAD,
	SO_C_SPACE,
	SO_C_LETTER, /* begins a word */
	SO_C_DIGIT,
	SO_C_OP,
	SO_C_QUOTE, /* string */
	SO_C_DQUOTE, /* name or string */
	SO_C_NAME_QUOTE, /* ` or [ around a name */
	SO_C_DOLLAR,
	SO_C_DOT,
	SO_C_COLON,
	SO_C_SELF, /* a token of its own */
	SO_C_LINE, /* begins a comment up to the end of the line */
	SO_C_AT, /* variables */
	SO_C_PLACEHOLDER, /* ? */
	SO_C_END
};

#define SO_C_MASK    0x1Fu
#define SO_C_IN_WORD 0x80u /* may stand inside a word */

/* ---- Features --------------------------------------------------------------------------------------------------- */

/* One of them for each piece of grammar that some dialects have and others have not. Ask has(p, SO_FEAT_x) in rules. */
enum so_feature {
	/* lexer */
	SO_FEAT_PG_OPERATORS, /* operators of any length, made by users; else the dialect's own list */
	SO_FEAT_NESTED_COMMENTS,
	SO_FEAT_OPEN_COMMENTS, /* a comment may end with the text */
	SO_FEAT_DASH_SPACE, /* -- begins a comment only in front of white space */
	SO_FEAT_CONDITIONAL_COMMENTS, /* what stands in the version comments is read */
	SO_FEAT_MARIADB_COMMENTS, /* and their kind that only MariaDB reads */
	SO_FEAT_BACKSLASH, /* escapes in all strings */
	SO_FEAT_DQUOTE_STRING, /* "..." is a string */
	SO_FEAT_ADJACENT_STRINGS, /* 'a' 'b' is one string */
	SO_FEAT_Q_STRING, /* q'[..]' */
	SO_FEAT_DIGIT_NAMES, /* a name may begin with digits */
	SO_FEAT_NUMBER_THEN_NAME, /* 1a is a number with the alias a */
	SO_FEAT_NUMBER_SUFFIX, /* 1d, 1f */
	SO_FEAT_SPLIT_OPERATORS, /* > = is >= */
	SO_FEAT_BACKSLASH_NULL, /* \N */
	SO_FEAT_EMPTY_NAMES, /* "" */
	SO_FEAT_BRACKET_DOUBLING, /* ]] inside [..] */
	SO_FEAT_HEX_NUMBERS, /* 0x.. */
	SO_FEAT_BIT_NUMBERS, /* 0b.. */
	SO_FEAT_UNDERSCORE_DIGITS, /* 1_000 */
	SO_FEAT_MONEY, /* $1.50 */
	SO_FEAT_NAMED_PARAMS, /* :name */
	SO_FEAT_AT_PARAMS, /* @name is a placeholder, not a variable */
	SO_FEAT_VARIABLES, /* @name, @@name */
	SO_FEAT_PREFIX_E, /* E'..' */
	SO_FEAT_PREFIX_U, /* U&'..' */
	SO_FEAT_PREFIX_B,
	SO_FEAT_PREFIX_X,
	SO_FEAT_PREFIX_N,
	/* expressions */
	SO_FEAT_CAST_COLONS, /* x::type */
	SO_FEAT_SUBSCRIPTS, /* x[1] */
	SO_FEAT_OPERATOR_CALL, /* OPERATOR(schema.+) */
	SO_FEAT_TYPE_LITERAL, /* any type name in front of a string */
	SO_FEAT_COMPARE_CHAIN, /* a = b = c */
	SO_FEAT_PIPES_OR, /* || is OR */
	SO_FEAT_AMP_AND, /* && is AND */
	SO_FEAT_XOR,
	SO_FEAT_REGEXP_WORDS, /* REGEXP, RLIKE */
	SO_FEAT_GLOB, /* GLOB, MATCH, REGEXP as operators */
	SO_FEAT_DIV_WORDS, /* DIV, MOD */
	SO_FEAT_BANG, /* ! is NOT */
	SO_FEAT_BINARY_PREFIX, /* BINARY x */
	SO_FEAT_IS_ANY, /* a IS b */
	SO_FEAT_ISNULL_WORDS, /* x ISNULL, x NOTNULL, x NOT NULL */
	SO_FEAT_ASSIGN_EXPR, /* @a := 1 */
	SO_FEAT_PRIOR, /* PRIOR x, CONNECT_BY_ROOT x */
	SO_FEAT_OUTER_PLUS, /* x(+) */
	SO_FEAT_AT_TIME_ZONE,
	SO_FEAT_ROW_BARE, /* (a, b) is a row */
	/* queries */
	SO_FEAT_LIMIT, /* LIMIT n */
	SO_FEAT_LIMIT_COMMA, /* LIMIT offset, n */
	SO_FEAT_TOP,
	SO_FEAT_FETCH,
	SO_FEAT_DISTINCT_ON,
	SO_FEAT_LATERAL,
	SO_FEAT_APPLY,
	SO_FEAT_PIVOT,
	SO_FEAT_CONNECT_BY,
	SO_FEAT_MODEL,
	SO_FEAT_MATCH_RECOGNIZE,
	SO_FEAT_FLASHBACK, /* AS OF, VERSIONS BETWEEN */
	SO_FEAT_SYSTEM_TIME, /* FOR SYSTEM_TIME */
	SO_FEAT_WITH_ROLLUP,
	SO_FEAT_MINUS, /* MINUS for EXCEPT */
	SO_FEAT_INDEX_HINTS, /* USE INDEX, FORCE INDEX, INDEXED BY */
	SO_FEAT_TABLE_HINTS, /* WITH (NOLOCK) */
	SO_FEAT_QUERY_HINTS, /* OPTION (..) */
	SO_FEAT_HINT_COMMENTS, /* optimizer hints in comments after the verb */
	SO_FEAT_STRAIGHT_JOIN,
	SO_FEAT_PARTITION_NAMES, /* t PARTITION (p0) */
	SO_FEAT_STRING_ALIAS, /* SELECT 1 'label' */
	SO_FEAT_ALIAS_EQUALS, /* SELECT label = 1 */
	SO_FEAT_SELECT_VARIABLES, /* SELECT @a = 1 */
	SO_FEAT_SELECT_INTO,
	SO_FEAT_FOR_XML,
	SO_FEAT_LOCKING, /* FOR UPDATE */
	SO_FEAT_NO_FROM_ALIAS, /* derived tables need no alias */
	SO_FEAT_EMPTY_SELECT, /* SELECT without columns */
	SO_FEAT_PROCEDURE_ANALYSE,
	SO_FEAT_INTO_BEHIND, /* INTO, LOCK IN SHARE MODE behind the query */
	SO_FEAT_DELETE_ALIAS, /* DELETE FROM t AS a */
	/* data changes */
	SO_FEAT_ON_CONFLICT,
	SO_FEAT_ON_DUPLICATE_KEY,
	SO_FEAT_REPLACE,
	SO_FEAT_INSERT_SET,
	SO_FEAT_INSERT_ALL,
	SO_FEAT_RETURNING,
	SO_FEAT_OUTPUT,
	SO_FEAT_MERGE,
	SO_FEAT_MULTI_TABLE_DML,
	SO_FEAT_DML_LIMIT,
	SO_FEAT_DELETE_FROM, /* further tables of DELETE stand behind a second FROM */
	SO_FEAT_MERGE_PAREN, /* the condition of MERGE stands in parentheses */
	SO_FEAT_RETURNING_INTO, /* RETURNING x INTO v, and clauses behind it */
	/* statements */
	SO_FEAT_BATCH, /* statements need no semicolon between them */
	SO_FEAT_FLAT_SETS, /* set operations bind alike and take no parentheses */
	SO_FEAT_IN_TABLE, /* x IN t, x IN () */
	SO_FEAT_NO_QUANTIFIERS, /* = ANY (..) is none */
	SO_FEAT_UNITS, /* units of PL/SQL hold semicolons, and a slash on a line of its own ends them */
	SO_FEAT_ROUTINES, /* bodies of routines hold semicolons, and the client knows DELIMITER */
	SO_FEAT_TRIGGER_BODIES, /* CREATE TRIGGER .. BEGIN statements; END */
	SO_FEAT_NO_TYPE_LITERAL, /* date '..' is a name with an alias */
	SO_FEAT_LABEL_RESERVED, /* even reserved words are labels, also without AS */
	SO_FEAT_MARIADB, /* what MariaDB alone has; asked for by forms */
	SO_FEAT_MYSQL, /* what MySQL alone has */
	SO_FEAT_MYSQL_5, /* accounts, EXPLAIN and caches as MySQL had them until 8.0, and MariaDB has them */
	SO_FEAT_OLD_REPLICATION, /* MASTER and SLAVE in statements about replication */
	SO_FEAT_GROUP_ORDER, /* GROUP BY a DESC */
	/* printing */
	SO_FEAT_NO_ALIAS_AS, /* aliases of tables stand without AS */
	SO_FEAT_ORACLE_DDL, /* statements that define objects are written as Oracle does */
	SO_FEAT_DQUOTE_EITHER, /* "x" is a name, or a string where nothing has that name */
	SO_FEAT_MAX
};

/* A feature that came with a version, or went with one. */
struct so_feature_gate {
	uint8_t feature;
	uint32_t since; /* 0: always */
	uint32_t until; /* first version without it; 0: none */
};

struct so_features {
	uint64_t bits[2];
};

_Static_assert(SO_FEAT_MAX <= 128, "struct so_features is full");

static inline bool so_features_have(const struct so_features *features, enum so_feature feature)
{
	return features->bits[feature >> 6] >> (feature & 63) & 1;
}

/* ---- Binding levels --------------------------------------------------------------------------------------------- */

/* Weakest first; parser and printer share them. A dialect uses those that it needs. */
enum so_level {
	SO_LV_ANY,
	SO_LV_ASSIGN,
	SO_LV_OR,
	SO_LV_XOR,
	SO_LV_AND,
	SO_LV_NOT,
	SO_LV_IS,
	SO_LV_COMPARE,
	SO_LV_LIKE,
	SO_LV_LIKE_RIGHT,
	SO_LV_OPERATOR,
	SO_LV_BIT_OR,
	SO_LV_BIT_AND,
	SO_LV_SHIFT,
	SO_LV_ADD,
	SO_LV_MUL,
	SO_LV_POW,
	SO_LV_CONCAT,
	SO_LV_AT,
	SO_LV_COLLATE,
	SO_LV_UNARY,
	SO_LV_CAST,
	SO_LV_PRIMARY
};

/* ---- The traits ------------------------------------------------------------------------------------------------- */

enum so_name_case { SO_CASE_LOWER, SO_CASE_UPPER, SO_CASE_KEEP };

struct so_operator {
	char symbol[4];
	uint8_t op; /* enum so_op; SO_OP_MAX: the token => */
};

struct so_dialect_traits {
	const char *name;
	uint8_t classes[256]; /* enum so_char_class, with SO_C_IN_WORD */
	enum so_name_case name_case;
	uint32_t name_cut; /* longer names are cut to so many bytes; 0: never */
	char quote; /* opens a quoted name when we print one */
	uint32_t newest; /* version that 0 stands for */
	const struct so_operator *operators; /* longest first; NULL with SO_FEAT_PG_OPERATORS */
	uint8_t levels[SO_OP_MAX]; /* enum so_level of binary operators; SO_LV_ANY: is none */
	uint8_t prefix[SO_OP_MAX]; /* enum so_level of what a prefix operator takes; SO_LV_ANY: is none */
	uint8_t is_level; /* IS .. */
	uint8_t like_level; /* LIKE, IN, BETWEEN */
	struct so_features features;
	const struct so_feature_gate *gates; /* ends with SO_FEAT_MAX; they take features away */
};

/* Indexed by enum so_dialect. */
extern const struct so_dialect_traits so_dialects[SO_DIALECT_MAX];

/* By the name that the traits have; a name that none has is a mistake of ours. */
enum so_dialect so_dialect_named(const char *name);

/* Settings of the session that change the grammar; options.modes. */
#define SO_MODE_ANSI_QUOTES          1u
#define SO_MODE_PIPES_AS_CONCAT      2u
#define SO_MODE_NO_BACKSLASH_ESCAPES 4u

/* What a dialect can do in a version (0: the newest) under these settings. */
struct so_features so_dialect_features(enum so_dialect dialect, uint32_t version, unsigned modes);

#endif
