/* What drivers share to fill a reading of statistics. */
#ifndef SO_ENGINE_READING_H
#define SO_ENGINE_READING_H

#include "engine/engine.h"

#define SO_READING_ROWS_MAX 100000 /* whatever the limit asked for */
#define SO_READING_TEXTS    1000 /* ids of one call of `texts` */

/* `counters` by `statements`, with their texts, `summed`: for drivers and servers that have no counters of single rows;
 * `texts` has nothing to add then. */
struct so_reading *so_reading_of_statements(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases,
	size_t n, int64_t limit, struct so_err *err);
bool so_reading_no_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n,
	struct so_statement_text *out, struct so_err *err);
/* `activity` of an engine without sessions. */
struct so_activity *so_no_activity(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *databases, size_t n,
	int64_t limit, struct so_err *err);
/* `samples` of an engine that keeps no texts with their values. */
bool so_no_samples(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err) SO_MUST_CHECK;
/* The limit that is applied. */
int64_t so_reading_limit(int64_t limit);

/* Key of a row from what identifies it, as one text. */
void so_reading_key(struct so_reading_row *row, const char *identity);
/* Index of the database among those asked for, -1: none of them. Without names every row belongs to number 0. */
int so_reading_database(const char *const *databases, size_t n, const char *name);

#endif
