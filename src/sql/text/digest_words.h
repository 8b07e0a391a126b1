/* How the digests of MySQL and MariaDB write names (internal to sql/). */
#ifndef SO_SQL_TEXT_DIGEST_WORDS_H
#define SO_SQL_TEXT_DIGEST_WORDS_H

#include "sql/node.h"

#define SO_DIGEST_WORD 64

/* The text by which a name counts. Digests are made of tokens, so a column called `name` or `id` stands in them as a
 * keyword, in capitals: such names count in lower case, wherever they are written and in quotes as well (a print has
 * them there); all others as they are. The result is `name` or `lower`. */
struct so_text so_digest_name(enum so_dialect dialect, struct so_text name, char lower[SO_DIGEST_WORD]);

#endif
