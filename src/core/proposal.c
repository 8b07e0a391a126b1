#include "core/proposal.h"

#include <math.h>
#include <string.h>

static const char *const kind_names[] = { "index", "drop_index", "rewrite", "statistics", "setting", "maintenance",
	"schema" };
_Static_assert(sizeof kind_names / sizeof kind_names[0] == SO_PROPOSAL_KIND_MAX, "a name for every kind");

static const char *const rung_names[] = { "parsed", "resolved", "planned", "equivalent", "same_result", "measured",
	"applied", "confirmed" };
_Static_assert(sizeof rung_names / sizeof rung_names[0] == SO_RUNG_MAX, "a name for every rung");

static const char *const status_names[] = { "not_run", "passed", "failed", "not_possible" };
_Static_assert(sizeof status_names / sizeof status_names[0] == SO_RUNG_STATUS_MAX, "a name for every status");

static const char *const verdict_names[] = { "offered", "unproved", "rejected" };
_Static_assert(sizeof verdict_names / sizeof verdict_names[0] == SO_VERDICT_MAX, "a name for every verdict");

static const char *const source_names[] = { "none", "estimated", "what_if", "planned", "measured" };
_Static_assert(sizeof source_names / sizeof source_names[0] == SO_FIGURE_SOURCE_MAX, "a name for every source");

const char *so_proposal_kind_name(enum so_proposal_kind kind)
{
	so_assert(kind < SO_PROPOSAL_KIND_MAX);
	return kind_names[kind];
}

const char *so_rung_name(enum so_rung rung)
{
	so_assert(rung < SO_RUNG_MAX);
	return rung_names[rung];
}

const char *so_rung_status_name(enum so_rung_status status)
{
	so_assert(status < SO_RUNG_STATUS_MAX);
	return status_names[status];
}

const char *so_verdict_name(enum so_verdict verdict)
{
	so_assert(verdict < SO_VERDICT_MAX);
	return verdict_names[verdict];
}

const char *so_figure_source_name(enum so_figure_source source)
{
	so_assert(source < SO_FIGURE_SOURCE_MAX);
	return source_names[source];
}

struct so_proposal_list *so_proposal_list_new(TALLOC_CTX *ctx)
{
	return so_new(ctx, struct so_proposal_list);
}

static void append(struct so_proposal_list *list, struct so_proposal *proposal)
{
	if (list->count == list->size) {
		list->size = list->size ? list->size * 2 : 8;
		list->items = so_renew_array(list, list->items, struct so_proposal *, list->size);
	}
	list->items[list->count++] = proposal;
}

void so_proposal_take(struct so_proposal_list *list, struct so_proposal *proposal)
{
	append(list, talloc_steal(list, proposal));
}

struct so_proposal *so_proposal_add(struct so_proposal_list *list, enum so_proposal_kind kind, const char *origin)
{
	struct so_proposal *proposal = so_new(list, struct so_proposal);

	proposal->kind = kind;
	proposal->origin = so_strdup(proposal, origin);
	proposal->cost_before = proposal->cost_after = NAN;
	proposal->measured_before_ms = proposal->measured_after_ms = proposal->measured_spread = NAN;
	proposal->size_bytes = proposal->build_bytes = -1;
	append(list, proposal);
	return proposal;
}

void so_proposal_rung(struct so_proposal *proposal, enum so_rung rung, enum so_rung_status status, const char *fmt, ...)
{
	struct so_rung_entry *entry = &proposal->rungs[rung];

	entry->status = status;
	talloc_free(entry->reason);
	entry->reason = NULL;
	if (fmt) {
		va_list args;

		va_start(args, fmt);
		entry->reason = so_vprintf(proposal, fmt, args);
		va_end(args);
	}
}

static void add_text(struct so_proposal *proposal, char ***texts, size_t *count, char *text)
{
	*texts = so_renew_array(proposal, *texts, char *, *count + 1);
	(*texts)[(*count)++] = text;
}

void so_proposal_add_object(struct so_proposal *proposal, const char *object)
{
	add_text(proposal, &proposal->objects, &proposal->n_objects, so_strdup(proposal, object));
}

