/* SQL Server 2016 and later, Azure SQL, and what speaks TDS 7.4 as they do, through ODBC. Verified against a double of
 * the protocol, not against a server: docs/engines.md. */
#ifndef SO_ENGINE_MSSQL_MSSQL_H
#define SO_ENGINE_MSSQL_MSSQL_H

#include "engine/engine.h"

extern const struct so_engine so_engine_mssql;

#endif
