/* Plan files come from anywhere: any bytes give a plan or an error, and what was read can be written again. */
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <talloc.h>

#include "base/err.h"
#include "base/mem.h"
#include "plan/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct so_plan *plan = NULL;
	struct so_err err = { 0 };

	if (so_plan_read(root, (const char *)data, size, &plan, &err)) {
		so_plan_shape_hash(plan);
		json_decref(so_plan_to_json(plan));
	} else if (err.kind == SO_NONE || err.message[0] == '\0') {
		__builtin_trap(); /* refused without a reason */
	}
	talloc_free(root);
	return 0;
}
