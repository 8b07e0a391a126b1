/* Internal to plan/: from the bytes that somebody sent to a document that readers can look at. */
#ifndef SO_PLAN_DOCUMENT_H
#define SO_PLAN_DOCUMENT_H

#include "plan/reader.h"

/* Decodes the bytes (UTF-8, or UTF-16 as SQL Server's tools save it), takes frames off (frame.h), finds the syntax and
 * parses JSON, YAML and XML. Everything is owned by `tmp` except doc->json, which so_plan_document_close gives back.
 * Fails with SO_INPUT or SO_LIMIT, naming the line; a text of unknown content is no failure. */
bool so_plan_document_open(
	TALLOC_CTX *tmp, const char *bytes, size_t len, struct so_plan_document *doc, struct so_err *err) SO_MUST_CHECK;
void so_plan_document_close(struct so_plan_document *doc);

#endif
