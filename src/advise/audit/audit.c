#include "advise/audit/rules.h"

#include <math.h>
#include <string.h>

const struct so_audit_rule audit_rules[AUDIT_RULES] = {
	[AUDIT_NO_PRIMARY_KEY] = { "no-primary-key", "suboptimal_pattern",
		"a table has neither a primary key nor a unique key without NULLs",
		"Add a primary key: rows cannot be told apart, replication by row and safe corrections need one.",
		{ { "rows", "rows", 1000 }, { "many_rows", "rows", 1000000 } } },
	[AUDIT_INVALID_INDEX] = { "invalid-index", "inefficient_index",
		"an index that no query can use and every write maintains",
		"Drop it, and build it again if it was wanted.", { { NULL, NULL, 0 } } },
	[AUDIT_DUPLICATE_INDEX] = { "duplicate-index", "inefficient_index",
		"two indexes with the same columns in the same order", "Drop one of the two.", { { NULL, NULL, 0 } } },
	[AUDIT_REDUNDANT_INDEX] = { "redundant-index", "inefficient_index", "an index whose columns lead another index",
		"Drop the shorter one, unless scans of the longer one would read much more.", { { NULL, NULL, 0 } } },
	[AUDIT_UNUSED_INDEX] = { "unused-index", "inefficient_index",
		"an index that was not scanned since the counters began",
		"Watch it over a whole business period and on every replica, then drop it.",
		{ { "bytes", "bytes", 1048576 }, { "days", "days", 7 } } },
	[AUDIT_FKEY_INDEX] = { "fk-without-index", "missing_index",
		"a foreign key whose referring columns no index serves",
		"Create an index on the columns of the foreign key; it often serves joins as well.",
		{ { "rows", "rows", 1000 }, { "many_rows", "rows", 100000 } } },
	[AUDIT_DUPLICATE_FKEY] = { "duplicate-foreign-key", "suboptimal_pattern",
		"two foreign keys check the same columns against the same table", "Drop one of the two.",
		{ { NULL, NULL, 0 } } },
	[AUDIT_INVALID_CONSTRAINT] = { "invalid-constraint", "suboptimal_pattern",
		"a constraint that was never checked for the rows that were there before it",
		"Validate it; until then neither the planner nor a rewrite may rely on it.", { { NULL, NULL, 0 } } },
	[AUDIT_SEQUENCE] = { "sequence-exhaustion", "config_tuning", "a sequence or its column runs out of numbers",
		"Widen the column (and its sequence, where it has one) before they end; inserts fail from then on.",
		{ { "used", "%", 60 }, { "much", "%", 80 }, { "nearly_all", "%", 95 } } },
	[AUDIT_WRAPAROUND] = { "wraparound", "config_tuning",
		"transaction ids of a table come near the point where the server stops",
		"Run VACUUM (FREEZE) on the table and find out what holds it back: old transactions, prepared "
		"transactions, replication slots, or a disabled autovacuum.",
		{ { "used", "%", 40 }, { "much", "%", 60 }, { "nearly_all", "%", 80 } } },
	[AUDIT_DEAD_ROWS] = { "dead-rows", "high_io_workload", "a table holds many rows that are dead",
		"Vacuum the table, and let autovacuum come earlier for it.",
		{ { "rows", "rows", 10000 }, { "share", "%", 20 }, { "much", "%", 50 } } },
	[AUDIT_BLOAT] = { "table-bloat", "high_io_workload",
		"a table is much larger than its rows need, by an estimate from the statistics",
		"Rebuild it in a quiet hour (VACUUM FULL locks it; tools that repack do not), then let vacuum keep up.",
		{ { "bytes", "bytes", 104857600 }, { "factor", "x", 2 }, { "much", "x", 4 } } },
	[AUDIT_STATISTICS] = { "stale-statistics", "stale_statistics",
		"a table changed much since its statistics were gathered", "Gather its statistics.",
		{ { "rows", "rows", 1000 }, { "share", "%", 20 }, { "age", "days", 30 } } },
	[AUDIT_SCANNED] = { "seq-scan-heavy-table", "missing_index",
		"a table is read from end to end again and again, and rarely through an index",
		"Look at the statements that read it (`sqlopt check`): an index serves those that want few of its "
		"rows.",
		{ { "scans", "loops", 1000 }, { "index_share", "%", 10 }, { "rows", "rows", 10000 } } },
	[AUDIT_MAINTENANCE_OFF] = { "maintenance-off", "config_tuning",
		"automatic maintenance of a table is switched off", "Switch it on again.", { { NULL, NULL, 0 } } },
	[AUDIT_SESSIONS] = { "sessions-near-limit", "config_tuning", "the server runs out of connections",
		"Put a pooler in front, close what is idle, or raise the limit.",
		{ { "used", "%", 80 }, { "nearly_all", "%", 95 } } },
	[AUDIT_OPEN_TRANSACTION] = { "long-transaction", "config_tuning",
		"a transaction has been open for long: nothing that died since can be removed",
		"End it, and set a limit for idle transactions where the server has one.",
		{ { "age", "s", 3600 }, { "much", "s", 28800 } } },
	[AUDIT_SLOT] = { "inactive-replication-slot", "config_tuning",
		"a replication slot that nobody reads keeps the server from removing its log",
		"Drop the slot, or bring its reader back.",
		{ { "bytes", "bytes", 1073741824 }, { "much", "bytes", 10737418240 } } },
	[AUDIT_CACHE] = { "cache-hit-low", "high_io_workload",
		"much of what is read comes from below the server's cache",
		"See which statements read most (`sqlopt check`); an index often saves more than memory does.",
		{ { "pages", "pages", 1000000 }, { "hits", "%", 90 } } },
};

