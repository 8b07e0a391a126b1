/* What DBMS_XPLAN prints, in all its forms: the table, the predicates below it, the notes. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/oracle/rows.h"
#include "plan/span.h"
#include "plan/oracle/v_plan.h"

enum column {
	ID,
	OPERATION,
	NAME,
	STARTS,
	E_ROWS,
	E_BYTES,
	TEMP_SPACE,
	COST,
	P_START,
	P_STOP,
	A_ROWS,
	A_TIME,
	BUFFERS,
	READS,
	USED_MEMORY,
	USED_TEMP,
	N_COLUMNS
};

static const struct {
	const char *name;
	enum column column;
} headers[] = {
	{ "Id", ID },
	{ "Operation", OPERATION },
	{ "Name", NAME },
	{ "Starts", STARTS },
	{ "Rows", E_ROWS },
	{ "E-Rows", E_ROWS },
	{ "Bytes", E_BYTES },
	{ "E-Bytes", E_BYTES },
	{ "TempSpc", TEMP_SPACE },
	{ "E-Temp", TEMP_SPACE },
	{ "Cost (%CPU)", COST },
	{ "Cost", COST },
	{ "Pstart", P_START },
	{ "Pstop", P_STOP },
	{ "A-Rows", A_ROWS },
	{ "A-Time", A_TIME },
	{ "Buffers", BUFFERS },
	{ "Reads", READS },
	{ "Used-Mem", USED_MEMORY },
	{ "Used-Tmp", USED_TEMP },
	{ "Max-Tmp", USED_TEMP },
};

#define MAX_CELLS 48

struct xplan {
	struct so_plan_builder *builder;
	struct so_or_rows rows;
	int at[N_COLUMNS]; /* number of the cell; -1: not there */
	int n_cells;
	bool has_table, table_over;
};

struct cell {
	const char *begin, *end; /* between the bars, blanks kept */
};

/* ---- Cells ------------------------------------------------------------------------------------------------------ */

static int split(const char *line, struct cell *cells)
{
	const char *at = strchr(line, '|');
	int n = 0;

	while (at && n < MAX_CELLS) {
		const char *next = strchr(at + 1, '|');

		if (!next)
			break;
		cells[n++] = (struct cell){ at + 1, next };
		at = next;
	}
	return n;
}

static void trim(struct cell *cell)
{
	while (cell->begin < cell->end && isspace((unsigned char)*cell->begin))
		cell->begin++;
	while (cell->end > cell->begin && isspace((unsigned char)cell->end[-1]))
		cell->end--;
}

static bool is_word(struct cell cell, const char *word)
{
	trim(&cell);
	return (size_t)(cell.end - cell.begin) == strlen(word) && memcmp(cell.begin, word, strlen(word)) == 0;
}

static struct cell cell_at(const struct xplan *x, const struct cell *cells, enum column column)
{
	struct cell cell = { "", "" };

	if (x->at[column] >= 0)
		cell = cells[x->at[column]];
	trim(&cell);
	return cell;
}

static const char *text_at(struct xplan *x, const struct cell *cells, enum column column)
{
	struct cell cell = cell_at(x, cells, column);

	return cell.end > cell.begin ? so_plan_copy(x->builder, cell.begin, (size_t)(cell.end - cell.begin)) : NULL;
}

/* "40K" rows are 40,000; "40K" of memory are 40 * 1024 bytes. */
static double number_at(const struct xplan *x, const struct cell *cells, enum column column, double kilo)
{
	struct cell cell = cell_at(x, cells, column);
	struct so_span text = { cell.begin, (size_t)(cell.end - cell.begin) };
	double value = so_span_take_number(&text), scaled = value;

	for (const char *unit = "KMGTPE"; *unit && text.len; unit++) {
		scaled *= kilo;
		if (*text.at == *unit)
			return isfinite(scaled) ? scaled : NAN;
	}
	return value;
}

