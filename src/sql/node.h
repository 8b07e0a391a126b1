/* The kinds of nodes of struct so_ast and what each holds. See sql/ast.h for how to read them. */
#ifndef SO_SQL_NODE_H
#define SO_SQL_NODE_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t so_ref;

#define SO_REF_NONE 0u
#define SO_TOK_NONE UINT32_MAX

/* The grammar, not the product that a user picked (a MariaDB registered as "mysql" is SO_MARIADB). */
enum so_dialect { SO_POSTGRESQL, SO_MYSQL, SO_MARIADB, SO_TSQL, SO_ORACLE, SO_SQLITE, SO_DIALECT_MAX };

/* ---- Pieces of nodes -------------------------------------------------------------------------------------------- */

/* Bytes inside the arena (often inside the statement's own text), not NUL-terminated. off 0 = absent. */
struct so_str {
	so_ref off;
	uint32_t len;
};

/* An identifier, decoded: quotes removed, unquoted ones folded by the dialect's rule, so that byte equality is name
 * equality. len 0 = absent. */
struct so_name {
	so_ref off;
	uint32_t len : 31;
	uint32_t quoted : 1; /* was written in quotes */
};

/* `count` refs, contiguous at arena offset `items`. */
struct so_list {
	so_ref items;
	uint32_t count;
};

/* A string as C code wants it. Never NUL-terminated: print with "%.*s", (int)t.len, t.s. */
struct so_text {
	const char *s;
	size_t len;
};

/* One token of a source text. */
struct so_token {
	so_ref off; /* arena offset of its first byte */
	uint32_t len;
	uint16_t kind; /* enum so_tok, sql/lex.h */
	uint16_t kw; /* keyword number for words, operator number for operators, else 0 */
};

/* Header of every node. */
struct so_node {
	uint8_t kind; /* enum so_node_kind */
	uint8_t parens; /* pairs of parentheses directly around the node, in the text */
	uint16_t flags; /* SO_NF_* */
	uint32_t span; /* its tokens: so_node_first() and so_node_last() of sql/ast.h read it */
};

/* Many kinds have fields that nearly no statement uses. They lie in a block of their own, which is made when one of
 * them is set: struct so_rare_table for struct so_n_table. so_rare_table(ast, table)->hints reads one, whether there
 * is a block or not; so_set_rare(ast, table, node, hints, list) and so_need_table(ast, node)->hints write. The member
 * `rare` is for these functions only. */
#define SO_RARE_KINDS(X)                                                                                               \
	X(SELECT, select)                                                                                              \
	X(SETOP, setop)                                                                                                \
	X(VALUES, values)                                                                                              \
	X(TABLE, table)                                                                                                \
	X(CONSTRAINT, constraint)                                                                                      \
	X(COLUMN_DEF, column_def)                                                                                      \
	X(CREATE_TABLE, create_table)

/* What nodes of these kinds begin with. */
struct so_node_with_rare {
	struct so_node hdr;
	so_ref rare; /* the block, 0: none of its fields is set */
};

/* Flags. Which kinds use a flag stands at the kind. */
#define SO_NF_NOT        0x0001u /* IS NOT, NOT IN, NOT LIKE, NOT BETWEEN */
#define SO_NF_PAREN      0x0002u /* parens > 0: style only, ignored when comparing */
#define SO_NF_DISTINCT   0x0004u /* SELECT DISTINCT, count(DISTINCT x) */
#define SO_NF_ALL        0x0008u /* UNION ALL; LIMIT ALL; EXPLAIN ANALYZE */
#define SO_NF_STAR       0x0010u /* count(*), (row).* */
#define SO_NF_VARIADIC   0x0020u /* last argument is VARIADIC */
#define SO_NF_LATERAL    0x0040u
#define SO_NF_ONLY       0x0080u /* FROM ONLY t */
#define SO_NF_NATURAL    0x0100u
#define SO_NF_SYMMETRIC  0x0200u
#define SO_NF_PERCENT    0x0200u /* query: FETCH FIRST n PERCENT */
#define SO_NF_SIBLINGS   0x0040u /* query: ORDER SIBLINGS BY */
#define SO_NF_OUTER      0x0040u /* column: x(+) */
#define SO_NF_DQUOTED    0x0080u /* column "x" of SQLite or T-SQL, which may be a string; ignored when comparing */
#define SO_NF_ESCAPE     0x0080u /* function, cast: {fn f(x)} */
#define SO_NF_RECURSIVE  0x0400u
#define SO_NF_WITHIN     0x0800u /* order_by of a function is WITHIN GROUP */
#define SO_NF_ORDINALITY 0x1000u
#define SO_NF_WITH_TIES  0x1000u /* query: FETCH FIRST .. WITH TIES */
#define SO_NF_TABLE_CMD  0x2000u /* SELECT that was written TABLE t */
#define SO_NF_ROWS_FROM  0x2000u
#define SO_NF_GROUP_DIST 0x4000u /* GROUP BY DISTINCT */
#define SO_NF_SETOF      0x4000u
#define SO_NF_TRUNCATED  0x8000u /* lenient parse: the text ended inside this node */

