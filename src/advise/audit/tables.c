/* Rules about one table of a snapshot. */
#include <math.h>
#include <string.h>

#include "advise/audit/rules.h"
#include "advise/candidate.h"
#include "advise/describe.h"
#include "advise/fkeys.h"
#include "advise/index_style.h"
#include "advise/upkeep.h"

#define DAY_US (86400 * (int64_t)1000000)

/* One table under audit. */
struct subject {
	struct so_audit *audit;
	const struct so_catalog *catalog;
	const struct so_table *table;
	const char *name; /* "shop.orders" */
	TALLOC_CTX *tmp;
};

static bool holds_rows(const struct so_table *table)
{
	return table->kind == SO_TABLE || table->kind == SO_TABLE_MATVIEW;
}

static double limit_of(const struct subject *s, enum audit_rule_id rule, size_t i)
{
	return s->audit->limits[rule][i];
}

/* ---- keys and constraints ------------------------------------------------------------------------------------- */

static bool key_without_nulls(const struct so_table *table, const struct so_key *key)
{
	if (!key->validated)
		return false;
	for (size_t i = 0; i < key->n_columns; i++)
		if (!table->columns[key->columns[i]].not_null)
			return false;
	return true;
}

static void primary_key(const struct subject *s)
{
	const struct so_table *t = s->table;
	struct so_finding *f;

	if (t->kind != SO_TABLE && t->kind != SO_TABLE_PARTITIONED)
		return;
	audit_checked(s->audit, AUDIT_NO_PRIMARY_KEY, 1);
	for (size_t i = 0; i < t->n_keys; i++)
		if (t->keys[i].kind == SO_KEY_PRIMARY || key_without_nulls(t, &t->keys[i]))
			return;
	if (t->rows < limit_of(s, AUDIT_NO_PRIMARY_KEY, 0))
		return;
	f = audit_found(s->audit, AUDIT_NO_PRIMARY_KEY,
		t->rows >= limit_of(s, AUDIT_NO_PRIMARY_KEY, 1) ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW, s->name,
		"%s has no primary key", s->name);
	audit_explain(s->audit, f,
		"Of its %s rows none can be told from another for certain: duplicates go unnoticed, rows cannot be "
		"corrected one by one, and replication by row has to search the whole table.",
		so_describe_count(s->tmp, t->rows));
	audit_evidence(s->audit, f, "rows", t->rows, "rows");
}

static bool same_fkey(const struct so_fkey *a, const struct so_fkey *b)
{
	if (a->n_columns != b->n_columns || strcmp(a->ref_schema, b->ref_schema) != 0 ||
		strcmp(a->ref_table, b->ref_table) != 0)
		return false;
	for (size_t i = 0; i < a->n_columns; i++)
		if (a->columns[i] != b->columns[i] || strcmp(a->ref_columns[i], b->ref_columns[i]) != 0)
			return false;
	return true;
}

static char *fkey_columns(const struct subject *s, const struct so_fkey *fkey)
{
	char *text = so_strdup(s->tmp, "");

	for (size_t i = 0; i < fkey->n_columns; i++)
		text = so_printf(s->tmp, "%s%s%s", text, i ? ", " : "", s->table->columns[fkey->columns[i]].name);
	return text;
}

/* The index is offered only where the server saw rows of the parent go: then its trigger did look for referring ones.
 */
static void propose_fkey_index(const struct subject *s, const struct so_fkey *fkey, const struct so_table *parent)
{
	struct so_cand cand = so_fkey_candidate(s->table, fkey);
	struct so_cand_set *set = so_cand_set_new(s->tmp);
	struct so_proposal *p;

	if (!s->audit->proposals || !so_cand_add(set, &cand) || !set->count)
		return;
	p = so_proposal_add(s->audit->proposals, SO_PROPOSAL_INDEX, "advisor: fk-without-index");
	so_cand_describe(p, s->catalog, set->items[0], -1);
	p->finding_rule = so_strdup(p, audit_rules[AUDIT_FKEY_INDEX].id);
	so_describe_text_rungs(p, "the work of foreign keys is not part of a plan");
	p->verdict = SO_VERDICT_UNPROVED;
	if (parent && parent->deletes > 0) {
		p->verdict = SO_VERDICT_OFFERED;
		p->explanation = so_printf(p,
			"%s rows of %s.%s were deleted since the counters began; for each of them the foreign key %s "
			"read all %s rows of %s (cost %.0f each, our own estimate; cost, not time).",
			so_describe_count(s->tmp, (double)parent->deletes), parent->schema, parent->name, fkey->name,
			so_describe_count(s->tmp, s->table->rows), s->name, so_fkey_scan_cost(s->catalog, s->table));
		return;
	}
	p->verdict_reason =
		so_strdup(p, "no row of the referenced table was seen to be deleted: it helps only when that "
			     "happens, or where statements join by these columns");
	p->explanation = so_printf(p, "It would serve the foreign key %s, and joins by its columns.", fkey->name);
}

