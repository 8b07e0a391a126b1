-- The index of texts (store/gram.h): blocks of neighbouring texts, each with lists of where every three bytes stand. Built behind the
-- writers' back, block by block; texts above the last block are searched one by one. Texts that go are only counted here.
CREATE TABLE text_block (
	id INTEGER PRIMARY KEY,
	last_id INTEGER NOT NULL,
	texts INTEGER NOT NULL,
	gone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX text_block_worn ON text_block (last_id) WHERE gone >= texts - gone;
CREATE TABLE text_list (
	id INTEGER PRIMARY KEY,
	bytes BLOB NOT NULL
) STRICT;
-- How many texts have gone, ever: who reads texts, and writes a block of them later, sees by it that they are still the same.
CREATE TABLE text_gone (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	texts INTEGER NOT NULL
) STRICT;
INSERT INTO text_gone (id, texts) VALUES (1, 0);
CREATE TRIGGER text_goes AFTER DELETE ON query_text BEGIN
	UPDATE text_gone SET texts = texts + 1 WHERE id = 1;
	UPDATE text_block SET gone = gone + 1 WHERE id = (SELECT max(id) FROM text_block WHERE id <= OLD.id) AND last_id >= OLD.id;
END;
-- Statements that got another text since the store was opened: who keeps the text of each in memory looks here, too.
CREATE TABLE text_move (
	query_id INTEGER PRIMARY KEY,
	text_id INTEGER NOT NULL
) STRICT;
CREATE TRIGGER text_moves AFTER UPDATE OF text_id ON query WHEN NEW.text_id <> OLD.text_id BEGIN
	INSERT INTO text_move (query_id, text_id) VALUES (NEW.id, NEW.text_id) ON CONFLICT (query_id) DO UPDATE SET text_id = excluded.text_id;
END;