/* ---- Kinds ------------------------------------------------------------------------------------------------------ */

/* X(UPPER, lower): enum SO_N_<UPPER>, struct so_n_<lower>, getter so_as_<lower>(ast, ref). */
#define SO_NODE_KINDS_BASE(X)                                                                                          \
	X(NAME, name)                                                                                                  \
	/* expressions */                                                                                              \
	X(COLUMN, column)                                                                                              \
	X(STAR, star)                                                                                                  \
	X(CONST, const)                                                                                                \
	X(PARAM, param)                                                                                                \
	X(OP, op)                                                                                                      \
	X(BOOL, bool)                                                                                                  \
	X(NOT, not )                                                                                                   \
	X(IS, is)                                                                                                      \
	X(BETWEEN, between)                                                                                            \
	X(IN, in)                                                                                                      \
	X(LIKE, like)                                                                                                  \
	X(QUANT, quant)                                                                                                \
	X(EXISTS, exists)                                                                                              \
	X(SUBQUERY, subquery)                                                                                          \
	X(CASE, case)                                                                                                  \
	X(WHEN, when)                                                                                                  \
	X(CAST, cast)                                                                                                  \
	X(TYPE, type)                                                                                                  \
	X(FUNC, func)                                                                                                  \
	X(NAMED_ARG, named_arg)                                                                                        \
	X(WINDOW, window)                                                                                              \
	X(SORT, sort)                                                                                                  \
	X(ROW, row)                                                                                                    \
	X(ARRAY, array)                                                                                                \
	X(SUBSCRIPT, subscript)                                                                                        \
	X(FIELD, field)                                                                                                \
	X(COLLATE, collate)                                                                                            \
	X(DEFAULT, default)                                                                                            \
	X(CURRENT_OF, current_of)                                                                                      \
	X(GROUPING, grouping)                                                                                          \
	X(PLANREF, planref)                                                                                            \
	X(MISSING, missing)                                                                                            \
	/* queries */                                                                                                  \
	X(SELECT, select)                                                                                              \
	X(SETOP, setop)                                                                                                \
	X(VALUES, values)                                                                                              \
	X(WITH, with)                                                                                                  \
	X(CTE, cte)                                                                                                    \
	X(SEARCH, search)                                                                                              \
	X(CYCLE, cycle)                                                                                                \
	X(TARGET, target)                                                                                              \
	X(INTO, into)                                                                                                  \
	X(LOCKING, locking)                                                                                            \
	/* items of FROM */                                                                                            \
	X(TABLE, table)                                                                                                \
	X(FROM_QUERY, from_query)                                                                                      \
	X(FROM_FUNC, from_func)                                                                                        \
	X(FROM_XML, from_xml)                                                                                          \
	X(JOIN, join)                                                                                                  \
	X(ALIAS, alias)                                                                                                \
	X(COLDEF, coldef)                                                                                              \
	X(SAMPLE, sample)                                                                                              \
	X(TEMPORAL, temporal)                                                                                          \
	X(PIVOT, pivot)                                                                                                \
	/* statements that change data, and all others */                                                              \
	X(INSERT, insert)                                                                                              \
	X(ON_CONFLICT, on_conflict)                                                                                    \
	X(INDEX_ELEM, index_elem)                                                                                      \
	X(UPDATE, update)                                                                                              \
	X(ASSIGN, assign)                                                                                              \
	X(DELETE, delete)                                                                                              \
	X(MERGE, merge)                                                                                                \
	X(MERGE_WHEN, merge_when)                                                                                      \
	X(OUTPUT, output)                                                                                              \
	X(OPAQUE, opaque)                                                                                              \
	X(BLOCK, block)                                                                                                \
	/* clauses of single dialects */                                                                               \
	X(WORD, word)                                                                                                  \
	X(PHRASE, phrase)                                                                                              \
	X(HIERARCHY, hierarchy)                                                                                        \
	X(FROM_CLAUSE, from_clause)                                                                                    \
	X(INSERT_ALL, insert_all)

