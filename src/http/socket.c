#include "http/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "api/errors.h"
#include "api/events.h"
#include "base/clock.h"
#include "http/handshake.h"
#include "job/job.h"
#include "store/store.h"

enum {
	MESSAGE_MAX = 4096, /* bytes of what a client says, all frames of it together */
	TURN_BYTES = 32 * 1024, /* read from one client before the others have their turn */
	TURN_EVENTS = 64,
	PENDING_MAX = 16 * 1024, /* bytes that wait for a client: over this nothing more is read from it */
	SEND_BUFFER = 64 * 1024, /* the kernel's */
	PING_US = 25 * 1000000, /* after so long without a word from a client */
	SILENT_US = 60 * 1000000, /* then it is gone */
	CLOSING_US = 500000, /* how long a client has to answer that it closes too */
};

struct socket_client {
	struct socket_client *next, *previous;
	struct sockets *sockets;
	struct so_events_reader *reader;
	atomic_bool pending; /* the ring has something for it */
	/* below: of the sockets' thread, once it was handed over */
	struct MHD_UpgradeResponseHandle *upgrade;
	int fd;
	uint32_t watched; /* what epoll is asked for */
	wslay_event_context_ptr ws;
	char *early; /* what came with the request */
	size_t early_len, early_at, turn;
	size_t queued; /* messages that waited when we last looked */
	int64_t heard_us, pinged_us;
	int64_t blocked_us; /* since when the message in front waits, 0: nothing waits */
	int64_t closing_us; /* since when we want it closed, 0: we do not */
};

struct sockets {
	struct so_http *http;
	int64_t slow_us;
	int epoll, bell; /* bell: an eventfd that ends epoll_wait */
	atomic_bool rung, closing;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	struct socket_client *arrived;
	bool stop;
	/* of the thread */
	struct socket_client *clients;
	bool again; /* somebody has more events than fitted into a turn */
};

static void ring_bell(struct sockets *sockets)
{
	uint64_t one = 1;

	if (!atomic_exchange(&sockets->rung, true) && write(sockets->bell, &one, sizeof one) < 0)
		so_assert(errno == EAGAIN);
}

/* On the publisher's thread. */
static void on_event(void *arg)
{
	struct socket_client *client = arg;

	atomic_store(&client->pending, true);
	ring_bell(client->sockets);
}

/* ---- what wslay calls ---------------------------------------------------------------------------------------- */

static ssize_t take_early(struct socket_client *client, uint8_t *out, size_t max)
{
	size_t n = client->early_len - client->early_at;

	if (n > max)
		n = max;
	memcpy(out, client->early + client->early_at, n);
	client->early_at += n;
	return (ssize_t)n;
}

