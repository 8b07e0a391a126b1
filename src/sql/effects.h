/* What calls do besides computing a value, by what is known of each engine's own functions and of common extensions. */
#ifndef SO_SQL_EFFECTS_H
#define SO_SQL_EFFECTS_H

#include "sql/ast.h"

enum so_call_effect {
	SO_CALL_PLAIN, /* of the engine, and only computes or reads */
	SO_CALL_EFFECT, /* writes, locks, waits, reads or writes files of the server, uses the network, changes settings
			 */
	SO_CALL_UNKNOWN /* a user's function, or one that the tables lack */
};

/* Of a FUNC node (whatever its syntax): also with a qualifier, since a function of that name in another schema is
 * suspect, too. Names count in any case. */
enum so_call_effect so_call_effect(const struct so_ast *ast, so_ref func);

/* By name alone; `package` is what qualifies it, or "". n_args -1: any. */
enum so_call_effect so_name_effect(enum so_dialect dialect, struct so_text package, struct so_text name, int n_args);

#endif
