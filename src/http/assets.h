/* Files of the page, embedded in the binary as gzip (tools/embed.py) or, for development, read from a folder. */
#ifndef SO_HTTP_ASSETS_H
#define SO_HTTP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct so_asset {
	const char *path; /* "/assets/index-3f2a.js" */
	const char *type; /* media type */
	const char *etag; /* strong, with its quotes */
	const unsigned char *gzip;
	size_t gzip_len, raw_len;
};

/* Sorted by path; ended by a zero row. Generated at build time. */
extern const struct so_asset so_assets[];
extern const size_t so_assets_count;

struct so_asset_set {
	const struct so_asset *items;
	size_t count;
	const char *folder; /* development: files below it win; NULL: none */
};

struct so_asset_body {
	const char *type, *etag;
	const void *data;
	size_t len;
	bool gzip;
	bool owned; /* data was allocated with malloc: the response frees it */
	bool hashed; /* the name holds a hash of the content: may be cached for ever */
};

/* The file at a decoded URL path; false when there is none. `accepts_gzip` false inflates. Paths with ".." are never
 * found. */
bool so_asset_get(TALLOC_CTX *ctx, const struct so_asset_set *set, const char *path, bool accepts_gzip,
	struct so_asset_body *out) SO_MUST_CHECK;

#endif
