#include "plan/xml.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "plan/xml_tree.h"

struct parse {
	XML_Parser parser;
	struct so_plan_xml_tree tree;
	struct so_buf text; /* characters since the last tag */
	struct so_err *err;
	bool failed;
};

static void stop(struct parse *p)
{
	p->failed = true;
	XML_StopParser(p->parser, XML_FALSE);
}

static void XMLCALL start_element(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct parse *p = data;
	struct so_plan_xml *element;
	const char *colon = strchr(name, ':');
	size_t n = 0;

	if (p->failed)
		return;
	if (++p->tree.depth > SO_PLAN_XML_MAX_DEPTH) {
		so_fail(p->err, SO_LIMIT,
			"the plan is nested too deep: its XML has more than %d elements in each other",
			SO_PLAN_XML_MAX_DEPTH);
		stop(p);
		return;
	}
	if (++p->tree.n_elements > SO_PLAN_XML_MAX_ELEMENTS) {
		so_fail(p->err, SO_LIMIT, "the plan is too large: its XML has more than %d elements",
			SO_PLAN_XML_MAX_ELEMENTS);
		stop(p);
		return;
	}
	name = colon && colon[1] ? colon + 1 : name;
	element = so_plan_xml_open(&p->tree, name, strlen(name));
	while (attributes[n])
		n++;
	element->n_attributes = n / 2;
	element->attributes = n ? so_plan_chunk(&p->tree.chunks, n * sizeof *element->attributes) : NULL;
	for (size_t i = 0; i < n; i += 2) {
		element->attributes[i] = so_plan_xml_share_name(&p->tree, attributes[i], strlen(attributes[i]));
		element->attributes[i + 1] =
			so_plan_chunk_text(&p->tree.chunks, attributes[i + 1], strlen(attributes[i + 1]));
	}
	so_buf_reset(&p->text);
}

static void XMLCALL end_element(void *data, const XML_Char *name)
{
	struct parse *p = data;

	(void)name;
	if (p->failed)
		return; /* expat may still report an end after it was told to stop */
	if (!p->tree.at->first && p->text.len)
		p->tree.at->text = so_plan_chunk_text(&p->tree.chunks, p->text.data, p->text.len);
	so_buf_reset(&p->text);
	so_plan_xml_close(&p->tree);
}

static void XMLCALL characters(void *data, const XML_Char *text, int len)
{
	struct parse *p = data;

	so_buf_add(&p->text, text, (size_t)len);
}

static void XMLCALL start_doctype(
	void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int has_subset)
{
	struct parse *p = data;

	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	so_fail(p->err, SO_INPUT,
		"the plan's XML has a document type (DOCTYPE), at line %lu: remove it, plans have none",
		XML_GetCurrentLineNumber(p->parser));
	stop(p);
}

static bool fail_syntax(struct parse *p)
{
	enum XML_Error code = XML_GetErrorCode(p->parser);
	unsigned long line = XML_GetCurrentLineNumber(p->parser);

	if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
		code == XML_ERROR_UNCLOSED_CDATA_SECTION)
		return so_fail(p->err, SO_INPUT, "the plan is cut off: its XML ends early, at line %lu", line);
	if (code == XML_ERROR_JUNK_AFTER_DOC_ELEMENT || code == XML_ERROR_MISPLACED_XML_PI)
		return so_fail(p->err, SO_INPUT,
			"something stands behind the plan's XML, from line %lu on: send one plan at a time", line);
	return so_fail(p->err, SO_INPUT, "the plan is no valid XML: %s at line %lu, column %lu", XML_ErrorString(code),
		line, XML_GetCurrentColumnNumber(p->parser) + 1);
}

struct so_plan_xml *so_plan_xml_by_expat(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err)
{
	struct parse p = { .tree.chunks = { .ctx = ctx, .size = len < 4096 ? 2048 : 32768 }, .err = err };

	/* the name of an encoding overrules the declaration: "utf-16" stays in it when a text is copied */
	p.parser = so_mem_need(XML_ParserCreate("UTF-8"));
	so_buf_init(&p.text, ctx, len);
	XML_SetUserData(p.parser, &p);
	XML_SetElementHandler(p.parser, start_element, end_element);
	XML_SetCharacterDataHandler(p.parser, characters);
	XML_SetStartDoctypeDeclHandler(p.parser, start_doctype);
	if (XML_Parse(p.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK && !p.failed)
		p.failed = !fail_syntax(&p);
	XML_ParserFree(p.parser);
	return p.failed ? NULL : p.tree.root;
}

struct so_plan_xml *so_plan_xml_parse(TALLOC_CTX *ctx, const char *text, size_t len, struct so_err *err)
{
	struct so_plan_xml *root = so_plan_xml_plain(ctx, text, len);

	return root ? root : so_plan_xml_by_expat(ctx, text, len, err);
}

const char *so_plan_xml_attribute(const struct so_plan_xml *element, const char *name)
{
	for (size_t i = 0; element && i < element->n_attributes; i++)
		if (strcmp(element->attributes[2 * i], name) == 0)
			return element->attributes[2 * i + 1];
	return NULL;
}

const struct so_plan_xml *so_plan_xml_child(const struct so_plan_xml *element, const char *name)
{
	const struct so_plan_xml *child = element ? element->first : NULL;

	while (child && strcmp(child->name, name) != 0)
		child = child->next;
	return child;
}
