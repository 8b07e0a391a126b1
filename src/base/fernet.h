/* Fernet tokens (AES-128-CBC, HMAC-SHA256, URL-safe base64; github.com/fernet/spec), so that passwords at rest can be
 * read by any other Fernet implementation that holds the same key, and the other way round. */
#ifndef SO_BASE_FERNET_H
#define SO_BASE_FERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define SO_FERNET_KEYS_MAX  16
#define SO_FERNET_KEY_TEXT  45 /* bytes of a key as text, NUL included */
#define SO_FERNET_PLAIN_MAX 65536 /* longest text that is encrypted */

struct so_fernet;

/* `keys`: one or several keys, comma-separated, blanks around them ignored. The first encrypts, all decrypt. SO_INPUT
 * when one of them is not 32 bytes in URL-safe base64; the message names its place in the list, never its text. The
 * result is read-only, may be used by several threads at once, and is wiped when freed. */
struct so_fernet *so_fernet_new(TALLOC_CTX *ctx, const char *keys, struct so_err *err) SO_MUST_CHECK;

/* A token for `len` bytes, made with the first key and a random IV. */
char *so_fernet_encrypt(TALLOC_CTX *ctx, const struct so_fernet *fernet, const void *bytes, size_t len,
	struct so_err *err) SO_MUST_CHECK;
/* As above with a given time and IV: only for the test vectors. */
char *so_fernet_encrypt_at(TALLOC_CTX *ctx, const struct so_fernet *fernet, const void *bytes, size_t len,
	int64_t time_s, const unsigned char iv[16], struct so_err *err) SO_MUST_CHECK;

struct so_fernet_plain {
	char *text; /* so_secret: NUL-terminated, wiped when freed */
	size_t len;
	size_t key; /* which key opened it; not 0: made with an older key, encrypt it anew */
	int64_t time_s; /* when the token was made */
};

/* Tries every key. SO_INPUT when none fits or the token was changed; the two are not told apart, on purpose.
 * `ttl_s` > 0 also refuses tokens older than that, or made more than a minute after `now_s`. */
bool so_fernet_decrypt(TALLOC_CTX *ctx, const struct so_fernet *fernet, const char *token, int64_t now_s, int64_t ttl_s,
	struct so_fernet_plain *out, struct so_err *err) SO_MUST_CHECK;

/* A new random key as text (so_secret). */
char *so_fernet_new_key(TALLOC_CTX *ctx, struct so_err *err) SO_MUST_CHECK;
/* Whether `key` is one well-formed key. */
bool so_fernet_key_ok(const char *key);

#endif
