#include "monitor/poll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/reading.h"
#include "monitor/delta.h"
#include "monitor/rank.h"
#include "monitor/schedule.h"
#include "monitor/statement.h"

/* What the poll writes about one statement, or about all that have no row of their own. */
struct line {
	int64_t query_id; /* 0: `query` is to be found or made */
	struct so_store_query *query;
	int64_t sum[SO_COUNTERS];
};

/* Entries of the baseline that learn the id of their row inside the transaction. */
struct learner {
	size_t entry, line;
};

struct part { /* one connection of the server */
	struct so_store_conn *conn;
	uint32_t number; /* of its database among those asked for */
	const char *twin; /* name of another connection to the same database, which counts; NULL: this one does */
	struct so_store_watch *watch;
	struct so_store_chunks *chunks;
	struct so_deltas *deltas;
	bool *single;
	size_t n_lines, n_learners;
	struct line *lines; /* the first is `other` */
	uint32_t *slots; /* open addressing over the lines but the first: number of a line, 0 is free */
	size_t n_slots; /* a power of two */
	struct learner *learners;
	struct so_store_poll log;
};

struct poll {
	const struct so_poll_rules *rules;
	struct so_conn *conn;
	struct so_reading *reading;
	struct so_store_instance instance;
	int64_t at_us;
	size_t n_parts, n_databases;
	struct part *parts;
	const char *text_error; /* why there are no texts, or NULL */
	int64_t delay_us; /* until it is due again */
	const char *shown_all_uid; /* server_uid of a reading that hides nothing */
};

/* ---- before the transaction ---- */

/* A login that lost a privilege is not shown all rows any more. Were they taken for gone, they would count as new, with
 * all that they ever counted, as soon as they are shown again: the baseline stays as it is until then. A login that
 * never was shown all of them counts what it is shown, and begins anew when that becomes more. */
static bool see_as_much(struct poll *poll, const struct so_store_watch *watch, struct so_err *err)
{
	return !poll->reading->hidden || watch->polls == 0 || !watch->server_uid ||
	       strcmp(watch->server_uid, poll->shown_all_uid) != 0 ||
	       so_fail(err, SO_DENIED, "%s", poll->reading->hidden);
}

/* Whether its baseline is the newer one; where there is none there is no server_uid. */
static bool counted_later(const struct part *a, const struct part *b)
{
	return a->watch->server_uid && (!b->watch->server_uid || a->watch->last_us > b->watch->last_us);
}

/* Of several connections to one database one counts: the one that did last, so that one that was not watched for a
 * while does not count again what another one counted meanwhile. */
static bool find_twins(struct poll *poll, struct so_err *err)
{
	for (size_t i = 0; i < poll->n_parts; i++) {
		struct part *part = &poll->parts[i];

		part->watch =
			so_store_watch_get(poll->parts, poll->rules->store, poll->rules->scope, part->conn->id, err);
		if (!part->watch)
			return so_fail_in(err, "connection '%s'", part->conn->name);
	}
	for (uint32_t number = 0; number < poll->n_databases; number++) {
		const struct part *counts = NULL;

		for (size_t i = 0; i < poll->n_parts; i++) {
			const struct part *part = &poll->parts[i];

			if (part->number == number && (!counts || counted_later(part, counts)))
				counts = part;
		}
		for (size_t i = 0; i < poll->n_parts; i++)
			if (poll->parts[i].number == number && &poll->parts[i] != counts)
				poll->parts[i].twin = counts->conn->name;
	}
	return true;
}

static bool load_part(struct poll *poll, struct part *part, struct so_err *err)
{
	const struct so_poll_rules *rules = poll->rules;
	struct so_baseline *old;
	struct so_delta_past past;

	if (!see_as_much(poll, part->watch, err))
		return false;
	part->chunks = so_store_baseline_list(poll->parts, rules->store, rules->scope, part->conn->id, err);
	old = part->chunks ? so_baseline_decode(poll->parts, part->chunks, err) : NULL;
	if (!old)
		return false;
	past = (struct so_delta_past){ .first = part->watch->polls == 0 || !part->watch->server_uid,
		.reading_us = part->watch->reading_us,
		.epoch_us = part->watch->epoch_us,
		.server_uid = part->watch->server_uid,
		.complete = part->watch->complete };
	part->deltas = so_delta_compute(poll->parts, old, &past, poll->reading, part->number, (size_t)rules->limit);
	part->single = so_new_array(poll->parts, bool, part->deltas->count + 1);
	so_rank(part->deltas, rules->top, part->single);
	return true;
}

