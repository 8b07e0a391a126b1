#include "monitor/finding.h"

#include "base/clock.h"

/* Part of the instance's time that is lost. */
static enum so_severity severity_of(double lost)
{
	if (isnan(lost))
		return SO_SEVERITY_MEDIUM;
	return lost >= 0.3    ? SO_SEVERITY_CRITICAL
	       : lost >= 0.1  ? SO_SEVERITY_HIGH
	       : lost >= 0.03 ? SO_SEVERITY_MEDIUM
			      : SO_SEVERITY_LOW;
}

/* "12.1 ms", "3.20 s" */
static char *duration(TALLOC_CTX *ctx, double us)
{
	const char *unit = us >= 1e6 ? "s" : us >= 1e3 ? "ms" : "us";
	double v = us >= 1e6 ? us / 1e6 : us >= 1e3 ? us / 1e3 : us;

	return so_printf(ctx, "%.*f %s", v >= 100 ? 0 : v >= 10 ? 1 : 2, v, unit);
}

static const char *remedy_of(const struct so_cause *cause)
{
	switch (cause->kind) {
	case SO_CAUSE_PLAN:
		return cause->event && cause->event->kind == SO_EVENT_INDEX_DROPPED
			       ? "Compare the two plans; create the index again if this query needs it."
			       : "Compare the two plans. Gather statistics of the tables first; then look at the "
				 "estimates of "
				 "the new one.";
	case SO_CAUSE_ROWS:
		return "Look whether all the rows are needed: a limit, a tighter condition, or an index that reads "
		       "only "
		       "them. If it grows on, it gets slower on.";
	case SO_CAUSE_CACHE:
		return "Look what else fills the cache since then; a narrower index lets the query touch fewer pages.";
	case SO_CAUSE_STATISTICS:
		return "Look at the plan of today: estimates that are far off say which statistics are missing.";
	case SO_CAUSE_SETTING:
		return "Set it back for one session and compare the times.";
	case SO_CAUSE_INDEX:
		return "Look at the plan of today; create the index again if this query needs it.";
	case SO_CAUSE_VERSION:
		return "Gather statistics: after an upgrade there may be none. Then compare the plans.";
	case SO_CAUSE_LOAD:
		return "This query is the same. Look for what took processors, storage or locks since then.";
	case SO_CAUSE_NONE:
	case SO_CAUSE_KIND_MAX:
		break;
	}
	return "Analyse the query as it is today.";
}

static const char *issue_type_of(const struct so_cause *cause)
{
	return cause->kind == SO_CAUSE_STATISTICS ? "stale_statistics"
	       : cause->kind == SO_CAUSE_SETTING  ? "config_tuning"
	       : cause->kind == SO_CAUSE_CACHE    ? "high_io_workload"
	       : cause->kind == SO_CAUSE_INDEX    ? "missing_index"
						  : "suboptimal_pattern";
}

static void describe(struct so_finding_list *list, struct so_finding *f, const struct so_regression *found,
	const struct so_cause *cause)
{
	SO_TMP(tmp, list);
	char *share = isnan(found->share) ? so_strdup(tmp, "")
					  : so_printf(tmp, ", %.0f %% of the server's time", 100 * found->share);
	char *since = so_time_text(tmp, found->onset_us);

	if (found->kind == SO_REGRESSION_NEW) {
		f->title = so_printf(list, "New query takes %.0f %% of the server's time", 100 * found->share);
		f->explanation = so_printf(list, "First seen at %s. %lld calls since then took %s each%s.", since,
			(long long)found->calls_after, duration(tmp, found->after_us), share);
		return;
	}
	f->title = so_printf(list, "%.1f times slower%s", found->factor,
		found->kind == SO_REGRESSION_DRIFT ? ", and getting slower little by little" : "");
	f->explanation = so_printf(list, "Since %s a call takes %s; before, at the same hours, it was %s%s. %s", since,
		duration(tmp, found->after_us), duration(tmp, found->before_us), share, cause->text);
}

struct so_finding *so_regression_finding(
	struct so_finding_list *list, const struct so_regression *found, const struct so_cause *cause)
{
	bool is_new = found->kind == SO_REGRESSION_NEW;
	const char *rule = is_new ? "new-slow-query" : "query-regression";
	struct so_finding *f =
		so_finding_add(list, rule, severity_of(is_new ? found->share : found->share * (1 - 1 / found->factor)));

	f->issue_type = issue_type_of(cause);
	f->docs = so_printf(list, "/docs/findings/%s", rule);
	f->remedy = so_strdup(list, remedy_of(cause));
	describe(list, f, found, cause);
	if (!is_new) {
		so_finding_add_evidence(list, f, "factor", found->factor, "x");
		so_finding_add_evidence(list, f, "before", found->before_us / 1000, "ms");
		so_finding_add_evidence(list, f, "standard_errors", found->z, "x");
		so_finding_add_evidence(list, f, "noise", found->noise, "x");
	}
	so_finding_add_evidence(list, f, "after", found->after_us / 1000, "ms");
	so_finding_add_evidence(list, f, "calls_after", (double)found->calls_after, "calls");
	if (!isnan(found->share))
		so_finding_add_evidence(list, f, "share", 100 * found->share, "%");
	if (!isnan(cause->explained))
		so_finding_add_evidence(list, f, "explained", 100 * fmin(1, cause->explained), "%");
	if (cause->n_peers)
		so_finding_add_evidence(
			list, f, "others_slowed", 100 * (double)cause->n_peers_slow / (double)cause->n_peers, "%");
	if (cause->event)
		so_finding_add_object(list, f, cause->event->object);
	return f;
}

struct so_finding *so_n_plus_one_finding(
	struct so_finding_list *list, const struct so_n_plus_one *pair, const char *parent)
{
	struct so_finding *f = so_finding_add(list, "n-plus-one", severity_of(pair->share));

	f->issue_type = "orm_generated";
	f->docs = so_strdup(list, "/docs/findings/n-plus-one");
	f->title =
		so_printf(list, "Called %.*f times for each call of another statement", pair->ratio < 10, pair->ratio);
	f->explanation = so_printf(list, "%s The other statement: %s", pair->text, parent);
	f->remedy = so_strdup(list, "Fetch the rows for all results at once: a join, or one statement with a list of "
				    "keys. In an object mapper: load the relation eagerly.");
	so_finding_add_evidence(list, f, "ratio", pair->ratio, "x");
	so_finding_add_evidence(list, f, "spread", 100 * pair->spread, "%");
	so_finding_add_evidence(list, f, "correlation", pair->correlation, "x");
	so_finding_add_evidence(list, f, "share", 100 * pair->share, "%");
	so_finding_add_evidence(list, f, "child", pair->child_us / 1000, "ms");
	return f;
}
