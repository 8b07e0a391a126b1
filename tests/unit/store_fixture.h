/* What the tests of the store share: a folder and a store a test, and short ways to say "this works". */
#ifndef SO_TEST_STORE_FIXTURE_H
#define SO_TEST_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/store.h"

#define SCOPE SO_SCOPE_DEFAULT

/* One folder a test; the store is opened through the interface, so that another backend can run the same tests. */
struct fixture {
	TALLOC_CTX *root;
	char *folder, *path, *url;
	struct so_store *store;
};

struct so_store *open_store(struct fixture *fix, const struct so_store_options *options);
/* cmocka's: with a folder only, with an open store, and the end of both. */
int setup_folder(void **state);
int setup(void **state);
int teardown(void **state);

#define OK(call)                                                                                                       \
	do {                                                                                                           \
		struct so_err err = SO_ERR_INIT;                                                                       \
		if (!(call))                                                                                           \
			fail_msg("%s: %s", #call, err.message);                                                        \
	} while (0)

#define FAILS(want, call)                                                                                              \
	do {                                                                                                           \
		struct so_err err = SO_ERR_INIT;                                                                       \
		assert_false((call));                                                                                  \
		if (err.kind != (want))                                                                                \
			fail_msg("%s: %s: %s", #call, so_kind_name(err.kind), err.message);                            \
	} while (0)

/* A stored connection, as a user would have made it. */
struct so_store_conn *new_conn(struct fixture *fix, const char *name);

#define WITH(fn)   cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define FOLDER(fn) cmocka_unit_test_setup_teardown(fn, setup_folder, teardown)

#endif
