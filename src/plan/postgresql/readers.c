/* The formats of PostgreSQL's EXPLAIN. */
#include <string.h>

#include "plan/postgresql/text.h"
#include "plan/postgresql/tree.h"

static bool is_json(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_JSON && so_plan_postgresql_recognise(doc->json);
}

static bool is_yaml(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_YAML && so_plan_postgresql_recognise(doc->json);
}

static bool read_json(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	return so_plan_postgresql_read(builder, doc->json, err);
}

static bool is_xml(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_XML && strcmp(doc->xml->name, "explain") == 0;
}

/* <explain><Query>... of EXPLAIN, one for each statement; auto_explain leaves <Query> out. */
static bool read_xml(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	json_t *list = so_mem_need(json_array());
	bool ok;

	for (const struct so_plan_xml *query = doc->xml->first; query; query = query->next)
		if (strcmp(query->name, "Query") == 0)
			json_array_append_new(list, so_plan_postgresql_from_xml(query));
	if (!json_array_size(list))
		json_array_append_new(list, so_plan_postgresql_from_xml(doc->xml));
	if (so_plan_postgresql_recognise(list))
		ok = so_plan_postgresql_read(builder, list, err);
	else
		ok = so_fail(err, SO_INPUT, "PostgreSQL plan: the element 'explain' holds no element 'Plan'");
	json_decref(list);
	return ok;
}

const struct so_plan_reader so_plan_readers_postgresql[] = {
	{ "postgresql-json", "postgresql", is_json, read_json },
	{ "postgresql-yaml", "postgresql", is_yaml, read_json },
	{ "postgresql-xml", "postgresql", is_xml, read_xml },
	{ "postgresql-text", "postgresql", so_plan_postgresql_is_text, so_plan_postgresql_read_text },
	{ NULL },
};
