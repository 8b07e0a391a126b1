/* The shape of notes on the time line, which charts show too. */
#ifndef SO_API_ANNOTATIONS_H
#define SO_API_ANNOTATIONS_H

#include "api/route.h"
#include "service/annotations.h"

extern const struct so_resource so_shape_annotation;
json_t *so_annotations_encode(struct so_request *req, const struct so_store_annotations *list); /* new reference */

#endif