/* Of statements that define objects. */
#define SO_NODE_KINDS_DDL(X)                                                                                           \
	X(OPTION, option)                                                                                              \
	X(COLUMN_DEF, column_def)                                                                                      \
	X(CONSTRAINT, constraint)                                                                                      \
	X(TABLE_LIKE, table_like)                                                                                      \
	X(PARTITION_BY, partition_by)                                                                                  \
	X(PARTITION_BOUND, partition_bound)                                                                            \
	X(PARTITION_DEF, partition_def)                                                                                \
	X(CREATE_TABLE, create_table)                                                                                  \
	X(CREATE_INDEX, create_index)                                                                                  \
	X(CREATE_VIEW, create_view)                                                                                    \
	X(CREATE_SEQUENCE, create_sequence)                                                                            \
	X(CREATE_TYPE, create_type)                                                                                    \
	X(CREATE_DOMAIN, create_domain)                                                                                \
	X(CREATE_SCHEMA, create_schema)                                                                                \
	X(CREATE_STATISTICS, create_statistics)                                                                        \
	X(ALTER, alter)                                                                                                \
	X(ALTER_ACTION, alter_action)                                                                                  \
	X(DROP, drop)                                                                                                  \
	X(TRUNCATE, truncate)                                                                                          \
	X(COMMENT, comment)

#define SO_NODE_KINDS(X) SO_NODE_KINDS_BASE(X) SO_NODE_KINDS_DDL(X)

#define SO_NODE_ENUM(upper, lower) SO_N_##upper,
enum so_node_kind { SO_N_NONE, SO_NODE_KINDS(SO_NODE_ENUM) SO_N_MAX };
#undef SO_NODE_ENUM

/* A qualified name where no other kind fits: the table of `a.b.c` (name b, qualifier a), a column in USING, a
 * collation, a locked relation. `qualifier` is another NAME: schema.table has name "table" qualifier "schema". */
struct so_n_name {
	struct so_node hdr;
	struct so_name name;
	so_ref qualifier;
};

/* ---- Expressions ------------------------------------------------------------------------------------------------ */

/* a, t.a, s.t.a: qualifier is a NAME (the relation as written) or none. */
struct so_n_column {
	struct so_node hdr;
	struct so_name name;
	so_ref qualifier;
};

/* * or t.* in a select list, RETURNING, or row expression. count(*) is FUNC with SO_NF_STAR. */
struct so_n_star {
	struct so_node hdr;
	so_ref qualifier;
};

enum so_const_type {
	SO_C_NULL,
	SO_C_TRUE,
	SO_C_FALSE,
	SO_C_INT, /* digits only, any size; also hexadecimal, octal, binary forms */
	SO_C_FLOAT, /* has a point or an exponent: numeric in PostgreSQL */
	SO_C_STRING, /* any quoting: value is decoded */
	SO_C_BITS, /* B'..' */
	SO_C_HEX, /* X'..' */
	SO_C_NSTRING /* N'..' where it is a type of its own (not PostgreSQL) */
};

/* A literal. A minus sign before a number belongs to it (value "-1"), as in PostgreSQL's own parser. How it was written
 * (prefix, quotes and all) is in the source only: so_ast_source_of(). */
