/* The schema audit over made-up facts: each rule fires on what it is for, and is silent just below its threshold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "advise/audit/audit.h"

#define NOW ((int64_t)1800000000 * 1000000)
#define DAY ((int64_t)86400 * 1000000)

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

/* ---- facts ---- */

/* shop.`name` (id bigint, ref_id bigint), analysed, with a primary key and nothing wrong. */
static struct so_table healthy(TALLOC_CTX *ctx, const char *name)
{
	struct so_table t = { .schema = so_strdup(ctx, "shop"),
		.name = so_strdup(ctx, name),
		.kind = SO_TABLE,
		.rows = 200000,
		.pages = 1300,
		.size_bytes = 1300 * 8192,
		.has_stats = true,
		.last_analyze_us = NOW - DAY,
		.last_vacuum_us = NOW - DAY,
		.live_rows = 200000,
		.seq_scans = 10,
		.index_scans = 100000 };

	t.n_columns = 2;
	t.columns = so_new_array(ctx, struct so_column, 2);
	for (size_t i = 0; i < 2; i++)
		t.columns[i] = (struct so_column){ .name = so_strdup(ctx, i ? "ref_id" : "id"),
			.type = so_strdup(ctx, "bigint"),
			.type_class = SO_TYPE_INT,
			.width_bits = 64,
			.not_null = i == 0,
			.has_stats = true,
			.avg_width = 8,
			.n_distinct = -1 };
	t.n_keys = 1;
	t.keys = so_new_array(ctx, struct so_key, 2);
	t.keys[0] = (struct so_key){ .kind = SO_KEY_PRIMARY, .validated = true, .n_columns = 1 };
	t.keys[0].columns = so_new_array(ctx, int32_t, 1);
	return t;
}

static void add_index(TALLOC_CTX *ctx, struct so_table *t, const char *name, size_t n_keys, int32_t first,
	int32_t second, int64_t scans)
{
	struct so_index *x;

	t->indexes = so_renew_array(ctx, t->indexes, struct so_index, t->n_indexes + 1);
	x = &t->indexes[t->n_indexes++];
	*x = (struct so_index){ .schema = so_strdup(ctx, "shop"),
		.name = so_strdup(ctx, name),
		.method = so_strdup(ctx, "btree"),
		.definition = so_printf(ctx, "CREATE INDEX %s ON shop.%s USING btree (x)", name, t->name),
		.n_keys = n_keys,
		.valid = true,
		.scans = scans,
		.size_bytes = 4 << 20 };
	x->keys = so_new_array(ctx, struct so_index_key, 2);
	x->keys[0].column = first;
	x->keys[1].column = second;
}

static void add_fkey(TALLOC_CTX *ctx, struct so_table *t, const char *name, const char *parent)
{
	struct so_fkey *f;

	t->fkeys = so_renew_array(ctx, t->fkeys, struct so_fkey, t->n_fkeys + 1);
	f = &t->fkeys[t->n_fkeys++];
	*f = (struct so_fkey){ .name = so_strdup(ctx, name),
		.n_columns = 1,
		.ref_schema = so_strdup(ctx, "shop"),
		.ref_table = so_strdup(ctx, parent),
		.validated = true,
		.on_delete = 'a' };
	f->columns = so_new_array(ctx, int32_t, 1);
	f->columns[0] = 1;
	f->ref_columns = so_new_array(ctx, char *, 1);
	f->ref_columns[0] = so_strdup(ctx, "id");
}

struct outcome {
	struct so_finding_list *findings;
	struct so_proposal_list *proposals;
	const struct so_audit_line *lines;
	size_t n_lines;
};

static struct outcome audit_with(TALLOC_CTX *ctx, struct so_table *tables, size_t n,
	const struct so_inventory *inventory, const struct so_plan_overrides *overrides)
{
	struct so_catalog *catalog = so_new(ctx, struct so_catalog);
	struct so_relation *relations = so_new_array(ctx, struct so_relation, n + 1);
	struct outcome out = { so_finding_list_new(ctx), so_proposal_list_new(ctx), NULL, 0 };
	struct so_audit *audit = so_audit_new(ctx, overrides, NOW, out.findings, out.proposals);

	catalog->engine = so_strdup(catalog, "postgresql");
	catalog->tables = tables;
	catalog->n_tables = n;
	for (size_t i = 0; i < n; i++)
		relations[i] = (struct so_relation){ .schema = tables[i].schema, .name = tables[i].name };
	if (inventory)
		so_audit_vitals(audit, inventory);
	so_audit_tables(audit, catalog, relations, n);
	out.lines = so_audit_lines(audit, &out.n_lines);
	return out;
}

