/* Shapes that several routes answer with and that core/ encodes itself: here only for the OpenAPI document. */
#ifndef SO_API_SHAPES_H
#define SO_API_SHAPES_H

#include "base/field.h"

extern const struct so_resource so_shape_finding; /* so_finding_to_json, with id and resolved when it is stored */
extern const struct so_resource so_shape_proposal; /* so_proposal_to_json */
extern const struct so_resource so_shape_detection; /* DetectionResult of the older API */
extern const struct so_resource so_shape_issue; /* DetectedIssue of the older API */

extern const struct so_resource so_shape_connection_try; /* a new connection; unknown members are errors */
extern const struct so_resource so_shape_discover; /* a server and a login */

/* The older API's words, ended by NULL. */
extern const char *const so_severity_words[];
extern const char *const so_issue_type_words[];

#endif
