#include "plan/mysql/steps.h"

#include <math.h>
#include <string.h>

#include "plan/mysql/names.h"

struct so_my_step *so_my_add_step(struct so_my_steps *steps, int32_t level, const char *text)
{
	if (steps->n == 2 * SO_PLAN_MAX_NODES) { /* refused when the nodes are made */
		steps->too_many = true;
		steps->n--;
	}
	if (steps->n == steps->size) {
		steps->size = steps->size ? steps->size * 2 : 32;
		if (!steps->pages)
			steps->pages = so_mem_pages_new(steps->tmp, (size_t)steps->size * sizeof *steps->items);
		else
			so_mem_pages_grow(steps->pages, (size_t)steps->size * sizeof *steps->items);
		steps->items = steps->pages->at;
	}
	steps->items[steps->n] = (struct so_my_step){ .text = text,
		.level = level,
		.startup_cost = NAN,
		.cost = NAN,
		.rows = NAN,
		.first_ms = NAN,
		.last_ms = NAN,
		.actual = NAN,
		.loops = NAN };
	return &steps->items[steps->n++];
}

/* Sets the ends from the levels, and makes levels without gaps of them: no step is more than one below the step before
 * it. */
static void close_steps(struct so_my_steps *steps)
{
	int32_t *open = so_new_array(steps->tmp, int32_t, (unsigned)steps->n + 1), depth = 0;

	for (int32_t i = 0; i < steps->n; i++) {
		while (depth && steps->items[open[depth - 1]].level >= steps->items[i].level)
			steps->items[open[--depth]].end = i;
		open[depth++] = i;
	}
	while (depth)
		steps->items[open[--depth]].end = steps->n;
	talloc_free(open);
}

/* ---- Words ------------------------------------------------------------------------------------------------------ */

static const char *copy_range(struct so_my_steps *steps, const char *begin, const char *end)
{
	return so_plan_copy(steps->builder, begin, (size_t)(end - begin));
}

/* The end of the parentheses that open at `at`; the end of the text when they are not closed. Quotes are skipped. */
static const char *closing(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		if (*at == '\'' || *at == '`' || *at == '"') {
			const char *quote = strchr(at + 1, *at);

			if (!quote)
				break;
			at = quote;
		} else if (*at == '(') {
			depth++;
		} else if (*at == ')' && --depth == 0) {
			return at + 1;
		}
	}
	return at + strlen(at);
}

/* "(id = o.customer_id)" without its parentheses. */
static const char *inside(struct so_my_steps *steps, const char *at)
{
	const char *end = closing(at);

	return copy_range(steps, at + 1, end > at + 1 && end[-1] == ')' ? end - 1 : end);
}

/* Lookups are lists ("a = 1, b = c.d"), not expressions: joined with AND. */
static const char *and_list(struct so_my_steps *steps, const char *list)
{
	size_t len = strlen(list), n = 0, at = 0;
	int depth = 0;
	char *out;

	for (const char *c = list; *c; c++)
		n += *c == ',';
	out = so_plan_alloc(steps->builder, len + n * 4 + 1);
	for (const char *c = list; *c; c++) {
		if (*c == '\'' || *c == '`') {
			const char *quote = strchr(c + 1, *c);
			size_t part = quote ? (size_t)(quote - c) : 0;

			memcpy(out + at, c, part);
			at += part;
			c += part;
		}
		depth += (*c == '(') - (*c == ')');
		if (*c == ',' && depth == 0) {
			memcpy(out + at, " and", 4);
			at += 4;
		} else {
			out[at++] = *c;
		}
	}
	return out;
}

