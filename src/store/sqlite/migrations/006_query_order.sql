-- Lists by load are counted and cut without a look at the rows: `other` (fingerprint_version 0) is in none of them.
DROP INDEX query_by_organisation;
DROP INDEX query_by_connection;
CREATE INDEX query_by_organisation ON query (organisation_id, total_us DESC, optimized) WHERE fingerprint_version > 0;
CREATE INDEX query_by_connection ON query (connection_id, total_us DESC, optimized, organisation_id) WHERE fingerprint_version > 0;
