-- What people and deployments note on the time line. connection_id NULL: of all connections.
CREATE TABLE annotation (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	organisation_id INTEGER NOT NULL REFERENCES organisation (id),
	connection_id INTEGER REFERENCES connection (id) ON DELETE CASCADE,
	at_us INTEGER NOT NULL,
	text TEXT NOT NULL,
	labels_json TEXT NOT NULL,
	user_id INTEGER NOT NULL,
	created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX annotation_by_time ON annotation (organisation_id, at_us, id);
CREATE INDEX annotation_by_connection ON annotation (connection_id);
