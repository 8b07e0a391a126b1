#include "sql/resolve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sql/resolve/memo.h"
#include "sql/resolve/resolver.h"

bool so_res_fail(struct resolver *r, so_ref node, const char *fmt, ...)
{
	char text[256];
	size_t offset = 0, len;
	va_list args;

	if (r->failed)
		return false;
	r->failed = true;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (so_ast_span(r->ast, node, &offset, &len))
		return so_fail_at(r->err, SO_INPUT, (int32_t)offset, "%s", text);
	return so_fail(r->err, SO_INPUT, "%s", text);
}

/* Room for one item more; doubles. */
#define GROW(r, array, type, count, room)                                                                              \
	do {                                                                                                           \
		if ((count) == (room)) {                                                                               \
			(room) = (room) ? (room)*2 : 8;                                                                \
			(array) = so_renew_array((r)->out, (array), type, (room));                                     \
		}                                                                                                      \
	} while (0)

int32_t so_res_add_block(struct resolver *r, so_ref node, int32_t parent)
{
	GROW(r, r->out->blocks, struct so_block, r->out->n_blocks, r->room_blocks);
	r->out->blocks[r->out->n_blocks] = (struct so_block){ .node = node, .parent = parent };
	return (int32_t)r->out->n_blocks++;
}

int32_t so_res_add_rel(struct resolver *r, int32_t block, so_ref node, enum so_rel_kind kind)
{
	GROW(r, r->out->rels, struct so_rel, r->out->n_rels, r->room_rels);
	r->out->rels[r->out->n_rels] =
		(struct so_rel){ .kind = kind, .node = node, .block = block, .source = -1, .name = "" };
	r->out->blocks[block].n_rels++;
	return (int32_t)r->out->n_rels++;
}

/* Slot of a node: its own, or the empty one where it belongs. */
static uint32_t *use_slot(const struct so_resolved *out, so_ref node)
{
	uint32_t at = (node * 2654435761u) >> 7 & out->use_mask;

	while (out->use_slots[at] && out->uses[out->use_slots[at] - 1].node != node)
		at = (at + 1) & out->use_mask;
	return &out->use_slots[at];
}

static void hash_uses(struct resolver *r, uint32_t slots)
{
	struct so_resolved *out = r->out;

	talloc_free(out->use_slots);
	out->use_slots = so_new_array(out, uint32_t, slots);
	out->use_mask = slots - 1;
	for (size_t i = 0; i < out->n_uses; i++)
		*use_slot(out, out->uses[i].node) = (uint32_t)i + 1;
}

void so_res_add_use(struct resolver *r, struct so_use use)
{
	GROW(r, r->out->uses, struct so_use, r->out->n_uses, r->room_uses);
	r->out->uses[r->out->n_uses++] = use;
	if (2 * r->room_uses > r->out->use_mask)
		hash_uses(r, (uint32_t)r->room_uses * 4);
	else
		*use_slot(r->out, use.node) = (uint32_t)r->out->n_uses;
}

void so_res_drop_uses(struct resolver *r, size_t n_uses)
{
	r->out->n_uses = n_uses;
	if (r->out->use_slots)
		hash_uses(r, r->out->use_mask + 1);
}

const char *so_res_name(struct resolver *r, struct so_name name)
{
	return so_ast_name_dup(r->out, r->ast, name);
}

#define MAX_PROBES ((size_t)8 * 1024 * 1024)

bool so_res_probe(struct resolver *r, so_ref node, const char *column, size_t n)
{
	r->n_probes += n;
	return r->n_probes <= MAX_PROBES ||
	       so_res_fail(r, node,
		       "\"%s\" and others before it had to be looked for in %zu relations in all, more than %zu: write "
		       "columns with the table's name, or join fewer tables",
		       column, r->n_probes, MAX_PROBES);
}

/* ---- Looking a name up ------------------------------------------------------------------------------------------ */

struct lookup {
	const char *table, *schema, *column;
	struct so_use use;
	bool found, ambiguous;
	bool table_found;
};