/* "o using ix (a = 1) (reverse), with index condition: (...)" */
static void read_table(struct so_my_steps *steps, struct so_plan_node *node, const char *at)
{
	const char *using = strstr(at, " using "), *end = using, *rest, *condition;

	if (!using)
		end = at + strcspn(at, "(");
	while (end > at && end[-1] == ' ')
		end--;
	node->relation = node->alias = copy_range(steps, at, end);
	rest = using ? using + 7 : at + strcspn(at, "(");
	if (using) {
		const char *name_end = rest + strcspn(rest, " ,");

		node->index = copy_range(steps, rest, name_end);
		rest = name_end;
	}
	condition = strstr(rest, "with index condition: ");
	while (*rest == ' ')
		rest++;
	if (strncmp(rest, "over (", 6) == 0) {
		const char *first = rest + 5, *stop = condition ? condition : rest + strlen(rest);

		while (stop > first && (stop[-1] == ' ' || stop[-1] == ','))
			stop--;
		so_plan_add_condition(steps->builder, node, SO_COND_ACCESS, copy_range(steps, first, stop));
	} else if (*rest == '(' && strncmp(rest, "(reverse)", 9) != 0 && strncmp(rest, "(re-planned", 11) != 0 &&
		   strncmp(rest, "(immediate)", 11) != 0 && strncmp(rest, "(buffered)", 10) != 0) {
		so_plan_add_condition(steps->builder, node, SO_COND_ACCESS, and_list(steps, inside(steps, rest)));
	}
	if (strstr(rest, "(reverse)"))
		node->scan_direction = "Backward";
	if (strstr(rest, "(re-planned"))
		node->label = SO_MY_RECHECKED;
	if (condition)
		so_plan_add_condition(steps->builder, node, SO_COND_ACCESS,
			so_plan_copy(steps->builder, condition + 22, strlen(condition + 22)));
}

/* "a, concat(b, c) DESC, limit input to 3 row(s) per chunk" */
static void read_keys(struct so_my_steps *steps, struct so_plan_node *node, const char *at)
{
	size_t n = 1;
	const char *begin = at;
	int depth = 0;

	for (const char *c = at; *c; c++)
		n += *c == ',';
	node->sort_keys = so_plan_alloc(steps->builder, n * sizeof *node->sort_keys);
	for (const char *c = at;; c++) {
		depth += (*c == '(') - (*c == ')');
		if (*c && (*c != ',' || depth))
			continue;
		while (*begin == ' ')
			begin++;
		if (c > begin && strncmp(begin, "limit input to ", 15) != 0)
			node->sort_keys[node->n_sort_keys++] = copy_range(steps, begin, c);
		begin = c + 1;
		if (!*c)
			break;
	}
}

static void read_join(struct so_my_steps *steps, struct so_plan_node *node, const char *text, unsigned flags)
{
	const char *open = strchr(text, '(');

	node->join_type = strstr(text, "left ") || strncmp(text, "Left ", 5) == 0 ? "Left"
			  : strstr(text, "semijoin")                              ? "Semi"
			  : strstr(text, "antijoin")                              ? "Anti"
			  : strncmp(text, "Full ", 5) == 0                        ? "Full"
										  : "Inner";
	node->join_buffer = (flags & SO_MY_BUFFER) || node->op == SO_PLAN_HASH_JOIN;
	if (node->op == SO_PLAN_HASH_JOIN && open && strncmp(open, "(no condition)", 14) != 0) {
		/* "(<hash>(a)=<hash>(b)), extra conditions: (...)" */
		const char *end = closing(open), *extra = strstr(end, "extra conditions: ");

		so_plan_add_condition(steps->builder, node, SO_COND_HASH, copy_range(steps, open, end));
		if (extra)
			so_plan_add_condition(steps->builder, node, SO_COND_JOIN,
				so_plan_copy(steps->builder, extra + 18, strlen(extra + 18)));
	}
}

static void read_words(struct so_my_steps *steps, struct so_plan_node *node, const char *text)
{
	const struct so_my_word *word = so_my_find_word(text);
	const char *rest;

	node->label = text;
	if (!word || (word->flags & SO_MY_WHOLE)) {
		node->op = word ? word->op : SO_PLAN_OTHER;
		return;
	}
	rest = text + strlen(word->beginning);
	node->op = word->op;
	node->label = word->label ? word->label : word->beginning;
	if (word->flags & SO_MY_TABLE)
		read_table(steps, node, rest);
	if (word->flags & SO_MY_KEYS)
		read_keys(steps, node, rest);
	if (word->flags & SO_MY_FILTER)
		so_plan_add_condition(steps->builder, node, SO_COND_FILTER, rest);
	if (word->flags & SO_MY_JOIN)
		read_join(steps, node, text, word->flags);
	if ((word->flags & SO_MY_TEMPORARY) && node->op == SO_PLAN_SET_OP)
		node->strategy = "temporary table";
	if (word->op == SO_PLAN_MODIFY && node->relation) { /* "Update o (immediate), c (buffered)" */
		size_t len = strcspn(node->relation, " ,");

		node->relation = node->alias = so_plan_copy(steps->builder, node->relation, len);
	}
}

