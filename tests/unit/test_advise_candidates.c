/* The parts of the advisor on their own: candidates of a statement, their names and sizes, the choice among them on a
 * made-up planner, indexes to drop, statistics to renew, calendar arithmetic. */
#include "advise_fixture.h"

#include "advise/advise.h"
#include "advise/candidate.h"
#include "advise/dates.h"
#include "advise/estimate.h"
#include "advise/index_style.h"
#include "advise/search.h"
#include "advise/upkeep.h"
#include "advise/uses.h"

struct fixture {
	TALLOC_CTX *root;
	struct so_catalog *catalog;
};

static int setup(void **state)
{
	struct fixture *f = so_new(NULL, struct fixture);

	f->root = f;
	f->catalog = fx_catalog(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

/* "users (email); orders (id) ..." in the order of generation. */
static const char *candidates(struct fixture *f, const char *sql, bool no_partial)
{
	struct so_rewriter *rw = so_new(f, struct so_rewriter);
	struct so_cand_set *set = so_cand_set_new(f);
	const char *text = "";

	*rw = fx_rewriter(f, f->catalog, sql);
	so_candidates_of(set, so_uses_collect(f, rw, NULL, 0), no_partial);
	for (size_t i = 0; i < set->count; i++)
		text = so_printf(
			f, "%s%s%s %s", text, i ? "; " : "", set->items[i]->table->name, set->items[i]->columns_text);
	return text;
}

static const struct {
	const char *sql, *want;
} rows[] = {
	{ "SELECT * FROM users WHERE email = 'x'", "users (email)" },
	{ "SELECT * FROM users WHERE 'x' = email", "users (email)" },
	{ "SELECT * FROM users WHERE email = $1", "users (email)" },
	{ "SELECT * FROM users WHERE id = 5 AND email = 'x'", "" }, /* one row by the primary key */
	{ "SELECT * FROM categories WHERE name = 'x'", "" }, /* 200 rows */
	{ "SELECT DISTINCT status, created_at FROM orders WHERE user_id = 7",
		"orders (user_id); orders (user_id) INCLUDE (status, created_at); orders (user_id, status, "
		"created_at)" },
	{ "SELECT DISTINCT id, status FROM orders", "" }, /* no two rows are equal */
	{ "SELECT DISTINCT o.status, u.email FROM orders o JOIN users u ON u.id = o.user_id",
		"orders (user_id); orders (user_id) INCLUDE (status)" },
	{ "SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY created_at DESC) FROM orders",
		"orders (user_id, created_at DESC) INCLUDE (id)" },
	{ "SELECT total, rank() OVER (ORDER BY total DESC) FROM orders WHERE user_id = 7",
		"orders (user_id); orders (user_id) INCLUDE (total); orders (user_id, total)" },
	{ "SELECT id, rank() OVER (ORDER BY total + 1) FROM orders", "" },
	{ "SELECT o.id, rank() OVER (PARTITION BY o.user_id ORDER BY u.email) FROM orders o JOIN users u USING (id)",
		"" },
	{ "SELECT * FROM orders WHERE coupon_code = 'C1'", "" }, /* there is one */
	{ "SELECT * FROM orders WHERE user_id <> 5", "" },
	{ "SELECT * FROM orders WHERE user_id = id", "" },
	{ "SELECT * FROM orders WHERE total = random()", "" },
	{ "SELECT * FROM orders WHERE status = 'delivered'", "" }, /* 97 % of the rows */
	{ "SELECT * FROM orders WHERE user_id IN (1, 2)", "orders (user_id)" },
	{ "SELECT * FROM orders WHERE user_id = ANY ('{1,2}')", "orders (user_id)" },
	{ "SELECT * FROM orders WHERE user_id = 1 OR user_id = 2", "orders (user_id)" },
	{ "SELECT * FROM orders WHERE user_id = 1 OR status = lower(status)", "" }, /* one arm has nothing */
	{ "SELECT * FROM orders WHERE total BETWEEN 1 AND 2 AND user_id = 5",
		"orders (user_id); orders (user_id, total)" },
	{ "SELECT * FROM orders WHERE user_id = 5 ORDER BY created_at DESC, id DESC LIMIT 3",
		"orders (user_id); orders (user_id, created_at, id)" },
	{ "SELECT * FROM orders WHERE user_id = 5 ORDER BY created_at DESC, id LIMIT 3",
		"orders (user_id); orders (user_id, created_at, id DESC)" },
	{ "SELECT * FROM orders WHERE user_id = 5 ORDER BY user_id, created_at NULLS FIRST LIMIT 3",
		"orders (user_id); orders (user_id, created_at NULLS FIRST)" },
	{ "SELECT total AS t, id FROM orders ORDER BY t LIMIT 3", "orders (total); orders (total) INCLUDE (id)" },
	{ "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id WHERE u.email = 'x'",
		"orders (user_id); users (email); users (email) INCLUDE (id)" },
	{ "SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM reviews r WHERE r.user_id = u.id AND r.rating = 1)",
		"reviews (rating); reviews (rating) INCLUDE (user_id); reviews (user_id, rating); reviews (user_id)" },
	{ "SELECT * FROM reviews WHERE lower(body) = 'x'", "reviews (lower(body))" },
	{ "SELECT * FROM reviews r WHERE lower(r.body) = 'x'", "reviews (lower(body))" },
	{ "SELECT * FROM reviews WHERE body || 'a' = 'x'", "reviews ((body || 'a'))" },
	{ "SELECT * FROM reviews WHERE body::int = 5", "" }, /* an insert of a text that is no number would fail */
	{ "SELECT * FROM reviews WHERE rating / 2 = 5", "" },
	{ "SELECT * FROM reviews WHERE created_at::date = '2025-01-01'", "" }, /* depends on the time zone */
	{ "SELECT * FROM reviews WHERE body LIKE 'x%'", "reviews (body); reviews (body text_pattern_ops)" },
	{ "SELECT * FROM reviews WHERE body LIKE '%xyz%'", "reviews (body gin_trgm_ops)" },
	{ "SELECT * FROM reviews WHERE body ILIKE 'xyz%'", "reviews (body gin_trgm_ops)" },
	{ "SELECT * FROM reviews WHERE body LIKE '%xy%'", "" }, /* no trigram */
	{ "SELECT * FROM reviews WHERE body NOT LIKE 'x%'", "" },
	{ "SELECT max(price) FROM products WHERE category_id = 5",
		"products (category_id); products (category_id) INCLUDE (price); products (category_id, price)" },
	{ "DELETE FROM reviews WHERE user_id = 5", "reviews (user_id)" },
	{ "WITH orders AS (SELECT 1 AS user_id) SELECT * FROM orders WHERE user_id = 5", "" },
	{ "SELECT * FROM (SELECT * FROM orders) x WHERE user_id = 5", "" },
	{ "SELECT * FROM orders x(a, b) WHERE b = 5", "" },
};

static void test_candidates(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *got = candidates(f, rows[i].sql, false);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s:\n got  %s\n want %s", rows[i].sql, got, rows[i].want);
	}
}

static void test_partial_needs_a_rare_literal(void **state)
{
	struct fixture *f = *state;
	const char *sql = "SELECT * FROM orders WHERE status = 'pending' ORDER BY created_at LIMIT 5";

	assert_non_null(strstr(candidates(f, sql, false), "(created_at) WHERE status = 'pending'"));
	assert_null(strstr(candidates(f, sql, true), "WHERE"));
	assert_null(strstr(
		candidates(f, "SELECT * FROM orders WHERE status = $1 ORDER BY created_at LIMIT 5", false), "WHERE"));
	assert_null(strstr(
		candidates(f, "SELECT * FROM orders WHERE status = 'unknown' ORDER BY created_at LIMIT 5", false),
		"WHERE"));
	assert_null(strstr(
		candidates(f, "SELECT * FROM orders WHERE user_id = 42 ORDER BY created_at LIMIT 5", false), "WHERE"));
}

static void test_existing_index_serves_or_is_extended(void **state)
{
	struct fixture *f = *state;
	struct so_table *orders = fx_table_named(f->catalog, "orders");
	struct so_cand cand = { .table = orders, .method = "btree", .n_keys = 1, .pred_share = 1, .selectivity = 1 };
	struct so_cand_set *set = so_cand_set_new(f);
	struct so_cand *added;

	cand.keys[0].column = so_table_column(orders, "coupon_code");
	assert_string_equal(so_cand_served_by(&cand)->name, "orders_coupon_code_idx");
	assert_null(so_cand_add(set, &cand));
	cand.n_keys = 2;
	cand.keys[1].column = so_table_column(orders, "total");
	assert_null(so_cand_served_by(&cand));
	added = so_cand_add(set, &cand);
	assert_string_equal(added->extends, "orders_coupon_code_idx");
	assert_ptr_equal(so_cand_add(set, &cand), added);
	cand.n_keys = 1;
	orders->indexes[0].valid = orders->indexes[1].valid = orders->indexes[2].valid = orders->indexes[3].valid =
		false;
	assert_null(so_cand_served_by(&cand));
}

/* The same candidate in the words of each engine, or not at all where they do not reach. */
static void test_styles(void **state)
{
	static const struct {
		const char *dialect, *columns, *sql, *undo;
	} styles[] = {
		{ NULL, "(user_id, created_at DESC NULLS LAST) INCLUDE (total)",
			"CREATE INDEX CONCURRENTLY n ON shop.orders USING btree (user_id, created_at DESC NULLS LAST) "
			"INCLUDE "
			"(total)",
			"DROP INDEX CONCURRENTLY shop.n" },
		{ "mariadb", "(user_id, created_at DESC, total)",
			"CREATE INDEX n ON shop.orders (user_id, created_at DESC, total)",
			"DROP INDEX n ON shop.orders" },
		{ "sqlite", "(user_id, created_at DESC, total)",
			"CREATE INDEX shop.n ON orders (user_id, created_at DESC, total)", "DROP INDEX shop.n" },
	};
	struct fixture *f = *state;
	struct so_table *orders = fx_table_named(f->catalog, "orders");
	struct so_cand wanted = {
		.table = orders, .method = "btree", .n_keys = 2, .n_include = 1, .pred_share = 1, .selectivity = 1
	};
	struct so_cand partial;

	wanted.keys[0].column = so_table_column(orders, "user_id");
	wanted.keys[1] = (struct so_cand_key){ .column = so_table_column(orders, "created_at"), .desc = true };
	wanted.include[0] = so_table_column(orders, "total");
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		struct so_cand *made;

		orders->dialect = styles[i].dialect;
		made = so_cand_add(so_cand_set_new(f), &wanted);
		assert_string_equal(made->columns_text, styles[i].columns);
		assert_string_equal(so_index_create(f, orders, "n", made->method, made->columns_text), styles[i].sql);
		assert_string_equal(so_index_drop(f, orders, "n"), styles[i].undo);
	}
	partial = wanted;
	partial.predicate = "total > 5";
	assert_non_null(so_cand_add(so_cand_set_new(f), &partial)); /* sqlite */
	orders->dialect = "mysql";
	assert_null(so_cand_add(so_cand_set_new(f), &partial));
	wanted.keys[0].expr = "lower(x)";
	assert_null(so_cand_add(so_cand_set_new(f), &wanted));
	assert_string_equal(so_index_quote(f, so_index_style(orders), "Or`der"), "`Or``der`");
}

