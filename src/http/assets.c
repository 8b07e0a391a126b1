#include "http/assets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define FOLDER_FILE_MAX (32 * 1024 * 1024)

static int by_path(const void *key, const void *row)
{
	return strcmp(key, ((const struct so_asset *)row)->path);
}

/* The build tool names everything below /assets/ after its content. */
static bool is_hashed(const char *path)
{
	return strncmp(path, "/assets/", 8) == 0;
}

static bool inflate_all(const struct so_asset *asset, struct so_asset_body *out)
{
	z_stream z = { .next_in = (Bytef *)asset->gzip, .avail_in = (uInt)asset->gzip_len };
	unsigned char *raw = malloc(asset->raw_len + 1);

	if (!raw || inflateInit2(&z, 15 + 16) != Z_OK) {
		free(raw);
		return false;
	}
	z.next_out = raw;
	z.avail_out = (uInt)asset->raw_len + 1;
	int rc = inflate(&z, Z_FINISH);

	inflateEnd(&z);
	if (rc != Z_STREAM_END || z.total_out != asset->raw_len) {
		free(raw);
		return false;
	}
	out->data = raw;
	out->len = asset->raw_len;
	out->owned = true;
	return true;
}

static const char *type_of(const char *path)
{
	static const char *const types[][2] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".woff2", "font/woff2" },
		{ ".png", "image/png" },
		{ ".json", "application/json" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".md", "text/markdown; charset=utf-8" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(dot, types[i][0]) == 0)
			return types[i][1];
	return NULL;
}

/* Reads a whole regular file of at most FOLDER_FILE_MAX bytes. */
static bool read_file(int fd, struct so_asset_body *out)
{
	struct stat st;
	size_t used = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FOLDER_FILE_MAX)
		return false;
	char *data = malloc((size_t)st.st_size + 1);

	while (data && used < (size_t)st.st_size) {
		ssize_t n = read(fd, data + used, (size_t)st.st_size - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	if (!data)
		return false;
	out->data = data;
	out->len = used;
	out->owned = true;
	return true;
}

static bool from_folder(TALLOC_CTX *ctx, const char *folder, const char *path, struct so_asset_body *out)
{
	const char *type = type_of(path);

	if (!type || strstr(path, ".."))
		return false;
	int fd = open(so_printf(ctx, "%s%s", folder, path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return false;
	bool ok = read_file(fd, out);

	close(fd);
	out->type = type;
	out->etag = NULL;
	return ok;
}

bool so_asset_get(
	TALLOC_CTX *ctx, const struct so_asset_set *set, const char *path, bool accepts_gzip, struct so_asset_body *out)
{
	memset(out, 0, sizeof(*out));
	if (set->folder && from_folder(ctx, set->folder, path, out))
		return true;
	const struct so_asset *asset =
		set->count ? bsearch(path, set->items, set->count, sizeof(*asset), by_path) : NULL;

	if (!asset)
		return false;
	out->type = asset->type;
	out->etag = asset->etag;
	out->hashed = is_hashed(path);
	if (!accepts_gzip)
		return inflate_all(asset, out);
	out->data = asset->gzip;
	out->len = asset->gzip_len;
	out->gzip = true;
	return true;
}
