#include "service/query_sum.h"

#include <stdlib.h>
#include <string.h>

#include "store/history.h"

enum { STATEMENTS_MAX = 1000000 }; /* of one period */

const char *const so_query_kind_names[] = { "unknown", "select", "insert", "update", "delete", "merge", NULL };

/* ---- adding up ---- */

static size_t slot_of(const struct so_query_sum *snap, int64_t query_id)
{
	size_t at = (uint64_t)query_id * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (snap->n_slots - 1);

	while (snap->slots[at] && snap->rows.items[snap->slots[at] - 1].query_id != query_id)
		at = (at + 1) & (snap->n_slots - 1);
	return at;
}

static void index_rows(struct so_query_sum *snap, size_t n_slots)
{
	talloc_free(snap->slots);
	snap->n_slots = n_slots;
	snap->slots = so_new_array(snap, uint32_t, n_slots);
	for (size_t i = 0; i < snap->rows.count; i++)
		snap->slots[slot_of(snap, snap->rows.items[i].query_id)] = (uint32_t)i + 1;
}

/* The row of a statement, made when it is new; NULL: there are too many. */
static struct so_query_load *row_of(struct so_query_sum *snap, int64_t query_id)
{
	size_t at = slot_of(snap, query_id);
	struct so_query_load *row;

	if (snap->slots[at])
		return &snap->rows.items[snap->slots[at] - 1];
	row = so_vec_add(&snap->rows);
	if (!row) {
		snap->partial = true;
		return NULL;
	}
	row->query_id = query_id;
	snap->slots[at] = (uint32_t)snap->rows.count;
	if (snap->rows.count * 2 > snap->n_slots)
		index_rows(snap, snap->n_slots * 2);
	return row;
}

static void add(struct so_use_sums *sums, const struct so_store_use *use, int sign)
{
	sums->calls += sign * use->calls;
	sums->rows += sign * use->rows;
	sums->exec_us += sign * use->exec_us;
	sums->hits += sign * use->hits;
	sums->reads += sign * use->reads;
}

static void add_now(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (row)
		add(&row->now, use, 1);
}

static void add_newest(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (!row)
		return;
	add(&row->now, use, 1);
	add(&row->newest, use, 1);
}

static void add_to_before(struct so_query_load *row, const struct so_store_use *use, int sign)
{
	row->before_calls += sign * use->calls;
	row->before_exec_us += sign * use->exec_us;
}

static void add_before(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (row)
		add_to_before(row, use, 1);
}

static void take_before(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (row)
		add_to_before(row, use, -1);
}

/* What was part of the period is part of the one before now. */
static void now_to_before(void *arg, const struct so_store_use *use)
{
	struct so_query_load *row = row_of(arg, use->query_id);

	if (!row)
		return;
	add(&row->now, use, -1);
	add_to_before(row, use, 1);
}

/* The newest unit is read anew: what it had is taken out. */
static void forget_newest(struct so_query_sum *snap)
{
	SO_VEC_EACH (row, &snap->rows) {
		const struct so_store_use old = { row->query_id, row->newest.calls, row->newest.rows,
			row->newest.exec_us, row->newest.hits, row->newest.reads };

		add(&row->now, &old, -1);
		row->newest = (struct so_use_sums){ 0 };
	}
}

/* ---- whose they are ---- */

static enum so_query_kind kind_of(const char *name)
{
	for (int i = 0; i < SO_QUERY_KIND_MAX; i++)
		if (strcmp(so_query_kind_names[i], name) == 0)
			return (enum so_query_kind)i;
	return SO_QUERY_KIND_UNKNOWN;
}

static void note_query(void *arg, const struct so_store_query_note *note)
{
	struct so_query_sum *snap = arg;
	size_t at = slot_of(snap, note->id);
	struct so_query_load *row;

	if (!snap->slots[at])
		return;
	row = &snap->rows.items[snap->slots[at] - 1];
	row->connection_id = note->connection_id;
	row->discovered_us = note->discovered_us;
	row->text_id = note->text_id;
	row->kind = kind_of(note->kind);
	row->other = note->fingerprint_version == SO_OTHER_VERSION;
	row->fingerprint = row->other ? 0 : strtoull(note->fingerprint, NULL, 16);
}

static int by_id(const void *a, const void *b)
{
	const struct so_query_load *x = a, *y = b;

	return (x->query_id > y->query_id) - (x->query_id < y->query_id);
}