static struct outcome audit_of(TALLOC_CTX *ctx, struct so_table *tables, size_t n)
{
	return audit_with(ctx, tables, n, NULL, NULL);
}

static struct outcome audit_vital(TALLOC_CTX *ctx, enum so_vital_kind kind, double value, double limit)
{
	struct so_inventory *inventory = so_new(ctx, struct so_inventory);

	inventory->n_vitals = 1;
	inventory->vitals = so_new(inventory, struct so_vital);
	inventory->vitals[0] = (struct so_vital){
		.kind = kind, .object = so_strdup(inventory, "shop.x"), .value = value, .limit = limit
	};
	return audit_with(ctx, NULL, 0, inventory, NULL);
}

static const struct so_finding *only(const struct outcome *out, const char *rule)
{
	if (out->findings->count != 1 || strcmp(out->findings->items[0].rule, rule) != 0)
		fail_msg("wanted %s alone, got %zu findings, the first %s", rule, out->findings->count,
			out->findings->count ? out->findings->items[0].title : "-");
	return &out->findings->items[0];
}

static void silent(const struct outcome *out)
{
	if (out->findings->count)
		fail_msg("%s: %s", out->findings->items[0].rule, out->findings->items[0].title);
}

/* ---- tests ---- */

static void test_healthy(void **state)
{
	struct so_table t = healthy(*state, "orders");
	struct outcome out;

	add_index(*state, &t, "orders_ref", 1, 1, 0, 50);
	add_fkey(*state, &t, "orders_ref_fk", "users");
	out = audit_of(*state, &t, 1);
	silent(&out);
	assert_int_equal(out.n_lines, so_audit_rule_count());
	for (size_t i = 0; i < out.n_lines; i++)
		if (strcmp(out.lines[i].rule->id, "no-primary-key") == 0 ||
			strcmp(out.lines[i].rule->id, "table-bloat") == 0)
			assert_int_equal(out.lines[i].n_checked, 1);
		else if (strcmp(out.lines[i].rule->id, "wraparound") == 0)
			assert_int_equal(out.lines[i].n_checked, 0);
}

static void test_primary_key(void **state)
{
	struct so_table t = healthy(*state, "orders");
	struct outcome out;

	t.n_keys = 0;
	out = audit_of(*state, &t, 1);
	assert_int_equal(only(&out, "no-primary-key")->severity, SO_SEVERITY_LOW);
	assert_string_equal(out.findings->items[0].objects[0], "shop.orders");
	t.keys[0].kind = SO_KEY_UNIQUE; /* a unique key of NOT NULL columns does as well ... */
	t.n_keys = 1;
	out = audit_of(*state, &t, 1);
	silent(&out);
	t.keys[0].columns[0] = 1; /* ... one that takes NULLs does not */
	out = audit_of(*state, &t, 1);
	only(&out, "no-primary-key");
	t.rows = t.live_rows = 999;
	t.pages = 10;
	out = audit_of(*state, &t, 1);
	silent(&out);
}

static void test_indexes(void **state)
{
	struct so_table t = healthy(*state, "orders");
	struct so_inventory *young = so_new(*state, struct so_inventory);
	struct outcome out;

	add_index(*state, &t, "a", 2, 1, 0, 50);
	add_index(*state, &t, "b", 2, 1, 0, 7);
	out = audit_of(*state, &t, 1);
	assert_non_null(strstr(only(&out, "duplicate-index")->title, "b"));
	assert_int_equal(out.proposals->count, 1);
	assert_string_equal(out.proposals->items[0]->finding_rule, "duplicate-index");
	t.indexes[1].n_keys = 1;
	out = audit_of(*state, &t, 1);
	only(&out, "redundant-index");
	t.indexes[1].keys[0].column = 0;
	out = audit_of(*state, &t, 1);
	silent(&out);
	t.indexes[1].scans = 0;
	out = audit_of(*state, &t, 1);
	only(&out, "unused-index");
	assert_int_equal(out.proposals->items[0]->verdict, SO_VERDICT_UNPROVED);
	young->n_vitals = 1; /* counters of yesterday say nothing */
	young->vitals = so_new(young, struct so_vital);
	young->vitals[0] = (struct so_vital){
		.kind = SO_VITAL_COUNTERS_SINCE, .object = so_strdup(young, "shop"), .value = (double)(NOW - 2 * DAY)
	};
	out = audit_with(*state, &t, 1, young, NULL);
	silent(&out);
	t.indexes[1].valid = false;
	out = audit_with(*state, &t, 1, young, NULL);
	only(&out, "invalid-index");
}

