/* Random schemas and queries over them, for the test of what sql/facts.h claims. One seed, one sequence. */
#ifndef TESTS_ENGINE_FACTS_GEN_H
#define TESTS_ENGINE_FACTS_GEN_H

#include <stdint.h>

#include "base/buf.h"
#include "sql/node.h"

enum gen_type {
	GEN_INT4,
	GEN_INT8,
	GEN_NUMERIC,
	GEN_FLOAT8,
	GEN_TEXT,
	GEN_CI,
	GEN_BPCHAR,
	GEN_DATE,
	GEN_BOOL,
	GEN_TYPES
};

#define GEN_TABLES  4
#define GEN_COLUMNS 5

struct gen {
	uint64_t state;
	enum so_dialect dialect; /* SO_POSTGRESQL or SO_SQLITE: what the queries are made for */
	enum gen_type types[GEN_TABLES][GEN_COLUMNS];
	unsigned names; /* numbers aliases */
	int room; /* how much more may nest */
};

extern const char *const gen_column_names[GEN_COLUMNS];

void gen_seed(struct gen *gen, enum so_dialect dialect, uint64_t seed);
/* A number below n. */
unsigned gen_below(struct gen *gen, unsigned n);
/* CREATE TABLE t0 .. t3 (in schema g of PostgreSQL), with keys and rows; drops those of before. */
void gen_schema(struct gen *gen, struct so_buf *out);
/* One query without parameters; returns how many columns it has. */
unsigned gen_query(struct gen *gen, struct so_buf *out);

#endif
