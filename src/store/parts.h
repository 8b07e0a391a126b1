/* Findings and proposals as parts of a run, for run.c. Nobody outside of store/ includes this. */
#ifndef SO_STORE_PARTS_H
#define SO_STORE_PARTS_H

#include "store/entity.h"

/* Inside a transaction: inserts (id 0) or writes over. The run and connection ids are set already. */
bool so_finding_save_tx(
	struct so_store *tx, struct so_scope scope, struct so_store_finding *finding, struct so_err *err) SO_MUST_CHECK;
bool so_proposal_save_tx(struct so_store *tx, struct so_scope scope, struct so_store_proposal *proposal,
	struct so_err *err) SO_MUST_CHECK;

#endif
