#include "alert/channel.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "base/field.h"
#include "base/secret.h"

const char *const so_channel_kinds[] = { "webhook", "slack", "email", NULL };
const char *const so_smtp_securities[] = { "tls", "starttls", "none", NULL };

static bool is_word_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* Bytes that would begin another line or field of a protocol. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

/* What an SMTP envelope takes without quoting: one address, no name, no comment. */
static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') && strlen(text) <= 254 && is_plain(text) &&
	       !strpbrk(text, " <>()[],;:\\\"");
}

char *so_url_host(TALLOC_CTX *ctx, const char *url)
{
	const char *scheme_end = strstr(url, "://"), *host = scheme_end ? scheme_end + 3 : NULL, *end, *at;

	if (!host)
		return NULL;
	end = host + strcspn(host, "/?#");
	while ((at = memchr(host, '@', (size_t)(end - host))))
		host = at + 1;
	if (*host == '[') {
		const char *close = memchr(host, ']', (size_t)(end - host));

		return close ? so_strndup(ctx, host + 1, (size_t)(close - host) - 1) : NULL;
	}
	end = host + strcspn(host, ":/?#");
	return end > host ? so_strndup(ctx, host, (size_t)(end - host)) : NULL;
}

static bool check_hook(const struct so_channel *channel, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	if (!channel->url || !*channel->url)
		return so_fail(err, SO_INPUT, "url: a channel of this kind needs one");
	if ((strncasecmp(channel->url, "https://", 8) != 0 && strncasecmp(channel->url, "http://", 7) != 0) ||
		!so_url_host(tmp, channel->url) || !is_plain(channel->url) || strchr(channel->url, ' '))
		return so_fail(err, SO_INPUT, "url: must be http:// or https:// with a host, without blanks");
	if (channel->authorization && !is_plain(channel->authorization))
		return so_fail(err, SO_INPUT, "authorization: must be one line");
	return true;
}

static bool check_email(const struct so_channel *channel, struct so_err *err)
{
	if (!channel->smtp_host || !*channel->smtp_host || !is_plain(channel->smtp_host) ||
		strpbrk(channel->smtp_host, "/@ ?#"))
		return so_fail(err, SO_INPUT, "smtp_host: the name or address of the mail server is needed, no URL");
	if (!is_word_of(channel->smtp_security, so_smtp_securities))
		return so_fail(err, SO_INPUT, "smtp_security: must be tls, starttls or none");
	if (channel->password && strcmp(channel->smtp_security, "none") == 0)
		return so_fail(
			err, SO_INPUT, "smtp_security: a password is not sent in the clear; choose starttls or tls");
	if (!channel->from || !is_address(channel->from))
		return so_fail(err, SO_INPUT, "from: must be one mail address, without a name");
	if (channel->n_to == 0)
		return so_fail(err, SO_INPUT, "to: at least one mail address is needed");
	for (size_t i = 0; i < channel->n_to; i++)
		if (!is_address(channel->to[i]))
			return so_fail(err, SO_INPUT, "to: number %zu is no mail address (without a name)", i + 1);
	return true;
}

bool so_channel_check(const struct so_channel *channel, struct so_err *err)
{
	if (channel->tls_ca && !is_plain(channel->tls_ca))
		return so_fail(err, SO_INPUT, "tls_ca: must be the name of a file");
	switch (channel->kind) {
	case SO_CHANNEL_WEBHOOK:
	case SO_CHANNEL_SLACK:
		return check_hook(channel, err);
	case SO_CHANNEL_EMAIL:
		return check_email(channel, err);
	case SO_CHANNEL_KIND_MAX:
		break;
	}
	return so_fail(err, SO_INPUT, "kind: must be webhook, slack or email");
}

static void put(json_t *object, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(object, name, json_string(text));
}

/* jansson's text belongs to malloc and is wiped before it goes back there. */
static char *dump(TALLOC_CTX *ctx, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT), *copy;

	copy = so_secret_dup(ctx, text ? text : "{}");
	if (text) {
		explicit_bzero(text, strlen(text));
		free(text);
	}
	json_decref(json);
	return copy;
}

