/* What the lines of a text plan say: which node hangs under which, and what belongs to the plan as a whole. */
#include "plan/postgresql/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "plan/postgresql/text_lines.h"
#include "plan/postgresql/tree.h"

/* What the lines at hand belong to. */
enum section { SECTION_BEFORE, SECTION_NODE, SECTION_PLANNING, SECTION_JIT, SECTION_AFTER, SECTION_OTHER_PLAN };

struct reader {
	struct so_plan_pg_text text;
	struct so_plan *plan;
	struct so_pg_lines lines;
	enum section section;
	int32_t worker; /* whose items are read, or -1 */
	size_t worker_column, root_column;
	const char *query; /* start of "Query Text: ..." */
	/* Nodes from the root to the last one read, with the columns of their arrows. */
	int32_t stack[SO_PLAN_MAX_DEPTH];
	size_t columns[SO_PLAN_MAX_DEPTH];
	int32_t depth;
	struct so_pg_line heading; /* waits for its node when it has a text */
};

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

/* Number behind `word`, which must stand at the front. */
static double take_number(struct so_span *text, const char *word)
{
	while (text->len && (*text->at == ' ' || *text->at == '\n'))
		*text = so_span_without(*text, 1);
	if (!so_span_starts(*text, word))
		return NAN;
	*text = so_span_without(*text, strlen(word));
	return so_span_take_number(text);
}

bool so_plan_pg_figures(struct so_plan_node *node, struct so_span text)
{
	const char *actual;

	if (so_span_starts(text, "(cost=")) {
		text = so_span_without(text, 1);
		node->startup_cost = take_number(&text, "cost=");
		node->total_cost = take_number(&text, "..");
		node->rows_est = take_number(&text, "rows=");
		node->width_est = take_number(&text, "width=");
		if (isnan(node->total_cost) || isnan(node->rows_est) || isnan(node->width_est))
			return false;
	}
	if (memmem(text.at, text.len, "(never executed)", 16)) {
		node->rows_actual = 0;
		node->loops = 0;
		return true;
	}
	actual = memmem(text.at, text.len, "(actual ", 8);
	if (!actual)
		return true;
	text = so_span_without(text, (size_t)(actual + 8 - text.at));
	if (so_span_starts(text, "time=")) {
		node->startup_ms = take_number(&text, "time=");
		node->total_ms = take_number(&text, "..");
	}
	node->rows_actual = take_number(&text, "rows=");
	node->loops = take_number(&text, "loops=");
	return !isnan(node->loops);
}

static enum so_plan_relationship relationship_of(const struct reader *r, int32_t parent)
{
	const struct so_plan_node *up = &r->plan->nodes[parent];

	if (r->heading.text.len)
		return so_span_starts(r->heading.text, "SubPlan ") ? SO_PLAN_REL_SUB_PLAN : SO_PLAN_REL_INIT_PLAN;
	if (up->op == SO_PLAN_SUBQUERY)
		return SO_PLAN_REL_SUBQUERY;
	if (up->op == SO_PLAN_BITMAP_SCAN && strcmp(up->label, "Bitmap Heap Scan") != 0)
		return SO_PLAN_REL_MEMBER;
	if (strcmp(up->label, "Append") == 0 || strcmp(up->label, "Merge Append") == 0)
		return SO_PLAN_REL_MEMBER;
	if (up->op == SO_PLAN_OTHER && (!up->label || strcmp(up->label, "Custom Scan") == 0))
		return SO_PLAN_REL_OTHER;
	/* n_children counts those without a heading until so_plan_close_nodes counts anew */
	return up->n_children == 0 ? SO_PLAN_REL_OUTER : SO_PLAN_REL_INNER;
}

static void take_heading(struct reader *r, struct so_plan_node *node)
{
	struct so_span text = r->heading.text;

	node->subplan_name = so_plan_copy(r->text.builder, text.at, text.len);
	if (so_span_starts(text, "CTE "))
		node->cte_defined = node->subplan_name + 4;
	r->heading.text.len = 0;
}

