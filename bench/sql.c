/* How fast src/sql is, against libpg_query in the same run: lexing, parsing, fingerprints, normalising, printing; and
 * memory. The other dialects are compared with PostgreSQL's parser, in turn with it. Prints name<TAB>value<TAB>unit.
 * The statements come from bench/sql_generate.py (SEED, default 1), or from a folder CORPUS in the format of
 * tests/corpus; only those that both sides accept are measured, all of them in every round. Without libpg_query the
 * ratios are left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SO_PG_QUERY
#include <pg_query.h>
#endif

#include "../tests/corpus/lines.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sql/fingerprint.h"
#include "sql/parse/parser.h"
#include "sql/parse.h"
#include "sql/print.h"

#define ROUNDS     7
#define BYTES      "3000000" /* of each dialect */
#define KINDS      32
#define TEXT_BYTES (1024u * 1024) /* of texts that are kept together */

/* ---- Statements ------------------------------------------------------------------------------------------------- */

struct statement {
	const char *text;
	size_t len;
};

struct kind {
	const char *name;
	unsigned count;
};

struct set {
	TALLOC_CTX *ctx;
	struct statement *items;
	size_t count, bytes, longest, given;
	char *text_next; /* texts lie one behind the other, as in a file: where they lie is not what is measured */
	size_t text_room;
	struct kind kinds[KINDS];
	struct so_parser *parser;
};

static void add_kind(struct set *set, const char *name)
{
	for (int i = 0; i < KINDS; i++) {
		if (!set->kinds[i].name)
			set->kinds[i].name = so_strdup(set->ctx, name);
		if (i == KINDS - 1 || strcmp(set->kinds[i].name, name) == 0) {
			set->kinds[i].count++;
			return;
		}
	}
}

#ifdef SO_PG_QUERY
/* Every function of the reference has to do its work, not to report an error. */
static bool reference_accepts(const char *sql)
{
	PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(sql);
	PgQueryNormalizeResult normal = pg_query_normalize(sql);
	PgQueryFingerprintResult print = pg_query_fingerprint(sql);
	PgQueryScanResult scan = pg_query_scan(sql);
	bool good = !parsed.error && !normal.error && !print.error && !scan.error;

	pg_query_free_protobuf_parse_result(parsed);
	pg_query_free_normalize_result(normal);
	pg_query_free_fingerprint_result(print);
	pg_query_free_scan_result(scan);
	return good;
}
#else
static bool reference_accepts(const char *sql)
{
	(void)sql;
	return true;
}
#endif

static void add_statement(enum so_dialect dialect, const json_t *line, void *arg)
{
	struct set *set = arg;
	const json_t *sql = json_object_get(line, "sql"), *kind = json_object_get(line, "kind");
	struct statement st = { json_string_value(sql), json_string_length(sql) };
	struct so_err err = SO_ERR_INIT;
	struct so_ast *ast;

	if (!st.text)
		return;
	set->given++;
	if (!so_sql_parse(NULL, set->parser, dialect, st.text, st.len, NULL, &ast, &err))
		return;
	talloc_free(ast);
	if (dialect == SO_POSTGRESQL && !reference_accepts(st.text))
		return;
	if (set->count % 1024 == 0)
		set->items = so_renew_array(set->ctx, set->items, struct statement, set->count + 1024);
	if (set->text_room < st.len + 1) {
		set->text_room = st.len + TEXT_BYTES;
		set->text_next = so_new_array(set->ctx, char, set->text_room);
	}
	st.text = memcpy(set->text_next, st.text, st.len + 1);
	set->text_next += st.len + 1;
	set->text_room -= st.len + 1;
	set->items[set->count++] = st;
	set->bytes += st.len;
	set->longest = st.len > set->longest ? st.len : set->longest;
	add_kind(set, json_string_value(kind ? kind : json_object_get(line, "class")));
}

static bool load(struct set *set, enum so_dialect dialect)
{
	const char *folder = getenv("CORPUS"), *seed = getenv("SEED"), *root = getenv("SO_ROOT");
	char *name = (char *)corpus_dialect_names[dialect];
	char *script = so_printf(set->ctx, "%s/bench/sql_generate.py", root ? root : ".");
	char *argv[] = { "python3", script, name, BYTES, (char *)(seed ? seed : "1"), NULL };
	bool found;

	if (folder)
		return corpus_read_folder(folder, dialect, add_statement, set, &found);
	return corpus_read_command(argv, dialect, add_statement, set);
}

