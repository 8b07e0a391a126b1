#include "db/pg_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* SQLSTATE or its beginning -> kind. Searched twice: whole codes first, then classes of two characters. */
static const struct state_row {
	const char *code;
	enum so_kind kind;
} states[] = {
	{ "57014", SO_TIMEOUT }, /* query_canceled: the server's statement timeout, unless we asked */
	{ "55P03", SO_TIMEOUT }, /* lock_not_available */
	{ "25P03", SO_TIMEOUT }, /* idle_in_transaction_session_timeout */
	{ "57P01", SO_UNREACHABLE }, /* admin_shutdown */
	{ "57P02", SO_UNREACHABLE }, /* crash_shutdown */
	{ "57P03", SO_UNREACHABLE }, /* cannot_connect_now */
	{ "57P05", SO_UNREACHABLE }, /* idle_session_timeout */
	{ "53300", SO_UNREACHABLE }, /* too_many_connections */
	{ "42501", SO_DENIED }, /* insufficient_privilege */
	{ "3D000", SO_DENIED }, /* the login names a database that does not exist */
	{ "57P04", SO_DENIED }, /* database_dropped */
	{ "25006", SO_INPUT }, /* read_only_sql_transaction */
	{ "08", SO_UNREACHABLE },
	{ "28", SO_DENIED },
	{ "0A", SO_UNSUPPORTED },
	{ "54", SO_LIMIT },
	{ NULL, SO_TARGET },
};

enum so_kind so_pg_state_kind(const char *sqlstate)
{
	const struct state_row *row;

	if (!sqlstate || strlen(sqlstate) != 5)
		return SO_TARGET;
	for (row = states; row->code; row++)
		if (strcmp(row->code, sqlstate) == 0)
			return row->kind;
	for (row = states; row->code; row++)
		if (strlen(row->code) == 2 && strncmp(row->code, sqlstate, 2) == 0)
			return row->kind;
	return row->kind;
}

/* The server counts characters from 1; ours are bytes from 0 behind the prefix. */
static int32_t byte_position(const char *text, const char *sql, size_t prefix_len)
{
	long wanted = 0;
	size_t at = 0, len = strlen(sql);

	if (!text || sscanf(text, "%ld", &wanted) != 1 || wanted < 1)
		return -1;
	for (long i = 1; i < wanted && at < len; i++) {
		int step = so_utf8_length(sql + at, len - at);

		at += step > 0 ? (size_t)step : 1;
	}
	if (at < prefix_len || at > INT32_MAX)
		return -1;
	return (int32_t)(at - prefix_len);
}

bool pg_fail_result(const PGresult *raw, const char *sql, size_t prefix_len, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);
	const char *hint = PQresultErrorField(raw, PG_DIAG_MESSAGE_HINT);
	int32_t position = byte_position(PQresultErrorField(raw, PG_DIAG_STATEMENT_POSITION), sql, prefix_len);
	char *text, *more;

	if (!primary) /* made by libpq itself, for instance when the connection broke */
		primary = PQresultErrorMessage(raw);
	/* DETAIL is left out: it may hold row values. */
	text = so_utf8_copy(tmp, primary, strcspn(primary, "\n"));
	more = hint ? so_utf8_copy(tmp, hint, strlen(hint)) : NULL;
	so_fail_at(err, so_pg_state_kind(state), position, "%s%s%s", text, more ? "; hint: " : "", more ? more : "");
	if (state && strlen(state) == 5)
		memcpy(err->sqlstate, state, 6);
	return false;
}

/* With PQERRORS_VERBOSE a message of the server reads "FATAL:  28P01: text". Returns the text, fills the code. */
static const char *find_state(const char *message, char state[6])
{
	for (const char *at = strchr(message, ':'); at; at = strchr(at + 1, ':')) {
		size_t blanks = strspn(at + 1, " ");
		const char *code = at + 1 + blanks;

		if (blanks && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && code[5] == ':' &&
			code[6] == ' ' && strcspn(code, "0123456789") < 5) { /* "FATAL" is no code */
			memcpy(state, code, 5);
			state[5] = '\0';
			return code + 7;
		}
	}
	return NULL;
}

/* What libpq says about the last address it tried, on one line. */
static char *last_words(TALLOC_CTX *ctx, const char *message)
{
	static const char mark[] = " failed: ";
	const char *start = message, *next;
	char *text;

	while ((next = strstr(start, mark)))
		start = next + sizeof mark - 1;
	text = so_utf8_copy(ctx, start, strcspn(start, "\n"));
	return text;
}

static bool mentions_tls(const char *text)
{
	return strstr(text, "SSL") || strstr(text, "certificate");
}

/* Poolers answer with their own code for everything, so their texts (never translated) tell. */
static bool pooler_denies(const char *state, const char *text)
{
	static const char *const texts[] = { "password authentication failed", "no such user", "no such database",
		"auth failed", "login failed", "not allowed" };

	if (strcmp(state, "08P01") != 0)
		return false;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strstr(text, texts[i]))
			return true;
	return false;
}

/* Every occurrence of the password becomes "***". */
static char *scrub(TALLOC_CTX *ctx, const char *text, const char *password)
{
	char *out = so_strdup(ctx, "");
	size_t len = password ? strlen(password) : 0;
	const char *next;

	if (!len)
		return so_strdup(ctx, text);
	while ((next = strstr(text, password))) {
		out = so_printf(ctx, "%s%.*s***", out, (int)(next - text), text);
		text = next + len;
	}
	return so_printf(ctx, "%s%s", out, text);
}

bool pg_fail_connection(PGconn *raw, const char *where, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char state[6] = "";
	char *message = scrub(tmp, PQerrorMessage(raw), PQpass(raw));
	const char *text = find_state(message, state);
	enum so_kind kind = SO_UNREACHABLE;
	char *words;

	if (text) {
		words = so_utf8_copy(tmp, text, strcspn(text, "\n"));
		kind = pooler_denies(state, words) ? SO_DENIED : so_pg_state_kind(state);
		if (strcmp(state, "28P01") == 0)
			words = so_printf(tmp, "wrong password: %s", words);
		if (kind == SO_TARGET)
			kind = SO_UNREACHABLE;
	} else {
		words = last_words(tmp, message);
		if (PQconnectionNeedsPassword(raw)) {
			kind = SO_DENIED;
			words = so_strdup(tmp, "the server asks for a password and none was given");
		} else if (strstr(words, "authentication method") || strstr(words, "SCRAM")) {
			kind = SO_DENIED;
		} else if (strstr(words, "certificate verify failed")) { /* libpq does not pass on why */
			words = so_strdup(tmp,
				"TLS failed: certificate verify failed: it has expired, is not valid yet, "
				"or is not signed by the CA given");
		} else if (mentions_tls(words)) {
			words = so_printf(tmp, "TLS failed: %s", words);
		} else if (!*words) {
			words = so_strdup(tmp, "the server closed the connection");
		}
	}
	so_fail(err, kind, "%s: %s", where, words);
	memcpy(err->sqlstate, state, sizeof state);
	return false;
}