/* "00:00:01.23": milliseconds. */
static double time_at(const struct xplan *x, const struct cell *cells)
{
	struct cell cell = cell_at(x, cells, A_TIME);
	struct so_span text = { cell.begin, (size_t)(cell.end - cell.begin) };
	double seconds = 0;

	for (int i = 0; i < 3; i++) {
		if (i && (!text.len || *text.at != ':'))
			return NAN;
		text = so_span_without(text, i > 0);
		seconds = seconds * 60 + so_span_take_number(&text);
	}
	return round(seconds * 1e5) / 100;
}

static double kilobytes_at(const struct xplan *x, const struct cell *cells, enum column column)
{
	struct cell cell = cell_at(x, cells, column);
	double bytes = number_at(x, cells, column, 1024);

	for (const char *c = cell.begin; c < cell.end; c++)
		if (isalpha((unsigned char)*c))
			return bytes / 1024;
	return column == USED_TEMP ? bytes : bytes / 1024; /* temporary space without a unit is in kB */
}

/* ---- The table -------------------------------------------------------------------------------------------------- */

static bool read_header(struct xplan *x, const char *line)
{
	struct cell cells[MAX_CELLS];
	int n = split(line, cells);

	if (n < 2 || !is_word(cells[0], "Id") || !is_word(cells[1], "Operation"))
		return false;
	for (int i = 0; i < N_COLUMNS; i++)
		x->at[i] = -1;
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof headers / sizeof headers[0]; k++)
			if (is_word(cells[i], headers[k].name) && x->at[headers[k].column] < 0)
				x->at[headers[k].column] = i;
	x->n_cells = n;
	x->has_table = true;
	return true;
}

/* "|*  2 |", "|- *  3 |": the id; -1 when the row is none, or inactive in an adaptive plan. */
static int32_t row_id(struct cell cell)
{
	while (cell.begin < cell.end && !isdigit((unsigned char)*cell.begin)) {
		if (*cell.begin == '-' || !strchr(" *", *cell.begin))
			return -1;
		cell.begin++;
	}
	return cell.begin < cell.end ? (int32_t)strtol(cell.begin, NULL, 10) : -1;
}

static bool read_row(struct xplan *x, const char *line, struct so_err *err)
{
	struct cell cells[MAX_CELLS], passes;
	int n = split(line, cells);
	const char *start, *stop;
	struct so_or_row *row;
	int32_t id;

	if (n < x->n_cells)
		return so_fail(err, SO_INPUT,
			"Oracle plan: a row of the table is broken off after %d of %d columns: set the client's line "
			"size higher",
			n, x->n_cells);
	id = row_id(cells[0]);
	if (id < 0)
		return true;
	row = so_or_add_row(&x->rows, id);
	for (const char *c = cells[1].begin; c < cells[1].end && *c == ' '; c++)
		row->depth++;
	row->operation = text_at(x, cells, OPERATION);
	if (!row->operation)
		row->operation = "";
	row->name = text_at(x, cells, NAME);
	row->rows = number_at(x, cells, E_ROWS, 1000);
	row->bytes = number_at(x, cells, E_BYTES, 1024);
	row->cost = number_at(x, cells, COST, 1000);
	row->temp_kb = kilobytes_at(x, cells, TEMP_SPACE);
	row->starts = number_at(x, cells, STARTS, 1000);
	row->actual = number_at(x, cells, A_ROWS, 1000);
	row->ms = time_at(x, cells);
	row->buffers = number_at(x, cells, BUFFERS, 1000);
	row->reads = number_at(x, cells, READS, 1000);
	row->memory_kb = kilobytes_at(x, cells, USED_MEMORY);
	row->used_temp_kb = kilobytes_at(x, cells, USED_TEMP);
	passes = cell_at(x, cells, USED_MEMORY);
	for (const char *c = passes.begin; c < passes.end; c++)
		if (*c == '(')
			row->passes = strtod(c + 1, NULL);
	start = text_at(x, cells, P_START);
	stop = text_at(x, cells, P_STOP);
	if (start && stop) {
		char *text = so_printf(x->rows.tmp, "partitions %s-%s", start, stop);

		row->partitions = so_plan_copy(x->builder, text, strlen(text));
	}
	return true;
}