static int compare_length(const void *a, const void *b)
{
	size_t x = ((const struct statement *)a)->len, y = ((const struct statement *)b)->len;

	return (x > y) - (x < y);
}

static void print_distribution(const struct set *set)
{
	static const unsigned quantiles[] = { 10, 50, 90, 99 };
	struct statement *sorted = so_memdup(set->ctx, set->items, set->count * sizeof *sorted);

	qsort(sorted, set->count, sizeof *sorted, compare_length);
	printf("sql.statements\t%zu\tof %zu\nsql.bytes\t%zu\tbytes\n", set->count, set->given, set->bytes);
	printf("sql.length_mean\t%zu\tbytes\n", set->bytes / set->count);
	for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++)
		printf("sql.length_p%u\t%zu\tbytes\n", quantiles[i], sorted[set->count * quantiles[i] / 100].len);
	printf("sql.length_max\t%zu\tbytes\n", set->longest);
	for (int i = 0; i < KINDS && set->kinds[i].name; i++)
		printf("sql.kind.%s\t%u\tstatements\n", set->kinds[i].name, set->kinds[i].count);
	talloc_free(sorted);
}

/* ---- Allocations ------------------------------------------------------------------------------------------------ */

/* The C library's allocator, counted: these stand before its own names for every library of the process. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTED 1
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static uint64_t allocations;

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}
#endif

/* ---- Work: one pass over all statements -------------------------------------------------------------------------- */

struct work {
	const struct set *set;
	enum so_dialect dialect;
	struct so_parser *parser;
	char *padded;
	struct so_token *tokens;
	struct so_ast **trees;
	struct so_ast *ast;
	struct so_buf *out;
	size_t printed, arena;
	uint64_t token_count; /* of all statements */
	uint64_t sink; /* results, so that no work is dropped */
};

/* What succeeds leaves the error alone, so one serves a whole pass: clearing its 536 bytes for each statement would be
 * 3 % of a parse. */
typedef void (*pass_fn)(struct work *work);

static void our_lex(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];
		struct so_lexer lexer = { .text = work->padded, .len = (uint32_t)st->len, .tokens = work->tokens };

		so_lexer_set(&lexer, work->dialect, NULL);
		memcpy(work->padded, st->text, st->len);
		memset(work->padded + st->len, 0, SO_LEX_PADDING);
		so_assert(so_lex(&lexer, &err));
		work->sink += lexer.count;
	}
}

/* A tree of its own for each statement. */
static void our_parse_new(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];
		struct so_ast *ast;

		so_assert(so_sql_parse(NULL, work->parser, work->dialect, st->text, st->len, NULL, &ast, &err));
		work->sink += ast->token_count;
		talloc_free(ast);
	}
}

/* The memory of the last one used again, as the reference does it with its contexts. */
static void our_parse(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	work->arena = 0;
	work->token_count = 0;
	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];

		so_assert(so_sql_parse_again(work->ast, work->parser, st->text, st->len, NULL, &err));
		work->arena += so_ast_arena_used(work->ast);
		work->token_count += work->ast->token_count;
	}
}

static void our_fingerprint(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];
		uint64_t value;

		so_assert(so_sql_fingerprint_text(work->parser, work->dialect, st->text, st->len, NULL, &value, &err));
		work->sink += value;
	}
}

static void our_normalize(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];
		char *text = so_sql_normalize(NULL, work->parser, work->dialect, st->text, st->len, NULL, &err);

		so_assert(text);
		work->sink += (uint64_t)text[0];
		talloc_free(text);
	}
}

static void make_trees(struct work *work)
{
	struct so_err err = SO_ERR_INIT;

	for (size_t i = 0; i < work->set->count; i++) {
		const struct statement *st = &work->set->items[i];

		so_assert(so_sql_parse(
			work->trees, work->parser, work->dialect, st->text, st->len, NULL, &work->trees[i], &err));
	}
}

static void our_print(struct work *work)
{
	work->printed = 0;
	for (size_t i = 0; i < work->set->count; i++) {
		so_buf_reset(work->out);
		so_sql_print_buf(work->out, work->trees[i], so_ast_statement(work->trees[i]));
		work->printed += work->out->len;
	}
}

#ifdef SO_PG_QUERY

/* libpg_query's inner functions, which its public header leaves out. */
extern void *raw_parser(const char *text, int mode);
extern void *pg_query_enter_memory_context(void);
extern void pg_query_exit_memory_context(void *context);

