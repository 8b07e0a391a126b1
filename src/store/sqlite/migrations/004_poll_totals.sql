-- Sums over all polls of a connection, for counters that never go down while the ring of polls forgets.
CREATE TABLE poll_total (
	connection_id INTEGER PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
	polls INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	duration_us INTEGER NOT NULL,
	wait_us INTEGER NOT NULL,
	cpu_us INTEGER NOT NULL,
	calls INTEGER NOT NULL,
	exec_us INTEGER NOT NULL,
	last_us INTEGER NOT NULL,
	last_duration_us INTEGER NOT NULL
) STRICT;
