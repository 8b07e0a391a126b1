/* The advisor as a whole, on the demo shop: statements in, proposals out, with the costs that PostgreSQL answered. */
#include "advise_fixture.h"

#include "advise/advise.h"
#include "advise/fkeys.h"

struct fixture {
	TALLOC_CTX *root;
	struct so_catalog *catalog;
	struct fx_planner *planner;
	struct so_advise_options options;
	const struct so_finding_list *findings;
	struct so_proposal_list *out;
	struct so_advise_summary summary;
	struct so_err err;
};

static int setup(void **state)
{
	struct fixture *f = so_new(NULL, struct fixture);

	f->root = f;
	f->catalog = fx_catalog(f);
	f->planner = fx_planner_new(f);
	f->err = (struct so_err)SO_ERR_INIT;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static bool try_advise(struct fixture *f, const char *sql)
{
	struct so_rewriter rw = fx_rewriter(f, f->catalog, sql);
	struct so_costed base = { 0 };
	struct so_advise_input input = { .sql = sql,
		.ast = rw.ast,
		.resolved = rw.resolved,
		.catalog = f->catalog,
		.planner = &f->planner->pub,
		.options = f->options };

	if (f->planner->fail_after != 0) {
		assert_true(fx_plan(f, &f->planner->pub, sql, NULL, 0, &base, NULL, &f->err));
		f->planner->pub.plans_made = 0;
	}
	input.plan = base.plan;
	input.findings = f->findings;
	f->out = so_proposal_list_new(f);
	return so_advise_query(f, &input, f->out, &f->summary, &f->err);
}

static void advise(struct fixture *f, const char *sql)
{
	if (!try_advise(f, sql))
		fail_msg("%s: %s", sql, f->err.message);
}

static const struct so_proposal *find_sql(const struct fixture *f, enum so_verdict verdict, const char *sql)
{
	for (size_t i = 0; i < f->out->count; i++)
		if (f->out->items[i]->verdict == verdict && f->out->items[i]->sql &&
			strcmp(f->out->items[i]->sql, sql) == 0)
			return f->out->items[i];
	return NULL;
}

static size_t count_verdict(const struct fixture *f, enum so_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < f->out->count; i++)
		n += f->out->items[i]->verdict == verdict;
	return n;
}

#define INDEX(name, rest) "CREATE INDEX CONCURRENTLY " name " ON shop." rest

