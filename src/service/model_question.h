/* What a model gets to see: nothing that could be a value of a row. */
#ifndef SO_SERVICE_MODEL_QUESTION_H
#define SO_SERVICE_MODEL_QUESTION_H

#include "core/catalog.h"
#include "plan/plan.h"
#include "service/statement.h"

/* A statement whose literals were replaced by $n, and what stood there. */
struct so_masked {
	char *sql; /* printed from the tree: comments are gone as well */
	uint32_t first; /* number of the first literal; lower ones are the statement's own parameters */
	size_t n_literals;
	char **literals; /* as written */
};

bool so_mask_statement(
	TALLOC_CTX *ctx, const struct so_statement *statement, struct so_masked *out, struct so_err *err) SO_MUST_CHECK;
/* The model's text with its $n replaced by the literals again. SO_MODEL when it does not parse or uses a number that it
 * was not given. */
char *so_unmask(TALLOC_CTX *ctx, const char *dialect, const struct so_masked *masked, const char *sql,
	struct so_err *err) SO_MUST_CHECK;

/* The plan as indented lines, conditions with ? for their literals; a condition that cannot be read is left out. */
char *so_mask_plan(TALLOC_CTX *ctx, const struct so_plan *plan);

#endif
