/* SQLite's EXPLAIN QUERY PLAN. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("QUERY PLAN\n|--SCAN t\n", data, size);
	return 0;
}
