/* Texts that ran, with their values: V$SQL_BIND_CAPTURE keeps the binds of one execution of each cursor, taken at most
 * every 15 minutes, of simple types, in conditions only. What the text holds itself needs none. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "engine/oracle/internal.h"

/* Columns of ORA_SQL_BINDS. */
enum { ID, NAME, POSITION, DUPLICATE_OF, TYPE, TYPE_NAME, CAPTURED, VALUE };

struct binds { /* of one statement */
	const struct so_text_result *rows;
	size_t first, count; /* of them */
	TALLOC_CTX *tmp;
};

static bool is_number(const char *text)
{
	bool digits = false;

	for (text += *text == '-'; *text && strchr("0123456789.", *text); text++)
		digits = digits || isdigit((unsigned char)*text);
	if (digits && (*text == 'E' || *text == 'e')) {
		text++;
		text += *text == '-' || *text == '+';
		digits = isdigit((unsigned char)*text);
		text += strspn(text, "0123456789");
	}
	return digits && !*text;
}

/* "2026-01-31 23:59:59" and more digits. */
static bool is_time(const char *text)
{
	static const char form[] = "0000-00-00 00:00:00";

	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	text += strlen(form);
	return !*text || (*text == '.' && text[1] && strspn(text + 1, "0123456789") == strlen(text + 1));
}

/* The type's number is that of the client interface (Database Reference: "Oracle built-in data types"). */
static const char *literal(TALLOC_CTX *ctx, int64_t type, const char *name, const char *value)
{
	if (!value)
		return "NULL"; /* captured, and there is none */
	switch (type) {
	case 1: /* VARCHAR2, NVARCHAR2 */
	case 9: /* VARCHAR */
	case 96: /* CHAR, NCHAR */
		return so_printf(ctx, "%s%s", name && *name == 'N' ? "N" : "", ora_text_literal(ctx, value));
	case 2: /* NUMBER */
	case 3: /* integers */
	case 4: /* floating-point */
	case 100: /* BINARY_FLOAT */
	case 101: /* BINARY_DOUBLE */
		return is_number(value) ? value : NULL;
	case 12: /* DATE; a TIMESTAMP beside such a column would keep its index from being used */
		return is_time(value) ? so_printf(ctx, "TO_DATE('%.19s', 'YYYY-MM-DD HH24:MI:SS')", value) : NULL;
	case 180: /* TIMESTAMP */
		return is_time(value) ? so_printf(ctx, "TIMESTAMP '%s'", value) : NULL;
	default:
		return NULL;
	}
}

/* ":b1", ":\"b1\"" and ":B1" are one. */
static bool same_name(const char *a, const char *b)
{
	a += strspn(a, ":\"");
	b += strspn(b, ":\"");
	return strcspn(a, "\"") == strcspn(b, "\"") && strncasecmp(a, b, strcspn(a, "\"")) == 0;
}

/* The row of the bind at this position, from 1; -1: none. */
static int64_t row_at(const struct binds *binds, int64_t position)
{
	for (size_t i = binds->first; i < binds->first + binds->count; i++)
		if (so_text_int(binds->rows, i, POSITION, -1) == position)
			return (int64_t)i;
	return -1;
}

static const char *value_of(void *arg, const char *placeholder, size_t at)
{
	const struct binds *binds = arg;
	int64_t row = row_at(binds, (int64_t)at + 1), same;
	const char *captured;

	if (row < 0 || !so_text_cell(binds->rows, (size_t)row, NAME) ||
		!same_name(so_text_cell(binds->rows, (size_t)row, NAME), placeholder))
		return NULL;
	same = so_text_int(binds->rows, (size_t)row, DUPLICATE_OF, 0);
	if (same > 0) /* bound by name, which stands at another position first */
		row = row_at(binds, same);
	captured = row >= 0 ? so_text_cell(binds->rows, (size_t)row, CAPTURED) : NULL;
	if (!captured || strcmp(captured, "YES") != 0)
		return NULL;
	return literal(binds->tmp, so_text_int(binds->rows, (size_t)row, TYPE, -1),
		so_text_cell(binds->rows, (size_t)row, TYPE_NAME), so_text_cell(binds->rows, (size_t)row, VALUE));
}

/* Hash values of the ids: their last 32 bits, and the only indexed column of the view. */
static char *hashes(TALLOC_CTX *ctx, const char *const *ids, size_t n)
{
	static const char digits[] = "0123456789abcdfghjkmnpqrstuvwxyz";
	struct so_buf list;

	so_buf_init(&list, ctx, (size_t)SO_SAMPLES_MAX * 16);
	for (size_t i = 0; i < n; i++) {
		uint32_t hash = 0;

		if (strspn(ids[i], digits) != strlen(ids[i]))
			continue;
		for (const char *p = ids[i]; *p; p++)
			hash = hash * 32 + (uint32_t)(strchr(digits, *p) - digits);
		so_buf_addf(&list, "%s%u", list.len ? "," : "", hash);
	}
	return list.len ? list.data : NULL;
}

static void take(TALLOC_CTX *ctx, const struct so_text_result *texts, const struct so_text_result *rows,
	const char *const *ids, size_t n, struct so_sample *out)
{
	SO_TMP(tmp, NULL);
	int64_t *at = so_new_array(tmp, int64_t, n + 1);

	bl_rows_of_ids(texts, ids, n, at);
	for (size_t i = 0; i < n; i++) {
		struct binds binds = { .rows = rows, .tmp = tmp };

		if (at[i] < 0)
			continue;
		for (size_t k = 0; k < so_text_rows(rows); k++) {
			if (!so_text_cell(rows, k, ID) || strcmp(so_text_cell(rows, k, ID), ids[i]) != 0)
				continue;
			if (binds.count++ == 0)
				binds.first = k;
		}
		(void)bl_sample(ctx, SO_ORACLE, so_text_cell(texts, (size_t)at[i], 1), value_of, &binds, &out[i]);
	}
}

bool ora_samples(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct ora_conn *conn = ora_conn_of(base);
	char *list = bl_id_list(tmp, "", "0123456789abcdfghjkmnpqrstuvwxyz", "'", ids, n);
	struct so_text_result *texts, *rows;

	so_assert(n <= SO_SAMPLES_MAX);
	memset(out, 0, n * sizeof *out);
	if (!ora_info(base, err))
		return false;
	if (!list || !conn->has_binds || !(conn->info->caps & SO_CAP_STATEMENTS))
		return true;
	rows = bl_ask(
		tmp, &conn->bl, so_printf(tmp, ORA_SQL_BINDS, hashes(tmp, ids, n), list), OWN_TIMEOUT_MS, false, err);
	if (!rows)
		return so_fail_in(err, "V$SQL_BIND_CAPTURE");
	texts = bl_ask(tmp, &conn->bl, so_printf(tmp, ORA_SQL_SAMPLES, list), OWN_TIMEOUT_MS, false, err);
	if (!texts)
		return so_fail_in(err, "V$SQLSTATS");
	take(ctx, texts, rows, ids, n, out);
	return true;
}
