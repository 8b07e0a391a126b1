/* Internal to plan/: what the readers of the formats share. */
#ifndef SO_PLAN_READER_H
#define SO_PLAN_READER_H

#include "plan/plan.h"

/* A plan while it is being read. Everything except the node array comes from few large chunks, so that a plan costs no
 * allocation per text. */
struct so_plan_builder {
	struct so_plan *plan;
	int32_t nodes_size; /* allocated */
	char *chunk;
	size_t chunk_left, chunk_size;
};

struct so_plan_reader {
	const char *format, *engine;
	/* Whether the parsed document is of this format. */
	bool (*recognise)(const json_t *doc);
	/* Fills builder->plan. */
	bool (*read)(struct so_plan_builder *builder, const json_t *doc, struct so_err *err);
};

/* PostgreSQL's EXPLAIN (FORMAT JSON) and JSON entries of auto_explain. */
extern const struct so_plan_reader so_plan_reader_postgresql;

/* Zeroed memory that lives as long as the plan; aligned for pointers and doubles. */
void *so_plan_alloc(struct so_plan_builder *builder, size_t bytes);
/* A copy of a text; NULL for anything that is no JSON string. */
const char *so_plan_text(struct so_plan_builder *builder, const json_t *value);
/* A node at the end of the array with all figures absent. Invalidates pointers to other nodes. */
int32_t so_plan_add_node(struct so_plan_builder *builder, int32_t parent, int32_t depth);

/* Computes everything below "Derived" in struct so_plan_node, and the exclusive buffers and I/O times. */
void so_plan_derive(struct so_plan *plan);

/* Parses the conditions of all nodes into plan->ast. What does not parse keeps its text. */
void so_plan_parse_conditions(struct so_plan *plan);

/* Whether `text` contains `word` not followed by another digit: "$1" is not in "$10". */
bool so_plan_mentions(const char *text, const char *word);

#endif
