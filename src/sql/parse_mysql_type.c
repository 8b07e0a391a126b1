/* Types of MySQL and MariaDB. */
#include "sql/parse_mysql.h"

#define NUMERIC 1u /* UNSIGNED, ZEROFILL */
#define TEXT    2u /* CHARACTER SET, COLLATE .. */
#define LENGTH  4u /* (n) */
#define PAIR    8u /* (n, m) */
#define VALUES  16u /* ('a', 'b') */
#define SRID    32u
#define MARIA   64u

/* Longer spellings first. */
static const struct type_words {
	const char *words, *name;
	unsigned has;
} types[] = {
	{ "double precision", "double", NUMERIC | PAIR },
	{ "double", "double", NUMERIC | PAIR },
	{ "float4", "float", NUMERIC | PAIR },
	{ "float8", "double", NUMERIC | PAIR },
	{ "float", "float", NUMERIC | LENGTH | PAIR },
	{ "real", "real", NUMERIC | PAIR },
	{ "decimal", "decimal", NUMERIC | LENGTH | PAIR },
	{ "dec", "decimal", NUMERIC | LENGTH | PAIR },
	{ "numeric", "decimal", NUMERIC | LENGTH | PAIR },
	{ "fixed", "decimal", NUMERIC | LENGTH | PAIR },
	{ "number", "decimal", NUMERIC | LENGTH | PAIR | MARIA },
	{ "integer", "int", NUMERIC | LENGTH },
	{ "int", "int", NUMERIC | LENGTH },
	{ "int1", "tinyint", NUMERIC | LENGTH },
	{ "int2", "smallint", NUMERIC | LENGTH },
	{ "int3", "mediumint", NUMERIC | LENGTH },
	{ "int4", "int", NUMERIC | LENGTH },
	{ "int8", "bigint", NUMERIC | LENGTH },
	{ "tinyint", "tinyint", NUMERIC | LENGTH },
	{ "smallint", "smallint", NUMERIC | LENGTH },
	{ "mediumint", "mediumint", NUMERIC | LENGTH },
	{ "middleint", "mediumint", NUMERIC | LENGTH },
	{ "bigint", "bigint", NUMERIC | LENGTH },
	{ "signed integer", "signed", 0 },
	{ "signed int", "signed", 0 },
	{ "signed", "signed", 0 },
	{ "unsigned integer", "unsigned", 0 },
	{ "unsigned int", "unsigned", 0 },
	{ "unsigned", "unsigned", 0 },
	{ "serial", "serial", 0 },
	{ "boolean", "boolean", 0 },
	{ "bool", "boolean", 0 },
	{ "bit", "bit", LENGTH },
	{ "national char varying", "national varchar", LENGTH | TEXT },
	{ "national character varying", "national varchar", LENGTH | TEXT },
	{ "national varcharacter", "national varchar", LENGTH | TEXT },
	{ "national varchar", "national varchar", LENGTH | TEXT },
	{ "national character", "national char", LENGTH | TEXT },
	{ "national char", "national char", LENGTH | TEXT },
	{ "nchar varchar", "national varchar", LENGTH | TEXT },
	{ "nchar varying", "national varchar", LENGTH | TEXT },
	{ "nvarchar", "national varchar", LENGTH | TEXT },
	{ "nchar", "national char", LENGTH | TEXT },
	{ "char varying", "varchar", LENGTH | TEXT },
	{ "character varying", "varchar", LENGTH | TEXT },
	{ "varcharacter", "varchar", LENGTH | TEXT },
	{ "varchar2", "varchar", LENGTH | TEXT | MARIA },
	{ "varchar", "varchar", LENGTH | TEXT },
	{ "char byte", "binary", LENGTH },
	{ "character", "char", LENGTH | TEXT },
	{ "char", "char", LENGTH | TEXT },
	{ "varbinary", "varbinary", LENGTH },
	{ "raw", "varbinary", LENGTH | MARIA },
	{ "binary", "binary", LENGTH },
	{ "long varbinary", "mediumblob", 0 },
	{ "long char varying", "mediumtext", TEXT },
	{ "long varchar", "mediumtext", TEXT },
	{ "long varcharacter", "mediumtext", TEXT },
	{ "long", "mediumtext", TEXT },
	{ "tinyblob", "tinyblob", 0 },
	{ "mediumblob", "mediumblob", 0 },
	{ "longblob", "longblob", 0 },
	{ "blob", "blob", LENGTH },
	{ "tinytext", "tinytext", TEXT },
	{ "mediumtext", "mediumtext", TEXT },
	{ "longtext", "longtext", TEXT },
	{ "clob", "longtext", TEXT | MARIA },
	{ "text", "text", LENGTH | TEXT },
	{ "enum", "enum", VALUES | TEXT },
	{ "set", "set", VALUES | TEXT },
	{ "date", "date", 0 },
	{ "datetime", "datetime", LENGTH },
	{ "timestamp", "timestamp", LENGTH },
	{ "time", "time", LENGTH },
	{ "year", "year", LENGTH | NUMERIC },
	{ "json", "json", TEXT },
	{ "vector", "vector", LENGTH },
	{ "geometrycollection", "geometrycollection", SRID },
	{ "geomcollection", "geometrycollection", SRID },
	{ "geometry", "geometry", SRID },
	{ "point", "point", SRID },
	{ "linestring", "linestring", SRID },
	{ "polygon", "polygon", SRID },
	{ "multipoint", "multipoint", SRID },
	{ "multilinestring", "multilinestring", SRID },
	{ "multipolygon", "multipolygon", SRID },
	{ "uuid", "uuid", MARIA },
	{ "inet4", "inet4", MARIA },
	{ "inet6", "inet6", MARIA },
	{ "row", "row", 0 },
};

