/* Notes on the time line: a deployment, a change, an incident. Charts show them; each one made or deleted is an event.
 */
#ifndef SO_SERVICE_ANNOTATIONS_H
#define SO_SERVICE_ANNOTATIONS_H

#include "service/service.h"
#include "store/annotation.h"

#define SO_ANNOTATION_LABELS_MAX 16

bool so_service_annotation_create(struct so_service *service, struct so_scope scope,
	struct so_store_annotation *annotation, struct so_err *err) SO_MUST_CHECK;
/* SO_NOT_FOUND when a connection is named that there is not. */
struct so_store_annotations *so_service_annotation_list(TALLOC_CTX *ctx, struct so_service *service,
	struct so_scope scope, const struct so_store_annotation_filter *filter, struct so_err *err);
bool so_service_annotation_delete(
	struct so_service *service, struct so_scope scope, int64_t id, struct so_err *err) SO_MUST_CHECK;

#endif