static const struct {
	const char *sql, *offered;
	double least_gain;
} offers[] = {
	{ "SELECT * FROM users WHERE email = 'user4711@example.com'",
		INDEX("users_email_idx", "users USING btree (email)"), 500 },
	{ "SELECT id, total, created_at FROM orders WHERE user_id = 42 ORDER BY created_at DESC LIMIT 20",
		INDEX("orders_user_id_created_at_idx", "orders USING btree (user_id, created_at)"), 100 },
	{ "SELECT id, total, created_at FROM orders WHERE status = 'pending' ORDER BY created_at LIMIT 20",
		INDEX("orders_created_at_pending_idx", "orders USING btree (created_at) WHERE status = 'pending'"),
		100 },
	{ "SELECT id, full_name FROM users WHERE lower(email) = 'user4711@example.com'",
		INDEX("users_lower_email_idx", "users USING btree (lower(email))"), 2 },
	{ "SELECT id, kind FROM events WHERE created_at > '2025-12-01' AND user_id = 42",
		INDEX("events_user_id_created_at_idx", "events USING btree (user_id, created_at)"), 20 },
	{ "SELECT product_id, sum(quantity) FROM order_items WHERE product_id BETWEEN 1000 AND 1039 GROUP BY "
	  "product_id",
		INDEX("order_items_product_id_incl_quantity_idx",
			"order_items USING btree (product_id) INCLUDE (quantity)"),
		100 },
	{ "SELECT o.id, o.created_at, oi.quantity FROM order_items oi JOIN orders o ON o.id = oi.order_id WHERE "
	  "oi.product_id = 777",
		INDEX("order_items_product_id_idx", "order_items USING btree (product_id)"), 20 },
	{ "SELECT id, email, last_login FROM users WHERE status = 'blocked' AND last_login > '2025-12-01' ORDER BY "
	  "last_login DESC "
	  "LIMIT 50",
		INDEX("users_last_login_blocked_idx", "users USING btree (last_login) WHERE status = 'blocked'"), 20 },
	{ "SELECT o.id, o.user_id, o.total FROM orders o WHERE o.id BETWEEN 300000 AND 300029 AND o.total > 1.9 * "
	  "(SELECT "
	  "avg(i.total) FROM orders i WHERE i.user_id = o.user_id)",
		INDEX("orders_user_id_idx", "orders USING btree (user_id)"), 100 },
	{ "SELECT id, name, price FROM products WHERE attrs->>'brand' = 'Brand 17'",
		INDEX("products_attrs_brand_idx", "products USING btree ((attrs->>'brand'))"), 2 },
	{ "SELECT id, sku, name FROM products WHERE sku LIKE 'SKU-00012%'",
		INDEX("products_sku_pattern_idx", "products USING btree (sku text_pattern_ops)"), 100 },
	{ "SELECT id, total FROM orders WHERE date_trunc('day', created_at) = '2025-03-01'",
		"SELECT id, total FROM orders WHERE created_at >= '2025-03-01' AND created_at < '2025-03-02'", 100 },
	{ "SELECT id, kind FROM events WHERE created_at::date = '2025-03-01'",
		"SELECT id, kind FROM events WHERE created_at >= '2025-03-01' AND created_at < '2025-03-02'", 100 },
	{ "SELECT id, total FROM orders WHERE coalesce(coupon_code, '') = 'C77'",
		"SELECT id, total FROM orders WHERE coupon_code = 'C77'", 20 },
	{ "SELECT id, total FROM orders WHERE id + 1 = 500000", "SELECT id, total FROM orders WHERE id = 499999", 100 },
	{ "SELECT id, total FROM orders WHERE id = 4711.0", "SELECT id, total FROM orders WHERE id = 4711", 100 },
	{ "SELECT c.id, c.name FROM categories c WHERE c.parent_id IS NULL AND (SELECT count(*) FROM orders WHERE "
	  "status = "
	  "'delivered') > 0",
		"SELECT c.id, c.name FROM categories c WHERE c.parent_id IS NULL AND EXISTS (SELECT 1 FROM orders "
		"WHERE status = "
		"'delivered')",
		100 },
	{ "SELECT u.id, u.email FROM users u WHERE u.id BETWEEN 1000 AND 1024 AND (SELECT count(*) FROM reviews r "
	  "WHERE r.user_id = "
	  "u.id) > 0",
		"SELECT u.id, u.email FROM users u WHERE u.id BETWEEN 1000 AND 1024 AND EXISTS (SELECT 1 FROM reviews "
		"r WHERE r.user_id "
		"= u.id)",
		10 },
	{ "WITH x AS MATERIALIZED (SELECT * FROM orders) SELECT id, total FROM x WHERE id = 99",
		"WITH x AS (SELECT * FROM orders) SELECT id, total FROM x WHERE id = 99", 100 },
	{ "SELECT DISTINCT id, total FROM orders", "SELECT id, total FROM orders", 2 },
	{ "SELECT o.id, o.total FROM orders o WHERE o.created_at >= '2025-12-31 22:30' AND o.id NOT IN (SELECT "
	  "p.order_id FROM "
	  "payments p)",
		"SELECT o.id, o.total FROM orders o WHERE o.created_at >= '2025-12-31 22:30' AND NOT EXISTS (SELECT "
		"p.order_id FROM "
		"payments p WHERE p.order_id = o.id)",
		100 },
	{ "UPDATE orders SET status = 'lost' WHERE user_id = 42",
		INDEX("orders_user_id_idx", "orders USING btree (user_id)"), 100 },
	{ "SELECT max(total) FROM orders WHERE user_id = 42",
		INDEX("orders_user_id_total_idx", "orders USING btree (user_id, total)"), 100 },
	{ "SELECT id FROM orders WHERE user_id = 42 OR coupon_code = 'C77'",
		INDEX("orders_user_id_idx", "orders USING btree (user_id)"), 20 },
	{ "SELECT u.email, o.total FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = 42",
		INDEX("orders_user_id_idx", "orders USING btree (user_id)"), 100 },
	{ "SELECT id FROM orders ORDER BY total DESC, created_at LIMIT 10",
		INDEX("orders_total_created_at_idx", "orders USING btree (total, created_at DESC)"), 100 },
};