/* Plans without costs get ours, by the formula of the documentation; others keep theirs. */
static void test_estimated_plan(void **state)
{
	static const struct {
		const char *text;
		double loops;
	} plans[] = {
		{ "2|0|0|SCAN orders\n", 1 },
		{ "2|0|0|SEARCH orders USING INDEX orders_coupon_code_idx (coupon_code=?)\n", 1 },
		{ "2|0|0|SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)\n", 1 },
		{ "2|0|0|SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)\n3|0|0|SCAN users\n", 1 },
		{ "2|0|0|SCAN users\n3|0|0|SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)\n", 0 },
	};
	struct fixture *f = *state;
	const struct so_table *orders = fx_table_named(f->catalog, "orders"),
			      *users = fx_table_named(f->catalog, "users");
	double costs[5];
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		assert_true(so_plan_read(f, plans[i].text, strlen(plans[i].text), &plan, &err));
		assert_true(isnan(plan->total_cost));
		assert_true(so_estimate_plan(f->catalog, plan, false));
		assert_true(plan->cost_estimated && plan->total_cost > 0);
		assert_false(so_estimate_plan(f->catalog, plan, false));
		costs[i] = plan->total_cost;
		if (plans[i].loops > 0)
			assert_true(plan->nodes[plan->n_nodes - 1].loops_est == plans[i].loops);
		else
			assert_true(plan->nodes[plan->n_nodes - 1].loops_est == users->rows);
	}
	assert_true(fabs(costs[0] - ((double)orders->pages + 0.01 * orders->rows + 0.0025 * orders->rows)) < 1);
	assert_true(costs[1] < costs[0] && costs[2] < costs[1]);
	assert_true(costs[4] > costs[3] * 2); /* a lookup for each user, instead of one pass */
	assert_true(so_plan_read(f, "2|0|0|SCAN nothing\n", 19, &plan, &err));
	assert_false(so_estimate_plan(f->catalog, plan, false));
	assert_true(isnan(plan->total_cost));
}

