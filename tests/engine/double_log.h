/* What a double was sent: its log, a line each. */
#ifndef TESTS_ENGINE_DOUBLE_LOG_H
#define TESTS_ENGINE_DOUBLE_LOG_H

#include <stdbool.h>

/* Makes an empty file; `path` is a template of mkstemp. */
void double_log_make(char *path);
/* Whether a line contains the text. */
bool double_log_saw(const char *path, const char *text);
/* Forgets what was logged. */
void double_log_forget(const char *path);

#endif
