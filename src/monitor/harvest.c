#include "monitor/harvest.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/log.h"
#include "monitor/baseline.h"
#include "monitor/statement.h"
#include "sql/dialect.h"
#include "sql/fingerprint.h"
#include "store/use.h"

#define SLOTS      4096 /* queries whose last harvest is remembered; two on one slot only harvest more often */
#define FEW_SETS   4
#define OLD_US     (24 * INT64_C(3600000000))
#define ASK_FACTOR 10 /* times `every_us`, between two questions for a text of one query */

struct so_harvest {
	struct so_harvest_options options;
	pthread_mutex_t lock; /* of `slots` */
	struct {
		uint64_t key;
		int64_t at_us; /* monotonic */
	} slots[SLOTS];
};

static const struct so_log_at log_at = { .module = "values" };

static const struct {
	const char *name, *what;
} sources[SO_HARVEST_SOURCES] = {
	[SO_HARVEST_SESSION] = { "session", "a running session" },
	[SO_HARVEST_SAMPLE] = { "sample", "a statement that the server kept" },
	[SO_HARVEST_STATEMENT] = { "statement", "a statement that was optimised" },
	[SO_HARVEST_PLAN] = { "plan", "a plan that was given" },
};

const char *so_harvest_describe(enum so_harvest_source source)
{
	return sources[source].what;
}

static enum so_harvest_source source_of(const char *name)
{
	for (int i = 0; i < SO_HARVEST_SOURCES; i++)
		if (strcmp(sources[i].name, name) == 0)
			return (enum so_harvest_source)i;
	return SO_HARVEST_SESSION;
}

static int harvest_dtor(struct so_harvest *harvest)
{
	pthread_mutex_destroy(&harvest->lock);
	return 0;
}

struct so_harvest *so_harvest_new(TALLOC_CTX *ctx, const struct so_harvest_options *options)
{
	struct so_harvest *harvest = so_new(ctx, struct so_harvest);

	harvest->options = *options;
	so_assert(pthread_mutex_init(&harvest->lock, NULL) == 0);
	talloc_set_destructor(harvest, harvest_dtor);
	return harvest;
}

/* ---- a set as a token ---- */

/* {"shape": "..", "places": [["1"], ["'a'", "'b'"]]} */
static char *set_to_token(
	TALLOC_CTX *ctx, const struct so_harvest *harvest, const struct so_value_set *set, struct so_err *err)
{
	json_t *places = json_array(), *doc;
	char *text, *token;

	for (size_t i = 0; i < set->count; i++) {
		json_t *list = json_array();

		for (size_t k = 0; k < set->places[i].count; k++)
			json_array_append_new(list, json_string(set->places[i].texts[k]));
		json_array_append_new(places, list);
	}
	doc = json_pack("{s:I, s:o}", "shape", (json_int_t)set->shape, "places", places);
	text = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	json_decref(doc);
	if (!text) {
		so_fail(err, SO_INPUT, "the values are no UTF-8");
		return NULL;
	}
	token = so_fernet_encrypt(ctx, harvest->options.fernet, text, strlen(text), err);
	explicit_bzero(text, strlen(text));
	free(text);
	return token;
}

static bool read_places(struct so_value_set *set, const json_t *places)
{
	set->places = so_new_array(set, struct so_value_list, json_array_size(places) + 1);
	for (size_t i = 0; i < json_array_size(places); i++) {
		const json_t *texts = json_array_get(places, i);
		struct so_value_list *list = &set->places[set->count++];

		list->texts = so_new_array(set, char *, json_array_size(texts) + 1);
		for (size_t k = 0; k < json_array_size(texts); k++) {
			const char *text = json_string_value(json_array_get(texts, k));

			if (!text)
				return false;
			list->texts[list->count++] = so_strdup(set, text);
		}
		if (list->count == 0)
			return false;
	}
	return set->count > 0;
}

/* NULL for a token of another key, or of something else. */
static struct so_value_set *set_from_token(TALLOC_CTX *ctx, const struct so_harvest *harvest, const char *token)
{
	SO_TMP(tmp, NULL);
	struct so_err ignored = SO_ERR_INIT;
	struct so_fernet_plain plain;
	struct so_value_set *set;
	json_t *doc;
	bool read;

