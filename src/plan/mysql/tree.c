/* EXPLAIN FORMAT=TREE and EXPLAIN ANALYZE as text, and the same steps as JSON of version 2. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/mysql/steps.h"

/* ---- Text ------------------------------------------------------------------------------------------------------- */

/* "(cost=1.5..2 rows=3)", "(actual time=0.1..0.2 rows=3 loops=1)": the value after `key`; a range gives both ends. */
static void read_figure(const char *text, const char *key, double *first, double *last)
{
	const char *at = strstr(text, key);
	char *end;

	if (!at)
		return;
	*last = strtod(at + strlen(key), &end);
	if (first && end[0] == '.' && end[1] == '.') {
		*first = *last;
		*last = strtod(end + 2, &end);
	} else if (first && end[0] == '.' && isdigit((unsigned char)end[1])) { /* "4..7" read as "4." */
		*first = *last;
		*last = strtod(end + 1, &end);
	}
	if (!isfinite(*last)) /* "1e+615": no figure of anybody */
		*last = NAN;
	if (first && !isfinite(*first))
		*first = NAN;
}

/* Where the figures of a line begin: the last bracket that one of them opens. Conditions come before. */
static char *find_figures(char *text)
{
	static const char *const openings[] = { " (cost=", " (actual ", " (never executed)" };
	char *figures = NULL;

	for (size_t i = 0; i < sizeof openings / sizeof openings[0] && !figures; i++)
		for (char *at = strstr(text, openings[i]); at; at = strstr(at + 1, openings[i]))
			figures = at;
	return figures;
}

static void read_line(struct so_my_steps *steps, int32_t level, char *text)
{
	char *figures = find_figures(text), *end = figures ? figures : text + strlen(text);
	struct so_my_step *step;

	while (end > text && (isspace((unsigned char)end[-1]) || end[-1] == '|'))
		end--;
	step = so_my_add_step(steps, level, so_plan_copy(steps->builder, text, (size_t)(end - text)));
	if (!figures)
		return;
	if (strstr(figures, "(never executed)"))
		step->loops = step->actual = step->last_ms = 0;
	read_figure(figures, "(cost=", &step->startup_cost, &step->cost);
	if (strstr(figures, "(cost="))
		read_figure(figures, " rows=", NULL, &step->rows);
	figures = strstr(figures, "(actual ");
	if (!figures)
		return;
	read_figure(figures, "time=", &step->first_ms, &step->last_ms);
	read_figure(figures, "rows=", NULL, &step->actual);
	read_figure(figures, "loops=", NULL, &step->loops);
}

/* A cell in one line has its newlines as "\n". */
static char *unescape(TALLOC_CTX *tmp, const char *text, size_t len)
{
	char *out = so_strndup(tmp, text, len), *to = out;

	if (!strstr(out, "\\n    -> ") && !strstr(out, "\\n-> "))
		return out;
	for (const char *from = out; *from;) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return out;
}

/* The arrow that a line starts with, behind blanks, "| " or "EXPLAIN: ". */
static char *arrow_of(char *line, bool first)
{
	char *at = line + strspn(line, " \t");

	if (first && *at == '|')
		at += 1 + strspn(at + 1, " ");
	if (first && strncmp(at, "EXPLAIN: ", 9) == 0)
		at += 9;
	return strncmp(at, "-> ", 3) == 0 && at[3] && !isspace((unsigned char)at[3]) ? at : NULL;
}

bool so_my_is_tree(const struct so_plan_document *doc)
{
	const char *arrow = doc->syntax == SO_PLAN_TEXT ? strstr(doc->text, "-> ") : NULL, *line = arrow;

	if (!arrow || isspace((unsigned char)arrow[3]) || so_plan_head_has(doc, " width="))
		return false;
	while (line > doc->text && line[-1] != '\n')
		line--;
	line += strspn(line, " \t|");
	return line == arrow || strncmp(line, "EXPLAIN: ", 9) == 0;
}

