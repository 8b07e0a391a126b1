/* Rung 5: the same rows on the real data. */
#include <string.h>

#include "verify/verify.h"

/* Why these statements are not run at all, or NULL. */
static const char *why_not_run(const struct so_verify_statement *original)
{
	if (!original->pure_read)
		return "only pure reads are executed";
	if (original->has_params)
		return "the statement has parameters and no values for them are known";
	if (original->volatile_calls)
		return "the statement calls functions whose result changes from run to run";
	return NULL;
}

/* A connection that is gone, or a job that is over: nothing more can be learned. */
static bool ends_the_job(const struct so_err *err)
{
	return err->kind == SO_UNREACHABLE || err->kind == SO_CANCELLED || err->kind == SO_INTERNAL;
}

static bool same_columns(const struct so_result_digest *a, const struct so_result_digest *b)
{
	if (a->n_columns != b->n_columns)
		return false;
	for (size_t i = 0; i < a->n_columns; i++)
		if (strcmp(a->columns[i], b->columns[i]) != 0 || strcmp(a->types[i], b->types[i]) != 0)
			return false;
	return true;
}

static void compare(struct so_proposal *proposal, const struct so_verify_statement *original,
	const struct so_result_digest *before, const struct so_result_digest *after)
{
	bool equal = before->n_rows == after->n_rows && before->multiset_hash == after->multiset_hash;

	if (before->truncated || after->truncated) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE,
			"the result is over the cap of %lld rows or bytes", (long long)before->n_rows);
		return;
	}
	if (!same_columns(before, after)) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_FAILED, "column names or types differ");
	} else if (equal) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_PASSED,
			"%lld rows, equal as multisets on today's data", (long long)before->n_rows);
		return;
	} else if (original->limited) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE,
			"the statement limits its rows, so which of several equal rows come back is not determined");
		return;
	} else if (before->n_rows != after->n_rows) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_FAILED, "%lld rows before, %lld after",
			(long long)before->n_rows, (long long)after->n_rows);
	} else {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_FAILED,
			"%lld rows in both, but not the same ones", (long long)before->n_rows);
	}
	proposal->verdict = SO_VERDICT_REJECTED;
	talloc_free(proposal->verdict_reason);
	proposal->verdict_reason = so_printf(
		proposal, "the two statements gave different results: %s", proposal->rungs[SO_RUNG_SAME_RESULT].reason);
}

static bool digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_verify_options *options,
	struct so_result_digest *out, struct so_err *err)
{
	if (!so_cancel_check(options->cancel, err))
		return false;
	return so_conn_engine(conn)->digest(ctx, conn, sql, options->max_rows, options->max_bytes,
		so_cancel_left_ms(options->cancel, options->timeout_ms), out, err);
}

bool so_verify_same_result(struct so_conn *conn, const struct so_verify_statement *original,
	struct so_proposal *proposal, const struct so_verify_options *options, struct so_err *err)
{
	SO_TMP(tmp, proposal);
	struct so_result_digest before = { 0 }, after = { 0 };
	const char *reason = why_not_run(original);
	struct so_err why = SO_ERR_INIT;

	if (proposal->kind != SO_PROPOSAL_REWRITE)
		return true;
	if (reason) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE, "%s", reason);
		return true;
	}
	if (digest(tmp, conn, original->sql, options, &before, &why) &&
		digest(tmp, conn, proposal->sql, options, &after, &why)) {
		compare(proposal, original, &before, &after);
		return true;
	}
	if (ends_the_job(&why)) {
		*err = why;
		return false;
	}
	so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE, "%s", why.message);
	return true;
}
