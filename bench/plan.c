/* How long a 1 MB plan takes from text to findings, against jansson's own parse of the same text: prints
 * `plan.read_vs_jansson<TAB>ratio<TAB>x`. Then how fast plans of 12 MB are read in each format (conditions
 * parsed, figures derived): `plan.pg_text<TAB>rate<TAB>MB/s` and so on; of JSON and XML also as a multiple of a bare
 * parse. With a name, only that format; `large`: 50 MB and 5,000 nodes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/findings.h"
#include "plan_forms.h"

#define ROUNDS 15

static int64_t parse_only(const char *text, size_t len)
{
	json_error_t at;
	int64_t from = so_time_thread_cpu_us();
	json_t *doc = json_loadb(text, len, 0, &at);

	so_assert(doc);
	json_decref(doc);
	return so_time_thread_cpu_us() - from;
}

static int64_t read_and_judge(TALLOC_CTX *ctx, const char *text, size_t len, size_t *n_findings)
{
	int64_t from = so_time_thread_cpu_us();
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;
	struct so_finding_list *list = so_finding_list_new(ctx);

	if (!so_plan_read(ctx, text, len, &plan, &err)) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	so_plan_findings(plan, NULL, NULL, list);
	*n_findings = list->count;
	talloc_free(plan);
	talloc_free(list);
	return so_time_thread_cpu_us() - from;
}

/* A pass of expat that does nothing: what no reader of XML can be faster than. */
static int64_t expat_only(const char *text, size_t len)
{
	int64_t from = so_time_thread_cpu_us();
	XML_Parser parser = XML_ParserCreate("UTF-8");

	so_assert(parser && XML_Parse(parser, text, (int)len, 1) == XML_STATUS_OK);
	XML_ParserFree(parser);
	return so_time_thread_cpu_us() - from;
}

/* The plan of a form, about `bytes` long. */
static void write_form(struct so_buf *buf, TALLOC_CTX *ctx, const struct so_bench_form *form, size_t bytes)
{
	so_buf_init(buf, ctx, 128 << 20);
	so_buf_adds(buf, form->head);
	for (int i = 0; buf->len < bytes; i++)
		form->member(buf, i);
	so_buf_adds(buf, form->tail);
}

struct timed {
	double mb_s, bare_mb_s; /* the reader; the bare parser of its syntax, or 0 */
	size_t bytes;
	int32_t nodes;
};

static struct timed time_form(TALLOC_CTX *ctx, const struct so_bench_form *form, size_t bytes)
{
	int64_t best = INT64_MAX, best_bare = INT64_MAX;
	int rounds = bytes > (20 << 20) ? 2 : bytes > (4 << 20) ? 5 : ROUNDS;
	bool xml = form->head[0] == '<', json = form->head[0] == '{' || form->head[0] == '[';
	TALLOC_CTX *own = talloc_new(ctx);
	struct timed out = { 0 };
	struct so_buf buf;

	write_form(&buf, own, form, bytes);
	for (int i = 0; i < rounds; i++) {
		int64_t bare = xml    ? expat_only(so_buf_text(&buf), buf.len)
			       : json ? parse_only(so_buf_text(&buf), buf.len)
				      : INT64_MAX;
		int64_t from = so_time_thread_cpu_us();
		struct so_err err = SO_ERR_INIT;
		struct so_plan *plan;

		if (!so_plan_read(ctx, so_buf_text(&buf), buf.len, &plan, &err)) {
			fprintf(stderr, "%s: %s\n", form->name, err.message);
			exit(1);
		}
		from = so_time_thread_cpu_us() - from;
		best = from < best ? from : best;
		best_bare = bare < best_bare ? bare : best_bare;
		out.nodes = plan->n_nodes;
		talloc_free(plan);
	}
	out.bytes = buf.len;
	out.mb_s = (double)buf.len / (double)best;
	out.bare_mb_s = xml || json ? (double)buf.len / (double)best_bare : 0;
	talloc_free(own);
	return out;
}

