5-- sqlite
VALUES (1, 'a'), (2, 'b') /* end */;
