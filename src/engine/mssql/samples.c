/* Texts that ran, with their values: the plan cache has the text of each plan and, in the plan, the values that its
 * parameters had when it was compiled, and in 2019 and later also those of the last run, where that is kept. The Query
 * Store has the values of compiling for what the cache has no more. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "engine/mssql/internal.h"

/* --- attributes of <ParameterList>; the server wrote it, so that no more of XML than that is needed --- */

struct parameter {
	char *name, *compiled, *last; /* literals; NULL: not told */
};
struct parameters {
	struct parameter *items;
	size_t count;
	bool last; /* look for the values of the last run */
};

#define PARAMETERS_MAX 2100 /* of a statement: the server's limit */

/* "&lt;" and the like; leaves *at behind it. False for what is none. */
static bool add_reference(struct so_buf *out, const char **at)
{
	static const struct {
		const char *text;
		char is;
	} names[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	unsigned long code;
	char *end;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(*at, names[i].text, strlen(names[i].text)) == 0) {
			*at += strlen(names[i].text);
			return so_buf_addc(out, names[i].is), true;
		}
	if ((*at)[1] != '#')
		return false;
	code = (*at)[2] == 'x' ? strtoul(*at + 3, &end, 16) : strtoul(*at + 2, &end, 10);
	if (*end != ';' || code == 0 || code > 0x7F) /* other characters stand as they are */
		return false;
	so_buf_addc(out, (char)code);
	*at = end + 1;
	return true;
}

/* The attribute of this name of the element that begins at `element` and ends before `end`; NULL: it has none. */
static char *attribute(TALLOC_CTX *ctx, const char *element, const char *end, const char *name)
{
	SO_TMP(tmp, NULL);
	const char *at = strstr(element, so_printf(tmp, " %s=\"", name)), *close;
	struct so_buf out;

	if (!at || at >= end)
		return NULL;
	at += strlen(name) + 3;
	close = strchr(at, '"');
	if (!close || close >= end)
		return NULL;
	so_buf_init(&out, tmp, (size_t)SO_SAMPLE_BYTES);
	while (at < close)
		if (*at != '&')
			so_buf_addc(&out, *at++);
		else if (!add_reference(&out, &at))
			return NULL;
	return out.overflow ? NULL : so_strdup(ctx, so_buf_text(&out));
}

/* --- values --- */

static bool is_number(const char *text)
{
	char *end;

	text += *text == '-' || *text == '+';
	if (!isdigit((unsigned char)*text) && *text != '.')
		return false;
	if (strspn(text, "0123456789.eE+-") != strlen(text))
		return false;
	(void)strtod(text, &end);
	return !*end;
}

/* The content of a string as it stands between quotes, where they may be doubled or not. */
static char *content(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct so_buf out;
	bool doubled = true;

	for (size_t i = 0; i < len && doubled; i++)
		if (text[i] == '\'')
			doubled = ++i < len && text[i] == '\'';
	so_buf_init(&out, ctx, len + 1);
	for (size_t i = 0; i < len; i++) {
		so_buf_addc(&out, text[i]);
		i += doubled && text[i] == '\'';
	}
	return so_strdup(ctx, so_buf_text(&out));
}

/* "0x", "0x07af" */
static bool is_binary(const char *text)
{
	return text[0] == '0' && text[1] == 'x' && text[2 + strspn(text + 2, "0123456789ABCDEFabcdef")] == '\0';
}

/* What a plan says of a value, "(7)", "N'x'", "($1.50)", "{guid'..'}", as a literal of our own making; NULL: it is none
 * that we know. */
static char *literal(TALLOC_CTX *ctx, const char *told)
{
	SO_TMP(tmp, NULL);
	size_t len = strlen(told);
	const char *quote, *plain;
	char *text, *sign;

	while (len > 1 && told[0] == '(' && told[len - 1] == ')') {
		told++;
		len -= 2;
	}
	text = so_strndup(tmp, told, len);
	if (strcasecmp(text, "NULL") == 0 || is_binary(text))
		return so_strdup(ctx, text);
	sign = strchr(text, '$'); /* of money */
	if (sign && sign - text <= 1)
		memmove(sign, sign + 1, strlen(sign));
	if (is_number(text))
		return so_strdup(ctx, text);
	quote = strchr(told, '\'');
	if (strncmp(told, "{guid'", 6) == 0 && len > 7 && told[len - 1] == '}')
		len--;
	else if (!quote || quote - told > 1 || (quote > told && *told != 'N'))
		return NULL;
	if (told + len < quote + 2 || told[len - 1] != '\'')
		return NULL;
	plain = content(tmp, quote + 1, (size_t)(told + len - quote) - 2);
	text = ms_text_literal(ctx, plain); /* N'..' */
	return *told == 'N' ? text : text + 1;
}

