#ifndef TESTS_ENGINE_PG_TESTS_H
#define TESTS_ENGINE_PG_TESTS_H

/* Groups of tests; each returns the number of failures. */
int pg_connect_tests(void);
int pg_info_tests(void);
int pg_catalog_tests(void);
int pg_run_tests(void);
int pg_facts_tests(void);
int pg_topology_tests(void);
int conformance_tests(void); /* of every driver */
int conformance_of_fake(void);
int conformance_of_pg(void);
int conformance_of_my(void);
int conformance_of_lite(void);

#endif