struct so_n_const {
	struct so_node hdr;
	uint32_t type; /* enum so_const_type */
	struct so_str
		value; /* decoded: string content, number text without underscores; absent for NULL, TRUE, FALSE */
};

/* $1, and in other dialects ?, :name, @name. */
struct so_n_param {
	struct so_node hdr;
	uint32_t number; /* n of $n, else 0 */
	struct so_name name; /* of a named parameter */
};

/* Operators whose meaning code asks for. SO_OP_OTHER: look at the name. */
enum so_op {
	SO_OP_OTHER,
	SO_OP_EQ,
	SO_OP_NE,
	SO_OP_LT,
	SO_OP_LE,
	SO_OP_GT,
	SO_OP_GE,
	SO_OP_ADD, /* also unary plus: left is absent */
	SO_OP_SUB, /* also unary minus */
	SO_OP_MUL,
	SO_OP_DIV,
	SO_OP_MOD,
	SO_OP_POW,
	SO_OP_CONCAT, /* || */
	SO_OP_ARROW, /* -> */
	SO_OP_ARROW_TEXT, /* ->> */
	SO_OP_PATH, /* #> */
	SO_OP_PATH_TEXT, /* #>> */
	SO_OP_CONTAINS, /* @> */
	SO_OP_CONTAINED, /* <@ */
	SO_OP_OVERLAP, /* && */
	SO_OP_EXISTS_KEY, /* ? */
	SO_OP_EXISTS_ANY, /* ?| */
	SO_OP_EXISTS_ALL, /* ?& */
	SO_OP_TS_MATCH, /* @@ */
	SO_OP_DISTANCE, /* <-> */
	SO_OP_LIKE, /* ~~, as EXPLAIN prints LIKE */
	SO_OP_NOT_LIKE, /* !~~ */
	SO_OP_ILIKE, /* ~~* */
	SO_OP_NOT_ILIKE, /* !~~* */
	SO_OP_REGEX, /* ~ */
	SO_OP_NOT_REGEX, /* !~ */
	SO_OP_REGEX_CI, /* ~* */
	SO_OP_NOT_REGEX_CI, /* !~* */
	/* not in PostgreSQL, where they are SO_OP_OTHER */
	SO_OP_NULL_EQ, /* <=> */
	SO_OP_BIT_AND,
	SO_OP_BIT_OR,
	SO_OP_BIT_XOR,
	SO_OP_BIT_NOT, /* ~ in front */
	SO_OP_LSHIFT,
	SO_OP_RSHIFT,
	SO_OP_INT_DIV, /* DIV */
	SO_OP_AND, /* &&, a token only: the tree has BOOL */
	SO_OP_XOR,
	SO_OP_BANG, /* ! in front */
	SO_OP_ASSIGN, /* := */
	SO_OP_MULTISET, /* MULTISET UNION and so on: the name has the words */
	SO_OP_MEMBER, /* MEMBER OF, SUBMULTISET OF; also their negations */
	SO_OP_PRIOR, /* PRIOR, CONNECT_BY_ROOT, FINAL, RUNNING, NEW in front */
	SO_OP_MAX
};

/* Binary or prefix operator (left absent). `<>` and `!=` both have the name "<>". */
struct so_n_op {
	struct so_node hdr;
	uint32_t op; /* enum so_op */
	struct so_name name; /* the symbol */
	so_ref schema; /* NAME: OPERATOR(pg_catalog.+), else none */
	so_ref left;
	so_ref right;
};

enum so_bool_op { SO_AND, SO_OR };

/* AND or OR over two or more arguments; a chain at one level is one node. */
struct so_n_bool {
	struct so_node hdr;
	uint32_t op; /* enum so_bool_op */
	struct so_list args;
};

struct so_n_not {
	struct so_node hdr;
	so_ref arg;
};