/* Relations of nested blocks lie between those of a block. */
static bool rel_matches(
	const struct resolver *r, const struct scope *scope, const struct so_rel *rel, const struct lookup *look)
{
	if (rel->block != scope->block)
		return false;
	if (look->table ? !so_res_same_table(r, rel->name, look->table) : rel->qualified_only)
		return false;
	if (look->schema && (!rel->table || !so_res_same_table(r, rel->table->schema, look->schema)))
		return false;
	return true;
}

static void take(struct lookup *look, enum so_use_kind kind, int32_t rel, int32_t column)
{
	if (look->found) {
		look->ambiguous = true;
		return;
	}
	look->found = true;
	look->use.kind = kind;
	look->use.rel = rel;
	look->use.column = column;
}

/* The one column that USING made of two of this name. */
static bool take_merged(const struct resolver *r, const struct scope *scope, struct lookup *look)
{
	for (size_t i = r->n_merged; i--;) {
		const struct merged *merged = &r->merged[i];

		if (merged->block != scope->block || merged->rel < scope->from || merged->rel >= scope->to)
			continue;
		if (!so_res_same(r, r->out->rels[merged->rel].cols[merged->column].name, look->column))
			continue;
		look->found = true;
		look->ambiguous = false;
		look->use.kind = SO_USE_OF_COLUMN;
		look->use.rel = merged->rel;
		look->use.column = merged->column;
		look->use.merged = true;
		look->use.coalesced = merged->coalesced;
		look->use.not_null = merged->not_null;
		return true;
	}
	return false;
}

/* A row as a value; in SQLite what MATCH searches; in Oracle what VALUE and REF take. */
static bool has_row_names(const struct resolver *r)
{
	return r->ast->dialect == SO_POSTGRESQL || r->ast->dialect == SO_SQLITE || r->ast->dialect == SO_ORACLE;
}

/* The relation of a scope behind `at` that may be meant, -1: there are no more. A qualifier is looked up by an index
 * when the scope has many relations. */
static int32_t next_rel(struct resolver *r, const struct scope *scope, const struct lookup *look, int32_t at)
{
	bool begin = at < scope->from;

	if (!look->table || scope->to - scope->from < (int32_t)SO_INDEX_FROM) {
		at = begin ? scope->from : at + 1;
		return at < scope->to ? at : -1;
	}
	if (begin) {
		if (!r->rel_names)
			r->rel_names = so_new(r->out, struct so_name_index);
		while (r->rel_names->count < (uint32_t)scope->to)
			so_index_add(r->rel_names, r->out->rels[r->rel_names->count].name);
	}
	at = begin ? so_index_first(r->rel_names, look->table) : so_index_next(r->rel_names, at);
	while (at >= 0 && at < scope->from)
		at = so_index_next(r->rel_names, at);
	return at < scope->to ? at : -1;
}

static void look_in_rels(struct resolver *r, const struct scope *scope, struct lookup *look)
{
	int32_t open = -1;
	bool alone = false;

	if (!look->table && take_merged(r, scope, look))
		return;
	for (int32_t i = next_rel(r, scope, look, -1); i >= 0; i = next_rel(r, scope, look, i)) {
		const struct so_rel *rel = &r->out->rels[i];
		int32_t column;

		if (!rel_matches(r, scope, rel, look))
			continue;
		look->table_found = look->table_found || look->table;
		column = so_res_find_col(r, rel, look->column);
		if (column >= 0)
			take(look, SO_USE_OF_COLUMN, i, column);
		else if (rel->open && open < 0)
			open = i;
		else if (look->table && so_res_is_system_column(r, look->column, &alone) && rel->kind == SO_REL_TABLE)
			take(look, SO_USE_OF_OTHER, i, -1);
	}
	if (!look->found && open >= 0)
		take(look, SO_USE_OF_OTHER, open, -1);
	if (look->found || look->table)
		return;
	/* a relation's name is its whole row; system columns need no qualifier */
	for (int32_t i = scope->from; i < scope->to; i++) {
		const struct so_rel *rel = &r->out->rels[i];

		if (!rel_matches(r, scope, rel, look))
			continue;
		if (has_row_names(r) && so_res_same_table(r, rel->name, look->column))
			take(look, SO_USE_OF_ROW, i, -1);
		else if (so_res_is_system_column(r, look->column, &alone) && !alone && rel->kind == SO_REL_TABLE)
			take(look, SO_USE_OF_OTHER, i, -1);
	}
}

