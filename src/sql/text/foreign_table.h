/* What some dialects write and others do not, and what the others write instead. */
#ifndef SO_SQL_TEXT_FOREIGN_TABLE_H
#define SO_SQL_TEXT_FOREIGN_TABLE_H

#include "sql/node.h"

/* `pattern`: elements with blanks between them. A word stands for itself in any case, alternatives with | between them;
 * signs stand for themselves; an element with ^ in front must be the one that was refused; with ! in front of all, one
 * of the owners must take the whole statement. Others: %d number or placeholder   %n name that is no word of the
 * grammar   %s string   %b `name`   %r [name]   %q "name" %D $tag$..$tag$   %N N'..'   %E E'..'   %Q q'[..]'   %K
 * '..\'..'   %h #comment   %p ?   %P $1   %c :name   %v @name `owners`: bits of the dialects in which it means
 * something. `what` goes on with "<owners>'s". The advice follows; dialects without one of their own get `rest` (not
 * the owners). With "", or without both, the row says nothing. */
struct so_foreign_row {
	const char *pattern;
	unsigned owners;
	const char *what;
	const char *advice[SO_DIALECT_MAX];
	const char *rest;
};

extern const struct so_foreign_row so_foreign_rows[]; /* ends with a row without a pattern */

#endif
