#include "service/connections.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/field.h"
#include "base/fernet.h"
#include "base/secret.h"
#include "monitor/monitor.h"
#include "service/discover.h"
#include "service/targets.h"

/* Engines that the product is for; those without a driver in this build are refused with another message. */
static const char *const known_engines[] = { "postgresql", "mysql", "mariadb", "mssql", "oracle", "sqlite", NULL };

static bool check_engine(const char *engine, struct so_err *err)
{
	SO_TMP(tmp, NULL);

	if (so_engine_find(engine))
		return true;
	for (size_t i = 0; known_engines[i]; i++)
		if (strcmp(known_engines[i], engine) == 0)
			return so_fail(err, SO_UNSUPPORTED, "engine '%s' has no driver in this build; it supports %s",
				engine, so_engine_list(tmp));
	return so_fail(err, SO_INPUT,
		"engine '%.40s' is not known; use postgresql, mysql, mariadb, mssql, oracle or sqlite", engine);
}

const char *so_service_connection_lacks(const struct so_connection_input *input, size_t i)
{
	const struct so_engine *engine = so_engine_find(input->engine);
	const struct {
		unsigned where;
		const char *name, *value;
	} members[] = { { SO_WHERE_HOST, "host", input->host }, { SO_WHERE_DATABASE, "database", input->database },
		{ SO_WHERE_USER, "username", input->username } };

	for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
		if ((!members[k].value || !*members[k].value) && !(engine && engine->optional & members[k].where) &&
			i-- == 0)
			return members[k].name;
	return NULL;
}

