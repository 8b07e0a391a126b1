#include "plan/plan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "plan/reader.h"

static const struct so_plan_reader *const readers[] = { &so_plan_reader_postgresql };

/* ---- Memory ----------------------------------------------------------------------------------------------------- */

void *so_plan_alloc(struct so_plan_builder *builder, size_t bytes)
{
	void *out;

	bytes = bytes ? (bytes + 7) & ~(size_t)7 : 8;
	if (bytes > builder->chunk_left) {
		size_t size = bytes > builder->chunk_size ? bytes : builder->chunk_size;

		builder->chunk = so_mem_need(talloc_zero_size(builder->plan, size));
		builder->chunk_left = size;
		if (builder->chunk_size < (1 << 20))
			builder->chunk_size *= 2;
	}
	out = builder->chunk;
	builder->chunk += bytes;
	builder->chunk_left -= bytes;
	return out;
}

const char *so_plan_text(struct so_plan_builder *builder, const json_t *value)
{
	size_t len;
	char *copy;

	if (!json_is_string(value))
		return NULL;
	len = json_string_length(value);
	copy = so_plan_alloc(builder, len + 1);
	memcpy(copy, json_string_value(value), len);
	return copy;
}

static const struct so_plan_buffers no_buffers = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };

int32_t so_plan_add_node(struct so_plan_builder *builder, int32_t parent, int32_t depth)
{
	struct so_plan *plan = builder->plan;

	if (plan->n_nodes == builder->nodes_size) {
		builder->nodes_size = builder->nodes_size ? builder->nodes_size * 2 : 16;
		plan->nodes = so_renew_array(plan, plan->nodes, struct so_plan_node, (unsigned)builder->nodes_size);
	}
	plan->nodes[plan->n_nodes] = (struct so_plan_node){ .id = plan->n_nodes,
		.parent = parent,
		.depth = depth,
		.first_child = -1,
		.next_sibling = -1,
		.cte_root = -1,
		.op = SO_PLAN_OTHER,
		.label = "",
		.rows_est = NAN,
		.width_est = NAN,
		.startup_cost = NAN,
		.total_cost = NAN,
		.rows_actual = NAN,
		.loops = NAN,
		.startup_ms = NAN,
		.total_ms = NAN,
		.removed_filter = NAN,
		.removed_join = NAN,
		.removed_recheck = NAN,
		.time_ms = NAN,
		.time_exclusive_ms = NAN,
		.processes = 1,
		.heap_fetches = NAN,
		.exact_blocks = -1,
		.lossy_blocks = -1,
		.buffers = no_buffers,
		.buffers_exclusive = no_buffers,
		.io_read_ms = NAN,
		.io_write_ms = NAN,
		.temp_io_ms = NAN,
		.io_read_exclusive_ms = NAN,
		.wal_records = -1,
		.wal_fpi = -1,
		.wal_bytes = -1,
		.memory_kb = -1,
		.disk_kb = -1,
		.hash_buckets = -1,
		.hash_batches = -1,
		.hash_batches_planned = -1,
		.agg_batches = -1,
		.agg_partitions = -1,
		.cache_hits = -1,
		.cache_misses = -1,
		.cache_evictions = -1,
		.cache_overflows = -1,
		.workers_planned = -1,
		.workers_launched = -1,
		.subplans_removed = -1 };
	return plan->n_nodes++;
}

bool so_plan_mentions(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if (!isdigit((unsigned char)at[len]))
			return true;
	return false;
}

/* ---- Framing ---------------------------------------------------------------------------------------------------- */

/* Length of a frame character that psql draws at the edge of a row: | or a box-drawing bar. */
static size_t bar_length(const char *at, const char *end)
{
	static const char *const bars[] = { "|", "│", "║", "┃" };

	for (size_t i = 0; i < sizeof bars / sizeof bars[0]; i++) {
		size_t len = strlen(bars[i]);

		if ((size_t)(end - at) >= len && memcmp(at, bars[i], len) == 0)
			return len;
	}
	return 0;
}

static void trim_blanks(const char **begin, const char **end)
{
	while (*begin < *end && strchr(" \t\r", **begin))
		(*begin)++;
	while (*end > *begin && strchr(" \t\r", (*end)[-1]))
		(*end)--;
}

/* Cuts blanks, bars and the continuation mark off both ends of a line. A line of JSON never ends in '+' itself, since a
 * string holds no newline. */