enum so_is_test {
	SO_IS_NULL, /* also ISNULL, NOTNULL */
	SO_IS_TRUE,
	SO_IS_FALSE,
	SO_IS_UNKNOWN,
	SO_IS_DISTINCT, /* arg IS DISTINCT FROM right; with SO_NF_NOT: null-safe equality */
	SO_IS_DOCUMENT,
	SO_IS_NORMALIZED, /* form: NFC ... */
	SO_IS_WORDS, /* form: the words of a dialect (NAN, A SET, OF TYPE); right: what follows them */
	SO_IS_JSON /* form: VALUE, ARRAY, OBJECT, SCALAR; SO_NF_DISTINCT: WITH UNIQUE KEYS */
};

/* arg IS [NOT] test (SO_NF_NOT). */
struct so_n_is {
	struct so_node hdr;
	uint32_t test; /* enum so_is_test */
	so_ref arg;
	so_ref right;
	struct so_name form;
};

/* SO_NF_NOT, SO_NF_SYMMETRIC */
struct so_n_between {
	struct so_node hdr;
	so_ref arg;
	so_ref low;
	so_ref high;
};

/* arg [NOT] IN (items) or (query): exactly one of `items` and `query` is there. */
struct so_n_in {
	struct so_node hdr;
	so_ref arg;
	struct so_list items;
	so_ref query;
};

enum so_like_op {
	SO_LIKE,
	SO_ILIKE,
	SO_SIMILAR,
	SO_REGEXP,
	SO_GLOB,
	SO_MATCH,
	SO_LIKEC,
	SO_LIKE2,
	SO_LIKE4,
	SO_SOUNDS
};

/* arg [NOT] LIKE pattern [ESCAPE escape]. EXPLAIN prints ~~ instead: so_ast_like() reads both. */
struct so_n_like {
	struct so_node hdr;
	uint32_t op; /* enum so_like_op */
	so_ref arg;
	so_ref pattern;
	so_ref escape;
};

enum so_quantifier { SO_ANY, SO_ALL };

/* left op ANY|ALL (right): exactly one of `array` (an expression) and `query`. For `x LIKE ANY (..)` op is
 * SO_OP_LIKE and the name "~~". */
struct so_n_quant {
	struct so_node hdr;
	uint32_t op; /* enum so_op */
	struct so_name name;
	so_ref schema;
	uint32_t quantifier; /* enum so_quantifier */
	so_ref left;
	so_ref array;
	so_ref query;
};

struct so_n_exists {
	struct so_node hdr;
	so_ref query;
};

enum so_subquery_type { SO_SUBQUERY_SCALAR, SO_SUBQUERY_ARRAY /* ARRAY(SELECT ..) */ };

/* A query in parentheses used as a value. */
struct so_n_subquery {
	struct so_node hdr;
	uint32_t type; /* enum so_subquery_type */
	so_ref query;
};

struct so_n_case {
	struct so_node hdr;
	so_ref arg; /* CASE arg WHEN ..: or none */
	struct so_list whens; /* WHEN */
	so_ref otherwise; /* ELSE, or none */
};

struct so_n_when {
	struct so_node hdr;
	so_ref cond; /* condition, or the value that arg is compared with */
	so_ref result;
};

enum so_cast_style {
	SO_CAST_FUNC,
	SO_CAST_COLON,
	SO_CAST_LITERAL, /* date '2024-01-01' */
	SO_CAST_CONVERT, /* CONVERT(type, arg, format) */
	SO_CAST_PARSE, /* PARSE(arg AS type USING format) */
	SO_CAST_ESCAPE /* {ts '2024-01-01'} */
};

/* `style` is ignored when comparing. SO_NF_ALL: TRY_CAST, TRY_CONVERT, TRY_PARSE, NULL where it cannot be converted. */
struct so_n_cast {
	struct so_node hdr;
	uint32_t style; /* enum so_cast_style */
	so_ref arg;
	so_ref type;
	so_ref format; /* style of CONVERT, culture of PARSE, or none */
};

/* Types of INTERVAL fields: bits, as in `interval day to second`. */
#define SO_INTERVAL_YEAR   0x01u
#define SO_INTERVAL_MONTH  0x02u
#define SO_INTERVAL_DAY    0x04u
#define SO_INTERVAL_HOUR   0x08u
#define SO_INTERVAL_MINUTE 0x10u
#define SO_INTERVAL_SECOND 0x20u