/* ---- What comes below ------------------------------------------------------------------------------------------- */

enum section {
	SECTION_NONE,
	SECTION_PREDICATES,
	SECTION_BLOCKS,
	SECTION_NOTE,
	SECTION_HINTS,
	SECTION_BINDS,
	SECTION_OTHER
};

static enum section section_of(const char *line)
{
	static const struct {
		const char *beginning;
		enum section section;
	} sections[] = {
		{ "Predicate Information", SECTION_PREDICATES },
		{ "Query Block Name", SECTION_BLOCKS },
		{ "Note", SECTION_NOTE },
		{ "Column Projection Information", SECTION_OTHER },
		{ "Hint Report", SECTION_HINTS },
		{ "Outline Data", SECTION_OTHER },
		{ "Remote SQL Information", SECTION_OTHER },
		{ "Peeked Binds", SECTION_BINDS },
		{ "SQL Analysis Report", SECTION_OTHER },
		{ "Query Block Registry", SECTION_OTHER },
	};

	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (strncmp(line, sections[i].beginning, strlen(sections[i].beginning)) == 0)
			return sections[i].section;
	return SECTION_NONE;
}

/* One predicate, put together from its lines. */
struct predicate {
	char *text; /* "access("O"."ID"=7)"; NULL: none open */
	int32_t id;
};

static void end_predicate(struct xplan *x, struct predicate *p)
{
	struct so_or_row *row = p->text ? so_or_find(&x->rows, p->id) : NULL;
	char *open = p->text ? strchr(p->text, '(') : NULL, *end = p->text ? strrchr(p->text, ')') : NULL;

	if (row && open && end > open) {
		const char *text = so_plan_copy(x->builder, open + 1, (size_t)(end - open - 1));

		if (strncmp(p->text, "access", 6) == 0)
			row->access = text;
		else
			row->filter = text;
	}
	talloc_free(p->text);
	p->text = NULL;
}

static void read_predicate(struct xplan *x, struct predicate *p, const char *line)
{
	const char *at = line + strspn(line, " \t");
	char *rest;
	long id = strtol(at, &rest, 10);

	if (rest != at && strncmp(rest, " - ", 3) == 0) {
		end_predicate(x, p);
		p->id = (int32_t)id;
		at = rest + 3;
	}
	if (strncmp(at, "access(", 7) == 0 || strncmp(at, "filter(", 7) == 0 || strncmp(at, "storage(", 8) == 0) {
		end_predicate(x, p);
		p->text = so_strdup(x->rows.tmp, at);
	} else if (p->text && *at) { /* a long one goes on in the next line */
		size_t len = strlen(p->text);
		bool joined = len && (isalnum((unsigned char)p->text[len - 1]) && isalnum((unsigned char)*at));

		if (len < (1 << 20))
			p->text = talloc_asprintf_append_buffer(p->text, "%s%s", joined ? " " : "", at);
	}
}

/* "   2 - SEL$1 / O@SEL$1", in newer versions with quotes: the alias is before the @. */
static void read_alias(struct xplan *x, const char *line)
{
	char *rest;
	long id = strtol(line, &rest, 10);
	const char *slash = strchr(rest, '/'), *at = slash ? strchr(slash, '@') : NULL;
	struct so_or_row *row = at ? so_or_find(&x->rows, (int32_t)id) : NULL;

	if (!row || strncmp(rest, " - ", 3) != 0)
		return;
	for (slash++; *slash == ' ' || *slash == '"'; slash++) {
	}
	while (at > slash && at[-1] == '"')
		at--;
	row->alias = so_plan_copy(x->builder, slash, (size_t)(at - slash));
}

/* "U -  INDEX(o nowhere)": a hint that was unused, E: with an error, N: that could not be resolved. */
static void read_hint(struct xplan *x, const char *first)
{
	if (strchr("UEN", *first) && *first && strncmp(first + 1, " - ", 3) == 0)
		so_plan_add_note(x->builder, -1, "hint_unused", first + 4 + strspn(first + 4, " "), NAN);
}

