#include "advise/describe.h"

#include <math.h>
#include <string.h>

void so_describe_text_rungs(struct so_proposal *p, const char *why_not_planned)
{
	so_proposal_rung(p, SO_RUNG_PARSED, SO_RUNG_PASSED, "written from names of the catalog");
	so_proposal_rung(p, SO_RUNG_RESOLVED, SO_RUNG_PASSED, NULL);
	so_proposal_rung(p, SO_RUNG_PLANNED, SO_RUNG_NOT_POSSIBLE, "%s", why_not_planned);
	so_proposal_rung(p, SO_RUNG_EQUIVALENT, SO_RUNG_PASSED, "no statement's result depends on it");
}

static bool starts_with_object(const char *text, const char *object)
{
	size_t len = strlen(object);

	return strncmp(text, object, len) == 0 && (text[len] == '\0' || text[len] == '.');
}

/* Plans name relations without their schema unless they are verbose. */
static bool about(const struct so_finding *finding, const char *object)
{
	const char *bare = strchr(object, '.') ? strchr(object, '.') + 1 : object;

	for (size_t i = 0; i < finding->n_objects; i++)
		if (starts_with_object(finding->objects[i], object) || starts_with_object(finding->objects[i], bare))
			return true;
	return false;
}

const char *so_describe_finding(const struct so_finding_list *findings, const char *object, const char *const *rules)
{
	for (const char *const *rule = rules; findings && *rule; rule++)
		for (size_t i = 0; i < findings->count; i++)
			if (strcmp(findings->items[i].rule, *rule) == 0 &&
				(!object || about(&findings->items[i], object)))
				return findings->items[i].rule;
	return NULL;
}

const char *so_describe_count(TALLOC_CTX *ctx, double value)
{
	char *digits = so_printf(ctx, "%.0f", fabs(value)), *out;
	size_t n = strlen(digits), at = 0;

	out = so_new_array(ctx, char, n + n / 3 + 2);
	if (value < 0)
		out[at++] = '-';
	for (size_t i = 0; i < n; i++) {
		out[at++] = digits[i];
		if ((n - i - 1) % 3 == 0 && i + 1 < n)
			out[at++] = ',';
	}
	return out;
}
