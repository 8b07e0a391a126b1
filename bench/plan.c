/* How long a 1 MB plan takes from text to findings, against jansson's own parse of the same text. Prints
 * `plan.read_vs_jansson<TAB>ratio<TAB>x`. The plan is made of the captures' most common nodes under one Append. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/clock.h"
#include "plan/findings.h"

#define ROUNDS 15

static const char buffers[] = "\"Shared Hit Blocks\": 2645, \"Shared Read Blocks\": 12, \"Shared Dirtied Blocks\": 0, "
			      "\"Shared Written Blocks\": 0, \"Local Hit Blocks\": 0, \"Local Read Blocks\": 0, "
			      "\"Local Dirtied Blocks\": 0, \"Local Written Blocks\": 0, \"Temp Read Blocks\": 0, "
			      "\"Temp Written Blocks\": 0, \"I/O Read Time\": 0.112, \"I/O Write Time\": 0.000";

/* A join of two filtered scans, about 2.8 kB, different in names and figures. */
static void add_member(struct so_buf *buf, int i)
{
	so_buf_addf(buf,
		"%s{\"Node Type\": \"Hash Join\", \"Parent Relationship\": \"Member\", \"Parallel Aware\": false, "
		"\"Async Capable\": false, \"Join Type\": \"Inner\", \"Startup Cost\": 4.50, \"Total Cost\": %d.79, "
		"\"Plan Rows\": 250, \"Plan Width\": 36, \"Actual Startup Time\": 0.046, \"Actual Total Time\": "
		"13.118, "
		"\"Actual Rows\": 240, \"Actual Loops\": 1, \"Inner Unique\": true, \"Hash Cond\": \"(o_%d.user_id = "
		"u_%d.id)\", %s, "
		"\"Plans\": [",
		i ? ",\n" : "", 4000 + i, i, i, buffers);
	so_buf_addf(buf,
		"{\"Node Type\": \"Seq Scan\", \"Parent Relationship\": \"Outer\", \"Parallel Aware\": false, \"Async "
		"Capable\": false, "
		"\"Relation Name\": \"orders_%d\", \"Schema\": \"shop\", \"Alias\": \"o_%d\", \"Startup Cost\": 0.00, "
		"\"Total Cost\": 1703.00, "
		"\"Plan Rows\": 400, \"Plan Width\": 36, \"Actual Startup Time\": 0.009, \"Actual Total Time\": 9.182, "
		"\"Actual Rows\": 380, \"Actual Loops\": 1, \"Filter\": \"((o_%d.status = 'pending'::text) AND "
		"(o_%d.created_at >= "
		"'2025-01-01 00:00:00+00'::timestamp with time zone))\", \"Rows Removed by Filter\": %d, %s},",
		i, i, i, i, 40000 + i, buffers);
	so_buf_addf(buf,
		"{\"Node Type\": \"Hash\", \"Parent Relationship\": \"Inner\", \"Parallel Aware\": false, \"Async "
		"Capable\": false, "
		"\"Startup Cost\": 4.50, \"Total Cost\": 4.50, \"Plan Rows\": 1, \"Plan Width\": 36, \"Actual Startup "
		"Time\": 0.041, "
		"\"Actual Total Time\": 0.041, \"Actual Rows\": 1, \"Actual Loops\": 1, \"Hash Buckets\": 1024, "
		"\"Original Hash Buckets\": 1024, \"Hash Batches\": 1, \"Original Hash Batches\": 1, \"Peak Memory "
		"Usage\": 9, %s, \"Plans\": ["
		"{\"Node Type\": \"Index Scan\", \"Parent Relationship\": \"Outer\", \"Parallel Aware\": false, "
		"\"Async Capable\": false, "
		"\"Scan Direction\": \"Forward\", \"Index Name\": \"users_%d_pkey\", \"Relation Name\": \"users_%d\", "
		"\"Schema\": \"shop\", "
		"\"Alias\": \"u_%d\", \"Startup Cost\": 0.00, \"Total Cost\": 4.50, \"Plan Rows\": 1, \"Plan Width\": "
		"36, "
		"\"Actual Startup Time\": 0.010, \"Actual Total Time\": 0.025, \"Actual Rows\": 1, \"Actual Loops\": "
		"1, "
		"\"Index Cond\": \"(u_%d.id = 17)\", %s}]}]}",
		buffers, i, i, i, i, buffers);
}

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

int main(void)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
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
	while (buf.len < 1000000)
		add_member(&buf, members++);
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
	talloc_free(ctx);
	return 0;
}
