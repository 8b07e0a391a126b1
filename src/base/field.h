/* Field tables: one static row per member of a struct drives JSON decoding (all errors at once), encoding, query
 * parameters and the JSON schema of OpenAPI. A member of a type that the table does not know does not compile. */
#ifndef SO_BASE_FIELD_H
#define SO_BASE_FIELD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum so_field_type { SO_T_STR, SO_T_INT, SO_T_REAL, SO_T_BOOL, SO_T_STRS, SO_T_JSON };

#define SO_F_REQUIRED 0x01u /* decoding fails without it; in answers every field is always present */
#define SO_F_SECRET   0x02u /* write only: never encoded, never in the schema of an answer */
#define SO_F_NULLABLE 0x04u /* null allowed: NULL, SO_INT_NONE or NAN in the struct */
#define SO_F_TIME     0x08u /* int64 microseconds in the struct, RFC 3339 text outside; 0 and SO_INT_NONE are null */
#define SO_F_LIST     0x10u /* SO_T_JSON only: an array (of `.of`, when given) */
#define SO_F_MAP      0x20u /* SO_T_JSON only: an object with free keys (values of `.of`, when given) */
#define SO_F_BLANK_OK 0x40u /* a string of blanks only is accepted although `.min` > 0 */

#define SO_F_MAYBE 0x80u /* may be absent from an answer (shapes that others encode) */

/* The value of an optional integer that was not given, or is null. */
#define SO_INT_NONE INT64_MIN

struct so_resource;
struct so_field_errors;

struct so_field {
	const char *name;
	size_t offset;
	enum so_field_type type;
	unsigned flags;
	int64_t min, max; /* value, or bytes of a string, or items of a list; both 0: no limit */
	const char *deflt; /* text form of the value that a missing member gets; NULL: none */
	const char *const *one_of; /* NULL-terminated words allowed */
	const struct so_resource *of; /* SO_T_JSON: shape of the object, or of each item with SO_F_LIST */
	const char *doc;
};

#define SO_FIELD(S, m, ...) SO_FIELD_AS(S, m, #m, __VA_ARGS__)
/* The same under another name than the member's. */
#define SO_FIELD_AS(S, m, json_name, ...)                                                                                \
	{                                                                                                                \
		.name = (json_name), .offset = offsetof(S, m),                                                         \
		.type = _Generic(((S *)0)->m, char *: SO_T_STR, const char *: SO_T_STR, int64_t: SO_T_INT,             \
			double: SO_T_REAL, bool: SO_T_BOOL, struct so_strs *: SO_T_STRS, json_t *: SO_T_JSON),         \
		__VA_ARGS__ \
	}

struct so_strs {
	size_t count;
	char **items;
};

/* A named shape: the row of a struct in the API. At most 64 fields. */
struct so_resource {
	const char *name; /* OpenAPI component: "Connection" */
	const char *doc;
	const struct so_field *fields;
	size_t n_fields;
	size_t size; /* sizeof the struct */
	bool ignore_unknown; /* unknown members of a body are ignored (older API) instead of errors */
	/* Rules across fields, run when every field is good by itself: appends to `errors`; or NULL. */
	void (*check)(const void *object, struct so_field_errors *errors);
};

#define SO_RESOURCE(S, table, ...)                                                                                     \
	{                                                                                                              \
		.fields = table, .n_fields = sizeof(table) / sizeof((table)[0]), .size = sizeof(S), __VA_ARGS__        \
	}

/* Takes over one reference of `json` for the life of `ctx`: the document is released with it. Returns `json`. */
json_t *so_json_own(TALLOC_CTX *ctx, json_t *json);

/* What decoding found wrong: a JSON array of {"loc":["body","port"],"msg":"...","type":"..."}; NULL when nothing.
 * Types: missing, type_error, value_error, unknown_field. */
struct so_field_errors {
	json_t *list; /* owned by `ctx` */
	TALLOC_CTX *ctx;
};

void so_field_errors_init(struct so_field_errors *errors, TALLOC_CTX *ctx);
/* Appends one error; `name` NULL means the whole of `where`. The message is printf form. */
void so_field_error(struct so_field_errors *errors, const char *where, const char *name, const char *type,
	const char *fmt, ...) SO_PRINTF(5, 6);

/* Decodes the JSON object `body` into a zeroed struct of the resource; returns it, or NULL after appending every error
 * found. Strings are copied under `ctx`; json_t members hold a reference that `ctx` owns. Missing members get their
 * default, else NULL, SO_INT_NONE, NAN or false. `present` (may be NULL) gets a bit per field that the body held. */
void *so_field_decode(TALLOC_CTX *ctx, const struct so_resource *resource, const json_t *body, uint64_t *present,
	struct so_field_errors *errors);

/* The same for text parameters, such as those of a query string. `lookup` returns the value or NULL. */
void *so_field_decode_text(TALLOC_CTX *ctx, const struct so_resource *resource, const char *where,
	const char *(*lookup)(void *arg, const char *name), void *arg, uint64_t *present,
	struct so_field_errors *errors);

/* Bit of a field in `present`; the field must exist. */
uint64_t so_field_bit(const struct so_resource *resource, const char *name);

/* Copies the members whose bit is set: a partial update over stored values. */
void so_field_merge(const struct so_resource *resource, void *to, const void *from, uint64_t present);

/* New reference: every field of the struct except secrets. */
json_t *so_field_encode(const struct so_resource *resource, const void *object);
/* New reference: an array of `n` structs that lie one after another. */
json_t *so_field_encode_list(const struct so_resource *resource, const void *objects, size_t n);

/* New reference: JSON schema (2020-12). `answer` false: of a request body (required and defaults as decoded), true: of
 * an answer (all fields present, secrets absent). Other resources are references to "#/components/schemas/NAME". */
json_t *so_field_schema(const struct so_resource *resource, bool answer);
/* New reference: schema of one field. */
json_t *so_field_schema_of(const struct so_field *field, bool answer);

#endif