static struct so_baseline_entry *entry_of(const struct part *part, size_t delta)
{
	return &part->deltas->next->entries[part->deltas->items[delta].entry];
}

/* A text is asked for once: when the statement ranks for the first time, or when it may be one of ours. */
static bool wants_text(const struct part *part, size_t delta)
{
	int64_t known = entry_of(part, delta)->query_id;

	if (known == SO_QUERY_UNKNOWN)
		return part->single[delta] || part->deltas->items[delta].row->own_login;
	return known == SO_QUERY_APPLICATION && part->single[delta];
}

struct wanted {
	size_t count;
	struct part *parts[SO_READING_TEXTS];
	size_t deltas[SO_READING_TEXTS];
	const char *ids[SO_READING_TEXTS];
	struct so_statement_text texts[SO_READING_TEXTS];
};

static void want(struct wanted *wanted, struct part *part, bool single)
{
	for (size_t i = 0; part->deltas && i < part->deltas->count && wanted->count < SO_READING_TEXTS; i++) {
		if (part->single[i] != single || !wants_text(part, i))
			continue;
		wanted->parts[wanted->count] = part;
		wanted->deltas[wanted->count] = i;
		wanted->ids[wanted->count++] = part->deltas->items[i].row->id;
	}
}

static bool is_line(const struct line *line, int64_t query_id, const struct so_store_query *query)
{
	return query_id ? line->query_id == query_id
			: line->query && strcmp(line->query->fingerprint, query->fingerprint) == 0;
}

/* A line for the statement of this row, the one that there is of the same query if there is one. */
static size_t line_for(struct part *part, int64_t query_id, const struct so_store_query *query)
{
	uint64_t hash = query_id ? (uint64_t)query_id : strtoull(query->fingerprint, NULL, 16);
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (part->n_slots - 1);
	struct line *line;

	for (; part->slots[at]; at = (at + 1) & (part->n_slots - 1))
		if (is_line(&part->lines[part->slots[at]], query_id, query))
			return part->slots[at];
	part->slots[at] = (uint32_t)part->n_lines;
	line = &part->lines[part->n_lines];
	line->query_id = query_id;
	if (!query_id) {
		line->query = so_memdup(part->lines, query, sizeof *query);
		line->query->buffer_hits = line->query->buffer_reads = 0;
		line->query->connection_id = part->conn->id;
	}
	return part->n_lines++;
}

/* What the row counts in all, less what this poll is going to add. */
static void add_lifetime(struct so_store_query *query, const struct so_delta *delta, bool rebased)
{
	const int64_t *all = delta->row->counters;
	int64_t before[SO_COUNTERS];

	for (int i = 0; i < SO_COUNTERS; i++)
		before[i] = rebased ? all[i] : all[i] - delta->counters[i];
	query->calls += before[SO_COUNT_CALLS];
	query->rows_returned += before[SO_COUNT_ROWS];
	query->total_us += before[SO_COUNT_EXEC_US];
	query->buffer_hits += before[SO_COUNT_SHARED_HIT];
	query->buffer_reads += before[SO_COUNT_SHARED_READ];
}

/* What a text says about its statement; one that ranks gets a line. */
static void take_text(struct poll *poll, struct part *part, size_t delta, const char *text)
{
	struct so_baseline_entry *entry = entry_of(part, delta);
	const struct so_delta *item = &part->deltas->items[delta];
	struct so_store_query query;
	size_t line;

	entry->query_id = so_statement_row(part->lines, so_conn_dialect(poll->conn), text, &query);
	if (entry->query_id != SO_QUERY_APPLICATION || !part->single[delta])
		return;
	query.engine_id = so_strdup(part->lines, item->row->id);
	line = line_for(part, 0, &query);
	add_lifetime(part->lines[line].query, item, part->deltas->rebased);
	part->learners[part->n_learners++] = (struct learner){ item->entry, line };
}

