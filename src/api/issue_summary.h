/* The summaries of open findings, of which the older API has two that differ in a field. */
#ifndef SO_API_ISSUE_SUMMARY_H
#define SO_API_ISSUE_SUMMARY_H

#include "api/route.h"
#include "service/dashboard.h"

extern const struct so_resource so_shape_issue_summary; /* monitoring's: its lines show the statement */
extern const struct so_resource so_shape_detection_summary; /* the dashboard's: its lines name the run */

/* `shape` is one of the two. Reads the statement of each line from the store where the shape shows it. New reference.
 */
json_t *so_issue_summary_encode(
	struct so_request *req, const struct so_resource *shape, const struct so_issue_summary *summary);

#endif
