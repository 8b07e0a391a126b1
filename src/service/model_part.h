/* The model's part of the main job: asks for proposals and sends each one up the same ladder as our own. */
#ifndef SO_SERVICE_MODEL_PART_H
#define SO_SERVICE_MODEL_PART_H

#include "llm/llm.h"
#include "service/optimize.h"

struct so_model_report {
	size_t proposed, offered, unproved, rejected;
	char *note; /* one line for the user */
};

/* Sends the redacted statement, the definitions of its tables, the plan with its conditions redacted, and the findings;
 * never a literal. Adds what comes back to result->proposals with origin "model NAME". Fails when the model cannot be
 * reached or answers with rubbish; the result is then unchanged. Blocks on the model and the target. */
bool so_optimize_with_model(TALLOC_CTX *ctx, struct so_conn *conn, struct so_llm *llm,
	const struct so_optimize_options *options, struct so_optimize_result *result, struct so_model_report *report,
	struct so_err *err) SO_MUST_CHECK;

#endif
