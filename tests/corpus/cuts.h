/* What lenient mode makes of texts that were cut off. */
#ifndef SO_CORPUS_CUTS_H
#define SO_CORPUS_CUTS_H

#include <stdbool.h>

#include "sql/parse.h"

struct corpus_cuts {
	unsigned texts; /* cuts behind the first word, as many again with "..." behind them */
	unsigned refused; /* of the texts: no tree */
	unsigned unmarked; /* with "...", not called truncated */
	unsigned whole_marked; /* statements that are complete, called truncated */
	unsigned whole_refused; /* statements that are complete, no tree in lenient mode */
};

/* Cuts a statement behind each byte of it. `first` is the place behind its first word. With `verbose`, a line for each
 * text that is refused or not marked. */
void corpus_cut(struct corpus_cuts *cuts, struct so_parser *parser, enum so_dialect dialect, const char *sql,
	size_t len, size_t first, bool verbose);
void corpus_cuts_print(const struct corpus_cuts *cuts);

#endif
