#include "service/model_part.h"
bool so_optimize_with_model(TALLOC_CTX *ctx, struct so_conn *conn, struct so_llm *llm, const struct so_optimize_options *options,
	struct so_optimize_result *result, struct so_model_report *report, struct so_err *err)
{
	(void)ctx, (void)conn, (void)llm, (void)options, (void)result, (void)report;
	return so_fail(err, SO_UNSUPPORTED, "in work");
}
