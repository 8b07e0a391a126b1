/* Rules about what no snapshot of tables shows: sequences, transaction ids, sessions, slots. */
#include "advise/audit/rules.h"

#include <math.h>
#include <string.h>

#include "advise/candidate.h"
#include "advise/describe.h"

/* The severity for a value against up to three rising limits: low is never reached. */
static bool graded(const double *limits, size_t n, double value, enum so_severity *severity)
{
	static const enum so_severity steps[] = { SO_SEVERITY_MEDIUM, SO_SEVERITY_HIGH, SO_SEVERITY_CRITICAL };

	*severity = SO_SEVERITY_LOW;
	if (isnan(value) || value < limits[0])
		return false;
	for (size_t i = 0; i < n && value >= limits[i]; i++)
		*severity = steps[i];
	return true;
}

static double percent(const struct so_vital *v)
{
	return v->limit > 0 ? v->value / v->limit * 100.0 : NAN;
}

static void sequence(struct so_audit *a, const struct so_vital *v)
{
	SO_TMP(tmp, NULL);
	enum so_severity severity;
	struct so_finding *f;

	audit_checked(a, AUDIT_SEQUENCE, 1);
	if (!graded(a->limits[AUDIT_SEQUENCE], 3, percent(v), &severity))
		return;
	f = audit_found(a, AUDIT_SEQUENCE, severity, v->object, "%s has used %.0f %% of its numbers", v->object,
		floor(percent(v)));
	audit_explain(a, f,
		"%s of %s numbers are used%s%s. When the last is given out, every insert that needs one fails.",
		so_describe_count(tmp, v->value), so_describe_count(tmp, v->limit), v->detail ? "; it fills " : "",
		v->detail ? v->detail : "");
	audit_evidence(a, f, "last_value", v->value, "numbers");
	audit_evidence(a, f, "limit", v->limit, "numbers");
	audit_evidence(a, f, "used", percent(v), "%");
}

static void wraparound(struct so_audit *a, const struct so_vital *v)
{
	SO_TMP(tmp, NULL);
	bool multi = v->kind == SO_VITAL_MXID_AGE;
	enum so_severity severity;
	struct so_finding *f;

	audit_checked(a, AUDIT_WRAPAROUND, 1);
	if (!graded(a->limits[AUDIT_WRAPAROUND], 3, percent(v), &severity))
		return;
	f = audit_found(a, AUDIT_WRAPAROUND, severity, v->object, "%s is %.0f %% of the way to %s wraparound",
		v->object, floor(percent(v)), multi ? "multixact" : "transaction id");
	audit_explain(a, f,
		"Its oldest row was written %s %s ago; at %s the server refuses to write. Autovacuum should have begun "
		"at %s, so something holds it back.",
		so_describe_count(tmp, v->value), multi ? "multixacts" : "transactions",
		so_describe_count(tmp, v->limit), v->detail ? v->detail : "a tenth of that");
	audit_evidence(a, f, "age", v->value, "transactions");
	audit_evidence(a, f, "used", percent(v), "%");
}

static void constraint(struct so_audit *a, const struct so_vital *v)
{
	struct so_finding *f;

	audit_checked(a, AUDIT_INVALID_CONSTRAINT, 1);
	f = audit_found(a, AUDIT_INVALID_CONSTRAINT, SO_SEVERITY_LOW, v->object, "A constraint of %s is not validated",
		v->object);
	audit_explain(a, f, "%s: new rows obey it, the rows that were there before were never checked.",
		v->detail ? v->detail : v->object);
}

static void sessions(struct so_audit *a, const struct so_vital *v)
{
	enum so_severity severity;
	struct so_finding *f;

	audit_checked(a, AUDIT_SESSIONS, 1);
	if (!graded(a->limits[AUDIT_SESSIONS], 2, percent(v), &severity))
		return;
	f = audit_found(
		a, AUDIT_SESSIONS, severity, "server", "%.0f of %.0f connections are in use", v->value, v->limit);
	audit_explain(a, f, "When the last one is taken, only an administrator can connect, if anybody.");
	audit_evidence(a, f, "sessions", v->value, "sessions");
	audit_evidence(a, f, "used", percent(v), "%");
}

static char *age_text(TALLOC_CTX *ctx, double seconds)
{
	if (seconds >= 172800)
		return so_printf(ctx, "%.0f days", floor(seconds / 86400));
	if (seconds >= 7200)
		return so_printf(ctx, "%.0f hours", floor(seconds / 3600));
	return so_printf(ctx, "%.0f minutes", floor(seconds / 60));
}

/* The setting that ends transactions which stay idle; NULL: this server has none. */
static const char *idle_limit(const char *dialect)
{
	if (!dialect || strcmp(dialect, "postgresql") == 0)
		return "idle_in_transaction_session_timeout";
	return strcmp(dialect, "mariadb") == 0 ? "idle_transaction_timeout" : NULL;
}