static void test_names(void **state)
{
	struct fixture *f = *state;
	struct so_table *orders = fx_table_named(f->catalog, "orders");
	struct so_cand cand = { .table = orders, .method = "btree", .n_keys = 1, .pred_share = 1 };
	char *name;

	cand.keys[0].column = so_table_column(orders, "created_at");
	assert_string_equal(
		so_cand_name(f, f->catalog, &cand), "orders_created_at_idx1"); /* orders_created_at_idx is taken */
	cand.keys[0].expr = "f(created_at)";
	cand.keys[0].label = "a_label_that_goes_on_and_on_and_on_until_it_passes_the_limit_of_a_name";
	name = so_cand_name(f, f->catalog, &cand);
	assert_int_equal(strlen(name), 63);
	assert_string_equal(name + 59, "_idx");
	assert_string_equal(so_cand_quote(f, "user"), "\"user\"");
	assert_string_equal(so_cand_quote(f, "User"), "\"User\"");
	assert_string_equal(so_cand_quote(f, "a\"b"), "\"a\"\"b\"");
	assert_string_equal(so_cand_quote(f, "users"), "users");
	assert_string_equal(so_cand_quote(f, "xmltable"), "\"xmltable\"");
	assert_string_equal(so_cand_quote(f, "all"), "\"all\"");
}

