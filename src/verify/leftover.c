/* What a measurement leaves behind when the process is killed: an index that nobody asked for. */
#include <stdlib.h>
#include <string.h>

#include "advise/index_style.h"
#include "base/clock.h"
#include "verify/verify.h"

/* A measurement that still runs, here or in another process, is younger. */
#define MIN_AGE_US      (3600 * 1000000LL)
#define DROP_TIMEOUT_MS 600000
#define LOCK_TIMEOUT_MS 2000

/* The name holds the time at which it was made. */
static bool is_leftover(const struct so_index *index)
{
	const char *name = index->name;
	size_t len = strlen(SO_MEASURE_PREFIX);
	char *end;
	long long made_us;

	if (strncmp(name, SO_MEASURE_PREFIX, len) != 0)
		return false;
	made_us = strtoll(name + len, &end, 16);
	return *end == '\0' && end > name + len && made_us > 0 && so_time_now_us() - made_us > MIN_AGE_US;
}

bool so_verify_leftovers(TALLOC_CTX *ctx, struct so_conn *conn, const struct so_catalog *catalog, bool scratch,
	char **note, struct so_err *err)
{
	*note = NULL;
	for (size_t t = 0; t < catalog->n_tables; t++) {
		for (size_t i = 0; i < catalog->tables[t].n_indexes; i++) {
			const struct so_index *index = &catalog->tables[t].indexes[i];
			char *sql;

			if (!is_leftover(index))
				continue;
			sql = so_index_style(&catalog->tables[t])->concurrently
				      ? so_printf(ctx, "DROP INDEX CONCURRENTLY IF EXISTS %s",
						so_engine_name(ctx, index->schema, index->name))
				      : so_index_drop(ctx, &catalog->tables[t], index->name);
			if (scratch) {
				if (!so_conn_engine(conn)->execute(conn, sql, DROP_TIMEOUT_MS, LOCK_TIMEOUT_MS, err))
					return so_fail_in(
						err, "index '%s', left by an interrupted measurement", index->name);
				*note = so_printf(
					ctx, "Index %s, left by an interrupted measurement, was dropped.", index->name);
				continue;
			}
			*note = so_printf(ctx,
				"Index %s was left by an interrupted measurement and makes this plan look better than "
				"it is; run: %s",
				index->name, sql);
		}
	}
	return true;
}
