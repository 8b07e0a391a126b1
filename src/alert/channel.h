/* A channel: a receiver of alerts, as it is entered, kept (settings in the clear, secrets in one Fernet token) and
 * used. */
#ifndef SO_ALERT_CHANNEL_H
#define SO_ALERT_CHANNEL_H

#include "base/fernet.h"
#include "store/alert.h"

enum so_channel_kind { SO_CHANNEL_WEBHOOK, SO_CHANNEL_SLACK, SO_CHANNEL_EMAIL, SO_CHANNEL_KIND_MAX };
/* "webhook", "slack", "email", ended by NULL. */
extern const char *const so_channel_kinds[];
/* "tls" (from the first byte), "starttls", "none", ended by NULL. */
extern const char *const so_smtp_securities[];

#define SO_CHANNEL_TO_MAX 10

struct so_channel {
	enum so_channel_kind kind;
	/* webhook, slack: secrets, since the URL of a hook is its password */
	const char *url, *authorization; /* authorization: value of that header, or NULL */
	/* email */
	const char *smtp_host, *smtp_security, *username, *from;
	const char *password; /* secret, or NULL */
	int64_t smtp_port; /* 0: by the security */
	size_t n_to;
	const char *to[SO_CHANNEL_TO_MAX];
	const char *tls_ca; /* file with the CA's certificate, or NULL: the system's */
	bool has_login; /* set by so_channel_open, also without a key: a password or authorization is kept */
};

/* Everything that has to be right before it is kept: SO_INPUT names the member. */
bool so_channel_check(const struct so_channel *channel, struct so_err *err) SO_MUST_CHECK;
/* Fills row->settings and row->secret_token (children of `ctx`). */
bool so_channel_seal(TALLOC_CTX *ctx, const struct so_channel *channel, const struct so_fernet *fernet,
	struct so_store_channel *row, struct so_err *err) SO_MUST_CHECK;
/* The other way round; secrets are wiped with `ctx`. `fernet` NULL: without the secrets. */
bool so_channel_open(TALLOC_CTX *ctx, const struct so_store_channel *row, const struct so_fernet *fernet,
	struct so_channel *out, struct so_err *err) SO_MUST_CHECK;
/* Where it goes, without secrets, for people: "hooks.slack.com", "smtp.example.com to dba@example.com". */
char *so_channel_target(TALLOC_CTX *ctx, const struct so_store_channel *row);
/* Host of a URL, without brackets of an IPv6 address; NULL when it has none. */
char *so_url_host(TALLOC_CTX *ctx, const char *url);

#endif
