#include "plan/oracle/v_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/oracle/rows.h"

/* The list of rows: the document, or what SQLcl and other tools put around it. */
static const json_t *rows_of(const json_t *doc)
{
	static const char *const keys[] = { "items", "rows", "results" };

	for (int i = 0; i < 4 && doc; i++) {
		const json_t *inner = NULL;

		if (json_is_array(doc) && !json_object_get(json_array_get(doc, 0), "items"))
			return doc;
		if (json_is_array(doc))
			doc = json_array_get(doc, 0);
		for (size_t k = 0; k < sizeof keys / sizeof keys[0] && !inner; k++)
			inner = json_object_get(doc, keys[k]);
		doc = inner;
	}
	return NULL;
}

static const json_t *value_of(const json_t *row, const char *column)
{
	const json_t *value = json_object_get(row, column);
	const char *key;
	json_t *item;

	if (value)
		return value;
	json_object_foreach((json_t *)row, key, item) if (strcasecmp(key, column) == 0) return item;
	return NULL;
}

static double number_of(const json_t *row, const char *column)
{
	return so_plan_number(value_of(row, column));
}

static const char *text_of(struct so_plan_builder *builder, const json_t *row, const char *column)
{
	const char *text = json_string_value(value_of(row, column));

	return text && *text ? so_plan_copy(builder, text, strlen(text)) : NULL;
}

bool so_or_is_v_plan(const struct so_plan_document *doc)
{
	const json_t *first = doc->syntax == SO_PLAN_JSON ? json_array_get(rows_of(doc->json), 0) : NULL;

	return json_is_string(value_of(first, "OPERATION")) && value_of(first, "ID");
}

/* "O@SEL$1" and "\"O\"@\"SEL$1\"": O */
static const char *alias_of(struct so_plan_builder *builder, const json_t *row)
{
	const char *text = json_string_value(value_of(row, "OBJECT_ALIAS"));

	if (!text)
		return NULL;
	text += *text == '"';
	return so_plan_copy(builder, text, strcspn(text, "\"@"));
}

static double first_of(const json_t *row, const char *last, const char *all)
{
	double value = number_of(row, last);

	return isnan(value) ? number_of(row, all) : value;
}

static void read_row(struct so_plan_builder *builder, const json_t *json, struct so_or_row *row)
{
	const char *operation = json_string_value(value_of(json, "OPERATION"));
	const char *options = json_string_value(value_of(json, "OPTIONS"));
	const char *start = text_of(builder, json, "PARTITION_START"), *stop = text_of(builder, json, "PARTITION_STOP");
	const char *execution = json_string_value(value_of(json, "LAST_EXECUTION"));
	double cu = number_of(json, "LAST_CU_BUFFER_GETS"),
	       micros = first_of(json, "LAST_ELAPSED_TIME", "ELAPSED_TIME");
	size_t len = strlen(operation) + (options ? strlen(options) : 0) + 2;
	char *text = so_plan_alloc(builder, len);

	snprintf(text, len, "%s%s%s", operation, options && *options ? " " : "", options ? options : "");
	row->operation = text;
	row->owner = text_of(builder, json, "OBJECT_OWNER");
	row->name = text_of(builder, json, "OBJECT_NAME");
	row->alias = alias_of(builder, json);
	row->access = text_of(builder, json, "ACCESS_PREDICATES");
	row->filter = text_of(builder, json, "FILTER_PREDICATES");
	row->rows = number_of(json, "CARDINALITY");
	row->bytes = number_of(json, "BYTES");
	row->cost = number_of(json, "COST");
	row->temp_kb = number_of(json, "TEMP_SPACE") / 1024;
	row->starts = first_of(json, "LAST_STARTS", "STARTS");
	row->actual = first_of(json, "LAST_OUTPUT_ROWS", "OUTPUT_ROWS");
	row->ms = micros / 1000;
	row->buffers = first_of(json, "LAST_CR_BUFFER_GETS", "CR_BUFFER_GETS") + (isnan(cu) ? 0 : cu);
	row->reads = first_of(json, "LAST_DISK_READS", "DISK_READS");
	row->memory_kb = number_of(json, "LAST_MEMORY_USED") / 1024;
	row->used_temp_kb = number_of(json, "LAST_TEMPSEG_SIZE") / 1024;
	if (execution)
		row->passes = strtod(execution, NULL); /* "OPTIMAL", "1 PASS", "3 PASSES" */
	if (start && stop) {
		char buffer[80];

		snprintf(buffer, sizeof buffer, "partitions %.30s-%.30s", start, stop);
		row->partitions = so_plan_copy(builder, buffer, strlen(buffer));
	}
}

/* A row and its place in the list. */
struct place {
	double id;
	const json_t *row;
};

static int compare_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Depths from the ids of parents; false when a parent does not stand before its child. */
static bool set_depth(struct so_or_rows *rows, const json_t *json, struct so_or_row *row)
{
	double parent = number_of(json, "PARENT_ID");
	const struct so_or_row *above;

	if (isnan(parent) || parent < 0) {
		row->depth = rows->n == 1 ? 0 : 1;
		return true;
	}
	above = so_or_find(rows, (int32_t)fmin(parent, 2e9));
	if (!above || above == row)
		return false;
	row->depth = above->depth + 1;
	return true;
}

bool so_or_read_v_plan(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	const json_t *list = rows_of(doc->json);
	size_t n = json_array_size(list), used = 0;
	struct place *places = so_new_array(tmp, struct place, (unsigned)n);
	struct so_or_rows rows = { .tmp = tmp };

	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(list, i);
		double id = number_of(row, "ID");

		if (isnan(id) || id < 0 || id > 1e6 || !json_is_string(value_of(row, "OPERATION")))
			return so_fail(err, SO_INPUT, "Oracle plan: row %zu has no ID or no OPERATION", i + 1);
		places[used++] = (struct place){ .id = id, .row = row };
	}
	qsort(places, used, sizeof *places, compare_place);
	for (size_t i = 0; i < used; i++) {
		struct so_or_row *row;

		if (i && places[i].id == places[i - 1].id)
			return so_fail(err, SO_INPUT,
				"Oracle plan: id %.0f occurs twice: send the rows of one child cursor", places[i].id);
		row = so_or_add_row(&rows, (int32_t)places[i].id);
		read_row(builder, places[i].row, row);
		if (!set_depth(&rows, places[i].row, row))
			return so_fail(err, SO_INPUT,
				"Oracle plan: the parent of row %.0f is not among the rows before it", places[i].id);
	}
	builder->plan->query_id = text_of(builder, places[0].row, "SQL_ID");
	if (json_string_value(value_of(places[0].row, "OTHER_XML")) &&
		strstr(json_string_value(value_of(places[0].row, "OTHER_XML")), "dynamic_sampling"))
		so_plan_add_note(builder, -1, "note", "dynamic sampling used for this statement", NAN);
	return so_or_build(builder, &rows, err);
}
