/* The groups of the MariaDB suite; each returns the number of failed tests. */
#ifndef TESTS_ENGINE_MY_TESTS_H
#define TESTS_ENGINE_MY_TESTS_H

int my_tests(void);

#endif
