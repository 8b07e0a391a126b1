#include "cli/targets_file.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/field.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/vec.h"
#include "cli/cli.h"

enum type { TEXT, NUMBER, TRUTH, LABELS };

/* Keys that become members of the connection as they are. */
static const struct key {
	const char *name;
	const char *member;
	enum type type;
} keys[] = {
	{ "engine", "engine", TEXT },
	{ "host", "host", TEXT },
	{ "port", "port", NUMBER },
	{ "database", "database", TEXT },
	{ "username", "username", TEXT },
	{ "ssl_enabled", "ssl_enabled", TRUTH },
	{ "tls_ca", "tls_ca", TEXT },
	{ "search_path", "search_path", TEXT },
	{ "interval_s", "interval_s", NUMBER },
	{ "monitoring_enabled", "monitoring_enabled", TRUTH },
	{ "scratch", "scratch", TRUTH },
	{ "environment", "environment", TEXT },
	{ "labels", "labels", LABELS },
	{ NULL, NULL, TEXT },
};

struct parser {
	const char *file;
	int line;
	struct so_targets_file *out;
	SO_VEC(struct so_target_section) sections;
	struct so_target_section defaults, *section;
	struct so_map *names;
};

static bool fail_at(const struct parser *p, struct so_err *err, const char *what, const char *word)
{
	return so_fail(err, SO_INPUT, "%s, line %d: '%.60s' %s", p->file, p->line, word, what);
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* A comment begins with a # behind a blank. */
static char *uncomment(char *text)
{
	for (char *p = text; *p; p++)
		if (*p == '#' && (p == text || p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			break;
		}
	return trim(text);
}

char *so_targets_word(TALLOC_CTX *ctx, const char **list)
{
	while (*list && **list) {
		size_t len = strcspn(*list, ",");
		char *word = trim(so_strndup(ctx, *list, len));

		*list += len + ((*list)[len] == ',');
		if (*word)
			return word;
	}
	return NULL;
}

bool so_targets_wants(const struct so_target_section *section, const char *database)
{
	SO_TMP(tmp, NULL);
	const char *list = section->databases, *except = section->except;
	bool wanted = false;
	char *word;

	while ((word = so_targets_word(tmp, &list)))
		wanted = wanted || fnmatch(word, database, 0) == 0;
	while ((word = so_targets_word(tmp, &except)))
		wanted = wanted && fnmatch(word, database, 0) != 0;
	return wanted;
}

static bool put_labels(struct parser *p, const char *value, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	json_t *labels = json_object();
	char *word;

	json_object_set_new(p->section->body, "labels", labels);
	while ((word = so_targets_word(tmp, &value))) {
		char *colon = strchr(word, ':');

		if (!colon)
			return fail_at(p, err, "is no label; write name:value, several with commas", word);
		*colon = '\0';
		json_object_set_new(labels, trim(word), json_string(trim(colon + 1)));
	}
	return true;
}

static bool put(struct parser *p, const struct key *key, const char *value, struct so_err *err)
{
	char *end;
	long long number;
	json_t *json = NULL;

	switch (key->type) {
	case TEXT:
		json = json_string(value);
		if (!json)
			return fail_at(p, err, "has a value that is not UTF-8", key->name);
		break;
	case NUMBER:
		errno = 0;
		number = strtoll(value, &end, 10);
		if (errno || end == value || *end)
			return fail_at(p, err, "takes a whole number", key->name);
		json = json_integer(number);
		break;
	case TRUTH:
		if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
			return fail_at(p, err, "takes true or false", key->name);
		json = json_boolean(value[0] == 't');
		break;
	case LABELS:
		return put_labels(p, value, err);
	}
	json_object_set_new(p->section->body, key->member, json);
	return true;
}

static bool take_pair(struct parser *p, char *line, struct so_err *err)
{
	char *equals = strchr(line, '='), *name, *value;
	const struct key *key = keys;
	char **own = NULL;

	if (!equals)
		return fail_at(p, err, "is no \"key = value\" and no [section]", line);
	if (!p->section)
		return fail_at(p, err, "stands before the first [section]", line);
	*equals = '\0';
	name = trim(line);
	value = uncomment(equals + 1);
	if (strcmp(name, "password") == 0)
		own = &p->section->password;
	else if (strcmp(name, "dsn") == 0)
		own = &p->section->dsn;
	else if (strcmp(name, "databases") == 0)
		own = &p->section->databases;
	else if (strcmp(name, "except") == 0)
		own = &p->section->except;
	if (own) {
		*own = *value ? so_strdup(p->out, value) : NULL;
		return true;
	}
	while (key->name && strcmp(key->name, name) != 0)
		key++;
	if (!key->name)
		return fail_at(p, err,
			"is no key; there are engine, host, port, database, databases, except, username, password, "
			"dsn, "
			"ssl_enabled, tls_ca, search_path, interval_s, monitoring_enabled, scratch, environment, "
			"labels",
			name);
	return put(p, key, value, err);
}

static bool take_section(struct parser *p, char *line, struct so_err *err)
{
	char *close = strchr(line, ']'), *name;

	if (!close || *uncomment(close + 1))
		return fail_at(p, err, "is no [section]", line);
	*close = '\0';
	name = trim(line + 1);
	if (strcmp(name, "defaults") == 0) {
		p->section = &p->defaults;
		return true;
	}
	if (!*name || strlen(name) > 150)
		return fail_at(p, err, "is no name of a section: 1 to 150 bytes", name);
	if (so_map_get(p->names, name))
		return fail_at(p, err, "has a section already", name);
	p->section = so_vec_add(&p->sections);
	if (!p->section || !so_map_put(p->names, name, p->out))
		return so_fail(err, SO_LIMIT, "%s has over %d sections", p->file, SO_TARGETS_SECTIONS_MAX);
	*p->section = p->defaults;
	p->section->name = so_strdup(p->out, name);
	p->section->line = p->line;
	p->section->body = so_json_own(p->out, json_deep_copy(p->defaults.body));
	return true;
}

static bool check_section(const struct parser *p, const struct so_target_section *section, struct so_err *err)
{
	if (!json_object_get(section->body, "engine"))
		return so_fail(err, SO_INPUT, "%s, line %d: section '%s' has no engine", p->file, section->line,
			section->name);
	if (section->except && !section->databases)
		return so_fail(err, SO_INPUT, "%s, line %d: section '%s' has except without databases", p->file,
			section->line, section->name);
	if (section->databases && section->dsn)
		return so_fail(err, SO_INPUT, "%s, line %d: section '%s' has a dsn, which names one database", p->file,
			section->line, section->name);
	return true;
}

struct so_targets_file *so_targets_parse(TALLOC_CTX *ctx, const char *file, const char *text, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_targets_file *out = so_new(ctx, struct so_targets_file);
	struct parser p = { .file = file, .out = out, .names = so_map_new(tmp, SO_TARGETS_SECTIONS_MAX + 1) };

	so_vec_init(&p.sections, out, SO_TARGETS_SECTIONS_MAX);
	p.defaults.body = so_json_own(out, json_object());
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n");
		char *line = trim(so_strndup(tmp, at, len));

		at += len + (at[len] == '\n');
		p.line++;
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (!(*line == '[' ? take_section(&p, line, err) : take_pair(&p, line, err)))
			return talloc_free(out), NULL;
	}
	for (size_t i = 0; i < p.sections.count; i++)
		if (!check_section(&p, &p.sections.items[i], err))
			return talloc_free(out), NULL;
	/* cut off, or not written yet: --prune would take it for "none at all" */
	if (p.sections.count == 0) {
		so_fail(err, SO_INPUT, "%s: no [section] names a connection; each connection has one", file);
		return talloc_free(out), NULL;
	}
	out->count = p.sections.count;
	out->items = p.sections.items;
	return out;
}

/* ---- secrets ---- */

static char *read_secret(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	char *text = so_cli_read_file(tmp, path, 4096, err), *secret;
	size_t len;

	if (!text)
		return NULL;
	len = strcspn(text, "\r\n");
	if (len == 0)
		return so_fail(err, SO_INPUT, "the first line of '%s' is empty; the secret belongs there", path), NULL;
	secret = so_secret_ndup(ctx, text, len);
	explicit_bzero(text, strlen(text));
	return secret;
}

/* One field of a line of the password file: "\:" and "\\" stand for themselves. Returns what follows its colon. */
static const char *pgpass_field(const char *at, char *out, size_t size)
{
	size_t n = 0;

	for (; *at && *at != ':'; at++) {
		if (*at == '\\' && at[1])
			at++;
		if (n + 1 < size)
			out[n++] = *at;
	}
	out[n] = '\0';
	return *at ? at + 1 : at;
}

static bool pgpass_matches(const char *field, const char *wanted)
{
	return strcmp(field, "*") == 0 || strcmp(field, wanted) == 0;
}

static const char *text_of(const json_t *body, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text && *text ? text : otherwise;
}

/* As libpq reads it: host:port:database:username:password, the first line that fits. */
static char *from_pgpass(TALLOC_CTX *ctx, const json_t *body, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	const char *named = getenv("PGPASSFILE"), *home = getenv("HOME");
	const char *path = named ? named : so_printf(tmp, "%s/.pgpass", home ? home : "");
	json_int_t number = json_integer_value(json_object_get(body, "port"));
	const char *wanted[4] = { text_of(body, "host", "localhost"),
		so_printf(tmp, "%lld", (long long)(number ? number : 5432)), text_of(body, "database", ""),
		text_of(body, "username", "") };
	char *text, *secret = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO)) {
		so_fail(err, SO_INPUT, "'%s' can be read by others; run chmod 600 on it", path);
		return NULL;
	}
	text = so_cli_read_file(tmp, path, 1024 * 1024, err);
	for (const char *line = text; line && *line && !secret;) {
		size_t len = strcspn(line, "\n");
		char *copy = so_strndup(tmp, line, len), field[1024];
		const char *at = copy;
		bool fits = *copy != '#';

		line += len + (line[len] == '\n');
		for (int i = 0; i < 4; i++) {
			at = pgpass_field(at, field, sizeof field);
			fits = fits && pgpass_matches(field, wanted[i]);
		}
		pgpass_field(at, field, sizeof field);
		if (fits && *copy)
			secret = so_secret_dup(ctx, field);
		explicit_bzero(field, sizeof field);
		explicit_bzero(copy, len);
	}
	if (text) {
		explicit_bzero(text, strlen(text));
		if (!secret)
			so_fail(err, SO_INPUT, "'%s' has no line for %s:%s:%s:%s", path, wanted[0], wanted[1],
				wanted[2], wanted[3]);
	}
	return secret;
}

char *so_targets_secret(TALLOC_CTX *ctx, const char *reference, const json_t *body, struct so_err *err)
{
	if (strncmp(reference, "env:", 4) == 0) {
		const char *value = getenv(reference + 4);

		if (value)
			return so_secret_dup(ctx, value);
		so_fail(err, SO_INPUT, "the environment has no variable '%.60s'", reference + 4);
		return NULL;
	}
	if (strncmp(reference, "file:", 5) == 0)
		return read_secret(ctx, reference + 5, err);
	if (strcmp(reference, "pgpass") == 0)
		return from_pgpass(ctx, body, err);
	so_fail(err, SO_INPUT,
		"a secret does not belong into this file; write env:NAME, file:PATH or pgpass and keep it there");
	return NULL;
}
