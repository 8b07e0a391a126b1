#include <stdlib.h>
#include <unistd.h>

#include "double_log.h"
#include "ora_tests.h"

#ifdef SO_HAVE_ODPI
const bool no_oracle = false;
#else
const bool no_oracle = true;
#endif

static const char *log_path(void)
{
	return getenv("SO_OCI_LOG");
}

void ora_client_start(void)
{
	char path[] = "/tmp/sqlopt-oci-XXXXXX";

	double_log_make(path);
	setenv("ORACLE_HOME", SO_TEST_ORACLE_HOME, 1);
	setenv("SO_OCI_CASES", SO_TEST_TOOLS "/oracle_cases.txt", 1);
	setenv("SO_OCI_LOG", path, 1);
}

void ora_client_stop(void)
{
	unlink(log_path());
}

bool ora_client_saw(const char *text)
{
	return double_log_saw(log_path(), text);
}

void ora_client_forget(void)
{
	double_log_forget(log_path());
}