/* The texts of all parts in one question. A view whose texts cannot be read still counts. */
static bool read_texts(struct poll *poll, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct wanted *wanted = so_new(tmp, struct wanted);
	struct so_err why = SO_ERR_INIT;

	for (size_t i = 0; i < poll->n_parts; i++)
		want(wanted, &poll->parts[i], true);
	for (size_t i = 0; i < poll->n_parts; i++)
		want(wanted, &poll->parts[i], false);
	if (wanted->count &&
		!so_conn_engine(poll->conn)->texts(tmp, poll->conn, wanted->ids, wanted->count, wanted->texts, &why)) {
		if (why.kind != SO_TARGET) {
			*err = why;
			return false;
		}
		poll->text_error = so_strdup(poll->parts, why.message);
		return true;
	}
	for (size_t i = 0; i < wanted->count; i++) {
		struct part *part = wanted->parts[i];
		const struct so_reading_row *row = part->deltas->items[wanted->deltas[i]].row;
		const char *text = row->text ? row->text : wanted->texts[i].text;

		if (!text)
			continue;
		take_text(poll, part, wanted->deltas[i], text);
		part->log.texts++;
	}
	return true;
}

static void add(int64_t *sum, const int64_t *counters)
{
	for (int i = 0; i < SO_COUNTERS; i++)
		sum[i] += counters[i];
}

/* The deltas onto their lines. After this the baseline and the lines say the same. */
static void fill_lines(struct part *part)
{
	size_t *line_of = so_new_array(part->lines, size_t, part->deltas->next->count + 1);

	for (size_t i = 0; i < part->n_learners; i++)
		line_of[part->learners[i].entry] = part->learners[i].line;
	for (size_t i = 0; !part->deltas->rebased && i < part->deltas->count; i++) {
		const struct so_delta *delta = &part->deltas->items[i];
		int64_t known = entry_of(part, i)->query_id;
		size_t line = line_of[delta->entry];

		if (known == SO_QUERY_OURS)
			continue;
		if (!line && known > 0 && part->single[i])
			line = line_for(part, known, NULL);
		add(part->lines[line].sum, delta->counters);
		part->log.moved++;
		part->log.calls += delta->counters[SO_COUNT_CALLS];
		part->log.exec_us += delta->counters[SO_COUNT_EXEC_US];
	}
	part->log.statements = (int64_t)part->deltas->statements;
	part->log.restarted = (int64_t)part->deltas->restarted;
	part->log.stored = (int64_t)part->n_lines - 1;
}

/* ---- the transaction ---- */

static bool moved(const struct line *line)
{
	for (int i = 0; i < SO_COUNTERS; i++)
		if (line->sum[i])
			return true;
	return false;
}

static int by_query(const void *a, const void *b)
{
	const struct so_store_sample *x = a, *y = b;

	return (x->query_id > y->query_id) - (x->query_id < y->query_id);
}

static bool save_lines(struct so_store *tx, const struct poll *poll, struct part *part, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_sample *samples = so_new_array(tmp, struct so_store_sample, part->n_lines);
	size_t n = 0;

	for (size_t i = 0; i < part->n_lines; i++) {
		struct line *line = &part->lines[i];
		int64_t id = line->query_id;

		if (i == 0 && !moved(line))
			continue;
		if (line->query) {
			line->query->discovered_us = line->query->last_seen_us = poll->at_us;
			if (!so_store_query_add(tx, poll->rules->scope, line->query, err))
				return false;
			id = line->query->id;
		}
		if (!moved(line))
			continue;
		samples[n].query_id = id;
		samples[n].at_us = poll->at_us;
		memcpy(samples[n++].delta, line->sum, sizeof line->sum);
	}
	qsort(samples, n, sizeof *samples, by_query);
	return so_store_samples_add(tx, samples, n, err);
}

static bool save_baseline(struct so_store *tx, struct part *part, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_chunks *chunks;

	for (size_t i = 0; i < part->n_learners; i++)
		part->deltas->next->entries[part->learners[i].entry].query_id =
			part->lines[part->learners[i].line].query->id;
	chunks = so_baseline_encode(tmp, part->deltas->next);
	for (size_t i = 0; i < chunks->count; i++) {
		const struct so_store_chunk *now = &chunks->items[i],
					    *old = i < part->chunks->count ? &part->chunks->items[i] : NULL;

		if (old && old->number == now->number && old->len == now->len &&
			memcmp(old->bytes, now->bytes, now->len) == 0)
			continue;
		if (!so_store_baseline_put(tx, part->conn->id, now, err))
			return false;
	}
	return part->chunks->count <= chunks->count ||
	       so_store_baseline_cut(tx, part->conn->id, (int64_t)chunks->count, err);
}

