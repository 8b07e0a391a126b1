/* Plan files come from anywhere: any bytes, any format. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan(data, size);
	return 0;
}
