/* Error numbers of MySQL, MariaDB and of the client library, and the texts that we make of them. */
#include "db/my_internal.h"

#include <errmsg.h>
#include <string.h>

#include "base/utf8.h"

/* The servers share their numbers up to 1999; what one of them added is marked. */
static const struct number_row {
	unsigned number;
	enum so_kind kind;
} numbers[] = {
	{ 1040, SO_UNREACHABLE }, /* too many connections */
	{ 1041, SO_UNREACHABLE }, /* out of memory */
	{ 1043, SO_UNREACHABLE }, /* bad handshake */
	{ 1044, SO_DENIED }, /* no access to the database */
	{ 1045, SO_DENIED }, /* wrong password or user */
	{ 1049, SO_DENIED }, /* the login names a database that does not exist */
	{ 1053, SO_UNREACHABLE }, /* shutdown in progress */
	{ 1129, SO_UNREACHABLE }, /* host blocked after too many errors */
	{ 1130, SO_DENIED }, /* host not allowed to connect */
	{ 1142, SO_DENIED }, /* command denied on the table */
	{ 1143, SO_DENIED }, /* column access denied */
	{ 1153, SO_LIMIT }, /* larger than max_allowed_packet */
	{ 1158, SO_UNREACHABLE },
	{ 1159, SO_UNREACHABLE },
	{ 1160, SO_UNREACHABLE },
	{ 1161, SO_UNREACHABLE },
	{ 1203, SO_UNREACHABLE }, /* max_user_connections */
	{ 1205, SO_TIMEOUT }, /* lock wait timeout */
	{ 1226, SO_UNREACHABLE }, /* a resource limit of the account */
	{ 1227, SO_DENIED }, /* needs the privilege named */
	{ 1235, SO_UNSUPPORTED },
	{ 1251, SO_DENIED }, /* authentication protocol */
	{ 1290, SO_UNSUPPORTED }, /* an option of the server (read_only ...) forbids it */
	{ 1317, SO_TIMEOUT }, /* query interrupted: by a time limit, unless we asked */
	{ 1345, SO_DENIED }, /* EXPLAIN of a view without its tables' privileges */
	{ 1370, SO_DENIED }, /* routine */
	{ 1410, SO_DENIED },
	{ 1698, SO_DENIED }, /* account without a password, or with another plugin */
	{ 1792, SO_INPUT }, /* read-only transaction */
	{ 1820, SO_DENIED }, /* the password has to be changed first */
	{ 1862, SO_DENIED }, /* password expired */
	{ 1927, SO_UNREACHABLE }, /* MariaDB: connection killed */
	{ 1969, SO_TIMEOUT }, /* MariaDB: max_statement_time */
	{ 3024, SO_TIMEOUT }, /* MySQL: MAX_EXECUTION_TIME */
	{ 3118, SO_DENIED }, /* MySQL: account locked */
	{ 3159, SO_DENIED }, /* MySQL: require_secure_transport */
	{ 4031, SO_UNREACHABLE }, /* MySQL: closed because of inactivity */
	{ 4151, SO_DENIED }, /* MariaDB: account locked */
	{ CR_CONNECTION_ERROR, SO_UNREACHABLE },
	{ CR_CONN_HOST_ERROR, SO_UNREACHABLE },
	{ CR_UNKNOWN_HOST, SO_UNREACHABLE },
	{ CR_SERVER_GONE_ERROR, SO_UNREACHABLE },
	{ CR_SERVER_HANDSHAKE_ERR, SO_UNREACHABLE },
	{ CR_SERVER_LOST, SO_UNREACHABLE },
	{ CR_SERVER_LOST_EXTENDED, SO_UNREACHABLE },
	{ CR_SSL_CONNECTION_ERROR, SO_UNREACHABLE },
	{ CR_MALFORMED_PACKET, SO_UNREACHABLE },
	{ CR_NET_PACKET_TOO_LARGE, SO_LIMIT },
	{ CR_AUTH_PLUGIN_CANNOT_LOAD, SO_DENIED },
	{ CR_AUTH_PLUGIN_ERR, SO_DENIED },
	{ CR_SECURE_AUTH, SO_UNSUPPORTED },
	{ CR_VERSION_ERROR, SO_UNSUPPORTED },
	{ CR_COMMANDS_OUT_OF_SYNC, SO_INTERNAL },
	{ CR_PLUGIN_NOT_ALLOWED, SO_DENIED },
};