static void test_partitioned_parent_has_a_recipe(void **state)
{
	struct fixture *f = *state;
	struct so_table *orders = fx_table_named(f->catalog, "orders");
	struct so_cand cand = { .table = orders, .method = "btree", .n_keys = 1, .pred_share = 1 };
	struct so_proposal_list *list = so_proposal_list_new(f);
	struct so_proposal *p = so_proposal_add(list, SO_PROPOSAL_INDEX, "advisor");

	orders->kind = SO_TABLE_PARTITIONED;
	cand.keys[0].column = so_table_column(orders, "user_id");
	so_cand_describe(p, f->catalog, so_cand_add(so_cand_set_new(f), &cand), -1);
	assert_string_equal(p->sql, "CREATE INDEX orders_user_id_idx ON ONLY shop.orders USING btree (user_id)");
	assert_non_null(strstr(p->caveats[0], "ATTACH PARTITION"));
}

/* Sizes of indexes that PostgreSQL 15 built on this very data. */
static const struct {
	const char *table, *columns[2], *include;
	int64_t real_kb;
} sizes[] = {
	{ "orders", { "user_id" }, NULL, 8088 },
	{ "orders", { "user_id", "created_at" }, NULL, 18496 },
	{ "orders", { "total" }, NULL, 13200 },
	{ "order_items", { "product_id" }, NULL, 9088 },
	{ "order_items", { "product_id" }, "quantity", 26376 },
	{ "users", { "email" }, NULL, 7960 },
	{ "events", { "kind" }, NULL, 5448 },
};

