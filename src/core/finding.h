/* A finding: something wrong in a plan, a statement or a schema, with the numbers that show it. */
#ifndef SO_CORE_FINDING_H
#define SO_CORE_FINDING_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

enum so_severity { SO_SEVERITY_LOW, SO_SEVERITY_MEDIUM, SO_SEVERITY_HIGH, SO_SEVERITY_CRITICAL, SO_SEVERITY_MAX };

/* One number behind a claim: {"rows_removed", 599980, "rows"}. */
struct so_evidence {
	char *name;
	double value;
	char *unit; /* "rows", "ms", "bytes", "x", "%", "cost", "pages", "loops"; never NULL */
};

struct so_finding {
	const char *rule; /* id in rules' own table: "seq-scan-filter" */
	const char *issue_type; /* the older API's word: "missing_index" ...; static string */
	enum so_severity severity;
	char *title; /* one line, names the object */
	char *explanation; /* plain words, with the figures */
	char *remedy; /* what to do */
	char *docs; /* "/docs/findings/seq-scan-filter" */
	int32_t node; /* plan node id, or -1 */
	int32_t span_begin, span_end; /* bytes of the statement, or -1 */
	size_t n_objects, n_evidence;
	char **objects; /* "shop.orders", "shop.orders.user_id" */
	struct so_evidence *evidence;
};

struct so_finding_list {
	size_t count, size;
	struct so_finding *items; /* array owned by the list */
};

struct so_finding_list *so_finding_list_new(TALLOC_CTX *ctx);
/* A zeroed element at the end (node, spans -1), valid until the next call; hang its strings under `list`. */
struct so_finding *so_finding_add(struct so_finding_list *list, const char *rule, enum so_severity severity);
void so_finding_add_object(struct so_finding_list *list, struct so_finding *finding, const char *object);
void so_finding_add_evidence(
	struct so_finding_list *list, struct so_finding *finding, const char *name, double value, const char *unit);
/* Most severe first, stable. */
void so_finding_list_sort(struct so_finding_list *list);
const char *so_severity_name(enum so_severity severity);
/* New reference. {"rule","issue_type","severity","title","explanation","remedy","docs","node"|null,"span":[b,e]|null,
 * "objects":[],"evidence":[{"name","value","unit"}]} */
json_t *so_finding_to_json(const struct so_finding *finding);
json_t *so_finding_list_to_json(const struct so_finding_list *list);

#endif
