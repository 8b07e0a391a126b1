/* What a database holds and how its server fares, beyond a snapshot of named tables: what a schema audit starts from.
 * Filled by a driver in a few bounded queries; plain data, one talloc tree. */
#ifndef SO_CORE_INVENTORY_H
#define SO_CORE_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/catalog.h"

/* A table, view ... by name and size only. */
struct so_relation {
	char *schema, *name;
	enum so_table_kind kind;
	double rows; /* estimate; -1 unknown */
	int64_t size_bytes; /* -1 unknown */
};

enum so_vital_kind {
	SO_VITAL_SEQUENCE, /* value: last number given out; limit: the last that fits; detail: the column it fills */
	SO_VITAL_XID_AGE, /* value: transactions since the oldest unfrozen row; limit: where the server stops */
	SO_VITAL_MXID_AGE, /* the same for multixacts */
	SO_VITAL_INVALID_CONSTRAINT, /* detail: its name and definition */
	SO_VITAL_SESSIONS, /* value: sessions; limit: how many ordinary users may have */
	SO_VITAL_OPEN_TRANSACTION, /* value: age in seconds; detail: state and application */
	SO_VITAL_PREPARED_TRANSACTION, /* value: age in seconds */
	SO_VITAL_REPLICATION_SLOT, /* inactive; value: bytes of log that it holds back */
	SO_VITAL_CACHE, /* value: pages found in memory; limit: pages asked for */
	SO_VITAL_MAINTENANCE_OFF, /* of a table: never vacuumed or analysed by itself */
	SO_VITAL_COUNTERS_SINCE, /* value: microseconds since 1970 at which usage counters began */
	SO_VITAL_KIND_MAX
};

struct so_vital {
	enum so_vital_kind kind;
	char *object; /* as SQL spells it: "shop.orders_id_seq", "pid 4711", the database; never NULL */
	double value, limit; /* NAN: none */
	char *detail; /* or NULL */
};

struct so_inventory {
	const char *dialect; /* the grammar of its server, a static text; NULL: postgresql */
	size_t n_relations, n_vitals, n_notes;
	struct so_relation *relations; /* largest first */
	struct so_vital *vitals;
	char **notes; /* what could not be read, and why */
	bool truncated; /* there are more relations than were asked for */
};

/* "sequence", "xid_age" ...; never NULL. */
const char *so_vital_kind_name(enum so_vital_kind kind);
/* "table", "partitioned_table", "view", "materialized_view", "foreign_table"; never NULL. */
const char *so_table_kind_name(enum so_table_kind kind);

#endif