bool so_my_read_tree(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	struct so_my_steps steps = { .tmp = tmp, .builder = builder };
	char *rest = unescape(tmp, doc->text, doc->len), *line, *pending = NULL, *arrow;
	int32_t level = 0, base = 0;

	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);

		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		arrow = arrow_of(line, !pending);
		if (pending && (strncmp(line, "+--", 3) == 0 || strncmp(line, "***", 3) == 0))
			break;
		if (!arrow) {
			/* a string in a condition may hold a newline: put the line back to the one before it */
			if (pending && line[strspn(line, " |")])
				line[-1] = '\n';
			continue;
		}
		if (pending)
			read_line(&steps, level, pending);
		else
			base = (int32_t)(strspn(line, " ") == (size_t)(arrow - line) ? arrow - line : 0);
		level = pending ? (int32_t)(arrow - line - base) / 4 : 0;
		pending = arrow + 3;
	}
	if (pending)
		read_line(&steps, level, pending);
	return so_my_build_steps(&steps, err);
}

/* ---- JSON of version 2 ------------------------------------------------------------------------------------------ */

static const json_t *root_of(const struct so_plan_document *doc)
{
	const json_t *plan = json_object_get(doc->json, "query_plan");

	return plan ? plan : doc->json; /* MySQL 8.3 had it at the top */
}

bool so_my_is_steps(const struct so_plan_document *doc)
{
	return doc->syntax == SO_PLAN_JSON && json_is_string(json_object_get(root_of(doc), "operation")) &&
	       (json_object_get(doc->json, "query_plan") || json_object_get(doc->json, "access_type") ||
		       json_object_get(doc->json, "inputs"));
}

static bool add_object(struct so_my_steps *steps, const json_t *object, int32_t level, struct so_err *err)
{
	const char *text = so_plan_text(steps->builder, json_object_get(object, "operation"));
	const char *heading = so_plan_text(steps->builder, json_object_get(object, "heading")), *key;
	bool subquery = heading && strncmp(heading, "Select #", 8) == 0;
	struct so_my_step *step;
	json_t *list, *item;
	size_t i;

	if (!text)
		return so_fail(err, SO_INPUT, "MySQL plan: step %d has no 'operation'", steps->n);
	if (heading && !subquery) /* a step of its own in FORMAT=TREE */
		so_my_add_step(steps, level++, heading);
	step = so_my_add_step(steps, level, text);
	step->heading = subquery ? heading : NULL;
	step->json = object;
	step->startup_cost = so_plan_number(json_object_get(object, "estimated_first_row_cost"));
	step->cost = so_plan_number(json_object_get(object, "estimated_total_cost"));
	step->rows = so_plan_number(json_object_get(object, "estimated_rows"));
	step->first_ms = so_plan_number(json_object_get(object, "actual_first_row_ms"));
	step->last_ms = so_plan_number(json_object_get(object, "actual_last_row_ms"));
	step->actual = so_plan_number(json_object_get(object, "actual_rows"));
	step->loops = so_plan_number(json_object_get(object, "actual_loops"));
	if (step->loops == 0)
		step->actual = step->last_ms = 0;
	/* "inputs", "inputs_from_select_list" ...: a subquery that is not in "inputs" does not feed the step */
	json_object_foreach((json_t *)object, key, list)
	{
		if (strncmp(key, "inputs", 6) != 0 || !json_is_array(list))
			continue;
		json_array_foreach(list, i, item) if (!add_object(steps, item, level + 1, err)) return false;
	}
	return true;
}

bool so_my_read_steps(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	struct so_my_steps steps = { .tmp = tmp, .builder = builder };

	builder->plan->query_text = so_plan_text(builder, json_object_get(doc->json, "query"));
	return add_object(&steps, root_of(doc), 0, err) && so_my_build_steps(&steps, err);
}
