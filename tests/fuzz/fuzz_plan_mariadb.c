/* MariaDB's EXPLAIN and ANALYZE. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("{\"query_block\": {\"select_id\": 1, \"nested_loop\": [", data, size);
	return 0;
}
