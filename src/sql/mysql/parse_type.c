/* Types of MySQL and MariaDB. */
#include "sql/mysql/parse.h"

#define NUMERIC 1u /* UNSIGNED, ZEROFILL */
#define TEXT    2u /* CHARACTER SET, COLLATE .. */
#define LENGTH  4u /* (n) */
#define PAIR    8u /* (n, m) */
#define VALUES  16u /* ('a', 'b') */
#define SRID    32u
#define MARIA   64u
#define CAST    128u /* also in CAST */
#define ONLY    256u /* only in CAST */
#define PLAIN   512u /* in CAST of MySQL alone */
#define MCAST   1024u /* in CAST of MariaDB alone */

/* In the order of their first letters; of those that begin alike the longer ones first. */
static const struct type_words {
	const char *words, *name;
	unsigned has;
} types[] = {
	{ "bigint", "bigint", NUMERIC | LENGTH },
	{ "boolean", "boolean", 0 },
	{ "bool", "boolean", 0 },
	{ "bit", "bit", LENGTH },
	{ "binary", "binary", LENGTH | CAST },
	{ "blob", "blob", LENGTH },
	{ "char varying", "varchar", LENGTH | TEXT },
	{ "character varying", "varchar", LENGTH | TEXT },
	{ "char byte", "binary", LENGTH },
	{ "character", "char", LENGTH | TEXT | CAST },
	{ "char", "char", LENGTH | TEXT | CAST },
	{ "double precision", "double", NUMERIC | PAIR | CAST },
	{ "double", "double", NUMERIC | PAIR | CAST },
	{ "decimal", "decimal", NUMERIC | LENGTH | PAIR | CAST },
	{ "dec", "decimal", NUMERIC | LENGTH | PAIR | CAST },
	{ "date", "date", CAST },
	{ "datetime", "datetime", LENGTH | CAST },
	{ "enum", "enum", VALUES | TEXT },
	{ "float4", "float", NUMERIC | PAIR },
	{ "float8", "double", NUMERIC | PAIR },
	{ "float", "float", NUMERIC | LENGTH | PAIR | CAST },
	{ "fixed", "decimal", NUMERIC | LENGTH | PAIR | CAST },
	{ "geometrycollection", "geometrycollection", SRID | CAST },
	{ "geomcollection", "geometrycollection", SRID | CAST },
	{ "geometry", "geometry", SRID | CAST },
	{ "integer", "int", NUMERIC | LENGTH | MCAST },
	{ "int", "int", NUMERIC | LENGTH | MCAST },
	{ "int1", "tinyint", NUMERIC | LENGTH },
	{ "int2", "smallint", NUMERIC | LENGTH },
	{ "int3", "mediumint", NUMERIC | LENGTH },
	{ "int4", "int", NUMERIC | LENGTH },
	{ "int8", "bigint", NUMERIC | LENGTH },
	{ "inet4", "inet4", MARIA | CAST },
	{ "inet6", "inet6", MARIA | CAST },
	{ "interval day_second", "interval day_second", LENGTH | MARIA | ONLY },
	{ "json", "json", TEXT | PLAIN },
	{ "long varbinary", "mediumblob", 0 },
	{ "long char varying", "mediumtext", TEXT },
	{ "long character varying", "mediumtext", TEXT },
	{ "long varchar", "mediumtext", TEXT },
	{ "long varcharacter", "mediumtext", TEXT },
	{ "long", "mediumtext", TEXT },
	{ "longblob", "longblob", 0 },
	{ "longtext", "longtext", TEXT },
	{ "linestring", "linestring", SRID | CAST },
	{ "mediumint", "mediumint", NUMERIC | LENGTH },
	{ "middleint", "mediumint", NUMERIC | LENGTH },
	{ "mediumblob", "mediumblob", 0 },
	{ "mediumtext", "mediumtext", TEXT },
	{ "multipoint", "multipoint", SRID | CAST },
	{ "multilinestring", "multilinestring", SRID | CAST },
	{ "multipolygon", "multipolygon", SRID | CAST },
	{ "numeric", "decimal", NUMERIC | LENGTH | PAIR | CAST },
	{ "national char varying", "national varchar", LENGTH | TEXT },
	{ "national character varying", "national varchar", LENGTH | TEXT },
	{ "national varcharacter", "national varchar", LENGTH | TEXT },
	{ "national varchar", "national varchar", LENGTH | TEXT },
	{ "national character", "national char", LENGTH | TEXT | CAST },
	{ "national char", "national char", LENGTH | TEXT | CAST },
	{ "nchar varchar", "national varchar", LENGTH | TEXT },
	{ "nchar varcharacter", "national varchar", LENGTH | TEXT },
	{ "nchar varying", "national varchar", LENGTH | TEXT },
	{ "nvarchar", "national varchar", LENGTH | TEXT },
	{ "nchar", "national char", LENGTH | TEXT | CAST },
	{ "point", "point", SRID | CAST },
	{ "polygon", "polygon", SRID | CAST },
	{ "real", "real", NUMERIC | PAIR | PLAIN },
	{ "row", "row", 0 },
	{ "smallint", "smallint", NUMERIC | LENGTH },
	{ "signed integer", "signed", ONLY },
	{ "signed int", "signed", ONLY },
	{ "signed", "signed", ONLY },
	{ "serial", "serial", 0 },
	{ "set", "set", VALUES | TEXT },
	{ "sql_tsi_year", "year", LENGTH | NUMERIC },
	{ "tinyint", "tinyint", NUMERIC | LENGTH },
	{ "tinyblob", "tinyblob", 0 },
	{ "tinytext", "tinytext", TEXT },
	{ "text", "text", LENGTH | TEXT },
	{ "timestamp", "timestamp", LENGTH },
	{ "time", "time", LENGTH | CAST },
	{ "unsigned integer", "unsigned", ONLY },
	{ "unsigned int", "unsigned", ONLY },
	{ "unsigned", "unsigned", ONLY },
	{ "uuid", "uuid", MARIA | CAST },
	{ "varcharacter", "varchar", LENGTH | TEXT },
	{ "varchar", "varchar", LENGTH | TEXT },
	{ "varbinary", "varbinary", LENGTH },
	{ "vector", "vector", LENGTH },
	{ "year", "year", LENGTH | NUMERIC | PLAIN },
};