static void test_foreign_keys(void **state)
{
	struct so_table t[2] = { healthy(*state, "orders"), healthy(*state, "users") };
	struct outcome out;

	add_fkey(*state, &t[0], "fk", "users");
	t[1].deletes = 0;
	out = audit_of(*state, t, 2);
	assert_int_equal(only(&out, "fk-without-index")->severity, SO_SEVERITY_MEDIUM);
	assert_int_equal(out.proposals->count, 1);
	assert_int_equal(out.proposals->items[0]->verdict, SO_VERDICT_UNPROVED);
	t[1].deletes = 12;
	out = audit_of(*state, t, 2);
	assert_int_equal(only(&out, "fk-without-index")->severity, SO_SEVERITY_HIGH);
	assert_int_equal(out.proposals->items[0]->verdict, SO_VERDICT_OFFERED);
	assert_non_null(strstr(out.proposals->items[0]->sql, "ref_id"));
	add_index(*state, &t[0], "ref", 1, 1, 0, 5);
	add_fkey(*state, &t[0], "fk2", "users");
	out = audit_of(*state, t, 2);
	only(&out, "duplicate-foreign-key");
}

static void test_size_and_statistics(void **state)
{
	struct so_table t = healthy(*state, "orders");
	struct outcome out;

	t.dead_rows = 60000;
	out = audit_of(*state, &t, 1);
	assert_int_equal(only(&out, "dead-rows")->severity, SO_SEVERITY_MEDIUM);
	t.dead_rows = 40000; /* 17 % */
	out = audit_of(*state, &t, 1);
	silent(&out);
	t.dead_rows = 0;
	t.pages = 1300 + 104857600 / 8192;
	out = audit_of(*state, &t, 1);
	assert_int_equal(only(&out, "table-bloat")->severity, SO_SEVERITY_HIGH);
	t.columns[1].has_stats = false; /* no width, no estimate */
	out = audit_of(*state, &t, 1);
	silent(&out);
	t = healthy(*state, "orders");
	t.mods_since_analyze = 40001;
	out = audit_of(*state, &t, 1);
	only(&out, "stale-statistics");
	t.mods_since_analyze = 30000;
	out = audit_of(*state, &t, 1);
	silent(&out);
	t.last_analyze_us = NOW - 40 * DAY; /* old statistics: half the share is enough */
	out = audit_of(*state, &t, 1);
	only(&out, "stale-statistics");
	t = healthy(*state, "orders");
	t.has_stats = false;
	t.rows = -1;
	t.pages = 0;
	out = audit_of(*state, &t, 1);
	assert_non_null(strstr(only(&out, "stale-statistics")->title, "never analysed"));
	t = healthy(*state, "orders");
	t.seq_scans = 5000;
	t.index_scans = 100;
	out = audit_of(*state, &t, 1);
	only(&out, "seq-scan-heavy-table");
	t.index_scans = 600;
	out = audit_of(*state, &t, 1);
	silent(&out);
}