static void test_offers(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
		const struct so_proposal *p;

		advise(f, offers[i].sql);
		p = find_sql(f, SO_VERDICT_OFFERED, offers[i].offered);
		if (!p) {
			for (size_t k = 0; k < f->out->count; k++)
				print_error("  %s: %s\n", so_verdict_name(f->out->items[k]->verdict),
					f->out->items[k]->sql);
			fail_msg("%s: not offered: %s", offers[i].sql, offers[i].offered);
		}
		if (so_proposal_gain(p) < offers[i].least_gain)
			fail_msg("%s: gain %.1f", offers[i].sql, so_proposal_gain(p));
		assert_int_equal(p->rungs[SO_RUNG_PARSED].status, SO_RUNG_PASSED);
		assert_int_equal(p->rungs[SO_RUNG_RESOLVED].status, SO_RUNG_PASSED);
		assert_int_equal(p->rungs[SO_RUNG_PLANNED].status, SO_RUNG_PASSED);
		assert_int_equal(p->rungs[SO_RUNG_EQUIVALENT].status, SO_RUNG_PASSED);
		assert_int_equal(p->rungs[SO_RUNG_SAME_RESULT].status, SO_RUNG_NOT_RUN);
		assert_false(f->summary.fine);
		assert_true(f->summary.complete);
	}
}

static const struct {
	const char *sql, *reason;
} controls[] = {
	{ "SELECT * FROM products WHERE id = 4711", "one row through the primary key products_pkey" },
	{ "SELECT * FROM categories WHERE name = 'Category 17'", "categories is so small" },
	{ "SELECT count(*) FROM order_items", "reads the whole of order_items by design" },
	{ "SELECT id, amount FROM payments WHERE provider_ref = '100000777' OR provider_ref = '100000778' OR "
	  "provider_ref = "
	  "'100000779'",
		"existing indexes serve its conditions (payments_provider_ref_idx)" },
	{ "SELECT * FROM coupons WHERE code = 'C4711'", "one row through the primary key coupons_pkey" },
};

static void test_healthy_statements_are_left_alone(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
		advise(f, controls[i].sql);
		assert_int_equal(f->out->count, 0);
		assert_true(f->summary.fine);
		if (!strstr(f->summary.reason, controls[i].reason))
			fail_msg("%s: %s", controls[i].sql, f->summary.reason);
	}
}

static void test_nullable_not_in_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT c.code FROM coupons c WHERE c.code NOT IN (SELECT r.referrer_code FROM coupons r)");
	assert_int_equal(count_verdict(f, SO_VERDICT_OFFERED), 0);
	p = find_sql(f, SO_VERDICT_REJECTED,
		"SELECT c.code FROM coupons c WHERE NOT EXISTS (SELECT r.referrer_code FROM coupons r WHERE "
		"r.referrer_code = c.code)");
	assert_non_null(p);
	assert_non_null(strstr(p->verdict_reason, "coupons.referrer_code may be NULL"));
	assert_int_equal(p->rungs[SO_RUNG_EQUIVALENT].status, SO_RUNG_FAILED);
	assert_int_equal(p->rungs[SO_RUNG_PLANNED].status, SO_RUNG_NOT_RUN);
	assert_false(f->summary.fine);
}

static void test_text_as_number_is_unproved(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT id, amount FROM payments WHERE provider_ref::bigint = 100000777");
	assert_int_equal(count_verdict(f, SO_VERDICT_OFFERED), 0);
	p = find_sql(f, SO_VERDICT_UNPROVED, "SELECT id, amount FROM payments WHERE provider_ref = '100000777'");
	assert_non_null(p);
	assert_non_null(strstr(p->verdict_reason, "0100000777"));
	assert_int_equal(p->rungs[SO_RUNG_EQUIVALENT].status, SO_RUNG_FAILED);
}

static void test_trigram_is_shown_until_it_is_measured(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT id, product_id FROM reviews WHERE body LIKE '%refund%'");
	p = find_sql(f, SO_VERDICT_UNPROVED, INDEX("reviews_body_trgm_idx", "reviews USING gin (body gin_trgm_ops)"));
	assert_non_null(p);
	assert_int_equal(p->rungs[SO_RUNG_PLANNED].status, SO_RUNG_NOT_POSSIBLE);
	assert_non_null(strstr(p->rungs[SO_RUNG_PLANNED].reason, "gin"));
	assert_int_equal(p->cost_source, SO_FIGURE_ESTIMATED);
}

