/* The cells of EXPLAIN's table form, however the client prints them. */
#include "plan/mysql/cells.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define HEADER_MAX 32 /* columns */

/* Those that the reader needs; the others it only counts as columns of EXPLAIN. */
enum column {
	COLUMN_ID,
	COLUMN_SELECT_TYPE,
	COLUMN_NAME,
	COLUMN_ACCESS,
	COLUMN_KEY,
	COLUMN_REF,
	COLUMN_ROWS,
	COLUMN_R_ROWS,
	COLUMN_FILTERED,
	COLUMN_R_FILTERED,
	COLUMN_EXTRA,
	COLUMN_PARTITIONS,
	COLUMN_POSSIBLE_KEYS,
	COLUMN_KEY_LEN,
	N_COLUMNS
};

static const char *const columns[N_COLUMNS] = { "id", "select_type", "table", "type", "key", "ref", "rows", "r_rows",
	"filtered", "r_filtered", "Extra", "partitions", "possible_keys", "key_len" };

/* Order of the columns of one table: position -> column, -1 for a column that is not EXPLAIN's. */
struct header {
	int at[HEADER_MAX];
	size_t n;
};

/* ---- Words ------------------------------------------------------------------------------------------------------ */

struct word {
	const char *text; /* begins with a capital letter or a blank */
	unsigned short len, flag;
	bool whole; /* the cell has nothing else */
};

#define WORD(text, flag, whole)                                                                                        \
	{                                                                                                              \
		text, sizeof(text) - 1, flag, whole                                                                    \
	}

static const struct word types[] = {
	WORD("INSERT", SO_MY_TYPE_INSERT, true),
	WORD("REPLACE", SO_MY_TYPE_REPLACE, true),
	WORD("UPDATE", SO_MY_TYPE_UPDATE, true),
	WORD("DELETE", SO_MY_TYPE_DELETE, true),
	WORD("SUBQUERY", SO_MY_TYPE_SUBQUERY, true),
	WORD("DEPENDENT SUBQUERY", SO_MY_TYPE_DEPENDENT, true),
	WORD("UNCACHEABLE SUBQUERY", SO_MY_TYPE_DEPENDENT, true),
	WORD("MATERIALIZED", SO_MY_TYPE_MATERIALIZED, true),
	WORD(" RESULT", SO_MY_TYPE_RESULT, false),
	WORD("UNION", SO_MY_TYPE_UNION, false),
	WORD("INTERSECT", SO_MY_TYPE_INTERSECT, false),
	WORD("EXCEPT", SO_MY_TYPE_EXCEPT, false),
	{ NULL },
};

static const struct word extras[] = {
	WORD("Using where", SO_MY_EXTRA_WHERE, false),
	WORD("Using index", SO_MY_EXTRA_INDEX, false),
	WORD("Using index condition", SO_MY_EXTRA_INDEX_CONDITION, false),
	WORD("Using temporary", SO_MY_EXTRA_TEMPORARY, false),
	WORD("Using filesort", SO_MY_EXTRA_USING_FILESORT, false),
	WORD("Using join buffer", SO_MY_EXTRA_BUFFER, false),
	WORD("Filesort", SO_MY_EXTRA_FILESORT, false),
	WORD("FirstMatch", SO_MY_EXTRA_FIRST_MATCH, false),
	WORD("Not exists", SO_MY_EXTRA_NOT_EXISTS, false),
	WORD("Range checked for each record", SO_MY_EXTRA_RECHECKED, false),
	{ NULL },
};

/* The flags of all words that a cell has, in whatever case. */
static unsigned short find_words(struct so_span cell, const struct word *words)
{
	unsigned short flags = 0;
	uint32_t initials = 0; /* letters of both cases have the same low bits */

	for (const struct word *word = words; word->text; word++)
		initials |= UINT32_C(1) << (*word->text & 31);
	for (size_t i = 0; i < cell.len; i++) {
		if (!(initials >> (cell.at[i] & 31) & 1))
			continue;
		for (const struct word *word = words; word->text; word++)
			if (((cell.at[i] ^ *word->text) & 31) == 0 && word->len <= cell.len - i &&
				(!word->whole || word->len == cell.len) &&
				strncasecmp(cell.at + i, word->text, word->len) == 0)
				flags |= word->flag;
	}
	return flags;
}

/* ---- Cells ------------------------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct so_span trim(struct so_span text)
{
	while (text.len && is_blank(*text.at))
		text = so_span_without(text, 1);
	while (text.len && is_blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static int column_of(struct so_span name)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (strlen(columns[i]) == name.len && strncasecmp(name.at, columns[i], name.len) == 0)
			return i;
	return -1;
}

int so_my_take_id(struct so_span *text)
{
	int64_t id = 0;

	for (; text->len && isdigit((unsigned char)*text->at); *text = so_span_without(*text, 1))
		id = id < INT_MAX ? id * 10 + (*text->at - '0') : id;
	return id < INT_MAX ? (int)id : INT_MAX;
}

static double number(struct so_span cell)
{
	return cell.len && isdigit((unsigned char)*cell.at) ? so_span_take_number(&cell) : NAN;
}

static void set_cell(struct so_my_row *row, int column, struct so_span cell)
{
	cell = trim(cell);
	if (!cell.len || so_span_is(cell, "NULL"))
		cell = (struct so_span){ NULL, 0 };
	switch ((enum column)column) {
	case COLUMN_ID:
		row->id = so_my_take_id(&cell);
		break;
	case COLUMN_SELECT_TYPE:
		row->type = find_words(cell, types);
		break;
	case COLUMN_NAME:
		row->name = cell;
		break;
	case COLUMN_ACCESS:
		row->access = cell;
		break;
	case COLUMN_KEY:
		row->key = cell;
		break;
	case COLUMN_REF:
		row->ref = cell;
		break;
	case COLUMN_ROWS:
		row->rows = number(cell);
		break;
	case COLUMN_R_ROWS:
		row->r_rows = number(cell);
		break;
	case COLUMN_FILTERED:
		row->filtered = number(cell);
		break;
	case COLUMN_R_FILTERED:
		row->r_filtered = number(cell);
		break;
	case COLUMN_EXTRA:
		row->extra = cell;
		row->extras = find_words(cell, extras);
		break;
	case COLUMN_PARTITIONS:
	case COLUMN_POSSIBLE_KEYS:
	case COLUMN_KEY_LEN:
	case N_COLUMNS:
		break;
	}
}

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

/* What stands between the first and the last '|' of a line that has one. */
static struct so_span without_frame(struct so_span line)
{
	const char *last = memrchr(line.at, '|', line.len), *first = memchr(line.at, '|', line.len);