	if (!so_fernet_decrypt(tmp, harvest->options.fernet, token, 0, 0, &plain, &ignored))
		return NULL;
	doc = json_loads(plain.text, 0, NULL);
	set = so_new(ctx, struct so_value_set);
	set->shape = (uint64_t)json_integer_value(json_object_get(doc, "shape"));
	read = read_places(set, json_object_get(doc, "places"));
	json_decref(doc);
	if (read)
		return set;
	talloc_free(set);
	return NULL;
}

/* ---- which sets are kept ---- */

static bool same_list(const struct so_value_list *a, const struct so_value_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->texts[i], b->texts[i]) != 0)
			return false;
	return true;
}

/* The share of places with the same values; 1: one is as good as the other. */
static double likeness(const struct so_value_set *a, const struct so_value_set *b)
{
	size_t same = 0;

	if (a->shape != b->shape || a->count != b->count)
		return 0;
	for (size_t i = 0; i < a->count; i++)
		same += same_list(&a->places[i], &b->places[i]);
	return (double)same / (double)a->count;
}

struct known {
	const struct so_store_values_list *rows;
	struct so_value_set **sets; /* NULL: of another key */
};

/* The row that is this set already, or -1. */
static int find_same(const struct known *known, const struct so_value_set *set)
{
	for (size_t i = 0; i < known->rows->count; i++)
		if (known->sets[i] && likeness(known->sets[i], set) >= 1)
			return (int)i;
	return -1;
}

/* The row that the others and the new set make least missed; of several the one seen longest ago. */
static size_t least_missed(const struct known *known, const struct so_value_set *set)
{
	size_t worst = 0;
	double most = -1;

	for (size_t i = known->rows->count; i-- > 0;) {
		double like = known->sets[i] ? likeness(known->sets[i], set) : 1;

		for (size_t k = 0; known->sets[i] && k < known->rows->count; k++)
			if (k != i && known->sets[k] && likeness(known->sets[i], known->sets[k]) > like)
				like = likeness(known->sets[i], known->sets[k]);
		if (like > most) {
			most = like;
			worst = i;
		}
	}
	return worst;
}

static bool read_known(
	TALLOC_CTX *ctx, const struct so_harvest *harvest, int64_t query_id, struct known *out, struct so_err *err)
{
	out->rows = so_store_values_list(ctx, harvest->options.store, harvest->options.scope, query_id, err);
	if (!out->rows)
		return false;
	out->sets = so_new_array(ctx, struct so_value_set *, out->rows->count + 1);
	for (size_t i = 0; i < out->rows->count; i++)
		out->sets[i] = set_from_token(ctx, harvest, out->rows->items[i]->token);
	return true;
}

static bool keep(const struct so_harvest *harvest, int64_t query_id, const struct so_value_set *set,
	enum so_harvest_source source, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_values row = {
		.query_id = query_id, .source = (char *)sources[source].name, .seen_us = so_time_now_us()
	};
	struct known known;
	int64_t instead = 0;
	int same;

	if (!read_known(tmp, harvest, query_id, &known, err))
		return false;
	same = find_same(&known, set);
	if (same >= 0) {
		row.id = known.rows->items[same]->id;
		return so_store_values_put(harvest->options.store, &row, 0, err);
	}
	if (known.rows->count >= SO_VALUE_SETS)
		instead = known.rows->items[least_missed(&known, set)]->id;
	row.token = set_to_token(tmp, harvest, set, err);
	return row.token && so_store_values_put(harvest->options.store, &row, instead, err);
}

/* ---- texts ---- */

/* Whether it is time for another set of this query; then the next one waits again. */
static bool is_due(struct so_harvest *harvest, int64_t connection_id, const char *fingerprint,
	enum so_harvest_source source, int64_t every_us)
{
	uint64_t key = XXH3_64bits_withSeed(fingerprint, strlen(fingerprint), (uint64_t)connection_id * 8 + source);
	int64_t now_us = so_time_monotonic_us();
	bool due;