/* A format at 12 MB: its rate, what it takes in times of a bare parse, and what a byte takes in times of one at 1 MB.
 */
static void time_format(TALLOC_CTX *ctx, const struct so_bench_form *form)
{
	struct timed large = time_form(ctx, form, 12 << 20), small = time_form(ctx, form, 1 << 20);

	printf("plan.%s\t%.1f\tMB/s\n", form->name, large.mb_s);
	if (large.bare_mb_s > 0)
		printf("plan.%s_vs_%s\t%.2f\tx\n", form->name, form->head[0] == '<' ? "expat" : "jansson",
			large.bare_mb_s / large.mb_s);
	printf("plan.%s_12MB_vs_1MB\t%.2f\tx\n", form->name, small.mb_s / large.mb_s);
	fflush(stdout);
}

/* The largest plans that are promised: 50 MB of text, XML, YAML and PostgreSQL's JSON, and a tree of 5,000 nodes. */
static void time_large(TALLOC_CTX *ctx)
{
	for (const struct so_bench_form *form = so_bench_forms; form->name; form++)
		if (strcmp(form->name, "pg_json") == 0 || (*form->head != '{' && *form->head != '[')) {
			struct timed timed = time_form(ctx, form, 50 << 20);

			printf("plan.%s_50MB\t%.1f\tMB/s\n", form->name, timed.mb_s);
			if (strcmp(form->name, "pg_json") != 0)
				continue;
			timed = time_form(ctx, form, 3520000);
			printf("plan.tree_nodes\t%d\tnodes\nplan.tree\t%.1f\tms\n", (int)timed.nodes,
				(double)timed.bytes / timed.mb_s / 1000);
		}
}

static void compare_with_jansson(TALLOC_CTX *ctx)
{
	int64_t best_parse = INT64_MAX, best_read = INT64_MAX;
	struct so_buf buf;
	size_t n_findings = 0;
	int members = 0;

	so_buf_init(&buf, ctx, 4 << 20);
	so_buf_adds(&buf, "[{\"Plan\": {\"Node Type\": \"Append\", \"Startup Cost\": 0.00, \"Total Cost\": 2000000.00, "
			  "\"Plan Rows\": 90000, "
			  "\"Plan Width\": 36, \"Actual Startup Time\": 0.1, \"Actual Total Time\": 9000.0, \"Actual "
			  "Rows\": 90000, "
			  "\"Actual Loops\": 1, \"Plans\": [");
	while (buf.len < 1000000) {
		so_buf_adds(&buf, members ? ",\n" : "");
		so_bench_json_member(&buf, members++);
	}
	so_buf_adds(&buf, "]}, \"Planning Time\": 1.5, \"Execution Time\": 9001.2}]");
	/* in turn, best of all: the machine is shared */
	for (int i = 0; i < ROUNDS; i++) {
		int64_t parse = parse_only(so_buf_text(&buf), buf.len);
		int64_t read = read_and_judge(ctx, so_buf_text(&buf), buf.len, &n_findings);

		best_parse = parse < best_parse ? parse : best_parse;
		best_read = read < best_read ? read : best_read;
	}
	printf("plan.jansson\t%.2f\tms\nplan.read\t%.2f\tms\nplan.findings\t%zu\tfindings\n", (double)best_parse / 1000,
		(double)best_read / 1000, n_findings);
	printf("plan.read_vs_jansson\t%.2f\tx\n", (double)best_read / (double)best_parse);
}

int main(int argc, char **argv)
{
	TALLOC_CTX *ctx = talloc_new(NULL);

	if (argc < 2)
		compare_with_jansson(ctx);
	for (const struct so_bench_form *form = so_bench_forms; form->name; form++)
		if (argc < 2 || strcmp(argv[1], form->name) == 0)
			time_format(ctx, form);
	if (argc < 2 || strcmp(argv[1], "large") == 0)
		time_large(ctx);
	talloc_free(ctx);
	return 0;
}