size_t so_audit_rule_count(void)
{
	return AUDIT_RULES;
}

const struct so_audit_rule *so_audit_rule_at(size_t i)
{
	return &audit_rules[i];
}

struct so_audit *so_audit_new(TALLOC_CTX *ctx, const struct so_plan_overrides *overrides, int64_t now_us,
	struct so_finding_list *findings, struct so_proposal_list *proposals)
{
	struct so_audit *audit = so_new(ctx, struct so_audit);

	audit->findings = findings;
	audit->proposals = proposals;
	audit->now_us = now_us;
	for (size_t r = 0; r < AUDIT_RULES; r++) {
		const struct so_audit_rule *rule = &audit_rules[r];

		audit->lines[r].rule = rule;
		for (size_t t = 0; t < SO_AUDIT_THRESHOLDS && rule->thresholds[t].name; t++) {
			audit->limits[r][t] = rule->thresholds[t].value;
			for (size_t i = 0; overrides && i < overrides->n; i++)
				if (strcmp(overrides->items[i].rule, rule->id) == 0 &&
					strcmp(overrides->items[i].name, rule->thresholds[t].name) == 0)
					audit->limits[r][t] = overrides->items[i].value;
		}
	}
	return audit;
}

const struct so_audit_line *so_audit_lines(const struct so_audit *audit, size_t *n)
{
	*n = AUDIT_RULES;
	return audit->lines;
}

struct so_finding *audit_found(struct so_audit *audit, enum audit_rule_id rule, enum so_severity severity,
	const char *object, const char *fmt, ...)
{
	struct so_audit_line *line = &audit->lines[rule];
	struct so_finding *f;
	va_list args;

	if (!line->n_found++ || severity > line->worst)
		line->worst = severity;
	if (line->n_found > SO_AUDIT_PER_RULE)
		return NULL;
	f = so_finding_add(audit->findings, audit_rules[rule].id, severity);
	f->issue_type = audit_rules[rule].issue_type;
	f->remedy = so_strdup(audit->findings, audit_rules[rule].remedy);
	f->explanation = so_strdup(audit->findings, audit_rules[rule].what);
	f->docs = so_printf(audit->findings, "/docs/findings/%s", audit_rules[rule].id);
	va_start(args, fmt);
	f->title = so_vprintf(audit->findings, fmt, args);
	va_end(args);
	so_finding_add_object(audit->findings, f, object);
	return f;
}

void audit_explain(struct so_audit *audit, struct so_finding *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	f->explanation = so_vprintf(audit->findings, fmt, args);
	va_end(args);
}

void audit_remedy(struct so_audit *audit, struct so_finding *f, const char *fmt, ...)
{
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	f->remedy = so_vprintf(audit->findings, fmt, args);
	va_end(args);
}

void audit_evidence(struct so_audit *audit, struct so_finding *f, const char *name, double value, const char *unit)
{
	if (f && !isnan(value))
		so_finding_add_evidence(audit->findings, f, name, value, unit);
}

void so_audit_tables(
	struct so_audit *audit, const struct so_catalog *catalog, const struct so_relation *relations, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct so_table *table = so_catalog_table(catalog, relations[i].schema, relations[i].name);

		if (table) /* dropped since it was listed, otherwise */
			audit_table(audit, catalog, table);
	}
}

void so_audit_vitals(struct so_audit *audit, const struct so_inventory *inventory)
{
	audit->dialect = inventory->dialect;
	/* Since when counters count is needed by the rules about tables, whichever comes first. */
	for (size_t i = 0; i < inventory->n_vitals; i++)
		if (inventory->vitals[i].kind == SO_VITAL_COUNTERS_SINCE)
			audit->counters_since_us = (int64_t)inventory->vitals[i].value;
	for (size_t i = 0; i < inventory->n_vitals; i++)
		audit_vital(audit, &inventory->vitals[i]);
}