static void test_useless_index_is_told_with_its_figures(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT id, sku, name FROM products WHERE sku LIKE 'SKU-00012%'");
	p = find_sql(f, SO_VERDICT_REJECTED, INDEX("products_sku_idx", "products USING btree (sku)"));
	assert_non_null(p);
	assert_float_equal(p->cost_before, p->cost_after, 0.001);
	assert_non_null(strstr(p->verdict_reason, "of no use: planner cost 1828.00 -> 1828.00"));
}

static void test_rewrites_together(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT o.id FROM orders o WHERE o.created_at::date = date '2025-03-01' AND id NOT IN (SELECT "
		  "order_id FROM payments "
		  "WHERE id > 3 OR id < 7) AND (SELECT count(*) FROM order_items i WHERE i.order_id = o.id) > 0");
	p = f->out->items[0];
	assert_string_equal(p->origin, "rules 10, 1, 4");
	assert_string_equal(p->sql, "SELECT o.id FROM orders o WHERE o.created_at >= '2025-03-01' AND o.created_at < "
				    "'2025-03-02' AND NOT EXISTS (SELECT "
				    "order_id FROM payments WHERE (id > 3 OR id < 7) AND order_id = o.id) AND EXISTS "
				    "(SELECT 1 FROM order_items i WHERE "
				    "i.order_id = o.id)");
}

static void test_stale_statistics(void **state)
{
	struct fixture *f = *state;

	advise(f, "SELECT * FROM shipments WHERE carrier = 'drone'");
	assert_non_null(find_sql(f, SO_VERDICT_OFFERED, "ANALYZE shop.shipments"));
}

static void test_schema_hygiene_is_apart(void **state)
{
	struct fixture *f = *state;
	bool redundant = false;

	advise(f, "SELECT count(*) FROM order_items");
	assert_true(f->summary.fine);
	for (size_t i = 0; i < f->summary.hygiene->count; i++)
		redundant = redundant || strcmp(f->summary.hygiene->items[i]->sql,
						 "DROP INDEX CONCURRENTLY shop.order_items_order_id_idx") == 0;
	assert_true(redundant);
}

static void test_without_what_if(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	f->planner->pub.can_what_if = false;
	f->planner->pub.why_not = "HypoPG is not installed";
	advise(f, "SELECT * FROM users WHERE email = 'user4711@example.com'");
	p = find_sql(f, SO_VERDICT_OFFERED, INDEX("users_email_idx", "users USING btree (email)"));
	assert_non_null(p);
	assert_int_equal(p->cost_source, SO_FIGURE_ESTIMATED);
	assert_int_equal(p->rungs[SO_RUNG_PLANNED].status, SO_RUNG_NOT_POSSIBLE);
	assert_string_equal(p->rungs[SO_RUNG_PLANNED].reason, "HypoPG is not installed");
	assert_true(p->cost_after < 50);
	assert_int_equal(f->planner->pub.plans_made, 1);
	advise(f, "SELECT id, total, created_at FROM orders WHERE user_id = 42 ORDER BY created_at DESC LIMIT 20");
	assert_non_null(find_sql(f, SO_VERDICT_OFFERED,
		INDEX("orders_user_id_created_at_idx", "orders USING btree (user_id, created_at)")));
}

static void test_budget_of_plans(void **state)
{
	struct fixture *f = *state;

	f->planner->fail_after = 2;
	advise(f, "SELECT id, total, created_at FROM orders WHERE user_id = 42 ORDER BY created_at DESC LIMIT 20");
	assert_false(f->summary.complete);
	assert_false(f->summary.fine);
	assert_non_null(strstr(f->summary.reason, "budget of 2 plans"));
	f->planner->fail_after = 0;
	assert_false(try_advise(f, "SELECT * FROM users WHERE email = 'user4711@example.com'"));
}

