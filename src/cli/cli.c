#include "cli/cli.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/errors.h"
#include "base/cancel.h"
#include "base/printable.h"
#include "engine/engine.h"
#include "service/service.h"

static const struct so_cli_command *const commands[] = {
	&so_cmd_check,
	&so_cmd_optimize,
	&so_cmd_doctor,
	&so_cmd_audit,
	&so_cmd_analyze,
	&so_cmd_plan,
	&so_cmd_parse,
	&so_cmd_format,
	&so_cmd_fingerprint,
	&so_cmd_normalize,
	&so_cmd_redact,
	&so_cmd_monitor,
	&so_cmd_connections,
	&so_cmd_config,
	NULL,
};

static void print_usage(FILE *to, const struct so_cli_command *serve)
{
	fputs("sqlopt " SO_VERSION " - finds why SQL is slow, proposes what to do, and proves it\n\nUsage: sqlopt "
	      "COMMAND [FLAGS] ...\n\nCommands:\n",
		to);
	fprintf(to, "  %-11s %s\n", serve->name, serve->summary);
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-11s %s\n", commands[i]->name, commands[i]->summary);
	fputs("  version     print the version\n  help        print this text, or with a command that command's\n"
	      "\nExit status: 0 done; 1 done and --fail-on was met; 2 wrong usage; 3 input refused; 4 target or model\n"
	      "unreachable, denied or too slow; 5 not available on this engine; 70 a bug of sqlopt; 130 interrupted.\n",
		to);
}

static const struct so_cli_command *find_command(const char *name, const struct so_cli_command *serve)
{
	if (strcmp(name, serve->name) == 0)
		return serve;
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	return NULL;
}

static void star_out(char *from, const char *end)
{
	while (from < end)
		*from++ = '*';
}

/* Everybody on the machine can read a command line with ps: passwords are blotted out of it, in URIs
 * (scheme://user:password@host) and after password= . */
static void hide_passwords(char *arg)
{
	char *at, *colon, *host = strstr(arg, "://");

	if (host) {
		host += 3;
		at = host + strcspn(host, "/?# \t\n");
		while (at > host && *at != '@')
			at--;
		colon = memchr(host, ':', (size_t)(at - host));
		if (colon)
			star_out(colon + 1, at);
	}
	for (char *p = arg; (p = strstr(p, "password")) != NULL;) {
		p += strlen("password");
		if (p[strspn(p, " ")] != '=')
			continue;
		p += strspn(p, " ") + 1;
		p += strspn(p, " ");
		if (*p == '\'')
			star_out(p + 1, p + 1 + strcspn(p + 1, "'"));
		else
			star_out(p, p + strcspn(p, " &"));
	}
}

/* A copy to work with; what ps shows loses its passwords. */
static char **take_arguments(TALLOC_CTX *ctx, int argc, char **argv)
{
	char **copy = so_new_array(ctx, char *, (size_t)argc + 1);

	for (int i = 0; i < argc; i++) {
		copy[i] = so_strdup(copy, argv[i]);
		hide_passwords(argv[i]);
	}
	return copy;
}

static int run_command(const struct so_cli_command *command, int argc, char **argv)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct so_err err = SO_ERR_INIT;
	int status = command->run(ctx, argc, take_arguments(ctx, argc, argv), &err);

	if (status < 0) {
		fprintf(stderr, "sqlopt %s: %s\n", command->name, so_printable(ctx, err.message));
		if (err.position >= 0)
			fprintf(stderr, "  at byte %d of the statement\n", (int)err.position);
		if (err.kind == SO_USAGE)
			fprintf(stderr, "usage: sqlopt %s %s\n", command->name, command->synopsis);
		status = so_error_row(err.kind)->exit_status;
	}
	talloc_free(ctx);
	return status;
}

static int unknown_command(const char *name, const struct so_cli_command *serve)
{
	SO_TMP(tmp, NULL);

	if (*name)
		fprintf(stderr, "sqlopt: unknown command '%.60s'\n", so_printable(tmp, name));
	print_usage(stderr, serve);
	return 2;
}

int so_cli_main(int argc, char **argv, const struct so_cli_command *serve)
{
	char help_flag[] = "--help";
	const struct so_cli_command *command;
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
		puts("sqlopt " SO_VERSION);
		return 0;
	}
	if (strcmp(name, "help") == 0 && argc > 2) {
		command = find_command(argv[2], serve);
		return command ? run_command(command, 1, (char *[]){ help_flag, NULL })
			       : unknown_command(argv[2], serve);
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_usage(stdout, serve);
		return 0;
	}
	command = find_command(name, serve);
	if (!command)
		return unknown_command(name, serve);
	return run_command(command, argc - 2, argv + 2);
}

