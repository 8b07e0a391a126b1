/* DBMS_XPLAN and rows of V$SQL_PLAN. */
#include "plan_harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_plan_behind("| Id  | Operation | Name | Rows |\n|   0 | SELECT STATEMENT | | 1 |\n", data, size);
	return 0;
}
