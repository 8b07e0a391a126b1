/* What a model says: any JSON gives advice or an error with a reason. */
#include <stdint.h>

#include <jansson.h>
#include <talloc.h>

#include "base/err.h"
#include "base/mem.h"
#include "llm/advice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	json_t *answer = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
	struct so_advice *advice = NULL;
	struct so_err err = { 0 };

	if (answer && !so_advice_read(root, answer, &advice, &err) && (err.kind == SO_NONE || !err.message[0]))
		__builtin_trap();
	json_decref(answer);
	talloc_free(root);
	return 0;
}
