/* What the engine tests share. */
#ifndef TESTS_ENGINE_COMMON_H
#define TESTS_ENGINE_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "my_server.h"
#include "pg_server.h"

/* The server of this binary, started by main. */
extern struct pg_server server;
extern const struct so_engine *pg;
/* MariaDB with statements in performance_schema, and with the slow query log only. */
extern struct my_server mariadb, mariadb_slow;
extern bool no_mariadb;

#define assert_ok(call, err)                                                                                           \
	do {                                                                                                           \
		if (!(call))                                                                                           \
			fail_msg("%s: %s [%s] %s", #call, so_kind_name((err).kind), (err).sqlstate, (err).message);    \
	} while (0)
#define assert_kind(err, wanted)                                                                                       \
	do {                                                                                                           \
		if ((err).kind != (wanted))                                                                            \
			fail_msg("%s, not %s: [%s] %s", so_kind_name((err).kind), so_kind_name(wanted),                \
				(err).sqlstate, (err).message);                                                        \
	} while (0)
/* Functions, so that what makes the text is done once, and the text lives as long as it is looked at. */
static inline void check_has(const char *text, const char *part, bool wanted, const char *file, int line)
{
	if ((text && strstr(text, part)) == wanted)
		return;
	print_error("\"%s\" %s \"%s\"\n", text ? text : "(nothing)", wanted ? "does not hold" : "holds", part);
	_fail(file, line);
}

#define assert_has(text, part)     check_has(text, part, true, __FILE__, __LINE__)
#define assert_has_not(text, part) check_has(text, part, false, __FILE__, __LINE__)

/* A connection to database `db` as `user` through the socket, or fails the test. */
struct so_conn *connect_as(TALLOC_CTX *ctx, const char *user, const char *db);
/* The check with this id, or fails the test. */
const struct so_check *check_of(const struct so_engine_info *info, const char *id);

#endif
