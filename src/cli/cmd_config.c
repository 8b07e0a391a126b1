#include <stdio.h>

#include "base/config.h"
#include "base/fernet.h"
#include "cli/args.h"
#include "cli/cli.h"

extern char **environ;

struct options {
	bool json, new_key, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--new-key", SO_FLAG_BOOL, FLAG(new_key), 0, 0, NULL,
		"Print a new key for ENCRYPTION_KEY or SECRET_KEY, and nothing else." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text and every variable." },
	{ .name = NULL },
};

static int print_help(TALLOC_CTX *ctx)
{
	struct so_buf buf;

	printf("Usage: sqlopt config %s\n\nThe effective configuration: flags before environment before file before "
	       "default. Secrets are masked.\n",
		so_cmd_config.synopsis);
	so_args_help(stdout, flags);
	so_buf_init(&buf, ctx, 65536);
	so_config_help(&buf);
	printf("\nVariables, each also a flag:\n%s", so_buf_text(&buf));
	return 0;
}

static int print_key(TALLOC_CTX *ctx, struct so_err *err)
{
	const char *key = so_fernet_new_key(ctx, err);

	if (!key)
		return -1;
	puts(key);
	return 0;
}

static int run_config(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { 0 };
	struct so_config_input input = { .argc = argc, .argv = argv, .environ = environ };
	struct so_config *config;
	struct so_args args;
	struct so_buf buf;
	char **rest = so_new_array(ctx, char *, (size_t)argc + 1);
	int n_rest = 0;

	input.rest = rest;
	input.n_rest = &n_rest;
	for (int i = 0; i < argc; i++) /* asked for even where the configuration itself is broken */
		if (so_args_parse(ctx, flags, 1, &argv[i], &o, &args, &(struct so_err)SO_ERR_INIT) &&
			(o.help || o.new_key))
			return o.help ? print_help(ctx) : print_key(ctx, err);
	o = (struct options){ 0 };
	config = so_config_load(ctx, &input, err);
	if (!config || !so_args_parse(ctx, flags, n_rest, rest, &o, &args, err))
		return -1;
	if (args.argc) {
		so_fail(err, SO_USAGE, "'%.60s' is not a flag", args.argv[0]);
		return -1;
	}
	so_buf_init(&buf, ctx, 262144);
	so_config_print(config, o.json, &buf);
	fputs(so_buf_text(&buf), stdout);
	return 0;
}

const struct so_cli_command so_cmd_config = {
	.name = "config",
	.synopsis = "[--json] [--new-key] [--config FILE] [any variable's flag]",
	.summary = "the effective configuration, or a new key",
	.run = run_config,
};
