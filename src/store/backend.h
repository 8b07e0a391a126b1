/* What a backend gives to the entities of the store: named statements in a session, and transactions that are durable
 * when they return. Nobody outside of store/ includes this. */
#ifndef SO_STORE_BACKEND_H
#define SO_STORE_BACKEND_H

#include "store/statements.h"
#include "store/store.h"

enum { SO_PARAMS_MAX = 32 };

struct so_value {
	enum { SO_VALUE_NULL, SO_VALUE_INT, SO_VALUE_REAL, SO_VALUE_TEXT, SO_VALUE_BLOB } type;
	union {
		int64_t number;
		double real;
		const char *text; /* borrowed until the statement has run */
		const void *bytes; /* the same */
	};
	size_t len; /* of bytes */
};

struct so_params {
	int count;
	struct so_value values[SO_PARAMS_MAX];
};

struct so_session; /* a backend's connection: one user at a time */

/* The current row of a statement. Valid inside the callback. NULL reads as 0, NAN, NULL. */
struct so_row {
	const struct so_row_ops *ops;
	void *raw;
};
struct so_row_ops {
	int (*columns)(void *raw);
	int64_t (*number)(void *raw, int at);
	double (*real)(void *raw, int at);
	const char *(*text)(void *raw, int at);
	const void *(*blob)(void *raw, int at, size_t *len);
};
typedef void (*so_row_fn)(const struct so_row *row, void *arg);

typedef bool (*so_tx_fn)(struct so_session *session, void *arg, struct so_err *err);

struct so_backend_ops {
	const char *scheme; /* "sqlite:" */
	/* A talloc object whose destructor writes what is queued and closes. */
	void *(*open)(TALLOC_CTX *ctx, const char *url, const struct so_store_options *options, struct so_err *err);
	/* See so_store_tx and so_store_tx_lazy. */
	bool (*tx)(void *backend, so_tx_fn fn, void *arg, bool lazy, struct so_err *err);
	/* A session for reading one consistent state; read_end must follow. */
	struct so_session *(*read_begin)(void *backend, struct so_err *err);
	void (*read_end)(void *backend, struct so_session *session);
	/* Runs a statement, calls `each` (may be NULL) for every row; *changed (may be NULL): rows written. */
	bool (*run)(struct so_session *session, enum so_store_statement statement, const struct so_params *params,
		so_row_fn each, void *arg, int64_t *changed, struct so_err *err);
	/* The clock of the machine that the data is on, wall time. */
	int64_t (*clock_us)(void *backend);
	/* Bytes in use: what the file holds less what is free in it. */
	bool (*used)(void *backend, int64_t *bytes, struct so_err *err);
	/* See so_store_shrink. */
	bool (*shrink)(void *backend, int64_t most_bytes, bool *more, struct so_err *err);
	bool (*stats)(void *backend, struct so_store_stats *out, struct so_err *err);
};

extern const struct so_backend_ops so_store_sqlite;

struct so_store {
	const struct so_backend_ops *ops;
	void *backend;
	struct so_session *session; /* NULL, or the transaction that this view is bound to */
};

#endif
