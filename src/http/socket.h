/* WebSockets: the events of the ring as messages. All sockets are on one thread with one epoll; a socket holds at most
 * one event, and the ring is the backlog. Shared by the files of http/ only. */
#ifndef SO_HTTP_SOCKET_H
#define SO_HTTP_SOCKET_H

#include "http/internal.h"

struct sockets;
struct socket_client;

/* Starts the thread. `slow_ms`: how long a message may take to leave. */
struct sockets *sockets_start(struct so_http *http, int64_t slow_ms, struct so_err *err) SO_MUST_CHECK;
/* Tells all clients that the server goes away, and closes those that do not answer within half a second. Returns at
 * once. */
void sockets_close(struct sockets *sockets);
/* Closes what is left and joins the thread. To be called before the HTTP threads are stopped. */
void sockets_stop(struct sockets *sockets);

/* After the HTTP threads were stopped: until then an upgrade may still come. */
void sockets_free(struct sockets *sockets);

/* Answers a request for a WebSocket: the upgrade, or why not. */
enum MHD_Result socket_answer(struct exchange *ex);
/* The request ended before the upgrade. */
void socket_abandon(struct socket_client *client);

#endif