static void test_sizes(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct so_table *t = fx_table_named(f->catalog, sizes[i].table);
		struct so_cand cand = { .table = t, .method = "btree", .pred_share = 1 };
		double factor;

		for (; cand.n_keys < 2 && sizes[i].columns[cand.n_keys]; cand.n_keys++)
			cand.keys[cand.n_keys].column = so_table_column(t, sizes[i].columns[cand.n_keys]);
		if (sizes[i].include)
			cand.include[cand.n_include++] = so_table_column(t, sizes[i].include);
		factor = (double)so_cand_size(&cand) / 1024 / (double)sizes[i].real_kb;
		if (factor < 0.8 || factor > 1.2)
			fail_msg("%s (%s): %.0f kB, built %d kB", sizes[i].table, sizes[i].columns[0],
				so_cand_size(&cand) / 1024.0, (int)sizes[i].real_kb);
	}
	assert_float_equal(so_cand_height(8192), 0, 0);
	assert_float_equal(so_cand_height(100 * 8192), 1, 0);
	assert_float_equal(so_cand_height(8 << 20), 2, 0);
}

/* ---- The search, on a planner of known costs ---- */

#define COSTS 16

struct toy {
	struct so_planner pub;
	size_t n;
	double base, cost[COSTS]; /* of each index alone; the cheapest of a set is used */
	double pair_cost; /* of the first two together, 0: nothing special */
	int calls;
};

static bool toy_plan(TALLOC_CTX *ctx, struct so_planner *pub, const char *sql, const char *const *ddl, size_t n,
	struct so_costed *out, char **refusals, struct so_err *err)
{
	struct toy *toy = pub->arg;
	size_t best = n;
	bool pair[2] = { false, false };

	(void)sql, (void)err, (void)refusals;
	toy->calls++;
	*out = (struct so_costed){ .cost = toy->base, .used = so_new_array(ctx, size_t, 2) };
	for (size_t i = 0; i < n; i++) {
		int number = (int)strtol(strstr(ddl[i], "(c") + 2, NULL, 10);

		if (number < 2)
			pair[number] = true;
		if (toy->cost[number] < out->cost) {
			out->cost = toy->cost[number];
			best = i;
		}
	}
	if (best < n)
		out->used[out->n_used++] = best;
	if (toy->pair_cost > 0 && pair[0] && pair[1] && toy->pair_cost < out->cost) {
		out->cost = toy->pair_cost;
		out->n_used = 0;
		for (size_t i = 0; i < n; i++)
			if ((int)strtol(strstr(ddl[i], "(c") + 2, NULL, 10) < 2)
				out->used[out->n_used++] = i;
	}
	return true;
}

static struct so_search *toy_search(struct fixture *f, struct toy *toy, const int64_t *bytes)
{
	struct so_search *search = so_new(f, struct so_search);
	struct so_cand **cands = so_new_array(f, struct so_cand *, toy->n);
	struct so_err err = SO_ERR_INIT;

	toy->pub = (struct so_planner){ .arg = toy, .can_what_if = true, .plan = toy_plan };
	for (size_t i = 0; i < toy->n; i++) {
		cands[i] = so_new(f, struct so_cand);
		cands[i]->table = fx_table_named(f->catalog, "orders");
		cands[i]->what_if_ddl = so_printf(f, "CREATE INDEX ON shop.orders USING btree (c%zu)", i);
		cands[i]->size_bytes = bytes[i];
	}
	*search = (struct so_search){
		.planner = &toy->pub, .sql = "SELECT 1", .cands = cands, .n = toy->n, .max_picked = 3, .min_gain = 1.1
	};
	assert_true(so_search_run(f, search, &err));
	return search;
}

