#include "base/config_impl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

const struct so_config_var *so_config_find(const char *name, size_t *at)
{
	for (*at = 0; so_config_vars[*at].name; ++*at)
		if (strcmp(so_config_vars[*at].name, name) == 0)
			return &so_config_vars[*at];
	return NULL;
}

/* Edit distance of two short names, at most 63 bytes each. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n > 63 || strlen(a) > 63)
		return 64;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = corner + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[n];
}

const char *so_config_nearest(const char *name, const char *(*name_at)(size_t at))
{
	const char *nearest = NULL;
	size_t best = strlen(name) / 3 + 2;

	for (size_t i = 0; so_config_vars[i].name; i++) {
		const char *candidate = name_at(i);
		size_t far = candidate ? distance(name, candidate) : best;

		if (far < best) {
			best = far;
			nearest = candidate;
		}
	}
	return nearest;
}

static const char *var_name_at(size_t at)
{
	return so_config_vars[at].name;
}

static const char *flag_name_at(size_t at)
{
	return so_config_vars[at].flag;
}

void so_config_note(struct so_config *config, const char *fmt, ...)
{
	va_list args;

	if (config->notes.count == SO_CONFIG_LIST_MAX)
		return;
	if (!config->notes.items)
		config->notes.items = so_new_array(config, char *, SO_CONFIG_LIST_MAX);
	va_start(args, fmt);
	config->notes.items[config->notes.count++] = so_vprintf(config, fmt, args);
	va_end(args);
}

static const char *env_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

/* An empty value is as good as none, except for a list, where it means "no entries", and a URL, where it means "off".
 */
static bool counts(const struct so_config_var *var, const char *value)
{
	return value &&
	       (*value || var->type == SO_CONFIG_LIST || var->type == SO_CONFIG_ORIGINS || var->type == SO_CONFIG_URL);
}

static char *default_database(TALLOC_CTX *ctx, char *const *env)
{
	const char *state = env_get(env, "STATE_DIRECTORY"), *data = env_get(env, "XDG_DATA_HOME"),
		   *home = env_get(env, "HOME");

	/* systemd lists several folders with colons; the first is ours */
	if (state && *state == '/')
		return so_printf(ctx, "sqlite:///%.*s/sqlopt.db", (int)strcspn(state, ":"), state);
	if (data && *data == '/')
		return so_printf(ctx, "sqlite:///%s/sqlopt/sqlopt.db", data);
	if (home && *home == '/')
		return so_printf(ctx, "sqlite:///%s/.local/share/sqlopt/sqlopt.db", home);
	return NULL;
}

static bool load_defaults(struct so_config *config, struct so_err *err)
{
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const struct so_config_var *var = &so_config_vars[i];

		if (var->type == SO_CONFIG_DATABASE)
			continue;
		if (var->secret)
			*(char **)so_config_member(config, var) = so_secret_dup(config, "");
		else if (!so_config_set(config, var, var->deflt, "default", err))
			return false;
	}
	return true;
}

static bool load_file(struct so_config *config, const char *path, struct so_err *err)
{
	SO_TMP(tmp, config);
	struct so_config_file *file = so_config_file_read(tmp, path, err);
	char from[160];

	if (!file)
		return false;
	config->file_path = so_strdup(config, path);
	for (size_t i = 0; i < file->count; i++) {
		const struct so_config_pair *pair = &file->pairs[i];
		size_t at;
		const struct so_config_var *var = so_config_find(pair->name, &at);

		snprintf(from, sizeof from, "line %d of %.120s", pair->line, path);
		if (!var) {
			const char *nearest = so_config_nearest(pair->name, var_name_at);

			return so_fail(err, SO_INPUT, "%s: there is no variable %s%s%s; sqlopt config lists them all",
				from, pair->name, nearest ? "; did you mean " : "", nearest ? nearest : "");
		}
		if (!counts(var, pair->value))
			continue;
		if (!so_config_set(config, var, pair->value, from, err))
			return false;
		config->sources[at] = SO_CONFIG_FILE;
	}
	return true;
}

static bool load_environment(struct so_config *config, char *const *env, struct so_err *err)
{
	for (size_t i = 0; so_config_vars[i].name; i++) {
		const char *value = env_get(env, so_config_vars[i].name);

		if (!counts(&so_config_vars[i], value))
			continue;
		if (!so_config_set(config, &so_config_vars[i], value, "environment", err))
			return false;
		config->sources[i] = SO_CONFIG_ENV;
	}
	return true;
}

/* The row that `arg` ("--flag", "--flag=value", "--no-flag") belongs to, or NULL. */
static const struct so_config_var *flag_find(const char *arg, size_t *at, const char **value, bool *negated)
{
	size_t len = strcspn(arg, "=");

	*value = arg[len] ? arg + len + 1 : NULL;
	for (*at = 0; so_config_vars[*at].name; ++*at) {
		const struct so_config_var *var = &so_config_vars[*at];

		if (!var->flag)
			continue;
		*negated = var->type == SO_CONFIG_BOOL && strncmp(arg, "--no-", 5) == 0 &&
			   len - 5 == strlen(var->flag) - 2 && memcmp(arg + 5, var->flag + 2, len - 5) == 0;
		if (*negated || (strlen(var->flag) == len && memcmp(arg, var->flag, len) == 0))
			return var;
	}
	return NULL;
}