void so_proposal_add_caveat(struct so_proposal *proposal, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_text(proposal, &proposal->caveats, &proposal->n_caveats, so_vprintf(proposal, fmt, args));
	va_end(args);
}

double so_proposal_gain(const struct so_proposal *proposal)
{
	if (isnan(proposal->cost_before) || isnan(proposal->cost_after))
		return NAN;
	return proposal->cost_before / fmax(proposal->cost_after, 0.01);
}

bool so_proposal_rejected_by_time(const struct so_proposal *proposal)
{
	return proposal->verdict == SO_VERDICT_REJECTED && proposal->rungs[SO_RUNG_MEASURED].status == SO_RUNG_FAILED &&
	       proposal->rungs[SO_RUNG_SAME_RESULT].status != SO_RUNG_FAILED;
}

/* What the list is ranked by: time when it was measured, else planner cost, else last. */
static double rank_gain(const struct so_proposal *proposal)
{
	double gain = so_proposal_gain(proposal);

	if (!isnan(proposal->measured_before_ms) && proposal->measured_after_ms > 0)
		return proposal->measured_before_ms / proposal->measured_after_ms;
	return isnan(gain) ? 0 : gain;
}

static bool ranks_before(const struct so_proposal *a, const struct so_proposal *b)
{
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict;
	return rank_gain(a) > rank_gain(b);
}

void so_proposal_list_sort(struct so_proposal_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		struct so_proposal *moved = list->items[i];
		size_t j = i;

		for (; j > 0 && ranks_before(moved, list->items[j - 1]); j--)
			list->items[j] = list->items[j - 1];
		list->items[j] = moved;
	}
}

static json_t *texts_to_json(char *const *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

static json_t *number_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *size_or_null(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *cost_to_json(const struct so_proposal *p)
{
	if (p->cost_source == SO_FIGURE_NONE)
		return json_null();
	return json_pack("{s:o, s:o, s:s, s:s}", "before", number_or_null(p->cost_before), "after",
		number_or_null(p->cost_after), "source", so_figure_source_name(p->cost_source), "note",
		"planner cost, not time");
}

static json_t *measured_to_json(const struct so_proposal *p)
{
	if (isnan(p->measured_before_ms))
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:i}", "before_ms", number_or_null(p->measured_before_ms), "after_ms",
		number_or_null(p->measured_after_ms), "spread", number_or_null(p->measured_spread), "runs",
		p->measured_runs);
}

static json_t *proof_to_json(const struct so_proposal *p)
{
	json_t *array = json_array();

	for (int i = 0; i < SO_RUNG_MAX; i++)
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s?}", "rung", rung_names[i], "status",
				       so_rung_status_name(p->rungs[i].status), "reason", p->rungs[i].reason));
	return array;
}

json_t *so_proposal_to_json(const struct so_proposal *p)
{
	bool offered = p->verdict == SO_VERDICT_OFFERED;

	return json_pack("{s:I, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s, s:s?, s:s?, s:s?, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, "
			 "s:s?, s:o}",
		"id", (json_int_t)p->id, "kind", so_proposal_kind_name(p->kind), "verdict", so_verdict_name(p->verdict),
		"title", p->title, "explanation", p->explanation, "sql", offered ? p->sql : NULL, "shown_sql", p->sql,
		"undo_sql", p->undo_sql, "origin", p->origin, "verdict_reason", p->verdict_reason, "lock", p->lock,
		"finding_rule", p->finding_rule, "objects", texts_to_json(p->objects, p->n_objects), "caveats",
		texts_to_json(p->caveats, p->n_caveats), "combined", texts_to_json(p->combined, p->n_combined), "cost",
		cost_to_json(p), "measured", measured_to_json(p), "size_bytes", size_or_null(p->size_bytes),
		"build_bytes", size_or_null(p->build_bytes), "write_cost", p->write_cost, "proof", proof_to_json(p));
}

json_t *so_proposal_list_to_json(const struct so_proposal_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, so_proposal_to_json(list->items[i]));
	return array;
}

