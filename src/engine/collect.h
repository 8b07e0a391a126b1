/* Rows of a result on their way out of a driver: kept up to caps, or hashed and forgotten. What every driver does with
 * the rows that its client hands over; a driver brings the names and types of the columns itself. */
#ifndef SO_ENGINE_COLLECT_H
#define SO_ENGINE_COLLECT_H

#include "engine/engine.h"

struct so_row_keeper {
	struct so_rows *out; /* zeroed, but for `cells`: an array of so_new_array, child of the caller's context */
	int64_t max_rows, max_bytes;
	int64_t bytes;
	size_t room;
};

/* Keeps one row; values may be NULL (SQL NULL) and need not be UTF-8. False, with out->truncated, when a cap is hit:
 * no further row is wanted. */
bool so_keep_row(struct so_row_keeper *keeper, size_t n, const char *const *values, const size_t *lengths);

struct so_row_digester {
	struct so_result_digest *out; /* zeroed */
	int64_t max_rows, max_bytes;
};

/* Adds one row to the digest. False, with out->truncated, when a cap is hit. */
bool so_digest_row(struct so_row_digester *digester, size_t n, const char *const *values, const size_t *lengths);

#endif
