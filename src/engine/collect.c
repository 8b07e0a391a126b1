#include "engine/collect.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/utf8.h"

bool so_keep_row(struct so_row_keeper *k, size_t n, const char *const *values, const size_t *lengths)
{
	struct so_rows *out = k->out;
	int64_t bytes = 0;
	char *text;

	for (size_t i = 0; i < n; i++)
		bytes += (int64_t)lengths[i] + 1;
	if ((int64_t)out->n_rows >= k->max_rows || k->bytes + bytes > k->max_bytes) {
		out->truncated = true;
		return false;
	}
	k->bytes += bytes;
	out->n_columns = n;
	if (out->n_rows == k->room) {
		k->room = k->room ? k->room * 2 : 16;
		out->cells = so_renew_array(talloc_parent(out->cells), out->cells, char *, k->room *(n + 1));
	}
	/* One chunk a row: a chunk for each cell would cost more than the cell. */
	text = so_mem_need(talloc_size(out->cells, (size_t)bytes + 1));
	for (size_t i = 0; i < n; i++) {
		char **cell = &out->cells[out->n_rows * n + i];

		*cell = NULL;
		if (!values[i])
			continue;
		memcpy(text, values[i], lengths[i]);
		text[lengths[i]] = '\0';
		so_utf8_mend(text, lengths[i]); /* binary columns, and databases without an encoding, hold any bytes */
		*cell = text;
		text += lengths[i] + 1;
	}
	out->n_rows++;
	return true;
}

bool so_digest_row(struct so_row_digester *d, size_t n, const char *const *values, const size_t *lengths)
{
	struct so_result_digest *out = d->out;
	XXH3_state_t state;
	uint64_t hash;

	if (out->n_rows >= d->max_rows || out->n_bytes > d->max_bytes) {
		out->truncated = true;
		return false;
	}
	XXH3_64bits_reset(&state);
	for (size_t i = 0; i < n; i++) {
		uint64_t len = values[i] ? lengths[i] : UINT64_MAX; /* NULL is not "" */

		XXH3_64bits_update(&state, &len, sizeof len);
		if (values[i])
			XXH3_64bits_update(&state, values[i], lengths[i]);
		out->n_bytes += values[i] ? (int64_t)lengths[i] : 0;
	}
	hash = XXH3_64bits_digest(&state);
	out->multiset_hash += hash;
	out->list_hash = XXH3_64bits_withSeed(&hash, sizeof hash, out->list_hash);
	out->n_rows++;
	return true;
}
