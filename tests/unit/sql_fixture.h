/* The state of the tests of sql/: a talloc context, which is empty again at the end. */
#ifndef SQL_FIXTURE_H
#define SQL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <talloc.h>

static inline int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static inline int teardown(void **state)
{
	size_t blocks = talloc_total_blocks(*state);

	talloc_free(*state);
	assert_int_equal(blocks, 1);
	return 0;
}

#endif