static void trim_line(const char **begin, const char **end)
{
	trim_blanks(begin, end);
	*begin += bar_length(*begin, *end);
	for (size_t len = 1; len <= 3 && *end - *begin >= (ptrdiff_t)len; len += 2)
		if (bar_length(*end - len, *end) == len) {
			*end -= len;
			break;
		}
	trim_blanks(begin, end);
	if (*end > *begin && (*end)[-1] == '+')
		(*end)--;
	trim_blanks(begin, end);
}

/* Takes what psql adds around and between the lines of a document away: returns the lines from the first one that
 * starts with a bracket to the last one that ends with one. NULL when there is no such start. */
static char *unframe_lines(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	const char *stop = text + len;
	char *out = so_mem_need(talloc_size(ctx, len + 2)); /* a last line without a newline gets one */
	size_t used = 0, last = 0;

	for (const char *line = text; line < stop;) {
		const char *next = memchr(line, '\n', (size_t)(stop - line));
		const char *begin = line, *end = next ? next : stop;

		line = next ? next + 1 : stop;
		trim_line(&begin, &end);
		if (end == begin || (!used && *begin != '[' && *begin != '{'))
			continue;
		memcpy(out + used, begin, (size_t)(end - begin));
		used += (size_t)(end - begin);
		if (end[-1] == ']' || end[-1] == '}')
			last = used;
		out[used++] = '\n';
	}
	*out_len = last ? last : used;
	out[*out_len] = '\0';
	return used ? out : NULL;
}

/* "[{""Plan"": ...}]" as spreadsheets and GUIs quote a cell. */
static char *unquote(TALLOC_CTX *ctx, const char *text, size_t len, size_t *out_len)
{
	char *out = so_mem_need(talloc_size(ctx, len + 1));
	size_t used = 0;

	for (size_t i = 1; i < len; i++) {
		if (text[i] == '"' && (i + 1 >= len || text[i + 1] != '"'))
			break;
		if (text[i] == '"')
			i++;
		out[used++] = text[i];
	}
	out[used] = '\0';
	*out_len = used;
	return out;
}

/* ---- Recognition of what cannot be read ------------------------------------------------------------------------- */

/* What a text looks like when it is no JSON plan of ours, first match wins. */
static const struct {
	const char *needle; /* somewhere in the first bytes */
	const char *also; /* too; may be NULL */
	const char *what, *remedy;
} known[] = {
	{ "<explain xmlns=\"http://www.postgresql.org", NULL, "a PostgreSQL plan in XML",
		"send EXPLAIN (FORMAT JSON)" },
	{ "- Plan:", NULL, "a PostgreSQL plan in YAML", "send EXPLAIN (FORMAT JSON)" },
	{ "ShowPlanXML", NULL, "a SQL Server plan (Showplan XML)", "plans of SQL Server cannot be read yet" },
	{ "Plan hash value", NULL, "an Oracle plan (DBMS_XPLAN)", "plans of Oracle cannot be read yet" },
	{ "\"query_block\"", "\"r_loops\"", "a MariaDB plan (ANALYZE FORMAT=JSON)",
		"plans of MariaDB cannot be read yet" },
	{ "\"query_block\"", "\"cost_info\"", "a MySQL plan (EXPLAIN FORMAT=JSON)",
		"plans of MySQL cannot be read yet" },
	{ "\"query_block\"", NULL, "a MySQL or MariaDB plan (EXPLAIN FORMAT=JSON)",
		"plans of MySQL and MariaDB cannot be read yet" },
	{ "\"query_plan\"", NULL, "a MySQL plan (EXPLAIN FORMAT=JSON, version 2)",
		"plans of MySQL cannot be read yet" },
	{ "\"json_schema_version\"", NULL, "a MySQL plan (EXPLAIN FORMAT=JSON, version 2)",
		"plans of MySQL cannot be read yet" },
	{ "(cost=", " width=", "a PostgreSQL plan in text form", "send EXPLAIN (FORMAT JSON)" },
	{ "-> ", "(cost=", "a MySQL plan (FORMAT=TREE)", "plans of MySQL cannot be read yet" },
	{ "-> ", "(actual time=", "a MySQL plan (FORMAT=TREE)", "plans of MySQL cannot be read yet" },
	{ "QUERY PLAN\n|--", NULL, "a SQLite query plan", "plans of SQLite cannot be read yet" },
	{ "QUERY PLAN\n`--", NULL, "a SQLite query plan", "plans of SQLite cannot be read yet" },
	{ "select_type", "possible_keys", "a MySQL or MariaDB plan (table form)",
		"plans of MySQL and MariaDB cannot be read yet" },
};

