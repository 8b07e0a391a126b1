/* Internal to plan/: what the readers of the formats share. The readers of an engine stand in the folder of its name;
 * this folder itself holds what no engine owns. How to add one is in docs/internals/plan.md. */
#ifndef SO_PLAN_READER_H
#define SO_PLAN_READER_H

#include "plan/chunk.h"
#include "plan/plan.h"
#include "plan/value.h"
#include "plan/xml.h"

enum so_plan_syntax {
	SO_PLAN_TEXT, /* anything that is none of the others */
	SO_PLAN_JSON,
	SO_PLAN_YAML,
	SO_PLAN_XML,
	SO_PLAN_SYNTAX_MAX
};

/* A document as the readers see it: parsed once, whatever number of readers look at it. Lives until the plan is read.
 */
struct so_plan_document {
	TALLOC_CTX *tmp; /* scratch of the readers */
	enum so_plan_syntax syntax;
	/* UTF-8 without NUL bytes or a byte order mark, ended by a NUL. `raw` is what was sent, `text` what is left
	 * when the frame of a table with one column, a log line or quotes are taken off; often the same. Not changed by
	 * anybody. */
	const char *text, *raw;
	size_t len, raw_len;
	size_t n_plans; /* how many plans the frames held: entries of a log; the others are not in `text` */
	const json_t *json; /* of JSON, else NULL */
	const struct so_plan_value *yaml; /* of YAML, else NULL */
	const struct so_plan_xml *xml; /* the root element of XML, else NULL */
};

/* A plan while it is being read. Everything except the node array comes from few large chunks, so that a plan costs no
 * allocation per text. */
struct so_plan_builder {
	struct so_plan *plan;
	int32_t nodes_size; /* allocated */
	struct so_mem_pages *pages; /* of the nodes of a plan that is not small */
	bool too_many; /* nodes */
	struct so_plan_chunks chunks; /* what lives as long as the plan */
};

struct so_plan_reader {
	const char *format, *engine; /* "postgresql-json", "postgresql" */
	/* Whether the document is of this format. Cheap: looks at the syntax first, then at a few keys, an element's
	 * name, or the first lines (so_plan_head_has). Never fails: what it takes and cannot read fails in `read`. */
	bool (*recognise)(const struct so_plan_document *doc);
	/* Fills builder->plan with all nodes in pre-order, so_plan_close_nodes being the last step. */
	bool (*read)(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err);
};

/* Whether one of the first 64 KiB of the document's text has `needle`. */
bool so_plan_head_has(const struct so_plan_document *doc, const char *needle);

/* The readers of each engine, in the order in which they are asked; a row {0} ends each. */
extern const struct so_plan_reader so_plan_readers_postgresql[];
extern const struct so_plan_reader so_plan_readers_sqlite[];
extern const struct so_plan_reader so_plan_readers_mysql[];
extern const struct so_plan_reader so_plan_readers_mariadb[];
extern const struct so_plan_reader so_plan_readers_mssql[];
extern const struct so_plan_reader so_plan_readers_oracle[];

/* ---- Building --------------------------------------------------------------------------------------------------- */

/* Zeroed memory that lives as long as the plan; aligned for pointers and doubles. */
void *so_plan_alloc(struct so_plan_builder *builder, size_t bytes);
/* A copy of a text; NULL for anything that is no JSON string. */
const char *so_plan_text(struct so_plan_builder *builder, const json_t *value);
const char *so_plan_copy(struct so_plan_builder *builder, const char *text, size_t len);
/* A number, also when it comes as a string, as in XML; NAN for anything else. */
double so_plan_number(const json_t *value);

/* A node at the end of the array with all figures absent. Invalidates pointers to other nodes. Behind
 * SO_PLAN_MAX_NODES it is the last one over again, and so_plan_read refuses the plan whatever the reader makes of it.
 */
int32_t so_plan_add_node(struct so_plan_builder *builder, int32_t parent, int32_t depth);
/* Makes a condition of a node; more than SO_PLAN_MAX_CONDITIONS a node are dropped. `text` is not copied. */
void so_plan_add_condition(
	struct so_plan_builder *builder, struct so_plan_node *node, enum so_condition_kind kind, const char *text);
/* Adds a remark of the optimiser; `text` is copied. More than SO_PLAN_MAX_NOTES are dropped. */
void so_plan_add_note(struct so_plan_builder *builder, int32_t node, const char *kind, const char *text, double value);

/* Adds a value of a parameter; both texts are copied. More than SO_PLAN_MAX_BINDS are dropped. */
void so_plan_add_bind(
	struct so_plan_builder *builder, const char *name, size_t name_len, const char *value, size_t len);

#define SO_PLAN_MAX_NOTES 1000
#define SO_PLAN_MAX_BINDS 1000

/* Sets `end`, `first_child`, `next_sibling`, `n_children` of all nodes from their `parent`: for readers that add nodes
 * in pre-order and know each one's parent. Linear. */
void so_plan_close_nodes(struct so_plan *plan);

#define SO_PLAN_MAX_CONDITIONS 32 /* of one node */

/* The error of a tree deeper than SO_PLAN_MAX_DEPTH; false. */
bool so_plan_fail_depth(struct so_err *err);

/* ---- After reading ---------------------------------------------------------------------------------------------- */

/* Computes everything below "Derived" in struct so_plan_node, and the exclusive buffers and I/O times. */
void so_plan_derive(struct so_plan *plan);

/* Parses the conditions of all nodes into plan->ast. What does not parse keeps its text. */
void so_plan_parse_conditions(struct so_plan *plan);

/* Whether `text` contains `word` not followed by another digit: "$1" is not in "$10". */
bool so_plan_mentions(const char *text, const char *word);

#endif
