/* Applying a proposal: a dry run always, the change itself only where the configuration allows it. */
#ifndef SO_SERVICE_APPLY_H
#define SO_SERVICE_APPLY_H

#include "service/optimize.h"
#include "store/store.h"

struct so_apply_request { /* POST /api/optimizer/apply */
	int64_t optimization_id;
	int64_t proposal_id; /* 0: the first offered one that is DDL */
	char *sql_to_execute; /* must be the SQL of an offered proposal, or NULL */
	bool dry_run, force, skip_safety_checks; /* the last two are accepted for old clients and change nothing */
};

struct so_apply_check {
	char *title;
	bool ok;
	char *detail;
};

struct so_apply_result {
	bool success, dry_run;
	char *message;
	int64_t optimization_id, applied_at_us; /* 0: not applied */
	char *sql, *undo_sql, *lock;
	size_t n_checks;
	struct so_apply_check *checks;
};

/* SO_FORBIDDEN while ENABLE_DDL_EXECUTION is false and dry_run is not set; SO_CONFLICT when nothing offered can be
 * applied. Audited. */
bool so_service_apply(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_apply_request *request, struct so_apply_result *out, struct so_err *err) SO_MUST_CHECK;

#endif