static bool read_node(struct reader *r, const struct so_pg_line *line, struct so_err *err)
{
	const char *figures = so_pg_figures_of(line->text);
	struct so_span label = line->text;
	size_t column = r->heading.text.len ? r->heading.column : line->column;
	bool root = r->section == SECTION_BEFORE;
	struct so_plan_node *node;
	int32_t parent, id;

	while (r->depth > 1 && r->columns[r->depth - 1] >= column)
		r->depth--;
	if (r->depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(err);
	parent = root ? -1 : r->stack[r->depth - 1];
	id = so_plan_add_node(r->text.builder, parent, r->depth);
	node = &r->plan->nodes[id];
	if (!root) {
		node->relationship = relationship_of(r, parent);
		r->plan->nodes[parent].n_children += !r->heading.text.len;
	}
	if (r->heading.text.len)
		take_heading(r, node);
	if (figures)
		label.len = (size_t)(figures - label.at);
	while (label.len && label.at[label.len - 1] == ' ')
		label.len--;
	so_plan_pg_label(r->text.builder, node, label);
	if (figures && !so_plan_pg_figures(node, so_span_without(line->text, (size_t)(figures - line->text.at))))
		return so_fail(err, SO_INPUT, "PostgreSQL plan: node %d has figures that cannot be read: \"%.*s\"", id,
			(int)(line->text.len < 120 ? line->text.len : 120), line->text.at);
	if (root)
		r->root_column = line->column;
	r->stack[r->depth] = id;
	r->columns[r->depth++] = line->column;
	r->section = SECTION_NODE;
	r->worker = -1;
	return true;
}

/* "Worker 0:  actual time=0.1..0.2 rows=1 loops=1", "Worker 1:  Sort Method: quicksort  Memory: 25kB" */
static void read_worker(struct reader *r, const struct so_pg_line *line)
{
	struct so_span text = so_span_without(line->text, 7);
	double number = so_span_take_number(&text);

	if (!(number >= 0 && number <= 1024) || !so_span_starts(text, ":"))
		return;
	text = so_span_without(text, 1);
	so_pg_skip_blanks(&text);
	r->worker = (int32_t)number;
	r->worker_column = line->column;
	so_plan_pg_item(&r->text, &r->plan->nodes[r->plan->n_nodes - 1], r->worker, text);
}

/* ---- The plan as a whole ---------------------------------------------------------------------------------------- */

/* "Trigger a for constraint c on t: time=1.000 calls=5" */
static void read_trigger(struct reader *r, struct so_span text)
{
	struct so_plan *plan = r->plan;
	struct so_plan_trigger *grown, *trigger;
	const char *figures = memmem(text.at, text.len, ": time=", 7), *mark;
	struct so_span name = so_span_without(text, 8);

	if (!figures)
		figures = memmem(text.at, text.len, ": calls=", 8);
	if (!figures || figures < name.at)
		return;
	name.len = (size_t)(figures - name.at);
	if ((plan->n_triggers & (plan->n_triggers - 1)) == 0) {
		grown = so_plan_alloc(
			r->text.builder, (plan->n_triggers ? plan->n_triggers * 2 : 1) * sizeof *plan->triggers);
		if (plan->n_triggers)
			memcpy(grown, plan->triggers, plan->n_triggers * sizeof *grown);
		plan->triggers = grown;
	}
	trigger = &plan->triggers[plan->n_triggers++];
	trigger->time_ms = so_plan_pg_value(text, "time");
	trigger->calls = so_plan_pg_value(text, "calls");
	mark = memmem(name.at, name.len, " on ", 4);
	if (mark) {
		trigger->relation = so_plan_copy(r->text.builder, mark + 4, name.len - (size_t)(mark + 4 - name.at));
		name.len = (size_t)(mark - name.at);
	}
	mark = so_span_starts(name, "for constraint ") ? name.at - 1
						       : memmem(name.at, name.len, " for constraint ", 16);
	if (mark) {
		trigger->constraint =
			so_plan_copy(r->text.builder, mark + 16, (size_t)(name.at + name.len - (mark + 16)));
		name.len = mark > name.at ? (size_t)(mark - name.at) : 0;
	}
	if (name.len)
		trigger->name = so_plan_copy(r->text.builder, name.at, name.len);
}

/* "work_mem = '64kB', enable_seqscan = 'off'" */
static void read_settings(struct reader *r, struct so_span text)
{
	struct so_plan *plan = r->plan;
	size_t n = 1;

	if (plan->n_settings)
		return; /* a plan says it once */
	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == ',';
	plan->settings = so_plan_alloc(r->text.builder, n * sizeof *plan->settings);
	while (text.len && plan->n_settings < n) {
		struct so_plan_setting *setting = &plan->settings[plan->n_settings];
		const char *equals = memmem(text.at, text.len, " = '", 4), *end;

		if (!equals)
			return;
		end = memmem(equals + 4, text.len - (size_t)(equals + 4 - text.at), "', ", 3);
		if (!end) {
			end = text.at + text.len;
			end -= end > equals + 4 && end[-1] == '\'';
		}
		setting->name = so_plan_copy(r->text.builder, text.at, (size_t)(equals - text.at));
		setting->value = so_plan_copy(r->text.builder, equals + 4, (size_t)(end - equals - 4));
		plan->n_settings++;
		n = end + 3 < text.at + text.len ? n : 0;
		text = so_span_without(
			text, (size_t)(end - text.at) < text.len - 2 ? (size_t)(end - text.at) + 3 : text.len);
	}
}

static void read_footer(struct reader *r, struct so_span text)
{
	const char *colon = memchr(text.at, ':', text.len);
	struct so_span value = colon ? so_span_without(text, (size_t)(colon + 1 - text.at)) : text;

	so_pg_skip_blanks(&value);
	r->section = SECTION_AFTER;
	if (so_span_starts(text, "Planning Time: ") || so_span_starts(text, "Planning time: "))
		r->plan->planning_ms = so_span_take_number(&value);
	else if (so_span_starts(text, "Execution ") || so_span_starts(text, "Total runtime"))
		r->plan->execution_ms = so_span_take_number(&value);
	else if (so_span_starts(text, "Query Identifier: "))
		r->plan->query_id = so_plan_copy(r->text.builder, value.at, value.len);
	else if (so_span_starts(text, "Settings: "))
		read_settings(r, value);
	else if (so_span_starts(text, "Trigger "))
		read_trigger(r, text);
	else if (so_span_is(text, "Planning:"))
		r->section = SECTION_PLANNING;
	else if (so_span_is(text, "JIT:"))
		r->section = SECTION_JIT;
}

static void read_jit(struct reader *r, struct so_span text)
{
	const char *total;

	if (so_span_starts(text, "Functions: ")) {
		text = so_span_without(text, 11);
		r->plan->jit_functions = so_span_take_number(&text);
	} else if (so_span_starts(text, "Timing: ")) {
		total = memmem(text.at, text.len, "Total ", 6);
		if (total) {
			text = so_span_without(text, (size_t)(total + 6 - text.at));
			r->plan->jit_ms = so_span_take_number(&text);
		}
	}
}

/* ---- The document ----------------------------------------------------------------------------------------------- */

/* Whether a line before the plan is its root. */
static bool is_root(struct reader *r, const struct so_pg_line *line)
{
	switch (line->kind) {
	case LINE_NODE:
	case LINE_ARROW:
		return so_pg_figures_of(line->text);
	case LINE_LABEL:
	case LINE_TARGET:
		return !r->lines.has_ahead || r->lines.ahead.kind == LINE_ARROW || r->lines.ahead.kind == LINE_ITEM ||
		       r->lines.ahead.kind == LINE_HEADING || r->lines.ahead.kind == LINE_END ||
		       r->lines.ahead.kind == LINE_FOOTER;
	default:
		return false;
	}
}

/* A line that was put together of wrapped ones has a text of its own, so the place is looked for where it was taken
 * from. */
static void before_plan(struct reader *r, const struct so_pg_line *line)
{
	static const char label[] = "Query Text: ";
	const size_t len = sizeof label - 1;
	const char *at;

	if (r->query || !so_span_starts(line->text, label))
		return;
	at = memmem(line->begin, (size_t)(r->lines.stop - line->begin), label, len);
	if (at)
		r->query = at + len;
}

/* The statement, and behind it, on a line of its own, the values of its parameters. */
static void read_query(struct reader *r, size_t len)
{
	static const char label[] = "Query Parameters: ";
	struct so_plan_builder *builder = r->text.builder;
	const char *stop = r->query + len, *binds = r->query;

	while (binds && (binds = memmem(binds, (size_t)(stop - binds), label, sizeof label - 1))) {
		const char *line = binds;

		while (line > r->query && (line[-1] == ' ' || line[-1] == '\t'))
			line--;
		binds += sizeof label - 1;
		if (line > r->query && line[-1] == '\n') {
			so_plan_pg_binds(builder, binds, (size_t)(stop - binds));
			stop = line;
			break;
		}
	}
	while (stop > r->query && isspace((unsigned char)stop[-1]))
		stop--;
	r->plan->query_text = so_plan_copy(builder, r->query, (size_t)(stop - r->query));
}

static bool in_plan(struct reader *r, const struct so_pg_line *line, struct so_err *err)
{
	switch (line->kind) {
	case LINE_ARROW:
		return r->section != SECTION_NODE || read_node(r, line, err);
	case LINE_NODE:
		r->plan->n_statements++;
		r->section = SECTION_OTHER_PLAN;
		return true;
	case LINE_HEADING:
		r->heading = *line;
		return true;
	case LINE_FOOTER: /* or of a worker */
		if (r->worker < 0 || line->column <= r->worker_column)
			read_footer(r, line->text);
		return true;
	case LINE_WORKER:
		read_worker(r, line);
		return true;
	case LINE_ITEM:
		if (r->section == SECTION_JIT) {
			read_jit(r, line->text);
		} else if (r->section == SECTION_NODE) {
			if (r->worker >= 0 && line->column <= r->worker_column)
				r->worker = -1;
			so_plan_pg_item(&r->text, &r->plan->nodes[r->plan->n_nodes - 1], r->worker, line->text);
		}
		return true;
	case LINE_END:
		r->section = SECTION_AFTER;
		return true;
	case LINE_OTHER:
	case LINE_LABEL:
	case LINE_TARGET:
		break;
	}
	return true;
}

bool so_plan_postgresql_read_text(
	struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	struct reader *r = so_new(doc->tmp, struct reader);
	struct so_pg_line line;

	*r = (struct reader){ .text.builder = builder,
		.plan = builder->plan,
		.lines = { .tmp = doc->tmp, .at = doc->text, .stop = doc->text + doc->len },
		.section = SECTION_BEFORE,
		.worker = -1 };
	so_plan_postgresql_begin(builder->plan);
	while (so_pg_next_line(&r->lines, &line)) {
		if (r->section == SECTION_OTHER_PLAN) {
			r->plan->n_statements += line.kind == LINE_NODE;
		} else if (r->section != SECTION_BEFORE) {
			if (!in_plan(r, &line, err))
				return false;
		} else if (is_root(r, &line)) {
			if (r->query && line.begin > r->query)
				read_query(r, (size_t)(line.begin - r->query));
			if (!read_node(r, &line, err))
				return false;
		} else {
			before_plan(r, &line);
		}
	}
	if (!r->plan->n_nodes)
		return so_fail(err, SO_INPUT, "PostgreSQL plan: the text has no line with a node");
	so_plan_pg_fill_zeros(&r->text);
	so_plan_close_nodes(builder->plan);
	so_plan_postgresql_end(builder->plan);
	return true;
}

bool so_plan_postgresql_is_text(const struct so_plan_document *doc)
{
	struct reader *r;
	struct so_pg_line line;

	if (doc->syntax != SO_PLAN_TEXT)
		return false;
	/* MySQL's trees have costs too, but no range of them and no width, and their roots have an arrow */
	if (so_plan_head_has(doc, "(cost=") && so_plan_head_has(doc, " width="))
		return true;
	r = so_new(doc->tmp, struct reader);
	*r = (struct reader){
		.lines = { .tmp = doc->tmp, .at = doc->text, .stop = doc->text + (doc->len < 65536 ? doc->len : 65536) }
	};
	while (so_pg_next_line(&r->lines, &line)) {
		if (line.kind == LINE_ARROW)
			return false;
		if (is_root(r, &line))
			return so_plan_pg_is_label(line.text);
	}
	return false;
}
