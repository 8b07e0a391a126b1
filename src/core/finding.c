#include "core/finding.h"

#include <string.h>

static const char *const severity_names[] = { "low", "medium", "high", "critical" };
_Static_assert(sizeof severity_names / sizeof severity_names[0] == SO_SEVERITY_MAX, "a name for every severity");

const char *so_severity_name(enum so_severity severity)
{
	so_assert(severity < SO_SEVERITY_MAX);
	return severity_names[severity];
}

struct so_finding_list *so_finding_list_new(TALLOC_CTX *ctx)
{
	return so_new(ctx, struct so_finding_list);
}

struct so_finding *so_finding_add(struct so_finding_list *list, const char *rule, enum so_severity severity)
{
	struct so_finding *finding;

	if (list->count == list->size) {
		list->size = list->size ? list->size * 2 : 8;
		list->items = so_renew_array(list, list->items, struct so_finding, list->size);
	}
	finding = &list->items[list->count++];
	*finding =
		(struct so_finding){ .rule = rule, .severity = severity, .node = -1, .span_begin = -1, .span_end = -1 };
	return finding;
}

void so_finding_add_object(struct so_finding_list *list, struct so_finding *finding, const char *object)
{
	finding->objects = so_renew_array(list, finding->objects, char *, finding->n_objects + 1);
	finding->objects[finding->n_objects++] = so_strdup(list, object);
}

void so_finding_add_evidence(
	struct so_finding_list *list, struct so_finding *finding, const char *name, double value, const char *unit)
{
	finding->evidence = so_renew_array(list, finding->evidence, struct so_evidence, finding->n_evidence + 1);
	finding->evidence[finding->n_evidence++] =
		(struct so_evidence){ .name = so_strdup(list, name), .value = value, .unit = so_strdup(list, unit) };
}

void so_finding_list_sort(struct so_finding_list *list)
{
	/* insertion sort: stable, and lists are short */
	for (size_t i = 1; i < list->count; i++) {
		struct so_finding moved = list->items[i];
		size_t j = i;

		for (; j > 0 && list->items[j - 1].severity < moved.severity; j--)
			list->items[j] = list->items[j - 1];
		list->items[j] = moved;
	}
}

static json_t *evidence_to_json(const struct so_finding *finding)
{
	json_t *array = json_array();

	for (size_t i = 0; i < finding->n_evidence; i++) {
		const struct so_evidence *e = &finding->evidence[i];

		json_array_append_new(array,
			json_pack("{s:s, s:o, s:s}", "name", e->name, "value", json_real(e->value), "unit", e->unit));
	}
	return array;
}

json_t *so_finding_to_json(const struct so_finding *finding)
{
	json_t *objects = json_array();

	for (size_t i = 0; i < finding->n_objects; i++)
		json_array_append_new(objects, json_string(finding->objects[i]));
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s?, s:s?, s:o, s:o, s:o, s:o}", "rule", finding->rule,
		"issue_type", finding->issue_type, "severity", so_severity_name(finding->severity), "title",
		finding->title, "explanation", finding->explanation, "remedy", finding->remedy, "docs", finding->docs,
		"node", finding->node < 0 ? json_null() : json_integer(finding->node), "span",
		finding->span_begin < 0 ? json_null() : json_pack("[i, i]", finding->span_begin, finding->span_end),
		"objects", objects, "evidence", evidence_to_json(finding));
}

json_t *so_finding_list_to_json(const struct so_finding_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, so_finding_to_json(&list->items[i]));
	return array;
}
