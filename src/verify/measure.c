/* Rung 6: timed before and after. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "verify/verify.h"

#define MAX_ITERATIONS   10
#define BUILD_TIMEOUT_MS 600000
#define LOCK_TIMEOUT_MS  2000

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void summarise(double *ms, int32_t runs, struct so_timing *out)
{
	double low, high;

	qsort(ms, (size_t)runs, sizeof *ms, compare_doubles);
	out->runs = runs;
	out->median_ms = runs % 2 ? ms[runs / 2] : (ms[runs / 2 - 1] + ms[runs / 2]) / 2;
	low = ms[runs / 4];
	high = ms[(3 * (runs - 1) + 2) / 4];
	out->spread = out->median_ms > 0 ? (high - low) / out->median_ms : 0;
}

static bool run_once(struct so_conn *conn, const char *sql, const struct so_verify_options *options, double *ms,
	struct so_timing *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_result_digest digest = { 0 };

	if (!so_cancel_check(options->cancel, err))
		return false;
	if (!so_conn_engine(conn)->digest(tmp, conn, sql, options->max_rows, options->max_bytes,
		    so_cancel_left_ms(options->cancel, options->timeout_ms), &digest, err))
		return false;
	if (digest.truncated)
		return so_fail(err, SO_LIMIT, "the result is over the cap of %lld rows", (long long)options->max_rows);
	*ms = (double)digest.exec_us / 1000;
	out->rows = digest.n_rows;
	out->rows_examined = digest.rows_examined;
	return true;
}

static int32_t bounded_iterations(const struct so_verify_options *options)
{
	int32_t runs = options->iterations > 0 ? options->iterations : 3;

	return runs < MAX_ITERATIONS ? runs : MAX_ITERATIONS;
}

/* Both statements in turn, so that a load that comes and goes hits both. The first pair warms caches and is not
 * counted. */
static bool time_pair(struct so_conn *conn, const char *a, const char *b, const struct so_verify_options *options,
	struct so_timing *before, struct so_timing *after, struct so_err *err)
{
	double ms_a[MAX_ITERATIONS], ms_b[MAX_ITERATIONS], warm;
	int32_t runs = bounded_iterations(options);

	if (!run_once(conn, a, options, &warm, before, err) || !run_once(conn, b, options, &warm, after, err))
		return false;
	for (int32_t i = 0; i < runs; i++)
		if (!run_once(conn, a, options, &ms_a[i], before, err) ||
			!run_once(conn, b, options, &ms_b[i], after, err))
			return false;
	summarise(ms_a, runs, before);
	summarise(ms_b, runs, after);
	return true;
}

bool so_verify_time(struct so_conn *conn, const char *sql, const struct so_verify_options *options,
	struct so_timing *out, struct so_err *err)
{
	double ms[MAX_ITERATIONS], warm;
	int32_t runs = bounded_iterations(options);

	if (!run_once(conn, sql, options, &warm, out, err))
		return false;
	for (int32_t i = 0; i < runs; i++)
		if (!run_once(conn, sql, options, &ms[i], out, err))
			return false;
	summarise(ms, runs, out);
	return true;
}

/* "; rows looked at: 60,000 before, 12 after", where the engine counts them. */
static const char *looked_at(TALLOC_CTX *ctx, const struct so_timing *before, const struct so_timing *after)
{
	if (!before->rows_examined || !after->rows_examined)
		return "";
	return so_printf(ctx, "; rows and index entries looked at: %lld before, %lld after",
		(long long)before->rows_examined, (long long)after->rows_examined);
}

