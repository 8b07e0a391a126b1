/* Server-sent events. A stream is suspended while it has nothing to send and holds no thread; the ring of job/events.h
 * is its backlog, so a slow client is told what it missed instead of making the server remember. */
#include "http/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/errors.h"
#include "api/events.h"
#include "base/buf.h"
#include "base/clock.h"
#include "job/job.h"
#include "store/store.h"

#define HEARTBEAT_US (15 * INT64_C(1000000))
#define STREAM_BLOCK 4096
#define STREAM_TEXT  (SO_EVENT_DATA_MAX + 256)

struct stream {
	struct stream *next, *prev;
	struct so_http *http;
	struct MHD_Connection *connection;
	struct so_events_reader *reader;
	pthread_mutex_t lock; /* guards all below; never held while the reader is freed */
	bool suspended, ended, beat;
	struct so_buf text; /* what is being sent */
	size_t sent;
	int64_t last_us; /* when something was last sent */
};

/* Under the stream's lock. Only a stream that suspended itself is resumed, and only once. */
static void resume(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->connection);
}

/* On the publisher's thread. */
static void on_event(void *arg)
{
	struct stream *stream = arg;

	pthread_mutex_lock(&stream->lock);
	resume(stream);
	pthread_mutex_unlock(&stream->lock);
}

/* Fills the text with the next event or a heartbeat; false when there is nothing to send. */
static bool next_text(struct stream *stream)
{
	SO_TMP(tmp, NULL);
	struct so_event *event = so_events_next(tmp, stream->reader);

	if (!event && !stream->beat)
		return false;
	so_buf_reset(&stream->text);
	stream->sent = 0;
	if (event)
		so_buf_addf(&stream->text, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)event->id, event->type,
			event->data);
	else
		so_buf_adds(&stream->text, ": still here\n\n");
	stream->beat = false;
	return true;
}

static ssize_t read_stream(void *cls, uint64_t pos, char *out, size_t max)
{
	struct stream *stream = cls;
	ssize_t n = 0;

	(void)pos;
	pthread_mutex_lock(&stream->lock);
	if (stream->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else if (stream->sent < stream->text.len || next_text(stream)) {
		size_t left = stream->text.len - stream->sent;

		n = (ssize_t)(left < max ? left : max);
		memcpy(out, so_buf_text(&stream->text) + stream->sent, (size_t)n);
		stream->sent += (size_t)n;
		stream->last_us = so_time_monotonic_us();
	} else {
		/* Both under the lock that on_event takes: an event that comes now finds the stream suspended. */
		stream->suspended = true;
		MHD_suspend_connection(stream->connection);
	}
	pthread_mutex_unlock(&stream->lock);
	return n;
}

static void end_stream(void *cls)
{
	struct stream *stream = cls;
	struct so_http *http = stream->http;

	pthread_mutex_lock(&http->streams_lock);
	if (stream->prev)
		stream->prev->next = stream->next;
	else
		http->streams = stream->next;
	if (stream->next)
		stream->next->prev = stream->prev;
	http->n_streams--;
	pthread_mutex_unlock(&http->streams_lock);
	talloc_free(stream->reader); /* returns when on_event is not running */
	pthread_mutex_destroy(&stream->lock);
	talloc_free(stream);
}

void streams_tick(struct so_http *http, bool end)
{
	int64_t now_us = so_time_monotonic_us();

	pthread_mutex_lock(&http->streams_lock);
	for (struct stream *stream = http->streams; stream; stream = stream->next) {
		pthread_mutex_lock(&stream->lock);
		stream->ended |= end;
		if (now_us - stream->last_us > HEARTBEAT_US)
			stream->beat = true;
		if (stream->ended || stream->beat)
			resume(stream);
		pthread_mutex_unlock(&stream->lock);
	}
	pthread_mutex_unlock(&http->streams_lock);
}

/* -1: from now on; an id that is not a number is as good as none. */
static int64_t last_event_id(struct exchange *ex)
{
	const char *text = request_header(ex, "Last-Event-ID");
	char *end;

	if (!text || !*text)
		return -1;
	errno = 0;
	long long id = strtoll(text, &end, 10);

	return *end || errno || id < 0 ? -1 : id;
}

static bool subscribe(struct exchange *ex, struct stream *stream, struct so_err *err)
{
	const struct so_events_query *query = ex->req->query;
	struct so_events *events = so_jobs_events(ex->http->options.jobs);
	int64_t job_id = query->job_id == SO_INT_NONE ? 0 : query->job_id;

	stream->reader = so_events_subscribe(
		stream, events, ex->req->api->scope->organisation_id, job_id, last_event_id(ex), on_event, stream, err);
	return stream->reader != NULL;
}

static bool add_stream(struct so_http *http, struct stream *stream)
{
	pthread_mutex_lock(&http->streams_lock);
	bool room = http->n_streams < SO_HTTP_STREAMS_MAX;

	if (room) {
		stream->next = http->streams;
		if (stream->next)
			stream->next->prev = stream;
		http->streams = stream;
		http->n_streams++;
		stream->ended = atomic_load(&http->stopping);
	}
	pthread_mutex_unlock(&http->streams_lock);
	return room;
}

static enum MHD_Result refuse(struct exchange *ex, struct stream *stream, const struct so_err *err)
{
	so_api_fail(ex->req, err, &ex->res);
	talloc_free(stream->reader);
	pthread_mutex_destroy(&stream->lock);
	talloc_free(stream);
	return answer_json(ex);
}

enum MHD_Result stream_answer(struct exchange *ex)
{
	struct so_err err = SO_ERR_INIT;
	struct stream *stream = so_new(NULL, struct stream);

	stream->http = ex->http;
	stream->connection = ex->connection;
	stream->last_us = so_time_monotonic_us();
	pthread_mutex_init(&stream->lock, NULL);
	so_buf_init(&stream->text, stream, STREAM_TEXT);
	so_buf_adds(&stream->text, "retry: 3000\n: connected\n\n");
	if (!subscribe(ex, stream, &err))
		return refuse(ex, stream, &err);
	if (!add_stream(ex->http, stream)) {
		so_fail(&err, SO_BUSY, "there are %d event streams already", SO_HTTP_STREAMS_MAX);
		return refuse(ex, stream, &err);
	}
	struct MHD_Response *response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, stream, end_stream);

	if (!response) {
		end_stream(stream);
		return MHD_NO;
	}
	answer_header(response, "Content-Type", "text/event-stream");
	answer_header(response, "Cache-Control", "no-store");
	answer_header(response, "X-Accel-Buffering", "no");
	enum MHD_Result result = answer_queue(ex, 200, response);

	so_reaper_phase(ex->http->reaper, ex->reaper, SO_REAPER_BUSY);
	return result;
}