/* Index of `name` in `names`, or -1. */
static int name_index(const char *name, const char *const *names, int count)
{
	for (int i = 0; name && i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return -1;
}

static char *text_member(TALLOC_CTX *ctx, const json_t *json, const char *name)
{
	return so_strdup_or_null(ctx, json_string_value(json_object_get(json, name)));
}

static double number_member(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static int64_t size_member(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static void texts_member(struct so_proposal *p, const json_t *json, const char *name, char ***texts, size_t *count)
{
	const json_t *array = json_object_get(json, name);

	for (size_t i = 0; i < json_array_size(array); i++)
		add_text(p, texts, count, so_strdup(p, json_string_value(json_array_get(array, i))));
}

static bool proof_from_json(struct so_proposal *p, const json_t *array, struct so_err *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *entry = json_array_get(array, i);
		int rung = name_index(json_string_value(json_object_get(entry, "rung")), rung_names, SO_RUNG_MAX);
		int status = name_index(
			json_string_value(json_object_get(entry, "status")), status_names, SO_RUNG_STATUS_MAX);

		if (rung < 0 || status < 0)
			return so_fail(err, SO_INTERNAL, "stored proof record has an unknown rung or status");
		p->rungs[rung].status = (enum so_rung_status)status;
		p->rungs[rung].reason = text_member(p, entry, "reason");
	}
	return true;
}

static void figures_from_json(struct so_proposal *p, const json_t *json)
{
	const json_t *cost = json_object_get(json, "cost"), *measured = json_object_get(json, "measured");
	int source = name_index(json_string_value(json_object_get(cost, "source")), source_names, SO_FIGURE_SOURCE_MAX);

	p->cost_source = source < 0 ? SO_FIGURE_NONE : (enum so_figure_source)source;
	p->cost_before = number_member(cost, "before");
	p->cost_after = number_member(cost, "after");
	p->measured_before_ms = number_member(measured, "before_ms");
	p->measured_after_ms = number_member(measured, "after_ms");
	p->measured_spread = number_member(measured, "spread");
	p->measured_runs = (int32_t)json_integer_value(json_object_get(measured, "runs"));
	p->size_bytes = size_member(json, "size_bytes");
	p->build_bytes = size_member(json, "build_bytes");
}

struct so_proposal *so_proposal_from_json(struct so_proposal_list *list, const json_t *json, struct so_err *err)
{
	const char *origin = json_string_value(json_object_get(json, "origin"));
	int kind = name_index(json_string_value(json_object_get(json, "kind")), kind_names, SO_PROPOSAL_KIND_MAX);
	int verdict = name_index(json_string_value(json_object_get(json, "verdict")), verdict_names, SO_VERDICT_MAX);
	struct so_proposal *p;

	if (!origin || kind < 0 || verdict < 0) {
		so_fail(err, SO_INTERNAL, "stored proposal lacks its kind, verdict or origin");
		return NULL;
	}
	p = so_proposal_add(list, (enum so_proposal_kind)kind, origin);
	p->verdict = (enum so_verdict)verdict;
	p->id = json_integer_value(json_object_get(json, "id"));
	p->title = text_member(p, json, "title");
	p->explanation = text_member(p, json, "explanation");
	p->sql = text_member(p, json, "shown_sql");
	p->undo_sql = text_member(p, json, "undo_sql");
	p->verdict_reason = text_member(p, json, "verdict_reason");
	p->lock = text_member(p, json, "lock");
	p->finding_rule = text_member(p, json, "finding_rule");
	p->write_cost = text_member(p, json, "write_cost");
	texts_member(p, json, "objects", &p->objects, &p->n_objects);
	texts_member(p, json, "caveats", &p->caveats, &p->n_caveats);
	texts_member(p, json, "combined", &p->combined, &p->n_combined);
	figures_from_json(p, json);
	if (!proof_from_json(p, json_object_get(json, "proof"), err)) {
		list->count--;
		talloc_free(p);
		return NULL;
	}
	return p;
}

struct so_proposal *so_proposal_from_text(struct so_proposal_list *list, const char *text, struct so_err *err)
{
	json_t *doc = json_loads(text, 0, NULL);
	struct so_proposal *p = so_proposal_from_json(list, doc, err);

	json_decref(doc);
	return p;
}
