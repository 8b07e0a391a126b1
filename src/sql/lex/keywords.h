/* The words that the grammars know; the table itself is sql/lex/keywords.def. */
#ifndef SO_SQL_KEYWORDS_H
#define SO_SQL_KEYWORDS_H

#include <stdint.h>

#include "sql/node.h"

enum so_kw_class {
	SO_KWC_NO,
	SO_KWC_U,
	SO_KWC_C,
	SO_KWC_T,
	SO_KWC_R,
	SO_KWC_U_AS,
	SO_KWC_C_AS,
	SO_KWC_T_AS,
	SO_KWC_R_AS
};

/* clang-format off */
enum so_kw {
	SO_KW_NONE,
#define X(word, pg, my, maria, lite, ts, ora) SO_KW_##word,
#include "sql/lex/keywords.def"
#undef X
	SO_KW_MAX
};
/* clang-format on */

struct so_keyword {
	char name[32]; /* lower case, zero-padded */
	uint8_t len;
};

/* Indexed by enum so_kw. */
extern const struct so_keyword so_keywords[SO_KW_MAX];
/* enum so_kw_class of each word. */
extern const uint8_t so_kw_classes[SO_DIALECT_MAX][SO_KW_MAX];
/* Each word, or 0 where the dialect does not have it. */
extern const uint16_t so_kw_known[SO_DIALECT_MAX][SO_KW_MAX];

static inline enum so_kw_class so_kw_class_of(unsigned word, enum so_dialect dialect)
{
	return (enum so_kw_class)so_kw_classes[dialect][word];
}

#endif
