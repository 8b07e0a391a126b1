#include "base/config_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fernet.h"
#include "base/secret.h"

/* Keys that the older system's documentation and compose files show: whoever uses one has no secret. */
static const char *const sample_keys[] = {
	"your-encryption-key-change-this",
	"your-secret-key-change-this-in-production",
	"your-secret-key-here",
	"your-encryption-key-here",
	"your-secret-key-change-this",
	"your-encryption-key-change-this-in-production",
	"change-this-in-production",
	"changeme",
};

static bool is_sample(const char *value)
{
	for (size_t i = 0; i < sizeof sample_keys / sizeof sample_keys[0]; i++)
		if (strcmp(value, sample_keys[i]) == 0)
			return true;
	return strstr(value, "change-this") || strstr(value, "change_this") || strstr(value, "change-me") ||
	       strstr(value, "changeme");
}

static bool set_int(
	int64_t *out, const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (end == value || *end || errno || number < var->min || number > var->max)
		return so_fail(err, SO_INPUT,
			"%s (%s) is '%.64s'; it must be a whole number from %" PRId64 " to %" PRId64, var->name, from,
			value, var->min, var->max);
	*out = number;
	return true;
}

static bool set_bool(
	bool *out, const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	static const char *const yes[] = { "true", "1", "yes", "on" }, *const no[] = { "false", "0", "no", "off" };

	for (int i = 0; i < 4; i++)
		if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
			*out = strcasecmp(value, yes[i]) == 0;
			return true;
		}
	return so_fail(err, SO_INPUT, "%s (%s) is '%.64s'; it must be true or false", var->name, from, value);
}

static bool set_choice(
	int64_t *out, const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	char list[128] = "";

	for (int64_t i = 0; var->choices[i]; i++) {
		size_t len = strlen(list);

		if (strcasecmp(value, var->choices[i]) == 0) {
			*out = i;
			return true;
		}
		snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", var->choices[i]);
	}
	return so_fail(err, SO_INPUT, "%s (%s) is '%.64s'; it must be one of: %s", var->name, from, value, list);
}

/* scheme://host[:port][/path]: enough to catch a forgotten scheme; the client library judges the rest. */
static bool url_ok(const char *url, bool path_allowed)
{
	const char *host = NULL, *path;

	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	if (!host || strpbrk(url, " \t\"'<>"))
		return false;
	path = host + strcspn(host, "/?#");
	return path > host && (path_allowed || *path == '\0');
}

static bool add_item(struct so_config *config, struct so_config_list *list, const struct so_config_var *var,
	const char *text, size_t len, const char *from, struct so_err *err)
{
	char *item;

	if (len == 0)
		return true;
	if (list->count == SO_CONFIG_LIST_MAX)
		return so_fail(err, SO_LIMIT, "%s (%s) has more than %d entries", var->name, from, SO_CONFIG_LIST_MAX);
	if ((int64_t)len > var->max)
		return so_fail(err, SO_LIMIT, "an entry of %s (%s) is longer than %" PRId64 " bytes", var->name, from,
			var->max);
	item = so_strndup(config, text, len);
	if (var->type == SO_CONFIG_ORIGINS && strcmp(item, "*") != 0 && !url_ok(item, false))
		return so_fail(err, SO_INPUT,
			"%s (%s) holds '%.64s'; an origin is http://host[:port] or https://host[:port] without a path",
			var->name, from, item);
	list->items[list->count++] = item;
	return true;
}

/* "a,b", and what the older system's files have: ["a","b"]. A shell or an EnvironmentFile may have taken the quotes off
 * the latter already. */
static bool set_list(struct so_config *config, struct so_config_list *out, const struct so_config_var *var,
	const char *value, const char *from, struct so_err *err)
{
	struct so_config_list list = { .items = so_new_array(config, char *, SO_CONFIG_LIST_MAX) };
	const char *p = value + strspn(value, " \t"), *end = p + strlen(p);
	bool bracketed = *p == '[';

	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (bracketed && (end[-1] != ']' || ++p == end--))
		return so_fail(err, SO_INPUT, "%s (%s) starts with '[' but does not end with ']'; write it as a,b,c",
			var->name, from);
	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end,
			   *next = comma ? comma + 1 : end;

		while (p < stop && (*p == ' ' || *p == '\t'))
			p++;
		while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		if (bracketed && stop - p >= 2 && *p == '"' && stop[-1] == '"') {
			p++;
			stop--;
		}
		if (!add_item(config, &list, var, p, (size_t)(stop - p), from, err))
			return false;
		p = next;
	}
	*out = list;
	return true;
}

