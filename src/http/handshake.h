/* The opening of a WebSocket (RFC 6455, section 4.2): what a request must say, and the key that answers it. No I/O. */
#ifndef SO_HTTP_HANDSHAKE_H
#define SO_HTTP_HANDSHAKE_H

#include <stdbool.h>

#define SO_HANDSHAKE_KEY 29 /* bytes of an answer, NUL included */

struct so_handshake { /* headers of a request, NULL where absent */
	const char *http_version, *upgrade, *connection, *version, *key;
};

/* NULL: it is a WebSocket's, else what is wrong with it. *status becomes 400, or 426 for another version. */
const char *so_handshake_check(const struct so_handshake *handshake, int *status);
/* The value of Sec-WebSocket-Accept for a key that passed. */
void so_handshake_accept(const char *key, char out[SO_HANDSHAKE_KEY]);
/* Whether a comma-separated header has the token, whatever its case. */
bool so_handshake_has_token(const char *header, const char *token);

#endif
