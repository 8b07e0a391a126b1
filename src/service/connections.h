/* Connections: the databases that users registered. */
#ifndef SO_SERVICE_CONNECTIONS_H
#define SO_SERVICE_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "engine/engine.h"
#include "service/service.h"
#include "store/store.h"

/* What a user enters. For an update: the stored values, overwritten by the members that the request names; a NULL
 * password then means "keep". */
struct so_connection_input {
	char *name, *engine, *host, *database, *username, *password;
	int64_t port;
	bool ssl_enabled, monitoring_enabled;
	char *dsn; /* optional: URI, key=value or service=...; wins over host, port, database, username */
	char *tls_ca; /* optional: file with the CA's certificate; with ssl_enabled the server's name is then verified
		       */
	char *search_path; /* optional: "app, public" */
	bool scratch; /* permission to create and drop objects of our own: indexes to be measured, temporary tables */
	int64_t interval_s; /* seconds between polls, SO_INT_NONE: as configured */
	char *environment; /* "production" ..., or NULL */
	json_t *labels; /* object of texts, or NULL; borrowed */
	int64_t like; /* a new one only: the connection whose password is used; 0, SO_INT_NONE: none */
};

#define SO_LABELS_MAX 32

struct so_connection_filter { /* NULL or 0: any */
	const char *environment, *engine;
	const char *label; /* "team:payments", or "team" for any value */
	int64_t instance_id;
};

struct so_connection_test {
	bool success;
	char *message;
	double latency_ms; /* -1 when the server was not reached */
	char *server_version, *flavor; /* NULL when not known */
	size_t n_checks;
	const struct so_check *checks;
};

/* Which of "host", "database" and "username" the engine needs and the input, which has no dsn, lacks: the i-th, or
 * NULL. */
const char *so_service_connection_lacks(const struct so_connection_input *input, size_t i);
/* Tests the login first; fails with the reason when it does not work, with SO_CONFLICT when the name is taken. With
 * `like`, all that leads to the server has to be as it is in that connection, or its password could be had by naming
 * another server; and that one must log in without a DSN, which has a database of its own. */
bool so_service_connection_create(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	const struct so_connection_input *input, struct so_store_conn **out, struct so_err *err) SO_MUST_CHECK;
bool so_service_connection_list(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope,
	struct so_store_conns **out, struct so_err *err) SO_MUST_CHECK;
/* Takes out of the list what the filter does not want. */
void so_service_connection_filter(struct so_store_conns *list, const struct so_connection_filter *filter);
bool so_service_connection_get(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_store_conn **out, struct so_err *err) SO_MUST_CHECK;
/* What leads to the server of a stored connection as an input, to be overwritten by what is given of a new one. */
bool so_service_connection_login(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t like,
	struct so_connection_input *out, struct so_err *err) SO_MUST_CHECK;
/* The stored values as an input (password NULL), to be overwritten by a PUT. */
bool so_service_connection_as_input(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_connection_input *out, struct so_err *err) SO_MUST_CHECK;
/* Tests the login again when anything that matters to it changed. */
bool so_service_connection_update(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	const struct so_connection_input *input, struct so_store_conn **out, struct so_err *err) SO_MUST_CHECK;
/* With all its history. */
bool so_service_connection_delete(
	struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;
/* Never fails for what the target answers: that is a result with success false and the reason. Fails on an unknown id.
 */
bool so_service_connection_test(TALLOC_CTX *ctx, struct so_service *service, struct so_scope scope, int64_t id,
	struct so_connection_test *out, struct so_err *err) SO_MUST_CHECK;
/* The same for values that are not stored yet. Fails on values that are wrong in themselves (unknown engine ...). */
bool so_service_connection_try(TALLOC_CTX *ctx, struct so_service *service, const struct so_connection_input *input,
	struct so_connection_test *out, struct so_err *err) SO_MUST_CHECK;

/* ---- for the other use cases about connections ---- */

/* Everything about an input that can be judged without the server. */
bool so_connection_check(const struct so_connection_input *input, struct so_err *err) SO_MUST_CHECK;
/* How to log in with an input; borrows its texts. */
struct so_conn_params so_connection_params(const struct so_connection_input *input);
/* Fills the row for an input, secrets encrypted; those of `old` (or NULL) stay where the input has none. */
bool so_connection_row(TALLOC_CTX *ctx, struct so_service *service, const struct so_connection_input *input,
	const struct so_store_conn *old, struct so_store_conn *row, struct so_err *err) SO_MUST_CHECK;

#endif
