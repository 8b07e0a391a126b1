#include "facts_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sql/facts.h"
#include "sql/parse.h"

const char *const facts_claim_names[FACTS_CLAIMS] = { "not null", "unique", "one row", "rows unique", "determines",
	"equal", "constant" };

/* Claims of one query being put together. */
struct check {
	struct gen *gen;
	const struct so_resolved *resolved;
	int32_t block;
	struct so_buf *text;
	struct facts_counts *counts;
	bool invented;
};

/* Adds one claim to the query that checks all of them: `violation` returns rows when it does not hold. */
static void SO_PRINTF(3, 4) claim(struct check *c, enum facts_claim kind, const char *violation, ...)
{
	char text[4096], quoted[8192];
	size_t n = 0;
	va_list args;

	va_start(args, violation);
	vsnprintf(text, sizeof text, violation, args);
	va_end(args);
	for (const char *p = text; *p; p++) {
		quoted[n++] = *p;
		if (*p == '\'')
			quoted[n++] = '\'';
	}
	quoted[n] = '\0';
	c->counts->claims[kind]++;
	so_buf_addf(
		c->text, " || CASE WHEN EXISTS (%s) THEN '%s: %s;' ELSE '' END", text, facts_claim_names[kind], quoted);
}

static void list(char out[512], const int32_t *outputs, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, 512 - at, "%so%d", i ? ", " : "", outputs[i]);
}

static size_t subset(struct gen *gen, size_t n, int32_t *out)
{
	size_t taken = 0;

	for (size_t i = 0; i < n; i++)
		if (gen_below(gen, 2) == 0)
			out[taken++] = (int32_t)i;
	return taken;
}

static void output_claims(struct check *c)
{
	const struct so_block *block = &c->resolved->blocks[c->block];
	int32_t set[64];
	char names[512];

	for (size_t i = 0; i < block->n_outputs; i++)
		if (block->outputs[i].not_null != c->invented)
			claim(c, FACTS_NOT_NULL, "SELECT 1 FROM q WHERE o%zu IS NULL", i);
	if (so_block_max_one_row(c->resolved, c->block) != c->invented)
		claim(c, FACTS_ONE_ROW, "SELECT 1 WHERE (SELECT count(*) FROM q) > 1");
	for (int round = 0; round < 6 && block->n_outputs <= 60; round++) {
		size_t n = subset(c->gen, block->n_outputs, set);

		list(names, set, n);
		if (n && so_block_outputs_unique(c->resolved, c->block, set, n) != c->invented)
			claim(c, FACTS_UNIQUE, "SELECT 1 FROM q GROUP BY %s HAVING count(*) > 1", names);
	}
}

/* A query whose result is exactly the rows of FROM and WHERE. */
static bool is_plain(const struct check *c)
{
	const struct so_block *block = &c->resolved->blocks[c->block];
	const struct so_n_select *select;

	if (so_ast_kind(c->resolved->ast, c->resolved->root) != SO_N_SELECT)
		return false;
	select = so_as_select(c->resolved->ast, c->resolved->root);
	if (select->group_by.count || (select->hdr.flags & SO_NF_DISTINCT) || select->limit)
		return false;
	for (size_t i = 0; i < block->n_outputs; i++)
		if (block->outputs[i].rel < 0)
			return false;
	return true;
}

static void set_claims(struct check *c, const struct so_rel_col *cols, size_t n_cols, bool nothing)
{
	struct so_rel_col set_cols[64];
	int32_t set[64] = { 0 };
	char names[512];
	size_t n = nothing ? 0 : subset(c->gen, n_cols, set);

	list(names, set, n);
	for (size_t i = 0; i < n; i++)
		set_cols[i] = cols[set[i]];
	if (n && so_block_rows_unique(c->resolved, c->block, set_cols, n) != c->invented)
		claim(c, FACTS_ROWS_UNIQUE, "SELECT 1 FROM q GROUP BY %s HAVING count(*) > 1", names);
	for (size_t i = 0; i < n_cols; i++) {
		char counted[160];

		if (so_block_determines(c->resolved, c->block, set_cols, n, cols[i]) == c->invented)
			continue;
		snprintf(counted, sizeof counted,
			"count(DISTINCT o%zu) + max(CASE WHEN o%zu IS NULL THEN 1 ELSE 0 END)", i, i);
		if (n)
			claim(c, FACTS_DETERMINES, "SELECT 1 FROM q GROUP BY %s HAVING %s > 1", names, counted);
		else
			claim(c, FACTS_DETERMINES, "SELECT 1 WHERE (SELECT %s FROM q) > 1", counted);
	}
}

