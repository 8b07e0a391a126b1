/* Indexes that a table could do without. Constraints, unique indexes, the replica identity and the only index behind a
 * foreign key are never proposed. */
#include "advise/advise.h"

#include <string.h>

#include "advise/candidate.h"
#include "advise/index_style.h"
#include "advise/describe.h"
#include "advise/upkeep.h"

#define UNUSED_MIN_BYTES (1024 * 1024)
#define UNUSED_ORIGIN    "advisor: unused-index"

static bool same_word(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_key(const struct so_index_key *a, const struct so_index_key *b)
{
	return a->column == b->column && same_word(a->expr, b->expr) && same_word(a->opclass, b->opclass) &&
	       same_word(a->collation, b->collation) && a->desc == b->desc && a->nulls_first == b->nulls_first;
}

/* All keys of `a` lead `b`, over the same rows. */
static bool is_prefix(const struct so_index *a, const struct so_index *b)
{
	if (strcmp(a->method, b->method) != 0 || !same_word(a->predicate, b->predicate) || a->n_keys > b->n_keys)
		return false;
	for (size_t i = 0; i < a->n_keys; i++)
		if (!same_key(&a->keys[i], &b->keys[i]))
			return false;
	return true;
}

static bool includes_within(const struct so_index *a, const struct so_index *b)
{
	for (size_t i = 0; i < a->n_include; i++) {
		bool found = false;

		for (size_t j = 0; j < b->n_include; j++)
			found = found || b->include[j] == a->include[i];
		for (size_t j = 0; j < b->n_keys; j++)
			found = found || (!b->keys[j].expr && b->keys[j].column == a->include[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool droppable(const struct so_index *index)
{
	return !index->unique && !index->primary && !index->constraint && !index->replica_identity;
}

/* Of two equal indexes the one to keep: what cannot be dropped, then the more used, then the first name. */
static bool keep_rather(const struct so_index *a, const struct so_index *b)
{
	if (droppable(a) != droppable(b))
		return !droppable(a);
	if (a->scans != b->scans)
		return a->scans > b->scans;
	return strcmp(a->name, b->name) < 0;
}

static bool index_leads_with(const struct so_index *index, const int32_t *columns, size_t n)
{
	if (!index->valid || index->predicate || index->n_keys < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t j = 0; j < n; j++)
			found = found || (!index->keys[i].expr && index->keys[i].column == columns[j]);
		if (!found)
			return false;
	}
	return true;
}

/* The index is the only one that finds the rows of a foreign key when a parent row is changed. */
static bool only_fkey_support(const struct so_table *table, const struct so_index *index)
{
	for (size_t f = 0; f < table->n_fkeys; f++) {
		const struct so_fkey *fkey = &table->fkeys[f];
		bool other = false;

		if (!index_leads_with(index, fkey->columns, fkey->n_columns))
			continue;
		for (size_t i = 0; i < table->n_indexes; i++)
			other = other || (&table->indexes[i] != index &&
						 index_leads_with(&table->indexes[i], fkey->columns, fkey->n_columns));
		if (!other)
			return true;
	}
	return false;
}

/* CREATE INDEX x -> CREATE INDEX CONCURRENTLY x, from the definition that the engine prints. */
static char *online_definition(TALLOC_CTX *ctx, const char *definition)
{
	static const char *const heads[] = { "CREATE INDEX ", "CREATE UNIQUE INDEX " };

	for (size_t i = 0; definition && i < sizeof heads / sizeof heads[0]; i++)
		if (strncmp(definition, heads[i], strlen(heads[i])) == 0)
			return so_printf(ctx, "%sCONCURRENTLY %s", heads[i], definition + strlen(heads[i]));
	return so_strdup_or_null(ctx, definition);
}

static struct so_proposal *add_drop(
	struct so_proposal_list *out, const struct so_table *table, const struct so_index *index, const char *rule)
{
	struct so_proposal *p = so_proposal_add(out, SO_PROPOSAL_DROP_INDEX, rule);
	SO_TMP(tmp, p);

	p->verdict = SO_VERDICT_OFFERED;
	p->sql = so_index_drop(p, table, index->name);
	p->undo_sql = so_index_style(table)->concurrently ? online_definition(p, index->definition)
							  : so_strdup_or_null(p, index->definition);
	p->lock = so_strdup(p, so_index_style(table)->drop_lock);
	p->size_bytes = index->size_bytes;
	so_proposal_add_object(p, so_printf(tmp, "%s.%s", table->schema, table->name));
	so_proposal_add_object(p, so_printf(tmp, "%s.%s", index->schema, index->name));
	so_describe_text_rungs(p, "the planner cannot be asked for a plan without an index that exists");
	return p;
}

static void add_invalid(struct so_proposal_list *out, const struct so_table *table, const struct so_index *index)
{
	struct so_proposal *p = add_drop(out, table, index, "advisor: invalid-index");
	SO_TMP(tmp, p);

	p->title = so_printf(p, "Drop invalid index %s", index->name);
	if (so_index_style(table)->concurrently) {
		p->explanation = so_printf(p,
			"An interrupted CREATE INDEX CONCURRENTLY left it behind: no query can use it, every write "
			"still maintains it (%s).",
			so_cand_size_text(tmp, index->size_bytes));
		so_proposal_add_caveat(
			p, "it is also invalid while it is being built: see pg_stat_progress_create_index first");
		return;
	}
	p->explanation = so_printf(p, "It is disabled, unusable or invisible (%s): no query can use it.",
		so_cand_size_text(tmp, index->size_bytes));
	so_proposal_add_caveat(p, "somebody may have switched it off to see whether anybody misses it");
}

static void add_covered(struct so_proposal_list *out, const struct so_table *table, const struct so_index *index,
	const struct so_index *by)
{
	bool duplicate = index->n_keys == by->n_keys;
	struct so_proposal *p =
		add_drop(out, table, index, duplicate ? "advisor: duplicate-index" : "advisor: redundant-index");
	SO_TMP(tmp, p);

	p->title = so_printf(p, "Drop %s index %s", duplicate ? "duplicate" : "redundant", index->name);
	p->explanation =
		so_printf(p, "%s.%s has the same columns in the same order as %s%s; %s are written for nothing.",
			index->schema, index->name, by->name, duplicate ? "" : ", which has more after them",
			so_cand_size_text(tmp, index->size_bytes));
	if (!duplicate)
		so_proposal_add_caveat(p, "%s is larger (%s against %s): scans that read much of the index read more",
			by->name, so_cand_size_text(tmp, by->size_bytes), so_cand_size_text(tmp, index->size_bytes));
}

static void add_unused(struct so_proposal_list *out, const struct so_table *table, const struct so_index *index)
{
	struct so_proposal *p = add_drop(out, table, index, UNUSED_ORIGIN);
	SO_TMP(tmp, p);

	p->title = so_printf(p, "Drop unused index %s", index->name);
	p->explanation = so_printf(p,
		"No scan of it since the statistics were reset; it takes %s and is maintained by every insert.",
		so_cand_size_text(tmp, index->size_bytes));
	so_proposal_add_caveat(
		p, "the counter is of this server only: an index that replicas use shows no scan on the primary");
	/* a server that started this morning knows no scan of last month: nothing here proves that nobody needs it */
	p->verdict = SO_VERDICT_UNPROVED;
	p->verdict_reason = so_strdup(p, "the counter starts at the last reset of the statistics: watch it over a "
					 "month's end, and on every replica, before dropping");
}

/* The index that makes `index` superfluous, or NULL. */
static const struct so_index *covered_by(const struct so_table *table, const struct so_index *index)
{
	for (size_t i = 0; i < table->n_indexes; i++) {
		const struct so_index *other = &table->indexes[i];

		if (other == index || !other->valid || !is_prefix(index, other) || !includes_within(index, other))
			continue;
		/* Of two that cover each other only one goes. */
		if (is_prefix(other, index) && includes_within(other, index) && !keep_rather(other, index))
			continue;
		return other;
	}
	return NULL;
}

static void table_hygiene(const struct so_table *table, struct so_proposal_list *out)
{
	for (size_t i = 0; i < table->n_indexes; i++) {
		const struct so_index *index = &table->indexes[i], *by;

		if (!droppable(index))
			continue;
		if (!index->valid) {
			/* elsewhere somebody hid it from the planner to see whether it is missed */
			if (so_index_style(table)->concurrently)
				add_invalid(out, table, index);
			continue;
		}
		by = covered_by(table, index);
		if (by)
			add_covered(out, table, index, by);
		else if (index->scans == 0 && index->size_bytes >= UNUSED_MIN_BYTES && !only_fkey_support(table, index))
			add_unused(out, table, index);
	}
}

static bool used_by(const struct so_plan *const *plans, size_t n, const char *index)
{
	for (size_t i = 0; i < n; i++)
		if (plans[i] && so_plan_uses_index(plans[i], index))
			return true;
	return false;
}

void so_hygiene_of_table(
	const struct so_table *table, const struct so_plan *const *plans, size_t n, struct so_proposal_list *out)
{
	size_t kept = out->count;

	if (table->kind != SO_TABLE && table->kind != SO_TABLE_MATVIEW)
		return;
	table_hygiene(table, out);
	for (size_t i = kept; i < out->count; i++) {
		struct so_proposal *p = out->items[i];
		const char *name = strchr(p->objects[1], '.') + 1; /* add_drop: table, index */

		/* A plan at hand needs it, whatever the counter says. Of duplicates either serves. */
		if (strcmp(p->origin, UNUSED_ORIGIN) == 0 && used_by(plans, n, name))
			talloc_free(p);
		else
			out->items[kept++] = p;
	}
	out->count = kept;
}

void so_advise_hygiene(const struct so_catalog *catalog, struct so_proposal_list *out)
{
	for (size_t i = 0; i < catalog->n_tables; i++)
		so_hygiene_of_table(&catalog->tables[i], NULL, 0, out);
}
