/* Rewrites: patterns of the tree, each with the preconditions under which the new text returns the same rows, checked
 * against the catalog and recorded. The new text is the old one with a few spans replaced, so that comments and
 * formatting stay. A page per rule: docs/rewrites/. */
#ifndef SO_ADVISE_REWRITE_H
#define SO_ADVISE_REWRITE_H

#include "advise/tree.h"
#include "core/catalog.h"
#include "sql/ast.h"
#include "sql/print.h"
#include "sql/resolve.h"

#define SO_REWRITE_EDITS    6
#define SO_REWRITE_EVIDENCE 8
#define SO_REWRITE_MAX      16 /* places in one statement; more are not looked for */

/* What the rules read. */
struct so_rewriter {
	const char *sql;
	size_t len;
	const struct so_ast *ast;
	const struct so_tree *tree;
	const struct so_resolved *resolved; /* NULL: names are not known, and no rule that needs one matches */
	const struct so_catalog *catalog;
};

/* A column of a table, where a statement refers to it. */
struct so_table_col {
	const struct so_rel *rel; /* of kind SO_REL_TABLE, with its table */
	int32_t column; /* index into rel->table->columns */
	bool not_null; /* declared so, and not on the nullable side of an outer join */
};

enum so_rewrite_proof {
	SO_REWRITE_PROVED,
	SO_REWRITE_UNPROVED, /* a precondition cannot be shown */
	SO_REWRITE_WRONG, /* a precondition is known not to hold */
};

/* A place where a rule applies. Texts are children of it. */
struct so_rewrite {
	const struct so_rewrite_rule *rule;
	so_ref node; /* what is replaced; 0 in a combination */
	enum so_rewrite_proof proof;
	const char *why_not; /* the precondition that is missing; NULL when proved */
	size_t n_edits, n_evidence, n_caveats;
	struct so_edit edits[SO_REWRITE_EDITS]; /* of the statement's text */
	const char *evidence[SO_REWRITE_EVIDENCE]; /* preconditions that hold, with where that was read */
	const char *caveats[SO_REWRITE_EVIDENCE];
	const char *what; /* "date_trunc('day', created_at) = ... as a range of created_at" */
	char *sql; /* the rewritten statement; NULL when there is no sensible text */
};

struct so_rewrite_rule {
	int number; /* of the catalogue, as in origin "rule 10" */
	const char *id, *name;
	/* Why the two statements return the same rows, given the preconditions. */
	const char *argument;
	/* Findings that this rewrite answers, the most telling first; NULL-terminated. */
	const char *const *findings;
	/* Whether the rule's pattern is at `ref`; if so fills *out, proved or not. */
	bool (*match)(const struct so_rewriter *rw, so_ref ref, struct so_rewrite *out);
	/* 1 << enum so_dialect of those for whose rules of types, collations and NULLs the argument was made. */
	unsigned dialects;
};

extern const struct so_rewrite_rule so_rewrite_rules[];
size_t so_rewrite_rule_count(void);

struct so_rewrite_list {
	size_t count;
	struct so_rewrite **items;
};

/* All places where a rule applies, in the order of the text; `sql` of each is set when it has edits. */
struct so_rewrite_list *so_rewrite_find(TALLOC_CTX *ctx, const struct so_rewriter *rw);
/* The statement with the edits of several rewrites applied; NULL when two of them overlap. */
char *so_rewrite_apply(TALLOC_CTX *ctx, const struct so_rewriter *rw, const struct so_rewrite *const *items, size_t n);

/* How the columns that a rewritten statement returns differ from the original's, by name or type; NULL when they are
 * the same. A type that cannot be told counts as another one unless it cannot be told on either side. */
const char *so_rewrite_output_difference(
	TALLOC_CTX *ctx, const struct so_resolved *before, const struct so_resolved *after);

/* ---- For the rules ---- */

void so_rewrite_edit(struct so_rewrite *out, size_t begin, size_t end, const char *fmt, ...) SO_PRINTF(4, 5);
void so_rewrite_evidence(struct so_rewrite *out, const char *fmt, ...) SO_PRINTF(2, 3);
void so_rewrite_caveat(struct so_rewrite *out, const char *fmt, ...) SO_PRINTF(2, 3);
/* Records the first obstacle; `proof` only ever gets worse. */
void so_rewrite_obstacle(struct so_rewrite *out, enum so_rewrite_proof proof, const char *fmt, ...) SO_PRINTF(3, 4);
/* Source text of a node, its own parentheses included. */
const char *so_rewrite_text(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref);
/* A COLUMN node that means a column of a table by the table's own name for it. False for any other node, for columns of
 * subqueries, CTEs and aliased joins, for those renamed by an alias's column list, and for those that FULL JOIN made of
 * two. */
bool so_rewrite_column(const struct so_rewriter *rw, so_ref ref, struct so_table_col *out);
/* The same for a relation and the number of its column. */
bool so_rewrite_rel_column(const struct so_rewriter *rw, int32_t rel, int32_t column, struct so_table_col *out);
/* The table of a relation of FROM that is a plain reference to a table, by the table's own column names; else NULL. */
const struct so_table *so_rewrite_rel_table(const struct so_rewriter *rw, const struct so_rel *rel);
/* The query or DML node whose FROM holds the relation. */
so_ref so_rewrite_block(const struct so_rewriter *rw, const struct so_rel *rel);
/* Whether the expression cannot be NULL in rows that satisfy `cond` (0: in any row); records why as evidence. `name` is
 * what the evidence calls it. */
bool so_rewrite_never_null(
	const struct so_rewriter *rw, so_ref expr, so_ref cond, const char *name, struct so_rewrite *out);
/* "orders.created_at" for messages. */
const char *so_rewrite_column_name(TALLOC_CTX *ctx, const struct so_table_col *column);
/* A volatile function at or below `ref`, or one that the catalog does not know; NULL when there is none. */
const char *so_rewrite_volatile(TALLOC_CTX *ctx, const struct so_rewriter *rw, so_ref ref);
/* Functions have their names in any case, but in PostgreSQL, whose parser folds them. `name` in lower case. */
bool so_rewrite_is_named(const struct so_rewriter *rw, const struct so_n_func *func, const char *name);
/* A call of the engine's own function of that name and number of arguments, without any clause. */
bool so_rewrite_is_call(const struct so_rewriter *rw, so_ref ref, const char *name, uint32_t n_args);
/* A comparison with a constant: *op as if the constant stood on the right. */
bool so_rewrite_comparison(const struct so_rewriter *rw, so_ref ref, enum so_op *op, so_ref *left, so_ref *right);
/* `fmt` put in parentheses where `node` stands, unless it stands as a conjunct. */
void so_rewrite_replace(const struct so_rewriter *rw, struct so_rewrite *out, so_ref node, const char *text);

#endif
