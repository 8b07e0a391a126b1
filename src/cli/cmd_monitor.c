/* sqlopt monitor: the costliest statements, live in the terminal. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/printable.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/offline.h"
#include "cli/report.h"

enum { CALL_MS = 5000, FILTER_MAX = 60, BAR = 16, NARROW_BAR = 6, NARROW = 90, ROWS_MAX = 200 };

struct options {
	const char *url, *sort, *filter, *period;
	int64_t interval, limit, connection;
	bool once, json, no_color, help;
};

#define FLAG(m) offsetof(struct options, m)

static const struct so_flag flags[] = {
	{ "--url", SO_FLAG_TEXT, FLAG(url), 0, 0, "URL", SO_CLI_URL_DOC },
	{ "--sort", SO_FLAG_TEXT, FLAG(sort), 0, 0, "KEY", "total_time, calls, mean_time, rows, reads or change." },
	{ "--filter", SO_FLAG_TEXT, FLAG(filter), 0, 0, "TEXT", "Only statements that hold this." },
	{ "--period", SO_FLAG_TEXT, FLAG(period), 0, 0, "PERIOD", "hour (default), day, week, month or all." },
	{ "--connection", SO_FLAG_INT, FLAG(connection), 1, INT64_MAX, "ID", "Only of this connection." },
	{ "--limit", SO_FLAG_INT, FLAG(limit), 1, ROWS_MAX, "N", "Statements of --once and --json. Default 20." },
	{ "--interval", SO_FLAG_INT, FLAG(interval), 1, 3600, "SECONDS", "Between two looks. Default 5." },
	{ "--once", SO_FLAG_BOOL, FLAG(once), 0, 0, NULL, "Print one table; also what happens without a terminal." },
	{ "--json", SO_FLAG_BOOL, FLAG(json), 0, 0, NULL, "Print one JSON document." },
	{ "--no-color", SO_FLAG_BOOL, FLAG(no_color), 0, 0, NULL, "No colours, also on a terminal." },
	{ "--help", SO_FLAG_BOOL, FLAG(help), 0, 0, NULL, "Print this text." },
	{ .name = NULL },
};

static int print_help(void)
{
	printf("Usage: sqlopt monitor %s\n\n%s. Asks a running server, or, while none runs, the store.\n",
		so_cmd_monitor.synopsis, so_cmd_monitor.summary);
	so_args_help(stdout, flags);
	puts("\nKeys: t time, c calls, m mean, r rows, d reads, g change; h hour, y day, w week; / filter (Enter, "
	     "Esc); p "
	     "pause; space look now; q quit.");
	return 0;
}

static const struct sort {
	char key;
	const char *name, *title;
} sorts[] = { { 't', "total_time", "time" }, { 'c', "calls", "calls" }, { 'm', "mean_time", "mean" },
	{ 'r', "rows", "rows" }, { 'd', "reads", "reads" }, { 'g', "change", "change" } };
static const struct {
	char key;
	const char *name;
} periods[] = { { 'h', "hour" }, { 'y', "day" }, { 'w', "week" } };

/* ---- where the figures come from ---- */

struct view {
	struct options *o;
	const char *url;
	struct so_offline *offline; /* NULL: the server */
	struct so_term term;
	int height;
	json_t *page, *status; /* of the last good look, or NULL */
	const json_t *rows; /* of that page */
	char error[sizeof(((struct so_err *)0)->message)];
	char filter[FILTER_MAX + 1];
	bool typing, paused, utf8, resized;
	int ended; /* the signal to end by; 0: none */
	int64_t looked_us;
};

