/* Which arguments of a long AND or OR mention which columns, and what was found out about them: so that a question
 * about one column looks only at what mentions it (internal to sql/). Made when first asked for; see memo.h. */
#ifndef SO_SQL_RESOLVE_MENTIONS_H
#define SO_SQL_RESOLVE_MENTIONS_H

#include "sql/resolve.h"

#define SO_LONG_CHAIN 32u /* arguments; shorter chains are read through */

struct so_mentions;

/* Of the BOOL `chain`, in front of those of other chains. */
struct so_mentions *so_mentions_make(
	TALLOC_CTX *ctx, const struct so_resolved *resolved, so_ref chain, struct so_mentions *next);
struct so_mentions *so_mentions_find(struct so_mentions *first, so_ref chain);
/* Oracle's (+) stands somewhere inside. */
bool so_mentions_outer_plus(const struct so_mentions *mentions);
/* Number of the arguments that mention the column, queries inside them left out; so_mentions_arg tells them, from
 * *first on. */
size_t so_mentions_of(const struct so_mentions *mentions, struct so_rel_col col, size_t *first);
uint32_t so_mentions_arg(const struct so_mentions *mentions, size_t at);
/* Whether the chain rejects a NULL in that column, when that was found out before. */
bool so_mentions_answer(const struct so_mentions *mentions, struct so_rel_col col, bool *rejects);
void so_mentions_keep(struct so_mentions *mentions, struct so_rel_col col, bool rejects);

#endif
