/* Findings in the shape that the older API calls a DetectionResult. */
#include <string.h>

#include "base/clock.h"
#include "service/optimize.h"

static json_t *texts(char *const *items, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(items[i]));
	return array;
}

static json_t *detected_issue(const struct so_finding *finding, const char *detected_at)
{
	json_t *metrics = json_object(), *recommendations = json_array();

	for (size_t i = 0; i < finding->n_evidence; i++)
		json_object_set_new(metrics, finding->evidence[i].name, json_real(finding->evidence[i].value));
	if (finding->remedy)
		json_array_append_new(recommendations, json_string(finding->remedy));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "issue_type",
		finding->issue_type ? finding->issue_type : "suboptimal_pattern", "severity",
		so_severity_name(finding->severity), "title", finding->title ? finding->title : finding->rule,
		"description", finding->explanation ? finding->explanation : "", "affected_objects",
		texts(finding->objects, finding->n_objects), "recommendations", recommendations, "metrics", metrics,
		"detected_at", detected_at);
}

/* Every remedy once, in the order of severity. */
static json_t *all_recommendations(const struct so_finding_list *findings)
{
	json_t *array = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const char *remedy = findings->items[i].remedy;
		bool seen = !remedy;

		for (size_t j = 0; !seen && j < json_array_size(array); j++)
			seen = strcmp(json_string_value(json_array_get(array, j)), remedy) == 0;
		if (!seen)
			json_array_append_new(array, json_string(remedy));
	}
	return array;
}

static char *summary_text(TALLOC_CTX *ctx, size_t total, const int64_t counts[SO_SEVERITY_MAX])
{
	if (total == 0)
		return so_strdup(ctx, "No issues found.");
	return so_printf(ctx, "%zu issue%s found: %lld critical, %lld high, %lld medium, %lld low.", total,
		total == 1 ? "" : "s", (long long)counts[SO_SEVERITY_CRITICAL], (long long)counts[SO_SEVERITY_HIGH],
		(long long)counts[SO_SEVERITY_MEDIUM], (long long)counts[SO_SEVERITY_LOW]);
}

json_t *so_detection_result(const struct so_finding_list *findings, int64_t detected_at_us)
{
	SO_TMP(tmp, NULL);
	const char *detected_at = so_time_text(tmp, detected_at_us);
	int64_t counts[SO_SEVERITY_MAX] = { 0 };
	json_t *issues = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		counts[findings->items[i].severity]++;
		json_array_append_new(issues, detected_issue(&findings->items[i], detected_at));
	}
	return json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:I}", "issues", issues, "recommendations",
		all_recommendations(findings), "summary", summary_text(tmp, findings->count, counts), "total_issues",
		(json_int_t)findings->count, "critical_issues", (json_int_t)counts[SO_SEVERITY_CRITICAL], "high_issues",
		(json_int_t)counts[SO_SEVERITY_HIGH], "medium_issues", (json_int_t)counts[SO_SEVERITY_MEDIUM],
		"low_issues", (json_int_t)counts[SO_SEVERITY_LOW]);
}