static bool notice(struct so_store *tx, const struct poll *poll, const struct part *part, const char *kind,
	const char *message, struct so_err *err)
{
	return so_store_notice_put(tx, part->conn->id, kind, message, poll->at_us, err);
}

static bool save_notices(struct so_store *tx, const struct poll *poll, const struct part *part, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const struct so_reading *reading = poll->reading;
	const struct so_store_watch *watch = part->watch;

	if (!reading->complete &&
		!notice(tx, poll, part, "cap",
			so_printf(tmp,
				"the server has more than %" PRId64 " statements: only those with the largest total "
				"time are read, and totals are of these",
				poll->rules->limit),
			err))
		return false;
	if (watch->polls > 0 && watch->evicted >= 0 && reading->evicted > watch->evicted &&
		reading->epoch_us == watch->epoch_us &&
		!notice(tx, poll, part, "evicted",
			so_printf(tmp,
				"the server gave up counters of statements for want of room (%" PRId64
				" times so far): raise pg_stat_statements.max, or "
				"performance_schema_digests_size",
				reading->evicted),
			err))
		return false;
	return !poll->text_error || notice(tx, poll, part, "texts", poll->text_error, err);
}

/* Alone, it is not known before now on which server it lives: if its database is counted there already, this is a twin.
 * One that was counting goes on: who came later is the twin. */
static bool meet_twin(struct so_store *tx, struct poll *poll, struct part *part, struct so_err *err)
{
	char *name = NULL;

	if (poll->n_parts > 1 || part->watch->server_uid)
		return true;
	if (!so_store_conn_twin(poll->parts, tx, poll->rules->scope, part->conn->id, &name, err))
		return false;
	if (name) {
		part->twin = name;
		part->log.moved = part->log.calls = part->log.exec_us = part->log.stored = part->log.texts = 0;
	}
	return true;
}

/* What a twin stores: how its polls went, and once, where its statements are. */
static bool save_twin(struct so_store *tx, const struct poll *poll, const struct part *part, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	return (part->watch->polls > 0 && !part->watch->server_uid) ||
	       notice(tx, poll, part, "twin",
		       so_printf(tmp,
			       "this connection leads to the database of connection '%s': what runs there is read and "
			       "counted once, as statements of that one",
			       part->twin),
		       err);
}

static bool save_part(struct so_store *tx, struct poll *poll, struct part *part, struct so_err *err)
{
	struct so_store_watch watch = *part->watch;
	const struct so_reading *reading = poll->reading;

	if (!so_store_instance_put(tx, poll->rules->scope, part->conn->id, &poll->instance, err) ||
		!meet_twin(tx, poll, part, err))
		return false;
	watch.polls++;
	watch.attempts++;
	watch.failures = 0;
	watch.first_us = watch.first_us ? watch.first_us : poll->at_us;
	watch.last_us = poll->at_us;
	watch.reading_us = reading->at_us;
	watch.server_uid = part->twin ? NULL : reading->server_uid;
	watch.epoch_us = reading->epoch_us;
	watch.evicted = reading->evicted;
	watch.complete = reading->complete;
	watch.statements = part->log.statements;
	watch.error_kind = watch.error = NULL;
	if (part->twin ? !save_twin(tx, poll, part, err)
		       : !save_lines(tx, poll, part, err) || !save_baseline(tx, part, err) ||
				 !save_notices(tx, poll, part, err))
		return false;
	return so_store_watch_put(tx, poll->rules->scope, &watch, err) &&
	       so_store_poll_put(tx, poll->rules->scope, &part->log, watch.attempts, err);
}

/* From what is being written of the first connection. */
static int64_t delay_of(const struct so_poll_rules *rules, const struct so_store_watch *watch, int64_t at_us)
{
	const struct so_schedule schedule = { .interval_us = rules->interval_us,
		.polls = watch->polls,
		.age_us = at_us - watch->first_us,
		.failures = watch->failures };

	return so_schedule_delay(&schedule, rules->random);
}

static bool end_lease(struct so_store *tx, const struct so_poll_rules *rules, int64_t delay_us, struct so_err *err)
{
	return !rules->lease || so_store_lease_end(tx, rules->lease, delay_us, err);
}