static bool check_database(const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	if (strncmp(value, "postgresql", 10) == 0 || strncmp(value, "postgres:", 9) == 0)
		return so_fail(err, SO_UNSUPPORTED,
			"%s (%s) asks for a PostgreSQL store, which does not exist yet; use "
			"sqlite:////absolute/path.db (databases to look at are added as connections, not here)",
			var->name, from);
	if (strncmp(value, "sqlite:///", 10) != 0)
		return so_fail(err, SO_INPUT,
			"%s (%s) must be sqlite:///relative/path.db or sqlite:////absolute/path.db", var->name, from);
	if (!value[10] || value[strlen(value) - 1] == '/')
		return so_fail(err, SO_INPUT, "%s (%s) names no file after sqlite:///", var->name, from);
	if (strstr(value, ":memory:"))
		return so_fail(err, SO_UNSUPPORTED, "%s (%s): a store in memory would lose everything; name a file",
			var->name, from);
	if (strpbrk(value, "?#"))
		return so_fail(err, SO_INPUT, "%s (%s) must not have '?' or '#' in it: options are not supported",
			var->name, from);
	return true;
}

static bool check_keys(const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	struct so_err why = SO_ERR_INIT;
	struct so_fernet *fernet = so_fernet_new(NULL, value, &why);

	if (!fernet)
		return so_fail(err, SO_INPUT, "%s (%s): %s", var->name, from, why.message);
	talloc_free(fernet);
	return true;
}

static bool check_text(const struct so_config_var *var, const char *value, const char *from, struct so_err *err)
{
	int64_t len = (int64_t)strlen(value);

	if (var->secret && is_sample(value))
		return so_fail(err, SO_INPUT,
			"%s (%s) is the sample value of the documentation, which everybody knows; make a key of your "
			"own with: " SO_CONFIG_NEW_KEY,
			var->name, from);
	if (len > var->max)
		return so_fail(err, SO_LIMIT, "%s (%s) is longer than %" PRId64 " bytes", var->name, from, var->max);
	if (len < var->min)
		return so_fail(err, SO_INPUT, "%s (%s) is shorter than %" PRId64 " characters%s", var->name, from,
			var->min, var->secret ? "; make one with: " SO_CONFIG_NEW_KEY : "");
	if (var->type == SO_CONFIG_URL && *value && !url_ok(value, true))
		return so_fail(err, SO_INPUT, "%s (%s) must be a URL like http://localhost:11434", var->name, from);
	if (var->type == SO_CONFIG_DATABASE)
		return check_database(var, value, from, err);
	return var->type != SO_CONFIG_KEYS || check_keys(var, value, from, err);
}

bool so_config_set(struct so_config *config, const struct so_config_var *var, const char *value, const char *from,
	struct so_err *err)
{
	void *member = so_config_member(config, var);
	char **text = member;

	switch (var->type) {
	case SO_CONFIG_INT:
		return set_int(member, var, value, from, err);
	case SO_CONFIG_BOOL:
		return set_bool(member, var, value, from, err);
	case SO_CONFIG_CHOICE:
		return set_choice(member, var, value, from, err);
	case SO_CONFIG_LIST:
	case SO_CONFIG_ORIGINS:
		return set_list(config, member, var, value, from, err);
	case SO_CONFIG_TEXT:
	case SO_CONFIG_URL:
	case SO_CONFIG_DATABASE:
	case SO_CONFIG_KEYS:
		break;
	}
	if (!check_text(var, value, from, err))
		return false;
	talloc_free(*text);
	*text = var->secret ? so_secret_dup(config, value) : so_strdup(config, value);
	return true;
}