static void record(struct so_proposal *proposal, const struct so_timing *before, const struct so_timing *after)
{
	SO_TMP(tmp, proposal);
	double gain = before->median_ms / fmax(after->median_ms, 0.001);
	const char *rows = looked_at(tmp, before, after);

	proposal->measured_before_ms = before->median_ms;
	proposal->measured_after_ms = after->median_ms;
	proposal->measured_spread = fmax(before->spread, after->spread);
	proposal->measured_runs = after->runs;
	if (gain >= SO_VERIFY_MIN_GAIN) {
		so_proposal_rung(proposal, SO_RUNG_MEASURED, SO_RUNG_PASSED,
			"%.3g ms before, %.3g ms after, median of %d: %.3gx%s", before->median_ms, after->median_ms,
			after->runs, gain, rows);
		/* an index cannot change a result, so building and timing it settles what the planner could not say */
		if (proposal->kind == SO_PROPOSAL_INDEX && proposal->verdict == SO_VERDICT_UNPROVED)
			proposal->verdict = SO_VERDICT_OFFERED;
		return;
	}
	so_proposal_rung(proposal, SO_RUNG_MEASURED, SO_RUNG_FAILED,
		"%.3g ms before, %.3g ms after, median of %d: below %.1fx is not called an improvement%s",
		before->median_ms, after->median_ms, after->runs, SO_VERIFY_MIN_GAIN, rows);
	if (proposal->verdict == SO_VERDICT_OFFERED) {
		proposal->verdict = SO_VERDICT_REJECTED;
		proposal->verdict_reason = so_strdup(proposal, "measured: no improvement");
	}
}

static bool is_concurrent(const char *sql)
{
	return strncmp(sql, "CREATE INDEX CONCURRENTLY ", 26) == 0;
}

/* The proposal's DDL under a name of our own, so that what is dropped afterwards cannot be anybody else's index. */
static char *scratch_ddl(TALLOC_CTX *ctx, const char *sql, char **name, struct so_err *err)
{
	const char *on = strstr(sql, " ON ");

	if (strncmp(sql, "CREATE INDEX ", 13) != 0 || !on) {
		so_fail(err, SO_UNSUPPORTED, "only CREATE INDEX statements can be built for a measurement");
		return NULL;
	}
	*name = so_printf(ctx, SO_MEASURE_PREFIX "%llx", (unsigned long long)so_time_now_us());
	return so_printf(ctx, "CREATE INDEX %s%s%s", is_concurrent(sql) ? "CONCURRENTLY " : "", *name, on);
}

/* "schema." of "... ON schema.table USING ...", or "" */
static char *schema_prefix(TALLOC_CTX *ctx, const char *sql)
{
	const char *table = strstr(sql, " ON ") + 4;
	bool quoted = false;
	size_t len = 0;

	for (; table[len] && (quoted || (table[len] != ' ' && table[len] != '(')); len++) {
		if (table[len] == '"')
			quoted = !quoted;
		else if (table[len] == '.' && !quoted)
			return so_strndup(ctx, table, len + 1);
	}
	return so_strdup(ctx, "");
}

/* As the proposal itself would be undone, with the other name. */
static char *scratch_drop(TALLOC_CTX *ctx, const char *schema, const char *name, const struct so_proposal *proposal)
{
	const char *on = proposal->undo_sql ? strstr(proposal->undo_sql, " ON ") : NULL;

	if (on)
		return so_printf(ctx, "DROP INDEX %s%s", name, on);
	return so_printf(
		ctx, "DROP INDEX %sIF EXISTS %s%s", is_concurrent(proposal->sql) ? "CONCURRENTLY " : "", schema, name);
}

static void drop_scratch(struct so_conn *conn, const char *schema, const char *name, struct so_proposal *proposal)
{
	SO_TMP(tmp, NULL);
	char *sql = scratch_drop(tmp, schema, name, proposal);
	struct so_err err = SO_ERR_INIT;

	if (!so_conn_engine(conn)->execute(conn, sql, BUILD_TIMEOUT_MS, LOCK_TIMEOUT_MS, &err))
		so_proposal_add_caveat(proposal,
			"the index built for the measurement could not be dropped (%s); run: %s", err.message, sql);
}

/* Times add up over the choices of values, and the worst spread is that of all. */
static void add_timing(struct so_timing *sum, const struct so_timing *one)
{
	sum->median_ms += one->median_ms;
	sum->spread = fmax(sum->spread, one->spread);
	sum->rows += one->rows;
	sum->rows_examined += one->rows_examined;
	sum->runs = one->runs;
}

