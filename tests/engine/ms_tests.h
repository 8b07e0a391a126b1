#ifndef TESTS_ENGINE_MS_TESTS_H
#define TESTS_ENGINE_MS_TESTS_H

#include "ms_server.h"

/* The double, started by main. */
extern struct ms_server mssql_double;

/* The group of the SQL Server driver; returns the number of failures. */
int ms_tests(void);

#endif