enum so_type_spelling {
	SO_TYPE_OF_COLUMN = 2, /* t.a%TYPE */
	SO_TYPE_ROWTYPE, /* t%ROWTYPE */
	SO_TYPE_WORDS, /* the name has several words, which the modifiers stand behind, or in front of WITH */
	SO_TYPE_PHRASE /* all of it is the PHRASE in `mods` */
};

/* A type name. `name` is the catalog's own: int4, int8, text, varchar, bpchar, timestamptz ...; when it was written
 * with a keyword of the grammar (`integer`, `timestamp with time zone`) the node is `builtin`. */
struct so_n_type {
	struct so_node hdr;
	struct so_name name;
	so_ref qualifier; /* NAME: schema, or none; table of t.a%TYPE */
	struct so_list mods; /* numeric(10,2) */
	uint32_t builtin; /* 1: keyword spelling, means pg_catalog.name whatever the search path; or enum
			     so_type_spelling */
	uint32_t interval; /* SO_INTERVAL_* */
	struct so_list bounds; /* one item a dimension: CONST, or MISSING for [] */
	struct so_list extra; /* PHRASE: UNSIGNED, CHARACTER SET x: what a dialect adds */
};

/* How a function call was written; the name and arguments are what the engine calls. */
enum so_func_syntax {
	SO_FS_CALL,
	SO_FS_COALESCE, /* and greatest, least, nullif, grouping: names of the grammar, never quoted */
	SO_FS_VALUE, /* CURRENT_DATE, CURRENT_TIMESTAMP(3) ...: no parentheses; SESSION_USER ... */
	SO_FS_EXTRACT, /* extract(field from x): args are the field as string CONST, x */
	SO_FS_SUBSTRING, /* option: 1 FOR alone, which casts the length to integer; the start 1 is in args all the same
			  */
	SO_FS_SUBSTRING_SIMILAR,
	SO_FS_OVERLAY,
	SO_FS_POSITION, /* position(a in b): args are b, a as in PostgreSQL's position(b, a) */
	SO_FS_TRIM, /* name btrim, ltrim, rtrim; args are text, characters */
	SO_FS_NORMALIZE,
	SO_FS_AT_TIME_ZONE, /* x AT TIME ZONE z: name timezone, args z, x */
	SO_FS_AT_LOCAL, /* x AT LOCAL */
	SO_FS_OVERLAPS, /* (a, b) OVERLAPS (c, d): four args */
	SO_FS_COLLATION_FOR, /* name pg_collation_for */
	SO_FS_TREAT,
	SO_FS_XMLELEMENT, /* first arg NAME, XMLATTRIBUTES is a ROW of TARGETs, then content */
	SO_FS_XMLCONCAT,
	SO_FS_XMLFOREST, /* args are TARGETs */
	SO_FS_XMLPARSE, /* option: 1 document, 2 content; + 4 preserve, 8 strip whitespace */
	SO_FS_XMLPI,
	SO_FS_XMLROOT, /* args xml, version or DEFAULT; option: 1 yes, 2 no, 3 no value, 0 omitted */
	SO_FS_XMLSERIALIZE, /* arg is a CAST to the type; option as XMLPARSE; + 16 indent, 32 no indent */
	SO_FS_XMLEXISTS, /* args path, document; option 1 BY REF before, 2 after; 4 BY VALUE before, 8 after */
	SO_FS_METHOD, /* x.method(..): the first argument is x */
	SO_FS_STATIC, /* type::method(..): the qualifier is the type */
	SO_FS_NEXT_VALUE, /* NEXT VALUE FOR s: name nextval, the argument is a NAME */
	SO_FS_PATTERN, /* MATCH(a-(e)->b): the argument is the text between the parentheses as CONST */
	SO_FS_JSON, /* JSON_OBJECT, JSON_ARRAY, JSON_OBJECTAGG, JSON_ARRAYAGG (name tells) with SQL/JSON clauses */
	SO_FS_MERGE_ACTION,
	SO_FS_WORDS, /* arguments with words between them: one PHRASE */
	SO_FS_INTERVAL, /* INTERVAL x DAY: args are x and the unit as string CONST */
	SO_FS_MATCH, /* MATCH (columns) AGAINST (x): the last argument is x; option: enum so_match_mode */
	SO_FS_INTRODUCER, /* _utf8mb4'..': the name is the character set with its underscore */
	SO_FS_CONVERT_USING, /* args are x and the character set as NAME */
	SO_FS_MEMBER_OF /* x MEMBER OF (y) */
};