static bool time_all(struct so_conn *conn, const struct so_verify_pair *pairs, size_t n,
	const struct so_verify_options *options, struct so_timing *sum, struct so_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct so_timing one = { 0 };

		if (!so_verify_time(conn, pairs[i].before, options, &one, err))
			return false;
		add_timing(sum, &one);
	}
	return true;
}

static bool measure_rewrite(struct so_conn *conn, const struct so_verify_pair *pairs, size_t n,
	const struct so_verify_options *options, struct so_timing *before, struct so_timing *after, struct so_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct so_timing a = { 0 }, b = { 0 };

		if (!time_pair(conn, pairs[i].before, pairs[i].after, options, &a, &b, err))
			return false;
		add_timing(before, &a);
		add_timing(after, &b);
	}
	return true;
}

static bool measure_index(struct so_conn *conn, const struct so_verify_pair *pairs, size_t n,
	struct so_proposal *proposal, const struct so_verify_options *options, struct so_timing *before,
	struct so_timing *after, struct so_err *err)
{
	SO_TMP(tmp, proposal);
	char *name = NULL, *ddl = scratch_ddl(tmp, proposal->sql, &name, err), *schema;
	bool built, done;

	if (!ddl || !time_all(conn, pairs, n, options, before, err))
		return false;
	schema = schema_prefix(tmp, proposal->sql);
	built = so_conn_engine(conn)->execute(conn, ddl, BUILD_TIMEOUT_MS, LOCK_TIMEOUT_MS, err);
	done = built && time_all(conn, pairs, n, options, after, err);
	so_conn_set_cancel(conn, NULL);
	/* also after a failed or cancelled build: CONCURRENTLY leaves an INVALID index behind, others nothing */
	if (built || is_concurrent(proposal->sql))
		drop_scratch(conn, schema, name, proposal);
	so_conn_set_cancel(conn, options->cancel);
	return done;
}

/* Why there is nothing to run, or NULL. */
static const char *why_not_measured(const struct so_verify_statement *original, const struct so_proposal *proposal,
	const struct so_verify_options *options)
{
	if (!original->pure_read)
		return "only pure reads are executed";
	if (original->has_params && original->n_pairs == 0)
		return "the statement has parameters and no values for them are known";
	if (proposal->kind == SO_PROPOSAL_INDEX && !options->scratch)
		return "building an index to time it needs the connection's permission 'scratch'";
	if (proposal->kind != SO_PROPOSAL_INDEX && proposal->kind != SO_PROPOSAL_REWRITE)
		return "only indexes and rewrites are timed";
	return NULL;
}

bool so_verify_measure(struct so_conn *conn, const struct so_verify_statement *original, struct so_proposal *proposal,
	const struct so_verify_options *options, struct so_err *err)
{
	const char *reason = why_not_measured(original, proposal, options);
	struct so_verify_pair plain = { .before = original->sql, .after = proposal->sql };
	const struct so_verify_pair *pairs = original->has_params ? original->pairs : &plain;
	size_t n = original->has_params ? original->n_pairs : 1;
	struct so_timing before = { 0 }, after = { 0 };
	struct so_err why = SO_ERR_INIT;
	bool done;

	if (reason) {
		so_proposal_rung(proposal, SO_RUNG_MEASURED, SO_RUNG_NOT_POSSIBLE, "%s", reason);
		return true;
	}
	if (proposal->kind == SO_PROPOSAL_INDEX)
		done = measure_index(conn, pairs, n, proposal, options, &before, &after, &why);
	else
		done = measure_rewrite(conn, pairs, n, options, &before, &after, &why);
	if (done) {
		record(proposal, &before, &after);
		return true;
	}
	if (why.kind == SO_UNREACHABLE || why.kind == SO_CANCELLED || why.kind == SO_INTERNAL) {
		*err = why;
		return false;
	}
	so_verify_hide_values(original, &why);
	so_proposal_rung(proposal, SO_RUNG_MEASURED, SO_RUNG_NOT_POSSIBLE, "%s", why.message);
	return true;
}