static bool save_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct poll *poll = arg;
	struct so_store_watch after = *poll->parts[0].watch;

	after.polls++;
	after.failures = 0;
	after.first_us = after.first_us ? after.first_us : poll->at_us;
	poll->delay_us = delay_of(poll->rules, &after, poll->at_us);
	/* first: when another node has taken over, the rest would be for nothing */
	if (!end_lease(tx, poll->rules, poll->delay_us, err))
		return false;
	for (size_t i = 0; i < poll->n_parts; i++)
		if (!save_part(tx, poll, &poll->parts[i], err))
			return false;
	return true;
}

/* ---- the whole ---- */

static void make_parts(struct poll *poll, struct so_store_conn *const *conns)
{
	static const struct so_store_query other = {
		.fingerprint = (char *)"other",
		.fingerprint_version = SO_OTHER_VERSION,
		.sql_text = (char *)"all statements without a row of their own",
	};

	for (size_t i = 0; i < poll->n_parts; i++) {
		struct part *part = &poll->parts[i];
		size_t most = poll->rules->top * 4 + 2;

		part->conn = conns[i];
		part->lines = so_new_array(poll->parts, struct line, most);
		part->learners = so_new_array(poll->parts, struct learner, most);
		part->lines[0].query = so_memdup(part->lines, &other, sizeof other);
		part->lines[0].query->connection_id = conns[i]->id;
		part->n_lines = 1;
		for (part->n_slots = 16; part->n_slots < most * 2;)
			part->n_slots *= 2;
		part->slots = so_new_array(poll->parts, uint32_t, part->n_slots);
	}
}

static bool read_server(struct poll *poll, struct so_store_conn *const *conns, struct so_err *err)
{
	const struct so_engine *engine = so_conn_engine(poll->conn);
	const struct so_engine_info *info = engine->info(poll->conn, err);
	const char **databases = so_new_array(poll->parts, const char *, poll->n_parts);
	size_t n = 0;

	if (!info)
		return false;
	poll->instance = (struct so_store_instance){ .engine = conns[0]->engine,
		.host = conns[0]->host,
		.port = conns[0]->port,
		.system_id = info->system_id ? info->system_id : (char *)"",
		.version = info->version };
	for (size_t i = 0; i < poll->n_parts; i++) {
		uint32_t at = 0;

		while (at < n && strcmp(databases[at], conns[i]->database) != 0)
			at++;
		if (at == n)
			databases[n++] = conns[i]->database;
		poll->parts[i].number = at;
	}
	poll->n_databases = n;
	/* alone, a connection is asked for its own database, whatever it is called */
	poll->reading = engine->counters(poll->parts, poll->conn, databases, n > 1 ? n : 0, poll->rules->limit, err);
	if (!poll->reading)
		return false;
	poll->shown_all_uid = poll->reading->server_uid;
	if (poll->reading->hidden)
		poll->reading->server_uid = so_printf(poll->reading, "%s, own rows", poll->shown_all_uid);
	return true;
}

static bool instance_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct poll *poll = arg;

	for (size_t i = 0; i < poll->n_parts; i++)
		if (!so_store_instance_put(tx, poll->rules->scope, poll->parts[i].conn->id, &poll->instance, err))
			return false;
	return true;
}

/* A server whose statistics cannot be read from here may be readable through another of its connections. */
static void note_instance(struct poll *poll, struct so_poll_result *out)
{
	struct so_err ignored = SO_ERR_INIT;

	if (poll->instance.engine && so_store_tx(poll->rules->store, instance_tx, poll, &ignored))
		out->instance_id = poll->instance.id;
}

/* After the transaction: then every line has the id of its query. */
static void find_heavy(const struct part *part, struct so_poll_heavies *out)
{
	out->twin = part->twin != NULL;
	out->count = 0;
	for (size_t i = 1; !part->twin && i < part->n_lines; i++) {
		const struct line *line = &part->lines[i];
		struct so_poll_heavy heavy = { line->query ? line->query->id : line->query_id,
			line->sum[SO_COUNT_CALLS], line->sum[SO_COUNT_EXEC_US] };
		size_t at = out->count;

		if (heavy.calls <= 0 || heavy.exec_us * 100 < part->log.exec_us)
			continue;
		while (at > 0 && out->items[at - 1].exec_us < heavy.exec_us)
			at--;
		if (at == SO_POLL_HEAVY)
			continue;
		out->count += out->count < SO_POLL_HEAVY;
		memmove(&out->items[at + 1], &out->items[at], (out->count - 1 - at) * sizeof heavy);
		out->items[at] = heavy;
	}
}

