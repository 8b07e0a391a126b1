-- The life of a finding: what the monitor says of it, and what people do with it. muted_until_us: 2^63 - 1 is for ever.
ALTER TABLE finding ADD COLUMN updated_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN cause TEXT;
ALTER TABLE finding ADD COLUMN ended TEXT;
ALTER TABLE finding ADD COLUMN returns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN factor REAL;
ALTER TABLE finding ADD COLUMN acknowledged_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN acknowledged_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE finding ADD COLUMN acknowledged_factor REAL;
ALTER TABLE finding ADD COLUMN muted_until_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX finding_closed ON finding (resolved_us) WHERE resolved = 1 AND run_id IS NULL;

CREATE TABLE finding_comment (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	finding_id INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
	user_id INTEGER NOT NULL,
	at_us INTEGER NOT NULL,
	text TEXT NOT NULL
) STRICT;
CREATE INDEX finding_comment_by_finding ON finding_comment (finding_id, id);

-- Where the judgement of a query stands; level 0: by hours, 1: by short periods, 2: as the child of a loop. Only of queries that
-- something is known of: quiet ones have no row.
CREATE TABLE verdict (
	query_id INTEGER NOT NULL REFERENCES query (id) ON DELETE CASCADE,
	level INTEGER NOT NULL,
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	finding_id INTEGER REFERENCES finding (id) ON DELETE SET NULL,
	state INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	hot INTEGER NOT NULL,
	cool INTEGER NOT NULL,
	returns INTEGER NOT NULL,
	onset_us INTEGER NOT NULL,
	opened_us INTEGER NOT NULL,
	closed_us INTEGER NOT NULL,
	told_us INTEGER NOT NULL,
	last_data_us INTEGER NOT NULL,
	normal_since_us INTEGER NOT NULL,
	factor REAL,
	told_factor REAL,
	kind INTEGER NOT NULL,
	cause INTEGER NOT NULL,
	baseline_until_us INTEGER NOT NULL,
	PRIMARY KEY (query_id, level)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_by_connection ON verdict (connection_id, level);
CREATE INDEX verdict_by_finding ON verdict (finding_id);

-- The end of the last period that was judged.
CREATE TABLE judged (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	level INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	PRIMARY KEY (connection_id, level)
) STRICT, WITHOUT ROWID;