static void read_parameters(TALLOC_CTX *ctx, const char *list, struct parameters *out)
{
	const char *end = list ? strstr(list, "</ParameterList>") : NULL;

	out->count = 0;
	out->items = so_new_array(ctx, struct parameter, PARAMETERS_MAX);
	if (!end)
		return; /* there is none, or it was cut off */
	for (const char *at = strstr(list, "<ColumnReference"); at && at < end && out->count < PARAMETERS_MAX;) {
		const char *next = strstr(at + 1, "<ColumnReference"), *stop = next && next < end ? next : end;
		struct parameter *p = &out->items[out->count];
		const char *compiled = attribute(ctx, at, stop, "ParameterCompiledValue"),
			   *last = attribute(ctx, at, stop, "ParameterRuntimeValue");

		p->name = attribute(ctx, at, stop, "Column");
		p->compiled = compiled ? literal(ctx, compiled) : NULL;
		p->last = last ? literal(ctx, last) : NULL;
		out->count += p->name != NULL;
		at = next;
	}
}

static const char *value_of(void *arg, const char *placeholder, size_t at)
{
	const struct parameters *parameters = arg;

	(void)at;
	for (size_t i = 0; i < parameters->count; i++)
		if (strcasecmp(parameters->items[i].name, placeholder) == 0)
			return parameters->last ? parameters->items[i].last : parameters->items[i].compiled;
	return NULL;
}

/* --- the rows --- */

/* Of the last run, if all are known; else of when the plan was compiled. */
static void take_row(TALLOC_CTX *ctx, const struct so_text_result *r, size_t row, struct so_sample *out)
{
	SO_TMP(tmp, NULL);
	const char *text = so_text_cell(r, row, 1), *last = so_text_columns(r) > 3 ? so_text_cell(r, row, 3) : NULL;
	struct parameters parameters = { .last = true };

	read_parameters(tmp, last, &parameters);
	if (bl_sample(ctx, SO_TSQL, text, value_of, &parameters, out))
		return;
	parameters.last = false;
	read_parameters(tmp, so_text_cell(r, row, 2), &parameters);
	(void)bl_sample(ctx, SO_TSQL, text, value_of, &parameters, out);
}

/* `form` with the ids that have no sample yet. */
static bool take(TALLOC_CTX *ctx, struct ms_conn *conn, const char *form, const char *const *ids, size_t n,
	struct so_sample *out, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char **left = so_new_array(tmp, const char *, n + 1);
	int64_t *rows = so_new_array(tmp, int64_t, n + 1);
	struct so_text_result *r;
	size_t count = 0;
	char *list;

	for (size_t i = 0; i < n; i++)
		if (!out[i].text)
			left[count++] = ids[i];
	list = bl_id_list(tmp, "0x", "0123456789ABCDEFabcdef", "", left, count);
	if (!list)
		return true;
	r = bl_ask(tmp, &conn->bl, so_printf(tmp, form, list), OWN_TIMEOUT_MS, false, err); // NOLINT(format-nonliteral)
	if (!r)
		return false;
	bl_rows_of_ids(r, ids, n, rows);
	for (size_t i = 0; i < n; i++)
		if (rows[i] >= 0 && !out[i].text)
			take_row(ctx, r, (size_t)rows[i], &out[i]);
	return true;
}

bool ms_samples(TALLOC_CTX *ctx, struct so_conn *base, const char *const *ids, size_t n, struct so_sample *out,
	struct so_err *err)
{
	struct ms_conn *conn = ms_conn_of(base);
	struct so_err ignored = SO_ERR_INIT; /* a store that is not readable has no samples */

	so_assert(n <= SO_SAMPLES_MAX);
	memset(out, 0, n * sizeof *out);
	if (!ms_info(base, err))
		return false;
	if (!(conn->info->caps & SO_CAP_STATEMENTS))
		return true;
	if (!take(ctx, conn, conn->major >= LAST_PLAN_VERSION || conn->azure ? MS_SQL_SAMPLES_LAST : MS_SQL_SAMPLES,
		    ids, n, out, err))
		return so_fail_in(err, "values of parameters in sys.dm_exec_text_query_plan");
	if (conn->has_store)
		(void)take(ctx, conn, MS_SQL_STORE_SAMPLES, ids, n, out, &ignored);
	return true;
}