static int64_t statements_of(const struct so_reading *reading, uint32_t database)
{
	int64_t n = 0;

	for (size_t i = 0; i < reading->count; i++)
		n += reading->rows[i].database == database;
	return n;
}

bool so_poll_run(const struct so_poll_rules *rules, struct so_conn *conn, struct so_store_conn *const *conns, size_t n,
	int64_t at_us, int64_t began_us, int64_t cpu_us, struct so_poll_result *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct poll poll = { .rules = rules, .conn = conn, .at_us = at_us, .n_parts = n };
	int64_t wait_us = so_conn_wait_us(conn);

	poll.parts = so_new_array(tmp, struct part, n);
	make_parts(&poll, conns);
	*out = (struct so_poll_result){ 0 };
	if (!read_server(&poll, conns, err))
		return note_instance(&poll, out), false;
	if (!find_twins(&poll, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!poll.parts[i].twin && !load_part(&poll, &poll.parts[i], err))
			return so_fail_in(err, "connection '%s'", conns[i]->name);
	if (!read_texts(&poll, err))
		return false;
	*out = (struct so_poll_result){ .complete = poll.reading->complete };
	for (size_t i = 0; i < n; i++) {
		struct part *part = &poll.parts[i];

		if (part->deltas)
			fill_lines(part);
		else
			part->log.statements = statements_of(poll.reading, part->number);
		part->log.connection_id = conns[i]->id;
		part->log.started_us = at_us;
		part->log.duration_us = so_time_monotonic_us() - began_us;
		part->log.bytes = i ? 0 : poll.reading->bytes;
		part->log.wait_us = i ? 0 : so_conn_wait_us(conn) - wait_us;
		part->log.cpu_us = i ? 0 : so_time_thread_cpu_us() - cpu_us;
		out->statements += part->twin ? 0 : part->log.statements;
		out->moved += part->log.moved;
		out->stored += part->log.stored;
		out->texts += part->log.texts;
		out->calls += part->log.calls;
		out->exec_us += part->log.exec_us;
		out->restarted += part->log.restarted;
		out->rebased = out->rebased || (part->deltas && part->deltas->rebased);
	}
	if (!so_store_tx_lazy(rules->store, save_tx, &poll, err))
		return false;
	out->instance_id = poll.instance.id;
	out->delay_us = poll.delay_us;
	for (size_t i = 0; rules->heavies && i < n; i++)
		find_heavy(&poll.parts[i], &rules->heavies[i]);
	return true;
}

struct failure {
	const struct so_poll_rules *rules;
	struct so_store_conn *const *conns;
	size_t n;
	int64_t at_us, began_us;
	const struct so_err *why;
	int64_t delay_us;
};

static bool failed_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct failure *failure = arg;

	for (size_t i = 0; i < failure->n; i++) {
		struct so_store_watch *watch =
			so_store_watch_get(tmp, tx, failure->rules->scope, failure->conns[i]->id, err);
		struct so_store_poll log = { .connection_id = failure->conns[i]->id,
			.started_us = failure->at_us,
			.duration_us = so_time_monotonic_us() - failure->began_us,
			.error_kind = (char *)so_kind_name(failure->why->kind),
			.error = (char *)failure->why->message };

		if (!watch)
			return false;
		watch->attempts++;
		watch->failures++;
		watch->error_kind = log.error_kind;
		watch->error = log.error;
		if (i == 0)
			failure->delay_us = delay_of(failure->rules, watch, failure->at_us);
		if (!so_store_watch_put(tx, failure->rules->scope, watch, err) ||
			!so_store_poll_put(tx, failure->rules->scope, &log, watch->attempts, err))
			return false;
	}
	return end_lease(tx, failure->rules, failure->delay_us, err);
}

bool so_poll_failed(const struct so_poll_rules *rules, struct so_store_conn *const *conns, size_t n, int64_t at_us,
	int64_t began_us, const struct so_err *why, int64_t *delay_us, struct so_err *err)
{
	struct failure failure = { rules, conns, n, at_us, began_us, why, 0 };

	if (!so_store_tx_lazy(rules->store, failed_tx, &failure, err))
		return false;
	*delay_us = failure.delay_us;
	return true;
}
