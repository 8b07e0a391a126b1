-- Which node does a piece of background work. subject: which server or connection, 0 where there is one of the work only;
-- until_us 0: nobody does it now; due_us: nobody has to do it before. Both by the store's clock.
CREATE TABLE lease (
	work TEXT NOT NULL,
	subject INTEGER NOT NULL,
	node TEXT NOT NULL,
	fence INTEGER NOT NULL,
	until_us INTEGER NOT NULL,
	due_us INTEGER NOT NULL,
	PRIMARY KEY (work, subject)
) STRICT, WITHOUT ROWID;
