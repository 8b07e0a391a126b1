/* How rows become structs: a shape lists the members of a struct in the order of the columns of its statements, and
 * both binding and reading follow it. Nobody outside of store/ includes this. */
#ifndef SO_STORE_ENTITY_H
#define SO_STORE_ENTITY_H

#include "store/backend.h"

enum so_column_type { SO_COLUMN_INT, SO_COLUMN_ENUM, SO_COLUMN_BOOL, SO_COLUMN_REAL, SO_COLUMN_TEXT };

struct so_entity_column {
	size_t offset;
	enum so_column_type type;
	bool read_only; /* the id, and what is counted on reading: not bound */
};

/* A member of any other type does not compile. */
#define SO_COLUMN(S, member, ...)                                                                                              \
	{                                                                                                                      \
		.offset = offsetof(S, member),                                                                               \
		.type = _Generic(((S *)0)->member,                                                                     \
			int64_t: SO_COLUMN_INT,                                                                        \
			unsigned: SO_COLUMN_ENUM,                                                                      \
			bool: SO_COLUMN_BOOL,                                                                          \
			double: SO_COLUMN_REAL,                                                                        \
			char *: SO_COLUMN_TEXT),                                                                       \
		__VA_ARGS__ \
	}

struct so_entity_shape {
	const char *noun; /* for messages: "connection" */
	const char *type; /* talloc name: "struct so_store_conn" */
	size_t size;
	int n_columns;
	const struct so_entity_column *columns;
};
#define SO_SHAPE(noun, S, columns)                                                                                     \
	{                                                                                                              \
		noun, #S, sizeof(S), sizeof(columns) / sizeof((columns)[0]), columns                                   \
	}

void so_param_int(struct so_params *params, int64_t value);
void so_param_text(struct so_params *params, const char *text); /* NULL: NULL */
void so_param_real(struct so_params *params, double value); /* NAN: NULL */
void so_param_null(struct so_params *params);
void so_param_blob(struct so_params *params, const void *bytes, size_t len); /* borrowed until it has run */
/* The writable members of `entity` in the order of its shape. */
void so_param_entity(struct so_params *params, const struct so_entity_shape *shape, const void *entity);

/* Reads the current row into a new object. */
void *so_row_read(TALLOC_CTX *ctx, const struct so_row *row, const struct so_entity_shape *shape);

/* The same layout as every list of store.h starts with. */
struct so_entities {
	size_t count;
	void **items;
	int64_t total;
};

/* Runs a statement for reading: in the view's transaction, or in a read session of its own. */
bool so_store_select(struct so_store *store, enum so_store_statement statement, const struct so_params *params,
	so_row_fn each, void *arg, struct so_err *err) SO_MUST_CHECK;
/* One row: ?1 organisation, ?2 id. SO_NOT_FOUND. */
void *so_entity_get(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement statement, struct so_scope scope,
	int64_t id, const struct so_entity_shape *shape, struct so_err *err) SO_MUST_CHECK;
/* Rows of `list` into `out` (children of ctx), the number of `count` into its total; `count` may be SO_STMT_MAX. */
bool so_entity_list(TALLOC_CTX *ctx, struct so_store *store, enum so_store_statement list,
	const struct so_params *list_params, enum so_store_statement count, const struct so_params *count_params,
	const struct so_entity_shape *shape, struct so_entities *out, struct so_err *err) SO_MUST_CHECK;

/* For use inside a transaction. */
bool so_session_run(struct so_store *tx, enum so_store_statement statement, const struct so_params *params,
	int64_t *changed, struct so_err *err) SO_MUST_CHECK;
/* Runs an INSERT ... RETURNING id; *id 0 when no row came back. */
bool so_session_insert(struct so_store *tx, enum so_store_statement statement, const struct so_params *params,
	int64_t *id, struct so_err *err) SO_MUST_CHECK;

/* A whole transaction of one statement; SO_NOT_FOUND "there is no <noun> <id>" when it changed nothing. */
bool so_store_write_one(struct so_store *store, enum so_store_statement statement, const struct so_params *params,
	const char *noun, int64_t id, struct so_err *err) SO_MUST_CHECK;

bool so_store_missing(struct so_err *err, const char *noun, int64_t id);
/* Why a write about a connection changed no row: it is gone, or another node was first (SO_CONFLICT). */
bool so_store_overtaken(
	struct so_store *tx, struct so_scope scope, int64_t connection_id, const char *what, struct so_err *err);
/* The limit that a list applies: 100 for 0, at most 10,000. */
int64_t so_store_limit(int64_t limit);

extern const struct so_entity_shape so_query_shape, so_finding_shape;
/* Inside a transaction: the row of the query's text, which is made when there is none. */
bool so_query_text_put(
	struct so_store *tx, const struct so_store_query *query, int64_t *text_id, struct so_err *err) SO_MUST_CHECK;

#endif
