/* Oracle 12.2 and later through ODPI-C. Verified against a stand-in for Oracle's client library, not against a server:
 * docs/engines.md. Views of the Diagnostics and Tuning Packs (DBA_HIST_*, V$ACTIVE_SESSION_HISTORY, V$SQL_MONITOR,
 * DBMS_SQLTUNE) are never touched: using them costs a licence. */
#ifndef SO_ENGINE_ORACLE_ORACLE_H
#define SO_ENGINE_ORACLE_ORACLE_H

#include "engine/engine.h"

extern const struct so_engine so_engine_oracle;

#endif