static bool refuse_flag(const char *arg, struct so_err *err)
{
	char name[64];
	const char *nearest;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(arg, "="), arg);
	nearest = name[0] == '-' ? so_config_nearest(name, flag_name_at) : NULL;
	if (nearest)
		return so_fail(err, SO_USAGE, "there is no flag %s; did you mean %s?", name, nearest);
	return so_fail(err, SO_USAGE, "%s '%s' is not expected here; sqlopt --help lists what is",
		name[0] == '-' ? "flag" : "argument", name);
}

/* Walks the command line twice: first (config NULL) only for --config, since the file is read before flags apply. */
static bool walk_flags(
	struct so_config *config, const struct so_config_input *input, const char **file, struct so_err *err)
{
	bool ours = true;
	int n_rest = 0;

	for (int i = 0; i < input->argc; i++) {
		const char *arg = input->argv[i], *value;
		const struct so_config_var *var;
		bool negated = false;
		size_t at;

		if (ours && strcmp(arg, "--config") == 0 && i + 1 >= input->argc)
			return so_fail(err, SO_USAGE, "--config needs a file");
		if (ours && (strcmp(arg, "--config") == 0 || strncmp(arg, "--config=", 9) == 0)) {
			*file = arg[8] ? arg + 9 : input->argv[++i];
			continue;
		}
		var = ours ? flag_find(arg, &at, &value, &negated) : NULL;
		if (!var) {
			if (strcmp(arg, "--") == 0)
				ours = false;
			if (input->rest)
				input->rest[n_rest++] = input->argv[i];
			else if (config)
				return refuse_flag(arg, err);
			continue;
		}
		if (var->type == SO_CONFIG_BOOL && !value)
			value = negated ? "false" : "true";
		else if (negated)
			return so_fail(err, SO_USAGE, "--no-%s takes no value", var->flag + 2);
		else if (!value && i + 1 < input->argc)
			value = input->argv[++i];
		else if (!value)
			return so_fail(err, SO_USAGE, "%s needs a value", var->flag);
		if (!config || !counts(var, value))
			continue;
		if (!so_config_set(config, var, value, var->flag, err)) {
			err->kind = err->kind == SO_INPUT || err->kind == SO_LIMIT ? SO_USAGE : err->kind;
			return false;
		}
		config->sources[at] = SO_CONFIG_FLAG;
	}
	if (input->n_rest)
		*input->n_rest = n_rest;
	return true;
}

/* Absolute, without "./" at the start; folders need not exist yet. */
static char *absolute_path(TALLOC_CTX *ctx, const char *path, struct so_err *err)
{
	char here[4096];

	if (*path == '/')
		return so_strdup(ctx, path + strspn(path, "/") - 1);
	while (strncmp(path, "./", 2) == 0)
		path += 2 + strspn(path + 2, "/");
	if (!getcwd(here, sizeof here)) {
		so_fail(err, SO_INPUT, "DATABASE_URL is relative, but the current folder cannot be told: %s",
			strerrordesc_np(errno));
		return NULL;
	}
	return so_printf(ctx, "%s/%s", here, path);
}

static bool finish(struct so_config *config, const struct so_config_input *input, struct so_err *err)
{
	if (!config->database_url)
		config->database_url = default_database(config, input->environ);
	if (config->database_url) {
		config->store_path = absolute_path(config, config->database_url + strlen("sqlite:///"), err);
		if (!config->store_path)
			return false;
		config->keys_path = so_printf(config, "%.*ssqlopt.keys",
			(int)(strrchr(config->store_path, '/') + 1 - config->store_path), config->store_path);
	} else {
		/* commands that need no store work without a HOME; so_config_keys says what is missing */
		config->database_url = so_strdup(config, "");
	}
	for (size_t i = 0; so_config_vars[i].name; i++)
		if (so_config_vars[i].no_effect && config->sources[i] != SO_CONFIG_DEFAULT)
			so_config_note(config, "%s is set but has no effect yet", so_config_vars[i].name);
	return true;
}

struct so_config *so_config_load(TALLOC_CTX *ctx, const struct so_config_input *input, struct so_err *err)
{
	struct so_config *config = so_new(ctx, struct so_config);
	const char *file = NULL;
	size_t count = 0;

	while (so_config_vars[count].name)
		count++;
	config->sources = so_new_array(config, enum so_config_source, count);
	if (!walk_flags(NULL, input, &file, err))
		goto fail;
	if (!file)
		file = input->file ? input->file : env_get(input->environ, "SQLOPT_CONFIG");
	if (!load_defaults(config, err) || (file && *file && !load_file(config, file, err)) ||
		!load_environment(config, input->environ, err) || !walk_flags(config, input, &file, err) ||
		!finish(config, input, err))
		goto fail;
	return config;
fail:
	talloc_free(config);
	return NULL;
}

bool so_config_is_loopback(const char *host)
{
	unsigned parts[4];
	char end;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return sscanf(host, "%3u.%3u.%3u.%3u%c", &parts[0], &parts[1], &parts[2], &parts[3], &end) == 4 &&
	       parts[0] == 127 && parts[1] < 256 && parts[2] < 256 && parts[3] < 256;
}

bool so_config_check_serve(const struct so_config *config, struct so_err *err)
{
	if (config->allow_remote_without_login || so_config_is_loopback(config->backend_host))
		return true;
	return so_fail(err, SO_FORBIDDEN,
		"BACKEND_HOST '%s' can be reached from other machines, and there are no logins yet; use 127.0.0.1, or "
		"--allow-remote-without-login if everybody who can reach it may use every connection",
		config->backend_host);
}
