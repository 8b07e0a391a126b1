/* Writes JSON straight into a buffer: for log lines, events and long lists, where building a tree first would cost
 * more than the answer. Commas are its business, balance is the caller's. Text that is not UTF-8 is written with
 * U+FFFD in place of each bad byte, so that the output always parses. Check `out->buf->overflow` at the end. */
#ifndef SO_BASE_JSON_OUT_H
#define SO_BASE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SO_JSON_DEPTH 32 /* most nested objects and arrays */

struct so_json_out {
	struct so_buf *buf;
	int depth;
	uint32_t comma; /* bit n: the container at depth n holds something already */
	bool after_key;
};

void so_json_out_init(struct so_json_out *out, struct so_buf *buf);
void so_json_out_open(struct so_json_out *out, char bracket); /* '{' or '[' */
void so_json_out_close(struct so_json_out *out, char bracket); /* '}' or ']' */
void so_json_out_key(struct so_json_out *out, const char *key);
void so_json_out_text(struct so_json_out *out, const char *text); /* NULL: null */
void so_json_out_textn(struct so_json_out *out, const char *text, size_t len);
void so_json_out_int(struct so_json_out *out, int64_t value);
void so_json_out_real(struct so_json_out *out, double value); /* NAN and infinities: null */
void so_json_out_bool(struct so_json_out *out, bool value);
void so_json_out_null(struct so_json_out *out);
/* A document that is JSON already, copied as it is; NULL: null. */
void so_json_out_raw(struct so_json_out *out, const char *json);
/* Time in RFC 3339 with Z; 0: null. */
void so_json_out_time(struct so_json_out *out, int64_t time_us);

#endif