/* SO_FS_MATCH options */
enum so_match_mode { SO_MATCH_NATURAL, SO_MATCH_NATURAL_WRITTEN, SO_MATCH_BOOLEAN, SO_MATCH_EXPANSION, SO_MATCH_BOTH };

/* SO_FS_JSON options */
#define SO_JSON_NULL_ON_NULL   0x01u
#define SO_JSON_ABSENT_ON_NULL 0x02u
#define SO_JSON_UNIQUE_KEYS    0x04u
#define SO_JSON_NO_UNIQUE_KEYS 0x08u
#define SO_JSON_FORMAT         0x10u
#define SO_JSON_UTF8           0x20u /* RETURNING .. FORMAT JSON ENCODING UTF8 */
#define SO_JSON_UTF16          0x40u
#define SO_JSON_UTF32          0x80u

/* A function call, aggregates and window functions included. SO_NF_DISTINCT, SO_NF_STAR, SO_NF_VARIADIC,
 * SO_NF_WITHIN. `filter` is the condition of FILTER (WHERE ..). `over` is a WINDOW: a specification, or only a
 * reference to a named one (then just `name` is set). */
struct so_n_func {
	struct so_node hdr;
	struct so_name name;
	so_ref qualifier; /* NAME: schema */
	uint32_t syntax; /* enum so_func_syntax */
	uint32_t option; /* by syntax */
	struct so_list args;
	struct so_list order_by; /* SORT: inside the parentheses, or WITHIN GROUP */
	so_ref filter;
	so_ref over;
	so_ref returning; /* TYPE: SQL/JSON RETURNING */
	struct so_list tail; /* PHRASE: KEEP (..), IGNORE NULLS: between the arguments and OVER; SO_NF_ALL: inside the
				parentheses, SEPARATOR ',' */
};

/* name => value. Also a JSON key and value: then `key` is an expression, `name` absent. SO_NF_ALL: a JSON value, with
 * or without a key, FORMAT JSON; then `name` is its encoding. */
struct so_n_named_arg {
	struct so_node hdr;
	struct so_name name;
	so_ref key;
	so_ref value;
};

enum so_frame_mode { SO_FRAME_NONE, SO_FRAME_ROWS, SO_FRAME_RANGE, SO_FRAME_GROUPS };
enum so_frame_bound {
	SO_BOUND_NONE, /* end bound not written: CURRENT ROW */
	SO_BOUND_UNBOUNDED_PRECEDING,
	SO_BOUND_PRECEDING,
	SO_BOUND_CURRENT_ROW,
	SO_BOUND_FOLLOWING,
	SO_BOUND_UNBOUNDED_FOLLOWING
};
enum so_frame_exclude {
	SO_EXCLUDE_NONE,
	SO_EXCLUDE_CURRENT_ROW,
	SO_EXCLUDE_GROUP,
	SO_EXCLUDE_TIES,
	SO_EXCLUDE_NO_OTHERS
};

/* A window: in the WINDOW clause `name` is the name being defined; in OVER (..) it is absent. `base` is the window it
 * refines. OVER w is a WINDOW with `name` = w and SO_NF_STAR unset, nothing else. */
struct so_n_window {
	struct so_node hdr;
	struct so_name name;
	struct so_name base;
	struct so_list partition;
	struct so_list order_by; /* SORT */
	uint32_t mode; /* enum so_frame_mode */
	uint32_t start; /* enum so_frame_bound */
	uint32_t end;
	uint32_t exclude;
	so_ref start_value;
	so_ref end_value;
};

enum so_sort_dir { SO_SORT_DEFAULT, SO_SORT_ASC, SO_SORT_DESC, SO_SORT_USING };
enum so_nulls { SO_NULLS_DEFAULT, SO_NULLS_FIRST, SO_NULLS_LAST };

