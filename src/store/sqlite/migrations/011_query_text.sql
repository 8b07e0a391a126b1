-- A text is kept once, however many databases run the statement. key: the SHA-256 of the text, or for texts that came without one
-- something shorter. No foreign key: texts that nobody has any more are deleted by name.
CREATE TABLE query_text (
	id INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE,
	text TEXT NOT NULL
) STRICT;
INSERT INTO query_text (key, text)
SELECT coalesce(nullif(hash, ''), 'q' || id), sql_text FROM query WHERE true ON CONFLICT (key) DO NOTHING;
ALTER TABLE query ADD COLUMN text_id INTEGER NOT NULL DEFAULT 0;
UPDATE query SET text_id = (SELECT t.id FROM query_text t WHERE t.key = coalesce(nullif(query.hash, ''), 'q' || query.id));
ALTER TABLE query DROP COLUMN hash;
ALTER TABLE query DROP COLUMN sql_text;
CREATE INDEX query_by_text ON query (text_id);
