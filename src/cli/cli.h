/* The command line: a table of commands. The server's command is handed in by main, so that this edge knows no HTTP. */
#ifndef SO_CLI_CLI_H
#define SO_CLI_CLI_H

#include "base/err.h"
#include "base/mem.h"

struct so_cli_command {
	const char *name, *synopsis, *summary;
	/* argv starts after the command's name. Returns the exit status, or -1 with *err filled. */
	int (*run)(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err);
};

/* Exit statuses: 0 done; 1 done and --fail-on was met; 2 wrong usage; 3 input refused; 4 target or model unreachable,
 * denied or too slow; 5 not available on this engine; 70 our fault; 130 interrupted. */
int so_cli_main(int argc, char **argv, const struct so_cli_command *serve);

extern const struct so_cli_command so_cmd_analyze, so_cmd_audit, so_cmd_check, so_cmd_config, so_cmd_doctor,
	so_cmd_optimize, so_cmd_plan, so_cmd_connections, so_cmd_monitor;
extern const struct so_cli_command so_cmd_parse, so_cmd_format, so_cmd_fingerprint, so_cmd_normalize, so_cmd_redact;

/* Whole content of a file, or of standard input for "-", ended by a NUL that is not counted. SO_LIMIT over `max` bytes.
 */
char *so_cli_read_bytes(TALLOC_CTX *ctx, const char *path, size_t max, size_t *len, struct so_err *err) SO_MUST_CHECK;
/* The same of a text: a NUL byte in it is an error. */
char *so_cli_read_file(TALLOC_CTX *ctx, const char *path, size_t max, struct so_err *err) SO_MUST_CHECK;

/* The statement that an argument means: the content of a file of that name, of standard input for "-", or itself. */
char *so_cli_statement_text(TALLOC_CTX *ctx, const char *arg, struct so_err *err) SO_MUST_CHECK;

struct so_conn;
struct so_cancel;
/* Opens the target that a --dsn names; the engine comes from its scheme, postgresql when it has none. Ctrl-C then
 * cancels the running statement. *cancel lives as long as `ctx`; close the connection by freeing it. */
struct so_conn *so_cli_open(TALLOC_CTX *ctx, const char *dsn, const char *search_path, struct so_cancel **cancel,
	struct so_err *err) SO_MUST_CHECK;
#endif