static void look_in_outputs(const struct resolver *r, const struct scope *scope, struct lookup *look)
{
	struct so_block *block = &r->out->blocks[scope->block];
	int32_t output;

	if (look->table || look->found)
		return;
	output = so_res_find_named(r, block->outputs, block->n_outputs, &block->names, look->column);
	if (output >= 0)
		take(look, SO_USE_OF_OUTPUT, -1, output);
}

static void mark_correlated(struct resolver *r, int32_t block, int32_t rel_block)
{
	while (block >= 0 && block != rel_block) {
		r->out->blocks[block].correlated = true;
		block = r->out->blocks[block].parent;
	}
}

/* s.NEXTVAL, s.CURRVAL */
static bool is_sequence(const struct resolver *r, const struct lookup *look)
{
	return (r->ast->dialect == SO_ORACLE || r->ast->dialect == SO_MARIADB) && look->table && !look->table_found &&
	       (strcasecmp(look->column, "nextval") == 0 || strcasecmp(look->column, "currval") == 0);
}

static bool names_are_free(const struct scope *scope)
{
	for (; scope; scope = scope->outer)
		if (scope->any_name)
			return true;
	return false;
}

static void resolve_column(struct resolver *r, so_ref node, const struct scope *scope)
{
	const struct so_n_column *column = so_as_column(r->ast, node);
	struct lookup look = { .column = so_res_name(r, column->name) };
	const struct scope *at = scope;
	bool alone = false;

	look.use = (struct so_use){ .node = node, .block = scope->block, .rel = -1, .column = -1 };
	if (column->qualifier) {
		const struct so_n_name *qualifier = so_as_name(r->ast, column->qualifier);

		look.table = so_res_name(r, qualifier->name);
		if (qualifier->qualifier)
			look.schema = so_res_name(r, so_as_name(r->ast, qualifier->qualifier)->name);
	}
	for (; at && !look.found; at = at->outer) {
		if (at->outputs_first)
			look_in_outputs(r, at, &look);
		if (!look.found && !look.table &&
			!so_res_probe(r, node, look.column, r->n_merged + (size_t)(at->to - at->from)))
			return;
		if (!look.found)
			look_in_rels(r, at, &look);
		if (at->outputs_last)
			look_in_outputs(r, at, &look);
		look.use.grouped = at->grouped;
		if (look.found && at != scope && at->block != scope->block) {
			look.use.outer = true;
			mark_correlated(r, scope->block, at->block);
		}
		if (look.table_found)
			break;
	}
	if (!look.found && (is_sequence(r, &look) || names_are_free(scope)))
		so_res_add_use(r, (struct so_use){ .node = node,
					  .kind = SO_USE_OF_OTHER,
					  .block = scope->block,
					  .rel = -1,
					  .column = -1 });
	else if (look.ambiguous)
		so_res_fail(r, node, "column reference \"%s\" is ambiguous", look.column);
	else if (!look.found && look.table && !look.table_found)
		so_res_fail(r, node, "missing FROM-clause entry for table \"%s\"", look.table);
	else if (!look.found && look.table)
		so_res_fail(r, node, "column \"%s.%s\" does not exist", look.table, look.column);
	else if (!look.found && so_res_is_system_column(r, look.column, &alone) && alone)
		so_res_add_use(r, (struct so_use){ .node = node,
					  .kind = SO_USE_OF_OTHER,
					  .block = scope->block,
					  .rel = -1,
					  .column = -1 });
	else if (!look.found)
		so_res_fail(r, node, "column \"%s\" does not exist", look.column);
	else
		so_res_add_use(r, look.use);
}

