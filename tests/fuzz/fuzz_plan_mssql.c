/* Showplan of SQL Server. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("StmtText\n  |--Nested Loops(Inner Join)\n", data, size);
	return 0;
}
