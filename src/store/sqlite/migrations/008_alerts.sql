-- Where alerts go. secret_token: Fernet token of what must not be readable at rest (URL, passwords).
CREATE TABLE alert_channel (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	settings TEXT NOT NULL,
	secret_token TEXT,
	max_per_hour INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	UNIQUE (organisation_id, name)
) STRICT;

-- What is told to whom. events: bits of enum so_alert_event; quiet_s: what ended is not told again so soon.
CREATE TABLE alert_rule (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	name TEXT NOT NULL,
	channel_id INTEGER NOT NULL REFERENCES alert_channel (id) ON DELETE CASCADE,
	enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	events INTEGER NOT NULL,
	min_severity INTEGER NOT NULL CHECK (min_severity BETWEEN 0 AND 3),
	connection_id INTEGER REFERENCES connection (id) ON DELETE CASCADE,
	failures INTEGER NOT NULL,
	quiet_s INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	updated_us INTEGER NOT NULL,
	UNIQUE (organisation_id, name)
) STRICT;
CREATE INDEX alert_rule_by_channel ON alert_rule (channel_id);
CREATE INDEX alert_rule_by_connection ON alert_rule (connection_id);

-- What has been told and lasts, or ended not long ago: one row for each rule and matter.
CREATE TABLE alert_firing (
	rule_id INTEGER NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
	matter TEXT NOT NULL,
	finding_id INTEGER NOT NULL,
	connection_id INTEGER NOT NULL,
	title TEXT NOT NULL,
	severity INTEGER NOT NULL,
	since_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	PRIMARY KEY (rule_id, matter)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_delivery (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	channel_id INTEGER NOT NULL REFERENCES alert_channel (id) ON DELETE CASCADE,
	rule_id INTEGER,
	event TEXT NOT NULL,
	title TEXT NOT NULL,
	doc TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'held', 'summed')),
	attempts INTEGER NOT NULL,
	next_us INTEGER NOT NULL,
	created_us INTEGER NOT NULL,
	done_us INTEGER NOT NULL,
	error TEXT
) STRICT;
CREATE INDEX alert_delivery_by_organisation ON alert_delivery (organisation_id, id);
CREATE INDEX alert_delivery_by_channel ON alert_delivery (channel_id, created_us);
CREATE INDEX alert_delivery_waiting ON alert_delivery (channel_id, id) WHERE state = 'queued';
CREATE INDEX alert_delivery_held ON alert_delivery (channel_id, id) WHERE state = 'held';

-- The last finding that the rules have seen.
CREATE TABLE alert_cursor (
	organisation_id INTEGER PRIMARY KEY REFERENCES organisation (id),
	finding_id INTEGER NOT NULL
) STRICT;
CREATE INDEX watch_failing ON watch (failures) WHERE failures > 0;
