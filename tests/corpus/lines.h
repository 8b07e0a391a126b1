/* Folders of statements: <dialect>.jsonl, plain or packed with xz, a JSON object a line. */
#ifndef SO_CORPUS_LINES_H
#define SO_CORPUS_LINES_H

#include <jansson.h>

#include "sql/ast.h"

/* By enum so_dialect: the name of its file without .jsonl. */
extern const char *const corpus_dialect_names[SO_DIALECT_MAX];

typedef void (*corpus_line_fn)(enum so_dialect dialect, const json_t *line, void *arg);

/* Calls fn for each line of the dialect's file. A folder without it: true, *found is false. False when something
 * cannot be read; standard error says what. */
bool corpus_read_folder(const char *folder, enum so_dialect dialect, corpus_line_fn fn, void *arg, bool *found);
/* The same for what a command prints. */
bool corpus_read_command(char *const argv[], enum so_dialect dialect, corpus_line_fn fn, void *arg);

#endif