/* Labels are for sorting: short words, no documents. */
static bool check_labels(const struct so_connection_input *input, struct so_err *err)
{
	const char *key;
	json_t *value;

	if (json_object_size(input->labels) > SO_LABELS_MAX)
		return so_fail(err, SO_INPUT, "labels: at most %d", SO_LABELS_MAX);
	json_object_foreach(input->labels, key, value)
	{
		size_t len = strlen(key);

		if (len == 0 || len > 63 ||
			len != strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"))
			return so_fail(err, SO_INPUT,
				"labels: '%.63s' is no name of a label; letters, digits, _ . - / and at most 63", key);
		if (!json_is_string(value) || json_string_length(value) > 255)
			return so_fail(err, SO_INPUT, "labels: '%s' must be a text of at most 255 bytes", key);
	}
	return true;
}

bool so_connection_check(const struct so_connection_input *input, struct so_err *err)
{
	if (!check_labels(input, err))
		return false;
	if (!input->name || !*input->name)
		return so_fail(err, SO_INPUT, "a connection needs a name");
	if (!input->engine || !check_engine(input->engine, err))
		return input->engine ? false : so_fail(err, SO_INPUT, "a connection needs an engine");
	if (input->dsn && *input->dsn)
		return true;
	if (so_service_connection_lacks(input, 0) && strcmp(so_service_connection_lacks(input, 0), "host") == 0)
		return so_fail(err, SO_INPUT,
			"a connection needs a host (name, address, or folder of a Unix socket) or a dsn");
	if (so_engine_find(input->engine)->optional & SO_WHERE_HOST && (!input->database || !*input->database))
		return so_fail(err, SO_INPUT,
			"a connection of engine '%s' needs a database (the path of its file) or a dsn", input->engine);
	if (input->host && (strpbrk(input->host, "=@ \t\r\n") || strstr(input->host, "://")))
		return so_fail(err, SO_INPUT,
			"host must be a name, an address, or the folder of a Unix socket; a URI or "
			"key=value text belongs into dsn");
	if (input->port < 0 || input->port > 65535)
		return so_fail(err, SO_INPUT, "port %lld is not within 1 to 65535", (long long)input->port);
	return true;
}

static void tell_monitor(struct so_service *service)
{
	if (service->monitor)
		so_monitor_changed(service->monitor);
}

static char *blank_to_null(TALLOC_CTX *ctx, const char *text)
{
	return text && *text ? so_strdup(ctx, text) : NULL;
}

struct so_conn_params so_connection_params(const struct so_connection_input *input)
{
	struct so_conn_params params = {
		.engine = input->engine,
		.dsn = input->dsn && *input->dsn ? input->dsn : NULL,
		.host = input->host,
		.port = input->port,
		.database = input->database,
		.username = input->username,
		.password = input->password,
		.search_path = input->search_path && *input->search_path ? input->search_path : NULL,
		.tls_ca = input->tls_ca && *input->tls_ca ? input->tls_ca : NULL,
	};

	params.tls = !input->ssl_enabled ? SO_TLS_PREFER : params.tls_ca ? SO_TLS_VERIFY_FULL : SO_TLS_REQUIRE;
	return params;
}

/* Encrypts what must not be readable at rest. */
static bool seal(TALLOC_CTX *ctx, struct so_service *service, const char *text, char **token, struct so_err *err)
{
	*token = NULL;
	if (!text)
		return true;
	*token = so_fernet_encrypt(ctx, service->fernet, text, strlen(text), err);
	return *token != NULL;
}

static char *labels_text(TALLOC_CTX *ctx, const json_t *labels)
{
	char *text = labels ? json_dumps(labels, JSON_COMPACT | JSON_SORT_KEYS) : NULL, *copy;

	copy = so_strdup(ctx, text ? text : "{}");
	free(text);
	return copy;
}

/* The row for an input; tokens of `old` are kept where the input has no new secret. */
bool so_connection_row(TALLOC_CTX *ctx, struct so_service *service, const struct so_connection_input *input,
	const struct so_store_conn *old, struct so_store_conn *row, struct so_err *err)
{
	row->name = so_strdup(ctx, input->name);
	row->engine = so_strdup(ctx, input->engine);
	row->host = so_strdup(ctx, input->host ? input->host : "");
	row->port = input->port ? input->port : so_engine_find(input->engine)->default_port;
	row->database = so_strdup(ctx, input->database ? input->database : "");
	row->username = so_strdup(ctx, input->username ? input->username : "");
	row->ssl_enabled = input->ssl_enabled;
	row->monitoring_enabled = input->monitoring_enabled;
	row->scratch = input->scratch;
	row->interval_s = input->interval_s == SO_INT_NONE ? 0 : input->interval_s;
	row->environment = so_strdup(ctx, input->environment ? input->environment : "");
	row->labels = labels_text(ctx, input->labels);
	row->tls_ca = blank_to_null(ctx, input->tls_ca);
	row->search_path = blank_to_null(ctx, input->search_path);
	if (!seal(ctx, service, input->password, &row->password_token, err) ||
		!seal(ctx, service, input->dsn && *input->dsn ? input->dsn : NULL, &row->dsn_token, err))
		return false;
	if (old && !input->password)
		row->password_token = so_strdup_or_null(ctx, old->password_token);
	if (old && !input->dsn)
		row->dsn_token = so_strdup_or_null(ctx, old->dsn_token);
	return true;
}

/* What the server says of itself, for rows whose DSN hides it. */
static void learn_from(TALLOC_CTX *ctx, struct so_conn *conn, struct so_store_conn *row)
{
	struct so_err ignored = SO_ERR_INIT;
	const struct so_engine_info *info = so_conn_engine(conn)->info(conn, &ignored);

	if (!info)
		return;
	row->server_flavor = so_strdup_or_null(ctx, info->flavor);
	if (!row->dsn_token)
		return;
	row->host = so_strdup(ctx, info->host_text ? info->host_text : row->host);
	row->database = so_strdup(ctx, info->database ? info->database : row->database);
	row->username = so_strdup(ctx, info->user ? info->user : row->username);
}

static bool audit(struct so_service *service, struct so_scope scope, const char *action, int64_t id, struct so_err *err)
{
	struct so_store_audit entry = {
		.action = (char *)action,
		.object_type = (char *)"connection",
		.object_id = id,
		.ok = true,
	};

	return so_store_audit_add(service->store, scope, &entry, err);
}

bool so_service_connection_login(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t like,
	struct so_connection_input *out, struct so_err *err)
{
	const struct so_store_conn *row = so_store_conn_get(ctx, service->store, scope, like, err);

	if (!row)
		return so_fail_in(err, "like");
	*out = (struct so_connection_input){ .engine = row->engine,
		.host = row->host,
		.port = row->port,
		.username = row->username,
		.ssl_enabled = row->ssl_enabled,
		.tls_ca = row->tls_ca,
		.monitoring_enabled = true,
		.interval_s = SO_INT_NONE };
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The first member that leads a login another way than the stored one goes, or NULL. */
static const char *leads_elsewhere(const struct so_connection_input *input, const struct so_store_conn *row)
{
	int64_t port = input->port ? input->port : so_engine_find(input->engine)->default_port;

	return !same_text(input->engine, row->engine)       ? "engine"
	       : !same_text(input->host, row->host)         ? "host"
	       : port != row->port                          ? "port"
	       : !same_text(input->username, row->username) ? "username"
	       : input->ssl_enabled != row->ssl_enabled     ? "ssl_enabled"
	       : !same_text(input->tls_ca, row->tls_ca)     ? "tls_ca"
							    : NULL;
}

/* Puts in the password of the connection that the new one is like: it goes nowhere but where it goes already. */
static bool borrow_password(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	struct so_connection_input *input, struct so_err *err)
{
	const struct so_store_conn *row = so_store_conn_get(ctx, service->store, scope, input->like, err);
	struct so_conn_params stored;
	const char *other;

	if (!row)
		return so_fail_in(err, "like");
	if (input->password || input->dsn)
		return so_fail(err, SO_INPUT, "like: has the password of '%s'; give that or one of your own, not both",
			row->name);
	if (row->dsn_token)
		return so_fail(err, SO_INPUT,
			"like: '%s' logs in with a dsn, which names its database; give host, username and password",
			row->name);
	other = leads_elsewhere(input, row);
	if (other)
		return so_fail(err, SO_INPUT,
			"%s: is not that of '%s', whose password goes to no other server and under no other login; "
			"leave %s out, or give a password in place of like",
			other, row->name, other);
	if (!so_target_params(ctx, service, row, &stored, err))
		return false;
	input->password = (char *)stored.password;
	return true;
}

bool so_service_connection_create(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *given, struct so_store_conn **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_connection_input own = *given, *input = &own;
	struct so_store_conn *row = so_new(tmp, struct so_store_conn);
	struct so_conn_params params;
	struct so_store_conns *all;
	struct so_conn *conn;

	if (!so_connection_check(input, err) ||
		(input->like > 0 && !borrow_password(tmp, service, scope, input, err)) ||
		!so_connection_row(row, service, input, NULL, row, err))
		return false;
	params = so_connection_params(input);
	all = so_store_conn_list(tmp, service->store, scope, SO_MAX_CONNECTIONS, 0, err);
	if (!all)
		return false;
	if (all->total >= SO_MAX_CONNECTIONS)
		return so_fail(err, SO_LIMIT, "there are %d connections already, the limit", SO_MAX_CONNECTIONS);
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i]->name, input->name) == 0)
			return so_fail(err, SO_CONFLICT, "a connection named '%s' exists already", input->name);
	conn = so_target_open(tmp, &params, NULL, err);
	if (!conn)
		return so_fail_in(err, "connection test failed");
	learn_from(row, conn, row);
	if (!so_store_conn_create(service->store, scope, row, err) ||
		!audit(service, scope, "connection.create", row->id, err))
		return false;
	if (row->monitoring_enabled) {
		struct so_err ignored = SO_ERR_INIT;
		int64_t job_id;

		/* a full queue is no reason to refuse the connection: it only has nothing to show yet */
		if (!so_service_discover(service, scope, row->id, &job_id, &ignored))
			row->last_monitored_us = 0;
	}
	tell_monitor(service);
	*out = talloc_steal(ctx, row);
	return true;
}