/* value and limit that just fire, with the severity; and a value that just does not. */
static void test_vitals(void **state)
{
	static const struct {
		enum so_vital_kind kind;
		const char *rule;
		double value, limit, near_miss;
		enum so_severity severity;
	} cases[] = {
		{ SO_VITAL_SEQUENCE, "sequence-exhaustion", 60, 100, 59.9, SO_SEVERITY_MEDIUM },
		{ SO_VITAL_SEQUENCE, "sequence-exhaustion", 95, 100, 0, SO_SEVERITY_CRITICAL },
		{ SO_VITAL_XID_AGE, "wraparound", 60, 100, 39, SO_SEVERITY_HIGH },
		{ SO_VITAL_MXID_AGE, "wraparound", 80, 100, 39, SO_SEVERITY_CRITICAL },
		{ SO_VITAL_SESSIONS, "sessions-near-limit", 80, 100, 79, SO_SEVERITY_MEDIUM },
		{ SO_VITAL_SESSIONS, "sessions-near-limit", 97, 97, 1, SO_SEVERITY_HIGH },
		{ SO_VITAL_OPEN_TRANSACTION, "long-transaction", 3600, NAN, 3599, SO_SEVERITY_MEDIUM },
		{ SO_VITAL_PREPARED_TRANSACTION, "long-transaction", 28800, NAN, 10, SO_SEVERITY_HIGH },
		{ SO_VITAL_REPLICATION_SLOT, "inactive-replication-slot", 1073741824, NAN, 1000, SO_SEVERITY_MEDIUM },
		{ SO_VITAL_CACHE, "cache-hit-low", 899999, 1000000, 950000, SO_SEVERITY_MEDIUM },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome out = audit_vital(*state, cases[i].kind, cases[i].value, cases[i].limit);

		assert_int_equal(only(&out, cases[i].rule)->severity, cases[i].severity);
		out = audit_vital(*state, cases[i].kind, cases[i].near_miss, cases[i].limit);
		silent(&out);
		out = audit_vital(*state, cases[i].kind, NAN, NAN);
		silent(&out);
	}
	{
		struct outcome out = audit_vital(*state, SO_VITAL_MAINTENANCE_OFF, 1, NAN);

		only(&out, "maintenance-off");
		out = audit_vital(*state, SO_VITAL_INVALID_CONSTRAINT, NAN, NAN);
		only(&out, "invalid-constraint");
		out = audit_vital(*state, SO_VITAL_CACHE, 0, 999999); /* a server that has just started */
		silent(&out);
	}
}

static void test_bounds(void **state)
{
	struct so_table *tables = so_new_array(*state, struct so_table, SO_AUDIT_PER_RULE + 7);
	const struct so_plan_override item = { "no-primary-key", "rows", 1e9 };
	const struct so_plan_overrides overrides = { .n = 1, .items = &item };
	struct outcome out;

	for (size_t i = 0; i < SO_AUDIT_PER_RULE + 7; i++) {
		tables[i] = healthy(*state, so_printf(*state, "t%zu", i));
		tables[i].n_keys = 0;
	}
	out = audit_of(*state, tables, SO_AUDIT_PER_RULE + 7);
	assert_int_equal(out.findings->count, SO_AUDIT_PER_RULE);
	assert_int_equal(out.lines[0].n_found, SO_AUDIT_PER_RULE + 7);
	out = audit_with(*state, tables, SO_AUDIT_PER_RULE + 7, NULL, &overrides);
	silent(&out);
}

/* The page of a rule names every threshold with its default. */
static void test_rules_are_documented(void **state)
{
	for (size_t r = 0; r < so_audit_rule_count(); r++) {
		const struct so_audit_rule *rule = so_audit_rule_at(r);
		char page[16384];
		size_t len;
		FILE *f = fopen(so_printf(*state, SO_TEST_DATA "/../../docs/findings/%s.md", rule->id), "r");

		if (!f)
			fail_msg("%s has no page", rule->id);
		len = fread(page, 1, sizeof page - 1, f);
		page[len] = '\0';
		fclose(f);
		for (size_t i = 0; i < SO_AUDIT_THRESHOLDS && rule->thresholds[i].name; i++) {
			const struct so_plan_threshold *t = &rule->thresholds[i];
			char *row = so_printf(*state, "| `%s` | %.15g %s |", t->name, t->value, t->unit);

			if (!strstr(page, row))
				fail_msg("%s: the page lacks '%s'", rule->id, row);
		}
		for (const char *const *heading = (const char *const[]){ "# ", "## Why it matters",
			     "## When it is not a problem", "## What to do", "## When it fires", NULL };
			*heading; heading++)
			if (!strstr(page, *heading))
				fail_msg("%s: the page lacks '%s'", rule->id, *heading);
		assert_true(rule->what[0] && rule->remedy[0] && rule->issue_type[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_healthy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_primary_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_indexes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size_and_statistics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_vitals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules_are_documented, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
