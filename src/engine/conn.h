/* What every driver's connection begins with: the driver's own struct has this as its first member. */
#ifndef SO_ENGINE_CONN_H
#define SO_ENGINE_CONN_H

#include "engine/engine.h"
#include "sql/dialect.h"

struct so_conn {
	const struct so_engine *engine;
	const char *dialect; /* of the server that answered, or NULL: the engine's */
	struct so_cancel *cancel; /* of the calls now made, or NULL */
	int64_t wait_us; /* kept up to date by the driver after every call */
	bool broken;
};

/* --- what every driver writes the same way --- */

/* Adds a line to the check list; texts are copied, `id` is static. The remedy is kept for a failed check only. */
void so_info_check(struct so_engine_info *info, const char *id, const char *title, bool ok, bool required,
	const char *detail, const char *remedy);

/* Refuses (SO_INPUT, SO_LIMIT) what may not be applied: anything but one statement that begins with one of `words`
 * (upper case, ended by NULL). `modes`: SO_MODE_*. */
bool so_executable_check(enum so_dialect dialect, unsigned modes, const char *const *words, size_t max_bytes,
	const char *sql, struct so_err *err) SO_MUST_CHECK;

#endif
