/* The planner over a target and rungs 5 and 6, with a driver of canned answers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "engine/conn.h"
#include "verify/verify.h"

/* ---- a driver that plans 1000 without and 10 with an index, and answers digests from a list ---- */

struct fake {
	struct so_conn base;
	struct so_engine_info info;
	struct so_check check;
	int explains, adds, drops, ends, executes, digests;
	uint32_t next_id;
	int alive; /* hypothetical indexes now */
	uint64_t hash_of_rewrite;
	int64_t rows_of_rewrite;
	int64_t us_of_rewrite, us_indexed;
	bool built, truncated, fail_digest;
	char last_execute[256];
};

static const struct so_engine_info *fake_info(struct so_conn *conn, struct so_err *err)
{
	(void)err;
	return &((struct fake *)conn)->info;
}

static bool fake_explain(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql,
	const struct so_explain_options *options, struct so_explain *out, struct so_err *err)
{
	struct fake *fake = (struct fake *)conn;

	(void)options;
	fake->explains++;
	if (strstr(sql, "broken"))
		return so_fail(err, SO_TARGET, "relation \"broken\" does not exist");
	if (fake->alive)
		out->text = so_printf(ctx,
			"[{\"Plan\":{\"Node Type\":\"Index Scan\",\"Index Name\":\"<1>btree_t_a\",\"Relation "
			"Name\":\"t\",\"Alias\":\"t\",\"Startup Cost\":0,\"Total Cost\":10,"
			"\"Plan Rows\":1,\"Plan Width\":4}}]");
	else
		out->text = so_printf(ctx,
			"[{\"Plan\":{\"Node Type\":\"Seq Scan\",\"Relation Name\":\"t\",\"Alias\":\"t\",\"Startup "
			"Cost\":0,\"Total Cost\":1000,\"Plan Rows\":1,"
			"\"Plan Width\":4}}]");
	out->format = "postgresql-json";
	return true;
}

static bool fake_begin(struct so_conn *conn, struct so_err *err)
{
	(void)conn, (void)err;
	return true;
}

static bool fake_add(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ddl, size_t n, struct so_hypo_index *out,
	struct so_err *err)
{
	struct fake *fake = (struct fake *)conn;

	(void)err;
	fake->adds++;
	for (size_t i = 0; i < n; i++) {
		if (strstr(ddl[i], "gin")) {
			out[i] = (struct so_hypo_index){ .size_bytes = -1,
				.refusal = so_strdup(ctx, "access method \"gin\" is not supported") };
			continue;
		}
		out[i] = (struct so_hypo_index){
			.id = ++fake->next_id, .name = so_strdup(ctx, "<1>btree_t_a"), .size_bytes = 8192
		};
		fake->alive++;
	}
	return true;
}

static bool fake_drop(struct so_conn *conn, const uint32_t *ids, size_t n, struct so_err *err)
{
	struct fake *fake = (struct fake *)conn;

	(void)ids, (void)err;
	fake->drops++;
	fake->alive -= (int)n;
	return true;
}

static void fake_end(struct so_conn *conn)
{
	((struct fake *)conn)->ends++;
}

static bool fake_digest(TALLOC_CTX *ctx, struct so_conn *conn, const char *sql, int64_t max_rows, int64_t max_bytes,
	int64_t timeout_ms, struct so_result_digest *out, struct so_err *err)
{
	struct fake *fake = (struct fake *)conn;
	bool rewrite = strstr(sql, "rewritten") != NULL;

	(void)max_rows, (void)max_bytes, (void)timeout_ms;
	fake->digests++;
	if (fake->fail_digest)
		return so_fail(err, SO_TIMEOUT, "canceling statement due to statement timeout");
	*out = (struct so_result_digest){
		.n_rows = rewrite ? fake->rows_of_rewrite : 3,
		.multiset_hash = rewrite ? fake->hash_of_rewrite : 77,
		.n_columns = 1,
		.columns = so_new_array(ctx, char *, 1),
		.types = so_new_array(ctx, char *, 1),
		.exec_us = rewrite       ? fake->us_of_rewrite
			   : fake->built ? fake->us_indexed
					 : 10000,
		.truncated = fake->truncated,
	};
	out->columns[0] = so_strdup(ctx, "id");
	out->types[0] = so_strdup(ctx, "integer");
	return true;
}

static bool fake_execute(
	struct so_conn *conn, const char *sql, int64_t timeout_ms, int64_t lock_timeout_ms, struct so_err *err)
{
	struct fake *fake = (struct fake *)conn;

	(void)timeout_ms, (void)lock_timeout_ms, (void)err;
	fake->executes++;
	fake->built = strncmp(sql, "CREATE", 6) == 0;
	snprintf(fake->last_execute, sizeof fake->last_execute, "%s", sql);
	return true;
}

