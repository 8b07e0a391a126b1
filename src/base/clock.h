/* Time: int64 microseconds. Wall clock in UTC since the epoch for what is stored, monotonic for what is waited for. */
#ifndef SO_BASE_CLOCK_H
#define SO_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

#define SO_TIME_TEXT 32 /* bytes that so_time_format needs, NUL included */

int64_t so_time_now_us(void);
int64_t so_time_monotonic_us(void);
/* CPU time (user + system) that this thread used so far. */
int64_t so_time_thread_cpu_us(void);
/* RFC 3339 UTC with Z, microseconds cut to milliseconds: "2026-11-22T11:43:44.123Z". Returns `text`. */
char *so_time_format(int64_t time_us, char text[SO_TIME_TEXT]);
char *so_time_text(TALLOC_CTX *ctx, int64_t time_us);
/* RFC 3339 with Z or an offset: "2026-11-22T11:43:44.123Z", "2026-11-22 11:43:44+01:00"; a leap second is the next
 * second. False for anything else, and for times before 1970; *time_us is left alone then. */
bool so_time_parse(const char *text, int64_t *time_us);

#endif
