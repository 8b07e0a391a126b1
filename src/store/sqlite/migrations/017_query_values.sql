-- Values that a query was called with, one row a set: a Fernet token, so nothing of them can be read here. At most a few
-- sets a query; query_values_total holds the sum of all tokens, for the limit of all together.
CREATE TABLE query_values (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	query_id INTEGER NOT NULL REFERENCES query (id) ON DELETE CASCADE,
	source TEXT NOT NULL,
	seen_us INTEGER NOT NULL,
	token TEXT NOT NULL
) STRICT;
CREATE INDEX query_values_by_query ON query_values (query_id, seen_us);
CREATE INDEX query_values_by_age ON query_values (seen_us);

CREATE TABLE query_values_total (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	bytes INTEGER NOT NULL
) STRICT;
INSERT INTO query_values_total (id, bytes) VALUES (1, 0);

CREATE TRIGGER query_values_more AFTER INSERT ON query_values BEGIN
	UPDATE query_values_total SET bytes = bytes + length(NEW.token) WHERE id = 1;
END;
CREATE TRIGGER query_values_less AFTER DELETE ON query_values BEGIN
	UPDATE query_values_total SET bytes = bytes - length(OLD.token) WHERE id = 1;
END;