struct so_n_sort {
	struct so_node hdr;
	so_ref arg;
	uint32_t dir; /* enum so_sort_dir */
	uint32_t nulls; /* enum so_nulls */
	struct so_name using_op;
	so_ref using_schema;
};

/* (a, b) or ROW(a, b): SO_NF_ALL set when ROW was written. Also one row of VALUES. */
struct so_n_row {
	struct so_node hdr;
	struct so_list items;
};

/* ARRAY[..]; nested brackets are nested ARRAY nodes. */
struct so_n_array {
	struct so_node hdr;
	struct so_list items;
};

/* arg[upper] or, with SO_NF_ALL, the slice arg[lower:upper] with either absent. SO_NF_DISTINCT (here and in FIELD):
 * arg is itself one of these and a value of its own, (a[1])[2], not a further dimension, a[1][2]. */
struct so_n_subscript {
	struct so_node hdr;
	so_ref arg;
	so_ref lower;
	so_ref upper;
};

/* (arg).name, or with SO_NF_STAR (arg).* */
struct so_n_field {
	struct so_node hdr;
	so_ref arg;
	struct so_name name;
};

struct so_n_collate {
	struct so_node hdr;
	so_ref arg;
	so_ref collation; /* NAME */
};

/* DEFAULT as a value in INSERT or UPDATE. */
struct so_n_default {
	struct so_node hdr;
};

struct so_n_current_of {
	struct so_node hdr;
	struct so_name cursor;
};

enum so_grouping {
	SO_GROUPING_EMPTY,
	SO_GROUPING_ROLLUP,
	SO_GROUPING_CUBE,
	SO_GROUPING_SETS,
	SO_GROUPING_WITH_ROLLUP,
	SO_GROUPING_ALL
};

/* ROLLUP (..), CUBE (..), GROUPING SETS (..), or (); or all items of GROUP BY .. WITH ROLLUP, of T-SQL's GROUP BY ALL
 */
struct so_n_grouping {
	struct so_node hdr;
	uint32_t type; /* enum so_grouping */
	struct so_list items;
};

/* What EXPLAIN prints for subplans: (SubPlan 1), (hashed SubPlan 1), (InitPlan 1).col1, (alternatives: ...),
 * CTE and rescan forms. `text` is everything between the parentheses. */
struct so_n_planref {
	struct so_node hdr;
	struct so_str text;
	struct so_name column; /* col1, or absent */
	so_ref test; /* condition before the subplan: (ANY (x = (SubPlan 1).col1)), or none */
};

/* A word or a sign that has no meaning of its own: STORAGE, (, PCTFREE. In upper case; `quoted`: text as it was. */
struct so_n_word {
	struct so_node hdr;
	struct so_name text;
};

/* A clause of one dialect, token by token: WORDs, and the names, expressions and queries between them. */
struct so_n_phrase {
	struct so_node hdr;
	struct so_list items;
};

/* Lenient parse only: a place where the text stopped, `...`, or something that was cut out. Also an empty bound. */
struct so_n_missing {
	struct so_node hdr;
};

#include "sql/node_query.h"
#include "sql/node_dml.h"
#include "sql/node_ddl.h"

enum so_statement_class { SO_CLASS_READ, SO_CLASS_WRITE, SO_CLASS_DDL, SO_CLASS_UTILITY };

/* Any other statement: recognised by its first words; its own clauses are checked but not kept. `inner` is the
 * statement of EXPLAIN; `parts` are the queries, statements and expressions that were found inside. */
struct so_n_opaque {
	struct so_node hdr;
	uint32_t cls; /* enum so_statement_class */
	struct so_name verb; /* "create table", "alter", "vacuum": lower-case first words */
	struct so_str text; /* as written, up to `inner` */
	so_ref inner;
	struct so_list parts;
	struct so_str tail; /* as written, behind `inner` */
};

/* Statements in a row: a batch, a body. */
struct so_n_block {
	struct so_node hdr;
	struct so_list statements;
};

#endif
