-- Samples of one second and of 64 neighbouring queries in one row: store/block.c has the key and the encoding. The rows of
-- table sample are moved by sqlite/convert.c, which then drops it.
CREATE TABLE sample_block (
	id INTEGER PRIMARY KEY,
	samples BLOB NOT NULL
) STRICT;
