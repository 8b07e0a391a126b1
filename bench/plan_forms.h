/* Plans of each format, to be as large as wanted. */
#ifndef SO_BENCH_PLAN_FORMS_H
#define SO_BENCH_PLAN_FORMS_H

#include "base/buf.h"

struct so_bench_form {
	const char *name, *head, *tail;
	void (*member)(struct so_buf *buf, int i); /* one of the nodes between head and tail */
};

/* Ends with a row without a name. */
extern const struct so_bench_form so_bench_forms[];

/* A join of two filtered scans in PostgreSQL's JSON, four nodes and about 2.8 kB, different in names and figures. */
void so_bench_json_member(struct so_buf *buf, int i);

#endif
