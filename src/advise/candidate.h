/* An index that might help: what it is made of, its text in both forms (hypothetical and online), and its size. */
#ifndef SO_ADVISE_CANDIDATE_H
#define SO_ADVISE_CANDIDATE_H

#include "base/mem.h"
#include "core/catalog.h"
#include "core/proposal.h"

#define SO_CAND_KEYS    6
#define SO_CAND_INCLUDE 4

struct so_cand_key {
	int32_t column; /* index into table->columns; for an expression its only column, or -1 */
	const char *expr; /* text as the engine wants it, in parentheses where needed; NULL for a plain column */
	const char *label; /* expression only: a word for names, "lower_email" */
	const char *opclass; /* only when not the default */
	bool desc, nulls_first;
};

struct so_cand {
	const struct so_table *table;
	const char *method; /* "btree", "gin" */
	size_t n_keys, n_include;
	struct so_cand_key keys[SO_CAND_KEYS];
	int32_t include[SO_CAND_INCLUDE];
	const char *predicate; /* WHERE text of a partial index, or NULL */
	const char *pred_label; /* a word for names: "pending" */
	double pred_share; /* share of the rows that the predicate keeps; 1 without one */
	const char *reason; /* what in the statement asked for it: "user_id = constant; ORDER BY created_at DESC" */
	double selectivity; /* estimated share of rows that its keys leave; for our own estimate */
	bool join; /* its leading key is compared with another relation: probed once for each outer row */
	bool ordered; /* also delivers the order that the statement asks for */
	double limit; /* rows wanted of an ordered index, or 0 */
	const char *extends; /* existing index of which this is a longer form, or NULL */
	/* filled by so_cand_finish */
	char *what_if_ddl; /* CREATE INDEX ON schema.table USING btree (...) */
	char *columns_text; /* "(user_id, created_at DESC) INCLUDE (total) WHERE status = 'pending'" */
	int64_t size_bytes;
};

/* A growing set without duplicates; candidates keep their address. */
struct so_cand_set {
	size_t count, size;
	struct so_cand **items;
};

struct so_cand_set *so_cand_set_new(TALLOC_CTX *ctx);
/* Copies `cand`, fills its texts and size, adds it unless the set has an equal one or an existing index of the table
 * already serves all of it; answers the element that is in the set, NULL when an existing index serves. */
struct so_cand *so_cand_add(struct so_cand_set *set, const struct so_cand *cand);

/* The existing valid index whose leading keys include all of the candidate's (same order and operator class, no
 * narrower predicate, and its included columns), or NULL. */
const struct so_index *so_cand_served_by(const struct so_cand *cand);

/* Expected size of the index in bytes, from the statistics alone (docs/internals/advise.md has the formula). */
int64_t so_cand_size(const struct so_cand *cand);
/* Levels above the leaves of a b-tree of that size. */
double so_cand_height(int64_t size_bytes);

/* A readable name of at most 63 bytes that no relation of the catalog has in that schema. */
char *so_cand_name(TALLOC_CTX *ctx, const struct so_catalog *catalog, const struct so_cand *cand);
/* Title, SQL, undo, lock, size, write cost and objects of an index proposal. */
void so_cand_describe(struct so_proposal *proposal, const struct so_catalog *catalog, const struct so_cand *cand,
	int64_t engine_size);

/* An identifier as SQL text, quoted when it has to be. */
const char *so_cand_quote(TALLOC_CTX *ctx, const char *name);
/* "36 MB", "416 kB" */
const char *so_cand_size_text(TALLOC_CTX *ctx, int64_t bytes);

#endif