static const struct so_engine fake_engine = {
	.name = "fake",
	.dialect = "postgresql",
	.info = fake_info,
	.explain = fake_explain,
	.what_if_begin = fake_begin,
	.what_if_add = fake_add,
	.what_if_drop = fake_drop,
	.what_if_end = fake_end,
	.digest = fake_digest,
	.execute = fake_execute,
};

static struct fake *make_fake(TALLOC_CTX *ctx)
{
	struct fake *fake = so_new(ctx, struct fake);

	fake->base.engine = &fake_engine;
	fake->info.caps = SO_CAP_WHAT_IF | SO_CAP_WRITABLE;
	fake->hash_of_rewrite = 77;
	fake->rows_of_rewrite = 3;
	fake->us_of_rewrite = 100;
	fake->us_indexed = 50;
	return fake;
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

/* ---- planner ---- */

static const char *const one_index[] = { "CREATE INDEX ON t (a)" };

static void test_planner_asks_once_for_each_configuration(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_planner *planner = so_verify_planner(*state, &fake->base, 100, NULL, &err);
	struct so_costed out;

	assert_true(planner->can_what_if);
	for (int round = 0; round < 3; round++) {
		assert_true(planner->plan(*state, planner, "SELECT 1", NULL, 0, &out, NULL, &err));
		assert_float_equal(out.cost, 1000, 0.001);
		assert_true(planner->plan(*state, planner, "SELECT 1", one_index, 1, &out, NULL, &err));
		assert_float_equal(out.cost, 10, 0.001);
		assert_int_equal(out.n_used, 1);
	}
	assert_int_equal(fake->explains, 2);
	assert_int_equal(planner->plans_made, 2);
	assert_int_equal(planner->size_bytes(planner, one_index[0]), 8192);
	talloc_free(planner->arg);
	assert_int_equal(fake->ends, 1);
}

static void test_planner_drops_what_a_plan_must_not_use(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_planner *planner = so_verify_planner(*state, &fake->base, 100, NULL, &err);
	struct so_costed out;

	assert_true(planner->plan(*state, planner, "SELECT 1", one_index, 1, &out, NULL, &err));
	assert_true(planner->plan(*state, planner, "SELECT 2", NULL, 0, &out, NULL, &err));
	assert_float_equal(out.cost, 1000, 0.001);
	assert_int_equal(fake->alive, 0);
	talloc_free(planner->arg);
}

static void test_planner_reports_refusals(void **state)
{
	static const char *const ddl[] = { "CREATE INDEX ON t USING gin (a)" };
	struct fake *fake = make_fake(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_planner *planner = so_verify_planner(*state, &fake->base, 100, NULL, &err);
	struct so_costed out;
	char *refusal = NULL;

	assert_true(planner->plan(*state, planner, "SELECT 1", ddl, 1, &out, &refusal, &err));
	assert_non_null(strstr(refusal, "gin"));
	assert_float_equal(out.cost, 1000, 0.001);
	assert_int_equal(planner->size_bytes(planner, ddl[0]), -1);
	talloc_free(planner->arg);
}

static void test_planner_keeps_its_budget(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_planner *planner = so_verify_planner(*state, &fake->base, 1, NULL, &err);
	struct so_costed out;

	assert_true(planner->plan(*state, planner, "SELECT 1", NULL, 0, &out, NULL, &err));
	assert_false(planner->plan(*state, planner, "SELECT 2", NULL, 0, &out, NULL, &err));
	assert_int_equal(err.kind, SO_LIMIT);
	talloc_free(planner->arg);
}

static void test_planner_says_why_there_is_no_what_if(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_err err = SO_ERR_INIT;
	struct so_planner *planner;
	struct so_costed out;

	fake->info.caps = SO_CAP_WHAT_IF_AVAILABLE;
	fake->check = (struct so_check){ .id = "what_if",
		.detail = (char *)"HypoPG is available, not installed",
		.remedy = (char *)"CREATE EXTENSION hypopg" };
	fake->info.n_checks = 1;
	fake->info.checks = &fake->check;
	planner = so_verify_planner(*state, &fake->base, 100, NULL, &err);
	assert_false(planner->can_what_if);
	assert_non_null(strstr(planner->why_not, "CREATE EXTENSION hypopg"));
	assert_true(planner->plan(*state, planner, "SELECT 1", NULL, 0, &out, NULL, &err));
	assert_false(planner->plan(*state, planner, "SELECT 1", one_index, 1, &out, NULL, &err));
	assert_int_equal(err.kind, SO_UNSUPPORTED);
	talloc_free(planner->arg);
}

/* ---- rungs 5 and 6 ---- */

static const struct so_verify_options options = {
	.timeout_ms = 1000, .max_rows = 1000, .max_bytes = 1 << 20, .iterations = 3, .scratch = true
};
static const struct so_verify_statement original = { .sql = "SELECT id FROM t", .pure_read = true };

static struct so_proposal *make_proposal(TALLOC_CTX *ctx, enum so_proposal_kind kind)
{
	struct so_proposal *p = so_proposal_add(so_proposal_list_new(ctx), kind, "rule 1");

	p->sql = so_strdup(p, kind == SO_PROPOSAL_INDEX ? "CREATE INDEX CONCURRENTLY t_a_idx ON shop.t USING btree (a)"
							: "SELECT id FROM t /* rewritten */");
	return p;
}

static void test_equal_results_pass(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_err err = SO_ERR_INIT;

	assert_true(so_verify_same_result(&fake->base, &original, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_PASSED);
	assert_int_equal(p->verdict, SO_VERDICT_OFFERED);
}

static void test_other_rows_reject_the_proposal(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_err err = SO_ERR_INIT;

	fake->hash_of_rewrite = 78;
	assert_true(so_verify_same_result(&fake->base, &original, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_FAILED);
	assert_int_equal(p->verdict, SO_VERDICT_REJECTED);
	assert_non_null(strstr(p->verdict_reason, "not the same ones"));
}

static void test_limit_and_caps_say_nothing(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_verify_statement limited = original;
	struct so_err err = SO_ERR_INIT;

	limited.limited = true;
	fake->hash_of_rewrite = 78;
	assert_true(so_verify_same_result(&fake->base, &limited, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_NOT_POSSIBLE);
	assert_int_equal(p->verdict, SO_VERDICT_OFFERED);
	fake->truncated = true;
	assert_true(so_verify_same_result(&fake->base, &original, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_NOT_POSSIBLE);
	fake->fail_digest = true;
	assert_true(so_verify_same_result(&fake->base, &original, p, &options, &err));
	assert_non_null(strstr(p->rungs[SO_RUNG_SAME_RESULT].reason, "statement timeout"));
}

static void test_nothing_but_pure_reads_is_executed(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_verify_statement write = { .sql = "UPDATE t SET a = 1" }, generic = original;
	struct so_err err = SO_ERR_INIT;

	assert_true(so_verify_same_result(&fake->base, &write, p, &options, &err));
	assert_true(so_verify_measure(&fake->base, &write, p, &options, &err));
	generic.has_params = true;
	assert_true(so_verify_measure(&fake->base, &generic, p, &options, &err));
	assert_int_equal(fake->digests, 0);
	assert_int_equal(p->rungs[SO_RUNG_MEASURED].status, SO_RUNG_NOT_POSSIBLE);
}

/* A statement with parameters is run with each choice of values, never as it stands. */
static void test_parameters_are_run_with_values(void **state)
{
	static const struct so_verify_pair pairs[] = {
		{ "common", "SELECT id FROM t WHERE a = 1", "SELECT id FROM t WHERE a = 1 /* rewritten */" },
		{ "rare", "SELECT id FROM t WHERE a = 2", "SELECT id FROM t WHERE a = 2 /* rewritten */" },
	};
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_verify_statement generic = { .sql = "SELECT id FROM t WHERE a = $1",
		.pure_read = true,
		.has_params = true,
		.n_pairs = 2,
		.pairs = pairs };
	struct so_err err = SO_ERR_INIT;

	assert_true(so_verify_same_result(&fake->base, &generic, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_PASSED);
	assert_non_null(strstr(p->rungs[SO_RUNG_SAME_RESULT].reason, "with common values: "));
	assert_non_null(strstr(p->rungs[SO_RUNG_SAME_RESULT].reason, "with rare values: "));
	assert_int_equal(fake->digests, 4);
	assert_true(so_verify_measure(&fake->base, &generic, p, &options, &err));
	assert_float_equal(p->measured_before_ms, 20, 0.001); /* of both choices */
	assert_float_equal(p->measured_after_ms, 0.2, 0.001);
	fake->hash_of_rewrite = 78;
	assert_true(so_verify_same_result(&fake->base, &generic, p, &options, &err));
	assert_int_equal(p->verdict, SO_VERDICT_REJECTED);
	assert_non_null(strstr(p->verdict_reason, "with common values: "));
}

static void test_an_index_is_timed_with_values(void **state)
{
	static const struct so_verify_pair pairs[] = {
		{ "common", "SELECT id FROM t WHERE a = 1", NULL },
		{ "rare", "SELECT id FROM t WHERE a = 2", NULL },
	};
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_INDEX);
	struct so_verify_statement generic = { .sql = "SELECT id FROM t WHERE a = $1",
		.pure_read = true,
		.has_params = true,
		.n_pairs = 2,
		.pairs = pairs };
	struct so_err err = SO_ERR_INIT;

	assert_true(so_verify_measure(&fake->base, &generic, p, &options, &err));
	assert_int_equal(fake->executes, 2);
	assert_float_equal(p->measured_before_ms, 20, 0.001);
	assert_float_equal(p->measured_after_ms, 0.1, 0.001);
}

static void test_a_faster_rewrite_is_measured(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_err err = SO_ERR_INIT;

	assert_true(so_verify_measure(&fake->base, &original, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_MEASURED].status, SO_RUNG_PASSED);
	assert_float_equal(p->measured_before_ms, 10, 0.001);
	assert_float_equal(p->measured_after_ms, 0.1, 0.001);
	assert_int_equal(fake->digests, 8); /* a warm-up pair and three more */
}

static void test_less_than_a_fifth_is_no_improvement(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_REWRITE);
	struct so_err err = SO_ERR_INIT;

	fake->us_of_rewrite = 9000;
	assert_true(so_verify_measure(&fake->base, &original, p, &options, &err));
	assert_int_equal(p->rungs[SO_RUNG_MEASURED].status, SO_RUNG_FAILED);
	assert_int_equal(p->verdict, SO_VERDICT_REJECTED);
}

static void test_an_index_is_built_timed_and_dropped(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_INDEX);
	struct so_err err = SO_ERR_INIT;

	p->verdict = SO_VERDICT_UNPROVED;
	assert_true(so_verify_measure(&fake->base, &original, p, &options, &err));
	assert_int_equal(fake->executes, 2);
	assert_int_equal(strncmp(fake->last_execute, "DROP INDEX CONCURRENTLY IF EXISTS shop.sqlopt_measure_", 54), 0);
	assert_int_equal(p->verdict, SO_VERDICT_OFFERED);
	assert_float_equal(p->measured_after_ms, 0.05, 0.001);
}

static void test_no_index_is_built_without_permission(void **state)
{
	struct fake *fake = make_fake(*state);
	struct so_proposal *p = make_proposal(*state, SO_PROPOSAL_INDEX);
	struct so_verify_options careful = options;
	struct so_err err = SO_ERR_INIT;

	careful.scratch = false;
	assert_true(so_verify_measure(&fake->base, &original, p, &careful, &err));
	assert_int_equal(fake->executes, 0);
	assert_non_null(strstr(p->rungs[SO_RUNG_MEASURED].reason, "scratch"));
}

static void test_leftovers_of_a_killed_measurement(void **state)
{
	struct fake *fake = make_fake(*state);
	char old[64], young[64], *note;
	struct so_index indexes[] = {
		{ .schema = (char *)"shop", .name = old },
		{ .schema = (char *)"shop", .name = young },
		{ .schema = (char *)"shop", .name = (char *)"sqlopt_measure_of_mine" },
	};
	struct so_table table = { .n_indexes = 3, .indexes = indexes };
	struct so_catalog catalog = { .n_tables = 1, .tables = &table };
	struct so_err err = SO_ERR_INIT;

	snprintf(old, sizeof old, SO_MEASURE_PREFIX "%llx", (unsigned long long)so_time_now_us() - 7200 * 1000000ULL);
	snprintf(young, sizeof young, SO_MEASURE_PREFIX "%llx", (unsigned long long)so_time_now_us());
	/* without the permission they are only told */
	assert_true(so_verify_leftovers(*state, &fake->base, &catalog, false, &note, &err));
	assert_int_equal(fake->executes, 0);
	assert_non_null(strstr(note, old));
	assert_true(so_verify_leftovers(*state, &fake->base, &catalog, true, &note, &err));
	assert_int_equal(fake->executes, 1);
	assert_non_null(strstr(fake->last_execute, old));
	indexes[0].name = young;
	assert_true(so_verify_leftovers(*state, &fake->base, &catalog, true, &note, &err));
	assert_null(note);
	assert_int_equal(fake->executes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_planner_asks_once_for_each_configuration, setup, teardown),
		cmocka_unit_test_setup_teardown(test_planner_drops_what_a_plan_must_not_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_planner_reports_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_planner_keeps_its_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(test_planner_says_why_there_is_no_what_if, setup, teardown),
		cmocka_unit_test_setup_teardown(test_equal_results_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_rows_reject_the_proposal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit_and_caps_say_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_but_pure_reads_is_executed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parameters_are_run_with_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_index_is_timed_with_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_faster_rewrite_is_measured, setup, teardown),
		cmocka_unit_test_setup_teardown(test_less_than_a_fifth_is_no_improvement, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_index_is_built_timed_and_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_index_is_built_without_permission, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers_of_a_killed_measurement, setup, teardown),
	};

	so_mem_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
