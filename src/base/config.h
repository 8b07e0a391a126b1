/* The configuration: command line flags > environment > file > default. One table (config_table.c) has a row for every
 * variable; parsing, checks, `sqlopt config`, --help and the documentation read that table and nothing else. */
#ifndef SO_BASE_CONFIG_H
#define SO_BASE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#define SO_CONFIG_FILE_MAX 65536 /* bytes of a configuration file */
#define SO_CONFIG_LIST_MAX 64 /* entries of a list */
#define SO_CONFIG_NEW_KEY  "sqlopt config --new-key" /* the one line that makes a key */

enum so_config_type {
	SO_CONFIG_TEXT,
	SO_CONFIG_INT,
	SO_CONFIG_BOOL,
	SO_CONFIG_LIST, /* comma-separated; also ["a","b"], which the older system's files use */
	SO_CONFIG_URL, /* http:// or https:// */
	SO_CONFIG_ORIGINS, /* list of scheme://host[:port], or "*" */
	SO_CONFIG_DATABASE, /* sqlite:///relative, sqlite:////absolute */
	SO_CONFIG_KEYS, /* Fernet keys, comma-separated */
	SO_CONFIG_CHOICE, /* one of `choices` */
};

enum so_config_source {
	SO_CONFIG_DEFAULT,
	SO_CONFIG_FILE,
	SO_CONFIG_ENV,
	SO_CONFIG_FLAG,
	SO_CONFIG_GENERATED,
	SO_CONFIG_SOURCE_MAX
};

struct so_config_list {
	size_t count;
	char **items;
};

/* One row. `offset` is the member of struct so_config: char * for the text types, int64_t, bool or struct
 * so_config_list otherwise; a choice is the int64_t index into `choices`. */
struct so_config_var {
	const char *name; /* "BACKEND_PORT": environment and file */
	const char *flag; /* "--backend-port"; NULL: secrets, which a command line would show to everyone */
	enum so_config_type type;
	size_t offset;
	int64_t min, max; /* of the number, or of the length of a text */
	const char *deflt; /* as text; NULL: empty, or worked out (see doc) */
	const char *const *choices;
	bool secret; /* masked wherever it is shown */
	bool no_effect; /* nothing reads it yet: `sqlopt config` says so */
	const char *doc;
};

/* The rows, ended by a NULL name. */
extern const struct so_config_var so_config_vars[];

/* Read-only once loaded; shared by all threads. Strings are never NULL unless it says so. */
struct so_config {
	char *ollama_base_url, *ollama_model;
	int64_t ollama_timeout_s;
	bool monitoring_enabled;
	int64_t monitoring_interval_min, monitoring_threads, monitoring_max_statements, max_queries_per_poll;
	int64_t monitoring_activity_s;
	bool monitoring_parameters;
	int64_t history_sample_days, history_hourly_days, history_daily_days, history_max_mb;
	int64_t metrics_max_connections;
	struct so_config_list alert_allowed_hosts;
	bool business_hours_only;
	char *database_url; /* as given */
	char *secret_key; /* wiped when freed; empty until so_config_keys */
	char *encryption_key; /* same */
	struct so_config_list cors_origins;
	struct so_config_list allowed_hosts; /* Host headers accepted besides loopback names */
	char *backend_host;
	int64_t backend_port;
	bool allow_remote_without_login;
	bool enable_ddl_execution;
	int64_t max_ddl_execution_time_s;
	int64_t log_level, log_format; /* enum so_log_level, enum so_log_format */
	int64_t http_threads, request_threads, request_queue, job_threads, job_queue;

	/* Worked out from the above. */
	char *store_path; /* the SQLite file as an absolute path; NULL without DATABASE_URL and HOME */
	char *keys_path; /* "<folder of the store>/sqlopt.keys", or NULL */
	char *file_path; /* the configuration file that was read, or NULL */
	enum so_config_source *sources; /* one a row of so_config_vars */
	struct so_config_list notes; /* for the log, once: keys that were generated, variables set without effect */
};

struct so_config_input {
	/* Flags as the command line gave them, without the program's name and command: "--port", "8001", "--port=8001",
	 * "--enable-ddl-execution" (a boolean needs no value). `--config FILE` names the file. What is no flag of the
	 * table is left to the caller if `rest` is given, else an error that names the nearest known flag. What follows
	 * "--" is left alone. */
	int argc;
	char **argv;
	char **environ; /* NULL-terminated "NAME=value"; NULL: none. Names that are not ours are ignored. */
	const char *file; /* NULL: --config, else $SQLOPT_CONFIG, else none */
	char **rest; /* out: room for argc + 1 pointers, or NULL */
	int *n_rest;
};

/* Reads and checks everything; fails on the first malformed value with SO_USAGE (flags) or SO_INPUT (environment,
 * file), and a message that names the variable, where it came from (file and line) and what to write instead. Unknown
 * names in the file are errors. Creates nothing on disk. */
struct so_config *so_config_load(
	TALLOC_CTX *ctx, const struct so_config_input *input, struct so_err *err) SO_MUST_CHECK;

/* What only a server needs, to be called before the store is opened: creates the folder of the store (0700), and for
 * ENCRYPTION_KEY and SECRET_KEY that were not given reads them from keys_path, or generates them into it (mode 0600,
 * fsync'd before first use). A keys file that others can read is refused with the chmod to run. */
bool so_config_keys(struct so_config *config, struct so_err *err) SO_MUST_CHECK;

/* Whether an address or name can only be reached from this machine: 127/8, ::1, localhost. */
bool so_config_is_loopback(const char *host);
/* Refuses a BACKEND_HOST that others can reach unless ALLOW_REMOTE_WITHOUT_LOGIN is on (SO_FORBIDDEN): the server has
 * no logins yet. */
bool so_config_check_serve(const struct so_config *config, struct so_err *err) SO_MUST_CHECK;

/* `sqlopt config`: a line a variable with value, source and, where it has none yet, "no effect yet"; secrets as
 * "(set)". `json`: the same as an array of objects. */
void so_config_print(const struct so_config *config, bool json, struct so_buf *out);
/* The table as text for --help. */
void so_config_help(struct so_buf *out);

#endif
