/* One attempt to deliver one message, over HTTP or SMTP; at most SO_ALERT_TIMEOUT_MS. */
#ifndef SO_ALERT_SEND_H
#define SO_ALERT_SEND_H

#include "alert/channel.h"
#include "base/cancel.h"
#include "base/config.h"

#define SO_ALERT_TIMEOUT_MS 10000

struct so_send_result {
	long status; /* of HTTP or SMTP, 0: none came */
	int64_t retry_after_s; /* that the receiver asked for, 0: it did not */
	bool permanent; /* another attempt would end the same way */
};

/* Blocks. `allowed`: ALERT_ALLOWED_HOSTS; empty: any host with a public address. `body` is what so_alert_body made. No
 * redirects are followed, no proxy is used, the answer's text is thrown away. Errors name the host and never the rest
 * of a URL. */
bool so_alert_send(const struct so_channel *channel, const struct so_config_list *allowed, const char *body,
	int64_t delivery_id, struct so_cancel *cancel, struct so_send_result *out, struct so_err *err) SO_MUST_CHECK;

#endif
