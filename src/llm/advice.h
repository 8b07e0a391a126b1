/* The question that is put to a model, and the strict reading of its answer. Everything that goes in must already be
 * redacted; nothing here talks to a server. */
#ifndef SO_LLM_ADVICE_H
#define SO_LLM_ADVICE_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/finding.h"

struct so_advice_question {
	const char *engine, *server_version;
	const char *sql; /* literals replaced by $n */
	const char *ddl; /* of the tables involved */
	const char *plan; /* rendered, conditions redacted */
	const struct so_finding_list *findings;
};

struct so_advice { /* what a model proposed; unproved by definition */
	size_t n_rewrites, n_indexes;
	struct so_advice_rewrite {
		char *sql, *reason;
	} * rewrites;
	struct so_advice_index {
		char *ddl, *reason;
	} * indexes;
	char *explanation; /* may be empty */
};

/* The schema that the server is asked to enforce. New reference. */
json_t *so_advice_schema(void);
const char *so_advice_system_prompt(void);
/* Capped at 48 KiB: DDL and plan are cut first, with a note, the statement never. */
char *so_advice_prompt(TALLOC_CTX *ctx, const struct so_advice_question *question);
/* Fails with SO_MODEL on anything the schema does not allow: unknown members, wrong types, over-long texts or lists. */
bool so_advice_read(TALLOC_CTX *ctx, const json_t *answer, struct so_advice **out, struct so_err *err) SO_MUST_CHECK;

#endif