bool so_channel_seal(TALLOC_CTX *ctx, const struct so_channel *channel, const struct so_fernet *fernet,
	struct so_store_channel *row, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	json_t *settings = json_object(), *secrets = json_object(), *to = json_array();
	const char *plain;

	for (size_t i = 0; i < channel->n_to; i++)
		json_array_append_new(to, json_string(channel->to[i]));
	if (channel->kind == SO_CHANNEL_EMAIL) {
		put(settings, "smtp_host", channel->smtp_host);
		put(settings, "smtp_security", channel->smtp_security);
		put(settings, "username", channel->username);
		put(settings, "from", channel->from);
		json_object_set_new(settings, "smtp_port", json_integer(channel->smtp_port));
		json_object_set(settings, "to", to);
		put(secrets, "password", channel->password);
	} else {
		put(settings, "host", so_url_host(tmp, channel->url));
		put(secrets, "url", channel->url);
		put(secrets, "authorization", channel->authorization);
	}
	json_decref(to);
	put(settings, "tls_ca", channel->tls_ca);
	row->kind = so_strdup(ctx, so_channel_kinds[channel->kind]);
	json_object_set_new(settings, "has_login",
		json_boolean(json_object_get(secrets, "password") || json_object_get(secrets, "authorization")));
	row->settings = dump(ctx, settings);
	row->secret_token = NULL;
	if (json_object_size(secrets) == 0) {
		json_decref(secrets);
		return true;
	}
	plain = dump(tmp, secrets);
	row->secret_token = so_fernet_encrypt(ctx, fernet, plain, strlen(plain), err);
	return row->secret_token != NULL;
}

static const char *get(TALLOC_CTX *ctx, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? so_secret_dup(ctx, text) : NULL;
}

static bool open_secrets(TALLOC_CTX *ctx, const struct so_store_channel *row, const struct so_fernet *fernet,
	struct so_channel *out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_fernet_plain plain;
	json_t *secrets;

	if (!fernet || !row->secret_token)
		return true;
	if (!so_fernet_decrypt(tmp, fernet, row->secret_token, 0, 0, &plain, err))
		return so_fail_in(err, "secrets of channel '%s'", row->name);
	secrets = json_loads(plain.text, 0, NULL);
	out->url = get(ctx, secrets, "url");
	out->authorization = get(ctx, secrets, "authorization");
	out->password = get(ctx, secrets, "password");
	json_decref(secrets);
	return true;
}

bool so_channel_open(TALLOC_CTX *ctx, const struct so_store_channel *row, const struct so_fernet *fernet,
	struct so_channel *out, struct so_err *err)
{
	json_t *settings = json_loads(row->settings, 0, NULL), *to = json_object_get(settings, "to");

	*out = (struct so_channel){ .kind = SO_CHANNEL_KIND_MAX };
	for (int i = 0; so_channel_kinds[i]; i++)
		if (strcmp(so_channel_kinds[i], row->kind) == 0)
			out->kind = (enum so_channel_kind)i;
	out->smtp_host = get(ctx, settings, "smtp_host");
	out->smtp_security = get(ctx, settings, "smtp_security");
	out->username = get(ctx, settings, "username");
	out->from = get(ctx, settings, "from");
	out->tls_ca = get(ctx, settings, "tls_ca");
	out->smtp_port = json_integer_value(json_object_get(settings, "smtp_port"));
	out->has_login = json_is_true(json_object_get(settings, "has_login"));
	for (size_t i = 0; i < json_array_size(to) && out->n_to < SO_CHANNEL_TO_MAX; i++)
		out->to[out->n_to++] = so_strdup(ctx, json_string_value(json_array_get(to, i)));
	json_decref(settings);
	return open_secrets(ctx, row, fernet, out, err);
}

char *so_channel_target(TALLOC_CTX *ctx, const struct so_store_channel *row)
{
	json_t *settings = json_loads(row->settings, 0, NULL), *to = json_object_get(settings, "to");
	const char *host = json_string_value(json_object_get(settings, "host"));
	const char *smtp = json_string_value(json_object_get(settings, "smtp_host"));
	const char *first = json_string_value(json_array_get(to, 0));
	char *text = host ? so_strdup(ctx, host)
			  : so_printf(ctx, "%s to %s%s", smtp ? smtp : "?", first ? first : "?",
				    json_array_size(to) > 1 ? " and others" : "");

	json_decref(settings);
	return text;
}
