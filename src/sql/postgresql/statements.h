/* Statements that get no nodes of their own, held to PostgreSQL's grammar (internal to sql/): forms (sql/parse/form.h)
 * in statements.form, of which nothing is kept. Expressions and statements found on the way become `parts` of the
 * OPAQUE node. Their values: $n name  $p name of a parameter  $N any word that is not reserved, or a name  $l any word
 * $I no keyword $q a.b  $g a.b of a setting  $r role  $s string  $w word or string  $v word, string or TRUE, FALSE, ON
 *   $u unsigned integer  $i integer with sign  $f number with sign  $e expression  $c call  $t type  $d option value
 *   $o operator  $R [ONLY] table [*]  $Q query or data change  $S query  $X statement  $A any token
 * Words that tell alternatives apart stand in front of long values. */
#ifndef SO_SQL_STATEMENTS_H
#define SO_SQL_STATEMENTS_H

#include "sql/parse/parser.h"

/* Reads what the form of this first word takes; false when there is none. What
 * does not fit is a syntax error at the token where the longest attempt ended. Pushes the parts on the parser's stack.
 */
bool so_pg_check(struct parse *p, enum so_kw verb);

#endif