enum so_kind so_my_error_kind(unsigned number)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (numbers[i].number == number)
			return numbers[i].kind;
	return (number >= 2000 && number < 3000) || number >= 5000 ? SO_UNREACHABLE : SO_TARGET;
}

/* The server quotes what it could not read, up to 80 bytes and cut at the end of the statement: from there the
 * position. */
static int32_t near_position(const char *message, const char *sql, size_t prefix_len)
{
	const char *start = strstr(message, " near '"), *end = start ? strstr(start, "' at line ") : NULL;
	size_t len, sql_len = strlen(sql);

	if (!end)
		return -1;
	start += strlen(" near '");
	len = (size_t)(end - start);
	if (len > sql_len)
		return -1;
	if (len < 80 && strncmp(sql + sql_len - len, start, len) == 0 && sql_len - len >= prefix_len)
		return (int32_t)(sql_len - len - prefix_len);
	for (size_t at = prefix_len; len && at + len <= sql_len; at++)
		if (strncmp(sql + at, start, len) == 0)
			return (int32_t)(at - prefix_len);
	return -1;
}

/* What may hold values of rows is told without them. */
static char *without_values(TALLOC_CTX *ctx, unsigned number, const char *message)
{
	const char *key = strstr(message, " for key ");

	if ((number == 1062 || number == 1586) && key)
		return so_printf(ctx, "duplicate entry%s", key);
	if (number == 1292 || number == 1366 || number == 1411)
		return so_strdup(ctx, "a value has not the form that its type asks for");
	return so_strndup(ctx, message, strcspn(message, "\n"));
}

bool my_fail_statement(struct so_my *my, const char *sql, size_t prefix_len, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	unsigned number = mysql_errno(my->raw);
	const char *message = mysql_error(my->raw), *state = mysql_sqlstate(my->raw);
	char *text = without_values(tmp, number, message);

	my->last_error = number;
	so_utf8_mend(text, strlen(text));
	if (so_my_error_kind(number) == SO_UNREACHABLE)
		so_fail(err, SO_UNREACHABLE, "%s: %s", my->host_text, *text ? text : "the connection was lost");
	else
		so_fail_at(err, so_my_error_kind(number), near_position(message, sql, prefix_len), "%s [%u]", text,
			number);
	if (state && strlen(state) == 5)
		memcpy(err->sqlstate, state, 6);
	return false;
}

/* Every occurrence of the password becomes "***". */
static char *scrub(TALLOC_CTX *ctx, const char *text, const char *password)
{
	char *out = so_strdup(ctx, "");
	size_t len = password ? strlen(password) : 0;
	const char *next;

	while (len && (next = strstr(text, password))) {
		out = so_printf(ctx, "%s%.*s***", out, (int)(next - text), text);
		text = next + len;
	}
	return so_printf(ctx, "%s%s", out, text);
}

bool my_fail_login(
	const struct my_place *place, const char *where, const struct my_failure *failure, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	char *text = scrub(tmp, failure->text, place->password);
	enum so_kind kind = so_my_error_kind(failure->number);
	const char *more = "";

	so_utf8_mend(text, strlen(text));
	if (kind == SO_TARGET)
		kind = SO_UNREACHABLE;
	if (failure->number == 1045 || failure->number == 1698)
		more = !place->password || !*place->password ? "; no password was given"
							     : "; wrong user name or password";
	else if (failure->number == CR_SSL_CONNECTION_ERROR)
		text = so_printf(tmp, "TLS failed: %s", text);
	else if (failure->number == CR_AUTH_PLUGIN_CANNOT_LOAD)
		more = "; install the plugins of the MariaDB client library (Debian: libmariadb3), or give the account "
		       "another method of login";
	else if (failure->number == 3159)
		more = "; ask for TLS";
	else if (failure->number == 1040)
		more = "; close some of them, or raise max_connections";
	else if (failure->number == 1203 || failure->number == 1226)
		more = "; raise the limit of the account (ALTER USER ... WITH MAX_USER_CONNECTIONS), or "
		       "max_user_connections";
	so_fail(err, kind, "%s: %s%s", where, *text ? text : "the server closed the connection", more);
	if (strlen(failure->state) == 5)
		memcpy(err->sqlstate, failure->state, 6);
	return false;
}
