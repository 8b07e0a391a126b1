/* What tests and benchmarks of monitoring put in the place of servers and of the clock. What a server counts is theirs;
 * here is what would be the same in each of them. */
#ifndef SO_TEST_FAKE_TARGET_H
#define SO_TEST_FAKE_TARGET_H

#include <stdatomic.h>

#include "base/clock.h"
#include "engine/conn.h"
#include "engine/reading.h"
#include "monitor/monitor.h"

/* Clocks that are turned by hand. */
struct fake_hands {
	_Atomic int64_t wall, monotonic;
};
extern struct fake_hands fake_hands;
extern const struct so_clocks fake_clocks;
void fake_turn(int64_t us);
int64_t fake_wall_us(void);

/* Drivers' functions: a server of version 1 that says it is "one", and a statement of another column for each id. */
const struct so_engine_info *fake_info(struct so_conn *conn, struct so_err *err);
bool fake_texts(TALLOC_CTX *ctx, struct so_conn *conn, const char *const *ids, size_t n, struct so_statement_text *out,
	struct so_err *err);

/* Complete, of the time on the wall, without rows, with room for so many. */
struct so_reading *fake_reading(TALLOC_CTX *ctx, const char *server_uid, size_t room);
/* Its next row; `text` is allocated under reading->rows, or NULL: to be asked for. */
struct so_reading_row *fake_row(
	struct so_reading *reading, size_t number, const char *text, int64_t calls, int64_t exec_us);

/* A monitor's params: host and database of the connection, and as user what `arg` says (or NULL). */
bool fake_params(
	void *arg, TALLOC_CTX *ctx, const struct so_store_conn *conn, struct so_conn_params *out, struct so_err *err);
/* A monitor that is told when to tick, by the clocks above, with histories that outlast a test. */
struct so_monitor_options fake_options(
	struct so_store *store, int64_t interval_us, const struct so_engine *(*engine)(const char *name));
/* Within ten seconds, or it is a mistake. */
void fake_end(struct so_monitor *monitor);

#endif