static void row_claims(struct check *c)
{
	const struct so_resolved *resolved = c->resolved;
	const struct so_block *block = &resolved->blocks[c->block];
	size_t n = block->n_outputs;
	struct so_rel_col cols[64];

	for (size_t i = 0; i < n && i < 60; i++)
		cols[i] = (struct so_rel_col){ block->outputs[i].rel, block->outputs[i].column };
	for (int round = 0; round < 4 && n < 60; round++)
		set_claims(c, cols, n, round == 0);
	for (size_t i = 0; i < n && i < 60; i++) {
		so_ref value = so_block_constant(resolved, c->block, cols[i]);
		struct so_text text = so_ast_source_of(resolved->ast, value);

		if (value && !c->invented)
			claim(c, FACTS_CONSTANT, "SELECT 1 FROM q WHERE (o%zu = %.*s) IS NOT TRUE", i, (int)text.len,
				text.s);
		if (!value && c->invented)
			claim(c, FACTS_CONSTANT, "SELECT 1 FROM q WHERE (o%zu IS NULL) IS NOT TRUE", i);
		for (size_t k = 0; k < i; k++) {
			const struct so_col *a = &resolved->rels[cols[i].rel].cols[cols[i].column];
			const struct so_col *b = &resolved->rels[cols[k].rel].cols[cols[k].column];

			if (cols[i].rel == cols[k].rel && cols[i].column == cols[k].column)
				continue;
			/* invented ones must be such that the engine compares at all */
			if (c->invented && strcmp(a->type, b->type) != 0)
				continue;
			if (so_block_columns_equal(resolved, c->block, cols[i], cols[k]) != c->invented)
				claim(c, FACTS_EQUAL, "SELECT 1 FROM q WHERE (o%zu = o%zu) IS NOT TRUE", i, k);
		}
	}
}

static void count_refuted(struct facts_counts *counts, const char *text)
{
	for (size_t i = 0; i < FACTS_CLAIMS; i++)
		for (const char *p = text; (p = strstr(p, facts_claim_names[i])); p++)
			/* "rows unique" holds "unique", too */
			counts->refuted[i] += p[strlen(facts_claim_names[i])] == ':' && (p == text || p[-1] == ';');
}

char *facts_check_query(TALLOC_CTX *ctx, struct gen *gen, const struct so_catalog *catalog,
	const struct facts_judge *judge, bool invented, struct facts_counts *counts)
{
	SO_TMP(tmp, ctx);
	struct so_buf sql, text, all;
	struct check check = { gen, NULL, 0, &text, counts, invented };
	struct so_err err = SO_ERR_INIT;
	struct so_resolved *resolved;
	struct so_ast *ast;
	char *failed = NULL, *rows = NULL;
	unsigned n;

	so_buf_init(&sql, tmp, 1 << 20);
	so_buf_init(&text, tmp, 1 << 22);
	so_buf_init(&all, tmp, 1 << 22);
	n = gen_query(gen, &sql);
	counts->queries++;
	if (!so_sql_parse(tmp, NULL, gen->dialect, sql.data, sql.len, NULL, &ast, &err))
		fail_msg("%s: %s", sql.data, err.message);
	if (!so_sql_resolve(tmp, ast, so_ast_statement(ast), catalog, &resolved, &err)) {
		counts->refused_by_us++;
		so_buf_addf(&all, "SELECT '', count(*) FROM (%s) q", sql.data);
		if (judge->ask(judge->arg, tmp, all.data, &failed, &rows))
			fail_msg("the resolver says %s, the engine takes %s", err.message, sql.data);
		return NULL;
	}
	check.resolved = resolved;
	check.block = so_resolved_block(resolved, resolved->root);
	output_claims(&check);
	if (is_plain(&check))
		row_claims(&check);
	so_buf_adds(&all, "WITH q (");
	for (unsigned i = 0; i < n; i++)
		so_buf_addf(&all, "%so%u", i ? ", " : "", i);
	so_buf_addf(&all, ") AS MATERIALIZED (%s) SELECT ''%s, (SELECT count(*) FROM q)", sql.data, so_buf_text(&text));
	if (!judge->ask(judge->arg, tmp, all.data, &failed, &rows)) {
		counts->refused_by_engine++;
		if (getenv("SO_FACTS_VERBOSE"))
			printf("%s\n", all.data);
		return NULL;
	}
	counts->empty += strcmp(rows, "0") == 0;
	if (!*failed)
		return NULL;
	count_refuted(counts, failed);
	return so_printf(ctx, "%s\n%s", sql.data, failed);
}

void facts_check_summary(const char *engine, const struct facts_counts *counts)
{
	printf("facts on %s: %u queries, %u refused by the engine, %u by the resolver, %u without rows; claims:",
		engine, counts->queries, counts->refused_by_engine, counts->refused_by_us, counts->empty);
	for (size_t i = 0; i < FACTS_CLAIMS; i++)
		printf(" %s %u", facts_claim_names[i], counts->claims[i]);
	printf("\n");
	for (size_t i = 0; i < FACTS_CLAIMS; i++)
		if (!counts->claims[i])
			fail_msg("%s: nothing was claimed to be \"%s\"", engine, facts_claim_names[i]);
	if (counts->refused_by_engine + counts->refused_by_us >= counts->queries / 3)
		fail_msg("%s: %u of %u queries were refused", engine, counts->refused_by_engine + counts->refused_by_us,
			counts->queries);
}
