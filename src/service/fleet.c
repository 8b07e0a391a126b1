#include "service/fleet.h"

#include <string.h>

#include "base/buf.h"
#include "base/fernet.h"
#include "base/field.h"
#include "base/map.h"
#include "monitor/monitor.h"
#include "service/targets.h"

const char *const so_apply_actions[] = { "created", "changed", "unchanged", "refused", NULL };

/* ---- a whole list made so ---- */

struct change {
	struct so_store_conn *row;
	bool is_new;
};

struct apply {
	struct so_service *service;
	struct so_scope scope;
	struct so_map *by_name; /* struct so_store_conn */
	int64_t total;
	struct change *changes;
	size_t n_changes;
	struct so_apply_outcome **of; /* the outcome of each change */
};

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Whether the secret given is the one that is kept. One that cannot be decrypted any more is not. */
static bool same_secret(TALLOC_CTX *ctx, const struct so_service *service, const char *given, const char *token)
{
	struct so_err ignored = SO_ERR_INIT;
	struct so_fernet_plain plain;

	if (!given || (!*given && !token))
		return true;
	return token && so_fernet_decrypt(ctx, service->fernet, token, 0, 0, &plain, &ignored) &&
	       strcmp(plain.text, given) == 0;
}

static void note_change(struct so_buf *buf, bool equal, const char *what)
{
	if (!equal)
		so_buf_addf(buf, "%s%s", buf->len ? ", " : "", what);
}

/* What of the old row the new one changes; "" for nothing. */
static char *compare(TALLOC_CTX *ctx, const struct so_service *service, const struct so_connection_input *input,
	const struct so_store_conn *row, const struct so_store_conn *old)
{
	SO_TMP(tmp, ctx);
	/* with a dsn the server's own words stand in these */
	bool words = old->dsn_token && (!input->dsn || *input->dsn);
	struct so_buf buf;

	so_buf_init(&buf, ctx, 1024);
	note_change(&buf, words || same(row->host, old->host), "host");
	note_change(&buf, words || row->port == old->port, "port");
	note_change(&buf, words || same(row->database, old->database), "database");
	note_change(&buf, words || same(row->username, old->username), "username");
	note_change(&buf, same_secret(tmp, service, input->password, old->password_token), "password");
	note_change(&buf, same_secret(tmp, service, input->dsn, old->dsn_token), "dsn");
	note_change(&buf, row->ssl_enabled == old->ssl_enabled, "ssl_enabled");
	note_change(&buf, same(row->tls_ca, old->tls_ca), "tls_ca");
	note_change(&buf, same(row->search_path, old->search_path), "search_path");
	note_change(&buf, row->scratch == old->scratch, "scratch");
	note_change(&buf, row->monitoring_enabled == old->monitoring_enabled, "monitoring_enabled");
	note_change(&buf, row->interval_s == old->interval_s, "interval_s");
	note_change(&buf, same(row->environment, old->environment), "environment");
	note_change(&buf, same(row->labels, old->labels), "labels");
	return buf.data ? buf.data : so_strdup(ctx, "");
}

static bool plan_one(TALLOC_CTX *ctx, struct apply *apply, const struct so_connection_input *input,
	struct so_apply_outcome *out, struct so_err *err)
{
	struct so_store_conn *old = input->name ? so_map_get(apply->by_name, input->name) : NULL;
	struct so_store_conn *row = so_new(ctx, struct so_store_conn);

