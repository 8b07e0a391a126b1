/* How many of the regressions in made-up histories are found, how many alarms are false, how many causes are right: see
 * tests/lib/regression_cases.c for the histories. SEED= takes others, COUNT= more of each sort, VERBOSE=1 lists
 * failures. regression.detected_pct      of the histories with a regression, opened after its onset
 *   regression.false_pct         of all histories, opened without one: in a control, or before the onset
 *   regression.false_controls_pct  of the controls alone
 *   regression.cause_right_pct   of the detected ones, the cause and its event named as made
 *   regression.kind_right_pct    of the detected ones, step, drift or new
 *   regression.closed_pct        of those that recover, closed after it */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lib/regression_cases.h"

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

/* From the true onset. */
static double buckets(const struct regression_case *c, int64_t at_us)
{
	return (double)(at_us - c->onset_us) / (double)c->series.bucket_us;
}

static void print_failure(
	const struct regression_case *c, const struct regression_outcome *o, uint64_t nth, const char *what)
{
	printf("# %s\t%s #%llu\tfactor %.2f\tfound %s %.2f z %.1f noise %.2f veto %s onset %+.0f (%.0f..%.0f)\tcause "
	       "%s (made %s)\t%s\n",
		what, c->name, (unsigned long long)nth, c->factor, so_regression_kind_name(o->found.kind),
		o->found.factor, o->found.z, o->found.noise, so_regression_veto_text(o->found.veto),
		buckets(c, o->found.onset_us), buckets(c, o->found.onset_from_us), buckets(c, o->found.onset_to_us),
		so_cause_name(o->cause), so_cause_name(c->cause), o->text);
}

static void print_pct(const char *name, size_t part, size_t all)
{
	printf("regression.%s\t%.2f\t%%\n", name, all ? 100 * (double)part / (double)all : 0);
}

int main(void)
{
	uint64_t seed = number("SEED", 1), count = number("COUNT", 4);
	bool verbose = number("VERBOSE", 0);
	size_t n = 0, positive = 0, detected = 0, wrong = 0, wrong_controls = 0, kinds = 0, causes = 0, recover = 0,
	       closed = 0;
	size_t steps = 0;
	int64_t began = so_time_thread_cpu_us();

	for (size_t sort = 0; sort < regression_case_sorts(); sort++)
		for (uint64_t nth = 0; nth < count; nth++) {
			TALLOC_CTX *ctx = talloc_new(NULL);
			struct regression_case *c = regression_case_new(ctx, seed, sort, nth);
			struct regression_outcome o;
			bool is_control = c->expected == SO_REGRESSION_NONE;

			regression_case_run(&o, ctx, c);
			if (verbose && !is_control && !o.detected) {
				struct so_regression_input none = { .load = c->load, .n_load = c->series.count };
				struct so_regression_config config = SO_REGRESSION_DEFAULTS;

				so_regression_detect(&o.found, ctx, &c->series, &none, &config);
			}
			n++;
			steps += c->series.count - c->watch_from;
			positive += !is_control;
			wrong += o.early;
			wrong_controls += is_control && o.early;
			detected += o.detected;
			kinds += o.detected && o.kind_right;
			causes += o.detected && o.cause_right;
			recover += c->recovers && o.detected;
			closed += c->recovers && o.detected && o.closed;
			if (verbose && (o.early || (!is_control && !o.detected)))
				print_failure(c, &o, nth, o.early ? "false" : "missed");
			else if (verbose && o.detected && !(o.kind_right && o.cause_right))
				print_failure(c, &o, nth, o.kind_right ? "cause" : "kind");
			else if (verbose && o.detected && c->recovers && !o.closed)
				print_failure(c, &o, nth, "not closed");
			talloc_free(ctx);
		}
	printf("regression.series\t%zu\tseries\n", n);
	print_pct("detected_pct", detected, positive);
	print_pct("false_pct", wrong, n);
	print_pct("false_controls_pct", wrong_controls, n - positive);
	print_pct("cause_right_pct", causes, detected);
	print_pct("kind_right_pct", kinds, detected);
	print_pct("closed_pct", closed, recover);
	printf("regression.step_us\t%.0f\tus\n", (double)(so_time_thread_cpu_us() - began) / (double)steps);
	return 0;
}
