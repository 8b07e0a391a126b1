#include "monitor/samples.h"

#include <string.h>

#include "engine/reading.h"

bool so_samples_take(const struct so_poll_rules *rules, struct so_harvest *harvest, const struct so_inputs_of *of,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_conn *conn = of->conn;
	const char *ids[SO_SAMPLES_POLL];
	struct so_sample found[SO_SAMPLES_POLL];
	size_t n = 0;

	if (!harvest || !of->engine->samples || of->engine->samples == so_no_samples)
		return true;
	for (size_t i = 0; i < of->heavies->count && n < SO_SAMPLES_POLL; i++) {
		struct so_store_query *query =
			so_store_query_get(tmp, rules->store, rules->scope, of->heavies->items[i].query_id, err);

		if (!query)
			return false;
		if (query->engine_id && so_harvest_wants(harvest, query))
			ids[n++] = query->engine_id;
	}
	if (n == 0)
		return true;
	if (!conn)
		conn = of->open(of->arg, of->connection_id, err);
	if (!conn || !of->engine->samples(tmp, conn, ids, n, found, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (found[i].text)
			so_harvest_given(harvest, of->connection_id, so_conn_dialect(conn), found[i].text,
				found[i].values, found[i].n_values, SO_HARVEST_SAMPLE);
	return true;
}
