/* What sql/facts.h claims of random queries, held against the rows that an engine returns for them. */
#ifndef TESTS_ENGINE_FACTS_CHECK_H
#define TESTS_ENGINE_FACTS_CHECK_H

#include "facts_gen.h"
#include "sql/resolve.h"

enum facts_claim {
	FACTS_NOT_NULL,
	FACTS_UNIQUE,
	FACTS_ONE_ROW,
	FACTS_ROWS_UNIQUE,
	FACTS_DETERMINES,
	FACTS_EQUAL,
	FACTS_CONSTANT,
	FACTS_CLAIMS
};

extern const char *const facts_claim_names[FACTS_CLAIMS];

/* The engine. */
struct facts_judge {
	/* The two values of the only row; false when it refuses the query. */
	bool (*ask)(void *arg, TALLOC_CTX *tmp, const char *sql, char **first, char **second);
	void *arg;
};

struct facts_counts {
	unsigned queries, refused_by_engine, refused_by_us, empty;
	unsigned claims[FACTS_CLAIMS];
	unsigned refuted[FACTS_CLAIMS]; /* claims that the rows contradict */
};

/* Makes one query and asks for every claim. `invented`: for what is not claimed instead, to see that the rows can
 * contradict. Returns what they contradict, with the query, as text (a child of ctx), or NULL. Fails the test when the
 * engine takes what the resolver refuses. */
char *facts_check_query(TALLOC_CTX *ctx, struct gen *gen, const struct so_catalog *catalog,
	const struct facts_judge *judge, bool invented, struct facts_counts *counts);
/* One line, and no kind of claim may be missing. */
void facts_check_summary(const char *engine, const struct facts_counts *counts);

#endif
