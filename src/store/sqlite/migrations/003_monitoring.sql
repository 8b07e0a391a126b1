-- A server: statistics of statements belong to it, and a connection is one of its databases.
CREATE TABLE instance (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	engine TEXT NOT NULL,
	host TEXT NOT NULL,
	port INTEGER NOT NULL,
	system_id TEXT NOT NULL,
	version TEXT,
	created_us INTEGER NOT NULL,
	UNIQUE (organisation_id, engine, host, port, system_id)
) STRICT;
ALTER TABLE connection ADD COLUMN instance_id INTEGER REFERENCES instance (id);
ALTER TABLE connection ADD COLUMN interval_s INTEGER NOT NULL DEFAULT 0;
CREATE INDEX connection_by_instance ON connection (instance_id);

-- Where the polling of a connection stands.
CREATE TABLE watch (
	connection_id INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	polls INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	failures INTEGER NOT NULL,
	first_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	reading_us INTEGER NOT NULL,
	server_uid TEXT,
	epoch_us INTEGER NOT NULL,
	evicted INTEGER NOT NULL,
	complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
	statements INTEGER NOT NULL,
	error_kind TEXT,
	error TEXT
) STRICT;

-- The last counters seen, some hundred statements a row: monitor/baseline.c has the encoding.
CREATE TABLE baseline (
	id INTEGER PRIMARY KEY,
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	chunk INTEGER NOT NULL,
	entries BLOB NOT NULL,
	UNIQUE (connection_id, chunk)
) STRICT;

-- The cost of the latest polls: a ring for each connection.
CREATE TABLE poll (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	slot INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	duration_us INTEGER NOT NULL,
	wait_us INTEGER NOT NULL,
	cpu_us INTEGER NOT NULL,
	statements INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	moved INTEGER NOT NULL,
	stored INTEGER NOT NULL,
	texts INTEGER NOT NULL,
	restarted INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	error_kind TEXT,
	error TEXT,
	PRIMARY KEY (connection_id, slot)
) STRICT, WITHOUT ROWID;

-- Connection 0: the store itself.
CREATE TABLE notice (
	connection_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	message TEXT NOT NULL,
	seen INTEGER NOT NULL,
	first_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	PRIMARY KEY (connection_id, kind)
) STRICT, WITHOUT ROWID;

-- Polls written into an hour, and how many of them its roll-ups have seen.
CREATE TABLE hour (
	hour INTEGER PRIMARY KEY,
	polls INTEGER NOT NULL,
	folded INTEGER NOT NULL,
	dropped INTEGER NOT NULL CHECK (dropped IN (0, 1))
) STRICT;
CREATE INDEX hour_unfolded ON hour (hour) WHERE folded < polls;

-- peak_us: the largest mean of one poll's interval.
CREATE TABLE query_hour (
	hour INTEGER NOT NULL,
	query_id INTEGER NOT NULL,
	polls INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	rows_returned INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	plan_us INTEGER NOT NULL,
	shared_hit INTEGER NOT NULL,
	shared_read INTEGER NOT NULL,
	shared_dirtied INTEGER NOT NULL,
	temp_read INTEGER NOT NULL,
	temp_written INTEGER NOT NULL,
	wal_bytes INTEGER NOT NULL,
	peak_us INTEGER NOT NULL,
	PRIMARY KEY (hour, query_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE query_day (
	day INTEGER NOT NULL,
	query_id INTEGER NOT NULL,
	polls INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	rows_returned INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	plan_us INTEGER NOT NULL,
	shared_hit INTEGER NOT NULL,
	shared_read INTEGER NOT NULL,
	shared_dirtied INTEGER NOT NULL,
	temp_read INTEGER NOT NULL,
	temp_written INTEGER NOT NULL,
	wal_bytes INTEGER NOT NULL,
	peak_us INTEGER NOT NULL,
	PRIMARY KEY (day, query_id)
) STRICT, WITHOUT ROWID;

-- Of all statements of a connection; queries, slow: how many had a row of their own, and how many of these took more than a second a call.
CREATE TABLE load_hour (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	hour INTEGER NOT NULL,
	queries INTEGER NOT NULL,
	slow INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	rows_returned INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	plan_us INTEGER NOT NULL,
	shared_hit INTEGER NOT NULL,
	shared_read INTEGER NOT NULL,
	shared_dirtied INTEGER NOT NULL,
	temp_read INTEGER NOT NULL,
	temp_written INTEGER NOT NULL,
	wal_bytes INTEGER NOT NULL,
	PRIMARY KEY (connection_id, hour)
) STRICT, WITHOUT ROWID;
CREATE TABLE load_day (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	day INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	rows_returned INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	plan_us INTEGER NOT NULL,
	shared_hit INTEGER NOT NULL,
	shared_read INTEGER NOT NULL,
	shared_dirtied INTEGER NOT NULL,
	temp_read INTEGER NOT NULL,
	temp_written INTEGER NOT NULL,
	wal_bytes INTEGER NOT NULL,
	PRIMARY KEY (connection_id, day)
) STRICT, WITHOUT ROWID;