/* ---- Expressions ------------------------------------------------------------------------------------------------ */

struct walk_arg {
	struct resolver *r;
	const struct scope *scope;
	const struct cte_scope *ctes;
};

static enum so_walk visit(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct walk_arg *job = arg;
	enum so_node_kind kind = so_ast_kind(ast, ref);

	(void)parent;
	if (job->r->failed)
		return SO_WALK_STOP;
	if (kind == SO_N_COLUMN) {
		resolve_column(job->r, ref, job->scope);
		return SO_WALK_SKIP;
	}
	if (so_kind_is_query(kind)) {
		so_res_query(job->r, ref, job->scope, job->ctes, job->scope->block);
		return SO_WALK_SKIP;
	}
	/* names of types, collations, windows are no columns */
	return kind == SO_N_TYPE || kind == SO_N_NAME ? SO_WALK_SKIP : SO_WALK_ON;
}

void so_res_expr(struct resolver *r, so_ref expr, const struct scope *scope, const struct cte_scope *ctes)
{
	struct walk_arg arg = { r, scope, ctes };

	if (!r->failed)
		so_ast_walk(r->ast, expr, visit, &arg);
}

void so_res_exprs(struct resolver *r, struct so_list list, const struct scope *scope, const struct cte_scope *ctes)
{
	for (uint32_t i = 0; i < list.count; i++)
		so_res_expr(r, so_list_get(r->ast, list, i), scope, ctes);
}

/* ---- Entry points ----------------------------------------------------------------------------------------------- */

bool so_sql_resolve(TALLOC_CTX *ctx, const struct so_ast *ast, so_ref root, const struct so_catalog *catalog,
	struct so_resolved **resolved, struct so_err *err)
{
	struct so_resolved *out = so_new(ctx, struct so_resolved);
	struct resolver r = { .out = out, .ast = ast, .catalog = catalog, .err = err };
	enum so_node_kind kind = so_ast_kind(ast, root);

	out->ast = ast;
	out->catalog = catalog;
	out->root = root;
	if (so_kind_is_query(kind))
		so_res_query(&r, root, NULL, NULL, -1);
	else if (so_kind_is_dml(kind) || kind == SO_N_INSERT_ALL)
		so_res_dml(&r, root, NULL, NULL, -1);
	else
		so_res_fail(&r, root, "names can only be resolved in queries and INSERT, UPDATE, DELETE, MERGE");
	if (r.failed) {
		talloc_free(out);
		return false;
	}
	so_memo_make(out);
	*resolved = out;
	return true;
}

const struct so_use *so_resolved_use(const struct so_resolved *resolved, so_ref column)
{
	uint32_t slot = resolved->n_uses ? *use_slot(resolved, column) : 0;

	return slot ? &resolved->uses[slot - 1] : NULL;
}

const struct so_column *so_resolved_column(
	const struct so_resolved *resolved, so_ref column, const struct so_table **table)
{
	const struct so_use *use = so_resolved_use(resolved, column);
	const struct so_rel *rel;

	if (!use || use->kind != SO_USE_OF_COLUMN)
		return NULL;
	rel = &resolved->rels[use->rel];
	if (rel->kind != SO_REL_TABLE || !rel->table || (size_t)use->column >= rel->table->n_columns)
		return NULL;
	if (table)
		*table = rel->table;
	return &rel->table->columns[use->column];
}

int32_t so_resolved_block(const struct so_resolved *resolved, so_ref node)
{
	if (resolved->memo)
		return so_memo_block(resolved->memo, node);
	for (size_t i = 0; i < resolved->n_blocks; i++)
		if (resolved->blocks[i].node == node)
			return (int32_t)i;
	return -1;
}

int32_t so_resolved_rel(const struct so_resolved *resolved, so_ref node)
{
	if (resolved->memo)
		return so_memo_rel(resolved->memo, node);
	for (size_t i = 0; i < resolved->n_rels; i++)
		if (resolved->rels[i].node == node)
			return (int32_t)i;
	return -1;
}
