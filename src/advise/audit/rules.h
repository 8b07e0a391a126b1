/* Internal to advise/audit/: what the rules share. */
#ifndef SO_ADVISE_AUDIT_RULES_H
#define SO_ADVISE_AUDIT_RULES_H

#include "advise/audit/audit.h"

/* Indexes of the rules in the table. */
enum audit_rule_id {
	AUDIT_NO_PRIMARY_KEY,
	AUDIT_INVALID_INDEX,
	AUDIT_DUPLICATE_INDEX,
	AUDIT_REDUNDANT_INDEX,
	AUDIT_UNUSED_INDEX,
	AUDIT_FKEY_INDEX,
	AUDIT_DUPLICATE_FKEY,
	AUDIT_INVALID_CONSTRAINT,
	AUDIT_SEQUENCE,
	AUDIT_WRAPAROUND,
	AUDIT_DEAD_ROWS,
	AUDIT_BLOAT,
	AUDIT_STATISTICS,
	AUDIT_SCANNED,
	AUDIT_MAINTENANCE_OFF,
	AUDIT_SESSIONS,
	AUDIT_OPEN_TRANSACTION,
	AUDIT_SLOT,
	AUDIT_CACHE,
	AUDIT_RULES
};

struct so_audit {
	struct so_finding_list *findings;
	struct so_proposal_list *proposals;
	int64_t now_us;
	const char *dialect; /* of the inventory; NULL: postgresql */
	int64_t counters_since_us; /* 0 unknown */
	double limits[AUDIT_RULES][SO_AUDIT_THRESHOLDS];
	struct so_audit_line lines[AUDIT_RULES];
};

extern const struct so_audit_rule audit_rules[AUDIT_RULES]; /* audit.c */

/* A finding of the rule about `object` ("shop.orders"), title in printf form; NULL when the rule has spoken often
 * enough. Counts it either way. */
struct so_finding *audit_found(struct so_audit *audit, enum audit_rule_id rule, enum so_severity severity,
	const char *object, const char *fmt, ...) SO_PRINTF(5, 6);
/* All take NULL as finding and then do nothing. */
void audit_explain(struct so_audit *audit, struct so_finding *f, const char *fmt, ...) SO_PRINTF(3, 4);
void audit_remedy(struct so_audit *audit, struct so_finding *f, const char *fmt, ...) SO_PRINTF(3, 4);
void audit_evidence(struct so_audit *audit, struct so_finding *f, const char *name, double value, const char *unit);
static inline void audit_checked(struct so_audit *audit, enum audit_rule_id rule, size_t n)
{
	audit->lines[rule].n_checked += n;
}

/* Rules about one table of a snapshot (tables.c). */
void audit_table(struct so_audit *audit, const struct so_catalog *catalog, const struct so_table *table);
/* Rules about one vital (server.c). */
void audit_vital(struct so_audit *audit, const struct so_vital *vital);

#endif
