/* What every driver's connection begins with: the driver's own struct has this as its first member. */
#ifndef SO_ENGINE_CONN_H
#define SO_ENGINE_CONN_H

#include "engine/engine.h"

struct so_conn {
	const struct so_engine *engine;
	const char *dialect; /* of the server that answered, or NULL: the engine's */
	struct so_cancel *cancel; /* of the calls now made, or NULL */
	int64_t wait_us; /* kept up to date by the driver after every call */
	bool broken;
};

#endif
