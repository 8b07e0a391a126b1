-- What the list of statements filters by. kind: select, insert, update, delete, merge; NULL: not known.
ALTER TABLE query ADD COLUMN kind TEXT;
CREATE INDEX finding_open_by_query ON finding (organisation_id, query_id, rule) WHERE resolved = 0 AND query_id IS NOT NULL;
