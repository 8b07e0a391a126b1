-- How many sessions were seen in a state, by minute: what ran, what it waited for. query_id 0: a statement that is not
-- among the watched ones. Rows of state 'look' count how often was looked.
CREATE TABLE activity (
	connection_id INTEGER NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
	minute INTEGER NOT NULL,
	state TEXT NOT NULL,
	wait TEXT NOT NULL,
	query_id INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	PRIMARY KEY (connection_id, minute, state, wait, query_id)
) STRICT, WITHOUT ROWID;