static void foreign_keys(const struct subject *s)
{
	const struct so_table *t = s->table;

	for (size_t i = 0; i < t->n_fkeys; i++) {
		const struct so_fkey *fkey = &t->fkeys[i];
		const struct so_table *parent = so_catalog_table(s->catalog, fkey->ref_schema, fkey->ref_table);
		struct so_finding *f;

		audit_checked(s->audit, AUDIT_DUPLICATE_FKEY, 1);
		audit_checked(s->audit, AUDIT_FKEY_INDEX, 1);
		for (size_t k = 0; k < i; k++)
			if (same_fkey(fkey, &t->fkeys[k])) {
				f = audit_found(s->audit, AUDIT_DUPLICATE_FKEY, SO_SEVERITY_LOW, s->name,
					"Foreign keys %s and %s of %s are the same", t->fkeys[k].name, fkey->name,
					s->name);
				audit_explain(s->audit, f, "Every write of (%s) is checked twice against %s.%s.",
					fkey_columns(s, fkey), fkey->ref_schema, fkey->ref_table);
				break;
			}
		if (t->rows < limit_of(s, AUDIT_FKEY_INDEX, 0) || !holds_rows(t) || so_fkey_is_served(t, fkey))
			continue;
		f = audit_found(s->audit, AUDIT_FKEY_INDEX,
			t->rows >= limit_of(s, AUDIT_FKEY_INDEX, 1) && parent && parent->deletes > 0
				? SO_SEVERITY_HIGH
				: SO_SEVERITY_MEDIUM,
			s->name, "Foreign key %s of %s has no index", fkey->name, s->name);
		audit_explain(s->audit, f,
			"Each row of %s.%s that is deleted, or whose key changes, makes the server read all %s rows of "
			"%s to "
			"find those that refer to it by (%s).",
			fkey->ref_schema, fkey->ref_table, so_describe_count(s->tmp, t->rows), s->name,
			fkey_columns(s, fkey));
		audit_evidence(s->audit, f, "rows", t->rows, "rows");
		if (parent && parent->deletes >= 0)
			audit_evidence(s->audit, f, "parent_deletes", (double)parent->deletes, "rows");
		if (f)
			propose_fkey_index(s, fkey, parent);
	}
}

/* ---- indexes -------------------------------------------------------------------------------------------------- */

static bool rule_of_origin(const char *origin, enum audit_rule_id *rule)
{
	static const struct {
		const char *origin;
		enum audit_rule_id rule;
	} map[] = { { "advisor: invalid-index", AUDIT_INVALID_INDEX },
		{ "advisor: duplicate-index", AUDIT_DUPLICATE_INDEX },
		{ "advisor: redundant-index", AUDIT_REDUNDANT_INDEX },
		{ "advisor: unused-index", AUDIT_UNUSED_INDEX } };

	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (strcmp(origin, map[i].origin) == 0) {
			*rule = map[i].rule;
			return true;
		}
	return false;
}

/* Counters that began yesterday say nothing about an index that the month's end needs. */
static bool counters_too_young(const struct subject *s)
{
	double days = (double)(s->audit->now_us - s->audit->counters_since_us) / (double)DAY_US;

	return s->audit->counters_since_us && days < limit_of(s, AUDIT_UNUSED_INDEX, 1);
}

