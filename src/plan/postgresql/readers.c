/* The formats of PostgreSQL's EXPLAIN. */
#include <string.h>

#include "plan/postgresql/text.h"
#include "plan/postgresql/tree.h"

/* EXPLAIN gives a list with an object for each statement, auto_explain the object alone. */
static bool is_json(const struct so_plan_document *doc)
{
	const json_t *first = json_is_array(doc->json) ? json_array_get(doc->json, 0) : doc->json;

	if (doc->syntax != SO_PLAN_JSON)
		return false;
	if (json_is_array(doc->json) && json_is_string(first))
		return strcmp(json_string_value(first), "Utility Statement") == 0;
	return json_is_object(json_object_get(first, "Plan"));
}

/* Only the first statement's plan is read: the others are not even brought into the form. */
static bool read_json(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct so_plan_chunks chunks = { .ctx = doc->tmp, .size = 32768 };
	bool list = json_is_array(doc->json);
	const json_t *first = list ? json_array_get(doc->json, 0) : doc->json;

	return so_plan_postgresql_read(
		builder, so_plan_value_of_json(&chunks, first), list ? json_array_size(doc->json) : 1, err);
}

static const struct so_plan_value *first_of_yaml(const struct so_plan_document *doc)
{
	return so_plan_value_is(doc->yaml, SO_VALUE_ARRAY) ? doc->yaml->first : doc->yaml;
}

static bool is_yaml(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_YAML &&
	       so_plan_value_is(so_plan_value_get(first_of_yaml(doc), "Plan"), SO_VALUE_OBJECT);
}

static bool read_yaml(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	return so_plan_postgresql_read(
		builder, first_of_yaml(doc), doc->yaml->type == SO_VALUE_ARRAY ? doc->yaml->count : 1, err);
}

static bool is_xml(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_XML && strcmp(doc->xml->name, "explain") == 0;
}

/* <explain><Query>... of EXPLAIN, one for each statement; auto_explain leaves <Query> out. */
static bool read_xml(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct so_plan_chunks chunks = { .ctx = doc->tmp, .size = 32768 };
	const struct so_plan_xml *first = so_plan_xml_child(doc->xml, "Query");
	struct so_plan_value *value;
	size_t n = 0;

	for (const struct so_plan_xml *query = first; query; query = query->next)
		n += strcmp(query->name, "Query") == 0;
	value = so_plan_postgresql_from_xml(&chunks, first ? first : doc->xml);
	if (!so_plan_value_is(so_plan_value_get(value, "Plan"), SO_VALUE_OBJECT))
		return so_fail(err, SO_INPUT, "PostgreSQL plan: the element 'explain' holds no element 'Plan'");
	return so_plan_postgresql_read(builder, value, n ? n : 1, err);
}

const struct so_plan_reader so_plan_readers_postgresql[] = {
	{ "postgresql-json", "postgresql", is_json, read_json },
	{ "postgresql-yaml", "postgresql", is_yaml, read_yaml },
	{ "postgresql-xml", "postgresql", is_xml, read_xml },
	{ "postgresql-text", "postgresql", so_plan_postgresql_is_text, so_plan_postgresql_read_text },
	{ NULL },
};
