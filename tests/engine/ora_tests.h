#ifndef TESTS_ENGINE_ORA_TESTS_H
#define TESTS_ENGINE_ORA_TESTS_H

#include <stdbool.h>

/* Lets the process find the double of Oracle's client library; before any other thread starts. */
void ora_client_start(void);
void ora_client_stop(void);
/* True where this build is without ODPI-C. */
extern const bool no_oracle;
/* Whether a line of the double's log contains the text; and forgetting what was logged. */
bool ora_client_saw(const char *text);
void ora_client_forget(void);

/* The group of the Oracle driver; returns the number of failures. */
int ora_tests(void);

#endif