bool so_service_connection_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	struct so_store_conns **out, struct so_err *err)
{
	*out = so_store_conn_list(ctx, service->store, scope, SO_MAX_CONNECTIONS, 0, err);
	return *out != NULL;
}

/* "team:payments" or "team". */
static bool has_label(const struct so_store_conn *conn, const char *wanted)
{
	SO_TMP(tmp, NULL);
	const char *colon = strchr(wanted, ':');
	const char *key = colon ? so_strndup(tmp, wanted, (size_t)(colon - wanted)) : wanted;
	json_t *labels = json_loads(conn->labels, 0, NULL);
	const char *value = json_string_value(json_object_get(labels, key));
	bool has = value && (!colon || strcmp(value, colon + 1) == 0);

	json_decref(labels);
	return has;
}

void so_service_connection_filter(struct so_store_conns *list, const struct so_connection_filter *filter)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct so_store_conn *conn = list->items[i];

		if ((!filter->environment || strcmp(conn->environment, filter->environment) == 0) &&
			(!filter->engine || strcmp(conn->engine, filter->engine) == 0) &&
			(!filter->instance_id || conn->instance_id == filter->instance_id) &&
			(!filter->label || has_label(conn, filter->label)))
			list->items[n++] = list->items[i];
	}
	list->count = n;
	list->total = (int64_t)n;
}

bool so_service_connection_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_store_conn **out, struct so_err *err)
{
	*out = so_store_conn_get(ctx, service->store, scope, id, err);
	return *out != NULL;
}

bool so_service_connection_as_input(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_connection_input *out, struct so_err *err)
{
	const struct so_store_conn *row = so_store_conn_get(ctx, service->store, scope, id, err);

	if (!row)
		return false;
	*out = (struct so_connection_input){
		.name = row->name,
		.engine = row->engine,
		.host = row->host,
		.port = row->port,
		.database = row->database,
		.username = row->username,
		.ssl_enabled = row->ssl_enabled,
		.monitoring_enabled = row->monitoring_enabled,
		.tls_ca = row->tls_ca,
		.search_path = row->search_path,
		.scratch = row->scratch,
		.interval_s = row->interval_s ? row->interval_s : SO_INT_NONE,
		.environment = row->environment,
		.labels = so_json_own(ctx, json_loads(row->labels, 0, NULL)),
	};
	return true;
}