static void test_search_prefers_the_smaller_of_near_equals(void **state)
{
	struct fixture *f = *state;
	struct toy toy = { .n = 3, .base = 1000, .cost = { 100, 105, 130 } };
	const int64_t bytes[] = { 9000000, 1000000, 10000 };
	struct so_search *search = toy_search(f, &toy, bytes);

	assert_int_equal(search->n_picked, 1);
	assert_int_equal(search->picked[0], 1);
	assert_float_equal(search->picked_cost[0], 105, 0.01);
	assert_float_equal(search->alone[0], 100, 0.01);
	assert_float_equal(search->alone[2], 130, 0.01);
}

static void test_search_below_the_threshold_picks_nothing(void **state)
{
	struct fixture *f = *state;
	struct toy toy = { .n = 2, .base = 1000, .cost = { 950, 2000 } };
	const int64_t bytes[] = { 1, 1 };
	struct so_search *search = toy_search(f, &toy, bytes);

	assert_int_equal(search->n_picked, 0);
	assert_float_equal(search->alone[0], 950, 0.01);
	assert_float_equal(search->alone[1], 1000, 0.01); /* known without a plan of its own */
}

static void test_search_finds_a_pair_that_only_helps_together(void **state)
{
	struct fixture *f = *state;
	struct toy toy = { .n = 3, .base = 1000, .cost = { 2000, 2000, 2000 }, .pair_cost = 10 };
	const int64_t bytes[] = { 1, 1, 1 };
	struct so_search *search = toy_search(f, &toy, bytes);

	assert_int_equal(search->n_picked, 2);
	assert_float_equal(search->picked_cost[1], 10, 0.01);
}

static void test_search_asks_little(void **state)
{
	struct fixture *f = *state;
	struct toy toy = { .n = 12, .base = 1000 };
	int64_t bytes[12];

	for (size_t i = 0; i < 12; i++) {
		toy.cost[i] = i < 2 ? 100 + 100 * (double)i : 5000;
		bytes[i] = 1;
	}
	toy_search(f, &toy, bytes);
	assert_true(toy.calls <= 6); /* base, three rounds of the harvest; the rest follows from these */
}

/* ---- Upkeep ---- */

static const char *drops(struct fixture *f, const char *table)
{
	struct so_proposal_list *list = so_proposal_list_new(f);
	const char *text = "";

	so_hygiene_of_table(fx_table_named(f->catalog, table), NULL, 0, list);
	for (size_t i = 0; i < list->count; i++) {
		text = so_printf(f, "%s%s%s", text, i ? "; " : "", list->items[i]->title);
		/* no counter proves that nobody needs an index; that another one serves, or that it is broken, is
		 * certain */
		assert_int_equal(list->items[i]->verdict,
			strstr(list->items[i]->title, "unused") ? SO_VERDICT_UNPROVED : SO_VERDICT_OFFERED);
		assert_non_null(list->items[i]->undo_sql);
		assert_ptr_equal(
			strstr(list->items[i]->undo_sql, "CREATE INDEX CONCURRENTLY "), list->items[i]->undo_sql);
	}
	return text;
}

static struct so_index *index_named(struct so_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_indexes; i++)
		if (strcmp(t->indexes[i].name, name) == 0)
			return &t->indexes[i];
	fail_msg("no index %s", name);
	return NULL;
}

static void test_duplicates_and_prefixes(void **state)
{
	struct fixture *f = *state;
	struct so_table *orders = fx_table_named(f->catalog, "orders"),
			*items = fx_table_named(f->catalog, "order_items");

	for (size_t i = 0; i < orders->n_indexes; i++)
		orders->indexes[i].scans = 5;
	index_named(orders, "orders_created_idx")->scans = 9;
	assert_string_equal(drops(f, "orders"), "Drop duplicate index orders_created_at_idx");
	index_named(orders, "orders_created_at_idx")->scans = 9;
	assert_string_equal(drops(f, "orders"), "Drop duplicate index orders_created_idx");
	index_named(orders, "orders_created_idx")->predicate = so_strdup(f, "(id > 5)");
	assert_string_equal(drops(f, "orders"), "");
	assert_string_equal(drops(f, "order_items"), "Drop redundant index order_items_order_id_idx");
	index_named(items, "order_items_order_id_idx")->constraint = true;
	assert_string_equal(drops(f, "order_items"), "");
}

