/* The tables that sql/lex/keywords.def makes: one for each dialect, so that the words of one lie close together. */
#include "sql/lex/find.h"

#define SO_KEYWORD_TABLES
#include "sql/keyword_hash.h"

/* clang-format off */
const struct so_keyword so_keywords[SO_KW_MAX] = {
	[0] = { "", 0 },
#define X(word, pg, my, maria, lite, ts, ora) { #word, sizeof(#word) - 1 },
#include "sql/lex/keywords.def"
#undef X
};

const uint8_t so_kw_classes[SO_DIALECT_MAX][SO_KW_MAX] = {
	[SO_POSTGRESQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##pg,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_MYSQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##my,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_MARIADB] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##maria,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_SQLITE] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##lite,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_TSQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##ts,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_ORACLE] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##ora,
#include "sql/lex/keywords.def"
#undef X
	},
};

const uint16_t so_kw_known[SO_DIALECT_MAX][SO_KW_MAX] = {
	[SO_POSTGRESQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##pg ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_MYSQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##my ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_MARIADB] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##maria ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_SQLITE] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##lite ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_TSQL] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##ts ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
	[SO_ORACLE] = { 0,
#define X(word, pg, my, maria, lite, ts, ora) SO_KWC_##ora ? SO_KW_##word : 0,
#include "sql/lex/keywords.def"
#undef X
	},
};
/* clang-format on */
