/* Statements that get no nodes of their own, checked against a grammar that is written as text (internal to sql/).
 *
 * A pattern is a row of
 *   WORD         this word, unquoted, in any case
 *   < > , = . ;  this token; < and > are the parentheses, @ is the star
 *   (a|b)        the first of these that fits
 *   [a|b]        one of these, or nothing
 *   {a}          a, or several with commas between them
 *   *(a|b)       any number of these, one after the other; +(a|b) at least one
 *   !(a|b)       none of these stands here
 *   $name        another pattern of the grammar
 *   %x           an operand:
 *     %n name  %p name of a parameter  %N any word that is not reserved, or a name  %l any word  %I no keyword
 *     %q a.b  %g a.b of a setting  %r role  %s string  %w word or string  %v word, string or TRUE, FALSE, ON
 *     %u unsigned integer  %i integer with sign  %f number with sign  %e expression  %c call  %t type  %d option value
 *     %o operator  %R [ONLY] table [*]  %Q query or data change  %S query  %X statement  %A any token
 * An alternative that fits is final; words that tell alternatives apart therefore stand in front of long operands.
 * Expressions and statements found on the way become `parts` of the OPAQUE node. */
#ifndef SO_SQL_PATTERN_H
#define SO_SQL_PATTERN_H

#include "sql/parse/parser.h"

/* Reads what the pattern of this first word takes; false when PostgreSQL's grammar (postgresql.pattern) has none. What
 * does not fit is a syntax error at the token where the longest attempt ended. Pushes the parts on the parser's stack.
 */
bool so_parse_pattern(struct parse *p, enum so_kw verb);

#endif