	if (last > first)
		line.len = (size_t)(last - line.at);
	return so_span_without(line, (size_t)(first - line.at) + 1);
}

/* Extra may hold a '|' of a condition: the last column takes the rest of the line. */
static size_t split(struct so_span line, char separator, struct so_span *cells, size_t max)
{
	size_t n = 0;

	if (separator == '|')
		line = without_frame(line);
	while (n + 1 < max) {
		const char *next = memchr(line.at, separator, line.len);

		if (!next)
			break;
		cells[n++] = (struct so_span){ line.at, (size_t)(next - line.at) };
		line = so_span_without(line, (size_t)(next - line.at) + 1);
	}
	cells[n++] = line;
	return n;
}

static struct so_my_row *add_row(struct so_my_cells *table)
{
	if (table->n == table->size) {
		table->size = table->size ? table->size * 2 : 16;
		table->rows = so_renew_array(table->tmp, table->rows, struct so_my_row, (unsigned)table->size);
		so_mem_expect_use(table->rows, table->size * sizeof *table->rows);
	}
	table->rows[table->n] = (struct so_my_row){ .rows = NAN, .filtered = NAN, .r_rows = NAN, .r_filtered = NAN };
	return &table->rows[table->n++];
}

static bool read_header(struct so_span line, char separator, struct header *header)
{
	struct so_span cells[HEADER_MAX];
	size_t known = 0;

	header->n = split(line, separator, cells, HEADER_MAX);
	for (size_t i = 0; i < header->n; i++) {
		header->at[i] = column_of(trim(cells[i]));
		known += header->at[i] >= 0;
	}
	return known >= 7;
}

static void read_cells(struct so_my_cells *table, struct so_span line, char separator, const struct header *header)
{
	struct so_span cells[HEADER_MAX];
	size_t n = split(line, separator, cells, header->n);
	struct so_my_row *row;

	if (header->at[0] == COLUMN_ID &&
		so_span_is(trim(cells[0]), columns[COLUMN_ID])) { /* the header again: another table */
		table->n_more++;
		return;
	}
	if (n + 1 < header->n || table->n_more) /* not a row of this table */
		return;
	row = add_row(table);
	for (size_t i = 0; i < n; i++)
		if (header->at[i] >= 0)
			set_cell(row, header->at[i], cells[i]);
}

/* "select_type: SIMPLE", after "*** 1. row ***" */
static void read_vertical(struct so_my_cells *table, struct so_span line)
{
	const char *colon = memchr(line.at, ':', line.len);
	size_t len = colon ? (size_t)(colon - line.at) : 0;
	int column = colon ? column_of(trim((struct so_span){ line.at, len })) : -1;

	if (table->n_more)
		return;
	if (column == COLUMN_ID)
		add_row(table);
	if (column >= 0 && table->n)
		set_cell(&table->rows[table->n - 1], column, so_span_without(line, len + 1));
}

bool so_my_read_cells(TALLOC_CTX *tmp, const char *text, size_t len, struct so_my_cells *table)
{
	struct so_span rest = { text, len }, line, first;
	struct header header = { .n = 0 };
	bool vertical = false;
	char separator = '\0';

	*table = (struct so_my_cells){ .tmp = tmp };
	while (rest.len && table->n <= SO_MY_MAX_ROWS) {
		const char *newline = memchr(rest.at, '\n', rest.len);

		line = (struct so_span){ rest.at, newline ? (size_t)(newline - rest.at) : rest.len };
		rest = so_span_without(rest, line.len + (newline != NULL));
		first = line;
		while (first.len && (*first.at == ' ' || *first.at == '\t'))
			first = so_span_without(first, 1);
		if (so_span_starts(first, "****")) {
			table->n_more += vertical && table->n && memmem(first.at, first.len, " 1. row ", 8);
			vertical = true;
		} else if (!first.len || so_span_starts(first, "+--")) {
			continue;
		} else if (vertical) {
			read_vertical(table, line);
		} else if (!separator) {
			char found = *first.at == '|' ? '|' : memchr(line.at, '\t', line.len) ? '\t' : '\0';

			if (found && memmem(line.at, line.len, "select_type", 11) && read_header(line, found, &header))
				separator = found;
		} else if (separator == '\t' ? memchr(line.at, '\t', line.len) != NULL : *first.at == '|') {
			read_cells(table, line, separator, &header);
		} else {
			break;
		}
	}
	return table->n > 0;
}