static void test_cancelled(void **state)
{
	struct fixture *f = *state;

	f->options.cancel = so_cancel_new(f, 0);
	so_cancel_request(f->options.cancel);
	assert_false(try_advise(f, "SELECT * FROM users WHERE email = 'user4711@example.com'"));
	assert_int_equal(f->err.kind, SO_CANCELLED);
}

static void test_descent_is_added(void **state)
{
	struct fixture *f = *state;
	const struct so_proposal *p;

	advise(f, "SELECT * FROM users WHERE email = 'user4711@example.com'");
	p = find_sql(f, SO_VERDICT_OFFERED, INDEX("users_email_idx", "users USING btree (email)"));
	assert_float_equal(p->cost_after, 8.06 + 3 * 0.125, 0.02); /* a root, a level and the leaves */
}

/* Renames the relation of every node of a recorded plan. */
static void rename_relation(json_t *node, const char *name)
{
	size_t i;
	json_t *child;

	if (json_object_get(node, "Relation Name"))
		json_object_set_new(node, "Relation Name", json_string(name));
	json_array_foreach(json_object_get(node, "Plans"), i, child) rename_relation(child, name);
}

static void test_inheritance_children_spoil_keys(void **state)
{
	struct fixture *f = *state;
	const char *sql = "SELECT DISTINCT id, total FROM orders";
	const json_t *answer = fx_find_answer(f->planner, sql, NULL, 0);

	rename_relation(json_object_get(json_array_get(json_object_get(answer, "plan"), 0), "Plan"), "orders_2019");
	advise(f, sql);
	assert_int_equal(count_verdict(f, SO_VERDICT_OFFERED), 0);
	assert_int_equal(count_verdict(f, SO_VERDICT_UNPROVED), 1);
	assert_non_null(strstr(f->out->items[0]->verdict_reason, "orders_2019"));
}

static void test_nothing_is_left_behind(void **state)
{
	struct fixture *f = *state;
	TALLOC_CTX *ctx = talloc_new(f);
	struct so_rewriter rw = fx_rewriter(f, f->catalog, offers[6].sql);
	struct so_advise_input input = { .sql = offers[6].sql,
		.ast = rw.ast,
		.resolved = rw.resolved,
		.catalog = f->catalog,
		.planner = &f->planner->pub };
	size_t before = talloc_total_blocks(f);

	f->out = so_proposal_list_new(ctx);
	assert_true(so_advise_query(ctx, &input, f->out, &f->summary, &f->err));
	talloc_free(ctx);
	assert_int_equal(talloc_total_blocks(f), before - 1);
}

/* Without names nothing is known of any column, and nothing is guessed. */
static void test_unresolved_names(void **state)
{
	struct fixture *f = *state;
	struct so_rewriter rw = fx_rewriter(f, f->catalog, offers[0].sql);
	struct so_advise_input input = {
		.sql = offers[0].sql, .ast = rw.ast, .catalog = f->catalog, .planner = &f->planner->pub
	};

	f->out = so_proposal_list_new(f);
	assert_true(so_advise_query(f, &input, f->out, &f->summary, &f->err));
	assert_int_equal(f->out->count, 0);
	assert_int_equal(f->summary.n_candidates, 0);
	assert_false(f->summary.fine);
	assert_non_null(strstr(f->summary.reason, "names of the statement"));
}

static const struct {
	const char *before, *after, *difference;
} outputs[] = {
	{ "SELECT id, total FROM orders", "SELECT o.id, o.total FROM orders o", NULL },
	{ "SELECT * FROM orders", "SELECT * FROM orders WHERE true", NULL },
	{ "SELECT (SELECT count(*) FROM users) > 0", "SELECT EXISTS (SELECT 1 FROM users) AS \"?column?\"", NULL },
	{ "SELECT (SELECT count(*) FROM users) > 0", "SELECT EXISTS (SELECT 1 FROM users)",
		"column 1 is called \"exists\" instead of \"?column?\"" },
	{ "SELECT id, total FROM orders", "SELECT id FROM orders", "1 columns instead of 2" },
	{ "SELECT id, total FROM orders", "SELECT total, id FROM orders",
		"column 1 is called \"total\" instead of \"id\"" },
	{ "SELECT id FROM orders", "SELECT id::text AS id FROM orders", "column \"id\" is text instead of integer" },
	{ "DELETE FROM orders WHERE id = 1 RETURNING id", "DELETE FROM orders WHERE id = 1", "0 columns instead of 1" },
};