/* Whether a login with these values could go another way than with the stored ones. */
static bool login_changed(const struct so_connection_input *input, const struct so_store_conn *old)
{
	return input->password || input->dsn || !same_text(input->host, old->host) || input->port != old->port ||
	       !same_text(input->database, old->database) || !same_text(input->username, old->username) ||
	       input->ssl_enabled != old->ssl_enabled || !same_text(input->tls_ca, old->tls_ca) ||
	       !same_text(input->search_path, old->search_path);
}

bool so_service_connection_update(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	const struct so_connection_input *input, struct so_store_conn **out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_conn *old = so_store_conn_get(tmp, service->store, scope, id, err), *row;
	struct so_conn_params params;

	if (!old || !so_connection_check(input, err))
		return false;
	if (strcmp(input->engine, old->engine) != 0)
		return so_fail(
			err, SO_INPUT, "the engine of a connection cannot be changed; create another connection");
	row = so_new(tmp, struct so_store_conn);
	*row = *old;
	if (!so_connection_row(row, service, input, old, row, err))
		return false;
	if (login_changed(input, old)) {
		struct so_conn *conn;

		if (!so_target_params(tmp, service, row, &params, err))
			return false;
		conn = so_target_open(tmp, &params, NULL, err);
		if (!conn)
			return so_fail_in(err, "connection test failed");
		learn_from(row, conn, row);
	}
	if (!so_store_conn_update(service->store, scope, row, err) ||
		!audit(service, scope, "connection.update", id, err))
		return false;
	so_targets_forget(service, id);
	tell_monitor(service);
	return so_service_connection_get(ctx, service, scope, id, out, err);
}

bool so_service_connection_delete(struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err)
{
	if (!so_store_conn_delete(service->store, scope, id, err))
		return false;
	so_targets_forget(service, id);
	tell_monitor(service);
	return audit(service, scope, "connection.delete", id, err);
}

/* The check that a failed connect stands for. */
static const struct so_check *failed_check(TALLOC_CTX *ctx, const struct so_err *why)
{
	static const struct {
		enum so_kind kind;
		const char *id, *title;
	} checks[] = {
		{ SO_UNREACHABLE, "reach", "The server can be reached" },
		{ SO_TIMEOUT, "reach", "The server can be reached" },
		{ SO_DENIED, "login", "The login is accepted" },
		{ SO_NOT_FOUND, "database", "The database exists" },
		{ SO_INPUT, "settings", "The connection settings are valid" },
	};
	struct so_check *check = so_new(ctx, struct so_check);

	check->id = "connect";
	check->title = so_strdup(ctx, "A connection can be made");
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		if (checks[i].kind == why->kind) {
			check->id = checks[i].id;
			check->title = so_strdup(ctx, checks[i].title);
		}
	}
	check->required = true;
	check->detail = so_strdup(ctx, why->message);
	return check;
}

static bool run_test(TALLOC_CTX *ctx, const struct so_conn_params *params, struct so_connection_test *out)
{
	int64_t start_us = so_time_monotonic_us(), latency_us = 0;
	struct so_err why = SO_ERR_INIT;
	struct so_conn *conn = so_target_open(ctx, params, NULL, &why);
	const struct so_engine_info *info = conn ? so_conn_engine(conn)->info(conn, &why) : NULL;

	if (!info || !so_conn_engine(conn)->ping(conn, &latency_us, &why)) {
		*out = (struct so_connection_test){
			.message = so_strdup(ctx, why.message),
			.latency_ms = -1,
			.n_checks = 1,
			.checks = failed_check(ctx, &why),
		};
		return true;
	}
	*out = (struct so_connection_test){
		.success = true,
		.latency_ms = (double)latency_us / 1000,
		.server_version = so_strdup_or_null(ctx, info->version),
		.flavor = so_strdup_or_null(ctx, info->flavor),
		.n_checks = info->n_checks,
		.checks = info->checks, /* they live as long as `conn`, a child of ctx */
	};
	for (size_t i = 0; i < info->n_checks; i++)
		out->success = out->success && (info->checks[i].ok || !info->checks[i].required);
	out->message = out->success ? so_printf(ctx, "connected to %s %s in %.1f ms", params->engine, info->version,
					      (double)(so_time_monotonic_us() - start_us) / 1000)
				    : so_strdup(ctx, "connected, but a required check failed; see the list");
	return true;
}

bool so_service_connection_test(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_connection_test *out, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	const struct so_store_conn *row = so_store_conn_get(tmp, service->store, scope, id, err);
	struct so_conn_params params;

	return row && so_target_params(tmp, service, row, &params, err) && run_test(ctx, &params, out);
}

bool so_service_connection_try(TALLOC_CTX *ctx, struct so_service *service, const struct so_connection_input *input,
	struct so_connection_test *out, struct so_err *err)
{
	struct so_conn_params params = so_connection_params(input);

	(void)service;
	return so_connection_check(input, err) && run_test(ctx, &params, out);
}