/* What version 2 says in keys of their own. */
static void read_json(struct so_my_steps *steps, struct so_plan_node *node, const json_t *json)
{
	const char *name = so_plan_text(steps->builder, json_object_get(json, "table_name"));
	const char *alias = so_plan_text(steps->builder, json_object_get(json, "alias"));

	if (name && node->relation)
		node->relation = name;
	if (alias && node->relation)
		node->alias = alias;
	node->schema = so_plan_text(steps->builder, json_object_get(json, "schema_name"));
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static void set_figures(struct so_plan_node *node, const struct so_my_step *step)
{
	node->startup_cost = step->startup_cost;
	node->total_cost = step->cost;
	node->rows_est = step->rows;
	node->startup_ms = step->first_ms;
	node->total_ms = step->last_ms;
	node->rows_actual = step->actual;
	node->loops = step->loops;
}

static bool is_heading(const struct so_my_step *step)
{
	return strncmp(step->text, "Select #", 8) == 0;
}

static bool is_base_scan(const struct so_my_step *step)
{
	const struct so_my_word *word = so_my_find_word(step->text);

	return word && (word->flags & SO_MY_TABLE) &&
	       (word->op == SO_PLAN_SEQ_SCAN || word->op == SO_PLAN_INDEX_SCAN || word->op == SO_PLAN_INDEX_ONLY_SCAN);
}

/* A filter right above the scan of a table belongs to the scan, as with all other engines. */
static bool is_filter_of_scan(const struct so_my_steps *steps, int32_t i)
{
	const struct so_my_step *filter = &steps->items[i], *scan = filter + 1;

	return i + 1 < filter->end && strncmp(filter->text, "Filter: ", 8) == 0 && !scan->heading &&
	       is_base_scan(scan) && scan->end == i + 2;
}

static void set_subquery(struct so_my_steps *steps, struct so_plan_node *node, const char *heading)
{
	const char *number = strchr(heading, '#');
	bool once = strstr(heading, "run only once") || strstr(heading, "optimized away");
	char name[32] = "SubPlan";

	if (number)
		snprintf(name, sizeof name, "SubPlan %.*s", (int)(strspn(number + 1, "0123456789") & 15), number + 1);
	node->subplan_name = so_plan_copy(steps->builder, name, strlen(name));
	node->relationship = once ? SO_PLAN_REL_INIT_PLAN : SO_PLAN_REL_SUB_PLAN;
}

/* The node of step i, with the scan's step behind it when i is the scan's filter. */
static int32_t add_step(struct so_my_steps *steps, int32_t i, int32_t parent, int32_t depth)
{
	const struct so_my_step *step = &steps->items[i];
	bool filters = is_filter_of_scan(steps, i);
	const struct so_my_step *own = filters ? step + 1 : step;
	int32_t id = so_plan_add_node(steps->builder, parent, depth);
	struct so_plan_node *node = &steps->builder->plan->nodes[id];

	read_words(steps, node, own->text);
	if (own->json)
		read_json(steps, node, own->json);
	set_figures(node, step);
	if (is_base_scan(own))
		node->tested_est = own->rows;
	if (filters) {
		if (isnan(node->total_cost))
			node->total_cost = own->cost;
		so_plan_add_condition(steps->builder, node, SO_COND_FILTER, step->text + 8);
		node->removed_filter = own->actual - step->actual;
	}
	/* what a scan has below it fills the temporary table that it reads */
	for (int32_t k = own == step ? i + 1 : step->end; is_base_scan(own) && k < step->end; k = steps->items[k].end)
		if (!steps->items[k].heading && !is_heading(&steps->items[k]))
			node->op = SO_PLAN_SUBQUERY;
	return id;
}

struct frame {
	int32_t next, end; /* children of the step that are still to come */
	int32_t id, n; /* its node; children so far */
	unsigned flags;
};

static enum so_plan_relationship relation_to(const struct so_plan_node *parent, const struct frame *frame)
{
	if (frame->flags & SO_MY_MEMBERS)
		return SO_PLAN_REL_MEMBER;
	if (frame->flags & SO_MY_JOIN)
		return frame->n ? SO_PLAN_REL_INNER : SO_PLAN_REL_OUTER;
	if (parent->op == SO_PLAN_SUBQUERY)
		return SO_PLAN_REL_SUBQUERY;
	return frame->n ? SO_PLAN_REL_OTHER : SO_PLAN_REL_OUTER;
}

static bool push(struct so_my_steps *steps, struct frame *frames, int32_t *depth, int32_t i, struct so_err *err)
{
	struct frame *above = *depth ? &frames[*depth - 1] : NULL;
	const struct so_my_step *step = &steps->items[i];
	const char *heading = step->heading;
	const struct so_my_word *word;
	struct so_plan_node *node;
	bool filters;
	int32_t id;

	if (is_heading(step) && i + 1 < step->end) { /* names the step below it */
		heading = step->text;
		step = &steps->items[++i];
	}
	word = so_my_find_word(step->text);
	filters = is_filter_of_scan(steps, i);
	if (*depth >= SO_PLAN_MAX_DEPTH)
		return so_plan_fail_depth(err);
	id = add_step(steps, i, above ? above->id : -1, *depth);
	node = &steps->builder->plan->nodes[id];
	if (above)
		node->relationship = relation_to(&steps->builder->plan->nodes[above->id], above);
	node->runs_once = node->relationship == SO_PLAN_REL_SUBQUERY && !strstr(step->text, "lateral") &&
			  !strstr(step->text, "invalidate");
	if (heading)
		set_subquery(steps, node, heading);
	else if (above)
		above->n++;
	frames[(*depth)++] = (struct frame){
		.next = i + (filters ? 2 : 1), .end = step->end, .id = id, .flags = word && !filters ? word->flags : 0
	};
	return true;
}

/* Steps without figures (Hash, Repeat until convergence) take what is below them. Children come later in the array. */
static void fill_measured(struct so_plan *plan)
{
	for (int32_t i = plan->n_nodes - 1; i >= 0; i--) {
		struct so_plan_node *node = &plan->nodes[i];
		double ms = 0, rows = 0;

		if (!isnan(node->loops))
			continue;
		node->loops = node->first_child < 0 || plan->nodes[node->first_child].loops <= 0 ? 0 : 1;
		for (int32_t c = node->first_child; c >= 0; c = plan->nodes[c].next_sibling) {
			const struct so_plan_node *child = &plan->nodes[c];

			if (child->loops > 0) {
				ms += isnan(child->total_ms) ? 0 : child->total_ms * child->loops;
				rows += child->rows_actual * child->loops;
			}
		}
		node->total_ms = ms;
		node->rows_actual = rows;
	}
}

/* Subqueries of a select list are printed beside the plan that they belong to. */
static void nest_roots(struct so_my_steps *steps)
{
	for (int32_t i = 1; i < steps->n; i++)
		steps->items[i].level -= steps->items[0].level;
	steps->items[0].level = -1;
}

bool so_my_build_steps(struct so_my_steps *steps, struct so_err *err)
{
	struct so_plan *plan = steps->builder->plan;
	struct frame *frames = so_new_array(steps->tmp, struct frame, SO_PLAN_MAX_DEPTH);
	int32_t depth = 0;

	if (!steps->n)
		return so_fail(err, SO_INPUT, "MySQL plan: it has no steps");
	if (steps->too_many)
		return so_fail(err, SO_LIMIT, "MySQL plan: it has more than %d steps", 2 * SO_PLAN_MAX_NODES);
	nest_roots(steps);
	close_steps(steps);
	if (!push(steps, frames, &depth, 0, err))
		return so_fail_in(err, "MySQL plan");
	while (depth) {
		struct frame *frame = &frames[depth - 1];
		int32_t i = frame->next;

		if (i >= frame->end) {
			depth--;
			continue;
		}
		frame->next = steps->items[i].end;
		if (!push(steps, frames, &depth, i, err))
			return so_fail_in(err, "MySQL plan");
	}
	so_plan_close_nodes(plan);
	plan->n_statements = 1;
	for (int32_t i = 0; i < plan->n_nodes; i++) {
		plan->has_analyze = plan->has_analyze || !isnan(plan->nodes[i].loops);
		plan->has_timing = plan->has_timing || !isnan(plan->nodes[i].total_ms);
	}
	if (plan->has_analyze)
		fill_measured(plan);
	plan->total_cost = plan->nodes[0].total_cost;
	if (plan->has_timing)
		plan->execution_ms = plan->nodes[0].total_ms * fmax(1, plan->nodes[0].loops);
	return true;
}