	pthread_mutex_lock(&harvest->lock);
	due = harvest->slots[key % SLOTS].key != key || now_us - harvest->slots[key % SLOTS].at_us >= every_us;
	if (due) {
		harvest->slots[key % SLOTS].key = key;
		harvest->slots[key % SLOTS].at_us = now_us;
	}
	pthread_mutex_unlock(&harvest->lock);
	return due;
}

/* The fingerprint of a statement of the application; NULL: it is none. */
static const char *fingerprint_of(TALLOC_CTX *ctx, const char *dialect, const char *text)
{
	struct so_store_query row;

	return so_statement_row(ctx, dialect, text, &row) == SO_QUERY_APPLICATION ? row.fingerprint : NULL;
}

int64_t so_harvest_given(struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text,
	char *const *values, size_t n, enum so_harvest_source source)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_value_set *set;
	const char *fingerprint;
	int64_t query_id = 0;

	if (!harvest)
		return 0;
	fingerprint = fingerprint_of(tmp, dialect, text);
	if (!fingerprint)
		return 0;
	/* what somebody gives is always taken, and samples were asked for */
	if (source == SO_HARVEST_SESSION &&
		!is_due(harvest, connection_id, fingerprint, source, harvest->options.every_us))
		return 0;
	set = so_value_set_take_given(tmp, so_dialect_named(dialect), text, strlen(text), values, n);
	if (!set)
		return 0;
	if (so_store_query_find(harvest->options.store, harvest->options.scope, connection_id, fingerprint,
		    SO_FINGERPRINT_VERSION, &query_id, &err) &&
		(!query_id || keep(harvest, query_id, set, source, &err)))
		return query_id;
	so_log(SO_LOG_WARN, &log_at, "values of query %" PRId64 " were not stored: %s", query_id, err.message);
	return 0;
}

int64_t so_harvest_text(struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text,
	enum so_harvest_source source)
{
	return so_harvest_given(harvest, connection_id, dialect, text, NULL, 0, source);
}

bool so_harvest_wants(struct so_harvest *harvest, const struct so_store_query *query)
{
	SO_TMP(tmp, NULL);
	struct so_err err = SO_ERR_INIT;
	struct so_store_values_list *list;

	if (!harvest)
		return false;
	list = so_store_values_list(tmp, harvest->options.store, harvest->options.scope, query->id, &err);
	if (!list || (list->count >= FEW_SETS && so_time_now_us() - list->items[0]->seen_us < OLD_US))
		return false;
	return is_due(harvest, query->connection_id, query->fingerprint, SO_HARVEST_SAMPLE,
		harvest->options.every_us * ASK_FACTOR);
}

struct so_harvested_list *so_harvest_read(
	TALLOC_CTX *ctx, struct so_harvest *harvest, int64_t connection_id, const char *dialect, const char *text)
{
	struct so_harvested_list *list;
	struct so_err err = SO_ERR_INIT;
	const char *fingerprint;
	int64_t query_id = 0;
	struct known known;

	if (!harvest)
		return NULL;
	list = so_new(ctx, struct so_harvested_list);
	fingerprint = fingerprint_of(list, dialect, text);
	if (!fingerprint)
		return list;
	if (!so_store_query_find(harvest->options.store, harvest->options.scope, connection_id, fingerprint,
		    SO_FINGERPRINT_VERSION, &query_id, &err) ||
		(query_id && !read_known(list, harvest, query_id, &known, &err))) {
		so_log(SO_LOG_WARN, &log_at, "values of query %" PRId64 " cannot be read: %s", query_id, err.message);
		return list;
	}
	list->items = so_new_array(list, struct so_harvested, SO_VALUE_SETS + 1);
	for (size_t i = 0; query_id && i < known.rows->count && list->count < SO_VALUE_SETS; i++)
		if (known.sets[i])
			list->items[list->count++] = (struct so_harvested){ known.sets[i],
				source_of(known.rows->items[i]->source), known.rows->items[i]->seen_us };
	return list;
}
