#include "advise/candidate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "advise/index_style.h"
#include "base/buf.h"

#define NAME_MAX_BYTES 63

/* Words that cannot be a bare column name in PostgreSQL: fully reserved, and those reserved but for functions and
 * types. */
static const char *const reserved[] = { "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
	"authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast", "char", "character",
	"check", "coalesce", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
	"current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
	"current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
	"exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest",
	"group", "grouping", "having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect",
	"interval", "into", "is", "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
	"localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif",
	"numeric", "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position",
	"precision", "primary", "real", "references", "returning", "right", "row", "select", "session_user", "setof",
	"similar", "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample", "then", "time",
	"timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar",
	"variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement",
	"xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable" };

static int compare_words(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

const char *so_cand_quote(TALLOC_CTX *ctx, const char *name)
{
	bool plain = islower((unsigned char)name[0]) || name[0] == '_';
	struct so_buf buf;

	for (const char *p = name; plain && *p; p++)
		plain = islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_';
	if (plain && !bsearch(name, reserved, sizeof reserved / sizeof reserved[0], sizeof reserved[0], compare_words))
		return so_strdup(ctx, name);
	so_buf_init(&buf, ctx, 512);
	so_buf_addc(&buf, '"');
	for (const char *p = name; *p; p++) {
		if (*p == '"')
			so_buf_addc(&buf, '"');
		so_buf_addc(&buf, *p);
	}
	so_buf_addc(&buf, '"');
	return so_buf_text(&buf);
}

const char *so_cand_size_text(TALLOC_CTX *ctx, int64_t bytes)
{
	if (bytes < 0)
		return "unknown size";
	if (bytes < 10 * 1024 * 1024)
		return so_printf(ctx, "%lld kB", (long long)((bytes + 1023) / 1024));
	return so_printf(ctx, "%lld MB", (long long)((bytes + 524288) / 1048576));
}

struct so_cand_set *so_cand_set_new(TALLOC_CTX *ctx)
{
	return so_new(ctx, struct so_cand_set);
}

/* Expression and predicate texts are compared without what the engine adds when it prints them: blanks, parentheses,
 * casts of text. Two texts that differ in nothing else mean the same index for our purposes. */
static char *bare_text(TALLOC_CTX *ctx, const char *text)
{
	static const char *const casts[] = { "::text", "::character varying", "::bpchar" };
	char *out = so_strdup(ctx, text), *to = out;

	for (const char *p = text; *p;) {
		bool cut = false;

		for (size_t i = 0; !cut && i < sizeof casts / sizeof casts[0]; i++)
			if (strncmp(p, casts[i], strlen(casts[i])) == 0) {
				p += strlen(casts[i]);
				cut = true;
			}
		if (cut)
			continue;
		if (*p != ' ' && *p != '(' && *p != ')')
			*to++ = *p;
		p++;
	}
	*to = '\0';
	return out;
}

static bool same_text(const char *a, const char *b)
{
	SO_TMP(tmp, NULL);

	if (!a || !b)
		return a == b;
	return strcmp(bare_text(tmp, a), bare_text(tmp, b)) == 0;
}

static bool same_word(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_key(const struct so_cand_key *a, const struct so_cand_key *b)
{
	return a->column == b->column && same_text(a->expr, b->expr) && same_word(a->opclass, b->opclass) &&
	       a->desc == b->desc && a->nulls_first == b->nulls_first;
}

static bool same_cand(const struct so_cand *a, const struct so_cand *b)
{
	if (a->table != b->table || a->n_keys != b->n_keys || a->n_include != b->n_include ||
		strcmp(a->method, b->method) != 0 || !same_text(a->predicate, b->predicate))
		return false;
	for (size_t i = 0; i < a->n_keys; i++)
		if (!same_key(&a->keys[i], &b->keys[i]))
			return false;
	for (size_t i = 0; i < a->n_include; i++)
		if (a->include[i] != b->include[i])
			return false;
	return true;
}

static bool index_has_column(const struct so_index *index, int32_t column)
{
	for (size_t i = 0; i < index->n_keys; i++)
		if (index->keys[i].column == column && !index->keys[i].expr)
			return true;
	for (size_t i = 0; i < index->n_include; i++)
		if (index->include[i] == column)
			return true;
	return false;
}

/* How many leading keys of the existing index are the candidate's, in its order. */
static size_t shared_prefix(const struct so_index *index, const struct so_cand *cand)
{
	size_t n = 0;
	bool reversed = false;

	for (; n < cand->n_keys && n < index->n_keys; n++) {
		const struct so_index_key *have = &index->keys[n];
		const struct so_cand_key *want = &cand->keys[n];

		if (want->expr ? !have->expr || !same_text(have->expr, want->expr)
			       : have->expr || have->column != want->column)
			break;
		if (!same_word(have->opclass, want->opclass))
			break;
		if (!cand->ordered)
			continue;
		if (n == 0)
			reversed = have->desc != want->desc;
		if ((have->desc != want->desc) != reversed || (have->nulls_first != want->nulls_first) != reversed)
			break;
	}
	return n;
}

static bool usable(const struct so_index *index, const struct so_cand *cand)
{
	return index->valid && strcmp(index->method, cand->method) == 0 &&
	       (!index->predicate || same_text(index->predicate, cand->predicate));
}

const struct so_index *so_cand_served_by(const struct so_cand *cand)
{
	for (size_t i = 0; i < cand->table->n_indexes; i++) {
		const struct so_index *index = &cand->table->indexes[i];
		bool covers = true;

		if (!usable(index, cand) || shared_prefix(index, cand) < cand->n_keys)
			continue;
		/* A partial candidate is a smaller form of the full index, worth trying for its size and order only
		 * when the full index does not have the same keys; with the same keys the planner filters what it
		 * finds. */
		if (cand->predicate && !index->predicate)
			continue;
		for (size_t c = 0; c < cand->n_include; c++)
			covers = covers && index_has_column(index, cand->include[c]);
		if (covers)
			return index;
	}
	return NULL;
}

/* An existing, droppable index that is a proper prefix of the candidate. */
static const char *extended_index(const struct so_cand *cand)
{
	for (size_t i = 0; i < cand->table->n_indexes; i++) {
		const struct so_index *index = &cand->table->indexes[i];

		if (!usable(index, cand) || index->unique || index->primary || index->constraint ||
			index->replica_identity || cand->predicate)
			continue;
		if (index->n_include == 0 && index->n_keys <= cand->n_keys &&
			shared_prefix(index, cand) == index->n_keys &&
			(index->n_keys < cand->n_keys || cand->n_include > 0))
			return index->name;
	}
	return NULL;
}

static void add_columns(struct so_buf *buf, TALLOC_CTX *tmp, const struct so_cand *cand)
{
	const struct so_index_style *style = so_index_style(cand->table);

	so_buf_addc(buf, '(');
	for (size_t i = 0; i < cand->n_keys; i++) {
		const struct so_cand_key *key = &cand->keys[i];

		so_buf_adds(buf, i ? ", " : "");
		so_buf_adds(buf,
			key->expr ? key->expr : so_index_quote(tmp, style, cand->table->columns[key->column].name));
		if (key->opclass)
			so_buf_addf(buf, " %s", key->opclass);
		if (key->desc)
			so_buf_adds(buf, key->nulls_first || !style->nulls_order ? " DESC" : " DESC NULLS LAST");
		else if (key->nulls_first && style->nulls_order)
			so_buf_adds(buf, " NULLS FIRST");
	}
	so_buf_addc(buf, ')');
	for (size_t i = 0; i < cand->n_include; i++)
		so_buf_addf(buf, "%s%s", i ? ", " : " INCLUDE (",
			so_index_quote(tmp, style, cand->table->columns[cand->include[i]].name));
	if (cand->n_include)
		so_buf_addc(buf, ')');
	if (cand->predicate)
		so_buf_addf(buf, " WHERE %s", cand->predicate);
}

static const char *table_text(TALLOC_CTX *ctx, const struct so_table *table)
{
	return so_index_table(ctx, table);
}

/* Types whose values are kept outside the row, of which only a prefix can be a key. */
static bool is_long(const struct so_column *column)
{
	return strstr(column->type, "text") || strstr(column->type, "blob") || strcmp(column->type, "json") == 0 ||
	       strcmp(column->type, "geometry") == 0;
}

/* Every index of a table that is kept in the order of its primary key ends with that key. */
static bool in_primary_key(const struct so_table *table, int32_t column)
{
	for (size_t i = 0; i < table->n_keys; i++)
		for (size_t k = 0; table->keys[i].kind == SO_KEY_PRIMARY && k < table->keys[i].n_columns; k++)
			if (table->keys[i].columns[k] == column)
				return true;
	return false;
}

/* Brings a candidate into what the engine's CREATE INDEX can say; false: it cannot say it. */
static bool fit(struct so_cand *cand)
{
	const struct so_index_style *style = so_index_style(cand->table);

	if ((!style->gin && strcmp(cand->method, "gin") == 0) || (!style->partial && cand->predicate))
		return false;
	if (!style->include && cand->n_keys + cand->n_include > SO_CAND_KEYS)
		return false;
	for (size_t i = 0; !style->include && i < cand->n_include; i++)
		if (!in_primary_key(cand->table, cand->include[i]))
			cand->keys[cand->n_keys++] = (struct so_cand_key){ .column = cand->include[i] };
	if (!style->include)
		cand->n_include = 0;
	for (size_t i = 0; i < cand->n_keys; i++) {
		struct so_cand_key *key = &cand->keys[i];

		if ((!style->expressions && key->expr) || (!style->opclasses && key->opclass) ||
			(!style->long_keys && key->column >= 0 && is_long(&cand->table->columns[key->column])))
			return false;
		/* where nothing can be said, NULLs stand at the engine's own end */
		if (!style->nulls_order)
			key->nulls_first = key->desc != style->nulls_first;
	}
	return true;
}

/* FNV-1a: the same candidate has the same text in every set. */
static uint32_t text_hash(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* PostgreSQL's hypothetical indexes get names by themselves; others are made under a name of ours. */
static char *what_if_ddl(struct so_cand *cand)
{
	SO_TMP(tmp, cand);
	uint32_t hash = text_hash(text_hash(2166136261u, cand->table->name), cand->columns_text);

	if (so_index_style(cand->table)->number == SO_POSTGRESQL)
		return so_printf(cand, "CREATE INDEX ON %s USING %s %s", table_text(tmp, cand->table), cand->method,
			cand->columns_text);
	return so_index_create(
		cand, cand->table, so_printf(tmp, "sqlopt_tried_%08x", hash), cand->method, cand->columns_text);
}

struct so_cand *so_cand_add(struct so_cand_set *set, const struct so_cand *wanted)
{
	struct so_cand fitted = *wanted, *copy;
	const struct so_cand *cand = &fitted;
	struct so_buf buf;

	if (!fit(&fitted))
		return NULL;
	for (size_t i = 0; i < set->count; i++)
		if (same_cand(set->items[i], cand))
			return set->items[i];
	if (so_cand_served_by(cand))
		return NULL;
	copy = so_memdup(set, cand, sizeof *cand);
	copy->reason = so_strdup_or_null(copy, cand->reason);
	copy->predicate = so_strdup_or_null(copy, cand->predicate);
	copy->pred_label = so_strdup_or_null(copy, cand->pred_label);
	for (size_t i = 0; i < cand->n_keys; i++) {
		copy->keys[i].expr = so_strdup_or_null(copy, cand->keys[i].expr);
		copy->keys[i].label = so_strdup_or_null(copy, cand->keys[i].label);
	}
	copy->extends = extended_index(cand);
	so_buf_init(&buf, copy, 8192);
	add_columns(&buf, copy, copy);
	copy->columns_text = so_strdup(copy, so_buf_text(&buf));
	copy->what_if_ddl = what_if_ddl(copy);
	copy->size_bytes = so_cand_size(copy);
	set->items = so_renew_array(set, set->items, struct so_cand *, set->count + 1);
	set->items[set->count++] = copy;
	return copy;
}

static bool name_taken(const struct so_catalog *catalog, const char *schema, const char *name)
{
	for (size_t i = 0; i < catalog->n_tables; i++) {
		const struct so_table *table = &catalog->tables[i];

		if (strcmp(table->schema, schema) == 0 && strcmp(table->name, name) == 0)
			return true;
		for (size_t j = 0; j < table->n_indexes; j++)
			if (strcmp(table->indexes[j].schema, schema) == 0 && strcmp(table->indexes[j].name, name) == 0)
				return true;
	}
	return false;
}

char *so_cand_name(TALLOC_CTX *ctx, const struct so_catalog *catalog, const struct so_cand *cand)
{
	SO_TMP(tmp, ctx);
	struct so_buf buf;
	char tail[32];

	so_buf_init(&buf, tmp, 4096);
	so_buf_adds(&buf, cand->table->name);
	for (size_t i = 0; i < cand->n_keys; i++)
		so_buf_addf(&buf, "_%s",
			cand->keys[i].expr ? cand->keys[i].label : cand->table->columns[cand->keys[i].column].name);
	if (cand->method[0] == 'g')
		so_buf_adds(&buf,
			cand->keys[0].opclass && strcmp(cand->keys[0].opclass, "gin_trgm_ops") == 0 ? "_trgm" : "_gin");
	else if (cand->n_keys == 1 && cand->keys[0].opclass)
		so_buf_adds(&buf, "_pattern");
	if (cand->n_include)
		so_buf_adds(&buf, "_incl");
	for (size_t i = 0; i < cand->n_include; i++)
		so_buf_addf(&buf, "_%s", cand->table->columns[cand->include[i]].name);
	if (cand->predicate)
		so_buf_addf(&buf, "_%s", cand->pred_label ? cand->pred_label : "partial");
	for (int n = 0;; n++) {
		const char *text = so_buf_text(&buf);
		size_t keep;
		char *name;

		snprintf(tail, sizeof tail, n ? "_idx%d" : "_idx", n);
		keep = NAME_MAX_BYTES - strlen(tail);
		if (keep > strlen(text))
			keep = strlen(text);
		while (keep > 0 && ((unsigned char)text[keep] & 0xC0) == 0x80)
			keep--; /* not in the middle of a character */
		name = so_printf(ctx, "%.*s%s", (int)keep, text, tail);
		if (!name_taken(catalog, cand->table->schema, name))
			return name;
		talloc_free(name);
	}
}

static char *write_cost(TALLOC_CTX *ctx, const struct so_table *table, const struct so_cand *cand)
{
	const char *partial = cand->predicate ? "; only rows that satisfy its WHERE are entered" : "";

	if (table->inserts < 0)
		return so_strdup(ctx, "unknown: the server's counters of this table are not readable");
	if (table->inserts + table->updates + table->deletes == 0)
		return so_printf(
			ctx, "no insert, update or delete of this table since the statistics were reset%s", partial);
	return so_printf(ctx,
		"%lld inserts, %lld updates (%lld of them HOT) and %lld deletes of this table since the statistics "
		"were reset: every "
		"insert adds an entry, every update that changes its columns stops being HOT%s; indexes there now: %zu",
		(long long)table->inserts, (long long)table->updates, (long long)table->hot_updates,
		(long long)table->deletes, partial, table->n_indexes);
}

static void describe_sql(struct so_proposal *p, const struct so_catalog *catalog, const struct so_cand *cand)
{
	SO_TMP(tmp, p);
	const char *name = so_cand_quote(tmp, so_cand_name(tmp, catalog, cand));
	const char *table = table_text(tmp, cand->table), *schema = so_cand_quote(tmp, cand->table->schema);
	const struct so_index_style *style = so_index_style(cand->table);

	if (!style->concurrently) {
		name = so_cand_name(tmp, catalog, cand);
		p->sql = so_index_create(p, cand->table, name, cand->method, cand->columns_text);
		p->undo_sql = so_index_drop(p, cand->table, name);
		p->lock = so_strdup(p, style->lock);
		return;
	}
	if (cand->table->kind == SO_TABLE_PARTITIONED) {
		p->sql = so_printf(
			p, "CREATE INDEX %s ON ONLY %s USING %s %s", name, table, cand->method, cand->columns_text);
		p->undo_sql = so_printf(p, "DROP INDEX %s.%s", schema, name);
		p->lock = so_strdup(p,
			"SHARE on the parent, for a moment: with ONLY the parent's index is empty and not yet valid");
		so_proposal_add_caveat(p,
			"the table is partitioned and CREATE INDEX CONCURRENTLY does not work on the parent: run this "
			"first, then for "
			"each partition CREATE INDEX CONCURRENTLY ... %s and ALTER INDEX %s.%s ATTACH PARTITION ...; "
			"the parent's "
			"index becomes valid with the last one",
			cand->columns_text, schema, name);
		return;
	}
	p->sql = so_printf(
		p, "CREATE INDEX CONCURRENTLY %s ON %s USING %s %s", name, table, cand->method, cand->columns_text);
	p->undo_sql = so_printf(p, "DROP INDEX CONCURRENTLY %s.%s", schema, name);
	p->lock = so_printf(p,
		"SHARE UPDATE EXCLUSIVE: reads and writes go on; it reads the table twice (%s) and waits for "
		"transactions that are "
		"older than it; it cannot run inside a transaction, and leaves an INVALID index to drop when it fails",
		so_cand_size_text(tmp, cand->table->pages * 8192));
}

void so_cand_describe(
	struct so_proposal *p, const struct so_catalog *catalog, const struct so_cand *cand, int64_t engine_size)
{
	SO_TMP(tmp, p);
	const struct so_table *table = cand->table;

	p->title = so_printf(p, "Index on %s.%s %s", table->schema, table->name, cand->columns_text);
	p->size_bytes = cand->size_bytes;
	/* The build sorts all entries first: about as much again in temporary files once it exceeds
	 * maintenance_work_mem. */
	p->build_bytes = cand->size_bytes * 2;
	p->write_cost = write_cost(p, table, cand);
	describe_sql(p, catalog, cand);
	so_proposal_add_object(p, so_printf(tmp, "%s.%s", table->schema, table->name));
	for (size_t i = 0; i < cand->n_keys; i++)
		if (cand->keys[i].column >= 0)
			so_proposal_add_object(p, so_printf(tmp, "%s.%s.%s", table->schema, table->name,
							  table->columns[cand->keys[i].column].name));
	if (engine_size >= 0 && engine_size != cand->size_bytes)
		so_proposal_add_caveat(p,
			"size %s by our formula from the column statistics; the what-if extension says %s",
			so_cand_size_text(tmp, cand->size_bytes), so_cand_size_text(tmp, engine_size));
	if (cand->extends)
		so_proposal_add_caveat(p, "extends %s, which would then be redundant", cand->extends);
}