static void test_unused_and_invalid(void **state)
{
	struct fixture *f = *state;
	struct so_table *payments = fx_table_named(f->catalog, "payments");
	struct so_index *ref = index_named(payments, "payments_provider_ref_idx"),
			*order = index_named(payments, "payments_order_id_idx");

	ref->scans = order->scans = 0;
	assert_string_equal(drops(f, "payments"),
		"Drop unused index payments_provider_ref_idx"); /* the other serves a foreign key */
	ref->replica_identity = true;
	assert_string_equal(drops(f, "payments"), "");
	ref->replica_identity = false;
	ref->unique = true;
	assert_string_equal(drops(f, "payments"), "");
	ref->unique = false;
	ref->valid = false;
	assert_string_equal(drops(f, "payments"), "Drop invalid index payments_provider_ref_idx");
}

static struct so_plan *read_plan(struct fixture *f, const char *text)
{
	struct so_err err = SO_ERR_INIT;
	struct so_plan *plan;

	if (!so_plan_read(f, text, strlen(text), &plan, &err))
		fail_msg("%s", err.message);
	return plan;
}

static const char *upkeep(struct fixture *f, const char *plan)
{
	struct so_proposal_list *list = so_proposal_list_new(f);

	so_upkeep_advise(f->catalog, read_plan(f, plan), NULL, list);
	assert_true(list->count <= 1);
	return list->count ? list->items[0]->sql : "";
}

#define SCAN(type, more)                                                                                               \
	"[{\"Plan\":{\"Node Type\":\"" type                                                                            \
	"\",\"Relation Name\":\"users\",\"Alias\":\"users\",\"Startup Cost\":0,\"Total "                               \
	"Cost\":100,\"Plan Rows\":1000,\"Plan Width\":8,\"Actual Startup Time\":0,\"Actual Total Time\":5,\"Actual "   \
	"Loops\":1," more "},\"Execution Time\":5}]"

static void test_upkeep(void **state)
{
	struct fixture *f = *state;
	struct so_table *users = fx_table_named(f->catalog, "users");
	const char *both = SCAN("Seq Scan",
		"\"Actual Rows\":10000,\"Filter\":\"((country = 'US'::bpchar) AND (city = 'Boston'::text))\"");

	assert_string_equal(upkeep(f, both),
		"CREATE STATISTICS shop.users_country_city_stats (dependencies, mcv) ON country, city FROM "
		"shop.users; ANALYZE shop.users");
	/* one column, or an estimate that is near enough */
	assert_string_equal(
		upkeep(f, SCAN("Seq Scan", "\"Actual Rows\":10000,\"Filter\":\"(city = 'Boston'::text)\"")), "");
	assert_string_equal(upkeep(f, SCAN("Seq Scan", "\"Actual Rows\":3000,\"Filter\":\"((country = 'US'::bpchar) "
						       "AND (city = 'Boston'::text))\"")),
		"");
	assert_string_equal(
		upkeep(f, SCAN("Index Only Scan",
				  "\"Index Name\":\"users_pkey\",\"Actual Rows\":10000,\"Heap Fetches\":6000")),
		"VACUUM (ANALYZE) shop.users");
	assert_string_equal(
		upkeep(f, SCAN("Index Only Scan",
				  "\"Index Name\":\"users_pkey\",\"Actual Rows\":10000,\"Heap Fetches\":10")),
		"");
	users->mods_since_analyze = 100000;
	assert_string_equal(upkeep(f, SCAN("Seq Scan", "\"Actual Rows\":1000")), "ANALYZE shop.users");
	users->mods_since_analyze = 0;
	users->has_stats = false;
	assert_string_equal(upkeep(f, SCAN("Seq Scan", "\"Actual Rows\":1000")), "ANALYZE shop.users");
}