static void their_raw_parse(struct work *work)
{
	for (size_t i = 0; i < work->set->count; i++) {
		void *context = pg_query_enter_memory_context();

		work->sink += raw_parser(work->set->items[i].text, 0) != NULL;
		pg_query_exit_memory_context(context);
	}
}

static void their_protobuf(struct work *work)
{
	for (size_t i = 0; i < work->set->count; i++) {
		PgQueryProtobufParseResult result = pg_query_parse_protobuf(work->set->items[i].text);

		work->sink += result.parse_tree.len;
		pg_query_free_protobuf_parse_result(result);
	}
}

static void their_scan(struct work *work)
{
	for (size_t i = 0; i < work->set->count; i++) {
		PgQueryScanResult result = pg_query_scan(work->set->items[i].text);

		work->sink += result.pbuf.len;
		pg_query_free_scan_result(result);
	}
}

static void their_fingerprint(struct work *work)
{
	for (size_t i = 0; i < work->set->count; i++) {
		PgQueryFingerprintResult result = pg_query_fingerprint(work->set->items[i].text);

		work->sink += result.fingerprint;
		pg_query_free_fingerprint_result(result);
	}
}

static void their_normalize(struct work *work)
{
	for (size_t i = 0; i < work->set->count; i++) {
		PgQueryNormalizeResult result = pg_query_normalize(work->set->items[i].text);

		work->sink += (uint64_t)result.normalized_query[0];
		pg_query_free_normalize_result(result);
	}
}

#endif

/* ---- Measuring -------------------------------------------------------------------------------------------------- */

static int64_t time_of(pass_fn pass, struct work *work)
{
	int64_t from = so_time_thread_cpu_us();

	pass(work);
	return so_time_thread_cpu_us() - from;
}

#ifdef SO_PG_QUERY
/* The reference first, then ours, in turn; the best of each, since the machine is shared. */
static void compare(struct work *work, const char *ratio, const char *reference, pass_fn theirs, pass_fn ours)
{
	int64_t best_theirs = INT64_MAX, best_ours = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t time = time_of(theirs, work);

		best_theirs = time < best_theirs ? time : best_theirs;
		time = time_of(ours, work);
		best_ours = time < best_ours ? time : best_ours;
	}
	printf("%s\t%.2f\tx\n%s\t%.1f\tMB/s\n", ratio, (double)best_theirs / (double)best_ours, reference,
		(double)work->set->bytes / (double)best_theirs);
	fflush(stdout);
}
#endif

static double best_rate(struct work *work, pass_fn pass, const size_t *bytes)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t time = time_of(pass, work);

		best = time < best ? time : best;
	}
	return (double)*bytes / (double)best;
}

static void count_allocations(struct work *work, const char *name, pass_fn pass)
{
#ifdef COUNTED
	pass(work); /* warm */
	allocations = 0;
	pass(work);
	printf("sql.mallocs.%s\t%.3f\tper statement\n", name, (double)allocations / (double)work->set->count);
#else
	(void)work, (void)name, (void)pass;
#endif
}

/* What a rate in bytes says depends on the statements: how many bytes a token has, and how many tokens share what a
 * statement costs before its first one. */
static void print_shape(const struct work *work, int64_t best_us)
{
	const char *name = corpus_dialect_names[work->dialect];

	printf("sql.tokens_mean.%s\t%.1f\ttokens\n", name, (double)work->token_count / (double)work->set->count);
	printf("sql.parse_per_token.%s\t%.1f\tns\n", name, (double)best_us * 1e3 / (double)work->token_count);
}

static void measure_postgresql(struct work *work)
{
	double parse;

#ifdef SO_PG_QUERY
	compare(work, "sql.parse_vs_raw_parse", "sql.reference.raw_parse", their_raw_parse, our_parse);
	compare(work, "sql.parse_vs_protobuf", "sql.reference.protobuf", their_protobuf, our_parse);
	compare(work, "sql.lex_vs_scan", "sql.reference.scan", their_scan, our_lex);
	compare(work, "sql.fingerprint_vs_pg_query", "sql.reference.fingerprint", their_fingerprint, our_fingerprint);
	compare(work, "sql.normalize_vs_pg_query", "sql.reference.normalize", their_normalize, our_normalize);
#endif
	printf("sql.lex\t%.1f\tMB/s\n", best_rate(work, our_lex, &work->set->bytes));
	printf("sql.fingerprint\t%.1f\tMB/s\n", best_rate(work, our_fingerprint, &work->set->bytes));
	printf("sql.normalize\t%.1f\tMB/s\n", best_rate(work, our_normalize, &work->set->bytes));
	parse = best_rate(work, our_parse, &work->set->bytes);
	printf("sql.arena_per_input\t%.2f\tx\n", (double)work->arena / (double)work->set->bytes);
	printf("sql.parse_new\t%.1f\tMB/s\n", best_rate(work, our_parse_new, &work->set->bytes));
	count_allocations(work, "parse", our_parse);
	count_allocations(work, "parse_new", our_parse_new);
	count_allocations(work, "fingerprint", our_fingerprint);
	count_allocations(work, "normalize", our_normalize);
	make_trees(work);
	our_print(work); /* how much it is */
	printf("sql.print\t%.1f\tMB/s\n", best_rate(work, our_print, &work->printed));
	count_allocations(work, "print", our_print);
	printf("sql.parse.postgresql\t%.1f\tMB/s\n", parse);
	print_shape(work, (int64_t)((double)work->set->bytes / parse));
}

