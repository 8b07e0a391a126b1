/* PostgreSQL's YAML. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("- Plan:\n    Node Type: \"Sort\"\n", data, size);
	return 0;
}
