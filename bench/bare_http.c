/* The reference of http.health: libmicrohttpd as we configure it, answering every request with one file's bytes. */
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body {
	char data[65536];
	size_t len;
};

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *data, size_t *len, void **state)
{
	const struct body *body = arg;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)url, (void)method, (void)version, (void)data, (void)len;
	if (!*state) {
		*state = arg;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(body->len, (void *)body->data, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "application/json");
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return result;
}

int main(int argc, char **argv)
{
	struct body *body = calloc(1, sizeof *body);
	FILE *file = argc == 3 ? fopen(argv[2], "rbe") : NULL;
	struct MHD_Daemon *daemon;
	sigset_t signals;
	int sig;

	if (!file || !body) {
		fputs("usage: bare_http PORT FILE\n", stderr);
		return 2;
	}
	body->len = fread(body->data, 1, sizeof body->data, file);
	fclose(file);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	daemon =
		MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, (uint16_t)strtol(argv[1], NULL, 10),
			NULL, NULL, answer, body, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "bare_http: cannot listen on port %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	sigwait(&signals, &sig);
	MHD_stop_daemon(daemon);
	free(body);
	return 0;
}