static void indexes(const struct subject *s)
{
	struct so_proposal_list *drops = so_proposal_list_new(s->tmp);

	for (int rule = AUDIT_INVALID_INDEX; rule <= AUDIT_UNUSED_INDEX; rule++)
		audit_checked(s->audit, (enum audit_rule_id)rule, s->table->n_indexes);
	so_hygiene_of_table(s->table, NULL, 0, drops);
	for (size_t i = 0; i < drops->count; i++) {
		struct so_proposal *p = drops->items[i];
		enum audit_rule_id rule;
		struct so_finding *f;

		if (!rule_of_origin(p->origin, &rule))
			continue;
		if (rule == AUDIT_UNUSED_INDEX &&
			((double)p->size_bytes < limit_of(s, AUDIT_UNUSED_INDEX, 0) || counters_too_young(s)))
			continue;
		f = audit_found(s->audit, rule, rule == AUDIT_INVALID_INDEX ? SO_SEVERITY_MEDIUM : SO_SEVERITY_LOW,
			s->name, "%s", p->title);
		audit_explain(s->audit, f, "%s", p->explanation);
		audit_evidence(s->audit, f, "size", p->size_bytes < 0 ? NAN : (double)p->size_bytes, "bytes");
		if (f && p->n_objects > 1)
			so_finding_add_object(s->audit->findings, f, p->objects[1]);
		if (f && s->audit->proposals) {
			p->finding_rule = so_strdup(p, audit_rules[rule].id);
			so_proposal_take(s->audit->proposals, p);
		}
	}
}

/* ---- size and statistics -------------------------------------------------------------------------------------- */

static void dead_rows(const struct subject *s)
{
	const struct so_table *t = s->table;
	double total = (double)(t->live_rows + t->dead_rows), share;
	struct so_finding *f;

	if (t->dead_rows < 0 || t->live_rows < 0)
		return;
	audit_checked(s->audit, AUDIT_DEAD_ROWS, 1);
	share = total > 0 ? (double)t->dead_rows / total * 100.0 : 0;
	if ((double)t->dead_rows < limit_of(s, AUDIT_DEAD_ROWS, 0) || share < limit_of(s, AUDIT_DEAD_ROWS, 1))
		return;
	f = audit_found(s->audit, AUDIT_DEAD_ROWS,
		share >= limit_of(s, AUDIT_DEAD_ROWS, 2) ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM, s->name,
		"%.0f %% of the rows of %s are dead", share, s->name);
	audit_explain(s->audit, f, "%s dead rows beside %s live ones: every scan reads both%s.",
		so_describe_count(s->tmp, (double)t->dead_rows), so_describe_count(s->tmp, (double)t->live_rows),
		t->last_vacuum_us ? "" : ", and it was never vacuumed since the counters began");
	audit_evidence(s->audit, f, "dead_rows", (double)t->dead_rows, "rows");
	audit_evidence(s->audit, f, "share", share, "%");
}

/* Pages that the rows would fill, from widths and shares of NULLs: a row has a head of 23 bytes, a bitmap of NULLs,
 * both rounded up to 8, and a line pointer of 4; a page of 8,192 bytes has a head of 24 (PostgreSQL manual, "Database
 * Page Layout"). NAN when a column has no statistics. Alignment inside the row is not counted, so the figure is a
 * little low; values that are stored out of line make it far too high, and then nothing is said. */
static double needed_bytes(const struct so_table *t)
{
	double width = 0, rows_a_page, head;
	bool nulls = false;

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct so_column *column = &t->columns[i];

		if (!column->has_stats)
			return NAN;
		width += column->avg_width * (1 - column->null_frac);
		nulls = nulls || column->null_frac > 0;
	}
	head = nulls ? 8 * ceil((23 + ceil((double)t->n_columns / 8)) / 8) : 24;
	rows_a_page = floor((8192 - 24) / (4 + head + 8 * ceil(width / 8)));
	return rows_a_page >= 1 ? ceil(t->rows / rows_a_page) * 8192 : NAN;
}

static void bloat(const struct subject *s)
{
	const struct so_table *t = s->table;
	double needed = t->rows > 0 && t->pages > 0 && t->n_columns ? needed_bytes(t) : NAN,
	       have = (double)t->pages * 8192;
	struct so_finding *f;

	if (isnan(needed) || t->kind != SO_TABLE || (t->dialect && strcmp(t->dialect, "postgresql") != 0))
		return;
	audit_checked(s->audit, AUDIT_BLOAT, 1);
	if (have - needed < limit_of(s, AUDIT_BLOAT, 0) || have < needed * limit_of(s, AUDIT_BLOAT, 1))
		return;
	f = audit_found(s->audit, AUDIT_BLOAT,
		have >= needed * limit_of(s, AUDIT_BLOAT, 2) ? SO_SEVERITY_HIGH : SO_SEVERITY_MEDIUM, s->name,
		"%s is about %.1f times as large as its rows need", s->name, have / needed);
	audit_explain(s->audit, f,
		"It takes %s; its %s rows would need about %s. This is an estimate from the statistics: pgstattuple "
		"tells exactly.",
		so_cand_size_text(s->tmp, (int64_t)have), so_describe_count(s->tmp, t->rows),
		so_cand_size_text(s->tmp, (int64_t)needed));
	audit_evidence(s->audit, f, "size", have, "bytes");
	audit_evidence(s->audit, f, "needed", needed, "bytes");
}

