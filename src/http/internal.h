/* Shared by the files of http/ only. */
#ifndef SO_HTTP_INTERNAL_H
#define SO_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/guard.h"
#include "http/reaper.h"
#include "http/server.h"

#if MHD_VERSION < 0x00097002
#error "libmicrohttpd 0.9.71 or later is needed"
#endif

struct stream;
struct sockets;
struct socket_client;

struct so_http {
	struct so_http_options options;
	struct so_guard_policy policy;
	struct MHD_Daemon *daemon;
	struct so_reaper *reaper;
	int port;
	int listening; /* the socket that MHD gave back, -1 before; its threads may use it until the daemon has stopped
			*/
	atomic_bool stopping;
	atomic_size_t waiting; /* suspended for a worker or a job */
	atomic_size_t in_flight;
	_Atomic int64_t requests, reaped;

	pthread_t ticker;
	bool ticker_runs;
	pthread_mutex_t tick_lock; /* guards tick_stop */
	pthread_cond_t tick_cond;
	bool tick_stop;

	pthread_mutex_t streams_lock; /* guards the list; taken before a stream's own lock */
	struct stream *streams;
	size_t n_streams; /* and WebSockets */
	struct sockets *sockets; /* NULL without jobs */
};

enum exchange_stage {
	EXCHANGE_NEW, /* headers not looked at yet */
	EXCHANGE_READING, /* taking the body */
	EXCHANGE_WAITING, /* suspended: a worker or a job has it */
	EXCHANGE_READY, /* the answer is in `res` */
	EXCHANGE_DONE, /* the answer is queued */
};

/* One request and its answer: the root of a talloc tree, freed when libmicrohttpd has completed it. Owned by one thread
 * at a time: the HTTP thread, or, while WAITING, whoever works on it. */
struct exchange {
	struct so_http *http;
	struct MHD_Connection *connection;
	struct so_reaper_conn *reaper;
	enum exchange_stage stage;
	char *raw_uri;
	const char *method, *url, *version; /* valid while the connection's request is */
	struct so_guard guard;
	char request_id[68];
	int64_t started_us;

	char *body;
	size_t body_len, body_size;
	uint64_t received; /* bytes of the body, also those that were thrown away */
	bool refused; /* `res` holds an error already: what still comes of the body is thrown away */

	struct so_request *req;
	struct so_response res;
	struct socket_client *socket; /* a WebSocket on its way, not handed over yet */
	const char *allow; /* of a 405 */
	so_handler *handler; /* what the worker runs */
};

/* exchange.c */
void *exchange_begin(void *cls, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_step(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload_data, size_t *upload_data_size, void **con_cls);
void exchange_end(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode code);
/* An error of HTTP itself into ex->res. */
void exchange_refuse(struct exchange *ex, int status, const char *code, const char *detail);

/* answer.c: each queues a response and gives it up. */
enum MHD_Result answer_json(struct exchange *ex);
enum MHD_Result answer_options(struct exchange *ex, const char *allow);
/* With the headers that every answer has, then queued and released. */
enum MHD_Result answer_queue(struct exchange *ex, int status, struct MHD_Response *response);
void answer_header(struct MHD_Response *response, const char *name, const char *value);
const char *request_header(struct exchange *ex, const char *name);

/* page.c: files of the page, /docs, /redoc. False: nothing there has this path. */
bool page_wanted(struct exchange *ex);
enum MHD_Result page_answer(struct exchange *ex);

/* stream.c */
enum MHD_Result stream_answer(struct exchange *ex);
void streams_tick(struct so_http *http, bool end);

#endif
