/* MySQL's EXPLAIN in all its forms. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("-> Nested loop inner join  (cost=4.5 rows=3)\n", data, size);
	return 0;
}