static const struct type_words *find_type(struct parse *p)
{
	char c = (char)(*so_parse_token_text(p, peek(p)) | 0x20);

	if (!at(p, SO_TOK_WORD))
		return NULL;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (types[i].words[0] == c && (!(types[i].has & MARIA) || is_maria(p)) &&
			so_parse_words(p, types[i].words))
			return &types[i];
	return NULL;
}

static so_ref type_mod(struct parse *p)
{
	if (at(p, SO_TOK_STRING) || at(p, SO_TOK_HEX) || at(p, SO_TOK_BITS) || at(p, SO_TOK_NSTRING) ||
		at(p, SO_TOK_INT) || at(p, SO_TOK_FLOAT))
		return so_parse_const(p);
	so_parse_unexpected(p);
	return 0;
}

static void modifiers(struct parse *p, so_ref ref, unsigned has_bits)
{
	uint32_t count;

	if (!at(p, SO_TOK_LPAREN) || !(has_bits & (LENGTH | PAIR | VALUES)))
		return;
	AS(p, type, ref)->mods = so_parse_paren_list(p, type_mod);
	count = AS(p, type, ref)->mods.count;
	if (!p->failed && !(has_bits & VALUES) && (count > 2 || (count == 2 && !(has_bits & PAIR)))) {
		p->pos--;
		so_parse_unexpected(p);
	}
}

/* UNSIGNED, CHARACTER SET utf8mb4 ...; SO_NF_ALL: ARRAY, of a cast in an index */
so_ref so_my_type(struct parse *p)
{
	uint32_t first = p->pos;
	const struct type_words *words = find_type(p);
	size_t mark = so_parse_mark(p);
	so_ref ref, extra;

	if (!words) {
		so_parse_unexpected(p);
		return 0;
	}
	ref = so_parse_node(p, SO_N_TYPE, first);
	AS(p, type, ref)->name = so_parse_made_name(p, words->name);
	AS(p, type, ref)->builtin = 1;
	modifiers(p, ref, words->has);
	do {
		extra = 0;
		if (words->has & NUMERIC)
			extra = so_parse_form(p, "{ unsigned | signed | zerofill }+");
		else if (words->has & TEXT)
			extra = so_parse_form(p, "{ { character set | char set | charset } { binary | $n | $s } | "
						 "ascii | unicode | byte | "
						 "binary [ ascii | unicode | { character set | charset } $n ] }+");
		if (!extra && !is_maria(p))
			extra = so_parse_form(p, "array");
		so_parse_push(p, extra);
	} while (extra && !p->failed);
	AS(p, type, ref)->extra = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}
