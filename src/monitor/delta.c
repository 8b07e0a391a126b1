#include "monitor/delta.h"

#include <string.h>

/* Some servers tell since when a row counts in whole seconds, rounded down. */
#define SINCE_SLACK_US 1000000

enum mode { NORMAL, RESTARTED, REBASED };

static enum mode mode_of(const struct so_delta_past *past, const struct so_reading *reading)
{
	if (past->first || strcmp(past->server_uid ? past->server_uid : "", reading->server_uid) != 0)
		return REBASED;
	if (!past->epoch_us || !reading->epoch_us || past->epoch_us == reading->epoch_us)
		return NORMAL;
	return reading->epoch_us > past->reading_us ? RESTARTED : REBASED;
}

static bool began_since(const struct so_delta_past *past, int64_t since_us)
{
	return since_us >= past->reading_us - SINCE_SLACK_US;
}

static void clamp(int64_t counters[SO_COUNTERS])
{
	for (int i = 0; i < SO_COUNTERS; i++)
		if (counters[i] > SO_DELTA_MAX)
			counters[i] = SO_DELTA_MAX;
}

static void count_all(struct so_delta *delta)
{
	memcpy(delta->counters, delta->row->counters, sizeof delta->counters);
	clamp(delta->counters);
}

static void count_nothing(struct so_delta *delta)
{
	memset(delta->counters, 0, sizeof delta->counters);
}

/* Sums over things that come and go: where it fell, something went, and what the rest did cannot be known. */
static void count_summed(struct so_delta *delta, const struct so_baseline_entry *old)
{
	const int64_t *now = delta->row->counters;

	count_nothing(delta);
	for (int i = 0; now[SO_COUNT_CALLS] >= old->counters[SO_COUNT_CALLS] && i < SO_COUNTERS; i++)
		if (now[i] > old->counters[i])
			delta->counters[i] = now[i] - old->counters[i];
	clamp(delta->counters);
}

/* The usual difference. False when a counter fell that cannot: these are the counters of another life. */
static bool count_difference(struct so_delta *delta, const struct so_baseline_entry *old, int64_t exec_wrap_us)
{
	const int64_t *now = delta->row->counters;

	for (int i = 0; i < SO_COUNTERS; i++) {
		int64_t difference = now[i] - old->counters[i];

		if (difference < 0 && i == SO_COUNT_EXEC_US && exec_wrap_us) {
			difference += exec_wrap_us;
			/* half way round in one interval is no wrap */
			if (difference < 0 || difference > exec_wrap_us / 2)
				return false;
		}
		if (difference < 0)
			return false;
		delta->counters[i] = difference;
	}
	clamp(delta->counters);
	return true;
}

struct counting {
	enum mode mode;
	const struct so_delta_past *past;
	const struct so_reading *reading;
	struct so_deltas *out;
	bool *seen; /* for each entry of the next baseline: the reading has it */
	uint32_t *delta_of; /* for each entry: its delta + 1 */
};

static void count_known(const struct counting *c, struct so_delta *delta, const struct so_baseline_entry *old)
{
	int64_t since_us = delta->row->since_us;
	bool other_life = since_us && old->since_us && since_us != old->since_us;

	if (other_life && !began_since(c->past, since_us)) {
		count_nothing(delta);
	} else if (other_life) {
		count_all(delta);
		c->out->restarted++;
	} else if (c->reading->summed) {
		count_summed(delta, old);
	} else if (!count_difference(delta, old, c->reading->exec_wrap_us)) {
		count_all(delta);
		c->out->restarted++;
	}
}

static void count_new(const struct counting *c, struct so_delta *delta)
{
	int64_t since_us = delta->row->since_us;

	if (since_us ? began_since(c->past, since_us) : c->past->complete)
		count_all(delta);
	else
		count_nothing(delta);
}

static bool moved(const struct so_delta *delta)
{
	for (int i = 0; i < SO_COUNTERS; i++)
		if (delta->counters[i])
			return true;
	return false;
}

/* One row: its delta, and its entry in the next baseline. */
static void count_row(const struct counting *c, const struct so_reading_row *row)
{
	struct so_baseline *next = c->out->next;
	struct so_baseline_entry *entry = so_baseline_find(next, row->key);
	struct so_delta *delta = &c->out->items[c->out->count];

	*delta = (struct so_delta){ .row = row };
	c->out->statements++;
	if (entry && c->seen[entry - next->entries])
		return; /* a server that names a row twice: the first one counts */
	if (c->mode != NORMAL)
		count_all(delta);
	else if (entry)
		count_known(c, delta, entry);
	else
		count_new(c, delta);
	if (c->mode == RESTARTED && entry)
		c->out->restarted++;
	if (!entry)
		entry = so_baseline_add(next, row->key);
	if (!entry)
		return;
	delta->entry = (size_t)(entry - next->entries);
	c->seen[delta->entry] = true;
	entry->since_us = row->since_us;
	memcpy(entry->counters, row->counters, sizeof entry->counters);
	if (moved(delta))
		c->delta_of[delta->entry] = (uint32_t)++c->out->count;
}

/* From the end, so that what takes the place of a removed one was looked at already. */
static void forget_gone(const struct counting *c, size_t max)
{
	struct so_baseline *next = c->out->next;
	bool all = c->reading->complete || c->mode != NORMAL || next->count > c->out->statements + max;

	for (size_t i = next->count; all && i-- > 0;) {
		size_t last = next->count - 1;

		if (c->seen[i])
			continue;
		so_baseline_remove(next, i);
		c->out->gone++;
		c->delta_of[i] = c->delta_of[last];
		if (c->delta_of[i])
			c->out->items[c->delta_of[i] - 1].entry = i;
	}
}

struct so_deltas *so_delta_compute(TALLOC_CTX *ctx, const struct so_baseline *old, const struct so_delta_past *past,
	const struct so_reading *reading, uint32_t database, size_t max)
{
	SO_TMP(tmp, NULL);
	struct so_deltas *out = so_new(ctx, struct so_deltas);
	size_t entries = old->count + reading->count + 1;
	struct counting c = { mode_of(past, reading), past, reading, out, so_new_array(tmp, bool, entries),
		so_new_array(tmp, uint32_t, entries) };

	out->items = so_new_array(out, struct so_delta, reading->count + 1);
	out->next = so_baseline_copy(out, old);
	out->rebased = c.mode == REBASED;
	for (size_t i = 0; i < reading->count; i++)
		if (reading->rows[i].database == database)
			count_row(&c, &reading->rows[i]);
	forget_gone(&c, max);
	return out;
}
