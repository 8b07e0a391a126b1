/* What an alert says, and how each kind of channel gets it. Pure. */
#ifndef SO_ALERT_MESSAGE_H
#define SO_ALERT_MESSAGE_H

#include <jansson.h>
#include <stdint.h>

#include "alert/channel.h"

struct so_alert {
	const char *event; /* so_alert_event_name, "summary" or "test" */
	bool resolved; /* what it was about has ended */
	const char *title, *text; /* as found; literals are blotted out here */
	bool own_text; /* the text is an error of ours: it quotes names of objects and never values, so it stays */
	const char *severity; /* or NULL */
	const char *connection, *engine; /* or NULL */
	int64_t connection_id, finding_id, query_id; /* 0: none */
	const char *finding_rule; /* or NULL */
	const char *rule; /* name of the alert rule, or NULL */
	int64_t at_us;
};

/* Quoted texts, and numbers that something is compared with, become "?": a message leaves the house, and values of rows
 * have no business there. Figures in prose ("3.2 times slower") stay. */
char *so_alert_redact(TALLOC_CTX *ctx, const char *text);

/* The document that is stored and that a webhook gets; new reference. {"version":1,"event","state":"firing"|"resolved",
 * "title","text","severity","at","rule","connection":{"id","name","engine"}|null,"finding":{"id","rule","query_id",
 * "docs"}|null} */
json_t *so_alert_to_json(const struct so_alert *alert);

/* The body that the kind of channel wants, from that document. */
char *so_alert_body(TALLOC_CTX *ctx, const json_t *doc, const struct so_channel *channel, int64_t delivery_id);

#endif