char *so_cli_read_file(TALLOC_CTX *ctx, const char *path, size_t max, struct so_err *err)
{
	size_t len;
	char *text = so_cli_read_bytes(ctx, path, max, &len, err);

	if (text && memchr(text, '\0', len)) {
		so_fail(err, SO_INPUT, "'%s' holds a NUL byte, so it is not text",
			strcmp(path, "-") == 0 ? "standard input" : path);
		return NULL;
	}
	return text;
}

char *so_cli_read_bytes(TALLOC_CTX *ctx, const char *path, size_t max, size_t *out_len, struct so_err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "rbe");
	size_t len = 0, room = 65536;
	char *text;

	if (!file) {
		so_fail(err, SO_INPUT, "cannot read '%s': %s", path, strerror(errno));
		return NULL;
	}
	text = so_new_array(ctx, char, room + 1);
	for (;;) {
		size_t n = fread(text + len, 1, room - len, file);

		len += n;
		if (n == 0 || len > max)
			break;
		if (len == room) {
			room *= 2;
			text = so_renew_array(ctx, text, char, room + 1);
		}
	}
	if (ferror(file))
		so_fail(err, SO_INPUT, "cannot read '%s': %s", path, strerror(errno));
	else if (len > max)
		so_fail(err, SO_LIMIT, "'%s' is over %zu bytes, the limit", is_stdin ? "standard input" : path, max);
	if (!is_stdin)
		fclose(file);
	text[len] = '\0';
	*out_len = len;
	return err->kind == SO_NONE ? text : NULL;
}

char *so_cli_statement_text(TALLOC_CTX *ctx, const char *arg, struct so_err *err)
{
	struct stat st;

	if (strcmp(arg, "-") == 0 || (strlen(arg) < 4096 && stat(arg, &st) == 0 && S_ISREG(st.st_mode)))
		return so_cli_read_file(ctx, arg, SO_MAX_SQL_BYTES, err);
	return so_strdup(ctx, arg);
}

/* Ctrl-C: a thread waits for the signal, because cancelling takes locks that a signal handler must not take. The token
 * is its child: talloc runs a parent's destructor first, so the thread has ended before the token goes. */
struct interrupt {
	pthread_t thread;
	struct so_cancel *cancel;
	bool running;
};

static void *wait_for_signal(void *arg)
{
	struct interrupt *interrupt = arg;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	while (sigwait(&set, &sig) == 0) {
		/* not ended amid the request, which holds a lock and a connection */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
		so_cancel_request(interrupt->cancel);
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	}
	return NULL;
}

static int interrupt_dtor(struct interrupt *interrupt)
{
	if (interrupt->running) {
		pthread_cancel(interrupt->thread);
		pthread_join(interrupt->thread, NULL);
	}
	return 0;
}

static struct so_cancel *start_interrupt(TALLOC_CTX *ctx)
{
	struct interrupt *interrupt = so_new(ctx, struct interrupt);
	sigset_t set;

	interrupt->cancel = so_cancel_new(interrupt, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	interrupt->running = pthread_create(&interrupt->thread, NULL, wait_for_signal, interrupt) == 0;
	talloc_set_destructor(interrupt, interrupt_dtor);
	return interrupt->cancel;
}

/* "postgres://" and "postgresql://" and libpq's key=value form; other engines by their own scheme. */
static const char *engine_of(TALLOC_CTX *ctx, const char *dsn)
{
	const char *colon = strstr(dsn, "://");
	char *scheme;

	if (!colon)
		return "postgresql";
	scheme = so_strndup(ctx, dsn, (size_t)(colon - dsn));
	return strcmp(scheme, "postgres") == 0 ? "postgresql" : scheme;
}

struct so_conn *so_cli_open(
	TALLOC_CTX *ctx, const char *dsn, const char *search_path, struct so_cancel **cancel, struct so_err *err)
{
	struct so_conn_params params = { .dsn = dsn, .search_path = search_path, .tls = SO_TLS_PREFER };
	const struct so_engine *engine;
	struct so_conn *conn;

	if (!dsn || !*dsn) {
		so_fail(err, SO_USAGE,
			"--dsn is needed: postgresql://user@host:port/database (or key=value pairs, or service=name), "
			"mysql://user@host:port/database");
		return NULL;
	}
	params.engine = engine_of(ctx, dsn);
	engine = so_engine_find(params.engine);
	if (!engine) {
		so_fail(err, SO_UNSUPPORTED, "engine '%.40s' has no driver in this build; it supports %s",
			params.engine, so_engine_list(ctx));
		return NULL;
	}
	*cancel = start_interrupt(ctx);
	conn = engine->open(ctx, &params, *cancel, err);
	if (conn)
		so_conn_set_cancel(conn, *cancel);
	return conn;
}
