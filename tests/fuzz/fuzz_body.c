/* Request bodies: any JSON is decoded into a struct or refused with a list of errors; what was decoded can be encoded.
 */
#include <math.h>
#include <stdint.h>

#include <jansson.h>
#include <talloc.h>

#include "base/field.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct target {
	char *name, *engine, *password, *note;
	int64_t port, query_id, seen_us;
	double ratio;
	bool enabled;
	struct so_strs *tags;
	json_t *extra, *items;
};

static const char *const engines[] = { "postgresql", "mysql", NULL };
static const struct so_field item_fields[] = {
	SO_FIELD(struct target, name, .flags = SO_F_REQUIRED, .max = 4),
	SO_FIELD(struct target, seen_us, .flags = SO_F_TIME),
};
static const struct so_resource item = SO_RESOURCE(struct target, item_fields, .name = "Item");
static const struct so_field target_fields[] = {
	SO_FIELD(struct target, name, .flags = SO_F_REQUIRED, .min = 1, .max = 8),
	SO_FIELD(struct target, engine, .one_of = engines),
	SO_FIELD(struct target, password, .flags = SO_F_SECRET, .max = 64),
	SO_FIELD(struct target, note, .flags = SO_F_NULLABLE),
	SO_FIELD(struct target, port, .min = 1, .max = 65535, .deflt = "5432"),
	SO_FIELD(struct target, query_id, .flags = SO_F_NULLABLE, .min = 1, .max = INT64_MAX),
	SO_FIELD(struct target, seen_us, .flags = SO_F_TIME | SO_F_NULLABLE),
	SO_FIELD(struct target, ratio, .flags = SO_F_NULLABLE),
	SO_FIELD(struct target, enabled, .deflt = "true"),
	SO_FIELD(struct target, tags, .max = 3),
	SO_FIELD(struct target, extra, .flags = SO_F_MAP),
	SO_FIELD(struct target, items, .flags = SO_F_LIST, .of = &item),
};
static const struct so_resource resource = SO_RESOURCE(struct target, target_fields, .name = "Target");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *root = talloc_new(NULL);
	json_t *body = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
	struct so_field_errors errors;
	const struct target *target;
	uint64_t present = 0;

	so_field_errors_init(&errors, root);
	target = body ? so_field_decode(root, &resource, body, &present, &errors) : NULL;
	if (body && !target == !json_array_size(errors.list))
		__builtin_trap(); /* refused without a reason, or accepted with errors */
	if (target) {
		json_t *answer = so_field_encode(&resource, target);

		if (json_object_get(answer, "password"))
			__builtin_trap();
		json_decref(answer);
	}
	json_decref(body);
	talloc_free(root);
	return 0;
}
