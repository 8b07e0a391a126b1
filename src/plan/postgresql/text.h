/* Internal to plan/: PostgreSQL's EXPLAIN in its text format. text.c takes lines apart, text_label.c the names of
 * nodes, text_item.c what stands below a node. */
#ifndef SO_PLAN_POSTGRESQL_TEXT_H
#define SO_PLAN_POSTGRESQL_TEXT_H

#include "plan/reader.h"
#include "plan/span.h"

/* What is known of the document so far. */
struct so_plan_pg_text {
	struct so_plan_builder *builder;
	bool has_buffers, has_wal, has_io, has_temp_io; /* some node said so: the others have zeros */
};

bool so_plan_postgresql_is_text(const struct so_plan_document *doc);
bool so_plan_postgresql_read_text(
	struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err) SO_MUST_CHECK;

/* Fills operation, label, names, join type ... from "Parallel Index Scan using i on s.t a". False when the name of the
 * node is none that PostgreSQL has; the label is then the whole text, and the operation `other`. */
bool so_plan_pg_label(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span label);
/* Whether a text starts with the name of a node, without looking further. */
bool so_plan_pg_is_label(struct so_span label);
/* "cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)", without the first parenthesis; false: not
 * such figures. */
bool so_plan_pg_figures(struct so_plan_node *node, struct so_span text);

/* One line below a node: "Filter: (a = 1)". `worker` is the worker whose line it is, or -1. False when the line is no
 * item at all. */
bool so_plan_pg_item(struct so_plan_pg_text *r, struct so_plan_node *node, int32_t worker, struct so_span line);
/* Whether a line could be an item: "Words of a key: ...". */
bool so_plan_pg_is_item(struct so_span line);
/* Sets what the text leaves out because it is zero. After all nodes are read. */
void so_plan_pg_fill_zeros(struct so_plan_pg_text *r);

/* The number behind "key=" or "key: " in the text; NAN when the text has no such key. */
double so_plan_pg_value(struct so_span text, const char *key);

#endif
