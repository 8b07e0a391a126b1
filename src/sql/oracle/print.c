/* Hierarchies and INSERT ALL, which only Oracle has. */
#include "sql/print/printer.h"

void so_put_hierarchy(struct printer *pr, so_ref ref)
{
	const struct so_n_hierarchy *node = GET(pr, hierarchy, ref);

	if (node->start) {
		so_put_break(pr);
		so_put(pr, "START WITH ");
		so_put_expr(pr, node->start, SO_LV_ANY);
	}
	so_put_break(pr);
	so_put(pr, node->hdr.flags & SO_NF_DISTINCT ? "CONNECT BY NOCYCLE " : "CONNECT BY ");
	so_put_expr(pr, node->connect, SO_LV_ANY);
}

/* ---- INSERT ALL ------------------------------------------------------------------------------------------------- */

void so_put_insert_all(struct printer *pr, so_ref ref)
{
	const struct so_n_insert_all *node = GET(pr, insert_all, ref);

	so_put(pr, "INSERT");
	so_put_hints(pr, node->extra);
	so_put(pr, node->hdr.flags & SO_NF_DISTINCT ? " FIRST" : " ALL");
	for (uint32_t i = 0; i < node->whens.count; i++) {
		const struct so_n_when *when = GET(pr, when, so_list_get(pr->ast, node->whens, i));
		struct so_list inserts = GET(pr, block, when->result)->statements;

		if (when->cond) {
			so_put_break(pr);
			so_put(pr, "WHEN ");
			so_put_expr(pr, when->cond, SO_LV_ANY);
			so_put(pr, " THEN");
		} else if (i) {
			so_put_break(pr);
			so_put(pr, "ELSE");
		}
		pr->indent++;
		for (uint32_t k = 0; k < inserts.count; k++) {
			so_put_break(pr);
			so_put_insert_branch(pr, so_list_get(pr->ast, inserts, k));
		}
		pr->indent--;
	}
	so_put_break(pr);
	so_put_statement(pr, node->query);
}