/* One look; `limit` rows. */
static bool look(struct view *v, int limit, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	const char *pairs[] = { "period", v->o->period, "sort", v->o->sort, "limit", so_printf(tmp, "%d", limit), NULL,
		NULL, NULL, NULL, NULL };
	size_t n = 6;
	json_t *page = NULL, *status = NULL;
	struct so_buf path;

	if (*v->filter) {
		pairs[n++] = "search";
		pairs[n++] = v->filter;
	}
	if (v->o->connection) {
		pairs[n++] = "connection_id";
		pairs[n++] = so_printf(tmp, "%" PRId64, v->o->connection);
	}
	so_buf_init(&path, tmp, 4096);
	so_buf_adds(&path, "/api/queries");
	for (size_t i = 0; i < n; i += 2)
		so_buf_addf(&path, "%c%s=%s", i ? '&' : '?', pairs[i], so_cli_escape(tmp, pairs[i + 1]));
	if (v->offline) {
		if (!so_offline_get(v->offline, "/api/queries", pairs, &page, err))
			return false;
	} else if (!so_cli_call_within(v->url, "GET", so_buf_text(&path), NULL, CALL_MS, &page, err) ||
		   !so_cli_call_within(v->url, "GET", "/api/monitoring/status", NULL, CALL_MS, &status, err)) {
		json_decref(page);
		return false;
	}
	json_decref(v->page);
	json_decref(v->status);
	v->page = page;
	v->rows = json_object_get(page, "queries");
	v->status = status;
	v->looked_us = so_time_now_us();
	v->error[0] = '\0';
	return true;
}

/* ---- the table ---- */

