/* The closure that uniqueness, dependencies, constants and equal columns come from (internal to sql/).
 *
 * "Known" columns are those on which two rows of the block must agree (as DISTINCT sees it: NULLs agree) once they
 * agree on the columns that the question began with. A relation is done when the two rows must hold the same one of its
 * rows, or both none (outer joins). */
#ifndef SO_SQL_FACTS_CLOSURE_H
#define SO_SQL_FACTS_CLOSURE_H

#include "sql/facts.h"

/* One equality between columns, or of a column and a fixed expression. */
struct equality {
	struct so_rel_col left, right; /* rel -1: no column of the block */
	so_ref left_expr, right_expr; /* 0 for the pairs of USING */
	int32_t from, to; /* relations that it tells something about */
	int32_t need_from, need_to; /* a fixed value holds once all of these are done; empty: at once */
	bool never_fixed; /* below a FULL JOIN: tells nothing about fixed values */
	bool holds; /* TRUE in every row of the block */
};

struct closure {
	const struct so_resolved *resolved;
	int32_t block;
	so_ref where;
	int32_t from, to; /* all relations of the block, with those of nested blocks between them */
	bool **known; /* [rel - from][column]; NULL for relations of other blocks: see known_of */
	bool *done; /* [rel - from] */
	struct equality *equalities;
	size_t n, room;
	struct so_rel_col *nulls;
	size_t n_nulls;
	bool changed;
	bool kept; /* equalities and nulls belong to the memo */
};

static inline bool *so_closure_known(const struct closure *c, int32_t rel)
{
	return rel >= c->from && rel < c->to ? c->known[rel - c->from] : NULL;
}

/* A relation of the block's own, not the alias of a join. */
bool so_closure_is_own_rel(const struct so_resolved *resolved, int32_t block, size_t rel);
/* The column of the block that an expression is; rel -1: none. */
struct so_rel_col so_closure_column(const struct closure *c, so_ref expr);
/* One value while the block runs once: columns of outer blocks are fixed, too. */
bool so_closure_is_fixed(const struct closure *c, so_ref expr);
/* Adds what WHERE and the joins of the block say to equalities and nulls. */
void so_closure_collect(struct closure *c, const struct so_n_select *select);

/* False: no SELECT block, so nothing is known. Ended by so_closure_end. */
bool so_closure_begin(TALLOC_CTX *tmp, const struct so_resolved *resolved, int32_t block, struct closure *c);
void so_closure_know(struct closure *c, int32_t rel, int32_t column);
/* Follows what is known until nothing is added. */
void so_closure_run(struct closure *c);
void so_closure_end(struct closure *c);
/* Relations from .. to - 1 of the block. */
bool so_closure_all_done(const struct closure *c, int32_t from, int32_t to);

/* A clause that begins with this word. */
bool so_closure_phrase_begins(const struct so_ast *ast, so_ref phrase, const char *word);

#endif