static ssize_t on_read(wslay_event_context_ptr ws, uint8_t *out, size_t max, int flags, void *arg)
{
	struct socket_client *client = arg;
	ssize_t n;

	(void)flags;
	if (client->early_at < client->early_len)
		return take_early(client, out, max);
	if (client->turn >= TURN_BYTES) {
		wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	do
		n = recv(client->fd, out, max, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		client->turn += (size_t)n;
		client->heard_us = so_time_monotonic_us();
		return n;
	}
	wslay_event_set_error(ws,
		n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t on_write(wslay_event_context_ptr ws, const uint8_t *data, size_t len, int flags, void *arg)
{
	struct socket_client *client = arg;
	ssize_t n;

	do
		n = send(client->fd, data, len, MSG_NOSIGNAL | (flags & WSLAY_MSG_MORE ? MSG_MORE : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		wslay_event_set_error(ws,
			errno == EAGAIN || errno == EWOULDBLOCK ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return n;
}

static void say(struct socket_client *client, const char *text)
{
	struct wslay_event_msg message = { WSLAY_TEXT_FRAME, (const uint8_t *)text, strlen(text) };

	/* refused only after a close, or without memory: then the connection is at its end anyway */
	if (wslay_event_queue_msg(client->ws, &message) == 0 && !client->blocked_us)
		client->blocked_us = so_time_monotonic_us();
}

static void begin_close(struct socket_client *client, uint16_t code, const char *reason)
{
	if (client->closing_us)
		return;
	client->closing_us = so_time_monotonic_us();
	if (wslay_event_queue_close(client->ws, code, (const uint8_t *)reason, strlen(reason)) != 0)
		wslay_event_shutdown_read(client->ws);
}

/* The page cannot see the pings of the protocol, so it may send its own. */
static bool is_ping(const struct wslay_event_on_msg_recv_arg *message)
{
	json_t *json = json_loadb((const char *)message->msg, message->msg_length, 0, NULL);
	const char *type = json_string_value(json_object_get(json, "type"));
	bool ping = type && strcmp(type, "ping") == 0;

	json_decref(json);
	return ping;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *message, void *arg)
{
	struct socket_client *client = arg;

	(void)ws;
	if (message->opcode == WSLAY_CONNECTION_CLOSE && !client->closing_us)
		client->closing_us = so_time_monotonic_us();
	if (wslay_is_ctrl_frame(message->opcode) || client->closing_us)
		return;
	if (message->opcode != WSLAY_TEXT_FRAME)
		begin_close(client, WSLAY_CODE_UNSUPPORTED_DATA, "texts only");
	else if (is_ping(message))
		say(client, "{\"event\":\"pong\"}");
	else
		begin_close(client, WSLAY_CODE_POLICY_VIOLATION, "the only thing to say here is {\"type\":\"ping\"}");
}

/* ---- one client ---------------------------------------------------------------------------------------------- */

static void free_client(struct socket_client *client)
{
	struct so_http *http = client->sockets->http;

	talloc_free(client->reader); /* returns when on_event is not running */
	if (client->ws)
		wslay_event_context_free(client->ws);
	talloc_free(client);
	pthread_mutex_lock(&http->streams_lock);
	http->n_streams--;
	pthread_mutex_unlock(&http->streams_lock);
}

void socket_abandon(struct socket_client *client)
{
	free_client(client);
}

static void drop(struct socket_client *client)
{
	struct MHD_UpgradeResponseHandle *upgrade = client->upgrade;

	*(client->previous ? &client->previous->next : &client->sockets->clients) = client->next;
	if (client->next)
		client->next->previous = client->previous;
	epoll_ctl(client->sockets->epoll, EPOLL_CTL_DEL, client->fd, NULL);
	free_client(client);
	/* closes the descriptor, some time from now */
	MHD_upgrade_action(upgrade, MHD_UPGRADE_ACTION_CLOSE);
}

static void say_event(struct socket_client *client, const struct so_event *event)
{
	SO_TMP(tmp, NULL);

	say(client, so_printf(tmp, "{\"id\":%lld,\"event\":\"%s\",\"data\":%s}", (long long)event->id, event->type,
			    event->data));
}

/* Events as long as the socket takes them: what it does not take stays in the ring. */
static bool send_events(struct socket_client *client)
{
	for (int n = 0; wslay_event_get_queued_msg_count(client->ws) == 0 && !client->closing_us; n++) {
		SO_TMP(tmp, NULL);
		struct so_event *event;

		if (n == TURN_EVENTS) {
			atomic_store(&client->pending, true);
			client->sockets->again = true;
			return true;
		}
		event = so_events_next(tmp, client->reader);
		if (!event)
			return true;
		say_event(client, event);
		if (wslay_event_send(client->ws) != 0)
			return false;
	}
	return wslay_event_send(client->ws) == 0;
}

static void watch(struct socket_client *client)
{
	bool full = wslay_event_get_queued_msg_length(client->ws) > PENDING_MAX;
	uint32_t wanted = (wslay_event_want_read(client->ws) && !full ? EPOLLIN : 0) |
			  (wslay_event_want_write(client->ws) ? EPOLLOUT : 0);
	struct epoll_event event = { .events = wanted, .data.ptr = client };

	if (wanted == client->watched)
		return;
	client->watched = wanted;
	epoll_ctl(client->sockets->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

/* The time runs for the message in front: it begins anew when one has left. */
static void note_progress(struct socket_client *client)
{
	size_t queued = wslay_event_get_queued_msg_count(client->ws);

	if (queued == 0)
		client->blocked_us = 0;
	else if (queued < client->queued || !client->blocked_us)
		client->blocked_us = so_time_monotonic_us();
	client->queued = queued;
}

/* Reads when there is something to read, sends what there is; drops the client when it is at its end. */
static void serve(struct socket_client *client, bool readable)
{
	bool ok = true;

	client->turn = 0;
	if (readable && wslay_event_recv(client->ws) != 0) {
		ok = false;
		(void)!wslay_event_send(client->ws); /* a header that cannot be is answered by a close without a code */
	}
	/* wslay closes by itself when frames are wrong, without a word to us */
	if (ok && !client->closing_us && wslay_event_get_close_sent(client->ws))
		client->closing_us = so_time_monotonic_us();
	ok = ok && send_events(client);
	if (!ok || (!wslay_event_want_read(client->ws) && !wslay_event_want_write(client->ws))) {
		drop(client);
		return;
	}
	note_progress(client);
	watch(client);
}

static void ping(struct socket_client *client, int64_t now_us)
{
	struct wslay_event_msg message = { WSLAY_PING, NULL, 0 };

	client->pinged_us = now_us;
	if (wslay_event_queue_msg(client->ws, &message) == 0)
		serve(client, false);
}

static void look_after(struct socket_client *client, int64_t now_us)
{
	if (!client->closing_us && wslay_event_get_close_sent(client->ws))
		client->closing_us = now_us;
	if ((client->blocked_us && now_us - client->blocked_us > client->sockets->slow_us) ||
		now_us - client->heard_us > SILENT_US ||
		(client->closing_us && now_us - client->closing_us > CLOSING_US))
		drop(client);
	else if (now_us - client->heard_us > PING_US && now_us - client->pinged_us > PING_US)
		ping(client, now_us);
}

/* ---- the thread ---------------------------------------------------------------------------------------------- */

static void begin(struct socket_client *client)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_read, .send_callback = on_write, .on_msg_recv_callback = on_message
	};
	struct sockets *sockets = client->sockets;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	struct so_event hello = { .type = "hello", .data = (char *)(uintptr_t) "{}" };

	client->next = sockets->clients;
	client->previous = NULL;
	if (client->next)
		client->next->previous = client;
	sockets->clients = client;
	client->heard_us = client->pinged_us = so_time_monotonic_us();
	client->watched = EPOLLIN;
	if (epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0 ||
		wslay_event_context_server_init(&client->ws, &callbacks, client) != 0) {
		drop(client);
		return;
	}
	wslay_event_config_set_max_recv_msg_length(client->ws, MESSAGE_MAX);
	hello.id = so_events_last_id(so_jobs_events(sockets->http->options.jobs));
	say_event(client, &hello);
	serve(client, true);
}

static bool take_arrived(struct sockets *sockets)
{
	struct socket_client *arrived;
	bool stop;

	pthread_mutex_lock(&sockets->lock);
	arrived = sockets->arrived;
	sockets->arrived = NULL;
	stop = sockets->stop;
	pthread_mutex_unlock(&sockets->lock);
	while (arrived) {
		struct socket_client *client = arrived;

		arrived = client->next;
		begin(client);
	}
	return !stop;
}

static void for_each(struct sockets *sockets, int64_t now_us, void (*each)(struct socket_client *, int64_t))
{
	for (struct socket_client *client = sockets->clients, *next; client; client = next) {
		next = client->next; /* the client may be dropped, but no other one */
		each(client, now_us);
	}
}

static void serve_pending(struct socket_client *client, int64_t now_us)
{
	(void)now_us;
	if (atomic_exchange(&client->pending, false))
		serve(client, false);
}

static void send_away(struct socket_client *client, int64_t now_us)
{
	(void)now_us;
	if (client->closing_us)
		return;
	begin_close(client, WSLAY_CODE_GOING_AWAY, "the server stops");
	serve(client, false);
}

static void end_client(struct socket_client *client, int64_t now_us)
{
	(void)now_us;
	drop(client);
}

static void answer_bell(struct sockets *sockets)
{
	uint64_t count;

	if (read(sockets->bell, &count, sizeof count) < 0)
		so_assert(errno == EAGAIN || errno == EINTR);
	/* before anybody's events are looked at: what comes from here on rings again */
	atomic_store(&sockets->rung, false);
}

static void *run(void *arg)
{
	struct sockets *sockets = arg;
	struct epoll_event events[64];
	int64_t looked_us = 0;
	bool go_on = true;

	while (go_on) {
		int wait_ms = sockets->again ? 0 : atomic_load(&sockets->closing) ? 50 : 1000;
		int n = epoll_wait(sockets->epoll, events, 64, wait_ms);
		int64_t now_us = so_time_monotonic_us();

		sockets->again = false;
		for (int i = 0; i < n; i++)
			if (!events[i].data.ptr)
				answer_bell(sockets);
			else
				serve(events[i].data.ptr, (events[i].events & ~(uint32_t)EPOLLOUT) != 0);
		go_on = take_arrived(sockets);
		for_each(sockets, now_us, serve_pending);
		if (atomic_load(&sockets->closing))
			for_each(sockets, now_us, send_away);
		if (now_us - looked_us > (atomic_load(&sockets->closing) ? 50000 : 1000000)) {
			looked_us = now_us;
			for_each(sockets, now_us, look_after);
		}
	}
	for_each(sockets, 0, end_client);
	return NULL;
}

struct sockets *sockets_start(struct so_http *http, int64_t slow_ms, struct so_err *err)
{
	struct sockets *sockets = so_new(http, struct sockets);
	struct epoll_event event = { .events = EPOLLIN };
	sigset_t all, old;
	int rc = 0;

	sockets->http = http;
	sockets->slow_us = slow_ms * 1000;
	sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
	sockets->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sockets->epoll < 0 || sockets->bell < 0 ||
		epoll_ctl(sockets->epoll, EPOLL_CTL_ADD, sockets->bell, &event) != 0)
		rc = errno;
	pthread_mutex_init(&sockets->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (rc == 0)
		rc = pthread_create(&sockets->thread, NULL, run, sockets);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc == 0)
		return sockets;
	so_fail(err, SO_LIMIT, "cannot start a thread for WebSockets: %s", strerror(rc));
	if (sockets->epoll >= 0)
		close(sockets->epoll);
	if (sockets->bell >= 0)
		close(sockets->bell);
	pthread_mutex_destroy(&sockets->lock);
	talloc_free(sockets);
	return NULL;
}

void sockets_close(struct sockets *sockets)
{
	atomic_store(&sockets->closing, true);
	ring_bell(sockets);
}

void sockets_stop(struct sockets *sockets)
{
	pthread_mutex_lock(&sockets->lock);
	sockets->stop = true;
	pthread_mutex_unlock(&sockets->lock);
	ring_bell(sockets);
	pthread_join(sockets->thread, NULL);
}

void sockets_free(struct sockets *sockets)
{
	close(sockets->epoll);
	close(sockets->bell);
	pthread_mutex_destroy(&sockets->lock);
	talloc_free(sockets);
}

/* ---- the request --------------------------------------------------------------------------------------------- */

/* On an HTTP thread: the socket is ours from here on. */
static void on_upgrade(void *cls, struct MHD_Connection *connection, void *con_cls, const char *early, size_t early_len,
	MHD_socket fd, struct MHD_UpgradeResponseHandle *upgrade)
{
	struct socket_client *client = cls;
	struct sockets *sockets = client->sockets;
	struct exchange *ex = con_cls;
	int size = SEND_BUFFER, flags = fcntl(fd, F_GETFL);
	bool taken;

	(void)connection;
	ex->socket = NULL;
	client->upgrade = upgrade;
	client->fd = fd;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	/* so that a client that does not read shows soon, and holds little of our memory */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	if (early_len) {
		client->early = so_memdup(client, early, early_len);
		client->early_len = early_len;
	}
	pthread_mutex_lock(&sockets->lock);
	taken = !sockets->stop;
	if (taken) {
		client->next = sockets->arrived;
		sockets->arrived = client;
	}
	pthread_mutex_unlock(&sockets->lock);
	if (taken) {
		ring_bell(sockets);
		return;
	}
	free_client(client);
	MHD_upgrade_action(upgrade, MHD_UPGRADE_ACTION_CLOSE);
}

static bool add_client(struct exchange *ex, struct so_err *err)
{
	struct so_http *http = ex->http;

	pthread_mutex_lock(&http->streams_lock);
	bool room = http->n_streams < SO_HTTP_STREAMS_MAX;

	http->n_streams += room;
	pthread_mutex_unlock(&http->streams_lock);
	return room || so_fail(err, SO_BUSY, "there are %d event streams already", SO_HTTP_STREAMS_MAX);
}

static bool new_client(struct exchange *ex, struct so_err *err)
{
	const struct so_events_query *query = ex->req->query;
	struct socket_client *client;

	if (!add_client(ex, err))
		return false;
	client = so_new(NULL, struct socket_client);
	client->sockets = ex->http->sockets;
	client->fd = -1;
	client->reader = so_events_subscribe(client, so_jobs_events(ex->http->options.jobs),
		ex->req->api->scope->organisation_id, query->job_id == SO_INT_NONE ? 0 : query->job_id,
		query->last_id == SO_INT_NONE ? -1 : query->last_id, on_event, client, err);
	atomic_store(&client->pending, true);
	if (client->reader) {
		ex->socket = client;
		return true;
	}
	free_client(client);
	return false;
}

static bool check_request(struct exchange *ex)
{
	const struct so_handshake handshake = { .http_version = ex->version,
		.upgrade = request_header(ex, "Upgrade"),
		.connection = request_header(ex, "Connection"),
		.version = request_header(ex, "Sec-WebSocket-Version"),
		.key = request_header(ex, "Sec-WebSocket-Key") };
	/* a page of anywhere may open a WebSocket to us: as for what changes something, its origin must be known */
	const struct so_guard_refusal *foreign = so_guard_origin(&ex->guard, &ex->http->policy, "POST");
	int status;
	const char *wrong = so_handshake_check(&handshake, &status);

	if (wrong)
		exchange_refuse(ex, status, status == 426 ? "upgrade_required" : "bad_handshake", wrong);
	else if (foreign)
		exchange_refuse(ex, foreign->status, foreign->code,
			"this Origin may not read events; to allow it add it to CORS_ORIGINS");
	return !wrong && !foreign;
}

enum MHD_Result socket_answer(struct exchange *ex)
{
	char accept[SO_HANDSHAKE_KEY];
	struct so_err err = SO_ERR_INIT;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!check_request(ex))
		return answer_json(ex);
	if (!new_client(ex, &err)) {
		so_api_fail(ex->req, &err, &ex->res);
		return answer_json(ex);
	}
	so_handshake_accept(request_header(ex, "Sec-WebSocket-Key"), accept);
	response = MHD_create_response_for_upgrade(on_upgrade, ex->socket);
	if (!response)
		return MHD_NO; /* the exchange's end takes the client along */
	answer_header(response, "Upgrade", "websocket");
	answer_header(response, "Sec-WebSocket-Accept", accept);
	result = answer_queue(ex, 101, response);
	so_reaper_phase(ex->http->reaper, ex->reaper, SO_REAPER_BUSY);
	return result;
}
