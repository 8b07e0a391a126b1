/* Opening; error numbers of Oracle and of ODPI-C, and the texts that we make of them. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "db/oci_internal.h"

#define CONNECT_TIMEOUT_MS 10000

static const struct number_row {
	int number;
	enum so_kind kind;
} numbers[] = {
	{ 54, SO_TIMEOUT }, /* resource busy */
	{ 28, SO_UNREACHABLE }, /* the session was killed */
	{ 60, SO_TIMEOUT }, /* deadlock */
	{ 1012, SO_UNREACHABLE }, /* not logged on */
	{ 1013, SO_CANCELLED }, /* the user asked for it */
	{ 1017, SO_DENIED }, /* wrong user or password */
	{ 1031, SO_DENIED }, /* insufficient privileges */
	{ 1033, SO_UNREACHABLE }, /* starting or stopping */
	{ 1034, SO_UNREACHABLE }, /* not available */
	{ 1035, SO_UNREACHABLE }, /* restricted session */
	{ 1039, SO_DENIED }, /* plan of a view whose tables are not readable */
	{ 1045, SO_DENIED }, /* lacks CREATE SESSION */
	{ 1089, SO_UNREACHABLE }, /* immediate shutdown in progress */
	{ 1090, SO_UNREACHABLE },
	{ 1092, SO_UNREACHABLE },
	{ 1456, SO_INPUT }, /* not in a read-only transaction */
	{ 2396, SO_UNREACHABLE }, /* idle for too long */
	{ 3113, SO_UNREACHABLE }, /* end of file on the channel */
	{ 3114, SO_UNREACHABLE }, /* not connected */
	{ 3135, SO_UNREACHABLE }, /* lost contact */
	{ 3136, SO_TIMEOUT }, /* call timeout */
	{ 12154, SO_UNREACHABLE }, /* the name cannot be resolved */
	{ 12170, SO_UNREACHABLE }, /* connect timeout */
	{ 12505, SO_DENIED }, /* the listener does not know the SID */
	{ 12514, SO_DENIED }, /* nor the service */
	{ 12516, SO_UNREACHABLE },
	{ 12518, SO_UNREACHABLE },
	{ 12519, SO_UNREACHABLE },
	{ 12520, SO_UNREACHABLE },
	{ 12528, SO_UNREACHABLE },
	{ 12537, SO_UNREACHABLE },
	{ 12541, SO_UNREACHABLE }, /* no listener */
	{ 12543, SO_UNREACHABLE },
	{ 12545, SO_UNREACHABLE },
	{ 12547, SO_UNREACHABLE },
	{ 12560, SO_UNREACHABLE },
	{ 12571, SO_UNREACHABLE },
	{ 12609, SO_UNREACHABLE },
	{ 28000, SO_DENIED }, /* the account is locked */
	{ 28001, SO_DENIED }, /* the password has expired */
	{ 28759, SO_UNREACHABLE }, /* wallet */
	{ 29024, SO_UNREACHABLE }, /* certificate not valid */
	{ 30006, SO_TIMEOUT }, /* WAIT expired */
	{ OCI_DPI_ERROR + 1047, SO_UNSUPPORTED }, /* the Oracle client cannot be loaded */
	{ OCI_DPI_ERROR + 1050, SO_UNSUPPORTED }, /* it is too old */
	{ OCI_DPI_ERROR + 1010, SO_UNREACHABLE }, /* not connected */
	{ OCI_DPI_ERROR + 1080, SO_UNREACHABLE }, /* the connection was closed */
	{ OCI_DPI_ERROR + 1067, SO_TIMEOUT }, /* call timeout */
	{ OCI_NOT_BUILT, SO_UNSUPPORTED },
};

enum so_kind so_oci_error_kind(int number)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (numbers[i].number == number)
			return numbers[i].kind;
	return SO_TARGET;
}

static bool fail_client(int number, struct so_err *err)
{
	if (number == OCI_NOT_BUILT)
		return so_fail(err, SO_UNSUPPORTED,
			"this build has no Oracle driver: ODPI-C (Debian: odpic-dev, in contrib) was missing when it "
			"was made");
	return so_fail(err, SO_UNSUPPORTED,
		"no usable Oracle client is installed: put Oracle Instant Client 19 or later (Basic or Basic Light, "
		"from Oracle) where the loader finds libclntsh.so, or name its folder's parent in ORACLE_HOME");
}

/* What may hold values of rows is told without them. */
static char *without_values(TALLOC_CTX *ctx, const struct db_failure *failure)
{
	switch (failure->number) {
	case 1722:
		return so_strdup(ctx, "ORA-01722: a value is no number");
	case 1: /* unique constraint (...) violated: names only, newer servers add the values on a second line */
	default:
		return so_strndup(ctx, failure->text, strcspn(failure->text, "\n"));
	}
}

bool oci_fail(const struct so_blocking *conn, const struct db_failure *failure, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	enum so_kind kind = so_oci_error_kind(failure->number);
	char *text = without_values(tmp, failure);

	if (failure->number == OCI_NOT_BUILT || failure->number == OCI_DPI_ERROR + 1047 ||
		failure->number == OCI_DPI_ERROR + 1050)
		return fail_client(failure->number, err);
	so_utf8_mend(text, strlen(text));
	if (kind == SO_UNREACHABLE || kind == SO_DENIED)
		so_fail(err, kind, "%s: %s", conn->host_text, text);
	else
		so_fail(err, kind, "%s", text);
	memcpy(err->sqlstate, failure->state, sizeof failure->state);
	return false;
}

void oci_wipe(struct oci_handles *h)
{
	char **texts[] = { &h->descriptor, &h->username, &h->password };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (*texts[i]) {
			explicit_bzero(*texts[i], strlen(*texts[i]));
			free(*texts[i]);
			*texts[i] = NULL;
		}
}

static const struct db_library library = {
	.act = oci_act, .interrupt = oci_interrupt, .close = oci_close, .fail = oci_fail
};

struct so_blocking *so_oci_open(
	TALLOC_CTX *ctx, const struct so_oci_params *params, struct so_cancel *cancel, struct so_err *err)
{
	int64_t timeout_ms = params->connect_timeout_ms > 0 ? params->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	struct oci_handles *handles = so_mem_need(calloc(1, sizeof *handles));

	atomic_init(&handles->base.refs, 1);
	handles->base.library = &library;
	handles->descriptor = so_mem_need(strdup(params->descriptor));
	handles->username = so_mem_need(strdup(params->username ? params->username : ""));
	handles->password = so_mem_need(strdup(params->password ? params->password : ""));
	return db_blocking_open(ctx, &handles->base, params->host_text, timeout_ms, cancel, err);
}
