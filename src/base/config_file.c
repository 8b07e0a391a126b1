#include "base/config_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/vec.h"

enum { PAIRS_MAX = 256 };

static char *read_whole(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat info;
	char *text = NULL;
	size_t len = 0;
	ssize_t got = -1;

	if (fd < 0) {
		so_fail(err, errno == ENOENT ? SO_NOT_FOUND : SO_INPUT, "cannot read the configuration file '%s': %s",
			path, strerrordesc_np(errno));
		return NULL;
	}
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		so_fail(err, SO_INPUT, "the configuration file '%s' is not a regular file", path);
		goto out;
	}
	text = so_secret_new(ctx, SO_CONFIG_FILE_MAX + 1);
	while (len <= SO_CONFIG_FILE_MAX && (got = read(fd, text + len, SO_CONFIG_FILE_MAX + 1 - len)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		if (got > 0)
			len += (size_t)got;
	}
	if (len > SO_CONFIG_FILE_MAX)
		so_fail(err, SO_LIMIT, "the configuration file '%s' is larger than %d bytes", path, SO_CONFIG_FILE_MAX);
	else if (got < 0)
		so_fail(err, SO_INPUT, "cannot read the configuration file '%s': %s", path, strerrordesc_np(errno));
	else if (strlen(text) != len)
		so_fail(err, SO_INPUT, "the configuration file '%s' holds NUL bytes: it is not text", path);
	else
		goto out;
	talloc_free(text);
	text = NULL;
out:
	close(fd);
	return text;
}

/* One logical line as systemd reads it: quotes may appear, a backslash keeps the next character, and at the end of a
 * line it joins the next one. Returns the text after the line, or NULL when a quote is not closed. */
static const char *read_value(char *out, const char *p, int *line)
{
	char quote = '\0';
	size_t len = 0, keep = 0; /* `keep`: up to here trailing blanks are part of the value */

	while (*p == ' ' || *p == '\t')
		p++;
	for (; *p && (quote || *p != '\n'); p++) {
		if (*p == '\n')
			++*line;
		if (*p == quote && quote) {
			quote = '\0';
			keep = len;
			continue;
		}
		if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
			continue;
		}
		if (*p == '\\' && quote != '\'' && p[1]) {
			if (p[1] == '\n') {
				++*line;
				p++;
				continue;
			}
			/* inside double quotes a backslash only escapes these */
			if (!quote || strchr("\"\\$`", p[1]))
				p++;
			out[len++] = *p;
			keep = len;
			continue;
		}
		if (*p != '\r')
			out[len++] = *p;
		if (quote || (*p != ' ' && *p != '\t' && *p != '\r'))
			keep = len;
	}
	out[keep] = '\0';
	return quote ? NULL : p;
}

static bool read_name(char name[65], const char **at)
{
	const char *p = *at;
	size_t len = 0;

	while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_') {
		if (len == 64)
			return false;
		name[len++] = *p++;
	}
	name[len] = '\0';
	while (*p == ' ' || *p == '\t')
		p++;
	if (len == 0 || *p != '=')
		return false;
	*at = p + 1;
	return true;
}

struct so_config_file *so_config_file_read(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	struct so_config_file *file = so_new(ctx, struct so_config_file);
	SO_VEC(struct so_config_pair) pairs;
	char *text = read_whole(file, path, err), *value;
	int line = 1;

	so_vec_init(&pairs, file, PAIRS_MAX);
	if (!text)
		goto fail;
	value = so_secret_new(file, strlen(text));
	for (const char *p = text; *p; line++) {
		struct so_config_pair *pair;
		char name[65];
		int first = line;

		p += strspn(p, " \t\r");
		if (*p == '#' || *p == ';' || *p == '\n' || !*p) {
			p += strcspn(p, "\n");
			p += *p == '\n';
			continue;
		}
		if (!read_name(name, &p)) {
			so_fail(err, SO_INPUT,
				"line %d of '%s' is not of the form NAME=value (no 'export', no blanks in the name)",
				line, path);
			goto fail;
		}
		p = read_value(value, p, &line);
		if (!p) {
			so_fail(err, SO_INPUT, "line %d of '%s': the quote of %s is not closed", first, path, name);
			goto fail;
		}
		p += *p == '\n';
		pair = so_vec_add(&pairs);
		if (!pair) {
			so_fail(err, SO_LIMIT, "'%s' has more than %d assignments", path, PAIRS_MAX);
			goto fail;
		}
		*pair = (struct so_config_pair){ so_strdup(file, name), so_secret_dup(file, value), first };
	}
	talloc_free(text);
	talloc_free(value);
	file->count = pairs.count;
	file->pairs = pairs.items;
	return file;
fail:
	talloc_free(file);
	return NULL;
}