/* "1 - :B1 (NUMBER): 99" */
static void read_bind(struct xplan *x, const char *first)
{
	const char *dash = strstr(first, " - ");

	if (isdigit((unsigned char)*first) && dash)
		so_plan_add_note(x->builder, -1, "peeked", dash + 3, NAN);
}

static void read_note(struct xplan *x, const char *text)
{
	static const char *const forced[] = { "SQL plan baseline", "SQL profile", "outline", "SQL patch" };

	so_plan_add_note(x->builder, -1, "note", text, NAN);
	for (size_t i = 0; i < sizeof forced / sizeof forced[0]; i++)
		if (strncmp(text, forced[i], strlen(forced[i])) == 0 && strstr(text, " used "))
			so_plan_add_note(x->builder, -1, "forced", text, NAN);
}

static void read_heading(struct xplan *x, const char *line)
{
	struct so_plan *plan = x->builder->plan;

	if (strncmp(line, "SQL_ID", 6) == 0 && !plan->query_id) {
		const char *id = line + 6 + strspn(line + 6, " \t:");

		plan->query_id = so_plan_copy(x->builder, id, strcspn(id, ", \t\r"));
	}
}

static bool read_lines(struct xplan *x, char *rest, struct so_err *err)
{
	enum section section = SECTION_NONE;
	struct predicate predicate = { .text = NULL };
	char *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);
		const char *first = line + strspn(line, " \t");

		while (len && isspace((unsigned char)line[len - 1]))
			line[--len] = '\0';
		if (!x->has_table) {
			read_heading(x, first);
			read_header(x, first);
			continue;
		}
		if (!x->table_over) {
			if (*first == '|') {
				if (!read_row(x, first, err))
					return false;
			} else if (x->rows.n && (!*first || *first == '-')) {
				x->table_over = true;
			}
			continue;
		}
		if (strncmp(first, "Plan hash value", 15) == 0 || strncmp(first, "SQL_ID", 6) == 0)
			break; /* the next plan */
		if (section_of(first)) {
			end_predicate(x, &predicate);
			section = section_of(first);
		} else if (*first == '-' && first[1] == '-') {
			continue;
		} else if (section == SECTION_PREDICATES) {
			read_predicate(x, &predicate, line);
		} else if (section == SECTION_BLOCKS) {
			read_alias(x, first);
		} else if (section == SECTION_NOTE && strncmp(first, "- ", 2) == 0) {
			read_note(x, first + 2);
		} else if (section == SECTION_HINTS) {
			read_hint(x, first);
		} else if (section == SECTION_BINDS) {
			read_bind(x, first);
		}
	}
	end_predicate(x, &predicate);
	return true;
}

static bool is_xplan(const struct so_plan_document *doc)
{
	const char *header = doc->syntax == SO_PLAN_TEXT ? strstr(doc->text, "| Id ") : NULL;

	if (header && strstr(header, "| Operation") && strstr(header, "| Operation") - header < 40)
		return true;
	return doc->syntax == SO_PLAN_TEXT && so_plan_head_has(doc, "Plan hash value");
}

static bool read_xplan(struct so_plan_builder *builder, const struct so_plan_document *doc, struct so_err *err)
{
	SO_TMP(tmp, doc->tmp);
	struct xplan x = { .builder = builder, .rows.tmp = tmp };

	if (!read_lines(&x, so_strndup(tmp, doc->text, doc->len), err))
		return false;
	if (!x.rows.n)
		return so_fail(err, SO_INPUT, "Oracle plan: there is no table of operations below its heading");
	return so_or_build(builder, &x.rows, err);
}

const struct so_plan_reader so_plan_readers_oracle[] = {
	{ "oracle-xplan", "oracle", is_xplan, read_xplan },
	{ "oracle-rows", "oracle", so_or_is_v_plan, so_or_read_v_plan },
	{ NULL },
};
