/* The groups of the SQLite suite, and the file that they read. */
#ifndef TESTS_ENGINE_LITE_TESTS_H
#define TESTS_ENGINE_LITE_TESTS_H

/* Made on first use, removed when the process ends. */
const char *lite_file(void);
int lite_tests(void);

#endif
