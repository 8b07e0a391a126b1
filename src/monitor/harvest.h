/* Values that watched queries are called with, taken from texts that hold them: what sessions run,
 * statements and plans that somebody gives, and texts that servers keep (samples.h). They are data of the target:
 * stored as Fernet tokens under the key of the passwords, at most SO_VALUE_SETS sets a query, and told to nobody but
 * the target itself. Any thread. */
#ifndef SO_MONITOR_HARVEST_H
#define SO_MONITOR_HARVEST_H

#include "base/fernet.h"
#include "sql/values.h"
#include "store/values.h"

struct so_harvest;

enum so_harvest_source {
	SO_HARVEST_SESSION,
	SO_HARVEST_STATEMENT,
	SO_HARVEST_SAMPLE,
	SO_HARVEST_PLAN,
	SO_HARVEST_SOURCES
};
/* "a running session" */
const char *so_harvest_describe(enum so_harvest_source source);

struct so_harvest_options {
	struct so_store *store;
	struct so_scope scope;
	const struct so_fernet *fernet;
	int64_t every_us; /* between two sets of one query out of one source; 0: each is taken */
};
struct so_harvest *so_harvest_new(TALLOC_CTX *ctx, const struct so_harvest_options *options);

/* Takes the values of a text as it was sent, if it is a watched query of the connection and holds all of them. A set
 * that is there already is only seen again; the ninth takes the place of the one that is most like another. NULL: does
 * nothing. Never fails: what the store does not take is lost. Blocks on the store. Returns the query whose values they
 * are, 0 when nothing was taken. */
int64_t so_harvest_text(struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text,
	enum so_harvest_source source);

/* The same of a text with placeholders and the `n` literals that stood for them, in the order of the text. */
int64_t so_harvest_given(struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text,
	char *const *values, size_t n, enum so_harvest_source source);

/* Whether it is worth asking the server for a text of this query that ran: it has fewer than four sets, or none that
 * was seen in the last day. Yes at most once in ten times `every_us`; no for NULL. Blocks on the store. */
bool so_harvest_wants(struct so_harvest *harvest, const struct so_store_query *query);

struct so_harvested {
	const struct so_value_set *set;
	enum so_harvest_source source;
	int64_t seen_us;
};
struct so_harvested_list {
	size_t count;
	struct so_harvested *items;
};
/* What is known of the query that this text is, the last seen first; empty when nothing is, or it cannot be read. NULL
 * for NULL. */
struct so_harvested_list *so_harvest_read(
	TALLOC_CTX *ctx, struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text);

#endif
