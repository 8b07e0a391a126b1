5-- sqlite
ALTER TABLE t RENAME COLUMN a TO b /* end */;
