#include "base/config.h"

#include <stddef.h>

static const char *const log_levels[] = { "debug", "info", "warn", "error", NULL };
static const char *const log_formats[] = { "text", "json", NULL };

#define AT(member) offsetof(struct so_config, member)

/* Order is the order of `sqlopt config`. A row is never renamed: files of users name it. */
const struct so_config_var so_config_vars[] = {
	{ "BACKEND_HOST", "--backend-host", SO_CONFIG_TEXT, AT(backend_host), 1, 255, "127.0.0.1",
		.doc = "Address to listen on. One that other machines can reach is refused while there are no logins, "
		       "see ALLOW_REMOTE_WITHOUT_LOGIN." },
	{ "BACKEND_PORT", "--backend-port", SO_CONFIG_INT, AT(backend_port), 0, 65535, "8000",
		.doc = "Port to listen on; 0 takes a free one." },
	{ "ALLOW_REMOTE_WITHOUT_LOGIN", "--allow-remote-without-login", SO_CONFIG_BOOL, AT(allow_remote_without_login),
		.deflt = "false",
		.doc = "Listen on a public address although anybody who reaches it can use everything." },
	{ "ALLOWED_HOSTS", "--allowed-hosts", SO_CONFIG_LIST, AT(allowed_hosts), 0, 255, "",
		.doc = "Host names under which the server may be addressed besides loopback names, comma-separated." },
	{ "CORS_ORIGINS", "--cors-origins", SO_CONFIG_ORIGINS, AT(cors_origins), 0, 255,
		"http://localhost:3000,http://localhost:5173",
		.doc = "Web origins that may call the API, comma-separated." },
	{ "DATABASE_URL", "--database-url", SO_CONFIG_DATABASE, AT(database_url), 1, 1024, NULL,
		.doc = "Where history and state are kept: sqlite:///relative/path or sqlite:////absolute/path; the "
		       "folder is created. Default: sqlopt.db in $STATE_DIRECTORY (set by systemd), else in "
		       "$XDG_DATA_HOME/sqlopt, else in ~/.local/share/sqlopt." },
	{ "ENCRYPTION_KEY", NULL, SO_CONFIG_KEYS, AT(encryption_key), 0, 1024, "", .secret = true,
		.doc = "Fernet key for stored passwords; several, comma-separated: the first encrypts, all decrypt. "
		       "When it is missing, one is generated into sqlopt.keys beside the store." },
	{ "SECRET_KEY", NULL, SO_CONFIG_TEXT, AT(secret_key), 32, 1024, "", .secret = true, .no_effect = true,
		.doc = "Key that signs login sessions, at least 32 characters. When it is missing, one is generated "
		       "into sqlopt.keys beside the store." },
	{ "ENABLE_DDL_EXECUTION", "--enable-ddl-execution", SO_CONFIG_BOOL, AT(enable_ddl_execution), .deflt = "false",
		.doc = "Allow proposals to be applied to targets when somebody asks for it." },
	{ "MAX_DDL_EXECUTION_TIME_SECONDS", "--max-ddl-execution-time-seconds", SO_CONFIG_INT,
		AT(max_ddl_execution_time_s), 1, 86400, "300", .doc = "Longest time one applied statement may run." },
	{ "BUSINESS_HOURS_ONLY", "--business-hours-only", SO_CONFIG_BOOL, AT(business_hours_only), .deflt = "false",
		.no_effect = true, .doc = "Apply only outside of business hours." },
	{ "OLLAMA_BASE_URL", "--ollama-base-url", SO_CONFIG_URL, AT(ollama_base_url), 0, 1024, "http://localhost:11434",
		.doc = "Model server; empty: none. Everything works without one." },
	{ "OLLAMA_MODEL", "--ollama-model", SO_CONFIG_TEXT, AT(ollama_model), 1, 255, "qwen2.5-coder:7b",
		.doc = "Model that is asked for further proposals." },
	{ "OLLAMA_TIMEOUT", "--ollama-timeout", SO_CONFIG_INT, AT(ollama_timeout_s), 1, 3600, "300",
		.doc = "Seconds that one question to the model may take." },
	{ "MONITORING_ENABLED", "--monitoring-enabled", SO_CONFIG_BOOL, AT(monitoring_enabled), .deflt = "true",
		.doc = "Poll the statistics views of connections from the start; else when somebody asks for it." },
	{ "MONITORING_INTERVAL_MINUTES", "--monitoring-interval-minutes", SO_CONFIG_INT, AT(monitoring_interval_min), 1,
		1440, "60",
		.doc = "Minutes between polls of a server; each minute in its first hour. A connection may say "
		       "otherwise." },
	{ "MONITORING_ACTIVITY_SECONDS", "--monitoring-activity-seconds", SO_CONFIG_INT, AT(monitoring_activity_s), 0,
		3600, "0",
		.doc = "Seconds between looks at what the sessions of the watched databases do, summed up by minute. "
		       "0: "
		       "never." },
	{ "MONITORING_PARAMETERS", "--monitoring-parameters", SO_CONFIG_BOOL, AT(monitoring_parameters),
		.deflt = "true",
		.doc = "Keep values that watched statements are called with, encrypted, to plan and prove with. Off: "
		       "none are kept, and those there are deleted." },
	{ "MONITORING_THREADS", "--monitoring-threads", SO_CONFIG_INT, AT(monitoring_threads), 1, 64, "4",
		.doc = "Servers that are polled at a time." },
	{ "MONITORING_MAX_STATEMENTS", "--monitoring-max-statements", SO_CONFIG_INT, AT(monitoring_max_statements), 100,
		100000, "20000",
		.doc = "Statements that one poll of a server reads; of more, those with the largest total time." },
	{ "MAX_QUERIES_PER_POLL", "--max-queries-per-poll", SO_CONFIG_INT, AT(max_queries_per_poll), 1, 10000, "100",
		.doc = "Statements that a poll stores one by one: so many of each ranking by time, calls, mean and "
		       "reads. "
		       "The rest is stored as one." },
	{ "HISTORY_SAMPLE_DAYS", "--history-sample-days", SO_CONFIG_INT, AT(history_sample_days), 1, 365, "7",
		.doc = "Days for which the figures of every poll are kept." },
	{ "HISTORY_HOURLY_DAYS", "--history-hourly-days", SO_CONFIG_INT, AT(history_hourly_days), 1, 3650, "62",
		.doc = "Days for which hourly figures are kept." },
	{ "HISTORY_DAILY_DAYS", "--history-daily-days", SO_CONFIG_INT, AT(history_daily_days), 1, 36500, "800",
		.doc = "Days for which daily figures are kept." },
	{ "HISTORY_MAX_MB", "--history-max-mb", SO_CONFIG_INT, AT(history_max_mb), 0, 100000000, "4096",
		.doc = "MiB that the store may use: over it the figures of the oldest polls go first. 0: no limit." },
	{ "ALERT_ALLOWED_HOSTS", "--alert-allowed-hosts", SO_CONFIG_LIST, AT(alert_allowed_hosts), 0, 255, "",
		.doc = "Hosts that alerts may be sent to, comma-separated; \".example.com\" stands for all names below "
		       "it. They may have private addresses. Empty: any host with a public address." },
	{ "METRICS_MAX_CONNECTIONS", "--metrics-max-connections", SO_CONFIG_INT, AT(metrics_max_connections), 0, 5000,
		"1000", .doc = "Connections that /metrics tells figures of, those with the lowest ids." },
	{ "LOG_LEVEL", "--log-level", SO_CONFIG_CHOICE, AT(log_level), .deflt = "info", .choices = log_levels,
		.doc = "Least severe lines that are logged: debug, info, warn, error." },
	{ "LOG_FORMAT", "--log-format", SO_CONFIG_CHOICE, AT(log_format), .deflt = "text", .choices = log_formats,
		.doc = "Log lines as text or as json." },
	{ "HTTP_THREADS", "--http-threads", SO_CONFIG_INT, AT(http_threads), 1, 64, "2",
		.doc = "Threads that read and write HTTP." },
	{ "REQUEST_THREADS", "--request-threads", SO_CONFIG_INT, AT(request_threads), 1, 128, "8",
		.doc = "Threads that answer requests." },
	{ "REQUEST_QUEUE", "--request-queue", SO_CONFIG_INT, AT(request_queue), 1, 65536, "1024",
		.doc = "Requests that may wait for a thread; more are answered 503." },
	{ "JOB_THREADS", "--job-threads", SO_CONFIG_INT, AT(job_threads), 1, 64, "4",
		.doc = "Jobs that run at a time." },
	{ "JOB_QUEUE", "--job-queue", SO_CONFIG_INT, AT(job_queue), 1, 65536, "600",
		.doc = "Jobs that may wait for a thread; more are refused." },
	{ .name = NULL },
};
