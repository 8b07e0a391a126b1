-- How people sort their databases. labels: a JSON object of texts.
ALTER TABLE connection ADD COLUMN environment TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