static bool fail_unknown(const char *text, size_t len, struct so_err *err)
{
	size_t head = len < 65536 ? len : 65536;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (!memmem(text, head, known[i].needle, strlen(known[i].needle)))
			continue;
		if (known[i].also && !memmem(text, head, known[i].also, strlen(known[i].also)))
			continue;
		return so_fail(err, SO_UNSUPPORTED, "this is %s: %s", known[i].what, known[i].remedy);
	}
	return so_fail(err, SO_INPUT,
		"this is no execution plan that can be recognised: expected the output of "
		"EXPLAIN (FORMAT JSON) of PostgreSQL");
}

static bool fail_json(const char *text, size_t len, const json_error_t *at, struct so_err *err)
{
	enum json_error_code code = json_error_code(at);

	if (code == json_error_stack_overflow)
		return so_fail(err, SO_LIMIT, "the plan is nested more than %d nodes deep", SO_PLAN_MAX_DEPTH);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	/* a document that ends inside a word or a number is an invalid token to jansson */
	if (code == json_error_premature_end_of_input || (code == json_error_invalid_syntax && at->position >= 0 &&
								 (size_t)at->position >= len && memchr("[{", *text, 2)))
		return so_fail(err, SO_INPUT, "the plan is cut off: its JSON ends early, at line %d", at->line);
	if (code == json_error_invalid_utf8)
		return so_fail(err, SO_INPUT, "the plan is not valid UTF-8, at line %d", at->line);
	if (!memmem(text, len, "\"Plan\"", 6) && !memmem(text, len, "\"Node Type\"", 11))
		return fail_unknown(text, len, err);
	return so_fail(
		err, SO_INPUT, "the plan is no valid JSON: %s at line %d, column %d", at->text, at->line, at->column);
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static json_t *load(TALLOC_CTX *tmp, const char *text, size_t len, struct so_err *err)
{
	json_error_t at;
	json_t *doc;
	char *clean;
	size_t clean_len;

	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (!len) {
		so_fail(err, SO_INPUT, "the plan is empty");
		return NULL;
	}
	doc = json_loadb(text, len, JSON_DECODE_ANY, &at);
	if (doc && !json_is_string(doc))
		return doc;
	if (!doc && (*text == '[' || *text == '{') && json_error_code(&at) != json_error_invalid_syntax &&
		json_error_code(&at) != json_error_end_of_input_expected) { /* not what framing looks like */
		fail_json(text, len, &at, err);
		return NULL;
	}
	if (doc || *text == '"') { /* the whole document as one string, JSON's way or with doubled quotes */
		clean = doc ? so_strndup(tmp, json_string_value(doc), json_string_length(doc))
			    : unquote(tmp, text, len, &clean_len);
		clean_len = doc ? json_string_length(doc) : clean_len;
		json_decref(doc);
	} else {
		clean = unframe_lines(tmp, text, len, &clean_len);
	}
	doc = clean ? json_loadb(clean, clean_len, 0, &at) : NULL;
	if (doc || clean) {
		if (!doc)
			fail_json(clean, clean_len, &at, err);
		return doc;
	}
	fail_unknown(text, len, err);
	return NULL;
}

bool so_plan_read(TALLOC_CTX *ctx, const char *text, size_t len, struct so_plan **plan, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_plan_builder builder = { .chunk_size = len < 4096 ? 1024 : 16384 };
	bool ok = false, found = false;
	json_t *doc;

	if (len > SO_PLAN_MAX_BYTES)
		return so_fail(
			err, SO_LIMIT, "the plan has %zu bytes, the limit is %zu (100 MiB)", len, SO_PLAN_MAX_BYTES);
	doc = load(tmp, text, len, err);
	if (!doc)
		return false;
	builder.plan = so_new(tmp, struct so_plan);
	for (size_t i = 0; i < sizeof readers / sizeof readers[0] && !found; i++) {
		found = readers[i]->recognise(doc);
		if (found) {
			builder.plan->format = readers[i]->format;
			builder.plan->engine = readers[i]->engine;
			ok = readers[i]->read(&builder, doc, err);
		}
	}
	json_decref(doc);
	if (!found)
		return fail_unknown(text, len, err);
	if (!ok)
		return false;
	so_plan_parse_conditions(builder.plan);
	so_plan_derive(builder.plan);
	*plan = talloc_steal(ctx, builder.plan);
	return true;
}
