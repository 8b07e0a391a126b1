/* `sqlopt serve`: puts the parts together, waits for a signal, takes them apart again. */
#ifndef SO_SERVE_H
#define SO_SERVE_H

#include "cli/cli.h"

extern const struct so_cli_command so_cmd_serve;

#endif
