/* Keeps an eye on the model server from a thread of its own, so that nobody who asks for health waits for it. */
#ifndef SO_SERVICE_MODEL_WATCH_H
#define SO_SERVICE_MODEL_WATCH_H

#include "llm/llm.h"

struct so_model_watch;

/* Starts the thread when a model server is configured; freeing stops it (within the probe's time limit). */
struct so_model_watch *so_model_watch_new(TALLOC_CTX *ctx, const struct so_llm *llm);
/* The last answer, copied. Asks the thread for a new one when it is older than 30 s; never blocks. */
void so_model_watch_get(TALLOC_CTX *ctx, struct so_model_watch *watch, struct so_llm_status *out);

#endif