/* ---- Estimates and dates ---- */

static void test_shares(void **state)
{
	struct fixture *f = *state;
	struct so_table *users = fx_table_named(f->catalog, "users");
	const struct so_column *status = fx_column_named(f->catalog, "users", "status"),
			       *id = fx_column_named(f->catalog, "users", "id");

	assert_float_equal(so_share_equal(users, status, "blocked"), 0.03, 0.01);
	assert_float_equal(so_share_equal(users, id, "5"), 1.0 / 200000, 1e-6);
	assert_float_equal(so_share_below(id, "50000"), 0.25, 0.05);
	assert_float_equal(so_share_below(id, "-1"), 0, 0.01);
	assert_float_equal(so_share_below(id, "900000"), 1, 0.01);
	assert_float_equal(so_share_null(fx_column_named(f->catalog, "coupons", "referrer_code")), 0.125, 0.02);
}

static const struct {
	enum so_date_unit unit;
	const char *at, *start, *next;
} units[] = {
	{ SO_UNIT_DAY, "2024-02-29 13:00", "2024-02-29", "2024-03-01" },
	{ SO_UNIT_WEEK, "2025-03-02", "2025-02-24", "2025-03-03" },
	{ SO_UNIT_WEEK, "1969-12-31", "1969-12-29", "1970-01-05" },
	{ SO_UNIT_MONTH, "1999-12-31", "1999-12-01", "2000-01-01" },
	{ SO_UNIT_QUARTER, "2025-12-31", "2025-10-01", "2026-01-01" },
	{ SO_UNIT_YEAR, "1900-05-05", "1900-01-01", "1901-01-01" },
	{ SO_UNIT_DECADE, "1999-05-05", "1990-01-01", "2000-01-01" },
	{ SO_UNIT_CENTURY, "2000-05-05", "1901-01-01", "2001-01-01" },
	{ SO_UNIT_MILLENNIUM, "2000-05-05", "1001-01-01", "2001-01-01" },
	{ SO_UNIT_MINUTE, "2025-01-01 00:59:59.5", "2025-01-01 00:59:00", "2025-01-01 01:00:00" },
};

static void test_dates(void **state)
{
	static const char *const wrong[] = { "2025-13-01", "2025-02-29", "1900-02-29", "2025-1-1", "2025-01-01 24:00",
		"2025-01-01+00", "2025-01-01 10:00Z", "2025-01-01 BC", "0000-01-01", "now", "",
		"2025-01-01 10:00:00.1234567", "2025-01-01 10" };
	TALLOC_CTX *ctx = *state;
	int64_t us;
	bool has_time;

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		assert_true(so_date_parse(units[i].at, strlen(units[i].at), &us, &has_time));
		assert_string_equal(so_date_text(ctx, so_date_trunc(units[i].unit, us)), units[i].start);
		assert_string_equal(so_date_text(ctx, so_date_next(units[i].unit, us)), units[i].next);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (so_date_parse(wrong[i], strlen(wrong[i]), &us, &has_time))
			fail_msg("parsed: %s", wrong[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_candidates),
		TEST(test_partial_needs_a_rare_literal),
		TEST(test_existing_index_serves_or_is_extended),
		TEST(test_styles),
		TEST(test_estimated_plan),
		TEST(test_names),
		TEST(test_partitioned_parent_has_a_recipe),
		TEST(test_sizes),
		TEST(test_search_prefers_the_smaller_of_near_equals),
		TEST(test_search_below_the_threshold_picks_nothing),
		TEST(test_search_finds_a_pair_that_only_helps_together),
		TEST(test_search_asks_little),
		TEST(test_duplicates_and_prefixes),
		TEST(test_unused_and_invalid),
		TEST(test_upkeep),
		TEST(test_shares),
		TEST(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