	if (old)
		*row = *old;
	if (!so_connection_check(input, err) || !so_connection_row(ctx, apply->service, input, old, row, err))
		return false;
	if (old && old->id == 0)
		return so_fail(err, SO_INPUT, "the name comes twice");
	if (old && strcmp(old->engine, input->engine) != 0)
		return so_fail(err, SO_INPUT, "the engine of a connection cannot be changed; it is '%s'", old->engine);
	if (!old && ++apply->total > SO_MAX_CONNECTIONS)
		return so_fail(err, SO_LIMIT, "there are %d connections already, the limit", SO_MAX_CONNECTIONS);
	out->id = row->id;
	out->changes = old ? compare(ctx, apply->service, input, row, old) : NULL;
	out->action = !old ? SO_APPLY_CREATED : *out->changes ? SO_APPLY_CHANGED : SO_APPLY_UNCHANGED;
	if (out->action == SO_APPLY_UNCHANGED)
		return true;
	apply->of[apply->n_changes] = out;
	apply->changes[apply->n_changes++] = (struct change){ row, !old };
	if (!old && !so_map_put(apply->by_name, input->name, row))
		return so_fail(err, SO_LIMIT, "too many names");
	return true;
}

static bool apply_tx(struct so_store *tx, void *arg, struct so_err *err)
{
	struct apply *apply = arg;

	for (size_t i = 0; i < apply->n_changes; i++) {
		struct change *change = &apply->changes[i];
		struct so_store_audit entry = {
			.action = (char *)(change->is_new ? "connection.create" : "connection.update"),
			.object_type = (char *)"connection",
			.ok = true,
		};

		if (!(change->is_new ? so_store_conn_create(tx, apply->scope, change->row, err)
				     : so_store_conn_update(tx, apply->scope, change->row, err)))
			return false;
		entry.object_id = change->row->id;
		if (!so_store_audit_add(tx, apply->scope, &entry, err))
			return false;
	}
	return true;
}

static bool save(struct apply *apply, struct so_err *err)
{
	if (!apply->n_changes)
		return true;
	if (!so_store_tx(apply->service->store, apply_tx, apply, err))
		return false;
	for (size_t i = 0; i < apply->n_changes; i++) {
		apply->of[i]->id = apply->changes[i].row->id;
		if (!apply->changes[i].is_new)
			so_targets_forget(apply->service, apply->changes[i].row->id);
	}
	if (apply->service->monitor)
		so_monitor_changed(apply->service->monitor);
	return true;
}

bool so_service_connections_apply(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *inputs, size_t n, bool dry_run, struct so_apply_outcome *out,
	struct so_err *err)
{
	SO_TMP(tmp, NULL);
	struct so_store_conns *all = so_store_conn_list(tmp, service->store, scope, SO_MAX_CONNECTIONS, 0, err);
	struct apply apply = { .service = service, .scope = scope };
	bool refused = false;

	if (!all)
		return false;
	apply.total = all->total;
	apply.by_name = so_map_new(tmp, SO_MAX_CONNECTIONS + SO_APPLY_MAX + 1);
	apply.changes = so_new_array(tmp, struct change, n + 1);
	apply.of = so_new_array(tmp, struct so_apply_outcome *, n + 1);
	for (size_t i = 0; i < all->count; i++)
		if (!so_map_put(apply.by_name, all->items[i]->name, all->items[i]))
			return so_fail(err, SO_LIMIT, "too many connections");
	for (size_t i = 0; i < n; i++) {
		struct so_err why = SO_ERR_INIT;

		out[i] = (struct so_apply_outcome){ .name = inputs[i].name, .action = SO_APPLY_REFUSED };
		if (plan_one(ctx, &apply, &inputs[i], &out[i], &why))
			continue;
		out[i].action = SO_APPLY_REFUSED;
		out[i].error = so_strdup(ctx, why.message);
		refused = true;
	}
	return dry_run || refused || save(&apply, err);
}

/* ---- the databases of a server ---- */

static void find_registered(const struct so_store_conns *all, const char *engine, const char *host, int64_t port,
	struct so_found_database *found)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i]->engine, engine) == 0 && same(all->items[i]->host, host) &&
			all->items[i]->port == port && same(all->items[i]->database, found->name)) {
			found->connection_id = all->items[i]->id;
			return;
		}
}

