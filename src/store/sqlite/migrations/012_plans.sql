-- Plans of watched queries, each shape once. doc: the plan as the engine wrote it, NULL when it is too large.
CREATE TABLE query_plan (
	query_id INTEGER NOT NULL REFERENCES query (id) ON DELETE CASCADE,
	shape INTEGER NOT NULL,
	format TEXT NOT NULL,
	doc TEXT,
	cost REAL,
	seen INTEGER NOT NULL,
	first_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	PRIMARY KEY (query_id, shape)
) STRICT, WITHOUT ROWID;
-- Which shape was in use when: a row for each time without another one in between.
CREATE TABLE plan_run (
	query_id INTEGER NOT NULL REFERENCES query (id) ON DELETE CASCADE,
	from_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	shape INTEGER NOT NULL,
	PRIMARY KEY (query_id, from_us)
) STRICT, WITHOUT ROWID;
-- When a query's plan was last asked for, how long a call took then, and why there was none.
CREATE TABLE plan_look (
	query_id INTEGER PRIMARY KEY REFERENCES query (id) ON DELETE CASCADE,
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	at_us INTEGER NOT NULL,
	mean_us REAL NOT NULL,
	error TEXT
) STRICT;
CREATE INDEX plan_look_by_connection ON plan_look (connection_id);

-- Version, settings, tables and indexes of a connection's database, when they changed; JSON.
CREATE TABLE snapshot (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	from_us INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	doc TEXT NOT NULL,
	PRIMARY KEY (connection_id, from_us)
) STRICT, WITHOUT ROWID;
-- What was different between two looks. kind: an enum of the monitor's; relation: the table concerned, NULL: the server.
CREATE TABLE change (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	kind INTEGER NOT NULL,
	from_us INTEGER NOT NULL,
	to_us INTEGER NOT NULL,
	relation TEXT,
	object TEXT NOT NULL,
	before TEXT,
	after TEXT,
	rows_before REAL,
	rows_after REAL
) STRICT;
CREATE INDEX change_by_connection ON change (connection_id, to_us);