static bool ran(const struct so_query_load *row)
{
	return row->now.calls || row->now.exec_us || row->now.rows || row->now.hits || row->now.reads ||
	       row->before_calls || row->before_exec_us;
}

/* Fills in what is not known yet, and drops the rows that belong to somebody else or to nobody any more, or that have
 * left the period. */
static bool note_queries(struct so_store *store, struct so_query_sum *snap, struct so_err *err)
{
	int64_t first = INT64_MAX;
	size_t kept = 0;

	SO_VEC_EACH (row, &snap->rows)
		if (!row->connection_id && row->query_id < first)
			first = row->query_id;
	if (first < INT64_MAX && !so_store_query_directory(store, snap->scope, first, note_query, snap, err))
		return false;
	for (size_t i = 0; i < snap->rows.count; i++)
		if (snap->rows.items[i].connection_id && ran(&snap->rows.items[i]))
			snap->rows.items[kept++] = snap->rows.items[i];
	snap->rows.count = kept;
	if (kept)
		qsort(snap->rows.items, kept, sizeof *snap->rows.items, by_id);
	index_rows(snap, snap->n_slots);
	return true;
}

/* ---- reading ---- */

static bool read_units(struct so_store *store, struct so_query_sum *snap, int64_t from, int64_t to,
	so_store_use_fn *each, struct so_err *err)
{
	if (from >= to)
		return true;
	if (snap->loads.period.unit == SO_PERIOD_DAYS)
		return so_store_use_days(store, from, to - 1, each, snap, err);
	return so_store_use_hours(store, from, to - 1, each, snap, err);
}

/* All but the newest unit. */
static bool read_base(struct so_store *store, struct so_query_sum *snap, struct so_err *err)
{
	const struct so_period *p = &snap->loads.period;

	if (p->unit == SO_PERIOD_LIFETIME)
		return so_store_use_lifetimes(store, snap->scope, add_now, snap, err);
	return read_units(store, snap, p->before, p->from, add_before, err) &&
	       read_units(store, snap, p->from, p->to - 1, add_now, err);
}

/* The same of what is known of an earlier period: what has left it is taken out, what has come is added. */
static bool slide(struct so_store *store, struct so_query_sum *snap, const struct so_query_sum *old, struct so_err *err)
{
	const struct so_period *p = &snap->loads.period, *q = &old->loads.period;

	if (old->rows.count) {
		snap->rows.items = so_memdup(snap, old->rows.items, old->rows.count * sizeof *old->rows.items);
		snap->rows.count = snap->rows.size = old->rows.count;
	}
	index_rows(snap, old->n_slots);
	forget_newest(snap);
	return read_units(store, snap, q->before, p->before, take_before, err) &&
	       read_units(store, snap, q->from, p->from, now_to_before, err) &&
	       read_units(store, snap, q->to - 1, p->to - 1, add_now, err);
}

bool so_query_sum_continues(const struct so_query_sum *old, const struct so_period *period)
{
	const struct so_period *q = &old->loads.period;

	return q->unit == period->unit && q->unit != SO_PERIOD_LIFETIME &&
	       q->to - q->from == period->to - period->from && q->from - q->before == period->from - period->before &&
	       q->to <= period->to && period->to - q->to < q->to - q->from;
}

struct so_query_sum *so_query_sum_make(struct so_store *store, struct so_scope scope, const struct so_period *period,
	const struct so_query_sum *old, struct so_err *err)
{
	struct so_query_sum *snap = so_new(NULL, struct so_query_sum);

	snap->scope = scope;
	snap->loads.period = *period;
	so_vec_init(&snap->rows, snap, STATEMENTS_MAX);
	index_rows(snap, 1024);
	if ((old ? slide(store, snap, old, err) : read_base(store, snap, err)) &&
		(period->unit == SO_PERIOD_LIFETIME ||
			read_units(store, snap, period->to - 1, period->to, add_newest, err)) &&
		note_queries(store, snap, err)) {
		if (!snap->partial) {
			snap->loads.count = snap->rows.count;
			snap->loads.items = snap->rows.items;
			return snap;
		}
		so_fail(err, SO_LIMIT,
			"more than %d statements ran in this period; ask for a shorter one, or raise what is kept as "
			"`other`",
			STATEMENTS_MAX);
	}
	talloc_free(snap);
	return NULL;
}