static void statistics(const struct subject *s)
{
	const struct so_table *t = s->table;
	double rows = fmax(t->rows, (double)t->live_rows), changed = (double)t->mods_since_analyze, share, age;
	struct so_finding *f;

	if (t->live_rows < 0 && t->mods_since_analyze < 0)
		return; /* the engine does not count */
	audit_checked(s->audit, AUDIT_STATISTICS, 1);
	if (!t->has_stats && t->rows < 0) {
		if (rows < limit_of(s, AUDIT_STATISTICS, 0))
			return;
		f = audit_found(
			s->audit, AUDIT_STATISTICS, SO_SEVERITY_HIGH, s->name, "%s was never analysed", s->name);
		audit_explain(s->audit, f, "It has about %s rows, and the planner knows nothing of them.",
			so_describe_count(s->tmp, rows));
		audit_remedy(s->audit, f, "Gather its statistics: %s.", so_index_analyze(s->tmp, t));
		audit_evidence(s->audit, f, "rows", rows, "rows");
		return;
	}
	share = rows > 0 ? changed / rows * 100.0 : 0;
	age = t->last_analyze_us ? (double)(s->audit->now_us - t->last_analyze_us) / (double)DAY_US : 0;
	if (changed < limit_of(s, AUDIT_STATISTICS, 0) ||
		share < limit_of(s, AUDIT_STATISTICS, 1) / (age >= limit_of(s, AUDIT_STATISTICS, 2) ? 2 : 1))
		return;
	f = audit_found(s->audit, AUDIT_STATISTICS, SO_SEVERITY_MEDIUM, s->name, "Statistics of %s are stale", s->name);
	audit_explain(s->audit, f, "%s rows (%.0f %% of %s) changed since they were gathered%s.",
		so_describe_count(s->tmp, changed), share, so_describe_count(s->tmp, rows),
		age >= 1 ? so_printf(s->tmp, " %.0f days ago", floor(age)) : "");
	audit_remedy(s->audit, f, "Gather its statistics: %s.", so_index_analyze(s->tmp, t));
	audit_evidence(s->audit, f, "rows_changed", changed, "rows");
	audit_evidence(s->audit, f, "share", share, "%");
}

static void scanned(const struct subject *s)
{
	const struct so_table *t = s->table;
	double all = (double)(t->seq_scans + t->index_scans), share;
	struct so_finding *f;

	if (t->seq_scans < 0 || t->index_scans < 0)
		return;
	audit_checked(s->audit, AUDIT_SCANNED, 1);
	share = all > 0 ? (double)t->index_scans / all * 100.0 : 100;
	if ((double)t->seq_scans < limit_of(s, AUDIT_SCANNED, 0) || share >= limit_of(s, AUDIT_SCANNED, 1) ||
		t->rows < limit_of(s, AUDIT_SCANNED, 2))
		return;
	f = audit_found(s->audit, AUDIT_SCANNED, SO_SEVERITY_MEDIUM, s->name, "%s was read from end to end %s times",
		s->name, so_describe_count(s->tmp, (double)t->seq_scans));
	audit_explain(s->audit, f, "Only %.1f %% of the accesses to its %s rows went through an index.", share,
		so_describe_count(s->tmp, t->rows));
	audit_evidence(s->audit, f, "scans", (double)t->seq_scans, "loops");
	audit_evidence(s->audit, f, "index_share", share, "%");
}

void audit_table(struct so_audit *audit, const struct so_catalog *catalog, const struct so_table *table)
{
	SO_TMP(tmp, NULL);
	struct subject s = { .audit = audit,
		.catalog = catalog,
		.table = table,
		.name = so_printf(tmp, "%s.%s", table->schema, table->name),
		.tmp = tmp };

	primary_key(&s);
	foreign_keys(&s);
	if (!holds_rows(table))
		return;
	indexes(&s);
	dead_rows(&s);
	bloat(&s);
	statistics(&s);
	scanned(&s);
}
