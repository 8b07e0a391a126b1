/* Rung 5: the same rows on the real data. */
#include <string.h>

#include "verify/verify.h"

/* Why these statements are not run at all, or NULL. */
static const char *why_not_run(const struct so_verify_statement *original)
{
	if (!original->pure_read)
		return "only pure reads are executed";
	if (original->has_params && original->n_pairs == 0)
		return "the statement has parameters and no values for them are known";
	if (original->volatile_calls)
		return "the statement calls functions whose result changes from run to run";
	return NULL;
}

/* A connection that is gone, or a job that is over: nothing more can be learned. */
void so_verify_hide_values(const struct so_verify_statement *original, struct so_err *err)
{
	struct so_err words = SO_ERR_INIT;

	/* what we say ourselves holds none */
	if (!original->has_params || (err->kind != SO_TARGET && err->kind != SO_INPUT))
		return;
	so_fail(&words, err->kind, "the server refused it with values in place of the parameters%s%s",
		*err->sqlstate ? ": SQLSTATE " : "", err->sqlstate);
	memcpy(words.sqlstate, err->sqlstate, sizeof words.sqlstate);
	*err = words;
}

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

/* What one pair of results shows. */
struct comparison {
	enum so_rung_status status;
	char *reason;
};

static struct comparison compare(TALLOC_CTX *ctx, const struct so_verify_statement *original,
	const struct so_result_digest *before, const struct so_result_digest *after)
{
	long long rows = (long long)before->n_rows;

	if (before->truncated || after->truncated)
		return (struct comparison){ SO_RUNG_NOT_POSSIBLE,
			so_printf(ctx, "the result is over the cap of %lld rows or bytes", rows) };
	if (!same_columns(before, after))
		return (struct comparison){ SO_RUNG_FAILED, so_strdup(ctx, "column names or types differ") };
	if (before->n_rows == after->n_rows && before->multiset_hash == after->multiset_hash)
		return (struct comparison){ SO_RUNG_PASSED,
			so_printf(ctx, "%lld rows, equal as multisets on today's data", rows) };
	if (original->limited)
		return (struct comparison){ SO_RUNG_NOT_POSSIBLE,
			so_strdup(ctx, "the statement limits its rows, so which of several equal rows come back is not "
				       "determined") };
	if (before->n_rows != after->n_rows)
		return (struct comparison){ SO_RUNG_FAILED,
			so_printf(ctx, "%lld rows before, %lld after", rows, (long long)after->n_rows) };
	return (struct comparison){ SO_RUNG_FAILED, so_printf(ctx, "%lld rows in both, but not the same ones", rows) };
}

static bool digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, const struct so_verify_options *options,
	struct so_result_digest *out, struct so_err *err)
{
	if (!so_cancel_check(options->cancel, err))
		return false;
	return so_conn_engine(conn)->digest(ctx, conn, sql, options->max_rows, options->max_bytes,
		so_cancel_left_ms(options->cancel, options->timeout_ms), out, err);
}

static bool compare_pair(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_verify_statement *original,
	const struct so_verify_pair *pair, const struct so_verify_options *options, struct comparison *out,
	struct so_err *err)
{
	struct so_result_digest before = { 0 }, after = { 0 };

	if (!digest(ctx, conn, pair->before, options, &before, err) ||
		!digest(ctx, conn, pair->after, options, &after, err))
		return false;
	*out = compare(ctx, original, &before, &after);
	if (pair->what)
		out->reason = so_printf(ctx, "with %s values: %s", pair->what, out->reason);
	return true;
}

/* All pairs, as far as they agree; the reasons of those that do stand beside each other. */
static bool compare_all(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_verify_statement *original,
	const struct so_verify_pair *pairs, size_t n, const struct so_verify_options *options, struct comparison *out,
	struct so_err *err)
{
	char *passed = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!compare_pair(ctx, conn, original, &pairs[i], options, out, err))
			return false;
		if (out->status != SO_RUNG_PASSED)
			return true;
		passed = passed ? so_printf(ctx, "%s; %s", passed, out->reason) : out->reason;
	}
	out->reason = passed;
	return true;
}

bool so_verify_same_result(struct so_conn *conn, const struct so_verify_statement *original,
	struct so_proposal *proposal, const struct so_verify_options *options, struct so_err *err)
{
	SO_TMP(tmp, proposal);
	struct so_verify_pair plain = { .before = original->sql, .after = proposal->sql };
	const char *reason = why_not_run(original);
	struct comparison result = { 0 };
	struct so_err why = SO_ERR_INIT;

	if (proposal->kind != SO_PROPOSAL_REWRITE)
		return true;
	if (reason) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE, "%s", reason);
		return true;
	}
	if (compare_all(tmp, conn, original, original->has_params ? original->pairs : &plain,
		    original->has_params ? original->n_pairs : 1, options, &result, &why)) {
		so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, result.status, "%s", result.reason);
		if (result.status == SO_RUNG_FAILED) {
			proposal->verdict = SO_VERDICT_REJECTED;
			talloc_free(proposal->verdict_reason);
			proposal->verdict_reason =
				so_printf(proposal, "the two statements gave different results: %s", result.reason);
		}
		return true;
	}
	if (ends_the_job(&why)) {
		*err = why;
		return false;
	}
	so_verify_hide_values(original, &why);
	so_proposal_rung(proposal, SO_RUNG_SAME_RESULT, SO_RUNG_NOT_POSSIBLE, "%s", why.message);
	return true;
}
