/* PostgreSQL's XML. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("<explain><Query><Plan><Node-Type>Sort</Node-Type>", data, size);
	return 0;
}
