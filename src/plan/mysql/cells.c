/* The cells of EXPLAIN's table form, however the client prints them. */
#include "plan/mysql/cells.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const columns[SO_MY_N_COLUMNS] = { "id", "select_type", "table", "partitions", "type",
	"possible_keys", "key", "key_len", "ref", "rows", "r_rows", "filtered", "r_filtered", "Extra" };

/* Order of the columns of one table: position -> column, -1 for a column that is not EXPLAIN's. */
struct header {
	int at[32];
	size_t n;
};

static int column_of(const char *name)
{
	for (int i = 0; i < SO_MY_N_COLUMNS; i++)
		if (strcasecmp(name, columns[i]) == 0)
			return i;
	return -1;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

static const char *cell_text(char *cell)
{
	char *text = trim(cell);

	return strcmp(text, "NULL") == 0 || strcmp(text, "") == 0 ? NULL : text;
}

/* Extra may hold a '|' of a condition: the last column takes the rest of the line. */
static size_t split(char *line, char separator, char **cells, size_t max)
{
	size_t n = 0;

	if (separator == '|') {
		char *last = strrchr(line, '|');

		line = strchr(line, '|') + 1;
		if (last >= line)
			*last = '\0';
	}
	while (n + 1 < max) {
		char *next = strchr(line, separator);

		cells[n++] = line;
		if (!next)
			return n;
		*next = '\0';
		line = next + 1;
	}
	cells[n++] = line;
	return n;
}

static struct so_my_row *add_row(struct so_my_cells *table)
{
	if (table->n == table->size) {
		table->size = table->size ? table->size * 2 : 16;
		table->rows = so_renew_array(table->tmp, table->rows, struct so_my_row, (unsigned)table->size);
	}
	table->rows[table->n] = (struct so_my_row){ .id = 0 };
	return &table->rows[table->n++];
}

static bool read_header(char *line, char separator, struct header *header)
{
	char *cells[32];
	size_t known = 0;

	header->n = split(line, separator, cells, 32);
	for (size_t i = 0; i < header->n; i++) {
		header->at[i] = column_of(trim(cells[i]));
		known += header->at[i] >= 0;
	}
	return known >= 7;
}

static void read_cells(struct so_my_cells *table, char *line, char separator, const struct header *header)
{
	char *cells[32];
	size_t n = split(line, separator, cells, header->n);
	struct so_my_row *row;

	if (n + 1 < header->n) /* not a row of this table */
		return;
	row = add_row(table);
	for (size_t i = 0; i < n; i++)
		if (header->at[i] >= 0)
			row->cells[header->at[i]] = cell_text(cells[i]);
}

/* "select_type: SIMPLE", after "*** 1. row ***" */
static void read_vertical(struct so_my_cells *table, char *line)
{
	char *colon = strchr(line, ':');
	int column;

	if (!colon)
		return;
	*colon = '\0';
	column = column_of(trim(line));
	if (column == SO_MY_ID)
		add_row(table);
	if (column >= 0 && table->n)
		table->rows[table->n - 1].cells[column] = cell_text(colon + 1);
}

bool so_my_read_cells(TALLOC_CTX *tmp, const char *text, size_t len, struct so_my_cells *table)
{
	char *rest = so_strndup(tmp, text, len), *line;
	struct header header = { .n = 0 };
	bool vertical = false;
	char separator = '\0';

	*table = (struct so_my_cells){ .tmp = tmp };
	while ((line = strsep(&rest, "\n"))) {
		char *first = line + strspn(line, " \t");

		if (strncmp(first, "****", 4) == 0) {
			vertical = true;
			continue;
		}
		if (!*first || strncmp(first, "+--", 3) == 0)
			continue;
		if (vertical) {
			read_vertical(table, line);
		} else if (!separator) {
			char found = *first == '|' ? '|' : strchr(line, '\t') ? '\t' : '\0';

			if (found && strstr(line, "select_type") && read_header(line, found, &header))
				separator = found;
		} else if (separator == '\t' ? strchr(line, '\t') != NULL : *first == '|') {
			read_cells(table, line, separator, &header);
		} else {
			break;
		}
	}
	return table->n > 0;
}