static void transaction(struct so_audit *a, const struct so_vital *v)
{
	SO_TMP(tmp, NULL);
	bool prepared = v->kind == SO_VITAL_PREPARED_TRANSACTION;
	enum so_severity severity;
	struct so_finding *f;

	audit_checked(a, AUDIT_OPEN_TRANSACTION, 1);
	if (!graded(a->limits[AUDIT_OPEN_TRANSACTION], 2, v->value, &severity))
		return;
	f = audit_found(a, AUDIT_OPEN_TRANSACTION, severity, v->object, "%s %s has been open for %s",
		prepared ? "Prepared transaction" : "The transaction of", v->object, age_text(tmp, v->value));
	audit_explain(a, f,
		"Rows that were deleted or changed since it began cannot be removed, in any table; its locks stay as "
		"well%s%s.",
		v->detail ? ". It is: " : "", v->detail ? v->detail : "");
	if (v->kind == SO_VITAL_OPEN_TRANSACTION && idle_limit(a->dialect))
		audit_remedy(a, f, "End it; set a limit for idle transactions (%s).", idle_limit(a->dialect));
	if (prepared)
		audit_remedy(a, f, "Finish it: COMMIT PREPARED %s or ROLLBACK PREPARED %s.", v->object, v->object);
	audit_evidence(a, f, "age", v->value, "s");
}

static void slot(struct so_audit *a, const struct so_vital *v)
{
	SO_TMP(tmp, NULL);
	enum so_severity severity;
	struct so_finding *f;

	audit_checked(a, AUDIT_SLOT, 1);
	if (!graded(a->limits[AUDIT_SLOT], 2, v->value, &severity))
		return;
	f = audit_found(a, AUDIT_SLOT, severity, v->object, "Replication slot %s is inactive and holds back %s of log",
		v->object, so_cand_size_text(tmp, (int64_t)v->value));
	audit_explain(a, f, "Nobody reads it (%s), and the server keeps the log for it until the disk is full.",
		v->detail ? v->detail : "no reader");
	audit_evidence(a, f, "retained", v->value, "bytes");
}

static void cache(struct so_audit *a, const struct so_vital *v)
{
	double hits = percent(v);
	struct so_finding *f;

	audit_checked(a, AUDIT_CACHE, 1);
	if (isnan(hits) || v->limit < a->limits[AUDIT_CACHE][0] || hits >= a->limits[AUDIT_CACHE][1])
		return;
	f = audit_found(a, AUDIT_CACHE, SO_SEVERITY_MEDIUM, v->object,
		"Only %.1f %% of the pages of %s were found in memory", hits, v->object);
	audit_explain(a, f,
		"The rest came from the operating system or the disk; which of the two the counters do not tell.");
	audit_evidence(a, f, "hits", hits, "%");
	audit_evidence(a, f, "pages", v->limit, "pages");
}

static void maintenance(struct so_audit *a, const struct so_vital *v)
{
	struct so_finding *f;

	audit_checked(a, AUDIT_MAINTENANCE_OFF, 1);
	f = audit_found(a, AUDIT_MAINTENANCE_OFF, SO_SEVERITY_MEDIUM, v->object, "Automatic maintenance of %s is off",
		v->object);
	audit_explain(a, f,
		"%s: dead rows are not removed and statistics not renewed, unless somebody does it by hand.",
		v->detail ? v->detail : "switched off");
	audit_remedy(a, f, "ALTER TABLE %s RESET (autovacuum_enabled).", v->object);
}

void audit_vital(struct so_audit *audit, const struct so_vital *vital)
{
	switch (vital->kind) {
	case SO_VITAL_SEQUENCE:
		sequence(audit, vital);
		break;
	case SO_VITAL_XID_AGE:
	case SO_VITAL_MXID_AGE:
		wraparound(audit, vital);
		break;
	case SO_VITAL_INVALID_CONSTRAINT:
		constraint(audit, vital);
		break;
	case SO_VITAL_SESSIONS:
		sessions(audit, vital);
		break;
	case SO_VITAL_OPEN_TRANSACTION:
	case SO_VITAL_PREPARED_TRANSACTION:
		transaction(audit, vital);
		break;
	case SO_VITAL_REPLICATION_SLOT:
		slot(audit, vital);
		break;
	case SO_VITAL_CACHE:
		cache(audit, vital);
		break;
	case SO_VITAL_MAINTENANCE_OFF:
		maintenance(audit, vital);
		break;
	case SO_VITAL_COUNTERS_SINCE:
	case SO_VITAL_KIND_MAX:
		break;
	}
}
