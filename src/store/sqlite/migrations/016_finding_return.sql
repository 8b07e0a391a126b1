-- Findings that were closed and are open again, until the rules of alerts have looked at them. Whoever opens one again, it
-- is noted in the same transaction.
CREATE TABLE finding_return (
	finding_id INTEGER PRIMARY KEY REFERENCES finding (id) ON DELETE CASCADE
) STRICT;
CREATE TRIGGER finding_returns AFTER UPDATE OF resolved ON finding WHEN old.resolved = 1 AND new.resolved = 0
BEGIN
	INSERT INTO finding_return (finding_id) VALUES (new.id) ON CONFLICT (finding_id) DO NOTHING;
END;
