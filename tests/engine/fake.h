/* A driver without a server: canned rows, injected failures and delays. The dsn steers it: "delay=MS" makes every call
 * wait (honouring token, cancel and timeout), "fail=N" makes the N-th call and all later ones fail with SO_UNREACHABLE,
 * "login=refused" refuses the login. */
#ifndef TESTS_ENGINE_FAKE_H
#define TESTS_ENGINE_FAKE_H

#include "engine/engine.h"

extern const struct so_engine so_engine_fake;

/* A statement that never ends by itself. */
#define FAKE_SLOW "SELECT slow"
/* "SELECT rows N [desc]": N rows of one column, 1 to N. */
#define FAKE_ROWS "SELECT rows "

#endif
