#include "http/handshake.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"

enum { KEY_TEXT = 24, KEY_BYTES = 16, SHA1_BYTES = 20 };

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* of the protocol */

bool so_handshake_has_token(const char *header, const char *token)
{
	size_t len = strlen(token);

	while (header && *header) {
		header += strspn(header, ", \t");
		size_t n = strcspn(header, ", \t");

		if (n == len && strncasecmp(header, token, len) == 0)
			return true;
		header += n;
	}
	return false;
}

/* Base64 of 16 bytes. */
static bool is_key(const char *text)
{
	unsigned char bytes[KEY_TEXT];

	return text && strlen(text) == KEY_TEXT && strcmp(text + KEY_TEXT - 2, "==") == 0 &&
	       text[KEY_TEXT - 3] != '=' && EVP_DecodeBlock(bytes, (const unsigned char *)text, KEY_TEXT) >= KEY_BYTES;
}

const char *so_handshake_check(const struct so_handshake *handshake, int *status)
{
	*status = 400;
	if (!handshake->http_version || strcmp(handshake->http_version, "HTTP/1.1") != 0)
		return "a WebSocket begins with a request of HTTP/1.1";
	if (!so_handshake_has_token(handshake->upgrade, "websocket") ||
		!so_handshake_has_token(handshake->connection, "upgrade")) {
		*status = 426;
		return "this is a WebSocket: the request needs Connection: Upgrade and Upgrade: websocket";
	}
	if (!handshake->version || strcmp(handshake->version, "13") != 0) {
		*status = 426;
		return "the version of the WebSocket protocol must be 13";
	}
	if (!is_key(handshake->key))
		return "Sec-WebSocket-Key must be 16 bytes in base64";
	return NULL;
}

void so_handshake_accept(const char *key, char out[SO_HANDSHAKE_KEY])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char joined[KEY_TEXT + sizeof guid];
	unsigned len = 0;
	int n = snprintf(joined, sizeof joined, "%s%s", key, guid);

	so_assert(n == KEY_TEXT + (int)sizeof guid - 1);
	so_assert(EVP_Digest(joined, (size_t)n, digest, &len, EVP_sha1(), NULL) && len == SHA1_BYTES);
	so_assert(EVP_EncodeBlock((unsigned char *)out, digest, (int)len) == SO_HANDSHAKE_KEY - 1);
}
