/* Values that are no literals to the lexer (internal to sql/). */
#ifndef SO_SQL_SECRETS_H
#define SO_SQL_SECRETS_H

#include "sql/lex.h"

/* Makes literals (SO_TOK_STRING) of tokens that may hold data although they look like names:
 *
 * - SQLite, T-SQL: "text" is a string where no column has that name, or with QUOTED_IDENTIFIER OFF. One that stands
 *   where a value may stand, and next to no point, counts as a string when it is no plain name (a blank, @, a digit
 *   first ..), when it is in a row of VALUES or in IN (..), behind LIKE, GLOB, DEFAULT, PRINT .., or on the right of
 *   an operator whose left side is not in quotes. Columns whose names need quotes are lost that way: on purpose.
 * - T-SQL: words as arguments of EXECUTE, or of a procedure that a batch begins with; passwords of BACKUP; money with
 *   another sign than a dollar.
 * - Oracle: IDENTIFIED BY word, REPLACE word; CONNECT user/password.
 * - PostgreSQL: SET name.name TO word, also in ALTER and CREATE. SQLite: PRAGMA key = word.
 *
 * In every statement of a script. */
void so_text_hide_values(struct so_lexer *lexer);

/* Where the rows of the first COPY .. FROM STDIN; of a script of psql begin, on the line behind it; 0: none. They are
 * no tokens: what was read there is as may be, and the lexer may have failed in them. */
size_t so_text_copy_data(const struct so_lexer *lexer);

#endif