static const struct type_words *find_type(struct parse *p)
{
	const struct type_words *row = types, *end = types + sizeof types / sizeof types[0];
	char letter = so_parse_letter(p);

	if (!at(p, SO_TOK_WORD))
		return NULL;
	/* the first row of that letter */
	for (size_t left = (size_t)(end - row); left;) {
		size_t half = left / 2;

		if (row[half].words[0] < letter) {
			row += half + 1;
			left -= half + 1;
		} else {
			left = half;
		}
	}
	for (; row < end && row->words[0] == letter; row++)
		if ((!(row->has & MARIA) || is_maria(p)) && so_parse_words(p, row->words))
			return row;
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
		so_parse_move(p, -1);
		so_parse_unexpected(p);
	}
}

/* UNSIGNED, CHARACTER SET utf8mb4 ...; SO_NF_ALL: ARRAY, of a cast in an index */
/* A type of a plugin, which MariaDB looks for only behind its grammar: name, schema.name, name(..). */
static so_ref plugin_type(struct parse *p)
{
	static const char *const oracle[] = { "varchar2", "raw", "number", "clob", "rowtype" };
	so_ref ref = so_parse_node(p, SO_N_TYPE, p->pos);

	for (size_t i = 0; i < sizeof oracle / sizeof oracle[0]; i++)
		if (so_parse_at_word(p, 0, oracle[i]))
			return 0;
	if (peek(p)->kw || (!at(p, SO_TOK_WORD) && !at(p, SO_TOK_QUOTED)))
		return 0;
	AS(p, type, ref)->qualifier = so_parse_qualified(p, &AS(p, type, ref)->name);
	if (at(p, SO_TOK_LPAREN))
		AS(p, type, ref)->mods = so_parse_paren_list(p, type_mod);
	return so_parse_done(p, ref);
}

static so_ref type(struct parse *p, bool cast)
{
	uint32_t first = p->pos;
	const struct type_words *words = find_type(p);
	size_t mark = so_parse_mark(p);
	so_ref ref, extra;

	if (!words && is_maria(p)) {
		ref = plugin_type(p);
		if (ref || p->failed)
			return ref;
	}
	if (!words || (cast && !(words->has & (CAST | ONLY | (is_maria(p) ? MCAST : PLAIN)))) ||
		(!cast && (words->has & ONLY))) {
		so_parse_go_back(p, first);
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
			extra = so_parse_form(p, SO_MY_number_words);
		else if (words->has & TEXT)
			extra = so_parse_form(p, SO_MY_text_words);
		if (!extra && !is_maria(p))
			extra = so_parse_form(p, SO_MY_array_word);
		so_parse_push(p, extra);
	} while (extra && !p->failed);
	AS(p, type, ref)->extra = so_parse_take(p, mark);
	return so_parse_done(p, ref);
}

so_ref so_my_type(struct parse *p)
{
	return type(p, false);
}

so_ref so_my_cast_type(struct parse *p)
{
	return type(p, true);
}
