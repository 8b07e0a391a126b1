/* Foreign keys that make a DELETE, or an UPDATE of a key, scan another table for every row. Triggers do it, so that
 * nothing of it stands in the plan. */
#ifndef SO_ADVISE_FKEYS_H
#define SO_ADVISE_FKEYS_H

#include "advise/advise.h"
#include "advise/candidate.h"
#include "sql/resolve.h"

#define SO_FKEY_SCANS 20 /* of one statement; more are not told */

struct so_fkey_scan {
	so_ref node; /* the DELETE or UPDATE */
	const struct so_table *parent; /* its target */
	const struct so_table *child; /* what is scanned for each row */
	const struct so_fkey *fkey; /* of the child, validated, with no index on any of its columns */
};

/* Tables that have to be in the catalog as well before so_fkey_scans can see them, spelled as a driver's catalog takes
 * names; those are the strings of `resolved`'s catalog. At most `max`. */
size_t so_fkey_needed(const struct so_resolved *resolved, const char **names, size_t max);

/* Tables of fewer than a thousand rows are left out: scanning them costs nothing that anyone would notice. */
size_t so_fkey_scans(const struct so_resolved *resolved, struct so_fkey_scan out[SO_FKEY_SCANS]);

/* Whether a usable index begins with a column of the key: it finds the referring rows, or few enough to look through.
 */
bool so_fkey_is_served(const struct so_table *child, const struct so_fkey *fkey);
/* An index on the columns of the key, as a candidate without a statement. */
struct so_cand so_fkey_candidate(const struct so_table *child, const struct so_fkey *fkey);

/* Planner cost of one scan of the table, by our own estimate. */
double so_fkey_scan_cost(const struct so_catalog *catalog, const struct so_table *child);

/* Appends an index for each of the scans whose cost, for the rows that the plan expects, is worth it. */
void so_fkey_advise(const struct so_advise_input *input, struct so_proposal_list *out);

#endif