static double number(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A narrow terminal has a shorter bar, and neither mean nor change. */
static int bar_of(const struct view *v)
{
	return v->term.width < NARROW ? NARROW_BAR : BAR;
}

static void add_bar(struct so_buf *out, const struct view *v, double share)
{
	int bar = bar_of(v), full = share > 0 ? (int)lround(share * bar) : 0;

	if (full > bar)
		full = bar;
	if (share >= 0.01 && !full)
		full = 1;
	so_buf_adds(out, so_style_on(&v->term, share >= 0.3   ? SO_STYLE_RED
					       : share >= 0.1 ? SO_STYLE_YELLOW
							      : SO_STYLE_GREEN));
	for (int i = 0; i < full; i++)
		so_buf_adds(out, v->utf8 ? "█" : "#");
	so_buf_adds(out, so_style_off(&v->term));
	for (int i = full; i < bar; i++)
		so_buf_adds(out, v->utf8 && v->term.color ? "·" : ".");
}

static void add_row(struct so_buf *out, const struct view *v, const json_t *row)
{
	SO_TMP(tmp, NULL);
	const char *sql = json_string_value(json_object_get(row, "sql_text"));
	const char *name = json_string_value(json_object_get(row, "connection_name"));
	double share = number(row, "load_share"), change = number(row, "load_change");
	bool other = json_is_true(json_object_get(row, "other"));
	bool narrow = v->term.width < NARROW;
	int room = v->term.width - bar_of(v) - (narrow ? 30 : 47);

	add_bar(out, v, share);
	so_buf_addf(out, " %5.1f%% %9s ", isnan(share) ? 0 : share * 100, so_human_ms(tmp, number(row, "total_ms")));
	if (!narrow)
		so_buf_addf(out, "%9s ", so_human_ms(tmp, number(row, "mean_ms")));
	so_buf_addf(out, "%9s ", so_human_count(tmp, number(row, "calls")));
	if (!narrow)
		so_buf_addf(out, "%6s ", isnan(change) ? "" : change >= 10 ? ">10x" : so_printf(tmp, "%.1fx", change));
	so_buf_addf(out, "%s ",
		json_is_true(json_object_get(row, "regressed"))        ? "!"
		: json_integer_value(json_object_get(row, "findings")) ? "*"
								       : " ");
	if (room > 30) {
		name = so_one_line(tmp, name ? name : "", 16);
		so_buf_addf(out, "%s%s%s: ", so_style_on(&v->term, SO_STYLE_DIM), name, so_style_off(&v->term));
		room -= (int)strlen(name) + 2;
	}
	if (room > 1)
		so_buf_adds(out, so_one_line(tmp, other ? "(all other statements)" : sql ? sql : "", room));
}

static const char *clock_text(TALLOC_CTX *ctx, int64_t at_us)
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	return so_printf(ctx, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_head(struct so_buf *out, const struct view *v)
{
	SO_TMP(tmp, NULL);
	const char *title = v->o->sort;
	char *line;

	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
		if (strcmp(sorts[i].name, v->o->sort) == 0)
			title = sorts[i].title;
	line = so_printf(tmp, "%s  %s  last %s by %s%s%s%s%s", v->offline ? so_offline_path(v->offline) : v->url,
		v->looked_us ? clock_text(tmp, v->looked_us) : "--:--:--", v->o->period, title,
		*v->filter || v->typing ? "  filter: " : "", v->filter, v->typing ? "_" : "",
		v->paused ? "  PAUSED" : "");
	if (v->status)
		line = so_printf(tmp, "%s  %" PRId64 " watched%s", line,
			(int64_t)json_integer_value(json_object_get(v->status, "active_connections")),
			json_is_true(json_object_get(v->status, "is_running")) ? "" : ", monitoring is stopped");
	else if (v->offline)
		line = so_printf(tmp, "%s  no server runs", line);
	so_buf_addf(out, "%s%s%s\n", so_style_on(&v->term, SO_STYLE_BOLD), so_one_line(tmp, line, v->term.width),
		so_style_off(&v->term));
	if (*v->error)
		so_buf_addf(out, "%s%s%s", so_style_on(&v->term, SO_STYLE_RED),
			so_one_line(tmp, v->error, v->term.width), so_style_off(&v->term));
	if (v->term.width < NARROW)
		so_buf_addf(out, "\n%-*s %6s %9s %9s   statement\n", bar_of(v), "load", "share", "total", "calls");
	else
		so_buf_addf(out, "\n%-*s %6s %9s %9s %9s %6s   statement\n", bar_of(v), "load", "share", "total",
			"mean", "calls", "change");
}

/* Lines of at most the terminal's height; 0: all. */
static void draw(struct so_buf *out, const struct view *v, int height)
{
	size_t n = json_array_size(v->rows), room = height > 4 ? (size_t)height - 4 : height ? 0 : n;

	add_head(out, v);
	for (size_t i = 0; i < n && i < room; i++) {
		add_row(out, v, json_array_get(v->rows, i));
		so_buf_adds(out, i + 1 < n && i + 1 < room ? "\n" : "");
	}
	if (v->rows && !n)
		so_buf_adds(out, *v->filter ? "no statement holds the filter"
					    : "nothing yet: statements appear after the second poll of a connection");
}

static int run_once(struct view *v, struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_buf out;

	if (!look(v, v->o->limit ? (int)v->o->limit : 20, err))
		return -1;
	if (v->o->json) {
		so_print_json(json_incref(v->page));
		return 0;
	}
	so_buf_init(&out, tmp, 1024 * 1024);
	draw(&out, v, 0);
	puts(so_buf_text(&out));
	return 0;
}

/* ---- live ---- */

struct screen {
	struct termios old;
	sigset_t mask; /* of before */
	int signals; /* a descriptor that they come through */
};

static void put_screen(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void measure(struct view *v)
{
	struct winsize size;

	v->height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row) {
		v->height = size.ws_row;
		v->term.width = size.ws_col >= 20 ? size.ws_col : 20;
	}
}

/* Signals are read while we wait, so none is missed and none cuts a look short. */
static bool enter_screen(struct screen *screen)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	struct termios raw;
	sigset_t block;

	if (tcgetattr(STDIN_FILENO, &screen->old) != 0)
		return false;
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaddset(&block, signals[i]);
	screen->signals = signalfd(-1, &block, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen->signals < 0)
		return false;
	sigprocmask(SIG_BLOCK, &block, &screen->mask);
	raw = screen->old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* suspended, we would leave the screen as it is */
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	put_screen("\033[?1049h\033[?25l", 14);
	return true;
}

static void leave_screen(const struct screen *screen)
{
	put_screen("\033[?25h\033[?1049l", 14);
	tcsetattr(STDIN_FILENO, TCSANOW, &screen->old);
	close(screen->signals);
	sigprocmask(SIG_SETMASK, &screen->mask, NULL);
}

static void take_signals(const struct screen *screen, struct view *v)
{
	struct signalfd_siginfo info;

	while (read(screen->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			v->resized = true;
		else
			v->ended = (int)info.ssi_signo;
	}
}

static void redraw(const struct view *v)
{
	SO_TMP(tmp, NULL);
	struct so_buf out, screen;

	so_buf_init(&out, tmp, 1024 * 1024);
	so_buf_init(&screen, tmp, 1024 * 1024);
	draw(&out, v, v->height);
	so_buf_adds(&screen, "\033[H");
	for (const char *p = so_buf_text(&out); *p; p++) {
		if (*p == '\n')
			so_buf_adds(&screen, "\033[K\r");
		so_buf_addc(&screen, *p);
	}
	so_buf_adds(&screen, "\033[K\033[J");
	put_screen(so_buf_text(&screen), screen.len);
}

/* One key while the filter is typed; true when it is done and another look is due. */
static bool type_filter(struct view *v, unsigned char key)
{
	size_t len = strlen(v->filter);

	if (key == '\n' || key == '\r') {
		v->typing = false;
		return true;
	}
	if (key == 27) {
		v->typing = false;
		v->filter[0] = '\0';
		return true;
	}
	if ((key == 127 || key == 8) && len) {
		do
			v->filter[--len] = '\0';
		while (len && ((unsigned char)v->filter[len - 1] & 0xc0) == 0x80);
	} else if (key >= ' ' && key != 127 && len < FILTER_MAX) {
		v->filter[len] = (char)key;
		v->filter[len + 1] = '\0';
	}
	return false;
}

/* True when another look is due. */
static bool take_key(struct view *v, unsigned char key)
{
	if (v->typing)
		return type_filter(v, key);
	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
		if (key == (unsigned char)sorts[i].key) {
			v->o->sort = sorts[i].name;
			return true;
		}
	for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++)
		if (key == (unsigned char)periods[i].key) {
			v->o->period = periods[i].name;
			return true;
		}
	switch (key) {
	case 'q':
	case 4: /* Ctrl-D */
		v->ended = SIGTERM;
		return false;
	case 'p':
		v->paused = !v->paused;
		return !v->paused;
	case '/':
		v->typing = true;
		return false;
	default:
		return key == ' ';
	}
}

static void look_again(struct view *v)
{
	struct so_err err = SO_ERR_INIT;
	int rows = v->height > 4 ? v->height - 4 : 1;

	if (!look(v, rows < ROWS_MAX ? rows : ROWS_MAX, &err))
		snprintf(v->error, sizeof v->error, "%s", err.message);
}

static int run_live(struct view *v, struct so_err *err)
{
	struct screen screen;
	int64_t next_us = 0;

	if (!enter_screen(&screen))
		return run_once(v, err);
	measure(v);
	while (!v->ended) {
		struct pollfd input[] = { { .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = screen.signals, .events = POLLIN } };
		int64_t now_us = so_time_monotonic_us(), wait_us;
		unsigned char keys[64];
		ssize_t n;

		if (v->resized) {
			v->resized = false;
			measure(v);
			next_us = v->paused ? next_us : 0;
		}
		if (now_us >= next_us && !v->paused && !v->typing) {
			look_again(v);
			next_us = so_time_monotonic_us() + v->o->interval * 1000000;
		}
		redraw(v);
		wait_us = next_us - so_time_monotonic_us();
		wait_us = v->paused || v->typing || wait_us > 1000000 ? 1000000 : wait_us < 0 ? 0 : wait_us;
		if (poll(input, 2, (int)((wait_us + 999) / 1000)) <= 0)
			continue;
		take_signals(&screen, v);
		if (!input[0].revents)
			continue;
		n = read(STDIN_FILENO, keys, sizeof keys);
		if (n <= 0)
			break; /* the terminal is gone */
		/* a sequence such as an arrow's is none of our keys, except that Esc alone ends typing */
		if (n > 1 && keys[0] == 27)
			continue;
		for (ssize_t i = 0; i < n; i++)
			if (take_key(v, keys[i]))
				next_us = 0;
	}
	leave_screen(&screen);
	return v->ended == SIGINT ? 130 : 0;
}

/* ---- the command ---- */

static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG", NULL };

	for (size_t i = 0; names[i]; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static bool check_options(const struct options *o, struct so_err *err)
{
	static const char *const known[] = { "hour", "day", "week", "month", "all", NULL };
	bool sort = false, period = false;

	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
		sort = sort || strcmp(sorts[i].name, o->sort) == 0;
	for (size_t i = 0; known[i]; i++)
		period = period || strcmp(known[i], o->period) == 0;
	if (!sort)
		return so_fail(err, SO_USAGE,
			"--sort takes total_time, calls, mean_time, rows, reads or change, not '%.40s'", o->sort);
	if (!period)
		return so_fail(err, SO_USAGE, "--period takes hour, day, week, month or all, not '%.40s'", o->period);
	return !o->filter || strlen(o->filter) <= FILTER_MAX ||
	       so_fail(err, SO_USAGE, "--filter takes at most %d bytes", FILTER_MAX);
}

/* The server when one answers, else the store. */
static bool choose_source(TALLOC_CTX *ctx, struct view *v, struct so_err *err)
{
	struct so_err why = SO_ERR_INIT, no_store = SO_ERR_INIT;
	json_t *health = NULL;

	if (so_cli_call_within(v->url, "GET", "/health", NULL, CALL_MS, &health, &why)) {
		json_decref(health);
		return true;
	}
	/* a server that was named is what is wanted */
	if (v->o->url || getenv("SQLOPT_URL")) {
		*err = why;
		return false;
	}
	v->offline = so_offline_open(ctx, &no_store);
	return v->offline || so_fail(err, SO_UNREACHABLE, "%s; and %s", why.message, no_store.message);
}

static int run_monitor(TALLOC_CTX *ctx, int argc, char **argv, struct so_err *err)
{
	struct options o = { .sort = "total_time", .period = "hour", .interval = 5 };
	struct view v = { .o = &o };
	struct so_args args;
	int status;

	if (!so_args_parse(ctx, flags, argc, argv, &o, &args, err))
		return -1;
	if (o.help)
		return print_help();
	if (args.argc) {
		so_fail(err, SO_USAGE, "'%.60s' is not a flag", args.argv[0]);
		return -1;
	}
	if (!check_options(&o, err))
		return -1;
	v.url = so_cli_url(ctx, o.url);
	v.term = so_term_detect(o.no_color);
	v.utf8 = is_utf8();
	if (!isatty(STDOUT_FILENO))
		v.term.width = 200; /* for a file or a pipe */
	snprintf(v.filter, sizeof v.filter, "%s", o.filter ? o.filter : "");
	if (!choose_source(ctx, &v, err))
		return -1;
	status = o.once || o.json || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO) ? run_once(&v, err)
										     : run_live(&v, err);
	json_decref(v.page);
	json_decref(v.status);
	return status;
}

const struct so_cli_command so_cmd_monitor = {
	.name = "monitor",
	.synopsis = "[--sort KEY] [--filter TEXT] [--period PERIOD] [--once] [--json]",
	.summary = "the costliest statements that a server watches, live in the terminal",
	.run = run_monitor,
};