static void test_output_difference(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
		struct so_rewriter a = fx_rewriter(f, f->catalog, outputs[i].before);
		struct so_rewriter b = fx_rewriter(f, f->catalog, outputs[i].after);
		const char *difference = so_rewrite_output_difference(f, a.resolved, b.resolved);

		if (!outputs[i].difference)
			assert_null(difference);
		else
			assert_string_equal(difference, outputs[i].difference);
	}
}

static const struct {
	const char *sql, *findings[3], *answered;
} answers[] = {
	{ "WITH x AS MATERIALIZED (SELECT * FROM orders) SELECT id, total FROM x WHERE id = 99",
		{ "sort-spill", "materialized-cte" }, "materialized-cte" },
	{ "SELECT DISTINCT id, total FROM orders", { "hashagg-spill", "distinct-unneeded" }, "distinct-unneeded" },
	{ "SELECT id, total FROM orders WHERE id = 4711.0", { "implicit-conversion" }, "implicit-conversion" },
	{ "SELECT u.id, u.email FROM users u WHERE u.id BETWEEN 1000 AND 1024 AND (SELECT count(*) FROM reviews r "
	  "WHERE r.user_id = u.id) > 0",
		{ "correlated-subplan", "count-for-existence" }, "count-for-existence" },
};

static void test_rewrites_name_their_finding(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct so_finding_list *findings = so_finding_list_new(f);
		bool found = false;

		for (size_t k = 0; k < 3 && answers[i].findings[k]; k++)
			so_finding_add(findings, answers[i].findings[k], SO_SEVERITY_MEDIUM);
		f->findings = findings;
		advise(f, answers[i].sql);
		for (size_t k = 0; k < f->out->count; k++) {
			const struct so_proposal *p = f->out->items[k];

			if (p->kind != SO_PROPOSAL_REWRITE || p->verdict != SO_VERDICT_OFFERED)
				continue;
			found = true;
			assert_string_equal(p->finding_rule, answers[i].answered);
		}
		assert_true(found);
	}
}

/* What the triggers of foreign keys cost is not in the plan: an estimate of ours, and labelled so. */
static void test_foreign_key_without_index(void **state)
{
	struct fixture *f = *state;
	struct so_rewriter rw = fx_rewriter(f, f->catalog, "DELETE FROM users WHERE id = 5");
	struct so_advise_input input = { .ast = rw.ast, .resolved = rw.resolved, .catalog = f->catalog };
	const struct so_proposal *p;

	f->out = so_proposal_list_new(f);
	so_fkey_advise(&input, f->out);
	p = find_sql(f, SO_VERDICT_OFFERED, INDEX("orders_user_id_idx", "orders USING btree (user_id)"));
	assert_non_null(p);
	assert_int_equal(p->cost_source, SO_FIGURE_ESTIMATED);
	assert_int_equal(p->rungs[SO_RUNG_PLANNED].status, SO_RUNG_NOT_POSSIBLE);
	assert_true(so_proposal_gain(p) > 100);
	assert_non_null(strstr(p->caveats[p->n_caveats - 1], "our own estimate"));
	f->out = so_proposal_list_new(f);
	fx_table_named(f->catalog, "orders")->rows = 900;
	so_fkey_advise(&input, f->out);
	assert_null(find_sql(f, SO_VERDICT_OFFERED, INDEX("orders_user_id_idx", "orders USING btree (user_id)")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_offers),
		TEST(test_healthy_statements_are_left_alone),
		TEST(test_nullable_not_in_is_refused),
		TEST(test_text_as_number_is_unproved),
		TEST(test_trigram_is_shown_until_it_is_measured),
		TEST(test_useless_index_is_told_with_its_figures),
		TEST(test_rewrites_together),
		TEST(test_stale_statistics),
		TEST(test_schema_hygiene_is_apart),
		TEST(test_without_what_if),
		TEST(test_budget_of_plans),
		TEST(test_cancelled),
		TEST(test_descent_is_added),
		TEST(test_inheritance_children_spoil_keys),
		TEST(test_unresolved_names),
		TEST(test_output_difference),
		TEST(test_rewrites_name_their_finding),
		TEST(test_foreign_key_without_index),
		TEST(test_nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
