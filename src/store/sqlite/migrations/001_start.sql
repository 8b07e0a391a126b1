-- The first schema. Ids are never used twice (AUTOINCREMENT), so that an audit entry or a bookmarked URL cannot come to mean
-- another row. Times are microseconds UTC; 0 or NULL is "never".
CREATE TABLE organisation (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	created_us INTEGER NOT NULL
) STRICT;
INSERT INTO organisation (id, name, created_us) VALUES (1, 'default', CAST(strftime('%s', 'now') AS INTEGER) * 1000000);

CREATE TABLE connection (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	name TEXT NOT NULL,
	engine TEXT NOT NULL,
	server_flavor TEXT,
	host TEXT NOT NULL,
	port INTEGER NOT NULL,
	database TEXT NOT NULL,
	username TEXT NOT NULL,
	dsn_token TEXT,
	password_token TEXT,
	ssl_enabled INTEGER NOT NULL CHECK (ssl_enabled IN (0, 1)),
	tls_ca TEXT,
	search_path TEXT,
	scratch INTEGER NOT NULL CHECK (scratch IN (0, 1)),
	monitoring_enabled INTEGER NOT NULL CHECK (monitoring_enabled IN (0, 1)),
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	last_monitored_us INTEGER NOT NULL,
	UNIQUE (organisation_id, name)
) STRICT;
CREATE INDEX connection_by_organisation ON connection (organisation_id, id);

CREATE TABLE query (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	fingerprint TEXT NOT NULL,
	fingerprint_version INTEGER NOT NULL,
	hash TEXT,
	engine_id TEXT,
	sql_text TEXT NOT NULL,
	calls INTEGER NOT NULL,
	rows_returned INTEGER NOT NULL,
	total_us INTEGER NOT NULL,
	buffer_hits INTEGER NOT NULL,
	buffer_reads INTEGER NOT NULL,
	optimized INTEGER NOT NULL CHECK (optimized IN (0, 1)),
	discovered_us INTEGER NOT NULL,
	last_seen_us INTEGER NOT NULL,
	UNIQUE (connection_id, fingerprint_version, fingerprint)
) STRICT;
CREATE INDEX query_by_organisation ON query (organisation_id, total_us DESC);
CREATE INDEX query_by_connection ON query (connection_id, total_us DESC);

CREATE TABLE job (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER REFERENCES connection (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
	title TEXT,
	result_id INTEGER,
	steps_json TEXT,
	progress REAL,
	error_kind TEXT,
	error TEXT,
	user_id INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	started_us INTEGER NOT NULL,
	finished_us INTEGER NOT NULL
) STRICT;
CREATE INDEX job_by_organisation ON job (organisation_id, id);
CREATE INDEX job_by_connection ON job (connection_id, id);
CREATE INDEX job_unfinished ON job (state) WHERE state IN ('queued', 'running');

CREATE TABLE run (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	query_id INTEGER REFERENCES query (id) ON DELETE SET NULL,
	job_id INTEGER,
	original_sql TEXT NOT NULL,
	optimized_sql TEXT,
	explanation TEXT,
	recommendations TEXT,
	plan_json TEXT,
	detected_json TEXT,
	extra_json TEXT,
	improvement_pct REAL,
	status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
	complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
	model TEXT,
	error TEXT,
	duration_us INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	applied_us INTEGER NOT NULL,
	validated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX run_by_organisation ON run (organisation_id, id);
CREATE INDEX run_by_connection ON run (connection_id, id);
CREATE INDEX run_by_query ON run (query_id);

CREATE TABLE finding (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	query_id INTEGER REFERENCES query (id) ON DELETE SET NULL,
	run_id INTEGER REFERENCES run (id) ON DELETE CASCADE,
	rule TEXT NOT NULL,
	issue_type TEXT NOT NULL,
	title TEXT NOT NULL,
	description TEXT NOT NULL,
	severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 3),
	doc TEXT NOT NULL,
	resolved INTEGER NOT NULL CHECK (resolved IN (0, 1)),
	detected_us INTEGER NOT NULL,
	resolved_us INTEGER NOT NULL
) STRICT;
CREATE INDEX finding_by_organisation ON finding (organisation_id, id);
CREATE INDEX finding_by_connection ON finding (connection_id, id);
CREATE INDEX finding_by_run ON finding (run_id, id);
CREATE INDEX finding_by_query ON finding (query_id);

CREATE TABLE proposal (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	verdict TEXT NOT NULL,
	title TEXT NOT NULL,
	origin TEXT NOT NULL,
	cost_before REAL,
	cost_after REAL,
	doc TEXT NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX proposal_by_run ON proposal (run_id, id);
CREATE INDEX proposal_by_connection ON proposal (connection_id, id);

CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	at_us INTEGER NOT NULL,
	user_id INTEGER NOT NULL,
	action TEXT NOT NULL,
	object_type TEXT,
	object_id INTEGER NOT NULL,
	ok INTEGER NOT NULL CHECK (ok IN (0, 1)),
	request_id TEXT,
	detail TEXT
) STRICT;
CREATE INDEX audit_by_organisation ON audit (organisation_id, id);

-- Hour first: new rows go to the end of the tree, and an hour is dropped by range. NULL is a counter that did not move.
CREATE TABLE sample (
	hour INTEGER NOT NULL,
	query_id INTEGER NOT NULL,
	second INTEGER NOT NULL,
	calls INTEGER,
	rows_returned INTEGER,
	exec_us INTEGER,
	plan_us INTEGER,
	shared_hit INTEGER,
	shared_read INTEGER,
	shared_dirtied INTEGER,
	temp_read INTEGER,
	temp_written INTEGER,
	wal_bytes INTEGER,
	PRIMARY KEY (hour, query_id, second)
) STRICT, WITHOUT ROWID;
