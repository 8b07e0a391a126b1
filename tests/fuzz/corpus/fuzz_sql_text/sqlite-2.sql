5INSERT OR REPLACE INTO t VALUES (?1, :n, @v, $w); -- all
VALUES (1, 'a'), (2, 'b')