static bool list_databases(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_conn_params *params, struct so_found_database **out, size_t *n, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	struct so_store_conns *all = so_store_conn_list(tmp, service->store, scope, SO_MAX_CONNECTIONS, 0, err);
	struct so_conn *conn = all ? so_target_open(tmp, params, NULL, err) : NULL;
	const struct so_engine *engine;
	char **names;

	if (!conn || !so_engine_databases(tmp, conn, &names, n, err))
		return false;
	engine = so_conn_engine(conn);
	*out = so_new_array(ctx, struct so_found_database, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		(*out)[i].name = so_strdup(*out, names[i]);
		find_registered(all, params->engine, params->host, params->port ? params->port : engine->default_port,
			&(*out)[i]);
	}
	return true;
}

bool so_service_databases_of(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *input, struct so_found_database **out, size_t *n, struct so_err *err)
{
	const struct so_engine *engine = so_engine_find(input->engine);
	struct so_connection_input entry = *input;
	struct so_conn_params params;

	entry.name = (char *)"discovery";
	if (engine && (!entry.database || !*entry.database) && engine->entry_database)
		entry.database = (char *)engine->entry_database;
	if (!so_connection_check(&entry, err))
		return false;
	if (!engine->databases)
		return so_fail(err, SO_UNSUPPORTED, "a connection of engine '%s' has one database only", engine->name);
	params = so_connection_params(&entry);
	return list_databases(ctx, service, scope, &params, out, n, err);
}

bool so_service_databases(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_found_database **out, size_t *n, struct so_err *err)
{
	SO_TMP(tmp, ctx);
	const struct so_store_conn *row = so_store_conn_get(tmp, service->store, scope, id, err);
	struct so_conn_params params;

	return row && so_target_params(tmp, service, row, &params, err) &&
	       list_databases(ctx, service, scope, &params, out, n, err);
}

/* ---- the servers there are ---- */

static const char *const states[] = { [SO_MONITOR_UNWATCHED] = "unwatched",
	[SO_MONITOR_PAUSED] = "paused",
	[SO_MONITOR_WAITING] = "waiting",
	[SO_MONITOR_RUNNING] = "running" };

/* Its connections are those of the list `all` that are named in `figures`, which is in the order of ids. */
static void fill_instance(
	struct so_service *service, struct so_instance_view *view, const struct so_store_figures *figures)
{
	enum so_monitor_state state = SO_MONITOR_UNWATCHED;

	size_t n = 0;

	for (size_t i = 0; i < figures->count; i++)
		n += figures->items[i]->instance_id == view->instance->id;
	view->connections = so_new_array(figures, const struct so_store_figure *, n + 1);
	for (size_t i = 0; i < figures->count; i++) {
		const struct so_store_figure *figure = figures->items[i];
		enum so_monitor_state own = SO_MONITOR_UNWATCHED;
		int64_t next_us = 0;

		if (figure->instance_id != view->instance->id)
			continue;
		view->connections[view->n++] = figure;
		if (!figure->monitoring_enabled)
			continue;
		if (service->monitor)
			own = so_monitor_state(service->monitor, figure->connection_id, &next_us);
		state = own > state ? own : state;
		if (next_us && (!view->next_us || next_us < view->next_us))
			view->next_us = next_us;
		if (figure->success_us > view->success_us)
			view->success_us = figure->success_us;
		if (figure->failures > view->failures) {
			view->failures = figure->failures;
			view->error = figure->error;
		}
	}
	view->state = states[state];
}

bool so_service_instances(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	struct so_instance_view **out, size_t *n, struct so_err *err)
{
	struct so_store_instances *list = so_store_instance_list(ctx, service->store, scope, SO_MAX_CONNECTIONS, err);
	struct so_store_figures *figures =
		list ? so_store_figure_list(ctx, service->store, scope, SO_MAX_CONNECTIONS, err) : NULL;

	if (!figures)
		return false;
	*n = list->count;
	*out = so_new_array(ctx, struct so_instance_view, list->count + 1);
	for (size_t i = 0; i < list->count; i++) {
		(*out)[i].instance = list->items[i];
		fill_instance(service, &(*out)[i], figures);
	}
	return true;
}
