/* Error numbers of SQL Server and of FreeTDS, and the texts that we make of them. */
#include <string.h>

#include "base/utf8.h"
#include "db/odbc_internal.h"

/* Numbers below 20000 and from 40000 on are the server's (sys.messages), those between are FreeTDS's own. */
static const struct number_row {
	int number;
	enum so_kind kind;
} numbers[] = {
	{ 229, SO_DENIED }, /* permission denied on the object */
	{ 230, SO_DENIED }, /* on the column */
	{ 262, SO_DENIED }, /* permission denied in the database: SHOWPLAN ... */
	{ 297, SO_DENIED }, /* the user does not have permission to perform this action */
	{ 300, SO_DENIED }, /* VIEW SERVER STATE */
	{ 371, SO_DENIED }, /* VIEW DATABASE STATE of a table function */
	{ 701, SO_LIMIT }, /* insufficient memory in the resource pool */
	{ 904, SO_UNREACHABLE }, /* the database cannot be started */
	{ 911, SO_DENIED }, /* the database does not exist */
	{ 916, SO_DENIED }, /* the login may not use the database */
	{ 945, SO_UNREACHABLE },
	{ 976, SO_UNREACHABLE }, /* an availability group's secondary that takes no connections */
	{ 978, SO_UNREACHABLE }, /* ... only those with read-only intent */
	{ 1205, SO_TIMEOUT }, /* chosen as the victim of a deadlock */
	{ 1222, SO_TIMEOUT }, /* lock request time out */
	{ 3906, SO_FORBIDDEN }, /* the database is read-only */
	{ 4060, SO_DENIED }, /* cannot open the database that the login names */
	{ 4064, SO_DENIED }, { 6005, SO_UNREACHABLE }, /* shutdown in progress */
	{ 8645, SO_TIMEOUT }, /* waited too long for memory */
	{ 10054, SO_UNREACHABLE }, { 17809, SO_UNREACHABLE }, /* the most sessions that are allowed are open */
	{ 18401, SO_UNREACHABLE }, /* the server is in script upgrade mode */
	{ 18451, SO_UNREACHABLE }, /* only administrators may connect now */
	{ 18452, SO_DENIED }, { 18456, SO_DENIED }, /* login failed */
	{ 18470, SO_DENIED }, /* the account is disabled */
	{ 18486, SO_DENIED }, /* the account is locked out */
	{ 18487, SO_DENIED }, /* the password has expired */
	{ 18488, SO_DENIED }, /* the password has to be changed */
	{ 20002, SO_UNREACHABLE }, /* FreeTDS: the connection failed; also encryption that the server has not */
	{ 20003, SO_TIMEOUT }, { 20004, SO_UNREACHABLE }, /* read failed */
	{ 20006, SO_UNREACHABLE }, /* write failed */
	{ 20009, SO_UNREACHABLE }, /* nobody listens */
	{ 20011, SO_UNREACHABLE }, { 20012, SO_UNREACHABLE }, /* the name is not known */
	{ 20013, SO_UNREACHABLE }, { 20017, SO_UNREACHABLE }, /* the connection was closed */
	{ 20019, SO_INTERNAL }, /* results pending */
	{ 20047, SO_UNREACHABLE }, /* the connection is dead */
	{ 40197, SO_UNREACHABLE }, /* Azure: the service had an error */
	{ 40501, SO_UNREACHABLE }, /* Azure: busy */
	{ 40532, SO_DENIED }, /* Azure: the server name of the login is not this one's */
	{ 40613, SO_UNREACHABLE }, /* Azure: the database is not available now */
	{ 40615, SO_DENIED }, /* Azure: the firewall */
};

/* SQLSTATEs that say more than "an error of the server". */
static const struct {
	const char *state;
	enum so_kind kind;
} states[] = {
	{ "08001", SO_UNREACHABLE },
	{ "08003", SO_UNREACHABLE },
	{ "08004", SO_UNREACHABLE },
	{ "08007", SO_UNREACHABLE },
	{ "08S01", SO_UNREACHABLE },
	{ "28000", SO_DENIED },
	{ "HY008", SO_CANCELLED },
	{ "HYT00", SO_TIMEOUT },
	{ "HYT01", SO_UNREACHABLE },
	{ "01000", SO_UNREACHABLE },
	{ "IM002", SO_UNSUPPORTED },
	{ "IM003", SO_UNSUPPORTED },
};

enum so_kind so_odbc_error_kind(int number, const char *sqlstate)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (numbers[i].number == number)
			return numbers[i].kind;
	if (number >= 50000) /* RAISERROR and THROW of somebody's own */
		return SO_TARGET;
	for (size_t i = 0; i < sizeof states / sizeof states[0] && (!number || number >= 20000); i++)
		if (strcmp(states[i].state, sqlstate) == 0)
			return states[i].kind;
	return SO_TARGET;
}

/* What may hold values of rows is told without them. */
static char *without_values(TALLOC_CTX *ctx, const struct db_failure *failure)
{
	switch (failure->number) {
	case 245: /* conversion failed when converting the varchar value '...' */
	case 248:
	case 8114:
		return so_strdup(ctx, "a value could not be converted to the type asked for");
	case 2601:
	case 2627: /* the duplicate key value is (...) */
		return so_strndup(ctx, failure->text, strcspn(failure->text, "(\n"));
	default:
		return so_strndup(ctx, failure->text, strcspn(failure->text, "\n"));
	}
}

static const char *remedy(int number)
{
	switch (number) {
	case 20002:
		return "; is the host right, and does the server encrypt when TLS is required?";
	case 20009:
	case 20012:
		return "; are host and port right, and is TCP/IP enabled on the server?";
	case 18456:
		return "; the server's error log holds the state that says why";
	default:
		return "";
	}
}

bool odbc_fail(const struct so_blocking *conn, const struct db_failure *failure, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	enum so_kind kind = so_odbc_error_kind(failure->number, failure->state);
	char *text = without_values(tmp, failure);

	so_utf8_mend(text, strlen(text));
	if (kind == SO_UNREACHABLE || kind == SO_DENIED)
		so_fail(err, kind, "%s: %s [%d]%s", conn->host_text, text, failure->number, remedy(failure->number));
	else
		so_fail(err, kind, "%s [%d]", text, failure->number);
	memcpy(err->sqlstate, failure->state, sizeof failure->state);
	return false;
}