/* The time of a pass. So many are timed together that they have about as many bytes as those of PostgreSQL: a pass over
 * few statements would only tell how long the processor takes to get used to another dialect. */
static int64_t time_of_pass(struct work *work, const struct work *postgresql, int64_t *repeated)
{
	int64_t passes = postgresql ? (int64_t)(postgresql->set->bytes / work->set->bytes) : 1, time = 0;

	passes = passes ? passes : 1;
	for (int64_t i = 0; i < passes; i++)
		time += time_of(our_parse, work);
	*repeated = passes;
	return time / passes;
}

/* The speed of a dialect's parser, and how it compares to that of PostgreSQL (NULL: its statements are not there). */
static void measure_other(struct work *work, struct work *postgresql)
{
	const char *name = corpus_dialect_names[work->dialect];
	int64_t best = INT64_MAX, best_postgresql = INT64_MAX, passes = 1;

	for (int i = 0; i < ROUNDS; i++) {
		int64_t time;

		if (postgresql) {
			time = time_of(our_parse, postgresql);
			best_postgresql = time < best_postgresql ? time : best_postgresql;
		}
		time = time_of_pass(work, postgresql, &passes);
		best = time < best ? time : best;
	}
	printf("sql.parse.%s\t%.1f\tMB/s\n", name, (double)work->set->bytes / (double)best);
	if (postgresql)
		printf("sql.parse.%s_vs_postgresql\t%.2f\tx\n", name,
			(double)work->set->bytes / (double)best /
				((double)postgresql->set->bytes / (double)best_postgresql));
	print_shape(work, best);
	printf("sql.passes.%s\t%lld\ttimed together\n", name, (long long)passes);
	printf("sql.statements.%s\t%zu\tof %zu\n", name, work->set->count, work->set->given);
	printf("sql.length_mean.%s\t%zu\tbytes\n", name, work->set->bytes / work->set->count);
}

/* The statements of a dialect and what is needed to work on them; of no statements, nothing. */
static bool set_up(TALLOC_CTX *ctx, struct work *work, struct set *set, enum so_dialect dialect)
{
	*set = (struct set){ .ctx = ctx, .parser = so_parser_new(ctx) };
	*work = (struct work){ .set = set, .dialect = dialect, .parser = so_parser_new(ctx) };
	if (!load(set, dialect)) {
		fprintf(stderr, "bench: no statements for %s\n", corpus_dialect_names[dialect]);
		exit(1);
	}
	if (!set->count)
		return false;
	work->padded = so_new_array(ctx, char, set->longest + SO_LEX_PADDING);
	work->tokens = so_new_array(ctx, struct so_token, set->longest + 2);
	work->ast = so_ast_new(ctx, dialect);
	work->trees = so_new_array(ctx, struct so_ast *, set->count);
	work->out = so_new(ctx, struct so_buf);
	so_buf_init(work->out, ctx, SO_PRINT_MAX);
	return true;
}

int main(void)
{
	struct set reference_set;
	struct work reference;
	TALLOC_CTX *ctx;
	bool compared;

	so_mem_init();
	ctx = talloc_new(NULL);
	compared = set_up(ctx, &reference, &reference_set, SO_POSTGRESQL);
	if (compared) {
		print_distribution(&reference_set);
		measure_postgresql(&reference);
	}
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		TALLOC_CTX *own = talloc_new(ctx);
		struct set set;
		struct work work;

		if (d != SO_POSTGRESQL && set_up(own, &work, &set, (enum so_dialect)d))
			measure_other(&work, compared ? &reference : NULL);
		fflush(stdout);
		talloc_free(own);
	}
	talloc_free(ctx);
	return 0;
}
